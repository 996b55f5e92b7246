//! What each file of a tree is for: told by what it says and by who refers to it, never by where it
//! lies.

use std::collections::{BTreeSet, HashMap};

use crate::image::likely::{ImageKey, likely};
use crate::krm::KUSTOMIZE_GROUP;
use crate::krm::resource::group;
use crate::tree::{self, FileReference, FolderBuild, ReferenceKind, References, TreeFile};
use crate::yaml::{Node, parse};

use super::Skipped;

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileRole {
    /// Resources.
    Manifest,
    /// What kustomize builds.
    Kustomization,
    /// Parts of resources, which are merged into these.
    StrategicMergePatch,
    /// Operations on resources.
    Json6902Patch,
    /// Values of a chart.
    Values,
    /// No YAML until it is rendered.
    Template,
    /// It configures this program, or kustomize.
    Configuration,
    /// The contents of a ConfigMap or Secret.
    Data,
    /// Nothing that is known here.
    None,
}

impl FileRole {
    /// The role in words.
    pub fn as_str(self) -> &'static str {
        match self {
            FileRole::Manifest => "manifest",
            FileRole::Kustomization => "kustomization",
            FileRole::StrategicMergePatch => "strategic-merge patch",
            FileRole::Json6902Patch => "JSON 6902 patch",
            FileRole::Values => "values",
            FileRole::Template => "template",
            FileRole::Configuration => "configuration",
            FileRole::Data => "data",
            FileRole::None => "none",
        }
    }

    fn of(named: ReferenceKind) -> Option<Self> {
        match named {
            ReferenceKind::Resource => Some(FileRole::Manifest),
            ReferenceKind::StrategicMerge => Some(FileRole::StrategicMergePatch),
            ReferenceKind::Json6902 => Some(FileRole::Json6902Patch),
            ReferenceKind::Configuration => Some(FileRole::Configuration),
            ReferenceKind::Values => Some(FileRole::Values),
            ReferenceKind::Data => None,
        }
    }
}

/// The roles of the files of a tree.
#[derive(Debug)]
pub struct Roles {
    references: References,
    /// Each file's roles: one, unless kustomizations take it for several things.
    pub of: Vec<Vec<FileRole>>,
}

/// Who refers to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedBy {
    /// Position of the kustomization's file.
    pub file: usize,
    /// Where in its text.
    pub at: usize,
    /// The key under which it names the file.
    pub key: &'static str,
}

/// A folder that an object of Flux or Argo CD builds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltFolder<'r> {
    /// Position of the object's file.
    pub file: usize,
    /// Where the object begins in its text.
    pub at: usize,
    /// Its kind and name.
    pub object: &'r str,
    /// The folder's path in the tree.
    pub folder: &'r str,
    /// The keys of what it merges into the folder's kustomization, such as `images`.
    pub merged: &'r [&'static str],
}

/// Tells the roles of files: their paths, their texts, and why each is not judged, if it is not; `remotes` are the
/// URLs of the repositories that they are of.
pub fn roles(
    paths: &[&str],
    texts: &[&str],
    skipped: &[Option<Skipped>],
    remotes: &[String],
) -> Roles {
    let left_out = skipped
        .iter()
        .map(|why| why.filter(|why| why.is_left_out()));
    let files = paths.iter().zip(texts).zip(left_out);
    let files: Vec<TreeFile<'_>> = files
        .map(|((path, text), left_out)| TreeFile {
            path,
            shown: path,
            text,
            left_out: left_out.map(Skipped::as_str),
            is_elsewhere: left_out.is_some_and(Skipped::is_elsewhere),
            is_excluded: left_out == Some(Skipped::Excluded),
            links: &[],
            missing: &[],
        })
        .collect();
    let references = tree::references(&files).with_builds(&files, remotes);
    let mut by_file: HashMap<usize, BTreeSet<FileRole>> = HashMap::new();
    for reference in &references.all {
        let role = FileRole::of(reference.named);
        by_file.entry(reference.to).or_default().extend(role);
    }
    let of = (0..files.len()).map(|file| {
        if references.is_kustomization(file) {
            return vec![FileRole::Kustomization];
        }
        match by_file.get(&file) {
            Some(named) if !named.is_empty() => named.iter().copied().collect(),
            _ => vec![by_content(texts[file], skipped[file])],
        }
    });
    Roles {
        of: of.collect(),
        references,
    }
}

impl Roles {
    /// Who refers to a file.
    pub fn named_by(&self, file: usize) -> impl Iterator<Item = NamedBy> {
        let named_by = |reference: &FileReference| NamedBy {
            file: reference.from,
            at: reference.at,
            key: reference.key,
        };
        self.references.to(file).map(named_by)
    }

    /// The kustomizations that are built by themselves and bring a file, which may be one of them.
    pub fn roots_of(&self, file: usize) -> BTreeSet<usize> {
        self.references.roots_of(file)
    }

    /// The folders that the objects in a file build.
    pub fn builds(&self, file: usize) -> impl Iterator<Item = BuiltFolder<'_>> {
        self.references.builds(file).map(BuiltFolder::of)
    }

    /// The objects that build a file, by the folder of a kustomization that brings it.
    pub fn built_by(&self, file: usize) -> impl Iterator<Item = BuiltFolder<'_>> {
        self.references.built_by(file).map(BuiltFolder::of)
    }

    /// A file's roles in words.
    pub fn words(&self, file: usize) -> String {
        let words: Vec<&str> = self.of[file].iter().map(|role| role.as_str()).collect();
        words.join(" and ")
    }
}

impl<'r> BuiltFolder<'r> {
    fn of(build: &'r FolderBuild) -> Self {
        BuiltFolder {
            file: build.from,
            at: build.at,
            object: &build.object,
            folder: &build.folder,
            merged: &build.merged,
        }
    }
}

/// The role of a file that no kustomization refers to.
fn by_content(text: &str, skipped: Option<Skipped>) -> FileRole {
    let skipped = match skipped {
        Some(why) if why.is_left_out() => super::files::skipped_by_content(text),
        other => other,
    };
    match skipped {
        Some(Skipped::Template) => FileRole::Template,
        Some(Skipped::Configuration) => FileRole::Configuration,
        Some(Skipped::Kustomization) => FileRole::Kustomization,
        Some(Skipped::Data) => FileRole::Data,
        Some(Skipped::NoManifest) => of_no_manifest(text),
        Some(
            Skipped::ResourceList
            | Skipped::Excluded
            | Skipped::Hidden
            | Skipped::Elsewhere
            | Skipped::Referring,
        ) => FileRole::None,
        None if text.contains(KUSTOMIZE_GROUP) && is_kustomization(text) => FileRole::Kustomization,
        // What is judged and is no manifest is values of a chart.
        None if super::files::skipped_by_content(text) == Some(Skipped::NoManifest) => {
            FileRole::Values
        }
        None => FileRole::Manifest,
    }
}

/// The role of a file that is no manifest: a list of operations is a patch, and a text with the
/// parts of an image side by side is values.
fn of_no_manifest(text: &str) -> FileRole {
    let is_operation = |item: &Node<'_>| {
        let has = |key| item.get(key).ok().flatten().is_some();
        has("op") && has("path")
    };
    let documents = if text.contains("op") {
        parse::documents(text).unwrap_or_default()
    } else {
        Vec::new()
    };
    let first = documents.first().and_then(Node::items);
    let is_patch = first.is_some_and(|items| !items.is_empty() && items.iter().all(is_operation));
    let mut images = likely(text).into_iter();
    if is_patch {
        FileRole::Json6902Patch
    } else if images.any(|likely| likely.key == ImageKey::Repository) {
        FileRole::Values
    } else {
        FileRole::None
    }
}

fn is_kustomization(text: &str) -> bool {
    let documents = parse::documents(text).unwrap_or_default();
    documents.iter().all(|document| {
        let version = document.get("apiVersion").ok().flatten();
        let version = version.and_then(Node::scalar).unwrap_or_default();
        group(version) == KUSTOMIZE_GROUP
    })
}
