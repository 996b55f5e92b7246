//! What vendors ship, through the program: it stays as it is, goes to a mirror, and comes back.

use std::fs;

use crate::support::{assert_text_eq, run_in_folder};

/// Runs a stream through the program with one agent named.
pub(super) fn run(agent: &str, rules: &str, input: &str) -> String {
    let config = format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n  agents: [{agent}]\n{rules}"
    );
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("c.yaml"), config).expect("written");
    let run = run_in_folder(folder.path(), &["c.yaml"], input.as_bytes());
    assert_eq!(run.code, 0, "{}", run.stderr);
    String::from_utf8(run.stdout).expect("UTF-8")
}

pub(super) fn pod(image: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n  - name: c\n    image: {image} # by hand\n    imagePullPolicy: Always\n"
    )
}

/// Mirrors a host, and brings what it mirrored back.
#[track_caller]
pub(super) fn check(agent: &str, host: &str, image: &str) {
    let shipped = pod(image);
    assert_text_eq(&run(agent, "", &shipped), &shipped);
    let rule = format!("  registries: [{{source: {host}, mirror: mirror.example.com/{agent}}}]\n");
    let host_before = format!("{host}/");
    let path = image.strip_prefix(&host_before).unwrap_or(image);
    let mirrored = pod(&format!("mirror.example.com/{agent}/{path}"));
    assert_text_eq(&run(agent, &rule, &shipped), &mirrored);
    assert_text_eq(&run(agent, &rule, &mirrored), &mirrored);
}

#[test]
fn every_tag_that_densify_ships_stays() {
    let name = "densify/container-optimization-data-forwarder";
    for tag in [":3", ":4", ":ubi10-4"] {
        check("densify-forwarder", "docker.io", &format!("{name}{tag}"));
    }
    // A version goes back to the tag of its own.
    for (version, tag) in [("ubi10-4.0.17", "ubi10-4"), ("3.0.1", "3"), ("4.0.2", "4")] {
        assert_text_eq(
            &run("densify-forwarder", "", &pod(&format!("{name}:{version}"))),
            &pod(&format!("{name}:{tag}")),
        );
    }
    // Nothing says which version a digest is, so it never becomes an older one.
    let digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    check(
        "densify-forwarder",
        "docker.io",
        &format!("{name}@{digest}"),
    );
}

#[test]
fn each_registry_of_wiz_is_its_own() {
    for host in [
        "wizio.azurecr.io",
        "wiziosensor.azurecr.io",
        "registry.wiz.io",
    ] {
        for name in ["sensor", "sensor-windows", "wiz-app/wiz-workload-scanner"] {
            check("wiz-sensor", host, &format!("{host}/{name}:v1"));
        }
    }
    // What it restarts itself for is the tag that moves, on the same registry.
    let pinned = pod("registry.wiz.io/sensor:1.0.11966");
    assert_text_eq(
        &run("wiz-sensor", "", &pinned),
        &pod("registry.wiz.io/sensor:v1"),
    );
}

#[test]
fn images_of_the_vendors_other_charts_are_known() {
    for (agent, host, image) in [
        (
            "datadog",
            "registry.datadoghq.com",
            "registry.datadoghq.com/fips-proxy:1.1.29",
        ),
        ("datadog", "gcr.io", "gcr.io/datadoghq/fips-proxy:1.1.29"),
        ("datadog", "gcr.io", "gcr.io/datadoghq/csi-driver:1.4.0"),
        (
            "datadog",
            "gcr.io",
            "gcr.io/datadoghq/private-action-runner:v1.21.0",
        ),
        (
            "datadog",
            "docker.io",
            "datadog/observability-pipelines-worker:2.21.0",
        ),
        ("newrelic", "docker.io", "newrelic/nri-kube-events:3.21.2"),
        (
            "newrelic",
            "docker.io",
            "newrelic/k8s-metadata-injection:1.36.1",
        ),
        ("newrelic", "docker.io", "newrelic/nri-prometheus:2.21.4"),
        (
            "newrelic",
            "docker.io",
            "newrelic/newrelic-infra-operator:0.20.1",
        ),
        (
            "newrelic",
            "docker.io",
            "newrelic/newrelic-k8s-metrics-adapter:0.16.1",
        ),
        (
            "newrelic",
            "docker.io",
            "newrelic/k8s-agents-operator:0.48.0",
        ),
        (
            "newrelic",
            "docker.io",
            "newrelic/newrelic-prometheus-configurator:2.13.2",
        ),
        (
            "newrelic",
            "docker.io",
            "newrelic/newrelic-ebpf-agent:1.5.1",
        ),
        (
            "newrelic",
            "docker.io",
            "newrelic/newrelic-pixie-integration:2.5.0",
        ),
        (
            "newrelic",
            "docker.io",
            "newrelic/pipeline-control-gateway:2.5.0",
        ),
        ("newrelic", "docker.io", "newrelic/nri-statsd:2.11.0"),
        (
            "newrelic",
            "docker.io",
            "newrelic/synthetics-job-manager:release-500",
        ),
        (
            "newrelic",
            "quay.io",
            "quay.io/newrelic/synthetics-minion:3.0.107",
        ),
        (
            "neuvector",
            "docker.io",
            "docker.io/neuvector/registry-adapter:0.2.9",
        ),
        (
            "neuvector",
            "docker.io",
            "docker.io/neuvector/compliance-config:1.0.15",
        ),
        (
            "neuvector",
            "docker.io",
            "docker.io/neuvector/prometheus-exporter:1.0.16",
        ),
        (
            "neuvector",
            "docker.io",
            "docker.io/neuvector/neuvector-csp-adapter:latest",
        ),
        (
            "grafana-k8s-monitoring",
            "ghcr.io",
            "ghcr.io/grafana/k8s-injection-controller:0.2.0",
        ),
        (
            "grafana-k8s-monitoring",
            "ghcr.io",
            "ghcr.io/grafana/k8s-manifest-tail:0.1.2",
        ),
        (
            "opentelemetry-collector",
            "ghcr.io",
            "ghcr.io/open-telemetry/opentelemetry-ebpf-instrumentation/ebpf-instrument:v0.11.0",
        ),
    ] {
        let name = image.strip_prefix("docker.io/").unwrap_or(image);
        let shipped = pod(image);
        assert_text_eq(&run(agent, "", &shipped), &shipped);
        check(agent, host, name);
    }
    // Advice: what the vendor's operator writes stays, mirrored or not.
    for image in [
        "ghcr.io/dynatrace/dynatrace-operator:nightly-2026-08-20",
        "ghcr.io/dynatrace/dynatrace-bootstrapper:snapshot",
        "docker.io/dynatrace/dynatrace-otel-collector:latest",
    ] {
        let shipped = pod(image);
        assert_text_eq(&run("dynatrace", "", &shipped), &shipped);
    }
}

/// Values of a chart in a HelmRelease, drifted and restored.
#[track_caller]
fn check_values(agent: &str, drifted: &str, restored: &str) {
    let release = |values: &str| {
        let head = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: r}\nspec:\n  values:\n";
        let lines: String = values.lines().map(|line| format!("    {line}\n")).collect();
        format!("{head}{lines}")
    };
    assert_text_eq(&run(agent, "", &release(drifted)), &release(restored));
    assert_text_eq(&run(agent, "", &release(restored)), &release(restored));
}

#[test]
fn images_in_the_values_of_the_vendors_charts_are_restored() {
    check_values(
        "datadog",
        "agents:\n  image:\n    repository: mirror.example.com/datadog/agent\n    tag: 7.60.0\n",
        "agents:\n  image:\n    repository: registry.datadoghq.com/agent\n    tag: 7.60.0\n",
    );
    check_values(
        "newrelic",
        "newrelic-infrastructure:\n  images:\n    agent: {registry: mirror.example.com, repository: newrelic/infrastructure-bundle, tag: 3.3.39}\n",
        "newrelic-infrastructure:\n  images:\n    agent: {registry: docker.io, repository: newrelic/infrastructure-bundle, tag: 3.3.39}\n",
    );
    check_values(
        "opencost",
        "opencost:\n  exporter:\n    image: {registry: mirror.example.com, repository: opencost/opencost, tag: 1.120.1}\n",
        "opencost:\n  exporter:\n    image: {registry: ghcr.io, repository: opencost/opencost, tag: 1.120.1}\n",
    );
    check_values(
        "kubecost",
        "aggregator:\n  fullImageName: mirror.example.com/kubecost/cost-model:3.0.0\n",
        "aggregator:\n  fullImageName: icr.io/kubecost/cost-model:3.0.0\n",
    );
    check_values(
        "grafana-k8s-monitoring",
        "alloy-operator:\n  image: {registry: mirror.example.com, repository: grafana/alloy-operator, tag: 1.11.1}\n",
        "alloy-operator:\n  image: {registry: ghcr.io, repository: grafana/alloy-operator, tag: 1.11.1}\n",
    );
    check_values(
        "opentelemetry-collector",
        "manager:\n  collectorImage:\n    repository: mirror.example.com/otel/opentelemetry-collector-k8s\n    tag: 0.158.0\n",
        "manager:\n  collectorImage:\n    repository: otel/opentelemetry-collector-k8s\n    tag: 0.158.0\n",
    );
    check_values(
        "harness-delegate",
        "upgrader:\n  upgraderDockerImage: mirror.example.com/harness/upgrader:1.6.0\n",
        "upgrader:\n  upgraderDockerImage: harness/upgrader:latest\n",
    );
    check_values(
        "octopus-kubernetes-agent",
        "persistence:\n  nfs:\n    image: {repository: mirror.example.com/octopusdeploy/nfs-server, tag: 1.1.0}\n",
        "persistence:\n  nfs:\n    image: {repository: octopusdeploy/nfs-server, tag: 1.1.0}\n",
    );
    check_values(
        "densify-forwarder",
        "images:\n  dataCollection: {repository: mirror.example.com/densify/container-optimization-data-forwarder, tag: ubi10-4, pullPolicy: IfNotPresent}\n",
        "images:\n  dataCollection: {repository: densify/container-optimization-data-forwarder, tag: ubi10-4, pullPolicy: Always}\n",
    );
}

#[test]
fn variables_and_arguments_of_operators_are_restored() {
    let with = |rest: &str| format!("{}{rest}", pod("example.com/operator:1"));
    let args = |image: &str| with(&format!("    args: [--collector-image={image}]\n"));
    assert_text_eq(
        &run(
            "opentelemetry-collector",
            "",
            &args("mirror.example.com/otel/opentelemetry-collector-k8s:0.158.0"),
        ),
        &args("otel/opentelemetry-collector-k8s:0.158.0"),
    );
    let env = |image: &str| {
        with(&format!(
            "    env:\n    - {{name: DD_ADMISSION_CONTROLLER_APPSEC_SIDECAR_IMAGE, value: {image}}}\n    - {{name: DD_ADMISSION_CONTROLLER_APPSEC_SIDECAR_IMAGE_TAG, value: v2.8.2}}\n"
        ))
    };
    assert_text_eq(
        &run(
            "datadog",
            "",
            &env("mirror.example.com/datadog/dd-trace-go/service-extensions-callout"),
        ),
        &env("ghcr.io/datadog/dd-trace-go/service-extensions-callout"),
    );
}
