//! Values of a release that overlays for environments change: by ConfigMaps of their own, by patches, and by what
//! these take out.

use super::cases::{Files, MIRRORS, restored, settled, tree};

const RELEASE: &str = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: r, namespace: n}\nspec:\n  chart: {spec: {chart: c}}\n";
const PATCH: &str = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: r, namespace: n}\nspec:\n";

fn config_map(values: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: v, namespace: n}}\ndata:\n  values.yaml: |\n    {values}\n"
    )
}

/// Two environments with a ConfigMap each, of which one patches the release and, perhaps, its ConfigMap.
fn environments(dev: (&str, &str, &str), prod: &str) -> Files {
    let (map, patch, of_map) = dev;
    tree([
        ("base/kustomization.yaml", "resources: [hr.yaml]\n"),
        (
            "base/hr.yaml",
            &format!("{RELEASE}  valuesFrom: [{{kind: ConfigMap, name: v}}]\n"),
        ),
        (
            "dev/kustomization.yaml",
            &format!("resources: [../base, cm.yaml]\npatches:\n- {{path: p.yaml}}{of_map}\n"),
        ),
        ("dev/cm.yaml", &config_map(map)),
        ("dev/p.yaml", &format!("{PATCH}  values: {{{patch}}}\n")),
        ("prod/kustomization.yaml", "resources: [../base, cm.yaml]\n"),
        ("prod/cm.yaml", &config_map(prod)),
    ])
}

/// What is at the same place of two ConfigMaps, with the same text, is told apart.
#[test]
fn config_maps_of_environments_are_told_apart() {
    let text = "image: acme/web:v1";
    let before = environments((text, "registry: quay.io", ""), text);
    let after = config_map("image: registry.example.com/hub/acme/web:v1");
    let [_, fixed, again] = restored(MIRRORS, &before, &tree([("prod/cm.yaml", &after)]));
    assert_eq!([fixed.0, again.0], [1, 1], "{}", again.1);
    let said = "dev/kustomization.yaml patches what installs the chart, and needs it otherwise";
    assert_eq!(again.1.matches(said).count(), 1, "{}", again.1);
    assert!(again.1.contains("dev/cm.yaml"), "{}", again.1);
}

/// A patch that changes the text of a ConfigMap leaves the rest of it where the file has it.
#[test]
fn a_patched_config_map_is_one_of_its_file() {
    let of_map = "\n- target: {kind: ConfigMap}\n  patch: |-\n    - {op: replace, path: /data/values.yaml, value: \"x: 1\\nimage: acme/web:v1\\n\"}";
    let text = "image: acme/web:v1";
    let before = environments((text, "registry: quay.io", of_map), "x: 1");
    let [checked, fixed, _] = restored(MIRRORS, &before, &Files::new());
    assert_eq!([checked.0, fixed.0], [1, 1], "{}", fixed.1);
}

/// A null of a patch takes out the registry of the base: the overlay has a name whose registry the chart may
/// put before it.
#[test]
fn a_registry_that_a_patch_takes_out_is_told() {
    let values = |registry: &str| {
        format!(
            "{RELEASE}  values:\n    image: {{registry: {registry}, repository: acme/web, tag: v1}}\n"
        )
    };
    let files = |registry: &str, patch: &str| {
        tree([
            ("base/kustomization.yaml", "resources: [hr.yaml]\n"),
            ("base/hr.yaml", &values(registry)),
            (
                "ov/kustomization.yaml",
                "resources: [../base]\npatches: [{path: p.yaml}]\n",
            ),
            ("ov/p.yaml", &format!("{PATCH}  values: {{{patch}}}\n")),
        ])
    };
    let mirrored = "registry.example.com/quay";
    let before = files("quay.io", "image: {registry: null}");
    let after = tree([("base/hr.yaml", &values(mirrored))]);
    let [_, fixed, again] = restored(MIRRORS, &before, &after);
    assert_eq!([fixed.0, again.0], [1, 1], "{}", again.1);
    let said = "error[unresolved-image]: acme/web:v1 → registry.example.com/hub/acme/web is not written: the chart may put a registry of its own before it: write the registry, too, in what tree/ov/kustomization.yaml makes of it\n --> tree/base/hr.yaml:1:1\n";
    assert_eq!(again.1.matches(said).count(), 1, "{}", again.1);
    // What has nothing to do with an image is not told.
    let before = files("quay.io", "image: {pullPolicy: null}, b: null");
    settled(MIRRORS, &before, &after);
}

/// A block of one line in a patch stays one.
#[test]
fn a_block_of_one_line_stays_a_block() {
    let files = |image: &str| {
        let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec:\n  source:\n    chart: c\n    repoURL: https://charts.example.net\n";
        let patch = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: a}}\nspec:\n  source:\n    helm:\n      values: |\n        image: {{repository: {image}/o/w, tag: v3}} # c\n"
        );
        tree([
            ("base/kustomization.yaml", "resources: [a.yaml]\n"),
            ("base/a.yaml", application),
            (
                "ov/kustomization.yaml",
                "resources: [../base]\npatches: [{path: p.yaml}]\n",
            ),
            ("ov/p.yaml", &patch),
        ])
    };
    let after = files("registry.example.com/quay");
    let after = tree([("ov/p.yaml", &after["ov/p.yaml"])]);
    settled(MIRRORS, &files("quay.io"), &after);
}

/// A value of a patch that is right already is read all the same.
#[test]
fn a_right_value_of_a_patch_is_read() {
    let before = tree([
        (
            "kustomization.yaml",
            "resources: [hr.yaml]\npatches: [{path: p.yaml}]\n",
        ),
        (
            "hr.yaml",
            &format!("{RELEASE}  values: {{image: registry.example.com/quay/acme/a:v1}}\n"),
        ),
        (
            "p.yaml",
            &format!(
                "{PATCH}  values: {{side: {{image: registry.example.com/ghcr/acme/side:v1}}}}\n"
            ),
        ),
    ]);
    let [checked, _, _] = restored(MIRRORS, &before, &Files::new());
    assert_eq!(checked.0, 0, "{}", checked.1);
    // What else the chart runs, nobody knows.
    let counted = "2 images read, 1 not read";
    assert!(checked.1.contains(counted), "{}", checked.1);
}
