//! Images in parts: registry, repository, tag and digest in values of their own.

use super::{CONFIG, check, rules};

/// Parts in an Alloy resource, which has places for all of them; `rules` are among the findings.
#[track_caller]
fn check_parts(config: &str, image: &str, expected: &str, rule: &str) {
    let text = |image: &str| {
        format!(
            "apiVersion: collectors.grafana.com/v1alpha1\nkind: Alloy\nmetadata: {{name: a}}\nspec:\n  image:\n{image}    pullPolicy: Always\n"
        )
    };
    let run = check(config, &text(image), &text(expected));
    assert!(rules(&run).contains(rule), "{rule}: {}", run.stderr);
}

#[test]
fn only_the_parts_that_differ_are_written() {
    // The registry alone.
    check_parts(
        CONFIG,
        "    registry: registry.local:5000 # hub\n    repository: t/agent\n    tag: latest\n",
        "    registry: acme.io # hub\n    repository: t/agent\n    tag: latest\n",
        "wrong-registry",
    );
    // The tag alone.
    check_parts(
        CONFIG,
        "    registry: 'acme.io'\n    repository: \"t/agent\"\n    tag: '1.10'\n",
        "    registry: 'acme.io'\n    repository: \"t/agent\"\n    tag: 'latest'\n",
        "pinned-tag",
    );
    // The path, which never holds the registry where that has a key of its own.
    check_parts(
        CONFIG,
        "    tag: v1\n    repository: hub/cache/t/agent\n    registry: registry.local:5000\n",
        "    tag: latest\n    repository: t/agent\n    registry: acme.io\n",
        "wrong-registry",
    );
    // Docker Hub has a name where a key asks for one.
    check_parts(
        CONFIG,
        "    registry: registry.local:5000\n    repository: hub/acme/hub-agent\n    tag: v1\n",
        "    registry: docker.io\n    repository: acme/hub-agent\n    tag: latest\n",
        "wrong-registry",
    );
    // Nothing differs.
    check_parts(
        CONFIG,
        "    registry: acme.io\n    repository: t/agent\n    tag: latest\n",
        "    registry: acme.io\n    repository: t/agent\n    tag: latest\n",
        "unmatched-agent",
    );
}

#[test]
fn a_mirror_goes_into_the_parts() {
    let config = format!(
        "{CONFIG}  registries:\n  - {{source: acme.io, mirror: registry.example.com/mirrors/acme}}\n"
    );
    check_parts(
        &config,
        "    registry: acme.io\n    repository: t/agent\n    tag: v1\n",
        "    registry: registry.example.com\n    repository: mirrors/acme/t/agent\n    tag: latest\n",
        "wrong-registry",
    );
    check_parts(
        &config,
        "    registry: registry.example.com\n    repository: mirrors/acme/t/agent\n    tag: v1\n",
        "    registry: registry.example.com\n    repository: mirrors/acme/t/agent\n    tag: latest\n",
        "pinned-tag",
    );
}

const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

#[test]
fn a_digest_goes_from_its_part() {
    // In its own value, which becomes empty: what reads it takes that for none.
    check_parts(
        CONFIG,
        &format!(
            "    registry: acme.io\n    repository: t/agent\n    tag: v1\n    digest: \"{DIGEST}\"\n"
        ),
        "    registry: acme.io\n    repository: t/agent\n    tag: latest\n    digest: \"\"\n",
        "pinned-digest",
    );
    // Behind the tag.
    check_parts(
        CONFIG,
        &format!("    registry: acme.io\n    repository: t/agent\n    tag: \"v1@{DIGEST}\"\n"),
        "    registry: acme.io\n    repository: t/agent\n    tag: \"latest\"\n",
        "pinned-digest",
    );
}

/// A kept digest stays in the form in which it is written.
#[test]
fn a_digest_is_kept_in_its_form() {
    let config = CONFIG.replace(
        "{image: 'acme.io/t/agent:latest', tag: floating",
        "{image: 'acme.io/t/agent', tag: keep",
    );
    let hex = DIGEST.trim_start_matches("sha256:");
    let text = |name: &str| {
        format!(
            "apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {{name: p}}\nspec:\n  baseImage: {name}\n  sha: {hex}\n  imagePullPolicy: Always\n"
        )
    };
    check(
        &config,
        &text("registry.local:5000/t/agent"),
        &text("acme.io/t/agent"),
    );
}

/// No tag cannot be said where a tag has a place of its own: empty, it means the operator's version.
#[test]
fn what_the_parts_cannot_say_is_left_and_reported() {
    let text = |name: &str, tag: &str| {
        format!(
            "apiVersion: logging.banzaicloud.io/v1beta1\nkind: SyslogNGConfig\nmetadata: {{name: s}}\nspec:\n  syslogNGImage:\n    repository: {name}\n    tag: {tag}\n"
        )
    };
    let pinned = text(
        "registry.local:5000/realtheory/theory-k8s-collector",
        "v1.3.11836",
    );
    let run = check(CONFIG, &pinned, &pinned);
    assert!(rules(&run).contains("unresolved-image"), "{}", run.stderr);
    check(
        CONFIG,
        &text(
            "registry.local:5000/realtheory/theory-k8s-collector",
            "latest",
        ),
        &text("realtheory/theory-k8s-collector", "latest"),
    );
}

/// A registry that two images share is written only if both want the same one.
#[test]
fn a_part_that_images_share_moves_for_all_of_them_or_for_none() {
    let config = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  registries:
  - {source: quay.io/acme, mirror: r.example.com/m, scope: all}
  fields:
  - {apiVersion: example.com/v1, kind: Pair, registry: $.spec.registry, repository: $.spec.one, tag: $.spec.tag}
  - {apiVersion: example.com/v1, kind: Pair, registry: $.spec.registry, repository: $.spec.two, tag: $.spec.tag}
";
    let pair = |registry: &str, one: &str, two: &str| {
        format!(
            "apiVersion: example.com/v1\nkind: Pair\nmetadata: {{name: p}}\nspec:\n  registry: {registry}\n  one: {one}\n  two: {two}\n  tag: v1\n"
        )
    };
    check(
        config,
        &pair("quay.io", "acme/one", "acme/two"),
        &pair("r.example.com", "m/one", "m/two"),
    );
    let left = pair("quay.io", "acme/one", "other/two");
    let run = check(config, &left, &left);
    let said = "is not written: a part of it is part of quay.io/other/two:v1, too, which should be otherwise: give them values of their own";
    assert!(run.stderr.contains(said), "{}", run.stderr);
    assert!(rules(&run).contains("unresolved-image"), "{}", run.stderr);
}

/// Where no name is written beside a tag, the operator's own is meant, and stays unwritten.
#[test]
fn a_name_that_is_not_written_is_the_operators() {
    let config = |rules: &str| {
        format!(
            "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n  agents: [instana-agent]\n{rules}"
        )
    };
    let object = |kind: &str, agent: &str, sensor: &str| {
        format!(
            "apiVersion: instana.io/v1\nkind: {kind}\nmetadata: {{name: a}}\nspec:\n  agent:\n    image:\n{agent}  k8s_sensor:\n    image:\n{sensor}"
        )
    };
    let latest = "      tag: latest\n      pullPolicy: Always\n";
    let agent = |text: &str| object("InstanaAgent", text, latest);
    let run = check(
        &config(""),
        &agent("      tag: 1.280.5 # ours\n      pullPolicy: Always\n"),
        &agent("      tag: latest # ours\n      pullPolicy: Always\n"),
    );
    let said = "stdin:7:12: info: InstanaAgent a: tag 1.280.5 keeps the agent from upgrading itself: icr.io/instana/agent:1.280.5 → icr.io/instana/agent:latest [pinned-tag]";
    assert!(run.stderr.starts_with(said), "{}", run.stderr);
    for text in [
        latest,
        "      name: \"\"\n      tag: latest\n      pullPolicy: Always\n",
    ] {
        check(&config(""), &agent(text), &agent(text));
    }
    // The policy alone is a part, too.
    check(
        &config(""),
        &agent("      pullPolicy: IfNotPresent\n"),
        &agent("      pullPolicy: Always\n"),
    );
    check(
        &config(""),
        &object("InstanaAgentRemote", "      tag: 1.2.3\n", latest),
        &object("InstanaAgentRemote", latest, latest),
    );
    // What says nothing of an image names none.
    let nothing = agent("      pullSecrets: []\n");
    check(&config(""), &nothing, &nothing);
    // A mirror has to be named.
    let rules = config("  registries:\n  - {source: icr.io, mirror: registry.example.com/icr}\n");
    check(
        &rules,
        &agent("      tag: 1.280.5\n      pullPolicy: Always\n"),
        &object(
            "InstanaAgent",
            &format!("{latest}      name: registry.example.com/icr/instana/agent\n"),
            &format!("{latest}      name: registry.example.com/icr/instana/k8sensor\n"),
        ),
    );
    // Where no agent is named, the kind says whose it is.
    let nobody = config("").replace("agents: [instana-agent]", "undeclaredMirrors: keep");
    check(
        &nobody,
        &agent("      tag: 1.280.5\n      pullPolicy: Always\n"),
        &agent(latest),
    );
}
