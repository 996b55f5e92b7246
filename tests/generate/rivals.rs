//! Admission policies where several agents name one image: what the function makes of it, the API server
//! does, and where they disagree it asks for nothing.

use serde_json::{Value, json};

use restore_images::config::Date;
use restore_images::finding::Rule;
use restore_images::function;
use restore_images::restore::Request;

use super::cel::{Policies, check_agreement, pod, refusals, restored, with_room};
use super::config;

/// Pairs of agents that name one image each: who differ in their pull secrets, in what becomes of copies, in
/// the host before one path, and in the tag.
const RIVALS: &str = "
  agents:
  - {name: duo-a, images: [{image: quay.io/duo/agent, tag: pinned, pin: v1, imagePullSecrets: [a]}]}
  - {name: duo-b, images: [{image: quay.io/duo/agent, tag: pinned, pin: v1, imagePullSecrets: [b]}]}
  - name: apart-a
    undeclaredMirrors: restore
    images: [{image: quay.io/apart/agent, tag: pinned, pin: v1, imagePullPolicy: Always, imagePullSecrets: [a]}]
  - name: apart-b
    undeclaredMirrors: keep
    images: [{image: quay.io/apart/agent, tag: pinned, pin: v1, imagePullPolicy: Always}]
  - {name: twin-a, images: [{image: docker.io/twin/agent, tag: pinned, pin: v1, imagePullPolicy: Never}]}
  - {name: twin-b, images: [{image: quay.io/twin/agent, tag: pinned, pin: v2, imagePullSecrets: [b]}]}
  - {name: odd-a, images: [{image: quay.io/odd/agent, tag: floating, imagePullSecrets: [a]}]}
  - {name: odd-b, images: [{image: quay.io/odd/agent, tag: keep, imagePullPolicy: Always, imagePullSecrets: [b]}]}
  registries:
  - {source: quay.io, mirror: m.example.com/quay, imagePullSecrets: [quay]}
";

const PLACES: &[&str] = &[
    "quay.io/",
    "",
    "m.example.com/quay/",
    "reg.example.org/",
    "reg.example.org/quay.io/",
    "reg.example.org/docker.io/",
];
const SECRETS: &[&[&str]] = &[&[], &["a"], &["a", "b"], &["a", "b", "quay"], &["quay"]];

#[test]
fn an_image_of_several_agents_is_judged_as_the_function_does() {
    with_room(|| {
        let policies = Policies::of(RIVALS);
        for agent in ["duo", "apart", "twin", "odd"] {
            for place in PLACES {
                for (turn, secrets) in SECRETS.iter().enumerate() {
                    let tag = ["v1", "v2"][turn % 2];
                    let policy = ["", "Always", "Never"][turn % 3];
                    let image = format!("{place}{agent}/agent:{tag}");
                    let pod = pod("app", "default", &[("app", &image, policy)], secrets);
                    check_agreement(&policies, RIVALS, &pod);
                }
            }
        }
    });
}

#[test]
fn what_agents_disagree_about_is_told() {
    let config = config(&format!(
        "{}  emit: [{{admissionPolicy: {{}}}}]\n",
        RIVALS.trim_start_matches('\n')
    ));
    let outcome = function::run(&Request {
        input: "",
        config: Some(&config),
        today: Date::parse("2026-01-01").expect("a day"),
    });
    let outcome = outcome.unwrap_or_else(|error| panic!("{error}"));
    let told = outcome
        .findings
        .iter()
        .filter(|finding| finding.rule == Rule::NotGenerated);
    let told: Vec<String> = told
        .map(|finding| {
            format!(
                "{}: {}",
                finding.agent.as_deref().unwrap_or_default(),
                finding.message
            )
        })
        .collect();
    let copies = "so these are not checked on mirrors that no rule declares";
    let tag = "so its tag and pull policy are not checked";
    let line = |agent: &str, image: &str, what: &str| {
        format!("{agent}: admissionPolicy: other agents claim {image}, too, and disagree, {what}")
    };
    assert_eq!(
        told,
        [
            line("apart-a", "copies of quay.io/apart/agent", copies),
            line("apart-b", "copies of quay.io/apart/agent", copies),
            line("twin-a", "copies of docker.io/twin/agent", copies),
            line("twin-b", "copies of quay.io/twin/agent", copies),
            line("odd-a", "quay.io/odd/agent", tag),
            line("odd-b", "quay.io/odd/agent", tag),
        ]
    );
}

/// Where a workload's name decides between agents, only the secrets that each of them wants are asked for: a
/// pod has another name than what made it.
#[test]
fn a_secret_is_asked_for_where_no_workload_decides_against_it() {
    let rules = "
  agents:
  - {name: a, images: [{image: quay.io/duo/agent, tag: keep, workloads: [web], imagePullSecrets: [a, both]}]}
  - {name: b, images: [{image: quay.io/duo/agent, tag: keep, workloads: [job], imagePullSecrets: [b, both]}]}
";
    with_room(move || {
        let policies = Policies::of(rules);
        let pod = |name: &str, secrets: &[&str]| {
            pod(
                name,
                "default",
                &[("app", "quay.io/duo/agent:1", "")],
                secrets,
            )
        };
        let refused = |pod: &Value| refusals(&policies, "pods", pod, &Value::Null);
        let bare = pod("web", &[]);
        assert_eq!(
            refused(&bare),
            ["a: the pod's imagePullSecrets must list both; restore-images writes it so"]
        );
        let by_function = restored(rules, &bare).expect("restored");
        let secrets = &by_function["spec"]["imagePullSecrets"];
        assert_eq!(*secrets, json!([{"name": "a"}, {"name": "both"}]));
        assert_eq!(refused(&by_function), Vec::<String>::new());
        assert_eq!(
            refused(&pod("web-7d9c-x2x", &["b", "both"])),
            Vec::<String>::new()
        );
    });
}
