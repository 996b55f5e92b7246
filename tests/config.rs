//! Configurations that can be followed: what each resolves to.

mod agent_faults;
mod documents;
mod exceptions;
mod faults;
mod profiles;

use restore_images::agent::{Agent, PullPolicy, UndeclaredMirrors, builtin_names, builtin_text};
use restore_images::config::{self, Config, ConfigDocument, Output};
use restore_images::error::{Error, Origin};
use restore_images::finding::{Aspect, Mode};
use restore_images::registry::Scope;
use restore_images::tag::{Floating, TagPolicy};
use restore_images::yaml::{parse, place};

use crate::support::schemas;

const HEAD: &str = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\n";

/// Reads a configuration, and profiles as if they stood among the items.
fn try_with(text: &str, profiles: &[&str]) -> Result<Config, Box<Error>> {
    let node = parse::document(text).expect("the configuration is YAML");
    let profiles: Vec<_> = profiles
        .iter()
        .map(|text| {
            let node = parse::document(text).expect("the profile is YAML");
            (Origin::Input, node)
        })
        .collect();
    let document = ConfigDocument {
        node: &node,
        origin: Origin::Config,
    };
    let read = config::read(Some(document), &profiles).map_err(Box::new);
    check_schemas(text, read.as_ref().err().map(|error| &**error));
    read
}

/// Holds the schemas against what the program says of a configuration; profiles are held by the tests
/// that read them.
#[track_caller]
fn check_schemas(text: &str, refused: Option<&Error>) {
    match refused {
        None => schemas::check(text, None),
        Some(error) if matches!(error.fault().origin, Origin::Config) => {
            schemas::check(text, Some(&shown(error, text)));
        }
        Some(_) => {}
    }
}

/// Reads a RestoreImages object with this spec.
#[track_caller]
fn config(spec: &str) -> Config {
    let text = format!("{HEAD}spec:\n{spec}");
    try_with(&text, &[]).unwrap_or_else(|error| panic!("{}", shown(&error, &text)))
}

/// A fault in one text: `key line:column: what (first: line:column)`, and the help on a line.
fn shown(error: &Error, text: &str) -> String {
    let fault = error.fault();
    let mut shown = format!(
        "{} {}: {}",
        fault.key,
        place::place(text, fault.at),
        fault.what
    );
    if let Some(first) = fault.first {
        shown.push_str(&format!(" (first: {})", place::place(text, first)));
    }
    if let Some(help) = &fault.help {
        shown.push_str(&format!("\nhelp: {help}"));
    }
    shown
}

/// A whole configuration, `key line:column: what`, and the help, empty where there is none.
#[track_caller]
fn check_fault(text: &str, expected: &str, help: &str) {
    let error = try_with(text, &[]).expect_err("a fault");
    assert!(matches!(*error, Error::Config(_)));
    let help = match help {
        "" => String::new(),
        help => format!("\nhelp: {help}"),
    };
    assert_eq!(shown(&error, text), format!("{expected}{help}"));
}

fn names(config: &Config) -> Vec<&str> {
    config.agents.iter().map(|agent| &*agent.name).collect()
}

fn floating(tags: &[&str]) -> TagPolicy {
    let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
    TagPolicy::Floating(Floating { tags })
}

#[test]
fn every_builtin_profile_is_legal_and_has_its_files_name() {
    for name in builtin_names() {
        let config = config(&format!("  agents: [{name}]\n"));
        let agent = &config.agents[0];
        assert_eq!(*agent.name, *name);
        assert!(agent.title.is_some() && agent.docs.is_some(), "{name}");
        assert!(!agent.examples.is_empty(), "{name}");
        for example in &agent.examples {
            for text in [&example.from, &example.to] {
                assert!(
                    restore_images::image::Reference::parse(text).is_ok(),
                    "{text}"
                );
            }
        }
    }
    assert_eq!(builtin_text("no-such-agent"), None);
}

#[test]
fn without_a_configuration_every_builtin_profile_is_in_play() {
    let every: Vec<&str> = builtin_names().collect();
    let none = Config::default();
    for config in [
        none,
        try_with(HEAD, &[]).expect("a head alone is legal"),
        config("  mode: restore\n"),
    ] {
        assert_eq!(names(&config), every);
        assert_eq!(config.mode, Mode::Restore);
        assert_eq!(config.output, Output::Items);
        assert_eq!(config.rules.iter().count(), 0);
        assert!(config.pull_secrets.is_empty() && config.exceptions.is_empty());
        for agent in &config.agents {
            assert!(!agent.named);
            assert_eq!(agent.undeclared_mirrors, UndeclaredMirrors::Keep);
        }
    }
}

#[test]
fn undeclared_mirrors_are_restored_for_named_agents_unless_it_is_said() {
    use UndeclaredMirrors::{Keep, Restore};
    let of = |spec: &str| {
        let agent: Agent = config(spec).agents.remove(0);
        (agent.named, agent.undeclared_mirrors)
    };
    assert_eq!(of("  undeclaredMirrors: restore\n"), (false, Restore));
    assert_eq!(of("  agents: [realtheory-collector]\n"), (true, Restore));
    assert_eq!(
        of("  agents: [realtheory-collector]\n  undeclaredMirrors: keep\n"),
        (true, Keep)
    );
    assert_eq!(
        of("  agents: [{profile: realtheory-collector, undeclaredMirrors: keep}]\n"),
        (true, Keep)
    );
    assert_eq!(
        of(
            "  undeclaredMirrors: keep\n  agents:\n  - name: own\n    undeclaredMirrors: restore\n    images: [{image: a/b}]\n"
        ),
        (true, Restore)
    );
}

#[test]
fn the_whole_configuration_is_read() {
    let config = config(
        "  mode: check
  agents:
  - realtheory-collector
  - name: portfolio
    namespaces: [apps, apps]
    images:
    - image: us-central1-docker.pkg.dev/kame-457417/kame-house-images/portfolio:latest
      tag: floating
      imagePullPolicy: Always
      imagePullSecrets: [regcred]
  registries:
  - source: ghcr.io/cloudzero
    mirror: registry.example.com/cloudzero
  - source: docker.io
    mirror: registry.example.com/hub
    scope: all
    imagePullSecrets: [hub]
  imagePullSecrets: [general, general]
  exceptions:
  - reason: \"INC-1234: 2.4 leaks memory\"
    expires: 2027-01-31
    kind: Deployment
    allow: [registry, tag, digest, imagePullPolicy, imagePullSecrets]
  output: none
",
    );
    assert_eq!((config.mode, config.output), (Mode::Check, Output::None));
    assert_eq!(names(&config), ["realtheory-collector", "portfolio"]);
    let portfolio = &config.agents[1];
    assert!(portfolio.named);
    assert_eq!(portfolio.namespaces, ["apps"]);
    let image = &portfolio.images[0];
    assert_eq!(
        image.official.written,
        "us-central1-docker.pkg.dev/kame-457417/kame-house-images/portfolio"
    );
    assert_eq!(image.tag.as_deref(), Some("latest"));
    assert_eq!(image.tag_policy, floating(&["", "latest"]));
    assert_eq!(image.pull_policy, PullPolicy::Always);
    assert_eq!(image.pull_secrets, ["regcred"]);
    let rules: Vec<_> = config.rules.iter().collect();
    assert_eq!(
        rules[0].to_string(),
        "ghcr.io/cloudzero → registry.example.com/cloudzero"
    );
    assert_eq!(
        (rules[0].scope, &rules[0].pull_secrets),
        (Scope::Agents, &None)
    );
    assert_eq!(rules[1].scope, Scope::All);
    assert_eq!(rules[1].pull_secrets, Some(vec!["hub".to_owned()]));
    assert_eq!(config.pull_secrets, ["general"]);
    assert_eq!(
        config.exceptions[0].allow,
        [
            Aspect::Registry,
            Aspect::Tag,
            Aspect::Digest,
            Aspect::ImagePullPolicy,
            Aspect::ImagePullSecrets
        ]
    );
}

#[test]
fn what_engines_write_under_metadata_is_nobodys_business() {
    let text = format!(
        "{HEAD}metadata: {{name: 1.10, annotations: {{a: 1, a: 2, <<: x}}, labels: ~, more: [1]}}\n"
    );
    assert!(try_with(&text, &[]).is_ok());
}

#[test]
fn anchors_and_aliases_are_followed() {
    let config = config(
        "  imagePullSecrets: &secrets [&one regcred]
  registries:
  - {source: quay.io, mirror: m.example.com, imagePullSecrets: *secrets}
  - {source: ghcr.io, mirror: n.example.com, imagePullSecrets: [*one]}
",
    );
    for rule in config.rules.iter() {
        assert_eq!(rule.pull_secrets, Some(vec!["regcred".to_owned()]));
    }
}

#[test]
fn json_is_read() {
    let text = r#"{"apiVersion": "restore-images.dev/v1alpha1", "kind": "RestoreImages",
        "spec": {"mode": "check", "agents": ["realtheory-collector"]}}"#;
    let config = try_with(text, &[]).expect("JSON is YAML");
    assert_eq!(config.mode, Mode::Check);
}

#[test]
fn a_config_map_holds_lists_as_text() {
    let text = "apiVersion: v1
kind: ConfigMap
metadata: {name: function-input}
data:
  mode: check
  agents: realtheory-collector,
  registries: |
    docker.io=registry.example.com/hub, ghcr.io = registry.example.com/ghcr

    quay.io/a=registry.example.com/a
  imagePullSecrets: one, two
  undeclaredMirrors: keep
  output: none
";
    let config = try_with(text, &[]).expect("the ConfigMap is legal");
    assert_eq!((config.mode, config.output), (Mode::Check, Output::None));
    assert_eq!(names(&config), ["realtheory-collector"]);
    assert!(config.agents[0].named);
    assert_eq!(config.agents[0].undeclared_mirrors, UndeclaredMirrors::Keep);
    assert_eq!(config.pull_secrets, ["one", "two"]);
    let rules: Vec<String> = config.rules.iter().map(ToString::to_string).collect();
    assert_eq!(
        rules,
        [
            "docker.io → registry.example.com/hub",
            "ghcr.io → registry.example.com/ghcr",
            "quay.io/a → registry.example.com/a"
        ]
    );
    let bare = "apiVersion: v1\nkind: ConfigMap\n";
    assert_eq!(try_with(bare, &[]).expect("legal"), Config::default());
}
