//! Memory that is not there: the program runs under many limits, and ends with the right output or
//! with exit code 2 and a word, whatever was asked for last; no file is torn or left behind.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::support::{Run, files, finish};

/// How many limits each command runs under.
const LIMITS: u32 = 16;

fn pod(name: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  containers:\n  - name: c\n    image: realtheory/theory-k8s-collector:v1\n"
    )
}

/// A folder of manifests; some are larger than what the allocator keeps at hand.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, pods) in [
        ("a.yaml", 1),
        ("b.yaml", 200),
        ("c.yaml", 2000),
        ("d.yaml", 1),
    ] {
        let pods: Vec<String> = (0..pods).map(|pod| self::pod(&format!("p{pod}"))).collect();
        fs::write(folder.path().join(name), pods.join("---\n")).expect("written");
    }
    folder
}

/// Runs the program with so many kilobytes of memory, or without a limit.
fn with(limit: Option<u32>, folder: &Path, args: &[&str], stdin: &[u8]) -> Run {
    let limit = limit.map_or("unlimited".to_owned(), |limit| limit.to_string());
    let script = format!("ulimit -v {limit}; \"$0\" \"$@\"; exit $?");
    // The shell gives a code for a signal, too.
    let mut command = Command::new("sh");
    command.args(["-c", &script, env!("CARGO_BIN_EXE_restore-images")]);
    finish(command.current_dir(folder), args, stdin)
}

/// The least limit, in steps of 1 MB, from which on a run does what it does without.
fn least(works: impl Fn(u32) -> bool) -> u32 {
    let (mut low, mut high) = (0_u32, 1 << 19);
    while high - low > 1024 {
        let middle = low.midpoint(high);
        if works(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

/// Limits between that at which the program begins and that at which it does all of its work; their
/// distances differ, so that they fall anywhere in what is asked for.
fn limits(begins: u32, is_enough: u32) -> impl Iterator<Item = u32> {
    let share = (is_enough - begins) / LIMITS;
    (0..LIMITS + 2).map(move |step| begins + step * share + step * 37 % share.max(1))
}

/// The limit at which the program can say something.
fn begins(folder: &Path) -> u32 {
    let says = |limit| with(Some(limit), folder, &["check", "a.yaml"], b"").code == 1;
    least(says) + 12_000
}

/// Holds how a run under a limit ended; gives whether it ended for want of memory.
#[track_caller]
fn is_short_of_memory(limit: u32, run: &Run, whole: &Run) -> bool {
    if run.code == whole.code {
        assert_eq!(run.stdout, whole.stdout, "{limit}");
        assert_eq!(run.stderr, whole.stderr, "{limit}");
        return false;
    }
    assert_eq!(run.code, 2, "{limit}: {}", run.stderr);
    assert!(run.stderr.contains("memory"), "{limit}: {}", run.stderr);
    true
}

#[test]
fn a_check_is_whole_or_ends_with_a_word() {
    let folder = folder();
    let args = ["check"];
    let whole = with(None, folder.path(), &args, b"");
    let before = files(folder.path());
    let run = |limit| with(Some(limit), folder.path(), &args, b"");
    let is_enough = least(|limit| run(limit).code == whole.code);
    let ended = limits(begins(folder.path()), is_enough)
        .filter(|limit| is_short_of_memory(*limit, &run(*limit), &whole))
        .count();
    assert!(ended > 0, "no limit was too low");
    assert_eq!(files(folder.path()), before);
}

#[test]
fn the_function_gives_the_whole_output_or_ends_with_a_word() {
    let folder = folder();
    let items: String = (0..2500)
        .map(|item| pod(&format!("p{item}")))
        .map(|pod| format!("- {}", pod.trim_end().replace('\n', "\n  ") + "\n"))
        .collect();
    let list = format!("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n{items}");
    let whole = with(None, folder.path(), &[], list.as_bytes());
    assert_eq!(whole.code, 0, "{}", whole.stderr);
    let run = |limit| with(Some(limit), folder.path(), &[], list.as_bytes());
    let is_enough = least(|limit| run(limit).code == whole.code);
    let ended = limits(begins(folder.path()), is_enough)
        .filter(|limit| is_short_of_memory(*limit, &run(*limit), &whole))
        .count();
    assert!(ended > 0, "no limit was too low");
}

/// Some files may be restored by then, each of them whole.
#[test]
fn fix_tears_no_file_and_leaves_none_behind() {
    let again = |old: &BTreeMap<PathBuf, String>| {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in old {
            fs::write(folder.path().join(name), text).expect("written");
        }
        folder
    };
    let folder = folder();
    let old = files(folder.path());
    let begins = begins(folder.path());
    let whole = with(None, folder.path(), &["fix"], b"");
    assert_eq!(whole.code, 0, "{}", whole.stderr);
    let new = files(folder.path());
    let run = |limit| {
        let folder = again(&old);
        let run = with(Some(limit), folder.path(), &["fix"], b"");
        (run, files(folder.path()))
    };
    let is_enough = least(|limit| run(limit).0.code == 0);
    let mut ended = 0;
    for limit in limits(begins, is_enough) {
        let (run, now) = run(limit);
        if !is_short_of_memory(limit, &run, &whole) {
            assert_eq!(now, new, "{limit}");
            continue;
        }
        ended += 1;
        assert!(now.keys().eq(old.keys()), "{limit}: {:?}", now.keys());
        for (name, text) in &now {
            let is_whole = *text == old[name] || *text == new[name];
            assert!(is_whole, "{limit}: {} is torn", name.display());
        }
    }
    assert!(ended > 0, "no limit was too low");
}
