//! Every finding, with its exact text, and what becomes of the image: configuration, manifest and
//! result side by side.

mod agents;
mod exceptions;
mod registries;
mod versions;

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

const DIGEST: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

fn drifted_document(containers: &str) -> String {
    format!(
        "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: d, namespace: n}}, spec: {{template: {{spec: {{containers: {containers}}}}}}}}}\n"
    )
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
            "warning: acme.io/t/agent:1.4 is of no release that the profile lists (1.2 to 1.3), so it is not known whether the images beside it were tested with it: compare with the vendor's chart of that release [untested-version]\n",
        ),
    ] {
        let text = pod(agent, prom);
        check(spec, &text, &text, finding);
    }
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
        let filled_in = if image.contains(['$', '{']) {
            ": if it is filled in elsewhere, check what is rendered"
        } else {
            ""
        };
        let finding = format!(
            "warning: container c: `{shown}` is not an image reference: {why}{filled_in} [unresolved-image]\n"
        );
        check(COLLECTOR, &containers, &containers, &finding);
        check("  mode: restore\n", &containers, &containers, &finding);
    }
    // What is nobody's image is nobody's business, whatever its tag.
    let others = "[{name: c, image: 'nginx:${tag}'}, {name: d, image: '${REGISTRY}/x/y:v1'}]";
    check("  mode: restore\n", others, others, "");
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
            "warning: it has no apiVersion, so that its images are not checked: write apps/v1 [unresolved-image]\n",
        ),
        (
            "apiVersion: v1, ",
            "DaemonSet",
            "warning: DaemonSet n/d: it has the apiVersion v1, so that its images are not checked: write apps/v1 [unresolved-image]\n",
        ),
        (
            "",
            "Job",
            "warning: Job n/d: it has no apiVersion, so that its images are not checked: write batch/v1 [unresolved-image]\n",
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
