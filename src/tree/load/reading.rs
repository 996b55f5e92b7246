//! Documents of files, and of texts in documents, gathered as sources.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::OnceLock;

use crate::tree::kustomization::{Kustomization, inline_of_transformer, is_kustomization};
use crate::tree::layout::{BuiltFolder, Following};
use crate::tree::merged::{Merge, builds, is_source_file, merges, of_source_file};
use crate::tree::paths::folder_of;
use crate::tree::sources::{DocumentTraits, FileDocuments, InlineText, SourceDocument, Sources};
use crate::yaml::{Node, parse};

use super::Loaded;
use super::documents::LoadedDocument;

/// Texts in scalars that are documents themselves, in their order; what cannot be read is `None`.
type Inner<'n> = (&'n [String], &'n [Option<Vec<Node<'n>>>]);

impl Loaded<'_> {
    /// The texts in scalars of the files that are documents themselves, in their order.
    pub(super) fn inline_texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        for file in &self.files {
            let path = &*file.path;
            if let Some(first) = file.read().first()
                && self.kustomizations.contains(&file.position)
            {
                let folder = folder_of(path).to_owned();
                let kustomization = Kustomization::read(folder, 0, &first.root);
                texts.extend(kustomization.inline().map(text_of));
            }
            let transformers = file.builtin();
            let in_transformers = transformers.flat_map(|one| inline_of_transformer(&one.root));
            texts.extend(in_transformers.map(text_of));
            if self.merging.contains(&file.position) {
                let documents = file.read().iter();
                let merges = documents.flat_map(|one| merges_of(0, &one.root, path));
                let in_merges = merges.flat_map(|merge| merge.inline().collect::<Vec<_>>());
                texts.extend(in_merges.map(text_of));
            }
        }
        texts
    }

    /// What is merged into which folder. A file beside a folder has lists for the Applications that build
    /// it, and is built with by itself where none does. By folder, `unfollowed` gets the document of an
    /// object that may build it and is not followed.
    fn overridden<'n>(
        &self,
        merging: &[(Merge<'n, 'n>, &'n str)],
        unfollowed: &mut HashMap<String, usize>,
    ) -> Vec<(Merge<'n, 'n>, BuiltFolder)> {
        let mut all: Vec<(Merge<'n, 'n>, BuiltFolder)> = Vec::new();
        let mut following = Following::default();
        for (merge, path) in merging {
            let folders = self.layout.built_by(merge, path);
            let is_followed = following.follows(merge, folders.len());
            for folder in folders {
                if is_followed {
                    all.push((merge.clone(), folder));
                } else if !unfollowed.contains_key(folder.path()) {
                    unfollowed.insert(folder.path().to_owned(), merge.by.document);
                }
            }
        }
        let files = all.iter().filter(|(merge, _)| merge.by.kind.is_empty());
        let files: Vec<(Merge<'n, 'n>, String)> = files
            .map(|(merge, folder)| (merge.clone(), folder.path().to_owned()))
            .collect();
        let mut used = BTreeSet::new();
        for (merge, folder) in &mut all {
            let beside = files.iter().filter(|(_, of)| of == folder.path());
            for (file, _) in beside {
                if merge.overridden_by(file) && file.says_images_alone() {
                    used.insert(file.by.document);
                }
            }
        }
        all.retain(|(merge, _)| !used.contains(&merge.by.document));
        all
    }

    /// The documents of all files, of the texts in them, and of the texts in those.
    pub(super) fn sources<'n>(
        &'n self,
        (texts, inner): Inner<'n>,
        (nested_texts, nested): Inner<'n>,
    ) -> (Sources<'n, 'n>, Vec<InlineText<'n, 'n>>) {
        let mut reading = DocumentReader::default();
        let mut merging: Vec<(Merge<'n, 'n>, &'n str)> = Vec::new();
        let mut texts = texts.iter().zip(inner);
        let mut nested_texts = nested_texts.iter().zip(nested);
        reading.sources.files.reserve(self.files.len());
        reading.sources.documents.reserve(self.files.len());
        for file in &self.files {
            let (position, path) = (file.position, &*file.path);
            let all = file.read().iter().map(|one| (&one.root, one.traits));
            let added = reading.add(position, all, None);
            let first = added.start;
            let documents = FileDocuments {
                documents: added.clone(),
                is_read: file.documents.is_ok(),
            };
            let files = &mut reading.sources.files;
            files.insert(Cow::Borrowed(path), documents);
            let mut scalars = Vec::new();
            let is_one = self.kustomizations.contains(&position);
            if let Some(LoadedDocument { root, .. }) = file.read().first().filter(|_| is_one) {
                let kustomization = Kustomization::read(folder_of(path).to_owned(), first, root);
                scalars.extend(kustomization.inline().map(|node| (first, node)));
                let linked = self.linked.get(&position).into_iter().flatten();
                let linked = linked.map(|link| Kustomization {
                    folder: folder_of(link).to_owned(),
                    link: Some(link.clone()),
                    ..kustomization.clone()
                });
                let linked: Vec<Kustomization<'_, '_>> = linked.collect();
                if is_kustomization(path) {
                    reading.sources.add_kustomization(kustomization);
                }
                for one in linked {
                    reading.sources.add_linked(one);
                }
            }
            let all = added.zip(file.read());
            for (document, one) in all.clone().filter(|(_, one)| one.traits.is_builtin) {
                let inline = inline_of_transformer(&one.root);
                scalars.extend(inline.map(|node| (document, node)));
            }
            if self.merging.contains(&position) {
                for (document, one) in all {
                    let merges = builds_of(document, &one.root, path).into_iter();
                    for merge in merges.filter(|merge| self.is_followed(merge, path)) {
                        scalars.extend(merge.inline().map(|node| (document, node)));
                        merging.push((merge, path));
                    }
                }
            }
            // They come in the order in which they were taken out.
            for ((document, node), (text, documents)) in scalars.into_iter().zip(&mut texts) {
                let Some(documents) = documents else {
                    continue;
                };
                let added = reading.add_inline(position, document, node, text, documents);
                for (document, root) in added.zip(documents) {
                    let scalars = inline_of_transformer(root).zip(&mut nested_texts);
                    for (node, (text, documents)) in scalars {
                        if let Some(documents) = documents {
                            reading.add_inline(position, document, node, text, documents);
                        }
                    }
                }
            }
        }
        for (link, real) in &self.links {
            reading.sources.add_link(link.clone(), real);
        }
        let mut unfollowed = HashMap::new();
        for (merge, folder) in self.overridden(&merging, &mut unfollowed) {
            reading.sources.add_merged(&merge, folder);
        }
        reading.sources.unfollowed = unfollowed;
        for folder in &self.plain {
            reading.sources.keep_plain(folder);
        }
        reading.sources.data.clone_from(&self.data);
        reading.sources.missing.clone_from(&self.missing);
        reading.sources.cut.clone_from(&self.cut);
        reading.sources.over_charts.clone_from(&self.over_charts);
        reading.sources.find_image_transformers();
        reading.sources.find_rival_charts();
        reading.sources.find_schemas();
        (reading.sources, reading.inlines)
    }
}

/// What the objects of a document build, or what it is beside.
pub(super) fn builds_of<'n, 's>(
    document: usize,
    root: &'n Node<'s>,
    path: &'n str,
) -> Vec<Merge<'n, 's>> {
    if is_source_file(path) {
        of_source_file(document, root, path).into_iter().collect()
    } else {
        builds(document, root)
    }
}

/// What the objects of a document merge, or what it says itself.
fn merges_of<'n, 's>(document: usize, root: &'n Node<'s>, path: &'n str) -> Vec<Merge<'n, 's>> {
    if is_source_file(path) {
        of_source_file(document, root, path).into_iter().collect()
    } else {
        merges(document, root)
    }
}

/// The texts in scalars of documents that are texts in scalars, in their order.
pub(super) fn nested_texts(inner: &[Option<Vec<Node<'_>>>]) -> Vec<String> {
    let documents = inner.iter().flatten().flatten();
    documents
        .flat_map(inline_of_transformer)
        .map(text_of)
        .collect()
}

fn text_of(node: &Node<'_>) -> String {
    node.scalar().unwrap_or_default().to_owned()
}

/// Documents that are being gathered.
#[derive(Default)]
struct DocumentReader<'n> {
    sources: Sources<'n, 'n>,
    inlines: Vec<InlineText<'n, 'n>>,
}

impl<'n> DocumentReader<'n> {
    /// Adds the documents of a text.
    fn add(
        &mut self,
        input: usize,
        roots: impl Iterator<Item = (&'n Node<'n>, DocumentTraits)>,
        inline: Option<usize>,
    ) -> Range<usize> {
        let documents = &mut self.sources.documents;
        let first = documents.len();
        let roots = roots.enumerate();
        documents.extend(roots.map(|(ordinal, (root, traits))| SourceDocument {
            input,
            ordinal,
            root,
            traits,
            inline,
        }));
        first..documents.len()
    }

    /// Adds the documents of a text in a scalar.
    fn add_inline(
        &mut self,
        input: usize,
        document: usize,
        node: &'n Node<'n>,
        text: &'n str,
        roots: &'n [Node<'n>],
    ) -> Range<usize> {
        let all = roots.iter().map(|root| (root, DocumentTraits::of(root)));
        let added = self.add(input, all, Some(self.inlines.len()));
        self.inlines.push(InlineText {
            document,
            node,
            text,
            embedded: OnceLock::new(),
        });
        let id = (document, node.target().span.start);
        self.sources.inline.insert(id, added.clone());
        added
    }
}

/// Reads the texts in scalars; what cannot be read is `None`.
pub(super) fn read_inline(texts: &[String]) -> Vec<Option<Vec<Node<'_>>>> {
    texts
        .iter()
        .map(|text| parse::documents(text).ok())
        .collect()
}
