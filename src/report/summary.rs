//! The summary line: how many images are restored in how many files.

use std::collections::{BTreeMap, BTreeSet};

use super::text::count;
use super::{Done, File, Report};
use crate::finding::{Finding, Mode, Rule, Severity};
use crate::quote::piece;
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
    /// Files that hold manifests, whatever is wrong with them.
    pub judged: usize,
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
                // Nobody asked for it.
                Skipped::Elsewhere | Skipped::Referring => continue,
                _ => summary.skipped += 1,
            }
            *summary.reasons.entry(skipped).or_default() += 1;
            continue;
        }
        summary.judged += 1;
        let errors = of_severity(&outcome.findings, Severity::Error);
        let warnings = of_severity(&outcome.findings, Severity::Warning);
        summary.errors += errors;
        summary.warnings += warnings;
        let changed = !outcome.edits.is_empty();
        summary.changed += usize::from(changed);
        summary.concerned += usize::from(errors + warnings > 0);
        summary.clean += usize::from(!changed && errors + warnings == 0);
        summary.images += images(file.findings());
    }
    summary.errors += of_severity(report.findings, Severity::Error);
    summary.warnings += of_severity(report.findings, Severity::Warning);
    summary
}

fn of_severity(findings: &[Finding], severity: Severity) -> usize {
    let findings = findings.iter();
    findings
        .filter(|finding| finding.severity == severity)
        .count()
}

/// How many images the edits of findings restore. If only the pull policy of an image changes, the image
/// counts; if a pod only gets pull secrets, the pod counts as one image.
fn images(findings: &[Finding]) -> usize {
    let mut images = BTreeSet::new();
    let mut policies = BTreeSet::new();
    let mut pods = BTreeSet::new();
    for finding in findings {
        let Some(field) = finding.field.as_ref().filter(|_| is_edited(finding)) else {
            continue;
        };
        // What a controller makes is not edited.
        if field.proposed.is_none() {
            continue;
        }
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

/// How much the summary says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// What was found, and what was not looked at though it may hold images.
    Short,
    /// Every number.
    Full,
}

/// The summary in a line: `3 images restored in 2 of 41 files, 52 images read`.
///
/// `hint` says how the images are named that were not read; empty where they were.
pub fn line(report: &Report<'_>, detail: Detail, hint: &str) -> String {
    let summary = count_up(report);
    let mut parts = Vec::new();
    match (summary.judged, detail) {
        (0, _) => {
            parts.extend(nothing_judged(&summary));
            parts.extend(some(summary.skipped, "skipped"));
        }
        (_, Detail::Short) => {
            parts.extend(outcome(report.done, &summary));
            parts.extend(unjudged(&summary));
        }
        (_, Detail::Full) => {
            parts.extend(outcome(report.done, &summary));
            parts.push(format!("{} clean", summary.clean));
            parts.extend(some(summary.skipped, "skipped"));
        }
    }
    parts.extend(some(summary.excluded, "excluded"));
    parts.extend(some(summary.unreadable, "unreadable"));
    if let Some(roots) = report.roots {
        parts.extend(roots_settled(roots, detail));
        parts.push(format!("{} read", count(summary.read, "image")));
        if summary.unread > 0 {
            parts.push(format!("{} not read{hint}", summary.unread));
        }
    }
    parts.join(", ")
}

fn some(number: usize, word: &str) -> Option<String> {
    (number > 0).then(|| format!("{number} {word}"))
}

/// The files that were skipped and may hold images all the same; what was skipped besides holds none, or
/// its images count as not read.
fn unjudged(summary: &Summary) -> impl Iterator<Item = String> + '_ {
    let reasons = [
        (Skipped::Template, "template"),
        (Skipped::ResourceList, "ResourceList"),
        (Skipped::Hidden, "hidden file"),
    ];
    reasons.into_iter().filter_map(|(reason, noun)| {
        let number = summary.reasons.get(&reason)?;
        Some(format!("{} not judged", count(*number, noun)))
    })
}

/// What is said where no file holds a manifest: a clean result would mean nothing.
fn nothing_judged(summary: &Summary) -> Vec<String> {
    let mut parts = vec!["no manifest was looked at".to_owned()];
    // The configuration may have findings of its own.
    for (number, noun) in [(summary.errors, "error"), (summary.warnings, "warning")] {
        if number > 0 {
            parts.push(count(number, noun));
        }
    }
    parts
}

/// What became of the manifests.
fn outcome(done: Done, summary: &Summary) -> Vec<String> {
    let judged = count(summary.judged, "file");
    let in_files = |files| match files {
        // The configuration, or all files together, have findings, too.
        0 => format!("in no file of {}", summary.judged),
        files if files == summary.judged => format!("in {judged}"),
        files => format!("in {files} of {judged}"),
    };
    let nothing = match summary.unreadable {
        0 => format!("nothing to restore {}", in_files(summary.judged)),
        _ => "nothing to restore in what could be read".to_owned(),
    };
    let errors = count(summary.errors, "error");
    let warnings = count(summary.warnings, "warning");
    match done {
        Done::Checked => {
            let files = in_files(summary.concerned);
            vec![match (summary.errors, summary.warnings) {
                (0, 0) => nothing,
                (0, _) => format!("{warnings} {files}"),
                (_, 0) => format!("{errors} {files}"),
                _ => format!("{errors} and {warnings} {files}"),
            }]
        }
        Done::Restored | Done::WouldRestore => {
            let verb = match done {
                Done::Restored => "restored",
                _ => "would be restored",
            };
            let images = count(summary.images, "image");
            let mut parts = vec![match summary.changed {
                0 => nothing,
                files => format!("{images} {verb} {}", in_files(files)),
            }];
            if summary.warnings > 0 {
                parts.push(warnings);
            }
            parts
        }
    }
}

/// What a function did, in a line: `3 images restored, 1 warning`.
pub fn of_function(findings: &[Finding], mode: Mode) -> String {
    let errors = of_severity(findings, Severity::Error);
    let warnings = of_severity(findings, Severity::Warning);
    let mut parts = match (mode, images(findings), errors) {
        (Mode::Check, _, 1..) => vec![count(errors, "error")],
        (Mode::Restore, images @ 1.., _) => vec![format!("{} restored", count(images, "image"))],
        _ => vec!["nothing to restore".to_owned()],
    };
    if warnings > 0 {
        parts.push(count(warnings, "warning"));
    }
    parts.join(", ")
}

/// `2 of 3 roots settled`; that all are is said in full alone.
fn roots_settled(roots: &Roots, detail: Detail) -> Option<String> {
    let settled = roots.all - roots.unsettled.len();
    match (roots.all, settled) {
        (0, _) => None,
        (all, settled) if all == settled => {
            (detail == Detail::Full).then(|| format!("{} settled", count(all, "root")))
        }
        (all, settled) => Some(format!("{settled} of {} settled", count(all, "root"))),
    }
}

/// The configuration in a line: which one was used, or what holds without one, and which files look
/// as if they were meant to be it.
pub fn configuration(report: &Report<'_>) -> String {
    if let Some(path) = report.config_path {
        return format!("configuration: {}", piece(path));
    }
    let none = "configuration: none, so every built-in agent is looked for and no mirror is known";
    let mut unused = report.files.iter().filter(|file| is_unused(file));
    let Some(first) = unused.next() else {
        return none.to_owned();
    };
    let first = piece(first.path);
    match unused.count() {
        0 => format!("{none}; {first} is one: give it with --config"),
        more => format!(
            "{none}; {first} is one of {}: give one with --config",
            more + 1
        ),
    }
}

/// Whether a file is a configuration that nothing refers to.
fn is_unused(file: &File<'_>) -> bool {
    let skipped = file
        .result
        .as_ref()
        .ok()
        .and_then(|outcome| outcome.skipped);
    skipped == Some(Skipped::Configuration) && file.text.contains("RestoreImages")
}
