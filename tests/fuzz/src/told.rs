//! What people are told: every fault and finding has its place inside the text it is about, and
//! every report can be drawn.

use restore_images::config::Trust;
use restore_images::error::{Error, Origin};
use restore_images::finding::{Finding, Mode, Severity};
use restore_images::judge::Wants;
use restore_images::report::diagnostic::{self, Drawing};
use restore_images::report::summary::{self, Detail};
use restore_images::report::text as words;
use restore_images::report::{Done, FileReport, Problem, Report, github, json, junit, sarif};
use restore_images::restore::{Files, SourceFile, Together, restore_files};
use restore_images::yaml::Span;
use restore_images::yaml::parse::Parser;
use restore_images::yaml::place::place;

/// Checks the place and the words of a fault; a text that was edited wrongly is a defect.
pub fn fault(error: &Error, input: &str, config: Option<&str>) {
    let fault = error.fault();
    let text = match (&fault.origin, config) {
        (Origin::Input, _) => input,
        (Origin::Config, Some(config)) => config,
        other => panic!("a fault of nothing that was given: {other:?} {fault:?}"),
    };
    for at in std::iter::once(fault.at).chain(fault.first) {
        assert!(text.is_char_boundary(at), "no place: {fault:?}");
    }
    let line = words::fault(fault, &place(text, fault.at).to_string(), None);
    assert!(
        line.lines().count() <= 2 && !fault.what.is_empty(),
        "{line:?}"
    );
    assert!(
        !matches!(error, Error::Edit(_)),
        "the check refused an edit: {fault:?}"
    );
}

/// Checks the places and the words of findings.
pub fn findings(findings: &[Finding], input: &str) {
    for finding in findings {
        if let Some(Span { start, end }) = finding.span {
            assert!(input.get(start..end).is_some(), "no place: {finding:?}");
        }
        assert_eq!(
            words::finding(finding, None).lines().count(),
            1,
            "{finding:?}"
        );
    }
    if findings
        .iter()
        .any(|finding| finding.severity == Severity::Error)
    {
        assert!(!words::verdict(findings).contains('\n'));
    }
}

/// Judges a text as a file, and writes every report of it; `all` asks for every image and fix, which
/// the fast way does otherwise.
pub fn file(text: &str, config: Option<&str>, all: bool) {
    let judge = |text, parser| judged(text, config, all, parser);
    let plain = judge(text, Parser::reference_only());
    let together = match judge(text, Parser::default()) {
        Ok(together) => together,
        Err(error) => {
            let fault = error.fault();
            assert_eq!(Some(fault), plain.as_ref().err().map(Error::fault));
            // The profiles among the files are configuration too.
            let of = match fault.origin {
                Origin::File(0) => text,
                Origin::Config => config.unwrap_or_default(),
                _ => panic!("a fault of nothing that was given: {fault:?}"),
            };
            assert!(of.is_char_boundary(fault.at), "no place: {fault:?}");
            return;
        }
    };
    let shown = |result: &_| format!("{result:?}");
    let plain = plain.expect("the plain way refuses what the fast one takes");
    assert_eq!(shown(&together.files), shown(&plain.files));
    assert_eq!(together.findings, plain.findings);
    let file = FileReport {
        path: "a.yaml",
        text,
        result: together.files[0].as_ref().map_err(Problem::of),
    };
    if let Ok(outcome) = &file.result {
        findings(&outcome.findings, text);
        for edit in outcome.findings.iter().flat_map(|finding| &finding.fix.own) {
            assert!(
                outcome.edits.contains(edit),
                "a fix that is no edit: {edit:?}"
            );
        }
        for image in &outcome.images {
            assert!(
                text.get(image.span.clone()).is_some(),
                "no place: {image:?}"
            );
        }
    }
    if let Ok(outcome) = &file.result {
        let edited = super::applied(text, &outcome.edits);
        let again = judge(&edited, Parser::default()).expect("it was read before");
        let again = again.files[0].as_ref().expect("the output is refused");
        assert_eq!(again.edits, [], "a second run changes {text:?}");
    }
    report(&Report {
        done: Done::Checked,
        files: vec![file],
        findings: &together.findings,
        config: &together.config,
        config_path: None,
        config_text: config,
        roots: Some(&together.roots),
        roles: None,
        repository: None,
        fails_from: Severity::Error,
    });
}

fn judged(text: &str, config: Option<&str>, all: bool, parser: Parser) -> Result<Together, Error> {
    restore_files(&Files {
        files: &[SourceFile {
            // Half of the runs take the text for a kustomization too.
            path: if all { "a.yaml" } else { "kustomization.yaml" },
            shown: "a.yaml",
            place: "",
            text,
            left_out: None,
            links: &[],
            missing: &[],
        }],
        config,
        mode: Mode::Check,
        today: super::today(),
        complete: true,
        wants: Wants {
            leave_managed: true,
            fixes: all,
            images: all,
        },
        trust: Trust::ALL,
        remotes: &[],
        parser,
        judged: &|| {},
    })
}

fn report(report: &Report<'_>) {
    for width in [30, 140] {
        let drawing = Drawing {
            color: false,
            width,
            all: width > 100,
            least: Severity::Info,
        };
        let drawn = diagnostic::report(report, drawing);
        assert!(
            drawn.chars().all(|c| c == '\n' || !c.is_ascii_control()),
            "{drawn:?}"
        );
    }
    let json = json::report(report).expect("JSON");
    let sarif = sarif::report(report).expect("SARIF");
    for text in [json, sarif] {
        serde_json::from_str::<serde_json::Value>(&text).expect("JSON");
    }
    junit::report(report).expect("XML");
    for line in github::report(report).lines() {
        assert!(line.starts_with("::"), "{line:?}");
    }
    for detail in [Detail::Short, Detail::Full] {
        let line = summary::line(report, detail, "");
        assert_eq!(line.trim_end().lines().count(), 1);
    }
}
