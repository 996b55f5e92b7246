//! The files of a tree as documents, and the kustomizations among them.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::krm::resource::Budget;
use crate::yaml::{Error, Node, Path};

use super::images::Lists;
use super::kustomization::{Kustomization, PatchSource, entry_of, field, text, text_or_path};
use super::value::{self, Value};

/// A file of a tree.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TreeFile<'a> {
    /// Its path as it is shown.
    pub(crate) path: &'a str,
    /// Its text; empty where it could not be read.
    pub(crate) text: &'a str,
    /// Why it is left out, if it is: read where a kustomization refers to it, and never edited.
    pub(crate) left_out: Option<&'static str>,
}

/// A document of a file, or one that is in a text of another document.
#[derive(Debug)]
pub(super) struct Document<'n, 's> {
    /// Position of the file among the inputs.
    pub(super) input: usize,
    /// Position among the documents of its text.
    pub(super) ordinal: usize,
    pub(super) root: &'n Node<'s>,
    /// Position of the text that it is in among the texts in texts; none for a file's own.
    pub(super) inline: Option<usize>,
}

/// A text in a scalar of a document, which is a document itself.
#[derive(Debug)]
pub(super) struct Inline<'n, 's> {
    /// Position of the document that holds the scalar.
    pub(super) document: usize,
    /// The scalar.
    pub(super) node: &'n Node<'s>,
    /// What it says.
    pub(super) text: &'s str,
}

/// The documents of a file.
#[derive(Debug, Clone)]
pub(super) struct FileDocuments {
    pub(super) documents: Range<usize>,
    /// Whether all of it could be read.
    pub(super) is_read: bool,
}

/// What the files of a tree say.
#[derive(Debug, Default)]
pub(super) struct Sources<'n, 's> {
    pub(super) documents: Vec<Document<'n, 's>>,
    /// By normalised path.
    pub(super) files: HashMap<String, FileDocuments>,
    /// The documents of a text that is in a document, by that and the text's offset.
    pub(super) inline: HashMap<(usize, usize), Range<usize>>,
    pub(super) kustomizations: Vec<Kustomization<'n, 's>>,
    /// The kustomization of a folder.
    pub(super) folders: HashMap<String, usize>,
    pub(super) lists: Lists<'n, 's>,
    /// The list of each kustomization.
    pub(super) list_of: Vec<usize>,
    /// The list of each document that is an ImageTagTransformer.
    pub(super) transformer_lists: HashMap<usize, usize>,
}

impl<'n, 's> Sources<'n, 's> {
    /// The value of a document.
    ///
    /// # Errors
    /// As [`value::read`].
    pub(super) fn value_of(&self, document: usize) -> Result<Value<'n, 's>, Error> {
        let root = self.documents[document].root;
        value::read(document, root, &Path::default(), None, &mut budget(root))
    }

    /// The documents of a patch or transformer of a kustomization; `None` where these are not known.
    pub(super) fn documents_of(
        &self,
        kustomization: &Kustomization<'n, 's>,
        source: PatchSource<'n, 's>,
    ) -> Option<Range<usize>> {
        self.documents_in(kustomization, kustomization.document, source)
    }

    /// As [`Sources::documents_of`], where a text is one in another document than the kustomization.
    pub(super) fn documents_in(
        &self,
        kustomization: &Kustomization<'n, 's>,
        document: usize,
        source: PatchSource<'n, 's>,
    ) -> Option<Range<usize>> {
        match source {
            PatchSource::File(path) => {
                let file = self.files.get(&join(&kustomization.folder, path)?)?;
                file.is_read.then(|| file.documents.clone())
            }
            PatchSource::Inline(node) => {
                let id = (document, node.target().span.start);
                self.inline.get(&id).cloned()
            }
        }
    }

    /// The documents that an item of `transformers` brings, which may be a folder; `None` where these
    /// are not known.
    pub(super) fn transformer_documents(
        &self,
        kustomization: &Kustomization<'n, 's>,
        item: &'n Node<'s>,
    ) -> Option<Vec<usize>> {
        if let Some(documents) = self.documents_of(kustomization, text_or_path(item)?) {
            return Some(documents.collect());
        }
        let mut found = Vec::new();
        let mut known = HashSet::new();
        let mut waiting = vec![join(&kustomization.folder, item.scalar()?)?];
        while let Some(path) = waiting.pop() {
            if let Some(file) = self.files.get(&path) {
                found.extend(file.is_read.then(|| file.documents.clone())?);
                continue;
            }
            let below = &self.kustomizations[*self.folders.get(&path)?];
            if !below.only_gathers() || !known.insert(path) {
                return None;
            }
            for entry in below.resources.iter().rev() {
                let entry = entry.scalar().filter(|entry| !is_remote(entry))?;
                waiting.push(join(&below.folder, entry)?);
            }
        }
        Some(found)
    }

    /// Adds a kustomization with its list of images.
    pub(super) fn add_kustomization(&mut self, kustomization: Kustomization<'n, 's>) {
        let Lists { entries, lists } = &mut self.lists;
        let first = entries.len();
        entries.extend(kustomization.images.iter().cloned());
        self.list_of.push(lists.len());
        lists.push((first..entries.len()).collect());
        let folder = kustomization.folder.clone();
        self.folders.insert(folder, self.kustomizations.len());
        self.kustomizations.push(kustomization);
    }

    /// Notes the lists, of one entry each, of the transformers of images.
    pub(super) fn find_image_transformers(&mut self) {
        for (document, at) in self.documents.iter().enumerate() {
            let is_one = text(at.root, "kind") == Some("ImageTagTransformer")
                && text(at.root, "apiVersion") == Some("builtin");
            let Some(entry) = field(at.root, "imageTag").filter(|_| is_one) else {
                continue;
            };
            let path = Path::default().key("imageTag");
            let entry = entry_of(document, entry, path, Some(at.root));
            self.transformer_lists
                .insert(document, self.lists.lists.len());
            self.lists.lists.push(vec![self.lists.entries.len()]);
            self.lists.entries.push(entry);
        }
    }
}

/// How many values a node may stand for: no more than it has bytes, aliases or not.
pub(super) fn budget(node: &Node<'_>) -> Budget {
    Budget::new(node.span.len() + 1)
}

/// A path below a folder, `.` and `..` resolved by their letters; `None` for what leads above all
/// folders that are known by name, or is no path.
pub(crate) fn join(folder: &str, path: &str) -> Option<String> {
    let from = if path.starts_with('/') { "" } else { folder };
    let is_absolute = path.starts_with('/') || folder.starts_with('/');
    let mut steps: Vec<&str> = Vec::new();
    for step in from.split('/').chain(path.split('/')) {
        match step {
            "" | "." => {}
            ".." if steps.last().is_some_and(|last| *last != "..") => {
                steps.pop();
            }
            ".." if is_absolute => return None,
            _ => steps.push(step),
        }
    }
    let joined = steps.join("/");
    Some(if is_absolute {
        format!("/{joined}")
    } else {
        joined
    })
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
        ];
        for (folder, path, expected) in rows {
            assert_eq!(join(folder, path).as_deref(), expected, "{folder} {path}");
        }
    }
}
