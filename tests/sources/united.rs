//! Two entries of one name in a list: kustomize runs both, and objects that merge lists by name keep one of
//! them, so which entries have one name stays as it is.

use std::fs;

use super::build;
use super::cases::{MIRRORS, deployment, settled, tree, write};
use crate::support::{engine, tool};

const LIST: &str = "\
resources: [web.yaml]
images:
- {name: ghcr.io/acme/web, newTag: v3}
- {name: ghcr.io/acme/web, newName: docker.io/acme/other, newTag: v2}
";

const APPLICATION: &str = "\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: apps}
spec:
  source: {path: apps, kustomize: {images: [\"zz=yy:3\"]}}
";

/// Flux builds the folder as it is, with both entries, and Argo CD with the first of them.
#[test]
fn entries_of_one_name_are_renamed_together() {
    let overlay = "resources: [../apps]\nnamespace: prod\n";
    let before = tree([
        ("apps/kustomization.yaml", LIST),
        (
            "apps/web.yaml",
            &deployment("web", &[("web", "ghcr.io/acme/web:1")]),
        ),
        ("prod/kustomization.yaml", overlay),
        ("clusters/apps.yaml", APPLICATION),
    ]);
    let renamed = LIST
        .replace("ghcr.io/acme/web", "registry.example.com/ghcr/acme/web")
        .replace(
            "docker.io/acme/other",
            "registry.example.com/hub/acme/other",
        );
    let image = "registry.example.com/ghcr/acme/web:1";
    let changed = tree([
        ("apps/kustomization.yaml", &*renamed),
        ("apps/web.yaml", &deployment("web", &[("web", image)])),
    ]);
    settled(MIRRORS, &before, &changed);
    let Some(kustomize) = tool("kustomize") else {
        return;
    };
    // As Argo CD does before it builds.
    let merged = |files: &super::cases::Files| {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), files);
        let apps = folder.path().join("apps");
        let run = engine(&kustomize, &apps, &["edit", "set", "image", "zz=yy:3"], &[]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        build::build(&kustomize, folder.path(), "apps").expect("it builds")
    };
    let mut after = before.clone();
    after.extend(changed);
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("c.yaml"), MIRRORS).expect("written");
    let should = build::restored(folder.path(), &merged(&before)).expect("it is restored");
    assert_eq!(build::fields(&merged(&after)), build::fields(&should));
}
