//! Where an image is pulled from, and by which secrets.

use super::{COLLECTOR, check, check_stream, profile};

#[test]
fn an_undeclared_mirror_stays_where_nobody_named_the_agent() {
    let text = |policy: &str| {
        format!(
            "[{{name: c, image: 'reg.corp:5000/hub/realtheory/theory-k8s-collector:v1', imagePullPolicy: {policy}}}]"
        )
    };
    let declared = "  registries:\n  - {source: quay.io, mirror: reg.corp:5000/quay}\n";
    check(
        declared,
        &text("Never"),
        &text("Always"),
        "warning: container c: reg.corp:5000/hub/realtheory/theory-k8s-collector:v1 is under no rule's mirror and stays as it is: declare it with `source: docker.io` and `mirror: reg.corp:5000/hub`, or name the agent realtheory-collector to restore realtheory/theory-k8s-collector [undeclared-mirror]\n\
         info: container c: imagePullPolicy Never → Always [wrong-pull-policy]\n",
    );
    // Named, it is restored.
    check(
        COLLECTOR,
        &text("Always"),
        "[{name: c, image: 'realtheory/theory-k8s-collector', imagePullPolicy: Always}]",
        "info: container c: tag v1 keeps the agent from upgrading itself: reg.corp:5000/hub/realtheory/theory-k8s-collector:v1 → realtheory/theory-k8s-collector [pinned-tag]\n\
         info: container c: wrong registry or path: reg.corp:5000/hub/realtheory/theory-k8s-collector:v1 → realtheory/theory-k8s-collector [wrong-registry]\n",
    );
}

/// Found by fuzzing: the first run mapped the image of another vendor, the second took the result
/// for the agent's, whose path it ends with.
#[test]
fn what_a_rule_for_every_image_mapped_is_no_undeclared_mirror() {
    let spec = "  undeclaredMirrors: restore\n  registries: [{source: docker.io, mirror: reg.corp/hub, scope: all}]\n";
    check(
        spec,
        "[{name: c, image: 'grafana/helm-chart-toolbox-kubectl'}]",
        "[{name: c, image: 'reg.corp/hub/grafana/helm-chart-toolbox-kubectl'}]",
        "info: container c: wrong registry or path: grafana/helm-chart-toolbox-kubectl → reg.corp/hub/grafana/helm-chart-toolbox-kubectl [wrong-registry]\n",
    );
    check(
        spec,
        "[{name: c, image: 'reg.corp/hub/grafana/helm-chart-toolbox-kubectl'}]",
        "[{name: c, image: 'reg.corp/hub/grafana/helm-chart-toolbox-kubectl'}]",
        "",
    );
    // Nor is it one where two rules have it from two places, of which neither is an agent's.
    let shared = "  undeclaredMirrors: restore\n  registries: [{source: docker.io, mirror: reg.corp/hub, scope: all}, {source: quay.io, mirror: reg.corp/hub, scope: all}]\n";
    check(
        shared,
        "[{name: c, image: 'reg.corp/hub/grafana/helm-chart-toolbox-kubectl'}]",
        "[{name: c, image: 'reg.corp/hub/grafana/helm-chart-toolbox-kubectl'}]",
        "",
    );
}

#[test]
fn rules_for_every_image_map_and_bring_their_secrets() {
    let spec = "  agents: [realtheory-collector]\n  imagePullSecrets: [general]\n  registries:\n  - {source: docker.io, mirror: reg.corp/hub, scope: all, imagePullSecrets: [hub]}\n  - {source: ghcr.io/acme, mirror: reg.corp/acme, scope: all}\n  - {source: quay.io, mirror: reg.corp/quay}\n";
    let input = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: sa, namespace: n}\nimagePullSecrets: [{name: account}]\n---\n{apiVersion: apps/v1, kind: Deployment, metadata: {name: d, namespace: n}, spec: {template: {spec: {serviceAccountName: sa, containers: [{name: a, image: realtheory/theory-k8s-collector, imagePullPolicy: Always}, {name: b, image: 'nginx:1.25'}, {name: c, image: ghcr.io/acme/x}, {name: e, image: quay.io/x/y}]}}}}\n";
    let expected = input
        .replace("realtheory/theory-k8s-collector", "reg.corp/hub/realtheory/theory-k8s-collector")
        .replace("'nginx:1.25'", "'reg.corp/hub/library/nginx:1.25'")
        .replace("ghcr.io/acme/x", "reg.corp/acme/x")
        .replace("image: quay.io/x/y}]", "image: quay.io/x/y}], imagePullSecrets: [{name: account}, {name: hub}, {name: general}]");
    check_stream(
        spec,
        input,
        &expected,
        "info: container a: wrong registry or path: realtheory/theory-k8s-collector → reg.corp/hub/realtheory/theory-k8s-collector [wrong-registry]\n\
         info: container b: wrong registry or path: nginx:1.25 → reg.corp/hub/library/nginx:1.25 [wrong-registry]\n\
         info: container c: wrong registry or path: ghcr.io/acme/x → reg.corp/acme/x [wrong-registry]\n\
         info: pull secrets (none) → [account, hub, general] [missing-pull-secret]\n",
    );
    // An image that is on its mirror is left as it is.
    check_stream(spec, &expected, &expected, "");
}

/// Kubernetes gives a pod that lists no secret those of its account; one that lists any gets none of them.
#[test]
fn an_account_gives_its_secrets_to_a_pod_that_lists_none() {
    let spec = "  agents: [realtheory-collector]\n  registries:\n  - {source: docker.io, mirror: reg.corp/hub, imagePullSecrets: [hub]}\n";
    let pod = |account: &str, listed: &str| {
        format!(
            "{{apiVersion: v1, kind: ServiceAccount, metadata: {{name: sa, namespace: n}}, imagePullSecrets: [{account}]}}\n---\n{{apiVersion: v1, kind: Pod, metadata: {{name: p, namespace: n}}, spec: {{serviceAccountName: sa, containers: [{{name: a, image: reg.corp/hub/realtheory/theory-k8s-collector, imagePullPolicy: Always}}]{listed}}}}}\n"
        )
    };
    for listed in ["", ", imagePullSecrets: []"] {
        let given = pod("{name: other}, {name: hub}", listed);
        check_stream(spec, &given, &given, "");
    }
    check_stream(
        spec,
        &pod("{name: hub}", ", imagePullSecrets: [{name: mine}]"),
        &pod(
            "{name: hub}",
            ", imagePullSecrets: [{name: mine}, {name: hub}]",
        ),
        "warning: Pod n/p: an applied Pod cannot be updated in place: delete it, or give it another name, before the edited one is applied [immutable-workload]\n\
         info: Pod n/p: pull secrets [mine] → [mine, hub] [missing-pull-secret]\n",
    );
    check_stream(
        spec,
        &pod("{name: other}", ""),
        &pod(
            "{name: other}",
            ", imagePullSecrets: [{name: other}, {name: hub}]",
        ),
        "warning: Pod n/p: an applied Pod cannot be updated in place: delete it, or give it another name, before the edited one is applied [immutable-workload]\n\
         info: Pod n/p: pull secrets (none) → [other, hub] [missing-pull-secret]\n",
    );
}

#[test]
fn a_first_secret_switches_an_unknown_accounts_secrets_off() {
    let spec = "  agents: [realtheory-collector]\n  imagePullSecrets: [mine]\n  registries: [{source: docker.io, mirror: reg.corp/hub}]\n";
    check(
        spec,
        "[{name: c, image: reg.corp/hub/realtheory/theory-k8s-collector, imagePullPolicy: Always}]",
        "[{name: c, image: reg.corp/hub/realtheory/theory-k8s-collector, imagePullPolicy: Always}], imagePullSecrets: [{name: mine}]",
        "info: pull secrets (none) → [mine] [missing-pull-secret]\n\
         warning: the pod's first pull secret switches off those of its ServiceAccount default, which is not among the items: list the account's secrets here too, if it has any [shadows-serviceaccount-secrets]\n",
    );
}

#[test]
fn rules_may_share_a_mirror() {
    let spec = "  agents: [realtheory-collector]\n  registries:\n  - {source: docker.io, mirror: reg.corp/all, scope: all}\n  - {source: quay.io, mirror: reg.corp/all, scope: all}\n";
    let good =
        "[{name: c, image: reg.corp/all/realtheory/theory-k8s-collector, imagePullPolicy: Always}]";
    check(spec, good, good, "");
    let unknown = "[{name: c, image: 'reg.corp/all/realtheory/theory-k8s-collector:latest', imagePullPolicy: Always}, {name: x, image: reg.corp/all/acme/x}]";
    check(spec, unknown, unknown, "");
}

#[test]
fn an_exempted_image_is_written_as_its_vendor_does_and_needs_no_secrets() {
    let exempt = "  registries:\n  - {source: docker.io/acme, mirror: docker.io/acme, imagePullSecrets: [hub]}\n";
    check(
        &format!("{}{exempt}", profile("acme/agent", &["tag: keep"])),
        "[{name: c, image: 'old.corp/acme/agent:1'}]",
        "[{name: c, image: 'acme/agent:1'}]",
        "info: container c: wrong registry or path: old.corp/acme/agent:1 → acme/agent:1 [wrong-registry]\n",
    );
}

#[test]
fn a_rule_for_agents_is_no_way_back_for_somebody_elses_image() {
    let spec = "  agents:\n  - name: own\n    images:\n    - {image: acme.io/t/agent}\n    - {image: quay.io/p/prom, shared: true}\n  registries:\n  - {source: quay.io/p, mirror: m.corp/p}\n  - {source: quay.io, mirror: m2.corp, scope: all}\n";
    let text = "[{name: c, image: 'm.corp/p/prom:v1'}]";
    check(
        spec,
        text,
        text,
        "warning: the agent own is named in the configuration and was not found in these manifests (remove it, or set unmatchedAgents to ignore if they are only a part) [unmatched-agent]\n",
    );
}

/// Only the part that differs is edited: a registry that is right may be a key for somebody else.
#[test]
fn a_registry_that_is_right_stays_as_it_is_written() {
    for name in [
        "docker.io/realtheory/theory-k8s-collector",
        "index.docker.io/realtheory/theory-k8s-collector",
    ] {
        check(
            COLLECTOR,
            &format!("[{{name: c, image: {name}:v1, imagePullPolicy: Always}}]"),
            &format!("[{{name: c, image: {name}, imagePullPolicy: Always}}]"),
            &format!(
                "info: container c: tag v1 keeps the agent from upgrading itself: {name}:v1 → {name} [pinned-tag]\n"
            ),
        );
    }
    let pinned = profile("nginx", &["tag: pinned", "pin: \"2\""]);
    for name in [
        "library/nginx",
        "docker.io/nginx",
        "docker.io/library/nginx",
        "nginx",
    ] {
        check(
            &pinned,
            &format!("[{{name: c, image: {name}:1}}]"),
            &format!("[{{name: c, image: {name}:2}}]"),
            &format!(
                "info: container c: not the version that the profile own pins: {name}:1 → {name}:2 [wrong-version]\n"
            ),
        );
    }
}

/// A rule with a misspelt source would leave its mirror to nobody: what is there stays until the rule is
/// mended.
#[test]
fn a_misspelt_source_is_told_and_its_mirror_kept() {
    let spec = |source: &str, scope: &str| {
        format!(
            "{COLLECTOR}  registries: [{{source: {source}, mirror: m.example/hub, scope: {scope}}}]\n"
        )
    };
    let image = |name: &str| format!("[{{name: c, image: '{name}', imagePullPolicy: Always}}]");
    let mirrored = image("m.example/hub/realtheory/theory-k8s-collector:latest");
    for (source, meant) in [
        ("dokcer.io", "docker.io"),
        ("hub.docker.com", "docker.io"),
        ("docker.io/realthoery", "docker.io/realtheory"),
        ("dokcer.io/realtheory", "docker.io/realtheory"),
    ] {
        let rule = format!("{source} → m.example/hub");
        check(
            &spec(source, "agents"),
            &mirrored,
            &mirrored,
            &format!(
                "warning: the rule {rule} serves no image of an agent in play: did you mean `{meant}`? [unmatched-registry]\n\
                 warning: container c: m.example/hub/realtheory/theory-k8s-collector:latest stays, since it is under the mirror of the rule {rule}, whose source serves no agent in play: did you mean `{meant}`? [unresolved-image]\n"
            ),
        );
    }
    // Others may come from there.
    let official = image("realtheory/theory-k8s-collector:latest");
    for (source, scope) in [
        ("ghcr.io", "agents"),
        ("registry.corp.example", "agents"),
        ("docker.io/realthoery", "all"),
    ] {
        check(&spec(source, scope), &official, &official, "");
    }
}

/// One mirror for several registries says nothing of which one an image comes from, but for an image that has a
/// name in each of them.
#[test]
fn the_names_of_one_image_may_share_a_mirror() {
    let rules = "  registries:\n  - {source: registry.datadoghq.com, mirror: m.example/dd, scope: all}\n  - {source: gcr.io/datadoghq, mirror: m.example/dd, scope: all}\n";
    let spec = format!("  agents: [datadog]\n{rules}");
    let mirrored = "[{name: c, image: 'm.example/dd/agent:7.70.0'}]";
    check(&spec, mirrored, mirrored, "");
    for name in ["gcr.io/datadoghq", "registry.datadoghq.com"] {
        let image = format!("{name}/agent:7.70.0");
        check(
            &spec,
            &format!("[{{name: c, image: '{image}'}}]"),
            mirrored,
            &format!(
                "info: container c: wrong registry or path: {image} → m.example/dd/agent:7.70.0 [wrong-registry]\n"
            ),
        );
    }
}

/// An alias is mapped under its own name, so a rule for the main one says nothing of it.
#[test]
fn a_vendors_registry_that_no_rule_maps_is_told_where_a_rule_maps_another() {
    let spec = |rules: &str| format!("  agents: [datadog]\n  registries:\n{rules}");
    let rule = "  - {source: registry.datadoghq.com, mirror: m.example/dd}\n";
    let alias = "[{name: c, image: 'gcr.io/datadoghq/agent:7'}]";
    check(
        &spec(rule),
        alias,
        alias,
        "warning: container c: gcr.io/datadoghq/agent:7 comes from gcr.io, which no rule maps, while registry.datadoghq.com/agent goes to m.example/dd/agent by the rule registry.datadoghq.com → m.example/dd: write m.example/dd/agent, or add a rule with `source: gcr.io`, and the same `mirror` if it may stay there [unmapped-registry]\n",
    );
    // With a rule of its own it goes to its own mirror.
    let both = format!("{rule}  - {{source: gcr.io/datadoghq, mirror: m.example/gcr}}\n");
    check(
        &spec(&both),
        alias,
        "[{name: c, image: 'm.example/gcr/agent:7'}]",
        "info: container c: wrong registry or path: gcr.io/datadoghq/agent:7 → m.example/gcr/agent:7 [wrong-registry]\n",
    );
    // A rule that maps none of its names says nothing of it.
    check(
        &spec("  - {source: quay.io, mirror: m.example/quay}\n"),
        alias,
        alias,
        "",
    );
}
