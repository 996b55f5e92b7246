//! `mirror status --pods`: what runs, beside what its tag means now.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};

use super::pair::{NEW, OLD, Pair};
use super::server::{Image, reply};
use crate::support::registries::{Layout, Registry, succeeded};
use crate::support::tool;

const HELP: &str = "\n  help: restart its workload: kubectl rollout restart; `imagePullPolicy: Always` has it look";

/// A pod of a ReplicaSet as the API server gives it.
fn pod(name: &str, image: &str, id: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": name, "namespace": "apps",
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "a", "uid": "1", "controller": true}],
        },
        "spec": {"containers": [{"name": "c", "image": image}]},
        "status": {"containerStatuses": [{"name": "c", "image": image, "imageID": id}]},
    })
}

impl Pair {
    fn runs(&self, pods: &[Value]) {
        let list = json!({"apiVersion": "v1", "kind": "List", "items": pods});
        fs::write(self.folder.path().join("pods.json"), list.to_string()).expect("written");
    }

    fn image(&self, rest: &str) -> String {
        format!("{}/copies/acme/agent{rest}", self.mirror.host)
    }
}

#[test]
fn pods_that_run_what_their_tag_means_are_current() {
    let (pair, image) = Pair::healthy();
    let amd64 = image.entries[0]["digest"].as_str().expect("a digest");
    pair.runs(&[
        pod("list", &pair.image(""), &pair.image(&format!("@{}", image.digest))),
        pod("platform", &pair.image(":latest"), &pair.image(&format!("@{amd64}"))),
        pod("docker", &pair.image(""), &format!("docker-pullable://{}", pair.image(&format!("@{}", image.digest)))),
        pod("pinned", &pair.image("@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"), "x@sha256:0"),
        pod("waiting", &pair.image(""), ""),
        pod("other", "busybox", "docker.io/library/busybox@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
    ]);
    pair.check(
        &["--pods", "pods.json"],
        "3 containers, 3 current\nexit 0\n",
    );
    // One image under two words is asked about twice, many pods of one image once.
    assert_eq!(pair.vendor.log(), Vec::<String>::new());
}

#[test]
fn pods_that_run_an_older_image_are_told_with_its_age() {
    let mut pair = Pair::new();
    let (old, new) = (
        Image::new("old", Some(OLD), &["amd64", "arm64"]),
        Image::new("new", Some(NEW), &["amd64", "arm64"]),
    );
    pair.copy("OLD", &old);
    pair.copy("NEW", &new);
    let id = pair.image(&format!("@{}", old.digest));
    let pods: Vec<Value> = (0..5)
        .map(|index| pod(&format!("a-{index}"), &pair.image(":latest"), &id))
        .collect();
    pair.runs(&pods);
    let line = format!(
        "MIRROR/copies/acme/agent:latest: outdated: it runs OLD, made on 2026-11-01, 23 days before what `latest` means now: NEW\n  in: apps/a-0/c, apps/a-1/c, apps/a-2/c and 2 more{HELP}\n5 containers, 5 outdated\nexit 1\n"
    );
    pair.check(&["--pods", "pods.json"], &line);
    let run = pair.run(&["--pods", "pods.json", "--format", "json"]);
    let report: Value = serde_json::from_slice(&run.stdout).expect("JSON");
    assert_eq!(report["pods"][0]["state"], "outdated", "{report:#}");
    assert_eq!(report["pods"][0]["behindSeconds"], 23 * 86_400);
    assert_eq!(report["pods"][0]["containers"][4], "apps/a-4/c");
    assert_eq!(report["images"], json!([]));
    // What ran may be gone by now.
    pair.mirror
        .forget(&format!("copies/acme/agent/manifests/{}", old.digest));
    pair.check(
        &["--pods", "pods.json"],
        &format!("MIRROR/copies/acme/agent:latest: outdated: it runs OLD, and `latest` means now: NEW\n  in: apps/a-0/c, apps/a-1/c, apps/a-2/c and 2 more{HELP}\n5 containers, 5 outdated\nexit 1\n"),
    );
}

#[test]
fn what_cannot_be_settled_is_said() {
    let (pair, image) = Pair::healthy();
    let id = pair.image(&format!("@{}", image.digest));
    pair.runs(&[
        pod("gone", &pair.image(":v1"), &id),
        pod("odd", &pair.image(""), "what is this"),
    ]);
    pair.check(
        &["--pods", "pods.json"],
        "MIRROR/copies/acme/agent:latest: unknown: the pod's status has no digest of what it runs\n  in: apps/odd/c\nMIRROR/copies/acme/agent:v1: missing: `v1` does not exist any more\n  in: apps/gone/c\n  help: run the job that copies to the mirror, or correct the tag\n2 containers, 1 missing, 1 unknown\nexit 2\n",
    );
    pair.runs(&[pod("a", &pair.image(""), &id)]);
    pair.mirror.always("manifests/latest", reply(403));
    pair.check(
        &["--pods", "pods.json"],
        "MIRROR/copies/acme/agent:latest: unknown: MIRROR: 403: it does not let the image be read\n  in: apps/a/c\n  help: allow the user that is logged in to pull\n1 container, 1 unknown\nexit 2\n",
    );
    pair.check(
        &["--pods", "pods.json", "--format", "junit"],
        "pods are reported as text or json\nhelp: leave --format out\nexit 2\n",
    );
}

/// Against a real registry: an image runs, its tag moves, and the pod is outdated.
#[test]
fn a_real_registry_says_what_a_tag_means_now() {
    let Some((skopeo, program)) = tool("skopeo").zip(tool("docker-registry")) else {
        return;
    };
    let (vendor, registry) = (Registry::start(&program), Registry::start(&program));
    let mut pair = Pair::new();
    super::real::lead_to(&mut pair, &vendor.host, &registry.host, &[&registry.host]);
    let image = format!("{}/copies/acme/agent:latest", registry.host);
    Layout::new("old", Some(OLD)).push(&skopeo, &image);
    let mut command = Command::new(&skopeo);
    command.args(["inspect", "--tls-verify=false", "--format", "{{.Digest}}"]);
    let output = command
        .arg(format!("docker://{image}"))
        .output()
        .expect("skopeo runs");
    succeeded(&output);
    let digest = String::from_utf8(output.stdout)
        .expect("text")
        .trim()
        .to_owned();
    let id = format!("{}@{digest}", image.trim_end_matches(":latest"));
    pair.runs(&[pod("a", &image, &id)]);
    pair.check(&["--pods", "pods.json"], "1 container, 1 current\nexit 0\n");
    Layout::new("new", Some(NEW)).push(&skopeo, &image);
    let said = pair.said(&pair.run(&["--pods", "pods.json"]));
    assert!(said.contains("outdated: it runs sha256:"), "{said}");
    assert!(
        said.contains(", made on 2026-11-01, 23 days before what `latest` means now: sha256:"),
        "{said}"
    );
    assert!(
        said.ends_with("1 container, 1 outdated\nexit 1\n"),
        "{said}"
    );
}

/// The API server's own list leaves out the kind of its items.
#[test]
fn pods_of_a_pod_list_are_pods() {
    let (pair, image) = Pair::healthy();
    let id = pair.image(&format!("@{}", image.digest));
    let mut one = pod("a", &pair.image(""), &id);
    let keys = one.as_object_mut().expect("a mapping");
    keys.remove("kind");
    keys.remove("apiVersion");
    let list = json!({"apiVersion": "v1", "kind": "PodList", "items": [one]});
    fs::write(pair.folder.path().join("pods.json"), list.to_string()).expect("written");
    pair.check(&["--pods", "pods.json"], "1 container, 1 current\nexit 0\n");
}

#[test]
fn what_holds_no_pod_is_said() {
    let (pair, _) = Pair::healthy();
    let table = "NAME   READY   STATUS\na-0    1/1     Running\n";
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n";
    let others = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Service, metadata: {name: a}}\n";
    for text in [table, deployment, others, ""] {
        fs::write(pair.folder.path().join("pods.json"), text).expect("written");
        pair.check(
            &["--pods", "pods.json"],
            "pods.json: holds no pod\nhelp: give what `kubectl get pods -A -o json` writes\nexit 2\n",
        );
    }
    pair.runs(&[]);
    let said = "0 containers\nthere is no pod, so nothing was asked\nexit";
    pair.check(&["--pods", "pods.json"], &format!("{said} 0\n"));
    pair.check(
        &["--pods", "pods.json", "--fail-empty"],
        &format!("{said} 3\n"),
    );
    pair.runs(&[pod("other", "busybox", "docker.io/library/busybox@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]);
    pair.check(
        &["--pods", "pods.json"],
        "0 containers\nno container is known to run an agent's image by tag, or an image from a mirror that a rule names, so nothing was asked\nexit 0\n",
    );
}
