//! The differences that exceptions of the configuration allow, and findings about the exceptions.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::config::{Config, Date, Exception, UnmatchedAgents};
use crate::decide::claim::AgentSet;
use crate::finding::{Aspect, Finding, Rule};
use crate::krm::resource::Resource;

use super::JudgeContext;

/// How many days before its last day an exception is first reported.
const NOTICE_DAYS: i64 = 14;

/// The exceptions in force for one field.
pub(super) struct InForce<'c> {
    exceptions: Vec<&'c Exception>,
}

impl<'c> InForce<'c> {
    pub(super) fn for_field(
        context: &JudgeContext<'c, '_>,
        resource: &Resource<'_, '_>,
        container: Option<&str>,
        agent: Option<&str>,
    ) -> Self {
        let holds = |exception: &&Exception| {
            !is_expired(exception, context.today)
                && exception.applies(
                    resource.kind,
                    resource.namespace,
                    resource.name,
                    container,
                    agent,
                )
        };
        InForce {
            exceptions: context.config.exceptions.iter().filter(holds).collect(),
        }
    }

    /// The exceptions that hold here, by where each is in the configuration.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> {
        self.exceptions.iter().map(|exception| exception.at)
    }

    /// The exception that allows a difference, if one does.
    pub(super) fn allowing(&self, aspect: Aspect) -> Option<&'c Exception> {
        let mut exceptions = self.exceptions.iter();
        exceptions
            .find(|exception| exception.allow.contains(&aspect))
            .copied()
    }
}

/// What of the configuration was met among the items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Met {
    /// The agents that run, by their positions.
    pub agents: AgentSet,
    /// The exceptions that an image is under, by their places in the configuration.
    pub exceptions: BTreeSet<usize>,
}

impl Met {
    /// Adds what was met elsewhere.
    pub fn extend(&mut self, other: Met) {
        self.agents.extend(other.agents);
        self.exceptions.extend(other.exceptions);
    }
}

/// Why a difference is allowed, and until when, for a message.
pub(super) fn grounds(exception: &Exception) -> String {
    match exception.expires {
        Some(day) => format!("allowed until {day}: {}", exception.reason),
        None => format!("allowed: {}", exception.reason),
    }
}

fn is_expired(exception: &Exception, today: Date) -> bool {
    exception.expires.is_some_and(|day| today > day)
}

/// Findings about the configuration itself, whatever the items are.
pub fn of_configuration(config: &Config, today: Date) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |rule: Rule, message: String, agent: Option<&str>| {
        findings.push(Finding {
            agent: agent.map(Arc::from),
            ..Finding::new(rule, config.mode, message)
        });
    };
    let of_exception = |rule: Rule, message: String, exception: &Exception| Finding {
        span: Some(exception.at..exception.at),
        ..Finding::new(rule, config.mode, message)
    };
    let mut ending = Vec::new();
    for name in &config.replaced {
        let message = format!("the profile {name} stands in the place of the built-in one");
        add(Rule::ReplacedProfile, message, Some(name));
    }
    for name in &config.kept {
        let message = format!(
            "the AgentProfile {name} among the manifests does not replace the built-in one{}",
            config.trust.refuses_profile()
        );
        add(Rule::UntrustedOverride, message, Some(name));
    }
    for exception in &config.exceptions {
        let Some(day) = exception.expires else {
            continue;
        };
        let left = today.days_until(day);
        let reason = &exception.reason;
        if is_expired(exception, today) {
            let message = format!(
                "the exception \"{reason}\" ended on {day} and no longer holds: \
                 remove it, or give it another day"
            );
            ending.push(of_exception(Rule::ExpiredException, message, exception));
        } else if left <= NOTICE_DAYS {
            let when = match left {
                0 => "today".to_owned(),
                1 => "tomorrow".to_owned(),
                _ => format!("in {left} days"),
            };
            let message = format!("the exception \"{reason}\" ends {when}, on {day}");
            ending.push(of_exception(Rule::ExpiringException, message, exception));
        }
    }
    findings.append(&mut ending);
    findings
}

/// Exceptions in force that no image is under, as those are whose selectors are misspelt. One for an
/// agent that runs nowhere is not told beside that.
pub fn unmatched(config: &Config, today: Date, met: &Met) -> Vec<Finding> {
    if config.unmatched_agents == UnmatchedAgents::Ignore {
        return Vec::new();
    }
    let runs = |name: &String| {
        let mut running = met.agents.iter().map(|&agent| &config.agents[agent]);
        running.any(|agent| *agent.name == **name)
    };
    let missed = config.exceptions.iter().filter(|exception| {
        !is_expired(exception, today)
            && !met.exceptions.contains(&exception.at)
            && exception.agent.as_ref().is_none_or(runs)
    });
    let told = missed.map(|exception| {
        let message = format!(
            "no image here is under the exception \"{}\" ({}): correct or remove it, or set \
             unmatchedAgents to ignore",
            exception.reason,
            exception.selectors()
        );
        Finding {
            span: Some(exception.at..exception.at),
            ..Finding::new(Rule::UnmatchedException, config.mode, message)
        }
    });
    told.collect()
}
