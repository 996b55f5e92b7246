//! Where the path in an object of Flux or Argo CD leads: from the root of the repository, which lies
//! somewhere above the object's file.

use crate::tree::paths::join;

/// The folders above a file, that of the whole tree first.
pub(super) fn above(from: &str) -> impl Iterator<Item = &str> {
    let ends = from.match_indices('/').map(|(at, _)| at.max(1));
    std::iter::once("").chain(ends.map(|at| &from[..at]))
}

/// The folder of a path in an object of the file at `from`.
pub(super) fn folder_at(
    path: &str,
    from: &str,
    is_folder: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let path = path.trim_start_matches('/');
    above(from)
        .filter_map(|above| join(above, path))
        .find(|folder| is_folder(folder))
}

/// Whether a path in an object of the file at `from` may be that of a folder, where variables and
/// templates stand for any text.
pub(super) fn may_be(path: &str, from: &str, folder: &str) -> bool {
    let path = path.trim_start_matches("./");
    let pieces = pieces(path.trim_matches('/'));
    let is_meant = |above: &str| {
        let below = match above {
            "" => Some(folder),
            above => folder
                .strip_prefix(above)
                .and_then(|rest| rest.strip_prefix('/')),
        };
        below.is_some_and(|below| fits(&pieces, below))
    };
    above(from).any(is_meant)
}

/// Of the folders with kustomizations, those that an object of the file at `from` builds by a path.
pub(in crate::tree) fn folders_at<'f>(
    path: &str,
    from: &str,
    folders: impl Iterator<Item = &'f String> + Clone,
) -> Vec<&'f String> {
    if is_pattern(path) {
        return folders
            .filter(|folder| may_be(path, from, folder))
            .collect();
    }
    let mut all = folders.clone();
    let is_folder = |at: &str| folders.clone().any(|folder| folder == at);
    let found = folder_at(path, from, &is_folder);
    found
        .and_then(|found| all.find(|folder| **folder == found))
        .into_iter()
        .collect()
}

/// Where a variable of Flux or a template of Argo CD begins and ends.
const VARIABLES: [(&str, &str); 2] = [("${", "}"), ("{{", "}}")];

/// Whether a text holds a variable or a template.
pub(super) fn is_pattern(text: &str) -> bool {
    VARIABLES.iter().any(|(start, _)| text.contains(start))
}

/// What is between the variables of a text.
fn pieces(mut text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    loop {
        let starts = VARIABLES.iter();
        let starts = starts.filter_map(|(start, end)| Some((text.find(start)?, end)));
        let Some((start, end)) = starts.min() else {
            found.push(text);
            return found;
        };
        found.push(&text[..start]);
        let behind = &text[start..];
        text = behind.find(end).map_or("", |at| &behind[at + end.len()..]);
    }
}

/// Whether a text is made of pieces with any text between them.
fn fits(pieces: &[&str], text: &str) -> bool {
    let [first, between @ .., last] = pieces else {
        return pieces.first().is_none_or(|only| *only == text);
    };
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    for piece in between {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_stands_for_any_text() {
        let rows = [
            ("apps/${env}", "clusters/k.yaml", "apps/prod", true),
            ("./apps/{{env}}/x", "clusters/k.yaml", "apps/prod/x", true),
            ("apps/${env}/x", "clusters/k.yaml", "apps/prod/y", false),
            (
                "apps/{{ .path }}",
                "repo/clusters/k.yaml",
                "repo/apps/a/b",
                true,
            ),
            ("{{path}}", "k.yaml", "apps/prod", true),
            ("apps/${env}", "k.yaml", "lib/prod", false),
        ];
        for (path, from, folder, expected) in rows {
            assert!(is_pattern(path));
            assert_eq!(may_be(path, from, folder), expected, "{path} {folder}");
        }
    }
}
