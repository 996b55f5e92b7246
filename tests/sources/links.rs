//! Links in a tree: what kustomizations name by them is the file or folder that they lead to.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::cases::{Files, MIRRORS, deployment, tree, write};
use crate::support::run_in_folder;

const OLD: &str = "ghcr.io/acme/web";
const NEW: &str = "registry.example.com/ghcr/acme/web";

/// A base, and two overlays that bring it and its manifest by links.
fn files(name: &str) -> Files {
    let entry = format!("images: [{{name: {name}, newTag: v9}}]\n");
    tree([
        ("base/kustomization.yaml", "resources: [web.yaml]\n"),
        (
            "base/web.yaml",
            &deployment("web", &[("web", &format!("{name}:v1"))]),
        ),
        (
            "folder/kustomization.yaml",
            &format!("resources: [base]\n{entry}"),
        ),
        (
            "file/kustomization.yaml",
            &format!("resources: [linked.yaml]\n{entry}"),
        ),
    ])
}

/// Checks, fixes and checks a repository: its files are then these, and none of the words was said.
#[track_caller]
fn settles(place: &Path, after: &Files, unsaid: &[&str]) {
    fs::create_dir(place.join(".git")).expect("a folder");
    fs::write(place.join("c.yaml"), MIRRORS).expect("written");
    for (word, code) in [("check", 1), ("fix", 0), ("check", 0)] {
        let run = run_in_folder(place, &[word, ".", "-c", "c.yaml"], b"");
        let said = String::from_utf8_lossy(&run.stdout) + &*run.stderr;
        assert_eq!(run.code, code, "{said}");
        for word in unsaid {
            assert!(!said.contains(word), "{said}");
        }
    }
    for (path, text) in after {
        let now = fs::read_to_string(place.join(path)).expect("a text");
        assert_eq!(&now, text, "{path}");
    }
}

#[test]
fn what_a_link_leads_to_is_built_with_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path();
    write(place, &files(OLD));
    symlink("../base", place.join("folder/base")).expect("a link");
    symlink("../base/web.yaml", place.join("file/linked.yaml")).expect("a link");
    settles(place, &files(NEW), &["settled", "warning["]);
    for link in ["folder/base", "file/linked.yaml"] {
        let kind = fs::symlink_metadata(place.join(link)).expect("a link");
        assert!(kind.is_symlink(), "{link}");
    }
}

/// What a kustomization names that is a link is counted from the folder of the link.
#[test]
fn a_linked_kustomization_is_one_of_its_own_folder() {
    let files = |new_name: &str| {
        let web = |own: &str| deployment(own, &[("web", &format!("{OLD}:{own}"))]);
        let entry = format!("images: [{{name: {OLD},{new_name} newTag: v2}}]\n");
        tree([
            (
                "b/kustomization.yaml",
                &format!("resources: [web.yaml]\n{entry}"),
            ),
            ("b/web.yaml", &web("v1")),
            ("x/web.yaml", &web("v5")),
            ("y/web.yaml", &web("v6")),
        ])
    };
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path();
    write(place, &files(""));
    for name in ["x", "y"] {
        let link = place.join(name).join("kustomization.yaml");
        symlink("../b/kustomization.yaml", link).expect("a link");
    }
    settles(place, &files(&format!(" newName: {NEW},")), &["warning["]);
}

/// Nothing outside of the repository is read.
#[test]
fn a_link_out_of_the_repository_is_not_followed() {
    let outside = tempfile::tempdir().expect("a folder");
    let outside: &Path = outside.path();
    write(outside, &files(NEW));
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path();
    let over = "resources: [base]\n".to_owned();
    write(place, &Files::from([("over/kustomization.yaml", over)]));
    symlink(outside.join("base"), place.join("over/base")).expect("a link");
    fs::create_dir(place.join(".git")).expect("a folder");
    fs::write(place.join("c.yaml"), MIRRORS).expect("written");
    let run = run_in_folder(place, &["check", "-c", "c.yaml", "."], b"");
    let said = String::from_utf8_lossy(&run.stdout) + &*run.stderr;
    assert!(
        said.contains("what base brings is not among the files that were read"),
        "{said}"
    );
    assert!(said.contains("0 of 1 root settled"), "{said}");
}

/// The kustomization of a folder may be a link: what an object merges into the folder counts all the same.
#[test]
fn an_object_builds_a_folder_whose_kustomization_is_a_link() {
    let files = |entry: &str| {
        let object = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: apps}}\nspec: {{source: {{path: apps, kustomize: {{images: [\"{entry}\"]}}}}}}\n"
        );
        tree([
            ("clusters/apps.yaml", &*object),
            ("apps/real.yaml", "resources: [web.yaml]\n"),
            (
                "apps/web.yaml",
                &deployment("web", &[("web", &format!("{OLD}:v1"))]),
            ),
        ])
    };
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path();
    write(place, &files(&format!("{OLD}=quay.io/acme/web:v2")));
    symlink("real.yaml", place.join("apps/kustomization.yaml")).expect("a link");
    let mirrored = format!("{OLD}=registry.example.com/quay/acme/web:v2");
    settles(place, &files(&mirrored), &["warning["]);
}
