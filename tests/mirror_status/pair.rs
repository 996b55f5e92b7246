//! A vendor's registry and a mirror of it, and what is said of the images on them.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::server::{Image, Registry};
use crate::support::{Run, assert_text_eq, binary, finish};

pub(super) const OLD: &str = "2026-11-01T12:00:00Z";
pub(super) const NEW: &str = "2026-11-24T12:00:00Z";

/// A vendor's registry and a mirror of it, with a folder of manifests that use the mirror.
pub(super) struct Pair {
    pub(super) vendor: Registry,
    pub(super) mirror: Registry,
    pub(super) folder: TempDir,
    /// Texts of the output that differ from run to run, with what stands for them.
    pub(super) words: Vec<(String, String)>,
}

impl Pair {
    /// The mirror holds what the vendor holds.
    pub(super) fn new() -> Self {
        let (vendor, mirror) = (Registry::start(), Registry::start());
        let folder = tempfile::tempdir().expect("a folder");
        let (from, to) = (&vendor.host, &mirror.host);
        let words = [(from, "VENDOR"), (to, "MIRROR")];
        let words = words.map(|(host, word)| (host.clone(), word.to_owned()));
        let config = format!(
            "apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {{name: collectors}}
spec:
  agents: [{{name: agent, images: [{{image: \"{from}/acme/agent\", tag: floating}}]}}]
  registries: [{{source: \"{from}\", mirror: \"{to}/copies\"}}]
  plainHttpRegistries: [\"{from}\", \"{to}\"]
"
        );
        fs::write(folder.path().join("restore-images.yaml"), config).expect("written");
        let pair = Pair {
            vendor,
            mirror,
            folder,
            words: words.to_vec(),
        };
        pair.uses(&format!("{}/copies/acme/agent", pair.mirror.host));
        pair
    }

    /// The manifests run this image.
    pub(super) fn uses(&self, image: &str) {
        let pod = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec:\n  containers: [{{name: a, image: \"{image}\"}}]\n"
        );
        fs::write(self.folder.path().join("pod.yaml"), pod).expect("written");
    }

    /// The vendor publishes `image` as `latest`, called so in the output.
    pub(super) fn publish(&mut self, name: &str, image: &Image) {
        self.vendor.push("acme/agent", "latest", image);
        self.name(name, image);
    }

    /// The mirror holds `image` as `latest`.
    pub(super) fn copy(&mut self, name: &str, image: &Image) {
        self.mirror.push("copies/acme/agent", "latest", image);
        self.name(name, image);
    }

    pub(super) fn name(&mut self, name: &str, image: &Image) {
        self.words.push((image.digest.clone(), name.to_owned()));
        let tag = image.digest.replace(':', "-");
        self.words.push((tag, format!("{name}-TAG")));
    }

    /// A healthy pair.
    pub(super) fn healthy() -> (Self, Image) {
        let mut pair = Pair::new();
        let image = Image::new("new", Some(NEW), &["amd64", "arm64"]);
        pair.publish("NEW", &image);
        pair.copy("NEW", &image);
        (pair, image)
    }

    /// So many healthy images, each with a pod that runs it, by a rule for every image.
    pub(super) fn of_healthy_images(count: usize) -> Self {
        let (pair, image) = Pair::healthy();
        let mut manifests = String::new();
        for number in 0..count {
            pair.vendor
                .push(&format!("acme/agent/{number}"), "v1", &image);
            pair.mirror
                .push(&format!("copies/acme/agent/{number}"), "v1", &image);
            manifests.push_str(&format!("---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{number}}}\nspec:\n  containers: [{{name: a, image: \"{}/copies/acme/agent/{number}:v1\"}}]\n", pair.mirror.host));
        }
        fs::write(pair.folder.path().join("pod.yaml"), manifests).expect("written");
        let config = pair.folder.path().join("restore-images.yaml");
        let text = fs::read_to_string(&config).expect("text");
        let text = text.replace("/copies\"}]", "/copies\", scope: all}]");
        fs::write(&config, text).expect("written");
        pair
    }

    pub(super) fn run(&self, args: &[&str]) -> Run {
        self.run_with(args, |_| ())
    }

    pub(super) fn run_with(&self, args: &[&str], change: impl FnOnce(&mut Command)) -> Run {
        let mut command = Command::new(binary());
        for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"] {
            command
                .env_remove(name)
                .env_remove(name.to_ascii_lowercase());
        }
        let home = self.folder.path().join("home");
        command
            .current_dir(self.folder.path())
            .env("HOME", &home)
            .env("DOCKER_CONFIG", home.join("docker"))
            .env("REGISTRY_AUTH_FILE", home.join("auth.json"));
        change(&mut command);
        let args = [&["mirror", "status", "--today", "2026-11-25"], args].concat();
        finish(&mut command, &args, b"")
    }

    /// What a run says, with the words in their places.
    pub(super) fn said(&self, run: &Run) -> String {
        let mut text = String::from_utf8_lossy(&run.stdout).into_owned() + &run.stderr;
        for (from, to) in &self.words {
            text = text.replace(from, to);
        }
        format!("{text}exit {}\n", run.code)
    }

    #[track_caller]
    pub(super) fn check(&self, args: &[&str], expected: &str) {
        assert_text_eq(&self.said(&self.run(args)), expected);
    }

    /// Writes the credentials that Docker's client keeps for a host.
    pub(super) fn log_in(&self, host: &str, auth: &Value) {
        let folder = self.folder.path().join("home/docker");
        fs::create_dir_all(&folder).expect("a folder");
        let config = json!({"auths": {host: auth}});
        fs::write(folder.join("config.json"), config.to_string()).expect("written");
    }
}

pub(super) const MORE: &str = "; --deep also looks for signatures and every platform";

/// One image, in this state, and nothing else.
#[track_caller]
pub(super) fn check(pair: &Pair, args: &[&str], state: &str, line: &str, code: i32) {
    let more = if args.contains(&"--deep") { "" } else { MORE };
    let expected = format!(
        "MIRROR/copies/acme/agent:latest: {line}\n1 image on mirrors, 1 {state}{more}\nexit {code}\n"
    );
    pair.check(args, &expected);
}
