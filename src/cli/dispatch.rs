//! Runs the command: for each kind of caller, where its input comes from and what it gets back.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, anyhow, bail};

use crate::config::{Date, Trust};
use crate::error::{Error, Origin};
use crate::finding::{Finding, Severity};
use crate::function::run_with;
use crate::report::quota::Quota;
use crate::report::{summary, text};
use crate::restore::{Outcome, Request};
use crate::yaml::parse::Parser;

#[cfg(feature = "mirror")]
use super::args::MirrorCommand;
use super::args::{Cli, Command};
use super::commands::{self, GlobalOptions};
use super::input::JoinedInput;
use super::{argocd, parameters, refused, say, stdout, suggestions};

/// Does what the arguments say; returns the exit code.
pub(super) fn run(args: &Cli) -> Result<u8> {
    let today = args.today.unwrap_or_else(clock);
    let parser = if args.no_fast {
        Parser::reference_only()
    } else {
        Parser::default()
    };
    let options = GlobalOptions {
        today,
        color: args.color,
        parser,
    };
    if let (Some(config), Some(_)) = (&args.config, &args.command) {
        bail!(refused::of_command_behind(config));
    }
    match &args.command {
        None => {
            let config = args.config.as_deref();
            let config = config.map(configuration).transpose()?;
            let trust = Trust::beside_given(config.is_some());
            run_function(&JoinedInput::stdin()?, config.as_ref(), trust, options)
        }
        Some(Command::Render {
            config,
            argocd: true,
            run,
            files,
        }) => {
            let config = argocd::configuration(config.as_deref())?;
            let manifests = match &run[..] {
                [] => argocd::manifests(files),
                command => argocd::rendered(command),
            };
            run_function(&manifests?, config.as_ref(), Trust::NONE, options)
        }
        Some(Command::Render { config, files, .. }) => {
            let config = config.as_deref().map(JoinedInput::file).transpose()?;
            let trust = Trust::beside_given(config.is_some());
            run_function(&JoinedInput::files(files)?, config.as_ref(), trust, options)
        }
        Some(Command::Fix(args)) => commands::fix::fix(args, options),
        #[cfg(feature = "pages")]
        Some(Command::Check(args)) if args.rendered => commands::rendered::check(args, options),
        Some(Command::Check(args)) => commands::check::check(args, options),
        Some(Command::Images(args)) => commands::images::run(args, options),
        Some(Command::Explain(args)) => commands::explain::run(args, options),
        Some(Command::Agents(args)) => commands::agents::run(args, options),
        #[cfg(feature = "mirror")]
        Some(Command::Mirror(args)) => {
            let MirrorCommand::Status(args) = &args.command;
            match &args.pods {
                Some(file) => commands::pods::status(args, file, options),
                None => commands::mirror::status(args, options),
            }
        }
        #[cfg(feature = "exchange")]
        Some(Command::Import(args)) => commands::import::run(args),
        #[cfg(feature = "exchange")]
        Some(Command::Export(args)) => commands::export::run(args, options),
        #[cfg(feature = "pages")]
        Some(Command::Report(args)) => commands::report::run(args, options),
        #[cfg(feature = "pages")]
        Some(Command::Init(args)) => commands::init::run(args, options),
        #[cfg(feature = "pages")]
        Some(Command::Schema { of }) => commands::describe::schema(*of),
        #[cfg(feature = "pages")]
        Some(Command::Completions { shell }) => commands::describe::completions(*shell),
        #[cfg(feature = "pages")]
        Some(Command::Man { command }) => commands::describe::man(command.as_deref()),
    }
}

/// The configuration for a stream; a misspelt command ends up here.
fn configuration(path: &Path) -> Result<JoinedInput> {
    let name = path.display().to_string();
    if path.is_dir() {
        bail!(
            "{name}: is a folder\nhelp: to look at its files, write `restore-images check {name}`"
        );
    }
    match suggestions::misspelt(&name) {
        Some(help) => bail!(help),
        None => JoinedInput::file(path),
    }
}

fn clock() -> Date {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let days = since.map_or(0, |since| since.as_secs() / 86_400);
    Date::from_unix_days(i64::try_from(days).unwrap_or(i64::MAX))
}

/// Runs the function over an input, and writes what it gives.
fn run_function(
    input: &JoinedInput,
    config: Option<&JoinedInput>,
    trust: Trust,
    options: GlobalOptions,
) -> Result<u8> {
    let request = Request {
        input: &input.text,
        config: config.map(|config| &*config.text),
        today: options.today,
    };
    let outcome = run_with(&request, options.parser, trust);
    let outcome = outcome.map_err(|error| failure(&error, input, config))?;
    let failed = outcome.has_errors();
    if failed {
        say(&text::verdict(&outcome.findings));
    }
    let shown = outcome.findings.iter().filter(|finding| {
        // Newer kpt keeps standard error in the Kptfile: what is in the results is not repeated.
        failed || !outcome.is_resource_list || finding.severity != Severity::Info
    });
    show(&shown.collect::<Vec<_>>(), input, outcome.is_resource_list);
    if outcome.summary {
        let line = summary::of_function(&outcome.findings, outcome.mode);
        say(&format!("restore-images: {line}"));
    }
    // A shell's pipe hides the exit code, so a stream that failed its check goes no further.
    if outcome.is_resource_list || !failed {
        write(&outcome, input)?;
    }
    // The process ends here: giving back thousands of findings one by one would only delay it.
    std::mem::forget(outcome);
    Ok(u8::from(failed))
}

/// How many findings go to standard error where the results have them all.
const FINDINGS_SHOWN: usize = 20;

fn show(findings: &[&Finding], input: &JoinedInput, is_resource_list: bool) {
    // For a ResourceList, the location shown is the file that the item came from: line numbers in a
    // document that the caller assembled would mean nothing to anybody.
    if is_resource_list {
        let lines = findings.iter().map(|finding| text::finding(finding, None));
        lines.take(FINDINGS_SHOWN).for_each(|line| say(&line));
        if let Some(more) = findings
            .len()
            .checked_sub(FINDINGS_SHOWN)
            .filter(|more| *more > 0)
        {
            say(&format!(
                "and {more} more: the ResourceList's results have them all"
            ));
        }
        return;
    }
    let (shown, quota) = Quota::said(findings.iter().copied());
    let offsets: Vec<usize> = shown
        .iter()
        .filter_map(|finding| finding.span.as_ref().map(|span| span.start))
        .collect();
    let mut places = input.places(&offsets).into_iter();
    for finding in shown {
        let place = finding.span.as_ref().and_then(|_| places.next());
        say(&text::finding(finding, place.as_deref()));
    }
    const ALL: &str = "; `restore-images check --verbose` on the same manifests shows them all";
    quota.lines(ALL).iter().for_each(|line| say(line));
}

/// Writes what an engine applies: a reader that closes the pipe has not got all of it, unlike one that
/// has read enough of a report.
fn write(outcome: &Outcome, input: &JoinedInput) -> Result<()> {
    stdout::write(outcome, input).context("cannot write standard output")
}

/// Formats an error of the library as a message with its locations.
fn failure(error: &Error, input: &JoinedInput, config: Option<&JoinedInput>) -> anyhow::Error {
    let fault = error.fault();
    let of_parameters = config.is_some_and(|config| config.is_named(parameters::VARIABLE));
    if of_parameters && fault.origin == Origin::Config {
        return anyhow!(parameters::fault(fault));
    }
    let place = |at| match (&fault.origin, config) {
        (Origin::Builtin(name), _) => format!("built-in profile {name}, byte {at}"),
        (Origin::Config, Some(config)) => config.place(at),
        _ => input.place(at),
    };
    anyhow!(text::faults(fault, place))
}
