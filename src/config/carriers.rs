//! Where the agents in play keep images besides containers: variables, arguments and charts' values.

use std::collections::BTreeSet;

use super::trust::{Trust, TrustedProfiles};
use crate::agent::Agent;
use crate::chart::{Chart, ValuePath};
use crate::field::carrier::Carriers;

/// The carriers of all agents.
///
/// Where manifests may only add profiles, theirs must not redefine a variable, a flag, a chart
/// or a value that a trusted profile knows: such entries are removed from their agents.
pub(super) fn of(agents: &mut [Agent], trust: Trust) -> Carriers {
    let is_trusted =
        |agent: &Agent| trust.profiles == TrustedProfiles::Replace || !agent.among_items;
    let mut carriers = Carriers::default();
    for agent in agents.iter().filter(|agent| is_trusted(agent)) {
        carriers.extend(&agent.carriers);
    }
    let known = carriers.clone();
    for agent in agents.iter().filter(|agent| !is_trusted(agent)) {
        carriers.extend(&agent.carriers.beside(&known));
    }
    let trusted = agents.iter().filter(|agent| is_trusted(agent));
    let charts: Vec<&Chart> = trusted.flat_map(|agent| &agent.charts).collect();
    let names: BTreeSet<String> = charts
        .iter()
        .map(|chart| chart.name.clone())
        .filter(|name| !name.is_empty())
        .collect();
    let paths: BTreeSet<ValuePath> = charts
        .iter()
        .flat_map(|chart| chart.paths())
        .cloned()
        .collect();
    for agent in agents.iter_mut().filter(|agent| !is_trusted(agent)) {
        agent.charts.retain(|chart| !names.contains(&chart.name));
        // A chart of another name has values of its own.
        for chart in agent
            .charts
            .iter_mut()
            .filter(|chart| chart.name.is_empty())
        {
            let is_new = |path: &ValuePath| !paths.contains(path);
            chart
                .images
                .retain(|image| image.parts().flat_map(|part| part.paths()).all(is_new));
        }
    }
    carriers
}
