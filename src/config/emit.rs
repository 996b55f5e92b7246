//! The entries of `emit`, as they are written and checked.

use serde::Deserialize;

use super::names;
use super::schedule::{schedule, time_zone};
use super::spanned::Spanned;
use super::wrong::{Wrong, quoted};
use crate::generate::{
    Action, AdmissionPolicy, Credentials, FailurePolicy, MirrorSync, RolloutRestart, Timing, Tool,
    Workload, WorkloadKind,
};
use crate::image::{Reference, is_domain};
use crate::revision::KubernetesVersion;

/// An entry of `emit`, of which exactly one is there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct EmitEntry {
    pub(super) mirror_sync: Option<Spanned<MirrorSyncEntry>>,
    pub(super) rollout_restart: Option<Spanned<RolloutRestartEntry>>,
    pub(super) admission_policy: Option<Spanned<AdmissionPolicyEntry>>,
}

/// How mirrors are kept.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct MirrorSyncEntry {
    tool: Tool,
    image: Option<Spanned<String>>,
    schedule: Option<Spanned<String>>,
    time_zone: Option<Spanned<String>>,
    suspend: bool,
    credentials: Vec<Spanned<CredentialsEntry>>,
    insecure_registries: Vec<Spanned<String>>,
}

/// A Secret with a registry's user and password.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CredentialsEntry {
    secret: Spanned<String>,
    registries: Option<Spanned<Vec<Spanned<String>>>>,
}

/// How agents are restarted.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct RolloutRestartEntry {
    image: Option<Spanned<String>>,
    schedule: Option<Spanned<String>>,
    time_zone: Option<Spanned<String>>,
    suspend: bool,
    workloads: Vec<WorkloadEntry>,
}

/// A workload to restart beside those that are found.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WorkloadEntry {
    kind: WorkloadKind,
    name: Spanned<String>,
    namespace: Option<Spanned<String>>,
}

/// What the API server does about what is wrong.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct AdmissionPolicyEntry {
    action: Action,
    failure_policy: FailurePolicy,
    mutate: Option<Spanned<bool>>,
    namespaces: Option<Spanned<Vec<Spanned<String>>>>,
    exclude_namespaces: Option<Spanned<Vec<Spanned<String>>>>,
}

pub(super) fn mirror_sync(
    written: &Spanned<MirrorSyncEntry>,
    target: Option<KubernetesVersion>,
) -> Result<MirrorSync, Wrong> {
    let entry = &written.value;
    let mut credentials: Vec<Credentials> = Vec::new();
    for written in &entry.credentials {
        let found = self::credentials(&written.value)?;
        if let Some(first) = credentials.first()
            && entry.tool != Tool::Skopeo
        {
            let what = format!("{} reads one file of credentials", entry.tool.name());
            let help = format!(
                "put every registry into the Secret {}, or use `tool: skopeo`",
                first.secret
            );
            return Err(written.wrong(what).help(help));
        }
        let same = credentials.iter().any(|known| {
            known.registries.is_empty() && found.registries.is_empty()
                || known
                    .registries
                    .iter()
                    .any(|host| found.registries.contains(host))
        });
        if same {
            let wrong = written.wrong("two Secrets are for the same registry");
            let help = "name each registry once, and leave `registries` out once at most";
            return Err(wrong.help(help.to_owned()));
        }
        credentials.push(found);
    }
    Ok(MirrorSync {
        tool: entry.tool,
        image: tool_image(entry.image.as_ref(), entry.tool.default_image())?,
        timing: timing(
            (&entry.schedule, "0 3 * * 0"),
            &entry.time_zone,
            entry.suspend,
            target,
        )?,
        credentials,
        insecure_registries: hosts(&entry.insecure_registries)?,
    })
}

fn credentials(entry: &CredentialsEntry) -> Result<Credentials, Wrong> {
    let registries = match &entry.registries {
        Some(written) if written.value.is_empty() => {
            let wrong = written.wrong("the list names no registry");
            let help = "name one, or leave `registries` out for every registry";
            return Err(wrong.help(help.to_owned()));
        }
        Some(written) => hosts(&written.value)?,
        None => Vec::new(),
    };
    Ok(Credentials {
        secret: names::legal(&entry.secret)?,
        registries,
    })
}

fn hosts(written: &[Spanned<String>]) -> Result<Vec<String>, Wrong> {
    let checked = written.iter().map(|host| {
        let text = host.value.as_str();
        let is_host = text == "localhost" || text.contains(['.', ':']);
        if is_host && is_domain(text) {
            return Ok(text.to_owned());
        }
        let wrong = host.wrong(format!("{} is no registry's host", quoted(text)));
        Err(wrong.help("write host and port alone: `registry.example.com:5000`".to_owned()))
    });
    checked.collect()
}

fn tool_image(written: Option<&Spanned<String>>, default: &str) -> Result<String, Wrong> {
    let Some(written) = written else {
        return Ok(default.to_owned());
    };
    match Reference::parse(&written.value) {
        Ok(_) => Ok(written.value.clone()),
        Err(error) => {
            let wrong = written.wrong(format!("{}: {error}", quoted(&written.value)));
            Err(wrong.help(error.help()))
        }
    }
}

fn timing(
    (written, weekly): (&Option<Spanned<String>>, &str),
    zone: &Option<Spanned<String>>,
    suspend: bool,
    target: Option<KubernetesVersion>,
) -> Result<Timing, Wrong> {
    if let (Some(zone), Some(target)) = (zone, target)
        && (target.major, target.minor) < (1, 25)
    {
        let wrong = zone.wrong(format!("Kubernetes {target} knows no time zones"));
        let help = "CronJobs have had them since 1.25: leave `timeZone` out";
        return Err(wrong.help(help.to_owned()));
    }
    Ok(Timing {
        schedule: match written {
            Some(written) => schedule(written)?,
            None => weekly.to_owned(),
        },
        time_zone: zone.as_ref().map(time_zone).transpose()?,
        suspend,
    })
}

pub(super) fn rollout_restart(
    written: &Spanned<RolloutRestartEntry>,
    target: Option<KubernetesVersion>,
) -> Result<RolloutRestart, Wrong> {
    let entry = &written.value;
    let workloads = entry.workloads.iter().map(|workload| {
        Ok(Workload {
            namespace: workload.namespace.as_ref().map(names::legal).transpose()?,
            kind: workload.kind,
            name: names::legal(&workload.name)?,
        })
    });
    Ok(RolloutRestart {
        image: tool_image(entry.image.as_ref(), RolloutRestart::DEFAULT_IMAGE)?,
        timing: timing(
            (&entry.schedule, "0 5 * * 0"),
            &entry.time_zone,
            entry.suspend,
            target,
        )?,
        workloads: workloads.collect::<Result<_, Wrong>>()?,
    })
}

pub(super) fn admission_policy(
    written: &Spanned<AdmissionPolicyEntry>,
    target: Option<KubernetesVersion>,
) -> Result<AdmissionPolicy, Wrong> {
    let entry = &written.value;
    if let Some(target) = target.filter(|target| (target.major, target.minor) < (1, 30)) {
        let what = format!("Kubernetes {target} has no ValidatingAdmissionPolicy of version v1");
        let help = "it has been there since 1.30: leave `admissionPolicy` out";
        return Err(written.wrong(what).help(help.to_owned()));
    }
    let can_mutate = target.is_some_and(|target| (target.major, target.minor) >= (1, 32));
    let mutate = match &entry.mutate {
        Some(wanted) if wanted.value && !can_mutate => {
            let wrong = wanted.wrong("a MutatingAdmissionPolicy needs Kubernetes 1.32 or newer");
            let help =
                "write `targetKubernetes: \"1.36\"` if the cluster is, or leave `mutate` out";
            return Err(wrong.help(help.to_owned()));
        }
        Some(wanted) => wanted.value,
        None => can_mutate,
    };
    if let (Some(only), Some(_)) = (&entry.exclude_namespaces, &entry.namespaces) {
        let wrong = only.wrong("`namespaces` and `excludeNamespaces` are both here");
        return Err(wrong.help("keep one of them".to_owned()));
    }
    let list = |written: &Spanned<Vec<Spanned<String>>>| names::legal_list(&written.value);
    let namespaces = entry.namespaces.as_ref().map(list).transpose()?;
    if let Some(written) = entry
        .namespaces
        .as_ref()
        .filter(|list| list.value.is_empty())
    {
        let wrong = written.wrong("the list names no namespace");
        return Err(wrong.help("name one, or leave `namespaces` out for all".to_owned()));
    }
    let excluded = entry.exclude_namespaces.as_ref().map(list).transpose()?;
    Ok(AdmissionPolicy {
        action: entry.action,
        failure_policy: entry.failure_policy,
        mutate,
        namespaces: namespaces.unwrap_or_default(),
        exclude_namespaces: excluded.unwrap_or_else(|| vec!["kube-system".to_owned()]),
    })
}
