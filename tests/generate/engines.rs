//! The examples of generators in the hands of real engines, against what is expected of each.

use std::fs;
use std::path::Path;

use crate::support::{Run, assert_text_eq, copy_of, engine, files, tool};

#[track_caller]
fn passed(run: &Run) -> String {
    assert_eq!(run.code, 0, "{}", run.stderr);
    String::from_utf8(run.stdout.clone()).expect("UTF-8")
}

fn build(kustomize: &Path, folder: &Path) -> String {
    let args = ["build", "--enable-alpha-plugins", "--enable-exec", "."];
    passed(&engine(kustomize, folder, &args, &[]))
}

#[test]
fn kustomize_runs_it_as_a_generator_and_as_a_transformer() {
    let Some(kustomize) = tool("kustomize") else {
        return;
    };
    for example in ["generator", "transformer"] {
        let folder = copy_of(&format!("examples/generators/{example}"));
        let expected = fs::read_to_string(folder.path().join(".expected/output.yaml"));
        let output = build(&kustomize, folder.path());
        assert_text_eq(&output, &expected.expect("a file"));
    }
}

/// A prefix renames policies, and their bindings have to go with them.
#[test]
fn bindings_follow_policies_that_kustomize_renames() {
    let Some(kustomize) = tool("kustomize") else {
        return;
    };
    let folder = copy_of("examples/generators/generator");
    let path = folder.path().join("generate-images.yaml");
    let text = fs::read_to_string(&path).expect("a file");
    let text = text.replacen("spec:\n", "spec:\n  targetKubernetes: \"1.36\"\n", 1);
    fs::write(path, text).expect("written");
    let path = folder.path().join("kustomization.yaml");
    let text = fs::read_to_string(&path).expect("a file");
    fs::write(path, format!("{text}namePrefix: prod-\n")).expect("written");
    let output = build(&kustomize, folder.path());
    let objects = super::documents(&output);
    let mut bindings = 0;
    for object in &objects {
        let kind = object["kind"].as_str().expect("a kind");
        let Some(policy) = kind
            .strip_suffix("Binding")
            .filter(|kind| kind.ends_with("Policy"))
        else {
            continue;
        };
        let is_named = |other: &&serde_json::Value| {
            other["kind"] == policy && other["metadata"]["name"] == object["spec"]["policyName"]
        };
        assert!(objects.iter().any(|other| is_named(&other)), "{object:#}");
        assert!(
            object["spec"]["policyName"]
                .as_str()
                .expect("a name")
                .starts_with("prod-")
        );
        bindings += 1;
    }
    assert_eq!(bindings, 6, "{output}");
}

#[test]
fn a_transformer_takes_what_it_made_for_what_it_is() {
    let Some(kustomize) = tool("kustomize") else {
        return;
    };
    let folder = copy_of("examples/generators/transformer");
    let first = build(&kustomize, folder.path());
    // The output becomes the resource: nothing is added to it, and nothing differs.
    fs::write(folder.path().join("deployment.yaml"), &first).expect("written");
    assert_text_eq(&build(&kustomize, folder.path()), &first);
}

#[test]
fn kpt_runs_it_as_a_mutator_and_a_second_time_changes_nothing() {
    let Some(kpt) = tool("kpt") else { return };
    let package = copy_of("examples/generators/kpt");
    let expected = files(&package.path().join(".expected"));
    fs::remove_dir_all(package.path().join(".expected")).expect("removed");
    let mut after = files(package.path());
    after.extend(expected);
    for _ in 0..2 {
        let args = ["fn", "render", "--allow-exec"];
        passed(&engine(&kpt, package.path(), &args, &[]));
        let rendered = files(package.path());
        for (name, text) in &after {
            assert_text_eq(&rendered[name], text);
        }
        assert_eq!(rendered.len(), after.len());
    }
}
