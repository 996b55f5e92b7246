//! Releases of which nobody says the chart: what is there is judged, and nothing else is made.

use super::{check, config, fixed, release, restored};
use crate::support::assert_text_eq;

const RULES: &str = "registries:
- {source: ghcr.io, mirror: m.example.com/ghcr, scope: all, imagePullSecrets: [regcred]}
- {source: quay.io, mirror: m.example.com/quay, scope: all}
- {source: registry.k8s.io, mirror: m.example.com/k8s, scope: all}
- {source: docker.io, mirror: m.example.com/hub, scope: all}
";

#[track_caller]
fn unnamed(rules: &str, values: &str, after: &str, told: &str) {
    let told: String = told
        .lines()
        .map(|line| format!("{}\n", line.replacen(": ", ": HelmRelease n/r: ", 1)))
        .collect();
    check(
        &config(rules),
        &release("", values),
        &release("", after),
        &told,
    );
}

/// Charts of several agents keep a repository there, and no registry.
#[test]
fn a_registry_beside_the_repository_is_its_own() {
    let values = |registry: &str| {
        format!("image:\n  registry: {registry}\n  repository: acme/thing\n  tag: v2.10\n")
    };
    unnamed(
        RULES,
        &values("quay.io"),
        &values("m.example.com/quay"),
        "info: wrong registry or path: quay.io/acme/thing:v2.10 → m.example.com/quay/acme/thing:v2.10 [wrong-registry]\n",
    );
    // Where no registry is written, the chart may have one.
    let bare = "image: {repository: acme/thing, tag: v1}\n";
    unnamed(
        RULES,
        bare,
        bare,
        "warning: acme/thing:v1 → m.example.com/hub/acme/thing is not written: the chart may put a registry of its own before it: write the registry, too [unresolved-image]\n",
    );
}

/// None of these is an image of the agents whose charts have one there.
#[test]
fn keys_of_other_charts_are_not_made() {
    let values = |quay: &str| {
        [
            "sidecar",
            "controller",
            "operator",
            "agent",
            "webhook",
            "server",
            "metrics",
        ]
        .map(|key| {
            format!("{key}: {{image: {{registry: {quay}, repository: acme/x-{key}, tag: v1}}}}\n")
        })
        .concat()
    };
    let told = ["agent", "controller", "metrics", "operator", "server", "sidecar", "webhook"]
        .map(|key| format!("info: wrong registry or path: quay.io/acme/x-{key}:v1 → m.example.com/quay/acme/x-{key}:v1 [wrong-registry]\n"))
        .concat();
    unnamed(
        RULES,
        &values("quay.io"),
        &values("m.example.com/quay"),
        &told,
    );
    // Nor is it told that it should be one of theirs.
    for rules in [
        "mode: restore\n",
        "registries: [{source: docker.io, mirror: m.example.com/hub}]\n",
    ] {
        for values in [
            "image: {repository: ghcr.io/acme/thing, tag: v2.10}\n",
            "image: {registry: quay.io, repository: acme/thing, tag: v2.10}\n",
            "image: {registry: quay.io, name: acme/thing, tag: v1}\n",
        ] {
            unnamed(rules, values, values, "");
        }
    }
}

/// The chart is the one of an agent, as what stands there says.
#[test]
fn an_image_of_an_agent_is_the_agents() {
    let rules = "agents: [cloudzero-agent]
registries:
- {source: ghcr.io/cloudzero, mirror: m.example.com/cz, imagePullSecrets: [regcred]}
- {source: registry.k8s.io, mirror: m.example.com/k8s}
";
    let values = |name: &str, list: &str| {
        format!(
            "clusterName: c\nimagePullSecrets: [{list}]\ncomponents:\n  agent:\n    image:\n      repository: {name}/cloudzero-agent/cloudzero-agent\n"
        )
    };
    unnamed(
        rules,
        &values("ghcr.io/cloudzero", "{name: regcred}"),
        &values("m.example.com/cz", "{name: regcred}"),
        "info: wrong registry or path: ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent → m.example.com/cz/cloudzero-agent/cloudzero-agent [wrong-registry]\n",
    );
    // A registry that the chart would have there is not written for it.
    let bare = "components: {agent: {image: {repository: ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent}}}\nkubeStateMetrics:\n  image: {repository: kube-state-metrics/kube-state-metrics, tag: v2.15.0}\nimagePullSecrets: [regcred]\n";
    unnamed(
        rules,
        bare,
        &bare.replace("ghcr.io/cloudzero/", "m.example.com/cz/"),
        "info: wrong registry or path: ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent → m.example.com/cz/cloudzero-agent/cloudzero-agent [wrong-registry]\nwarning: registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.15.0 → m.example.com/k8s/kube-state-metrics/kube-state-metrics is not written: the chart may put a registry of its own before it: write the registry, too [unresolved-image]\n",
    );
}

/// A HelmChartConfig says what chart it is of by the name of a HelmChart that k3s has by itself.
#[test]
fn a_helm_chart_config_alone() {
    let file = |hub: &str, ghcr: &str| {
        format!(
            "apiVersion: helm.cattle.io/v1\nkind: HelmChartConfig\nmetadata: {{name: traefik, namespace: kube-system}}\nspec:\n  valuesContent: |\n    image: {{registry: {hub}, repository: library/traefik, tag: v3}}\n    other: {{image: {{repository: {ghcr}/x/y, tag: v1}}}}\n    imagePullSecrets: [{{name: regcred}}]\n"
        )
    };
    fixed(
        &config(RULES),
        &[("c.yaml", &file("docker.io", "ghcr.io"))],
        &[("c.yaml", &file("m.example.com/hub", "m.example.com/ghcr"))],
    );
}

/// In a stream, the objects of Flux among the items say what chart a release installs, wherever they are.
#[test]
fn a_chart_that_an_object_of_the_stream_names() {
    let registry = "https://cloudzero.github.io/cloudzero-charts";
    let release = |chart: &str, made: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: r, namespace: n}}\nspec:\n  {chart}\n  values: {{clusterName: prod{made}}}\n"
        )
    };
    let source = |kind: &str, spec: &str| {
        format!(
            "apiVersion: source.toolkit.fluxcd.io/v1\nkind: {kind}\nmetadata: {{name: cz, namespace: n}}\nspec: {{{spec}}}\n"
        )
    };
    let (from, to) = (
        "ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent",
        "m.example.com/cz/cloudzero-agent",
    );
    let config = config(
        "agents: [cloudzero-agent]\nregistries: [{source: ghcr.io/cloudzero/cloudzero-agent, mirror: m.example.com/cz}]",
    );
    let oci = "url: oci://ghcr.io/cloudzero/charts/cloudzero-agent, ref: ";
    let reference = |kind: &str| format!("chartRef: {{kind: {kind}, name: cz}}");
    let made = format!(", components: {{agent: {{image: {{repository: {to}}}}}}}");
    let told = format!(
        "info: HelmRelease n/r: the chart's default image does not come from the mirror: {from} → {to} [wrong-registry]\n"
    );
    for (chart, sources) in [
        (
            reference("OCIRepository"),
            source("OCIRepository", &format!("{oci}{{tag: 1.2.13}}")),
        ),
        (
            reference("OCIRepository"),
            source("OCIRepository", &format!("{oci}{{semver: 1.2.x}}")),
        ),
        (
            reference("HelmChart"),
            source(
                "HelmChart",
                "chart: cloudzero-agent, version: 1.2.13, sourceRef: {kind: HelmRepository, name: cz}",
            ) + "---\n"
                + &source("HelmRepository", &format!("url: {registry}")),
        ),
    ] {
        for (before, behind) in [
            (format!("{sources}---\n"), String::new()),
            (String::new(), format!("---\n{sources}")),
        ] {
            let text = |made: &str| format!("{before}{}{behind}", release(&chart, made));
            check(&config, &text(""), &text(&made), &told);
        }
    }
    // Of an object that is not there, nothing is known.
    let alone = release(&reference("OCIRepository"), "");
    let (text, _) = restored(&config, &alone);
    assert_text_eq(&text, &alone);
}

/// An OCIRepository says the version in a stream, too, and one of the release's own namespace is meant.
#[test]
fn the_version_that_an_object_of_the_stream_says() {
    let source = |namespace: &str, version: &str| {
        format!(
            "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {{name: ksm, namespace: {namespace}}}\nspec: {{url: oci://ghcr.io/prometheus-community/charts/kube-state-metrics, ref: {version}}}\n---\n"
        )
    };
    let release = |made: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: r, namespace: n}}\nspec:\n  chartRef: {{kind: OCIRepository, name: ksm}}\n  values: {{a: 1{made}}}\n"
        )
    };
    let config = config(
        "agents: [kube-prometheus]\nregistries: [{source: registry.k8s.io, mirror: m.example.com/k8s, scope: all}]",
    );
    let old = ", image: {repository: m.example.com/k8s/kube-state-metrics/kube-state-metrics}";
    let own = |version: &str| source("n", version) + &source("m", "{tag: 5.9.2}");
    for sources in [own("{tag: 4.9.2}"), own("{semver: 4.9.x}")] {
        let (text, _) = restored(&config, &(sources.clone() + &release("")));
        assert_text_eq(&text, &(sources + &release(old)));
    }
    // Neither of the two is in the release's namespace, and they differ.
    let others = source("k", "{tag: 4.9.2}") + &source("m", "{tag: 5.9.2}");
    let (text, _) = restored(&config, &(others.clone() + &release("")));
    assert_text_eq(&text, &(others + &release("")));
}
