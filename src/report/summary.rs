//! The summary line: how many images are restored in how many files.

use std::collections::{BTreeMap, BTreeSet};

use super::text::count;
use super::{Done, File, Report};
use crate::finding::{Finding, Rule, Severity};
use crate::restore::{Roots, Skipped};

/// Numbers of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Images restored, or that would be.
    pub images: usize,
    /// Files with edits.
    pub changed: usize,
    /// Files without a fault or a finding above info, and without an edit.
    pub clean: usize,
    /// Files that hold no manifest.
    pub skipped: usize,
    /// Files that somebody left out.
    pub excluded: usize,
    /// Files that could not be read.
    pub unreadable: usize,
    /// Findings that are errors.
    pub errors: usize,
    /// Findings that are warnings.
    pub warnings: usize,
    /// Files with errors or warnings.
    pub concerned: usize,
    /// Values that were read as images.
    pub read: usize,
    /// Values that read like images, and were judged by nobody.
    pub unread: usize,
    /// Why files were skipped, and how many each.
    pub reasons: BTreeMap<Skipped, usize>,
}

/// Counts a report.
pub fn count_up(report: &Report<'_>) -> Summary {
    let mut summary = Summary::default();
    let of_severity = |findings: &[Finding], severity| {
        let findings = findings.iter();
        findings
            .filter(|finding| finding.severity == severity)
            .count()
    };
    for file in &report.files {
        let Ok(outcome) = &file.result else {
            summary.unreadable += 1;
            continue;
        };
        summary.read += outcome.seen.read;
        summary.unread += outcome.seen.unread.len();
        if let Some(skipped) = outcome.skipped {
            match skipped {
                Skipped::Excluded => summary.excluded += 1,
                _ => summary.skipped += 1,
            }
            *summary.reasons.entry(skipped).or_default() += 1;
            continue;
        }
        let errors = of_severity(&outcome.findings, Severity::Error);
        let warnings = of_severity(&outcome.findings, Severity::Warning);
        summary.errors += errors;
        summary.warnings += warnings;
        let changed = !outcome.edits.is_empty();
        summary.changed += usize::from(changed);
        summary.concerned += usize::from(errors + warnings > 0);
        summary.clean += usize::from(!changed && errors + warnings == 0);
        summary.images += images(file);
    }
    summary.errors += of_severity(report.findings, Severity::Error);
    summary.warnings += of_severity(report.findings, Severity::Warning);
    summary
}

/// How many images a file's edits restore. If only the pull policy of an image changes, the image
/// counts; if a pod only gets pull secrets, the pod counts as one image.
fn images(file: &File<'_>) -> usize {
    let mut images = BTreeSet::new();
    let mut policies = BTreeSet::new();
    let mut pods = BTreeSet::new();
    for finding in file.findings() {
        let Some(field) = finding.field.as_ref().filter(|_| is_edited(finding)) else {
            continue;
        };
        let path = &*field.path;
        // The resources of a `List` share their position.
        let resource = finding.resource.as_ref();
        let resource = resource.map_or(("", ""), |id| (&*id.namespace, &*id.name));
        let place = (finding.ordinal, resource);
        let holder = path.rsplit_once('.').map_or("", |(holder, _)| holder);
        match finding.rule {
            Rule::MissingPullSecret => pods.insert((place, holder)),
            Rule::WrongPullPolicy => policies.insert((place, holder)),
            _ => images.insert((place, path)),
        };
    }
    // In the order of paths, a path is followed by the paths below it.
    let has_below = |all: &BTreeSet<FieldPath<'_>>, &(place, holder): &FieldPath<'_>| {
        let next = all.range((place, holder)..).next();
        next.is_some_and(|&(other, path)| {
            other == place && path.strip_prefix(holder).is_some_and(is_step)
        })
    };
    let policies: BTreeSet<FieldPath<'_>> = policies
        .into_iter()
        .filter(|holder| !has_below(&images, holder))
        .collect();
    let alone = pods
        .iter()
        .filter(|pod| !has_below(&images, pod) && !has_below(&policies, pod));
    images.len() + policies.len() + alone.count()
}

/// Position, namespace and name of a resource, and a path in it.
type FieldPath<'f> = ((usize, (&'f str, &'f str)), &'f str);

/// Whether the rest of a path is empty or begins with a step.
fn is_step(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(['.', '['])
}

/// Whether an edit restores the finding.
fn is_edited(finding: &Finding) -> bool {
    use Rule::{
        MissingPullSecret, PinnedDigest, PinnedTag, StaleRevision, WrongPullPolicy, WrongRegistry,
        WrongVersion,
    };
    matches!(
        finding.rule,
        MissingPullSecret
            | PinnedDigest
            | PinnedTag
            | StaleRevision
            | WrongPullPolicy
            | WrongRegistry
            | WrongVersion
    )
}

/// The summary in a line: `3 images restored in 2 files, 41 files clean, 52 images read`.
///
/// `hint` says how the images are named that were not read; empty where they were.
pub fn line(report: &Report<'_>, hint: &str) -> String {
    let summary = count_up(report);
    let in_files = |files| format!("in {}", count(files, "file"));
    let mut parts = Vec::new();
    match report.done {
        Done::Checked => {
            let errors = count(summary.errors, "error");
            let warnings = count(summary.warnings, "warning");
            let files = in_files(summary.concerned);
            match (summary.errors, summary.warnings) {
                (0, 0) => parts.push("nothing to restore".to_owned()),
                (0, _) => parts.push(format!("{warnings} {files}")),
                (_, 0) => parts.push(format!("{errors} {files}")),
                _ => parts.push(format!("{errors} and {warnings} {files}")),
            }
        }
        done => {
            let verb = match done {
                Done::Restored => "restored",
                _ => "would be restored",
            };
            match summary.changed {
                0 => parts.push("nothing to restore".to_owned()),
                files => {
                    let images = count(summary.images, "image");
                    parts.push(format!("{images} {verb} {}", in_files(files)));
                }
            }
            if summary.warnings > 0 {
                parts.push(count(summary.warnings, "warning"));
            }
        }
    }
    let mut files = vec![format!("{} clean", count(summary.clean, "file"))];
    if summary.skipped > 0 {
        files.push(format!("{} skipped", summary.skipped));
    }
    if summary.excluded > 0 {
        files.push(format!("{} excluded", summary.excluded));
    }
    if summary.unreadable > 0 {
        files.push(format!("{} unreadable", summary.unreadable));
    }
    parts.append(&mut files);
    if let Some(roots) = report.roots {
        parts.extend(roots_settled(roots));
        parts.push(format!("{} read", count(summary.read, "image")));
        if summary.unread > 0 {
            parts.push(format!("{} not read{hint}", summary.unread));
        }
    }
    parts.join(", ")
}

/// `3 roots settled`, or `2 of 3 roots settled`; nothing where there are none.
fn roots_settled(roots: &Roots) -> Option<String> {
    let settled = roots.all - roots.unsettled.len();
    match (roots.all, settled) {
        (0, _) => None,
        (all, settled) if all == settled => Some(format!("{} settled", count(all, "root"))),
        (all, settled) => Some(format!("{settled} of {} settled", count(all, "root"))),
    }
}
