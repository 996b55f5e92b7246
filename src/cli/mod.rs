//! Arguments, files and streams: the only code that touches the world.

mod argocd;
mod args;
mod doors;
mod input;
mod parameters;
mod working_copy;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use args::Args;

/// Runs the program on the process's arguments and streams.
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
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

/// Writes a line to standard error; a closed one is nobody's to tell.
fn say(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
