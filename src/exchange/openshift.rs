//! OpenShift's ImageDigestMirrorSet, ImageTagMirrorSet and ImageContentSourcePolicy.

use super::{FileMirrors, ImportFault, LOOK, LocatedText, written_at};
use crate::yaml::Node;

/// The lists of mirrors in an object's `spec`, with what they are for.
const LISTS: &[(&str, &str)] = &[
    ("imageDigestMirrors", "digest"),
    ("imageTagMirrors", "tag"),
    ("repositoryDigestMirrors", "digest"),
];

/// Reads one object.
pub(super) fn read(node: &Node<'_>, found: &mut FileMirrors) -> Result<(), ImportFault> {
    for (key, version) in LISTS {
        let Some(list) = node.at(&["spec", key])? else {
            continue;
        };
        let before = found.pairs.len();
        found.is_known |= list.items().is_some();
        if list.items().is_none() {
            found.warn(
                list.start(),
                format!("`{key}` is {}, not a list: left out", list.describe()),
            );
        }
        for entry in list.items().unwrap_or_default() {
            let Some(source) = entry.get("source")?.and_then(written_at) else {
                found.warn(entry.start(), "the entry has no `source`: left out");
                continue;
            };
            let mirrors = entry.get("mirrors")?.and_then(Node::items);
            let mirrors = mirrors.into_iter().flatten().filter_map(written_at);
            // OpenShift takes no notice of a mirror that is the source itself.
            let mirrors = mirrors.filter(|mirror| mirror.text != source.text);
            let mirrors: Vec<LocatedText<'_>> = mirrors.collect();
            found.pair(source, &mirrors);
        }
        if found.pairs.len() > before {
            let what = format!(
                "these mirrors are for images by {version} alone, and a rule is for every image"
            );
            found.warn_with_help(list.start(), what, LOOK);
        }
    }
    Ok(())
}
