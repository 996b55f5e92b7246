//! What is left out by `files.exclude` and `--exclude`: neither judged nor edited, and never said to be
//! clean.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::support::{Run, assert_text_eq, folder_of, run_in_folder};

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: collector}\nspec:\n  containers:\n  - name: collector\n    image: realtheory/theory-k8s-collector:v1\n    imagePullPolicy: Always\n";

fn config(exclude: &str) -> String {
    format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n  agents: [realtheory-collector]\n  files:\n    exclude: {exclude}\n"
    )
}

fn read(folder: &TempDir, name: &str) -> String {
    fs::read_to_string(folder.path().join(name)).expect("a text")
}

fn last_line(run: &Run) -> &str {
    let text = str::from_utf8(&run.stdout).expect("UTF-8");
    text.lines().last().unwrap_or_default()
}

/// The code and the last line of a command in a folder.
#[track_caller]
fn check(folder: &Path, words: &[&str], code: i32, expected: &str) {
    let run = run_in_folder(folder, words, b"");
    assert_eq!(last_line(&run), expected, "{}", run.stderr);
    assert_eq!(run.code, code, "{}", run.stderr);
}

#[test]
fn what_is_excluded_is_not_edited_and_not_clean() {
    let broken = "apiVersion: v1\nkind: Pod\n<<<<<<< HEAD\n";
    let folder = folder_of(&[
        ("restore-images.yaml", &config("[/test/, '*.tmpl.yaml']")),
        ("app.yaml", POD),
        ("test/data/pod.yaml", POD),
        ("test/broken.yaml", broken),
        ("base/pod.tmpl.yaml", POD),
        ("base/test/pod.yaml", POD),
    ]);
    let run = run_in_folder(folder.path(), &["fix", "-v"], b"");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(
        last_line(&run),
        "2 images restored in 2 files, 0 clean, 1 skipped, 3 excluded, 2 images read, 2 not read"
    );
    assert_text_eq(
        &run.stderr,
        "base/pod.tmpl.yaml: skipped: excluded\n\
         restore-images.yaml: skipped: configuration of restore-images\n\
         test/broken.yaml: skipped: excluded\n\
         test/data/pod.yaml: skipped: excluded\n\
         base/pod.tmpl.yaml:7:12: not read: realtheory/theory-k8s-collector:v1: excluded\n\
         test/data/pod.yaml:7:12: not read: realtheory/theory-k8s-collector:v1: excluded\n",
    );
    for name in ["test/data/pod.yaml", "base/pod.tmpl.yaml"] {
        assert_text_eq(&read(&folder, name), POD);
    }
    assert_text_eq(&read(&folder, "test/broken.yaml"), broken);
    assert_text_eq(
        &read(&folder, "base/test/pod.yaml"),
        &POD.replace(":v1\n", "\n"),
    );
    let expected =
        "nothing to restore in 2 files, 3 excluded, 2 images read, 2 not read: --verbose";
    check(folder.path(), &["check"], 0, expected);
}

#[test]
fn a_file_that_is_named_is_left_out_too() {
    // As pre-commit calls it.
    let folder = folder_of(&[
        ("restore-images.yaml", &config("[test/]")),
        ("a/test/pod.yaml", POD),
    ]);
    let expected = "no manifest was looked at, 1 excluded, 0 images read, 1 not read: --verbose";
    check(folder.path(), &["check", "a/test/pod.yaml"], 0, expected);
    check(folder.path(), &["check", "a/test"], 0, expected);
    // Of the whole tree, an agent is missing that runs in nothing that was judged.
    let expected = "no manifest was looked at, 1 warning, 1 skipped, 1 excluded, 0 images read, 1 not read: --verbose";
    check(folder.path(), &["check"], 0, expected);
}

#[test]
fn the_command_line_counts_before_the_configuration() {
    let folder = folder_of(&[
        ("restore-images.yaml", &config("['*.yaml']")),
        ("a/pod.yaml", POD),
        ("b/pod.yaml", POD),
    ]);
    let one = "1 error in 1 file, 2 excluded, 1 image read, 1 not read: --verbose";
    check(folder.path(), &["check", "--exclude", "!/a/*"], 1, one);
    let folder = folder_of(&[("a/pod.yaml", POD), ("b/pod.yaml", POD), ("c.yaml", POD)]);
    let words = ["check", "--exclude", "/a", "--exclude=c.yaml"];
    let one = "1 error in 1 file, 2 excluded, 1 image read, 2 not read: --verbose";
    check(folder.path(), &words, 1, one);
    // Patterns begin at the working folder, and nothing in a folder that is left out comes back.
    let inner = folder.path().join("a");
    let words = ["check", "..", "--exclude", "/pod.yaml"];
    let two = "2 errors in 2 files, 1 excluded, 2 images read, 1 not read: --verbose";
    check(&inner, &words, 1, two);
    let words = ["check", "--exclude", "/a", "--exclude", "!pod.yaml"];
    let two = "2 errors in 2 files, 1 excluded, 2 images read, 1 not read: --verbose";
    check(folder.path(), &words, 1, two);
}

#[test]
fn patterns_begin_where_the_configuration_was_found_or_given() {
    let folder = folder_of(&[
        (
            "apps/restore-images.yaml",
            &config("[/pod.yaml, /apps/b.yaml]"),
        ),
        ("apps/pod.yaml", POD),
        ("apps/b.yaml", POD),
        ("pod.yaml", POD),
    ]);
    let one = "1 error in 1 file, 1 excluded, 1 image read, 1 not read: --verbose";
    check(folder.path(), &["check", "apps"], 1, one);
    let words = ["check", "-c", "apps/restore-images.yaml"];
    let one = "1 error in 1 file, 2 excluded, 1 image read, 2 not read: --verbose";
    check(folder.path(), &words, 1, one);
}

#[test]
fn images_and_init_leave_it_out() {
    let folder = folder_of(&[("a.yaml", POD), ("test/b.yaml", POD)]);
    let words = ["images", "--format", "csv", "--exclude", "test"];
    let run = run_in_folder(folder.path(), &words, b"");
    let text = String::from_utf8(run.stdout).expect("UTF-8");
    assert_eq!(text.lines().count(), 2, "{text}");
    let run = run_in_folder(folder.path(), &["init", "--exclude", "test/"], b"");
    let text = String::from_utf8(run.stdout).expect("UTF-8");
    assert!(text.contains("from 1 manifest:"), "{text}");
    assert!(
        text.contains("- realtheory-collector # a.yaml:7\n"),
        "{text}"
    );
}

#[test]
fn programs_are_told() {
    let folder = folder_of(&[("a.yaml", POD), ("test/b.yaml", POD)]);
    let words = ["check", "--format", "json", "--exclude", "test"];
    let run = run_in_folder(folder.path(), &words, b"");
    let report: serde_json::Value = serde_json::from_slice(&run.stdout).expect("JSON");
    assert_eq!(report["summary"]["excluded"], 1);
    assert_eq!(report["summary"]["skipped"], 0);
    assert_eq!(report["files"][1]["skipped"], "excluded");
}

#[test]
fn what_is_no_pattern_is_refused() {
    let folder = folder_of(&[("a.yaml", POD)]);
    let refused = |words: &[&str], expected: &str| {
        let run = run_in_folder(folder.path(), words, b"");
        assert_eq!(run.code, 2);
        assert_text_eq(&run.stderr, expected);
    };
    refused(
        &["check", "--exclude", "a{b"],
        "--exclude `a{b`: is not a pattern\nhelp: write one as in .gitignore; here, unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?)\n",
    );
    refused(
        &["init", "--exclude", ""],
        "--exclude ``: is not a pattern\nhelp: write one as in .gitignore: `test/`, `*.tmpl.yaml`\n",
    );
    fs::write(
        folder.path().join("restore-images.yaml"),
        config("['test/', 'a{b']"),
    )
    .expect("written");
    refused(
        &["check"],
        "restore-images.yaml:7:24: spec.files.exclude[1]: `a{b` is not a pattern\nhelp: write one as in .gitignore; here, unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?)\n",
    );
}
