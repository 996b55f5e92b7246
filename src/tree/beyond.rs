//! Images that no build knows, since remote bases, charts and generators bring them: what patches set
//! of them, and what lists of images make of those that they name.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use crate::edit::TargetValue;

use super::builds::Builds;
use super::images::{EntryNotation, Fields, Hit, KustomizeParts, ListEntry};
use super::passes::run_list;
use super::patches::{of_entry, of_list, of_patch, read_entry};
use super::rendered::{BuildsJudgement, Field};
use super::value::{BuildValue, ListPass, Trace, Traced};

impl<'n, 's> Builds<'_, 'n, 's> {
    /// Judges what patches set of resources that the builds of some roots do not know. Notes the
    /// documents of the patches, and the entries of lists that these images meet.
    pub(super) fn judge_unplaced(
        &self,
        roots: &[usize],
        judgement: &mut BuildsJudgement<'n, 's>,
        documents: &mut BTreeSet<usize>,
        hit: &mut HashSet<usize>,
    ) {
        let lists = &self.sources.lists;
        let mut of_documents = HashMap::new();
        for &root in roots {
            for patch in &self.built[root].unplaced {
                let read = || of_patch(self.sources, patch.document);
                let of_parts = of_documents.entry(patch.document).or_insert_with(read);
                let part = of_parts.get(patch.part).cloned().flatten();
                let Some(mut resource) = part else {
                    continue;
                };
                documents.insert(patch.document);
                for pass in &patch.passes {
                    run_list(&mut resource, pass.list, &[], pass.is_twice);
                }
                resource.value.each(&mut |scalar| {
                    let trace = scalar.trace.iter();
                    let hits = trace.flat_map(|trace| lists.met(&scalar.text, &trace.lists));
                    hit.extend(hits.map(|hit| hit.entry));
                });
                // What cannot be judged by itself is no manifest, and says nothing.
                let _ = judgement.judge_part(self.setting, self.sources, root, &resource);
            }
        }
    }

    /// Judges what lists make of images that a build does not know, where no known image meets the
    /// entries: each of these names one. Gives the entries that it has judged.
    pub(super) fn judge_named(
        &self,
        roots: &[usize],
        hit: &HashSet<usize>,
        judgement: &mut BuildsJudgement<'n, 's>,
    ) -> HashSet<usize> {
        let lists = &self.sources.lists;
        // Equal lists give equal results, so one root is judged for all that have them, and one that
        // was asked for rather than another.
        let (others, asked): (Vec<usize>, Vec<usize>) =
            roots.iter().partition(|root| self.is_bystander(**root));
        let mut known: HashSet<&[ListPass]> = HashSet::new();
        let mut judged = HashSet::new();
        for root in asked.into_iter().chain(others) {
            for open in &self.built[root].open {
                if !known.insert(&open.passes) {
                    continue;
                }
                let entries = open.passes.iter().flat_map(|pass| &lists.lists[pass.list]);
                let entries: BTreeSet<usize> = entries.copied().collect();
                for entry in entries.into_iter().filter(|entry| !hit.contains(entry)) {
                    judged.insert(entry);
                    self.judge_entry(root, entry, &open.passes, judgement);
                }
            }
        }
        judged
    }

    /// Judges what lists make of the image that an entry names.
    pub(super) fn judge_entry(
        &self,
        root: usize,
        entry: usize,
        passes: &[ListPass],
        judgement: &mut BuildsJudgement<'n, 's>,
    ) {
        let (sources, lists) = (self.sources, &self.sources.lists);
        let named = &lists.entries[entry];
        let name = &named.fields.name;
        if !named.fields.is_plain_name() || name.is_empty() {
            // Which images it names is not known: what it makes of them is judged, wherever it leads.
            if let Some(resource) = of_entry(sources, entry) {
                let _ = judgement.judge(self.setting, sources, root, (&[resource], &[]));
            }
            return;
        }
        let (now, hits) = lists.run_as_written(name, passes);
        let Some(together) = self.together(entry, &hits) else {
            return;
        };
        let first = judgement.fields.len();
        let resource = of_list(vec![together]);
        if judgement
            .judge(self.setting, sources, root, (&[resource], &[]))
            .is_err()
        {
            return;
        }
        let parts = KustomizeParts::of(&now);
        let mut new = [parts.name, parts.tag, parts.digest].map(str::to_owned);
        let (mut place, mut findings) = (None, Vec::new());
        for field in &mut judgement.fields[first..] {
            findings.append(&mut field.findings);
            let own = field.place.clone();
            let text = match field.wanted.take() {
                Some(TargetValue::Text(text)) => text,
                Some(TargetValue::Renamed(_, tag)) => {
                    place = own.or(place);
                    (new[1], new[2]) = (tag, String::new());
                    continue;
                }
                Some(TargetValue::Absent) => {
                    place = own.or(place);
                    new[2] = String::new();
                    continue;
                }
                _ => {
                    place = place.or(own);
                    continue;
                }
            };
            place = own.or(place);
            match field.key {
                Some("newName") => new[0] = text,
                Some("newTag") => new[1] = text,
                _ => new[2] = text,
            }
        }
        let [name_of, tag, digest] = &new;
        let wanted = KustomizeParts {
            name: name_of,
            tag,
            digest,
        };
        let wanted = Some(wanted.join()).filter(|wanted| *wanted != now);
        judgement.fields.push(Field {
            root,
            place: place.or_else(|| named.site.place()),
            rendered: Some(now.into()),
            wanted: wanted.map(TargetValue::Text),
            trace: Traced::from(Some(Box::new(Trace {
                lists: passes.to_vec(),
                origin: Some(name.clone()),
                is_met: true,
                ..Trace::default()
            }))),
            findings,
            is_image: true,
            is_example: true,
            ..Field::default()
        });
    }

    /// What the entries that an image meets come to together, as one entry.
    fn together(&self, entry: usize, hits: &[Hit]) -> Option<BuildValue<'n, 's>> {
        let entries = &self.sources.lists.entries;
        let deciding = |decides: &dyn Fn(&Fields) -> bool| {
            let mut hits = hits.iter().rev().map(|hit| hit.entry);
            hits.find(|&entry| decides(&entries[entry].fields))
        };
        let last = hits.last()?.entry;
        let mut together = BuildValue::Mapping(Vec::new().into(), Some(entries[last].site.clone()));
        for (keys, entry) in [
            (&["name"][..], Some(entry)),
            (&["newName"], deciding(&Fields::sets_name)),
            (&["newTag", "digest"], deciding(&Fields::sets_version)),
        ] {
            let Some(entry) = entry else { continue };
            let ListEntry {
                fields, notation, ..
            } = &entries[entry];
            let written = read_entry(self.sources, entry)?;
            for &key in keys {
                let value = match notation {
                    EntryNotation::Keys => written.get(key).cloned(),
                    EntryNotation::Text => fields
                        .get(key)
                        .map(|text| BuildValue::made(text.to_owned())),
                };
                if let Some(value) = value {
                    together.set(Cow::Borrowed(key), value);
                }
            }
        }
        Some(together)
    }
}
