//! What holds for every input: generated ResourceLists in every style, and arbitrary text.

use std::collections::BTreeMap;

use proptest::prelude::*;
use restore_images::config::Date;
use restore_images::finding::Severity;
use restore_images::restore::{Outcome, Request, restore};
use yaml_rust2::{Yaml, YamlLoader};

fn run(input: &str) -> Result<(String, Outcome), Box<restore_images::error::Error>> {
    let today = Date::from_unix_days(20_000);
    let request = Request {
        input,
        config: None,
        today,
    };
    let outcome = restore(&request).map_err(Box::new)?;
    let output = outcome.output(input).collect();
    Ok((output, outcome))
}

fn image() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "realtheory/theory-k8s-collector",
        "docker.io/realtheory/theory-k8s-collector:v1.2.3",
        "registry.local:5000/realtheory/theory-k8s-collector:latest",
        "reg.corp/hub/realtheory/theory-k8s-collector",
        "realtheory/theory-k8s-collector@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "nginx:1.25",
        "quay.io/x/y",
        "12:30",
        "$(IMAGE)",
        "auto",
    ])
    .prop_map(str::to_owned)
}

/// A value in one of the styles that a line can hold.
fn styled(value: String) -> impl Strategy<Value = String> {
    (0..5usize).prop_map(move |style| match style {
        0 => format!("'{value}'"),
        1 => format!("\"{value}\""),
        2 => format!("!!str \"{value}\""),
        3 => format!("\"{value}\" # a: b"),
        _ if value.starts_with('$') || value.contains("12:") => format!("'{value}'"),
        _ => value.clone(),
    })
}

fn container() -> impl Strategy<Value = Vec<String>> {
    let policy = prop::sample::select(vec!["", "Always", "Never", "'IfNotPresent'", "~"]);
    (
        image().prop_flat_map(styled),
        policy,
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(image, policy, name_first, quoted)| {
            let quote = |key: &str| {
                if quoted {
                    format!("\"{key}\"")
                } else {
                    key.to_owned()
                }
            };
            let mut lines = vec![format!("{}: {image}", quote("image"))];
            if !policy.is_empty() {
                lines.push(format!("{}: {policy}", quote("imagePullPolicy")));
            }
            lines.insert(
                if name_first { 0 } else { lines.len() },
                "name: c".to_owned(),
            );
            lines.push("env: [{name: A, value: 'image: x'}]".to_owned());
            lines
        })
}

/// An item of a ResourceList: a Deployment with one to three containers, or something else.
fn item() -> impl Strategy<Value = String> {
    let containers = prop::collection::vec(container(), 1..4);
    let deployment = (containers, any::<bool>(), 0..3usize).prop_map(|(containers, wide, tail)| {
        let indent = if wide { "          " } else { "        " };
        let mut text = String::from(
            "- apiVersion: apps/v1\n  kind: Deployment\n  metadata:\n    name: d\n    annotations:\n      config.kubernetes.io/path: 'a.yaml'\n      config.kubernetes.io/index: '0'\n  spec:\n    template:\n      spec:\n        containers:\n",
        );
        for lines in containers {
            text.push_str(&format!("{indent}- {}\n", lines.join(&format!("\n{indent}  "))));
        }
        text.push_str(["", "        # tail\n", "        restartPolicy: Always\n\n"][tail]);
        text
    });
    let other = prop::sample::select(vec![
        "- {apiVersion: v1, kind: Service, metadata: {name: s}}\n",
        "- apiVersion: v1\n  kind: ConfigMap\n  data:\n    x: |\n      image: nginx\n\n    y: &a >-\n      folded\n    z: *a\n",
        "# between\n- \"apiVersion\": v1\n  kind: Pod\n  spec: {containers: [{name: c, image: realtheory/theory-k8s-collector:v1}]}\n",
    ])
    .prop_map(str::to_owned);
    prop_oneof![3 => deployment, 1 => other]
}

fn list() -> impl Strategy<Value = String> {
    let config = prop::sample::select(vec![
        "  agents: [realtheory-collector]\n",
        "  mode: check\n",
        "  undeclaredMirrors: keep\n  agents: [realtheory-collector]\n",
        "  agents: [realtheory-collector]\n  imagePullSecrets: [s]\n  registries: [{source: docker.io, mirror: reg.corp/hub, scope: all}]\n",
    ]);
    (prop::collection::vec(item(), 0..5), config, any::<bool>()).prop_map(
        |(items, spec, crlf)| {
            let items = match items.is_empty() {
                true => " []\n".to_owned(),
                false => format!("\n{}", items.concat()),
            };
            let spec = spec.replace("\n  ", "\n    ");
            let text = format!(
                "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:{items}functionConfig:\n  apiVersion: restore-images.dev/v1alpha1\n  kind: RestoreImages\n  metadata: {{name: c}}\n  spec:\n  {spec}"
            );
            if crlf { text.replace('\n', "\r\n") } else { text }
        },
    )
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

/// A container that shares with those before it: `shape` says how, `with` which one.
#[derive(Debug, Clone)]
struct Shared {
    shape: usize,
    with: usize,
    image: usize,
    flow: bool,
}

fn shared() -> impl Strategy<Value = Vec<Shared>> {
    let one = (0..7usize, 0..5usize, 0..4usize, any::<bool>());
    let one = one.prop_map(|(shape, with, image, flow)| Shared {
        shape,
        with,
        image,
        flow,
    });
    prop::collection::vec(one, 1..6)
}

/// A pod whose containers share images, policies and whole mappings by anchors.
fn pod_of(containers: &[Shared]) -> String {
    let mut text =
        String::from("apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n");
    for (index, container) in containers.iter().enumerate() {
        let image = [
            "realtheory/theory-k8s-collector",
            "docker.io/realtheory/theory-k8s-collector:v1",
            "nginx:1",
            "realtheory/theory-k8s-collector:v2",
        ][container.image];
        let with = container.with.min(index.saturating_sub(1));
        let shape = if index == 0 {
            container.shape.min(1)
        } else {
            container.shape
        };
        let pairs = match shape {
            0 => vec![
                format!("image: &i{index} {image}"),
                format!("name: c{index}"),
            ],
            1 => vec![
                format!("name: c{index}"),
                format!("image: &i{index} '{image}'"),
                "imagePullPolicy: Never".to_owned(),
            ],
            2 => vec![format!("image: *i{with} "), format!("env: [&i{index} x]")],
            3 => vec![
                format!("<<: *m{with} "),
                format!("name: &i{index} c{index}"),
            ],
            4 => vec![
                format!("<<: [*m{with} , *m0 ]"),
                format!("image: &i{index} {image}"),
            ],
            5 => vec![
                format!("name: *i{with} "),
                format!("image: &i{index} {image}"),
            ],
            _ => {
                text.push_str(&format!(
                    "  - *m{with}\n  - &m{index} {{name: &i{index} x}}\n"
                ));
                continue;
            }
        };
        if container.flow {
            text.push_str(&format!("  - &m{index} {{{}}}\n", pairs.join(", ")));
        } else {
            text.push_str(&format!("  - &m{index}\n    {}\n", pairs.join("\n    ")));
        }
    }
    text
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
        if first.mode == restore_images::config::Mode::Restore {
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
            .filter(|_| outcome.mode == restore_images::config::Mode::Restore)
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
        let (_, restored) = run(&input).expect("a ResourceList");
        let mode = if input.contains("mode: check") { ("mode: check", "mode: restore") } else { ("spec:\r\n    ", "spec:\r\n    mode: check\r\n    ") };
        let other = input.replacen(mode.0, mode.1, 1).replacen("spec:\n    agents", "spec:\n    mode: check\n    agents", 1);
        let other_input = other;
        let (_, other) = run(&other_input).expect("a ResourceList");
        for (text, outcome) in [(&input, &restored), (&other_input, &other)] {
            let run = crate::support::run(&[], text.as_bytes());
            let errors = String::from_utf8_lossy(&run.stdout).matches("severity: error").count();
            prop_assert_eq!(run.code == 1, errors > 0, "{}", text);
            prop_assert_eq!(run.code == 1, outcome.has_errors());
            prop_assert!(run.code < 2);
        }
        // Both modes find the same.
        let found = |outcome: &Outcome| -> Vec<(&'static str, String)> {
            outcome.findings.iter().map(|f| (f.rule.id(), f.message.clone())).collect()
        };
        prop_assert_eq!(found(&restored), found(&other));
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
