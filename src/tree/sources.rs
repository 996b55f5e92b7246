//! The files of a tree as documents, and the kustomizations among them.

mod data_keys;
mod files;
mod merging;
mod schemas;
mod traits;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::sync::OnceLock;

use crate::embedded::Embedded;
use crate::krm::OWN_GROUP;
use crate::krm::chart_source::ChartSource;
use crate::krm::resource::{Budget, group};
use crate::yaml::{Error, Node, Path, Span, parse};

use super::chart_sources;
use super::images::TreeLists;
use super::kustomization::{
    Kustomization, PatchSource, entry_of, field, is_kustomization, spelling, text, text_or_path,
};
use super::paths::{folder_of, is_remote, join};
use super::value::{self, BuildValue};

pub(super) use data_keys::DataKeys;
pub(crate) use files::{Link, TreeFile};
pub(super) use traits::DocumentTraits;

/// A document of a file, or one that is in a text of another document.
#[derive(Debug)]
pub(super) struct SourceDocument<'n, 's> {
    /// Position of the file among the inputs.
    pub(super) input: usize,
    /// Position among the documents of its text.
    pub(super) ordinal: usize,
    pub(super) root: &'n Node<'s>,
    pub(super) traits: DocumentTraits,
    /// Position of the text that it is in among the texts in texts; none for a file's own.
    pub(super) inline: Option<usize>,
}

/// A text in a scalar of a document, which is a document itself.
#[derive(Debug)]
pub(super) struct InlineText<'n, 's> {
    /// Position of the document that holds the scalar.
    pub(super) document: usize,
    /// The scalar.
    pub(super) node: &'n Node<'s>,
    /// What it says.
    pub(super) text: &'s str,
    /// Where its bytes stand in the text of that document, once that has been asked for.
    pub(super) embedded: OnceLock<Option<Embedded>>,
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
    pub(super) documents: Vec<SourceDocument<'n, 's>>,
    /// By normalised path.
    pub(super) files: HashMap<Cow<'n, str>, FileDocuments>,
    /// The documents of a text that is in a document, by that and the text's offset.
    pub(super) inline: HashMap<(usize, usize), Range<usize>>,
    pub(super) kustomizations: Vec<Kustomization<'n, 's>>,
    /// The kustomization of a folder.
    pub(super) folders: HashMap<String, usize>,
    /// The positions of files that generators put into ConfigMaps and Secrets, and that nothing else
    /// refers to, with their keys.
    pub(super) data: BTreeMap<usize, DataKeys>,
    /// The paths that kustomizations name and at which no file is.
    pub(super) missing: HashSet<String>,
    /// The positions of the kustomizations of which what follows the first document is not YAML.
    pub(super) cut: BTreeSet<usize>,
    /// The folders that Fleet builds over what charts give.
    pub(super) over_charts: HashSet<String>,
    /// The folders with several kustomizations, which kustomize refuses.
    pub(super) ambiguous: HashSet<String>,
    /// By folder, the document of an object that may build it with more, where there are too many of these
    /// to be followed.
    pub(super) unfollowed: HashMap<String, usize>,
    /// The documents of objects that merge something into the kustomization of a folder.
    pub(super) merging: HashSet<usize>,
    /// Their lists of images, by document and offset.
    pub(super) merged_lists: HashMap<(usize, usize), Span>,
    pub(super) lists: TreeLists<'n, 's>,
    /// The list of each kustomization.
    pub(super) list_of: Vec<usize>,
    /// The list of each document that is an ImageTagTransformer.
    pub(super) transformer_lists: HashMap<usize, usize>,
    /// The objects of Flux that say a chart's source, by kind and name, of which the tree has several that
    /// differ: a build knows which one is meant.
    pub(super) rival_charts: HashSet<(&'n str, &'n str)>,
    /// The folders of kustomizations that are built together with one that names a schema: it counts for
    /// all of a build, in place of kustomize's own.
    pub(super) own_schema: HashSet<String>,
}

impl<'n, 's> Sources<'n, 's> {
    /// The value of a document.
    ///
    /// # Errors
    /// As [`value::read`].
    pub(super) fn value_of(&self, document: usize) -> Result<BuildValue<'n, 's>, Error> {
        let root = self.documents[document].root;
        value::read(document, root, &Path::default(), None, &mut budget(root))
    }

    /// The documents of a patch or transformer of a kustomization, which a document says; `None` where
    /// these are not known.
    pub(super) fn documents_of(
        &self,
        kustomization: &Kustomization<'n, 's>,
        document: usize,
        source: PatchSource<'n, 's>,
    ) -> Option<Range<usize>> {
        match source {
            PatchSource::File(path) => {
                let file = self.files.get(&*join(&kustomization.folder, path)?)?;
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
        let own = kustomization.document;
        if let Some(documents) = self.documents_of(kustomization, own, text_or_path(item)?) {
            return Some(documents.collect());
        }
        let (mut found, mut has_namespace) = (Vec::new(), false);
        let mut known = HashSet::new();
        let mut waiting = vec![join(&kustomization.folder, item.scalar()?)?];
        while let Some(path) = waiting.pop() {
            if let Some(file) = self.files.get(&*path) {
                found.extend(file.is_read.then(|| file.documents.clone())?);
                continue;
            }
            let below = &self.kustomizations[*self.folders.get(&path)?];
            if !below.only_gathers() || !known.insert(path) {
                return None;
            }
            has_namespace |= below.namespace.is_some();
            for entry in below.resources.iter().rev() {
                let is_known = !entry.path.is_empty() && !is_remote(&entry.path);
                waiting.push(join(&below.folder, &entry.path).filter(|_| is_known)?);
            }
        }
        let of_namespace = |document: &usize| {
            text(self.documents[*document].root, "kind") == Some("NamespaceTransformer")
        };
        let is_changed = has_namespace && found.iter().any(of_namespace);
        (!is_changed).then_some(found)
    }

    /// Whether an item of `generators` is this program's function, which makes images as they should be.
    pub(super) fn is_own_generator(
        &self,
        kustomization: &Kustomization<'n, 's>,
        item: &'n Node<'s>,
    ) -> bool {
        let is_own =
            |root: &Node<'_>| group(text(root, "apiVersion").unwrap_or_default()) == OWN_GROUP;
        match text_or_path(item) {
            Some(PatchSource::Inline(node)) => {
                let documents = parse::documents(node.scalar().unwrap_or_default());
                documents.is_ok_and(|all| !all.is_empty() && all.iter().all(is_own))
            }
            Some(PatchSource::File(_)) => {
                let documents = self.transformer_documents(kustomization, item);
                documents.is_some_and(|all| {
                    !all.is_empty() && all.iter().all(|one| is_own(self.documents[*one].root))
                })
            }
            None => false,
        }
    }

    /// The documents that change a resource: what they say is judged in the build alone.
    pub(super) fn patched_in(&self, value: &BuildValue<'n, 's>) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let own = value.site().map(|site| site.document);
        value.each(&mut |scalar| {
            let document = scalar.place.as_ref().map(|place| place.document);
            found.extend(document.filter(|document| Some(*document) != own));
        });
        found
    }

    /// Makes a file known by the path of a link to it, and its folder by that of the link.
    pub(super) fn add_link(&mut self, link: String, real: &str) {
        if is_kustomization(&link)
            && let Some(&position) = self.folders.get(folder_of(real))
        {
            let folder = folder_of(&link).to_owned();
            self.folders.entry(folder).or_insert(position);
        }
        if let Some(file) = self.files.get(real).cloned() {
            self.files.entry(Cow::Owned(link)).or_insert(file);
        }
    }

    /// The kustomizations that some bring, by themselves or through others.
    pub(super) fn brought_by(&self, mut waiting: Vec<usize>) -> HashSet<usize> {
        let mut found = HashSet::new();
        while let Some(position) = waiting.pop() {
            let one = &self.kustomizations[position];
            let entries = one.resources.iter().chain(&one.components);
            let folders = entries.filter_map(|entry| join(&one.folder, &entry.path));
            let parts = folders.filter_map(|folder| self.folders.get(&folder).copied());
            waiting.extend(parts.filter(|part| found.insert(*part)));
        }
        found
    }

    /// Adds a kustomization with its list of images.
    pub(super) fn add_kustomization(&mut self, kustomization: Kustomization<'n, 's>) {
        let entries = &mut self.lists.entries;
        let first = entries.len();
        entries.extend(kustomization.images.iter().cloned());
        let list = (first..entries.len()).collect();
        self.add_with_list(kustomization, list);
    }

    /// Adds a kustomization that a link makes of one which may have been added just before: they have one
    /// list.
    pub(super) fn add_linked(&mut self, kustomization: Kustomization<'n, 's>) {
        let last = self.kustomizations.last();
        if last.is_none_or(|last| last.document != kustomization.document) {
            return self.add_kustomization(kustomization);
        }
        let known = self.list_of[self.kustomizations.len() - 1];
        let list = self.lists.lists[known].clone();
        self.add_with_list(kustomization, list);
    }

    fn add_with_list(&mut self, kustomization: Kustomization<'n, 's>, list: Vec<usize>) {
        self.list_of.push(self.lists.lists.len());
        self.lists.lists.push(list);
        let folder = kustomization.folder.clone();
        let known = self.folders.insert(folder, self.kustomizations.len());
        if known.is_some() {
            self.ambiguous.insert(kustomization.folder.clone());
        }
        self.kustomizations.push(kustomization);
    }

    /// Notes the sources of charts of which there are several that differ. A patch of one is none.
    pub(super) fn find_rival_charts(&mut self) {
        let mut known: HashMap<(&'n str, &'n str), ChartSource<&'n str>> = HashMap::new();
        let documents = self.documents.iter();
        for document in documents.filter(|document| document.traits.is_chart_source) {
            let source = chart_sources::written(document.root);
            let is_whole = |one: &ChartSource<&str>| one.url.or(one.chart).is_some();
            let Some(source) = source.filter(is_whole) else {
                continue;
            };
            let id = (source.kind, source.name);
            let first = known.entry(id).or_insert(source);
            if !first.says_as(&source) {
                self.rival_charts.insert(id);
            }
        }
    }

    /// Notes the lists, of one entry each, of the transformers of images.
    pub(super) fn find_image_transformers(&mut self) {
        for (document, at) in self.documents.iter().enumerate() {
            let is_one =
                at.traits.is_builtin && text(at.root, "kind") == Some("ImageTagTransformer");
            let Some(entry) = field(at.root, "imageTag").filter(|_| is_one) else {
                continue;
            };
            let key = spelling(at.root, "imageTag").unwrap_or("imageTag");
            let path = Path::default().key(key);
            let entry = entry_of(document, entry, path, Some(at.root));
            self.transformer_lists
                .insert(document, self.lists.lists.len());
            self.lists.lists.push(vec![self.lists.entries.len()]);
            self.lists.entries.push(entry);
        }
    }
}

/// How many values a node may represent: no more than it has bytes, aliases or not.
pub(super) fn budget(node: &Node<'_>) -> Budget {
    Budget::new(node.span.len() + 1)
}
