//! Files that are judged together: each keeps its own edits and faults, and all share one
//! configuration, the profiles among them, ServiceAccounts and instances.

mod again;
mod surveyed;

use std::collections::HashSet;

use crate::agent::Judged;
use crate::config::{Config, Date, Trust};
use crate::error::{Error, Fault, Origin};
use crate::finding::{self, Finding, Mode};
use crate::judge::values::OfBuilds;
use crate::judge::{self, ImageUse, Wants};
use crate::krm::survey::Survey;
use crate::tree::{self, Read, TreeFile, TreeOutcome};
use crate::yaml::parse::Parser;

pub use super::file_outcome::FileOutcome;
use super::file_outcome::{add_images, in_order, of_tree, outcome, with_values, without_lists};
use super::pipeline::{Gather, SurveyedInput};
use super::releases::{self, Among};
use super::seen;
use super::skipped::Skipped;
use super::source::SourceFile;
use super::unit::{Restored, Restoring};
use super::{
    REPORT_HELP, check_joined, judge_all, read_config, sort_edits, unmatched_agents, values_files,
};
pub(super) use surveyed::skipped_by_content;
use surveyed::{FirstPass, first_pass};

/// Files, and what they are restored by.
#[derive(Clone, Copy)]
pub struct Files<'a> {
    /// The files.
    pub files: &'a [SourceFile<'a>],
    /// The configuration; without one, every built-in profile.
    pub config: Option<&'a str>,
    /// Restore or check, whatever the configuration says.
    pub mode: Mode,
    /// The day that exceptions are judged by.
    pub today: Date,
    /// Whether these are all the files there are, so that an agent found in none of them is
    /// reported as missing.
    pub complete: bool,
    /// How far the files may override the configuration where that does not say it.
    pub trust: Trust,
    /// What else is wanted.
    pub wants: Wants,
    /// The URLs of the repository that the files are of, where they are known: objects of Flux and
    /// Argo CD say which repository they build.
    pub remotes: &'a [String],
    /// How the files are parsed.
    pub parser: Parser,
    /// Is called for each file that was read, so that progress can be shown.
    pub judged: &'a (dyn Fn() + Sync),
}

/// What the files gave.
#[derive(Debug)]
pub struct Together {
    /// For each file, in order: what was found, or why it could not be read.
    pub files: Vec<Result<FileOutcome, Error>>,
    /// Findings about the configuration or all of the files.
    pub findings: Vec<Finding>,
    /// The configuration by which they were judged.
    pub config: Config,
    /// The mode that the configuration itself asks for.
    pub configured: Mode,
    /// The roots among them.
    pub roots: Roots,
}

/// The kustomizations that are built by themselves.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Roots {
    /// How many there are.
    pub all: usize,
    /// Those of which not everything is known: the position of the file, and why.
    pub unsettled: Vec<(usize, String)>,
}

const GENERATES: &str = "a configuration of kind GenerateImages makes resources, and restores none";
const GENERATES_HELP: &str =
    "give it to kustomize, kpt or `restore-images render -c FILE`; here, one of kind RestoreImages";

/// Restores or checks files together.
///
/// # Errors
/// The configuration cannot be followed. A fault of one file is in its place among the outcomes.
pub fn restore_files(files: &Files<'_>) -> Result<Together, Error> {
    let (together, has_refused) = judge_once(files)?;
    if files.mode == Mode::Restore && has_refused {
        let judge = |files: &Files<'_>| judge_once(files).map(|(together, _)| together);
        return again::until_settled(files, together, judge);
    }
    Ok(together)
}

/// Judges files once; with whether kustomize would refuse one of their builds.
fn judge_once(files: &Files<'_>) -> Result<(Together, bool), Error> {
    let FirstPass {
        mut outcomes,
        all_likely,
        surveys,
        positions,
        gathered,
    } = first_pass(files);
    let texts: Vec<&str> = files.files.iter().map(|file| file.text).collect();
    let judged = Judged {
        texts: &texts,
        installs_charts: may_install_charts(files),
    };
    let mut config = read_config(files.config, &gathered, judged, files.trust)?;
    if config.generate.is_some() {
        let fault = Fault {
            origin: Origin::Config,
            ..Fault::input(0, GENERATES, Some(GENERATES_HELP))
        };
        return Err(Error::Config(fault));
    }
    let configured = std::mem::replace(&mut config.mode, files.mode);
    config.find_versions(&gathered)?;
    let kinds = surveys.iter().flat_map(|survey| &survey.kinds).cloned();
    config.add_builtin_fields(&kinds.collect::<Vec<_>>())?;
    let restoring = Restoring {
        config: &config,
        today: files.today,
        gathered: &gathered,
        wants: files.wants,
        parser: files.parser,
        collects_names: false,
        reads_values: false,
        prefilter: None,
    };
    let mut tree = restore_tree(files, &config)?;
    let has_refused = tree.has_refused;
    let images_of_builds = std::mem::take(&mut tree.images);
    if files.wants.images {
        // Where images are listed, every file is, by itself; builds add what only they show.
        tree = TreeOutcome {
            refused: tree.refused,
            patches: tree.patches,
            data: tree.data,
            over_charts: tree.over_charts,
            generators: tree.generators,
            ..TreeOutcome::default()
        };
    }
    let surveyed = positions.iter().copied().zip(&surveys);
    let surveyed: Vec<(usize, &Survey<'_>)> = surveyed
        .filter(|(position, _)| !tree.patches.contains(position) && !tree.data.contains(position))
        .collect();
    let among = Among {
        files: files.files,
        today: files.today,
        wants: files.wants,
        builds: OfBuilds {
            rebuilt: &tree.rebuilt,
            over_charts: &tree.over_charts,
        },
        generators: &tree.generators,
    };
    let values = releases::restore(&among, &config, &gathered, &surveyed);
    let inputs = surveys.iter().zip(&positions);
    let is_alone = |position: usize| !tree.owns(position) && !tree.data.contains(&position);
    let inputs = inputs.filter(|(_, position)| is_alone(**position));
    let inputs: Vec<SurveyedInput<'_>> = inputs
        .map(|(survey, &position)| SurveyedInput {
            text: texts[position],
            file: Some(files.files[position].place).filter(|place| !place.is_empty()),
            survey,
        })
        .collect();
    let alone = positions.iter().copied();
    let alone: Vec<usize> = alone.filter(|position| is_alone(*position)).collect();
    for &position in positions
        .iter()
        .filter(|position| tree.data.contains(position))
    {
        outcomes[position] = Ok(FileOutcome {
            skipped: Some(Skipped::Data),
            seen: seen::of_skipped(&all_likely[position], Skipped::Data),
            ..FileOutcome::default()
        });
    }
    let mut together = Restored::default();
    together.seen.extend(tree.seen);
    together.seen.extend(values.seen);
    let judged = judge_all(restoring, &inputs).into_iter();
    for ((judged, input), &position) in judged.zip(&inputs).zip(&alone) {
        outcomes[position] = judged.and_then(|mut restored| {
            if let Some(of_tree) = tree.files.get(&position) {
                without_lists(&mut restored, &of_tree.lists);
            }
            let mut outcome = outcome(&mut restored);
            if let Ok(outcome) = &mut outcome {
                check_joined(input.text, input.survey, &outcome.edits, files.parser)?;
                let read = Read {
                    places: std::mem::take(&mut restored.read).into_iter().collect(),
                    images: std::mem::take(&mut restored.counted).into_iter().collect(),
                };
                let judged = std::mem::take(&mut restored.judged).into_iter().collect();
                outcome.seen = seen::of_judged(&all_likely[position], input.survey, &read, &judged);
            }
            together.append(restored);
            outcome
        });
    }
    let mut findings = judge::of_configuration(&config, files.today);
    // What could not be read may hold what seems to be missing.
    let is_read = outcomes.iter().all(Result::is_ok);
    if files.complete && is_read {
        findings.extend(unmatched_agents(&config, &together.seen));
        findings.extend(judge::unmatched(&config, files.today, &together.seen, true));
        findings.extend(values_files::unmatched(&config, files.files));
    }
    let roots = Roots {
        all: tree.roots,
        unsettled: tree.unsettled,
    };
    let is_judged = |position: usize| files.files[position].left_out.is_none();
    for (position, of_file) in tree.files {
        if files.files[position].left_out == Some(Skipped::Elsewhere)
            && let Ok(outcome) = &mut outcomes[position]
        {
            let built = seen::of_built(&all_likely[position], &of_file.read);
            outcome.seen.read = built.read;
        }
        if !is_judged(position) {
            continue;
        }
        if of_file.is_owned {
            outcomes[position] = of_tree(of_file, &all_likely[position]);
        } else if let Ok(outcome) = &mut outcomes[position]
            && outcome.skipped != Some(Skipped::Template)
        {
            // It is judged by itself, and a build says something of it, too.
            outcome.skipped = outcome.skipped.filter(|_| of_file.findings.is_empty());
            outcome.seen.also_built(&of_file.read);
            outcome.findings.extend(of_file.findings);
            in_order(&mut outcome.findings);
            outcome.edits.extend(of_file.edits);
            if let Err(error) = sort_edits(&mut outcome.edits) {
                outcomes[position] = Err(error);
            }
        }
    }
    let of_values = values.files.into_iter();
    for (position, of_values) in of_values.filter(|(position, _)| is_judged(*position)) {
        let outcome = std::mem::replace(&mut outcomes[position], Ok(FileOutcome::default()));
        outcomes[position] = with_values(outcome, of_values, &all_likely[position]);
    }
    if files.wants.images {
        for &position in &tree.patches {
            if let Ok(outcome) = &mut outcomes[position] {
                outcome.images.retain_mut(ImageUse::is_listed_of_patch);
            }
        }
    }
    for (position, images) in images_of_builds {
        if is_judged(position)
            && let Ok(outcome) = &mut outcomes[position]
        {
            add_images(outcome, images);
        }
    }
    let refused = values.refused.into_iter().chain(tree.refused);
    for (position, error) in refused.filter(|(position, _)| is_judged(*position)) {
        let skipped = outcomes[position].as_ref().map(|outcome| outcome.skipped);
        if skipped.is_ok_and(|skipped| skipped != Some(Skipped::Template)) {
            outcomes[position] = Err(Error::yaml(error));
        }
    }
    let mut said = HashSet::new();
    for outcome in outcomes.iter_mut().flatten() {
        finding::say_once(&mut outcome.findings, &mut said);
    }
    finding::sort(&mut findings);
    let together = Together {
        files: outcomes,
        findings,
        config,
        configured,
        roots,
    };
    Ok((together, has_refused))
}

/// Judges the kustomizations among the files.
fn restore_tree(files: &Files<'_>, config: &Config) -> Result<TreeOutcome, Error> {
    let all = files.files.iter().map(|file| TreeFile {
        path: file.path,
        text: file.text,
        left_out: file.left_out.map(Skipped::as_str),
        is_elsewhere: file.left_out.is_some_and(Skipped::is_elsewhere),
        is_excluded: file.left_out == Some(Skipped::Excluded),
        links: file.links,
        missing: file.missing,
    });
    let all: Vec<TreeFile<'_>> = all.collect();
    let places: Vec<&str> = files.files.iter().map(|file| file.place).collect();
    let setting = tree::Setting {
        config,
        places: &places,
        today: files.today,
        wants: files.wants,
        remotes: files.remotes,
    };
    tree::restore(&all, setting)
        .map_err(|what| Error::Edit(Fault::input(0, what, Some(REPORT_HELP))))
}

/// Whether charts may be among the files, or installed by them: the kinds and keys that do so are named for
/// Helm, but for Argo CD's, and the configuration may name files of values.
fn may_install_charts(files: &Files<'_>) -> bool {
    let is_chart = |path: &str| path.ends_with("Chart.yaml") || path.ends_with("Chart.yml");
    let is_helm = |text: &str| text.contains("elm") || text.contains("ELM");
    let installs = |text: &str| is_helm(text) || text.contains("argoproj.io");
    let mut all = files.files.iter();
    files.config.is_some_and(|config| config.contains("values"))
        || all.any(|file| is_chart(file.path) || installs(file.text))
}
