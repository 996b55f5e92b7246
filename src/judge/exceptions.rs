//! The differences that exceptions of the configuration allow, and findings about the exceptions.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::config::{Config, Date, Exception, UnmatchedAgents};
use crate::decide::claim::AgentSet;
use crate::field::{ImageField, Notation, Secrets, pod};
use crate::finding::{Aspect, Finding, Rule};
use crate::krm::resource::Resource;
use crate::slot::Slot;

use super::JudgeContext;
use super::draft;
use super::places::{Finder, Place, TextOrigin};

/// How many days before its last day an exception is first reported.
const NOTICE_DAYS: i64 = 14;

/// The exceptions in force for one field, each with what it allows to differ there.
pub(super) struct InForce<'c> {
    exceptions: Vec<(&'c Exception, Cow<'c, [Aspect]>)>,
}

impl<'c> InForce<'c> {
    pub(super) fn for_field(
        context: &JudgeContext<'c, '_>,
        resource: &Resource<'_, '_>,
        (field, secrets): (&ImageField<'_, '_>, Option<&Slot<'_, '_>>),
        agent: Option<&str>,
    ) -> Self {
        let here = |slot: &Slot<'_, '_>, _| here(context, resource, slot);
        let found = match context.written {
            TextOrigin::Found(find) => find,
            TextOrigin::Here(_) => &here,
        };
        InForce::with_finder(context, resource, (field, secrets), agent, found)
    }

    /// As [`InForce::for_field`], where `find` says where each value is written.
    pub(super) fn with_finder(
        context: &JudgeContext<'c, '_>,
        resource: &Resource<'_, '_>,
        (field, secrets): (&ImageField<'_, '_>, Option<&Slot<'_, '_>>),
        agent: Option<&str>,
        find: &Finder<'_>,
    ) -> Self {
        let mut places: Vec<(Aspect, Vec<Place>)> = Vec::new();
        let exceptions = context.config.exceptions.iter().filter_map(|exception| {
            let concerns = exception.is_for(field.container, agent);
            if !concerns || exception.is_expired(context.today) {
                return None;
            }
            let is_of = exception.is_of(resource.kind, resource.namespace, resource.name);
            if is_of && !exception.is_of_places() {
                return Some((exception, Cow::Borrowed(&exception.allow[..])));
            }
            let mut allows = exception.allow.clone();
            allows.retain(|&aspect| {
                let is_known = |(known, _): &(Aspect, _)| *known == aspect;
                if !places.iter().any(is_known) {
                    let slots = slots(field, secrets, aspect).into_iter();
                    let of_aspect = slots.filter_map(|slot| find(slot, aspect)).collect();
                    places.push((aspect, of_aspect));
                }
                let of_aspect = places.iter().find(|known| is_known(known));
                let mut of_aspect = of_aspect.into_iter().flat_map(|(_, places)| places);
                of_aspect.any(|place| {
                    let names = place.resource.as_ref();
                    let is_named = || {
                        names.is_some_and(|it| exception.is_of(&it.kind, &it.namespace, &it.name))
                    };
                    exception.is_at(place.file.as_deref(), &place.field) && (is_of || is_named())
                })
            });
            (!allows.is_empty()).then_some((exception, Cow::Owned(allows)))
        });
        InForce {
            exceptions: exceptions.collect(),
        }
    }

    /// The exceptions that hold here, by where each is in the configuration.
    pub(super) fn places(&self) -> impl Iterator<Item = usize> {
        self.exceptions.iter().map(|(exception, _)| exception.at)
    }

    /// The exception that allows a difference, if one does.
    pub(super) fn allowing(&self, aspect: Aspect) -> Option<&'c Exception> {
        let mut exceptions = self.exceptions.iter();
        let allowing = exceptions.find(|(_, allows)| allows.contains(&aspect));
        allowing.map(|(exception, _)| *exception)
    }
}

/// The slots that decide an aspect, and those at which findings about it may be.
fn slots<'f, 'n, 's>(
    field: &'f ImageField<'n, 's>,
    secrets: Option<&'f Slot<'n, 's>>,
    aspect: Aspect,
) -> Vec<&'f Slot<'n, 's>> {
    let notation = &field.notation;
    let mut slots = match aspect {
        Aspect::ImagePullPolicy => field.policy_slot.iter().collect(),
        Aspect::ImagePullSecrets => {
            let own = match &field.secrets {
                Secrets::Commas(slot) | Secrets::One(Some(slot), _) => Some(slot),
                _ => None,
            };
            secrets.into_iter().chain(own).collect()
        }
        Aspect::Registry | Aspect::Tag | Aspect::Digest => {
            let mut slots = notation.slots();
            slots.retain(|slot| notation.aspects(slot).contains(&aspect));
            let is_written = |slot: &&Slot<'_, '_>| matches!(slot.node(), Ok(Some(_)));
            // Of several files of values, only the one that has the value counts.
            if matches!(notation, Notation::Parts { .. }) && slots.iter().any(is_written) {
                slots.retain(is_written);
                return slots;
            }
            slots
        }
    };
    if aspect != Aspect::ImagePullPolicy {
        slots.push(notation.main());
    }
    slots
}

/// The place of a slot of the resource that is judged, in the file that it is in.
pub(super) fn here(
    context: &JudgeContext<'_, '_>,
    resource: &Resource<'_, '_>,
    slot: &Slot<'_, '_>,
) -> Option<Place> {
    let file = match context.written {
        TextOrigin::Here(Some(path)) => Some(path.into()),
        // A mapping that cannot be read is refused where it is judged.
        _ => draft::file(resource)
            .ok()
            .flatten()
            .map(|file| file.path.into()),
    };
    Some(Place {
        file,
        field: slot.text_below(&resource.path),
        resource: None,
    })
}

/// What of the configuration was met among the items.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Met {
    /// The agents that run, by their positions.
    pub agents: AgentSet,
    /// The exceptions that an image is under, by their places in the configuration.
    pub exceptions: BTreeSet<usize>,
    /// Objects that releases name to say what chart they install, and that are not there, in words.
    pub lost: BTreeSet<String>,
}

impl Met {
    /// Adds what was met elsewhere.
    pub fn extend(&mut self, other: Met) {
        self.agents.extend(other.agents);
        self.exceptions.extend(other.exceptions);
        self.lost.extend(other.lost);
    }
}

/// Why a difference is allowed, and until when, for a message.
pub(crate) fn grounds(exception: &Exception) -> String {
    match exception.expires {
        Some(day) => format!("allowed until {day}: {}", exception.reason),
        None => format!("allowed: {}", exception.reason),
    }
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
        let message = format!("the profile {name} replaces the built-in one");
        add(Rule::ReplacedProfile, message, Some(name));
    }
    for name in &config.kept {
        let message = format!(
            "the AgentProfile {name} among the manifests does not replace the built-in one{}",
            config.trust.refuses_profile()
        );
        add(Rule::UntrustedOverride, message, Some(name));
    }
    for rule in &config.misspelt {
        let message = format!(
            "the rule {} serves no image of an agent in play: did you mean `{}`?",
            rule.written(),
            rule.meant
        );
        add(Rule::UnmatchedRegistry, message, None);
    }
    for exception in &config.exceptions {
        let Some(day) = exception.expires else {
            continue;
        };
        let left = today.days_until(day);
        let reason = &exception.reason;
        if exception.is_expired(today) {
            let message = format!(
                "the exception \"{reason}\" ended on {day} and no longer holds: \
                 remove it, or give it another date"
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

/// The kind that is meant by one in other letters, of those that most exceptions are for.
fn kind_meant(written: &str) -> Option<&'static str> {
    /// Kinds that keep images, or values of charts, elsewhere than in a pod spec.
    const OTHERS: [&str; 5] = [
        "Application",
        "ApplicationSet",
        "ConfigMap",
        "HelmRelease",
        "Kustomization",
    ];
    let kinds = pod::POD_SPECS.iter().map(|known| known.kind);
    let mut kinds = kinds.chain(OTHERS);
    kinds.find(|kind| *kind != written && kind.eq_ignore_ascii_case(written))
}

/// Exceptions in force that no image is under, for example because a selector is misspelt. One for an
/// agent that runs nowhere is not told beside that, nor one for a file where none is known.
pub fn unmatched(config: &Config, today: Date, met: &Met, knows_files: bool) -> Vec<Finding> {
    if config.unmatched_agents == UnmatchedAgents::Ignore {
        return Vec::new();
    }
    // Of an agent that is named and runs nowhere, it is told that it does not.
    let is_told = |name: &String| {
        let mut agents = config.agents.iter().enumerate();
        agents.any(|(position, agent)| {
            *agent.name == **name && agent.named && !met.agents.contains(&position)
        })
    };
    let missed = config.exceptions.iter().filter(|exception| {
        !exception.is_expired(today)
            && !met.exceptions.contains(&exception.at)
            && !exception.agent.as_ref().is_some_and(is_told)
            && (knows_files || exception.file.is_none())
    });
    let told = missed.map(|exception| {
        let kind = exception.kind.as_deref().and_then(kind_meant);
        let meant = kind.map_or(String::new(), |kind| {
            format!(", where `kind: {kind}` may be meant")
        });
        let message = format!(
            "no image here is under the exception \"{}\" ({}){meant}: correct or remove it, or set \
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
