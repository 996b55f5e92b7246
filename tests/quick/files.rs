//! Files that are judged together, the fast way and the plain one: what one is only taken for must
//! not reach the others.

use std::fs;

use crate::support::run_in_folder;

const PLAIN: &str =
    "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec:\n";

/// Compares what `check` says of files.
#[track_caller]
fn check(config: &str, files: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
    put("restore-images.yaml", &format!("{PLAIN}{config}"));
    for (index, text) in files.iter().enumerate() {
        put(&format!("{index}.yaml"), text);
    }
    let run = |args: &[&str]| {
        let run = run_in_folder(folder.path(), args, b"");
        (run.code, String::from_utf8(run.stdout), run.stderr)
    };
    assert_eq!(run(&["check"]), run(&["check", "--no-fast"]), "{files:?}");
}

const RESTORE: &str = "  undeclaredMirrors: restore\n";
const PROFILE: &str = "apiVersion: restore-images.dev/v1alpha1\nkind: AgentProfile\nmetadata:\n  name: mine\nspec:\n  images:\n  - image: quay.io/acme/thing\n";
const BROKEN: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {\n";
/// A shared image, the agent's where the instance runs its own image too.
const SHARED: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: ksm, namespace: m, labels: {app.kubernetes.io/instance: dd}}\nspec:\n  containers:\n  - name: kube-state-metrics\n    image: reg.other/kube-state-metrics/kube-state-metrics:v2.1.0\n";
const INSTANCE: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: agent\n  namespace: m\n  labels: {app.kubernetes.io/instance: dd}\nspec:\n  containers:\n  - name: agent\n    image: registry.datadoghq.com/agent:7.81.1\n";

#[test]
fn a_broken_file_gives_no_profile() {
    let broken = format!("{PROFILE}---\n{BROKEN}");
    let user = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: thing\n    image: foo.example/acme/thing:v1\n";
    check(RESTORE, &[&broken, user]);
    check(RESTORE, &[&broken.replace("image:", "repository:"), user]);
}

#[test]
fn a_broken_file_gives_no_instance() {
    check(RESTORE, &[&format!("{INSTANCE}---\n{BROKEN}"), SHARED]);
}

#[test]
fn a_file_that_only_the_plain_way_settles_gives_its_instance() {
    let merged = INSTANCE.replace("metadata:\n", "metadata:\n  <<: {annotations: {a: b}}\n");
    check(RESTORE, &[&merged, SHARED]);
}

#[test]
fn a_profile_that_looks_like_another_kind_is_known_to_the_configuration() {
    let hidden = PROFILE.replace(
        "apiVersion: ",
        "a: {\napiVersion: apps/v1\n, b: {\nkind: Deployment\n}}\napiVersion: ",
    );
    check("  agents: [mine]\n", &[&hidden, SHARED]);
}
