//! The values of charts in files that are judged together: in objects that install charts, in the
//! files and ConfigMaps that these refer to, beside charts, and in files that the configuration names.

mod file;
mod joined;
mod layers;
mod paths;
mod tree;

use std::collections::{BTreeMap, BTreeSet};

use crate::config::{Config, Date, ReadValues};
use crate::decide::claim::AgentSet;
use crate::edit::Edit;
use crate::error::Error;
use crate::finding::Finding;
use crate::judge::{ImageUse, Wants};
use crate::krm::gathered::Gathered;
use crate::krm::survey::Survey;
use crate::yaml::{Node, parse};

use super::source::Source;
use file::File;
use paths::Paths;
use tree::Tree;

/// The files that values may be in.
pub(super) struct Among<'a> {
    /// The files.
    pub(super) files: &'a [Source<'a>],
    /// The day that exceptions are judged by.
    pub(super) today: Date,
    /// What else is wanted.
    pub(super) wants: Wants,
}

/// What the values in one file gave.
#[derive(Debug, Default)]
pub(super) struct OfValues {
    pub(super) edits: Vec<Edit>,
    pub(super) findings: Vec<Finding>,
    pub(super) images: Vec<ImageUse>,
    /// Where parts of images are written that were read.
    pub(super) read: BTreeSet<usize>,
}

/// What the values in all files gave, by the position of the file; each file that was read is there.
#[derive(Debug, Default)]
pub(super) struct Values {
    pub(super) files: BTreeMap<usize, OfValues>,
    pub(super) seen: AgentSet,
}

impl Values {
    /// What the values in the file of a position gave.
    fn of_file(&mut self, position: usize) -> &mut OfValues {
        self.files.entry(position).or_default()
    }
}

/// Kinds that releases refer to.
const REFERRED: [&str; 3] = ["ConfigMap", "HelmRepository", "OCIRepository"];

/// Judges the values of charts.
///
/// # Errors
/// A mapping that is read has a key twice.
pub(super) fn restore(
    files: &Among<'_>,
    config: &Config,
    gathered: &Gathered<'_>,
    surveys: &[(usize, &Survey<'_>)],
) -> Result<Values, Error> {
    if config.values == ReadValues::None {
        return Ok(Values::default());
    }
    let by_path = Paths::of(files);
    let first = by_path.installing(files, config, surveys);
    if first.is_empty() {
        return Ok(Values::default());
    }
    let read = |positions: &BTreeSet<usize>| -> Vec<File<'_>> {
        let read = positions
            .iter()
            .filter_map(|&position| File::read(files, position));
        read.collect()
    };
    let installing = read(&first);
    let mut more = BTreeSet::new();
    for file in &installing {
        for release in file.releases().map_err(Error::yaml)? {
            by_path.referred(file, &release, &mut more);
        }
        if file.is_chart() {
            more.extend(by_path.values_beside(&file.path));
        }
    }
    let needs_objects = installing.iter().any(|file| {
        file.text.contains("valuesFrom")
            || file.text.contains("ourceRef")
            || file.text.contains("chartRef")
    });
    if needs_objects {
        for (position, survey) in surveys {
            let refers = |kind: &str| REFERRED.contains(&kind);
            if survey.kinds.iter().any(|kind| refers(&kind.kind)) {
                more.insert(*position);
            }
        }
        more.extend(by_path.generating(files));
    }
    let more: BTreeSet<usize> = more.difference(&first).copied().collect();
    let mut all = installing;
    all.extend(read(&more));
    let mut generated = BTreeSet::new();
    for file in &all {
        generated.extend(by_path.generated(file).map_err(Error::yaml)?);
    }
    let known: BTreeSet<usize> = first.union(&more).copied().collect();
    let generated: BTreeSet<usize> = generated.difference(&known).copied().collect();
    all.extend(read(&generated));
    let tree = Tree::of(&by_path, &all).map_err(Error::yaml)?;
    let inner: Vec<Option<Node<'_>>> = tree
        .texts
        .iter()
        .map(|(_, text)| parse::document(text).ok())
        .collect();
    tree.judge(files, config, gathered, &inner)
        .map_err(Error::yaml)
}
