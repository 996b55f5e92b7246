//! `tag: keep`: tag and digest stay as they are.

use std::borrow::Cow;

use crate::image::Reference;
use crate::verdict::Verdict;

use super::{Configured, Policy, PolicyInput, PolicyKeys, Refusal, Versions};

/// Leaves tag and digest as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep;

impl Configured for Keep {
    const WORD: &str = "keep";
    const SUMMARY: &str = "(the default) leaves tag and digest";

    fn read(_: &PolicyKeys<'_>) -> Result<Self, Refusal> {
        Ok(Keep)
    }
}

impl Policy for Keep {
    fn versions<'p>(&'p self, _: &PolicyInput<'p>) -> Result<Versions<'p>, Cow<'p, str>> {
        Err("its profile keeps tags".into())
    }

    fn decide(&self, _: &PolicyInput<'_>, _: &Reference<'_>, _: &mut Verdict) {}

    fn explained(&self, _: &PolicyInput<'_>) -> (String, String) {
        (Self::WORD.to_owned(), "tag and digest stay".to_owned())
    }

    fn listed(&self) -> String {
        Self::WORD.to_owned()
    }

    fn documented(&self) -> String {
        "stays".to_owned()
    }

    fn names_a_version(&self) -> bool {
        false
    }
}
