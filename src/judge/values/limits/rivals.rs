//! Registries at other keys, which a chart may put before an image or read in the place of its own.

use crate::config::Config;
use crate::field::parts::ImageParts;
use crate::image::Reference;

/// What a registry at another key means for an image.
pub(super) enum RivalMeaning {
    /// The image is right whichever of the two counts.
    Harmless,
    /// It is a mirror, and alone counts where the chart reads it; why the image is not judged, in words.
    Decisive(String),
    /// Only the chart could say which counts; what to do, in words.
    Unclear(String),
}

/// What a registry at another key, which the chart may put before an image or read in the place of its
/// own, means for it.
pub(super) fn beside_rival(
    config: &Config,
    parts: &ImageParts<'_, '_>,
    (path, registry): (&str, &str),
    new: Option<&str>,
    is_ours: bool,
) -> RivalMeaning {
    let is_whole = !parts.whole.text.is_empty();
    let name = if is_whole {
        &parts.whole.text
    } else {
        &parts.repository.text
    };
    let name = Reference::parse(name).map_or("", |parsed| parsed.name());
    let other = format!("{}/{name}", registry.trim_end_matches('/'));
    let repository = Reference::parse(&other).ok().map(|read| read.repository());
    let is_wrong = repository
        .as_ref()
        .is_none_or(|repository| config.rules.map(repository, is_ours).is_some());
    // The new registry has to go where the chart reads one, not into the repository.
    let has_registry = !is_whole && !parts.registry.text.is_empty();
    let is_harmless = new.map_or(!is_wrong, |new| has_registry && new == other);
    if is_harmless {
        return RivalMeaning::Harmless;
    }
    if !is_whole {
        return RivalMeaning::Unclear(format!(
            "the chart may read {path} instead of its registry: give both the same value"
        ));
    }
    // Who sets a mirror for all images of a chart knows that the chart puts it before them.
    let officials = repository.map(|repository| {
        let officials = config.rules.officials_behind(&repository, |_, _| true);
        !officials.is_empty()
    });
    if officials == Some(true) {
        return RivalMeaning::Decisive(format!(
            "the chart may put {path}, a mirror, before it: write the registry here to have it checked"
        ));
    }
    RivalMeaning::Unclear(format!(
        "the chart may put {path} before it: set that to a mirror, or write the registry here"
    ))
}
