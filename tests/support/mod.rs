//! What the tests share: running the program and the engines, and comparing texts.

pub(crate) mod api_server;
pub(crate) mod browser;
pub(crate) mod lists;
pub(crate) mod mutate;
pub(crate) mod registries;
pub(crate) mod schemas;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::thread;

/// What a run of the program gave.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

/// The path of the program under test: RESTORE_IMAGES_BINARY, which may be an optimised one that takes a tenth of
/// the time, or the one that was built along with the tests.
pub(crate) fn binary() -> &'static str {
    static BINARY: LazyLock<String> = LazyLock::new(|| {
        let set = std::env::var("RESTORE_IMAGES_BINARY").ok();
        set.unwrap_or_else(|| env!("CARGO_BIN_EXE_restore-images").to_owned())
    });
    &BINARY
}

/// Runs the program with arguments and standard input.
pub(crate) fn run(args: &[&str], stdin: &[u8]) -> Run {
    finish(&mut Command::new(binary()), args, stdin)
}

/// As [`run`], in a folder.
pub(crate) fn run_in_folder(folder: &Path, args: &[&str], stdin: &[u8]) -> Run {
    let mut command = Command::new(binary());
    finish(command.current_dir(folder), args, stdin)
}

pub(crate) fn finish(command: &mut Command, args: &[&str], stdin: &[u8]) -> Run {
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

/// Where the tests find the engines that `tests/tools/install` puts in place.
pub(crate) const TOOLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/tools");

/// A program on PATH or among the tools of the tests; `None` prints that the test is skipped, and
/// fails where RESTORE_IMAGES_REQUIRE_ALL says that nothing may be.
pub(crate) fn tool(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(PathBuf::from(TOOLS)).chain(std::env::split_paths(&path));
    let found = folders
        .map(|folder| folder.join(name))
        .find(|file| file.is_file());
    found.or_else(|| skip(&format!("{name} is not on PATH")))
}

/// A file or folder of data that is not part of the project, beside it.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared")
        .join(path);
    if found.exists() {
        Some(found)
    } else {
        skip(&format!("../shared/{path} is absent"))
    }
}

pub(crate) fn skip<T>(why: &str) -> Option<T> {
    assert!(
        std::env::var_os("RESTORE_IMAGES_REQUIRE_ALL").is_none(),
        "{why}, and nothing may be skipped"
    );
    // To the stream itself: the harness keeps what a passing test prints.
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
    None
}

/// The pages for users, by their paths from the root.
pub(crate) fn pages() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    markdown(&root.join("docs"), &mut found);
    let path = |file: &PathBuf| {
        let path = file.strip_prefix(root).expect("below the root");
        path.to_string_lossy().replace('\\', "/")
    };
    let mut found: Vec<String> = found.iter().map(path).collect();
    found.sort();
    found
}

/// Every Markdown file below a folder.
pub(crate) fn markdown(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        if path.is_dir() && name != "target" && name != ".git" {
            markdown(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

/// The names of the built-in agents, in the order of their files.
///
/// The names are read from the folder and not asked of the program, so that a new agent needs no
/// line in a test, and an agent that the program does not know fails one.
pub(crate) fn built_in_agents() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("function/agents");
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("the profiles")
        .map(|entry| entry.expect("an entry").file_name())
        .map(|name| name.into_string().expect("UTF-8"))
        .collect();
    names.sort();
    let stem = |name: &String| name.strip_suffix(".yaml").expect("a profile").to_owned();
    names.iter().map(stem).collect()
}

/// What a message that misses an agent says of those that there are.
pub(crate) fn known_agents() -> String {
    let names = built_in_agents();
    if names.len() <= 40 {
        format!("known: {}", names.join(", "))
    } else {
        "`restore-images agents` lists all that are known".to_owned()
    }
}

/// The formats of reports, as the program offers them.
pub(crate) fn report_formats() -> Vec<String> {
    let refused = run(&["check", "--format", "none-such"], b"").stderr;
    let (_, values) = refused.split_once("possible values: ").expect("the values");
    let (values, _) = values.split_once(']').expect("their end");
    let formats: Vec<String> = values.split(", ").map(str::to_owned).collect();
    assert!(formats.len() >= 5, "{refused}");
    formats
}

/// A copy of a folder of the project that vanishes at the end of the test.
pub(crate) fn copy_of(folder: &str) -> tempfile::TempDir {
    let copy = tempfile::tempdir().expect("a folder");
    copy_folder(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join(folder),
        copy.path(),
    );
    copy
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// A folder of files, each with its text, that vanishes at the end of the test.
pub(crate) fn folder_of(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    write_files(folder.path(), files);
    folder
}

/// Writes files into a folder, each with its text.
pub(crate) fn write_files(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("written");
    }
}

/// Every file below a folder, by its path from there.
pub(crate) fn files(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).expect("below").to_owned();
            found.insert(name, fs::read_to_string(&path).expect("a text"));
        }
    }
    found
}

/// Runs an engine in a folder, with the program first on its PATH and more in its environment.
pub(crate) fn engine(
    program: &Path,
    folder: &Path,
    args: &[&str],
    environment: &[(&str, &Path)],
) -> Run {
    let own = Path::new(binary());
    let mut path = std::ffi::OsString::from(own.parent().expect("a folder"));
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let mut command = Command::new(program);
    command.current_dir(folder).env("PATH", path);
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    finish(&mut command, args, b"")
}
