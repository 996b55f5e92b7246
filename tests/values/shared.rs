//! Values that several images share: all of them agree, or none moves.

use super::{check, config, fixed, release, restored, warnings, write_files};
use crate::support::{assert_text_eq, run_in_folder};

/// An agent whose two images share a registry, as a chart and by paths alone.
fn two(rules: &str) -> String {
    config(&format!(
        "\
agents:
- name: foo
  images: [{{image: quay.io/acme/foo}}, {{image: quay.io/acme/bar}}]
  charts:
  - name: foo
    images:
    - registry: {{path: global.image.registry, default: quay.io}}
      repository: {{path: foo.repository, default: acme/foo}}
      tag: version
    - registry: {{path: global.image.registry, default: quay.io}}
      repository: {{path: bar.repository, default: acme/bar}}
      tag: version
registries: {rules}
"
    ))
}

const BOTH: &str = "global: {image: {registry: quay.io}}\nfoo: {repository: acme/foo}\nbar: {repository: acme/bar}\n";

#[test]
fn a_shared_registry_moves_when_all_agree() {
    check(
        &two("[{source: quay.io, mirror: r.example.com/quay}]"),
        &release("{chart: foo}", BOTH),
        &release(
            "{chart: foo}",
            &BOTH.replace("registry: quay.io", "registry: r.example.com/quay"),
        ),
        "info: HelmRelease n/r: wrong registry or path: quay.io/acme/foo → r.example.com/quay/acme/foo [wrong-registry]\n\
         info: HelmRelease n/r: wrong registry or path: quay.io/acme/bar → r.example.com/quay/acme/bar [wrong-registry]\n",
    );
}

#[test]
fn a_shared_registry_stays_when_one_does_not() {
    let input = release("{chart: foo}", BOTH);
    check(
        &two("[{source: quay.io/acme/foo, mirror: r.example.com/foo}]"),
        &input,
        &input,
        "warning: HelmRelease n/r: quay.io/acme/foo → r.example.com/foo is not written: spec.values.global.image.registry is part of quay.io/acme/bar, too, which should be otherwise: give them values of their own [unresolved-image]\n",
    );
    check(
        &two(
            "[{source: quay.io/acme/foo, mirror: a.example.com/x}, {source: quay.io/acme/bar, mirror: b.example.com/y}]",
        ),
        &input,
        &input,
        "warning: HelmRelease n/r: quay.io/acme/bar → b.example.com/y is not written: spec.values.global.image.registry is part of quay.io/acme/foo, too, which should be otherwise: give them values of their own [unresolved-image]\n\
         warning: HelmRelease n/r: quay.io/acme/foo → a.example.com/x is not written: spec.values.global.image.registry is part of quay.io/acme/bar, too, which should be otherwise: give them values of their own [unresolved-image]\n",
    );
}

#[test]
fn a_registry_that_holds_an_owner_takes_the_path() {
    let chart = "{chart: datadog}";
    let rule = "agents: [datadog]\nregistries: [{source: gcr.io, mirror: r.example.com/gcr}]\n";
    let (text, _) = restored(
        &config(rule),
        &release(
            chart,
            "registry: gcr.io/datadoghq\nagents: {image: {name: agent}}\ndatadog: {operator: {enabled: false}}\n",
        ),
    );
    assert_text_eq(
        &text,
        &release(
            chart,
            "registry: r.example.com/gcr/datadoghq\nagents: {image: {name: agent}}\ndatadog: {operator: {enabled: false}}\n",
        ),
    );
}

#[test]
fn an_image_with_a_key_of_its_own_leaves_the_shared_one() {
    let rule = "agents: [datadog]\nregistries: [{source: registry.datadoghq.com/agent, mirror: r.example.com/dd/agent}]\n";
    let chart = "{chart: datadog}";
    let (text, said) = restored(
        &config(rule),
        &release(chart, "datadog: {site: datadoghq.eu}\n"),
    );
    assert_text_eq(
        &text,
        &release(
            chart,
            "datadog: {site: datadoghq.eu}\nagents:\n  image:\n    repository: r.example.com/dd/agent\n",
        ),
    );
    assert!(!said.contains("unresolved"), "{said}");
}

/// A key that is read where an image's own is empty counts before what the template puts there.
#[test]
fn a_fallback_is_read_before_the_default_of_the_template() {
    let config = config(
        "\
agents:
- name: foo
  images: [{image: quay.io/acme/foo}]
  charts:
  - name: foo
    images:
    - registry: {path: foo.registry, default: quay.io, fallbacks: [global.registry]}
      repository: {path: foo.repository, default: acme/foo}
      tag: version
registries: [{source: quay.io, mirror: r.example.com/quay}]
",
    );
    let told = "info: HelmRelease n/r: wrong registry or path: old.example.com/acme/foo → r.example.com/quay/acme/foo [wrong-registry]\n";
    for (values, shared) in [
        (
            "global: {registry: REGISTRY}\nfoo: {repository: acme/foo}\n",
            told,
        ),
        (
            "global: {registry: REGISTRY}\nfoo: {repository: acme/foo, registry: ''}\n",
            told,
        ),
    ] {
        check(
            &config,
            &release(
                "{chart: foo}",
                &values.replace("REGISTRY", "old.example.com"),
            ),
            &release(
                "{chart: foo}",
                &values.replace("REGISTRY", "r.example.com/quay"),
            ),
            shared,
        );
    }
    check(
        &config,
        &release("{chart: foo}", "foo: {repository: acme/foo}\n"),
        &release(
            "{chart: foo}",
            "foo: {repository: acme/foo, registry: r.example.com/quay}\n",
        ),
        "info: HelmRelease n/r: wrong registry or path: quay.io/acme/foo → r.example.com/quay/acme/foo [wrong-registry]\n",
    );
}

/// A registry that no image is written beside is counted where a rule is about it.
#[test]
fn a_registry_alone_is_counted_as_not_read() {
    for (values, count) in [
        ("image: {registry: docker.io, tag: v1}\n", 1),
        (
            "global: {imageRegistry: docker.io}\nimageRegistry: docker.io\n",
            2,
        ),
        ("image: {registry: m.example.com/hub, tag: v1}\n", 0),
        ("image: {registry: ghcr.io, tag: v1}\n", 0),
        ("registry: txt\n", 0),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let rules = "registries: [{source: docker.io, mirror: m.example.com/hub, scope: all}]\n";
        write_files(
            folder.path(),
            &[
                ("a.yaml", &release("{chart: c}", values)),
                ("restore-images.yaml", &config(rules)),
            ],
        );
        let run = run_in_folder(folder.path(), &["check", "--verbose", "."], b"");
        let said = format!("{}{}", run.stderr, String::from_utf8_lossy(&run.stdout));
        let told = "it is not known which image the chart takes from this registry: look at what is rendered";
        assert_eq!(said.matches(told).count(), count, "{values}{said}");
        assert!(said.contains("0 images read"), "{said}");
    }
}

const OWNER: &str =
    "registries: [{source: docker.io/acme, mirror: r.example.com/acme, scope: all}]\n";
const COMMON: &str = "image: {registry: docker.io, tag: v1}\n";

/// A HelmRelease with the values of a ConfigMap below its own.
fn with_map(name: &str, chart: &str, values: &str) -> String {
    format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: {name}, namespace: a}}\nspec:\n  chart: {{spec: {{chart: {chart}}}}}\n  valuesFrom: [{{kind: ConfigMap, name: v}}]\n  values: {values}\n"
    )
}

/// An Application with a file of values below its own.
fn with_file(name: &str, chart: &str, values: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}, namespace: argocd}}\nspec:\n  sources:\n  - {{repoURL: https://c.example.com, chart: {chart}, helm: {{valueFiles: [$r/envs/common.yaml], valuesObject: {values}}}}}\n  - {{repoURL: https://g.example.com/x, ref: r}}\n"
    )
}

/// `fix` leaves these files, and says this of them.
#[track_caller]
fn left(files: &[(&str, &str)], told: &str) {
    fixed(&config(OWNER), files, &[]);
    let folder = tempfile::tempdir().expect("a folder");
    write_files(folder.path(), files);
    write_files(folder.path(), &[("restore-images.yaml", &config(OWNER))]);
    assert_text_eq(&warnings(folder.path()), told);
}

/// Another release has the repository by default, so that what becomes of its image is not known.
#[test]
fn a_registry_that_an_unknown_image_is_behind_stays() {
    let map = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: v, namespace: a}}\ndata:\n  values.yaml: |\n    {COMMON}"
    );
    for chart in ["another", "alloy"] {
        let one = with_map("one", chart, "{replicas: 2}");
        let two = with_map("two", "other", "{image: {repository: acme/two}}");
        let text = [one, two, map.clone()].join("---\n");
        left(
            &[("a.yaml", &text)],
            "a.yaml:15:32: warning: HelmRelease a/two: docker.io/acme/two:v1 → r.example.com/acme/two:v1 is not written: HelmRelease a/one reads image.registry, too, and which image it is a part of there is not known: give them values of their own [unresolved-image]\n",
        );
    }
    let one = with_file("one", "another", "{replicas: 2}");
    let two = with_file("two", "other", "{image: {repository: acme/two}}");
    left(
        &[
            ("apps.yaml", &[one, two].join("---\n")),
            ("envs/common.yaml", COMMON),
        ],
        "apps.yaml:14:129: warning: Application argocd/two: docker.io/acme/two:v1 → r.example.com/acme/two:v1 is not written: Application argocd/one reads image.registry, too, and which image it is a part of there is not known: give them values of their own [unresolved-image]\n",
    );
}

/// A release that says the registry itself, a profile that knows all of its chart, and a whole name are in
/// nobody's way.
#[test]
fn what_others_do_not_read_moves() {
    let map = |values: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: v, namespace: a}}\ndata:\n  values.yaml: |\n    {values}"
        )
    };
    let two = with_map("two", "other", "{image: {repository: acme/two}}");
    let new = COMMON.replace("docker.io", "r.example.com");
    for one in [
        with_map("one", "another", "{image: {registry: quay.io}}"),
        with_map("one", "cloudzero-agent", "{clusterName: x}"),
    ] {
        let text = |common: &str| [one.clone(), two.clone(), map(common)].join("---\n");
        fixed(
            &config(OWNER),
            &[("a.yaml", &text(COMMON))],
            &[("a.yaml", &text(&new))],
        );
    }
    let alone = |common: &str| [two.clone(), map(common)].join("---\n");
    fixed(
        &config(OWNER),
        &[("a.yaml", &alone(COMMON))],
        &[("a.yaml", &alone(&new))],
    );
    let text = |name: &str| {
        let one = with_map("one", "another", "{replicas: 1}");
        let two = with_map("two", "other", "{replicas: 2}");
        let whole = format!("image: {{repository: {name}, tag: v1}}\n");
        [one, two, map(&whole)].join("---\n")
    };
    fixed(
        &config(OWNER),
        &[("a.yaml", &text("docker.io/acme/x"))],
        &[("a.yaml", &text("r.example.com/acme/x"))],
    );
}

/// Two agents whose charts read the same keys.
fn policies(one: &str, other: &str) -> String {
    let agent = |name: &str, policy: &str| {
        format!(
            "- name: {name}\n  images: [{{image: quay.io/acme/{name}, imagePullPolicy: {policy}}}]\n  charts:\n  - name: {name}\n    images:\n    - repository: {{path: {name}.repository, default: quay.io/acme/{name}}}\n      tag: version\n      imagePullPolicy: {{path: global.pullPolicy, default: IfNotPresent}}\n      imagePullSecrets: global.secrets\n"
        )
    };
    config(&format!(
        "agents:\n{}{}registries:\n- {{source: quay.io/acme/foo, mirror: r.example.com/foo, imagePullSecrets: [regcred]}}\n",
        agent("foo", one),
        agent("bar", other)
    ))
}

/// An Application of a chart, whose values are in a file that others read, too.
fn installed(name: &str, values: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}, namespace: n}}\nspec:\n  sources:\n  - repoURL: https://charts.acme.com\n    chart: {name}\n    targetRevision: 1.0.0\n    helm:\n      valueFiles: [$ref/common.yaml]\n      valuesObject: {values}\n  - {{repoURL: https://g.example.com/r, ref: ref}}\n"
    )
}

/// `fix` leaves what several releases share, with these warnings.
#[track_caller]
fn left_as_shared(config: &str, common: &str, values: &str, told: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let files = [
        ("common.yaml", common),
        ("bar.yaml", &installed("bar", "{x: y}")),
        ("foo.yaml", &installed("foo", values)),
        ("restore-images.yaml", config),
    ];
    write_files(folder.path(), &files);
    assert_text_eq(&warnings(folder.path()), told);
    warnings(folder.path());
    let text = std::fs::read_to_string(folder.path().join("common.yaml")).expect("a file");
    assert_text_eq(&text, common);
}

#[test]
fn a_pull_policy_that_releases_share() {
    let why = |path: &str, other: &str| {
        format!(
            " is not written: {path} is the pull policy of {other}, too, which should be otherwise: give them values of their own [wrong-pull-policy]\n"
        )
    };
    let at = "common.yaml:1:22: warning: Application n/";
    let of_foo = why("global.pullPolicy", "quay.io/acme/bar");
    // The image's name is not moved yet where its policy is told.
    let of_bar = why("global.pullPolicy", "quay.io/acme/foo");
    // One of the two is to have another one than the other has, by its profile or because it keeps its own.
    for other in ["IfNotPresent", "keep"] {
        left_as_shared(
            &policies("Always", other),
            "global: {pullPolicy: IfNotPresent}\n",
            "{x: y}",
            &format!("{at}foo: pull policy IfNotPresent → Always{of_foo}"),
        );
    }
    left_as_shared(
        &policies("Always", "IfNotPresent"),
        "global: {pullPolicy: Never}\n",
        "{x: y}",
        &format!(
            "{at}bar: pull policy Never → IfNotPresent{of_bar}{at}foo: pull policy Never → Always{of_foo}"
        ),
    );
    // All agree.
    fixed(
        &policies("Always", "Always"),
        &[
            ("common.yaml", "global: {pullPolicy: Never}\n"),
            ("bar.yaml", &installed("bar", "{x: y}")),
            (
                "foo.yaml",
                &installed(
                    "foo",
                    "{foo: {repository: r.example.com/foo}, global: {secrets: [regcred]}}",
                ),
            ),
        ],
        &[("common.yaml", "global: {pullPolicy: Always}\n")],
    );
}

#[test]
fn a_list_of_pull_secrets_that_releases_share() {
    let config = policies("keep", "keep");
    left_as_shared(
        &config,
        "global: {secrets: []}\n",
        "{x: y}",
        "common.yaml:1:19: warning: Application n/foo: pull secrets (none) → [regcred] is not written: the list is that of quay.io/acme/bar, too, which needs no pull secret regcred: give them lists of their own, or list it there [missing-pull-secret]\n",
    );
    // It has its own, or it is there already.
    for (common, own) in [
        (
            "global: {secrets: [{name: x}]}\n",
            "{foo: {repository: r.example.com/foo}, global: {secrets: [{name: regcred}]}}",
        ),
        (
            "global: {secrets: [{name: regcred}]}\n",
            "{foo: {repository: r.example.com/foo}}",
        ),
    ] {
        left_as_shared(&config, common, own, "");
    }
}

/// One policy of two images of one chart, of which one keeps its own.
#[test]
fn a_pull_policy_that_images_share() {
    let with = |policy: &str| {
        config(&format!(
            "agents:\n- name: foo\n  images: [{{image: quay.io/acme/foo, imagePullPolicy: Always}}, {{image: quay.io/acme/bar, imagePullPolicy: {policy}}}]\n  charts:\n  - name: foo\n    images:\n    - {{repository: {{path: foo.repository, default: quay.io/acme/foo}}, tag: foo.tag, imagePullPolicy: {{path: foo.policy, fallbacks: [policy]}}}}\n    - {{repository: {{path: bar.repository, default: quay.io/acme/bar}}, tag: bar.tag, imagePullPolicy: {{path: bar.policy, fallbacks: [policy]}}}}\n"
        ))
    };
    let values = "policy: IfNotPresent\nfoo: {tag: v1}\nbar: {tag: v1}\n";
    let input = release("{chart: foo}", values);
    check(
        &with("keep"),
        &input,
        &input,
        "warning: HelmRelease n/r: pull policy IfNotPresent → Always is not written: spec.values.policy is the pull policy of quay.io/acme/bar:v1, too, which should be otherwise: give them values of their own [wrong-pull-policy]\n",
    );
    check(
        &with("Always"),
        &input,
        &input.replace("policy: IfNotPresent", "policy: Always"),
        "info: HelmRelease n/r: pull policy IfNotPresent → Always [wrong-pull-policy]\n",
    );
}

/// A key that is made in the values of a chart counts in whatever brings that chart, in each environment.
#[test]
fn a_policy_of_a_chart_within_a_chart_is_that_of_every_environment() {
    let config = config(
        "agents:
- name: acme
  images: [{image: quay.io/acme/agent, tag: keep, imagePullPolicy: Always}]
  charts:
  - name: acmechart
    images:
    - registry: {path: image.registry, default: quay.io, overriddenBy: [global.imageRegistry]}
      repository: {path: image.repository, default: acme/agent}
      tag: image.tag
      imagePullPolicy: image.pullPolicy
registries: [{source: ghcr.io, mirror: m.example.com/ghcr}]
",
    );
    let values = "image: {registry: quay.io, repository: acme/agent, tag: v1}\n";
    let chart = "apiVersion: v2\nname: acmechart\nversion: 1.2.3\n";
    let around = "apiVersion: v2\nname: umb\nversion: 0.1.0\ndependencies: [{name: acmechart, alias: my, version: 1.2.3, repository: 'https://charts.acme.example/x'}]\n";
    let files = |dev| {
        [
            ("umb/Chart.yaml", around),
            ("umb/values.yaml", "z: 1\n"),
            ("umb/values-dev.yaml", dev),
            ("umb/charts/acmechart/Chart.yaml", chart),
            ("umb/charts/acmechart/values.yaml", values),
        ]
    };
    let made = values.replace("v1}", "v1, pullPolicy: Always}");
    let after = [
        ("umb/charts/acmechart/values.yaml", made.as_str()),
        (
            "umb/values.yaml",
            "z: 1\nmy:\n  image:\n    pullPolicy: Always\n",
        ),
    ];
    fixed(&config, &files("z: 2\n"), &after);
    fixed(&config, &files("global: {imageRegistry: ghcr.io}\n"), &[]);
}
