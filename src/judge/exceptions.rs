//! The differences that exceptions of the configuration allow, and findings about the exceptions.

use std::sync::Arc;

use crate::config::{Config, Date, Exception};
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

    /// The exception that allows a difference, if one does.
    pub(super) fn allowing(&self, aspect: Aspect) -> Option<&'c Exception> {
        let mut exceptions = self.exceptions.iter();
        exceptions
            .find(|exception| exception.allow.contains(&aspect))
            .copied()
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
            add(Rule::ExpiredException, message, None);
        } else if left <= NOTICE_DAYS {
            let when = match left {
                0 => "today".to_owned(),
                1 => "tomorrow".to_owned(),
                _ => format!("in {left} days"),
            };
            let message = format!("the exception \"{reason}\" ends {when}, on {day}");
            add(Rule::ExpiringException, message, None);
        }
    }
    findings
}
