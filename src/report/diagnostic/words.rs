//! What a drawing says: its title, the label beside the underline, and how to allow the finding.

use crate::finding::Finding;
use crate::quote::piece;

use super::super::remedy::{keys_to_set, shows_current};
use super::super::{FileReport, Report};

/// The message without `old → new` where the drawn line and its label show both.
pub(super) fn title(file: &FileReport<'_>, finding: &Finding) -> String {
    let message = piece(&finding.message);
    if !shows_current(file, finding) {
        return message;
    }
    let field = finding.field.as_ref();
    let shown = field.and_then(|field| Some((field.current.as_ref()?, field.proposed.as_ref()?)));
    let Some((old, new)) = shown else {
        return message;
    };
    let both = format!(": {} → {}", piece(old), piece(new));
    message
        .strip_suffix(&both)
        .map_or(message.clone(), str::to_owned)
}

/// Whether the underlined bytes are a part of the current value.
fn shows_part(file: &FileReport<'_>, finding: &Finding) -> bool {
    let span = finding.span.clone().unwrap_or_default();
    let written = file.text[span].trim().trim_matches(['"', '\'']);
    let current = finding
        .field
        .as_ref()
        .and_then(|field| field.current.as_deref());
    !written.is_empty() && current.is_some_and(|current| current.contains(written))
}

/// The text beside the underline: the right value, or the key that is missing.
pub(super) fn label(file: &FileReport<'_>, finding: &Finding) -> Option<String> {
    let field = finding.field.as_ref()?;
    let proposed = piece(field.proposed.as_ref()?);
    if field.current.is_some() {
        if shows_current(file, finding) {
            return Some(format!("should be {proposed}"));
        }
        return Some(match keys_to_set(file, finding) {
            Some(set) => set,
            // An image may be written in parts, of which one is underlined.
            None if shows_part(file, finding) => {
                format!("together with its other parts, should be {proposed}")
            }
            None => format!("{} should be {proposed}", key(&field.path)),
        });
    }
    Some(format!("{}: {proposed} is missing", key(&field.path)))
}

/// The last key of a path.
fn key(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or_default()
}

/// How to allow the finding, if it can be allowed.
pub(super) fn allow(report: &Report<'_>, finding: &Finding) -> Option<String> {
    if finding.allow.is_empty() || finding.resource.is_none() {
        return None;
    }
    let aspects: Vec<&str> = finding.allow.iter().map(|aspect| aspect.as_str()).collect();
    let exception = format!("an exception with `allow: [{}]`", aspects.join(", "));
    Some(if report.config.trust.holds_annotation() {
        format!(
            "{exception}, or on the resource the annotation {}: \"<reason>\"",
            crate::judge::IGNORE
        )
    } else {
        format!("{exception} in the configuration")
    })
}
