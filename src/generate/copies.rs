//! The images to copy to their mirrors: those in use, or without items those of the profiles.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::config::Config;
use crate::config::emit::{MirrorSync, TagName};
use crate::finding::{Finding, ResourceRef, Rule};
use crate::image::{Reference, Repository};
use crate::registry::Mirrored;
use crate::sort::sort;
use crate::tag::Versions;

use super::{GenerateContext, remark};

/// An official repository with its mirror, and the versions to copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ImageCopy {
    pub(super) official: Repository,
    pub(super) mirror: Repository,
    /// Tags and digests, sorted, each once.
    pub(super) versions: Vec<Version>,
}

/// A tag or a digest (`sha256:…`), which has a colon as no tag has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    /// The mirror's name for it.
    pub(super) mirror: String,
    /// The vendor's.
    pub(super) official: String,
}

impl Version {
    pub(super) fn is_digest(&self) -> bool {
        self.official.contains(':')
    }

    /// Whether both sides name it alike.
    pub(super) fn is_alike(&self) -> bool {
        self.official == self.mirror
    }
}

/// The copies, ordered by mirror; the image of the copying tool is among them if it comes from a
/// mirror.
pub(super) fn copies(
    context: &GenerateContext<'_>,
    settings: &MirrorSync,
    findings: &mut Vec<Finding>,
) -> Vec<ImageCopy> {
    let mut images = if context.found.has_items {
        findings.extend(untold(context));
        context.found.mirrored.clone()
    } else {
        of_profiles(context, findings)
    };
    let status = settings.status.iter().map(|job| &job.image);
    let tools = std::iter::once(&settings.image).chain(status);
    images.extend(tools.filter_map(|tool| of_tool(context, tool)));
    // Grouped by mirror, to find those that two official repositories would overwrite in turn.
    let mut by_mirror: BTreeMap<Repository, BTreeMap<Repository, Vec<String>>> = BTreeMap::new();
    for image in images {
        let sources = by_mirror.entry(image.mirror).or_default();
        let versions = sources.entry(image.official).or_default();
        versions.extend(image.tag);
        versions.extend(image.digest);
    }
    let mut copies = Vec::new();
    for (mirror, sources) in by_mirror {
        if sources.len() > 1 {
            let names: Vec<String> = sources.keys().map(ToString::to_string).collect();
            let message = format!(
                "{mirror} would hold copies of {}, each over the other: give the rules mirrors of \
                 their own",
                names.join(" and ")
            );
            findings.push(remark(Rule::NotGenerated, None, message));
            continue;
        }
        for (official, mut versions) in sources {
            sort(&mut versions);
            versions.dedup();
            let versions = versions.into_iter();
            let versions = versions.map(|version| Version {
                official: official_tag(settings, &official, &version),
                mirror: version,
            });
            let versions = versions.collect();
            let mirror = mirror.clone();
            copies.push(ImageCopy {
                official,
                mirror,
                versions,
            });
        }
    }
    if !copies.is_empty() {
        findings.extend(unused(settings, &copies));
    }
    copies
}

/// The vendor's name for a version of the mirror's: the settings of the image itself count first.
fn official_tag(settings: &MirrorSync, official: &Repository, version: &str) -> String {
    let name = name_of(settings, official, version);
    name.map_or(version, |name| &name.official).to_owned()
}

fn name_of<'s>(
    settings: &'s MirrorSync,
    official: &Repository,
    version: &str,
) -> Option<&'s TagName> {
    let of = |image: Option<&Repository>| {
        let mut tags = settings.tags.iter();
        tags.find(|name| name.mirror == version && name.image.as_ref() == image)
    };
    of(Some(official)).or_else(|| of(None))
}

/// What is said of names of tags that no copy has.
fn unused(settings: &MirrorSync, copies: &[ImageCopy]) -> Vec<Finding> {
    let is_used = |tag: &&TagName| {
        copies.iter().any(|copy| {
            let mut versions = copy.versions.iter();
            versions.any(|it| name_of(settings, &copy.official, &it.mirror) == Some(*tag))
        })
    };
    let unused = settings.tags.iter().filter(|tag| !is_used(tag));
    let told = |tag: &TagName| {
        let of = tag.image.as_ref().map(|image| format!(" of {image}"));
        let message = format!(
            "mirrorSync.tags: `{}`{} is on no image that is copied, so that the entry changes nothing",
            tag.mirror,
            of.unwrap_or_default()
        );
        remark(Rule::NotGenerated, None, message)
    };
    unused.map(told).collect()
}

/// What is said of images of which a chart chooses the tag, each once.
fn untold(context: &GenerateContext<'_>) -> Vec<Finding> {
    let mut known = BTreeSet::new();
    let untold = context.found.untold.iter();
    let untold = untold.filter(|(by, official, told_by)| {
        known.insert((by.namespace.clone(), by.name.clone(), official, told_by))
    });
    let finding = |(by, official, told_by): &(Arc<ResourceRef>, Repository, String)| {
        let message = format!(
            "{official}: the chart chooses the tag, so it cannot be copied from here: {told_by}"
        );
        Finding {
            resource: Some(Arc::clone(by)),
            ..remark(Rule::NotGenerated, None, message)
        }
    };
    untold.map(finding).collect()
}

/// The images that the profiles name and the rules map.
fn of_profiles(context: &GenerateContext<'_>, findings: &mut Vec<Finding>) -> Vec<Mirrored> {
    let (images, left) = mirrored_by_profiles(context.config);
    findings.extend(left.into_iter().map(|left| {
        let message = format!(
            "{} is not copied to {}: {}, so only the manifests could name one: run it with them \
             among the items",
            left.official, left.mirror, left.why
        );
        remark(Rule::NotGenerated, Some(left.agent), message)
    }));
    images
}

/// An image whose version no profile says.
#[derive(Debug)]
pub(crate) struct Versionless<'c> {
    pub(crate) agent: &'c str,
    /// The image as its profile writes it.
    pub(crate) official: &'c str,
    pub(crate) mirror: Repository,
    pub(crate) why: String,
}

/// The images that the profiles in play name and the rules map to a mirror, and those of which the
/// profiles say no version.
pub(crate) fn mirrored_by_profiles(config: &Config) -> (Vec<Mirrored>, Vec<Versionless<'_>>) {
    let (mut images, mut left) = (Vec::new(), Vec::new());
    for agent in &config.agents {
        for image in &agent.images {
            let official = &image.official.repository;
            let mapped = config.rules.map(official, true);
            let Some((_, mirror)) = mapped.filter(|(_, mirror)| mirror != official) else {
                continue;
            };
            match image.tag_policy.versions(&agent.policy_input(image)) {
                Ok(right) => {
                    let versions = versions(right).into_iter();
                    images.extend(versions.map(|(tag, digest)| Mirrored {
                        official: official.clone(),
                        mirror: mirror.clone(),
                        tag,
                        digest,
                    }));
                }
                Err(why) => left.push(Versionless {
                    agent: &agent.name,
                    official: &image.official.written,
                    mirror,
                    why: why.to_string(),
                }),
            }
        }
    }
    (images, left)
}

/// A tag, a digest, or both.
type TagAndDigest = (Option<String>, Option<String>);

/// The versions that are right by the profile alone. An image without tag and digest is pulled by
/// the tag `latest`.
fn versions(right: Versions<'_>) -> Vec<TagAndDigest> {
    let latest = || Some("latest".to_owned());
    match right {
        Versions::Exactly {
            tag: None,
            digest: None,
            ..
        } => vec![(latest(), None)],
        Versions::Exactly { tag, digest, .. } => {
            vec![(tag.map(Cow::into_owned), digest.map(Cow::into_owned))]
        }
        Versions::Moving { tags, .. } => {
            let tags = tags.iter().map(|tag| match tag.as_str() {
                "" => latest(),
                tag => Some(tag.to_owned()),
            });
            tags.map(|tag| (tag, None)).collect()
        }
    }
}

/// The tool's own image, if a rule for every image maps it.
fn of_tool(context: &GenerateContext<'_>, tool: &str) -> Option<Mirrored> {
    let reference = Reference::parse(tool).ok()?;
    let official = reference.repository();
    let (_, mirror) = context.config.rules.map(&official, false)?;
    if mirror == official || !mirror.is_legal() {
        return None;
    }
    Some(Mirrored::new(official, &reference, mirror))
}
