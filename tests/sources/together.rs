//! Builds that are made and judged at once, several by each processor, give what each gives by itself.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use crate::support::run_in_folder;

const CONFIG: &str = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec:\n  \
                      registries:\n  - {source: ghcr.io, mirror: registry.example.com/ghcr, scope: all, \
                      imagePullSecrets: [mirror]}\n";

/// How many apps there are, and how many workloads each has: more text than one processor is given.
const APPS: usize = 12;
const WORKLOADS: usize = 40;

/// Writes an app in whose folders the roots come before what they share: a base that three overlays have in common,
/// with a component, a root that brings two of these overlays, and one whose build is refused.
fn app(below: &Path) {
    let mut base = String::new();
    for number in 0..WORKLOADS {
        let image = match number % 4 {
            0 => format!("ghcr.io/acme/web-{number}:1"),
            1 => "registry.example.com/ghcr/acme/api:1".to_owned(),
            2 => "docker.io/library/nginx:1.27".to_owned(),
            _ => "ghcr.io/acme/shared:2".to_owned(),
        };
        write!(
            base,
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d{number}}}\nspec:\n  template:\n    \
             spec:\n      serviceAccountName: a{}\n      containers:\n      - name: main\n        image: {image}\n        \
             env: [{{name: REGION, value: west}}, {{name: LEVEL, value: info}}]\n        ports: [{{containerPort: \
             8080}}]\n      - name: proxy\n        image: ghcr.io/acme/proxy:{number}\n---\napiVersion: v1\nkind: \
             Service\nmetadata: {{name: s{number}}}\nspec: {{selector: {{app: d{number}}}, ports: [{{port: 80}}]}}\n",
            number % 3
        )
        .expect("written");
    }
    let accounts = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: a1}\nimagePullSecrets: [{name: mirror}]\n";
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d3}\nspec: {template: {spec: {containers: \
                 [{name: main, image: ghcr.io/acme/patched:3}]}}}\n";
    let files = [
        ("both/kustomization.yaml", "resources: [../dev, ../prod]\n"),
        (
            "dev/kustomization.yaml",
            "resources: [../shared]\nnamePrefix: dev-\nimages: [{name: ghcr.io/acme/shared, newTag: \"7\"}]\n",
        ),
        (
            "extra/kustomization.yaml",
            "resources: [../shared]\ncomponents: [../part]\nnamespace: extra\n",
        ),
        (
            "prod/kustomization.yaml",
            "resources: [../shared]\nnamespace: prod\npatches: [{path: patch.yaml}]\n",
        ),
        ("prod/patch.yaml", patch),
        (
            "part/kustomization.yaml",
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nimages: [{name: ghcr.io/acme/web-0, \
             newName: ghcr.io/acme/other}]\n",
        ),
        (
            "refused/kustomization.yaml",
            "resources: [../shared, ../shared]\n",
        ),
        (
            "shared/kustomization.yaml",
            "resources: [base.yaml, accounts.yaml]\n",
        ),
        ("shared/base.yaml", &base),
        ("shared/accounts.yaml", accounts),
    ];
    for (name, text) in files {
        let at = below.join(name);
        fs::create_dir_all(at.parent().expect("a folder")).expect("a folder");
        fs::write(at, text).expect("written");
    }
}

#[test]
fn a_large_tree_gives_what_its_parts_give() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("c.yaml"), CONFIG).expect("written");
    for number in 0..APPS {
        app(&folder.path().join(format!("app-{number:02}")));
    }
    let checked = |path: &str| {
        let words = ["check", "-c", "c.yaml", "--format", "short", path];
        let run = run_in_folder(folder.path(), &words, b"");
        assert_eq!(run.code, 1);
        let stdout = String::from_utf8(run.stdout).expect("UTF-8");
        let found = stdout.lines().filter(|line| line.contains("app-"));
        found.map(|line| format!("{line}\n")).collect::<String>()
    };
    let one = checked("app-00");
    // What is said of each of them: an image, a patch, a list in a component, pull secrets, a refused build.
    for said in [
        "app-00/shared/base.yaml:",
        "app-00/prod/patch.yaml:4:",
        "app-00/part/kustomization.yaml:",
        "[missing-pull-secret]",
        "[unfollowed-build]",
    ] {
        assert!(one.contains(said), "{said} in\n{one}");
    }
    let all: String = (0..APPS)
        .map(|number| one.replace("app-00/", &format!("app-{number:02}/")))
        .collect();
    for _ in 0..3 {
        assert_eq!(checked("."), all);
    }
}
