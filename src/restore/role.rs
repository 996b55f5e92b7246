//! What each file of a tree is for: told by what it says and by who refers to it, never by where it
//! lies.

use std::collections::{BTreeSet, HashMap};

use crate::image::likely::{ImageKey, likely};
use crate::krm::KUSTOMIZE_GROUP;
use crate::krm::resource::group;
use crate::tree::{self, Named, Reference, References, TreeFile};
use crate::yaml::{Node, parse};

use super::Skipped;

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
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

impl Role {
    /// The role in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Manifest => "manifest",
            Role::Kustomization => "kustomization",
            Role::StrategicMergePatch => "strategic-merge patch",
            Role::Json6902Patch => "JSON 6902 patch",
            Role::Values => "values",
            Role::Template => "template",
            Role::Configuration => "configuration",
            Role::Data => "data",
            Role::None => "none",
        }
    }

    fn of(named: Named) -> Option<Self> {
        match named {
            Named::Resource => Some(Role::Manifest),
            Named::StrategicMerge => Some(Role::StrategicMergePatch),
            Named::Json6902 => Some(Role::Json6902Patch),
            Named::Configuration => Some(Role::Configuration),
            Named::Values => Some(Role::Values),
            Named::Data => None,
        }
    }
}

/// The roles of the files of a tree.
#[derive(Debug)]
pub struct Roles {
    references: References,
    /// Each file's roles: one, unless kustomizations take it for several things.
    pub of: Vec<Vec<Role>>,
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

/// Tells the roles of files: their paths, their texts, and why each is not judged, if it is not.
pub fn roles(paths: &[&str], texts: &[&str], skipped: &[Option<Skipped>]) -> Roles {
    let left_out = skipped
        .iter()
        .map(|why| why.filter(|why| why.is_left_out()));
    let files = paths.iter().zip(texts).zip(left_out);
    let files: Vec<TreeFile<'_>> = files
        .map(|((path, text), left_out)| TreeFile {
            path,
            text,
            left_out: left_out.map(Skipped::as_str),
            is_elsewhere: left_out.is_some_and(Skipped::is_elsewhere),
            is_excluded: left_out == Some(Skipped::Excluded),
            links: &[],
            missing: &[],
        })
        .collect();
    let references = tree::references(&files);
    let mut by_file: HashMap<usize, BTreeSet<Role>> = HashMap::new();
    for reference in &references.all {
        let role = Role::of(reference.named);
        by_file.entry(reference.to).or_default().extend(role);
    }
    let of = (0..files.len()).map(|file| {
        if references.is_kustomization(file) {
            return vec![Role::Kustomization];
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
        let named_by = |reference: &Reference| NamedBy {
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

    /// A file's roles in words.
    pub fn words(&self, file: usize) -> String {
        let words: Vec<&str> = self.of[file].iter().map(|role| role.as_str()).collect();
        words.join(" and ")
    }
}

/// The role of a file that no kustomization refers to.
fn by_content(text: &str, skipped: Option<Skipped>) -> Role {
    let skipped = match skipped {
        Some(why) if why.is_left_out() => super::files::skipped_by_content(text),
        other => other,
    };
    match skipped {
        Some(Skipped::Template) => Role::Template,
        Some(Skipped::Configuration) => Role::Configuration,
        Some(Skipped::Kustomization) => Role::Kustomization,
        Some(Skipped::Data) => Role::Data,
        Some(Skipped::NoManifest) => of_no_manifest(text),
        Some(
            Skipped::ResourceList
            | Skipped::Excluded
            | Skipped::Hidden
            | Skipped::Elsewhere
            | Skipped::Referring,
        ) => Role::None,
        None if text.contains(KUSTOMIZE_GROUP) && is_kustomization(text) => Role::Kustomization,
        // What is judged and is no manifest is values of a chart.
        None if super::files::skipped_by_content(text) == Some(Skipped::NoManifest) => Role::Values,
        None => Role::Manifest,
    }
}

/// The role of a file that is no manifest: a list of operations is a patch, and a text with the
/// parts of an image side by side is values.
fn of_no_manifest(text: &str) -> Role {
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
        Role::Json6902Patch
    } else if images.any(|likely| likely.key == ImageKey::Repository) {
        Role::Values
    } else {
        Role::None
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
