//! The folders that the Git generators of an ApplicationSet give to the path of its template.

use crate::glob;
use crate::tree::kustomization::{field, list, text};
use crate::yaml::Node;

use super::folders::above;

/// What a path of the template begins with that is the folder itself.
const PATHS: [&str; 2] = ["path", ".path.path"];

/// Patterns of folders, from the root of the repository.
#[derive(Debug, Clone, Default)]
pub(super) struct Directories<'n> {
    given: Vec<&'n str>,
    excluded: Vec<&'n str>,
    /// Patterns of files, whose folders are meant.
    files: Vec<&'n str>,
}

impl<'n> Directories<'n> {
    /// What generators give; `None` where one of them gives paths otherwise.
    pub(super) fn of(generators: &'n [Node<'_>]) -> Option<Self> {
        let mut found = Directories::default();
        for generator in generators {
            let git = field(generator, "git")?;
            let (directories, files) = (list(git, "directories"), list(git, "files"));
            if directories.is_empty() && files.is_empty() {
                return None;
            }
            for one in directories {
                let path = text(one, "path")?;
                let patterns = match text(one, "exclude") {
                    Some("true") => &mut found.excluded,
                    _ => &mut found.given,
                };
                patterns.push(path.trim_matches('/'));
            }
            for one in files {
                let path = text(one, "path")?;
                if text(one, "exclude") != Some("true") {
                    found.files.push(path.trim_start_matches('/'));
                }
            }
        }
        (!(found.given.is_empty() && found.files.is_empty())).then_some(found)
    }

    /// Whether a path of the template may mean a folder: one that begins with the generator's is that, or
    /// one below it. The object is in the file at `from`.
    pub(super) fn gives(&self, path: &str, from: &str, folder: &str) -> bool {
        let path = path.trim_start_matches("./");
        let template = path
            .strip_prefix("{{")
            .and_then(|rest| rest.split_once("}}"));
        let Some((template, rest)) = template else {
            return true;
        };
        if !PATHS.contains(&template.trim()) {
            return true;
        }
        let is_given = |folder: &str| {
            // What may fit anything excludes nothing.
            let excludes = |pattern: &&str| !is_guessed(pattern) && fits(pattern, folder);
            self.files.iter().any(|path| fits_file(path, folder))
                || self.given.iter().any(|pattern| fits(pattern, folder))
                    && !self.excluded.iter().any(excludes)
        };
        let below = |above: &str| match above {
            "" => Some(folder.to_owned()),
            above => Some(folder.strip_prefix(above)?.strip_prefix('/')?.to_owned()),
        };
        let mut all = above(from).filter_map(below);
        all.any(|folder| {
            let ends = folder.match_indices('/').map(|(at, _)| at);
            let mut parts = ends.map(|at| &folder[..at]);
            is_given(&folder) || !rest.is_empty() && parts.any(is_given)
        })
    }
}

/// Whether a pattern holds signs that may fit anything here: brackets, question marks.
fn is_guessed(pattern: &str) -> bool {
    pattern.contains(['[', '?', '{', '\\'])
}

/// Whether a folder may hold a file that a pattern fits. Argo CD's default is greedy there: `*` is slashes, too.
fn fits_file(path: &str, folder: &str) -> bool {
    let (of, name) = path.rsplit_once('/').unwrap_or(("", path));
    is_guessed(path)
        || glob::matches(of, folder)
        || glob::matches(&of.replace("/**", ""), folder)
        || name.contains('*') && (of.is_empty() || glob::matches(&format!("{of}/*"), folder))
}

/// Whether a pattern fits a folder, name by name: `*` is never a slash, and `**` is any folders.
fn fits(pattern: &str, folder: &str) -> bool {
    if pattern.contains("**") {
        if is_guessed(pattern) {
            return true;
        }
        return glob::matches(&pattern.replace("**", "*"), folder);
    }
    let (mut names, mut patterns) = (folder.split('/'), pattern.split('/'));
    loop {
        match (names.next(), patterns.next()) {
            (None, None) => return true,
            (Some(_), Some(pattern)) if is_guessed(pattern) => {}
            (Some(name), Some(pattern)) if glob::matches(pattern, name) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::parse;

    #[test]
    fn generators_say_which_folders_are_meant() {
        let git = |rest: &str| format!("[{{git: {{{rest}}}}}]");
        let apps = "directories: [{path: apps/*}, {path: apps/old, exclude: true}]";
        let guessed = "directories: [{path: apps/*}, {path: 'apps/old-?', exclude: true}]";
        let every = "directories: [{path: 'apps/**/env-?'}]";
        let deep = "files: [{path: apps/*/config.json}]";
        let named = "files: [{path: apps/*.json}]";
        let any = "files: [{path: apps/**/config.json}]";
        let unclear = "files: [{path: 'apps/**/env-?/config.json'}]";
        let rows = [
            (git(apps), "{{.path.path}}", "apps/one", true),
            (git(apps), "{{ path }}", "repo/apps/one", true),
            (git(apps), "{{path}}", "apps/old", false),
            (git(apps), "{{path}}", "apps/one/two", false),
            (git(apps), "{{path}}/two", "apps/one/two", true),
            (git(apps), "{{path}}", "infra", false),
            (git(apps), "infra/{{path.basename}}", "infra/one", true),
            (git(guessed), "{{path}}", "apps/new", true),
            (git(guessed), "{{path}}", "apps/old-1", true),
            (git(every), "{{path}}", "apps/team/env-1", true),
            (git(deep), "{{path}}", "apps/one", true),
            (git(deep), "{{path}}", "apps/team/prod", true),
            (git(deep), "{{path}}", "apps", false),
            (git(named), "{{path}}", "apps", true),
            (git(named), "{{path}}", "apps/prod", true),
            (git(named), "{{path}}", "infra", false),
            (git(any), "{{path}}", "apps", true),
            (git(any), "{{path}}", "apps/team/prod", true),
            (git(unclear), "{{path}}", "apps/team/env-1", true),
            (
                git("files: [{path: apps/**/config.json}]"),
                "{{path}}",
                "infra",
                false,
            ),
            (
                "[{list: {elements: []}}]".to_owned(),
                "{{path}}",
                "infra",
                true,
            ),
        ];
        for (generators, path, folder, expected) in rows {
            let root = parse::document(&generators).expect("YAML");
            let given = Directories::of(root.items().unwrap_or_default());
            let is_given = given.is_none_or(|given| given.gives(path, "repo/as.yaml", folder));
            assert_eq!(is_given, expected, "{generators} {path} {folder}");
        }
    }
}
