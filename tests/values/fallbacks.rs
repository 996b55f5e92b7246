//! Images that have another image's value where they have none of their own: what is made for one of them must not
//! become the other's.

use std::fs;

use super::guessed::rendered;
use super::{config, warnings};
use crate::support::{assert_text_eq, run_in_folder, write_files};

const CHART: &str = "apiVersion: v2\nname: pair\nversion: 1.0.0\n";

const TEMPLATE: &str = r#"{{- $one := .Values.one | default dict }}{{- $two := .Values.two | default dict }}
images:
- {{ $one.repository | default "quay.io/acme/one" }}:{{ $one.tag | default "v1" }}
- {{ $two.repository | default $one.repository | default "quay.io/acme/two" }}:{{ $two.tag | default $one.tag | default "v1" }}
"#;

/// What `fix` makes of values, what real helm makes of these, and what is told.
#[track_caller]
fn pair(rules: &str, before: &str, after: &str, images: [&str; 2], told: &str) {
    let config = config(&format!(
        "agents:
- name: acme
  images: [{{image: quay.io/acme/one, tag: keep}}, {{image: quay.io/acme/two, tag: keep}}]
  charts:
  - name: pair
    images:
    - repository: {{path: one.repository, default: quay.io/acme/one, defaultWhereEmpty: true}}
      tag: {{path: one.tag, default: v1}}
    - repository: {{path: two.repository, fallbacks: [one.repository], default: quay.io/acme/two}}
      tag: {{path: two.tag, fallbacks: [one.tag], default: v1}}
registries: {rules}
"
    ));
    let folder = tempfile::tempdir().expect("a folder");
    let files = [
        ("restore-images.yaml", &*config),
        ("pair/Chart.yaml", CHART),
        ("pair/templates/images.yaml", TEMPLATE),
        ("pair/values.yaml", before),
    ];
    write_files(folder.path(), &files);
    let said = warnings(folder.path());
    let values = || fs::read_to_string(folder.path().join("pair/values.yaml")).expect("a file");
    assert_text_eq(&values(), after);
    assert_text_eq(&said, told);
    let run = run_in_folder(folder.path(), &["fix", "."], b"");
    assert!(run.code < 2, "{}", run.stderr);
    assert_text_eq(&values(), after);
    let Some(text) = rendered(&folder.path().join("pair")) else {
        return;
    };
    let lines = text.lines().filter_map(|line| line.strip_prefix("- "));
    assert_eq!(lines.collect::<Vec<_>>(), images, "{text}");
}

const ONE: &str = "[{source: quay.io/acme/one, mirror: m.example.com/one}]";
const BOTH: &str = "[{source: quay.io/acme, mirror: m.example.com/acme}]";

#[test]
fn what_is_made_for_one_image_does_not_become_the_others() {
    let told = |place: &str| {
        format!(
            "pair/values.yaml:{place}: warning: quay.io/acme/one:v1 → m.example.com/one:v1 is not written: one.repository is part of quay.io/acme/two:v1, too, which should be otherwise: give them values of their own [unresolved-image]\n"
        )
    };
    let images = ["quay.io/acme/one:v1", "quay.io/acme/two:v1"];
    pair(ONE, "x: 1\n", "x: 1\n", images, &told("1:1"));
    // A value that is there and says nothing is filled as one that is made.
    let empty = "one: {repository: ''}\n";
    pair(ONE, empty, empty, images, &told("1:19"));
    // Where the other one has a value of its own, it is made.
    let own = "two: {repository: quay.io/acme/two}\n";
    let made = format!("{own}one:\n  repository: m.example.com/one\n");
    let images = ["m.example.com/one:v1", "quay.io/acme/two:v1"];
    pair(ONE, own, &made, images, "");
}

#[test]
fn images_that_move_together_get_values_of_their_own() {
    let made = "x: 1\none:\n  repository: m.example.com/acme/one\ntwo:\n  repository: m.example.com/acme/two\n";
    let images = ["m.example.com/acme/one:v1", "m.example.com/acme/two:v1"];
    pair(BOTH, "x: 1\n", made, images, "");
    // One value moves for both of them.
    let images = ["m.example.com/acme/one:v1", "m.example.com/acme/one:v2"];
    pair(
        BOTH,
        "one: {repository: quay.io/acme/one}\ntwo: {tag: v2}\n",
        "one: {repository: m.example.com/acme/one}\ntwo: {tag: v2}\n",
        images,
        "",
    );
}
