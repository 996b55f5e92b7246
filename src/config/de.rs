//! A serde deserializer that reads the configuration from nodes: it knows the place of each value,
//! and never reads a number or a boolean as text.
//!
//! serde_yaml and the like silently read `pin: 1.10` as text, although kustomize has by then
//! turned it into 1.1 (kustomize#4081), so the node's own type decides here.

use serde::Deserialize;
use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::cursor::{Cursor, KeyTo, ReadBudget};
use super::fault::ConfigFault;
use super::spanned;
use crate::yaml::{Entry, Kind, Node};

/// Marks an enum whose variant is chosen by the value's shape: this variant for text, and otherwise
/// the one whose name is a key of the mapping.
const TEXT_VARIANT: &str = "$text";

/// The name of an enum that is a mapping of one key: the variant's name, whose content is the value.
const ENTRY: &str = "$entry";

/// Reads a value out of a node.
pub(super) fn read<'n, T: Deserialize<'n>>(
    node: &'n Node<'_>,
    budget: &ReadBudget,
) -> Result<T, ConfigFault> {
    T::deserialize(Cursor {
        node,
        key: &KeyTo::Root,
        budget,
    })
}

impl<'de> Deserializer<'de> for Cursor<'_, '_> {
    type Error = ConfigFault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigFault> {
        match &self.node.target().kind {
            Kind::Mapping(..) => self.deserialize_map(visitor),
            Kind::Sequence(..) => self.deserialize_seq(visitor),
            _ => self.deserialize_str(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigFault> {
        self.placed(visitor.visit_bool(self.truth()?))
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigFault> {
        self.placed(visitor.visit_u32(self.count()?))
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigFault> {
        self.placed(visitor.visit_str(self.text()?))
    }

    /// A key with a null value is not an absent key: the value is read, and refused as the wrong
    /// type.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigFault> {
        visitor.visit_some(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigFault> {
        let items = self.items()?;
        self.placed(visitor.visit_seq(ListItems {
            cursor: self,
            items,
            index: 0,
        }))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigFault> {
        let entries = self.entries()?;
        self.placed(visitor.visit_map(Entries {
            cursor: self,
            entries,
        }))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ConfigFault> {
        self.deserialize_map(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value, ConfigFault> {
        if name == spanned::NAME {
            return visitor.visit_seq(SpannedParts(self, 0));
        }
        self.deserialize_seq(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ConfigFault> {
        if let Some((&TEXT_VARIANT, keys)) = variants.split_first() {
            let form = self.form(TEXT_VARIANT, keys)?;
            return visitor.visit_enum(Variant(self, form));
        }
        if name == ENTRY {
            let (name, node) = self.only_entry(variants)?;
            let key = &KeyTo::Field(self.key, name);
            let budget = self.budget;
            return visitor.visit_enum(Variant(Cursor { node, key, budget }, name));
        }
        let word = self.word(name, variants)?;
        let access: StrDeserializer<'_, ConfigFault> = word.into_deserializer();
        self.placed(visitor.visit_enum(access))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ConfigFault> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u64 u128 f32 f64 char string bytes byte_buf unit
        unit_struct newtype_struct tuple identifier
    }
}

/// The values of a list.
struct ListItems<'a, 's> {
    cursor: Cursor<'a, 's>,
    items: &'a [Node<'s>],
    index: usize,
}

impl<'de> SeqAccess<'de> for ListItems<'_, '_> {
    type Error = ConfigFault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ConfigFault> {
        let Some(node) = self.items.get(self.index) else {
            return Ok(None);
        };
        let key = &KeyTo::Index(self.cursor.key, self.index);
        self.index += 1;
        let budget = self.cursor.budget;
        seed.deserialize(Cursor { node, key, budget }).map(Some)
    }
}

/// The pairs of a mapping that are still to be read.
struct Entries<'a, 's> {
    cursor: Cursor<'a, 's>,
    entries: &'a [Entry<'s>],
}

impl<'de> MapAccess<'de> for Entries<'_, '_> {
    type Error = ConfigFault;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, ConfigFault> {
        let Some(entry) = self.entries.first() else {
            return Ok(None);
        };
        let name = entry.key.scalar().unwrap_or_default();
        let deserializer: StrDeserializer<'_, ConfigFault> = name.into_deserializer();
        let key = KeyTo::Field(self.cursor.key, name);
        let seeded = seed.deserialize(deserializer).map(Some);
        seeded.map_err(|fault| fault.or_at(entry.key.start(), key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, ConfigFault> {
        let Some((Entry { key, value }, rest)) = self.entries.split_first() else {
            return Err(serde::de::Error::custom(
                "a value is asked for without a key",
            ));
        };
        self.entries = rest;
        seed.deserialize(Cursor {
            node: value,
            key: &KeyTo::Field(self.cursor.key, key.scalar().unwrap_or_default()),
            budget: self.cursor.budget,
        })
    }
}

/// The four parts of a [`spanned::Spanned`], and how many are given.
struct SpannedParts<'a, 's>(Cursor<'a, 's>, usize);

impl<'de> SeqAccess<'de> for SpannedParts<'_, '_> {
    type Error = ConfigFault;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, ConfigFault> {
        let SpannedParts(cursor, given) = self;
        *given += 1;
        match given {
            1 => seed.deserialize(cursor.node.start().into_deserializer()),
            // The offset plus one, or 0 for `None`: serde cannot pass an `Option` this way.
            2 => seed.deserialize(cursor.letters().map_or(0, |at| at + 1).into_deserializer()),
            3 => seed.deserialize(cursor.key.to_string().into_deserializer()),
            _ => seed.deserialize(*cursor),
        }
        .map(Some)
    }
}

/// A variant's content and name.
struct Variant<'a, 's>(Cursor<'a, 's>, &'static str);

impl<'de> EnumAccess<'de> for Variant<'_, '_> {
    type Error = ConfigFault;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self), ConfigFault> {
        let name: StrDeserializer<'_, ConfigFault> = self.1.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, '_> {
    type Error = ConfigFault;

    fn unit_variant(self) -> Result<(), ConfigFault> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(
        self,
        seed: T,
    ) -> Result<T::Value, ConfigFault> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, ConfigFault> {
        self.0.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, ConfigFault> {
        self.0.deserialize_map(visitor)
    }
}
