//! Texts that are put together elsewhere: by Helm, Flux, Fleet or Argo CD.

use super::Reference;

/// How what is filled in begins: `{{ .Values.x }}`, `${X}`, and a variable of Argo CD's build.
const BEGINNINGS: [&str; 3] = ["{{", "${", "$ARGOCD_"];

/// Whether a part of a text is filled in elsewhere.
pub fn is_template(text: &str) -> bool {
    BEGINNINGS.iter().any(|begins| text.contains(begins))
}

/// A text in which variables with a default have it, and other templates a word of their own; with these
/// words and what they stand for.
pub fn filled_in(text: &str) -> Option<(String, Vec<(String, &str)>)> {
    let (mut filled, mut words) = (String::new(), Vec::new());
    let mut rest = text;
    while let Some(at) = first(rest) {
        let (before, template) = rest.split_at(at);
        let (template, after) = template.split_at(end(template)?);
        filled.push_str(before);
        let inner = template
            .trim_start_matches(['$', '{'])
            .trim_end_matches('}');
        let default = inner.split_once(":=").or_else(|| inner.split_once(":-"));
        match default.filter(|_| template.starts_with('$')) {
            Some((_, default)) => filled.push_str(default),
            None => {
                let word = format!("x{}x", words.len());
                filled.push_str(&word);
                words.push((word, template));
            }
        }
        rest = after;
    }
    filled.push_str(rest);
    Some((filled, words))
}

/// A reference of which the version alone is filled in, in two: its name, and what follows that.
pub fn without_version(text: &str) -> Option<(&str, &str)> {
    let plain = &text[..first(text)?];
    let path = plain.rfind('/').map_or(0, |slash| slash + 1);
    let at = path + plain[path..].find([':', '@'])?;
    let (name, version) = text.split_at(at);
    let (filled, _) = filled_in(version)?;
    let is_version = !filled.contains('/');
    let is_name = Reference::parse(name).is_ok_and(|parsed| parsed.name() == name);
    (is_version && is_name).then_some((name, version))
}

fn first(text: &str) -> Option<usize> {
    BEGINNINGS
        .iter()
        .filter_map(|begins| text.find(begins))
        .min()
}

/// Where the template ends that a text begins with.
fn end(text: &str) -> Option<usize> {
    if text.starts_with("{{") {
        return Some(text.find("}}")? + 2);
    }
    if text.starts_with("${") {
        return Some(text.find('}')? + 1);
    }
    let is_word = |one: char| one.is_ascii_alphanumeric() || one == '_';
    let end = text[1..].find(|one| !is_word(one));
    Some(end.map_or(text.len(), |end| end + 1))
}
