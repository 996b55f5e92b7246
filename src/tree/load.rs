//! Reading the files that the kustomizations of a tree refer to.

use std::collections::{BTreeSet, HashMap};

use crate::krm::KUSTOMIZATION_FILES;
use crate::yaml::Node;
use crate::yaml::parse;

use super::kustomization::{Kustomization, PatchSource};
use super::sources::{
    Document, FileDocuments, Inline, Sources, TreeFile, folder_of, is_remote, join,
};

/// The documents of some files.
pub(super) struct Loaded<'a> {
    /// By the position of the file: its normalised path and what it holds.
    files: Vec<(usize, String, Result<Vec<Node<'a>>, ()>)>,
    kustomizations: BTreeSet<usize>,
}

/// Reads the kustomizations among the files, and the files that these refer to.
pub(super) fn load<'a>(files: &[TreeFile<'a>]) -> Loaded<'a> {
    let mut by_path = HashMap::new();
    let mut waiting = Vec::new();
    for (position, file) in files.iter().enumerate() {
        let Some(path) = join("", file.path) else {
            continue;
        };
        let name = path.rsplit('/').next().unwrap_or_default();
        if KUSTOMIZATION_FILES.contains(&name) {
            waiting.push(position);
        }
        by_path.insert(path, position);
    }
    let mut loaded = Loaded {
        files: Vec::new(),
        kustomizations: waiting.iter().copied().collect(),
    };
    let mut known: BTreeSet<usize> = loaded.kustomizations.clone();
    let mut others = Vec::new();
    for &position in &waiting {
        let path = join("", files[position].path).unwrap_or_default();
        let documents = parse::documents(files[position].text).map_err(|_| ());
        if let Ok(documents) = &documents
            && let Some(root) = documents.first()
        {
            let kustomization = Kustomization::read(folder_of(&path).to_owned(), 0, root);
            for path in references(&kustomization) {
                if let Some(&other) = by_path.get(&path)
                    && known.insert(other)
                {
                    others.push((other, path));
                }
            }
        }
        loaded.files.push((position, path, documents));
    }
    for (position, path) in others {
        let documents = parse::documents(files[position].text).map_err(|_| ());
        // `replacements` and `configurations` may be in files; they refer to no others.
        loaded.files.push((position, path, documents));
    }
    loaded
}

/// The files that a kustomization refers to, by their paths.
fn references(kustomization: &Kustomization<'_, '_>) -> Vec<String> {
    let resources = kustomization.resources.iter();
    let resources = resources
        .filter_map(|entry| entry.scalar())
        .filter(|path| !is_remote(path));
    let patches = kustomization.sources().filter_map(|source| match source {
        PatchSource::File(path) => Some(path),
        PatchSource::Inline(_) => None,
    });
    let replacements = kustomization.replacements.iter();
    let replacements = replacements.filter_map(|entry| super::kustomization::text(entry, "path"));
    let configurations = kustomization.configurations.iter().copied();
    let all = resources
        .chain(patches)
        .chain(replacements)
        .chain(configurations);
    all.filter_map(|path| join(&kustomization.folder, path))
        .collect()
}

impl<'a> Loaded<'a> {
    /// The texts in scalars of kustomizations that are documents themselves, in their order.
    pub(super) fn inline_texts(&self) -> Vec<String> {
        let files = self.files.iter();
        let kustomizations = files.filter_map(|(position, path, documents)| {
            let root = documents.as_ref().ok()?.first()?;
            let is_one = self.kustomizations.contains(position);
            is_one.then(|| Kustomization::read(folder_of(path).to_owned(), 0, root))
        });
        let of_one = |one: Kustomization<'_, '_>| -> Vec<String> {
            let texts = one.inline().map(|node| node.scalar().unwrap_or_default());
            texts.map(str::to_owned).collect()
        };
        kustomizations.flat_map(of_one).collect()
    }

    /// The documents of all files and of the texts in them.
    pub(super) fn sources<'n>(
        &'n self,
        texts: &'n [String],
        inner: &'n [Option<Vec<Node<'n>>>],
    ) -> (Sources<'n, 'n>, Vec<Inline<'n, 'n>>) {
        let mut sources = Sources::default();
        let mut inlines = Vec::new();
        let mut texts = texts.iter().zip(inner);
        for (position, path, documents) in &self.files {
            let first = sources.documents.len();
            let roots = documents.as_ref().map_or(&[][..], |documents| documents);
            for (ordinal, root) in roots.iter().enumerate() {
                sources.documents.push(Document {
                    input: *position,
                    ordinal,
                    root,
                    inline: None,
                });
            }
            let file = FileDocuments {
                documents: first..sources.documents.len(),
                is_read: documents.is_ok(),
            };
            sources.files.insert(path.clone(), file);
            if !self.kustomizations.contains(position) || roots.is_empty() {
                continue;
            }
            let folder = folder_of(path).to_owned();
            let kustomization = Kustomization::read(folder.clone(), first, &roots[0]);
            // They come in the order in which they were taken out.
            for (node, (text, documents)) in kustomization.inline().zip(&mut texts) {
                let Some(documents) = documents else {
                    continue;
                };
                let start = sources.documents.len();
                for (ordinal, root) in documents.iter().enumerate() {
                    sources.documents.push(Document {
                        input: *position,
                        ordinal,
                        root,
                        inline: Some(inlines.len()),
                    });
                }
                inlines.push(Inline {
                    document: first,
                    node,
                    text,
                });
                let range = start..sources.documents.len();
                let id = (first, node.target().span.start);
                sources.inline.insert(id, range);
            }
            let entries = sources.lists.entries.len();
            let list = (entries..entries + kustomization.images.len()).collect();
            sources
                .lists
                .entries
                .extend(kustomization.images.iter().cloned());
            sources.list_of.push(sources.lists.lists.len());
            sources.lists.lists.push(list);
            sources.folders.insert(folder, sources.kustomizations.len());
            sources.kustomizations.push(kustomization);
        }
        sources.find_image_transformers();
        (sources, inlines)
    }
}

/// Reads the texts in scalars; what cannot be read is `None`.
pub(super) fn read_inline(texts: &[String]) -> Vec<Option<Vec<Node<'_>>>> {
    texts
        .iter()
        .map(|text| parse::documents(text).ok())
        .collect()
}
