//! What a template or a variable says that is filled in later: told, and never counted as read.

use super::cases::{Files, MIRRORS, deployment, restored, settled, tree};
use super::silent::left;

/// An ApplicationSet that builds a folder, with a patch of what it makes.
fn set(patch: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {{name: web}}
spec:
  goTemplate: true
  generators: [{{list: {{elements: [{{env: prod}}]}}}}]
  template:
    metadata: {{name: 'web-{{{{.env}}}}'}}
    spec:
      source: {{repoURL: https://git.example.com/acme/deploy, path: apps/prod}}
  templatePatch: |
    spec:
{patch}"
    )
}

/// A patch of an ApplicationSet may give its folder another list of images.
#[test]
fn what_a_template_patch_sets_is_not_known() {
    let files = |patch: &str| {
        tree([
            ("set.yaml", &set(patch)),
            ("apps/prod/kustomization.yaml", "resources: [web.yaml]\n"),
            (
                "apps/prod/web.yaml",
                &deployment("web", &[("web", "ghcr.io/acme/web:v1")]),
            ),
        ])
    };
    let before =
        files("      source:\n        kustomize:\n          images: [ghcr.io/acme/web:v9]\n");
    let says = "left, since what `templatePatch` sets, which is not followed, may change it (ApplicationSet web of tree/set.yaml)";
    left(MIRRORS, &before, 1, says);
    let before = files("      syncPolicy: {automated: {prune: true}}\n");
    let after = tree([(
        "apps/prod/web.yaml",
        &deployment("web", &[("web", "registry.example.com/ghcr/acme/web:v1")]),
    )]);
    let [checked, fixed, again] = restored(MIRRORS, &before, &after);
    assert_eq!([checked.0, fixed.0, again.0], [1, 0, 0], "{}", again.1);
}

/// An image with a variable is neither read nor settled, and an entry that names it is told why it finds none.
#[test]
fn an_image_with_a_variable_is_not_read() {
    let images = [
        ("a", "'${IMG}'"),
        ("b", "ghcr.io/acme/t:${TAG}"),
        ("c", "'${REG:=ghcr.io}/acme/t:v1'"),
    ];
    let before = tree([
        (
            "kustomization.yaml",
            "resources: [web.yaml]\nimages: [{name: ghcr.io/acme/t, newTag: v3}]\n",
        ),
        ("web.yaml", &deployment("web", &images)),
    ]);
    let [checked, ..] = restored(MIRRORS, &before, &Files::new());
    for says in [
        "images entry ghcr.io/acme/t matches no image in the items, since kustomize matches none with a variable in its version: write that into the entry alone",
        "0 of 1 root settled, 0 images read, 3 not read",
    ] {
        assert!(checked.1.contains(says), "{}", checked.1);
    }
}

/// Files that no build brings are counted likewise.
#[test]
fn an_image_with_a_variable_in_a_manifest_alone() {
    let before = tree([(
        "web.yaml",
        &deployment("web", &[("a", "ghcr.io/acme/t:${TAG}"), ("b", "busybox")]),
    )]);
    let config = MIRRORS.replace("docker.io", "mcr.microsoft.com");
    let [checked, ..] = restored(&config, &before, &Files::new());
    assert!(
        checked.1.contains("1 image read, 1 not read"),
        "{}",
        checked.1
    );
}

/// Where the entry of an object decides the image, the manifest below it stays, whatever fills the tag in.
#[test]
fn a_tag_that_is_a_template_is_as_good_as_any() {
    for tag in ["v9", "{{.tag}}"] {
        let set = |entry: &str| {
            format!(
                "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: web}}\nspec:\n  goTemplate: true\n  generators: [{{list: {{elements: [{{env: prod, tag: v2}}, {{env: test, tag: v3}}]}}}}]\n  template:\n    metadata: {{name: 'web-{{{{.env}}}}'}}\n    spec:\n      source: {{repoURL: https://git.example.com/acme/deploy, path: apps/web, kustomize: {{images: ['{entry}:{tag}']}}}}\n"
            )
        };
        let before = tree([
            ("set.yaml", &*set("ghcr.io/acme/web")),
            ("apps/web/kustomization.yaml", "resources: [web.yaml]\n"),
            (
                "apps/web/web.yaml",
                &deployment("web", &[("web", "ghcr.io/acme/web:v1")]),
            ),
        ]);
        let right = set("ghcr.io/acme/web=registry.example.com/ghcr/acme/web");
        settled(MIRRORS, &before, &tree([("set.yaml", &*right)]));
    }
}
