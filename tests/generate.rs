//! GenerateImages: what is generated, where it goes, and that a second run changes nothing.

mod api_server;
mod cel;
mod engines;
mod faults;
mod placing;
mod registries;
mod rivals;
mod sync;
mod types;

use serde::Deserialize;
use serde_json::{Value, json};

use restore_images::config::Date;
use restore_images::function;
use restore_images::restore::Request;

use crate::support::{assert_text_eq, run, schemas};

/// What a configuration makes of an input.
#[track_caller]
fn generated(config: &str, input: &str) -> String {
    let outcome = function::run(&Request {
        input,
        config: Some(config),
        today: Date::parse("2026-01-01").expect("a day"),
    });
    let outcome = outcome.unwrap_or_else(|error| panic!("{error}: {:?}", error.fault()));
    schemas::check(config, None);
    outcome.output(input)
}

/// Every document of a stream as JSON.
fn documents(stream: &str) -> Vec<Value> {
    let documents = serde_yaml::Deserializer::from_str(stream);
    let documents = documents.map(|document| Value::deserialize(document).expect("YAML"));
    documents.filter(|document| !document.is_null()).collect()
}

/// One object of a stream.
#[track_caller]
fn object(stream: &str, kind: &str, name: &str) -> Value {
    let mut documents = documents(stream).into_iter();
    documents
        .find(|object| object["kind"] == kind && object["metadata"]["name"] == name)
        .unwrap_or_else(|| panic!("no {kind} {name} in\n{stream}"))
}

/// A configuration with this spec.
fn config(spec: &str) -> String {
    format!(
        "apiVersion: restore-images.dev/v1alpha1
kind: GenerateImages
metadata:
  name: collectors
  namespace: image-upkeep
spec:
{spec}"
    )
}

const COLLECTOR: &str = "  agents: [realtheory-collector]
  registries:
  - source: docker.io
    mirror: registry.example.com/hub
";

#[test]
fn a_mirror_is_synchronised_weekly() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("generate.yaml");
    let text = config(&format!(
        "{COLLECTOR}  emit:\n  - mirrorSync:\n      timeZone: Europe/Paris\n      credentials: [{{secret: registry-writer}}]\n"
    ));
    std::fs::write(&file, text).expect("written");
    let run = run(&[file.to_str().expect("a path")], b"");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_text_eq(
        &String::from_utf8(run.stdout).expect("UTF-8"),
        include_str!("generate/mirror_sync.yaml"),
    );
    assert_text_eq(
        &run.stderr,
        "warning: mirrorSync: skopeo leaves behind what is attached to images: signatures, attestations and other referrers, cosign's tags among them; use `tool: regsync`, or write `signatures: false` if that is meant [not-generated]
info: ConfigMap image-upkeep/collectors-mirror-sync: added: names the images that the CronJob collectors-mirror-sync copies [generated-resource]
info: ServiceAccount image-upkeep/collectors-mirror-sync: added: is what the CronJob collectors-mirror-sync runs as [generated-resource]
info: CronJob image-upkeep/collectors-mirror-sync: added: copies official images to their mirrors [generated-resource]
",
    );
}

#[test]
fn agents_that_do_not_restart_themselves_are_restarted() {
    let workload = |kind: &str, namespace: &str, name: &str, image: &str, policy: &str| {
        format!(
            "apiVersion: apps/v1
kind: {kind}
metadata: {{name: {name}, namespace: {namespace}}}
spec: {{template: {{spec: {{containers: [{{name: app, image: \"{image}\", imagePullPolicy: {policy}}}]}}}}}}
---
"
        )
    };
    let mut input = String::new();
    for (kind, namespace, name, image, policy) in [
        (
            "Deployment",
            "apps",
            "portfolio",
            "acme/portfolio:latest",
            "Always",
        ),
        // Restored to Always, so that a restart has an effect.
        ("DaemonSet", "apps", "edge", "acme/portfolio", "Never"),
        (
            "Deployment",
            "other",
            "portfolio",
            "acme/portfolio:1.2",
            "Always",
        ),
        // It restarts itself.
        (
            "Deployment",
            "rt",
            "collector",
            "realtheory/theory-k8s-collector",
            "Always",
        ),
        // No restart makes a kept tag another image.
        (
            "Deployment",
            "cz",
            "agent",
            "ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent:1",
            "Always",
        ),
        (
            "Deployment",
            "held",
            "portfolio",
            "acme/portfolio:1.2",
            "Always",
        ),
    ] {
        input.push_str(&workload(kind, namespace, name, image, policy));
    }
    let config = config(
        "  agents:
  - realtheory-collector
  - cloudzero-agent
  - name: portfolio
    images: [{image: acme/portfolio, tag: floating, imagePullPolicy: Always}]
  exceptions: [{reason: pinned on purpose, namespace: held, allow: [tag]}]
  emit:
  - rolloutRestart: {suspend: true, workloads: [{kind: StatefulSet, name: db}]}
",
    );
    let output = generated(&config, input.trim_end_matches("---\n"));
    assert_text_eq(
        &output[input.len() - 4..],
        include_str!("generate/rollout_restart.yaml"),
    );
}

/// The files of the ConfigMap that a tool is given.
fn files(spec: &str, input: &str) -> Value {
    let output = generated(&config(spec), input);
    object(&output, "ConfigMap", "collectors-mirror-sync")["data"].clone()
}

const MANIFESTS: &str = "apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
  - {name: a, image: realtheory/theory-k8s-collector}
  - {name: b, image: quay.io/acme/tool}
  - {name: c, image: \"registry.example.com/quay/acme/tool:1.10@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}
  - {name: d, image: \"ghcr.io/acme/agent:v3\"}
  - {name: e, image: busybox}
";

const ALL: &str = "  agents:
  - realtheory-collector
  - {name: agent, images: [{image: ghcr.io/acme/agent}]}
  registries:
  - {source: docker.io, mirror: registry.example.com/hub}
  - {source: quay.io, mirror: registry.example.com/quay, scope: all}
  - {source: ghcr.io/acme/agent, mirror: \"reg.example.com:5000/renamed\"}
";

#[test]
fn what_is_in_use_is_copied_as_it_is_used() {
    let data = files(
        &format!(
            "{ALL}  emit: [{{mirrorSync: {{credentials: [{{secret: general}}, {{secret: hub, registries: [docker.io]}}]}}}}]\n"
        ),
        MANIFESTS,
    );
    let text = |key: &str| data[key].as_str().unwrap_or_default().to_owned();
    assert_text_eq(
        &text("registry.example.com_quay_acme.yaml"),
        "quay.io:
  images:
    acme/tool:
    - '1.10'
    - latest
    - sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
",
    );
    assert_text_eq(
        &text("sync.sh"),
        "status=0
skopeo sync --all --preserve-digests --keep-going --retry-times 3 --src yaml --dest docker --src-authfile /credentials/1/config.json --dest-authfile /credentials/0/config.json registry.example.com_hub_realtheory.yaml registry.example.com/hub/realtheory || status=1
skopeo sync --all --preserve-digests --keep-going --retry-times 3 --src yaml --dest docker --src-authfile /credentials/0/config.json --dest-authfile /credentials/0/config.json registry.example.com_quay_acme.yaml registry.example.com/quay/acme || status=1
skopeo sync --all --preserve-digests --keep-going --retry-times 3 --src yaml --dest docker --src-authfile /credentials/0/config.json --dest-authfile /credentials/0/config.json registry.example.com_quay_skopeo.yaml registry.example.com/quay/skopeo || status=1
skopeo copy --all --preserve-digests --retry-times 3 --src-authfile /credentials/0/config.json --dest-authfile /credentials/0/config.json docker://ghcr.io/acme/agent:v3 docker://reg.example.com:5000/renamed:v3 || status=1
exit \"$status\"
",
    );
    // The tool's own image comes from the mirror, too, and is kept there.
    let output = generated(
        &config(&format!("{ALL}  emit: [{{mirrorSync: {{}}}}]\n")),
        MANIFESTS,
    );
    let job = object(&output, "CronJob", "collectors-mirror-sync");
    let pod = &job["spec"]["jobTemplate"]["spec"]["template"]["spec"];
    assert_eq!(
        pod["containers"][0]["image"],
        "registry.example.com/quay/skopeo/stable:v1.22.2-immutable@sha256:4a16d57b37617a04b3d643079a477a2848efe892dffcdf0ce56df4262b65f810"
    );
}

#[test]
fn a_bundle_of_certificates_and_a_proxy_reach_the_tool() {
    let output = generated(
        &config(&format!(
            "{ALL}  emit: [{{mirrorSync: {{caBundle: {{configMap: corporate-ca}}, proxy: {{url: \"http://proxy.example.com:3128\", except: [.example.com, 10.0.0.0/8]}}}}}}]\n"
        )),
        MANIFESTS,
    );
    let job = object(&output, "CronJob", "collectors-mirror-sync");
    let pod = &job["spec"]["jobTemplate"]["spec"]["template"]["spec"];
    assert_eq!(
        pod["containers"][0]["env"],
        json!([
            {"name": "HOME", "value": "/tmp"},
            {"name": "TMPDIR", "value": "/tmp"},
            {"name": "SSL_CERT_DIR", "value": "/ca"},
            {"name": "HTTPS_PROXY", "value": "http://proxy.example.com:3128"},
            {"name": "HTTP_PROXY", "value": "http://proxy.example.com:3128"},
            {"name": "NO_PROXY", "value": ".example.com,10.0.0.0/8"},
        ])
    );
    let of = |list: &Value, name: &str| -> Value {
        let mut items = list.as_array().expect("a list").iter();
        items
            .find(|item| item["name"] == name)
            .cloned()
            .unwrap_or_default()
    };
    assert_eq!(
        of(&pod["containers"][0]["volumeMounts"], "ca"),
        json!({"name": "ca", "mountPath": "/ca", "readOnly": true})
    );
    assert_eq!(
        of(&pod["volumes"], "ca"),
        json!({"name": "ca", "configMap": {"name": "corporate-ca", "items": [{"key": "ca.crt", "path": "ca.crt"}]}})
    );
}

#[test]
fn other_tools_copy_the_same() {
    let data = files(
        &format!(
            "{ALL}  emit: [{{mirrorSync: {{tool: regsync, insecureRegistries: [\"reg.example.com:5000\"]}}}}]\n"
        ),
        MANIFESTS,
    );
    assert_text_eq(
        data["regsync.yaml"].as_str().expect("text"),
        "version: 1
creds:
- registry: reg.example.com:5000
  tls: insecure
defaults:
  digestTags: true
  referrers: true
sync:
- source: ghcr.io/acme/agent:v3
  target: reg.example.com:5000/renamed:v3
  type: image
- source: docker.io/realtheory/theory-k8s-collector:latest
  target: registry.example.com/hub/realtheory/theory-k8s-collector:latest
  type: image
- source: quay.io/acme/tool:1.10
  target: registry.example.com/quay/acme/tool:1.10
  type: image
- source: quay.io/acme/tool:latest
  target: registry.example.com/quay/acme/tool:latest
  type: image
- source: quay.io/acme/tool@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
  target: registry.example.com/quay/acme/tool@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
  type: image
",
    );
    let data = files(
        &format!(
            "{ALL}  emit: [{{mirrorSync: {{tool: crane, insecureRegistries: [\"reg.example.com:5000\"]}}}}]\n"
        ),
        MANIFESTS,
    );
    let script = data["sync.sh"].as_str().expect("text");
    let copies: Vec<&str> = script
        .lines()
        .filter(|line| line.starts_with("crane"))
        .collect();
    // crane's --insecure holds for both registries, and nobody listed the vendor's.
    assert_eq!(copies.len(), 4);
    assert!(!script.contains("--insecure"), "{script}");
    let spec = format!(
        "{ALL}  emit: [{{mirrorSync: {{tool: crane, insecureRegistries: [\"reg.example.com:5000\"]}}}}]\n"
    );
    let outcome = function::run(&Request {
        input: MANIFESTS,
        config: Some(&config(&spec)),
        today: Date::parse("2026-01-01").expect("a day"),
    });
    let said: Vec<String> = outcome
        .expect("an outcome")
        .findings
        .into_iter()
        .map(|finding| finding.message.into())
        .collect();
    let said = said.join("\n");
    assert!(
        said.contains("ghcr.io/acme/agent is not copied to reg.example.com:5000/renamed: crane's --insecure holds for both registries, and ghcr.io is not listed: list it under `insecureRegistries` too, or use `tool: skopeo`"),
        "{said}"
    );
    let data = files(
        &format!(
            "{ALL}  emit: [{{mirrorSync: {{tool: crane, insecureRegistries: [\"reg.example.com:5000\", ghcr.io]}}}}]\n"
        ),
        MANIFESTS,
    );
    let script = data["sync.sh"].as_str().expect("text");
    let copies: Vec<&str> = script
        .lines()
        .filter(|line| line.starts_with("crane"))
        .collect();
    assert_eq!(copies.len(), 5);
    assert_eq!(
        copies[0],
        "crane copy --insecure ghcr.io/acme/agent:v3 reg.example.com:5000/renamed:v3 || status=1"
    );
}

#[test]
fn two_officials_that_share_a_mirror_are_not_copied_over_each_other() {
    let spec = "  agents:
  - {name: a, images: [{image: quay.io/x/a, tag: floating}]}
  - {name: b, images: [{image: ghcr.io/x/a, tag: floating}]}
  registries:
  - {source: quay.io, mirror: registry.example.com/m}
  - {source: ghcr.io, mirror: registry.example.com/m}
  emit: [{mirrorSync: {}}]
";
    let outcome = function::run(&Request {
        input: "",
        config: Some(&config(spec)),
        today: Date::parse("2026-01-01").expect("a day"),
    });
    let outcome = outcome.expect("an outcome");
    assert!(outcome.edits.iter().all(|edit| edit.text.is_empty()));
    let messages: Vec<&str> = outcome.findings.iter().map(|f| &*f.message).collect();
    assert_eq!(
        messages[0],
        "registry.example.com/m/x/a would hold copies of ghcr.io/x/a and quay.io/x/a, each over the other: give the rules mirrors of their own"
    );
}

#[test]
fn policies_are_made_for_the_versions_that_have_them() {
    for (target, version) in [
        (None, None),
        (Some("1.30"), None),
        (Some("1.32"), Some("v1alpha1")),
        (Some("1.35"), Some("v1beta1")),
        (Some("1.36"), Some("v1")),
    ] {
        let target = target.map(|target| format!("  targetKubernetes: \"{target}\"\n"));
        let target = target.unwrap_or_default();
        let spec = format!("{target}{COLLECTOR}  emit: [{{admissionPolicy: {{action: Warn}}}}]\n");
        let output = documents(&generated(&config(&spec), ""));
        let of_kind = |kind: &str| {
            let objects = output.iter().filter(|object| object["kind"] == kind);
            objects.cloned().collect::<Vec<Value>>()
        };
        assert_eq!(of_kind("ValidatingAdmissionPolicy").len(), 5);
        for binding in of_kind("ValidatingAdmissionPolicyBinding") {
            assert_eq!(
                binding["spec"]["validationActions"],
                serde_json::json!(["Warn"])
            );
        }
        let mutating = of_kind("MutatingAdmissionPolicy");
        let versions: Vec<&str> = mutating
            .iter()
            .filter_map(|policy| policy["apiVersion"].as_str()?.rsplit('/').next())
            .collect();
        assert_eq!(versions, version.into_iter().collect::<Vec<&str>>());
    }
}

/// The two commands of docs/generate-images.md, without an engine.
#[test]
fn files_and_profiles_are_generated_from_without_an_engine() {
    const CONFIG: &str = "apiVersion: restore-images.dev/v1alpha1\nkind: GenerateImages\nmetadata: {name: c, namespace: upkeep}\nspec:\n  agents: [realtheory-collector]\n  registries: [{source: docker.io, mirror: registry.example.com/hub}]\n  emit: [mirrorSync: {}]\n";
    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: [{name: c, image: realtheory/theory-k8s-collector}]\n";
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("generate.yaml"), CONFIG).expect("written");
    std::fs::write(folder.path().join("app.yaml"), POD).expect("written");
    let made = ["ConfigMap", "ServiceAccount", "CronJob"];
    for (words, expected) in [
        (
            &["render", "-c", "generate.yaml", "app.yaml"][..],
            &["Pod", made[0], made[1], made[2]][..],
        ),
        (&["generate.yaml"], &made),
    ] {
        let run = crate::support::run_in_folder(folder.path(), words, b"");
        assert_eq!(run.code, 0, "{}", run.stderr);
        let out = String::from_utf8(run.stdout).expect("UTF-8");
        let kinds = documents(&out)
            .into_iter()
            .map(|object| object["kind"].clone());
        assert_eq!(kinds.collect::<Vec<Value>>(), expected, "{out}");
        assert!(
            run.stderr.contains("CronJob upkeep/c-mirror-sync: added"),
            "{}",
            run.stderr
        );
    }
}
