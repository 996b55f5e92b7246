//! Findings as SARIF 2.1.0, with fixes, for code scanning.
//!
//! Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0.

use std::cell::RefCell;
use std::collections::HashSet;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::fingerprint::Fingerprints;
use super::remedy::message;
use super::text::resource_before;
use super::{FileReport, Region, Report, regions};
use crate::edit::Edit;
use crate::finding::{Decided, Finding, Fix, Mode, Rule, Severity};
use crate::quote::piece;
use crate::yaml::Span;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [SarifRun<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifRun<'a> {
    tool: Value,
    column_kind: &'static str,
    invocations: Value,
    results: SarifResults<'a>,
}

/// The results, which are built one by one while they are written: all at once would take many times
/// the memory of their text.
struct SarifResults<'a>(&'a Report<'a>);

impl Serialize for SarifResults<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let report = self.0;
        let (fingerprints, fixed) = (RefCell::default(), RefCell::default());
        let of_files = report.files.iter().enumerate();
        let of_files = of_files.flat_map(|file| of_file(report, file, &fingerprints, &fixed));
        let others = report.findings.iter();
        let others = others.map(|finding| result(report, finding, None, &fingerprints));
        serializer.collect_seq(of_files.chain(others))
    }
}

/// The report as a SARIF log.
pub fn report(report: &Report<'_>) -> Result<String, serde_json::Error> {
    let files = report.files.iter();
    let notifications: Vec<Value> = files
        .filter_map(|file| notification(report, file))
        .collect();
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [SarifRun {
            tool: json!({"driver": {
                "name": "restore-images",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": Rule::all().map(|of| rule(report, of)).collect::<Vec<Value>>(),
            }}),
            column_kind: "unicodeCodePoints",
            invocations: json!([{
                "executionSuccessful": !report.has_problems(),
                "toolExecutionNotifications": notifications,
            }]),
            results: SarifResults(report),
        }],
    };
    super::json::lines(&log)
}

fn rule(report: &Report<'_>, rule: Rule) -> Value {
    let aspect = rule.aspect().map(|aspect| {
        if rule.aspect_varies() {
            "`allow: [registry]`, `[tag]` or `[digest]`, whichever differs,".to_owned()
        } else {
            format!("`allow: [{}]`", aspect.as_str())
        }
    });
    let annotation = if report.config.trust.holds_annotation() {
        format!(
            ", or annotate the resource with `{}: \"<reason>\"`",
            crate::judge::IGNORE
        )
    } else {
        String::new()
    };
    let allow = aspect.map_or(String::new(), |aspect| {
        format!(" To allow it, add an exception with {aspect} to the configuration{annotation}.")
    });
    let help = format!("{}{allow}", rule.why());
    json!({
        "id": rule.id(),
        "helpUri": format!("{PAGES}/{}.md#{}", rule.group().page(), rule.id()),
        "shortDescription": {"text": rule.id().replace('-', " ")},
        "fullDescription": {"text": rule.why()},
        "help": {"text": help, "markdown": help},
        "defaultConfiguration": {"level": level(rule.severity(Mode::Check))},
    })
}

/// The pages of the rules, of this version.
const PAGES: &str = concat!(
    "https://github.com/restore-images/restore-images/blob/v",
    env!("CARGO_PKG_VERSION"),
    "/docs/findings"
);

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn of_file<'a>(
    report: &'a Report<'_>,
    (position, file): (usize, &'a FileReport<'a>),
    fingerprints: &'a RefCell<Fingerprints>,
    fixed: &'a RefCell<HashSet<usize>>,
) -> impl Iterator<Item = Value> + 'a {
    let edits = file.findings().iter().flat_map(|finding| &finding.fix.own);
    let spans: Vec<Span> = edits.map(|edit| edit.span.clone()).collect();
    let mut edit_regions = regions(file.text, &spans).into_iter();
    // Findings of one value share its edits, so a fix for each finding would apply them twice.
    let mut fixed_here: HashSet<Vec<(usize, usize)>> = HashSet::new();
    file.placed().map(move |(finding, region)| {
        let fix = &finding.fix;
        let own: Vec<Region> = edit_regions.by_ref().take(fix.own.len()).collect();
        let is_new = match fix.shared() {
            Some(shared) => fixed.borrow_mut().insert(shared),
            None => {
                let places = own.iter();
                let places = places.map(|region| (region.span.start, region.span.end));
                !own.is_empty() && fixed_here.insert(places.collect())
            }
        };
        let changes = if is_new {
            changes(report, (position, file), fix, &own)
        } else {
            Vec::new()
        };
        result(report, finding, Some((file, region, changes)), fingerprints)
    })
}

/// The changes of files that a fix consists of.
fn changes(
    report: &Report<'_>,
    (position, file): (usize, &FileReport<'_>),
    fix: &Fix,
    own: &[Region],
) -> Vec<Value> {
    let change = |file: &FileReport<'_>, edits: &[Edit], regions: &[Region]| {
        let both = edits.iter().zip(regions);
        let replacements = both.map(|(edit, region)| {
            json!({
                "deletedRegion": region_value(region),
                "insertedContent": {"text": edit.text},
            })
        });
        json!({
            "artifactLocation": {"uri": uri(&report.in_repository(file.path))},
            "replacements": replacements.collect::<Vec<Value>>(),
        })
    };
    let of_own = (!own.is_empty()).then(|| change(file, &fix.own, own));
    let others = fix.elsewhere(position).map(|of_file| {
        let file = &report.files[of_file.file];
        let spans = of_file.edits.iter().map(|edit| edit.span.clone());
        let regions = regions(file.text, &spans.collect::<Vec<Span>>());
        change(file, &of_file.edits, &regions)
    });
    of_own.into_iter().chain(others).collect()
}

fn result(
    report: &Report<'_>,
    finding: &Finding,
    place: Option<(&FileReport<'_>, Option<Region>, Vec<Value>)>,
    fingerprints: &RefCell<Fingerprints>,
) -> Value {
    let resource = resource_before(finding);
    let docs = report.agent(finding).and_then(|agent| agent.docs.as_ref());
    let docs = docs.map_or(String::new(), |docs| format!(" ({})", piece(docs)));
    let file = place.as_ref().map(|(file, _, _)| *file);
    let mut result = json!({
        "ruleId": finding.rule.id(),
        "ruleIndex": finding.rule as usize,
        "level": level(finding.severity),
        "message": {"text": format!("{resource}{}{docs}", message(file, finding))},
    });
    let Some((file, region, changes)) = place else {
        // Code scanning takes no result without a location.
        let first = report.files.first().map(|file| file.path);
        if let Some(path) = report.config_path.or(first) {
            let path = report.in_repository(path);
            result["partialFingerprints"] = fingerprint(fingerprints, &path, finding);
            let mut location = json!({"artifactLocation": {"uri": uri(&path)}});
            if let Some(region) = report.config_region(finding) {
                location["region"] = region_value(&region);
            }
            result["locations"] = json!([{"physicalLocation": location}]);
        }
        return result;
    };
    let path = report.in_repository(file.path);
    result["partialFingerprints"] = fingerprint(fingerprints, &path, finding);
    let artifact = json!({"uri": uri(&path)});
    let mut location = json!({"artifactLocation": artifact});
    if let Some(region) = &region {
        location["region"] = region_value(region);
    }
    result["locations"] = json!([{"physicalLocation": location}]);
    if let Some(Decided::By { path, place }) = finding.decided.as_deref() {
        let region = json!({"startLine": place.line, "startColumn": place.column});
        let location = json!({"artifactLocation": {"uri": uri(path)}, "region": region});
        result["relatedLocations"] = json!([{
            "physicalLocation": location,
            "message": {"text": "what decides it"},
        }]);
    }
    if !changes.is_empty() {
        result["fixes"] = json!([{
            "description": {"text": piece(&finding.message)},
            "artifactChanges": changes,
        }]);
    }
    result
}

/// What a service knows the finding by from one run to the next.
fn fingerprint(fingerprints: &RefCell<Fingerprints>, path: &str, finding: &Finding) -> Value {
    json!({"restoreImages/v1": fingerprints.borrow_mut().next(path, finding)})
}

fn notification(report: &Report<'_>, file: &FileReport<'_>) -> Option<Value> {
    let problem = file.result.as_ref().err()?;
    let help = problem.help.as_ref().map(|help| format!(" ({help})"));
    let path = report.in_repository(file.path);
    let mut location = json!({"artifactLocation": {"uri": uri(&path)}});
    if let Some(region) = file.problem_region() {
        location["region"] = region_value(&region);
    }
    Some(json!({
        "level": "error",
        "message": {"text": piece(&format!("{}{}", problem.what, help.unwrap_or_default()))},
        "locations": [{"physicalLocation": location}],
    }))
}

fn region_value(region: &Region) -> Value {
    json!({
        "startLine": region.start.line,
        "startColumn": region.start.column,
        "endLine": region.end.line,
        "endColumn": region.end.column,
    })
}

/// A path as a relative URI reference: every byte but the unreserved ones and `/` is escaped.
fn uri(path: &str) -> String {
    let byte = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    path.bytes().map(byte).collect()
}
