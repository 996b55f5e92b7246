//! Findings and listed images of builds that need no edit, each at the place that decides it.

use crate::finding::{Aspect, Finding};
use crate::judge::ImageUse;
use crate::tree::images::TreeLists;
use crate::tree::origin;
use crate::tree::value::{BuildValue, Printed};
use crate::yaml::Node;

use super::BuildsJudgement;

/// A finding without a fix, and its place.
#[derive(Debug)]
pub(in crate::tree) struct Remark<'n, 's> {
    pub(in crate::tree) document: usize,
    pub(in crate::tree) node: &'n Node<'s>,
    pub(in crate::tree) finding: Finding,
}

/// An image that a build runs, and the place that decides it.
#[derive(Debug)]
pub(in crate::tree) struct Run<'n, 's> {
    pub(in crate::tree) document: usize,
    pub(in crate::tree) node: &'n Node<'s>,
    /// The entry of a list of images that the place is in, else the place.
    pub(in crate::tree) entry: &'n Node<'s>,
    pub(in crate::tree) image: ImageUse,
}

impl<'n, 's> BuildsJudgement<'n, 's> {
    /// Notes findings that no edit answers, at the place that decides what each is about.
    pub(super) fn remark(
        &mut self,
        lists: &TreeLists<'n, 's>,
        printed: &Printed<'_, 'n, 's>,
        findings: Vec<Finding>,
    ) {
        for finding in findings {
            let start = finding.span.as_ref().map_or(0, |span| span.start);
            if let Some((document, _, node)) =
                deciding(lists, printed, start, finding.rule.aspect())
            {
                self.remarks.push(Remark {
                    document,
                    node,
                    finding,
                });
            }
        }
    }

    /// Notes images, at the place that decides each.
    pub(super) fn list(
        &mut self,
        lists: &TreeLists<'n, 's>,
        printed: &Printed<'_, 'n, 's>,
        images: Vec<ImageUse>,
    ) {
        for mut image in images {
            let found = deciding(lists, printed, image.span.start, None);
            let policy = image.policy_span.as_ref();
            let policy = policy.and_then(|span| deciding(lists, printed, span.start, None));
            let document = |found: &Option<(usize, _, _)>| found.map(|(document, ..)| document);
            let is_apart = policy.is_some() && document(&policy) != document(&found);
            let split = is_apart.then(|| image.split_policy()).flatten();
            let runs = [(found, Some(image)), (policy, split)];
            let runs = runs.into_iter().filter_map(|(found, image)| {
                let (document, entry, node) = found?;
                Some(Run {
                    document,
                    node,
                    entry,
                    image: image?,
                })
            });
            self.images.extend(runs);
        }
    }
}

/// The place that decides a value of what was printed, else the resource: the document, the entry of
/// a list of images that the place is in, or itself, and the place.
fn deciding<'n, 's>(
    lists: &TreeLists<'n, 's>,
    printed: &Printed<'_, 'n, 's>,
    offset: usize,
    aspect: Option<Aspect>,
) -> Option<(usize, &'n Node<'s>, &'n Node<'s>)> {
    let value = printed.value_at(offset);
    if let Some(BuildValue::Scalar(scalar)) = value
        && let Some(trace) = &scalar.trace
        && let Some(origin) = &trace.origin
        && let Some(entry) = origin::of_lists(lists, origin, &trace.lists, aspect)
    {
        return Some(entry);
    }
    match value.map(|value| (value.site(), value.place())) {
        Some((Some(site), _)) => Some((site.document, site.node, site.node)),
        Some((None, Some(place))) => Some((place.document, place.node(), place.node())),
        _ => {
            let site = printed.value_at(0).and_then(BuildValue::site)?;
            Some((site.document, site.node, site.node))
        }
    }
}
