//! `check --rendered`: every root below the paths is built, and what comes out is judged.
//!
//! It sees what sources alone cannot tell: remote bases, generators, charts and plug-ins. Programs are
//! run for this command alone, never for a function's caller.

mod programs;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::cli::args::{self, Reporting};
use crate::cli::excluded::Excluded;
use crate::cli::files::InputFile;
use crate::cli::input::JoinedInput;
use crate::cli::program::Limit;
use crate::cli::progress::Progress;
use crate::cli::roots::{BuildRoot, BuiltBy, roots};
use crate::cli::signals::Asked;
use crate::cli::{found, terminal, walk};
use crate::config::{Config, Trust};
use crate::finding::{Finding, Mode};
use crate::judge::Wants;
use crate::parallel;
use crate::report::text::count;
use crate::report::{self, Done, Problem, Report};
use crate::restore::{self, FileOutcome, restore_files};

use super::written::{detail, print, written};
use super::{GlobalOptions, decided, exit_code, judged};
use programs::Programs;

/// Builds and judges every root; the exit code is 1 if anything is wrong.
pub(in crate::cli) fn check(args: &args::Check, options: GlobalOptions) -> Result<u8> {
    if args.files.paths.iter().any(|path| path.as_os_str() == "-") {
        bail!(
            "--rendered builds folders, and standard input is not one\n\
             help: check what was built by `restore-images check -`"
        );
    }
    let config = found::config(args.files.config.as_deref(), &args.files.paths)?;
    let configured = config.as_ref().map(found::FoundConfig::excluded);
    let excluded = Excluded::of(&configured.unwrap_or_default(), &args.files.exclude)?;
    let files = walk::read(&args.files, &excluded, &|| ())?;
    let places = judged::places(&files, config.as_ref());
    let config = config.as_ref().map(|config| &config.input);
    let roots = roots(&files);
    if roots.is_empty() {
        bail!(
            "there is nothing to build: no kustomization and no chart in {}\n\
             help: check the files themselves, without --rendered",
            shown(&args.files.paths)
        );
    }
    let programs = Programs::find(&roots, files.files.iter().map(InputFile::text_or_empty))?;
    let asked = Asked::listen().context("cannot listen for signals")?;
    let limit = Limit {
        after: Duration::from_secs(args.render_timeout),
        asked: &asked,
    };
    let building = Progress::new("building", "files", args.reporting.volume.quiet);
    let build = |_: usize, some: &[BuildRoot<'_>]| -> Vec<Result<String, Problem>> {
        let built = some.iter().map(|root| {
            let built = programs.build(root, limit);
            building.step();
            built
        });
        built.collect()
    };
    // kustomize stores fetched charts beside the kustomization, so two builds at once would
    // collide.
    let work = if programs.helm.is_some() { 0 } else { WORK };
    let built = parallel::map(&roots, roots.len().saturating_mul(work), build).concat();
    building.finish();
    asked.go_on()?;
    let judging = Judging {
        args,
        options,
        config,
    };
    let mut judged = Vec::new();
    let mut of_all: Option<(Config, Vec<Finding>)> = None;
    for (root, built) in roots.iter().zip(built) {
        judged.push(match built {
            Ok(text) => judging.judge(root, &text, &mut of_all)?,
            Err(problem) => Err(problem),
        });
    }
    let (config_read, findings) = of_all.unwrap_or_default();
    let rules = decided::PlaceRules {
        config: &config_read,
        today: options.today,
        places: &places,
    };
    decided::name_sources(&files, &roots, &rules, &mut judged);
    let of_roots = roots
        .iter()
        .zip(&judged)
        .map(|(root, outcome)| report::FileReport {
            path: root.shown,
            text: root.text,
            result: outcome.as_ref().map_err(Clone::clone),
        });
    // Folders that cannot be looked into have no path, and may hold roots.
    let closed = files.files.iter().filter(|file| file.path == Path::new(""));
    let closed = closed.filter(|file| file.left_out.is_none());
    let closed = closed.filter_map(|file| {
        let why = file.text.as_ref().err()?;
        Some(report::FileReport {
            path: &file.shown,
            text: "",
            result: Err(judged::unreadable(why)),
        })
    });
    let report = Report {
        done: Done::Checked,
        files: of_roots.chain(closed).collect(),
        findings: &findings,
        config: &config_read,
        config_path: config.map(JoinedInput::name),
        config_text: config.map(|config| &*config.text),
        roots: None,
        roles: None,
        repository: crate::cli::paths::repository(),
        fails_from: args.fail_on.severity(),
    };
    let built = roots.iter().zip(&judged);
    let built = built.filter_map(|(root, outcome)| outcome.as_ref().ok().map(|_| root));
    let read = judged
        .iter()
        .flatten()
        .map(|outcome| outcome.seen.read)
        .sum();
    let read = format!("{} read", count(read, "image"));
    let (unbuilt, hidden) = (unbuilt(&files.files), files.hidden.line());
    let ending = [summary(built), read]
        .into_iter()
        .chain(unbuilt)
        .chain(hidden);
    let ending = ending.collect::<Vec<_>>();
    tell(args, options, &report, &ending.join(", "))?;
    files.notes.iter().for_each(|note| crate::cli::say(note));
    Ok(exit_code::of_check(&report, args))
}

/// The cost of building one root, as the number of bytes of text that take as long to judge.
const WORK: usize = 1 << 22;

fn shown(paths: &[PathBuf]) -> String {
    let paths: Vec<String> = paths
        .iter()
        .map(|path| crate::cli::paths::shown(path))
        .collect();
    paths.join(", ")
}

/// `3 kustomizations and 1 chart built`, of the roots that were.
fn summary<'r, 'f: 'r>(built: impl Iterator<Item = &'r BuildRoot<'f>>) -> String {
    let (mut kustomizations, mut charts) = (0, 0);
    for root in built {
        match root.builder {
            BuiltBy::Kustomize => kustomizations += 1,
            BuiltBy::Helm => charts += 1,
        }
    }
    let kustomizations = (kustomizations, "kustomization");
    let parts = [kustomizations, (charts, "chart")];
    let parts = parts.iter().filter(|(number, _)| *number > 0);
    let parts: Vec<String> = parts.map(|(number, noun)| count(*number, noun)).collect();
    match parts[..] {
        [] => "nothing built".to_owned(),
        _ => format!("{} built", parts.join(" and ")),
    }
}

/// How many files have objects from which a controller makes more, which is built for no root.
fn unbuilt(files: &[InputFile]) -> Option<String> {
    const KINDS: [&str; 4] = ["HelmRelease", "HelmChart", "Application", "ApplicationSet"];
    let is_one = |line: &str| {
        let kind = line.strip_prefix("kind:");
        kind.is_some_and(|kind| KINDS.contains(&kind.trim()))
    };
    let files = files.iter().filter(|file| file.left_out.is_none());
    let files = files.filter(|file| file.text_or_empty().lines().any(is_one));
    let number = files.count();
    let files = count(number, "file");
    (number > 0).then(|| format!("{files} with HelmReleases or Applications not rendered"))
}

/// The settings that builds are judged by.
struct Judging<'a> {
    args: &'a args::Check,
    options: GlobalOptions,
    config: Option<&'a JoinedInput>,
}

impl Judging<'_> {
    /// Judges what a root builds; the first one gives what there is to say of the configuration.
    ///
    /// # Errors
    /// The configuration cannot be followed.
    fn judge(
        &self,
        root: &BuildRoot<'_>,
        built: &str,
        of_all: &mut Option<(Config, Vec<Finding>)>,
    ) -> Result<Result<FileOutcome, Problem>> {
        let file = restore::SourceFile {
            path: "",
            shown: "",
            place: "",
            text: built,
            left_out: None,
            links: &[],
            missing: &[],
        };
        let together = restore_files(&restore::Files {
            files: &[file],
            config: self.config.map(|config| &*config.text),
            mode: Mode::Check,
            today: self.options.today,
            complete: false,
            wants: Wants {
                leave_managed: true,
                fixes: false,
                images: false,
            },
            trust: Trust::beside_given(self.args.files.config.is_some()),
            remotes: &[],
            parser: self.options.parser,
            judged: &|| (),
        });
        let place = |_, at| {
            let place = crate::yaml::place::place(built, at);
            format!("{}: what it builds: {place}", root.shown)
        };
        let together = together.map_err(|error| judged::refused(&error, self.config, &place))?;
        of_all.get_or_insert((together.config, together.findings));
        let outcome = together.files.into_iter().next();
        Ok(match outcome {
            Some(Ok(outcome)) => Ok(of_root(outcome)),
            Some(Err(error)) => {
                let why = &error.fault().what;
                let what = format!("what it builds cannot be read: {why}");
                Err(problem(&what, error.fault().help.as_deref()))
            }
            None => Ok(FileOutcome::default()),
        })
    }
}

/// What was found in a build as findings of its root: offsets in the build would mean nothing in the
/// root's file, so the field is named instead.
fn of_root(outcome: FileOutcome) -> FileOutcome {
    let findings = outcome.findings.into_iter().map(|mut finding| {
        finding.span = None;
        if let Some(field) = &finding.field {
            finding.message = format!("{}: {}", field.path, finding.message).into();
        }
        finding
    });
    FileOutcome {
        skipped: outcome.skipped,
        findings: findings.collect(),
        seen: outcome.seen,
        ..FileOutcome::default()
    }
}

fn problem(what: &str, help: Option<&str>) -> Problem {
    Problem {
        at: None,
        what: crate::report::text::one_line(what),
        help: help.map(str::to_owned),
    }
}

/// Prints what a check of builds found, and for people the summary, which ends in `ending`.
fn tell(
    args: &args::Check,
    options: GlobalOptions,
    report: &Report<'_>,
    ending: &str,
) -> Result<()> {
    let Reporting { format, volume } = args.reporting;
    let text = written(report, args.reporting, options)?;
    print(&text, format, options.color)?;
    let configuration = report::summary::configuration(report);
    let (detail, _) = detail(&volume);
    let line = report::summary::line(report, detail, "");
    let summary = format!("{configuration}\n{line}, {ending}");
    match format {
        _ if volume.quiet => {}
        format if format.is_for_people() => terminal::print(&(summary + "\n"), false)?,
        format if format.is_for_logs() => crate::cli::say(&summary),
        _ => {}
    }
    Ok(())
}
