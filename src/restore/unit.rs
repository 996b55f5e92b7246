//! One unit: read by itself, judged, its edits applied, read again and compared.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::edit::{self, Edit, Merged, Planned, Shared};
use crate::error::{Error, Fault, Origin};
use crate::finding::{Finding, Rule};
use crate::judge::{self, Context, Draft, ImageUse, Instances, Judged};
use crate::krm::resource::{self, Budget, Path, Resource};
use crate::krm::unit::{Content, Unit};
use crate::yaml::{self, Node, fast, read};

use super::{All, Part, REPORT_HELP, Reading, Work};

/// What one unit gave.
pub(super) struct Done {
    pub(super) all: All,
    pub(super) instances: Vec<((String, String), usize)>,
    pub(super) awaits_instances: bool,
}

/// Judges a unit by itself; `None` where it cannot be read alone.
///
/// # Errors
/// A mapping that is read cannot be, or the edited text is not what was planned.
pub(super) fn judge_unit(
    work: &Work<'_>,
    part: &Part<'_>,
    instances: &Instances,
    unit: &Unit,
) -> Result<Option<Done>, Error> {
    let text = unit.text(part.text);
    let yaml_error = |error| Error::Input(Fault::yaml(Origin::Input, error, |at| unit.offset(at)));
    let root = match document(&text, work.reading) {
        Ok(Some(root)) if root.entries().is_some() => root,
        // Alone it is not what it was among the others: an anchor or a directive crosses.
        _ => return Ok(None),
    };
    let context = Context {
        config: work.config,
        today: work.today,
        gathered: work.gathered,
        instances,
        ordinal: unit.ordinal,
        wants: work.wants,
    };
    let mut budget = Budget::new(text.len());
    let mut judged = Judged::default();
    for resource in resources(unit, &root, &mut budget).map_err(yaml_error)? {
        judge::resource(&context, &resource, &text, &mut budget, &mut judged)
            .map_err(yaml_error)?;
    }
    let first = judged.changes.first();
    let at = first.map_or(0, |change| change.slot.holder.span.start);
    let planned = checked_edits(&text, &root, &mut judged, work).map_err(|error| match error {
        Unplanned::Yaml(error) => yaml_error(error),
        Unplanned::Differs(path) => {
            let what = format!("the edit would have changed more than was planned, at {path}");
            Error::Edit(Fault::input(unit.offset(at), what, Some(REPORT_HELP)))
        }
    })?;
    let in_input = |edit: &Edit| Edit {
        span: unit.offset(edit.span.start)..unit.offset(edit.span.end),
        text: edit.text.clone(),
    };
    let by_change = by_change(work.wants.fixes, &planned);
    let fix = |changes: Range<usize>| -> Vec<Edit> {
        let own = changes.filter_map(|change| by_change.get(&change));
        let mut own: Vec<Edit> = own.flatten().map(|edit| in_input(edit)).collect();
        own.sort_by_key(|edit| (edit.span.start, edit.span.end));
        own
    };
    let place = |mut finding: Finding| {
        let span = finding.span.take();
        finding.span = span.map(|span| unit.offset(span.start)..unit.offset(span.end));
        finding
    };
    let drafts = judged.drafts.into_iter();
    let findings = drafts.map(|draft| Finding {
        fix: match draft.change.filter(|_| work.wants.fixes) {
            // A warning that an edit cannot be applied is no reason to make it.
            Some(_) if draft.finding.rule == Rule::ImmutableWorkload => Vec::new(),
            Some(changes) => fix(changes),
            None => Vec::new(),
        },
        ..place(draft.finding)
    });
    let images = judged.images.into_iter().map(|image| ImageUse {
        span: unit.offset(image.span.start)..unit.offset(image.span.end),
        ..image
    });
    Ok(Some(Done {
        all: All {
            findings: findings.collect(),
            images: images.collect(),
            edits: planned
                .iter()
                .map(|planned| in_input(&planned.edit))
                .collect(),
            seen: judged.seen,
            image_names: judged.image_names,
            overrides: judged
                .overrides
                .into_iter()
                .map(|(name, finding)| (name, place(finding)))
                .collect(),
        },
        instances: judged.instances,
        awaits_instances: judged.awaits_instances,
    }))
}

/// The edits of each change, where they are wanted: one resource may have very many.
fn by_change(wanted: bool, planned: &[Planned]) -> HashMap<usize, Vec<&Edit>> {
    let mut found: HashMap<usize, Vec<&Edit>> = HashMap::new();
    for planned in planned.iter().filter(|_| wanted) {
        found.entry(planned.change).or_default().push(&planned.edit);
    }
    found
}

/// The first document of a text.
fn document(text: &str, reading: Reading) -> Result<Option<Node<'_>>, yaml::Error> {
    match reading {
        Reading::Fast => match fast::document(text) {
            Some(root) => Ok(Some(root)),
            None => read::document(text),
        },
        Reading::Plain => read::document(text),
    }
}

/// The resources of a unit, whose text was read as `root`.
///
/// # Errors
/// A key stands twice in a mapping that is read, or aliases repeat too much.
pub(crate) fn resources<'n, 's>(
    unit: &Unit,
    root: &'n Node<'s>,
    budget: &mut Budget,
) -> Result<Vec<Resource<'n, 's>>, yaml::Error> {
    if unit.content == Content::Resource {
        return resource::resources(root, budget);
    }
    let items = root.get("items")?.and_then(Node::items).unwrap_or_default();
    let path = Path::default().key("items");
    let mut found = Vec::new();
    for (index, item) in items.iter().enumerate() {
        found.extend(resource::resources_at(item, &path.index(index), budget)?);
    }
    Ok(found)
}

enum Unplanned {
    Yaml(yaml::Error),
    Differs(String),
}

/// The edits of a unit, applied to its text, read again and compared.
///
/// Where aliases are in the way, what stands in shared bytes is left alone and reported, since one
/// of its uses wants another value; the rest is still restored.
fn checked_edits<'n, 's>(
    text: &str,
    root: &'n Node<'s>,
    judged: &mut Judged<'n, 's>,
    work: &Work<'_>,
) -> Result<Vec<Planned>, Unplanned> {
    let (mode, reading) = (work.config.mode, work.reading);
    if judged.changes.is_empty() {
        return Ok(Vec::new());
    }
    let shared = Shared::of(root);
    for merged in [Merged::Follows, Merged::WrittenOut] {
        match try_edits(text, root, judged, &shared, merged, reading) {
            Err(Unplanned::Differs(_)) if !shared.is_empty() => {}
            result => return result,
        }
    }
    let spans = shared.spans();
    let dropped: HashSet<usize> = (0..judged.changes.len())
        .filter(|&index| {
            let change = &judged.changes[index];
            // What a merge key brings is written in the holder itself.
            let found = change.slot.find().ok().flatten();
            let merged = found.is_some_and(|found| found.merged);
            let site = change.slot.node().ok().flatten().filter(|_| !merged);
            edit::stands_in_shared(&spans, change.slot.holder)
                || site.is_some_and(|site| edit::stands_in_shared(&spans, site))
        })
        .collect();
    let is_dropped = |draft: &Draft| {
        let mut changes = draft.change.clone().into_iter().flatten();
        changes.any(|change| dropped.contains(&change))
    };
    judged
        .drafts
        .retain(|draft| draft.finding.rule != Rule::ImmutableWorkload || !is_dropped(draft));
    for draft in &mut judged.drafts {
        if is_dropped(draft) {
            draft.unresolved(mode);
        }
    }
    // What stays moves up, and its drafts know it by its place.
    let mut moved = vec![0];
    for index in 0..judged.changes.len() {
        moved.push(moved[index] + usize::from(!dropped.contains(&index)));
    }
    for draft in &mut judged.drafts {
        let own = draft.change.take();
        draft.change = own.map(|own| moved[own.start]..moved[own.end]);
    }
    let mut index = 0;
    judged.changes.retain(|_| {
        index += 1;
        !dropped.contains(&(index - 1))
    });
    try_edits(text, root, judged, &shared, Merged::WrittenOut, reading)
}

fn try_edits<'n, 's>(
    text: &str,
    root: &'n Node<'s>,
    judged: &Judged<'n, 's>,
    shared: &Shared<'n, 's>,
    merged: Merged,
    reading: Reading,
) -> Result<Vec<Planned>, Unplanned> {
    let kept: &[_] = if shared.is_empty() { &[] } else { &judged.kept };
    let mut planned =
        edit::plan(text, &judged.changes, kept, shared, merged).map_err(Unplanned::Yaml)?;
    planned.sort_by_key(|planned| (planned.edit.span.start, planned.edit.span.end));
    let mut edits: Vec<Edit> = planned.iter().map(|planned| planned.edit.clone()).collect();
    let overlap = |at: usize| Unplanned::Differs(format!("byte {at}"));
    edit::sort(&mut edits).map_err(overlap)?;
    let new_text = edit::apply(text, &edits);
    let unreadable = || Unplanned::Differs("its end: the text cannot be read again".to_owned());
    let new_root = document(&new_text, reading).map_err(|_| unreadable())?;
    let new_root = new_root.ok_or_else(unreadable)?;
    edit::verify(root, &new_root, &judged.changes).map_err(Unplanned::Differs)?;
    Ok(planned)
}
