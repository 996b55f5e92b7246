//! Whose an image is.

use super::{COLLECTOR, DIGEST, check, check_stream, drifted_document, profile, restored};
use crate::support::assert_text_eq;

const SHARED: &str = "  agents:\n  - name: own\n    images:\n    - {image: acme.io/t/agent, tag: floating, imagePullPolicy: Always}\n    - {image: quay.io/p/prom, tag: keep, imagePullPolicy: Always, shared: true}\n";

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
        "warning: the agent realtheory-collector is named in the configuration and was not found in these manifests (remove it, or set unmatchedAgents to ignore if they are only a part) [unmatched-agent]\n",
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

/// A profile's image with names, a policy and these keys.
fn named_for(policy: &str) -> String {
    let names = "containers: [c]\n      workloads: [d]\n";
    format!(
        "  agents:\n  - name: own\n    images:\n    - image: acme.io/t/agent\n      {names}      {policy}\n"
    )
}

/// The tag of another program's image is none of the agent's, whatever family it is of.
#[test]
fn an_image_known_by_names_alone_never_gets_another_programs_tag() {
    let becomes = |spec: &str, image: &str, expected: &str, what: &str| {
        let list = |image: &str| format!("[{{name: c, image: '{image}'}}]");
        let drift = format!("{image} → {expected}");
        let mut lines = [
            format!("info: container c: {what}: {drift} [pinned-tag]\n"),
            format!("info: container c: wrong registry or path: {drift} [wrong-registry]\n"),
        ];
        if what.starts_with("not") {
            lines.swap(0, 1);
            lines[1] = lines[1].replace("pinned-tag", "wrong-version");
        }
        check(spec, &list(image), &list(expected), &lines.concat());
    };
    for image in [
        "nginx:1.25-alpine",
        "corp/x:build-77-jmx",
        "nginx:win-ltsc2022",
        "other/x:4.1",
    ] {
        let (_, tag) = image.rsplit_once(':').expect("a tag");
        let keeps = format!("tag {tag} keeps the agent from upgrading itself");
        becomes(
            &named_for("tag: floating"),
            image,
            "acme.io/t/agent",
            &keeps,
        );
        let families = named_for("tag: floating\n      floatingTags: ['3', ubi10-3]")
            .replace("t/agent\n", "t/agent:3\n");
        becomes(&families, image, "acme.io/t/agent:3", &keeps);
        let pins = "not the version that the profile own pins";
        becomes(
            &named_for("tag: pinned\n      pin: 2.0-jmx"),
            image,
            "acme.io/t/agent:2.0-jmx",
            pins,
        );
    }
    let bare = format!("nginx@{DIGEST}");
    check(
        &named_for("tag: floating"),
        &format!("[{{name: c, image: '{bare}'}}]"),
        "[{name: c, image: 'acme.io/t/agent'}]",
        &format!(
            "info: container c: the digest keeps the agent from upgrading itself: {bare} → acme.io/t/agent [pinned-digest]\n\
             info: container c: wrong registry or path: {bare} → acme.io/t/agent [wrong-registry]\n"
        ),
    );
    // Where the profile names no tag, there is none to write.
    for (policy, why) in [
        ("tag: keep", "its profile keeps tags"),
        (
            "tag: minimum\n      minimum: '1.2'",
            "its profile says a lowest version alone",
        ),
        (
            "tag: revision",
            "no cluster's version is configured for its revision",
        ),
    ] {
        let text = "[{name: c, image: 'nginx:1.25'}]";
        check(
            &named_for(policy),
            text,
            text,
            &format!(
                "warning: container c: nginx:1.25 is not acme.io/t/agent, which container and workload are named for, and stays, since {why}: write image and tag by hand [unresolved-image]\n"
            ),
        );
    }
}

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
        "info: container c: wrong registry or path: gcr.io/dd/agent:7 → reg.corp/dd/agent:7 [wrong-registry]\n\
         warning: container d: public.ecr.aws/dd/agent:7 comes from public.ecr.aws, which no rule maps, while gcr.io/dd/agent goes to reg.corp/dd/agent by the rule gcr.io/dd → reg.corp/dd: write reg.corp/dd/agent, or add a rule with `source: public.ecr.aws`, and the same `mirror` if it may stay there [unmapped-registry]\n",
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
        "info: the profile realtheory-collector replaces the built-in one [replaced-profile]\n\
         info: container c: not the version that the profile realtheory-collector pins: realtheory/theory-k8s-collector → realtheory/theory-k8s-collector:v9 [wrong-version]\n",
    );
}

/// An image that no engine pulls is an agent's by the name that it means, and stays.
#[test]
fn a_name_that_is_no_reference_is_told() {
    let spec =
        "  agents: [datadog]\n  registries:\n  - {source: gcr.io, mirror: m.e/gcr, scope: all}\n";
    let form = "a reference has the form [HOST/]NAME[:TAG][@DIGEST]";
    for (image, shown, why) in [
        (
            "user:pw@gcr.io/datadoghq/agent:7",
            "***@gcr.io/datadoghq/agent:7",
            form,
        ),
        (
            "https://gcr.io/datadoghq/agent:7",
            "https://gcr.io/datadoghq/agent:7",
            form,
        ),
        (
            "docker.io/DataDog/agent:7",
            "docker.io/DataDog/agent:7",
            "the repository name has upper-case letters",
        ),
        (
            "gcr.io//datadoghq/agent:7",
            "gcr.io//datadoghq/agent:7",
            form,
        ),
        (" gcr.io/datadoghq/agent:7", "***", form),
        (
            "gcr.io/datadoghq/agent:7@sha256:zz",
            "gcr.io/datadoghq/agent:7@***",
            form,
        ),
        (
            "gcr.io/datadoghq/agent:7@foo",
            "gcr.io/datadoghq/agent:7@***",
            form,
        ),
        (
            "gcr.io/datadoghq/agent:7@sha256:0123",
            "gcr.io/datadoghq/agent:7@sha256:0123",
            "a sha256 digest has 64 digits, this one has 4",
        ),
    ] {
        let text = format!("[{{name: c, image: '{image}'}}]");
        check(
            spec,
            &text,
            &text,
            &format!(
                "warning: container c: `{shown}` is not an image reference: {why} [unresolved-image]\n"
            ),
        );
    }
    // Nobody's image is nobody's question.
    let other =
        "[{name: c, image: 'https://gcr.io/a/b:7'}, {name: d, image: 'gcr.io/datadoghq/agent:7'}]";
    let mapped = other.replace("'gcr.io", "'m.e/gcr");
    check(
        spec,
        other,
        &mapped,
        "info: container d: wrong registry or path: gcr.io/datadoghq/agent:7 → m.e/gcr/datadoghq/agent:7 [wrong-registry]\n",
    );
}
