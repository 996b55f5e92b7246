//! Real registries on loopback, and images to push to them.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// A registry that ends with the test.
pub(crate) struct Registry {
    pub(crate) host: String,
    process: Child,
    _folder: TempDir,
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Registry {
    pub(crate) fn start(program: &Path) -> Self {
        Self::start_with(program, None)
    }

    /// A registry that speaks TLS, by a certificate and its key where they are given.
    pub(crate) fn start_with(program: &Path, tls: Option<(&Path, &Path)>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let address = free_address();
        let mut settings = json!({
            "version": "0.1",
            "log": {"level": "error"},
            "storage": {"filesystem": {"rootdirectory": folder.path().join("data")}},
            "http": {"addr": address.to_string()},
        });
        if let Some((certificate, key)) = tls {
            settings["http"]["tls"] = json!({"certificate": certificate, "key": key});
        }
        let file = folder.path().join("config.yml");
        fs::write(&file, settings.to_string()).expect("written");
        let mut command = Command::new(program);
        command.arg("serve").arg(&file);
        Self::listening(command, address, folder)
    }

    /// The registry that crane brings: another implementation, which keeps what it is given in memory.
    pub(crate) fn start_of_crane(crane: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let address = free_address();
        let mut command = Command::new(crane);
        command.args(["registry", "serve", "--address", &address.to_string()]);
        Self::listening(command, address, folder)
    }

    /// Starts the program and waits until it listens.
    fn listening(mut command: Command, address: SocketAddr, folder: TempDir) -> Self {
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let process = process.expect("the registry starts");
        for _ in 0..100 {
            if TcpStream::connect(address).is_ok() {
                break;
            }
            sleep(Duration::from_millis(50));
        }
        Registry {
            host: address.to_string(),
            process,
            _folder: folder,
        }
    }
}

/// A port that was free a moment ago; nobody else on loopback is in a hurry to take it.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address")
}

/// An OCI layout, made from nothing.
pub(crate) struct Layout(TempDir);

impl Layout {
    /// A list of images for two architectures, whose only layer holds these words.
    pub(crate) fn new(words: &str, created: Option<&str>) -> Self {
        Self::referring(words, created, None)
    }

    /// The same, where each image refers to another one by its descriptor.
    pub(crate) fn referring(words: &str, created: Option<&str>, subject: Option<&Value>) -> Self {
        let layout = Layout(tempfile::tempdir().expect("a folder"));
        let folder = layout.0.path();
        fs::create_dir_all(folder.join("blobs/sha256")).expect("a folder");
        fs::write(
            folder.join("oci-layout"),
            r#"{"imageLayoutVersion":"1.0.0"}"#,
        )
        .expect("written");
        let manifests = ["amd64", "arm64"].map(|architecture| {
            let layer = layout.blob(format!("{words} for {architecture}").as_bytes());
            let mut config = json!({
                "architecture": architecture, "os": "linux",
                "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]},
            });
            if let Some(created) = created {
                config["created"] = json!(created);
            }
            let config = layout.blob(config.to_string().as_bytes());
            let typed = |blob: &Value, media_type: &str| {
                let mut blob = blob.clone();
                blob["mediaType"] = json!(media_type);
                blob
            };
            let mut manifest = json!({
                "schemaVersion": 2, "mediaType": MANIFEST,
                "config": typed(&config, "application/vnd.oci.image.config.v1+json"),
                "layers": [typed(&layer, "application/vnd.oci.image.layer.v1.tar")],
            });
            if let Some(subject) = subject {
                manifest["subject"] = subject.clone();
            }
            let mut entry = typed(&layout.blob(manifest.to_string().as_bytes()), MANIFEST);
            entry["platform"] = json!({"architecture": architecture, "os": "linux"});
            entry
        });
        let list = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests});
        let mut entry = layout.blob(list.to_string().as_bytes());
        entry["mediaType"] = json!(INDEX);
        let index = json!({"schemaVersion": 2, "manifests": [entry]});
        fs::write(folder.join("index.json"), index.to_string()).expect("written");
        layout
    }

    /// Adds a blob; its digest and size.
    fn blob(&self, bytes: &[u8]) -> Value {
        let file = self.0.path().join("blob");
        fs::write(&file, bytes).expect("written");
        let sum = Command::new("sha256sum").arg(&file).output();
        let sum = String::from_utf8(sum.expect("a sum").stdout).expect("text");
        let digits = sum.split(' ').next().expect("digits").to_owned();
        let blobs = self.0.path().join("blobs/sha256");
        fs::rename(&file, blobs.join(&digits)).expect("moved");
        json!({"digest": format!("sha256:{digits}"), "size": bytes.len()})
    }

    pub(crate) fn push(&self, skopeo: &Path, reference: &str) {
        self.push_as(skopeo, reference, &["--all", "--preserve-digests"]);
    }

    /// Pushes by a copy that is told so.
    pub(crate) fn push_as(&self, skopeo: &Path, reference: &str, told: &[&str]) {
        let from = format!("oci:{}", self.0.path().display());
        let to = format!("docker://{reference}");
        let mut command = Command::new(skopeo);
        command.args(["copy", "--dest-tls-verify=false"]).args(told);
        succeeded(&command.args([from, to]).output().expect("skopeo runs"));
    }
}

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";

#[track_caller]
pub(crate) fn succeeded(output: &Output) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
}

/// A certificate for loopback that nobody knows, and its key.
pub(crate) fn certificate(openssl: &Path, folder: &Path) {
    let mut command = Command::new(openssl);
    command.current_dir(folder).args([
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=loopback",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
        "-keyout",
        "key.pem",
        "-out",
        "certificate.pem",
    ]);
    succeeded(&command.output().expect("openssl runs"));
}
