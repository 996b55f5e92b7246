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
pub enum ImageState {
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

/// What holds an image in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ImageHolder {
    /// What the file is for.
    #[default]
    File,
    /// Values of a chart.
    Values,
    /// A strategic-merge patch in a text.
    StrategicMergePatch,
    /// A list of operations in a text.
    Json6902Patch,
}

impl ImageState {
    /// The state in one word.
    pub fn as_str(self) -> &'static str {
        match self {
            ImageState::Right => "right",
            ImageState::Wrong => "wrong",
            ImageState::Allowed => "allowed",
            ImageState::Undeclared => "undeclared",
            ImageState::Unresolved => "unresolved",
            ImageState::Ignored => "ignored",
            ImageState::Unreadable => "unreadable",
            ImageState::Other => "other",
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
    /// The pull policy, if it is written.
    pub policy: Option<String>,
    /// The bytes of the pull policy, if it is written.
    pub policy_span: Option<Span>,
    /// The pull policy as it should be, where the written one is wrong.
    pub desired_policy: Option<&'static str>,
    /// What holds it, where that is not what its file is for.
    pub within: ImageHolder,
    /// The pull secrets that the image's mirror asks for.
    pub pull_secrets: Vec<String>,
    /// The pull secrets that the pod lists.
    pub listed_secrets: Vec<String>,
    /// Whether it is as it should be.
    pub state: ImageState,
    /// Whether the image is, whatever its pull policy.
    pub image_state: ImageState,
    /// What tells the tag, in words, where the chart chooses it; `None` where the image says its own.
    pub chart_tag: Option<String>,
}

impl ImageUse {
    /// What should be otherwise, in words: the image as it should be, or its pull policy, or both; empty where
    /// nothing should, or what should is not known.
    pub fn should_be(&self) -> String {
        let image = self.desired.clone();
        let image = image.filter(|image| Some(image) != self.image.as_ref());
        let policy = self
            .desired_policy
            .map(|policy| format!("imagePullPolicy: {policy}"));
        let parts: Vec<String> = image.into_iter().chain(policy).collect();
        parts.join(", ")
    }

    /// Makes it one of a patch, in which what is absent is no fault and of whose image a build tells; gives
    /// whether it is listed.
    pub fn is_listed_of_patch(&mut self) -> bool {
        if self.policy.is_none() {
            self.without_policy();
        }
        self.image.is_some()
    }

    /// Splits off the pull policy, for where that is written elsewhere: the entry of the policy alone, where it
    /// is wrong.
    pub fn split_policy(&mut self) -> Option<ImageUse> {
        let (span, _) = (self.policy_span.clone()?, self.desired_policy?);
        let policy = ImageUse {
            span,
            image: None,
            desired: None,
            state: ImageState::Wrong,
            ..self.clone()
        };
        self.without_policy();
        Some(policy)
    }

    fn without_policy(&mut self) {
        self.desired_policy = None;
        self.state = self.image_state;
    }

    /// Whether it comes from a mirror once it is as it should be.
    pub fn is_mirrored(&self) -> bool {
        let repository = |image: &Option<String>| {
            let image = Reference::parse(image.as_deref()?).ok()?;
            Some(image.repository())
        };
        let (official, desired) = (repository(&self.official), repository(&self.desired));
        self.state != ImageState::Ignored
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
    let policy = match &verdict.field.policy_slot {
        Some(slot) => slot.node()?,
        None => None,
    };
    let allowed = verdict.allowed();
    let unsettled = verdict.verdict.notes.iter().any(|note| {
        matches!(note.rule, Rule::UnresolvedImage | Rule::AmbiguousAgent) || note.proposed.is_some()
    });
    let desired = verdict.desired(&allowed);
    let state = |has_wrong_policy: bool| {
        if ignored {
            ImageState::Ignored
        } else {
            state(verdict, &allowed, has_wrong_policy)
        }
    };
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
        state: state(verdict.policy.is_some()),
        image_state: state(false),
        policy: verdict.field.policy.map(mask::policy).map(str::to_owned),
        policy_span: policy.map(|node| node.span.clone()),
        desired_policy: verdict.policy.filter(|_| !policy_allowed(verdict)),
        within: ImageHolder::File,
        chart_tag: None,
    })
}

fn policy_allowed(verdict: &FieldVerdict<'_, '_, '_, '_>) -> bool {
    verdict.in_force.allowing(Aspect::ImagePullPolicy).is_some()
}

fn state(
    verdict: &FieldVerdict<'_, '_, '_, '_>,
    allowed: &[Aspect],
    has_wrong_policy: bool,
) -> ImageState {
    let decided = &verdict.verdict;
    let noteed = |rules: &[Rule]| {
        let mut notes = decided.notes.iter();
        notes.any(|note| rules.contains(&note.rule))
    };
    let wrong = |aspect| !allowed.contains(&aspect);
    if noteed(&[Rule::UnresolvedImage, Rule::AmbiguousAgent]) || verdict.is_unpublished {
        return ImageState::Unresolved;
    }
    if verdict.reference.is_none() {
        return ImageState::Unreadable;
    }
    if decided
        .differences
        .iter()
        .any(|difference| wrong(difference.aspect))
        || decided.notes.iter().any(|note| note.proposed.is_some())
        || noteed(&[Rule::OutdatedVersion])
        || (has_wrong_policy && !policy_allowed(verdict))
    {
        return ImageState::Wrong;
    }
    if noteed(&[Rule::UndeclaredMirror]) {
        return ImageState::Undeclared;
    }
    if !decided.differences.is_empty() || has_wrong_policy {
        return ImageState::Allowed;
    }
    if verdict.claim.is_some() || decided.has_name {
        ImageState::Right
    } else {
        ImageState::Other
    }
}
