//! How many findings of each rule are shown to people; the rest is counted.

use std::collections::BTreeMap;

use crate::finding::Finding;

/// How many findings of one rule are drawn before the rest is counted; a drawing takes about ten lines.
pub const DRAWN: usize = 20;

/// How many findings of one rule are printed as a line each; most real manifests have fewer.
pub const SAID: usize = 100;

/// How many places are named of the findings that are only counted.
const PLACES_NAMED: usize = 5;

/// Counts findings, or anything else of which there may be too many, by kind.
#[derive(Debug)]
pub struct Quota<'a> {
    each: usize,
    kinds: BTreeMap<&'a str, (usize, Rest)>,
}

impl<'a> Quota<'a> {
    /// Shows `each` of every kind.
    pub fn new(each: usize) -> Self {
        Quota {
            each,
            kinds: BTreeMap::new(),
        }
    }

    /// The findings that are printed as a line each, and the count of the rest.
    pub fn said<'f>(
        findings: impl Iterator<Item = &'f Finding>,
    ) -> (Vec<&'f Finding>, Quota<'static>) {
        let mut quota = Quota::new(SAID);
        let shown = findings.filter(|finding| quota.shows(finding.rule.id()));
        (shown.collect(), quota)
    }

    /// Whether one more of a kind is shown; if not, it is counted.
    pub fn shows(&mut self, kind: &'a str) -> bool {
        self.shows_at(kind, String::new)
    }

    /// As [`Quota::shows`], with its place, which is named if it is not shown.
    pub fn shows_at(&mut self, kind: &'a str, place: impl FnOnce() -> String) -> bool {
        let (shown, rest) = self.kinds.entry(kind).or_default();
        if *shown < self.each {
            *shown += 1;
            return true;
        }
        rest.add(place);
        false
    }

    /// The kinds of which some were not shown, each with the count of those.
    pub fn rest(&self) -> impl Iterator<Item = (&'a str, &Rest)> {
        let kinds = self.kinds.iter();
        kinds
            .map(|(kind, (_, rest))| (*kind, rest))
            .filter(|(_, rest)| rest.count > 0)
    }

    /// A line for each rule of which some findings were not shown; `how` says how to see all.
    pub fn lines(&self, how: &str) -> Vec<String> {
        let line = |(rule, rest): (&str, &Rest)| format!("and {} more [{rule}]{how}", rest.count);
        self.rest().map(line).collect()
    }
}

/// The findings of one kind that are counted and not shown.
#[derive(Debug, Default)]
pub struct Rest {
    /// How many there are.
    pub count: usize,
    named: Vec<String>,
}

impl Rest {
    /// Counts one more; `place` is called only if the place will be named.
    pub fn add(&mut self, place: impl FnOnce() -> String) {
        self.count += 1;
        if self.named.len() < PLACES_NAMED {
            self.named.push(place());
        }
    }

    /// `a, b, c`, or the first few and a number.
    pub fn places(&self) -> String {
        let more = match self.count - self.named.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!("{}{more}", self.named.join(", "))
    }
}
