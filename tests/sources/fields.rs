//! What layers below write beside images: a patch of a layer above may ask for it, and the build be none without it.

use super::cases::{Files, MIRRORS, builds, deployment, restored, settled, tree};

const ENTRY: &str = "{name: op, newName: ghcr.io/acme/op, newTag: v1}";
/// The base is a build of its own, which runs what it says.
const RENAMED: &str = "registry.example.com/hub/library/op";

/// A base with an image, and an overlay that says what runs in its place.
fn layers(base: &str, deploy: &str, over: &str, entry: &str) -> Files {
    tree([
        (
            "base/kustomization.yaml",
            &format!("resources: [d.yaml]\n{base}\n"),
        ),
        ("base/d.yaml", deploy),
        (
            "over/kustomization.yaml",
            &format!("resources: [../base]\nimages: [{entry}]\n{over}\n"),
        ),
    ])
}

fn deploy(image: &str) -> String {
    deployment("d", &[("a", image)])
}

/// Holds that the overlay is known to be built, as kustomize builds it.
#[track_caller]
fn followed(base: &str, more: &str, over: &str) {
    let before = layers(base, &(deploy("op") + more), over, ENTRY);
    let right =
        format!("{{name: {RENAMED}, newName: registry.example.com/ghcr/acme/op, newTag: v1}}");
    let after = layers(base, &(deploy(RENAMED) + more), over, &right);
    let said = settled(MIRRORS, &before, &after);
    assert!(!said.contains("would refuse"), "{said}");
    let images: [&[&str]; 2] = [
        &["ghcr.io/acme/op:v1"],
        &["registry.example.com/ghcr/acme/op:v1"],
    ];
    builds(MIRRORS, &before, &[("over", images[0], images[1])]);
}

#[test]
fn labels_annotations_and_replicas_are_where_kustomize_writes_them() {
    for (base, operation) in [
        (
            "commonLabels: {app: x}",
            "{op: remove, path: /spec/template/metadata/labels/app}",
        ),
        (
            "commonLabels: {app: x}",
            "{op: remove, path: /spec/selector/matchLabels/app}",
        ),
        (
            "commonLabels: {app: x}",
            "{op: add, path: /spec/template/metadata/labels/foo, value: x}",
        ),
        (
            "labels: [{pairs: {app: x}, includeTemplates: true}]",
            "{op: add, path: /spec/template/metadata/labels/foo, value: x}",
        ),
        (
            "labels: [{pairs: {app: x}, includeSelectors: true}]",
            "{op: test, path: /spec/template/metadata/labels/app, value: x}",
        ),
        (
            "labels: [{pairs: {app: x}, fields: [{path: spec/foo/labels, create: true}]}]",
            "{op: remove, path: /spec/foo/labels/app}",
        ),
        (
            "commonAnnotations: {app: x}",
            "{op: add, path: /spec/template/metadata/annotations/foo, value: x}",
        ),
        (
            "replicas: [{name: d, count: 3}]",
            "{op: test, path: /spec/replicas, value: 3}",
        ),
    ] {
        let over = format!("patches: [{{target: {{kind: Deployment}}, patch: '[{operation}]'}}]");
        let over = over.replace("'[{", "'- {").replace("}]'", "}'");
        followed(base, "", &over);
    }
}

#[test]
fn transformers_write_what_selectors_ask_for() {
    for (base, target) in [
        (
            "transformers: ['{apiVersion: builtin, kind: LabelTransformer, metadata: {name: t}, labels: {app: x}, fieldSpecs: [{path: metadata/labels, create: true}]}']",
            "labelSelector: app=x",
        ),
        (
            "transformers: ['{apiVersion: builtin, kind: AnnotationsTransformer, metadata: {name: t}, annotations: {app: x}, fieldSpecs: [{path: metadata/annotations, create: true}]}']",
            "annotationSelector: app=x",
        ),
        (
            "transformers: ['{apiVersion: builtin, kind: PrefixTransformer, metadata: {name: t}, prefix: p-, fieldSpecs: [{path: metadata/name, kind: Deployment}]}']",
            "name: p-d",
        ),
    ] {
        let over = |image: &str| {
            let path = "/spec/template/spec/containers/0/image";
            format!(
                "resources: [../base]\npatches:\n- target: {{{target}}}\n  patch: |-\n    - {{op: replace, path: {path}, value: '{image}'}}\n"
            )
        };
        let files = |image: &str, patched: &str| {
            let mut files = layers(base, &deploy(image), "", ENTRY);
            files.insert("over/kustomization.yaml", over(patched));
            files
        };
        let before = files("op", "quay.io/acme/op:v2");
        let right = "registry.example.com/quay/acme/op:v2";
        settled(MIRRORS, &before, &files(RENAMED, right));
        builds(
            MIRRORS,
            &before,
            &[("over", &["quay.io/acme/op:v2"], &[right])],
        );
    }
    // A prefix for other kinds leaves the name as it is.
    let base = "transformers: ['{apiVersion: builtin, kind: PrefixTransformer, metadata: {name: t}, prefix: p-, fieldSpecs: [{path: metadata/name, kind: StatefulSet}]}']";
    let over = "patches: [{patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {replicas: 2}}'}]";
    followed(base, "", over);
}

/// kustomize knows which kinds have no namespace, whatever they say.
#[test]
fn a_patch_finds_what_has_no_namespace() {
    for (written, patched) in [
        ("", ", namespace: sys"),
        (", namespace: sys", ""),
        (", namespace: a", ", namespace: b"),
    ] {
        let role = |more: &str| {
            format!(
                "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {{name: op{more}}}\n"
            )
        };
        let more = format!("---\n{}", role(written));
        let patch = role(&format!("{patched}, annotations: {{x: \"y\"}}"));
        let patch = patch.replace('\n', "\n      ");
        followed(
            "",
            &more,
            &format!("patches:\n  - patch: |-\n      {}", patch.trim_end()),
        );
    }
}

/// A build that is refused keeps the keys of its lists, whether another build has the file or none.
#[test]
fn an_image_that_a_refused_build_looks_for_is_left() {
    let patch = "patches: [{patch: '{apiVersion: v1, kind: Service, metadata: {name: none}}'}]";
    for image in ["op", "op:v3"] {
        let before = layers("", &deploy(image), patch, ENTRY);
        let [check, fix, _] = restored(MIRRORS, &before, &Files::new());
        assert_eq!((check.0, fix.0), (1, 1), "{}", check.1);
        let says = "the entry op of images looks for it by this name, once kustomize builds tree/over/kustomization.yaml: fix that first, or change both by hand";
        assert!(check.1.contains(says), "{}", check.1);
        // Nobody else builds it.
        let before = tree([
            ("d.yaml", deploy(image).as_str()),
            (
                "kustomization.yaml",
                &format!("resources: [d.yaml]\nimages: [{ENTRY}]\n{patch}\n"),
            ),
        ]);
        let [check, fix, _] = restored(MIRRORS, &before, &Files::new());
        assert_eq!((check.0, fix.0), (1, 1), "{}", check.1);
        let says =
            "the entry op of images in tree/kustomization.yaml looks for it, once kustomize builds";
        assert!(check.1.contains(says), "{}", check.1);
    }
}
