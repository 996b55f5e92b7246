//! What decides an image, as `check --rendered` and `images` name it.

use std::fs;
use std::process::Command;

use super::cases::{MIRRORS, deployment, tree, write};
use crate::support::{binary, finish, run_in_folder, tool};

#[test]
fn the_entry_that_finds_an_image_by_its_name_decides_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path();
    let patch = "patches:\n- target: {kind: Deployment, name: other}\n  patch: |-\n    - {op: replace, path: /spec/template/spec/containers/0/image, value: quay.io/acme/other:v3}\n- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: third}\n    spec: {template: {spec: {containers: [{name: third, image: quay.io/acme/third:v3}]}}}\n";
    let images = "images:\n- name: ghcr.io/acme/web\n  newTag: v2\n";
    let files = tree([
        (
            "base/kustomization.yaml",
            &*format!("resources: [web.yaml, other.yaml, third.yaml]\n{images}{patch}"),
        ),
        (
            "base/web.yaml",
            &deployment("web", &[("web", "ghcr.io/acme/web:v1")]),
        ),
        (
            "base/other.yaml",
            &deployment("other", &[("other", "quay.io/acme/other:v1")]),
        ),
        (
            "base/third.yaml",
            &deployment("third", &[("third", "quay.io/acme/third:v1")]),
        ),
        ("c.yaml", MIRRORS),
    ]);
    write(place, &files);
    let listed = run_in_folder(
        place,
        &["images", "-c", "c.yaml", "--format", "json", "base"],
        b"",
    );
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    let rows = listed["images"].as_array().expect("images").iter();
    let rows = rows.map(|row| {
        let text = |key: &str| row[key].as_str().unwrap_or_default();
        format!(
            "{}:{} {}: {} {}",
            text("file"),
            row["line"],
            text("role"),
            text("image"),
            text("state")
        )
    });
    // What no root runs is not listed.
    let expected = [
        "base/kustomization.yaml:4 kustomization: ghcr.io/acme/web:v2 wrong",
        "base/kustomization.yaml:8 JSON 6902 patch: quay.io/acme/other:v3 wrong",
        "base/kustomization.yaml:13 strategic-merge patch: quay.io/acme/third:v3 wrong",
    ];
    assert_eq!(rows.collect::<Vec<_>>(), expected);
    let Some(kustomize) = tool("kustomize") else {
        return;
    };
    let rendered = || {
        let mut command = Command::new(binary());
        let programs = kustomize.parent().expect("a folder");
        command.current_dir(place).env("PATH", programs);
        finish(
            &mut command,
            &["check", "--rendered", "-c", "c.yaml", "base"],
            b"",
        )
    };
    let run = rendered();
    let said = String::from_utf8(run.stdout).expect("UTF-8") + &run.stderr;
    assert_eq!(run.code, 1, "{said}");
    assert!(
        said.contains("decided by: base/kustomization.yaml:3:9"),
        "{said}"
    );
    assert!(!said.contains("web.yaml"), "{said}");
    // An exception for the place of the manifest holds all the same, as it does without `--rendered`.
    let exception =
        "  exceptions:\n  - {file: base/web.yaml, allow: [registry], reason: it stays}\n";
    fs::write(place.join("c.yaml"), MIRRORS.to_owned() + exception).expect("written");
    let run = rendered();
    let said = String::from_utf8(run.stdout).expect("UTF-8") + &run.stderr;
    assert!(
        !said.contains(
            "error[wrong-registry]: spec.template.spec.containers[0].image: container web"
        ),
        "{said}"
    );
}
