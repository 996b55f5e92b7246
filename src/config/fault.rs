//! Faults of the configuration: the error of its deserializer and of every check after it.

use std::fmt;

use serde::de::{self, Unexpected};

use crate::error::{Error, Fault, Origin};
use crate::mask;
use crate::quote;
use crate::suggest;
use crate::yaml;

/// Characters of a value that a message repeats.
const MAX_QUOTED: usize = 60;

/// A fault of the configuration, before it is known which text its place counts in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub(super) struct ConfigFault {
    /// Byte offset, and the key there; serde makes errors without them, and the deserializer adds
    /// them on the way up.
    site: Option<(usize, String)>,
    first: Option<usize>,
    what: String,
    help: Option<String>,
}

impl ConfigFault {
    /// A fault at a byte offset, under a key such as `spec.registries[0].mirror`.
    pub(super) fn new(at: usize, key: impl Into<String>, what: impl Into<String>) -> Self {
        ConfigFault {
            site: Some((at, key.into())),
            first: None,
            what: what.into(),
            help: None,
        }
    }

    /// A fault without a place yet: the caller that reads the enclosing value adds it by
    /// [`ConfigFault::or_at`].
    pub(super) fn without_place(what: impl fmt::Display) -> Self {
        <Self as de::Error>::custom(what)
    }

    /// Puts the key that was read by itself behind the one that it is below.
    pub(super) fn below(mut self, outer: &str) -> Self {
        if let Some((_, key)) = &mut self.site {
            key.insert_str(0, outer);
        }
        self
    }

    /// A fault of the YAML itself.
    pub(super) fn yaml(key: impl Into<String>, error: yaml::Error) -> Self {
        ConfigFault {
            site: Some((error.at, key.into())),
            first: error.first,
            what: error.what,
            help: error.help,
        }
    }

    /// Says what to do about it.
    pub(super) fn help(mut self, help: impl Into<Option<String>>) -> Self {
        self.help = help.into();
        self
    }

    /// Says where the other of two places is.
    pub(super) fn first(mut self, at: usize) -> Self {
        self.first = Some(at);
        self
    }

    /// Gives it a place, unless it has one that is nearer.
    pub(super) fn or_at(mut self, at: usize, key: impl fmt::Display) -> Self {
        self.site.get_or_insert_with(|| (at, key.to_string()));
        self
    }

    /// The crate's error, now that it is known which text the place lies in.
    pub(super) fn of(self, origin: &Origin) -> Error {
        let (at, key) = self.site.unwrap_or_default();
        Error::Config(Fault {
            origin: origin.clone(),
            at,
            first: self.first,
            key: key.into(),
            what: self.what,
            help: self.help,
            next: None,
        })
    }
}

/// The keys of `spec`, which people write at the root.
const SPEC_KEYS: &[&str] = &[
    "agents",
    "exceptions",
    "fields",
    "files",
    "imageLists",
    "imagePullSecrets",
    "mode",
    "output",
    "plainHttpRegistries",
    "registries",
    "summary",
    "trust",
    "unmatchedAgents",
    "undeclaredMirrors",
    "values",
];

/// Keys of a profile's images, and of a profile adjusted as a whole.
const OF_IMAGES: [&str; 5] = ["tag", "pin", "minimum", "floatingTags", "imagePullPolicy"];

/// What to write in the place of a key that is another mapping's, or that other programs have.
fn elsewhere(field: &str, expected: &[&str]) -> Option<&'static str> {
    let is_spec = expected.contains(&"undeclaredMirrors") && expected.contains(&"registries");
    let is_exception = expected.contains(&"expires") && expected.contains(&"allow");
    match field {
        "exclude" | "ignore" if is_spec => Some("write the patterns under `files: {exclude: […]}`"),
        "ignoreAnnotation" if is_spec => Some("put it under `trust:`"),
        "mirrors" if is_spec => Some("write `registries`, each with `source` and `mirror`"),
        "files" | "path" | "paths" if is_exception => {
            Some("write the file under `file`, and the path in its document under `field`")
        }
        "key" | "keys" | "fields" | "image" | "images" if is_exception => {
            Some("write the path in the document under `field`: `field: \"*.image.tag\"`")
        }
        _ => None,
    }
}

impl de::Error for ConfigFault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        ConfigFault {
            site: None,
            first: None,
            what: message.to_string(),
            help: None,
        }
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let found = match found {
            Unexpected::Map => "a mapping".to_owned(),
            Unexpected::Seq => "a list".to_owned(),
            other => other.to_string(),
        };
        let expected = match expected.to_string() {
            text if text == "a string" => "text".to_owned(),
            other => other,
        };
        let fault = Self::custom(format_args!("expected {expected}, found {found}"));
        if expected == "text" && found == "a mapping" {
            return fault.help("write the text itself, without a key".to_owned());
        }
        fault
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let fault = Self::custom(format_args!("unknown key {}", quoted(field)));
        if expected.contains(&"restartsItself") && OF_IMAGES.contains(&field) {
            return fault.help(format!(
                "put `{field}:` into each of `images:`; to adjust a built-in profile, write `profile:` \
                 instead of `name:`"
            ));
        }
        let is_root = expected.contains(&"spec");
        if is_root && SPEC_KEYS.contains(&field) {
            return fault.help(format!("put `{field}:` under `spec:`"));
        }
        if let Some(place) = elsewhere(field, expected) {
            return fault.help(place.to_owned());
        }
        fault.help(suggest::help(field, expected, "keys"))
    }

    fn missing_field(field: &'static str) -> Self {
        let fault = Self::custom(format_args!("`{field}` is missing"));
        match field {
            // Only a profile has them.
            "images" => fault.help(
                "add `images:`; to adjust a built-in agent, write `profile:` instead of `name:`"
                    .to_owned(),
            ),
            _ => fault.help(format!("add `{field}:`")),
        }
    }
}

/// A word of the configuration for a message.
pub(super) fn short(text: &str) -> String {
    quote::short(text, MAX_QUOTED)
}

/// As [`short`], in backticks, without what may be a password.
pub(super) fn quoted(text: &str) -> String {
    format!("`{}`", short(&mask::word(text)))
}
