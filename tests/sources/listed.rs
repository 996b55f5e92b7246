//! Patches that are lists of patches, of `kind: List` or any other that ends so.

use super::cases::{Files, MIRRORS, builds, deployment, settled, tree};

const PATCH: &str = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: SPEC}";
const IMAGE: &str = "{template: {spec: {containers: [{name: web, image: ghcr.io/acme/web:v9}]}}}";

fn files(kustomization: &str, patch: &str) -> Files {
    let web = deployment("web", &[("web", "ghcr.io/acme/web:v1")]);
    tree([
        ("base/kustomization.yaml", "resources: [web.yaml]\n"),
        ("base/web.yaml", &web),
        (
            "over/kustomization.yaml",
            &format!("resources: [../base]\n{kustomization}"),
        ),
        ("over/p.yaml", patch),
    ])
}

fn list(kind: &str, items: &[&str]) -> String {
    let items: String = items
        .iter()
        .map(|spec| format!("- {}\n", PATCH.replace("SPEC", spec)))
        .collect();
    format!("apiVersion: v1\nkind: {kind}\nitems:\n{items}")
}

fn mapped(before: &Files, paths: &[&'static str]) -> Files {
    let mapped = |path: &&'static str| {
        let text = before[path].replace("ghcr.io/", "registry.example.com/ghcr/");
        (*path, text)
    };
    paths.iter().map(mapped).collect()
}

#[test]
fn an_entry_above_a_list_of_patches_decides() {
    const ENTRY: &str = "images: [{name: ghcr.io/acme/web, newTag: v2}]\n";
    let inline = list("List", &["{replicas: 2}"]).replace('\n', "\n  ");
    for (kustomization, kind) in [
        ("patches: [{path: p.yaml}]\n".to_owned(), "List"),
        ("patches: [{path: p.yaml}]\n".to_owned(), "DeploymentList"),
        (
            "patches: [{path: p.yaml, target: {kind: Deployment}}]\n".to_owned(),
            "List",
        ),
        ("patchesStrategicMerge: [p.yaml]\n".to_owned(), "List"),
        (
            format!("patchesStrategicMerge:\n- |-\n  {}\n", inline.trim_end()),
            "List",
        ),
    ] {
        let patch = list(kind, &["{replicas: 2}"]);
        let before = files(&format!("{kustomization}{ENTRY}"), &patch);
        let changed = mapped(&before, &["base/web.yaml", "over/kustomization.yaml"]);
        let said = settled(MIRRORS, &before, &changed);
        assert!(!said.contains("refuse"), "{said}");
        builds(
            MIRRORS,
            &before,
            &[(
                "over",
                &["ghcr.io/acme/web:v2"],
                &["registry.example.com/ghcr/acme/web:v2"],
            )],
        );
    }
}

#[test]
fn the_images_in_a_list_of_patches_are_edited() {
    let before = files(
        "patches: [{path: p.yaml}]\n",
        &list("List", &["{replicas: 2}", IMAGE]),
    );
    let changed = mapped(&before, &["base/web.yaml", "over/p.yaml"]);
    settled(MIRRORS, &before, &changed);
}

/// A list within a list comes last, and so does each list behind what stands beside it.
#[test]
fn lists_of_patches_are_applied_last() {
    let inner = list("List", &[IMAGE]).replace('\n', "\n  ");
    let beside = PATCH.replace("SPEC", &IMAGE.replace("v9", "v8"));
    let before = files(
        "patches: [{path: p.yaml}]\n",
        &format!(
            "{}- {}\n---\n{beside}\n",
            list("List", &[]),
            inner.trim_end()
        ),
    );
    let changed = mapped(&before, &["base/web.yaml", "over/p.yaml"]);
    let mut settled_in = changed.clone();
    settled_in.insert(
        "over/p.yaml",
        before["over/p.yaml"].replace(
            "ghcr.io/acme/web:v9",
            "registry.example.com/ghcr/acme/web:v9",
        ),
    );
    settled(MIRRORS, &before, &settled_in);
    builds(
        MIRRORS,
        &before,
        &[(
            "over",
            &["ghcr.io/acme/web:v9"],
            &["registry.example.com/ghcr/acme/web:v9"],
        )],
    );
}

/// Where the manifest is elsewhere, each item is judged for what it sets.
#[test]
fn a_list_of_patches_for_what_is_elsewhere_is_edited() {
    let mut before = files(
        "patches: [{path: p.yaml}]\n",
        &list("List", &[IMAGE, "{replicas: 2}"]).replace("name: web}", "name: far}"),
    );
    before.insert(
        "over/kustomization.yaml",
        "resources: [../base, 'https://example.com/far.yaml']\npatches: [{path: p.yaml}]\n"
            .to_owned(),
    );
    let changed = mapped(&before, &["base/web.yaml", "over/p.yaml"]);
    settled(MIRRORS, &before, &changed);
}

/// The fields that a transformer of images goes over besides those of containers.
#[test]
fn the_fields_of_an_image_tag_transformer_are_followed() {
    let collector = |image: &str| {
        format!(
            "apiVersion: opentelemetry.io/v1beta1\nkind: OpenTelemetryCollector\nmetadata: {{name: c}}\nspec:\n  image: {image}\n"
        )
    };
    let transformer = |name: &str, rest: &str, of: &str| {
        format!(
            "apiVersion: builtin\nkind: ImageTagTransformer\nmetadata: {{name: i}}\nimageTag:\n  name: {name}\n{rest}fieldSpecs:\n- {of}path: spec/image\n"
        )
    };
    let old = "quay.io/acme/collector";
    let new = "registry.example.com/quay/acme/collector";
    for of in [
        "",
        "kind: OpenTelemetryCollector\n  ",
        "group: opentelemetry.io\n  version: v1beta1\n  ",
    ] {
        let files = |name: &str, entry: &str, rest: &str| {
            tree([
                (
                    "kustomization.yaml",
                    "resources: [c.yaml]\ntransformers: [t.yaml]\n",
                ),
                ("t.yaml", &transformer(entry, rest, of)),
                ("c.yaml", &collector(&format!("{name}:v1"))),
            ])
        };
        let newly = format!("  newName: {new}\n  newTag: v9\n");
        let before = files(old, old, "  newTag: v9\n");
        let after = tree([("t.yaml", &*transformer(old, &newly, of))]);
        settled(MIRRORS, &before, &after);
        builds(
            MIRRORS,
            &before,
            &[(".", &[&*format!("{old}:v9")], &[&*format!("{new}:v9")])],
        );
    }
    // Of another kind, it is none of its fields.
    let other = "kind: Other\n  ";
    let files = |image: &str| {
        tree([
            (
                "kustomization.yaml",
                "resources: [c.yaml]\ntransformers: [t.yaml]\n",
            ),
            ("t.yaml", &transformer(old, "  newTag: v9\n", other)),
            ("c.yaml", &collector(image)),
        ])
    };
    settled(MIRRORS, &files(old), &tree([("c.yaml", &*collector(new))]));
}

/// kustomize goes twice over the containers below `spec` of any kind, which a suffix shows.
#[test]
fn a_suffix_is_added_twice_to_what_a_custom_resource_runs() {
    let object = "apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: main}
spec:
  containers:
  - {name: web, image: docker.io/realtheory/theory-k8s-collector:v1.3.11836}
  - {name: agent, image: corp.example.net/realtheory/theory-k8s-collector:v1.3.11836}
";
    let files = super::cases::tree([
        ("base/kustomization.yaml", "resources: [main.yaml]\n"),
        ("base/main.yaml", object),
        (
            "prod/kustomization.yaml",
            "resources: [../base]\nimages: [{name: docker.io/realtheory/theory-k8s-collector, tagSuffix: -fips}]\n",
        ),
    ]);
    super::silent::lawful(super::cases::COLLECTORS, &files, &["base", "prod"]);
}
