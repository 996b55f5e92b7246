//! What the text of a path says: patterns, names of files with values, and the ends of paths.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::tree::name_of;

/// A path in which templates are patterns of any text: one that is a folder's whole name may be the path of
/// several.
pub(super) fn without_templates(path: String) -> String {
    if !path.contains("{{") {
        return path;
    }
    let mut pattern = String::new();
    let mut rest = path.as_str();
    while let Some((before, (template, behind))) = rest
        .split_once("{{")
        .and_then(|(before, rest)| Some((before, rest.split_once("}}")?)))
    {
        pattern.push_str(before);
        let is_folder = pattern.is_empty() || pattern.ends_with('/');
        let is_path = template.contains("path") && !template.contains("basename");
        let is_whole = is_folder && is_path && behind.starts_with('/');
        pattern.push_str(if is_whole { "**" } else { "*" });
        rest = behind;
    }
    pattern + rest
}

pub(super) fn has_name_of_values(path: &str) -> bool {
    let name = name_of(path);
    let stem = name.strip_suffix(".yaml").or(name.strip_suffix(".yml"));
    stem.is_some_and(|stem| {
        stem == "values"
            || stem.starts_with("values-")
            || stem.starts_with("values.")
            || stem.ends_with("-values")
            || stem.ends_with(".values")
    })
}

/// The only file of each end of a path; `None` where there are several.
pub(super) fn ends(by_path: &HashMap<Cow<'_, str>, usize>) -> HashMap<String, Option<usize>> {
    let mut found: HashMap<String, Option<usize>> = HashMap::new();
    for (path, &position) in by_path {
        for (at, _) in path.match_indices('/') {
            let only = found.entry(path[at..].to_owned());
            only.and_modify(|only| *only = None)
                .or_insert(Some(position));
        }
    }
    found
}
