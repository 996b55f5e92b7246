//! Image references and registry mapping rules: a line `SOURCE MIRROR` is a rule, any other an image.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use restore_images::image::{Reference, Repository};
use restore_images::registry::{MappingRule, MappingRules, Prefix, Scope};
use restore_images_fuzz::run;

fuzz_target!(|data: &[u8]| -> Corpus {
    let Ok(text) = std::str::from_utf8(data) else {
        return Corpus::Reject;
    };
    let (pairs, images): (Vec<_>, Vec<_>) = text.lines().partition(|line| line.contains(' '));
    let rules = pairs.iter().filter_map(|line| line.split_once(' '));
    let rules: Vec<MappingRule> = rules
        .filter_map(|(source, mirror)| rule(source, mirror))
        .collect();
    let known = MappingRules::new(rules.clone());
    if let Err(error) = &known {
        assert!(!error.to_string().contains('\n'), "{error}");
    }
    let known = known.unwrap_or_default();
    for image in images {
        let reference = match Reference::parse(image) {
            Ok(reference) => reference,
            Err(error) => {
                assert!(!error.to_string().contains('\n'), "{error}");
                drop(error.help());
                continue;
            }
        };
        check(image, &reference);
        there_and_back(&known, &reference.repository());
    }
    in_a_pod(text, &known);
    Corpus::Keep
});

/// A rule that a text can be written back from.
fn rule(source: &str, mirror: &str) -> Option<MappingRule> {
    let scope = if mirror.ends_with(' ') {
        Scope::All
    } else {
        Scope::Agents
    };
    Some(MappingRule {
        source: prefix(source)?,
        mirror: prefix(mirror.trim_end_matches(' '))?,
        scope,
        pull_secrets: None,
    })
}

fn prefix(text: &str) -> Option<Prefix> {
    match Prefix::parse(text) {
        Ok(prefix) => {
            assert_eq!(
                Prefix::parse(&prefix.to_string()),
                Ok(prefix.clone()),
                "{text:?}"
            );
            Some(prefix)
        }
        Err(error) => {
            if let Some(help) = error.help() {
                let meant = help
                    .rsplit_once("write `")
                    .map(|(_, meant)| meant.trim_end_matches('`'));
                assert!(
                    help.starts_with("write one")
                        || meant.is_some_and(|meant| Prefix::parse(meant).is_ok()),
                    "{help}"
                );
            }
            None
        }
    }
}

fn check(image: &str, reference: &Reference<'_>) {
    assert_eq!(reference.to_string(), image);
    let repository = reference.repository();
    // `a.b_c/d` is a legal name all of which is path, though its first segment is meant as a host.
    assert!(
        repository.is_legal() || reference.domain.is_none(),
        "{repository}"
    );
    for name in [
        repository.to_string(),
        repository.familiar(),
        reference.name().to_owned(),
    ] {
        let again = Reference::parse(&name).map(|reference| reference.repository());
        assert_eq!(again.as_ref(), Ok(&repository), "{name}");
    }
    let named = [reference.domain, Some(reference.path)];
    let named: Vec<&str> = named.into_iter().flatten().collect();
    assert_eq!(named.join("/"), reference.name());
}

/// What is mapped is mapped no further, and leads back, unless a rule with a longer mirror holds it.
fn there_and_back(rules: &MappingRules, official: &Repository) {
    for agent_field in [true, false] {
        let Some((rule, mirrored)) = rules.map(official, agent_field) else {
            continue;
        };
        if let Some((_, again)) = rules.map(&mirrored, agent_field) {
            assert_eq!(again, mirrored, "{official} is mapped on");
        }
        // Docker Hub's `library/` is put in by the canonical name and is not to be told from one
        // that is there.
        let origins = rules.officials_behind(&mirrored, |_, _| true);
        let longest = origins
            .first()
            .map_or(0, |(first, _)| first.mirror.path().len());
        if longest == rule.mirror.path().len() {
            let back: Vec<&Repository> = origins.iter().map(|(_, back)| back).collect();
            assert!(
                back.contains(&official),
                "{official} by {rule} to {mirrored}, back {back:?}"
            );
        }
        for (rule, back) in &origins {
            assert!(
                rule.mirror.below(&mirrored).is_some(),
                "{rule} does not hold {mirrored}"
            );
            assert!(
                rule.source.below(back).is_some(),
                "{rule} does not give {back}"
            );
        }
    }
}

/// The same rules at work: what they write is a legal image, and stays.
fn in_a_pod(text: &str, rules: &MappingRules) {
    let rules: Vec<String> = rules
        .iter()
        .map(|rule| {
            let scope = if rule.scope == Scope::All {
                "all"
            } else {
                "agents"
            };
            format!(
                "  - {{source: '{}', mirror: '{}', scope: {scope}}}\n",
                rule.source, rule.mirror
            )
        })
        .collect();
    // Some control characters are JSON, and no YAML.
    let images = text.lines().filter(|line| !line.contains(' '));
    // Over these, readers of YAML part, so that they are refused.
    let parts = ['\u{2028}', '\u{2029}', '\u{feff}'];
    let images = images.filter(|line| !line.chars().any(char::is_control) && !line.contains(parts));
    let containers: Vec<serde_json::Value> = images
        .map(|image| serde_json::json!({"name": "c", "image": image}))
        .collect();
    let pod = serde_json::json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": containers}});
    let config = format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n  agents: [realtheory-collector, grafana-k8s-monitoring]\n  registries:{}\n{}",
        if rules.is_empty() { " []" } else { "" },
        rules.concat()
    );
    let first = run(&pod.to_string(), Some(&config)).expect("rules that fit together");
    let second = run(&first.output, Some(&config)).expect("the output is refused");
    assert_eq!(first.output, second.output);
    let old: serde_json::Value = pod;
    let new: serde_json::Value = serde_json::from_str(&first.output).expect("JSON");
    let image = |pod: &serde_json::Value, index: usize| {
        pod["spec"]["containers"][index]["image"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    for index in 0..containers.len() {
        let (old, new) = (image(&old, index), image(&new, index));
        assert!(
            old == new || Reference::parse(&new).is_ok(),
            "{old} became {new}"
        );
    }
}
