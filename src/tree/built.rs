//! The result of one build, complete or up to where it failed.

use std::collections::BTreeSet;

use crate::yaml::Node;

use super::field_specs::Configured;
use super::passes::ImagePath;
use super::target::BuiltResource;
use super::unknown::{Unknown, UnknownResources, Unplaced};
use super::value::{ListPass, Tests};

/// What a build gives.
#[derive(Debug, Clone, Default)]
pub(super) struct Built<'n, 's> {
    pub(super) resources: Vec<BuiltResource<'n, 's>>,
    /// What brings more resources, which are not known.
    pub(super) open: Vec<UnknownResources<'n, 's>>,
    /// The patches for resources among those.
    pub(super) unplaced: Vec<Unplaced>,
    /// What may change the resources and is not followed.
    pub(super) unknown: Vec<Unknown<'n, 's>>,
    /// Why kustomize refuses the build, or something in it could not be read.
    pub(super) refused: Option<Unknown<'n, 's>>,
    /// Whether that is a JSON patch which tests a text that is another one: what changes the text may make it a
    /// build.
    pub(super) is_refused_by_test: bool,
    /// What its JSON patches test.
    pub(super) tests: Tests<'n, 's>,
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
    /// The other fields that these add.
    pub(super) configured: Configured<'n>,
}

impl<'n, 's> Built<'n, 's> {
    /// Whether there is more that is not known: remote bases, charts, generators.
    pub(super) fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Notes a list of images that goes over whatever there is, known or not.
    pub(super) fn pass_unknown(&mut self, pass: ListPass) {
        let open = self.open.iter_mut().map(|open| &mut open.passes);
        let patches = self.unplaced.iter_mut().map(|patch| &mut patch.passes);
        open.chain(patches).for_each(|passes| passes.push(pass));
    }

    /// Whether all that could be in it is known.
    pub(super) fn is_known(&self) -> bool {
        !self.is_open() && self.unknown.is_empty()
    }

    /// Notes why the build is refused: the first reason is kustomize's, too.
    pub(super) fn refuse(&mut self, why: Unknown<'n, 's>) {
        self.refused.get_or_insert(why);
    }

    /// As [`Built::refuse`], by a JSON patch that tests another text.
    pub(super) fn refuse_by_test(&mut self, why: Unknown<'n, 's>) {
        self.is_refused_by_test |= self.refused.is_none();
        self.refuse(why);
    }
}
