//! Where generated objects go: every style of list and stream, with its exact output.

use restore_images::config::Date;
use restore_images::function;
use restore_images::restore::Request;

use super::{COLLECTOR, config, generated};
use crate::support::{assert_text_eq, run};

/// The functionConfig as an indented block.
fn function_config() -> String {
    let text = config(&format!(
        "{COLLECTOR}  emit: [{{rolloutRestart: {{workloads: [{{kind: Deployment, name: a}}]}}}}]\n"
    ));
    text.lines().map(|line| format!("  {line}\n")).collect()
}

/// The objects' kinds and the first lines of the first, as they stand in the output.
#[track_caller]
fn check(input: &str, added: &str) {
    let with_config = input.replace("CONFIG", &function_config());
    let output = whole(&with_config);
    let position = output.find(added);
    assert!(position.is_some(), "{added:?} is not in\n{output}");
    // A second run changes nothing but what it has to say.
    let again = whole(&output);
    let third = whole(&again);
    assert_text_eq(&third, &again);
    assert!(!again.contains("results:"), "{again}");
    assert!(!again.contains("\"results\""), "{again}");
    // Nothing of the input is lost: with what was added taken out, it is there again.
    let mut rest = output.as_str();
    for line in with_config.lines().filter(|line| !line.contains("items")) {
        let found = rest.find(line);
        assert!(found.is_some(), "{line:?} is lost or moved in\n{output}");
        rest = &rest[found.unwrap_or_default() + line.len()..];
    }
}

fn whole(input: &str) -> String {
    let outcome = function::run(&Request {
        input,
        config: None,
        today: Date::parse("2026-01-01").expect("a day"),
    });
    let outcome = outcome.unwrap_or_else(|error| panic!("{error}: {:?}\n{input}", error.fault()));
    outcome.output(input)
}

const HEAD: &str = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n";
const COMMENT: &str = "# Allows a restart of the named agents and nothing else.\n";
const MADE: &str = "apiVersion: rbac.authorization.k8s.io/v1\n";

#[test]
fn behind_the_last_item_in_the_style_of_the_list() {
    let item = "apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: a\n  data:\n    a: |\n      text\n";
    check(
        &format!("{HEAD}items:\n- {item}functionConfig:\nCONFIG"),
        &format!("      text\n{COMMENT}- {MADE}  kind: Role\n"),
    );
    // Indented, with a comment between dash and item, and comments behind the last item.
    check(
        &format!(
            "{HEAD}items:\n  # first\n  - # second\n    apiVersion: v1\n    kind: Namespace\n    metadata: {{name: a}} # third\n\n# fourth\nfunctionConfig:\nCONFIG"
        ),
        &format!("# third\n  {COMMENT}  - {MADE}    kind: Role\n"),
    );
    // An anchor that crosses items makes the list one unit.
    check(
        &format!(
            "{HEAD}functionConfig:\nCONFIGitems:\n- apiVersion: v1\n  kind: Namespace\n  metadata: &m {{name: a}}\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: *m\n"
        ),
        &format!("  metadata: *m\n{COMMENT}- {MADE}"),
    );
}

/// A carriage return ends a line alone, too, so that the key after it is one of the list.
#[test]
fn behind_an_item_that_a_carriage_return_ends() {
    let list = format!(
        "{HEAD}functionConfig:\nCONFIGitems:\n- apiVersion: v1\n  kind: Namespace\n  metadata: {{name: a}}\rextra: b\n"
    )
    .replace("CONFIG", &function_config());
    let added = format!("{{name: a}}\r{COMMENT}- {MADE}");
    for (input, added) in [
        (list.clone(), added.clone()),
        (list.replace('\n', "\r"), added.replace('\n', "\r")),
    ] {
        let output = whole(&input);
        assert!(output.contains(&added), "{output:?}");
        assert!(output.contains("extra: b"), "{output:?}");
        let again = whole(&output);
        assert_text_eq(&whole(&again), &again);
    }
}

#[test]
fn into_a_list_that_is_empty_or_missing() {
    for items in [
        "items: []\n",
        "items:\n",
        "items: null # none\n",
        "items: [] # none\n",
    ] {
        let comment = if items.contains('#') { " # none" } else { "" };
        check(
            &format!("{HEAD}{items}functionConfig:\nCONFIG"),
            &format!("items:{comment}\n{COMMENT}- {MADE}"),
        );
    }
    check(
        &format!("{HEAD}functionConfig:\nCONFIG"),
        &format!("items:\n{COMMENT}- {MADE}"),
    );
    // No line break at the end.
    let input = format!("{HEAD}functionConfig:\nCONFIG");
    check(input.trim_end(), &format!("items:\n{COMMENT}- {MADE}"));
}

#[test]
fn as_json_where_the_list_is_json() {
    let config: serde_json::Value =
        serde_yaml::from_str(&function_config()).expect("a configuration");
    for items in [
        "[]",
        r#"[{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}]"#,
    ] {
        let list = format!(
            r#"{{"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": {items}, "functionConfig": {config}}}"#
        );
        let output = whole(&list);
        let read: serde_json::Value = serde_json::from_str(&output).expect("JSON");
        let kinds: Vec<&str> = read["items"]
            .as_array()
            .expect("items")
            .iter()
            .filter_map(|item| item["kind"].as_str())
            .collect();
        let made = ["Role", "RoleBinding", "ServiceAccount", "CronJob"];
        assert_eq!(kinds[kinds.len() - 4..], made);
        let again: serde_json::Value = serde_json::from_str(&whole(&output)).expect("JSON");
        assert_eq!(again["items"], read["items"]);
        assert_eq!(again.get("results"), None);
    }
    // The same in a list over several lines.
    let list = format!(
        "{{\n  \"apiVersion\": \"config.kubernetes.io/v1\",\n  \"kind\": \"ResourceList\",\n  \"functionConfig\": {config},\n  \"items\": [\n    {{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {{\"name\": \"a\"}}}}\n  ]\n}}\n"
    );
    let output = whole(&list);
    assert!(
        output.contains("}},\n    {\"apiVersion\": \"rbac"),
        "{output}"
    );
}

#[test]
fn behind_a_stream() {
    let config = config("  emit: [{rolloutRestart: {workloads: [{kind: Deployment, name: a}]}}]\n");
    let item = "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}";
    for (input, end) in [
        (format!("{item}\n"), format!("{item}\n---\n{COMMENT}{MADE}")),
        (item.to_owned(), format!("{item}\n---\n{COMMENT}{MADE}")),
        (
            format!("{item}\r\n")
                .replace('\n', "\r\n")
                .replace("\r\r", "\r"),
            format!("---\r\n{}\r\n{}\r\n", COMMENT.trim_end(), MADE.trim_end()),
        ),
        (
            "{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"a\"}}\n"
                .to_owned(),
            "\n{\"apiVersion\": \"rbac".to_owned(),
        ),
    ] {
        let output = generated(&config, &input);
        assert!(output.starts_with(input.trim_end()), "{output}");
        assert!(output.contains(&end), "{end:?} is not in\n{output}");
        assert_text_eq(&generated(&config, &output), &output);
    }
}

#[test]
fn an_older_self_is_replaced_where_it_stands() {
    let config = |schedule: &str| {
        config(&format!(
            "{COLLECTOR}  emit: [{{mirrorSync: {{schedule: \"{schedule}\"}}}}]\n"
        ))
    };
    let first = generated(&config("0 3 * * 0"), "");
    // Annotations and labels of others stay, and so do the documents around it.
    let first = first.replace(
        "  annotations:\n",
        "  annotations:\n    config.kubernetes.io/path: 'a.yaml'\n",
    );
    let first = first.replacen("  labels:\n", "  labels:\n    team: platform\n", 1);
    assert_text_eq(&generated(&config("0 3 * * 0"), &first), &first);
    let second = generated(&config("0 4 * * 1"), &first);
    let expected = first
        .replace("schedule: 0 3 * * 0", "schedule: 0 4 * * 1")
        .replace("'a.yaml'", "a.yaml");
    let changed = |text: &str| text.split("kind: CronJob").nth(1).map(str::to_owned);
    let annotations = |text: Option<String>| {
        let text = text.expect("a CronJob");
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    };
    assert_eq!(
        annotations(changed(&second)),
        annotations(changed(&expected))
    );
    assert_text_eq(
        second
            .split("kind: CronJob")
            .next()
            .expect("what is before it"),
        first
            .split("kind: CronJob")
            .next()
            .expect("what is before it"),
    );
}

#[test]
fn what_is_no_longer_generated_is_reported_and_stays() {
    let both = config(
        "  agents: [realtheory-collector]\n  emit: [{rolloutRestart: {workloads: [{kind: Deployment, name: a}]}}, {admissionPolicy: {}}]\n",
    );
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("generate.yaml");
    let first = generated(&both, "");
    std::fs::write(
        &file,
        config("  agents: [realtheory-collector]\n  emit: [{admissionPolicy: {}}]\n"),
    )
    .expect("written");
    let second = run(&[file.to_str().expect("a path")], first.as_bytes());
    assert_text_eq(&String::from_utf8(second.stdout).expect("UTF-8"), &first);
    let stale = second.stderr.matches("was generated before and no longer is: delete it, here and in the cluster [stale-generated-resource]");
    assert_eq!(stale.count(), 4, "{}", second.stderr);
    // Each line names its resource once.
    let line = second.stderr.lines().next().expect("a line");
    assert_eq!(line.matches("rollout-restart").count(), 1, "{line}");
}
