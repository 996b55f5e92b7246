//! The built-in profiles: each file's own examples are its proof.

mod cases;
mod concerned;
mod data;
mod listed;
mod manifests;
mod own;
mod part;
mod pulled;
mod renders;
mod vendors;
mod verify;

use std::fs;

use restore_images::agent;
use restore_images::chart::ChartImage;
use restore_images::config::{self, Date};
use restore_images::function;
use restore_images::restore::Request;
use restore_images::yaml::parse;
use yaml_rust2::YamlLoader;

use crate::support::{assert_text_eq, built_in_agents, copy_of, run_in_folder};

fn config_of(agents: &str) -> String {
    format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n  agents:\n{agents}"
    )
}

fn deployment(image: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: w}}\nspec: {{template: {{spec: {{containers: [{{name: c, image: \"{image}\"}}]}}}}}}\n"
    )
}

/// What becomes of a Deployment's image under a configuration.
fn restored_image(config: &str, input: &str) -> String {
    restored_images(config, input).pop().expect("an image")
}

/// What becomes of the images in quotes under a configuration.
fn restored_images(config: &str, input: &str) -> Vec<String> {
    let request = Request {
        input,
        config: Some(config),
        today: Date::from_unix_days(20_000),
    };
    let outcome = function::run(&request).expect("the example is restored");
    let output = outcome.output(input);
    let images = output.split("image: \"").skip(1);
    let image = |rest: &str| rest.split_once('"').expect("its end").0.to_owned();
    images.map(image).collect()
}

/// The configuration in a text.
fn read(text: &str) -> config::Config {
    let node = parse::document(text).expect("YAML");
    let document = config::ConfigDocument {
        node: &node,
        origin: restore_images::error::Origin::Config,
    };
    config::read(Some(document), &[]).expect("a built-in profile is right")
}

#[test]
fn every_built_in_profile_is_proved_by_its_examples() {
    let mut count = 0;
    let names: Vec<&str> = agent::builtin_names().collect();
    assert_eq!(names, built_in_agents());
    for name in names {
        let text = config_of(&format!("  - {name}\n"));
        let config = read(&text);
        let profile = &config.agents[0];
        assert_eq!(&*profile.name, name, "the file is named as its profile");
        assert!(
            profile.docs.is_some(),
            "{name} says where the vendor says so"
        );
        assert!(!profile.examples.is_empty(), "{name} has no example");
        for example in &profile.examples {
            let image = restored_image(&text, &deployment(&example.from));
            assert_text_eq(&image, &example.to);
            let again = restored_image(&text, &deployment(&example.to));
            assert_text_eq(&again, &example.to);
            count += 1;
        }
    }
    assert!(count > 5);
}

/// The three numbers of a version of a chart.
fn numbers(version: &str) -> Vec<u64> {
    let numbers = version.split('.').map(|number| number.parse());
    let mut numbers: Vec<u64> = numbers.collect::<Result<_, _>>().expect("numbers");
    numbers.resize(numbers.len().max(3), 0);
    numbers
}

/// An image that a chart keeps otherwise since a version is there in each one: a range whose newest version were
/// in between would have no image.
#[test]
fn versions_of_a_chart_have_no_gap() {
    let mut count = 0;
    for name in agent::builtin_names() {
        let text = config_of(&format!("  - {name}\n"));
        let config = read(&text);
        for chart in config.agents.iter().flat_map(|agent| &agent.charts) {
            let path = |image: &ChartImage| {
                let part = image.whole.as_ref().or(image.name.as_ref());
                part.or(image.repository.as_ref())
                    .map(|part| part.path.clone())
            };
            for image in &chart.images {
                let Some(until) = &image.until else { continue };
                let same = chart.images.iter().filter(|it| path(it) == path(image));
                let since: Vec<&str> = same.filter_map(|it| it.since.as_deref()).collect();
                let length = until.split('.').count();
                let mut end = numbers(until);
                end[length - 1] += 1;
                end[length..].fill(0);
                let begins = |since: &&str| numbers(since) >= end;
                if since.iter().any(begins) {
                    let is_next = since.iter().any(|since| numbers(since) == end);
                    assert!(is_next, "{name}: {until} beside {since:?}");
                    count += 1;
                }
            }
        }
    }
    assert!(count > 20, "{count}");
}

/// What older versions of a chart have by default is of versions that the profile knows.
#[test]
fn earlier_defaults_are_of_known_versions() {
    let mut count = 0;
    for name in agent::builtin_names() {
        let file = agent::builtin_text(name).expect("built in");
        let profile: serde_yaml::Value = serde_yaml::from_str(file).expect("YAML");
        let list = |value: &serde_yaml::Value| value.as_sequence().cloned().unwrap_or_default();
        for chart in list(&profile["spec"]["charts"]) {
            for image in list(&chart["images"]) {
                let since = image["since"].as_str().or(chart["since"].as_str());
                let parts = image.as_mapping().into_iter().flatten();
                let earlier = parts.flat_map(|(_, part)| list(&part["earlier"]));
                for (earlier, since) in earlier.zip(since.into_iter().cycle()) {
                    let until = earlier["until"].as_str().expect("a version");
                    let given = until.split('.').count();
                    let is_known = numbers(until)[..given] >= numbers(since)[..given];
                    assert!(is_known, "{name}: {until} before {since}");
                    count += 1;
                }
            }
        }
    }
    assert!(count > 20, "{count}");
}

#[test]
fn a_copy_of_a_built_in_profile_works_in_the_configuration_and_among_the_items() {
    for name in agent::builtin_names() {
        let file = agent::builtin_text(name).expect("built in");
        let indented: String = file.lines().map(|line| format!("    {line}\n")).collect();
        let inline = config_of(&format!("  -\n{indented}"));
        let named = config_of(&format!("  - {name}\n"));
        let node = parse::document(&named).expect("YAML");
        let document = config::ConfigDocument {
            node: &node,
            origin: restore_images::error::Origin::Config,
        };
        let config = config::read(Some(document), &[]).expect("a built-in profile is right");
        for examples in config.agents[0].examples.chunks(8) {
            let each = examples.iter().enumerate();
            let inputs = each.map(|(number, example)| {
                deployment(&example.from)
                    .replace("{name: w}", &format!("{{name: w, namespace: n{number}}}"))
            });
            let input = inputs.collect::<Vec<_>>().join("---\n");
            let expected: Vec<&str> = examples.iter().map(|example| &*example.to).collect();
            assert_eq!(restored_images(&inline, &input), expected);
            let with_item = format!("{file}---\n{input}");
            let found = restored_images(&named, &with_item);
            assert_eq!(found[found.len() - expected.len()..], expected);
        }
    }
}

/// A row for each image: agent, image, tag, pull policy and source, as the files of `function/agents/`
/// say; yaml-rust2 reads them, so that nothing of the program takes part.
fn rows_of_files(source: &str, names: &[String]) -> Vec<[String; 5]> {
    let mut rows = Vec::new();
    for name in names {
        let text = fs::read_to_string(format!("function/agents/{name}.yaml")).expect("a profile");
        let profile = YamlLoader::load_from_str(&text).expect("YAML");
        for (index, image) in profile[0]["spec"]["images"].clone().into_iter().enumerate() {
            let first = |text: &str| if index == 0 { text } else { "" }.to_owned();
            let word = |key: &str| image[key].as_str().unwrap_or("keep").to_owned();
            let tag = match &*word("tag") {
                "pinned" => format!("pinned {}", word("pin")),
                "minimum" => format!("minimum {}", word("minimum")),
                policy => policy.to_owned(),
            };
            rows.push([
                first(name),
                word("image"),
                tag,
                word("imagePullPolicy"),
                first(source),
            ]);
        }
    }
    rows
}

/// Columns as wide as their widest cell, two blanks apart.
fn aligned(rows: &[[String; 5]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let mut text = String::new();
    for row in rows {
        let line: String = (0..5)
            .map(|column| format!("{:1$}", row[column], width(column) + 2))
            .collect();
        text += line.trim_end();
        text.push('\n');
    }
    text
}

#[test]
fn images_of_agents_are_those_of_the_configuration_and_then_of_the_other_files() {
    let folder = copy_of("tests/cases/agents/in");
    let run = run_in_folder(folder.path(), &["agents", "--images"], b"");
    let row = |cells: [&str; 5]| cells.map(str::to_owned);
    let pinned = |image| row(["", image, "pinned 1.2.13", "keep", ""]);
    let mut rows = vec![
        row(["AGENT", "IMAGE", "TAG", "PULL POLICY", "SOURCE"]),
        row([
            "realtheory-collector",
            "realtheory/theory-k8s-collector",
            "floating",
            "Always",
            "built-in",
        ]),
        row([
            "cloudzero-agent",
            "ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent",
            "pinned 1.2.13",
            "keep",
            "built-in, adjusted",
        ]),
        pinned("quay.io/prometheus/prometheus"),
        pinned("quay.io/prometheus-operator/prometheus-config-reloader"),
        pinned("registry.k8s.io/kube-state-metrics/kube-state-metrics"),
        pinned("docker.io/grafana/alloy"),
        pinned("docker.io/bitnami/kubectl"),
        row([
            "portfolio",
            "registry.example.com/apps/portfolio:stable",
            "floating",
            "Always",
            "configuration",
        ]),
    ];
    let mut others = built_in_agents();
    others.retain(|name| !["realtheory-collector", "cloudzero-agent"].contains(&name.as_str()));
    rows.extend(rows_of_files("built-in, not in play", &others));
    assert_text_eq(
        &String::from_utf8(run.stdout).expect("UTF-8"),
        &aligned(&rows),
    );
    assert_text_eq(&run.stderr, "");
    assert_eq!(run.code, 0);
}
