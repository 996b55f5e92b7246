//! Builds that kustomize refuses for other reasons than the keys and types of a kustomization.

use super::build;
use super::cases::{Files, MIRRORS, deployment, restored, tree, write};
use crate::support::tool;

const RIGHT: &str = "registry.example.com/hub/library/nginx:1";

const WEB: &str = "resources: [web.yaml]\n";

const COMPONENT: &str = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n";

const HEADER: &str = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";

fn web() -> String {
    deployment("web", &[("web", RIGHT)])
}

fn config_map(metadata: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{{metadata}}}\n")
}

/// Whether kustomize builds a root, if it is there.
fn builds(files: &Files, root: &str) -> Option<bool> {
    let kustomize = tool("kustomize")?;
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), files);
    // An empty build is one.
    match build::build(&kustomize, folder.path(), root) {
        Err(error) if error != "nothing\n" => Some(false),
        _ => Some(true),
    }
}

#[track_caller]
fn refused(files: &Files, root: &str, why: &str) {
    let [checked, fixed, again] = restored(MIRRORS, files, &Files::new());
    let kustomization = format!("tree/{root}/kustomization.yaml").replace("/./", "/");
    let says = format!(
        "warning[unfollowed-build]: kustomize would refuse to build {kustomization}, since {why}, and so its manifests are judged by themselves"
    );
    for (code, said) in [checked, fixed, again] {
        assert!(said.contains(&says), "{says}\n{said}");
        assert_eq!(code, 0, "{said}");
    }
    assert_ne!(builds(files, root), Some(true), "{why}");
}

/// A kustomization, and another file beside `web.yaml`.
fn files(kustomization: &str, other: &str) -> Files {
    tree([
        ("kustomization.yaml", kustomization),
        ("other.yaml", other),
        ("web.yaml", &web()),
    ])
}

/// Kustomizations with another file, and why kustomize refuses to build them.
const ROWS: &[(&str, &str, &str)] = &[
    ("", "", "it is empty"),
    ("# nothing\n", "", "it is empty"),
    (HEADER, "", "it is empty"),
    ("resources: null\nnamespace: \"\"\n", "", "it is empty"),
    (
        "resources: [web.yaml]\nconfigMapGenerator: [{name: a, foo: b}]\n",
        "",
        "`foo` is no key of an item of `configMapGenerator`",
    ),
    (
        "resources: [web.yaml]\nsecretGenerator: [{name: a, options: {foo: b}}]\n",
        "",
        "`foo` is no key of `options`",
    ),
    (
        "resources: [web.yaml]\ngeneratorOptions: {foo: b}\n",
        "",
        "`foo` is no key of `generatorOptions`",
    ),
    (
        "resources: [web.yaml]\nvars: [{name: A, foo: b}]\n",
        "",
        "`foo` is no key of an item of `vars`",
    ),
    (
        "resources: [web.yaml]\nconfigMapGenerator: [{literals: [a=b]}]\n",
        "",
        "an item of `configMapGenerator` has no `name`",
    ),
    (
        "resources: [web.yaml]\nsecretGenerator: [{name: a, literals: [b]}]\n",
        "",
        "a literal of `secretGenerator` is not KEY=VALUE",
    ),
    (
        "resources: [web.yaml]\nconfigMapGenerator: [{name: a, literals: [b=c, b=d]}]\n",
        "",
        "a literal of `configMapGenerator` has a key that was there before",
    ),
    (
        "resources: [web.yaml]\nconfigMapGenerator: [{name: a, literals: [b=c]}, {name: a, namespace: default}]\n",
        "",
        "the generated ConfigMap a is there already",
    ),
    (
        "resources: [web.yaml, other.yaml]\nconfigMapGenerator: [{name: a, literals: [b=c]}]\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
        "the generated ConfigMap a is there already",
    ),
    (
        "resources: [web.yaml]\nreplicas: [{name: other, count: 2}]\n",
        "",
        "`replicas` finds no workload other that has them",
    ),
    (
        "resources: [web.yaml]\npatches: [{path: other.yaml, patch: \"- {op: add, path: /spec/a, value: b}\", target: {kind: Deployment}}]\n",
        "- {op: add, path: /spec/a, value: b}\n",
        "an item of `patches` has both `path` and `patch`",
    ),
    (
        "resources: [web.yaml]\npatches: [{patch: \"\", target: {kind: Deployment}}]\n",
        "",
        "an item of `patches` has neither `path` nor `patch`",
    ),
    (
        "resources: [web.yaml]\npatches: [{path: other.yaml, target: {kind: Deployment}}]\n",
        "[]\n",
        "a patch is an empty list",
    ),
    (
        "resources: [web.yaml]\npatches: [{path: other.yaml, target: {kind: Deployment}}]\n",
        "kind: Deployment\nspec: {replicas: 2}\n",
        "a patch has no `metadata.name`",
    ),
    (
        "resources: [web.yaml]\npatches: [{path: other.yaml, target: {kind: Deployment}}]\n",
        "metadata: {name: web}\nspec: {replicas: 2}\n",
        "a patch has no `kind`",
    ),
    (
        "resources: [web.yaml]\npatches: [{path: other.yaml, target: {kind: Deployment}}]\n",
        "a text\n",
        "a patch is neither a mapping nor a list",
    ),
    (
        "resources: [web.yaml, other.yaml]\n",
        "apiVersion: v1\nkind: Secret\nmetadata: {generateName: a-}\n",
        "a resource has no `metadata.name`",
    ),
    (
        "resources: [web.yaml, other.yaml]\n",
        "a: b\n",
        "a resource has no `kind`",
    ),
    (
        "resources: [web.yaml, other.yaml]\n",
        "- a\n",
        "a document of its resources is no mapping",
    ),
    (
        "namespace: x\nresources: [web.yaml, other.yaml]\n",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: y}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: z}\n",
        "Secret a comes twice",
    ),
];

#[test]
fn a_build_that_kustomize_refuses_is_said() {
    for (kustomization, other, why) in ROWS {
        refused(&files(kustomization, other), ".", why);
    }
}

#[test]
fn a_kustomization_in_the_wrong_list_is_said() {
    let of = |part: &str, over: &str| {
        tree([
            ("part/kustomization.yaml", &format!("{part}{WEB}")),
            ("part/web.yaml", &web()),
            ("over/kustomization.yaml", over),
        ])
    };
    refused(
        &of(COMPONENT, "resources: [../part]\n"),
        "over",
        "../part is a Component, which belongs under `components`",
    );
    refused(
        &of(HEADER, "components: [../part]\n"),
        "over",
        "../part under `components` is no Component",
    );
}

#[test]
fn a_folder_that_holds_the_kustomization_is_said() {
    let before = tree([
        ("kustomization.yaml", "resources: [over/web.yaml]\n"),
        ("over/kustomization.yaml", "resources: [../]\n"),
        ("over/web.yaml", &web()),
    ]);
    refused(&before, "over", "../ holds the kustomization itself");
}

/// Kustomizations with another file, which kustomize builds although they look odd.
const BUILT: &[(&str, &str)] = &[
    ("resources: []\n", ""),
    ("metadata: {name: a}\n", ""),
    ("commonLabels: {}\n", ""),
    (
        "resources: [web.yaml, other.yaml]\n",
        "{}\n---\n# nothing\n---\napiVersion: v1\nkind: List\nitems: []\n",
    ),
    (
        "resources: [web.yaml, other.yaml]\n",
        "kind: Foo\nmetadata: {name: 5}\n",
    ),
    (
        "resources: [web.yaml]\nconfigMapGenerator: [{name: a, literals: [b=c]}, {name: a, namespace: x}, {name: a, behavior: merge, literals: [d=e]}]\nsecretGenerator: [{name: a, type: b, literals: [a=b]}]\n",
        "",
    ),
    (
        "namePrefix: p-\nresources: [web.yaml]\nreplicas: [{name: p-web, count: 2}]\n",
        "",
    ),
    (
        "resources: [web.yaml]\npatches: [{path: other.yaml, target: {kind: Deployment}}]\n",
        "kind: Deployment\nmetadata: {name: any}\nspec: {replicas: 2}\n",
    ),
    (
        "resources: [web.yaml]\npatches: [{path: other.yaml, target: {kind: Deployment}, options: {allowKindChange: true, allowNameChange: true}}, {target: {kind: StatefulSet, name: other}, patch: \"- {op: remove, path: /spec/replicas}\"}]\n",
        "kind: StatefulSet\nmetadata: {name: other}\nspec: {replicas: 2}\n",
    ),
    (
        "resources: [web.yaml]\npatches: [{path: other.yaml, target: {kind: StatefulSet}, options: {allowKindChange: true}}, {target: {kind: StatefulSet, name: other}, patch: \"- {op: remove, path: /spec/none}\"}]\n",
        "kind: StatefulSet\nmetadata: {name: other}\nspec: {replicas: 2}\n",
    ),
    (
        "resources: [web.yaml]\npatches: [{path: other.yaml, target: {}}]\n",
        "- {op: add, path: /spec/replicas, value: 2}\n",
    ),
    (
        "resources: [web.yaml]\nconfigMapGenerator: [{name: a, files: [other.yaml]}]\npatches: [{target: {kind: ConfigMap}, patch: \"- {op: remove, path: /data/other.yaml}\"}]\nreplacements: [{source: {kind: Deployment}, targets: [{select: {kind: Deployment}, fieldPaths: [metadata.name]}]}]\n",
        "a: b\n",
    ),
    (
        "namespace: x\nresources: [web.yaml, other.yaml]\n",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: z}\n",
    ),
];

#[test]
fn a_build_that_looks_odd_is_settled() {
    for (kustomization, other) in BUILT {
        let before = files(kustomization, other);
        let [checked, ..] = restored(MIRRORS, &before, &Files::new());
        assert!(!checked.1.contains("unfollowed-build"), "{}", checked.1);
        // Of roots the summary names those that are not settled.
        assert!(!checked.1.contains("settled"), "{}", checked.1);
        assert_ne!(builds(&before, "."), Some(false), "{kustomization}{other}");
    }
}

/// Flux builds a folder with a kustomization that it changes first, so that it is not empty then.
#[test]
fn an_empty_kustomization_that_flux_fills_is_built() {
    let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\nspec:\n  path: ./apps\n  images: [{name: nginx, newTag: v2}]\n";
    let before = tree([
        ("apps/kustomization.yaml", HEADER),
        ("flux.yaml", flux),
        ("other.yaml", &config_map("name: a")),
    ]);
    let [checked, ..] = restored(MIRRORS, &before, &Files::new());
    assert!(!checked.1.contains("it is empty"), "{}", checked.1);
}
