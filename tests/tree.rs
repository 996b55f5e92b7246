//! Which files are looked at: links, ignore files, and folders that change while they are walked.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::{Run, assert_text_eq, binary, files, run_in_folder};

fn manifest(tag: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: collector}}\nspec:\n  containers:\n  - name: collector\n    image: realtheory/theory-k8s-collector{tag}\n    imagePullPolicy: Always\n"
    )
}

/// A folder with manifests that have something to restore.
fn tree(names: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for name in names {
        put(&folder.path().join(name), &manifest(":v1"));
    }
    folder
}

fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, text).expect("written");
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).expect("a text")
}

fn stdout(run: &Run) -> &str {
    str::from_utf8(&run.stdout).expect("UTF-8")
}

fn last_line(run: &Run) -> &str {
    stdout(run).lines().last().unwrap_or_default()
}

#[test]
fn a_link_out_of_the_tree_is_refused_wherever_it_stands_in_a_path() {
    let outside = tree(&["sub/a.yaml"]);
    let folder = tree(&["real/sub/a.yaml"]);
    let at = |name: &str| folder.path().join(name);
    symlink(outside.path(), at("apps")).expect("a link");
    symlink("real", at("inside")).expect("a link");
    let target = fs::canonicalize(outside.path()).expect("there");
    let target = target.display();
    for command in ["fix", "check"] {
        for (path, below, what) in [
            ("apps", "", "folder"),
            ("apps/sub", "/sub", "folder"),
            ("apps/sub/a.yaml", "/sub/a.yaml", "file"),
            ("real/../apps", "", "folder"),
        ] {
            let run = run_in_folder(folder.path(), &[command, path], b"");
            assert_eq!((run.code, run.stdout.len()), (2, 0), "{path}");
            assert_text_eq(
                &run.stderr,
                &format!(
                    "{path}: the link leaves the tree, to {target}{below}\nhelp: give the {what} itself\n"
                ),
            );
        }
    }
    assert_text_eq(&read(outside.path(), "sub/a.yaml"), &manifest(":v1"));
    // In a repository, links lead wherever they like in it, from every folder.
    fs::create_dir(at(".git")).expect("a folder");
    let run = run_in_folder(&at("real"), &["fix", "../inside/sub"], b"");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_text_eq(&read(folder.path(), "real/sub/a.yaml"), &manifest(""));
}

#[test]
fn a_found_configuration_that_is_a_link_out_is_refused() {
    let outside = tempfile::tempdir().expect("a folder");
    put(&outside.path().join("secret.yaml"), "s3cr3t: [\n");
    let folder = tree(&["apps/a.yaml"]);
    fs::create_dir(folder.path().join(".git")).expect("a folder");
    let link = folder.path().join("restore-images.yaml");
    symlink(outside.path().join("secret.yaml"), &link).expect("a link");
    let run = run_in_folder(folder.path(), &["check", "apps"], b"");
    let target = fs::canonicalize(outside.path()).expect("there");
    assert_eq!((run.code, run.stdout.len()), (2, 0));
    assert_text_eq(
        &run.stderr,
        &format!(
            "restore-images.yaml: the link leaves the tree, to {}/secret.yaml\nhelp: give that file by --config\n",
            target.display()
        ),
    );
    fs::remove_file(&link).expect("removed");
    put(
        &folder.path().join("shared/config.yaml"),
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec: {agents: [wiz-sensor]}\n",
    );
    symlink("shared/config.yaml", &link).expect("a link");
    let run = run_in_folder(folder.path(), &["check", "-q", "apps"], b"");
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
}

/// Runs in a shell with little memory and little time, either of which a file without an end takes.
fn bounded(folder: &Path, args: &str) -> Run {
    let script = format!("ulimit -v 2000000; exec timeout 20 \"$0\" {args}");
    let mut command = Command::new("sh");
    command.current_dir(folder);
    crate::support::finish(&mut command, &["-c", &script, binary()], b"")
}

fn pipe(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.expect("mkfifo runs").success());
}

#[test]
fn an_ignore_file_that_is_no_file_of_sane_size_is_not_heeded() {
    let clean = "1 error in 1 file, 1 image read";
    for (make, said) in [
        (
            Box::new(|path: &Path| symlink("/dev/zero", path).expect("a link"))
                as Box<dyn Fn(&Path)>,
            ".gitignore: not heeded: Too many levels of symbolic links (os error 40)\n",
        ),
        (
            Box::new(pipe),
            ".gitignore: not heeded: is not a regular file\n",
        ),
        (
            Box::new(|path: &Path| put(path, &"*.yaml\n".repeat(40_000))),
            ".gitignore: not heeded: larger than 262144 bytes\n",
        ),
    ] {
        let folder = tree(&["a.yaml"]);
        make(&folder.path().join(".gitignore"));
        let run = bounded(folder.path(), "check");
        assert_eq!((run.code, last_line(&run)), (1, clean), "{}", run.stderr);
        assert_text_eq(&run.stderr, said);
    }
    let folder = tree(&["a.yaml"]);
    pipe(&folder.path().join(".ignore"));
    pipe(&folder.path().join("sub.yaml"));
    let run = bounded(folder.path(), "check");
    assert_eq!((run.code, last_line(&run)), (1, clean), "{}", run.stderr);
    assert_text_eq(&run.stderr, "");
}

/// What is checked is not to depend on whose machine it is, nor on what Git does not know of.
#[test]
fn what_one_user_or_another_tool_ignores_hides_nothing() {
    let folder = tree(&["a.yaml", "b.yaml", "c.yaml"]);
    let home = tempfile::tempdir().expect("a folder");
    put(&home.path().join(".config/git/ignore"), "a.yaml\n");
    put(&folder.path().join(".git/info/exclude"), "b.yaml\n");
    put(&folder.path().join(".ignore"), "c.yaml\n");
    let mut command = Command::new(binary());
    command.current_dir(folder.path());
    command.env("HOME", home.path());
    command.env("XDG_CONFIG_HOME", home.path().join(".config"));
    let run = crate::support::finish(&mut command, &["check"], b"");
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert_text_eq(last_line(&run), "3 errors in 3 files, 3 images read");
}

#[test]
fn what_gitignore_hides_is_counted_and_named() {
    let folder = tree(&[
        "apps/a.yaml",
        "apps/b.yaml",
        "apps/deep/c.yaml",
        "vendor/d.yaml",
        "other/apps/f.yaml",
    ]);
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at(".git")).expect("a folder");
    put(&at(".gitignore"), "/vendor/\nb.yaml\nc.yaml\n*.txt\n");
    put(&at("notes.txt"), "no manifest's name is not counted");
    put(&at("apps/deep/.gitignore"), "!c.yaml\n");
    // Another repository's files are its own.
    fs::create_dir(at("other/.git")).expect("a folder");
    put(&at("other/apps/b.yaml"), &manifest(":v1"));
    let run = run_in_folder(folder.path(), &["check", "-v"], b"");
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert_text_eq(
        last_line(&run),
        "4 errors in 4 files, 0 clean, 4 images read, 1 folder and 1 file hidden by .gitignore",
    );
    assert_text_eq(
        &run.stderr,
        "vendor: skipped: hidden by .gitignore\napps/b.yaml: skipped: hidden by .gitignore\n",
    );
    let run = run_in_folder(
        folder.path(),
        &["check", "--format", "json", "vendor", "apps"],
        b"",
    );
    assert_text_eq(&run.stderr, "1 file hidden by .gitignore\n");
    // A folder below the root is walked by what the root's file says.
    let run = run_in_folder(&at("apps"), &["fix"], b"");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_text_eq(
        last_line(&run),
        "2 images restored in 2 files, 2 images read, 1 file hidden by .gitignore",
    );
}

#[test]
fn what_a_dot_hides_is_named() {
    let folder = tree(&["a.yaml", ".b.yaml", ".c/d.yaml", ".git/e.yaml"]);
    put(&folder.path().join(".f.txt"), "no manifest's name");
    let run = run_in_folder(folder.path(), &["check", "-v"], b"");
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert_text_eq(last_line(&run), "1 error in 1 file, 0 clean, 1 image read");
    let hint = "skipped: its name begins with a dot (--hidden reads it)";
    assert_text_eq(&run.stderr, &format!(".b.yaml: {hint}\n.c: {hint}\n"));
    let run = run_in_folder(folder.path(), &["check", "-v", "--hidden"], b"");
    assert_text_eq(
        last_line(&run),
        "3 errors in 3 files, 0 clean, 3 images read",
    );
}

/// Somebody who put it there means to give a configuration: without it other rules would hold.
#[test]
fn a_configuration_that_is_no_file_is_not_none() {
    let folder = tree(&["a.yaml"]);
    let config = folder.path().join("restore-images.yaml");
    std::os::unix::fs::symlink("nowhere.yaml", &config).expect("a link");
    let expected = "restore-images.yaml: this name is read as the configuration, and this is not a file\nhelp: write one, remove it, or give another by --config\n";
    for is_folder in [false, true] {
        if is_folder {
            fs::remove_file(&config).expect("removed");
            fs::create_dir(&config).expect("a folder");
        }
        for command in ["check", "fix", "images"] {
            let run = run_in_folder(folder.path(), &[command], b"");
            assert_text_eq(&run.stderr, expected);
            assert_eq!(run.code, 2);
        }
    }
}

/// Starts `fix` on a folder whose files are many, so that something can happen while it runs.
fn start_fix(folder: &Path) -> Child {
    Command::new(binary())
        .current_dir(folder)
        .args(["fix", "--quiet"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

const FILES: usize = 100;

fn many() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for number in 0..FILES {
        put(
            &folder.path().join(format!("apps/f{number:03}.yaml")),
            &manifest(":v1"),
        );
    }
    folder
}

/// Waits until the program has staged a file, or has ended.
fn wait_for_stage(folder: &Path, child: &mut Child) {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(60) {
        let names = fs::read_dir(folder).expect("a folder").flatten();
        let mut names = names.map(|entry| entry.file_name());
        let is_staged = names.any(|name| name.to_string_lossy().starts_with(".restore-images-"));
        if is_staged || child.try_wait().expect("a status").is_some() {
            return;
        }
    }
    panic!("nothing was staged");
}

/// Case 14 of the hostile review: 60 of 150 rounds wrote through the link.
#[test]
fn a_folder_swapped_for_a_link_leads_no_write_out() {
    let old = manifest(":v1");
    let outside = many();
    let before = files(outside.path());
    for round in 0..40 {
        let folder = many();
        let (apps, aside) = (folder.path().join("apps"), folder.path().join("aside"));
        let ended = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !ended.load(Ordering::Relaxed) {
                    fs::rename(&apps, &aside).expect("moved");
                    symlink(outside.path().join("apps"), &apps).expect("a link");
                    fs::remove_file(&apps).expect("removed");
                    fs::rename(&aside, &apps).expect("moved back");
                    std::thread::sleep(Duration::from_micros(200 * (round % 5)));
                }
            });
            let output = start_fix(folder.path()).wait_with_output();
            ended.store(true, Ordering::Relaxed);
            let code = output.expect("the program ends").status.code();
            assert!(matches!(code, Some(0 | 2)), "{code:?}");
        });
        assert_eq!(files(outside.path()), before);
        // What became of the files of the tree itself: each is old or new, and none is torn.
        let new = manifest("");
        for (name, text) in files(&apps) {
            assert!(text == old || text == new, "{}", name.display());
        }
    }
}

/// Case 14 as well: between the first look at a file and its rename, somebody else writes it.
#[test]
fn a_file_that_changes_while_fix_runs_is_left_and_said() {
    let mut left = 0;
    for _ in 0..20 {
        let folder = many();
        let file = folder.path().join("apps/f000.yaml");
        put(&folder.path().join("new"), "# somebody's\n");
        let mut child = start_fix(folder.path());
        wait_for_stage(&folder.path().join("apps"), &mut child);
        fs::rename(folder.path().join("new"), &file).expect("replaced");
        let output = child.wait_with_output().expect("the program ends");
        assert_text_eq(&read(folder.path(), "apps/f000.yaml"), "# somebody's\n");
        let code = output.status.code();
        left += usize::from(code == Some(2));
        let names = files(folder.path()).into_keys();
        let names: Vec<String> = names.map(|name| name.display().to_string()).collect();
        assert!(!names.iter().any(|name| name.contains(".tmp")), "{names:?}");
    }
    assert!(left > 0, "no round met the moment");
}

/// Case 19: Ctrl-C leaves no temporary file, and what was replaced by then is named.
#[test]
fn an_interrupted_fix_says_what_it_did_and_leaves_no_temporary_file() {
    let mut told = 0;
    for round in 0..20 {
        let folder = many();
        let mut child = start_fix(folder.path());
        wait_for_stage(&folder.path().join("apps"), &mut child);
        std::thread::sleep(Duration::from_micros(300 * (round % 10)));
        let signal = if round % 2 == 0 { "-INT" } else { "-TERM" };
        let id = child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).output();
        sent.expect("kill runs");
        let output = child.wait_with_output().expect("the program ends");
        let stderr = String::from_utf8(output.stderr).expect("UTF-8");
        let found = files(folder.path());
        let names = found.keys().map(|name| name.display().to_string());
        let temporary: Vec<String> = names.filter(|name| name.contains(".tmp")).collect();
        assert!(temporary.is_empty(), "{temporary:?}");
        let new = manifest("");
        let restored = found.iter().filter(|(_, text)| **text == new);
        let restored: Vec<String> = restored
            .map(|(name, _)| name.display().to_string())
            .collect();
        match output.status.code() {
            Some(0) => assert_eq!(restored.len(), FILES),
            Some(2) => {
                told += 1;
                let mut lines = stderr.lines();
                assert_eq!(lines.next(), Some("interrupted"));
                let help = "help: run the command again; ";
                assert!(
                    lines.next().is_none_or(|line| line.starts_with(help)),
                    "{stderr}"
                );
                assert_eq!(lines.collect::<Vec<_>>(), restored, "{stderr}");
            }
            code => panic!("{code:?}: {stderr}"),
        }
    }
    assert!(told > 0, "no round met the moment");
}
