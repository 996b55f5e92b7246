//! The folders of a tree at which a build begins: kustomizations that are no components, and charts.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::tree::{File, Files};
use crate::yaml::parse;

/// What builds a root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Builder {
    Kustomize,
    Helm,
}

/// A folder at which a build begins.
#[derive(Debug)]
pub(super) struct Root<'f> {
    pub(super) builder: Builder,
    /// The folder's absolute path.
    pub(super) folder: &'f Path,
    /// The file that makes a root of the folder, as it is shown.
    pub(super) shown: &'f str,
    pub(super) text: &'f str,
}

/// The names of a kustomization's file.
const KUSTOMIZATIONS: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// The roots among files, in the order of their paths; those that are left out are for others to use.
pub(super) fn roots(files: &Files) -> Vec<Root<'_>> {
    let folders_of = |is_name: &dyn Fn(&str) -> bool| -> BTreeSet<PathBuf> {
        let named = files.files.iter().filter(|file| is_name(name(file)));
        named.map(|file| folder(file).to_owned()).collect()
    };
    let kustomizations = folders_of(&|name| KUSTOMIZATIONS.contains(&name));
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
    let mut found: Vec<Root<'_>> = Vec::new();
    for file in files.files.iter().filter(|file| !file.is_excluded) {
        let text = file.text.as_deref().unwrap_or_default();
        let folder = folder(file);
        let builder = match name(file) {
            "Chart.yaml" if !is_part(folder) && !is_library(text) => Builder::Helm,
            name if KUSTOMIZATIONS.contains(&name) && is_kustomization(text) => Builder::Kustomize,
            _ => continue,
        };
        // Two kustomizations in one folder are a mistake, which kustomize tells once.
        let is_known = |root: &Root<'_>| root.folder == folder && root.builder == builder;
        if !found.iter().rev().take(2).any(is_known) {
            found.push(Root {
                builder,
                folder,
                shown: &file.shown,
                text,
            });
        }
    }
    found
}

fn name(file: &File) -> &str {
    let name = file.path.file_name();
    name.and_then(|name| name.to_str()).unwrap_or_default()
}

fn folder(file: &File) -> &Path {
    file.path.parent().unwrap_or(Path::new("/"))
}

/// A key's text in the first document, which is the only one that engines read; nothing of what is
/// no YAML.
fn of_first(text: &str, key: &str) -> String {
    let documents = parse::documents(text).unwrap_or_default();
    let first = documents.first();
    let value = first.and_then(|node| node.get(key).ok().flatten()?.scalar());
    value.unwrap_or_default().to_owned()
}

/// Whether kustomize builds a folder with this file by itself. Flux has a kind of the same name, and
/// what is no YAML is for kustomize to refuse.
fn is_kustomization(text: &str) -> bool {
    let api_version = of_first(text, "apiVersion");
    let is_own = api_version.is_empty() || api_version.starts_with("kustomize.config.k8s.io/");
    is_own && of_first(text, "kind") != "Component"
}

/// Whether a chart only gives templates to others.
fn is_library(text: &str) -> bool {
    of_first(text, "type") == "library"
}
