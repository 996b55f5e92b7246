//! What an image is in values: what profiles know of their charts, and what has the shape of one.

use super::{check, config, release, restored};
use crate::support::assert_text_eq;

/// Five rules for five images, to one private registry.
const PRIVATE: &str = "\
agents: [cloudzero-agent]
registries:
- {source: ghcr.io/cloudzero/cloudzero-agent, mirror: example.com/cloudzero-agent}
- {source: docker.io/grafana, mirror: example.com/grafana}
- {source: quay.io/prometheus, mirror: example.com/prometheus}
- {source: quay.io/prometheus-operator, mirror: example.com/prometheus-operator}
- {source: registry.k8s.io/kube-state-metrics, mirror: example.com/kube-state-metrics}
imagePullSecrets: [my-private-registry-secret]
";

/// The complete example of a private registry in CloudZero's documentation, as its chart reads it:
/// kube-state-metrics has its secrets under `imagePullSecrets`, and so have most pods before 1.2.10.
const COMPLETE: &str = r#"apiKey: "your-cloudzero-api-key"
clusterName: "your-cluster-name"
components:
  agent:
    image:
      repository: example.com/cloudzero-agent/cloudzero-agent
    clusteredNode:
      image:
        repository: example.com/grafana/alloy
  prometheus:
    image:
      repository: example.com/prometheus/prometheus
  prometheusReloader:
    image:
      repository: example.com/prometheus-operator/prometheus-config-reloader
imagePullSecrets:
- name: my-private-registry-secret
defaults:
  image:
    pullSecrets:
    - name: my-private-registry-secret
kubeStateMetrics:
  image:
    registry: example.com
    repository: kube-state-metrics/kube-state-metrics
  imagePullSecrets:
  - name: my-private-registry-secret
"#;

const BASIC: &str = "apiKey: \"your-cloudzero-api-key\"\nclusterName: \"your-cluster-name\"\n";

#[test]
fn the_complete_example_comes_out_of_two_keys() {
    let chart = "{chart: cloudzero-agent, version: 1.2.9}";
    let config = config(PRIVATE);
    let (text, _) = restored(&config, &release(chart, BASIC));
    assert_text_eq(&text, &release(chart, COMPLETE));
    assert_text_eq(&restored(&config, &text).0, &text);
}

#[test]
fn a_newer_chart_gets_no_key_that_it_does_not_have() {
    let chart = "{chart: cloudzero-agent, version: 1.2.13}";
    let (text, _) = restored(&config(PRIVATE), &release(chart, BASIC));
    let newer = COMPLETE
        .replace(
            "    clusteredNode:\n      image:\n        repository: example.com/grafana/alloy\n",
            "",
        )
        .replace("  prometheusReloader:\n    image:\n      repository: example.com/prometheus-operator/prometheus-config-reloader\n", "")
        .replacen("imagePullSecrets:\n- name: my-private-registry-secret\n", "", 1);
    assert_text_eq(&text, &release(chart, &newer));
}

#[test]
fn without_rules_the_example_goes_back_to_the_official_images() {
    let chart = "{chart: cloudzero-agent, version: 1.2.9}";
    let (text, _) = restored(
        &config("agents: [cloudzero-agent]\n"),
        &release(chart, COMPLETE),
    );
    let official = COMPLETE
        .replace(
            "example.com/cloudzero-agent/cloudzero-agent",
            "ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent",
        )
        .replace("example.com/grafana", "docker.io/grafana")
        .replace("example.com/prometheus", "quay.io/prometheus")
        .replace("registry: example.com", "registry: registry.k8s.io");
    assert_text_eq(&text, &release(chart, &official));
}

#[test]
fn without_a_rule_nothing_is_added() {
    let input = release("{chart: cloudzero-agent, version: 1.2.9}", BASIC);
    check(&config("agents: [cloudzero-agent]\n"), &input, &input, "");
}

#[test]
fn values_of_a_known_agent_are_judged() {
    let config = config("agents: [datadog]\n");
    check(
        &config,
        &release(
            "{chart: datadog}",
            "agents: {image: {repository: mirror.example.net/datadog/agent, tag: 7.60.0}}\n",
        ),
        &release(
            "{chart: datadog}",
            "agents: {image: {repository: registry.datadoghq.com/agent, tag: 7.60.0}}\n",
        ),
        "info: HelmRelease n/r: wrong registry or path: mirror.example.net/datadog/agent:7.60.0 → registry.datadoghq.com/agent:7.60.0 [wrong-registry]\n",
    );
}

#[test]
fn a_chart_that_nobody_knows_is_read_by_its_shape() {
    let rules = "registries: [{source: ghcr.io, mirror: m.example.com/ghcr, scope: all}]\n";
    let values = |name: &str| {
        format!(
            "controllers: {{app: {{containers: {{app: {{image: {{repository: {name}, tag: \"5.2\"}}}}}}}}}}\n"
        )
    };
    let chart = "{chart: app-template}";
    check(
        &config(rules),
        &release(chart, &values("ghcr.io/acme/radio")),
        &release(chart, &values("m.example.com/ghcr/acme/radio")),
        "info: HelmRelease n/r: wrong registry or path: ghcr.io/acme/radio:5.2 → m.example.com/ghcr/acme/radio:5.2 [wrong-registry]\n",
    );
    let input = release(chart, &values("ghcr.io/acme/radio"));
    for word in ["profiles", "none"] {
        check(
            &config(&format!("{rules}values: {word}\n")),
            &input,
            &input,
            "",
        );
    }
}

/// What is an image by its shape alone, and what is not: `quay.io` in it is mapped, or stays.
#[test]
fn only_images_have_the_shape_of_one() {
    let rules = "registries: [{source: quay.io, mirror: m.example.com/q, scope: all}]\n";
    let mapped = [
        "image: {repository: quay.io/a/b, tag: v1}",
        "image: {repository: quay.io/a/b}",
        "image: {registry: quay.io, repository: a/b}",
        "sidecarImage: {repository: quay.io/a/b, version: v1}",
        "csi: {attacher: {repository: quay.io/a/b, tag: v1}}",
        "images: {agent: {repository: quay.io/a/b, pullPolicy: Always}}",
        "list: [{image: {repository: quay.io/a/b, tag: v1}}]",
        "image: quay.io/a/b:v1",
        "init: {initImage: quay.io/a/b}",
        "containers: [{name: a, image: \"quay.io/a/b\"}]",
    ];
    let stays = [
        "source: {repository: quay.io/a/b, revision: main}",
        "git: {repository: quay.io/a/b, tag: v1}",
        "gitops: {repository: https://quay.io/a/b.git, branch: main, tag: v1}",
        "chart: {repository: quay.io/a/charts, version: 1.0.0}",
        "chart: {repository: oci://quay.io/a/charts, tag: 1.0.0}",
        "module: {source: quay.io/a/b, version: 1.0.0}",
        "npm: {registry: quay.io}",
        "registry: quay.io",
        "repository: {name: quay.io/a/b, tag: v1}",
        "backgroundImage: quay.io/a/b.png",
        "image: pilot",
        "image: https://quay.io/a/b",
        "text: |\n  image: quay.io/a/b",
        "args: [--image=quay.io/a/b]",
    ];
    for values in mapped {
        let input = release("{chart: c}", values);
        let (text, said) = restored(&config(rules), &input);
        assert!(text.contains("m.example.com/q"), "{values}\n{text}{said}");
        assert!(said.contains("[wrong-registry]"), "{said}");
    }
    for values in stays {
        let input = release("{chart: c}", values);
        check(&config(rules), &input, &input, "");
    }
    // What is filled in elsewhere may be one.
    for (template, quote) in [("${REPO}", '"'), ("{{ .Values.reg }}", '\'')] {
        let values = format!("image: {{repository: {quote}{template}/a/b{quote}, tag: v1}}");
        let input = release("{chart: c}", &values);
        let told = format!(
            "info: HelmRelease n/r: {template}/a/b is not checked: it is a template that is filled in elsewhere [unread-source]\n"
        );
        check(&config(rules), &input, &input, &told);
    }
}

#[test]
fn a_registry_that_is_not_written_is_the_charts() {
    let rules = "registries: [{source: docker.io, mirror: m.example.com/hub, scope: all}]\n";
    let input = release("{chart: c}", "image: {repository: a/b, tag: v1}");
    check(
        &config(rules),
        &input,
        &input,
        "warning: HelmRelease n/r: a/b:v1 → m.example.com/hub/a/b is not written: the chart may put a registry of its own before it: write the registry, too [unresolved-image]\n",
    );
    // What a profile knows is settled.
    let rules = "\
agents: [cloudzero-agent]
registries:
- {source: docker.io, mirror: acr.example.com/hub}
- {source: quay.io, mirror: acr.example.com/quay}
- {source: registry.k8s.io, mirror: acr.example.com/k8s}
";
    check(
        &config(rules),
        &release(
            "{chart: cloudzero-agent}",
            "components: {prometheus: {image: {repository: acr.example.com/quay/prometheus/prometheus}}}\nkubeStateMetrics:\n  image: {repository: kube-state-metrics/kube-state-metrics, tag: v2.15.0}\n",
        ),
        &release(
            "{chart: cloudzero-agent}",
            "components: {prometheus: {image: {repository: acr.example.com/quay/prometheus/prometheus}}}\nkubeStateMetrics:\n  image: {repository: kube-state-metrics/kube-state-metrics, tag: v2.15.0, registry: acr.example.com/k8s}\n",
        ),
        "info: HelmRelease n/r: wrong registry or path: registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.15.0 → acr.example.com/k8s/kube-state-metrics/kube-state-metrics:v2.15.0 [wrong-registry]\n",
    );
}

/// external-dns keeps its records in a `registry`, which is none of images.
#[test]
fn a_word_under_registry_is_no_registry_where_no_chart_is_named() {
    let rules = "registries: [{source: docker.io, mirror: m.example.com/hub, scope: all}]\n";
    let input = release("", "policy: sync\nregistry: txt\n");
    assert_text_eq(&restored(&config(rules), &input).0, &input);
}

#[test]
fn a_number_is_no_tag() {
    let rules = "registries: [{source: quay.io, mirror: m.example.com/q, scope: all}]\n";
    for (tag, printed) in [
        ("20240101", Some("2.0240101e+07")),
        ("1.10", Some("1.1")),
        ("1e3", Some("1000")),
        ("0x1F", Some("31")),
        ("0123", Some("83")),
        ("1.0", Some("1")),
        ("1234567", Some("1.234567e+06")),
        ("123456", None),
        ("0890", Some("890")),
        ("3.10.0", None),
        ("1.25", None),
        ("\"1.10\"", None),
    ] {
        let input = release(
            "{chart: c}",
            &format!("image: {{repository: m.example.com/q/a/b, tag: {tag}}}"),
        );
        let plain = tag.trim_matches('"');
        let told = printed.map_or(String::new(), |printed| {
            format!("warning: HelmRelease n/r: the tag {plain} is a number, which Helm prints as {printed}: quote it (\"{plain}\") [unresolved-image]\n")
        });
        check(&config(rules), &input, &input, &told);
    }
    // `--set` takes text.
    let input = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec:\n  source:\n    chart: c\n    helm:\n      valuesObject: {image: {repository: m.example.com/q/a/b}}\n      parameters:\n      - {name: image.tag, value: \"20240101\"}\n";
    check(&config(rules), input, input, "");
}

#[test]
fn a_list_of_names_keeps_its_form() {
    let rules = "registries: [{source: quay.io, mirror: m.example.com/q, scope: all}]\nimagePullSecrets: [mirror]\n";
    let values = |name: &str, secrets: &str| {
        format!("image:\n  repository: {name}\n  tag: v1\n  pullSecrets: {secrets}\n")
    };
    for (before, after) in [
        ("[regcred]", "[regcred, mirror]"),
        ("[{name: regcred}]", "[{name: regcred}, {name: mirror}]"),
        ("[]", "\n  - name: mirror"),
        ("\n  - regcred", "\n  - regcred\n  - mirror"),
    ] {
        let chart = "{chart: c}";
        let (text, said) = restored(
            &config(rules),
            &release(chart, &values("quay.io/a/b", before))
                .replace("pullSecrets: \n", "pullSecrets:\n"),
        );
        assert_text_eq(
            &text,
            &release(chart, &values("m.example.com/q/a/b", after))
                .replace("pullSecrets: \n", "pullSecrets:\n"),
        );
        let old = if before == "[]" {
            "(none)"
        } else {
            "[regcred]"
        };
        assert!(said.contains(&format!("pull secrets {old} → ")), "{said}");
    }
}

#[test]
fn the_list_that_counts_gets_the_secret() {
    let rules = "\
agents: [cloudzero-agent]
registries: [{source: ghcr.io/cloudzero, mirror: m.example.com/cz}]
imagePullSecrets: [mirror]
";
    let chart = "{chart: cloudzero-agent}";
    let mapped = "m.example.com/cz/cloudzero-agent/cloudzero-agent";
    let official = "ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent";
    for (before, after, lists) in [
        // Parents are made.
        (
            "components:\n  agent:\n    image:\n      repository: NAME\n",
            "components:\n  agent:\n    image:\n      repository: NAME\ndefaults:\n  image:\n    pullSecrets:\n    - name: mirror\n",
            1,
        ),
        // The component's list hides the default one, which other pods read, and that one the root's.
        (
            "components: {agent: {image: {repository: NAME, pullSecrets: [{name: a}]}}}\ndefaults: {image: {pullSecrets: [{name: b}]}}\n",
            "components: {agent: {image: {repository: NAME, pullSecrets: [{name: a}, {name: mirror}]}}}\ndefaults: {image: {pullSecrets: [{name: b}, {name: mirror}]}}\n",
            2,
        ),
        (
            "components: {agent: {image: {repository: NAME}}}\nimagePullSecrets: [{name: c}]\n",
            "components: {agent: {image: {repository: NAME}}}\nimagePullSecrets: [{name: c}, {name: mirror}]\n",
            1,
        ),
    ] {
        let (text, said) = restored(
            &config(rules),
            &release(chart, &before.replace("NAME", official)),
        );
        assert_text_eq(&text, &release(chart, &after.replace("NAME", mapped)));
        assert_eq!(
            said.matches("[missing-pull-secret]").count(),
            lists,
            "{said}"
        );
        assert_text_eq(&restored(&config(rules), &text).0, &text);
    }
}

/// A secret that has no place is left, and told so that `fix` does not end as if all were right.
#[test]
fn a_secret_for_which_there_is_no_place_is_a_warning() {
    let rules = "\
agents:
- name: foo
  images: [{image: quay.io/acme/foo}]
  charts:
  - name: foo
    images:
    - repository: {path: image.repository, default: quay.io/acme/foo}
      tag: image.tag
      imagePullSecrets: {path: imagePullSecret, form: text}
registries: [{source: quay.io, mirror: r.example.com}]
imagePullSecrets: [mirror]
";
    let before = "image: {repository: quay.io/acme/foo}\nimagePullSecret: old\n";
    let (_, told) = restored(&config(rules), &release("{chart: foo}", before));
    let says = "warning: HelmRelease n/r: pull secrets [old] → [old, mirror] is not written: it holds the name of one secret: add it to that secret [missing-pull-secret]\n";
    assert!(told.contains(says), "{told}");
}

/// The name is the chart's own, and version and policy are written: they are judged, and told.
#[test]
fn a_version_and_a_policy_beside_a_default_name_are_judged() {
    let config = config(
        "\
agents:
- name: foo
  images: [{image: quay.io/acme/foo, tag: floating, floatingTags: [v1], imagePullPolicy: Always}]
  charts:
  - name: foo
    images:
    - repository: {path: image.repository, default: quay.io/acme/foo}
      tag: image.tag
      imagePullPolicy: image.pullPolicy
",
    );
    for (before, after, told) in [
        (
            "image: {tag: v1.0.9}\n",
            "image: {tag: v1}\n",
            "info: HelmRelease n/r: tag v1.0.9 keeps the agent from upgrading itself: quay.io/acme/foo:v1.0.9 → quay.io/acme/foo:v1 [pinned-tag]\n",
        ),
        (
            "image: {pullPolicy: IfNotPresent}\n",
            "image: {pullPolicy: Always}\n",
            "info: HelmRelease n/r: pull policy IfNotPresent → Always [wrong-pull-policy]\n",
        ),
        (
            "image: {pullPolicy: Always}\n",
            "image: {pullPolicy: Always}\n",
            "",
        ),
    ] {
        check(
            &config,
            &release("{chart: foo}", before),
            &release("{chart: foo}", after),
            told,
        );
    }
}

/// Where a list and the mapping that holds it end together, its item comes before a new key.
#[test]
fn a_secret_and_a_key_at_one_place_keep_their_order() {
    let rules = "\
agents:
- name: foo
  images: [{image: quay.io/acme/foo}]
  charts:
  - name: foo
    images:
    - repository: {path: image.repository, default: quay.io/acme/foo}
      tag: image.tag
      imagePullSecrets: image.pullSecrets
registries: [{source: quay.io, mirror: r.example.com}]
imagePullSecrets: [mirror]
";
    let chart = "{chart: foo}";
    for indent in ["", "  "] {
        let before = format!("image:\n  pullSecrets:\n  {indent}- name: old\n");
        let after =
            format!("{before}  {indent}- name: mirror\n  repository: r.example.com/acme/foo\n");
        let (text, _) = restored(&config(rules), &release(chart, &before));
        assert_text_eq(&text, &release(chart, &after));
    }
}

#[test]
fn versions_that_were_not_tested_together_are_told() {
    let input = release(
        "{chart: cloudzero-agent, version: 1.2.13}",
        "components:\n  agent: {image: {tag: 1.2.9, repository: ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent}}\n  prometheus: {image: {repository: quay.io/prometheus/prometheus, tag: v3.7.2}}\n",
    );
    check(
        &config("agents: [cloudzero-agent]\n"),
        &input,
        &input,
        "warning: HelmRelease n/r: quay.io/prometheus/prometheus:v3.7.2 is untested in cloudzero-agent 1.2.9: the vendor tested quay.io/prometheus/prometheus:v3.7.3 [untested-version]\n",
    );
    // What the release does not have stays, since nobody says that its official name exists.
    let input = release(
        "{chart: cloudzero-agent, version: 1.2.9}",
        "components:\n  agent:\n    image: {tag: 1.2.13}\n    clusteredNode: {image: {repository: example.com/grafana/alloy, tag: 1.2.13}}\n  prometheus: {image: {tag: v3.10.0-distroless}}\nkubeStateMetrics: {image: {tag: v2.17.0}}\n",
    );
    let (text, said) = restored(&config("agents: [cloudzero-agent]\n"), &input);
    assert_text_eq(&text, &input);
    let told = "example.com/grafana/alloy:1.2.13 is untested in cloudzero-agent 1.2.13: the vendor has no docker.io/grafana/alloy in it, so it stays [untested-version]\n";
    assert!(said.contains(told), "{said}");
}

/// Parts with keys of their own beside each other, in either way of writing.
#[test]
fn an_image_in_keys_beside_each_other() {
    let rule = "registries: [{source: quay.io, mirror: m.example.com, scope: all}, {source: docker.io, mirror: m.example.com/hub, scope: all}]\n";
    check(
        &config(rule),
        &release(
            "{chart: x}",
            "imageRepository: quay.io/acme/a\nimageTag: v1\nside:\n  init_image_repository: quay.io/acme/b\n  init_image_tag: v2\nbackup: {imageRepository: radio}\ncharts: {imageRepository: https://charts.example.com/x}\n",
        ),
        &release(
            "{chart: x}",
            "imageRepository: m.example.com/acme/a\nimageTag: v1\nside:\n  init_image_repository: m.example.com/acme/b\n  init_image_tag: v2\nbackup: {imageRepository: radio}\ncharts: {imageRepository: https://charts.example.com/x}\n",
        ),
        "info: HelmRelease n/r: wrong registry or path: quay.io/acme/a:v1 → m.example.com/acme/a:v1 [wrong-registry]\n\
         info: HelmRelease n/r: wrong registry or path: quay.io/acme/b:v2 → m.example.com/acme/b:v2 [wrong-registry]\n",
    );
}

/// Behind an empty registry, a word may be half of a name that the chart joins.
#[test]
fn a_word_behind_an_empty_registry_is_told() {
    let rule = "registries: [{source: docker.io, mirror: m.example.com/hub, scope: all}]\n";
    let input = release(
        "{chart: x}",
        "image: {registry: \"\", repository: radio, tag: v1}\n",
    );
    check(
        &config(rule),
        &input,
        &input,
        "warning: HelmRelease n/r: radio:v1 → m.example.com/hub/library/radio is not written: the chart may put a registry of its own before it: write the registry, too [unresolved-image]\n",
    );
}

/// A policy that the chart does not have is written with the name, not by a second run.
#[test]
fn a_policy_is_made_with_the_name() {
    let rules = |rule: &str| {
        config(&format!(
            "\
agents:
- name: foo
  images: [{{image: quay.io/acme/foo, imagePullPolicy: Always}}]
  charts:
  - name: foo
    images:
    - repository: {{path: image.repository, default: quay.io/acme/foo}}
      imagePullPolicy: image.pullPolicy
registries: [{rule}]
"
        ))
    };
    let before = release("{chart: foo}", "a: b\n");
    check(
        &rules("{source: quay.io, mirror: r.example.com}"),
        &before,
        &release(
            "{chart: foo}",
            "a: b\nimage:\n  repository: r.example.com/acme/foo\n  pullPolicy: Always\n",
        ),
        "info: HelmRelease n/r: pull policy (missing) → Always [wrong-pull-policy]\n\
         info: HelmRelease n/r: the chart's default image does not come from the mirror: quay.io/acme/foo → r.example.com/acme/foo [wrong-registry]\n",
    );
    check(&rules(""), &before, &before, "");
}

/// Datadog's template takes the default by site where `registry` is empty, as its own values have it.
#[test]
fn a_default_of_the_template_counts_where_the_key_is_empty() {
    let rules = config(
        "agents: [datadog]\nregistries: [{source: registry.datadoghq.com, mirror: r.example.com/dd}]\n",
    );
    for empty in ["registry:\n", "registry: \"\"\n", "registry: null\n"] {
        let (text, said) = restored(&rules, &release("{chart: datadog}", empty));
        let written = match empty {
            "registry: \"\"\n" => "registry: \"r.example.com/dd\"\n",
            _ => "registry: r.example.com/dd\n",
        };
        let all =
            format!("{written}operator:\n  image:\n    repository: r.example.com/dd/operator\n");
        assert_text_eq(&text, &release("{chart: datadog}", &all));
        assert!(said.contains("[wrong-registry]"), "{said}");
    }
    let official = config("agents: [datadog]\n");
    let input = release("{chart: datadog}", "registry:\n");
    check(&official, &input, &input, "");
}

/// A pair that is made behind one without a value in braces comes behind its colon.
#[test]
fn a_pair_behind_one_without_a_value() {
    let config = config(
        "agents:
- name: acme
  images: [{image: quay.io/acme/agent, tag: keep}]
  charts:
  - name: acme
    images:
    - registry: {path: x.registry, default: quay.io}
      repository: {path: x.name, default: acme/agent}
registries: [{source: quay.io, mirror: m.example.com/quay}]
",
    );
    for (before, after) in [
        (
            "{x: {registry: }}",
            "{x: {name: m.example.com/quay/acme/agent, registry: }}",
        ),
        (
            "{x: {registry: ~}}",
            "{x: {registry: ~, name: m.example.com/quay/acme/agent}}",
        ),
        // On a line of its own, alone and before a comment.
        (
            "x: {\n  registry:\n  }",
            "x: {\n  name: m.example.com/quay/acme/agent,\n  registry:\n  }",
        ),
        (
            "x: {\n  registry: # none\n  }",
            "x: {\n  name: m.example.com/quay/acme/agent,\n  registry: # none\n  }",
        ),
        (
            "x: {\n  y: z,\n  registry:\n  }",
            "x: {\n  y: z,\n  name: m.example.com/quay/acme/agent,\n  registry:\n  }",
        ),
    ] {
        let (text, said) = restored(&config, &release("{chart: acme}", before));
        assert_text_eq(&text, &release("{chart: acme}", after));
        assert!(!said.contains("[unresolved-image]"), "{said}");
    }
}
