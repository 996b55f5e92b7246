//! Every finding, with its exact text, and what becomes of the image: configuration, manifest and
//! result side by side.

use std::fs;

use crate::support::{assert_text_eq, run_in_folder};

/// Runs a stream through the program with a configuration whose `spec` is `spec`.
///
/// `containers` is a list in flow style, `expected` what it should be; `findings` are the lines of
/// standard error, without place and resource.
#[track_caller]
fn check(spec: &str, containers: &str, expected: &str, findings: &str) {
    let deployment = |containers: &str| {
        format!(
            "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: d, namespace: n}}, spec: {{template: {{spec: {{containers: {containers}}}}}}}}}\n"
        )
    };
    check_stream(
        spec,
        &deployment(containers),
        &deployment(expected),
        findings,
    );
}

#[track_caller]
fn check_stream(spec: &str, input: &str, expected: &str, findings: &str) {
    let (code, stdout, stderr) = restored(spec, input);
    let short: String = stderr
        .lines()
        .map(|line| {
            let line = match line.split_once(": ") {
                Some((place, rest)) if place.starts_with("stdin:") => rest,
                _ => line,
            };
            format!("{}\n", line.replacen("Deployment n/d: ", "", 1))
        })
        .collect();
    assert_text_eq(&short, findings);
    assert_text_eq(&stdout, expected);
    assert_eq!(code, 0);
}

fn restored(spec: &str, input: &str) -> (i32, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let config = format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n{spec}"
    );
    fs::write(folder.path().join("c.yaml"), config).expect("written");
    let args = ["c.yaml", "--today", "2026-11-21"];
    let run = run_in_folder(folder.path(), &args, input.as_bytes());
    (
        run.code,
        String::from_utf8(run.stdout).expect("UTF-8"),
        run.stderr,
    )
}

const COLLECTOR: &str = "  agents: [realtheory-collector]\n";

/// A profile of our own with one image and these lines for it.
fn profile(image: &str, lines: &[&str]) -> String {
    let lines: String = lines.iter().map(|line| format!("      {line}\n")).collect();
    format!("  agents:\n  - name: own\n    images:\n    - image: {image}\n{lines}")
}

#[test]
fn a_floating_tag_is_restored() {
    for (image, rules) in [
        ("realtheory/theory-k8s-collector:v1", "tag v1"),
        ("realtheory/theory-k8s-collector:1.0", "tag 1.0"),
        (
            "docker.io/realtheory/theory-k8s-collector:stable",
            "tag stable",
        ),
    ] {
        let (name, _) = image.rsplit_once(':').expect("a tag");
        check(
            COLLECTOR,
            &format!("[{{name: c, image: {image}, imagePullPolicy: Always}}]"),
            &format!("[{{name: c, image: {name}, imagePullPolicy: Always}}]"),
            &format!(
                "info: container c: {rules} keeps the agent from upgrading itself: {image} → {name} [pinned-tag]\n"
            ),
        );
    }
    // What floats already is left as it is spelt.
    for image in [
        "realtheory/theory-k8s-collector",
        "realtheory/theory-k8s-collector:latest",
        "docker.io/realtheory/theory-k8s-collector",
        "index.docker.io/realtheory/theory-k8s-collector:latest",
    ] {
        let text = format!("[{{name: c, image: {image}, imagePullPolicy: Always}}]");
        check(COLLECTOR, &text, &text, "");
    }
}

const DIGEST: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

#[test]
fn a_digest_is_dropped_from_what_floats() {
    for (old, new) in [
        (
            "realtheory/theory-k8s-collector@D",
            "realtheory/theory-k8s-collector",
        ),
        (
            "realtheory/theory-k8s-collector:latest@D",
            "realtheory/theory-k8s-collector:latest",
        ),
        (
            "docker.io/realtheory/theory-k8s-collector@D",
            "docker.io/realtheory/theory-k8s-collector",
        ),
    ] {
        let old = old.replace('D', DIGEST);
        check(
            COLLECTOR,
            &format!("[{{name: c, image: '{old}', imagePullPolicy: Always}}]"),
            &format!("[{{name: c, image: '{new}', imagePullPolicy: Always}}]"),
            &format!(
                "info: container c: the digest keeps the agent from upgrading itself: {old} → {new} [pinned-digest]\n"
            ),
        );
    }
    let old = format!("realtheory/theory-k8s-collector:v1@{DIGEST}");
    check(
        COLLECTOR,
        &format!("[{{name: c, image: '{old}', imagePullPolicy: Always}}]"),
        "[{name: c, image: 'realtheory/theory-k8s-collector', imagePullPolicy: Always}]",
        &format!(
            "info: container c: the digest keeps the agent from upgrading itself: {old} → realtheory/theory-k8s-collector [pinned-digest]\n\
             info: container c: tag v1 keeps the agent from upgrading itself: {old} → realtheory/theory-k8s-collector [pinned-tag]\n"
        ),
    );
}

#[test]
fn a_floating_tag_that_is_a_number_is_never_lowered_to() {
    let spec = profile(
        "acme.io/t/agent:v1",
        &["tag: floating", "imagePullPolicy: keep"],
    );
    check(
        &spec,
        "[{name: c, image: acme.io/t/agent:v1.2.3}]",
        "[{name: c, image: acme.io/t/agent:v1}]",
        "info: container c: tag v1.2.3 keeps the agent from upgrading itself: acme.io/t/agent:v1.2.3 → acme.io/t/agent:v1 [pinned-tag]\n",
    );
    let ahead = "[{name: c, image: acme.io/t/agent:v2.0}]";
    check(
        &spec,
        ahead,
        ahead,
        "warning: container c: acme.io/t/agent:v2.0 is newer than the floating tag v1: nothing is lowered [unresolved-image]\n",
    );
    // No tag is `latest`, which may be of any version.
    check(
        &spec,
        "[{name: c, image: acme.io/t/agent}]",
        "[{name: c, image: acme.io/t/agent}]",
        "warning: container c: acme.io/t/agent does not say whether it is of v1 or of another major version: it stays [unresolved-image]\n",
    );
    check(
        &profile(
            "acme.io/t/agent:stable",
            &["tag: floating", "imagePullPolicy: keep"],
        ),
        "[{name: c, image: acme.io/t/agent}]",
        "[{name: c, image: acme.io/t/agent:stable}]",
        "info: container c: the missing tag is not the floating one: acme.io/t/agent → acme.io/t/agent:stable [pinned-tag]\n",
    );
}

#[test]
fn kept_tags_stay_byte_for_byte() {
    let spec = format!(
        "{}  registries:\n  - {{source: acme.io/t, mirror: 'reg.corp:5000/m'}}\n",
        profile(
            "acme.io/t/agent:1",
            &["tag: keep", "imagePullPolicy: IfNotPresent"]
        )
    );
    let old = format!("acme.io/t/agent:1.0_b@{DIGEST}");
    let new = format!("reg.corp:5000/m/agent:1.0_b@{DIGEST}");
    check(
        &spec,
        &format!("[{{name: c, image: '{old}', imagePullPolicy: IfNotPresent}}]"),
        &format!("[{{name: c, image: '{new}', imagePullPolicy: IfNotPresent}}]"),
        &format!(
            "warning: container c: reg.corp:5000/m/agent must hold {DIGEST}: copy the image with all architectures and its digest [digest-moved]\n\
             info: container c: wrong registry or path: {old} → {new} [wrong-registry]\n"
        ),
    );
}

#[test]
fn a_pinned_version_is_restored_and_an_old_digest_never_survives() {
    let spec = profile("acme.io/t/agent", &["tag: pinned", "pin: \"1.10\""]);
    for old in [
        "acme.io/t/agent:1.9".to_owned(),
        "acme.io/t/agent".to_owned(),
        format!("acme.io/t/agent:1.9@{DIGEST}"),
    ] {
        check(
            &spec,
            &format!("[{{name: c, image: '{old}'}}]"),
            "[{name: c, image: 'acme.io/t/agent:1.10'}]",
            &format!(
                "info: container c: not the version that the profile own pins: {old} → acme.io/t/agent:1.10 [wrong-version]\n"
            ),
        );
    }
    let other = "[{name: c, image: 'acme.io/t/agent:1.9-fips'}]";
    check(
        &spec,
        other,
        other,
        "warning: container c: acme.io/t/agent:1.9-fips is of another family of tags than the pinned 1.10: it stays [unresolved-image]\n",
    );
    let both = format!("1.10@{DIGEST}");
    let spec = profile(
        "acme.io/t/agent",
        &["tag: pinned", &format!("pin: \"{both}\"")],
    );
    check(
        &spec,
        "[{name: c, image: 'acme.io/t/agent:1.10'}]",
        &format!("[{{name: c, image: 'acme.io/t/agent:{both}'}}]"),
        &format!(
            "info: container c: not the version that the profile own pins: acme.io/t/agent:1.10 → acme.io/t/agent:{both} [wrong-version]\n"
        ),
    );
}

#[test]
fn a_version_below_the_minimum_is_reported_and_not_raised() {
    let spec = profile("acme.io/t/agent", &["tag: minimum", "minimum: \"1.10.0\""]);
    for (image, finding) in [
        (
            "acme.io/t/agent:v1.9.3-alpine",
            "warning: container c: acme.io/t/agent:v1.9.3-alpine is older than the minimum 1.10.0: raise it by hand [outdated-version]\n",
        ),
        ("acme.io/t/agent:1.10", ""),
        ("acme.io/t/agent:2", ""),
        ("acme.io/t/agent", ""),
        ("acme.io/t/agent:latest", ""),
        // A shorter tag moves, and may have passed the minimum.
        (
            "acme.io/t/agent:1",
            "warning: container c: acme.io/t/agent:1 has a tag that moves with the releases that begin so, so it cannot be compared with the minimum 1.10.0 [unresolved-image]\n",
        ),
        (
            "acme.io/t/agent:1.9",
            "warning: container c: acme.io/t/agent:1.9 is older than the minimum 1.10.0: raise it by hand [outdated-version]\n",
        ),
        (
            "acme.io/t/agent:553640e6",
            "warning: container c: acme.io/t/agent:553640e6 has a tag that is no version, so it cannot be compared with the minimum 1.10.0 [unresolved-image]\n",
        ),
    ] {
        let text = format!("[{{name: c, image: {image}}}]");
        check(&spec, &text, &text, finding);
    }
    let text = format!("[{{name: c, image: 'acme.io/t/agent@{DIGEST}'}}]");
    check(
        &spec,
        &text,
        &text,
        &format!(
            "warning: container c: acme.io/t/agent@{DIGEST} has a digest alone, so it cannot be compared with the minimum 1.10.0 [unresolved-image]\n"
        ),
    );
}

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
fn a_replaced_image_is_known_by_container_and_workload() {
    let pod = |name: &str, container: &str, image: &str| {
        format!(
            "apiVersion: v1\nkind: ReplicationController\nmetadata: {{name: {name}}}\nspec: {{template: {{spec: {{containers: [{{name: {container}, image: '{image}', imagePullPolicy: Always}}]}}}}}}\n"
        )
    };
    check_stream(
        COLLECTOR,
        &pod(
            "realtheorycollector",
            "realtheorycollector",
            "reg.corp/monitoring/rt:7",
        ),
        &pod(
            "realtheorycollector",
            "realtheorycollector",
            "realtheory/theory-k8s-collector",
        ),
        "info: ReplicationController realtheorycollector: container realtheorycollector: tag 7 keeps the agent from upgrading itself: reg.corp/monitoring/rt:7 → realtheory/theory-k8s-collector [pinned-tag]\n\
         info: ReplicationController realtheorycollector: container realtheorycollector: wrong registry or path: reg.corp/monitoring/rt:7 → realtheory/theory-k8s-collector [wrong-registry]\n",
    );
    // One name alone says nothing.
    let other = pod("shop", "realtheorycollector", "reg.corp/monitoring/rt:7");
    check_stream(
        COLLECTOR,
        &other,
        &other,
        "warning: the agent realtheory-collector is named in the configuration and runs nowhere in the items (remove it, or set unmatchedAgents to ignore) [unmatched-agent]\n",
    );
    // Known by its names, and no reference: reported, never guessed at.
    for image in ["$(IMAGE)", "{{ .Values.image }}", "ko://cmd/x", "auto:"] {
        let text = pod("realtheorycollector", "realtheorycollector", image);
        let (code, stdout, stderr) = restored(COLLECTOR, &text);
        assert_text_eq(&stdout, &text);
        assert!(
            stderr.contains(&format!("`{image}` is not an image reference: ")),
            "{stderr}"
        );
        assert!(stderr.ends_with("[unresolved-image]\n"), "{stderr}");
        assert_eq!(code, 0);
        let elsewhere = pod("shop", "c", image);
        let (_, stdout, stderr) = restored("  mode: restore\n", &elsewhere);
        assert_text_eq(&stdout, &elsewhere);
        assert_text_eq(&stderr, "");
    }
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
fn an_applied_job_is_not_asked_to_change() {
    let job = |image: &str, policy: &str| {
        format!(
            "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: j}}\nspec: {{template: {{spec: {{containers: [{{name: c, image: '{image}'{policy}}}]}}}}}}\n"
        )
    };
    let policy_alone = job("realtheory/theory-k8s-collector", "");
    check_stream(
        COLLECTOR,
        &policy_alone,
        &policy_alone,
        "warning: Job j: container c: imagePullPolicy (missing) → Always is not edited: an applied Job cannot change [immutable-workload]\n",
    );
    check_stream(
        COLLECTOR,
        &job("realtheory/theory-k8s-collector:v1", ""),
        &job(
            "realtheory/theory-k8s-collector",
            ", imagePullPolicy: Always",
        ),
        "warning: Job j: an applied Job cannot be updated in place: delete it, or give it another name, before the edited one is applied [immutable-workload]\n\
         info: Job j: container c: tag v1 keeps the agent from upgrading itself: realtheory/theory-k8s-collector:v1 → realtheory/theory-k8s-collector [pinned-tag]\n\
         info: Job j: container c: imagePullPolicy (missing) → Always [wrong-pull-policy]\n",
    );
}

#[test]
fn exceptions_allow_what_they_name_until_their_day() {
    let drifted =
        "[{name: c, image: 'reg.corp/realtheory/theory-k8s-collector:v1', imagePullPolicy: Never}]";
    let exception = |expires: &str, allow: &str| {
        format!(
            "{COLLECTOR}  exceptions:\n  - reason: \"INC-1: v2 leaks\"\n    expires: {expires}\n    name: d*\n    allow: [{allow}]\n"
        )
    };
    check(
        &exception("2027-01-31", "tag, imagePullPolicy"),
        drifted,
        "[{name: c, image: 'realtheory/theory-k8s-collector:v1', imagePullPolicy: Never}]",
        "info: container c: tag v1 keeps the agent from upgrading itself, allowed until 2027-01-31: INC-1: v2 leaks [allowed-by-exception]\n\
         info: container c: wrong registry or path: reg.corp/realtheory/theory-k8s-collector:v1 → realtheory/theory-k8s-collector:v1 [wrong-registry]\n\
         info: container c: imagePullPolicy Never, allowed until 2027-01-31: INC-1: v2 leaks [allowed-by-exception]\n",
    );
    check(
        &exception("2026-11-21", "registry, tag, imagePullPolicy"),
        drifted,
        drifted,
        "warning: the exception \"INC-1: v2 leaks\" ends today, on 2026-11-21 [expiring-exception]\n\
         info: container c: wrong registry or path, allowed until 2026-11-21: INC-1: v2 leaks [allowed-by-exception]\n\
         info: container c: tag v1 keeps the agent from upgrading itself, allowed until 2026-11-21: INC-1: v2 leaks [allowed-by-exception]\n\
         info: container c: imagePullPolicy Never, allowed until 2026-11-21: INC-1: v2 leaks [allowed-by-exception]\n",
    );
    // kustomize turns a date into a timestamp.
    let (_, stdout, stderr) = restored(
        &exception("2026-11-20T00:00:00Z", "registry, tag, imagePullPolicy"),
        drifted_document(drifted).as_str(),
    );
    assert!(
        stdout.contains("image: 'realtheory/theory-k8s-collector', imagePullPolicy: Always"),
        "{stdout}"
    );
    assert!(
        stderr.starts_with("warning: the exception \"INC-1: v2 leaks\" ended on 2026-11-20 and no longer holds: remove it, or give it another day [expired-exception]\n"),
        "{stderr}"
    );
}

fn drifted_document(containers: &str) -> String {
    format!(
        "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: d, namespace: n}}, spec: {{template: {{spec: {{containers: {containers}}}}}}}}}\n"
    )
}

#[test]
fn an_annotation_keeps_a_resource_as_it_is_if_it_says_why() {
    let pod = |annotation: &str, image: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: d\n  namespace: n\n  annotations: {{restore-images.dev/ignore: {annotation}}}\nspec: {{template: {{spec: {{containers: [{{name: c, image: {image}, imagePullPolicy: Always}}]}}}}}}\n"
        )
    };
    let held = pod("frozen by audit", "realtheory/theory-k8s-collector:v1");
    check_stream(
        "  trust: {ignoreAnnotation: allow}\n",
        &held,
        &held,
        "info: left alone by annotation: frozen by audit [ignored-resource]\n",
    );
    check_stream(
        "  mode: restore\n",
        &pod("''", "realtheory/theory-k8s-collector:v1"),
        &pod("''", "realtheory/theory-k8s-collector"),
        "warning: the annotation restore-images.dev/ignore gives no reason, so it does not hold [ignore-without-reason]\n\
         info: container c: tag v1 keeps the agent from upgrading itself: realtheory/theory-k8s-collector:v1 → realtheory/theory-k8s-collector [pinned-tag]\n",
    );
}

/// What passes because of an annotation is to be seen where it passes.
#[test]
fn a_check_says_what_an_annotation_silences() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\n  annotations: {restore-images.dev/ignore: frozen}\nspec: {containers: [{name: c, image: 'realtheory/theory-k8s-collector:v1'}]}\n";
    check_stream(
        "  mode: check\n  trust: {ignoreAnnotation: allow}\n",
        text,
        text,
        "warning: Pod p: left alone by annotation: frozen, which silences 2 errors: pinned-tag, wrong-pull-policy [ignored-resource]\n",
    );
    // Where nothing is wrong, nothing is silenced.
    let right = text.replace(":v1'", "', imagePullPolicy: Always");
    check_stream(
        "  mode: check\n  trust: {ignoreAnnotation: allow}\n",
        &right,
        &right,
        "info: Pod p: left alone by annotation: frozen [ignored-resource]\n",
    );
}

#[test]
fn a_setters_marker_stays_and_is_warned_of() {
    for (marker, owner) in [
        (
            "# {\"$imagepolicy\": \"flux-system:collector\"}",
            "Flux's image automation writes this field again ({\"$imagepolicy\": \"flux-system:collector\"}): change its ImagePolicy",
        ),
        (
            "# kpt-set: ${image}",
            "a kpt setter writes this field again (kpt-set: ${image}): change the setter's value",
        ),
    ] {
        let pod = |image: &str| {
            format!(
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d, namespace: n}}\nspec:\n  template:\n    spec:\n      containers:\n      - name: c\n        image: {image} {marker}\n        imagePullPolicy: Always\n"
            )
        };
        check_stream(
            COLLECTOR,
            &pod("realtheory/theory-k8s-collector:v1"),
            &pod("realtheory/theory-k8s-collector"),
            &format!(
                "warning: container c: {owner}, or remove the marker [managed-elsewhere]\n\
                 info: container c: tag v1 keeps the agent from upgrading itself: realtheory/theory-k8s-collector:v1 → realtheory/theory-k8s-collector [pinned-tag]\n"
            ),
        );
        let good = pod("realtheory/theory-k8s-collector");
        check_stream(COLLECTOR, &good, &good, "");
    }
}

const SHARED: &str = "  agents:\n  - name: own\n    images:\n    - {image: acme.io/t/agent, tag: floating, imagePullPolicy: Always}\n    - {image: quay.io/p/prom, tag: keep, imagePullPolicy: Always, shared: true}\n";

#[test]
fn a_shared_image_is_the_agents_only_beside_its_own() {
    let workload = |name: &str, namespace: &str, instance: &str, containers: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: {namespace}, labels: {{app.kubernetes.io/instance: {instance}}}}}\nspec: {{template: {{spec: {{containers: [{containers}]}}}}}}\n"
        )
    };
    let prom = "{name: p, image: quay.io/p/prom}";
    let restored_prom = "{name: p, image: quay.io/p/prom, imagePullPolicy: Always}";
    let own = "{name: a, image: acme.io/t/agent, imagePullPolicy: Always}";
    let line = |name: &str, namespace: &str| {
        format!(
            "info: Deployment {namespace}/{name}: container p: imagePullPolicy (missing) → Always [wrong-pull-policy]\n"
        )
    };
    // In the same pod, or in the same instance, wherever that stands in the stream.
    check_stream(
        SHARED,
        &format!(
            "{}---\n{}---\n{}---\n{}",
            workload("x", "n", "i", prom),
            workload("y", "n", "i", own),
            workload("z", "n", "other", prom),
            workload("z", "m", "i", prom)
        ),
        &format!(
            "{}---\n{}---\n{}---\n{}",
            workload("x", "n", "i", restored_prom),
            workload("y", "n", "i", own),
            workload("z", "n", "other", prom),
            workload("z", "m", "i", prom)
        ),
        &line("x", "n"),
    );
    check_stream(
        SHARED,
        &workload("x", "n", "i", &format!("{prom}, {own}")),
        &workload("x", "n", "i", &format!("{restored_prom}, {own}")),
        &line("x", "n"),
    );
    // Or in a namespace that the configuration says is its own.
    check_stream(
        &format!("{SHARED}    namespaces: [mine]\n"),
        &workload("x", "mine", "i", prom),
        &workload("x", "mine", "i", restored_prom),
        &line("x", "mine"),
    );
}

#[test]
fn agents_that_claim_one_field_are_told_apart_or_reported() {
    let spec = |second: &str| {
        format!(
            "  agents:\n  - name: one\n    images:\n    - {{image: acme.io/t/agent, tag: floating, imagePullPolicy: Always}}\n  - name: two\n    images:\n    - {{image: acme.io/t/agent, {second}}}\n"
        )
    };
    let text = "[{name: c, image: 'acme.io/t/agent:1'}]";
    check(
        &spec("tag: keep, imagePullPolicy: Never"),
        text,
        text,
        "warning: container c: acme.io/t/agent:1 is claimed by one and two and they disagree; tag and pull policy stay as they are [ambiguous-agent]\n",
    );
    // What they agree on is where the image is.
    check(
        &format!(
            "{}  registries:\n  - {{source: acme.io, mirror: reg.corp}}\n",
            spec("tag: keep, imagePullPolicy: Never")
        ),
        text,
        "[{name: c, image: 'reg.corp/t/agent:1'}]",
        "warning: container c: acme.io/t/agent:1 is claimed by one and two and they disagree; tag and pull policy stay as they are [ambiguous-agent]\n\
         info: container c: wrong registry or path: acme.io/t/agent:1 → reg.corp/t/agent:1 [wrong-registry]\n",
    );
    // From a mirror that nobody declared, it is not even known to be theirs.
    let elsewhere = "[{name: c, image: 'other.corp/t/agent:1'}]";
    check(
        &spec("tag: keep, imagePullPolicy: Never"),
        elsewhere,
        elsewhere,
        "warning: container c: other.corp/t/agent:1 is claimed by one and two and they disagree; tag and pull policy stay as they are [ambiguous-agent]\n",
    );
    // They agree.
    check(
        &spec("tag: floating, imagePullPolicy: Always"),
        text,
        "[{name: c, image: 'acme.io/t/agent', imagePullPolicy: Always}]",
        "info: container c: tag 1 keeps the agent from upgrading itself: acme.io/t/agent:1 → acme.io/t/agent [pinned-tag]\n\
         info: container c: imagePullPolicy (missing) → Always [wrong-pull-policy]\n",
    );
    // The workload's name decides.
    check(
        &spec("tag: keep, imagePullPolicy: Never, containers: [other], workloads: [d]"),
        text,
        "[{name: c, image: 'acme.io/t/agent:1', imagePullPolicy: Never}]",
        "info: container c: imagePullPolicy (missing) → Never [wrong-pull-policy]\n",
    );
    // An image of its own beats a shared one.
    check(
        &format!(
            "{}    namespaces: [n]\n",
            spec("tag: keep, imagePullPolicy: Never, shared: true")
        ),
        text,
        "[{name: c, image: 'acme.io/t/agent', imagePullPolicy: Always}]",
        "info: container c: tag 1 keeps the agent from upgrading itself: acme.io/t/agent:1 → acme.io/t/agent [pinned-tag]\n\
         info: container c: imagePullPolicy (missing) → Always [wrong-pull-policy]\n",
    );
}

#[test]
fn an_alias_is_as_official_as_the_main_name() {
    let spec = format!(
        "{}  registries:\n  - {{source: gcr.io/dd, mirror: reg.corp/dd}}\n",
        profile(
            "acme.io/dd/agent",
            &[
                "tag: keep",
                "aliases: [gcr.io/dd/agent, public.ecr.aws/dd/agent]"
            ]
        )
    );
    // Mapped under its own name, else left as it is written.
    check(
        &spec,
        "[{name: c, image: 'gcr.io/dd/agent:7'}, {name: d, image: 'public.ecr.aws/dd/agent:7'}]",
        "[{name: c, image: 'reg.corp/dd/agent:7'}, {name: d, image: 'public.ecr.aws/dd/agent:7'}]",
        "info: container c: wrong registry or path: gcr.io/dd/agent:7 → reg.corp/dd/agent:7 [wrong-registry]\n",
    );
    // Only from a mirror that nobody declared it goes back to the main name.
    check(
        &spec,
        "[{name: c, image: 'other.corp/cache/dd/agent:7'}]",
        "[{name: c, image: 'acme.io/dd/agent:7'}]",
        "info: container c: wrong registry or path: other.corp/cache/dd/agent:7 → acme.io/dd/agent:7 [wrong-registry]\n",
    );
}

#[test]
fn a_profile_among_the_items_replaces_the_built_in_one() {
    let profile = "apiVersion: restore-images.dev/v1alpha1\nkind: AgentProfile\nmetadata: {name: realtheory-collector, annotations: {config.kubernetes.io/local-config: 'true'}}\nspec:\n  images:\n  - {image: realtheory/theory-k8s-collector, tag: pinned, pin: 'v9'}\n---\n";
    let deployment = |image: &str| drifted_document(&format!("[{{name: c, image: {image}}}]"));
    check_stream(
        &format!("{COLLECTOR}  trust: {{profiles: replace}}\n"),
        &format!(
            "{profile}{}",
            deployment("'realtheory/theory-k8s-collector'")
        ),
        &format!(
            "{profile}{}",
            deployment("'realtheory/theory-k8s-collector:v9'")
        ),
        "info: the profile realtheory-collector stands in the place of the built-in one [replaced-profile]\n\
         info: container c: not the version that the profile realtheory-collector pins: realtheory/theory-k8s-collector → realtheory/theory-k8s-collector:v9 [wrong-version]\n",
    );
}

#[test]
fn what_the_vendor_manages_is_advice() {
    let spec = "  agents:\n  - name: own\n    images:\n    - {image: acme.io/t/agent, tag: floating, imagePullPolicy: Always, imagePullSecrets: [s], advice: true}\n";
    let text = "[{name: c, image: 'reg.corp/t/agent:1', imagePullPolicy: Never}]";
    check(
        spec,
        text,
        text,
        "warning: container c: wrong registry or path; tag 1 keeps the agent from upgrading itself: reg.corp/t/agent:1 → acme.io/t/agent is not edited, since the vendor manages this image: set it where the vendor says [vendor-managed]\n",
    );
    let good = "[{name: c, image: acme.io/t/agent}]";
    check(spec, good, good, "");
    // What would not be edited anyway is said as it is elsewhere.
    let old = "[{name: c, image: 'acme.io/t/agent:1.2'}]";
    check(
        &profile(
            "acme.io/t/agent",
            &["tag: minimum", "minimum: \"1.3\"", "advice: true"],
        ),
        old,
        old,
        "warning: container c: acme.io/t/agent:1.2 is older than the minimum 1.3: raise it by hand [outdated-version]\n",
    );
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
fn versions_that_were_not_tested_together_are_reported() {
    let spec = "  agents:\n  - name: own\n    images:\n    - image: acme.io/t/agent\n    - {image: quay.io/p/prom, shared: true}\n    tested:\n      \"1.2\": {acme.io/t/agent: \"1.2\", quay.io/p/prom: v3}\n      \"1.3\": {acme.io/t/agent: \"1.3\", quay.io/p/prom: v4}\n  registries:\n  - {source: quay.io, mirror: reg.corp/quay}\n";
    let pod = |agent: &str, prom: &str| {
        format!(
            "[{{name: c, image: 'acme.io/t/agent:{agent}'}}, {{name: p, image: 'reg.corp/quay/p/prom:{prom}'}}]"
        )
    };
    for (agent, prom, finding) in [
        (
            "1.3",
            "v3",
            "warning: reg.corp/quay/p/prom:v3 is untested in own 1.3: the vendor tested quay.io/p/prom:v4 [untested-version]\n",
        ),
        ("1.3", "v4", ""),
        ("1.2", "v3", ""),
        // Of a release that the table does not know, nothing more can be said.
        (
            "1.4",
            "v3",
            "warning: acme.io/t/agent:1.4 is of no release that the profile lists, so whether the images beside it were tested with it is not known [untested-version]\n",
        ),
    ] {
        let text = pod(agent, prom);
        check(spec, &text, &text, finding);
    }
}

#[test]
fn a_rule_for_agents_is_no_way_back_for_somebody_elses_image() {
    let spec = "  agents:\n  - name: own\n    images:\n    - {image: acme.io/t/agent}\n    - {image: quay.io/p/prom, shared: true}\n  registries:\n  - {source: quay.io/p, mirror: m.corp/p}\n  - {source: quay.io, mirror: m2.corp, scope: all}\n";
    let text = "[{name: c, image: 'm.corp/p/prom:v1'}]";
    check(
        spec,
        text,
        text,
        "warning: the agent own is named in the configuration and runs nowhere in the items (remove it, or set unmatchedAgents to ignore) [unmatched-agent]\n",
    );
}

#[test]
fn a_block_scalar_that_keeps_its_line_break_is_reported() {
    let pod = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, namespace: n}\nspec:\n  template:\n    spec:\n      containers:\n      - name: c\n        imagePullPolicy: Always\n        image: |\n          realtheory/theory-k8s-collector:v1\n";
    check_stream(
        COLLECTOR,
        pod,
        pod,
        "warning: container c: realtheory/theory-k8s-collector:v1 ends in a line break, which no image may: write `|-` or `>-`, or quote it [unresolved-image]\n",
    );
}

#[test]
fn a_marker_on_a_block_scalars_header_is_seen() {
    let pod = |image: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d, namespace: n}}\nspec:\n  template:\n    spec:\n      containers:\n      - name: c\n        imagePullPolicy: Always\n        image: >- # {{\"$imagepolicy\": \"a:b\"}}\n          {image}\n"
        )
    };
    check_stream(
        COLLECTOR,
        &pod("realtheory/theory-k8s-collector:v1"),
        &pod("realtheory/theory-k8s-collector"),
        "warning: container c: Flux's image automation writes this field again ({\"$imagepolicy\": \"a:b\"}): change its ImagePolicy, or remove the marker [managed-elsewhere]\n\
         info: container c: tag v1 keeps the agent from upgrading itself: realtheory/theory-k8s-collector:v1 → realtheory/theory-k8s-collector [pinned-tag]\n",
    );
}

#[test]
fn a_job_is_judged_as_a_whole() {
    let job = |image: &str, policy: &str| {
        format!(
            "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: j}}\nspec: {{template: {{spec: {{containers: [{{name: a, image: realtheory/theory-k8s-collector{policy}}}, {{name: b, image: '{image}', imagePullPolicy: Always}}]}}}}}}\n"
        )
    };
    let (_, stdout, stderr) = restored(COLLECTOR, &job("realtheory/theory-k8s-collector:v1", ""));
    assert_text_eq(
        &stdout,
        &job(
            "realtheory/theory-k8s-collector",
            ", imagePullPolicy: Always",
        ),
    );
    assert!(!stderr.contains("is not edited"), "{stderr}");
}

#[test]
fn the_verdict_counts_resources_once() {
    let pod = |name: &str| {
        format!(
            "{{apiVersion: v1, kind: ReplicationController, metadata: {{name: {name}}}, spec: {{template: {{spec: {{containers: [{{name: c, image: 'realtheory/theory-k8s-collector:v1'}}]}}}}}}}}"
        )
    };
    let list = format!(
        "{{apiVersion: v1, kind: List, items: [{}, {}]}}\n",
        pod("a"),
        pod("b")
    );
    let (code, _, stderr) = restored("  mode: check\n", &list);
    assert_eq!(code, 1);
    assert!(
        stderr.starts_with("check failed: 4 errors in 2 resources: ReplicationController a (pinned-tag, wrong-pull-policy); ReplicationController b (pinned-tag, wrong-pull-policy)\n"),
        "{stderr}"
    );
}

#[test]
fn the_order_of_items_says_nothing() {
    let spec = "  agents:\n  - name: p\n    images:\n    - {image: acme.io/p/own}\n    - {image: prom.io/x/node, imagePullPolicy: Always, shared: true}\n  - name: q\n    namespaces: [n]\n    images:\n    - {image: acme.io/q/own}\n    - {image: prom.io/x/node, imagePullPolicy: Never, shared: true}\n";
    let pod = |image: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d, namespace: n, labels: {{app.kubernetes.io/instance: i}}}}\nspec: {{template: {{spec: {{containers: [{{name: c, image: '{image}'}}]}}}}}}\n"
        )
    };
    for (first, second) in [
        ("prom.io/x/node:v1", "acme.io/p/own"),
        ("acme.io/p/own", "prom.io/x/node:v1"),
    ] {
        let (_, _, stderr) = restored(spec, &format!("{}---\n{}", pod(first), pod(second)));
        assert!(stderr.contains("[ambiguous-agent]"), "{stderr}");
    }
}

/// A tag or digest that is put in later, or is none: the name says whose image it is.
#[test]
fn a_known_image_with_an_unreadable_tag_is_reported() {
    for (image, why) in [
        (
            "realtheory/theory-k8s-collector:${tag}",
            "`${tag}` is not a legal tag",
        ),
        (
            "realtheory/theory-k8s-collector:v1-$(TAG)",
            "`v1-$(TAG)` is not a legal tag",
        ),
        (
            "docker.io/realtheory/theory-k8s-collector:{{ .tag }}",
            "`{{ .tag }}` is not a legal tag",
        ),
        (
            "realtheory/theory-k8s-collector@${DIGEST}",
            "a reference has the form [HOST/]NAME[:TAG][@DIGEST]",
        ),
        (
            "realtheory/theory-k8s-collector:a b",
            "`a***` is not a legal tag",
        ),
    ] {
        let shown = image.replace("a b", "a***");
        let containers = format!("[{{name: c, image: '{image}', imagePullPolicy: Always}}]");
        let finding = format!(
            "warning: container c: `{shown}` is not an image reference: {why} [unresolved-image]\n"
        );
        check(COLLECTOR, &containers, &containers, &finding);
        check("  mode: restore\n", &containers, &containers, &finding);
    }
    // What is nobody's image is nobody's business, whatever its tag.
    let others = "[{name: c, image: 'nginx:${tag}'}, {name: d, image: '${REGISTRY}/x/y:v1'}]";
    check("  mode: restore\n", others, others, "");
}

/// The hint at a finding names what an exception has to allow, so that following it is enough.
#[test]
fn the_hint_of_a_finding_is_what_allows_it() {
    const DIGEST: &str = "@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    let pinned = |pin: &str| {
        format!(
            "  agents:\n  - name: own\n    images: [{{image: acme.io/t/agent, tag: pinned, pin: \"{pin}\"}}]\n"
        )
    };
    let minimum = "  agents:\n  - name: own\n    images: [{image: acme.io/t/agent, tag: minimum, minimum: \"1.2\"}]\n";
    let pod = |image: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d, namespace: n}}\nspec: {{template: {{spec: {{containers: [{{name: c, image: \"{image}\", imagePullPolicy: Always}}]}}}}}}\n"
        )
    };
    let kustomization = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nimages:\n- {name: x, newName: realtheory/theory-k8s-collector, newTag: v1}\n";
    for (spec, input, rule, hint) in [
        (
            COLLECTOR.to_owned(),
            pod("realtheory/theory-k8s-collector:v1"),
            "pinned-tag",
            "tag",
        ),
        (
            COLLECTOR.to_owned(),
            pod("reg.corp/realtheory/theory-k8s-collector"),
            "wrong-registry",
            "registry",
        ),
        (
            COLLECTOR.to_owned(),
            pod(&format!("realtheory/theory-k8s-collector{DIGEST}")),
            "pinned-digest",
            "digest",
        ),
        (
            format!("{COLLECTOR}  imageLists: report\n"),
            kustomization.to_owned(),
            "wrong-image-override",
            "tag",
        ),
        (
            pinned("v2"),
            pod("acme.io/t/agent:v1"),
            "wrong-version",
            "tag",
        ),
        (
            pinned(DIGEST),
            pod("acme.io/t/agent:v1"),
            "wrong-version",
            "tag, digest",
        ),
        (
            minimum.to_owned(),
            pod("acme.io/t/agent:1.1"),
            "outdated-version",
            "tag",
        ),
        (
            minimum.to_owned(),
            pod("acme.io/t/agent:main"),
            "unresolved-image",
            "tag",
        ),
        (
            COLLECTOR.to_owned(),
            pod("realtheory/theory-k8s-collector:${tag}"),
            "unresolved-image",
            "registry",
        ),
    ] {
        let checked = |spec: &str| {
            let folder = tempfile::tempdir().expect("a folder");
            let config = format!(
                "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n{spec}"
            );
            fs::write(folder.path().join("restore-images.yaml"), config).expect("written");
            fs::write(folder.path().join("a.yaml"), &input).expect("written");
            let run = run_in_folder(folder.path(), &["check", "a.yaml"], b"");
            String::from_utf8(run.stdout).expect("UTF-8")
        };
        let shown = checked(&spec);
        assert!(shown.contains(&format!("[{rule}]: ")), "{shown}");
        assert!(
            shown.contains(&format!("`allow: [{hint}]`")),
            "{hint}: {shown}"
        );
        let exception = format!(
            "  exceptions:\n  - {{reason: r, agent: \"{}\", allow: [{hint}]}}\n",
            if spec == COLLECTOR {
                "realtheory-collector"
            } else {
                "own"
            }
        );
        let allowed = checked(&format!("{spec}{exception}"));
        assert!(!allowed.contains(&format!("[{rule}]: ")), "{allowed}");
    }
}

/// A workload without its group is no resource yet, and nothing knows where its images are.
#[test]
fn a_workload_without_an_api_version_is_reported() {
    let workload = |api_version: &str, kind: &str, image: &str| {
        let spec = format!("{{template: {{spec: {{containers: [{{name: c, image: {image}}}]}}}}}}");
        format!(
            "{{{api_version}kind: {kind}, metadata: {{name: d, namespace: n}}, spec: {spec}}}\n"
        )
    };
    let ours = "realtheory/theory-k8s-collector:v1";
    for (api_version, kind, found) in [
        (
            "",
            "Deployment",
            "warning: it has no apiVersion, so that its images are not judged: write apps/v1 [unresolved-image]\n",
        ),
        (
            "apiVersion: v1, ",
            "DaemonSet",
            "warning: DaemonSet n/d: it has the apiVersion v1, so that its images are not judged: write apps/v1 [unresolved-image]\n",
        ),
        (
            "",
            "Job",
            "warning: Job n/d: it has no apiVersion, so that its images are not judged: write batch/v1 [unresolved-image]\n",
        ),
    ] {
        let text = workload(api_version, kind, ours);
        check_stream(COLLECTOR, &text, &text, found);
        // What nothing would be said of is none of ours.
        let text = workload(api_version, kind, "nginx");
        check_stream("  mode: restore\n", &text, &text, "");
    }
    let check_mode = format!("{COLLECTOR}  mode: check\n");
    let (code, ..) = restored(&check_mode, &workload("", "StatefulSet", ours));
    assert_eq!(code, 1);
    // A kind of the same name in another group is another kind.
    let other = workload("apiVersion: batch.example.com/v1, ", "Job", ours);
    check_stream("  mode: restore\n", &other, &other, "");
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

/// What `fix` leaves and `check` refuses is one thing, so that neither passes without the other.
#[test]
fn fix_fails_where_check_would_fail_after_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n{}",
        profile("quay.io/acme/agent", &["tag: minimum", "minimum: \"2.0\""])
    );
    let pod = |image: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{containers: [{{name: c, image: {image}}}]}}\n"
        )
    };
    let write = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).expect("written");
    };
    write("restore-images.yaml", &config);
    let code = |command: &str| run_in_folder(folder.path(), &[command], b"").code;
    // Too old, and never raised without a word.
    write("p.yaml", &pod("registry.local/quay.io/acme/agent:1.0"));
    assert_eq!((code("fix"), code("check")), (1, 1));
    write("p.yaml", &pod("registry.local/quay.io/acme/agent:2.1"));
    assert_eq!((code("fix"), code("check")), (0, 0));
}
