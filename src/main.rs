//! The restore-images command: argv and streams in, an exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    restore_images::cli::main()
}
