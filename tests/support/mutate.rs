//! Real manifests, and small changes of them that make every kind of broken and odd text.

use std::fs;
use std::path::Path;

/// Every document of the YAML beside the tests.
pub(crate) fn documents() -> Vec<String> {
    let mut found = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("examples"), root.join("function")];
    folders.extend(super::shared("corpus"));
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let is_yaml = path
                .extension()
                .is_some_and(|end| end == "yaml" || end == "yml" || end == "json");
            if let (true, Ok(text)) = (is_yaml, fs::read_to_string(&path)) {
                found.extend(
                    text.split("\n---")
                        .map(|part| format!("{}\n", part.trim_start_matches('-'))),
                );
            }
        }
    }
    found.sort();
    found
}

/// Numbers that look like chance and are the same in every run (xorshift64*).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).expect("31 bits") % bound
    }
}

pub(crate) const PIECES: &[&str] = &[
    " ",
    "  ",
    "\n",
    "\n  ",
    "\n- ",
    "- ",
    ":",
    ": ",
    ":\n",
    "#",
    " #",
    " # c\n",
    "\"",
    "'",
    "''",
    "\\",
    "\\n",
    "\\\"",
    "{",
    "}",
    "[",
    "]",
    ",",
    ", ",
    "|",
    "|-\n",
    "|+\n",
    ">\n",
    ">-\n",
    "&a ",
    "*a",
    "!t ",
    "? ",
    "---",
    "\n---\n",
    "---\n",
    "...",
    "\n...\n",
    "%",
    "@",
    "`",
    "\t",
    "\r",
    "\r\n",
    "~",
    "null",
    "x",
    "é",
    "\u{85}",
    "\u{a0}",
    "\u{feff}",
    "\u{2028}",
    "\u{7f}",
    "\0",
    "\u{fffe}",
    "😀",
    "<<: ",
    "k: v\n",
    "-",
    "--",
    "--- ",
    ".",
    "0",
    "a: b",
    "{}",
    "[]",
    "{a: b}",
    "[a, b]",
    "{\"a\":1}",
    "\n\n",
    "\n \n",
    "|2\n",
    "\n# c\n",
    "\n  # c\n",
    "=",
    "$",
    "a:b",
    "http://x",
    "a#b",
    "- - ",
];

/// A text with a few places changed, cut out, doubled or shifted.
pub(crate) fn mutated(text: &str, chance: &mut Chance) -> String {
    let mut text = text.to_owned();
    for _ in 0..=chance.below(3) {
        let place = |chance: &mut Chance, text: &str| {
            let mut at = chance.below(text.len() + 1);
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let at = place(chance, &text);
        match chance.below(6) {
            0 | 1 => text.insert_str(at, PIECES[chance.below(PIECES.len())]),
            2 => {
                let end = (at..=text.len())
                    .skip(1)
                    .find(|end| text.is_char_boundary(*end));
                text.replace_range(at..end.unwrap_or(at), PIECES[chance.below(PIECES.len())]);
            }
            3 => {
                let end = place(chance, &text).clamp(at, text.len().min(at + 40));
                let end = (at..=end)
                    .rev()
                    .find(|end| text.is_char_boundary(*end))
                    .unwrap_or(at);
                text.replace_range(at..end, "");
            }
            4 => {
                let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
                let blanks = text[start..].len() - text[start..].trim_start_matches(' ').len();
                match chance.below(2) {
                    0 if blanks > 0 => text.replace_range(start..=start, ""),
                    _ => text.insert(start, ' '),
                }
            }
            _ => {
                let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
                let end = text[at..]
                    .find('\n')
                    .map_or(text.len(), |newline| at + newline + 1);
                let line = text[start..end].to_owned();
                match chance.below(2) {
                    0 => text.insert_str(start, &line),
                    _ => text.replace_range(start..end, ""),
                }
            }
        }
    }
    text
}

/// How often a text is changed; more by RESTORE_IMAGES_MUTATIONS.
pub(crate) fn rounds() -> usize {
    let set = std::env::var("RESTORE_IMAGES_MUTATIONS").ok();
    set.and_then(|rounds| rounds.parse().ok()).unwrap_or(8)
}

/// Thirty lines or so of a text, since a change in many lines is mostly found in few.
pub(crate) fn piece<'t>(text: &'t str, chance: &mut Chance) -> &'t str {
    let starts: Vec<usize> = std::iter::once(0)
        .chain(text.match_indices('\n').map(|(at, _)| at + 1))
        .collect();
    let first = chance.below(starts.len());
    let last = (first + 1 + chance.below(30)).min(starts.len() - 1);
    &text[starts[first.min(last)]..starts[last]]
}
