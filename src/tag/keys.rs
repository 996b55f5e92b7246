//! The keys that tag policies read, and why a policy refuses one.

use crate::image::{Reference, ReferenceError};
use crate::quote;

/// Characters of a value that a message repeats.
const MAX_QUOTED: usize = 60;

/// A key that goes with one tag policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyKey {
    /// `pin`
    Pin,
    /// `minimum`
    Minimum,
    /// `floatingTags`
    FloatingTags,
}

impl PolicyKey {
    /// The key as it is written.
    pub fn name(self) -> &'static str {
        match self {
            PolicyKey::Pin => "pin",
            PolicyKey::Minimum => "minimum",
            PolicyKey::FloatingTags => "floatingTags",
        }
    }
}

/// What is written beside `tag:`, and the version of the official reference.
#[derive(Debug, Clone, Default)]
pub struct PolicyKeys<'a> {
    /// `pin`
    pub pin: Option<&'a str>,
    /// `minimum`
    pub minimum: Option<&'a str>,
    /// `floatingTags`
    pub floating_tags: Option<Vec<&'a str>>,
    /// The official reference's own tag.
    pub official_tag: Option<&'a str>,
    /// The official reference's own digest.
    pub official_digest: Option<&'a str>,
}

/// What a refusal points at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// The word of the policy.
    Word,
    /// A key.
    Key(PolicyKey),
    /// An entry of `floatingTags`, by its position.
    FloatingTag(usize),
}

/// Why a policy cannot follow its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The value at fault.
    pub at: At,
    /// The fault: lower case, no final stop.
    pub what: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl Refusal {
    pub(super) fn new(at: At, what: impl Into<String>, help: &str) -> Self {
        Refusal {
            at,
            what: what.into(),
            help: Some(help.to_owned()),
        }
    }
}

impl PolicyKeys<'_> {
    /// Refuses a key that goes with another policy than the one of `word`. `owners` are the
    /// policies' words, each with the key that goes with it.
    pub(super) fn check_owners(
        &self,
        word: &str,
        owners: &[(&str, Option<PolicyKey>)],
    ) -> Result<(), Refusal> {
        let written = [
            (PolicyKey::Pin, self.pin.is_some()),
            (PolicyKey::Minimum, self.minimum.is_some()),
            (PolicyKey::FloatingTags, self.floating_tags.is_some()),
        ];
        for (key, _) in written.into_iter().filter(|(_, is_written)| *is_written) {
            let mut of_key = owners.iter().filter(|(_, own)| *own == Some(key));
            let Some((owner, _)) = of_key.next() else {
                continue;
            };
            if *owner == word || of_key.any(|(owner, _)| *owner == word) {
                continue;
            }
            let key_name = key.name();
            let what = format!("`{key_name}` goes only with `tag: {owner}`");
            let help = format!("write `tag: {owner}` beside it, or leave `{key_name}` out");
            return Err(Refusal::new(At::Key(key), what, &help));
        }
        Ok(())
    }
}

/// The start of a value, in backticks, for a message.
pub(super) fn quoted(text: &str) -> String {
    format!("`{}`", quote::short(text, MAX_QUOTED))
}

/// Tag and digest of `check`, which is a reference to an image named `x`; `other` says what is
/// wrong where `check` turns out to be something else.
pub(super) fn version_of(
    check: &str,
    at: At,
    other: impl Fn() -> Refusal,
) -> Result<(Option<&str>, Option<&str>), Refusal> {
    match Reference::parse(check) {
        // A slash would have made `x` a host, and the rest a port and a path.
        Ok(reference) if reference.name() == "x" => Ok((reference.tag, reference.digest)),
        Err(
            error @ (ReferenceError::Tag { .. }
            | ReferenceError::DigestAlgorithm { .. }
            | ReferenceError::DigestLength { .. }
            | ReferenceError::DigestCase),
        ) => Err(Refusal {
            at,
            what: error.to_string(),
            help: error.help(),
        }),
        _ => Err(other()),
    }
}
