//! Lists the profiles of `function/agents/`, compressed, and the words by which a text could concern them, so
//! that adding an agent is adding one file; and says where the program lies in memory.

#[path = "marks.rs"]
mod marks;
#[path = "place.rs"]
mod place;
#[path = "../src/agent/words.rs"]
mod words;

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use lzzzz::lz4_hc;

use marks::Mark;

/// The profile whose text is LZ4's dictionary for all of them and for the fields: many of their keys and values are
/// in it, so that they take a sixth less space. It is compiled in as it is, and small, so that nothing has to be
/// unpacked before what is asked for.
const DICTIONARY: &str = "elastic-agent";

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("function/agents");
    for file in [
        "function/build.rs",
        "function/fields.yaml",
        "function/marks.rs",
        "function/place.rs",
        "src/agent/words.rs",
    ] {
        println!("cargo::rerun-if-changed={file}");
    }
    println!("cargo::rerun-if-changed={}", folder.display());
    // The feature `sources`.
    let has_sources = env::var_os("CARGO_FEATURE_SOURCES").is_some();
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let profiles = profiles(&folder)?;
    let mut list = format!("static FILES: [File; {}] = [\n", profiles.len());
    let mut marks = BTreeSet::new();
    let fields = fs::read_to_string(folder.with_file_name("fields.yaml"))?;
    let kinds = marks::kinds_without_names(&fields);
    let dictionary = fs::read_to_string(folder.join(format!("{DICTIONARY}.yaml")))?;
    let (dictionary, _) = kept(dictionary, false);
    fs::write(out.join("dictionary"), &dictionary)?;
    let packed = |text: &str| packed(text, &dictionary);
    for (index, path) in profiles.iter().enumerate() {
        println!("cargo::rerun-if-changed={}", path.display());
        let not_text = || format!("{} is not UTF-8", path.display());
        let name = path.file_stem().and_then(|stem| stem.to_str());
        let name = name.ok_or_else(not_text)?;
        let (kept, judged) = kept(fs::read_to_string(path)?, has_sources);
        let length = kept.len();
        fs::write(out.join(format!("{name}.lz4")), packed(&kept)?)?;
        writeln!(
            list,
            "    packed!({name:?}, length: {length}, judged: {judged}),"
        )?;
        let index = u8::try_from(index).ok().filter(|index| *index < 128);
        let index = index.ok_or("more profiles than bits: widen the set")?;
        let kinds = kinds.iter().filter(|(agents, _)| agents.contains(&name));
        let kinds = kinds.flat_map(|(_, kinds)| kinds.iter().copied());
        let own = marks::of_profile(&kept[..judged]).into_iter();
        for mark in own.chain(kinds.map(Mark::Word)) {
            let (word, beside) = match mark {
                Mark::Word(word) => (word, Beside::Nothing),
                Mark::Repository(last, before) => (
                    last,
                    hashes(before)
                        .last()
                        .map_or(Beside::Nothing, |it| Beside::Word(*it)),
                ),
                Mark::OfValues(word) => (word, Beside::Values),
            };
            marks.extend(hashes(word).into_iter().map(|hash| (hash, beside, index)));
        }
    }
    list.push_str("];\n\n");
    write_marks(&mut list, &marks)?;
    let fields = without_comments(&fields);
    writeln!(
        list,
        "\n/// Bytes of the table of fields.\nconst FIELDS: usize = {};",
        fields.len()
    )?;
    fs::write(out.join("agents.rs"), list)?;
    fs::write(out.join("fields.lz4"), packed(&fields)?)?;
    place::at_a_fixed_place();
    Ok(())
}

/// A text as a block of LZ4 that needs a dictionary, packed by LZ4's slowest way, which takes a quarter off what its
/// fastest makes.
fn packed(text: &str, dictionary: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut packed = Vec::new();
    let mut packer = lz4_hc::Compressor::with_dict(dictionary.as_bytes(), lz4_hc::CLEVEL_MAX)?;
    packer.next_to_vec(text.as_bytes(), &mut packed)?;
    Ok(packed)
}

/// What is compiled in of a profile's text, and how many of its bytes come before its facts.
fn kept(text: String, has_sources: bool) -> (String, usize) {
    if has_sources {
        let judged = marks::before_facts(&text);
        (text, judged)
    } else {
        // Its examples prove it to whoever changes it, and its facts, which are behind them, too.
        let kept = without_comments(&text[..marks::before_proofs(&text)]);
        let judged = kept.len();
        (kept, judged)
    }
}

/// What a text has to hold besides the word of a mark.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Beside {
    Nothing,
    /// Charts that are installed.
    Values,
    /// Another word, by its hash.
    Word(u32),
}

/// The hashes of the words in a text.
fn hashes(text: &str) -> Vec<u32> {
    let mut found = Vec::new();
    words::each_hash(text.as_bytes(), |hash| found.push(hash));
    found
}

/// Writes the words of all marks, and the marks, which have words by position.
fn write_marks(
    list: &mut String,
    marks: &BTreeSet<(u32, Beside, u8)>,
) -> Result<(), Box<dyn Error>> {
    let words = marks.iter().flat_map(|(word, beside, _)| match beside {
        Beside::Word(other) => vec![*word, *other],
        Beside::Nothing | Beside::Values => vec![*word],
    });
    let words: BTreeSet<u32> = words.collect();
    let words: Vec<u32> = words.into_iter().collect();
    let position = |word: &u32| words.binary_search(word).map_err(|_| "a word of no mark");
    writeln!(
        list,
        "const WORDS: &[u32] = &{words:?};\n\nconst MARKS: &[Mark] = &["
    )?;
    for (word, beside, profile) in marks {
        let word = position(word)?;
        let beside = match beside {
            Beside::Nothing => "Nothing".to_owned(),
            Beside::Values => "Values".to_owned(),
            Beside::Word(other) => format!("Word({})", position(other)?),
        };
        writeln!(
            list,
            "    Mark {{ word: {word}, beside: Beside::{beside}, profile: {profile} }},"
        )?;
    }
    list.push_str("];\n");
    Ok(())
}

/// A text without its lines of comment.
fn without_comments(text: &str) -> String {
    let lines = text.split_inclusive('\n');
    let kept = lines.filter(|line| !line.trim_start().starts_with('#'));
    kept.collect()
}

/// The profiles' files by name, so that every machine builds the same program.
fn profiles(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
