//! The objects of Flux that say what chart a release installs: those that are there several times, that are
//! missing, and folders that may be anybody's.

use super::{config, fixed, restored, write_files};
use serde_json::{Value, json};

use crate::support::{assert_text_eq, run_in_folder};

const DATADOG: &str = "agents: [datadog]
registries:
- {source: registry.datadoghq.com, mirror: m.example.com/dd}
- {source: gcr.io/datadoghq, mirror: m.example.com/gcr}
";

const DIGEST: &str = "sha256:a8d2d9e1d6f5e0a4a3e1c4cf3c5a9a9f4f6d0f2e1b7a8c9d0e1f2a3b4c5d6e7f";

fn oci(url: &str, reference: &str) -> String {
    format!(
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {{name: dd, namespace: n}}\nspec: {{url: oci://{url}, ref: {{{reference}}}}}\n"
    )
}

fn by_reference(values: &str) -> String {
    format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: r, namespace: n}}\nspec:\n  chartRef: {{kind: OCIRepository, name: dd}}\n  values: {{{values}}}\n"
    )
}

/// What `check` says of a folder with these files, a line each.
fn said(files: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    write_files(folder.path(), files);
    write_files(folder.path(), &[("restore-images.yaml", &config(DATADOG))]);
    let arguments = ["check", "--verbose", "--format", "short", "."];
    let run = run_in_folder(folder.path(), &arguments, b"");
    String::from_utf8(run.stdout).expect("UTF-8") + &run.stderr
}

/// A digest says no version, and a tag beside it does.
#[test]
fn a_digest_alone_says_no_version() {
    let input = |reference: &str, values: &str| {
        oci("ghcr.io/acme/datadog", reference) + "---\n" + &by_reference(values)
    };
    let alone = format!("digest: '{DIGEST}'");
    let (text, said) = restored(&config(DATADOG), &input(&alone, "a: 1"));
    assert_text_eq(&text, &input(&alone, "a: 1"));
    assert!(
        said.contains("nobody knows the version of its chart"),
        "{said}"
    );
    let range = format!("digest: '{DIGEST}', semver: 3.x");
    let (text, _) = restored(&config(DATADOG), &input(&range, "a: 1"));
    assert_text_eq(&text, &input(&range, "a: 1"));
    let tagged = format!("tag: 3.156.2, digest: '{DIGEST}'");
    let (text, _) = restored(&config(DATADOG), &input(&tagged, "a: 1"));
    let made = "a: 1, registry: m.example.com/gcr";
    assert_text_eq(&text, &input(&tagged, made));
}

/// Each cluster has a source of the same name: the one in the release's folder is meant, and where none is,
/// what they say differently is not known.
#[test]
fn sources_of_one_name_in_several_clusters() {
    let (old, new) = (
        oci("ghcr.io/acme/datadog", "tag: 3.156.2"),
        oci("ghcr.io/acme/datadog", "tag: 3.240.0"),
    );
    let release = by_reference("a: 1");
    let operator = "operator: {image: {repository: m.example.com/dd/operator}}";
    fixed(
        &config(DATADOG),
        &[
            ("clusters/a/sources/dd.yaml", &old),
            ("clusters/b/sources/dd.yaml", &new),
            ("clusters/a/apps/hr.yaml", &release),
            ("clusters/b/apps/hr.yaml", &release),
        ],
        &[
            (
                "clusters/a/apps/hr.yaml",
                &by_reference("a: 1, registry: m.example.com/gcr"),
            ),
            (
                "clusters/b/apps/hr.yaml",
                &by_reference(&format!("a: 1, registry: m.example.com/dd, {operator}")),
            ),
        ],
    );
    let told = said(&[
        ("clusters/a/dd.yaml", &old),
        ("clusters/b/dd.yaml", &new),
        ("apps/hr.yaml", &release),
    ]);
    assert!(
        told.contains("nobody knows the version of its chart"),
        "{told}"
    );
    let other = oci("ghcr.io/acme/podinfo", "tag: 3.240.0");
    let told = said(&[
        ("clusters/a/dd.yaml", &old),
        ("clusters/b/dd.yaml", &other),
        ("apps/hr.yaml", &release),
    ]);
    let line = "apps/hr.yaml:5:41: not read: dd: there are several OCIRepository n/dd, which say different charts: check the files of one cluster at a time\n";
    assert_eq!(told.matches(line).count(), 1, "{told}");
}

/// A folder whose name is by chance in the path of a release, such as `base`, says nothing of clusters.
#[test]
fn a_folder_by_chance_is_no_cluster() {
    let (old, new) = (
        oci("ghcr.io/acme/datadog", "tag: 3.156.2"),
        oci("ghcr.io/acme/datadog", "tag: 3.240.0"),
    );
    let told = said(&[
        ("infrastructure/base/dd.yaml", &old),
        ("clusters/staging/sources/dd.yaml", &new),
        ("apps/base/hr.yaml", &by_reference("a: 1")),
    ]);
    assert!(
        told.contains("nobody knows the version of its chart"),
        "{told}"
    );
    let told = said(&[
        ("base/dd.yaml", &old),
        ("staging/dd.yaml", &new),
        (
            "apps/base/hr.yaml",
            &by_reference("registry: m.example.com/gcr"),
        ),
    ]);
    assert!(
        !told.contains("nobody knows the version of its chart"),
        "{told}"
    );
}

/// An object that is not there is named, in files and in a stream, and with the agent that seems to run
/// nowhere.
#[test]
fn a_source_that_is_missing_is_named() {
    let release = by_reference("a: 1");
    let told = said(&[("hr.yaml", &release)]);
    let line = "hr.yaml:5:41: not read: dd: OCIRepository n/dd, which says what chart it is, is not among what was given: give it, too\n";
    assert_eq!(told.matches(line).count(), 1, "{told}");
    let nowhere = "the agent datadog is named in the configuration and was not found in these manifests (OCIRepository n/dd would say what chart a release installs, and is not among them: give it, too; or remove the agent, or set unmatchedAgents to ignore)";
    assert_eq!(told.matches(nowhere).count(), 1, "{told}");
    let (text, told) = restored(&config(DATADOG), &release);
    assert_text_eq(&text, &release);
    let line = "info: HelmRelease n/r: its images are not checked: OCIRepository n/dd, which says what chart it is, is not among what was given: give it, too [unread-source]\n";
    assert_eq!(told.matches(line).count(), 1, "{told}");
    assert_eq!(told.matches(nowhere).count(), 1, "{told}");
}

/// What is said of a chart is said where the release names the object that says what it is, whatever that says and
/// whatever the values say.
#[test]
fn a_chart_that_an_object_names_is_told_at_its_reference() {
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: r, namespace: n}\nspec:\n  chartRef:\n    kind: OCIRepository\n    name: dd\n  values:\n    chart: vector\n";
    let source = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: dd, namespace: n}\nspec: {url: 'oci://registry.example.com/charts/vector', ref: {tag: 0.57.0}}\n";
    let of_others = "it is no chart of https://helm.vector.dev, oci://ghcr.io/vectordotdev/helm-charts: if it is one of vector, its images are not checked";
    let folder = tempfile::tempdir().expect("a folder");
    let files = [
        (
            "c.yaml",
            &*config(
                "agents: [vector]\nregistries: [{source: docker.io, mirror: m.example.com/hub}]\n",
            ),
        ),
        ("hr.yaml", release),
        ("source.yaml", source),
    ];
    write_files(folder.path(), &files);
    let run = |args: &[&str], input: &str| {
        let run = run_in_folder(folder.path(), args, input.as_bytes());
        let text = String::from_utf8(run.stdout).expect("UTF-8");
        (text, run.stderr)
    };
    let (_, told) = run(&["check", "--verbose", "-c", "c.yaml", "."], "");
    let line = format!("hr.yaml:7:11: not read: dd: {of_others}\n");
    assert_eq!(told.matches(&line).count(), 1, "{told}");
    let (json, _) = run(&["check", "--format", "json", "-c", "c.yaml", "."], "");
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let of_file = json["files"].as_array().expect("files");
    let of_file = of_file.iter().find(|file| file["path"] == "hr.yaml");
    let region = json!({"startLine": 7, "startColumn": 11, "endLine": 7, "endColumn": 13, "startByte": 142, "endByte": 144});
    let unread = json!([{"region": region, "why": of_others}]);
    assert_eq!(of_file.expect("the file")["unread"], unread);
    // Over a stream, too, where the object is missing.
    let (_, said) = run(&["c.yaml"], release);
    let line = "stdin:7:11: info: HelmRelease n/r: its images are not checked: OCIRepository n/dd, which says what chart it is, is not among what was given: give it, too [unread-source]\n";
    assert_eq!(said.matches(line).count(), 1, "{said}");
}

/// A folder of somebody's Git repository with the name of a vendor's chart is not the vendor's.
#[test]
fn a_chart_in_a_git_repository_is_anybodys() {
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: r, namespace: n}\nspec:\n  chart: {spec: {chart: ./charts/datadog, sourceRef: {kind: GitRepository, name: own}}}\n  values: {a: 1}\n";
    let source = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: own, namespace: n}\nspec: {url: https://github.com/acme/charts}\n";
    for input in [release.to_owned(), format!("{source}---\n{release}")] {
        let (text, told) = restored(&config(DATADOG), &input);
        assert_text_eq(&text, &input);
        assert_eq!(
            told.matches("its images are not checked: ").count(),
            1,
            "{told}"
        );
    }
    let told = said(&[("hr.yaml", release), ("source.yaml", source)]);
    let line = "not read: ***: it is no chart of https://helm.datadoghq.com";
    assert_eq!(told.matches(line).count(), 1, "{told}");
    assert!(
        told.contains("if it is one of datadog, its images are not checked"),
        "{told}"
    );
    // Its own files say what it is.
    let chart = "apiVersion: v2\nname: datadog\nversion: 3.156.2\n";
    fixed(
        &config(DATADOG),
        &[
            ("hr.yaml", release),
            ("charts/datadog/Chart.yaml", chart),
            ("charts/datadog/templates/x.txt", ""),
        ],
        &[(
            "hr.yaml",
            &release.replace("{a: 1}", "{a: 1, registry: m.example.com/gcr}"),
        )],
    );
}
