//! The prefilter: whether a workload or ConfigMap could hold anything to report, by a search of its text alone.
//!
//! Every way in which an agent [claims](crate::decide::claim) a field leaves a mark in the text: the
//! last segment of a repository's path, or a part of a container's name.
//! A unit that is [searchable](crate::krm::unit::Unit::is_searchable) holds such marks unbroken, since
//! no letter is escaped there and no name runs over lines; what an alias or a merge key repeats is in
//! the same text.

use aho_corasick::AhoCorasick;
use aho_corasick::packed::Searcher;

use crate::config::Config;
use crate::field::{data, pod};
use crate::krm::kinds::ResourceKind;
use crate::registry::{MappingRule, Scope};

use super::ignored::PREFIX;

/// Marks shorter than this are everywhere.
const SHORTEST: usize = 3;

/// The host that references leave out.
const HUB: &str = "docker.io";

/// The marks of all that could be reported of a workload.
#[derive(Debug)]
pub struct Prefilter {
    marks: Marks,
}

/// The faster searcher supports only a few dozen marks, and not every CPU.
#[derive(Debug)]
enum Marks {
    Few(Searcher),
    Many(AhoCorasick),
}

/// Below this many bytes of text, building one takes longer than judging all of it.
const WORTH_IT: usize = 1 << 16;

impl Prefilter {
    /// As [`Prefilter::new`], where it is worth it for so many bytes of text.
    pub fn for_bytes(config: &Config, bytes: usize) -> Option<Self> {
        (bytes >= WORTH_IT).then(|| Prefilter::new(config))?
    }

    /// The marks of a configuration; `None` where more than agents could be reported.
    pub fn new(config: &Config) -> Option<Self> {
        // This program's annotations, and those whose beginning is misspelt.
        let mut marks = vec![PREFIX.to_owned(), "/ignore".to_owned()];
        for rule in config.rules.iter() {
            match of_rule(rule) {
                RuleMark::OfProfiles => {}
                RuleMark::Word(word) => marks.push(word.to_owned()),
                RuleMark::Everything => return None,
            }
        }
        for image in config.agents.iter().flat_map(|agent| &agent.images) {
            let names = std::iter::once(&image.official).chain(&image.aliases);
            let names = names.map(|name| name.repository.path());
            let paths = names.chain(image.mirror_paths.iter().map(String::as_str));
            marks.extend(paths.map(|path| last_segment(path).to_owned()));
            for pattern in &image.containers {
                let pieces = pattern.split(|c| !is_unbroken(c));
                let longest = pieces.max_by_key(|piece| piece.len());
                marks.extend(longest.map(str::to_owned));
            }
        }
        if marks.iter().any(|mark| mark.len() < SHORTEST) {
            return None;
        }
        marks.sort_unstable();
        marks.dedup();
        let marks = match Searcher::new(&marks) {
            Some(few) => Marks::Few(few),
            None => Marks::Many(AhoCorasick::new(&marks).ok()?),
        };
        Some(Prefilter { marks })
    }

    /// Whether a mark is in a text.
    pub fn marks(&self, text: &str) -> bool {
        match &self.marks {
            Marks::Few(marks) => marks.find(text).is_some(),
            Marks::Many(marks) => marks.is_match(text),
        }
    }

    /// Whether nothing can be reported of a resource of this kind in a searchable unit of this text.
    pub fn passes_over(&self, kind: &ResourceKind, text: &str) -> bool {
        let is_workload = pod::keeps_images(&kind.group, &kind.kind);
        (is_workload || data::is_config_map(&kind.group, &kind.kind)) && !self.marks(text)
    }
}

/// Whether a character of a name is literal wherever it is written: `*` is a wildcard in patterns,
/// quotes, `/` and `\` may be escaped in quotes, and blanks may be folded.
fn is_unbroken(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// By what an image is found that a rule leads back to an agent's.
enum RuleMark<'r> {
    /// The last segment of the official name, which is a mark anyway.
    OfProfiles,
    /// A word of the mirror, since the rule gives the image another name.
    Word(&'r str),
    /// Any image could be one.
    Everything,
}

fn of_rule(rule: &MappingRule) -> RuleMark<'_> {
    let (source, mirror) = (&rule.source, &rule.mirror);
    if rule.scope == Scope::All {
        return RuleMark::Everything;
    }
    if source.path().is_empty() {
        return RuleMark::OfProfiles;
    }
    match (mirror.path(), mirror.domain()) {
        ("", HUB) => RuleMark::Everything,
        ("", domain) => RuleMark::Word(domain),
        (path, _) => RuleMark::Word(last_segment(path)),
    }
}

fn last_segment(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, last)| last)
}
