//! Lists that replace images in what is rendered: `images:` of a Kustomization, of Flux' and Argo
//! CD's objects that build one, and the functions of a kpt pipeline that set images.

use crate::krm::KUSTOMIZE_GROUP;
use crate::krm::resource::{Budget, Resource};
use crate::slot::Slot;
use crate::yaml::{Error, Node, Path, Segment};

use super::{ImageField, ImageGroup, Notation, Role, Secrets, Values};
use crate::image::Reference;

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
];

/// The part of a kpt function's image that says that its configuration is an entry of a list.
const SET_IMAGE: &str = "/set-image";

/// An entry `{name, newName, newTag, digest}`: what it makes of the image that it names.
#[derive(Debug, Clone)]
pub struct Override<'n, 's> {
    /// The name that the entry looks for.
    pub name: &'n str,
    /// The slot of the new name.
    pub new_name: Slot<'n, 's>,
    /// The slot of the new tag.
    pub new_tag: Slot<'n, 's>,
    /// The slot of the digest.
    pub digest: Slot<'n, 's>,
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
                    None => found.extend(entry_group(entry, path)?),
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
) -> Result<Option<ImageGroup<'n, 's>>, Error> {
    let image = function.get("image")?.and_then(Node::text);
    if !image.is_some_and(|image| image.contains(SET_IMAGE)) {
        return Ok(None);
    }
    match function.get("configMap")? {
        Some(entry) => entry_group(entry, path.key("configMap")),
        None => Ok(None),
    }
}

/// An entry of Argo CD's: `NAME=NEWNAME:TAG`, or `NEWNAME:TAG` for an image of that name.
fn text_group<'n, 's>(slot: Slot<'n, 's>, text: &'n str) -> ImageGroup<'n, 's> {
    let name = text.find('=').map_or(0, |at| at + 1);
    let (prefix, image) = text.split_at(name);
    group(Notation::Whole { slot, prefix }, Some(image.to_owned()))
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
) -> Result<Option<ImageGroup<'n, 's>>, Error> {
    let Some(name) = entry.get("name")?.and_then(Node::text) else {
        return Ok(None);
    };
    let found = Slot::key(entry, path, "name");
    let replace = Override {
        name,
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
        if let Some(tag) = tag {
            text.push_str(&format!(":{tag}"));
        }
        if let Some(digest) = digest {
            text.push_str(&format!("@{digest}"));
        }
        Ok(Some(text))
    }

    /// The texts that the entry's keys should have; `None` where a key would have to be removed.
    pub(super) fn values(&self, reference: &str) -> Result<Option<Values<'_, 'n, 's>>, Error> {
        let Ok(parsed) = Reference::parse(reference) else {
            return Ok(None);
        };
        let mut values = Vec::new();
        if self.new_name.text()?.unwrap_or(self.name) != parsed.name() {
            values.push((&self.new_name, parsed.name().to_owned()));
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

    pub(super) fn slots(&self) -> Vec<&Slot<'n, 's>> {
        vec![&self.new_name, &self.new_tag, &self.digest]
    }

    /// The slot that findings name for the entry: the first of its keys that is written.
    pub(super) fn main(&self) -> &Slot<'n, 's> {
        let slots = [&self.new_name, &self.new_tag, &self.digest];
        let is_written = |slot: &&Slot<'n, 's>| slot.node().is_ok_and(|node| node.is_some());
        slots.into_iter().find(is_written).unwrap_or(&self.new_name)
    }
}
