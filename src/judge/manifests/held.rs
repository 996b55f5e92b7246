//! The texts of a ConfigMap that are manifests, and what is read of them.

use std::borrow::Cow;

use crate::embedded::Embedded;
use crate::field::data;
use crate::krm::resource::{Budget, Resource};
use crate::slot::Slot;
use crate::yaml::Error;

use super::JudgeContext;
use super::in_file::FILLED_IN;

/// How many keys and values may be passed for each byte of a text.
const WORK_A_BYTE: usize = 4;

/// A text of a ConfigMap that is a manifest.
pub(super) struct Held<'n, 's> {
    pub(super) slot: Slot<'n, 's>,
    /// Why nothing in it is edited.
    pub(super) left: Option<&'static str>,
    /// What is read of it, byte for byte where it is.
    pub(super) read: Cow<'n, str>,
    pub(super) embedded: Embedded,
}

/// The manifests that a ConfigMap holds, as they are read.
///
/// # Errors
/// As [`judge`].
pub(in crate::judge) fn texts<'n>(
    context: &JudgeContext<'n, '_>,
    resource: &Resource<'n, '_>,
    budget: &mut Budget,
) -> Result<Vec<Cow<'n, str>>, Error> {
    let mut found = Vec::new();
    for slot in data::manifests(resource, &context.config.carriers.manifests)? {
        let Some(text) = slot.text()? else { continue };
        if !budget.step(WORK_A_BYTE * text.len()) {
            return Err(repeated(&slot));
        }
        found.push(without_actions(text).map_or(Cow::Borrowed(text), Cow::Owned));
    }
    Ok(found)
}

/// The texts of a ConfigMap that are manifests.
pub(super) fn held<'n, 's>(
    context: &JudgeContext<'n, '_>,
    resource: &Resource<'n, 's>,
    outer: &str,
    budget: &mut Budget,
) -> Result<Vec<Held<'n, 's>>, Error> {
    let mut found = Vec::new();
    for slot in data::manifests(resource, &context.config.carriers.manifests)? {
        let Some(node) = slot.node()? else { continue };
        let Some(text) = node.text() else { continue };
        if !budget.step(WORK_A_BYTE * text.len()) {
            return Err(repeated(&slot));
        }
        let Some(embedded) = Embedded::of(outer, node) else {
            continue;
        };
        let (read, left) = match without_actions(text) {
            Some(read) => (Cow::Owned(read), Some(FILLED_IN)),
            None => (Cow::Borrowed(text), None),
        };
        found.push(Held {
            slot,
            left,
            read,
            embedded,
        });
    }
    Ok(found)
}

/// Too much would be read, since aliases bring one text to many ConfigMaps.
fn repeated(slot: &Slot<'_, '_>) -> Error {
    Error {
        at: slot.holder.start(),
        first: None,
        what: "aliases repeat manifests in ConfigMaps more often than this text may".to_owned(),
        help: Some("write the ConfigMaps out instead of repeating them by alias".to_owned()),
    }
}

/// A text without the actions of Go's templates, which keeps its length: a line of nothing else becomes
/// blank, and what is filled into a line becomes a word. `None` where there is none.
pub(crate) fn without_actions(text: &str) -> Option<String> {
    if !text.contains("{{") {
        return None;
    }
    let mut read = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (mut kept, mut is_blank) = (String::with_capacity(line.len()), true);
        let mut rest = line;
        while let Some((before, behind)) = rest.split_once("{{") {
            // What goes on in the next line is no YAML afterwards, and told so.
            let Some(end) = behind.find("}}") else { break };
            is_blank &= before.trim().is_empty();
            kept.push_str(before);
            kept.push_str(&"x".repeat(end + "{{}}".len()));
            rest = &behind[end + "}}".len()..];
        }
        is_blank &= rest.trim().is_empty();
        kept.push_str(rest);
        if is_blank {
            let ends = kept.trim_end_matches(['\r', '\n']).len();
            kept.replace_range(..ends, &" ".repeat(ends));
        }
        read.push_str(&kept);
    }
    Some(read)
}
