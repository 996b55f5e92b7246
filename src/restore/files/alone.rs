//! Files that no build uses: judged a unit at a time, as any stream.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::config::Config;
use crate::judge::values::OverChart;
use crate::judge::{Met, without_actions};
use crate::krm::survey::{Survey, survey};
use crate::restore::file_outcome::{outcome, without_lists};
use crate::restore::pipeline::SurveyedInput;
use crate::restore::seen;
use crate::restore::skipped::Skipped;
use crate::restore::unit::Restoring;
use crate::restore::{check_joined, judge_all};
use crate::tree::{Read, TreeOutcome, by_path, folder_of, normalised};

use super::surveyed::FirstPass;
use super::{FileOutcome, Files};

/// Judges the units of files that no build uses, and puts the outcome of each file in its place; those that
/// are nothing but the contents of ConfigMaps and Secrets are not judged. Returns what was met.
pub(super) fn restore(
    files: &Files<'_>,
    config: &Config,
    first: &mut FirstPass<'_>,
    builds: &TreeOutcome,
    over_templates: &BTreeMap<usize, Vec<OverChart>>,
) -> Met {
    let FirstPass {
        outcomes,
        all_likely,
        surveys,
        positions,
        gathered,
    } = first;
    let is_data = |position: usize| builds.data.contains(&position);
    // Whatever a ConfigMap holds is no fault of the tree.
    let data = builds
        .data
        .iter()
        .filter(|position| files.files[**position].left_out.is_none());
    for &position in data {
        outcomes[position] = Ok(FileOutcome {
            skipped: Some(Skipped::Data),
            seen: seen::of_skipped(&all_likely[position], Skipped::Data),
            ..FileOutcome::default()
        });
    }
    let templates = templates(files, builds, positions);
    let of_templates = templates.iter().filter_map(|(position, text)| {
        let survey = survey(text, files.parser).ok()?;
        Some((*position, &**text, survey))
    });
    let of_templates: Vec<(usize, &str, Survey<'_>)> = of_templates.collect();
    let surveyed = positions.iter().copied().zip(surveys.iter());
    let alone = surveyed.filter(|(position, _)| !builds.owns(*position) && !is_data(*position));
    let alone = alone.map(|(position, survey)| (position, files.files[position].text, survey));
    let of_templates = of_templates.iter();
    let of_templates = of_templates.map(|(position, text, survey)| (*position, *text, survey));
    let mut over_files = over_files(files, over_templates);
    for (&position, over) in &builds.over_doubted {
        over_files.entry(position).or_default().extend(over);
    }
    let inputs = alone.chain(of_templates).map(|(position, text, survey)| {
        let input = SurveyedInput {
            text,
            file: Some(files.files[position].place).filter(|place| !place.is_empty()),
            survey,
            held_by: builds.held.get(&position),
            over: over_files.get(&position).map_or(&[], |over| over),
        };
        (position, input)
    });
    let (alone, inputs): (Vec<usize>, Vec<SurveyedInput<'_>>) = inputs.unzip();
    let restoring = Restoring {
        config,
        today: files.today,
        gathered,
        wants: files.wants,
        collects_names: false,
        reads_values: false,
        prefilter: None,
    };
    let mut met = Met::default();
    let restored = judge_all(restoring, &inputs).into_iter();
    for ((restored, input), &position) in restored.zip(&inputs).zip(&alone) {
        outcomes[position] = restored.and_then(|mut restored| {
            if let Some(built) = builds.files.get(&position) {
                without_lists(&mut restored, &built.lists);
            }
            let mut outcome = outcome(&mut restored);
            if let Ok(outcome) = &mut outcome {
                check_joined(input.text, input.survey, &outcome.edits)?;
                let read = Read {
                    places: restored.read.into_iter().collect(),
                    images: restored.counted.into_iter().collect(),
                };
                let judged: BTreeSet<usize> = restored.judged.into_iter().collect();
                outcome.seen = seen::of_judged(&all_likely[position], input.survey, &read, &judged);
            }
            met.extend(restored.seen);
            outcome
        });
    }
    met
}

/// The texts of files that ConfigMaps hold and that are no YAML until they are filled in, each without what is
/// filled in: a ConfigMap's own text is read likewise.
fn templates(files: &Files<'_>, builds: &TreeOutcome, positions: &[usize]) -> Vec<(usize, String)> {
    let held = builds.held.iter().filter(|(position, by)| {
        let is_given = files.files[**position].left_out.is_none();
        by.is_template() && is_given && positions.binary_search(position).is_err()
    });
    let texts = held.filter_map(|(&position, _)| {
        let text = without_actions(files.files[position].text)?;
        Some((position, text))
    });
    texts.collect()
}

/// By the position of a template, what is done to what is rendered of its chart, or of one that brings it.
fn over_files<'o>(
    files: &Files<'_>,
    over_templates: &'o BTreeMap<usize, Vec<OverChart>>,
) -> HashMap<usize, Vec<&'o OverChart>> {
    let mut found: HashMap<usize, Vec<&OverChart>> = HashMap::new();
    if over_templates.is_empty() {
        return found;
    }
    let charts = over_templates.iter().filter_map(|(&position, over)| {
        let path = normalised(files.files[position].path)?;
        Some((folder_of(&path).to_owned(), over))
    });
    let charts: HashMap<String, &Vec<OverChart>> = charts.collect();
    for (path, position) in by_path(files.files.iter().map(|file| file.path)) {
        let mut folder = folder_of(&path);
        let mut is_template = false;
        while !folder.is_empty() && folder != "/" {
            is_template |= folder == "templates" || folder.ends_with("/templates");
            folder = folder_of(folder);
            if let Some(over) = charts.get(folder).filter(|_| is_template) {
                found.entry(position).or_default().extend(over.iter());
            }
        }
    }
    found
}
