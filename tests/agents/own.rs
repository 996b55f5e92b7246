//! A vendor's own registries: whatever a profile names or cites goes through the profile untouched.

use std::collections::BTreeSet;

use restore_images::agent::builtin_names;
use restore_images::config::{Config, facts};
use restore_images::fact::{FactLocator, FactSource};
use restore_images::image::Reference;

use super::vendors::run;

/// The images of a pod that come out with another name.
fn renamed(agent: &str, images: &BTreeSet<String>) -> Vec<String> {
    let lines = images.iter().enumerate();
    let lines = lines.map(|(index, image)| format!("  - {{name: c{index}, image: \"{image}\"}}\n"));
    let lines: String = lines.collect();
    let input =
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n{lines}");
    let output = run(agent, "", &input);
    let name = |line: &str| {
        let image = line.split('"').nth(1).unwrap_or_default();
        let reference = Reference::parse(image).expect("an image");
        reference.name().to_owned()
    };
    let containers = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.contains("image: "));
        lines.map(name).collect()
    };
    let both = containers(&input).into_iter().zip(containers(&output));
    let differ = both.filter(|(old, new)| old != new);
    differ.map(|(old, new)| format!("{old} → {new}")).collect()
}

/// Whether a text names a registry, so that it is an image by itself.
fn names_a_host(text: &str) -> bool {
    let host = text.split_once('/').map(|(host, _)| host);
    host.is_some_and(|host| host.contains(['.', ':'])) && Reference::parse(text).is_ok()
}

/// The images that a file of a vendor's names whole, or as a registry with a repository beside it.
fn cited(source: &FactSource) -> impl Iterator<Item = String> {
    let value_at = |wanted: &str| {
        let mut statements = source.statements.iter();
        let found = statements
            .find(|one| matches!(&one.place, FactLocator::JsonPath(path, _) if path == wanted))?;
        Some(found.value.clone())
    };
    source.statements.iter().filter_map(move |statement| {
        if let FactLocator::JsonPath(path, _) = &statement.place
            && let Some(parent) = path.strip_suffix(".repository")
            && let Some(registry) = value_at(&format!("{parent}.registry"))
            && !registry.is_empty()
        {
            let image = format!("{registry}/{}", statement.value);
            return names_a_host(&image).then_some(image);
        }
        names_a_host(&statement.value).then(|| statement.value.clone())
    })
}

#[test]
fn every_name_and_every_cited_image_stays() {
    for agent in &Config::default().agents {
        let names = agent.images.iter().flat_map(|image| image.names());
        let mut images: BTreeSet<String> = names.map(|name| name.written.clone()).collect();
        for source in facts(&agent.name).expect("facts") {
            images.extend(cited(&source));
        }
        let renamed = renamed(&agent.name, &images);
        assert!(renamed.is_empty(), "{}: {renamed:#?}", agent.name);
    }
    assert_eq!(Config::default().agents.len(), builtin_names().count());
}

#[test]
fn images_on_each_of_the_vendors_registries_stay() {
    for (agent, images) in [
        (
            "vault-agent-injector",
            &[
                "registry.connect.redhat.com/hashicorp/vault-k8s:1.7.6-ubi",
                "registry.connect.redhat.com/hashicorp/vault:2.0.4-ubi",
                "registry.connect.redhat.com/hashicorp/vault-csi-provider:1.7.4-ubi",
            ][..],
        ),
        ("falco", &["public.ecr.aws/falcosecurity/falco:0.44.1"]),
        (
            "trivy-operator",
            &[
                "docker.io/aquasec/trivy-operator:0.32.0",
                "docker.io/aquasec/trivy:0.72.0",
                "ghcr.io/aquasecurity/trivy-operator:0.32.0",
                "ghcr.io/aquasecurity/trivy:0.72.0",
                "public.ecr.aws/aquasecurity/trivy:0.72.0",
            ],
        ),
        (
            "logzio",
            &[
                "public.ecr.aws/logzio/logzio-fluentd:1.5.6",
                "public.ecr.aws/logzio/trivy-to-logzio:0.3.3",
            ],
        ),
        (
            "datadog",
            &["registry.connect.redhat.com/datadog/operator:1.29.0"],
        ),
        (
            "netdata",
            &[
                "ghcr.io/netdata/netdata:v2.11.0",
                "quay.io/netdata/netdata:v2.11.0",
            ],
        ),
    ] {
        let images = images.iter().map(|image| (*image).to_owned()).collect();
        assert_eq!(renamed(agent, &images), [""; 0], "{agent}");
    }
}

/// The injector's variable and the values of a release are images as well.
#[test]
fn the_variable_and_the_values_of_vault_on_openshift_stay() {
    let input = "apiVersion: apps/v1
kind: Deployment
metadata: {name: vault-agent-injector}
spec:
  template:
    spec:
      containers:
      - name: sidecar-injector
        image: registry.connect.redhat.com/hashicorp/vault-k8s:1.7.6-ubi
        env:
        - {name: AGENT_INJECT_VAULT_IMAGE, value: \"registry.connect.redhat.com/hashicorp/vault:2.0.4-ubi\"}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: vault}
spec:
  chart: {spec: {chart: vault, sourceRef: {kind: HelmRepository, name: h}}}
  values:
    injector:
      image: {repository: registry.connect.redhat.com/hashicorp/vault-k8s, tag: 1.7.6-ubi}
      agentImage: {repository: registry.connect.redhat.com/hashicorp/vault, tag: 2.0.4-ubi}
    csi:
      image: {repository: registry.connect.redhat.com/hashicorp/vault-csi-provider, tag: 1.7.4-ubi}
";
    assert_eq!(run("vault-agent-injector", "", input), input);
}
