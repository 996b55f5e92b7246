//! The pages on findings: each rule with the manifest that breaks it, and what allows it, and the
//! table of them all.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use restore_images::finding::{Group, Mode, Rule, Severity};
use serde_json::Value;

use super::{TODAY, blocks, read, sections};
use crate::support::{assert_text_eq, run_in_folder};

const INDEX: &str = "docs/findings.md";
/// What stands around the table of all rules.
const MADE: [&str; 2] = [
    "<!-- made by tests/documents/findings.rs -->\n\n",
    "\n<!-- /made -->",
];
/// The name that a configuration of kind GenerateImages has in a section.
const GENERATE: &str = "generate-images.yaml";

/// The file of a group's page.
fn file_of(group: Group) -> String {
    format!("docs/findings/{}.md", group.page())
}

fn rules_of(group: Group) -> impl Iterator<Item = Rule> {
    Rule::all().filter(move |rule| rule.group() == group)
}

#[track_caller]
fn hold(file: &str, wanted: &str) {
    if std::env::var_os("RESTORE_IMAGES_UPDATE").is_some() {
        fs::write(file, wanted).expect("written");
    }
    assert_text_eq(&read(file), wanted);
}

#[test]
fn each_rule_is_shown_as_it_is_found() {
    for group in Group::ALL {
        let document = read(file_of(group));
        let sections = sections(&document);
        let headings: Vec<&str> = sections.iter().map(|(id, _)| *id).collect();
        let rules: Vec<&str> = rules_of(group).map(Rule::id).collect();
        assert_eq!(headings, rules);
        let mut wanted = document.clone();
        for (id, section) in &sections {
            let shown = show(id, section);
            wanted = wanted.replacen(section, &shown, 1);
        }
        hold(&file_of(group), &wanted);
    }
}

#[test]
fn each_rule_is_in_the_table_of_all() {
    let document = read(INDEX);
    let mut table = String::from(
        "| finding | when restoring | under `check` | why it matters |\n|---|---|---|---|\n",
    );
    for rule in Group::ALL.into_iter().flat_map(rules_of) {
        let said = |mode| match rule.severity(mode) {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        };
        let _ = writeln!(
            table,
            "| [{id}](findings/{page}.md#{id}) | {} | {} | {} |",
            said(Mode::Restore),
            said(Mode::Check),
            rule.why(),
            id = rule.id(),
            page = rule.group().page(),
        );
    }
    let [start, end] = MADE;
    let (before, rest) = document.split_once(start).expect("a mark before");
    let (_, behind) = rest.split_once(end).expect("a mark behind");
    hold(INDEX, &format!("{before}{start}{table}{end}{behind}"));
    for group in Group::ALL {
        let page = format!("](findings/{}.md) |", group.page());
        assert!(before.contains(&page), "{page}");
    }
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
        write(folder.path(), file_name(text), text);
    }
    let run = |words: &[&str]| run_in_folder(folder.path(), words, b"");

    if folder.path().join(GENERATE).exists() {
        return generate(id, section, folder.path());
    }
    let found = found(id, folder.path());
    assert!(
        found.iter().any(|rule| rule == id),
        "{id} is not among {found:?}"
    );

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

/// Runs a configuration that makes resources on the manifest beside it.
#[track_caller]
fn generate(id: &str, section: &str, folder: &Path) -> String {
    let manifest = fs::read(folder.join("app.yaml")).expect("a manifest");
    let run = run_in_folder(folder, &[GENERATE], &manifest);
    assert_eq!(run.code, 0, "{id}: {}", run.stderr);
    let of_rule = format!("[{id}]");
    let texts = blocks(section);
    let texts = texts.iter().filter(|block| block.language == "text");
    let lines: Vec<&str> = texts.flat_map(|block| block.text.lines()).collect();
    assert!(!lines.is_empty(), "{id} shows no answer");
    for line in lines {
        let mut said = run.stderr.lines();
        let is_said = said.any(|said| said.contains(line) && said.ends_with(&of_rule));
        assert!(is_said, "{id}: not said: {line}\n{}", run.stderr);
    }
    section.to_owned()
}

/// The rules that a check of a folder reports.
#[track_caller]
fn found(id: &str, folder: &Path) -> Vec<String> {
    let check = ["check", "--today", TODAY, "--format", "json"];
    let report = run_in_folder(folder, &check, b"");
    let report: Value = serde_json::from_slice(&report.stdout)
        .unwrap_or_else(|error| panic!("{id}: {error}: {}", report.stderr));
    let files = report["files"].as_array().expect("files");
    let findings = files.iter().chain([&report]);
    let findings = findings.flat_map(|part| part["findings"].as_array().expect("findings"));
    let rules = findings.filter_map(|finding| finding["rule"].as_str());
    rules.map(str::to_owned).collect()
}

/// What a section says of a rule's severity is so, and what it says allows it does.
#[test]
fn each_rule_is_allowed_as_it_says() {
    for rule in Rule::all() {
        let document = read(file_of(rule.group()));
        let mut sections = sections(&document).into_iter();
        let section = sections.find(|(id, _)| *id == rule.id());
        let (id, section) = section.expect("a section");
        let severity = rule.severity(Mode::Check);
        for (sentence, said_of) in [
            ("This is a warning in every mode", Severity::Warning),
            ("This is for the record", Severity::Info),
        ] {
            assert_eq!(section.contains(sentence), severity == said_of, "{id}");
        }
        // Some rules are allowed by the aspect that differs, so the section says which.
        let allow = section.split_once("exception that has `allow: [");
        let aspect = allow.and_then(|(_, rest)| rest.split_once("]`"));
        assert_eq!(aspect.is_some(), rule.aspect().is_some(), "{id}");
        if let Some((aspect, _)) = aspect {
            let exception = format!(
                "  exceptions:\n  - reason: tried\n    name: \"*\"\n    allow: [{aspect}]\n"
            );
            let left = found(id, allowed(section, Some(&exception)).path());
            assert!(
                !left.iter().any(|rule| rule == id),
                "{id} in spite of {aspect}"
            );
        }
        if section.contains("the annotation on the resource") {
            let left = found(id, allowed(section, None).path());
            assert!(
                !left.iter().any(|rule| rule == id),
                "{id} in spite of the annotation"
            );
        }
    }
}

/// A section's files with an exception in the configuration, or else with the annotation on every
/// manifest.
fn allowed(section: &str, exception: Option<&str>) -> tempfile::TempDir {
    const CONFIG: &str = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata:\n  name: collectors\nspec:";
    const IGNORE: &str = "metadata:\n  annotations:\n    restore-images.dev/ignore: \"tried\"\n";
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| write(folder.path(), name, text);
    if let Some(exception) = exception {
        write("restore-images.yaml", &format!("{CONFIG}\n{exception}"));
    }
    let manifests = blocks(section);
    for block in manifests.iter().filter(|block| block.language == "yaml") {
        let name = file_name(block.text);
        let text = match (exception, name) {
            (Some(exception), "restore-images.yaml") => format!("{}\n{exception}", block.text),
            (None, name) if name != "restore-images.yaml" => {
                if block.text.contains("metadata:\n") {
                    block.text.replacen("metadata:\n", IGNORE, 1)
                } else {
                    format!("{IGNORE}{}", block.text)
                }
            }
            _ => block.text.to_owned(),
        };
        write(name, &text);
    }
    folder
}

/// Writes a file of a folder, with the folders on the way to it.
fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("created");
    fs::write(path, format!("{text}\n")).expect("written");
}

/// The name that a first line `# NAME.yaml` gives a block, or that of the manifest.
fn file_name(text: &str) -> &str {
    let first = text.lines().next().unwrap_or_default();
    let name = first.strip_prefix("# ");
    name.filter(|name| name.ends_with(".yaml") && !name.contains(' '))
        .unwrap_or("app.yaml")
}
