//! Manifests that ConfigMaps hold as text, at keys that a profile names: a program makes objects of them,
//! so each is judged as one and edited where it stands.

mod held;
mod in_file;

use std::collections::HashMap;
use std::sync::Arc;

use crate::edit::{self, Change, DocumentChanges, Edit, TargetValue};
use crate::finding::{FieldRef, Fix, Mode, Rule};
use crate::krm::resource::{self, Budget, Resource};
use crate::slot::Slot;
use crate::yaml::{Error, Node, Path, parse};

use super::draft::Drafts;
use super::exceptions::here;
use super::ignored::{count_silenced, is_ignored};
use super::inventory::ImageState;
use super::places::{Place, TextOrigin};
use super::{JudgeContext, UnitJudgement, judge_itself, resource_ref};

pub(super) use held::texts;
pub(crate) use held::without_actions;
use held::{Held, held};
pub use in_file::InConfigMap;

/// Judges the manifests that a ConfigMap holds; `text` is what the offsets of its nodes count in, and `is_told`
/// says whether what its annotation says is told already.
///
/// # Errors
/// A mapping that is read has a key twice, or aliases repeat too much.
pub(super) fn judge<'n, 's>(
    context: &JudgeContext<'n, '_>,
    resource: &Resource<'n, 's>,
    (text, is_told): (&str, bool),
    budget: &mut Budget,
    judged: &mut UnitJudgement<'n, 's>,
) -> Result<(), Error> {
    let all = held(context, resource, text, budget)?;
    if all.is_empty() {
        return Ok(());
    }
    let mut drafts = Drafts::new(context, resource)?;
    let is_ignored = is_ignored(context.config, resource, &mut drafts)?;
    if is_told {
        drafts.list.clear();
    }
    let mut of_texts = Drafts::new(context, resource)?;
    let mut found = UnitJudgement::default();
    for held in &all {
        // Whatever is wrong in it, the ConfigMap is sound.
        if let Err(error) = one(context, resource, held, &mut of_texts, &mut found)
            && held.read.contains("image")
        {
            report_unread(resource, held, &error, &mut of_texts);
        }
    }
    note(&mut found, is_ignored, judged);
    if !is_ignored {
        let first = judged.changes.len();
        judged.changes.append(&mut found.changes);
        for draft in &mut of_texts.list {
            draft.change = draft
                .change
                .take()
                .map(|it| it.start + first..it.end + first);
        }
        drafts.list.append(&mut of_texts.list);
    } else if context.config.mode == Mode::Check {
        count_silenced(of_texts.list.iter(), &mut drafts);
    }
    judged.drafts.append(&mut drafts.list);
    Ok(())
}

/// Judges the documents of one text.
fn one<'n, 's>(
    context: &JudgeContext<'n, '_>,
    resource: &Resource<'n, 's>,
    held: &Held<'n, 's>,
    drafts: &mut Drafts,
    judged: &mut UnitJudgement<'n, 's>,
) -> Result<(), Error> {
    let find = |slot: &Slot<'_, '_>, aspect| {
        let place = match context.written {
            TextOrigin::Found(find) => find(&held.slot, aspect)?,
            TextOrigin::Here(_) => here(context, resource, &held.slot)?,
        };
        Some(Place {
            field: format!("{}.{}", place.field, slot.text_below(&Path::default())).into(),
            // A literal of a generator is written in a kustomization.
            resource: place
                .resource
                .filter(|one| &*one.kind == "ConfigMap")
                .or_else(|| Some(resource_ref(resource))),
            ..place
        })
    };
    let documents = parse::documents(&held.read)?;
    let mut inner = Vec::new();
    let mut budget = Budget::new(held.read.len());
    for root in &documents {
        budget.merge(root)?;
        let context = JudgeContext {
            written: TextOrigin::Found(&find),
            names: false,
            has_anchors: false,
            in_text: true,
            ..*context
        };
        let mut of_document = UnitJudgement::default();
        for one in resource::resources(root, &mut budget)? {
            judge_itself(&context, &one, &held.read, &mut budget, &mut of_document)?;
        }
        inner.push(of_document);
    }
    let mut by_change = HashMap::new();
    let planned = planned(held, &documents, &inner);
    let why = match planned {
        Ok(None) => None,
        Ok(Some((value, edits))) => {
            let slot = held.slot.clone();
            judged.changes.push(Change { slot, value });
            if context.wants.fixes {
                by_change = edits;
            }
            None
        }
        Err(why) => Some(why),
    };
    let read = inner.iter().flat_map(|of_document| &of_document.read);
    judged
        .texts
        .push((held.slot.clone(), read.copied().collect()));
    for (position, mut of_document) in inner.into_iter().enumerate() {
        for draft in &mut of_document.drafts {
            let changes = draft.change.clone().unwrap_or_default();
            let own = changes.filter_map(|change| by_change.get(&(position, change)));
            draft.finding.fix = Fix::of_file(edit::of_finding(own.flatten().cloned().collect()));
        }
        take(resource, held, of_document, why.as_deref(), drafts, judged);
    }
    Ok(())
}

/// The edits of the outer text, by the positions of a document in a text and of a change of that.
type EditsByChange = HashMap<(usize, usize), Vec<Edit>>;

/// What a text should be, where something in it is to change: all of it, or nothing.
///
/// # Errors
/// Why it cannot be written.
fn planned(
    held: &Held<'_, '_>,
    documents: &[Node<'_>],
    inner: &[UnitJudgement<'_, '_>],
) -> Result<Option<(TargetValue, EditsByChange)>, String> {
    let changed = documents.iter().zip(inner).enumerate();
    let changed = changed.filter(|(_, (_, judged))| !judged.changes.is_empty());
    let (positions, mut changes): (Vec<usize>, Vec<DocumentChanges<'_, '_, '_>>) = changed
        .map(|(ordinal, (root, judged))| {
            let changes = DocumentChanges::new(root, ordinal, judged.changes.clone());
            (ordinal, changes)
        })
        .unzip();
    if changes.is_empty() {
        return Ok(None);
    }
    if let Some(left) = held.left {
        return Err(left.to_owned());
    }
    let planned = edit::plan_documents(&held.read, true, &mut changes)?;
    let (of_changes, edits): (Vec<(usize, usize)>, Vec<Edit>) = planned
        .into_iter()
        .map(|of| ((positions[of.document], of.change), of.edit))
        .unzip();
    let (value, sources) = held.embedded.edited(&edits)?;
    let mut by_change = EditsByChange::new();
    if let TargetValue::Document(_, outer) = &value {
        for (edit, sources) in outer.iter().zip(sources) {
            for source in sources {
                let own = by_change.entry(of_changes[source]).or_default();
                own.push(edit.clone());
            }
        }
    }
    Ok(Some((value, by_change)))
}

/// Takes what was judged of a document in a text for the ConfigMap, whose last change is that of the text,
/// unless `why` says that there is none.
fn take(
    resource: &Resource<'_, '_>,
    held: &Held<'_, '_>,
    inner: UnitJudgement<'_, '_>,
    why: Option<&str>,
    drafts: &mut Drafts,
    judged: &mut UnitJudgement<'_, '_>,
) {
    let path = held.slot.text_below(&resource.path);
    let below = |inner: &str| format!("{path}.{inner}");
    let changes = judged.changes.len();
    for mut draft in inner.drafts {
        // It is said of a list that is not written.
        if why.is_some() && draft.finding.rule == Rule::ShadowsServiceAccountSecrets {
            continue;
        }
        if draft.change.take().is_some() {
            match why {
                None => draft.change = Some(changes - 1..changes),
                Some(why) => draft.mark_not_written(why),
            }
        }
        let finding = &mut draft.finding;
        drafts.sign(finding);
        finding.span = finding.span.take().map(|span| held.embedded.shown(span));
        finding.within = Some(held.embedded.place(0));
        if let Some(field) = &finding.field {
            let path = below(&field.path).into();
            finding.field = Some(Arc::new(FieldRef {
                path,
                ..(**field).clone()
            }));
        }
        drafts.list.push(draft);
    }
    for mut image in inner.images {
        image.resource = Arc::clone(&drafts.resource);
        image.path = below(&image.path);
        image.span = held.embedded.shown(image.span);
        image.policy_span = image.policy_span.map(|span| held.embedded.shown(span));
        judged.images.push(image);
    }
    let place = |at: usize| held.embedded.place(at);
    judged.read.extend(inner.read.into_iter().map(place));
    judged.counted.extend(inner.counted.into_iter().map(place));
    judged.seen.extend(inner.seen);
    judged.instances.extend(inner.instances);
    judged.awaits_instances |= inner.awaits_instances;
}

/// Notes what was found in texts besides changes.
fn note<'n, 's>(
    found: &mut UnitJudgement<'n, 's>,
    is_ignored: bool,
    judged: &mut UnitJudgement<'n, 's>,
) {
    for image in &mut found.images {
        if is_ignored {
            image.state = ImageState::Ignored;
        }
    }
    judged.images.append(&mut found.images);
    judged.texts.append(&mut found.texts);
    judged.read.append(&mut found.read);
    judged.counted.append(&mut found.counted);
    judged.seen.extend(std::mem::take(&mut found.seen));
    judged.instances.append(&mut found.instances);
    judged.awaits_instances |= found.awaits_instances;
}

/// Says that a manifest cannot be read.
fn report_unread(
    resource: &Resource<'_, '_>,
    held: &Held<'_, '_>,
    error: &Error,
    drafts: &mut Drafts,
) {
    let path = held.slot.text_below(&resource.path);
    let message = format!(
        "{path} holds a manifest whose images are not checked: {}",
        error.what
    );
    let draft = drafts
        .add(Rule::UnreadSource, message)
        .field(path, None, None);
    let at = held.embedded.place(error.at);
    draft.finding.span = Some(at..at);
}
