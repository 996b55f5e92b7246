//! A workload without an apiVersion, which kustomize builds: each door tells of it.

use std::fs;

use super::build;
use super::cases::{MIRRORS, tree, write};
use crate::support::{run_in_folder, tool};

#[test]
fn a_workload_without_an_api_version_is_told_of_at_every_door() {
    let workload = "kind: Deployment\nmetadata: {name: x}\nspec: {template: {spec: {containers: [{name: a, image: 'ghcr.io/acme/x:v1'}]}}}\n";
    let before = tree([
        ("base/d.yaml", workload),
        (
            "base/kustomization.yaml",
            "resources: [d.yaml]\nimages: [{name: ghcr.io/acme/x, newTag: v2}]\n",
        ),
        ("over/kustomization.yaml", "resources: [../base]\n"),
    ]);
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("tree"), &before);
    fs::write(folder.path().join("c.yaml"), MIRRORS).expect("written");
    let says = "it has no apiVersion, so that its images are not checked: write apps/v1";
    let run = |args: &[&str], stdin: &str| {
        let all = [args, &["-c", "c.yaml", "--format", "short"]].concat();
        let run = run_in_folder(folder.path(), &all, stdin.as_bytes());
        (
            run.code,
            String::from_utf8_lossy(&run.stdout).into_owned() + &run.stderr,
        )
    };
    for (args, place) in [
        (&["check", "tree"][..], "tree/base/d.yaml:1:7: "),
        (&["check", "tree/base/d.yaml"], "tree/base/d.yaml:1:7: "),
    ] {
        let (code, said) = run(args, "");
        assert_eq!((code, said.matches(says).count()), (1, 1), "{said}");
        assert!(said.contains(place), "{said}");
    }
    let (code, said) = run(&["check", "-"], workload);
    assert!(code == 1 && said.contains(says), "{said}");
    if let Some(kustomize) = tool("kustomize") {
        let built = build::build(&kustomize, &folder.path().join("tree"), "over");
        let (code, said) = run(&["check", "-"], &built.expect("it builds"));
        assert!(code == 1 && said.contains(says), "{said}");
    }
}
