//! The places in sources that decide the differences which `check --rendered` finds, where the tree
//! shows them.

use std::sync::Arc;

use crate::cli::files::{InputFile, InputFiles, places_in};
use crate::cli::roots::{Builder, Root};
use crate::finding::{Decided, Finding};
use crate::report::Problem;
use crate::restore::{FileOutcome, Skipped};
use crate::tree::{self, TreeFile};

const OF_HELM: &str = "helm makes it of the chart and its values";
const OF_OTHERS: &str = "a remote base, a generator, a replacement or a plug-in may make it";

/// Names for each finding the source that decides what it is about, as far as the tree tells.
pub(super) fn name_sources(
    files: &InputFiles,
    roots: &[Root<'_>],
    judged: &mut [Result<FileOutcome, Problem>],
) {
    let texts: Vec<TreeFile<'_>> = files.files.iter().map(tree_file).collect();
    let judged = judged.iter_mut().zip(roots);
    let mut findings: Vec<(&Root<'_>, &mut Finding)> = judged
        .filter_map(|(outcome, root)| Some((outcome.as_mut().ok()?, root)))
        .flat_map(|(outcome, root)| outcome.findings.iter_mut().map(move |one| (root, one)))
        .filter(|(_, finding)| finding.field.is_some())
        .collect();
    let asked = findings.iter();
    let asked: Vec<(usize, &Finding)> = asked
        .map(|(root, finding)| (root.position, &**finding))
        .collect();
    let origins = tree::origins(&texts, &asked);
    let places = places_in(&files.files, origins.iter().flatten().copied());
    for ((root, finding), origin) in findings.iter_mut().zip(origins) {
        let decided = match origin {
            Some(at) => Decided::By {
                path: texts[at.0].path.into(),
                place: places[&at],
            },
            None if root.builder == Builder::Helm => Decided::Unknown(OF_HELM),
            None => Decided::Unknown(OF_OTHERS),
        };
        finding.decided = Some(Arc::new(decided));
    }
}

fn tree_file(file: &InputFile) -> TreeFile<'_> {
    TreeFile {
        path: &file.shown,
        text: file.text_or_empty(),
        left_out: file.left_out.map(Skipped::as_str),
        is_elsewhere: file.left_out.is_some_and(Skipped::is_elsewhere),
        is_excluded: file.left_out == Some(Skipped::Excluded),
        links: &file.links,
        missing: &file.missing,
    }
}
