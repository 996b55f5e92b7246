//! Faults of whole documents: their kind, ConfigMaps, size, and what messages show.

use std::time::{Duration, Instant};

use super::{HEAD, check_fault, try_with};
use crate::support::known_agents;

/// A ConfigMap with these data on line 3.
#[track_caller]
fn check_data(data: &str, expected: &str, help: &str) {
    let text = format!("apiVersion: v1\nkind: ConfigMap\ndata: {{{data}}}\n");
    check_fault(&text, expected, help);
}

#[test]
fn faults_of_a_config_map_point_at_the_value() {
    check_data(
        "agent: a",
        "data.agent 3:8: unknown key `agent`",
        "did you mean `agents`?",
    );
    check_data(
        "exceptions: a",
        "data.exceptions 3:8: unknown key `exceptions`",
        "known keys: mode, agents, registries, undeclaredMirrors, imagePullSecrets, output",
    );
    check_data(
        "mode: chek",
        "data.mode 3:14: unknown mode `chek`",
        "did you mean `check`? known: restore, check",
    );
    check_data(
        "agents: \"realtheory-collector,zzz\"",
        "data.agents 3:16: unknown agent `zzz`",
        &known_agents(),
    );
    check_data(
        "agents: \" , \"",
        "data.agents 3:16: the list names no agent",
        "name one, or leave `agents` out for every built-in profile",
    );
    check_data(
        "registries: \"docker.io=m.example.com,quay.io\"",
        "data.registries 3:20: `quay.io` is not a pair",
        "write `source=mirror`, with commas or line ends between pairs",
    );
    check_data(
        "registries: hub=m.example.com",
        "data.registries 3:20: `hub` does not start with a registry host",
        "a host has a dot or a port, as `registry.example.com`; for a path of Docker Hub, write `docker.io/hub`",
    );
    check_data(
        "imagePullSecrets: My",
        "data.imagePullSecrets 3:26: `My` is not a legal name",
        "use lower-case letters, digits, `-` and `.`, with a letter or digit at both ends",
    );
    check_data(
        "imagePullSecrets: 1",
        "data.imagePullSecrets 3:26: expected text, found the number 1",
        "quote it: \"1\"; kustomize rewrites unquoted numbers (1.10 becomes 1.1) before this function sees them",
    );
}

#[test]
fn only_known_kinds_configure() {
    const EXPECTED: &str =
        "write `kind: RestoreImages` and `apiVersion: restore-images.dev/v1alpha1`";
    let own = |kind: &str| format!("apiVersion: restore-images.dev/v1alpha1\nkind: {kind}\n");
    check_fault("a: b\n", " 1:1: `kind` is missing", EXPECTED);
    check_fault(
        "kind: RestoreImages\n",
        " 1:1: `apiVersion` is missing",
        EXPECTED,
    );
    check_fault(
        "- a\n",
        " 1:1: expected a configuration, found a list",
        EXPECTED,
    );
    check_fault(
        "kind: 1\n",
        "kind 1:7: expected text, found a number",
        EXPECTED,
    );
    check_fault(
        &own("RestoreImage"),
        "kind 2:7: `RestoreImage` is not known",
        "did you mean `RestoreImages`?",
    );
    check_fault(
        &own("GenerateImage"),
        "kind 2:7: `GenerateImage` is not known",
        "did you mean `GenerateImages`?",
    );
    check_fault(
        &own("AgentProfile"),
        "kind 2:7: an AgentProfile describes an agent and configures nothing",
        "put it among the items, or into `agents` of a RestoreImages",
    );
    check_fault(
        "apiVersion: apps/v1\nkind: Deployment\n",
        "kind 2:7: `Deployment` is not known",
        &format!(
            "to look at a manifest, write `restore-images check FILE`; for a configuration, {EXPECTED}"
        ),
    );
    check_fault(
        "apiVersion: restore-images.dev/v1\nkind: RestoreImages\n",
        "apiVersion 1:13: `restore-images.dev/v1` is not known",
        "write `restore-images.dev/v1alpha1`",
    );
    check_fault(
        "apiVersion: v2\nkind: ConfigMap\n",
        "apiVersion 1:13: `v2` is not known",
        "write `v1`",
    );
    check_fault(
        "kind: RestoreImages\napiVersion: v1\nkind: RestoreImages\n",
        "kind 3:1: the key `kind` stands twice in one mapping (first: 1:1)",
        "readers disagree on which of the two counts: remove one",
    );
}

#[test]
fn root_keys_are_known() {
    check_fault(
        &format!("{HEAD}status: {{}}\n"),
        "status 3:1: unknown key `status`",
        "known keys: apiVersion, kind, metadata, spec",
    );
    check_fault(
        &format!("{HEAD}spec:\n"),
        "spec 3:5: expected a mapping, found nothing",
        "write a value, or leave the key out",
    );
    check_fault(
        "apiVersion: v1\nkind: ConfigMap\nbinaryData: {}\n",
        "binaryData 3:1: unknown key `binaryData`",
        "known keys: apiVersion, kind, metadata, data",
    );
}

#[test]
fn columns_count_characters() {
    check_fault(
        &format!("{HEAD}spec: {{exceptions: [{{reason: é→ü, allow: [tag], nam: x}}]}}\n"),
        "spec.exceptions[0].nam 3:49: unknown key `nam`",
        "did you mean `name`?",
    );
}

#[test]
fn messages_stay_on_one_short_line() {
    let (long, shown) = ("x".repeat(100_000), "x".repeat(60));
    check_fault(
        &format!("{HEAD}spec: {{mode: {long}}}\n"),
        &format!("spec.mode 3:14: unknown mode `{shown}…`"),
        "known: restore, check",
    );
    check_fault(
        &format!("{HEAD}? {long}\n: a\n"),
        &format!("{shown}… 3:3: unknown key `{shown}…`"),
        "known keys: apiVersion, kind, metadata, spec",
    );
    check_fault(
        &format!("{HEAD}spec: {{mode: \"a\\nb\\e[31m\"}}\n"),
        "spec.mode 3:14: unknown mode `a\\nb\\u{1b}[31m`",
        "known: restore, check",
    );
}

/// A few lines of aliases stand for billions of values.
#[test]
fn alias_bombs_are_refused() {
    let start = Instant::now();
    let mut text = format!("{HEAD}metadata:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..10 {
        let below = format!("*a{}, ", level - 1).repeat(10);
        text.push_str(&format!("  a{level}: &a{level} [{below}]\n"));
    }
    assert!(try_with(&text, &[]).is_ok(), "metadata is not read");

    let secrets = format!("{}, ", "s".repeat(100)).repeat(500);
    let mut text = format!("{HEAD}spec:\n  imagePullSecrets: &l [{secrets}]\n  registries:\n");
    for index in 0..900 {
        text.push_str(&format!(
            "  - {{source: h{index}.io, mirror: m{index}.io, imagePullSecrets: *l}}\n"
        ));
    }
    let error = try_with(&text, &[]).expect_err("a bomb");
    assert!(error.fault().key.starts_with("spec.registries["));
    assert_eq!(
        error.fault().what,
        "the configuration is too large: it stands for more than 1 MB"
    );
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn more_rules_than_anybody_writes_are_refused() {
    let rule = |index| format!("{{source: h{index}.io, mirror: m{index}.io}}");
    let rules: Vec<String> = (0..1_001).map(rule).collect();
    let text = format!("{HEAD}spec: {{registries: [{}]}}\n", rules.join(", "));
    let error = try_with(&text, &[]).expect_err("too many");
    assert_eq!(&*error.fault().key, "spec.registries[1000].source");
    assert_eq!(error.fault().what, "more than 1000 registry mapping rules");
}
