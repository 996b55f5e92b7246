//! Running pods: what each container was pulled as, beside what its tag means now.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::client::{AT_ONCE, Client};
use super::manifest::{self, Manifest, is_digest};
use super::side::Side;
use super::state::Held;
use super::why::Why;
use crate::image::Repository;
use crate::parallel;
use crate::yaml::parse::documents;
use crate::yaml::{Error, Node};

/// What is read of pods.
#[derive(Debug, Default)]
pub struct Pods {
    /// How many there are.
    pub count: usize,
    /// What an image runs as, in the words of a container's status, by namespace, pod and container.
    pub ids: BTreeMap<(String, String, String), String>,
    /// Whether a list has no items, as of a namespace without pods.
    pub has_empty_list: bool,
}

/// The lists of a pod's status that say what containers run as.
const STATUSES: &[&str] = &[
    "initContainerStatuses",
    "containerStatuses",
    "ephemeralContainerStatuses",
];

/// The pods of a text, and what their containers run as. A container that has pulled nothing yet is not
/// among these.
///
/// # Errors
/// The text is not YAML, or a mapping that is read has a key twice.
pub fn pods(text: &str) -> Result<Pods, Error> {
    let mut found = Pods::default();
    for document in documents(text)? {
        let items = document.get("items")?.and_then(Node::items);
        let is_list = kind(&document)?.is_some_and(|kind| kind.ends_with("List"));
        found.has_empty_list |= is_list && items.is_some_and(<[Node<'_>]>::is_empty);
        for item in items.unwrap_or_default() {
            // What is in a list of one kind need not repeat it.
            let kind = kind(item)?.or(kind(&document)?.and_then(|kind| kind.strip_suffix("List")));
            if kind == Some("Pod") {
                pod(item, &mut found)?;
            }
        }
        if kind(&document)? == Some("Pod") {
            pod(&document, &mut found)?;
        }
    }
    Ok(found)
}

fn kind<'n>(node: &'n Node<'_>) -> Result<Option<&'n str>, Error> {
    Ok(node.get("kind")?.and_then(Node::scalar))
}

fn pod(node: &Node<'_>, found: &mut Pods) -> Result<(), Error> {
    found.count += 1;
    let text = |keys: &[&str]| -> Result<String, Error> {
        let value = node.at(keys)?.and_then(Node::scalar);
        Ok(value.unwrap_or_default().to_owned())
    };
    let (namespace, name) = (
        text(&["metadata", "namespace"])?,
        text(&["metadata", "name"])?,
    );
    for list in STATUSES {
        let statuses = node.at(&["status", list])?.and_then(Node::items);
        for status in statuses.unwrap_or_default() {
            let container = status.get("name")?.and_then(Node::scalar);
            let id = status.get("imageID")?.and_then(Node::scalar);
            if let Some((container, id)) = container.zip(id.filter(|id| !id.is_empty())) {
                let key = (namespace.clone(), name.clone(), container.to_owned());
                found.ids.insert(key, id.to_owned());
            }
        }
    }
    Ok(())
}

/// An image that runs under a tag, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// Where it is pulled from.
    pub repository: Repository,
    /// The tag.
    pub tag: String,
    /// What it runs as, in the words of the container's status.
    pub id: String,
    /// The containers: `NAMESPACE/POD/CONTAINER`, in order.
    pub containers: Vec<String>,
}

/// What a tag means now, beside what runs under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PodState {
    /// What runs.
    Current,
    /// Another image than the one that runs.
    Outdated,
    /// Nothing.
    Missing,
    /// This could not be settled.
    Unknown,
}

impl PodState {
    /// Every state.
    pub const ALL: [PodState; 4] = [
        PodState::Current,
        PodState::Outdated,
        PodState::Missing,
        PodState::Unknown,
    ];

    /// The state in one word.
    pub fn as_str(self) -> &'static str {
        match self {
            PodState::Current => "current",
            PodState::Outdated => "outdated",
            PodState::Missing => "missing",
            PodState::Unknown => "unknown",
        }
    }
}

/// What became of an image that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PodStatus {
    /// The image.
    pub image: Running,
    /// Its state.
    pub state: PodState,
    /// What runs.
    pub runs: Held,
    /// What the tag means now.
    pub means: Held,
    /// Why the state is unknown.
    pub why: Option<Why>,
}

impl PodStatus {
    /// By how many seconds what runs is older than what the tag means, where both say it.
    pub fn behind_by(&self) -> Option<i64> {
        Some(self.means.created? - self.runs.created?)
    }
}

/// The states of images that run, in their order; `done` is called after each.
pub fn pod_statuses(
    images: &[Running],
    client: &Client<'_>,
    done: &(dyn Fn() + Sync),
) -> Vec<PodStatus> {
    let asked = parallel::map_by(AT_ONCE, 1, images, |_, some| {
        let of = |image| {
            let status = status(image, client);
            done();
            status
        };
        some.iter().map(of).collect::<Vec<PodStatus>>()
    });
    asked.into_iter().flatten().collect()
}

fn status(image: &Running, client: &Client<'_>) -> PodStatus {
    let side = Side {
        client,
        repository: &image.repository,
    };
    let mut status = PodStatus {
        image: image.clone(),
        state: PodState::Unknown,
        runs: Held::default(),
        means: Held::default(),
        why: None,
    };
    match state_of_tag(&side, &mut status) {
        Ok(state) => status.state = state,
        Err(why) => status.why = Some(why),
    }
    status
}

/// The digest at the end of a status' words: `docker.io/library/nginx@sha256:…`, or that of an image's
/// configuration: `sha256:…`, `docker://sha256:…`.
fn digest(id: &str) -> (Option<&str>, bool) {
    if let Some((_, digest)) = id.rsplit_once('@') {
        return (Some(digest).filter(|digest| is_digest(digest)), false);
    }
    let digest = id.rsplit_once("://").map_or(id, |(_, digest)| digest);
    (Some(digest).filter(|digest| is_digest(digest)), true)
}

fn state_of_tag(side: &Side<'_, '_>, status: &mut PodStatus) -> Result<PodState, Why> {
    let (runs, is_configuration) = digest(&status.image.id);
    let Some(runs) = runs.map(str::to_owned) else {
        return Ok(PodState::Unknown);
    };
    status.runs.digest = Some(runs.clone());
    let Some(means) = side.digest(&status.image.tag)? else {
        return Ok(PodState::Missing);
    };
    status.means.digest = Some(means.clone());
    if means == runs {
        return Ok(PodState::Current);
    }
    // A runtime may name a platform's image, or its configuration, where the tag means a list.
    let Some(bytes) = side.manifest(&means)? else {
        return Ok(PodState::Missing);
    };
    let images = side.images(&means, &bytes)?;
    if images.0.iter().any(|entry| entry.digest == runs) {
        return Ok(PodState::Current);
    }
    if is_configuration {
        for entry in &images.0 {
            let bytes = side.manifest(&entry.digest)?;
            if let Some(Manifest::Image { config, .. }) =
                bytes.as_deref().and_then(manifest::manifest)
                && config == runs
            {
                return Ok(PodState::Current);
            }
        }
        return Ok(PodState::Outdated);
    }
    // What ran once may be gone from the registry: then it is not said how old it is.
    if let Ok(Some(bytes)) = side.manifest(&runs)
        && let Ok(old) = side.images(&runs, &bytes)
        && let Some(&(new, old)) = images.alike(&old).first()
    {
        status.means.created = side.created(new)?;
        status.runs.created = side.created(old)?;
    }
    Ok(PodState::Outdated)
}
