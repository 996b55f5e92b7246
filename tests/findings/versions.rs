//! Which version runs: tags, digests and the oldest version.

use super::{COLLECTOR, DIGEST, check, check_stream, profile};

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

/// What moves, or has no tag, is of no family with words; a pre-release is older than its release.
#[test]
fn a_minimum_of_a_family_passes_over_no_other() {
    let spec = |minimum: &str| {
        profile(
            "acme.io/t/a",
            &["tag: minimum", &format!("minimum: '{minimum}'")],
        )
    };
    let told = |minimum: &str, image: &str, what: &str| {
        let text = format!("[{{name: c, image: 'acme.io/t/{image}'}}]");
        let finding = match what {
            "" => String::new(),
            what => format!("warning: container c: acme.io/t/{image} {what}\n"),
        };
        check(&spec(minimum), &text, &text, &finding);
    };
    let other = "is of another family of tags, so it cannot be compared with the minimum 7.60-jmx [unresolved-image]";
    told("7.60-jmx", "a", other);
    told("7.60-jmx", "a:latest", other);
    told("7.60-jmx", "a:7.61-jmx", "");
    let older = "is older than the minimum 7.60: raise it by hand [outdated-version]";
    for tag in [
        "7.60-rc1",
        "7.60.0-beta.2",
        "7.60.0b2",
        "v7.60.0-SNAPSHOT",
        "7.60-dev",
    ] {
        told("7.60", &format!("a:{tag}"), older);
    }
    for tag in [
        "7.60",
        "7.60.0-alpine",
        "7.60-1",
        "7.61-rc1",
        "latest",
        "7.60.0-ga",
    ] {
        told("7.60", &format!("a:{tag}"), "");
    }
    told("7.60-rc1", "a:7.60-rc2", "");
}

#[test]
fn a_digest_alone_is_of_no_family() {
    let bare = format!("[{{name: c, image: 'acme.io/t/a@{DIGEST}'}}]");
    check(
        &profile("acme.io/t/a:latest-fips", &["tag: floating"]),
        &bare,
        &bare,
        &format!(
            "warning: container c: acme.io/t/a@{DIGEST} has a digest alone, which does not say whether it is of latest-fips: it stays [unresolved-image]\n"
        ),
    );
}

/// One key of an Instrumentation is the pull policy of all its images: it stays where they want it otherwise.
#[test]
fn a_pull_policy_that_images_want_otherwise_stays() {
    let spec = |other: &str| {
        format!(
            "  agents: [{{name: own, images: [{{image: docker.io/acme/java, tag: keep, imagePullPolicy: Always}}, {{image: docker.io/acme/python, tag: keep, imagePullPolicy: {other}}}]}}]\n"
        )
    };
    let object = |rest: &str| {
        format!(
            "apiVersion: opentelemetry.io/v1alpha1\nkind: Instrumentation\nmetadata: {{name: i}}\nspec:\n{rest}  java: {{image: \"acme/java:v1\"}}\n  python: {{image: \"acme/python:v1\"}}\n"
        )
    };
    let policy = |policy: &str| object(&format!("  imagePullPolicy: {policy}\n"));
    let left = |change: &str, other: &str| {
        format!(
            "warning: Instrumentation i: pull policy {change} is not written: it is the pull policy of acme/{other}:v1, too, which should be otherwise: let both want the same, by `imagePullPolicy` of their agents [unresolved-image]\n"
        )
    };
    let (always, never) = (policy("Always"), policy("IfNotPresent"));
    let said = left("Always → IfNotPresent", "java");
    check_stream(&spec("IfNotPresent"), &always, &always, &said);
    let said = left("IfNotPresent → Always", "python");
    check_stream(&spec("IfNotPresent"), &never, &never, &said);
    let said = [
        left("(missing) → Always", "python"),
        left("(missing) → IfNotPresent", "java"),
    ];
    check_stream(
        &spec("IfNotPresent"),
        &object(""),
        &object(""),
        &said.concat(),
    );
    // Where all want the same, it is restored.
    let said = "info: Instrumentation i: pull policy IfNotPresent → Always [wrong-pull-policy]\n";
    check_stream(&spec("Always"), &never, &always, &said.repeat(2));
}
