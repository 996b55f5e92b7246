//! The limits that docs/troubleshooting.md states: what is refused beyond them, what is counted
//! instead of shown, and how much memory is taken.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{assert_text_eq, binary, run, run_in_folder};

const LIST: &str = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n";

/// A workload with one container for each image, on one line, which is JSON too.
fn workload(images: impl Iterator<Item = String>, policy: &str) -> String {
    let containers: Vec<String> = images
        .map(|image| format!(r#"{{"name":"realtheorycollector","image":"{image}"{policy}}}"#))
        .collect();
    format!(
        r#"{{"apiVersion":"apps/v1","kind":"Deployment","metadata":{{"name":"realtheorycollector"}},"spec":{{"template":{{"spec":{{"containers":[{}]}}}}}}}}"#,
        containers.join(",")
    )
}

/// Two findings a container: the tag, and the policy.
fn pinned(count: usize) -> String {
    let images = (0..count).map(|n| format!("realtheory/theory-k8s-collector:v{n}"));
    workload(images, "")
}

#[test]
fn a_key_of_1024_characters_is_the_longest() {
    let of = |length| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\n{}: x\n",
            "k".repeat(length)
        )
    };
    assert_eq!(run(&[], of(1024).as_bytes()).code, 0);
    let json = |length| {
        format!(
            "{{\"kind\": \"ConfigMap\", \"{}\": 1}}\n",
            "k".repeat(length)
        )
    };
    assert_eq!(run(&[], json(1000).as_bytes()).code, 0);
    for (input, place) in [(of(1025), "3:1"), (json(1025), "1:1050")] {
        let run = run(&[], input.as_bytes());
        assert_eq!((run.code, run.stdout.len()), (2, 0));
        assert_text_eq(
            &run.stderr,
            &format!(
                "stdin:{place}: a key is longer than YAML's 1024 characters\n\
                 help: no key of Kubernetes is: look for a missing quote or line break\n"
            ),
        );
    }
}

#[test]
fn documents_items_and_lines_are_as_many_as_there_are() {
    let pods = "apiVersion: v1\nkind: Pod\n---\n".repeat(100_000);
    let items = format!(
        "{LIST}{}",
        "- {apiVersion: v1, kind: Pod}\n".repeat(100_000)
    );
    let markers = format!("{}apiVersion: v1\nkind: Pod\n", "---\n".repeat(100_000));
    let comments = format!("{}apiVersion: v1\nkind: Pod\n", "# c\n".repeat(100_000));
    let flow = format!(
        "{{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"x\": [{}1]}}\n",
        "1, ".repeat(100_000)
    );
    for input in [pods, items, markers, comments, flow] {
        let run = run(&[], input.as_bytes());
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(run.stdout == input.as_bytes());
    }
}

/// What a hundred thousand findings look like at each door.
#[test]
fn a_hundred_thousand_findings_stay_readable() {
    const COUNT: usize = 100_000;
    let images = (0..COUNT).map(|n| format!("$(IMAGE_{n})"));
    let workload = workload(images, r#","imagePullPolicy":"Always""#);
    let stream = run(&[], workload.as_bytes());
    assert_eq!(stream.code, 0);
    let lines: Vec<&str> = stream.stderr.lines().collect();
    assert_eq!(lines.len(), 101);
    assert!(lines[0].starts_with("stdin:1:"), "{}", lines[0]);
    assert_text_eq(
        lines[100],
        "and 99900 more [unresolved-image]; `restore-images check --verbose` on the same manifests shows them all",
    );
    // In a function's output each has a result, for callers that keep them.
    let list = format!("{LIST}- {workload}\n");
    let list = run(&[], list.as_bytes());
    assert_eq!(list.code, 0);
    let lines: Vec<&str> = list.stderr.lines().collect();
    assert_eq!(lines.len(), 21);
    assert_text_eq(
        lines[20],
        "and 99980 more: the ResourceList's results have them all",
    );
    let output = String::from_utf8(list.stdout).expect("UTF-8");
    assert_eq!(output.matches("rule: unresolved-image").count(), COUNT);
}

#[test]
fn many_findings_in_files_stay_readable() {
    const COUNT: usize = 4_000;
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("written");
    };
    write("many.json", &pinned(COUNT));
    for n in 0..30 {
        write(&format!("broken{n:02}.yaml"), "apiVersion: v1\nkind: [\n");
    }
    let text = |args: &[&str]| {
        let run = run_in_folder(folder.path(), args, b"");
        (run.code, String::from_utf8(run.stdout).expect("UTF-8"))
    };
    let (code, check) = text(&["check"]);
    assert_eq!(code, 2);
    assert!(check.lines().count() < 700, "{}", check.lines().count());
    for counted in [
        "note: 3980 more findings [pinned-tag]: many.json:1:",
        "note: 3997 more findings like the last [wrong-pull-policy]: many.json:1:",
        "note: 10 more files that cannot be read: broken20.yaml, broken21.yaml, broken22.yaml, broken23.yaml, broken24.yaml and 5 more; --verbose shows them all\n",
        " and 3975 more; --verbose shows them all\n",
        "\nconfiguration: none, so every built-in agent is looked for and no mirror is known\n8000 errors in 1 file, 30 unreadable, 4000 images read\n",
    ] {
        assert!(check.contains(counted), "{counted}\n{check}");
    }
    let (code, fix) = text(&["fix", "--keep-going"]);
    assert_eq!(code, 2);
    assert!(fix.contains("\nand 3900 more [pinned-tag]; --verbose shows them all\n"));
    assert!(fix.contains("\n4000 images restored in 1 file,"), "{fix}");
    assert!(fix.lines().count() < 500, "{}", fix.lines().count());
    assert_eq!(text(&["check", "many.json"]).0, 0);
    let (_, all) = text(&["check", "--verbose"]);
    assert_eq!(all.matches("error: unclosed bracket").count(), 30);
}

/// Reports for programs are whole, and each finding of one large resource has its own edits: to look
/// for them among all edits would take minutes.
#[test]
fn reports_of_one_large_resource_are_whole() {
    const COUNT: usize = 8_000;
    let workload = pinned(COUNT);
    let json = run(&["check", "--format", "json", "-"], workload.as_bytes());
    assert_eq!(json.code, 1);
    let json: Value = serde_json::from_slice(&json.stdout).expect("a report");
    let findings = json["files"][0]["findings"].as_array().expect("findings");
    assert_eq!(findings.len(), 2 * COUNT);
    for finding in findings {
        let edits = finding["edits"].as_array().expect("edits");
        assert_eq!(edits.len(), 1, "{finding}");
        let is_policy = edits[0]["text"] == r#", "imagePullPolicy": "Always""#
            || edits[0]["text"] == r#","imagePullPolicy":"Always""#;
        assert_eq!(
            is_policy,
            finding["rule"] == "wrong-pull-policy",
            "{finding}"
        );
    }
    let sarif = run(&["check", "--format", "sarif", "-"], workload.as_bytes());
    let sarif: Value = serde_json::from_slice(&sarif.stdout).expect("a log");
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    assert_eq!(results.len(), 2 * COUNT);
    let has_fix = |result: &Value| result["fixes"][0]["artifactChanges"].is_array();
    assert!(results.iter().all(has_fix));
}

/// Each of many edits in one resource is looked up where it stands: to look for it among all that the
/// resource holds would take minutes.
#[test]
fn one_large_resource_is_restored_and_checked() {
    const COUNT: usize = 20_000;
    let block = |tag: fn(usize) -> String, policy: &str| {
        let container = |n| {
            format!(
                "      - name: collector-{n}\n        image: realtheory/theory-k8s-collector{}\n        \
                 imagePullPolicy: {policy}\n",
                tag(n)
            )
        };
        let containers: String = (0..COUNT).map(container).collect();
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: large\nspec:\n  template:\n    \
             spec:\n      containers:\n{containers}"
        )
    };
    let flow = |tag: fn(usize) -> String, policy: &str| {
        let images = (0..COUNT).map(|n| format!("realtheory/theory-k8s-collector{}", tag(n)));
        workload(images, &format!(r#","imagePullPolicy":"{policy}""#))
    };
    let pinned = |n| format!(":v{n}");
    let restored = |_| String::new();
    for (input, output) in [
        (block(pinned, "IfNotPresent"), block(restored, "Always")),
        (flow(pinned, "Never"), flow(restored, "Always")),
    ] {
        let run = run(&[], input.as_bytes());
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert_text_eq(&String::from_utf8(run.stdout).expect("UTF-8"), &output);
    }
}

/// The most memory that the program had when it began to write: a full pipe stops it there.
#[cfg(target_os = "linux")]
fn peak(args: &[&str], input: &str) -> usize {
    let mut child = Command::new(binary())
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(input.as_bytes()).expect("read");
    drop(stdin);
    let mut stdout = child.stdout.take().expect("a pipe");
    let mut first = [0];
    stdout.read_exact(&mut first).expect("an output");
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()));
    let mut rest = Vec::new();
    stdout.read_to_end(&mut rest).expect("an output");
    assert_eq!(child.wait().expect("the program ends").code(), Some(0));
    assert!(rest.len() > 200_000, "the pipe was never full");
    let status = status.expect("still running");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    kilobytes
        .and_then(|number| number.parse::<usize>().ok())
        .expect("a number")
        * 1024
}

#[cfg(target_os = "linux")]
#[test]
fn memory_is_bounded_by_the_input() {
    const OWN: usize = 32 << 20;
    let one = |value: &str| format!("apiVersion: v1\nkind: Pod\nx: {value}\n");
    let chained: String = (1..30_000)
        .map(|n| format!("- &a{n} [*a{}]\n", (n - 1) - (n - 1) % 200))
        .collect();
    // One resource, all of whose values are nodes at once: about ninety bytes for each byte.
    for input in [
        one(&format!("[{}]", "a,".repeat(150_000))),
        one(&format!("{{{}}}", "a,".repeat(150_000))),
        one(&format!("[{}]", "[],".repeat(100_000))),
        one(&format!("[{}]", "&a a,*a ,".repeat(40_000))),
        one(&format!("\n- &a0 [x]\n{chained}")),
        one(&format!("|\n{}", "  x\n".repeat(80_000))),
        one(&format!("\"{}\"", "\\n".repeat(150_000))),
    ] {
        for args in [&[][..], &["--no-fast"]] {
            let peak = peak(args, &input);
            assert!(
                peak < 128 * input.len() + OWN,
                "{peak} for {}: {}",
                input.len(),
                &input[..60]
            );
        }
    }
    // Many resources, which are nodes one at a time.
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  labels: {a: b, c: d, e: f, g: h}\nspec:\n  containers:\n  - image: nginx\n";
    let stream = vec![pod; 20_000].join("---\n");
    let peak = peak(&[], &stream);
    assert!(peak < 8 * stream.len() + OWN, "{peak} for {}", stream.len());
}
