//! The edges of the process: panics, full disks, closed pipes, and what must not leave.

mod canaries;
#[cfg(unix)]
mod disks;
#[cfg(target_os = "linux")]
mod ends;
#[cfg(target_os = "linux")]
mod faults;
#[cfg(target_os = "linux")]
mod memory;
#[cfg(unix)]
mod pipes;

use std::fs;
use std::path::Path;
use std::process::Command;

use restore_images::cli;

use crate::support::{binary, report_formats, run, run_in_folder};

/// Set in a process of its own, which then panics.
const CHILD: &str = "RESTORE_IMAGES_TEST_PANIC";

#[test]
fn a_panic_is_a_line_and_exit_code_2() {
    if std::env::var_os(CHILD).is_some() {
        cli::stop_at_panics();
        let thread = std::thread::spawn(|| panic!("the \x1b[31mreason: `CANARY: a`"));
        let _ = thread.join();
        return;
    }
    let output = Command::new(std::env::current_exe().expect("this program"))
        .args([
            "--exact",
            "edges::a_panic_is_a_line_and_exit_code_2",
            "--nocapture",
        ])
        .env(CHILD, "1")
        .output()
        .expect("the tests run");
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    let line = stderr
        .lines()
        .find(|line| line.starts_with("restore-images "));
    let line = line.unwrap_or_else(|| panic!("{stderr}"));
    assert!(
        line.contains(" has a defect at tests/edges.rs:")
            && line.ends_with(": the \\u{1b}[31mreason: ***"),
        "{line}"
    );
}

/// A manifest with a canary wherever something could be secret.
const CANARIES: &str = r#"apiVersion: v1
kind: Secret
metadata: {name: s, annotations: {note: CANARY-annotation}}
stringData: {password: CANARY-string}
data: {password: Q0FOQVJZ-CANARY-data}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data: {settings: "token=CANARY-config"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: realtheorycollector, namespace: n}
spec:
  template:
    spec:
      containers:
      - name: realtheorycollector
        image: robot:CANARY-token@registry.example.com/realtheory/theory-k8s-collector:v1
        args: [--token=CANARY-argument]
        env:
        - name: PASSWORD
          value: CANARY-value
      - name: other
        image: realtheory/theory-k8s-collector:v1
        env:
        - {name: KEY, value: CANARY-flow}
"#;

#[track_caller]
fn assert_silent(what: &str, text: &str) {
    assert!(!text.contains("CANARY"), "{what}:\n{text}");
}

#[test]
fn nothing_secret_is_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    fs::write(at("a.yaml"), CANARIES).expect("written");
    // A fault stands behind the secrets, on a line of its own.
    let broken = format!("{CANARIES}---\nkind: [\napiVersion: v1\n");
    fs::create_dir(at("broken")).expect("a folder");
    fs::write(at("broken/b.yaml"), broken).expect("written");
    for format in report_formats() {
        for command in ["check", "fix"] {
            let args = [command, "--format", &format, "-v", "."];
            let run = run_in_folder(folder.path(), &args, b"");
            let stdout = String::from_utf8(run.stdout).expect("UTF-8");
            assert_eq!(run.code, 2, "{command} {format}: {}", run.stderr);
            assert_silent(&format!("{command} {format}"), &stdout);
            assert_silent(&format!("{command} {format}, aside"), &run.stderr);
        }
    }
    for args in [
        &["images", "a.yaml"][..],
        &["images", "a.yaml", "--format", "json"],
        &["images", "a.yaml", "--format", "csv"],
        &["init", "a.yaml"],
    ] {
        let run = run_in_folder(folder.path(), args, b"");
        assert_silent(
            &args.join(" "),
            &String::from_utf8(run.stdout).expect("UTF-8"),
        );
        assert_silent(&args.join(" "), &run.stderr);
    }
    let stream = run(&[], CANARIES.as_bytes());
    assert_eq!(stream.code, 0, "{}", stream.stderr);
    assert_silent("a stream's findings", &stream.stderr);
    let list = resource_list();
    let results = String::from_utf8(run(&[], list.as_bytes()).stdout).expect("UTF-8");
    let (_, results) = results.split_once("\nresults:\n").expect("results");
    assert!(results.contains("unresolved-image"), "{results}");
    assert_silent("results", results);
}

/// The manifest as items of a ResourceList.
fn resource_list() -> String {
    let mut list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n".to_owned();
    for document in CANARIES.split("---\n") {
        for (number, line) in document.lines().enumerate() {
            list.push_str(if number == 0 { "- " } else { "  " });
            list.push_str(line);
            list.push('\n');
        }
    }
    list
}

#[test]
fn the_environment_is_not_read() {
    let own = Path::new(binary());
    let output = Command::new(own)
        .args(["render", "examples/realtheory/base/collector.yaml"])
        .env("REGISTRY", "CANARY-environment")
        .env("RESTORE_IMAGES_CONFIG", "CANARY-environment")
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(0));
    for text in [output.stdout, output.stderr] {
        assert_silent("the environment", &String::from_utf8(text).expect("UTF-8"));
    }
}
