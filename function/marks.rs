//! The words by which a text could concern a profile, read line by line from the profile's file: the
//! tests hold them against the profile as the program reads it.

/// Keys whose values name nothing that a text could hold.
const SILENT: [&str; 8] = [
    "tag",
    "floatingTags",
    "pin",
    "minimum",
    "imagePullPolicy",
    "imagePullSecrets",
    "shared",
    "advice",
];

/// Keys of charts' values that nearly every chart has.
const COMMON: [&str; 7] = [
    "image",
    "images",
    "repository",
    "registry",
    "tag",
    "name",
    "global",
];

/// Where the profile's facts begin; its end, if it has none.
pub(crate) fn before_facts(text: &str) -> usize {
    text.find("\n  facts:").map_or(text.len(), |at| at + 1)
}

/// Where what only proves the profile begins: its examples, and the facts after them.
pub(crate) fn before_proofs(text: &str) -> usize {
    text.find("\n  examples:")
        .map_or(before_facts(text), |at| at + 1)
}

/// The words of a profile, without its facts.
pub(crate) fn of_profile(text: &str) -> Vec<&str> {
    let mut section = "";
    let mut words = Vec::new();
    for line in text.lines() {
        let (key, value) = parts(line);
        let indent = line.len() - line.trim_start().len();
        if line.trim_start().starts_with('#') {
            continue;
        }
        if indent <= 2 && !line.trim_start().starts_with('-') {
            section = key;
            continue;
        }
        match section {
            "images" if !SILENT.contains(&key) => words.extend(names(value).map(last_segment)),
            // A policy or secrets alone make no field.
            "env" if key == "image" => words.extend(names(value)),
            "args" => words.extend(names(value)),
            "prefixes" if key == "setting" => words.extend(names(value)),
            "helm" if matches!(key, "image" | "repository") => {
                words.extend(rarest(value).or_else(|| keys(value).next_back()));
            }
            // A release names its chart, so that a path of keys that all charts have is no mark.
            "charts" if matches!(key, "name" | "repository" | "image" | "registry") => {
                // Braces hold a path and what else is said of it, whose words every text has.
                if key == "name" && !value.starts_with('{') {
                    words.extend(names(value).filter(|name| !name.contains('.')));
                }
                words.extend(rarest(path(value)));
            }
            _ => {}
        }
    }
    words
}

/// The kinds in `function/fields.yaml` that hold registries without the names of images, so that the kind
/// alone says whose these are; with the agents that their entry names.
pub(crate) fn kinds_with_registries(fields: &str) -> Vec<(Vec<&str>, Vec<&str>)> {
    let (mut agents, mut kinds) = ("", "");
    let mut found = Vec::new();
    for line in fields.lines() {
        if line.is_empty() {
            agents = "";
        } else if let Some(list) = line.strip_prefix("  agents: ") {
            agents = list;
        } else if let Some(list) = line.strip_prefix("  kinds: ") {
            kinds = list;
        } else if line == "  registries:" {
            found.push((names(agents).collect(), names(kinds).collect()));
        }
    }
    found
}

/// The key and the value of a line; of an item without a key, the value alone.
fn parts(line: &str) -> (&str, &str) {
    let line = line.trim_start().trim_start_matches("- ");
    match line.split_once(": ") {
        Some(parts) => parts,
        None => match line.strip_suffix(':') {
            Some(key) => (key, ""),
            None => ("", line),
        },
    }
}

/// The names in a value: one, or several in brackets.
fn names(value: &str) -> impl Iterator<Item = &str> {
    let names = value.split(['[', ']', ',', ' ', '"', '\'']);
    names.filter(|name| !name.is_empty())
}

/// The last segment of a reference's path.
fn last_segment(reference: &str) -> &str {
    let path = reference.split('@').next().unwrap_or(reference);
    let last = path.rsplit('/').next().unwrap_or(path);
    last.split(':').next().unwrap_or(last)
}

/// The path of a part that is written in braces.
fn path(value: &str) -> &str {
    let path = value.strip_prefix("{path: ").unwrap_or(value);
    path.split([',', '}']).next().unwrap_or_default()
}

/// The keys of a path.
fn keys(path: &str) -> impl DoubleEndedIterator<Item = &str> + Clone {
    let keys = path.split(['$', '.', '[', ']', '\'', '"', '*']);
    keys.filter(|key| !key.is_empty())
}

/// The key of a path that the fewest charts have: the longest of those that few have.
fn rarest(path: &str) -> Option<&str> {
    let rare = keys(path).filter(|key| !COMMON.contains(key));
    rare.max_by_key(|key| key.len())
}
