//! The edited text, read again, differs by value from the original exactly where planned.

mod planned;
mod same;

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};

use crate::sort::sort;
use crate::yaml::scalar::reads_as_text;
use crate::yaml::{Entry, Kind, Node, Segment, Style};

use super::{Change, made};
pub use same::Texts;

use planned::{ExpectedValue, PlannedValue, at_segment, is_any_removed, is_removed, planned, runs};
use same::is_plainly_same;

/// Room for the paths of most values.
const DEPTH: usize = 16;

/// Compares the document before and after by value.
///
/// With `texts`, block collections may be missing from the document after: they are the same only if their texts
/// are.
///
/// # Errors
/// The path of the first value that differs and should not, or that does not differ and should.
pub fn verify(
    old: &Node<'_>,
    new: &Node<'_>,
    changes: &[Change<'_, '_>],
    texts: Option<Texts<'_>>,
) -> Result<(), String> {
    let planned = planned(changes);
    let mut check = Verification {
        seen: HashSet::new(),
        path: Vec::with_capacity(DEPTH),
        texts,
        in_difference: false,
    };
    if check.node(old, new, &planned) {
        Ok(())
    } else {
        Err(dotted(&check.path))
    }
}

fn dotted(path: &[Segment<'_>]) -> String {
    let segments = path.iter().map(|segment| match segment {
        Segment::Key(key) => (*key).to_owned(),
        Segment::Index(index) => index.to_string(),
    });
    segments.collect::<Vec<String>>().join(".")
}

struct Verification<'p, 't> {
    /// Pairs of anchored values that were found equal, with the hash of what was planned below them.
    seen: HashSet<(usize, usize, u64)>,
    /// Where the comparison is; left as it is at the first difference.
    path: Vec<Segment<'p>>,
    texts: Option<Texts<'t>>,
    /// Whether the comparison is inside a value that is not plainly the same.
    in_difference: bool,
}

impl<'p> Verification<'p, '_> {
    fn node(&mut self, old: &Node<'_>, new: &'p Node<'_>, planned: &[PlannedValue<'_>]) -> bool {
        let depth = self.path.len();
        if let Some(plan) = planned.first().filter(|plan| plan.path.0.len() == depth) {
            return self.changed(Some(old), new, plan.value);
        }
        if planned.is_empty() && !self.in_difference {
            let is_same_text = |texts: Texts<'_>| texts.are_same(old, new);
            if self.texts.is_some_and(is_same_text) || is_plainly_same(old, new) {
                return true;
            }
            self.in_difference = true;
            let same = self.value(old, new, planned);
            self.in_difference = false;
            return same;
        }
        self.value(old, new, planned)
    }

    fn value(&mut self, old: &Node<'_>, new: &'p Node<'_>, planned: &[PlannedValue<'_>]) -> bool {
        let shared = matches!(old.kind, Kind::Anchored(_) | Kind::Alias(_));
        let (old, new) = (old.target(), new.target());
        if shared && !self.seen.insert(self.key(old, new, planned)) {
            return true;
        }
        if tag_name(old) != tag_name(new) || new.is_left_out() {
            return false;
        }
        match (&old.kind, &new.kind) {
            (Kind::Scalar(before, style), Kind::Scalar(after, new_style)) => {
                let alike = || old.text().is_some() == new.text().is_some();
                planned.is_empty() && before == after && (style == new_style || alike())
            }
            (Kind::Sequence(before, _), Kind::Sequence(after, _)) => {
                let depth = self.path.len();
                let is_item = |plan: &PlannedValue<'_>| match plan.path.0[depth] {
                    Segment::Index(index) => index < after.len(),
                    Segment::Key(_) => false,
                };
                before.len() == after.len()
                    && planned.iter().all(is_item)
                    && before
                        .iter()
                        .zip(after)
                        .enumerate()
                        .all(|(index, (old, new))| {
                            self.child(Segment::Index(index), Some(old), new, planned)
                        })
            }
            (Kind::Mapping(before, _), Kind::Mapping(after, _)) => {
                if before.iter().chain(after).any(Entry::is_merge) {
                    return self.merged(before, after, planned);
                }
                self.entries(before, after, planned)
            }
            // A document that says nothing gets its first pairs.
            (Kind::Scalar(..), Kind::Mapping(after, _)) if old.is_null() && !planned.is_empty() => {
                self.entries(&[], after, planned)
            }
            _ => false,
        }
    }

    fn key(
        &self,
        old: &Node<'_>,
        new: &Node<'_>,
        planned: &[PlannedValue<'_>],
    ) -> (usize, usize, u64) {
        let mut hasher = DefaultHasher::new();
        for plan in planned {
            plan.path.0[self.path.len()..].hash(&mut hasher);
            match plan.value {
                ExpectedValue::Text(text) => text.hash(&mut hasher),
                ExpectedValue::Names(names) => names.hash(&mut hasher),
                ExpectedValue::AddedValue(_) | ExpectedValue::Absent => {}
            }
        }
        let address = |node: &Node<'_>| std::ptr::from_ref(node).addr();
        (address(old), address(new), hasher.finish())
    }

    fn child(
        &mut self,
        segment: Segment<'p>,
        old: Option<&Node<'_>>,
        new: &'p Node<'_>,
        planned: &[PlannedValue<'_>],
    ) -> bool {
        let below = at_segment(planned, self.path.len(), segment);
        self.at_child(segment, old, new, below)
    }

    /// As [`Self::child`], where this is planned at or below it.
    fn at_child(
        &mut self,
        segment: Segment<'p>,
        old: Option<&Node<'_>>,
        new: &'p Node<'_>,
        below: &[PlannedValue<'_>],
    ) -> bool {
        let depth = self.path.len();
        self.path.push(segment);
        let same = match old {
            Some(old) => self.node(old, new, below),
            None => match below.first().filter(|plan| plan.path.0.len() == depth + 1) {
                Some(plan) => self.changed(None, new, plan.value),
                None => false,
            },
        };
        if same {
            self.path.pop();
        }
        same
    }

    /// Pairs in order; a pair that is new must be planned.
    fn entries(
        &mut self,
        before: &[Entry<'_>],
        after: &'p [Entry<'_>],
        planned: &[PlannedValue<'_>],
    ) -> bool {
        let depth = self.path.len();
        let is_any_removed = is_any_removed(planned);
        let before = before.iter();
        let mut before = before
            .filter(|old| !(is_any_removed && is_removed(planned, depth, old.key.scalar())))
            .peekable();
        let mut passed = 0;
        for (position, entry) in after.iter().enumerate() {
            let Some(key) = entry.key.scalar() else {
                // A key that is a collection: nothing is ever planned below it.
                let Some(old) = before.next() else {
                    return false;
                };
                if !self.node(&old.key, &entry.key, &[])
                    || !self.node(&old.value, &entry.value, &[])
                {
                    return false;
                }
                continue;
            };
            let old = before.next_if(|old| old.key.scalar() == Some(key));
            let old = old.map(|old| &old.value);
            let below = at_segment(planned, depth, Segment::Key(key));
            passed += below.len();
            // A key that is there twice would make up for one that is not.
            let is_it = |entry: &Entry<'_>| entry.key.scalar() == Some(key);
            if !below.is_empty() && after[..position].iter().any(is_it) {
                return false;
            }
            if !self.at_child(Segment::Key(key), old, &entry.value, below) {
                return false;
            }
        }
        if before.next().is_some() {
            return false;
        }
        if !is_any_removed {
            return passed == planned.len();
        }
        self.each_is_there(planned, |key| {
            after.iter().any(|entry| entry.key.scalar() == Some(key))
        })
    }

    /// Whether each key with changes planned below it is there, except for keys that are removed.
    fn each_is_there(&self, planned: &[PlannedValue<'_>], is_there: impl Fn(&str) -> bool) -> bool {
        let depth = self.path.len();
        runs(planned, depth).all(|run| match run[0].path.0[depth] {
            Segment::Key(key) => is_there(key) != is_removed(run, depth, Some(key)),
            Segment::Index(_) => false,
        })
    }

    /// Mappings with merge keys: the pairs that a reader would see, in any order.
    fn merged(
        &mut self,
        before: &[Entry<'_>],
        after: &'p [Entry<'_>],
        planned: &[PlannedValue<'_>],
    ) -> bool {
        if self.texts.is_some() && brings_left_out(after) {
            return false;
        }
        let (mut old, mut new) = (HashMap::new(), HashMap::new());
        visible(before, &mut old, &mut HashSet::new());
        visible(after, &mut new, &mut HashSet::new());
        let mut keys: Vec<&str> = new.keys().copied().collect();
        sort(&mut keys);
        let depth = self.path.len();
        old.keys()
            .all(|key| new.contains_key(key) || is_removed(planned, depth, Some(key)))
            && self.each_is_there(planned, |key| new.contains_key(key))
            && keys
                .into_iter()
                .all(|key| self.child(Segment::Key(key), old.get(key).copied(), new[key], planned))
    }

    fn changed(
        &mut self,
        old: Option<&Node<'_>>,
        new: &'p Node<'_>,
        value: ExpectedValue<'_>,
    ) -> bool {
        match value {
            _ if new.is_left_out() => false,
            ExpectedValue::Absent => false,
            ExpectedValue::AddedValue(value) => {
                old.is_none_or(made::is_nothing) && made::is_made(new, value)
            }
            ExpectedValue::Text(text) => {
                let target = new.target();
                let plain = matches!(target.kind, Kind::Scalar(_, Style::Plain));
                new.text() == Some(text) && (!plain || target.tag.is_some() || reads_as_text(text))
            }
            ExpectedValue::Names(added) => {
                let old = old.and_then(Node::items).unwrap_or_default();
                let new = new.items().unwrap_or_default();
                let is_of_names = old.first().is_some_and(|item| item.text().is_some());
                let name = if is_of_names { Node::text } else { only_name };
                let names = new.iter().skip(old.len()).map(name);
                // The kept items are compared one level down, where nothing is planned.
                new.len() == old.len() + added.len()
                    && names.eq(added.iter().map(|name| Some(name.as_str())))
                    && old
                        .iter()
                        .zip(new)
                        .all(|(old, new)| self.node(old, new, &[]))
            }
        }
    }
}

fn only_name<'n>(item: &'n Node<'_>) -> Option<&'n str> {
    match item.entries()? {
        [entry] if entry.key.scalar() == Some("name") => entry.value.text(),
        _ => None,
    }
}

fn tag_name<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    node.tag.as_deref().map(|tag| tag.name.as_str())
}

/// Whether merge keys bring something that may have been left out of the nodes.
fn brings_left_out(entries: &[Entry<'_>]) -> bool {
    let mut merges = entries.iter().filter(|entry| entry.is_merge());
    merges.any(|merge| {
        let is_left_out = |source: &Node<'_>| {
            source.is_left_out() || source.entries().is_some_and(brings_left_out)
        };
        merge.value.is_left_out() || merge.sources().iter().any(is_left_out)
    })
}

/// The pairs that a reader would see; each merged mapping counts once.
fn visible<'n, 's>(
    entries: &'n [Entry<'s>],
    found: &mut HashMap<&'n str, &'n Node<'s>>,
    seen: &mut HashSet<*const Node<'s>>,
) {
    for entry in entries.iter().filter(|entry| !entry.is_merge()) {
        if let Some(key) = entry.key.scalar() {
            found.entry(key).or_insert(&entry.value);
        }
    }
    for merge in entries.iter().filter(|entry| entry.is_merge()) {
        for source in merge.sources() {
            let source = source.target();
            if let Some(entries) = source.entries()
                && seen.insert(std::ptr::from_ref(source))
            {
                visible(entries, found, seen);
            }
        }
    }
}
