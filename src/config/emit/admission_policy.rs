//! `emit.admissionPolicy`: policies by which the API server refuses, reports or corrects images.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::fault::ConfigFault;
use crate::config::names;
use crate::config::spanned::Spanned;
use crate::config::trust::IgnoreAnnotation;
use crate::revision::KubernetesVersion;

/// What the API server does about what is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdmissionPolicy {
    /// What becomes of a request.
    pub action: Action,
    /// What becomes of it where an expression cannot be evaluated.
    pub failure_policy: FailurePolicy,
    /// Whether pods are put right at creation.
    pub mutate: bool,
    /// Whether an object's annotation lets it pass; `None` has it as the rules do.
    pub ignore_annotation: Option<IgnoreAnnotation>,
    /// The namespaces that it holds in; none means all but the excluded ones.
    pub namespaces: Vec<String>,
    /// The namespaces that it does not hold in.
    pub exclude_namespaces: Vec<String>,
}

/// What becomes of a request that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
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

/// What a policy does, and where.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(in crate::config) struct AdmissionPolicyEntry {
    /// What becomes of a request that is wrong.
    action: Action,
    /// What becomes of a request for which an expression cannot be evaluated.
    failure_policy: FailurePolicy,
    /// Whether what is wrong is put right, too.
    mutate: Option<Spanned<bool>>,
    /// Whether the annotation `restore-images.dev/ignore` lets an object pass; left out, as the rules'
    /// `trust` has it.
    ignore_annotation: Option<IgnoreAnnotation>,
    /// The namespaces that it holds in; left out, all.
    namespaces: Option<Spanned<Vec<Spanned<String>>>>,
    /// The namespaces that it does not hold in.
    exclude_namespaces: Option<Spanned<Vec<Spanned<String>>>>,
}

pub(super) fn checked(
    written: &Spanned<AdmissionPolicyEntry>,
    target: Option<KubernetesVersion>,
) -> Result<AdmissionPolicy, ConfigFault> {
    let entry = &written.value;
    if let Some(target) = target.filter(|target| (target.major, target.minor) < (1, 30)) {
        let what = format!("Kubernetes {target} has no ValidatingAdmissionPolicy of version v1");
        let help = "it has been there since 1.30: leave `admissionPolicy` out";
        return Err(written.fault(what).help(help.to_owned()));
    }
    let can_mutate = target.is_some_and(|target| (target.major, target.minor) >= (1, 32));
    let mutate = match &entry.mutate {
        Some(wanted) if wanted.value && !can_mutate => {
            let fault = wanted.fault("a MutatingAdmissionPolicy needs Kubernetes 1.32 or newer");
            let help =
                "write `targetKubernetes: \"1.36\"` if the cluster is, or leave `mutate` out";
            return Err(fault.help(help.to_owned()));
        }
        Some(wanted) => wanted.value,
        None => can_mutate,
    };
    if let (Some(only), Some(_)) = (&entry.exclude_namespaces, &entry.namespaces) {
        let fault = only.fault("`namespaces` and `excludeNamespaces` are both here");
        return Err(fault.help("keep one of them".to_owned()));
    }
    let list = |written: &Spanned<Vec<Spanned<String>>>| names::legal_list(&written.value);
    let namespaces = entry.namespaces.as_ref().map(list).transpose()?;
    if let Some(written) = entry
        .namespaces
        .as_ref()
        .filter(|list| list.value.is_empty())
    {
        let fault = written.fault("the list names no namespace");
        return Err(fault.help("name one, or leave `namespaces` out for all".to_owned()));
    }
    let excluded = entry.exclude_namespaces.as_ref().map(list).transpose()?;
    Ok(AdmissionPolicy {
        action: entry.action,
        failure_policy: entry.failure_policy,
        mutate,
        ignore_annotation: entry.ignore_annotation,
        namespaces: namespaces.unwrap_or_default(),
        exclude_namespaces: excluded.unwrap_or_else(|| vec!["kube-system".to_owned()]),
    })
}
