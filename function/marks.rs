//! The words by which a text could concern a profile, read line by line from the profile's file: the
//! tests hold them against the profile as the program reads it.

/// What a text holds that a profile could concern.
pub(crate) enum Mark<'p> {
    /// A word: a variable, a flag, a name of a container, a kind, or all of a repository's path.
    Word(&'p str),
    /// The last segment of a repository's path, and the one before it; the host, where it is the only one.
    Repository(&'p str, &'p str),
    /// A word that counts only where charts are installed: a chart's name, or a key of its values.
    OfValues(&'p str),
}

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

/// The marks of a profile, without its facts.
pub(crate) fn of_profile(text: &str) -> Vec<Mark<'_>> {
    let mut section = "";
    let mut marks = Vec::new();
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
            "images" if !SILENT.contains(&key) => marks.extend(names(value).map(of_reference)),
            // A policy or secrets alone make no field.
            "env" if key == "image" => marks.extend(names(value).map(Mark::Word)),
            "args" => marks.extend(names(value).map(Mark::Word)),
            "prefixes" if key == "setting" => marks.extend(names(value).map(Mark::Word)),
            // A full stop is part of a word: `node.collector.imageRef` is one.
            "data" if key == "image" => marks.extend(names(value).map(Mark::Word)),
            "manifests" => marks.extend(names(value).map(Mark::Word)),
            "helm" if matches!(key, "image" | "repository") => {
                let key = rarest(value).or_else(|| keys(value).next_back());
                marks.extend(key.map(Mark::OfValues));
            }
            // A release names its chart, so that a path of keys that all charts have is no mark.
            "charts" if matches!(key, "name" | "repository" | "image" | "registry") => {
                // Braces hold a path and what else is said of it, whose words every text has.
                if key == "name" && !value.starts_with('{') {
                    let names = names(value).filter(|name| !name.contains('.'));
                    marks.extend(names.map(Mark::OfValues));
                }
                marks.extend(rarest(path(value)).map(Mark::OfValues));
            }
            _ => {}
        }
    }
    marks
}

/// The kinds in `function/fields.yaml` that hold registries or tags without the names of images, so that the
/// kind alone says whose these are; with the agents that their entry names.
pub(crate) fn kinds_without_names(fields: &str) -> Vec<(Vec<&str>, Vec<&str>)> {
    let (mut agents, mut kinds) = ("", "");
    let mut found = Vec::new();
    for line in fields.lines() {
        if line.is_empty() {
            agents = "";
        } else if let Some(list) = line.strip_prefix("  agents: ") {
            agents = list;
        } else if let Some(list) = line.strip_prefix("  kinds: ") {
            kinds = list;
        } else if line == "  registries:" || line.starts_with("    defaultRepository: ") {
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

/// The mark of a reference, or of another name.
fn of_reference(reference: &str) -> Mark<'_> {
    let name = reference.split('@').next().unwrap_or(reference);
    let mut segments = name.rsplit('/');
    let last = segments.next().unwrap_or(name);
    let last = last.split(':').next().unwrap_or(last);
    // Docker Hub and its namespace `library` are meant where they are not written.
    match (segments.next(), segments.next()) {
        (None | Some("docker.io"), _) | (Some("library"), None | Some("docker.io")) => {
            Mark::Word(last)
        }
        (Some(before), _) => Mark::Repository(last, before.split(':').next().unwrap_or(before)),
    }
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
