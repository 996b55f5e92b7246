//! JSON patches, selectors and counts that fit what layers below have made of a resource: a build that kustomize
//! would refuse is another one than that which it builds.

use super::build;
use super::cases::{Files, MIRRORS, builds, restored, settled, tree, write};
use crate::support::tool;

const WEB: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers:
      - {name: web, image: op}
";

/// The image as `base` and `over` build it, before and after.
const ROOTS: [(&str, &[&str], &[&str]); 2] = [
    ("base", &["op"], &["registry.example.com/hub/library/op"]),
    (
        "over",
        &["ghcr.io/acme/op:v1"],
        &["registry.example.com/ghcr/acme/op:v1"],
    ),
];

/// A base with a workload, and a layer over it whose list says what runs.
fn files(workload: &str, base: &str, more: &[(&'static str, &str)], over: &str) -> Files {
    let below = format!("resources: [web.yaml]\n{base}");
    let above = format!(
        "resources: [../base]\nimages: [{{name: op, newName: ghcr.io/acme/op, newTag: v1}}]\n{over}"
    );
    let mut files = tree([
        ("base/kustomization.yaml", &below),
        ("base/web.yaml", workload),
        ("over/kustomization.yaml", &above),
    ]);
    files.extend(more.iter().map(|(path, text)| (*path, (*text).to_owned())));
    files
}

/// Holds that both are built, before and after, and edited as what kustomize builds.
#[track_caller]
fn is_built(files: &Files) {
    builds(MIRRORS, files, &ROOTS);
    let mut changed = Files::new();
    for (path, from, to) in [
        (
            "base/web.yaml",
            "image: op",
            "image: registry.example.com/hub/library/op",
        ),
        (
            "over/kustomization.yaml",
            "name: op, newName: ghcr.io/acme/op",
            "name: registry.example.com/hub/library/op, newName: registry.example.com/ghcr/acme/op",
        ),
    ] {
        changed.insert(path, files[path].replace(from, to));
    }
    let said = settled(MIRRORS, files, &changed);
    assert!(!said.contains("would refuse"), "{said}");
}

/// A kind, what is beside its name, what a patch says there, and a path that kustomize finds then.
const MERGED: &[(&str, &str, &str, &str)] = &[
    (
        "v1 Service",
        "spec: {ports: [{port: 80, name: a, protocol: TCP}, {port: 81, name: b, protocol: TCP}]}",
        "spec: {ports: [{port: 80, name: c}, {port: 81, name: d, protocol: UDP}]}",
        "/spec/ports/2/name",
    ),
    (
        "v1 Pod",
        "spec: {containers: [{name: a, ports: [{containerPort: 53, protocol: TCP}, {containerPort: 53, protocol: UDP}]}]}",
        "spec: {containers: [{name: a, ports: [{containerPort: 53, protocol: UDP, name: q}]}]}",
        "/spec/containers/0/ports/1/name",
    ),
    (
        "v1 Pod",
        "spec: {topologySpreadConstraints: [{topologyKey: a, whenUnsatisfiable: DoNotSchedule, maxSkew: 1}]}",
        "spec: {topologySpreadConstraints: [{topologyKey: a, whenUnsatisfiable: ScheduleAnyway, maxSkew: 1}]}",
        "/spec/topologySpreadConstraints/1/maxSkew",
    ),
    (
        "v1 ServiceAccount",
        "secrets: [{name: a}]",
        "secrets: [{name: b}]",
        "/secrets/1/name",
    ),
    (
        "storage.k8s.io/v1beta1 CSIDriver",
        "metadata: {name: other, finalizers: [a]}",
        "metadata: {name: other, finalizers: [b, a]}",
        "/metadata/finalizers/1",
    ),
    (
        "rbac.authorization.k8s.io/v1 Role",
        "metadata: {name: other, ownerReferences: [{uid: a, name: a}]}",
        "metadata: {name: other, ownerReferences: [{uid: b, name: b}]}",
        "/metadata/ownerReferences/1/name",
    ),
];

#[test]
fn an_operation_fits_what_a_patch_makes_of_a_list() {
    for (kind, below, patch, path) in MERGED {
        let (api_version, kind) = kind.split_once(' ').expect("both");
        let object = |rest: &str| {
            let metadata = match rest.contains("metadata:") {
                true => "",
                false => "metadata: {name: other}\n",
            };
            format!("apiVersion: {api_version}\nkind: {kind}\n{metadata}{rest}\n")
        };
        let patches = format!(
            "patches:\n- path: p.yaml\n- target: {{kind: {kind}}}\n  patch: '[{{\"op\": \"remove\", \"path\": \"{path}\"}}]'\n"
        );
        let workload = format!("{WEB}---\n{}", object(below));
        is_built(&files(
            &workload,
            "",
            &[("over/p.yaml", &object(patch))],
            &patches,
        ));
    }
}

/// Holds that a build is known to be refused, so that nothing is edited that its list may look for.
#[track_caller]
fn is_refused(files: &Files, why: &str) {
    let [_, fixed, _] = restored(MIRRORS, files, &Files::new());
    let why = format!("kustomize would refuse to build tree/over/kustomization.yaml, since {why}");
    assert!(fixed.1.contains(&why), "{}", fixed.1);
    if let Some(kustomize) = tool("kustomize") {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), files);
        let built = build::build(&kustomize, folder.path(), "over");
        assert!(built.is_err_and(|error| error != "nothing\n"), "{why}");
    }
}

#[test]
fn an_operation_that_fits_no_list_is_refused() {
    let web = WEB.replace("{name: web}", "{name: web, finalizers: [a, b]}");
    let patches = "patches:\n- target: {kind: Deployment}\n  patch: '[{\"op\": \"remove\", \"path\": \"/metadata/finalizers/2\"}]'\n";
    is_refused(
        &files(&web, "", &[], patches),
        "a JSON patch does not fit Deployment web",
    );
}

const ROLLOUT: &str = "replicas: [{path: spec/replicas, kind: Rollout, create: true}]\n";

/// A workload whose kind kustomize does not know, and how many of it are counted.
fn counted(configuration: &str) -> Files {
    let web = WEB
        .replace("apps/v1", "argoproj.io/v1alpha1")
        .replace("Deployment", "Rollout");
    let base = "configurations: [kc.yaml]\n";
    let more = [("base/kc.yaml", configuration)];
    files(&web, base, &more, "replicas: [{name: web, count: 3}]\n")
}

#[test]
fn configurations_hold_for_the_layers_above() {
    is_built(&counted(ROLLOUT));
}

#[test]
fn only_the_first_document_of_a_configuration_counts() {
    is_refused(
        &counted(&format!("images: []\n---\n{ROLLOUT}")),
        "`replicas` finds no workload web that has them",
    );
}

/// A configuration, what else the base says, and what the layer above says.
const CONFIGURED: &[(&str, &str, &str)] = &[
    (
        "commonLabels: [{path: spec/foo, create: true, kind: Deployment}]\n",
        "",
        "commonLabels: {app: x}\npatchesJson6902: [{target: {version: v1, kind: Deployment, name: web}, patch: '[{\"op\": \"remove\", \"path\": \"/spec/foo/app\"}]'}]\n",
    ),
    (
        "labels: [{path: spec/foo, create: true, kind: Deployment}]\n",
        "labels: [{pairs: {app: x}}]\n",
        "patches: [{target: {kind: Deployment}, patch: '[{\"op\": \"remove\", \"path\": \"/spec/foo/app\"}]'}]\n",
    ),
    (
        "templateLabels: [{path: spec/foo, create: true, kind: Deployment}]\n",
        "labels: [{pairs: {app: x}, includeTemplates: true}]\n",
        "patches: [{target: {kind: Deployment}, patch: '[{\"op\": \"remove\", \"path\": \"/spec/foo/app\"}]'}]\n",
    ),
    (
        "commonLabels: [{path: metadata/labels, create: true, kind: Service}]\n",
        "commonLabels: {app: x}\n",
        "patches: [{target: {kind: Deployment}, patch: '[{\"op\": \"test\", \"path\": \"/metadata/labels\", \"value\": null}]'}]\n",
    ),
    (
        "commonAnnotations: [{path: spec/foo, create: true, kind: Deployment}]\n",
        "commonAnnotations: {app: x}\n",
        "patches: [{target: {kind: Deployment}, patch: '[{\"op\": \"remove\", \"path\": \"/spec/foo/app\"}]'}]\n",
    ),
    (
        "namespace: [{path: spec/foo, create: true, kind: Deployment}]\n",
        "namespace: shop\n",
        "patches: [{target: {kind: Deployment}, patch: '[{\"op\": \"test\", \"path\": \"/spec/foo\", \"value\": \"shop\"}]'}]\n",
    ),
    (
        "namePrefix: [{path: metadata/name, kind: Deployment}]\n",
        "namePrefix: a-\n",
        "patches: [{target: {kind: Deployment}, patch: '[{\"op\": \"test\", \"path\": \"/metadata/name\", \"value\": \"a-web\"}]'}]\n",
    ),
    (
        // A field of one kind keeps that of all kinds out.
        "nameSuffix: [{path: metadata/name, kind: StatefulSet}]\n",
        "nameSuffix: -a\n",
        "patches: [{patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 2}}'}]\n",
    ),
];

#[test]
fn configurations_say_where_labels_names_and_namespaces_are_written() {
    for (configuration, base, over) in CONFIGURED {
        let base = format!("configurations: [kc.yaml]\n{base}");
        let more = [("base/kc.yaml", *configuration)];
        is_built(&files(WEB, &base, &more, over));
    }
}

/// An object beside the workload, what the base says, and an operation on it above.
const NAMESPACED: &[(&str, &str, &str)] = &[
    (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: other}\nsubjects: [{kind: ServiceAccount, name: default}]\n",
        "namespace: shop\n",
        "{op: remove, path: /subjects/0/namespace}",
    ),
    (
        "apiVersion: apiregistration.k8s.io/v1\nkind: APIService\nmetadata: {name: other}\nspec: {group: a}\n",
        "namespace: shop\n",
        "{op: remove, path: /spec/service/namespace}",
    ),
    (
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: other}\n",
        "namespace: shop\n",
        "{op: test, path: /metadata/name, value: shop}",
    ),
    (
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: other}\n",
        "transformers:\n- |-\n  apiVersion: builtin\n  kind: NamespaceTransformer\n  metadata: {name: t, namespace: shop}\n",
        "{op: test, path: /metadata/name, value: other}",
    ),
    (
        "apiVersion: v1\nkind: Namespace\nmetadata: {name: other}\n",
        "transformers:\n- |-\n  apiVersion: builtin\n  kind: NamespaceTransformer\n  metadata: {name: t, namespace: shop}\n  fieldSpecs: [{path: metadata/name, kind: Namespace}]\n",
        "{op: test, path: /metadata/name, value: shop}",
    ),
];

#[test]
fn a_namespace_is_written_where_kustomize_writes_it() {
    for (object, base, operation) in NAMESPACED {
        let kind = object
            .split_once("kind: ")
            .and_then(|(_, rest)| rest.lines().next());
        let kind = kind.expect("a kind");
        let over =
            format!("patches:\n- target: {{kind: {kind}}}\n  patch: |-\n    - {operation}\n");
        is_built(&files(&format!("{WEB}---\n{object}"), base, &[], &over));
    }
}

const PATCH: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: web, image: \"quay.io/p/p:3\"}]}}}
";

const OPERATIONS: &str =
    "- {op: replace, path: /spec/template/spec/containers/0/image, value: \"quay.io/p/p:3\"}\n";

/// Transformers in the text of a kustomization, and the patch that they name.
const NAMING: &[(&str, &str)] = &[
    ("kind: PatchTransformer\n  path: p.yaml", PATCH),
    (
        "kind: PatchStrategicMergeTransformer\n  paths: [p.yaml]",
        PATCH,
    ),
    (
        "kind: PatchJson6902Transformer\n  target: {group: apps, version: v1, kind: Deployment, name: web}\n  path: p.yaml",
        OPERATIONS,
    ),
];

#[test]
fn a_patch_that_a_transformer_in_a_text_names_is_one() {
    for (transformer, patch) in NAMING {
        let base = format!(
            "resources: [web.yaml]\ntransformers:\n- |-\n  apiVersion: builtin\n  metadata: {{name: t}}\n  {transformer}\n"
        );
        let over =
            |name: &str| format!("resources: [../base]\nimages: [{{name: {name}, newTag: v5}}]\n");
        let before = tree([
            ("base/kustomization.yaml", &base),
            ("base/p.yaml", patch),
            ("base/web.yaml", WEB),
            ("over/kustomization.yaml", &over("quay.io/p/p")),
        ]);
        let changed = tree([
            (
                "base/p.yaml",
                &patch.replace("quay.io", "registry.example.com/quay"),
            ),
            (
                "over/kustomization.yaml",
                &over("registry.example.com/quay/p/p"),
            ),
        ]);
        settled(MIRRORS, &before, &changed);
        let roots: [(&str, &[&str], &[&str]); 2] = [
            (
                "base",
                &["quay.io/p/p:3"],
                &["registry.example.com/quay/p/p:3"],
            ),
            (
                "over",
                &["quay.io/p/p:v5"],
                &["registry.example.com/quay/p/p:v5"],
            ),
        ];
        builds(MIRRORS, &before, &roots);
    }
}
