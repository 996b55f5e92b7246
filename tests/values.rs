//! Images in the values of Helm charts, wherever they are: what stands where, and what becomes of it.

mod advice;
mod defaults;
mod environments;
mod fallbacks;
mod guessed;
mod law;
mod layers;
mod places;
mod refused;
mod rendered;
mod secrets;
mod shapes;
mod shared;
mod sources;
mod told;
mod unnamed;
mod unread;
mod vendors;
mod versions;

use std::fs;
use std::path::Path;

use crate::support::{assert_text_eq, run_in_folder, write_files};

/// A configuration with these lines below `spec`.
fn config(spec: &str) -> String {
    let spec: String = spec.lines().map(|line| format!("  {line}\n")).collect();
    format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n{spec}"
    )
}

/// A HelmRelease of a chart, with values as lines.
fn release(chart: &str, values: &str) -> String {
    let values: String = values.lines().map(|line| format!("    {line}\n")).collect();
    format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: r, namespace: n}}\nspec:\n  chart: {{spec: {chart}}}\n  values:\n{values}"
    )
}

/// What `fix` says of what it leaves in a folder, as warnings, a line each.
fn warnings(folder: &Path) -> String {
    let run = run_in_folder(folder, &["fix", "--format", "short", "."], b"");
    let said = String::from_utf8(run.stdout).expect("UTF-8") + &run.stderr;
    let left = said.lines().filter(|line| line.contains(": warning: "));
    left.map(|line| format!("{line}\n")).collect()
}

/// What the function makes of a stream, and what it says of it, a line a finding without its place.
fn restored(config: &str, input: &str) -> (String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("c.yaml"), config).expect("written");
    let run = run_in_folder(folder.path(), &["c.yaml"], input.as_bytes());
    assert!(run.code < 2, "{}", run.stderr);
    let told = run.stderr.lines().map(|line| match line.split_once(": ") {
        Some((place, rest)) if place.starts_with("stdin:") => format!("{rest}\n"),
        _ => format!("{line}\n"),
    });
    (
        String::from_utf8(run.stdout).expect("UTF-8"),
        told.collect(),
    )
}

/// A stream becomes another one, with exactly these findings; a second run changes nothing.
#[track_caller]
fn check(config: &str, input: &str, output: &str, told: &str) {
    let (text, said) = restored(config, input);
    assert_text_eq(&text, output);
    assert_text_eq(&said, told);
    assert_text_eq(&restored(config, output).0, output);
}

/// `fix` makes these files of those; files that are not named in `after` stay. A second `fix` changes
/// nothing.
#[track_caller]
fn fixed(config: &str, before: &[(&str, &str)], after: &[(&str, &str)]) {
    let folder = tempfile::tempdir().expect("a folder");
    write_files(folder.path(), before);
    fs::write(folder.path().join("restore-images.yaml"), config).expect("written");
    for _ in 0..2 {
        let run = run_in_folder(folder.path(), &["fix", "."], b"");
        assert!(run.code < 2, "{}", run.stderr);
        for (path, text) in before {
            let expected = after.iter().find(|(known, _)| known == path);
            let expected = expected.map_or(*text, |(_, text)| text);
            let found = fs::read_to_string(folder.path().join(path)).expect("a file");
            assert_text_eq(&found, expected);
        }
    }
}
