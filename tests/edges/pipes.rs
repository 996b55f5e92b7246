//! Streams that end early, or take nothing: closed pipes, a closed standard input, a full disk behind
//! standard output.

use std::fs;
use std::process::{Command, Output, Stdio};

use crate::support::binary;
use tempfile::TempDir;

const MANIFEST: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n  template:\n    spec:\n      containers:\n      - name: c\n        image: realtheory/theory-k8s-collector:v1\n";

/// Every way to write to standard output, and the exit code where all goes well.
const WRITING: [(&[&str], i32); 16] = [
    (&[], 0),
    (&["render", "a.yaml"], 0),
    (&["check"], 1),
    (&["check", "--format", "json"], 1),
    (&["check", "--format", "sarif"], 1),
    (&["fix", "--diff"], 1),
    (&["fix", "-"], 0),
    (&["images"], 0),
    (&["explain", "nginx"], 0),
    (&["agents"], 0),
    (&["init"], 0),
    (&["schema"], 0),
    (&["completions", "bash"], 0),
    (&["man"], 0),
    (&["--help"], 0),
    (&["--version"], 0),
];

fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("a.yaml"), MANIFEST).expect("written");
    folder
}

/// Runs the program in a folder with the manifest on standard input, and standard output as given.
fn run_into(folder: &TempDir, args: &[&str], stdout: impl Into<Stdio>) -> Output {
    let manifest = fs::File::open(folder.path().join("a.yaml")).expect("there");
    Command::new(binary())
        .args(args)
        .current_dir(folder.path())
        .stdin(manifest)
        .stdout(stdout)
        .stderr(Stdio::piped())
        .output()
        .expect("the program runs")
}

/// The ways by which manifests are handed over, which are to be whole.
const HANDING_OVER: [&[&str]; 3] = [&[], &["render", "a.yaml"], &["fix", "-"]];

#[test]
fn manifests_that_nobody_took_whole_are_exit_code_2() {
    for args in HANDING_OVER {
        let folder = folder();
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = run_into(&folder, args, writer);
        let stderr = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
        let last = stderr.lines().last().unwrap_or_default();
        let expected = "cannot write standard output: Broken pipe (os error 32)";
        assert_eq!(last, expected, "{args:?}");
    }
}

/// Whoever reads as far as they need, as `head` does, is told nothing and loses no exit code.
#[test]
fn a_closed_pipe_is_no_fault() {
    let reports = WRITING.into_iter();
    for (args, code) in reports.filter(|(args, _)| !HANDING_OVER.contains(args)) {
        let folder = folder();
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = run_into(&folder, args, writer);
        let stderr = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(code), "{args:?}: {stderr}");
        assert!(
            !stderr.contains("pipe") && !stderr.contains("defect"),
            "{args:?}: {stderr}"
        );
    }
}

/// Files are written before anything is said of them.
#[test]
fn a_closed_pipe_does_not_keep_files_from_being_restored() {
    let folder = folder();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = run_into(&folder, &["fix"], writer);
    assert_eq!(output.status.code(), Some(0));
    let text = fs::read_to_string(folder.path().join("a.yaml")).expect("there");
    assert!(!text.contains(":v1"), "{text}");
}

#[test]
fn a_closed_standard_error_is_nobody_s_to_tell() {
    let folder = folder();
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = Command::new(binary())
        .args(["render", "a.yaml"])
        .current_dir(folder.path())
        .stderr(writer)
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stdout).contains("imagePullPolicy: Always"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told() {
    let full = || {
        let device = fs::OpenOptions::new().write(true).open("/dev/full");
        device.expect("the device")
    };
    for (args, _) in WRITING {
        let output = run_into(&folder(), args, full());
        let stderr = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let last = stderr.lines().last().unwrap_or_default();
        assert!(
            last.starts_with("cannot write standard output: No space left on device"),
            "{args:?}: {stderr}"
        );
    }
}

/// As under a service that closes what it does not use.
#[test]
fn a_closed_standard_input_is_empty() {
    for (args, what) in [
        ("", "stdin:1:1: the input is empty\n"),
        ("check -", "standard input holds no manifest\n"),
        ("render -", "stdin:1:1: the input is empty\n"),
    ] {
        let output = Command::new("sh")
            .args(["-c", &format!("exec \"$0\" {args} <&-"), binary()])
            .output()
            .expect("a shell");
        let stderr = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(
            (output.status.code(), output.stdout.len()),
            (Some(2), 0),
            "{stderr}"
        );
        assert!(stderr.starts_with(what), "{args}: {stderr}");
    }
}

/// A large file is read by several threads, from where it stands, and a pipe by one.
#[test]
fn a_large_file_is_read_from_where_it_stands() {
    let folder = folder();
    let item = "- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: é}\n";
    let collector = MANIFEST.replace('\n', "\n  ");
    let list = format!(
        "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n{}- {}\n",
        item.repeat(60_000),
        collector.trim_end()
    );
    fs::write(folder.path().join("list.yaml"), &list).expect("written");
    let before = format!("what: [somebody\n{list}");
    fs::write(folder.path().join("behind.yaml"), before).expect("written");
    let run = |script: &str| {
        let program = binary();
        let output = Command::new("sh")
            .args(["-c", &script.replace("PROGRAM", program)])
            .current_dir(folder.path())
            .output()
            .expect("a shell");
        let stderr = String::from_utf8(output.stderr).expect("UTF-8");
        assert!(output.status.success(), "{script}: {stderr}");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let piped = run("cat list.yaml | PROGRAM");
    assert_eq!(piped.matches("\n- message: ").count(), 2);
    let results = piped.find("results:").expect("results");
    let restored = piped[..results].replace(
        "        image: realtheory/theory-k8s-collector\n          imagePullPolicy: Always",
        "        image: realtheory/theory-k8s-collector:v1",
    );
    assert!(restored == list, "more than the collector was changed");
    assert!(run("PROGRAM < list.yaml") == piped);
    assert!(run("{ read -r line; PROGRAM; } < behind.yaml") == piped);
}

/// Nothing is written, and this is said.
#[track_caller]
fn assert_refused(output: Output, said: &str) {
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(
        (output.status.code(), output.stdout.len(), stderr.as_str()),
        (Some(2), 0, said)
    );
}

/// Not only what is piped is looked through for bytes that are no text.
#[test]
fn a_large_file_that_is_no_text_is_refused_where_it_ends_to_be_one() {
    let folder = folder();
    let list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n";
    let item = "- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: é}\n";
    let mut bytes = (list.to_owned() + &item.repeat(60_000)).into_bytes();
    bytes.extend(b"# \xff\n");
    fs::write(folder.path().join("list.yaml"), &bytes).expect("written");
    let output = Command::new(binary())
        .stdin(fs::File::open(folder.path().join("list.yaml")).expect("a file"))
        .output()
        .expect("it runs");
    assert_refused(
        output,
        "stdin:180004:3: the byte 0xff is not UTF-8\nhelp: convert the text to UTF-8\n",
    );
}

/// Of a file that is larger than the memory no more is asked for than there is.
#[test]
#[cfg(target_os = "linux")]
fn a_file_larger_than_the_memory_is_refused() {
    let folder = folder();
    let file = fs::File::create_new(folder.path().join("sparse.yaml")).expect("a file");
    file.set_len(1 << 32)
        .expect("a file of 4 GiB without contents");
    let output = Command::new("sh")
        .args(["-c", "ulimit -v 1000000; exec \"$0\" < sparse.yaml"])
        .arg(binary())
        .current_dir(folder.path())
        .output()
        .expect("a shell");
    assert_refused(output, "cannot read standard input: out of memory\n");
}
