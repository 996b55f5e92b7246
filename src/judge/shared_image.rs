//! Shared images, which others than an agent run too: what each would become if something tied it to the
//! agent.

use crate::agent::Agent;
use crate::decide::claim::{self, AgentSet, Evidence, Surroundings};
use crate::decide::clues::Clues;
use crate::decide::steps::Steps;
use crate::decide::undeclared;
use crate::decide::{Form, Question, decide};
use crate::finding::{Aspect, Rule};
use crate::verdict::{Note, Verdict};

use super::JudgeContext;

/// The verdict on an image of nobody, with what would become of it if it were a named agent's: by a
/// rule, or since it is a copy on a host that no rule names.
pub(super) fn with_shared_note(
    context: &JudgeContext<'_, '_>,
    clues: &Clues<'_>,
    question: &Question<'_, '_>,
    mut verdict: Verdict,
) -> Verdict {
    let (config, reference) = (context.config, question.reference);
    // Where the configuration says which namespaces are the agent's, the others are not.
    let asks = |agent: &Agent| agent.named && agent.namespaces.is_empty();
    let agents = config.agents.iter().enumerate();
    let named: AgentSet = agents
        .filter(|(_, agent)| asks(agent))
        .map(|(index, _)| index)
        .collect();
    let around = Surroundings::in_pod_of(&named);
    let mut claims = clues.claims(config, &around).surest;
    claims.retain(|claim| claim.evidence != Evidence::Name && !claim.image.vendor_managed);
    let Some(first) = claims.first() else {
        return verdict;
    };
    let agent = first.agent.name.clone();
    let declared = undeclared::rule_of(first, &reference.repository());
    let owner = &claim::resolve_owner(claims, clues.subject.workload);
    let as_own = Question {
        owner,
        form: Form::Whole,
        is_in_list: false,
        ..*question
    };
    let as_own = decide(config, &as_own, &mut Steps::unasked());
    let (here, there) = (
        verdict.compose(reference, &[]),
        as_own.compose(reference, &[]),
    );
    if here == there {
        return verdict;
    }
    let remedy = match clues.subject.namespace {
        "" => format!(": give it the label app.kubernetes.io/instance of a release of {agent}"),
        namespace => format!(": write `namespaces: [{namespace}]` for the agent {agent}"),
    };
    // As the agent's own it would leave the mirror, unless a rule says that it is one.
    let remedy = match declared {
        Some((source, mirror)) => {
            let own = remedy.trim_start_matches(": ");
            format!(
                ": if it is a copy, declare it with `source: {source}` and `mirror: {mirror}`; {own}"
            )
        }
        None => remedy,
    };
    verdict.notes.push(Note {
        rule: Rule::SharedImage,
        message: format!(
            "{reference} stays, since others run it too and nothing ties it to {agent}, for which it \
             would be {there}{remedy} if it is its own"
        ),
        aspect: Some(Aspect::Registry),
        proposed: None,
    });
    verdict
}
