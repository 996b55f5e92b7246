//! A value of the configuration with the place where it is written.

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{self, Deserializer, SeqAccess, Visitor};

use super::fault::ConfigFault;

/// The name by which [`Spanned`] asks the deserializer for places, a key and a value.
pub(super) const NAME: &str = "$spanned";

/// A value, and where it is written.
#[derive(Debug, Clone)]
pub(super) struct Spanned<T> {
    /// Byte offset of the value, its tag and anchor included.
    pub(super) at: usize,
    /// Byte offset at which its text begins, if the written bytes are those of the text.
    pub(super) letters: Option<usize>,
    /// Its key from the root: `spec.registries[0].mirror`.
    pub(super) key: String,
    /// The value.
    pub(super) value: T,
}

impl<T> Spanned<T> {
    /// A fault of this value.
    pub(super) fn fault(&self, what: impl Into<String>) -> ConfigFault {
        ConfigFault::new(self.at, self.key.as_str(), what)
    }

    /// Another value at the same place.
    pub(super) fn with<U>(&self, value: U) -> Spanned<U> {
        Spanned {
            at: self.at,
            letters: self.letters,
            key: self.key.clone(),
            value,
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_tuple_struct(NAME, 4, SpannedVisitor(PhantomData))
    }
}

struct SpannedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for SpannedVisitor<T> {
    type Value = Spanned<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("two places, a key and a value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let short = || de::Error::invalid_length(0, &"four parts");
        let at = seq.next_element()?.ok_or_else(short)?;
        let letters: usize = seq.next_element()?.ok_or_else(short)?;
        let key = seq.next_element()?.ok_or_else(short)?;
        let value = seq.next_element()?.ok_or_else(short)?;
        Ok(Spanned {
            at,
            letters: letters.checked_sub(1),
            key,
            value,
        })
    }
}
