//! The images that `skopeo sync` has to copy to a mirror, as the file that it reads.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};

use crate::cli::say;
use crate::image::Reference;
use crate::judge::{ImageState, ImageUse};
use crate::quote::piece;

use super::ImageRow;

/// The official references whose place is on a mirror, as a file of one destination.
///
/// skopeo puts an image at DESTINATION/NAME, where NAME is the last part of its path, so a file
/// serves one destination. Source: skopeo-sync(1), "--scoped".
pub(super) fn file(rows: &[ImageRow<'_>], to: Option<&str>) -> Result<String> {
    let mut renamed = BTreeMap::new();
    let mut by_destination: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    let is_copied =
        |image: &ImageUse| image.state != ImageState::Ignored && image.chart_tag.is_none();
    for row in rows.iter().filter(|row| is_copied(row.image)) {
        let (Some(official), Some(desired)) = (&row.image.official, &row.image.desired) else {
            continue;
        };
        let Ok(reference) = Reference::parse(desired) else {
            continue;
        };
        let mirror = reference.repository().to_string();
        let Some((destination, last)) = mirror.rsplit_once('/').filter(|_| mirror != *official)
        else {
            continue;
        };
        if official.rsplit('/').next() != Some(last) {
            renamed.insert((destination.to_owned(), official.clone()), mirror);
            continue;
        }
        let version = reference.digest.or(reference.tag).unwrap_or("latest");
        let images = by_destination.entry(destination.to_owned()).or_default();
        images
            .entry(official.clone())
            .or_default()
            .insert(version.to_owned());
    }
    for ((_, official), mirror) in &renamed {
        say(&format!(
            "{official} is mirrored as {mirror}, under another name, which skopeo sync cannot do: \
             copy it with `skopeo copy --all`"
        ));
    }
    let known: Vec<&str> = by_destination.keys().map(String::as_str).collect();
    let chosen = match (to, &known[..]) {
        (_, []) if !renamed.is_empty() => bail!(
            "every image here that belongs on a mirror has another name there\nhelp: copy each by \
             `skopeo copy --all`, as the lines above say, or map them to mirrors that keep the name"
        ),
        (_, []) => bail!(
            "no image here belongs on a mirror\nhelp: declare the mirrors with `registries` in the configuration"
        ),
        (None, [only]) => *only,
        (Some(to), _) if known.contains(&to.trim_end_matches('/')) => to.trim_end_matches('/'),
        (Some(to), _) if known.iter().any(|known| is_below(known, to)) => {
            let below: Vec<&str> = known
                .into_iter()
                .filter(|known| is_below(known, to))
                .collect();
            bail!(
                "{}: images of this mirror are in folders of it, and `skopeo sync` copies into one\n\
                 help: name the folder with --to: {}",
                piece(to),
                below.join(", ")
            )
        }
        (to, _) => bail!(
            "{}: a skopeo file serves one destination\nhelp: choose one of them with --to: {}",
            to.map_or("there are several mirrors".to_owned(), |to| format!(
                "{} is no mirror of an image here",
                piece(to)
            )),
            known.join(", ")
        ),
    };
    let mut registries: BTreeMap<&str, BTreeMap<&str, &BTreeSet<String>>> = BTreeMap::new();
    for (official, versions) in &by_destination[chosen] {
        if let Some((registry, path)) = official.split_once('/') {
            registries
                .entry(registry)
                .or_default()
                .insert(path, versions);
        }
    }
    let mut out =
        format!("# skopeo sync --all --preserve-digests --src yaml --dest docker FILE {chosen}\n");
    for (registry, images) in registries {
        out.push_str(&format!("{registry}:\n  images:\n"));
        for (path, versions) in images {
            out.push_str(&format!("    {path}:\n"));
            for version in versions {
                out.push_str(&format!("    - \"{version}\"\n"));
            }
        }
    }
    Ok(out)
}

/// Whether a destination is a folder of a mirror.
fn is_below(destination: &str, mirror: &str) -> bool {
    let rest = destination.strip_prefix(mirror.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.starts_with('/'))
}
