//! Files that kustomize puts into ConfigMaps, judged as their texts there.

use std::borrow::Cow;
use std::sync::Arc;

use crate::embedded::{Untranslatable, has_separator};
use crate::finding::ResourceRef;
use crate::judge::UnitJudgement;
use crate::judge::places::Place;
use crate::slot::Slot;
use crate::yaml::Path;

/// The ConfigMap into which kustomize puts a file that is a manifest.
#[derive(Debug, Clone, Default)]
pub struct InConfigMap {
    /// What it is called; of several that hold the file, what they have in common.
    id: Option<ResourceRef>,
    /// Why nothing in the file is edited.
    left: Option<Cow<'static, str>>,
}

/// Why nothing is edited of a template.
pub(super) const FILLED_IN: &str =
    "a program fills in what is between braces around it: change it by hand";

/// Why nothing is edited of a file that something else holds, too.
const SHARED: &str =
    "a Secret or another key of a ConfigMap holds this file, too: give each a file of its own";

impl InConfigMap {
    /// That of the file of a text; whether something holds it that is no manifest: a Secret, or another key.
    pub fn of(id: Option<ResourceRef>, text: &str, is_shared: bool) -> Self {
        let left = match text {
            _ if text.contains("{{") => Some(Cow::Borrowed(FILLED_IN)),
            _ if is_shared => Some(Cow::Borrowed(SHARED)),
            _ if has_separator(text) => {
                let why = Untranslatable::Separator;
                Some(Cow::Owned(format!("{why}: {}", why.help())))
            }
            _ => None,
        };
        InConfigMap { id, left }
    }

    /// Whether the file is a template.
    pub fn is_template(&self) -> bool {
        self.left.as_deref() == Some(FILLED_IN)
    }

    /// The place of a slot in the file, which is at a path.
    pub fn place(&self, file: Option<&str>, slot: &Slot<'_, '_>) -> Place {
        Place {
            file: file.map(Arc::from),
            field: slot.text_below(&Path::default()),
            resource: self.id.clone(),
        }
    }

    /// Makes findings in the file those of the ConfigMap, and takes changes back if nothing in the file is edited.
    pub fn take(&self, judged: &mut UnitJudgement<'_, '_>) {
        if let Some(id) = self.id.as_ref().filter(|id| !id.name.is_empty()) {
            let id = Arc::new(id.clone());
            for draft in &mut judged.drafts {
                draft.finding.resource = Some(Arc::clone(&id));
            }
        }
        let Some(why) = &self.left else { return };
        judged.changes.clear();
        for draft in &mut judged.drafts {
            if draft.change.take().is_some() {
                draft.mark_not_written(why);
            }
        }
    }
}
