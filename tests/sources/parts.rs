//! A part of a repository alone: what refers to it from elsewhere is read, never edited, and never
//! undone without a word.

use std::fs;
use std::path::Path;

use super::cases::{Files, MIRRORS, deployment, tree, write};
use crate::support::{files, run_in_folder};

/// What an overlay elsewhere that names the image says of it.
const LEFT: &str =
    "left, since it is written in FILE, which is not among the given paths, and refers to them";
const ENTRY: &str = "images: [{name: ghcr.io/acme/web, newTag: v9}]\n";

const OLD: &str = "ghcr.io/acme/web:v1";
const NEW: &str = "registry.example.com/ghcr/acme/web:v1";

fn web(image: &str) -> String {
    deployment("web", &[("web", image)])
}

/// Runs a command on a part of a repository; holds that files are as they should be after it.
#[track_caller]
fn part(before: &Files, after: &Files, words: &[&str], code: i32) -> String {
    part_from("", before, after, words, code)
}

/// As [`part`], where the working folder is another one: in the repository, or the one around it (`..`).
/// `REPO` in a word is the absolute path of the repository.
#[track_caller]
fn part_from(here: &str, before: &Files, after: &Files, words: &[&str], code: i32) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().canonicalize().expect("a path").join("repo");
    write(&place, before);
    fs::create_dir(place.join(".git")).expect("a folder");
    fs::write(place.join("restore-images.yaml"), MIRRORS).expect("written");
    let repository = place.to_str().expect("UTF-8");
    let words = words.iter().map(|word| word.replace("REPO", repository));
    let words: Vec<String> = words.collect();
    let words: Vec<&str> = std::iter::once("fix")
        .chain(words.iter().map(String::as_str))
        .collect();
    let run = run_in_folder(&place.join(here), &words, b"");
    let said = String::from_utf8(run.stdout).expect("UTF-8") + &run.stderr;
    assert_eq!(run.code, code, "{here} {words:?}\n{said}");
    let now = files(&place);
    for (path, text) in before {
        let expected = after.get(path).unwrap_or(text);
        let now = &now[Path::new(path)];
        assert_eq!(now, expected, "{here} {words:?}: {path}\n{said}");
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
    let before = base_and(ENTRY);
    for words in [&["base"][..], &["base/web.yaml"]] {
        let said = part(&before, &Files::new(), words, 1);
        let says = LEFT.replace("FILE", "over/kustomization.yaml");
        assert!(said.contains(&says), "{said}");
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

/// Wherever the command is run, what refers to a file is the same; only paths are shown from there.
#[test]
fn what_refers_to_a_part_is_read_from_wherever_it_is_run() {
    let before = base_and(ENTRY);
    for (here, words, shown) in [
        ("base", &[][..], "../over/kustomization.yaml"),
        ("base", &["."], "../over/kustomization.yaml"),
        ("base", &["web.yaml"], "../over/kustomization.yaml"),
        ("base", &["../base"], "../over/kustomization.yaml"),
        ("over", &["../base"], "kustomization.yaml"),
        ("..", &["repo/base"], "repo/over/kustomization.yaml"),
        (
            "..",
            &["repo/base/web.yaml"],
            "repo/over/kustomization.yaml",
        ),
        ("..", &["REPO/base"], "REPO/over/kustomization.yaml"),
        ("base", &["REPO/base"], "REPO/over/kustomization.yaml"),
    ] {
        let said = part_from(here, &before, &Files::new(), words, 1);
        let says = LEFT.replace("FILE", shown.strip_prefix("REPO/").unwrap_or(shown));
        let is_said = match shown.starts_with("REPO") {
            true => said.contains("/repo/over/kustomization.yaml, which is not among"),
            false => said.contains(&says),
        };
        assert!(is_said, "{here} {words:?}\n{said}");
    }
    let entry = "images: [{name: registry.example.com/ghcr/acme/web, newTag: v9}]\n";
    let after = tree([
        ("base/web.yaml", web(NEW).as_str()),
        (
            "over/kustomization.yaml",
            &format!("resources: [../base]\n{entry}"),
        ),
    ]);
    for (here, words) in [
        ("base", &[".", "../over"][..]),
        ("over", &["../base", "."]),
        ("..", &["repo/over", "repo/base"]),
        ("..", &["repo"]),
        ("base", &[".."]),
    ] {
        part_from(here, &before, &after, words, 0);
    }
}

#[test]
fn a_chain_and_an_object_elsewhere_count_from_a_folder_below_the_root() {
    let object = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: k}\nspec:\n  path: ./team/over\n  images:\n  - {name: ghcr.io/acme/web, newTag: v9}\n";
    let mut before = tree([
        ("team/base/kustomization.yaml", "resources: [web.yaml]\n"),
        ("team/base/web.yaml", &web(OLD)),
        (
            "team/middle/kustomization.yaml",
            "resources: [../../team/base]\n",
        ),
        ("team/over/kustomization.yaml", "resources: [../middle]\n"),
        ("clusters/k.yaml", object),
    ]);
    for here in ["team/base", "team"] {
        let words = &["REPO/team/base"][..];
        for words in [words, if here == "team" { &["base"] } else { &["."] }] {
            let said = part_from(here, &before, &Files::new(), words, 1);
            assert!(
                said.contains("clusters/k.yaml, which is not among the given"),
                "{said}"
            );
        }
    }
    // What `.gitignore` hides refers to nothing.
    before.insert(".gitignore", "/clusters/\n".to_owned());
    let after = tree([("team/base/web.yaml", &web(NEW))]);
    part_from("team/base", &before, &after, &[], 0);
}

/// Without a repository nothing around the given paths is looked into.
#[test]
fn out_of_a_repository_nothing_around_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), &base_and(ENTRY));
    fs::write(folder.path().join("c.yaml"), MIRRORS).expect("written");
    for (here, words) in [
        ("base", &["-c", "../c.yaml"][..]),
        ("", &["base", "-c", "c.yaml"]),
    ] {
        let words = [&["fix", "--diff"], words].concat();
        let run = run_in_folder(&folder.path().join(here), &words, b"");
        assert!(
            String::from_utf8_lossy(&run.stdout).contains(NEW),
            "{}",
            run.stderr
        );
    }
}

/// `files.exclude` and `files.values` count from the configuration, wherever the command is run.
#[test]
fn patterns_of_files_count_from_the_configuration() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path();
    let config = format!(
        "{MIRRORS}  files:\n    exclude: [/team/skipped.yaml]\n    values:\n    - {path}\n",
        path = "path: /team/agent.values"
    );
    let files = tree([
        ("restore-images.yaml", config.as_str()),
        ("team/skipped.yaml", &web(OLD)),
        (
            "team/agent.values",
            "image:\n  repository: ghcr.io/acme/web\n  tag: v1\n",
        ),
    ]);
    write(place, &files);
    fs::create_dir(place.join(".git")).expect("a folder");
    for (here, words) in [("", &["team"][..]), ("team", &[]), ("team", &["."])] {
        let run = run_in_folder(&place.join(here), &[&["check"], words].concat(), b"");
        let said = String::from_utf8(run.stdout).expect("UTF-8") + &run.stderr;
        let shown = if here.is_empty() {
            "team/agent.values:2"
        } else {
            "--> agent.values:2"
        };
        assert!(said.contains(shown), "{here} {words:?}\n{said}");
        assert!(!said.contains("skipped.yaml:"), "{said}");
    }
}

/// A folder that is passed over for its name may hold an overlay, which is read and never edited.
#[test]
fn what_a_hidden_folder_refers_to_stays_right_for_it() {
    let mut before = base_and("");
    let over = format!("resources: [../../base]\n{ENTRY}");
    before.insert(".ci/over/kustomization.yaml", over);
    for words in [&["."][..], &["base"]] {
        let said = part(&before, &Files::new(), words, 1);
        let says = LEFT.replace("FILE", ".ci/over/kustomization.yaml");
        assert!(said.contains(&says), "{said}");
    }
    let entry = "images: [{name: registry.example.com/ghcr/acme/web, newTag: v9}]\n";
    let after = tree([
        ("base/web.yaml", web(NEW).as_str()),
        (
            ".ci/over/kustomization.yaml",
            &format!("resources: [../../base]\n{entry}"),
        ),
    ]);
    part(&before, &after, &["--hidden", "."], 0);
    // What Git does not keep refers to nothing.
    before.insert(".gitignore", "/.ci/\n".to_owned());
    let after = tree([("base/web.yaml", &web(NEW))]);
    part(&before, &after, &["."], 0);
}
