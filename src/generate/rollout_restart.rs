//! A CronJob that restarts agents which do not restart themselves, so that a node pulls their newest
//! image.

use std::collections::BTreeMap;

use serde_yaml::Value;

use crate::config::emit::{RolloutRestart, Workload, WorkloadKind};
use crate::finding::{Finding, Rule};
use crate::sort::sort;

use super::cron_job::{self, JobPod, mount, variable};
use super::object::{Object, list, map, text, texts};
use super::{GenerateContext, remark};

const ENTRY: &str = "rolloutRestart";

impl WorkloadKind {
    /// Its resource in the API, in the plural, as RBAC and kubectl write it.
    fn resource(self) -> &'static str {
        match self {
            WorkloadKind::Deployment => "deployments",
            WorkloadKind::DaemonSet => "daemonsets",
            WorkloadKind::StatefulSet => "statefulsets",
        }
    }
}

/// By namespace, the workloads there, each once.
type ByNamespace = BTreeMap<Option<String>, BTreeMap<WorkloadKind, Vec<String>>>;

/// A Role and RoleBinding in each workload's namespace, a ServiceAccount and the CronJob.
pub(super) fn objects(
    context: &GenerateContext<'_>,
    settings: &RolloutRestart,
    findings: &mut Vec<Finding>,
) -> Vec<Object> {
    for (resource, agent) in &context.found.unrestartable {
        let message = format!(
            "{resource} runs {agent}, which does not restart itself, and its kind cannot be \
             restarted: restart it by other means"
        );
        findings.push(remark(Rule::NotGenerated, Some(agent), message));
    }
    let found = context.found.restartable.iter();
    let found = found.map(|(workload, _)| workload);
    let by_namespace = by_namespace(context, found.chain(&settings.workloads));
    if by_namespace.is_empty() {
        let message = if context.found.has_items {
            "rolloutRestart: no workload in the items needs a restart to bring its agent \
                up to date"
        } else {
            "rolloutRestart: without items only `workloads` could name what to restart"
        };
        findings.push(remark(Rule::NotGenerated, None, message.to_owned()));
        return Vec::new();
    }
    let name = format!("{}-rollout-restart", context.generate.name);
    let mut objects = Vec::new();
    let mut containers = Vec::new();
    for (namespace, kinds) in &by_namespace {
        objects.extend(permissions(context, &name, namespace, kinds));
        // A namespace's name is a legal name for a container.
        let container = namespace.clone().unwrap_or_else(|| "restart".to_owned());
        containers.push((container, kubectl(namespace.as_deref(), kinds)));
    }
    let comment = "restarts agents that do not restart themselves, so that their newest image runs";
    let pod = JobPod {
        name,
        containers,
        volumes: Vec::new(),
        needs_token: true,
        retries: 2,
        ttl: None,
    };
    objects.append(&mut cron_job::objects(
        context,
        (ENTRY, comment),
        &settings.image,
        &settings.timing,
        pod,
    ));
    objects
}

fn by_namespace<'w>(
    context: &GenerateContext<'_>,
    workloads: impl Iterator<Item = &'w Workload>,
) -> ByNamespace {
    let mut all = ByNamespace::new();
    for workload in workloads {
        let namespace = workload.namespace.clone();
        let namespace = namespace.or_else(|| context.generate.namespace.clone());
        let kinds = all.entry(namespace).or_default();
        let names = kinds.entry(workload.kind).or_default();
        names.push(workload.name.clone());
    }
    for names in all.values_mut().flat_map(|kinds| kinds.values_mut()) {
        sort(names);
        names.dedup();
    }
    all
}

/// The right to get and patch these workloads and nothing else, which is all that `kubectl rollout
/// restart` needs for workloads that are named.
fn permissions(
    context: &GenerateContext<'_>,
    name: &str,
    namespace: &Option<String>,
    kinds: &BTreeMap<WorkloadKind, Vec<String>>,
) -> [Object; 2] {
    let rules = kinds.iter().map(|(kind, names)| {
        map([
            ("apiGroups", texts(["apps"])),
            ("resources", texts([kind.resource()])),
            ("resourceNames", texts(names)),
            ("verbs", texts(["get", "patch"])),
        ])
    });
    let mut subject = vec![("kind", text("ServiceAccount")), ("name", text(name))];
    if let Some(namespace) = &context.generate.namespace {
        subject.push(("namespace", text(namespace)));
    }
    let role = map([
        ("apiGroup", text("rbac.authorization.k8s.io")),
        ("kind", text("Role")),
        ("name", text(name)),
    ]);
    let object = |kind, comment: &str, rest: Vec<(&'static str, Value)>| Object {
        api_version: "rbac.authorization.k8s.io/v1",
        kind,
        name: name.to_owned(),
        namespace: namespace.clone(),
        is_cluster_wide: false,
        entry: ENTRY,
        comment: comment.to_owned(),
        rest,
    };
    [
        object(
            "Role",
            "allows a restart of the named agents and nothing else",
            vec![("rules", list(rules))],
        ),
        object(
            "RoleBinding",
            &format!("gives that right to the CronJob {name}"),
            vec![("roleRef", role), ("subjects", list([map(subject)]))],
        ),
    ]
}

fn kubectl(
    namespace: Option<&str>,
    kinds: &BTreeMap<WorkloadKind, Vec<String>>,
) -> Vec<(&'static str, Value)> {
    let mut args = vec!["rollout".to_owned(), "restart".to_owned()];
    if let Some(namespace) = namespace {
        args.push(format!("--namespace={namespace}"));
    }
    for (kind, names) in kinds {
        args.extend(
            names
                .iter()
                .map(|name| format!("{}/{name}", kind.resource())),
        );
    }
    vec![
        ("command", texts(["kubectl"])),
        ("args", texts(args)),
        ("env", list([variable("HOME", "/tmp")])),
        ("volumeMounts", list([mount("tmp", "/tmp", false)])),
    ]
}
