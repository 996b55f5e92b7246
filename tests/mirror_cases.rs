//! What once went wrong with mirrors, by the number under which it was noted, with the right answer. 2 is
//! in `generate`, 6 and 7 are in `generate::api_server` and `generate::engines`, 8 is in `argocd`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::{Run, assert_text_eq, run_in_folder};

const COLLECTOR: &str = "  agents: [realtheory-collector]
  registries: [{source: docker.io, mirror: registry.example.com/hub}]
";

/// What a GenerateImages object of this spec makes, by kind.
#[track_caller]
fn generated(folder: &Path, spec: &str) -> (BTreeMap<String, Value>, Run) {
    let text = format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: GenerateImages\nmetadata: {{name: c}}\nspec:\n{spec}"
    );
    fs::write(folder.join("generate.yaml"), text).expect("written");
    let run = run_in_folder(folder, &["generate.yaml"], b"");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let stream = String::from_utf8(run.stdout.clone()).expect("UTF-8");
    let objects = serde_yaml::Deserializer::from_str(&stream);
    let objects = objects.map(|object| Value::deserialize(object).expect("YAML"));
    let objects = objects.filter_map(|object| Some((object["kind"].as_str()?.to_owned(), object)));
    (objects.collect(), run)
}

fn container(objects: &BTreeMap<String, Value>) -> &Value {
    let job = &objects["CronJob"]["spec"]["jobTemplate"]["spec"];
    &job["template"]["spec"]["containers"][0]
}

#[test]
fn case_1_signatures_are_copied_or_named() {
    let folder = tempfile::tempdir().expect("a folder");
    for (tool, said) in [
        ("regsync", ""),
        ("skopeo", "signatures, attestations and other referrers"),
        ("crane", "signatures, attestations and other referrers"),
        ("flux-mirror", "cosign's tags (`sha256-….sig`)"),
    ] {
        let spec = format!("{COLLECTOR}  emit: [{{mirrorSync: {{tool: {tool}}}}}]\n");
        let (objects, run) = generated(folder.path(), &spec);
        let warned = format!("{tool} leaves behind what is attached to images: {said}");
        assert_eq!(
            run.stderr.contains(&warned),
            !said.is_empty(),
            "{}",
            run.stderr
        );
        let data = &objects["ConfigMap"]["data"];
        match tool {
            "regsync" => {
                let text = data["regsync.yaml"].as_str().expect("text");
                assert!(
                    text.contains("digestTags: true\n  referrers: true\n"),
                    "{text}"
                );
            }
            "flux-mirror" => {
                let text = data["flux-mirror.yaml"].as_str().expect("text");
                assert!(text.contains("includeReferrers: true\n"), "{text}");
            }
            _ => {}
        }
    }
}

#[test]
fn case_3_a_certificate_of_ones_own_is_neither_plain_http_nor_lost() {
    let folder = tempfile::tempdir().expect("a folder");
    let spec = |settings: &str| {
        format!("{COLLECTOR}  emit: [{{mirrorSync: {{tool: regsync, {settings}}}}}]\n")
    };
    let (objects, _) = generated(
        folder.path(),
        &spec("insecureRegistries: [registry.example.com]"),
    );
    let text = objects["ConfigMap"]["data"]["regsync.yaml"].as_str();
    let text = text.expect("text");
    assert!(
        text.contains("- registry: registry.example.com\n  tls: insecure\n"),
        "{text}"
    );
    let (objects, _) = generated(
        folder.path(),
        &spec("caBundle: {configMap: ca}, proxy: {url: 'http://proxy.example.com:3128'}"),
    );
    let env = container(&objects)["env"].as_array().expect("variables");
    for (name, value) in [
        ("SSL_CERT_DIR", "/ca"),
        ("HTTPS_PROXY", "http://proxy.example.com:3128"),
    ] {
        assert!(
            env.contains(&json!({"name": name, "value": value})),
            "{env:?}"
        );
    }
    let text = objects["ConfigMap"]["data"]["regsync.yaml"].as_str();
    assert!(!text.expect("text").contains("tls:"), "{text:?}");
    // What somebody adds by hand is named where it goes.
    let first = generated(folder.path(), &spec("suspend: true")).1.stdout;
    let first = String::from_utf8(first).expect("UTF-8");
    let own = "            env:\n            - name: OWN\n              value: x\n";
    let edited = first.replace("            env:\n", own);
    let run = run_in_folder(folder.path(), &["generate.yaml"], edited.as_bytes());
    assert!(
        run.stderr.contains("; gone from it: `spec.jobTemplate.spec.template.spec.containers[regsync].env[OWN]` [generated-resource]"),
        "{}",
        run.stderr
    );
}

#[test]
fn case_4_the_image_of_a_job_is_taken_by_digest() {
    let folder = tempfile::tempdir().expect("a folder");
    let digest = format!("sha256:{}", "ab".repeat(32));
    for tool in ["skopeo", "regsync", "crane", "flux-mirror"] {
        let image = format!("tools.example.com/{tool}@{digest}");
        let spec =
            format!("{COLLECTOR}  emit: [{{mirrorSync: {{tool: {tool}, image: \"{image}\"}}}}]\n");
        let (objects, _) = generated(folder.path(), &spec);
        let container = container(&objects);
        assert_eq!(container["image"], json!(image));
        assert_eq!(container["imagePullPolicy"], "IfNotPresent");
    }
}

#[test]
fn case_5_a_tag_that_the_vendor_does_not_publish_is_copied_from_the_one_that_it_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let spec = "  agents: [{profile: realtheory-collector, floatingTags: [stable]}]
  registries: [{source: docker.io, mirror: registry.example.com/hub}]
  emit: [{mirrorSync: {tool: crane, tags: [{official: latest, mirror: stable}]}}]
";
    let (objects, _) = generated(folder.path(), spec);
    assert_text_eq(
        objects["ConfigMap"]["data"]["sync.sh"].as_str().expect("text"),
        "status=0
crane copy docker.io/realtheory/theory-k8s-collector:latest registry.example.com/hub/realtheory/theory-k8s-collector:latest || status=1
crane copy docker.io/realtheory/theory-k8s-collector:latest registry.example.com/hub/realtheory/theory-k8s-collector:stable || status=1
exit \"$status\"
",
    );
}

/// A release from three paths of one registry.
const RELEASE: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: cz-server, namespace: cz}
spec:
  template:
    spec:
      containers:
      - {name: collector, image: \"example.com/cloudzero/cloudzero-agent/cloudzero-agent:1.2.3\"}
      - {name: reloader, image: \"example.com/prom/prometheus-operator/prometheus-config-reloader:v0.83.0\"}
      - {name: prometheus, image: \"example.com/quay/prometheus/prometheus:v2.55.1\"}
";

#[test]
fn case_9_what_init_proposes_moves_no_image_and_names_every_registry() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    fs::write(path.join("release.yaml"), RELEASE).expect("written");
    let written = run_in_folder(path, &["init", "--write"], b"");
    assert_eq!(written.code, 0, "{}", written.stderr);
    let proposal = fs::read_to_string(path.join("restore-images.yaml")).expect("a file");
    let (_, proposal) = proposal.split_once("spec:\n").expect("a spec");
    assert_text_eq(
        proposal,
        "  agents:
  - cloudzero-agent # release.yaml:8 and 2 more
  # Registries in use, and how many images come from each: example.com (3)
  # Agents come from these registries too, on which no vendor publishes. If you
  # keep one of them as a mirror, uncomment `registries:` and its rule. Once you
  # have decided on each, delete `undeclaredMirrors`: `fix` then takes the
  # others back to the vendors' registries, but for values of charts that
  # `check` only warns of.
  undeclaredMirrors: keep
  # registries:
  # - source: ghcr.io # release.yaml:8
  #   mirror: example.com
  # - source: quay.io # release.yaml:9
  #   mirror: example.com/prom
  # example.com/quay holds images of quay.io too (release.yaml:10), but a source has one mirror: example.com/prom holds more.
",
    );
    run_in_folder(path, &["fix"], b"");
    let after = fs::read_to_string(path.join("release.yaml")).expect("a file");
    let images = |text: &str| -> Vec<String> {
        let images = text.split("image: \"").skip(1);
        images
            .filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()))
            .collect()
    };
    assert_eq!(images(&after), images(RELEASE));
    // A tree without an agent gets its inventory, too.
    let other = tempfile::tempdir().expect("a folder");
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: \"reg.example.com/x/y:1\"}]}\n";
    fs::write(other.path().join("pod.yaml"), pod).expect("written");
    let said = run_in_folder(other.path(), &["init"], b"");
    let said = String::from_utf8(said.stdout).expect("UTF-8");
    assert!(said.contains("reg.example.com (1)"), "{said}");
}

#[test]
fn case_10_what_a_mirror_must_hold_is_said_once() {
    let digest = format!("sha256:{}", "ab".repeat(32));
    let other = format!("sha256:{}", "cd".repeat(32));
    let config = "apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  agents: [{name: agent, images: [{image: acme.io/t/agent, tag: keep, imagePullPolicy: keep}]}]
  registries: [{source: acme.io, mirror: m.example.com}]
";
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path();
    fs::write(path.join("restore-images.yaml"), config).expect("written");
    let pod = |name: &str, digest: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {{containers: [{{name: {name}, image: \"acme.io/t/agent@{digest}\"}}]}}\n"
        )
    };
    let stream = [pod("a", &digest), pod("b", &digest), pod("c", &other)].join("---\n");
    fs::create_dir(path.join("more")).expect("a folder");
    fs::write(path.join("more/a.yaml"), &stream).expect("written");
    fs::write(path.join("more/b.yaml"), pod("d", &digest)).expect("written");
    let stream = run_in_folder(path, &["restore-images.yaml"], stream.as_bytes());
    let files = run_in_folder(path, &["check", "--format", "json"], b"");
    let files = String::from_utf8(files.stdout).expect("UTF-8");
    for (said, rule) in [
        (&stream.stderr, "[digest-moved]"),
        (&files, "\"rule\": \"digest-moved\""),
    ] {
        assert_eq!(said.matches(rule).count(), 2, "{said}");
    }
    assert_eq!(stream.stderr.matches("[wrong-registry]").count(), 3);
}
