//! The profiles that are compiled in: their texts, and which of them a text could concern.

use std::collections::HashSet;
use std::sync::OnceLock;

use memchr::{memchr_iter, memmem};

use super::words::each_hash;
use crate::krm::resource::{CHART, is_version};
use crate::parallel;

/// A file of `function/agents/`.
struct File {
    /// The profile's name.
    name: &'static str,
    /// The file as an LZ4 block by the dictionary, which has a fifth of its bytes.
    packed: &'static [u8],
    /// Bytes of the whole file.
    length: usize,
    /// How many of its bytes come before its facts, which `agents verify` alone reads.
    judged: usize,
    /// The whole file, once a run has asked for it.
    text: OnceLock<String>,
}

/// A row of the files.
macro_rules! packed {
    ($name:literal, length: $length:literal, judged: $judged:literal) => {
        File {
            name: $name,
            packed: include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".lz4")),
            length: $length,
            judged: $judged,
            text: OnceLock::new(),
        }
    };
}

/// A word by which a text could concern a profile.
struct Mark {
    /// Its position in [`WORDS`], which has the hashes of all of them in order.
    word: u16,
    beside: Beside,
    /// The profile's position among the files.
    profile: u8,
}

/// What a text has to hold besides a word.
enum Beside {
    Nothing,
    /// Charts that are installed.
    Values,
    /// Another word. Where charts are installed, it may be one that a chart has by default.
    Word(u16),
}

include!(concat!(env!("OUT_DIR"), "/agents.rs"));

impl File {
    /// The whole file.
    fn text(&self) -> &str {
        self.text.get_or_init(|| unpacked(self.packed, self.length))
    }
}

/// What the files are packed by.
static DICTIONARY: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/dictionary"));

/// The text of a file of so many bytes.
///
/// # Panics
///
/// Where function/build.rs packed something else, which the tests of every profile would show.
fn unpacked(packed: &[u8], length: usize) -> String {
    let text = lz4_flex::block::decompress_with_dict(packed, length, DICTIONARY).ok();
    let text = text.and_then(|text| String::from_utf8(text).ok());
    text.expect("function/build.rs packs the text of a file")
}

/// The text of `function/fields.yaml` without its comments: where custom resources keep images.
pub(crate) fn fields_text() -> String {
    let packed = include_bytes!(concat!(env!("OUT_DIR"), "/fields.lz4"));
    unpacked(packed, FIELDS)
}

/// Texts larger than this are not searched: reading every profile takes less time.
const MOST_SEARCHED: usize = 1 << 20;

/// Of many files, so many times as much is searched: opening and judging them takes longer, and the fewer profiles
/// count, the fewer of them are more than passed over.
const MANY_FILES: usize = 64;
const MORE_SEARCHED: usize = 16;

/// The names of the profiles that are compiled in, in alphabetical order.
pub fn builtin_names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|file| file.name)
}

/// Whether a profile says that a repository, which is written without its scheme and without a slash at its
/// end, publishes its charts.
pub(crate) fn names_repository(repository: &str) -> bool {
    static NAMED: OnceLock<HashSet<&'static str>> = OnceLock::new();
    let named = || {
        let texts = FILES.iter().map(|file| &file.text()[..file.judged]);
        let lists = texts
            .flat_map(str::lines)
            .filter_map(|line| line.trim_start().strip_prefix("repositories:"));
        lists
            .flat_map(|list| list.split("://").skip(1))
            .filter_map(|rest| rest.split_once([',', ']', '"']))
            .map(|(url, _)| url.strip_suffix('/').unwrap_or(url))
            .collect()
    };
    NAMED.get_or_init(named).contains(repository)
}

/// Whether a profile of this name is compiled in.
pub(crate) fn is_builtin(name: &str) -> bool {
    find(name).is_some()
}

/// The text of a profile that is compiled in: `function/agents/NAME.yaml`.
pub fn builtin_text(name: &str) -> Option<&'static str> {
    find(name).map(File::text)
}

/// The part of a profile by which images are judged: all but its facts.
pub(crate) fn judged_text(name: &str) -> Option<&'static str> {
    find(name).map(|file| &file.text()[..file.judged])
}

/// The facts of a profile as they are written; empty where it has none.
pub(crate) fn facts_text(name: &str) -> Option<&'static str> {
    find(name).map(|file| &file.text()[file.judged..])
}

fn find(name: &str) -> Option<&'static File> {
    let found = FILES.binary_search_by_key(&name, |file| file.name).ok()?;
    FILES.get(found)
}

/// The texts to which a configuration is applied, itself among them, since a registry mapping rule may give
/// an image another name.
#[derive(Debug, Clone, Copy)]
pub struct AppliedTo<'t> {
    /// The texts.
    pub texts: &'t [&'t str],
    /// Whether charts may be installed by them.
    pub installs_charts: bool,
}

/// The profiles that some texts could concern, by position among the files.
///
/// A profile can affect a text only if the text contains one of the profile's marks: the last segments of
/// a repository's name, a variable, a flag, a container's name, or, where charts are installed, the name
/// of its chart or a key of the chart's values.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Concerned(u128);

impl Concerned {
    /// All of them.
    pub(crate) const ALL: Concerned = Concerned(u128::MAX);

    /// Those that the texts could concern.
    pub(crate) fn by(judged: AppliedTo<'_>) -> Self {
        let AppliedTo {
            texts,
            installs_charts,
        } = judged;
        let bytes: usize = texts.iter().map(|text| text.len()).sum();
        let more = if texts.len() >= MANY_FILES {
            MORE_SEARCHED
        } else {
            1
        };
        if bytes > MOST_SEARCHED * more {
            return Concerned::ALL;
        }
        // Most words are none of these, as a bit of their hash tells.
        let mut bits = [0_u64; BITS / 64];
        for &hash in WORDS {
            bits[bit_of(hash) / 64] |= 1 << (bit_of(hash) % 64);
        }
        let search = |_, some: &[&str]| {
            if some.iter().any(|text| hides_words(text.as_bytes())) {
                return None;
            }
            let mut found = [FoundIn::Nowhere; WORDS.len()];
            let mut note = |hash, how| {
                let may_be = bits[bit_of(hash) / 64] >> (bit_of(hash) % 64) & 1 == 1;
                if may_be && let Ok(word) = WORDS.binary_search(&hash) {
                    found[word] = how;
                }
            };
            for text in some {
                each_hash(text.as_bytes(), |hash| note(hash, FoundIn::InText));
            }
            for chart in some.iter().flat_map(|text| charts(text)) {
                each_hash(chart.as_bytes(), |hash| note(hash, FoundIn::AsChart));
            }
            Some(found)
        };
        let mut found = [FoundIn::Nowhere; WORDS.len()];
        for some in parallel::map(texts, bytes, search) {
            let Some(some) = some else {
                return Concerned::ALL;
            };
            for (known, how) in found.iter_mut().zip(some) {
                *known = how.max(*known);
            }
        }
        let marks = MARKS.iter().filter(|mark| {
            let how = found[usize::from(mark.word)];
            let is_found = |word: u16| found[usize::from(word)] != FoundIn::Nowhere;
            is_found(mark.word)
                && match mark.beside {
                    Beside::Nothing => true,
                    // A label says which chart a resource is of.
                    Beside::Values => installs_charts || how == FoundIn::AsChart,
                    Beside::Word(other) => installs_charts || is_found(other),
                }
        });
        Concerned(marks.fold(0, |all, mark| all | 1 << mark.profile))
    }

    /// Whether a profile is among them.
    pub(crate) fn has(self, name: &str) -> bool {
        let found = FILES.binary_search_by_key(&name, |file| file.name);
        found.is_ok_and(|index| self.0 >> index & 1 == 1)
    }
}

/// How many bits tell words apart: more than there are words, and few enough to be at hand.
const BITS: usize = 1 << 15;

fn bit_of(hash: u32) -> usize {
    (hash ^ hash >> 16) as usize % BITS
}

/// Where a word was found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum FoundIn {
    Nowhere,
    InText,
    /// In a label that names a chart.
    AsChart,
}

/// The names of charts in the labels of a text, which hold a version behind the name: each that it could be.
fn charts(text: &str) -> impl Iterator<Item = &str> {
    memmem::find_iter(text.as_bytes(), CHART).flat_map(|at| {
        let value = text[at + CHART.len()..].trim_start_matches(['"', '\'', ':', ' ']);
        let near = &value.as_bytes()[..value.len().min(64)];
        let ends = memchr_iter(b'-', near).filter(|at| is_version(&value[at + 1..]));
        ends.map(|end| &value[..end])
    })
}

/// Whether a letter of a word may be escaped, or a word broken at the end of a line.
fn hides_words(text: &[u8]) -> bool {
    memchr_iter(b'\\', text).any(|at| {
        matches!(
            text.get(at + 1),
            Some(b'x' | b'u' | b'U' | b'/' | b'\n' | b'\r')
        )
    })
}
