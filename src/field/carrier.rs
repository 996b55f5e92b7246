//! Images, and registries of images, in environment variables and arguments that a profile names; and all
//! that carries images outside of a container's own field.

use std::collections::HashSet;

use crate::image::has_more_than_a_name;
use crate::slot::Slot;
use crate::yaml::{Error, Node, Segment};

use super::data::DataCarrier;
use super::{FieldRole, ImageField, Notation, Secrets};

/// Environment variables that together name an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvCarrier {
    /// The variable with the reference, or with its name alone if `tag` is named.
    pub image: String,
    /// The variable with the tag.
    pub tag: Option<String>,
    /// The variable with the pull policy.
    pub policy: Option<String>,
    /// The variable with the names of pull secrets, separated by commas.
    pub pull_secrets: Option<String>,
}

/// An argument that names an image: `--flag=IMAGE`, or `--flag` and `IMAGE` after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArgCarrier {
    /// The flag: `--prometheus-config-reloader`.
    pub flag: String,
}

/// A setting that holds what comes before the names of images: `gcr.io/datadoghq`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrefixCarrier {
    /// The variable or the flag.
    pub setting: String,
    /// The name of one of these images with its slash, by which they all are judged: `/agent`.
    pub name: String,
}

/// What the profiles in play say of environment variables and arguments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Carriers {
    /// Environment variables.
    pub env: Vec<EnvCarrier>,
    /// Arguments.
    pub args: Vec<ArgCarrier>,
    /// Variables and arguments that hold a registry.
    pub prefixes: Vec<PrefixCarrier>,
    /// Keys of ConfigMaps.
    pub data: Vec<DataCarrier>,
    /// Keys of ConfigMaps whose texts are manifests.
    pub manifests: Vec<String>,
}

impl EnvCarrier {
    fn variables(&self) -> impl Iterator<Item = &String> {
        let others = [&self.tag, &self.policy, &self.pull_secrets];
        std::iter::once(&self.image).chain(others.into_iter().flatten())
    }
}

impl Carriers {
    /// The keys of ConfigMaps without one of which nothing in one is read.
    pub fn keys_of_data(&self) -> impl Iterator<Item = &String> {
        let images = self.data.iter().map(|carrier| &carrier.image);
        images.chain(&self.manifests)
    }

    /// The carriers whose variables, flags and keys do not occur in `others`.
    #[must_use]
    pub fn beside(&self, others: &Carriers) -> Carriers {
        let known: HashSet<&String> = others.env.iter().flat_map(EnvCarrier::variables).collect();
        let is_new = |env: &&EnvCarrier| !env.variables().any(|name| known.contains(name));
        let is_other = |arg: &&ArgCarrier| !others.args.contains(arg);
        let is_new_setting = |prefix: &&PrefixCarrier| {
            let setting = &prefix.setting;
            !known.contains(setting)
                && others
                    .prefixes
                    .iter()
                    .all(|other| other.setting != *setting)
        };
        let keys: HashSet<&String> = others.data.iter().flat_map(DataCarrier::keys).collect();
        let has_new_keys = |data: &&DataCarrier| !data.keys().any(|key| keys.contains(key));
        Carriers {
            env: self.env.iter().filter(is_new).cloned().collect(),
            args: self.args.iter().filter(is_other).cloned().collect(),
            prefixes: self
                .prefixes
                .iter()
                .filter(is_new_setting)
                .cloned()
                .collect(),
            data: self.data.iter().filter(has_new_keys).cloned().collect(),
            manifests: self
                .manifests
                .iter()
                .filter(|key| !keys.contains(key) && !others.manifests.contains(key))
                .cloned()
                .collect(),
        }
    }

    /// Appends others.
    pub fn extend(&mut self, others: &Carriers) {
        self.env.extend_from_slice(&others.env);
        self.args.extend_from_slice(&others.args);
        self.prefixes.extend_from_slice(&others.prefixes);
        self.data.extend_from_slice(&others.data);
        self.manifests.extend_from_slice(&others.manifests);
    }

    /// Whether no container is looked through.
    pub(super) fn is_empty(&self) -> bool {
        self.env.is_empty() && self.args.is_empty() && self.prefixes.is_empty()
    }
}

/// The image fields that a container's environment and arguments hold.
///
/// # Errors
/// A mapping that is read has a key twice.
pub(super) fn fields<'n, 's>(
    container: &Slot<'n, 's>,
    name: Option<&'n str>,
    carriers: &'n Carriers,
    fields: &mut Vec<ImageField<'n, 's>>,
) -> Result<(), Error> {
    for carrier in &carriers.env {
        fields.extend(env_field(container, name, carrier)?);
    }
    for carrier in &carriers.prefixes {
        if let Some(slot) = variable(&container.beside("env"), &carrier.setting)?
            && let Some(text) = slot.text()?
        {
            fields.extend(prefix_field(slot, name, carrier, text, 0));
        }
    }
    if carriers.args.is_empty() && carriers.prefixes.is_empty() {
        return Ok(());
    }
    for list in ["command", "args"] {
        arg_fields(&container.beside(list), name, carriers, fields)?;
    }
    Ok(())
}

fn env_field<'n, 's>(
    container: &Slot<'n, 's>,
    name: Option<&'n str>,
    carrier: &'n EnvCarrier,
) -> Result<Option<ImageField<'n, 's>>, Error> {
    let env = container.beside("env");
    let Some(image) = variable(&env, &carrier.image)? else {
        return Ok(None);
    };
    // The controller decides at run time what an empty variable means.
    let Some(text) = image.text()?.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let slot = |name: &'n Option<String>| match name {
        Some(name) => variable(&env, name),
        None => Ok(None),
    };
    let secrets = match (slot(&carrier.pull_secrets)?, &carrier.pull_secrets) {
        (Some(slot), _) => Secrets::Commas(slot),
        (None, Some(variable)) => Secrets::Absent(variable),
        (None, None) => Secrets::HandedOver,
    };
    let policy_slot = slot(&carrier.policy)?;
    let policy = match &policy_slot {
        Some(slot) => slot.text()?.filter(|policy| !policy.is_empty()),
        None => None,
    };
    let tag_slot = slot(&carrier.tag)?;
    if tag_slot.is_none() && !has_more_than_a_name(text) {
        return Ok(None);
    }
    let (notation, image) = Notation::tagged(image, text, tag_slot)?;
    Ok(Some(ImageField {
        notation,
        policy_slot,
        secrets,
        role: FieldRole::Other,
        container: name,
        image: Some(image),
        policy,
    }))
}

/// The field of a setting whose value, from `start` on, comes before the names of images.
fn prefix_field<'n, 's>(
    slot: Slot<'n, 's>,
    container: Option<&'n str>,
    carrier: &'n PrefixCarrier,
    value: &'n str,
    start: usize,
) -> Option<ImageField<'n, 's>> {
    let (prefix, before) = value.split_at(start);
    if before.is_empty() {
        return None;
    }
    let name = behind(before, &carrier.name);
    Some(ImageField {
        notation: Notation::Before { slot, prefix, name },
        policy_slot: None,
        secrets: Secrets::HandedOver,
        role: FieldRole::Other,
        container,
        image: Some(format!("{before}{name}")),
        policy: None,
    })
}

/// The name of an image, with the slash before it, as it follows a registry that may end in one.
pub(super) fn behind<'n>(before: &str, name: &'n str) -> &'n str {
    match name.strip_prefix('/') {
        Some(rest) if before.ends_with('/') => rest,
        _ => name,
    }
}

/// The slot of a variable's value; of two variables with one name, Kubernetes takes the last.
fn variable<'n, 's>(env: &Slot<'n, 's>, name: &str) -> Result<Option<Slot<'n, 's>>, Error> {
    let variables = env.node()?.and_then(Node::items).unwrap_or_default();
    for (index, variable) in variables.iter().enumerate().rev() {
        if variable.get("name")?.and_then(Node::scalar) == Some(name) {
            let path = env.full_path().index(index);
            return Ok(Some(Slot::key(variable, path, "value")));
        }
    }
    Ok(None)
}

fn arg_fields<'n, 's>(
    list: &Slot<'n, 's>,
    name: Option<&'n str>,
    carriers: &'n Carriers,
    fields: &mut Vec<ImageField<'n, 's>>,
) -> Result<(), Error> {
    let Some(node) = list.node()? else {
        return Ok(());
    };
    let values = node.items().unwrap_or_default();
    let path = list.full_path();
    // The known flag that the previous argument was, if it had no `=`; `start` is where the flag's
    // value begins.
    let mut flag_before = None;
    for (index, value) in values.iter().enumerate() {
        let text = value.text().unwrap_or_default();
        let flag = text.split_once('=').map_or(text, |(flag, _)| flag);
        let (known, start) = match flag_before.take() {
            Some(known) => (Some(known), 0),
            None => (known_flag(carriers, flag), flag.len() + 1),
        };
        if start > text.len() {
            flag_before = known;
            continue;
        }
        let Some(known) = known else {
            continue;
        };
        let slot = Slot {
            holder: node,
            path: path.clone(),
            at: Segment::Index(index),
            after: "",
        };
        if let Flag::Registry(carrier) = known {
            fields.extend(prefix_field(slot, name, carrier, text, start));
            continue;
        }
        let (prefix, image) = text.split_at(start);
        if !has_more_than_a_name(image) {
            continue;
        }
        fields.push(ImageField {
            notation: Notation::Whole { slot, prefix },
            policy_slot: None,
            secrets: Secrets::HandedOver,
            role: FieldRole::Other,
            container: name,
            image: Some(image.to_owned()),
            policy: None,
        });
    }
    Ok(())
}

/// What a flag's value is.
#[derive(Clone, Copy)]
enum Flag<'n> {
    Image,
    Registry(&'n PrefixCarrier),
}

fn known_flag<'n>(carriers: &'n Carriers, flag: &str) -> Option<Flag<'n>> {
    if carriers.args.iter().any(|carrier| carrier.flag == flag) {
        return Some(Flag::Image);
    }
    let mut prefixes = carriers.prefixes.iter();
    prefixes
        .find(|carrier| carrier.setting == flag)
        .map(Flag::Registry)
}
