//! Registry mapping rules: prefixes, mapping there and back, and rules that do not fit together.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use restore_images::image::{Reference, Repository};
use restore_images::registry::{
    MappingFault, MappingRule, MappingRules, Prefix, PrefixFault, Scope,
};
use serde_json::Value;

use crate::image::vectors;

fn repo(text: &str) -> Repository {
    Reference::parse(text)
        .expect("the reference is legal")
        .repository()
}

fn prefix(text: &str) -> Prefix {
    Prefix::parse(text).expect("the prefix is legal")
}

/// A rule from `source → mirror`, with ` (all)` behind it for that scope.
fn rule(text: &str) -> MappingRule {
    let (text, scope) = match text.strip_suffix(" (all)") {
        Some(text) => (text, Scope::All),
        None => (text, Scope::Agents),
    };
    let (source, mirror) = text.split_once(" → ").expect("a rule has an arrow");
    MappingRule {
        source: prefix(source),
        mirror: prefix(mirror),
        scope,
        pull_secrets: None,
    }
}

fn rules(texts: &[&str]) -> MappingRules {
    MappingRules::new(texts.iter().map(|text| rule(text)).collect())
        .expect("the rules fit together")
}

fn map(rules: &MappingRules, official: &str, agent_field: bool) -> Option<String> {
    rules
        .map(&repo(official), agent_field)
        .map(|(_, mirror)| mirror.to_string())
}

/// Every origin as `rule: official`.
fn origins(rules: &MappingRules, name: &str) -> Vec<String> {
    let origins = rules.officials_behind(&repo(name), |_, _| true);
    origins
        .iter()
        .map(|(rule, official)| format!("{rule}: {official}"))
        .collect()
}

#[track_caller]
fn check_map(texts: &[&str], cases: &[(&str, Option<&str>)]) {
    let rules = rules(texts);
    for (official, expected) in cases {
        assert_eq!(
            map(&rules, official, true).as_deref(),
            *expected,
            "{official}"
        );
    }
}

#[test]
fn a_prefix_stays_as_written() {
    for (text, domain, path) in [
        ("docker.io", "docker.io", ""),
        ("docker.io/realtheory", "docker.io", "realtheory"),
        ("docker.io/library/nginx", "docker.io", "library/nginx"),
        ("localhost", "localhost", ""),
        ("localhost:5000/hub", "localhost:5000", "hub"),
        ("registry:5000", "registry:5000", ""),
        (
            "registry.example.com:5000/hub/x",
            "registry.example.com:5000",
            "hub/x",
        ),
        ("[::1]", "[::1]", ""),
        ("[fd00::1]:5000/hub", "[fd00::1]:5000", "hub"),
        ("10.0.0.7/hub", "10.0.0.7", "hub"),
        ("registry-1.docker.io", "registry-1.docker.io", ""),
    ] {
        let prefix = prefix(text);
        assert_eq!((prefix.domain(), prefix.path()), (domain, path));
        assert_eq!(prefix.to_string(), text);
    }
    assert_eq!(prefix("index.docker.io").to_string(), "docker.io");
    assert_eq!(prefix("index.docker.io/acme").to_string(), "docker.io/acme");
}

#[track_caller]
fn check_prefix_error(text: &str, message: &str, help: Option<&str>) {
    let error = Prefix::parse(text).expect_err(text);
    assert_eq!(error.to_string(), message);
    assert_eq!(error.help().as_deref(), help, "{text}");
}

#[test]
fn a_wrong_prefix_is_named_with_its_remedy() {
    for (text, what, remedy) in [
        (
            "realtheory",
            "does not start with a registry host",
            "docker.io/realtheory",
        ),
        (
            "acme/agent",
            "does not start with a registry host",
            "docker.io/acme/agent",
        ),
        (
            "Acme",
            "does not start with a registry host",
            "docker.io/acme",
        ),
        ("https://ghcr.io/acme", "has a scheme", "ghcr.io/acme"),
        (
            "oci://acme/agent:v1",
            "has a scheme",
            "docker.io/acme/agent",
        ),
        (
            "ghcr.io/acme/agent@sha256:00",
            "has a digest",
            "ghcr.io/acme/agent",
        ),
        (
            "ghcr.io/acme/agent:v1@sha256:00",
            "has a digest",
            "ghcr.io/acme/agent",
        ),
        ("ghcr.io/acme/agent:v1", "has a tag", "ghcr.io/acme/agent"),
        ("ghcr.io:443/agent:1", "has a tag", "ghcr.io:443/agent"),
        ("[::1]:5000/agent:1", "has a tag", "[::1]:5000/agent"),
        ("nginx:latest", "has a tag", "docker.io/nginx"),
        ("ghcr.io/agent:", "has a tag", "ghcr.io/agent"),
        ("ghcr.io/", "ends with a slash", "ghcr.io"),
        ("ghcr.io/acme//", "ends with a slash", "ghcr.io/acme"),
        ("ghcr.io//acme", "has an empty segment", "ghcr.io/acme"),
        ("/acme", "has an empty segment", "docker.io/acme"),
        (
            "ghcr.io/Acme",
            "has upper-case letters in its path",
            "ghcr.io/acme",
        ),
    ] {
        let help = match what {
            "does not start with a registry host" => format!(
                "a host has a dot or a port, as `registry.example.com`; for a path of Docker Hub, write `{remedy}`"
            ),
            _ => format!("write `{remedy}`"),
        };
        check_prefix_error(text, &format!("`{text}` {what}"), Some(&help));
    }
    for text in ["*.example.com", "ghcr.io/*"] {
        let help = "write one rule for each host or path";
        check_prefix_error(text, &format!("`{text}` has a wildcard"), Some(help));
    }
    for (text, what) in [
        ("", "is empty"),
        ("/", "ends with a slash"),
        ("https://", "has a scheme"),
        (":5000", "does not start with a legal registry host"),
        ("host:", "does not start with a legal registry host"),
        (
            "my_registry.local/acme",
            "does not start with a legal registry host",
        ),
        (
            "-a.example.com",
            "does not start with a legal registry host",
        ),
        ("[::1", "does not start with a legal registry host"),
        ("ghcr.io/a..b", "has a path that is not legal"),
        ("ghcr.io/é", "has a path that is not legal"),
        ("$(REGISTRY)", "does not start with a registry host"),
    ] {
        check_prefix_error(text, &format!("`{text}` {what}"), None);
    }
    let longest = format!("ghcr.io/{}", "a".repeat(255));
    assert_eq!(prefix(&longest).to_string(), longest);
    let long = format!("{longest}a");
    check_prefix_error(
        &long,
        &format!("`{long}` has a path of more than 255 bytes"),
        None,
    );
}

#[test]
fn below_ends_at_a_slash_and_compares_the_port() {
    for (above, name, rest) in [
        ("docker.io", "nginx", Some("library/nginx")),
        ("docker.io/library", "nginx", Some("nginx")),
        ("docker.io/library/nginx", "nginx", Some("")),
        ("index.docker.io/acme", "acme/agent", Some("agent")),
        // A namespace, as written: no `library/` is put in.
        ("docker.io/nginx", "nginx", None),
        ("docker.io/nginx", "nginx/agent", Some("agent")),
        ("docker.io/acme", "acmecorp/agent", None),
        ("docker.io/acme/agent", "acme/agent-x", None),
        ("docker.io/acme/agent", "acme/agent/x", Some("x")),
        // The port that is meant where none is written.
        ("ghcr.io", "ghcr.io:443/acme/agent", Some("acme/agent")),
        ("ghcr.io:443", "ghcr.io/acme/agent", Some("acme/agent")),
        ("ghcr.io", "ghcr.io:5000/acme/agent", None),
        ("ghcr.io:443", "ghcr.io:443/acme/agent", Some("acme/agent")),
        ("ghcr.io:443", "ghcr.io:4430/acme/agent", None),
        // The case of a host means nothing.
        ("ghcr.io", "GHCR.io/acme/agent", Some("acme/agent")),
        ("example.com", "registry.example.com/agent", None),
        ("[::1]:5000/hub", "[::1]:5000/hub/agent", Some("agent")),
    ] {
        assert_eq!(
            prefix(above).below(&repo(name)),
            rest,
            "{name} below {above}"
        );
    }
}

#[test]
fn join_is_the_inverse_of_below() {
    for (above, rest, joined) in [
        ("ghcr.io", "acme/agent", "ghcr.io/acme/agent"),
        ("ghcr.io/acme", "agent", "ghcr.io/acme/agent"),
        ("ghcr.io/acme/agent", "", "ghcr.io/acme/agent"),
        ("docker.io", "library/nginx", "docker.io/library/nginx"),
        // This name means Docker Hub's library.
        ("docker.io", "nginx", "docker.io/library/nginx"),
        ("docker.io/acme", "agent", "docker.io/acme/agent"),
    ] {
        assert_eq!(prefix(above).join(rest).to_string(), joined);
    }
    assert!(!prefix("ghcr.io").join("").is_legal());
    assert!(!prefix("ghcr.io").join(&"a".repeat(256)).is_legal());
    assert!(prefix("ghcr.io").join(&"a".repeat(255)).is_legal());
}

#[test]
fn the_longest_source_wins() {
    check_map(
        &[
            "docker.io → registry.example.com/hub",
            "docker.io/acme → registry.example.com/acme",
            "docker.io/acme/agent → registry.example.com/agents/acme",
            "ghcr.io:443 → registry.example.com:5000",
            "docker.io/local → docker.io/local",
        ],
        &[
            ("nginx", Some("registry.example.com/hub/library/nginx")),
            ("acme/other", Some("registry.example.com/acme/other")),
            ("acme/agent", Some("registry.example.com/agents/acme")),
            ("acme/agent/x", Some("registry.example.com/agents/acme/x")),
            ("acme/agents", Some("registry.example.com/acme/agents")),
            (
                "acmecorp/agent",
                Some("registry.example.com/hub/acmecorp/agent"),
            ),
            (
                "ghcr.io:443/acme/agent",
                Some("registry.example.com:5000/acme/agent"),
            ),
            // 443 is the port where none is written.
            (
                "ghcr.io/acme/agent",
                Some("registry.example.com:5000/acme/agent"),
            ),
            ("ghcr.io:5000/acme/agent", None),
            // An identity rule exempts from a wider one.
            ("local/agent", Some("docker.io/local/agent")),
        ],
    );
    assert_eq!(MappingRules::default().map(&repo("nginx"), true), None);
}

#[test]
fn scope_agents_serves_agents_only() {
    let rules = rules(&["docker.io → r.io/hub (all)", "docker.io/acme → r.io/acme"]);
    assert_eq!(
        map(&rules, "acme/agent", true).as_deref(),
        Some("r.io/acme/agent")
    );
    assert_eq!(
        map(&rules, "acme/agent", false).as_deref(),
        Some("r.io/hub/acme/agent")
    );
    assert_eq!(Scope::default(), Scope::Agents);
}

#[test]
fn the_rule_comes_with_the_repository() {
    let hub = MappingRule {
        pull_secrets: Some(vec!["hub".into()]),
        ..rule("docker.io → r.io/hub")
    };
    let rules =
        MappingRules::new(vec![rule("ghcr.io → r.io/ghcr"), hub.clone()]).expect("they fit");
    let (found, _) = rules.map(&repo("nginx"), true).expect("a rule matches");
    assert_eq!(*found, hub);
    assert_eq!(
        rules.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["ghcr.io → r.io/ghcr", "docker.io → r.io/hub",]
    );
    assert!(rules.has_source_host("ghcr.io") && rules.has_mirror_host("r.io"));
    assert!(!rules.has_source_host("r.io") && !rules.has_mirror_host("ghcr.io"));
    assert!(rules.has_mirror_host("R.io:443") && !rules.has_mirror_host("r.io:5000"));
}

#[test]
fn an_image_on_a_mirror_leads_back() {
    let rules = rules(&[
        "docker.io → r.io/hub",
        "ghcr.io/acme → r.io/acme",
        "quay.io/acme/agent → r.io/hub/agent",
    ]);
    for (name, expected) in [
        (
            "r.io/hub/library/nginx",
            vec!["docker.io → r.io/hub: docker.io/library/nginx"],
        ),
        // Whoever leaves `library/` out means the same.
        (
            "r.io/hub/nginx",
            vec!["docker.io → r.io/hub: docker.io/library/nginx"],
        ),
        (
            "r.io/acme/agent",
            vec!["ghcr.io/acme → r.io/acme: ghcr.io/acme/agent"],
        ),
        // The longest mirror wins.
        (
            "r.io/hub/agent",
            vec!["quay.io/acme/agent → r.io/hub/agent: quay.io/acme/agent"],
        ),
        (
            "r.io/hub/agents",
            vec!["docker.io → r.io/hub: docker.io/library/agents"],
        ),
        ("r.io:5000/hub/x/y", vec![]),
        (
            "R.io:443/hub/x/y",
            vec!["docker.io → r.io/hub: docker.io/x/y"],
        ),
        ("r.io/hubs/x", vec![]),
        // The copy of a whole host is no image.
        ("r.io/hub", vec![]),
        ("nginx", vec![]),
    ] {
        assert_eq!(origins(&rules, name), expected, "{name}");
    }
}

#[test]
fn rules_that_share_a_mirror_give_every_candidate_in_order() {
    let rules = rules(&[
        "quay.io → r.io/all",
        "docker.io → r.io/all",
        "ghcr.io → r.io",
        "docker.io/acme → r.io/all/acme (all)",
        "ghcr.io/acme → r.io/all/acme (all)",
        "docker.io/acme/agent → r.io/all/acme/agent",
    ]);
    assert_eq!(
        origins(&rules, "r.io/all/a/b"),
        [
            "quay.io → r.io/all: quay.io/a/b",
            "docker.io → r.io/all: docker.io/a/b",
        ]
    );
    assert_eq!(
        origins(&rules, "r.io/all/acme/x"),
        [
            "docker.io/acme → r.io/all/acme: docker.io/acme/x",
            "ghcr.io/acme → r.io/all/acme: ghcr.io/acme/x",
        ]
    );
    assert_eq!(
        origins(&rules, "r.io/all/acme/agent/x"),
        ["docker.io/acme/agent → r.io/all/acme/agent: docker.io/acme/agent/x",]
    );

    // What is not permitted hides nothing: the longest mirror is sought among the rest.
    let others = rules.officials_behind(&repo("r.io/all/acme/agent"), |rule, _| {
        rule.scope == Scope::All
    });
    let others: Vec<String> = others
        .iter()
        .map(|(_, official)| official.to_string())
        .collect();
    assert_eq!(others, ["docker.io/acme/agent", "ghcr.io/acme/agent"]);
    let quay = |_: &MappingRule, official: &Repository| official.domain() == "quay.io";
    let quay = rules.officials_behind(&repo("r.io/all/acme/agent"), quay);
    assert_eq!(quay[0].1, repo("quay.io/acme/agent"));
}

#[test]
fn one_official_repository_is_one_candidate() {
    // Both spell the same repository, `docker.io/library/agent`.
    let rules = rules(&[
        "docker.io/agent → r.io/agent",
        "docker.io/library/agent → r.io/agent",
    ]);
    assert_eq!(
        origins(&rules, "r.io/agent"),
        ["docker.io/agent → r.io/agent: docker.io/library/agent",]
    );
    assert_eq!(origins(&rules, "r.io/agent/x").len(), 2);
}

#[track_caller]
fn check_rejected(
    texts: &[&str],
    (fault, index, other): (MappingFault, usize, Option<usize>),
    message: &str,
    help: &str,
) {
    let error =
        MappingRules::new(texts.iter().map(|text| rule(text)).collect()).expect_err(message);
    assert_eq!(error.to_string(), message);
    assert_eq!(error.help().as_deref(), Some(help));
    assert_eq!(
        (error.fault, error.index, error.other),
        (fault, index, other)
    );
}

#[test]
fn equal_sources_are_rejected() {
    check_rejected(
        &[
            "docker.io → a.io",
            "ghcr.io → a.io",
            "index.docker.io → b.io (all)",
        ],
        (MappingFault::EqualSources, 2, Some(0)),
        "`docker.io → a.io` and `docker.io → b.io` have the same source",
        "keep one of them",
    );
}

#[test]
fn a_rule_that_maps_its_own_result_is_rejected() {
    check_rejected(
        &["docker.io → docker.io/mirror"],
        (MappingFault::MapsItself, 0, None),
        "`docker.io → docker.io/mirror` maps its own result again",
        "add a rule whose source and mirror are both `docker.io/mirror`",
    );
    rules(&[
        "docker.io → docker.io/mirror",
        "docker.io/mirror → docker.io/mirror",
    ]);
    check_rejected(
        &["docker.io/a/b → docker.io/a"],
        (MappingFault::MapsItself, 0, None),
        "`docker.io/a/b → docker.io/a` maps its own result again",
        "choose a mirror that does not hold `docker.io/a/b`",
    );
}

#[test]
fn an_exemption_holds_only_where_its_scope_does() {
    let message = "`docker.io → docker.io/mirror` maps its own result again";
    check_rejected(
        &["docker.io → docker.io/mirror (all)"],
        (MappingFault::MapsItself, 0, None),
        message,
        "add a rule of scope `all` whose source and mirror are both `docker.io/mirror`",
    );
    check_rejected(
        &[
            "docker.io → docker.io/mirror (all)",
            "docker.io/mirror → docker.io/mirror",
        ],
        (MappingFault::MapsItself, 0, None),
        message,
        "give `docker.io/mirror → docker.io/mirror` the scope `all`",
    );
    rules(&[
        "docker.io → docker.io/mirror (all)",
        "docker.io/mirror → docker.io/mirror (all)",
    ]);
}

#[test]
fn a_mirror_inside_another_source_is_rejected() {
    rules(&["ghcr.io → a.io/hub", "a.io → b.io", "a.io/hub → a.io/hub"]);
    // Where agents' fields alone are mapped, an exemption for agents is enough.
    rules(&[
        "ghcr.io → a.io/hub",
        "a.io → b.io (all)",
        "a.io/hub → a.io/hub",
    ]);
    for (first, second, exemption) in [
        ("", "", "a rule"),
        ("", " (all)", "a rule"),
        (" (all)", "", "a rule"),
        (" (all)", " (all)", "a rule of scope `all`"),
    ] {
        check_rejected(
            &[
                &format!("ghcr.io → a.io/hub{first}"),
                &format!("a.io → b.io{second}"),
            ],
            (MappingFault::MapsAgain, 0, Some(1)),
            "`a.io → b.io` maps the result of `ghcr.io → a.io/hub` again",
            &format!("add {exemption} whose source and mirror are both `a.io/hub`"),
        );
    }
    check_rejected(
        &["a.io/hub → b.io", "ghcr.io → a.io/hub"],
        (MappingFault::MapsAgain, 1, Some(0)),
        "`a.io/hub → b.io` maps the result of `ghcr.io → a.io/hub` again",
        "map `ghcr.io` straight to `b.io`",
    );
    // Hosts are compared with their ports, paths at a `/`.
    rules(&["ghcr.io → a.io/hub", "a.io:5000 → b.io", "a.io/hu → b.io"]);
}

#[test]
fn a_source_inside_another_mirror_is_rejected() {
    check_rejected(
        &["ghcr.io → a.io", "a.io/hub → b.io"],
        (MappingFault::MapsAgain, 0, Some(1)),
        "`a.io/hub → b.io` maps the result of `ghcr.io → a.io` again",
        "add a rule for `ghcr.io/hub` that leads elsewhere",
    );
    // What would arrive there is taken by a longer source.
    rules(&["ghcr.io → a.io", "a.io/hub → b.io", "ghcr.io/hub → b.io"]);
    rules(&["ghcr.io → a.io", "a.io/hub → a.io/hub"]);
}

#[test]
fn circles_are_named_as_such() {
    check_rejected(
        &["a.io → b.io", "b.io → a.io"],
        (MappingFault::Circle, 0, Some(1)),
        "`a.io → b.io` and `b.io → a.io` map in a circle",
        "remove one of them",
    );
    check_rejected(
        &["a.io → b.io/x", "d.io → e.io", "c.io → a.io", "b.io → c.io"],
        (MappingFault::Circle, 0, Some(3)),
        "`a.io → b.io/x` and `b.io → c.io` and `c.io → a.io` map in a circle",
        "remove one of them",
    );
    // The first rule leads into the circle but is not in it.
    check_rejected(
        &["z.io → a.io", "a.io → b.io", "b.io → a.io"],
        (MappingFault::MapsAgain, 0, Some(1)),
        "`a.io → b.io` maps the result of `z.io → a.io` again",
        "map `z.io` straight to `b.io`",
    );
}

/// The repository of a vector's reference, and what follows its name.
fn vector_repo(text: &str) -> (Repository, &str) {
    if !text.contains('/') {
        // A bare host stands for itself in the vectors.
        return (prefix(text).join(""), "");
    }
    let reference = Reference::parse(text).expect("the reference is legal");
    (reference.repository(), &text[reference.name().len()..])
}

/// Why a vector's semantics are not ours, with our own behaviour checked.
fn disagreement(case: &Value, prefix_text: &str, name: &str) -> Option<&'static str> {
    let fault = Prefix::parse(prefix_text).map_err(|error| error.fault);
    if prefix_text.contains('*') {
        assert_eq!(fault, Err(PrefixFault::Wildcard));
        return Some("a wildcard is not in our language");
    }
    if prefix_text.contains('@') {
        assert_eq!(fault, Err(PrefixFault::Digest));
        return Some("a prefix has no digest");
    }
    if prefix_text == "example.com/foo:bar" {
        assert_eq!(fault, Err(PrefixFault::Tag));
        return Some("a prefix has no tag");
    }
    if case["port_leak"] == true {
        assert_eq!(prefix(prefix_text).below(&vector_repo(name).0), None);
        return Some("a host without a port is another host");
    }
    if let Some(("docker.io", path)) = name.split_once('/')
        && !path.contains('/')
    {
        assert_eq!(vector_repo(name).0.path(), format!("library/{path}"));
        return Some("a single segment on docker.io is in its library");
    }
    None
}

#[test]
fn containers_image_prefixes_agree() {
    let Some(cases) = vectors("prefix-match.json") else {
        return;
    };
    let mut run = BTreeMap::new();
    let mut skipped = BTreeMap::new();
    for case in &cases {
        let text = |key: &str| case[key].as_str();
        let kind = text("kind").expect("each case has a kind");
        let prefix_text = text("prefix").expect("each case has a prefix");
        let name = text("ref")
            .or(text("input"))
            .expect("each case has a reference");
        if let Some(reason) = disagreement(case, prefix_text, name) {
            *skipped.entry(reason).or_insert(0) += 1;
            continue;
        }
        *run.entry(kind).or_insert(0) += 1;
        let (repository, suffix) = vector_repo(name);
        if kind == "match" {
            let matches = prefix(prefix_text).below(&repository).is_some();
            assert_eq!(matches, case["match"] == true, "{case}");
            let length = if matches {
                prefix_text.len() as i64
            } else {
                -1
            };
            assert_eq!(case["length"], length, "{case}");
            continue;
        }
        let location = text("location").expect("a rewrite has a location");
        let rules = rules(&[&format!("{prefix_text} → {location}")]);
        let (_, mirror) = rules.map(&repository, true).expect("the rule matches");
        assert_eq!(format!("{mirror}{suffix}"), case["expected"], "{case}");
    }
    assert_eq!(run, BTreeMap::from([("match", 15), ("rewrite", 6)]));
    let expected = BTreeMap::from([
        ("a host without a port is another host", 1),
        ("a prefix has no digest", 4),
        ("a prefix has no tag", 4),
        ("a single segment on docker.io is in its library", 2),
        ("a wildcard is not in our language", 27),
    ]);
    assert_eq!(skipped, expected);
}

const SEGMENTS: [&str; 3] = ["a", "b", "c"];

fn any_prefix(hosts: &'static [&'static str]) -> impl Strategy<Value = String> {
    let path = prop::collection::vec(prop::sample::select(&SEGMENTS[..]), 0..3);
    (prop::sample::select(hosts), path).prop_map(|(host, path)| {
        std::iter::once(host)
            .chain(path)
            .collect::<Vec<_>>()
            .join("/")
    })
}

/// Sources mostly on one host, mirrors mostly on the other, and exemptions, so that many sets fit.
fn any_rule() -> impl Strategy<Value = String> {
    let source = || any_prefix(&["x.io", "x.io", "x.io", "y.io"]);
    let mirror = any_prefix(&["x.io", "y.io", "y.io", "y.io"]);
    let moving = (source(), mirror).prop_map(|(source, mirror)| format!("{source} → {mirror}"));
    let identity = source().prop_map(|prefix| format!("{prefix} → {prefix}"));
    let rule = prop_oneof![3 => moving, 1 => identity];
    (rule, any::<bool>())
        .prop_map(|(rule, all)| format!("{rule}{}", if all { " (all)" } else { "" }))
}

/// Every repository on the hosts of `any_rule` that its rules can tell apart.
fn all_repositories() -> Vec<Repository> {
    // `z` is the segment that no rule names; sources and results of two rules are at most 5 deep.
    let mut paths: Vec<String> = vec![String::new()];
    let mut level = paths.clone();
    for _ in 0..4 {
        let deeper =
            |path: &String| ["a", "b", "c", "z"].map(|segment| format!("{path}/{segment}"));
        level = level
            .iter()
            .filter(|path| !path.ends_with('z'))
            .flat_map(deeper)
            .collect();
        paths.extend(level.clone());
    }
    let hosts = |path: &String| ["x.io", "y.io"].map(|host| repo(&format!("{host}{path}/z")));
    paths
        .iter()
        .filter(|path| !path.ends_with('z'))
        .flat_map(hosts)
        .collect()
}

/// What independent application of the rules gives: the longest source, by its text.
fn naive_map(rules: &[MappingRule], official: &Repository, agent_field: bool) -> String {
    let official = official.to_string();
    let covers = |rule: &&MappingRule| {
        (agent_field || rule.scope == Scope::All)
            && format!("{official}/").starts_with(&format!("{}/", rule.source))
    };
    match rules
        .iter()
        .filter(covers)
        .max_by_key(|rule| rule.source.to_string().len())
    {
        Some(rule) => official.replacen(&rule.source.to_string(), &rule.mirror.to_string(), 1),
        None => official,
    }
}

fn config() -> ProptestConfig {
    // A failing input is printed; no file is left in the tree.
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn mapped_images_lead_back(
        sources in prop::collection::btree_set(any_prefix(&["docker.io", "ghcr.io", "quay.io:443"]), 1..6),
        host in prop::sample::select(&["docker.io", "ghcr.io", "quay.io:443"][..]),
        path in prop::collection::vec(prop::sample::select(&SEGMENTS[..]), 1..5),
    ) {
        let texts = sources.iter().enumerate().map(|(i, source)| format!("{source} → r.io/m{i}"));
        let list: Vec<MappingRule> = texts.map(|text| rule(&text)).collect();
        let rules = MappingRules::new(list).expect("the rules fit together");
        let official = repo(&format!("{host}/{}", path.join("/")));
        if let Some((by, mirror)) = rules.map(&official, true) {
            prop_assert!(mirror.is_legal());
            prop_assert_eq!(rules.officials_behind(&mirror, |_, _| true), vec![(by, official)]);
        }
    }

    #[test]
    fn rules_are_accepted_iff_mapping_twice_is_mapping_once(
        texts in prop::collection::vec(any_rule(), 1..5),
    ) {
        let list: Vec<MappingRule> = texts.iter().map(|text| rule(text)).collect();
        let result = MappingRules::new(list.clone());
        if let Err(error) = &result && error.fault == MappingFault::EqualSources {
            return Ok(());
        }
        let settles = |official: &Repository, agent_field| {
            let once = naive_map(&list, official, agent_field);
            once == naive_map(&list, &repo(&once), agent_field)
        };
        let all = all_repositories();
        let converges = all.iter().all(|official| settles(official, true) && settles(official, false));
        prop_assert_eq!(result.is_ok(), converges, "{:?}", result);
        if let Ok(rules) = result {
            for official in &all {
                let mapped = rules.map(official, true).map_or(official.clone(), |(_, mirror)| mirror);
                prop_assert_eq!(mapped.to_string(), naive_map(&list, official, true));
            }
        }
    }

    /// Back from where a rule maps to, unless another rule's longer mirror lies there.
    #[test]
    fn rules_in_any_order_map_alike_and_lead_back(
        (texts, shuffled) in prop::collection::btree_set(any_rule(), 1..6)
            .prop_map(|texts| texts.into_iter().collect::<Vec<String>>())
            .prop_flat_map(|texts| (Just(texts.clone()), Just(texts).prop_shuffle())),
    ) {
        let in_order = |texts: &[String]| MappingRules::new(texts.iter().map(|text| rule(text)).collect());
        let (Ok(first), Ok(second)) = (in_order(&texts), in_order(&shuffled)) else {
            prop_assert!(in_order(&texts).is_err() && in_order(&shuffled).is_err());
            return Ok(());
        };
        for official in &all_repositories() {
            for agent_field in [true, false] {
                prop_assert_eq!(first.map(official, agent_field), second.map(official, agent_field));
            }
            let origins = |rules: &MappingRules, name: &Repository| -> BTreeSet<String> {
                let origins = rules.officials_behind(name, |_, _| true);
                origins.into_iter().map(|(_, official)| official.to_string()).collect()
            };
            prop_assert_eq!(origins(&first, official), origins(&second, official));
            if let Some((by, mirror)) = first.map(official, true) {
                let longer = first.iter().any(|other| {
                    other.mirror.path().len() > by.mirror.path().len() && other.mirror.below(&mirror).is_some()
                });
                prop_assert!(longer || origins(&first, &mirror).contains(&official.to_string()));
            }
        }
    }

    #[test]
    fn any_text_is_a_prefix_that_prints_back_or_is_refused(text in "[a-zA-Z.:/@*é\\[\\]-]{0,12}") {
        match Prefix::parse(&text) {
            Ok(prefix) => prop_assert_eq!(prefix.to_string(), text),
            Err(error) => if let Some(help) = error.help() && let Some(meant) = help.strip_prefix("write `") {
                prop_assert!(Prefix::parse(meant.trim_end_matches('`')).is_ok(), "{}", help);
            },
        }
    }
}
