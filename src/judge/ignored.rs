//! The annotation by which a resource is left as it is, and what it silences.

use std::collections::BTreeSet;

use crate::config::Config;
use crate::finding::{Rule, Severity};
use crate::krm::resource::Resource;
use crate::yaml::Error;

use super::draft::{Draft, Drafts};
use super::{ResourceVerdicts, UnitJudgement, report};

/// The annotation that keeps a resource as it is; its value is the reason.
pub const IGNORE: &str = "restore-images.dev/ignore";

/// Whether the annotation holds; reports it either way.
pub(super) fn is_ignored(
    config: &Config,
    resource: &Resource<'_, '_>,
    drafts: &mut Drafts,
) -> Result<bool, Error> {
    let Some(node) = resource.annotation(IGNORE)? else {
        return Ok(false);
    };
    let reason = node.scalar().map(str::trim).unwrap_or_default();
    let has_reason = !reason.is_empty() && !node.is_null();
    let held = has_reason && config.trust.holds_annotation();
    let (rule, message) = if has_reason && !held {
        let why = config.trust.refuses_annotation();
        let message = format!("the annotation {IGNORE} does not hold{why}");
        (Rule::UntrustedOverride, message)
    } else if held {
        (
            Rule::IgnoredResource,
            format!("left alone by annotation: {reason}"),
        )
    } else {
        let message = format!(
            "the annotation {IGNORE} gives no reason, so it does not hold: write one as its value"
        );
        (Rule::IgnoreWithoutReason, message)
    };
    let path = format!("metadata.annotations[{IGNORE}]");
    drafts
        .add(rule, message)
        .field(path.into(), None, None)
        .at(node);
    Ok(held)
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
