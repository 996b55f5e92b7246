//! Puts generated objects among the items: in the place of an earlier run's, or after the last item.

use std::sync::Arc;

use crate::config::emit::Generate;
use crate::edit::{self, Edit};
use crate::error::{Error, Fault};
use crate::finding::{Finding, ResourceRef, Rule};
use crate::krm::resource;
use crate::krm::results::EditedItems;
use crate::krm::survey::{Survey, survey};
use crate::yaml::parse;

use super::existing::{Existing, canonical, existing, of_unit};
use super::gone::Gone;
use super::insert::{add, count, indented, newline};
use super::object::{Object, block, json, origin};

/// The edits that put objects among the items, and what each object is to say in the output.
#[derive(Debug, Default)]
pub(super) struct Placement {
    pub(super) edits: Vec<Edit>,
    /// What becomes of the key `items`, for the edits that write `results` beside it.
    pub(super) items: EditedItems,
    /// How many resources are added.
    added: usize,
    expected: Vec<ExpectedObject>,
}

/// An object as it should be in the output.
#[derive(Debug)]
struct ExpectedObject {
    group: &'static str,
    kind: &'static str,
    name: String,
    namespace: String,
    value: Option<String>,
}

/// Plans where objects go.
///
/// # Errors
/// A resource of somebody else has the identity of a generated one.
pub(super) fn placement(
    input: &str,
    survey: &Survey<'_>,
    generate: &Generate,
    objects: &[Object],
    findings: &mut Vec<Finding>,
) -> Result<Placement, Error> {
    let old = existing(input, survey, is_kind)?;
    let newline = newline(input);
    let ours = format!("{} ", origin(generate, "").trim_end());
    let mut placement = Placement::default();
    let mut new: Vec<(&Object, serde_yaml::Value)> = Vec::new();
    let mut kept: Vec<&Existing> = Vec::new();
    for object in objects {
        let same = old.iter().filter(|old| fits(object, old));
        let same: Vec<&Existing> = same.collect();
        check_ours(object, &same, &ours)?;
        let Some(&first) = same.first() else {
            let value = object.value(generate, &[], &[]);
            placement.expect(object, &value, object.namespace.clone())?;
            findings.push(told(object, "added", None));
            new.push((object, value));
            continue;
        };
        let mut object = object.clone();
        let moved = !object.is_cluster_wide && object.namespace.is_none();
        if moved && !first.namespace.is_empty() {
            object.namespace = Some(first.namespace.clone());
        }
        let value = object.value(generate, &first.labels, &first.annotations);
        let said = placement.expect(&object, &value, object.namespace.clone())?;
        kept.extend(&same);
        let mut gone: Option<Gone> = None;
        // kpt hands an item in twice when two selectors fit it: each is put right.
        for existing in same.iter().filter(|existing| existing.value != said) {
            let text = match existing.column {
                Some(column) => indented(&block(&value)?, column).trim().to_owned(),
                None => json(&value),
            };
            let text = text.replace('\n', newline);
            placement
                .edits
                .push(Edit::replace(existing.span.clone(), text));
            gone.get_or_insert_default().add(&existing.said, &value);
        }
        if let Some(gone) = gone {
            let mut finding = told(&object, "replaced", Some(first));
            finding.message = format!("{}{}", finding.message, gone.told()).into();
            findings.push(finding);
        }
    }
    placement.added = new.len();
    if !new.is_empty() {
        let insertion = add(input, survey, &new)?;
        placement.edits.extend(insertion.edits);
        placement.items = insertion.items;
    }
    let is_stale = |old: &&Existing| {
        let is_ours = old.origin().is_some_and(|origin| origin.starts_with(&ours));
        is_ours && old.is_managed() && !kept.iter().any(|known| known == old)
    };
    findings.extend(old.iter().filter(is_stale).map(stale));
    Ok(placement)
}

/// The kinds of which something is generated.
pub(super) fn is_kind(group: &str, kind: &str) -> bool {
    matches!(
        (group, kind),
        ("batch", "CronJob")
            | ("", "ConfigMap" | "ServiceAccount")
            | ("rbac.authorization.k8s.io", "Role" | "RoleBinding")
            | (
                "admissionregistration.k8s.io",
                "ValidatingAdmissionPolicy"
                    | "ValidatingAdmissionPolicyBinding"
                    | "MutatingAdmissionPolicy"
                    | "MutatingAdmissionPolicyBinding"
            )
    )
}

/// Whether a resource has the identity of an object. An object without a namespace takes the
/// namespace that somebody gave to its older self.
fn fits(object: &Object, old: &Existing) -> bool {
    let namespace = match &object.namespace {
        Some(namespace) => *namespace == old.namespace,
        None => object.is_cluster_wide || old.namespace.is_empty() || old.is_managed(),
    };
    namespace
        && object.kind == old.kind
        && object.name == old.name
        && resource::group(object.api_version) == old.group
}

fn check_ours(object: &Object, same: &[&Existing], ours: &str) -> Result<(), Error> {
    let refuse = |old: &Existing, why: &str, help: &str| {
        let what = format!("{} {why}", object.shown());
        Err(Error::Input(Fault::input(old.span.start, what, Some(help))))
    };
    if let Some(old) = same.iter().find(|old| !old.is_managed()) {
        let why = "is to be generated, and one that restore-images does not manage stands here";
        let help = "give the GenerateImages object another name, or remove this one";
        return refuse(old, why, help);
    }
    let is_other = |old: &&&Existing| old.origin().is_none_or(|origin| !origin.starts_with(ours));
    if let Some(old) = same.iter().find(is_other) {
        let why = "was generated from another GenerateImages object, or from one that has moved";
        let help = "give the GenerateImages object another name, or remove this resource";
        return refuse(old, why, help);
    }
    match same.iter().find(|old| !old.is_top) {
        Some(old) => refuse(
            old,
            "was generated before and now stands inside a List",
            "make it an item of its own, or remove it",
        ),
        None => Ok(()),
    }
}

impl Placement {
    /// Notes what an object should say; returns it.
    fn expect(
        &mut self,
        object: &Object,
        value: &serde_yaml::Value,
        namespace: Option<String>,
    ) -> Result<Option<String>, Error> {
        let text = block(value)?;
        let node = parse::document(&text).ok();
        let said = node.as_ref().and_then(canonical);
        self.expected.push(ExpectedObject {
            group: resource::group(object.api_version),
            kind: object.kind,
            name: object.name.clone(),
            namespace: namespace.unwrap_or_default(),
            value: said.clone(),
        });
        Ok(said)
    }
}

fn reference(object: &Object) -> ResourceRef {
    ResourceRef {
        api_version: object.api_version.into(),
        kind: object.kind.into(),
        name: object.name.as_str().into(),
        namespace: object.namespace.as_deref().unwrap_or_default().into(),
    }
}

fn told(object: &Object, verb: &str, old: Option<&Existing>) -> Finding {
    let mut finding = super::remark(
        Rule::GeneratedResource,
        None,
        format!("{verb}: {}", object.comment),
    );
    finding.resource = Some(reference(object).into());
    finding.ordinal = old.map_or(usize::MAX, |old| old.ordinal);
    finding.span = old.map(|old| old.span.clone());
    finding
}

fn stale(old: &Existing) -> Finding {
    let what = "was generated before and no longer is: delete it, here and in the cluster";
    let mut finding = super::remark(Rule::StaleGeneratedResource, None, what.to_owned());
    finding.resource = Some(Arc::new(ResourceRef {
        api_version: match old.group.as_str() {
            "" => "v1".into(),
            group => format!("{group}/v1").into(),
        },
        kind: old.kind.as_str().into(),
        name: old.name.as_str().into(),
        namespace: old.namespace.as_str().into(),
    }));
    finding.ordinal = old.ordinal;
    finding.span = Some(old.span.clone());
    finding
}

/// Reads the output again: every object is in it once, or as often as before, with the values it
/// should have.
///
/// # Errors
/// It does not; nothing is to be written then.
pub(super) fn check(
    input: &str,
    before: &Survey<'_>,
    edits: &[Edit],
    placement: &Placement,
) -> Result<(), Error> {
    let output = edit::apply(input, edits);
    let wrong = |what: String| {
        let help = "nothing was written; please report this input as a defect";
        Error::Edit(Fault::input(0, what, Some(help)))
    };
    if output.trim().is_empty() {
        return Ok(());
    }
    let after = survey(&output, before.parser)
        .map_err(|_| wrong("the output cannot be read again".to_owned()))?;
    if count(&output, &after)? != count(input, before)? + placement.added {
        return Err(wrong(
            "the output has more or fewer items than planned".to_owned(),
        ));
    }
    let mut found = Vec::new();
    for unit in &after.units {
        let kind = |resource: &resource::Resource<'_, '_>| is_kind(resource.group(), resource.kind);
        found.extend(of_unit(&output, after.parser, unit, kind)?);
    }
    for expected in &placement.expected {
        let is_it = |found: &&Existing| {
            (found.group.as_str(), found.kind.as_str()) == (expected.group, expected.kind)
                && (&found.name, &found.namespace) == (&expected.name, &expected.namespace)
        };
        let mut same = found.iter().filter(is_it).peekable();
        let there = same.peek().is_some();
        if !there || !same.all(|found| found.is_managed() && found.value == expected.value) {
            let what = format!("{} {} is not as planned", expected.kind, expected.name);
            return Err(wrong(what));
        }
    }
    Ok(())
}

/// Two edits at one place, which would be a defect.
pub(super) fn overlap(at: usize) -> Error {
    let help = "nothing was written; please report this input as a defect";
    Error::Edit(Fault::input(at, "two edits overlap", Some(help)))
}
