//! A build of a kustomization: resources, patches and lists of images in kustomize's order.
//!
//! Source: kustomize's `api/internal/target/kusttarget.go`.

mod loading;
mod shared;

use crate::mask::location;
use crate::yaml::Node;

use super::built::Built;
use super::kustomization::{Item, Kustomization};
use super::paths::{is_remote, join};
use super::target::obscure;
use super::unknown::{BroughtBy, Unknown, UnknownResources};
use super::{generated, refusals, shape, transform};
use shared::{COPY, RootBuild, SharedBuild};

pub(super) use shared::{Builder, Order};

impl<'n, 's> RootBuild<'_, '_, 'n, 's> {
    /// Runs a kustomization over what there is already: nothing, or what a component finds.
    fn run(&mut self, position: usize, mut built: Built<'n, 's>) -> Built<'n, 's> {
        let sources = self.builder.sources;
        let kustomization = &sources.kustomizations[position];
        let document = kustomization.document;
        let root = sources.documents[document].root;
        if self.builder.is_exhausted() {
            return built;
        }
        if self.stack.contains(&position) {
            built.refuse(Unknown::new(document, root, "it refers to itself"));
            return built;
        }
        if sources.ambiguous.contains(&kustomization.folder) {
            let what = "its folder has several kustomizations";
            built.refuse(Unknown::new(document, root, what));
            return built;
        }
        self.stack.push(position);
        if !kustomization.is_made() {
            if let Some((node, what)) = shape::fault(root, kustomization.merged.is_some()) {
                built.refuse(Unknown::new(document, node, what));
            }
            built.documents.insert(document);
        }
        for entry in &kustomization.resources {
            self.add_resource(kustomization, entry, &mut built);
        }
        for &(key, node) in &kustomization.generators {
            if key == "generators" && sources.is_own_generator(kustomization, node) {
                continue;
            }
            // The images in the values of charts are judged as values.
            let what = if key == "generators" {
                format!("what `{key}` makes")
            } else {
                format!("what `{key}` makes beyond the images in its values")
            };
            let unknown = Unknown::new(document, node, what);
            built
                .open
                .push(UnknownResources::new(BroughtBy::Elsewhere, unknown));
        }
        if sources.over_charts.contains(&kustomization.folder) {
            let what = "what a chart gives that Fleet builds this folder over";
            let unknown = Unknown::new(document, root, what);
            let open = UnknownResources::new(BroughtBy::Elsewhere, unknown);
            built.open.push(open);
        }
        generated::add_all(kustomization, &mut built);
        refusals::missing_files(sources, kustomization, &mut built);
        let mut configurations = Vec::new();
        for entry in &kustomization.configurations {
            self.builder
                .configure(kustomization, entry, &mut built, &mut configurations);
        }
        built.configured.read(&configurations);
        for entry in &kustomization.components {
            let path = &*entry.path;
            let folder = join(&kustomization.folder, path).filter(|_| !is_remote(path));
            match folder.and_then(|folder| sources.folders.get(&folder)) {
                Some(&component) if sources.kustomizations[component].is_component => {
                    built = self.run(component, built);
                }
                Some(_) => {
                    let what = format!("{} under `components` is no Component", location(path));
                    built.refuse(Unknown::new(entry.document, entry.node, what));
                }
                None => {
                    let what = format!("the component {}", location(path));
                    let unknown = |what| Unknown::new(entry.document, entry.node, what);
                    let absent = refusals::absent(sources, kustomization, path, "components");
                    let how = match &absent {
                        Some(_) => BroughtBy::Absent,
                        None => BroughtBy::Elsewhere,
                    };
                    built.lacking.extend(absent.map(unknown));
                    let unknown = unknown(what);
                    obscure(&mut built.resources, &unknown.what);
                    built.unknown.push(unknown.clone());
                    built.open.push(UnknownResources::new(how, unknown));
                }
            }
        }
        self.stack.pop();
        refusals::twice(document, root, &mut built);
        if let Some((node, spelled)) = shape::written_twice(root) {
            let what = format!("what {spelled} come to together, which is not followed,");
            transform::obscure_all(&mut built, document, node, what);
        }
        let steps = kustomization.patches.len() + kustomization.late_patches.len() + 1;
        let steps = steps + sources.lists.tried(sources.list_of[position]);
        if self.spend(built.resources.len() * steps) {
            transform::transform(sources, position, &mut built);
            refusals::twice(document, root, &mut built);
        } else {
            give_up(&mut built, document, root);
        }
        built
    }

    fn add_resource(
        &mut self,
        kustomization: &Kustomization<'n, 's>,
        entry: &Item<'n, 's>,
        built: &mut Built<'n, 's>,
    ) {
        let sources = self.builder.sources;
        let path = &*entry.path;
        let unknown = |what: String| Unknown::new(entry.document, entry.node, what);
        let brought = || unknown(format!("what {} brings", location(path)));
        if is_remote(path) {
            built
                .open
                .push(UnknownResources::new(BroughtBy::Elsewhere, brought()));
            return;
        }
        let missing = || UnknownResources::new(BroughtBy::Missing, brought());
        if let Some(absent) = refusals::absent(sources, kustomization, path, "resources") {
            built.lacking.push(unknown(absent));
            built
                .open
                .push(UnknownResources::new(BroughtBy::Absent, brought()));
            return;
        }
        let Some(joined) = join(&kustomization.folder, path) else {
            built.open.push(missing());
            return;
        };
        if let Some(file) = sources.files.get(&*joined) {
            if !file.is_read {
                built
                    .open
                    .push(UnknownResources::new(BroughtBy::Unread, brought()));
            }
            for document in file.documents.clone() {
                self.builder.load(document, kustomization.is_made(), built);
            }
        } else if let Some(&position) = sources.folders.get(&joined) {
            let is_component = sources.kustomizations[position].is_component;
            if is_component || is_within(&kustomization.folder, &joined) {
                let what = if is_component {
                    "is a Component, which belongs under `components`"
                } else {
                    "holds the kustomization itself"
                };
                built.refuse(unknown(format!("{} {what}", location(path))));
                return;
            }
            let size = |built: &Built<'_, '_>| built.resources.len() + built.documents.len();
            let at_once = self.builder.order == Order::AtOnce;
            let shared = self.builder.shared.get(&position).filter(|_| !at_once);
            let copied = shared.and_then(|shared| shared.kept().built.as_ref().map(size));
            if copied.is_some_and(|size| !self.spend(size * COPY)) {
                let kept = shared.map(SharedBuild::kept);
                let below = kept.as_ref().and_then(|kept| kept.built.as_ref());
                built
                    .documents
                    .extend(below.into_iter().flat_map(|below| &below.documents));
                return give_up(built, entry.document, entry.node);
            }
            let below = self.build(position);
            if at_once && !self.spend(size(&below) * COPY) {
                return;
            }
            built.resources.extend(below.resources);
            built.open.extend(below.open);
            built.unplaced.extend(below.unplaced);
            built.unknown.extend(below.unknown);
            built.documents.extend(below.documents);
            built.tests.extend(below.tests);
            built.image_paths.extend(below.image_paths);
            built.configured.extend(below.configured);
            built.vars.extend(below.vars);
            built.lacking.extend(below.lacking);
            built.is_restored |= below.is_restored;
            built.is_refused_by_test |= built.refused.is_none() && below.is_refused_by_test;
            if let Some(refused) = below.refused {
                built.refuse(refused);
            }
        } else {
            built.open.push(missing());
        }
    }
}

/// Leaves a build that has become too large.
fn give_up<'n, 's>(built: &mut Built<'n, 's>, document: usize, node: &'n Node<'s>) {
    built.resources.clear();
    let unknown = Unknown::new(document, node, "its resources multiply");
    built
        .open
        .push(UnknownResources::new(BroughtBy::TooLarge, unknown));
}

/// Whether a folder lies in another one.
fn is_within(folder: &str, other: &str) -> bool {
    let rest = folder.strip_prefix(other);
    rest.is_some_and(|rest| rest.starts_with('/') || other.is_empty() && !rest.is_empty())
}
