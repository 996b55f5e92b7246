//! Where the agents in play keep images besides containers: variables, arguments and charts' values.

use super::trust::{Trust, TrustedProfiles};
use crate::agent::Agent;
use crate::field::carrier::Carriers;
use crate::field::table::{FieldTable, ImagePaths};

/// The carriers of all agents; the images of their charts' values are added to the fields.
///
/// Where manifests may only add profiles, theirs give no other meaning to a variable, a flag or a
/// value that a trusted profile knows.
pub(super) fn of(agents: &[Agent], trust: Trust, fields: &mut FieldTable) -> Carriers {
    let is_trusted =
        |agent: &&Agent| trust.profiles == TrustedProfiles::Replace || !agent.among_items;
    let (trusted, added): (Vec<&Agent>, Vec<&Agent>) = agents.iter().partition(is_trusted);
    let mut carriers = Carriers::default();
    for agent in &trusted {
        carriers.extend(&agent.carriers);
    }
    fields.add_helm_values(trusted.iter().map(|agent| &agent.helm[..]));
    let known = carriers.clone();
    let mut new = Vec::new();
    for agent in added {
        carriers.extend(&agent.carriers.beside(&known));
        let is_new = |image: &&ImagePaths| {
            let mut helm = trusted.iter().flat_map(|agent| &agent.helm);
            !helm.any(|known| known.shares(image))
        };
        let helm: Vec<ImagePaths> = agent.helm.iter().filter(is_new).cloned().collect();
        new.push(helm);
    }
    fields.add_helm_values(new.iter().map(Vec::as_slice));
    carriers
}
