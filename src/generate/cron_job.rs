//! The CronJob and ServiceAccount that generated jobs share: schedule, user and least privileges.

use serde_yaml::Value;

use crate::config::emit::Timing;
use crate::image::{Reference, version};

use super::GenerateContext;
use super::object::{MANAGED_BY, MANAGER, Object, list, map, text, texts};

/// The user and group of every container: `nonroot` of distroless images, which owns no files.
const USER: u64 = 65_532;

/// A pod that a CronJob runs.
pub(super) struct JobPod {
    /// The name of the CronJob, and of its ServiceAccount.
    pub(super) name: String,
    /// Its containers: name, and what follows the image.
    pub(super) containers: Vec<(String, Vec<(&'static str, Value)>)>,
    /// Its volumes beside `/tmp`.
    pub(super) volumes: Vec<Value>,
    /// Whether it talks to the API server.
    pub(super) needs_token: bool,
    /// How often a failed pod is run again.
    pub(super) retries: u32,
    /// How many seconds a finished Job stays; `None` leaves that to the CronJob.
    pub(super) ttl: Option<u32>,
}

/// The ServiceAccount and the CronJob of a pod.
pub(super) fn objects(
    context: &GenerateContext<'_>,
    (entry, comment): (&'static str, &str),
    image: &str,
    timing: &Timing,
    pod: JobPod,
) -> Vec<Object> {
    let namespace = context.generate.namespace.clone();
    let (image, pull_secrets) = mapped(context, image);
    let name = pod.name.clone();
    let account = Object {
        api_version: "v1",
        kind: "ServiceAccount",
        name: name.clone(),
        namespace: namespace.clone(),
        is_cluster_wide: false,
        entry,
        comment: format!("is what the CronJob {name} runs as"),
        rest: vec![("automountServiceAccountToken", Value::Bool(false))],
    };
    let labels = map([
        ("app.kubernetes.io/name", text(&name)),
        (MANAGED_BY, text(MANAGER)),
    ]);
    let mut job = vec![
        ("backoffLimit", Value::from(pod.retries)),
        ("activeDeadlineSeconds", Value::from(21_600)),
    ];
    if let Some(seconds) = pod.ttl {
        job.push(("ttlSecondsAfterFinished", Value::from(seconds)));
    }
    let template = map([
        ("metadata", map([("labels", labels)])),
        ("spec", spec(&image, pull_secrets, pod)),
    ]);
    job.push(("template", template));
    let mut cron = vec![("schedule", text(&timing.schedule))];
    if let Some(zone) = &timing.time_zone {
        cron.push(("timeZone", text(zone)));
    }
    cron.extend([
        ("suspend", Value::Bool(timing.suspend)),
        ("concurrencyPolicy", text("Forbid")),
        // A run that the controller missed may still start within a day.
        ("startingDeadlineSeconds", Value::from(86_400)),
        ("successfulJobsHistoryLimit", Value::from(1)),
        ("failedJobsHistoryLimit", Value::from(3)),
        ("jobTemplate", map([("spec", map(job))])),
    ]);
    let cron_job = Object {
        api_version: "batch/v1",
        kind: "CronJob",
        name,
        namespace,
        is_cluster_wide: false,
        entry,
        comment: comment.to_owned(),
        rest: vec![("spec", map(cron))],
    };
    vec![account, cron_job]
}

fn spec(image: &str, pull_secrets: Vec<String>, pod: JobPod) -> Value {
    let containers = pod.containers.into_iter().map(|(name, rest)| {
        let mut pairs = vec![
            ("name", text(name)),
            ("image", text(image)),
            ("imagePullPolicy", text(pull_policy(image))),
        ];
        pairs.extend(rest);
        pairs.extend([
            ("resources", resources()),
            ("securityContext", privileges()),
        ]);
        map(pairs)
    });
    let profile = map([("type", text("RuntimeDefault"))]);
    let security = map([
        ("runAsNonRoot", Value::Bool(true)),
        ("runAsUser", Value::from(USER)),
        ("runAsGroup", Value::from(USER)),
        ("fsGroup", Value::from(USER)),
        ("seccompProfile", profile),
    ]);
    let mut pairs = vec![
        ("serviceAccountName", text(&pod.name)),
        ("automountServiceAccountToken", Value::Bool(pod.needs_token)),
        ("restartPolicy", text("Never")),
        ("securityContext", security),
    ];
    if !pull_secrets.is_empty() {
        let names = pull_secrets.iter().map(|name| map([("name", text(name))]));
        pairs.push(("imagePullSecrets", list(names)));
    }
    pairs.push(("containers", list(containers)));
    let scratch = map([
        ("name", text("tmp")),
        ("emptyDir", map([("sizeLimit", text("2Gi"))])),
    ]);
    let volumes = pod.volumes.into_iter().chain([scratch]);
    pairs.push(("volumes", list(volumes)));
    map(pairs)
}

fn resources() -> Value {
    map([
        (
            "requests",
            map([("cpu", text("50m")), ("memory", text("64Mi"))]),
        ),
        (
            "limits",
            map([("cpu", text("500m")), ("memory", text("512Mi"))]),
        ),
    ])
}

fn privileges() -> Value {
    map([
        ("allowPrivilegeEscalation", Value::Bool(false)),
        ("readOnlyRootFilesystem", Value::Bool(true)),
        ("capabilities", map([("drop", texts(["ALL"]))])),
    ])
}

/// The mount of a volume.
pub(super) fn mount(name: &str, path: &str, read_only: bool) -> Value {
    let mut pairs = vec![("name", text(name)), ("mountPath", text(path))];
    if read_only {
        pairs.push(("readOnly", Value::Bool(true)));
    }
    map(pairs)
}

/// A variable of the environment.
pub(super) fn variable(name: &str, value: &str) -> Value {
    map([("name", text(name)), ("value", text(value))])
}

/// A tool's image by the rules for every image, and the pull secrets that its mirror needs.
fn mapped(context: &GenerateContext<'_>, image: &str) -> (String, Vec<String>) {
    let as_it_is = || (image.to_owned(), Vec::new());
    let Ok(reference) = Reference::parse(image) else {
        return as_it_is();
    };
    let official = reference.repository();
    match context.config.rules.map(&official, false) {
        Some((rule, mirror)) if mirror != official && mirror.is_legal() => {
            let version = &image[reference.name().len()..];
            let secrets = context.config.mirror_secrets(rule).to_vec();
            (format!("{mirror}{version}"), secrets)
        }
        _ => as_it_is(),
    }
}

/// A version is published once and needs pulling once; a tag that moves is pulled each time.
fn pull_policy(image: &str) -> &'static str {
    let stays = Reference::parse(image).is_ok_and(|reference| {
        reference.digest.is_some()
            || reference
                .tag
                .is_some_and(|tag| version::parse(tag).is_some())
    });
    if stays { "IfNotPresent" } else { "Always" }
}
