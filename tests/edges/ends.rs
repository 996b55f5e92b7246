//! Ends that nobody asked the program for: a limit on the size of files, memory that is not there, a
//! standard output that takes nothing.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::support::{binary, files, tool};

const MANIFEST: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  template:\n    spec:\n      containers:\n      - name: c\n        image: realtheory/theory-k8s-collector:v1\n";

fn folder(names: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for name in names {
        fs::write(folder.path().join(name), MANIFEST).expect("written");
    }
    folder
}

/// Runs a shell's script in a folder, with the program as `$0`.
fn shell(folder: &Path, script: &str) -> Output {
    Command::new("sh")
        .args(["-c", script, binary()])
        .current_dir(folder)
        .output()
        .expect("a shell")
}

#[track_caller]
fn assert_ended(output: &Output, code: i32, said: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*stderr), (Some(code), said));
}

/// The signal of such a limit would end the process with 153 and leave a temporary file.
#[test]
fn a_limit_on_the_size_of_files_is_an_error_of_the_write() {
    let folder = folder(&["a.yaml", "b.yaml"]);
    let before = files(folder.path());
    let output = shell(folder.path(), "ulimit -f 0; exec \"$0\" fix");
    assert_ended(
        &output,
        2,
        "a.yaml: cannot write a new file beside it: File too large (os error 27)\n",
    );
    assert_eq!(files(folder.path()), before);
    // Standard output is a file with the same limit.
    let output = shell(
        folder.path(),
        "ulimit -f 0; exec \"$0\" render a.yaml > out.txt",
    );
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    let last = stderr.lines().last();
    let said = "cannot write standard output: File too large (os error 27)";
    assert_eq!(last, Some(said), "{stderr}");
}

#[test]
fn what_fix_wrote_is_said_where_its_report_cannot_be() {
    let folder = folder(&["a.yaml", "b.yaml"]);
    let output = shell(folder.path(), "exec \"$0\" fix > /dev/full");
    assert_ended(
        &output,
        2,
        "cannot write standard output: No space left on device (os error 28)\n\
         help: `restore-images check` says what else there is; 2 files are restored already:\n\
         a.yaml\n\
         b.yaml\n",
    );
    for text in files(folder.path()).values() {
        assert!(text.contains("collector\n        imagePullPolicy: Always"));
    }
    // Where there was nothing to write, nothing is listed.
    let output = shell(folder.path(), "exec \"$0\" fix > /dev/full");
    assert_ended(
        &output,
        2,
        "cannot write standard output: No space left on device (os error 28)\n",
    );
}

/// Memory that is not there ends the program with 2 and a word, wherever it was asked for.
#[test]
fn memory_that_is_not_there_is_exit_code_2() {
    let folder = folder(&["a.yaml"]);
    let many = format!("{MANIFEST}---\n").repeat(15_000);
    fs::write(folder.path().join("many.yaml"), many).expect("written");
    // With less than this the program cannot even judge one manifest, and there may be no memory for
    // a word.
    let begins = |limit: &u32| {
        let script = format!("ulimit -v {limit}000; exec \"$0\" check a.yaml > /dev/null");
        shell(folder.path(), &script).status.code() == Some(1)
    };
    let least = (4..200).step_by(4).find(begins).expect("a limit");
    let mut ended = 0;
    // A little more is needed for a word than for one manifest.
    for limit in (least + 12..least + 132).step_by(24) {
        let script = format!("ulimit -v {limit}000; exec \"$0\" check many.yaml > /dev/null");
        let output = shell(folder.path(), &script);
        let stderr = String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(0 | 1) => {}
            Some(2) => {
                ended += 1;
                assert!(stderr.contains("memory"), "{limit}: {stderr}");
            }
            code => panic!("{limit}: {code:?} {}: {stderr}", output.status),
        }
    }
    assert!(ended > 0, "no limit was too low");
}

/// A closed standard output is opened as the null device before the program begins, so that no file
/// takes its place; the exit code still says what was found, and files are restored.
#[test]
fn a_closed_standard_output_is_one_that_nobody_reads() {
    let folder = folder(&["a.yaml"]);
    let output = shell(folder.path(), "exec \"$0\" check >&-");
    assert_ended(&output, 1, "");
    let output = shell(folder.path(), "exec \"$0\" fix >&-");
    assert_ended(&output, 0, "");
    let text = fs::read_to_string(folder.path().join("a.yaml")).expect("a text");
    assert!(!text.contains(":v1"), "{text}");
}

/// A name need not be text; Git writes such a one in quotes, byte by byte.
#[test]
fn a_diff_of_a_name_that_is_no_text_applies_with_git() {
    let Some(git) = tool("git") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9 \"x\".yaml");
    fs::write(folder.path().join(name), MANIFEST).expect("written");
    let output = shell(folder.path(), "exec \"$0\" fix --diff");
    let diff = String::from_utf8(output.stdout).expect("UTF-8");
    let header = "--- \"a/caf\\351 \\\"x\\\".yaml\"\n+++ \"b/caf\\351 \\\"x\\\".yaml\"\n";
    assert!(diff.starts_with(header), "{diff}");
    let patch = tempfile::NamedTempFile::new().expect("a file");
    fs::write(patch.path(), diff).expect("written");
    let applied = Command::new(git)
        .current_dir(folder.path())
        .env("GIT_CEILING_DIRECTORIES", "/")
        .arg("apply")
        .arg(patch.path())
        .output()
        .expect("git runs");
    let stderr = String::from_utf8_lossy(&applied.stderr);
    assert!(applied.status.success(), "{stderr}");
    let text = fs::read_to_string(folder.path().join(name)).expect("a text");
    assert!(text.ends_with("imagePullPolicy: Always\n"), "{text}");
}
