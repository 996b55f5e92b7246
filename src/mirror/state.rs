//! What became of one image on its mirror.

use schemars::JsonSchema;
use serde::Serialize;

use super::why::Why;
use crate::registry::Mirrored;

/// What a mirror holds of an image, from right to wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// What the vendor's registry holds.
    Current,
    /// An image that was made before the vendor's, or does not say when it was made.
    Behind,
    /// An image that is not the vendor's, and not older either.
    Different,
    /// The vendor's images of all platforms, under a list with another digest.
    Rewritten,
    /// The vendor's image without what is attached to it, such as signatures.
    Unsigned,
    /// Images of some platforms alone, the vendor's or older ones.
    Partial,
    /// A tag whose digest leads to nothing, or to other bytes.
    Unreadable,
    /// Nothing.
    Missing,
    /// This could not be settled.
    Unknown,
}

impl State {
    /// Every state.
    pub const ALL: [State; 9] = [
        State::Current,
        State::Behind,
        State::Different,
        State::Rewritten,
        State::Unsigned,
        State::Partial,
        State::Unreadable,
        State::Missing,
        State::Unknown,
    ];

    /// The state in one word.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Current => "current",
            State::Behind => "behind",
            State::Different => "different",
            State::Rewritten => "rewritten",
            State::Unsigned => "unsigned",
            State::Partial => "partial",
            State::Unreadable => "unreadable",
            State::Missing => "missing",
            State::Unknown => "unknown",
        }
    }
}

/// What one side holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Held {
    /// The digest that the tag stands for.
    pub digest: Option<String>,
    /// When the image was made, in seconds since 1970; `None` where it was not asked or not said.
    pub created: Option<i64>,
}

/// What became of one image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The image.
    pub image: Mirrored,
    /// Its state.
    pub state: State,
    /// What the vendor's registry holds.
    pub official: Held,
    /// What the mirror holds.
    pub mirror: Held,
    /// What the mirror lacks: platforms, or what is attached to the vendor's image.
    pub lacks: Vec<String>,
    /// Whether it holds images that are not the vendor's, so that their ages are told.
    pub is_other: bool,
    /// Why the state is unknown, or why a digest cannot be read.
    pub why: Option<Why>,
    /// Whether it is wrong: not only different, but longer so than is allowed.
    pub is_error: bool,
}

impl Status {
    /// By how many seconds the mirror's image is older than the vendor's, where both say it.
    pub fn behind_by(&self) -> Option<i64> {
        Some(self.official.created? - self.mirror.created?)
    }

    /// The tag, or the digest where that decides what is pulled.
    pub fn version(&self) -> &str {
        let image = &self.image;
        let version = image.digest.as_deref().or(image.tag.as_deref());
        version.unwrap_or("latest")
    }

    /// The mirror's reference.
    pub fn reference(&self) -> String {
        let separator = if self.image.digest.is_some() {
            '@'
        } else {
            ':'
        };
        format!("{}{separator}{}", self.image.mirror, self.version())
    }
}
