//! Paths to fields as replacements write them: `spec.containers.[name=web].image`.
//!
//! Source: kustomize's `api/filters/replacement` and `kyaml/yaml/fns.go`. Measured with kustomize 5.6.0.

use std::borrow::Cow;

use crate::pattern;
use crate::tree::images::TreeLists;
use crate::tree::value::{BuildValue, Held, Scalar, TestedText, Tests};

/// A path, read.
pub(in crate::tree) struct FieldPath<'n> {
    pub(super) text: &'n str,
    steps: Vec<Step>,
}

/// A step of a path.
struct Step {
    text: String,
    /// The key and the text by which it finds elements of a list, as in `[name=web]`.
    condition: Option<(String, String)>,
}

/// How a path finds the elements of a list: by texts as lists of images have made them.
#[derive(Clone, Copy)]
pub(in crate::tree) struct Elements<'l, 'n, 's> {
    lists: &'l TreeLists<'n, 's>,
    /// Whether by an expression, which may match a part, and not letter by letter.
    is_matching: bool,
}

impl<'l, 'n, 's> Elements<'l, 'n, 's> {
    pub(in crate::tree) fn named(lists: &'l TreeLists<'n, 's>) -> Self {
        Elements {
            lists,
            is_matching: false,
        }
    }

    pub(super) fn matching(lists: &'l TreeLists<'n, 's>) -> Self {
        Elements {
            lists,
            is_matching: true,
        }
    }

    fn takes(self, wanted: &str, text: &str) -> bool {
        let is_match = || pattern::is_match(wanted, text);
        let is_match = self.is_matching.then(is_match).flatten();
        is_match.unwrap_or(text == wanted)
    }

    fn finds(self, element: &BuildValue<'_, '_>, (key, wanted): &(String, String)) -> bool {
        match element.get(key) {
            Some(BuildValue::Scalar(scalar)) => {
                let trace = scalar.trace.as_ref();
                let passes = trace.map_or(&[][..], |trace| &trace.lists);
                if passes.is_empty() {
                    self.takes(wanted, &scalar.text)
                } else {
                    self.takes(wanted, &self.lists.run_as_written(&scalar.text, passes).0)
                }
            }
            _ => self.takes(wanted, ""),
        }
    }
}

impl<'n> FieldPath<'n> {
    /// Reads the path of a source, of which kustomize leaves out what is empty or blank.
    pub(super) fn of_source(text: &'n str) -> Self {
        let mut path = FieldPath::of(text);
        for step in &mut path.steps {
            *step = Step::of(step.text.trim().to_owned());
        }
        path.steps.retain(|step| !step.text.is_empty());
        path
    }

    /// Reads the path of a variable, which says items of lists as in `containers[0]`.
    pub(in crate::tree) fn of_variable(text: &'n str) -> Self {
        let mut path = FieldPath::of(text);
        let steps = std::mem::take(&mut path.steps).into_iter();
        path.steps = steps
            .flat_map(|step| {
                let parts = step.text.split(['[', ']']).filter(|part| !part.is_empty());
                let parts: Vec<Step> = parts.map(|part| Step::of(part.to_owned())).collect();
                parts
            })
            .collect();
        path
    }

    /// Whether it leads to what an object is known by, or selected.
    pub(super) fn is_of_identity(&self) -> bool {
        const SELECTED: [&str; 4] = ["labels", "matchLabels", "selector", "nodeSelector"];
        let steps: Vec<&str> = self.steps.iter().map(|step| step.text.as_str()).collect();
        match steps[..] {
            ["data" | "stringData" | "binaryData", ..] | ["metadata", "annotations", ..] => false,
            ["metadata", ..] => true,
            [.., "name" | "namespace" | "kind" | "apiVersion"] => true,
            _ => steps.iter().any(|step| SELECTED.contains(step)),
        }
    }

    /// Reads the path of a target; dots in brackets and after a backslash are no separators, nor is one
    /// before all else.
    pub(super) fn of(text: &'n str) -> Self {
        let (mut steps, mut step) = (Vec::new(), String::new());
        let (mut in_brackets, mut is_escaped, mut is_joined) = (false, false, false);
        // Brackets that hold dots and find nothing are there for the dots alone.
        let end = |step: &mut String, is_joined: &mut bool| {
            let step = std::mem::take(step);
            let is_key = std::mem::take(is_joined) && !step.contains('=');
            Step::of(if is_key {
                step.trim_matches(['[', ']']).to_owned()
            } else {
                step
            })
        };
        for c in text.strip_prefix('.').unwrap_or(text).chars() {
            match c {
                '\\' if !is_escaped => {
                    is_escaped = true;
                    continue;
                }
                '.' if !in_brackets && !is_escaped => {
                    steps.push(end(&mut step, &mut is_joined));
                    continue;
                }
                '.' if !is_escaped => is_joined = true,
                '[' => in_brackets = true,
                ']' => in_brackets = false,
                _ => {}
            }
            is_escaped = false;
            step.push(c);
        }
        steps.push(end(&mut step, &mut is_joined));
        FieldPath { text, steps }
    }

    /// Calls `call` for each value that it leads to.
    pub(in crate::tree) fn each<'s>(
        &self,
        value: &mut BuildValue<'n, 's>,
        elements: Elements<'_, 'n, 's>,
        call: &mut impl FnMut(&mut BuildValue<'n, 's>),
    ) {
        each(value, &self.steps, elements, call);
    }

    /// Makes what it leads to: keys, and items of lists that it names by what they hold.
    pub(super) fn make<'s>(&self, value: &mut BuildValue<'n, 's>, new: &BuildValue<'n, 's>) {
        make(value, &self.steps, new);
    }

    /// Notes the texts by which it finds elements of lists: they have to stay what they are.
    pub(super) fn hold<'s>(
        &self,
        value: &mut BuildValue<'n, 's>,
        elements: Elements<'_, 'n, 's>,
        tests: &mut Tests<'n, 's>,
    ) {
        for (position, step) in self.steps.iter().enumerate() {
            let key = step.condition.as_ref().map(|(key, _)| key);
            // Names are never edited.
            let Some(key) = key.filter(|key| *key != "name") else {
                continue;
            };
            each(value, &self.steps[..=position], elements, &mut |element| {
                if let Some(BuildValue::Scalar(text)) = element.get(key) {
                    let held = Held {
                        why: FOUND,
                        part: None,
                    };
                    tests.texts.extend(tested(text, held));
                }
            });
        }
    }
}

/// Why a text is held by which a replacement finds an element of a list.
const FOUND: &str = "a replacement finds the item by this text: change both by hand";

/// A text that a replacement reads, and that is held.
pub(in crate::tree) fn tested<'n, 's>(
    text: &Scalar<'n, 's>,
    held: Held,
) -> Option<TestedText<'n, 's>> {
    let trace = text.trace.as_ref();
    Some(TestedText {
        cell: text.place.clone()?,
        passes: trace.map(|trace| trace.lists.clone()).unwrap_or_default(),
        expected: Err(held),
    })
}

impl Step {
    fn of(text: String) -> Self {
        let inner = text
            .strip_prefix('[')
            .and_then(|text| text.strip_suffix(']'));
        let condition = inner.and_then(|inner| inner.split_once('='));
        let condition = condition.map(|(key, wanted)| (key.to_owned(), wanted.to_owned()));
        Step { text, condition }
    }
}

fn each<'n, 's>(
    value: &mut BuildValue<'n, 's>,
    steps: &[Step],
    elements: Elements<'_, 'n, 's>,
    call: &mut impl FnMut(&mut BuildValue<'n, 's>),
) {
    let Some((step, rest)) = steps.split_first() else {
        call(value);
        return;
    };
    match value {
        BuildValue::Sequence(items, _) => {
            for (index, item) in items.iter_mut().enumerate() {
                let is_meant = match &step.condition {
                    Some(condition) => elements.finds(item, condition),
                    None => step.text == "*" || step.text.parse() == Ok(index),
                };
                if is_meant {
                    each(item, rest, elements, call);
                }
            }
        }
        BuildValue::Mapping(..) => {
            if let Some(value) = value.get_mut(&step.text) {
                each(value, rest, elements, call);
            }
        }
        BuildValue::Scalar(_) => {}
    }
}

fn make<'n, 's>(value: &mut BuildValue<'n, 's>, steps: &[Step], new: &BuildValue<'n, 's>) {
    let Some((step, rest)) = steps.split_first() else {
        *value = new.clone();
        return;
    };
    match value {
        BuildValue::Mapping(..) => {
            if value.get(&step.text).is_none_or(BuildValue::is_null) {
                let made = match rest.first().and_then(|step| step.condition.as_ref()) {
                    Some(_) => BuildValue::Sequence(Vec::new().into(), None),
                    None => BuildValue::Mapping(Vec::new().into(), None),
                };
                value.set(Cow::Owned(step.text.clone()), made);
            }
            if let Some(inner) = value.get_mut(&step.text) {
                make(inner, rest, new);
            }
        }
        BuildValue::Sequence(items, _) => {
            let Some((key, wanted)) = &step.condition else {
                let at = step.text.parse().ok();
                if let Some(item) = at.and_then(|at: usize| items.get_mut(at)) {
                    make(item, rest, new);
                }
                return;
            };
            let mut known = items.iter();
            let at = known.position(|item| item.text_at(&[key]) == wanted);
            let at = at.unwrap_or_else(|| {
                let pair = (Cow::Owned(key.clone()), BuildValue::made(wanted.clone()));
                items.push(BuildValue::Mapping(vec![pair].into(), None));
                items.len() - 1
            });
            make(&mut items[at], rest, new);
        }
        BuildValue::Scalar(_) => {}
    }
}
