//! Names under a rule that are no image references.

use crate::config::Config;
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
        let Ok(parsed) = Reference::parse(&plain) else {
            return without_version(image, &mapped);
        };
        let new = mapped(parsed.name())?;
        let why = if text.trim() != text {
            format!("{} has blanks around it", mask::image(text.trim()))
        } else {
            format!("`{}` is no image reference", mask::image(&text))
        };
        // Before a name without a host, a chart may put a registry.
        if !parsed.has_host() {
            let what = if text.starts_with('/') {
                "a registry has to come before it: write that, too"
            } else {
                "correct it to have it checked"
            };
            return Some(format!("{why}: {what}"));
        }
        let version = &plain[parsed.name().len()..];
        return Some(format!("{why}: it should be {new}{version}"));
    }
    let text = parts.unversioned().text();
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

/// What is said of a name whose version makes no reference of it.
fn without_version(
    image: &ValueImage<'_, '_>,
    mapped: &dyn Fn(&str) -> Option<String>,
) -> Option<String> {
    let plain = plain(&image.parts.unversioned().text());
    let parsed = Reference::parse(&plain).ok()?;
    let new = mapped(parsed.name())?;
    let text = image.parts.text();
    let why = format!("`{}` is no image reference", mask::image(&text));
    Some(if parsed.has_host() {
        format!("{why}: correct its version, and its name should be {new}")
    } else {
        format!("{why}: correct it to have it checked")
    })
}

/// A text as an image reference, without what does not belong to one: blanks, a scheme, a slash too many.
fn plain(text: &str) -> String {
    let text = text.split_whitespace().collect::<String>();
    let text = text.as_str();
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let parts: Vec<&str> = text.split('/').filter(|part| !part.is_empty()).collect();
    parts.join("/")
}
