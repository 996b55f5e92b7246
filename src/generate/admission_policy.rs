//! Admission policies by which the API server refuses, reports or corrects what RestoreImages would
//! change.
//!
//! There is a ValidatingAdmissionPolicy for each kind of request that brings pods, and, where the
//! cluster knows it, a MutatingAdmissionPolicy for the creation of pods.
//! Workloads are never mutated: what a GitOps engine applied would then differ from Git for ever
//! (argo-cd#17572).

mod cel;
mod checks;
mod claims;
mod exceptions;
mod families;
mod mutation;
mod places;
mod rules;
mod tables;
mod validations;
mod variables;

use serde_yaml::Value;

use crate::config::emit::{Action, AdmissionPolicy};
use crate::config::{Config, Date, IgnoreAnnotation};
use crate::error::{Error, Fault, Origin};
use crate::finding::{Finding, Rule};
use crate::revision::KubernetesVersion;

use claims::Claims;
use exceptions::AllowedDifference;
use places::{PLACES, RequestKind};
use rules::General;
use variables::{PodLocation, Variable};

use super::object::{Object, list, map, text, texts};
use super::{GenerateContext, remark};

const ENTRY: &str = "admissionPolicy";

/// Images of agents beyond which an API server would refuse the policies, or every request by them: an
/// expression may have 100,000 characters, and its evaluation a bounded cost
/// (`generate::api_server` applies policies of this size and sends them the dearest pod).
const MOST_IMAGES: usize = 160;

fn too_many(images: usize) -> Error {
    Error::Config(Fault {
        origin: Origin::Config,
        ..Fault::input(
            0,
            format!(
                "admissionPolicy: the agents in play have {images} images, and an API server takes \
                 policies for {MOST_IMAGES} at most"
            ),
            Some("name the agents that run in the cluster under `agents`"),
        )
    })
}

/// What the expressions of all policies are built from.
struct PolicyInputs<'c> {
    config: &'c Config,
    claims: Claims<'c>,
    general: Vec<General<'c>>,
    allowed: Vec<AllowedDifference<'c>>,
    ignore_annotation: IgnoreAnnotation,
}

/// The policies and their bindings.
pub(super) fn objects(
    context: &GenerateContext<'_>,
    settings: &AdmissionPolicy,
    today: Date,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Object>, Error> {
    let config = context.config;
    let images = config.agents.iter().map(|agent| agent.images.len()).sum();
    if images > MOST_IMAGES {
        return Err(too_many(images));
    }
    let judgement = PolicyInputs {
        config,
        claims: claims::claims(config),
        general: rules::general(config),
        allowed: exceptions::in_force(config, today),
        ignore_annotation: settings
            .ignore_annotation
            .unwrap_or(config.trust.ignore_annotation),
    };
    let claimed = &judgement.claims.images;
    for claim in claimed {
        let (what, unchecked) = match (claim.is_disputed, claim.has_disputed_copies) {
            (true, _) => ("", "its tag and pull policy are not checked"),
            (false, true) => (
                "copies of ",
                "these are not checked on mirrors that no rule declares",
            ),
            (false, false) => continue,
        };
        let message = format!(
            "admissionPolicy: other agents claim {what}{}, too, and disagree, so {unchecked}",
            claim.image.official.written
        );
        findings.push(remark(Rule::NotGenerated, Some(&claim.agent.name), message));
    }
    let base = &context.generate.name;
    let mut objects = Vec::new();
    for place in PLACES {
        let name = format!("{base}-{}", place.ending);
        let validations = judgement.validations(place);
        let variables = judgement.variables(place.site);
        let spec = [
            ("failurePolicy", text(settings.failure_policy.as_str())),
            ("matchConstraints", constraints(place)),
            ("variables", declared(variables)),
            ("validations", list(validations)),
        ];
        let verb = match settings.action {
            Action::Deny => "refuses",
            Action::Warn => "warns of",
            Action::Audit => "notes in the audit log",
        };
        let comment = format!("{verb} {} that restore-images would change", place.what);
        let mut binding = vec![
            ("policyName", text(&name)),
            ("validationActions", texts([settings.action.as_str()])),
        ];
        binding.extend(selected(settings));
        objects.extend(pair(
            (V1, "ValidatingAdmissionPolicy", VALIDATING_BINDING),
            &name,
            (&comment, map(spec)),
            map(binding),
        ));
    }
    let version = context.generate.target.and_then(mutating_version);
    if let Some(version) = version.filter(|_| settings.mutate) {
        let place = &RequestKind::creation();
        let mut variables = judgement.variables(place.site);
        variables.extend(mutation::variables(
            config,
            claimed,
            &judgement.general,
            &judgement.allowed,
        ));
        let spec = [
            ("failurePolicy", text(settings.failure_policy.as_str())),
            // A later webhook may add a container, which is then judged, too.
            ("reinvocationPolicy", text("IfNeeded")),
            ("matchConstraints", constraints(place)),
            ("variables", declared(variables)),
            ("mutations", mutation::mutations()),
        ];
        let mut binding = vec![("policyName", text(format!("{base}-pods")))];
        binding.extend(selected(settings));
        let comment = "puts pods right at creation as restore-images does manifests";
        objects.extend(pair(
            (version, "MutatingAdmissionPolicy", MUTATING_BINDING),
            &format!("{base}-pods"),
            (comment, map(spec)),
            map(binding),
        ));
    }
    Ok(objects)
}

const V1: &str = "admissionregistration.k8s.io/v1";
const VALIDATING_BINDING: &str = "ValidatingAdmissionPolicyBinding";
const MUTATING_BINDING: &str = "MutatingAdmissionPolicyBinding";

/// The version of the API in which a cluster has MutatingAdmissionPolicy (KEP-3962).
fn mutating_version(target: KubernetesVersion) -> Option<&'static str> {
    match (target.major, target.minor) {
        (0, _) | (1, ..32) => None,
        (1, 32..34) => Some("admissionregistration.k8s.io/v1alpha1"),
        (1, 34..36) => Some("admissionregistration.k8s.io/v1beta1"),
        _ => Some(V1),
    }
}

fn pair(
    (api_version, kind, binding_kind): (&'static str, &'static str, &'static str),
    name: &str,
    (comment, spec): (&str, Value),
    binding: Value,
) -> [Object; 2] {
    let object = |kind, comment: String, spec| Object {
        api_version,
        kind,
        name: name.to_owned(),
        namespace: None,
        is_cluster_wide: true,
        entry: ENTRY,
        comment,
        rest: vec![("spec", spec)],
    };
    [
        object(kind, comment.to_owned(), spec),
        object(
            binding_kind,
            format!("says where the {kind} {name} holds"),
            binding,
        ),
    ]
}

fn constraints(place: &RequestKind) -> Value {
    let rules = place.resources.iter().map(|(group, resources)| {
        map([
            ("apiGroups", texts([*group])),
            ("apiVersions", texts(["v1"])),
            ("operations", texts(place.operations.iter().copied())),
            ("resources", texts(resources.iter().copied())),
        ])
    });
    map([("resourceRules", list(rules))])
}

fn declared(variables: Vec<Variable>) -> Value {
    let variables = variables.into_iter();
    list(
        variables.map(|(name, expression)| {
            map([("name", text(name)), ("expression", text(expression))])
        }),
    )
}

/// The selector of a binding's namespaces, by the label with its name that every namespace has.
fn selected(settings: &AdmissionPolicy) -> Option<(&'static str, Value)> {
    let (operator, names) = if settings.namespaces.is_empty() {
        ("NotIn", &settings.exclude_namespaces)
    } else {
        ("In", &settings.namespaces)
    };
    if names.is_empty() {
        return None;
    }
    let expression = map([
        ("key", text("kubernetes.io/metadata.name")),
        ("operator", text(operator)),
        ("values", texts(names)),
    ]);
    let selector = map([("matchExpressions", list([expression]))]);
    Some(("matchResources", map([("namespaceSelector", selector)])))
}

impl PolicyInputs<'_> {
    fn variables(&self, site: PodLocation) -> Vec<Variable> {
        variables::variables(
            self.config,
            self.ignore_annotation,
            site,
            &self.claims,
            &self.allowed,
        )
    }
}
