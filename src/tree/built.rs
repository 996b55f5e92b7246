//! What a build gives, as far as it has come.

use std::collections::BTreeSet;

use crate::field::pod;
use crate::krm::resource::group;
use crate::yaml::Node;

use super::passes::ImagePath;
use super::target::Resource;
use super::unknown::{Open, Unknown, Unplaced};
use super::value::{DocumentSlot, Pass, Tested};

/// What a build gives.
#[derive(Debug, Clone, Default)]
pub(super) struct Built<'n, 's> {
    pub(super) resources: Vec<Resource<'n, 's>>,
    /// What brings more resources, which are not known.
    pub(super) open: Vec<Open<'n, 's>>,
    /// The patches for resources among those.
    pub(super) unplaced: Vec<Unplaced>,
    /// What may change the resources and is not followed.
    pub(super) unknown: Vec<Unknown<'n, 's>>,
    /// Why kustomize refuses the build, or something in it could not be read.
    pub(super) refused: Option<Unknown<'n, 's>>,
    /// What its JSON patches test.
    pub(super) tested: Vec<Tested<'n, 's>>,
    /// Images that lists go over and nobody judges, since a patch has made another kind of what holds them:
    /// where each is written, and the lists.
    pub(super) held: Vec<(DocumentSlot<'n, 's>, Vec<Pass>)>,
    /// The documents that had a part in it.
    pub(super) documents: BTreeSet<usize>,
    /// `vars`, which are put in at its end, each with the document that says it.
    pub(super) vars: Vec<(usize, &'n Node<'s>)>,
    /// Files that it needs and that are not there, so that kustomize refuses it until something makes
    /// them; no image depends on them.
    pub(super) lacking: Vec<Unknown<'n, 's>>,
    /// Whether this program's own function is one of its transformers.
    pub(super) is_restored: bool,
    /// Paths that `configurations` add to those that lists of images know.
    pub(super) image_paths: Vec<ImagePath>,
}

impl<'n, 's> Built<'n, 's> {
    /// Whether there is more that is not known: remote bases, charts, generators.
    pub(super) fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Notes a list of images that goes over whatever there is, known or not.
    pub(super) fn pass_unknown(&mut self, pass: Pass) {
        let open = self.open.iter_mut().map(|open| &mut open.passes);
        let patches = self.unplaced.iter_mut().map(|patch| &mut patch.passes);
        open.chain(patches).for_each(|passes| passes.push(pass));
    }

    /// Notes the images that lists go over in what patches have given a kind that nobody judges.
    pub(super) fn hold_unjudged(&mut self) {
        for resource in &self.resources {
            let (Some(first), Some(now)) = (resource.ids.first(), resource.ids.last()) else {
                continue;
            };
            if first.kind == now.kind || pod::keeps_images(group(&now.api_version), &now.kind) {
                continue;
            }
            resource.value.each(&mut |scalar| {
                if let (Some(place), Some(trace)) = (&scalar.place, &scalar.trace)
                    && !trace.lists.is_empty()
                {
                    self.held.push((place.clone(), trace.lists.clone()));
                }
            });
        }
    }

    /// Whether all that could be in it is known.
    pub(super) fn is_known(&self) -> bool {
        !self.is_open() && self.unknown.is_empty()
    }

    /// Notes why the build is refused: the first reason is kustomize's, too.
    pub(super) fn refuse(&mut self, why: Unknown<'n, 's>) {
        self.refused.get_or_insert(why);
    }
}
