//! Values that read like images and are judged as none: what counts as not read, and what only looks like one.

use std::fs;

use super::{check, config, release, restored};
use crate::support::{assert_text_eq, run_in_folder, write_files};

const QUAY: &str = "registries:
- {source: quay.io, mirror: m.example.com/quay, scope: all}
";
const BOTH: &str = "registries:
- {source: quay.io, mirror: m.example.com/quay, scope: all}
- {source: docker.io, mirror: m.example.com/hub, scope: all}
";

/// What of some values counts as not read, a line each without the place, and the exit code.
#[track_caller]
fn unread(rules: &str, values: &str, told: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let files = [
        ("restore-images.yaml", config(rules)),
        ("hr.yaml", release("{chart: c}", values)),
    ];
    for (path, text) in &files {
        fs::write(folder.path().join(path), text).expect("written");
    }
    let check = ["check", "--verbose", "--format", "short", "."];
    let run = run_in_folder(folder.path(), &check, b"");
    let said = String::from_utf8(run.stdout).expect("UTF-8") + &run.stderr;
    let lines = said
        .lines()
        .filter_map(|line| line.split_once(": not read: "));
    let lines = lines.filter(|(_, line)| !line.starts_with("c: no profile knows the chart"));
    let lines: String = lines.map(|(_, line)| format!("{line}\n")).collect();
    assert_text_eq(&lines, told);
    assert_eq!(run.code, 0, "{said}");
}

/// Docker Hub's names have no host, and are images as others are where keys say so.
#[test]
fn names_without_a_host_count_at_other_keys() {
    let why = "no profile knows an image at this key: look at what is rendered";
    for values in [
        "images: [acme/web:v1]\n",
        "images: {web: acme/web:v1}\n",
        "imageName: acme/web:v1\n",
        "fullImageName: acme/web:v1\n",
        "image: {repository: quay.io/acme/web}\nweb: {imageUri: acme/web:v1}\n",
    ] {
        let rules = BOTH.replace("quay.io, mirror", "ghcr.io, mirror");
        unread(&rules, values, &format!("acme/web:v1: {why}\n"));
    }
    unread(
        BOTH,
        "web: {repo: acme/web, tag: v1}\n",
        &format!("acme/web: {why}\n"),
    );
    unread(
        BOTH,
        "web: {ref: quay.io/acme/web:v1}\n",
        &format!("quay.io/acme/web:v1: {why}\n"),
    );
    for values in [
        "imageType: image/png\n",
        "imageCachePath: data/images\n",
        "schedule: {cron: a/5, tag: x}\n",
        "git: {repo: acme/web, tag: v1}\n",
        "web: {ref: main, repository: quay.io/acme/web}\n",
        "source: {repoURL: oci://quay.io/charts/x, ref: v1}\n",
    ] {
        unread(BOTH, values, "");
    }
}

/// A scheme makes no image of a name, and a runtime would not pull it; a page has one, too.
#[test]
fn a_name_behind_a_scheme_counts() {
    let told = "***: it is no image reference with its scheme: take that out to have it checked\n";
    for values in [
        "image: https://quay.io/acme/web:v1\n",
        "image: docker://docker.io/acme/web:v1\n",
        "image: {repository: 'oci://quay.io/acme/web', tag: v1}\n",
    ] {
        unread(BOTH, values, told);
    }
    for values in [
        "image: https://example.com/logo\n",
        "chart: {repository: 'oci://quay.io/charts/web'}\n",
        "url: https://quay.io/acme/web\n",
    ] {
        unread(BOTH, values, "");
    }
}

/// YAML drops blanks that quotes keep: a chart that writes the text without quotes runs it.
#[test]
fn blanks_around_a_name_without_a_host_are_told() {
    for (values, told) in [
        (
            "image: 'acme/web:v1 '\n",
            "acme/web:v1 has blanks around it",
        ),
        (
            "image: ' acme/web:v1'\n",
            "acme/web:v1 has blanks around it",
        ),
        (
            "image: {repository: 'acme/web ', tag: v1}\n",
            "`acme/web***` is no image reference",
        ),
    ] {
        let input = release("{chart: c}", values);
        let told = format!(
            "warning: HelmRelease n/r: {told}: correct it to have it checked [unresolved-image]\n"
        );
        check(&config(BOTH), &input, &input, &told);
        check(&config(QUAY), &input, &input, "");
    }
}

/// A chart that nobody knows may have a registry by default, which no value shows: where no rule is about Docker
/// Hub's name, nothing is done, and the image counts as not read.
#[test]
fn a_registry_by_default_may_be_before_a_name_without_a_host() {
    let why = "its chart may put a registry before it that a rule is about, and without one it is Docker Hub's: write the registry, too, to have it checked";
    for values in [
        "image: {repository: acme/web, tag: v1}\n",
        "image: {registry: '', repository: acme/web, tag: v1}\n",
        "image: acme/web\n",
        "imageRepository: acme/web\n",
    ] {
        unread(QUAY, values, &format!("acme/web: {why}\n"));
        // Over a stream there is nothing to do for whoever reads it.
        let input = release("{chart: c}", values);
        check(&config(QUAY), &input, &input, "");
    }
    // It is whole, a container, an agent's, or nothing is to be mapped.
    for values in [
        "image: acme/web:v1\n",
        "sidecars: [{name: x, image: nginx}]\n",
        "image: {repository: datadog/agent, tag: latest}\n",
    ] {
        unread(QUAY, values, "");
    }
    let values = "image: {repository: acme/web, tag: v1}\n";
    unread("agents: [datadog]\n", values, "");
    let of_agents = QUAY.replace(", scope: all", "");
    unread(&of_agents, values, "");
}

/// The version says that a text is whole, so that one stays in it.
#[test]
fn a_text_that_is_whole_by_its_version_keeps_one() {
    const NAME: &str = "realtheory/theory-k8s-collector";
    let image = |text: &str| release("{chart: c}", &format!("image: {text}\n"));
    let digest = format!("@sha256:{}", "0".repeat(64));
    let alone = config("agents: [realtheory-collector]\n");
    for version in [":v1.3.11836", &digest, &format!(":v1.3.11836{digest}")] {
        let (text, _) = restored(&alone, &image(&format!("{NAME}{version}")));
        assert_text_eq(&text, &image(&format!("{NAME}:latest")));
        assert_text_eq(&restored(&alone, &text).0, &text);
    }
    // A host says it as well.
    let (text, _) = restored(&alone, &image(&format!("docker.io/{NAME}:v1.3.11836")));
    assert_text_eq(&text, &image(&format!("docker.io/{NAME}")));
    let ruled = config(&format!("agents: [realtheory-collector]\n{BOTH}"));
    let mirrored = image(&format!("m.example.com/hub/{NAME}"));
    assert_text_eq(
        &restored(&ruled, &image(&format!("{NAME}:v1.3.11836"))).0,
        &mirrored,
    );
    let latest = image(&format!("{NAME}:latest"));
    let mirrored = image(&format!("m.example.com/hub/{NAME}:latest"));
    assert_text_eq(&restored(&ruled, &latest).0, &mirrored);
}

/// A name whose version makes no reference of it, and a text that begins like an image under a rule.
#[test]
fn what_is_no_reference_is_told() {
    for (tag, text) in [
        ("'1:20'", "quay.io/acme/web:1:20"),
        ("':v1'", "quay.io/acme/web::v1"),
        ("'-v1'", "quay.io/acme/web:-v1"),
    ] {
        let values = format!("image: {{repository: quay.io/acme/web, tag: {tag}}}\n");
        let input = release("{chart: c}", &values);
        let told = format!(
            "warning: HelmRelease n/r: `{text}` is no image reference: correct its version, and its name should be m.example.com/quay/acme/web [unresolved-image]\n"
        );
        check(&config(BOTH), &input, &input, &told);
    }
    for values in [
        "image: {repository: quay.io/acme/Web, tag: v1}\n",
        "image: {repository: 'quay.io/acme/web@sha256:00', tag: v1}\n",
        "image: quay.io/acme/web:1:20\n",
    ] {
        unread(BOTH, values, "***: it is no image reference\n");
    }
    unread(BOTH, "note: see quay.io/acme/Web\n", "");
}

/// Of a chart that nobody knows, values name some images at most: where rules are about anybody's, a release of it
/// counts.
#[test]
fn a_chart_that_no_profile_knows_counts() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = |rules: &str, chart: &str| {
        let files = [
            ("restore-images.yaml", config(rules)),
            ("hr.yaml", release(chart, "installCRDs: true\n")),
        ];
        for (path, text) in &files {
            fs::write(folder.path().join(path), text).expect("written");
        }
        let check = ["check", "--verbose", "--format", "short", "."];
        let run = run_in_folder(folder.path(), &check, b"");
        assert!(run.code < 2, "{}", run.stderr);
        String::from_utf8(run.stdout).expect("UTF-8") + &run.stderr
    };
    let told = "hr.yaml:5:25: not read: cert-manager: no profile knows the chart, and of its images those are checked that its values name: `check --rendered` checks all\n";
    let unknown = said(QUAY, "{chart: cert-manager}");
    assert!(
        unknown.contains(told) && unknown.contains("0 clean"),
        "{unknown}"
    );
    let of_agents = QUAY.replace(", scope: all", "");
    let profiles = format!("values: profiles\n{QUAY}");
    for (rules, chart) in [
        (&*of_agents, "{chart: cert-manager}"),
        (&profiles, "{chart: cert-manager}"),
        (QUAY, "{chart: datadog, version: 3.240.0}"),
    ] {
        let said = said(rules, chart);
        assert!(!said.contains("no profile knows the chart"), "{said}");
    }
}

/// What a patch says and nobody can judge is told, and counts as not read, as it does in the release itself.
#[test]
fn an_image_in_a_patch_that_is_not_judged_is_not_read() {
    let rules = "registries: [{source: docker.io, mirror: m.example.com/hub, scope: all}]\n";
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: r}\nspec:\n  chart: {spec: {chart: guess, version: 1.0.0}}\n  values: {a: 1}\n";
    let patch = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: r}\nspec:\n  values:\n    apart:\n      image: acme/apart\n      imageTag: v9\n    registry: m.example.com/hub\n";
    let folder = tempfile::tempdir().expect("a folder");
    let files = [
        ("c.yaml", &*config(rules)),
        ("base/hr.yaml", release),
        ("base/kustomization.yaml", "resources: [hr.yaml]\n"),
        (
            "over/kustomization.yaml",
            "resources: [../base]\npatches: [{path: p.yaml}]\n",
        ),
        ("over/p.yaml", patch),
    ];
    write_files(folder.path(), &files);
    let args = ["check", "--format", "short", "-v", "-c", "c.yaml", "."];
    let run = run_in_folder(folder.path(), &args, b"");
    let said = String::from_utf8(run.stdout).expect("UTF-8") + &run.stderr;
    for line in [
        "over/p.yaml:7:14: info: HelmRelease r: acme/apart is not checked: the chart may put registry, a mirror, before it: write the registry here to have it checked [unread-source]\n",
        "nothing to restore in 2 files, 0 clean, 3 skipped, 2 roots settled, 0 images read, 2 not read\n",
    ] {
        assert_eq!(said.matches(line).count(), 1, "{said}");
    }
}
