//! A tenant's repository that wants more than it should get: each try, and its answer.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::support::{Run, assert_text_eq, binary, finish};

const SECRET: &str = "s3cr3t-of-the-sidecar";
const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n";

/// A tenant's folder beside a file of the operator's.
fn tenant() -> (tempfile::TempDir, std::path::PathBuf) {
    let world = tempfile::tempdir().expect("a folder");
    fs::write(world.path().join("secret.yaml"), SECRET).expect("written");
    let folder = world.path().join("app");
    fs::create_dir(&folder).expect("a folder");
    fs::write(folder.join("pod.yaml"), POD).expect("written");
    (world, folder)
}

fn render(folder: &Path, parameters: &str, args: &[&str]) -> Run {
    let mut command = Command::new(binary());
    command
        .current_dir(folder)
        .env("ARGOCD_APP_PARAMETERS", parameters)
        .env("REPOSITORY_PASSWORD", SECRET);
    finish(&mut command, &[&["render", "--argocd"], args].concat(), b"")
}

#[track_caller]
fn refused(run: &Run, expected: &str) {
    assert_eq!((run.code, run.stdout.len()), (2, 0));
    assert!(!run.stderr.contains(SECRET), "{}", run.stderr);
    assert_text_eq(&run.stderr, expected);
}

#[test]
fn no_path_leaves_the_folder() {
    let (world, folder) = tenant();
    symlink("../secret.yaml", folder.join("link.yaml")).expect("a link");
    symlink("nowhere", folder.join("broken.yaml")).expect("a link");
    symlink("pod.yaml", folder.join("inner.yaml")).expect("a link");
    symlink("..", folder.join("up")).expect("a link");
    let absolute = world.path().join("secret.yaml").display().to_string();
    let outside = "outside the application's folder\nhelp: name a file below it, without `..`\n";
    let link = "a link, and none is followed here\nhelp: put the file itself there\n";
    for (path, expected) in [
        (absolute.as_str(), outside),
        ("../secret.yaml", outside),
        (
            "a/../../secret.yaml",
            "cannot read the file: No such file or directory (os error 2)\n",
        ),
        ("./../secret.yaml", outside),
        ("link.yaml", link),
        ("broken.yaml", link),
        ("inner.yaml", link),
        ("up/secret.yaml", link),
        (".", "names no file\n"),
        (
            "nothing.yaml",
            "cannot read the file: No such file or directory (os error 2)\n",
        ),
    ] {
        let parameter = format!(r#"[{{"name":"config","string":"{path}"}}]"#);
        let run = render(&folder, &parameter, &["pod.yaml"]);
        refused(&run, &format!("{path}: {expected}"));
        // The manifests, where the tenant's repository holds the scratch file already.
        let run = render(&folder, "null", &[path]);
        refused(&run, &format!("{path}: {expected}"));
        // A relative path of the operator's leads into the tenant's folder.
        if !path.starts_with('/') {
            let run = render(&folder, "null", &["--config", path, "pod.yaml"]);
            refused(&run, &format!("{path}: {expected}"));
        }
    }
    // A link deeper in a folder of manifests.
    fs::create_dir_all(folder.join("out/chart")).expect("a folder");
    symlink("../../../secret.yaml", folder.join("out/chart/a.yaml")).expect("a link");
    refused(
        &render(&folder, "null", &["out"]),
        &format!("out/chart/a.yaml: {link}"),
    );
}

#[test]
fn what_is_read_is_bounded() {
    let (_world, folder) = tenant();
    let comment = "#".repeat((1 << 20) - 1) + "\n";
    fs::write(folder.join("most.yaml"), &comment).expect("written");
    fs::write(folder.join("more.yaml"), comment + "\n").expect("written");
    let parameter = |name: &str| format!(r#"[{{"name":"config","string":"{name}"}}]"#);
    refused(
        &render(&folder, &parameter("more.yaml"), &["pod.yaml"]),
        "more.yaml: larger than 1048576 bytes, of which no more are read here\n",
    );
    // At the limit it is read, and found to hold nothing.
    let run = render(&folder, &parameter("most.yaml"), &["pod.yaml"]);
    assert!(run.stderr.starts_with("most.yaml:"), "{}", run.stderr);
    assert!(!run.stderr.contains("larger"), "{}", run.stderr);
    // Manifests that would not fit through the server either; a sparse file costs nothing.
    let large = fs::File::create(folder.join("large.yaml")).expect("a file");
    large.set_len((100 << 20) + 1).expect("a length");
    refused(
        &render(&folder, "null", &["large.yaml"]),
        "large.yaml: larger than 104857600 bytes, of which no more are read here\n",
    );
    // Aliases that stand for more than the text itself.
    let mut bomb = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nspec:\n  agents: &a0 [realtheory-collector]\n".to_owned();
    bomb.push_str("  imagePullSecrets:\n");
    for level in 1..40 {
        let below = level - 1;
        bomb.push_str(&format!(
            "  - &a{level} [*a{below}, *a{below}, *a{below}]\n"
        ));
    }
    fs::write(folder.join("bomb.yaml"), bomb).expect("written");
    let run = render(&folder, &parameter("bomb.yaml"), &["pod.yaml"]);
    assert_eq!((run.code, run.stdout.len()), (2, 0));
    assert!(run.stderr.starts_with("bomb.yaml:"), "{}", run.stderr);
}

#[test]
fn what_is_no_file_is_not_waited_for() {
    let (_world, folder) = tenant();
    let fifo = Command::new("mkfifo")
        .arg(folder.join("pipe.yaml"))
        .status();
    assert!(fifo.expect("mkfifo starts").success());
    let run = render(&folder, "null", &["pipe.yaml"]);
    refused(&run, "pipe.yaml: not a regular file\n");
    // Standard input is nobody's here: `-` is a file that is not there.
    let run = render(&folder, "null", &["-"]);
    refused(
        &run,
        "-: cannot read the file: No such file or directory (os error 2)\n",
    );
}

#[test]
fn the_environment_is_not_repeated() {
    let (_world, folder) = tenant();
    for parameters in [
        SECRET.to_owned(),
        format!(r#"[{{"name":"agents","string":"a" {SECRET}"#),
        format!(r#""{SECRET}""#),
    ] {
        let run = render(&folder, &parameters, &["pod.yaml"]);
        assert_eq!((run.code, run.stdout.len()), (2, 0));
        assert!(!run.stderr.contains(SECRET), "{}", run.stderr);
    }
    // What a manifest writes as a variable stays as it is written.
    let pod =
        format!("{POD}  labels:\n    a: $REPOSITORY_PASSWORD\n    b: ${{REPOSITORY_PASSWORD}}\n");
    fs::write(folder.join("pod.yaml"), &pod).expect("written");
    let run = render(&folder, "null", &["pod.yaml"]);
    assert_text_eq(&String::from_utf8_lossy(&run.stdout), &pod);
}

#[test]
fn empty_output_is_refused_before_argo_cd_prunes() {
    let (_world, folder) = tenant();
    fs::create_dir(folder.join("empty")).expect("a folder");
    let expected = "no manifest was rendered\nhelp: Argo CD reads empty output as a request to delete every resource of the application; see what the step before wrote\n";
    refused(&render(&folder, "null", &["empty"]), expected);
    for text in [
        "",
        "\n",
        "# nothing\n---\n",
        "---\nnull\n",
        "\u{feff}---\n...\n",
    ] {
        fs::write(folder.join("empty.yaml"), text).expect("written");
        refused(&render(&folder, "null", &["empty.yaml"]), expected);
    }
}

/// The operator's configuration for all tenants, as plugin.yaml would name it.
fn operator(world: &Path, more: &str) -> String {
    let path = world.join("operator.yaml");
    let text = format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n  mode: check\n{more}"
    );
    fs::write(&path, text).expect("written");
    path.display().to_string()
}

const COLLECTOR: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: collector\nspec:\n  containers:\n  - name: c\n    image: realtheory/theory-k8s-collector:v1\n    imagePullPolicy: Always\n";

/// An AgentProfile of the tenant's for the vendor's image, which leaves every tag.
fn own_profile(name: &str) -> String {
    format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: AgentProfile\nmetadata:\n  name: {name}\nspec:\n  images: [{{image: realtheory/theory-k8s-collector, tag: keep}}]\n"
    )
}

/// A profile of the tenant's may name variables and values of its own, and gives those of a built-in
/// profile no other meaning.
#[test]
fn a_profile_of_the_tenants_does_not_reinterpret_what_a_built_in_one_knows() {
    let (world, folder) = tenant();
    let manifests = "\
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
  - name: operator
    image: busybox
    env:
    - {name: DT_OPERATOR_IMAGE, value: registry.example.com/dynatrace/dynatrace-operator:v1.2.0}
    - {name: OTHER, value: other}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: r}
spec:
  values:
    queryProcessorImage: {repository: registry.example.com/castai-hub/library/query-processor, tag: v1, other: other}
";
    let profile = "\
apiVersion: restore-images.dev/v1alpha1
kind: AgentProfile
metadata: {name: mine}
spec:
  images: [{image: example.com/mine/mine, tag: floating}]
  env: [{image: DT_OPERATOR_IMAGE, tag: OTHER}, {image: OTHER, tag: DT_OPERATOR_IMAGE}]
  helm:
  - {repository: $.queryProcessorImage.repository, tag: $.queryProcessorImage.other}
  - {image: $.queryProcessorImage.other, imagePullPolicy: $.queryProcessorImage.tag}
";
    fs::write(folder.join("pod.yaml"), manifests).expect("written");
    fs::write(folder.join("profile.yaml"), profile).expect("written");
    let path = world.path().join("operator.yaml");
    let config = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec: {undeclaredMirrors: restore}\n";
    fs::write(&path, config).expect("written");
    let path = path.display().to_string();
    let without = render(&folder, "null", &["-c", &path, "pod.yaml"]);
    let with = render(&folder, "null", &["-c", &path, "pod.yaml", "profile.yaml"]);
    assert_eq!(with.code, 0, "{}", with.stderr);
    assert!(without.stderr.contains("dynatrace"), "{}", without.stderr);
    assert!(
        without.stderr.contains("query-processor"),
        "{}",
        without.stderr
    );
    assert_text_eq(&with.stderr, &without.stderr);
    let expected = String::from_utf8_lossy(&without.stdout);
    let output = String::from_utf8_lossy(&with.stdout);
    assert!(output.starts_with(&*expected), "{output}");
}

/// Case 16 of the hostile review: each of these made the exit code 0.
#[test]
fn what_the_operator_configures_is_not_overridden_by_manifests() {
    let (world, folder) = tenant();
    let ignored = COLLECTOR.replace(
        "  name: collector\n",
        "  name: collector\n  annotations:\n    restore-images.dev/ignore: \"because\"\n",
    );
    let error = "error: Pod collector: container c: tag v1 keeps the agent from upgrading itself: realtheory/theory-k8s-collector:v1 → realtheory/theory-k8s-collector [pinned-tag]";
    for (what, manifests, said) in [
        (
            "a profile of the built-in one's name",
            format!("{}---\n{COLLECTOR}", own_profile("realtheory-collector")),
            "warning: the AgentProfile realtheory-collector among the manifests does not replace the built-in one under a configuration that is given to the program (--config, Argo CD), unless its `spec` has `trust: {profiles: replace}` [untrusted-override]",
        ),
        (
            "a profile that claims the same image",
            format!("{}---\n{COLLECTOR}", own_profile("mine")),
            error,
        ),
        (
            "an annotation",
            ignored,
            "the annotation restore-images.dev/ignore does not hold under a configuration that is given to the program (--config, Argo CD), unless its `spec` has `trust: {ignoreAnnotation: allow}` [untrusted-override]",
        ),
    ] {
        fs::write(folder.join("pod.yaml"), &manifests).expect("written");
        let closed = operator(world.path(), "");
        let run = render(&folder, "null", &["-c", &closed, "pod.yaml"]);
        assert_eq!(
            (run.code, run.stdout.len()),
            (1, 0),
            "{what}: {}",
            run.stderr
        );
        assert!(
            run.stderr.contains("[pinned-tag]"),
            "{what}: {}",
            run.stderr
        );
        assert!(
            run.stderr.contains(said) || said == error,
            "{what}: {}",
            run.stderr
        );
        // Without any configuration of the operator's, the tenant's parameters decide, and manifests
        // still override nothing.
        let check = r#"[{"name":"mode","string":"check"}]"#;
        let run = render(&folder, check, &["pod.yaml"]);
        assert_eq!(
            (run.code, run.stdout.len()),
            (1, 0),
            "{what}: {}",
            run.stderr
        );
        // The operator may leave it to them.
        let trust = "  trust: {profiles: replace, ignoreAnnotation: allow}\n";
        let open = operator(world.path(), trust);
        let run = render(&folder, "null", &["-c", &open, "pod.yaml"]);
        assert_eq!(run.code, 0, "{what}: {}", run.stderr);
        // The same through the other doors that are given a configuration.
        let stream = finish(
            &mut Command::new(binary()),
            &[&operator(world.path(), "")],
            manifests.as_bytes(),
        );
        assert_eq!((stream.code, stream.stdout.len()), (1, 0), "{what}");
        let given = operator(world.path(), "");
        let check = crate::support::run_in_folder(&folder, &["check", "-c", &given], b"");
        assert_eq!(check.code, 1, "{what}: {}", check.stderr);
    }
}

#[test]
fn a_profile_of_the_tenants_adds_an_agent() {
    let (world, folder) = tenant();
    let profile =
        own_profile("mine").replace("realtheory/theory-k8s-collector", "acme.io/mine/agent");
    let profile = profile.replace("tag: keep", "tag: floating");
    let pod = COLLECTOR.replace("realtheory/theory-k8s-collector", "acme.io/mine/agent");
    fs::write(folder.join("pod.yaml"), format!("{profile}---\n{pod}")).expect("written");
    let run = render(
        &folder,
        "null",
        &["-c", &operator(world.path(), ""), "pod.yaml"],
    );
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(
        run.stderr
            .contains("acme.io/mine/agent:v1 → acme.io/mine/agent [pinned-tag]"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_program_is_run_for_the_operator_and_fails_closed() {
    let (_world, folder) = tenant();
    fs::write(folder.join("pod.yaml"), COLLECTOR).expect("written");
    let run = render(&folder, "null", &["--run", "cat", "pod.yaml"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_text_eq(
        &String::from_utf8_lossy(&run.stdout),
        &COLLECTOR.replace(":v1", ""),
    );
    // What begins with a dash is the program's own.
    let run = render(
        &folder,
        "null",
        &["--run", "sh", "-c", "cat pod.yaml; exit 3"],
    );
    refused(&run, "sh: failed with exit code 3\n");
    let run = render(&folder, "null", &["--run", "sh", "-c", "kill $$"]);
    refused(&run, "sh: was ended by a signal\n");
    let run = render(&folder, "null", &["--run", "cat", "/dev/zero"]);
    refused(
        &run,
        "cat: larger than 104857600 bytes, of which no more are read here\n",
    );
    let run = render(&folder, "null", &["--run", "true"]);
    assert!(
        run.stderr.starts_with("no manifest was rendered"),
        "{}",
        run.stderr
    );
    assert_eq!((run.code, run.stdout.len()), (2, 0));
    let run = render(&folder, "null", &["--run", "no-such-program"]);
    refused(
        &run,
        "no-such-program: cannot be run: No such file or directory (os error 2)\n",
    );
    // Only here, where an operator writes the arguments.
    let mut command = Command::new(binary());
    let run = finish(&mut command, &["render", "--run", "cat", "pod.yaml"], b"");
    assert_eq!((run.code, run.stdout.len()), (2, 0));
}
