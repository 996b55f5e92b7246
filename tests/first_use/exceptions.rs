//! Exceptions as somebody writes them who copies from what was found: a file, a place in it, a name.

use tempfile::TempDir;

use super::{check, config, tree};

const COLLECTOR: &str = "realtheory/theory-k8s-collector";

fn deployment(image: &str, policy: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: collector\nspec:\n  template:\n    spec:\n      containers:\n      - name: c\n        image: {image}\n        imagePullPolicy: {policy}\n"
    )
}

fn exceptions(entries: &[&str]) -> String {
    let mut text = config("realtheory-collector") + "  exceptions:\n";
    for entry in entries {
        text += &format!("  - {{reason: r, {entry}}}\n");
    }
    text
}

/// Two clusters with a Deployment of one name, and exceptions.
fn clusters(entries: &[&str]) -> TempDir {
    let text = deployment(&format!("{COLLECTOR}:v1"), "Never");
    tree(&[
        ("lab/d.yaml", &text),
        ("prod/d.yaml", &text),
        ("restore-images.yaml", &exceptions(entries)),
    ])
}

fn tag(file: &str) -> String {
    format!(
        "{file}:10:16: error: Deployment collector: container c: tag v1 keeps the agent from upgrading itself: {COLLECTOR}:v1 → {COLLECTOR} [pinned-tag]\n"
    )
}

fn policy(file: &str) -> String {
    format!(
        "{file}:11:26: error: Deployment collector: container c: imagePullPolicy Never → Always [wrong-pull-policy]\n"
    )
}

const USED: &str = "configuration: restore-images.yaml\n";

#[test]
fn an_exception_holds_for_one_file() {
    for file in [
        "lab/d.yaml",
        "/lab/d.yaml",
        "lab/",
        "l*/d.yaml",
        "./lab/d.yaml",
    ] {
        check(
            &clusters(&[&format!("file: {file}, allow: [tag, imagePullPolicy]")]),
            "check --format short",
            &format!(
                "{}{}{USED}2 errors in 1 of 2 files, 2 images read\nexit 1",
                tag("prod/d.yaml"),
                policy("prod/d.yaml")
            ),
        );
    }
    // From a folder below, the file is the same one.
    let folder = clusters(&["file: /lab/d.yaml, allow: [tag, imagePullPolicy]"]);
    check(
        &folder,
        "check lab",
        &format!("{USED}nothing to restore in 1 file, 1 image read\nexit 0"),
    );
}

#[test]
fn an_exception_holds_for_one_place() {
    let folder = clusters(&[
        "file: lab/d.yaml, field: \"spec.template.spec.containers[0].image\", allow: [tag, imagePullPolicy]",
        "field: \"*.imagePullPolicy\", file: prod/, allow: [tag, imagePullPolicy]",
    ]);
    check(
        &folder,
        "check --format short",
        &format!(
            "{}{}{USED}2 errors in 2 files, 2 images read\nexit 1",
            policy("lab/d.yaml"),
            tag("prod/d.yaml")
        ),
    );
}

#[test]
fn an_exception_for_a_file_that_is_not_there_is_told() {
    let folder = tree(&[
        ("d.yaml", &deployment(COLLECTOR, "Always")),
        (
            "restore-images.yaml",
            &exceptions(&["file: gone.yaml, field: image*, allow: [tag]"]),
        ),
    ]);
    check(
        &folder,
        "check --format short",
        &format!(
            "restore-images.yaml:7:5: warning: no image here is under the exception \"r\" (file: gone.yaml, field: image*): correct or remove it, or set unmatchedAgents to ignore [unmatched-exception]\n{USED}1 warning in the configuration, none in 1 file, 1 image read\nexit 0"
        ),
    );
}

#[test]
fn a_kind_in_other_letters_is_told() {
    let folder = tree(&[
        ("d.yaml", &deployment(COLLECTOR, "Always")),
        (
            "restore-images.yaml",
            &exceptions(&["kind: deployment, allow: [tag]"]),
        ),
    ]);
    check(
        &folder,
        "check --format short",
        &format!(
            "restore-images.yaml:7:5: warning: no image here is under the exception \"r\" (kind: deployment), where `kind: Deployment` may be meant: correct or remove it, or set unmatchedAgents to ignore [unmatched-exception]\n{USED}1 warning in the configuration, none in 1 file, 1 image read\nexit 0"
        ),
    );
}

/// A base, and an overlay for each of two clusters that gives its image a tag.
fn overlays(overlay: &str, entry: &str) -> TempDir {
    let kustomization = format!("resources: [../base]\n{overlay}");
    tree(&[
        ("base/kustomization.yaml", "resources: [d.yaml]\n"),
        ("base/d.yaml", &deployment(COLLECTOR, "Always")),
        ("lab/kustomization.yaml", &kustomization),
        ("prod/kustomization.yaml", &kustomization),
        ("restore-images.yaml", &exceptions(&[entry])),
    ])
}

#[test]
fn the_file_is_that_which_decides_the_tag() {
    let overlay = format!("images:\n- name: {COLLECTOR}\n  newTag: v1\n");
    for entry in [
        "file: lab/kustomization.yaml, allow: [tag]",
        "file: lab/, field: \"images[0].newTag\", allow: [tag]",
        "file: lab/, kind: Kustomization, allow: [tag]",
        "file: lab/, kind: Deployment, name: collector, allow: [tag]",
    ] {
        let folder = overlays(&overlay, entry);
        let found = "prod/kustomization.yaml:4:11: error: container c: tag v1 keeps the agent from upgrading itself: realtheory/theory-k8s-collector:v1 → realtheory/theory-k8s-collector [pinned-tag]\n";
        check(
            &folder,
            "check --format short",
            &format!("{found}{USED}1 error in 1 of 3 files, 1 image read\nexit 1"),
        );
        let run = crate::support::run_in_folder(folder.path(), &["fix"], b"");
        assert_eq!(run.code, 0, "{}", run.stderr);
        let read = |path: &str| std::fs::read_to_string(folder.path().join(path)).expect("read");
        assert!(read("lab/kustomization.yaml").contains("newTag: v1"));
        assert!(!read("prod/kustomization.yaml").contains("newTag: v1"));
    }
    // The base has no tag that could be allowed.
    check(
        &overlays(&overlay, "file: base/d.yaml, allow: [tag]"),
        "check -q --format short",
        "lab/kustomization.yaml:4:11: error: container c: tag v1 keeps the agent from upgrading itself: realtheory/theory-k8s-collector:v1 → realtheory/theory-k8s-collector [pinned-tag]\n\
         prod/kustomization.yaml:4:11: error: container c: tag v1 keeps the agent from upgrading itself: realtheory/theory-k8s-collector:v1 → realtheory/theory-k8s-collector [pinned-tag]\nexit 1",
    );
}

/// A finding names the resource as its file does, and kustomize renames it.
#[test]
fn a_name_copied_from_a_finding_holds_and_so_does_the_built_one() {
    let files = |entry: &str| {
        tree(&[
            (
                "k/kustomization.yaml",
                "namePrefix: x-\nnamespace: prod\nresources: [d.yaml]\n",
            ),
            (
                "k/d.yaml",
                &deployment(&format!("{COLLECTOR}:v1"), "Always"),
            ),
            ("restore-images.yaml", &exceptions(&[entry])),
        ])
    };
    for entry in [
        "name: collector, allow: [tag]",
        "name: x-collector, allow: [tag]",
        "kind: Deployment, namespace: prod, allow: [tag]",
    ] {
        check(
            &files(entry),
            "check --format short",
            &format!("{USED}nothing to restore in 1 file, 1 image read\nexit 0"),
        );
    }
}

const RELEASE: &str = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: datadog, namespace: m}\nspec:\n  chart:\n    spec: {chart: datadog, version: 3.80.0, sourceRef: {kind: HelmRepository, name: datadog}}\n  valuesFrom: [{kind: ConfigMap, name: dv}]\n  values: {clusterAgent: {image: {repository: quay.io/acme/datadog/cluster-agent}}}\n";

#[test]
fn a_key_of_values_has_an_exception_of_its_own() {
    let values = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: dv, namespace: m}\ndata:\n  values.yaml: |\n    registry: quay.io/acme/datadog\n";
    let check_with = |entry: &str, expected: &str| {
        let entry = format!("  exceptions: [{{reason: r, {entry}}}]\n");
        let folder = tree(&[
            ("hr.yaml", RELEASE),
            ("cm.yaml", values),
            ("restore-images.yaml", &(config("datadog") + &entry)),
        ]);
        check(&folder, "check -q --format short", expected);
    };
    let own = "hr.yaml:8:47: error: HelmRelease m/datadog: wrong registry or path: quay.io/acme/datadog/cluster-agent → registry.datadoghq.com/cluster-agent [wrong-registry]\n";
    let host = "cm.yaml:6:15: error: HelmRelease m/datadog: wrong registry or path: quay.io/acme/datadog/agent → registry.datadoghq.com/agent; set registry: registry.datadoghq.com [wrong-registry]\n";
    for entry in [
        "file: cm.yaml, allow: [registry]",
        "field: data.values.yaml.registry, allow: [registry]",
        "kind: ConfigMap, name: dv, allow: [registry]",
    ] {
        check_with(entry, &format!("{own}exit 1"));
    }
    for entry in [
        "file: hr.yaml, allow: [registry]",
        "field: spec.values.clusterAgent.image.repository, allow: [registry]",
    ] {
        check_with(entry, &format!("{host}exit 1"));
    }
    check_with(
        "kind: HelmRelease, name: datadog, allow: [registry]",
        "exit 0",
    );
}

/// In a stream, only annotations tell of files, and an exception for one is not called misspelt.
#[test]
fn a_stream_knows_files_by_its_annotations() {
    let text = deployment(&format!("{COLLECTOR}:v1"), "Always");
    let annotated = text.replace(
        "  name: collector\n",
        "  name: collector\n  annotations: {config.kubernetes.io/path: lab/d.yaml}\n",
    );
    let folder = tree(&[("c.yaml", &exceptions(&["file: lab/d.yaml, allow: [tag]"]))]);
    let run = |text: &str| {
        let run = crate::support::run_in_folder(folder.path(), &["c.yaml"], text.as_bytes());
        (String::from_utf8(run.stdout).expect("UTF-8"), run.stderr)
    };
    let (out, said) = run(&annotated);
    assert_eq!(out, annotated);
    assert!(said.contains("[allowed-by-exception]"), "{said}");
    let (out, said) = run(&text);
    assert!(!out.contains(":v1"), "{out}");
    assert!(!said.contains("unmatched"), "{said}");
}
