//! Operations of JSON patches as kustomize takes them, beyond RFC 6902 as well.

use super::build;
use super::cases::{Files, MIRRORS, deployment, restored, settled, tree, write};
use crate::support::tool;

const FIRST: &str = "registry.example.com/hub/library/one:1";
const SECOND: &str = "registry.example.com/hub/library/two:1";

fn files(operations: &str) -> Files {
    let patch = operations.replace("C/", "/spec/template/spec/containers/");
    let web = deployment("web", &[("one", FIRST), ("two", SECOND)]);
    tree([
        (
            "kustomization.yaml",
            "resources: [web.yaml]\npatches: [{path: p.yaml, target: {kind: Deployment}}]\n",
        ),
        ("p.yaml", &patch),
        ("web.yaml", &web),
    ])
}

/// The images that kustomize builds, if it is there; `None` where it refuses.
fn built(files: &Files) -> Option<Option<Vec<String>>> {
    let kustomize = tool("kustomize")?;
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), files);
    let built = build::build(&kustomize, folder.path(), ".").ok();
    let line = |line: &str| Some(line.split_once("image: ")?.1.to_owned());
    Some(built.map(|built| built.lines().filter_map(line).collect()))
}

/// Operations that set `ghcr.io/a/b`, and what is built of them.
const TAKEN: &[(&str, &[&str])] = &[
    (
        "- {op: replace, path: C/-1/image, value: ghcr.io/a/b}\n",
        &[FIRST, "ghcr.io/a/b"],
    ),
    (
        "- {op: replace, path: C/-2/image, value: ghcr.io/a/b}\n",
        &["ghcr.io/a/b", SECOND],
    ),
    (
        "- {op: add, path: C/+1/image, value: ghcr.io/a/b}\n",
        &[FIRST, "ghcr.io/a/b"],
    ),
    (
        "- {op: add, path: C/00/image, value: ghcr.io/a/b}\n",
        &["ghcr.io/a/b", SECOND],
    ),
    (
        "- {op: replace, path: C/-1, value: {name: x, image: ghcr.io/a/b}}\n",
        &[FIRST, "ghcr.io/a/b"],
    ),
    (
        "- {op: add, path: C/-1, value: {name: x, image: ghcr.io/a/b}}\n",
        &[FIRST, SECOND, "ghcr.io/a/b"],
    ),
    (
        "- {op: add, path: C/-3, value: {name: x, image: ghcr.io/a/b}}\n",
        &["ghcr.io/a/b", FIRST, SECOND],
    ),
    (
        "- {op: remove, path: C/-1}\n- {op: add, path: C/0/image, value: ghcr.io/a/b}\n",
        &["ghcr.io/a/b"],
    ),
    (
        "- {op: add, path: C/-, value: {name: x, image: ghcr.io/a/b}}\n- {op: move, from: C/-1, path: C/0}\n",
        &["ghcr.io/a/b", FIRST, SECOND],
    ),
    (
        "- {op: replace, path: xC/0/image, value: ghcr.io/a/b}\n",
        &["ghcr.io/a/b", SECOND],
    ),
    (
        "- {op: add, path: /spec/paused}\n- {op: add, path: C/0/image, value: ghcr.io/a/b}\n",
        &["ghcr.io/a/b", SECOND],
    ),
    (
        "- {op: copy, from: /spec/nothing, path: /spec/paused}\n- {op: add, path: C/0/image, value: ghcr.io/a/b}\n",
        &["ghcr.io/a/b", SECOND],
    ),
    (
        "- {op: test, path: C/-1/name, value: two}\n- {op: test, path: C/0/command, value: null}\n- {op: add, path: C/0/image, value: ghcr.io/a/b}\n",
        &["ghcr.io/a/b", SECOND],
    ),
    (
        "- {op: replace, path: /metadata/annotations/x, value: a}\n- {op: add, path: C/0/image, value: ghcr.io/a/b}\n",
        &["ghcr.io/a/b", SECOND],
    ),
    (
        "# JSON only where it begins so\n[{op: add, path: C/0/image, value: ghcr.io/a/b}]\n",
        &["ghcr.io/a/b", SECOND],
    ),
    (
        "- {op: replace, path: \"\", value: {apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: {spec: {containers: [{name: x, image: ghcr.io/a/b}]}}}}}\n",
        &["ghcr.io/a/b"],
    ),
];

#[test]
fn operations_are_followed_as_kustomize_takes_them() {
    for (operations, images) in TAKEN {
        let before = files(operations);
        let mut changed = before.clone();
        changed.retain(|path, _| *path == "p.yaml");
        let patch = changed.get_mut("p.yaml").expect("a patch");
        *patch = patch.replace("ghcr.io/", "registry.example.com/ghcr/");
        if let Some(built) = built(&before) {
            assert_eq!(built.as_deref(), Some(&owned(images)[..]), "{operations}");
        }
        settled(MIRRORS, &before, &changed);
    }
}

fn owned(images: &[&str]) -> Vec<String> {
    images.iter().map(|image| (*image).to_owned()).collect()
}

/// What kustomize refuses, so that nothing is built.
const REFUSED: &[&str] = &[
    "- {op: replace, path: C/-3/image, value: a}\n",
    "- {op: replace, path: C/-, value: {name: a, image: a}}\n",
    "- {op: replace, path: C/2, value: {name: a, image: a}}\n",
    "- {op: add, path: C/-4, value: {name: a, image: a}}\n",
    "- {op: add, path: C/3, value: {name: a, image: a}}\n",
    "- {op: remove, path: C/-3}\n",
    "- {op: remove, path: C/-}\n",
    "- {op: remove, path: C/0/command}\n",
    "- {op: move, from: C/0/command, path: C/1/command}\n",
    "- {op: copy, from: C/7, path: C/-}\n",
    "- {op: replace, path: /spec/none/none, value: a}\n",
    "- {op: replace, path: spec, value: a}\n",
    "- {op: Replace, path: C/0/image, value: a}\n",
    "- {OP: replace, path: C/0/image, value: a}\n",
    "- {op: replace, path: \"\", value: {kind: Deployment}}\n",
    "- {op: test, path: C/0/image, value: nginx}\n",
    "- {op: test, path: C/0/image, value: null}\n",
    "- {op: test, path: C/0/command, value: a}\n",
    "- {op: test, path: C/0/image}\n",
    "[{op: replace, path: C/0/image, value: a}]\n",
];

#[test]
fn operations_that_kustomize_refuses_are_said() {
    for operations in REFUSED {
        let before = files(operations);
        let [checked, ..] = restored(MIRRORS, &before, &Files::new());
        let says =
            "warning[unfollowed-build]: kustomize would refuse to build tree/kustomization.yaml";
        assert!(checked.1.contains(says), "{operations}{}", checked.1);
        assert!(checked.1.contains("0 of 1 root settled"), "{}", checked.1);
        assert!(matches!(built(&before), None | Some(None)), "{operations}");
    }
}
