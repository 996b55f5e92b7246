//! What the same rules can put into the cluster: resources that keep collectors current after the
//! manifests are right.
//!
//! The only place where YAML is emitted: for objects that nobody wrote. They go into the input as
//! edits, like everything else.

mod admission_policy;
mod copies;
mod cron_job;
mod found;
mod insert;
mod mirror_sync;
mod object;
mod place;
mod rollout_restart;
mod standing;

use std::sync::Arc;

use serde::Deserialize;

use crate::config::Config;
use crate::edit;
use crate::error::Error;
use crate::finding::{self, Finding, Mode, Rule};
use crate::judge;
use crate::krm::results;
use crate::krm::survey::Survey;
use crate::restore::{Outcome, Request};
use crate::revision::KubernetesVersion;
use crate::yaml::parse::Parser;

use found::Found;
use object::Object;

/// What is to be generated, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generate {
    /// The configuration's name, which every generated name begins with.
    pub name: String,
    /// The namespace of what is generated; `None` leaves it to who applies it.
    pub namespace: Option<String>,
    /// The version of the cluster that it is for.
    pub target: Option<KubernetesVersion>,
    /// A CronJob that copies images to their mirrors.
    pub mirror_sync: Option<MirrorSync>,
    /// A CronJob that restarts agents.
    pub rollout_restart: Option<RolloutRestart>,
    /// Policies by which the API server refuses, reports or rights what is wrong.
    pub admission_policy: Option<AdmissionPolicy>,
}

/// How mirrors are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MirrorSync {
    /// What copies.
    pub tool: Tool,
    /// The image that the tool comes in, as its vendor publishes it.
    pub image: String,
    /// When.
    pub timing: Timing,
    /// Secrets with users and passwords.
    pub credentials: Vec<Credentials>,
    /// Hosts that are spoken to without TLS, or with a certificate that is not checked.
    pub insecure_registries: Vec<String>,
}

/// A program that copies images between registries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename = "tool", rename_all = "camelCase")]
pub enum Tool {
    /// `skopeo sync`, and `skopeo copy` where a mirror renames a repository.
    #[default]
    Skopeo,
    /// `regsync once`.
    Regsync,
    /// `crane copy`.
    Crane,
}

impl Tool {
    /// The program's name.
    pub fn name(self) -> &'static str {
        match self {
            Tool::Skopeo => "skopeo",
            Tool::Regsync => "regsync",
            Tool::Crane => "crane",
        }
    }

    /// The image that its project publishes; crane's plain image has no shell, `debug` has one.
    pub fn default_image(self) -> &'static str {
        match self {
            Tool::Skopeo => "quay.io/skopeo/stable:v1.18.0",
            Tool::Regsync => "ghcr.io/regclient/regsync:v0.8.3",
            Tool::Crane => "gcr.io/go-containerregistry/crane:debug",
        }
    }
}

/// A Secret of the type `kubernetes.io/dockerconfigjson`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Its name.
    pub secret: String,
    /// The hosts that it is for; none means all that no other Secret is for.
    pub registries: Vec<String>,
}

/// When a CronJob runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    /// Minute, hour, day of the month, month, day of the week; or a word such as `@weekly`.
    pub schedule: String,
    /// A name of the time zone database; `None` is the controller's own.
    pub time_zone: Option<String>,
    /// Whether it waits until somebody takes this back.
    pub suspend: bool,
}

/// How agents are restarted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolloutRestart {
    /// The image that kubectl comes in, as its vendor publishes it.
    pub image: String,
    /// When.
    pub timing: Timing,
    /// Workloads to restart beside those that are found.
    pub workloads: Vec<Workload>,
}

impl RolloutRestart {
    /// The image that the Kubernetes project publishes.
    pub const DEFAULT_IMAGE: &str = "registry.k8s.io/kubectl:v1.34.1";
}

/// A workload that can be restarted; they sort by namespace, kind and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Workload {
    /// Its namespace; `None` is the one of what is generated.
    pub namespace: Option<String>,
    /// Its kind.
    pub kind: WorkloadKind,
    /// Its name.
    pub name: String,
}

/// The kinds that `kubectl rollout restart` knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename = "kind")]
pub enum WorkloadKind {
    /// A Deployment.
    Deployment,
    /// A DaemonSet.
    DaemonSet,
    /// A StatefulSet.
    StatefulSet,
}

/// What the API server does about what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdmissionPolicy {
    /// What becomes of a request.
    pub action: Action,
    /// What becomes of it where an expression cannot be evaluated.
    pub failure_policy: FailurePolicy,
    /// Whether pods are put right at creation.
    pub mutate: bool,
    /// The namespaces that it holds in; none means all but the excluded ones.
    pub namespaces: Vec<String>,
    /// The namespaces that it does not hold in.
    pub exclude_namespaces: Vec<String>,
}

/// What becomes of a request that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename = "action")]
pub enum Action {
    /// It is refused.
    #[default]
    Deny,
    /// It passes, and its sender is warned.
    Warn,
    /// It passes, and the audit log says so.
    Audit,
}

impl Action {
    /// The word of a binding's `validationActions`.
    pub fn as_str(self) -> &'static str {
        match self {
            Action::Deny => "Deny",
            Action::Warn => "Warn",
            Action::Audit => "Audit",
        }
    }
}

/// What becomes of a request for which an expression cannot be evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename = "failure policy")]
pub enum FailurePolicy {
    /// It is refused.
    #[default]
    Fail,
    /// It passes.
    Ignore,
}

impl FailurePolicy {
    /// The word of a policy's `failurePolicy`.
    pub fn as_str(self) -> &'static str {
        match self {
            FailurePolicy::Fail => "Fail",
            FailurePolicy::Ignore => "Ignore",
        }
    }
}

/// What the generators work from.
#[derive(Debug, Clone, Copy)]
struct Context<'c> {
    config: &'c Config,
    generate: &'c Generate,
    found: &'c Found,
}

/// Generates what a configuration asks for, as edits that put it among the items.
///
/// # Errors
/// An item that is read cannot be, or an object that is not ours is where a generated one would go.
pub fn generate(
    request: &Request<'_>,
    survey: &Survey<'_>,
    config: &Config,
    generate: &Generate,
    parser: Parser,
) -> Result<Outcome, Error> {
    let found = found::found(request, survey, config, parser)?;
    let context = Context {
        config,
        generate,
        found: &found,
    };
    let mut findings = judge::of_configuration(config, request.today);
    let mut objects: Vec<Object> = Vec::new();
    if let Some(settings) = &generate.mirror_sync {
        objects.append(&mut mirror_sync::objects(
            &context,
            settings,
            &mut findings,
        )?);
    }
    if let Some(settings) = &generate.rollout_restart {
        objects.append(&mut rollout_restart::objects(
            &context,
            settings,
            &mut findings,
        ));
    }
    if let Some(settings) = &generate.admission_policy {
        let day = request.today;
        objects.append(&mut admission_policy::objects(
            &context,
            settings,
            day,
            &mut findings,
        ));
    }
    let plan = place::plan(request.input, survey, generate, &objects, &mut findings)?;
    finding::sort(&mut findings);
    let mut edits = plan.edits.clone();
    if let Some(shape) = &survey.list {
        let text = request.input;
        edits.extend(results::edits_beside(text, shape, &findings, plan.items));
    }
    edit::sort(&mut edits).map_err(place::overlap)?;
    place::check(request.input, survey, &edits, &plan)?;
    Ok(Outcome {
        edits,
        results: None,
        findings,
        is_resource_list: survey.list.is_some(),
        mode: Mode::Restore,
    })
}

/// A finding about what is generated, not about a resource.
fn remark(rule: Rule, agent: Option<&str>, message: String) -> Finding {
    Finding {
        agent: agent.map(Arc::from),
        ..Finding::new(rule, Mode::Restore, message)
    }
}
