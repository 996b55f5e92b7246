//! Charts that profiles know, where a vendor keeps an image in a way of its own.

use super::{check, config, release, restored};
use crate::support::assert_text_eq;

const LOGICMONITOR: &str =
    "agents: [logicmonitor]\nregistries: [{source: docker.io, mirror: m.example.com/hub}]\n";

/// A release of LogicMonitor's chart, whose name others have, too.
fn argus(values: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: a}}\nspec:\n  source:\n    repoURL: https://logicmonitor.github.io/helm-charts\n    chart: argus\n    targetRevision: 15.1.0\n    helm:\n      valuesObject:\n{}",
        values
            .lines()
            .map(|line| format!("        {line}\n"))
            .collect::<String>()
    )
}

/// The chart puts a registry before the owner, which stands in `repository`.
#[test]
fn a_registry_before_an_owner() {
    // Whatever holds the registry, both images are right, and stay.
    for values in [
        "global: {image: {registry: m.example.com/hub}}\n",
        "image: {registry: m.example.com/hub}\ncollector: {image: {registry: m.example.com/hub}}\n",
        "global: {image: {registry: m.example.com/hub}}\nimage: {repository: logicmonitor}\n",
    ] {
        check(&config(LOGICMONITOR), &argus(values), &argus(values), "");
    }
    let of = |image: &str, what: &str, host: &str| {
        format!(
            "info: Application a: {what}: {host}logicmonitor/{image} → m.example.com/hub/logicmonitor/{image} [wrong-registry]\n"
        )
    };
    check(
        &config(LOGICMONITOR),
        &argus("global: {image: {registry: docker.io}}\n"),
        &argus("global: {image: {registry: m.example.com/hub}}\n"),
        &format!(
            "{}{}",
            of("argus", "wrong registry or path", "docker.io/"),
            of("collector", "wrong registry or path", "docker.io/")
        ),
    );
    check(
        &config(LOGICMONITOR),
        &argus(
            "image: {registry: docker.io, repository: logicmonitor}\ncollector: {image: {repository: m.example.com/hub/logicmonitor}}\n",
        ),
        &argus(
            "image: {registry: m.example.com/hub, repository: logicmonitor}\ncollector: {image: {repository: m.example.com/hub/logicmonitor}}\n",
        ),
        &of("argus", "wrong registry or path", "docker.io/"),
    );
    // Without one, the owner gets it.
    let (text, _) = restored(&config(LOGICMONITOR), &argus("clusterName: c\n"));
    assert_text_eq(
        &text,
        &argus(
            "clusterName: c\nimage:\n  repository: m.example.com/hub/logicmonitor\n  name: argus\ncollector:\n  image:\n    repository: m.example.com/hub/logicmonitor\n    name: collector\n",
        ),
    );
}

const DATADOG: &str =
    "agents: [datadog]\nregistries: [{source: registry.datadoghq.com, mirror: m.example.com/dd}]\n";

/// What comes before the names of injected images is in a value of its own, or in a variable.
#[test]
fn a_registry_alone() {
    let values = |registry: &str| {
        format!(
            "registry: m.example.com/dd\nclusterAgent:\n  admissionController:\n    containerRegistry: {registry}\n    agentSidecarInjection: {{containerRegistry: {registry}}}\n  env:\n  - {{name: OTHER, value: registry.datadoghq.com}}\n  - {{name: DD_ADMISSION_CONTROLLER_CONTAINER_REGISTRY, value: {registry}}}\n"
        )
    };
    let chart = "{chart: datadog, version: 3.100.0}";
    let input = release(chart, &values("registry.datadoghq.com"));
    let (text, said) = restored(&config(DATADOG), &input);
    assert_text_eq(&text, &release(chart, &values("m.example.com/dd")));
    let told = "wrong registry or path: registry.datadoghq.com/agent → m.example.com/dd/agent [wrong-registry]";
    assert_eq!(said.matches(told).count(), 3, "{said}");
    assert_text_eq(&restored(&config(DATADOG), &text).0, &text);
    // Where it is not set, the chart takes the registry of its images.
    let unset = release(chart, "registry: m.example.com/dd\n");
    check(&config(DATADOG), &unset, &unset, "");
}

#[test]
fn the_owner_of_an_image_volume() {
    let rules = "agents: [octopus-kubernetes-agent]\nregistries: [{source: docker.io, mirror: m.example.com/hub}]\n";
    let input = |owner: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: a}}\nspec:\n  source:\n    repoURL: registry-1.docker.io/octopusdeploy\n    chart: kubernetes-agent\n    targetRevision: 3.13.2\n    helm:\n      valuesObject:\n        agent: {{image: {{repository: m.example.com/hub/octopusdeploy/kubernetes-agent-tentacle}}}}\n        scriptPods:\n          worker: {{image: {{repository: m.example.com/hub/octopusdeploy/worker-tools}}}}\n          calamariImageVolume:\n            enabled: true\n            image: {{repository: {owner}}}\n"
        )
    };
    check(
        &config(rules),
        &input("octopusdeploy"),
        &input("m.example.com/hub/octopusdeploy"),
        "info: Application a: wrong registry or path: octopusdeploy/kubernetes-agent-tentacle → m.example.com/hub/octopusdeploy/kubernetes-agent-tentacle [wrong-registry]\n",
    );
}

/// A tag that is not written is that of the chart's version.
#[test]
fn versions_are_those_of_the_chart_where_none_is_written() {
    let rules = config("agents: [cloudzero-agent]\n");
    let input = release(
        "{chart: cloudzero-agent, version: 1.2.13}",
        "components:\n  prometheus: {image: {tag: v3.7.2}}\n",
    );
    let (_, said) = restored(&rules, &input);
    assert!(
        said.contains(
            "quay.io/prometheus/prometheus:v3.7.2 is untested in cloudzero-agent 1.2.13: "
        ),
        "{said}"
    );
    let input = release(
        "{chart: cloudzero-agent, version: 1.2.9}",
        "components:\n  agent: {image: {tag: 1.2.13}}\n",
    );
    let (_, said) = restored(&rules, &input);
    let told = "warning: HelmRelease n/r: quay.io/prometheus/prometheus:v3.7.3 is untested in cloudzero-agent 1.2.13: the vendor tested quay.io/prometheus/prometheus:";
    assert!(said.contains(told), "{said}");
    // All of one version, or of one that is filled in elsewhere.
    for values in [
        "clusterName: a\n",
        "components:\n  agent: {image: {tag: '${TAG}'}}\n",
    ] {
        let input = release("{chart: cloudzero-agent, version: 1.2.9}", values);
        check(&rules, &input, &input, "");
    }
}

/// A registry that comes before whole names, with their hosts, is judged as part of each; without one the
/// names run as they are.
#[test]
fn a_registry_before_whole_names() {
    let with = |values: &str| release("{chart: castai-workload-autoscaler-exporter}", values);
    let before = with("global: {registry: registry.example.com}\n");
    let of = |image: &str, new: &str| {
        let image = format!("us-docker.pkg.dev/castai-hub/library/{image}");
        format!(
            "info: HelmRelease n/r: wrong registry or path: registry.example.com/{image} → {new}{image} [wrong-registry]\n"
        )
    };
    let all = |new: &str| -> String {
        let images = ["workload-autoscaler", "prom/prometheus", "kubectl"];
        images.into_iter().map(|image| of(image, new)).collect()
    };
    let rules = "agents: [castai]\nundeclaredMirrors: restore\n";
    check(
        &config(rules),
        &before,
        &with("global: {registry: \"\"}\n"),
        &all(""),
    );
    let rules = "agents: [castai]\nundeclaredMirrors: restore\nregistries: [{source: us-docker.pkg.dev, mirror: m.example.com/us-docker.pkg.dev}]\n";
    check(
        &config(rules),
        &before,
        &with("global: {registry: m.example.com}\n"),
        &all("m.example.com/"),
    );
    // Where a repository is written without its host, the host goes before it.
    let own = |registry: &str| {
        release(
            "{chart: castai-kentroller}",
            &format!(
                "global: {{registry: {registry}}}\nimage: {{repository: castai-hub/library/kentroller}}\n"
            ),
        )
    };
    check(
        &config("agents: [castai]\nundeclaredMirrors: restore\n"),
        &own("registry.example.com"),
        &own("us-docker.pkg.dev"),
        "info: HelmRelease n/r: wrong registry or path: registry.example.com/castai-hub/library/kentroller → us-docker.pkg.dev/castai-hub/library/kentroller [wrong-registry]\n",
    );
}

/// Charts that another chart brings, at keys that the profile of that one names.
#[test]
fn charts_that_a_chart_brings() {
    for (agent, chart, values, new) in [
        (
            "splunk-otel-collector",
            "{chart: splunk-otel-collector, version: 0.158.0}",
            "operator: {enabled: true}\n",
            "operator: {enabled: true, manager: {image: {repository: m.example.com/ghcr/open-telemetry/opentelemetry-operator/opentelemetry-operator}, collectorImage: {repository: m.example.com/ghcr/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-k8s}}}\n",
        ),
        (
            "groundcover",
            "{chart: caretta}",
            "image: {repository: m.example.com/quay/groundcover/caretta}\nvictoria-metrics-single: {}\ngrafana: {}\n",
            "image: {repository: m.example.com/quay/groundcover/caretta}\nvictoria-metrics-single:\n  server:\n    image:\n      repository: m.example.com/quay/groundcover/victoria-metrics\ngrafana:\n  image:\n    repository: m.example.com/quay/groundcover/grafana\n",
        ),
    ] {
        let rules = format!(
            "agents: [{agent}]\nregistries:\n- {{source: ghcr.io, mirror: m.example.com/ghcr}}\n- {{source: quay.io, mirror: m.example.com/quay}}\n"
        );
        let (text, _) = restored(&config(&rules), &release(chart, values));
        let new = release(chart, new);
        assert!(text.starts_with(&new), "{text}");
        assert_text_eq(&restored(&config(&rules), &text).0, &text);
    }
}

/// What the chart runs with high availability alone gets no keys without it.
#[test]
fn a_part_that_is_switched_off_gets_no_keys() {
    let rules = "agents: [zabbix]\nregistries: [{source: ghcr.io, mirror: m.example.com/ghcr, imagePullSecrets: [regcred]}]\n";
    let chart = "{chart: zabbix, sourceRef: {kind: HelmRepository, name: zabbix}}";
    for values in [
        "zabbixWeb: {enabled: true}\n",
        "zabbixServer: {zabbixServerHA: {enabled: false}}\n",
    ] {
        let input = release(chart, values);
        check(&config(rules), &input, &input, "");
    }
    let input = release(chart, "zabbixServer: {zabbixServerHA: {enabled: true}}\n");
    let (text, _) = restored(&config(rules), &input);
    assert_text_eq(
        &text,
        &release(
            chart,
            "zabbixServer: {zabbixServerHA: {enabled: true, dbCreateUpgradeJob: {image: {repository: m.example.com/ghcr/zabbix-community/zabbix-server-create-upgrade-db}}, haLabelsSidecar: {image: {repository: m.example.com/ghcr/zabbix-community/zabbix-server-ha-label-manager}}}}\nglobal:\n  imagePullSecrets:\n  - name: regcred\n",
        ),
    );
}

/// What a template writes is told where a rule would move it.
#[test]
fn an_image_that_a_template_writes_is_told() {
    let rules = "agents: [spot-ocean, logzio]\nregistries: [{source: docker.io, mirror: m.example.com/hub, scope: all}]\n";
    for (chart, name) in [
        ("ocean-vpa", "bitnami/kubectl"),
        ("logzio-dotnet-monitor", "busybox"),
    ] {
        let chart = format!("{{chart: {chart}, sourceRef: {{kind: HelmRepository, name: r}}}}");
        let (_, said) = restored(&config(rules), &release(&chart, "fullnameOverride: x\n"));
        let told = "is not written: no value of the chart changes it: change it where the chart is rendered";
        let lines = said.lines().filter(|line| line.contains(told));
        let lines: Vec<&str> = lines.filter(|line| line.contains(name)).collect();
        assert_eq!(lines.len(), 1, "{said}");
    }
}

/// The chart of Prisma Cloud makes a secret, and names it where others are listed.
#[test]
fn a_secret_that_a_chart_makes_is_not_replaced() {
    let rules = "agents: [prisma-cloud-defender]\nregistries: [{source: quay.io, mirror: m.example.com/quay, scope: all, imagePullSecrets: [regcred]}]\n";
    let input = |name: &str| {
        release(
            "{chart: twistlock-defender}",
            &format!("image_name: {name}/acme/defender:v1\n"),
        )
    };
    let (text, said) = restored(&config(rules), &input("quay.io"));
    assert_text_eq(&text, &input("m.example.com/quay"));
    let told = "the chart makes the secret `twistlock-pull-secret` and names it there: set `image_pull_secret` to a secret for both registries";
    assert!(said.contains(told), "{said}");
}

/// A copy that no rule declares goes back to the name that the chart has there, where an agent's image has
/// several.
#[test]
fn a_copy_goes_back_to_what_the_chart_runs() {
    for (chart, name) in [
        ("fluent-bit", "cr.fluentbit.io/fluent/fluent-bit"),
        ("fluent-bit-collector", "ghcr.io/fluent/fluent-bit"),
    ] {
        let with = |name: &str| {
            release(
                &format!("{{chart: {chart}}}"),
                &format!("image:\n  repository: {name}\n"),
            )
        };
        for mirror in ["r.example.com", "r.example.com/ghcr"] {
            let copy = format!("{mirror}/fluent/fluent-bit");
            super::check(
                &super::config("agents: [fluent-bit]\n"),
                &with(&copy),
                &with(name),
                &format!(
                    "info: HelmRelease n/r: wrong registry or path: {copy} → {name} [wrong-registry]\n"
                ),
            );
        }
    }
}

/// A chart by the vendor's name that somebody else publishes has images of its own.
#[test]
fn a_chart_of_another_publisher() {
    let rules =
        "agents: [fluent-bit]\nregistries: [{source: cr.fluentbit.io, mirror: m.example.com/fb}]\n";
    let input = |repository: &str, more: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: fb, namespace: argocd}}\nspec:\n  source:\n    repoURL: {repository}\n    chart: fluent-bit\n    targetRevision: 3.1.0\n    helm:\n      valuesObject:\n        a: b\n{more}"
        )
    };
    let made = "        image:\n          repository: m.example.com/fb/fluent/fluent-bit\n";
    for (repository, made) in [
        ("https://charts.bitnami.com/bitnami", ""),
        ("registry-1.docker.io/bitnamicharts", ""),
        ("https://charts.helm.sh/stable", ""),
        ("https://grafana.github.io/helm-charts", ""),
        ("https://fluent.github.io/helm-charts", made),
        // A copy of the vendor's charts may be anywhere.
        ("https://charts.example.com/all", made),
    ] {
        let (text, _) = restored(&config(rules), &input(repository, ""));
        assert_text_eq(&text, &input(repository, made));
    }
}

/// The node collector is told one pull secret.
#[test]
fn the_pull_secret_of_a_node_collector() {
    let rules = "agents: [trivy-operator]\nimagePullSecrets: [mirror-cred]\nregistries: [{source: ghcr.io, mirror: m.example.com/ghcr}]\n";
    let chart = "{chart: trivy-operator, version: 0.34.0}";
    let (text, _) = restored(
        &config(rules),
        &release(
            chart,
            "nodeCollector: {registry: ghcr.io, repository: aquasecurity/node-collector}\n",
        ),
    );
    assert_text_eq(
        &text,
        &release(
            chart,
            "nodeCollector: {registry: m.example.com/ghcr, repository: aquasecurity/node-collector, imagePullSecret: mirror-cred}\n",
        ),
    );
    // Of old, the others were on the same registry.
    let (text, _) = restored(
        &config(
            "agents: [trivy-operator]\nregistries: [{source: ghcr.io, mirror: m.example.com/ghcr}]\n",
        ),
        &release("{chart: trivy-operator, version: 0.20.0}", "a: 1\n"),
    );
    assert_eq!(
        text.matches("registry: m.example.com/ghcr\n").count(),
        3,
        "{text}"
    );
}
