//! What the resource that installs a chart does to the chart's images itself once it is rendered: a
//! HelmRelease by its `postRenderers`, a kustomization by its list of images.

use crate::decide::claim::AgentSet;
use crate::field::{FieldRole, ImageField, ImageGroup, Notation, Secrets, image_list};
use crate::finding::Rule;
use crate::image::entry::Fields;
use crate::krm::resource::Budget;
use crate::mask;
use crate::slot::Slot;
use crate::yaml::{Error, Node, Path, Segment, parse};

use super::super::draft::{self, Drafts};
use super::super::verdict::verdicts;
use super::super::{JudgeContext, TextOrigin, UnitJudgement};
use super::after::{self, EntryOver, Meets, OverChart, TestedImage};
use super::operation::{Operation, operations};
use super::{Installed, ValuesDocument};

/// What one resource does to the images of its chart.
#[derive(Debug, Default)]
pub(super) struct PostRender<'n, 's> {
    /// Its entries, and what its patches test; none where it has neither.
    pub(super) over: Option<OverChart>,
    /// The images that its patches set, each with the place of the patch.
    pub(super) set: Vec<(String, Slot<'n, 's>)>,
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
        let all = verdicts(context, resource, &groups, &nobody, &mut judged);
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
            let renamed = new.as_deref().map(|new| notation.tag_for_digest(new));
            if let Some((_, tag)) = renamed.transpose()?.flatten() {
                (restored.new_tag, restored.digest) = (tag, String::new());
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
            patches(one, &mut |operation, at| match operation {
                Operation::Tests(image) => over.tested.push(TestedImage {
                    image: image.to_owned(),
                    holder: holder.to_owned(),
                }),
                Operation::Sets(image) => post.set.push((image.to_owned(), at.clone())),
            })?;
        }
        let says_nothing = over.entries.is_empty() && over.tested.is_empty();
        post.over = Some(over).filter(|_| !says_nothing);
        Ok(post)
    }

    /// Reports the images that patches set and that should be otherwise.
    pub(super) fn report(
        &self,
        context: &JudgeContext<'n, '_>,
        (one, document): (&Installed<'n, 's>, &ValuesDocument<'n, 's>),
        drafts: &mut Drafts,
    ) -> Result<(), Error> {
        for (image, at) in &self.set {
            let group = ImageGroup {
                path: Path::default(),
                fields: vec![ImageField {
                    notation: Notation::Whole {
                        slot: at.clone(),
                        prefix: "",
                    },
                    policy_slot: None,
                    secrets: Secrets::None,
                    role: FieldRole::Other,
                    container: None,
                    image: Some(image.clone()),
                    policy: None,
                }],
                pull_secrets: Vec::new(),
                secrets_slot: None,
                service_account: None,
            };
            let (nobody, mut judged) = (AgentSet::new(), UnitJudgement::default());
            let groups = [group];
            let context = &in_file(context, document);
            let all = verdicts(context, &one.resource, &groups, &nobody, &mut judged);
            for verdict in all.iter().flatten() {
                let allowed = verdict.allowed();
                let Some(new) = verdict.desired(&allowed).filter(|new| new != image) else {
                    continue;
                };
                if self.is_replaced(image, &new, at) {
                    continue;
                }
                let (old, new) = (mask::image(image), mask::image(&new).into_owned());
                let message = format!(
                    "{old} → {new} is not written: a patch of postRenderers sets it: change it there"
                );
                let aspects = verdict.verdict.differences.iter();
                let aspects = aspects.map(|difference| difference.aspect);
                let path = at.text_below(&one.resource.path);
                drafts
                    .add(Rule::UnresolvedImage, message)
                    .allow(aspects.filter(|aspect| !allowed.contains(aspect)))
                    .agent(verdict.agent())
                    .field_of(&draft::field(path, Some(old.into_owned()), Some(new)))
                    .at(at.node()?.unwrap_or(at.holder));
            }
        }
        Ok(())
    }
}

impl<'n, 's> PostRender<'n, 's> {
    /// Whether an entry replaces what a patch sets: the list of a renderer comes after its patches.
    fn is_replaced(&self, image: &str, new: &str, at: &Slot<'n, 's>) -> bool {
        let entries = self.over.iter().flat_map(|over| &over.entries);
        let behind = entries.zip(&self.renderers);
        let behind = behind.filter(|(_, renderer)| **renderer >= renderer_of(at));
        let over = OverChart {
            entries: behind.map(|(entry, _)| entry.clone()).collect(),
            ..OverChart::default()
        };
        after::meets(&[&over], image, Some(new)) == Meets::Key
    }
}

/// The position of the renderer that a place is in.
fn renderer_of(slot: &Slot<'_, '_>) -> Option<usize> {
    slot.path.0.iter().find_map(|step| match step {
        Segment::Index(index) => Some(*index),
        Segment::Key(_) => None,
    })
}

/// Calls `each` for what the patches of a HelmRelease do with images, with the place of the patch.
fn patches<'n, 's>(
    one: &Installed<'n, 's>,
    each: &mut dyn FnMut(Operation<'_>, &Slot<'n, 's>),
) -> Result<(), Error> {
    let resource = &one.resource;
    let renderers = resource.node.at(&["spec", "postRenderers"])?;
    let path = resource.path.key("spec").key("postRenderers");
    let renderers = renderers.and_then(Node::items).unwrap_or_default();
    for (index, renderer) in renderers.iter().enumerate() {
        let Some(kustomize) = renderer.get("kustomize")? else {
            continue;
        };
        let path = path.index(index).key("kustomize");
        for key in ["patches", "patchesJson6902", "patchesStrategicMerge"] {
            let items = kustomize.get(key)?.and_then(Node::items);
            for (index, item) in items.unwrap_or_default().iter().enumerate() {
                let (at, patch) = match item.get("patch")? {
                    Some(patch) => (Slot::key(item, path.key(key).index(index), "patch"), patch),
                    None => (Slot::key(kustomize, path.clone(), key), item),
                };
                match patch.text() {
                    Some(text) => {
                        let roots = parse::documents(text).unwrap_or_default();
                        for root in &roots {
                            operations(root, &mut |operation| each(operation, &at));
                        }
                    }
                    None => operations(patch, &mut |operation| each(operation, &at)),
                }
            }
        }
    }
    Ok(())
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
