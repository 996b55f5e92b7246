//! Images that patches of `postRenderers` set, restored where they are written.

use std::collections::{BTreeSet, HashMap};

use crate::chart::SecretsForm;
use crate::decide::claim::AgentSet;
use crate::edit::{self, Change, DocumentChanges, Edit, TargetValue};
use crate::embedded::Embedded;
use crate::field::{FieldRole, ImageField, ImageGroup, Notation, Secrets};
use crate::slot::Slot;
use crate::values::Site;
use crate::yaml::{Error, Node, Path, Span, parse};

use super::super::super::draft::Drafts;
use super::super::super::fields::report_image;
use super::super::super::verdict::verdicts;
use super::super::super::{JudgeContext, UnitJudgement};
use super::super::after::{self, Meets, OverChart};
use super::super::operation::{Operation, operations};
use super::super::telling::Telling;
use super::super::{Id, Installed, ValueWish, ValuesDocument};
use super::{PostRender, in_file, renderer_of};

/// A patch that sets images.
#[derive(Debug)]
pub(in crate::judge::values) struct PatchText<'n, 's> {
    /// Its text, or what holds it where it is no text.
    at: Slot<'n, 's>,
    /// The images that it sets.
    images: BTreeSet<String>,
}

/// The images that a patch sets and that should be others, with these.
type Planned<'i> = HashMap<&'i str, String>;

/// What a patch does with images.
type Images = (BTreeSet<String>, Vec<String>);

/// The patches of a HelmRelease that set images, and the images that its patches test.
pub(super) fn read<'n, 's>(
    one: &Installed<'n, 's>,
) -> Result<(Vec<PatchText<'n, 's>>, Vec<String>), Error> {
    let resource = &one.resource;
    let (mut patches, mut tested) = (Vec::new(), Vec::new());
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
                let at = match item.get("patch")? {
                    Some(_) => Slot::key(item, path.key(key).index(index), "patch"),
                    None => Slot {
                        holder: kustomize.get(key)?.unwrap_or(kustomize),
                        path: path.key(key),
                        at: crate::yaml::Segment::Index(index),
                        after: "",
                    },
                };
                let Some(patch) = at.node()? else { continue };
                let (images, of_tests) = images_of(patch);
                tested.extend(of_tests);
                if !images.is_empty() {
                    patches.push(PatchText { at, images });
                }
            }
        }
    }
    Ok((patches, tested))
}

/// The images that a patch sets, and those that it tests.
fn images_of(patch: &Node<'_>) -> Images {
    let (mut set, mut tested) = (BTreeSet::new(), Vec::new());
    let mut note = |root: &Node<'_>| {
        operations(root, &Path::default(), &mut |operation| match operation {
            Operation::Sets(image, _) => {
                set.insert(image.to_owned());
            }
            Operation::Tests(image) => tested.push(image.to_owned()),
        });
    };
    match patch.text() {
        Some(text) => parse::documents(text).iter().flatten().for_each(note),
        None => note(patch),
    }
    (set, tested)
}

impl<'n, 's> PostRender<'n, 's> {
    /// Reports the images that patches set and that should be otherwise, and plans their changes.
    pub(in crate::judge::values) fn report(
        &self,
        context: &JudgeContext<'n, '_>,
        (one, release): (&Installed<'n, 's>, usize),
        drafts: &mut Drafts,
        telling: &mut Telling<'_, 'n, 's>,
        why_left: &dyn Fn(Id) -> Option<String>,
    ) -> Result<(), Error> {
        let document = &telling.documents[one.document];
        let context = &in_file(context, document);
        for (position, patch) in self.patches.iter().enumerate() {
            let (mut planned, mut drafted) = (HashMap::new(), Vec::new());
            let mut places = None;
            for image in &patch.images {
                let group = group_of(patch, image);
                let (nobody, mut judged) = (AgentSet::new(), UnitJudgement::default());
                let groups = [group];
                let all = verdicts(context, &one.resource, &groups, &nobody, &mut judged);
                for verdict in all.iter().flatten() {
                    let new = verdict.desired(&verdict.allowed());
                    let Some(new) = new.filter(|new| new != image) else {
                        continue;
                    };
                    let why = match self.meets(image, &new, &patch.at) {
                        Meets::Key => continue,
                        Meets::Stays(why) => Some(why),
                        Meets::Nothing => None,
                    };
                    let first = drafts.list.len();
                    let (slot, mut judged) = (&patch.at, UnitJudgement::default());
                    report_image(&one.resource, verdict, (slot, &[]), drafts, &mut judged)?;
                    let places = places.get_or_insert_with(|| patch.places(document));
                    let place = places.get(image);
                    for draft in &mut drafts.list[first..] {
                        draft.finding.span = place.cloned().or(draft.finding.span.take());
                        draft.change = draft.change.take().map(|_| 0..1);
                        if let Some(why) = &why {
                            draft.change = None;
                            draft.mark_not_written(why);
                        }
                    }
                    if why.is_none() {
                        planned.insert(image.as_str(), new);
                        drafted.push(first..drafts.list.len());
                    }
                }
            }
            let id = (release, usize::MAX, position);
            let first = telling.wishes.len();
            let wishes = match why_left(id) {
                Some(why) => Err(why),
                None => patch.wishes(one.document, document, &planned, id),
            };
            let count = wishes.as_ref().map_or(0, Vec::len);
            for draft in drafted.into_iter().flatten() {
                let draft = &mut drafts.list[draft];
                match &wishes {
                    Ok(_) => draft.change = draft.change.take().map(|_| 0..count),
                    Err(why) => {
                        draft.change = None;
                        draft.mark_not_written(why);
                    }
                }
            }
            telling.wishes.extend(wishes.unwrap_or_default());
            telling.tell(one.document, None, first..first + count, drafts, None);
        }
        Ok(())
    }

    /// What the lists of its own and of later renderers make of an image that a patch sets, once that is
    /// another: the list of a renderer comes after its patches.
    fn meets(&self, image: &str, new: &str, at: &Slot<'n, 's>) -> Meets {
        let over = self.over.iter();
        let entries = over.clone().flat_map(|over| &over.entries);
        let behind = entries.zip(&self.renderers);
        let behind = behind.filter(|(_, renderer)| **renderer >= renderer_of(at));
        let behind = OverChart {
            entries: behind.map(|(entry, _)| entry.clone()).collect(),
            ..OverChart::default()
        };
        let met = after::meets(&[&behind], image, Some(new));
        let mut tested = over.flat_map(|over| &over.tested);
        if met == Meets::Nothing && tested.any(|test| test.image == image) {
            let why = "a JSON patch of postRenderers tests it: change both by hand";
            return Meets::Stays(why.to_owned());
        }
        met
    }
}

impl<'n, 's> PatchText<'n, 's> {
    /// Where each image that the patch sets is written first.
    fn places(&self, of: &ValuesDocument<'n, 's>) -> HashMap<String, Span> {
        let mut found = HashMap::new();
        let mut note = |root: &Node<'_>, outer: &dyn Fn(Span) -> Span| {
            operations(root, &Path::default(), &mut |operation| {
                if let Operation::Sets(image, slot) = operation
                    && let Ok(Some(node)) = slot.node()
                {
                    let first = found.entry(image.to_owned());
                    first.or_insert_with(|| outer(node.span.clone()));
                }
            });
        };
        let Ok(Some(node)) = self.at.node() else {
            return found;
        };
        let embedded = Embedded::of(of.text, node);
        match (node.text(), &embedded) {
            (Some(text), Some(embedded)) => {
                let outer = |span| embedded.shown(span);
                for root in parse::documents(text).iter().flatten() {
                    note(root, &outer);
                }
            }
            _ => note(node, &|span| span),
        }
        found
    }

    /// What the patch is to hold; `planned` are the images with those that they should be.
    ///
    /// # Errors
    /// Why it cannot be edited.
    fn wishes(
        &self,
        document: usize,
        of: &ValuesDocument<'n, 's>,
        planned: &Planned<'_>,
        id: Id,
    ) -> Result<Vec<ValueWish<'n, 's>>, String> {
        if planned.is_empty() {
            return Ok(Vec::new());
        }
        let wish = |slot: Slot<'n, 's>, value| ValueWish {
            site: Site {
                document,
                slot,
                missing: None,
                is_nowhere: false,
            },
            value,
            form: SecretsForm::Mappings,
            id,
        };
        let node = self.at.node().ok().flatten().ok_or("it is not there")?;
        let Some(text) = node.text() else {
            let changes = changes_of(node, &self.at.full_path(), planned);
            let wishes = changes.into_iter();
            let wishes = wishes.map(|change| wish(change.slot, change.value));
            return Ok(wishes.collect());
        };
        let embedded = Embedded::of(of.text, node).ok_or("what holds it is no text")?;
        let roots = parse::documents(text).unwrap_or_default();
        let all = roots
            .iter()
            .map(|root| changes_of(root, &Path::default(), planned));
        let all: Vec<Vec<Change<'_, '_>>> = all.collect();
        let changed = roots.iter().zip(all).enumerate();
        let changed = changed.filter(|(_, (_, changes))| !changes.is_empty());
        let mut changed: Vec<DocumentChanges<'_, '_, '_>> = changed
            .map(|(ordinal, (root, changes))| DocumentChanges::new(root, ordinal, changes))
            .collect();
        let edits = edit::plan_documents(text, true, &mut changed)?;
        let edits: Vec<Edit> = edits.into_iter().map(|of| of.edit).collect();
        Ok(vec![wish(self.at.clone(), embedded.edited(&edits)?.0)])
    }
}

/// The changes of a patch's document that give it the planned images.
fn changes_of<'n, 's>(
    root: &'n Node<'s>,
    path: &Path<'n>,
    planned: &Planned<'_>,
) -> Vec<Change<'n, 's>> {
    let mut changes = Vec::new();
    operations(root, path, &mut |operation| {
        if let Operation::Sets(image, slot) = operation
            && let Some(new) = planned.get(image)
        {
            let value = TargetValue::Text(new.clone());
            changes.push(Change { slot, value });
        }
    });
    changes
}

/// An image that a patch sets, as a field of its own.
fn group_of<'n, 's>(patch: &PatchText<'n, 's>, image: &str) -> ImageGroup<'n, 's> {
    ImageGroup {
        path: Path::default(),
        fields: vec![ImageField {
            notation: Notation::Whole {
                slot: patch.at.clone(),
                prefix: "",
            },
            policy_slot: None,
            secrets: Secrets::None,
            role: FieldRole::Other,
            container: None,
            image: Some(image.to_owned()),
            policy: None,
        }],
        pull_secrets: Vec::new(),
        secrets_slot: None,
        service_account: None,
    }
}
