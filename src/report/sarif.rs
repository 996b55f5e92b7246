//! Findings as SARIF 2.1.0, with fixes, for code scanning.
//!
//! Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0.

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::text::{message, name};
use super::{File, Region, Report, regions};
use crate::finding::{Decided, Finding, Mode, Rule, Severity};
use crate::quote::piece;
use crate::yaml::Span;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Value,
    column_kind: &'static str,
    invocations: Value,
    results: Results<'a>,
}

/// The results, which are made one by one while they are written: all at once would take many times
/// the memory of their text.
struct Results<'a>(&'a Report<'a>);

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let report = self.0;
        let of_files = report.files.iter().flat_map(|file| of_file(report, file));
        let others = report.findings.iter();
        serializer.collect_seq(of_files.chain(others.map(|finding| result(report, finding, None))))
    }
}

/// The report as a SARIF log.
pub fn report(report: &Report<'_>) -> Result<String, serde_json::Error> {
    let notifications: Vec<Value> = report.files.iter().filter_map(notification).collect();
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: json!({"driver": {
                "name": "restore-images",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": Rule::all().map(rule).collect::<Vec<Value>>(),
            }}),
            column_kind: "unicodeCodePoints",
            invocations: json!([{
                "executionSuccessful": !report.has_problems(),
                "toolExecutionNotifications": notifications,
            }]),
            results: Results(report),
        }],
    };
    super::json::lines(&log)
}

fn rule(rule: Rule) -> Value {
    let aspect = rule.aspect().map(|aspect| match rule {
        // For these rules, the finding decides which aspect an exception has to allow.
        Rule::StaleRevision
        | Rule::UnresolvedImage
        | Rule::VendorManaged
        | Rule::WrongImageOverride
        | Rule::WrongVersion => {
            "`allow: [registry]`, `[tag]` or `[digest]`, whichever differs,".to_owned()
        }
        _ => format!("`allow: [{}]`", aspect.as_str()),
    });
    let allow = aspect.map_or(String::new(), |aspect| {
        format!(
            " To allow it, add an exception with {aspect} to the configuration, or annotate the \
             resource with `{}: \"<reason>\"`.",
            crate::judge::IGNORE
        )
    });
    let help = format!("{}{allow}", rule.why());
    json!({
        "id": rule.id(),
        "shortDescription": {"text": rule.id().replace('-', " ")},
        "fullDescription": {"text": rule.why()},
        "help": {"text": help, "markdown": help},
        "defaultConfiguration": {"level": level(rule.severity(Mode::Check))},
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn of_file<'a>(report: &'a Report<'_>, file: &'a File<'a>) -> impl Iterator<Item = Value> + 'a {
    let edits = file.findings().iter().flat_map(|finding| &finding.fix);
    let spans: Vec<Span> = edits.map(|edit| edit.span.clone()).collect();
    let mut edit_regions = regions(file.text, &spans).into_iter();
    file.placed().map(move |(finding, region)| {
        let fix: Vec<Region> = edit_regions.by_ref().take(finding.fix.len()).collect();
        result(report, finding, Some((file, region, fix)))
    })
}

fn result(
    report: &Report<'_>,
    finding: &Finding,
    place: Option<(&File<'_>, Option<Region>, Vec<Region>)>,
) -> Value {
    let resource = finding.resource.as_deref().map(name);
    let resource = resource.map_or(String::new(), |name| format!("{}: ", name));
    let docs = report.agent(finding).and_then(|agent| agent.docs.as_ref());
    let docs = docs.map_or(String::new(), |docs| format!(" ({})", piece(docs)));
    let mut result = json!({
        "ruleId": finding.rule.id(),
        "ruleIndex": finding.rule as usize,
        "level": level(finding.severity),
        "message": {"text": format!("{resource}{}{docs}", message(finding))},
    });
    let Some((file, region, fix)) = place else {
        // Code scanning takes no result without a location.
        let first = report.files.first().map(|file| file.path);
        if let Some(path) = report.config_path.or(first) {
            let location = json!({"artifactLocation": {"uri": uri(path)}});
            result["locations"] = json!([{"physicalLocation": location}]);
        }
        return result;
    };
    let artifact = json!({"uri": uri(file.path)});
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
    if !fix.is_empty() {
        let replacements: Vec<Value> = finding
            .fix
            .iter()
            .zip(&fix)
            .map(|(edit, region)| {
                json!({
                    "deletedRegion": region_value(region),
                    "insertedContent": {"text": edit.text},
                })
            })
            .collect();
        let change = json!({"artifactLocation": artifact, "replacements": replacements});
        result["fixes"] = json!([{
            "description": {"text": piece(&finding.message)},
            "artifactChanges": [change],
        }]);
    }
    result
}

fn notification(file: &File<'_>) -> Option<Value> {
    let problem = file.result.as_ref().err()?;
    let help = problem.help.as_ref().map(|help| format!(" ({help})"));
    let mut location = json!({"artifactLocation": {"uri": uri(file.path)}});
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
