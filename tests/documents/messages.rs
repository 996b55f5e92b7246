//! The page on messages: each one is a message of the program.

use std::fs;
use std::path::Path;

use super::{read, sections};

/// The sections of the document on messages whose messages are our own.
const OWN: [&str; 8] = [
    "The program seems to do nothing",
    "Reading manifests",
    "Writing files",
    "Limits",
    "What findings say",
    "Configuration",
    "Mirrors",
    "Parameters of the Argo CD plugin",
];

/// Each text in code in the first column is a message of ours, so it stands in the sources, or is
/// what a test or a transcript expects of the program.
#[test]
fn each_message_is_one_that_the_program_has() {
    let document = read("docs/troubleshooting.md");
    let known = sources();
    let (mut asked, mut strange) = (0, Vec::new());
    for (heading, section) in sections(&document) {
        if !OWN.contains(&heading) {
            continue;
        }
        for row in section.lines().filter(|line| line.starts_with("| ")) {
            let message = row[2..].split(" | ").next().expect("a column");
            for fragment in fragments(message) {
                if !known.contains(&fragment.replace("\\|", "|")) {
                    strange.push(fragment.to_owned());
                }
                asked += 1;
            }
        }
    }
    assert!(strange.is_empty(), "not messages: {strange:#?}");
    assert!(asked > 100, "{asked}");
}

/// The texts in code, between one grave accent or two.
fn fragments(message: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = message;
    while let Some(start) = rest.find('`') {
        let opened = &rest[start..];
        let fence = &opened[..opened.len() - opened.trim_start_matches('`').len()];
        let (code, behind) = opened[fence.len()..]
            .split_once(fence)
            .expect("code is closed");
        // Names of others' flags are no messages.
        found.extend(Some(code.trim()).filter(|code| !code.starts_with("--")));
        rest = behind;
    }
    found
}

/// Every source, test and transcript, this test aside; a string that is broken over lines is joined.
fn sources() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("src"), root.join("tests")];
    let mut text = String::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let extension = path.extension().unwrap_or_default();
            let is_source = extension == "rs" || path.ends_with("transcript.txt");
            if path.is_dir() && !path.ends_with("tests/documents") {
                folders.push(path);
            } else if is_source {
                text.push_str(&fs::read_to_string(&path).expect("a source"));
            }
        }
    }
    let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
    lines.join("\n").replace("\\\n", "")
}
