//! Names under a rule that are no image references.

use crate::config::Config;
use crate::field::parts::{ImagePart, ImageParts};
use crate::image::Reference;
use crate::image::template::filled_in;
use crate::mask;
use crate::values::{Doubt, ValueImage};

/// What is said of a name under a rule that is no reference: a part of it is filled in elsewhere, or it
/// has two tags.
pub(super) fn unread_name(config: &Config, image: &ValueImage<'_, '_>) -> Option<String> {
    let parts = &image.parts;
    let mapped = |name: &str| {
        let repository = Reference::parse(name).ok()?.repository();
        let (_, mapped) = config.rules.map(&repository, image.is_known)?;
        Some(mapped.name())
    };
    if let Some(name) = parts.twice_versioned() {
        let new = mapped(name)?;
        return Some(format!(
            "{} has a version of its own, and the chart puts another one behind it: take it out of the name, \
             which should be {new}",
            mask::image(name)
        ));
    }
    if image.doubt != Some(Doubt::Template) {
        let text = parts.text();
        let plain = plain(&text);
        let parsed = Reference::parse(&plain).ok()?;
        let new = mapped(parsed.name()).filter(|_| parsed.has_host())?;
        let version = &plain[parsed.name().len()..];
        let why = if text.trim() == text {
            format!("`{}` is no image reference", mask::image(&text))
        } else {
            format!("{} has blanks around it", mask::image(text.trim()))
        };
        return Some(format!("{why}: it should be {new}{version}"));
    }
    let unversioned = ImageParts {
        tag: ImagePart::default(),
        digest: ImagePart::default(),
        ..parts.clone()
    };
    let text = unversioned.text();
    let (filled, words) = filled_in(&text)?;
    if !Reference::parse(&filled).is_ok_and(|parsed| parsed.has_host()) {
        // Nobody knows what comes of it, but for the image that a chart is known to have there.
        let (_, new) = config.rules.map(&image.default_repository()?, true)?;
        return Some(format!(
            "{text} is a template that is filled in elsewhere: it should become {}",
            new.name()
        ));
    }
    let version = Reference::parse(&filled).map_or(0, |parsed| parsed.name().len());
    let new = mapped(&filled)? + &filled[version..];
    let new = words
        .iter()
        .fold(new, |new, (word, template)| new.replacen(word, template, 1));
    Some(format!(
        "{text} → {new} is not written: it is a template that is filled in elsewhere"
    ))
}

/// A text as an image reference, without what does not belong to one: blanks around it, a scheme, a slash
/// too many.
fn plain(text: &str) -> String {
    let text = text.trim();
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty()).collect();
    parts.join("/")
}
