//! Findings as JUnit XML: each finding is a test case, which fails if it fails the run.

use quick_junit::{NonSuccessKind, Report as Xml, TestCase, TestCaseStatus, TestSuite};

use super::remedy::message;
use super::text::{line, resource_before};
use super::{FileReport, Problem, Report};
use crate::finding::{Finding, Severity};
use crate::quote::{one_line, piece};

/// The report as XML; files that hold no manifest are left out, and one in which nothing was found is a
/// case that passes.
pub fn report(report: &Report<'_>) -> Result<String, quick_junit::SerializeError> {
    let mut xml = Xml::new("restore-images");
    let mut suite = TestSuite::new("restore-images");
    let fails_from = report.fails_from;
    for finding in report.findings {
        let file = report.config_path.unwrap_or("all files");
        let place = report.config_place(finding);
        let told = message(None, finding);
        suite.add_test_case(case(file, (finding, &told), place.as_deref(), fails_from));
    }
    for file in &report.files {
        of_file(file, fails_from).into_iter().for_each(|case| {
            suite.add_test_case(case);
        });
    }
    xml.add_test_suite(suite);
    xml.to_string()
}

fn of_file(file: &FileReport<'_>, fails_from: Severity) -> Vec<TestCase> {
    let outcome = match &file.result {
        Ok(outcome) => outcome,
        Err(problem) => return vec![unreadable(file, problem)],
    };
    if outcome.skipped.is_some() {
        return Vec::new();
    }
    let mut cases: Vec<TestCase> = file
        .placed()
        .map(|(finding, region)| {
            let place = region.map(|region| format!("{}:{}", file.path, region.start));
            let told = message(Some(file), finding);
            case(
                file.path,
                (finding, &told),
                place.as_deref().or(Some(file.path)),
                fails_from,
            )
        })
        .collect();
    if cases.is_empty() {
        cases.push(named(
            file.path,
            "nothing to restore",
            TestCaseStatus::success(),
        ));
    }
    cases
}

/// A finding as a case. Its name has no line in it, so that it is the same case when lines move.
fn case(
    file: &str,
    (finding, told): (&Finding, &str),
    place: Option<&str>,
    fails_from: Severity,
) -> TestCase {
    let resource = resource_before(finding);
    let title = format!("{resource}{} [{}]", finding.message, finding.rule.id());
    let line = line(finding, place, told);
    if finding.severity > fails_from {
        let mut passed = named(file, &title, TestCaseStatus::success());
        passed.set_system_out(line);
        return passed;
    }
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type(finding.rule.id());
    status.set_message(told);
    status.set_description(format!("{line}\n{}", finding.rule.why()));
    named(file, &title, status)
}

fn unreadable(file: &FileReport<'_>, problem: &Problem) -> TestCase {
    let place = file.problem_region();
    let place = place.map_or(String::new(), |region| format!(":{}", region.start));
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_message(piece(&problem.what));
    let help = problem.help.as_deref().unwrap_or_default();
    let (path, what) = (piece(file.path), piece(&problem.what));
    status.set_description(format!("{path}{place}: {what}\n{}", piece(help)));
    named(file.path, "it can be read", status)
}

fn named(file: &str, name: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(piece(name), status);
    case.set_classname(one_line(file));
    case
}
