//! Fixes that a report carries: each by itself gives builds nothing but what they had or should have.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use serde_json::Value;

use super::build::{self, Fields};
use super::cases::{MIRRORS, deployment, tree, write};
use super::chance;
use super::law::{differences, fields_of, without_known};
use crate::support::{run_in_folder, tool};

/// A root: what it builds, and what restoring that gives.
type Roots = BTreeMap<String, (Fields, Fields)>;

/// The texts of the files that a fix changes, by their paths.
fn applied(folder: &Path, fix: &Value) -> BTreeMap<String, String> {
    let changes = fix["artifactChanges"].as_array().expect("changes");
    let changes = changes.iter().map(|change| {
        let path = change["artifactLocation"]["uri"].as_str().expect("a path");
        let mut text = fs::read_to_string(folder.join(path)).expect("a file");
        let replacements = change["replacements"].as_array().expect("edits");
        let mut edits: Vec<(usize, usize, &str)> = Vec::new();
        for replacement in replacements {
            let region = &replacement["deletedRegion"];
            let at = |line: &str, column: &str| {
                let number = |key: &str| region[key].as_u64().expect("a number") as usize;
                let start = text.split_inclusive('\n').take(number(line) - 1);
                let start: usize = start.map(str::len).sum();
                let before = text[start..].chars().take(number(column) - 1);
                start + before.map(char::len_utf8).sum::<usize>()
            };
            let span = (at("startLine", "startColumn"), at("endLine", "endColumn"));
            let new = replacement["insertedContent"]["text"].as_str();
            edits.push((span.0, span.1, new.expect("text")));
        }
        // Insertions at one place keep their order.
        for (start, end, new) in edits.into_iter().rev() {
            text.replace_range(start..end, new);
        }
        (path.to_owned(), text)
    });
    changes.collect()
}

/// Holds each fix of a report of the folder `tree` by itself; gives how many there are, and how many change
/// several files.
#[track_caller]
fn each_alone(kustomize: &Path, folder: &Path, roots: &Roots, told: &str) -> (usize, usize) {
    let words = [
        "check",
        "-c",
        "c.yaml",
        "--today",
        "2026-01-01",
        "--format",
        "sarif",
        "tree",
    ];
    let run = run_in_folder(folder, &words, b"");
    let report: Value = serde_json::from_slice(&run.stdout).expect("JSON");
    let results = report["runs"][0]["results"].as_array().expect("results");
    let fixes = results
        .iter()
        .filter_map(|result| Some((result, &result.get("fixes")?[0])));
    let (mut all, mut several) = (0, 0);
    for (result, fix) in fixes {
        let new = applied(folder, fix);
        all += 1;
        several += usize::from(new.len() > 1);
        let old: Vec<(&String, String)> = new
            .keys()
            .map(|path| (path, fs::read_to_string(folder.join(path)).expect("a file")))
            .collect();
        for (path, text) in &new {
            fs::write(folder.join(path), text).expect("written");
        }
        let message = &result["message"]["text"];
        for (root, (built, restored)) in roots {
            let now = build::build(kustomize, &folder.join("tree"), root);
            let now = now.unwrap_or_else(|why| panic!("{told}\n{message} {fix:#}\n{root}: {why}"));
            let now = without_known(fields_of(root, &now), restored);
            let (told_of, is_wrong) = differences(built, restored, &now);
            assert!(!is_wrong, "{told}\n{message}\n{fix:#}\n{root}\n{told_of}");
        }
        for (path, text) in old {
            fs::write(folder.join(path), text).expect("written");
        }
    }
    (all, several)
}

/// The roots that are built and restored.
fn roots_of(kustomize: &Path, folder: &Path, roots: &[String]) -> Roots {
    let both = roots.iter().filter_map(|root| {
        let built = build::build(kustomize, &folder.join("tree"), root).ok()?;
        let restored = build::restored(folder, &built).ok()?;
        let both = (fields_of(root, &built), fields_of(root, &restored));
        Some((root.clone(), both))
    });
    both.collect()
}

#[test]
fn each_fix_of_a_generated_tree_is_whole() {
    let Some(kustomize) = tool("kustomize") else {
        return;
    };
    let first = super::number("SOURCES_SEED").unwrap_or(0);
    let trees = super::number("SOURCES_TREES").unwrap_or(12);
    let (mut all, mut several) = (0, 0);
    for seed in first..first + trees {
        let tree = chance::tree(seed);
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        tree.write(&folder.join("tree"));
        fs::write(folder.join("c.yaml"), &tree.config).expect("written");
        let roots = roots_of(&kustomize, folder, &tree.roots());
        let told = format!("seed {seed}\n{}", tree.shown());
        let (fixes, in_several) = each_alone(&kustomize, folder, &roots, &told);
        (all, several) = (all + fixes, several + in_several);
    }
    assert!(all > 0, "no fix");
    let told = format!("{all} fixes, {several} of several files");
    let _ = writeln!(std::io::stderr(), "\n{told}");
}

/// What only works together is one fix, of all its files.
#[test]
fn what_belongs_together_is_one_fix() {
    let Some(kustomize) = tool("kustomize") else {
        return;
    };
    let web = |image: &str| deployment("web", &[("web", image)]);
    let patch = |operations: &str| {
        format!("patches:\n- target: {{kind: Deployment}}\n  patch: |-\n{operations}")
    };
    let test = "    - {op: test, path: /spec/template/spec/containers/0/image, value: ghcr.io/acme/web:v1}\n    - {op: add, path: /metadata/labels, value: {a: b}}\n";
    let chain = "images: [{name: web, newName: ghcr.io/acme/web}]\n";
    let over = "resources: [../base]\n";
    let entry = "images: [{name: ghcr.io/acme/web, newTag: v7}]\n";
    for (image, base, over, files) in [
        // An overlay looks for the manifest's image.
        (
            "ghcr.io/acme/web:v1",
            "",
            format!("{over}{entry}"),
            &["base/web.yaml", "over/kustomization.yaml"][..],
        ),
        // An overlay looks for what an entry of the base gives.
        (
            "web:v1",
            chain,
            format!("{over}{entry}"),
            &["base/kustomization.yaml", "over/kustomization.yaml"],
        ),
        // A JSON patch tests it.
        (
            "ghcr.io/acme/web:v1",
            "",
            format!("{over}{}", patch(test)),
            &["base/web.yaml", "over/kustomization.yaml"],
        ),
        // It stands alone.
        (
            "ghcr.io/acme/web:v1",
            "",
            over.to_owned(),
            &["base/web.yaml"],
        ),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let folder = folder.path();
        let before = tree([
            (
                "tree/base/kustomization.yaml",
                &*format!("resources: [web.yaml]\n{base}"),
            ),
            ("tree/base/web.yaml", &web(image)),
            ("tree/over/kustomization.yaml", &over),
        ]);
        write(folder, &before);
        fs::write(folder.join("c.yaml"), MIRRORS).expect("written");
        let roots = ["base".to_owned(), "over".to_owned()];
        let roots = roots_of(&kustomize, folder, &roots);
        let (all, several) = each_alone(&kustomize, folder, &roots, &over);
        assert_eq!((all, several), (1, usize::from(files.len() > 1)), "{over}");
        let words = ["check", "-c", "c.yaml", "--format", "json", "tree"];
        let run = run_in_folder(folder, &words, b"");
        let report: Value = serde_json::from_slice(&run.stdout).expect("JSON");
        let of_files = report["files"].as_array().expect("files").iter();
        let findings = of_files.flat_map(|file| file["findings"].as_array().expect("findings"));
        let together = findings.filter_map(|finding| finding["editsTogether"].as_array());
        let together = together
            .flatten()
            .filter_map(|of_file| of_file["path"].as_str());
        let together: Vec<String> = together.map(str::to_owned).collect();
        let expected = files.iter().filter(|_| files.len() > 1);
        let expected: Vec<String> = expected.map(|path| format!("tree/{path}")).collect();
        assert_eq!(together, expected, "{over}");
    }
}
