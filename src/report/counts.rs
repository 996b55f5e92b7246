//! The numbers of a report, which its summary and exit codes are made of.

use std::collections::{BTreeMap, BTreeSet};

use super::Report;
use crate::finding::{Aspect, Finding, Severity};
use crate::restore::Skipped;

/// Numbers of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Images restored, or that would be.
    pub images: usize,
    /// Files with edits.
    pub changed: usize,
    /// Files without a fault or a finding above info, without an edit, and without a value that was not
    /// read.
    pub clean: usize,
    /// Files that hold no manifest.
    pub skipped: usize,
    /// Those of them that may hold images all the same, none of which is known.
    pub unjudged: usize,
    /// Files that somebody left out.
    pub excluded: usize,
    /// Files that could not be read.
    pub unreadable: usize,
    /// Findings that are errors.
    pub errors: usize,
    /// Findings that are warnings.
    pub warnings: usize,
    /// Findings that were left and that a check refuses.
    pub left: usize,
    /// Files that hold manifests, whatever is wrong with them.
    pub judged: usize,
    /// Files with errors or warnings.
    pub concerned: usize,
    /// Whether the configuration has errors or warnings.
    pub in_configuration: bool,
    /// Values that were read as images.
    pub read: usize,
    /// Values that read like images, and were judged by nobody.
    pub unread: usize,
    /// Why files were skipped, and how many each.
    pub reasons: BTreeMap<Skipped, usize>,
}

/// Why files are skipped that may hold images all the same, and what such a file is; what is skipped
/// besides holds none, or its images count as not read.
pub(super) const UNJUDGED: [(Skipped, &str); 3] = [
    (Skipped::Template, "template"),
    (Skipped::ResourceList, "ResourceList"),
    (Skipped::Hidden, "hidden file"),
];

/// Counts a report.
pub fn count_up(report: &Report<'_>) -> Counts {
    let mut counts = Counts::default();
    for file in &report.files {
        let Ok(outcome) = &file.result else {
            counts.unreadable += 1;
            continue;
        };
        counts.read += outcome.seen.read;
        counts.unread += outcome.seen.unread.len();
        if let Some(skipped) = outcome.skipped {
            match skipped {
                Skipped::Excluded => counts.excluded += 1,
                // Nobody asked for it.
                Skipped::Elsewhere | Skipped::Referring => continue,
                _ => counts.skipped += 1,
            }
            let is_unjudged = UNJUDGED.iter().any(|(reason, _)| *reason == skipped);
            counts.unjudged += usize::from(is_unjudged);
            *counts.reasons.entry(skipped).or_default() += 1;
            continue;
        }
        counts.judged += 1;
        let errors = of_severity(&outcome.findings, Severity::Error);
        let warnings = of_severity(&outcome.findings, Severity::Warning);
        counts.errors += errors;
        counts.warnings += warnings;
        let changed = !outcome.edits.is_empty();
        counts.changed += usize::from(changed);
        counts.concerned += usize::from(errors + warnings > 0);
        let is_read = outcome.seen.unread.is_empty();
        counts.clean += usize::from(is_read && !changed && errors + warnings == 0);
        counts.images += images(file.findings());
    }
    let errors = of_severity(report.findings, Severity::Error);
    let warnings = of_severity(report.findings, Severity::Warning);
    counts.errors += errors;
    counts.warnings += warnings;
    counts.in_configuration = errors + warnings > 0;
    counts.left = report.left();
    counts
}

pub(super) fn of_severity(findings: &[Finding], severity: Severity) -> usize {
    let findings = findings.iter();
    findings
        .filter(|finding| finding.severity == severity)
        .count()
}

/// How many images the edits of findings restore. If only the pull policy of an image changes, the image
/// counts; if a pod only gets pull secrets, the pod counts as one image.
pub(super) fn images(findings: &[Finding]) -> usize {
    let mut images: BTreeMap<FieldPath<'_>, BTreeSet<Option<&str>>> = BTreeMap::new();
    let mut policies = BTreeSet::new();
    let mut pods = BTreeSet::new();
    for finding in findings {
        let Some(field) = finding
            .field
            .as_ref()
            .filter(|_| finding.rule.is_restored() && finding.severity != Severity::Warning)
        else {
            continue;
        };
        let values = finding.values.as_ref();
        let is_counted = values.is_some_and(|values| values.counts_with_image);
        // What a controller makes is not edited.
        if field.proposed.is_none() || is_counted {
            continue;
        }
        let path = &*field.path;
        // The resources of a `List` share their position.
        let resource = finding.resource.as_ref();
        let resource = resource.map_or(("", ""), |id| (&*id.namespace, &*id.name));
        let place = (finding.ordinal, finding.within, resource);
        let holder = path.rsplit_once('.').map_or("", |(holder, _)| holder);
        match finding.rule.aspect() {
            Some(Aspect::ImagePullSecrets) => drop(pods.insert((place, holder))),
            Some(Aspect::ImagePullPolicy) => drop(policies.insert((place, holder))),
            // One value may be part of several images.
            Some(Aspect::Registry | Aspect::Tag | Aspect::Digest) | None => {
                let of_path = images.entry((place, path)).or_default();
                of_path.insert(field.current.as_deref());
            }
        };
    }
    let paths: BTreeSet<FieldPath<'_>> = images.keys().copied().collect();
    // In the order of paths, a path is followed by the paths below it.
    let has_below = |all: &BTreeSet<FieldPath<'_>>, &(place, holder): &FieldPath<'_>| {
        let next = all.range((place, holder)..).next();
        next.is_some_and(|&(other, path)| {
            other == place && path.strip_prefix(holder).is_some_and(is_step)
        })
    };
    let policies: BTreeSet<FieldPath<'_>> = policies
        .into_iter()
        .filter(|holder| !has_below(&paths, holder))
        .collect();
    let alone = pods
        .iter()
        .filter(|pod| !has_below(&paths, pod) && !has_below(&policies, pod));
    images.values().map(BTreeSet::len).sum::<usize>() + policies.len() + alone.count()
}

/// Position, text in it, namespace and name of a resource, and a path in it.
type FieldPath<'f> = ((usize, Option<usize>, (&'f str, &'f str)), &'f str);

/// Whether the rest of a path is empty or begins with a step.
fn is_step(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(['.', '['])
}
