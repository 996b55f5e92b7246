//! For every style, layout and edit: the edited outer text reads as the edited inner text, and no
//! other value changes.

use proptest::prelude::*;
use restore_images::edit::{Edit, apply};
use restore_images::embedded::Embedded;
use restore_images::yaml::{Node, parse};

use super::at;

/// Lines as the outer text has them, behind their indentation.
const LINES: [&str; 22] = [
    "image: x:1",
    "a: b",
    "  deeper: c",
    "- name: d",
    "",
    "",
    " ",
    "      ",
    "# comment",
    "\ttab",
    "é: ü𝄞",
    "it''s",
    "trailing  ",
    "\\n",
    "a\\nb\\n",
    "{\\\"a\\\": 1}",
    "joined\\",
    "\\  blank \\",
    "\\x41\\u00e9\\U0001d11e",
    "word",
    "---",
    "\\ ",
];

/// Texts that an edit writes.
const NEW: [&str; 18] = [
    "",
    "",
    "y:2",
    "quay.io/acme/y:2",
    "\nb: c",
    "b: c\n",
    "\n",
    " ",
    "  e: f\n",
    "\"1.10\"",
    "it's",
    "\\",
    "#",
    "- g\n\n- h\n",
    "\t",
    "---",
    "{a: 1}",
    "é",
];

#[derive(Debug, Clone)]
struct Written {
    header: usize,
    indent: usize,
    lines: Vec<usize>,
    crlf: bool,
    ends: bool,
    around: usize,
}

fn written() -> impl Strategy<Value = Written> {
    let lines = prop::collection::vec(0..LINES.len(), 1..7);
    (
        0..14usize,
        1..4usize,
        lines,
        any::<bool>(),
        any::<bool>(),
        0..4usize,
    )
        .prop_map(|(header, indent, lines, crlf, ends, around)| Written {
            header,
            indent,
            lines,
            crlf,
            ends,
            around,
        })
}

/// An outer document with the text under `v`, beside other values.
fn outer(written: &Written, lines: &[String]) -> String {
    let headers = [
        "|", "|-", "|+", "|", "|-", "|# ", "|", ">", ">-", ">+", "\"", "'", "", "\"",
    ];
    let mut header = headers[written.header].to_owned();
    let quote = if matches!(header.as_str(), "\"" | "'") {
        header.clone()
    } else {
        String::new()
    };
    match written.header {
        3..=4 => header.push_str(&written.indent.to_string()),
        5 => header = "| # why | not".to_owned(),
        6 => header = "!!str |".to_owned(),
        _ => {}
    }
    let is_block = header.contains(['|', '>']);
    let mut text = if is_block {
        format!("{header}\n")
    } else {
        header
    };
    let indented = lines.iter().enumerate().map(|(index, line)| {
        let is_inline = !is_block && index == 0;
        let is_empty = line.is_empty() && written.indent.is_multiple_of(2);
        let indent = if is_inline || is_empty {
            0
        } else {
            written.indent
        };
        format!("{:indent$}{line}", "")
    });
    text.push_str(&indented.collect::<Vec<String>>().join("\n"));
    text.push_str(&quote);
    let (before, behind) = [
        ("v: ", ""),
        ("a: 1\nv: ", "\nz: 2"),
        ("# one\na: [b, c]\nv: ", "\n# two\nz: |\n  image: x:1"),
        ("a: *b\nv: ", "\n\n\nz: {b: c}"),
    ][written.around];
    let before = before.replace("*b", "b");
    let mut outer = format!("{before}{text}{behind}");
    if written.ends {
        outer.push('\n');
    }
    if written.crlf {
        outer = outer.replace('\n', "\r\n");
    }
    outer
}

/// Every scalar of a document but `v`, and that of `v`.
fn values(root: &Node<'_>) -> (Vec<String>, String) {
    let mut others = Vec::new();
    let mut own = String::new();
    for entry in root.entries().expect("a mapping") {
        match entry.key.scalar() {
            Some("v") => own = entry.value.scalar().expect("a text").to_owned(),
            _ => walk(&entry.value, &mut others),
        }
    }
    (others, own)
}

fn walk(node: &Node<'_>, found: &mut Vec<String>) {
    if let Some(text) = node.scalar() {
        found.push(text.to_owned());
    }
    node.items()
        .into_iter()
        .flatten()
        .for_each(|item| walk(item, found));
    for entry in node.entries().into_iter().flatten() {
        walk(&entry.key, found);
        walk(&entry.value, found);
    }
}

/// Every scalar in the order of the text.
fn scalars(root: &Node<'_>) -> Vec<String> {
    let mut found = Vec::new();
    walk(root, &mut found);
    found
}

/// Every scalar in order, as libyaml-safer reads it, which shares no code with our parser.
fn by_libyaml(text: &str) -> Option<Vec<String>> {
    use libyaml_safer::EventData;
    let mut bytes = text.as_bytes();
    let mut parser = libyaml_safer::Parser::new();
    parser.set_input_string(&mut bytes);
    let mut found = Vec::new();
    loop {
        match parser.parse().ok()?.data {
            EventData::StreamEnd => return Some(found),
            EventData::Scalar { value, .. } => found.push(value),
            _ => {}
        }
    }
}

/// Edits of a text at places that are given as fractions.
fn edits_of(text: &str, wanted: &[(usize, usize, usize)]) -> Vec<Edit> {
    let mut places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    places.push(text.len());
    let mut edits: Vec<Edit> = Vec::new();
    for &(start, length, new) in wanted {
        let start = start % places.len();
        let end = (start + length % 9).min(places.len() - 1);
        let span = places[start]..places[end];
        if edits
            .iter()
            .all(|edit| edit.span.end < span.start || span.end < edit.span.start)
        {
            let text = NEW[new % NEW.len()].to_owned();
            edits.push(Edit { span, text });
        }
    }
    edits.sort_by_key(|edit| edit.span.start);
    edits
}

fn lines_of(written: &Written) -> Vec<String> {
    let lines = written.lines.iter();
    lines.map(|&line| LINES[line].to_owned()).collect()
}

/// Holds the law for one outer text; how many of the edits could be made.
#[track_caller]
fn holds(outer: &str, wanted: &[(usize, usize, usize)]) -> Option<bool> {
    let root = parse::document(outer).ok()?;
    let node = at(&root, &["v"]);
    let embedded = Embedded::of(outer, node)?;
    let text = embedded.text().to_owned();
    // Each byte that is mapped is the same byte.
    for at in 0..text.len() {
        if let Some(span) = embedded.outer(at..at + 1) {
            assert_eq!(
                outer.as_bytes()[span.start],
                text.as_bytes()[at],
                "{outer:?}"
            );
        }
        assert!(embedded.place(at) <= outer.len());
        assert!(embedded.place(at) <= embedded.place(at + 1), "{outer:?}");
    }
    let edits = edits_of(&text, wanted);
    let Ok(translated) = embedded.translate_all(&edits) else {
        return Some(false);
    };
    let output = apply(outer, &translated);
    let told = || format!("{outer:?}\n{output:?}\n{edits:?}\n{translated:?}");
    let new = parse::document(&output).unwrap_or_else(|error| panic!("{error}\n{}", told()));
    let (others, own) = values(&new);
    assert_eq!(others, values(&root).0, "{}", told());
    assert_eq!(own, apply(&text, &edits), "{}", told());
    // What another reader read alike before, it reads alike after.
    // It panics where a block ends without a line break.
    if outer.ends_with('\n') && by_libyaml(outer).as_ref() == Some(&scalars(&root)) {
        assert_eq!(by_libyaml(&output), Some(scalars(&new)), "{}", told());
    }
    Some(true)
}

fn wanted() -> impl Strategy<Value = Vec<(usize, usize, usize)>> {
    prop::collection::vec((0..200usize, 0..9usize, 0..NEW.len()), 1..4)
}

proptest! {
    /// One level, in every style.
    #[test]
    fn the_outer_text_reads_as_the_edited_inner_text(written in written(), wanted in wanted()) {
        holds(&outer(&written, &lines_of(&written)), &wanted);
    }

    /// Three levels: the edits of the innermost are moved outwards, one level after the other.
    #[test]
    fn levels_compose(
        levels in prop::collection::vec(written(), 3),
        wanted in wanted(),
    ) {
        let mut texts = Vec::new();
        let mut lines = lines_of(&levels[0]);
        for level in &levels {
            let text = outer(&Written { crlf: false, ..level.clone() }, &lines);
            lines = match level.header {
                10 | 13 => vec![text.replace('\\', "\\\\").replace('"', "\\\"")],
                _ => text.lines().map(str::to_owned).collect(),
            };
            texts.push(text);
        }
        let outermost = texts.pop().expect("three levels");
        let mut embedded: Vec<Embedded> = Vec::new();
        let mut text = outermost.clone();
        for _ in 0..3 {
            let Ok(root) = parse::document(&text) else { return Ok(()) };
            let Some(found) = root.find("v").ok().flatten() else { return Ok(()) };
            let Some(inner) = Embedded::of(&text, &found.entry.value) else { return Ok(()) };
            text = inner.text().to_owned();
            embedded.push(inner);
        }
        let edits = edits_of(&text, &wanted);
        let mut moved = edits.clone();
        for inner in embedded.iter().rev() {
            let Ok(outer) = inner.translate_all(&moved) else { return Ok(()) };
            moved = outer;
        }
        let output = apply(&outermost, &moved);
        let mut read = output.clone();
        for _ in 0..3 {
            let root = parse::document(&read).expect("the edited text is YAML");
            read = at(&root, &["v"]).scalar().expect("a text").to_owned();
        }
        prop_assert_eq!(read, apply(&text, &edits), "{:?}\n{:?}", outermost, output);
    }
}

/// The law is worth something only where edits can be made.
#[test]
fn most_replacements_can_be_made() {
    let mut made = [0, 0];
    for header in 0..14 {
        for lines in [[0, 1, 3], [1, 0, 2], [3, 0, 19]] {
            let written = Written {
                header,
                indent: 2,
                lines: lines.to_vec(),
                crlf: false,
                ends: true,
                around: 1,
            };
            let outer = outer(&written, &lines_of(&written));
            let Ok(root) = parse::document(&outer) else {
                continue;
            };
            let text = at(&root, &["v"]).scalar().expect("a text").to_owned();
            let Some(start) = text.find("x:1") else {
                continue;
            };
            if let Some(is_made) = holds(&outer, &[(start, 3, 3)]) {
                made[usize::from(is_made)] += 1;
            }
        }
    }
    assert_eq!(made, [0, 39]);
}
