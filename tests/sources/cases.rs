//! Trees as people keep them, each with what `fix` has to make of it, file by file.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::build;
use crate::support::{assert_text_eq, files, tool};

pub(super) const MIRRORS: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  registries:
  - {source: docker.io, mirror: registry.example.com/hub, scope: all}
  - {source: ghcr.io, mirror: registry.example.com/ghcr, scope: all}
  - {source: quay.io, mirror: registry.example.com/quay, scope: all}
";

pub(super) const COLLECTORS: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  agents: [realtheory-collector]
";

/// Files of a tree, by their paths.
pub(super) type Files = BTreeMap<&'static str, String>;

pub(super) fn tree<const N: usize>(files: [(&'static str, &str); N]) -> Files {
    files.map(|(path, text)| (path, text.to_owned())).into()
}

pub(super) fn deployment(name: &str, containers: &[(&str, &str)]) -> String {
    let container =
        |(name, image): &(&str, &str)| format!("      - name: {name}\n        image: {image}\n");
    let containers: String = containers.iter().map(container).collect();
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec:\n  template:\n    spec:\n      containers:\n{containers}"
    )
}

/// A collector that is right.
fn collector() -> String {
    deployment(
        "realtheorycollector",
        &[("realtheorycollector", "realtheory/theory-k8s-collector")],
    ) + "        imagePullPolicy: Always\n"
}

/// Restores a tree, and holds every file of it, and a second run; returns what was said before, by
/// `fix`, and after.
#[track_caller]
pub(super) fn restored(config: &str, before: &Files, changed: &Files) -> [(i32, String); 3] {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("tree");
    write(&place, before);
    fs::write(folder.path().join("c.yaml"), config).expect("written");
    let checked = build::command(folder.path(), &["check"]);
    let fixed = build::command(folder.path(), &["fix"]);
    let after = files(&place);
    for (path, text) in before {
        let expected = changed.get(path).unwrap_or(text);
        assert_text_eq(&after[Path::new(path)], expected);
    }
    assert_eq!(after.len(), before.len());
    build::command(folder.path(), &["fix"]);
    assert_eq!(files(&place), after);
    let again = build::command(folder.path(), &["check"]);
    [checked, fixed, again]
}

pub(super) fn write(place: &Path, files: &Files) {
    for (path, text) in files {
        let path = place.join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("written");
    }
}

/// As [`restored`], where nothing is left: `check` finds something before, and nothing after.
#[track_caller]
pub(super) fn settled(config: &str, before: &Files, changed: &Files) -> String {
    let [checked, fixed, again] = restored(config, before, changed);
    let codes = [checked.0, fixed.0, again.0];
    assert_eq!(codes, [1, 0, 0], "{}{}{}", checked.1, fixed.1, again.1);
    checked.1
}

/// As [`restored`], where all is right as it is, and no word is said of it.
#[track_caller]
pub(super) fn clean(config: &str, before: &Files) {
    let all = restored(config, before, &Files::new());
    for (code, said) in &all {
        assert_eq!(*code, 0, "{said}");
        assert!(!said.contains("warning["), "{said}");
    }
}

/// What each root builds: its images, before `fix` and after.
#[track_caller]
pub(super) fn builds(config: &str, before: &Files, roots: &[(&str, &[&str], &[&str])]) {
    let Some(kustomize) = tool("kustomize") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("tree");
    write(&place, before);
    fs::write(folder.path().join("c.yaml"), config).expect("written");
    let images = |root: &str| -> Vec<String> {
        let built = build::build(&kustomize, &place, root).expect("it builds");
        let line = |line: &str| Some(line.split_once("image: ")?.1.to_owned());
        built.lines().filter_map(line).collect()
    };
    for (root, old, _) in roots {
        assert_eq!(images(root), *old, "{root} before");
    }
    build::command(folder.path(), &["fix"]);
    for (root, _, new) in roots {
        assert_eq!(images(root), *new, "{root} after");
    }
}

#[test]
fn an_entry_keeps_its_name_where_it_decides() {
    let before = tree([
        (
            "base/deploy.yaml",
            &deployment(
                "web",
                &[
                    ("web", "ghcr.io/acme/web"),
                    ("manager", "controller:latest"),
                ],
            ),
        ),
        (
            "base/kustomization.yaml",
            "resources: [deploy.yaml]
images:
- {name: ghcr.io/acme/web, newTag: v1.2.3}
- {name: controller, newName: quay.io/acme/operator, newTag: v9}
",
        ),
    ]);
    let changed = tree([(
        "base/kustomization.yaml",
        "resources: [deploy.yaml]
images:
- {name: ghcr.io/acme/web, newName: registry.example.com/ghcr/acme/web, newTag: v1.2.3}
- {name: controller, newName: registry.example.com/quay/acme/operator, newTag: v9}
",
    )]);
    settled(MIRRORS, &before, &changed);
    builds(
        MIRRORS,
        &before,
        &[(
            "base",
            &["ghcr.io/acme/web:v1.2.3", "quay.io/acme/operator:v9"],
            &[
                "registry.example.com/ghcr/acme/web:v1.2.3",
                "registry.example.com/quay/acme/operator:v9",
            ],
        )],
    );
}

const DATADOG: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  agents: [datadog]
  registries:
  - {source: gcr.io/datadoghq, mirror: registry.example.com/dd}
";

/// The base is built by itself, too, so that its manifest and the overlay's entry change together.
#[test]
fn an_agent_keeps_the_overlays_tag() {
    let before = tree([
        (
            "base/agent.yaml",
            &deployment("agent", &[("agent", "gcr.io/datadoghq/agent:7.50.0")]),
        ),
        ("base/kustomization.yaml", "resources:\n- agent.yaml\n"),
        (
            "prod/kustomization.yaml",
            "resources:
- ../base
images:
- name: gcr.io/datadoghq/agent # what the base runs
  newTag: 7.61.0
",
        ),
    ]);
    let changed = tree([
        (
            "base/agent.yaml",
            &deployment(
                "agent",
                &[("agent", "registry.example.com/dd/agent:7.50.0")],
            ),
        ),
        (
            "prod/kustomization.yaml",
            "resources:
- ../base
images:
- name: registry.example.com/dd/agent # what the base runs
  newTag: 7.61.0
",
        ),
    ]);
    settled(DATADOG, &before, &changed);
    builds(
        DATADOG,
        &before,
        &[
            (
                "base",
                &["gcr.io/datadoghq/agent:7.50.0"],
                &["registry.example.com/dd/agent:7.50.0"],
            ),
            (
                "prod",
                &["gcr.io/datadoghq/agent:7.61.0"],
                &["registry.example.com/dd/agent:7.61.0"],
            ),
        ],
    );
}

#[test]
fn overlays_that_share_a_base_keep_their_tags() {
    let one =
        |name: &str| format!("resources:\n- ../base\nimages:\n- name: {name}\n  newTag: v2\n");
    let before = tree([
        (
            "base/web.yaml",
            &deployment("web", &[("web", "ghcr.io/acme/web:v1")]),
        ),
        ("base/kustomization.yaml", "resources:\n- web.yaml\n"),
        ("one/kustomization.yaml", &one("ghcr.io/acme/web")),
        (
            "two/kustomization.yaml",
            "resources:\n- ../base\nnamePrefix: two-\n",
        ),
    ]);
    let changed = tree([
        (
            "base/web.yaml",
            &deployment("web", &[("web", "registry.example.com/ghcr/acme/web:v1")]),
        ),
        (
            "one/kustomization.yaml",
            &one("registry.example.com/ghcr/acme/web"),
        ),
    ]);
    settled(MIRRORS, &before, &changed);
    let (old, new) = (
        "ghcr.io/acme/web:v1",
        "registry.example.com/ghcr/acme/web:v1",
    );
    builds(
        MIRRORS,
        &before,
        &[
            ("base", &[old], &[new]),
            (
                "one",
                &["ghcr.io/acme/web:v2"],
                &["registry.example.com/ghcr/acme/web:v2"],
            ),
            ("two", &[old], &[new]),
        ],
    );
}

/// The outer entry names what the inner one gives.
#[test]
fn entries_follow_each_other_through_layers() {
    let before = tree([
        ("base/web.yaml", &deployment("web", &[("web", "app")])),
        (
            "base/kustomization.yaml",
            "resources:\n- web.yaml\nimages:\n- {name: app, newName: ghcr.io/acme/app}\n",
        ),
        (
            "prod/kustomization.yaml",
            "resources:\n- ../base\nimages:\n- {name: ghcr.io/acme/app, newTag: v2}\n",
        ),
    ]);
    let changed = tree([
        (
            "base/kustomization.yaml",
            "resources:\n- web.yaml\nimages:\n- {name: app, newName: registry.example.com/ghcr/acme/app}\n",
        ),
        (
            "prod/kustomization.yaml",
            "resources:\n- ../base\nimages:\n- {name: registry.example.com/ghcr/acme/app, newTag: v2}\n",
        ),
    ]);
    let said = settled(MIRRORS, &before, &changed);
    assert!(!said.contains("unmatched-image-override"), "{said}");
    builds(
        MIRRORS,
        &before,
        &[
            (
                "base",
                &["ghcr.io/acme/app"],
                &["registry.example.com/ghcr/acme/app"],
            ),
            (
                "prod",
                &["ghcr.io/acme/app:v2"],
                &["registry.example.com/ghcr/acme/app:v2"],
            ),
        ],
    );
}

#[test]
fn a_patch_of_something_else_is_clean() {
    let patch = |container: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: realtheorycollector}}\nspec: {{template: {{spec: {{containers: [{{name: realtheorycollector, {container}}}]}}}}}}\n"
        )
    };
    let overlay = "resources: [../base]\npatches: [{path: patch.yaml}]\n";
    clean(
        COLLECTORS,
        &tree([
            ("base/collector.yaml", &collector()),
            ("base/kustomization.yaml", "resources:\n- collector.yaml\n"),
            ("prod/kustomization.yaml", overlay),
            (
                "prod/patch.yaml",
                &patch("resources: {limits: {memory: 1Gi}}"),
            ),
            ("less/kustomization.yaml", overlay),
            ("less/patch.yaml", &patch("$patch: delete")),
        ]),
    );
}

#[test]
fn patches_are_mended_where_they_are_written() {
    let operation = |image: &str| {
        format!("- {{op: replace, path: /spec/template/spec/containers/0/image, value: {image}}}\n")
    };
    let inline = |image: &str| {
        format!(
            "resources: [../base]\npatches:\n- target: {{kind: Deployment}}\n  patch: |-\n    {}",
            operation(image)
        )
    };
    let merge = |policy: &str| {
        format!(
            "resources: [../base]
patches:
- patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata: {{name: realtheorycollector}}
    spec:
      template:
        spec:
          containers:
          - name: realtheorycollector
            imagePullPolicy: {policy} # for now
"
        )
    };
    let drifted = "corp.example.net/realtheory/theory-k8s-collector:v1.3";
    let official = "realtheory/theory-k8s-collector";
    let before = tree([
        ("base/collector.yaml", &collector()),
        ("base/kustomization.yaml", "resources:\n- collector.yaml\n"),
        (
            "file/kustomization.yaml",
            "resources: [../base]\npatches:\n- path: image.yaml\n  target: {kind: Deployment}\n",
        ),
        ("file/image.yaml", &operation(drifted)),
        ("inline/kustomization.yaml", &inline(drifted)),
        ("merge/kustomization.yaml", &merge("Never")),
    ]);
    let changed = tree([
        ("file/image.yaml", &operation(official)),
        ("inline/kustomization.yaml", &inline(official)),
        ("merge/kustomization.yaml", &merge("Always")),
    ]);
    let said = settled(COLLECTORS, &before, &changed);
    for place in [
        "tree/file/image.yaml:1:70",
        "tree/inline/kustomization.yaml:5:74",
        "tree/merge/kustomization.yaml:12:30",
    ] {
        assert!(said.contains(place), "{place} is not in\n{said}");
    }
    builds(
        COLLECTORS,
        &before,
        &[
            ("base", &[official], &[official]),
            ("file", &[drifted], &[official]),
            ("inline", &[drifted], &[official]),
            ("merge", &[official], &[official]),
        ],
    );
}

#[track_caller]
fn pinned_by_a_list(file: &'static str) {
    let before = tree([
        ("collector.yaml", &collector()),
        (
            file,
            "resources: [collector.yaml]\nimages: [{name: realtheory/theory-k8s-collector, newTag: v1.3.11836}]\n",
        ),
    ]);
    let changed = tree([(
        file,
        "resources: [collector.yaml]\nimages: [{name: realtheory/theory-k8s-collector}]\n",
    )]);
    let said = settled(COLLECTORS, &before, &changed);
    assert!(said.contains("error[pinned-tag]"), "{said}");
    assert!(said.contains(&format!("tree/{file}:2:58")), "{said}");
    builds(
        COLLECTORS,
        &before,
        &[(
            ".",
            &["realtheory/theory-k8s-collector:v1.3.11836"],
            &["realtheory/theory-k8s-collector"],
        )],
    );
}

#[test]
fn a_kustomization_needs_no_kind() {
    pinned_by_a_list("kustomization.yaml");
    pinned_by_a_list("kustomization.yml");
}

#[test]
fn a_kustomization_needs_no_ending() {
    pinned_by_a_list("Kustomization");
}

/// Where nobody can know what an entry matches, or a custom resource holds it.
#[test]
fn an_entry_is_unmatched_only_where_all_below_is_known() {
    let entries = "images:\n- {name: registry.example.com/ghcr/acme/web, newTag: v2}\n";
    for below in [
        "resources: [\"https://github.com/acme/base?ref=v1\"]\n",
        "resources: [github.com/acme/base//web?ref=v1]\n",
        "helmCharts:\n- {name: web, repo: \"https://charts.example.com\", version: 1.0.0}\n",
        "generators: [generator.yaml]\n",
        "resources: [machine.yaml]\n",
    ] {
        clean(
            MIRRORS,
            &tree([
                ("kustomization.yaml", &format!("{below}{entries}")),
                (
                    "machine.yaml",
                    "apiVersion: example.com/v1\nkind: Machine\nmetadata: {name: m}\nspec:\n  containers:\n  - {name: web, image: \"registry.example.com/ghcr/acme/web:v1\"}\n",
                ),
                (
                    "generator.yaml",
                    "apiVersion: example.com/v1\nkind: Generator\nmetadata: {name: g}\n",
                ),
            ]),
        );
    }
    let known = tree([
        (
            "kustomization.yaml",
            &format!("resources: [web.yaml]\n{entries}"),
        ),
        (
            "web.yaml",
            &deployment("web", &[("web", "registry.example.com/ghcr/acme/other:v1")]),
        ),
    ]);
    let [checked, ..] = restored(MIRRORS, &known, &Files::new());
    assert!(
        checked.1.contains("warning[unmatched-image-override]: images entry registry.example.com/ghcr/acme/web matches no image"),
        "{}",
        checked.1
    );
    assert_eq!(checked.0, 0);
}

const DRIFTED: &str = "corp.example.net/realtheory/theory-k8s-collector";
const OFFICIAL: &str = "realtheory/theory-k8s-collector";

/// A list in a file of its own, whose name for the image is corrected.
#[track_caller]
fn list_is_restored(file: &'static str, text: &str) {
    let before = tree([(file, text)]);
    let changed = tree([(file, &*text.replace(DRIFTED, OFFICIAL))]);
    settled(COLLECTORS, &before, &changed);
}

#[test]
fn a_list_behind_a_chart_is_restored() {
    list_is_restored(
        "release.yaml",
        "apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: r}
spec:
  postRenderers:
  - kustomize:
      images:
      - name: realtheory/theory-k8s-collector
        newName: corp.example.net/realtheory/theory-k8s-collector # ours
        newTag: latest
",
    );
}

#[test]
fn a_list_of_one_of_several_sources_is_restored() {
    list_is_restored(
        "application.yaml",
        "apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: a}
spec:
  sources:
  - ref: values
  - kustomize:
      images:
      - realtheory/theory-k8s-collector=corp.example.net/realtheory/theory-k8s-collector:latest
",
    );
}

#[test]
fn a_list_of_a_template_of_applications_is_restored() {
    list_is_restored(
        "set.yaml",
        "apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: a}
spec:
  template:
    metadata: {name: '{{name}}'}
    spec:
      source:
        kustomize:
          images:
          - realtheory/theory-k8s-collector=corp.example.net/realtheory/theory-k8s-collector:latest
",
    );
}

#[test]
fn a_set_image_of_kpts_is_restored() {
    list_is_restored(
        "Kptfile",
        "apiVersion: kpt.dev/v1
kind: Kptfile
metadata: {name: k}
pipeline:
  mutators:
  - image: gcr.io/kpt-fn/set-image:v0.1
    configMap:
      name: nginx
      newName: corp.example.net/realtheory/theory-k8s-collector
      newTag: latest
",
    );
}

#[test]
fn an_image_tag_transformer_is_a_list() {
    let tagger = |rest: &str| {
        format!(
            "apiVersion: builtin\nkind: ImageTagTransformer\nmetadata: {{name: t}}\nimageTag:\n  name: realtheory/theory-k8s-collector\n{rest}"
        )
    };
    let before = tree([
        ("collector.yaml", &collector()),
        (
            "kustomization.yaml",
            "resources: [collector.yaml]\ntransformers: [tagger.yaml]\n",
        ),
        (
            "tagger.yaml",
            &tagger(&format!("  newName: {DRIFTED}\n  newTag: latest # moves\n")),
        ),
    ]);
    let changed = tree([(
        "tagger.yaml",
        &*tagger(&format!(
            "  newName: {OFFICIAL}\n  newTag: latest # moves\n"
        )),
    )]);
    settled(COLLECTORS, &before, &changed);
    builds(
        COLLECTORS,
        &before,
        &[(
            ".",
            &["corp.example.net/realtheory/theory-k8s-collector:latest"],
            &["realtheory/theory-k8s-collector:latest"],
        )],
    );
}

#[test]
fn an_entry_that_pins_by_digest_alone_is_settled() {
    let digest = "sha256:1111111111111111111111111111111111111111111111111111111111111111";
    let before = tree([
        ("collector.yaml", &collector()),
        (
            "kustomization.yaml",
            &format!(
                "resources: [collector.yaml]\nimages:\n- name: realtheory/theory-k8s-collector\n  digest: {digest}\n"
            ),
        ),
    ]);
    let changed = tree([(
        "kustomization.yaml",
        "resources: [collector.yaml]\nimages:\n- name: realtheory/theory-k8s-collector\n",
    )]);
    settled(COLLECTORS, &before, &changed);
    builds(
        COLLECTORS,
        &before,
        &[(
            ".",
            &[&format!("realtheory/theory-k8s-collector@{digest}")],
            &["realtheory/theory-k8s-collector"],
        )],
    );
}

/// Flux writes the tag, and the repository is ours.
#[test]
fn a_marker_of_the_tag_leaves_the_name_to_us() {
    let list = |name: &str| {
        format!(
            "resources: [web.yaml]
images:
- name: ghcr.io/acme/foo
  newName: {name}
  newTag: v1 # {{\"$imagepolicy\": \"ns:foo:tag\"}}
"
        )
    };
    let before = tree([
        (
            "web.yaml",
            &deployment("web", &[("web", "ghcr.io/acme/foo")]),
        ),
        ("kustomization.yaml", &list("ghcr.io/acme/foo")),
    ]);
    let changed = tree([(
        "kustomization.yaml",
        &*list("registry.example.com/ghcr/acme/foo"),
    )]);
    settled(MIRRORS, &before, &changed);
}

#[test]
fn a_marker_of_the_name_leaves_it_to_flux() {
    let before = tree([
        (
            "web.yaml",
            &deployment("web", &[("web", "ghcr.io/acme/foo")]),
        ),
        (
            "kustomization.yaml",
            "resources: [web.yaml]
images:
- name: ghcr.io/acme/foo
  newName: ghcr.io/acme/foo # {\"$imagepolicy\": \"ns:foo:name\"}
  newTag: v1 # {\"$imagepolicy\": \"ns:foo:tag\"}
",
        ),
    ]);
    let [checked, fixed, again] = restored(MIRRORS, &before, &Files::new());
    let codes = [checked.0, fixed.0, again.0];
    // A value that another tool writes is its to settle, and a warning.
    assert_eq!(codes, [0, 0, 0], "{}{}{}", checked.1, fixed.1, again.1);
    assert!(again.1.contains("managed-elsewhere"), "{}", again.1);
}

#[test]
fn a_marker_of_the_tag_leaves_a_charts_repository_to_us() {
    let config = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  agents:
  - name: foo
    images: [{image: ghcr.io/acme/foo, tag: keep}]
    helm: [{repository: $.image.repository, tag: $.image.tag}]
";
    let release = |repository: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: foo}}
spec:
  values:
    image:
      repository: {repository}
      tag: v1 # {{\"$imagepolicy\": \"ns:foo:tag\"}}
"
        )
    };
    let before = tree([("release.yaml", &*release("old.example.com/acme/foo"))]);
    let changed = tree([("release.yaml", &*release("ghcr.io/acme/foo"))]);
    settled(config, &before, &changed);
}
