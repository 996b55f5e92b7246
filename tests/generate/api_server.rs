//! Generated policies in a real API server: every expression compiles there, and requests come out
//! as the function says.

use std::fs::{self, File};
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{config, generated, object};
use crate::support::tool;

/// An API server with its store, which end with the test.
struct Server {
    processes: Vec<Child>,
    kubectl: PathBuf,
    port: u16,
    folder: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        for process in self.processes.iter_mut().rev() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

fn start(program: &Path, folder: &Path, args: &[String]) -> Child {
    let name = program.file_name().expect("a name").to_string_lossy();
    let log = File::create(folder.join(format!("{name}.log"))).expect("a log");
    let mut command = Command::new(program);
    command.args(args).stdout(Stdio::null()).stderr(log);
    command.spawn().expect("the program starts")
}

impl Server {
    /// `None` where a program is missing, which is said.
    fn start() -> Option<Self> {
        let (etcd, server) = (tool("etcd")?, tool("kube-apiserver")?);
        let (kubectl, openssl) = (tool("kubectl")?, tool("openssl")?);
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name).display().to_string();
        for args in [
            vec![
                "genrsa".to_owned(),
                "-out".to_owned(),
                path("key"),
                "2048".to_owned(),
            ],
            ["rsa", "-pubout", "-in"]
                .map(str::to_owned)
                .into_iter()
                .chain([path("key"), "-out".to_owned(), path("pub")])
                .collect(),
        ] {
            let made = Command::new(&openssl).args(args).output();
            assert!(made.expect("openssl runs").status.success());
        }
        fs::write(path("tokens"), "token,admin,admin,system:masters\n").expect("written");
        let (client, peer, port) = (free_port(), free_port(), free_port());
        let store = format!("http://127.0.0.1:{client}");
        let peer = format!("http://127.0.0.1:{peer}");
        let etcd = start(
            &etcd,
            folder.path(),
            &[
                format!("--data-dir={}", path("data")),
                format!("--listen-client-urls={store}"),
                format!("--advertise-client-urls={store}"),
                format!("--listen-peer-urls={peer}"),
            ],
        );
        let server = start(
            &server,
            folder.path(),
            &[
                format!("--etcd-servers={store}"),
                format!("--secure-port={port}"),
                "--bind-address=127.0.0.1".to_owned(),
                format!("--cert-dir={}", path("certificates")),
                format!("--service-account-key-file={}", path("pub")),
                format!("--service-account-signing-key-file={}", path("key")),
                "--service-account-issuer=https://issuer.example".to_owned(),
                format!("--token-auth-file={}", path("tokens")),
                "--authorization-mode=RBAC".to_owned(),
                "--service-cluster-ip-range=10.0.0.0/24".to_owned(),
                "--disable-admission-plugins=ServiceAccount".to_owned(),
            ],
        );
        let server = Server {
            processes: vec![etcd, server],
            kubectl,
            port,
            folder,
        };
        for _ in 0..120 {
            if server
                .kubectl(&["get", "--raw", "/readyz"], "")
                .status
                .success()
            {
                return Some(server);
            }
            sleep(Duration::from_millis(500));
        }
        let log = fs::read_to_string(server.folder.path().join("kube-apiserver.log"));
        panic!(
            "the API server does not get ready:\n{}",
            log.unwrap_or_default()
        );
    }

    fn kubectl(&self, args: &[&str], input: &str) -> Output {
        let mut command = Command::new(&self.kubectl);
        command
            .arg(format!("--server=https://127.0.0.1:{}", self.port))
            .args(["--insecure-skip-tls-verify", "--token=token"])
            .args([
                "--cache-dir",
                &self.folder.path().join("cache").display().to_string(),
            ])
            .args(args)
            .env("HOME", self.folder.path())
            .env_remove("KUBECONFIG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("kubectl starts");
        let mut pipe = child.stdin.take().expect("a pipe");
        let _ = pipe.write_all(input.as_bytes());
        drop(pipe);
        child.wait_with_output().expect("kubectl ends")
    }

    /// What the server makes of an object, or why it refuses it; nothing is kept.
    fn create(&self, object: &Value) -> Result<Value, String> {
        let args = [
            "create",
            "--dry-run=server",
            "--output=json",
            "--filename=-",
        ];
        let output = self.kubectl(&args, &object.to_string());
        match output.status.success() {
            true => Ok(serde_json::from_slice(&output.stdout).expect("JSON")),
            false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
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
