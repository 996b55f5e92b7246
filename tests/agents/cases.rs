//! What once went wrong with agents, each with what is right: configuration, manifest, result and
//! findings side by side.

use std::fs;

use crate::support::{Run, assert_text_eq, run_in_folder};

fn restore(spec: &str, input: &str) -> Run {
    let folder = tempfile::tempdir().expect("a folder");
    let config = format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n{spec}"
    );
    fs::write(folder.path().join("c.yaml"), config).expect("written");
    run_in_folder(folder.path(), &["c.yaml"], input.as_bytes())
}

/// Restores a stream; `findings` are the lines of standard error without their places.
#[track_caller]
fn check(spec: &str, input: &str, expected: &str, findings: &str) {
    let run = restore(spec, input);
    let short: String = run
        .stderr
        .lines()
        .map(|line| match line.split_once(": ") {
            Some((place, rest)) if place.starts_with("stdin:") => format!("{rest}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    assert_text_eq(&short, findings);
    assert_text_eq(&String::from_utf8_lossy(&run.stdout), expected);
    let again = restore(spec, expected);
    assert_text_eq(&String::from_utf8_lossy(&again.stdout), expected);
}

/// A Deployment `w` in a namespace, with more metadata and a container.
fn deployment(metadata: &str, container: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: w, namespace: n{metadata}}}\nspec: {{template: {{spec: {{containers: [{{name: c, {container}}}]}}}}}}\n"
    )
}

const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

const FAMILIES: &str = "  agents:\n  - name: own\n    images:\n    - {image: 'acme.io/t/agent:4', tag: floating, floatingTags: ['3', '4', ubi10-4, latest-jmx]}\n";

#[test]
fn a_tag_goes_back_within_its_family() {
    for (old, new, finding) in [
        ("4", "4", ""),
        ("3", "3", ""),
        ("ubi10-4", "ubi10-4", ""),
        (
            "4.0.2",
            "4",
            "tag 4.0.2 keeps the agent from upgrading itself: OLD → NEW [pinned-tag]",
        ),
        // Each major version has a tag of its own.
        (
            "3.0.1-rc1",
            "3",
            "tag 3.0.1-rc1 keeps the agent from upgrading itself: OLD → NEW [pinned-tag]",
        ),
        (
            "ubi10-4.0.2",
            "ubi10-4",
            "tag ubi10-4.0.2 keeps the agent from upgrading itself: OLD → NEW [pinned-tag]",
        ),
        (
            "7.60.0-jmx",
            "latest-jmx",
            "tag 7.60.0-jmx keeps the agent from upgrading itself: OLD → NEW [pinned-tag]",
        ),
        (
            "arm64-4.1",
            "4",
            "tag arm64-4.1 keeps the agent from upgrading itself: OLD → NEW [pinned-tag]",
        ),
        (
            "5.0",
            "5.0",
            "OLD is newer than the floating tag 4: nothing is lowered [unresolved-image]",
        ),
        (
            "ubi10-5.0",
            "ubi10-5.0",
            "OLD is newer than the floating tag ubi10-4: nothing is lowered [unresolved-image]",
        ),
        // No major version takes the place of another.
        (
            "2.9.1",
            "2.9.1",
            "OLD is of another major version than 3, 4, ubi10-4 or latest-jmx: it stays [unresolved-image]",
        ),
        (
            "ubi10-3.0",
            "ubi10-3.0",
            "OLD is of another major version than 3, 4, ubi10-4 or latest-jmx: it stays [unresolved-image]",
        ),
        (
            "ubi9-4.0.2",
            "ubi9-4.0.2",
            "OLD is of another family of tags than 3, 4, ubi10-4 or latest-jmx: it stays [unresolved-image]",
        ),
        (
            "4.0.2-distroless",
            "4.0.2-distroless",
            "OLD is of another family of tags than 3, 4, ubi10-4 or latest-jmx: it stays [unresolved-image]",
        ),
        // A word behind a dot is of another family, too.
        (
            "4.0.2.ubi8",
            "4.0.2.ubi8",
            "OLD is of another family of tags than 3, 4, ubi10-4 or latest-jmx: it stays [unresolved-image]",
        ),
        (
            "4.0.2.rc1",
            "4",
            "tag 4.0.2.rc1 keeps the agent from upgrading itself: OLD → NEW [pinned-tag]",
        ),
        (
            "win-latest",
            "win-latest",
            "OLD is of another family of tags than 3, 4, ubi10-4 or latest-jmx: it stays [unresolved-image]",
        ),
    ] {
        let image = |tag: &str| deployment("", &format!("image: 'acme.io/t/agent:{tag}'"));
        let level = if finding.contains("unresolved") {
            "warning"
        } else {
            "info"
        };
        let finding = finding
            .replace("OLD", &format!("acme.io/t/agent:{old}"))
            .replace("NEW", &format!("acme.io/t/agent:{new}"));
        let line = if finding.is_empty() {
            String::new()
        } else {
            format!("{level}: Deployment n/w: container c: {finding}\n")
        };
        check(FAMILIES, &image(old), &image(new), &line);
    }
}

#[test]
fn a_digest_alone_stays_where_nothing_says_what_it_is_of() {
    let image = |version: &str| deployment("", &format!("image: 'acme.io/t/agent{version}'"));
    let alone = format!("@{DIGEST}");
    check(
        FAMILIES,
        &image(&alone),
        &image(&alone),
        &format!(
            "warning: Deployment n/w: container c: acme.io/t/agent@{DIGEST} has a digest alone, which does not say whether it is of 3, 4, ubi10-4 or latest-jmx: it stays [unresolved-image]\n"
        ),
    );
    // A tag says it.
    let pinned = format!("ubi10-4@{DIGEST}");
    check(
        FAMILIES,
        &image(&format!(":{pinned}")),
        &image(":ubi10-4"),
        &format!(
            "info: Deployment n/w: container c: the digest keeps the agent from upgrading itself: acme.io/t/agent:{pinned} → acme.io/t/agent:ubi10-4 [pinned-digest]\n"
        ),
    );
}

#[test]
fn a_minimum_with_words_is_of_its_family() {
    let spec = "  agents:\n  - name: own\n    images:\n    - {image: acme.io/t/agent, tag: minimum, minimum: win-3.1.24}\n";
    for (tag, finding) in [
        ("win-3.1.24", ""),
        ("win-3.2", ""),
        (
            "win-3.1.9",
            "is older than the minimum win-3.1.24: raise it by hand [outdated-version]",
        ),
        (
            "3.1.9",
            "is of another family of tags, so it cannot be compared with the minimum win-3.1.24 [unresolved-image]",
        ),
    ] {
        let text = deployment("", &format!("image: 'acme.io/t/agent:{tag}'"));
        let finding = match finding {
            "" => String::new(),
            finding => {
                format!("warning: Deployment n/w: container c: acme.io/t/agent:{tag} {finding}\n")
            }
        };
        check(spec, &text, &text, &finding);
    }
}

#[test]
fn a_registry_in_a_setting_goes_where_the_images_go() {
    let spec =
        "  agents: [datadog]\n  registries: [{source: gcr.io, mirror: mirror.example.com/gcr}]\n";
    let name = "DD_ADMISSION_CONTROLLER_AGENT_SIDECAR_CONTAINER_REGISTRY";
    let text = |image: &str, value: &str| {
        deployment(
            "",
            &format!(
                "image: '{image}/cluster-agent:7.60.0', env: [{{name: {name}, value: {value}}}]"
            ),
        )
    };
    let mirrored = text(
        "mirror.example.com/gcr/datadoghq",
        "mirror.example.com/gcr/datadoghq",
    );
    let moved = "info: Deployment n/w: container c: wrong registry or path: gcr.io/datadoghq";
    check(
        spec,
        &text("gcr.io/datadoghq", "gcr.io/datadoghq"),
        &mirrored,
        &format!(
            "{moved} → mirror.example.com/gcr/datadoghq [wrong-registry]\n{moved}/cluster-agent:7.60.0 → mirror.example.com/gcr/datadoghq/cluster-agent:7.60.0 [wrong-registry]\n"
        ),
    );
    check(spec, &mirrored, &mirrored, "");
    // And back, on whatever host a copy was.
    check(
        "  agents: [datadog]\n",
        &text("gcr.io/datadoghq", "mirror.example.com/other"),
        &text("gcr.io/datadoghq", "mirror.example.com/other"),
        "",
    );
    check(
        "  agents: [datadog]\n",
        &text("gcr.io/datadoghq", "mirror.example.com/datadoghq"),
        &text("gcr.io/datadoghq", "registry.datadoghq.com"),
        "info: Deployment n/w: container c: wrong registry or path: mirror.example.com/datadoghq → registry.datadoghq.com [wrong-registry]\n",
    );
}

#[test]
fn a_registry_that_no_rule_can_say_is_reported() {
    let spec = "  agents:\n  - name: own\n    images: [{image: acme.io/t/agent}]\n    prefixes: [{setting: --registry, before: agent}]\n  registries: [{source: acme.io/t/agent, mirror: reg.corp/a}]\n";
    let text = |args: &str| deployment("", &format!("image: x.io/y/z:1, args: [{args}]"));
    for args in ["--registry=acme.io/t, --other", "--registry, acme.io/t"] {
        check(
            spec,
            &text(args),
            &text(args),
            "warning: Deployment n/w: container c: acme.io/t → reg.corp/a cannot be written: its values have no place for it [unresolved-image]\n",
        );
    }
    let spec = spec.replace("reg.corp/a}", "reg.corp/agent}");
    check(
        &spec,
        &text("--registry=acme.io/t, --other"),
        &text("--registry=reg.corp, --other"),
        "info: Deployment n/w: container c: wrong registry or path: acme.io/t → reg.corp [wrong-registry]\n",
    );
}

#[test]
fn a_release_ties_a_shared_image_to_its_agent() {
    let spec = "  agents: [kubecost]\n  registries:\n  - {source: gcr.io, mirror: mirror.example.com/gcr}\n  - {source: cgr.dev, mirror: mirror.example.com/cgr}\n";
    let own = |metadata: &str| {
        deployment(
            metadata,
            "image: 'mirror.example.com/gcr/kubecost1/cost-model:prod-2.8.0'",
        )
    };
    let (old, new) = (
        "cgr.dev/chainguard/prometheus",
        "mirror.example.com/cgr/chainguard/prometheus",
    );
    let prometheus =
        |metadata: &str, name: &str| deployment(metadata, &format!("image: '{name}:latest'"));
    let moved = format!(
        "info: Deployment n/w: container c: wrong registry or path: {old}:latest → {new}:latest [wrong-registry]\n"
    );
    let stays = format!(
        "warning: Deployment n/w: container c: {old}:latest stays, since others run it too and nothing ties it to kubecost, for which it would be {new}:latest: write `namespaces: [n]` for the agent kubecost if it is its own [shared-image]\n"
    );
    let release = ", labels: {app: x, release: kubecost}";
    let instance = ", labels: {app.kubernetes.io/instance: kubecost}";
    let helm = ", annotations: {meta.helm.sh/release-name: kubecost}";
    let chart = ", labels: {helm.sh/chart: cost-analyzer-2.8.0}";
    let other = ", labels: {helm.sh/chart: cost-analyzer-2.8.0, release: other}";
    let flux =
        ", labels: {helm.toolkit.fluxcd.io/name: costs, helm.toolkit.fluxcd.io/namespace: m}";
    let other_flux =
        ", labels: {helm.toolkit.fluxcd.io/name: costs, helm.toolkit.fluxcd.io/namespace: o}";
    let argo_cd = ", annotations: {argocd.argoproj.io/tracking-id: 'costs:apps/Deployment:n/w'}";
    let other_argo_cd =
        ", annotations: {argocd.argoproj.io/tracking-id: 'other:apps/Deployment:n/w'}";
    let nobody = ", labels: {release: ''}";
    let part = ", labels: {app.kubernetes.io/part-of: costs}";
    let named = ", labels: {app.kubernetes.io/instance: p, app.kubernetes.io/name: p, helm.toolkit.fluxcd.io/name: costs, helm.toolkit.fluxcd.io/namespace: m}";
    let other_named = ", labels: {app.kubernetes.io/instance: p, app.kubernetes.io/name: q, helm.toolkit.fluxcd.io/name: costs, helm.toolkit.fluxcd.io/namespace: m}";
    for (of_own, of_shared, is_tied) in [
        (release, release, true),
        (instance, release, true),
        (helm, instance, true),
        (chart, chart, true),
        (instance, ", labels: {release: other}", false),
        // Two releases may be of one chart.
        (chart, other, false),
        (flux, flux, true),
        (flux, other_flux, false),
        (argo_cd, argo_cd, true),
        (argo_cd, other_argo_cd, false),
        (argo_cd, flux, false),
        (part, part, true),
        (part, ", labels: {app.kubernetes.io/part-of: other}", false),
        // A name that is the program's own is that of no release.
        (flux, named, true),
        (flux, other_named, false),
        // An empty name is nobody's.
        (nobody, nobody, false),
        ("", "", false),
    ] {
        let rest = format!("---\n{}", own(of_own));
        let (after, findings) = if is_tied {
            (new, &moved)
        } else {
            (old, &stays)
        };
        check(
            spec,
            &format!("{}{rest}", prometheus(of_shared, old)),
            &format!("{}{rest}", prometheus(of_shared, after)),
            findings,
        );
    }
    // Which namespaces are the agent's is said.
    let said = spec.replace("[kubecost]", "[{profile: kubecost, namespaces: [m]}]");
    let text = format!("{}---\n{}", prometheus("", old), own(""));
    check(&said, &text, &text, "");
}

#[test]
fn labels_of_pods_tie_a_shared_image_to_its_agent() {
    let workload = |name: &str, release: &str, image: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: n}}\nspec: {{template: {{metadata: {{labels: {{app.kubernetes.io/instance: {release}}}}}, spec: {{containers: [{{name: c, image: '{image}'}}]}}}}}}\n"
        )
    };
    let cron_job = |release: &str, image: &str| {
        format!(
            "apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: j, namespace: n}}\nspec: {{jobTemplate: {{spec: {{template: {{metadata: {{labels: {{release: {release}}}}}, spec: {{containers: [{{name: c, image: '{image}'}}]}}}}}}}}}}\n"
        )
    };
    let own = workload(
        "a",
        "r",
        "ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent:1.2.13",
    );
    let name = "kube-state-metrics/kube-state-metrics:v2.17.0";
    let (old, new) = (
        format!("mirror.example.com/{name}"),
        format!("registry.k8s.io/{name}"),
    );
    check(
        "  agents: [cloudzero-agent]\n",
        &format!(
            "{own}---\n{}---\n{}",
            workload("w", "r", &old),
            cron_job("r", &old)
        ),
        &format!(
            "{own}---\n{}---\n{}",
            workload("w", "r", &new),
            cron_job("r", &new)
        ),
        &format!(
            "info: Deployment n/w: container c: wrong registry or path: {old} → {new} [wrong-registry]\ninfo: CronJob n/j: container c: wrong registry or path: {old} → {new} [wrong-registry]\n"
        ),
    );
}

#[test]
fn images_of_an_agents_custom_resources_are_its_own() {
    let text = |prometheus: &str, exporter: &str| {
        format!(
            "apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {{name: k8s, namespace: n}}\nspec: {{image: '{prometheus}'}}\n---\napiVersion: cloudwatch.aws.amazon.com/v1alpha1\nkind: DcgmExporter\nmetadata: {{name: d, namespace: n}}\nspec: {{image: '{exporter}'}}\n"
        )
    };
    check(
        "  agents: [kube-prometheus, cloudwatch-agent]\n",
        &text(
            "mirror.example.com/prometheus/prometheus:v3.1.0",
            "mirror.example.com/nvidia/k8s/dcgm-exporter:4",
        ),
        &text(
            "quay.io/prometheus/prometheus:v3.1.0",
            "nvcr.io/nvidia/k8s/dcgm-exporter:4",
        ),
        "info: Prometheus n/k8s: wrong registry or path: mirror.example.com/prometheus/prometheus:v3.1.0 → quay.io/prometheus/prometheus:v3.1.0 [wrong-registry]\ninfo: DcgmExporter n/d: wrong registry or path: mirror.example.com/nvidia/k8s/dcgm-exporter:4 → nvcr.io/nvidia/k8s/dcgm-exporter:4 [wrong-registry]\n",
    );
}

#[test]
fn a_shared_image_on_an_undeclared_mirror_is_reported() {
    let image = "mirror.example.com/prometheus/prometheus:v3.1.0";
    let text = deployment("", &format!("image: '{image}'"));
    check(
        "  agents: [kube-prometheus]\n  unmatchedAgents: ignore\n",
        &text,
        &text,
        &format!(
            "warning: Deployment n/w: container c: {image} stays, since others run it too and nothing ties it to kube-prometheus, for which it would be quay.io/prometheus/prometheus:v3.1.0: if it is a copy, declare it with `source: quay.io` and `mirror: mirror.example.com`; write `namespaces: [n]` for the agent kube-prometheus if it is its own [shared-image]\n"
        ),
    );
    // Where such copies are kept, nothing is said of one that may be another's.
    check(
        "  agents: [kube-prometheus]\n  unmatchedAgents: ignore\n  undeclaredMirrors: keep\n",
        &text,
        &text,
        "",
    );
}

/// A copy goes back to the registry whose path it has.
#[test]
fn a_path_of_one_name_alone_leads_back_to_that_name() {
    for (agent, old, new) in [
        (
            "opentelemetry-collector",
            "mirror.example.com/hub/otel/opentelemetry-collector-k8s:0.137.0",
            "otel/opentelemetry-collector-k8s:0.137.0",
        ),
        (
            "opentelemetry-collector",
            "mirror.example.com/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-k8s:0.137.0",
            "ghcr.io/open-telemetry/opentelemetry-collector-releases/opentelemetry-collector-k8s:0.137.0",
        ),
        (
            "harness-delegate",
            "mirror.example.com/gar-prod-setup/harness-public/harness/upgrader:latest",
            "us-docker.pkg.dev/gar-prod-setup/harness-public/harness/upgrader:latest",
        ),
        (
            "harness-delegate",
            "mirror.example.com/harness/upgrader:latest",
            "harness/upgrader:latest",
        ),
    ] {
        let text =
            |image: &str| deployment("", &format!("image: '{image}', imagePullPolicy: Always"));
        check(
            &format!("  agents: [{agent}]\n"),
            &text(old),
            &text(new),
            &format!(
                "info: Deployment n/w: container c: wrong registry or path: {old} → {new} [wrong-registry]\n"
            ),
        );
    }
}

#[test]
fn an_image_is_known_by_the_name_that_a_rule_gives_it() {
    let spec =
        "  agents: [datadog]\n  registries: [{source: k8s.gcr.io, mirror: registry.k8s.io}]\n";
    let text = |host: &str| {
        let metadata = ", labels: {app.kubernetes.io/instance: datadog}";
        format!(
            "{}---\n{}",
            deployment(metadata, "image: 'gcr.io/datadoghq/agent:7.60.0'"),
            deployment(
                metadata,
                &format!("image: '{host}/kube-state-metrics/kube-state-metrics:v1.9.8'")
            )
        )
    };
    check(
        spec,
        &text("k8s.gcr.io"),
        &text("registry.k8s.io"),
        "info: Deployment n/w: container c: wrong registry or path: k8s.gcr.io/kube-state-metrics/kube-state-metrics:v1.9.8 → registry.k8s.io/kube-state-metrics/kube-state-metrics:v1.9.8 [wrong-registry]\n",
    );
}

#[test]
fn what_script_pods_of_octopus_cannot_pull_is_reported() {
    let spec = "  agents: [octopus-kubernetes-agent]\n  registries: [{source: docker.io, mirror: reg.corp/hub, imagePullSecrets: [hub]}]\n";
    let text = |env: &str| deployment("", &format!("image: x.io/y/z:1, env: [{env}]"));
    check(
        spec,
        &text(
            "{name: OCTOPUS__K8STENTACLE__NFSWATCHDOGIMAGE, value: 'reg.corp/hub/octopusdeploy/kubernetes-agent-nfs-watchdog:0.2.0'}",
        ),
        &text(
            "{name: OCTOPUS__K8STENTACLE__NFSWATCHDOGIMAGE, value: 'reg.corp/hub/octopusdeploy/kubernetes-agent-nfs-watchdog:0.2.0'}",
        ),
        "warning: Deployment n/w: container c: reg.corp/hub/octopusdeploy/kubernetes-agent-nfs-watchdog:0.2.0 needs the pull secret hub, and the variable OCTOPUS__K8STENTACLE__PODIMAGEPULLSECRETNAMES that would list it is absent: add it [unresolved-image]\n",
    );
    // Others run the tools of workers, too: they are the agent's beside its Tentacle.
    let script_pods = |name: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: w, namespace: n}}\nspec: {{template: {{spec: {{imagePullSecrets: [{{name: hub}}], containers: [{{name: c, image: 'reg.corp/hub/octopusdeploy/kubernetes-agent-tentacle:9.2.4285', env: [{{name: OCTOPUS__K8STENTACLE__SCRIPTPODIMAGE, value: {name}}}, {{name: OCTOPUS__K8STENTACLE__SCRIPTPODIMAGETAG, value: ubuntu.24.04}}]}}]}}}}}}\n"
        )
    };
    let (old, new) = (
        "octopusdeploy/worker-tools",
        "reg.corp/hub/octopusdeploy/worker-tools",
    );
    check(
        spec,
        &script_pods(old),
        &script_pods(new),
        &format!(
            "warning: Deployment n/w: container c: {old}:ubuntu.24.04 needs the pull secret hub, and the variable OCTOPUS__K8STENTACLE__PODIMAGEPULLSECRETNAMES that would list it is absent: add it [unresolved-image]\ninfo: Deployment n/w: container c: wrong registry or path: {old}:ubuntu.24.04 → {new}:ubuntu.24.04 [wrong-registry]\n"
        ),
    );
    check(
        spec,
        &text("{name: OCTOPUS__K8STENTACLE__CALAMARIIMAGEVOLUMEREPOSITORY, value: octopusdeploy}"),
        &text(
            "{name: OCTOPUS__K8STENTACLE__CALAMARIIMAGEVOLUMEREPOSITORY, value: reg.corp/hub/octopusdeploy}",
        ),
        "warning: Deployment n/w: container c: octopusdeploy needs the pull secret hub, and its profile does not say where the pods take it from: make sure that it is there [unseen-pull-secret]\ninfo: Deployment n/w: container c: wrong registry or path: octopusdeploy → reg.corp/hub/octopusdeploy [wrong-registry]\n",
    );
}

#[test]
fn an_image_that_the_release_no_longer_has_is_untested() {
    let spec = "  agents: [cloudzero-agent]\n";
    let text = |agent: &str, alloy: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: s}}\nspec: {{template: {{spec: {{containers: [{{name: a, image: 'ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent:{agent}'}}, {{name: b, image: '{alloy}:1.2.13'}}]}}}}}}\n"
        )
    };
    check(
        spec,
        &text("1.2.13", "example.com/grafana/alloy"),
        &text("1.2.13", "example.com/grafana/alloy"),
        "warning: Deployment s: example.com/grafana/alloy:1.2.13 is untested in cloudzero-agent 1.2.13: the vendor has no docker.io/grafana/alloy in it, so it stays [untested-version]\n",
    );
    check(
        spec,
        &text("9.9.9", "docker.io/grafana/alloy"),
        &text("9.9.9", "docker.io/grafana/alloy"),
        "warning: Deployment s: ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent:9.9.9 is of no release that the profile lists (1.2.0 to 1.2.13), so it is not known whether the images beside it were tested with it: compare with the vendor's chart of that release [untested-version]\n",
    );
}

/// Two pods of one release, or of two: the first runs the agent's own image.
fn of_releases(own: (&str, &str), other: (&str, &str, &str)) -> String {
    let pod = |name: &str, release: &str, image: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: n, labels: {{app.kubernetes.io/instance: {release}}}}}\nspec: {{template: {{spec: {{containers: [{{name: c, image: '{image}'}}]}}}}}}\n"
        )
    };
    let agent = format!(
        "ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent:{}",
        own.1
    );
    let other_image = format!("{}:{}", other.1, other.2);
    // What runs beside comes first, so that no order helps.
    format!(
        "{}---\n{}",
        pod("beside", other.0, &other_image),
        pod("own", own.0, &agent)
    )
}

#[test]
fn versions_are_compared_across_the_pods_of_a_release() {
    let spec = "  agents: [cloudzero-agent]\n";
    let ksm = "registry.k8s.io/kube-state-metrics/kube-state-metrics";
    for (own, other, findings) in [
        // The release has no such image: nobody says that its official name exists.
        (
            ("cz", "1.2.13"),
            ("cz", "example.com/grafana/alloy", "1.2.13"),
            "warning: Deployment n/beside: example.com/grafana/alloy:1.2.13 is untested in cloudzero-agent 1.2.13: the vendor has no docker.io/grafana/alloy in it, so it stays [untested-version]\n",
        ),
        (
            ("cz", "1.2.13"),
            ("cz", ksm, "v2.16.0"),
            "warning: Deployment n/beside: registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.16.0 is untested in cloudzero-agent 1.2.13: the vendor tested registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.17.0 [untested-version]\n",
        ),
        (("cz", "1.2.13"), ("cz", ksm, "v2.17.0"), ""),
        (("cz", "1.2.13"), ("other", ksm, "v2.16.0"), ""),
        (
            ("cz", "9.9.9"),
            ("cz", ksm, "v2.16.0"),
            "warning: Deployment n/beside: registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.16.0 runs beside cloudzero-agent 9.9.9, which is of no release that the profile lists (1.2.0 to 1.2.13), so it is not known whether they were tested together: compare with the vendor's chart of that release [untested-version]\n",
        ),
    ] {
        let text = of_releases(own, other);
        check(spec, &text, &text, findings);
    }
    // What another pod of the release has is no reason to leave an image that the release has.
    check(
        spec,
        &of_releases(
            ("cz", "1.2.9"),
            ("cz", "example.com/grafana/alloy", "v1.11.3"),
        ),
        &of_releases(
            ("cz", "1.2.9"),
            ("cz", "docker.io/grafana/alloy", "v1.11.3"),
        ),
        "info: Deployment n/beside: container c: wrong registry or path: example.com/grafana/alloy:v1.11.3 → docker.io/grafana/alloy:v1.11.3 [wrong-registry]\n",
    );
}

/// Several versions of the agent may run under one name; the pod's own comes first.
#[test]
fn a_version_that_one_of_several_releases_was_tested_with_is_right() {
    let spec = "  agents: [cloudzero-agent]\n";
    let ksm = "registry.k8s.io/kube-state-metrics/kube-state-metrics";
    let older = of_releases(("cz", "1.2.6"), ("cz", ksm, "v2.16.0"));
    let newer = of_releases(("cz", "1.2.13"), ("cz", ksm, "v2.17.0"));
    let text = format!("{older}---\n{newer}");
    check(spec, &text, &text, "");
    let neither = of_releases(("cz", "1.2.13"), ("cz", ksm, "v2.15.0"));
    let text = format!("{older}---\n{neither}");
    check(
        spec,
        &text,
        &text,
        "warning: Deployment n/beside: registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.15.0 is untested in cloudzero-agent 1.2.13: the vendor tested registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.17.0 [untested-version]\n",
    );
}

/// A version of no release is told where it runs, or else where what runs beside it is.
#[test]
fn a_version_of_no_release_is_told_once() {
    let spec = "  agents: [cloudzero-agent]\n";
    let ksm = "registry.k8s.io/kube-state-metrics/kube-state-metrics";
    let text = of_releases(("cz", "9.9.9"), ("cz", ksm, "v2.16.0"));
    let text = text.replacen(
        "cloudzero-agent:9.9.9'}]",
        "cloudzero-agent:9.9.9'}, {name: p, image: 'quay.io/prometheus/prometheus:v3.10.0-distroless'}]",
        1,
    );
    check(
        spec,
        &text,
        &text,
        "warning: Deployment n/own: ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent:9.9.9 is of no release that the profile lists (1.2.0 to 1.2.13), so it is not known whether the images beside it were tested with it: compare with the vendor's chart of that release [untested-version]\n",
    );
}

#[test]
fn a_broken_versions_document_is_a_fault() {
    let revision = |source: &str| {
        format!(
            "  agents:\n  - {{profile: octopus-kubernetes-agent, revision: {{kubernetesVersion: \"1.35\", {source}}}}}\n"
        )
    };
    let text = |data: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: v-2f7c4d8k9m}}\ndata: {{{data}}}\n---\n{}",
            deployment(
                "",
                "image: 'octopusdeploy/kubernetes-agent-tools-base:1.34'"
            )
        )
    };
    let what = "the versions document cannot be read: expected a mapping, found a list\nhelp: write the vendor's versions.json as text\n";
    let inline = (
        revision("versions: '[]'"),
        text("a: b"),
        "c.yaml:6:89: spec.agents[0].revision.versions: ",
    );
    let named = (
        revision("versionsFrom: v"),
        text("versions.json: '[]'"),
        "stdin:4:23: data.versions.json: ",
    );
    for (spec, text, place) in [inline, named] {
        let run = restore(&spec, &text);
        assert_eq!((run.code, run.stdout.len()), (2, 0));
        assert_text_eq(&run.stderr, &format!("{place}{what}"));
    }
    // One that nobody reads is no fault.
    let unread = text("versions.json: '[]'");
    let run = restore("  agents: [octopus-kubernetes-agent]\n", &unread);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

/// The fault of a document is at its place in its file.
#[test]
fn a_broken_versions_document_in_a_file_is_a_fault() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).expect("written");
    };
    write(
        "c.yaml",
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec:\n  agents: [{profile: octopus-kubernetes-agent, revision: {kubernetesVersion: \"1.35\"}}]\n",
    );
    write(
        "a.yaml",
        &deployment(
            "",
            "image: 'octopusdeploy/kubernetes-agent-tools-base:1.34'",
        ),
    );
    write(
        "v.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kubernetes-agent-versions}\ndata:\n  versions.json: |\n    {\"latest\": 1.35}\n",
    );
    for command in ["check", "fix"] {
        let run = run_in_folder(folder.path(), &[command, "-c", "c.yaml", "."], b"");
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert_text_eq(
            &run.stderr,
            "v.yaml:6:5: data.versions.json: the versions document cannot be read: expected text, found a number\nhelp: write the vendor's versions.json as text\n",
        );
    }
}

/// Robusta's runner puts what its variable holds before the names of what it starts.
#[test]
fn an_owner_in_a_variable_goes_where_the_images_go() {
    let spec = "  agents: [robusta]\n  registries: [{source: docker.io, mirror: reg.corp/hub}]\n";
    let text = |owner: &str| {
        deployment(
            "",
            &format!(
                "image: 'reg.corp/hub/robustadev/robusta-runner:0.30.0', env: [{{name: IMAGE_REGISTRY, value: {owner}}}]"
            ),
        )
    };
    check(
        spec,
        &text("robustadev"),
        &text("reg.corp/hub/robustadev"),
        "info: Deployment n/w: container c: wrong registry or path: robustadev → reg.corp/hub/robustadev [wrong-registry]\n",
    );
}

/// A path of one segment proves nothing by itself.
#[test]
fn a_last_name_beside_the_charts_label_is_told() {
    let daemon_set = |labels: &str, image: &str| {
        format!(
            "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {{name: agent, namespace: n, labels: {{{labels}}}}}\nspec: {{template: {{spec: {{containers: [{{name: agent, image: '{image}:7.50.0'}}]}}}}}}\n"
        )
    };
    let image = "registry.corp.example/dd/agent";
    for (labels, label) in [
        (
            "app.kubernetes.io/name: datadog",
            "app.kubernetes.io/name: datadog",
        ),
        (
            "helm.sh/chart: datadog-3.69.3",
            "helm.sh/chart: datadog-3.69.3",
        ),
        (
            "helm.sh/chart: 'datadog-3.69.3', app.kubernetes.io/name: 'datadog'",
            "helm.sh/chart: datadog-3.69.3",
        ),
    ] {
        let text = daemon_set(labels, image);
        let told = format!(
            "warning: DaemonSet n/agent: container agent: {image}:7.50.0 may be registry.datadoghq.com/agent of datadog, by its last name and the label {label}, which is too little to go by, so it stays as it is: if it is a copy, declare it with `source: registry.datadoghq.com` and `mirror: registry.corp.example/dd` [undeclared-mirror]\n"
        );
        // Built-in profiles that a text could concern are in play where none is named.
        check("  mode: restore\n", &text, &text, &told);
        check("  agents: [datadog]\n", &text, &text, &told);
    }
    // The rule that is named settles it.
    let rule = "  agents: [datadog]\n  registries: [{source: registry.datadoghq.com, mirror: registry.corp.example/dd}]\n";
    let text = daemon_set("app.kubernetes.io/name: datadog", image);
    check(rule, &text, &text, "");
    // Other labels, other names, and other places say nothing.
    for text in [
        daemon_set("app.kubernetes.io/name: other", image),
        daemon_set("helm.sh/chart: datadog-other-0.1.0", image),
        daemon_set(
            "app.kubernetes.io/name: datadog",
            "registry.corp.example/dd/sidecar",
        ),
    ] {
        check("  unmatchedAgents: ignore\n", &text, &text, "");
    }
}

#[test]
fn latest_does_not_keep_an_agent_from_upgrading() {
    let spec = "  agents:\n  - name: own\n    images:\n    - {image: 'acme.io/t/agent:stable', tag: floating}\n";
    check(
        spec,
        &deployment("", "image: 'acme.io/t/agent:latest'"),
        &deployment("", "image: 'acme.io/t/agent:stable'"),
        "info: Deployment n/w: container c: tag latest is not the floating one: acme.io/t/agent:latest → acme.io/t/agent:stable [pinned-tag]\n",
    );
}

#[test]
fn an_explanation_of_latest_says_nothing_of_upgrading() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec:\n  agents: [{name: own, images: [{image: 'acme.io/t/agent:stable', tag: floating}]}]\n";
    fs::write(folder.path().join("c.yaml"), config).expect("written");
    let run = run_in_folder(
        folder.path(),
        &["explain", "-c", "c.yaml", "acme.io/t/agent:latest"],
        b"",
    );
    let text = String::from_utf8(run.stdout).expect("UTF-8");
    let result = "  result       acme.io/t/agent:stable\n               tag latest is not the floating one\n";
    assert!(text.ends_with(result), "{text}");
}

/// What becomes of the tag is told as the result has it.
#[test]
fn an_explanation_of_a_floating_tag_says_what_goes_back() {
    let told = |image: &str, rest: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        let config = format!(
            "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n  agents: [{{name: own, images: [{{image: '{image}', tag: floating{rest}}}]}}]\n"
        );
        fs::write(folder.path().join("c.yaml"), config).expect("written");
        let args = ["explain", "-c", "c.yaml", "acme.io/t/agent:latest"];
        let run = run_in_folder(folder.path(), &args, b"");
        let text = String::from_utf8(run.stdout).expect("UTF-8");
        let (_, tag) = text
            .split_once("  tag          floating")
            .expect("the tag's step");
        let (tag, _) = tag.split_once("  pull policy").expect("the next step");
        tag.split_whitespace().collect::<Vec<&str>>().join(" ")
    };
    for (image, rest, expected) in [
        (
            "acme.io/t/agent:v1",
            "",
            "v1 stays; a version of the same family goes back where it is of no newer major",
        ),
        (
            "acme.io/t/agent:stable",
            "",
            "stable stays; any other goes back to stable",
        ),
        (
            "acme.io/t/agent:latest-fips",
            "",
            "latest-fips stays; any other of the same family goes back to latest-fips",
        ),
        (
            "acme.io/t/agent:latest",
            ", floatingTags: [latest, latest-jmx]",
            "latest and latest-jmx stay; any other goes back to the one of its family",
        ),
    ] {
        assert_eq!(told(image, rest), expected, "{image}");
    }
}

/// Where the floating tag is a major version, only a version says whether a tag is of the same one.
#[test]
fn a_tag_without_a_version_goes_to_no_major_version() {
    for (spec, floating) in [
        (
            "  agents:\n  - name: own\n    images:\n    - {image: 'acme.io/t/agent:v1', tag: floating}\n",
            "v1",
        ),
        (FAMILIES, "4"),
    ] {
        for tag in ["", ":latest", ":edge", ":main-0123abc", ":nightly-amd64"] {
            let text = deployment("", &format!("image: 'acme.io/t/agent{tag}'"));
            check(
                spec,
                &text,
                &text,
                &format!(
                    "warning: Deployment n/w: container c: acme.io/t/agent{tag} does not say whether it is of {floating} or of another major version: it stays [unresolved-image]\n"
                ),
            );
        }
    }
}

#[test]
fn a_job_that_is_made_anew_is_edited() {
    let job = |metadata: &str, policy: &str| {
        format!(
            "apiVersion: batch/v1\nkind: Job\nmetadata: {{{metadata}}}\nspec: {{template: {{spec: {{containers: [{{name: c, image: 'realtheory/theory-k8s-collector'{policy}}}]}}}}}}\n"
        )
    };
    for metadata in [
        "name: j, annotations: {helm.sh/hook: pre-install}",
        "name: j, annotations: {argocd.argoproj.io/hook: PreSync}",
        "name: j, annotations: {argocd.argoproj.io/sync-options: 'Force=true, Replace=true'}",
        "name: j, annotations: {argocd.argoproj.io/sync-options: Force=true}",
        "name: j, annotations: {kustomize.toolkit.fluxcd.io/force: enabled}",
        "generateName: j-, name: j",
    ] {
        check(
            "  agents: [realtheory-collector]\n",
            &job(metadata, ""),
            &job(metadata, ", imagePullPolicy: Always"),
            "info: Job j: container c: imagePullPolicy (missing) → Always [wrong-pull-policy]\n",
        );
    }
}

#[test]
fn a_date_to_pin_is_to_be_quoted() {
    let run = restore(
        "  agents: [{profile: realtheory-collector, tag: pinned, pin: \"2024-01-01T00:00:00Z\"}]\n",
        "",
    );
    assert_eq!(run.code, 2);
    assert_text_eq(
        &run.stderr,
        "c.yaml:5:62: spec.agents[0].pin: `2024-01-01T00:00:00Z` is not a legal tag\nhelp: quote it, so that it stays as it is: \"2024-01-01\"\n",
    );
}

#[test]
fn what_several_images_share_is_reported_once() {
    let spec = "  registries: [{source: docker.io, mirror: reg.corp, scope: all, imagePullSecrets: [hub]}]\n";
    let text = |host: &str, secrets: &str| {
        format!(
            "{{apiVersion: argoproj.io/v1alpha1, kind: WorkflowTemplate, metadata: {{name: t}}, spec: {{templates: [{{name: a, container: {{image: {host}/x/y:1}}}}, {{name: b, container: {{image: {host}/x/z:1}}}}]{secrets}}}}}\n"
        )
    };
    check(
        spec,
        &text("docker.io", ""),
        &text("reg.corp", ", imagePullSecrets: [{name: hub}]"),
        "info: WorkflowTemplate t: pull secrets (none) → [hub] [missing-pull-secret]\n\
         info: WorkflowTemplate t: wrong registry or path: docker.io/x/y:1 → reg.corp/x/y:1 [wrong-registry]\n\
         info: WorkflowTemplate t: wrong registry or path: docker.io/x/z:1 → reg.corp/x/z:1 [wrong-registry]\n",
    );
}

/// Both images of the Alloy chart have one list of pull secrets.
#[test]
fn a_list_that_two_images_share_is_reported_once() {
    let spec = "  agents: [grafana-alloy]\n  registries: [{source: docker.io, mirror: reg.corp/hub, imagePullSecrets: [hub]}, {source: quay.io, mirror: reg.corp/quay, imagePullSecrets: [hub]}]\n";
    let text = |alloy: &str, reloader: &str, secrets: &str| {
        format!(
            "{{apiVersion: collectors.grafana.com/v1alpha1, kind: Alloy, metadata: {{name: a}}, spec: {{image: {{{alloy}, tag: v1.18.1, pullSecrets: [{{name: s}}{secrets}]}}, configReloader: {{image: {{{reloader}, tag: v0.91.0}}}}}}}}\n"
        )
    };
    check(
        spec,
        &text(
            "registry: docker.io, repository: grafana/alloy",
            "registry: quay.io, repository: prometheus-operator/prometheus-config-reloader",
            "",
        ),
        &text(
            "registry: reg.corp, repository: hub/grafana/alloy",
            "registry: reg.corp, repository: quay/prometheus-operator/prometheus-config-reloader",
            ", {name: hub}",
        ),
        "info: Alloy a: wrong registry or path: quay.io/prometheus-operator/prometheus-config-reloader:v0.91.0 → reg.corp/quay/prometheus-operator/prometheus-config-reloader:v0.91.0 [wrong-registry]\n\
         info: Alloy a: pull secrets [s] → [s, hub] [missing-pull-secret]\n\
         info: Alloy a: wrong registry or path: docker.io/grafana/alloy:v1.18.1 → reg.corp/hub/grafana/alloy:v1.18.1 [wrong-registry]\n",
    );
}

#[test]
fn a_digest_that_is_too_short_is_no_password() {
    let text = deployment(
        "",
        "image: 'realtheory/theory-k8s-collector:v1@sha256:0123', imagePullPolicy: Always",
    );
    check(
        "  agents: [realtheory-collector]\n",
        &text,
        &text,
        "warning: Deployment n/w: container c: `realtheory/theory-k8s-collector:v1@sha256:0123` is not an image reference: a sha256 digest has 64 digits, this one has 4 [unresolved-image]\n",
    );
}

#[test]
fn a_rule_for_every_image_finds_containers_in_any_kind() {
    let spec = "  registries: [{source: docker.io, mirror: reg.corp, scope: all}]\n";
    let text = |host: &str| {
        format!(
            "apiVersion: acme.io/v1\nkind: Widget\nmetadata: {{name: w}}\nspec:\n  parts:\n  - inner:\n      containers:\n      - {{name: c, image: {host}x/y:1}}\n      initContainers:\n      - {{name: i, image: '{host}x/z:1'}}\n      - plain\n  image: docker.io/x/other:1\n"
        )
    };
    check(
        spec,
        &text("docker.io/"),
        &text("reg.corp/"),
        "info: Widget w: container c: wrong registry or path: docker.io/x/y:1 → reg.corp/x/y:1 [wrong-registry]\n\
         info: Widget w: container i: wrong registry or path: docker.io/x/z:1 → reg.corp/x/z:1 [wrong-registry]\n",
    );
    let agents = spec.replace(", scope: all", "");
    check(&agents, &text("docker.io/"), &text("docker.io/"), "");
}

/// Checks a manifest by a rule for every image, and asks what the summary counts.
#[track_caller]
fn is_counted(manifest: &str, summary: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let write =
        |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
    write(
        "c.yaml",
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec:\n  registries: [{source: docker.io, mirror: reg.corp, scope: all}]\n",
    );
    write("w.yaml", manifest);
    let run = run_in_folder(folder.path(), &["check", "-c", "c.yaml", "w.yaml"], b"");
    let stdout = String::from_utf8_lossy(&run.stdout);
    assert!(stdout.contains(summary), "{stdout}{}", run.stderr);
    assert_eq!(run.code, 0);
}

#[test]
fn what_no_path_names_is_counted_as_not_read() {
    is_counted(
        "apiVersion: acme.io/v1\nkind: Widget\nmetadata: {name: w}\nspec:\n  image: docker.io/x/other:1\n  inner:\n    containers:\n    - {name: c, image: reg.corp/x/y:1}\n",
        "in 1 file, 1 image read, 1 not read",
    );
}

#[test]
fn images_under_other_keys_are_counted_as_not_read() {
    is_counted(
        "apiVersion: pkg.crossplane.io/v1\nkind: Provider\nmetadata: {name: aws}\nspec:\n  package: xpkg.crossplane.io/x/provider-aws:v1\n---\napiVersion: operator.knative.dev/v1beta1\nkind: KnativeServing\nmetadata: {name: k}\nspec:\n  registry:\n    override:\n      activator: docker.io/knative/activator:v1\n      autoscaler: docker.io/knative/autoscaler:v1\n",
        "in 1 file, 0 images read, 3 not read",
    );
}

#[test]
fn a_configuration_names_pods_parts_and_several_versions() {
    let spec = "  agents: [realtheory-collector]\n  fields:\n  - {apiVersions: [acme.io/v1, acme.io/v1beta1], kind: Widget, pods: ['$.spec.parts[*].spec']}\n  - {apiVersion: acme.io/v1, kind: Gadget, registry: $.spec.host, repository: $.spec.name, tag: $.spec.tag}\n";
    let widget = |version: &str, image: &str| {
        format!(
            "{{apiVersion: acme.io/{version}, kind: Widget, metadata: {{name: w}}, spec: {{parts: [{{spec: {{containers: [{{name: c, image: {image}}}]}}}}]}}}}\n"
        )
    };
    let gadget = |host: &str, tag: &str| {
        format!(
            "{{apiVersion: acme.io/v1, kind: Gadget, metadata: {{name: g}}, spec: {{host: {host}, name: realtheory/theory-k8s-collector, tag: {tag}}}}}\n"
        )
    };
    let (old, new) = (
        "reg.corp/realtheory/theory-k8s-collector",
        "realtheory/theory-k8s-collector, imagePullPolicy: Always",
    );
    let input = [
        &widget("v1", old),
        &widget("v1beta1", old),
        &widget("v2", old),
        &gadget("reg.corp", "latest"),
    ]
    .map(String::as_str)
    .join("---\n");
    let expected = [
        &widget("v1", new),
        &widget("v1beta1", new),
        &widget("v2", old),
        &gadget("docker.io", "latest"),
    ]
    .map(String::as_str)
    .join("---\n");
    let run = restore(spec, &input);
    assert_text_eq(&String::from_utf8_lossy(&run.stdout), &expected);
    let without = restore("  fields: [{apiVersion: acme.io/v1, kind: Widget}]\n", "");
    assert_text_eq(
        &without.stderr,
        "c.yaml:5:43: spec.fields[0].kind: the kind has no image\nhelp: add `image`, `repository` or `pods`\n",
    );
}

#[test]
fn agents_that_nothing_runs_may_be_allowed() {
    let text = deployment("", "image: 'x.io/y/z:1'");
    check(
        "  agents: [datadog]\n",
        &text,
        &text,
        "warning: the agent datadog is named in the configuration and was not found in these manifests (remove it, or set unmatchedAgents to ignore if they are only a part) [unmatched-agent]\n",
    );
    check(
        "  agents: [datadog]\n  unmatchedAgents: ignore\n",
        &text,
        &text,
        "",
    );
    // Or one of them alone, whatever is said of the others.
    let own = "{name: own, images: [{image: a.io/b/c}], unmatched: WORD}";
    for (words, said) in [
        ("[{profile: datadog, unmatched: ignore}]", ""),
        (
            &*format!(
                "[{{profile: datadog, unmatched: ignore}}, {}]",
                own.replace("WORD", "report")
            ),
            "own",
        ),
        (
            &*format!(
                "[datadog, {}]\n  unmatchedAgents: ignore",
                own.replace("WORD", "report")
            ),
            "own",
        ),
        (
            &*format!("[datadog, {}]", own.replace("WORD", "ignore")),
            "datadog",
        ),
    ] {
        let finding = match said {
            "" => String::new(),
            agent => format!(
                "warning: the agent {agent} is named in the configuration and was not found in these manifests (remove it, or set unmatchedAgents to ignore if they are only a part) [unmatched-agent]\n"
            ),
        };
        check(&format!("  agents: {words}\n"), &text, &text, &finding);
    }
}

#[test]
fn an_explanation_knows_who_else_has_an_image() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec:\n  agents: [kubecost]\n  registries: [{source: cgr.dev, mirror: reg.corp/cgr}]\n";
    fs::write(folder.path().join("c.yaml"), config).expect("written");
    let explain = |image: &str| {
        let run = run_in_folder(folder.path(), &["explain", "-c", "c.yaml", image], b"");
        String::from_utf8(run.stdout).expect("UTF-8")
    };
    let other = explain("gcr.io/datadoghq/agent:7.60.0");
    let why =
        "no profile in play names the repository; built in, and not named under `agents`: datadog";
    assert!(
        other.contains(&format!("{why}, entitle-agent\n")),
        "{other}"
    );
    // On a mirror that no rule declares, too.
    let other = explain("reg.corp/datadog/agent:7.60.0");
    assert!(other.contains(&format!("{why}\n")), "{other}");
    let shared = explain("cgr.dev/chainguard/prometheus:latest");
    assert!(
        shared.ends_with(
            "  result       only beside an image of kubecost's own: reg.corp/cgr/chainguard/prometheus:latest\n               elsewhere cgr.dev/chainguard/prometheus:latest, unless `namespaces` of the agent kubecost lists the namespace\n"
        ),
        "{shared}"
    );
}

/// What `check` says of an image, `explain` says too.
#[test]
fn an_explanation_says_what_a_check_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let put = |spec: &str| {
        let head = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec:\n";
        fs::write(folder.path().join("c.yaml"), format!("{head}{spec}")).expect("written");
    };
    let explain = |image: &str| {
        let words = [
            "explain",
            "-c",
            "c.yaml",
            "--container",
            "agent",
            "--workload",
            "agent",
            image,
        ];
        String::from_utf8(run_in_folder(folder.path(), &words, b"").stdout).expect("UTF-8")
    };
    put("  agents: [dynatrace]\n");
    let advice = explain("m.example.com/dynatrace/dynatrace-oneagent:1");
    let why = "m.example.com/dynatrace/dynatrace-oneagent:1 → public.ecr.aws/dynatrace/dynatrace-oneagent:1 is not edited, since the vendor manages this image: set it where the vendor says\n";
    assert!(advice.contains(why), "{advice}");
    assert!(advice.ends_with("as it is\n"), "{advice}");
    let rules = |scope: &str| {
        format!(
            "  registries:\n  - {{source: quay.io/a, mirror: m.example.com/hub, scope: {scope}}}\n  - {{source: ghcr.io/b, mirror: m.example.com/hub, scope: {scope}}}\n  agents:\n  - name: acme\n    images: [{{image: docker.io/acme/agent, tag: keep, containers: [agent], workloads: [agent]}}]\n"
        )
    };
    put(&rules("all"));
    let unclear = explain("m.example.com/hub/other:1");
    assert!(unclear.contains("m.example.com/hub/other:1 may come from quay.io/a/other or ghcr.io/b/other: give the rules mirrors of their own\n"), "{unclear}");
    assert!(unclear.ends_with("as it is\n"), "{unclear}");
    put(&rules("agents"));
    let alone = explain("m.example.com/hub/other:1");
    assert!(!alone.contains("no rule's mirror"), "{alone}");
}

/// A copy that keeps the upstream host in its path says which of the vendor's names it is of.
#[test]
fn a_copy_that_names_its_host_goes_back_to_that_name() {
    let spec = "  agents: [datadog]\n";
    let text = |name: &str| deployment("", &format!("image: '{name}:7.60.0'"));
    for (old, new) in [
        (
            "reg.example.com/gcr.io/datadoghq/agent",
            "gcr.io/datadoghq/agent",
        ),
        (
            "reg.example.com/cache/eu.gcr.io/datadoghq/agent",
            "eu.gcr.io/datadoghq/agent",
        ),
        (
            "reg.example.com:5000/docker.io/datadog/agent",
            "docker.io/datadog/agent",
        ),
        (
            "reg.example.com/registry.datadoghq.com/agent",
            "registry.datadoghq.com/agent",
        ),
        // No segment of the path is a host of the vendor.
        (
            "reg.example.com/xgcr.io/datadoghq/agent",
            "registry.datadoghq.com/agent",
        ),
    ] {
        check(
            spec,
            &text(old),
            &text(new),
            &format!(
                "info: Deployment n/w: container c: wrong registry or path: {old}:7.60.0 → {new}:7.60.0 [wrong-registry]\n"
            ),
        );
    }
    // The rule that would declare it has the host in its mirror, too.
    let kept = text("reg.example.com/gcr.io/datadoghq/agent");
    check(
        "  agents: [datadog]\n  undeclaredMirrors: keep\n",
        &kept,
        &kept,
        "warning: Deployment n/w: container c: reg.example.com/gcr.io/datadoghq/agent:7.60.0 is on a host that no rule names and stays as it is: declare it with `source: gcr.io` and `mirror: reg.example.com/gcr.io`, or write `undeclaredMirrors: restore` to restore gcr.io/datadoghq/agent:7.60.0 [undeclared-mirror]\n",
    );
}

#[test]
fn the_operator_of_datadog_gets_its_images_from_the_mirror() {
    let spec = "  agents: [datadog]\n  registries:\n  - {source: gcr.io, mirror: mirror.example.com/gcr, imagePullSecrets: [hub]}\n";
    let text = |registry: &str, name: &str, secrets: &str| {
        format!(
            "apiVersion: datadoghq.com/v2alpha1\nkind: DatadogAgent\nmetadata: {{name: d}}\nspec:\n  global: {{registry: {registry}}}\n  features: {{admissionController: {{registry: {registry}, agentSidecarInjection: {{registry: {registry}}}}}}}\n  override:\n    nodeAgent:\n      image:\n        name: {name}\n        pullSecrets: [{{name: own}}{secrets}]\n    clusterAgent:\n      image:\n        name: cluster-agent\n        tag: 7.60.0\n    clusterChecksRunner: {{image: {{name: 'agent:7.60.0'}}}}\n"
        )
    };
    let registry = "info: DatadogAgent d: wrong registry or path: gcr.io/datadoghq → mirror.example.com/gcr/datadoghq [wrong-registry]\n";
    check(
        spec,
        &text("gcr.io/datadoghq", "gcr.io/datadoghq/agent:7.60.0", ""),
        &text(
            "mirror.example.com/gcr/datadoghq",
            "mirror.example.com/gcr/datadoghq/agent:7.60.0",
            ", {name: hub}",
        ),
        &format!(
            "{}info: DatadogAgent d: wrong registry or path: gcr.io/datadoghq/agent:7.60.0 → mirror.example.com/gcr/datadoghq/agent:7.60.0 [wrong-registry]\ninfo: DatadogAgent d: pull secrets [own] → [own, hub] [missing-pull-secret]\n",
            registry.repeat(3)
        ),
    );
    // Where no agent is named, the kind alone says whose the setting is.
    let unnamed = "  registries: [{source: gcr.io, mirror: mirror.example.com/gcr}]\n";
    let text = |registry: &str| {
        format!(
            "apiVersion: datadoghq.com/v2alpha1\nkind: DatadogAgent\nmetadata: {{name: d}}\nspec: {{global: {{registry: {registry}}}}}\n"
        )
    };
    check(
        unnamed,
        &text("gcr.io/datadoghq"),
        &text("mirror.example.com/gcr/datadoghq"),
        registry,
    );
    // What the operator starts needs the mirror's pull secret, and some component has to list it.
    let secret = "  agents: [datadog]\n  registries: [{source: gcr.io, mirror: mirror.example.com/gcr, imagePullSecrets: [hub]}]\n";
    let without = format!(
        "warning: DatadogAgent d: gcr.io/datadoghq needs the pull secret hub, and no component lists it: add it to $.spec.override.*.image.pullSecrets of each [unresolved-image]\n{registry}"
    );
    let text_of = |registry: &str, components: &str| {
        format!(
            "apiVersion: datadoghq.com/v2alpha1\nkind: DatadogAgent\nmetadata: {{name: d}}\nspec: {{global: {{registry: {registry}}}{components}}}\n"
        )
    };
    let listed = ", override: {nodeAgent: {image: {pullSecrets: [{name: hub}]}}}";
    for (components, findings) in [("", &*without), (listed, registry)] {
        check(
            secret,
            &text_of("gcr.io/datadoghq", components),
            &text_of("mirror.example.com/gcr/datadoghq", components),
            findings,
        );
    }
    // A rule for every image takes no bare name for one of Docker Hub's.
    let all = "  registries: [{source: docker.io, mirror: mirror.example.com/hub, scope: all}]\n";
    let bare = "apiVersion: datadoghq.com/v2alpha1\nkind: DatadogAgent\nmetadata: {name: d}\nspec: {override: {nodeAgent: {image: {name: 'agent:7.60.0'}}, clusterAgent: {image: {name: x/agent}}}}\n";
    check(all, bare, bare, "");
}

#[test]
fn a_rule_for_every_image_finds_more_than_a_kind_is_known_for() {
    let spec = "  registries: [{source: docker.io, mirror: reg.corp, scope: all}]\n";
    let text = |host: &str| {
        format!(
            "apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {{name: p}}\nspec:\n  image: {host}x/p:1\n  containers:\n  - {{name: c, image: {host}x/y:1}}\n  extra:\n    containers:\n    - {{name: e, image: {host}x/z:1}}\n"
        )
    };
    check(
        spec,
        &text("docker.io/"),
        &text("reg.corp/"),
        "info: Prometheus p: container c: wrong registry or path: docker.io/x/y:1 → reg.corp/x/y:1 [wrong-registry]\n\
         info: Prometheus p: container e: wrong registry or path: docker.io/x/z:1 → reg.corp/x/z:1 [wrong-registry]\n\
         info: Prometheus p: wrong registry or path: docker.io/x/p:1 → reg.corp/x/p:1 [wrong-registry]\n",
    );
}

#[test]
fn an_image_under_a_name_is_counted_as_not_read() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(
        folder.path().join("w.yaml"),
        "apiVersion: acme.io/v1\nkind: Widget\nmetadata: {name: w}\nspec:\n  image:\n    name: acme.io/x/y\n    tag: v1\n  other: {image: {name: 'acme.io/x/z:1'}}\n  plain: {image: {name: word}}\n",
    )
    .expect("written");
    let run = run_in_folder(folder.path(), &["check", "w.yaml"], b"");
    let stdout = String::from_utf8_lossy(&run.stdout);
    let summary = "in 1 file, 0 images read, 2 not read";
    assert!(stdout.contains(summary), "{stdout}{}", run.stderr);
}

/// A host has no case, and 443 is the port of HTTPS.
#[test]
fn a_host_is_known_however_it_is_written() {
    let spec = "  agents: [datadog]\n  unmatchedAgents: ignore\n  registries: [{source: quay.io, mirror: mirror.example.com/quay, scope: all}]\n";
    let text = |name: &str| deployment("", &format!("image: '{name}:1'"));
    for name in [
        "GCR.io/datadoghq/agent",
        "gcr.io:443/datadoghq/agent",
        "Mirror.Example.com:443/quay/x/y",
    ] {
        check(spec, &text(name), &text(name), "");
    }
    check(
        spec,
        &text("Quay.io:443/x/y"),
        &text("mirror.example.com/quay/x/y"),
        "info: Deployment n/w: container c: wrong registry or path: Quay.io:443/x/y:1 → mirror.example.com/quay/x/y:1 [wrong-registry]\n",
    );
}

/// The Alloy chart takes the global list of pull secrets, where there is one, and no other.
#[test]
fn a_pull_secret_goes_where_the_chart_of_alloy_reads_it() {
    let spec = "  agents: [grafana-alloy]\n  registries: [{source: docker.io, mirror: reg.corp/hub, imagePullSecrets: [hub]}]\n";
    let text = |alloy: &str, global: &str, own: &str| {
        format!(
            "{{apiVersion: collectors.grafana.com/v1alpha1, kind: Alloy, metadata: {{name: a}}, spec: {{global: {{image: {{pullSecrets: [{global}]}}}}, image: {{{alloy}, tag: v1.18.1, pullSecrets: [{own}]}}}}}}\n"
        )
    };
    let (old, new) = (
        "registry: docker.io, repository: grafana/alloy",
        "registry: reg.corp, repository: hub/grafana/alloy",
    );
    let moved = "wrong registry or path: docker.io/grafana/alloy:v1.18.1 → reg.corp/hub/grafana/alloy:v1.18.1 [wrong-registry]\n";
    for (global, own, global_after, own_after, from, to) in [
        (
            "{name: g}",
            "{name: s}",
            "{name: g}, {name: hub}",
            "{name: s}",
            "g",
            "g, hub",
        ),
        ("", "{name: s}", "", "{name: s}, {name: hub}", "s", "s, hub"),
    ] {
        check(
            spec,
            &text(old, global, own),
            &text(new, global_after, own_after),
            &format!(
                "info: Alloy a: pull secrets [{from}] → [{to}] [missing-pull-secret]\ninfo: Alloy a: {moved}"
            ),
        );
    }
}

/// The forwarder's vendor ships three tags that move.
#[test]
fn a_digest_of_the_forwarder_stays_and_is_reported() {
    let spec = "  agents: [densify-forwarder]\n";
    let name = "densify/container-optimization-data-forwarder";
    let text = |version: &str| {
        deployment(
            "",
            &format!("image: '{name}{version}', imagePullPolicy: Always"),
        )
    };
    let digest = format!("@{DIGEST}");
    check(
        spec,
        &text(&digest),
        &text(&digest),
        &format!(
            "warning: Deployment n/w: container c: {name}{digest} has a digest alone, which does not say whether it is of 3, 4 or ubi10-4: it stays [unresolved-image]\n"
        ),
    );
    check(
        spec,
        &text(":ubi10-4.0.17"),
        &text(":ubi10-4"),
        &format!(
            "info: Deployment n/w: container c: tag ubi10-4.0.17 keeps the agent from upgrading itself: {name}:ubi10-4.0.17 → {name}:ubi10-4 [pinned-tag]\n"
        ),
    );
}
