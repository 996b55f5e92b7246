//! Findings for programs: a versioned JSON document, whose schema is made from these types.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fingerprint::Fingerprints;
use super::summary::{Summary, count_up};
use super::{Done, File, Region, Report, regions};
use crate::edit::Edit;
use crate::finding::{Decided, Finding};
use crate::quote;
use crate::restore::Unread;
use crate::yaml::Span;

/// The version of the document. New keys do not change it; anything that readers must adapt to
/// does.
pub(super) const VERSION: u32 = 1;

/// What restore-images found, or restored, in files.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "A report of restore-images")]
struct ReportDocument<'a> {
    /// The version of this document's shape.
    version: u32,
    /// What was done: `checked`, `restored` or `wouldRestore`.
    done: &'static str,
    /// The path of the configuration; null where there was none, so that every built-in agent was
    /// looked for.
    configuration: Option<&'a str>,
    /// Numbers.
    summary: Numbers,
    /// Every file, in the order of the paths.
    files: Vec<FileEntry<'a>>,
    /// Findings about the configuration, or about all of the files.
    findings: Vec<FindingEntry<'a>>,
}

/// Numbers of files, images and findings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Numbers {
    /// Images restored, or that would be.
    pub images: usize,
    /// Files with edits.
    pub changed: usize,
    /// Files in which nothing is wrong.
    pub clean: usize,
    /// Files that hold no manifest.
    pub skipped: usize,
    /// Files that `files.exclude` or `--exclude` leaves out.
    pub excluded: usize,
    /// Files that could not be read.
    pub unreadable: usize,
    /// Values that were read as images.
    pub read: usize,
    /// Values that read like images, and were judged by nobody.
    pub unread: usize,
    /// Kustomizations that are built by themselves; absent where builds were checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roots: Option<usize>,
    /// Those of which everything is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled: Option<usize>,
    /// Findings that are errors.
    pub errors: usize,
    /// Findings that are warnings.
    pub warnings: usize,
}

#[cfg(feature = "pages")]
impl Numbers {
    /// Errors, warnings, unreadable and clean files, and images read, as cells of a table.
    pub(super) fn told(&self) -> [String; 5] {
        let numbers = [
            self.errors,
            self.warnings,
            self.unreadable,
            self.clean,
            self.read,
        ];
        numbers.map(|number| number.to_string())
    }
}

/// One file.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct FileEntry<'a> {
    /// Its path.
    path: &'a str,
    /// What it is for: `manifest`, `kustomization`, `strategic-merge patch`, `JSON 6902 patch`,
    /// `values`, `template`, `configuration` or `none`; absent where builds were checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    roles: Option<Vec<&'static str>>,
    /// Why it was not judged; absent if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<&'static str>,
    /// Why it could not be read; absent if it could.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorEntry<'a>>,
    /// Values that read like images, and were judged by nobody.
    unread: Vec<UnreadEntry>,
    /// What was found in it.
    findings: Vec<FindingEntry<'a>>,
}

/// A value that reads like an image, and is judged as none.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct UnreadEntry {
    region: RegionEntry,
    /// Why it is not judged.
    why: String,
}

/// Why a file could not be read.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ErrorEntry<'a> {
    /// The same in every run, wherever the place moves to.
    fingerprint: String,
    /// What is wrong.
    message: &'a str,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<RegionEntry>,
}

/// One finding.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct FindingEntry<'a> {
    /// The rule's id: `pinned-tag`.
    rule: &'static str,
    /// The same in every run, wherever the line moves to, and the same as in SARIF and Code Quality.
    fingerprint: String,
    /// `error`, `warning` or `info`.
    severity: &'static str,
    /// One sentence, with old → new in it.
    message: &'a str,
    /// Why it matters.
    why: &'static str,
    /// The agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<&'a str>,
    /// Where the agent's vendor says how its images are to be kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    docs: Option<&'a str>,
    /// The resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<ResourceEntry<'a>>,
    /// The field.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<FieldEntry<'a>>,
    /// The bytes that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<RegionEntry>,
    /// What decides it, where it was found in a build.
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<DecidedEntry<'a>>,
    /// The edits that restore it; findings of one image may share them.
    edits: Vec<EditEntry<'a>>,
}

/// A resource.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ResourceEntry<'a> {
    /// `apps/v1`.
    api_version: &'a str,
    /// `Deployment`.
    kind: &'a str,
    /// `metadata.name`.
    name: &'a str,
    /// `metadata.namespace`, empty where there is none.
    namespace: &'a str,
}

/// A field.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct FieldEntry<'a> {
    /// Its path in the resource.
    path: &'a str,
    /// What is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<&'a str>,
    /// What should.
    #[serde(skip_serializing_if = "Option::is_none")]
    proposed: Option<&'a str>,
}

/// A part of a file's text; lines and columns from 1, columns in characters, ends exclusive.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RegionEntry {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
    /// Offset of the first byte.
    start_byte: usize,
    /// Offset behind the last byte.
    end_byte: usize,
}

/// What decides a value that a build gave: a place, or why none is known.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", untagged)]
enum DecidedEntry<'a> {
    /// A source writes it.
    Place {
        /// The file.
        path: &'a str,
        /// Its line, from 1.
        line: usize,
        /// Its column in characters, from 1.
        column: usize,
    },
    /// No source is known to.
    Unknown {
        /// Why.
        unknown: &'static str,
    },
}

/// Replace a part of the text, which may be empty, by another.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct EditEntry<'a> {
    region: RegionEntry,
    /// The new text.
    text: &'a str,
}

/// The report as a JSON document.
pub fn report(report: &Report<'_>) -> Result<String, serde_json::Error> {
    let Summary {
        images,
        changed,
        clean,
        skipped,
        excluded,
        unreadable,
        read,
        unread,
        errors,
        warnings,
        ..
    } = count_up(report);
    let mut fingerprints = Fingerprints::default();
    let files = report.files.iter().enumerate();
    let files = files
        .map(|(position, file)| file_entry(report, position, file, &mut fingerprints))
        .collect();
    let path = report.of_all_path();
    let findings = report.findings.iter();
    let findings = findings
        .map(|finding| {
            let fingerprint = fingerprints.next(&path, finding);
            finding_entry(report, finding, fingerprint, None, &BTreeMap::new())
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
    position: usize,
    file: &'a File<'a>,
    fingerprints: &mut Fingerprints,
) -> FileEntry<'a> {
    let path = report.in_repository(file.path);
    let roles = report.roles.as_ref().map(|roles| roles.of[position].iter());
    let roles = roles.map(|roles| roles.map(|role| role.as_str()).collect());
    let edits = file.findings().iter().flat_map(|finding| &finding.fix);
    let spans: Vec<Span> = edits.map(|edit| edit.span.clone()).collect();
    let found = spans.iter().map(|span| (span.start, span.end));
    let edit_regions = found.zip(regions(file.text, &spans)).collect();
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
                finding_entry(report, finding, fingerprint, region, &edit_regions)
            })
            .collect(),
    }
}

fn unread(file: &File<'_>) -> Vec<UnreadEntry> {
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
        edits: finding.fix.iter().filter_map(edit).collect(),
    }
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
