//! Faults of the system at each call in turn while files are replaced: strace makes the call fail.
//! Every file is old or new, what is new is named, and no temporary file is left.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::support::{binary, files, skip, tool};

const OLD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: c\n    image: realtheory/theory-k8s-collector:v1\n    imagePullPolicy: Always\n";

const NAMES: [&str; 3] = ["a.yaml", "b/b.yaml", "b/c.yaml"];

/// The calls that are made to fail, by what their names begin with, and the fault.
const FAULTS: [(&str, &str); 12] = [
    ("brk", "ENOMEM"),
    ("fchmod", "EPERM"),
    ("fchown", "EPERM"),
    ("flock", "ENOLCK"),
    ("fstat", "EIO"),
    ("fsync", "EIO"),
    ("mmap", "ENOMEM"),
    ("newfstatat", "EIO"),
    ("openat", "EMFILE"),
    ("read", "EIO"),
    ("rename", "EPERM"),
    ("write", "ENOSPC"),
];

fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("b")).expect("a folder");
    for name in NAMES {
        let path = folder.path().join(name);
        fs::write(&path, OLD).expect("written");
        // Another owner's file is given back to its owner, where the test may do so.
        let _ = std::os::unix::fs::chown(&path, Some(12345), Some(23456));
    }
    folder
}

/// Runs `fix` in a folder under strace, which notes calls in a file beside it.
fn traced(strace: &Path, folder: &Path, calls: &str, inject: Option<&str>) -> (Output, String) {
    let log = tempfile::NamedTempFile::new().expect("a file");
    let mut command = Command::new(strace);
    command.args(["-f", "-qq", "-e", "signal=none", "-o"]);
    command.arg(log.path());
    command.arg(format!("--trace={calls}"));
    if let Some(inject) = inject {
        command.arg(format!("--inject={inject}"));
    }
    let output = command
        .args([binary(), "fix"])
        .current_dir(folder)
        .output()
        .expect("strace runs");
    let log = fs::read_to_string(log.path()).expect("a text");
    (output, log)
}

/// A call of the main thread: its name, which of this name it is, and the fault to make of it.
struct Call {
    name: String,
    number: usize,
    fault: &'static str,
}

/// The calls from the first look at a file on; of those that ask for memory, the ones that are made
/// while files are staged.
fn calls(log: &str) -> Vec<Call> {
    let (mut counts, mut calls) = (BTreeMap::new(), Vec::new());
    let main = log.split_whitespace().next().unwrap_or_default();
    let (mut is_begun, mut is_staging) = (false, false);
    for line in log.lines() {
        let mut words = line.split_whitespace();
        if words.next() != Some(main) {
            continue;
        }
        let Some((name, _)) = words.next().and_then(|call| call.split_once('(')) else {
            continue;
        };
        let number = counts.entry(name.to_owned()).or_insert(0);
        *number += 1;
        is_begun |= line.contains("a.yaml");
        is_staging |= line.contains("\".restore-images-");
        let fault = FAULTS.iter().find(|(prefix, _)| name.starts_with(prefix));
        let Some((prefix, fault)) = fault else {
            continue;
        };
        let is_memory = matches!(*prefix, "brk" | "mmap");
        if is_begun && (!is_memory || is_staging) {
            calls.push(Call {
                name: name.to_owned(),
                number: *number,
                fault,
            });
        }
    }
    calls
}

/// What a run says that it restored before a fault.
fn named(stderr: &str) -> BTreeSet<PathBuf> {
    let behind = stderr.split_once("restored already:\n");
    let names = behind.map_or("", |(_, names)| names).lines();
    names.map(PathBuf::from).collect()
}

#[test]
fn a_fault_at_any_call_tears_nothing_and_is_said() {
    let Some(strace) = tool("strace") else { return };
    let whole = folder();
    let (output, log) = traced(&strace, whole.path(), "all", None);
    if log.is_empty() {
        skip::<()>("no process may be traced here");
        return;
    }
    assert_eq!(output.status.code(), Some(0));
    let new = files(whole.path());
    let calls = calls(&log);
    let mut failed = BTreeSet::new();
    for Call {
        name,
        number,
        fault,
    } in &calls
    {
        let folder = folder();
        let inject = format!("{name}:error={fault}:when={number}");
        let (output, log) = traced(&strace, folder.path(), name, Some(&inject));
        let stderr = String::from_utf8_lossy(&output.stderr);
        let now = files(folder.path());
        assert!(log.contains("(INJECTED)"), "{inject}: {log}");
        assert!(now.keys().eq(new.keys()), "{inject}: {:?}", now.keys());
        let restored: BTreeSet<PathBuf> = { now.iter() }
            .filter(|(_, text)| *text != OLD)
            .map(|(name, text)| {
                assert_eq!(*text, new[name], "{inject}: {} is torn", name.display());
                name.clone()
            })
            .collect();
        match output.status.code() {
            // What the system refuses there is not needed.
            Some(0) => assert_eq!(now, new, "{inject}: {stderr}"),
            Some(2) => {
                let is_said = !stderr.is_empty() || !output.stdout.is_empty();
                assert!(is_said, "{inject}");
                let is_told = restored == named(&stderr);
                assert!(is_told, "{inject}: {restored:?} restored, {stderr}");
                failed.insert(name.as_str());
            }
            code => panic!("{inject}: {code:?}: {stderr}"),
        }
    }
    // Each of these is needed for a file to be replaced.
    for needed in ["flock", "fchmod", "fsync", "openat", "read", "write"] {
        assert!(failed.contains(needed), "{needed} never failed: {failed:?}");
    }
    assert!(failed.iter().any(|name| name.starts_with("rename")));
}
