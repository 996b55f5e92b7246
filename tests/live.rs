//! What a cluster runs, as `kubectl get` gives it: what a controller makes is told once, and not edited.

use std::process::Output;

use serde_json::Value;

use crate::support::api_server::Server;
use crate::support::{assert_text_eq, run_in_folder};

const CONFIG: &str = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec: {agents: [realtheory-collector]}\n";

/// The items of what `kubectl get` gives: a Deployment, an older ReplicaSet of it with a Pod into which
/// a container was put, and a Pod whose ReplicaSet was not asked for.
const ITEMS: [&str; 4] = [
    "\
- apiVersion: apps/v1
  kind: Deployment
  metadata: {name: collector, namespace: prod, uid: d-1}
  spec:
    template:
      spec:
        containers:
        - {name: c, image: realtheory/theory-k8s-collector:v2, imagePullPolicy: Always}
",
    "\
- apiVersion: apps/v1
  kind: ReplicaSet
  metadata:
    name: collector-1
    namespace: prod
    uid: r-1
    ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: collector, uid: d-1, controller: true}]
  spec:
    template:
      spec:
        containers:
        - {name: c, image: realtheory/theory-k8s-collector:v1, imagePullPolicy: Always}
",
    "\
- apiVersion: v1
  kind: Pod
  metadata:
    name: collector-1-a
    namespace: prod
    uid: p-1
    ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: collector-1, uid: r-1, controller: true}]
  spec:
    containers:
    - {name: injected, image: realtheory/theory-k8s-collector:v3, imagePullPolicy: Always}
    - {name: c, image: realtheory/theory-k8s-collector:v1, imagePullPolicy: Always}
",
    "\
- apiVersion: v1
  kind: Pod
  metadata:
    name: alone-a
    namespace: prod
    uid: p-2
    ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: alone, uid: r-9, controller: true}]
  spec:
    containers:
    - {name: c, image: realtheory/theory-k8s-collector, imagePullPolicy: IfNotPresent}
",
];

fn list() -> String {
    format!("apiVersion: v1\nkind: List\nitems:\n{}", ITEMS.concat())
}

#[track_caller]
fn run(words: &[&str], input: &str) -> (i32, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("restore-images.yaml"), CONFIG).expect("written");
    let run = run_in_folder(folder.path(), words, input.as_bytes());
    let stdout = String::from_utf8(run.stdout).expect("UTF-8");
    (run.code, stdout, run.stderr)
}

#[test]
fn what_a_controller_makes_is_told_once() {
    let (code, stdout, _) = run(&["check", "--format", "short", "-"], &list());
    assert_eq!(code, 1);
    assert_text_eq(
        &stdout,
        "\
stdin:11:28: error: Deployment prod/collector: container c: tag v2 keeps the agent from upgrading itself: realtheory/theory-k8s-collector:v2 → realtheory/theory-k8s-collector [pinned-tag]
stdin:33:31: error: Pod prod/collector-1-a: container injected: tag v3 keeps the agent from upgrading itself: realtheory/theory-k8s-collector:v3 → realtheory/theory-k8s-collector, made by ReplicaSet collector-1, whose template says otherwise: look for what changes it at admission [pinned-tag]
stdin:44:74: error: Pod prod/alone-a: container c: imagePullPolicy IfNotPresent → Always, made by ReplicaSet alone, which is not among the input: change what makes it [wrong-pull-policy]
configuration: restore-images.yaml
3 errors in 1 file, 5 images read
",
    );
}

/// Of the pods of one ReplicaSet that is not there, the first stands for all.
#[test]
fn what_an_unknown_controller_makes_is_told_once() {
    let pods: String = ["a", "b", "c"]
        .iter()
        .map(|name| ITEMS[3].replace("name: alone-a", &format!("name: alone-{name}")))
        .collect();
    let (_, stdout, _) = run(
        &["check", "--format", "short", "-"],
        &format!("apiVersion: v1\nkind: List\nitems:\n{pods}"),
    );
    let (findings, _) = stdout.split_once("configuration: ").expect("a summary");
    assert_text_eq(
        findings,
        "stdin:13:74: error: Pod prod/alone-a: container c: imagePullPolicy IfNotPresent → Always, made by ReplicaSet alone, which is not among the input: change what makes it (2 more objects like it) [wrong-pull-policy]\n",
    );
}

/// The API server's copy of a static pod is made by its node.
#[test]
fn a_static_pod_is_changed_where_its_node_has_it() {
    let pod = ITEMS[3]
        .replace(
            "kind: ReplicaSet, name: alone, uid: r-9",
            "kind: Node, name: n1, uid: n-1",
        )
        .replace("apps/v1", "v1");
    let (_, stdout, _) = run(
        &["check", "--format", "short", "-"],
        &format!("apiVersion: v1\nkind: List\nitems:\n{pod}"),
    );
    let (findings, _) = stdout.split_once("configuration: ").expect("a summary");
    assert_text_eq(
        findings,
        "stdin:13:74: error: Pod prod/alone-a: container c: imagePullPolicy IfNotPresent → Always, made by Node n1, whose kubelet reads it from a file: change that file [wrong-pull-policy]\n",
    );
}

/// A pod's image and its pull policy each count by themselves: what the template says of one is told
/// there.
#[test]
fn what_differs_from_the_template_is_told_and_nothing_else() {
    let objects = |image: &str, policy: &str| {
        format!(
            "apiVersion: v1\nkind: List\nitems:\n\
- apiVersion: apps/v1
  kind: ReplicaSet
  metadata: {{name: rs, namespace: m, uid: u}}
  spec:
    template:
      spec:
        containers:
        - {{name: c, image: realtheory/theory-k8s-collector, imagePullPolicy: IfNotPresent}}
- apiVersion: v1
  kind: Pod
  metadata:
    name: p
    namespace: m
    ownerReferences: [{{apiVersion: apps/v1, kind: ReplicaSet, name: rs, uid: u, controller: true}}]
  spec:
    containers:
    - {{name: c, image: {image}realtheory/theory-k8s-collector, imagePullPolicy: {policy}}}
"
        )
    };
    let of_template = "stdin:11:78: error: ReplicaSet m/rs: container c: imagePullPolicy IfNotPresent → Always [wrong-pull-policy]\n";
    let made = "made by ReplicaSet rs, whose template says otherwise: look for what changes it at admission";
    for (image, policy, of_pod) in [
        ("", "IfNotPresent", String::new()),
        (
            "registry.example.com/hub/",
            "IfNotPresent",
            format!(
                "stdin:20:24: error: Pod m/p: container c: wrong registry or path: registry.example.com/hub/realtheory/theory-k8s-collector → realtheory/theory-k8s-collector, {made} [wrong-registry]\n"
            ),
        ),
        (
            "",
            "Never",
            format!(
                "stdin:20:74: error: Pod m/p: container c: imagePullPolicy Never → Always, {made} [wrong-pull-policy]\n"
            ),
        ),
    ] {
        let (_, stdout, _) = run(
            &["check", "--format", "short", "-"],
            &objects(image, policy),
        );
        let findings = stdout.split_once("configuration: ").expect("a summary").0;
        assert_text_eq(findings, &format!("{of_template}{of_pod}"));
    }
}

/// The order of the objects, and how they are put together, are nothing to it.
#[test]
fn controllers_are_found_wherever_they_are() {
    let found = |input: &str| -> Vec<String> {
        let (_, stdout, _) = run(&["check", "--format", "json", "-"], input);
        let report: Value = serde_json::from_str(&stdout).expect("JSON");
        let findings = report["files"][0]["findings"].as_array().expect("findings");
        let name = |finding: &Value| {
            finding["resource"]["name"]
                .as_str()
                .expect("a name")
                .to_owned()
        };
        let mut names: Vec<String> = findings.iter().map(name).collect();
        names.sort();
        names
    };
    let wanted = ["alone-a", "collector", "collector-1-a"];
    assert_eq!(found(&list()), wanted);
    let turned: String = ITEMS.iter().rev().copied().collect();
    assert_eq!(
        found(&format!("apiVersion: v1\nkind: List\nitems:\n{turned}")),
        wanted
    );
    let documents = ITEMS.map(|item| item.replacen("- ", "  ", 1));
    assert_eq!(found(&documents.join("---\n")), wanted);
    // Without its controllers, each is told by itself.
    assert_eq!(
        found(&documents[2..].join("---\n")),
        ["alone-a", "collector-1-a", "collector-1-a"]
    );
    // A uid alone makes no controller: names are given anew, and objects are copied.
    assert_eq!(
        found(&list().replace("name: collector, uid", "name: other, uid")),
        ["alone-a", "collector", "collector-1", "collector-1-a"]
    );
}

/// Neither in files nor in a stream, and no format proposes it.
#[test]
fn what_a_controller_makes_is_not_edited() {
    let input = list();
    let fixed = input.replace("collector:v2", "collector");
    let (code, stdout, stderr) = run(&["fix", "-"], &input);
    assert_eq!(code, 1);
    assert_text_eq(&stdout, &fixed);
    assert!(
        stderr.ends_with(
            "1 image restored in 1 file, 2 warnings, 5 images read\n2 findings could not be restored, and `check` makes an error of each: exit code 1\n"
        ),
        "{stderr}"
    );
    let (code, stdout, _) = run(&["restore-images.yaml"], &input);
    assert_eq!(code, 0);
    assert_text_eq(&stdout, &fixed);
    let (_, stdout, _) = run(&["check", "--format", "json", "-"], &input);
    let report: Value = serde_json::from_str(&stdout).expect("JSON");
    for finding in report["files"][0]["findings"].as_array().expect("findings") {
        let is_own = finding["resource"]["name"] == "collector";
        let edits = finding["edits"].as_array().expect("edits");
        assert_eq!(edits.is_empty(), !is_own, "{finding}");
        assert_eq!(finding["field"]["proposed"].is_null(), !is_own, "{finding}");
    }
}

/// What a cluster says of a pod, and what was applied before, runs nothing: it is neither judged nor
/// counted, in no style of writing and whether builds read the file or not.
#[test]
fn what_a_status_says_is_no_image() {
    let pod = "\
apiVersion: v1
kind: Pod
metadata:
  name: p
  uid: p-1
  annotations:
    kubectl.kubernetes.io/last-applied-configuration: |
      {\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"spec\":{\"containers\":[{\"image\":\"realtheory/theory-k8s-collector:v1\",\"name\":\"c\"}]}}
spec:
  containers:
  - image: realtheory/theory-k8s-collector:latest
    imagePullPolicy: Always
    name: c
status:
  containerStatuses:
  - image: docker.io/realtheory/theory-k8s-collector:v0
    imageID: docker.io/realtheory/theory-k8s-collector@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    name: c
  initContainerStatuses:
  - {image: registry.example.com/other/tool:v1, name: i}
";
    let json = r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "uid": "p-1", "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{\"spec\":{\"containers\":[{\"image\":\"realtheory/theory-k8s-collector:v1\"}]}}"}}, "spec": {"containers": [{"name": "c", "image": "realtheory/theory-k8s-collector", "imagePullPolicy": "Always"}]}, "status": {"containerStatuses": [{"image": "docker.io/realtheory/theory-k8s-collector:v0", "name": "c"}]}}"#;
    let indented: String = pod.lines().map(|line| format!("  {line}\n")).collect();
    let item = indented.replacen("  apiVersion", "- apiVersion", 1);
    let list = format!("apiVersion: v1\nkind: List\nitems:\n{item}");
    for (input, number) in [
        (pod.to_owned(), "1 image"),
        (list.clone(), "1 image"),
        (
            list.replacen("items:\n", &format!("items:\n{item}"), 1),
            "2 images",
        ),
        (json.to_owned(), "1 image"),
        (format!("{pod}---\n{pod}"), "2 images"),
    ] {
        let (code, stdout, _) = run(&["check", "-"], &input);
        assert_text_eq(
            &stdout,
            &format!(
                "configuration: restore-images.yaml\nnothing to restore in 1 file, {number} read\n"
            ),
        );
        assert_eq!(code, 0);
    }
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in [
        ("restore-images.yaml", CONFIG),
        ("pod.yaml", pod),
        ("kustomization.yaml", "resources: [pod.yaml]\n"),
    ] {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    let run = run_in_folder(folder.path(), &["check"], b"");
    assert_text_eq(
        &String::from_utf8(run.stdout).expect("UTF-8"),
        "configuration: restore-images.yaml\nnothing to restore in 1 file, 1 image read\n",
    );
}

fn text(output: Output) -> String {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// What an API server gives, with all that it adds. The controllers' part is played here: they are
/// another program.
#[test]
fn an_api_server_s_output_is_read() {
    let Some(server) = Server::start() else {
        return;
    };
    let template = |image: &str| {
        format!(
            "  selector: {{matchLabels: {{app: c}}}}\n  template:\n    metadata: {{labels: {{app: c}}}}\n    spec:\n      containers:\n      - {{name: c, image: '{image}', imagePullPolicy: Always}}\n"
        )
    };
    let image = "realtheory/theory-k8s-collector:v2";
    let made = |kind: &str, name: &str, owner: &str, owner_name: &str, uid: &str, spec: &str| {
        let version = if kind == "Pod" { "v1" } else { "apps/v1" };
        format!(
            "apiVersion: {version}\nkind: {kind}\nmetadata:\n  name: {name}\n  namespace: default\n  labels: {{app: c}}\n  ownerReferences:\n  - {{apiVersion: apps/v1, kind: {owner}, name: {owner_name}, uid: {uid}, controller: true, blockOwnerDeletion: true}}\nspec:\n{spec}"
        )
    };
    let create = |manifest: &str| -> String {
        let words = ["create", "-f", "-", "-o", "jsonpath={.metadata.uid}"];
        text(server.kubectl(&words, manifest))
    };
    let deployment = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: collector, namespace: default}}\nspec:\n{}",
        template(image)
    );
    let uid = create(&deployment);
    let set = made(
        "ReplicaSet",
        "collector-1",
        "Deployment",
        "collector",
        &uid,
        &template(image),
    );
    let uid = create(&set);
    let pod =
        format!("  containers:\n  - {{name: c, image: '{image}', imagePullPolicy: Always}}\n");
    create(&made(
        "Pod",
        "collector-1-a",
        "ReplicaSet",
        "collector-1",
        &uid,
        &pod,
    ));
    const KINDS: &str = "deployments,replicasets,pods";
    for format in ["yaml", "json"] {
        let given = text(server.kubectl(&["get", KINDS, "-A", "-o", format], ""));
        let (code, stdout, stderr) = run(&["check", "--format", "json", "-"], &given);
        assert_eq!(code, 1, "{stderr}");
        let report: Value = serde_json::from_str(&stdout).expect("JSON");
        let file = &report["files"][0];
        let findings = file["findings"].as_array().expect("findings");
        assert_eq!(findings.len(), 1, "{stdout}");
        assert_eq!(findings[0]["resource"]["kind"], "Deployment");
        assert_eq!(file["unread"].as_array().map(Vec::len), Some(0), "{stdout}");
        let pods = text(server.kubectl(&["get", "pods", "-A", "-o", format], ""));
        let (_, stdout, _) = run(&["check", "--format", "short", "-"], &pods);
        assert!(
            stdout.contains("Pod default/collector-1-a")
                && stdout.contains("made by ReplicaSet collector-1, which is not among the input"),
            "{stdout}"
        );
    }
}
