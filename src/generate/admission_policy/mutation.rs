//! The mutations that correct a pod at its creation: images, pull policies and pull secrets as the
//! function would have written them.

use std::collections::BTreeMap;

use serde_yaml::Value;

use crate::config::Config;
use crate::finding::Aspect;
use crate::generate::object::{list, map, text};

use super::cel::{all, any, list as literals, quoted};
use super::checks::{AS_IT_IS, corrected};
use super::claims::{Claimed, Name};
use super::exceptions::{AllowedDifference, allowing};
use super::rules::General;
use super::tables::choice;
use super::variables::{Variable, of_images, stage};

/// The variables that follow `images`: what each image should be, and the secrets that the pod lacks.
pub(super) fn variables(
    config: &Config,
    claimed: &[Claimed<'_>],
    general: &[General<'_>],
    allowed: &[AllowedDifference<'_>],
) -> Vec<Variable> {
    let mut images = Vec::new();
    let mut policies = Vec::new();
    for claim in claimed.iter().filter(|claim| !claim.image.vendor_managed) {
        let (image, policy) = corrected(claim, allowed);
        let is_it = format!("i.claim == {}", quoted(&claim.key));
        if policy != "i.policy" {
            policies.push((is_it.clone(), policy));
        }
        images.push((is_it, image));
    }
    for rule in general {
        for (is_wrong, corrected) in &rule.wrong {
            let mut conditions = vec!["i.claim == ''".to_owned(), is_wrong.clone()];
            if let Some(allowed) = allowing(allowed, None, Aspect::Registry) {
                conditions.push(format!("!{allowed}"));
            }
            images.push((all(&conditions), corrected.clone()));
        }
    }
    let mut variables = Vec::new();
    let (from, image) = corrections(images, &of_images(claimed), &mut variables);
    let fixed = stage(
        &from,
        &[
            ("name", "i.name".to_owned()),
            ("image", image),
            ("policy", choice(policies, "i.policy")),
        ],
    );
    let differ = "variables.fixed.filter(f, variables.judged && !(f in variables.written))";
    variables.extend([
        ("fixed".to_owned(), fixed),
        ("changed".to_owned(), differ.to_owned()),
        (
            "missing".to_owned(),
            missing(config, claimed, general, allowed),
        ),
    ]);
    variables
}

/// The characters of corrections that go into one expression, of which an API server takes 100,000.
const LONGEST: usize = 60_000;

/// What an image `i` should be, by the first condition that holds, and the variable whose items these
/// are. Where one expression would be too long, earlier variables hold some of the corrections, each
/// item its own as `fixed`, which is empty where none of them holds.
fn corrections(
    arms: Vec<(String, String)>,
    fields: &[(&'static str, String)],
    variables: &mut Vec<Variable>,
) -> (String, String) {
    let mut parts: Vec<Vec<(String, String)>> = Vec::new();
    let mut length = 0;
    for arm in arms {
        let own = arm.0.len() + arm.1.len();
        length += own;
        match parts.last_mut().filter(|_| length <= LONGEST) {
            Some(part) => part.push(arm),
            None => {
                parts.push(vec![arm]);
                length = own;
            }
        }
    }
    let last = parts.pop().unwrap_or_default();
    let mut from = "images".to_owned();
    let mut known = String::new();
    for (position, part) in parts.into_iter().enumerate() {
        let mut fields = fields.to_vec();
        fields.push(("fixed", format!("{known}{}", choice(part, "''"))));
        let name = format!("fixed{position}");
        variables.push((name.clone(), stage(&from, &fields)));
        from = name;
        known = "i.fixed != '' ? i.fixed\n    : ".to_owned();
    }
    (from, format!("{known}{}", choice(last, AS_IT_IS)))
}

/// The pull secrets that a pod lacks, each once.
fn missing(
    config: &Config,
    claimed: &[Claimed<'_>],
    general: &[General<'_>],
    allowed: &[AllowedDifference<'_>],
) -> String {
    let mut needs: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let need = |secrets: &[String], condition: &str| -> Vec<(String, String)> {
        let secrets = secrets.iter().cloned();
        secrets.map(|name| (name, condition.to_owned())).collect()
    };
    let mut pairs: Vec<(String, String)> = Vec::new();
    for claim in claimed.iter().filter(|claim| !claim.image.vendor_managed) {
        let agent = Some(&*claim.agent.name);
        let mut base = vec![format!("i.claim == {}", quoted(&claim.key))];
        if let Some(allowed) = allowing(allowed, agent, Aspect::ImagePullSecrets) {
            base.push(format!("!{allowed}"));
        }
        for (condition, secrets) in &claim.secrets {
            let conditions = base.iter().chain(condition).cloned();
            pairs.extend(need(secrets, &all(&conditions.collect::<Vec<String>>())));
        }
        let may_stay = allowing(allowed, agent, Aspect::Registry);
        for (position, name) in claim.names.iter().enumerate() {
            let mut conditions = base.clone();
            conditions.extend(goes_to(claim, name, position == 0));
            if let Some(may_stay) = &may_stay {
                let stands = format!("i.repo == {}", quoted(&name.desired));
                conditions.push(any(&[stands, format!("!{may_stay}")]));
            }
            pairs.extend(need(&name.secrets, &all(&conditions)));
        }
    }
    for rule in general {
        let secrets = config.mirror_secrets(rule.rule);
        let mut places: Vec<String> = rule.is_copy.iter().cloned().collect();
        if rule.rule.source == rule.rule.mirror {
            continue;
        }
        for (is_wrong, _) in &rule.wrong {
            places.push(match allowing(allowed, None, Aspect::Registry) {
                Some(may_stay) => all(&[is_wrong.clone(), format!("!{may_stay}")]),
                None => is_wrong.clone(),
            });
        }
        let mut conditions = vec!["i.claim == ''".to_owned(), any(&places)];
        if let Some(allowed) = allowing(allowed, None, Aspect::ImagePullSecrets) {
            conditions.push(format!("!{allowed}"));
        }
        pairs.extend(need(secrets, &all(&conditions)));
    }
    for (secret, condition) in &pairs {
        let conditions = needs.entry(secret).or_default();
        if !conditions.contains(condition) {
            conditions.push(condition.clone());
        }
    }
    let lists = needs.iter().map(|(secret, conditions)| {
        let secret = quoted(secret);
        let needs = any(conditions);
        format!(
            "(variables.judged && !({secret} in variables.secrets)\n\
             \x20 && variables.images.exists(i, {needs}) ? [{secret}] : [])"
        )
    });
    let lists: Vec<String> = lists.collect();
    if lists.is_empty() {
        "variables.secrets.filter(s, false)".to_owned()
    } else {
        lists.join("\n+ ")
    }
}

/// The condition that an image `i` of the agent is in this name's repository, or moves there;
/// `None` where it always holds.
fn goes_to(claim: &Claimed<'_>, name: &Name, is_main: bool) -> Option<String> {
    let stands = claim.is_of(name);
    if !is_main || !claim.restores() {
        return Some(stands);
    }
    if claim.names.len() == 1 {
        return claim.by_name().then(|| "i.repo != ''".to_owned());
    }
    let known = claim.names.iter().flat_map(|name| &name.locations);
    let mut elsewhere = vec!["i.repo != ''".to_owned()];
    elsewhere.push(format!("!(i.repo in {})", literals(known)));
    let copies = claim.names.iter().filter_map(|name| claim.is_copy(name));
    elsewhere.extend(copies.map(|is_copy| format!("!({is_copy})")));
    Some(any(&[stands, all(&elsewhere)]))
}

/// The mutations: containers by their names, and the pull secrets that are missing.
pub(super) fn mutations() -> Value {
    let containers = |list: &str| {
        format!(
            "    {list}: (has(object.spec.{list}) ? object.spec.{list} : [])\n\
             \x20     .filter(c, variables.changed.exists(f, f.name == c.name))\n\
             \x20     .map(c, Object.spec.{list}{{\n\
             \x20       name: c.name,\n\
             \x20       image: variables.changed.filter(f, f.name == c.name)[0].image,\n\
             \x20       imagePullPolicy: variables.changed.filter(f, f.name == c.name)[0].policy\n\
             \x20     }})"
        )
    };
    let apply = format!(
        "Object{{\n  spec: Object.spec{{\n{},\n{}\n  }}\n}}",
        containers("initContainers"),
        containers("containers")
    );
    // The patch creates an empty list and then adds to it: an API server fails over a patch whose
    // value is a list of objects.
    let patch = "[JSONPatch{op: 'add', path: '/spec/imagePullSecrets', value: []}]\n\
         \x20 .filter(p, variables.missing.size() > 0 && !has(object.spec.imagePullSecrets))\n\
         + variables.missing.map(s, JSONPatch{\n\
         \x20   op: 'add', path: '/spec/imagePullSecrets/-',\n\
         \x20   value: Object.spec.imagePullSecrets{name: s}\n\
         \x20 })"
        .to_owned();
    let mutation = |patch_type: &str, key: &'static str, expression: String| {
        map([
            ("patchType", text(patch_type)),
            (key, map([("expression", text(expression))])),
        ])
    };
    list([
        mutation("ApplyConfiguration", "applyConfiguration", apply),
        // Entries of this list are atomic in the schema, so an apply configuration may add none.
        mutation("JSONPatch", "jsonPatch", patch),
    ])
}
