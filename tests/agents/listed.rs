//! The list of agents, and words that are not quite their names.

use std::fs;

use crate::support::{assert_text_eq, built_in_agents, run, run_in_folder};

fn shown(words: &[&str]) -> String {
    let run = run(words, b"");
    let out = String::from_utf8(run.stdout).expect("UTF-8");
    format!("{out}{}exit {}", run.stderr, run.code)
}

#[track_caller]
fn check(words: &[&str], expected: &str) {
    assert_text_eq(&shown(words), expected);
}

/// The names in the first column of a table.
fn names(table: &str) -> Vec<&str> {
    let rows = table.lines().skip(1);
    let rows = rows.take_while(|line| !line.is_empty());
    rows.filter_map(|line| line.split_whitespace().next())
        .collect()
}

#[test]
fn the_list_has_a_row_for_each_agent_and_fits_80_columns() {
    let list = shown(&["agents"]);
    assert_eq!(names(&list), built_in_agents());
    for line in list.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let row = |name: &str| list.lines().find(|line| line.starts_with(name));
    assert_eq!(
        row("realtheory-collector"),
        Some("realtheory-collector        RealTheory Collector       1     0       0      0")
    );
    // docs/agents.md counts the same, by what its test reads.
    assert_eq!(
        row("octopus-kubernetes-agent"),
        Some("octopus-kubernetes-agent    Octopus Kubernetes agent   6     11      1      3")
    );
}

#[test]
fn those_that_the_configuration_names_come_first() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec: {agents: [wiz-sensor, falco]}\n";
    fs::write(folder.path().join("restore-images.yaml"), config).expect("written");
    let run = run_in_folder(folder.path(), &["agents"], b"");
    let out = String::from_utf8(run.stdout).expect("UTF-8");
    let (named, others) = out
        .split_once("\nBuilt in, and not named by the configuration:\n\n")
        .expect("two tables");
    assert_text_eq(
        named,
        "AGENT       TITLE       PODS  VALUES  KINDS  VARS\n\
         wiz-sensor  Wiz Sensor  4     3       0      2\n\
         falco       Falco       9     17      0      0\n",
    );
    let mut expected = built_in_agents();
    expected.retain(|name| !["wiz-sensor", "falco"].contains(&name.as_str()));
    assert_eq!(names(others), expected);
}

#[test]
fn a_word_lists_all_that_it_is_a_part_of() {
    for (word, expected) in [
        (
            "grafana",
            &["grafana-agents", "grafana-alloy", "grafana-k8s-monitoring"][..],
        ),
        ("Wiz", &["wiz-kubernetes-integration", "wiz-sensor"]),
        ("fluent", &["fluent-bit", "fluent-operator", "fluentd"]),
        // Of an image: public.ecr.aws/neuron/neuron-monitor.
        ("neuron", &["cloudwatch-agent"]),
        // Letters within a word of a name.
        ("dog", &["datadog"]),
        ("zero", &["cloudzero-agent"]),
    ] {
        let list = shown(&["agents", word]);
        let found = match list.strip_prefix("agent         ") {
            Some(page) => page.lines().take(1).collect(),
            None => names(&list),
        };
        assert_eq!(found, expected, "{word}: {list}");
    }
    let list = shown(&["agents", "data"]);
    assert!(names(&list).contains(&"datadog"), "{list}");
    for (word, name) in [
        ("new-relic", "newrelic"),
        ("datadog-agent", "datadog"),
        ("cloudz", "cloudzero-agent"),
        ("dd", "datadog"),
    ] {
        assert_text_eq(&shown(&["agents", word]), &shown(&["agents", name]));
    }
}

#[test]
fn a_misspelt_or_short_name_gets_the_right_one() {
    for (word, meant) in [
        ("datadgo", "did you mean `datadog`? "),
        ("realtheroy", "did you mean `realtheory-collector`? "),
        ("nr", "did you mean `newrelic`? "),
        (
            "dt",
            "did you mean `datadog`, `dcgm-exporter` or `dynatrace`? ",
        ),
        ("zzz", ""),
    ] {
        check(
            &["agents", word],
            &format!(
                "there is no agent `{word}`\nhelp: {meant}`restore-images agents` lists all that are known\nexit 2"
            ),
        );
    }
    check(
        &["agents", "grafana", "--profile"],
        "there is no built-in profile `grafana`\nhelp: did you mean `grafana-agents`, `grafana-alloy` or \
         `grafana-k8s-monitoring`? `restore-images agents` lists all that are known\nexit 2",
    );
}

#[test]
fn a_configuration_with_a_short_name_says_which_is_meant() {
    let folder = tempfile::tempdir().expect("a folder");
    for (word, meant) in [
        ("dd", "`datadog`"),
        ("otel", "`opentelemetry-collector`"),
        ("datadog-agent", "`datadog`"),
        (
            "grafana",
            "`grafana-agents`, `grafana-alloy` or `grafana-k8s-monitoring`",
        ),
    ] {
        let config = format!(
            "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n  agents: [{word}]\n"
        );
        fs::write(folder.path().join("restore-images.yaml"), config).expect("written");
        let run = run_in_folder(folder.path(), &["check"], b"");
        assert_text_eq(
            &run.stderr,
            &format!(
                "restore-images.yaml:5:12: spec.agents[0]: unknown agent `{word}`\nhelp: did you mean {meant}? \
                 `restore-images agents` lists all that are known\n"
            ),
        );
        assert_eq!(run.code, 2);
    }
}

#[test]
fn explain_shows_the_agents_of_a_name_and_how_to_ask_for_the_image() {
    for word in ["datadog", "grafana", "cloudzero"] {
        check(
            &["explain", word],
            &format!(
                "{}\nEvery agent with this word: restore-images agents {word}\nFor the image of that name: restore-images explain docker.io/library/{word}\nexit 0",
                shown(&["agents", word]).trim_end_matches("exit 0")
            ),
        );
    }
    check(
        &["explain", "datadgo"],
        "`datadgo` is not an agent\nhelp: did you mean `datadog`? for the image of that name, write \
         docker.io/library/datadgo\nexit 2",
    );
    check(
        &["explain", "datadog", "--format", "json"],
        "`datadog` is the name of an agent\nhelp: `restore-images agents datadog` shows it; for the image of \
         that name, write docker.io/library/datadog\nexit 2",
    );
}

/// Images of Docker Hub's library are no slips of agents' names.
#[test]
fn explain_takes_other_plain_words_for_images() {
    for image in [
        "alpine",
        "busybox",
        "caddy",
        "debian",
        "docker",
        "elasticsearch",
        "ghost",
        "golang",
        "haproxy",
        "httpd",
        "influxdb",
        "kibana",
        "kong",
        "mariadb",
        "memcached",
        "mongo",
        "mysql",
        "nats",
        "nginx",
        "node",
        "php",
        "postgres",
        "python",
        "rabbitmq",
        "redis",
        "registry",
        "ruby",
        "tomcat",
        "traefik",
        "ubuntu",
    ] {
        let shown = shown(&["explain", image]);
        assert!(
            shown.contains(&format!(" docker.io/library/{image}\n")),
            "{image}: {shown}"
        );
    }
    let given = shown(&["explain", "datadog", "--container", "agent"]);
    assert!(given.contains("docker.io/library/datadog"), "{given}");
}
