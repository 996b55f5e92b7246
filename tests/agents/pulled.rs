//! Pull secrets of images in values: every entry of a chart says where they are, or that there is no key
//! for them; the rest is what another program starts, or what runs beside an image that says it.

use std::collections::BTreeSet;

use restore_images::chart::ChartImage;
use restore_images::config::{Trust, read_among};

/// What a program of the chart is told to start, in pods that the chart does not write: these programs give
/// such pods their own pull secrets, or the pods' owners do.
const STARTED: &[(&str, &[&str])] = &[
    // The webhook injects it into others' pods.
    ("kube-enforcer", &["microEnforcerImage.repository"]),
    // The enforcer makes Jobs of it.
    ("kube-enforcer", &["kubebenchImage.repository"]),
    // Instrumentation is injected into others' pods.
    (
        "amazon-cloudwatch-observability",
        &[
            "manager.autoInstrumentationImage.java.repository",
            "manager.autoInstrumentationImage.python.repository",
            "manager.autoInstrumentationImage.dotnet.repository",
            "manager.autoInstrumentationImage.nodejs.repository",
        ],
    ),
    // Sidecars of others' pods, and a registry for such.
    (
        "datadog",
        &[
            "datadog.appsec.injector.sidecar.image",
            "clusterAgent.admissionController.containerRegistry",
            "clusterAgent.admissionController.agentSidecarInjection.containerRegistry",
        ],
    ),
    // The operator makes agents of custom resources.
    ("grafana-agent-operator", &["image.registry"]),
    ("instana-agent", &["k8s_sensor.image.name"]),
    ("podmotion", &["images.criu.repository"]),
    // The Prometheus that the operator makes has the pull secrets of its own custom resource.
    (
        "kube-prometheus-stack",
        &[
            "prometheusOperator.prometheusConfigReloader.image.repository",
            "prometheusOperator.thanosImage.repository",
        ],
    ),
    (
        "kubex-automation-engine",
        &[
            "compactionScheduler.image.repository",
            "compactionDescheduler.image.repository",
        ],
    ),
    (
        "mw-autoinstrumentation",
        &["opentelemetry-operator.manager.collectorImage.repository"],
    ),
    (
        "newrelic-infra-operator",
        &["config.infraAgentInjection.agentConfig.image.repository"],
    ),
    // An image volume of pods that scripts run in.
    (
        "kubernetes-agent",
        &["scriptPods.calamariImageVolume.image.repository"],
    ),
    (
        "opentelemetry-operator",
        &[
            "manager.collectorImage.repository",
            "manager.targetAllocatorImage.repository",
            "manager.opampBridgeImage.repository",
            "manager.autoInstrumentationImage.java.repository",
            "manager.autoInstrumentationImage.nodejs.repository",
            "manager.autoInstrumentationImage.python.repository",
            "manager.autoInstrumentationImage.dotnet.repository",
            "manager.autoInstrumentationImage.go.repository",
            "manager.autoInstrumentationImage.apacheHttpd.repository",
            "manager.autoInstrumentationImage.nginx.repository",
        ],
    ),
    // Custom resources of the stack, which the operator makes pods of.
    (
        "opentelemetry-kube-stack",
        &[
            "opAMPBridge.image.repository",
            "defaultCRConfig.image.repository",
            "opentelemetry-operator.manager.collectorImage.repository",
        ],
    ),
    ("fleet", &["agentImage.repository"]),
    (
        "splunk-otel-collector",
        &[
            "instrumentation.spec.apacheHttpd.image",
            "instrumentation.spec.dotnet.image",
            "instrumentation.spec.go.image",
            "instrumentation.spec.java.image",
            "instrumentation.spec.nginx.image",
            "instrumentation.spec.nodejs.image",
            "instrumentation.spec.python.image",
            "operator.manager.collectorImage.repository",
        ],
    ),
    ("tailscale-operator", &["proxyConfig.image.repository"]),
    ("vault", &["injector.agentImage.repository"]),
];

/// What runs in a pod of another image of the chart, whose entry names the list.
const BESIDE: &[(&str, &[&str])] = &[
    ("datadog", &["fips.image.repository"]),
    (
        "k8s-monitoring",
        &["collectorCommon.alloy.configReloader.image.repository"],
    ),
];

/// The first key of an image: of its name, or of the registry before a name that no value changes.
fn key(image: &ChartImage) -> String {
    let mut paths = [
        &image.whole,
        &image.name,
        &image.repository,
        &image.registry,
    ]
    .into_iter()
    .flatten()
    .map(|part| &part.path);
    let path = paths.find(|path| !path.is_empty());
    path.map_or_else(|| "a literal".to_owned(), ToString::to_string)
}

#[test]
fn every_image_of_a_chart_says_where_its_pull_secrets_are() {
    let mut found = BTreeSet::new();
    let config = read_among(None, &[], &[], None, Trust::ALL);
    for agent in &config.expect("the built-in profiles").agents {
        // Without a name are paths that count whatever the chart.
        for chart in agent.charts.iter().filter(|chart| !chart.name.is_empty()) {
            let silent = |image: &&ChartImage| image.secrets.is_none() && !image.lacks_secrets;
            let keys = chart.images.iter().filter(silent).map(key);
            found.extend(keys.map(|key| (chart.name.clone(), key)));
        }
    }
    let known = STARTED.iter().chain(BESIDE);
    let known: BTreeSet<(String, String)> = known
        .flat_map(|(chart, keys)| {
            keys.iter()
                .map(|key| ((*chart).to_owned(), (*key).to_owned()))
        })
        .collect();
    // What a chart brings has the other chart's keys below its name.
    let is_brought = |key: &str| {
        let mut known = known.iter();
        known.any(|(chart, own)| key.ends_with(&format!("{chart}.{own}")))
    };
    let new = found.difference(&known);
    let new: Vec<_> = new.filter(|(_, key)| !is_brought(key)).collect();
    assert!(
        new.is_empty(),
        "neither imagePullSecrets nor noPullSecrets: {new:?}"
    );
    let old: Vec<_> = known.difference(&found).collect();
    assert!(old.is_empty(), "exceptions for nothing: {old:?}");
}
