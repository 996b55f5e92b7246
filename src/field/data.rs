//! Images in ConfigMaps, at keys of `data` that a profile names: programs read there what they are to start.

use crate::image::{Reference, has_more_than_a_name};
use crate::krm::resource::Resource;
use crate::slot::Slot;
use crate::yaml::{Error, Node, Path};

use super::{FieldRole, ImageField, ImageGroup, Notation, Secrets};

/// Keys of a ConfigMap's `data` that together name an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataCarrier {
    /// The key with the reference, or with its name alone if `tag` is there.
    pub image: String,
    /// The key with the tag.
    pub tag: Option<String>,
    /// The key with the pull policy.
    pub policy: Option<String>,
    /// The key with the name of a pull secret.
    pub pull_secret: Option<String>,
}

impl DataCarrier {
    /// Every key.
    pub(super) fn keys(&self) -> impl Iterator<Item = &String> {
        let others = [&self.tag, &self.policy, &self.pull_secret];
        std::iter::once(&self.image).chain(others.into_iter().flatten())
    }
}

/// Whether a kind is that of ConfigMaps.
pub fn is_config_map(group: &str, kind: &str) -> bool {
    group.is_empty() && kind == "ConfigMap"
}

/// The `data` of a ConfigMap, with its path.
pub(super) fn data<'n, 's>(
    resource: &Resource<'n, 's>,
) -> Result<Option<(&'n Node<'s>, Path<'n>)>, Error> {
    if !is_config_map(resource.group(), resource.kind) {
        return Ok(None);
    }
    let found = resource.node.get("data")?;
    Ok(found.map(|node| (node, resource.path.key("data"))))
}

/// A group for each image that a ConfigMap holds.
///
/// # Errors
/// A mapping that is read has a key twice.
pub(super) fn groups<'n, 's>(
    resource: &Resource<'n, 's>,
    carriers: &'n [DataCarrier],
) -> Result<Vec<ImageGroup<'n, 's>>, Error> {
    if carriers.is_empty() {
        return Ok(Vec::new());
    }
    let Some((data, path)) = data(resource)? else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for carrier in carriers {
        let slot = |key: &'n str| Slot::key(data, path.clone(), key);
        found.extend(field(carrier, slot)?.map(|field| ImageGroup {
            path: Path::default(),
            fields: vec![field],
            pull_secrets: Vec::new(),
            secrets_slot: None,
            service_account: None,
        }));
    }
    Ok(found)
}

/// The texts of a ConfigMap at keys that hold manifests.
///
/// # Errors
/// A mapping that is read has a key twice.
pub(crate) fn manifests<'n, 's>(
    resource: &Resource<'n, 's>,
    keys: &'n [String],
) -> Result<Vec<Slot<'n, 's>>, Error> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let Some((data, path)) = data(resource)? else {
        return Ok(Vec::new());
    };
    let mut found: Vec<Slot<'n, 's>> = Vec::new();
    for key in keys {
        let slot = Slot::key(data, path.clone(), key);
        // Several profiles may name one key.
        let is_known = found.iter().any(|known| known.name() == key);
        if !is_known && written(&slot)?.is_some() {
            found.push(slot);
        }
    }
    Ok(found)
}

fn field<'n, 's>(
    carrier: &'n DataCarrier,
    slot: impl Fn(&'n str) -> Slot<'n, 's>,
) -> Result<Option<ImageField<'n, 's>>, Error> {
    let image = slot(&carrier.image);
    let Some(name) = written(&image)? else {
        return Ok(None);
    };
    let tag_slot = carrier.tag.as_deref().map(&slot);
    let tag = match &tag_slot {
        Some(slot) => written(slot)?,
        None => None,
    };
    if tag.is_none() && !has_more_than_a_name(name) {
        return Ok(None);
    }
    let has_version = |parsed: Reference<'_>| parsed.tag.is_some() || parsed.digest.is_some();
    let is_whole = tag.is_none() && Reference::parse(name).is_ok_and(has_version);
    let (notation, text) = Notation::tagged(image, name, tag_slot.filter(|_| !is_whole))?;
    let mut policy_slot = carrier.policy.as_deref().map(&slot);
    let policy = match &policy_slot {
        Some(slot) => written(slot)?,
        None => None,
    };
    // Without one, the program has its own.
    policy_slot = policy_slot.filter(|_| policy.is_some());
    let secrets = match carrier.pull_secret.as_deref() {
        Some(key) => Secrets::One(Some(slot(key)), key),
        None => Secrets::HandedOver,
    };
    Ok(Some(ImageField {
        notation,
        policy_slot,
        secrets,
        role: FieldRole::Other,
        container: None,
        image: Some(text),
        policy,
    }))
}

/// The text of a slot, unless it is empty.
fn written<'n>(slot: &Slot<'n, '_>) -> Result<Option<&'n str>, Error> {
    Ok(slot.text()?.filter(|text| !text.is_empty()))
}
