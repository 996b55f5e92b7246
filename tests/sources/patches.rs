//! Patches in every form that kustomize takes, for objects that a tree has.

use super::chance::in_hundred;
use super::tree::{Object, Patch, api_version, indented, to_pod_spec, wrapped};
use crate::support::mutate::Chance;

/// A patch for an object, which sets an image, a policy, secrets or something else.
pub(super) fn patch(
    chance: &mut Chance,
    object: &Object,
    image: &str,
    name: &str,
    reached: &[Object],
) -> Patch {
    if in_hundred(chance, 45) {
        json(chance, object, image, name)
    } else {
        strategic_merge(chance, object, image, name, reached)
    }
}

fn policy(chance: &mut Chance) -> &'static str {
    ["Always", "IfNotPresent", "Never"][chance.below(3)]
}

fn strategic_merge(
    chance: &mut Chance,
    object: &Object,
    image: &str,
    name: &str,
    reached: &[Object],
) -> Patch {
    let container = object.containers[chance.below(object.containers.len())].name;
    let init = object.init.first().map(|one| one.name);
    let policy = policy(chance);
    let spec = match chance.below(14) {
        0 | 1 => format!("containers:\n- name: {container}\n  image: {image}\n"),
        2 => format!(
            "containers:\n- {{name: {container}, image: {image}, imagePullPolicy: {policy}}}\n"
        ),
        3 => format!(
            "containers:\n- name: {container}\n  resources:\n    limits:\n      memory: 1Gi\n"
        ),
        4 => format!("containers:\n- name: {container}\n  imagePullPolicy: {policy}\n"),
        5 => format!("containers:\n- name: added\n  image: {image} # new\n"),
        6 if object.containers.len() > 1 => {
            format!("containers:\n- name: {container}\n  $patch: delete\n")
        }
        7 => format!("containers:\n- $patch: replace\n- name: {container}\n  image: \"{image}\"\n"),
        8 => "imagePullSecrets:\n- name: patch-secret\n".to_owned(),
        9 if init.is_some() => {
            format!(
                "initContainers:\n- name: {}\n  image: {image}\n",
                init.unwrap_or_default()
            )
        }
        10 => {
            format!("containers:\n- {{name: {container}, $patch: replace, image: \"{image}\"}}\n")
        }
        11 => format!("containers:\n- {{name: added, $patch: replace, image: \"{image}\"}}\n"),
        12 => "imagePullSecrets:\n- $patch: delete\n".to_owned(),
        _ => "terminationGracePeriodSeconds: 5\n".to_owned(),
    };
    let mut text = wrapped(object.kind, &object.name, &spec);
    let mut target = None;
    let mut list = "patches";
    match chance.below(6) {
        // A target makes the patch's own name and kind mean nothing.
        0 => {
            target = Some(targeted(chance, object));
            if in_hundred(chance, 50) {
                text = text.replacen(&format!("name: {}\n", object.name), "name: whatever\n", 1);
            }
        }
        1 => list = "patchesStrategicMerge",
        2 => {
            let other = reached.iter().find(|other| other.name != object.name);
            if let Some(other) = other {
                let container = other.containers[0].name;
                let spec = format!("containers:\n- name: {container}\n  image: {image}\n");
                text = format!("{text}---\n{}", wrapped(other.kind, &other.name, &spec));
            }
        }
        _ => {}
    }
    if in_hundred(chance, 15) {
        text = as_list(&text);
    }
    Patch {
        list,
        target,
        text,
        file: in_hundred(chance, 60).then(|| format!("{name}.yaml")),
    }
}

/// Patches as the items of a list.
fn as_list(patches: &str) -> String {
    let items = patches.split("---\n");
    let item = |text: &str| indented(text, 2).replacen("  ", "- ", 1);
    let items: String = items.map(item).collect();
    format!("apiVersion: v1\nkind: List\nitems:\n{items}")
}

/// The lines of a `target` that finds the object, and perhaps others.
fn targeted(chance: &mut Chance, object: &Object) -> String {
    match chance.below(4) {
        0 => format!("kind: {}\nname: {}\n", object.kind, object.name),
        1 => format!("kind: {}\n", object.kind),
        // With its kind: in an object of another, what a patch adds may be no image at all.
        2 => format!("kind: {}\nname: {}.*\n", object.kind, &object.name[..2]),
        _ => format!(
            "group: {}\nkind: {}\nname: {}|nobody\n",
            api_version(object.kind)
                .split_once('/')
                .map_or("", |(group, _)| group),
            object.kind,
            object.name
        ),
    }
}

fn json(chance: &mut Chance, object: &Object, image: &str, name: &str) -> Patch {
    let spec = format!("/{}", to_pod_spec(object.kind).join("/"));
    let at = chance.below(object.containers.len());
    let there = format!("{spec}/containers/{at}");
    let policy = policy(chance);
    let set =
        |op: &str, path: &str, value: &str| (op.to_owned(), path.to_owned(), value.to_owned());
    let image_path = format!("{there}/image");
    let old = &object.containers[at].image;
    let whole = {
        let one = &object.containers[at];
        let policy = one
            .policy
            .map(|policy| format!(", \"imagePullPolicy\": \"{policy}\""));
        let policy = policy.unwrap_or_default();
        format!(
            "{{\"name\": \"{}\", \"image\": \"{old}\"{policy}}}",
            one.name
        )
    };
    let operations = match chance.below(9) {
        0 | 1 => vec![set("replace", &image_path, image)],
        2 => vec![
            set("test", &image_path, old),
            set("replace", &image_path, image),
        ],
        3 => vec![set("add", &format!("{there}/imagePullPolicy"), policy)],
        4 => vec![set(
            "add",
            &format!("{spec}/containers/-"),
            &format!("{{\"name\": \"added\", \"image\": \"{image}\"}}"),
        )],
        5 => vec![set(
            "add",
            &format!("{spec}/containers/0"),
            &format!(
                "{{\"name\": \"added\", \"image\": \"{image}\", \"imagePullPolicy\": \"{policy}\"}}"
            ),
        )],
        6 => vec![
            set("test", &image_path, old),
            set("add", &format!("{there}/imagePullPolicy"), policy),
        ],
        7 => vec![set("test", &there, &whole)],
        _ => vec![set(
            "add",
            &format!("{spec}/imagePullSecrets"),
            "[{\"name\": \"patch-secret\"}]",
        )],
    };
    let is_json = in_hundred(chance, 35);
    let quoted = |value: &str| {
        if value.starts_with(['{', '[']) {
            value.to_owned()
        } else {
            format!("\"{value}\"")
        }
    };
    let text = if is_json {
        let one = |(op, path, value): &(String, String, String)| {
            format!(
                "{{\"op\": \"{op}\", \"path\": \"{path}\", \"value\": {}}}",
                quoted(value)
            )
        };
        let all: Vec<String> = operations.iter().map(one).collect();
        format!("[\n  {}\n]\n", all.join(",\n  "))
    } else {
        let one = |(op, path, value): &(String, String, String)| {
            format!("- op: {op}\n  path: {path}\n  value: {value}\n")
        };
        operations.iter().map(one).collect()
    };
    let end = if is_json { "json" } else { "yaml" };
    let legacy = in_hundred(chance, 25);
    let target = if legacy {
        let version = api_version(object.kind);
        let (group, version) = version.split_once('/').unwrap_or(("", version));
        let group = match group {
            "" => String::new(),
            group => format!("group: {group}\n"),
        };
        format!(
            "{group}version: {version}\nkind: {}\nname: {}\n",
            object.kind, object.name
        )
    } else {
        match chance.below(3) {
            0 => format!("kind: {}\n", object.kind),
            _ => format!("kind: {}\nname: {}\n", object.kind, object.name),
        }
    };
    Patch {
        list: if legacy { "patchesJson6902" } else { "patches" },
        target: Some(target),
        text,
        file: in_hundred(chance, 50).then(|| format!("{name}.{end}")),
    }
}
