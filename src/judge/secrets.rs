//! The pull secrets that a pod's images need and the pod does not list.

mod adding;

use std::collections::HashSet;

use crate::decide;
use crate::edit::TargetValue;
use crate::field::{ImageGroup, Secrets};
use crate::finding::{Aspect, Rule};
use crate::krm::resource::Resource;
use crate::yaml::Error;

use super::draft::{Drafts, named};
use super::exceptions::grounds;
use super::verdict::FieldVerdict;
use super::{JudgeContext, UnitJudgement};
use adding::{change_names, commas, one, other_than_text};

/// Why a secret is not written of which no profile says where it goes.
const HANDED_OVER: &str =
    "its profile does not say where the pods take it from: make sure that it is there";

/// Reports the secrets that a pod lacks, and plans to append them to those that it lists.
pub(super) fn report<'n, 's>(
    context: &JudgeContext<'_, '_>,
    resource: &Resource<'n, 's>,
    pod: &ImageGroup<'n, 's>,
    verdicts: &[&FieldVerdict<'_, '_, 'n, 's>],
    drafts: &mut Drafts,
    judged: &mut UnitJudgement<'n, 's>,
) -> Result<(), Error> {
    let mut told: Vec<String> = Vec::new();
    for verdict in verdicts {
        match &verdict.field.secrets {
            Secrets::Commas(slot) => match other_than_text(slot)? {
                Some(what) => {
                    let path = slot.text_below(&resource.path);
                    let why = format!("{path}, which takes names, is {what}: write it there");
                    nowhere(resource, verdict, (&[], &why), drafts)?;
                }
                None => commas(resource, verdict, slot, drafts, judged)?,
            },
            Secrets::One(slot, place) => {
                one(resource, verdict, (slot.as_ref(), place), drafts, judged)?;
            }
            Secrets::Absent(variable) => {
                let why = format!("the variable {variable} that would list it is absent: add it");
                nowhere(resource, verdict, (&[], &why), drafts)?;
            }
            Secrets::Nowhere(why) => {
                nowhere(resource, verdict, (&pod.pull_secrets, why), drafts)?;
            }
            Secrets::Components(listed, place) => {
                let planned = judged.secret_lists.values();
                let planned = planned.map(|&index| &judged.changes[index].value);
                let is_planned = |name| {
                    planned.clone().any(
                        |value| matches!(value, TargetValue::Names(names) if names.contains(name)),
                    )
                };
                if wanted(verdict).any(|name| !listed.contains(name) && !is_planned(name)) {
                    let why = format!("no component lists it: add it to {place} of each");
                    nowhere(resource, verdict, (&[], &why), drafts)?;
                }
            }
            Secrets::HandedOver => {
                let rule = Rule::UnseenPullSecret;
                unlisted(resource, verdict, (rule, &told, HANDED_OVER), drafts)?;
                if verdict
                    .in_force
                    .allowing(Aspect::ImagePullSecrets)
                    .is_none()
                {
                    told.extend(wanted(verdict).cloned());
                }
            }
            Secrets::Pod | Secrets::None => {}
        }
    }
    let Some(slot) = &pod.secrets_slot else {
        return Ok(());
    };
    let node = slot.node()?.unwrap_or(slot.holder);
    // Two groups of images may share a list: what the other has added counts as written.
    let planned = judged.secret_lists.get(&slot.full_path());
    let planned = match planned.map(|&index| &judged.changes[index].value) {
        Some(TargetValue::Names(names)) => names.clone(),
        _ => Vec::new(),
    };
    let listed = pod.pull_secrets.iter().chain(&planned);
    let mut known: HashSet<&str> = listed.map(String::as_str).collect();
    let mut missing: Vec<&str> = Vec::new();
    let mut agent = None;
    let of_pod =
        |verdict: &&&FieldVerdict<'_, '_, 'n, 's>| matches!(verdict.field.secrets, Secrets::Pod);
    for verdict in verdicts.iter().filter(of_pod) {
        let mut lacks: Vec<&str> = wanted(verdict)
            .map(String::as_str)
            .filter(|name| !known.contains(name))
            .collect();
        if lacks.is_empty() {
            continue;
        }
        if let Some(exception) = verdict.in_force.allowing(Aspect::ImagePullSecrets) {
            let message = format!(
                "no pull secret {}, {}",
                lacks.join(", "),
                grounds(exception)
            );
            drafts
                .add(Rule::AllowedByException, message)
                .agent(verdict.agent())
                .field(
                    slot.text_below(&resource.path),
                    current(&pod.pull_secrets),
                    None,
                )
                .at(node);
            continue;
        }
        agent = agent.or_else(|| verdict.agent().cloned());
        lacks.retain(|name| known.insert(name));
        missing.append(&mut lacks);
    }
    if missing.is_empty() {
        return Ok(());
    }
    let path = slot.text_below(&resource.path);
    let account = pod.service_account;
    let of_account = account.and_then(|name| context.gathered.account(resource.namespace, name));
    // Kubernetes copies an account's secrets only into a pod that lists none.
    let copied = of_account.filter(|_| pod.pull_secrets.is_empty());
    let mut added: Vec<String> = copied.unwrap_or_default().to_vec();
    let copied: HashSet<&str> = copied
        .unwrap_or_default()
        .iter()
        .map(String::as_str)
        .collect();
    missing.retain(|name| !copied.contains(name));
    if missing.is_empty() && planned.is_empty() {
        return Ok(());
    }
    added.extend(missing.into_iter().map(str::to_owned));
    let mut all = pod.pull_secrets.clone();
    all.extend(added.iter().cloned());
    let message = format!(
        "pull secrets {} → {}",
        current(&pod.pull_secrets).unwrap_or_else(|| "(none)".to_owned()),
        list(&all)
    );
    let index = change_names(slot, added, judged);
    drafts
        .add(Rule::MissingPullSecret, message)
        .agent(agent.as_ref())
        .field(path.clone(), current(&pod.pull_secrets), Some(list(&all)))
        .at(node)
        .change(Some(index..index + 1));
    if let Some(account) = account.filter(|_| pod.pull_secrets.is_empty() && of_account.is_none()) {
        let message = format!(
            "the pod's first pull secret switches off those of its ServiceAccount {account}, \
             which is not among the items: list the account's secrets here too, if it has any"
        );
        drafts
            .add(Rule::ShadowsServiceAccountSecrets, message)
            .agent(agent.as_ref())
            .field(path, None, None)
            .at(node);
    }
    Ok(())
}

/// Tells of the secrets that an image needs in pods to which its chart gives none.
pub(super) fn report_unlisted_pods(
    resource: &Resource<'_, '_>,
    verdict: &FieldVerdict<'_, '_, '_, '_>,
    pods: &str,
    drafts: &mut Drafts,
) -> Result<(), Error> {
    let why =
        format!("the chart has no key that gives it to {pods}: give it to its ServiceAccount");
    unlisted(
        resource,
        verdict,
        (Rule::UnseenPullSecret, &[], &why),
        drafts,
    )
}

/// Reports the secrets that an image needs where there is no place that could list them.
fn nowhere(
    resource: &Resource<'_, '_>,
    verdict: &FieldVerdict<'_, '_, '_, '_>,
    (listed, why): (&[String], &str),
    drafts: &mut Drafts,
) -> Result<(), Error> {
    let said = (Rule::UnresolvedImage, listed, why);
    unlisted(resource, verdict, said, drafts)
}

/// As [`nowhere`], by a rule.
fn unlisted(
    resource: &Resource<'_, '_>,
    verdict: &FieldVerdict<'_, '_, '_, '_>,
    (rule, listed, why): (Rule, &[String], &str),
    drafts: &mut Drafts,
) -> Result<(), Error> {
    let wanted = wanted(verdict).filter(|name| !listed.contains(name));
    let names: Vec<&str> = wanted.map(String::as_str).collect();
    if names.is_empty()
        || verdict
            .in_force
            .allowing(Aspect::ImagePullSecrets)
            .is_some()
    {
        return Ok(());
    }
    let slot = verdict.field.notation.main();
    let image = verdict.field.image.as_deref().unwrap_or_default();
    let image = verdict.field.notation.shown(image);
    let message = format!(
        "{image} needs the pull secret {}, and {why}",
        names.join(",")
    );
    drafts
        .add(rule, named(verdict.field, &[&message]))
        .allow(vec![Aspect::ImagePullSecrets])
        .agent(verdict.agent())
        .field(slot.text_below(&resource.path), None, None)
        .at(slot.node()?.unwrap_or(slot.holder));
    Ok(())
}

/// The secrets that a field's image needs: those of its mirror, and those that its profile wants
/// wherever the image comes from.
pub(super) fn wanted<'v>(
    verdict: &'v FieldVerdict<'_, '_, '_, '_>,
) -> impl Iterator<Item = &'v String> {
    let mirror: &[String] = if verdict.follows_rules() {
        &verdict.verdict.mirror_secrets
    } else {
        &[]
    };
    decide::pull_secrets(mirror, verdict.claim.as_ref())
}

fn current(names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| list(names))
}

fn list(names: &[String]) -> String {
    format!("[{}]", names.join(", "))
}
