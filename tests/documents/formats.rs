//! Where documents list words that the program knows, they list all of them.

use super::{read, sections};
use crate::support::{report_formats, run_in_folder};

#[test]
fn each_format_of_reports_is_named() {
    for (file, start) in [
        ("docs/command-line.md", "`--format "),
        ("docs/ci.md", "| `format` | "),
        (
            "action.yml",
            "    description: \"How findings are written: ",
        ),
    ] {
        let text = read(file);
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| line.starts_with(start))
            .collect();
        let lines = lines.join("\n");
        let named: Vec<&str> = lines
            .split(|letter: char| !letter.is_alphanumeric())
            .collect();
        let mut formats = report_formats();
        // That page lists what is for programs.
        formats.retain(|format| format != "text" || file != "docs/command-line.md");
        for format in formats {
            assert!(
                named.contains(&format.as_str()),
                "{file} does not name {format}"
            );
        }
    }
}

#[test]
fn each_resource_that_can_be_generated_has_a_section() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = "apiVersion: restore-images.dev/v1alpha1\nkind: GenerateImages\nmetadata: {name: g}\nspec: {emit: []}\n";
    std::fs::write(folder.path().join("generate.yaml"), config).expect("written");
    let refused = run_in_folder(folder.path(), &["generate.yaml"], b"").stderr;
    let entries: Vec<&str> = refused.split("`- ").skip(1).collect();
    let page = read("docs/generate-images.md");
    let headings: Vec<&str> = sections(&page)
        .iter()
        .map(|(heading, _)| *heading)
        .collect();
    let entries: Vec<&str> = entries
        .iter()
        .filter_map(|entry| entry.split(':').next())
        .collect();
    assert!(entries.len() >= 3, "{refused}");
    for entry in entries {
        assert!(headings.contains(&entry), "no section on {entry}");
    }
}
