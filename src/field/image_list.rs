//! Lists that replace images in what is rendered: `images:` of a Kustomization, of Flux' and Argo
//! CD's objects that build one, and the functions of a kpt pipeline that set images.

use crate::krm::KUSTOMIZE_GROUP;
use crate::krm::resource::{Budget, Resource};
use crate::slot::Slot;
use crate::yaml::{Error, Node, Path, Segment};

use super::{ImageField, ImageGroup, Notation, Role, Secrets, Values};
use crate::image::Reference;
use crate::image::entry::{is_filled_in, version_at};

/// Where such lists are: API group, kind, keys from the root; `*` means each item of a list.
const LISTS: &[(&str, &str, &[&str])] = &[
    (KUSTOMIZE_GROUP, "Kustomization", &["images"]),
    (KUSTOMIZE_GROUP, "Component", &["images"]),
    (
        "kustomize.toolkit.fluxcd.io",
        "Kustomization",
        &["spec", "images"],
    ),
    (
        "helm.toolkit.fluxcd.io",
        "HelmRelease",
        &["spec", "postRenderers", "*", "kustomize", "images"],
    ),
    (
        "argoproj.io",
        "Application",
        &["spec", "source", "kustomize", "images"],
    ),
    (
        "argoproj.io",
        "Application",
        &["spec", "sources", "*", "kustomize", "images"],
    ),
    (
        "argoproj.io",
        "ApplicationSet",
        &["spec", "template", "spec", "source", "kustomize", "images"],
    ),
    (
        "argoproj.io",
        "ApplicationSet",
        &[
            "spec",
            "template",
            "spec",
            "sources",
            "*",
            "kustomize",
            "images",
        ],
    ),
    ("kpt.dev", "Kptfile", &["pipeline", "mutators"]),
    ("fn.kpt.dev", "SetImage", &["image"]),
];

/// The part of a kpt function's image that says that its configuration is an entry of a list.
const SET_IMAGE: &str = "/set-image";

/// An entry `{name, newName, newTag, digest}`: what it makes of the image that it names.
#[derive(Debug, Clone)]
pub struct Override<'n, 's> {
    /// The name that the entry looks for.
    pub name: &'n str,
    /// The slot of that name, where the entry changes images in their files: these get the new name, and
    /// the entry has to look for it.
    followed: Option<Slot<'n, 's>>,
    /// The slot of the new name.
    pub new_name: Slot<'n, 's>,
    /// The slot of the new tag.
    pub new_tag: Slot<'n, 's>,
    /// The slot of the digest.
    pub digest: Slot<'n, 's>,
}

/// An entry of Argo CD's, `NAME=NEWNAME:TAG`, or `NAME:TAG` for an image that keeps its name.
#[derive(Debug, Clone)]
pub struct EntryText<'n, 's> {
    /// The slot of the text.
    pub(super) slot: Slot<'n, 's>,
    /// The name that the entry looks for.
    name: &'n str,
    /// Whether a new name is written.
    is_renaming: bool,
    /// The tag or digest with its sign, where it is filled in elsewhere.
    pub(super) version: &'n str,
}

impl<'n, 's> EntryText<'n, 's> {
    /// An entry, and the image that it makes.
    fn of(slot: Slot<'n, 's>, text: &'n str) -> (Self, &'n str) {
        let (name, image) = text.split_once('=').unwrap_or((text, text));
        let (own, version) = image.split_at(version_at(image));
        let is_renaming = text.contains('=');
        let is_template = is_filled_in(version);
        let entry = EntryText {
            slot,
            name: if is_renaming { name } else { own },
            is_renaming,
            version: if is_template { version } else { "" },
        };
        (entry, if is_template { own } else { image })
    }

    /// The text for the entry to make a reference.
    pub(super) fn text_for(&self, reference: &str) -> Option<String> {
        let parsed = Reference::parse(reference).ok()?;
        let new = match self.version {
            "" => reference.to_owned(),
            version => format!("{}{version}", parsed.name()),
        };
        let is_versioned =
            parsed.tag.is_some() || parsed.digest.is_some() || !self.version.is_empty();
        let keeps_form = !self.is_renaming && parsed.name() == self.name && is_versioned;
        Some(if keeps_form {
            new
        } else {
            format!("{}={new}", self.name)
        })
    }
}

/// Whether a kind keeps such a list.
pub fn keeps_list(group: &str, kind: &str) -> bool {
    LISTS
        .iter()
        .any(|(known, name, _)| *known == group && *name == kind)
}

/// The entries of a resource's list, each as an image field of its own.
///
/// # Errors
/// A mapping that is read has a key twice, or aliases repeat too much.
pub(crate) fn groups<'n, 's>(
    resource: &Resource<'n, 's>,
    budget: &mut Budget,
) -> Result<Vec<ImageGroup<'n, 's>>, Error> {
    let mut found = Vec::new();
    for (_, _, keys) in LISTS
        .iter()
        .filter(|(group, kind, _)| *group == resource.group() && *kind == resource.kind)
    {
        let mut lists = Vec::new();
        walk(resource.node, resource.path.clone(), keys, &mut lists)?;
        for (list, path) in lists {
            if resource.kind == "SetImage" {
                found.extend(set_in_files(list, path)?);
                continue;
            }
            let entries = list.items().unwrap_or_default();
            for (index, entry) in entries.iter().enumerate() {
                budget.visit(entry)?;
                let path = path.index(index);
                if resource.kind == "Kptfile" {
                    found.extend(set_image(entry, &path)?);
                    continue;
                }
                match entry.text() {
                    Some(text) => {
                        let slot = Slot {
                            holder: list,
                            path: Path(path.0[..path.0.len() - 1].to_vec()),
                            at: Segment::Index(index),
                            after: "",
                        };
                        found.push(text_group(slot, text));
                    }
                    None => found.extend(entry_group(entry, path, None)?),
                }
            }
        }
    }
    Ok(found)
}

/// The values that keys lead to, with their paths.
fn walk<'n, 's>(
    node: &'n Node<'s>,
    path: Path<'n>,
    keys: &[&'static str],
    found: &mut Vec<(&'n Node<'s>, Path<'n>)>,
) -> Result<(), Error> {
    match keys {
        [] => found.push((node, path)),
        ["*", rest @ ..] => {
            for (index, item) in node.items().unwrap_or_default().iter().enumerate() {
                walk(item, path.index(index), rest, found)?;
            }
        }
        [key, rest @ ..] => {
            if let Some(value) = node.get(key)? {
                walk(value, path.key(key), rest, found)?;
            }
        }
    }
    Ok(())
}

/// The entry that a function of a kpt pipeline is, if it sets images.
fn set_image<'n, 's>(
    function: &'n Node<'s>,
    path: &Path<'n>,
) -> Result<Vec<ImageGroup<'n, 's>>, Error> {
    let image = function.get("image")?.and_then(Node::text);
    if !image.is_some_and(|image| image.contains(SET_IMAGE)) {
        return Ok(Vec::new());
    }
    match function.get("configMap")? {
        Some(entry) => set_in_files(entry, path.key("configMap")),
        None => Ok(Vec::new()),
    }
}

/// The entry of a function that changes images in their files, as kpt runs it: where these get another
/// name by a rule, it has to look for that.
fn set_in_files<'n, 's>(
    entry: &'n Node<'s>,
    path: Path<'n>,
) -> Result<Vec<ImageGroup<'n, 's>>, Error> {
    let Some(name) = entry.get("name")?.and_then(Node::text) else {
        return Ok(Vec::new());
    };
    let slot = Slot::key(entry, path.clone(), "name");
    let new_name = slot.beside("newName").text()?;
    let is_renaming = new_name.is_some_and(|new| new != name);
    let followed = (!is_renaming).then(|| slot.clone());
    let mut found: Vec<ImageGroup<'n, 's>> = Vec::new();
    found.extend(entry_group(entry, path, followed)?);
    if is_renaming {
        found.push(group(Notation::Name(slot), Some(name.to_owned())));
    }
    Ok(found)
}

fn text_group<'n, 's>(slot: Slot<'n, 's>, text: &'n str) -> ImageGroup<'n, 's> {
    let (entry, image) = EntryText::of(slot, text);
    group(Notation::Entry(entry), Some(image.to_owned()))
}

fn group<'n, 's>(notation: Notation<'n, 's>, image: Option<String>) -> ImageGroup<'n, 's> {
    ImageGroup {
        path: Path::default(),
        fields: vec![ImageField {
            notation,
            policy_slot: None,
            secrets: Secrets::None,
            role: Role::ImageList,
            container: None,
            image,
            policy: None,
        }],
        pull_secrets: Vec::new(),
        secrets_slot: None,
        service_account: None,
    }
}

fn entry_group<'n, 's>(
    entry: &'n Node<'s>,
    path: Path<'n>,
    followed: Option<Slot<'n, 's>>,
) -> Result<Option<ImageGroup<'n, 's>>, Error> {
    let Some(name) = entry.get("name")?.and_then(Node::text) else {
        return Ok(None);
    };
    let found = Slot::key(entry, path, "name");
    let replace = Override {
        name,
        followed,
        new_name: found.beside("newName"),
        new_tag: found.beside("newTag"),
        digest: found.beside("digest"),
    };
    let image = replace.text()?;
    Ok(Some(group(Notation::Override(replace), image)))
}

impl<'n, 's> Override<'n, 's> {
    /// The reference that the entry makes; `None` where it replaces nothing.
    fn text(&self) -> Result<Option<String>, Error> {
        let (name, tag, digest) = (
            self.new_name.text()?,
            self.new_tag.text()?,
            self.digest.text()?,
        );
        if name.is_none() && tag.is_none() && digest.is_none() {
            return Ok(None);
        }
        let mut text = name.unwrap_or(self.name).to_owned();
        let tag = tag.filter(|tag| !is_filled_in(tag));
        let digest = digest.filter(|digest| !is_filled_in(digest));
        if let Some(tag) = tag {
            text.push_str(&format!(":{tag}"));
        }
        if let Some(digest) = digest {
            text.push_str(&format!("@{digest}"));
        }
        Ok(Some(text))
    }

    /// The key of a digest that becomes one of a tag, for the entry to make a reference without a digest, and
    /// the tag: no tag is `latest`, since an entry without either keeps what the manifests say.
    pub(super) fn tag_for_digest(
        &self,
        reference: &str,
    ) -> Result<Option<(&Slot<'n, 's>, String)>, Error> {
        let is_alone = self.digest.text()?.is_some() && self.new_tag.text()?.is_none();
        let is_alone = is_alone && !self.is_filled_in();
        let parsed = Reference::parse(reference).ok().filter(|_| is_alone);
        let parsed = parsed.filter(|parsed| parsed.digest.is_none());
        Ok(parsed.map(|parsed| (&self.digest, parsed.tag.unwrap_or("latest").to_owned())))
    }

    /// The texts that the entry's keys should have, but for [`Override::tag_for_digest`]; `None` where a key
    /// would have to be removed.
    pub(super) fn values(&self, reference: &str) -> Result<Option<Values<'_, 'n, 's>>, Error> {
        let Ok(parsed) = Reference::parse(reference) else {
            return Ok(None);
        };
        let mut values = Vec::new();
        let new_name = self.new_name.text()?;
        if new_name.unwrap_or(self.name) != parsed.name() {
            if new_name.is_some() || self.followed.is_none() {
                values.push((&self.new_name, parsed.name().to_owned()));
            }
            let followed = self.followed.iter();
            values.extend(followed.map(|slot| (slot, parsed.name().to_owned())));
        }
        if self.is_filled_in() || self.tag_for_digest(reference)?.is_some() {
            return Ok(Some(values));
        }
        match (self.new_tag.text()?, parsed.tag) {
            (_, Some(tag)) => values.push((&self.new_tag, tag.to_owned())),
            // No tag is `latest`, and a key cannot be taken away.
            (Some(_), None) if parsed.digest.is_none() => {
                values.push((&self.new_tag, "latest".to_owned()));
            }
            _ => {}
        }
        match (self.digest.text()?, parsed.digest) {
            (Some(_), None) => return Ok(None),
            (_, Some(digest)) => values.push((&self.digest, digest.to_owned())),
            (None, None) => {}
        }
        Ok(Some(values))
    }

    /// Whether its tag or digest is filled in elsewhere.
    pub(super) fn is_filled_in(&self) -> bool {
        let versions = [&self.new_tag, &self.digest];
        versions.iter().any(|slot| {
            let text = slot.text().ok().flatten();
            text.is_some_and(is_filled_in)
        })
    }

    /// Whether a slot is one of those that decide the name.
    pub(super) fn decides_name(&self, slot: &Slot<'n, 's>) -> bool {
        let mut names = std::iter::once(&self.new_name).chain(&self.followed);
        names.any(|own| std::ptr::eq(own, slot))
    }

    pub(super) fn slots(&self) -> Vec<&Slot<'n, 's>> {
        let own = [&self.new_name, &self.new_tag, &self.digest];
        own.into_iter().chain(&self.followed).collect()
    }

    /// The slot that findings name for the entry: the first of its keys that is written.
    pub(super) fn main(&self) -> &Slot<'n, 's> {
        let slots = [&self.new_name, &self.new_tag, &self.digest];
        let is_written = |slot: &&Slot<'n, 's>| slot.node().is_ok_and(|node| node.is_some());
        slots.into_iter().find(is_written).unwrap_or(&self.new_name)
    }
}
