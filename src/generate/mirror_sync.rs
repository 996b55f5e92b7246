//! A CronJob that copies official images to their mirrors, and the ConfigMap that tells it which.
//!
//! Every tool copies all architectures of an image and keeps their digests: a copy of one
//! architecture has another digest, so that an image pinned by digest could not be pulled from the
//! mirror (skopeo#1720).

mod crane;
mod regsync;
mod skopeo;

use serde_yaml::Value;

use crate::config::emit::{CaBundle, MirrorSync, Tool};
use crate::error::Error;
use crate::finding::{Finding, Rule};

use super::copies::{ImageCopy, copies};
use super::cron_job::{self, Pod, mount, variable};
use super::object::{Object, list, map, text, texts};
use super::{Context, remark};

const ENTRY: &str = "mirrorSync";

/// What a tool is given: the files of its ConfigMap, and its command line in their folder.
struct ToolInput {
    files: Vec<(String, String)>,
    command: Option<Vec<String>>,
    args: Vec<String>,
}

/// The ConfigMap, ServiceAccount and CronJob.
///
/// # Errors
/// A file cannot be written as YAML.
pub(super) fn objects(
    context: &Context<'_>,
    settings: &MirrorSync,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Object>, Error> {
    let mut copies = copies(context, &settings.image, findings);
    if settings.tool == Tool::Crane {
        copies.retain(|copy| is_as_secure_as_listed(settings, copy, findings));
    }
    if copies.is_empty() {
        let message = if context.found.has_items {
            "mirrorSync: no image in the items comes from a mirror"
        } else {
            "mirrorSync: no profile in play names an image that a rule maps to a mirror"
        };
        findings.push(remark(Rule::NotGenerated, None, message.to_owned()));
        return Ok(Vec::new());
    }
    let plan = match settings.tool {
        Tool::Skopeo => skopeo::plan(settings, &copies)?,
        Tool::Regsync => regsync::plan(settings, &copies)?,
        Tool::Crane => crane::plan(settings, &copies),
    };
    let name = format!("{}-mirror-sync", context.generate.name);
    let data = plan.files.iter().map(|(key, file)| (key, text(file)));
    let config_map = Object {
        api_version: "v1",
        kind: "ConfigMap",
        name: name.clone(),
        namespace: context.generate.namespace.clone(),
        is_cluster_wide: false,
        entry: ENTRY,
        comment: format!("names the images that the CronJob {name} copies"),
        rest: vec![("data", map(data))],
    };
    let mut container = Vec::new();
    if let Some(command) = &plan.command {
        container.push(("command", texts(command)));
    }
    if !plan.args.is_empty() {
        container.push(("args", texts(&plan.args)));
    }
    let mut env = vec![variable("HOME", "/tmp"), variable("TMPDIR", "/tmp")];
    let mut mounts = vec![
        mount("config", "/config", true),
        mount("tmp", "/tmp", false),
    ];
    let mut volumes = vec![map([
        ("name", text("config")),
        ("configMap", map([("name", text(&name))])),
    ])];
    for (index, credentials) in settings.credentials.iter().enumerate() {
        let volume = format!("credentials-{index}");
        mounts.push(mount(&volume, &folder(index), true));
        volumes.push(secret_volume(&volume, &credentials.secret));
        if settings.tool != Tool::Skopeo {
            env.push(variable("DOCKER_CONFIG", &folder(index)));
        }
    }
    if let Some(bundle) = &settings.ca_bundle {
        // A folder comes on top of the file that the image trusts, in all three tools.
        env.push(variable("SSL_CERT_DIR", "/ca"));
        mounts.push(mount("ca", "/ca", true));
        volumes.push(bundle_volume(bundle));
    }
    if let Some(proxy) = &settings.proxy {
        env.push(variable("HTTPS_PROXY", &proxy.url));
        env.push(variable("HTTP_PROXY", &proxy.url));
        if !proxy.except.is_empty() {
            env.push(variable("NO_PROXY", &proxy.except.join(",")));
        }
    }
    container.extend([
        ("workingDir", text("/config")),
        ("env", list(env)),
        ("volumeMounts", list(mounts)),
    ]);
    let pod = Pod {
        name,
        containers: vec![(settings.tool.name().to_owned(), container)],
        volumes,
        needs_token: false,
    };
    let comment = "copies official images to their mirrors";
    let mut objects = vec![config_map];
    objects.append(&mut cron_job::objects(
        context,
        (ENTRY, comment),
        &settings.image,
        &settings.timing,
        pod,
    ));
    Ok(objects)
}

/// Where a Secret is mounted, by its position among the credentials.
fn folder(index: usize) -> String {
    format!("/credentials/{index}")
}

/// A Secret of registry credentials, mounted as the `config.json` that registry clients read.
fn secret_volume(name: &str, secret: &str) -> Value {
    let item = map([
        ("key", text(".dockerconfigjson")),
        ("path", text("config.json")),
    ]);
    let secret = map([
        ("secretName", text(secret)),
        // Octal 440: only root and the pod's group may read it.
        ("defaultMode", Value::from(0o440)),
        ("items", list([item])),
    ]);
    map([("name", text(name)), ("secret", secret)])
}

/// The certificates of a ConfigMap, as one file.
fn bundle_volume(bundle: &CaBundle) -> Value {
    let item = map([("key", text(&bundle.key)), ("path", text("ca.crt"))]);
    let config_map = map([("name", text(&bundle.config_map)), ("items", list([item]))]);
    map([("name", text("ca")), ("configMap", config_map)])
}

/// The folder with the credentials of a host: those that name it, else those that name none.
fn credentials(settings: &MirrorSync, host: &str) -> Option<String> {
    let names = |registries: &[String]| registries.iter().any(|known| known == host);
    let mut all = settings.credentials.iter();
    let own = all.position(|credentials| names(&credentials.registries));
    let general = || {
        let mut all = settings.credentials.iter();
        all.position(|credentials| credentials.registries.is_empty())
    };
    own.or_else(general).map(folder)
}

fn is_insecure(settings: &MirrorSync, host: &str) -> bool {
    settings
        .insecure_registries
        .iter()
        .any(|known| known == host)
}

/// Whether crane would verify every certificate that the settings do not exempt, although it can
/// only verify those of both registries or of neither; reports it if not.
fn is_as_secure_as_listed(
    settings: &MirrorSync,
    copy: &ImageCopy,
    findings: &mut Vec<Finding>,
) -> bool {
    let (from, to) = (copy.official.domain(), copy.mirror.domain());
    let unlisted = match (is_insecure(settings, from), is_insecure(settings, to)) {
        (true, false) => to,
        (false, true) => from,
        _ => return true,
    };
    let message = format!(
        "{} is not copied to {}: crane's --insecure holds for both registries, and {unlisted} is not \
         listed: list it under `insecureRegistries` too, or use `tool: skopeo`",
        copy.official, copy.mirror
    );
    findings.push(remark(Rule::NotGenerated, None, message));
    false
}

/// A reference to one version: `NAME:TAG` or `NAME@DIGEST`.
fn versioned(repository: &crate::image::Repository, version: &str) -> String {
    if version.contains(':') {
        format!("{repository}@{version}")
    } else {
        format!("{repository}:{version}")
    }
}

/// A script that goes on after a failed copy, so that the other images still reach their mirrors,
/// and fails in the end.
fn script(commands: &[Vec<String>]) -> String {
    let mut lines = String::from("status=0\n");
    for command in commands {
        let words: Vec<String> = command.iter().map(|word| shell(word)).collect();
        lines.push_str(&format!("{} || status=1\n", words.join(" ")));
    }
    lines.push_str("exit \"$status\"\n");
    lines
}

/// A word of a shell command, quoted unless all of its characters are known to be safe.
fn shell(word: &str) -> String {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@=".contains(&byte);
    if word.bytes().all(is_safe) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
