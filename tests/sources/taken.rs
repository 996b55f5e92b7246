//! What patches take away, and pull secrets that reach several builds.

use super::cases::{COLLECTORS, Files, MIRRORS, deployment, restored, settled, tree};

const COLLECTOR: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: realtheorycollector}
spec:
  template:
    spec:
      containers:
      - name: realtheorycollector
        image: realtheory/theory-k8s-collector
        imagePullPolicy: Always
";

fn patched(patch: &str) -> Files {
    tree([
        ("base/collector.yaml", COLLECTOR),
        ("base/kustomization.yaml", "resources: [collector.yaml]\n"),
        (
            "prod/kustomization.yaml",
            &format!("resources: [../base]\npatches:\n{patch}"),
        ),
    ])
}

#[test]
fn what_an_operation_takes_away_is_told_there() {
    let before = patched(
        "\
- target: {kind: Deployment}
  patch: |
    - {op: test, path: /kind, value: Deployment}
    - {op: remove, path: /spec/template/spec/containers/0/imagePullPolicy}
",
    );
    let [checked, _, again] = restored(COLLECTORS, &before, &Files::new());
    let says = "\
error[unresolved-image]: container realtheorycollector: imagePullPolicy (missing) → Always: left, since this takes away what tree/base/collector.yaml:10 says: take it out of the patch (tree/prod/kustomization.yaml)
 --> tree/prod/kustomization.yaml:6:7
";
    assert!(checked.1.contains(says), "{}", checked.1);
    assert_eq!([checked.0, again.0], [1, 1]);
}

#[test]
fn what_a_null_takes_away_is_told_there() {
    let before = patched(
        "\
- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: realtheorycollector}
    spec:
      template:
        spec:
          containers:
          - name: realtheorycollector
            imagePullPolicy: null
",
    );
    let [checked, _, again] = restored(COLLECTORS, &before, &Files::new());
    let says = "this takes away what tree/base/collector.yaml:10 says: take it out of the patch (tree/prod/kustomization.yaml)
  --> tree/prod/kustomization.yaml:12:13
";
    assert!(checked.1.contains(says), "{}", checked.1);
    assert_eq!([checked.0, again.0], [1, 1]);
}

const HUB: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  agents: [realtheory-collector]
  registries:
  - {source: docker.io, mirror: h.example/hub, imagePullSecrets: [hp]}
";

fn secrets(image: &str, of_pod: [&str; 2], patch: &str) -> Files {
    let [before, behind] = of_pod;
    tree([
        (
            "base/collector.yaml",
            &format!(
                "apiVersion: apps/v1
kind: Deployment
metadata: {{name: rt}}
spec:
  template:
    spec:
      serviceAccountName: rt
{before}      containers:
      - name: realtheorycollector
        image: {image}
        imagePullPolicy: Always
{behind}---
apiVersion: v1
kind: ServiceAccount
metadata: {{name: rt}}
imagePullSecrets: [{{name: other}}]
"
            ),
        ),
        ("base/kustomization.yaml", "resources: [collector.yaml]\n"),
        (
            "a/kustomization.yaml",
            "resources: [../base]\nnamespace: a\n",
        ),
        (
            "b/kustomization.yaml",
            "resources: [../base]\nnamespace: b\npatches: [{path: p.yaml}]\n",
        ),
        (
            "b/p.yaml",
            &format!(
                "apiVersion: apps/v1
kind: Deployment
metadata: {{name: rt}}
spec:
  template:
    spec:
{patch}"
            ),
        ),
    ])
}

/// What the account of the pod lists may be added to the pod in every build.
#[test]
fn a_list_of_the_base_that_suits_every_overlay_is_written() {
    let mine = "      imagePullSecrets:\n      - name: mine\n";
    let before = secrets("realtheory/theory-k8s-collector", ["", ""], mine);
    let after = secrets(
        "h.example/hub/realtheory/theory-k8s-collector",
        [
            "",
            "      imagePullSecrets:\n      - name: other\n      - name: hp\n",
        ],
        "      imagePullSecrets:\n      - name: mine\n      - name: hp\n",
    );
    settled(HUB, &before, &after);
}

/// Only the images of the resource that lacks its pull secrets stay: values of a chart beside it are mended.
#[test]
fn an_image_of_a_chart_moves_where_a_pod_before_it_lacks_its_secrets() {
    let config =
        format!("{HUB}  - {{source: quay.io, mirror: registry.example.com/quay, scope: all}}\n");
    let values = |repository: &str| {
        let release = "\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web}
spec:
  values:
";
        format!("{release}    image: {{repository: {repository}, tag: v1}}\n")
    };
    let files = |repository: &str| {
        tree([
            (
                "kustomization.yaml",
                "resources: [collector.yaml, web.yaml]\npatches: [{path: p.yaml}, {path: v.yaml}]\n",
            ),
            (
                "collector.yaml",
                "apiVersion: apps/v1
kind: Deployment
metadata: {name: rt}
spec:
  template:
    spec:
      imagePullSecrets: [{name: other}]
      containers:
      - name: realtheorycollector
        image: realtheory/theory-k8s-collector
        imagePullPolicy: Always
",
            ),
            (
                "p.yaml",
                "apiVersion: apps/v1
kind: Deployment
metadata: {name: rt}
spec:
  template:
    spec:
      imagePullSecrets: null
",
            ),
            (
                "web.yaml",
                "apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web}
spec:
  interval: 1h
  chart:
    spec:
      chart: web
      sourceRef: {kind: HelmRepository, name: acme}
",
            ),
            ("v.yaml", &values(repository)),
        ])
    };
    let before = files("quay.io/acme/web");
    let after = files("registry.example.com/quay/acme/web");
    let [checked, fixed, again] = restored(&config, &before, &after);
    assert_eq!([checked.0, fixed.0, again.0], [1, 1, 1], "{}", fixed.1);
    let left = again.1.matches("left, since").count();
    assert_eq!(left, 2, "{}", again.1);
}

/// An image that would be pulled from a mirror without its secret stays where it is.
#[test]
fn an_image_stays_with_its_pull_secrets() {
    let gone = "      imagePullSecrets: null\n";
    let listed = "      imagePullSecrets: [{name: other}, {name: hp}]\n";
    let before = secrets("realtheory/theory-k8s-collector", [listed, ""], gone);
    let [checked, fixed, _] = restored(HUB, &before, &Files::new());
    let says =
        "left, since the pull secrets that it needs there are left (tree/b/kustomization.yaml)";
    assert!(checked.1.contains(says), "{}", checked.1);
    assert_eq!([checked.0, fixed.0], [1, 1], "{}", fixed.1);
    let pod = checked.1.matches("--> tree/b/p.yaml:7:7").count();
    assert_eq!(pod, 1, "{}", checked.1);
}

/// What else reads a ConfigMap that a generator makes is not known: its literal is named, and stays.
#[test]
fn an_image_that_a_replacement_takes_from_a_literal_is_left_there() {
    let web = "registry.example.com/ghcr/acme/web";
    let before = tree([
        ("d.yaml", &*deployment("web", &[("web", web)])),
        (
            "kustomization.yaml",
            "resources: [d.yaml]\nconfigMapGenerator:\n- name: g\n  literals: [\"img=ghcr.io/acme/web:7\"]\nreplacements:\n- source: {kind: ConfigMap, name: g, fieldPath: data.img}\n  targets: [{select: {kind: Deployment}, fieldPaths: [spec.template.spec.containers.0.image]}]\n",
        ),
    ]);
    for (code, said) in restored(MIRRORS, &before, &Files::new()) {
        assert_eq!(code, 1, "{said}");
        let why = "what else reads that ConfigMap is not known: change the literal by hand";
        for part in ["kustomization.yaml:4:14", why] {
            assert!(said.contains(part), "{said}");
        }
    }
}
