//! Custom resources: every path of `function/fields.yaml`, what only looks like an image, values in
//! parts, and the paths that a configuration names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use yaml_rust2::{Yaml, YamlLoader};

use crate::support::{Run, assert_text_eq, run_in_folder};

const OLD: &str = "registry.local:5000/realtheory/theory-k8s-collector:v1.3.11836";
const NEW: &str = "realtheory/theory-k8s-collector";

/// A built-in agent without a tag, and one with a tag for images in parts.
const CONFIG: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  agents:
  - realtheory-collector
  - name: parts
    images:
    - {image: 'acme.io/t/agent:latest', tag: floating, imagePullPolicy: Always}
    - {image: 'acme/hub-agent:latest', tag: floating, imagePullPolicy: Always}
";

/// As [`CONFIG`], with a pull secret for each.
const WITH_SECRET: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  agents:
  - {profile: realtheory-collector, imagePullSecrets: [mine]}
  - name: parts
    images:
    - {image: 'acme.io/t/agent:latest', tag: floating, imagePullPolicy: Always, imagePullSecrets: [mine]}
    - {image: 'acme/hub-agent:latest', tag: floating, imagePullPolicy: Always, imagePullSecrets: [mine]}
";

/// API version, kinds, and the rest of a resource in flow style, in which words stand for values:
///
/// | word | before | after |
/// |---|---|---|
/// | `POD` | a pod spec with `IMAGE` in each list, `REFERENCE` in a volume, and `SECRETS` | |
/// | `IMAGE` | `image: OLD` | `image: NEW, imagePullPolicy: Always` |
/// | `REFERENCE` | `reference: OLD` | `reference: NEW, pullPolicy: Always` |
/// | `ONLY` | `OLD` | `NEW` |
/// | `NAME`, `TAG` | an agent's name and tag, in parts | the official ones |
/// | `POLICY` | `IfNotPresent` | `Always` |
/// | `SECRETS` | `[{name: s}]` | the same, and `{name: mine}` if asked for |
type Row = (&'static str, &'static [&'static str], &'static str);

const ROWS: &[Row] = &[
    (
        "monitoring.coreos.com/v1",
        &["Prometheus"],
        "spec: {IMAGE, PODS, thanos: {image: ONLY}}",
    ),
    (
        "monitoring.coreos.com/v1",
        &["Prometheus"],
        "spec: {baseImage: NAME, tag: TAG, sha: \"\", imagePullPolicy: POLICY, imagePullSecrets: SECRETS, thanos: {baseImage: NAME, tag: TAG, sha: ''}}",
    ),
    (
        "monitoring.coreos.com/v1",
        &["Alertmanager"],
        "spec: {IMAGE, PODS}",
    ),
    (
        "monitoring.coreos.com/v1",
        &["Alertmanager"],
        "spec: {baseImage: NAME, tag: TAG, sha: '', imagePullPolicy: POLICY, imagePullSecrets: SECRETS}",
    ),
    (
        "monitoring.coreos.com/v1alpha1",
        &["PrometheusAgent", "ThanosRuler"],
        "spec: {IMAGE, PODS}",
    ),
    (
        "opentelemetry.io/v1beta1",
        &["OpenTelemetryCollector"],
        "spec: {IMAGE, initContainers: [{name: i, IMAGE}], additionalContainers: [{name: a, IMAGE}], targetAllocator: {image: ONLY}}",
    ),
    (
        "opentelemetry.io/v1alpha1",
        &["TargetAllocator"],
        "spec: {IMAGE, initContainers: [{name: i, IMAGE}], additionalContainers: [{name: a, IMAGE}]}",
    ),
    (
        "opentelemetry.io/v1alpha1",
        &["OpAMPBridge"],
        "spec: {IMAGE}",
    ),
    (
        "opentelemetry.io/v1alpha1",
        &["Instrumentation"],
        "spec: {imagePullPolicy: POLICY, apacheHttpd: {image: ONLY}, dotnet: {image: ONLY}, go: {image: ONLY}, java: {image: ONLY, extensions: [{image: ONLY, dir: /e}]}, nginx: {image: ONLY}, nodejs: {image: ONLY}, python: {image: ONLY}}",
    ),
    (
        "grafana.integreatly.org/v1beta1",
        &["Grafana"],
        "spec: {version: 12.0.1, deployment: {spec: {template: {spec: POD}}}}",
    ),
    (
        "collectors.grafana.com/v1alpha1",
        &["Alloy"],
        "spec: {global: {image: {registry: \"\"}}, image: {registry: HOST, repository: PATH, tag: TAG, digest: null, pullPolicy: POLICY, pullSecrets: SECRETS}, configReloader: {image: {registry: HOST, repository: PATH, tag: TAG, digest: \"\", pullPolicy: POLICY}}, controller: {initContainers: [{IMAGE}], extraContainers: [{IMAGE}]}}",
    ),
    (
        "operator.victoriametrics.com/v1",
        &["VLAgent", "VLSingle", "VLogs", "VMAnomaly", "VTSingle"],
        "spec: {image: {PARTS}, PODS}",
    ),
    (
        "operator.victoriametrics.com/v1beta1",
        &["VMAgent", "VMAlert", "VMAlertmanager", "VMAuth"],
        "spec: {image: {PARTS}, configReloaderImage: ONLY, configReloaderImageTag: ONLY, PODS}",
    ),
    (
        "operator.victoriametrics.com/v1beta1",
        &["VMSingle"],
        "spec: {image: {PARTS}, vmBackup: {image: {PARTS}}, configReloaderImage: ONLY, configReloaderImageTag: ONLY, PODS}",
    ),
    (
        "operator.victoriametrics.com/v1beta1",
        &["VMCluster"],
        "spec: {imagePullSecrets: SECRETS, vminsert: {image: {PARTS}, PODS}, vmselect: {image: {PARTS}, PODS}, vmstorage: {image: {PARTS}, vmBackup: {image: {PARTS}}, PODS}}",
    ),
    (
        "operator.victoriametrics.com/v1",
        &["VLCluster"],
        "spec: {imagePullSecrets: SECRETS, vlinsert: {image: {PARTS}, PODS}, vlselect: {image: {PARTS}, PODS}, vlstorage: {image: {PARTS}, PODS}}",
    ),
    (
        "operator.victoriametrics.com/v1",
        &["VTCluster"],
        "spec: {imagePullSecrets: SECRETS, insert: {image: {PARTS}, PODS}, select: {image: {PARTS}, PODS}, storage: {image: {PARTS}, PODS}}",
    ),
    (
        "logging.banzaicloud.io/v1beta1",
        &["FluentbitAgent"],
        "spec: {image: {PARTS, OWN}, configHotReload: {image: {PARTS, OWN}}, bufferVolumeImage: {PARTS, OWN}}",
    ),
    (
        "logging.banzaicloud.io/v1beta1",
        &["FluentdConfig"],
        "spec: {image: {PARTS, OWN}, configReloaderImage: {PARTS, OWN}, bufferVolumeImage: {PARTS, OWN}, volumeModImage: {PARTS, OWN}, scaling: {drain: {image: {PARTS, OWN}, pauseImage: {PARTS, OWN}}}, sidecarContainers: [{name: s, IMAGE}]}",
    ),
    (
        "logging.banzaicloud.io/v1beta1",
        &["SyslogNGConfig"],
        "spec: {statefulSet: {spec: {template: {spec: POD}}}, configCheckPod: POD, syslogNGImage: {BASIC}, configReloadImage: {BASIC}, metricsExporterImage: {BASIC}, bufferVolumeMetricsImage: {BASIC}}",
    ),
    (
        "logging.banzaicloud.io/v1beta1",
        &["Logging"],
        "spec: {fluentbit: {image: {PARTS, OWN}, configHotReload: {image: {PARTS, OWN}}, bufferVolumeImage: {PARTS, OWN}}, fluentd: {image: {PARTS, OWN}, configReloaderImage: {PARTS, OWN}, bufferVolumeImage: {PARTS, OWN}, volumeModImage: {PARTS, OWN}, scaling: {drain: {image: {PARTS, OWN}, pauseImage: {PARTS, OWN}}}, sidecarContainers: [{name: s, IMAGE}]}, syslogNG: {statefulSet: {spec: {template: {spec: POD}}}, configCheckPod: POD, syslogNGImage: {BASIC}, configReloadImage: {BASIC}, metricsExporterImage: {BASIC}, bufferVolumeMetricsImage: {BASIC}}}",
    ),
    (
        "logging-extensions.banzaicloud.io/v1alpha1",
        &["EventTailer"],
        "spec: {image: {PARTS, OWN}, containerOverrides: {OVERRIDE}, workloadOverrides: POD}",
    ),
    (
        "logging-extensions.banzaicloud.io/v1alpha1",
        &["HostTailer"],
        "spec: {fileTailers: [{name: f, image: {PARTS, OWN}, containerOverrides: {OVERRIDE}}], systemdTailers: [{name: s, image: {PARTS, OWN}, containerOverrides: {OVERRIDE}}], workloadOverrides: POD}",
    ),
    (
        "fluentbit.fluent.io/v1alpha2",
        &["FluentBit", "Collector"],
        "spec: {IMAGE, PODS}",
    ),
    (
        "fluentd.fluent.io/v1alpha1",
        &["Fluentd"],
        "spec: {IMAGE, PODS}",
    ),
    (
        "elasticsearch.k8s.elastic.co/v1",
        &["Elasticsearch"],
        "spec: {version: 9.1.0, image: ONLY, nodeSets: [{name: a, podTemplate: {spec: POD}}, {name: b, podTemplate: {spec: POD}}]}",
    ),
    (
        "kibana.k8s.elastic.co/v1",
        &["Kibana"],
        "spec: {version: 9.1.0, image: ONLY, podTemplate: {spec: POD}}",
    ),
    (
        "apm.k8s.elastic.co/v1",
        &["ApmServer"],
        "spec: {version: 9.1.0, image: ONLY, podTemplate: {spec: POD}}",
    ),
    (
        "enterprisesearch.k8s.elastic.co/v1",
        &["EnterpriseSearch"],
        "spec: {version: 8.19.0, image: ONLY, podTemplate: {spec: POD}}",
    ),
    (
        "logstash.k8s.elastic.co/v1alpha1",
        &["Logstash"],
        "spec: {version: 9.1.0, image: ONLY, podTemplate: {spec: POD}}",
    ),
    (
        "maps.k8s.elastic.co/v1alpha1",
        &["ElasticMapsServer"],
        "spec: {version: 9.1.0, image: ONLY, podTemplate: {spec: POD}}",
    ),
    (
        "packageregistry.k8s.elastic.co/v1alpha1",
        &["PackageRegistry"],
        "spec: {version: 9.1.0, image: ONLY, podTemplate: {spec: POD}}",
    ),
    (
        "autoops.k8s.elastic.co/v1alpha1",
        &["AutoOpsAgentPolicy"],
        "spec: {version: 9.1.0, image: ONLY, podTemplate: {spec: POD}}",
    ),
    (
        "beat.k8s.elastic.co/v1beta1",
        &["Beat"],
        "spec: {type: filebeat, version: 9.1.0, image: ONLY, daemonSet: {podTemplate: {spec: POD}}}",
    ),
    (
        "beat.k8s.elastic.co/v1beta1",
        &["Beat"],
        "spec: {type: filebeat, version: 9.1.0, deployment: {podTemplate: {spec: POD}}}",
    ),
    (
        "agent.k8s.elastic.co/v1alpha1",
        &["Agent"],
        "spec: {version: 9.1.0, image: ONLY, daemonSet: {podTemplate: {spec: POD}}}",
    ),
    (
        "agent.k8s.elastic.co/v1alpha1",
        &["Agent"],
        "spec: {version: 9.1.0, deployment: {podTemplate: {spec: POD}}, statefulSet: {podTemplate: {spec: POD}}}",
    ),
    (
        "argoproj.io/v1alpha1",
        &["Rollout"],
        "spec: {template: {spec: POD}}",
    ),
    (
        "argoproj.io/v1alpha1",
        &["Experiment"],
        "spec: {templates: [{name: a, template: {spec: POD}}, {name: b, template: {spec: POD}}]}",
    ),
    (
        "argoproj.io/v1alpha1",
        &["AnalysisTemplate", "ClusterAnalysisTemplate"],
        "spec: {metrics: [{name: m, provider: {job: {spec: {template: {spec: POD}}}}}]}",
    ),
    (
        "argoproj.io/v1alpha1",
        &["Workflow", "WorkflowTemplate", "ClusterWorkflowTemplate"],
        "spec: {WORKFLOW}",
    ),
    (
        "argoproj.io/v1alpha1",
        &["CronWorkflow"],
        "spec: {schedules: ['0 0 * * *'], workflowSpec: {WORKFLOW}}",
    ),
    (
        "serving.knative.dev/v1",
        &["Service", "Configuration"],
        "spec: {template: {spec: POD}}",
    ),
    ("serving.knative.dev/v1", &["Revision"], "spec: POD"),
    (
        "caching.internal.knative.dev/v1alpha1",
        &["Image"],
        "spec: {image: ONLY, imagePullSecrets: SECRETS}",
    ),
    ("tekton.dev/v1", &["Task"], "spec: {STEPS}"),
    ("tekton.dev/v1beta1", &["ClusterTask"], "spec: {STEPS}"),
    ("tekton.dev/v1beta1", &["StepAction"], "spec: {image: ONLY}"),
    (
        "tekton.dev/v1",
        &["TaskRun"],
        "spec: {taskSpec: {STEPS}, podTemplate: {imagePullSecrets: SECRETS}}",
    ),
    (
        "tekton.dev/v1",
        &["Pipeline"],
        "spec: {tasks: [{name: t, taskSpec: {STEPS}}], finally: [{name: f, taskSpec: {STEPS}}]}",
    ),
    (
        "tekton.dev/v1",
        &["PipelineRun"],
        "spec: {pipelineSpec: {tasks: [{name: t, taskSpec: {STEPS}}], finally: [{name: f, taskSpec: {STEPS}}]}}",
    ),
    (
        "apps.kruise.io/v1beta1",
        &["CloneSet", "StatefulSet", "DaemonSet", "BroadcastJob"],
        "spec: {template: {spec: POD}}",
    ),
    ("apps.kruise.io/v1alpha1", &["SidecarSet"], "spec: POD"),
    (
        "apps.kruise.io/v1alpha1",
        &["UnitedDeployment"],
        "spec: {template: {statefulSetTemplate: {spec: {template: {spec: POD}}}}}",
    ),
    (
        "apps.kruise.io/v1alpha1",
        &["UnitedDeployment"],
        "spec: {template: {cloneSetTemplate: {spec: {template: {spec: POD}}}}}",
    ),
    (
        "apps.kruise.io/v1alpha1",
        &["AdvancedCronJob"],
        "spec: {template: {jobTemplate: {spec: {template: {spec: POD}}}}}",
    ),
    (
        "apps.kruise.io/v1alpha1",
        &["AdvancedCronJob"],
        "spec: {template: {broadcastJobTemplate: {spec: {template: {spec: POD}}}}}",
    ),
    (
        "apps.kruise.io/v1beta1",
        &["AdvancedCronJob"],
        "spec: {template: {imageListPullJobTemplate: {spec: {images: [nginx, ONLY], imagePullPolicy: POLICY}}}}",
    ),
    (
        "apps.kruise.io/v1alpha1",
        &["ImagePullJob"],
        "spec: {IMAGE, pullPolicy: {timeoutSeconds: 300}, pullSecrets: [s]}",
    ),
    (
        "apps.kruise.io/v1alpha1",
        &["ImageListPullJob"],
        "spec: {images: [nginx, ONLY, \"ONLY\"], imagePullPolicy: POLICY, pullSecrets: [s]}",
    ),
    (
        "apps.kruise.io/v1alpha1",
        &["EphemeralJob"],
        "spec: {template: {ephemeralContainers: [{name: e, IMAGE}]}}",
    ),
    (
        "kafka.strimzi.io/v1beta2",
        &["Kafka"],
        "spec: {kafka: {image: ONLY, brokerRackInitImage: ONLY, TEMPLATE}, zookeeper: {image: ONLY, TEMPLATE}, entityOperator: {topicOperator: {image: ONLY}, userOperator: {image: ONLY}, tlsSidecar: {image: ONLY}, TEMPLATE}, cruiseControl: {image: ONLY, tlsSidecar: {image: ONLY}, TEMPLATE}, kafkaExporter: {image: ONLY, TEMPLATE}}",
    ),
    (
        "kafka.strimzi.io/v1",
        &["KafkaConnect"],
        "spec: {image: ONLY, clientRackInitImage: ONLY, plugins: [{name: p, artifacts: [{type: image, REFERENCE}]}], TEMPLATE}",
    ),
    (
        "kafka.strimzi.io/v1",
        &["KafkaBridge", "KafkaMirrorMaker2"],
        "spec: {image: ONLY, clientRackInitImage: ONLY, TEMPLATE}",
    ),
    (
        "kubevirt.io/v1",
        &["VirtualMachine", "VirtualMachineInstanceReplicaSet"],
        "spec: {template: {spec: {MACHINE}}}",
    ),
    (
        "kubevirt.io/v1",
        &["VirtualMachineInstance"],
        "spec: {MACHINE}",
    ),
    (
        "operators.coreos.com/v1alpha1",
        &["CatalogSource"],
        "spec: {sourceType: grpc, image: ONLY, secrets: [s]}",
    ),
    (
        "olm.operatorframework.io/v1",
        &["ClusterCatalog"],
        "spec: {source: {type: Image, image: {ref: ONLY}}}",
    ),
    (
        "agent.octopus.com/v1beta1",
        &["ScriptPodTemplate"],
        "spec: {podSpec: POD, scriptContainerSpec: {IMAGE}, scriptInitContainerSpec: {IMAGE}, watchdogContainerSpec: {IMAGE}}",
    ),
];

/// Shapes that several kinds share, in the words of [`ROWS`]; a shape may name those below it.
const SHAPES: &[(&str, &str)] = &[
    ("POD", "{PODS}"),
    (
        "WORKFLOW",
        "templates: [{name: a, TEMPLATES}], templateDefaults: {TEMPLATES}, VOLUMES, executorPlugins: [{spec: {sidecar: {container: {IMAGE}}}}], imagePullSecrets: SECRETS",
    ),
    (
        "TEMPLATES",
        "container: {IMAGE}, script: {IMAGE, source: x}, initContainers: [{IMAGE}], sidecars: [{IMAGE}], containerSet: {containers: [{IMAGE}]}, VOLUMES",
    ),
    ("TEMPLATE", "template: {pod: {imagePullSecrets: SECRETS}}"),
    (
        "STEPS",
        "steps: [{name: s, IMAGE}], stepTemplate: {IMAGE}, sidecars: [{name: c, IMAGE}]",
    ),
    (
        "MACHINE",
        "volumes: [{name: v, containerDisk: {IMAGE}}], domain: {firmware: {kernelBoot: {container: {IMAGE}}}}",
    ),
    (
        "PODS",
        "containers: [{name: c, IMAGE}], initContainers: [{name: i, IMAGE}], VOLUMES, imagePullSecrets: SECRETS",
    ),
    ("VOLUMES", "volumes: [{name: v, image: {REFERENCE}}]"),
    ("PARTS", "BASIC, pullPolicy: POLICY"),
    ("BASIC", "repository: NAME, tag: TAG"),
    ("OWN", "imagePullSecrets: SECRETS"),
];

/// What the words stand for: before, after.
const WORDS: &[(&str, &str, &str)] = &[
    ("OVERRIDE", "image: OLD", "image: NEW, pullPolicy: Always"),
    ("IMAGE", "image: OLD", "image: NEW, imagePullPolicy: Always"),
    (
        "REFERENCE",
        "reference: OLD",
        "reference: NEW, pullPolicy: Always",
    ),
    ("ONLY", "OLD", "NEW"),
    ("NAME", "registry.local:5000/t/agent", "acme.io/t/agent"),
    ("HOST", "registry.local:5000", "acme.io"),
    ("PATH", "t/agent", "t/agent"),
    ("TAG", "v1.2.3", "latest"),
    ("POLICY", "IfNotPresent", "Always"),
];

/// A row's resource before and after, without and with a pull secret added.
struct Case {
    before: String,
    after: String,
    with_secret: String,
}

fn case(api_version: &str, kind: &str, rest: &str) -> Case {
    let mut text = format!("{{apiVersion: {api_version}, kind: {kind}, metadata: {{name: r}}, ");
    text.push_str(rest);
    text.push_str("}\n");
    for (shape, meaning) in SHAPES {
        text = replace_word(&text, shape, meaning);
    }
    let (mut before, mut after) = (text.clone(), text);
    for (word, old, new) in WORDS {
        before = replace_word(&before, word, old);
        after = replace_word(&after, word, new);
    }
    before = replace_word(&before, "OLD", OLD);
    after = replace_word(&after, "NEW", NEW);
    Case {
        before: replace_word(&before, "SECRETS", "[{name: s}]"),
        with_secret: replace_word(&after, "SECRETS", "[{name: s}, {name: mine}]"),
        after: replace_word(&after, "SECRETS", "[{name: s}]"),
    }
}

/// Replaces a word where it stands by itself.
fn replace_word(text: &str, word: &str, meaning: &str) -> String {
    let letter = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    let mut new = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, from) = rest.split_at(at);
        let behind = &from[word.len()..];
        let whole = !letter(before.chars().next_back().or(new.chars().next_back()))
            && !letter(behind.chars().next());
        new.push_str(before);
        new.push_str(if whole { meaning } else { word });
        rest = behind;
    }
    new + rest
}

fn cases() -> impl Iterator<Item = (&'static str, &'static str, Case)> {
    ROWS.iter().flat_map(|(api_version, kinds, rest)| {
        let case = move |kind: &&'static str| (*api_version, *kind, case(api_version, kind, rest));
        kinds.iter().map(case)
    })
}

fn restore(config: &str, input: &str) -> Run {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("c.yaml"), config).expect("written");
    run_in_folder(folder.path(), &["c.yaml"], input.as_bytes())
}

/// Restores, and restores what came of it: the second run must change nothing.
#[track_caller]
fn check(config: &str, input: &str, expected: &str) -> Run {
    let run = restore(config, input);
    assert_eq!(run.code, 0, "{input}\n{}", run.stderr);
    assert_text_eq(&String::from_utf8_lossy(&run.stdout), expected);
    let again = restore(config, expected);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert_text_eq(&String::from_utf8_lossy(&again.stdout), expected);
    run
}

/// The ids of the findings.
fn rules(run: &Run) -> BTreeSet<&str> {
    let lines = run.stderr.lines();
    lines
        .filter_map(|line| Some(line.rsplit_once('[')?.1.trim_end_matches(']')))
        .collect()
}

#[test]
fn every_path_of_every_kind_is_restored() {
    for (_, _, case) in cases() {
        let run = check(CONFIG, &case.before, &case.after);
        assert!(!rules(&run).contains("unresolved-image"), "{}", run.stderr);
    }
}

#[test]
fn pull_secrets_go_where_the_kind_lists_them() {
    for (_, _, case) in cases() {
        check(WITH_SECRET, &case.before, &case.with_secret);
    }
}

/// All kinds in one stream: no kind's paths reach into another's.
#[test]
fn kinds_do_not_meddle_with_each_other() {
    let stream = |text: fn(&Case) -> &str| {
        let texts: Vec<String> = cases().map(|(_, _, case)| text(&case).to_owned()).collect();
        texts.join("---\n")
    };
    check(
        CONFIG,
        &stream(|case| &case.before),
        &stream(|case| &case.after),
    );
}

/// The same texts under another API group are nobody's.
#[test]
fn the_group_and_the_kind_count() {
    for (api_version, kind, case) in cases() {
        let (_, version) = api_version.split_once('/').expect("a group");
        let other = case
            .before
            .replacen(api_version, &format!("example.com/{version}"), 1);
        check(CONFIG, &other, &other);
        let other = case.before.replacen(
            &format!("kind: {kind},"),
            &format!("kind: {kind}Policy,"),
            1,
        );
        check(CONFIG, &other, &other);
    }
}

/// The value of a key of an entry, if it is there.
fn text<'y>(entry: &'y Yaml, key: &str) -> Option<&'y str> {
    entry[key].as_str()
}

fn texts(entry: &Yaml, key: &str) -> Vec<String> {
    let items = entry[key].as_vec().cloned().unwrap_or_default();
    let text = |item: &Yaml| item.as_str().expect("text").to_owned();
    items.iter().map(text).collect()
}

/// Every value at a path of names and wildcards.
fn find<'y>(root: &'y Yaml, path: &str) -> Vec<&'y Yaml> {
    let mut found = vec![root];
    for step in steps(path) {
        found = found
            .into_iter()
            .flat_map(|node| match (step, node) {
                ("[*]", Yaml::Array(items)) => items.iter().collect(),
                ("*", Yaml::Hash(pairs)) => pairs.values().collect(),
                ("[*]" | "*", _) => vec![],
                (key, node) => match &node[key] {
                    Yaml::BadValue => vec![],
                    value => vec![value],
                },
            })
            .collect();
    }
    found
}

fn steps(path: &str) -> Vec<&str> {
    let path = path.strip_prefix("$.").expect("a path from the root");
    path.split('.')
        .flat_map(|step| match step.strip_suffix("[*]") {
            Some(name) => vec![name, "[*]"],
            None => vec![step],
        })
        .collect()
}

const FIELDS: &str = include_str!("../function/fields.yaml");

fn entries() -> Vec<Yaml> {
    let mut documents = YamlLoader::load_from_str(FIELDS).expect("YAML");
    documents.remove(0).into_vec().expect("a list")
}

#[test]
fn every_kind_stands_once_in_the_list_and_has_a_row() {
    let mut listed = BTreeSet::new();
    for entry in entries() {
        let group = text(&entry, "group").expect("a group");
        for kind in texts(&entry, "kinds") {
            let name = format!("{group} {kind}");
            assert!(listed.insert(name.clone()), "{name} stands twice");
        }
    }
    let group = |api_version: &'static str| api_version.split_once('/').expect("a group").0;
    let rows: BTreeSet<String> = cases()
        .map(|(api_version, kind, _)| format!("{} {kind}", group(api_version)))
        .collect();
    assert_eq!(listed, rows);
}

/// A path that no row has a drifted image at would be a path that no test covers.
#[test]
fn the_rows_have_a_drifted_image_at_every_path() {
    let mut rows: BTreeMap<(String, String), Vec<(Yaml, Yaml)>> = BTreeMap::new();
    for (api_version, kind, case) in cases() {
        let load = |text: &str| YamlLoader::load_from_str(text).expect("YAML").remove(0);
        let (group, _) = api_version.split_once('/').expect("a group");
        let pair = (load(&case.before), load(&case.with_secret));
        rows.entry((group.to_owned(), kind.to_owned()))
            .or_default()
            .push(pair);
    }
    let drifted = |value: &Yaml| {
        value
            .as_str()
            .is_some_and(|text| text.starts_with("registry.local:5000"))
    };
    for entry in entries() {
        let group = text(&entry, "group").expect("a group");
        for kind in texts(&entry, "kinds") {
            let rows = &rows[&(group.to_owned(), kind.clone())];
            let before = |path: &str, holds: &dyn Fn(&Yaml) -> bool| {
                let any = |row: &Yaml| find(row, path).into_iter().any(holds);
                assert!(rows.iter().any(|(row, _)| any(row)), "{kind}: {path}");
            };
            let after = |path: &str, holds: &dyn Fn(&Yaml) -> bool| {
                let any = |row: &Yaml| find(row, path).into_iter().any(holds);
                assert!(rows.iter().any(|(_, row)| any(row)), "{kind}: {path}");
            };
            for pod in texts(&entry, "pods") {
                before(&format!("{pod}.containers[*].image"), &drifted);
                before(&format!("{pod}.initContainers[*].image"), &drifted);
                before(&format!("{pod}.volumes[*].image.reference"), &drifted);
                after(&format!("{pod}.imagePullSecrets[*].name"), &|name| {
                    name.as_str() == Some("mine")
                });
            }
            for image in entry["images"].as_vec().unwrap_or(&vec![]) {
                match (
                    text(image, "image"),
                    text(image, "registry"),
                    text(image, "repository"),
                ) {
                    (Some(path), None, None)
                    | (None, Some(path), Some(_))
                    | (None, None, Some(path)) => {
                        before(path, &drifted);
                    }
                    _ => panic!("{kind}: neither an image nor a repository"),
                }
                if let Some(path) = text(image, "tag") {
                    before(path, &|tag| tag.as_str() == Some("v1.2.3"));
                }
                if let Some(path) = text(image, "digest") {
                    before(path, &|_| true);
                }
                if let Some(path) = text(image, "imagePullPolicy") {
                    after(path, &|policy| policy.as_str() == Some("Always"));
                }
                if let Some(path) = text(image, "imagePullSecrets") {
                    after(&format!("{path}[*].name"), &|name| {
                        name.as_str() == Some("mine")
                    });
                }
            }
        }
    }
}

/// The form that the program relies on.
#[test]
fn the_list_keeps_its_form() {
    let name = |step: &str| !step.is_empty() && step.chars().all(char::is_alphanumeric);
    let parent = |path: &str| path.rsplit_once('.').map(|(parent, _)| parent.to_owned());
    for entry in entries() {
        let mut all = texts(&entry, "pods");
        let known = ["group", "kinds", "pods", "images"];
        for (key, _) in entry.as_hash().expect("a mapping") {
            assert!(known.contains(&key.as_str().expect("text")), "{key:?}");
        }
        for image in entry["images"].as_vec().unwrap_or(&vec![]) {
            let main = text(image, "image")
                .or(text(image, "repository"))
                .expect("an image");
            for (key, path) in image.as_hash().expect("a mapping") {
                let (key, path) = (key.as_str().expect("text"), path.as_str().expect("text"));
                assert!(
                    [
                        "image",
                        "registry",
                        "repository",
                        "tag",
                        "digest",
                        "unless",
                        "imagePullPolicy",
                        "imagePullSecrets"
                    ]
                    .contains(&key),
                    "{key}"
                );
                assert!(
                    parent(path) == parent(main) || !path.contains('*'),
                    "{path} is neither beside {main} nor one value"
                );
                all.push(path.to_owned());
            }
        }
        for path in all {
            let steps = steps(&path);
            assert!(
                steps
                    .iter()
                    .all(|step| *step == "[*]" || *step == "*" || name(step)),
                "{path}"
            );
            assert!(!path.ends_with(".*"), "{path}");
        }
    }
    // Every entry says where it is from.
    let mut source = false;
    for line in FIELDS.lines() {
        source |= line.starts_with('#') && line.contains("https://");
        if line.starts_with("- group:") {
            assert!(source, "no source: {line}");
            source = false;
        }
    }
}

/// Whole documents; `OLD` and `NEW` stand for the two references.
#[track_caller]
fn check_text(input: &str, expected: &str) -> Run {
    let text = |text: &str| text.replace("OLD", OLD).replace("NEW", NEW);
    check(CONFIG, &text(input), &text(expected))
}

#[test]
fn block_style_keeps_its_comments() {
    check_text(
        "apiVersion: opentelemetry.io/v1beta1
kind: OpenTelemetryCollector
metadata:
  name: o
spec:
  # where from
  image: \"OLD\" # pinned
  targetAllocator:
    enabled: true
    image: 'OLD'
  initContainers:
    -   name: i
        image: OLD
        tty: true
",
        "apiVersion: opentelemetry.io/v1beta1
kind: OpenTelemetryCollector
metadata:
  name: o
spec:
  # where from
  image: \"NEW\" # pinned
  imagePullPolicy: Always
  targetAllocator:
    enabled: true
    image: 'NEW'
  initContainers:
    -   name: i
        image: NEW
        imagePullPolicy: Always
        tty: true
",
    );
    check_text(
        "apiVersion: operator.victoriametrics.com/v1beta1
kind: VMAgent
metadata:
  name: v
spec:
  image:
    tag: \"1.10\" # theirs
    repository: registry.local:5000/hub/t/agent
    pullPolicy: Never
",
        "apiVersion: operator.victoriametrics.com/v1beta1
kind: VMAgent
metadata:
  name: v
spec:
  image:
    tag: \"latest\" # theirs
    repository: acme.io/t/agent
    pullPolicy: Always
",
    );
    check_text(
        "apiVersion: apps.kruise.io/v1alpha1
kind: ImageListPullJob
metadata:
  name: l
spec:
  images:
  - nginx:1.27 # not ours
  - OLD # ours
  -   'OLD'
  imagePullPolicy: IfNotPresent
",
        "apiVersion: apps.kruise.io/v1alpha1
kind: ImageListPullJob
metadata:
  name: l
spec:
  images:
  - nginx:1.27 # not ours
  - NEW # ours
  -   'NEW'
  imagePullPolicy: Always
",
    );
}

#[test]
fn json_stays_json() {
    check_text(
        r#"{"apiVersion":"argoproj.io/v1alpha1","kind":"Rollout","metadata":{"name":"r"},"spec":{"template":{"spec":{"containers":[{"image":"OLD","name":"c"}]}}}}"#,
        r#"{"apiVersion":"argoproj.io/v1alpha1","kind":"Rollout","metadata":{"name":"r"},"spec":{"template":{"spec":{"containers":[{"image":"NEW","imagePullPolicy":"Always","name":"c"}]}}}}"#,
    );
}

#[test]
fn an_alias_is_replaced_at_its_site() {
    check_text(
        "apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata:
  name: p
  annotations: {was: &was OLD}
spec:
  image: *was
  imagePullPolicy: &policy IfNotPresent
  containers:
  - {name: sidecar, image: nginx, imagePullPolicy: *policy}
",
        "apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata:
  name: p
  annotations: {was: &was OLD}
spec:
  image: NEW
  imagePullPolicy: &policy Always
  containers:
  - {name: sidecar, image: nginx, imagePullPolicy: IfNotPresent}
",
    );
    // Both want the same: the alias says it.
    check_text(
        "apiVersion: apps.kruise.io/v1alpha1
kind: ImageListPullJob
metadata: {name: l}
spec: {images: [&image OLD, *image ], imagePullPolicy: Always}
",
        "apiVersion: apps.kruise.io/v1alpha1
kind: ImageListPullJob
metadata: {name: l}
spec: {images: [&image NEW, *image ], imagePullPolicy: Always}
",
    );
}

#[test]
fn a_merged_mapping_gets_keys_of_its_own() {
    check_text(
        "apiVersion: tekton.dev/v1
kind: Task
metadata:
  name: t
  annotations: &base {image: OLD}
spec:
  steps:
  - <<: *base
    name: s
  sidecars: [{<<: *base, name: c}]
",
        "apiVersion: tekton.dev/v1
kind: Task
metadata:
  name: t
  annotations: &base {image: OLD}
spec:
  steps:
  - <<: *base
    image: NEW
    imagePullPolicy: Always
    name: s
  sidecars: [{<<: *base, image: NEW, imagePullPolicy: Always, name: c}]
",
    );
    // What the anchored mapping says is right for both: one edit.
    check_text(
        "apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: w}
spec:
  templateDefaults:
    container: &base
      image: OLD
      imagePullPolicy: Never
  templates:
  - name: a
    container:
      <<: *base
      args: [a]
",
        "apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: w}
spec:
  templateDefaults:
    container: &base
      image: NEW
      imagePullPolicy: Always
  templates:
  - name: a
    container:
      <<: *base
      args: [a]
",
    );
}

#[test]
fn a_pod_spec_that_is_an_alias_is_edited_at_its_anchor() {
    check_text(
        "apiVersion: argoproj.io/v1alpha1
kind: Experiment
metadata: {name: e}
spec:
  templates:
  - name: a
    template:
      spec: &pod
        containers:
        - name: c
          image: OLD
  - name: b
    template: {spec: *pod }
",
        "apiVersion: argoproj.io/v1alpha1
kind: Experiment
metadata: {name: e}
spec:
  templates:
  - name: a
    template:
      spec: &pod
        containers:
        - name: c
          image: NEW
          imagePullPolicy: Always
  - name: b
    template: {spec: *pod }
",
    );
}

#[test]
fn look_alikes_are_left_alone() {
    for resource in [
        // Storage.
        "{apiVersion: v1, kind: Pod, spec: {containers: [], volumes: [{name: a, rbd: {image: OLD}}, {name: b, quobyte: {registry: OLD}}, {name: c, gitRepo: {repository: OLD}}]}}",
        "{apiVersion: fluentbit.fluent.io/v1alpha2, kind: FluentBit, spec: {positionDB: {rbd: {image: OLD}, quobyte: {registry: OLD}, gitRepo: {repository: OLD}}}}",
        "{apiVersion: v1, kind: PersistentVolume, spec: {rbd: {image: OLD}}}",
        // Tags of logs.
        "{apiVersion: fluentbit.fluent.io/v1alpha2, kind: ClusterInput, spec: {tail: {tag: OLD}}}",
        "{apiVersion: fluentbit.fluent.io/v1alpha2, kind: Collector, spec: {tag: OLD}}",
        "{apiVersion: logging.banzaicloud.io/v1beta1, kind: FluentbitAgent, spec: {forwardOptions: {Tag: OLD}, inputTail: {Tag: OLD}}}",
        // Pictures.
        "{apiVersion: monitoring.coreos.com/v1alpha1, kind: AlertmanagerConfig, spec: {receivers: [{name: r, slackConfigs: [{imageURL: OLD}]}]}}",
        "{apiVersion: operator.victoriametrics.com/v1beta1, kind: VMAlertmanagerConfig, spec: {receivers: [{name: r, slack_configs: [{image_url: OLD}], pagerduty_configs: [{images: [{source: OLD, href: OLD}]}]}]}}",
        // What is built, pushed, or not of containers at all.
        "{apiVersion: kafka.strimzi.io/v1, kind: KafkaConnect, spec: {build: {output: {type: docker, image: OLD}, plugins: [{name: p, artifacts: [{type: maven, repository: OLD, group: g}]}]}}}",
        "{apiVersion: operator.victoriametrics.com/v1beta1, kind: VMAgent, spec: {image: {name: OLD, reference: OLD}, repository: OLD, tag: OLD}}",
        "{apiVersion: tekton.dev/v1, kind: PipelineRun, spec: {params: [{name: image, value: OLD}]}}",
        "{apiVersion: argoproj.io/v1alpha1, kind: Workflow, spec: {arguments: {parameters: [{name: image, value: OLD}]}, podSpecPatch: 'containers: [{image: OLD}]'}}",
        "{apiVersion: source.toolkit.fluxcd.io/v1, kind: OCIRepository, spec: {url: 'oci://OLD'}}",
        // What is observed.
        "{apiVersion: monitoring.coreos.com/v1, kind: Prometheus, status: {image: OLD}}",
        "{apiVersion: argoproj.io/v1alpha1, kind: Workflow, status: {storedTemplates: {a: {container: {image: OLD}}}, storedWorkflowTemplateSpec: {templates: [{container: {image: OLD}}]}}}",
        "{apiVersion: apps.kruise.io/v1alpha1, kind: NodeImage, spec: {images: {x: {tags: [{tag: OLD}]}}}, status: {imageStatuses: {x: {image: OLD}}}}",
        "{apiVersion: v1, kind: Pod, spec: {containers: []}, status: {containerStatuses: [{image: OLD, imageID: OLD}]}}",
        // A mapping where a reference would be, or a list, or a number.
        "{apiVersion: elasticsearch.k8s.elastic.co/v1, kind: Elasticsearch, spec: {image: {repository: OLD}, nodeSets: [{podTemplate: {spec: {image: OLD}}}]}}",
        "{apiVersion: monitoring.coreos.com/v1, kind: Alertmanager, spec: {image: [OLD], baseImage: 1.5, tag: [OLD]}}",
        "{apiVersion: apps.kruise.io/v1alpha1, kind: ImageListPullJob, spec: {images: [{image: OLD}, [OLD], null, 3]}}",
        "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, spec: {group: monitoring.coreos.com, names: {kind: Prometheus}, versions: [{name: v1, schema: {openAPIV3Schema: {properties: {spec: {properties: {image: {type: string, default: OLD}}}}}}}], image: OLD}}",
        // Patterns and functions.
        "{apiVersion: kyverno.io/v1, kind: ClusterPolicy, spec: {rules: [{name: r, validate: {pattern: {spec: {containers: [{image: '*:latest | OLD'}]}}}, verifyImages: [{imageReferences: [OLD]}]}]}}",
        "{apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicy, spec: {validations: [{expression: object.spec.image == 'OLD'}]}}",
        "{apiVersion: kpt.dev/v1, kind: Kptfile, pipeline: {mutators: [{image: OLD}], validators: [{image: OLD}]}}",
        // Text.
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  image: OLD\n  values.yaml: |\n    apiVersion: monitoring.coreos.com/v1\n    kind: Prometheus\n    spec:\n      image: OLD\n",
        "apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {name: p, annotations: {image: OLD}}\nspec:\n  # image: OLD\n  externalLabels: {image: OLD}\n",
        // What depends on more than its place.
        "{apiVersion: grafana.integreatly.org/v1beta1, kind: Grafana, spec: {version: OLD}}",
        "{apiVersion: datadoghq.com/v2alpha1, kind: DatadogAgent, spec: {global: {registry: OLD}, override: {nodeAgent: {image: {name: OLD, tag: v1}}}}}",
        "{apiVersion: kubevirt.io/v1, kind: KubeVirt, spec: {imageRegistry: registry.local:5000/realtheory, imageTag: v1}}",
        // An image takes the place of its parts.
        "{apiVersion: monitoring.coreos.com/v1, kind: Prometheus, spec: {image: nginx, baseImage: registry.local:5000/t/agent, tag: v1, imagePullPolicy: Never}}",
        "{apiVersion: collectors.grafana.com/v1alpha1, kind: Alloy, spec: {global: {image: {registry: registry.example.com}}, image: {registry: registry.local:5000, repository: t/agent, tag: v1}}}",
        // Where a kind keeps no images.
        "{apiVersion: monitoring.coreos.com/v1, kind: ServiceMonitor, spec: {image: OLD}}",
        "{apiVersion: monitoring.coreos.com/v1, kind: Prometheus, image: OLD, spec: {alerting: {image: OLD}}}",
    ] {
        check_text(resource, resource);
    }
}

/// Parts in an Alloy resource, which has places for all of them; `rules` are among the findings.
#[track_caller]
fn check_parts(config: &str, image: &str, expected: &str, rule: &str) {
    let text = |image: &str| {
        format!(
            "apiVersion: collectors.grafana.com/v1alpha1\nkind: Alloy\nmetadata: {{name: a}}\nspec:\n  image:\n{image}    pullPolicy: Always\n"
        )
    };
    let run = check(config, &text(image), &text(expected));
    assert!(rules(&run).contains(rule), "{rule}: {}", run.stderr);
}

#[test]
fn only_the_parts_that_differ_are_written() {
    // The registry alone.
    check_parts(
        CONFIG,
        "    registry: registry.local:5000 # hub\n    repository: t/agent\n    tag: latest\n",
        "    registry: acme.io # hub\n    repository: t/agent\n    tag: latest\n",
        "wrong-registry",
    );
    // The tag alone.
    check_parts(
        CONFIG,
        "    registry: 'acme.io'\n    repository: \"t/agent\"\n    tag: '1.10'\n",
        "    registry: 'acme.io'\n    repository: \"t/agent\"\n    tag: 'latest'\n",
        "pinned-tag",
    );
    // The path, which never holds the registry where that has a key of its own.
    check_parts(
        CONFIG,
        "    tag: v1\n    repository: hub/cache/t/agent\n    registry: registry.local:5000\n",
        "    tag: latest\n    repository: t/agent\n    registry: acme.io\n",
        "wrong-registry",
    );
    // Docker Hub has a name where a key asks for one.
    check_parts(
        CONFIG,
        "    registry: registry.local:5000\n    repository: hub/acme/hub-agent\n    tag: v1\n",
        "    registry: docker.io\n    repository: acme/hub-agent\n    tag: latest\n",
        "wrong-registry",
    );
    // Nothing differs.
    check_parts(
        CONFIG,
        "    registry: acme.io\n    repository: t/agent\n    tag: latest\n",
        "    registry: acme.io\n    repository: t/agent\n    tag: latest\n",
        "unmatched-agent",
    );
}

#[test]
fn a_mirror_goes_into_the_parts() {
    let config = format!(
        "{CONFIG}  registries:\n  - {{source: acme.io, mirror: registry.example.com/mirrors/acme}}\n"
    );
    check_parts(
        &config,
        "    registry: acme.io\n    repository: t/agent\n    tag: v1\n",
        "    registry: registry.example.com\n    repository: mirrors/acme/t/agent\n    tag: latest\n",
        "wrong-registry",
    );
    check_parts(
        &config,
        "    registry: registry.example.com\n    repository: mirrors/acme/t/agent\n    tag: v1\n",
        "    registry: registry.example.com\n    repository: mirrors/acme/t/agent\n    tag: latest\n",
        "pinned-tag",
    );
}

const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

#[test]
fn a_digest_goes_from_its_part() {
    // In its own value, which becomes empty: what reads it takes that for none.
    check_parts(
        CONFIG,
        &format!(
            "    registry: acme.io\n    repository: t/agent\n    tag: v1\n    digest: \"{DIGEST}\"\n"
        ),
        "    registry: acme.io\n    repository: t/agent\n    tag: latest\n    digest: \"\"\n",
        "pinned-digest",
    );
    // Behind the tag.
    check_parts(
        CONFIG,
        &format!("    registry: acme.io\n    repository: t/agent\n    tag: \"v1@{DIGEST}\"\n"),
        "    registry: acme.io\n    repository: t/agent\n    tag: \"latest\"\n",
        "pinned-digest",
    );
}

/// A kept digest stays in the form in which it is written.
#[test]
fn a_digest_is_kept_in_its_form() {
    let config = CONFIG.replace(
        "{image: 'acme.io/t/agent:latest', tag: floating",
        "{image: 'acme.io/t/agent', tag: keep",
    );
    let hex = DIGEST.trim_start_matches("sha256:");
    let text = |name: &str| {
        format!(
            "apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {{name: p}}\nspec:\n  baseImage: {name}\n  sha: {hex}\n  imagePullPolicy: Always\n"
        )
    };
    check(
        &config,
        &text("registry.local:5000/t/agent"),
        &text("acme.io/t/agent"),
    );
}

/// No tag cannot be said where a tag has a place of its own: empty, it means the operator's version.
#[test]
fn what_the_parts_cannot_say_is_left_and_reported() {
    let text = |name: &str, tag: &str| {
        format!(
            "apiVersion: logging.banzaicloud.io/v1beta1\nkind: SyslogNGConfig\nmetadata: {{name: s}}\nspec:\n  syslogNGImage:\n    repository: {name}\n    tag: {tag}\n"
        )
    };
    let pinned = text(
        "registry.local:5000/realtheory/theory-k8s-collector",
        "v1.3.11836",
    );
    let run = check(CONFIG, &pinned, &pinned);
    assert!(rules(&run).contains("unresolved-image"), "{}", run.stderr);
    check(
        CONFIG,
        &text(
            "registry.local:5000/realtheory/theory-k8s-collector",
            "latest",
        ),
        &text("realtheory/theory-k8s-collector", "latest"),
    );
}

const OWN: &str = "
  fields:
  - apiVersion: example.com/v1
    kind: Collector
    image: $.spec.image
    imagePullPolicy: $.spec.imagePullPolicy
    imagePullSecrets: $.spec.imagePullSecrets
";

#[test]
fn a_configuration_names_paths_of_its_own() {
    let collector = |api_version: &str, kind: &str, rest: &str| {
        format!("apiVersion: {api_version}\nkind: {kind}\nmetadata:\n  name: c\nspec:\n{rest}")
    };
    let (plain, secret) = (
        format!("{}{OWN}", CONFIG.trim_end()),
        format!("{}{OWN}", WITH_SECRET.trim_end()),
    );
    let old = format!(
        "  image: {OLD} # theirs\n  imagePullSecrets:\n  - name: s\n  more: {{image: {OLD}}}\n"
    );
    let new = format!(
        "  image: {NEW} # theirs\n  imagePullPolicy: Always\n  imagePullSecrets:\n  - name: s\n  more: {{image: {OLD}}}\n"
    );
    let resource = |rest: &str| collector("example.com/v1", "Collector", rest);
    check(&plain, &resource(&old), &resource(&new));
    let added = new.replace("  - name: s\n", "  - name: s\n  - name: mine\n");
    check(&secret, &resource(&old), &resource(&added));
    for (api_version, kind) in [
        ("example.com/v1", "Other"),
        ("example.org/v1", "Collector"),
        ("v1", "Collector"),
    ] {
        let other = collector(api_version, kind, &old);
        check(&plain, &other, &other);
    }
    // The built-in kinds are there besides.
    let case = case(
        "argoproj.io/v1alpha1",
        "Rollout",
        "spec: {template: {spec: POD}}",
    );
    check(&plain, &case.before, &case.after);
}

#[test]
fn a_configuration_names_wildcards_and_quoted_names() {
    let config = CONFIG.trim_end().to_owned()
        + "
  fields:
  - {apiVersion: example.com/v1, kind: Fleet, image: \"$.spec.pools[*]['main'].image\", imagePullPolicy: \"$.spec.pools[*]['main'].policy\"}
";
    let text = |image: &str, policy: &str| {
        format!(
            "apiVersion: example.com/v1\nkind: Fleet\nspec:\n  pools:\n  - main:\n      image: {image}{policy}\n  - main: {{image: {image}{}}}\n  - other: {{image: {OLD}}}\n",
            policy.replace("\n      ", ", ")
        )
    };
    check(
        &config,
        &text(OLD, ""),
        &text(NEW, "\n      policy: Always"),
    );
}

#[test]
fn a_wrong_path_is_a_fault_of_the_configuration() {
    for path in ["spec.image", "$.spec[", "$..image", "$.spec.image.", "$"] {
        let config = CONFIG.trim_end().to_owned()
            + &format!(
                "\n  fields:\n  - apiVersion: example.com/v1\n    kind: Collector\n    image: {path:?}\n"
            );
        let run = restore(&config, "{apiVersion: example.com/v1, kind: Collector}\n");
        assert_eq!(run.code, 2, "{path}: {}", run.stderr);
        assert!(run.stdout.is_empty(), "{path}");
        let line = config.lines().count();
        let first = run.stderr.lines().next().unwrap_or_default();
        assert!(
            first.contains(&format!("c.yaml:{line}:")),
            "{path}: {first}"
        );
    }
}
