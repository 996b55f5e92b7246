//! The outcome of one file: that of its own manifests, joined with that of the builds that use it and of the
//! values in it.

use std::collections::{BTreeMap, BTreeSet};

use crate::edit::Edit;
use crate::error::Error;
use crate::finding::{self, Finding, Rule};
use crate::image::likely::Likely;
use crate::judge::ImageUse;
use crate::sort::{gather, sort_by_key};
use crate::tree::TreeFileOutcome;
use crate::yaml::Span;

use super::releases::{OfValues, ValuesOf};
use super::seen::{self, Seen};
use super::skipped::Skipped;
use super::sort_edits;
use super::unit::Restored;

/// What one file gave.
#[derive(Debug, Default)]
pub struct FileOutcome {
    /// Why the file was not judged, if it was not.
    pub skipped: Option<Skipped>,
    /// The edits that restore it, sorted and checked, in check mode too.
    pub edits: Vec<Edit>,
    /// In the order of the text.
    pub findings: Vec<Finding>,
    /// Every image field, where the list of them is wanted.
    pub images: Vec<ImageUse>,
    /// How many values that read like images were judged, and which were not.
    pub seen: Seen,
    /// What charts the values in it are for.
    pub values: Vec<ValuesOf>,
}

/// Adds the images that builds run to those that a file lists by itself, and puts what an entry of a
/// list makes of images in the place of the entry. A patch that sets no image is none.
pub(super) fn add_images(outcome: &mut FileOutcome, mut of_builds: Vec<(Span, ImageUse)>) {
    of_builds.retain(|(_, image)| image.image.is_some() || image.desired_policy.is_some());
    let entries = of_builds
        .iter()
        .filter(|(around, image)| *around != image.span);
    let entries: BTreeMap<usize, usize> =
        gather(entries.map(|(around, _)| (around.start, around.end)));
    let is_in_entry = |at: usize| {
        let mut before = entries.range(..=at);
        before.next_back().is_some_and(|(_, end)| at < *end)
    };
    let images = &mut outcome.images;
    images.retain(|image| !is_in_entry(image.span.start));
    let listed: BTreeSet<usize> = images.iter().map(|image| image.span.start).collect();
    let new = of_builds.into_iter().map(|(_, image)| image);
    images.extend(new.filter(|image| !listed.contains(&image.span.start)));
    sort_by_key(&mut outcome.images, |image| image.span.start);
    if !outcome.images.is_empty() {
        outcome.skipped = None;
    }
}

/// Takes out what is judged in the build of a folder: lists of images that objects of Flux and Argo CD
/// merge into its kustomization.
pub(super) fn without_lists(restored: &mut Restored, lists: &[Span]) {
    let is_in_list = |span: &Span| {
        let mut lists = lists.iter();
        lists.any(|list| list.start <= span.start && span.end <= list.end)
    };
    restored.edits.retain(|edit| !is_in_list(&edit.span));
    let is_kept = |finding: &Finding| !finding.span.as_ref().is_some_and(is_in_list);
    restored.findings.retain(is_kept);
}

/// The outcome of a file that a kustomization brings.
pub(super) fn of_tree(
    mut of_file: TreeFileOutcome,
    likely: &[Likely],
) -> Result<FileOutcome, Error> {
    sort_edits(&mut of_file.edits)?;
    in_order(&mut of_file.findings);
    let seen = seen::of_built(likely, &of_file.read);
    let mut rules = of_file.findings.iter().map(|finding| finding.rule);
    let is_judged = rules.any(|rule| rule != Rule::UnreadSource);
    let is_untouched = !is_judged && of_file.edits.is_empty();
    let is_skipped = of_file.is_plain_kustomization && is_untouched && seen.read == 0;
    Ok(FileOutcome {
        skipped: is_skipped.then_some(Skipped::Kustomization),
        edits: of_file.edits,
        findings: of_file.findings,
        images: Vec::new(),
        seen,
        values: Vec::new(),
    })
}

/// The outcome of a file that is judged by itself, with what builds say of it.
pub(super) fn with_built(
    mut outcome: FileOutcome,
    built: TreeFileOutcome,
) -> Result<FileOutcome, Error> {
    if outcome.skipped == Some(Skipped::Template) {
        return Ok(outcome);
    }
    outcome.skipped = outcome.skipped.filter(|_| built.findings.is_empty());
    outcome.seen.also_built(&built.read);
    outcome.findings.extend(built.findings);
    in_order(&mut outcome.findings);
    outcome.edits.extend(built.edits);
    sort_edits(&mut outcome.edits)?;
    Ok(outcome)
}

/// The outcome of a file with that of the values in it.
pub(super) fn with_values(
    mut outcome: FileOutcome,
    of_values: OfValues,
    likely: &[Likely],
) -> Result<FileOutcome, Error> {
    outcome.skipped = None;
    outcome.edits.extend(of_values.edits);
    outcome.findings.extend(of_values.findings);
    outcome.images.extend(of_values.images);
    outcome.values = of_values.values;
    let images = of_values.counted.values();
    outcome.seen.also_read(likely, &of_values.read, images);
    outcome.seen.unread.extend(of_values.unread);
    let unread = &mut outcome.seen.unread;
    sort_by_key(unread, |unread| (unread.span.start, unread.span.end));
    unread.dedup_by(|next, unread| next.span == unread.span);
    sort_edits(&mut outcome.edits)?;
    in_order(&mut outcome.findings);
    Ok(outcome)
}

/// Sorts findings by their position in the text; findings without one, and ties, in the usual
/// order.
pub(super) fn in_order(findings: &mut [Finding]) {
    finding::sort(findings);
    sort_by_key(findings, |finding| {
        finding.span.as_ref().map_or(usize::MAX, |span| span.start)
    });
}

pub(super) fn outcome(all: &mut Restored) -> Result<FileOutcome, Error> {
    let mut outcome = FileOutcome {
        skipped: None,
        edits: std::mem::take(&mut all.edits),
        findings: std::mem::take(&mut all.findings),
        images: std::mem::take(&mut all.images),
        seen: Seen::default(),
        values: Vec::new(),
    };
    sort_edits(&mut outcome.edits)?;
    in_order(&mut outcome.findings);
    Ok(outcome)
}
