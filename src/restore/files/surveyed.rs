//! The first pass over files that are judged together: what each is, and what all give to the
//! configuration.

use crate::error::{Error, Fault};
use crate::image::likely::{Likely, likely};
use crate::krm::item_config::ItemConfig;
use crate::krm::survey::{Survey, survey_in};
use crate::parallel;
use crate::restore::seen::{self, Seen};
use crate::restore::skipped::{self, Skipped};
use crate::yaml::parse::{Arena, Parser};

use super::{FileOutcome, Files};

const CONFLICT_HELP: &str =
    "finish it, or leave the file out by `files.exclude` in the configuration or by `--exclude`";

/// What the first pass learns of files.
pub(super) struct FirstPass<'a> {
    /// An outcome for each file, before any is judged.
    pub(super) outcomes: Vec<Result<FileOutcome, Error>>,
    /// What reads like an image in each file.
    pub(super) all_likely: Vec<Vec<Likely>>,
    /// The surveys of the files that are to be judged.
    pub(super) surveys: Vec<Survey<'a>>,
    /// The positions of these files.
    pub(super) positions: Vec<usize>,
    /// What all files give to the configuration.
    pub(super) gathered: ItemConfig<'a>,
}

/// Reads all files once.
pub(super) fn first_pass<'a>(files: &Files<'a>) -> FirstPass<'a> {
    let mut surveys: Vec<Survey<'a>> = Vec::with_capacity(files.files.len());
    let mut outcomes: Vec<Result<FileOutcome, Error>> = Vec::with_capacity(files.files.len());
    let mut positions = Vec::new();
    let mut gathered = ItemConfig::default();
    let mut all_likely: Vec<Vec<Likely>> = Vec::with_capacity(files.files.len());
    let surveyed = survey_all(files).into_iter().flatten();
    for (position, (found, mut of_text)) in surveyed.enumerate() {
        if let Ok((_, Some(survey))) = &found {
            seen::without_observed(&mut of_text, survey);
        }
        all_likely.push(of_text);
        let (skipped, survey) = match found {
            Ok(found) => found,
            Err(error) => {
                outcomes.push(Err(error));
                continue;
            }
        };
        outcomes.push(Ok(FileOutcome {
            skipped,
            seen: skipped.map_or(Seen::default(), |skipped| {
                seen::of_skipped(&all_likely[position], skipped)
            }),
            ..FileOutcome::default()
        }));
        let Some(mut survey) = survey else { continue };
        gathered.join(position, std::mem::take(&mut survey.gathered));
        if skipped.is_none() {
            surveys.push(survey);
            positions.push(position);
        }
    }
    FirstPass {
        outcomes,
        all_likely,
        surveys,
        positions,
        gathered,
    }
}

/// Why a file is skipped, if it is, and its survey, if it needs the second pass.
type Surveyed<'a> = Result<(Option<Skipped>, Option<Survey<'a>>), Error>;

/// Surveys the files' texts, several at once: in batches, since each survey is large to be moved.
fn survey_all<'a>(files: &Files<'a>) -> Vec<Vec<(Surveyed<'a>, Vec<Likely>)>> {
    let bytes = if files.parser.reads_whole_texts() {
        0
    } else {
        files.files.iter().map(|file| file.text.len()).sum()
    };
    parallel::map(files.files, bytes, |_, some| {
        let mut arena = Arena::default();
        let surveys = some.iter().map(|file| {
            (files.judged)();
            let surveyed = match file.left_out {
                Some(why) => Ok((Some(why), None)),
                None => survey_file(file.text, files.parser, &mut arena),
            };
            (surveyed, likely(file.text))
        });
        surveys.collect()
    })
}

/// Why a file's content keeps it from being judged, regardless of what is excluded.
pub(in crate::restore) fn skipped_by_content(text: &str) -> Option<Skipped> {
    let surveyed = survey_file(text, Parser::default(), &mut Arena::default());
    surveyed.map_or(None, |(skipped, _)| skipped)
}

fn survey_file<'t>(text: &'t str, parser: Parser, arena: &mut Arena) -> Surveyed<'t> {
    if let Some(skipped) = Skipped::before_reading(text) {
        return Ok((Some(skipped), None));
    }
    match survey_in(text, parser, arena) {
        Ok(survey) => Ok((Skipped::of_survey(text, &survey), Some(survey))),
        Err(_) if skipped::is_unreadable_prose(text) => Ok((Some(Skipped::NoManifest), None)),
        Err(error) => match skipped::conflict(text) {
            Some(at) => {
                let fault = Fault::input(at, "a merge was not finished here", Some(CONFLICT_HELP));
                Err(Error::Input(fault))
            }
            None if skipped::stops_at_action(text, error.fault().at) => {
                Ok((Some(Skipped::Template), None))
            }
            None => Err(error),
        },
    }
}
