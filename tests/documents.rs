//! What the documents for users show, held against the program and the files.

use std::fs;
use std::path::Path;

mod figures;
mod findings;
mod formats;
mod guides;
mod links;
mod messages;
mod picture;
mod site;

/// The day that the examples are judged by.
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
