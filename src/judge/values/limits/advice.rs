//! What to write by hand where nothing is written: the keys of a chart, with what each should hold.

use crate::chart::{SecretsForm, SecretsPart, ValuePath};
use crate::config::Config;
use crate::decide::claim::Claim;
use crate::finding::{Aspect, Rule};
use crate::image::Reference;
use crate::values::ValueImage;
use crate::verdict::{Note, Verdict};

/// The keys to write for a new name, with the list of its pull secrets.
pub(super) fn keys_to_write(image: &ValueImage<'_, '_>, new: &str, secrets: &[String]) -> String {
    let keys = image.keys_for(new).into_iter();
    let keys = keys.map(|(part, text)| format!("`{}: {text}`", part.path));
    let list = image.secrets_part().filter(|_| !secrets.is_empty());
    let list = list.map(|list| format!("`{}`", list_of(list, secrets)));
    let keys: Vec<String> = keys.chain(list).collect();
    if keys.is_empty() {
        return String::new();
    }
    format!(", with {}", keys.join(", "))
}

/// A list of pull secrets in the form that the chart reads, as YAML in one line.
fn list_of(list: &SecretsPart, secrets: &[String]) -> String {
    let path = &list.path;
    match list.form {
        SecretsForm::Text => format!("{path}: {}", secrets[0]),
        SecretsForm::Names => format!("{path}: [{}]", secrets.join(", ")),
        SecretsForm::Mappings => format!("{path}: [{{name: {}}}]", secrets.join("}, {name: ")),
    }
}

/// What a profile says to write instead of what is not made, with what the keys of the image should hold: those
/// that it names, and those that it does not.
pub(super) fn instead_with(instead: &str, image: &ValueImage<'_, '_>, new: &str) -> String {
    let mut said = instead.to_owned();
    let keys = image.keys_for(new);
    let is_named = |path: &ValuePath| instead.contains(&format!("`{path}`"));
    if !keys.iter().any(|(part, _)| part.paths().any(is_named)) {
        return said;
    }
    for (part, mut text) in keys {
        let is_whole = !image.parts.whole.text.is_empty();
        if is_whole && Reference::parse(&text).is_ok_and(|image| !image.is_versioned()) {
            text.push_str(":TAG");
        }
        // Of keys that win over one another, the first that is named is the one to write.
        let named = part.paths();
        let named = named.filter_map(|path| Some((said.find(&format!("`{path}`"))?, path)));
        match named.min_by_key(|(at, _)| *at) {
            Some((at, path)) => {
                said.insert_str(at + path.to_string().len() + 1, &format!(": {text}"))
            }
            None if part.default.as_ref() == Some(&text) => {}
            None => said.push_str(&format!(", and `{}: {text}`", part.path)),
        }
    }
    said
}

/// What an image should be that the vendor manages, and that no value names, so that its verdict tells it and
/// decides nothing: taken out of the verdict.
pub(super) fn take_managed(image: &ValueImage<'_, '_>, decided: &mut Verdict) -> Option<String> {
    if image.is_written || !image.is_makeable {
        return None;
    }
    let is_its =
        |note: &Note| note.rule == Rule::VendorManaged && note.aspect == Some(Aspect::Registry);
    let at = decided.notes.iter().position(is_its)?;
    decided.notes.remove(at).proposed
}

/// The note on such an image.
pub(super) fn managed(
    config: &Config,
    image: &ValueImage<'_, '_>,
    claim: Option<&Claim<'_>>,
    (old, new): (&str, String),
) -> Note {
    let mapped = claim.and_then(|claim| config.rules.map(&claim.official.repository, true));
    let secrets = mapped.map_or(&[][..], |(rule, _)| config.mirror_secrets(rule));
    let keys = keys_to_write(image, &new, secrets);
    Note {
        rule: Rule::VendorManaged,
        message: format!(
            "the chart's default image does not come from the mirror: {old} → {new} is not edited, since the vendor \
             manages this image: set it where the vendor says{keys}"
        ),
        aspect: Some(Aspect::Registry),
        proposed: Some(new),
    }
}
