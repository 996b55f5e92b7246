//! The list itself: `function/fields.yaml` keeps its form, and the rows reach all of it.

use std::collections::{BTreeMap, BTreeSet};

use yaml_rust2::{Yaml, YamlLoader};

use super::cases;

/// The value of a key of an entry, if it is there.
fn text<'y>(entry: &'y Yaml, key: &str) -> Option<&'y str> {
    entry[key].as_str()
}

fn texts(entry: &Yaml, key: &str) -> Vec<String> {
    let items = entry[key].as_vec().cloned().unwrap_or_default();
    let text = |item: &Yaml| item.as_str().expect("text").to_owned();
    items.iter().map(text).collect()
}

/// Every value at a path of names and wildcards.
fn find<'y>(root: &'y Yaml, path: &str) -> Vec<&'y Yaml> {
    let mut found = vec![root];
    for step in steps(path) {
        found = found
            .into_iter()
            .flat_map(|node| match (step, node) {
                ("[*]", Yaml::Array(items)) => items.iter().collect(),
                ("*", Yaml::Hash(pairs)) => pairs.values().collect(),
                ("[*]" | "*", _) => vec![],
                (key, node) => match &node[key] {
                    Yaml::BadValue => vec![],
                    value => vec![value],
                },
            })
            .collect();
    }
    found
}

fn steps(path: &str) -> Vec<&str> {
    let path = path.strip_prefix("$.").expect("a path from the root");
    path.split('.')
        .flat_map(|step| {
            let name = step.trim_end_matches("[*]");
            let lists = (step.len() - name.len()) / "[*]".len();
            std::iter::once(name).chain(std::iter::repeat_n("[*]", lists))
        })
        .collect()
}

const FIELDS: &str = include_str!("../../function/fields.yaml");

fn entries() -> Vec<Yaml> {
    let mut documents = YamlLoader::load_from_str(FIELDS).expect("YAML");
    documents.remove(0).into_vec().expect("a list")
}

#[test]
fn every_kind_stands_once_in_the_list_and_has_a_row() {
    let mut listed = BTreeSet::new();
    for entry in entries() {
        let group = text(&entry, "group").expect("a group");
        for kind in texts(&entry, "kinds") {
            let name = format!("{group} {kind}");
            assert!(listed.insert(name.clone()), "{name} stands twice");
        }
    }
    let group = |api_version: &'static str| api_version.split_once('/').expect("a group").0;
    let rows: BTreeSet<String> = cases()
        .map(|(api_version, kind, _)| format!("{} {kind}", group(api_version)))
        .collect();
    assert_eq!(listed, rows);
}

/// A path that no row has a drifted image at would be a path that no test covers.
#[test]
fn the_rows_have_a_drifted_image_at_every_path() {
    let mut rows: BTreeMap<(String, String), Vec<(Yaml, Yaml)>> = BTreeMap::new();
    for (api_version, kind, case) in cases() {
        let load = |text: &str| YamlLoader::load_from_str(text).expect("YAML").remove(0);
        let (group, _) = api_version.split_once('/').expect("a group");
        let pair = (load(&case.before), load(&case.with_secret));
        rows.entry((group.to_owned(), kind.to_owned()))
            .or_default()
            .push(pair);
    }
    let drifted = |value: &Yaml| {
        value
            .as_str()
            .is_some_and(|text| text.starts_with("registry.local:5000"))
    };
    for entry in entries() {
        let group = text(&entry, "group").expect("a group");
        for kind in texts(&entry, "kinds") {
            let rows = &rows[&(group.to_owned(), kind.clone())];
            let before = |path: &str, holds: &dyn Fn(&Yaml) -> bool| {
                let any = |row: &Yaml| find(row, path).into_iter().any(holds);
                assert!(rows.iter().any(|(row, _)| any(row)), "{kind}: {path}");
            };
            let after = |path: &str, holds: &dyn Fn(&Yaml) -> bool| {
                let any = |row: &Yaml| find(row, path).into_iter().any(holds);
                assert!(rows.iter().any(|(_, row)| any(row)), "{kind}: {path}");
            };
            for pod in texts(&entry, "pods") {
                before(&format!("{pod}.containers[*].image"), &drifted);
                before(&format!("{pod}.initContainers[*].image"), &drifted);
                before(&format!("{pod}.volumes[*].image.reference"), &drifted);
                after(&format!("{pod}.imagePullSecrets[*].name"), &|name| {
                    name.as_str() == Some("mine")
                });
            }
            for image in entry["images"].as_vec().unwrap_or(&vec![]) {
                match (
                    text(image, "image"),
                    text(image, "registry"),
                    text(image, "repository"),
                ) {
                    (Some(path), None, None)
                    | (None, Some(path), Some(_))
                    | (None, None, Some(path)) => {
                        before(path, &drifted);
                    }
                    _ => panic!("{kind}: neither an image nor a repository"),
                }
                if let Some(path) = text(image, "tag") {
                    before(path, &|tag| tag.as_str() == Some("v1.2.3"));
                }
                if let Some(path) = text(image, "digest") {
                    before(path, &|_| true);
                }
                if let Some(path) = text(image, "imagePullPolicy") {
                    after(path, &|policy| policy.as_str() == Some("Always"));
                }
                if let Some(path) = text(image, "pullSecretNames") {
                    after(&format!("{path}[*]"), &|name| name.as_str() == Some("mine"));
                }
                if let Some(path) = text(image, "imagePullSecret") {
                    after(path, &|name| name.as_str() == Some("mine"));
                }
                if let Some(path) = text(image, "imagePullSecrets") {
                    after(&format!("{path}[*].name"), &|name| {
                        name.as_str() == Some("mine")
                    });
                }
            }
        }
    }
}

/// The form that the program relies on.
#[test]
fn the_list_keeps_its_form() {
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    let name = |step: &str| !step.is_empty() && step.chars().all(is_letter);
    let parent = |path: &str| path.rsplit_once('.').map(|(parent, _)| parent.to_owned());
    for entry in entries() {
        let mut all = texts(&entry, "pods");
        let known = [
            "group",
            "kinds",
            "agents",
            "pods",
            "images",
            "wholeOnly",
            "registries",
        ];
        for (key, _) in entry.as_hash().expect("a mapping") {
            assert!(known.contains(&key.as_str().expect("text")), "{key:?}");
        }
        for image in entry["images"].as_vec().unwrap_or(&vec![]) {
            let main = text(image, "image")
                .or(text(image, "repository"))
                .expect("an image");
            for (key, path) in image.as_hash().expect("a mapping") {
                let (key, path) = (key.as_str().expect("text"), path.as_str().expect("text"));
                // They are names, and no paths.
                if matches!(key, "defaultRegistry" | "defaultRepository") {
                    continue;
                }
                assert!(
                    [
                        "image",
                        "registry",
                        "repository",
                        "tag",
                        "digest",
                        "unless",
                        "imagePullPolicy",
                        "imagePullSecrets",
                        "overridingPullSecrets",
                        "pullSecretNames",
                        "imagePullSecret"
                    ]
                    .contains(&key),
                    "{key}"
                );
                assert!(
                    parent(path) == parent(main) || !path.contains('*'),
                    "{path} is neither beside {main} nor one value"
                );
                all.push(path.to_owned());
            }
        }
        for registry in entry["registries"].as_vec().unwrap_or(&vec![]) {
            all.extend(text(registry, "registry").map(str::to_owned));
            assert!(text(registry, "before").is_some(), "{registry:?}");
        }
        for path in all {
            let steps = steps(&path);
            assert!(
                steps
                    .iter()
                    .all(|step| *step == "[*]" || *step == "*" || name(step)),
                "{path}"
            );
            assert!(!path.ends_with(".*"), "{path}");
        }
    }
    // Every entry says where it is from.
    let mut source = false;
    for line in FIELDS.lines() {
        source |= line.starts_with('#') && line.contains("https://");
        if line.starts_with("- group:") {
            assert!(source, "no source: {line}");
            source = false;
        }
    }
}
