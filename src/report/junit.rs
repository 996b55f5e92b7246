//! Findings as JUnit XML: each file is a test case, which fails if the file has errors.

use quick_junit::{NonSuccessKind, Report as Xml, TestCase, TestCaseStatus, TestSuite};

use super::text::finding as line;
use super::{File, Report};
use crate::finding::Severity;
use crate::quote::{one_line, piece};

/// The report as XML; files that hold no manifest are left out.
pub fn report(report: &Report<'_>) -> Result<String, quick_junit::SerializeError> {
    let mut xml = Xml::new("restore-images");
    let mut suite = TestSuite::new("restore-images");
    for file in &report.files {
        let is_skipped = file
            .result
            .as_ref()
            .is_ok_and(|outcome| outcome.skipped.is_some());
        if !is_skipped {
            let mut case = TestCase::new(one_line(file.path), status(file));
            case.set_classname("manifests");
            let warnings = lines(file, Severity::Warning);
            if !warnings.is_empty() {
                case.set_system_out(warnings.join("\n"));
            }
            suite.add_test_case(case);
        }
    }
    if !report.findings.is_empty() {
        let findings = report.findings.iter();
        let lines: Vec<String> = findings.map(|finding| line(finding, None)).collect();
        suite.set_system_out(lines.join("\n"));
    }
    xml.add_test_suite(suite);
    xml.to_string()
}

fn status(file: &File<'_>) -> TestCaseStatus {
    if let Err(problem) = &file.result {
        let place = file.problem_region();
        let place = place.map_or(String::new(), |region| format!(":{}", region.start));
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message(piece(&problem.what));
        let help = problem.help.as_deref().unwrap_or_default();
        let (path, what) = (piece(file.path), piece(&problem.what));
        status.set_description(format!("{path}{place}: {what}\n{}", piece(help)));
        return status;
    }
    let errors = lines(file, Severity::Error);
    if errors.is_empty() {
        return TestCaseStatus::success();
    }
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    let ids: Vec<&str> = file
        .findings()
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| finding.rule.id())
        .collect();
    status.set_message(ids.join(", "));
    status.set_description(errors.join("\n"));
    status
}

fn lines(file: &File<'_>, severity: Severity) -> Vec<String> {
    file.placed()
        .filter(|(finding, _)| finding.severity == severity)
        .map(|(finding, region)| {
            let place = region.map(|region| format!("{}:{}", file.path, region.start));
            line(finding, place.as_deref().or(Some(file.path)))
        })
        .collect()
}
