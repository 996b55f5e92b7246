//! `check` over files judges a text as the stream does, which is held against go-yaml: what the stream
//! finds is found in the file, and what it refuses is told of.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;

use serde_json::Value as Json;

use super::inputs::{self, MANIFESTS};
use super::ours;
use super::tool::GoYaml;
use crate::support::mutate::Chance;
use crate::support::run_in_folder;

/// Files that one run of the program reads: each in a folder of its own.
const FILES: usize = 250;

/// Why a stream refuses what is no manifest; among the files of a repository much is none.
const NO_MANIFEST: [&str; 2] = [
    "the input holds no resource",
    "expected a ResourceList or a Kubernetes resource",
];

/// What the report says of one file.
#[derive(Default)]
struct Reported {
    /// Each finding in a line, in order.
    findings: Vec<String>,
    /// Why the file is not judged: it cannot be read, or is no manifest.
    unread: Option<String>,
}

/// What `check --format json` says of each text.
fn reported(texts: &[String]) -> Vec<Reported> {
    let folder = tempfile::tempdir().expect("a folder");
    for (number, text) in texts.iter().enumerate() {
        let folder = folder.path().join(number.to_string());
        fs::create_dir(&folder).expect("a folder");
        fs::write(folder.join("a.yaml"), text).expect("written");
    }
    let run = run_in_folder(folder.path(), &["check", "--format", "json"], b"");
    let report: Json = serde_json::from_slice(&run.stdout).expect("a report");
    let mut of: BTreeMap<usize, Reported> = BTreeMap::new();
    for file in report["files"].as_array().expect("files") {
        let number = file["path"].as_str().and_then(|path| path.split_once('/'));
        let number = number.and_then(|(number, _)| number.parse().ok());
        let findings = file["findings"].as_array().expect("findings");
        let mut findings: Vec<String> = findings.iter().map(line).collect();
        findings.sort();
        let why = file["skipped"]
            .as_str()
            .or(file["error"]["message"].as_str());
        let unread = why.map(str::to_owned);
        of.insert(number.expect("a number"), Reported { findings, unread });
    }
    (0..texts.len())
        .map(|number| of.remove(&number).unwrap_or_default())
        .collect()
}

/// A finding as [`ours::judged`] writes it.
fn line(finding: &Json) -> String {
    let word = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    // How nothing is written is no difference.
    let name = |value: &Json| match value.as_str() {
        Some("~") => "null".to_owned(),
        _ => word(value),
    };
    let resource = match &finding["resource"] {
        Json::Null => String::new(),
        of => format!(
            "{} {}/{}",
            word(&of["kind"]),
            word(&of["namespace"]),
            name(&of["name"])
        ),
    };
    let field = match &finding["field"] {
        Json::Null => String::new(),
        of => {
            let option = |value: &Json| value.as_str().map(str::to_owned);
            let (current, proposed) = (option(&of["current"]), option(&of["proposed"]));
            format!("{} {current:?} {proposed:?}", word(&of["path"]))
        }
    };
    format!("{} {resource} {field}", word(&finding["rule"]))
}

#[test]
fn a_file_is_judged_as_the_stream_is() {
    let Some(mut go_yaml) = GoYaml::start() else {
        return;
    };
    let mut chance = Chance(41);
    let (mut alike, mut told, mut other, mut broken) = (0, 0, 0, 0);
    let mut wrong = Vec::new();
    for _ in 0..super::cases().div_ceil(FILES) {
        let manifest = |chance: &mut Chance| MANIFESTS[chance.below(MANIFESTS.len() - 1)];
        let texts: Vec<String> = (0..FILES)
            .map(|number| {
                let mut text = manifest(&mut chance).to_owned();
                if number % 4 == 0 {
                    text = inputs::joined(&text, manifest(&mut chance), &mut chance);
                }
                inputs::mutated(&text, &mut chance)
            })
            .collect();
        for (text, reported) in texts.iter().zip(reported(&texts)) {
            let Some(answer) = go_yaml.read(text) else {
                continue;
            };
            let judged = ours::judged(text).map(|judged| {
                let mut findings = judged.findings;
                findings.sort();
                findings
            });
            match judged {
                Ok(expected) if expected == reported.findings => alike += 1,
                _ if reported.unread.is_some() => told += 1,
                Ok(expected) => wrong.push(format!(
                    "{text:?}\n  stream {expected:?}\n  file {:?}",
                    reported.findings
                )),
                Err(error) if NO_MANIFEST.iter().any(|why| error.contains(why)) => other += 1,
                Err(_) if answer.kyaml.read().is_err() => broken += 1,
                Err(error) => wrong.push(format!("{text:?}\n  stream {error}\n  file nothing")),
            }
        }
    }
    let _ = writeln!(
        std::io::stderr(),
        "files: {alike} judged as the stream is, {told} refused and told of, {other} without a manifest, {broken} that nobody reads"
    );
    wrong.sort_by_key(String::len);
    let count = wrong.len();
    wrong.truncate(8);
    assert!(count == 0, "\n{count} in all\n{}", wrong.join("\n"));
}
