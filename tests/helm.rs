//! Images in the values of a Helm chart, where a profile names their paths: the complete example of
//! CloudZero's documentation, in a Flux HelmRelease and in Argo CD Applications.

use std::fs;

use crate::support::{assert_text_eq, run_in_folder};

/// Five rules for five images, to one private registry.
const MIRRORED: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  agents: [cloudzero-agent]
  registries:
  - {source: ghcr.io/cloudzero/cloudzero-agent, mirror: example.com/cloudzero-agent}
  - {source: docker.io/grafana, mirror: example.com/grafana}
  - {source: quay.io/prometheus, mirror: example.com/prometheus}
  - {source: quay.io/prometheus-operator, mirror: example.com/prometheus-operator}
  - {source: registry.k8s.io/kube-state-metrics, mirror: example.com/kube-state-metrics}
  imagePullSecrets: [my-private-registry-secret]
";

const OFFICIAL: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  agents: [cloudzero-agent]
";

/// The chart's values, by the name of each image.
fn values(names: [&str; 5], registry: &str) -> String {
    let [agent, alloy, prometheus, reloader, metrics] = names;
    format!(
        "clusterName: blue # by hand
defaults:
  image:
    pullPolicy: IfNotPresent
components:
  agent:
    image:
      repository: {agent}
    clusteredNode:
      image: {{repository: {alloy}, tag: \"v1.11.3\"}}
  prometheus:
    image:
      repository: {prometheus}
      tag: v3.7.3
  prometheusReloader:
    image:
      repository: '{reloader}'
kubeStateMetrics:
  image:
    registry: {registry}
    repository: {metrics}
  configMap: |
    image: quay.io/prometheus/prometheus
"
    )
}

const PUBLIC: [&str; 5] = [
    "ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent",
    "docker.io/grafana/alloy",
    "quay.io/prometheus/prometheus",
    "quay.io/prometheus-operator/prometheus-config-reloader",
    "kube-state-metrics/kube-state-metrics",
];
const PRIVATE: [&str; 5] = [
    "example.com/cloudzero-agent/cloudzero-agent",
    "example.com/grafana/alloy",
    "example.com/prometheus/prometheus",
    "example.com/prometheus-operator/prometheus-config-reloader",
    "kube-state-metrics/kube-state-metrics",
];

fn indented(text: &str, by: usize) -> String {
    text.lines()
        .map(|line| format!("{:by$}{line}\n", ""))
        .collect()
}

/// A Flux HelmRelease and two Argo CD Applications around values.
fn carriers(values: &str) -> Vec<String> {
    vec![
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: cz}}\nspec:\n  chart: {{spec: {{chart: cloudzero-agent, version: 1.2.9}}}}\n  values:\n{}",
            indented(values, 4)
        ),
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: cz}}\nspec:\n  source:\n    chart: cloudzero-agent\n    targetRevision: 1.2.9\n    helm:\n      valuesObject:\n{}",
            indented(values, 8)
        ),
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: cz}}\nspec:\n  sources:\n  - ref: values\n  - chart: cloudzero-agent\n    targetRevision: 1.2.9\n    helm:\n      valuesObject:\n{}",
            indented(values, 8)
        ),
    ]
}

fn restored(config: &str, input: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("c.yaml"), config).expect("written");
    let run = run_in_folder(folder.path(), &["c.yaml"], input.as_bytes());
    assert_eq!(run.code, 0, "{}", run.stderr);
    String::from_utf8(run.stdout).expect("UTF-8")
}

#[test]
fn values_are_mapped_to_a_private_registry_and_back() {
    let public = values(PUBLIC, "registry.k8s.io");
    let private = values(PRIVATE, "example.com");
    for (public, private) in carriers(&public).iter().zip(carriers(&private)) {
        let mapped = restored(MIRRORED, public);
        // The secrets are new; without them it is the private text.
        let without: String = mapped
            .lines()
            .filter(|line| !line.contains("ullSecrets") && !line.contains("my-private"))
            .map(|line| format!("{line}\n"))
            .collect();
        assert_text_eq(&without, &private);
        assert_eq!(
            mapped.matches("- name: my-private-registry-secret").count(),
            3,
            "{mapped}"
        );
        assert_text_eq(&restored(MIRRORED, &mapped), &mapped);
        // Without the rules, the names come back and the secrets stay: none is ever taken away.
        assert_text_eq(&restored(OFFICIAL, &private), public);
        assert_text_eq(&restored(OFFICIAL, public), public);
    }
}

/// The values of a release may be shorter than the list of paths at which charts keep images.
#[test]
fn a_short_release_is_read_whoever_is_named() {
    let names: Vec<&str> = restore_images::agent::builtin_names().collect();
    let config = format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n  agents: [{}]\n",
        names.join(", ")
    );
    let release = |image: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: r}}\nspec: {{values: {{upgrader: {{upgraderDockerImage: {image}}}}}}}\n"
        )
    };
    assert_text_eq(
        &restored(
            &config,
            &release("mirror.example.com/harness/upgrader:latest"),
        ),
        &release("harness/upgrader:latest"),
    );
}
