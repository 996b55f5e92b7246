//! What the YAML test suite asks of a reader: valid text passes through unchanged and its spans are
//! exact, other text is refused with its place.
//!
//! `yaml_suite/cases.txt` restates all 402 cases in inputs of our own, by the suite's ids.

mod go_yaml;
mod spans;

use std::io::Write as _;

use restore_images::config::Date;
use restore_images::function;
use restore_images::restore::{Outcome, Request};
use restore_images::yaml::parse;

use crate::fast;
use crate::support::{assert_text_eq, run};

/// Cases that the suite calls invalid and that are read here, with the reason.
const READ_ANYWAY: [(&str, &str); 2] = [
    (
        "9C9N",
        "a list in brackets whose lines stand no deeper than its key has one meaning, and the readers \
         of kustomize, kubectl and Argo CD take it",
    ),
    (
        "QB6E",
        "a quoted text whose lines stand no deeper than its key has one meaning, and the same readers \
         take it",
    ),
];

/// What YAML 1.2 allows and is refused, since go-yaml reads another value there, leaves a document out,
/// takes no tab (6BCT, A2M4, Y79Y/010), or is read otherwise by kustomize than by kubectl.
const READ_OTHERWISE: [&str; 19] = [
    "2SXE", "4ABK", "565N", "652Z", "6BCT", "A2M4", "Y79Y/010", "7Z25", "DK3J", "FP8R", "FRK4",
    "HM87/01", "M7A3", "S4JQ", "UKK6/02", "W4TN", "W5VH", "WZ62", "Y2GN",
];

/// A case: its id in the suite, whether YAML 1.2 allows it, and its text.
pub(crate) struct Case {
    pub(crate) id: &'static str,
    valid: bool,
    pub(crate) text: String,
}

pub(crate) fn cases() -> Vec<Case> {
    let lines = include_str!("yaml_suite/cases.txt").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    let cases: Vec<Case> = lines
        .map(|line| {
            let mut parts = line.splitn(3, ' ');
            let id = parts.next().expect("an id");
            let valid = match parts.next() {
                Some("valid") => true,
                Some("invalid") => false,
                other => panic!("{id} is {other:?}"),
            };
            let text = parts.next().expect("a text");
            let text = serde_json::from_str(text).expect("a JSON string");
            Case { id, valid, text }
        })
        .collect();
    assert_eq!(cases.len(), 402);
    cases
}

/// Cases that are read, and those that are refused.
fn parted() -> (Vec<Case>, Vec<Case>) {
    let is_read = |case: &Case| {
        let anyway = READ_ANYWAY.iter().any(|(id, _)| *id == case.id);
        case.valid && !READ_OTHERWISE.contains(&case.id) || anyway
    };
    cases().into_iter().partition(is_read)
}

/// For people: what ran, since the counts are what the suite is about.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn restored(input: &str) -> Result<(String, Outcome), String> {
    let request = Request {
        input,
        config: None,
        today: Date::from_unix_days(20_000),
    };
    let outcome = function::run(&request).map_err(|error| error.to_string())?;
    Ok((outcome.output(input), outcome))
}

#[test]
fn what_is_valid_passes_unchanged() {
    let (read, _) = parted();
    let (mut passed, mut no_resource) = (0, 0);
    for (number, Case { id, text, .. }) in read.iter().enumerate() {
        let documents = parse::documents(text);
        let documents = documents.unwrap_or_else(|error| panic!("{id}: {error}\n{text}"));
        let full = documents.iter().filter(|node| !node.is_null());
        let is_stream =
            full.clone().count() > 0 && full.clone().all(|node| node.entries().is_some());
        let result = restored(text);
        match &result {
            Ok((output, _)) => assert_text_eq(output, text),
            // What stops here is no fault of YAML's: no resource is a list, a text or nothing.
            Err(what) => assert!(
                what.starts_with("expected a ResourceList or a Kubernetes resource, found")
                    || what.starts_with("the input holds no resource")
                    || what.starts_with("the input is empty"),
                "{id}: {what}\n{text}"
            ),
        }
        assert_eq!(result.is_ok(), is_stream, "{id}: {result:?}\n{text}");
        passed += usize::from(is_stream);
        no_resource += usize::from(!is_stream);
        if number % 4 == 0 {
            let run = run(&[], text.as_bytes());
            assert_eq!(run.code == 0, is_stream, "{id}: {}", run.stderr);
            assert_eq!(
                run.stdout,
                if is_stream { text.as_bytes() } else { b"" },
                "{id}"
            );
        }
    }
    say(&format!(
        "YAML test suite: {} cases read, {passed} passed unchanged, {no_resource} hold no resource",
        read.len()
    ));
    assert_eq!(read.len(), 308 + READ_ANYWAY.len() - READ_OTHERWISE.len());
}

/// As a value inside an item, beside another item that is edited.
#[test]
fn what_is_valid_stays_beside_an_edit() {
    const POD: &str = "- apiVersion: v1\n  kind: Pod\n  metadata: {name: p}\n  spec:\n    containers:\n    - name: c\n      image: realtheory/theory-k8s-collector:v1\n      imagePullPolicy: Always\n";
    const CONFIG: &str = "functionConfig:\n  apiVersion: restore-images.dev/v1alpha1\n  kind: RestoreImages\n  metadata: {name: c}\n  spec: {agents: [realtheory-collector]}\n";
    let mut embedded = 0;
    for Case { id, text, .. } in parted().0 {
        let value = format!("x:\n  {}", text.replace('\n', "\n  "));
        let alone = parse::documents(&text).expect("read above");
        let inside = parse::document(&value);
        let inside = inside.as_ref().ok().and_then(|node| node.entries());
        let same = match (alone.as_slice(), inside) {
            ([alone], Some([pair])) => spans::shape(alone) == spans::shape(&pair.value),
            _ => false,
        };
        // Markers, directives and some indentations mean nothing inside a value.
        if !same {
            continue;
        }
        embedded += 1;
        let indented = text.replace('\n', "\n      ");
        let input = format!(
            "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {{name: m}}\n  data:\n    x:\n      {indented}\n{POD}{CONFIG}"
        );
        let (output, _) = restored(&input).unwrap_or_else(|what| panic!("{id}: {what}\n{input}"));
        let (items, results) = output.split_once("results:\n").expect("results");
        assert_text_eq(items, &input.replace("collector:v1\n", "collector\n"));
        assert!(results.contains("pinned-tag"), "{id}: {results}");
    }
    say(&format!(
        "YAML test suite: {embedded} cases stayed beside an edit"
    ));
    assert!(embedded > 200 - READ_OTHERWISE.len(), "{embedded}");
}

#[test]
fn spans_are_exact_by_both_readers() {
    let (read, _) = parted();
    let (mut scalars, mut taken) = (0, 0);
    for Case { id, text, .. } in &read {
        for node in &parse::documents(text).expect("read above") {
            scalars += spans::check(id, text, node);
        }
        // The fast reader gives the same nodes, spans included, or nothing.
        taken += usize::from(fast::check(text));
    }
    say(&format!(
        "YAML test suite: {scalars} scalars have exact spans, {taken} cases are read fast"
    ));
    assert!(scalars > 1000 && taken > 40, "{scalars} and {taken}");
}

#[test]
fn what_is_invalid_is_refused_with_its_place() {
    let (_, refused) = parted();
    for Case { id, text, .. } in &refused {
        let is_yaml = parse::documents(text).is_ok();
        assert!(!is_yaml, "{id} is read: {text}");
        let run = run(&[], text.as_bytes());
        assert_eq!((run.code, run.stdout.len()), (2, 0), "{id}: {text}");
        let (place, help) = run.stderr.trim_end().split_once('\n').expect("two lines");
        assert!(
            help.starts_with("help: ") && !help.contains('\n'),
            "{id}: {help}"
        );
        let mut parts = place.splitn(4, ':');
        assert_eq!(parts.next(), Some("stdin"), "{id}: {place}");
        let mut number = || parts.next().and_then(|part| part.parse::<usize>().ok());
        let (line, column) = (number().expect("a line"), number().expect("a column"));
        // Behind the last break stands one more line, which is empty.
        let lines: Vec<&str> = text.split('\n').collect();
        let width = lines.get(line - 1).map(|line| line.chars().count() + 1);
        assert!(
            width.is_some_and(|width| (1..=width).contains(&column)),
            "{id}: {place}\n{text}"
        );
        assert!(!fast::check(text), "{id}: the fast reader took it");
    }
    say(&format!("YAML test suite: {} cases refused", refused.len()));
    assert_eq!(refused.len(), 94 - READ_ANYWAY.len() + READ_OTHERWISE.len());
}

/// What is read although YAML 1.2 forbids it is read by a reader of another family, too.
#[test]
fn what_is_read_anyway_is_read_by_others() {
    for case in cases() {
        if READ_ANYWAY.iter().any(|(id, _)| *id == case.id) {
            assert!(!case.valid, "{} needs no reason", case.id);
            let mut bytes = case.text.as_bytes();
            let mut parser = libyaml_safer::Parser::new();
            parser.set_input_string(&mut bytes);
            while parser.parse().expect(case.id).data != libyaml_safer::EventData::StreamEnd {}
        }
    }
}
