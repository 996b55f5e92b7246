//! Tests of JSON patches whose value holds an image.

use super::build;
use super::cases::{Files, MIRRORS, deployment, restored, settled, tree, write};
use crate::support::tool;

const OLD: &str = "ghcr.io/acme/web:v1";
const NEW: &str = "registry.example.com/ghcr/acme/web:v1";
const CONTAINERS: &str = "/spec/template/spec/containers";

fn files(test: &str) -> Files {
    tree([
        ("base/kustomization.yaml", "resources: [web.yaml]\n"),
        ("base/web.yaml", &deployment("web", &[("a", OLD)])),
        (
            "over/kustomization.yaml",
            &format!(
                "resources: [../base]\npatches:\n- target: {{kind: Deployment}}\n  patch: |-\n    - {test}\n"
            ),
        ),
    ])
}

/// The tested value is edited with what it tests.
#[test]
fn a_value_around_an_image_is_tested() {
    for test in [
        "{op: test, path: C/0, value: {name: a, image: 'ghcr.io/acme/web:v1'}}",
        "{op: test, path: C/0, value: {image: 'ghcr.io/acme/web:v1', name: a}}",
        "{op: test, path: C, value: [{name: a, image: 'ghcr.io/acme/web:v1'}]}",
        "{op: test, path: /spec, value: {template: {spec: {containers: [{name: a, image: 'ghcr.io/acme/web:v1'}]}}}}",
    ] {
        let before = files(&test.replace('C', CONTAINERS));
        let mut changed = before.clone();
        changed.retain(|path, _| *path != "base/kustomization.yaml");
        for text in changed.values_mut() {
            *text = text.replace(OLD, NEW);
        }
        settled(MIRRORS, &before, &changed);
        if let Some(kustomize) = tool("kustomize") {
            let folder = tempfile::tempdir().expect("a folder");
            write(folder.path(), &before);
            write(folder.path(), &changed);
            build::build(&kustomize, folder.path(), "over").expect("it builds");
        }
    }
}

/// Nothing is added to what a patch tests as a whole, and an image without its pull secret stays.
#[test]
fn nothing_is_added_to_what_is_tested() {
    let config = MIRRORS.replace(
        "ghcr, scope: all}",
        "ghcr, scope: all, imagePullSecrets: [gh]}",
    );
    for test in [
        "{op: test, path: /spec/template/spec, value: {containers: [{name: a, image: 'ghcr.io/acme/web:v1'}]}}",
        "{op: test, path: /spec/template/spec/imagePullSecrets, value: null}",
    ] {
        let before = files(test);
        let [.., (code, said)] = restored(&config, &before, &Files::new());
        assert_eq!(code, 1, "{said}");
        for says in [
            "left, since a JSON patch tests the value that it would be a part of: change both by hand",
            "left, since the pull secrets that it needs there are left",
        ] {
            assert!(said.contains(says), "{said}");
        }
    }
}
