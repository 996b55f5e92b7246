//! What files are for, how many images of them are read, and which are not: what is said to be clean
//! is said of what was judged.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{assert_text_eq, run_in_folder};

const CONFIG: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  agents: [realtheory-collector]
  files: {exclude: [/left-out.yaml]}
";

const COLLECTOR: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: realtheorycollector}
spec:
  template:
    spec:
      initContainers:
      - {name: wait, image: busybox}
      containers:
      - name: realtheorycollector
        image: realtheory/theory-k8s-collector
        imagePullPolicy: Always
";

const MEMORY: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: realtheorycollector}
spec: {template: {spec: {containers: [{name: realtheorycollector, resources: {limits: {memory: 1Gi}}}]}}}
";

const REMOTE: &str = "\
resources:
- https://github.com/acme/base?ref=v1
- ../base
patches:
- patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: realtheorycollector}
    spec:
      template:
        spec:
          containers:
          - name: proxy
            image: quay.io/acme/proxy:v1
";

const VALUES: &str = "\
image:
  repository: acme/web
  tag: v1
initImage: quay.io/acme/init:1
logoImage: default
";

const UNKNOWN: &str = "\
apiVersion: acme.example/v1
kind: Thing
metadata: {name: x}
spec: {image: quay.io/acme/thing:1, icon: {image: https://acme.example/a.png}}
";

/// Folders whose names say nothing, and files of every role in them.
fn tree() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let overlay = "resources: [../base]\npatches:\n- path: x.yaml\n- {path: y.json, target: {kind: Deployment}}\n";
    let operations = "[{\"op\": \"remove\", \"path\": \"/spec/template/spec/initContainers\"}]\n";
    for (path, text) in [
        ("restore-images.yaml", CONFIG),
        ("base/kustomization.yaml", "resources: [collector.yaml]\n"),
        ("base/collector.yaml", COLLECTOR),
        ("manifests/kustomization.yaml", overlay),
        ("manifests/x.yaml", MEMORY),
        ("manifests/y.json", operations),
        ("patches/kustomization.yaml", REMOTE),
        ("values/thing.yaml", UNKNOWN),
        ("templates/some.yaml", VALUES),
        ("left-out.yaml", COLLECTOR),
        (
            "template.yaml",
            "apiVersion: v1\nkind: Pod\nspec: {{ .x }}\n",
        ),
        ("notes.yaml", "- some\n- words\n"),
    ] {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("written");
    }
    folder
}

#[track_caller]
fn says(folder: &Path, words: &[&str], stdout: &str, stderr: &str) {
    let run = run_in_folder(folder, words, b"");
    assert_text_eq(str::from_utf8(&run.stdout).expect("UTF-8"), stdout);
    assert_text_eq(&run.stderr, stderr);
    assert_eq!(run.code, 0);
}

#[test]
fn a_clean_check_says_what_it_read_and_what_it_did_not() {
    let folder = tree();
    says(
        folder.path(),
        &["check"],
        "configuration: restore-images.yaml\nnothing to restore in 5 files, 1 template not checked, 1 excluded, 2 of 3 roots settled, 3 images read, 4 not read: --verbose\n",
        "",
    );
    says(
        folder.path(),
        &["check", "--verbose"],
        "\
info[unread-source]: what https://github.com/acme/base?ref=v1 brings is not read, and so its images are not checked in patches/kustomization.yaml: `check --rendered` does it
 --> patches/kustomization.yaml:2:3
  |
2 | - https://github.com/acme/base?ref=v1
  |   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = why: The images of a remote base, a chart or a generator are in no file that is read here.

configuration: restore-images.yaml
nothing to restore in 5 files, 4 clean, 6 skipped, 1 excluded, 2 of 3 roots settled, 3 images read, 4 not read\n",
"\
base/kustomization.yaml: skipped: a kustomization without images
left-out.yaml: skipped: excluded
manifests/kustomization.yaml: skipped: a kustomization without images
notes.yaml: skipped: not a Kubernetes manifest
restore-images.yaml: skipped: configuration of restore-images
template.yaml: skipped: a template, to be checked when it is rendered
templates/some.yaml: skipped: not a Kubernetes manifest (values)
manifests/x.yaml: strategic-merge patch, named by manifests/kustomization.yaml:3:9
manifests/y.json: JSON 6902 patch, named by manifests/kustomization.yaml:4:10
patches/kustomization.yaml: kustomization
left-out.yaml:11:16: not read: realtheory/theory-k8s-collector: excluded
templates/some.yaml:2:15: not read: acme/web: not a Kubernetes manifest
templates/some.yaml:4:12: not read: quay.io/acme/init:1: not a Kubernetes manifest
values/thing.yaml:4:15: not read: quay.io/acme/thing:1: restore-images does not know this as an image field
patches/kustomization.yaml: not settled: it brings something that is not known here, such as a remote base, a generator or a chart
",
    );
    // Where all is known and read, no more is said.
    says(
        folder.path(),
        &["check", "base"],
        "configuration: restore-images.yaml\nnothing to restore in 1 file, 2 images read\n",
        "",
    );
}

#[test]
fn a_file_is_explained_by_what_it_says_and_who_names_it() {
    let folder = tree();
    says(
        folder.path(),
        &["explain", "manifests/x.yaml"],
        "\
manifests/x.yaml

  role      strategic-merge patch
            decided by what refers to it
  named by  manifests/kustomization.yaml:3:9
            under `patches`
  root      manifests/kustomization.yaml
            settled
  judged    yes
            nothing to report
  images    0 read, 0 not read
",
        "",
    );
    says(
        folder.path(),
        &["explain", "manifests/y.json"],
        "\
manifests/y.json

  role      JSON 6902 patch
            decided by what refers to it
  named by  manifests/kustomization.yaml:4:10
            under `patches`
  root      manifests/kustomization.yaml
            settled
  judged    yes
            nothing to report
  images    0 read, 0 not read
",
        "",
    );
    says(folder.path(), &["explain", "base/collector.yaml"], "\
base/collector.yaml

  role      manifest
            decided by what refers to it
  named by  base/kustomization.yaml:1:13
            under `resources`
  root      base/kustomization.yaml
            settled
  root      manifests/kustomization.yaml
            settled
  root      patches/kustomization.yaml
            not settled: it brings something that is not known here, such as a remote base, a generator or a chart
  judged    yes
            nothing to report
  images    2 read, 0 not read
", "");
    says(
        folder.path(),
        &["explain", "patches"],
        "\
patches/kustomization.yaml

  role    kustomization
          kustomize builds it
  root    patches/kustomization.yaml
          not settled: it brings something that is not known here, such as a remote base, a generator or a chart
  judged  yes
          1 finding
  images  1 read, 0 not read
",
        "",
    );
    says(
        folder.path(),
        &["explain", "templates/some.yaml"],
        "\
templates/some.yaml

  role      values
            decided by its content; no kustomization here refers to it
  judged    no
            not a Kubernetes manifest; if it is values of a chart, name it under `files.values` of the configuration
  images    0 read, 2 not read
  not read  acme/web at 2:15
            not a Kubernetes manifest
  not read  quay.io/acme/init:1 at 4:12
            not a Kubernetes manifest
",
        "",
    );
    says(
        folder.path(),
        &["explain", "left-out.yaml"],
        "\
left-out.yaml

  role      manifest
            decided by its content; no kustomization here refers to it
  judged    no
            excluded
  images    0 read, 1 not read
  not read  realtheory/theory-k8s-collector at 11:16
            excluded
",
        "",
    );
    says(
        folder.path(),
        &["explain", "template.yaml"],
        "\
template.yaml

  role    template
          decided by its content; no kustomization here refers to it
  judged  no
          a template, to be checked when it is rendered
  images  0 read, 0 not read
",
        "",
    );
    says(
        folder.path(),
        &["explain", "notes.yaml"],
        "\
notes.yaml

  role    none
          decided by its content; no kustomization here refers to it
  judged  no
          not a Kubernetes manifest; if it is values of a chart, name it under `files.values` of the configuration
  images  0 read, 0 not read
",
        "",
    );
}

/// Values say what chart they are for, what installs it, and which layers win.
/// Objects of Flux and Argo CD, and what they build.
#[test]
fn a_file_is_explained_by_the_objects_that_build_its_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).expect("written");
    };
    write("apps/web/kustomization.yaml", "resources: [app.yaml]\n");
    write(
        "apps/web/app.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: nginx}]}\n",
    );
    write(
        "plain/pod.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: own}\nspec: {containers: [{name: own, image: nginx}]}\n",
    );
    write(
        "clusters/flux.yaml",
        "\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: web}
spec:
  path: ./apps/web
  images: [{name: nginx, newTag: '1'}]
  components: []
  patches: [{patch: '{apiVersion: v1, kind: Pod, metadata: {name: web}}'}]
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: own}
spec: {path: plain}
",
    );
    write(
        "clusters/argo.yaml",
        "\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web}
spec:
  sources:
  - {repoURL: https://git.example.com/apps, path: apps/web}
",
    );
    says(
        folder.path(),
        &["explain", "clusters/flux.yaml"],
        "\
clusters/flux.yaml

  role    manifest
          decided by its content; no kustomization here refers to it
  builds  apps/web
          Kustomization web, with its own images and patches
  builds  plain
          Kustomization own
  judged  yes
          nothing to report
  images  0 read, 0 not read
",
        "",
    );
    says(
        folder.path(),
        &["explain", "apps/web/app.yaml"],
        "\
apps/web/app.yaml

  role      manifest
            decided by what refers to it
  named by  apps/web/kustomization.yaml:1:13
            under `resources`
  built by  clusters/argo.yaml:1:1
            Application web
  built by  clusters/flux.yaml:1:1
            Kustomization web, with its own images and patches
  root      apps/web/kustomization.yaml
            settled
  judged    yes
            nothing to report
  images    1 read, 0 not read
",
        "",
    );
    says(
        folder.path(),
        &["explain", "plain/pod.yaml"],
        "\
plain/pod.yaml

  role      manifest
            decided by its content; no kustomization here refers to it
  built by  clusters/flux.yaml:10:1
            Kustomization own
  judged    yes
            nothing to report
  images    1 read, 0 not read
",
        "",
    );
    let run = run_in_folder(
        folder.path(),
        &["explain", "--format", "json", "plain/pod.yaml"],
        b"",
    );
    let told: Value = serde_json::from_slice(&run.stdout).expect("JSON");
    assert_eq!(
        told["builtBy"],
        json!([{"place": "clusters/flux.yaml:10:1", "object": "Kustomization own", "folder": "plain", "merged": []}])
    );
}

#[test]
fn values_are_explained_by_their_chart_and_the_other_layers() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = [
        (
            "flux/datadog.yaml",
            "apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: datadog, namespace: monitoring}
spec:
  chart: {spec: {chart: datadog, sourceRef: {kind: HelmRepository, name: datadog}}}
  valuesFrom: [{kind: ConfigMap, name: common}]
  values: {clusterAgent: {image: {tag: 7.60.0}}}
",
        ),
        (
            "flux/common.yaml",
            "apiVersion: v1
kind: ConfigMap
metadata: {name: common, namespace: monitoring}
data:
  values.yaml: |
    agents: {image: {tag: 7.60.0}}
",
        ),
    ];
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("written");
    }
    let told = |path: &str| run_in_folder(folder.path(), &["explain", path], b"").stdout;
    let told = |path: &str| String::from_utf8(told(path)).expect("UTF-8");
    let common = "  values  of datadog, which HelmRelease monitoring/datadog installs
          as the profile of datadog says; gives way to flux/datadog.yaml
";
    let own = "  values  of datadog, which HelmRelease monitoring/datadog installs
          as the profile of datadog says; wins over flux/common.yaml
";
    assert!(
        told("flux/common.yaml").contains(common),
        "{}",
        told("flux/common.yaml")
    );
    assert!(
        told("flux/datadog.yaml").contains(own),
        "{}",
        told("flux/datadog.yaml")
    );
}

/// What programs are told is counted, in variables, in arguments and in texts, and judged where a profile
/// names it.
#[test]
fn images_that_programs_are_told_count_as_not_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).expect("written");
    };
    write(
        "restore-images.yaml",
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec:\n  agents: [{name: own, images: [{image: acme.io/t/agent}], env: [{image: AGENT_IMAGE}], args: [{flag: --agent-image}]}]\n",
    );
    write(
        "operator.yaml",
        "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: d, namespace: n}
spec:
  template:
    spec:
      containers:
      - name: c
        image: acme.io/operator:v1
        args:
        - --agent-image=acme.io/t/agent:v1
        - --images=quay.io/a/b:v1,quay.io/a/c:v2
        env:
        - {name: AGENT_IMAGE, value: 'acme.io/t/agent:v1'}
        - name: RELATED_IMAGE_FOO
          value: quay.io/acme/foo:v1
        - name: IMAGE_REGISTRY
          value: acme
        - name: IMAGE_TAG
          value: v1
",
    );
    write(
        "config.yaml",
        r#"apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data:
  RELATED_IMAGE_BAR: quay.io/acme/bar:v1
  config: |
    {"agentImage": "rancher/fleet-agent:v0.10.0"}
  json: "{\"image\": \"acme.io/job:v1\"}"
"#,
    );
    says(
        folder.path(),
        &["check", "--verbose", "operator.yaml", "config.yaml"],
        "configuration: restore-images.yaml\nnothing to restore in 2 files, 0 clean, 3 images read, 7 not read\n",
        "\
config.yaml:5:22: not read: quay.io/acme/bar:v1: restore-images does not know this as an image field
config.yaml:7:20: not read: rancher/fleet-agent:v0.10.0: restore-images does not know this as an image field
config.yaml:8:24: not read: acme.io/job:v1: restore-images does not know this as an image field
operator.yaml:12:20: not read: quay.io/a/b:v1: restore-images does not know this as an image field
operator.yaml:12:35: not read: quay.io/a/c:v2: restore-images does not know this as an image field
operator.yaml:16:18: not read: quay.io/acme/foo:v1: restore-images does not know this as an image field
operator.yaml:18:18: not read: acme: restore-images does not know this as an image field
",
    );
}
