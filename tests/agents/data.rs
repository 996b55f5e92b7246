//! Images in ConfigMaps, at keys that a profile names.

use crate::support::{assert_text_eq, folder_of, run_in_folder};

/// Restores ConfigMaps as a stream with rules for a mirror that needs a secret, and again.
#[track_caller]
fn check(agent: &str, input: &str, expected: &str) -> String {
    let config = format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n  agents: [{agent}]\n  registries:\n  - {{source: mirror.gcr.io, mirror: reg.corp/gcr, imagePullSecrets: [pull]}}\n  - {{source: registry.aquasec.com, mirror: reg.corp/aqua}}\n"
    );
    let folder = folder_of(&[("c.yaml", &config)]);
    let run = run_in_folder(folder.path(), &["c.yaml"], input.as_bytes());
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_text_eq(&String::from_utf8_lossy(&run.stdout), expected);
    let again = run_in_folder(folder.path(), &["c.yaml"], expected.as_bytes());
    assert_text_eq(&String::from_utf8_lossy(&again.stdout), expected);
    run.stderr
}

#[test]
fn what_trivys_configmaps_start_follows_the_rules() {
    let said = check(
        "trivy-operator",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: trivy-operator-trivy-config\ndata:\n  trivy.repository: \"mirror.gcr.io/aquasec/trivy\" # scans\n  trivy.tag: \"0.69.3\"\n  trivy.severity: HIGH\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: trivy-operator\ndata:\n  node.collector.imageRef: \"reg.elsewhere/x/aquasecurity/node-collector:0.3.1\"\n  node.collector.imagePullSecret: own\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: trivy-operator-trivy-config\ndata:\n  trivy.repository: \"reg.corp/gcr/aquasec/trivy\" # scans\n  trivy.tag: \"0.69.3\"\n  trivy.severity: HIGH\n  trivy.imagePullSecret: pull\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: trivy-operator\ndata:\n  node.collector.imageRef: \"ghcr.io/aquasecurity/node-collector:0.3.1\"\n  node.collector.imagePullSecret: own\n",
    );
    assert_text_eq(
        &said,
        "stdin:6:3: info: ConfigMap trivy-operator-trivy-config: pull secrets (none) → pull [missing-pull-secret]\n\
         stdin:6:21: info: ConfigMap trivy-operator-trivy-config: wrong registry or path: mirror.gcr.io/aquasec/trivy:0.69.3 → reg.corp/gcr/aquasec/trivy:0.69.3 [wrong-registry]\n\
         stdin:15:28: info: ConfigMap trivy-operator: wrong registry or path: reg.elsewhere/x/aquasecurity/node-collector:0.3.1 → ghcr.io/aquasecurity/node-collector:0.3.1 [wrong-registry]\n",
    );
}

#[test]
fn what_aquas_configmap_starts_follows_the_rules() {
    let text = |registry: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: aqua-csp-kube-enforcer\ndata:\n  AQUA_KB_IMAGE_NAME: \"{registry}/kube-bench:v0.15.6\"\n  AQUA_ME_IMAGE_NAME: '{registry}/microenforcer:2022.4'\n  AQUA_LOGICAL_NAME: \"\"\n"
        )
    };
    check(
        "aqua-enforcer",
        &text("registry.aquasec.com"),
        &text("reg.corp/aqua"),
    );
}

/// Other programs have keys of the same names, whose values are versions and switches.
#[test]
fn a_word_is_no_image() {
    let restored = |value: &str| {
        let config = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec:\n  agents: [{name: own, images: [{image: acme.io/t/a}], data: [{image: image, tag: tag}, {image: IMAGE}]}]\n  unmatchedAgents: ignore\n  registries: [{source: docker.io, mirror: reg.corp/hub, scope: all}]\n";
        let folder = folder_of(&[("c.yaml", config)]);
        let text =
            format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata: {{{value}}}\n");
        let run = run_in_folder(folder.path(), &["c.yaml"], text.as_bytes());
        assert_eq!(run.code, 0, "{}", run.stderr);
        let out = String::from_utf8(run.stdout).expect("UTF-8");
        let (_, data) = out.split_once("data: {").expect("data");
        data.trim_end().trim_end_matches('}').to_owned()
    };
    for word in ["enabled", "v4.84.3", "8080", "true"] {
        for key in ["image", "IMAGE"] {
            let text = format!("{key}: '{word}'");
            assert_text_eq(&restored(&text), &text);
        }
        let text = format!("image: '{word}', tag: ''");
        assert_text_eq(&restored(&text), &text);
    }
    for (before, after) in [
        ("image: 'a:1'", "image: 'reg.corp/hub/library/a:1'"),
        ("IMAGE: c/a", "IMAGE: reg.corp/hub/c/a"),
        (
            "image: a, tag: '1'",
            "image: reg.corp/hub/library/a, tag: '1'",
        ),
    ] {
        assert_text_eq(&restored(before), after);
    }
}

/// Nobody's ConfigMap, and what is no text.
#[test]
fn other_configmaps_stay() {
    for text in [
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  repository: mirror.gcr.io/aquasec/trivy\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  trivy.repository: ''\n  trivy.tag: '1'\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n",
        "apiVersion: example.com/v1\nkind: ConfigMap\nmetadata:\n  name: c\ndata:\n  trivy.repository: mirror.gcr.io/aquasec/trivy\n",
    ] {
        check("trivy-operator", text, text);
    }
}
