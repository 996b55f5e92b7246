//! Findings as GitLab's Code Quality report, which a merge request shows on its lines.
//!
//! Source: "Code Quality", code quality report format, in GitLab's documentation.

use serde_json::{Value, json};

use super::fingerprint::{Fingerprints, UNREADABLE};
use super::remedy::message;
use super::text::resource_before;
use super::{FileReport, Region, Report};
use crate::finding::{Finding, Severity};
use crate::quote::piece;

/// The report as a JSON document.
pub fn report(report: &Report<'_>) -> Result<String, serde_json::Error> {
    let mut fingerprints = Fingerprints::default();
    let mut issues = Vec::new();
    // An issue has a file: the configuration, or the first one there is.
    let first = report.files.first().map(|file| file.path);
    if let Some(path) = report.config_path.or(first) {
        let path = report.in_repository(path);
        let of_all = report.findings.iter();
        issues.extend(of_all.map(|finding| {
            let region = report.config_region(finding);
            issue(&mut fingerprints, &path, (None, finding), region.as_ref())
        }));
    }
    for file in &report.files {
        let path = report.in_repository(file.path);
        if let Err(problem) = &file.result {
            let line = file.problem_region().map_or(1, |region| region.start.line);
            issues.push(json!({
                "description": piece(&problem.with_help(": ")),
                "check_name": UNREADABLE,
                "fingerprint": fingerprints.of_unreadable(&path),
                "severity": "critical",
                "location": {"path": &*path, "lines": {"begin": line}},
            }));
        }
        for (finding, region) in file.placed() {
            let finding = (Some(file), finding);
            issues.push(issue(&mut fingerprints, &path, finding, region.as_ref()));
        }
    }
    super::json::lines(&issues)
}

fn issue(
    fingerprints: &mut Fingerprints,
    path: &str,
    (file, finding): (Option<&FileReport<'_>>, &Finding),
    region: Option<&Region>,
) -> Value {
    let resource = resource_before(finding);
    json!({
        "description": format!("{resource}{}", message(file, finding)),
        "check_name": finding.rule.id(),
        "fingerprint": fingerprints.next(path, finding),
        "severity": match finding.severity {
            Severity::Error => "major",
            Severity::Warning => "minor",
            Severity::Info => "info",
        },
        "location": {
            "path": path,
            "lines": {"begin": region.map_or(1, |region| region.start.line)},
        },
    })
}
