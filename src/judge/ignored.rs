//! The annotation by which a resource is left as it is, and what it silences.

use std::collections::BTreeSet;

use crate::config::Config;
use crate::finding::{Rule, Severity};
use crate::krm::resource::Resource;
use crate::quote::piece;
use crate::suggest;
use crate::yaml::{Error, Node};

use super::draft::{Draft, Drafts};
use super::{ResourceVerdicts, UnitJudgement, report};

/// The annotation that keeps a resource as it is; its value is the reason.
pub const IGNORE: &str = "restore-images.dev/ignore";

/// What this program's annotations begin with, and their names; of `origin` generated objects tell.
pub(super) const PREFIX: &str = "restore-images.dev/";
const KNOWN: [&str; 2] = ["ignore", "origin"];

/// Words that answer whether, and not why.
pub(crate) const NO_REASONS: [&str; 10] = [
    "true", "false", "yes", "no", "on", "off", "y", "n", "1", "0",
];

/// The reason that an ignore annotation gives, if it gives one.
pub(super) fn reason(text: &str) -> Option<&str> {
    let reason = text.trim();
    let is_none = |word: &&str| reason.eq_ignore_ascii_case(word);
    (!reason.is_empty() && !NO_REASONS.iter().any(is_none)).then_some(reason)
}

/// Whether annotations hold the one that leaves a resource alone, with a reason.
pub(crate) fn says_ignore(annotations: &Node<'_>) -> bool {
    let written = annotations.get(IGNORE).ok().flatten();
    let written = written
        .filter(|node| !node.is_null())
        .and_then(Node::scalar);
    written.and_then(reason).is_some()
}

/// Whether the annotation holds; reports it either way.
pub(super) fn is_ignored(
    config: &Config,
    resource: &Resource<'_, '_>,
    drafts: &mut Drafts,
) -> Result<bool, Error> {
    report_unknown(config, resource, drafts)?;
    let Some(node) = resource.annotation(IGNORE)? else {
        return Ok(false);
    };
    let written = node.scalar().filter(|_| !node.is_null());
    let is_trusted = config.trust.holds_annotation();
    let (rule, message) = match written.and_then(reason) {
        Some(_) if !is_trusted => {
            let why = config.trust.refuses_annotation();
            let message = format!("the annotation {IGNORE} does not hold{why}");
            (Rule::UntrustedOverride, message)
        }
        Some(reason) => (
            Rule::IgnoredResource,
            format!("left alone by annotation: {reason}"),
        ),
        None => {
            let word = written.map(str::trim).filter(|word| !word.is_empty());
            let instead = word.map_or(String::new(), |word| format!(", instead of \"{word}\""));
            let message = format!(
                "the annotation {IGNORE} gives no reason, so it does not hold: write one as its \
                 value{instead}"
            );
            (Rule::IgnoreWithoutReason, message)
        }
    };
    let path = format!("metadata.annotations[{IGNORE}]");
    drafts
        .add(rule, message)
        .field(path.into(), None, None)
        .at(node);
    Ok(rule == Rule::IgnoredResource)
}

/// Reports annotations that are meant for this program and keep nothing as it is: misspelt ones, and one
/// that the pods of a workload have, and not the workload.
fn report_unknown(
    config: &Config,
    resource: &Resource<'_, '_>,
    drafts: &mut Drafts,
) -> Result<(), Error> {
    // Nothing is advised that would not hold.
    let is_trusted = config.trust.holds_annotation();
    let of_pods = match resource.kind {
        "CronJob" => "spec.jobTemplate.spec.template.metadata",
        _ => "spec.template.metadata",
    };
    let places = [
        ("metadata", resource.annotations()?),
        (of_pods, resource.pod_annotations()?),
    ];
    let is_own = places[0]
        .1
        .map(|own| own.get(IGNORE))
        .transpose()?
        .flatten();
    for (place, annotations) in places {
        for (key, node) in texts(annotations) {
            let message = if is_misspelt(key) {
                let what = if is_trusted {
                    format!("did you mean {IGNORE}?")
                } else {
                    "remove it".to_owned()
                };
                format!("there is no annotation {}: {what}", piece(key))
            } else if key == IGNORE && place != "metadata" && is_own.is_none() && is_trusted {
                format!(
                    "the annotation {IGNORE} of the pods does not keep the {} as it is: write it \
                     into the annotations of that",
                    resource.kind
                )
            } else {
                continue;
            };
            let path = format!("{place}.annotations[{key}]");
            drafts
                .add(Rule::UnknownAnnotation, message)
                .field(path.into(), None, None)
                .at(node);
        }
    }
    Ok(())
}

/// The keys of annotations, with their values.
fn texts<'n, 's>(
    annotations: Option<&'n Node<'s>>,
) -> impl Iterator<Item = (&'n str, &'n Node<'s>)> {
    let entries = annotations.and_then(Node::entries).unwrap_or_default();
    let entries = entries.iter();
    entries.filter_map(|entry| Some((entry.key.scalar()?, &entry.value)))
}

/// Whether a key is none of this program's annotations, and meant as one. Whatever it finds,
/// [`super::Prefilter`] has to find as well.
fn is_misspelt(key: &str) -> bool {
    let Some((prefix, name)) = key.split_once('/') else {
        return false;
    };
    if key.starts_with(PREFIX) {
        return !KNOWN.contains(&name);
    }
    let host = prefix.split('.').next().unwrap_or_default();
    name == "ignore" && suggest::close(host, ["restore-images"]).is_some()
}

/// Adds which errors an ignore annotation silences to its finding, so that a check that passes
/// because of the annotation says so.
pub(super) fn say_silenced(
    found: &ResourceVerdicts<'_, '_, '_, '_, '_>,
    drafts: &mut Drafts,
) -> Result<(), Error> {
    let mut silent = Drafts::new(found.context, found.resource)?;
    report(found, &mut silent, &mut UnitJudgement::default())?;
    count_silenced(silent.list.iter(), drafts);
    Ok(())
}

/// Adds to the last finding, that of an ignore annotation, which errors among others it silences.
pub(super) fn count_silenced<'d>(silent: impl Iterator<Item = &'d Draft>, drafts: &mut Drafts) {
    let findings = silent.map(|draft| &draft.finding);
    let errors = findings.filter(|finding| finding.severity == Severity::Error);
    let rules: Vec<&str> = errors.map(|finding| finding.rule.id()).collect();
    let Some(draft) = drafts.list.last_mut().filter(|_| !rules.is_empty()) else {
        return;
    };
    let count = match rules.len() {
        1 => "1 error".to_owned(),
        several => format!("{several} errors"),
    };
    let named: BTreeSet<&str> = rules.into_iter().collect();
    let named: Vec<&str> = named.into_iter().collect();
    let message = &draft.finding.message;
    let message = format!("{message}, which silences {count}: {}", named.join(", "));
    draft.finding.message = message.into();
    draft.finding.severity = Severity::Warning;
}
