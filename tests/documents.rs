//! What the documents for users show: each rule with the manifest that breaks it, each message with
//! its source, and every link.

use std::fs;
use std::path::Path;

use restore_images::finding::Rule;
use serde_json::Value;

use crate::support::{assert_text_eq, run_in_folder};

const FINDINGS: &str = "docs/findings.md";
const TODAY: &str = "2026-11-21";

fn read(path: impl AsRef<Path>) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A fenced block: its language and its text.
struct Block<'t> {
    language: &'t str,
    text: &'t str,
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut found = Vec::new();
    let mut fences = text.split("\n```").skip(1);
    while let Some(opened) = fences.next() {
        let (language, text) = opened.split_once('\n').expect("a block has lines");
        found.push(Block { language, text });
        fences.next().expect("a block is closed");
    }
    found
}

/// The sections of a document, by their headings.
fn sections(text: &str) -> Vec<(&str, &str)> {
    text.split("\n## ")
        .skip(1)
        .map(|section| section.split_once('\n').expect("a section has lines"))
        .collect()
}

/// The name that a first line `# NAME.yaml` gives a block, or that of the manifest.
fn file_name(text: &str) -> &str {
    let first = text.lines().next().unwrap_or_default();
    let name = first.strip_prefix("# ");
    name.filter(|name| name.ends_with(".yaml") && !name.contains(' '))
        .unwrap_or("app.yaml")
}

#[test]
fn each_rule_is_shown_as_it_is_found() {
    let document = read(FINDINGS);
    let sections = sections(&document);
    let headings: Vec<&str> = sections.iter().map(|(id, _)| *id).collect();
    let rules: Vec<&str> = Rule::all().map(Rule::id).collect();
    assert_eq!(headings, rules);
    let mut wanted = document.clone();
    for (id, section) in &sections {
        let shown = show(id, section);
        wanted = wanted.replacen(section, &shown, 1);
    }
    if std::env::var_os("RESTORE_IMAGES_UPDATE").is_some() {
        fs::write(FINDINGS, &wanted).expect("written");
        return;
    }
    assert_text_eq(&document, &wanted);
}

/// Runs the program on a section's manifests; gives the section with the diff that it printed.
#[track_caller]
fn show(id: &str, section: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let blocks = blocks(section);
    let of = |language: &str| -> Vec<&str> {
        let blocks = blocks.iter().filter(|block| block.language == language);
        blocks.map(|block| block.text).collect()
    };
    let manifests = of("yaml");
    assert!(!manifests.is_empty(), "{id} shows no manifest");
    for text in manifests {
        fs::write(folder.path().join(file_name(text)), format!("{text}\n")).expect("written");
    }
    let run = |words: &[&str]| run_in_folder(folder.path(), words, b"");

    let report = run(&["check", "--today", TODAY, "--format", "json"]);
    let report: Value = serde_json::from_slice(&report.stdout)
        .unwrap_or_else(|error| panic!("{id}: {error}: {}", report.stderr));
    let mut found: Vec<&str> = Vec::new();
    let files = report["files"].as_array().expect("files");
    for findings in files.iter().chain([&report]) {
        let findings = findings["findings"].as_array().expect("findings");
        found.extend(
            findings
                .iter()
                .filter_map(|finding| finding["rule"].as_str()),
        );
    }
    assert!(found.contains(&id), "{id} is not among {found:?}");

    // `--verbose` says what is for the record, too.
    let check = run(&["check", "--today", TODAY, "--verbose"]);
    let said = String::from_utf8(check.stdout).expect("UTF-8") + &check.stderr;
    for line in of("text").iter().flat_map(|text| text.lines()) {
        assert!(said.contains(line), "{id}: not said: {line}\n{said}");
    }

    let fix = run(&["fix", "--diff", "--today", TODAY]);
    let diff = String::from_utf8(fix.stdout).expect("UTF-8");
    match of("diff").as_slice() {
        [] => {
            assert!(!of("text").is_empty(), "{id} shows no answer");
            assert_text_eq(&diff, "");
            section.to_owned()
        }
        [shown] => section.replacen(
            &format!("\n```diff\n{shown}\n```"),
            &format!("\n```diff\n{diff}```"),
            1,
        ),
        _ => panic!("{id} shows several diffs"),
    }
}
