//! Arguments, files and streams: the only code that touches the world.

mod argocd;
mod args;
mod commands;
mod doors;
mod input;
mod parameters;
mod stdin;
mod stdout;
mod terminal;
mod tree;
mod working_copy;
mod write;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use args::Args;

/// Runs the program on the process's arguments and streams.
pub fn main() -> ExitCode {
    stop_at_panics();
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            if let Some(help) = misspelt(&error) {
                say(&help);
                return ExitCode::from(2);
            }
            // clap writes help to standard output and faults to standard error.
            let is_fault = error.use_stderr();
            return match error.print() {
                Err(error) if !is_fault && error.kind() != io::ErrorKind::BrokenPipe => {
                    say(&format!("cannot write standard output: {error}"));
                    ExitCode::from(2)
                }
                _ => ExitCode::from(if is_fault { 2 } else { 0 }),
            };
        }
    };
    match doors::run(&args) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            say(&format!("{error:#}"));
            ExitCode::from(2)
        }
    }
}

/// Turns a panic, which is a defect, into a line that can be reported and exit code 2, on whatever
/// thread it is. Nothing is on standard output then, since that is written when all work is done.
pub fn stop_at_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let what = panic.payload_as_str().unwrap_or("no message");
        say(&format!(
            "restore-images {} has a defect at {}: {}\nhelp: nothing was written; please report this line, and the input if you may",
            env!("CARGO_PKG_VERSION"),
            place.unwrap_or_default(),
            crate::report::text::one_line(what)
        ));
        leave();
    }));
}

/// The one place besides `main` where the process ends: a panic has no other way to a code of ours.
#[allow(clippy::exit)]
fn leave() {
    std::process::exit(2);
}

/// What to write instead, where the first word is nearly a command: clap takes it for the path of
/// a configuration, and finds fault with what follows.
fn misspelt(error: &clap::Error) -> Option<String> {
    if !error.use_stderr() {
        return None;
    }
    let first = std::env::args().nth(1)?;
    doors::misspelt(&first)
}

/// Writes a line to standard error; a closed one is nobody's to tell.
fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
