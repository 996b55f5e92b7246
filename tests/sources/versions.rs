//! Tags and digests that have to go, wherever they stand.

use super::cases::{COLLECTORS, builds, deployment, settled, tree};

const OURS: &str = "realtheory/theory-k8s-collector";

fn collector(image: &str) -> String {
    deployment("collector", &[("collector", image)]) + "        imagePullPolicy: Always\n"
}

/// A new name may hold a tag, which is how Renovate writes it.
#[test]
fn a_tag_in_a_new_name_goes() {
    for (name, right) in [
        (
            format!("docker.io/{OURS}:v1.2"),
            format!("docker.io/{OURS}"),
        ),
        (format!("corp.example.net/{OURS}:v1.2"), OURS.to_owned()),
        (
            format!("docker.io/{OURS}:v1.2@{DIGEST}"),
            format!("docker.io/{OURS}"),
        ),
    ] {
        let list = |name: &str| {
            format!("resources: [d.yaml]\nimages:\n- {{name: app, newName: '{name}'}}\n")
        };
        let before = tree([
            ("kustomization.yaml", &list(&name)),
            ("d.yaml", &collector("app")),
        ]);
        let after = tree([("kustomization.yaml", &list(&right))]);
        settled(COLLECTORS, &before, &after);
        builds(COLLECTORS, &before, &[(".", &[&name], &[&right])]);
    }
}

const DIGEST: &str = "sha256:1111111111111111111111111111111111111111111111111111111111111111";

/// A tag that an entry hides would show again without the entry's.
#[test]
fn a_tag_goes_from_the_entry_and_from_the_manifest() {
    let application = |entry: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: a}}\nspec:\n  source:\n    repoURL: https://git.example.com/acme/deploy\n    path: apps\n    kustomize:\n      images: ['{entry}']\n"
        )
    };
    let before = tree([
        ("app.yaml", &application(&format!("{OURS}:v1.3"))),
        ("apps/kustomization.yaml", "resources: [d.yaml]\n"),
        ("apps/d.yaml", &collector(&format!("{OURS}:v1.2"))),
    ]);
    let after = tree([
        ("app.yaml", &application(&format!("{OURS}={OURS}"))),
        ("apps/d.yaml", &collector(OURS)),
    ]);
    settled(COLLECTORS, &before, &after);
}

/// Where no manifest is known, a digest becomes a tag: an entry without either keeps the manifest's.
#[test]
fn a_digest_becomes_a_tag() {
    let entry = |version: &str| format!("- name: {OURS}\n      {version} # ours\n");
    let flux = |version: &str| {
        format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: x}}\nspec:\n    path: ./elsewhere\n    images:\n    {}",
            entry(version)
        )
    };
    let release = |version: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: x}}\nspec:\n  chart: {{spec: {{chart: web}}}}\n  postRenderers:\n  - kustomize:\n      images:\n      - name: {OURS}\n        {version}\n"
        )
    };
    let remote = |version: &str| {
        format!(
            "resources: ['https://example.com/x.yaml']\nimages:\n    {}",
            entry(version)
        )
    };
    let pipeline = |version: &str| {
        format!(
            "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: {{name: k}}\npipeline:\n  mutators:\n  - image: gcr.io/kpt-fn/set-image:v0.1\n    configMap:\n      name: {OURS}\n      {version}\n"
        )
    };
    let digest = format!("digest: {DIGEST}");
    for (path, text) in [
        ("flux.yaml", &flux as &dyn Fn(&str) -> String),
        ("release.yaml", &release),
        ("kustomization.yaml", &remote),
        ("Kptfile", &pipeline),
    ] {
        let before = tree([(path, &text(&digest))]);
        let after = tree([(path, &text("newTag: latest"))]);
        settled(COLLECTORS, &before, &after);
    }
}
