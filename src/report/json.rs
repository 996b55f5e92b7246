//! Findings for programs: a versioned JSON document, whose schema is made from its types.

mod document;

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use document::{
    DecidedEntry, EditEntry, ErrorEntry, FieldEntry, FileEditsEntry, FileEntry, FindingEntry,
    RegionEntry, ReportDocument, ResourceEntry, UnreadEntry,
};

pub use document::Numbers;

use super::counts::{Counts, count_up};
use super::fingerprint::Fingerprints;
use super::{Done, FileReport, Region, Report, regions};
use crate::edit::Edit;
use crate::finding::{Decided, Finding};
use crate::quote;
use crate::restore::Unread;
use crate::sort::gather;
use crate::yaml::Span;

/// The version of the document. New keys do not change it; anything that readers must adapt to
/// does.
pub(super) const VERSION: u32 = 1;

/// The report as a JSON document.
pub fn report(report: &Report<'_>) -> Result<String, serde_json::Error> {
    let Counts {
        images,
        changed,
        clean,
        skipped,
        unjudged,
        excluded,
        unreadable,
        read,
        unread,
        errors,
        warnings,
        ..
    } = count_up(report);
    let (mut fingerprints, mut fixed) = (Fingerprints::default(), HashSet::new());
    let files = report.files.iter().enumerate();
    let files = files
        .map(|file| file_entry(report, file, &mut fingerprints, &mut fixed))
        .collect();
    let path = report.of_all_path();
    let findings = report.findings.iter();
    let findings = findings
        .map(|finding| {
            let fingerprint = fingerprints.next(&path, finding);
            let region = report.config_region(finding);
            finding_entry(report, finding, fingerprint, region, &BTreeMap::new())
        })
        .collect();
    let document = ReportDocument {
        version: VERSION,
        done: match report.done {
            Done::Checked => "checked",
            Done::Restored => "restored",
            Done::WouldRestore => "wouldRestore",
        },
        configuration: report.config_path,
        summary: Numbers {
            images,
            changed,
            clean,
            skipped,
            unjudged,
            excluded,
            unreadable,
            read,
            unread,
            roots: report.roots.map(|roots| roots.all),
            settled: report.roots.map(|roots| roots.all - roots.unsettled.len()),
            errors,
            warnings,
        },
        files,
        findings,
    };
    lines(&document)
}

/// Anything as lines of JSON that steer neither a terminal nor the service that keeps them as a log.
///
/// # Errors
/// It cannot be JSON.
pub fn lines(value: &impl Serialize) -> Result<String, serde_json::Error> {
    let text = serde_json::to_string_pretty(value)? + "\n";
    Ok(quote::json(&text).into_owned())
}

/// The JSON Schema of the document.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(ReportDocument)
}

fn file_entry<'a>(
    report: &'a Report<'_>,
    (position, file): (usize, &'a FileReport<'a>),
    fingerprints: &mut Fingerprints,
    fixed: &mut HashSet<usize>,
) -> FileEntry<'a> {
    let path = report.in_repository(file.path);
    let roles = report.roles.as_ref().map(|roles| roles.of[position].iter());
    let roles = roles.map(|roles| roles.map(|role| role.as_str()).collect());
    let edits = file.findings().iter().flat_map(|finding| &finding.fix.own);
    let spans: Vec<Span> = edits.map(|edit| edit.span.clone()).collect();
    let found = spans.iter().map(|span| (span.start, span.end));
    let edit_regions = gather(found.zip(regions(file.text, &spans)));
    FileEntry {
        path: file.path,
        roles,
        skipped: match &file.result {
            Ok(outcome) => outcome.skipped.map(|skipped| skipped.as_str()),
            Err(_) => None,
        },
        error: file.result.as_ref().err().map(|problem| ErrorEntry {
            fingerprint: fingerprints.of_unreadable(&path),
            message: &problem.what,
            help: problem.help.as_deref(),
            region: file.problem_region().as_ref().map(region_entry),
        }),
        unread: unread(file),
        findings: file
            .placed()
            .map(|(finding, region)| {
                let fingerprint = fingerprints.next(&path, finding);
                let mut entry = finding_entry(report, finding, fingerprint, region, &edit_regions);
                let shared = finding.fix.shared();
                if shared.is_some_and(|shared| fixed.insert(shared)) {
                    entry.edits_together = edits_together(report, finding);
                }
                entry
            })
            .collect(),
    }
}

fn unread(file: &FileReport<'_>) -> Vec<UnreadEntry> {
    let unread = file.result.as_ref().map(|outcome| &outcome.seen.unread[..]);
    let unread = unread.unwrap_or_default();
    let spans: Vec<Span> = unread.iter().map(|one| one.span.clone()).collect();
    let both = unread.iter().zip(regions(file.text, &spans));
    let entry = |(one, region): (&Unread, Region)| UnreadEntry {
        region: region_entry(&region),
        why: one.why.to_string(),
    };
    both.map(entry).collect()
}

fn finding_entry<'a>(
    report: &'a Report<'_>,
    finding: &'a Finding,
    fingerprint: String,
    region: Option<Region>,
    edit_regions: &BTreeMap<(usize, usize), Region>,
) -> FindingEntry<'a> {
    let edit = |edit: &'a Edit| {
        let region = edit_regions.get(&(edit.span.start, edit.span.end))?;
        Some(EditEntry {
            region: region_entry(region),
            text: &edit.text,
        })
    };
    FindingEntry {
        rule: finding.rule.id(),
        fingerprint,
        severity: finding.severity.as_str(),
        message: &finding.message,
        why: finding.rule.why(),
        agent: finding.agent.as_deref(),
        docs: report
            .agent(finding)
            .and_then(|agent| agent.docs.as_deref()),
        resource: finding.resource.as_ref().map(|resource| ResourceEntry {
            api_version: &resource.api_version,
            kind: &resource.kind,
            name: &resource.name,
            namespace: &resource.namespace,
        }),
        field: finding.field.as_ref().map(|field| FieldEntry {
            path: &field.path,
            current: field.current.as_deref(),
            proposed: field.proposed.as_deref(),
        }),
        region: region.as_ref().map(region_entry),
        decided_by: finding.decided.as_deref().map(decided_entry),
        edits: match finding.fix.shared() {
            Some(_) => Vec::new(),
            None => finding.fix.own.iter().filter_map(edit).collect(),
        },
        edits_together: Vec::new(),
    }
}

/// The edits of several files that restore a finding.
fn edits_together<'a>(report: &'a Report<'_>, finding: &'a Finding) -> Vec<FileEditsEntry<'a>> {
    let all = finding.fix.of_files.iter().flat_map(|all| all.iter());
    let all = all.map(|of_file| {
        let file = &report.files[of_file.file];
        let spans = of_file.edits.iter().map(|edit| edit.span.clone());
        let regions = regions(file.text, &spans.collect::<Vec<Span>>());
        let edits = of_file.edits.iter().zip(&regions);
        let edits = edits.map(|(edit, region)| EditEntry {
            region: region_entry(region),
            text: &edit.text,
        });
        FileEditsEntry {
            path: file.path,
            edits: edits.collect(),
        }
    });
    all.collect()
}

fn decided_entry(decided: &Decided) -> DecidedEntry<'_> {
    match decided {
        Decided::By { path, place } => DecidedEntry::Place {
            path,
            line: place.line,
            column: place.column,
        },
        Decided::Unknown(why) => DecidedEntry::Unknown { unknown: why },
    }
}

fn region_entry(region: &Region) -> RegionEntry {
    RegionEntry {
        start_line: region.start.line,
        start_column: region.start.column,
        end_line: region.end.line,
        end_column: region.end.column,
        start_byte: region.span.start,
        end_byte: region.span.end,
    }
}
