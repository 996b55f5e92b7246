//! The texts that both sides read: what the project has, changed in small hostile ways, and joined.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::mutate::Chance;
use crate::support::shared;
use crate::yaml_suite;

/// Manifests with an image in them that is judged, in the styles that people and tools write.
pub(crate) const MANIFESTS: [&str; 10] = [
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n  containers:\n  - name: c\n    image: quay.io/x/realtheory/theory-k8s-collector:v1\n",
    "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n    - {name: c, image: 'x.example/realtheory/theory-k8s-collector:v1'} # the agent\n",
    "# who: me\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: d\n  annotations:\n    note: |\n      one\n\n      two\nspec:\n  template:\n    spec:\n      containers:\n      - image: \"realtheory/theory-k8s-collector:v1\"\n        name: c\n        args: [\"--a\", '--b']\n",
    "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"p\"},\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"x.example/realtheory/theory-k8s-collector:v1\",\"imagePullPolicy\":\"Never\"}]}}\n",
    "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - &c\n    name: c\n    image: x.example/realtheory/theory-k8s-collector:v1\n  - <<: *c\n    name: d\n",
    "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: p}\n  spec:\n    containers:\n    - name: c\n      image: x.example/realtheory/theory-k8s-collector:v1\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: m}\n  data: {a: b}\n",
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\ndata:\n  a: >-\n    folded\n    text\n  b: |+\n    kept\n\n",
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: m\nbinaryData:\n  a: !!binary aGVsbG8=\n  b: !!binary |\n    /+8A\n    aA==\ndata: {c: !!binary \"aGk=\", d: image}\n",
    // Its policy is put in, at the end.
    "apiVersion: v1\nkind: Pod\nmetadata: {name: realtheorycollector}\nspec:\n  containers:\n  - name: realtheorycollector\n    env: []\n",
    "---\n# nothing\n",
];

/// What stands in a text that readers part over.
const HOSTILE: &[&str] = &[
    "\r",
    "\r\n",
    "\u{85}",
    "\u{2028}",
    "\u{2029}",
    "\u{feff}",
    "\t",
    "\n\t",
    " \t",
    "\u{a0}",
    "\u{7f}",
    "\u{200b}",
    "\u{fffe}",
    "\u{9b}",
    "? ",
    "\n? ",
    "?\n",
    ": ",
    ":",
    "- ",
    "\n- ",
    "-\n",
    "---",
    "\n---\n",
    "---\n",
    "\n--- ",
    "\n--- # c\n",
    "\n---\t",
    "\n---\r",
    "...",
    "\n...\n",
    "\n... # c\n",
    "%YAML 1.1\n",
    "%YAML 1.2\n---\n",
    "%TAG !e! tag:e.example,2026:\n---\n",
    "\n%a\n",
    "#",
    " #",
    "\n# c\n",
    "'",
    "\"",
    "''",
    "\\",
    "\\x41",
    "\\/",
    "\\'",
    "\\u2028",
    "\\\n",
    "[",
    "]",
    "{",
    "}",
    ",",
    "[a, b]",
    "{a: b}",
    "{a}",
    "[a: b]",
    "{}",
    "\n}",
    "\n]",
    "!!null ",
    "!!str ",
    "!!int ",
    "!!merge ",
    "!!binary ",
    "!t ",
    "! ",
    "!<tag:yaml.org,2002:str> ",
    "<<: *a\n",
    "<<: {a: b}\n",
    "<<: [*a, *c]\n",
    "&a ",
    "&c ",
    "*a",
    "*a : ",
    "|",
    ">",
    "|-\n",
    "|2\n",
    ">+\n",
    "| # c\n",
    " ",
    "  ",
    "\n",
    "\n\n",
    "\n  ",
    "yes",
    "no",
    "on",
    "off",
    "y",
    "0o7",
    "07",
    "08",
    "1_000",
    "0b11",
    "0x1F",
    "1e3",
    ".5",
    "+.inf",
    ".inf",
    ".NaN",
    "~",
    "null",
    "=",
    "<<",
    "2001-01-01",
    "12:34",
    "@",
    "`",
    "é",
    "😀",
    "a: b\n",
    "image: x.example/realtheory/theory-k8s-collector:v2\n",
    "metadata: {name: q}\n",
    "kind: Pod\n",
];

/// What may stand between two documents.
const JOINTS: &[&str] = &[
    "",
    "\n",
    "---\n",
    "\n---\n",
    "---",
    "--- ",
    "--- # c\n",
    "---\t# c\n",
    "---#c\n",
    "---\r\n",
    "---\r",
    "\r---\r",
    "---\u{85}",
    "\u{85}---\n",
    "---\u{2028}",
    "\u{2028}---\n",
    "---\u{a0}\n",
    "----\n",
    "--- |\n",
    "--- >\n",
    "--- !!map\n",
    "--- &a\n",
    "...\n",
    "...\n---\n",
    "... # c\n---\n",
    "%YAML 1.1\n---\n",
    "...\n%YAML 1.2\n---\n",
    "---\n---\n",
    "---\n...\n---\n",
    "\u{feff}",
    "---\n\u{feff}",
    "\u{feff}---\n",
    " ---\n",
    "# c\n---\n# d\n",
    "--- # c\r",
    "\n...",
    "? a\n---\n",
    "  ? a: b\n---\n",
    "  x: |\n---\n",
    "  x: |+\n\n---\n",
    "'\n---\n'",
];

/// Every text of the project and beside it that a reader may meet, whole.
pub(crate) fn fixtures() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> = ["tests", "examples", "function", "docs"]
        .iter()
        .map(|name| root.join(name))
        .collect();
    folders.extend(shared("corpus"));
    let mut found: Vec<String> = MANIFESTS.iter().map(|text| (*text).to_owned()).collect();
    found.extend(yaml_suite::cases().into_iter().map(|case| case.text));
    found.extend(texts(folders, |path| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        matches!(extension, Some("yaml" | "yml" | "json"))
    }));
    found
}

/// The first inputs of the fuzz targets that read manifests, where `tests/fuzz/run` has made them.
pub(crate) fn seeds() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/fuzz/seeds");
    let targets = ["splice", "resource_list", "fast_plain"].map(|target| root.join(target));
    let folders = targets.into_iter().filter(|folder| folder.is_dir());
    texts(folders.collect(), |_| true)
}

fn texts(mut folders: Vec<PathBuf>, is_wanted: fn(&Path) -> bool) -> Vec<String> {
    let mut paths = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if is_wanted(&path) {
                paths.push(path);
            }
        }
    }
    paths.sort();
    paths
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok())
        .collect()
}

/// A text of a size at which a change in it matters: a fixture, or a block of one.
pub(crate) fn small<'t>(fixtures: &'t [String], chance: &mut Chance) -> String {
    /// A few containers.
    const SMALL: usize = 1200;
    if chance.below(3) == 0 {
        return MANIFESTS[chance.below(MANIFESTS.len())].to_owned();
    }
    let text: &'t str = &fixtures[chance.below(fixtures.len())];
    if text.len() <= SMALL {
        return text.to_owned();
    }
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let mut first = chance.below(lines.len());
    // An item of a list without its dash would be half a mapping.
    while first > 0 && (lines[first].trim().is_empty() || indent(lines[first]) > 8) {
        first -= 1;
    }
    let column = indent(lines[first]);
    let mut block = String::new();
    for line in &lines[first..] {
        let is_blank = line.trim().is_empty();
        if block.len() > SMALL || (!is_blank && indent(line) < column) {
            break;
        }
        block.push_str(if is_blank { "\n" } else { &line[column..] });
    }
    block
}

/// A text with a few hostile pieces put in, or in the place of what was there.
pub(crate) fn mutated(text: &str, chance: &mut Chance) -> String {
    let mut text = text.to_owned();
    // Mostly one, since of what is changed twice most is no YAML for anybody.
    for _ in 0..=chance.below(4) / 3 {
        let at = place(&text, chance);
        let piece = HOSTILE[chance.below(HOSTILE.len())];
        match chance.below(8) {
            0..=3 => text.insert_str(at, piece),
            4 | 5 => {
                let end = text[at..]
                    .chars()
                    .next()
                    .map_or(at, |next| at + next.len_utf8());
                text.replace_range(at..end, if chance.below(3) == 0 { "" } else { piece });
            }
            6 => {
                // The value of the line.
                let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
                text.replace_range(at..end, piece);
            }
            _ => {
                let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
                let end = text[at..].find('\n').map_or(text.len(), |end| at + end + 1);
                let line = text[start..end].to_owned();
                text.insert_str(start, &line);
            }
        }
    }
    text
}

/// Anywhere, and half of the time where readers decide something.
fn place(text: &str, chance: &mut Chance) -> usize {
    let mut at = chance.below(text.len() + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let behind = |mark: &str| text[at..].find(mark).map(|found| at + found + mark.len());
    let found = match chance.below(8) {
        0 | 1 => behind("\n"),
        2 => behind(": "),
        3 => behind("- "),
        4 => behind("\n").map(|behind| behind - 1),
        _ => None,
    };
    found.unwrap_or(at)
}

/// Two texts with something between them.
pub(crate) fn joined(first: &str, second: &str, chance: &mut Chance) -> String {
    let joint = JOINTS[chance.below(JOINTS.len())];
    let first = match chance.below(4) {
        0 => first.trim_end_matches('\n'),
        _ => first,
    };
    format!("{first}{joint}{second}")
}
