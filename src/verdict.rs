//! What an image should be, aspect by aspect, and what is to be reported of it.

use crate::finding::{Aspect, Rule};
use crate::image::Reference;

/// A difference between the written and the desired image, in one aspect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The rule of the finding that reports it.
    pub rule: Rule,
    /// What an exception would have to allow.
    pub aspect: Aspect,
    /// The fault in words; the caller appends `old → new`.
    pub what: String,
}

/// Something to report that asks for no edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The rule of the finding that reports it.
    pub rule: Rule,
    /// The whole message.
    pub message: String,
    /// The aspect that an exception may allow, where there is one.
    pub aspect: Option<Aspect>,
    /// What the image should be, where the note proposes something.
    pub proposed: Option<String>,
}

impl Note {
    /// A note that an aspect could not be settled, and stays as it is.
    pub fn unresolved(aspect: Aspect, message: String) -> Self {
        Note {
            rule: Rule::UnresolvedImage,
            message,
            aspect: Some(aspect),
            proposed: None,
        }
    }
}

/// What becomes of an image's tag, or of its digest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum PartChange {
    /// It stays as it is written.
    #[default]
    Keep,
    /// It is taken away.
    Remove,
    /// This one is written.
    Write(String),
}

impl PartChange {
    /// Writes this part, or takes it away where there is none.
    pub fn to(part: Option<&str>) -> Self {
        match part {
            Some(part) => PartChange::Write(part.to_owned()),
            None => PartChange::Remove,
        }
    }

    /// What there is after the change of what is written.
    fn applied<'a>(&'a self, written: Option<&'a str>) -> Option<&'a str> {
        match self {
            PartChange::Keep => written,
            PartChange::Remove => None,
            PartChange::Write(part) => Some(part),
        }
    }
}

/// What an image should be, aspect by aspect, since an exception may allow one aspect alone to
/// differ.
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    /// The name to write if registry or path are wrong.
    pub name: Option<String>,
    /// Whether registry and path are decided, be they right or wrong.
    pub has_name: bool,
    /// What becomes of the tag.
    pub tag: PartChange,
    /// What becomes of the digest.
    pub digest: PartChange,
    /// The differences, one for each aspect that is wrong.
    pub differences: Vec<Difference>,
    /// What is to be reported besides the differences.
    pub notes: Vec<Note>,
    /// Pull secrets that the image's mirror needs: those of the rule that maps the image, or the
    /// configuration's where the rule names none.
    pub mirror_secrets: Vec<String>,
}

impl Verdict {
    /// The verdict as a report: says what would be edited, and where to set it `instead`.
    #[must_use]
    pub fn as_report(self, rule: Rule, reference: &Reference<'_>, instead: &str) -> Verdict {
        if self.differences.is_empty() {
            return Verdict {
                notes: self.notes,
                ..Verdict::default()
            };
        }
        let proposed = self.compose(reference, &[]);
        let what = self.differences.iter().map(|found| found.what.as_str());
        let what: Vec<&str> = what.collect();
        let note = Note {
            rule,
            message: format!(
                "{}: {reference} → {proposed} is not edited, {instead}",
                what.join("; ")
            ),
            aspect: Some(self.differences[0].aspect),
            proposed: Some(proposed),
        };
        Verdict {
            notes: vec![note],
            ..Verdict::default()
        }
    }

    /// The verdict on an image's name alone, where its tag and digest are written nowhere.
    #[must_use]
    pub fn of_name(mut self) -> Verdict {
        self.tag = PartChange::Keep;
        self.digest = PartChange::Keep;
        let differences = &mut self.differences;
        differences.retain(|difference| difference.aspect == Aspect::Registry);
        self.notes
            .retain(|note| note.aspect == Some(Aspect::Registry));
        self
    }

    /// The verdict on an image's version alone, where its name is to stay. What could not be settled is told.
    #[must_use]
    pub fn of_version(mut self) -> Verdict {
        self.name = None;
        self.mirror_secrets.clear();
        let differences = &mut self.differences;
        differences.retain(|difference| difference.aspect != Aspect::Registry);
        self.notes.retain(|note| note.rule != Rule::DigestMoved);
        self
    }

    /// The desired reference, with the aspects in `allowed` kept as they are written.
    pub fn compose(&self, reference: &Reference<'_>, allowed: &[Aspect]) -> String {
        let wanted = |aspect| !allowed.contains(&aspect);
        let name = match &self.name {
            Some(name) if wanted(Aspect::Registry) => Some(name),
            _ => None,
        };
        let name = name.map_or(reference.name(), String::as_str);
        let (mut tag, mut digest) = (reference.tag, reference.digest);
        if wanted(Aspect::Tag) {
            tag = self.tag.applied(tag);
        }
        if wanted(Aspect::Digest) {
            digest = self.digest.applied(digest);
        }
        let tag = tag.map_or(["", ""], |tag| [":", tag]);
        let digest = digest.map_or(["", ""], |digest| ["@", digest]);
        [&[name], &tag[..], &digest[..]].concat().concat()
    }
}
