//! Builds and judges every kustomization of a tree, several at once.

use std::collections::{BTreeMap, HashSet};
use std::convert::Infallible;
use std::sync::Mutex;

use crate::parallel;
use crate::tree::build::{Builder, Order};
use crate::tree::built::Built;
use crate::tree::editing::Editor;
use crate::tree::patched::{self, PatchedObjects};
use crate::tree::paths;
use crate::tree::refusals;
use crate::tree::rendered::Setting;
use crate::tree::sources::TreeFile;
use crate::tree::target::obscure;
use crate::tree::unknown::Unknown;

use super::judged::{Counts, JudgedBuilds};

/// What may change the images of a folder that too many objects may build with more.
const UNFOLLOWED_SET: &str = "an object with a variable in its path, of which too many may build the folder to be \
                              followed,";

/// What the kustomizations of a tree give, without their resources, and what was judged of it.
pub(super) type AllBuilds<'n, 's> = (Vec<Built<'n, 's>>, JudgedBuilds<'n, 's>);

/// Builds that others are waited for, by position, until they are judged.
type Early<'n, 's> = BTreeMap<usize, Mutex<Option<Built<'n, 's>>>>;

/// Builds and judges all kustomizations of a tree. A resource is judged by the thread that has built it, and
/// freed before the next build. `None` where the order in which builds are made may make a difference.
pub(super) fn judge<'n, 's>(
    editor: Editor<'_, 'n, 's>,
    setting: Setting<'_>,
    order: Order,
) -> Option<AllBuilds<'n, 's>> {
    let sources = editor.sources;
    let builder = Builder::new(sources, order);
    let bytes = match builder.order() {
        Order::AtOnce => sources
            .documents
            .iter()
            .map(|one| one.root.span.len())
            .sum(),
        Order::OneByOne => 0,
    };
    let file_of = |document: usize| &editor.files[sources.documents[document].input];
    let told = sources.kustomizations.iter().enumerate();
    let told = told.filter(|(_, one)| file_of(one.document).is_root());
    let brought = if editor.files.iter().any(|file| file.is_excluded) {
        sources.brought_by(told.map(|(position, _)| position).collect())
    } else {
        HashSet::new()
    };
    let (early, patched) = bring(editor, &builder, bytes);
    let build = |position: usize| {
        let known = early.get(&position);
        let known = known.and_then(|one| parallel::lock(one).take());
        let mut one = known.unwrap_or_else(|| builder.build(position));
        let kustomization = &sources.kustomizations[position];
        for unknown in patched.get(&kustomization.folder).into_iter().flatten() {
            obscure(&mut one.resources, &unknown.what);
            one.unknown.push(unknown.clone());
        }
        if let Some(&set) = sources.unfollowed.get(&kustomization.folder) {
            let root = sources.documents[set].root;
            let unknown = Unknown::new(set, root, UNFOLLOWED_SET);
            obscure(&mut one.resources, &unknown.what);
            one.unknown.push(unknown);
        }
        refusals::of_root(sources, kustomization, &mut one);
        one
    };
    let counts = |position: usize, one: &Built<'_, '_>| {
        let file = file_of(sources.kustomizations[position].document);
        let is_excluded = file.is_excluded && !brought.contains(&position);
        // What restores itself and was not asked for needs nothing of what was given.
        let restores_itself = TreeFile::is_bystander(file) && one.is_restored;
        Counts {
            as_root: (file.is_root() || is_excluded) && !restores_itself,
            is_told: file.is_root(),
        }
    };
    let work = |first: usize, some: &[_]| {
        let mut judged = JudgedBuilds::default();
        let built = (first..first + some.len()).map(|position| {
            let mut one = build(position);
            let counts = counts(position, &one);
            if let Some(fault) = judged.take_one(setting, sources, position, &mut one, counts) {
                let document = sources.kustomizations[position].document;
                let root = sources.documents[document].root;
                one.refuse(Unknown::new(document, root, fault.what));
            }
            one
        });
        let built: Vec<Built<'_, '_>> = built.collect();
        (built, judged)
    };
    let mut all = AllBuilds::default();
    let Ok(()) = parallel::each(&sources.kustomizations, bytes, work, |(built, judged)| {
        all.0.extend(built);
        all.1.append(judged);
        Ok::<(), Infallible>(())
    });
    Some(all).filter(|_| !builder.is_exhausted())
}

/// Builds what brings objects that build folders, and notes which of these objects it changes, for the builds of
/// these folders.
fn bring<'n, 's>(
    editor: Editor<'_, 'n, 's>,
    builder: &Builder<'_, 'n, 's>,
    bytes: usize,
) -> (Early<'n, 's>, PatchedObjects<'n, 's>) {
    let sources = editor.sources;
    let file_of = |document: usize| &editor.files[sources.documents[document].input];
    let path_of = |document: usize| paths::normalised(file_of(document).path);
    let mut patched = PatchedObjects::default();
    let mut early = Early::new();
    let bringing: Vec<usize> = patched::bringing(sources).into_iter().collect();
    let build = |_, some: &[usize]| {
        let built = some
            .iter()
            .map(|&position| (position, builder.build(position)));
        built.collect::<Vec<_>>()
    };
    for (position, one) in parallel::map(&bringing, bytes, build).into_iter().flatten() {
        let root = file_of(sources.kustomizations[position].document).shown;
        patched::note(sources, root, &one.resources, &path_of, &mut patched);
        early.insert(position, Mutex::new(Some(one)));
    }
    (early, patched)
}
