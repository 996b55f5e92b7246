//! What looks like an image and is none, and images whose place alone does not say what they mean.

use super::check_text;

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
        "{apiVersion: datadoghq.com/v2alpha1, kind: DatadogAgent, spec: {override: {nodeAgent: {image: {name: realtheory/theory-k8s-collector, tag: v1}}, clusterAgent: {image: {name: 'theory-k8s-collector:v1'}}}}}",
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
