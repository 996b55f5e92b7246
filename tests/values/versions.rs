//! Keys that a version of a chart does not have are never made, and its pull secrets go where that
//! version reads them.

use super::{check, config, fixed, release, restored};
use crate::support::assert_text_eq;

const CLOUDZERO: &str = "\
agents: [cloudzero-agent]
registries:
- {source: docker.io, mirror: m.example.com/hub}
- {source: ghcr.io, mirror: m.example.com/ghcr}
- {source: quay.io, mirror: m.example.com/quay}
";

const SECRETS: &str = "imagePullSecrets: [s]\n";

const BASIC: &str = "apiKey: k\nclusterName: c\n";

/// What CloudZero's chart gets, with these keys below `components` besides.
fn cloudzero(agent: &str, besides: &str) -> String {
    format!(
        "{BASIC}components:\n  agent:\n    image:\n      repository: m.example.com/ghcr/cloudzero/cloudzero-agent/cloudzero-agent\n{agent}{besides}  prometheus:\n    image:\n      repository: m.example.com/quay/prometheus/prometheus\n"
    )
}

const ALLOY: &str =
    "    clusteredNode:\n      image:\n        repository: m.example.com/hub/grafana/alloy\n";
const KUBECTL: &str =
    "  kubectl:\n    image:\n      repository: m.example.com/hub/bitnami/kubectl\n";
const RELOADER: &str = "  prometheusReloader:\n    image:\n      repository: m.example.com/quay/prometheus-operator/prometheus-config-reloader\n";

/// The schema of 1.2.0 to 1.2.8 refuses `clusteredNode`, and 1.2.0 to 1.2.6 run kubectl.
#[test]
fn images_of_each_version() {
    for (version, agent, besides, reloader) in [
        ("1.2.0", "", KUBECTL, RELOADER),
        ("1.2.5", "", KUBECTL, RELOADER),
        ("1.2.6", "", KUBECTL, RELOADER),
        ("1.2.7", "", "", RELOADER),
        ("1.2.8", "", "", RELOADER),
        ("1.2.9", ALLOY, "", RELOADER),
        ("1.2.12", "", "", RELOADER),
        ("1.2.13", "", "", ""),
    ] {
        let chart = format!("{{chart: cloudzero-agent, version: {version}}}");
        let (text, _) = restored(&config(CLOUDZERO), &release(&chart, BASIC));
        let expected = cloudzero(agent, besides) + reloader;
        assert_text_eq(&text, &release(&chart, &expected));
        assert_text_eq(&restored(&config(CLOUDZERO), &text).0, &text);
    }
}

/// Most pods of 1.2.9 and before read the root's list, and two Jobs of 1.2.6 to 1.2.9 the default one.
#[test]
fn pull_secrets_of_each_version() {
    let rules = format!("{CLOUDZERO}{SECRETS}");
    let root = "imagePullSecrets:\n- name: s\n";
    let default = "defaults:\n  image:\n    pullSecrets:\n    - name: s\n";
    for (version, besides, lists) in [
        ("1.2.5", KUBECTL, root.to_owned()),
        ("1.2.8", "", format!("{root}{default}")),
        ("1.2.10", "", default.to_owned()),
    ] {
        let chart = format!("{{chart: cloudzero-agent, version: {version}}}");
        let (text, _) = restored(&config(&rules), &release(&chart, BASIC));
        let expected = format!("{}{RELOADER}{lists}", cloudzero("", besides));
        assert_text_eq(&text, &release(&chart, &expected));
    }
}

/// A list under the last key of the values grows, and keys are made behind it.
#[test]
fn a_list_at_the_end_grows_before_new_keys() {
    let chart = "{chart: cloudzero-agent, version: 1.2.13}";
    let rules = format!("{CLOUDZERO}{SECRETS}");
    let before = format!("{BASIC}imagePullSecrets:\n- name: x\n");
    let (text, _) = restored(&config(&rules), &release(chart, &before));
    let made = cloudzero("", "").replace(BASIC, "");
    assert_text_eq(
        &text,
        &release(chart, &format!("{before}- name: s\n{made}")),
    );
}

/// Two Jobs of 1.2.5 get no pull secrets, whatever the values say.
#[test]
fn pods_without_pull_secrets_are_told() {
    let chart = "{chart: cloudzero-agent, version: 1.2.5}";
    let rules = format!("{CLOUDZERO}{SECRETS}");
    let (_, said) = restored(
        &config(&rules),
        &release(chart, &format!("{BASIC}imagePullSecrets: [{{name: s}}]\n")),
    );
    let told = "warning: HelmRelease n/r: ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent needs the pull secret s, and this version of the chart has no key for it in some of its pods: give it to their ServiceAccount, or take a version that has one [unresolved-image]\n";
    assert_eq!(said.matches(told).count(), 1, "{said}");
    // OpenTelemetry's operator has a key from 0.9.2 on.
    let rules = "agents: [opentelemetry-collector]\nregistries: [{source: ghcr.io/open-telemetry, mirror: m.example.com/otel}]\nimagePullSecrets: [s]\n";
    let input = |version: &str| {
        release(
            &format!("{{chart: opentelemetry-operator, version: {version}}}"),
            "a: 1\n",
        )
    };
    let (_, said) = restored(&config(rules), &input("0.8.0"));
    assert_eq!(said.matches("has no key for it").count(), 1, "{said}");
    let (text, said) = restored(&config(rules), &input("0.20.0"));
    assert_eq!(said.matches("has no key for it").count(), 0, "{said}");
    assert!(
        text.ends_with("    imagePullSecrets:\n    - name: s\n"),
        "{text}"
    );
}

/// Subcharts that a version does not bring get no keys, nor a registry that a version does not read.
#[test]
fn subcharts_of_each_version() {
    let rules = "agents: [datadog]\nregistries:\n- {source: registry.datadoghq.com, mirror: m.example.com/dd}\n- {source: gcr.io/datadoghq, mirror: m.example.com/gcr}\n";
    let operator =
        |mirror: &str| format!("operator:\n  image:\n    repository: {mirror}/operator\n");
    for (version, mirror, operator) in [
        ("3.156.2", "m.example.com/gcr", String::new()),
        (
            "3.157.0",
            "m.example.com/gcr",
            operator("m.example.com/gcr"),
        ),
        ("3.220.0", "m.example.com/dd", operator("m.example.com/dd")),
    ] {
        let chart = format!("{{chart: datadog, version: {version}}}");
        let (text, _) = restored(&config(rules), &release(&chart, "a: 1\n"));
        let expected = format!("a: 1\nregistry: {mirror}\n{operator}");
        assert_text_eq(&text, &release(&chart, &expected));
    }
    let rules = "agents: [newrelic]\nregistries: [{source: docker.io/newrelic, mirror: m.example.com/nr}]\n";
    for (version, made) in [
        (
            "1.10.3",
            "image:\n  repository: m.example.com/nr/newrelic-fluentbit-output\n",
        ),
        (
            "1.40.0",
            "image:\n  registry: m.example.com\n  repository: nr/newrelic-fluentbit-output\n",
        ),
    ] {
        let chart = format!("{{chart: newrelic-logging, version: {version}}}");
        let (text, _) = restored(&config(rules), &release(&chart, "a: 1\n"));
        assert_text_eq(&text, &release(&chart, &format!("a: 1\n{made}")));
    }
}

/// From 1.2.10 on, the collector of a clustered node is the agent's own image, and so is its tag; 1.2.9
/// runs another one, which is listed once.
#[test]
fn no_image_is_listed_that_another_version_would_run() {
    let rules = "agents: [cloudzero-agent]\n";
    let values = "components: {agent: {image: {tag: 1.2.9}, clusteredNode: {image: {repository: docker.io/grafana/alloy}}}}\n";
    let folder = tempfile::tempdir().expect("a folder");
    let input = release("{chart: cloudzero-agent, version: 1.2.9}", values);
    super::write_files(
        folder.path(),
        &[("hr.yaml", &input), ("restore-images.yaml", &config(rules))],
    );
    let run =
        crate::support::run_in_folder(folder.path(), &["images", "--format", "csv", "."], b"");
    let out = String::from_utf8(run.stdout).expect("UTF-8");
    assert_eq!(out.matches("grafana/alloy").count(), 3, "{out}");
    assert!(!out.contains("alloy:1.2.9"), "{out}");
}

/// The chart of a name that is not the tags' own: `latest` is written where no tag would be right.
#[test]
fn a_tag_of_its_own_is_not_left_out() {
    let values = |tag: &str, policy: &str| {
        format!(
            "image: {{repository: realtheory/theory-k8s-collector, tag: {tag}, pullPolicy: {policy}}}\n"
        )
    };
    check(
        &config("agents: [realtheory-collector]\n"),
        &release("{chart: c}", &values("v1.3.11836", "Always")),
        &release("{chart: c}", &values("latest", "Always")),
        "info: HelmRelease n/r: tag v1.3.11836 keeps the agent from upgrading itself: realtheory/theory-k8s-collector:v1.3.11836 → realtheory/theory-k8s-collector:latest [pinned-tag]\n",
    );
}

/// A range is what its newest version is, as Helm, Flux and Argo CD read it.
#[test]
fn images_of_ranges() {
    let of = |version: &str| {
        let chart = format!("{{chart: cloudzero-agent, version: '{version}'}}");
        let (text, _) = restored(&config(CLOUDZERO), &release(&chart, BASIC));
        text.replace(&format!("'{version}'"), "'-'")
    };
    for (exact, ranges) in [
        (
            "1.2.13",
            &["1.2.x", "1.2", "1", "^1.2.0", "~1.2.9", ">=1.2.0", "*"][..],
        ),
        (
            "1.2.9",
            &[
                "=1.2.9",
                "<1.2.10",
                ">=1.2.9 <1.2.10",
                ">= 1.2.9, < 1.2.10",
                "1.2.0 - 1.2.9",
            ],
        ),
        ("1.2.10", &["1.2.9 - 1.2.10", "1.2.9 || 1.2.10", "<=1.2.10"]),
    ] {
        for range in ranges {
            assert_text_eq(&of(range), &of(exact));
        }
    }
    assert_ne!(of("1.2.9"), of("1.2.10"));
    assert_ne!(of("1.2.10"), of("1.2.13"));
}

/// What a cluster's own version of the chart runs besides gets its keys for that cluster.
#[test]
fn a_cluster_with_another_version() {
    let fleet = |all: &str, dev: &str| {
        format!(
            "helm:\n  chart: cloudzero-agent\n  repo: https://cloudzero.github.io/cloudzero-charts\n  version: 1.2.13\n  values:\n    clusterName: x\n{all}targetCustomizations:\n- name: dev\n  helm:\n    version: 1.2.9\n{dev}"
        )
    };
    let rules = "agents: [cloudzero-agent]\nregistries: [{source: quay.io/prometheus-operator, mirror: m.example.com/po}]\n";
    fixed(
        &config(rules),
        &[("fleet.yaml", &fleet("", ""))],
        &[(
            "fleet.yaml",
            &fleet(
                "",
                "    values:\n      components:\n        prometheusReloader:\n          image:\n            repository: m.example.com/po/prometheus-config-reloader\n",
            ),
        )],
    );
}

/// Where Datadog's chart has its images depends on its version and the site.
#[test]
fn a_default_by_a_value_and_a_version() {
    let rules = "agents: [datadog]\nregistries:\n- {source: registry.datadoghq.com, mirror: m.example.com/dd}\n- {source: gcr.io, mirror: m.example.com/gcr}\n- {source: eu.gcr.io, mirror: m.example.com/eu}\n- {source: datadoghq.azurecr.io, mirror: m.example.com/azure}\n";
    let off = "operator: {image: {repository: m.example.com/dd/operator}}\n";
    for (version, values, made) in [
        ("3.120.0", "", "registry: m.example.com/gcr/datadoghq\n"),
        (
            "3.120.0",
            "datadog: {site: datadoghq.eu}\n",
            "registry: m.example.com/eu/datadoghq\n",
        ),
        (
            "3.240.0",
            "datadog: {site: datadoghq.eu}\n",
            "registry: m.example.com/dd\n",
        ),
        (
            "3.240.0",
            "datadog: {site: us3.datadoghq.com}\n",
            "registry: m.example.com/azure\n",
        ),
        // What is the default then is told, and not guessed.
        ("3.240.0", "registryMigrationMode: ''\n", ""),
        ("3.190.0", "", ""),
    ] {
        let chart = format!("{{chart: datadog, version: {version}}}");
        let values = format!("{off}{values}");
        let (text, said) = restored(&config(rules), &release(&chart, &values));
        assert_text_eq(&text, &release(&chart, &format!("{values}{made}")));
        let told = "the chart may put a registry of its own before it: write the registry, too";
        assert_eq!(
            said.contains(told),
            made.is_empty(),
            "{version} {values}: {said}"
        );
    }
}

const PROMETHEUS: &str = "agents: [kube-prometheus]\nregistries:\n- {source: quay.io, mirror: m.example.com/quay, scope: all}\n- {source: registry.k8s.io, mirror: m.example.com/k8s, scope: all}\n- {source: ghcr.io, mirror: m.example.com/ghcr, scope: all}\n";

/// Charts of Prometheus had whole repositories first, then a registry beside them, and other programs.
#[test]
fn keys_that_a_version_reads() {
    let stack = "a: 1\n";
    for (chart, values, made) in [
        (
            "{chart: kube-state-metrics, version: 4.9.2}",
            "a: 1\n",
            "image:\n  repository: m.example.com/k8s/kube-state-metrics/kube-state-metrics\n",
        ),
        (
            "{chart: kube-state-metrics, version: 4.x}",
            "a: 1\n",
            "image:\n  repository: m.example.com/k8s/kube-state-metrics/kube-state-metrics\n",
        ),
        (
            "{chart: kube-state-metrics, version: 5.0.0}",
            "a: 1\n",
            "image:\n  registry: m.example.com/k8s\n  repository: kube-state-metrics/kube-state-metrics\n",
        ),
        // The registry of old is no rule's source.
        ("{chart: kube-state-metrics, version: 4.7.0}", "a: 1\n", ""),
        (
            "{chart: prometheus-node-exporter, version: 3.3.0}",
            "a: 1\n",
            "image:\n  repository: m.example.com/quay/prometheus/node-exporter\n",
        ),
        (
            "{chart: prometheus, version: 15.10.2}",
            "alertmanager: {enabled: false}\nnodeExporter: {enabled: false}\nkubeStateMetrics: {enabled: false}\n",
            "server:\n  image:\n    repository: m.example.com/quay/prometheus/prometheus\n",
        ),
        (
            "{chart: kube-prometheus-stack, version: 45.7.1}",
            "grafana: {enabled: false}\nprometheusOperator:\n  image: {registry: m.example.com/quay}\n  prometheusConfigReloader: {image: {registry: m.example.com/quay}}\n  thanosImage: {registry: m.example.com/quay}\nprometheus: {prometheusSpec: {image: {registry: m.example.com/quay}}}\nalertmanager: {alertmanagerSpec: {image: {registry: m.example.com/quay}}}\nkube-state-metrics: {image: {registry: m.example.com/k8s}}\nprometheus-node-exporter: {image: {registry: m.example.com/quay}}\n",
            "PATCH",
        ),
    ] {
        let input = release(chart, values);
        let (text, said) = restored(&config(PROMETHEUS), &input);
        let expected = match made {
            "PATCH" => input.replace(
                "      thanosImage: {registry: m.example.com/quay}\n",
                "      thanosImage: {registry: m.example.com/quay}\n      admissionWebhooks:\n        patch:\n          image:\n            registry: m.example.com/k8s\n            repository: ingress-nginx/kube-webhook-certgen\n",
            ),
            _ => release(chart, &format!("{values}{made}")),
        };
        assert!(text == expected, "{chart}\n{text}\n{said}");
        assert_text_eq(&restored(&config(PROMETHEUS), &text).0, &text);
    }
    for version in ["36.0.7", "35.x", "41.x"] {
        let chart = format!("{{chart: kube-prometheus-stack, version: {version}}}");
        // Nothing is made for what is switched off.
        let off = release(&chart, "alertmanager: {enabled: false}\n");
        let (text, _) = restored(&config(PROMETHEUS), &off);
        assert!(!text.contains("prometheus/alertmanager"), "{text}");
        let (text, _) = restored(&config(PROMETHEUS), &release(&chart, stack));
        assert!(!text.contains("registry:"), "{text}");
        for path in [
            "prometheus-operator/prometheus-operator",
            "prometheus-operator/prometheus-config-reloader",
            "thanos/thanos",
            "prometheus/prometheus",
            "prometheus/alertmanager",
            "prometheus/node-exporter",
        ] {
            let made = format!("repository: m.example.com/quay/{path}");
            assert_eq!(text.matches(&made).count(), 1, "{version} {path}: {text}");
        }
    }
}

/// Of a chart that is older than what its profile knows, no key is made, and this is told.
#[test]
fn a_chart_older_than_its_profile_knows() {
    let chart = "{chart: kube-prometheus-stack, version: 12.0.0}";
    let input = release(chart, "alertmanager: {enabled: false}\n");
    let (text, said) = restored(&config(PROMETHEUS), &input);
    assert_text_eq(&text, &input);
    let told = "its profile knows the chart kube-prometheus-stack from 21.0.0 on";
    assert!(said.contains(told), "{said}");
}

/// What says no version leaves open what the chart reads: no key is made that depends on it, and what every
/// version reads alike is restored.
#[test]
fn a_version_that_nobody_knows_makes_no_key() {
    let rules = "agents: [datadog]\nregistries:\n- {source: registry.datadoghq.com, mirror: m.example.com/dd}\n- {source: gcr.io/datadoghq, mirror: m.example.com/gcr}\n";
    let why = "is not written: nobody knows the version of its chart, and what the chart has there depends on it: write the version, or the image's whole name as the chart documents it [unresolved-image]";
    let whole = |mirror: &str| format!("agents: {{image: {{repository: {mirror}/agent}}}}\n");
    for version in ["'${DATADOG}'", "'{{ .version }}'", "main"] {
        let chart = format!("{{chart: datadog, version: {version}}}");
        let input = release(&chart, &whole("gcr.io/datadoghq"));
        let (text, said) = restored(&config(rules), &input);
        assert_text_eq(&text, &release(&chart, &whole("m.example.com/gcr")));
        for image in ["cluster-agent", "operator"] {
            for (from, to) in [
                ("gcr.io/datadoghq", "m.example.com/gcr"),
                ("registry.datadoghq.com", "m.example.com/dd"),
            ] {
                let told =
                    format!("warning: HelmRelease n/r: {from}/{image} → {to}/{image} {why}\n");
                assert_eq!(said.matches(&told).count(), 1, "{told}{said}");
            }
        }
        assert_eq!(said.matches(why).count(), 4, "{said}");
        assert_text_eq(&restored(&config(rules), &text).0, &text);
    }
    // A registry that only some versions read says which version it is.
    let rules = "agents: [kube-prometheus]\nregistries: [{source: registry.k8s.io, mirror: m.example.com/k8s, scope: all}]\n";
    let chart = "{chart: kube-state-metrics, version: '${V}'}";
    for (before, after) in [
        (
            "image: {registry: registry.k8s.io, repository: kube-state-metrics/kube-state-metrics}\n",
            "image: {registry: m.example.com/k8s, repository: kube-state-metrics/kube-state-metrics}\n",
        ),
        (
            "image: {repository: registry.k8s.io/kube-state-metrics/kube-state-metrics}\n",
            "image: {repository: m.example.com/k8s/kube-state-metrics/kube-state-metrics}\n",
        ),
        ("a: 1\n", "a: 1\n"),
    ] {
        let (text, _) = restored(&config(rules), &release(chart, before));
        assert_text_eq(&text, &release(chart, after));
    }
}

/// Of a chart that another one brings, the version may be open, too.
#[test]
fn a_dependency_whose_version_nobody_knows() {
    let rules =
        "agents: [datadog]\nregistries: [{source: gcr.io/datadoghq, mirror: m.example.com/gcr}]\n";
    let chart = |version: &str| {
        format!(
            "apiVersion: v2\nname: own\nversion: 0.1.0\ndependencies:\n- {{name: datadog, repository: https://helm.datadoghq.com, version: '{version}'}}\n"
        )
    };
    for (version, made) in [
        ("${V}", ""),
        ("3.156.2", "datadog:\n  registry: m.example.com/gcr\n"),
    ] {
        fixed(
            &config(rules),
            &[
                ("c/Chart.yaml", &chart(version)),
                ("c/values.yaml", "a: 1\n"),
            ],
            &[("c/values.yaml", &format!("a: 1\n{made}"))],
        );
    }
}

/// A default of versions that the chart's image does not have yet does not bring the image to later ones.
#[test]
fn an_earlier_default_below_the_first_version_says_nothing() {
    let config = config(
        "agents:
- name: acme
  images: [{image: quay.io/acme/agent, tag: keep}]
  charts:
  - name: acme
    images:
    - repository: {path: agent.image, default: quay.io/acme/agent, earlier: [{until: 1.5.0, default: quay.io/acme/old}]}
      since: 2.0.0
registries: [{source: quay.io, mirror: m.example.com/quay}]
",
    );
    for (version, made) in [
        ("1.7.0", ""),
        ("2.1.0", "agent:\n  image: m.example.com/quay/acme/agent\n"),
    ] {
        let chart = format!("{{chart: acme, version: {version}}}");
        let (text, _) = restored(&config, &release(&chart, "z: 1\n"));
        assert_text_eq(&text, &release(&chart, &format!("z: 1\n{made}")));
    }
}
