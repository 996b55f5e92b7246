//! Kustomizations that kustomize refuses to read: nothing is deployed of them, and none is settled.

use super::build;
use super::cases::{Files, MIRRORS, deployment, restored, tree, write};
use crate::support::tool;

const RIGHT: &str = "registry.example.com/hub/library/nginx:1";

/// Lines of a kustomization beside `resources`, and why kustomize refuses them.
const ROWS: &[(&str, &str)] = &[
    ("foo: 1\n", "`foo` is no key of a kustomization"),
    (
        "image: [{name: a}]\npatchess: []\n",
        "`image` (did you mean `images`?) and `patchess` (did you mean `patches`?) are no keys of a kustomization",
    ),
    (
        "x-image: &a nginx\n",
        "`x-image` is no key of a kustomization",
    ),
    (
        "kind: Foo\n",
        "its `kind` is neither Kustomization nor Component",
    ),
    (
        "apiVersion: kustomize.config.k8s.io/v1\n",
        "the `apiVersion` of a Kustomization is kustomize.config.k8s.io/v1beta1",
    ),
    (
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Component\n",
        "the `apiVersion` of a Component is kustomize.config.k8s.io/v1alpha1",
    ),
    ("namespace: [a]\n", "`namespace` is not text"),
    (
        "namePrefix: on\n",
        "`namePrefix` is not text (write it in quotes)",
    ),
    (
        "patches: [p.yaml]\n",
        "an item of `patches` is not a mapping",
    ),
    ("images: {name: a}\n", "`images` is not a list"),
    (
        "images: [{name: nginx, tag: v1}]\n",
        "`tag` is no key of an item of `images`",
    ),
    (
        "images: [{name: nginx, newTag: 1.10}]\n",
        "`newTag` is not text (write it in quotes)",
    ),
    (
        "commonLabels: {a: 1}\n",
        "`a` is not text (write it in quotes)",
    ),
    (
        "commonLabels: {\"1\": a}\n",
        "the key `1` of `commonLabels` is not text, even in quotes",
    ),
    (
        "commonLabels: {2024-01-01: a}\n",
        "the key `2024-01-01` of `commonLabels` is not text, even in quotes",
    ),
    (
        "commonAnnotations: {\"2024-02-29\": a}\n",
        "the key `2024-02-29` of `commonAnnotations` is not text, even in quotes",
    ),
    (
        "commonLabels: {\"<<\": a}\n",
        "the key `<<` of `commonLabels` is not text, even in quotes",
    ),
    (
        "commonLabels: {<<: a}\n",
        "`<<` of `commonLabels` brings no mapping",
    ),
    (
        "commonLabels: {\"null\": a}\n",
        "the key `null` of `commonLabels` is not text, even in quotes",
    ),
    (
        "labels: [{pairs: {yes: a}}]\n",
        "the key `yes` of `pairs` is not text (write it in quotes)",
    ),
    (
        "replicas: [{name: a, count: \"3\"}]\n",
        "`count` is not a number",
    ),
];

/// What kustomize reads, although it looks odd.
const READ: &[&str] = &[
    "images:\n",
    "Images: [{Name: b, NEWTAG: x}]\n",
    "namespace: null\n",
    "commonLabels: {a: null}\n",
    "images: [{name: b, newTag: 2024-01-01}]\n",
    "metadata: {name: a, annotations: {b: c, \"1\": c, \"null\": c}}\n",
    "commonLabels: {1a: b, y1: c, \"yes\": c, 2023-02-29: c, 2024-01-01T00: c}\n",
    "sortOptions: {order: fifo}\n",
];

fn files(lines: &str) -> Files {
    tree([
        (
            "kustomization.yaml",
            &format!("resources: [web.yaml]\n{lines}"),
        ),
        ("web.yaml", &deployment("web", &[("web", RIGHT)])),
    ])
}

/// Whether kustomize builds a tree.
fn builds(files: &Files) -> Option<bool> {
    let kustomize = tool("kustomize")?;
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), files);
    Some(build::build(&kustomize, folder.path(), ".").is_ok())
}

#[test]
fn a_kustomization_that_kustomize_does_not_read_is_said() {
    for (lines, why) in ROWS {
        let before = files(lines);
        let [checked, fixed, _] = restored(MIRRORS, &before, &Files::new());
        let says = format!(
            "warning[unfollowed-build]: kustomize would refuse to build tree/kustomization.yaml, since {why}, and so its manifests are checked by themselves: fix it, or leave it out by `files.exclude`"
        );
        if !lines.contains("Component") {
            assert!(checked.1.contains(&says), "{says}\n{}", checked.1);
            assert!(fixed.1.contains("0 of 1 root settled"), "{}", fixed.1);
        }
        assert_eq!([checked.0, fixed.0], [0, 0], "{lines}");
        assert_ne!(builds(&before), Some(true), "{lines}");
    }
}

#[test]
fn a_list_that_is_no_list_is_said() {
    let before = tree([
        ("kustomization.yaml", "resources: web.yaml\n"),
        ("web.yaml", &deployment("web", &[("web", RIGHT)])),
    ]);
    let [checked, ..] = restored(MIRRORS, &before, &Files::new());
    assert!(
        checked.1.contains("since `resources` is not a list"),
        "{}",
        checked.1
    );
    assert!(checked.1.contains("0 of 1 root settled"), "{}", checked.1);
    assert_ne!(builds(&before), Some(true));
}

#[test]
fn a_kustomization_that_kustomize_reads_is_no_fault() {
    for lines in READ {
        let before = files(lines);
        let [checked, ..] = restored(MIRRORS, &before, &Files::new());
        assert!(!checked.1.contains("unfollowed-build"), "{}", checked.1);
        assert!(!checked.1.contains("settled"), "{}", checked.1);
        assert_ne!(builds(&before), Some(false), "{lines}");
    }
}

/// What is built of a base that kustomize does not read is nothing, either.
#[test]
fn what_builds_on_a_refused_kustomization_is_refused() {
    let mut before = files("foo: 1\n");
    let base = before
        .remove("kustomization.yaml")
        .expect("a kustomization");
    let web = before.remove("web.yaml").expect("a manifest");
    before.insert("base/kustomization.yaml", base);
    before.insert("base/web.yaml", web);
    before.insert(
        "over/kustomization.yaml",
        "resources: [../base]\n".to_owned(),
    );
    let [checked, ..] = restored(MIRRORS, &before, &Files::new());
    let says = "kustomize would refuse to build tree/base/kustomization.yaml and 1 other root, since `foo` is no key of a kustomization";
    assert!(checked.1.contains(says), "{}", checked.1);
    assert!(checked.1.contains("0 of 2 roots settled"), "{}", checked.1);
}

/// The program's own function makes nothing that is not known.
#[test]
fn the_own_function_is_no_unknown_generator() {
    let own = |kind: &str| {
        format!("apiVersion: restore-images.dev/v1alpha1\nkind: {kind}\nmetadata: {{name: c}}\n")
    };
    for (key, kind) in [
        ("generators", "GenerateImages"),
        ("transformers", "RestoreImages"),
    ] {
        for inline in [false, true] {
            let item = if inline {
                format!("|-\n  {}", own(kind).trim_end().replace('\n', "\n  "))
            } else {
                "own.yaml".to_owned()
            };
            let mut before = files(&format!("{key}:\n- {item}\n"));
            if !inline {
                before.insert("own.yaml", own(kind) + "spec: {}\n");
            }
            let [checked, ..] = restored(MIRRORS, &before, &Files::new());
            assert_eq!(checked.0, 0, "{}", checked.1);
            assert!(!checked.1.contains("settled"), "{}", checked.1);
        }
    }
}

#[test]
fn a_refused_root_keeps_its_manifests_judged() {
    let mut before = files("foo: 1\n");
    before.insert("web.yaml", deployment("web", &[("web", "nginx:1")]));
    let after = tree([("web.yaml", &deployment("web", &[("web", RIGHT)]))]);
    let [checked, fixed, again] = restored(MIRRORS, &before, &after);
    assert_eq!([checked.0, fixed.0, again.0], [1, 0, 0], "{}", again.1);
}

/// Builds that look as if kustomize would refuse them, each with the kustomization that is built.
#[test]
fn what_kustomize_builds_is_not_said_to_be_refused() {
    let web = deployment("web", &[("web", RIGHT)]);
    let patch =
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 2}\n";
    let base = |more: &str| format!("{web}---\n{more}");
    let cluster_role = |name: &str| {
        format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {{name: {name}}}\nrules: []\n"
        )
    };
    let space =
        |name: &str| format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n");
    let webhooks = |names: &[&str]| {
        let hook = |name: &&str| match names.len() {
            1 => format!("{{name: {name}}}"),
            _ => format!("{{name: {name}, clientConfig: {{service: {{name: x}}}}}}"),
        };
        let hooks: Vec<String> = names.iter().map(hook).collect();
        let hooks = hooks.join(", ");
        format!(
            "apiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\nmetadata: {{name: m}}\nwebhooks: [{hooks}]\n"
        )
    };
    let patched = "resources: [web.yaml]\npatches: [{path: p.yaml}]\n";
    let over = "resources: [../b]\npatches: [{path: p.yaml}]\n";
    let cases: Vec<(&str, Vec<(&'static str, String)>)> = vec![
        (
            ".",
            vec![
                (
                    "kustomization.yaml",
                    format!(
                        "{patched}replacements: [{{source: {{kind: Deployment, name: web}}, targets: [{{select: {{kind: MutatingWebhookConfiguration}}, fieldPaths: [webhooks.*.clientConfig.service.name]}}]}}]\n"
                    ),
                ),
                ("web.yaml", base(&webhooks(&["one", "two"]))),
                ("p.yaml", webhooks(&["one"])),
            ],
        ),
        (
            ".",
            vec![
                ("kustomization.yaml", patched.to_owned()),
                ("web.yaml", web.clone()),
                ("p.yaml", format!("{patch}---\n# nothing\n")),
            ],
        ),
        (
            ".",
            vec![
                (
                    "kustomization.yaml",
                    format!("{patched}configMapGenerator: [{{name: cm, literals: [a=b]}}]\n"),
                ),
                ("web.yaml", web.clone()),
                (
                    "p.yaml",
                    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm}\ndata: {x: y}\n"
                        .to_owned(),
                ),
            ],
        ),
        (
            ".",
            vec![
                (
                    "kustomization.yaml",
                    "resources: [web.yaml]\npatches: [{path: p.yaml, target: {kind: Deployment}}]\n"
                        .to_owned(),
                ),
                ("web.yaml", web.clone()),
                (
                    "p.yaml",
                    "- {op: add, path: /metadata/annotations/x, value: y}\n".to_owned(),
                ),
            ],
        ),
        (
            "o",
            vec![
                (
                    "b/kustomization.yaml",
                    "resources: [web.yaml]\nnamespace: x\n".to_owned(),
                ),
                ("b/web.yaml", base(&space("sys"))),
                ("o/kustomization.yaml", over.to_owned()),
                ("o/p.yaml", space("x")),
            ],
        ),
        (
            "o",
            vec![
                (
                    "b/kustomization.yaml",
                    "resources: [web.yaml]\nnamespace: x\nnamePrefix: p-\n".to_owned(),
                ),
                ("b/web.yaml", base(&cluster_role("r"))),
                ("o/kustomization.yaml", over.to_owned()),
                ("o/p.yaml", cluster_role("p-r")),
            ],
        ),
        (
            ".",
            vec![
                ("kustomization.yaml", "resources: [web.yaml]\n".to_owned()),
                (
                    "web.yaml",
                    base(
                        "apiVersion: example.com/v1\nkind: Foo\nmetadata: {name: x}\n---\napiVersion: example.com/v1beta1\nkind: Foo\nmetadata: {name: x}\n",
                    ),
                ),
            ],
        ),
    ];
    for (root, files) in cases {
        let before: Files = files.into_iter().collect();
        let [checked, ..] = restored(MIRRORS, &before, &Files::new());
        assert!(!checked.1.contains("unfollowed-build"), "{}", checked.1);
        if let Some(kustomize) = tool("kustomize") {
            let folder = tempfile::tempdir().expect("a folder");
            write(folder.path(), &before);
            assert!(
                build::build(&kustomize, folder.path(), root).is_ok(),
                "{before:?}"
            );
        }
    }
}

/// What `fix` writes for one root makes the test of another one's patch hold, and that root a build: what it
/// then needs is written at once.
#[test]
fn a_build_that_becomes_one_is_restored_at_once() {
    const COLLECTOR: &str = "realtheory/theory-k8s-collector";
    let before = tree([
        (
            "base/app.yaml",
            &(deployment(
                "realtheorycollector",
                &[("realtheorycollector", &format!("{COLLECTOR}:latest"))],
            ) + "        imagePullPolicy: Always\n"),
        ),
        ("base/kustomization.yaml", "resources: [app.yaml]\n"),
        (
            "component/kustomization.yaml",
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nimages:\n- name: realtheory/theory-k8s-collector\n  newTag: 7.61.0\n",
        ),
        (
            "over/kustomization.yaml",
            "resources: [../base]\ncomponents: [../component]\npatches:\n- path: p.yaml\n  target: {kind: Deployment}\n",
        ),
        (
            "over/p.yaml",
            "- op: test\n  path: /spec/template/spec/containers/0/image\n  value: realtheory/theory-k8s-collector:latest\n- op: add\n  path: /spec/template/spec/containers/0/imagePullPolicy\n  value: Never # here\n",
        ),
    ]);
    let mut after = before.clone();
    for (path, old, new) in [
        ("component/kustomization.yaml", "7.61.0", "latest"),
        ("over/p.yaml", "Never", "Always"),
    ] {
        let text = after.get_mut(path).expect("a file");
        *text = text.replace(old, new);
    }
    let [checked, fixed, again] = restored(super::cases::COLLECTORS, &before, &after);
    let told = "tree/over/p.yaml:6:10: restored: Deployment realtheorycollector: container realtheorycollector: imagePullPolicy Never → Always [wrong-pull-policy]";
    assert!(fixed.1.contains(told), "{}", fixed.1);
    assert_eq!(
        [checked.0, fixed.0, again.0],
        [1, 0, 0],
        "{}{}{}",
        checked.1,
        fixed.1,
        again.1
    );
}

#[test]
fn a_file_that_is_not_there_is_said() {
    for (lines, what) in [
        ("resources: [nofile.yaml]\n", "nofile.yaml of `resources`"),
        ("resources: [../gone]\n", "../gone of `resources`"),
        ("components: [gone]\n", "gone of `components`"),
        ("patches: [{path: p.yaml}]\n", "p.yaml of `patches`"),
    ] {
        let before = tree([("b/kustomization.yaml", lines)]);
        let [checked, ..] = restored(MIRRORS, &before, &Files::new());
        let says = format!(
            "warning[unfollowed-build]: kustomize would refuse to build tree/b/kustomization.yaml, since {what} is not there: add it, or let something make it before each build\n"
        );
        assert!(checked.1.contains(&says), "{says}\n{}", checked.1);
        assert!(!checked.1.contains("give the folder"), "{}", checked.1);
    }
}
