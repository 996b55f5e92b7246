//! The agents in play: looks up the profiles that `agents` names, and adjusts them.

use std::collections::{BTreeSet, HashMap};

use super::UnmatchedAgents;
use super::cursor::Budget;
use super::de;
use super::document::{Adjusted, AgentEntry, ExceptionEntry, Spec};
use super::fault::{ConfigFault, quoted};
use super::names;
use super::profile::Profile;
use super::profile_entry::{AgentProfile, Inline};
use super::revision;
use super::spanned::Spanned;
use super::trust::TrustedProfiles;
use crate::agent::builtin::{self, Concerned};
use crate::agent::{self, Agent, Judged, UndeclaredMirrors, meant};
use crate::error::{Error, Origin};
use crate::yaml::{Node, parse};

/// Where profiles are looked for by name.
#[derive(Clone)]
pub(super) struct Profiles<'n, 's> {
    /// Names among the items, each once, in the order of the items.
    names: Vec<&'n str>,
    items: HashMap<&'n str, Vec<&'n (Origin, Node<'s>)>>,
    /// Names of built-in profiles that those among the items may not replace.
    kept: BTreeSet<&'n str>,
    budget: &'n Budget,
    /// The texts that are judged, which say what built-in profiles are in play where none is named;
    /// `None` where all are.
    judged: Option<Judged<'n>>,
}

/// The agents in play, and the built-in profiles among them that were replaced, or kept although
/// the items have one of the same name.
#[derive(Default)]
pub(super) struct InPlay {
    pub(super) agents: Vec<Agent>,
    pub(super) replaced: Vec<String>,
    pub(super) kept: Vec<String>,
}

impl<'n, 's> Profiles<'n, 's> {
    /// Notes the names of the profiles among the items; the rest is read when they are in play.
    pub(super) fn new(
        items: &'n [(Origin, Node<'s>)],
        budget: &'n Budget,
        judged: Option<Judged<'n>>,
    ) -> Result<Self, Error> {
        let mut profiles = Profiles {
            names: Vec::new(),
            items: HashMap::new(),
            kept: BTreeSet::new(),
            budget,
            judged,
        };
        for item in items {
            let (origin, node) = item;
            let name = name_of(node).map_err(|fault| fault.of(origin))?;
            let same = profiles.items.entry(name).or_default();
            if same.is_empty() {
                profiles.names.push(name);
            }
            same.push(item);
        }
        Ok(profiles)
    }

    /// The same without what is not trusted: profiles among the items that would replace a built-in
    /// one.
    pub(super) fn trusted(&self, trust: TrustedProfiles) -> Self {
        let mut profiles = self.clone();
        if trust == TrustedProfiles::Add {
            let is_builtin = |name: &&str| agent::builtin_text(name).is_some();
            profiles.kept = profiles.items.keys().copied().filter(is_builtin).collect();
            profiles.items.retain(|name, _| !is_builtin(name));
            profiles.names.retain(|name| !is_builtin(name));
        }
        profiles
    }

    /// Every name there is: the built-in ones, then those of the items.
    fn known(&self) -> Vec<&'n str> {
        let own = self.names.iter().copied();
        let own = own.filter(|name| agent::builtin_text(name).is_none());
        let builtin = agent::builtin_names().map(|name| -> &'n str { name });
        builtin.chain(own).collect()
    }

    /// The profile of a name and its agent: the one among the items, else the built-in one.
    fn find(
        &self,
        name: &str,
        undeclared: UndeclaredMirrors,
    ) -> Option<Result<(Profile, Agent), Error>> {
        if let Some(nodes) = self.items.get(name) {
            return Some(self.of_items(nodes, undeclared));
        }
        let text = builtin::judged_text(name)?;
        let origin = Origin::Builtin(name.to_owned());
        let read = || {
            let node = parse::document(text).map_err(|error| ConfigFault::yaml("", error))?;
            self.of_node(&node, undeclared)
        };
        Some(read().map_err(|fault| fault.of(&origin)))
    }

    /// kpt hands an item in twice when two selectors fit it, so copies are taken for one.
    fn of_items(
        &self,
        items: &[&(Origin, Node<'_>)],
        undeclared: UndeclaredMirrors,
    ) -> Result<(Profile, Agent), Error> {
        let read = |(origin, node): &(Origin, Node<'_>)| {
            let read = self.of_node(node, undeclared);
            read.map_err(|fault| fault.of(origin))
        };
        let (first, rest) = items.split_first().expect("a name that was found");
        let (profile, mut agent) = read(first)?;
        for other in rest {
            if read(other)?.1 != agent {
                let (origin, node) = other;
                let what = format!("two AgentProfiles are named `{}` and differ", agent.name);
                let fault = ConfigFault::new(node.start(), "metadata.name", what);
                let fault = fault.help("give one of them another name".to_owned());
                let fault = if *origin == first.0 {
                    fault.first(first.1.start())
                } else {
                    fault
                };
                return Err(fault.of(origin));
            }
        }
        agent.among_items = true;
        Ok((profile, agent))
    }

    fn of_node(
        &self,
        node: &Node<'_>,
        undeclared: UndeclaredMirrors,
    ) -> Result<(Profile, Agent), ConfigFault> {
        let object: AgentProfile = de::read(node, self.budget)?;
        let profile = Profile::of_object(object)?;
        let agent = profile.agent(undeclared)?;
        Ok((profile, agent))
    }

    /// The same, with every built-in profile in play where none is named.
    pub(super) fn with_all(self) -> Self {
        Profiles {
            judged: None,
            ..self
        }
    }

    /// Every profile that could apply, with `named` unset.
    fn all(&self, spec: &Spec) -> Result<InPlay, Error> {
        let undeclared = spec.undeclared_mirrors.unwrap_or(UndeclaredMirrors::Keep);
        let mut in_play = InPlay::default();
        let concerned = self.judged.map_or(Concerned::ALL, Concerned::by);
        let is_own = |name| self.items.contains_key(name);
        let known = self.known().into_iter();
        for name in known.filter(|name| is_own(*name) || concerned.has(name)) {
            if let Some(found) = self.find(name, undeclared) {
                in_play.agents.push(found?.1);
                in_play.note_replaced(name, self.items.contains_key(name));
                in_play.note_kept(name, self);
            }
        }
        Ok(in_play)
    }
}

impl InPlay {
    fn note_replaced(&mut self, name: &str, by_own: bool) {
        if by_own && agent::builtin_text(name).is_some() {
            self.replaced.push(name.to_owned());
        }
    }

    fn note_kept(&mut self, name: &str, profiles: &Profiles<'_, '_>) {
        if profiles.kept.contains(name) {
            self.kept.push(name.to_owned());
        }
    }
}

fn name_of<'n>(node: &'n Node<'_>) -> Result<&'n str, ConfigFault> {
    let metadata = node
        .get("metadata")
        .map_err(|error| ConfigFault::yaml("metadata", error))?;
    let name = metadata.map(|metadata| metadata.get("name")).transpose();
    let name = name
        .map_err(|error| ConfigFault::yaml("metadata.name", error))?
        .flatten();
    let at = name.map_or(node.start(), |name| name.start());
    let missing = || {
        let fault = ConfigFault::new(at, "metadata.name", "the AgentProfile has no name");
        fault.help("write `name: NAME` under `metadata`, as text".to_owned())
    };
    name.and_then(Node::text).ok_or_else(missing)
}

/// The agents that the configuration names, or every profile where it names none.
pub(super) fn in_play(
    spec: &mut Spec,
    origin: &Origin,
    profiles: &Profiles<'_, '_>,
) -> Result<InPlay, Error> {
    let Some(entries) = spec.agents.take() else {
        return profiles.all(spec);
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
        in_play.note_replaced(
            &agent.name,
            own || profiles.items.contains_key(&*agent.name),
        );
        in_play.note_kept(&agent.name, profiles);
        in_play.agents.push(agent);
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
            agent.revision = revision::of_agent(&agent, adjusted.revision.as_ref()).map_err(of)?;
            let Adjusted {
                namespaces,
                undeclared_mirrors,
                unmatched,
                ..
            } = *adjusted;
            set(&mut agent, &namespaces, undeclared_mirrors).map_err(of)?;
            agent.missed = unmatched.map(|word| word == UnmatchedAgents::Report);
            Ok(agent)
        }
        AgentEntry::Inline(mut inline) => {
            let namespaces = std::mem::take(&mut inline.namespaces);
            let own = inline.undeclared_mirrors;
            let unmatched = inline.unmatched;
            let revision = inline.revision.take();
            let mut agent = inline_agent(*inline, undeclared).map_err(of)?;
            agent.revision = revision::of_agent(&agent, revision.as_ref()).map_err(of)?;
            set(&mut agent, &namespaces, own).map_err(of)?;
            agent.missed = unmatched.map(|word| word == UnmatchedAgents::Report);
            Ok(agent)
        }
        AgentEntry::Whole(object) => {
            let profile = Profile::of_object(*object).map_err(of)?;
            profile.agent(undeclared).map_err(of)
        }
    }
}

fn inline_agent(inline: Inline, undeclared: UndeclaredMirrors) -> Result<Agent, ConfigFault> {
    Profile::of_entry(inline)?.agent(undeclared)
}

/// What an entry of `agents` says of the agent besides its profile.
fn set(
    agent: &mut Agent,
    namespaces: &[Spanned<String>],
    undeclared: Option<UndeclaredMirrors>,
) -> Result<(), ConfigFault> {
    agent.namespaces = names::legal_list(namespaces)?;
    if let Some(undeclared) = undeclared {
        agent.undeclared_mirrors = undeclared;
    }
    Ok(())
}

/// The fault of a name that is neither a profile's nor that of an agent in play.
fn unknown_agent(
    name: &Spanned<String>,
    in_play: &[Agent],
    profiles: &Profiles<'_, '_>,
) -> ConfigFault {
    let fault = name.fault(format!("unknown agent {}", quoted(&name.value)));
    let others = profiles.known().into_iter();
    let others = others.filter(|known| in_play.iter().all(|agent| &*agent.name != *known));
    // A profile that is broken is not suggested.
    let read = |known: &str| Some(profiles.find(known, UndeclaredMirrors::Keep)?.ok()?.1);
    let others: Vec<Agent> = others.filter_map(read).collect();
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
