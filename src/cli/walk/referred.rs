//! Files that kustomizations refer to and a walk passes over: those without a manifest's name, and what
//! `.gitignore` hides.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::TreeWalk;
use crate::cli::entry::EntryKind;
use crate::cli::files::{InputFile, RootFolder};
use crate::cli::ignored::Ignored;
use crate::cli::paths::tree_of;
use crate::krm::KUSTOMIZATION_FILES;
use crate::parallel;
use crate::restore::Skipped;
use crate::sort::sort;
use crate::tree::{self, Link};

impl TreeWalk<'_> {
    /// Reads what the kustomizations in the folders that were walked refer to and the walk passed
    /// over: for its name, or since `.gitignore` hides it.
    pub(super) fn follow(&mut self) {
        let all = self.known();
        let mut known: HashMap<String, Option<PathBuf>> = HashMap::with_capacity(all.len());
        let mut waiting = Vec::new();
        for KnownPath {
            shown,
            path,
            refers,
        } in all
        {
            if refers {
                waiting.push(shown.clone());
            }
            known.insert(shown, path);
        }
        sort(&mut waiting);
        waiting.dedup();
        let (mut waiting, others): (Vec<String>, Vec<String>) = waiting
            .into_iter()
            .partition(|shown| tree::is_kustomization(shown));
        let mut seen: HashSet<String> = waiting.iter().cloned().collect();
        let mut ignored = HashMap::new();
        let mut referring = self.all_referred(&waiting, &known);
        for shown in others {
            let built = known[&shown].as_deref().map(|path| self.built_by(path));
            for folder in built.into_iter().flatten() {
                let found = self.at(&folder, &mut known, &mut ignored);
                waiting.extend(found.filter(|found| seen.insert(found.clone())));
            }
        }
        while let Some(shown) = waiting.pop() {
            let referred = referring.remove(&shown);
            let referred = referred.or_else(|| self.referred(&shown, &known));
            let Some((referred, data)) = referred else {
                continue;
            };
            for path in referred {
                let Some(found) = self.at(&path, &mut known, &mut ignored) else {
                    continue;
                };
                if tree::is_kustomization(&found) && seen.insert(found.clone()) {
                    waiting.push(found);
                }
            }
            for path in data {
                self.keep_manifest(&path, &mut known, &mut ignored);
            }
        }
    }

    /// All paths of the files that were read.
    fn known(&self) -> Vec<KnownPath> {
        let files: Vec<(&PathBuf, &InputFile)> = self.files.iter().collect();
        let bytes = files
            .iter()
            .map(|(_, file)| file.text_or_empty().len())
            .sum();
        let known = parallel::map(&files, bytes, |_, some| {
            let mut known = Vec::with_capacity(some.len());
            for (path, file) in some {
                let is_root = is_root(file.left_out);
                let may_build = is_root && tree::may_build(file.text_or_empty());
                let links = file.links.iter().map(|link| &link.path);
                let all = links.chain([&file.in_tree]);
                for shown in all.filter_map(|shown| tree::normalised(shown)) {
                    let is_one = tree::is_kustomization(&shown);
                    known.push(KnownPath {
                        shown,
                        path: (is_one || may_build).then(|| (*path).clone()),
                        refers: is_root && is_one || may_build,
                    });
                }
            }
            known
        });
        known.into_iter().flatten().collect()
    }

    /// What the kustomizations at these paths refer to.
    fn all_referred(
        &self,
        paths: &[String],
        known: &HashMap<String, Option<PathBuf>>,
    ) -> HashMap<String, Referred> {
        let of = |shown: &String| self.text_at(shown, known).map_or(0, str::len);
        let bytes = paths.iter().map(of).sum();
        let all = parallel::map(paths, bytes, |_, some| {
            let all = some.iter();
            let all = all.filter_map(|path| Some((path.clone(), self.referred(path, known)?)));
            all.collect::<Vec<(String, Referred)>>()
        });
        all.into_iter().flatten().collect()
    }

    /// What the kustomization at a path refers to.
    fn referred(&self, shown: &str, known: &HashMap<String, Option<PathBuf>>) -> Option<Referred> {
        Some(tree::referred_by(shown, self.text_at(shown, known)?))
    }

    fn text_at(&self, shown: &str, known: &HashMap<String, Option<PathBuf>>) -> Option<&str> {
        let path = known.get(shown)?.as_ref()?;
        self.files.get(path)?.text.as_deref().ok()
    }

    /// Reads a file of any name that a ConfigMap is made of, if it may be a manifest: a program may make
    /// objects of it.
    fn keep_manifest(
        &mut self,
        path: &str,
        known: &mut HashMap<String, Option<PathBuf>>,
        ignored: &mut HashMap<PathBuf, Ignored>,
    ) {
        if known.contains_key(path) {
            return;
        }
        let before = self.files.len();
        let Some(real) = self.refer(path, ignored) else {
            return;
        };
        let is_new = self.files.len() > before;
        let text = self
            .files
            .get(&real)
            .and_then(|file| file.text.as_ref().ok());
        let is_manifest =
            |text: &Cow<'_, str>| text.contains("apiVersion") && text.contains("image");
        if text.is_some_and(is_manifest) {
            known.insert(path.to_owned(), Some(real));
        } else if is_new {
            self.files.remove(&real);
        }
    }

    /// The folders with kustomizations that the objects of Flux and Argo CD in a file build: a path counts
    /// from the topmost folder above the file that has it.
    fn built_by(&self, path: &Path) -> Vec<String> {
        let text = self.files[path].text.as_ref().ok();
        let Some(text) = text.filter(|text| tree::may_build(text)) else {
            return Vec::new();
        };
        let repository = path.parent().and_then(tree_of);
        let above: Vec<&Path> = path.ancestors().skip(1).collect();
        let built = tree::folders_built_by(text)
            .into_iter()
            .filter_map(|below| {
                let repository = repository.as_ref()?;
                let inside = above.iter().rev();
                let mut inside = inside.filter(|folder| folder.starts_with(repository));
                let is_one = |folder: &PathBuf| {
                    let mut names = KUSTOMIZATION_FILES.iter();
                    names.any(|name| folder.join(name).is_file())
                };
                let folder = inside.find_map(|above| Some(above.join(&below)).filter(is_one))?;
                self.paths.in_tree(&folder)
            });
        built.collect()
    }

    /// The file that a path leads to, or the kustomization of the folder, read where it is not known.
    fn at(
        &mut self,
        path: &str,
        known: &mut HashMap<String, Option<PathBuf>>,
        ignored: &mut HashMap<PathBuf, Ignored>,
    ) -> Option<String> {
        if known.contains_key(path) {
            return Some(path.to_owned());
        }
        let names = KUSTOMIZATION_FILES.iter();
        // The folder that paths begin at is the empty path.
        let in_folder = names.map(|name| match path {
            "" => (*name).to_owned(),
            path => format!("{path}/{name}"),
        });
        let mut candidates: Vec<String> = vec![path.to_owned()];
        candidates.extend(in_folder);
        if let Some(found) = candidates.iter().find(|path| known.contains_key(*path)) {
            return Some(found.clone());
        }
        let (found, real) = candidates
            .into_iter()
            .find_map(|path| Some((path.clone(), self.refer(&path, ignored)?)))?;
        known.insert(found.clone(), Some(real));
        Some(found)
    }

    /// Reads a file that something refers to, if it is one and lies in a folder that was walked, or
    /// elsewhere in the repository.
    fn refer(&mut self, shown: &str, ignored: &mut HashMap<PathBuf, Ignored>) -> Option<PathBuf> {
        let mut walked = self.walked.iter();
        let walked = walked.find_map(|(given, root)| {
            let below = below(given, shown)?;
            Some((Arc::clone(root), root.path.join(below)))
        });
        let is_elsewhere = walked.is_none();
        let (root, path) = match walked {
            Some(walked) => walked,
            None => self.elsewhere(shown)?,
        };
        let kind = root
            .holding(&path)
            .and_then(|(folder, name)| folder.kind(name));
        if !matches!(kind, Ok(EntryKind::File)) {
            return self.linked(shown, &root, &path, ignored);
        }
        if self.files.contains_key(&path) {
            return None;
        }
        let is_hidden = self.is_hidden(&root, &path, ignored);
        let left_out = if self.excluded.holds(&path, false) {
            Some(Skipped::Excluded)
        } else if is_hidden {
            Some(Skipped::Hidden)
        } else {
            is_elsewhere.then_some(Skipped::Elsewhere)
        };
        self.keep(shown.to_owned(), path.clone(), &root, left_out);
        Some(path)
    }

    /// The file that a path leads to through links, within the folder that was walked or the repository.
    fn linked(
        &mut self,
        shown: &str,
        root: &RootFolder,
        path: &Path,
        ignored: &mut HashMap<PathBuf, Ignored>,
    ) -> Option<PathBuf> {
        let real = fs::canonicalize(path).ok()?;
        let tree = tree_of(&root.path).unwrap_or_else(|| root.path.clone());
        if real == path || !real.is_file() || !real.starts_with(tree) {
            return None;
        }
        if !self.files.contains_key(&real) {
            let of_real = self.paths.in_tree(&real)?;
            if of_real == shown {
                return None;
            }
            self.refer(&of_real, ignored)?;
        }
        // What a folder brings is counted from the folder that a link leads to, but what a file names
        // from the folder of the link.
        let parent = path.parent()?;
        let is_own = fs::canonicalize(parent).is_ok_and(|real| real == parent);
        let link = if is_own {
            Link::of_file(shown)
        } else {
            Link::through_folder(shown)
        };
        self.files.get_mut(&real)?.links.push(link);
        Some(real)
    }

    /// The repository that holds a path out of all folders that were walked, and its absolute path.
    fn elsewhere(&mut self, path: &str) -> Option<(Arc<RootFolder>, PathBuf)> {
        let (tree, path) = self.paths.holder_of(path)?;
        let tree = tree.to_owned();
        Some((self.root_at(tree).ok()?, path))
    }

    /// Whether `.gitignore` hides a file below a folder that was walked.
    fn is_hidden(
        &mut self,
        root: &Arc<RootFolder>,
        path: &Path,
        known: &mut HashMap<PathBuf, Ignored>,
    ) -> bool {
        let mut folders: Vec<&Path> = path.ancestors().skip(1).collect();
        folders.retain(|folder| folder.starts_with(&root.path));
        let mut above = self.ignored_above(&root.path);
        for at in folders.into_iter().rev() {
            if at != root.path && above.hides(at, true) {
                return true;
            }
            let here = known.entry(at.to_owned()).or_insert_with(|| {
                let below = at.strip_prefix(&root.path).unwrap_or(at);
                match root.folder.folder(below) {
                    Ok(folder) => above.and_of(&folder, at).0,
                    Err(_) => above.clone(),
                }
            });
            above = here.clone();
        }
        above.hides(path, false)
    }
}

/// A path of a file.
struct KnownPath {
    shown: String,
    /// The file's real path, where it may refer to others.
    path: Option<PathBuf>,
    /// Whether what it refers to is read.
    refers: bool,
}

/// The files and folders that a kustomization refers to, and the files that it puts into ConfigMaps.
type Referred = (Vec<String>, Vec<String>);

/// Whether what a kustomization builds counts.
fn is_root(left_out: Option<Skipped>) -> bool {
    left_out.is_none_or(Skipped::is_elsewhere)
}

/// The rest of a path below a folder that was given, if the path leads into that folder.
pub(super) fn below<'s>(given: &str, shown: &'s str) -> Option<&'s str> {
    let rest = match given {
        "" => shown,
        given => shown.strip_prefix(given)?.strip_prefix('/')?,
    };
    // Below `..`, a path such as `../../base` leads out, too.
    let leads_out = rest.starts_with('/') || rest == ".." || rest.starts_with("../");
    (!leads_out).then_some(rest)
}
