//! Generated manifests against the types of three versions of Kubernetes, no key left over.

use k8s_openapi_1_32::api as v1_32;
use k8s_openapi_1_34::api as v1_34;
use k8s_openapi_1_36::api as v1_36;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{config, documents, generated};

/// Reads an object as a type; a key that the type does not have is a fault.
fn strict<T: DeserializeOwned>(object: &Value) -> Result<(), String> {
    let mut unknown = Vec::new();
    let read: Result<T, serde_json::Error> =
        serde_ignored::deserialize(object, |path| unknown.push(path.to_string()));
    read.map_err(|error| error.to_string())?;
    if unknown.is_empty() {
        Ok(())
    } else {
        Err(format!("unknown keys: {}", unknown.join(", ")))
    }
}

/// One version's reading of every kind that is generated.
macro_rules! reader {
    ($name:ident, $api:ident, $version:ident, $text:literal) => {
        fn $name(object: &Value) -> Result<(), String> {
            use $api::admissionregistration::$version as mutating;
            use $api::{admissionregistration::v1 as admission, batch::v1 as batch};
            use $api::{core::v1 as core, rbac::v1 as rbac};
            let text = |key: &str| object[key].as_str().unwrap_or_default();
            match (text("apiVersion"), text("kind")) {
                ("v1", "ConfigMap") => strict::<core::ConfigMap>(object),
                ("v1", "ServiceAccount") => strict::<core::ServiceAccount>(object),
                ("batch/v1", "CronJob") => strict::<batch::CronJob>(object),
                ("rbac.authorization.k8s.io/v1", "Role") => strict::<rbac::Role>(object),
                ("rbac.authorization.k8s.io/v1", "RoleBinding") => {
                    strict::<rbac::RoleBinding>(object)
                }
                ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy") => {
                    strict::<admission::ValidatingAdmissionPolicy>(object)
                }
                ("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding") => {
                    strict::<admission::ValidatingAdmissionPolicyBinding>(object)
                }
                ($text, "MutatingAdmissionPolicy") => {
                    strict::<mutating::MutatingAdmissionPolicy>(object)
                }
                ($text, "MutatingAdmissionPolicyBinding") => {
                    strict::<mutating::MutatingAdmissionPolicyBinding>(object)
                }
                (version, kind) => Err(format!("{version} {kind} is not known")),
            }
        }
    };
}

reader!(
    of_1_32,
    v1_32,
    v1alpha1,
    "admissionregistration.k8s.io/v1alpha1"
);
reader!(
    of_1_34,
    v1_34,
    v1beta1,
    "admissionregistration.k8s.io/v1beta1"
);
reader!(of_1_36, v1_36, v1, "admissionregistration.k8s.io/v1");

type Reader = fn(&Value) -> Result<(), String>;

#[test]
fn every_object_is_of_its_kind_in_three_versions() {
    let readers: [(&str, Reader); 3] = [("1.32", of_1_32), ("1.34", of_1_34), ("1.36", of_1_36)];
    for (target, read) in readers {
        for tool in ["skopeo", "regsync", "crane", "flux-mirror"] {
            let spec = format!(
                "  targetKubernetes: \"{target}\"
  agents: [realtheory-collector, cloudzero-agent, datadog]
  registries:
  - {{source: docker.io, mirror: registry.example.com/hub, scope: all, imagePullSecrets: [hub]}}
  exceptions:
  - {{reason: a, kind: Deployment, name: \"x-*\", container: \"*\", allow: [tag]}}
  emit:
  - mirrorSync: {{tool: {tool}, timeZone: Etc/UTC, credentials: [{{secret: s}}], insecureRegistries: [docker.io, registry.example.com, ghcr.io], ttlSecondsAfterFinished: 60, status: {{image: docker.io/acme/x}}, caBundle: {{configMap: corporate, key: bundle.pem}}, proxy: {{url: \"http://proxy.example.com:3128\", except: [.example.com]}}}}
  - rolloutRestart: {{workloads: [{{kind: DaemonSet, name: a, namespace: b}}, {{kind: StatefulSet, name: c}}]}}
  - admissionPolicy: {{namespaces: [a]}}
"
            );
            let objects = documents(&generated(&config(&spec), ""));
            assert_eq!(objects.len(), 24);
            for object in objects {
                if let Err(fault) = read(&object) {
                    panic!("Kubernetes {target}: {fault}\n{object:#}");
                }
            }
        }
    }
}

#[test]
fn what_a_kind_does_not_have_is_seen() {
    let object = serde_json::json!({
        "apiVersion": "batch/v1", "kind": "CronJob", "metadata": {},
        "spec": {"schedule": "@weekly", "jobTemplate": {"spec": {"template": {"spec": {
            "containers": [{"name": "a", "imagePulPolicy": "Always"}]}}}}},
    });
    assert_eq!(
        of_1_34(&object),
        Err(
            "unknown keys: spec.?.jobTemplate.?.spec.?.template.?.spec.?.containers.?.0.imagePulPolicy"
                .to_owned()
        )
    );
}
