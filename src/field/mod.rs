//! Image fields: the places in a resource that name an image to run.
//!
//! A rule does not know where a field came from, and a field does not know why it is edited.

pub(crate) mod anywhere;
pub mod carrier;
mod custom;
pub mod data;
pub mod image_list;
pub mod parts;
pub mod pod;
pub mod query;
mod split;
mod step;
pub mod table;

use std::collections::HashSet;

use crate::finding::Aspect;
use crate::krm::resource::{Budget, Resource};
use crate::slot::Slot;
use crate::yaml::{Error, Path};

pub use split::Split;

use crate::image::Reference;
use carrier::Carriers;
pub use image_list::DigestEdit;
use image_list::{EntryText, Override};
use parts::ImageParts;
use table::FieldTable;

/// The image fields of a resource, in groups that share their pull secrets.
///
/// # Errors
/// A mapping that is read has a key twice, or aliases repeat too much.
pub fn groups<'n, 's>(
    resource: &Resource<'n, 's>,
    table: &'n FieldTable,
    carriers: &'n Carriers,
    budget: &mut Budget,
) -> Result<Vec<ImageGroup<'n, 's>>, Error> {
    if let Some(pod) = pod::pod_spec(resource, carriers, budget)? {
        return Ok(vec![pod]);
    }
    let mut groups = custom::groups(resource, table, carriers, budget)?;
    groups.append(&mut data::groups(resource, &carriers.data)?);
    groups.append(&mut image_list::groups(resource, budget)?);
    if table.looks_anywhere(resource.group(), resource.kind) {
        // What the kind is known to keep is read with what belongs to it.
        let known = groups.iter().flat_map(|group| &group.fields);
        let known: HashSet<Path<'_>> = known
            .map(|field| field.notation.main().full_path())
            .collect();
        groups.append(&mut anywhere::groups(resource, &known, budget)?);
    }
    Ok(groups)
}

/// One place that names an image, with the pull policy beside it.
#[derive(Debug, Clone)]
pub struct ImageField<'n, 's> {
    /// Where the image is written.
    pub notation: Notation<'n, 's>,
    /// Where its pull policy is written, or would be; `None` where there is no place for one.
    pub policy_slot: Option<Slot<'n, 's>>,
    /// Where the pull secrets of the image are listed.
    pub secrets: Secrets<'n, 's>,
    /// What holds the field.
    pub role: FieldRole,
    /// The container's name; `None` for an image volume.
    pub container: Option<&'n str>,
    /// The image, if it is written and text.
    pub image: Option<String>,
    /// The pull policy, if it is written.
    pub policy: Option<&'n str>,
}

/// Where pull secrets are listed.
#[derive(Debug, Clone)]
pub enum Secrets<'n, 's> {
    /// In the pod's own list.
    Pod,
    /// In one text, separated by commas.
    Commas(Slot<'n, 's>),
    /// In a text that is one name, where its place is; and how the place is written.
    One(Option<Slot<'n, 's>>, &'n str),
    /// In the variable of this name, which is absent.
    Absent(&'n str),
    /// In no place that is known, although what runs the image would need them; why not, in words.
    Nowhere(&'static str),
    /// In lists of the components that run the images of a registry: what they list, and where.
    Components(Vec<String>, &'n str),
    /// In no place that the profile names: what the image is handed to takes them from elsewhere.
    HandedOver,
    /// Nowhere: what runs the image is not written here.
    None,
}

/// What holds an image field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldRole {
    /// A container, which its name and its workload's may identify.
    Container,
    /// An entry of a list that replaces images where they are rendered.
    ImageList,
    /// Anything else: an image volume, an environment variable, an argument.
    Other,
}

/// How an image is written.
#[derive(Debug, Clone)]
pub enum Notation<'n, 's> {
    /// As one reference, after a prefix such as `--flag=`.
    Whole {
        /// The slot of the value.
        slot: Slot<'n, 's>,
        /// The text before the reference in the same value.
        prefix: &'n str,
    },
    /// As the prefix of a reference (registry, or registry and path); the image's name is not
    /// written anywhere.
    Before {
        /// The slot of the value.
        slot: Slot<'n, 's>,
        /// The text before the registry in the same value.
        prefix: &'n str,
        /// The name with its slash, unless the value ends in one: `/agent`.
        name: &'n str,
    },
    /// As an entry of a list in one text, `NAME=NEWNAME:TAG` or `NAME:TAG`.
    Entry(EntryText<'n, 's>),
    /// As a name alone, which an entry looks for where images are changed in their files.
    Name(Slot<'n, 's>),
    /// In values of their own.
    Split(Split<'n, 's>),
    /// As an entry that replaces the image where it is rendered.
    Override(Override<'n, 's>),
    /// In the values of a chart.
    Parts {
        /// The place that findings name.
        main: Slot<'n, 's>,
        /// The parts.
        parts: Box<ImageParts<'n, 's>>,
    },
}

impl<'n, 's> Notation<'n, 's> {
    /// An image whose reference, or name, is in a slot, and its tag in another where there is one; with the
    /// reference that they make.
    fn tagged(
        slot: Slot<'n, 's>,
        name: &str,
        tag_slot: Option<Slot<'n, 's>>,
    ) -> Result<(Self, String), Error> {
        let Some(tag_slot) = tag_slot else {
            return Ok((Notation::Whole { slot, prefix: "" }, name.to_owned()));
        };
        let tag = tag_slot.text()?.filter(|tag| !tag.is_empty());
        let text = tag.map_or_else(|| name.to_owned(), |tag| format!("{name}:{tag}"));
        let split = Split {
            registry: None,
            name: slot,
            tag: Some(tag_slot),
            digest: None,
            default_registry: None,
            default_repository: None,
        };
        Ok((Notation::Split(split), text))
    }

    /// The place that findings name for the image.
    pub fn main(&self) -> &Slot<'n, 's> {
        match self {
            Notation::Whole { slot, .. } | Notation::Before { slot, .. } => slot,
            Notation::Entry(entry) => &entry.slot,
            Notation::Name(slot) => slot,
            Notation::Split(split) => split.main(),
            Notation::Override(entry) => entry.main(),
            Notation::Parts { main, .. } => main,
        }
    }

    /// What each value should be for the image to be `reference`; `None` where it cannot be said in
    /// these places.
    ///
    /// # Errors
    /// A mapping that is read has a key twice.
    pub fn values(&self, reference: &str) -> Result<Option<Values<'_, 'n, 's>>, Error> {
        match self {
            Notation::Whole { slot, prefix } => {
                Ok(Some(vec![(slot, format!("{prefix}{reference}"))]))
            }
            Notation::Before { slot, prefix, name } => {
                let before = reference.strip_suffix(name);
                Ok(before.map(|before| vec![(slot, format!("{prefix}{before}"))]))
            }
            Notation::Entry(entry) => {
                let text = entry.text_for(reference);
                Ok(text.map(|text| vec![(&entry.slot, text)]))
            }
            Notation::Name(slot) => {
                let parsed = Reference::parse(reference).ok();
                Ok(parsed.map(|parsed| vec![(slot, parsed.name().to_owned())]))
            }
            Notation::Split(split) => split.values(reference),
            Notation::Override(entry) => entry.values(reference),
            Notation::Parts { parts, .. } => Ok(parts.values(reference)),
        }
    }

    /// What becomes beside [`Notation::values`] of a digest that is written in a list of images, for a reference
    /// without one.
    ///
    /// # Errors
    /// A mapping that is read has a key twice.
    pub fn without_digest(
        &self,
        reference: &str,
    ) -> Result<Option<(&Slot<'n, 's>, DigestEdit)>, Error> {
        match self {
            Notation::Override(entry) => entry.without_digest(reference),
            _ => Ok(None),
        }
    }

    /// Whether the tag is written at a key of its own in values, where an empty one is the chart's.
    pub fn keeps_tag_apart(&self) -> bool {
        match self {
            Notation::Parts { parts, .. } => parts.whole.text.is_empty() && parts.tag.is_written,
            _ => false,
        }
    }

    /// Whether the image is one text that its version shows to be all of it, so that it keeps one.
    pub fn is_whole_by_version(&self) -> bool {
        match self {
            Notation::Parts { parts, .. } => parts.is_whole_by_version,
            _ => false,
        }
    }

    /// Whether nothing but the name of an image is written, or can be judged.
    pub fn is_name_alone(&self) -> bool {
        match self {
            Notation::Before { .. } | Notation::Name(_) => true,
            Notation::Entry(entry) => !entry.version.is_empty(),
            Notation::Override(entry) => entry.is_name_alone(),
            _ => false,
        }
    }

    /// What the value of a slot decides of the image.
    pub fn aspects(&self, slot: &Slot<'n, 's>) -> &'static [Aspect] {
        let is = |other: &Slot<'n, 's>| std::ptr::eq(other, slot);
        let has = |other: &Option<Slot<'n, 's>>| other.as_ref().is_some_and(is);
        let (is_name, is_tag) = match self {
            Notation::Whole { .. } => return Aspect::OF_IMAGE,
            Notation::Parts { parts, .. } => return parts.aspects(slot),
            Notation::Entry(entry) if entry.version.is_empty() => return Aspect::OF_IMAGE,
            Notation::Before { .. } | Notation::Entry(_) | Notation::Name(_) => {
                return &[Aspect::Registry];
            }
            Notation::Split(split) => (is(&split.name) || has(&split.registry), has(&split.tag)),
            Notation::Override(entry) => (entry.decides_name(slot), is(&entry.new_tag)),
        };
        match (is_name, is_tag) {
            (true, _) => &[Aspect::Registry],
            (false, true) => &[Aspect::Tag, Aspect::Digest],
            (false, false) => &[Aspect::Digest],
        }
    }

    /// The image as findings show it: for a prefix setting, only the prefix.
    pub fn shown<'t>(&self, image: &'t str) -> &'t str {
        match self {
            Notation::Before { name, .. } => image.strip_suffix(name).unwrap_or(image),
            _ => image,
        }
    }

    /// Every slot of the image.
    pub fn slots(&self) -> Vec<&Slot<'n, 's>> {
        match self {
            Notation::Whole { slot, .. } | Notation::Before { slot, .. } => vec![slot],
            Notation::Entry(entry) => vec![&entry.slot],
            Notation::Name(slot) => vec![slot],
            Notation::Split(split) => split.slots(),
            Notation::Override(entry) => entry.slots(),
            Notation::Parts { parts, .. } => parts.slots(),
        }
    }
}

/// Slots with the texts that they should hold.
pub type Values<'p, 'n, 's> = Vec<(&'p Slot<'n, 's>, String)>;

/// A pod spec with its image fields, or a field of a custom resource with its pull secrets.
#[derive(Debug, Clone)]
pub struct ImageGroup<'n, 's> {
    /// Its path in the document; empty for a field of a custom resource.
    pub path: Path<'n>,
    /// Its image fields, in the order of the lists in [`pod::LISTS`], then the image volumes.
    pub fields: Vec<ImageField<'n, 's>>,
    /// The names of its pull secrets.
    pub pull_secrets: Vec<String>,
    /// Where they are listed, or would be; `None` where there is no place for them.
    pub secrets_slot: Option<Slot<'n, 's>>,
    /// The ServiceAccount that it runs as, where that is known.
    pub service_account: Option<&'n str>,
}
