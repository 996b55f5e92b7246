//! `explain` prints the steps of the verdict: what it says is what is done, and what was not decided is no
//! step.

use std::fmt::Write;
use std::fs;

use serde_json::Value;

use crate::support::{assert_text_eq, run, run_in_folder};

/// A configuration of these lines of its `spec`.
fn config(spec: &str) -> String {
    format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n{spec}"
    )
}

/// Holds what `explain` prints of an image under a configuration against a text.
#[track_caller]
fn check(spec: &str, args: &[&str], expected: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("c.yaml"), config(spec)).expect("written");
    let args = [&["explain", "-c", "c.yaml"], args].concat();
    let run = run_in_folder(folder.path(), &args, b"");
    let shown = String::from_utf8(run.stdout).expect("UTF-8");
    assert_text_eq(&format!("{shown}{}", run.stderr), expected);
}

/// Where a misspelt rule's mirror keeps an image, neither a rule nor a tag policy was asked.
#[test]
fn an_image_under_a_misspelt_rules_mirror_goes_by_no_rule_and_no_policy() {
    check(
        "  agents: [realtheory-collector]\n  registries: [{source: dokcer.io, mirror: m.example/hub}]\n",
        &["m.example/hub/realtheory/theory-k8s-collector:v1"],
        "m.example/hub/realtheory/theory-k8s-collector:v1

  canonical    m.example/hub/realtheory/theory-k8s-collector:v1
  official     m.example/hub/realtheory/theory-k8s-collector
               the mirror of the rule dokcer.io → m.example/hub leads to dokcer.io/realtheory/theory-k8s-collector, which is no agent's image in play, and the rule is for agents alone
  agent        realtheory-collector (RealTheory Collector)
               its path, on m.example/hub, which no rule declares as a mirror
  pull policy  Always
  but          unresolved-image
               m.example/hub/realtheory/theory-k8s-collector:v1 stays, since it is under the mirror of the rule dokcer.io → m.example/hub, whose source serves no agent in play: did you mean `docker.io`?
  result       m.example/hub/realtheory/theory-k8s-collector:v1
               as it is
",
    );
}

#[test]
fn an_image_that_undeclared_mirrors_keep_goes_by_no_rule_and_no_policy() {
    check(
        "  agents: [{profile: realtheory-collector, undeclaredMirrors: keep}]\n  registries: [{source: docker.io, mirror: m.example/hub}]\n",
        &["registry.local:5000/realtheory/theory-k8s-collector:v1"],
        "registry.local:5000/realtheory/theory-k8s-collector:v1

  canonical    registry.local:5000/realtheory/theory-k8s-collector:v1
  official     registry.local:5000/realtheory/theory-k8s-collector
               it is under no rule's mirror
  agent        realtheory-collector (RealTheory Collector)
               its path, on registry.local:5000, which no rule declares as a mirror
  pull policy  Always
  but          undeclared-mirror
               registry.local:5000/realtheory/theory-k8s-collector:v1 is on a host that no rule names and stays as it is: declare it with `source: docker.io` and `mirror: registry.local:5000`, or write `undeclaredMirrors: restore` to restore m.example/hub/realtheory/theory-k8s-collector
  result       registry.local:5000/realtheory/theory-k8s-collector:v1
               as it is
",
    );
}

#[test]
fn an_image_known_by_names_whose_profile_names_no_version_goes_by_no_rule() {
    check(
        "  agents:\n  - name: acme\n    images: [{image: acme.io/agent, tag: keep, containers: [agent], workloads: [agent]}]\n  registries: [{source: acme.io, mirror: m.example/acme}]\n",
        &["nginx:1", "--container", "agent", "--workload", "agent"],
        "nginx:1

  canonical    docker.io/library/nginx:1
  official     docker.io/library/nginx
               it is under no rule's mirror
  agent        acme
               the names of container and workload
  pull policy  keep
  but          unresolved-image
               nginx:1 is not acme.io/agent, which container and workload are named for, and stays, since its profile keeps tags: write image and tag by hand
  result       nginx:1
               as it is
",
    );
}

/// A vendor's controller pulls by its own policy, with its own secrets.
#[test]
fn an_image_that_the_vendor_manages_has_neither_pull_policy_nor_secrets_of_ours() {
    check(
        "  agents:\n  - name: acme\n    images: [{image: acme.io/agent, tag: keep, advice: true, imagePullPolicy: Always, imagePullSecrets: [own]}]\n  registries: [{source: acme.io, mirror: m.example/acme, imagePullSecrets: [mirror]}]\n",
        &["acme.io/agent:1"],
        "acme.io/agent:1

  canonical  acme.io/agent:1
  official   acme.io/agent
             it is under no rule's mirror
  agent      acme
             its official repository
  rule       acme.io → m.example/acme
             the longest source that matches
  tag        keep
             tag and digest stay
  but        vendor-managed
             wrong registry or path: acme.io/agent:1 → m.example/acme/agent:1 is not edited, since the vendor manages this image: set it where the vendor says
  result     acme.io/agent:1
             as it is
",
    );
}

/// Agents that agree where the image comes from have it moved there, with the secrets of the mirror.
#[test]
fn a_disputed_image_goes_by_the_rule_and_by_no_policy() {
    check(
        "  agents:\n  - {name: one, images: [{image: acme.io/agent, tag: floating}]}\n  - {name: two, images: [{image: acme.io/agent, tag: keep}]}\n  registries: [{source: acme.io, mirror: m.example/acme, imagePullSecrets: [mirror]}]\n",
        &["acme.io/agent:1"],
        "acme.io/agent:1

  canonical     acme.io/agent:1
  official      acme.io/agent
                it is under no rule's mirror
  agent         one or two
                they disagree, and the workload's name does not decide
  rule          acme.io → m.example/acme
                the longest source that matches
  pull secrets  mirror
  but           ambiguous-agent
                acme.io/agent:1 is claimed by one and two and they disagree; tag and pull policy stay as they are
  result        m.example/acme/agent:1
                wrong registry or path
",
    );
}

#[test]
fn an_image_that_may_come_from_several_places_goes_by_no_rule() {
    check(
        "  registries:\n  - {source: quay.io/a, mirror: m.example/hub, scope: all}\n  - {source: ghcr.io/b, mirror: m.example/hub, scope: all}\n  agents:\n  - name: acme\n    images: [{image: acme.io/agent, tag: keep, containers: [agent], workloads: [agent]}]\n",
        &["m.example/hub/other:1"],
        "m.example/hub/other:1

  canonical  m.example/hub/other:1
  official   quay.io/a/other or ghcr.io/b/other
             several rules share the mirror: give them mirrors of their own
  agent      none
             no profile in play names the repository
  result     m.example/hub/other:1
             as it is
",
    );
}

/// Profiles and rules by which a verdict is come to in every way that there is.
const SPECS: &[&str] = &[
    "  agents: [realtheory-collector, datadog]\n",
    "  agents: [{profile: realtheory-collector, undeclaredMirrors: keep}, {profile: datadog, undeclaredMirrors: keep}]
  registries: [{source: docker.io, mirror: m.example/hub, imagePullSecrets: [hub]}]\n",
    "  agents: [realtheory-collector]\n  registries: [{source: dokcer.io, mirror: m.example/hub, imagePullSecrets: [hub]}]\n",
    "  agents: [realtheory-collector, dynatrace]
  registries: [{source: docker.io, mirror: m.example/hub, scope: all}, {source: quay.io, mirror: m.example/hub, scope: all}]
  imagePullSecrets: [regcred]\n",
    "  agents:
  - name: acme
    images: [{image: acme.io/agent, tag: keep, containers: [agent], workloads: [agent], imagePullSecrets: [own]}]
  registries: [{source: acme.io, mirror: m.example/acme, imagePullSecrets: [mirror]}]\n",
    "  agents:
  - name: acme
    images: [{image: 'acme.io/agent:2', tag: floating, imagePullPolicy: Always, containers: [agent], workloads: [agent], imagePullSecrets: [own]}]
  - name: other
    images: [{image: 'acme.io/agent:2', tag: floating, imagePullPolicy: Always, imagePullSecrets: [others]}]
  registries: [{source: acme.io, mirror: m.example/acme, imagePullSecrets: [mirror]}]\n",
    "  agents:
  - name: acme
    images: [{image: acme.io/agent, tag: keep, advice: true, imagePullPolicy: Always, imagePullSecrets: [own]}]
  - name: other
    images: [{image: quay.io/acme/agent, tag: pinned, pin: v2, shared: true}, {image: quay.io/acme/own, tag: keep}]
  registries: [{source: acme.io, mirror: m.example/acme, imagePullSecrets: [mirror]}, {source: quay.io, mirror: m.example/quay}]\n",
    "  agents:
  - {name: one, images: [{image: acme.io/agent, tag: floating}, {image: quay.io/acme/agent, tag: keep, imagePullPolicy: Never}]}
  - {name: two, images: [{image: acme.io/agent, tag: keep}, {image: quay.io/acme/agent, tag: keep}]}
  registries: [{source: acme.io, mirror: m.example/acme, imagePullSecrets: [mirror]}]\n",
    "  agents:
  - name: first
    images: [{image: quay.io/acme/agent, tag: pinned, pin: v2, shared: true}, {image: quay.io/first/own, tag: keep}]
  - name: second
    images: [{image: quay.io/acme/agent, tag: keep, shared: true}, {image: quay.io/second/own, tag: keep}]
  registries: [{source: quay.io, mirror: m.example/quay, imagePullSecrets: [mirror]}]\n",
];

/// Where images are: official hosts, mirrors, and hosts that no rule names.
const PLACES: &[&str] = &[
    "",
    "acme.io/",
    "quay.io/",
    "m.example/hub/",
    "m.example/acme/",
    "reg.local:5000/",
];
const PATHS: &[&str] = &[
    "realtheory/theory-k8s-collector",
    "datadog/agent",
    "dynatrace/dynatrace-oneagent",
    "agent",
    "acme/agent",
    "nginx",
];
const VERSIONS: &[&str] = &[
    ":v1",
    ":7.60.0",
    "@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
];

/// One image in six, so that each configuration has others of them.
fn images(turn: usize) -> Vec<String> {
    let mut images = Vec::new();
    for place in PLACES {
        for path in PATHS {
            for version in VERSIONS {
                images.push(format!("{place}{path}{version}"));
            }
        }
    }
    images.into_iter().skip(turn % 6).step_by(6).collect()
}

#[test]
fn what_is_explained_is_what_is_restored() {
    for (turn, spec) in SPECS.iter().enumerate() {
        let images = images(turn);
        // Names by which an agent may be known run every other image.
        let name = |index: usize| {
            if index.is_multiple_of(2) {
                "agent"
            } else {
                "web"
            }
        };
        let mut stream = String::new();
        for (index, image) in images.iter().enumerate() {
            let name = name(index / 2);
            let _ = write!(
                stream,
                "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: n{index}}}\nspec:\n  template:\n    spec:\n      containers:\n      - name: {name}\n        image: \"{image}\"\n"
            );
        }
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("c.yaml"), config(spec)).expect("written");
        fs::write(folder.path().join("all.yaml"), &stream).expect("written");
        let fixed = run_in_folder(folder.path(), &["fix", "-c", "c.yaml", "all.yaml"], b"");
        assert!(fixed.code < 2, "{}", fixed.stderr);
        let fixed = fs::read_to_string(folder.path().join("all.yaml")).expect("read");
        let fixed = serde_yaml::Deserializer::from_str(&fixed);
        let fixed: Vec<Value> = fixed
            .map(|document| serde::Deserialize::deserialize(document).expect("YAML"))
            .collect();
        assert_eq!(fixed.len(), images.len());
        for (index, (image, fixed)) in images.iter().zip(&fixed).enumerate() {
            let name = name(index / 2);
            let config = folder.path().join("c.yaml");
            let explained = run(
                &[
                    "explain",
                    "--format",
                    "json",
                    "-c",
                    config.to_str().expect("UTF-8"),
                    "--container",
                    name,
                    "--workload",
                    name,
                    "--namespace",
                    &format!("n{index}"),
                    image,
                ],
                b"",
            );
            assert_eq!(explained.code, 0, "{}", explained.stderr);
            let explained: Value = serde_json::from_slice(&explained.stdout).expect("JSON");
            let steps = explained["steps"].as_array().expect("steps");
            let step = |name: &str| steps.iter().find(|step| step["step"] == name);
            let pod = &fixed["spec"]["template"]["spec"];
            let container = &pod["containers"][0];
            let result = step("result").expect("a result");
            let value = result["value"].as_str().expect("text");
            // A shared image that runs alone is explained in both ways, and is restored in the second.
            let elsewhere = result["why"]
                .as_str()
                .and_then(|why| why.strip_prefix("elsewhere "));
            let (right, is_alone) = match elsewhere.and_then(|why| why.split_once(',')) {
                Some((right, _)) if value.starts_with("only beside") => (right, true),
                _ => (value, false),
            };
            assert_eq!(container["image"], right, "{spec}{image}\n{explained:#}");
            if is_alone {
                continue;
            }
            let policy = step("pull policy").map(|step| &step["value"]);
            let policy = policy.filter(|policy| *policy != "keep");
            assert_eq!(
                container.get("imagePullPolicy"),
                policy,
                "{spec}{image}\n{explained:#}"
            );
            let listed = pod["imagePullSecrets"].as_array();
            let listed = listed
                .into_iter()
                .flatten()
                .filter_map(|secret| secret["name"].as_str());
            let listed = listed.collect::<Vec<&str>>().join(", ");
            let secrets =
                step("pull secrets").map_or("", |step| step["value"].as_str().expect("text"));
            assert_eq!(listed, secrets, "{spec}{image}\n{explained:#}");
            // Where no rule was asked, nothing moves, and no secret of a mirror is wanted.
            if step("rule").is_none() {
                assert_eq!(right, image.as_str(), "{spec}\n{explained:#}");
            }
        }
    }
}
