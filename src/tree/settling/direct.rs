//! Values that no list of images affects, or that are added: pull policies and pull secrets.

use std::collections::{BTreeMap, HashMap};

use super::Settling;
use crate::edit;
use crate::finding::Rule;
use crate::sort::sort_by_key;
use crate::tree::editing::DesiredValue;
use crate::tree::locations::{Answers, Placed};
use crate::tree::removed::removal;
use crate::tree::rendered::{Field, SecretList};
use crate::tree::value::{DocumentSlot, PlaceId};

/// What is said of a root that wants nothing of a place.
const DOES_NOT: &str = "does not";

/// A change that builds agree on, with the fields that ask for it.
type Candidate<'n, 's> = (DesiredValue<'n, 's>, Vec<Field<'n, 's>>);

/// By the document and offset of a pod, the lists of pull secrets that builds give it.
type SecretListsByPod = HashMap<(usize, usize), Vec<(PlaceId, SecretList)>>;

impl<'n, 's> Settling<'_, '_, 'n, 's> {
    /// Values that no list of images has a part in and that are added: all builds agree, or none
    /// gets them.
    pub(super) fn direct(&mut self, fields: Vec<Field<'n, 's>>) {
        let mut by_place: BTreeMap<PlaceId, Vec<Field<'n, 's>>> = BTreeMap::new();
        for field in fields {
            if let Some(place) = &field.place {
                by_place.entry(place.id()).or_default().push(field);
            } else if field.wanted.is_some() && !field.is_bystander {
                self.lack(std::slice::from_ref(&field));
                if let Some(removed) = &field.removed {
                    self.leave_removed(&field, removed);
                    continue;
                }
                let why = match self.literal(&field) {
                    Some(literal) => format!(
                        "a generator makes what holds it: add `{literal}` to its `literals`"
                    ),
                    None => "the build itself makes what holds it".to_owned(),
                };
                self.leave(&field, &why);
            }
        }
        let mut lists = SecretListsByPod::new();
        for (id, fields) in &by_place {
            for field in fields {
                if let Some(secrets) = &field.secrets {
                    let list = (id.clone(), SecretList::clone(secrets));
                    lists.entry(secrets.pod).or_default().push(list);
                }
            }
        }
        let mut candidates = Vec::new();
        for fields in by_place.into_values() {
            let mut asked = fields.iter().filter(|field| !field.is_bystander);
            let Some(wanting) = asked.find(|field| field.wanted.is_some()) else {
                self.note(fields, &Answers::default());
                continue;
            };
            match self.agreed(wanting, &fields, &lists) {
                Some(wish) => candidates.push((wish, fields)),
                None => self.lack(&fields),
            }
        }
        self.take(candidates);
    }

    /// What is to be written at a place, where all builds agree on it and nothing stands in the way; else it is
    /// reported what does.
    fn agreed(
        &mut self,
        wanting: &Field<'n, 's>,
        fields: &[Field<'n, 's>],
        lists: &SecretListsByPod,
    ) -> Option<DesiredValue<'n, 's>> {
        let wish = DesiredValue {
            place: wanting.place.clone()?,
            value: wanting.wanted.clone()?,
        };
        let mut asked = fields.iter().filter(|field| !field.is_bystander);
        if let Some(what) = asked.find_map(|field| field.trace.unknown.as_ref()) {
            self.leave_changeable(wanting, what);
            return None;
        }
        let mut left = fields.iter();
        let left = left.find_map(|field| Some((field, field.secrets.as_ref()?.left.as_ref()?)));
        if let Some((field, why)) = left {
            self.leave(field, why);
            return None;
        }
        if let Some(why) = self.lost.get(&wish.place.document).cloned() {
            self.leave(wanting, &why);
            return None;
        }
        if self.is_tested(&wish) {
            self.leave(wanting, TESTED);
            return None;
        }
        let other = fields.iter().find(|field| {
            field.wanted.as_ref() != Some(&wish.value) && !has_from_account(field, &wish.value)
        });
        if let Some(other) = other {
            let told = |field: &Field<'_, '_>| match (&field.secrets, &field.wanted) {
                (Some(list), _) => list.told(),
                (None, Some(edit::TargetValue::Text(text))) => text.clone(),
                _ => "it".to_owned(),
            };
            // Where nothing is to change, what it has stays.
            let by_other = other.wanted.as_ref().map(|_| told(other));
            let of_other = (other.root, by_other.unwrap_or_else(|| DOES_NOT.to_owned()));
            self.conflict(wanting, (wanting.root, told(wanting)), of_other);
            return None;
        }
        let id = wish.place.id();
        // A new list is joined with those that patches bring in other builds of what holds it.
        let document = wish.place.document;
        let pod = wanting.secrets.as_ref().map(|secrets| secrets.pod);
        let beside = pod.and_then(|pod| lists.get(&pod)).into_iter().flatten();
        let mut others = beside.filter(|(place, list)| {
            *place != id && self.builds.built[list.root].documents.contains(&document)
        });
        if let edit::TargetValue::Names(added) = &wish.value
            && let Some((_, other)) = others.find(|(_, other)| !other.takes(added))
        {
            let own = wanting.secrets.as_deref().map(SecretList::told);
            let own = (wanting.root, own.unwrap_or_default());
            self.conflict(wanting, own, (other.root, other.told()));
            return None;
        }
        Some(wish)
    }

    /// Notes the roots of which something is left, and the resources that do not get the pull secrets which
    /// they need.
    fn lack(&mut self, fields: &[Field<'n, 's>]) {
        let wanting = fields.iter().filter(|field| field.wanted.is_some());
        let asked = wanting.clone().filter(|field| !field.is_bystander);
        self.unsettled.extend(asked.map(|field| field.root));
        let lacking = wanting.filter(|field| field.secrets.is_some());
        self.lacking
            .extend(lacking.filter_map(|field| field.resource));
    }

    /// Reports that a value is left where a patch takes it away.
    fn leave_removed(&mut self, field: &Field<'n, 's>, written: &DocumentSlot<'n, 's>) {
        let documents = &self.builds.built[field.root].documents;
        let removal = removal(self.builds.sources, documents, written);
        let removal = removal.filter(|(document, _)| !self.builds.is_excluded(*document));
        let Some((document, node)) = removal else {
            self.leave(field, "a patch takes away what is written");
            return;
        };
        let line = self.builds.line_of(written);
        let why = format!("this takes away what {line} says: take it out of the patch");
        let why = self.left(field, &why);
        self.placed.extend(
            self.said(field, Rule::UnresolvedImage, &why)
                .map(|finding| Placed {
                    document,
                    node,
                    path: None,
                    finding,
                    answers: Answers::default(),
                }),
        );
    }

    /// The literal that a generator would need, of a ConfigMap that it makes.
    fn literal(&self, field: &Field<'n, 's>) -> Option<String> {
        let finding = field.findings.first()?;
        self.generator_of(field.root, finding)?;
        let at = finding.field.as_ref()?;
        let (key, value) = (at.path.strip_prefix("data.")?, at.proposed.as_deref()?);
        Some(format!("{key}={value}"))
    }

    /// Whether a JSON patch of a build tests what a change would be added to.
    fn is_tested(&self, wish: &DesiredValue<'n, 's>) -> bool {
        self.tests.iter().any(|tests| tests.forbid(&wish.place))
    }

    /// Takes changes that builds agree on, but for those that their documents do not allow.
    fn take(&mut self, candidates: Vec<Candidate<'n, 's>>) {
        let documents = &self.builds.sources.documents;
        let mut by_text: BTreeMap<usize, Vec<Candidate<'n, 's>>> = BTreeMap::new();
        for candidate in candidates {
            let document = candidate.0.place.document;
            // The documents of one text follow each other.
            let first = document - documents[document].ordinal;
            by_text.entry(first).or_default().push(candidate);
        }
        for mut candidates in by_text.into_values() {
            sort_by_key(&mut candidates, |(wish, _)| wish.place.document);
            let (first, mut attempts) = (self.wishes.len(), ATTEMPTS);
            self.take_most(first, candidates, &mut attempts);
        }
    }

    /// Takes the changes of one text that are possible together with those taken since `first`: all at
    /// once, or each half by itself. Each attempt reads the whole text again, so that after many the
    /// rest is left.
    fn take_most(
        &mut self,
        first: usize,
        mut candidates: Vec<Candidate<'n, 's>>,
        attempts: &mut usize,
    ) {
        let before = self.wishes.len();
        let wishes = candidates.iter().map(|(wish, _)| wish.clone());
        self.wishes.extend(wishes);
        let left = attempts.checked_sub(1);
        *attempts = left.unwrap_or_default();
        let why = match left.map(|_| self.builds.editor.edits(&self.wishes[first..])) {
            Some(Ok(_)) => {
                for (wish, fields) in candidates {
                    self.note(fields, &[wish.place.id()].into());
                }
                return;
            }
            Some(Err(why)) => why,
            None => "too many other changes of the file are not possible".to_owned(),
        };
        self.wishes.truncate(before);
        if left.is_none() || candidates.len() == 1 {
            for (_, fields) in &candidates {
                self.leave(&fields[0], &why);
                self.lack(fields);
            }
            return;
        }
        let rest = candidates.split_off(candidates.len() / 2);
        self.take_most(first, candidates, attempts);
        self.take_most(first, rest, attempts);
    }
}

/// Whether the pod of a build has from its ServiceAccount what is to be added, and loses nothing by it.
fn has_from_account(field: &Field<'_, '_>, value: &edit::TargetValue) -> bool {
    match (&field.secrets, &field.wanted, value) {
        (Some(list), None, edit::TargetValue::Names(added)) => list.replaces_account(added),
        _ => false,
    }
}

const TESTED: &str = "a JSON patch tests the value that it would be a part of: change both by hand";

/// How often the changes of one text are tried: each change that is not possible takes as many as
/// the number of changes can be halved.
const ATTEMPTS: usize = 200;
