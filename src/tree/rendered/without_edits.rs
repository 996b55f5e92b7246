//! Findings and listed images of builds that need no edit, each at the place that decides it.

use crate::finding::{Aspect, Finding};
use crate::judge::ImageUse;
use crate::tree::images::TreeLists;
use crate::tree::origin;
use crate::tree::value::{BuildValue, Printed};
use crate::yaml::{Node, Span};

use super::BuildsJudgement;
use super::taking::in_text;

/// A finding without a fix, and its place.
#[derive(Debug)]
pub(in crate::tree) struct FindingWithoutEdit<'n, 's> {
    /// The build that it is of.
    pub(in crate::tree) root: usize,
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
    /// The bytes of the place's text that it is, where that is a text with manifests.
    pub(in crate::tree) in_text: Option<Span>,
    pub(in crate::tree) image: ImageUse,
}

impl<'n, 's> BuildsJudgement<'n, 's> {
    /// Notes findings that no edit answers, at the place that decides what each is about.
    pub(super) fn note_without_edits(
        &mut self,
        lists: &TreeLists<'n, 's>,
        (root, printed): (usize, &Printed<'_, 'n, 's>),
        findings: Vec<Finding>,
    ) {
        for mut finding in findings {
            let start = finding.span.as_ref().map_or(0, |span| span.start);
            finding.span = finding
                .span
                .as_ref()
                .and_then(|span| in_text(printed, span));
            if let Some((document, _, node)) =
                deciding(lists, printed, start, finding.rule.aspect())
            {
                self.without_edits.push(FindingWithoutEdit {
                    root,
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
            let in_text = in_text(printed, &image.span);
            let found = deciding(lists, printed, image.span.start, None);
            let policy = image.policy_span.as_ref();
            let policy = policy.and_then(|span| deciding(lists, printed, span.start, None));
            let document = |found: &Option<(usize, _, _)>| found.map(|(document, ..)| document);
            let is_apart = policy.is_some() && document(&policy) != document(&found);
            let split = is_apart.then(|| image.split_policy()).flatten();
            let runs = [(found, in_text, Some(image)), (policy, None, split)];
            let runs = runs.into_iter().filter_map(|(found, in_text, image)| {
                let (document, entry, node) = found?;
                Some(Run {
                    document,
                    node,
                    entry,
                    in_text,
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
    let in_text = || printed.in_text(&(offset..offset)).map(|(value, _)| value);
    let value = printed.value_at(offset).or_else(in_text);
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
