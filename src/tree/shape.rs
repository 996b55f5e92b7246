//! Whether kustomize reads a kustomization at all: its keys and the types of their values.
//!
//! Source: kustomize's `api/types/kustomization.go`, whose reader refuses every key that it does not
//! know. Measured with kustomize 5.6.0.

mod items;
mod keys;

use crate::krm::KUSTOMIZE_GROUP;
use crate::suggest;
use crate::yaml::scalar::{Type, core_type};
use crate::yaml::{Kind, Node, Style};

use super::kustomization::{field, text};
use keys::KUSTOMIZATION;
use keys::KeyType::{self, Any, Bool, Keys, Labels, List, Number, Text, Texts};

pub(super) use items::{of_replacement, of_sorting};

/// Why kustomize refuses to read a kustomization, and where, if it does. What Flux or Argo CD merge
/// something into is not empty.
pub(super) fn fault<'n, 's>(root: &'n Node<'s>, is_merged: bool) -> Option<(&'n Node<'s>, String)> {
    if !is_merged && is_empty(root) {
        return Some((root, "it is empty".to_owned()));
    }
    unfit(root, "a kustomization", &KUSTOMIZATION)
        .or_else(|| header(root))
        .or_else(|| items::fault(root))
}

/// Whether a kustomization says nothing but what it is.
fn is_empty(root: &Node<'_>) -> bool {
    let entries = root.entries().unwrap_or_default().iter();
    let is_header = |key: &str| {
        let header = ["apiVersion", "kind"];
        header.iter().any(|name| key.eq_ignore_ascii_case(name))
    };
    let mut said = entries.filter(|entry| !entry.key.scalar().is_some_and(is_header));
    root.is_null()
        || root.entries().is_some()
            && said.all(|entry| entry.value.is_null() || entry.value.scalar() == Some(""))
}

/// A mapping or list that stands under two spellings of its key, which kustomize takes together.
pub(super) fn written_twice<'n, 's>(root: &'n Node<'s>) -> Option<(&'n Node<'s>, String)> {
    twice(root, &KUSTOMIZATION)
}

fn twice<'n, 's>(node: &'n Node<'s>, shape: &KeyType) -> Option<(&'n Node<'s>, String)> {
    let keys = match shape {
        List(of) => {
            let mut items = node.items()?.iter();
            return items.find_map(|item| twice(item, of));
        }
        Keys(keys) => keys,
        _ => return None,
    };
    let mut keys = keys.iter();
    keys.find_map(|(name, of)| {
        let entries = node.entries()?.iter();
        let named = entries.filter(|entry| {
            let key = entry.key.scalar();
            key.is_some_and(|key| key.eq_ignore_ascii_case(name))
        });
        let held: Vec<_> = named.filter(|entry| !entry.value.is_null()).collect();
        match (&held[..], of) {
            ([_, .., last], List(_) | Keys(_) | Texts | Labels | Any) => {
                let spelled = held.iter().filter_map(|entry| entry.key.scalar());
                let spelled: Vec<String> = spelled.map(|key| format!("`{key}`")).collect();
                Some((&last.key, spelled.join(" and ")))
            }
            ([one], _) => twice(&one.value, of),
            _ => None,
        }
    })
}

/// What is wrong with `kind` and `apiVersion`; both may be absent.
fn header<'n, 's>(root: &'n Node<'s>) -> Option<(&'n Node<'s>, String)> {
    let kind = text(root, "kind").unwrap_or("Kustomization");
    let version = match kind {
        "Kustomization" => "v1beta1",
        "Component" => "v1alpha1",
        _ => {
            let what = "its `kind` is neither Kustomization nor Component";
            return Some((field(root, "kind")?, what.to_owned()));
        }
    };
    let wanted = format!("{KUSTOMIZE_GROUP}/{version}");
    let is_other = text(root, "apiVersion").is_some_and(|written| written != wanted);
    let at = field(root, "apiVersion").filter(|_| is_other)?;
    Some((at, format!("the `apiVersion` of a {kind} is {wanted}")))
}

/// The first value in a node that has another type than it should, with what is wrong with it.
fn unfit<'n, 's>(
    node: &'n Node<'s>,
    name: &str,
    shape: &KeyType,
) -> Option<(&'n Node<'s>, String)> {
    if node.is_null() {
        return None;
    }
    let wrong = |wanted: &str| Some((node, format!("{name} is not {wanted}")));
    let of_type = |wanted: Type, named: &str| match node.json_type() {
        Some(found) if found == wanted => None,
        _ => wrong(named),
    };
    match shape {
        Text => of_type(Type::Text, text_of(node)),
        Bool => of_type(Type::Bool, "true or false"),
        Number => of_type(Type::Number, "a number"),
        List(of) => match node.items() {
            Some(items) => {
                let item = format!("an item of {name}");
                items.iter().find_map(|value| unfit(value, &item, of))
            }
            None => wrong("a list"),
        },
        Any | Texts | Labels | Keys(_) => {
            let Some(entries) = node.entries() else {
                return wrong("a mapping");
            };
            if let Keys(keys) = shape
                && let Some(unknown) = unknown_keys(node, name, keys)
            {
                return Some(unknown);
            }
            entries.iter().find_map(|entry| {
                let key = entry.key.scalar().unwrap_or_default();
                // A merge key brings keys of another mapping.
                let of = match shape {
                    _ if key == "<<" && is_plain(&entry.key) => {
                        let is_none = entry.value.scalar().is_some();
                        let what = || (&entry.key, format!("`<<` of {name} brings no mapping"));
                        return is_none.then(what);
                    }
                    // kustomize writes it without the quotes that it may have.
                    Labels if core_type(key) != Type::Text || key == "<<" || is_date(key) => {
                        let what = format!("the key `{key}` of {name} is not text, even in quotes");
                        return Some((&entry.key, what));
                    }
                    Labels if entry.key.json_type() != Some(Type::Text) => {
                        let what =
                            format!("the key `{key}` of {name} is not text (write it in quotes)");
                        return Some((&entry.key, what));
                    }
                    Texts | Labels => &Text,
                    Keys(keys) => {
                        let mut keys = keys.iter();
                        let (_, of) = keys.find(|(known, _)| known.eq_ignore_ascii_case(key))?;
                        of
                    }
                    _ => return None,
                };
                unfit(&entry.value, &format!("`{key}`"), of)
            })
        }
    }
}

fn is_plain(node: &Node<'_>) -> bool {
    matches!(node.kind, Kind::Scalar(_, Style::Plain))
}

/// Whether go-yaml reads a plain text as a date: without a time, a text is none for it in JSON.
fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let mut next = |digits: std::ops::RangeInclusive<usize>| -> Option<u32> {
        let part = parts.next().filter(|part| digits.contains(&part.len()))?;
        let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| part.parse().ok())?
    };
    let date = (next(4..=4), next(1..=2), next(1..=2), next(0..=usize::MAX));
    let (Some(year), Some(month), Some(day), None) = date else {
        return false;
    };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    (1..=12).contains(&month) && (1..=days).contains(&day)
}

/// What a value that should be text is told to be: quotes are all that most of them lack.
fn text_of(node: &Node<'_>) -> &'static str {
    match node.json_type() {
        Some(Type::Number | Type::Bool) => "text (write it in quotes)",
        _ => "text",
    }
}

/// The keys of a mapping that are none of those known, with what was meant by each.
fn unknown_keys<'n, 's>(
    node: &'n Node<'s>,
    name: &str,
    known: &[(&str, KeyType)],
) -> Option<(&'n Node<'s>, String)> {
    let entries = node.entries()?.iter();
    // A merge key brings keys of another mapping.
    let unknown = entries.filter(|entry| {
        let key = entry.key.scalar().unwrap_or_default();
        key != "<<"
            && !known
                .iter()
                .any(|(known, _)| known.eq_ignore_ascii_case(key))
    });
    let unknown: Vec<&Node<'_>> = unknown.map(|entry| &entry.key).collect();
    let told = unknown.iter().map(|key| {
        let key = key.scalar().unwrap_or_default();
        match suggest::nearest(key, known.iter().map(|(known, _)| *known)) {
            Some(near) => format!("`{key}` (did you mean `{near}`?)"),
            None => format!("`{key}`"),
        }
    });
    let told: Vec<String> = told.collect();
    let (last, others) = told.split_last()?;
    let what = match others {
        [] => format!("{last} is no key of {name}"),
        _ => format!("{} and {last} are no keys of {name}", others.join(", ")),
    };
    unknown.first().map(|first| (*first, what))
}
