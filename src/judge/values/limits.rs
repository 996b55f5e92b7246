//! What can be judged of an image that is written in part, or not at all.

use crate::config::Config;
use crate::finding::{Aspect, Rule};
use crate::mask;
use crate::values::{Doubt, Site, ValueImage};
use crate::verdict::Note;

use super::super::verdict::FieldVerdict;
use super::Counted;

/// An image as it is counted: one of which a part is written, or whose default is an agent's or under a
/// rule.
pub(super) fn counted(
    image: &ValueImage<'_, '_>,
    verdict: &FieldVerdict<'_, '_, '_, '_>,
) -> Option<Counted> {
    let written = image
        .parts
        .each()
        .into_iter()
        .filter(|part| part.is_written);
    let sites = written.filter_map(|part| image.site_of(part.slot.as_ref()?));
    let at = |site: &Site<'_, '_>| {
        let node = site.slot.node().ok().flatten()?;
        Some((site.document, node.span.start))
    };
    let is_judged = verdict.claim.is_some() || verdict.verdict.has_name;
    let counted = Counted {
        place: image.main_place()?,
        written: sites.filter_map(at).collect(),
    };
    Some(counted).filter(|counted| is_judged || !counted.written.is_empty())
}

/// Removes from a verdict what cannot be judged for an image that is only partly written.
pub(super) fn limit(
    config: &Config,
    image: &ValueImage<'_, '_>,
    verdict: &mut FieldVerdict<'_, '_, '_, '_>,
) {
    let parts = &image.parts;
    let is_of_name = |aspect: Aspect| aspect == Aspect::Registry;
    let decided = &mut verdict.verdict;
    let is_unversioned =
        parts.whole.text.is_empty() && !parts.tag.is_written && !parts.digest.is_written;
    if image.is_literal || is_unversioned {
        // The chart's own version runs.
        (decided.tag, decided.digest) = (None, None);
        decided
            .differences
            .retain(|difference| is_of_name(difference.aspect));
        decided.notes.retain(|note| {
            note.aspect.is_none_or(is_of_name) && note.rule != Rule::OutdatedVersion
        });
    }
    let old = mask::image(verdict.field.image.as_deref().unwrap_or_default()).into_owned();
    if !image.is_written {
        // The chart's own name runs, in the version and by the policy that are written.
        decided.notes.retain(|note| {
            let is_of_version = note.aspect.is_some_and(|aspect| !is_of_name(aspect));
            image.is_makeable && (is_of_version || note.rule == Rule::SharedImage)
        });
        let of_name = decided.differences.iter_mut();
        for difference in of_name.filter(|difference| is_of_name(difference.aspect)) {
            difference.what = "the chart's default comes from no mirror".to_owned();
        }
        let is_ruled = verdict.claim.as_ref().is_none_or(|claim| {
            config
                .rules
                .map(&claim.restored().repository, true)
                .is_some()
        });
        if !image.is_makeable {
            (decided.tag, decided.digest, verdict.policy) = (None, None, None);
            decided.differences.clear();
        }
        if !image.is_makeable || !is_ruled {
            decided
                .differences
                .retain(|difference| !is_of_name(difference.aspect));
            decided.mirror_secrets.clear();
            decided.name = None;
        }
    }
    let new = decided.name.clone();
    let why = match (&image.doubt, image.instead.filter(|_| !image.is_written)) {
        (Some(Doubt::Unread), _) => "a part of it may be in values that were not read".to_owned(),
        (Some(Doubt::Registry), _) => {
            "the chart may put a registry of its own before it: write the registry, too".to_owned()
        }
        (Some(Doubt::Template), _) => "it is a template, and filled in elsewhere".to_owned(),
        (Some(Doubt::Nowhere), _) => {
            let key = image.key().map(|key| format!(", with `{key}`"));
            let key = key.unwrap_or_default();
            format!("no text that was read holds values for it: write them{key}")
        }
        (None, Some(instead)) => instead.to_owned(),
        (None, None) => String::new(),
    };
    if let Some(new) = new.filter(|_| !why.is_empty()) {
        decided.differences.clear();
        decided.mirror_secrets.clear();
        decided.name = None;
        let message = format!("{old} → {new} is not written: {why}");
        decided
            .notes
            .push(Note::unresolved(Aspect::Registry, message));
    }
    let is_ours = verdict.claim.is_some() || decided.has_name;
    // A policy is made with a name, so that a second run finds nothing to add.
    let is_named = image.is_written || image.has_written_policy();
    if !is_named && decided.name.is_none() {
        verdict.policy = None;
    }
    if let Some(message) = number(image).filter(|_| is_ours) {
        decided.notes.push(Note::unresolved(Aspect::Tag, message));
    }
}

/// What is said of a tag or digest that Helm prints otherwise than it is written.
pub(super) fn number(image: &ValueImage<'_, '_>) -> Option<String> {
    let (written, printed) = image.number.as_ref()?;
    Some(format!(
        "the tag {written} is a number, which Helm prints as {printed}: quote it (\"{written}\")"
    ))
}
