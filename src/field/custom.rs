//! Image fields of custom resources, found by the table of fields.

use std::collections::HashSet;

use crate::image::Reference;
use crate::krm::item_config::secret_names_at;
use crate::krm::resource::{Budget, Resource};
use crate::slot::Slot;
use crate::yaml::{Error, Node, Path, Segment};

use super::carrier::{Carriers, behind};
use super::query::KeyPath;
use super::table::{FieldTable, ImagePaths, RegistryPath, SplitPaths};
use super::{FieldRole, ImageField, ImageGroup, Notation, Secrets, Split, pod};

/// Why a secret is not listed in a custom resource that has a list of names.
const NO_LIST_OF_NAMES: &str =
    "its list, which holds names, has none yet: write it there as `imagePullSecrets: [SECRET]`";

/// The groups of image fields of a resource, each with the pull secrets that go with it.
///
/// # Errors
/// A mapping that is read has a key twice, or aliases repeat too much.
pub(super) fn groups<'n, 's>(
    resource: &Resource<'n, 's>,
    table: &'n FieldTable,
    carriers: &'n Carriers,
    budget: &mut Budget,
) -> Result<Vec<ImageGroup<'n, 's>>, Error> {
    let mut found = Vec::new();
    let entries: Vec<_> = table
        .of(resource.group(), resource.version(), resource.kind)
        .collect();
    for entry in &entries {
        for path in &entry.pods {
            for slot in slots(path, resource, budget)? {
                if let Some(node) = slot.node()?
                    && node.entries().is_some()
                {
                    let spec = pod::spec_at(node, slot.full_path(), carriers, budget)?;
                    // What a custom resource's pods run as is the controller's to say.
                    found.push(ImageGroup {
                        service_account: None,
                        ..spec
                    });
                }
            }
        }
        for image in &entry.images {
            let groups = image_groups(image, resource, budget)?;
            let is_read = |group: &ImageGroup<'_, '_>| !entry.whole_only || is_whole(group);
            found.extend(groups.into_iter().filter(is_read));
        }
        for registry in &entry.registries {
            found.extend(registry_groups(registry, resource, budget)?);
        }
    }
    // A configuration may name paths again that are built in, or the same ones twice.
    if entries.len() > 1 {
        drop_repeated(&mut found);
    }
    Ok(found)
}

/// Leaves each image field once, the first time that it is found.
fn drop_repeated(found: &mut Vec<ImageGroup<'_, '_>>) {
    let mut known = HashSet::new();
    for group in &mut *found {
        group
            .fields
            .retain(|field| known.insert(field.notation.main().full_path().to_string()));
    }
    found.retain(|group| !group.fields.is_empty());
}

/// Whether the image of a group has its host or path, and a version.
fn is_whole(group: &ImageGroup<'_, '_>) -> bool {
    group.fields.iter().all(|field| {
        let image = field.image.as_deref().unwrap_or_default();
        let has_version = |parsed: Reference<'_>| parsed.tag.is_some() || parsed.digest.is_some();
        image.contains('/') && Reference::parse(image).is_ok_and(has_version)
    })
}

/// A group for each value of a setting that goes before the names of images.
fn registry_groups<'n, 's>(
    registry: &'n RegistryPath,
    resource: &Resource<'n, 's>,
    budget: &mut Budget,
) -> Result<Vec<ImageGroup<'n, 's>>, Error> {
    let mut found = Vec::new();
    for slot in slots(&registry.main, resource, budget)? {
        let text = slot.text()?;
        let Some(before) = text.filter(|text| !text.is_empty()) else {
            continue;
        };
        let secrets = match &registry.secrets {
            Some((path, written)) => {
                let mut listed = Vec::new();
                for list in path.values(resource.node, budget)? {
                    listed.extend(secret_names_at(Some(list))?);
                }
                Secrets::Components(listed, written)
            }
            None => Secrets::None,
        };
        let name = behind(before, &registry.name);
        let image = format!("{before}{name}");
        let notation = Notation::Before {
            slot,
            prefix: "",
            name,
        };
        found.push(ImageGroup {
            path: Path::default(),
            fields: vec![ImageField {
                notation,
                policy_slot: None,
                secrets,
                role: FieldRole::Other,
                container: None,
                image: Some(image),
                policy: None,
            }],
            pull_secrets: Vec::new(),
            secrets_slot: None,
            service_account: None,
        });
    }
    Ok(found)
}

/// The slots that a path leads to, with or without a value.
fn slots<'n, 's>(
    path: &'n KeyPath,
    resource: &Resource<'n, 's>,
    budget: &mut Budget,
) -> Result<Vec<Slot<'n, 's>>, Error> {
    let mut found = Vec::new();
    for (holder, at) in path.holders(resource.node, &resource.path, budget)? {
        match &path.key {
            Some(key) if holder.entries().is_some() => found.push(Slot::key(holder, at, key)),
            Some(_) => {}
            None => {
                for index in 0..holder.items().unwrap_or_default().len() {
                    budget.take(holder.span.start)?;
                    found.push(Slot {
                        holder,
                        path: at.clone(),
                        at: Segment::Index(index),
                        after: "",
                    });
                }
            }
        }
    }
    Ok(found)
}

fn image_groups<'n, 's>(
    image: &'n ImagePaths,
    resource: &Resource<'n, 's>,
    budget: &mut Budget,
) -> Result<Vec<ImageGroup<'n, 's>>, Error> {
    if let Some(unless) = &image.unless {
        let is_written = |node: &&Node<'_>| !node.is_null() && node.scalar() != Some("");
        if unless.values(resource.node, budget)?.iter().any(is_written) {
            return Ok(Vec::new());
        }
    }
    let mut found = Vec::new();
    for main in slots(&image.main, resource, budget)? {
        let text = main.text()?;
        let Some(text) = text.or(image.default_text()) else {
            continue;
        };
        let mut beside = |path: &'n Option<KeyPath>| match path {
            Some(path) => slot_of(path, image, &main, resource, budget),
            None => Ok(None),
        };
        let policy_slot = beside(&image.policy)?;
        let policy = match &policy_slot {
            Some(slot) => slot
                .node()?
                .filter(|node| !node.is_null())
                .and_then(Node::scalar),
            None => None,
        };
        let mut secrets_slot = beside(&image.secrets)?;
        if let Some(other) = beside(&image.overriding_secrets)?
            && let Some(node) = other.node()?
            && node.items().is_some_and(|items| !items.is_empty())
        {
            secrets_slot = Some(other);
        }
        let (notation, text) = match &image.split {
            None => (
                Notation::Whole {
                    slot: main.clone(),
                    prefix: "",
                },
                text.to_owned(),
            ),
            Some(SplitPaths {
                registry,
                tag,
                digest,
                default_registry,
                default_repository,
            }) => {
                let split = Split {
                    registry: beside(registry)?,
                    tag: beside(tag)?,
                    digest: beside(digest)?,
                    name: main.clone(),
                    default_registry: default_registry.as_deref(),
                    default_repository: default_repository.as_deref(),
                };
                if policy.is_none() && !split.is_written()? {
                    continue;
                }
                let text = split.text()?;
                (Notation::Split(split), text)
            }
        };
        let pull_secrets = match &secrets_slot {
            Some(slot) => secret_names_at(slot.node()?)?,
            None => Vec::new(),
        };
        let only_secret = match &image.only_secret {
            Some((path, written)) => {
                let slot = slot_of(path, image, &main, resource, budget)?;
                Some(Secrets::One(slot, written))
            }
            None => None,
        };
        // A new list would be one of mappings.
        let is_unlisted = image.secrets_are_names && pull_secrets.is_empty();
        found.push(ImageGroup {
            path: Path::default(),
            fields: vec![ImageField {
                notation,
                policy_slot,
                secrets: match &secrets_slot {
                    Some(_) if is_unlisted => Secrets::Nowhere(NO_LIST_OF_NAMES),
                    Some(_) => Secrets::Pod,
                    None => only_secret.unwrap_or(Secrets::None),
                },
                role: FieldRole::Other,
                container: None,
                image: Some(text).filter(|text| !text.is_empty()),
                policy,
            }],
            pull_secrets,
            secrets_slot: secrets_slot.filter(|_| !is_unlisted),
            service_account: None,
        });
    }
    Ok(found)
}

/// The place of a value that goes with an image: beside it, or the only one there is.
fn slot_of<'n, 's>(
    path: &'n KeyPath,
    image: &'n ImagePaths,
    main: &Slot<'n, 's>,
    resource: &Resource<'n, 's>,
    budget: &mut Budget,
) -> Result<Option<Slot<'n, 's>>, Error> {
    if let Some(key) = &path.key
        && path.is_beside(&image.main)
    {
        return Ok(Some(main.beside(key)));
    }
    let mut slots = slots(path, resource, budget)?;
    Ok(match slots.len() {
        1 => slots.pop(),
        _ => None,
    })
}
