//! Drafts of findings, in which what all findings of a resource share is filled in once.

use std::ops::Range;
use std::sync::Arc;

use crate::field::ImageField;
use crate::finding::{Aspect, FieldRef, FileRef, Finding, Mode, ResourceRef, Rule, Severity};
use crate::intern::intern;
use crate::krm::resource::{Resource, text_in};
use crate::yaml::{Error, Node};

use super::JudgeContext;

const PATH: [&str; 2] = [
    "internal.config.kubernetes.io/path",
    "config.kubernetes.io/path",
];
const INDEX: [&str; 2] = [
    "internal.config.kubernetes.io/index",
    "config.kubernetes.io/index",
];

/// A finding, with the change that it led to.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The finding; its span counts in the unit's text.
    pub finding: Finding,
    /// Positions of the changes among those of the unit: several where an image is written in parts.
    pub change: Option<Range<usize>>,
}

/// The drafts of one resource.
#[derive(Debug)]
pub(super) struct Drafts {
    mode: Mode,
    /// Whether a field that another tool writes is left as it is.
    pub(super) leaves_managed: bool,
    ordinal: usize,
    pub(super) resource: Arc<ResourceRef>,
    file: Option<Arc<FileRef>>,
    pub(super) list: Vec<Draft>,
}

impl Drafts {
    pub(super) fn new(
        context: &JudgeContext<'_, '_>,
        resource: &Resource<'_, '_>,
    ) -> Result<Self, Error> {
        Ok(Drafts {
            mode: context.config.mode,
            leaves_managed: context.wants.leave_managed,
            ordinal: context.ordinal,
            resource: Arc::new(resource_ref(resource)),
            file: file(resource)?.map(Arc::new),
            list: Vec::new(),
        })
    }

    /// Makes a finding one of this resource.
    pub(super) fn sign(&self, finding: &mut Finding) {
        finding.resource = Some(Arc::clone(&self.resource));
        finding.file.clone_from(&self.file);
        finding.ordinal = self.ordinal;
    }

    pub(super) fn add(&mut self, rule: Rule, message: String) -> &mut Draft {
        self.list.push(Draft {
            finding: Finding {
                resource: Some(Arc::clone(&self.resource)),
                file: self.file.clone(),
                ordinal: self.ordinal,
                allow: rule.aspect().into_iter().collect(),
                ..Finding::new(rule, self.mode, message)
            },
            change: None,
        });
        let last = self.list.len() - 1;
        &mut self.list[last]
    }
}

impl Draft {
    /// Says that the change is not made, which a check refuses.
    pub(super) fn mark_not_written(&mut self, why: &str) {
        self.finding.message = format!("{} is not written: {why}", self.finding.message).into();
        if self.finding.severity == Severity::Info {
            self.finding.severity = Severity::Warning;
        }
    }

    pub(super) fn field(
        &mut self,
        path: Arc<str>,
        current: Option<String>,
        proposed: Option<String>,
    ) -> &mut Self {
        self.field_of(&field(path, current, proposed))
    }

    /// As [`Draft::field`], for a field that several findings share.
    pub(super) fn field_of(&mut self, field: &Arc<FieldRef>) -> &mut Self {
        self.finding.field = Some(Arc::clone(field));
        self
    }

    pub(super) fn agent(&mut self, agent: Option<&Arc<str>>) -> &mut Self {
        self.finding.agent = agent.cloned();
        self
    }

    /// Names the aspects that an exception has to allow, where they are not the rule's usual one.
    pub(super) fn allow(&mut self, aspects: impl IntoIterator<Item = Aspect>) -> &mut Self {
        self.finding.allow = aspects.into_iter().collect();
        self
    }

    /// Points at a node in the text; for an alias, at the alias and not at its anchor.
    pub(super) fn at(&mut self, node: &Node<'_>) -> &mut Self {
        self.finding.span = Some(node.span.clone());
        self
    }

    pub(super) fn change(&mut self, change: Option<Range<usize>>) -> &mut Self {
        self.change = change;
        self
    }

    /// Turns the draft into a report that the change could not be made.
    pub fn unresolved(&mut self, mode: Mode) {
        self.finding.rule = Rule::UnresolvedImage;
        self.finding.severity = Rule::UnresolvedImage.severity(mode);
        let shares = ", but an anchor shares the value with a place that must keep it: \
            write the value out instead of the alias";
        self.finding.message = [&self.finding.message, shares].concat().into();
        self.change = None;
    }
}

/// A resource as findings name it.
pub(crate) fn resource_ref(resource: &Resource<'_, '_>) -> ResourceRef {
    ResourceRef {
        api_version: intern(resource.api_version),
        kind: intern(resource.kind),
        name: resource.name.into(),
        namespace: resource.namespace.into(),
    }
}

/// A field as findings name it, with credentials masked.
pub(super) fn field(
    path: Arc<str>,
    current: Option<String>,
    proposed: Option<String>,
) -> Arc<FieldRef> {
    Arc::new(FieldRef {
        path,
        current: current.map(String::into_boxed_str),
        proposed: proposed.map(String::into_boxed_str),
    })
}

/// The file that a resource came from, by the annotations of kpt and kustomize; the newer names of
/// these annotations come first.
pub(super) fn file(resource: &Resource<'_, '_>) -> Result<Option<FileRef>, Error> {
    let annotations = resource.annotations()?;
    let annotation = |[newer, older]: [&str; 2]| match text_in(annotations, newer)? {
        Some(text) => Ok(Some(text)),
        None => text_in(annotations, older),
    };
    let Some(path) = annotation(PATH)? else {
        return Ok(None);
    };
    let index = annotation(INDEX)?.and_then(|index| index.parse().ok());
    let path = path.into();
    Ok(Some(FileRef { path, index }))
}

/// A message of several parts that names the field's container first.
pub(super) fn named(field: &ImageField<'_, '_>, parts: &[&str]) -> String {
    let subject: &[&str] = match field.container {
        Some(name) => &["container ", name, ": "],
        None => &[],
    };
    let all = subject.iter().chain(parts);
    let mut text = String::with_capacity(all.clone().map(|part| part.len()).sum());
    text.extend(all.copied());
    text
}
