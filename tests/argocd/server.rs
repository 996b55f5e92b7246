//! A double of Argo CD's config-management server: what it does with plugin.yaml, step by step, as
//! in cmpserver/plugin/plugin.go of Argo CD v3.1.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use yaml_rust2::{Yaml, YamlLoader};

use crate::support::{TOOLS, binary};

/// The commands of a plugin, read from its file.
pub(super) struct Plugin {
    /// Nothing where the plugin has no such step.
    init: Vec<String>,
    generate: Vec<String>,
}

/// Reads `function/NAME`.
pub(super) fn plugin(name: &str) -> Plugin {
    let spec = &spec(name)["spec"];
    let command = |step: &str| {
        let words = spec[step]["command"].as_vec().into_iter().flatten();
        let words = words.map(|word| word.as_str().expect("text"));
        words.map(str::to_owned).collect()
    };
    Plugin {
        init: command("init"),
        generate: command("generate"),
    }
}

/// The whole of `function/NAME`.
pub(super) fn spec(name: &str) -> Yaml {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("function")
        .join(name);
    let text = fs::read_to_string(path).expect("a plugin");
    let mut documents = YamlLoader::load_from_str(&text).expect("YAML");
    documents.remove(0)
}

impl Plugin {
    /// The same with another generate command.
    pub(super) fn generate(mut self, command: &[&str]) -> Self {
        self.generate = command.iter().map(|word| (*word).to_owned()).collect();
        self
    }

    /// The manifests of an application's folder, or the error that the user interface shows.
    pub(super) fn manifests(
        &self,
        application: &Path,
        environment: &[(&str, &str)],
    ) -> Result<String, String> {
        self.manifests_within(Duration::from_secs(60), application, environment)
    }

    /// As [`Plugin::manifests`], with another time limit for each step.
    pub(super) fn manifests_within(
        &self,
        limit: Duration,
        application: &Path,
        environment: &[(&str, &str)],
    ) -> Result<String, String> {
        let copy = tempfile::tempdir().expect("a folder");
        copy_without_modes(application, copy.path());
        if !self.init.is_empty() {
            step(&self.init, copy.path(), environment, limit)?;
        }
        let output = step(&self.generate, copy.path(), environment, limit)?;
        if output
            .split("---\n")
            .any(|document| !document.trim().is_empty())
        {
            Ok(output)
        } else {
            Err("no manifest: Argo CD would only warn, and prune".to_owned())
        }
    }
}

/// The server unpacks an archive: links stay links, and no file keeps its x bit.
fn copy_without_modes(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_symlink() {
            let link = fs::read_link(&path).expect("a link");
            std::os::unix::fs::symlink(link, target).expect("a link");
        } else if path.is_dir() {
            copy_without_modes(&path, &target);
        } else {
            fs::copy(&path, &target).expect("a copy");
            fs::set_permissions(&target, fs::Permissions::from_mode(0o644)).expect("a mode");
        }
    }
}

/// Runs one command in a process group of its own, and ends the group at the limit.
fn step(
    command: &[String],
    folder: &Path,
    environment: &[(&str, &str)],
    limit: Duration,
) -> Result<String, String> {
    let own = Path::new(binary());
    let own = own.parent().expect("a folder").display();
    let path = std::env::var("PATH").expect("PATH");
    let streams = tempfile::tempdir().expect("a folder");
    let stream = |name: &str| File::create(streams.path().join(name)).expect("a file");
    let mut child = Command::new("/usr/bin/env")
        .args(command)
        .current_dir(folder)
        .env("PATH", format!("{own}:{TOOLS}:{path}"))
        .env("ARGOCD_APP_NAME", "collector")
        .env("ARGOCD_APP_NAMESPACE", "real-theory-system")
        .env("ARGOCD_APP_SOURCE_PATH", "app")
        .env("KUBE_VERSION", "1.33.0")
        .env("KUBE_API_VERSIONS", "v1,apps/v1,monitoring.coreos.com/v1")
        .envs(environment.iter().copied())
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(stream("stdout"))
        .stderr(stream("stderr"))
        .spawn()
        .expect("the command starts");
    let started = Instant::now();
    let mut ended = false;
    let status = loop {
        if let Some(status) = child.try_wait().expect("a status") {
            break status;
        }
        let group = format!("-{}", child.id());
        let elapsed = started.elapsed();
        if elapsed > limit && !ended {
            signal("-TERM", &group);
            ended = true;
        } else if elapsed > limit + Duration::from_secs(5) {
            signal("-KILL", &group);
        }
        thread::sleep(Duration::from_millis(5));
    };
    let read = |name: &str| fs::read_to_string(streams.path().join(name)).expect("UTF-8");
    let (stdout, stderr) = (read("stdout"), read("stderr"));
    let cause = match (status.code(), status.signal()) {
        (Some(0), _) => {
            let output = stdout.strip_suffix('\n').unwrap_or(&stdout);
            return Ok(output.to_owned());
        }
        (Some(code), _) => format!("exit status {code}"),
        (None, signal) => format!("signal {}", signal.expect("a signal")),
    };
    let words = command.join(" ");
    match stderr.trim() {
        "" => Err(format!("`{words}` failed {cause}")),
        stderr => Err(format!("`{words}` failed {cause}: {stderr}")),
    }
}

fn signal(which: &str, group: &str) {
    let status = Command::new("kill").args([which, "--", group]).status();
    assert!(status.expect("kill starts").success());
}
