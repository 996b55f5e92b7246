//! JSON patches, selectors and counts that fit what layers below have made of a resource: a build that kustomize
//! would refuse is another one than that which it builds.

use super::cases::{Files, MIRRORS, builds, restored, settled, tree};

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

#[test]
fn an_operation_that_fits_no_list_is_refused() {
    let web = WEB.replace("{name: web}", "{name: web, finalizers: [a, b]}");
    let patches = "patches:\n- target: {kind: Deployment}\n  patch: '[{\"op\": \"remove\", \"path\": \"/metadata/finalizers/2\"}]'\n";
    let [_, fixed, _] = restored(
        MIRRORS,
        &files(&web, "", &[], patches),
        &tree([(
            "base/web.yaml",
            &web.replace("image: op", "image: registry.example.com/hub/library/op"),
        )]),
    );
    let why = "kustomize would refuse to build tree/over/kustomization.yaml, since a JSON patch does not fit Deployment web";
    assert!(fixed.1.contains(why), "{}", fixed.1);
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
