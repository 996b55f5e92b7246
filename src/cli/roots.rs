//! The build roots of a tree: kustomizations that are not components, and charts.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::files::{InputFile, InputFiles};
use crate::krm::resource::group;
use crate::krm::{KUSTOMIZATION_FILES, KUSTOMIZE_GROUP};
use crate::yaml::{Node, parse};

/// What builds a root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BuiltBy {
    Kustomize,
    Helm,
}

/// A folder at which a build begins.
#[derive(Debug)]
pub(super) struct BuildRoot<'f> {
    pub(super) builder: BuiltBy,
    /// Position of the file that makes a root of the folder.
    pub(super) position: usize,
    /// The folder's absolute path.
    pub(super) folder: &'f Path,
    /// The file that makes a root of the folder, as it is shown.
    pub(super) shown: &'f str,
    pub(super) text: &'f str,
}

/// The roots among files, in the order of their paths; those that are left out are for others to use.
pub(super) fn roots(files: &InputFiles) -> Vec<BuildRoot<'_>> {
    let folders_of = |is_name: &dyn Fn(&str) -> bool| -> BTreeSet<PathBuf> {
        let named = files.files.iter().filter(|file| is_name(name(file)));
        named.map(|file| folder(file).to_owned()).collect()
    };
    let kustomizations = folders_of(&|name| KUSTOMIZATION_FILES.contains(&name));
    let charts = folders_of(&|name| name == "Chart.yaml");
    // A chart in `charts/` is a part of the chart or kustomization around it, which gives its values.
    let is_part = |chart: &Path| {
        let around = chart
            .ancestors()
            .skip(1)
            .find(|folder| folder.ends_with("charts"));
        around
            .and_then(Path::parent)
            .is_some_and(|around| charts.contains(around) || kustomizations.contains(around))
    };
    let mut found: Vec<BuildRoot<'_>> = Vec::new();
    let files = files.files.iter().enumerate();
    for (position, file) in files.filter(|(_, file)| file.left_out.is_none()) {
        let text = file.text.as_deref().unwrap_or_default();
        let folder = folder(file);
        let builder = match name(file) {
            "Chart.yaml" if !is_part(folder) && !is_library(text) => BuiltBy::Helm,
            name if KUSTOMIZATION_FILES.contains(&name) && is_kustomization(text) => {
                BuiltBy::Kustomize
            }
            _ => continue,
        };
        // Two kustomizations in one folder are a mistake, which kustomize tells once.
        let is_known = |root: &BuildRoot<'_>| root.folder == folder && root.builder == builder;
        if !found.iter().rev().take(2).any(is_known) {
            found.push(BuildRoot {
                builder,
                position,
                folder,
                shown: &file.shown,
                text,
            });
        }
    }
    found
}

fn name(file: &InputFile) -> &str {
    let name = file.path.file_name();
    name.and_then(|name| name.to_str()).unwrap_or_default()
}

fn folder(file: &InputFile) -> &Path {
    file.path.parent().unwrap_or(Path::new("/"))
}

/// The text under a key of a document; empty where there is none.
fn text_of<'n>(document: &'n Node<'_>, key: &str) -> &'n str {
    let value = document.get(key).ok().flatten();
    value.and_then(Node::scalar).unwrap_or_default()
}

/// Whether kustomize builds a folder with this file by itself. Flux has a kind of the same name; of
/// several documents kustomize reads the first, and what is no YAML is for kustomize to refuse.
fn is_kustomization(text: &str) -> bool {
    let documents = parse::documents(text).unwrap_or_default();
    let Some(first) = documents.first() else {
        return true;
    };
    let api_version = text_of(first, "apiVersion");
    let is_own = api_version.is_empty() || group(api_version) == KUSTOMIZE_GROUP;
    is_own && text_of(first, "kind") != "Component"
}

/// Whether a chart only gives templates to others.
fn is_library(text: &str) -> bool {
    let documents = parse::documents(text).unwrap_or_default();
    let first = documents.first();
    first.is_some_and(|chart| text_of(chart, "type") == "library")
}
