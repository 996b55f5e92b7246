//! Tag policies: what a profile wants of its image's tag and digest.
//!
//! Each policy is a file of this folder and a row of the table below. The file says which keys the
//! policy reads, which versions are right, what is reported of a wrong one, and how the policy is
//! told to people. Whoever judges an image, mirrors it, or writes an admission policy asks for
//! [`Versions`], so that no other file knows one policy from another.

mod family;
mod floating;
mod keep;
mod keys;
mod minimum;
mod pinned;
mod revision;
mod versions;

use std::borrow::Cow;
use std::ops::Deref;

use crate::image::Reference;
use crate::revision::Revision;
use crate::verdict::Verdict;

pub use family::{TagParts, pattern_of_build, pattern_of_version};
pub use floating::Floating;
pub use keep::Keep;
pub use keys::{At, PolicyKey, PolicyKeys, Refusal};
pub use minimum::Minimum;
pub use pinned::Pinned;
pub use revision::ByRevision;
pub use versions::{Major, VersionLine, Versions};

/// Makes an enum of the policies, and the functions that read and describe them, from the names of
/// their types.
macro_rules! policies {
    ($($Policy:ident,)*) => {
        /// What becomes of an image's tag and digest.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum TagPolicy {
            $(#[doc = concat!("See [`struct@", stringify!($Policy), "`].")] $Policy($Policy),)*
        }

        impl Deref for TagPolicy {
            type Target = dyn Policy;

            fn deref(&self) -> &Self::Target {
                match self {
                    $(TagPolicy::$Policy(policy) => policy,)*
                }
            }
        }

        /// The words that may follow `tag:`.
        pub const WORDS: &[&str] = &[$($Policy::WORD),*];

        /// The words of the policies that have a key of their own, with that key.
        pub fn keys() -> impl Iterator<Item = (&'static str, PolicyKey)> {
            let all = [$(($Policy::WORD, $Policy::KEY)),*];
            all.into_iter().filter_map(|(word, key)| Some((word, key?)))
        }

        /// Reads the policy of a word.
        ///
        /// # Errors
        /// A key goes with another policy, or the policy cannot follow its own.
        pub fn read(word: &str, keys: &PolicyKeys<'_>) -> Result<TagPolicy, Refusal> {
            keys.check_owners(word, &[$(($Policy::WORD, $Policy::KEY)),*])?;
            $(if word == $Policy::WORD {
                return Ok(TagPolicy::$Policy($Policy::read(keys)?));
            })*
            Ok(TagPolicy::Keep(Keep))
        }

        /// What each policy does, in the words of the configuration's schema.
        const SUMMARIES: &[(&str, &str)] = &[$(($Policy::WORD, $Policy::SUMMARY)),*];
    };
}

policies! {
    Floating,
    Keep,
    Pinned,
    Minimum,
    ByRevision,
}

/// The word of the policy that holds where `tag:` is absent.
pub const DEFAULT: &str = Keep::WORD;

/// How a policy is read from the keys beside `tag:`.
trait Configured: Sized {
    /// The word that follows `tag:`.
    const WORD: &str;
    /// What the policy does: follows its word in the configuration's schema.
    const SUMMARY: &str;
    /// The key that goes with this policy alone, if it has one.
    const KEY: Option<PolicyKey> = None;

    /// Reads the policy.
    fn read(keys: &PolicyKeys<'_>) -> Result<Self, Refusal>;
}

/// What a tag policy decides, and how that is told.
pub trait Policy {
    /// The versions that are right; the error says why the profile alone names none.
    fn versions<'p>(&'p self, input: &PolicyInput<'p>) -> Result<Versions<'p>, Cow<'p, str>>;

    /// Adds to the verdict what tag and digest should be.
    fn decide(&self, input: &PolicyInput<'_>, reference: &Reference<'_>, verdict: &mut Verdict);

    /// The policy and what follows from it: a step of `explain`.
    fn explained(&self, input: &PolicyInput<'_>) -> (String, String);

    /// The policy in a line of `agents`: `pinned v1.2.3`.
    fn listed(&self) -> String;

    /// What becomes of the tag, in the table of built-in agents in the documentation.
    fn documented(&self) -> String;

    /// What follows the image's name in the message of an admission policy that refuses it.
    fn wanted(&self) -> String {
        String::new()
    }

    /// Whether the policy says anything of versions at all.
    fn names_a_version(&self) -> bool {
        true
    }

    /// The tags that move with the vendor's releases, and are left as they are; an empty text is no
    /// tag.
    fn moving_tags(&self) -> &[String] {
        &[]
    }

    /// Whether the policy depends on the cluster's version and the vendor's versions document.
    fn reads_revision(&self) -> bool {
        false
    }
}

/// What a policy knows of its image besides the policy's own keys.
#[derive(Debug, Clone, Copy)]
pub struct PolicyInput<'a> {
    /// The profile's name.
    pub agent: &'a str,
    /// Whether the configuration names the agent.
    pub is_named: bool,
    /// The official reference's own tag.
    pub tag: Option<&'a str>,
    /// What a revision in a tag depends on, where it is configured.
    pub revision: Option<&'a Revision>,
    /// Whether the written tag is one of another program's image, so that it says nothing of this one's.
    pub is_foreign: bool,
}

/// The description of `tag:` in the configuration's schema, in lines of the width of source code.
pub fn description() -> String {
    const WIDTH: usize = 92;
    let summaries = SUMMARIES.iter();
    let summaries = summaries.map(|(word, summary)| format!("`{word}` {summary}"));
    let summaries: Vec<String> = summaries.collect();
    let text = format!("What becomes of the tag: {}.", summaries.join(", "));
    let mut lines = String::new();
    let mut width = 0;
    for word in text.split(' ') {
        if width > 0 && width + 1 + word.len() > WIDTH {
            lines.push('\n');
            width = 0;
        } else if width > 0 {
            lines.push(' ');
            width += 1;
        }
        lines.push_str(word);
        width += word.len();
    }
    lines
}

/// A tag for people, who do not see an empty one.
fn or_none(tag: &str) -> &str {
    if tag.is_empty() { "no tag" } else { tag }
}
