//! Merges what each way of judging says of a file into one outcome.
//!
//! - A file that a build uses is judged there alone; only the values of charts in it are judged apart.
//! - Any other file is judged by itself, and what builds say of it is added: of the patches in an object of
//!   Flux, for example.
//! - The outcome of the values of charts in a file is added in both cases.
//! - A template is reported as a template and nothing else, even where a build refuses it or includes it; its
//!   values are judged.
//! - A file that is left out has no outcome; where a build needs it, its images count as read.
//! - A file that one of the ways cannot read has that fault.

use std::collections::HashSet;

use crate::error::Error;
use crate::image::likely::Likely;
use crate::judge::ImageUse;
use crate::restore::file_outcome::{add_images, of_tree, with_built, with_values};
use crate::restore::releases::{OfValues, Values};
use crate::restore::seen;
use crate::restore::skipped::Skipped;
use crate::restore::source::SourceFile;
use crate::tree::{TreeFileOutcome, TreeOutcome};
use crate::yaml::{self, Span};

use super::surveyed::FirstPass;
use super::{FileOutcome, Files};

/// What builds and charts say of a file, beside what it gave by itself.
struct FromOthers {
    built: Option<TreeFileOutcome>,
    values: Option<OfValues>,
    /// Images that builds run, where the list of them is wanted; each with the entry that decides it.
    images: Option<Vec<(Span, ImageUse)>>,
    /// Whether nothing else in it is run.
    is_listed_by_builds: bool,
    /// Whether patches in it are listed, in which what is absent is no fault.
    is_listed_patch: bool,
    /// Why it cannot be read as values, or as a kustomization.
    refused: Option<yaml::Error>,
}

/// The outcome of each file.
pub(super) fn merge(
    files: &Files<'_>,
    first: FirstPass<'_>,
    builds: TreeOutcome,
    values: Values,
) -> Vec<Result<FileOutcome, Error>> {
    let TreeOutcome {
        files: mut built,
        mut images,
        patches,
        listed,
        ..
    } = builds;
    let mut of_values = values.files;
    let mut refused = values.refused;
    for (position, error) in builds.refused {
        refused.entry(position).or_insert(error);
    }
    let all = first
        .outcomes
        .into_iter()
        .zip(&first.all_likely)
        .zip(files.files);
    let outcomes = all
        .enumerate()
        .map(|(position, ((by_itself, likely), file))| {
            let beside = FromOthers {
                built: built.remove(&position),
                values: of_values.remove(&position),
                images: images.remove(&position),
                is_listed_by_builds: listed.contains(&position),
                is_listed_patch: files.wants.images && patches.contains(&position),
                refused: refused.remove(&position),
            };
            merged(by_itself, beside, file, likely)
        });
    outcomes.collect()
}

fn merged(
    by_itself: Result<FileOutcome, Error>,
    beside: FromOthers,
    file: &SourceFile<'_>,
    likely: &[Likely],
) -> Result<FileOutcome, Error> {
    if let Some(why) = file.left_out {
        let mut outcome = by_itself?;
        if let (Skipped::Elsewhere, Some(built)) = (why, beside.built) {
            outcome.seen.read = seen::of_built(likely, &built.read).read;
        }
        return Ok(outcome);
    }
    let mut outcome = match beside.built {
        Some(built) if built.is_owned => of_tree(built, likely)?,
        Some(built) => with_built(by_itself?, built)?,
        None => by_itself?,
    };
    if beside.is_listed_by_builds {
        let run = beside.images.as_deref().unwrap_or_default();
        let run: HashSet<usize> = run.iter().map(|(_, image)| image.span.start).collect();
        let is_run = |image: &ImageUse| image.image.is_none() || run.contains(&image.span.start);
        outcome.images.retain(is_run);
    }
    if let Some(values) = beside.values {
        outcome = with_values(outcome, values, likely)?;
    }
    if beside.is_listed_patch {
        outcome.images.retain_mut(ImageUse::is_listed_of_patch);
    }
    if let Some(images) = beside.images {
        add_images(&mut outcome, images);
    }
    match beside.refused {
        Some(error) if outcome.skipped != Some(Skipped::Template) => Err(Error::yaml(error)),
        _ => Ok(outcome),
    }
}
