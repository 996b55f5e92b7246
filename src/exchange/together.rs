//! What several files say, as rules that fit together, and the configuration that holds them.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use super::{FileMirrors, ImportWarning, SourceAndMirror};
use crate::registry::{MappingRule, MappingRules, Prefix, Scope};
use crate::sort::sort_by_key;
use crate::yaml::{Style, scalar};

/// Rules that fit together.
#[derive(Debug, Default)]
pub struct Taken {
    /// Each with the file that it comes from.
    pairs: Vec<(usize, SourceAndMirror)>,
    plain_http: BTreeSet<String>,
    /// What could not be said, with the file that it comes from.
    pub warnings: Vec<(usize, ImportWarning)>,
}

/// Takes what files say, in their order.
pub fn together(mut files: Vec<FileMirrors>) -> Taken {
    replace_tables(&mut files);
    let mut taken = Taken::default();
    let mut known: HashMap<Prefix, usize> = HashMap::new();
    for (file, found) in files.into_iter().enumerate() {
        taken.plain_http.extend(found.plain_http);
        let warnings = found.warnings.into_iter();
        taken
            .warnings
            .extend(warnings.map(|warning| (file, warning)));
        for pair in found.pairs {
            taken.add(file, pair, &mut known);
        }
    }
    taken.drop_idle();
    taken.drop_circular();
    taken.note_shared();
    // A host that no rule names needs no leave.
    let mirrors = taken.pairs.iter().map(|(_, pair)| pair.mirror.domain());
    let mirrors: BTreeSet<&str> = mirrors.collect();
    taken
        .plain_http
        .retain(|host| mirrors.contains(host.as_str()));
    sort_by_key(&mut taken.warnings, |(file, warning)| (*file, warning.at));
    taken.warnings.dedup();
    taken
}

/// Takes out what files say of a table that a later file has, too: drop-in files replace whole tables,
/// with all mirrors and whatever else was said there.
fn replace_tables(files: &mut [FileMirrors]) {
    let mut later: BTreeSet<String> = BTreeSet::new();
    for found in files.iter_mut().rev() {
        let replaced = found.tables.iter();
        let replaced = replaced.filter(|table| later.contains(&table.source));
        let replaced: Vec<_> = replaced.map(|table| table.span.clone()).collect();
        let is_left = |at: usize| !replaced.iter().any(|span| span.contains(&at));
        if !replaced.is_empty() {
            found.pairs.retain(|pair| is_left(pair.at));
            found.warnings.retain(|warning| is_left(warning.at));
        }
        later.extend(found.tables.iter().map(|table| table.source.clone()));
    }
}

impl Taken {
    fn leave_out(&mut self, file: usize, at: usize, what: String, help: Option<String>) {
        let what = format!("{what}: left out");
        self.warnings.push((file, ImportWarning { at, what, help }));
    }

    /// Takes a pair, unless its source has a mirror already.
    fn add(&mut self, file: usize, pair: SourceAndMirror, known: &mut HashMap<Prefix, usize>) {
        let Some(&index) = known.get(&pair.source) else {
            known.insert(pair.source.clone(), self.pairs.len());
            self.pairs.push((file, pair));
            return;
        };
        let known = &self.pairs[index].1;
        if known.mirror != pair.mirror {
            let what = format!("{} has the mirror {} already", pair.source, known.mirror);
            self.leave_out(file, pair.at, what, None);
        }
    }

    /// A source that stays where it is needs no rule, unless a wider one would move it.
    fn drop_idle(&mut self) {
        let moving = self.pairs.iter().map(|(_, pair)| pair);
        let moving = moving.filter(|pair| pair.source != pair.mirror);
        let mut hosts: HashMap<String, Vec<Prefix>> = HashMap::new();
        for pair in moving {
            let known = hosts.entry(pair.source.plain_host()).or_default();
            known.push(pair.source.clone());
        }
        self.pairs.retain(|(_, pair)| {
            let wide = || {
                let wide = hosts.get(&pair.source.plain_host());
                wide.into_iter().flatten()
            };
            let is_wider =
                |wide: &Prefix| *wide != pair.source && wide.covers(&pair.source).is_some();
            pair.source != pair.mirror || wide().any(is_wider)
        });
    }

    /// A runtime maps a name once, and a rule's result must not be mapped again.
    fn drop_circular(&mut self) {
        loop {
            let rules = self.pairs.iter().map(|(_, pair)| MappingRule {
                source: pair.source.clone(),
                mirror: pair.mirror.clone(),
                scope: Scope::Agents,
                pull_secrets: None,
            });
            let Err(error) = MappingRules::new(rules.collect()) else {
                return;
            };
            let last = error
                .other
                .map_or(error.index, |other| other.max(error.index));
            let (file, pair) = self.pairs.remove(last);
            self.leave_out(file, pair.at, error.to_string(), None);
        }
    }

    /// The way back from a mirror that two rules have is not clear.
    fn note_shared(&mut self) {
        let mut warnings = Vec::new();
        let mut firsts: HashMap<&Prefix, &SourceAndMirror> = HashMap::new();
        let moving = self.pairs.iter();
        for (file, pair) in moving.filter(|(_, pair)| pair.source != pair.mirror) {
            let shared = *firsts.entry(&pair.mirror).or_insert(pair);
            if shared != pair {
                let what = format!(
                    "{} and {} have one mirror, {}: a runtime may tell it which is meant, and an image's \
                     name does not",
                    shared.source, pair.source, pair.mirror
                );
                let help = Some("give each source a path of its own there".to_owned());
                let at = pair.at;
                warnings.push((*file, ImportWarning { at, what, help }));
            }
        }
        self.warnings.extend(warnings);
    }

    /// The file and the offset of each rule, in order.
    pub fn places(&self) -> impl Iterator<Item = (usize, usize)> {
        self.pairs.iter().map(|(file, pair)| (*file, pair.at))
    }

    /// How many rules there are.
    pub fn count(&self) -> usize {
        self.pairs.len()
    }

    /// A configuration with the rules, each followed by its place in a file.
    pub fn configuration(&self, places: &[String]) -> String {
        let plain = |text: &str| scalar::write(text, Style::Plain, scalar::ScalarContext::Flow);
        let mut out = String::from(
            "# Made by `restore-images import`: read it, then run `restore-images check`.\n\
             apiVersion: restore-images.dev/v1alpha1\n\
             kind: RestoreImages\n\
             metadata:\n  name: collectors\n  annotations:\n    config.kubernetes.io/local-config: \"true\"\n\
             spec:\n",
        );
        if !self.plain_http.is_empty() {
            let hosts: Vec<String> = self.plain_http.iter().map(|host| plain(host)).collect();
            let _ = writeln!(out, "  plainHttpRegistries: [{}]", hosts.join(", "));
        }
        if self.pairs.is_empty() {
            out.push_str("  registries: []\n");
            return out;
        }
        out.push_str(
            "  # These are for the images of agents; with `scope: all`, a rule is for every image.\n  \
             registries:\n",
        );
        for ((_, pair), place) in self.pairs.iter().zip(places) {
            let (source, mirror) = (pair.source.to_string(), pair.mirror.to_string());
            let _ = writeln!(
                out,
                "  - source: {} # {place}\n    mirror: {}",
                plain(&source),
                plain(&mirror)
            );
        }
        out
    }
}
