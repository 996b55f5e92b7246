//! What other programs make of the output: terminals, logs of CI services, spreadsheets, readers of
//! XML and JSON, `git apply`.

use std::fs;
use std::path::Path;

use crate::support::{assert_text_eq, finish, run, run_in_folder};

/// A pod of the collector at a pinned version.
fn pod(name: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\nspec:\n  containers:\n  - name: realtheorycollector\n    image: realtheory/theory-k8s-collector:v1\n"
    )
}

const FORMATS: [&str; 5] = ["text", "json", "sarif", "github", "junit"];

/// Both streams of every command that speaks of files, each with what was run.
fn told(folder: &Path) -> Vec<(String, String)> {
    let mut commands: Vec<Vec<&str>> = Vec::new();
    for format in FORMATS {
        for color in ["never", "always"] {
            commands.push(vec!["check", "-v", "--format", format, "--color", color]);
        }
        commands.push(vec!["fix", "--diff", "-v", "--format", format]);
    }
    for format in ["text", "json", "csv"] {
        commands.push(vec!["images", "--format", format]);
    }
    commands.push(vec!["init"]);
    let mut told = Vec::new();
    for args in commands {
        let run = run_in_folder(folder, &args, b"");
        let what = args.join(" ");
        // The diff repeats the manifests.
        if !what.contains("--diff") {
            let stdout = String::from_utf8(run.stdout).expect("UTF-8");
            told.push((what.clone(), stdout));
        }
        told.push((format!("{what}, standard error"), run.stderr));
    }
    told
}

/// Manifests whose names are hostile, and a broken one.
fn hostile(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (index, name) in names.iter().enumerate() {
        let units = name.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
        let escaped = format!("\"{}\"", units.collect::<String>());
        fs::write(folder.path().join(format!("{index}.yaml")), pod(&escaped)).expect("written");
        let broken = format!("{}  - {name}: [\n", pod("x"));
        fs::write(folder.path().join(format!("{index}-broken.yaml")), broken).expect("written");
        fs::write(folder.path().join(format!("{name}.yaml")), pod("x")).expect("written");
        fs::write(
            folder.path().join(format!("{name}-broken.yaml")),
            "apiVersion: [\n",
        )
        .expect("written");
        fs::write(folder.path().join(format!("{name}-none.yaml")), "a: b\n").expect("written");
    }
    folder
}

#[test]
fn no_line_is_a_command_of_a_service() {
    let folder = hostile(&[
        "::error::x",
        " ::set-env name=A::b",
        "x ##[error]y",
        "##vso[task.setvariable variable=A]b",
        "x\n::error::y",
    ]);
    for (what, text) in told(folder.path()) {
        for line in text.lines() {
            // The format's own commands are of its own words.
            let own = ["::error file=", "::warning file=", "::notice file="];
            let is_own =
                what.contains("--format github") && own.iter().any(|own| line.starts_with(own));
            assert!(
                is_own || line.trim() == ":::" || !line.trim_start().starts_with("::"),
                "{what}: {line}"
            );
            assert!(
                !line.contains("##[") && !line.contains("##vso["),
                "{what}: {line}"
            );
        }
    }
}

#[test]
fn the_case_of_a_name_that_is_a_command() {
    let run = run(&["check", "-"], pod("\"x ##[error]y\"").as_bytes());
    let text = String::from_utf8(run.stdout).expect("UTF-8");
    assert!(text.contains("  = in: Pod x ##\\u{5b}error]y\n"), "{text}");
    let run = self::run(&["render", "-"], pod("\"x ##[error]y\"").as_bytes());
    assert_text_eq(
        &run.stderr,
        "stdin:8:12: info: Pod x ##\\u{5b}error]y: container realtheorycollector: tag v1 keeps the agent from upgrading itself: realtheory/theory-k8s-collector:v1 → realtheory/theory-k8s-collector [pinned-tag]\n\
         stdin:7:5: warning: Pod x ##\\u{5b}error]y: an applied Pod cannot be updated in place: delete it, or give it another name, before the edited one is applied [immutable-workload]\n\
         stdin:8:12: info: Pod x ##\\u{5b}error]y: container realtheorycollector: imagePullPolicy (missing) → Always [wrong-pull-policy]\n",
    );
}

/// Characters that steer terminals, turn text around, end lines, or are none.
const STEERING: &str = "\u{7f}\u{80}\u{85}\u{9b}1m\u{9f}\u{61c}\u{200e}\u{200f}\u{202a}\u{202e}\u{2066}\u{2069}\u{2028}\u{2029}\u{ad}\u{34f}\u{115f}\u{17b4}\u{180e}\u{200c}\u{200d}\u{2060}\u{2800}\u{3164}\u{fe0f}\u{ffa0}\u{fff0}\u{1bca0}\u{1d173}\u{e0100}\u{feff}\u{fffe}\u{ffff}\u{1b}[31m";

#[test]
fn no_character_steers() {
    let folder = hostile(&[STEERING]);
    for (what, text) in told(folder.path()) {
        let is_colored = what.contains("--color always") && what.contains("--format text");
        let steers = |c: char| STEERING.contains(c) && !matches!(c, '1' | '3' | 'm' | '[');
        let found = text
            .chars()
            .find(|&c| steers(c) && !(is_colored && c == '\u{1b}'));
        assert_eq!(found, None, "{what}: {text:?}");
        assert!(!text.contains("\u{1b}[31m"), "{what}: {text:?}");
    }
}

#[test]
fn every_format_stays_what_it_is() {
    let folder = hostile(&[STEERING, "##[x]", "::x::", "=1+1", "a\",b"]);
    let mut pods = 0;
    for (what, text) in told(folder.path()) {
        if what.contains("junit") && !text.is_empty() {
            let legal = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
            assert!(text.chars().all(legal), "{what}");
            let mut reader = quick_junit::Report::deserialize(text.as_bytes()).expect("XML");
            pods += reader.test_suites.remove(0).test_cases.len();
        }
        if (what.contains("json") || what.contains("sarif")) && text.starts_with(['{', '[']) {
            let value: serde_json::Value = serde_json::from_str(&text).expect(&what);
            // JSON's own escapes lose nothing.
            if what == "images --format json" {
                let names: Vec<&str> = value["images"]
                    .as_array()
                    .expect("images")
                    .iter()
                    .filter_map(|image| image["resource"]["name"].as_str())
                    .collect();
                assert!(
                    names.contains(&STEERING) && names.contains(&"##[x]"),
                    "{names:?}"
                );
            }
        }
    }
    assert!(pods > 0);
}

#[test]
fn cells_of_csv_are_no_formulas() {
    let folder = tempfile::tempdir().expect("a folder");
    for (index, name) in ["=1+1", "+1", "-1", "@a", "\\t=1", "\\r=1", "a"]
        .iter()
        .enumerate()
    {
        let manifest = pod(&format!("\"{name}\""));
        fs::write(folder.path().join(format!("{index}.yaml")), manifest).expect("written");
    }
    let run = run_in_folder(folder.path(), &["images", "--format", "csv"], b"");
    let text = String::from_utf8(run.stdout).expect("UTF-8");
    let names: Vec<&str> = text
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').nth(6))
        .collect();
    assert_eq!(names, ["'=1+1", "'+1", "'-1", "'@a", "\\t=1", "\\r=1", "a"]);
}

#[test]
fn long_words_are_cut_and_counted() {
    let folder = tempfile::tempdir().expect("a folder");
    let long = "a".repeat(100_000);
    fs::write(folder.path().join("a.yaml"), pod(&long)).expect("written");
    for (what, text) in told(folder.path()) {
        let is_for_people = !["json", "csv"].iter().any(|format| what.contains(format));
        let longest = text.lines().map(str::len).max().unwrap_or_default();
        assert!(!is_for_people || longest < 8000, "{what}: {longest}");
    }
    let run = run_in_folder(folder.path(), &["check"], b"");
    let text = String::from_utf8(run.stdout).expect("UTF-8");
    let cut = format!("  = in: Pod {}… (99004 more characters)\n", "a".repeat(996));
    assert!(text.contains(&cut), "{text}");
}

/// What stands beside an image is masked, and the line stays readable.
#[test]
fn a_drawn_line_shows_its_finding_alone() {
    let json = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"realtheorycollector"},"spec":{"containers":[{"env":[{"name":"API_TOKEN","value":"s3cr3t"}],"name":"c","image":"realtheory/theory-k8s-collector:v1","args":["--password=s3cr3t"]}]}}"#;
    let run = run(&["check", "-"], json.as_bytes());
    let text = String::from_utf8(run.stdout).expect("UTF-8");
    let mut lines = text.lines().filter(|line| line.starts_with("1 | "));
    let line = lines.nth(1).unwrap_or_default();
    assert_text_eq(
        line,
        r#"1 | ...me":***,"image":"realtheory/theory-k8s-collector:v1","args":[***]}]}}"#,
    );
}

#[test]
fn a_drawn_line_of_a_broken_secret_shows_its_keys() {
    // A password may begin with the sign of an alias, an anchor or a tag.
    for password in [
        "s3cr3t: [s3cr3t",
        "*s3cr3t",
        "&a *s3cr3t",
        "*s3cr3t-x",
        "!<s3cr3t",
    ] {
        let secret = format!(
            "apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\nstringData:\n  password: {password}\n"
        );
        let run = run(&["check", "-"], secret.as_bytes());
        assert_eq!(run.code, 2);
        let text = String::from_utf8(run.stdout).expect("UTF-8");
        assert!(
            text.contains("5 |   password: ") && text.contains("***"),
            "{text}"
        );
        assert!(!text.contains("s3cr3t"), "{text}");
    }
}

/// A comment may say more than the marker in it.
#[test]
fn of_a_comment_the_marker_alone_is_told() {
    for comment in [
        "s3cr3t {\"$imagepolicy\": \"a:b\"} s3cr3t",
        "s3cr3t $imagepolicy",
        "s3cr3t kpt-set: a/b:${tag}",
    ] {
        let line = format!(":v1 # {comment}");
        let manifest = pod("realtheorycollector").replace(":v1", &line);
        let run = run(&["render", "-"], manifest.as_bytes());
        assert!(run.stderr.contains("writes this field"), "{}", run.stderr);
        assert!(!run.stderr.contains("s3cr3t"), "{}", run.stderr);
    }
}

#[test]
fn a_wrong_digest_keeps_name_and_tag_readable() {
    let manifest = pod("realtheorycollector").replace(":v1", ":v1@sha256:0123");
    let run = run(&["render", "-"], manifest.as_bytes());
    assert_text_eq(
        run.stderr.lines().next().unwrap_or_default(),
        "stdin:8:12: warning: Pod realtheorycollector: container realtheorycollector: `realtheory/theory-k8s-collector:v1@sha256:0123` is not an image reference: a sha256 digest has 64 digits, this one has 4 [unresolved-image]",
    );
}

/// A plain diff is what `git apply` takes, so it is the manifest's own text; in colour it is for people.
#[test]
fn a_diff_is_exact_and_in_colour_it_is_escaped() {
    let folder = tempfile::tempdir().expect("a folder");
    let manifest = pod("x").replace(":v1", ":v1 # \u{202e}s3cr3t");
    fs::write(folder.path().join("a.yaml"), &manifest).expect("written");
    let diff = |color: &str| {
        let run = run_in_folder(folder.path(), &["fix", "--diff", "--color", color], b"");
        String::from_utf8(run.stdout).expect("UTF-8")
    };
    assert!(
        diff("never").contains(" \u{202e}s3cr3t"),
        "{}",
        diff("never")
    );
    assert!(!diff("always").contains('\u{202e}'), "{}", diff("always"));
}

/// A name is bytes: one that is no UTF-8 is quoted in the diff as Git quotes it.
#[cfg(target_os = "linux")]
#[test]
fn git_takes_a_diff_of_any_name() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let folder = tempfile::tempdir().expect("a folder");
    let names: [&[u8]; 4] = [
        b"\xff\x9b.yaml",
        "\u{202e}.yaml".as_bytes(),
        b"a\"b\\.yaml",
        b"\n.yaml",
    ];
    for name in names {
        fs::write(folder.path().join(OsStr::from_bytes(name)), pod("x")).expect("written");
    }
    let git = |args: &[&str], stdin: &[u8]| {
        let mut git = std::process::Command::new("git");
        let run = finish(git.current_dir(folder.path()), args, stdin);
        assert_eq!(run.code, 0, "{args:?}: {}", run.stderr);
    };
    git(&["init", "--quiet"], b"");
    let run = run_in_folder(folder.path(), &["fix", "--diff"], b"");
    assert_eq!(run.code, 1, "{}", run.stderr);
    git(&["apply"], &run.stdout);
    for name in names {
        let text = fs::read_to_string(folder.path().join(OsStr::from_bytes(name)));
        assert!(text.expect("read").ends_with("imagePullPolicy: Always\n"));
    }
}
