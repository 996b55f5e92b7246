//! The examples, by the commands of their own READMEs: `.expected/` beside each says what comes out.
//!
//! RESTORE_IMAGES_UPDATE=1 writes `.expected/` anew; read the difference before it is committed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use restore_images::report::diff;

use crate::container;
use crate::support::{assert_text_eq, binary, copy_of, files, tool};

/// Examples with tests of their own: `tests/argocd/` does what Argo CD's server does, and
/// `tests/generate/engines.rs` knows what each engine makes of generators.
const ELSEWHERE: &[&str] = &["argocd", "generators"];

/// What a README's commands may call besides the program and a shell's own words.
const TOOLS: &[&str] = &["kpt", "kustomize", "kubectl", "podman", "git"];

#[test]
fn every_example_does_what_its_readme_says() {
    let readmes: Vec<PathBuf> = files(Path::new("examples"))
        .into_keys()
        .filter(|path| path.ends_with("README.md"))
        .collect();
    assert!(readmes.len() >= 12, "{}", readmes.len());
    let failed: Vec<String> = readmes
        .iter()
        .filter_map(|readme| readme.parent())
        .filter(|example| !ELSEWHERE.iter().any(|folder| example.starts_with(folder)))
        .filter(|example| std::panic::catch_unwind(|| check(example)).is_err())
        .map(|example| example.display().to_string())
        .collect();
    assert!(failed.is_empty(), "{}", failed.join(", "));
}

/// The shell's commands in a README.
fn commands(readme: &str) -> Vec<&str> {
    let blocks = readme.split("```sh\n").skip(1);
    blocks
        .filter_map(|block| block.split("```").next())
        .collect()
}

#[track_caller]
fn check(example: &Path) {
    let home = Path::new("examples").join(example);
    let readme = fs::read_to_string(home.join("README.md")).expect("a README");
    let commands = commands(&readme);
    assert!(!commands.is_empty(), "{}: no command", example.display());
    assert!(
        readme.lines().count() <= 40,
        "{}: too long",
        example.display()
    );
    let words = || commands.iter().flat_map(|block| block.split_whitespace());
    let needed = TOOLS
        .iter()
        .filter(|name| words().any(|word| word == **name));
    let mut folders = vec![PathBuf::from(binary())];
    for name in needed {
        let Some(found) = tool(name) else { return };
        folders.push(found);
    }
    if readme.contains("container") && readme.contains("`docker`")
        || readme.contains("KPT_FN_RUNTIME")
    {
        let Some(programs) = container::programs() else {
            return;
        };
        // Before a podman of the system, which does not know the image.
        folders.insert(0, programs.join("docker"));
    }
    let Some(bash) = tool("bash") else { return };
    let copy = copy_of("examples");
    // What a tool keeps for itself is not the example's.
    let user = tempfile::tempdir().expect("a folder");
    let within = copy.path().join(example);
    let _ = fs::remove_dir_all(within.join(".expected"));
    let before = files(copy.path());
    let mut shown = String::new();
    for block in commands {
        let mut path: std::ffi::OsString =
            std::env::join_paths(folders.iter().map(|tool| tool.parent().expect("a folder")))
                .expect("a path");
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        let output = Command::new(&bash)
            .args(["-euo", "pipefail", "-c", block])
            .current_dir(&within)
            .env("PATH", path)
            .env("HOME", user.path())
            .env("KPT_FN_RUNTIME", "podman")
            .env_remove("XDG_CONFIG_HOME")
            .output()
            .expect("bash runs");
        let code = output.status.code().expect("a code");
        let _ = writeln!(
            shown,
            "{}exit {code}",
            String::from_utf8_lossy(&output.stdout)
        );
    }
    let changes = changes(&before, &files(copy.path()));
    let expected = home.join(".expected");
    for (name, text) in [("stdout.txt", &shown), ("diff.patch", &changes)] {
        let path = expected.join(name);
        if std::env::var_os("RESTORE_IMAGES_UPDATE").is_some() {
            let _ = fs::create_dir_all(&expected);
            if text.is_empty() {
                fs::remove_file(&path).unwrap_or_default()
            } else {
                fs::write(&path, text).expect("written")
            }
        }
        let wanted = fs::read_to_string(&path).unwrap_or_default();
        assert_text_eq(text, &wanted);
    }
}

/// What became of the files, as a patch.
fn changes(before: &BTreeMap<PathBuf, String>, after: &BTreeMap<PathBuf, String>) -> String {
    let mut patch = String::new();
    for (path, new) in after {
        let old = before.get(path).map_or("", String::as_str);
        if old != new {
            patch += &diff::unified(path, old, new, false);
        }
    }
    for path in before.keys().filter(|path| !after.contains_key(*path)) {
        let _ = writeln!(patch, "deleted {}", path.display());
    }
    patch
}
