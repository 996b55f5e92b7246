//! What strategic-merge patches say of lists, and which schema they are merged by.

use std::fs;

use super::build;
use super::cases::{Files, MIRRORS, write};
use super::silent::lawful;

/// A base with two containers, and an overlay with a list that names the image of the first one.
fn overlay(kind: &str, patch: &str) -> [(&'static str, String); 4] {
    let (api_version, kind) = kind.split_once(' ').expect("a version and a kind");
    let containers = "containers:\n- name: a\n  image: ghcr.io/acme/web:v1\n- name: b\n  image: quay.io/acme/b:v1\n";
    let keys: &[&str] = match kind {
        "CronJob" => &["spec", "jobTemplate", "spec", "template", "spec"],
        _ => &["spec", "template", "spec"],
    };
    let mut spec = String::new();
    for (depth, key) in keys.iter().enumerate() {
        spec += &format!("{}{key}:\n", "  ".repeat(depth));
    }
    let of_list = |lines: &str| -> String {
        let indent = "  ".repeat(keys.len());
        lines
            .lines()
            .map(|line| format!("{indent}{line}\n"))
            .collect()
    };
    let head = format!("apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: web}}\n");
    let patch = if patch.contains("apiVersion") {
        patch.to_owned()
    } else {
        format!("{head}{spec}{}", of_list(patch))
    };
    [
        ("base/d.yaml", format!("{head}{spec}{}", of_list(containers))),
        ("base/kustomization.yaml", "resources: [d.yaml]\n".to_owned()),
        ("over/kustomization.yaml", "resources: [../base]\npatches: [{path: p.yaml}]\nimages: [{name: ghcr.io/acme/web, newTag: v2}]\n".to_owned()),
        ("over/p.yaml", patch),
    ]
}

fn files(all: &[(&'static str, String)]) -> Files {
    all.iter().cloned().collect()
}

#[test]
fn items_of_lists_say_what_becomes_of_them() {
    for patch in [
        "containers: [{name: a, $patch: replace, image: 'quay.io/acme/web:v5'}]\n",
        "containers: [{name: c, $patch: replace, image: 'ghcr.io/acme/c:v5'}]\n",
        "containers: [{name: b, $patch: replace, command: [x]}, {name: a, command: [y]}]\n",
        "containers: [{name: b, $patch: delete}]\n",
        "containers: [{$patch: merge}]\n",
        "containers: [{$patch: replace}, {name: c, image: 'ghcr.io/acme/web:v5'}]\n",
        "initContainers: [{name: b, $patch: replace, image: 'ghcr.io/acme/web:v5'}]\n",
        "volumes: [{name: v, $patch: replace, image: {reference: 'ghcr.io/acme/v:v5'}}]\n",
    ] {
        let all = overlay("apps/v1 Deployment", patch);
        lawful(MIRRORS, &files(&all), &["base", "over"]);
    }
}

#[test]
fn a_list_of_resources_is_several_patches() {
    for patch in [
        "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 2}}\n",
        "apiVersion: apps/v1\nkind: DeploymentList\nitems:\n- apiVersion: apps/v1\n  kind: Deployment\n  metadata: {name: web}\n  spec: {template: {spec: {containers: [{name: b, image: 'ghcr.io/acme/b:v9'}]}}}\n",
    ] {
        let all = overlay("apps/v1 Deployment", patch);
        lawful(MIRRORS, &files(&all), &["base", "over"]);
    }
}

#[test]
fn an_older_version_of_a_cron_job_merges_its_lists() {
    let all = overlay(
        "batch/v1beta1 CronJob",
        "containers: [{name: b, image: 'quay.io/acme/b:v7'}]\n",
    );
    lawful(MIRRORS, &files(&all), &["base", "over"]);
}

/// The image is in a kind then that nobody judges, and its list would no longer find it.
#[test]
fn a_patch_that_changes_the_kind_holds_what_it_has() {
    let patch = "apiVersion: apps/v1\nkind: Rollout\nmetadata: {name: web}\n";
    let mut all = overlay("apps/v1 Deployment", patch);
    all[2].1 = "resources: [../base]\npatches: [{path: p.yaml, target: {name: web}, options: {allowKindChange: true}}]\nimages: [{name: ghcr.io/acme/web, newTag: v2}]\n".to_owned();
    lawful(MIRRORS, &files(&all), &["base", "over"]);
}

/// kustomize has one schema for all of a build: what it says of lists is not known.
#[test]
fn a_schema_of_openapi_is_not_guessed() {
    let patch = "containers: [{name: b, image: 'quay.io/acme/b:v9'}]\n";
    for (kind, of_base) in [
        ("argoproj.io/v1alpha1 Rollout", false),
        ("argoproj.io/v1alpha1 Rollout", true),
        ("apps/v1 Deployment", false),
    ] {
        let mut all = overlay(kind, patch);
        let (with_schema, text) = (
            if of_base { 1 } else { 2 },
            "openapi: {path: schema.json}\n",
        );
        all[with_schema].1 += text;
        all[0].1 = all[0].1.replace("quay.io", "registry.example.com/quay");
        let schema = r#"{"definitions": {"r": {"type": "object", "properties": {"spec": {"type": "object", "properties": {"template": {"type": "object", "properties": {"spec": {"type": "object", "properties": {"containers": {"type": "array", "x-kubernetes-patch-merge-key": "name", "x-kubernetes-patch-strategy": "merge", "items": {"type": "object", "properties": {"name": {"type": "string"}}}}}}}}}}}, "x-kubernetes-group-version-kind": [{"group": "argoproj.io", "kind": "Rollout", "version": "v1alpha1"}]}}}"#;
        let mut files = files(&all);
        let folder = if of_base {
            "base/schema.json"
        } else {
            "over/schema.json"
        };
        files.insert(folder, schema.to_owned());
        lawful(MIRRORS, &files, &["base", "over"]);
        let folder = tempfile::tempdir().expect("a folder");
        write(&folder.path().join("tree"), &files);
        fs::write(folder.path().join("c.yaml"), MIRRORS).expect("written");
        let (code, said) = build::command(folder.path(), &["check"]);
        let told = "which the schema of `openapi` decides and which is not followed, may change it";
        assert!(code == 1 && said.contains(told), "{said}");
    }
}
