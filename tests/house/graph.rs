//! Which module uses which, read from `use` lines and from paths in code, and where that goes round
//! in a circle.
//!
//! A module and its own parts may use each other. Between the parts of one folder, and between the
//! modules at the crate's root, uses go one way.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::library;

/// A file of the library.
struct Source {
    /// The module that it is: `["config", "emit"]`.
    module: Vec<String>,
    /// Its path from the crate's folder, for messages.
    file: String,
    text: String,
}

/// A path that a file writes.
struct Written {
    /// From the crate's root.
    path: Vec<String>,
    /// The name that a `use` gives it; `None` for a path in code.
    name: Option<String>,
    /// From 0.
    line: usize,
}

/// Every use of one module by another, with the lines where it is written.
type Uses = BTreeMap<String, BTreeMap<String, Vec<String>>>;

#[test]
fn modules_use_each_other_in_one_direction() {
    let library = library().into_iter().map(|(path, text)| {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/");
        let file = path.to_string_lossy().replace(root, "");
        source(file, text)
    });
    let uses = uses(&library.collect::<Vec<Source>>());
    let circles = circles(&uses);
    assert!(circles.is_empty(), "\n{}", circles.join("\n"));
}

#[test]
fn a_circle_is_told_with_its_lines() {
    let sources = [
        ("src/bread.rs", "use crate::kitchen::Oven;\n"),
        ("src/kitchen/mod.rs", "mod oven;\npub use oven::Oven;\n"),
        (
            "src/kitchen/oven.rs",
            "use super::*;\n// crate::cellar::Shelf\n\nfn bake() -> crate::bread::Loaf {}\n\
             #[cfg(test)]\nmod tests {\n    use crate::cellar::Shelf;\n}\n",
        ),
        ("src/cellar/mod.rs", "mod jar;\nmod shelf;\nuse jar::Jar;\n"),
        (
            "src/cellar/shelf.rs",
            "use super::{Jar, super::bread::Loaf};\n",
        ),
        (
            "src/cellar/jar.rs",
            "const SEEN: &str = \"{\";\nuse super::shelf::{self};\n",
        ),
    ];
    let sources = sources.map(|(file, text)| source(file.to_owned(), text.to_owned()));
    assert_eq!(
        circles(&uses(&sources)),
        [
            "\
bread uses kitchen
    src/bread.rs:1: use crate::kitchen::Oven;
kitchen uses bread
    src/kitchen/oven.rs:4: fn bake() -> crate::bread::Loaf {}
",
            "\
cellar/jar uses cellar/shelf
    src/cellar/jar.rs:2: use super::shelf::{self};
cellar/shelf uses cellar/jar
    src/cellar/shelf.rs:1: use super::{Jar, super::bread::Loaf};
",
        ]
    );
}

fn source(file: String, text: String) -> Source {
    let inner = file.trim_start_matches("src/").trim_end_matches(".rs");
    let mut module: Vec<String> = inner.split('/').map(str::to_owned).collect();
    module.pop_if(|last| ["mod", "lib", "main"].contains(&last.as_str()));
    Source { module, file, text }
}

/// The uses between modules of one folder, which a use between their parts is one of, too.
fn uses(sources: &[Source]) -> Uses {
    let modules: BTreeSet<&[String]> = sources.iter().map(|source| &*source.module).collect();
    let mut names: BTreeMap<(&[String], String), Vec<String>> = BTreeMap::new();
    let mut written = Vec::new();
    for source in sources {
        for one in paths(&source.module, &code(&source.text), &modules) {
            if let Some(name) = one.name.clone() {
                names.insert((&source.module, name), one.path.clone());
            }
            written.push((source, one));
        }
    }
    let mut uses = Uses::new();
    for (source, one) in written {
        let from = &source.module;
        let to = defined_in(one.path, &modules, &names);
        let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
        if shared == from.len() || shared == to.len() {
            continue;
        }
        let line = source.text.lines().nth(one.line).unwrap_or_default().trim();
        let line = format!("{}:{}: {line}", source.file, one.line + 1);
        let used = uses.entry(from[..=shared].join("/")).or_default();
        let lines = used.entry(to[..=shared].join("/")).or_default();
        if lines.last() != Some(&line) {
            lines.push(line);
        }
    }
    uses
}

/// The module in which a path's item is defined, through every `use` that hands the item on.
fn defined_in(
    mut path: Vec<String>,
    modules: &BTreeSet<&[String]>,
    names: &BTreeMap<(&[String], String), Vec<String>>,
) -> Vec<String> {
    let mut followed = 0;
    loop {
        let is_module = |depth: &usize| modules.contains(&path[..*depth]);
        let depth = (0..=path.len()).rev().find(is_module).unwrap_or(0);
        let rest = path.split_off(depth);
        let handed_on = rest
            .first()
            .and_then(|name| names.get(&(&*path, name.clone())));
        match handed_on {
            Some(real) if followed < 8 => {
                path = [real, &rest[1..]].concat();
                followed += 1;
            }
            _ => return path,
        }
    }
}

/// The paths of a module's code that lead into this crate, from its root.
fn paths(module: &[String], code: &str, modules: &BTreeSet<&[String]>) -> Vec<Written> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = code[at..].find(is_word).map(|found| at + found) {
        let word = word_at(code, start);
        at = start + word.len();
        let line = code[..start].matches('\n').count();
        if word == "use" {
            let end = code[at..].find(';').map_or(code.len(), |found| at + found);
            let mut tree = Vec::new();
            flatten(code[at..end].trim(), &mut Vec::new(), &mut tree);
            for (path, name) in tree {
                found.extend(absolute(module, &path, modules).map(|path| Written {
                    path,
                    name: Some(name),
                    line,
                }));
            }
            at = end;
        } else if ["crate", "super", "self"].contains(&word) && code[at..].starts_with("::") {
            let mut path = vec![word.to_owned()];
            while let Some(rest) = code[at..].strip_prefix("::") {
                let next = word_at(rest, 0);
                at += 2 + next.len();
                if next.is_empty() {
                    break;
                }
                path.push(next.to_owned());
            }
            found.extend(absolute(module, &path, modules).map(|path| Written {
                path,
                name: None,
                line,
            }));
        }
    }
    found
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn word_at(code: &str, start: usize) -> &str {
    let rest = &code[start..];
    &rest[..rest.find(|c| !is_word(c)).unwrap_or(rest.len())]
}

/// A `use` tree as paths, each with the name that it gives.
fn flatten(tree: &str, above: &mut Vec<String>, found: &mut Vec<(Vec<String>, String)>) {
    let (head, braces) = match tree.split_once('{') {
        Some((head, rest)) => (head, rest.trim_end().strip_suffix('}')),
        None => (tree, None),
    };
    let (head, alias) = match head.split_once(" as ") {
        Some((head, alias)) => (head, Some(alias.trim())),
        None => (head, None),
    };
    let depth = above.len();
    let words = head.split("::").map(str::trim);
    above.extend(words.filter(|word| !word.is_empty()).map(str::to_owned));
    if let Some(inner) = braces {
        let mut nesting = 0;
        let parts = inner.split(|c| {
            match c {
                '{' => nesting += 1,
                '}' => nesting -= 1,
                _ => {}
            }
            c == ',' && nesting == 0
        });
        for part in parts.map(str::trim).filter(|part| !part.is_empty()) {
            flatten(part, above, found);
        }
    } else {
        let mut path = above.clone();
        if depth > 0 {
            path.pop_if(|last| last == "self");
        }
        path.pop_if(|last| last == "*");
        let name = alias
            .or(path.last().map(String::as_str))
            .unwrap_or_default();
        found.push((path.clone(), name.to_owned()));
    }
    above.truncate(depth);
}

/// A path as it is written in a module, from the crate's root; `None` for another crate's.
fn absolute(
    module: &[String],
    path: &[String],
    modules: &BTreeSet<&[String]>,
) -> Option<Vec<String>> {
    let (first, mut rest) = path.split_first()?;
    let mut base = match first.as_str() {
        "crate" => Vec::new(),
        "self" => module.to_vec(),
        "super" => module.split_last()?.1.to_vec(),
        _ => {
            rest = path;
            let part = [module, &path[..1]].concat();
            modules.contains(&*part).then(|| module.to_vec())?
        }
    };
    while let Some((_, below)) = rest.split_first().filter(|(first, _)| *first == "super") {
        base.pop()?;
        rest = below;
    }
    base.extend_from_slice(rest);
    Some(base)
}

/// Source text with blanks in the place of comments, literals of text, and tests.
fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if c == '"' {
            quoted(rest)
        } else if c == 'r' && !code.ends_with(is_word) {
            raw(rest)
        } else if c == '\'' {
            character(rest)
        } else {
            0
        };
        if skipped == 0 {
            code.push(c);
            rest = &rest[c.len_utf8()..];
        } else {
            let line_breaks = rest[..skipped].chars().filter(|c| *c == '\n');
            code.push(' ');
            code.extend(line_breaks);
            rest = &rest[skipped..];
        }
    }
    while let Some(start) = code.find("#[cfg(test)]") {
        let mut depth = 0;
        let end = code[start..].find(|c| {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            depth == 0 && (c == '}' || c == ';')
        });
        let end = end.map_or(code.len(), |end| start + end + 1);
        let line_breaks = code[start..end].matches('\n').collect::<String>();
        code.replace_range(start..end, &line_breaks);
    }
    code
}

/// The length of a quoted text.
fn quoted(rest: &str) -> usize {
    let mut escaped = false;
    let end = rest[1..].find(|c| {
        let is_end = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        is_end
    });
    end.map_or(rest.len(), |end| end + 2)
}

/// The length of a raw text, if it is one.
fn raw(rest: &str) -> usize {
    let hashes = rest[1..].bytes().take_while(|byte| *byte == b'#').count();
    let Some(inner) = rest[1 + hashes..].strip_prefix('"') else {
        return 0;
    };
    let close = format!("\"{}", "#".repeat(hashes));
    let end = inner.find(&close).map(|end| 2 + hashes + end + close.len());
    end.unwrap_or(rest.len())
}

/// The length of a character literal, if it is one and no lifetime.
fn character(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => rest[3..].find('\'').map_or(0, |end| end + 4),
        _ => chars
            .next()
            .filter(|(_, c)| *c == '\'')
            .map_or(0, |(at, _)| at + 1),
    }
}

/// For each module the shortest circle that it is the first of, by name; a circle is told once.
fn circles(uses: &Uses) -> Vec<String> {
    let mut told: BTreeSet<&str> = BTreeSet::new();
    let mut circles = Vec::new();
    for start in uses.keys() {
        if told.contains(start.as_str()) {
            continue;
        }
        let Some(circle) = shortest(uses, start) else {
            continue;
        };
        told.extend(circle.iter().copied());
        let next = circle.iter().skip(1).chain(circle.first());
        let steps = circle.iter().zip(next).map(|(from, to)| {
            let lines = uses[*from][*to].join("\n    ");
            format!("{from} uses {to}\n    {lines}\n")
        });
        circles.push(steps.collect());
    }
    circles
}

/// The shortest way from a module back to itself.
fn shortest<'u>(uses: &'u Uses, start: &'u str) -> Option<Vec<&'u str>> {
    let mut ways = VecDeque::from([vec![start]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        let last = way.last()?;
        for to in uses.get(*last).into_iter().flat_map(BTreeMap::keys) {
            if to == start {
                return Some(way);
            }
            if seen.insert(to) {
                ways.push_back([&way[..], &[to]].concat());
            }
        }
    }
    None
}
