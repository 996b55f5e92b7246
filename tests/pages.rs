//! Pages for browsers and comments: nothing that a manifest says becomes a part of the page, and a page
//! holds no more than it should.

mod dom;

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::support::{assert_text_eq, folder_of, run_in_folder, tool};

/// A name that would be an element, an attribute, a link and a mention.
const HOSTILE: &str =
    "<script>alert(1)</script>\\\"'><img src=x onerror=alert(1)> `` @everyone &lt;";

/// Manifests with a hostile text in every place that a report shows.
fn hostile() -> TempDir {
    let pod = format!(
        "apiVersion: v1\nkind: Deployment\nmetadata: {{name: \"{HOSTILE}\", namespace: \"{HOSTILE}\"}}\nspec:\n  template:\n    spec:\n      containers:\n      - name: \"{HOSTILE}\"\n        image: registry.example.com/x/realtheory/theory-k8s-collector:v1 # {HOSTILE}\n      - name: b\n        image: \"{HOSTILE}/realtheory/theory-k8s-collector\"\n"
    );
    let config = format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n  agents:\n  - realtheory-collector\n  - name: own\n    title: \"{HOSTILE}\"\n    docs: \"javascript:alert(1)\"\n    images: [{{image: example.com/a/own:v1, tag: floating}}]\n  exceptions:\n  - {{reason: \"{HOSTILE}\", agent: own, allow: [tag], expires: 2020-01-01}}\n"
    );
    let own = "apiVersion: v1\nkind: Pod\nmetadata: {name: own}\nspec:\n  containers:\n  - {name: a, image: \"mirror.example.com/a/own:v2\"}\n";
    let folder = folder_of(&[
        (
            "<b onclick=alert(1)>`@a`.yaml",
            &pod.replace(
                "apiVersion: v1\nkind: Dep",
                "apiVersion: apps/v1\nkind: Dep",
            ),
        ),
        ("own.yaml", own),
        ("restore-images.yaml", &config),
    ]);
    let broken = format!("apiVersion: v1\nkind: [ {HOSTILE}\n");
    fs::write(folder.path().join("broken & <i>.yaml"), broken).expect("written");
    folder
}

fn written(folder: &TempDir, words: &[&str]) -> String {
    let run = run_in_folder(folder.path(), words, b"");
    assert!(run.code <= 2, "{}", run.stderr);
    String::from_utf8(run.stdout).expect("UTF-8")
}

/// What a page may hold: the elements that the program writes.
const ELEMENTS: &[&str] = &[
    "a", "article", "b", "body", "br", "button", "caption", "code", "del", "details", "div",
    "form", "h1", "h2", "h3", "head", "header", "html", "ins", "label", "li", "main", "mark",
    "meta", "option", "p", "path", "pre", "rect", "script", "section", "select", "span", "style",
    "summary", "svg", "table", "tbody", "td", "text", "th", "thead", "title", "tr", "ul", "input",
];

/// The tags of a page without its style and script, each with its attributes.
fn tags(page: &str) -> Vec<(String, String)> {
    let mut rest = page;
    let mut found = Vec::new();
    while let Some(start) = rest.find('<') {
        let tag = &rest[start + 1..];
        let end = tag.find('>').expect("a tag ends");
        let (tag, behind) = tag.split_at(end);
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        found.push((
            name.trim_start_matches('/').to_owned(),
            attributes.to_owned(),
        ));
        rest = match name {
            "style" | "script" => &behind[behind.find("</").expect("it ends")..],
            _ => behind,
        };
    }
    found
}

#[test]
fn no_name_becomes_a_part_of_a_page() {
    let folder = hostile();
    let report = written(&folder, &["check", "--format", "json"]);
    let name = "<script>alert(1)<.json";
    fs::write(folder.path().join(name), report).expect("written");
    let older = r#"{"version": 1, "done": "<i>", "configuration": "<i onclick=x>", "summary": {"images": 0, "changed": 0, "clean": 0, "skipped": 0, "excluded": 0, "unreadable": 0, "read": 0, "unread": 0, "errors": 0, "warnings": 0}, "files": [], "findings": [{"rule": "<i onclick=x>\" onclick=x ", "fingerprint": "<i>", "severity": "error", "message": "<i onclick=x>"}]}"#;
    fs::write(folder.path().join("older.json"), older).expect("written");
    for words in [
        &["check", "--format", "html"][..],
        &["images", "--format", "html"],
        &["report", "--format", "html", name],
        &["report", "--format", "html", name, "--since", "older.json"],
        &["report", "--format", "html", "older.json", "--since", name],
    ] {
        let page = written(&folder, words);
        let tags = tags(page.strip_prefix("<!doctype html>").expect("a page"));
        assert!(tags.len() > 50, "{page}");
        let scripts = tags.iter().filter(|(name, _)| name == "script").count();
        assert_eq!(scripts, 2, "one opened and closed");
        for (name, attributes) in &tags {
            assert!(ELEMENTS.contains(&name.as_str()), "{name} {attributes}");
            for attribute in attributes.split("\" ") {
                let name = attribute.split('=').next().expect("a name");
                assert!(!name.trim().starts_with("on"), "{attributes}");
            }
            assert!(!attributes.contains("javascript:"), "{attributes}");
            assert!(!attributes.contains("src="), "{attributes}");
        }
        let name = match words[0] {
            "check" | "report" => "&lt;script&gt;alert(1)",
            _ => "&lt;b onclick=alert(1)&gt;",
        };
        assert!(page.contains(name), "{page}");
    }
}

#[test]
fn the_policy_names_the_page_s_own_style_and_script() {
    let Some(program) = tool("sha256sum") else {
        return;
    };
    let page = written(&hostile(), &["check", "--format", "html"]);
    for element in ["style", "script"] {
        let (_, inside) = page
            .split_once(&format!("<{element}>"))
            .expect("it is there");
        let (inside, _) = inside
            .split_once(&format!("</{element}>"))
            .expect("it ends");
        let mut child = Command::new(&program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut pipe = child.stdin.take().expect("a pipe");
        pipe.write_all(inside.as_bytes()).expect("written");
        drop(pipe);
        let sum = child.wait_with_output().expect("it ends").stdout;
        let hex = str::from_utf8(&sum[..64]).expect("digits");
        let expected = format!("{element}-src 'sha256-{}'", base64(hex));
        assert!(page.contains(&expected), "{element} is {expected}");
    }
}

/// Hexadecimal digits as base64.
fn base64(hex: &str) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let byte = |at: usize| u32::from_str_radix(&hex[at..at + 2], 16).expect("a byte");
    let bytes: Vec<u32> = (0..hex.len()).step_by(2).map(byte).collect();
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let whole = three.iter().fold(0, |sum, byte| sum << 8 | byte) << (8 * (3 - three.len()));
        for place in 0..4 {
            let index = usize::try_from(whole >> (18 - 6 * place) & 63).expect("small");
            if place <= three.len() {
                out.push(char::from(LETTERS[index]))
            } else {
                out.push('=')
            }
        }
    }
    out
}

fn pods(number: usize) -> String {
    let pod = |at: usize| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p{at}}}\nspec:\n  containers:\n  - name: c\n    image: reg.example.com/realtheory/theory-k8s-collector:v{at}\n    imagePullPolicy: Always\n---\n"
        )
    };
    (0..number).map(pod).collect()
}

const CONFIG: &str = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec:\n  agents: [realtheory-collector]\n";

#[test]
fn a_comment_has_room_for_what_it_says() {
    let folder = folder_of(&[("pods.yaml", &pods(2000)), ("restore-images.yaml", CONFIG)]);
    let comment = written(&folder, &["check", "--format", "markdown"]);
    assert!(comment.chars().count() < 65_536, "{}", comment.len());
    // What is alike is counted.
    assert!(
        comment.contains("\n- and 1997 more `pinned-tag` in this file\n"),
        "{comment}"
    );
    assert!(!comment.contains("do not fit"), "{comment}");
    let page = written(&folder, &["check", "--format", "html"]);
    assert_eq!(page.matches("<article ").count(), 4000);
    assert!(page.len() < 6 << 20, "{}", page.len());
}

/// Where the rest is that has no room, is said by rule and folder.
#[test]
fn a_comment_counts_what_it_cannot_say() {
    let (twenty, few) = (pods(20), pods(2));
    let paths: Vec<String> = (0..150).map(|at| format!("svc{at}/pods.yaml")).collect();
    let mut files: Vec<(&str, &str)> = paths.iter().map(|path| (&**path, &*twenty)).collect();
    files[10].1 = &few;
    files.push(("restore-images.yaml", CONFIG));
    let comment = written(&folder_of(&files), &["check", "--format", "markdown"]);
    assert!(comment.chars().count() < 65_536, "{}", comment.len());
    let (counted, listed) = comment.split_once("\n#### ").expect("a list");
    assert_text_eq(
        counted,
        "\
### restore-images: 5964 errors in 150 files, 2982 images read

configuration: `restore-images.yaml`


| rule | findings |
|---|---:|
| `pinned-tag` | 2982 |
| `wrong-registry` | 2982 |

| folder | findings |
|---|---:|
| `svc0` | 40 |
| `svc1` | 40 |
| `svc2` | 40 |
| `svc3` | 40 |
| `svc4` | 40 |
| `svc5` | 40 |
| `svc6` | 40 |
| `svc7` | 40 |
| `svc8` | 40 |
| `svc9` | 40 |
| 140 more folders | 5564 |
",
    );
    // Three of each rule leave room for more than the first files.
    assert!(listed.matches("\n#### ").count() > 20, "{listed}");
    let last = listed.lines().last().expect("a line");
    assert!(
        last.ends_with(
            " more findings do not fit into a comment: `restore-images check` lists them all"
        ),
        "{last}"
    );
}

/// What two findings of one value ask for is drawn once, below both.
#[test]
fn a_comment_draws_a_change_once() {
    let folder = folder_of(&[("pods.yaml", &pods(1)), ("restore-images.yaml", CONFIG)]);
    assert_text_eq(
        &written(&folder, &["check", "--format", "markdown"]),
        "\
### restore-images: 2 errors in 1 file, 1 image read

configuration: `restore-images.yaml`


#### `pods.yaml`

- **error** `pinned-tag`, line 7: `Pod p0: container c: tag v0 keeps the agent from upgrading itself: reg.example.com/realtheory/theory-k8s-collector:v0 → realtheory/theory-k8s-collector`
- **error** `wrong-registry`, line 7: `Pod p0: container c: wrong registry or path: reg.example.com/realtheory/theory-k8s-collector:v0 → realtheory/theory-k8s-collector`
  ```diff
  -    image: reg.example.com/realtheory/theory-k8s-collector:v0
  +    image: realtheory/theory-k8s-collector
  ```
",
    );
}

/// In code nobody is mentioned and nothing is a link; so nothing of the input stands outside of code.
#[test]
fn a_comment_keeps_names_in_code() {
    let folder = hostile();
    check_in_code(&written(&folder, &["check", "--format", "markdown"]));
    let report = written(&folder, &["check", "--format", "json"]);
    let then = report.replace("\"fingerprint\": \"", "\"fingerprint\": \"x");
    fs::write(folder.path().join("@everyone<i>.json"), report).expect("written");
    fs::write(folder.path().join("then.json"), then).expect("written");
    let words = ["report", "--format", "markdown", "@everyone<i>.json"];
    check_in_code(&written(&folder, &words));
    let since = [&words[..], &["--since", "then.json"]].concat();
    check_in_code(&written(&folder, &since));
}

#[track_caller]
fn check_in_code(comment: &str) {
    let mut outside = String::new();
    for line in comment.lines() {
        let mut rest = line;
        while let Some(start) = rest.find('`') {
            outside.push_str(&rest[..start]);
            let ticks = rest[start..].len() - rest[start..].trim_start_matches('`').len();
            let fence = "`".repeat(ticks);
            let inside = &rest[start + ticks..];
            let mut end = 0;
            // The end is a run of exactly as many.
            rest = loop {
                let Some(found) = inside[end..].find(&fence) else {
                    break "";
                };
                let run = inside[end + found..].len()
                    - inside[end + found..].trim_start_matches('`').len();
                if run == ticks {
                    break &inside[end + found + run..];
                }
                end += found + run;
            };
        }
        let is_diff = line.starts_with("  -") || line.starts_with("  +");
        if !is_diff {
            outside.push_str(rest);
        }
        outside.push('\n');
    }
    for word in ["script", "everyone", "onclick", "<i>"] {
        assert!(!outside.contains(word), "{word}: {outside}\n{comment}");
    }
}

#[test]
fn paths_begin_at_the_root_of_the_repository() {
    let folder = folder_of(&[
        (".git/HEAD", ""),
        ("restore-images.yaml", CONFIG),
        ("apps/prod/pods.yaml", &pods(1)),
        ("apps/broken.yaml", "apiVersion: v1\nkind: [\n"),
    ]);
    let inside = folder.path().join("apps");
    let run = |format: &str, paths: &[&str]| {
        let words = [&["check", "--format", format], paths].concat();
        let run = run_in_folder(&inside, &words, b"");
        String::from_utf8(run.stdout).expect("UTF-8")
    };
    for format in ["github", "gitlab", "sarif"] {
        for paths in [&["."][..], &["prod", "broken.yaml"], &["../apps"]] {
            let text = run(format, paths);
            assert!(
                text.contains("apps/prod/pods.yaml"),
                "{format} {paths:?}: {text}"
            );
            assert!(
                text.contains("apps/broken.yaml"),
                "{format} {paths:?}: {text}"
            );
            assert!(!text.contains("../"), "{format} {paths:?}: {text}");
        }
    }
}

#[test]
fn a_finding_has_the_same_fingerprint_when_its_line_moves() {
    let fingerprints = |text: &str| -> Vec<String> {
        let folder = folder_of(&[("pods.yaml", text), ("restore-images.yaml", CONFIG)]);
        let log = written(&folder, &["check", "--format", "sarif"]);
        let log: serde_json::Value = serde_json::from_str(&log).expect("JSON");
        let results = log["runs"][0]["results"]
            .as_array()
            .expect("results")
            .clone();
        let of = |result: &serde_json::Value| {
            let known = &result["partialFingerprints"]["restoreImages/v1"];
            known.as_str().expect("a fingerprint").to_owned()
        };
        results.iter().map(of).collect()
    };
    let first = fingerprints(&pods(2));
    assert_eq!(first.len(), 4);
    assert_eq!(fingerprints(&format!("# moved\n\n{}", pods(2))), first);
    let beside = "  containers:\n  - {name: before, image: busybox}\n";
    let with_another = pods(2).replace("  containers:\n", beside);
    assert_eq!(fingerprints(&with_another), first);
    let mut apart = first.clone();
    apart.sort_unstable();
    apart.dedup();
    assert_eq!(apart.len(), first.len());
}

#[test]
fn each_fix_of_sarif_is_there_once() {
    let folder = folder_of(&[("pods.yaml", &pods(1)), ("restore-images.yaml", CONFIG)]);
    let log = written(&folder, &["check", "--format", "sarif"]);
    let log: serde_json::Value = serde_json::from_str(&log).expect("JSON");
    let results = log["runs"][0]["results"].as_array().expect("results");
    assert_eq!(results.len(), 2);
    let fixes = results.iter().filter(|result| result["fixes"].is_array());
    assert_eq!(fixes.count(), 1);
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array();
    for rule in rules.expect("rules") {
        let page = rule["helpUri"].as_str().expect("a page");
        let (_, path) = page.split_once("/docs/").expect("a path");
        let (path, heading) = path.split_once('#').expect("a heading");
        assert_eq!(heading, rule["id"].as_str().expect("an id"));
        let text = std::fs::read_to_string(format!("docs/{path}")).expect("the page");
        assert!(text.contains(&format!("\n## {heading}\n")), "{page}");
    }
}
