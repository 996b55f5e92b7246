//! Reading the files that the kustomizations of a tree refer to.

mod counting;
mod documents;
mod naming;
mod reading;
mod referred;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::parallel;
use crate::sort::{gather, sort};
use crate::yaml::Error;
use crate::yaml::parse;

use super::editing::Editor;
use super::kustomization::{data_of_generator, is_kustomization, patches_of_transformer};
use super::layout::{BuiltFolder, FolderLayout, Following};
use super::merged::{Merge, Repository, is_source_file, may_build};
use super::paths::{by_path, join};
use super::sources::{DataKeys, Link, TreeFile};
use documents::{Arenas, LoadedDocument, LoadedFile};
use naming::ReadKustomization;
use reading::{builds_of, nested_texts, read_inline};
use referred::{missing_of, over_charts};

pub(crate) use referred::{needed_by, referred_by};

/// The documents of some files.
struct Loaded<'a> {
    files: Vec<LoadedFile<'a>>,
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
    // Nothing is let go one by one: that takes as long as to read it.
    let mut room = documents::room(files.len());
    let loaded = load(files, remotes, Arenas::of(&mut room));
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

fn load<'a>(files: &[TreeFile<'a>], remotes: &[String], mut arenas: Arenas<'a>) -> Loaded<'a> {
    let by_path = by_path(files.iter().map(|file| file.path));
    let linked = files.iter().enumerate().map(|(position, file)| {
        let links = file.links.iter().filter_map(Link::kustomization);
        (position, links.collect::<BTreeSet<String>>())
    });
    let linked: BTreeMap<usize, BTreeSet<String>> =
        gather(linked.filter(|(_, links)| !links.is_empty()));
    let kustomizations = by_path.iter().filter(|(path, _)| is_kustomization(path));
    let mut waiting: Vec<usize> = kustomizations.map(|(_, position)| *position).collect();
    waiting.extend(linked.keys());
    sort(&mut waiting);
    waiting.dedup();
    let mut loaded = Loaded {
        files: Vec::with_capacity(files.len()),
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
    let mut by_link: HashMap<String, usize> = HashMap::new();
    for (path, &position) in &by_path {
        let links = files[position].links.iter();
        for link in links.filter_map(|link| join("", &link.path)) {
            by_link.entry(link.clone()).or_insert(position);
            loaded.links.push((link, path.to_string()));
        }
    }
    sort(&mut loaded.links);
    let at = |path: &str| by_path.get(path).or_else(|| by_link.get(path)).copied();
    let mut known: BTreeSet<usize> = loaded.kustomizations.clone();
    let mut others = Vec::new();
    let repository = Repository::of(files.iter().map(|file| file.text), remotes);
    loaded.find_merging(files, repository, &by_path, &mut known, &mut others);
    let linked = &loaded.linked;
    let read = arenas.read(files, &waiting, |position, arena| {
        let file = LoadedFile::new(files, position, Ok(Vec::new()));
        let own = Some(&*file.path).filter(|path| is_kustomization(path));
        let links = linked.get(&position).into_iter().flatten();
        let paths = own.into_iter().chain(links.map(String::as_str));
        let read = counting::read(files[position].text, arena);
        ReadKustomization::new(read, paths, &at)
    });
    // Which kustomization refers to which file.
    let mut folders: Vec<String> = Vec::new();
    let mut users: Vec<(usize, usize)> = Vec::new();
    for (&position, read) in waiting.iter().zip(read) {
        for folder in read.folders {
            for other in folder.named {
                users.push((other, folders.len()));
                if known.insert(other) {
                    others.push(other);
                }
            }
            for (other, keys) in folder.data {
                loaded.data.entry(other).or_default().join(keys);
            }
            folders.push(folder.path);
        }
        if read.is_cut {
            loaded.cut.insert(position);
        }
        let file = LoadedFile::new(files, position, read.documents);
        loaded.files.push(file);
    }
    // Of these files, transformers refer to others: patches.
    let users_of = OnceCell::new();
    let mut next = 0;
    while next < others.len() {
        let positions = others[next..].to_vec();
        next = others.len();
        let read = arenas.read(files, &positions, |position, arena| {
            let documents = parse::documents_in(files[position].text, arena);
            LoadedFile::new(files, position, documents.map(LoadedDocument::all))
        });
        for file in read {
            for LoadedDocument { root, .. } in file.builtin() {
                let users_of = users_of.get_or_init(|| by_file(&users));
                let users = users_of.get(&file.position).into_iter().flatten();
                let users = users.map(|&user| &folders[user]);
                for one in data_of_generator(root) {
                    for folder in users.clone() {
                        let path = join(folder, one.path);
                        if let Some(other) = path.and_then(|path| at(&path)) {
                            loaded.data.entry(other).or_default().add(&one, None);
                        }
                    }
                }
                let patches = patches_of_transformer(0, root).into_iter();
                for patch in patches.filter_map(|patch| patch.source.file()) {
                    let paths = users.clone().filter_map(|folder| join(folder, patch));
                    let named = paths.filter_map(|path| at(&path));
                    others.extend(named.filter(|other| known.insert(*other)));
                }
            }
            loaded.files.push(file);
        }
    }
    loaded.data.retain(|position, _| !known.contains(position));
    loaded
}

/// By the position of a file, the folders that refer to it, in order.
fn by_file(users: &[(usize, usize)]) -> HashMap<usize, Vec<usize>> {
    let mut found: HashMap<usize, Vec<usize>> = HashMap::new();
    for &(file, folder) in users {
        found.entry(file).or_default().push(folder);
    }
    found
}

/// Which texts may hold an object that builds a folder.
fn building(files: &[TreeFile<'_>]) -> Vec<bool> {
    let bytes = files.iter().map(|file| file.text.len()).sum();
    let batches = parallel::map(files, bytes, |_, some| {
        let are_building = some.iter().map(|file| may_build(file.text));
        are_building.collect::<Vec<bool>>()
    });
    batches.concat()
}

impl<'a> Loaded<'a> {
    /// Finds the objects that merge something into the kustomization of a folder; `others` gets the
    /// files that they refer to.
    fn find_merging(
        &mut self,
        files: &[TreeFile<'a>],
        repository: Repository,
        by_path: &HashMap<Cow<'a, str>, usize>,
        known: &mut BTreeSet<usize>,
        others: &mut Vec<usize>,
    ) {
        let building = building(files);
        let found = by_path.iter().filter(|(path, position)| {
            !is_kustomization(path) && (building[**position] || is_source_file(path))
        });
        let mut found: Vec<(usize, &str)> = found.map(|(path, at)| (*at, &**path)).collect();
        sort(&mut found);
        if !found.is_empty() {
            // What is left out is no part of it.
            let kept = by_path.iter();
            let kept = kept.filter(|(_, position)| files[**position].is_root());
            let linked = self.linked.iter();
            let linked = linked.filter(|(position, _)| files[**position].is_root());
            let linked = linked.flat_map(|(_, links)| links);
            let paths = kept.map(|(path, _)| &**path);
            let paths = paths.chain(linked.map(String::as_str));
            self.layout = FolderLayout::of(paths, repository);
        }
        // Objects of Flux and Argo CD patch what they build as well.
        self.may_patch = by_path.iter().any(|(path, at)| {
            (is_kustomization(path) || building[*at]) && files[*at].text.contains("patch")
        });
        let found = found.into_iter().map(|(position, path)| {
            let documents = parse::documents(files[position].text).map(LoadedDocument::all);
            (path, LoadedFile::new(files, position, documents))
        });
        let found: Vec<_> = found.collect();
        for (path, file) in &found {
            let all = file.read().iter();
            let all = all.flat_map(|document| builds_of(0, &document.root, path));
            for merge in all.filter(Merge::says_something) {
                for folder in self.layout.built_by(&merge, path) {
                    if let BuiltFolder::Plain(folder, _) = folder {
                        self.made.insert(folder);
                    }
                }
            }
        }
        let mut following = Following::default();
        for (path, file) in found {
            let all = file.read().iter();
            let all = all.flat_map(|document| builds_of(0, &document.root, path));
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
                    referred.extend(paths.filter_map(|path| by_path.get(&*path).copied()));
                }
            }
            if merges.is_empty() {
                continue;
            }
            self.merging.insert(file.position);
            if known.insert(file.position) {
                self.files.push(file);
            }
            others.extend(referred.into_iter().filter(|other| known.insert(*other)));
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
        let files = files.filter(|file| self.kustomizations.contains(&file.position));
        files.filter_map(|file| Some((file.position, file.documents.as_ref().err()?)))
    }
}
