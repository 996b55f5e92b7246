//! Charts of the tree whose templates are plain YAML: whoever installs one may look for its images by their names.

use super::cases::{Files, MIRRORS, restored, settled, tree};

/// A chart with a template that says its image whole, in a folder, and what installs it.
fn chart(
    installing: &[(&'static str, &str)],
    folder: &'static [&'static str; 3],
    image: &str,
) -> Files {
    let template = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d}}\nspec:\n  template:\n    spec:\n      containers:\n      - {{name: b, image: {image}, args: ['{{{{ .Values.a }}}}']}}\n"
    );
    let [chart, values, templates] = *folder;
    let mut files = tree([
        (chart, "apiVersion: v2\nname: c\nversion: 0.1.0\n"),
        (values, "a: b\n"),
        (templates, &template),
    ]);
    files.extend(
        installing
            .iter()
            .map(|(path, text)| (*path, (*text).to_owned())),
    );
    files
}

const IN_BASE: [&str; 3] = [
    "base/charts/c/Chart.yaml",
    "base/charts/c/values.yaml",
    "base/charts/c/templates/d.yaml",
];
const BESIDE: [&str; 3] = [
    "charts/c/Chart.yaml",
    "charts/c/values.yaml",
    "charts/c/templates/d.yaml",
];
const OLD: &str = "ghcr.io/acme/web:1";

fn release(images: &str) -> String {
    format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: r, namespace: d}}\nspec:\n  chart: {{spec: {{chart: ./charts/c, sourceRef: {{kind: GitRepository, name: flux-system}}}}}}\n  postRenderers:\n  - kustomize:\n      images: {images}\n"
    )
}

/// An entry says what runs, and its name is what the template says.
#[test]
fn an_entry_over_a_template_says_what_runs() {
    for (entry, right) in [
        (
            "{name: ghcr.io/acme/web, newTag: \"2\"}",
            "{name: ghcr.io/acme/web, newName: registry.example.com/ghcr/acme/web, newTag: \"2\"}",
        ),
        (
            "{name: ghcr.io/acme/web, newName: quay.io/other/program}",
            "{name: ghcr.io/acme/web, newName: registry.example.com/quay/other/program}",
        ),
    ] {
        let list =
            |entry: &str| format!("helmCharts: [{{name: c, releaseName: r}}]\nimages: [{entry}]\n");
        let over = |entry: &str| format!("resources: [../base]\nimages: [{entry}]\n");
        let base = "helmCharts: [{name: c, releaseName: r}]\n";
        let before = chart(&[("base/kustomization.yaml", &list(entry))], &IN_BASE, OLD);
        settled(
            MIRRORS,
            &before,
            &tree([("base/kustomization.yaml", &*list(right))]),
        );
        let before = chart(
            &[("hr.yaml", &release(&format!("[{entry}]")))],
            &BESIDE,
            OLD,
        );
        settled(
            MIRRORS,
            &before,
            &tree([("hr.yaml", &*release(&format!("[{right}]")))]),
        );
        // One build has the entry, and the other runs what the template says.
        let both = [
            ("base/kustomization.yaml", base),
            ("over/kustomization.yaml", &*over(entry)),
        ];
        let before = chart(&both, &IN_BASE, OLD);
        let [check, fix, _] = restored(
            MIRRORS,
            &before,
            &tree([("over/kustomization.yaml", &*over(right))]),
        );
        assert_eq!((check.0, fix.0), (1, 1), "{}", check.1);
        let says = "looks for it by this name, and not every build has that entry: change the name in both places";
        assert!(check.1.contains(says), "{}", check.1);
    }
}

/// A patch that tests the image would find another.
#[test]
fn a_test_over_a_template_keeps_it() {
    let patch = format!(
        "helmCharts: [{{name: c, releaseName: r}}]\npatches:\n- target: {{kind: Deployment}}\n  patch: |-\n    - {{op: test, path: /spec/template/spec/containers/0/image, value: '{OLD}'}}\n    - {{op: add, path: /spec/replicas, value: 3}}\n"
    );
    let before = chart(&[("base/kustomization.yaml", &patch)], &IN_BASE, OLD);
    let [check, fix, _] = restored(MIRRORS, &before, &Files::new());
    assert_eq!((check.0, fix.0), (1, 1), "{}", check.1);
    let says = "a JSON patch of tree/base/kustomization.yaml tests it: change the value and the patch together";
    assert!(check.1.contains(says), "{}", check.1);
}

/// Where nothing looks for the image, the template is edited as any manifest.
#[test]
fn a_template_that_nothing_is_over_is_edited() {
    const NEW: &str = "registry.example.com/ghcr/acme/web:1";
    let list = "helmCharts: [{name: c, releaseName: r}]\nimages: [{name: docker.example.com/other, newTag: v1}]\n";
    let installing = [("base/kustomization.yaml", list)];
    let before = chart(&installing, &IN_BASE, OLD);
    let [check, ..] = restored(MIRRORS, &before, &chart(&installing, &IN_BASE, NEW));
    assert!(
        check.1.contains("base/charts/c/templates/d.yaml"),
        "{}",
        check.1
    );
}
