//! `report`: reports of many repositories as one, and what differs from an older one.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{assert_text_eq, run, run_in_folder};

const CONFIG: &str = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec: {agents: [realtheory-collector]}\n";

fn pod(name: &str, image: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  containers:\n  - name: c\n    image: {image}\n    imagePullPolicy: Always\n"
    )
}

const OFFICIAL: &str = "realtheory/theory-k8s-collector";
const PINNED: &str = "realtheory/theory-k8s-collector:v1";
const ELSEWHERE: &str = "reg.example.com/realtheory/theory-k8s-collector";

/// Writes the report of a repository with these files beside it, as NAME.json.
fn report_of(folder: &Path, name: &str, files: &[(&str, &str)]) {
    let tree = tempfile::tempdir().expect("a folder");
    fs::write(tree.path().join("restore-images.yaml"), CONFIG).expect("written");
    for (path, text) in files {
        fs::write(tree.path().join(path), text).expect("written");
    }
    let run = run_in_folder(tree.path(), &["check", "--format", "json"], b"");
    assert!(run.code <= 2, "{}", run.stderr);
    fs::write(folder.join(format!("{name}.json")), run.stdout).expect("written");
}

/// Two repositories last week (`old.json`), and three today, of which one has a new name.
fn weeks() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    report_of(
        at,
        "a",
        &[("x.yaml", &pod("x", PINNED)), ("y.yaml", &pod("y", PINNED))],
    );
    report_of(at, "b", &[("z.yaml", &pod("z", PINNED))]);
    let old = printed(at, &["a.json", "b.json", "--format", "json"]);
    fs::write(at.join("old.json"), old).expect("written");
    report_of(
        at,
        "a",
        &[
            ("w.yaml", &pod("w", ELSEWHERE)),
            ("x.yaml", &format!("# the line moves\n{}", pod("x", PINNED))),
            ("y.yaml", &pod("y", OFFICIAL)),
        ],
    );
    folder
}

#[track_caller]
fn printed(folder: &Path, words: &[&str]) -> String {
    let run = run_in_folder(folder, &[&["report"], words].concat(), b"");
    assert_eq!((run.code, &*run.stderr), (0, ""));
    String::from_utf8(run.stdout).expect("UTF-8")
}

#[test]
fn reports_have_a_row_each() {
    let folder = weeks();
    assert_text_eq(
        &printed(folder.path(), &["old.json"]),
        "\
REPORT  ERRORS  WARNINGS  UNREADABLE  CLEAN  IMAGES  NOT READ
a       2       0         0           0      2       0
b       1       0         0           0      1       0

RULE        FINDINGS  REPORTS
pinned-tag  3         2

2 reports: 3 errors, 0 warnings, 0 files clean, 3 images read
",
    );
}

#[test]
fn what_is_new_gone_or_left_is_said() {
    let folder = weeks();
    let words = ["c=b.json", "a.json", "--since", "old.json"];
    assert_text_eq(
        &printed(folder.path(), &words),
        "\
REPORT  ERRORS  WARNINGS  UNREADABLE  CLEAN  IMAGES  NOT READ  NEW  GONE  LEFT
a       2       0         0           1      3       0         1    1     1
c       1       0         0           0      1       0         -    -     -

RULE            FINDINGS  REPORTS
pinned-tag      2         2
wrong-registry  1         1

new: a: w.yaml:7:12: error: Pod w: container c: wrong registry or path: reg.example.com/realtheory/theory-k8s-collector → realtheory/theory-k8s-collector [wrong-registry]

gone: a: y.yaml:7:12: error: Pod y: container c: tag v1 keeps the agent from upgrading itself: realtheory/theory-k8s-collector:v1 → realtheory/theory-k8s-collector [pinned-tag]

c is not in the older reports, so nothing of it is called new
b is in the older reports alone, so nothing of it is called gone

2 reports: 3 errors, 0 warnings, 1 file clean, 4 images read; 1 new, 1 gone, 1 left
",
    );
    assert_text_eq(
        &printed(folder.path(), &[&words[..], &["--format", "markdown"]].concat()),
        "\
### restore-images: 2 reports: 3 errors, 0 warnings, 1 file clean, 4 images read; 1 new, 1 gone, 1 left

| report | errors | warnings | unreadable | clean | images | not read | new | gone | left |
|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|
| `a` | 2 | 0 | 0 | 1 | 3 | 0 | 1 | 1 | 1 |
| `c` | 1 | 0 | 0 | 0 | 1 | 0 | - | - | - |

| rule | findings | reports |
|---|---:|---:|
| `pinned-tag` | 2 | 2 |
| `wrong-registry` | 1 | 1 |

#### New

- `a` `w.yaml:7:12`: `error: Pod w: container c: wrong registry or path: reg.example.com/realtheory/theory-k8s-collector → realtheory/theory-k8s-collector [wrong-registry]`

#### Gone

- `a` `y.yaml:7:12`: `error: Pod y: container c: tag v1 keeps the agent from upgrading itself: realtheory/theory-k8s-collector:v1 → realtheory/theory-k8s-collector [pinned-tag]`

- `c is not in the older reports, so nothing of it is called new`
- `b is in the older reports alone, so nothing of it is called gone`
",
    );
    let joined = printed(folder.path(), &[&words[..], &["--format", "json"]].concat());
    let joined: Value = serde_json::from_str(&joined).expect("JSON");
    assert_eq!(joined["changes"], json!({"new": 1, "gone": 1, "left": 1}));
    assert_eq!(joined["missing"], json!(["b"]));
    let a = &joined["reports"][0];
    let since = |list: &Value| -> Vec<(String, String)> {
        let found = list.as_array().expect("findings").iter();
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        found
            .map(|found| (text(&found["path"]), text(&found["since"])))
            .collect()
    };
    let pair = |path: &str, since: &str| (path.to_owned(), since.to_owned());
    assert_eq!(
        since(&a["findings"]),
        [pair("w.yaml", "new"), pair("x.yaml", "left")]
    );
    assert_eq!(since(&a["gone"]), [pair("y.yaml", "gone")]);
    let page = printed(folder.path(), &[&words[..], &["--format", "html"]].concat());
    for (since, number) in [("new", 1), ("gone", 1), ("left", 1), ("not compared", 1)] {
        let found = page.matches(&format!("data-since=\"{since}\"")).count();
        assert_eq!(found, number, "{since}");
    }
    // Each state by itself, and what is gone last.
    let (before, sections) = page.split_once("<div id=\"list\">").expect("a list");
    let mut sections = sections.split("<section class=\"since\">");
    assert_eq!(sections.next(), Some("\n"));
    let of_section = |section: &str| {
        let (heading, articles) = section.split_once("</h2>").expect("a heading");
        let heading = heading.trim_start().trim_start_matches("<h2>").to_owned();
        let state = |rest: &str| rest.split('"').next().expect("a state").to_owned();
        let states: Vec<String> = articles.split("data-since=\"").skip(1).map(state).collect();
        (heading, states.concat())
    };
    let sections: Vec<(String, String)> = sections.map(of_section).collect();
    assert_eq!(
        sections,
        [
            pair("New: 1", "new"),
            pair("Left from before: 1", "left"),
            pair("Not compared: 1", "not compared"),
            pair("Gone: 1", "gone"),
        ]
    );
    let row = |name: &str| {
        let (_, row) = before
            .split_once(&format!("data-value=\"{name}\""))
            .expect("a row");
        let (row, _) = row.split_once("</tr>").expect("its end");
        let cells = row.split("<td class=\"n\">").skip(1);
        cells
            .map(|cell| cell.trim_end_matches("</td>").to_owned())
            .collect::<Vec<_>>()
    };
    // New, left, not compared, gone.
    assert_eq!(row("pinned-tag"), ["0", "1", "1", "1"]);
    assert_eq!(row("wrong-registry"), ["1", "0", "0", "0"]);
}

/// A page says of what and of which day it is, and by which configuration, so that two tabs or two sheets
/// are told apart.
#[test]
fn pages_have_titles_and_days() {
    let folder = weeks();
    let shop = folder.path().join("shop");
    fs::create_dir_all(shop.join("base")).expect("a folder");
    fs::write(shop.join("base/x.yaml"), pod("x", PINNED)).expect("written");
    fs::write(shop.join("base/restore-images.yaml"), CONFIG).expect("written");
    let check = |at: &Path, words: &[&str], title: &str, heading: &str, said: &str| {
        let words = [words, &["--format", "html", "--today", "2026-11-30"]].concat();
        let page = String::from_utf8(run_in_folder(at, &words, b"").stdout);
        let page = page.expect("UTF-8");
        for part in [
            format!("<title>{title}, 2026-11-30: restore-images</title>"),
            format!("<h1>{heading}</h1>"),
            format!("<span class=\"dim\">{said}</span>"),
        ] {
            assert!(page.contains(&part), "{part}: {page}");
        }
    };
    let said = "configuration: restore-images.yaml; as of 2026-11-30";
    let base = shop.join("base");
    check(
        &base,
        &["check", "x.yaml"],
        "base: 1 error in 1 file",
        "restore-images: base",
        said,
    );
    check(
        &base,
        &["images", "x.yaml"],
        "base: 1 image in 1 folder",
        "Images of base",
        said,
    );
    // In a repository, its name comes first.
    fs::create_dir(shop.join(".git")).expect("a folder");
    fs::write(shop.join(".git/HEAD"), "").expect("written");
    check(
        &base,
        &["check", "x.yaml"],
        "shop/base: 1 error in 1 file",
        "restore-images: shop/base",
        said,
    );
    check(
        folder.path(),
        &["report", "a.json", "b.json"],
        "2 reports: 3 errors",
        "restore-images: 2 reports",
        "joined on 2026-11-30",
    );
}

/// A row of zeros is no praise of what nobody looked at.
#[test]
fn what_was_not_read_is_said_of_each_report() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let unknown = format!(
        "apiVersion: unknown.example/v1\nkind: Foo\nmetadata: {{name: f}}\nspec:\n  image: {PINNED}\n"
    );
    let template = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}\n";
    let files = [
        ("foo.yaml", &*unknown),
        ("pod.yaml", &pod("x", OFFICIAL)),
        ("t.yaml", template),
    ];
    report_of(at, "unread", &files);
    let bare = r#"{"version": 1, "done": "checked", "configuration": null, "summary": {"images": 0, "changed": 0, "clean": 1, "skipped": 0, "excluded": 0, "unreadable": 0, "read": 1, "unread": 0, "roots": 3, "settled": 2, "errors": 0, "warnings": 0}, "files": [], "findings": []}"#;
    fs::write(at.join("bare.json"), bare).expect("written");
    let words = ["unread.json", "bare.json"];
    assert_text_eq(
        &printed(at, &words),
        "\
REPORT  ERRORS  WARNINGS  UNREADABLE  CLEAN  IMAGES  NOT READ
bare    0       0         0           1      1       0
unread  0       0         0           1      1       1

configuration: none, so every built-in agent was looked for and no mirror was known: bare
files not checked, which may hold images: unread (1)
roots not settled: bare (1 of 3)

2 reports: 0 errors, 0 warnings, 2 files clean, 2 images read, 1 not read, 1 file not checked
",
    );
    assert_text_eq(
        &printed(at, &[&words[..], &["--format", "markdown"]].concat()),
        "\
### restore-images: 2 reports: 0 errors, 0 warnings, 2 files clean, 2 images read, 1 not read, 1 file not checked

| report | errors | warnings | unreadable | clean | images | not read |
|---|---:|---:|---:|---:|---:|---:|
| `bare` | 0 | 0 | 0 | 1 | 1 | 0 |
| `unread` | 0 | 0 | 0 | 1 | 1 | 1 |

- `configuration: none, so every built-in agent was looked for and no mirror was known: bare`
- `files not checked, which may hold images: unread (1)`
- `roots not settled: bare (1 of 3)`
",
    );
    let page = printed(at, &[&words[..], &["--format", "html"]].concat());
    for part in [
        "<li class=\"warning\"><b>1</b> not read</li>",
        "<li class=\"warning\"><b>1</b> files not checked</li>",
        "<td class=\"n\" data-label=\"not read\">1</td>",
        "<td data-label=\"configuration\">none</td>",
        "<p class=\"dim\">roots not settled: bare (1 of 3)</p>",
        "<p>Nothing was found in what was read.</p>",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

/// The joined report is what its schema says, and can be joined again.
#[test]
fn what_was_joined_is_a_report() {
    let folder = weeks();
    let schema = run(&["schema", "joined"], b"").stdout;
    let schema: Value = serde_json::from_slice(&schema).expect("JSON");
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    let words = [
        "a.json", "b.json", "--since", "old.json", "--format", "json",
    ];
    let joined = printed(folder.path(), &words);
    let document: Value = serde_json::from_str(&joined).expect("JSON");
    assert!(schema.is_valid(&document), "{joined}");
    assert!(!schema.is_valid(&json!({"version": 1})));
    fs::write(folder.path().join("new.json"), joined).expect("written");
    let again = ["new.json", "--format", "json"];
    let alone = ["a.json", "b.json", "--format", "json"];
    assert_text_eq(
        &printed(folder.path(), &again),
        &printed(folder.path(), &alone),
    );
    let compared = printed(folder.path(), &["b.json", "a.json", "--since", "new.json"]);
    assert!(
        compared.ends_with("; 0 new, 0 gone, 3 left\n"),
        "{compared}"
    );
}

/// One report is compared with one older one, whatever their files are called.
#[test]
fn two_reports_are_compared_by_themselves() {
    let folder = weeks();
    report_of(folder.path(), "then", &[("x.yaml", &pod("x", PINNED))]);
    report_of(folder.path(), "now", &[("x.yaml", &pod("x", OFFICIAL))]);
    // Either may be given a name.
    for words in [
        ["now.json", "--since", "then.json"],
        ["x=now.json", "--since", "x=then.json"],
    ] {
        let text = printed(folder.path(), &words);
        assert!(text.ends_with("; 0 new, 1 gone, 0 left\n"), "{text}");
    }
}

/// What a file held that cannot be read any more is not said to be gone.
#[test]
fn nothing_is_gone_from_a_file_that_cannot_be_read() {
    let folder = weeks();
    report_of(folder.path(), "then", &[("x.yaml", &pod("x", PINNED))]);
    let (broken, official) = (pod("x", "["), pod("y", OFFICIAL));
    let files = [("x.yaml", &*broken), ("y.yaml", &*official)];
    report_of(folder.path(), "now", &files);
    assert_text_eq(
        &printed(folder.path(), &["now.json", "--since", "then.json"]),
        "\
REPORT  ERRORS  WARNINGS  UNREADABLE  CLEAN  IMAGES  NOT READ  NEW  GONE  LEFT
now     0       0         1           1      1       0         1    0     0

RULE        FINDINGS  REPORTS
unreadable  1         1

new: now: x.yaml:7:12: error: unclosed bracket '[' [unreadable]

1 report: 0 errors, 0 warnings, 1 file unreadable, 1 file clean, 1 image read; 1 new, 0 gone, 0 left
",
    );
}

#[track_caller]
fn check_refused(text: &str, said: &str) {
    let run = run(&["report", "-"], text.as_bytes());
    assert_eq!(run.code, 2);
    assert_text_eq(&run.stderr, said);
}

const HELP: &str = "help: give what `restore-images check --format json`, `fix --format json` or `report --format json` wrote\n";

#[test]
fn what_is_no_report_is_refused_with_its_place() {
    let check = |text: &str, said: &str| check_refused(text, &format!("stdin:{said}\n{HELP}"));
    check("apiVersion: v1\n", "1:1: this is no JSON: expected value");
    check(
        "{\n  \"ü\": 1,\n",
        "3:1: this is no JSON: EOF while parsing a value",
    );
    check("[]", "1:2: this is no report of restore-images");
    check("{}", "1:1: this is no report of restore-images");
    check(
        r#"{"version": 1, "images": []}"#,
        "1:1: this is a list of images, and what is joined are reports of findings",
    );
    check(
        "{\"version\": 1,\n\"files\": [], \"done\": 3}",
        "2:22: invalid type: integer `3`, expected a string",
    );
    check_refused(
        "{\"files\": [],\n \"version\": 2, \"findings\": {}}",
        "stdin:2:13: the report is of version 2, and this program reads version 1\nhelp: write the reports anew with this program, or join them with the one that wrote this report\n",
    );
}

#[test]
fn each_report_has_a_name_of_its_own() {
    let folder = weeks();
    let run = run_in_folder(folder.path(), &["report", "a.json", "./a.json"], b"");
    assert_eq!(run.code, 2);
    assert_text_eq(
        &run.stderr,
        "two reports have the name a\nhelp: give one of them another, as in `a-2=FILE.json`\n",
    );
    let text = printed(folder.path(), &["a.json", "other=a.json"]);
    assert!(text.contains("\nother "), "{text}");
}
