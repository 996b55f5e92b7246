//! What vendors' own charts and manifests run beside their main images, as they spell it: it stays
//! as it is, goes to a mirror, and comes back.

use crate::support::assert_text_eq;

use super::vendors::{check, pod, run};

#[test]
fn copies_on_the_vendors_own_registry_are_known() {
    for (agent, host, image) in [
        (
            "castai",
            "us-docker.pkg.dev",
            "us-docker.pkg.dev/castai-hub/library/kubectl:v1.35.7",
        ),
        (
            "castai",
            "us-docker.pkg.dev",
            "us-docker.pkg.dev/castai-hub/library/prom/prometheus:v3.11.3",
        ),
        (
            "castai",
            "us-docker.pkg.dev",
            "us-docker.pkg.dev/castai-hub/library/busybox:1.37.0",
        ),
        (
            "groundcover",
            "public.ecr.aws",
            "public.ecr.aws/groundcovercom/postgres:18.4-20260716-1",
        ),
        (
            "groundcover",
            "public.ecr.aws",
            "public.ecr.aws/groundcovercom/bitnami/os-shell:11-debian-11-r91",
        ),
        (
            "groundcover",
            "quay.io",
            "quay.io/groundcover/kube-state-metrics/kube-state-metrics:v2.19.1-mini-20260630-1",
        ),
        (
            "groundcover",
            "us-docker.pkg.dev",
            "us-docker.pkg.dev/groundcovercom/repo/library/alpine:3.22",
        ),
        (
            "coralogix",
            "docker.io",
            "coralogixrepo/coralogix-otel-collector:v0.5.12",
        ),
        ("cribl", "docker.io", "cribl/k8s-webhook-cert-manager:1.0.1"),
        (
            "google-managed-prometheus",
            "gke.gcr.io",
            "gke.gcr.io/prometheus-engine/frontend:v0.15.3-gke.0",
        ),
        (
            "kubex-automation",
            "docker.io",
            "docker.io/densify/k8s-ephemeral-storage-metrics:1.22.0",
        ),
        (
            "opentelemetry-collector",
            "docker.io",
            "otel/opentelemetry-ebpf-k8s-relay:v0.10.2",
        ),
        (
            "sysdig",
            "quay.io",
            "quay.io/sysdig/sysdig-kubectl:1.34.1-1.5.17",
        ),
    ] {
        check(agent, host, image);
    }
}

/// Charts of Kubecost's development branch run these; nothing says that a release is better.
#[test]
fn nightly_images_of_kubecost_stay() {
    for name in ["cost-model-nightly", "frontend-nightly"] {
        check(
            "kubecost",
            "gcr.io",
            &format!("gcr.io/kubecost1/{name}:latest"),
        );
        assert_text_eq(
            &run(
                "kubecost",
                "",
                &pod(&format!("registry.local:5000/kubecost1/{name}:latest")),
            ),
            &pod(&format!("gcr.io/kubecost1/{name}:latest")),
        );
    }
}

/// NeuVector's manifests for OpenShift take images from the cluster's own registry, which is so no mirror.
#[test]
fn a_registry_in_the_cluster_is_the_vendors_own_choice() {
    for host in [
        "docker-registry.default.svc:5000/neuvector",
        "image-registry.openshift-image-registry.svc:5000/neuvector",
        "registry.neuvector.com",
    ] {
        for image in [
            "scanner",
            "scanner:latest",
            "updater:latest",
            "controller:5.6.0",
        ] {
            let shipped = pod(&format!("{host}/{image}"));
            assert_text_eq(&run("neuvector", "", &shipped), &shipped);
        }
    }
    // A rule that leads there has the last word.
    let rule = "  registries: [{source: docker.io, mirror: 'docker-registry.default.svc:5000'}]\n";
    let mirrored = pod("docker-registry.default.svc:5000/neuvector/scanner:latest");
    assert_text_eq(
        &run("neuvector", rule, &pod("neuvector/scanner:latest")),
        &mirrored,
    );
    assert_text_eq(&run("neuvector", rule, &mirrored), &mirrored);
}

/// What comes back has the bytes that the vendor's chart writes.
#[test]
fn an_image_comes_back_as_its_chart_spells_it() {
    for (agent, image) in [
        ("newrelic", "docker.io/newrelic/nri-kubernetes:4.5.0"),
        ("newrelic", "docker.io/newrelic/nrdot-collector:1.19.0"),
        ("newrelic", "newrelic/newrelic-pixie-integration:2.5.0"),
        ("neuvector", "docker.io/neuvector/controller:5.6.0"),
    ] {
        let shipped = pod(image);
        let path = image.strip_prefix("docker.io/").unwrap_or(image);
        for mirror in ["registry.local:5000", "mirror.example.com/docker.io"] {
            let drifted = pod(&format!("{mirror}/{path}"));
            assert_text_eq(&run(agent, "", &drifted), &shipped);
        }
    }
}

/// Rules that lead to a mirror and rules that lead back from it give the bytes that were, in whichever
/// of its official registries an image was.
#[test]
fn rules_lead_to_a_mirror_and_back() {
    for (agent, host, image) in [
        ("datadog", "gcr.io", "gcr.io/datadoghq/agent:7.81.1"),
        (
            "datadog",
            "eu.gcr.io",
            "eu.gcr.io/datadoghq/cluster-agent:7.81.1",
        ),
        (
            "datadog",
            "registry.datadoghq.com",
            "registry.datadoghq.com/agent:7.81.1",
        ),
        ("wiz-sensor", "registry.wiz.io", "registry.wiz.io/sensor:v1"),
        ("fluent-bit", "ghcr.io", "ghcr.io/fluent/fluent-bit:5.1.1"),
    ] {
        let shipped = pod(image);
        let rule = |source: &str, mirror: &str| {
            format!("  registries: [{{source: {source}, mirror: {mirror}}}]\n")
        };
        let mirror = format!("mirror.example.com/{host}");
        let mirrored = run(agent, &rule(host, &mirror), &shipped);
        assert_text_eq(&mirrored, &pod(&format!("mirror.example.com/{image}")));
        assert_text_eq(&run(agent, &rule(&mirror, host), &mirrored), &shipped);
    }
}

/// What a vendor's chart brings from others is the vendor's in its release alone.
#[test]
fn a_subchart_of_others_is_tied_by_the_release() {
    let rule = "  registries: [{source: registry.k8s.io, mirror: mirror.example.com/k8s}]\n";
    let text = |own: &str, release: &str, host: &str| {
        let pod = |name: &str, release: &str, image: &str| {
            format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: n, labels: {{app.kubernetes.io/instance: {release}}}}}\nspec: {{containers: [{{name: c, image: '{image}'}}]}}\n"
            )
        };
        format!(
            "{}---\n{}",
            pod("a", "x", own),
            pod(
                "b",
                release,
                &format!("{host}/kube-state-metrics/kube-state-metrics:v2.20.0")
            )
        )
    };
    for (agent, own) in [
        (
            "elastic-agent",
            "docker.elastic.co/elastic-agent/elastic-agent:9.6.0",
        ),
        ("logicmonitor", "logicmonitor/argus:v18.1.0"),
        ("logzio", "logzio/logzio-fluentd:1.5.6"),
        ("densify-forwarder", "densify/gcp-oauth2-token:latest"),
        ("kubex-automation", "densify/kubex-connector:1.2.0"),
    ] {
        let (here, there) = ("registry.k8s.io", "mirror.example.com/k8s");
        assert_text_eq(
            &run(agent, rule, &text(own, "x", here)),
            &text(own, "x", there),
        );
        assert_text_eq(
            &run(agent, rule, &text(own, "y", here)),
            &text(own, "y", here),
        );
    }
}
