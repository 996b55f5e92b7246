//! Files that are judged once more, where what is to be written lets kustomize build what it refuses: what
//! that build then needs is written at once, so that a second run changes nothing.

use crate::edit::{Composed, Edit, apply};
use crate::error::Error;
use crate::finding::{Finding, Fix};

use crate::restore::file_outcome::{FileOutcome, in_order};
use crate::restore::source::SourceFile;

use super::{Files, Together};

/// How often files are judged again: each time, another build may have become one.
const ROUNDS: usize = 4;

/// Judges the files as they will be, until nothing is to be changed any more.
///
/// # Errors
/// As `judge`.
pub(super) fn until_settled(
    files: &Files<'_>,
    mut together: Together,
    judge: impl Fn(&Files<'_>) -> Result<Together, Error>,
) -> Result<Together, Error> {
    for _ in 0..ROUNDS {
        let texts: Vec<Option<String>> = files
            .files
            .iter()
            .zip(&together.files)
            .map(|(file, outcome)| {
                let edits = &outcome.as_ref().ok()?.edits;
                (!edits.is_empty()).then(|| apply(file.text, edits))
            })
            .collect();
        if texts.iter().all(Option::is_none) {
            break;
        }
        let written = files
            .files
            .iter()
            .zip(&texts)
            .map(|(file, text)| SourceFile {
                text: text.as_deref().unwrap_or(file.text),
                ..*file
            });
        let after = judge(&Files {
            files: &written.collect::<Vec<_>>(),
            judged: &|| (),
            ..*files
        })?;
        let mut outcomes = after.files.iter().flatten();
        if outcomes.all(|outcome| outcome.edits.is_empty()) {
            break;
        }
        let all = together.files.iter_mut().zip(after.files).zip(&texts);
        for ((outcome, after), text) in all {
            if let (Ok(outcome), Ok(after)) = (outcome, after) {
                join(outcome, after, text.as_deref());
            }
        }
        together.findings = after.findings;
        together.roots = after.roots;
    }
    Ok(together)
}

/// Adds what is said and changed of a file as it will be, which is `text` where it changes.
fn join(outcome: &mut FileOutcome, after: FileOutcome, text: Option<&str>) {
    // What is left now is told once, as it is then.
    outcome.findings.retain(Finding::is_restored);
    let first = std::mem::take(&mut outcome.edits);
    let composed = Composed::of(&first);
    let findings = after.findings.into_iter().map(|finding| Finding {
        span: finding.span.as_ref().map(|span| composed.span(span)),
        fix: Fix::default(),
        ..finding
    });
    outcome.findings.extend(findings);
    in_order(&mut outcome.findings);
    outcome.edits = edits(&composed, text, after.edits, &first);
    outcome.skipped = outcome.skipped.filter(|_| outcome.edits.is_empty());
}

fn edits(
    composed: &Composed<'_>,
    text: Option<&str>,
    after: Vec<Edit>,
    first: &[Edit],
) -> Vec<Edit> {
    match text {
        Some(_) if after.is_empty() => first.to_vec(),
        Some(text) => composed.edits(text, &after),
        None => after,
    }
}
