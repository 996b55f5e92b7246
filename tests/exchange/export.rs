//! What `export` writes for other programs, which read it as it is meant.

use std::path::Path;
use std::process::Command;

use super::{Folder, OWN};
use crate::support::registries::{Layout, Registry, succeeded};
use crate::support::{assert_text_eq, tool};

const CONFIG: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  plainHttpRegistries: [registry.local:5000]
  registries:
  - {source: docker.io, mirror: 'registry.local:5000/hub', imagePullSecrets: [regcred]}
  - {source: docker.io/realtheory, mirror: docker.io/realtheory}
  - {source: quay.io, mirror: mirror.example.com/quay, scope: all}
";

#[track_caller]
fn exported(to: &str, text: &str, said: &str) {
    let (code, stdout, stderr) = Folder::of(&[(OWN, CONFIG)]).export(to);
    assert_text_eq(&stderr, said);
    assert_eq!(code, 0);
    assert_text_eq(&stdout, text);
}

#[test]
fn rules_for_other_programs() {
    exported(
        "registries.conf",
        r#"[[registry]]
prefix = "docker.io"
location = "docker.io"

[[registry.mirror]]
location = "registry.local:5000/hub"
insecure = true

[[registry]]
prefix = "docker.io/realtheory"
location = "docker.io/realtheory"

[[registry]]
prefix = "quay.io"
location = "quay.io"

[[registry.mirror]]
location = "mirror.example.com/quay"
"#,
        "export: docker.io → registry.local:5000/hub is for agents' images, and applies there to every image\n\
         export: docker.io → registry.local:5000/hub has pull secrets, and there the node needs the credentials\n",
    );
    exported(
        "idms",
        "\
apiVersion: config.openshift.io/v1
kind: ImageDigestMirrorSet
metadata:
  name: restore-images
spec:
  imageDigestMirrors:
  - source: docker.io
    mirrors:
    - registry.local:5000/hub
  - source: quay.io
    mirrors:
    - mirror.example.com/quay
",
        "export: docker.io → registry.local:5000/hub is for agents' images, and applies there to every image\n\
         export: docker.io → registry.local:5000/hub has pull secrets, and there the node needs the credentials\n\
         export: these mirrors are for images by digest alone: `--to itms` writes those for others\n\
         export: docker.io/realtheory is exempt, which OpenShift cannot express\n\
         export: registry.local:5000 does not speak TLS: for OpenShift, list it in `registrySources.insecureRegistries` of image.config.openshift.io/cluster\n",
    );
    exported(
        "registryAliases",
        r#"{
  "registryAliases": {
    "mirror.example.com/quay": "quay.io",
    "registry.local:5000/hub": "docker.io"
  }
}
"#,
        "",
    );
}

/// A vendor's registry without TLS is one for other programs, too.
#[test]
fn hosts_without_tls_are_told_on_both_sides() {
    let config = "apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  registries:
  - {source: \"vendor.local:5000\", mirror: mirror.example.com/vendor, scope: all}
  - {source: vendor.local:5000/own, mirror: vendor.local:5000/own}
  plainHttpRegistries: [\"vendor.local:5000\", \"other.local:5000\"]
";
    let folder = Folder::of(&[(OWN, config)]);
    let (_, text, said) = folder.export("registries.conf");
    assert_text_eq(&said, "");
    assert_text_eq(
        &text,
        r#"[[registry]]
prefix = "vendor.local:5000"
location = "vendor.local:5000"
insecure = true

[[registry.mirror]]
location = "mirror.example.com/vendor"

[[registry]]
prefix = "vendor.local:5000/own"
location = "vendor.local:5000/own"
insecure = true
"#,
    );
    let line = "export: vendor.local:5000 does not speak TLS: for OpenShift, list it in `registrySources.insecureRegistries` of image.config.openshift.io/cluster\n";
    for to in ["idms", "itms"] {
        let (_, _, said) = folder.export(to);
        assert_eq!(said.matches("does not speak TLS").count(), 1, "{said}");
        assert!(said.ends_with(line), "{said}");
    }
    let (_, _, said) = folder.export("registryAliases");
    assert_text_eq(
        &said,
        "export: vendor.local:5000 does not speak TLS: for Renovate, add a `hostRules` entry with `insecureRegistry`\n",
    );
}

/// What is exported to a format says the same when it is read again, as far as the format goes.
#[test]
fn what_was_exported_can_be_imported() {
    for (to, name, rules) in [
        ("registries.conf", "mirrors.conf", 3),
        ("idms", "idms.yaml", 2),
        ("itms", "itms.yaml", 2),
    ] {
        let folder = Folder::of(&[(OWN, CONFIG)]);
        let (_, exported, _) = folder.export(to);
        folder.write(name, &exported);
        let (_, text, _) = folder.import(&[name]);
        assert_eq!(text.matches("- source: ").count(), rules, "{text}");
        for rule in [
            ("docker.io", "registry.local:5000/hub"),
            ("quay.io", "mirror.example.com/quay"),
        ] {
            let (source, mirror) = rule;
            assert!(text.contains(&format!("source: {source} #")), "{text}");
            assert!(text.contains(&format!("mirror: {mirror}\n")), "{text}");
        }
    }
}

/// skopeo pulls by the exported file what the vendor's registry, which is none here, does not have.
#[test]
fn skopeo_follows_what_is_exported() {
    let Some((skopeo, program)) = tool("skopeo").zip(tool("docker-registry")) else {
        return;
    };
    let registry = Registry::start(&program);
    let layout = Layout::new("v1", None);
    let name = format!("{}/hub/acme/agent:v1", registry.host);
    layout.push(&skopeo, &name);
    let config = format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n  plainHttpRegistries: ['{0}']\n  registries:\n  - {{source: vendor.invalid, mirror: '{0}/hub'}}\n",
        registry.host
    );
    let folder = Folder::of(&[("c.yaml", &config), ("nothing.conf", "")]);
    let args = ["export", "--to", "registries.conf", "c.yaml"];
    let (_, exported, _) = folder.run(&args, "");
    folder.write("mirrors.conf", &exported);
    let inspected = |image: &str, conf: &Path| {
        let mut command = Command::new(&skopeo);
        command.arg("--registries-conf").arg(conf);
        let command = command.args(["inspect", "--raw"]);
        command
            .arg(format!("docker://{image}"))
            .output()
            .expect("skopeo runs")
    };
    let image = "vendor.invalid/acme/agent:v1";
    succeeded(&inspected(image, &folder.path("mirrors.conf")));
    let without = inspected(image, &folder.path("nothing.conf"));
    assert!(!without.status.success());
}

#[test]
fn what_is_exported_of_nothing_is_told() {
    let folder = Folder::of(&[(".git/HEAD", "")]);
    let (code, stdout, said) = folder.export("idms");
    assert_eq!((code, stdout.len()), (2, 0));
    assert_text_eq(
        &said,
        "no configuration is here\nhelp: name it, or go to the folder of restore-images.yaml; `restore-images init` proposes one\n",
    );
    let config = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec: {}\n";
    folder.write(OWN, config);
    let (code, _, said) = folder.export("idms");
    assert_eq!(code, 0, "{said}");
    assert_text_eq(
        &said,
        "export: the configuration has no rules under `registries`\n",
    );
}

/// The patterns that the CRDs of both mirror sets have for sources and mirrors, in words of our own: a
/// host name with dots or without, a port, and path segments in lower case.
#[test]
fn mirror_sets_are_what_the_crds_take() {
    let host = "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?";
    let segment = "[a-z0-9]+((\\.|_|__|-*)[a-z0-9]+)*";
    let repository = format!("^{host}(\\.{host})*(:[0-9]+)?(/{segment})*$");
    let entry = serde_json::json!({
        "type": "object", "additionalProperties": false, "required": ["source"],
        "properties": {
            "source": {"type": "string", "pattern": repository},
            "mirrors": {"type": "array", "uniqueItems": true,
                "items": {"type": "string", "pattern": repository}},
            "mirrorSourcePolicy": {"enum": ["NeverContactSource", "AllowContactingSource"]},
        }
    });
    for (to, kind, key) in [
        ("idms", "ImageDigestMirrorSet", "imageDigestMirrors"),
        ("itms", "ImageTagMirrorSet", "imageTagMirrors"),
    ] {
        let schema = serde_json::json!({
            "type": "object", "additionalProperties": false,
            "required": ["apiVersion", "kind", "metadata", "spec"],
            "properties": {
                "apiVersion": {"const": "config.openshift.io/v1"}, "kind": {"const": kind},
                "metadata": {"type": "object", "required": ["name"]},
                "spec": {"type": "object", "additionalProperties": false,
                    "properties": {key: {"type": "array", "items": entry}}},
            }
        });
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        let (_, exported, _) = Folder::of(&[(OWN, CONFIG)]).export(to);
        let object: serde_json::Value = serde_yaml::from_str(&exported).expect("YAML");
        assert!(validator.is_valid(&object), "{object:#}");
        assert_eq!(object["spec"][key].as_array().map(Vec::len), Some(2));
    }
}
