//! Keys of kustomizations in another case, which kustomize takes for its own.

use super::build;
use super::cases::{Files, MIRRORS, builds, deployment, restored, settled, tree, write};
use super::silent::OLD;
use crate::support::tool;

const WEB: &str = "resources: [web.yaml]\n";

/// Lists of images, each with what `fix` makes of it, and the image that is built before and after.
/// Of several spellings, the last in the order of bytes decides.
const ROWS: &[(&str, &str, &str, &str)] = &[
    (
        "images: [{name: nginx, newname: ghcr.io/a/b}]\n",
        "images: [{name: nginx, newname: registry.example.com/ghcr/a/b}]\n",
        "ghcr.io/a/b:1",
        "registry.example.com/ghcr/a/b:1",
    ),
    (
        "Images: [{Name: nginx, NEWNAME: ghcr.io/a/b, NewTag: v2}]\n",
        "Images: [{Name: nginx, NEWNAME: registry.example.com/ghcr/a/b, NewTag: v2}]\n",
        "ghcr.io/a/b:v2",
        "registry.example.com/ghcr/a/b:v2",
    ),
    (
        "images:\n- name: nginx\n  newname: ghcr.io/a/b\n  newName: ghcr.io/c/d\n",
        "images:\n- name: nginx\n  newname: registry.example.com/ghcr/a/b\n  newName: ghcr.io/c/d\n",
        "ghcr.io/a/b:1",
        "registry.example.com/ghcr/a/b:1",
    ),
    (
        "images:\n- name: nginx\n  NEWNAME: ghcr.io/a/b\n  newName: ghcr.io/c/d\n",
        "images:\n- name: nginx\n  NEWNAME: ghcr.io/a/b\n  newName: registry.example.com/ghcr/c/d\n",
        "ghcr.io/c/d:1",
        "registry.example.com/ghcr/c/d:1",
    ),
    (
        "images:\n- name: nginx\n  newname: null\n  newName: ghcr.io/c/d\n",
        "images:\n- name: nginx\n  newname: null\n  newName: registry.example.com/ghcr/c/d\n",
        "ghcr.io/c/d:1",
        "registry.example.com/ghcr/c/d:1",
    ),
    (
        "images:\n- &a {name: other, newname: ghcr.io/a/b}\n- <<: *a\n  name: nginx\n",
        "images:\n- &a {name: other, newname: ghcr.io/a/b}\n- <<: *a\n  name: nginx\n  newname: registry.example.com/ghcr/a/b\n",
        "ghcr.io/a/b:1",
        "registry.example.com/ghcr/a/b:1",
    ),
];

fn files(lines: &str, image: &str) -> Files {
    tree([
        ("kustomization.yaml", &format!("{WEB}{lines}")),
        ("web.yaml", &deployment("web", &[("web", image)])),
    ])
}

#[test]
fn an_entry_is_read_in_any_case() {
    for (lines, after, old, new) in ROWS {
        let before = files(lines, OLD);
        let changed = tree([("kustomization.yaml", &format!("{WEB}{after}"))]);
        settled(MIRRORS, &before, &changed);
        builds(MIRRORS, &before, &[(".", &[old], &[new])]);
    }
}

/// A component's list is judged by itself where nothing uses it.
#[test]
fn an_entry_of_a_component_is_read_in_any_case() {
    let component = |name: &str| {
        format!(
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nimages:\n- name: nginx\n  NewName: {name}\n  newtag: v1\n"
        )
    };
    let before = tree([("kustomization.yaml", &component("ghcr.io/a/b"))]);
    let after = tree([(
        "kustomization.yaml",
        &component("registry.example.com/ghcr/a/b"),
    )]);
    settled(MIRRORS, &before, &after);
}

/// Patches, names and folders are found as well.
#[test]
fn other_keys_are_read_in_any_case() {
    let before = tree([
        ("base/kustomization.yaml", "Resources: [web.yaml]\n"),
        ("base/web.yaml", &deployment("web", &[("web", OLD)])),
        (
            "over/kustomization.yaml",
            "RESOURCES: [../base]\nNamePrefix: p-\nPatches:\n- Path: p.yaml\n  Target: {Kind: Deployment, NAME: web}\n",
        ),
        (
            "over/p.yaml",
            "- {op: replace, path: /spec/template/spec/containers/0/image, value: ghcr.io/a/b}\n",
        ),
    ]);
    let after = tree([
        (
            "base/web.yaml",
            &deployment(
                "web",
                &[("web", "registry.example.com/hub/library/nginx:1")],
            ),
        ),
        (
            "over/p.yaml",
            "- {op: replace, path: /spec/template/spec/containers/0/image, value: registry.example.com/ghcr/a/b}\n",
        ),
    ]);
    settled(MIRRORS, &before, &after);
    let mirrored = "registry.example.com/ghcr/a/b";
    builds(MIRRORS, &before, &[("over", &["ghcr.io/a/b"], &[mirrored])]);
}

/// Two lists are decoded into one, item by item: what comes of them is not followed, and said.
#[test]
fn a_list_under_two_spellings_is_not_settled() {
    let lines =
        "Images: [{name: nginx, newName: ghcr.io/a/b}]\nimages: [{name: nginx, newTag: v2}]\n";
    let right = "registry.example.com/hub/library/nginx:1";
    let before = files(lines, right);
    let [checked, fixed, again] = restored(MIRRORS, &before, &Files::new());
    let says = "error[unresolved-image]: what `Images` and `images` come to together, which is not followed, may change 1 image of tree/kustomization.yaml";
    assert!(checked.1.contains(says), "{}", checked.1);
    assert!(checked.1.contains("0 of 1 root settled"), "{}", checked.1);
    assert_eq!([checked.0, fixed.0, again.0], [1; 3], "{}", again.1);
    if let Some(kustomize) = tool("kustomize") {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), &before);
        build::build(&kustomize, folder.path(), ".").expect("it builds");
    }
}
