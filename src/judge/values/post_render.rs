//! What the resource that installs a chart does to the chart's images itself once it is rendered: a
//! HelmRelease by its `postRenderers`, a kustomization by its list of images.

mod patches;

use crate::decide::claim::AgentSet;
use crate::field::{DigestEdit, ImageGroup, Notation, image_list};
use crate::image::entry::Fields;
use crate::krm::resource::Budget;
use crate::slot::Slot;
use crate::yaml::{Error, Segment};

use super::super::overrides;
use super::super::verdict::verdicts;
use super::super::{JudgeContext, TextOrigin, UnitJudgement};
use super::after::{EntryOver, OverChart, TestedImage};
use super::{Installed, ValuesDocument};
use patches::PatchText;

/// What one resource does to the images of its chart.
#[derive(Debug, Default)]
pub(super) struct PostRender<'n, 's> {
    /// Its entries, and what its patches test; none where it has neither.
    pub(super) over: Option<OverChart>,
    /// Its patches that set images.
    pub(super) patches: Vec<PatchText<'n, 's>>,
    /// The position of the renderer that each of its entries is in.
    renderers: Vec<Option<usize>>,
}

impl<'n, 's> PostRender<'n, 's> {
    /// Reads what installs a chart.
    ///
    /// # Errors
    /// A mapping that is read has a key twice.
    pub(super) fn of(
        context: &JudgeContext<'n, '_>,
        one: &Installed<'n, 's>,
        document: &ValuesDocument<'n, 's>,
    ) -> Result<Self, Error> {
        let resource = &one.resource;
        if !image_list::keeps_list(resource.group(), resource.kind) {
            return Ok(PostRender::default());
        }
        let is_release = resource.kind == "HelmRelease";
        let holder = if is_release {
            "postRenderers"
        } else {
            "this object"
        };
        let mut budget = Budget::new(document.text.len() + 1);
        let mut groups = image_list::groups(resource, &mut budget)?;
        let is_entry = |group: &ImageGroup<'_, '_>| {
            let mut fields = group.fields.iter();
            fields.all(|field| matches!(field.notation, Notation::Override(_)))
        };
        groups.retain(is_entry);
        let (nobody, mut judged) = (AgentSet::new(), UnitJudgement::default());
        let context = &in_file(context, document);
        let mut all = verdicts(context, resource, &groups, &nobody, &mut judged);
        // They are told with the object itself.
        overrides::leave_woken(&mut all)?;
        let (mut over, mut renderers) = (OverChart::default(), Vec::new());
        for verdict in all.iter().flatten() {
            let Notation::Override(entry) = &verdict.field.notation else {
                continue;
            };
            let says = |slot: &Slot<'n, 's>| -> Result<String, Error> {
                let text = slot.text()?;
                Ok(text.unwrap_or_default().to_owned())
            };
            let written = Fields {
                name: entry.name.to_owned(),
                new_name: says(&entry.new_name)?,
                new_tag: says(&entry.new_tag)?,
                digest: says(&entry.digest)?,
                tag_suffix: String::new(),
            };
            let mut restored = written.clone();
            let new = verdict.desired(&verdict.allowed());
            let notation = &verdict.field.notation;
            let of_digest = new.as_deref().map(|new| notation.without_digest(new));
            if let Some((_, edit)) = of_digest.transpose()?.flatten() {
                restored.digest = String::new();
                if let DigestEdit::TagInstead(tag) = edit {
                    restored.new_tag = tag;
                }
            }
            let values = new.map(|new| notation.values(&new));
            for (slot, text) in values.transpose()?.flatten().unwrap_or_default() {
                match slot.name() {
                    "newName" => restored.new_name = text,
                    "newTag" => restored.new_tag = text,
                    _ => restored.digest = text,
                }
            }
            renderers.push(renderer_of(&entry.new_name));
            over.entries.push(EntryOver {
                written,
                restored,
                holder: holder.to_owned(),
            });
        }
        let mut post = PostRender {
            renderers,
            ..PostRender::default()
        };
        if is_release {
            let (patches, tested) = patches::read(one)?;
            post.patches = patches;
            let tested = tested.into_iter().map(|image| TestedImage {
                image,
                holder: holder.to_owned(),
            });
            over.tested.extend(tested);
        }
        let says_nothing = over.entries.is_empty() && over.tested.is_empty();
        post.over = Some(over).filter(|_| !says_nothing);
        Ok(post)
    }
}

/// The position of the renderer that a place is in.
fn renderer_of(slot: &Slot<'_, '_>) -> Option<usize> {
    slot.path.0.iter().find_map(|step| match step {
        Segment::Index(index) => Some(*index),
        Segment::Key(_) => None,
    })
}

/// What is judged by, for what the document itself holds.
fn in_file<'n, 'g>(
    context: &JudgeContext<'n, 'g>,
    document: &ValuesDocument<'n, '_>,
) -> JudgeContext<'n, 'g> {
    JudgeContext {
        written: match context.written {
            TextOrigin::Here(None) => TextOrigin::Here(document.file),
            known => known,
        },
        ..*context
    }
}
