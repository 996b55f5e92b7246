//! `check --rendered`: real kustomize and helm build the roots of a tree, and what comes out is
//! judged.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{
    Run, assert_text_eq, binary, finish, folder_of, report_formats, tool, write_files,
};

const CONFIG: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  agents: [realtheory-collector]
";

const COLLECTOR: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: collector}
spec: {template: {spec: {containers: [{name: c, image: \"nginx:1\"}]}}}
";

/// What no source tells: the image comes out of a ConfigMap.
const REPLACED: &str = "\
resources: [../base]
components: [../component]
configMapGenerator:
- name: chosen
  literals: [\"image=corp.example.net/realtheory/theory-k8s-collector:v1.3\"]
replacements:
- source: {kind: ConfigMap, name: chosen, fieldPath: data.image}
  targets:
  - select: {kind: Deployment}
    fieldPaths: [spec.template.spec.containers.0.image]
";

const COMPONENT: &str =
    "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: x-\n";

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {containers: [{name: c, image: \"{{ .Values.image }}\", imagePullPolicy: Always}]}
";

/// A folder with a configuration and these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = folder_of(files);
    write_files(folder.path(), &[("restore-images.yaml", CONFIG)]);
    folder
}

fn program(folder: &Path, path: &str) -> Command {
    let mut command = Command::new(binary());
    command.current_dir(folder).env("PATH", path);
    command
}

/// `check --rendered` with these folders as PATH.
fn check_with(folder: &Path, path: &str, words: &[&str]) -> Run {
    let args = [&["check", "--rendered"], words].concat();
    finish(&mut program(folder, path), &args, b"")
}

/// `check --rendered` with real kustomize and helm; none where they are not there.
fn check(folder: &Path, words: &[&str]) -> Option<Run> {
    let folders = ["kustomize", "helm"].map(|name| tool(name)?.parent().map(Path::to_owned));
    let [Some(kustomize), Some(helm)] = folders else {
        return None;
    };
    let path = std::env::join_paths([kustomize, helm, PathBuf::from("/usr/bin")]).expect("a PATH");
    let path = path.into_string().expect("UTF-8");
    Some(check_with(folder, &path, words))
}

fn out(run: &Run) -> String {
    String::from_utf8(run.stdout.clone()).expect("UTF-8")
}

/// A program of this name that is a script, in a folder for PATH.
fn script(folder: &Path, name: &str, lines: &str) -> String {
    let programs = folder.join("programs");
    fs::create_dir_all(&programs).expect("a folder");
    let file = programs.join(name);
    fs::write(&file, format!("#!/bin/sh\n{lines}")).expect("written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("a program");
    let programs = programs.to_str().expect("UTF-8");
    format!("{programs}:/usr/bin:/bin")
}

#[test]
fn a_difference_names_its_root_object_and_field() {
    let folder = folder(&[
        ("base/collector.yaml", COLLECTOR),
        ("base/kustomization.yaml", "resources: [collector.yaml]\n"),
        ("component/kustomization.yaml", COMPONENT),
        ("over/Kustomization", REPLACED),
        (
            "chart/Chart.yaml",
            "apiVersion: v2\nname: chart\nversion: 1.0.0\n",
        ),
        (
            "chart/values.yaml",
            "image: realtheory/theory-k8s-collector:v1\n",
        ),
        ("chart/templates/pod.yaml", POD),
    ]);
    let Some(run) = check(folder.path(), &[]) else {
        return;
    };
    assert_text_eq(
        &out(&run),
        "\
error[pinned-tag]: spec.containers[0].image: container c: tag v1 keeps the agent from upgrading itself: realtheory/theory-k8s-collector:v1 → realtheory/theory-k8s-collector
--> chart/Chart.yaml
 = in: Pod p
 = decided by: not known: helm makes it of the chart and its values
 = why: A version in the tag keeps the agent at that version however often it is pulled.
 = docs: https://resources.realtheory.io/docs/what-does-the-out-of-date-agent-indicator-mean
 = allow: an exception with `allow: [tag]`, or on the resource the annotation restore-images.dev/ignore: \"<reason>\"

error[pinned-tag]: spec.template.spec.containers[0].image: container c: tag v1.3 keeps the agent from upgrading itself: corp.example.net/realtheory/theory-k8s-collector:v1.3 → realtheory/theory-k8s-collector
--> over/Kustomization
 = in: Deployment x-collector
 = decided by: over/Kustomization:5:14
 = why: A version in the tag keeps the agent at that version however often it is pulled.
 = docs: https://resources.realtheory.io/docs/what-does-the-out-of-date-agent-indicator-mean
 = allow: an exception with `allow: [tag]`, or on the resource the annotation restore-images.dev/ignore: \"<reason>\"

error[wrong-registry]: spec.template.spec.containers[0].image: container c: wrong registry or path: corp.example.net/realtheory/theory-k8s-collector:v1.3 → realtheory/theory-k8s-collector
--> over/Kustomization
 = in: Deployment x-collector
 = decided by: over/Kustomization:5:14
 = why: An image that comes from elsewhere than the rules say may be an outdated copy, or on a registry that the cluster cannot reach.
 = docs: https://resources.realtheory.io/docs/what-does-the-out-of-date-agent-indicator-mean
 = allow: an exception with `allow: [registry]`, or on the resource the annotation restore-images.dev/ignore: \"<reason>\"

error[wrong-pull-policy]: spec.template.spec.containers[0].imagePullPolicy: container c: imagePullPolicy (missing) → Always
--> over/Kustomization
 = in: Deployment x-collector
 = decided by: base/collector.yaml:4:39
 = why: Without the vendor's pull policy a node goes on running the image that it already has.
 = docs: https://resources.realtheory.io/docs/what-does-the-out-of-date-agent-indicator-mean
 = allow: an exception with `allow: [imagePullPolicy]`, or on the resource the annotation restore-images.dev/ignore: \"<reason>\"

configuration: restore-images.yaml
4 errors in 2 of 3 files, 2 kustomizations and 1 chart built, 3 images read
",
    );
    assert_eq!(run.code, 1, "{}", run.stderr);
    // Every format names the root, the object and the field.
    for format in report_formats() {
        let run = check(folder.path(), &["--format", &format]).expect("built before");
        assert_eq!(run.code, 1, "{format}: {}", run.stderr);
        for word in [
            "over/Kustomization",
            "x-collector",
            "spec.template.spec.containers[0].image",
        ] {
            assert!(out(&run).contains(word), "{format}: {word}");
        }
    }
    // What is left out is no root, and its overlays build it all the same.
    let left_out = ["--exclude", "base", "--exclude", "chart", "--quiet"];
    let run = check(folder.path(), &left_out).expect("built before");
    assert_eq!(out(&run).matches("--> over/Kustomization").count(), 3);
    assert_eq!(out(&run).matches("--> ").count(), 3);
    // What is right says so.
    let run = check(folder.path(), &["base"]).expect("built before");
    assert_text_eq(
        &out(&run),
        "configuration: restore-images.yaml\nnothing to restore in 1 file, 1 kustomization built, 1 image read\n",
    );
    assert_eq!(run.code, 0, "{}", run.stderr);
}

/// What is missing since a patch takes it away is decided there.
#[test]
fn what_a_patch_takes_away_is_decided_by_the_patch() {
    let collector = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: collector}
spec: {template: {spec: {containers: [{name: realtheorycollector, image: realtheory/theory-k8s-collector, imagePullPolicy: Always}]}}}
";
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: r}\n";
    let folder = folder(&[
        ("base/collector.yaml", collector),
        ("base/release.yaml", release),
        ("base/kustomization.yaml", "resources: [collector.yaml]\n"),
        (
            "operation/kustomization.yaml",
            "resources: [../base]
patches:
- target: {kind: Deployment}
  patch: |-
    - op: remove
      path: /spec/template/spec/containers/0/imagePullPolicy
",
        ),
        (
            "null/kustomization.yaml",
            "resources: [../base]
patches:
- patch: |-
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: collector}
    spec: {template: {spec: {containers: [{name: realtheorycollector, imagePullPolicy: null}]}}}
",
        ),
    ]);
    let Some(run) = check(folder.path(), &["--format", "short"]) else {
        return;
    };
    let said = out(&run);
    for decided in [
        "null/kustomization.yaml:7:",
        "operation/kustomization.yaml:5:7",
    ] {
        assert!(said.contains(&format!("decided by: {decided}")), "{said}");
    }
    assert!(
        said.ends_with("2 errors in 2 of 3 files, 3 kustomizations built, 3 images read, 1 file with HelmReleases or Applications not rendered\n"),
        "{said}"
    );
}

#[test]
fn a_difference_names_the_source_that_decides_it() {
    let config_map = "\
apiVersion: v1
kind: ConfigMap
metadata: {name: chosen}
data:
  image: corp.example.net/realtheory/theory-k8s-collector:v1.3
";
    let folder = folder(&[
        ("base/collector.yaml", COLLECTOR),
        ("base/kustomization.yaml", "resources: [collector.yaml]\n"),
        (
            "list/kustomization.yaml",
            "resources: [../base]
images:
- name: nginx
  newName: corp.example.net/realtheory/theory-k8s-collector
  newTag: v1.3
",
        ),
        (
            "patch/kustomization.yaml",
            "resources: [../base]
nameSuffix: -patched
patches:
- target: {kind: Deployment}
  patch: |
    - op: replace
      path: /spec/template/spec/containers/0/image
      value: realtheory/theory-k8s-collector
    - op: add
      path: /spec/template/spec/containers/0/imagePullPolicy
      value: Never
",
        ),
        (
            "replaced/kustomization.yaml",
            "resources: [../base, map.yaml]
replacements:
- source: {kind: ConfigMap, name: chosen, fieldPath: data.image}
  targets:
  - select: {kind: Deployment}
    fieldPaths: [spec.template.spec.containers.0.image]
",
        ),
        ("replaced/map.yaml", config_map),
    ]);
    let Some(run) = check(folder.path(), &[]) else {
        return;
    };
    let text = out(&run);
    let told: Vec<String> = text
        .lines()
        .filter(|line| {
            ["error", "-->", " = decided"]
                .iter()
                .any(|word| line.starts_with(word))
        })
        .map(|line| line.split(": spec").next().unwrap_or(line).to_owned())
        .collect();
    let expected = [
        "error[pinned-tag]",
        "--> list/kustomization.yaml",
        " = decided by: list/kustomization.yaml:5:11",
        "error[wrong-registry]",
        "--> list/kustomization.yaml",
        " = decided by: list/kustomization.yaml:4:12",
        // What is missing is missing where the container is written.
        "error[wrong-pull-policy]",
        "--> list/kustomization.yaml",
        " = decided by: base/collector.yaml:4:39",
        // Inside a text in a file, by the file's own lines.
        "error[wrong-pull-policy]",
        "--> patch/kustomization.yaml",
        " = decided by: patch/kustomization.yaml:11:14",
        "error[pinned-tag]",
        "--> replaced/kustomization.yaml",
        " = decided by: replaced/map.yaml:5:10",
        "error[wrong-registry]",
        "--> replaced/kustomization.yaml",
        " = decided by: replaced/map.yaml:5:10",
        "error[wrong-pull-policy]",
        "--> replaced/kustomization.yaml",
        " = decided by: base/collector.yaml:4:39",
    ];
    assert_eq!(told, expected, "{}", out(&run));
    for (format, word) in [
        (
            "json",
            "\"path\": \"list/kustomization.yaml\",\n            \"line\": 5,\n            \"column\": 11",
        ),
        (
            "sarif",
            "\"startLine\": 5,\n                  \"startColumn\": 11",
        ),
        ("github", ", decided by: list/kustomization.yaml:5:11\n"),
        (
            "junit",
            ", decided by: list/kustomization.yaml:5:11 [pinned-tag]",
        ),
    ] {
        let run = check(folder.path(), &["--format", format]).expect("built before");
        assert!(out(&run).contains(word), "{format}: {}", out(&run));
    }
}

/// Exceptions for a file or a field hold in a build, too, where the tree shows the place.
#[test]
fn exceptions_of_places_hold_for_what_is_built() {
    let exceptions = "  exceptions:
  - {reason: \"INC-1\", file: list/, field: \"images[*].newTag\", allow: [tag]}
  - {reason: \"INC-2\", file: base/collector.yaml, container: c, allow: [imagePullPolicy]}
  - {reason: \"INC-3\", file: list/, kind: Deployment, container: other, allow: [registry]}
  - {reason: \"INC-4\", expires: 2026-01-01, file: list/, allow: [registry]}
";
    let config = format!("{CONFIG}{exceptions}");
    let folder = folder_of(&[
        ("restore-images.yaml", &config),
        ("base/collector.yaml", COLLECTOR),
        ("base/kustomization.yaml", "resources: [collector.yaml]\n"),
        (
            "list/kustomization.yaml",
            "resources: [../base]\nimages:\n- name: nginx\n  newName: corp.example.net/realtheory/theory-k8s-collector\n  newTag: v2\n",
        ),
        (
            "other/kustomization.yaml",
            "resources: [../base]\nimages:\n- name: nginx\n  newName: realtheory/theory-k8s-collector\n  newTag: v2\n",
        ),
    ]);
    let words = ["--verbose", "--format", "short", "--today", "2026-11-21"];
    let Some(run) = check(folder.path(), &words) else {
        return;
    };
    let said = out(&run);
    let (findings, _) = said
        .split_once("\nconfiguration: ")
        .unwrap_or((&run.stderr, ""));
    assert_text_eq(
        &format!("{findings}\n"),
        "\
restore-images.yaml:10:5: warning: the exception \"INC-4\" ended on 2026-01-01 and no longer holds: remove it, or give it another date [expired-exception]
list/kustomization.yaml: info: Deployment collector: spec.template.spec.containers[0].image: container c: tag v2 keeps the agent from upgrading itself, allowed: INC-1, decided by: list/kustomization.yaml:5:11 [allowed-by-exception]
list/kustomization.yaml: error: Deployment collector: spec.template.spec.containers[0].image: container c: wrong registry or path: corp.example.net/realtheory/theory-k8s-collector:v2 → realtheory/theory-k8s-collector:v2, decided by: list/kustomization.yaml:4:12 [wrong-registry]
list/kustomization.yaml: info: Deployment collector: spec.template.spec.containers[0].imagePullPolicy: container c: imagePullPolicy (missing), allowed: INC-2, decided by: base/collector.yaml:4:39 [allowed-by-exception]
other/kustomization.yaml: error: Deployment collector: spec.template.spec.containers[0].image: container c: tag v2 keeps the agent from upgrading itself: realtheory/theory-k8s-collector:v2 → realtheory/theory-k8s-collector, decided by: other/kustomization.yaml:5:11 [pinned-tag]
other/kustomization.yaml: info: Deployment collector: spec.template.spec.containers[0].imagePullPolicy: container c: imagePullPolicy (missing), allowed: INC-2, decided by: base/collector.yaml:4:39 [allowed-by-exception]
",
    );
    assert_eq!(run.code, 1, "{}", run.stderr);
}

#[test]
fn a_root_that_does_not_build_leaves_the_others() {
    let folder = folder(&[
        ("broken/kustomization.yaml", "resources: [nowhere.yaml]\n"),
        ("collector.yaml", COLLECTOR),
        (
            "kustomization.yml",
            "resources: [collector.yaml]\nimages: [{name: nginx, newName: realtheory/theory-k8s-collector}]\n",
        ),
    ]);
    let Some(run) = check(folder.path(), &["--format", "github"]) else {
        return;
    };
    let said = out(&run);
    assert_eq!(run.code, 2, "{said}");
    let broken = "::error file=broken/kustomization.yaml,title=unreadable::kustomize build failed: accumulating resources: ";
    assert!(said.contains(broken), "{said}");
    let other = "::error file=kustomization.yml,title=pinned-tag::Deployment collector: spec.template.spec.containers[0].image: ";
    assert!(said.contains(other), "{said}");
}

/// A function is a program that the repository names.
#[test]
fn no_function_of_a_root_is_run() {
    let folder = folder(&[
        ("kustomization.yaml", "transformers: [touch.yaml]\n"),
        (
            "touch.yaml",
            "apiVersion: example.com/v1\nkind: Touch\nmetadata:\n  name: t\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {path: ./touch}\n",
        ),
    ]);
    let Some(run) = check(folder.path(), &[]) else {
        return;
    };
    assert_text_eq(
        &out(&run),
        "\
error: kustomize build failed: external plugins disabled; unable to load external plugin 'Touch'
--> kustomization.yaml
 = help: it runs functions or plug-ins (restore-images under `transformers:` is one), which --rendered never does: leave it out with --exclude, build it yourself with --enable-alpha-plugins --enable-exec, and check what comes out

configuration: restore-images.yaml
no manifest was looked at, 1 unreadable, nothing built, 0 images read
",
    );
    assert_eq!(run.code, 2);
}

/// Charts are inflated by helm, in a folder that is a part of its kustomization and no root.
#[test]
fn charts_of_a_kustomization_are_inflated() {
    let folder = folder(&[
        (
            "kustomization.yaml",
            "helmCharts:\n- {name: inner, releaseName: r, valuesInline: {image: \"realtheory/theory-k8s-collector:v2\"}}\n",
        ),
        (
            "charts/inner/Chart.yaml",
            "apiVersion: v2\nname: inner\nversion: 1.0.0\n",
        ),
        ("charts/inner/values.yaml", "image: nginx\n"),
        ("charts/inner/templates/pod.yaml", POD),
    ]);
    let Some(run) = check(folder.path(), &["--format", "github"]) else {
        return;
    };
    assert_text_eq(
        &out(&run),
        "::error file=kustomization.yaml,title=pinned-tag::Pod p: spec.containers[0].image: container c: tag v2 keeps the agent from upgrading itself: realtheory/theory-k8s-collector:v2 → realtheory/theory-k8s-collector, decided by: not known: a remote base, a generator, a replacement or a plug-in may make it\n",
    );
    assert_eq!(run.code, 1, "{}", run.stderr);
}

#[test]
fn what_is_no_root_is_not_built() {
    let folder = folder(&[
        ("component/kustomization.yaml", COMPONENT),
        (
            "flux/kustomization.yaml",
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: k}\nspec: {path: ./apps}\n",
        ),
        (
            "library/Chart.yaml",
            "apiVersion: v2\nname: l\nversion: 1.0.0\ntype: library\n",
        ),
    ]);
    let run = check_with(folder.path(), "", &["."]);
    assert_text_eq(
        &run.stderr,
        "there is nothing to build: no kustomization and no chart in .\n\
         help: check the files themselves, without --rendered\n",
    );
    assert_eq!((run.code, run.stdout.len()), (2, 0));
}

#[test]
fn a_missing_program_is_named_with_where_to_get_it() {
    let kustomize = [("kustomization.yaml", "resources: []\n")];
    let chart = [("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n")];
    let empty = tempfile::tempdir().expect("a folder");
    let nowhere = empty.path().to_str().expect("UTF-8");
    for (files, name, from) in [
        (
            kustomize,
            "kustomize",
            "https://kubectl.docs.kubernetes.io/installation/kustomize/",
        ),
        (chart, "helm", "https://helm.sh/docs/intro/install/"),
    ] {
        let folder = folder(&files);
        let run = check_with(folder.path(), nowhere, &[]);
        let expected = format!(
            "{name} is not on PATH, and --rendered builds with it\n\
             help: install it ({from}), or check the files themselves, without --rendered\n"
        );
        assert_text_eq(&run.stderr, &expected);
        assert_eq!((run.code, run.stdout.len()), (2, 0));
    }
    // A kustomization that inflates charts needs both.
    let folder = folder(&[("kustomization.yaml", "helmCharts: [{name: c}]\n")]);
    let path = script(folder.path(), "kustomize", "exit 0\n");
    let path = path.split(':').next().expect("a folder");
    let run = check_with(folder.path(), path, &[]);
    assert!(
        run.stderr.starts_with("helm is not on PATH"),
        "{}",
        run.stderr
    );
    assert_eq!(run.code, 2);
}

/// A repository may bring a program of that name: what PATH says relative to the working folder is
/// not looked at.
#[test]
fn a_program_of_the_repository_is_not_run() {
    let folder = folder(&[("kustomization.yaml", "resources: []\n")]);
    script(folder.path(), "kustomize", "touch ran\n");
    for path in ["programs", "", ".:programs", ":./programs:"] {
        let run = check_with(folder.path(), path, &[]);
        assert!(run.stderr.starts_with("kustomize is not on PATH"), "{path}");
        assert_eq!(run.code, 2, "{path}");
    }
    assert!(!folder.path().join("ran").exists());
}

fn is_running(process: &str) -> bool {
    // What was ended and is not waited for yet runs no more.
    let state = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let state = state.rsplit_once(')').map_or("", |(_, rest)| rest.trim());
    !state.is_empty() && !state.starts_with('Z')
}

/// Waits until the script's child has written its number.
fn child_in(file: &Path) -> String {
    let began = Instant::now();
    loop {
        let text = fs::read_to_string(file).unwrap_or_default();
        if text.ends_with('\n') {
            return text.trim().to_owned();
        }
        assert!(began.elapsed() < Duration::from_secs(30), "no child");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Waits until a process is gone.
#[track_caller]
fn is_gone(process: &str) {
    let began = Instant::now();
    while is_running(process) {
        assert!(began.elapsed() < Duration::from_secs(10), "still there");
        thread::sleep(Duration::from_millis(10));
    }
}

const SLOW: &str = "sleep 600 &\necho $! > child\nwait\n";

#[cfg(target_os = "linux")]
#[test]
fn a_program_that_takes_too_long_is_ended_with_its_children() {
    let folder = folder(&[("kustomization.yaml", "resources: []\n")]);
    let path = script(folder.path(), "kustomize", SLOW);
    let began = Instant::now();
    let run = check_with(folder.path(), &path, &["--render-timeout", "1"]);
    assert!(began.elapsed() < Duration::from_secs(30));
    assert_text_eq(
        &out(&run),
        "\
error: kustomize build: ended, since it took longer than 1 second
--> kustomization.yaml
 = help: see why it takes so long, or give it more by --render-timeout

configuration: restore-images.yaml
no manifest was looked at, 1 unreadable, nothing built, 0 images read
",
    );
    assert_eq!(run.code, 2);
    is_gone(&child_in(&folder.path().join("child")));
}

#[cfg(target_os = "linux")]
#[test]
fn a_program_is_ended_where_the_check_is_interrupted() {
    let folder = folder(&[("kustomization.yaml", "resources: []\n")]);
    let path = script(folder.path(), "kustomize", SLOW);
    let mut running = program(folder.path(), &path)
        .args(["check", "--rendered"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let child = child_in(&folder.path().join("child"));
    let number = running.id().to_string();
    let sent = Command::new("kill").args(["-INT", &number]).status();
    assert!(sent.expect("kill runs").success());
    let code = running.wait().expect("it ends").code();
    assert_eq!(code, Some(2));
    let output = running.wait_with_output().expect("its words");
    assert_text_eq(&String::from_utf8_lossy(&output.stderr), "interrupted\n");
    is_gone(&child);
}

/// An engine's error may hold an address with a password.
#[test]
fn no_password_is_repeated() {
    let folder = folder(&[("kustomization.yaml", "resources: []\n")]);
    let error =
        "echo 'Error: git fetch https://user:canary@git.example.com/a failed' >&2; exit 1\n";
    let path = script(folder.path(), "kustomize", error);
    let run = check_with(folder.path(), &path, &["--format", "github"]);
    assert_text_eq(
        &out(&run),
        "::error file=kustomization.yaml,title=unreadable::kustomize build failed: git fetch https://***@git.example.com/a failed%0Arun `kustomize build` on this folder to see all that it says\n",
    );
    assert_eq!(run.code, 2);
}

#[test]
fn only_paths_are_built() {
    let folder = folder(&[]);
    let run = check_with(folder.path(), "", &["-"]);
    assert_text_eq(
        &run.stderr,
        "--rendered builds folders, and standard input is not one\n\
         help: check what was built by `restore-images check -`\n",
    );
    assert_eq!(run.code, 2);
}
