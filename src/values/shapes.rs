//! Which keys and texts have the shape of an image's, and which only look like it.

use crate::image::likely::names_a_file;
use crate::image::template::{filled_in, is_template};
use crate::image::{Reference, is_name};
use crate::yaml::Error;

use super::beside::Holder;

/// Keys beside `repository` that only images have.
pub(super) const OF_IMAGES: [&str; 5] =
    ["tag", "digest", "registry", "pullPolicy", "imagePullPolicy"];

/// Keys beside `repository` that other things have: a chart, a working copy.
pub(super) const OF_OTHERS: [&str; 7] = [
    "chart", "url", "branch", "revision", "ref", "git", "repoURL",
];

/// Keys of mappings that hold the repository of something else.
const OTHERS: [&str; 8] = [
    "git",
    "repo",
    "charts",
    "source",
    "module",
    "terraform",
    "npm",
    "helm",
];

/// Keys whose values are mappings that hold the repositories of something else, each under its name.
const HOLDERS_OF_OTHERS: [&str; 1] = ["modules"];

/// Hosts of working copies, which keep no images under these names.
const OF_GIT: [&str; 4] = ["github.com", "gitlab.com", "bitbucket.org", "codeberg.org"];

/// The words that keys of images end in where each part has one of its own.
const FLAT: [&str; 2] = ["Repository", "_repository"];

/// What is before the last word of a key such as `imageRepository` or `sidecar_image_repository`.
pub(super) fn flat_prefix(key: &str) -> Option<&str> {
    let mut ends = FLAT.iter();
    let prefix = ends.find_map(|end| key.strip_suffix(end))?;
    is_image_key(prefix).then_some(prefix)
}

/// The key of another part, written as the key of the repository is.
pub(super) fn in_case_of(key: &str, prefix: &str, words: &str) -> String {
    if key[prefix.len()..].starts_with('_') {
        return format!("{prefix}_{words}");
    }
    let capital = |word: &str| {
        let (first, rest) = word.split_at(1);
        format!("{}{rest}", first.to_uppercase())
    };
    let words: String = words.split('_').map(capital).collect();
    format!("{prefix}{words}")
}

/// Whether the text of such a key is an image's: one of several words, or beside a tag.
pub(super) fn is_flat(
    text: &str,
    holder: &Holder<'_, '_>,
    prefix: &str,
    key: &str,
) -> Result<bool, Error> {
    let has_tag = holder.has(&in_case_of(key, prefix, "tag"))?;
    Ok(is_template(text) || (is_repository(text) && (has_tag || text.contains('/'))))
}

/// Whether a text under `image` is a name without a host beside the other parts of its image, before which its
/// chart may put a registry, as before a repository.
pub(super) fn is_part_of_image(
    text: &str,
    holder: &Holder<'_, '_>,
    (above, key): (&[String], &str),
) -> Result<bool, Error> {
    if key != "image" {
        return Ok(false);
    }
    let Ok(image) = Reference::parse(text) else {
        return Ok(false);
    };
    // One that is written there is held against the name as any registry near it.
    let has_registry = holder
        .text("registry")?
        .is_some_and(|text| !text.is_empty());
    if image.has_host() || image.tag.is_some() || image.digest.is_some() || has_registry {
        return Ok(false);
    }
    let is_in_image = above.last().is_some_and(|key| is_image_key(key));
    let is_word = !text.contains('/');
    Ok(is_in_image
        || holder.has_one(&["tag", "digest", "registry"])?
        || is_word && holder.has("imageTag")?)
}

/// Whether a text under a key that ends in `image` may be that of a container, which has a name, too: it is
/// in an item of a list of containers.
pub(super) fn is_in_containers(text: &str, above: &[String]) -> bool {
    let is_name = is_name(text).is_some() && Reference::parse(text).is_ok();
    is_name && is_of_container(above)
}

/// Whether keys lead to an item of a list of containers, which is written as pods have it.
pub(super) fn is_of_container(above: &[String]) -> bool {
    let [.., list, item] = above else {
        return false;
    };
    let is_item = item.bytes().all(|byte| byte.is_ascii_digit());
    let list = list.to_ascii_lowercase();
    is_item && (list.ends_with("containers") || list == "sidecars")
}

/// Words before `image` in keys of pictures and disks.
const OTHER_IMAGES: [&str; 8] = [
    "background",
    "os",
    "vm",
    "disk",
    "boot",
    "machine",
    "logo",
    "icon",
];

/// Whether a key is one of an image: `image`, `sidecarImage`.
pub(super) fn is_image_key(key: &str) -> bool {
    key.to_ascii_lowercase().ends_with("image")
}

/// Whether a text is of a picture or a disk, by its key: one with a host is an image that holds such a disk.
pub(super) fn is_of_picture(key: &str, text: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let before = key.strip_suffix("image").unwrap_or_default();
    let has_host = Reference::parse(text).is_ok_and(|image| image.has_host());
    !has_host && OTHER_IMAGES.contains(&before.trim_end_matches(['_', '-']))
}

/// The key beside an image's that holds its pull policy: `imagePullPolicy` beside `image`, and
/// `sidecarImagePullPolicy` beside `sidecarImage`.
pub(super) fn policy_beside(holder: &Holder<'_, '_>, key: &str) -> Result<Option<String>, Error> {
    if !is_image_key(key) {
        return Ok(None);
    }
    let policy = format!("{key}PullPolicy");
    let is_there = holder.text(&policy)?.is_some();
    Ok(is_there.then_some(policy))
}

/// Whether the mapping under a path holds the repository of something else.
pub(super) fn is_others(keys: &[String]) -> bool {
    let Some((key, outer)) = keys.split_last() else {
        return false;
    };
    let is_chart = key.to_ascii_lowercase().ends_with("chart");
    let is_held = |holder: &String| HOLDERS_OF_OTHERS.contains(&holder.as_str());
    is_chart || OTHERS.contains(&key.as_str()) || outer.last().is_some_and(is_held)
}

/// Whether a repository is one of working copies.
pub(super) fn is_of_git(repository: &str) -> bool {
    let host = repository.split_once('/').map(|(host, _)| host);
    host.is_some_and(|host| OF_GIT.contains(&host))
}

/// Whether a text is the name of an image, with a tag or digest perhaps; some charts put it behind a
/// registry without a slash between.
pub(super) fn is_repository(text: &str) -> bool {
    Reference::parse(text.trim().trim_matches('/')).is_ok()
}

/// Whether a text under `…image` is an image: a bare word may be half of a name that the chart joins, and
/// what is filled in elsewhere may be something else where only its key ends so.
pub(super) fn is_reference(key: &str, text: &str) -> bool {
    if is_template(text) {
        let filled = filled_in(text).map_or(String::new(), |(filled, _)| filled);
        return key == "image" || is_whole(&filled);
    }
    is_whole(text)
}

fn is_whole(text: &str) -> bool {
    // Who pulls it never sees blanks around it.
    let text = text.trim();
    let is_part = is_name(text).is_some() && !text.contains('/');
    !is_part && !names_a_file(text) && !text.starts_with('/') && Reference::parse(text).is_ok()
}
