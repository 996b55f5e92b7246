//! Arguments, files and streams: the only code that touches the world.

mod args;
mod commands;
mod doors;
mod input;
mod terminal;
mod tree;
mod write;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use args::Args;

/// Runs the program on the process's arguments and streams.
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            if let Some(help) = misspelt(&error) {
                say(&help);
                return ExitCode::from(2);
            }
            // clap writes help to standard output and faults to standard error.
            let failed = error.print().is_err() || error.use_stderr();
            return ExitCode::from(if failed { 2 } else { 0 });
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
