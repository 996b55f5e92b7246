//! src/README.md, the index of every source file, is what the files say of themselves.
//!
//! RESTORE_IMAGES_UPDATE=1 writes it anew.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use super::library;

const HEAD: &str = "# Every file, by room

A row is the first sentence of its file; [ARCHITECTURE.md](../ARCHITECTURE.md) says how the rooms work together.
`RESTORE_IMAGES_UPDATE=1 cargo test --test tests -- house::index` writes this page.
";

/// The first sentence of a file's head, without its full stop.
fn first_sentence(text: &str) -> String {
    let head = text
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(str::trim)
        .take_while(|line| !line.is_empty());
    let head = head.collect::<Vec<_>>().join(" ");
    let end = head.match_indices(". ").find(|(at, _)| {
        let next = head[at + 2..].chars().next();
        next.is_some_and(|next| next.is_uppercase() || next == '`')
    });
    let sentence = end.map_or(head.as_str(), |(at, _)| &head[..at]);
    let sentence = sentence.trim_end_matches('.');
    sentence
        .replace("[`", "`")
        .replace("`]", "`")
        .replace('|', "\\|")
}

fn index() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut rooms: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (path, text) in library() {
        let path = path.strip_prefix(&root).expect("a path below src");
        let path = path.to_str().expect("UTF-8").replace('\\', "/");
        let room = path.split_once('/').map_or("", |(room, _)| room);
        let sentence = first_sentence(&text);
        assert!(!sentence.is_empty(), "src/{path} has no head");
        rooms
            .entry(room.to_owned())
            .or_default()
            .insert(path, sentence);
    }
    let mut page = HEAD.to_owned();
    for (room, files) in rooms {
        let _ = write!(
            page,
            "\n## {room}/\n\n| file | what it knows |\n|---|---|\n"
        );
        for (path, sentence) in files {
            let _ = writeln!(page, "| [{path}]({path}) | {sentence} |");
        }
    }
    page.replace("\n## /\n", "\n## src/\n")
}

#[test]
fn each_source_is_in_the_index() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/README.md");
    let page = index();
    if std::env::var_os("RESTORE_IMAGES_UPDATE").is_some() {
        fs::write(&path, &page).expect("the index is written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    let stale = page
        .lines()
        .find(|line| !written.lines().any(|is| is == *line));
    assert!(
        written == page,
        "src/README.md is stale, RESTORE_IMAGES_UPDATE=1 writes it anew: {}",
        stale.unwrap_or("rows of files that are gone")
    );
}
