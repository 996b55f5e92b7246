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
        "warning[unfollowed-build]: kustomize would refuse to build {kustomization}, since {why}, and so its manifests are checked by themselves"
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
    (
        "resources: [web.yaml]\nopenapi: {version: v1.20.4}\n",
        "",
        "the `version` of `openapi` is not one that kustomize has: v1.21.2",
    ),
    (
        "resources: [web.yaml]\npatchesJson6902: [{target: {kind: Deployment}, path: other.yaml}]\n",
        "- {op: add, path: /spec/replicas, value: 2}\n",
        "an item of `patchesJson6902` has no name in its `target`",
    ),
    (
        "resources: [web.yaml, other.yaml]\nimages: [{name: nginx, newTag: v2}]\n",
        "apiVersion: example.com/v1\nkind: Foo\nmetadata: {name: a}\nspec: {containers: [{image: {repository: a}}]}\n",
        "the `image` of a container is no text",
    ),
    (
        "resources: [web.yaml, other.yaml]\nimages: [{name: nginx, newTag: v2}]\n",
        "apiVersion: example.com/v1\nkind: Foo\nmetadata: {name: a}\nspec: {initContainers: [a]}\n",
        "an item of a list of containers is no mapping",
    ),
    (
        "resources: [web.yaml]\npatches:\n- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: web}\n    $patch: foo\n",
        "",
        "a patch has the strategy foo, which is none",
    ),
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
    (
        "resources: [web.yaml]\nconfigMapGenerator: [{name: a, files: [k=]}]\n",
        "",
        "a file of `configMapGenerator` is not KEY=PATH",
    ),
    (
        "resources: [web.yaml]\nsecretGenerator: [{name: a, files: [other.yaml, x=other.yaml], literals: [x=b]}]\n",
        "",
        "a file of `secretGenerator` has a key that was there before",
    ),
    (
        "resources: [web.yaml]\nconfigMapGenerator: [{name: a, behavior: merge, literals: [a=b]}]\n",
        "",
        "there is no ConfigMap a to merge",
    ),
    (
        "resources: [web.yaml, other.yaml]\nsecretGenerator: [{name: cm, behavior: replace, literals: [a=b]}]\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm, labels: {app: web}}\ndata: {image: a}\n",
        "there is no Secret cm to replace",
    ),
    (
        "resources: [web.yaml, other.yaml]\nconfigMapGenerator: [{name: cm, namespace: x, behavior: merge, literals: [a=b]}]\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm, labels: {app: web}}\ndata: {image: a}\n",
        "there is no ConfigMap cm to merge",
    ),
    (
        "resources: [web.yaml]\npatches: [{patch: \"{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {a: b}}\"}]\nconfigMapGenerator: [{name: b, literals: [a=b]}]\n",
        "",
        "the patch for ConfigMap a finds no such resource",
    ),
    (
        "resources: [web.yaml, other.yaml]\nreplacements: [{source: {kind: ConfigMap, name: cm, fieldPath: data.image}, targets: [{select: {kind: Deployment}, fieldPaths: [spec.template.spec.containers.0.image]}], foo: 1}]\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm, labels: {app: web}}\ndata: {image: a}\n",
        "`foo` is no key of an item of `replacements`",
    ),
    (
        "resources: [web.yaml, other.yaml]\nreplacements: [{source: {kind: ConfigMap, labelSelector: a}, targets: [{select: {kind: Deployment}, fieldPaths: [spec.template.spec.containers.0.image]}]}]\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm, labels: {app: web}}\ndata: {image: a}\n",
        "`labelSelector` is no key of `source`",
    ),
    (
        "resources: [web.yaml, other.yaml]\nreplacements: [{source: {kind: ConfigMap, name: cm, fieldPath: data.image}, targets: [{select: {kind: Deployment, foo: x}}]}]\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm, labels: {app: web}}\ndata: {image: a}\n",
        "`foo` is no key of `select`",
    ),
    (
        "resources: [web.yaml, other.yaml]\nreplacements: [{targets: [{select: {kind: Deployment}, fieldPaths: [spec.template.spec.containers.0.image]}]}]\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm, labels: {app: web}}\ndata: {image: a}\n",
        "a replacement needs `source` and `targets`",
    ),
    (
        "resources: [web.yaml, other.yaml]\nreplacements: [{source: {kind: ConfigMap, name: cm, fieldPath: data.image}}]\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm, labels: {app: web}}\ndata: {image: a}\n",
        "a replacement needs `source` and `targets`",
    ),
    (
        "resources: [web.yaml, other.yaml]\nreplacements: [{source: {kind: ConfigMap, name: cm, fieldPath: data.image}, targets: [{fieldPaths: [spec.template.spec.containers.0.image]}]}]\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm, labels: {app: web}}\ndata: {image: a}\n",
        "a target of a replacement has no `select`",
    ),
    (
        "resources: [web.yaml, other.yaml]\nreplacements: [{path: other.yaml, source: {kind: ConfigMap, name: cm, fieldPath: data.image}}]\n",
        "[]\n",
        "an item of `replacements` has `path` and what a file should say",
    ),
    (
        "resources: [web.yaml]\nreplacements: [{path: other.yaml}]\n",
        "# nothing\n",
        "the replacement other.yaml is neither a mapping nor a list",
    ),
    (
        "resources: [web.yaml]\nreplacements: [{path: other.yaml}]\n",
        "source: {kind: Deployment}\n",
        "a replacement needs `source` and `targets`",
    ),
    (
        "resources: [web.yaml, other.yaml]\nreplacements: [{source: {kind: ConfigMap, name: c.*}, targets: [{select: {kind: Deployment}, fieldPaths: [spec.template.spec.containers.0.image]}]}]\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm, labels: {app: web}}\ndata: {image: a}\n",
        "the source ConfigMap c.* of a replacement finds nothing",
    ),
    (
        "resources: [web.yaml, other.yaml]\nreplacements: [{source: {}, targets: [{select: {kind: Deployment}, fieldPaths: [spec.template.spec.containers.0.image]}]}]\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm, labels: {app: web}}\ndata: {image: a}\n",
        "the source   of a replacement finds 2 resources",
    ),
    (
        "resources: [web.yaml, other.yaml]\nreplacements: [{source: {kind: ConfigMap, name: cm, fieldPath: data.none}, targets: [{select: {kind: Deployment}, fieldPaths: [spec.template.spec.containers.0.image]}]}]\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm, labels: {app: web}}\ndata: {image: a}\n",
        "the source ConfigMap cm of a replacement has no data.none",
    ),
    (
        "resources: [web.yaml, other.yaml]\nreplacements: [{source: {kind: ConfigMap, name: cm, fieldPath: data.image}, targets: [{select: {kind: Deployment}, fieldPaths: [spec.none]}]}]\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm, labels: {app: web}}\ndata: {image: a}\n",
        "a replacement finds no spec.none in Deployment web",
    ),
    (
        "resources: [web.yaml, other.yaml]\nreplacements: [{source: {kind: ConfigMap, name: cm, fieldPath: data.image}, targets: [{select: {kind: Nope, labelSelector: a in}}]}]\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm, labels: {app: web}}\ndata: {image: a}\n",
        "`labelSelector` is no selector of labels",
    ),
    (
        "resources: [web.yaml]\nvars: [{name: A, objref: {kind: Deployment, name: other, apiVersion: apps/v1}}]\n",
        "",
        "the variable A of `vars` finds none of the resources",
    ),
    (
        "resources: [web.yaml]\nvars: [{name: A, objref: {kind: Deployment, name: web}}]\n",
        "",
        "the variable A of `vars` finds none of the resources",
    ),
    (
        "resources: [web.yaml]\nvars: [{name: A, objref: {kind: Deployment, name: web, apiVersion: apps/v1}, fieldref: {fieldpath: data.a}}]\n",
        "",
        "the variable A of `vars` finds no data.a",
    ),
    (
        "resources: [web.yaml]\nvars: [{name: A, objref: {foo: a}}]\n",
        "",
        "`foo` is no key of `objref`",
    ),
    (
        "resources: [web.yaml]\nvars: [{name: A, objref: {kind: Deployment, name: web, apiVersion: apps/v1}}, {name: A, objref: {kind: Deployment, name: web, apiVersion: apps/v1}}]\n",
        "",
        "`vars` has A twice",
    ),
    (
        "resources: [web.yaml]\npatches: [{path: other.yaml, target: {kind: Deployment, labelSelector: a in}}]\n",
        "- {op: add, path: /spec/replicas, value: 2}\n",
        "`labelSelector` is no selector of labels",
    ),
    (
        "resources: [web.yaml]\npatches: [{path: other.yaml, target: {kind: Deployment, annotationSelector: a=b c}}]\n",
        "- {op: add, path: /spec/replicas, value: 2}\n",
        "`annotationSelector` is no selector of labels",
    ),
    (
        "resources: [web.yaml]\npatches: [{path: other.yaml, target: {kind: Nope, name: \"*\"}}]\n",
        "- {op: add, path: /spec/replicas, value: 2}\n",
        "`name` of a target is no regular expression",
    ),
    (
        "resources: [web.yaml]\nsortOptions: {order: foo}\n",
        "",
        "`order` of `sortOptions` is neither fifo nor legacy",
    ),
    (
        "resources: [web.yaml]\nsortOptions: {}\n",
        "",
        "`order` of `sortOptions` is neither fifo nor legacy",
    ),
    (
        "resources: [web.yaml]\nsortOptions: {order: fifo, legacySortOptions: {orderFirst: [Namespace]}}\n",
        "",
        "`legacySortOptions` goes with no order but legacy",
    ),
    (
        "resources: [web.yaml]\nsortOptions: {order: legacy, legacySortOptions: {foo: [Namespace]}}\n",
        "",
        "`foo` is no key of `legacySortOptions`",
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
    (
        "resources: [web.yaml, other.yaml]\nconfigMapGenerator: [{name: cm, behavior: merge, literals: [a=b]}, {name: b, behavior: any, files: [other.yaml, x=other.yaml]}]\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm, labels: {app: web}}\ndata: {image: a}\n",
    ),
    (
        "resources: [web.yaml]\nsecretGenerator: [{name: a, literals: [a=b]}, {name: a, behavior: replace, literals: [a=c]}]\npatches: [{patch: \"{apiVersion: v1, kind: Secret, metadata: {name: a}, data: {b: c}}\"}]\n",
        "",
    ),
    (
        "resources: [web.yaml, other.yaml]\nreplacements: [{source: {kind: ConfigMap, name: cm, fieldPath: data.image}, targets: [{select: {kind: Dep.*}, fieldPaths: [spec.none]}, {select: {kind: Nope}, fieldPaths: [a]}, {select: {kind: Deployment}, reject: [{name: web}], fieldPaths: [spec.none]}, {select: {kind: ConfigMap, namespace: default}}]}]\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm, labels: {app: web}}\ndata: {image: a}\n",
    ),
    (
        "resources: [web.yaml]\nReplacements: [{Source: {Kind: Deployment}, TARGETS: [{Select: {kind: Nope}}]}]\nreplacements:\n",
        "",
    ),
    (
        "resources: [web.yaml]\nreplacements: [{path: other.yaml}]\n",
        "[]\n",
    ),
    (
        "resources: [web.yaml]\nreplacements: [{path: other.yaml}]\n",
        "foo: a\nsource: {kind: Deployment}\ntargets: [{select: {kind: Nope}}]\n---\nsource: {kind: Nope}\n",
    ),
    (
        "resources: [web.yaml]\nconfigMapGenerator: [{name: a, literals: [a=b]}]\nvars: [{name: A, objref: {kind: ConfigMap, name: a, apiVersion: v1}, fieldref: {fieldpath: data.a}}, {name: B, objref: {kind: Deployment, name: web, namespace: default, apiVersion: apps/v1}, fieldref: {fieldPath: \"spec.template.spec.containers[0].image\"}}]\n",
        "",
    ),
    (
        "namePrefix: p-\nresources: [web.yaml]\nvars: [{name: A, objref: {kind: Deployment, name: web, apiVersion: apps/v1}}, {name: B, objref: {kind: Deployment, name: p-web, group: apps, version: v1}}]\n",
        "",
    ),
    (
        "resources: [web.yaml]\npatches: [{path: other.yaml, target: {kind: Nope, labelSelector: a in}}, {path: other.yaml, target: {labelSelector: \"app in (), b\"}}, {path: other.yaml, target: {kind: Deployment, labelSelector: \"a notin (b,,c),!d\"}}]\n",
        "- {op: add, path: /spec/replicas, value: 2}\n",
    ),
    (
        "resources: [web.yaml]\nsortOptions: {order: legacy, legacySortOptions: {orderFirst: [Namespace]}}\n",
        "",
    ),
    (
        "resources: [web.yaml]\nsortOptions: null\ncrds: [other.yaml]\n",
        "{}\n",
    ),
    (
        "resources: [web.yaml, other.yaml]\nopenapi: {version: v1.21.2}\nimages: [{name: registry.example.com/hub/library/nginx, newTag: v2}]\n",
        "apiVersion: example.com/v1\nkind: Foo\nmetadata: {name: a}\nspec: {containers: [null, {image: null}, {image: 3}], a: {containers: {image: {a: b}}}}\n",
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

/// A base and what is over it, and why kustomize refuses to build what is over it, if it does.
const LAYERS: &[(&str, &str, Option<&str>)] = &[
    (
        "configMapGenerator: [{name: a, literals: [a=b]}]\n",
        "configMapGenerator: [{name: a, literals: [a=b]}]\n",
        Some("the generated ConfigMap a is there already"),
    ),
    (
        "namePrefix: p-\nconfigMapGenerator: [{name: a, literals: [a=b]}]\n",
        "configMapGenerator: [{name: a, behavior: merge, literals: [a=c]}]\n",
        None,
    ),
    (
        "namespace: xx\nconfigMapGenerator: [{name: a, literals: [a=b]}]\n",
        "configMapGenerator: [{name: a, namespace: xx, behavior: merge, literals: [a=c]}]\n",
        None,
    ),
    (
        "configMapGenerator: [{name: a, namespace: xx, literals: [a=b]}]\n",
        "configMapGenerator: [{name: a, behavior: merge, literals: [a=c]}]\n",
        Some("there is no ConfigMap a to merge"),
    ),
    (
        "vars: [{name: A, objref: {kind: Deployment, name: web, apiVersion: apps/v1}}]\n",
        "vars: [{name: A, objref: {kind: Deployment, name: web, apiVersion: apps/v1}}]\n",
        Some("the variable A of `vars` is there already"),
    ),
    (
        "vars: [{name: A, objref: {kind: Deployment, name: web, apiVersion: apps/v1}}]\n",
        "patches: [{patch: \"{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, $patch: delete}\"}]\n",
        Some("the variable A of `vars` finds no metadata.name"),
    ),
    ("sortOptions: {order: foo}\n", "", None),
    (
        "namePrefix: p-\n",
        "replacements: [{source: {kind: Deployment, name: web}, targets: [{select: {name: p-web}}]}]\n",
        None,
    ),
];

#[test]
fn what_layers_come_to_together_is_said() {
    for (base, over, why) in LAYERS {
        let before = tree([
            ("base/kustomization.yaml", &format!("{WEB}{base}")),
            ("base/web.yaml", &web()),
            (
                "over/kustomization.yaml",
                &format!("resources: [../base]\n{over}"),
            ),
        ]);
        if let Some(why) = why {
            refused(&before, "over", why);
            continue;
        }
        let [checked, ..] = restored(MIRRORS, &before, &Files::new());
        let of_over = "since ".to_owned();
        let is_of_over = |line: &&str| line.contains(&of_over) && line.contains("tree/over/");
        assert_eq!(checked.1.lines().find(is_of_over), None, "{over}");
        assert_ne!(builds(&before, "over"), Some(false), "{base}{over}");
    }
}

/// A component's list goes over images before the patches of those that name it, which test what it has
/// made of them.
#[test]
fn a_test_of_what_a_component_makes_of_an_image() {
    let name = "registry.example.com/hub/library/nginx";
    let component = format!("{COMPONENT}images: [{{name: {name}, newTag: \"2\"}}]\n");
    let before = |tag: &str| {
        let over = format!(
            "{WEB}components: [../part]\npatches:\n- target: {{kind: Deployment}}\n  patch: |-\n    - {{op: test, path: /spec/template/spec/containers/0/image, value: '{name}:{tag}'}}\n"
        );
        tree([
            ("part/kustomization.yaml", &component),
            ("over/kustomization.yaml", &over),
            ("over/web.yaml", &web()),
        ])
    };
    refused(
        &before("1"),
        "over",
        "a JSON patch does not fit Deployment web",
    );
    let [checked, ..] = restored(MIRRORS, &before("2"), &Files::new());
    assert!(!checked.1.contains("unfollowed-build"), "{}", checked.1);
    assert_ne!(builds(&before("2"), "over"), Some(false));
}

/// What generators and schemas are made of, with a file that is not there.
const LACKING: &[(&str, &str)] = &[
    (
        "configMapGenerator: [{name: a, files: [none.txt]}]\n",
        "configMapGenerator",
    ),
    (
        "secretGenerator: [{name: a, files: [key=none.txt]}]\n",
        "secretGenerator",
    ),
    (
        "configMapGenerator: [{name: a, envs: [none.txt]}]\n",
        "configMapGenerator",
    ),
    (
        "secretGenerator: [{name: a, env: none.txt}]\n",
        "secretGenerator",
    ),
    ("crds: [none.txt]\n", "crds"),
    ("openapi: {path: none.txt}\n", "openapi"),
    ("validators: [none.txt]\n", "validators"),
];

/// Whatever is to be made before the build, the images of it are known.
#[test]
fn a_file_that_a_build_needs_and_is_not_there_is_said() {
    for (lines, key) in LACKING {
        let before = tree([
            ("kustomization.yaml", &format!("{WEB}{lines}")),
            ("web.yaml", &deployment("web", &[("web", "nginx:1")])),
        ]);
        let after = tree([("web.yaml", &web())]);
        let [checked, fixed, again] = restored(MIRRORS, &before, &after);
        let says = format!(
            "warning[unfollowed-build]: kustomize would refuse to build tree/kustomization.yaml, since the file none.txt of `{key}` is not there: add it, or let something make it before each build"
        );
        for (code, said) in [checked, fixed, again] {
            assert!(said.contains(&says), "{says}\n{said}");
            assert!(said.contains("0 of 1 root settled"), "{said}");
            assert!(code <= 1, "{said}");
        }
        assert_ne!(builds(&before, "."), Some(true), "{lines}");
    }
}

/// Files of any name, in folders and behind links.
#[test]
fn a_file_that_a_build_needs_is_found() {
    let before = tree([
        (
            "kustomization.yaml",
            &format!(
                "{WEB}configMapGenerator: [{{name: a, files: [some/none.txt, k=./none.txt], envs: [.env]}}]\n"
            ),
        ),
        ("some/none.txt", "a"),
        ("none.txt", "a"),
        (".env", "A=b"),
        ("web.yaml", &web()),
    ]);
    let [checked, ..] = restored(MIRRORS, &before, &Files::new());
    assert!(!checked.1.contains("unfollowed-build"), "{}", checked.1);
    assert_ne!(builds(&before, "."), Some(false));
}

/// Expressions in brackets match parts of names, too.
#[test]
fn a_replacement_of_each_container_whose_name_matches() {
    let kustomization = "resources: [web.yaml, other.yaml]\nreplacements: [{source: {kind: ConfigMap, name: cm, fieldPath: data.image}, targets: [{select: {kind: Deployment}, fieldPaths: [\"spec.template.spec.containers.[name=web].image\"]}]}]\n";
    let config_map = |image: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: cm}}\ndata: {{image: {image}}}\n"
        )
    };
    let containers = [("web", "a:1"), ("my-web", "b:1"), ("other", RIGHT)];
    let before = tree([
        ("kustomization.yaml", kustomization),
        ("other.yaml", &config_map("nginx:1")),
        ("web.yaml", &deployment("web", &containers)),
    ]);
    let after = tree([("other.yaml", &config_map(RIGHT))]);
    let [_, fixed, again] = restored(MIRRORS, &before, &after);
    assert_eq!([fixed.0, again.0], [0, 0], "{}", fixed.1);
    let Some(kustomize) = tool("kustomize") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), &before);
    let built = build::build(&kustomize, folder.path(), ".").expect("a build");
    assert_eq!(built.matches("image: nginx:1").count(), 3, "{built}");
}

/// A folder that is not there is told of once, and a file that is no YAML is not said to be elsewhere.
#[test]
fn what_is_not_there_is_told_of_once() {
    let before = tree([
        (
            "kustomization.yaml",
            "resources: [crds/a.yaml, crds/b.yaml, crds/c.yaml, other.yaml]\n",
        ),
        (
            "other.yaml",
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: x\n   labels: {}\n",
        ),
    ]);
    let [(_, said), ..] = restored(MIRRORS, &before, &Files::new());
    assert_eq!(
        said.matches("warning[unfollowed-build]").count(),
        2,
        "{said}"
    );
    for part in [
        "nor are 2 other files of that folder: add it",
        "what other.yaml brings is not known, since the file cannot be read as YAML",
    ] {
        assert!(said.contains(part), "{said}");
    }
}
