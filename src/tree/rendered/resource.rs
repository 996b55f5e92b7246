//! One resource of a build: printed, judged as any other, and led back to what it is made of.

use crate::field::{self, Secrets, pod};
use crate::finding::Fix;
use crate::judge::values::unit;
use crate::judge::values::{Installed, ValuesDocument};
use crate::judge::{self, InstanceNote, JudgeContext, Round, TextOrigin, UnitJudgement};
use crate::krm::resource::{self, Budget, group};
use crate::slot::Slot;
use crate::tree::sources::Sources;
use crate::tree::value::{BuildValue, DocumentSlot, Printed, TestedText};
use crate::values::Elsewhere;
use crate::yaml::Error;
use crate::yaml::parse::Arena;

use super::changes::ReleaseChanges;
use super::config_maps::ConfigMapText;
use super::patched::NeededOfFile;
use super::taking::Slots;
use super::{BuildsJudgement, KnownOfBuild, Setting, places};

impl<'n, 's> BuildsJudgement<'n, 's> {
    /// Judges a resource of a build; in the first round, one that awaits instances is only read for its own.
    ///
    /// # Errors
    /// As [`BuildsJudgement::judge`].
    pub(super) fn judge_one(
        &mut self,
        setting: Setting<'_>,
        sources: &Sources<'n, 's>,
        (root, value): (usize, &BuildValue<'n, 's>),
        known: &KnownOfBuild,
        tested: &[TestedText<'n, 's>],
        (round, arena): (Round, &Arena),
    ) -> Result<Awaits, Error> {
        let printed = Printed::new(value, arena);
        let node = printed.node(arena)?;
        let mut budget = Budget::new(printed.text.len());
        let find = |slot: &Slot<'_, '_>, aspect| {
            places::place(sources, setting.places, &printed, slot, aspect)
        };
        let (config, instances) = (setting.config, &known.instances);
        let (gathered, wants) = (&known.gathered, setting.wants);
        let context = JudgeContext {
            written: TextOrigin::Found(&find),
            ..JudgeContext::new(config, setting.today, gathered, instances, wants)
        };
        let mut judged = UnitJudgement::default();
        let mut slots = Slots::default();
        let (group, kind) = (
            group(value.text_at(&["apiVersion"])),
            value.text_at(&["kind"]),
        );
        let installs = config.keeps_values(group, kind);
        let changes =
            installs.then(|| ReleaseChanges::of(sources, value, tested, &known.of_charts));
        let changes = changes.filter(|changes| !changes.is_empty());
        let resources = resource::resources(&node, &mut budget)?;
        // What no build changes is judged with the file that it is in.
        let installing = match &changes {
            None => &[],
            Some(_) => &resources[..],
        };
        let texts = unit::texts(config, installing)?;
        let inner = unit::read(&texts);
        let (read, filled);
        let mut documents = unit::documents((&printed.text, &node), &texts, &inner);
        let given = (config, gathered);
        let installed = unit::installed(given, installing, &texts, &inner, None)?;
        let is_passed_over = setting.prefilter.is_some_and(|prefilter| {
            pod::keeps_images(group, kind) && !prefilter.marks(&printed.text)
        });
        for one in &resources {
            if !is_passed_over {
                judge::resource(&context, one, &printed.text, &mut budget, &mut judged)?;
            }
            for pod in field::groups(one, &config.fields, &config.carriers, &mut budget)? {
                slots.others.extend(pod.secrets_slot);
                for field in pod.fields {
                    if judge::runs(&field) {
                        slots.running.push(field.notation.main().clone());
                    }
                    let images = field.notation.slots().into_iter().cloned();
                    slots.images.extend(images);
                    slots.others.extend(field.policy_slot);
                    if let Secrets::Commas(slot) | Secrets::One(Some(slot), _) = field.secrets {
                        slots.others.push(slot);
                    }
                }
            }
        }
        let awaits = Awaits {
            is_awaiting: judged.awaits_instances && round == Round::First,
            instances: std::mem::take(&mut judged.instances),
        };
        if awaits.is_awaiting {
            return Ok(awaits);
        }
        self.seen.extend(std::mem::take(&mut judged.seen));
        let of_texts = judged.texts.iter().map(|(slot, _)| slot.clone());
        slots.others.extend(of_texts);
        let lists = &sources.lists;
        let all = &|_: &DocumentSlot<'_, '_>| true;
        let first = self.fields.len();
        let (drafts, uses) = self.take(root, &printed, &slots, judged, all);
        let namespace = value.text_at(&["metadata", "namespace"]);
        for field in &mut self.fields[first..] {
            field.resource = Some(first);
            if let Some(list) = &mut field.secrets {
                let of_account = gathered.account(namespace, &list.account);
                list.of_account = of_account.unwrap_or_default().to_vec();
            }
        }
        self.note_without_edits(lists, (root, &printed), drafts);
        self.list(lists, &printed, uses);
        if let Some(changes) = changes.filter(|_| !installed.is_empty()) {
            let mut judged = UnitJudgement::default();
            let mut of_texts = unit::judge(&context, &installed, &documents, &mut judged)?;
            // What the release's file needs is judged there with the files that the release names: here, with the
            // ConfigMaps of the build, and as if others said nothing that the release does not.
            let mut with_files = UnitJudgement::default();
            let names_files = |one: &Installed<'_, '_>| !one.release.elsewhere.is_empty();
            let has_files = installed.iter().any(names_files);
            let is_unknown = |one: &Installed<'_, '_>| one.release.has_unknown();
            let mut is_partial = installed.iter().any(is_unknown);
            let mut has_more = false;
            let mut maps: Vec<&ConfigMapText> = Vec::new();
            if has_files {
                let is_named = |map: &&ConfigMapText| {
                    let mut named = installed.iter().flat_map(|one| &one.release.elsewhere);
                    named.any(|(_, named)| map.is_meant(named, namespace))
                };
                maps = known.config_maps.iter().filter(is_named).collect();
                read = maps
                    .iter()
                    .map(|map| unit::document(&map.text))
                    .collect::<Vec<_>>();
                let first = documents.len();
                documents.extend(maps.iter().zip(&read).map(|(map, root)| ValuesDocument {
                    text: &map.text,
                    root: root.as_ref().unwrap_or(&node),
                    ..ValuesDocument::of_unit(&printed.text, &node)
                }));
                let find = |elsewhere: &Elsewhere<'_>| {
                    let mut all = maps.iter();
                    let at = all.position(|map| map.is_meant(elsewhere, namespace))?;
                    Some((first + at, read[at].as_ref()?))
                };
                let is_all = |one: &Installed<'_, '_>| {
                    let mut named = one.release.elsewhere.iter();
                    one.release.unread.is_empty() && named.all(|(_, named)| find(named).is_some())
                };
                let are_all_known = installed.iter().all(is_all);
                filled = unit::installed(given, installing, &texts, &inner, Some(&find))?;
                of_texts = unit::judge(&context, &filled, &documents, &mut with_files)?;
                if are_all_known {
                    judged = std::mem::take(&mut with_files);
                }
                has_more = !are_all_known;
                is_partial &= has_more;
            }
            if is_partial {
                unit::tell_lone(&context, &installed, &of_texts.lone, &mut judged)?;
            }
            for draft in &mut judged.drafts {
                // Its edits are of what was printed.
                draft.finding.fix = Fix::default();
            }
            let needed = NeededOfFile {
                // What the files of a build say that names others is not what those of the file say.
                changes: Some(with_files.changes)
                    .filter(|_| has_more && !changes.names_other_files),
                is_partial,
                documents: &documents,
                maps: &maps,
                of_texts,
            };
            self.take_patched(sources, root, &printed, judged, (config, &changes, needed));
        }
        Ok(awaits)
    }
}

/// Whether a resource is to be judged again when the instances of agents are known.
pub(super) struct Awaits {
    pub(super) is_awaiting: bool,
    pub(super) instances: Vec<InstanceNote>,
}
