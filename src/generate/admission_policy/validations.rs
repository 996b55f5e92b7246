//! What a policy asks of the images of a request, agent by agent and rule by rule, with what it says where
//! that does not hold.

use serde_yaml::Value;

use super::PolicyInputs;
use super::cel::{self, any, quoted};
use super::checks;
use super::claims::Claimed;
use super::exceptions::allowing;
use super::places::RequestKind;
use super::rules::General;
use crate::finding::Aspect;
use crate::generate::object::{map, text};
use crate::sort::sort;

impl PolicyInputs<'_> {
    /// One validation for each agent's images and one for its pull secrets, so that each has a cost
    /// budget and a message of its own.
    pub(super) fn validations(&self, place: &RequestKind) -> Vec<Value> {
        let mut validations = Vec::new();
        for agent in &self.config.agents {
            let of_agent = || {
                let claimed = self.claims.images.iter();
                claimed
                    .filter(|claim| claim.agent.name == agent.name && !claim.image.vendor_managed)
            };
            let images = of_agent().filter_map(|claim| {
                let right = checks::is_right(claim, &self.allowed, &place.keeps_policy(claim));
                (right != "true").then(|| every(&claim.key, &right))
            });
            let images: Vec<String> = images.collect();
            let title = agent.title.as_deref().unwrap_or(&agent.name);
            if !images.is_empty() {
                let wanted: Vec<String> = of_agent().map(described).collect();
                let message = format!("{title}: wanted is {}", shortened(&wanted));
                validations.push(validation(&images, &message));
            }
            let secrets = of_agent().filter_map(|claim| {
                let has = checks::has_secrets(claim, &self.allowed)?;
                Some(every(&claim.key, &place.or_kept(has)))
            });
            let secrets: Vec<String> = secrets.collect();
            if place.asks_for_secrets() && !secrets.is_empty() {
                let names = of_agent().flat_map(checks::needed);
                let mut names: Vec<&str> = names
                    .flat_map(|(_, names)| names.iter().map(String::as_str))
                    .collect();
                sort(&mut names);
                names.dedup();
                let message = format!(
                    "{title}: the pod's imagePullSecrets must list {}",
                    names.join(", ")
                );
                validations.push(validation(&secrets, &message));
            }
        }
        for general in &self.general {
            validations.extend(self.of_rule(general, place));
        }
        validations
    }

    /// The validations of a rule of scope `all`, for images that belong to no agent.
    fn of_rule(&self, general: &General<'_>, place: &RequestKind) -> Vec<Value> {
        let rule = general.rule;
        let or_allowed = |aspect, condition: String| match allowing(&self.allowed, None, aspect) {
            Some(allowed) => any(&[allowed, condition]),
            None => condition,
        };
        let mut validations = Vec::new();
        if !general.wrong.is_empty() {
            let wrong: Vec<String> = general
                .wrong
                .iter()
                .map(|(wrong, _)| wrong.clone())
                .collect();
            let is_right = or_allowed(Aspect::Registry, format!("!{}", any(&wrong)));
            let message = format!("images of {} come from {}", rule.source, rule.mirror);
            validations.push(validation(&[every("", &is_right)], &message));
        }
        let secrets = self.config.mirror_secrets(rule);
        if let Some(is_copy) = general
            .is_copy
            .as_ref()
            .filter(|_| place.asks_for_secrets())
            && !secrets.is_empty()
        {
            let has = secrets
                .iter()
                .map(|name| format!("{} in variables.secrets", quoted(name)));
            let has = cel::all(&has.collect::<Vec<String>>());
            let right = or_allowed(Aspect::ImagePullSecrets, any(&[format!("!{is_copy}"), has]));
            let right = place.or_kept(right);
            let message = format!(
                "{}: the pod's imagePullSecrets must list {}",
                rule.mirror,
                secrets.join(", ")
            );
            validations.push(validation(&[every("", &right)], &message));
        }
        validations
    }
}

/// Whether a condition holds for every image `i` with a claim.
fn every(key: &str, condition: &str) -> String {
    format!(
        "variables.images.filter(i, i.claim == {}).all(i,\n  {condition})",
        quoted(key)
    )
}

fn validation(conditions: &[String], message: &str) -> Value {
    let conditions = conditions.join("\n&& ");
    map([
        (
            "expression",
            text(format!("!variables.judged || (\n{conditions}\n)")),
        ),
        (
            "message",
            text(format!("{message}; restore-images writes it so")),
        ),
    ])
}

/// An image as it should be, in words.
fn described(claim: &Claimed<'_>) -> String {
    let mut words = claim.names[0].written.clone();
    words.push_str(&claim.image.tag_policy.wanted());
    if let Some(policy) = claim.image.pull_policy.as_str() {
        words.push_str(&format!(" and imagePullPolicy {policy}"));
    }
    words
}

/// The first few of many, so that the message stays readable.
fn shortened(words: &[String]) -> String {
    const WORDS_SHOWN: usize = 3;
    let shown: Vec<&str> = words.iter().take(WORDS_SHOWN).map(String::as_str).collect();
    if words.len() > WORDS_SHOWN {
        format!("{}; …", shown.join("; "))
    } else {
        shown.join("; ")
    }
}
