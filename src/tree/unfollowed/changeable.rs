//! Images that are right as they are, and that something may change which is not followed.

use std::collections::BTreeMap;

use crate::finding::{Aspect, Rule};
use crate::judge::{Met, Prefilter, says_ignore};
use crate::krm::resource::group;
use crate::mask;
use crate::quote::piece;
use crate::tree::builds::Builds;
use crate::tree::kustomization::{field as key, text};
use crate::tree::locations::Placed;
use crate::tree::rendered::Field;
use crate::tree::unknown::Unknown;
use crate::yaml::Node;

/// What to do where kustomize alone makes the build.
const BY_KUSTOMIZE: &str = "see what comes out with `check --rendered`";

impl<'n, 's> Builds<'_, 'n, 's> {
    /// The images that something may change which is not followed: not those that may be anything, by an
    /// exception or an annotation, nor those of a tree in which no agent can be. Notes the exceptions.
    pub(super) fn changeable<'f>(
        &self,
        fields: &'f [Field<'n, 's>],
        seen: &mut Met,
    ) -> Vec<&'f Field<'n, 's>> {
        let all = fields
            .iter()
            .filter(|field| field.is_image && field.wanted.is_none());
        let all: Vec<&Field<'_, '_>> = all.filter(|field| field.trace.unknown.is_some()).collect();
        if all.is_empty() || self.holds_no_agent() {
            return Vec::new();
        }
        let is_asked = |field: &&Field<'n, 's>| !self.may_be_anything(field, seen);
        all.into_iter().filter(is_asked).collect()
    }

    /// Whether no file holds a word of an agent, and nobody's image is judged otherwise.
    fn holds_no_agent(&self) -> bool {
        let Some(marks) = Prefilter::new(self.setting.config) else {
            return false;
        };
        let is_open = self.built.iter().any(|built| built.is_open());
        // What is escaped may be a word of one.
        let may_be = |text: &str| marks.marks(text) || text.contains('\\');
        let mut files = self.editor.files.iter();
        !is_open && !files.any(|file| may_be(file.text))
    }

    /// Whether an image may be whatever it is: what holds it is left alone by its annotation, or an
    /// exception allows its registry, tag and digest.
    fn may_be_anything(&self, field: &Field<'_, '_>, seen: &mut Met) -> bool {
        if !field.exceptions.is_empty() {
            seen.exceptions.extend(&field.exceptions);
            return true;
        }
        // What is passed over as nobody's is judged by no exception.
        let Some(place) = &field.place else {
            return false;
        };
        let root = self.sources.documents[place.document].root;
        let metadata = key(root, "metadata");
        let says = |name| metadata.and_then(|of| text(of, name)).unwrap_or_default();
        let config = self.setting.config;
        let annotations = metadata.and_then(|of| key(of, "annotations"));
        if config.trust.holds_annotation() && annotations.is_some_and(says_ignore) {
            return true;
        }
        let kind = text(root, "kind").unwrap_or_default();
        let of_resource = |exception: &&crate::config::Exception| {
            exception.is_of(kind, says("namespace"), says("name"))
                && exception.is_for(None, None)
                && !exception.is_of_places()
                && !exception.is_expired(self.setting.today)
        };
        let exceptions = config.exceptions.iter().filter(of_resource);
        let exceptions: Vec<_> = exceptions.collect();
        let allows = |aspect: &Aspect| exceptions.iter().any(|one| one.allow.contains(aspect));
        let is_allowed = Aspect::OF_IMAGE.iter().all(allows);
        if is_allowed {
            seen.exceptions
                .extend(exceptions.iter().map(|exception| exception.at));
        }
        is_allowed
    }

    /// How to see what comes out of a root with something that is not followed: kustomize does not know
    /// what Flux and Argo CD merge.
    pub(in crate::tree) fn advice(&self, root: usize, document: Option<usize>) -> &'static str {
        let merged = self.sources.kustomizations[root].merged.as_ref();
        let by = merged.map(|by| by.document).or(document);
        let by = by.map(|by| self.sources.documents[by].root);
        let by = by.and_then(|by| text(by, "apiVersion")).unwrap_or_default();
        match group(by) {
            "kustomize.toolkit.fluxcd.io" => "see what comes out with `flux build kustomization`",
            "argoproj.io" => "see what comes out with `argocd app manifests`",
            _ => BY_KUSTOMIZE,
        }
    }

    /// Findings about images that are right as they are, each told once for all roots.
    pub(super) fn told_of_changeable(&self, fields: &[&Field<'n, 's>]) -> Vec<Placed<'n, 's>> {
        /// What may change it, the place, and the field with the roots.
        type Told<'f, 'n, 's> = (&'f Field<'n, 's>, (usize, &'n Node<'s>), Vec<usize>);
        let mut told: BTreeMap<(usize, usize, &str, Option<&str>), Told<'_, 'n, 's>> =
            BTreeMap::new();
        for &field in fields.iter().filter(|field| !field.is_bystander) {
            let Some(what) = &field.trace.unknown else {
                continue;
            };
            let mut known = self.built[field.root].unknown.iter();
            let is_told = !self.is_bystander(field.root) && known.any(|one| one.what == *what);
            if is_told || self.is_told_of_entry(what) {
                continue;
            }
            let place = field.place.as_ref();
            let place = place.map(|place| (place.document, place.node()));
            let (document, node) = place.unwrap_or_else(|| self.root_of(field.root));
            let image = field.rendered.as_deref();
            let id = (document, node.span.start, &**what, image);
            let (_, _, roots) = told
                .entry(id)
                .or_insert_with(|| (field, (document, node), Vec::new()));
            if roots.last() != Some(&field.root) {
                roots.push(field.root);
            }
        }
        let placed = told.into_iter().map(|((_, _, what, _), (field, at, roots))| {
            let image = field.rendered.as_deref().unwrap_or_default();
            // An argument of a program holds more than an image.
            let image = if image.starts_with('-') {
                "an image in an argument".to_owned()
            } else {
                format!("image {}", piece(&mask::image(image)))
            };
            let advice = self.advice(field.root, None);
            let message = format!(
                "{image} is not known to be right, since {what} may change it ({}): {advice}, and allow \
                 it by an exception if that is right",
                self.named(&roots)
            );
            let unknown = Unknown::new(at.0, at.1, "");
            let mut placed = self.told(Rule::UnresolvedImage, &unknown, &roots, message);
            placed.finding.allow = Aspect::OF_IMAGE.iter().copied().collect();
            placed
        });
        placed.collect()
    }
}
