//! Arguments, files and streams: the only code that performs I/O.

mod argocd;
mod args;
mod commands;
mod dispatch;
mod encoding;
mod entry;
mod excluded;
mod files;
#[cfg_attr(not(unix), path = "folder_by_path.rs")]
mod folder;
mod found;
mod help;
mod ignored;
mod input;
mod parameters;
mod paths;
mod program;
mod progress;
mod refused;
#[cfg(feature = "pages")]
mod roots;
mod signals;
mod stdin;
mod stdout;
mod suggestions;
mod terminal;
mod walk;
mod working_copy;
mod write;

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use args::Cli;

use crate::mask;
use crate::quote;

/// Runs the program on the process's arguments and streams.
pub fn main() -> ExitCode {
    signals::at_start();
    stop_at_panics();
    let args = match Cli::try_parse_from(arguments()) {
        Ok(args) => args,
        Err(error) => {
            // The help takes a while to put in order, and functions are started often.
            let error = match error.kind() {
                ErrorKind::DisplayHelp => help::command(&program_file_name())
                    .try_get_matches_from(arguments())
                    .err()
                    .unwrap_or(error),
                _ => error,
            };
            let words = std::env::args_os().skip(1);
            let words: Vec<String> = words.filter_map(|word| word.into_string().ok()).collect();
            if let Some(said) = refused::of_arguments(&error, &words) {
                say(&said);
                return ExitCode::from(2);
            }
            // clap writes help to standard output and faults, which repeat arguments, to standard error.
            if error.use_stderr() {
                terminal::say_fault(&error.render());
                return ExitCode::from(2);
            }
            return match error.print() {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                    say(&format!("cannot write standard output: {error}"));
                    ExitCode::from(2)
                }
                _ => ExitCode::from(0),
            };
        }
    };
    match dispatch::run(&args) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            say(&format!("{error:#}"));
            ExitCode::from(2)
        }
    }
}

/// The process's arguments; the first, from which usage texts have the program's name, is what people
/// write where kubectl runs it as a plugin.
fn arguments() -> impl Iterator<Item = OsString> {
    let mut all = std::env::args_os();
    let program = all.next().map(|program| {
        if Path::new(&program).file_stem() == Some(OsStr::new("kubectl-restore_images")) {
            OsString::from("kubectl restore-images")
        } else {
            program
        }
    });
    program.into_iter().chain(all)
}

/// What people write to call the program.
fn command_for_people() -> &'static str {
    const BY_KUBECTL: &str = "kubectl restore-images";
    let is_by_kubectl = arguments()
        .next()
        .is_some_and(|program| program == BY_KUBECTL);
    if is_by_kubectl {
        BY_KUBECTL
    } else {
        "restore-images"
    }
}

/// The name of the file by which the program was called.
fn program_file_name() -> String {
    let program = arguments().next().unwrap_or_default();
    let name = Path::new(&program).file_name();
    name.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// Turns a panic, which is a defect, into a line that can be reported and exit code 2, on whatever
/// thread it is. Nothing is on standard output then, since that is written when all work is done.
pub fn stop_at_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let what = panic.payload_as_str().unwrap_or("no message");
        say(&format!(
            "restore-images {} has a defect at {}: {}\nhelp: {}; please report this line, and the input if you may",
            env!("CARGO_PKG_VERSION"),
            place.unwrap_or_default(),
            reason(what),
            write::so_far()
        ));
        leave();
    }));
}

/// Why it panicked, up to the first backtick: the standard library quotes the text that it could not
/// slice, which is the manifest.
fn reason(what: &str) -> String {
    match what.split_once('`') {
        Some((before, _)) => quote::piece(before) + mask::MASK,
        None => quote::piece(what),
    }
}

/// The only place besides `main` that exits the process: after a panic there is no other way to set
/// the exit code.
#[allow(clippy::exit)]
fn leave() {
    std::process::exit(2);
}

/// Writes lines to standard error, escaped and cut; if it is closed, there is nobody to tell.
fn say(lines: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", quote::lines(lines, false));
}

/// Writes a document, which is escaped by the rules of its own format, to standard error as it is.
fn say_document(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
