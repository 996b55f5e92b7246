//! The figures that docs/performance.md and its chart show, held against what the benchmarks recorded, and
//! those of docs/install.md, held against the manifest.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use super::read;

fn recorded(script: &str) -> Value {
    let all: Value = serde_json::from_str(&read("benches/results.json")).expect("JSON");
    all[script].clone()
}

fn texts(list: &Value) -> Vec<&str> {
    let list = list.as_array().expect("a list");
    assert!(!list.is_empty(), "nothing is recorded");
    list.iter().map(|one| one.as_str().expect("text")).collect()
}

/// What the page shows between the marks of a script.
fn shown<'t>(readme: &'t str, script: &str) -> &'t str {
    let (_, rest) = readme
        .split_once(&format!("<!-- {script} -->\n"))
        .expect("a mark before");
    let (shown, _) = rest
        .split_once(&format!("\n<!-- /{script} -->"))
        .expect("a mark behind");
    shown
}

/// A number with the digits that a measurement carries, as benches/record.py writes it.
fn significant(value: f64) -> String {
    match value {
        10.0.. => format!("{value:.0}"),
        1.0.. => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[test]
fn the_page_shows_what_was_recorded() {
    let readme = read("docs/performance.md");
    let all: Value = serde_json::from_str(&read("benches/results.json")).expect("JSON");
    for (script, recorded) in all.as_object().expect("scripts") {
        let lines = texts(&recorded["readme"]).join("\n");
        assert_eq!(shown(&readme, script), lines, "{script}");
    }
}

#[test]
fn each_throughput_is_the_one_that_was_measured() {
    let readme = read("docs/performance.md");
    let recorded = recorded("side-by-side");
    let rows = shown(&readme, "side-by-side").lines().skip(2);
    let cases = recorded["measured"]["cases"].as_array().expect("cases");
    for (row, case) in rows.zip(cases) {
        let mut cells = row.split('|').map(str::trim);
        let programs = case["programs"].as_object().expect("programs");
        for (name, one) in programs {
            let speed = significant(one["MB/s"].as_f64().expect("a number"));
            let is_it = |cell: &str| cell.split(' ').next() == Some(&speed);
            assert!(cells.clone().any(is_it), "{name}: {speed} is not in {row}");
        }
        assert!(cells.any(|cell| cell.ends_with("×)")) || programs.len() == 2);
    }
}

#[test]
fn the_chart_shows_what_was_measured() {
    let chart = read("docs/throughput.svg");
    let recorded = recorded("side-by-side");
    let labels = texts(&recorded["measured"]["labels"]);
    for label in &labels {
        assert!(chart.contains(&format!(">{label}</text>")), "{label}");
    }
    assert_eq!(chart.matches("<polyline").count(), labels.len());
}

/// How many packages a build of these features makes, of which this one is none.
#[test]
fn features_bring_as_many_dependencies_as_the_page_says() {
    let page = read("docs/install.md");
    let (_, table) = page
        .split_once("| features | dependencies | without |\n|---|---|---|\n")
        .expect("the table");
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    let mut counted = 0;
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let features = cells[1].split('`').nth(1).unwrap_or_default();
        let tree = Command::new(env!("CARGO"))
            .args(["tree", "--locked", "--offline", "--prefix", "none"])
            .args(["--edges", "normal,build", "--format", "{p}"])
            .args(features.split_whitespace())
            .output()
            .expect("cargo runs");
        let packages = String::from_utf8(tree.stdout).expect("UTF-8");
        // A name and its version; what stands behind is said where it is met first alone.
        let package = |line: &str| {
            let words: Vec<&str> = line.split(' ').take(2).collect();
            words.join(" ")
        };
        let packages: BTreeSet<String> = packages
            .lines()
            .filter(|line| !line.is_empty())
            .map(package)
            .collect();
        assert_eq!(cells[2], (packages.len() - 1).to_string(), "{row}");
        counted += 1;
    }
    assert_eq!(counted, 3);
}
