//! The picture of README.md, drawn from what `fix --diff` prints for an example.
//!
//! RESTORE_IMAGES_UPDATE=1 draws it anew.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::support::{assert_text_eq, run};

const PICTURE: &str = "docs/before-after.svg";
const CONFIG: &str = "examples/realtheory/files/restore-images.yaml";
const MANIFEST: &str = "examples/realtheory/base/collector.yaml";

/// A panel of lines, at a height; `sign` is the line's sign in the diff that the panel colours.
fn panel(out: &mut String, title: &str, lines: &[&str], sign: char, top: usize) {
    let height = 24 * lines.len() + 16;
    let _ = writeln!(
        out,
        "<text class=\"title\" x=\"12\" y=\"{}\">{title}</text>",
        top + 16
    );
    let _ = writeln!(
        out,
        "<rect class=\"panel\" x=\"1\" y=\"{}\" width=\"958\" height=\"{height}\" rx=\"8\"/>",
        top + 26
    );
    for (at, line) in lines.iter().enumerate() {
        let class = if line.starts_with(sign) {
            " class=\"changed\""
        } else {
            ""
        };
        let text = line[1..].replace('&', "&amp;").replace('<', "&lt;");
        let y = top + 52 + 24 * at;
        let _ = writeln!(
            out,
            "<text{class} x=\"16\" y=\"{y}\" xml:space=\"preserve\">{text}</text>"
        );
    }
}

fn drawn(diff: &str) -> String {
    let hunk = diff
        .lines()
        .skip_while(|line| !line.starts_with("@@"))
        .skip(1);
    let hunk: Vec<&str> = hunk.take_while(|line| !line.starts_with("@@")).collect();
    let side = |other: char| -> Vec<&str> {
        hunk.iter()
            .copied()
            .filter(|line| !line.starts_with(other))
            .collect()
    };
    let (before, after) = (side('+'), side('-'));
    let second = 24 * before.len() + 66;
    let height = second + 24 * after.len() + 46;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 960 {height}\" role=\"img\" aria-labelledby=\"t\">\n\
         <title id=\"t\">A Deployment before and after</title>\n\
         <style>text{{font:15px ui-monospace,monospace;fill:#1c1e21}}.title{{font-weight:bold}}\
         .page{{fill:#fff}}.panel{{fill:#f6f7f9;stroke:#d5d9de}}.changed{{fill:#b3261e}}.after .changed{{fill:#1a7037}}\
         @media (prefers-color-scheme:dark){{text{{fill:#e6e8eb}}.page{{fill:#16191d}}.panel{{fill:#1f2227;stroke:#3a3f47}}\
         .changed{{fill:#ff8a80}}.after .changed{{fill:#77d394}}}}</style>\n\
         <rect class=\"page\" width=\"960\" height=\"{height}\" rx=\"8\"/>\n"
    );
    panel(&mut out, "before", &before, '-', 0);
    out.push_str("<g class=\"after\">\n");
    panel(&mut out, "after", &after, '+', second);
    out + "</g>\n</svg>\n"
}

#[test]
fn the_picture_shows_what_the_program_does() {
    let fix = run(&["fix", "--diff", "-c", CONFIG, MANIFEST], b"");
    assert_eq!(fix.code, 1, "{}", fix.stderr);
    let picture = drawn(str::from_utf8(&fix.stdout).expect("UTF-8"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PICTURE);
    if std::env::var_os("RESTORE_IMAGES_UPDATE").is_some() {
        fs::write(&path, &picture).expect("written");
    }
    assert_text_eq(&fs::read_to_string(&path).unwrap_or_default(), &picture);
    assert!(
        picture.contains("theory-k8s-collector") && picture.matches("changed\" x").count() == 4
    );
}

/// A light page may be read on a dark system: a picture that follows the system brings its own ground.
#[test]
fn pictures_bring_their_ground() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let mut looked_at = 0;
    for entry in fs::read_dir(docs).expect("the pages") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "svg") {
            continue;
        }
        let picture = fs::read_to_string(&path).expect("a picture");
        let (_, size) = picture.split_once("viewBox=\"0 0 ").expect("a size");
        let (size, _) = size.split_once('"').expect("its end");
        let (width, height) = size.split_once(' ').expect("two numbers");
        let ground =
            format!("<rect class=\"page\" width=\"{width}\" height=\"{height}\" rx=\"8\"/>");
        assert!(picture.contains(&ground), "{}: {ground}", path.display());
        let style = picture.replace(' ', "");
        for fill in [".page{fill:#fff", ".page{fill:#16191d"] {
            assert!(style.contains(fill), "{}: {fill}", path.display());
        }
        looked_at += 1;
    }
    assert_eq!(looked_at, 5);
}
