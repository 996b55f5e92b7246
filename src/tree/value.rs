//! Values of a build: what documents say, each with the place in a file that it comes from.

mod inside;
mod place;
mod printed;
mod reach;
mod read;
mod shared;
mod tested;
mod trace;

use std::borrow::Cow;
use std::sync::Arc;

pub(super) use inside::{Inside, SECRETS, is_of_pod};
pub(super) use place::{DocumentSlot, PlaceId, PlaceKey, Site};
pub(super) use printed::Printed;
pub(super) use reach::Reach;
pub(super) use read::read;
pub(super) use shared::Shared;
pub(super) use tested::{Held, Part, TestedText, Tests};
pub(super) use trace::{ListPass, Trace, Traced};

/// A value of a resource that is being built.
#[derive(Debug, Clone)]
pub(super) enum BuildValue<'n, 's> {
    Scalar(Scalar<'n, 's>),
    Mapping(Shared<Pair<'n, 's>>, Option<Site<'n, 's>>),
    Sequence(Shared<BuildValue<'n, 's>>, Option<Site<'n, 's>>),
}

/// A key of a mapping with its value.
pub(super) type Pair<'n, 's> = (Cow<'n, str>, BuildValue<'n, 's>);

/// A text, number, boolean or null.
#[derive(Debug, Clone)]
pub(super) struct Scalar<'n, 's> {
    pub(super) text: Cow<'n, str>,
    /// Whether it is text, so that it is quoted where it is printed.
    pub(super) is_text: bool,
    /// Whether it is text with the tag `!!binary`, which stays.
    pub(super) is_bytes: bool,
    /// Where it is written; none for what the build itself makes.
    pub(super) place: Option<DocumentSlot<'n, 's>>,
    /// What the build does to it, where it is the image of a container.
    pub(super) trace: Option<Box<Trace>>,
}

impl Scalar<'_, '_> {
    /// Marks it as one that something may change which is not followed.
    pub(super) fn obscure(&mut self, what: &Arc<str>) {
        let trace = self.trace.get_or_insert_default();
        trace.unknown.get_or_insert_with(|| Arc::clone(what));
    }
}

impl<'n, 's> BuildValue<'n, 's> {
    /// A text that the build itself makes.
    pub(super) fn made(text: impl Into<Cow<'n, str>>) -> Self {
        BuildValue::Scalar(Scalar {
            text: text.into(),
            is_text: true,
            is_bytes: false,
            place: None,
            trace: None,
        })
    }

    /// A number or another word that is no text.
    pub(super) fn made_plain(text: &'n str) -> Self {
        BuildValue::Scalar(Scalar {
            text: Cow::Borrowed(text),
            is_text: false,
            is_bytes: false,
            place: None,
            trace: None,
        })
    }

    /// Whether it is a list of others, as kustomize has it: of any kind that ends so.
    pub(super) fn is_list(&self) -> bool {
        self.text_at(&["kind"]).ends_with("List")
    }

    /// The items of a list of resources, and of lists in it; itself where it is none.
    pub(super) fn opened(self) -> Vec<BuildValue<'n, 's>> {
        let mut found = Vec::new();
        self.open_into(&mut found);
        found
    }

    fn open_into(self, found: &mut Vec<BuildValue<'n, 's>>) {
        let is_list = self.is_list();
        let has_items = self
            .get("items")
            .is_some_and(|items| items.items().is_some());
        match self {
            BuildValue::Mapping(pairs, _) if is_list && has_items => {
                let items = pairs.into_iter().filter(|(key, _)| key == "items");
                for (_, value) in items {
                    if let BuildValue::Sequence(items, _) = value {
                        items.into_iter().for_each(|item| item.open_into(found));
                    }
                }
            }
            other => found.push(other),
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&BuildValue<'n, 's>> {
        let pairs = self.pairs()?.iter();
        pairs.rev().find(|pair| pair.0 == key).map(|pair| &pair.1)
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut BuildValue<'n, 's>> {
        let BuildValue::Mapping(pairs, _) = self else {
            return None;
        };
        // Nothing is copied that is not there.
        let at = pairs.iter().position(|pair| pair.0 == key)?;
        Some(&mut pairs[at].1)
    }

    /// The value that keys lead to.
    pub(super) fn at(&self, keys: &[&str]) -> Option<&BuildValue<'n, 's>> {
        keys.iter().try_fold(self, |value, key| value.get(key))
    }

    /// Sets a key, after the others where it is new.
    pub(super) fn set(&mut self, key: Cow<'n, str>, value: BuildValue<'n, 's>) {
        if let Some(old) = self.get_mut(&key) {
            *old = value;
        } else if let BuildValue::Mapping(pairs, _) = self {
            pairs.push((key, value));
        }
    }

    /// The mapping under a key, added where it is absent.
    pub(super) fn mapping_mut(&mut self, key: &'static str) -> &mut BuildValue<'n, 's> {
        if !matches!(self.get(key), Some(BuildValue::Mapping(..))) {
            self.set(
                Cow::Borrowed(key),
                BuildValue::Mapping(Vec::new().into(), None),
            );
        }
        match self {
            BuildValue::Mapping(pairs, _) => {
                let at = pairs.iter().position(|pair| pair.0 == key);
                &mut pairs[at.unwrap_or_default()].1
            }
            other => other,
        }
    }

    pub(super) fn pairs(&self) -> Option<&[Pair<'n, 's>]> {
        match self {
            BuildValue::Mapping(pairs, _) => Some(pairs),
            _ => None,
        }
    }

    pub(super) fn items(&self) -> Option<&[BuildValue<'n, 's>]> {
        match self {
            BuildValue::Sequence(items, _) => Some(items),
            _ => None,
        }
    }

    /// The text of a scalar of any type.
    pub(super) fn scalar(&self) -> Option<&str> {
        match self {
            BuildValue::Scalar(scalar) => Some(&scalar.text),
            _ => None,
        }
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self, BuildValue::Scalar(scalar) if !scalar.is_text
            && matches!(&*scalar.text, "" | "~" | "null" | "Null" | "NULL"))
    }

    pub(super) fn site(&self) -> Option<&Site<'n, 's>> {
        match self {
            BuildValue::Scalar(_) => None,
            BuildValue::Mapping(_, site) | BuildValue::Sequence(_, site) => site.as_ref(),
        }
    }

    /// Where the value is written.
    pub(super) fn place(&self) -> Option<DocumentSlot<'n, 's>> {
        match self {
            BuildValue::Scalar(scalar) => scalar.place.clone(),
            _ => self.site().and_then(Site::place),
        }
    }

    /// The text below a key, empty where there is none.
    pub(super) fn text_at(&self, keys: &[&str]) -> &str {
        self.at(keys)
            .and_then(BuildValue::scalar)
            .unwrap_or_default()
    }

    /// Calls `each` for every scalar in it.
    pub(super) fn each<'v>(&'v self, each: &mut impl FnMut(&'v Scalar<'n, 's>)) {
        match self {
            BuildValue::Scalar(scalar) => each(scalar),
            BuildValue::Mapping(pairs, _) => pairs.iter().for_each(|pair| pair.1.each(each)),
            BuildValue::Sequence(items, _) => items.iter().for_each(|item| item.each(each)),
        }
    }

    /// Calls `each` for every scalar in it, to change it.
    pub(super) fn each_mut(&mut self, each: &mut impl FnMut(&mut Scalar<'n, 's>)) {
        match self {
            BuildValue::Scalar(scalar) => each(scalar),
            BuildValue::Mapping(pairs, _) => {
                pairs.iter_mut().for_each(|pair| pair.1.each_mut(each))
            }
            BuildValue::Sequence(items, _) => items.iter_mut().for_each(|item| item.each_mut(each)),
        }
    }

    /// Marks every scalar in it as one that something may change which is not followed.
    pub(super) fn obscure(&mut self, what: &Arc<str>) {
        self.each_mut(&mut |scalar| scalar.obscure(what));
    }
}
