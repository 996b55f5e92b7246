//! A part of a repository alone: what refers to it from elsewhere is read, never edited, and never
//! undone without a word.

use std::fs;
use std::path::Path;

use super::cases::{Files, MIRRORS, deployment, tree, write};
use crate::support::{files, run_in_folder};

const OLD: &str = "ghcr.io/acme/web:v1";
const NEW: &str = "registry.example.com/ghcr/acme/web:v1";

fn web(image: &str) -> String {
    deployment("web", &[("web", image)])
}

/// Runs a command on a part of a repository; holds that files are as they should be after it.
#[track_caller]
fn part(before: &Files, after: &Files, words: &[&str], code: i32) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path();
    write(place, before);
    fs::create_dir(place.join(".git")).expect("a folder");
    fs::write(place.join("c.yaml"), MIRRORS).expect("written");
    let run = run_in_folder(place, &[&["fix", "-c", "c.yaml"], words].concat(), b"");
    let said = String::from_utf8(run.stdout).expect("UTF-8") + &run.stderr;
    assert_eq!(run.code, code, "{said}");
    let now = files(place);
    for (path, text) in before {
        let expected = after.get(path).unwrap_or(text);
        assert_eq!(now[Path::new(path)], *expected, "{path}\n{said}");
    }
    said
}

fn base_and(over: &str) -> Files {
    tree([
        ("base/kustomization.yaml", "resources: [web.yaml]\n"),
        ("base/web.yaml", &web(OLD)),
        (
            "over/kustomization.yaml",
            &format!("resources: [../base]\n{over}"),
        ),
    ])
}

#[test]
fn an_entry_elsewhere_that_names_the_image_keeps_it() {
    let before = base_and("images: [{name: ghcr.io/acme/web, newTag: v9}]\n");
    for words in [&["base"][..], &["base/web.yaml"]] {
        let said = part(&before, &Files::new(), words, 1);
        let says = "left, since it is written in over/kustomization.yaml, which is not among the given paths, and refers to them";
        assert!(said.contains(says), "{said}");
    }
    // Both together are settled.
    let after = tree([
        ("base/web.yaml", web(NEW).as_str()),
        (
            "over/kustomization.yaml",
            "resources: [../base]\nimages: [{name: registry.example.com/ghcr/acme/web, newTag: v9}]\n",
        ),
    ]);
    part(&before, &after, &["base", "over"], 0);
}

#[test]
fn an_object_of_flux_elsewhere_that_names_the_image_keeps_it() {
    let object = |path: &str| {
        format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: k}}\nspec:\n  path: {path}\n  images:\n  - {{name: ghcr.io/acme/web, newTag: v9}}\n"
        )
    };
    let mut before = base_and("");
    before.insert("clusters/k.yaml", object("./over"));
    let said = part(&before, &Files::new(), &["base"], 1);
    let says = "left, since it is written in clusters/k.yaml, which is not among the given paths, and refers to them";
    assert!(said.contains(says), "{said}");
    before.insert("clusters/k.yaml", object("./other"));
    part(&before, &tree([("base/web.yaml", &web(NEW))]), &["base"], 0);
}

/// What elsewhere is wrong for a reason of its own keeps nothing, and is nobody's question.
#[test]
fn what_is_wrong_elsewhere_keeps_nothing() {
    let after = tree([("base/web.yaml", &web(NEW))]);
    let overs = [
        "",
        "images: [{name: placeholder, newName: quay.io/acme/other}]\n",
        "patches:\n- target: {kind: Deployment}\n  patch: '- {op: add, path: /spec/template/spec/containers/-, value: {name: x, image: quay.io/x/y:v1}}'\n",
        "patches:\n- target: {kind: Deployment}\n  patch: '- {op: replace, path: /spec/template/spec/containers/0/image, value: quay.io/x/y:v1}'\n",
    ];
    for over in overs {
        let said = part(&base_and(over), &after, &["base"], 0);
        assert!(!said.contains("over/"), "{said}");
        assert!(!said.contains("settled"), "{said}");
    }
}

#[test]
fn an_overlay_alone_is_settled_over_a_wrong_base() {
    let over = |more: &str| format!("images: [{{name: ghcr.io/acme/web, {more}newTag: v9}}]\n");
    let after = format!(
        "resources: [../base]\n{}",
        over("newName: registry.example.com/ghcr/acme/web, ")
    );
    let after = tree([("over/kustomization.yaml", &after)]);
    let said = part(&base_and(&over("")), &after, &["over"], 0);
    assert!(!said.contains("settled"), "{said}");
}
