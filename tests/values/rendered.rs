//! Images of charts that something else looks for once they are rendered: entries of lists of images,
//! and JSON patches. The values change only as these need it, which real kustomize and helm show.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{config, warnings, write_files};
use crate::support::{assert_text_eq, run_in_folder, tool};

const RULES: &str = "\
registries:
- {source: quay.io, mirror: m.example.com/quay, scope: all}
- {source: ghcr.io, mirror: m.example.com/ghcr, scope: all}
";

/// A chart with one Deployment.
const VALUES: &str = "{}\n";
const CHART: &str = "apiVersion: v2\nname: foo\nversion: 0.1.0\n";
const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app}\nspec: {template: {spec: {containers: [{name: a, image: '{{ .Values.image.repository }}:{{ .Values.image.tag }}'}]}}}\n";

/// What `kustomize build` gives for a folder; `None` where a tool is not at hand.
fn built(folder: &Path) -> Option<String> {
    let (kustomize, helm) = (tool("kustomize")?, tool("helm")?);
    let mut command = Command::new(kustomize);
    command.args(["build", "--enable-helm", "--helm-command"]);
    let output = command.arg(helm).arg(".").current_dir(folder).output();
    let output = output.expect("kustomize runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    Some(String::from_utf8(output.stdout).expect("UTF-8"))
}

/// `fix` writes `after` and says `told` of what it leaves, and `check` refuses as much; where nothing is
/// left, what is built then is what restoring the build gives.
#[track_caller]
fn check(files: &[(&str, &str)], after: &[(&str, &str)], told: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    write_files(folder, files);
    let rules = config(RULES);
    write_files(folder, &[("restore-images.yaml", &rules)]);
    let is_built = files.iter().any(|(path, _)| *path == "kustomization.yaml");
    let build = || is_built.then(|| built(folder)).flatten();
    let before = build();
    assert_text_eq(&warnings(folder), told);
    for (path, text) in files {
        let expected = after.iter().find(|(known, _)| known == path);
        let expected = expected.map_or(*text, |(_, text)| text);
        let found = fs::read_to_string(folder.join(path)).expect("a file");
        assert_text_eq(&found, expected);
    }
    let run = run_in_folder(folder, &["check", "."], b"");
    assert_eq!(run.code, i32::from(!told.is_empty()), "{}", run.stderr);
    if let (Some(before), Some(after), "") = (before, build(), told) {
        let restored = run_in_folder(folder, &["restore-images.yaml"], before.as_bytes());
        let restored = String::from_utf8(restored.stdout).expect("UTF-8");
        assert_text_eq(&after, &restored);
    }
}

/// A kustomization with a chart, and what follows.
fn kustomization(values: &str, rest: &str) -> String {
    format!("helmCharts:\n- name: foo\n  releaseName: r\n{values}{rest}")
}

const INLINE: &str = "  valuesInline: {image: {repository: quay.io/acme/bar, tag: v1}}\n";

#[track_caller]
fn check_kustomization(before: &str, after: &str, told: &str) {
    check(
        &[
            ("kustomization.yaml", before),
            ("charts/foo/Chart.yaml", CHART),
            ("charts/foo/values.yaml", VALUES),
            ("charts/foo/templates/d.yaml", DEPLOYMENT),
        ],
        &[("kustomization.yaml", after)],
        told,
    );
}

#[test]
fn an_entry_that_sets_a_tag_gets_the_name() {
    check_kustomization(
        &kustomization(INLINE, "images:\n- {name: quay.io/acme/bar, newTag: v9}\n"),
        &kustomization(
            INLINE,
            "images:\n- {name: quay.io/acme/bar, newName: m.example.com/quay/acme/bar, newTag: v9}\n",
        ),
        "",
    );
}

#[test]
fn an_entry_that_sets_a_name_decides_it() {
    check_kustomization(
        &kustomization(
            INLINE,
            "images:\n- {name: quay.io/acme/bar, newName: ghcr.io/acme/other}\n",
        ),
        &kustomization(
            INLINE,
            "images:\n- {name: quay.io/acme/bar, newName: m.example.com/ghcr/acme/other}\n",
        ),
        "",
    );
}

#[test]
fn an_entry_over_a_file_of_values() {
    let with = |entry: &str| kustomization("  valuesFile: v.yaml\n", entry);
    check(
        &[
            (
                "kustomization.yaml",
                &with("images:\n- {name: quay.io/acme/bar, newTag: v9}\n"),
            ),
            ("v.yaml", "image: {repository: quay.io/acme/bar, tag: v1}\n"),
            ("charts/foo/Chart.yaml", CHART),
            ("charts/foo/values.yaml", VALUES),
            ("charts/foo/templates/d.yaml", DEPLOYMENT),
        ],
        &[(
            "kustomization.yaml",
            &with(
                "images:\n- {name: quay.io/acme/bar, newName: m.example.com/quay/acme/bar, newTag: v9}\n",
            ),
        )],
        "",
    );
}

/// Another image than the entry's moves as ever.
#[test]
fn an_entry_for_something_else() {
    let entry = "images:\n- {name: quay.io/acme/b, newTag: v9}\n";
    let moved = INLINE.replace("quay.io", "m.example.com/quay");
    check_kustomization(
        &kustomization(INLINE, entry),
        &kustomization(
            &moved,
            "images:\n- {name: quay.io/acme/b, newName: m.example.com/quay/acme/b, newTag: v9}\n",
        ),
        "",
    );
}

/// The base alone wants the mirror's name, and the overlay's entry the one that is there.
#[test]
fn an_entry_of_an_upper_layer() {
    let base = kustomization(INLINE, "");
    check(
        &[
            (
                "kustomization.yaml",
                "resources: [base]\nimages:\n- {name: quay.io/acme/bar, newTag: v9}\n",
            ),
            ("base/kustomization.yaml", &base),
            ("base/charts/foo/Chart.yaml", CHART),
            ("base/charts/foo/values.yaml", VALUES),
            ("base/charts/foo/templates/d.yaml", DEPLOYMENT),
        ],
        &[(
            "kustomization.yaml",
            "resources: [base]\nimages:\n- {name: quay.io/acme/bar, newName: m.example.com/quay/acme/bar, newTag: v9}\n",
        )],
        "base/kustomization.yaml:4:38: warning: quay.io/acme/bar:v1 → m.example.com/quay/acme/bar:v1 is not written: the entry quay.io/acme/bar of images in kustomization.yaml looks for it by this name, and not every build has that entry: change the name in both places [unresolved-image]\n",
    );
}

/// A component's chart is in the builds of those that name the component alone.
#[test]
fn an_entry_over_a_component() {
    let component = format!("kind: Component\n{}", kustomization(INLINE, ""));
    let entries = |new: &str| {
        format!("components: [part]\nimages:\n- {{name: quay.io/acme/bar, {new}newTag: v9}}\n")
    };
    check(
        &[
            ("kustomization.yaml", &entries("")),
            ("part/kustomization.yaml", &component),
            ("part/charts/foo/Chart.yaml", CHART),
            ("part/charts/foo/values.yaml", VALUES),
            ("part/charts/foo/templates/d.yaml", DEPLOYMENT),
        ],
        &[(
            "kustomization.yaml",
            &entries("newName: m.example.com/quay/acme/bar, "),
        )],
        "",
    );
}

/// What the first entry makes is what the second one looks for, and stays.
#[test]
fn an_entry_for_what_another_one_makes() {
    let chain = |what: &str| {
        format!(
            "images:\n- {{name: quay.io/acme/bar, newName: ghcr.io/acme/mid}}\n- {{name: ghcr.io/acme/mid, {what}}}\n"
        )
    };
    for (before, after) in [
        (
            "newName: ghcr.io/acme/other",
            "newName: m.example.com/ghcr/acme/other",
        ),
        (
            "newTag: v9",
            "newName: m.example.com/ghcr/acme/mid, newTag: v9",
        ),
    ] {
        check_kustomization(
            &kustomization(INLINE, &chain(before)),
            &kustomization(INLINE, &chain(after)),
            "",
        );
    }
}

/// The second of two entries for one name says what comes out, unless the first takes the name away.
#[test]
fn two_entries_for_one_name() {
    let two = |last: &str| {
        format!(
            "images:\n- {{name: quay.io/acme/bar, newTag: v5}}\n- {{name: quay.io/acme/bar, {last}newTag: v9}}\n"
        )
    };
    check_kustomization(
        &kustomization(INLINE, &two("")),
        &kustomization(INLINE, &two("newName: m.example.com/quay/acme/bar, ")),
        "",
    );
}

/// Alone, the base deploys what the overlay's entry looks for.
#[test]
fn an_entry_for_what_another_layer_makes() {
    let base = kustomization(
        INLINE,
        "images:\n- {name: quay.io/acme/bar, newName: ghcr.io/acme/mid}\n",
    );
    check(
        &[
            (
                "kustomization.yaml",
                "resources: [base]\nimages:\n- {name: ghcr.io/acme/mid, newTag: v9}\n",
            ),
            ("base/kustomization.yaml", &base),
            ("base/charts/foo/Chart.yaml", CHART),
            ("base/charts/foo/values.yaml", VALUES),
            ("base/charts/foo/templates/d.yaml", DEPLOYMENT),
        ],
        &[],
        "base/kustomization.yaml:6:37: warning: wrong registry or path: ghcr.io/acme/mid → m.example.com/ghcr/acme/mid: left, since no edit of these files gives every build the right one: the entry of images at base/kustomization.yaml:6 would make it m.example.com/ghcr/acme/mid in kustomization.yaml: change both by hand (base/kustomization.yaml) [unresolved-image]
kustomization.yaml:3:3: warning: wrong registry or path: ghcr.io/acme/mid:v9 → m.example.com/ghcr/acme/mid:v9: left, since no edit of these files gives every build the right one: the entry of images at base/kustomization.yaml:6 would make it m.example.com/ghcr/acme/mid in kustomization.yaml: change both by hand (kustomization.yaml) [unresolved-image]
",
    );
}

/// A patch sets an image of a chart, which then is what an entry looks for.
#[test]
fn an_entry_for_what_a_patch_sets() {
    let moved = INLINE.replace("quay.io", "m.example.com/quay");
    let with = |values: &str, new: &str| {
        kustomization(
            values,
            &format!(
                "patches:\n- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {{name: app}}\n    spec: {{template: {{spec: {{containers: [{{name: a, image: 'ghcr.io/acme/set:v7'}}]}}}}}}\nimages:\n- {{name: ghcr.io/acme/set, {new}newTag: v9}}\n"
            ),
        )
    };
    check_kustomization(
        &with(INLINE, ""),
        &with(&moved, "newName: m.example.com/ghcr/acme/set, "),
        "",
    );
}

/// An entry of an upper layer looks for what a patch of the base sets.
#[test]
fn an_entry_for_what_a_patch_of_a_base_sets() {
    let base = |values: &str| {
        kustomization(
            values,
            "patches:\n- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: app}\n    spec: {template: {spec: {containers: [{name: a, image: 'ghcr.io/acme/set:v7'}]}}}\n",
        )
    };
    let component = |values: &str| format!("kind: Component\n{}", base(values));
    let moved = INLINE.replace("quay.io", "m.example.com/quay");
    let entry = |new: &str| {
        format!("components: [base]\nimages:\n- {{name: ghcr.io/acme/set, {new}newTag: v9}}\n")
    };
    check(
        &[
            ("kustomization.yaml", &entry("")),
            ("base/kustomization.yaml", &component(INLINE)),
            ("base/charts/foo/Chart.yaml", CHART),
            ("base/charts/foo/values.yaml", VALUES),
            ("base/charts/foo/templates/d.yaml", DEPLOYMENT),
        ],
        &[
            (
                "kustomization.yaml",
                &entry("newName: m.example.com/ghcr/acme/set, "),
            ),
            ("base/kustomization.yaml", &component(&moved)),
        ],
        "",
    );
}

/// What an entry would become is what a later one looks for.
#[test]
fn an_entry_that_would_meet_what_another_one_becomes() {
    let before = kustomization(
        INLINE,
        "images:\n- {name: quay.io/acme/bar, newTag: v5}\n- {name: m.example.com/quay/acme/bar, newTag: v9}\n",
    );
    check_kustomization(
        &before,
        &before,
        "kustomization.yaml:4:38: warning: quay.io/acme/bar:v1 → m.example.com/quay/acme/bar:v1 is not written: the entry quay.io/acme/bar of images in kustomization.yaml looks for it by this name: write `newName: m.example.com/quay/acme/bar` there [unresolved-image]
kustomization.yaml:6:3: warning: wrong registry or path: quay.io/acme/bar:v5 → m.example.com/quay/acme/bar:v5: left, since no edit of these files gives every build the right one: the entry of images at kustomization.yaml:7 would make it m.example.com/quay/acme/bar:v9 in kustomization.yaml: change both by hand (kustomization.yaml) [unresolved-image]
",
    );
}

#[test]
fn an_entry_that_would_meet_what_the_image_becomes() {
    let before = kustomization(
        INLINE,
        "images:\n- {name: m.example.com/quay/acme/bar, newTag: v9}\n",
    );
    check_kustomization(
        &before,
        &before,
        "kustomization.yaml:4:38: warning: quay.io/acme/bar:v1 → m.example.com/quay/acme/bar:v1 is not written: the entry m.example.com/quay/acme/bar of images in kustomization.yaml would change what it becomes: change that entry [unresolved-image]\n",
    );
}

#[test]
fn a_json_patch_that_tests_the_image() {
    let containers = "/spec/template/spec/containers";
    for (path, value) in [
        ("/0/image", "'quay.io/acme/bar:v1'"),
        ("/0", "{name: a, image: 'quay.io/acme/bar:v1'}"),
        ("", "[{name: a, image: 'quay.io/acme/bar:v1'}]"),
    ] {
        let patch = |name: &str| {
            kustomization(
                INLINE,
                &format!(
                    "patches:\n- target: {{kind: Deployment}}\n  patch: |\n    - {{op: test, path: {containers}{path}, value: {value}}}\n    - {{op: replace, path: {containers}/0/image, value: '{name}/acme/bar:v7'}}\n"
                ),
            )
        };
        check_kustomization(
            &patch("quay.io"),
            &patch("m.example.com/quay"),
            "kustomization.yaml:4:38: warning: quay.io/acme/bar:v1 → m.example.com/quay/acme/bar:v1 is not written: a JSON patch of kustomization.yaml tests it: change the value and the patch together [unresolved-image]\n",
        );
    }
}

fn release(rest: &str) -> String {
    format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: r, namespace: n}}\nspec:\n  chart: {{spec: {{chart: foo}}}}\n  values: {{image: {{repository: quay.io/acme/bar, tag: v1}}}}\n{rest}"
    )
}

#[test]
fn post_renderers_with_an_entry() {
    let with = |new: &str| {
        release(&format!(
            "  postRenderers: [{{kustomize: {{images: [{{name: quay.io/acme/bar, {new}newTag: v9}}]}}}}]\n"
        ))
    };
    check(
        &[("hr.yaml", &with(""))],
        &[("hr.yaml", &with("newName: m.example.com/quay/acme/bar, "))],
        "",
    );
}

/// The list of a renderer comes after its patches: what it replaces is right.
#[test]
fn post_renderers_with_an_entry_for_what_a_patch_sets() {
    let with = |new: &str| {
        let release = release(&format!(
            "  postRenderers:\n  - kustomize:\n      patches:\n      - target: {{kind: Deployment}}\n        patch: |\n          - {{op: add, path: /spec/template/spec/containers/0/image, value: 'quay.io/p/p:1'}}\n      images:\n      - {{name: quay.io/p/p, newName: {new}}}\n"
        ));
        release.replace("quay.io/acme/bar", "m.example.com/quay/acme/bar")
    };
    check(
        &[("hr.yaml", &with("ghcr.io/p/p"))],
        &[("hr.yaml", &with("m.example.com/ghcr/p/p"))],
        "",
    );
}

/// A patch is restored where it is written, and what a JSON patch tests stays with it.
#[test]
fn post_renderers_with_patches() {
    let with = |seven: &str, other: &str| {
        release("  postRenderers:\n  - kustomize:\n      patches:\n      - target: {kind: Deployment}\n        patch: |\n          - {op: test, path: /spec/template/spec/containers/0/image, value: 'quay.io/acme/bar:v1'}\n          - {op: replace, path: /spec/template/spec/containers/0/image, value: 'SEVEN:v7'}\n      - patch: |\n          apiVersion: apps/v1\n          kind: Deployment\n          metadata: {name: other}\n          spec: {template: {spec: {containers: [{name: a, image: OTHER:v1}, {name: b, image: OTHER:v1}]}}}\n").replace("SEVEN", seven).replace("OTHER", other)
    };
    let other = "ghcr.io/acme/other";
    let mirror = "m.example.com";
    check(
        &[("hr.yaml", &with("quay.io/acme/bar", other))],
        &[(
            "hr.yaml",
            &with(&format!("{mirror}/quay/acme/bar"), &format!("{mirror}/ghcr/acme/other")),
        )],
        "hr.yaml:6:32: warning: HelmRelease n/r: quay.io/acme/bar:v1 → m.example.com/quay/acme/bar:v1 is not written: a JSON patch of postRenderers tests it: change the value and the patch together [unresolved-image]
",
    );
}

/// The old forms of patches are no texts, and a test of what a patch sets holds it.
#[test]
fn post_renderers_with_patches_of_the_old_forms() {
    let with = |old: &str| {
        let release = release("  postRenderers:\n  - kustomize:\n      patchesStrategicMerge:\n      - kind: Deployment\n        apiVersion: apps/v1\n        metadata: {name: other}\n        spec: {template: {spec: {containers: [{name: a, image: OLD/acme/other:v1}]}}}\n      patchesJson6902:\n      - target: {kind: Deployment, name: other}\n        patch:\n        - {op: add, path: /spec/template/spec/containers/1/image, value: 'OLD/acme/side:v1'}\n        - {op: replace, path: /spec/template/spec/containers/2/image, value: 'quay.io/acme/held:v1'}\n        - {op: test, path: /spec/template/spec/containers/2/image, value: 'quay.io/acme/held:v1'}\n").replace("OLD", old);
        release.replace("quay.io/acme/bar", "m.example.com/quay/acme/bar")
    };
    check(
        &[("hr.yaml", &with("ghcr.io"))],
        &[("hr.yaml", &with("m.example.com/ghcr"))],
        "hr.yaml:18:78: warning: HelmRelease n/r: wrong registry or path: quay.io/acme/held:v1 → m.example.com/quay/acme/held:v1 is not written: a JSON patch of postRenderers tests it: change both by hand [wrong-registry]
",
    );
}

/// Entries run one after the other, in one renderer and in several: the last one that an image meets says what
/// runs, and the others stay, since it looks for what they make.
#[test]
fn post_renderers_with_entries_that_follow_one_another() {
    let one = |new: &str| {
        release(&format!(
            "  postRenderers: [{{kustomize: {{images: [{{name: quay.io/acme/bar, newName: ghcr.io/acme/bar, newTag: v3}}, {{name: ghcr.io/acme/bar, {new}newTag: v4}}]}}}}]\n"
        ))
    };
    check(
        &[("hr.yaml", &one(""))],
        &[("hr.yaml", &one("newName: m.example.com/ghcr/acme/bar, "))],
        "",
    );
    let two = |new: &str| {
        release(&format!(
            "  postRenderers:\n  - kustomize: {{images: [{{name: quay.io/acme/bar, newTag: v3}}]}}\n  - kustomize: {{images: [{{name: quay.io/acme/bar, newName: {new}/acme/other}}]}}\n"
        ))
    };
    check(
        &[("hr.yaml", &two("ghcr.io"))],
        &[("hr.yaml", &two("m.example.com/ghcr"))],
        "",
    );
}

/// What an entry would become may be what a later one looks for.
#[test]
fn post_renderers_with_an_entry_that_would_wake() {
    let text = release(
        "  postRenderers:\n  - kustomize:\n      images:\n      - {name: quay.io/acme/bar, newName: ghcr.io/acme/bar}\n      - {name: m.example.com/ghcr/acme/bar, newTag: v9}\n",
    );
    check(
        &[("hr.yaml", &text)],
        &[],
        "hr.yaml:10:43: warning: HelmRelease n/r: ghcr.io/acme/bar → m.example.com/ghcr/acme/bar is not written: the entry m.example.com/ghcr/acme/bar behind it would change that: change both by hand [unresolved-image]\n",
    );
    let folder = tempfile::tempdir().expect("a folder");
    let rules = config(RULES);
    write_files(
        folder.path(),
        &[("restore-images.yaml", &rules), ("hr.yaml", &text)],
    );
    let listed = run_in_folder(folder.path(), &["images", "."], b"");
    let listed = String::from_utf8(listed.stdout).expect("UTF-8");
    let mut lines = listed.lines();
    let line =
        lines.find(|line| line.contains("postRenderers") || line.contains("ghcr.io/acme/bar"));
    assert!(
        line.is_some_and(|line| line.contains("unresolved")),
        "{listed}"
    );
}

/// An entry that changes nothing wakes none, whatever name it has.
#[test]
fn post_renderers_with_an_entry_that_changes_nothing() {
    let with = |new: &str| {
        release(&format!(
            "  postRenderers:\n  - kustomize:\n      images:\n      - {{name: quay.io/acme/bar, newName: {new}/acme/bar}}\n      - {{name: m.example.com/ghcr/acme/bar}}\n"
        ))
    };
    check(
        &[("hr.yaml", &with("ghcr.io"))],
        &[("hr.yaml", &with("m.example.com/ghcr"))],
        "",
    );
}

/// An image that two entries meet keeps the version of the first where the last one sets none: that is judged,
/// and the name stays, since the last one looks for it.
#[test]
fn post_renderers_with_an_entry_whose_version_stays() {
    const OURS: &str = "realtheory/theory-k8s-collector";
    let rules = "agents: [realtheory-collector]\nregistries:\n- {source: docker.io, mirror: m.example.com/hub}\n";
    let renames = format!("{{name: {OURS}, newName: m.example.com/hub/{OURS}}}");
    let pins = |version: &str| format!("{{name: {OURS}, newTag: {version}}}");
    let later = format!("{{name: m.example.com/hub/{OURS}, newTag: latest}}");
    let (pinned, right) = (pins("v1.3.11836"), pins("latest"));
    for (before, after) in [
        (vec![&pinned, &renames], vec![&right, &renames]),
        // A version that another entry replaces runs nowhere.
        (
            vec![&pinned, &renames, &later],
            vec![&pinned, &renames, &later],
        ),
    ] {
        let with = |entries: &[&String]| {
            let lines = entries.iter().map(|entry| format!("      - {entry}\n"));
            let lines: String = lines.collect();
            release(&format!(
                "  postRenderers:\n  - kustomize:\n      images:\n{lines}"
            ))
        };
        for lists in ["restore", "report"] {
            let is_clean = before == after;
            let folder = tempfile::tempdir().expect("a folder");
            let folder = folder.path();
            let config = config(&format!("{rules}imageLists: {lists}\n"));
            write_files(
                folder,
                &[
                    ("restore-images.yaml", &config),
                    ("hr.yaml", &with(&before)),
                ],
            );
            let checked = run_in_folder(folder, &["check", "."], b"");
            assert_eq!(checked.code, i32::from(!is_clean), "{}", checked.stderr);
            let told = warnings(folder);
            let says = if is_clean || lists == "restore" {
                String::new()
            } else {
                format!(
                    "hr.yaml:10:57: warning: HelmRelease n/r: tag v1.3.11836 keeps the agent from upgrading itself: m.example.com/hub/{OURS}:v1.3.11836 → m.example.com/hub/{OURS} is not edited, since this list replaces images where they are rendered: correct it here, or set `imageLists: restore` [wrong-image-override]\n"
                )
            };
            assert_text_eq(&told, &says);
            let fixed = fs::read_to_string(folder.join("hr.yaml")).expect("a file");
            let expected = if lists == "report" { &before } else { &after };
            assert_text_eq(&fixed, &with(expected));
        }
    }
}

/// Fleet puts what the chart gives into the folder: its patches and entries are judged as those over a remote base.
#[test]
fn what_a_folder_of_fleet_says_is_no_fault() {
    let fleet = "helm: {chart: acme, repo: 'https://charts.acme.example', version: 1.0.0}\ntargetCustomizations:\n- {name: dev, kustomize: {dir: overlays/dev}}\n- {name: prod, kustomize: {dir: overlays/prod}}\n";
    let patch = |image: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec: {{template: {{spec: {{containers: [{{name: web, image: '{image}:v8'}}]}}}}}}\n"
        )
    };
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    write_files(
        folder,
        &[
            ("restore-images.yaml", &*config(RULES)),
            ("fleet.yaml", fleet),
            (
                "overlays/dev/kustomization.yaml",
                "images: [{name: ghcr.io/acme/web, newTag: v9}]\n",
            ),
            (
                "overlays/prod/kustomization.yaml",
                "patches: [{path: p.yaml}]\n",
            ),
            ("overlays/prod/p.yaml", &patch("ghcr.io/acme/web")),
        ],
    );
    let run = run_in_folder(folder, &["fix", "."], b"");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
    let read = |path: &str| fs::read_to_string(folder.join(path)).expect("a file");
    assert_text_eq(
        &read("overlays/dev/kustomization.yaml"),
        "images: [{name: ghcr.io/acme/web, newName: m.example.com/ghcr/acme/web, newTag: v9}]\n",
    );
    assert_text_eq(
        &read("overlays/prod/p.yaml"),
        &patch("m.example.com/ghcr/acme/web"),
    );
}

/// The version of nobody's image is an agent's where a later entry makes the image that agent's.
#[test]
fn post_renderers_with_a_version_of_a_placeholder() {
    const OURS: &str = "realtheory/theory-k8s-collector";
    for (last, right) in [(OURS, "latest"), ("ghcr.io/acme/web", "v1.3.11836")] {
        let with = |tag: &str| {
            release(&format!(
                "  postRenderers:\n  - kustomize:\n      images:\n      - {{name: placeholder, newTag: {tag}}}\n      - {{name: placeholder, newName: middle}}\n      - {{name: middle, newName: {last}}}\n"
            ))
        };
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        write_files(
            folder,
            &[
                (
                    "restore-images.yaml",
                    &*config("agents: [realtheory-collector]\n"),
                ),
                ("hr.yaml", &with("v1.3.11836")),
            ],
        );
        let run = run_in_folder(folder, &["fix", "."], b"");
        assert_eq!(run.code, 0, "{}", run.stderr);
        let fixed = fs::read_to_string(folder.join("hr.yaml")).expect("a file");
        assert_text_eq(&fixed, &with(right));
    }
}

/// What Fleet builds a folder over is looked for there by its name.
#[test]
fn a_folder_that_fleet_builds_over_a_chart() {
    let chart = "{chart: acme, repo: 'https://charts.acme.example', version: 1.0.0, values: {image: {repository: ghcr.io/acme/web, tag: v1}}}";
    let of_target = format!(
        "helm: {chart}\ntargetCustomizations:\n- {{name: dev, clusterSelector: {{matchLabels: {{env: dev}}}}, kustomize: {{dir: overlays/dev}}}}\n"
    );
    let of_all = format!("helm: {chart}\nkustomize: {{dir: overlays/dev}}\n");
    let none = format!("helm: {chart}\n");
    for (fleet, is_left) in [(&of_target, true), (&of_all, true), (&none, false)] {
        let folder = tempfile::tempdir().expect("a folder");
        let kustomization = "images: [{name: ghcr.io/acme/web, newTag: v9}]\n";
        write_files(
            folder.path(),
            &[
                ("restore-images.yaml", &config(RULES)),
                ("fleet.yaml", fleet),
                ("overlays/dev/kustomization.yaml", kustomization),
            ],
        );
        let told = warnings(folder.path());
        let text = fs::read_to_string(folder.path().join("fleet.yaml")).expect("a file");
        let moved = fleet.replace("ghcr.io/acme/web", "m.example.com/ghcr/acme/web");
        assert_text_eq(&text, if is_left { fleet } else { &moved });
        let why = "ghcr.io/acme/web:v1 → m.example.com/ghcr/acme/web:v1 is not written: Fleet builds overlays/dev over what the chart gives, and may look for the image by its name: change both by hand, or leave it to an exception [unresolved-image]";
        assert_eq!(told.contains(why), is_left, "{told}");
    }
}
