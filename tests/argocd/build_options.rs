//! Argo CD's own kustomize with `kustomize.buildOptions`, and the trap that the check finds.

use std::fs;

use yaml_rust2::YamlLoader;

use crate::engines::passed;
use crate::support::{assert_text_eq, copy_of, engine, run, tool};

#[test]
fn the_flags_restore_and_the_check_finds_that_one_is_missing() {
    let Some(kustomize) = tool("kustomize") else {
        return;
    };
    let example = copy_of("examples/argocd/build-options");
    let read = |name: &str| fs::read_to_string(example.path().join(name)).expect("a file");
    let settings = YamlLoader::load_from_str(&read("argocd-cm.yaml")).expect("YAML");
    let options = settings[0]["data"]["kustomize.buildOptions"].as_str();
    let options: Vec<&str> = options.expect("options").split(' ').collect();
    // As util/kustomize of Argo CD puts the command together.
    let build = |options: &[&str]| {
        let args = [&["build", "app"], options].concat();
        passed(&engine(&kustomize, example.path(), &args, &[]))
    };
    let check = |manifests: &str| {
        let config = example.path().join("check.yaml");
        run(&[config.to_str().expect("UTF-8")], manifests.as_bytes())
    };
    let restored = build(&options);
    assert_text_eq(&restored, &read(".expected/manifests.yaml"));
    assert_text_eq(&passed(&check(&restored)), &restored);
    // The trap: it succeeds, and nothing was restored.
    let skipped = build(&["--enable-alpha-plugins"]);
    assert!(skipped.contains("theory-k8s-collector:v1.3.11836\n"));
    let checked = check(&skipped);
    assert_eq!((checked.code, checked.stdout.len()), (1, 0));
    assert_text_eq(&checked.stderr, &read(".expected/check.txt"));
}
