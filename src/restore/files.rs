//! Files that are judged together: each keeps its own edits and faults, and all share one
//! configuration, the profiles among them, ServiceAccounts and instances.

mod again;
mod alone;
mod merged;
mod surveyed;

use std::collections::{BTreeMap, HashSet};

use crate::agent::AppliedTo;
use crate::config::{Config, Date, Trust};
use crate::error::{Error, Fault, Origin};
use crate::finding::{self, Finding, Mode};
use crate::judge::values::OfBuilds;
use crate::judge::{self, Met, Prefilter, Wants};
use crate::krm::survey::Survey;
use crate::parallel;
use crate::tree::{self, TreeFile, TreeOutcome};
use crate::yaml::parse::Parser;

pub use super::file_outcome::FileOutcome;
use super::releases::{self, Among, Values};
use super::source::SourceFile;
use super::{REPORT_HELP, read_config, unmatched_agents, values_files};
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
///
/// There are three ways: what builds bring, the values of charts, and what is left, a unit at a time.
/// `merged.rs` says which of them counts for a file.
fn judge_once(files: &Files<'_>) -> Result<(Together, bool), Error> {
    let mut first = first_pass(files);
    let (config, configured) = configuration(files, &first)?;
    let mut builds = restore_builds(files, &config)?;
    let mut values = restore_values(files, &config, &first, &builds);
    let mut met = alone::restore(files, &config, &mut first, &builds, &values.over_templates);
    met.extend(std::mem::take(&mut builds.seen));
    met.extend(std::mem::take(&mut values.seen));
    let mut findings = judge::of_configuration(&config, files.today);
    // What could not be read may hold what seems to be missing.
    let is_read = first.outcomes.iter().all(Result::is_ok);
    if files.complete && is_read {
        findings.extend(unmatched_agents(&config, &met));
        findings.extend(judge::unmatched(&config, files.today, &met, true));
        findings.extend(values_files::unmatched(&config, files.files));
    }
    finding::sort(&mut findings);
    let roots = Roots {
        all: builds.roots,
        unsettled: std::mem::take(&mut builds.unsettled),
    };
    let has_refused = builds.has_refused;
    let mut outcomes = merged::merge(files, first, builds, values);
    let mut said = HashSet::new();
    for outcome in outcomes.iter_mut().flatten() {
        finding::say_once(&mut outcome.findings, &mut said);
    }
    let together = Together {
        files: outcomes,
        findings,
        config,
        configured,
        roots,
    };
    Ok((together, has_refused))
}

/// The configuration that the files are judged by, and the mode that it asks for itself.
fn configuration(files: &Files<'_>, first: &FirstPass<'_>) -> Result<(Config, Mode), Error> {
    let gathered = &first.gathered;
    let texts: Vec<&str> = files.files.iter().map(|file| file.text).collect();
    let judged = AppliedTo {
        texts: &texts,
        installs_charts: may_install_charts(files),
    };
    let mut config = read_config(files.config, gathered, judged, files.trust)?;
    if config.generate.is_some() {
        let fault = Fault {
            origin: Origin::Config,
            ..Fault::input(0, GENERATES, Some(GENERATES_HELP))
        };
        return Err(Error::Config(fault));
    }
    let configured = std::mem::replace(&mut config.mode, files.mode);
    config.find_versions(gathered)?;
    let kinds = first.surveys.iter().flat_map(|survey| &survey.kinds);
    config.add_builtin_fields(kinds)?;
    Ok((config, configured))
}

/// Judges the kustomizations among the files.
fn restore_builds(files: &Files<'_>, config: &Config) -> Result<TreeOutcome, Error> {
    let all: Vec<TreeFile<'_>> = files.files.iter().map(SourceFile::in_tree).collect();
    let places: Vec<&str> = files.files.iter().map(|file| file.place).collect();
    let bytes = all.iter().map(|file| file.text.len()).sum();
    let prefilter = if files.wants.images {
        None
    } else {
        Prefilter::for_bytes(config, bytes)
    };
    let setting = tree::Setting {
        config,
        prefilter: prefilter.as_ref(),
        places: &places,
        today: files.today,
        wants: files.wants,
        remotes: files.remotes,
    };
    let builds = tree::restore(&all, setting)
        .map_err(|what| Error::Edit(Fault::input(0, what, Some(REPORT_HELP))))?;
    if !files.wants.images {
        return Ok(builds);
    }
    // Where images are listed, every file is, by itself; builds add what only they show, and say which of the
    // images in the files that they bring are run.
    let owned = builds.files.iter().filter(|(_, file)| file.is_owned);
    Ok(TreeOutcome {
        listed: owned.map(|(position, _)| *position).collect(),
        files: BTreeMap::new(),
        seen: Met::default(),
        roots: 0,
        unsettled: Vec::new(),
        rebuilt: Vec::new(),
        ..builds
    })
}

/// Judges the values of charts.
fn restore_values(
    files: &Files<'_>,
    config: &Config,
    first: &FirstPass<'_>,
    builds: &TreeOutcome,
) -> Values {
    let among = Among {
        files: files.files,
        today: files.today,
        wants: files.wants,
        builds: OfBuilds {
            rebuilt: &builds.rebuilt,
            over_charts: &builds.over_charts,
        },
        generators: &builds.generators,
    };
    // What a ConfigMap holds installs nothing.
    let is_object = |position: &usize| {
        !(builds.patches.contains(position)
            || builds.data.contains(position)
            || builds.held.contains_key(position))
    };
    let surveyed = first.positions.iter().copied().zip(&first.surveys);
    let surveyed = surveyed.filter(|(position, _)| is_object(position));
    let surveyed: Vec<(usize, &Survey<'_>)> = surveyed.collect();
    releases::restore(&among, config, &first.gathered, &surveyed)
}

/// Whether charts may be among the files, or installed by them: the kinds and keys that do so are named for
/// Helm, but for Argo CD's, and the configuration may name files of values.
fn may_install_charts(files: &Files<'_>) -> bool {
    let is_chart = |path: &str| path.ends_with("Chart.yaml") || path.ends_with("Chart.yml");
    let is_helm = |text: &str| text.contains("elm") || text.contains("ELM");
    let installs = |text: &str| is_helm(text) || text.contains("argoproj.io");
    let bytes = files.files.iter().map(|file| file.text.len()).sum();
    let may_install = |_, some: &[SourceFile<'_>]| {
        let mut all = some.iter();
        all.any(|file| is_chart(file.path) || installs(file.text))
    };
    files.config.is_some_and(|config| config.contains("values"))
        || parallel::map(files.files, bytes, may_install).contains(&true)
}
