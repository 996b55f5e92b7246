//! The kinds of object that may configure the function, and how one is told from its header.

use super::fault::{ConfigFault, quoted};
use crate::krm::OWN_GROUP;
use crate::suggest;
use crate::yaml::Node;

/// The version of this function's own kinds.
const VERSION: &str = "restore-images.dev/v1alpha1";

/// The kinds of object that configure the function.
pub(super) enum ConfigKind {
    /// A RestoreImages object.
    RestoreImages,
    /// A ConfigMap with the same keys as text.
    ConfigMap,
    /// A GenerateImages object.
    GenerateImages,
}

/// Tells the kind of a configuration.
pub(super) fn of_configuration(node: &Node<'_>) -> Result<ConfigKind, ConfigFault> {
    if node.entries().is_none() {
        let what = format!("expected a configuration, found {}", node.describe());
        return Err(ConfigFault::new(node.start(), "", what).help(expected()));
    }
    let (kind_at, kind) = header(node, "kind")?;
    let (version_at, version) = header(node, "apiVersion")?;
    let known = |at, version: &str, wanted: &str| {
        if version == wanted {
            Ok(())
        } else {
            Err(unknown_version(at, "apiVersion", version, wanted))
        }
    };
    match kind {
        "RestoreImages" => known(version_at, version, VERSION).map(|()| ConfigKind::RestoreImages),
        "ConfigMap" => known(version_at, version, "v1").map(|()| ConfigKind::ConfigMap),
        "GenerateImages" => {
            known(version_at, version, VERSION).map(|()| ConfigKind::GenerateImages)
        }
        "AgentProfile" if is_own(version) => {
            let what = "an AgentProfile describes an agent and configures nothing";
            let help = "put it among the items, or into `agents` of a RestoreImages";
            Err(ConfigFault::new(kind_at, "kind", what).help(help.to_owned()))
        }
        _ => {
            let what = format!("{} is not known", quoted(kind));
            let near = suggest::nearest(kind, ["RestoreImages", "GenerateImages", "ConfigMap"]);
            let help = near.map(|near| format!("did you mean `{near}`?"));
            let other = || {
                if is_own(version) {
                    expected()
                } else {
                    manifest()
                }
            };
            Err(ConfigFault::new(kind_at, "kind", what).help(help.or_else(other)))
        }
    }
}

/// Checks that an object is an AgentProfile of the version that is read here.
pub(super) fn check_profile(
    (kind_at, kind_key, kind): (usize, &str, &str),
    (version_at, version_key, version): (usize, &str, &str),
) -> Result<(), ConfigFault> {
    if kind != "AgentProfile" {
        let what = format!("{} is not known here", quoted(kind));
        let help = "write `kind: AgentProfile`, or `name: NAME` for the spec alone";
        return Err(ConfigFault::new(kind_at, kind_key, what).help(help.to_owned()));
    }
    if version != VERSION {
        return Err(unknown_version(version_at, version_key, version, VERSION));
    }
    Ok(())
}

fn is_own(version: &str) -> bool {
    version
        .split_once('/')
        .is_some_and(|(group, _)| group == OWN_GROUP)
}

fn unknown_version(at: usize, key: &str, version: &str, wanted: &str) -> ConfigFault {
    let what = format!("{} is not known", quoted(version));
    ConfigFault::new(at, key, what).help(format!("write `{wanted}`"))
}

fn expected() -> Option<String> {
    Some(format!(
        "write `kind: RestoreImages` and `apiVersion: {VERSION}`"
    ))
}

/// What to do where a manifest was given in the place of the configuration.
fn manifest() -> Option<String> {
    let expected = expected()?;
    let check = "to look at a manifest, write `restore-images check FILE`";
    Some(format!("{check}; for a configuration, {expected}"))
}

/// The text of a root key, and its offset.
fn header<'n>(node: &'n Node<'_>, key: &str) -> Result<(usize, &'n str), ConfigFault> {
    let value = node
        .get(key)
        .map_err(|error| ConfigFault::yaml(key, error))?;
    let Some(value) = value else {
        return Err(
            ConfigFault::new(node.start(), "", format!("`{key}` is missing")).help(expected()),
        );
    };
    let Some(text) = value.text() else {
        let what = format!("expected text, found {}", value.describe());
        return Err(ConfigFault::new(value.start(), key, what).help(expected()));
    };
    Ok((value.start(), text))
}
