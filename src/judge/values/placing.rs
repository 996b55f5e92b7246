//! Where findings in values are told, and what they say besides: the keys to set, and the files that
//! belong together.

use crate::edit::TargetValue;
use crate::finding::Aspect;
use crate::slot::Slot;
use crate::values::LayerContent;
use crate::yaml::{Error, Node};

use super::super::UnitJudgement;
use super::super::verdict::FieldVerdict;
use super::Installed;
use super::prepare::All;

impl<'n, 's> All<'_, 'n, 's, '_> {
    /// What to set, as the chart's documentation writes the keys, for what was planned.
    pub(super) fn keys_to_set(
        &self,
        one: &Installed<'n, 's>,
        judged: &UnitJudgement<'n, 's>,
    ) -> Vec<String> {
        let roots = one
            .release
            .layers
            .iter()
            .filter_map(|layer| match &layer.content {
                LayerContent::Tree(root) => Some(format!("{}.", root.full_path())),
                _ => None,
            });
        let roots: Vec<String> = roots.collect();
        let set = judged.changes.iter().filter_map(|change| {
            let TargetValue::Text(text) = &change.value else {
                return None;
            };
            let path = change.slot.full_path().to_string();
            let below = roots.iter().find_map(|root| path.strip_prefix(root));
            Some(format!("{}: {text}", below.unwrap_or(&path)))
        });
        set.collect()
    }

    /// The files that the values of a release are in, where there are several.
    pub(super) fn files(&self, one: &Installed<'n, 's>) -> Vec<String> {
        let mut files: Vec<String> = Vec::new();
        for layer in &one.release.layers {
            let is_known = layer.is_read();
            let path = self.documents[layer.document].path;
            if is_known && files.last().is_none_or(|last| last != path) {
                files.push(path.to_owned());
            }
        }
        if files.len() < 2 {
            files.clear();
        }
        files
    }
}

/// The slot whose value makes an image wrong: that of its name, unless only others change.
pub(super) fn deciding<'f, 'n, 's>(
    verdict: &FieldVerdict<'_, 'f, 'n, 's>,
    allowed: &[Aspect],
) -> Result<Option<&'f Slot<'n, 's>>, Error> {
    let notation = &verdict.field.notation;
    let old = verdict.field.image.as_deref().unwrap_or_default();
    let new = verdict.desired(allowed).filter(|new| new != old);
    let values = match &new {
        Some(new) => notation.values(new)?.unwrap_or_default(),
        None => Vec::new(),
    };
    let mut first = None;
    for (slot, text) in values {
        if slot.node()?.and_then(Node::scalar) == Some(&*text) {
            continue;
        }
        if std::ptr::eq(slot.holder, notation.main().holder)
            && slot.full_path() == notation.main().full_path()
        {
            return Ok(None);
        }
        first = first.or(Some(slot));
    }
    Ok(first)
}
