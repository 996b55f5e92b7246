//! Two readers of YAML that share no code with the program hold its output against its input.
//!
//! Their own defects are kept out: yaml-rust2 expands aliases without a bound; libyaml-safer panics
//! on some inputs, is quadratic on deep flow, and reads the line breaks of YAML 1.1.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::panic;
use std::sync::Once;

use libyaml_safer::{EventData, Parser};
use restore_images::edit::Edit;
use restore_images::finding::Finding;
use yaml_rust2::{Yaml, YamlLoader};

/// Fails where a reader finds a value changed that no edit and no finding covers.
pub fn compare(input: &str, output: &str, edits: &[Edit], findings: &[Finding]) {
    by_libyaml(input, output, edits);
    by_yaml_rust2(input, output, findings);
}

/// Every scalar and alias that no edit touches is there as it was, in order.
fn by_libyaml(input: &str, output: &str, edits: &[Edit]) {
    let Some(old) = scalars(input) else { return };
    let new = scalars(output).unwrap_or_else(|| panic!("libyaml-safer refuses {output:?}"));
    let (mut read, mut length) = (0, 0);
    let mut written = Vec::with_capacity(edits.len());
    for edit in edits {
        let start = length + (edit.span.start - read);
        (read, length) = (edit.span.end, start + edit.text.len());
        written.push(start..length);
    }
    let replaced: Vec<Range<usize>> = edits.iter().map(|edit| edit.span.clone()).collect();
    let old = untouched(&old, &replaced);
    let new = untouched(&new, &written);
    assert_eq!(old, new, "libyaml-safer reads {output:?}");
}

type Scalar = (Range<usize>, String);

fn untouched<'s>(scalars: &'s [Scalar], edits: &[Range<usize>]) -> Vec<&'s str> {
    let touches = |span: &Range<usize>| {
        edits
            .iter()
            .any(|edit| edit.start < span.end && span.start < edit.end)
    };
    let scalars = scalars.iter().filter(|(span, _)| !touches(span));
    scalars.map(|(_, text)| text.as_str()).collect()
}

/// What libyaml-safer reads; nothing where it reads another language, or not at all.
fn scalars(text: &str) -> Option<Vec<Scalar>> {
    let depth = text.bytes().filter(|byte| b"[{".contains(byte)).count();
    let breaks = ['\u{85}', '\u{2028}', '\u{2029}', '\u{feff}'];
    if depth > 1000 || text.contains(breaks) {
        return None;
    }
    unless_it_panics(|| {
        let mut bytes = text.as_bytes();
        let mut parser = Parser::new();
        parser.set_input_string(&mut bytes);
        let mut found = Vec::new();
        loop {
            let event = parser.parse().ok()?;
            let at = |index: u64| usize::try_from(index).expect("an offset");
            let span = at(event.start_mark.index)..at(event.end_mark.index);
            let text = match event.data {
                EventData::StreamEnd => return Some(found),
                // Nothing stands there.
                EventData::Scalar { .. } if span.is_empty() => continue,
                EventData::Scalar { value, tag, .. } => format!("{tag:?} {value}"),
                EventData::Alias { anchor } => format!("*{anchor}"),
                _ => continue,
            };
            found.push((span, text));
        }
    })
}

thread_local!(static MAY_PANIC: Cell<bool> = const { Cell::new(false) });
static HOOK: Once = Once::new();

/// Forgives the panics of somebody else's reader, and nobody else's.
fn unless_it_panics<T>(read: impl FnOnce() -> Option<T> + panic::UnwindSafe) -> Option<T> {
    HOOK.call_once(|| {
        let hook = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !MAY_PANIC.get() {
                hook(info);
            }
        }));
    });
    MAY_PANIC.set(true);
    let found = panic::catch_unwind(read);
    MAY_PANIC.set(false);
    found.ok().flatten()
}

/// Every leaf whose path no finding names, nor its neighbour, is as it was.
fn by_yaml_rust2(input: &str, output: &str, findings: &[Finding]) {
    // Those of the output are its masks, too, and it has no more aliases.
    let aliases = input.bytes().filter(|byte| *byte == b'*').count();
    if aliases > 12 {
        return;
    }
    let Some(old) = leaves(input) else { return };
    let new = leaves(output).unwrap_or_else(|| panic!("yaml-rust2 refuses {output:?}"));
    // A key that a merge brought is written out where an edit would change it otherwise.
    if input.contains("<<") {
        return;
    }
    let planned: Vec<&str> = findings
        .iter()
        .filter_map(|finding| finding.field.as_ref())
        .filter(|field| field.proposed.is_some())
        .map(|field| parent(&field.path))
        .collect();
    let is_planned = |path: &str| {
        let path = path.trim_start_matches(|c: char| c.is_ascii_digit());
        // An item of a ResourceList counts its paths from itself.
        let path = match path
            .strip_prefix("items[")
            .and_then(|rest| rest.split_once("]."))
        {
            Some((_, path)) if output.contains("ResourceList") => path,
            _ => path,
        };
        planned.iter().any(|plan| path.starts_with(plan))
    };
    let is_result = |path: &str| path.contains("results") && output.contains("ResourceList");
    // An engine gives no items at all; a list must say so.
    let is_list = new
        .get("0kind")
        .is_some_and(|kind| kind == "String(\"ResourceList\")");
    let is_no_items = |path: &str| {
        let said_nothing = old.get(path).is_none_or(|old| old == "Null");
        let is_empty = new.get(path).is_some_and(|new| new == "Array([])");
        is_list && path == "0items" && said_nothing && is_empty
    };
    let changed = old
        .iter()
        .filter(|(path, value)| new.get(*path) != Some(value));
    let added = new.iter().filter(|(path, _)| !old.contains_key(*path));
    for (path, value) in changed.chain(added) {
        assert!(
            is_planned(path) || is_result(path) || is_no_items(path),
            "{path} was {value} and is {:?}, planned are {planned:?}",
            new.get(path)
        );
    }
}

/// The path of what holds a value: parts of an image stand side by side.
fn parent(path: &str) -> &str {
    path.rfind(['.', '[']).map_or("", |end| &path[..end])
}

fn leaves(text: &str) -> Option<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    let documents = YamlLoader::load_from_str(text).ok()?;
    for (position, document) in documents.iter().enumerate() {
        collect(document, &position.to_string(), &mut found);
    }
    Some(found)
}

fn collect(value: &Yaml, path: &str, found: &mut BTreeMap<String, String>) {
    match value {
        Yaml::Hash(pairs) if !pairs.is_empty() => {
            for (key, value) in pairs {
                let dot = if path.bytes().all(|byte| byte.is_ascii_digit()) {
                    ""
                } else {
                    "."
                };
                let key = key
                    .as_str()
                    .map_or_else(|| format!("{key:?}"), str::to_owned);
                collect(value, &format!("{path}{dot}{key}"), found);
            }
        }
        Yaml::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                collect(item, &format!("{path}[{index}]"), found);
            }
        }
        leaf => {
            found.insert(path.to_owned(), format!("{leaf:?}"));
        }
    }
}
