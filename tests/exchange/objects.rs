//! Mirrors in objects of a cluster: OpenShift's mirror sets, and policies of Kyverno.

use super::{RULES, check};

#[test]
fn mirror_sets_of_openshift() {
    check(
        &[(
            "idms.yaml",
            "\
apiVersion: v1
kind: List
items:
- apiVersion: config.openshift.io/v1
  kind: ImageDigestMirrorSet
  metadata: {name: a}
  spec:
    imageDigestMirrors:
    - source: quay.io/team
      mirrors: [mirror.example.com/team, quay.io/team]
      mirrorSourcePolicy: NeverContactSource
    - source: ghcr.io
      mirrors: [ghcr.io]
- apiVersion: config.openshift.io/v1
  kind: ImageTagMirrorSet
  metadata: {name: a}
  spec:
    imageTagMirrors:
    - source: quay.io/team
      mirrors: [mirror.example.com/team]
- apiVersion: operator.openshift.io/v1alpha1
  kind: ImageContentSourcePolicy
  metadata: {name: b}
  spec:
    repositoryDigestMirrors:
    - source: '*.example.net'
      mirrors: [mirror.example.com/net]
    - source: registry.example.net
      mirrors: [a.example.com/net, b.example.com/net]
",
        )],
        &["idms.yaml"],
        &format!(
            "{RULES}  - source: quay.io/team # idms.yaml:9:15
    mirror: mirror.example.com/team
  - source: registry.example.net # idms.yaml:28:15
    mirror: a.example.com/net
"
        ),
        "\
idms.yaml:9:7: these mirrors are for images by digest alone, and a rule is for every image
  help: see what the mirror holds: restore-images mirror status
idms.yaml:19:7: these mirrors are for images by tag alone, and a rule is for every image
  help: see what the mirror holds: restore-images mirror status
idms.yaml:26:7: these mirrors are for images by digest alone, and a rule is for every image
  help: see what the mirror holds: restore-images mirror status
idms.yaml:26:16: `*.example.net` is for many hosts, and a rule is for one: left out
  help: write a rule for each host
idms.yaml:29:36: registry.example.net has 2 mirrors in order, and a rule has one: a.example.com/net is taken, and `b.example.com/net` left out
2 rules of 1 file, 5 things that no rule says
",
    );
}

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
kyverno.yaml:7:5: the policy holds under conditions, and a rule holds everywhere
kyverno.yaml:42:12: no rule can say what is replaced by the expression `^([^/]+\\\\.[^/]+/)?(.*)$`: left out
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
kyverno.yaml:13:23: no rule can say what is replaced by the expression `^x(.*)$`: left out
  help: write a rule for each registry that images come from
kyverno.yaml:17:9: the rule mutates, and replaces no registry in a way that is known here: left out
kyverno.yaml:22:5: the policy holds under conditions, and a rule holds everywhere
kyverno.yaml:31:9: the rule mutates, and replaces no registry in a way that is known here: left out
kyverno.yaml:37:1: MutatingPolicy is a kind that is not read: left out
  help: write a rule for each registry whose images it moves
1 rule of 1 file, 5 things that no rule says
",
    );
}
