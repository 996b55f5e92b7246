//! What the documents for users show: each rule with the manifest that breaks it, each message with
//! its source, and every link.

use std::fs;
use std::path::{Path, PathBuf};

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
    for (id, section) in sections.iter().filter(|(id, _)| !GENERATED.contains(id)) {
        let shown = show(id, section);
        wanted = wanted.replacen(section, &shown, 1);
    }
    if std::env::var_os("RESTORE_IMAGES_UPDATE").is_some() {
        fs::write(FINDINGS, &wanted).expect("written");
        return;
    }
    assert_text_eq(&document, &wanted);
}

/// Rules of generators, which files are not judged by: `tests/generate/` shows them.
const GENERATED: &[&str] = &[
    "generated-resource",
    "stale-generated-resource",
    "not-generated",
];

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

/// Every Markdown file of the project, by its path from the root.
fn markdown(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        if path.is_dir() && name != "target" && name != ".git" {
            markdown(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

/// The targets of a text's links, code aside.
fn links(text: &str) -> Vec<String> {
    let prose = text
        .split("\n```")
        .step_by(2)
        .collect::<Vec<_>>()
        .join("\n");
    let outside_code: String = prose.split('`').step_by(2).collect();
    outside_code
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target.to_owned())
        .collect()
}

#[test]
fn every_link_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut documents = Vec::new();
    markdown(root, &mut documents);
    let mut followed = 0;
    for document in documents {
        for link in links(&fs::read_to_string(&document).expect("a text")) {
            if link.contains("://") {
                continue;
            }
            let (path, heading) = link.split_once('#').unwrap_or((&link, ""));
            let target = match path {
                "" => document.clone(),
                path => document.parent().expect("a folder").join(path),
            };
            assert!(target.exists(), "{}: {link}", document.display());
            if !heading.is_empty() {
                let text = fs::read_to_string(&target).expect("a text");
                let found = text.lines().any(|line| anchor(line) == heading);
                assert!(found, "{}: {link}", document.display());
            }
            followed += 1;
        }
    }
    assert!(followed > 50, "{followed}");
}

/// The anchor that a heading gets; of any other line, nothing.
fn anchor(line: &str) -> String {
    let title = line.trim_start_matches('#');
    if title.len() == line.len() {
        return String::new();
    }
    let words = title.trim().to_lowercase().replace(' ', "-");
    words
        .chars()
        .filter(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_'))
        .collect()
}

/// A block that names a file of the project in its first line holds lines of it, in a row.
#[test]
fn what_guides_show_of_files_stands_in_them() {
    let mut shown = 0;
    for document in guides() {
        let text = read(&document);
        for block in blocks(&text) {
            let Some((first, lines)) = block.text.split_once('\n') else {
                continue;
            };
            let name = first.strip_prefix("# ").unwrap_or_default();
            if name.starts_with("examples/") || name.starts_with("tests/") {
                let file = read(name);
                assert!(file.contains(lines), "{document}: {name}:\n{lines}");
                shown += 1;
            }
        }
    }
    assert!(shown > 8, "{shown}");
}

/// A whole configuration is one that the program reads.
#[test]
fn configurations_in_guides_are_read() {
    let mut read_ones = 0;
    for document in guides() {
        let text = read(&document);
        let whole = "kind: RestoreImages\nmetadata:";
        let blocks = blocks(&text);
        let is_whole = |block: &&Block<'_>| block.language == "yaml" && block.text.contains(whole);
        for block in blocks.iter().filter(is_whole) {
            let folder = tempfile::tempdir().expect("a folder");
            fs::write(folder.path().join("restore-images.yaml"), block.text).expect("written");
            let run = run_in_folder(folder.path(), &["check", "--today", TODAY], b"");
            assert_eq!(run.code, 0, "{document}: {}", run.stderr);
            read_ones += 1;
        }
    }
    assert!(read_ones > 5, "{read_ones}");
}

/// The documents of this folder, by their paths from the root.
fn guides() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let mut found: Vec<String> = fs::read_dir(folder)
        .expect("the documents")
        .map(|entry| entry.expect("an entry").file_name())
        .map(|name| format!("docs/{}", name.to_string_lossy()))
        .collect();
    found.sort();
    found
}

/// The sections of the document on messages whose messages are our own.
const OWN: [&str; 5] = [
    "The program seems to do nothing",
    "Reading manifests",
    "Writing files",
    "Configuration",
    "Mirrors",
];

/// Each text in code in the first column is a message of ours, so it stands in the sources or is
/// what a test expects of them.
#[test]
fn each_message_is_one_that_the_program_has() {
    let document = read("docs/troubleshooting.md");
    let known = sources();
    let mut asked = 0;
    for (heading, section) in sections(&document) {
        if !OWN.contains(&heading) {
            continue;
        }
        for row in section.lines().filter(|line| line.starts_with("| ")) {
            let message = row[2..].split(" | ").next().expect("a column");
            for fragment in fragments(message) {
                assert!(known.contains(fragment), "not a message: {fragment}");
                asked += 1;
            }
        }
    }
    assert!(asked > 40, "{asked}");
}

/// The texts in code, between one grave accent or two.
fn fragments(message: &str) -> Vec<&str> {
    if let Some(inner) = message.strip_prefix("``") {
        return vec![inner.trim_end_matches('`').trim()];
    }
    let code = message.split('`').skip(1).step_by(2);
    // Names of others' flags and of commands are no messages.
    code.filter(|text| !text.starts_with("--")).collect()
}

/// Every source and test, this one aside; a string that is broken over lines is joined.
fn sources() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("src"), root.join("tests")];
    let mut text = String::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let is_source = path.extension().is_some_and(|extension| extension == "rs");
            if path.is_dir() {
                folders.push(path);
            } else if is_source && !path.ends_with("documents.rs") {
                text.push_str(&fs::read_to_string(&path).expect("a source"));
            }
        }
    }
    let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
    lines.join("\n").replace("\\\n", "")
}
