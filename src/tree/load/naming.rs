//! A kustomization as far as it names files: read where several are read at once.

use crate::tree::kustomization::Kustomization;
use crate::tree::paths::{folder_of, join};
use crate::tree::sources::DataKeys;
use crate::yaml::{Error, Node};

use super::counting::Counting;
use super::documents::LoadedDocument;
use super::referred::paths_in;

/// A kustomization that was read.
pub(super) struct ReadKustomization<'a> {
    pub(super) documents: Result<Vec<LoadedDocument<'a>>, Error>,
    /// Whether what follows the first document is not YAML.
    pub(super) is_cut: bool,
    /// What it names from each of its folders: its own, and those of links to it.
    pub(super) folders: Vec<NamingFolder>,
}

/// What a kustomization names from a folder.
pub(super) struct NamingFolder {
    pub(super) path: String,
    /// The positions of the files.
    pub(super) named: Vec<usize>,
    /// Those that its generators put into ConfigMaps and Secrets.
    pub(super) data: Vec<(usize, DataKeys)>,
}

impl<'a> ReadKustomization<'a> {
    /// As it was read, with what it names from each of its paths; `at` gives the file at a path.
    pub(super) fn new<'p>(
        read: Result<Counting<'a>, Error>,
        paths: impl Iterator<Item = &'p str>,
        at: &impl Fn(&str) -> Option<usize>,
    ) -> Self {
        let (mut documents, is_cut) = match read {
            Ok(read) => (Ok(read.documents), read.is_cut),
            Err(error) => (Err(error), false),
        };
        if let Ok(documents) = &mut documents
            && documents.is_empty()
        {
            // An empty file is a kustomization that says nothing.
            documents.push(Node::default());
        }
        let root = documents.as_ref().ok().and_then(|all| all.first());
        let folders = paths
            .filter_map(|path| Some(named_from(folder_of(path), root?, at)))
            .collect();
        ReadKustomization {
            folders,
            documents: documents.map(LoadedDocument::all),
            is_cut,
        }
    }
}

fn named_from(folder: &str, root: &Node<'_>, at: &impl Fn(&str) -> Option<usize>) -> NamingFolder {
    let kustomization = Kustomization::read(folder.to_owned(), 0, root);
    let data = kustomization.needed.iter();
    let data = data
        .filter(|file| file.under == "files")
        .filter_map(|file| {
            let position = at(&join(folder, file.path)?)?;
            let mut keys = DataKeys::default();
            keys.add(file, kustomization.namespace);
            Some((position, keys))
        });
    let named = paths_in(&kustomization).into_iter();
    NamingFolder {
        data: data.collect(),
        named: named.filter_map(|path| at(&path)).collect(),
        path: folder.to_owned(),
    }
}
