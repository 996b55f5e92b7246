//! A real API server with its store, for the tests that need one.

use std::fs::{self, File};
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use tempfile::TempDir;

use crate::support::tool;

/// An API server with its store, which end with the test.
pub(crate) struct Server {
    processes: Vec<Child>,
    kubectl: PathBuf,
    port: u16,
    folder: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        for process in self.processes.iter_mut().rev() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

fn start(program: &Path, folder: &Path, args: &[String]) -> Child {
    let name = program.file_name().expect("a name").to_string_lossy();
    let log = File::create(folder.join(format!("{name}.log"))).expect("a log");
    let mut command = Command::new(program);
    command.args(args).stdout(Stdio::null()).stderr(log);
    command.spawn().expect("the program starts")
}

impl Server {
    /// `None` where a program is missing, which is said.
    pub(crate) fn start() -> Option<Self> {
        let (etcd, server) = (tool("etcd")?, tool("kube-apiserver")?);
        let (kubectl, openssl) = (tool("kubectl")?, tool("openssl")?);
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name).display().to_string();
        for args in [
            vec![
                "genrsa".to_owned(),
                "-out".to_owned(),
                path("key"),
                "2048".to_owned(),
            ],
            ["rsa", "-pubout", "-in"]
                .map(str::to_owned)
                .into_iter()
                .chain([path("key"), "-out".to_owned(), path("pub")])
                .collect(),
        ] {
            let made = Command::new(&openssl).args(args).output();
            assert!(made.expect("openssl runs").status.success());
        }
        fs::write(path("tokens"), "token,admin,admin,system:masters\n").expect("written");
        let (client, peer, port) = (free_port(), free_port(), free_port());
        let store = format!("http://127.0.0.1:{client}");
        let peer = format!("http://127.0.0.1:{peer}");
        let etcd = start(
            &etcd,
            folder.path(),
            &[
                format!("--data-dir={}", path("data")),
                format!("--listen-client-urls={store}"),
                format!("--advertise-client-urls={store}"),
                format!("--listen-peer-urls={peer}"),
            ],
        );
        let server = start(
            &server,
            folder.path(),
            &[
                format!("--etcd-servers={store}"),
                format!("--secure-port={port}"),
                "--bind-address=127.0.0.1".to_owned(),
                format!("--cert-dir={}", path("certificates")),
                format!("--service-account-key-file={}", path("pub")),
                format!("--service-account-signing-key-file={}", path("key")),
                "--service-account-issuer=https://issuer.example".to_owned(),
                format!("--token-auth-file={}", path("tokens")),
                "--authorization-mode=RBAC".to_owned(),
                "--service-cluster-ip-range=10.0.0.0/24".to_owned(),
                "--disable-admission-plugins=ServiceAccount".to_owned(),
            ],
        );
        let server = Server {
            processes: vec![etcd, server],
            kubectl,
            port,
            folder,
        };
        for _ in 0..120 {
            if server
                .kubectl(&["get", "--raw", "/readyz"], "")
                .status
                .success()
            {
                return Some(server);
            }
            sleep(Duration::from_millis(500));
        }
        let log = fs::read_to_string(server.folder.path().join("kube-apiserver.log"));
        panic!(
            "the API server does not get ready:\n{}",
            log.unwrap_or_default()
        );
    }

    /// Runs kubectl with this input.
    pub(crate) fn kubectl(&self, args: &[&str], input: &str) -> Output {
        let mut command = Command::new(&self.kubectl);
        command
            .arg(format!("--server=https://127.0.0.1:{}", self.port))
            .args(["--insecure-skip-tls-verify", "--token=token"])
            .args([
                "--cache-dir",
                &self.folder.path().join("cache").display().to_string(),
            ])
            .args(args)
            .env("HOME", self.folder.path())
            .env_remove("KUBECONFIG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("kubectl starts");
        let mut pipe = child.stdin.take().expect("a pipe");
        let _ = pipe.write_all(input.as_bytes());
        drop(pipe);
        child.wait_with_output().expect("kubectl ends")
    }
}
