//! Profiles: adjusted, written out, whole, among the items, and in the place of built-in ones.

use restore_images::agent::{AgentImage, PullPolicy, builtin_names};
use restore_images::config::Config;
use restore_images::error::{Error, Origin};
use restore_images::tag::{Keep, Minimum, Pinned, TagPolicy};

use super::{HEAD, config, floating, names, shown, try_with};

const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn profile(name: &str, images: &str) -> String {
    format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: AgentProfile\n\
         metadata: {{name: {name}, annotations: {{config.kubernetes.io/local-config: \"true\"}}}}\n\
         spec: {{images: [{images}]}}\n"
    )
}

fn image(config: &Config) -> &AgentImage {
    &config.agents[0].images[0]
}

#[test]
fn the_realtheory_profile_is_what_the_vendor_says() {
    let config = config("  agents: [realtheory-collector]\n");
    let image = image(&config);
    assert_eq!(image.official.written, "realtheory/theory-k8s-collector");
    assert_eq!(
        image.official.repository.to_string(),
        "docker.io/realtheory/theory-k8s-collector"
    );
    assert_eq!((&image.tag, &image.digest), (&None, &None));
    assert_eq!(image.tag_policy, floating(&["", "latest"]));
    assert_eq!(image.pull_policy.as_str(), Some("Always"));
    assert_eq!(image.containers, ["realtheorycollector"]);
    assert_eq!(image.workloads, ["realtheorycollector"]);
}

#[test]
fn an_image_that_says_nothing_is_kept() {
    let config = config("  agents: [{name: own, images: [{image: quay.io/a/b:v1}]}]\n");
    let image = image(&config);
    assert_eq!(image.tag_policy, TagPolicy::Keep(Keep));
    assert_eq!(image.pull_policy, PullPolicy::Keep);
    assert_eq!(image.pull_policy.as_str(), None);
    assert_eq!(image.tag.as_deref(), Some("v1"));
    assert!(!image.shared && image.aliases.is_empty() && image.pull_secrets.is_empty());
}

#[test]
fn tag_policies_are_read() {
    let policy = |keys: &str| {
        let spec = format!("  agents: [{{name: own, images: [{{{keys}}}]}}]\n");
        image(&config(&spec)).tag_policy.clone()
    };
    let pinned = |tag: Option<&str>, digest: Option<&str>| {
        TagPolicy::Pinned(Pinned {
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        })
    };
    assert_eq!(policy("image: a/b, tag: keep"), TagPolicy::Keep(Keep));
    assert_eq!(
        policy("image: a/b, tag: floating"),
        floating(&["", "latest"])
    );
    assert_eq!(
        policy("image: a/b:latest, tag: floating"),
        floating(&["", "latest"])
    );
    assert_eq!(policy("image: a/b:v1, tag: floating"), floating(&["v1"]));
    // The official tag is among them whatever is written, or a restored image would not rest.
    assert_eq!(
        policy("image: a/b:v1, tag: floating, floatingTags: [stable]"),
        floating(&["stable", "v1"])
    );
    assert_eq!(
        policy("image: a/b, tag: floating, floatingTags: [\"1\", latest]"),
        floating(&["1", "latest", ""])
    );
    assert_eq!(
        policy("image: a/b, tag: pinned, pin: v1.2.3"),
        pinned(Some("v1.2.3"), None)
    );
    assert_eq!(
        policy("image: a/b, tag: pinned, pin: \"1.10\""),
        pinned(Some("1.10"), None)
    );
    assert_eq!(
        policy(&format!("image: a/b, tag: pinned, pin: \"@{DIGEST}\"")),
        pinned(None, Some(DIGEST))
    );
    assert_eq!(
        policy(&format!("image: a/b, tag: pinned, pin: \"v1@{DIGEST}\"")),
        pinned(Some("v1"), Some(DIGEST))
    );
    let minimum = TagPolicy::Minimum(Minimum {
        version: "v1.2".to_owned(),
    });
    assert_eq!(policy("image: a/b, tag: minimum, minimum: v1.2"), minimum);
}

#[test]
fn an_adjustment_holds_for_each_image() {
    let own = profile(
        "own",
        "{image: a/b:v1, tag: pinned, pin: v1.5, imagePullPolicy: Always, imagePullSecrets: [a]}, \
         {image: a/c, shared: true, aliases: [quay.io/a/c]}",
    );
    let adjusted = |keys: &str| {
        let text = format!("{HEAD}spec: {{agents: [{{profile: own, {keys}}}]}}\n");
        let config =
            try_with(&text, &[&own]).unwrap_or_else(|error| panic!("{}", shown(&error, &text)));
        config.agents.into_iter().next().expect("an agent")
    };
    let agent = adjusted("namespaces: [x]");
    assert_eq!(agent.namespaces, ["x"]);
    assert!(
        matches!(&agent.images[0].tag_policy, TagPolicy::Pinned(Pinned { tag: Some(tag), .. }) if tag == "v1.5")
    );
    assert_eq!(agent.images[1].tag_policy, TagPolicy::Keep(Keep));
    assert_eq!(agent.images[1].aliases[0].written, "quay.io/a/c");

    // A policy that changes leaves the profile's `pin` behind.
    let agent = adjusted("tag: floating, imagePullPolicy: IfNotPresent, imagePullSecrets: [b]");
    assert_eq!(agent.images[0].tag_policy, floating(&["v1"]));
    assert_eq!(agent.images[1].tag_policy, floating(&["", "latest"]));
    for image in &agent.images {
        assert_eq!(image.pull_policy, PullPolicy::IfNotPresent);
        assert_eq!(image.pull_secrets, ["b"]);
    }

    let agent = adjusted("tag: pinned, pin: v2");
    for image in &agent.images {
        assert!(
            matches!(&image.tag_policy, TagPolicy::Pinned(Pinned { tag: Some(tag), .. }) if tag == "v2")
        );
    }
}

#[test]
fn a_floating_profile_takes_other_floating_tags_alone() {
    let spec = "  agents: [{profile: realtheory-collector, floatingTags: [stable]}]\n";
    assert_eq!(image(&config(spec)).tag_policy, floating(&["stable", ""]));
}

#[test]
fn a_profile_stands_whole_in_agents() {
    let spec = "  agents:
  - apiVersion: restore-images.dev/v1alpha1
    kind: AgentProfile
    metadata: {name: own, labels: {a: b}}
    spec: {title: Own, images: [{image: a/b}], examples: [{from: a/b, to: a/b}]}
";
    let config = config(spec);
    assert_eq!(names(&config), ["own"]);
    assert_eq!(config.agents[0].title.as_deref(), Some("Own"));
    assert!(config.replaced.is_empty());
}

#[test]
fn profiles_among_the_items_are_in_play_beside_the_builtin_ones() {
    let config = try_with(HEAD, &[&profile("own", "{image: a/b}")]).expect("legal");
    let mut expected: Vec<&str> = builtin_names().collect();
    expected.push("own");
    assert_eq!(names(&config), expected);
    assert!(config.agents.iter().all(|agent| !agent.named));
    assert!(config.replaced.is_empty());
}

#[test]
fn a_profile_of_a_builtin_name_stands_in_its_place() {
    let item = profile("realtheory-collector", "{image: a/b}");
    let check = |spec: &str, items: &[&str], expected: &str| {
        let text = format!("{HEAD}spec:\n{spec}");
        let config =
            try_with(&text, items).unwrap_or_else(|error| panic!("{}", shown(&error, &text)));
        let mut agents = config.agents.iter();
        let agent = agents.find(|agent| *agent.name == *"realtheory-collector");
        let image = &agent.expect("the agent is in play").images[0];
        assert_eq!(image.official.written, expected);
        assert_eq!(config.replaced, ["realtheory-collector"]);
    };
    check("  mode: check\n", &[&item], "a/b");
    check("  agents: [realtheory-collector]\n", &[&item], "a/b");
    check(
        "  agents: [{profile: realtheory-collector, tag: keep}]\n",
        &[&item],
        "a/b",
    );
    check(
        "  agents: [{name: realtheory-collector, images: [{image: c/d}]}]\n",
        &[],
        "c/d",
    );
    check(
        "  agents: [{apiVersion: restore-images.dev/v1alpha1, kind: AgentProfile, \
         metadata: {name: realtheory-collector}, spec: {images: [{image: e/f}]}}]\n",
        &[],
        "e/f",
    );
    // What the configuration writes out stands before what lies among the items.
    check(
        "  agents: [{name: realtheory-collector, images: [{image: c/d}]}]\n",
        &[&item],
        "c/d",
    );
}

#[test]
fn kpt_may_hand_a_profile_in_twice() {
    let own = profile("own", "{image: a/b}");
    let config = try_with(HEAD, &[&own, &own]).expect("copies are one");
    assert_eq!(
        names(&config).iter().filter(|name| **name == "own").count(),
        1
    );
}

/// The fault in an item and in which text it lies.
#[track_caller]
fn check_item(spec: &str, items: &[&str], expected: &str) {
    let text = format!("{HEAD}spec: {spec}\n");
    let error = try_with(&text, items).expect_err("a fault");
    assert!(matches!(*error, Error::Config(_)));
    assert_eq!(error.fault().origin, Origin::Input);
    let last = items.last().expect("an item");
    assert_eq!(shown(&error, last), expected);
}

#[test]
fn faults_of_profiles_among_the_items_point_into_the_input() {
    check_item(
        "{}",
        &[&profile("own", "{image: a/b, tags: keep}")],
        "spec.images[0].tags 4:30: unknown key `tags`\nhelp: did you mean `tag`?",
    );
    check_item(
        "{}",
        &[
            "apiVersion: restore-images.dev/v2\nkind: AgentProfile\nmetadata: {name: own}\nspec: {images: [{image: a}]}\n",
        ],
        "apiVersion 1:13: `restore-images.dev/v2` is not known\nhelp: write `restore-images.dev/v1alpha1`",
    );
    check_item(
        "{}",
        &["kind: AgentProfile\nmetadata: {}\n"],
        "metadata.name 1:1: the AgentProfile has no name\nhelp: write `name: NAME` under `metadata`, as text",
    );
    check_item(
        "{}",
        &[
            &profile("own", "{image: a/b}"),
            &profile("own", "{image: a/c}"),
        ],
        "metadata.name 1:1: two AgentProfiles are named `own` and differ (first: 1:1)\nhelp: give one of them another name",
    );
}

#[test]
fn profiles_that_are_not_in_play_are_not_read() {
    let broken = profile("own", "{imago: a/b}");
    let text = format!("{HEAD}spec: {{agents: [realtheory-collector]}}\n");
    assert!(try_with(&text, &[&broken]).is_ok());
}
