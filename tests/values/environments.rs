//! Releases of which one layer of values is another file in each environment: what is made above these holds in all
//! of them.

use super::{config, fixed, warnings};
use crate::support::{assert_text_eq, write_files};

const RULES: &str = "registries:
- {source: docker.io, mirror: m.example.com/hub, scope: all}
- {source: quay.io, mirror: m.example.com/quay, scope: all}
";

/// A release of Vector's chart whose values are in a ConfigMap of each environment.
fn release(values: &str) -> String {
    format!(
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {{name: b, namespace: n}}\nspec: {{url: https://helm.vector.dev}}\n---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: r, namespace: n}}\nspec:\n  chart: {{spec: {{chart: vector, version: 0.57.0, sourceRef: {{kind: HelmRepository, name: b}}}}}}\n  valuesFrom: [{{kind: ConfigMap, name: v}}]\n  values:\n    role: Agent\n{values}"
    )
}

fn config_map(image: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: v, namespace: n}}\ndata:\n  values.yaml: |\n    image: {{{image}}}\n"
    )
}

const VECTOR: &str = "repository: m.example.com/hub/timberio/vector";

/// What `fix` makes of a release with a ConfigMap for each of two environments, and what it leaves.
#[track_caller]
fn environments(
    rules: &str,
    (release, dev, prod): (&str, &str, &str),
    after: [&str; 3],
    told: &str,
) {
    let (dev, prod) = (config_map(dev), config_map(prod));
    let paths = ["base/hr.yaml", "dev/cm.yaml", "prod/cm.yaml"];
    let before = [release, &dev, &prod];
    let overlay = "resources: [../base, cm.yaml]\n";
    let mut files = vec![
        ("base/kustomization.yaml", "resources: [hr.yaml]\n"),
        ("dev/kustomization.yaml", overlay),
        ("prod/kustomization.yaml", overlay),
    ];
    files.extend(paths.into_iter().zip(before));
    let maps = [after[1], after[2]].map(config_map);
    let after = [after[0], &maps[0], &maps[1]];
    let changed: Vec<(&str, &str)> = paths.into_iter().zip(after).collect();
    fixed(&config(rules), &files, &changed);
    let folder = tempfile::tempdir().expect("a folder");
    write_files(folder.path(), &files);
    write_files(folder.path(), &[("restore-images.yaml", &config(rules))]);
    assert_text_eq(&warnings(folder.path()), told);
}

/// A key that one environment lacks would win over the image of the other one.
#[test]
fn no_key_is_made_above_an_image_of_another_environment() {
    let left = "base/hr.yaml:12:3: warning: HelmRelease n/r: docker.io/timberio/vector:1 → m.example.com/hub/timberio/vector:1 is not written: spec.values.image.repository is part of quay.io/acme/vector, too, which should be otherwise: give them values of their own [unresolved-image]\n";
    let base = release("");
    environments(
        RULES,
        (&base, "repository: quay.io/acme/vector", "tag: '1'"),
        [
            &base,
            "repository: m.example.com/quay/acme/vector",
            "tag: '1'",
        ],
        left,
    );
    // Where both lack it, it is made.
    let made = "    image:\n      repository: m.example.com/hub/timberio/vector\n";
    environments(
        RULES,
        (&base, "tag: '2'", "tag: '1'"),
        [&release(made), "tag: '2'", "tag: '1'"],
        "",
    );
}

/// Nor is a list of pull secrets, which would replace that of the other one.
#[test]
fn no_list_is_made_above_that_of_another_environment() {
    let rules = RULES.replace("/hub,", "/hub, imagePullSecrets: [mc],");
    let own = format!("{VECTOR}, pullSecrets: [{{name: own}}]");
    let both = format!("{VECTOR}, pullSecrets: [{{name: own}}, {{name: mc}}]");
    let base = release("");
    environments(
        &rules,
        (&base, &own, VECTOR),
        [&base, &both, VECTOR],
        "base/hr.yaml:12:3: warning: HelmRelease n/r: image.pullSecrets: (none) → [mc] is not written: the list would replace the one that gives m.example.com/hub/timberio/vector the pull secret own: list own in it, too [missing-pull-secret]\n",
    );
}

/// A build that names other files of values needs what these say, which the file of the release does not know.
#[test]
fn no_key_is_made_above_files_that_a_patch_names() {
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: falco, namespace: argocd}\nspec:\n  sources:\n  - repoURL: https://falcosecurity.github.io/charts\n    chart: falco\n    targetRevision: 9.1.0\n    helm:\n      valueFiles: [$v/vals/prod.yaml]\n  - {repoURL: https://example.com/r.git, ref: v}\n";
    let patch = "resources: [../base]\npatches:\n- target: {kind: Application}\n  patch: |\n    - {op: replace, path: /spec/sources/0/helm/valueFiles/0, value: $v/vals/dev.yaml}\n";
    let rules = "agents: [falco]\nregistries: [{source: docker.io, mirror: m.example.com/hub}]\n";
    let files = [
        ("base/kustomization.yaml", "resources: [app.yaml]\n"),
        ("base/app.yaml", application),
        ("dev/kustomization.yaml", patch),
        (
            "vals/dev.yaml",
            "image: {registry: registry.local, repository: team/falco}\n",
        ),
        ("vals/prod.yaml", "tty: true\n"),
    ];
    fixed(&config(rules), &files, &[]);
    let folder = tempfile::tempdir().expect("a folder");
    write_files(folder.path(), &files);
    write_files(folder.path(), &[("restore-images.yaml", &config(rules))]);
    let told = warnings(folder.path());
    let why = "dev/kustomization.yaml patches what installs the chart, and needs it otherwise";
    assert_eq!(told.matches(why).count(), 3, "{told}");
}

/// A HelmChart has one HelmChartConfig in a cluster: of several, each is another environment's.
#[test]
fn a_helm_chart_config_for_each_environment() {
    let chart = |values: &str| {
        format!(
            "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {{name: vector, namespace: kube-system}}\nspec:\n  chart: vector\n  repo: https://helm.vector.dev\n  version: 0.57.0\n  valuesContent: |-\n    role: Agent\n{values}"
        )
    };
    let of = |values: &str| {
        format!(
            "apiVersion: helm.cattle.io/v1\nkind: HelmChartConfig\nmetadata: {{name: vector, namespace: kube-system}}\nspec:\n  valuesContent: |-\n    {values}\n"
        )
    };
    let files = [
        ("base/hc.yaml", &*chart("")),
        (
            "dev/c.yaml",
            &of("image: {repository: quay.io/acme/vector}"),
        ),
        ("prod/c.yaml", &of("x: 1")),
    ];
    let made = "    image:\n      repository: m.example.com/hub/timberio/vector\n";
    let after = [
        ("base/hc.yaml", &*chart(made)),
        (
            "dev/c.yaml",
            &of("image: {repository: m.example.com/quay/acme/vector}"),
        ),
    ];
    fixed(&config(RULES), &files, &after);
}

/// Files of two environments, each with the same release and ConfigMap beside it, and what becomes of them: the key
/// that one lacks is made there, and what the other says stays its own.
#[track_caller]
fn apart(more: &[(&str, &str)]) {
    let made = "    image:\n      repository: m.example.com/hub/timberio/vector\n";
    let (before, after) = (release(""), release(made));
    let staging = config_map("repository: quay.io/acme/vector");
    let restored = config_map("repository: m.example.com/quay/acme/vector");
    let production = config_map("tag: '1'");
    let mut files = vec![
        ("staging/hr.yaml", &*before),
        ("staging/cm.yaml", &*staging),
        ("production/hr.yaml", &*before),
        ("production/cm.yaml", &*production),
    ];
    files.extend(more);
    let changed = [
        ("staging/cm.yaml", &*restored),
        ("production/hr.yaml", &*after),
    ];
    fixed(&config(RULES), &files, &changed);
    let folder = tempfile::tempdir().expect("a folder");
    write_files(folder.path(), &files);
    write_files(folder.path(), &[("restore-images.yaml", &config(RULES))]);
    assert_text_eq(&warnings(folder.path()), "");
}

#[test]
fn what_is_in_one_folder_belongs_together() {
    apart(&[]);
}

#[test]
fn what_a_kustomization_builds_belongs_together() {
    let own = "resources: [hr.yaml, cm.yaml]\n";
    let files = [
        ("staging/kustomization.yaml", own),
        ("production/kustomization.yaml", own),
    ];
    apart(&files);
    // A root of both tells neither apart.
    let both = "resources: [staging, production]\n";
    let named = |namespace: &str| format!("namespace: {namespace}\n{own}");
    let (staging, production) = (named("s"), named("p"));
    apart(&[
        ("kustomization.yaml", both),
        ("staging/kustomization.yaml", &staging),
        ("production/kustomization.yaml", &production),
    ]);
}

/// What builds bring together belongs together, however far apart the folders are.
#[test]
fn a_build_goes_before_the_nearest_folder() {
    let made = "    image:\n      repository: m.example.com/hub/timberio/vector\n";
    let (before, after) = (release(""), release(made));
    let staging = config_map("repository: quay.io/acme/vector");
    let restored = config_map("repository: m.example.com/quay/acme/vector");
    let files = [
        ("apps/one/hr.yaml", &*before),
        ("apps/one/cm.yaml", &*staging),
        ("apps/two/hr.yaml", &*before),
        ("values/two.yaml", &*config_map("tag: '1'")),
        (
            "one/kustomization.yaml",
            "resources: [../apps/one/hr.yaml, ../apps/one/cm.yaml]\n",
        ),
        (
            "two/kustomization.yaml",
            "resources: [../apps/two/hr.yaml, ../values/two.yaml]\n",
        ),
    ];
    let changed = [
        ("apps/one/cm.yaml", &*restored),
        ("apps/two/hr.yaml", &*after),
    ];
    let all = config(RULES);
    let files: Vec<(&str, &str)> = files.to_vec();
    fixed(&all, &files, &changed);
}

/// An overlay merges what it generates into the ConfigMap of its base: both count.
#[test]
fn a_generator_of_an_overlay_counts_beside_that_of_its_base() {
    let base = release("");
    let overlay = "resources: [../base]\nconfigMapGenerator:\n- name: v\n  behavior: replace\n  files: [values.yaml]\n";
    let files = [
        ("base/hr.yaml", &*base),
        (
            "base/kustomization.yaml",
            "resources: [hr.yaml]\nnamespace: n\nconfigMapGenerator:\n- name: v\n  files: [values.yaml]\n",
        ),
        ("base/values.yaml", "image: {tag: '1'}\n"),
        ("dev/kustomization.yaml", overlay),
        (
            "dev/values.yaml",
            "image: {repository: quay.io/acme/vector}\n",
        ),
    ];
    let changed = [(
        "dev/values.yaml",
        "image: {repository: m.example.com/quay/acme/vector}\n",
    )];
    fixed(&config(RULES), &files, &changed);
}

/// Each HelmChart has the HelmChartConfig of its own environment.
#[test]
fn a_helm_chart_and_its_config_for_each_environment() {
    let chart = |values: &str| {
        format!(
            "apiVersion: helm.cattle.io/v1\nkind: HelmChart\nmetadata: {{name: vector, namespace: kube-system}}\nspec:\n  chart: vector\n  repo: https://helm.vector.dev\n  version: 0.57.0\n  valuesContent: |-\n    role: Agent\n{values}"
        )
    };
    let of = |image: &str| {
        format!(
            "apiVersion: helm.cattle.io/v1\nkind: HelmChartConfig\nmetadata: {{name: vector, namespace: kube-system}}\nspec:\n  valuesContent: |-\n    image: {{{image}}}\n"
        )
    };
    let (before, staging, production) = (
        chart(""),
        of("repository: quay.io/acme/vector"),
        of("tag: '1'"),
    );
    let files = [
        ("production/c.yaml", &*production),
        ("production/hc.yaml", &*before),
        ("staging/c.yaml", &*staging),
        ("staging/hc.yaml", &*before),
    ];
    let made = "    image:\n      repository: m.example.com/hub/timberio/vector\n";
    let changed = [
        ("production/hc.yaml", &*chart(made)),
        (
            "staging/c.yaml",
            &*of("repository: m.example.com/quay/acme/vector"),
        ),
    ];
    fixed(&config(RULES), &files, &changed);
}
