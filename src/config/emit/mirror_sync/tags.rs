//! `mirrorSync.tags`: tags that a mirror names otherwise than the vendor.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::fault::{ConfigFault, quoted};
use crate::config::shape;
use crate::config::spanned::Spanned;
use crate::image::{Reference, Repository};

/// A tag that the mirror names otherwise than the vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagName {
    /// The official repository that it is for; `None` is every one.
    pub image: Option<Repository>,
    /// The vendor's tag.
    pub official: String,
    /// The mirror's.
    pub mirror: String,
}

/// [`TagName`] as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TagNameEntry {
    /// The official image that it is for, without tag and digest; left out, every one.
    image: Option<Spanned<String>>,
    /// The vendor's tag.
    #[schemars(regex(pattern = shape::TAG), length(min = 1))]
    official: Spanned<String>,
    /// The mirror's tag.
    #[schemars(regex(pattern = shape::TAG), length(min = 1))]
    mirror: Spanned<String>,
}

pub(super) fn tags(entries: &[Spanned<TagNameEntry>]) -> Result<Vec<TagName>, ConfigFault> {
    let mut tags: Vec<TagName> = Vec::new();
    for written in entries {
        let entry = &written.value;
        let image = entry.image.as_ref().map(image_name).transpose()?;
        let name = TagName {
            image,
            official: tag(&entry.official)?,
            mirror: tag(&entry.mirror)?,
        };
        let is_known =
            |known: &TagName| (&known.image, &known.mirror) == (&name.image, &name.mirror);
        if tags.iter().any(is_known) {
            let fault = written.fault("the mirror's tag stands twice");
            return Err(fault.help("name each tag of the mirror once".to_owned()));
        }
        tags.push(name);
    }
    Ok(tags)
}

fn tag(written: &Spanned<String>) -> Result<String, ConfigFault> {
    let reference = format!("x:{}", written.value);
    let is_tag = Reference::parse(&reference)
        .is_ok_and(|reference| reference.digest.is_none() && reference.tag.is_some());
    if !is_tag {
        let fault = written.fault(format!("{} is no tag", quoted(&written.value)));
        return Err(fault.help("write the tag alone: `latest`".to_owned()));
    }
    Ok(written.value.clone())
}

fn image_name(written: &Spanned<String>) -> Result<Repository, ConfigFault> {
    let reference = Reference::parse(&written.value).ok();
    let is_bare = |reference: &Reference<'_>| reference.tag.is_none() && reference.digest.is_none();
    match reference.filter(is_bare) {
        Some(reference) => Ok(reference.repository()),
        None => {
            let what = format!("{} is no image's name alone", quoted(&written.value));
            let help = "write it without tag and digest: `docker.io/acme/agent`";
            Err(written.fault(what).help(help.to_owned()))
        }
    }
}
