//! Every kind that keeps a pod spec, and every list in it, through the stream door.

use std::collections::BTreeSet;

use crate::support::{assert_text_eq, run};

const OLD: &str = "registry.local:5000/realtheory/theory-k8s-collector:v1.3.11836";
const NEW: &str = "realtheory/theory-k8s-collector";

/// Restores a resource in flow style with `POD` for its pod spec, and expects the finding's path.
///
/// An empty `path` means that nothing is to change.
#[track_caller]
fn check(resource: &str, path: &str) {
    let pod = |image: &str, policy: &str| {
        resource.replace(
            "POD",
            &format!("{{containers: [{{name: c, image: {image}{policy}}}]}}"),
        )
    };
    let folder = tempfile::tempdir().expect("a folder");
    let config = folder.path().join("c.yaml");
    let text = "{apiVersion: restore-images.dev/v1alpha1, kind: RestoreImages, \
        metadata: {name: c}, spec: {agents: [realtheory-collector]}}";
    std::fs::write(&config, text).expect("the configuration is written");
    let config = config.to_str().expect("a UTF-8 path");
    let run = run(&[config], pod(OLD, "").as_bytes());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let output = String::from_utf8(run.stdout).expect("UTF-8");
    if path.is_empty() {
        assert_text_eq(&output, &pod(OLD, ""));
        return;
    }
    // A Job's policy alone would stay; with the image it is edited too.
    assert_text_eq(&output, &pod(NEW, ", imagePullPolicy: Always"));
    let list = format!("\n- {}\n", pod(OLD, ""));
    let items = format!(
        "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig: {text}\nitems:{list}"
    );
    let run = crate::support::run(&[], items.as_bytes());
    let results = String::from_utf8(run.stdout).expect("UTF-8");
    let expected = format!("    path: {path}.containers[0].image\n");
    assert!(results.contains(&expected), "{results}");
}

#[test]
fn every_kind_with_a_pod_spec_is_read() {
    for (resource, path) in [
        ("{apiVersion: v1, kind: Pod, spec: POD}", "spec"),
        (
            "{apiVersion: v1, kind: PodTemplate, template: {spec: POD}}",
            "template.spec",
        ),
        (
            "{apiVersion: v1, kind: ReplicationController, spec: {template: {spec: POD}}}",
            "spec.template.spec",
        ),
        (
            "{apiVersion: apps/v1, kind: Deployment, spec: {template: {spec: POD}}}",
            "spec.template.spec",
        ),
        (
            "{apiVersion: apps/v1beta2, kind: StatefulSet, spec: {template: {spec: POD}}}",
            "spec.template.spec",
        ),
        (
            "{apiVersion: extensions/v1beta1, kind: DaemonSet, spec: {template: {spec: POD}}}",
            "spec.template.spec",
        ),
        (
            "{apiVersion: apps/v1, kind: ReplicaSet, spec: {template: {spec: POD}}}",
            "spec.template.spec",
        ),
        (
            "{apiVersion: batch/v1, kind: Job, spec: {template: {spec: POD}}}",
            "spec.template.spec",
        ),
        (
            "{apiVersion: batch/v1beta1, kind: CronJob, spec: {jobTemplate: {spec: {template: {spec: POD}}}}}",
            "spec.jobTemplate.spec.template.spec",
        ),
        (
            "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod, spec: POD}]}",
            "spec",
        ),
        (
            "{apiVersion: v1, kind: PodList, items: [{spec: POD}]}",
            "spec",
        ),
        (
            "{apiVersion: apps/v1, kind: DeploymentList, items: [{metadata: {name: x}, spec: {template: {spec: POD}}}]}",
            "spec.template.spec",
        ),
        (
            "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod, spec: POD}]}]}",
            "spec",
        ),
    ] {
        check(resource, path);
    }
}

/// A kind that is added has its line above, and a resource in the requests that admission policies look at.
#[test]
fn every_row_of_a_kind_is_tested_and_has_its_request() {
    let (rows, tests) = (
        include_str!("../src/field/pod.rs"),
        include_str!("kinds.rs"),
    );
    let requests = include_str!("../src/generate/admission_policy/places.rs");
    let kind = |line: &'static str| line.trim().strip_prefix("kind: \"")?.strip_suffix("\",");
    let kinds: BTreeSet<&str> = rows.lines().filter_map(kind).collect();
    assert!(kinds.len() > 8, "{kinds:?}");
    for kind in kinds {
        let is_tested = tests.contains(&format!("kind: {kind}, "));
        assert!(is_tested, "no line for {kind}");
        let resource = format!("\"{}s\"", kind.to_lowercase());
        assert!(requests.contains(&resource), "no request for {resource}");
    }
}

#[test]
fn look_alikes_are_left_alone() {
    for resource in [
        "{apiVersion: example.com/v1, kind: Deployment, spec: {template: {spec: POD}}}",
        "{apiVersion: v1, kind: Deployment, spec: {template: {spec: POD}}}",
        "{apiVersion: apps/v1, kind: deployment, spec: {template: {spec: POD}}}",
        "{apiVersion: v1, kind: ConfigMap, data: {pod: POD}}",
        "{apiVersion: v1, kind: Pod, status: POD}",
        "{apiVersion: kpt.dev/v1, kind: Kptfile, pipeline: {mutators: [{image: x}]}, spec: POD}",
        "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, spec: POD}",
        "{spec: POD}",
    ] {
        check(resource, "");
    }
}

/// A pod with the agent in every list, and things that only look like images.
#[test]
fn every_list_of_a_pod_spec_is_read() {
    let pod = |image: &str, new: bool| {
        let always = |key: &str, indent: &str| {
            if new {
                format!("\n{indent}{key}: Always")
            } else {
                String::new()
            }
        };
        let container = always("imagePullPolicy", "    ");
        let volume = always("pullPolicy", "      ");
        format!(
            "apiVersion: v1
kind: Pod
metadata:
  name: p
  annotations:
    image: {OLD}
spec:
  initContainers:
  - name: a
    image: {image}{container}
  containers:
  - name: b
    env:
    - name: IMAGE
      value: {OLD}
    image: {image}{container}
    args: [{OLD}]
  # image: {OLD}
  ephemeralContainers:
  - name: d
    image: {image}{container}
  volumes:
  - name: v
    image:
      reference: {image}{volume}
  - name: rbd
    rbd:
      image: {OLD}
status:
  containerStatuses:
  - image: {OLD}
"
        )
    };
    let run = run(&["render", "-"], pod(OLD, false).as_bytes());
    // Without a configuration nobody declared anything of the mirror: it stays, the policy is put
    // right.
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_text_eq(&String::from_utf8_lossy(&run.stdout), &pod(OLD, true));
    let rules: Vec<&str> = run
        .stderr
        .lines()
        .filter_map(|line| {
            line.rsplit_once('[')
                .map(|(_, rule)| rule.trim_end_matches(']'))
        })
        .collect();
    let of = |rule: &str| rules.iter().filter(|found| **found == rule).count();
    assert_eq!(
        (
            of("undeclared-mirror"),
            of("wrong-pull-policy"),
            rules.len()
        ),
        (4, 4, 9),
        "{}",
        run.stderr
    );
    // The ninth: of a Pod, only images of containers can be updated in place.
    assert_eq!(of("immutable-workload"), 1);
}
