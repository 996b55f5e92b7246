//! Objects of Flux and Argo CD that build a folder of the tree: what each merges into the folder's
//! kustomization before the build.
//!
//! Source: `kustomize/kustomize_generator.go` of fluxcd/pkg, and Argo CD's `util/kustomize/kustomize.go`,
//! which runs `kustomize edit set image`.

mod directories;
mod folders;
mod lists;
mod objects;
mod repository;

use std::collections::HashSet;

use crate::yaml::{Node, Path, Span, parse};

use super::images::TreeLists;
use super::kustomization::{
    Item, Kustomization, MergedObject, Patch, field, items, list, patch, text,
};
use super::paths::{join, name_of};
use directories::Directories;
use folders::is_pattern;

pub(super) use folders::folders_at;
pub(crate) use objects::may_build;
pub(super) use objects::{builds, of_source_file};
pub(super) use repository::{Repository, Source};

/// What an object merges into the kustomization of a folder.
#[derive(Debug, Clone)]
pub(super) struct Merge<'n, 's> {
    pub(super) by: MergedObject<'n>,
    tool: GitOpsTool,
    /// The folder, from the root of the repository.
    folder: &'n str,
    /// The mapping that says what is merged.
    settings: &'n Node<'s>,
    /// The keys that lead to it.
    path: Path<'n>,
    /// The list of images that a file beside the folder has in the place of its own.
    images: Option<ImagesOf<'n, 's>>,
    /// What repository the folder is in.
    pub(super) source: Source<'n>,
    /// The text by which an ApplicationSet changes what it makes, if that may bear on the folder.
    template_patch: Option<&'n Node<'s>>,
    /// Which folders the generators of an ApplicationSet give to its path, where they say it.
    directories: Option<Directories<'n>>,
}

/// A list of images in a file beside a folder: the document, its mapping, and the path of that.
type ImagesOf<'n, 's> = (usize, &'n Node<'s>, Path<'n>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum GitOpsTool {
    Flux,
    ArgoCd,
}

/// Keys under which something is merged that bears on images, pull policies or pull secrets.
pub(super) const MERGED: [&str; 9] = [
    "images",
    "patches",
    "components",
    "namePrefix",
    "nameSuffix",
    "targetNamespace",
    "namespace",
    "patchesStrategicMerge",
    "patchesJson6902",
];

/// How files begin that say something of what is in their folder for Argo CD, and win over what its
/// Application says: `.argocd-source.yaml` for all of them, `.argocd-source-NAME.yaml` for one.
pub(crate) const SOURCE_FILES: &str = ".argocd-source";

/// Whether a path is that of such a file.
pub(crate) fn is_source_file(path: &str) -> bool {
    let rest = name_of(path).strip_prefix(SOURCE_FILES);
    let of = rest.and_then(|rest| rest.strip_suffix(".yaml"));
    of.is_some_and(|of| of.is_empty() || of.starts_with('-'))
}

/// Whether an object in a text builds one of some folders; `from` is the path of the text's file.
pub(crate) fn builds_one_of(text: &str, from: &str, folders: &HashSet<String>) -> bool {
    let documents = parse::documents(text).unwrap_or_default();
    let mut merges = documents.iter().flat_map(|root| builds(0, root));
    merges.any(|merge| !folders_at(merge.folder, from, folders.iter()).is_empty())
}

/// The folders that the objects of a text build, from the root of the repository: those whose paths hold
/// neither variable nor template.
pub(crate) fn folders_built_by(text: &str) -> Vec<String> {
    let documents = parse::documents(text).unwrap_or_default();
    let merges = documents.iter().flat_map(|root| builds(0, root));
    let merges = merges.filter(|merge| !merge.is_pattern());
    let folder = |merge: Merge<'_, '_>| join("", merge.folder.trim_start_matches('/'));
    merges.filter_map(folder).collect()
}

/// What the objects of a document merge.
pub(super) fn merges<'n, 's>(document: usize, root: &'n Node<'s>) -> Vec<Merge<'n, 's>> {
    let all = builds(document, root).into_iter();
    all.filter(Merge::says_something).collect()
}

impl<'n, 's> Merge<'n, 's> {
    /// Takes the list of images from a file beside the folder, if that is for it, since lists are not
    /// merged; whether it is.
    pub(super) fn overridden_by(&mut self, file: &Merge<'n, 's>) -> bool {
        let is_file = file.by.kind.is_empty() && !self.by.kind.is_empty();
        let of = file.by.name.strip_prefix(SOURCE_FILES).unwrap_or_default();
        let of = of.trim_start_matches('-').trim_end_matches(".yaml");
        // An Application out of Argo CD's own namespace is known by both.
        let is_own =
            of == self.by.name || of.split_once('_').is_some_and(|(_, of)| of == self.by.name);
        if !is_file || self.tool != GitOpsTool::ArgoCd || !(of.is_empty() || is_own) {
            return false;
        }
        if field(file.settings, "images").is_some_and(|images| !images.is_null())
            && !(of.is_empty() && self.images.is_some())
        {
            self.images = Some((file.by.document, file.settings, file.path.clone()));
        }
        true
    }

    /// Whether it merges nothing but a list of images.
    pub(super) fn says_images_alone(&self) -> bool {
        let mut others = MERGED.iter().filter(|key| **key != "images");
        self.template_patch.is_none() && !others.any(|key| field(self.settings, key).is_some())
    }

    pub(super) fn says_something(&self) -> bool {
        if self.images.is_some() || self.template_patch.is_some() {
            return true;
        }
        !self.keys().is_empty()
    }

    /// The keys under which it says something that is merged.
    pub(super) fn keys(&self) -> Vec<&'static str> {
        let is_said = |key: &&str| {
            let value = field(self.settings, key);
            value.is_some_and(|value| {
                !value.is_null() && value.items().is_none_or(|all| !all.is_empty())
            })
        };
        MERGED.into_iter().filter(is_said).collect()
    }

    /// The bytes of its list of images, which is judged with the folder and not by itself.
    pub(super) fn list(&self) -> Option<Span> {
        let settings = self.images.as_ref().filter(|of| of.0 == self.by.document);
        let settings = settings.map_or(self.settings, |of| of.1);
        Some(field(settings, "images")?.span.clone())
    }

    /// The scalars in it that hold patches.
    pub(super) fn inline(&self) -> impl Iterator<Item = &'n Node<'s>> {
        let patches = self.patches().into_iter();
        patches.filter_map(|patch| patch.source.inline())
    }

    fn patches(&self) -> Vec<Patch<'n, 's>> {
        let listed = list(self.settings, "patches").iter();
        listed
            .filter_map(|item| patch(self.by.document, item))
            .collect()
    }

    /// The folders and files that it refers to, from the folder that it builds.
    pub(super) fn paths(&self) -> Vec<&'n str> {
        let patches = self.patches().into_iter();
        let patches = patches.filter_map(|patch| patch.source.file());
        let components = list(self.settings, "components").iter();
        let components = components.filter_map(Node::scalar);
        patches.chain(components).collect()
    }

    /// Whether its path holds a variable or a template, so that it may build several folders.
    pub(super) fn is_pattern(&self) -> bool {
        is_pattern(self.folder)
    }

    /// Whether its path may be that of a folder, where variables and templates stand for any text.
    pub(super) fn may_be(&self, from: &str, folder: &str) -> bool {
        let given = self.directories.as_ref();
        folders::may_be(self.folder, from, folder)
            && given.is_none_or(|given| given.gives(self.folder, from, folder))
    }

    /// The folder that it builds: the object is in a file at `from`, somewhere below the root of the
    /// repository, from where its path counts.
    pub(super) fn folder(&self, from: &str, is_folder: &dyn Fn(&str) -> bool) -> Option<String> {
        folders::folder_at(self.folder, from, is_folder)
    }

    /// Whether its tool makes a kustomization for a folder that has none.
    pub(super) fn makes_kustomizations(&self) -> bool {
        self.tool == GitOpsTool::Flux
    }

    /// Whether it builds all of a repository.
    pub(super) fn is_of_all(&self) -> bool {
        self.folder.trim_matches(['.', '/']).is_empty()
    }

    /// A kustomization as Flux makes it for a folder that has none, of the files and folders in it.
    pub(super) fn made(&self, folder: String, paths: Vec<String>) -> Kustomization<'n, 's> {
        let item = |path: String| Item {
            document: self.by.document,
            node: self.settings,
            path: path.into(),
        };
        Kustomization {
            folder,
            document: self.by.document,
            resources: paths.into_iter().map(item).collect(),
            ..Kustomization::default()
        }
    }

    /// Merges what the object says into a kustomization with a list of images; gives the list.
    pub(super) fn merge(
        &self,
        kustomization: &mut Kustomization<'n, 's>,
        list: &[usize],
        lists: &mut TreeLists<'n, 's>,
    ) -> Vec<usize> {
        let says = |key| text(self.settings, key);
        kustomization.merged = Some(self.by);
        kustomization.is_replaced = false;
        kustomization.patches.extend(self.patches());
        let components = items(self.by.document, self.settings, "components");
        kustomization.components.extend(components);
        let namespace = match self.tool {
            GitOpsTool::Flux => "targetNamespace",
            GitOpsTool::ArgoCd => "namespace",
        };
        kustomization.namespace = says(namespace).or(kustomization.namespace);
        kustomization.name_prefix = says("namePrefix").or(kustomization.name_prefix);
        kustomization.name_suffix = says("nameSuffix").or(kustomization.name_suffix);
        for (key, what) in [
            (
                "patchesStrategicMerge",
                "a patch of `patchesStrategicMerge`",
            ),
            ("patchesJson6902", "a patch of `patchesJson6902`"),
        ] {
            let node = field(self.settings, key).filter(|node| node.items().is_some());
            let unfollowed = node.map(|node| (self.by.document, node, what));
            kustomization.unfollowed.extend(unfollowed);
        }
        let patch = self.template_patch.iter();
        let what = "what `templatePatch` sets, which is not followed,";
        let patch = patch.map(|node| (self.by.document, *node, what));
        kustomization.unfollowed.extend(patch);
        let list = match self.tool {
            GitOpsTool::Flux => self.flux_list(list, lists),
            GitOpsTool::ArgoCd => self.argo_cd_list(list, lists),
        };
        // What such an entry matches is not known.
        let nameless = list.iter().map(|&entry| &lists.entries[entry]);
        let of = self.images.as_ref().map_or(self.by.document, |of| of.0);
        let nameless =
            nameless.filter(|entry| entry.site.document == of && is_pattern(&entry.fields.name));
        let what = "an entry of images with a variable in its name, which is not followed,";
        let nameless = nameless.map(|entry| (of, entry.site.node, what));
        kustomization.unfollowed.extend(nameless);
        list
    }
}
