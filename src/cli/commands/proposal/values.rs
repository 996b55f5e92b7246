//! Files that read like values of charts, and that nothing installs a chart with.

use std::path::Path;

use crate::restore::{FileOutcome, Skipped};
use crate::yaml::parse;

/// A file that reads like values, by its path below the configuration's folder.
pub(super) struct ValuesLike {
    pub(super) path: String,
    /// How many values in it read like images.
    pub(super) images: usize,
}

/// Keys of files that hold images of CI.
const OF_OTHERS: [&str; 4] = ["jobs", "stages", "steps", "pipeline"];

/// What a file is, where it is no manifest and reads like values.
pub(super) fn values_like(
    (path, text): (&Path, &str),
    outcome: &FileOutcome,
    folder: &Path,
) -> Option<ValuesLike> {
    let images = outcome.seen.unread.len();
    let is_open = outcome.skipped == Some(Skipped::NoManifest) && images > 0;
    let below = path.strip_prefix(folder).ok().filter(|_| is_open)?;
    let is_yaml = below
        .extension()
        .is_some_and(|end| end == "yaml" || end == "yml");
    // A pattern has to mean this file alone.
    let below = below.to_str().filter(|_| is_yaml)?;
    let is_plain =
        !below.contains(['*', '?', '[', ']', '{', '}', '\\']) && !below.contains("compose");
    let roots = parse::documents(text).ok().filter(|_| is_plain)?;
    let [root] = &roots[..] else { return None };
    let is_others = |key: &&str| root.get(key).is_ok_and(|found| found.is_some());
    let is_values = root.entries().is_some() && !OF_OTHERS.iter().any(is_others);
    is_values.then(|| ValuesLike {
        path: below.to_owned(),
        images,
    })
}
