//! Policies of Kyverno: what of them a rule says, and every condition that it does not.

use super::{Folder, RULES, check};
use crate::support::assert_text_eq;

#[test]
fn policies_of_kyverno() {
    check(
        &[(
            "kyverno.yaml",
            r#"apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata:
  name: mirrors
spec:
  rules:
  - name: hub
    match:
      any:
      - resources: {kinds: [Pod], namespaces: [apps]}
    mutate:
      foreach:
      - list: request.object.spec.containers
        patchStrategicMerge:
          spec:
            containers:
            - name: "{{ element.name }}"
              image: "{{ regex_replace_all('^docker\\.io/(.*)$', '{{element.image}}', 'mirror.example.com/hub/$1') }}"
  - name: quay
    match:
      any:
      - resources: {kinds: [Pod]}
    mutate:
      foreach:
      - list: request.object.spec.containers
        patchStrategicMerge:
          spec:
            containers:
            - name: "{{ element.name }}"
              image: "{{ replace_all('{{ element.image }}', 'quay.io/', 'mirror.example.com/quay/') }}"
      - list: request.object.spec.initContainers
        patchStrategicMerge:
          spec:
            initContainers:
            - name: "{{ element.name }}"
              image: "{{ regex_replace_all_literal('^quay\\.io\\/', '{{ element.image }}', 'mirror.example.com/quay/') }}"
  - name: everything
    mutate:
      foreach:
      - list: request.object.spec.initContainers
        patchesJson6902: |-
          - op: replace
            path: /spec/initContainers/{{ elementIndex }}/image
            value: "{{ regex_replace_all('^([^/]+\\.[^/]+/)?(.*)$', '{{element.image}}', 'mirror.example.com/$2') }}"
"#,
        )],
        &["kyverno.yaml"],
        &format!(
            "{RULES}  - source: docker.io # kyverno.yaml:18:23
    mirror: mirror.example.com/hub
  - source: quay.io # kyverno.yaml:30:23
    mirror: mirror.example.com/quay
"
        ),
        "\
kyverno.yaml:7:5: the policy holds under conditions (namespaces), and a rule holds everywhere
kyverno.yaml:42:12: no rule can express what is replaced by the expression `^([^/]+\\.[^/]+/)?(.*)$`: left out
  help: write a rule for each registry that images come from
2 rules of 1 file, 2 things that no rule says
",
    );
}

/// What a policy does beside what a rule says is told, each for itself.
#[test]
fn each_rule_of_kyverno_is_told_for_itself() {
    check(
        &[(
            "kyverno.yaml",
            r#"apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: mirrors}
spec:
  rules:
  - name: an-expression
    mutate:
      foreach:
      - list: request.object.spec.containers
        patchStrategicMerge:
          spec:
            containers:
            - image: "{{ regex_replace_all('^x(.*)$', '{{element.image}}', 'mirror.example.com/$1') }}"
  - name: every-image
    mutate:
      foreach:
      - list: request.object.spec.containers
        patchStrategicMerge:
          spec:
            containers:
            - image: mirror.example.com/{{ images.containers."{{element.name}}".path }}
  - name: two-loops
    preconditions: {all: [{key: "{{request.namespace}}", operator: Equals, value: apps}]}
    mutate:
      foreach:
      - list: request.object.spec.containers
        patchStrategicMerge:
          spec:
            containers:
            - image: "{{ regex_replace_all_literal('^docker\\.io/', '{{element.image}}', 'mirror.example.com/hub/') }}"
      - list: request.object.spec.initContainers
        patchStrategicMerge:
          spec:
            initContainers:
            - image: mirror.example.com/{{ images.initContainers."{{element.name}}".path }}
---
apiVersion: policies.kyverno.io/v1
kind: MutatingPolicy
metadata: {name: beside}
spec: {}
"#,
        )],
        &["kyverno.yaml"],
        &format!(
            "{RULES}  - source: docker.io # kyverno.yaml:30:23
    mirror: mirror.example.com/hub
"
        ),
        "\
kyverno.yaml:13:23: no rule can express what is replaced by the expression `^x(.*)$`: left out
  help: write a rule for each registry that images come from
kyverno.yaml:17:9: the rule mutates, and replaces no registry in a way that is known here: left out
kyverno.yaml:22:5: the policy holds under conditions (preconditions), and a rule holds everywhere
kyverno.yaml:31:9: the rule mutates, and replaces no registry in a way that is known here: left out
kyverno.yaml:37:1: MutatingPolicy is a kind that is not read: left out
  help: write a rule for each registry whose images it moves
1 rule of 1 file, 5 things that no rule says
",
    );
}

/// The line of an image whose registry is replaced as a rule says it.
const IMAGE: &str =
    "image: \"{{ replace_all('{{element.image}}', 'docker.io/', 'm.example.com/hub/') }}\"";

/// A policy of one rule, given by what follows its name.
fn policy(kind: &str, rule: &str) -> String {
    format!(
        "apiVersion: kyverno.io/v1\nkind: {kind}\nmetadata: {{name: p}}\nspec:\n  rules:\n  - name: a\n{rule}"
    )
}

/// A rule for pods with a loop over these containers.
fn over(list: &str, container: &str) -> String {
    format!(
        "    match: {{any: [{{resources: {{kinds: [Pod]}}}}]}}
    mutate:
      foreach:
      - list: {list:?}
        patchStrategicMerge: {{spec: {{containers: [{{{container}}}]}}}}
"
    )
}

const LIST: &str = "request.object.spec.containers";

/// What is said of a policy, without its places.
fn said(text: &str) -> (i32, String, String) {
    let folder = Folder::of(&[("p.yaml", text)]);
    let (code, stdout, stderr) = folder.import(&["p.yaml"]);
    let what = stderr.lines().filter_map(|line| {
        let rest = line.strip_prefix("p.yaml:")?;
        rest.split_once(": ").map(|(_, what)| what)
    });
    (code, stdout, what.collect::<Vec<&str>>().join("\n"))
}

/// The policy is a rule, under these conditions.
#[track_caller]
fn holds_under(text: &str, conditions: &str) {
    let (code, stdout, what) = said(text);
    assert!(stdout.contains("source: docker.io #"), "{text}\n{stdout}");
    let expected = match conditions {
        "" => String::new(),
        names => {
            format!("the policy holds under conditions ({names}), and a rule holds everywhere")
        }
    };
    assert_text_eq(&what, &expected);
    assert_eq!(code, i32::from(!conditions.is_empty()), "{text}");
}

#[test]
fn every_condition_of_kyverno_is_named() {
    let anchored =
        |anchor: &str| policy("ClusterPolicy", &over(LIST, &format!("{anchor}, {IMAGE}")));
    let listed = |list: &str| policy("ClusterPolicy", &over(list, IMAGE));
    let plain = over(LIST, IMAGE);
    let kept = |line: &str| policy("ClusterPolicy", &format!("    {line}\n{plain}"));
    let matched = |filter: &str| {
        let old = "{any: [{resources: {kinds: [Pod]}}]}";
        policy("ClusterPolicy", &plain.replacen(old, filter, 1))
    };
    for (text, conditions) in [
        (anchored("name: \"{{ element.name }}\""), ""),
        (anchored("(name): \"*\""), ""),
        (anchored("(name): \"?*\""), ""),
        (anchored("(name): \"{{element.name}}\""), ""),
        (anchored("(name): \"web*\""), "(name)"),
        (anchored("(image): \"docker.io/acme/*\""), "(image)"),
        (anchored("<(name): \"web*\""), "<(name)"),
        (anchored("(securityContext): {privileged: true}"), ""),
        (
            anchored("(securityContext): {(privileged): true}"),
            "(privileged)",
        ),
        (
            listed("request.object.spec.template.spec.initContainers"),
            "",
        ),
        (
            listed("request.object.spec.[initContainers, containers][]"),
            "",
        ),
        (listed("request.object.spec.initContainers || `[]`"), ""),
        (
            listed("request.object.spec.containers[?name=='web']"),
            "list",
        ),
        (listed("request.object.spec.containers[0:1]"), "list"),
        (
            kept("celPreconditions: [{name: x, expression: \"true\"}]"),
            "celPreconditions",
        ),
        (kept("exclude: {any: []}"), "exclude"),
        (kept("preconditions: {all: []}"), "preconditions"),
        (kept("context: [{name: x, variable: {value: y}}]"), ""),
        (matched("{resources: {kinds: [Pod]}}"), ""),
        (
            matched(
                "{any: [{resources: {kinds: [v1/Pod]}}, {resources: {kinds: [Pod], names: [a]}}]}",
            ),
            "",
        ),
        (
            matched("{all: [{resources: {kinds: [Pod]}}, {subjects: [{kind: User, name: bob}]}]}"),
            "subjects",
        ),
        (
            matched("{any: [{resources: {kinds: [batch/v1/Job]}}]}"),
            "kinds",
        ),
        (
            matched("{any: [{resources: {kinds: [Pod], operations: [UPDATE]}}]}"),
            "operations",
        ),
        (
            matched("{any: [{resources: {kinds: [Pod], operations: [CREATE, UPDATE]}}]}"),
            "",
        ),
        (
            matched("{any: [{resources: {kinds: [Pod], namespaces: [a], selector: {}}}]}"),
            "namespaces, selector",
        ),
        (policy("Policy", &plain), "a namespace"),
        (
            policy("ClusterPolicy", &plain).replacen(
                "  rules:",
                "  webhookConfiguration: {matchConditions: []}\n  rules:",
                1,
            ),
            "matchConditions",
        ),
        (
            policy(
                "ClusterPolicy",
                &plain.replacen("mutate:\n", "mutate:\n      targets: [{kind: Pod}]\n", 1),
            ),
            "targets",
        ),
        (
            policy(
                "ClusterPolicy",
                &plain.replacen(
                    "        patch",
                    "        preconditions: {all: []}\n        patch",
                    1,
                ),
            ),
            "preconditions",
        ),
    ] {
        holds_under(&text, conditions);
    }
}

/// A call has to be all that an image gets, of the image that is there.
#[test]
fn what_is_no_replacement_of_an_image_is_no_rule() {
    let nothing =
        "the rule mutates, and replaces no registry in a way that is known here: left out";
    let call = |inner: &str| policy("ClusterPolicy", &over(LIST, &format!("image: \"{inner}\"")));
    let replace = "replace_all('{{element.image}}', 'docker.io/', 'm.example.com/hub/')";
    let annotation = IMAGE.replace("image: ", "");
    let annotated = over(LIST, "name: x").replace(
        "{spec: {containers: [{name: x}]}}",
        &format!("{{metadata: {{annotations: {{image: {annotation}}}}}}}"),
    );
    for text in [
        call(&format!("x.example.com/{{{{ {replace} }}}}:v1")),
        call(&format!(
            "{{{{ starts_with('{{{{element.image}}}}', 'docker.io/acme/') && {replace} || '{{{{element.image}}}}' }}}}"
        )),
        call("{{ replace_all('{{element.other_image}}', 'docker.io/', 'm.example.com/hub/') }}"),
        call("{{ replace_all('x/{{element.image}}', 'docker.io/', 'm.example.com/hub/') }}"),
        call("{{ replace_all('{{element.image}}', 'docker.io/', 'm.example.com/hub/'"),
        policy("ClusterPolicy", &annotated),
    ] {
        let (code, stdout, what) = said(&text);
        assert!(stdout.ends_with("registries: []\n"), "{text}\n{stdout}");
        assert_eq!((code, what.as_str()), (1, nothing), "{text}");
    }
}

#[test]
fn what_a_rule_of_kyverno_does_beside_is_told() {
    let text = policy(
        "ClusterPolicy",
        &over(LIST, &format!("{IMAGE}, imagePullPolicy: Always")),
    );
    let more = "the rule changes more than images, and that is left out";
    assert_eq!(said(&text).2, more);
    let both = over(LIST, IMAGE).replace(
        "}]}}",
        "}], initContainers: [{image: \"m.example.com/{{element.name}}\"}]}}",
    );
    let text = policy("ClusterPolicy", &both);
    let image = "the image gets a name in a way that no rule can express: left out";
    assert_eq!(said(&text).2, image);
    let operations = |operations: &str| {
        let patch = format!("patchesJson6902: |-\n{operations}");
        let merge = "patchStrategicMerge: {spec: {containers: [{x}]}}";
        policy("ClusterPolicy", &over(LIST, "x").replace(merge, &patch))
    };
    let replace = |path: &str| {
        let value = IMAGE.replace("image: ", "");
        format!("          - {{op: replace, path: \"{path}\", value: {value}}}\n")
    };
    let image = replace("/spec/containers/{{elementIndex}}/image");
    let (code, stdout, what) = said(&operations(&image));
    assert!(stdout.contains("source: docker.io #"), "{stdout}");
    assert_eq!((code, what.as_str()), (0, ""));
    let test = "          - {op: test, path: /metadata/labels/a, value: b}\n";
    assert_eq!(said(&operations(&format!("{test}{image}"))).2, more);
    let label = replace("/metadata/labels/image");
    assert!(said(&operations(&label)).1.ends_with("registries: []\n"));
}
