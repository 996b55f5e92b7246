//! Mirror synchronisation for real: two registries on loopback, images of two architectures, and
//! the generated files in the hands of the tool that they are for.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::json;

use super::{config, generated, object};
use crate::support::registries::{INDEX, Layout, Registry, certificate, succeeded};
use crate::support::{run_in_folder, tool};

/// What a reference leads to, byte for byte: a list of images for every architecture.
#[track_caller]
fn raw(skopeo: &Path, reference: &str) -> String {
    let mut command = Command::new(skopeo);
    command.args(["inspect", "--raw", "--tls-verify=false"]);
    let output = command.arg(format!("docker://{reference}")).output();
    let output = output.expect("skopeo runs");
    succeeded(&output);
    String::from_utf8(output.stdout).expect("text")
}

#[track_caller]
fn digest(skopeo: &Path, reference: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("manifest");
    fs::write(&file, raw(skopeo, reference)).expect("written");
    let mut command = Command::new(skopeo);
    let output = command.arg("manifest-digest").arg(file).output();
    let output = output.expect("skopeo runs").stdout;
    String::from_utf8(output).expect("text").trim().to_owned()
}

/// Runs what the CronJob's container would, in a folder that holds the ConfigMap.
fn run(manifests: &str, path: &Path) {
    succeeded(&ran(manifests, path, Path::new("/ca")));
}

/// As [`run`], with the folder that is mounted at `/ca`.
fn ran(manifests: &str, path: &Path, authorities: &Path) -> Output {
    let config_map = object(manifests, "ConfigMap", "collectors-mirror-sync");
    let job = object(manifests, "CronJob", "collectors-mirror-sync");
    let pod = &job["spec"]["jobTemplate"]["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in config_map["data"].as_object().expect("files") {
        fs::write(folder.path().join(name), text.as_str().expect("text")).expect("written");
    }
    let words = |key: &str| -> Vec<String> {
        let words = container[key].as_array();
        let words = words.into_iter().flatten();
        words
            .map(|word| word.as_str().expect("text").to_owned())
            .collect()
    };
    let mut words = [words("command"), words("args")].concat();
    if words[0] != "sh" {
        words.insert(0, container["name"].as_str().expect("text").to_owned());
    }
    let mut paths = vec![path.to_owned()];
    paths.extend(std::env::split_paths(
        &std::env::var_os("PATH").unwrap_or_default(),
    ));
    let mut command = Command::new(&words[0]);
    if words[0] != "sh" {
        command = Command::new(path.join(&words[0]));
    }
    command
        .args(&words[1..])
        .current_dir(folder.path())
        .env("PATH", std::env::join_paths(paths).expect("a PATH"))
        .env("HOME", folder.path());
    for variable in container["env"].as_array().into_iter().flatten() {
        if variable["value"] == "/ca" {
            command.env(variable["name"].as_str().expect("a name"), authorities);
        }
    }
    command.output().expect("the tool runs")
}

/// A mirror whose certificate is of an authority that only the bundle knows, in each tool's hands.
#[test]
fn a_mirror_with_a_certificate_of_ones_own_is_trusted_by_the_bundle() {
    let tools = (tool("skopeo"), tool("docker-registry"), tool("openssl"));
    let (Some(skopeo), Some(program), Some(openssl)) = tools else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    certificate(&openssl, folder.path());
    let path = |name: &str| folder.path().join(name);
    for name in ["skopeo", "regsync", "crane"] {
        let Some(copier) = tool(name) else { continue };
        let tls = (&*path("certificate.pem"), &*path("key.pem"));
        let vendor = Registry::start_with(&program, Some(tls));
        let mirror = Registry::start_with(&program, Some(tls));
        let (from, to) = (&vendor.host, &mirror.host);
        Layout::new("the first", None).push(&skopeo, &format!("{from}/acme/agent:latest"));
        let spec = |settings: &str| {
            format!(
                "  agents: [{{name: agent, images: [{{image: \"{from}/acme/agent\", tag: floating}}]}}]
  registries: [{{source: \"{from}\", mirror: \"{to}/copies\"}}]
  emit: [{{mirrorSync: {{tool: {name}{settings}}}}}]
"
            )
        };
        let bundle = path("authorities");
        fs::create_dir_all(&bundle).expect("a folder");
        fs::copy(path("certificate.pem"), bundle.join("ca.crt")).expect("copied");
        let tools = copier.parent().expect("a folder");
        let without = generated(&config(&spec("")), "");
        assert!(!ran(&without, tools, &bundle).status.success(), "{name}");
        let with = generated(&config(&spec(", caBundle: {configMap: ca}")), "");
        succeeded(&ran(&with, tools, &bundle));
        raw(&skopeo, &format!("{to}/copies/acme/agent:latest"));
    }
}

/// Two registries, and the programs that push to the one and copy to the other.
struct Ground {
    skopeo: PathBuf,
    /// The folder of the program that copies.
    path: PathBuf,
    vendor: Registry,
    mirror: Registry,
}

impl Ground {
    /// The ground for a program that copies, where all programs are there.
    fn of(copier: &str) -> Option<Self> {
        let (skopeo, registry, copier) = (tool("skopeo")?, tool("docker-registry")?, tool(copier)?);
        Some(Ground {
            skopeo,
            path: copier.parent().expect("a folder").to_owned(),
            vendor: Registry::start(&registry),
            mirror: Registry::start(&registry),
        })
    }
}

/// Pushes images to one registry, copies them by the generated files to another, twice.
fn check(name: &str) {
    let Some(Ground {
        skopeo,
        path,
        vendor,
        mirror,
    }) = Ground::of(name)
    else {
        return;
    };
    let (from, to) = (&vendor.host, &mirror.host);
    let (first, second) = (
        Layout::new("the first", None),
        Layout::new("the second", None),
    );
    let agent = format!("{from}/acme/agent");
    first.push(&skopeo, &format!("{agent}:latest"));
    first.push(&skopeo, &format!("{agent}:1.10"));
    second.push(&skopeo, &format!("{from}/acme/other:v1"));
    let pinned = digest(&skopeo, &format!("{agent}:latest"));
    let spec = format!(
        "  agents:
  - {{name: agent, images: [{{image: \"{agent}\", tag: floating}}]}}
  - {{name: other, images: [{{image: \"{from}/acme/other\"}}]}}

  registries:
  - {{source: \"{from}\", mirror: \"{to}/copies\"}}
  - {{source: \"{from}/acme/other\", mirror: \"{to}/renamed/another\"}}
  exceptions:
  - {{reason: kept as they are, container: kept-*, allow: [tag, digest]}}
  plainHttpRegistries: [\"{from}\", \"{to}\"]
  emit:
  - mirrorSync: {{tool: {name}}}
"
    );
    let manifests = format!(
        "apiVersion: v1
kind: Pod
metadata: {{name: a}}
spec:
  containers:
  - {{name: floating, image: \"{agent}\"}}
  - {{name: kept-tag, image: \"{agent}:1.10\"}}
  - {{name: kept-digest, image: \"{agent}@{pinned}\"}}
  - {{name: other, image: \"{from}/acme/other:v1\"}}
"
    );
    let output = generated(&config(&spec), &manifests);
    run(&output, &path);
    let copy = format!("{to}/copies/acme/agent");
    let same = |official: &str, copy: &str| {
        let (official, copy) = (raw(&skopeo, official), raw(&skopeo, copy));
        assert_eq!(official, copy);
        assert_eq!(copy.matches("\"architecture\"").count(), 2, "{copy}");
    };
    same(&format!("{agent}:latest"), &format!("{copy}:latest"));
    same(&format!("{agent}:1.10"), &format!("{copy}:1.10"));
    same(&format!("{agent}@{pinned}"), &format!("{copy}@{pinned}"));
    same(
        &format!("{from}/acme/other:v1"),
        &format!("{to}/renamed/another:v1"),
    );
    // The vendor publishes; the floating tag follows, and what is pinned stays.
    second.push(&skopeo, &format!("{agent}:latest"));
    assert_ne!(
        raw(&skopeo, &format!("{agent}:latest")),
        raw(&skopeo, &format!("{copy}:latest"))
    );
    run(&output, &path);
    same(&format!("{agent}:latest"), &format!("{copy}:latest"));
    same(&format!("{agent}:1.10"), &format!("{copy}:1.10"));
    assert_eq!(digest(&skopeo, &format!("{copy}@{pinned}")), pinned);
    assert_ne!(digest(&skopeo, &format!("{copy}:latest")), pinned);
}

#[test]
fn skopeo_keeps_a_mirror() {
    check("skopeo");
}

#[test]
fn regsync_keeps_a_mirror() {
    check("regsync");
}

#[test]
fn crane_keeps_a_mirror() {
    check("crane");
}

/// A signed image of two platforms, copied by a tool, and what `mirror status --deep` says of the copy.
#[track_caller]
fn signed(name: &str, state: &str) {
    let Some(Ground {
        skopeo,
        path,
        vendor,
        mirror,
    }) = Ground::of(name)
    else {
        return;
    };
    let (from, to) = (&vendor.host, &mirror.host);
    let agent = format!("{from}/acme/agent");
    let layout = Layout::new("the image", Some("2026-11-24T12:00:00Z"));
    layout.push(&skopeo, &format!("{agent}:latest"));
    let published = digest(&skopeo, &format!("{agent}:latest"));
    let size = raw(&skopeo, &format!("{agent}:latest")).len();
    let subject = json!({"mediaType": INDEX, "digest": published, "size": size});
    let tag = published.replace(':', "-");
    // As cosign signs, and as a registry without the API lists referrers.
    let signature = format!("{agent}:{tag}.sig");
    Layout::new("a signature", None).push(&skopeo, &signature);
    let attestations = Layout::referring("attestations", None, Some(&subject));
    attestations.push(&skopeo, &format!("{agent}:{tag}"));
    let rules = format!(
        "  agents: [{{name: agent, images: [{{image: \"{agent}\", tag: floating}}]}}]
  registries: [{{source: \"{from}\", mirror: \"{to}/copies\"}}]
  plainHttpRegistries: [\"{from}\", \"{to}\"]
"
    );
    let spec = format!("{rules}  emit: [{{mirrorSync: {{tool: {name}}}}}]\n");
    run(&generated(&config(&spec), ""), &path);
    let folder = tempfile::tempdir().expect("a folder");
    let rules = format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n{rules}"
    );
    fs::write(folder.path().join("restore-images.yaml"), rules).expect("written");
    let said = || {
        let args = ["mirror", "status", "--profiles", "--deep", "--verbose"];
        let run = run_in_folder(folder.path(), &args, b"");
        let text = String::from_utf8(run.stdout).expect("UTF-8");
        text.replace(&tag, "TAG").replace(to, "MIRROR")
    };
    let first = said();
    assert!(first.starts_with(state), "{name}: {first}");
    if state.contains("current") {
        // The vendor signs anew, and the mirror has the old signature.
        Layout::new("another signature", None).push(&skopeo, &signature);
        let then = said();
        let old = "MIRROR/copies/acme/agent:latest: unsigned: the mirror lacks what the vendor attached: the vendor's TAG.sig\n";
        assert!(then.starts_with(old), "{name}: {then}");
    }
}

#[test]
fn regsync_copies_signatures_and_referrers() {
    signed(
        "regsync",
        "MIRROR/copies/acme/agent:latest: current: the mirror holds what the vendor publishes\n",
    );
}

#[test]
fn what_skopeo_and_crane_leave_behind_is_seen_on_the_mirror() {
    let left = "MIRROR/copies/acme/agent:latest: unsigned: the mirror lacks what the vendor attached: TAG.sig, 2 of 2 referrers\n";
    signed("skopeo", left);
    signed("crane", left);
}
