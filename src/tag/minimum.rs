//! `tag: minimum`: an older version is reported, and never raised.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::finding::{Aspect, Rule};
use crate::image::{Reference, version};
use crate::verdict::{Note, Verdict};

use super::family::TagParts;
use super::keys::quoted;
use super::{At, Configured, Policy, PolicyInput, PolicyKey, PolicyKeys, Refusal, Versions};

/// Reports a version below this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Minimum {
    /// The lowest version allowed; with words around it, of their family alone.
    pub version: String,
}

impl Configured for Minimum {
    const WORD: &str = "minimum";
    const SUMMARY: &str = "reports what is older";
    const KEY: Option<PolicyKey> = Some(PolicyKey::Minimum);

    fn read(keys: &PolicyKeys<'_>) -> Result<Self, Refusal> {
        let Some(text) = keys.minimum else {
            let what = "`tag: minimum` needs a `minimum`";
            return Err(Refusal::new(At::Word, what, "add `minimum: \"1.2.0\"`"));
        };
        if TagParts::of(text).version().is_none() {
            let what = format!("{} is not a version", quoted(text));
            let help = "write it as \"1.2.0\" or \"v1.2\"";
            return Err(Refusal::new(At::Key(PolicyKey::Minimum), what, help));
        }
        Ok(Minimum {
            version: text.to_owned(),
        })
    }
}

impl Policy for Minimum {
    fn versions<'p>(&'p self, _: &PolicyInput<'p>) -> Result<Versions<'p>, Cow<'p, str>> {
        Err("its profile says a lowest version alone".into())
    }

    fn decide(&self, _: &PolicyInput<'_>, reference: &Reference<'_>, verdict: &mut Verdict) {
        let minimum = &self.version;
        let own = TagParts::of(minimum);
        let Some(floor) = own.version() else {
            return;
        };
        let unresolved = |why: &str| {
            let message =
                format!("{reference} {why}, so it cannot be compared with the minimum {minimum}");
            Note::unresolved(Aspect::Tag, message)
        };
        let note = match (reference.tag, reference.digest) {
            (None, Some(_)) => unresolved("has a digest alone"),
            (None, None) if own.has_words() => unresolved("is of another family of tags"),
            (None, None) => return,
            (Some("latest"), _) if !own.has_words() => return,
            (Some(tag), _) if own.has_words() && !own.is_of(&TagParts::of(tag)) => {
                unresolved("is of another family of tags")
            }
            (Some(tag), _) => match own.version_of(tag) {
                None => unresolved("has a tag that is no version"),
                Some(found) if moves_past(&found, &floor) => {
                    unresolved("has a tag that moves with the releases that begin so")
                }
                Some(found) if is_older((&found, tag), (&floor, minimum)) => Note {
                    rule: Rule::OutdatedVersion,
                    message: format!(
                        "{reference} is older than the minimum {minimum}: raise it by hand"
                    ),
                    aspect: Some(Aspect::Tag),
                    proposed: None,
                },
                Some(_) => return,
            },
        };
        verdict.notes.push(note);
    }

    fn explained(&self, _: &PolicyInput<'_>) -> (String, String) {
        let why = "an older one is reported, never raised".to_owned();
        (self.documented(), why)
    }

    fn listed(&self) -> String {
        format!("minimum {}", self.version)
    }

    fn documented(&self) -> String {
        format!("at least {}", self.version)
    }
}

/// Whether a version is older than another, or a pre-release of the same.
fn is_older((found, tag): (&[&str], &str), (floor, minimum): (&[&str], &str)) -> bool {
    let is_before = |tag| TagParts::of(tag).is_before_release();
    match version::compare(found, floor) {
        Ordering::Less => true,
        Ordering::Equal => is_before(tag) && !is_before(minimum),
        Ordering::Greater => false,
    }
}

/// Whether a version is the beginning of another one, as `7` is of `7.50.0`: as a tag it moves, and may
/// have passed that one.
fn moves_past(found: &[&str], floor: &[&str]) -> bool {
    let begins = floor.starts_with(found) && found.len() < floor.len();
    begins && version::compare(found, floor).is_lt()
}
