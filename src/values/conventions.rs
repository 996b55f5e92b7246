//! The shapes in which charts that nobody knows keep images: those that Renovate and updatecli read,
//! where nothing else has that shape.

mod noted;

use std::collections::BTreeSet;

use crate::chart::{Chart, ChartImage, ValuePath};
use crate::slot::Slot;
use crate::yaml::{Entry, Error, Node};

use noted::nameless;

use super::beside::{Holder, TextsByPath};
use super::layer::{Layer, LayerContent};
use super::rivals::RivalRegistries;
use super::shapes::{
    flat_prefix, is_flat, is_image_key, is_in_containers, is_of_picture, is_part_of_image,
    is_reference, policy_beside,
};

/// How many bytes are walked over in what aliases repeat, in any values, and for each byte of these; and
/// how many pairs are beside images, as often as these are looked at.
const MOST_REPEATED: usize = 1 << 21;
const REPEATED_A_BYTE: usize = 16;
const MOST_BESIDE: usize = 1 << 25;

const REPOSITORY: &str = "repository";

/// The images that layers of values name by convention, but for those at paths that are known. Where
/// there are more than can be looked at, it is partial, and has none.
///
/// # Errors
/// A mapping that is read has a key twice.
pub fn conventions(layers: &[Layer<'_, '_>], known: &BTreeSet<ValuePath>) -> Result<Chart, Error> {
    let mut found = ConventionSearch {
        known,
        seen: BTreeSet::new(),
        images: Vec::new(),
        registries: RivalRegistries::default(),
        repeated: MOST_REPEATED,
        beside: MOST_BESIDE,
        is_partial: false,
    };
    let mut set = Vec::new();
    for layer in layers {
        match &layer.content {
            LayerContent::Tree(root) => {
                if let Some(node) = root.node()? {
                    found.repeated += node.span.len() * REPEATED_A_BYTE;
                    let mut keys = root.below.iter().map(|key| (*key).to_owned()).collect();
                    found.walk(node, &mut keys)?;
                }
            }
            LayerContent::Set(values) => {
                set.extend(values.iter());
            }
            LayerContent::Unknown | LayerContent::UnknownAt(_) | LayerContent::Nowhere(_) => {}
        }
    }
    found.set(&set)?;
    if found.is_partial {
        // A part of them would be another part in the next run.
        return Ok(Chart {
            is_partial: true,
            ..Chart::default()
        });
    }
    let mut images = found.images;
    let own = images
        .iter()
        .flat_map(|image| [&image.registry, &image.repository]);
    let own = own.flatten();
    let own: BTreeSet<ValuePath> = own.map(|part| part.path.clone()).collect();
    for image in &mut images {
        image.rivals = found.registries.rivals(image, &own);
    }
    let alone = found.registries.all();
    let alone = alone.filter(|path| !own.contains(path) && !known.contains(path));
    let alone: BTreeSet<&ValuePath> = alone.collect();
    images.extend(alone.into_iter().map(nameless));
    Ok(Chart {
        images,
        ..Chart::default()
    })
}

struct ConventionSearch<'k> {
    known: &'k BTreeSet<ValuePath>,
    seen: BTreeSet<ValuePath>,
    images: Vec<ChartImage>,
    registries: RivalRegistries,
    /// How many bytes may still be walked over in what aliases repeat, and how many pairs beside images.
    repeated: usize,
    beside: usize,
    /// Whether there was more to look at.
    is_partial: bool,
}

impl ConventionSearch<'_> {
    /// Walks over a tree. What an alias repeats is judged at each of its places, since only together may
    /// these change.
    fn walk(&mut self, node: &Node<'_>, keys: &mut Vec<String>) -> Result<(), Error> {
        let beside = node.entries().map_or(0, <[_]>::len);
        for (index, item) in node.items().unwrap_or_default().iter().enumerate() {
            if item.is_alias() && !self.repeats(item) {
                continue;
            }
            keys.push(index.to_string());
            self.walk(item, keys)?;
            keys.pop();
        }
        let brought = brought(node);
        let own = node.entries().unwrap_or_default().iter();
        let own = own.map(|entry| (entry, entry.value.is_alias()));
        for (entry, is_repeated) in own.chain(brought.into_iter().map(|entry| (entry, true))) {
            let (Some(key), false) = (entry.key.scalar(), entry.is_merge()) else {
                continue;
            };
            if is_repeated && !self.repeats(&entry.value) {
                continue;
            }
            if let Some(text) = entry.value.text() {
                self.registries.note(keys, key, text);
            }
            keys.push(key.to_owned());
            let is_image = match entry.value.text() {
                Some(text) => self.text(text, &Holder::Mapping(node), keys, beside)?,
                None => {
                    let own = Holder::Mapping(&entry.value);
                    self.mapping(&Holder::Mapping(node), &own, keys, beside)?
                }
            };
            if !is_image {
                self.walk(&entry.value, keys)?;
            }
            keys.pop();
        }
        Ok(())
    }

    /// Goes through values that are set one by one.
    fn set(&mut self, values: &[&(ValuePath, Slot<'_, '_>)]) -> Result<(), Error> {
        let mut texts = TextsByPath::new();
        for (path, slot) in values {
            if let Some(text) = slot.node()?.and_then(Node::scalar) {
                texts.insert(&path.0[..], text);
            }
        }
        for (path, text) in &texts {
            let Some((key, above)) = path.split_last() else {
                continue;
            };
            self.registries.note(above, key, text);
            if self.text(text, &Holder::Set(&texts, above), path, 0)? {
                continue;
            }
            if let (REPOSITORY, Some((_, outer))) = (key.as_str(), above.split_last()) {
                let (outer, own) = (Holder::Set(&texts, outer), Holder::Set(&texts, above));
                self.mapping(&outer, &own, above, 0)?;
            }
        }
        Ok(())
    }

    /// Notes the image that a text under a key is, or is the repository of; whether it may be one.
    fn text(
        &mut self,
        text: &str,
        holder: &Holder<'_, '_>,
        keys: &[String],
        beside: usize,
    ) -> Result<bool, Error> {
        let Some((key, above)) = keys.split_last() else {
            return Ok(false);
        };
        if let Some(prefix) = flat_prefix(key) {
            if self.affords(beside) && is_flat(text, holder, prefix, key)? {
                self.flat(holder, (above, key), prefix)?;
            }
        } else if is_of_picture(key, text) {
            return Ok(false);
        } else if is_part_of_image(text, holder, (above, key))? {
            if self.affords(beside) {
                self.named(holder, (above, key))?;
            }
        } else if is_image_key(key) {
            let is_whole = is_reference(key, text);
            let may_be = is_whole || is_in_containers(text, above);
            // All pairs are gone through for the name of a container.
            if may_be && self.affords(beside) && (is_whole || holder.has("name")?) {
                self.whole(keys, policy_beside(holder, key)?);
            }
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Whether an image beside so many values may still be looked at.
    fn affords(&mut self, beside: usize) -> bool {
        let left = self.beside.checked_sub(beside + 1);
        self.beside = left.unwrap_or(0);
        self.is_partial |= left.is_none();
        left.is_some()
    }

    /// Whether what an alias repeats may still be walked over.
    fn repeats(&mut self, alias: &Node<'_>) -> bool {
        let left = self.repeated.checked_sub(alias.target().span.len() + 1);
        self.repeated = left.unwrap_or(0);
        self.is_partial |= left.is_none();
        left.is_some()
    }

    fn is_new(&mut self, path: &ValuePath) -> bool {
        !self.known.contains(path) && self.seen.insert(path.clone())
    }
}

/// The pairs that merge keys bring to a mapping.
fn brought<'n, 's>(node: &'n Node<'s>) -> Vec<&'n Entry<'s>> {
    let own = node.entries().unwrap_or_default();
    if !own.iter().any(Entry::is_merge) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut known: BTreeSet<&str> = own.iter().filter_map(|entry| entry.key.scalar()).collect();
    let sources = |entries: &'n [Entry<'s>]| {
        let merges = entries.iter().filter(|entry| entry.is_merge());
        let sources: Vec<&'n Node<'s>> = merges.flat_map(Entry::sources).collect();
        sources.into_iter().rev()
    };
    let mut open: Vec<&'n Node<'s>> = sources(own).collect();
    let mut seen = BTreeSet::new();
    while let Some(source) = open.pop() {
        let entries = source.target().entries().unwrap_or_default();
        if !seen.insert(std::ptr::from_ref(source.target()).addr()) {
            continue;
        }
        for entry in entries.iter().filter(|entry| !entry.is_merge()) {
            let key = entry.key.scalar();
            found.extend(key.is_some_and(|key| known.insert(key)).then_some(entry));
        }
        open.extend(sources(entries));
    }
    found
}
