//! What the tests share: running the program, and comparing texts.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

/// What a run of the program gave.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

/// Runs the program with arguments and standard input.
pub(crate) fn run(args: &[&str], stdin: &[u8]) -> Run {
    finish(
        &mut Command::new(env!("CARGO_BIN_EXE_restore-images")),
        args,
        stdin,
    )
}

/// As [`run`], in a folder.
pub(crate) fn run_in_folder(folder: &Path, args: &[&str], stdin: &[u8]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_restore-images"));
    finish(command.current_dir(folder), args, stdin)
}

fn finish(command: &mut Command, args: &[&str], stdin: &[u8]) -> Run {
    let mut child = command
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut pipe = child.stdin.take().expect("a pipe");
    let bytes = stdin.to_vec();
    // From a thread of its own, since a full pipe on either side would block the other; a program
    // that refuses early closes it.
    let writer = thread::spawn(move || drop(pipe.write_all(&bytes)));
    let output = child.wait_with_output().expect("the program ends");
    writer.join().expect("the writer ends");
    Run {
        code: output.status.code().expect("an exit code"),
        stdout: output.stdout,
        stderr: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// Compares texts; a difference prints both, whole.
#[track_caller]
pub(crate) fn assert_text_eq(actual: &str, expected: &str) {
    assert!(
        actual == expected,
        "\n~~~ actual\n{actual}\n~~~ expected\n{expected}\n~~~\n{actual:?}\n{expected:?}"
    );
}
