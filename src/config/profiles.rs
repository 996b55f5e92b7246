//! Profiles by their names: those among the items, and the built-in ones.

use std::collections::{BTreeSet, HashMap};

use super::agent_entry::AgentProfile;
use super::cursor::ReadBudget;
use super::de;
use super::fault::ConfigFault;
use super::profile::Profile;
use super::trust::TrustedProfiles;
use crate::agent::builtin::{self, Concerned};
use crate::agent::{self, Agent, AppliedTo, UndeclaredMirrors};
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
    budget: &'n ReadBudget,
    /// The texts that are judged, which say what built-in profiles are in play where none is named;
    /// `None` where all are.
    judged: Option<AppliedTo<'n>>,
}

impl<'n, 's> Profiles<'n, 's> {
    /// Notes the names of the profiles among the items; the rest is read when they are in play.
    pub(super) fn new(
        items: &'n [(Origin, Node<'s>)],
        budget: &'n ReadBudget,
        judged: Option<AppliedTo<'n>>,
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
            let is_builtin = |name: &&str| agent::is_builtin(name);
            profiles.kept = profiles.items.keys().copied().filter(is_builtin).collect();
            profiles.items.retain(|name, _| !is_builtin(name));
            profiles.names.retain(|name| !is_builtin(name));
        }
        profiles
    }

    /// Every name there is: the built-in ones, then those of the items.
    pub(super) fn known(&self) -> Vec<&'n str> {
        let own = self.names.iter().copied();
        let own = own.filter(|name| !agent::is_builtin(name));
        let builtin = agent::builtin_names().map(|name| -> &'n str { name });
        builtin.chain(own).collect()
    }

    /// The profile of a name and its agent: the one among the items, else the built-in one.
    pub(super) fn find(
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

    /// The names of profiles that could apply where none is named.
    pub(super) fn that_could_apply(&self) -> impl Iterator<Item = &'n str> {
        let concerned = self.judged.map_or(Concerned::ALL, Concerned::by);
        let known = self.known().into_iter();
        known.filter(move |name| self.is_own(name) || concerned.has(name))
    }

    /// Whether the items have a profile of this name.
    pub(super) fn is_own(&self, name: &str) -> bool {
        self.items.contains_key(name)
    }

    /// Whether the built-in profile of this name stays, although the items have one.
    pub(super) fn is_kept(&self, name: &str) -> bool {
        self.kept.contains(name)
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
