//! The configuration's exceptions as conditions on a request.
//!
//! An exception for a workload holds for the pods that the workload creates, too: the API server
//! sees a Deployment's pods under names of their own, with their owner in `ownerReferences`.

use crate::config::{Config, Date, Exception};
use crate::field::pod::{POD_SPECS, PodSpecKind, Runs};
use crate::finding::Aspect;
use crate::sort::sort;

use super::cel::{all, any, fits, list, quoted};

/// An exception in force on the day of generation; an expression cannot ask for the day.
pub(super) struct AllowedDifference<'c> {
    exception: &'c Exception,
    /// The variable that holds whether the request's kind, namespace and name fit.
    variable: String,
}

/// The exceptions in force: a request is of no file, so that none for files or places in them is.
pub(super) fn in_force(config: &Config, today: Date) -> Vec<AllowedDifference<'_>> {
    let exceptions = config.exceptions.iter();
    let in_force = exceptions.filter(|exception| {
        let holds = exception.expires.is_none_or(|day| today <= day);
        holds && !exception.is_of_places()
    });
    in_force
        .enumerate()
        .map(|(index, exception)| AllowedDifference {
            exception,
            variable: format!("exception{index}"),
        })
        .collect()
}

impl AllowedDifference<'_> {
    /// The variable's name and expression.
    pub(super) fn variable(&self) -> (String, String) {
        let exception = self.exception;
        let mut conditions = Vec::new();
        if let Some(namespace) = exception.namespace.as_deref().filter(|text| *text != "*") {
            conditions.push(fits("request.namespace", namespace, ""));
        }
        if exception.kind.is_some() || exception.name.is_some() {
            conditions.push(owned(exception));
        }
        (self.variable.clone(), all(&conditions))
    }
}

/// The kinds that the controllers of Kubernetes itself make objects for.
fn controlled() -> Vec<&'static str> {
    let has_controller = |known: &&PodSpecKind| !matches!(known.runs, Runs::Itself);
    let known = POD_SPECS.iter().filter(has_controller);
    let mut kinds: Vec<&str> = known.map(|known| known.kind).collect();
    sort(&mut kinds);
    kinds
}

/// The owners of the object, as far as they are believed: anybody may write `ownerReferences`, so those
/// of built-in kinds count where a controller of Kubernetes asks, and others where a service account
/// does.
pub(super) fn owners() -> String {
    let user = "request.userInfo.username";
    format!(
        "(has(object.metadata.ownerReferences) ? object.metadata.ownerReferences : []).filter(o,\n\
         \x20 {user} == 'system:kube-controller-manager'\n\
         \x20 || {user}.startsWith('system:serviceaccount:kube-system:')\n\
         \x20 || (!(o.kind in {}) && {user}.startsWith('system:serviceaccount:')))",
        list(controlled())
    )
}

/// The condition that the object or its owner has the exception's kind and name.
fn owned(exception: &Exception) -> String {
    let kind = exception.kind.as_deref();
    let name = exception.name.as_deref().unwrap_or("*");
    let is = |kind: Option<&str>, of: &str| {
        let kind = kind.map(|kind| format!("{of} == {}", quoted(kind)));
        kind.into_iter().collect::<Vec<String>>()
    };
    let mut itself = is(kind, "object.kind");
    itself.push(fits("variables.name", name, ""));
    let mut owner = is(kind, "o.kind");
    owner.push(fits("o.name", name, ""));
    let mut owners = vec![all(&known(owner))];
    // A Deployment's pods belong to a ReplicaSet that is named after it, a CronJob's to a Job.
    for above in POD_SPECS {
        let Runs::By {
            kind: between,
            suffix,
        } = above.runs
        else {
            continue;
        };
        if kind.is_none_or(|kind| kind == above.kind) {
            let mut conditions = is(Some(between), "o.kind");
            conditions.push(match name {
                "*" => "true".to_owned(),
                name => fits("o.name", name, suffix),
            });
            owners.push(all(&known(conditions)));
        }
    }
    any(&[
        all(&known(itself)),
        format!("variables.owners.exists(o, {})", any(&owners)),
    ])
}

fn known(mut conditions: Vec<String>) -> Vec<String> {
    conditions.retain(|condition| condition != "true");
    conditions
}

/// The condition that an exception allows an aspect of an image `i` to differ; `None` where none
/// could.
pub(super) fn allowing(
    allowed: &[AllowedDifference<'_>],
    agent: Option<&str>,
    aspect: Aspect,
) -> Option<String> {
    let could = allowed.iter().filter(|allowed| {
        let of = allowed.exception.agent.as_deref();
        allowed.exception.allow.contains(&aspect) && (of.is_none() || of == agent)
    });
    let conditions = could.map(|allowed| {
        let mut conditions = vec![format!("variables.{}", allowed.variable)];
        let container = allowed.exception.container.as_deref();
        if let Some(container) = container.filter(|text| *text != "*") {
            conditions.push(fits("i.name", container, ""));
        }
        all(&conditions)
    });
    let conditions: Vec<String> = conditions.collect();
    (!conditions.is_empty()).then(|| any(&conditions))
}
