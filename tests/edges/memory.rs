//! Memory that is not there: the program runs under many limits, and ends with the right output or
//! with exit code 2 and a word, whatever was asked for last; no file is torn or left behind.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::support::{Run, binary, files, finish};

fn pod(name: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  containers:\n  - name: c\n    image: realtheory/theory-k8s-collector:v1\n"
    )
}

/// A large text that nobody edits: it takes memory and little time.
fn map() -> String {
    let text = "    A line of a text that somebody wrote.\n".repeat(100_000);
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m}}\ndata:\n  text: |\n{text}")
}

/// A folder of manifests; some are larger than what the allocator keeps at hand.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, pods, has_map) in [
        ("a.yaml", 1, false),
        ("b.yaml", 100, true),
        ("c.yaml", 200, true),
        ("d.yaml", 1, false),
    ] {
        let mut documents: Vec<String> =
            (0..pods).map(|pod| self::pod(&format!("p{pod}"))).collect();
        documents.extend(has_map.then(map));
        fs::write(folder.path().join(name), documents.join("---\n")).expect("written");
    }
    folder
}

/// Runs the program with so many kilobytes of memory, or without a limit.
fn with(limit: Option<u32>, folder: &Path, args: &[&str], stdin: &[u8]) -> Run {
    let limit = limit.map_or("unlimited".to_owned(), |limit| limit.to_string());
    let script = format!("ulimit -v {limit}; \"$0\" \"$@\"; exit $?");
    // The shell gives a code for a signal, too.
    let mut command = Command::new("sh");
    command.args(["-c", &script, binary()]);
    finish(command.current_dir(folder), args, stdin)
}

/// Limits from that on at which the program can judge one manifest; they grow by more each time, so
/// that they fall anywhere in what is asked for.
fn limits(folder: &Path) -> impl Iterator<Item = u32> {
    let says = |limit| with(Some(limit), folder, &["check", "a.yaml"], b"").code == 1;
    let (mut low, mut high) = (0_u32, 1 << 17);
    while high - low > 1024 {
        let middle = low.midpoint(high);
        if says(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    (0..).map(move |step: u32| high + step * (step + 1) * 250 + step * 37)
}

/// Runs a command under each limit until one is enough; the first ones are not.
#[track_caller]
fn climb(folder: &Path, whole: &Run, run: impl Fn(u32) -> Run) {
    let ends = |limit: &u32| is_short_of_memory(*limit, &run(*limit), whole);
    let ended = limits(folder).take_while(ends).count();
    assert!(ended > 2, "{ended} limits were too low");
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
    // A file that is too large for the memory is a line of the report.
    let said = String::from_utf8_lossy(&run.stdout) + run.stderr.as_str();
    assert!(said.contains("memory"), "{limit}: {said}");
    true
}

#[test]
fn a_check_is_whole_or_ends_with_a_word() {
    let folder = folder();
    let args = ["check"];
    let whole = with(None, folder.path(), &args, b"");
    let before = files(folder.path());
    let run = |limit| with(Some(limit), folder.path(), &args, b"");
    climb(folder.path(), &whole, run);
    assert_eq!(files(folder.path()), before);
}

#[test]
fn the_function_gives_the_whole_output_or_ends_with_a_word() {
    let folder = folder();
    let pods = (0..300).map(|item| pod(&format!("p{item}")));
    let items: String = { pods.chain([map()]) }
        .map(|pod| format!("- {}", pod.trim_end().replace('\n', "\n  ") + "\n"))
        .collect();
    let list = format!("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n{items}");
    let whole = with(None, folder.path(), &[], list.as_bytes());
    assert_eq!(whole.code, 0, "{}", whole.stderr);
    let run = |limit| with(Some(limit), folder.path(), &[], list.as_bytes());
    climb(folder.path(), &whole, run);
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
    let whole = with(None, folder.path(), &["fix"], b"");
    assert_eq!(whole.code, 0, "{}", whole.stderr);
    let new = files(folder.path());
    climb(again(&old).path(), &whole, |limit| {
        let folder = again(&old);
        let run = with(Some(limit), folder.path(), &["fix"], b"");
        let now = files(folder.path());
        assert!(now.keys().eq(old.keys()), "{limit}: {:?}", now.keys());
        for (name, text) in &now {
            let is_whole = *text == new[name] || run.code != 0 && *text == old[name];
            assert!(is_whole, "{limit}: {} is torn", name.display());
        }
        run
    });
}
