//! What kustomizations refer to, by its paths.

use std::collections::HashSet;

use crate::tree::kustomization::{
    Kustomization, PatchSource, field, list, patches_of_transformer, text, text_or_path,
};
use crate::tree::paths::{folder_of, is_remote, join, name_of};
use crate::tree::sources::TreeFile;
use crate::yaml::parse;

use super::counting;

/// The paths at which a kustomization needs files that are not there.
pub(super) fn missing_of(file: &TreeFile<'_>) -> impl Iterator<Item = String> {
    let folder = folder_of(file.path);
    file.missing
        .iter()
        .filter_map(move |path| join(folder, path))
}

/// The files and folders that the text of a kustomization refers to, by their paths; and the files that it puts
/// into ConfigMaps and Secrets.
pub(crate) fn referred_by(path: &str, text: &str) -> (Vec<String>, Vec<String>) {
    of_text(path, text, |kustomization| {
        let data = kustomization.data();
        let data = data.filter_map(|(path, _)| join(&kustomization.folder, path));
        (paths_in(kustomization), data.collect())
    })
}

fn of_text<T: Default>(path: &str, text: &str, paths: impl Fn(&Kustomization<'_, '_>) -> T) -> T {
    let documents = counting::read(text, None).map_or_else(|_| Vec::new(), |read| read.documents);
    let folder = folder_of(path).to_owned();
    let root = documents.first();
    root.map_or_else(T::default, |root| {
        paths(&Kustomization::read(folder, 0, root))
    })
}

/// The files that the text of a kustomization needs, by their paths from its folder, but for those that are
/// fetched: what generators put into ConfigMaps and Secrets, and schemas; and the files and folders that it takes
/// resources and patches from.
pub(crate) fn needed_by(text: &str) -> (Vec<String>, Vec<String>) {
    of_text("", text, |kustomization| {
        let needed = kustomization.needed.iter();
        let needed = needed.map(|file| file.path.to_owned());
        let resources = kustomization.resources.iter();
        let resources = resources.chain(&kustomization.components);
        let resources = resources.map(|entry| &*entry.path);
        let patches = kustomization.sources().filter_map(PatchSource::file);
        let named = resources.chain(patches).map(str::to_owned);
        let named = named.chain(in_transformers(kustomization));
        (
            needed.collect(),
            named.filter(|path| !is_remote(path)).collect(),
        )
    })
}

/// The folders that Fleet builds over what charts give.
pub(super) fn over_charts(files: &[TreeFile<'_>]) -> HashSet<String> {
    let is_one = |file: &&TreeFile<'_>| {
        name_of(file.path) == "fleet.yaml"
            && file.text.contains("helm")
            && file.text.contains("kustomize")
    };
    let mut found = HashSet::new();
    for file in files.iter().filter(is_one) {
        for root in parse::documents(file.text).iter().flatten() {
            let targets = list(root, "targetCustomizations").iter();
            let dirs = std::iter::once(root).chain(targets);
            let dirs = dirs.filter_map(|of| text(field(of, "kustomize")?, "dir"));
            found.extend(dirs.filter_map(|dir| join(folder_of(file.path), dir)));
        }
    }
    found
}

/// The files that transformers in its text refer to: patches.
fn in_transformers(kustomization: &Kustomization<'_, '_>) -> Vec<String> {
    let items = kustomization.transformers.iter();
    let texts = items.filter_map(|item| text_or_path(item)?.inline()?.scalar());
    let mut found = Vec::new();
    for root in texts.flat_map(|text| parse::documents(text).unwrap_or_default()) {
        let patches = patches_of_transformer(0, &root).into_iter();
        let files = patches.filter_map(|patch| patch.source.file());
        found.extend(files.map(str::to_owned));
    }
    found
}

/// The files and folders that a kustomization refers to, by their paths.
pub(super) fn paths_in(kustomization: &Kustomization<'_, '_>) -> Vec<String> {
    let resources = kustomization.resources.iter();
    let resources = resources.chain(&kustomization.components);
    let resources = resources
        .map(|entry| &*entry.path)
        .filter(|path| !is_remote(path));
    let patches = kustomization.sources().filter_map(PatchSource::file);
    let replacements = kustomization.replacements.iter();
    let replacements = replacements.filter_map(|entry| text(entry, "path"));
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
    let in_transformers = in_transformers(kustomization);
    all.chain(in_transformers.iter().map(String::as_str))
        .filter_map(|path| join(&kustomization.folder, path))
        .collect()
}
