//! What go-yaml reads is what is judged: kustomize, kpt, kubectl and Argo CD read with it, so every
//! text is read as they read it, or refused.

pub(crate) mod inputs;
mod known;
mod laws;
mod ours;
mod over_files;
mod tool;
mod tree;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;

use crate::fast;
use crate::support::mutate::Chance;
use inputs::{fixtures, joined, mutated, seeds, small};
use known::{KNOWN, MENDED, REFUSED};
use laws::{Difference, Held, Law, hold, judged, read};
use tool::GoYaml;

/// What came of many texts.
#[derive(Default)]
struct Counts {
    /// Those that the fast parser took whole.
    fast: usize,
    read: usize,
    alone: usize,
    broken: usize,
    skipped: usize,
    /// By reason, with the shortest text.
    refused: BTreeMap<String, (usize, String)>,
    /// By the kind's name.
    known: BTreeMap<&'static str, usize>,
    /// Texts with differences of no kind.
    unknown: Vec<(Law, String)>,
}

impl Counts {
    fn add(&mut self, text: &str, go_yaml: &mut GoYaml) {
        // What is held against go-yaml is the reference parser: the fast one is held against that.
        self.fast += usize::from(fast::check(text));
        let differences = match hold(text, go_yaml) {
            Held::Read(differences) => differences,
            Held::Refused(reason) => {
                let entry = self.refused.entry(reason).or_insert((0, text.to_owned()));
                entry.0 += 1;
                if text.len() < entry.1.len() {
                    entry.1 = text.to_owned();
                }
                return;
            }
            Held::Alone => return self.alone += 1,
            Held::Broken => return self.broken += 1,
            Held::Skipped => return self.skipped += 1,
        };
        self.read += 1;
        for difference in differences {
            let kind = KNOWN.iter().find(|kind| (kind.is_kind)(text, &difference));
            if let Some(kind) = kind {
                *self.known.entry(kind.name).or_default() += 1;
                continue;
            }
            self.unknown.push((difference.law, text.to_owned()));
        }
    }

    fn say(&self) {
        let refused: usize = self.refused.values().map(|(count, _)| count).sum();
        let mut to = std::io::stderr();
        let _ = writeln!(
            to,
            "go-yaml: {} texts read alike, {refused} taken by go-yaml and refused, {} by us alone, {} by nobody, {} too deep; {} by the fast parser",
            self.read, self.alone, self.broken, self.skipped, self.fast
        );
        if std::env::var_os("GO_YAML_CASES").is_none() {
            return;
        }
        for (name, count) in &self.known {
            let _ = writeln!(to, "known: {count} {name}");
        }
        for (reason, (count, text)) in &self.refused {
            let _ = writeln!(to, "refused: {count} {reason}: {text:?}");
        }
    }

    /// Fails where a difference is of no kind, and shows the shortest of them, made small.
    #[track_caller]
    fn assert_known(mut self, go_yaml: &mut GoYaml) {
        self.unknown.sort_by_key(|(law, text)| (*law, text.len()));
        let mut shown = BTreeMap::new();
        for law in [
            Law::Stream,
            Law::Kyaml,
            Law::Kubectl,
            Law::Findings,
            Law::Output,
        ] {
            let texts = self.unknown.iter().filter(|(of, _)| *of == law);
            for (_, text) in texts.take(SHOWN) {
                let (text, apart) = smallest(law, text, go_yaml);
                shown.insert((law, text), apart);
            }
        }
        let shown: Vec<String> = shown
            .iter()
            .map(|((law, text), apart)| format!("{law:?}: {text:?}\n  {apart}"))
            .collect();
        let count = self.unknown.len();
        assert!(count == 0, "\n{count} in all\n{}", shown.join("\n"));
    }
}

/// How many texts of each law are made small and shown.
const SHOWN: usize = 4;

/// The first difference of no kind under a law.
fn unknown(law: Law, text: &str, go_yaml: &mut GoYaml) -> Option<Difference> {
    let differences = match law {
        Law::Stream | Law::Kyaml | Law::Kubectl => read(text, go_yaml),
        Law::Findings | Law::Output => judged(text, go_yaml),
    };
    let is_known = |of: &Difference| KNOWN.iter().any(|kind| (kind.is_kind)(text, of));
    let mut differences = differences.into_iter();
    differences.find(|difference| difference.law == law && !is_known(difference))
}

/// The text without whatever can be taken out and leave a difference there.
fn smallest(law: Law, text: &str, go_yaml: &mut GoYaml) -> (String, String) {
    let mut text = text.to_owned();
    let mut apart = String::new();
    let mut size = text.chars().count() / 2;
    while size > 0 {
        let (mut at, before) = (0, text.len());
        while at < text.len() {
            let end = text[at..].char_indices().nth(size);
            let end = end.map_or(text.len(), |(length, _)| at + length);
            let shorter = format!("{}{}", &text[..at], &text[end..]);
            match unknown(law, &shorter, go_yaml) {
                Some(difference) => (text, apart) = (shorter, difference.apart.to_string()),
                None => at = end,
            }
        }
        if size > 1 || text.len() == before {
            size /= 2;
        }
    }
    (text, apart)
}

/// How many texts are made; more by GO_YAML_CASES.
fn cases() -> usize {
    let set = std::env::var("GO_YAML_CASES").ok();
    set.and_then(|cases| cases.parse().ok()).unwrap_or(1500)
}

/// What came of a text, in words; of differences, those under `law` alone where one is given.
fn told(text: &str, law: Option<Law>, go_yaml: &mut GoYaml) -> String {
    let differences = match hold(text, go_yaml) {
        Held::Read(differences) => differences,
        Held::Refused(reason) => return format!("refused: {reason}"),
        Held::Alone => return "read by us alone".to_owned(),
        Held::Broken => return "read by nobody".to_owned(),
        Held::Skipped => return "too deep".to_owned(),
    };
    let wanted = |of: &&Difference| law.is_none_or(|law| of.law == law);
    let lines = differences.iter().filter(wanted).map(|of| {
        let kind = KNOWN.iter().find(|kind| (kind.is_kind)(text, of));
        let kind = kind.map_or("no kind", |kind| kind.name);
        match law {
            Some(_) => of.apart.to_string(),
            None => format!("\n  {:?}, {kind}: {}", of.law, of.apart),
        }
    });
    let lines: String = lines.collect();
    if lines.is_empty() {
        return "read alike".to_owned();
    }
    lines
}

#[test]
fn what_is_known_to_differ_still_does_and_what_was_mended_does_not() {
    let Some(mut go_yaml) = GoYaml::start() else {
        return;
    };
    let known = KNOWN.iter();
    let known = known.map(|known| {
        (
            known.name,
            known.input,
            Some(known.law),
            known.apart.to_owned(),
        )
    });
    let refused = REFUSED.iter().map(|refused| {
        let reason = format!("refused: {}", refused.reason);
        (refused.name, refused.input, None, reason)
    });
    let mended = MENDED.iter();
    let mended = mended.map(|(name, input, now)| (*name, *input, None, (*now).to_owned()));
    let mut wrong = Vec::new();
    for (name, input, law, expected) in known.chain(refused).chain(mended) {
        let now = told(input, law, &mut go_yaml);
        if now != expected {
            wrong.push(format!("{name}: {input:?}\n  now {now}\n  not {expected}"));
        }
    }
    let remedy = "take out of go_yaml/known.rs what no longer differs";
    assert!(wrong.is_empty(), "{remedy}\n{}", wrong.join("\n"));
}

#[test]
fn what_the_project_has_is_read_alike() {
    let Some(mut go_yaml) = GoYaml::start() else {
        return;
    };
    let mut counts = Counts::default();
    for text in fixtures() {
        counts.add(&text, &mut go_yaml);
    }
    if std::env::var_os("GO_YAML_CASES").is_some() {
        for text in seeds() {
            counts.add(&text, &mut go_yaml);
        }
    }
    counts.say();
    counts.assert_known(&mut go_yaml);
}

#[test]
fn hostile_changes_are_read_alike() {
    let Some(mut go_yaml) = GoYaml::start() else {
        return;
    };
    let (fixtures, mut counts) = (fixtures(), Counts::default());
    let seed = std::env::var("GO_YAML_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let mut chance = Chance(seed.unwrap_or(17));
    for number in 0..cases() {
        let mut text = small(&fixtures, &mut chance);
        if number % 4 == 0 {
            let second = small(&fixtures, &mut chance);
            text = joined(&text, &second, &mut chance);
        }
        if number % 4 > 0 || number % 8 == 0 {
            text = mutated(&text, &mut chance);
        }
        counts.add(&text, &mut go_yaml);
    }
    counts.say();
    counts.assert_known(&mut go_yaml);
}

/// Files in UTF-16 are judged as the same text in UTF-8 is, so go-yaml has to read both alike.
#[test]
fn utf_16_is_the_same_text() {
    let Some(mut go_yaml) = GoYaml::start() else {
        return;
    };
    // Bytes of these look like line breaks and marks to readers that do not decode.
    const APART: [&str; 5] = [
        "\u{d02}\u{a0a}",
        "\u{a0d}",
        "\u{d0a}",
        "\u{2d0a}\u{2d2d}",
        "\u{6100}",
    ];
    let (fixtures, mut chance) = (fixtures(), Chance(7));
    let mut count = [0, 0, 0];
    for number in 0..cases() {
        let mut text = small(&fixtures, &mut chance);
        if number % 2 == 0 {
            text = mutated(&text, &mut chance);
        }
        if number % 5 == 0 {
            let at = text.floor_char_boundary(chance.below(text.len() + 1));
            text.insert_str(at, APART[chance.below(APART.len())]);
        }
        let text = format!("\u{feff}{text}");
        let bytes = if number % 3 == 0 {
            u16::to_be_bytes
        } else {
            u16::to_le_bytes
        };
        let wide: Vec<u8> = text.encode_utf16().flat_map(bytes).collect();
        let answer =
            |answer: &str| -> serde_json::Value { serde_json::from_str(answer).expect("JSON") };
        let expected = answer(&go_yaml.answer(text.as_bytes()));
        let found = answer(&go_yaml.answer(&wide));
        let documents = &expected["stream"]["documents"];
        assert_eq!(&found["stream"]["documents"], documents, "{text:?}");
        count[usize::from(documents.is_null())] += 1;
        // What is taken from a file is what kustomize reads from it.
        let taken = crate::support::run(&["check", "-"], &wide);
        let is_refused = taken.stderr.contains("UTF-16");
        if documents
            .as_array()
            .is_some_and(|documents| documents.len() == 1)
            && !is_refused
        {
            // It leaves out what is nothing.
            let something = |view: &serde_json::Value| -> Vec<serde_json::Value> {
                let documents = view["documents"].as_array().expect("documents");
                let is_something = |one: &&serde_json::Value| one["tag"] != "!!null";
                documents.iter().filter(is_something).cloned().collect()
            };
            let [from_kyaml, from_go_yaml] = [&found["kyaml"], &expected["stream"]].map(something);
            assert_eq!(from_kyaml, from_go_yaml, "{text:?}");
            count[2] += 1;
        }
    }
    assert!(count.iter().all(|count| *count > 0), "{count:?}");
}

/// For people: GO_YAML_TEXTS names a file with a JSON string on each line.
#[test]
fn texts_of_your_own_are_told() {
    let Some(path) = std::env::var_os("GO_YAML_TEXTS") else {
        return;
    };
    let Some(mut go_yaml) = GoYaml::start() else {
        return;
    };
    let lines = fs::read_to_string(path).expect("a file");
    for line in lines.lines() {
        let text: String = serde_json::from_str(line).expect("a JSON string");
        let told = told(&text, None, &mut go_yaml);
        let _ = writeln!(std::io::stderr(), "{text:?}: {told}");
    }
}
