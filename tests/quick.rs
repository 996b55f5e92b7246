//! Both parsers against the reference parser alone: the same units, the same findings, the same output
//! bytes and the same errors, for every input.

mod anchors;
mod files;
mod large;

use proptest::prelude::*;
use restore_images::config::{Date, Trust};
use restore_images::error::Error;
use restore_images::function::run_with;
use restore_images::krm::survey::{Survey, survey};
use restore_images::restore::Request;
use restore_images::yaml::parse::Parser;

use crate::support::mutate::{Chance, PIECES, documents, mutated, rounds};

/// Compares the two ways on one input; says whether the first took all of it fast.
#[track_caller]
fn check(input: &str) -> bool {
    let ours = survey(input, Parser::default());
    let theirs = survey(input, Parser::reference_only());
    let mut is_fast = false;
    match (ours, theirs) {
        (Ok(mut ours), Ok(theirs)) => {
            is_fast = ours.units.iter().any(|unit| unit.is_searchable);
            for unit in &mut ours.units {
                unit.is_searchable = false;
            }
            assert_eq!(ours.units, theirs.units, "{input:?}\n{input}");
            assert_eq!(ours.kinds, theirs.kinds, "{input}");
            let rest = |survey: &Survey<'_>| {
                let (profiles, rules) = (&survey.gathered.profiles, &survey.gathered.rules);
                format!(
                    "{:?}\n{:?}\n{profiles:?}\n{rules:?}",
                    survey.list, survey.function_config
                )
            };
            assert_eq!(rest(&ours), rest(&theirs), "{input:?}\n{input}");
        }
        (ours, theirs) => {
            let fault = |survey: Result<Survey<'_>, Error>| survey.err().map(Box::new);
            assert_eq!(fault(ours), fault(theirs), "{input:?}\n{input}");
        }
    }
    check_outcome(input, None);
    is_fast
}

/// Compares what comes out; says how much was found.
#[track_caller]
fn check_outcome(input: &str, config: Option<&str>) -> usize {
    let outcome = |parser| {
        let request = Request {
            input,
            config,
            today: Date::from_unix_days(20_000),
        };
        run_with(&request, parser, Trust::ALL)
            .map_err(Box::new)
            .map(|outcome| {
                let output = outcome.output(input);
                (
                    output,
                    outcome.edits,
                    outcome.findings,
                    outcome.is_resource_list,
                    outcome.mode,
                )
            })
    };
    let both = outcome(Parser::default());
    assert_eq!(
        both,
        outcome(Parser::reference_only()),
        "{input:?}\n{input}"
    );
    both.map_or(0, |(_, _, findings, ..)| findings.len())
}

/// A ResourceList of these documents; `shape` says how it is written.
fn list_of(documents: &[&String], shape: usize) -> String {
    let (dash, pad) = [("- ", "  "), ("  - ", "    "), ("-   ", "    ")][shape % 3];
    let mut text = String::from(["", "# c\n", "---\n"][shape / 3 % 3]);
    text.push_str("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n");
    let config = "functionConfig:\n  apiVersion: restore-images.dev/v1alpha1\n  kind: RestoreImages\n  metadata: {name: c}\n  spec:\n    undeclaredMirrors: restore\n    registries:\n    - source: docker.io\n      mirror: reg.corp/hub\n      scope: all\n";
    let is_first = (shape / 9).is_multiple_of(2);
    if is_first {
        text.push_str(config);
    }
    text.push_str("items:\n");
    for document in documents {
        let lines = document.trim_matches('\n').lines();
        let lines: Vec<&str> = lines
            .skip_while(|line| line.is_empty() || line.starts_with('#'))
            .collect();
        text.push_str(dash);
        text.push_str(&lines.join(&format!("\n{pad}")));
        text.push('\n');
    }
    if !is_first {
        text.push_str(config);
    }
    if shape / 18 % 2 == 1 {
        text.push_str("results:\n- message: old\n  severity: info\n");
    }
    text
}

/// The same documents as a stream.
fn stream_of(documents: &[&String], shape: usize) -> String {
    let mark = ["---\n", "---\n# c\n", "--- # c\n", "---\n---\n"][shape % 4];
    let start = ["", "# c\n", "---\n", "# c\n---\n"][shape / 4 % 4];
    let texts: Vec<&str> = documents
        .iter()
        .map(|text| text.trim_matches('\n'))
        .collect();
    format!("{start}{}\n", texts.join(&format!("\n{mark}")))
}

/// The same documents as JSON, in one line or in many.
fn json_of(documents: &[&String], shape: usize) -> Option<String> {
    let read = |text: &&String| {
        yaml_rust2::YamlLoader::load_from_str(text)
            .ok()?
            .into_iter()
            .next()
    };
    let items: Option<Vec<yaml_rust2::Yaml>> = documents.iter().map(read).collect();
    let items: Vec<serde_json::Value> = items?.iter().map(json).collect();
    let list = serde_json::json!({"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": items, "functionConfig": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"undeclaredMirrors": "restore"}}});
    match shape % 4 {
        0 => Some(list.to_string()),
        1 => Some(format!("{list}\n")),
        2 => serde_json::to_string_pretty(&list).ok(),
        _ => Some(format!("{}\n\n", serde_json::to_string_pretty(&list).ok()?)),
    }
}

fn json(value: &yaml_rust2::Yaml) -> serde_json::Value {
    use yaml_rust2::Yaml;
    match value {
        Yaml::Hash(pairs) => pairs
            .iter()
            .map(|(key, value)| (key.as_str().unwrap_or("?").to_owned(), json(value)))
            .collect(),
        Yaml::Array(items) => items.iter().map(json).collect(),
        Yaml::String(text) => text.clone().into(),
        Yaml::Integer(number) => (*number).into(),
        Yaml::Boolean(is) => (*is).into(),
        _ => serde_json::Value::Null,
    }
}

/// A few documents, mostly small ones.
fn some<'d>(all: &'d [String], chance: &mut Chance) -> Vec<&'d String> {
    let count = 1 + chance.below(4);
    let mut found = Vec::new();
    while found.len() < count {
        let document = &all[chance.below(all.len())];
        if document.len() < 3000 && document.contains("kind:") {
            found.push(document);
        }
    }
    found
}

#[test]
fn real_manifests_give_the_same_both_ways() {
    let mut chance = Chance(0x2545_f491_4f6c_dd1d);
    let all = documents();
    let mut quick = [0; 3];
    for round in 0..rounds() * 8 {
        let some = some(&all, &mut chance);
        quick[0] += usize::from(check(&list_of(&some, round)));
        quick[1] += usize::from(check(&stream_of(&some, round)));
        let json = json_of(&some, round);
        quick[2] += usize::from(json.is_some_and(|text| check(&text)));
    }
    assert!(
        quick.iter().all(|count| count * 2 > rounds() * 8),
        "{quick:?} were read fast"
    );
}

#[test]
fn changed_manifests_give_the_same_both_ways() {
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let all = documents();
    for round in 0..rounds() * 16 {
        let some = some(&all, &mut chance);
        check(&mutated(&list_of(&some, round), &mut chance));
        check(&mutated(&stream_of(&some, round), &mut chance));
        if let Some(json) = json_of(&some, round) {
            check(&mutated(&json, &mut chance));
        }
    }
}

/// Rules for agents alone, of which one gives an agent's repository another name.
const RULES: &str = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec:\n  undeclaredMirrors: restore\n  registries:\n  - {source: docker.io, mirror: reg.corp/hub}\n  - {source: docker.io/realtheory/theory-k8s-collector, mirror: reg.corp/renamed/thing}\n  - {source: ghcr.io/cloudzero, mirror: other.corp}\n";

/// In a text of some size, units that hold no mark of an agent are not judged.
#[test]
fn what_the_prefilter_passes_over_holds_nothing() {
    let mut chance = Chance(0x2545_f491_4f6c_dd1d);
    let padding = format!("# {}\n", "x".repeat(1 << 16));
    let mut found = 0;
    for document in documents().iter().filter(|text| text.contains(" image: ")) {
        if chance.below(8) > 0 {
            continue;
        }
        let names = [
            "realtheory/theory-k8s-collector:v1",
            "reg.corp/renamed/thing:v1",
            "x.corp/cloudzero/cloudzero-agent/cloudzero-agent",
        ];
        let image = format!(" image: {} # ", names[chance.below(3)]);
        let moved = document.replacen(" image: ", &image, 1);
        for text in [&mutated(&moved, &mut chance), &moved, document] {
            let text = format!("{}\n{padding}", text.trim_end());
            check_outcome(&text, None);
            found += check_outcome(&text, Some(RULES));
        }
    }
    assert!(found > 20, "{found} findings");
}

/// A container's name may be written with escapes, or over folded lines.
#[test]
fn the_prefilter_knows_names_that_are_written_otherwise() {
    for (pattern, written) in [
        ("my box", ">-\n      my\n      box"),
        ("it's", "'it''s'"),
        ("a/boxx", r#""a\/boxx""#),
        ("a\\boxx", r#""a\\boxx""#),
    ] {
        let config = format!(
            "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n  agents:\n  - name: mine\n    images:\n    - image: quay.io/acme/thing\n      containers: [{pattern:?}]\n      workloads: ['*']\n"
        );
        let text = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: w}}\nspec:\n  containers:\n  - name: {written}\n    image: foo/bar:v1\n# {}\n",
            "x".repeat(1 << 16)
        );
        assert_eq!(check_outcome(&text, Some(&config)), 1, "{pattern}");
    }
}

/// The annotation that keeps a resource as it is may be written with an escape.
#[test]
fn the_prefilter_knows_the_annotation_that_is_written_otherwise() {
    let text = format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: w\n  annotations: {{\"restore-images.dev\\/ignore\": no}}\nspec:\n  containers:\n  - image: foo/bar:v1\n# {}\n",
        "x".repeat(1 << 16)
    );
    assert_eq!(check_outcome(&text, None), 1);
}

/// Where the list begins is then for a parser to say.
#[test]
fn a_comment_behind_the_first_dash_gives_the_same_both_ways() {
    for (dash, pad) in [("- ", "  "), ("  - ", "    ")] {
        for comment in ["# c", "  # c", ""] {
            check(&format!(
                "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n{dash}{comment}\n{pad}apiVersion: v1\n{pad}kind: Pod\n"
            ));
        }
    }
}

/// A dash with a blank behind it is an item; without one it begins a key of the list.
#[test]
fn a_dash_without_a_blank_gives_the_same_both_ways() {
    for line in ["-\"items:", "-x: y", "-", "--- ", "-\t- a"] {
        check(&format!(
            "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n{line}\n"
        ));
    }
}

/// What generates takes its rules from an item, all levels of it.
#[test]
fn rules_among_the_items_are_kept_whole() {
    let registries = "registries:\n    - source: docker.io\n      mirror: reg.corp/hub\n";
    for rules in [registries, &registries.replace("docker.io", "&a docker.io")] {
        let list = format!(
            "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig:\n  apiVersion: restore-images.dev/v1alpha1\n  kind: GenerateImages\n  metadata: {{name: g}}\n  spec:\n    rulesFrom: rules\n    emit:\n    - mirrorSync: {{}}\nitems:\n- apiVersion: restore-images.dev/v1alpha1\n  kind: RestoreImages\n  metadata: {{name: rules}}\n  spec:\n    {rules}"
        );
        check(&list);
    }
}

/// The outline of a flow mapping is read without the check of the whole that a part gets.
#[test]
fn a_flow_mapping_that_breaks_off_is_refused_alike() {
    let whole = r#"{"apiVersion": "config.kubernetes.io/v1", kind: ResourceList, "items": [{"kind": "Pod"}], a: [b, {c: d}]}"#;
    for end in 0..=whole.len() {
        check(&whole[..end]);
        check(&format!("{}  ", &whole[..end]));
    }
}

proptest! {
    #[test]
    fn pieces_of_lists_give_the_same_both_ways(pieces in prop::collection::vec(prop_oneof![
        prop::sample::select(PIECES),
        prop::sample::select(vec![
            "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n", "items:\n", "- kind: Pod\n", "- apiVersion: v1\n  kind: Pod\n  spec:\n    containers:\n    - image: realtheory/theory-k8s-collector:v1\n",
            "  metadata: {name: a}\n", "functionConfig:\n", "results:\n", "- {kind: Pod}\n", "  - kind: Pod\n", "---\n", "apiVersion: v1\n", "kind: Pod\n", "{\"apiVersion\":\"config.kubernetes.io/v1\",\"kind\":\"ResourceList\",\"items\":[", "{\"kind\":\"Pod\"}", "]}", ",", "\n",
        ]),
    ], 0..12), whole in any::<bool>()) {
        let text = pieces.concat();
        if whole {
check(&format!("apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- apiVersion: v1\n  kind: Pod\n{text}"))
} else {
check(&text)
};
    }
}
