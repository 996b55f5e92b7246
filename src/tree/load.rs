//! Reading the files that the kustomizations of a tree refer to.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;

use crate::yaml::parse;
use crate::yaml::{Error, Node};

use super::editing::Editor;
use super::kustomization::{
    Kustomization, PatchSource, inline_of_transformer, is_kustomization, patches_of_transformer,
    text_or_path,
};
use super::layout::{Folder, Layout};
use super::merged::{Merge, Repository, builds, may_build, merges};
use super::paths::{by_path, folder_of, is_remote, join};
use super::sources::{FileDocuments, Inline, SourceDocument, Sources, TreeFile};

/// The documents of some files.
struct Loaded<'a> {
    /// By the position of the file: its normalised path and what it holds.
    files: Vec<(usize, String, Result<Vec<Node<'a>>, Error>)>,
    kustomizations: BTreeSet<usize>,
    /// The files with objects that merge something into the kustomization of a folder.
    merging: BTreeSet<usize>,
    /// The folders that an object builds as they are.
    plain: BTreeSet<String>,
    layout: Layout,
    /// The files that are nothing but the contents of ConfigMaps and Secrets.
    data: BTreeSet<usize>,
    /// The paths of links to files, each with the path of the file.
    links: Vec<(String, String)>,
    /// The paths that kustomizations name and at which no file is.
    missing: HashSet<String>,
}

/// Texts in scalars that are documents themselves, in their order; what cannot be read is `None`.
type Inner<'n> = (&'n [String], &'n [Option<Vec<Node<'n>>>]);

/// Reads the kustomizations among the files, the files that these refer to, and the documents in texts
/// of both; `work` is done with all of them, and with the kustomizations that are no YAML, and why.
pub(super) fn with_sources<T>(
    files: &[TreeFile<'_>],
    remotes: &[String],
    work: impl for<'e, 'n> FnOnce(Editor<'e, 'n, 'n>, &[(usize, &'e Error)]) -> T,
) -> T {
    let loaded = load(files, remotes);
    let texts = loaded.inline_texts();
    let inner = read_inline(&texts);
    let nested_texts = nested_texts(&inner);
    let nested = read_inline(&nested_texts);
    let (sources, inline) = loaded.sources((&texts, &inner), (&nested_texts, &nested));
    let editor = Editor {
        sources: &sources,
        files,
        inline: &inline,
    };
    let unreadable: Vec<(usize, &Error)> = loaded.unreadable().collect();
    work(editor, &unreadable)
}

fn load<'a>(files: &[TreeFile<'a>], remotes: &[String]) -> Loaded<'a> {
    let by_path = by_path(files.iter().map(|file| file.path));
    let kustomizations = by_path.iter().filter(|(path, _)| is_kustomization(path));
    let mut waiting: Vec<usize> = kustomizations.map(|(_, position)| *position).collect();
    waiting.sort_unstable();
    let mut loaded = Loaded {
        files: Vec::new(),
        kustomizations: waiting.iter().copied().collect(),
        merging: BTreeSet::new(),
        plain: BTreeSet::new(),
        layout: Layout::default(),
        data: BTreeSet::new(),
        links: Vec::new(),
        missing: { files.iter() }.flat_map(missing_of).collect(),
    };
    let mut by_link = by_path.clone();
    for (path, &position) in &by_path {
        let links = files[position].links.iter();
        for link in links.filter_map(|link| join("", link)) {
            by_link.entry(link.clone()).or_insert(position);
            loaded.links.push((link, path.clone()));
        }
    }
    loaded.links.sort_unstable();
    let real = |position: usize| join("", files[position].path).unwrap_or_default();
    let mut known: BTreeSet<usize> = loaded.kustomizations.clone();
    let mut others = Vec::new();
    let repository = Repository::of(files.iter().map(|file| file.text), remotes);
    loaded.find_merging(files, &repository, &by_path, &mut known, &mut others);
    let mut users: HashMap<usize, Vec<String>> = HashMap::new();
    for &position in &waiting {
        let path = join("", files[position].path).unwrap_or_default();
        // An empty file is a kustomization that says nothing.
        let documents = parse::documents(files[position].text);
        let documents = documents.map(|all| match all.is_empty() {
            true => vec![Node::default()],
            false => all,
        });
        if let Ok(documents) = &documents
            && let Some(root) = documents.first()
        {
            let kustomization = Kustomization::read(folder_of(&path).to_owned(), 0, root);
            let data = kustomization.data();
            let data = data.filter_map(|path| join(&kustomization.folder, path));
            loaded
                .data
                .extend(data.filter_map(|path| by_link.get(&path)));
            for path in paths_in(&kustomization) {
                let Some(&other) = by_link.get(&path) else {
                    continue;
                };
                let folder = kustomization.folder.clone();
                users.entry(other).or_default().push(folder);
                if known.insert(other) {
                    others.push((other, real(other)));
                }
            }
        }
        loaded.files.push((position, path, documents));
    }
    // Of these files, transformers refer to others: patches.
    let mut next = 0;
    while let Some((position, path)) = others.get(next).cloned() {
        next += 1;
        let documents = parse::documents(files[position].text);
        for root in documents.iter().flatten() {
            let patches = patches_of_transformer(0, root).into_iter();
            for file in patches.filter_map(|patch| patch.source.file()) {
                let paths = users.get(&position).into_iter().flatten();
                let paths = paths.filter_map(|folder| join(folder, file));
                for path in paths.collect::<Vec<_>>() {
                    if let Some(&other) = by_link.get(&path)
                        && known.insert(other)
                    {
                        others.push((other, real(other)));
                    }
                }
            }
        }
        loaded.files.push((position, path, documents));
    }
    loaded.data.retain(|position| !known.contains(position));
    loaded
}

/// The paths at which a kustomization needs files that are not there.
fn missing_of(file: &TreeFile<'_>) -> impl Iterator<Item = String> {
    let folder = folder_of(file.path);
    file.missing
        .iter()
        .filter_map(move |path| join(folder, path))
}

/// The files and folders that the text of a kustomization refers to, by their paths.
pub(crate) fn referred_by(path: &str, text: &str) -> Vec<String> {
    of_text(path, text, paths_in)
}

/// The files that the text of a kustomization puts into ConfigMaps and Secrets, by their paths.
pub(crate) fn data_of(path: &str, text: &str) -> Vec<String> {
    of_text(path, text, |kustomization| {
        let data = kustomization.data();
        data.filter_map(|path| join(&kustomization.folder, path))
            .collect()
    })
}

fn of_text(
    path: &str,
    text: &str,
    paths: impl Fn(&Kustomization<'_, '_>) -> Vec<String>,
) -> Vec<String> {
    let documents = parse::documents(text).unwrap_or_default();
    let folder = folder_of(path).to_owned();
    let root = documents.first();
    root.map_or_else(Vec::new, |root| {
        paths(&Kustomization::read(folder, 0, root))
    })
}

/// The files that the text of a kustomization needs beside those that it refers to and those that are
/// fetched, by their paths from its folder: what generators put into ConfigMaps and Secrets, and schemas.
pub(crate) fn needed_by(text: &str) -> Vec<String> {
    of_text("", text, |kustomization| {
        let needed = kustomization.needed.iter();
        needed.map(|file| file.path.to_owned()).collect()
    })
}

/// The files and folders that a kustomization refers to, by their paths.
fn paths_in(kustomization: &Kustomization<'_, '_>) -> Vec<String> {
    let resources = kustomization.resources.iter();
    let resources = resources.chain(&kustomization.components);
    let resources = resources
        .map(|entry| &*entry.path)
        .filter(|path| !is_remote(path));
    let patches = kustomization.sources().filter_map(PatchSource::file);
    let replacements = kustomization.replacements.iter();
    let replacements = replacements.filter_map(|entry| super::kustomization::text(entry, "path"));
    let configurations = kustomization.configurations.iter();
    let configurations = configurations.filter_map(|entry| entry.scalar());
    let generators = kustomization.generators.iter();
    let generators = generators.filter(|(key, _)| *key == "generators");
    let generators = generators.filter_map(|(_, entry)| text_or_path(entry)?.file());
    let all = resources
        .chain(patches)
        .chain(generators)
        .chain(replacements)
        .chain(configurations);
    all.filter_map(|path| join(&kustomization.folder, path))
        .collect()
}

impl<'a> Loaded<'a> {
    /// Finds the objects that merge something into the kustomization of a folder; `others` gets the
    /// files that they refer to.
    fn find_merging(
        &mut self,
        files: &[TreeFile<'a>],
        repository: &Repository,
        by_path: &HashMap<String, usize>,
        known: &mut BTreeSet<usize>,
        others: &mut Vec<(usize, String)>,
    ) {
        let found = by_path.iter().filter(|(path, position)| {
            !is_kustomization(path) && may_build(files[**position].text)
        });
        let mut found: Vec<(usize, &String)> = found.map(|(path, at)| (*at, path)).collect();
        found.sort_unstable();
        if !found.is_empty() {
            // What is left out is no part of it.
            let kept = by_path.iter();
            let kept = kept.filter(|(_, position)| files[**position].is_root());
            self.layout = Layout::of(kept.map(|(path, _)| path));
        }
        for (position, path) in found {
            let documents = parse::documents(files[position].text);
            let roots = documents.as_ref().map_or(&[][..], |documents| documents);
            let all = roots.iter().flat_map(|root| builds(0, root));
            let (merges, silent): (Vec<Merge<'_, '_>>, Vec<Merge<'_, '_>>) =
                all.partition(Merge::says_something);
            for merge in &silent {
                for folder in self.layout.built_by(merge, path) {
                    if let Folder::Kustomized(folder) = folder {
                        self.plain.insert(folder);
                    }
                }
            }
            let mut referred = Vec::new();
            for merge in &merges {
                for folder in self.layout.built_by(merge, path) {
                    let (folder, resources) = match folder {
                        Folder::Kustomized(folder) => (folder, Vec::new()),
                        Folder::Plain(folder, resources) => (folder, resources),
                    };
                    // Perhaps it builds another folder, or one of another repository.
                    if merge.is_pattern() || repository.is_other(merge.source) {
                        self.plain.insert(folder.clone());
                    }
                    let own = merge.paths().into_iter().map(str::to_owned);
                    let paths = own.chain(resources).filter_map(|path| join(&folder, &path));
                    referred.extend(paths.filter_map(|path| Some((*by_path.get(&path)?, path))));
                }
            }
            if merges.is_empty() {
                continue;
            }
            self.merging.insert(position);
            if known.insert(position) {
                self.files.push((position, path.clone(), documents));
            }
            others.extend(
                referred
                    .into_iter()
                    .filter(|(other, _)| known.insert(*other)),
            );
        }
    }

    /// The kustomizations that are no YAML, and why.
    fn unreadable(&self) -> impl Iterator<Item = (usize, &Error)> {
        let files = self.files.iter();
        let files = files.filter(|(position, ..)| self.kustomizations.contains(position));
        files.filter_map(|(position, _, documents)| Some((*position, documents.as_ref().err()?)))
    }

    /// The texts in scalars of the files that are documents themselves, in their order.
    fn inline_texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        for (position, path, documents) in &self.files {
            let documents = documents.as_ref().map_or(&[][..], |documents| documents);
            if let Some(root) = documents.first()
                && self.kustomizations.contains(position)
            {
                let kustomization = Kustomization::read(folder_of(path).to_owned(), 0, root);
                texts.extend(kustomization.inline().map(text_of));
            }
            let in_transformers = documents.iter().flat_map(inline_of_transformer);
            texts.extend(in_transformers.map(text_of));
            if self.merging.contains(position) {
                let merges = documents.iter().flat_map(|root| merges(0, root));
                let in_merges = merges.flat_map(|merge| merge.inline().collect::<Vec<_>>());
                texts.extend(in_merges.map(text_of));
            }
        }
        texts
    }

    /// The documents of all files, of the texts in them, and of the texts in those.
    fn sources<'n>(
        &'n self,
        (texts, inner): Inner<'n>,
        (nested_texts, nested): Inner<'n>,
    ) -> (Sources<'n, 'n>, Vec<Inline<'n, 'n>>) {
        let mut reading = Reading::default();
        let mut merging: Vec<(Merge<'n, 'n>, &String)> = Vec::new();
        let mut texts = texts.iter().zip(inner);
        let mut nested_texts = nested_texts.iter().zip(nested);
        for (position, path, documents) in &self.files {
            let roots = documents.as_ref().map_or(&[][..], |documents| documents);
            let added = reading.add(*position, roots, None);
            let first = added.start;
            let file = FileDocuments {
                documents: added.clone(),
                is_read: documents.is_ok(),
            };
            reading.sources.files.insert(path.clone(), file);
            let mut scalars = Vec::new();
            let is_kustomization = self.kustomizations.contains(position);
            if let Some(root) = roots.first().filter(|_| is_kustomization) {
                let kustomization = Kustomization::read(folder_of(path).to_owned(), first, root);
                scalars.extend(kustomization.inline().map(|node| (first, node)));
                reading.sources.add_kustomization(kustomization);
            }
            for (document, root) in added.clone().zip(roots) {
                scalars.extend(inline_of_transformer(root).map(|node| (document, node)));
            }
            if self.merging.contains(position) {
                for (document, root) in added.zip(roots) {
                    for merge in merges(document, root) {
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
                let added = reading.add_inline(*position, document, node, text, documents);
                for (document, root) in added.zip(documents) {
                    let scalars = inline_of_transformer(root).zip(&mut nested_texts);
                    for (node, (text, documents)) in scalars {
                        if let Some(documents) = documents {
                            reading.add_inline(*position, document, node, text, documents);
                        }
                    }
                }
            }
        }
        for (link, real) in &self.links {
            reading.sources.add_link(link.clone(), real);
        }
        for (merge, path) in merging {
            for folder in self.layout.built_by(&merge, path) {
                reading.sources.add_merged(&merge, folder);
            }
        }
        for folder in &self.plain {
            reading.sources.keep_plain(folder);
        }
        reading.sources.data.clone_from(&self.data);
        reading.sources.missing.clone_from(&self.missing);
        reading.sources.find_image_transformers();
        (reading.sources, reading.inlines)
    }
}

/// The texts in scalars of documents that are texts in scalars, in their order.
fn nested_texts(inner: &[Option<Vec<Node<'_>>>]) -> Vec<String> {
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
struct Reading<'n> {
    sources: Sources<'n, 'n>,
    inlines: Vec<Inline<'n, 'n>>,
}

impl<'n> Reading<'n> {
    /// Adds the documents of a text.
    fn add(&mut self, input: usize, roots: &'n [Node<'n>], inline: Option<usize>) -> Range<usize> {
        let documents = &mut self.sources.documents;
        let first = documents.len();
        documents.extend(
            roots
                .iter()
                .enumerate()
                .map(|(ordinal, root)| SourceDocument {
                    input,
                    ordinal,
                    root,
                    inline,
                }),
        );
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
        let added = self.add(input, roots, Some(self.inlines.len()));
        self.inlines.push(Inline {
            document,
            node,
            text,
        });
        let id = (document, node.target().span.start);
        self.sources.inline.insert(id, added.clone());
        added
    }
}

/// Reads the texts in scalars; what cannot be read is `None`.
fn read_inline(texts: &[String]) -> Vec<Option<Vec<Node<'_>>>> {
    texts
        .iter()
        .map(|text| parse::documents(text).ok())
        .collect()
}
