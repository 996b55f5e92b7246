//! What to write by hand where restore-images writes nothing: the keys of the chart, with what each should hold.

use super::{check, config, release};

/// Rules that map a registry to a mirror with a pull secret.
fn rules(agent: &str, host: &str) -> String {
    config(&format!(
        "agents: [{agent}]\nregistries: [{{source: {host}, mirror: m.example.com/x, imagePullSecrets: [reg]}}]\n"
    ))
}

/// An image that the vendor manages runs by the chart's default as well, and is told with the keys of its chart.
#[test]
fn an_image_that_the_vendor_manages_is_told_where_no_value_names_it() {
    for (agent, host, chart, path, keys) in [
        (
            "dynatrace",
            "public.ecr.aws",
            "{chart: dynatrace-operator, version: 1.4.0}",
            "dynatrace/dynatrace-operator",
            "`imageRef.repository: NEW`, `customPullSecret: reg`",
        ),
        (
            "teleport-kube-agent",
            "public.ecr.aws",
            "{chart: teleport-kube-agent, version: 17.0.0}",
            "gravitational/teleport-distroless",
            "`image: NEW`, `imagePullSecrets: [{name: reg}]`",
        ),
        (
            "rancher-fleet",
            "docker.io",
            "{chart: fleet-agent, version: 0.16.0}",
            "rancher/fleet-agent",
            "`image.repository: NEW`",
        ),
        (
            "harness-delegate",
            "us-docker.pkg.dev",
            "{chart: harness-delegate-ng, version: 1.0.32}",
            "gar-prod-setup/harness-public/harness/delegate",
            "`image.repository: NEW`, `imagePullSecret: reg`",
        ),
        (
            "spot-ocean",
            "us-docker.pkg.dev",
            "{chart: ocean-kubernetes-controller, version: 0.1.60}",
            "spotit-today/container-labs/spotinst-kubernetes-controller",
            "`image.repository: NEW`, `imagePullSecrets: [{name: reg}]`",
        ),
    ] {
        let old = match host {
            "docker.io" => path.to_owned(),
            _ => format!("{host}/{path}"),
        };
        let new = format!("m.example.com/x/{path}");
        let keys = keys.replace("NEW", &new);
        let told = format!(
            "warning: HelmRelease n/r: the chart's default image does not come from the mirror: {old} → {new} is not edited, since the vendor manages this image: set it where the vendor says, with {keys} [vendor-managed]\n"
        );
        // What the same chart runs besides is restored.
        let values = "other: 1\nautoUpdate: {image: {repository: m.example.com/x/spotit-today/container-labs/auto-updater}, imagePullSecrets: [{name: reg}]}\nupgrader: {upgraderDockerImage: m.example.com/x/gar-prod-setup/harness-public/harness/upgrader, imagePullSecret: reg}\n";
        let input = release(chart, values);
        check(&rules(agent, host), &input, &input, &told);
    }
    // Nothing is told where no rule is about it, and nothing of a part that is switched off.
    let input = release("{chart: dynatrace-operator, version: 1.4.0}", "other: 1\n");
    check(&rules("dynatrace", "quay.io"), &input, &input, "");
}

/// Where a value names it, as before.
#[test]
fn an_image_that_the_vendor_manages_is_told_once() {
    let name = "public.ecr.aws/dynatrace/dynatrace-operator";
    let input = release(
        "{chart: dynatrace-operator, version: 1.4.0}",
        &format!("imageRef: {{repository: {name}}}\n"),
    );
    let told = format!(
        "warning: HelmRelease n/r: wrong registry or path: {name} → m.example.com/x/dynatrace/dynatrace-operator is not edited, since the vendor manages this image: set it where the vendor says [vendor-managed]\n"
    );
    check(&rules("dynatrace", "public.ecr.aws"), &input, &input, &told);
    let written = release(
        "{chart: dynatrace-operator, version: 1.4.0}",
        "imageRef: {repository: m.example.com/x/dynatrace/dynatrace-operator}\ncustomPullSecret: reg\n",
    );
    check(
        &rules("dynatrace", "public.ecr.aws"),
        &written,
        &written,
        "",
    );
}

/// A key that would change more than the name is told with the text that it should hold.
#[test]
fn a_key_that_would_change_more_is_told_with_its_text() {
    for (agent, host, chart, values, told) in [
        (
            "wiz-kubernetes-integration",
            "wiziopublic.azurecr.io",
            "{chart: wiz-broker, version: 3.0.4}",
            "other: 1\n",
            "wiziopublic.azurecr.io/wiz-app/wiz-broker → m.example.com/x/wiz-app/wiz-broker is not written: write `global.image.registry: m.example.com/x/wiz-app`, which wins over `image.registry` and which the charts beside this one read, too",
        ),
        (
            "lacework-agent",
            "docker.io",
            "{chart: proxy-scanner, version: 0.23.2, sourceRef: {kind: HelmRepository, name: h}}",
            "other: 1\n",
            "lacework/lacework-proxy-scanner:0.23.2 → m.example.com/x/lacework/lacework-proxy-scanner is not written: write `image: m.example.com/x/lacework/lacework-proxy-scanner:TAG` with the tag of the chart's own version",
        ),
        (
            "kubecost",
            "icr.io/ibm-finops",
            "{chart: kubecost, version: 3.0.0}",
            "other: 1\n",
            "icr.io/ibm-finops/agent → m.example.com/x/agent is not written: write `global.imageRegistry: m.example.com`, which wins over `finopsagent.image.registry` and which all images of the chart read, and `finopsagent.image.repository: x/agent`",
        ),
        (
            "neuvector",
            "docker.io/neuvector/manager",
            "{chart: core, version: 2.8.13, sourceRef: {kind: HelmRepository, name: h}}",
            "other: 1\n",
            "docker.io/neuvector/manager → m.example.com/x is not written: write `registry: m.example.com`, which every image of the chart takes, so that each has to be on it under its own name, and `manager.image.repository: x`",
        ),
    ] {
        let mut input = release(chart, values);
        input.push_str(match agent {
            "neuvector" => "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: h, namespace: n}\nspec: {url: https://neuvector.github.io/neuvector-helm}\n",
            "lacework-agent" => "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: h, namespace: n}\nspec: {url: https://lacework.github.io/helm-charts}\n",
            _ => "",
        });
        let told = format!("warning: HelmRelease n/r: {told} [unresolved-image]\n");
        check(&rules(agent, host), &input, &input, &told);
    }
}
