//! `agents verify`: each fact of a profile is looked up in a folder of checked-out repositories.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use restore_images::agent::builtin_names;
use restore_images::config::facts;
use restore_images::fact::FactLocator;
use serde_json::Value;

use crate::support::{assert_text_eq, run_in_folder};

fn write(folder: &Path, path: &str, text: &str) {
    let file = folder.join(path);
    fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    fs::write(file, text).expect("written");
}

#[track_caller]
fn check(folder: &Path, args: &[&str], code: i32, expected: &str) {
    let run = run_in_folder(folder, args, b"");
    let stdout = String::from_utf8(run.stdout).expect("UTF-8");
    assert_text_eq(&format!("{stdout}{}", run.stderr), expected);
    assert_eq!(run.code, code);
}

const OPERATOR: &str = "falcosecurity/charts/charts/k8s-metacollector/values.yaml";

#[test]
fn each_fact_holds_moved_vanished_or_was_not_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path();
    let manifest = "logdna/logdna-agent-v2/k8s/agent-resources.yaml";
    let verify = ["agents", "verify", "--against", ".", "logdna-agent"];
    check(
        place,
        &verify,
        2,
        "logdna-agent: 0 of 3 facts hold, 3 were not there
  not there: logdna/logdna-agent-v2 k8s/agent-resources.yaml
all: 0 of 3 facts hold, 3 were not there
. holds none of the repositories, so nothing was looked up
help: check them out below it as OWNER/REPO: git clone --depth 1 https://github.com/logdna/logdna-agent-v2 ./logdna/logdna-agent-v2
",
    );
    // One fact that is not there is one.
    let one = ["agents", "verify", "--against", ".", "-c", "c.yaml"];
    write(
        place,
        "c.yaml",
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec:\n  agents:\n  - name: own\n    images: [{image: acme.io/t/a}]\n    facts: [{repository: a/b, commit: x, path: v, statements: [{line: a, value: a, says: it}]}]\n",
    );
    let run = run_in_folder(place, &one, b"");
    assert!(
        String::from_utf8_lossy(&run.stdout).ends_with("all: 0 of 1 facts hold, 1 was not there\n")
    );
    // One that is missing beside others is no error.
    write(place, "scalyr/scalyr-agent-2/README.md", "");
    let both = [
        "agents",
        "verify",
        "--against",
        ".",
        "logdna-agent",
        "scalyr-agent",
    ];
    assert_eq!(run_in_folder(place, &both, b"").code, 1);
    write(
        place,
        manifest,
        "    image: logdna/logdna-agent:3.11.2\n    imagePullPolicy: Always\n",
    );
    check(
        place,
        &verify,
        0,
        "logdna-agent: 3 of 3 facts hold\nall: 3 of 3 facts hold\n",
    );
    write(place, manifest, "    image: logdna/logdna-agent:3.12.0\n");
    check(
        place,
        &verify,
        1,
        "logdna-agent: 1 of 3 facts hold, 1 moved, 1 vanished
  moved: logdna/logdna-agent-v2 k8s/agent-resources.yaml image: logdna/logdna-agent:(\\S+): 3.11.2 → 3.12.0 (the tag that is shipped)
  vanished: logdna/logdna-agent-v2 k8s/agent-resources.yaml imagePullPolicy: (\\w+): Always (the pull policy that is shipped)
all: 1 of 3 facts hold, 1 moved, 1 vanished
",
    );
    fs::remove_file(place.join(manifest)).expect("removed");
    let run = run_in_folder(place, &verify, b"");
    assert_eq!(run.code, 1);
    assert!(String::from_utf8_lossy(&run.stdout).contains("0 of 3 facts hold, 3 vanished"));
}

#[test]
fn data_is_read_as_data_and_a_bot_gets_json() {
    let folder = tempfile::tempdir().expect("a folder");
    let values = "vantage-sh/helm-charts/charts/vantage-kubernetes-agent/values.yaml";
    // Another order, other quotes and a comment are the same data.
    write(
        folder.path(),
        values,
        "image:\n  tag: '' # the chart's\n  \"pullPolicy\": Never\n  repository: \"quay.io/vantage-sh/kubernetes-agent\"\n",
    );
    let args = [
        "agents",
        "verify",
        "vantage-kubernetes-agent",
        "--against",
        ".",
        "--format",
        "json",
    ];
    let run = run_in_folder(folder.path(), &args, b"");
    assert_eq!(run.code, 1, "{}", run.stderr);
    let answer: Value = serde_json::from_slice(&run.stdout).expect("JSON");
    let agent = &answer["agents"][0];
    assert_eq!(agent["name"], "vantage-kubernetes-agent");
    let file = &agent["facts"][0];
    assert_eq!(file["repository"], "vantage-sh/helm-charts");
    let result = |path: &str| {
        let all = file["statements"].as_array().expect("a list");
        let found = all.iter().find(|statement| statement["jsonPath"] == path);
        let found = found.expect("the statement");
        (found["result"].clone(), found["found"].clone())
    };
    assert_eq!(result("$.image.repository"), ("holds".into(), Value::Null));
    assert_eq!(result("$.image.tag"), ("holds".into(), Value::Null));
    assert_eq!(
        result("$.image.pullPolicy"),
        ("moved".into(), "Never".into())
    );
    assert_eq!(answer["version"], 1);
}

#[test]
fn facts_of_ones_own_profiles_are_looked_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path();
    let facts = |indent: &str, value: &str| {
        let lines = [
            "facts:".to_owned(),
            "- repository: acme/charts".to_owned(),
            "  commit: 0123456789abcdef0123456789abcdef01234567".to_owned(),
            "  path: values.yaml".to_owned(),
            "  statements:".to_owned(),
            format!("  - {{jsonPath: $.image.tag, value: {value}, says: the tag}}"),
        ];
        lines.map(|line| format!("{indent}{line}\n")).concat()
    };
    write(
        place,
        "c.yaml",
        &format!(
            "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n  agents:\n  - falco\n  - name: own\n    images: [{{image: acme.io/t/agent}}]\n{}---\napiVersion: restore-images.dev/v1alpha1\nkind: AgentProfile\nmetadata: {{name: other}}\nspec:\n  images: [{{image: acme.io/t/other}}]\n{}",
            facts("    ", "v1"),
            facts("  ", "v2")
        ),
    );
    write(place, "plain.yaml", "a: b\n");
    write(place, "v/acme/charts/values.yaml", "image: {tag: v1}\n");
    let verify = |file: &'static str| ["agents", "verify", "--against", "v", "-c", file];
    check(
        place,
        &verify("c.yaml"),
        1,
        "own: 1 of 1 facts hold
other: 0 of 1 facts hold, 1 moved
  moved: acme/charts values.yaml $.image.tag: v2 → v1 (the tag)
all: 1 of 2 facts hold, 1 moved
",
    );
    let mut one = verify("c.yaml").to_vec();
    one.push("own");
    check(
        place,
        &one,
        0,
        "own: 1 of 1 facts hold\nall: 1 of 1 facts hold\n",
    );
    one[6] = "owm";
    check(
        place,
        &one,
        2,
        "c.yaml writes out no profile `owm` with facts\nhelp: did you mean `own`? known: own, other\n",
    );
    check(
        place,
        &verify("plain.yaml"),
        2,
        "plain.yaml writes out no profile with facts\nhelp: without `-c`, the facts of the built-in profiles are looked up\n",
    );
}

#[test]
fn what_cannot_be_looked_up_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let help = "help: name one with checked-out repositories as OWNER/REPO\n";
    check(
        folder.path(),
        &["agents", "verify", "--against", "nowhere"],
        2,
        &format!("nowhere is not a folder\n{help}"),
    );
    let run = run_in_folder(
        folder.path(),
        &["agents", "verify", "--against", ".", "falko"],
        b"",
    );
    assert_eq!(run.code, 2);
    assert!(
        run.stderr
            .starts_with("there is no built-in profile `falko`\nhelp: did you mean `falco`?")
    );
    // What no reader of YAML takes says nothing at any path.
    write(folder.path(), OPERATOR, "image: {{ .Values }}\n  a: [\n");
    let run = run_in_folder(
        folder.path(),
        &["agents", "verify", "--against", ".", "falco"],
        b"",
    );
    let stdout = String::from_utf8_lossy(&run.stdout).into_owned();
    assert!(stdout.contains("  vanished: falcosecurity/charts charts/k8s-metacollector/values.yaml $.image.registry: docker.io"), "{stdout}");
}

/// Every profile says where its vendor says so, and every fact can be looked up.
#[test]
fn every_profile_has_facts_and_says_where_they_stand() {
    for name in builtin_names() {
        let sources = facts(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!sources.is_empty(), "{name} has no fact");
        for source in &sources {
            assert_eq!(source.repository.split('/').count(), 2, "{name}");
            assert_eq!(source.commit.len(), 40, "{name}: {}", source.commit);
            assert!(
                !source.path.starts_with('/') && !source.path.contains(".."),
                "{name}"
            );
            assert!(!source.statements.is_empty(), "{name}");
            for statement in &source.statements {
                assert!(!statement.says.is_empty(), "{name}");
                if let FactLocator::Line(pattern) = &statement.place {
                    assert!(pattern.captures_len() <= 2, "{name}: {pattern}");
                }
            }
        }
    }
}

/// A fact for each file of a made-up folder that holds what every fact wants.
#[test]
fn all_facts_are_looked_up_in_no_time() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in builtin_names() {
        for source in facts(name).expect("facts") {
            let filler = "key: value # of which a vendor's file has many\n".repeat(2_000);
            write(
                folder.path(),
                &format!("{}/{}", source.repository, source.path),
                &filler,
            );
        }
    }
    let began = Instant::now();
    let run = run_in_folder(folder.path(), &["agents", "verify", "--against", "."], b"");
    assert_eq!(run.code, 1, "{}", run.stderr);
    let took = began.elapsed();
    // Built for tests, on a machine that others use as well.
    assert!(took < Duration::from_secs(60), "{took:?}");
}

/// A fault in facts has its key from the root, and its place.
#[test]
fn facts_that_cannot_be_looked_up_are_refused_where_they_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = |facts: &str| {
        write(
            folder.path(),
            "c.yaml",
            &format!(
                "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n  agents:\n  - name: own\n    images: [{{image: acme.io/t/agent}}]\n    facts: [{facts}]\n"
            ),
        );
        let args = ["agents", "verify", "--against", ".", "-c", "c.yaml"];
        let run = run_in_folder(folder.path(), &args, b"");
        assert_eq!(run.code, 2);
        run.stderr
    };
    let fact = |repository: &str, statements: &str| {
        format!("{{repository: {repository}, commit: x, path: v, statements: [{statements}]}}")
    };
    let holds = "{line: a, value: a, says: it}";
    assert_text_eq(
        &said(&fact("a", holds)),
        "c.yaml:8:26: spec.agents[0].facts[0].repository: `a` is no repository on GitHub\nhelp: write it as `OWNER/REPO`\n",
    );
    assert_text_eq(
        &said(&fact("a/b", "")),
        "c.yaml:8:63: spec.agents[0].facts[0].statements: the file says nothing\nhelp: write at least one statement\n",
    );
    assert_text_eq(
        &said(&fact("a/b", "{value: a, says: it}")),
        "c.yaml:8:64: spec.agents[0].facts[0].statements[0]: a statement has either `jsonPath` or `line`\nhelp: write `jsonPath` for data, `line` for other text\n",
    );
    assert_text_eq(
        &said(&fact("a/b", "{jsonPath: '$[', value: a, says: it}")),
        "c.yaml:8:75: spec.agents[0].facts[0].statements[0].jsonPath: `$[`: this is no JSONPath (RFC 9535)\n",
    );
}
