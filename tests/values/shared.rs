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

/// A registry that two releases read from one ConfigMap, of which one has no repository that is known.
#[test]
fn a_registry_of_an_image_that_nobody_knows() {
    let release = |name: &str, values: &str| {
        format!(
            "---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: {name}, namespace: n}}\nspec:\n  chart: {{spec: {{chart: {name}}}}}\n  valuesFrom: [{{kind: ConfigMap, name: v}}]\n  values: {values}\n"
        )
    };
    let map = |registry: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: v, namespace: n}}\ndata:\n  values.yaml: |\n    image: {{registry: {registry}, tag: v1}}\n"
        )
    };
    let two = release("two", "{image: {repository: acme/two}}");
    let folder = tempfile::tempdir().expect("a folder");
    let both = format!(
        "{}{two}{}",
        map("docker.io"),
        release("one", "{replicas: 1}")
    );
    write_files(folder.path(), &[("a.yaml", &both)]);
    let rules =
        config("registries: [{source: docker.io/acme, mirror: m.example.com/acme, scope: all}]\n");
    write_files(folder.path(), &[("restore-images.yaml", &rules)]);
    assert_text_eq(
        &warnings(folder.path()),
        "a.yaml:14:32: warning: HelmRelease n/two: docker.io/acme/two:v1 → m.example.com/acme/two:v1 is not written: image.registry is part of docker.io/an-image/of-the-chart, too, which should be otherwise: give them values of their own [unresolved-image]\n",
    );
    let text = std::fs::read_to_string(folder.path().join("a.yaml")).expect("a file");
    assert_text_eq(&text, &both);
    // Alone, it moves.
    fixed(
        &rules,
        &[("a.yaml", &format!("{}{two}", map("docker.io")))],
        &[("a.yaml", &format!("{}{two}", map("m.example.com")))],
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
        let told =
            "nobody knows which image the chart takes from this registry: look at what is rendered";
        assert_eq!(said.matches(told).count(), count, "{values}{said}");
        assert!(said.contains("0 images read"), "{said}");
    }
}
