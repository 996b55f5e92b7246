//! The pull secrets of a pod: what its images need beside what it lists.

use crate::config::Aspect;
use crate::edit::{Change, Value};
use crate::field::PodSpec;
use crate::finding::Rule;
use crate::krm::resource::Resource;
use crate::slot::Slot;
use crate::yaml::Error;

use super::draft::Drafts;
use super::exceptions::grounds;
use super::verdict::Verdict;
use super::{Context, Judged};

const KEY: &str = "imagePullSecrets";

/// Reports the secrets that a pod lacks and plans them behind those that it has.
pub(super) fn report<'n, 's>(
    context: &Context<'_, '_>,
    resource: &Resource<'n, 's>,
    pod: &PodSpec<'n, 's>,
    verdicts: &[Verdict<'_, '_, 'n, 's>],
    drafts: &mut Drafts,
    judged: &mut Judged<'n, 's>,
) -> Result<(), Error> {
    let node = pod.node.get(KEY)?.unwrap_or(pod.node);
    let path = pod.path.key(KEY).below(resource.path.0.len()).to_string();
    let mut missing: Vec<String> = Vec::new();
    let mut agent = None;
    for verdict in verdicts {
        let lacks: Vec<String> = wanted(verdict)
            .filter(|name| !pod.pull_secrets.contains(name) && !missing.contains(name))
            .cloned()
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
                .field(path.clone(), current(&pod.pull_secrets), None)
                .at(node);
            continue;
        }
        agent = agent.or_else(|| verdict.agent().map(str::to_owned));
        for name in lacks {
            if !missing.contains(&name) {
                missing.push(name);
            }
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let account = (resource.namespace, pod.service_account);
    let known = context.gathered.account(account.0, account.1);
    let mut added: Vec<String> = Vec::new();
    // Kubernetes copies an account's secrets only into a pod that lists none.
    if pod.pull_secrets.is_empty() {
        added.extend(known.unwrap_or_default().iter().cloned());
    }
    for name in missing {
        if !added.contains(&name) {
            added.push(name);
        }
    }
    let mut all = pod.pull_secrets.clone();
    all.extend(added.iter().cloned());
    let message = format!(
        "pull secrets {} → {}",
        current(&pod.pull_secrets).unwrap_or_else(|| "(none)".to_owned()),
        list(&all)
    );
    judged.changes.push(Change {
        slot: Slot::key(pod.node, pod.path.clone(), KEY),
        value: Value::Names(added),
    });
    drafts
        .add(Rule::MissingPullSecret, message)
        .agent(agent.as_deref())
        .field(path.clone(), current(&pod.pull_secrets), Some(list(&all)))
        .at(node)
        .change(Some(judged.changes.len() - 1));
    if pod.pull_secrets.is_empty() && known.is_none() {
        let message = format!(
            "the pod's first pull secret switches off those of its ServiceAccount {}, \
             which is not among the items: list the account's secrets here too, if it has any",
            pod.service_account
        );
        drafts
            .add(Rule::ShadowsServiceAccountSecrets, message)
            .agent(agent.as_deref())
            .field(path, None, None)
            .at(node);
    }
    Ok(())
}

/// The secrets that a field's image needs: its mirror's, and always its profile's own.
fn wanted<'v>(verdict: &'v Verdict<'_, '_, '_, '_>) -> impl Iterator<Item = &'v String> {
    let mirror: &[String] = match verdict.follows_rules() {
        true => &verdict.wish.mirror_secrets,
        false => &[],
    };
    let own = verdict
        .claim
        .as_ref()
        .filter(|claim| !claim.image.advice)
        .map(|claim| &claim.image.pull_secrets);
    mirror.iter().chain(own.into_iter().flatten())
}

fn current(names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| list(names))
}

fn list(names: &[String]) -> String {
    format!("[{}]", names.join(", "))
}
