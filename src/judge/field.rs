//! What is reported of one image field, and what is changed in it.

use crate::config::Aspect;
use crate::edit::{Change, Value, trailing_comment};
use crate::field::ImageField;
use crate::finding::Rule;
use crate::krm::resource::Resource;
use crate::yaml::Error;

use super::Judged;
use super::draft::Drafts;
use super::exceptions::grounds;
use super::verdict::Verdict;

/// Reports a field's differences and plans its changes.
pub(super) fn report<'n, 's>(
    resource: &Resource<'n, 's>,
    verdict: &Verdict<'_, '_, 'n, 's>,
    text: &str,
    drafts: &mut Drafts,
    judged: &mut Judged<'n, 's>,
) -> Result<(), Error> {
    let field = verdict.field;
    let image_changed = report_image(resource, verdict, drafts, judged)?;
    let policy_changed = report_policy(resource, verdict, image_changed, drafts, judged)?;
    for (key, changed) in [
        (field.image_key, image_changed),
        (field.policy_key, policy_changed),
    ] {
        if changed {
            managed_elsewhere(resource, verdict, key, text, drafts)?;
        } else {
            keep(field, key, judged)?;
        }
    }
    Ok(())
}

fn named(field: &ImageField<'_, '_>, message: &str) -> String {
    match field.container {
        Some(name) => format!("container {name}: {message}"),
        None => message.to_owned(),
    }
}

fn report_image<'n, 's>(
    resource: &Resource<'n, 's>,
    verdict: &Verdict<'_, '_, 'n, 's>,
    drafts: &mut Drafts,
    judged: &mut Judged<'n, 's>,
) -> Result<bool, Error> {
    let (field, wish) = (verdict.field, &verdict.wish);
    let full_path = field.path.key(field.image_key);
    let path = full_path.below(resource.path.0.len()).to_string();
    let node = field.holder.get(field.image_key)?.unwrap_or(field.holder);
    let current = field.image.map(str::to_owned);
    let mut allowed = Vec::new();
    for difference in &wish.differences {
        let Some(exception) = verdict.in_force.allowing(difference.aspect) else {
            continue;
        };
        allowed.push(difference.aspect);
        let message = named(
            field,
            &format!("{}, {}", difference.what, grounds(exception)),
        );
        drafts
            .add(Rule::AllowedByException, message)
            .agent(verdict.agent())
            .field(path.clone(), current.clone(), None)
            .at(node);
    }
    let new = verdict
        .reference
        .map(|reference| wish.compose(&reference, &allowed));
    let change = match new {
        Some(new) if Some(new.as_str()) != field.image => Some(new),
        _ => None,
    };
    let index = change.as_ref().map(|new| {
        judged.changes.push(Change {
            holder: field.holder,
            path: field.path.clone(),
            key: field.image_key,
            value: Value::Text {
                text: new.clone(),
                after: field.image_key,
            },
        });
        judged.changes.len() - 1
    });
    let mut reported = Vec::new();
    for difference in &wish.differences {
        if allowed.contains(&difference.aspect) || reported.contains(&difference.rule) {
            continue;
        }
        reported.push(difference.rule);
        let old = field.image.unwrap_or_default();
        let new = change.as_deref().unwrap_or(old);
        drafts
            .add(
                difference.rule,
                named(field, &format!("{}: {old} → {new}", difference.what)),
            )
            .agent(verdict.agent())
            .field(path.clone(), current.clone(), change.clone())
            .at(node)
            .change(index);
    }
    for remark in &wish.remarks {
        let exception = remark
            .aspect
            .and_then(|aspect| verdict.in_force.allowing(aspect));
        let (rule, message) = match exception {
            // A digest that did not move, because the registry is allowed as it is, is no news.
            Some(_) if remark.rule == Rule::DigestMoved => continue,
            Some(exception) => {
                let message = format!("{}, {}", remark.message, grounds(exception));
                (Rule::AllowedByException, message)
            }
            None => (remark.rule, remark.message.clone()),
        };
        drafts
            .add(rule, named(field, &message))
            .agent(verdict.agent())
            .field(path.clone(), current.clone(), remark.proposed.clone())
            .at(node);
    }
    Ok(change.is_some())
}

fn report_policy<'n, 's>(
    resource: &Resource<'n, 's>,
    verdict: &Verdict<'_, '_, 'n, 's>,
    image_changed: bool,
    drafts: &mut Drafts,
    judged: &mut Judged<'n, 's>,
) -> Result<bool, Error> {
    let field = verdict.field;
    let Some(policy) = verdict.policy else {
        return Ok(false);
    };
    let key = field.policy_key;
    let path = field.path.key(key).below(resource.path.0.len()).to_string();
    let current = field.policy.map(str::to_owned);
    let old = field.policy.unwrap_or("(missing)");
    let difference = format!("{key} {old} → {policy}");
    let node = match field.holder.get(key)? {
        Some(node) => node,
        None => field.holder.get(field.image_key)?.unwrap_or(field.holder),
    };
    let (rule, message, edited) = match verdict.in_force.allowing(Aspect::ImagePullPolicy) {
        Some(exception) => {
            let message = format!("{key} {old}, {}", grounds(exception));
            (Rule::AllowedByException, message, false)
        }
        None if resource.kind == "Job" && !image_changed => {
            let message = format!("{difference} is not edited: an applied Job cannot change");
            (Rule::ImmutableWorkload, message, false)
        }
        None => (Rule::WrongPullPolicy, difference, true),
    };
    let index = edited.then(|| {
        judged.changes.push(Change {
            holder: field.holder,
            path: field.path.clone(),
            key,
            value: Value::Text {
                text: policy.to_owned(),
                after: field.image_key,
            },
        });
        judged.changes.len() - 1
    });
    let proposed = (rule != Rule::AllowedByException).then(|| policy.to_owned());
    drafts
        .add(rule, named(field, &message))
        .agent(verdict.agent())
        .field(path, current, proposed)
        .at(node)
        .change(index);
    Ok(edited)
}

/// Warns of an edited field whose line says that somebody else writes it.
fn managed_elsewhere(
    resource: &Resource<'_, '_>,
    verdict: &Verdict<'_, '_, '_, '_>,
    key: &'static str,
    text: &str,
    drafts: &mut Drafts,
) -> Result<(), Error> {
    let field = verdict.field;
    let Some(found) = field.holder.find(key)? else {
        return Ok(());
    };
    let Some(comment) = trailing_comment(text, found.entry) else {
        return Ok(());
    };
    let owner = if comment.contains("$imagepolicy") {
        "Flux's image automation"
    } else if comment.contains("kpt-set:") {
        "a kpt setter"
    } else {
        return Ok(());
    };
    let path = field.path.key(key).below(resource.path.0.len()).to_string();
    let message = format!(
        "{owner} writes this field again ({}): change its policy, or remove the marker",
        comment.trim_start_matches(['#', ' '])
    );
    drafts
        .add(Rule::ManagedElsewhere, named(field, &message))
        .agent(verdict.agent())
        .field(path, None, None)
        .at(&found.entry.value);
    Ok(())
}

/// Notes a value that stays.
fn keep<'n, 's>(
    field: &ImageField<'n, 's>,
    key: &'static str,
    judged: &mut Judged<'n, 's>,
) -> Result<(), Error> {
    if let Some(node) = field.holder.get(key)?
        && let Some(text) = node.scalar()
    {
        judged.kept.push(Change {
            holder: field.holder,
            path: field.path.clone(),
            key,
            value: Value::Text {
                text: text.to_owned(),
                after: field.image_key,
            },
        });
    }
    Ok(())
}
