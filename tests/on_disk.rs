//! `fix` and `check` on real folders: what is written, how, and what is left alone.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::mirrors;
use crate::support::{assert_text_eq, binary, files, run_in_folder, shared, tool};

const CONFIG: &str = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec:\n  agents: [realtheory-collector]\n";

fn manifest(tag: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: collector}}\nspec:\n  containers:\n  - name: collector\n    image: realtheory/theory-k8s-collector{tag}\n    imagePullPolicy: Always\n"
    )
}

/// A folder with a configuration and these manifests.
fn tree(manifests: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), "restore-images.yaml", CONFIG);
    for (name, text) in manifests {
        put(folder.path(), name, text);
    }
    folder
}

fn put(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, text).expect("written");
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).expect("a text")
}

/// The configuration asks for nothing to be changed.
#[test]
fn a_configuration_that_only_checks_keeps_fix_from_writing() {
    let folder = tree(&[("pod.yaml", &manifest(":v1"))]);
    let config = format!("{CONFIG}  mode: check\n");
    put(folder.path(), "restore-images.yaml", &config);
    let run = run_in_folder(folder.path(), &["fix"], b"");
    assert_text_eq(
        &run.stderr,
        "the configuration says `mode: check`, so nothing is written\nhelp: set `mode: restore` to let `fix` write, or see what it would write by --diff\n",
    );
    assert_eq!(run.code, 2);
    assert_eq!(read(folder.path(), "pod.yaml"), manifest(":v1"));
    let run = run_in_folder(folder.path(), &["fix", "--diff"], b"");
    assert_eq!(run.code, 1, "{}", run.stderr);
    let run = run_in_folder(folder.path(), &["check"], b"");
    assert_eq!(run.code, 1, "{}", run.stderr);
}

#[test]
fn a_diff_applies_with_git() {
    let Some(git) = tool("git") else { return };
    let crlf = manifest(":v1").replace('\n', "\r\n");
    let no_end = manifest(":v1").trim_end().to_owned();
    let folder = tree(&[
        ("crlf.yaml", &crlf),
        ("a folder/no end.yaml", &no_end),
        ("deep/er/plain.yaml", &manifest(":v1")),
    ]);
    let run = run_in_folder(folder.path(), &["fix", "--diff"], b"");
    assert_eq!(run.code, 1, "{}", run.stderr);
    put(
        folder.path(),
        "changes.patch",
        &String::from_utf8(run.stdout).expect("UTF-8"),
    );
    let applied = Command::new(git)
        .current_dir(folder.path())
        .args(["apply", "--verbose", "changes.patch"])
        .output()
        .expect("git runs");
    assert!(
        applied.status.success(),
        "{}",
        String::from_utf8_lossy(&applied.stderr)
    );
    fs::remove_file(folder.path().join("changes.patch")).expect("removed");
    let by_git = files(folder.path());
    put(folder.path(), "crlf.yaml", &crlf);
    put(folder.path(), "a folder/no end.yaml", &no_end);
    put(folder.path(), "deep/er/plain.yaml", &manifest(":v1"));
    assert_eq!(run_in_folder(folder.path(), &["fix"], b"").code, 0);
    assert_eq!(files(folder.path()), by_git);
    assert_text_eq(
        &by_git[Path::new("crlf.yaml")],
        &manifest("").replace('\n', "\r\n"),
    );
}

#[cfg(unix)]
#[test]
fn mode_and_owner_are_kept() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
    let folder = tree(&[("a.yaml", &manifest(":v1"))]);
    let path = folder.path().join("a.yaml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("set");
    // Only root may give a file away.
    let gave = chown(&path, Some(12345), Some(23456)).is_ok();
    let before = fs::metadata(&path).expect("metadata");
    assert_eq!(run_in_folder(folder.path(), &["fix"], b"").code, 0);
    assert_text_eq(&read(folder.path(), "a.yaml"), &manifest(""));
    let after = fs::metadata(&path).expect("metadata");
    assert_eq!(after.mode(), before.mode());
    assert_eq!((after.uid(), after.gid()), (before.uid(), before.gid()));
    assert!(!gave || after.uid() == 12345);
}

#[cfg(unix)]
#[test]
fn a_read_only_file_is_refused_and_nothing_is_written() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tree(&[("a.yaml", &manifest(":v1")), ("b.yaml", &manifest(":v2"))]);
    let path = folder.path().join("b.yaml");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).expect("set");
    let run = run_in_folder(folder.path(), &["fix"], b"");
    assert_eq!(run.code, 2);
    assert_text_eq(
        &run.stderr,
        "b.yaml: the file is read-only, and no file was written\nhelp: allow writing, or leave the file out by --exclude\n",
    );
    assert_text_eq(&read(folder.path(), "a.yaml"), &manifest(":v1"));
    assert_eq!(
        names(folder.path()),
        ["a.yaml", "b.yaml", "restore-images.yaml"]
    );
}

fn names(folder: &Path) -> Vec<String> {
    let names = files(folder).into_keys();
    names.map(|name| name.display().to_string()).collect()
}

#[cfg(unix)]
#[test]
fn links_inside_the_tree_are_followed_and_others_are_not() {
    use std::os::unix::fs::symlink;
    let outside = tree(&[("outside.yaml", &manifest(":v1"))]);
    let folder = tree(&[
        ("real/manifest.txt", &manifest(":v1")),
        ("twice.yaml", &manifest(":v1")),
    ]);
    let at = |name: &str| folder.path().join(name);
    symlink("real/manifest.txt", at("inside.yaml")).expect("a link");
    symlink("twice.yaml", at("again.yaml")).expect("a link");
    symlink("nowhere.yaml", at("broken.yaml")).expect("a link");
    symlink(outside.path().join("outside.yaml"), at("leaves.yaml")).expect("a link");
    symlink(outside.path(), at("folder")).expect("a link");
    let run = run_in_folder(folder.path(), &["fix"], b"");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_text_eq(
        &run.stderr,
        "leaves.yaml: not followed: the link leaves the tree\n",
    );
    let shown = String::from_utf8(run.stdout).expect("UTF-8");
    let last = shown.lines().last().expect("a summary");
    assert_text_eq(last, "2 images restored in 2 files, 2 images read");
    assert_text_eq(&read(folder.path(), "real/manifest.txt"), &manifest(""));
    assert_text_eq(&read(folder.path(), "twice.yaml"), &manifest(""));
    assert!(
        fs::symlink_metadata(at("inside.yaml"))
            .expect("there")
            .is_symlink()
    );
    assert_text_eq(&read(outside.path(), "outside.yaml"), &manifest(":v1"));
    let given = run_in_folder(folder.path(), &["fix", "leaves.yaml"], b"");
    assert_eq!(given.code, 2);
    assert!(
        given
            .stderr
            .starts_with("leaves.yaml: the link leaves the tree, to "),
        "{}",
        given.stderr
    );
    assert_text_eq(&read(outside.path(), "outside.yaml"), &manifest(":v1"));
}

#[test]
fn a_configuration_is_found_upwards_as_far_as_the_repository() {
    let folder = tree(&[("repo/apps/a.yaml", &manifest(":v1"))]);
    let check = |within: &str, args: &[&str]| {
        let run = run_in_folder(&folder.path().join(within), args, b"");
        (run.code, run.stderr)
    };
    let hidden = CONFIG.replace("realtheory-collector", "wiz-sensor");
    // The nearest holds: with this one, the collector is nobody's.
    put(folder.path(), "repo/.restore-images.yaml", &hidden);
    assert_eq!(
        check("repo/apps", &["check", "a.yaml", "-q"]),
        (0, String::new())
    );
    assert_eq!(
        check("", &["check", "repo/apps/a.yaml", "-q"]),
        (0, String::new())
    );
    fs::remove_file(folder.path().join("repo/.restore-images.yaml")).expect("removed");
    assert_eq!(check("repo/apps", &["check", "-q"]).0, 1);
    let given = ["check", "-q", "-c", "../../other.yaml"];
    put(folder.path(), "other.yaml", &hidden);
    assert_eq!(check("repo/apps", &given).0, 0);
    // What lies above a repository is somebody else's.
    put(
        folder.path(),
        "restore-images.yaml",
        "not: a configuration\n",
    );
    assert_eq!(check("repo/apps", &["check", "-q"]).0, 2);
    fs::create_dir(folder.path().join("repo/.git")).expect("a folder");
    assert_eq!(check("repo/apps", &["check", "-q"]).0, 1);
}

#[test]
fn a_fault_of_the_configuration_names_its_file() {
    let folder = tree(&[("a.yaml", &manifest(":v1"))]);
    put(
        folder.path(),
        "restore-images.yaml",
        &CONFIG.replace("agents:", "agnets:"),
    );
    let run = run_in_folder(folder.path(), &["fix"], b"");
    assert_eq!(run.code, 2);
    assert_text_eq(
        &run.stderr,
        "restore-images.yaml:5:3: spec.agnets: unknown key `agnets`\nhelp: did you mean `agents`?\n",
    );
    assert_text_eq(&read(folder.path(), "a.yaml"), &manifest(":v1"));
}

/// What one file gives counts in another: a profile, a ServiceAccount, an instance.
#[test]
fn files_are_judged_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let profile = "apiVersion: restore-images.dev/v1alpha1\nkind: AgentProfile\nmetadata: {name: ours}\nspec:\n  images: [{image: registry.example.com/team/ours, tag: floating, imagePullPolicy: Always, imagePullSecrets: [team]}]\n";
    let account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: ours, namespace: n}\nimagePullSecrets: [{name: account}]\n";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: n}\nspec:\n  serviceAccountName: ours\n  containers:\n  - name: c\n    image: registry.example.com/team/ours:v1\n    imagePullPolicy: Always\n";
    put(folder.path(), "z/profile.yaml", profile);
    put(folder.path(), "y/account.yaml", account);
    put(folder.path(), "a/pod.yaml", pod);
    let run = run_in_folder(folder.path(), &["fix", "-q"], b"");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let expected = pod.replace(":v1\n    ", "\n    ")
        + "  imagePullSecrets:\n  - name: account\n  - name: team\n";
    assert_text_eq(&read(folder.path(), "a/pod.yaml"), &expected);
    let broken = profile.replace("floating", "flaoting");
    put(folder.path(), "z/profile.yaml", &broken);
    let run = run_in_folder(folder.path(), &["check", "-q"], b"");
    assert_eq!(run.code, 2);
    assert_text_eq(
        run.stderr.lines().next().expect("a line"),
        "z/profile.yaml:5:57: spec.images[0].tag: unknown tag policy `flaoting`",
    );
}

/// Every byte that `fix` changes in real manifests belongs to an edit of a finding.
#[test]
fn real_manifests_differ_in_what_the_findings_name() {
    let Some(corpus) = shared("corpus") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let mut before = files(&corpus);
    // A vendor's placeholder is not an image reference, which `check` refuses.
    before.retain(|_, text| !text.contains("<Turbo_version>"));
    // Its operator's components list no pull secret, which is left to be added by hand.
    before.retain(|_, text| !text.contains("kind: DatadogAgentInternal"));
    // What an operator is handed over is pulled by others, whose secrets are not here.
    let handed_over = [
        "--collector-image=",
        "--prometheus-config-reloader=",
        "_CONTAINER_REGISTRY",
    ];
    before.retain(|_, text| !handed_over.iter().any(|word| text.contains(word)));
    for (name, text) in &before {
        put(folder.path(), &name.display().to_string(), text);
    }
    put(
        folder.path(),
        "restore-images.yaml",
        &mirrors::configuration(),
    );
    let report = run_in_folder(folder.path(), &["fix", "--diff", "--format", "json"], b"");
    assert_eq!(report.code, 1);
    // The diff goes to standard output, the report aside.
    let report: Value = serde_json::from_str(&report.stderr).expect("a report");
    let run = run_in_folder(folder.path(), &["fix"], b"");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let after = files(folder.path());
    let mut changed = 0;
    for file in report["files"].as_array().expect("files") {
        let name = PathBuf::from(file["path"].as_str().expect("a path"));
        let Some(old) = before.get(&name) else {
            continue;
        };
        let (old, new) = (old.as_str(), &after[&name]);
        assert_text_eq(new, &edited(old, file));
        changed += usize::from(old != new);
    }
    assert!(changed > 20, "{changed}");
    let again = run_in_folder(folder.path(), &["fix"], b"");
    assert_eq!(again.code, 0);
    assert_eq!(files(folder.path()), after);
    let check = run_in_folder(folder.path(), &["check", "-q"], b"");
    assert_eq!(check.code, 0, "{}", String::from_utf8_lossy(&check.stdout));
}

/// What `check` finds is what `fix` would do, or leaves and says.
#[test]
fn check_and_fix_find_the_same() {
    let Some(corpus) = shared("corpus") else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    put(
        folder.path(),
        "restore-images.yaml",
        &mirrors::configuration(),
    );
    let corpus = corpus.display().to_string();
    let found = |args: &[&str]| {
        let with = ["--format", "json", "-c", "restore-images.yaml", &corpus];
        let run = run_in_folder(folder.path(), &[args, &with].concat(), b"");
        let report = if run.stderr.is_empty() {
            &run.stdout[..]
        } else {
            run.stderr.as_bytes()
        };
        let report: Value = serde_json::from_slice(report).expect("a report");
        let files = report["files"].as_array().expect("files").clone();
        let mut findings: Vec<Value> = files
            .into_iter()
            .flat_map(|mut file| {
                file["findings"]
                    .as_array_mut()
                    .expect("findings")
                    .split_off(0)
            })
            .collect();
        for finding in &mut findings {
            finding["severity"] = Value::Null;
        }
        (run.code, findings)
    };
    let (check, fix) = (found(&["check"]), found(&["fix", "--diff"]));
    assert_eq!((check.0, fix.0), (1, 1));
    assert!(check.1.len() > 100, "{}", check.1.len());
    assert_eq!(check.1.len(), fix.1.len());
    for (checked, fixed) in check.1.iter().zip(&fix.1) {
        assert_eq!(checked, fixed);
    }
}

/// The text with the edits of all findings in a report.
fn edited(old: &str, file: &Value) -> String {
    let number = |value: &Value| usize::try_from(value.as_u64().expect("a number")).expect("small");
    let edits: BTreeSet<(usize, usize, &str)> = file["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .flat_map(|finding| finding["edits"].as_array().expect("edits"))
        .map(|edit| {
            let region = &edit["region"];
            let text = edit["text"].as_str().expect("a text");
            (
                number(&region["startByte"]),
                number(&region["endByte"]),
                text,
            )
        })
        .collect();
    let mut new = String::new();
    let mut at = 0;
    for (start, end, text) in edits {
        new.push_str(&old[at..start]);
        new.push_str(text);
        at = end;
    }
    new + &old[at..]
}

const KILLED_FILES: usize = 160;
const ROUNDS: u64 = 40;

/// Killed or asked to end at any moment, a file is old or new, and the next run cleans up.
#[test]
fn a_killed_run_tears_no_file() {
    let (old, new) = (manifest(":v1"), manifest(""));
    let names: Vec<String> = (0..KILLED_FILES)
        .map(|n| format!("d{}/f{n}.yaml", n % 10))
        .collect();
    let folder = tree(&[]);
    let start = || {
        Command::new(binary())
            .current_dir(folder.path())
            .args(["fix", "--quiet"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts")
    };
    // How long a whole run takes here says when to end one.
    names.iter().for_each(|name| put(folder.path(), name, &old));
    let began = Instant::now();
    start().wait().expect("the program ends");
    let whole = u64::try_from(began.elapsed().as_micros()).expect("no age");
    // A generator of its own: the moments are to differ from round to round, and not from run to run.
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let (mut left, mut mixed) = (0, 0);
    for round in 0..ROUNDS {
        names.iter().for_each(|name| put(folder.path(), name, &old));
        let mut child = start();
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        std::thread::sleep(Duration::from_micros(whole / 5 + random % whole));
        // An impatient user and a patient one, who asks first.
        if round % 2 == 0 {
            let _ = child.kill();
        } else {
            let asked = Command::new("kill").arg(child.id().to_string()).output();
            asked.expect("kill runs");
        }
        child.wait().expect("the program ends");
        let texts = files(folder.path());
        let temporary = |name: &&PathBuf| name.to_string_lossy().contains(".restore-images-");
        left += texts.keys().filter(temporary).count();
        let news = names.iter().filter(|name| {
            let text = &texts[Path::new(name.as_str())];
            assert!(*text == old || *text == new, "{name} is torn:\n{text}");
            *text == new
        });
        let news = news.count();
        mixed += usize::from(news > 0 && news < KILLED_FILES);
    }
    let run = run_in_folder(folder.path(), &["fix", "--quiet"], b"");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let texts = files(folder.path());
    assert_eq!(texts.len(), KILLED_FILES + 1, "a temporary file is left");
    assert!(
        names
            .iter()
            .all(|name| texts[Path::new(name.as_str())] == new)
    );
    // What the moments hit is nobody's to promise; it is said, so that a test that tests nothing shows.
    let _ = writeln!(
        std::io::stderr(),
        "{ROUNDS} rounds: {mixed} killed between files, {left} temporary files left and cleaned"
    );
}

#[test]
fn a_temporary_file_that_a_killed_run_left_is_removed() {
    let left = ".restore-images-abcDEF0123456789.tmp";
    let folder = tree(&[("a/a.yaml", &manifest(""))]);
    put(folder.path(), &format!("a/{left}"), "half of a ma");
    put(folder.path(), "a/.restore-images-notes.txt", "somebody's");
    put(folder.path(), "a/.restore-images-notes.tmp", "somebody's");
    assert_eq!(run_in_folder(folder.path(), &["check"], b"").code, 0);
    assert!(
        folder.path().join("a").join(left).exists(),
        "check changes nothing"
    );
    assert_eq!(run_in_folder(folder.path(), &["fix"], b"").code, 0);
    assert_eq!(
        names(folder.path()),
        [
            "a/.restore-images-notes.tmp",
            "a/.restore-images-notes.txt",
            "a/a.yaml",
            "restore-images.yaml"
        ]
    );
}

#[test]
fn a_diff_of_files_elsewhere_applies_at_the_root_of_the_repository() {
    let Some(git) = tool("git") else { return };
    let folder = tree(&[
        ("a.yaml", &manifest(":v1")),
        ("sub/b \"x\".yaml", &manifest(":v1")),
    ]);
    fs::create_dir(folder.path().join(".git")).expect("a folder");
    let sub = folder.path().join("sub");
    let absolute = sub.join("b \"x\".yaml").display().to_string();
    for (args, strip) in [
        (["fix", "--diff", "../a.yaml"], "a.yaml"),
        (["fix", "--diff", &absolute], "b"),
    ] {
        let run = run_in_folder(&sub, &args, b"");
        assert_eq!(run.code, 1, "{strip}: {}", run.stderr);
        put(
            folder.path(),
            "changes.patch",
            &String::from_utf8(run.stdout).expect("UTF-8"),
        );
        let within = if strip == "a.yaml" {
            folder.path()
        } else {
            &sub
        };
        let applied = Command::new(&git)
            .current_dir(within)
            // The folder is no repository, so that paths are taken as they are.
            .env("GIT_CEILING_DIRECTORIES", "/")
            .args(["apply", "--unsafe-paths"])
            .arg(folder.path().join("changes.patch"))
            .output()
            .expect("git runs");
        assert!(
            applied.status.success(),
            "{}",
            String::from_utf8_lossy(&applied.stderr)
        );
    }
    assert_text_eq(&read(folder.path(), "a.yaml"), &manifest(""));
    assert_text_eq(&read(folder.path(), "sub/b \"x\".yaml"), &manifest(""));
}

/// Windows' shells write it, and engines read it.
#[test]
fn utf_16_is_edited_in_its_own_encoding() {
    let encodings: [fn(u16) -> [u8; 2]; 2] = [u16::to_le_bytes, u16::to_be_bytes];
    for bytes in encodings {
        let encoded = |text: &str| -> Vec<u8> {
            let marked = format!("\u{feff}{text}# caf\u{e9} \u{1f600}\r\n");
            marked.encode_utf16().flat_map(bytes).collect()
        };
        let folder = tree(&[("wide.yaml", "")]);
        let path = folder.path().join("wide.yaml");
        fs::write(&path, encoded(&manifest(":v1"))).expect("written");

        let check = run_in_folder(folder.path(), &["check", "--format", "short"], b"");
        assert_text_eq(
            &String::from_utf8(check.stdout).expect("UTF-8"),
            "wide.yaml:7:12: error: Pod collector: container collector: tag v1 keeps the agent from upgrading itself: realtheory/theory-k8s-collector:v1 → realtheory/theory-k8s-collector [pinned-tag]\n\
             configuration: restore-images.yaml\n\
             1 error in 1 file, 1 image read\n",
        );
        assert_eq!(check.code, 1);
        let diff = run_in_folder(folder.path(), &["fix", "--diff"], b"");
        let told =
            "warning: wide.yaml: a patch of a file in UTF-16 does not apply: let `fix` write it\n";
        assert!(diff.stderr.starts_with(told), "{}", diff.stderr);
        let fix = run_in_folder(folder.path(), &["fix"], b"");
        assert_eq!(fix.code, 0, "{}", fix.stderr);
        assert_eq!(fs::read(&path).expect("read"), encoded(&manifest("")));
        let again = run_in_folder(folder.path(), &["check"], b"");
        assert_eq!(again.code, 0, "{}", again.stderr);

        // A stream is given back in its own encoding, too.
        let stream = encoded(&manifest(":v1"));
        let stream = run_in_folder(folder.path(), &["restore-images.yaml"], &stream);
        assert_eq!(stream.code, 0, "{}", stream.stderr);
        assert_eq!(stream.stdout, encoded(&manifest("")));
    }
}

/// Archives and other people's folders may hold anything under the names that are read.
#[cfg(unix)]
#[test]
fn what_has_no_end_is_not_waited_for() {
    let folder = tree(&[("a.yaml", &manifest(""))]);
    fs::create_dir(folder.path().join(".git")).expect("a folder");
    let pipe = folder.path().join(".git/config");
    let made = Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo runs").success());
    let run = run_in_folder(folder.path(), &["check"], b"");
    assert_eq!(run.code, 0, "{}", run.stderr);
    std::os::unix::fs::symlink("/dev/zero", folder.path().join("z.yaml")).expect("a link");
    for args in [
        &["report", "z.yaml"][..],
        &["render", "-c", "z.yaml", "a.yaml"],
        &["render", "z.yaml"],
    ] {
        let run = run_in_folder(folder.path(), args, b"");
        assert_text_eq(
            &run.stderr,
            "z.yaml: is a device, which has no end\nhelp: give a file or a pipe\n",
        );
        assert_eq!(run.code, 2);
    }
}

#[test]
fn what_is_no_text_says_where() {
    let folder = tree(&[]);
    fs::write(
        folder.path().join("latin.yaml"),
        b"apiVersion: v1\nkind: Pod\nname: caf\xe9\n",
    )
    .expect("written");
    let wide: Vec<u8> = manifest(":v1").bytes().flat_map(|byte| [byte, 0]).collect();
    fs::write(folder.path().join("wide.yaml"), wide).expect("written");
    let run = run_in_folder(folder.path(), &["check", "--format", "github"], b"");
    assert_eq!(run.code, 2);
    assert_text_eq(
        &String::from_utf8(run.stdout).expect("UTF-8"),
        "::error file=latin.yaml,line=3,col=10,endLine=3,endColumn=10,title=unreadable::the byte 0xe9 is not UTF-8%0Aconvert the text to UTF-8\n\
         ::error file=wide.yaml,line=1,col=1,endLine=1,endColumn=1,title=unreadable::the text is UTF-16 without a byte order mark, which engines do not read%0Aconvert the text to UTF-8\n",
    );
    let verbose = run_in_folder(folder.path(), &["check", "-v"], b"");
    assert_text_eq(
        &verbose.stderr,
        "restore-images.yaml: skipped: configuration of restore-images\n",
    );
}

/// One that a tool has written: with an apiVersion it is nobody's to apply, and without it is broken.
#[test]
fn a_resource_list_among_files_is_named() {
    let list = format!(
        "kind: ResourceList\nitems:\n- {}\n",
        manifest(":v1").trim_end().replace('\n', "\n  ")
    );
    let whole = format!("apiVersion: config.kubernetes.io/v1\n{list}");
    let folder = tree(&[("whole.yaml", &whole)]);
    let run = run_in_folder(folder.path(), &["check", "-v", "whole.yaml"], b"");
    assert_eq!(run.code, 0, "{}", String::from_utf8_lossy(&run.stdout));
    let said = "whole.yaml: skipped: a ResourceList\n";
    assert!(run.stderr.starts_with(said), "{}", run.stderr);
    put(folder.path(), "list.yaml", &list);
    let run = run_in_folder(
        folder.path(),
        &["check", "--format", "short", "list.yaml"],
        b"",
    );
    assert_eq!(run.code, 2);
    let shown = String::from_utf8(run.stdout).expect("UTF-8");
    assert_text_eq(
        shown.lines().next().unwrap_or_default(),
        "list.yaml:1:7: error: the ResourceList has no apiVersion: write apiVersion: config.kubernetes.io/v1",
    );
}

/// Lines that end in CR alone are lines of YAML, and are counted and drawn as such.
#[test]
fn lines_that_end_in_carriage_returns_are_counted() {
    let folder = tree(&[("a.yaml", &manifest(":v1").replace('\n', "\r"))]);
    let run = run_in_folder(folder.path(), &["check"], b"");
    assert_eq!(run.code, 1);
    let shown = String::from_utf8(run.stdout).expect("UTF-8");
    let drawn = " --> a.yaml:7:12\n  |\n7 |     image: realtheory/theory-k8s-collector:v1\n  |            ^^^^";
    assert!(shown.contains(drawn), "{shown}");
    assert_eq!(run_in_folder(folder.path(), &["fix"], b"").code, 0);
    assert_text_eq(
        &read(folder.path(), "a.yaml"),
        &manifest("").replace('\n', "\r"),
    );
}

#[cfg(unix)]
#[test]
fn a_pipe_is_no_file() {
    let folder = tree(&[]);
    let made = Command::new("mkfifo")
        .arg(folder.path().join("pipe.yaml"))
        .status();
    assert!(made.expect("mkfifo runs").success());
    let run = run_in_folder(folder.path(), &["check", "pipe.yaml"], b"");
    assert_eq!(run.code, 2);
    assert_text_eq(
        &run.stderr,
        "pipe.yaml: is not a regular file\nhelp: for a pipe, give `-` and redirect it\n",
    );
    assert_eq!(run_in_folder(folder.path(), &["check"], b"").code, 0);
}

/// `{{` in text is no excuse for what is broken elsewhere.
#[test]
fn a_broken_manifest_with_braces_in_text_is_broken() {
    let broken = "apiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n    a: \"{{ $labels.pod }}\"\n  name: c\nspec: [\n";
    let folder = tree(&[
        ("rule.yaml", broken),
        (
            "chart.yaml",
            &format!("{{{{- if .on }}}}\n{broken}{{{{- end }}}}\n"),
        ),
    ]);
    let run = run_in_folder(folder.path(), &["check", "-v"], b"");
    assert_eq!(run.code, 2);
    let shown = String::from_utf8(run.stdout).expect("UTF-8");
    assert!(shown.contains("--> rule.yaml:7:"), "{shown}");
    assert!(
        run.stderr.contains("chart.yaml: skipped: a template"),
        "{}",
        run.stderr
    );
}

/// From a folder below, `..` holds what goes up from there and out of it.
#[test]
fn a_folder_above_holds_what_leads_out_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = [
        (".git/HEAD", "ref: refs/heads/main\n"),
        ("base/kustomization.yaml", "resources: [pod.yaml]\n"),
        (
            "base/pod.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - {name: c, image: nginx}\n",
        ),
        ("over/dev/kustomization.yaml", "resources: [../../base]\n"),
        ("over/prod/kustomization.yaml", "resources: [../../base]\n"),
    ];
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    let inner = folder.path().join("over/prod");
    for (given, roots) in [("..", 2), ("../", 2), (".", 1), ("../..", 3)] {
        let run = run_in_folder(&inner, &["check", given, "--verbose"], b"");
        let said = format!("{}{}", run.stderr, String::from_utf8_lossy(&run.stdout));
        assert_eq!(run.code, 0, "{given}: {said}");
        let settled = format!("{roots} root{} settled", if roots == 1 { "" } else { "s" });
        assert!(said.contains(&settled), "{given}: {said}");
    }
}
