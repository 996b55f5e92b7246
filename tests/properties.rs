//! What holds for every input: generated ResourceLists in every style, and arbitrary text.

use std::collections::BTreeMap;

use proptest::prelude::*;
use restore_images::config::Date;
use restore_images::finding::{Finding, Mode, Severity};
use restore_images::function;
use restore_images::restore::{Outcome, Request};
use yaml_rust2::{Yaml, YamlLoader};

use crate::support::lists::{Parts, list, parts, pod_of, shared};

fn run(input: &str) -> Result<(String, Outcome), Box<restore_images::error::Error>> {
    run_by(input, None)
}

fn run_by(
    input: &str,
    config: Option<&str>,
) -> Result<(String, Outcome), Box<restore_images::error::Error>> {
    let today = Date::from_unix_days(20_000);
    let request = Request {
        input,
        config,
        today,
    };
    let outcome = function::run(&request).map_err(Box::new)?;
    let output = outcome.output(input);
    Ok((output, outcome))
}

const CONFIG: &str = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec:\n  agents: [realtheory-collector]\n";

/// Rules whose sources are apart, or inside each other, and whose mirrors are apart.
const RULES: [&str; 4] = [
    "- {source: docker.io, mirror: reg.corp/hub, scope: all}",
    "- {source: docker.io/realtheory, mirror: reg.corp/agents}",
    "- {source: quay.io, mirror: quay.corp, scope: all}",
    "- {source: registry.local:5000, mirror: reg.corp/local, scope: all}",
];

/// What an outcome says, severities and edits aside.
fn found(outcome: &Outcome) -> Vec<String> {
    let said = |finding: &Finding| {
        let Finding {
            rule,
            message,
            agent,
            resource,
            field,
            file,
            ordinal,
            span,
            ..
        } = finding;
        format!("{ordinal} {span:?} {rule:?} {message} {agent:?} {resource:?} {field:?} {file:?}")
    };
    outcome.findings.iter().map(said).collect()
}

/// The items of an output, as text.
fn items_of(output: &str) -> &str {
    let (_, items) = output.split_once("items:").expect("items");
    let (items, _) = items
        .split_once("functionConfig:")
        .expect("a configuration");
    items.trim_start_matches(['\r', '\n'])
}

/// Every scalar by its path, as yaml-rust2 reads it.
fn scalars(value: &Yaml, path: &str, found: &mut BTreeMap<String, String>) {
    match value {
        Yaml::Hash(pairs) => pairs.iter().for_each(|(key, value)| {
            scalars(
                value,
                &format!("{path}.{}", key.as_str().unwrap_or("?")),
                found,
            );
        }),
        Yaml::Array(items) => items.iter().enumerate().for_each(|(index, value)| {
            scalars(value, &format!("{path}[{index}]"), found);
        }),
        leaf => {
            found.insert(path.to_owned(), format!("{leaf:?}"));
        }
    }
}

fn by_yaml_rust2(text: &str) -> BTreeMap<String, String> {
    let documents = YamlLoader::load_from_str(text).expect("yaml-rust2 reads it");
    let mut found = BTreeMap::new();
    scalars(&documents[0], "", &mut found);
    found.retain(|path, _| !path.starts_with(".results"));
    found
}

/// Every scalar in order, as libyaml-safer reads it: a reader of another family.
fn by_libyaml(text: &str) -> Vec<String> {
    let mut bytes = text.as_bytes();
    let mut parser = libyaml_safer::Parser::new();
    parser.set_input_string(&mut bytes);
    let mut found = Vec::new();
    loop {
        match parser.parse().expect("libyaml-safer reads it").data {
            libyaml_safer::EventData::StreamEnd => return found,
            libyaml_safer::EventData::Scalar { value, .. } if value == "results" => return found,
            libyaml_safer::EventData::Scalar { value, .. } => found.push(value),
            _ => {}
        }
    }
}

proptest! {
    /// Whatever anchors share, something right is written: the check of the edited text is the last
    /// resort of a defect, not a way out.
    #[test]
    fn shared_values_never_stop_the_work(containers in shared()) {
        let input = pod_of(&containers);
        let (once, _) = run(&input).map_err(|error| {
            TestCaseError::fail(format!("{error}: {:?}\n{input}", error.fault()))
        })?;
        let (twice, _) = run(&once).expect("the output is read again");
        prop_assert_eq!(&once, &twice, "{}", input);
    }

    #[test]
    fn restoring_twice_is_restoring_once(input in list()) {
        let (once, first) = run(&input).expect("a ResourceList");
        let (twice, second) = run(&once).expect("a ResourceList");
        if first.mode == Mode::Restore {
            prop_assert_eq!(by_libyaml(&once), by_libyaml(&twice));
            let (thrice, _) = run(&twice).expect("a ResourceList");
            prop_assert_eq!(&twice, &thrice);
            let changes = second.findings.iter().filter(|finding| {
                let field = finding.field.as_ref();
                finding.severity == Severity::Info && field.is_some_and(|f| f.proposed.is_some())
            });
            prop_assert_eq!(changes.count(), 0, "{}", twice);
        }
    }

    #[test]
    fn items_out_are_items_in(input in list()) {
        let (output, _) = run(&input).expect("a ResourceList");
        let items = |text: &str| -> Vec<(String, String)> {
            let all = by_yaml_rust2(text).into_iter();
            all.filter(|(path, _)| !path.contains("image") && !path.contains("PullSecrets")).collect()
        };
        prop_assert_eq!(items(&input), items(&output));
    }

    #[test]
    fn values_differ_only_where_planned(input in list()) {
        let (output, outcome) = run(&input).expect("a ResourceList");
        let (old, new) = (by_yaml_rust2(&input), by_yaml_rust2(&output));
        let mut planned: Vec<String> = outcome
            .findings
            .iter()
            .filter(|_| outcome.mode == Mode::Restore)
            .filter_map(|finding| {
                let field = finding.field.as_ref()?;
                field.proposed.as_ref()?;
                Some(format!(".items[{}].{}", finding.ordinal, field.path))
            })
            .collect();
        planned.dedup();
        for (path, value) in &new {
            let is_planned = planned.iter().any(|plan| path.starts_with(plan.as_str()));
            prop_assert!(is_planned || old.get(path) == Some(value), "{} changed", path);
        }
        for path in &planned {
            let changed = new.iter().any(|(at, value)| {
                at.starts_with(path.as_str()) && old.get(at) != Some(value)
            });
            prop_assert!(changed, "{} did not change", path);
        }
        prop_assert!(old.keys().all(|path| new.contains_key(path)));
        // A reader of another family sees no scalar gone but those that were replaced.
        let (old, new) = (by_libyaml(&input), by_libyaml(&output));
        prop_assert!(new.len() >= old.len());
    }

    #[test]
    fn errors_and_exit_codes_go_together(input in list()) {
        let (_, outcome) = run(&input).expect("a ResourceList");
        let run = crate::support::run(&[], input.as_bytes());
        let errors = String::from_utf8_lossy(&run.stdout).matches("severity: error").count();
        prop_assert_eq!(run.code == 1, errors > 0, "{}", input);
        prop_assert_eq!(run.code == 1, outcome.has_errors());
        prop_assert!(run.code < 2);
    }

    #[test]
    fn both_modes_find_the_same(parts in parts(), containers in shared()) {
        let check = parts.with([parts.spec.clone(), vec!["mode: check"]].concat());
        let pod = pod_of(&containers);
        for (restore, check) in [
            (run(&parts.text()), run(&check.text())),
            (run_by(&pod, Some(CONFIG)), run_by(&pod, Some(&format!("{CONFIG}  mode: check\n")))),
        ] {
            let (restored, checked) = (restore.expect("restored").1, check.expect("checked").1);
            prop_assert_eq!(found(&restored), found(&checked), "{}\n{}", parts.text(), pod);
        }
    }

    /// An item's text depends on no other item, so neither does it on their order.
    #[test]
    fn items_are_restored_alone(parts in parts()) {
        let (together, _) = run(&parts.text()).expect("a ResourceList");
        let alone: Vec<String> = parts.items.iter().map(|item| {
            let parts = Parts { items: vec![item.clone()], ..parts.clone() };
            items_of(&run(&parts.text()).expect("a ResourceList").0).to_owned()
        }).collect();
        if !parts.items.is_empty() {
            prop_assert_eq!(items_of(&together), alone.concat());
        }
    }

    #[test]
    fn the_order_of_rules_is_no_matter(
        parts in parts(),
        rules in Just(RULES.to_vec()).prop_shuffle(),
        agents in Just(vec!["- realtheory-collector", "- cloudzero-agent", "- wiz-sensor"]).prop_shuffle(),
    ) {
        let in_order = |rules: &[&'static str], agents: &[&'static str]| {
            let spec = [&["agents:"], agents, &["registries:"], rules].concat();
            run(&parts.with(spec).text()).expect("a ResourceList")
        };
        let (first, one) = in_order(&RULES, &["- cloudzero-agent", "- realtheory-collector", "- wiz-sensor"]);
        let (second, other) = in_order(&rules, &agents);
        prop_assert_eq!(items_of(&first), items_of(&second), "{:?} {:?}", rules, agents);
        // Agents that run nowhere are named in the order of the configuration.
        let sorted = |outcome: &Outcome| {
            let mut found = found(outcome);
            found.sort();
            found
        };
        prop_assert_eq!(sorted(&one), sorted(&other), "{:?} {:?}", rules, agents);
    }

    #[test]
    fn no_bytes_make_it_panic(text in "\\PC{0,200}") {
        let _ = run(&text);
    }

    #[test]
    fn no_yaml_makes_it_panic(pieces in prop::collection::vec(prop::sample::select(vec![
        "apiVersion: v1\n", "kind: Pod\n", "spec:\n", "  containers:\n", "  - ", "image: ", "realtheory/theory-k8s-collector:v1",
        "\n", " ", "&a ", "*a", "<<: *a\n", "{", "}", "[", "]", ", ", "\"", "'", "|\n", ">-\n", "# c", "---\n", "...\n",
        "- image: x\n    ", "\t", "? ", ": ", "!!str ", "\r\n", "é", "\u{feff}", "imagePullSecrets:", "imagePullPolicy:",
    ]), 0..40)) {
        let text = pieces.concat();
        let _ = run(&text);
        let _ = run(&format!("apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: realtheory/theory-k8s-collector:v1\n    {text}"));
    }
}
