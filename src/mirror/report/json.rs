//! States for programs: a versioned JSON document, whose schema is made from these types.

use schemars::{JsonSchema, Schema, generate::SchemaSettings};
use serde::Serialize;

use super::{help, pods, sentence};
use crate::mirror::pods::{PodState, PodStatus};
use crate::mirror::state::{Held, State, Status};
use crate::report::json::lines;

/// The version of the document. New keys do not change it; anything that readers must adapt to
/// does.
const VERSION: u32 = 1;

/// What mirrors hold of the images in use.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "A report of restore-images mirror status")]
struct MirrorDocument<'a> {
    /// The version of this document's shape.
    version: u32,
    /// Whether signatures and each platform were looked for.
    deep: bool,
    /// How many requests were sent.
    requests: usize,
    /// The images, in the order of their mirrors; none where pods were asked about.
    images: Vec<ImageEntry<'a>>,
    /// The images that run, where pods were asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pods: Option<Vec<PodEntry<'a>>>,
}

/// One image that runs.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PodEntry<'a> {
    /// Where it is pulled from.
    repository: String,
    /// The tag.
    tag: &'a str,
    /// The containers, each as `NAMESPACE/POD/CONTAINER`.
    containers: &'a [String],
    /// What the tag means now, beside what runs.
    state: PodState,
    /// One sentence.
    message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'static str>,
    /// By how many seconds what runs is older than what the tag means.
    #[serde(skip_serializing_if = "Option::is_none")]
    behind_seconds: Option<i64>,
    /// What runs.
    runs: HeldEntry<'a>,
    /// What the tag means now.
    means: HeldEntry<'a>,
}

impl<'a> PodEntry<'a> {
    fn new(status: &'a PodStatus) -> Self {
        let image = &status.image;
        PodEntry {
            repository: image.repository.to_string(),
            tag: &image.tag,
            containers: &image.containers,
            state: status.state,
            message: pods::sentence(status),
            help: pods::help(status),
            behind_seconds: status.behind_by(),
            runs: HeldEntry::new(&status.runs),
            means: HeldEntry::new(&status.means),
        }
    }
}

/// One image.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ImageEntry<'a> {
    /// The vendor's repository.
    official: String,
    /// The mirror's repository.
    mirror: String,
    /// The tag; absent where a digest decides alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<&'a str>,
    /// The digest that the image is pinned by.
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<&'a str>,
    /// What the mirror holds.
    state: State,
    /// Whether it is wrong: not only different, but longer so than is allowed.
    is_error: bool,
    /// One sentence.
    message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'static str>,
    /// By how many seconds the mirror's image is older than the vendor's.
    #[serde(skip_serializing_if = "Option::is_none")]
    behind_seconds: Option<i64>,
    /// What the vendor's registry holds.
    at_official: HeldEntry<'a>,
    /// What the mirror holds.
    at_mirror: HeldEntry<'a>,
    /// What the mirror lacks: platforms, or what is attached to the vendor's image.
    lacks: &'a [String],
}

impl<'a> ImageEntry<'a> {
    fn new(status: &'a Status) -> Self {
        let image = &status.image;
        ImageEntry {
            official: image.official.to_string(),
            mirror: image.mirror.to_string(),
            tag: image.tag.as_deref(),
            digest: image.digest.as_deref(),
            state: status.state,
            is_error: status.is_error,
            message: sentence(status),
            help: help(status),
            behind_seconds: status.behind_by(),
            at_official: HeldEntry::new(&status.official),
            at_mirror: HeldEntry::new(&status.mirror),
            lacks: &status.lacks,
        }
    }
}

/// What one side holds.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct HeldEntry<'a> {
    /// The digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<&'a str>,
    /// When the image was made, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<i64>,
}

impl<'a> HeldEntry<'a> {
    fn new(held: &'a Held) -> Self {
        HeldEntry {
            digest: held.digest.as_deref(),
            created: held.created,
        }
    }
}

/// The report as JSON.
///
/// # Errors
/// It cannot be written.
pub fn report(
    statuses: &[Status],
    deep: bool,
    requests: usize,
) -> Result<String, serde_json::Error> {
    lines(&MirrorDocument {
        version: VERSION,
        deep,
        requests,
        images: statuses.iter().map(ImageEntry::new).collect(),
        pods: None,
    })
}

/// The report on what runs, as JSON.
///
/// # Errors
/// It cannot be written.
pub fn of_pods(statuses: &[PodStatus], requests: usize) -> Result<String, serde_json::Error> {
    lines(&MirrorDocument {
        version: VERSION,
        deep: false,
        requests,
        images: Vec::new(),
        pods: Some(statuses.iter().map(PodEntry::new).collect()),
    })
}

/// The schema of the report.
pub fn schema() -> Schema {
    let generator = SchemaSettings::draft07().into_generator();
    generator.into_root_schema_for::<MirrorDocument<'_>>()
}
