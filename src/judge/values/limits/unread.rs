//! What is counted of values: images, and what reads like one and is read by nobody.

use std::collections::HashSet;

use crate::config::Config;
use crate::decide::provenance::is_in_profile;
use crate::image::Reference;
use crate::judge::values::{Counted, Installed, Unjudged};
use crate::judge::verdict::FieldVerdict;
use crate::values::{Site, ValueImage, alike};
use crate::yaml::Error;

/// What is said of a registry under a rule that no image is written beside.
pub(super) const NAMELESS: &str =
    "it is not known which image the chart takes from this registry: look at what is rendered";

/// What is said of what reads like an image, at a key that is none of images.
const NO_KEY: &str = "no profile knows an image at this key: look at what is rendered";

/// An image as it is counted: one of which a part is written, or whose default is an agent's or under a
/// rule.
pub(in crate::judge::values) fn counted(
    image: &ValueImage<'_, '_>,
    verdict: &FieldVerdict<'_, '_, '_, '_>,
) -> Option<Counted> {
    let written = image
        .parts
        .each()
        .into_iter()
        .filter(|part| part.is_written);
    let sites = written.filter_map(|part| image.site_of(part.slot.as_ref()?));
    let at = |site: &Site<'_, '_>| {
        let node = site.slot.node().ok().flatten()?;
        Some((site.document, node.span.start))
    };
    if image.is_nameless() {
        return None;
    }
    let is_judged = verdict.claim.is_some() || verdict.verdict.has_name;
    let place = image.main_place()?;
    let counted = Counted {
        document: place.0,
        name: (place, image.paths()),
        written: sites.filter_map(at).collect(),
    };
    Some(counted).filter(|counted| is_judged || !counted.written.is_empty())
}

/// What reads like an image of an agent, or under a rule, in values of which nobody read it as one. `read` has
/// where parts of images were read, as [`super::super::Settled::read`] does.
///
/// # Errors
/// A mapping that is read has a key twice.
pub fn unread(
    config: &Config,
    installed: &[Installed<'_, '_>],
    read: &[(usize, usize)],
) -> Result<Vec<Unjudged>, Error> {
    let read: HashSet<&(usize, usize)> = read.iter().collect();
    let (mut found, mut walked) = (Vec::new(), HashSet::new());
    for one in installed {
        for alike in alike(&one.release.layers, &mut walked)? {
            if is_of_config(config, &alike.image)
                && !read.contains(&(alike.document, alike.span.start))
            {
                found.push(Unjudged {
                    document: alike.document,
                    span: alike.span,
                    why: NO_KEY.to_owned(),
                    by_looks: true,
                });
            }
        }
    }
    Ok(found)
}

/// Whether a text is an image on a host, of an agent or under a rule.
pub fn is_concerned(config: &Config, text: &str) -> bool {
    let image = Reference::parse(text.trim());
    image.is_ok_and(|image| image.has_host() && is_of_config(config, &image))
}

fn is_of_config(config: &Config, image: &Reference<'_>) -> bool {
    let repository = image.repository();
    is_in_profile(config, &repository) || config.rules.map(&repository, false).is_some()
}
