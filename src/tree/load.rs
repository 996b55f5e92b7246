//! Reading the files that the kustomizations of a tree refer to.

mod counting;
mod reading;
mod referred;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::parallel;
use crate::sort::sort;
use crate::yaml::parse;
use crate::yaml::{Error, Node};

use super::editing::Editor;
use super::kustomization::{
    Kustomization, data_of_generator, is_kustomization, patches_of_transformer,
};
use super::layout::{BuiltFolder, FolderLayout, Following};
use super::merged::{Merge, Repository, is_source_file, may_build};
use super::paths::{by_path, folder_of, join};
use super::sources::{DataKeys, Link, TreeFile};
use reading::{builds_of, nested_texts, read_inline};
use referred::{missing_of, over_charts, paths_in};

pub(crate) use referred::{needed_by, referred_by};

/// The documents of some files.
struct Loaded<'a> {
    /// By the position of the file: its normalised path and what it holds.
    files: Vec<(usize, String, Result<Vec<Node<'a>>, Error>)>,
    kustomizations: BTreeSet<usize>,
    /// The files with objects that merge something into the kustomization of a folder.
    merging: BTreeSet<usize>,
    /// The folders that an object builds as they are.
    plain: BTreeSet<String>,
    /// The folders without a kustomization that an object builds with more: what others build of them is
    /// another build.
    made: BTreeSet<String>,
    /// Whether something may patch objects before they build their folders.
    may_patch: bool,
    layout: FolderLayout,
    /// The files that are nothing but the contents of ConfigMaps and Secrets, with their keys.
    data: BTreeMap<usize, DataKeys>,
    /// The paths of links to files, each with the path of the file.
    links: Vec<(String, String)>,
    /// The files that links make kustomizations of other folders, each with the paths of the links.
    linked: BTreeMap<usize, BTreeSet<String>>,
    /// The paths that kustomizations name and at which no file is.
    missing: HashSet<String>,
    /// The kustomizations of which what follows the first document is not YAML.
    cut: BTreeSet<usize>,
    /// The folders that Fleet builds over what charts give.
    over_charts: HashSet<String>,
}

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
    let linked = files.iter().enumerate().map(|(position, file)| {
        let links = file.links.iter().filter_map(Link::kustomization);
        (position, links.collect::<BTreeSet<String>>())
    });
    let linked: BTreeMap<usize, BTreeSet<String>> =
        linked.filter(|(_, links)| !links.is_empty()).collect();
    let kustomizations = by_path.iter().filter(|(path, _)| is_kustomization(path));
    let mut waiting: Vec<usize> = kustomizations.map(|(_, position)| *position).collect();
    waiting.extend(linked.keys());
    sort(&mut waiting);
    waiting.dedup();
    let mut loaded = Loaded {
        files: Vec::new(),
        kustomizations: waiting.iter().copied().collect(),
        merging: BTreeSet::new(),
        plain: BTreeSet::new(),
        made: BTreeSet::new(),
        may_patch: false,
        layout: FolderLayout::default(),
        data: BTreeMap::new(),
        links: Vec::new(),
        linked,
        missing: files.iter().flat_map(missing_of).collect(),
        cut: BTreeSet::new(),
        over_charts: over_charts(files),
    };
    let mut by_link = by_path.clone();
    for (path, &position) in &by_path {
        let links = files[position].links.iter();
        for link in links.filter_map(|link| join("", &link.path)) {
            by_link.entry(link.clone()).or_insert(position);
            loaded.links.push((link, path.clone()));
        }
    }
    sort(&mut loaded.links);
    let real = |position: usize| join("", files[position].path).unwrap_or_default();
    let mut known: BTreeSet<usize> = loaded.kustomizations.clone();
    let mut others = Vec::new();
    let repository = Repository::of(files.iter().map(|file| file.text), remotes);
    loaded.find_merging(files, repository, &by_path, &mut known, &mut others);
    let mut users: HashMap<usize, Vec<String>> = HashMap::new();
    let read = read_all(files, &waiting, counting::read).into_iter();
    for (&position, read) in waiting.iter().zip(read) {
        let path = join("", files[position].path).unwrap_or_default();
        // An empty file is a kustomization that says nothing.
        let documents = read.map(|read| {
            if read.is_cut {
                loaded.cut.insert(position);
            }
            if read.documents.is_empty() {
                vec![Node::default()]
            } else {
                read.documents
            }
        });
        if let Ok(documents) = &documents
            && let Some(root) = documents.first()
        {
            let own = Some(&path).filter(|path| is_kustomization(path));
            let links = loaded.linked.get(&position).into_iter().flatten();
            for path in own.into_iter().chain(links) {
                let kustomization = Kustomization::read(folder_of(path).to_owned(), 0, root);
                let data = kustomization.needed.iter();
                for file in data.filter(|file| file.under == "files") {
                    let path = join(&kustomization.folder, file.path);
                    if let Some(&other) = path.and_then(|path| by_link.get(&path)) {
                        let keys = loaded.data.entry(other).or_default();
                        keys.add(file, kustomization.namespace);
                    }
                }
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
        }
        loaded.files.push((position, path, documents));
    }
    // Of these files, transformers refer to others: patches.
    let mut next = 0;
    let mut read = Vec::new().into_iter();
    while let Some((position, path)) = others.get(next).cloned() {
        let documents = read.next().unwrap_or_else(|| {
            let positions: Vec<usize> = others[next..].iter().map(|(at, _)| *at).collect();
            read = read_all(files, &positions, parse::documents).into_iter();
            read.next().unwrap_or_else(|| Ok(Vec::new()))
        });
        next += 1;
        for root in documents.iter().flatten() {
            for file in data_of_generator(root) {
                for folder in users.get(&position).into_iter().flatten() {
                    let path = join(folder, file.path);
                    if let Some(&other) = path.and_then(|path| by_link.get(&path)) {
                        loaded.data.entry(other).or_default().add(&file, None);
                    }
                }
            }
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
    loaded.data.retain(|position, _| !known.contains(position));
    loaded
}

/// Reads the files at some positions, several at once.
fn read_all<'a, T: Send>(
    files: &[TreeFile<'a>],
    positions: &[usize],
    read: impl Fn(&'a str) -> T + Sync,
) -> Vec<T> {
    let bytes = positions.iter().map(|&at| files[at].text.len()).sum();
    let read_some = |_, some: &[usize]| {
        let read = some.iter().map(|&at| read(files[at].text));
        read.collect::<Vec<T>>()
    };
    let batches = parallel::map(positions, bytes, read_some);
    batches.into_iter().flatten().collect()
}

impl<'a> Loaded<'a> {
    /// Finds the objects that merge something into the kustomization of a folder; `others` gets the
    /// files that they refer to.
    fn find_merging(
        &mut self,
        files: &[TreeFile<'a>],
        repository: Repository,
        by_path: &HashMap<String, usize>,
        known: &mut BTreeSet<usize>,
        others: &mut Vec<(usize, String)>,
    ) {
        let found = by_path.iter().filter(|(path, position)| {
            let text = files[**position].text;
            !is_kustomization(path) && (may_build(text) || is_source_file(path))
        });
        let mut found: Vec<(usize, &String)> = found.map(|(path, at)| (*at, path)).collect();
        sort(&mut found);
        if !found.is_empty() {
            // What is left out is no part of it.
            let kept = by_path.iter();
            let kept = kept.filter(|(_, position)| files[**position].is_root());
            let linked = self.linked.iter();
            let linked = linked.filter(|(position, _)| files[**position].is_root());
            let linked = linked.flat_map(|(_, links)| links);
            let paths = kept.map(|(path, _)| path).chain(linked);
            self.layout = FolderLayout::of(paths, repository);
        }
        // Objects of Flux and Argo CD patch what they build as well.
        self.may_patch = by_path.iter().any(|(path, at)| {
            let text = files[*at].text;
            (is_kustomization(path) || may_build(text)) && text.contains("patch")
        });
        let found = found.into_iter().map(|(position, path)| {
            let documents = parse::documents(files[position].text);
            (position, path, documents)
        });
        let found: Vec<_> = found.collect();
        for (_, path, documents) in &found {
            let all = documents.iter().flatten();
            let all = all.flat_map(|root| builds_of(0, root, path));
            for merge in all.filter(Merge::says_something) {
                for folder in self.layout.built_by(&merge, path) {
                    if let BuiltFolder::Plain(folder, _) = folder {
                        self.made.insert(folder);
                    }
                }
            }
        }
        let mut following = Following::default();
        for (position, path, documents) in found {
            let roots = documents.as_ref().map_or(&[][..], |documents| documents);
            let all = roots.iter().flat_map(|root| builds_of(0, root, path));
            let (merges, silent): (Vec<Merge<'_, '_>>, Vec<Merge<'_, '_>>) =
                all.partition(|merge| self.is_followed(merge, path));
            for merge in &silent {
                for folder in self.layout.built_by(merge, path) {
                    if let BuiltFolder::Kustomized(folder) = folder {
                        self.plain.insert(folder);
                    }
                }
            }
            let mut referred = Vec::new();
            for merge in &merges {
                let folders = self.layout.built_by(merge, path);
                if !following.follows(merge, folders.len()) {
                    continue;
                }
                for folder in folders {
                    let (folder, resources) = match folder {
                        BuiltFolder::Kustomized(folder) => (folder, Vec::new()),
                        BuiltFolder::Plain(folder, resources) => (folder, resources),
                    };
                    // Perhaps it builds another folder, or one of another repository.
                    if merge.is_pattern() || self.layout.is_other(merge) {
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

    /// Whether what an object builds is a build of its own: it merges something, or builds a folder that has
    /// no kustomization and is built otherwise as well.
    fn is_followed(&self, merge: &Merge<'_, '_>, path: &str) -> bool {
        let is_made = |folder: &BuiltFolder| match folder {
            BuiltFolder::Kustomized(_) => false,
            BuiltFolder::Plain(folder, _) => self.may_patch || self.is_made_around(folder),
        };
        merge.says_something() || self.layout.built_by(merge, path).iter().any(is_made)
    }

    /// Whether a folder is built otherwise as well, or one above or below it: what is below such a folder has
    /// two builds, too.
    fn is_made_around(&self, folder: &str) -> bool {
        let mut at = Some(folder);
        while let Some(above) = at {
            if self.made.contains(above) {
                return true;
            }
            let parent = above.rfind('/').map_or("", |end| &above[..end]);
            at = Some(parent).filter(|_| !above.is_empty());
        }
        if folder.is_empty() {
            return !self.made.is_empty();
        }
        let below = format!("{folder}/");
        let next = self.made.range(below.clone()..).next();
        next.is_some_and(|made| made.starts_with(&below))
    }

    /// The kustomizations that are no YAML, and why.
    fn unreadable(&self) -> impl Iterator<Item = (usize, &Error)> {
        let files = self.files.iter();
        let files = files.filter(|(position, ..)| self.kustomizations.contains(position));
        files.filter_map(|(position, _, documents)| Some((*position, documents.as_ref().err()?)))
    }
}
