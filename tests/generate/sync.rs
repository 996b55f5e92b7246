//! `mirrorSync`: what each tool is given, what it leaves behind, and the job that looks afterwards.

use serde_json::{Value, json};

use super::{ALL, COLLECTOR, MANIFESTS, config, documents, object};
use crate::support::{assert_text_eq, run_in_folder};

/// What the program makes of a configuration and manifests, and what it says besides of what is left
/// out.
#[track_caller]
pub(super) fn made(spec: &str, manifests: &str) -> (String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("generate.yaml"), config(spec)).expect("written");
    let run = run_in_folder(folder.path(), &["generate.yaml"], manifests.as_bytes());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let said = run.stderr.lines();
    let said = said.filter(|line| !line.starts_with("info: "));
    let said: String = said.map(|line| format!("{line}\n")).collect();
    (String::from_utf8(run.stdout).expect("UTF-8"), said)
}

fn file(output: &str, name: &str) -> String {
    let config_map = object(output, "ConfigMap", "collectors-mirror-sync");
    let text = config_map["data"][name].as_str();
    text.unwrap_or_else(|| panic!("no {name}")).to_owned()
}

fn pod(output: &str, job: &str) -> Value {
    let job = object(output, "CronJob", job);
    job["spec"]["jobTemplate"]["spec"]["template"]["spec"].clone()
}

const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

#[test]
fn flux_mirror_is_given_a_config_of_its_own() {
    let (output, said) = made(
        &format!("{ALL}  emit: [{{mirrorSync: {{tool: flux-mirror}}}}]\n"),
        MANIFESTS,
    );
    assert_text_eq(
        &file(&output, "flux-mirror.yaml"),
        r"apiVersion: mirror.plugin.fluxcd.io/v1beta1
kind: Config
artifacts:
- source: ghcr.io/acme/agent
  destination: reg.example.com:5000/renamed
  selector:
    regex:
      pattern: ^(v3)$
    sortBy: alphabetical
    limit: 0
  overwrite: true
  includeReferrers: true
- source: docker.io/realtheory/theory-k8s-collector
  destination: registry.example.com/hub/realtheory/theory-k8s-collector
  selector:
    regex:
      pattern: ^(latest)$
    sortBy: alphabetical
    limit: 0
  overwrite: true
  includeReferrers: true
- source: quay.io/acme/tool
  destination: registry.example.com/quay/acme/tool
  selector:
    regex:
      pattern: ^(1\.10|latest)$
    sortBy: alphabetical
    limit: 0
  overwrite: true
  includeReferrers: true
",
    );
    assert_text_eq(
        &said,
        &format!(
            "warning: quay.io/acme/tool@{DIGEST} is not copied to registry.example.com/quay/acme/tool@{DIGEST}: flux-mirror copies by tag alone: use `tool: regsync` [not-generated]
warning: mirrorSync: flux-mirror leaves behind what is attached to images: cosign's tags (`sha256-….sig`); use `tool: regsync`, or write `signatures: true` if that is meant [not-generated]
"
        ),
    );
    let container = &pod(&output, "collectors-mirror-sync")["containers"][0];
    assert_eq!(
        (
            &container["image"],
            &container["command"],
            &container["args"]
        ),
        (
            &json!(
                "ghcr.io/fluxcd/flux-mirror:v0.8.0@sha256:432117c67f83ae3c78d2fd63a4023876b51eaeafbde6e9efb0b42788d86e7695"
            ),
            &Value::Null,
            &json!(["sync", "flux-mirror.yaml", "--no-progress"])
        )
    );
}

/// The keys that `docs/config-v1beta1.json` of fluxcd/flux-mirror (0b491b55) has for artifacts, which takes no
/// others.
#[test]
fn the_config_of_flux_mirror_is_of_its_schema() {
    let schema = json!({
        "type": "object", "additionalProperties": false, "required": ["apiVersion", "kind"],
        "properties": {
            "apiVersion": {"const": "mirror.plugin.fluxcd.io/v1beta1"},
            "kind": {"const": "Config"},
            "artifacts": {"type": "array", "items": {
                "type": "object", "additionalProperties": false,
                "required": ["destination", "selector", "source"],
                "properties": {
                    "source": {"type": "string"}, "destination": {"type": "string"},
                    "overwrite": {"type": "boolean"}, "includeReferrers": {"type": "boolean"},
                    "selector": {"type": "object", "additionalProperties": false, "properties": {
                        "limit": {"type": "integer", "minimum": 0},
                        "semver": {"type": "string"},
                        "sortBy": {"enum": ["semver", "alphabetical", "numerical"]},
                        "regex": {"type": "object", "additionalProperties": false,
                            "required": ["pattern"],
                            "properties": {
                                "pattern": {"type": "string"}, "extract": {"type": "string"}}}}}}}}}
    });
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for settings in ["", ", signatures: false"] {
        let spec = format!("{ALL}  emit: [{{mirrorSync: {{tool: flux-mirror{settings}}}}}]\n");
        let (output, _) = made(&spec, MANIFESTS);
        let config = &documents(&file(&output, "flux-mirror.yaml"))[0];
        assert!(validator.is_valid(config), "{config:#}");
        let referrers = config["artifacts"][0].get("includeReferrers");
        assert_eq!(referrers.is_some(), settings.is_empty());
    }
}

#[test]
fn flux_mirror_verifies_no_certificate_only_where_every_host_is_listed() {
    let spec = |settings: &str| {
        format!(
            "  agents: [{{name: agent, images: [{{image: a.example.com/x/agent, tag: floating}}]}}, {{name: other, images: [{{image: c.example.com/x/other, tag: floating}}]}}]
  registries: [{{source: a.example.com, mirror: b.example.com/a}}, {{source: c.example.com, mirror: b.example.com/c}}]
  emit: [{{mirrorSync: {{tool: flux-mirror, signatures: true, insecureRegistries: [{settings}]}}}}]
"
        )
    };
    let (output, said) = made(&spec("a.example.com, b.example.com"), "");
    assert!(output.is_empty(), "{output}");
    assert_text_eq(
        &said,
        "warning: a.example.com/x/agent is not copied to b.example.com/a/x/agent: flux-mirror's --insecure holds for every registry, and not each is listed: use `tool: regsync` [not-generated]
warning: c.example.com/x/other is not copied to b.example.com/c/x/other: flux-mirror's --insecure holds for every registry, and not each is listed: use `tool: regsync` [not-generated]
warning: mirrorSync: the tool can copy none of the images, so there is no job [not-generated]
",
    );
    let (output, said) = made(&spec("a.example.com, b.example.com, c.example.com"), "");
    assert_text_eq(&said, "");
    assert_eq!(
        pod(&output, "collectors-mirror-sync")["containers"][0]["args"],
        json!(["sync", "flux-mirror.yaml", "--no-progress", "--insecure"])
    );
}

#[test]
fn what_a_tool_leaves_behind_is_named_unless_that_is_meant() {
    let said = |settings: &str| {
        let spec = format!("{COLLECTOR}  emit: [{{mirrorSync: {{{settings}}}}}]\n");
        made(&spec, "").1
    };
    for tool in ["skopeo", "crane"] {
        assert_text_eq(
            &said(&format!("tool: {tool}")),
            &format!(
                "warning: mirrorSync: {tool} leaves behind what is attached to images: signatures, attestations and other referrers, cosign's tags among them; use `tool: regsync`, or write `signatures: false` if that is meant [not-generated]\n"
            ),
        );
        assert_text_eq(&said(&format!("tool: {tool}, signatures: false")), "");
    }
    assert_text_eq(&said("tool: regsync"), "");
    let regsync = |settings: &str| {
        let spec = format!("{COLLECTOR}  emit: [{{mirrorSync: {{tool: regsync{settings}}}}}]\n");
        file(&made(&spec, "").0, "regsync.yaml")
    };
    assert!(regsync("").contains("defaults:\n  digestTags: true\n  referrers: true\n"));
    assert!(!regsync(", signatures: false").contains("defaults"));
}

#[test]
fn images_of_jobs_are_taken_by_digest() {
    let image = format!("gcr.io/go-containerregistry/crane:debug@{DIGEST}");
    let (output, _) = made(
        &format!("{COLLECTOR}  emit: [{{mirrorSync: {{tool: crane, image: \"{image}\"}}}}]\n"),
        "",
    );
    let container = &pod(&output, "collectors-mirror-sync")["containers"][0];
    assert_eq!(container["image"], json!(image));
    assert_eq!(container["imagePullPolicy"], "IfNotPresent");
}

/// What runs with credentials by itself is the same image each time; of regsync no digest is known, as
/// the documentation says.
#[test]
fn tools_come_by_digest_unless_none_is_known() {
    for tool in ["skopeo", "regsync", "crane", "flux-mirror"] {
        let spec = format!("{COLLECTOR}  emit: [{{mirrorSync: {{tool: {tool}}}}}]\n");
        let pod = pod(&made(&spec, "").0, "collectors-mirror-sync");
        let image = pod["containers"][0]["image"].as_str().expect("an image");
        let (name, digest) = image.split_once('@').unwrap_or((image, ""));
        let tag = name.rsplit_once(':').map_or("", |(_, tag)| tag);
        assert!(tag.starts_with('v') && tag.contains('.'), "{image}");
        let hex = digest.strip_prefix("sha256:").unwrap_or_default();
        let is_digest = hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        assert_eq!(is_digest, tool != "regsync", "{image}");
    }
    let said = include_str!("../../docs/generate-images.md");
    assert!(said.contains("by tag and digest, that of regsync by tag"));
}

/// What looks runs after what copies, and not most of a week later.
#[test]
fn the_job_that_looks_follows_the_job_that_copies() {
    for (copies, looks) in [
        ("0 3 * * 1", "0 12 * * 1"),
        ("0 23 * * 6", "0 8 * * 0"),
        ("*/5 * * * *", "0 12 * * *"),
        ("0 3 1 * *", "0 12 1 * *"),
    ] {
        let spec = format!(
            "{COLLECTOR}  emit: [{{mirrorSync: {{schedule: {copies:?}, status: {{image: \"x:v1\"}}}}}}]\n"
        );
        let job = object(&made(&spec, "").0, "CronJob", "collectors-mirror-status");
        assert_eq!(job["spec"]["schedule"], looks, "{copies}");
    }
    let spec = format!(
        "{COLLECTOR}  emit: [{{mirrorSync: {{schedule: \"0 3 * * 1\", status: {{image: \"x:v1\", schedule: \"0 5 * * 2\"}}}}}}]\n"
    );
    let job = object(&made(&spec, "").0, "CronJob", "collectors-mirror-status");
    assert_eq!(job["spec"]["schedule"], "0 5 * * 2");
}

#[test]
fn a_tag_that_the_mirror_names_otherwise_is_copied_from_the_vendors() {
    let spec = |settings: &str| {
        format!(
            "  agents:
  - {{name: a, images: [{{image: quay.io/acme/a, tag: floating, floatingTags: [stable]}}]}}
  - {{name: b, images: [{{image: quay.io/acme/b, tag: floating, floatingTags: [stable]}}]}}
  registries: [{{source: quay.io, mirror: registry.example.com/quay}}]
  emit:
  - mirrorSync:
      signatures: {{SIGNATURES}}
      tags: [{{official: latest, mirror: stable}}, {{image: quay.io/acme/b, official: v2-stable, mirror: stable}}]
      {settings}
"
        )
    };
    let spec = |settings: &str, signatures: &str| {
        let spec = spec(settings);
        spec.replace("{SIGNATURES}", signatures)
    };
    let (output, said) = made(&spec("tool: skopeo", "false"), "");
    assert_text_eq(&said, "");
    assert_text_eq(
        &file(&output, "sync.sh"),
        "status=0
skopeo sync --all --preserve-digests --keep-going --retry-times 3 --src yaml --dest docker registry.example.com_quay_acme.yaml registry.example.com/quay/acme || status=1
skopeo copy --all --preserve-digests --retry-times 3 docker://quay.io/acme/a:latest docker://registry.example.com/quay/acme/a:stable || status=1
skopeo copy --all --preserve-digests --retry-times 3 docker://quay.io/acme/b:v2-stable docker://registry.example.com/quay/acme/b:stable || status=1
exit \"$status\"
",
    );
    let (output, _) = made(&spec("tool: crane", "false"), "");
    assert!(file(&output, "sync.sh").contains(
        "\ncrane copy quay.io/acme/a:latest registry.example.com/quay/acme/a:stable || status=1\n"
    ));
    let (output, _) = made(&spec("tool: regsync", "true"), "");
    assert!(file(&output, "regsync.yaml").contains(
        "- source: quay.io/acme/b:v2-stable\n  target: registry.example.com/quay/acme/b:stable\n"
    ));
    let (output, said) = made(&spec("tool: flux-mirror", "true"), "");
    let config = file(&output, "flux-mirror.yaml");
    assert!(
        config.contains("pattern: ^(latest)$") && !config.contains("stable"),
        "{config}"
    );
    assert_text_eq(
        &said,
        "warning: quay.io/acme/a:latest is not copied to registry.example.com/quay/acme/a:stable: flux-mirror keeps the names of tags: use `tool: regsync` [not-generated]
warning: quay.io/acme/b:v2-stable is not copied to registry.example.com/quay/acme/b:stable: flux-mirror keeps the names of tags: use `tool: regsync` [not-generated]
",
    );
}

#[test]
fn a_host_without_tls_is_another_than_one_that_is_not_verified() {
    let spec = "  agents: [{name: agent, images: [{image: ghcr.io/acme/agent, tag: floating}]}]
  registries: [{source: ghcr.io, mirror: \"reg.example.com:5000/x\"}]
  plainHttpRegistries: [\"plain.example.com:5000\"]
  emit: [{mirrorSync: {tool: regsync, insecureRegistries: [\"reg.example.com:5000\", \"plain.example.com:5000\"]}}]
";
    let text = file(&made(spec, "").0, "regsync.yaml");
    assert!(
        text.starts_with(
            "version: 1
creds:
- registry: plain.example.com:5000
  tls: disabled
- registry: reg.example.com:5000
  tls: insecure
defaults:
"
        ),
        "{text}"
    );
}

#[test]
fn a_job_looks_whether_the_mirrors_are_right() {
    let spec = format!(
        "{ALL}  plainHttpRegistries: [\"reg.example.com:5000\"]
  emit:
  - mirrorSync:
      tool: regsync
      ttlSecondsAfterFinished: 86400
      credentials: [{{secret: registries}}]
      insecureRegistries: [registry.example.com]
      caBundle: {{configMap: ca}}
      tags: [{{image: quay.io/acme/tool, official: newest, mirror: latest}}]
      status: {{image: \"registry.example.com/tools/restore-images:v1\", maxBehind: 3d}}
"
    );
    let (output, said) = made(&spec, MANIFESTS);
    assert_text_eq(
        &said,
        "warning: mirrorSync.status: registry.example.com/quay/acme/tool:latest is not looked at: the vendor calls it `newest`, and `mirror status` asks both sides for one tag [not-generated]
warning: mirrorSync.status: registry.example.com is looked at only if `caBundle` holds its authority: `mirror status` verifies every certificate [not-generated]
",
    );
    let config_map = object(&output, "ConfigMap", "collectors-mirror-status");
    assert_text_eq(
        config_map["data"]["restore-images.yaml"]
            .as_str()
            .expect("text"),
        "apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata:
  name: mirror-status
spec:
  agents:
  - name: none
    images:
    - image: registry.invalid/none/none
      tag: keep
  unmatchedAgents: ignore
  registries:
  - source: ghcr.io/acme/agent
    mirror: reg.example.com:5000/renamed
    scope: all
  - source: docker.io/realtheory/theory-k8s-collector
    mirror: registry.example.com/hub/realtheory/theory-k8s-collector
    scope: all
  - source: quay.io/acme/tool
    mirror: registry.example.com/quay/acme/tool
    scope: all
  plainHttpRegistries:
  - reg.example.com:5000
",
    );
    assert_text_eq(
        config_map["data"]["images.yaml"].as_str().expect("text"),
        &format!(
            "apiVersion: v1
kind: Pod
metadata:
  name: images
spec:
  containers:
  - name: image-0
    image: reg.example.com:5000/renamed:v3
  - name: image-1
    image: registry.example.com/hub/realtheory/theory-k8s-collector:latest
  - name: image-2
    image: registry.example.com/quay/acme/tool:1.10
  - name: image-3
    image: registry.example.com/quay/acme/tool@{DIGEST}
"
        ),
    );
    for (name, retries) in [
        ("collectors-mirror-sync", 2),
        ("collectors-mirror-status", 0),
    ] {
        let job = object(&output, "CronJob", name);
        let job = &job["spec"]["jobTemplate"]["spec"];
        assert_eq!(
            (&job["ttlSecondsAfterFinished"], &job["backoffLimit"]),
            (&json!(86_400), &json!(retries))
        );
        let container = &job["template"]["spec"]["containers"][0];
        assert_eq!(
            container["terminationMessagePolicy"],
            "FallbackToLogsOnError"
        );
        let has = |name: &str, value: &str| {
            let variable = json!({"name": name, "value": value});
            let variables = container["env"].as_array().expect("variables");
            variables.contains(&variable)
        };
        assert!(has("DOCKER_CONFIG", "/credentials/0"));
        // The tools read the folder besides the image's file, `mirror status` in its place.
        assert_eq!(has("SSL_CERT_DIR", "/ca"), name.ends_with("-sync"));
    }
    let job = object(&output, "CronJob", "collectors-mirror-status");
    assert_eq!(job["spec"]["schedule"], "0 12 * * 0");
    let container = &pod(&output, "collectors-mirror-status")["containers"][0];
    assert_eq!(
        (&container["image"], &container["args"]),
        (
            &json!("registry.example.com/tools/restore-images:v1"),
            &json!([
                "mirror",
                "status",
                "--config",
                "restore-images.yaml",
                "--max-behind",
                "3d",
                "--deep",
                "--ca-bundle",
                "/ca/ca.crt",
                "images.yaml"
            ])
        )
    );
}

/// A job that looks checks every certificate, so that a host whose own is not checked needs an authority.
#[test]
fn a_host_that_is_not_verified_is_looked_at_by_a_bundle_alone() {
    for (bundle, why) in [
        (
            "",
            "cannot be looked at: `mirror status` verifies every certificate: name its authority by `caBundle`",
        ),
        (
            ", caBundle: {configMap: ca}",
            "is looked at only if `caBundle` holds its authority: `mirror status` verifies every certificate",
        ),
    ] {
        let spec = format!(
            "{ALL}  emit: [{{mirrorSync: {{tool: regsync, insecureRegistries: [registry.example.com], status: {{image: \"a.example.com/x:v1\"}}{bundle}}}}}]\n"
        );
        let (_, said) = made(&spec, MANIFESTS);
        assert_text_eq(
            &said,
            &format!("warning: mirrorSync.status: registry.example.com {why} [not-generated]\n"),
        );
    }
}

#[test]
fn the_job_looks_for_signatures_where_they_are_copied() {
    for (settings, status, deep) in [
        ("tool: regsync", "", true),
        ("tool: regsync, signatures: false", "", false),
        ("tool: regsync", ", deep: false", false),
        ("tool: flux-mirror", "", false),
        ("tool: flux-mirror", ", deep: true", true),
        ("tool: skopeo", "", false),
        ("tool: crane", ", deep: true", true),
    ] {
        let spec = format!(
            "{ALL}  emit: [{{mirrorSync: {{{settings}, status: {{image: example.com/tools/x{status}}}}}}}]\n"
        );
        let (output, _) = made(&spec, MANIFESTS);
        let args = &pod(&output, "collectors-mirror-status")["containers"][0]["args"];
        let args = args.as_array().expect("arguments");
        assert_eq!(args.contains(&json!("--deep")), deep, "{settings}{status}");
    }
}

#[test]
fn a_tag_that_no_image_has_is_told() {
    let spec = format!(
        "{ALL}  emit:
  - mirrorSync:
      tool: regsync
      tags:
      - {{image: quay.io/acme/tool, official: newest, mirror: latest}}
      - {{image: quay.io/acme/tool, official: newest, mirror: stable}}
      - {{image: quay.io/acme/tools, official: newest, mirror: latest}}
      - {{official: v4, mirror: v3}}
      - {{official: v5, mirror: v4}}
"
    );
    let (_, said) = made(&spec, MANIFESTS);
    assert_text_eq(
        &said,
        "warning: mirrorSync.tags: `stable` of quay.io/acme/tool is on no image that is copied, so that the entry changes nothing [not-generated]
warning: mirrorSync.tags: `latest` of quay.io/acme/tools is on no image that is copied, so that the entry changes nothing [not-generated]
warning: mirrorSync.tags: `v4` is on no image that is copied, so that the entry changes nothing [not-generated]
",
    );
}

/// The job's files are such that the program looks at each image and no other.
#[test]
fn the_files_of_the_job_that_looks_name_each_image() {
    let spec = format!(
        "{ALL}  emit: [{{mirrorSync: {{tool: regsync, status: {{image: example.com/tools/x}}}}}}]\n"
    );
    let (output, _) = made(&spec, MANIFESTS);
    let config_map = object(&output, "ConfigMap", "collectors-mirror-status");
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in config_map["data"].as_object().expect("files") {
        let path = folder.path().join(name);
        std::fs::write(path, text.as_str().expect("text")).expect("written");
    }
    let args = [
        "mirror",
        "status",
        "--config",
        "restore-images.yaml",
        "--time-limit",
        "1",
        "--retries",
        "0",
        "--format",
        "json",
        "images.yaml",
    ];
    let run = run_in_folder(folder.path(), &args, b"");
    let document: Value = serde_json::from_slice(&run.stdout).expect("JSON");
    let images = document["images"].as_array().expect("images").iter();
    let images: Vec<String> = images
        .map(|image| {
            let version = image["digest"].as_str().or(image["tag"].as_str());
            let mirror = image["mirror"].as_str().expect("text");
            format!("{mirror} {}", version.expect("a version"))
        })
        .collect();
    assert_eq!(
        images,
        [
            "registry.example.com/hub/realtheory/theory-k8s-collector latest".to_owned(),
            "reg.example.com:5000/renamed v3".to_owned(),
            format!("registry.example.com/quay/acme/tool {DIGEST}"),
            "registry.example.com/quay/acme/tool 1.10".to_owned(),
            "registry.example.com/quay/acme/tool latest".to_owned(),
        ]
    );
}

#[test]
fn what_somebody_added_to_a_job_is_named_where_it_goes() {
    let spec = |schedule: &str| {
        format!(
            "{COLLECTOR}  emit: [{{mirrorSync: {{tool: regsync, schedule: \"{schedule}\"}}}}]\n"
        )
    };
    let (first, _) = made(&spec("0 3 * * 0"), "");
    let edited = first
        .replace(
            "            env:\n",
            "            env:\n            - name: EXTRA\n              value: own\n",
        )
        .replace(
            "          volumes:\n",
            "          volumes:\n          - name: extra\n            emptyDir: {}\n",
        )
        .replace(
            "            volumeMounts:\n",
            "            volumeMounts:\n            - name: extra\n              mountPath: /extra\n",
        )
        .replace("\ndata:\n", "\ndata:\n  own.yaml: text\n");
    let folder = tempfile::tempdir().expect("a folder");
    let settings = config(&spec("0 4 * * 0"));
    std::fs::write(folder.path().join("generate.yaml"), settings).expect("written");
    let run = run_in_folder(folder.path(), &["generate.yaml"], edited.as_bytes());
    let said = run.stderr.lines();
    let said = said.filter(|line| line.contains("replaced"));
    let said: Vec<&str> = said
        .filter_map(|line| Some(line.split_once(": info: ")?.1))
        .collect();
    assert_eq!(
        said,
        [
            "ConfigMap image-upkeep/collectors-mirror-sync: replaced: names the images that the CronJob collectors-mirror-sync copies; gone from it: `data.own.yaml` [generated-resource]",
            "CronJob image-upkeep/collectors-mirror-sync: replaced: copies official images to their mirrors; gone from it: `spec.jobTemplate.spec.template.spec.containers[regsync].env[EXTRA]`, `spec.jobTemplate.spec.template.spec.containers[regsync].volumeMounts[/extra]`, `spec.jobTemplate.spec.template.spec.volumes[extra]`; changed in it: `spec.schedule` [generated-resource]",
        ]
    );
    // What was changed by hand is named without its value, which may be a secret.
    let edited = first
        .replace("              value: /tmp\n", "              value: hunter2-canary\n")
        .replace("schedule: 0 3 * * 0", "schedule: 0 5 * * 0")
        .replace(
            "  sync:\n",
            "  sync:\n    - source: mine.example.com/a:v1\n      target: hunter2-canary/a:v1\n      type: image\n",
        )
        .replacen("kind: CronJob\nmetadata:\n", "kind: CronJob\nmetadata:\n  finalizers: [example.com/own]\n", 1);
    let settings = config(&spec("0 3 * * 0"));
    std::fs::write(folder.path().join("generate.yaml"), settings).expect("written");
    let run = run_in_folder(folder.path(), &["generate.yaml"], edited.as_bytes());
    for said in [
        "copies; gone from it: `data.regsync.yaml, 2 lines` [generated-resource]",
        "mirrors; gone from it: `metadata.finalizers`; changed in it: `spec.schedule`, `spec.jobTemplate.spec.template.spec.containers[regsync].env[HOME].value`, `spec.jobTemplate.spec.template.spec.containers[regsync].env[TMPDIR].value` [generated-resource]",
    ] {
        assert!(run.stderr.contains(said), "{}", run.stderr);
    }
    assert!(!run.stderr.contains("hunter2"), "{}", run.stderr);
    // Without an addition, nothing is said to be gone.
    let settings = config(&spec("0 4 * * 0"));
    std::fs::write(folder.path().join("generate.yaml"), settings).expect("written");
    let run = run_in_folder(folder.path(), &["generate.yaml"], first.as_bytes());
    assert!(run.stderr.contains("replaced"), "{}", run.stderr);
    assert!(!run.stderr.contains("gone from it"), "{}", run.stderr);
}
