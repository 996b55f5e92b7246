//! A resource of every kind in `function/fields.yaml`, with a drifted image at every path of it.

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
/// | `NAMES` | `[s]` | the same, and `mine` if asked for |
/// | `SECRETS` | `[{name: s}]` | the same, and `{name: mine}` if asked for |
pub(super) type Row = (&'static str, &'static [&'static str], &'static str);

pub(super) const ROWS: &[Row] = &[
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
        "datadoghq.com/v2alpha1",
        &["DatadogAgent", "DatadogAgentInternal"],
        "spec: {override: {nodeAgent: {image: {name: ONLY, pullPolicy: POLICY, pullSecrets: SECRETS}}}, features: {admissionController: {agentSidecarInjection: {image: {name: ONLY}}}}}",
    ),
    (
        "datadoghq.com/v1alpha1",
        &["DatadogAgentProfile"],
        "spec: {config: {override: {nodeAgent: {image: {name: ONLY, pullPolicy: POLICY, pullSecrets: SECRETS}}}}}",
    ),
    (
        "datadoghq.com/v1alpha1",
        &["DatadogCSIDriver"],
        "spec: {csiDriverImage: {name: ONLY, pullPolicy: POLICY, pullSecrets: SECRETS}, registrarImage: {name: ONLY, pullPolicy: POLICY, pullSecrets: SECRETS}}",
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
    (
        "operators.coreos.com/v1alpha1",
        &["ClusterServiceVersion"],
        "spec: {install: {spec: {deployments: [{name: d, spec: {template: {spec: POD}}}]}}, relatedImages: [{name: a, image: ONLY}]}",
    ),
    (
        "postgresql.cnpg.io/v1",
        &["Cluster"],
        "spec: {imageName: ONLY, imagePullPolicy: POLICY, imagePullSecrets: SECRETS}",
    ),
    (
        "postgresql.cnpg.io/v1",
        &["ImageCatalog", "ClusterImageCatalog"],
        "spec: {images: [{major: 17, image: ONLY}], componentImages: [{key: k, image: ONLY}]}",
    ),
    (
        "postgresql.cnpg.io/v1",
        &["Pooler"],
        "spec: {template: {spec: POD}, pgbouncer: {image: ONLY}}",
    ),
    (
        "ceph.rook.io/v1",
        &["CephCluster"],
        "spec: {cephVersion: {IMAGE}}",
    ),
    (
        "gateway.envoyproxy.io/v1alpha1",
        &["EnvoyProxy"],
        "spec: {provider: {type: Kubernetes, kubernetes: {envoyDeployment: {container: {image: ONLY}, initContainers: [{name: i, IMAGE}], pod: {OWN}}, envoyDaemonSet: {container: {image: ONLY}, pod: {OWN}}}}}",
    ),
    (
        "actions.github.com/v1alpha1",
        &["AutoscalingRunnerSet"],
        "spec: {template: {spec: POD}, listenerTemplate: {spec: POD}}",
    ),
    (
        "actions.summerwind.dev/v1alpha1",
        &["RunnerDeployment", "RunnerReplicaSet"],
        "spec: {template: {spec: {IMAGE, PODS, sidecarContainers: [{name: s, IMAGE}]}}}",
    ),
    (
        "actions.summerwind.dev/v1alpha1",
        &["Runner"],
        "spec: {IMAGE, PODS, sidecarContainers: [{name: s, IMAGE}]}",
    ),
    (
        "actions.summerwind.dev/v1alpha1",
        &["RunnerSet"],
        "spec: {image: ONLY, template: {spec: POD}}",
    ),
    (
        "dragonflydb.io/v1alpha1",
        &["Dragonfly"],
        "spec: {IMAGE, initContainers: [{name: i, IMAGE}], additionalContainers: [{name: a, IMAGE}], OWN}",
    ),
    (
        "argoproj.io/v1beta1",
        &["ArgoCD"],
        "spec: {image: NAME, version: TAG, repo: {image: NAME, version: TAG, initContainers: [{name: i, IMAGE}], sidecarContainers: [{name: s, IMAGE}]}, server: {initContainers: [{name: i, IMAGE}], sidecarContainers: [{name: s, IMAGE}]}, controller: {initContainers: [{name: i, IMAGE}], sidecarContainers: [{name: s, IMAGE}]}, redis: {image: NAME, version: TAG}, applicationSet: {image: NAME, version: TAG}, notifications: {image: NAME, version: TAG}, sso: {dex: {image: NAME, version: TAG}, keycloak: {image: NAME, version: TAG}}, ha: {redisProxyImage: NAME, redisProxyVersion: TAG}, argoCDAgent: {agent: {image: ONLY}, principal: {image: ONLY}}}",
    ),
    (
        "argoproj.io/v1alpha1",
        &["ArgoCD"],
        "spec: {dex: {image: NAME, version: TAG}, grafana: {image: NAME, version: TAG}, sso: {image: NAME, version: TAG}}",
    ),
    (
        "minio.min.io/v2",
        &["Tenant"],
        "spec: {IMAGE, initContainers: [{name: i, IMAGE}], sideCars: {containers: [{name: s, IMAGE}]}, kes: {IMAGE}, imagePullSecret: {name: SECRET}}",
    ),
    (
        "kubeflow.org/v1",
        &["Notebook"],
        "spec: {template: {spec: POD}}",
    ),
    (
        "kubeflow.org/v1",
        &["PyTorchJob"],
        "spec: {pytorchReplicaSpecs: {Worker: {template: {spec: POD}}}}",
    ),
    (
        "kubeflow.org/v1",
        &["TFJob"],
        "spec: {tfReplicaSpecs: {Worker: {template: {spec: POD}}}}",
    ),
    (
        "kubeflow.org/v1",
        &["MPIJob"],
        "spec: {mpiReplicaSpecs: {Worker: {template: {spec: POD}}}}",
    ),
    (
        "kubeflow.org/v1",
        &["XGBoostJob"],
        "spec: {xgbReplicaSpecs: {Worker: {template: {spec: POD}}}}",
    ),
    (
        "kubeflow.org/v1",
        &["PaddleJob"],
        "spec: {paddleReplicaSpecs: {Worker: {template: {spec: POD}}}}",
    ),
    (
        "kubeflow.org/v1",
        &["JAXJob"],
        "spec: {jaxReplicaSpecs: {Worker: {template: {spec: POD}}}}",
    ),
    (
        "trainer.kubeflow.org/v1alpha1",
        &["ClusterTrainingRuntime", "TrainingRuntime"],
        "spec: {template: {spec: {replicatedJobs: [{name: n, template: {spec: {template: {spec: POD}}}}]}}}",
    ),
    (
        "trainer.kubeflow.org/v1alpha1",
        &["TrainJob"],
        "spec: {trainer: {image: ONLY}}",
    ),
    (
        "serving.kserve.io/v1alpha1",
        &["ServingRuntime", "ClusterServingRuntime"],
        "spec: {PODS, workerSpec: POD}",
    ),
    (
        "serving.kserve.io/v1beta1",
        &["InferenceService"],
        "spec: {predictor: {model: {IMAGE}, workerSpec: POD, PODS}, canary: [{trafficPercent: 10, predictor: {model: {IMAGE}, workerSpec: POD, PODS}}], transformer: POD, explainer: {art: {IMAGE}, PODS}}",
    ),
    (
        "serving.kserve.io/v1alpha1",
        &["ClusterStorageContainer"],
        "spec: {container: {name: c, IMAGE}}",
    ),
    (
        "ray.io/v1",
        &["RayCluster"],
        "spec: {headGroupSpec: {template: {spec: POD}}, workerGroupSpecs: [{template: {spec: POD}}], autoscalerOptions: {IMAGE}, historyServerOptions: {collectorOptions: {IMAGE}}}",
    ),
    (
        "ray.io/v1",
        &["RayJob"],
        "spec: {rayClusterSpec: {headGroupSpec: {template: {spec: POD}}, workerGroupSpecs: [{template: {spec: POD}}], autoscalerOptions: {IMAGE}, historyServerOptions: {collectorOptions: {IMAGE}}}, submitterPodTemplate: {spec: POD}}",
    ),
    (
        "ray.io/v1",
        &["RayCronJob"],
        "spec: {jobTemplate: {rayClusterSpec: {headGroupSpec: {template: {spec: POD}}, workerGroupSpecs: [{template: {spec: POD}}], autoscalerOptions: {IMAGE}, historyServerOptions: {collectorOptions: {IMAGE}}}, submitterPodTemplate: {spec: POD}}}",
    ),
    (
        "ray.io/v1",
        &["RayService"],
        "spec: {rayClusterConfig: {headGroupSpec: {template: {spec: POD}}, workerGroupSpecs: [{template: {spec: POD}}], autoscalerOptions: {IMAGE}, historyServerOptions: {collectorOptions: {IMAGE}}}}",
    ),
    (
        "leaderworkerset.x-k8s.io/v1",
        &["LeaderWorkerSet"],
        "spec: {leaderWorkerTemplate: {leaderTemplate: {spec: POD}, workerTemplate: {spec: POD}}}",
    ),
    (
        "jobset.x-k8s.io/v1alpha2",
        &["JobSet"],
        "spec: {replicatedJobs: [{name: n, template: {spec: {template: {spec: POD}}}}]}",
    ),
    (
        "keda.sh/v1alpha1",
        &["ScaledJob"],
        "spec: {jobTargetRef: {template: {spec: POD}}}",
    ),
    (
        "batch.volcano.sh/v1alpha1",
        &["Job"],
        "spec: {tasks: [{name: t, template: {spec: POD}}]}",
    ),
    (
        "batch.volcano.sh/v1alpha1",
        &["CronJob"],
        "spec: {jobTemplate: {spec: {tasks: [{name: t, template: {spec: POD}}]}}}",
    ),
    (
        "apps.openshift.io/v1",
        &["DeploymentConfig"],
        "spec: {template: {spec: POD}, strategy: {type: Custom, customParams: {image: ONLY}}}",
    ),
    (
        "sparkoperator.k8s.io/v1beta2",
        &["SparkApplication"],
        "spec: {IMAGE, driver: {image: ONLY, initContainers: [{name: i, IMAGE}], sidecars: [{name: s, IMAGE}]}, executor: {image: ONLY, initContainers: [{name: i, IMAGE}], sidecars: [{name: s, IMAGE}]}, imagePullSecrets: NAMES}",
    ),
    (
        "sparkoperator.k8s.io/v1beta2",
        &["ScheduledSparkApplication"],
        "spec: {template: {IMAGE, driver: {image: ONLY, initContainers: [{name: i, IMAGE}], sidecars: [{name: s, IMAGE}]}, executor: {image: ONLY, initContainers: [{name: i, IMAGE}], sidecars: [{name: s, IMAGE}]}, imagePullSecrets: NAMES}}",
    ),
    (
        "k8s.keycloak.org/v2alpha1",
        &["Keycloak"],
        "spec: {image: ONLY, OWN, unsupported: {podTemplate: {spec: POD}}}",
    ),
    (
        "tailscale.com/v1alpha1",
        &["ProxyClass"],
        "spec: {statefulSet: {pod: {tailscaleContainer: {IMAGE}, tailscaleInitContainer: {IMAGE}, OWN}}}",
    ),
    (
        "tailscale.com/v1alpha1",
        &["Recorder"],
        "spec: {statefulSet: {pod: {container: {IMAGE}, OWN}}}",
    ),
    (
        "tailscale.com/v1alpha1",
        &["DNSConfig"],
        "spec: {nameserver: {image: {repo: NAME, tag: TAG}, pod: {OWN}}}",
    ),
    (
        "upgrade.cattle.io/v1",
        &["Plan"],
        "spec: {upgrade: {image: ONLY}, prepare: {image: ONLY}, OWN}",
    ),
    (
        "dynatrace.com/v1beta6",
        &["DynaKube"],
        "spec: {activeGate: {image: ONLY}, kubernetesMonitoring: {image: ONLY}, oneAgent: {applicationMonitoring: {codeModulesImage: ONLY}, cloudNativeFullStack: {image: ONLY, codeModulesImage: ONLY}, classicFullStack: {image: ONLY}, hostMonitoring: {image: ONLY}}, templates: {extensionExecutionController: {imageRef: {BASIC, digest: ''}}, kspmNodeConfigurationCollector: {imageRef: {BASIC, digest: ''}}, logMonitoring: {imageRef: {BASIC, digest: ''}}, otelCollector: {imageRef: {BASIC, digest: ''}}, sqlExtensionExecutor: {imageRef: {BASIC, digest: ''}}}}",
    ),
    (
        "instana.io/v1",
        &["InstanaAgent"],
        "spec: {agent: {image: {name: NAME, tag: TAG, digest: '', pullPolicy: POLICY, pullSecrets: SECRETS}}, k8s_sensor: {image: {name: NAME, tag: TAG, digest: '', pullPolicy: POLICY}}}",
    ),
    (
        "enterprise.splunk.com/v4",
        &[
            "Standalone",
            "ClusterManager",
            "ClusterMaster",
            "IndexerCluster",
            "SearchHeadCluster",
            "LicenseManager",
            "LicenseMaster",
            "MonitoringConsole",
            "IngestorCluster",
        ],
        "spec: {IMAGE, OWN}",
    ),
    (
        "falcon.crowdstrike.com/v1alpha1",
        &["FalconNodeSensor"],
        "spec: {node: {IMAGE, OWN}}",
    ),
    (
        "falcon.crowdstrike.com/v1alpha1",
        &["FalconAdmission"],
        "spec: {image: ONLY, admissionConfig: {imagePullPolicy: POLICY, OWN}}",
    ),
    (
        "falcon.crowdstrike.com/v1alpha1",
        &["FalconImageAnalyzer"],
        "spec: {image: ONLY, imageAnalyzerConfig: {imagePullPolicy: POLICY, OWN}}",
    ),
    (
        "falcon.crowdstrike.com/v1alpha1",
        &["FalconContainer"],
        "spec: {image: ONLY, injector: {imagePullPolicy: POLICY, imagePullSecret: SECRET}}",
    ),
    (
        "triggers.tekton.dev/v1beta1",
        &["TriggerTemplate"],
        "spec: {resourcetemplates: [{spec: {taskSpec: {STEPS}, pipelineSpec: {tasks: [{name: t, taskSpec: {STEPS}}], finally: [{name: f, taskSpec: {STEPS}}]}}}]}",
    ),
    (
        "cloudwatch.aws.amazon.com/v1alpha1",
        &["AmazonCloudWatchAgent"],
        "spec: {IMAGE, initContainers: [{name: i, IMAGE}], additionalContainers: [{name: a, IMAGE}], targetAllocator: {image: ONLY}}",
    ),
    (
        "cloudwatch.aws.amazon.com/v1alpha1",
        &["DcgmExporter", "NeuronMonitor"],
        "spec: {image: ONLY}",
    ),
    (
        "cloudwatch.aws.amazon.com/v1alpha1",
        &["Instrumentation"],
        "spec: {apacheHttpd: {image: ONLY}, dotnet: {image: ONLY}, go: {image: ONLY}, java: {image: ONLY}, nginx: {image: ONLY}, nodejs: {image: ONLY}, python: {image: ONLY}}",
    ),
    (
        "cluster.appdynamics.com/v1alpha1",
        &["Clusteragent"],
        "spec: {image: ONLY, analyticsAgentImage: ONLY, appDJavaAttachImage: ONLY, appDDotNetAttachImage: ONLY, imageInfo: {java: {IMAGE, alpineInitContainerImage: ONLY}}, instrumentationRules: [{imageInfo: {IMAGE, alpineInitContainerImage: ONLY}}], imagePullSecret: SECRET}",
    ),
    (
        "cluster.appdynamics.com/v1alpha1",
        &["InfraViz"],
        "spec: {image: ONLY, imageWin: ONLY, netVizImage: ONLY, imagePullSecret: SECRET}",
    ),
    (
        "dynatrace.com/v1alpha1",
        &["DTPrometheus"],
        "spec: {gateway: {IMAGE}, scraper: {IMAGE}, targetAllocator: {IMAGE}}",
    ),
    (
        "monitoring.grafana.com/v1alpha1",
        &["GrafanaAgent"],
        "spec: {image: ONLY, configReloaderImage: ONLY, PODS}",
    ),
    (
        "instana.io/v1",
        &["InstanaAgentRemote"],
        "spec: {agent: {image: {name: NAME, tag: TAG, digest: \"\", pullPolicy: POLICY, pullSecrets: SECRETS}}}",
    ),
    (
        "newrelic.com/v1beta3",
        &["Instrumentation"],
        "spec: {agent: {language: java, IMAGE}, healthAgent: {IMAGE}}",
    ),
    (
        "logicmonitor.com/v1beta1",
        &["CollectorSet"],
        "spec: {image: {registry: HOST, repository: PATH, tag: TAG, pullPolicy: POLICY}}",
    ),
    (
        "logicmonitor.com/v1alpha2",
        &["CollectorSet"],
        "spec: {imageRepository: NAME, imageTag: TAG, imagePullPolicy: POLICY}",
    ),
];

/// Shapes that several kinds share, in the words of [`ROWS`]; a shape may name those below it.
pub(super) const SHAPES: &[(&str, &str)] = &[
    ("POD", "{PODS}"),
    (
        "WORKFLOW",
        "templates: [{name: a, TEMPLATES, steps: [[{name: s, inline: {container: {IMAGE}, script: {IMAGE, source: x}, initContainers: [{IMAGE}], sidecars: [{IMAGE}], containerSet: {containers: [{IMAGE}]}}}]], dag: {tasks: [{name: d, inline: {container: {IMAGE}, script: {IMAGE, source: x}, initContainers: [{IMAGE}], sidecars: [{IMAGE}], containerSet: {containers: [{IMAGE}]}}}]}}], templateDefaults: {TEMPLATES}, VOLUMES, executorPlugins: [{spec: {sidecar: {container: {IMAGE}}}}], imagePullSecrets: SECRETS",
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
        "volumes: [{name: v, containerDisk: {IMAGE, imagePullSecret: SECRET}}], domain: {firmware: {kernelBoot: {container: {IMAGE, imagePullSecret: SECRET}}}}",
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
pub(super) const WORDS: &[(&str, &str, &str)] = &[
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
