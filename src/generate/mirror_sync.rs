//! A CronJob that copies official images to their mirrors, and the ConfigMap that tells it which.
//!
//! Every tool copies all architectures of an image and keeps their digests: a copy of one
//! architecture has another digest, so that an image pinned by digest could not be pulled from the
//! mirror (skopeo#1720).

mod crane;
mod flux_mirror;
mod hosts;
mod regsync;
mod skopeo;
mod status;

use serde_yaml::Value;

use crate::config::emit::{CaBundle, MirrorSync, Tool};
use crate::error::Error;
use crate::finding::{Finding, Rule};

use super::copies::copies;
use super::cron_job::{self, JobPod, mount, variable};
use super::object::{Object, list, map, text, texts};
use super::{GenerateContext, remark};
use hosts::Hosts;

const ENTRY: &str = "mirrorSync";

/// What a tool is given: the files of its ConfigMap, and its command line in their folder.
struct ToolInput {
    files: Vec<(String, String)>,
    command: Option<Vec<String>>,
    args: Vec<String>,
}

/// The ConfigMap, ServiceAccount and CronJob, and those that look at what was copied.
///
/// # Errors
/// A file cannot be written as YAML.
pub(super) fn objects(
    context: &GenerateContext<'_>,
    settings: &MirrorSync,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Object>, Error> {
    let mut copies = copies(context, settings, findings);
    let has_copies = !copies.is_empty();
    let hosts = Hosts {
        plain_http: &context.config.plain_http_registries,
        insecure: &settings.insecure_registries,
    };
    let tool = settings.tool;
    match tool {
        Tool::Crane => copies.retain(|copy| hosts.are_alike(copy, findings)),
        Tool::FluxMirror => flux_mirror::keep_possible(hosts, &mut copies, findings),
        Tool::Skopeo | Tool::Regsync => {}
    }
    if copies.is_empty() {
        let message = if has_copies {
            "mirrorSync: the tool can copy none of the images, so there is no job"
        } else if context.found.has_items {
            "mirrorSync: no image in the items comes from a mirror"
        } else {
            "mirrorSync: no profile in play names an image that a rule maps to a mirror"
        };
        findings.push(remark(Rule::NotGenerated, None, message.to_owned()));
        return Ok(Vec::new());
    }
    if let Some(left) = tool.leaves().filter(|_| settings.signatures.is_none()) {
        let other = if tool.copies_referrers() {
            "true"
        } else {
            "false"
        };
        let message = format!(
            "mirrorSync: {} leaves behind what is attached to images: {left}; use `tool: regsync`, or \
             write `signatures: {other}` if that is meant",
            tool.name()
        );
        findings.push(remark(Rule::NotGenerated, None, message));
    }
    let plan = match tool {
        Tool::Skopeo => skopeo::plan(settings, hosts, &copies)?,
        Tool::Regsync => regsync::plan(settings, hosts, &copies)?,
        Tool::Crane => crane::plan(hosts, &copies),
        Tool::FluxMirror => flux_mirror::plan(settings, hosts, &copies)?,
    };
    let name = format!("{}-mirror-sync", context.generate.name);
    let comment = format!("names the images that the CronJob {name} copies");
    let mut objects = vec![config_map(context, &name, comment, &plan.files)];
    let mut container = Vec::new();
    if let Some(command) = &plan.command {
        container.push(("command", texts(command)));
    }
    if !plan.args.is_empty() {
        container.push(("args", texts(&plan.args)));
    }
    let reach = reach(settings, &name, Some(tool));
    container.extend(reach.container);
    let pod = JobPod {
        name,
        containers: vec![(tool.name().to_owned(), container)],
        volumes: reach.volumes,
        needs_token: false,
        retries: 2,
        ttl: settings.ttl,
    };
    objects.append(&mut cron_job::objects(
        context,
        (ENTRY, "copies official images to their mirrors"),
        &settings.image,
        &settings.timing,
        pod,
    ));
    if let Some(job) = &settings.status {
        let mut looking = status::objects(context, settings, job, &copies, findings)?;
        objects.append(&mut looking);
    }
    Ok(objects)
}

/// The files that a job reads in the folder `/config`.
fn config_map(
    context: &GenerateContext<'_>,
    name: &str,
    comment: String,
    files: &[(String, String)],
) -> Object {
    Object {
        api_version: "v1",
        kind: "ConfigMap",
        name: name.to_owned(),
        namespace: context.generate.namespace.clone(),
        is_cluster_wide: false,
        entry: ENTRY,
        comment,
        rest: vec![(
            "data",
            map(files.iter().map(|(key, file)| (key, text(file)))),
        )],
    }
}

/// What a container needs to reach registries, and its pod.
struct Reach {
    container: Vec<(&'static str, Value)>,
    volumes: Vec<Value>,
}

/// Files, credentials, authorities and the proxy, for a tool or for `mirror status`. skopeo reads more
/// than one file of credentials, which its command names.
fn reach(settings: &MirrorSync, config_map: &str, tool: Option<Tool>) -> Reach {
    let mut env = vec![variable("HOME", "/tmp"), variable("TMPDIR", "/tmp")];
    let mut mounts = vec![
        mount("config", "/config", true),
        mount("tmp", "/tmp", false),
    ];
    let mut volumes = vec![map([
        ("name", text("config")),
        ("configMap", map([("name", text(config_map))])),
    ])];
    for (index, credentials) in settings.credentials.iter().enumerate() {
        let volume = format!("credentials-{index}");
        mounts.push(mount(&volume, &folder(index), true));
        volumes.push(secret_volume(&volume, &credentials.secret));
        if tool != Some(Tool::Skopeo) {
            env.push(variable("DOCKER_CONFIG", &folder(index)));
        }
    }
    if let Some(bundle) = &settings.ca_bundle {
        // A folder comes on top of the file that the image trusts in every tool, and in the place of it in
        // `mirror status`, whose arguments name the bundle.
        if tool.is_some() {
            env.push(variable("SSL_CERT_DIR", "/ca"));
        }
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
    let container = vec![
        ("workingDir", text("/config")),
        ("env", list(env)),
        ("volumeMounts", list(mounts)),
        // The last lines of what failed are in the pod's status.
        ("terminationMessagePolicy", text("FallbackToLogsOnError")),
    ];
    Reach { container, volumes }
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
