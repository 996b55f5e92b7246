//! Every format points into the right bytes of a file, inside a patch that is a text in it as well.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{assert_text_eq, run_in_folder};

const CONFIG: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  agents: [realtheory-collector]
";

const WEB: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: web, image: nginx}]}}}
";

/// Letters of several bytes in front, a literal block that a line is added to, and a text with escapes
/// in quotes.
const BEFORE: &str = r##"# für alle: ein Ü
resources: [web.yaml]
patches:
- patch: |
    # Ümläute
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
    spec:
      template:
        spec:
          containers:
          - name: collector
            image: corp.example.net/realtheory/theory-k8s-collector:v1.3
- {target: {kind: Deployment}, patch: "# ü\n- op: add\n  path: /spec/template/spec/initContainers\n  value: [{name: first, image: 'realtheory/theory-k8s-collector:v2', imagePullPolicy: Never}]\n"}
"##;

const AFTER: &str = r##"# für alle: ein Ü
resources: [web.yaml]
patches:
- patch: |
    # Ümläute
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
    spec:
      template:
        spec:
          containers:
          - name: collector
            image: realtheory/theory-k8s-collector
            imagePullPolicy: Always
- {target: {kind: Deployment}, patch: "# ü\n- op: add\n  path: /spec/template/spec/initContainers\n  value: [{name: first, image: 'realtheory/theory-k8s-collector', imagePullPolicy: Always}]\n"}
"##;

/// What each finding points at: its rule, its line, and the bytes, without the quotes that the patch
/// has around them.
const FOUND: &[(&str, u64, &str)] = &[
    ("wrong-pull-policy", 14, "name: collector"),
    (
        "pinned-tag",
        15,
        "corp.example.net/realtheory/theory-k8s-collector:v1.3",
    ),
    (
        "wrong-registry",
        15,
        "corp.example.net/realtheory/theory-k8s-collector:v1.3",
    ),
    ("pinned-tag", 16, "realtheory/theory-k8s-collector:v2"),
    ("wrong-pull-policy", 16, "Never"),
];

fn tree() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in [
        ("restore-images.yaml", CONFIG),
        ("web.yaml", WEB),
        ("kustomization.yaml", BEFORE),
    ] {
        fs::write(folder.path().join(name), text).expect("written");
    }
    folder
}

fn out(folder: &Path, words: &[&str], code: i32) -> String {
    let run = run_in_folder(folder, words, b"");
    assert_eq!(run.code, code, "{}", run.stderr);
    String::from_utf8(run.stdout).expect("UTF-8")
}

fn restored(folder: &Path) -> String {
    fs::read_to_string(folder.join("kustomization.yaml")).expect("a text")
}

/// The bytes between two places, columns in characters.
fn between(start: (u64, u64), end: (u64, u64)) -> std::ops::Range<usize> {
    let offset = |(line, column): (u64, u64)| {
        let above = BEFORE.split_inclusive('\n').take(line as usize - 1);
        let line_start: usize = above.map(str::len).sum();
        let line = BEFORE[line_start..].chars();
        line_start
            + line
                .take(column as usize - 1)
                .map(char::len_utf8)
                .sum::<usize>()
    };
    offset(start)..offset(end)
}

/// The text with each of some edits made once.
fn edited(mut edits: Vec<(std::ops::Range<usize>, String)>) -> String {
    edits.sort_by_key(|(span, _)| (span.start, span.end));
    edits.dedup();
    let mut text = BEFORE.to_owned();
    for (span, new) in edits.into_iter().rev() {
        text.replace_range(span, &new);
    }
    text
}

/// Compares what was pointed at with [`FOUND`].
#[track_caller]
fn points(found: &[(String, u64, String)]) {
    let found = found.iter();
    let found: Vec<(&str, u64, &str)> = found
        .map(|(rule, line, text)| (&**rule, *line, text.trim_matches('\'')))
        .collect();
    assert_eq!(found, FOUND);
}

fn number(value: &Value, key: &str) -> u64 {
    value[key].as_u64().expect("a number")
}

fn text_of(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

#[test]
fn fix_and_its_diff_edit_inside_a_patch() {
    let folder = tree();
    let diff = out(folder.path(), &["fix", "--diff"], 1);
    let patch = folder.path().join("fix.patch");
    fs::write(&patch, diff).expect("written");
    let mut git = Command::new("git");
    let applied = git.arg("apply").arg(&patch).current_dir(folder.path());
    assert!(applied.status().expect("git runs").success());
    assert_text_eq(&restored(folder.path()), AFTER);
    let folder = tree();
    out(folder.path(), &["fix"], 0);
    assert_text_eq(&restored(folder.path()), AFTER);
    out(folder.path(), &["check"], 0);
}

#[test]
fn json_points_inside_a_patch() {
    let folder = tree();
    let report = out(folder.path(), &["check", "--format", "json"], 1);
    let report: Value = serde_json::from_str(&report).expect("JSON");
    let mut files = list(&report["files"]).iter();
    let file = files.find(|file| file["path"] == "kustomization.yaml");
    let file = file.expect("the file");
    let (mut found, mut edits) = (Vec::new(), Vec::new());
    let span = |region: &Value| {
        let byte = |key| usize::try_from(number(region, key)).expect("an offset");
        let span = byte("startByte")..byte("endByte");
        let place = |line, column| (number(region, line), number(region, column));
        let places = between(
            place("startLine", "startColumn"),
            place("endLine", "endColumn"),
        );
        assert_eq!(span, places);
        span
    };
    for finding in list(&file["findings"]) {
        let region = &finding["region"];
        let text = BEFORE[span(region)].to_owned();
        found.push((text_of(&finding["rule"]), number(region, "startLine"), text));
        for edit in list(&finding["edits"]) {
            edits.push((span(&edit["region"]), text_of(&edit["text"])));
        }
    }
    points(&found);
    assert_text_eq(&edited(edits), AFTER);
}

#[test]
fn sarif_points_inside_a_patch() {
    let folder = tree();
    let log = out(folder.path(), &["check", "--format", "sarif"], 1);
    let log: Value = serde_json::from_str(&log).expect("JSON");
    let (mut found, mut edits) = (Vec::new(), Vec::new());
    let span = |region: &Value| {
        let place = |line, column| (number(region, line), number(region, column));
        between(
            place("startLine", "startColumn"),
            place("endLine", "endColumn"),
        )
    };
    for result in list(&log["runs"][0]["results"]) {
        let location = &result["locations"][0]["physicalLocation"];
        assert_eq!(location["artifactLocation"]["uri"], "kustomization.yaml");
        let region = &location["region"];
        let text = BEFORE[span(region)].to_owned();
        found.push((
            text_of(&result["ruleId"]),
            number(region, "startLine"),
            text,
        ));
        // Findings of one value share its edits, which the first of them has.
        let fix = &result["fixes"][0]["artifactChanges"][0]["replacements"];
        for replacement in fix.as_array().into_iter().flatten() {
            let new = text_of(&replacement["insertedContent"]["text"]);
            edits.push((span(&replacement["deletedRegion"]), new));
        }
    }
    points(&found);
    assert_text_eq(&edited(edits), AFTER);
}

#[test]
fn annotations_point_inside_a_patch() {
    let folder = tree();
    let lines = out(folder.path(), &["check", "--format", "github"], 1);
    let found = lines.lines().map(|line| {
        let value = |key: &str| {
            let (_, rest) = line.split_once(&format!("{key}=")).expect("a property");
            let end = rest.find([',', ':']).expect("its end");
            rest[..end].to_owned()
        };
        let number = |key| value(key).parse::<u64>().expect("a number");
        assert_eq!(value("file"), "kustomization.yaml");
        let (start, end) = (
            (number(",line"), number(",col")),
            (number("endLine"), number("endColumn")),
        );
        let text = BEFORE[between(start, end)].to_owned();
        (value("title"), number(",line"), text)
    });
    points(&found.collect::<Vec<_>>());
}
