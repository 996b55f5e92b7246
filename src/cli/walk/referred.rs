//! What kustomizations refer to and a walk passes over: files without a manifest's name, and what
//! `.gitignore` hides.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::{Found, Ignored, Kind, Root, working_folder};
use crate::krm::KUSTOMIZATION_FILES;
use crate::restore::Skipped;
use crate::tree;

impl Found<'_> {
    /// Reads what the kustomizations in the folders that were walked refer to and the walk passed
    /// over: for its name, or since `.gitignore` hides it.
    pub(super) fn follow(&mut self) {
        let mut known: HashMap<String, PathBuf> = HashMap::new();
        for (path, file) in &self.files {
            known.extend(tree::normalised(&file.shown).map(|shown| (shown, path.clone())));
        }
        let judged = known
            .iter()
            .filter(|(_, path)| self.files[*path].left_out.is_none());
        let mut waiting: Vec<String> = judged.map(|(shown, _)| shown.clone()).collect();
        waiting.retain(|shown| tree::is_kustomization(shown));
        waiting.sort();
        let mut seen: HashSet<String> = waiting.iter().cloned().collect();
        let mut ignored = HashMap::new();
        while let Some(shown) = waiting.pop() {
            let Some(Ok(text)) = known.get(&shown).map(|path| &self.files[path].text) else {
                continue;
            };
            for path in tree::referred_by(&shown, text) {
                let candidates = KUSTOMIZATION_FILES
                    .iter()
                    .map(|name| format!("{path}/{name}"));
                for shown in std::iter::once(path.clone()).chain(candidates) {
                    if !known.contains_key(&shown)
                        && let Some(real) = self.refer(&shown, &mut ignored)
                    {
                        known.insert(shown.clone(), real);
                    }
                    let is_new = tree::is_kustomization(&shown) && known.contains_key(&shown);
                    if is_new && seen.insert(shown.clone()) {
                        waiting.push(shown);
                    }
                }
            }
        }
    }

    /// Reads a file that something refers to, if it is one and lies in a folder that was walked.
    fn refer(&mut self, shown: &str, ignored: &mut HashMap<PathBuf, Ignored>) -> Option<PathBuf> {
        let here = working_folder()?.join(shown);
        let path = PathBuf::from(tree::normalised(here.to_str()?)?);
        let mut walked = self.walked.iter();
        let root = Rc::clone(walked.find(|root| path.starts_with(&root.path))?);
        let (folder, name) = root.holding(&path).ok()?;
        if self.files.contains_key(&path) || folder.kind(name).ok()? != Kind::File {
            return None;
        }
        let is_hidden = self.is_hidden(&root, &path, ignored);
        let left_out = if self.excluded.holds(&path, false) {
            Some(Skipped::Excluded)
        } else {
            is_hidden.then_some(Skipped::Hidden)
        };
        self.keep(shown.to_owned(), path.clone(), &root, left_out);
        Some(path)
    }

    /// Whether `.gitignore` hides a file below a folder that was walked.
    fn is_hidden(
        &mut self,
        root: &Rc<Root>,
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
