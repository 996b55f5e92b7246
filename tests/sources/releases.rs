//! Values of charts that an overlay changes: patches of a HelmRelease and of an Application.

use super::cases::{Files, MIRRORS, restored, settled, tree};

/// A HelmRelease of a chart that nobody knows.
fn release(values: &str) -> String {
    format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: web
  namespace: web
spec:
  interval: 1h
  chart:
    spec:
      chart: web
      sourceRef:
        kind: HelmRepository
        name: acme
{values}"
    )
}

const RIGHT: &str = "  values:
    image:
      repository: registry.example.com/ghcr/acme/web
      tag: v1
";

fn overlay(patches: &str) -> Files {
    tree([
        ("base/kustomization.yaml", "resources: [web.yaml]\n"),
        ("base/web.yaml", &release(RIGHT)),
        (
            "prod/kustomization.yaml",
            &format!("resources: [../base]\npatches:\n{patches}"),
        ),
    ])
}

/// Holds that a patch is mended where it is written.
#[track_caller]
fn mended(patch: impl Fn(&str) -> String) {
    let before = overlay(&patch("quay.io/acme/other"));
    let after = overlay(&patch("registry.example.com/quay/acme/other"));
    let said = settled(MIRRORS, &before, &after);
    assert!(said.contains("prod/kustomization.yaml"), "{said}");
}

#[test]
fn an_inline_patch_of_values_is_judged_with_its_release() {
    mended(|repository| {
        format!(
            "- patch: |
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: web
      namespace: web
    spec:
      values:
        image:
          repository: {repository}
"
        )
    });
}

#[test]
fn a_patch_by_target_is_judged_with_each_release_that_it_is_for() {
    mended(|repository| {
        format!(
            "- target:
    kind: HelmRelease
  patch: |-
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: any
    spec:
      values:
        image: {{repository: {repository}, tag: v2}}
"
        )
    });
}

#[test]
fn operations_on_values_are_judged_with_the_release() {
    for repository in ["value: {}", "value: {repository: {}, tag: v2}"] {
        let path = if repository.starts_with("value: {r") {
            "image"
        } else {
            "image/repository"
        };
        mended(|name| {
            format!(
                "- target: {{kind: HelmRelease, name: web}}
  patch: |-
    - op: replace
      path: /spec/values/{path}
      {}
",
                repository.replace("{}", name)
            )
        });
    }
}

#[test]
fn operations_in_a_file_are_judged_with_the_release() {
    let files = |repository: &str| {
        let mut files = overlay("- {path: web.yaml, target: {kind: HelmRelease}}\n");
        files.insert(
            "prod/web.yaml",
            format!("- op: add\n  path: /spec/values/image/repository\n  value: {repository}\n"),
        );
        files
    };
    let (before, after) = (
        files("ghcr.io/acme/web"),
        files("registry.example.com/ghcr/acme/web"),
    );
    settled(MIRRORS, &before, &after);
}

#[test]
fn a_patch_of_flux_changes_values() {
    let object = |repository: &str| {
        format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: web, namespace: flux-system}}
spec:
  path: ./base
  patches:
  - target: {{kind: HelmRelease}}
    patch: |
      - op: add
        path: /spec/values/sidecar
        value: {{image: {{repository: {repository}, tag: v3}}}}
"
        )
    };
    let files = |repository: &str| {
        tree([
            ("base/kustomization.yaml", "resources: [web.yaml]\n"),
            ("base/web.yaml", &release(RIGHT)),
            ("flux/web.yaml", &object(repository)),
        ])
    };
    let (before, after) = (
        files("quay.io/acme/side"),
        files("registry.example.com/quay/acme/side"),
    );
    settled(MIRRORS, &before, &after);
}

/// A registry of one place and a repository of another, and a rule that changes both.
#[test]
fn an_image_whose_parts_are_in_two_places_is_left() {
    let config = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  registries:
  - {source: quay.io/acme, mirror: r.example.com/m, scope: all}
";
    let patch = "- target: {kind: HelmRelease}
  patch: |-
    - op: replace
      path: /spec/values/image/repository
      value: acme/other
";
    let values = |registry: &str, repository: &str| {
        release(&format!(
            "  values:\n    image:\n      registry: {registry}\n      repository: {repository}\n      tag: v1\n"
        ))
    };
    let mut before = overlay(patch);
    before.insert("base/web.yaml", values("quay.io", "acme/web"));
    let [checked, fixed, _] = restored(config, &before, &Files::new());
    assert_eq!([checked.0, fixed.0], [1, 1], "{}{}", checked.1, fixed.1);
    let said =
        "left, since other parts of the image are written elsewhere: write them in one place";
    assert!(
        checked.1.contains(said) && fixed.1.contains(said),
        "{}",
        fixed.1
    );
}

/// A file with a patch is no release by itself: what it says is judged with the release that it is for.
#[test]
fn a_patch_of_values_in_a_file_is_judged_with_its_release() {
    let patch = |values: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: web, namespace: web}}\nspec:\n  values: {values}\n"
        )
    };
    let tree_of = |base: &str, over: &str| {
        tree([
            ("base/kustomization.yaml", "resources: [web.yaml]\n"),
            ("base/web.yaml", &release(base)),
            (
                "prod/kustomization.yaml",
                "resources: [../base]\npatches:\n- path: patch.yaml\n",
            ),
            ("prod/patch.yaml", &patch(over)),
        ])
    };
    let base = |registry: &str| {
        format!("  values:\n    image: {{registry: {registry}, repository: acme/web}}\n")
    };
    let over = "{image: {repository: acme/other}}";
    let before = tree_of(&base("ghcr.io"), over);
    let after = tree_of(&base("registry.example.com/ghcr"), over);
    settled(MIRRORS, &before, &after);
    let before = tree_of(RIGHT, "{image: {repository: quay.io/acme/other}}");
    let after = tree_of(
        RIGHT,
        "{image: {repository: registry.example.com/quay/acme/other}}",
    );
    let said = settled(MIRRORS, &before, &after);
    assert!(said.contains("prod/patch.yaml:5:"), "{said}");
}

/// An agent whose chart has other keys from 2.0.0 on.
const BY_VERSION: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  agents:
  - name: acme
    images: [{image: quay.io/acme/agent, tag: keep}]
    charts:
    - name: acme
      repositories: [\"oci://ghcr.io/acme/charts/acme\", \"https://charts.acme.io\"]
      images:
      - {repository: {path: old, default: quay.io/acme/agent}, until: \"1\"}
      - {repository: {path: new, default: quay.io/acme/agent}, since: \"2\"}
  registries:
  - {source: quay.io, mirror: registry.example.com/quay}
";

fn chart_ref(values: &str) -> String {
    format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: acme
  namespace: acme
spec:
  interval: 1h
  chartRef:
    kind: OCIRepository
    name: acme
  values:
    name: acme
{values}"
    )
}

fn repository(tag: &str) -> String {
    format!(
        "apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata:
  name: acme
  namespace: acme
spec:
  url: oci://ghcr.io/acme/charts/acme
  ref:
    tag: {tag}
"
    )
}

fn version_patch(tag: &str) -> String {
    let patch = repository(tag).replace("  url: oci://ghcr.io/acme/charts/acme\n", "");
    let lines = patch.lines().map(|line| format!("    {line}\n"));
    format!("- patch: |\n{}", lines.collect::<String>())
}

const NEW_KEY: &str = "    new: registry.example.com/quay/acme/agent\n";

/// A patch of the version that changes no key of the images.
#[test]
fn a_patch_of_a_charts_version_is_followed() {
    let files = |values: &str| {
        tree([
            (
                "base/kustomization.yaml",
                "resources: [acme.yaml, oci.yaml]\n",
            ),
            ("base/acme.yaml", &chart_ref(values)),
            ("base/oci.yaml", &repository("2.0.0")),
            (
                "prod/kustomization.yaml",
                &format!("resources: [../base]\npatches:\n{}", version_patch("2.1.0")),
            ),
        ])
    };
    settled(BY_VERSION, &files(""), &files(NEW_KEY));
}

/// One that changes the keys, in each way in which a build decides which chart is installed: the keys of the
/// one version would be none of the other.
#[test]
fn releases_of_two_versions_are_left_where_they_share_values() {
    let plain = "resources: [../base]\n";
    let patched = |patch: &str| format!("{plain}patches:\n{patch}");
    let operation = "- target: {kind: OCIRepository}\n  patch: '- {op: replace, path: /spec/ref/tag, value: 1.0.0}'\n";
    let other = |version: &str| {
        tree([
            ("base/kustomization.yaml", "resources: [acme.yaml]\n"),
            ("base/acme.yaml", &chart_ref("")),
            ("one/kustomization.yaml", "resources: [../base, oci.yaml]\n"),
            ("one/oci.yaml", &repository("2.0.0")),
            ("two/kustomization.yaml", "resources: [../base, oci.yaml]\n"),
            ("two/oci.yaml", &repository(version)),
        ])
    };
    let over = |prod: &str| {
        tree([
            (
                "base/kustomization.yaml",
                "resources: [acme.yaml, oci.yaml]\n",
            ),
            ("base/acme.yaml", &chart_ref("")),
            ("base/oci.yaml", &repository("2.0.0")),
            ("prod/kustomization.yaml", prod),
        ])
    };
    for before in [
        over(&patched(&version_patch("1.0.0"))),
        over(&patched(operation)),
        other("1.0.0"),
    ] {
        let [checked, fixed, again] = restored(BY_VERSION, &before, &Files::new());
        let codes = [checked.0, fixed.0, again.0];
        assert_eq!(codes, [1, 1, 1], "{}{}", checked.1, fixed.1);
        assert!(checked.1.contains("base/acme.yaml"), "{}", checked.1);
        assert!(checked.1.contains("set it in a patch"), "{}", checked.1);
    }
}

/// The version in a HelmRelease itself: what an overlay needs alone is told of.
#[test]
fn a_release_whose_version_an_overlay_sets_is_told_of() {
    let named = |version: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: acme, namespace: acme}}\nspec:\n  chart:\n    spec:\n      chart: acme\n{version}      sourceRef: {{kind: HelmRepository, name: acme}}\n  values:\n    old: registry.example.com/quay/acme/agent\n"
        )
    };
    let before = tree([
        (
            "base/kustomization.yaml",
            "resources: [acme.yaml, source.yaml]\n",
        ),
        ("base/acme.yaml", &named("      version: 1.0.0\n")),
        (
            "base/source.yaml",
            "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: acme, namespace: acme}\nspec: {url: 'https://charts.acme.io'}\n",
        ),
        (
            "prod/kustomization.yaml",
            "resources: [../base]\npatches:\n- target: {kind: HelmRelease}\n  patch: '- {op: replace, path: /spec/chart/spec/version, value: 2.0.0}'\n",
        ),
    ]);
    let [checked, fixed, _] = restored(BY_VERSION, &before, &Files::new());
    assert_eq!([checked.0, fixed.0], [1, 1], "{}{}", checked.1, fixed.1);
    let said = "left, since only tree/prod/kustomization.yaml needs it: set it in a patch there";
    assert!(checked.1.contains(said), "{}", checked.1);
}
