//! Joins and normalises paths as text, without asking the file system.

use std::collections::HashMap;

/// A path below a folder, `.` and `..` resolved by their letters; `None` for what leads above all
/// folders that are known by name, or is no path.
pub(crate) fn join(folder: &str, path: &str) -> Option<String> {
    let from = if path.starts_with('/') { "" } else { folder };
    let is_absolute = path.starts_with('/') || folder.starts_with('/');
    let mut joined = String::with_capacity("//".len() + from.len() + path.len());
    joined.push_str(if is_absolute { "/" } else { "" });
    let root = joined.len();
    for step in from.split('/').chain(path.split('/')) {
        match step {
            "" | "." => continue,
            ".." => {
                let before = joined[root..].rfind('/').map_or(root, |at| root + at);
                let last = joined[before..].trim_start_matches('/');
                if !last.is_empty() && last != ".." {
                    joined.truncate(before);
                    continue;
                }
                if is_absolute {
                    return None;
                }
            }
            _ => {}
        }
        joined.push_str(if joined.len() > root { "/" } else { "" });
        joined.push_str(step);
    }
    Some(joined)
}

/// The positions of files by their paths, as [`join`] gives them; those of no tree have none.
pub(crate) fn by_path<'p>(paths: impl Iterator<Item = &'p str>) -> HashMap<String, usize> {
    let paths = paths.enumerate().filter(|(_, path)| !path.is_empty());
    let joined = paths.filter_map(|(position, path)| Some((join("", path)?, position)));
    joined.collect()
}

/// A path without `.` and `..`, as [`join`] gives it.
pub(crate) fn normalised(path: &str) -> Option<String> {
    join("", path)
}

/// The folder of a file.
pub(crate) fn folder_of(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some(("", _)) => "/",
        Some((folder, _)) => folder,
        None => "",
    }
}

/// Whether kustomize takes an entry of `resources` for something that it fetches.
pub(super) fn is_remote(entry: &str) -> bool {
    let host = entry.split('/').next().unwrap_or_default();
    entry.contains("://")
        || entry.starts_with("git@")
        || entry.contains("?ref=")
        || entry.contains("?version=")
        || (entry.contains('/') && matches!(host, "github.com" | "gitlab.com" | "bitbucket.org"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_by_their_letters() {
        let rows = [
            ("apps/prod", "../base", Some("apps/base")),
            ("apps/prod", "./x.yaml", Some("apps/prod/x.yaml")),
            ("", "../base", Some("../base")),
            ("..", "../base", Some("../../base")),
            ("/w/prod", "../../..", None),
            ("/w/prod", "../base/", Some("/w/base")),
            ("a/b", "../../../c", Some("../c")),
            ("a//b/", "/c/./d", Some("/c/d")),
            ("/", "..", None),
            ("a", "..", Some("")),
        ];
        for (folder, path, expected) in rows {
            assert_eq!(join(folder, path).as_deref(), expected, "{folder} {path}");
        }
    }
}
