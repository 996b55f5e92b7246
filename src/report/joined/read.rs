//! Reports from their JSON: one of `check` or `fix`, or several that were joined before.

use serde::de::{Deserializer, Error as _, IgnoredAny};
use serde::{Deserialize, de::DeserializeOwned};

use super::since::forget;
use super::{Joined, JoinedFinding, JoinedResource, NamedReport};
use crate::finding::Severity;
use crate::report::fingerprint::UNREADABLE;
use crate::report::json::{Numbers, VERSION};

/// Why a text is no report that can be joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinFault {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub help: &'static str,
}

const HELP: &str = "give what `restore-images check --format json`, `fix --format json` or `report --format \
                    json` wrote";
const HELP_VERSION: &str =
    "write the reports anew with this program, or join them with the one that wrote this report";

/// The keys by which a document is known.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    version: serde_json::Value,
    files: Option<IgnoredAny>,
    reports: Option<IgnoredAny>,
    images: Option<IgnoredAny>,
}

/// A report of `check` or `fix`, as far as it is joined.
#[derive(Deserialize)]
struct Single {
    done: String,
    configuration: Option<String>,
    summary: Numbers,
    files: Vec<ReadFile>,
    findings: Vec<ReadFinding>,
}

#[derive(Deserialize)]
struct ReadFile {
    path: String,
    error: Option<Unreadable>,
    findings: Vec<ReadFinding>,
}

#[derive(Deserialize)]
struct Unreadable {
    fingerprint: String,
    message: String,
    region: Option<ReadRegion>,
}

#[derive(Deserialize)]
struct ReadFinding {
    rule: String,
    fingerprint: String,
    severity: Severity,
    message: String,
    agent: Option<String>,
    resource: Option<JoinedResource>,
    field: Option<ReadField>,
    region: Option<ReadRegion>,
}

#[derive(Deserialize)]
struct ReadField {
    current: Option<String>,
    proposed: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReadRegion {
    start_line: usize,
    start_column: usize,
}

/// The reports of a text, which are several where it was joined before; one alone is called `name`.
///
/// # Errors
/// The text is no report, or one of another version.
pub fn read(text: &str, name: &str) -> Result<Vec<NamedReport>, JoinFault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let head: Head = parsed(text)?;
    let at_start = |what: &str| JoinFault {
        line: 1,
        column: 1,
        what: what.to_owned(),
        help: HELP,
    };
    match head {
        Head {
            images: Some(_), ..
        } => Err(at_start(
            "this is a list of images, and what is joined are reports of findings",
        )),
        Head { version, .. } if version.as_u64() != Some(u64::from(VERSION)) => {
            Err(match serde_json::from_str::<OfVersion>(text) {
                Err(error) if version.is_u64() => JoinFault {
                    help: HELP_VERSION,
                    ..fault(text, &error)
                },
                _ => at_start(NO_REPORT),
            })
        }
        Head {
            reports: Some(_), ..
        } => {
            let mut joined: Joined = parsed(text)?;
            joined.reports.iter_mut().for_each(forget);
            Ok(joined.reports)
        }
        Head { files: Some(_), .. } => Ok(vec![entry(parsed(text)?, name)]),
        _ => Err(at_start(NO_REPORT)),
    }
}

const NO_REPORT: &str = "this is no report of restore-images";

/// Fails at the version, since only a failure has a place.
#[derive(Deserialize)]
struct OfVersion {
    #[serde(rename = "version", deserialize_with = "refused")]
    _version: (),
}

fn refused<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    let version = u64::deserialize(deserializer)?;
    Err(D::Error::custom(format!(
        "the report is of version {version}, and this program reads version {VERSION}"
    )))
}

fn parsed<T: DeserializeOwned>(text: &str) -> Result<T, JoinFault> {
    serde_json::from_str(text).map_err(|error| {
        let fault = fault(text, &error);
        if !error.is_data() {
            let what = format!("this is no JSON: {}", fault.what);
            return JoinFault { what, ..fault };
        }
        if !text.trim_start().starts_with('{') {
            // An array, or a word.
            let what = NO_REPORT.to_owned();
            return JoinFault { what, ..fault };
        }
        fault
    })
}

fn fault(text: &str, error: &serde_json::Error) -> JoinFault {
    let whole = error.to_string();
    let what = match whole.rsplit_once(" at line ") {
        Some((what, _)) => what,
        None => &whole,
    };
    let before = text.split('\n').nth(error.line().saturating_sub(1));
    let before = before.unwrap_or_default().as_bytes();
    let bytes = before.get(..error.column()).unwrap_or(before);
    JoinFault {
        line: error.line().max(1),
        column: String::from_utf8_lossy(bytes).chars().count().max(1),
        what: what.to_owned(),
        help: HELP,
    }
}

fn entry(report: Single, name: &str) -> NamedReport {
    let mut findings = Vec::new();
    for finding in report.findings {
        findings.push(found(finding, None));
    }
    for file in report.files {
        if let Some(error) = file.error {
            findings.push(JoinedFinding {
                fingerprint: error.fingerprint,
                rule: UNREADABLE.to_owned(),
                severity: Severity::Error,
                since: None,
                message: error.message,
                agent: None,
                resource: None,
                path: Some(file.path.clone()),
                line: error.region.as_ref().map(|region| region.start_line),
                column: error.region.as_ref().map(|region| region.start_column),
                current: None,
                proposed: None,
            });
        }
        let of_file = file.findings.into_iter();
        findings.extend(of_file.map(|finding| found(finding, Some(&file.path))));
    }
    NamedReport {
        name: name.to_owned(),
        done: report.done,
        configuration: report.configuration,
        summary: report.summary,
        changes: None,
        findings,
        gone: Vec::new(),
    }
}

fn found(finding: ReadFinding, path: Option<&str>) -> JoinedFinding {
    let (current, proposed) = match finding.field {
        Some(field) => (field.current, field.proposed),
        None => (None, None),
    };
    JoinedFinding {
        fingerprint: finding.fingerprint,
        rule: finding.rule,
        severity: finding.severity,
        since: None,
        message: finding.message,
        agent: finding.agent,
        resource: finding.resource,
        path: path.map(str::to_owned),
        line: finding.region.as_ref().map(|region| region.start_line),
        column: finding.region.as_ref().map(|region| region.start_column),
        current,
        proposed,
    }
}
