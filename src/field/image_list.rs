//! Lists that replace images in what is rendered: `images:` of a Kustomization, of Flux' and Argo
//! CD's objects that build one, and the functions of a kpt pipeline that set images.

mod chain;
mod entry;
mod pipeline;

use crate::krm::KUSTOMIZE_GROUP;
use crate::krm::resource::{Budget, Resource};
use crate::slot::Slot;
use crate::yaml::{Error, Node, Path, Segment};

use super::{FieldRole, ImageField, ImageGroup, Notation, Secrets, data};

pub use entry::{DigestEdit, EntryPart, EntryText, Override};

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
    if let Some((data, path)) = data::data(resource)?
        && is_of_set_image(resource, data)?
    {
        found.extend(pipeline::function(data, path)?);
    }
    for (_, _, keys) in LISTS
        .iter()
        .filter(|(group, kind, _)| *group == resource.group() && *kind == resource.kind)
    {
        let mut lists = Vec::new();
        walk(resource.node, resource.path.clone(), keys, &mut lists)?;
        for (list, path) in lists {
            if resource.kind == "SetImage" {
                found.extend(pipeline::function(list, path)?);
                continue;
            }
            let entries = list.items().unwrap_or_default();
            if resource.kind == "Kptfile" {
                for entry in entries {
                    budget.visit(entry)?;
                }
                found.extend(pipeline::functions(entries, &path)?);
                continue;
            }
            for (index, entry) in entries.iter().enumerate() {
                budget.visit(entry)?;
                let path = path.index(index);
                match entry.text() {
                    Some(text) => {
                        let slot = Slot {
                            holder: list,
                            path: Path(path.0[..path.0.len() - 1].into()),
                            at: Segment::Index(index),
                            after: "",
                        };
                        found.push(text_group(slot, text));
                    }
                    None => found.extend(entry_group(entry, path, None)?),
                }
            }
        }
        // Of these kinds, all entries run one after the other.
        if matches!(resource.kind, "HelmRelease" | "Kustomization") {
            chain::keep_last(&mut found)?;
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

/// Whether the data of a ConfigMap are an entry of a function that sets images, to which a Kptfile's `configPath`
/// leads: no other program calls all of its keys so.
fn is_of_set_image(resource: &Resource<'_, '_>, data: &Node<'_>) -> Result<bool, Error> {
    const KEYS: [&str; 4] = ["name", "newName", "newTag", "digest"];
    let entries = data.entries().unwrap_or_default();
    if entries.len() > KEYS.len() {
        return Ok(false);
    }
    let keys: Option<Vec<&str>> = entries.iter().map(|entry| entry.key.scalar()).collect();
    let Some(keys) = keys.filter(|keys| keys.iter().all(|key| KEYS.contains(key))) else {
        return Ok(false);
    };
    let has = |key: &str| keys.contains(&key);
    // A name and a digest may be of anything that runs in the cluster.
    let local = resource.annotation("config.kubernetes.io/local-config")?;
    let is_local = local.and_then(Node::text) == Some("true");
    Ok(has("newName") || has("newTag") || has("digest") && is_local)
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
            role: FieldRole::ImageList,
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
    let replace = Override::of(name, Slot::key(entry, path, "name"), followed);
    let image = replace.text()?;
    Ok(Some(group(Notation::Override(replace), image)))
}
