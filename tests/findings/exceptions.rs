//! Differences that are allowed, by the configuration or an annotation.

use std::fs;

use super::{COLLECTOR, check, check_stream, drifted_document, restored};
use crate::support::run_in_folder;

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
        stderr.starts_with("warning: the exception \"INC-1: v2 leaks\" ended on 2026-11-20 and no longer holds: remove it, or give it another date [expired-exception]\n"),
        "{stderr}"
    );
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
        "warning: the annotation restore-images.dev/ignore gives no reason, so it does not hold: write one as its value [ignore-without-reason]\n\
         info: container c: tag v1 keeps the agent from upgrading itself: realtheory/theory-k8s-collector:v1 → realtheory/theory-k8s-collector [pinned-tag]\n",
    );
}

/// A word that answers whether is no reason, and a misspelt annotation keeps nothing as it is.
#[test]
fn an_annotation_that_does_nothing_is_told() {
    let with = |metadata: &str, template: &str, tag: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: d\n  namespace: n\n{metadata}spec:\n  template:\n{template}    spec: {{containers: [{{name: c, image: 'realtheory/theory-k8s-collector{tag}', imagePullPolicy: Always}}]}}\n"
        )
    };
    let own = |key: &str, value: &str, tag: &str| {
        with(&format!("  annotations: {{{key}: {value}}}\n"), "", tag)
    };
    const RESTORED: &str = "info: container c: tag v1 keeps the agent from upgrading itself: realtheory/theory-k8s-collector:v1 → realtheory/theory-k8s-collector [pinned-tag]\n";
    const TRUSTED: &str = "  trust: {ignoreAnnotation: allow}\n";
    for (value, word) in [("true", "true"), ("\"No\"", "No"), ("' 1 '", "1")] {
        check_stream(
            TRUSTED,
            &own("restore-images.dev/ignore", value, ":v1"),
            &own("restore-images.dev/ignore", value, ""),
            &format!(
                "warning: the annotation restore-images.dev/ignore gives no reason, so it does not hold: write one as its value, instead of \"{word}\" [ignore-without-reason]\n{RESTORED}"
            ),
        );
    }
    for (trust, key, what) in [
        (
            "allow",
            "restore-images.dev/ingore",
            "did you mean restore-images.dev/ignore?",
        ),
        (
            "allow",
            "restore-images.dev/skip",
            "did you mean restore-images.dev/ignore?",
        ),
        (
            "allow",
            "restore-image.dev/ignore",
            "did you mean restore-images.dev/ignore?",
        ),
        (
            "allow",
            "restore-images.io/ignore",
            "did you mean restore-images.dev/ignore?",
        ),
        ("deny", "restore-images.dev/ingore", "remove it"),
    ] {
        check_stream(
            &format!("  trust: {{ignoreAnnotation: {trust}}}\n"),
            &own(key, "frozen", ":v1"),
            &own(key, "frozen", ""),
            &format!(
                "warning: there is no annotation {key}: {what} [unknown-annotation]\n{RESTORED}"
            ),
        );
    }
    // What pods have, the workload has not.
    let of_pods = "    metadata: {annotations: {restore-images.dev/ignore: frozen}}\n";
    check_stream(
        TRUSTED,
        &with("", of_pods, ":v1"),
        &with("", of_pods, ""),
        &format!(
            "warning: the annotation restore-images.dev/ignore of the pods does not keep the Deployment as it is: write it into the annotations of that [unknown-annotation]\n{RESTORED}"
        ),
    );
    // Both may have it, for policies that look at pods; others' annotations are nobody's business here.
    let both = with(
        "  annotations: {restore-images.dev/ignore: frozen}\n",
        of_pods,
        ":v1",
    );
    check_stream(
        TRUSTED,
        &both,
        &both,
        "info: left alone by annotation: frozen [ignored-resource]\n",
    );
    check_stream(
        TRUSTED,
        &own("example.com/ignore", "frozen", ""),
        &own("example.com/ignore", "frozen", ""),
        "",
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
