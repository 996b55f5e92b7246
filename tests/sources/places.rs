//! What builds bring from elsewhere, and the places that decide what they run.

use std::fs;
use std::path::Path;

use super::cases::{MIRRORS, deployment, tree, write};
use super::silent::OLD;
use crate::support::run_in_folder;

/// A build is judged where one of its folders alone is given; what is not given is never edited.
#[test]
fn what_a_root_refers_to_elsewhere_in_the_repository_is_read() {
    let files = tree([
        (
            "clusters/prod/kustomization.yaml",
            "resources: [../../base]\n",
        ),
        ("base/kustomization.yaml", "resources: [app.yaml]\n"),
        ("base/app.yaml", &deployment("app", &[("app", OLD)])),
        ("base/unused.yaml", &deployment("unused", &[("app", OLD)])),
    ]);
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("tree");
    write(&place, &files);
    fs::create_dir(place.join(".git")).expect("a folder");
    fs::write(place.join("c.yaml"), MIRRORS).expect("written");
    let prod = place.join("clusters/prod");
    let rows: [(&Path, &[&str], &str); 3] = [
        (&place, &["-c", "c.yaml", "clusters/prod"], ""),
        (
            &place,
            &["-c", "c.yaml", "clusters/prod/kustomization.yaml"],
            "",
        ),
        (&prod, &["-c", "../../c.yaml"], "../../"),
    ];
    for (working, words, up) in rows {
        for command in ["check", "fix"] {
            let run = run_in_folder(working, &[&[command][..], words].concat(), b"");
            assert_eq!(run.code, 1, "{}", run.stderr);
            let said = String::from_utf8(run.stdout).expect("UTF-8");
            let says = format!(
                "left, since it is written in {up}base/app.yaml, which is not among the given paths, and read since a kustomization refers to it ("
            );
            assert!(said.contains(&says), "{said}");
            assert!(said.contains("0 of 1 root settled"), "{said}");
        }
    }
    for (path, text) in &files {
        let now = fs::read_to_string(place.join(path)).expect("a text");
        assert_eq!(now, *text, "{path}");
    }
}

/// What a patch or a list of images sets is what runs: it is listed, and findings are at its place.
#[test]
fn images_are_listed_where_a_build_takes_them_from() {
    let files = tree([
        ("base/kustomization.yaml", "resources: [app.yaml]\n"),
        (
            "base/app.yaml",
            &deployment("app", &[("app", "grafana/alloy:v1.0.0")]),
        ),
        (
            "list/kustomization.yaml",
            "resources: [../base]\nimages:\n- name: grafana/alloy\n  newName: mirror.corp/hub/grafana/alloy\n",
        ),
        (
            "inline/kustomization.yaml",
            "resources: [../base]\npatches:\n- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: app}\n    spec:\n      template:\n        spec:\n          containers:\n          - name: app\n            image: grafana/alloy:v1.1.0\n",
        ),
        (
            "json/kustomization.yaml",
            "resources: [../base]\npatches:\n- path: patch.yaml\n  target: {kind: Deployment}\n",
        ),
        (
            "json/patch.yaml",
            "- op: replace\n  path: /spec/template/spec/containers/0/image\n  value: grafana/alloy:v1.2.0\n",
        ),
    ]);
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("tree"), &files);
    let run = run_in_folder(folder.path(), &["images", "--format", "csv"], b"");
    let text = String::from_utf8(run.stdout).expect("UTF-8");
    let words = |line: &str| {
        let words: Vec<&str> = line.split(',').collect();
        format!(
            "{}:{}:{} {} {}",
            words[0], words[1], words[2], words[9], words[13]
        )
    };
    let lines: Vec<String> = text.lines().skip(1).map(words).collect();
    let expected = [
        "tree/base/app.yaml:10:16 grafana/alloy:v1.0.0 right",
        "tree/inline/kustomization.yaml:12:20 grafana/alloy:v1.1.0 right",
        "tree/json/patch.yaml:3:10 grafana/alloy:v1.2.0 right",
        "tree/list/kustomization.yaml:4:12 mirror.corp/hub/grafana/alloy:v1.0.0 undeclared",
    ];
    assert_eq!(lines, expected);
    let run = run_in_folder(folder.path(), &["check", "--format", "short"], b"");
    let text = String::from_utf8(run.stdout).expect("UTF-8");
    let expected = "tree/list/kustomization.yaml:4:12: warning: ";
    assert!(text.contains(expected), "{text}");
}

/// An entry of a list is every image that it makes, with the versions that manifests give them.
#[test]
fn an_entry_is_listed_as_what_it_makes_of_manifests() {
    let files = tree([
        (
            "kustomization.yaml",
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [one.yaml, two.yaml]\nimages: [{name: app, newName: quay.io/acme/app}]\n",
        ),
        ("one.yaml", &deployment("one", &[("app", "app:v1")])),
        ("two.yaml", &deployment("two", &[("app", "app:v2")])),
    ]);
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("tree"), &files);
    let run = run_in_folder(folder.path(), &["images", "--format", "csv"], b"");
    let text = String::from_utf8(run.stdout).expect("UTF-8");
    let listed = text
        .lines()
        .filter(|line| line.contains("kustomization.yaml"));
    let listed: Vec<&str> = listed.filter_map(|line| line.split(',').nth(9)).collect();
    assert_eq!(
        listed,
        ["quay.io/acme/app:v1", "quay.io/acme/app:v2"],
        "{text}"
    );
}
