//! Documents of files that a build brings: resources, and configurations of where images are.

use crate::mask::location;
use crate::tree::built::Built;
use crate::tree::kustomization::{self, Kustomization};
use crate::tree::passes::ImagePath;
use crate::tree::paths::{is_remote, join};
use crate::tree::refusals;
use crate::tree::target::BuiltResource;
use crate::tree::unknown::{BroughtBy, Unknown, UnknownResources};
use crate::tree::value::BuildValue;
use crate::yaml::Node;

use super::Builder;

impl<'n, 's> Builder<'_, 'n, 's> {
    /// Adds the resources of a document; what is none is refused, but passed over where Flux makes the
    /// kustomization.
    pub(super) fn load(&self, document: usize, is_lenient: bool, built: &mut Built<'n, 's>) {
        let root = self.sources.documents[document].root;
        let value = match self.sources.value_of(document) {
            Ok(value) => value,
            Err(error) => return built.refuse(Unknown::new(document, root, error.what)),
        };
        let is_nothing = value.pairs().is_some_and(<[_]>::is_empty) || value.is_null();
        if is_nothing {
            return;
        }
        if value.pairs().is_none() && !is_lenient {
            let what = "a document of its resources is no mapping";
            built.refuse(Unknown::new(document, root, what));
        }
        built.documents.insert(document);
        let found = value.opened().into_iter();
        // A list without items brings nothing.
        let is_empty_list = |value: &BuildValue<'_, '_>| {
            value.is_list() && value.text_at(&["metadata", "name"]).is_empty()
        };
        let found = found.filter(|value| value.pairs().is_some() && !is_empty_list(value));
        for resource in found.map(BuiltResource::new) {
            if is_lenient && resource.value.get("kind").is_none() {
                continue;
            }
            if let Some(what) = refusals::no_resource(&resource.value).filter(|_| !is_lenient) {
                built.refuse(Unknown::new(document, root, what));
            }
            built.resources.push(resource);
        }
    }

    /// The paths of images that a file of `configurations` adds; `roots` gets what it says.
    pub(super) fn configure(
        &self,
        kustomization: &Kustomization<'n, 's>,
        entry: &'n Node<'s>,
        built: &mut Built<'n, 's>,
        roots: &mut Vec<&'n Node<'s>>,
    ) {
        let path = entry.scalar().unwrap_or_default();
        let file = join(&kustomization.folder, path);
        let Some(file) = file.and_then(|path| self.sources.files.get(&*path)) else {
            let what = format!("what {} brings", location(path));
            let unknown = Unknown::new(kustomization.document, entry, what);
            let how = if is_remote(path) {
                BroughtBy::Elsewhere
            } else {
                BroughtBy::Missing
            };
            built.open.push(UnknownResources::new(how, unknown));
            return;
        };
        // Only the first document counts.
        for document in file.documents.clone().take(1) {
            let root = self.sources.documents[document].root;
            for spec in kustomization::list(root, "images") {
                built.image_paths.push(ImagePath::read(spec));
            }
            roots.push(root);
        }
    }
}
