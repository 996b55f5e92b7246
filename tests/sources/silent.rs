//! No silent difference: what a tree cannot be known to give is said, and never called clean.

use std::fs;

use super::cases::{Files, MIRRORS, builds, clean, deployment, restored, settled, tree, write};
use super::law;
use crate::support::{run_in_folder, tool};

const SECRETS: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  registries:
  - {source: docker.io, mirror: registry.example.com/hub, scope: all}
  - {source: ghcr.io, mirror: registry.example.com/ghcr, scope: all}
  imagePullSecrets: [regcred]
";

/// Holds a tree against the law, as kustomize builds it.
#[track_caller]
pub(super) fn lawful(config: &str, files: &Files, roots: &[&str]) {
    let Some(kustomize) = tool("kustomize") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("tree"), files);
    fs::write(folder.path().join("c.yaml"), config).expect("written");
    let outcome = law::judge_at(&kustomize, folder.path(), roots);
    assert!(outcome.breaches.is_empty(), "{}", outcome.told);
    assert_eq!(outcome.tally.unbuilt, 0, "{}", outcome.told);
}

/// What `check` says of a tree where something is left, which `fix` leaves byte for byte.
#[track_caller]
pub(super) fn left(config: &str, files: &Files, code: i32, says: &str) {
    let [checked, fixed, again] = restored(config, files, &Files::new());
    for (_, said) in [&checked, &again] {
        assert!(said.contains(says), "{said}");
    }
    assert_eq!([checked.0, fixed.0, again.0], [code; 3], "{}", checked.1);
}

/// A Deployment with an account and pull secrets, which stand where `fix` adds them.
fn with_account(image: &str, secrets: &[&str]) -> String {
    let app = deployment("app", &[("app", image)]);
    let app = app.replacen(
        "    spec:\n      containers",
        "    spec:\n      serviceAccountName: app\n      containers",
        1,
    );
    match secrets {
        [] => app,
        _ => app + &list_of(secrets),
    }
}

fn list_of(secrets: &[&str]) -> String {
    let items = secrets.iter().map(|name| format!("      - name: {name}\n"));
    let items: String = items.collect();
    format!("      imagePullSecrets:\n{items}")
}

fn account(name: &str, secret: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: {name}}}\nimagePullSecrets:\n- name: {secret}\n"
    )
}

pub(super) const OLD: &str = "nginx:1";
const NEW: &str = "registry.example.com/hub/library/nginx:1";

#[test]
fn an_account_is_the_one_of_the_build() {
    let kustomizations = [
        "namespace: foo\nresources: [app.yaml, sa.yaml]\n",
        "namePrefix: p-\nresources: [app.yaml, sa.yaml]\n",
        "resources: [app.yaml, sa.yaml]\npatches:\n- patch: |-\n    apiVersion: v1\n    kind: ServiceAccount\n    metadata: {name: app}\n    imagePullSecrets: [{name: of-account}]\n",
    ];
    for kustomization in kustomizations {
        let before = tree([
            ("app.yaml", &with_account(OLD, &[])),
            ("sa.yaml", &account("app", "of-account")),
            ("kustomization.yaml", kustomization),
        ]);
        let after = tree([("app.yaml", &with_account(NEW, &["of-account", "regcred"]))]);
        settled(SECRETS, &before, &after);
        lawful(SECRETS, &before, &["."]);
    }
}

/// A pod that lists none has those of its account, and another build of the same file may want them listed.
#[test]
fn an_account_gives_what_a_mirror_needs() {
    let files = |over: &str| {
        let patch = format!(
            "resources: [../base]\npatches:\n- patch: |-\n    apiVersion: v1\n    kind: ServiceAccount\n    metadata: {{name: app}}\n    imagePullSecrets: {over}\n"
        );
        tree([
            ("base/app.yaml", &*with_account(NEW, &[])),
            (
                "base/sa.yaml",
                "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: app}\n",
            ),
            (
                "base/kustomization.yaml",
                "resources: [app.yaml, sa.yaml]\n",
            ),
            ("over/kustomization.yaml", &*patch),
        ])
    };
    let before = files("[{name: regcred}]");
    let listed = with_account(NEW, &["regcred"]);
    settled(SECRETS, &before, &tree([("base/app.yaml", &*listed)]));
    lawful(SECRETS, &before, &["base", "over"]);
    // A list in the pod would take from it what else the account gives.
    left(
        SECRETS,
        &files("[{name: regcred}, {name: more}]"),
        1,
        "pull secrets (none) → [regcred]: left, since tree/base/kustomization.yaml wants [regcred] there, and tree/over/kustomization.yaml does not",
    );
}

/// kustomize gives a pod the new name of its ServiceAccount at one key of some kinds, and that of a pull secret in
/// some kinds.
#[test]
fn a_name_that_kustomize_does_not_follow() {
    let app = with_account(OLD, &[]);
    let kustomization = "namePrefix: p-\nresources: [app.yaml, sa.yaml, secret.yaml]\n";
    let secret = |name: &str| format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: {name}}}\n");
    let of_kind = |kind: &str, version: &str| {
        let app = app.replace("kind: Deployment", &format!("kind: {kind}"));
        app.replace("apiVersion: apps/v1", &format!("apiVersion: {version}"))
    };
    for (app, in_build) in [
        (app.replace("serviceAccountName", "serviceAccount"), "other"),
        (of_kind("ReplicaSet", "apps/v1"), "other"),
        (of_kind("Rollout", "argoproj.io/v1alpha1"), "regcred"),
    ] {
        let before = tree([
            ("app.yaml", &*app),
            ("sa.yaml", &account("app", "of-account")),
            ("secret.yaml", &secret(in_build)),
            ("kustomization.yaml", kustomization),
        ]);
        let after = app.replace(OLD, NEW) + &list_of(&["regcred"]);
        settled(SECRETS, &before, &tree([("app.yaml", &*after)]));
        lawful(SECRETS, &before, &["."]);
    }
}

/// Two folders with accounts of one name, of which each is meant in its own build alone.
#[test]
fn an_account_of_another_build_is_not_meant() {
    let before = tree([
        ("one/app.yaml", &with_account(OLD, &[])),
        ("one/sa.yaml", &account("app", "of-one")),
        ("one/kustomization.yaml", "resources: [app.yaml, sa.yaml]\n"),
        ("two/app.yaml", &with_account(OLD, &[])),
        ("two/sa.yaml", &account("app", "of-two")),
        ("two/kustomization.yaml", "resources: [app.yaml, sa.yaml]\n"),
        (
            "three/kustomization.yaml",
            "namespace: x\nresources: [../one]\n",
        ),
    ]);
    let after = tree([
        ("one/app.yaml", &with_account(NEW, &["of-one", "regcred"])),
        ("two/app.yaml", &with_account(NEW, &["of-two", "regcred"])),
    ]);
    settled(SECRETS, &before, &after);
    lawful(SECRETS, &before, &["one", "two", "three"]);
}

#[test]
fn what_kustomize_would_refuse_is_said() {
    let before = tree([
        ("base/app.yaml", &deployment("app", &[("app", NEW)])),
        ("base/kustomization.yaml", "resources: [app.yaml]\n"),
        (
            "over/kustomization.yaml",
            "resources: [../base]\npatches:\n- path: patch.yaml\n",
        ),
        ("over/patch.yaml", &deployment("other", &[("app", NEW)])),
        ("top/kustomization.yaml", "resources: [../over]\n"),
        ("loop/kustomization.yaml", "resources: [../loop]\n"),
    ]);
    let [checked, fixed, _] = restored(MIRRORS, &before, &Files::new());
    assert_eq!([checked.0, fixed.0], [0, 0], "{}", checked.1);
    for says in [
        "warning[unfollowed-build]: kustomize would refuse to build tree/over/kustomization.yaml and 1 other root, since the patch for Deployment other finds no such resource, and so its manifests are checked by themselves: fix it, or leave it out by `files.exclude`",
        "tree/over/kustomization.yaml:3:3",
        "kustomize would refuse to build tree/loop/kustomization.yaml, since it refers to itself",
        "2 warnings in 2 of 4 files",
    ] {
        assert!(checked.1.contains(says), "{}", checked.1);
    }
}

#[test]
fn a_base_that_is_not_given_is_said() {
    let before = tree([
        ("kustomization.yaml", "resources:\n- app.yaml\n- ../base\n"),
        ("app.yaml", &deployment("app", &[("app", NEW)])),
    ]);
    left(
        MIRRORS,
        &before,
        0,
        "warning[unfollowed-build]: what ../base brings is not among the files that were read, and so not all is known that tree/kustomization.yaml builds: give the folder that holds both",
    );
}

#[test]
fn what_comes_from_elsewhere_is_counted() {
    let before = tree([
        (
            "kustomization.yaml",
            "resources:\n- app.yaml\n- https://example.invalid/x.yaml\n",
        ),
        ("app.yaml", &deployment("app", &[("app", NEW)])),
    ]);
    left(MIRRORS, &before, 0, "0 of 1 root settled");
    clean(MIRRORS, &before);
}

/// Without `apiVersion` and `kind`, too, since its name says what it is.
#[test]
fn a_kustomization_that_is_no_yaml_is_an_error() {
    let before = tree([
        ("kustomization.yaml", "resources: [app.yaml\nimages: 1\n"),
        ("app.yaml", &deployment("app", &[("app", OLD)])),
    ]);
    let [checked, fixed, _] = restored(MIRRORS, &before, &before);
    for (code, said) in [&checked, &fixed] {
        assert_eq!(*code, 2, "{said}");
        assert!(said.contains("error: "), "{said}");
        assert!(said.contains("tree/kustomization.yaml:2:"), "{said}");
    }
}

/// What is right as it is written, and may come out otherwise.
#[test]
fn an_image_that_something_may_change_is_never_clean() {
    let rows = [
        (
            "transformers: [plug-in.yaml]\n",
            "error[unresolved-image]: the transformer Changer, which is not followed, may change 1 image of tree/kustomization.yaml",
        ),
        (
            "transformers: [https://example.invalid/x]\n",
            "the transformer https://example.invalid/x, which is not followed, may change 1 image",
        ),
        (
            "components: [https://example.invalid/x]\n",
            "the component https://example.invalid/x may change 1 image",
        ),
        (
            "patches:\n- path: missing.yaml\n  target: {kind: Deployment}\n",
            "the patch missing.yaml, which is not there, may change 1 image",
        ),
        (
            "replacements:\n- source: {kind: ConfigMap, name: c, fieldPath: data.tag}\n  targets:\n  - select: {kind: Deployment}\n    fieldPaths: [spec.template.spec.containers.0.image]\n    options: {delimiter: \":\", index: 1}\n",
            "image registry.example.com/hub/library/nginx:1 is not known to be right, since a replacement, which is not followed, may change it (tree/kustomization.yaml)",
        ),
    ];
    for (lines, says) in rows {
        let kustomization = format!("resources: [app.yaml, cm.yaml]\n{lines}");
        let before = tree([
            ("kustomization.yaml", &kustomization),
            ("app.yaml", &deployment("app", &[("app", NEW)])),
            (
                "cm.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {tag: \"2\"}\n",
            ),
            (
                "plug-in.yaml",
                "apiVersion: example.com/v1\nkind: Changer\nmetadata: {name: c}\n",
            ),
        ]);
        left(MIRRORS, &before, 1, says);
    }
}

#[test]
fn an_image_of_a_variable_is_never_clean() {
    let before = tree([
        (
            "kustomization.yaml",
            "resources: [app.yaml, cm.yaml]
vars:
- name: IMG
  objref: {apiVersion: v1, kind: ConfigMap, name: params}
  fieldref: {fieldpath: data.IMG}
configurations: [params.yaml]
",
        ),
        ("app.yaml", &deployment("app", &[("app", "$(IMG)")])),
        (
            "cm.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: params}\ndata: {IMG: \"nginx:1\"}\n",
        ),
        (
            "params.yaml",
            "varReference:\n- {path: \"spec/template/spec/containers[]/image\", kind: Deployment}\n",
        ),
    ]);
    left(
        MIRRORS,
        &before,
        1,
        "error[unresolved-image]: image $(IMG) is not known to be right, since a variable of `vars`, which is not followed, may change it (tree/kustomization.yaml)",
    );
    lawful(MIRRORS, &before, &["."]);
}

const PATCH: &str = "- op: replace\n  path: /spec/template/spec/containers/0/image\n  value: ";

fn indented(text: &str, by: usize) -> String {
    let line = |line: &str| format!("{:by$}{line}\n", "");
    text.lines().map(line).collect()
}

/// Transformers that kustomize itself brings: in a file, in a folder, and in the kustomization.
#[test]
fn transformers_of_kustomize_are_followed() {
    let transformer = |image: &str| {
        format!(
            "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {{name: t}}\npatch: |-\n{}target: {{kind: Deployment}}\n",
            indented(&format!("{PATCH}{image}\n"), 2)
        )
    };
    let tagger = |name: &str| {
        format!(
            "apiVersion: builtin\nkind: ImageTagTransformer\nmetadata: {{name: t}}\nimageTag:\n  name: placeholder\n  newName: {name}\n  newTag: \"1\"\n"
        )
    };
    let inline = |image: &str| {
        format!(
            "resources: [../base]\ntransformers:\n- |-\n{}",
            indented(&transformer(image), 2)
        )
    };
    let hub = "registry.example.com/hub/library/nginx";
    let before = tree([
        (
            "base/app.yaml",
            &deployment("app", &[("app", "placeholder")]),
        ),
        ("base/kustomization.yaml", "resources: [app.yaml]\n"),
        ("file/t.yaml", &transformer("nginx:2")),
        (
            "file/kustomization.yaml",
            "resources: [../base]\ntransformers: [t.yaml]\n",
        ),
        ("inline/kustomization.yaml", &inline("nginx:3")),
        ("img/image.yaml", &tagger("nginx")),
        ("img/kustomization.yaml", "resources: [image.yaml]\n"),
        (
            "folder/kustomization.yaml",
            "resources: [../base]\ntransformers: [../img]\n",
        ),
        (
            "spaced/kustomization.yaml",
            "namespace: x\nresources: [../img]\n",
        ),
        (
            "above/kustomization.yaml",
            "resources: [../base]\ntransformers: [../spaced]\n",
        ),
    ]);
    let after = tree([
        ("file/t.yaml", &transformer(&format!("{hub}:2"))),
        ("inline/kustomization.yaml", &inline(&format!("{hub}:3"))),
        ("img/image.yaml", &tagger(hub)),
    ]);
    // The base's own placeholder is no image that a rule knows.
    let config = MIRRORS.replace("docker.io,", "docker.io/library/nginx,");
    let config = config.replace("example.com/hub,", "example.com/hub/library/nginx,");
    settled(&config, &before, &after);
    lawful(&config, &before, &["base", "file", "inline", "folder"]);
}

/// Generators that put into what is below, where replacements make ConfigMaps count.
#[test]
fn generators_merge_with_what_is_below() {
    for behavior in ["merge", "replace"] {
        let over = format!(
            "resources: [../base]\nconfigMapGenerator:\n- {{name: m, behavior: {behavior}, literals: [a=c]}}\npatches:\n- target: {{kind: Deployment}}\n  patch: |-\n    - {{op: add, path: /spec/template/spec/initContainers, value: [{{name: i, image: busybox}}]}}\n"
        );
        let before = tree([
            ("base/app.yaml", &deployment("app", &[("app", OLD)])),
            (
                "base/kustomization.yaml",
                "resources: [app.yaml]\nconfigMapGenerator:\n- {name: m, literals: [a=b]}\n",
            ),
            ("over/kustomization.yaml", &over),
            (
                "else/kustomization.yaml",
                "resources: [../base]\nreplacements:\n- source: {kind: ConfigMap, name: m, fieldPath: data.a}\n  targets:\n  - select: {kind: Deployment}\n    fieldPaths: [metadata.name]\n",
            ),
        ]);
        let after = tree([
            ("base/app.yaml", &*deployment("app", &[("app", NEW)])),
            (
                "over/kustomization.yaml",
                &over.replace(
                    "image: busybox",
                    "image: registry.example.com/hub/library/busybox",
                ),
            ),
        ]);
        settled(MIRRORS, &before, &after);
        lawful(MIRRORS, &before, &["base", "over", "else"]);
    }
}

/// A patch that takes the secrets away, which `fix` adds below.
#[test]
fn secrets_that_a_patch_removes_are_left() {
    let secrets = |names: &[&str]| deployment("app", &[("app", NEW)]) + &list_of(names);
    let over = |patch: &str| format!("resources: [../base]\npatches:\n{patch}");
    let before = tree([
        ("base/app.yaml", &secrets(&["mine"])),
        ("base/kustomization.yaml", "resources: [app.yaml]\n"),
        (
            "over/kustomization.yaml",
            &over(
                "- target: {kind: Deployment}\n  patch: |-\n    - {op: remove, path: /spec/template/spec/imagePullSecrets}\n",
            ),
        ),
    ]);
    let after = tree([("base/app.yaml", &*secrets(&["mine", "regcred"]))]);
    let [_, fixed, again] = restored(SECRETS, &before, &after);
    assert_eq!([fixed.0, again.0], [1, 1], "{}", fixed.1);
    let says = "pull secrets (none) → [regcred]: left, since this takes away what tree/base/app.yaml:12 says: take it out of the patch (tree/over/kustomization.yaml)";
    assert!(fixed.1.contains(says), "{}", fixed.1);
    lawful(SECRETS, &before, &["base", "over"]);
}

#[test]
fn secrets_of_a_list_that_replaces_are_added_there() {
    let patch = |names: &[&str]| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: app}}\nspec:\n  template:\n    spec:\n{}",
            list_of(names).replacen(":\n", ":\n      - $patch: replace\n", 1)
        )
    };
    let base = |names: &[&str]| deployment("app", &[("app", NEW)]) + &list_of(names);
    let before = tree([
        ("base/app.yaml", &base(&["mine"])),
        ("base/kustomization.yaml", "resources: [app.yaml]\n"),
        ("over/patch.yaml", &patch(&["other"])),
        (
            "over/kustomization.yaml",
            "resources: [../base]\npatches:\n- path: patch.yaml\n",
        ),
    ]);
    let after = tree([
        ("base/app.yaml", &*base(&["mine", "regcred"])),
        ("over/patch.yaml", &*patch(&["other", "regcred"])),
    ]);
    settled(SECRETS, &before, &after);
    lawful(SECRETS, &before, &["base", "over"]);
}

/// An operation over a remote base that sets an image alone.
#[test]
fn an_operation_over_a_remote_base_is_judged() {
    let over = |image: &str| {
        format!(
            "resources: [\"https://example.invalid/x.yaml\"]\npatches:\n- target: {{kind: Deployment}}\n  patch: |-\n    - op: add\n      path: /spec/template/spec/containers/0/image\n      value: {image}\n"
        )
    };
    let before = tree([("kustomization.yaml", &over(OLD))]);
    let after = tree([("kustomization.yaml", &*over(NEW))]);
    settled(MIRRORS, &before, &after);
}

/// What is above a remote base comes out right by its entry, and what is below stays until that has another one.
#[test]
fn an_entry_over_a_remote_base_is_edited_and_keeps_its_name() {
    let at = |image: &str, entry: &str, over: &str| {
        tree([
            (
                "base/app.yaml",
                &deployment("app", &[("app", &format!("{image}:dummy"))]),
            ),
            (
                "base/kustomization.yaml",
                &format!("resources: [app.yaml]\nimages:\n- {{name: {entry}, newTag: \"2\"}}\n"),
            ),
            (
                "dev/kustomization.yaml",
                &format!(
                    "resources: [../base, \"https://example.invalid/x.yaml\"]\nimages:\n{over}"
                ),
            ),
        ])
    };
    let (old, new) = ("ghcr.io/k/s", "registry.example.com/ghcr/k/s");
    let before = at(old, old, "- {name: ghcr.io/k/s, newTag: main}\n");
    let renamed = "- {name: ghcr.io/k/s, newName: registry.example.com/ghcr/k/s, newTag: main}\n";
    let after = at(old, old, renamed);
    let [checked, fixed, again] = restored(MIRRORS, &before, &after);
    assert_eq!([checked.0, fixed.0, again.0], [1, 1, 1], "{}", checked.1);
    let says = "ghcr.io/k/s:2 → registry.example.com/ghcr/k/s:2: left, since what https://example.invalid/x.yaml brings cannot be known, and the entry of images at tree/dev/kustomization.yaml:3 may need its name for that: add one for the new name beside it, and write that by hand (tree/base/kustomization.yaml)";
    assert!(checked.1.contains(says), "{}", checked.1);
    assert!(!checked.1.contains("does not"), "{}", checked.1);
    let by_hand = format!("{renamed}- {{name: {new}, newTag: main}}\n");
    let advised = at(new, new, &by_hand);
    let [checked, ..] = restored(MIRRORS, &advised, &advised);
    assert_eq!(checked.0, 0, "{}", checked.1);
}

/// An entry that has a tag and a digest loses the digest where the vendor pins a tag, in every form.
#[test]
fn a_digest_beside_a_tag_goes() {
    const CONFIG: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  agents: [{name: web, images: [{image: ghcr.io/acme/web, tag: pinned, pin: v2.0.0}]}]
";
    let digest = format!("sha256:{}", "2".repeat(64));
    let at = |entry: &str| {
        tree([(
            "kustomization.yaml",
            &format!("resources: [\"https://example.invalid/x.yaml\"]\nimages:\n{entry}"),
        )])
    };
    for (before, after) in [
        (
            format!("- name: ghcr.io/acme/web\n  newTag: v1 # t\n  digest: {digest} # d\n"),
            "- name: ghcr.io/acme/web\n  newTag: v2.0.0 # t\n  # d\n",
        ),
        (
            format!("- digest: {digest}\n  newTag: v1\n  name: ghcr.io/acme/web\n"),
            "- newTag: v2.0.0\n  name: ghcr.io/acme/web\n",
        ),
        (
            format!("- {{name: ghcr.io/acme/web, digest: \"{digest}\", newTag: v1}}\n"),
            "- {name: ghcr.io/acme/web, newTag: v2.0.0}\n",
        ),
        (
            format!("- {{name: ghcr.io/acme/web, digest: \"{digest}\"}}\n"),
            "- {name: ghcr.io/acme/web, newTag: \"v2.0.0\"}\n",
        ),
    ] {
        settled(CONFIG, &at(&before), &at(after));
    }
}

/// Files without a manifest's name, folders that begin with a dot, and what `.gitignore` hides.
#[test]
fn what_a_root_refers_to_is_read() {
    let files = tree([
        (
            "kustomization.yaml",
            "resources: [deploy, app.txt, .dotted, hidden]\n",
        ),
        ("deploy", &deployment("one", &[("app", OLD)])),
        ("app.txt", &deployment("two", &[("app", OLD)])),
        (".dotted/app.yaml", &deployment("three", &[("app", OLD)])),
        (".dotted/kustomization.yaml", "resources: [app.yaml]\n"),
        ("hidden/app.yaml", &deployment("four", &[("app", OLD)])),
        ("hidden/kustomization.yaml", "resources: [app.yaml]\n"),
        ("unused.txt", &deployment("five", &[("app", OLD)])),
        (".gitignore", "hidden/\n"),
    ]);
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("tree");
    write(&place, &files);
    fs::create_dir(place.join(".git")).expect("a folder");
    fs::write(folder.path().join("c.yaml"), MIRRORS).expect("written");
    let run = run_in_folder(folder.path(), &["fix", "-c", "c.yaml", "tree"], b"");
    assert_eq!(run.code, 1, "{}", run.stderr);
    let said = String::from_utf8(run.stdout).expect("UTF-8");
    let says = "left, since it is written in tree/hidden/app.yaml, which is hidden by .gitignore, and read since a kustomization refers to it (tree/kustomization.yaml)";
    assert!(said.contains(says), "{said}");
    for (path, text) in &files {
        let is_edited = matches!(*path, "deploy" | "app.txt" | ".dotted/app.yaml");
        let expected = if is_edited {
            text.replace(OLD, NEW)
        } else {
            text.clone()
        };
        let now = fs::read_to_string(place.join(path)).expect("a text");
        assert_eq!(now, expected, "{path}");
    }
}

/// A list that is not merged item by item is copied with what is a directive elsewhere, so that a JSON
/// patch after it fits.
#[test]
fn a_list_of_a_custom_resource_is_copied_whole() {
    let own = "apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: own}\nspec:\n  containers:\n  - {name: a, image: \"quay.io/acme/operator:v3\"}\n";
    let patch = "apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: own}\nspec:\n  containers:\n  - {name: a, $patch: delete, args: null}\n  more: {gone: {$patch: delete, a: 1}, kept: [{a: null}]}\n";
    let app = deployment(
        "app",
        &[("realtheorycollector", "realtheory/theory-k8s-collector")],
    );
    lawful(
        MIRRORS,
        &tree([
            ("base/app.yaml", &app),
            ("base/kustomization.yaml", "resources: [app.yaml]\n"),
            ("over/own.yaml", own),
            ("over/patch.yaml", patch),
            (
                "over/kustomization.yaml",
                "resources: [own.yaml, ../base]\nimages:\n- {name: realtheory/theory-k8s-collector, newName: corp.example.net/theory-k8s-collector, newTag: v1.25}\npatches:\n- {path: patch.yaml}\n- target: {kind: Prometheus}\n  patch: |-\n    - {op: replace, path: /spec/containers/0/image, value: \"quay.io/acme/web:v9\"}\n    - {op: test, path: /spec/containers/0/args, value: null}\n    - {op: test, path: /spec/more/kept/0/a, value: null}\n",
            ),
        ]),
        &["over"],
    );
}

/// A replacement may make an image where there was none.
#[test]
fn an_image_that_a_replacement_creates() {
    for path in [
        "spec.template.spec.containers.0.image",
        "spec.template.spec.containers.[name=b].image",
        "spec.template.spec.initContainers.[name=b].image",
    ] {
        let kustomization = format!(
            "resources: [d.yaml, cm.yaml]\nreplacements:\n- source: {{kind: ConfigMap, name: cm, fieldPath: data.image}}\n  targets:\n  - select: {{kind: Deployment, name: w}}\n    fieldPaths: ['{path}']\n    options: {{create: true}}\n"
        );
        let before = tree([
            ("kustomization.yaml", &*kustomization),
            (
                "d.yaml",
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: w}\nspec: {template: {spec: {containers: [{name: a}]}}}\n",
            ),
            (
                "cm.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm}\ndata: {image: 'ghcr.io/acme/w:v1'}\n",
            ),
        ]);
        let mut after = before.clone();
        let text = after.get_mut("cm.yaml").expect("a file");
        *text = text.replace("ghcr.io", "registry.example.com/ghcr");
        settled(MIRRORS, &before, &after);
        let images: (&[&str], &[&str]) = (
            &["ghcr.io/acme/w:v1", "ghcr.io/acme/w:v1"],
            &[
                "registry.example.com/ghcr/acme/w:v1",
                "registry.example.com/ghcr/acme/w:v1",
            ],
        );
        builds(MIRRORS, &before, &[(".", images.0, images.1)]);
    }
}
