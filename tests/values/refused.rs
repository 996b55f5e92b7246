//! Values in which a mapping has a key twice: the file is named, with the place in it, and every other
//! file is judged.

use super::write_files;
use crate::support::{assert_text_eq, run_in_folder};

const CONFIG: &str = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec: {agents: [cloudzero-agent]}\n";

const RELEASE: &str = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: cz, namespace: n}\nspec:\n  chart: {spec: {chart: cloudzero-agent, version: 1.2.13}}\n";

const OTHER: &str = "apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: other, namespace: n}
spec:
  chart: {spec: {chart: cloudzero-agent, version: 1.2.13}}
  values: {components: {agent: {image: {repository: m.example.com/cloudzero-agent/cloudzero-agent}}}}
";

/// `check` over files says this of one of them, ends with 2, and judges the other release.
#[track_caller]
fn check(files: &[(&str, &str)], told: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    write_files(folder.path(), files);
    write_files(folder.path(), &[("c.yaml", CONFIG), ("z.yaml", OTHER)]);
    let run = run_in_folder(
        folder.path(),
        &["check", "--config", "c.yaml", "--format", "short", "."],
        b"",
    );
    assert_eq!(run.code, 2, "{}", run.stderr);
    let said = String::from_utf8(run.stdout).expect("UTF-8") + &run.stderr;
    let said: String = said
        .lines()
        .filter(|line| line.contains("yaml:"))
        .map(|line| format!("{line}\n"))
        .collect();
    let other = "z.yaml:6:53: error: HelmRelease n/other: wrong registry or path: m.example.com/cloudzero-agent/cloudzero-agent → ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent [wrong-registry]\n";
    assert_text_eq(&said, &format!("{told}{other}"));
}

#[test]
fn a_generator_that_is_there_twice() {
    let from = format!("{RELEASE}  valuesFrom: [{{kind: ConfigMap, name: a}}]\n");
    check(
        &[
            ("hr.yaml", &from),
            (
                "kustomization.yaml",
                "configMapGenerator:\n- {name: a, files: [values.yaml]}\nconfigMapGenerator: []\n",
            ),
        ],
        "kustomization.yaml:3:1: error: the key `configMapGenerator` stands twice in one mapping: readers disagree on which of the two counts: remove one\n",
    );
}

#[test]
fn values_of_a_release() {
    let values = "  values:\n    components: {agent: {image: {tag: 1}, image: {tag: 2}}}\n";
    check(
        &[("hr.yaml", &format!("{RELEASE}{values}"))],
        "hr.yaml:7:43: error: the key `image` stands twice in one mapping: readers disagree on which of the two counts: remove one\n",
    );
}

#[test]
fn values_in_a_text_of_a_config_map() {
    let from = "  valuesFrom: [{kind: ConfigMap, name: a}]\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: n}\ndata:\n  values.yaml: |\n    components: {}\n    # by hand\n    components: {}\n";
    check(
        &[("hr.yaml", &format!("{RELEASE}{from}"))],
        "hr.yaml:15:5: error: the key `components` stands twice in one mapping: readers disagree on which of the two counts: remove one\n",
    );
}

#[test]
fn what_is_merged_behind_a_key() {
    let values = "  values:\n    x: &x {components: {agent: {}}}\n    components: {}\n    <<: *x\n";
    check(
        &[("hr.yaml", &format!("{RELEASE}{values}"))],
        "hr.yaml:9:5: error: `<<` brings another `components`, which kubectl takes and kustomize does not: write `<<` before the other keys\n",
    );
}

/// Bytes are carried where nothing reads them, and looked up here as a repository.
#[test]
fn bytes_in_values() {
    let values = "  values:\n    data:\n      image: !!binary ZGF0YWRvZw==\n      repository: !!binary ZGF0YWRvZw==\n";
    let smile = format!(
        "# é😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀\n{RELEASE}"
    );
    check(
        &[
            ("a.yaml", &smile),
            ("hr.yaml", &format!("{RELEASE}{values}")),
        ],
        "hr.yaml:9:28: error: kubectl decodes a value with the tag `!!binary`, and kustomize does not: take the tag out, and write the value decoded\n",
    );
}

/// What nothing reads as values hides nothing of its own file, whatever another file has.
#[test]
fn a_text_that_nothing_reads() {
    let own = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: n}\ndata:\n  values.yaml: |\n    a: 1\n    a: 2\n---\n";
    let release = OTHER.replace("name: other", "name: own");
    let twice = format!("{RELEASE}  values: {{components: {{}}, components: {{}}}}\n");
    check(
        &[("cm.yaml", &format!("{own}{release}")), ("hr.yaml", &twice)],
        "cm.yaml:14:53: error: HelmRelease n/own: wrong registry or path: m.example.com/cloudzero-agent/cloudzero-agent → ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent [wrong-registry]\nhr.yaml:6:28: error: the key `components` stands twice in one mapping: readers disagree on which of the two counts: remove one\n",
    );
}
