//! The agents in play: those that `agents` names, each by its profile and adjusted.

use std::collections::{BTreeSet, HashMap};

use super::UnmatchedAgents;
use super::agent_entry::{AgentEntry, AgentSettings};
use super::document::{ExceptionEntry, Spec};
use super::fault::{ConfigFault, quoted};
use super::names;
use super::profile::Profile;
use super::profiles::Profiles;
use super::revision;
use super::spanned::Spanned;
use crate::agent::{self, Agent, Missed, UndeclaredMirrors, meant};
use crate::error::{Error, Origin};

/// The agents in play, and the built-in profiles among them that were replaced, or kept although
/// the items have one of the same name.
#[derive(Default)]
pub(super) struct InPlay {
    pub(super) agents: Vec<Agent>,
    pub(super) replaced: Vec<String>,
    pub(super) kept: Vec<String>,
}

impl InPlay {
    fn note_replaced(&mut self, name: &str, by_own: bool) {
        if by_own && agent::is_builtin(name) {
            self.replaced.push(name.to_owned());
        }
    }

    fn note_kept(&mut self, name: &str, profiles: &Profiles<'_, '_>) {
        if profiles.is_kept(name) {
            self.kept.push(name.to_owned());
        }
    }
}

/// The agents that the configuration names, or every profile where it names none.
pub(super) fn in_play(
    spec: &mut Spec,
    origin: &Origin,
    profiles: &Profiles<'_, '_>,
) -> Result<InPlay, Error> {
    let Some(entries) = spec.agents.take() else {
        return every_profile(spec, profiles);
    };
    if entries.value.is_empty() {
        let fault = entries.fault("the list names no agent");
        let help = "name one, or leave `agents` out for every built-in profile";
        return Err(fault.help(help.to_owned()).of(origin));
    }
    let undeclared = spec
        .undeclared_mirrors
        .unwrap_or(UndeclaredMirrors::Restore);
    let mut in_play = InPlay::default();
    let mut seen = HashMap::new();
    if let Some(fault) = unknown_agents(&entries.value, profiles) {
        return Err(fault.of(origin));
    }
    for entry in entries.value {
        let place = entry.with(());
        let own = matches!(entry.value, AgentEntry::Inline(_) | AgentEntry::Whole(_));
        let mut agent = named(entry, undeclared, origin, profiles)?;
        agent.named = true;
        if let Some(first) = seen.insert(agent.name.clone(), place.at) {
            let fault = place.fault(format!("the agent `{}` is named twice", agent.name));
            return Err(fault
                .first(first)
                .help("keep one of them".to_owned())
                .of(origin));
        }
        in_play.note_replaced(&agent.name, own || profiles.is_own(&agent.name));
        in_play.note_kept(&agent.name, profiles);
        in_play.agents.push(agent);
    }
    Ok(in_play)
}

/// Every profile that could apply, with `named` unset.
fn every_profile(spec: &Spec, profiles: &Profiles<'_, '_>) -> Result<InPlay, Error> {
    let undeclared = spec.undeclared_mirrors.unwrap_or(UndeclaredMirrors::Keep);
    let mut in_play = InPlay::default();
    for name in profiles.that_could_apply() {
        if let Some(found) = profiles.find(name, undeclared) {
            in_play.agents.push(found?.1);
            in_play.note_replaced(name, profiles.is_own(name));
            in_play.note_kept(name, profiles);
        }
    }
    Ok(in_play)
}

fn named(
    entry: Spanned<AgentEntry>,
    undeclared: UndeclaredMirrors,
    origin: &Origin,
    profiles: &Profiles<'_, '_>,
) -> Result<Agent, Error> {
    let of = |fault: ConfigFault| fault.of(origin);
    let find = |name: &Spanned<String>| match profiles.find(&name.value, undeclared) {
        Some(found) => found,
        None => Err(unknown_agent(name, &[], profiles).of(origin)),
    };
    let place = entry.with(());
    match entry.value {
        AgentEntry::Named(name) => Ok(find(&place.with(name))?.1),
        AgentEntry::Adjusted(adjusted) => {
            let (profile, mut agent) = find(&adjusted.profile)?;
            profile.adjust(&mut agent, &adjusted).map_err(of)?;
            set(&mut agent, &adjusted.into_settings()).map_err(of)?;
            Ok(agent)
        }
        AgentEntry::Inline(inline) => {
            let (name, spec, settings) = inline.into_parts();
            let profile = Profile::of_entry(&name, spec).map_err(of)?;
            let mut agent = profile.agent(undeclared).map_err(of)?;
            set(&mut agent, &settings).map_err(of)?;
            Ok(agent)
        }
        AgentEntry::Whole(object) => {
            let profile = Profile::of_object(*object).map_err(of)?;
            profile.agent(undeclared).map_err(of)
        }
    }
}

/// Applies what an entry of `agents` says of the agent besides its profile.
fn set(agent: &mut Agent, settings: &AgentSettings) -> Result<(), ConfigFault> {
    agent.revision = revision::of_agent(agent, settings.revision.as_ref())?;
    agent.namespaces = names::legal_list(&settings.namespaces)?;
    if let Some(undeclared) = settings.undeclared_mirrors {
        agent.undeclared_mirrors = undeclared;
    }
    agent.missed = match settings.unmatched {
        None => Missed::AsOthers,
        Some(UnmatchedAgents::Report) => Missed::Reported,
        Some(UnmatchedAgents::Ignore) => Missed::Ignored,
    };
    Ok(())
}

/// The fault of names that are no profile's, of which there are several: they are told together.
fn unknown_agents(
    entries: &[Spanned<AgentEntry>],
    profiles: &Profiles<'_, '_>,
) -> Option<ConfigFault> {
    let unknown = entries.iter().filter_map(|entry| {
        let name = match &entry.value {
            AgentEntry::Named(name) => entry.with(name.clone()),
            AgentEntry::Adjusted(adjusted) => adjusted.profile.clone(),
            AgentEntry::Inline(_) | AgentEntry::Whole(_) => return None,
        };
        let is_known = profiles
            .find(&name.value, UndeclaredMirrors::Keep)
            .is_some();
        (!is_known).then_some(name)
    });
    let unknown: Vec<Spanned<String>> = unknown.collect();
    let (first, rest) = unknown.split_first()?;
    if rest.is_empty() {
        return None;
    }
    let words: Vec<String> = unknown.iter().map(|name| quoted(&name.value)).collect();
    let fault = first.fault(format!("unknown agents {}", words.join(", ")));
    let names: Vec<&str> = unknown.iter().map(|name| &*name.value).collect();
    let known = read_all(&[], profiles);
    let known: Vec<&Agent> = known.iter().collect();
    Some(fault.help(meant::help_for_all(&names, &known)))
}

/// Every agent that can be read, but for those in play.
fn read_all(in_play: &[Agent], profiles: &Profiles<'_, '_>) -> Vec<Agent> {
    let others = profiles.known().into_iter();
    let others = others.filter(|known| in_play.iter().all(|agent| &*agent.name != *known));
    // A profile that is broken is not suggested.
    let read = |known: &str| Some(profiles.find(known, UndeclaredMirrors::Keep)?.ok()?.1);
    others.filter_map(read).collect()
}

/// The fault of a name that is neither a profile's nor that of an agent in play.
fn unknown_agent(
    name: &Spanned<String>,
    in_play: &[Agent],
    profiles: &Profiles<'_, '_>,
) -> ConfigFault {
    let fault = name.fault(format!("unknown agent {}", quoted(&name.value)));
    let others = read_all(in_play, profiles);
    let known: Vec<&Agent> = in_play.iter().chain(&others).collect();
    fault.help(meant::help(&name.value, &known))
}

/// Checks the agents that exceptions name: a misspelt one would silently allow nothing.
///
/// It need not be in play, so that overlays can share their exceptions.
pub(super) fn check_selectors(
    exceptions: &[Spanned<ExceptionEntry>],
    in_play: &InPlay,
    profiles: &Profiles<'_, '_>,
) -> Result<(), ConfigFault> {
    if exceptions.is_empty() {
        return Ok(());
    }
    let mut known: BTreeSet<&str> = profiles.known().into_iter().collect();
    known.extend(in_play.agents.iter().map(|agent| &*agent.name));
    let mut selectors = exceptions
        .iter()
        .filter_map(|exception| exception.value.agent.as_ref());
    match selectors.find(|agent| !known.contains(agent.value.as_str())) {
        Some(agent) => Err(unknown_agent(agent, &in_play.agents, profiles)),
        None => Ok(()),
    }
}
