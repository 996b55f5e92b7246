//! The house rules that a compiler does not keep.

use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

mod graph;
mod index;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn library() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut found,
    );
    assert!(found.len() > 20, "the sources were not found");
    found
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).expect("a source");
            (path, text)
        })
        .collect()
}

#[test]
fn only_the_command_line_touches_the_world() {
    for (path, text) in library() {
        if path.components().any(|part| part.as_os_str() == "cli") {
            continue;
        }
        for word in [
            "std::fs",
            "std::env",
            "std::net",
            "std::io",
            "std::process",
            "std::time",
            "std::thread",
            "env::var",
            "SystemTime",
            "Instant::",
        ] {
            let allowed = path.ends_with("main.rs") && word == "std::process"
                || path.to_string_lossy().contains("src/parallel") && word == "std::thread"
                || path.to_string_lossy().contains("src/mirror/client")
                    && ["std::io", "std::thread", "std::time", "Instant::"].contains(&word);
            assert!(
                allowed || !text.contains(word),
                "{} names {word}",
                path.display()
            );
        }
    }
}

#[test]
fn every_module_says_what_it_is_for() {
    for (path, text) in library() {
        assert!(
            text.starts_with("//! "),
            "{} has no first sentence",
            path.display()
        );
    }
}

/// Refuses a word in the library's sources outside a folder or file.
#[track_caller]
fn known_only_to(place: &str, word: &str) {
    for (path, text) in library() {
        assert!(
            !text.contains(word) || path.to_string_lossy().contains(place),
            "{}",
            path.display()
        );
    }
}

#[test]
fn one_folder_speaks_to_registries() {
    known_only_to("src/mirror/client", "ureq::");
    known_only_to(
        "src/cli/commands/mirror/credentials.rs",
        "docker_credential",
    );
}

#[test]
fn one_folder_knows_the_reference_parser() {
    known_only_to("yaml/parse/reference/", "granit_parser");
}

#[test]
fn one_file_makes_nodes_in_an_arena() {
    known_only_to("yaml/parse/fast/arena.rs", "bumpalo");
}

#[test]
fn one_file_asks_for_pages() {
    known_only_to("src/cli/stdin.rs", "memmap2");
}

#[test]
fn one_folder_emits_yaml() {
    known_only_to("src/generate/", "serde_yaml::");
}

/// Each sort of its own is three thousand bytes of the image; `src/sort.rs` says which are worth them.
#[test]
fn what_is_sorted_now_and_then_shares_one_sort() {
    let own = [
        "src/sort.rs",
        "src/agent/images.rs",
        "src/decide/clues.rs",
        "src/edit/mod.rs",
        "src/finding/sort.rs",
        "src/judge/prefilter.rs",
        "src/yaml/place.rs",
    ];
    for (path, text) in library() {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let sorts = [".sort(", ".sort_by", ".sort_unstable"];
        assert!(
            own.iter().any(|known| path.ends_with(known))
                || !sorts.iter().any(|sort| code.contains(sort)),
            "{} sorts by itself: `crate::sort` does it",
            path.display()
        );
    }
}

/// Linked so, a program that holds its C library and may lie anywhere would crash at its start.
#[test]
fn a_program_that_holds_its_c_library_lies_where_the_linker_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join(format!("build{EXE_SUFFIX}"));
    let main = folder.path().join("main.rs");
    let place = concat!(env!("CARGO_MANIFEST_DIR"), "/function/place.rs");
    let text =
        format!("#[path = {place:?}]\nmod place;\nfn main() {{ place::at_a_fixed_place(); }}\n");
    fs::write(&main, text).expect("written");
    let compiled = Command::new("rustc")
        .args(["--edition=2024", "-o"])
        .args([&script, &main])
        .status();
    assert!(compiled.expect("rustc runs").success());
    let is_fixed = |os: &str, env: &str, features: &str| {
        let run = Command::new(&script)
            .env("CARGO_MANIFEST_DIR", env!("CARGO_MANIFEST_DIR"))
            .env("OUT_DIR", folder.path())
            .env("CARGO_CFG_TARGET_OS", os)
            .env("CARGO_CFG_TARGET_ENV", env)
            .env("CARGO_CFG_TARGET_FEATURE", features)
            .output()
            .expect("the script runs");
        assert!(run.status.success());
        String::from_utf8_lossy(&run.stdout).contains("-no-pie")
    };
    for (os, env, features, fixed) in [
        ("linux", "gnu", "fxsr,sse,sse2", true),
        ("linux", "gnu", "crt-static,fxsr,sse,sse2", false),
        ("linux", "musl", "crt-static,fxsr,sse,sse2", false),
        ("macos", "", "neon", false),
        ("windows", "gnu", "sse2", false),
    ] {
        assert_eq!(is_fixed(os, env, features), fixed, "{os} {env} {features}");
    }
}

#[test]
fn no_unsafe_code_is_allowed() {
    let manifest = include_str!("../Cargo.toml");
    assert!(manifest.contains("\nunsafe_code = \"forbid\"\n"));
}

/// The words in backticks of a line that name a test or a file of tests.
fn named_tests(line: &str) -> Vec<&str> {
    let words = line.split('`').skip(1).step_by(2);
    let is_path = |word: &&str| {
        let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let mut parts = word.split("::");
        word.contains("::") && parts.all(|part| !part.is_empty() && part.chars().all(is_name))
    };
    words
        .filter(|word| is_path(word) || word.starts_with("tests/"))
        .collect()
}

/// Whether a test, a module of tests, or a file or folder is there.
fn is_there(name: &str) -> bool {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    if name.starts_with("tests/") {
        return root.join(name).exists();
    }
    let (module, last) = name.rsplit_once("::").expect("a path");
    let file = |module: &str| {
        let path = module.replace("::", "/");
        let places = ["tests", "src"].map(|folder| root.join(folder).join(format!("{path}.rs")));
        places
            .into_iter()
            .find_map(|place| fs::read_to_string(place).ok())
    };
    let has = |text: String| {
        text.contains(&format!("fn {last}(")) || text.contains(&format!("mod {last} {{"))
    };
    file(module).is_some_and(has) || file(name).is_some()
}

#[test]
fn each_promise_names_a_test_that_is_there() {
    let security = include_str!("../SECURITY.md");
    let (_, promises) = security.split_once("## What holds").expect("a section");
    let (promises, _) = promises.split_once("\n## ").expect("a section behind it");
    let promises: Vec<&str> = promises
        .lines()
        .filter(|line| line.starts_with("- "))
        .collect();
    assert!(promises.len() > 15, "{promises:?}");
    for promise in promises {
        let tests = named_tests(promise);
        assert!(!tests.is_empty(), "no test is named: {promise}");
    }
    for test in security.lines().flat_map(named_tests) {
        assert!(is_there(test), "{test} is not there");
    }
}

/// Each file that a page on the house names is there, below the folder of its section or of the source.
#[test]
fn the_files_that_pages_name_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut named: Vec<PathBuf> = Vec::new();
    let folders = ["src", "tests", "benches", "function"].map(|folder| root.join(folder));
    folders
        .iter()
        .for_each(|folder| sources(folder, &mut named));
    let is_there = |word: &str| {
        let word = word.strip_prefix("src/").unwrap_or(word);
        let end = format!("/{word}");
        named
            .iter()
            .any(|path| path.to_string_lossy().replace('\\', "/").ends_with(&end))
    };
    let mut checked = 0;
    for page in [
        include_str!("../ARCHITECTURE.md"),
        include_str!("../CONTRIBUTING.md"),
    ] {
        for line in page.lines() {
            let words = line.split('`').skip(1).step_by(2);
            for word in
                words.filter(|word| word.ends_with(".rs") && !word.contains(['*', '{', ' ']))
            {
                assert!(is_there(word), "{word} is not there: {line}");
                checked += 1;
            }
        }
    }
    assert!(checked > 150, "{checked}");
}

/// In the section on runs, each `path.rs` and the names of functions behind it in one line.
#[test]
fn the_runs_in_architecture_name_functions_that_are_there() {
    let page = include_str!("../ARCHITECTURE.md");
    let (_, section) = page.split_once("### Three runs").expect("a section");
    let (section, _) = section.split_once("\n### ").expect("a section behind it");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let is_name = |word: &str| {
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
        word.chars().all(is_of_name)
    };
    let mut checked = 0;
    for line in section.lines() {
        let mut text = String::new();
        let mut folder = root.clone();
        for word in line.split('`').skip(1).step_by(2) {
            if word.ends_with(".rs") {
                let path = [root.join(word), folder.join(word)];
                let path = path.iter().find(|path| path.is_file());
                let path = path.unwrap_or_else(|| panic!("{word} is not there: {line}"));
                text = fs::read_to_string(path).expect("a source");
                folder = path.parent().expect("a folder").to_owned();
                checked += 1;
            } else if !text.is_empty() && is_name(word) {
                let name = word.rsplit("::").next().unwrap_or(word);
                let starts = ["fn NAME(", "fn NAME<", "struct NAME<"];
                let is_there = starts.map(|start| start.replace("NAME", name));
                let is_there = is_there.iter().any(|start| text.contains(start));
                assert!(is_there, "no function {word}: {line}");
                checked += 1;
            }
        }
    }
    assert!(checked > 40, "{checked}");
}
