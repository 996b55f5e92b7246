//! What a person sees: each folder of `tests/cases/` holds a tree (`in/`), a transcript of commands
//! with their exact output, and the tree that they leave (`after/`, or the same).
//!
//! In an output, `{built-in agents}` means the names of `function/agents/`, and
//! `{built-in agents but A, B}` the others, so that a new agent changes no transcript.
//!
//! RESTORE_IMAGES_UPDATE=1 writes transcripts and trees anew; read the difference before it is
//! committed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::{
    assert_text_eq, binary, built_in_agents, copy_of, files, pages, run_in_folder,
};

const CASES: &str = "tests/cases";
/// `$ [80] restore-images …` runs on a terminal of 80 columns, `$ [80 NO_COLOR] …` with that set.
const PROMPT: &str = "$ ";
const PROGRAM: &str = "restore-images";

#[test]
fn transcripts_hold() {
    let mut cases: Vec<PathBuf> = fs::read_dir(CASES)
        .expect("the cases")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    cases.sort();
    assert!(cases.len() > 10, "the cases are where they should be");
    let failed: Vec<String> = cases
        .iter()
        .filter(|case| std::panic::catch_unwind(|| check(case)).is_err())
        .map(|case| case.display().to_string())
        .collect();
    assert!(failed.is_empty(), "{}", failed.join(", "));
}

#[track_caller]
fn check(case: &Path) {
    let tree = copy_of(&case.join("in").display().to_string());
    let path = case.join("transcript.txt");
    let expected = fs::read_to_string(&path).expect("a transcript");
    let commands = expected
        .lines()
        .filter_map(|line| line.strip_prefix(PROMPT));
    let actual: Vec<String> = commands.map(|command| play(command, tree.path())).collect();
    let actual = actual.join("\n");
    let wanted = match case.join("after") {
        after if after.exists() => after,
        _ => case.join("in"),
    };
    if std::env::var_os("RESTORE_IMAGES_UPDATE").is_some() {
        fs::write(&path, with_placeholders(&actual, &expected)).expect("written");
        if files(tree.path()) != files(&wanted) {
            write_tree(&case.join("after"), &files(tree.path()));
        }
        return;
    }
    assert_text_eq(&actual, &filled(&expected));
    assert_eq!(files(tree.path()), files(&wanted), "{}", case.display());
}

/// A transcript with names in the place of its placeholders.
fn filled(transcript: &str) -> String {
    let mut text = String::new();
    let mut rest = transcript;
    while let Some((before, after)) = rest.split_once("{built-in agents") {
        let (but, after) = after.split_once('}').expect("the placeholder's end");
        let left_out: Vec<&str> = match but.strip_prefix(" but ") {
            Some(names) => names.split(", ").collect(),
            None => Vec::new(),
        };
        let mut names = built_in_agents();
        names.retain(|name| !left_out.contains(&name.as_str()));
        text += before;
        text += &names.join(", ");
        rest = after;
    }
    text + rest
}

/// A new transcript with the placeholders of the lines that are as they were.
fn with_placeholders(actual: &str, old: &str) -> String {
    let lines = actual.split_inclusive('\n').map(|line| {
        let is_same = |known: &&str| filled(known) == line;
        old.split_inclusive('\n').find(is_same).unwrap_or(line)
    });
    lines.collect()
}

fn write_tree(folder: &Path, files: &BTreeMap<PathBuf, String>) {
    let _ = fs::remove_dir_all(folder);
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("written");
    }
}

/// Runs a line and gives it with its output, as the transcript shows it.
fn play(line: &str, folder: &Path) -> String {
    let mut shown = format!("{PROMPT}{line}\n");
    let marked = line
        .strip_prefix('[')
        .and_then(|rest| rest.split_once("] "));
    let (terminal, command) = match marked {
        Some((terminal, command)) => (Some(terminal), command),
        None => (None, line),
    };
    let (command, stdin) = match command.split_once(" < ") {
        Some((command, file)) => (command, fs::read(folder.join(file)).expect("a file")),
        None => (command, Vec::new()),
    };
    let mut words = command.split(' ');
    assert_eq!(words.next(), Some(PROGRAM), "{line}");
    let words: Vec<&str> = words.collect();
    if let Some(terminal) = terminal {
        let (columns, colors) = match terminal.split_once(' ') {
            Some((columns, "NO_COLOR")) => (columns, false),
            _ => (terminal, true),
        };
        let (code, screen) = on_terminal(&words, folder, columns.parse().expect("columns"), colors);
        shown.push_str(&visible(&screen));
        let _ = writeln!(shown, "exit {code}");
        return shown;
    }
    let run = run_in_folder(folder, &words, &stdin);
    shown.push_str(&visible(&String::from_utf8(run.stdout).expect("UTF-8")));
    if !run.stderr.is_empty() {
        let _ = write!(shown, "stderr:\n{}", visible(&run.stderr));
    }
    let _ = writeln!(shown, "exit {}", run.code);
    shown
}

/// Escape codes as text.
fn visible(text: &str) -> String {
    text.replace('\x1b', "\\e")
        .replace("\r\n", "\n")
        .replace('\r', "\\r")
}

#[cfg(unix)]
fn on_terminal(words: &[&str], folder: &Path, columns: u16, colors: bool) -> (i32, String) {
    let (mut terminal, end) = pty_process::blocking::open().expect("a terminal");
    terminal
        .resize(pty_process::Size::new(24, columns))
        .expect("resized");
    let command = pty_process::blocking::Command::new(binary())
        .args(words)
        .current_dir(folder)
        .env("TERM", "xterm-256color");
    let command = if colors {
        command.env_remove("NO_COLOR")
    } else {
        command.env("NO_COLOR", "1")
    };
    let mut child = command.spawn(end).expect("the program starts");
    let mut screen = Vec::new();
    let mut buffer = [0; 4096];
    // Reading fails when the last writer is gone.
    while let Ok(count @ 1..) = terminal.read(&mut buffer) {
        screen.extend_from_slice(&buffer[..count]);
    }
    let status = child.wait().expect("the program ends");
    (
        status.code().expect("a code"),
        String::from_utf8(screen).expect("UTF-8"),
    )
}

#[cfg(not(unix))]
fn on_terminal(words: &[&str], folder: &Path, _: u16, _: bool) -> (i32, String) {
    let run = run_in_folder(folder, words, b"");
    (run.code, String::from_utf8(run.stdout).expect("UTF-8"))
}

#[test]
fn a_closed_pipe_is_no_fault() {
    let folder = copy_of("tests/cases/check-points/in");
    let mut child = Command::new(binary())
        .current_dir(folder.path())
        .args(["check", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the program ends");
    assert_text_eq(&String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(1));
}

/// What the documentation shows is what a transcript holds.
#[test]
fn the_documentation_shows_transcripts() {
    let transcripts: Vec<String> = fs::read_dir(CASES)
        .expect("the cases")
        .map(|entry| entry.expect("an entry").path().join("transcript.txt"))
        .map(|path| fs::read_to_string(path).expect("a transcript"))
        .collect();
    let mut shown = 0;
    for page in pages() {
        let text = fs::read_to_string(&page).expect("a text");
        for block in text.split("```console\n").skip(1) {
            let block = block.split("```").next().expect("a block");
            assert!(
                transcripts
                    .iter()
                    .any(|transcript| transcript.contains(block)),
                "{page}: no transcript holds\n{block}"
            );
            shown += 1;
        }
    }
    assert!(shown >= 4, "{shown}");
}

/// A bar shows how far long work has come, and is gone at the end.
#[cfg(unix)]
#[test]
fn long_work_shows_its_progress() {
    let folder = tempfile::tempdir().expect("a folder");
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: []}\n";
    let mut screen = String::new();
    // Enough for more than half a second, by the slow way: an optimised program needs more for that.
    for documents in [2_000, 8_000, 32_000] {
        let large = format!("{pod}---\n").repeat(documents);
        for number in 0..40 {
            fs::write(folder.path().join(format!("{number}.yaml")), &large).expect("written");
        }
        let (code, shown) = on_terminal(&["check", "--no-fast"], folder.path(), 80, false);
        assert_eq!(code, 0, "{shown}");
        screen = shown;
        if screen.contains("judging: ") {
            break;
        }
    }
    assert!(screen.contains("judging: "), "{}", visible(&screen));
    assert!(
        screen.ends_with("nothing to restore in 40 files, 0 images read\r\n"),
        "{}",
        visible(&screen)
    );
    let (_, quiet) = on_terminal(&["check", "--no-fast", "-q"], folder.path(), 80, false);
    assert_text_eq(&quiet, "");
}
