//! What charts of vendors run where no value says it: the keys that a rule makes in an empty release.

use super::{config, release, restored};
use crate::support::assert_text_eq;

/// A release of a chart of a repository with values, and with what is made behind them.
fn of(chart: &str, kind: &str, repository: &str, values: &str) -> String {
    let chart = format!("{{chart: {chart}, sourceRef: {{kind: {kind}, name: h}}}}");
    release(&chart, values)
        + &format!(
            "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: {kind}\nmetadata: {{name: h, namespace: n}}\nspec: {{url: \"{repository}\"}}\n"
        )
}

/// Each chart gets the keys that its vendor documents, and a second run makes none.
#[test]
fn keys_of_charts_by_default() {
    for (agents, host, chart, repository, made) in [
        (
            "scalyr-agent",
            "docker.io",
            "scalyr-agent, version: 0.2.46",
            "https://scalyr.github.io/helm-scalyr",
            "image:\n  repository: MIRROR/scalyr/scalyr-k8s-agent\nimagePullSecrets:\n- name: reg\n",
        ),
        (
            "wavefront-operator",
            "projects.registry.vmware.com",
            "wavefront, version: 1.16.2",
            "https://wavefronthq.github.io/helm",
            "collector:\n  image:\n    repository: MIRROR/tanzu_observability/kubernetes-collector\nproxy:\n  image:\n    repository: MIRROR/tanzu_observability/proxy\nimagePullSecrets:\n- name: reg\n",
        ),
        (
            "coralogix, opentelemetry-collector",
            "ghcr.io",
            "otel-integration, version: 0.0.331",
            "https://cgx.jfrog.io/artifactory/coralogix-charts-virtual",
            "opentelemetry-agent:\n  image:\n    repository: MIRROR/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-contrib\n  imagePullSecrets:\n  - name: reg\nopentelemetry-cluster-collector:\n  image:\n    repository: MIRROR/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-contrib\n  imagePullSecrets:\n  - name: reg\n",
        ),
        (
            "coralogix",
            "docker.io",
            "fluent-bit-http, version: 3.2.10-1",
            "https://cgx.jfrog.io/artifactory/coralogix-charts-virtual",
            "fluent-bit:\n  image:\n    repository: MIRROR/coralogixrepo/coralogix-fluent-bit-multiarch\n  imagePullSecrets:\n  - name: reg\n",
        ),
        (
            "sumologic",
            "public.ecr.aws/sumologic",
            "sumologic, version: 4.10.0",
            "https://sumologic.github.io/sumologic-kubernetes-collection",
            "sumologic:\n  otelcolImage:\n    repository: MIRROR/sumologic-otel-collector\n  pullSecrets:\n  - name: reg\n  setup:\n    job:\n      image:\n        repository: MIRROR/kubernetes-setup\n      pullSecrets:\n      - name: reg\nopentelemetry-operator:\n  manager:\n    collectorImage:\n      repository: MIRROR/sumologic-otel-collector\n",
        ),
        (
            "google-managed-prometheus",
            "gke.gcr.io",
            "./charts/datasource-syncer",
            "https://github.com/GoogleCloudPlatform/prometheus-engine",
            "images:\n  datasourceSyncer:\n    image: MIRROR/prometheus-engine/datasource-syncer\n",
        ),
    ] {
        let mirror = "m.example.com/x";
        let rules = config(&format!(
            "agents: [{agents}]\nregistries: [{{source: {host}, mirror: {mirror}, imagePullSecrets: [reg]}}]\n"
        ));
        let kind = match repository.strip_prefix("https://github.com/") {
            Some(_) => "GitRepository",
            None => "HelmRepository",
        };
        let with = |more: &str| of(chart, kind, repository, &format!("other: 1\n{more}"));
        let (text, _) = restored(&rules, &with(""));
        let made = with(&made.replace("MIRROR", mirror));
        assert_text_eq(&text, &made);
        assert_text_eq(&restored(&rules, &made).0, &made);
        // Without a rule, nothing is made.
        let none = config(&format!("agents: [{agents}]\n"));
        assert_text_eq(&restored(&none, &with("")).0, &with(""));
    }
}

/// A collector with a repository of its own is restored there, and the shared one stays the others'.
#[test]
fn one_image_of_several_collectors() {
    let rules = config(
        "agents: [sumologic]\nregistries: [{source: public.ecr.aws/sumologic, mirror: m.example.com/x}]\n",
    );
    let name = "sumologic-otel-collector";
    let with = |all: &str, own: &str| {
        release(
            "{chart: sumologic, version: 4.10.0}",
            &format!(
                "sumologic: {{otelcolImage: {{repository: {all}/{name}}}, setupEnabled: false}}\nmetadata: {{image: {{repository: {own}/{name}}}}}\nopentelemetry-operator: {{enabled: false}}\n"
            ),
        )
    };
    for (all, own) in [
        ("public.ecr.aws/sumologic", "m.example.com/x"),
        ("m.example.com/x", "public.ecr.aws/sumologic"),
    ] {
        let (text, _) = restored(&rules, &with(all, own));
        assert_text_eq(&text, &with("m.example.com/x", "m.example.com/x"));
    }
}

/// What depends on a preset of the chart is told, with the key to write.
#[test]
fn a_default_by_a_preset() {
    let rules = config(
        "agents: [coralogix, opentelemetry-collector]\nregistries: [{source: ghcr.io, mirror: m.example.com/x}]\n",
    );
    let contrib = "open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-contrib";
    let input = of(
        "otel-integration, version: 0.0.331",
        "HelmRepository",
        "https://cgx.jfrog.io/artifactory/coralogix-charts-virtual",
        "opentelemetry-agent: {presets: {fleetManagement: {supervisor: {enabled: true}}}}\nopentelemetry-cluster-collector: {enabled: false}\n",
    );
    let (text, said) = restored(&rules, &input);
    assert_text_eq(&text, &input);
    let told = format!(
        "ghcr.io/{contrib} → m.example.com/x/{contrib} is not written: the chart may put a registry of its own before it: write the registry, too, with `opentelemetry-agent.image.repository: m.example.com/x/{contrib}` [unresolved-image]"
    );
    assert!(said.contains(&told), "{said}");
}
