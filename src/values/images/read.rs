//! One image, read from layers of values as its chart puts it together.

use crate::chart::{ChartImage, Part, ValuePath};
use crate::field::parts::ImagePart;
use crate::image::Reference;
use crate::values::layer::{Layer, LayerContent, Looked, Site, Wished, look};
use crate::values::reader::{Doubt, LITERAL, Reader};
use crate::values::secrets::{NO_KEY, UNKNOWN, WishedNames, secrets};
use crate::yaml::Error;

use super::ValueImage;

/// Reads one image; `None` where it is not used.
pub(super) fn chart_image<'n, 's>(
    image: &'n ChartImage,
    is_in: bool,
    layers: &[Layer<'n, 's>],
    wished: &Wished,
) -> Result<Option<ValueImage<'n, 's>>, Error> {
    if let Some(unless) = &image.unless
        && set(layers, unless)?.is_some()
    {
        return Ok(None);
    }
    let mut reader = Reader::new(layers, wished);
    let mut parts = reader.parts(image)?;
    parts.default = image.default_repository();
    // A registry before a name that no value changes is a setting, which says something where it is set.
    let is_open = |part: &Option<Part>| part.as_ref().is_some_and(|part| part.default.is_none());
    let is_fixed = |part: &Option<Part>| part.as_ref().is_some_and(|part| part.path.is_empty());
    let is_setting = is_open(&image.registry) && is_fixed(&image.repository);
    if is_setting && parts.registry.text.is_empty() {
        return Ok(None);
    }
    let is_literal = reader.place_of_literal(&mut parts)?;
    let is_enabled = reader.are_on(&image.enabled_by)?;
    let policy = image.policy.as_ref().map(|policy| reader.part_of(policy));
    let policy = policy
        .transpose()?
        .filter(|policy| !policy.is_unknown && !policy.is_no_text);
    let policy = policy.map(|policy| policy.part);
    let listed = image.secrets.as_ref();
    let listed = listed.map(|part| secrets(part, layers, &WishedNames::new()));
    let (secrets, no_secrets) = match listed.transpose()? {
        Some(Ok(listed)) => {
            reader.sites.push(listed.site.clone());
            (Some(listed), None)
        }
        Some(Err(why)) => (None, Some(why)),
        None if image.lacks_secrets => (None, Some(NO_KEY)),
        None => (None, Some(UNKNOWN).filter(|_| image.is_guess)),
    };
    let literal = Some(LITERAL).filter(|_| is_literal);
    let mut image = ValueImage {
        parts,
        policy,
        secrets,
        sites: reader.sites,
        is_known: image.has_default(),
        is_written: false,
        doubt: reader.doubt,
        is_makeable: false,
        is_literal,
        instead: image.instead.as_deref().or(literal),
        no_secrets,
        number: reader.number,
        has_template_for_version: reader.has_template_for_version,
        source: Some(image),
    };
    let parts = &image.parts;
    let is_there = |part: &ImagePart<'_, '_>| part.is_written && !part.text.is_empty();
    image.is_makeable = is_in && is_enabled;
    // A registry that others share is no sign that this image runs.
    image.is_written = is_there(&parts.whole)
        || is_there(&parts.name)
        || is_there(&parts.repository)
        || image.is_makeable && (is_there(&parts.registry) || is_there(&parts.host));
    let is_bare = parts.whole.text.is_empty() && parts.name.text.is_empty();
    let is_nameless = image.source.is_some_and(|source| source.is_nameless);
    if is_nameless {
        image.doubt = Some(Doubt::Nameless);
    } else if image.doubt.is_none()
        && image
            .source
            .is_some_and(|source| source.is_guess && source.registry.is_some())
        && is_bare
        && Reference::parse(&parts.repository.text).is_ok_and(|parsed| !parsed.has_host())
        // A registry that is empty, like one that is absent, is what the chart fills in.
        && parts.registry.text.is_empty()
    {
        image.doubt = Some(Doubt::Registry);
    }
    if image.doubt.is_none() {
        image.doubt = rival(layers, &image)?;
    }
    let is_guess = image.is_whole_by_guess();
    image.parts.is_whole_by_version = is_guess && image.is_versioned();
    if image.doubt.is_none() && is_guess {
        let mut layers = layers.iter();
        let is_unread = layers.any(|layer| matches!(layer.content, LayerContent::Unknown));
        image.doubt = if !image.has_version_in_text() {
            // Its chart has the tag elsewhere, and so perhaps the registry.
            Some(Doubt::Registry)
        } else {
            // What is not read may say a registry.
            Some(Doubt::Unread).filter(|_| is_unread)
        };
    }
    image.keep_to_places();
    Ok(Some(image).filter(|image| is_in || image.is_written))
}

/// The registry at another key that an unknown chart may read for an image whose name has no host: of
/// several, the one that is nearest.
fn rival(layers: &[Layer<'_, '_>], image: &ValueImage<'_, '_>) -> Result<Option<Doubt>, Error> {
    let parts = &image.parts;
    let name = [&parts.whole.text, &parts.repository.text];
    let name = name.into_iter().find(|text| !text.is_empty());
    let parsed = name.and_then(|name| Reference::parse(name).ok());
    if parsed.is_none_or(|parsed| parsed.has_host()) {
        return Ok(None);
    }
    let mut nearest = None;
    for path in image.source.iter().flat_map(|source| &source.rivals) {
        let (Looked::Written(site)
        | Looked::Unknown {
            below: Some(site), ..
        }) = look(layers, path)?
        else {
            continue;
        };
        if let Some(node) = site.slot.node()?.filter(|node| !node.is_null())
            && let Some(text) = node.scalar().filter(|text| !text.is_empty())
        {
            nearest = Some(Doubt::Rival(path.to_string(), text.to_owned()));
        }
    }
    Ok(nearest)
}

/// Where a value is written that is not empty.
pub(super) fn set<'n, 's>(
    layers: &[Layer<'n, 's>],
    path: &'n ValuePath,
) -> Result<Option<Site<'n, 's>>, Error> {
    let Looked::Written(site) = look(layers, path)? else {
        return Ok(None);
    };
    let node = site.slot.node()?;
    let is_set = node.is_some_and(|node| !node.is_null() && node.scalar() != Some(""));
    Ok(Some(site).filter(|_| is_set))
}
