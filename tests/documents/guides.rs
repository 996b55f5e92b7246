//! The guides: what they show of files, configurations and commands is so.

use std::fs;
use std::path::Path;

use super::{Block, TODAY, blocks, read};
use crate::support::{pages, run_in_folder};

/// A block that names a file of the project in its first line holds lines of it, in a row.
#[test]
fn what_guides_show_of_files_stands_in_them() {
    let mut shown = 0;
    for document in pages() {
        let text = read(&document);
        for block in blocks(&text) {
            let Some((first, lines)) = block.text.split_once('\n') else {
                continue;
            };
            let name = first.strip_prefix("# ").unwrap_or_default();
            let folder = name.split_once('/').map_or("", |(folder, _)| folder);
            if ["examples", "function", "tests"].contains(&folder) {
                let file = read(name);
                assert!(file.contains(lines), "{document}: {name}:\n{lines}");
                shown += 1;
            }
        }
    }
    assert!(shown > 8, "{shown}");
}

/// The manifest to save is the one of whose lines the pages below it tell.
#[test]
fn the_manifest_to_save_is_that_of_the_transcript() {
    let text = read("docs/getting-started.md");
    let manifest = read("tests/cases/getting-started/in/collector.yaml");
    let blocks = blocks(&text);
    let mut blocks = blocks.iter().filter(|block| block.language == "yaml");
    let first = blocks.next().expect("a manifest");
    assert_eq!(first.text.trim_end(), manifest.trim_end());
}

/// A whole configuration is one that the program reads.
#[test]
fn configurations_in_guides_are_read() {
    let mut read_ones = 0;
    for document in pages() {
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

/// Each option of a command that a guide shows is one that the program has.
#[test]
fn commands_in_guides_have_their_options() {
    let mut asked = 0;
    for document in pages() {
        let text = read(&document);
        let blocks = blocks(&text);
        let shell = blocks.iter().filter(|block| block.language == "sh");
        let lines = shell.flat_map(|block| block.text.lines());
        for line in lines.flat_map(|line| line.split('|')) {
            let Some(command) = line.trim_start().strip_prefix("restore-images ") else {
                continue;
            };
            let command = command.split('>').next().unwrap_or_default();
            let words: Vec<&str> = command.split_whitespace().collect();
            let is_option = |word: &&str| word.starts_with('-');
            let named = words.iter().take_while(|word| !is_option(word));
            let asked_for: Vec<&str> = named.copied().chain(["--help"]).collect();
            let help = run_in_folder(Path::new("."), &asked_for, b"");
            assert_eq!(help.code, 0, "{document}: {line}: {}", help.stderr);
            let help = String::from_utf8(help.stdout).expect("UTF-8");
            for option in words.into_iter().filter(is_option) {
                assert!(help.contains(option), "{document}: {line}: {option}");
                asked += 1;
            }
        }
    }
    assert!(asked > 3, "{asked}");
}

/// The guide to CI has each input of the action and each hook of pre-commit.
#[test]
fn the_guide_to_ci_has_inputs_and_hooks() {
    let guide = read("docs/ci.md");
    let action = read("action.yml");
    let inputs = action.split("\ninputs:\n").nth(1).expect("inputs");
    let inputs = inputs.lines().take_while(|line| line.starts_with(' '));
    let names = inputs.filter(|line| !line.starts_with("   "));
    let names = names.map(|line| format!("| `{}` |", line.trim().trim_end_matches(':')));
    let hooks = read(".pre-commit-hooks.yaml");
    let hooks = hooks.lines().filter_map(|line| line.strip_prefix("- id: "));
    let wanted: Vec<String> = names.chain(hooks.map(str::to_owned)).collect();
    assert!(wanted.len() > 5, "{wanted:?}");
    for word in wanted {
        assert!(guide.contains(&word), "{word}");
    }
}
