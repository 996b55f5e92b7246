//! Values of charts that builds change: texts that patches bring, lists of images that reach values, and
//! what a build needs of values that are written in the file of the release.

use super::cases::{Files, MIRRORS, restored, settled, tree, write};
use super::law;
use crate::support::tool;

const OLD: &str = "ghcr.io/acme/web";
const NEW: &str = "registry.example.com/ghcr/acme/web";

/// A HelmRelease with these values.
fn release(values: &str) -> String {
    format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: web}}\nspec:\n  chart: {{spec: {{chart: web}}}}\n  values:\n{values}"
    )
}

/// An Application with values in a text.
fn application(image: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web}}\nspec:\n  source:\n    chart: web\n    helm:\n      values: |\n        # By hand.\n        image:\n          repository: {image}\n          tag: v1\n"
    )
}

fn overlay(base: &str, patches: &str) -> Files {
    tree([
        ("base/kustomization.yaml", "resources: [web.yaml]\n"),
        ("base/web.yaml", base),
        (
            "over/kustomization.yaml",
            &format!("resources: [../base]\npatches:\n{patches}"),
        ),
    ])
}

#[track_caller]
fn lawful(config: &str, files: &Files) {
    let Some(kustomize) = tool("kustomize") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("tree"), files);
    std::fs::write(folder.path().join("c.yaml"), config).expect("written");
    let outcome = law::judge_at(&kustomize, folder.path(), &["base", "over"]);
    assert!(outcome.breaches.is_empty(), "{}", outcome.told);
    assert_eq!(outcome.tally.unbuilt, 0, "{}", outcome.told);
}

/// Holds that all of a tree is left, with a reason.
#[track_caller]
fn left(config: &str, before: &Files, says: &str) {
    let [checked, fixed, again] = restored(config, before, &Files::new());
    assert_eq!([checked.0, fixed.0, again.0], [1; 3], "{}", checked.1);
    for (_, said) in [&checked, &again] {
        assert!(said.contains(says), "{said}");
    }
    lawful(config, before);
}

#[test]
fn a_text_of_values_that_a_patch_brings_is_edited_in_its_lines() {
    let operation = |image: &str| {
        format!(
            "- target: {{kind: Application}}
  patch: |-
    - op: replace
      path: /spec/source/helm/values
      value: |
        image:
          repository: {image} # by hand
          tag: v2
"
        )
    };
    let merged = |image: &str| {
        let text = application(image).replace("    chart: web\n", "");
        let lines = text.lines().map(|line| format!("    {line}\n"));
        format!("- patch: |-\n{}", lines.collect::<String>())
    };
    for patch in [&operation as &dyn Fn(&str) -> String, &merged] {
        let before = overlay(&application(NEW), &patch("quay.io/acme/other"));
        let after = overlay(
            &application(NEW),
            &patch("registry.example.com/quay/acme/other"),
        );
        settled(MIRRORS, &before, &after);
        lawful(MIRRORS, &before);
    }
}

/// Whatever key it is under, kustomize runs its lists of images over a list of containers.
#[test]
fn a_list_of_images_reaches_containers_in_values() {
    let values = |image: &str| {
        release(&format!(
            "    initContainers:\n    - {{name: wait, image: '{image}'}}\n"
        ))
    };
    let files = |image: &str, entry: &str| {
        tree([
            ("base/web.yaml", &values(image)),
            (
                "base/kustomization.yaml",
                &format!("resources: [web.yaml]\nimages: [{{name: {entry}}}]\n"),
            ),
            ("over/kustomization.yaml", "resources: [../base]\n"),
        ])
    };
    let named = format!("{OLD}, newName: {NEW}, newTag: v9");
    let rows = [
        (
            files(&format!("{OLD}:v1"), &format!("{OLD}, newTag: v9")),
            files(&format!("{OLD}:v1"), &named),
        ),
        (
            files("app", &format!("app, newName: {OLD}")),
            files("app", &format!("app, newName: {NEW}")),
        ),
    ];
    for (before, after) in rows {
        settled(MIRRORS, &before, &after);
        lawful(MIRRORS, &before);
    }
}

/// A registry in the base and a repository in the overlay: what is right for the base alone would be a
/// wrong image in the overlay.
#[test]
fn parts_of_an_image_that_a_build_puts_together_are_left_together() {
    let config = MIRRORS.replace(
        "source: ghcr.io, mirror: registry.example.com/ghcr",
        "source: ghcr.io/acme, mirror: r.example.com/m",
    );
    let base = release("    image: {registry: ghcr.io, repository: acme/web, tag: v1}\n");
    let patch = "- target: {kind: HelmRelease}\n  patch: '- {op: replace, path: /spec/values/image/repository, value: acme/other}'\n";
    left(
        &config,
        &overlay(&base, patch),
        "ghcr.io/acme/web:v1 → r.example.com/m/web:v1 is not written: tree/over/kustomization.yaml patches what installs the chart, and needs it otherwise: write the whole image, with its pull secrets, in one place",
    );
}

/// The overlay runs another image, which needs no secret.
#[test]
fn secrets_of_values_are_those_that_every_build_needs() {
    let config = format!("{MIRRORS}  imagePullSecrets: [regcred]\n");
    let base = release(&format!(
        "    image: {{repository: {NEW}, tag: v1, pullSecrets: []}}\n"
    ));
    let patch = "- target: {kind: HelmRelease}\n  patch: '- {op: replace, path: /spec/values/image/repository, value: corp.example.net/acme/web}'\n";
    left(
        &config,
        &overlay(&base, patch),
        "pull secrets (none) → [regcred] is not written: tree/over/kustomization.yaml patches what installs the chart, and needs it otherwise",
    );
}

/// kustomize would not build the overlay any more.
#[test]
fn a_value_that_a_json_patch_tests_is_left() {
    let base = release(&format!("    image: {{repository: {OLD}, tag: v1}}\n"));
    let patch = format!(
        "- target: {{kind: HelmRelease}}\n  patch: |-\n    - {{op: test, path: /spec/values/image/repository, value: {OLD}}}\n    - {{op: replace, path: /spec/values/image/tag, value: v2}}\n"
    );
    left(
        MIRRORS,
        &overlay(&base, &patch),
        "is not written: a JSON patch of tree/over/kustomization.yaml tests it: change the value and the patch together",
    );
}

/// A release reads files that a build knows nothing of: the keys that it needs are made all the same.
#[test]
fn keys_are_made_where_a_build_changes_another_value() {
    const RULES: &str = "apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  registries:
  - {source: acme.example.com, mirror: registry.example.com/acme, scope: all}
  agents:
  - name: acme
    images: [{image: acme.example.com/agent:latest}]
    charts:
    - {name: web, images: [{repository: {path: image.repository, default: acme.example.com/agent}, tag: image.tag}]}
";
    let base = |made: &str| {
        release(&format!("    a: b\n{made}")).replace(
            "  values:",
            "  valuesFrom: [{kind: ConfigMap, name: cfg}]\n  values:",
        ) + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: cfg}\ndata: {values.yaml: \"zz: 1\\n\"}\n"
    };
    let before = base("");
    let after = base("    image:\n      repository: registry.example.com/acme/agent\n");
    let patch = "- target: {kind: HelmRelease}\n  patch: |-\n    - {op: replace, path: /spec/values/a, value: c}\n";
    settled(RULES, &overlay(&before, patch), &overlay(&after, patch));
}

/// What a patch sets above a value is what its build reads: the value is restored for the others.
#[test]
fn a_value_below_what_a_patch_sets_is_free() {
    let of_patch = |image: &str, helm: &str| {
        let helm = helm.replace("IMAGE", image);
        format!(
            "- patch: |-
    apiVersion: argoproj.io/v1alpha1
    kind: Application
    metadata: {{name: web}}
    spec: {{source: {{helm: {helm}}}}}
"
        )
    };
    for helm in [
        "{parameters: [{name: image.repository, value: IMAGE}]}",
        "{valuesObject: {image: {repository: IMAGE, tag: v2}}}",
    ] {
        let before = overlay(&application(OLD), &of_patch("quay.io/acme/other", helm));
        let moved = of_patch("registry.example.com/quay/acme/other", helm);
        settled(MIRRORS, &before, &overlay(&application(NEW), &moved));
    }
    // Another value of the same text is read in both.
    let two = |side: &str, image: &str| {
        application(image) + &format!("        side: {{image: {{repository: {side}, tag: v1}}}}\n")
    };
    let helm = "{parameters: [{name: image.repository, value: IMAGE}]}";
    let before = overlay(
        &two("quay.io/acme/side", OLD),
        &of_patch("registry.example.com/quay/acme/other", helm),
    );
    let after = overlay(
        &two("registry.example.com/quay/acme/side", NEW),
        &of_patch("registry.example.com/quay/acme/other", helm),
    );
    settled(MIRRORS, &before, &after);
}

/// What a patch sets beside values of a ConfigMap of the build is judged with these.
#[test]
fn a_patch_is_judged_with_the_config_maps_of_its_build() {
    let tree_of = |of_map: &str, patched: &str| {
        let base = release("    a: b\n").replace(
            "  values:",
            "  valuesFrom: [{kind: ConfigMap, name: cfg}]\n  values:",
        );
        let patch = format!(
            "- patch: |-\n    apiVersion: helm.toolkit.fluxcd.io/v2\n    kind: HelmRelease\n    metadata: {{name: web}}\n    spec: {{values: {patched}}}\n"
        );
        let mut files = overlay(&base, &patch);
        files.insert(
            "base/kustomization.yaml",
            "resources: [web.yaml, cm.yaml]\n".to_owned(),
        );
        files.insert(
            "base/cm.yaml",
            format!(
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: cfg}}\ndata:\n  values.yaml: |\n    {of_map}\n"
            ),
        );
        files
    };
    // A whole text there, and a registry here.
    left(
        MIRRORS,
        &tree_of("image: acme/web:v1", "{registry: quay.io}"),
        "over/kustomization.yaml patches what installs the chart, and needs it otherwise",
    );
    // The other parts there.
    let of_map = "image: {registry: registry.example.com/hub, repository: acme/web, tag: v1}";
    settled(
        MIRRORS,
        &tree_of(of_map, "{image: {registry: quay.io}}"),
        &tree_of(of_map, "{image: {registry: registry.example.com/quay}}"),
    );
}

/// A registry that a patch sets may be one of images in files that no build knows: these stay, and it is told.
#[test]
fn a_patched_registry_leaves_files_that_no_build_knows() {
    let mut before = overlay(
        &release("    a: b\n").replace(
            "  values:",
            "  valuesFrom: [{kind: ConfigMap, name: cfg}]\n  values:",
        ),
        "- patch: |-\n    apiVersion: helm.toolkit.fluxcd.io/v2\n    kind: HelmRelease\n    metadata: {name: web}\n    spec: {values: {registry: quay.io}}\n",
    );
    before.insert(
        "base/kustomization.yaml",
        "resources: [web.yaml]\ngeneratorOptions: {disableNameSuffixHash: true}\nconfigMapGenerator: [{name: cfg, files: [values.yaml]}]\n".to_owned(),
    );
    before.insert("base/values.yaml", "image: acme/web:v1\n".to_owned());
    left(
        MIRRORS,
        &before,
        "this registry may be one of images in values that were not read",
    );
    let mut before = overlay(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n  sources:\n  - {repoURL: https://charts.example.com, chart: web, helm: {valueFiles: [$v/values/web.yaml]}}\n  - {repoURL: https://git.example.com/acme, ref: v}\n",
        "- target: {kind: Application}\n  patch: |-\n    - {op: add, path: /spec/sources/0/helm/parameters, value: [{name: image.registry, value: quay.io}]}\n",
    );
    before.insert(
        "values/web.yaml",
        "image: {registry: docker.io, repository: acme/web, tag: v1}\n".to_owned(),
    );
    left(
        MIRRORS,
        &before,
        "this registry may be one of images in values that were not read",
    );
}
