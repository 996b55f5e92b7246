//! New names in a list of pull secrets, in the list's own style: mappings, or names alone.

use crate::yaml::{Entry, Error, Kind, Node};

use super::Edit;
use super::insert::{PairStyle, behind};
use super::layout::{column, line_before, line_break, line_end, value_end};

/// Adds names to the list under `key`, or a new list after the mapping's last pair.
///
/// # Errors
/// What is under the key is no list.
pub(super) fn plan(
    text: &str,
    pod: &Node<'_>,
    key: &str,
    added: &[String],
) -> Result<Option<Edit>, Error> {
    let found = pod.find(key)?;
    let Some(found) = found else {
        return new_list(text, pod, key, added);
    };
    let list = &found.entry.value;
    let old = list.items().unwrap_or_default();
    if found.merged || list.is_alias() {
        // The list comes through a merge key or alias and is shared, so this pod spec gets a
        // complete copy of its own.
        let mut names = Vec::new();
        for item in old {
            names.extend(name_of(item)?.map(str::to_owned));
        }
        names.extend_from_slice(added);
        if found.merged {
            return new_list(text, pod, key, &names);
        }
        let style = PairStyle::of(text, pod, found.entry);
        let flow = format!("[{}]", flow_items(&style, &names, lists_names(old)));
        return Ok(Some(Edit::replace(list.span.clone(), flow)));
    }
    if list.is_null() {
        return Ok(Some(instead_of_null(text, pod, found.entry, added)));
    }
    let Kind::Sequence(items, flow) = &list.target().kind else {
        return Err(Error {
            at: list.span.start,
            first: None,
            what: format!("{key} is {}, not a list", list.describe()),
            help: Some("write it as a list of `- name: SECRET`".to_owned()),
        });
    };
    Ok(Some(match items.last() {
        None => {
            let style = PairStyle::of(text, pod, found.entry);
            Edit::insert(list.target().span.start + 1, style.flow_names(added))
        }
        Some(last) if *flow => {
            let style = item_style(text, pod, found.entry, last);
            let at = value_end(text, last, last.span.end);
            let added = flow_items(&style, added, lists_names(items));
            Edit::insert(at, format!(", {added}"))
        }
        Some(last) => in_block(text, pod, found.entry, last, added),
    }))
}

/// Whether a list holds names, and no mappings.
fn lists_names(items: &[Node<'_>]) -> bool {
    items.first().is_some_and(|item| item.text().is_some())
}

/// The name in an item: a mapping's, or the item itself.
fn name_of<'n>(item: &'n Node<'_>) -> Result<Option<&'n str>, Error> {
    match item.text() {
        Some(name) => Ok(Some(name)),
        None => Ok(item.get("name")?.and_then(Node::scalar)),
    }
}

fn flow_items(style: &PairStyle, names: &[String], are_names: bool) -> String {
    if !are_names {
        return style.flow_names(names);
    }
    let names: Vec<String> = names.iter().map(|name| style.flow_scalar(name)).collect();
    names.join(", ")
}

fn item_style(text: &str, pod: &Node<'_>, entry: &Entry<'_>, item: &Node<'_>) -> PairStyle {
    match item.entries().and_then(<[_]>::first) {
        Some(model) if !item.is_alias() => PairStyle::of(text, item, model),
        _ => PairStyle::of(text, pod, entry),
    }
}

/// `- name: a` lines after the last item, with its dash and its style.
fn in_block(
    text: &str,
    pod: &Node<'_>,
    entry: &Entry<'_>,
    last: &Node<'_>,
    added: &[String],
) -> Edit {
    let style = item_style(text, pod, entry, last);
    let at = line_end(text, value_end(text, last, last.span.end));
    let line_break = line_break(text, at);
    let before = line_before(text, last.start());
    let dash = match before.trim_start_matches(' ').strip_prefix('-') {
        Some(blanks) if !blanks.is_empty() && blanks.trim_matches(' ').is_empty() => {
            before.to_owned()
        }
        Some(_) => format!(
            "{:1$}- ",
            "",
            before.len() - before.trim_start_matches(' ').len()
        ),
        None => format!("{:1$}- ", "", column(text, last.start()).saturating_sub(2)),
    };
    let lines: String = added
        .iter()
        .map(|name| {
            let item = if last.text().is_some() {
                style.scalar(name)
            } else if last.is_flow() && !last.is_alias() {
                style.flow_names(std::slice::from_ref(name))
            } else {
                style.pair("name", &style.scalar(name))
            };
            format!("{line_break}{dash}{item}")
        })
        .collect();
    Edit::insert(at, lines)
}

/// `key:` and `key: ~` become `key: [{name: a}]`.
fn instead_of_null(text: &str, pod: &Node<'_>, entry: &Entry<'_>, added: &[String]) -> Edit {
    let list = format!("[{}]", PairStyle::of(text, pod, entry).flow_names(added));
    let target = entry.value.target();
    if target.tag.is_some() {
        return super::scalar::instead_of_tagged(text, target, &list);
    }
    super::scalar::instead_of(text, entry, &list)
}

/// A new list after the last pair of the pod spec, dashes as in its list of containers.
fn new_list(
    text: &str,
    pod: &Node<'_>,
    key: &str,
    names: &[String],
) -> Result<Option<Edit>, Error> {
    let entries = pod.entries().unwrap_or_default();
    let Some(last) = entries.last() else {
        return Ok(None);
    };
    if pod.is_flow() {
        // No line is looked for here, since a whole document may be on one.
        let edit = behind(text, pod, last, |style| {
            style.pair(key, &format!("[{}]", style.flow_names(names)))
        })?;
        return Ok(Some(edit));
    }
    let indent = column(text, pod.target().span.start);
    let sibling = entries
        .iter()
        .find(|entry| entry.key.scalar() == Some("containers"))
        .and_then(|entry| entry.value.items()?.first());
    let dashes = match sibling {
        Some(item) if !item.is_alias() => {
            let before = line_before(text, item.start());
            let blanks = before.len() - before.trim_start_matches(' ').len();
            if before[blanks..].starts_with('-') {
                blanks.max(indent)
            } else {
                indent
            }
        }
        _ => indent,
    };
    let edit = behind(text, pod, last, |style| {
        let line_break = line_break(text, line_end(text, last.key.span.end));
        let items: String = names
            .iter()
            .map(|name| {
                let item = style.pair("name", &style.scalar(name));
                format!("{line_break}{:dashes$}- {item}", "")
            })
            .collect();
        format!("{}:{items}", style.scalar(key))
    })?;
    Ok(Some(edit))
}
