//! A tag in a manifest and another one in a list over it: the commonest drift there is.

use super::build;
use super::cases::{COLLECTORS, Files, builds, restored, settled, tree, write};

const OFFICIAL: &str = "realtheory/theory-k8s-collector";
const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn collector(image: &str) -> String {
    format!(
        "apiVersion: apps/v1
kind: Deployment
metadata: {{name: realtheorycollector}}
spec:
  template:
    spec:
      containers:
      - name: realtheorycollector
        image: {image}
        imagePullPolicy: Always
"
    )
}

fn one(image: &str, entry: &str) -> Files {
    let list = format!("resources:\n- c.yaml\nimages:\n{entry}");
    tree([("c.yaml", &collector(image)), ("kustomization.yaml", &list)])
}

/// Which image a folder has, with its entry, and what becomes of both.
const ROWS: &[[&str; 4]] = &[
    // The tag of the manifest is right, and comes out where the entry says none.
    [
        "realtheory/theory-k8s-collector:latest",
        "- name: realtheory/theory-k8s-collector\n  newTag: v2\n",
        "realtheory/theory-k8s-collector:latest",
        "- name: realtheory/theory-k8s-collector\n",
    ],
    [
        "realtheory/theory-k8s-collector:latest",
        "- name: realtheory/theory-k8s-collector\n  digest: DIGEST\n",
        "realtheory/theory-k8s-collector:latest",
        "- name: realtheory/theory-k8s-collector\n",
    ],
    // It is wrong, and would come out.
    [
        "realtheory/theory-k8s-collector:v1",
        "- name: realtheory/theory-k8s-collector\n  newTag: v1\n",
        "realtheory/theory-k8s-collector",
        "- name: realtheory/theory-k8s-collector\n",
    ],
    [
        "docker.io/realtheory/theory-k8s-collector:v1",
        "- name: docker.io/realtheory/theory-k8s-collector\n  newTag: v2\n",
        "docker.io/realtheory/theory-k8s-collector",
        "- name: docker.io/realtheory/theory-k8s-collector\n",
    ],
    [
        "realtheory/theory-k8s-collector:v1",
        "- name: realtheory/theory-k8s-collector\n  newName: reg.local/realtheory/theory-k8s-collector\n  newTag: v2\n",
        "realtheory/theory-k8s-collector",
        "- name: realtheory/theory-k8s-collector\n  newName: realtheory/theory-k8s-collector\n",
    ],
    [
        "reg.local/m/realtheory/theory-k8s-collector:v1",
        "- name: reg.local/m/realtheory/theory-k8s-collector\n  newTag: v2\n",
        "reg.local/m/realtheory/theory-k8s-collector",
        "- name: reg.local/m/realtheory/theory-k8s-collector\n  newName: realtheory/theory-k8s-collector\n",
    ],
    [
        "collector:latest",
        "- name: collector\n  newName: realtheory/theory-k8s-collector\n  newTag: v1\n",
        "collector:latest",
        "- name: collector\n  newName: realtheory/theory-k8s-collector\n",
    ],
];

#[test]
fn a_tag_of_a_list_over_one_of_the_manifest_is_restored() {
    for [image, entry, restored_image, restored_entry] in ROWS {
        let entry = entry.replace("DIGEST", DIGEST);
        let before = one(image, &entry);
        let after = one(restored_image, restored_entry);
        let said = settled(COLLECTORS, &before, &after);
        let line = if entry.contains("newName") { 6 } else { 5 };
        let place = format!("--> tree/kustomization.yaml:{line}:");
        assert!(said.contains(&place), "{said}");
    }
}

#[test]
fn what_is_pinned_is_told_where_it_is_pinned() {
    let before = one(
        "realtheory/theory-k8s-collector:latest",
        "- name: realtheory/theory-k8s-collector\n  newTag: v2\n",
    );
    let after = one(
        "realtheory/theory-k8s-collector:latest",
        "- name: realtheory/theory-k8s-collector\n",
    );
    let said = settled(COLLECTORS, &before, &after);
    let expected = "\
error[pinned-tag]: container realtheorycollector: tag v2 keeps the agent from upgrading itself: realtheory/theory-k8s-collector:v2 → realtheory/theory-k8s-collector
 --> tree/kustomization.yaml:5:11
  |
5 |   newTag: v2
  |           ^^ together with its other parts, should be realtheory/theory-k8s-collector
";
    assert!(said.contains(expected), "{said}");
    let pinned = "realtheory/theory-k8s-collector:v2";
    let moving = "realtheory/theory-k8s-collector:latest";
    builds(COLLECTORS, &before, &[(".", &[pinned], &[moving])]);
}

fn layered(image: &str, base: &str, prod: &str) -> Files {
    tree([
        ("base/collector.yaml", &collector(image)),
        (
            "base/kustomization.yaml",
            &format!("resources: [collector.yaml]\n{base}"),
        ),
        (
            "prod/kustomization.yaml",
            &format!("resources: [../base]\nimages:\n{prod}"),
        ),
    ])
}

#[test]
fn an_overlay_that_pins_over_a_base_that_moves_is_restored() {
    let moving = "realtheory/theory-k8s-collector:latest";
    let entry = "- {name: realtheory/theory-k8s-collector, newTag: v1.3.0}\n";
    let before = layered(moving, "", entry);
    let after = layered(moving, "", "- {name: realtheory/theory-k8s-collector}\n");
    let said = settled(COLLECTORS, &before, &after);
    assert!(
        said.contains("--> tree/prod/kustomization.yaml:3:51"),
        "{said}"
    );
    assert!(!said.contains("base/"), "{said}");
    let pinned = "realtheory/theory-k8s-collector:v1.3.0";
    builds(
        COLLECTORS,
        &before,
        &[
            ("base", &[moving], &[moving]),
            ("prod", &[pinned], &[moving]),
        ],
    );
}

/// Nobody's placeholder changes: what its own folder builds is no image of an agent.
#[test]
fn a_placeholder_keeps_its_tag() {
    let entry = |tag: &str| {
        format!(
            "- {{name: placeholder, newName: realtheory/theory-k8s-collector, newTag: {tag}}}\n"
        )
    };
    let files = |tag: &str| {
        let mut files = layered("placeholder:v0", "", &entry(tag));
        let base = files.remove("base/collector.yaml").expect("a manifest");
        files.insert(
            "base/collector.yaml",
            base.replace("realtheorycollector", "app"),
        );
        files
    };
    let before = files("v1");
    settled(COLLECTORS, &before, &files("latest"));
    builds(
        COLLECTORS,
        &before,
        &[
            ("base", &["placeholder:v0"], &["placeholder:v0"]),
            (
                "prod",
                &["realtheory/theory-k8s-collector:v1"],
                &["realtheory/theory-k8s-collector:latest"],
            ),
        ],
    );
}

fn flux(entry: &str) -> String {
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: collector}}
spec:
  path: ./base
  images:
{entry}"
    )
}

#[test]
fn a_list_of_flux_over_a_base_that_moves_is_restored() {
    let moving = "realtheory/theory-k8s-collector:latest";
    let mut before = layered(moving, "", "- {name: other}\n");
    before.remove("prod/kustomization.yaml");
    let mut after = before.clone();
    let name = "  - name: realtheory/theory-k8s-collector\n";
    before.insert("flux.yaml", flux(&format!("{name}    newTag: v1.3.0\n")));
    after.insert("flux.yaml", flux(name));
    let said = settled(COLLECTORS, &before, &after);
    assert!(said.contains("--> tree/flux.yaml:8:13"), "{said}");
}

const MIRRORED: &str = "reg.internal:5000/mirror/realtheory/theory-k8s-collector:v1.3.11836";

/// The entry is of the time before the registry was changed, and matches the name that is right.
#[test]
fn an_entry_that_matches_the_restored_name_is_restored_with_it() {
    let before = layered(
        MIRRORED,
        "",
        "- name: realtheory/theory-k8s-collector\n  newTag: v1.2.0\n",
    );
    let after = layered(OFFICIAL, "", "- name: realtheory/theory-k8s-collector\n");
    let said = settled(COLLECTORS, &before, &after);
    let expected = "realtheory/theory-k8s-collector: this entry matches it then, and would make it realtheory/theory-k8s-collector:v1.2.0
 --> tree/prod/kustomization.yaml:4:11
  |
4 |   newTag: v1.2.0
  |           ^^^^^^ together with its other parts, should be realtheory/theory-k8s-collector
";
    assert!(said.contains(expected), "{said}");
    assert!(!said.contains("unmatched-image-override"), "{said}");
    let roots = [
        ("base", &[MIRRORED][..], &[OFFICIAL][..]),
        ("prod", &[MIRRORED], &[OFFICIAL]),
    ];
    builds(COLLECTORS, &before, &roots);
}

#[test]
fn two_entries_of_which_one_wakes_are_restored() {
    let before = layered(
        MIRRORED,
        "",
        &format!(
            "- name: realtheory/theory-k8s-collector
  newTag: v1.2.0
- name: reg.internal:5000/mirror/realtheory/theory-k8s-collector
  digest: {DIGEST}
"
        ),
    );
    let after = layered(
        OFFICIAL,
        "",
        "- name: realtheory/theory-k8s-collector
- name: realtheory/theory-k8s-collector
",
    );
    let said = settled(COLLECTORS, &before, &after);
    assert!(
        said.contains("--> tree/prod/kustomization.yaml:6:11"),
        "{said}"
    );
    assert!(
        said.contains("--> tree/prod/kustomization.yaml:4:11"),
        "{said}"
    );
}

/// A reviewer would apply a diff, and this one is not made.
#[test]
fn no_diff_is_drawn_of_what_is_left() {
    let before = layered(
        "realtheory/theory-k8s-collector:v1",
        "",
        "- name: realtheory/theory-k8s-collector\n  newTag: v2\n",
    );
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("tree"), &before);
    let report = |config: &str| {
        std::fs::write(folder.path().join("c.yaml"), config).expect("written");
        build::command(folder.path(), &["check", "--format", "markdown"]).1
    };
    let said = report(COLLECTORS);
    assert!(
        said.contains("+        image: realtheory/theory-k8s-collector\n"),
        "{said}"
    );
    let said = report(&format!("{COLLECTORS}  imageLists: report\n"));
    assert!(!said.contains("-  newTag: v2"), "{said}");
}

/// An entry in a file that is left out cannot change, and is named.
#[test]
fn an_entry_that_stands_in_the_way_is_named() {
    let before = layered(
        "realtheory/theory-k8s-collector:latest",
        "",
        "- name: realtheory/theory-k8s-collector\n  newTag: v2\n",
    );
    let mut before = before;
    before.insert(
        "top/kustomization.yaml",
        "resources: [../prod]\nnamespace: top\n".to_owned(),
    );
    let config = format!("{COLLECTORS}  files: {{exclude: [prod/]}}\n");
    let [checked, fixed, _] = restored(&config, &before, &Files::new());
    let says = "left, since it is written in tree/prod/kustomization.yaml, which is excluded";
    assert!(checked.1.contains(says), "{}", checked.1);
    assert_eq!([checked.0, fixed.0], [1, 1], "{}", fixed.1);
    assert!(fixed.1.contains("nothing restored in "), "{}", fixed.1);
}
