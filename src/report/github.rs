//! Findings as workflow commands of GitHub Actions, which shows them on the lines of a pull request.
//!
//! Source: "Workflow commands for GitHub Actions", setting an error message.

use std::fmt::Write as _;

use super::remedy::message;
use super::text::name;
use super::{FileReport, Region, Report};
use crate::finding::{Finding, Severity};
use crate::quote::{one_line, piece};

/// The report as commands, one on each line.
pub fn report(report: &Report<'_>) -> String {
    let mut out = String::new();
    for finding in report.findings {
        let place = report.config_path.map(|path| {
            let path = report.in_repository(path);
            match report.config_region(finding) {
                Some(region) => place(&path, &region),
                None => format!("file={}", property(&path)),
            }
        });
        command(&mut out, None, finding, place);
    }
    for file in &report.files {
        let path = report.in_repository(file.path);
        if let Err(problem) = &file.result {
            let help = problem
                .help
                .as_ref()
                .map(|help| format!("\n{}", piece(help)));
            let message = format!("{}{}", piece(&problem.what), help.unwrap_or_default());
            let place = match file.problem_region() {
                Some(region) => place(&path, &region),
                None => format!("file={}", property(&path)),
            };
            let _ = writeln!(out, "::error {place},title=unreadable::{}", data(&message));
        }
        for (finding, region) in file.placed() {
            let region = region.map(|region| place(&path, &region));
            command(
                &mut out,
                Some(file),
                finding,
                region.or(Some(format!("file={}", property(&path)))),
            );
        }
    }
    out
}

fn command(
    out: &mut String,
    file: Option<&FileReport<'_>>,
    finding: &Finding,
    place: Option<String>,
) {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let title = format!("title={}", property(finding.rule.id()));
    let properties: Vec<String> = place.into_iter().chain([title]).collect();
    let resource = finding
        .resource
        .as_ref()
        .map(|resource| format!("{}: ", name(resource)));
    let told = format!("{}{}", resource.unwrap_or_default(), message(file, finding));
    let properties = properties.join(",");
    let _ = writeln!(out, "::{level} {properties}::{}", data(&told));
}

fn place(path: &str, region: &Region) -> String {
    let (start, end) = (region.start, region.end);
    format!(
        "file={},line={},col={},endLine={},endColumn={}",
        property(path),
        start.line,
        start.column,
        end.line,
        end.column
    )
}

/// The message of a command, escaped, since a line break would end it.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a property of a command, escaped, since `:` or `,` would end it.
fn property(text: &str) -> String {
    data(&one_line(text))
        .replace(':', "%3A")
        .replace(',', "%2C")
}
