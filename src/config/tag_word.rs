//! The word for a tag policy, as it is written.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, EnumAccess, VariantAccess, Visitor};

use crate::tag;

/// The word for a tag policy, one of [`tag::WORDS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TagWord(pub(super) &'static str);

impl<'de> Deserialize<'de> for TagWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_enum("tag policy", tag::WORDS, WordVisitor)
    }
}

struct WordVisitor;

impl<'de> Visitor<'de> for WordVisitor {
    type Value = TagWord;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "one of {}", tag::WORDS.join(", "))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<TagWord, A::Error> {
        let (written, rest): (String, _) = access.variant()?;
        rest.unit_variant()?;
        let mut words = tag::WORDS.iter();
        let known = words.find(|word| **word == written);
        let unknown = || serde::de::Error::unknown_variant(&written, tag::WORDS);
        known.map(|word| TagWord(word)).ok_or_else(unknown)
    }
}

impl JsonSchema for TagWord {
    fn schema_name() -> Cow<'static, str> {
        "tag policy".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The word for a tag policy.",
            "type": "string",
            "enum": tag::WORDS,
        })
    }
}
