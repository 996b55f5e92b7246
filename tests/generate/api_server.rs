//! Generated policies in a real API server: every expression compiles there, and requests come out
//! as the function says.

mod requests;

use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

use super::{config, generated, object};
use crate::support::api_server::Server;

impl Server {
    /// What the server makes of an object, or why it refuses it; nothing is kept.
    fn create(&self, object: &Value) -> Result<Value, String> {
        let args = [
            "create",
            "--dry-run=server",
            "--output=json",
            "--filename=-",
        ];
        let output = self.kubectl(&args, &object.to_string());
        if output.status.success() {
            Ok(serde_json::from_slice(&output.stdout).expect("JSON"))
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    #[track_caller]
    fn apply(&self, manifests: &str) {
        let output = self.kubectl(&["apply", "--server-side", "--filename=-"], manifests);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{error}");
    }

    /// Waits until a request comes out as a policy would have it: policies are read with a delay.
    fn wait_for(&self, object: &Value, wanted: impl Fn(&Result<Value, String>) -> bool) {
        let mut last = None;
        for _ in 0..60 {
            let result = self.create(object);
            if wanted(&result) {
                return;
            }
            last = Some(result);
            sleep(Duration::from_millis(500));
        }
        panic!("{last:#?}");
    }
}

const RULES: &str = "  targetKubernetes: \"1.36\"
  agents: [realtheory-collector]
  registries:
  - {source: docker.io, mirror: registry.example.com/hub}
  - {source: quay.io, mirror: registry.example.com/quay, scope: all}
  imagePullSecrets: [regcred]
";

fn pod(image: &str, secrets: &[&str]) -> Value {
    let secrets: Vec<Value> = secrets.iter().map(|name| json!({"name": name})).collect();
    let mut spec = json!({"containers": [{"name": "app", "image": image}]});
    if !secrets.is_empty() {
        spec["imagePullSecrets"] = json!(secrets);
    }
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "a", "namespace": "default"}, "spec": spec,
    })
}

fn deployment(image: &str) -> Value {
    let mut template = json!({
        "metadata": {"labels": {"app": "a"}},
        "spec": pod(image, &["regcred"])["spec"],
    });
    template["spec"]["containers"][0]["imagePullPolicy"] = json!("Always");
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "a", "namespace": "default"},
        "spec": {"selector": {"matchLabels": {"app": "a"}}, "template": template},
    })
}

/// Policies for as many agents as go into one, the collector aside: accepted only if each expression
/// compiles.
fn of_many(settings: &str) -> String {
    let agents = [
        "cloudability-metrics-agent",
        "cloudzero-agent",
        "datadog",
        "densify-forwarder",
        "dynatrace",
        "grafana-k8s-monitoring",
        "harness-delegate",
        "kubecost",
        "neuvector",
        "newrelic",
        "octopus-kubernetes-agent",
        "opencost",
        "opentelemetry-collector",
        "wiz-sensor",
    ];
    let agents = agents.join(", ");
    let text = config(&format!(
        "  targetKubernetes: \"1.36\"
  agents: [{agents}]
  registries: [{{source: ghcr.io, mirror: registry.example.com/ghcr, scope: all}}]
  emit: [{{admissionPolicy: {{{settings}}}}}]
"
    ));
    generated(&text.replace("name: collectors", "name: many"), "")
}

/// A pod of many containers with long images that are nobody's: what costs an expression most.
///
/// An expression over its budget refuses, since the failure policy is to fail.
fn large_pod() -> Value {
    let path = "long-segment/".repeat(18);
    let containers = (0..60).map(|index| {
        let image = format!("registry.example.net/{path}image-{index}:v1.2.3-some-suffix");
        json!({"name": format!("c{index}"), "image": image})
    });
    let mut pod = pod("busybox:1", &[]);
    pod["metadata"]["name"] = json!("large");
    pod["spec"]["containers"] = containers.collect();
    pod
}

const RIGHT: &str = "registry.example.com/hub/realtheory/theory-k8s-collector";
const WRONG: &str = "realtheory/theory-k8s-collector:v1.3";

#[test]
fn an_api_server_refuses_and_rights_what_the_function_would() {
    let Some(server) = Server::start() else {
        return;
    };
    // An old Deployment, from before there was any policy.
    let old = deployment(WRONG);
    server.apply(&old.to_string());
    server.apply(&of_many("mutate: false"));
    let mutate = "  emit: [{admissionPolicy: {mutate: false}}]\n";
    server.apply(&generated(&config(&format!("{RULES}{mutate}")), ""));
    let denied = |result: &Result<Value, String>| {
        let refusal = result.as_ref().err();
        refusal.is_some_and(|why| why.contains("denied request: RealTheory Collector: wanted is"))
    };
    server.wait_for(
        &pod(
            "registry.example.com/hub/realtheory/theory-k8s-collector:v1",
            &["regcred"],
        ),
        denied,
    );
    server.wait_for(&deployment(WRONG), denied);
    let mut right = deployment(RIGHT);
    right["metadata"]["name"] = json!("right");
    let right = server.create(&right);
    assert!(right.is_ok(), "{right:?}");
    let large = server.create(&large_pod());
    assert!(large.is_ok(), "{large:?}");
    // Labels and scale of the old one may change, and its image may be put right.
    for patch in [
        r#"{"metadata": {"labels": {"team": "platform"}}}"#,
        r#"{"spec": {"replicas": 2}}"#,
    ] {
        let args = [
            "patch",
            "deployment",
            "a",
            "--type=merge",
            "--dry-run=server",
            "--patch",
            patch,
        ];
        let output = server.kubectl(&args, "");
        assert!(output.status.success(), "{output:?}");
    }
    let patch = r#"[{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "realtheory/theory-k8s-collector:v9"}]"#;
    let args = [
        "patch",
        "deployment",
        "a",
        "--type=json",
        "--dry-run=server",
        "--patch",
        patch,
    ];
    let output = server.kubectl(&args, "");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("RealTheory Collector"), "{error}");
}

#[test]
fn an_api_server_judges_the_images_that_change_in_a_pod() {
    let Some(server) = Server::start() else {
        return;
    };
    let named = |name: &str, image: &str| {
        let mut pod = pod(image, &["regcred"]);
        pod["metadata"]["name"] = json!(name);
        pod["spec"]["containers"][0]["imagePullPolicy"] = json!("Always");
        pod
    };
    // From before there was any policy: one pod is right, one is wrong.
    server.apply(&named("good", RIGHT).to_string());
    server.apply(&named("old", WRONG).to_string());
    let mutate = "  emit: [{admissionPolicy: {mutate: false, ignoreAnnotation: deny}}]\n";
    server.apply(&generated(&config(&format!("{RULES}{mutate}")), ""));
    let refused = |result: &Result<Value, String>| {
        let refusal = result.as_ref().err();
        refusal.is_some_and(|why| why.contains("denied request: RealTheory Collector: wanted is"))
    };
    server.wait_for(&pod(WRONG, &["regcred"]), refused);
    let patched = |pod: &str, patch: Value| {
        let patch = patch.to_string();
        let args = ["patch", "pod", pod, "--dry-run=server", "--patch", &patch];
        let output = server.kubectl(&args, "");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), error)
    };
    let image = |image: &str| json!({"spec": {"containers": [{"name": "app", "image": image}]}});
    let evil = "evil.example/x/realtheory/theory-k8s-collector:v1";
    let mut annotated = image(evil);
    annotated["metadata"] = json!({"annotations": {"restore-images.dev/ignore": "mine"}});
    for patch in [image(evil), annotated] {
        let (done, error) = patched("good", patch);
        assert!(
            !done && error.contains("RealTheory Collector: wanted is"),
            "{error}"
        );
    }
    for (pod, patch) in [
        (
            "good",
            json!({"metadata": {"labels": {"team": "platform"}}}),
        ),
        ("old", json!({"metadata": {"labels": {"team": "platform"}}})),
        ("old", image(RIGHT)),
        ("good", image("busybox:2")),
    ] {
        let (done, error) = patched(pod, patch);
        assert!(done, "{pod}: {error}");
    }
}

/// Anybody may write `ownerReferences`, and an exception for a workload holds for what its controller
/// makes.
#[test]
fn an_api_server_believes_an_owner_where_a_controller_asks() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut other = pod("busybox:1", &["regcred"]);
    other["metadata"]["name"] = json!("other");
    other["spec"]["containers"][0]["imagePullPolicy"] = json!("IfNotPresent");
    server.apply(&other.to_string());
    let exceptions = "  exceptions: [{reason: held, kind: Deployment, name: held, allow: [tag, imagePullPolicy]}]
  emit: [{admissionPolicy: {mutate: false}}]
";
    server.apply(&generated(&config(&format!("{RULES}{exceptions}")), ""));
    let mut owned = pod(&format!("{RIGHT}:v1.3"), &["regcred"]);
    owned["metadata"]["name"] = json!("held-5d9f-x");
    owned["metadata"]["ownerReferences"] = json!([{
        "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "held-5d9f", "controller": true,
        "uid": "8f3e3a6e-7a55-4b0a-9a3c-0f6d7b1f5a11",
    }]);
    server.wait_for(&owned, |result| {
        let refusal = result.as_ref().err();
        refusal.is_some_and(|why| why.contains("RealTheory Collector: wanted is"))
    });
    let create = [
        "create",
        "--dry-run=server",
        "--filename=-",
        "--as=system:serviceaccount:kube-system:replicaset-controller",
    ];
    let output = server.kubectl(&create, &owned.to_string());
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    // Nor is an image brought into a pod that would not ask for it at each start.
    let image = format!("app={RIGHT}");
    let output = server.kubectl(
        &["set", "image", "pod/other", &image, "--dry-run=server"],
        "",
    );
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && error.contains("RealTheory Collector: wanted is"),
        "{error}"
    );
}

#[test]
fn an_api_server_rights_pods_at_creation() {
    let Some(server) = Server::start() else {
        return;
    };
    let policies = config(&format!("{RULES}  emit: [{{admissionPolicy: {{}}}}]\n"));
    server.apply(&generated(&policies, ""));
    server.apply(&of_many(""));
    for (image, secrets, image_after, secrets_after) in [
        (WRONG, &[][..], RIGHT, &["regcred"][..]),
        (WRONG, &["own"], RIGHT, &["own", "regcred"]),
        (RIGHT, &["regcred"], RIGHT, &["regcred"]),
        (
            "quay.io/acme/tool:1",
            &[],
            "registry.example.com/quay/acme/tool:1",
            &["regcred"],
        ),
        ("busybox:1", &[], "busybox:1", &[]),
    ] {
        let expected = pod(image_after, secrets_after);
        let object = pod(image, secrets);
        server.wait_for(&object, |result| {
            let Ok(created) = result else { return false };
            let spec = |pod: &Value| {
                let image = pod["spec"]["containers"][0]["image"].clone();
                (image, pod["spec"]["imagePullSecrets"].clone())
            };
            let policy = &created["spec"]["containers"][0]["imagePullPolicy"];
            let policy_is_right = image_after != RIGHT || policy == "Always";
            spec(created) == spec(&expected) && policy_is_right
        });
    }
    let large = server.create(&large_pod());
    assert!(large.is_ok(), "{large:?}");
}

#[test]
fn an_api_server_lets_the_named_workloads_be_restarted_and_no_other() {
    let Some(server) = Server::start() else {
        return;
    };
    for namespace in ["image-upkeep", "apps"] {
        let output = server.kubectl(&["create", "namespace", namespace], "");
        assert!(output.status.success(), "{output:?}");
    }
    let in_apps = |name: &str| {
        let mut object = deployment("busybox:1");
        object["metadata"] = json!({"name": name, "namespace": "apps"});
        object
    };
    server.apply(&in_apps("portfolio").to_string());
    server.apply(&in_apps("other").to_string());
    let manifests = generated(
        &config(
            "  emit: [{rolloutRestart: {workloads: [{kind: Deployment, name: portfolio, namespace: apps}]}}]\n",
        ),
        "",
    );
    server.apply(&manifests);
    let job = object(&manifests, "CronJob", "collectors-rollout-restart");
    let pod = &job["spec"]["jobTemplate"]["spec"]["template"]["spec"];
    let account = pod["serviceAccountName"].as_str().expect("a name");
    let who = format!("--as=system:serviceaccount:image-upkeep:{account}");
    let args = pod["containers"][0]["args"].as_array().expect("arguments");
    let args: Vec<&str> = args.iter().filter_map(Value::as_str).collect();
    let restart = |args: &[&str]| {
        let args: Vec<&str> = args.iter().copied().chain([who.as_str()]).collect();
        let output = server.kubectl(&args, "");
        let said = [output.stdout.clone(), output.stderr.clone()].concat();
        (
            output.status.success(),
            String::from_utf8_lossy(&said).into_owned(),
        )
    };
    let (done, said) = restart(&args);
    assert!(done, "{said}");
    assert!(
        said.contains("deployment.apps/portfolio restarted"),
        "{said}"
    );
    for forbidden in [
        &[
            "rollout",
            "restart",
            "--namespace=apps",
            "deployments/other",
        ][..],
        &[
            "rollout",
            "restart",
            "--namespace=default",
            "deployments/portfolio",
        ],
        &["get", "--namespace=apps", "deployments"],
        &["get", "--namespace=apps", "secrets"],
        &["delete", "--namespace=apps", "deployments/portfolio"],
    ] {
        let (done, said) = restart(forbidden);
        assert!(!done && said.contains("forbidden"), "{forbidden:?} {said}");
    }
}
