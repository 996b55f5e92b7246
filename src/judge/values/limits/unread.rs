//! What is counted of values: images, and what reads like one and is read by nobody.

use std::collections::HashSet;

use crate::config::Config;
use crate::decide::provenance::is_in_profile;
use crate::image::Reference;
use crate::judge::values::{Counted, Ground, Installed, Unjudged};
use crate::judge::verdict::FieldVerdict;
use crate::registry::Scope;
use crate::values::{Doubt, Fault, ImageLike, Site, ValueImage, alike};
use crate::yaml::Error;

/// What is said of a registry under a rule that no image is written beside.
pub(super) const NAMELESS: &str =
    "it is not known which image the chart takes from this registry: look at what is rendered";

/// What is said of what reads like an image, at a key that is none of images.
const NO_KEY: &str = "no profile knows an image at this key: look at what is rendered";

/// What is said of what would be an image under a rule without its scheme.
const WITH_SCHEME: &str =
    "it is no image reference with its scheme: take that out to have it checked";

/// What is said of a name without a host in a chart that nobody knows, where no rule is about Docker Hub's.
const TAKEN_FOR_HUB: &str = "its chart may put a registry before it that a rule is about, and without one it is \
                             Docker Hub's: write the registry, too, to have it checked";

/// Why a name without a host counts as not read, if it does: a chart that nobody knows may have a registry by
/// default, which a rule may be about, while none is about Docker Hub's name.
pub(super) fn taken_for_hub(
    config: &Config,
    image: &ValueImage<'_, '_>,
    verdict: &FieldVerdict<'_, '_, '_, '_>,
) -> Option<String> {
    let is_open = image.doubt == Some(Doubt::Registry) && image.is_guess() && image.is_written;
    let decided = &verdict.verdict;
    let is_settled = verdict.claim.is_some() || decided.has_name || !decided.notes.is_empty();
    let hub = verdict.reference.as_ref()?.repository();
    let mut rules = config.rules.iter();
    let is_ruled =
        rules.any(|rule| rule.scope == Scope::All && rule.source.domain() != hub.domain());
    (is_open && !is_settled && is_ruled).then(|| TAKEN_FOR_HUB.to_owned())
}

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
                    why: reason(&alike).to_owned(),
                    span: alike.span,
                    ground: Ground::Looks,
                });
            }
        }
    }
    Ok(found)
}

fn reason(alike: &ImageLike<'_>) -> &'static str {
    match alike.fault {
        Some(Fault::Scheme) => WITH_SCHEME,
        Some(Fault::Malformed) => "it is no image reference",
        None => NO_KEY,
    }
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
