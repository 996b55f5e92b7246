//! The inventory: every image field, right or wrong, with its owner and its desired image.

use std::sync::Arc;

use crate::finding::{Aspect, ResourceRef, Rule};
use crate::image::Reference;
use crate::krm::resource::Resource;
use crate::mask;
use crate::yaml::{Error, Span};

use super::verdict::FieldVerdict;

/// Whether an image is as it should be, and if not, why it is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// As it should be.
    Right,
    /// Different from what is desired.
    Wrong,
    /// Different, and an exception allows it.
    Allowed,
    /// On a registry that no rule names, and left there.
    Undeclared,
    /// What it should be could not be settled.
    Unresolved,
    /// An annotation keeps the resource as it is.
    Ignored,
    /// The field holds no image reference, but a placeholder or nothing.
    Unreadable,
    /// No agent's, and under no rule for every image.
    Other,
}

impl State {
    /// The state in one word.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Right => "right",
            State::Wrong => "wrong",
            State::Allowed => "allowed",
            State::Undeclared => "undeclared",
            State::Unresolved => "unresolved",
            State::Ignored => "ignored",
            State::Unreadable => "unreadable",
            State::Other => "other",
        }
    }
}

/// One place that names an image to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageUse {
    /// The bytes of the input in which it is named.
    pub span: Span,
    /// The resource.
    pub resource: Arc<ResourceRef>,
    /// Path in the resource: `spec.template.spec.containers[0].image`.
    pub path: String,
    /// The container's name, where it is a container's.
    pub container: Option<String>,
    /// The image as it is written; `None` where none is.
    pub image: Option<String>,
    /// The official repository, with its registry: `docker.io/library/nginx`.
    pub official: Option<String>,
    /// The agent that owns the image.
    pub agent: Option<String>,
    /// The image as it should be; `None` where that is not known.
    pub desired: Option<String>,
    /// Whether values of a chart name it, or the chart's default.
    pub in_values: bool,
    /// The pull secrets that the image's mirror asks for.
    pub pull_secrets: Vec<String>,
    /// The pull secrets that the pod lists.
    pub listed_secrets: Vec<String>,
    /// Whether it is as it should be.
    pub state: State,
    /// What tells the tag, in words, where the chart chooses it; `None` where the image says its own.
    pub chart_tag: Option<String>,
}

impl ImageUse {
    /// Whether it comes from a mirror once it is as it should be.
    pub fn is_mirrored(&self) -> bool {
        let repository = |image: &Option<String>| {
            let image = Reference::parse(image.as_deref()?).ok()?;
            Some(image.repository())
        };
        let (official, desired) = (repository(&self.official), repository(&self.desired));
        self.state != State::Ignored
            && official.is_some()
            && desired.is_some()
            && official != desired
    }
}

/// The entry of one field.
pub(super) fn image_use(
    resource: &Resource<'_, '_>,
    verdict: &FieldVerdict<'_, '_, '_, '_>,
    listed_secrets: &[String],
    id: &Arc<ResourceRef>,
    ignored: bool,
) -> Result<ImageUse, Error> {
    let slot = verdict.field.notation.main();
    let node = slot.node()?.unwrap_or(slot.holder);
    let allowed = verdict.allowed();
    let unsettled = verdict.verdict.notes.iter().any(|note| {
        matches!(note.rule, Rule::UnresolvedImage | Rule::AmbiguousAgent) || note.proposed.is_some()
    });
    let desired = verdict.desired(&allowed);
    Ok(ImageUse {
        span: node.span.clone(),
        resource: Arc::clone(id),
        path: slot.text_below(&resource.path).to_string(),
        container: verdict.field.container.map(str::to_owned),
        image: verdict
            .field
            .image
            .as_deref()
            .map(|image| mask::image(image).into_owned()),
        official: verdict.official.as_ref().map(ToString::to_string),
        agent: verdict.agent().map(|agent| agent.to_string()),
        desired: desired.filter(|_| !unsettled && !verdict.is_unpublished),
        pull_secrets: verdict.verdict.mirror_secrets.clone(),
        listed_secrets: listed_secrets.to_vec(),
        state: if ignored {
            State::Ignored
        } else {
            state(verdict, &allowed)
        },
        in_values: false,
        chart_tag: None,
    })
}

fn state(verdict: &FieldVerdict<'_, '_, '_, '_>, allowed: &[Aspect]) -> State {
    let decided = &verdict.verdict;
    let noteed = |rules: &[Rule]| {
        let mut notes = decided.notes.iter();
        notes.any(|note| rules.contains(&note.rule))
    };
    let policy_allowed = verdict.in_force.allowing(Aspect::ImagePullPolicy).is_some();
    let wrong = |aspect| !allowed.contains(&aspect);
    if noteed(&[Rule::UnresolvedImage, Rule::AmbiguousAgent]) || verdict.is_unpublished {
        return State::Unresolved;
    }
    if verdict.reference.is_none() {
        return State::Unreadable;
    }
    if decided
        .differences
        .iter()
        .any(|difference| wrong(difference.aspect))
        || decided.notes.iter().any(|note| note.proposed.is_some())
        || noteed(&[Rule::OutdatedVersion])
        || (verdict.policy.is_some() && !policy_allowed)
    {
        return State::Wrong;
    }
    if noteed(&[Rule::UndeclaredMirror]) {
        return State::Undeclared;
    }
    if !decided.differences.is_empty() || verdict.policy.is_some() {
        return State::Allowed;
    }
    if verdict.claim.is_some() || decided.has_name {
        State::Right
    } else {
        State::Other
    }
}
