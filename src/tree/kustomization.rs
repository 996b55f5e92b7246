//! What a kustomization says, as far as it bears on images, pull policies and pull secrets.

mod needed;
mod patch;

use std::borrow::Cow;

use crate::krm::KUSTOMIZATION_FILES;
use crate::yaml::{Node, Path};

use super::images::{EntryNotation, Fields, ListEntry};
use super::paths::name_of;
use super::value::Site;

pub(super) use crate::krm::spelling::{field, spelling};
pub(super) use needed::data_of_generator;
use needed::needed;
use patch::strategic;

pub(super) use needed::Needed;
pub(super) use patch::{
    BUILTIN, Patch, PatchSource, inline_of_transformer, patch, patches_of_transformer, text_or_path,
};

/// Whether a file is a kustomization by its name.
pub(crate) fn is_kustomization(path: &str) -> bool {
    KUSTOMIZATION_FILES.contains(&name_of(path))
}

/// A kustomization, in the order in which kustomize works through it.
#[derive(Debug, Clone, Default)]
pub(super) struct Kustomization<'n, 's> {
    /// Its folder, from where paths are counted.
    pub(super) folder: String,
    /// Position of its document.
    pub(super) document: usize,
    /// The path of the link that it is read by, if it is.
    pub(super) link: Option<String>,
    pub(super) is_component: bool,
    /// Whether objects of Flux or Argo CD build its folder, each with something merged into it, so
    /// that nobody builds it as it is.
    pub(super) is_replaced: bool,
    /// The object of Flux or Argo CD that has merged something into it.
    pub(super) merged: Option<MergedObject<'n>>,
    /// `resources`, then `bases`.
    pub(super) resources: Vec<Item<'n, 's>>,
    pub(super) components: Vec<Item<'n, 's>>,
    /// `patchesStrategicMerge`, then `patches`.
    pub(super) patches: Vec<Patch<'n, 's>>,
    /// `patchesJson6902`, which are applied after names and labels.
    pub(super) late_patches: Vec<Patch<'n, 's>>,
    pub(super) namespace: Option<&'n str>,
    pub(super) name_prefix: Option<&'n str>,
    pub(super) name_suffix: Option<&'n str>,
    pub(super) labels: Vec<Labels<'n, 's>>,
    pub(super) annotations: Vec<(&'n str, &'n str)>,
    /// `images`, then `imageTags`.
    pub(super) images: Vec<ListEntry<'n, 's>>,
    pub(super) replacements: Vec<&'n Node<'s>>,
    /// `configMapGenerator`: what each makes may be copied into images.
    pub(super) config_maps: Vec<Site<'n, 's>>,
    /// `secretGenerator`.
    pub(super) secrets: Vec<&'n Node<'s>>,
    /// `generatorOptions`.
    pub(super) generator_options: Option<&'n Node<'s>>,
    /// `replicas`.
    pub(super) replicas: Vec<&'n Node<'s>>,
    pub(super) configurations: Vec<&'n Node<'s>>,
    pub(super) transformers: Vec<&'n Node<'s>>,
    /// What makes resources that are not known here: charts, generators that are plug-ins.
    pub(super) generators: Vec<(&'static str, &'n Node<'s>)>,
    /// What is merged into it and not followed, with the document that says it.
    pub(super) unfollowed: Vec<(usize, &'n Node<'s>, &'static str)>,
    /// `vars`, which are put in once all is built.
    pub(super) vars: Vec<&'n Node<'s>>,
    /// Whether it names a schema in place of kustomize's own.
    pub(super) has_schema: bool,
    /// The files that it needs beside those of `resources`, patches and their like, by their keys.
    pub(super) needed: Vec<Needed<'n, 's>>,
}

/// An object of Flux or Argo CD that builds a folder.
#[derive(Debug, Clone, Copy)]
pub(super) struct MergedObject<'n> {
    pub(super) kind: &'n str,
    pub(super) name: &'n str,
    /// Position of its document.
    pub(super) document: usize,
    /// Where it begins there.
    pub(super) start: usize,
}

/// A path of a file or folder in a kustomization.
#[derive(Debug, Clone)]
pub(super) struct Item<'n, 's> {
    /// Position of the document that says it.
    pub(super) document: usize,
    /// Where it says it.
    pub(super) node: &'n Node<'s>,
    /// The path, from the folder of the kustomization; empty where none is written.
    pub(super) path: Cow<'n, str>,
}

/// The text under a key; `None` where it is empty or nothing.
pub(super) fn text<'n>(node: &'n Node<'_>, name: &str) -> Option<&'n str> {
    let value = field(node, name).filter(|value| !value.is_null())?;
    value.scalar().filter(|text| !text.is_empty())
}

/// The items of a list under a key.
pub(super) fn list<'n, 's>(node: &'n Node<'s>, name: &str) -> &'n [Node<'s>] {
    let list = field(node, name).and_then(Node::items);
    list.unwrap_or_default()
}

/// Labels of a kustomization, and where they are written.
#[derive(Debug, Clone)]
pub(super) struct Labels<'n, 's> {
    pub(super) pairs: Vec<(&'n str, &'n str)>,
    /// The fields that are named beside those that kustomize knows.
    pub(super) fields: &'n [Node<'s>],
    pub(super) includes_selectors: bool,
    pub(super) includes_templates: bool,
}

/// The labels of a kustomization, rule by rule.
fn labels<'n, 's>(root: &'n Node<'s>) -> Vec<Labels<'n, 's>> {
    let rules = list(root, "labels").iter().map(|rule| {
        let says = |key| text(rule, key) == Some("true");
        Labels {
            pairs: pairs(rule, "pairs"),
            fields: list(rule, "fields"),
            includes_selectors: says("includeSelectors"),
            includes_templates: says("includeTemplates"),
        }
    });
    let common = Labels {
        pairs: pairs(root, "commonLabels"),
        fields: &[],
        includes_selectors: true,
        includes_templates: true,
    };
    let all = rules.chain(std::iter::once(common));
    all.filter(|rule| !rule.pairs.is_empty()).collect()
}

/// The pairs of texts under a key.
pub(super) fn pairs<'n>(node: &'n Node<'_>, name: &str) -> Vec<(&'n str, &'n str)> {
    let entries = field(node, name).and_then(Node::entries);
    let entries = entries.unwrap_or_default().iter();
    entries
        .filter_map(|entry| Some((entry.key.scalar()?, entry.value.scalar()?)))
        .collect()
}

impl<'n, 's> Kustomization<'n, 's> {
    /// Where its patches and transformers are written.
    pub(super) fn sources(&self) -> impl Iterator<Item = PatchSource<'n, 's>> {
        let patches = self.patches.iter().chain(&self.late_patches);
        let patches = patches.map(|patch| patch.source);
        patches.chain(
            self.transformers
                .iter()
                .filter_map(|item| text_or_path(item)),
        )
    }

    /// The paths of files whose contents its generators put into ConfigMaps, each with its key there, and
    /// into Secrets, whose keys nobody reads: they are empty here.
    pub(super) fn data(&self) -> impl Iterator<Item = (&'n str, &'n str)> {
        let files = self.needed.iter().filter(|file| file.under == "files");
        files.map(Needed::data)
    }

    /// The scalars in it that hold patches and transformers.
    pub(super) fn inline(&self) -> impl Iterator<Item = &'n Node<'s>> {
        self.sources().filter_map(PatchSource::inline)
    }

    /// Whether a build begins at it.
    pub(super) fn is_root(&self) -> bool {
        !self.is_component && !self.is_replaced
    }

    /// Whether it is in no file: Flux makes one for a folder that has none.
    pub(super) fn is_made(&self) -> bool {
        let merged = self.merged.as_ref();
        merged.is_some_and(|merged| merged.document == self.document)
    }

    /// Whether it takes resources together and does nothing to them that transformers would show, but for the
    /// namespace, which one kind of them has its own use for.
    pub(super) fn only_gathers(&self) -> bool {
        let is_empty = self.patches.is_empty()
            && self.late_patches.is_empty()
            && self.images.is_empty()
            && self.components.is_empty()
            && self.replacements.is_empty();
        is_empty
            && self.transformers.is_empty()
            && self.generators.is_empty()
            && self.unfollowed.is_empty()
            && self.vars.is_empty()
    }

    /// Reads a kustomization of a folder.
    pub(super) fn read(folder: String, document: usize, root: &'n Node<'s>) -> Self {
        let nodes = |name| list(root, name).iter();
        let generated = ["helmCharts", "helmChartInflationGenerator", "generators"];
        let generators = generated.into_iter();
        let generators = generators.flat_map(|key| nodes(key).map(move |node| (key, node)));
        Kustomization {
            folder,
            document,
            link: None,
            is_component: text(root, "kind") == Some("Component"),
            is_replaced: false,
            merged: None,
            resources: items(document, root, "resources")
                .chain(items(document, root, "bases"))
                .collect(),
            components: items(document, root, "components").collect(),
            patches: nodes("patchesStrategicMerge")
                .filter_map(|item| strategic(document, item))
                .chain(nodes("patches").filter_map(|item| patch(document, item)))
                .collect(),
            late_patches: nodes("patchesJson6902")
                .filter_map(|item| patch(document, item))
                .collect(),
            namespace: text(root, "namespace"),
            name_prefix: text(root, "namePrefix"),
            name_suffix: text(root, "nameSuffix"),
            labels: labels(root),
            annotations: pairs(root, "commonAnnotations"),
            images: ["images", "imageTags"]
                .into_iter()
                .flat_map(|key| entries(document, root, key))
                .collect(),
            replacements: nodes("replacements").collect(),
            config_maps: sites(document, root, "configMapGenerator"),
            secrets: nodes("secretGenerator").collect(),
            generator_options: field(root, "generatorOptions"),
            replicas: nodes("replicas").collect(),
            configurations: nodes("configurations").collect(),
            transformers: nodes("transformers").collect(),
            generators: generators.collect(),
            unfollowed: Vec::new(),
            vars: nodes("vars").collect(),
            has_schema: field(root, "openapi").is_some_and(|of| text(of, "path").is_some()),
            needed: needed(root),
        }
    }
}

/// The items of a list under a key of a document, with their places.
fn sites<'n, 's>(document: usize, root: &'n Node<'s>, name: &str) -> Vec<Site<'n, 's>> {
    let path = Path::default().key(spelling(root, name).unwrap_or_default());
    let items = list(root, name).iter().enumerate();
    let sites = items.map(|(index, node)| Site {
        document,
        node,
        path: path.index(index),
        holder: field(root, name),
    });
    sites.collect()
}

/// The paths in a list under a key of a document.
pub(super) fn items<'n, 's>(
    document: usize,
    node: &'n Node<'s>,
    key: &str,
) -> impl Iterator<Item = Item<'n, 's>> {
    list(node, key).iter().map(move |node| Item {
        document,
        node,
        path: Cow::Borrowed(node.scalar().unwrap_or_default()),
    })
}

/// The entries of a list of images under a key of the root.
fn entries<'n, 's>(
    document: usize,
    root: &'n Node<'s>,
    key: &'static str,
) -> Vec<ListEntry<'n, 's>> {
    let holder = field(root, key);
    let path = Path::default().key(spelling(root, key).unwrap_or(key));
    let items = holder.and_then(Node::items).unwrap_or_default().iter();
    items
        .enumerate()
        .filter(|(_, item)| item.entries().is_some())
        .map(|(index, item)| entry_of(document, item, path.index(index), holder))
        .collect()
}

/// The entry that a mapping at a path is.
pub(super) fn entry_of<'n, 's>(
    document: usize,
    node: &'n Node<'s>,
    path: Path<'n>,
    holder: Option<&'n Node<'s>>,
) -> ListEntry<'n, 's> {
    let says = |key| text(node, key).unwrap_or_default().to_owned();
    ListEntry {
        fields: Fields {
            name: says("name"),
            new_name: says("newName"),
            new_tag: says("newTag"),
            digest: says("digest"),
            tag_suffix: says("tagSuffix"),
        },
        site: Site {
            document,
            node,
            path,
            holder,
        },
        notation: EntryNotation::Keys,
        unclear: None,
    }
}
