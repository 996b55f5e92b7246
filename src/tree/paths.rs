//! Joins and normalises paths as text, without asking the file system.

use std::borrow::Cow;
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
pub(crate) fn by_path<'p>(
    paths: impl ExactSizeIterator<Item = &'p str>,
) -> HashMap<Cow<'p, str>, usize> {
    let mut found = HashMap::with_capacity(paths.len());
    let paths = paths.enumerate().filter(|(_, path)| !path.is_empty());
    found.extend(paths.filter_map(|(position, path)| Some((as_joined(path)?, position))));
    found
}

/// As [`normalised`]; most paths are so already.
pub(crate) fn as_joined(path: &str) -> Option<Cow<'_, str>> {
    // A step that is nothing or begins with a dot may be left out.
    let mut before = b'/';
    let own = path.strip_prefix('/').unwrap_or(path);
    let may_change = |byte: u8| {
        let begins = std::mem::replace(&mut before, byte) == b'/';
        begins && matches!(byte, b'/' | b'.')
    };
    if !(own.is_empty() || own.ends_with('/') || own.bytes().any(may_change)) {
        return Some(Cow::Borrowed(path));
    }
    join("", path).map(Cow::Owned)
}

/// A path without `.` and `..`, as [`join`] gives it.
pub(crate) fn normalised(path: &str) -> Option<String> {
    join("", path)
}

/// The folder of a file.
pub(crate) fn folder_of(path: &str) -> &str {
    match memchr::memrchr(b'/', path.as_bytes()) {
        Some(0) => "/",
        Some(end) => &path[..end],
        None => "",
    }
}

/// The name of a file: what is behind the last slash of its path.
pub(crate) fn name_of(path: &str) -> &str {
    memchr::memrchr(b'/', path.as_bytes()).map_or(path, |slash| &path[slash + 1..])
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

    #[test]
    fn a_path_is_a_folder_and_a_name() {
        let rows = [
            ("a/b/c.yaml", "a/b", "c.yaml"),
            ("/c.yaml", "/", "c.yaml"),
            ("c.yaml", "", "c.yaml"),
            ("a/", "a", ""),
            ("", "", ""),
        ];
        for (path, folder, name) in rows {
            assert_eq!((folder_of(path), name_of(path)), (folder, name), "{path}");
        }
    }

    #[test]
    fn a_path_is_taken_as_it_is_where_joining_changes_nothing() {
        for path in [
            "a/b", "/a/b", "a.b/c", "", "/", "a/", "a//b", "//a", "./a", "../a", "/..", "a/../b",
            "a/.", "a/.b",
        ] {
            let joined = as_joined(path);
            assert_eq!(joined.as_deref(), join("", path).as_deref(), "{path}");
            let is_lent = matches!(joined, Some(Cow::Borrowed(_)));
            assert_eq!(is_lent, ["a/b", "/a/b", "a.b/c"].contains(&path), "{path}");
        }
    }
}
