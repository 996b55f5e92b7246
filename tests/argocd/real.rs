//! Argo CD's own config-management server, over its socket.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::server::plugin;
use crate::support::{Run, TOOLS, assert_text_eq, binary, copy_of, finish, tool};

/// A running server; it ends with the test.
struct Server {
    child: Child,
    folder: tempfile::TempDir,
    client: PathBuf,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn server() -> Option<Server> {
    let (Some(program), Some(client), Some(_)) = (
        tool("argocd-cmp-server"),
        tool("argocd-cmp-client"),
        tool("kustomize"),
    ) else {
        return None;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("function/plugin.yaml");
    fs::copy(own, folder.path().join("plugin.yaml")).expect("a copy");
    let binary = Path::new(binary());
    let binary = binary.parent().expect("a folder").display();
    let path = std::env::var("PATH").expect("PATH");
    let child = Command::new(program)
        .arg("--config-dir-path")
        .arg(folder.path())
        .env("ARGOCD_PLUGINSOCKFILEPATH", folder.path())
        .env("ARGOCD_CMP_WORKDIR", folder.path())
        .env("PATH", format!("{binary}:{TOOLS}:{path}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the server starts");
    let server = Server {
        child,
        folder,
        client,
    };
    for _ in 0..600 {
        if server.socket().exists() {
            return Some(server);
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("the server opened no socket");
}

impl Server {
    fn socket(&self) -> PathBuf {
        self.folder.path().join("restore-images.sock")
    }

    /// One request for the example's application with these parameters.
    fn manifests(&self, repository: &Path, parameters: &str) -> Run {
        let mut client = Command::new(&self.client);
        client.arg(self.socket()).arg(repository).arg("app");
        client.arg(format!("ARGOCD_APP_PARAMETERS={parameters}"));
        finish(&mut client, &["ARGOCD_APP_NAME=collector"], b"")
    }
}

const RESTORED: &str = r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"realtheorycollector","namespace":"real-theory-system"},"spec":{"selector":{"matchLabels":{"app":"realtheorycollector"}},"template":{"metadata":{"labels":{"app":"realtheorycollector"}},"spec":{"containers":[{"image":"registry.example.com/hub/realtheory/theory-k8s-collector","imagePullPolicy":"Always","name":"realtheorycollector"}],"imagePullSecrets":[{"name":"registry-example-com"}]}}}}
"#;

#[test]
fn the_real_server_gives_what_the_double_gives() {
    let Some(server) = server() else { return };
    let example = copy_of("examples/argocd/sidecar");
    let run = server.manifests(example.path(), super::plugin::PARAMETERS);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_text_eq(&String::from_utf8_lossy(&run.stdout), RESTORED);
    // What is wrong is shown in the same words.
    for parameters in [
        r#"[{"name":"mode","string":"check"}]"#,
        r#"[{"name":"agent","string":"a"}]"#,
        r#"[{"name":"config","string":"/etc/passwd"}]"#,
        r#"[{"name":"config","string":"../application.yaml"}]"#,
    ] {
        let real = server.manifests(example.path(), parameters);
        assert_eq!((real.code, real.stdout.len()), (1, 0));
        let environment = [("ARGOCD_APP_PARAMETERS", parameters)];
        let double = plugin("plugin.yaml").manifests(&example.path().join("app"), &environment);
        let double = double.expect_err("an error");
        assert_text_eq(
            &real.stderr,
            &format!("error generating manifests: {double}\n"),
        );
    }
}
