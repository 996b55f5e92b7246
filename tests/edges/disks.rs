//! Folders and disks that take no new file: all files stay as they were, and the message says which
//! one could not be written and why.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::support::{binary, files, skip, tool};

/// A folder with manifests to restore, one of them in a folder below.
fn tree() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("b")).expect("a folder");
    for (name, tag) in [("a.yaml", "v1"), ("b/b.yaml", "v2"), ("c.yaml", "v3")] {
        let manifest = format!(
            "apiVersion: v1\nkind: ReplicationController\nmetadata: {{name: c}}\nspec:\n  template:\n    spec:\n      containers:\n      - name: c\n        image: realtheory/theory-k8s-collector:{tag}\n"
        );
        fs::write(folder.path().join(name), manifest).expect("written");
    }
    folder
}

/// Runs a shell's script in a folder, with the program as `$0` and arguments behind.
fn shell(folder: &Path, script: &str) -> Command {
    let mut command = Command::new("sh");
    command.current_dir(folder);
    command.args(["-c", script, binary()]);
    command
}

#[track_caller]
fn assert_refused(output: &Output, message: &str) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(output.stdout.is_empty());
    assert!(stderr.starts_with(message), "{stderr}");
}

#[track_caller]
fn assert_untouched(folder: &TempDir, before: &BTreeMap<PathBuf, String>) {
    assert_eq!(files(folder.path()), *before);
}

#[test]
fn a_folder_that_takes_no_file_is_named_and_nothing_is_written() {
    let folder = tree();
    let before = files(folder.path());
    let mode = |mode| {
        let permissions = fs::Permissions::from_mode(mode);
        fs::set_permissions(folder.path().join("b"), permissions).expect("set");
    };
    mode(0o555);
    // Nothing is forbidden to root, who has to become somebody else.
    let is_root = fs::write(folder.path().join("b/probe"), "").is_ok();
    let script = if is_root {
        "exec setpriv --reuid=65534 --regid=65534 --clear-groups \"$0\" fix"
    } else {
        "exec \"$0\" fix"
    };
    if is_root {
        fs::remove_file(folder.path().join("b/probe")).expect("removed");
        if tool("setpriv").is_none() {
            return mode(0o755);
        }
        for name in ["", "a.yaml", "b/b.yaml", "c.yaml"] {
            let path = folder.path().join(name);
            std::os::unix::fs::chown(path, Some(65534), Some(65534)).expect("given");
        }
    }
    let output = shell(folder.path(), script).output().expect("a shell");
    mode(0o755);
    if String::from_utf8_lossy(&output.stderr).contains("failed to execute") {
        skip::<()>("another user cannot run the program where it lies");
        return;
    }
    assert_refused(
        &output,
        "b/b.yaml: cannot write a new file beside it: Permission denied",
    );
    assert_untouched(&folder, &before);
}

/// A limit on the size of files makes each write fail, as a full disk does.
#[test]
fn a_write_that_fails_leaves_all_files_as_they_were() {
    let folder = tree();
    let before = files(folder.path());
    let script = "trap '' XFSZ; ulimit -f 0; exec \"$0\" fix";
    let output = shell(folder.path(), script).output().expect("a shell");
    assert_refused(
        &output,
        "a.yaml: cannot write a new file beside it: File too large",
    );
    assert_untouched(&folder, &before);
}

/// A disk of a few pages, which the manifests nearly fill.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_all_files_as_they_were() {
    if tool("unshare").is_none() {
        return;
    }
    let folder = tree();
    let before = files(folder.path());
    let disk = tempfile::tempdir().expect("a folder");
    let back = tempfile::tempdir().expect("a folder");
    // What is mounted is seen in there alone, so what became of the files is copied out.
    let script = "mount -t tmpfs -o size=20k none \"$1\" || exit 77
        cp -R . \"$1\" && cd \"$1\" && \"$0\" fix; code=$?; cp -R . \"$2\"; exit $code";
    let mut inside = Command::new("unshare");
    inside.current_dir(folder.path());
    inside.args(["--map-root-user", "--mount", "sh", "-c", script]);
    inside.arg(binary());
    let output = inside
        .args([disk.path(), back.path()])
        .output()
        .expect("unshare runs");
    let is_ours = matches!(output.status.code(), Some(code) if code != 77 && code != 1);
    if !is_ours {
        // Not every machine lets its users mount; the test above needs no leave.
        let why = String::from_utf8_lossy(&output.stderr);
        let _ = writeln!(std::io::stderr(), "skipped: no disk can be mounted: {why}");
        return;
    }
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.contains(": cannot write a new file beside it: No space left on device"),
        "{stderr}"
    );
    assert_refused(&output, "");
    assert_eq!(files(back.path()), before);
}
