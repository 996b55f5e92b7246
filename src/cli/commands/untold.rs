//! Warnings about images whose tag the chart chooses, so that it is not known here.

use std::collections::BTreeSet;

use super::judged::JudgedFiles;
use crate::cli::say;
use crate::quote::piece;
use crate::yaml::place::place;

/// Says which images that come from a mirror have a tag that only their chart knows, so that they
/// cannot be copied, for example; returns whether there are any.
pub(super) fn say_untold(judged: &JudgedFiles, verb: &str) -> bool {
    let mut is_any = false;
    for (file, outcome) in judged.files.files.iter().zip(&judged.together.files) {
        let (Ok(text), Ok(outcome)) = (&file.text, outcome) else {
            continue;
        };
        let mut known = BTreeSet::new();
        for image in outcome.images.iter().filter(|image| image.is_mirrored()) {
            let (Some(told_by), Some(official)) = (&image.chart_tag, &image.official) else {
                continue;
            };
            is_any = true;
            if known.insert((official, told_by)) {
                let line = place(text, image.span.start).line;
                say(&format!(
                    "{}:{line}: {}: the chart chooses the tag, so it cannot be {verb} from here: {}",
                    piece(&file.shown),
                    piece(official),
                    piece(told_by),
                ));
            }
        }
    }
    is_any
}
