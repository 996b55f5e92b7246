//! What can be judged of an image that is written in part, or not at all.

mod advice;
mod foreign;
mod malformed;
mod rivals;
mod unread;

use crate::config::Config;
use crate::finding::{Aspect, Rule};
use crate::image::{Reference, Repository};
use crate::mask;
use crate::values::{Doubt, Release, ValueImage};
use crate::verdict::{Note, PartChange, Verdict};

use super::super::verdict::FieldVerdict;
use advice::{instead_with, keys_to_write, managed, take_managed};
use foreign::foreign;
use malformed::unread_name;
use rivals::{RivalMeaning, beside_rival};
use unread::{NAMELESS, taken_for_hub};

pub(super) use foreign::replaced;
pub(super) use unread::counted;
pub use unread::{is_concerned, unread};

/// What is said of a name that is no reference before it is rendered.
const TEMPLATE: &str = "it is a template that is filled in elsewhere";

/// What is said of an image of Bitnami's in a chart that may be theirs: its templates fail where an image is
/// not the original one.
const BITNAMI: &str = "charts of Bitnami refuse images of other registries: set \
                       `global.security.allowInsecureImages: true` first";

/// What is said of a new name for a text without a host in a chart that nobody knows.
const IF_WHOLE: &str = "wrong registry or path, if the chart takes the text whole";

/// What is said of a repository with a host of its own beside a registry.
const TWO_HOSTS: &str = "the chart may read its repository alone, which has a host of its own: take that out, or \
                         the registry";

/// Removes from a verdict what cannot be judged for an image that is only partly written; why nothing is
/// judged of it, and nothing said, if so.
pub(super) fn limit(
    config: &Config,
    release: &Release<'_, '_>,
    image: &ValueImage<'_, '_>,
    verdict: &mut FieldVerdict<'_, '_, '_, '_>,
) -> Option<String> {
    if image.is_nameless() {
        let is_ruled = verdict.verdict.name.is_some();
        verdict.verdict = Verdict::default();
        return is_ruled.then(|| NAMELESS.to_owned());
    }
    let mut unread = None;
    let parts = &image.parts;
    let is_of_name = |aspect: Aspect| aspect == Aspect::Registry;
    let decided = &mut verdict.verdict;
    let is_unversioned = (parts.whole.text.is_empty() || !parts.filled.is_empty())
        && !parts.tag.is_written
        && !parts.digest.is_written
        && !parts.has_version_in_name();
    if image.is_literal || is_unversioned {
        // The chart's own version runs.
        (decided.tag, decided.digest) = (PartChange::Keep, PartChange::Keep);
        decided
            .differences
            .retain(|difference| is_of_name(difference.aspect));
        decided.notes.retain(|note| {
            note.aspect.is_none_or(is_of_name) && note.rule != Rule::OutdatedVersion
        });
    }
    let old = mask::image(verdict.field.image.as_deref().unwrap_or_default()).into_owned();
    let of_vendor = take_managed(image, decided);
    if !image.is_written {
        // The chart's own name runs, in the version and by the policy that are written.
        decided.notes.retain(|note| {
            let is_of_version = note.aspect.is_some_and(|aspect| !is_of_name(aspect));
            let is_told = matches!(note.rule, Rule::SharedImage | Rule::UnmappedRegistry);
            image.is_makeable && (is_of_version || is_told)
        });
        let of_name = decided.differences.iter_mut();
        for difference in of_name.filter(|difference| is_of_name(difference.aspect)) {
            difference.what = "the chart's default image does not come from the mirror".to_owned();
        }
        let is_ruled = verdict.claim.as_ref().is_none_or(|claim| {
            config
                .rules
                .map(&claim.official_to_write().repository, true)
                .is_some()
        });
        if !image.is_makeable {
            (decided.tag, decided.digest) = (PartChange::Keep, PartChange::Keep);
            verdict.policy = None;
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
    let new = decided.name.clone().or(of_vendor.clone());
    let is_ours = verdict.claim.is_some();
    let why = match (&image.doubt, image.instead.filter(|_| !image.is_written)) {
        (Some(Doubt::Rival(path, registry)), _) => {
            match beside_rival(config, parts, (path, registry), new.as_deref(), is_ours) {
                RivalMeaning::Harmless => String::new(),
                RivalMeaning::Decisive(why) => {
                    unread = Some(why);
                    (decided.name, decided.mirror_secrets) = (None, Vec::new());
                    decided
                        .differences
                        .retain(|difference| !is_of_name(difference.aspect));
                    String::new()
                }
                RivalMeaning::Unclear(why) => {
                    if new.is_none() {
                        let message = format!("{old} may come from {registry}: {why}");
                        decided
                            .notes
                            .push(Note::unresolved(Aspect::Registry, message));
                    }
                    why
                }
            }
        }
        (Some(Doubt::Unread), _) => in_unread_values(release),
        (Some(Doubt::Version), _) => {
            "nobody knows the version of its chart, and what the chart has there depends on it: write the \
             version, or the image's whole name as the chart documents it"
                .to_owned()
        }
        (Some(Doubt::Registry), _) => {
            // Where a name is written, an empty registry beside it is what the chart fills in.
            let new = new.as_deref().filter(|_| !image.is_written);
            let keys = new.map(|new| keys_to_write(image, new, &[]));
            let at = if image.is_whole_by_guess() {
                " in the text"
            } else {
                ", too"
            };
            format!(
                "the chart may put a registry of its own before it: write the registry{at}{}",
                keys.unwrap_or_default()
            )
        }
        (Some(Doubt::Template), _) => TEMPLATE.to_owned(),
        (Some(Doubt::Nameless), _) => NAMELESS.to_owned(),
        (Some(Doubt::NoText), _) => {
            "a part of it is not text: quote it if it is a template, or write text".to_owned()
        }
        (Some(Doubt::Nowhere), _) => {
            let keys = new
                .as_deref()
                .map(|new| keys_to_write(image, new, &decided.mirror_secrets));
            let keys = keys.unwrap_or_default();
            format!("no values for it are in the files that were read: write them{keys}")
        }
        (None, Some(instead)) => match &new {
            Some(new) => instead_with(instead, image, new),
            None => instead.to_owned(),
        },
        (None, None) if has_two_hosts(config, image) => {
            if new.is_none() {
                let message = format!("{old} may be another image: {TWO_HOSTS}");
                decided
                    .notes
                    .push(Note::unresolved(Aspect::Registry, message));
            }
            TWO_HOSTS.to_owned()
        }
        (None, None) if refuses_others(release, image) => BITNAMI.to_owned(),
        (None, None) => String::new(),
    };
    if why.is_empty() && image.is_whole_by_guess() {
        let of_name = decided.differences.iter_mut();
        for difference in of_name.filter(|difference| is_of_name(difference.aspect)) {
            difference.what = IF_WHOLE.to_owned();
        }
    }
    if let Some(new) = of_vendor.filter(|_| why.is_empty()) {
        let claim = verdict.claim.as_ref();
        let note = managed(config, image, claim, (&old, new));
        decided.notes.push(note);
    } else if let Some(new) = new.filter(|_| !why.is_empty()) {
        // What the version should be is written all the same.
        decided
            .differences
            .retain(|difference| !is_of_name(difference.aspect));
        decided.mirror_secrets.clear();
        decided.name = None;
        let message = format!("{old} → {new} is not written: {why}");
        decided
            .notes
            .push(Note::unresolved(Aspect::Registry, message));
    }
    if verdict.reference.is_none() {
        if let Some(message) = unread_name(config, image) {
            decided.notes.clear();
            decided
                .notes
                .push(Note::unresolved(Aspect::Registry, message));
        } else if image.doubt == Some(Doubt::Template) {
            unread = Some(TEMPLATE.to_owned());
        }
    }
    let is_ours = verdict.claim.is_some() || decided.has_name;
    // A policy is made with a name, so that a second run finds nothing to add.
    let is_named = image.is_written || image.has_written_policy();
    if !is_named
        && decided.name.is_none()
        && let Some(policy) = verdict.policy.take()
        && image.is_makeable
        && image.doubt.is_none()
    {
        unread = Some(format!(
            "no value sets it, so that no pull policy is made for it, which should be {policy}: write its name"
        ));
    }
    if let Some(message) = number(image).filter(|_| is_ours) {
        decided.notes.push(Note::unresolved(Aspect::Tag, message));
    }
    if let Some(message) = foreign(config, image, verdict) {
        verdict.verdict.notes.push(Note {
            rule: Rule::UndeclaredMirror,
            message,
            aspect: Some(Aspect::Registry),
            proposed: None,
        });
    }
    unread.or_else(|| taken_for_hub(config, image, verdict))
}

/// Whether the repository of an image in a chart that nobody knows has a host of its own beside a registry, which
/// is none of a mirror that keeps hosts as folders, and a rule is about one of both.
fn has_two_hosts(config: &Config, image: &ValueImage<'_, '_>) -> bool {
    let (registry, repository) = (&image.parts.registry, &image.parts.repository);
    let is_whole = !image.parts.whole.text.is_empty();
    if !image.is_guess() || is_whole || registry.text.is_empty() || !registry.is_written {
        return false;
    }
    let alone = Reference::parse(&repository.text);
    let Some(alone) = alone.ok().filter(Reference::has_host) else {
        return false;
    };
    let joined = format!("{}/{}", registry.text.trim_end_matches('/'), alone.name());
    let Ok(joined) = Reference::parse(&joined) else {
        return false;
    };
    let joined = joined.repository();
    let is_ruled = |repository: &Repository| config.rules.map(repository, image.is_known).is_some();
    let mirrored = config.rules.officials_behind(&joined, |_, _| true);
    let (alone, mut mirrored) = (alone.repository(), mirrored.into_iter());
    let is_folder_of_host = if is_ruled(&alone) {
        mirrored.any(|(_, official)| official == alone)
    } else {
        mirrored.next().is_some()
    };
    !is_folder_of_host && (is_ruled(&alone) || is_ruled(&joined))
}

/// Whether an image is of Bitnami's, in a chart that nobody knows and that may be one of theirs, which
/// nothing allows to run other images.
fn refuses_others(release: &Release<'_, '_>, image: &ValueImage<'_, '_>) -> bool {
    let parts = &image.parts;
    let is_theirs = image.is_guess()
        && !parts.registry.text.is_empty()
        && parts.repository.text.starts_with("bitnami");
    is_theirs && !image.is_allowed_anywhere(&release.layers)
}

/// What is said of a name of which a part may be in values that were not read.
fn in_unread_values(release: &Release<'_, '_>) -> String {
    let told = "a part of it may be in values that were not read";
    match &release.not_read()[..] {
        [] => format!("{told}: look at what is rendered"),
        all => format!(
            "{told} ({}): write its name in values that win over these, or look at what is rendered",
            all.join(", ")
        ),
    }
}

/// What is said of a tag or digest that Helm prints otherwise than it is written.
pub(super) fn number(image: &ValueImage<'_, '_>) -> Option<String> {
    let (written, printed) = image.number.as_ref()?;
    let what = match printed.as_str() {
        "true" | "false" => "a truth value",
        _ => "a number",
    };
    Some(format!(
        "the tag {written} is {what}, which Helm prints as {printed}: quote it (\"{written}\")"
    ))
}
