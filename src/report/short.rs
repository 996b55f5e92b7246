//! Findings as lines, one each, in the form that editors and `grep` know: `FILE:LINE:COLUMN: …`.

use super::remedy::message;
use super::text;
use super::{FileReport, Problem, Report};
use crate::finding::Finding;
use crate::quote::piece;

/// The report as lines: every problem, and the findings that are shown.
pub fn report(report: &Report<'_>, is_shown: &dyn Fn(&Finding) -> bool) -> String {
    let mut out = String::new();
    let mut push = |line: String| {
        out.push_str(&line);
        out.push('\n');
    };
    for finding in report.findings.iter().filter(|finding| is_shown(finding)) {
        let place = report.config_place(finding);
        push(text::finding(finding, place.as_deref()));
    }
    for file in &report.files {
        if let Err(problem) = &file.result {
            push(of_problem(file, problem));
        }
        for (finding, region) in file.placed().filter(|(finding, _)| is_shown(finding)) {
            let place = region.map(|region| format!("{}:{}", file.path, region.start));
            let place = place.as_deref().or(Some(file.path));
            push(text::line(finding, place, &message(Some(file), finding)));
        }
    }
    out
}

fn of_problem(file: &FileReport<'_>, problem: &Problem) -> String {
    let place = match file.problem_region() {
        Some(region) => format!("{}:{}", file.path, region.start),
        None => file.path.to_owned(),
    };
    piece(&format!("{place}: error: {}", problem.with_help(": ")))
}
