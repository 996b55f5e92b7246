//! One unit: read by itself, judged, its edits applied, read again and compared.

use std::collections::HashMap;
use std::ops::Range;

use crate::edit::{Edit, Planned};
use crate::error::{Error, Fault, Origin};
use crate::finding::{self, Finding, Rule};
use crate::judge::{self, Context, ImageUse, Instances, Judged};
use crate::krm::resource::{self, Budget, Path, Resource};
use crate::krm::unit::{Content, Unit};
use crate::krm::{guess, quick};
use crate::yaml::fast::{self, Arena};
use crate::yaml::{self, Node};

use super::checked::{Unplanned, checked_edits};
use super::source::{How, Source, alone, document, is_of_scalars, left_out};
use super::{All, Part, REPORT_HELP, Work};

/// What one unit gave.
pub(super) struct Done {
    pub(super) all: All,
    pub(super) instances: Vec<((String, String), usize)>,
    pub(super) awaits_instances: bool,
}

/// Judges a unit by itself, with room for its text and for its nodes; `None` where it cannot be read
/// alone.
///
/// # Errors
/// A mapping that is read cannot be, or the edited text is not what was planned.
pub(super) fn judge_unit(
    work: &Work<'_>,
    part: &Part<'_>,
    instances: &Instances,
    unit: &Unit,
    room: &mut String,
    arena: &Arena,
) -> Result<Option<Done>, Error> {
    let text = unit.text_in(part.text, room);
    let left_out = left_out(work, part, unit);
    if !left_out.is_empty()
        && let Some(root) = fast::lean(arena, text, left_out)
    {
        let lean = Source::new(text, &root, How::Lean(left_out));
        // What needs more than was kept is judged again, and so is what went wrong.
        if let Ok(Some(done)) = judge_source(work, part, instances, unit, lean) {
            return Ok(Some(done));
        }
    }
    let found = match unit.guessed {
        Some(_) => alone(text).map(Some),
        None => document(text, work.reading),
    };
    match found {
        Ok(Some((root, how))) if root.entries().is_some() => {
            judge_source(work, part, instances, unit, Source::new(text, &root, how))
        }
        // Alone it is not what it was among the others: an anchor or a directive crosses.
        _ => Ok(None),
    }
}

/// As [`judge_unit`], of what was read; `None` also where that is not enough.
fn judge_source(
    work: &Work<'_>,
    part: &Part<'_>,
    instances: &Instances,
    unit: &Unit,
    source: Source<'_, '_>,
) -> Result<Option<Done>, Error> {
    let (text, root) = (source.text, source.root);
    let yaml_error = |error| Error::Input(Fault::yaml(Origin::Input, error, |at| unit.offset(at)));
    if unit.guessed.is_some() && !is_as_guessed(part, unit, source) {
        return Ok(None);
    }
    let context = Context {
        config: work.config,
        today: work.today,
        gathered: work.gathered,
        instances,
        ordinal: unit.ordinal,
        wants: work.wants,
        names: work.replaces,
        shares: source.how == How::Plain,
    };
    let mut budget = Budget::new(text.len());
    let mut judged = Judged::default();
    for resource in resources(unit, root, &mut budget).map_err(yaml_error)? {
        judge::resource(&context, &resource, text, &mut budget, &mut judged).map_err(yaml_error)?;
    }
    let first = judged.changes.first();
    let at = first.map_or(0, |change| change.slot.holder.span.start);
    if matches!(source.how, How::Lean(_)) && !judged.changes.iter().all(is_of_scalars) {
        return Ok(None);
    }
    let planned = checked_edits(source, &mut judged, work).map_err(|error| match error {
        Unplanned::Yaml(error) => yaml_error(error),
        Unplanned::Differs(path) => {
            let what = format!("the edit would have changed more than was planned, at {path}");
            Error::Edit(Fault::input(unit.offset(at), what, Some(REPORT_HELP)))
        }
    })?;
    let in_input = |edit: Edit| Edit {
        span: unit.offset(edit.span.start)..unit.offset(edit.span.end),
        text: edit.text,
    };
    let by_change = by_change(work.wants.fixes, &planned);
    let fix = |changes: Range<usize>| -> Box<[Edit]> {
        let own = changes.filter_map(|change| by_change.get(&change));
        let mut own: Vec<Edit> = own
            .flatten()
            .map(|edit| in_input((*edit).clone()))
            .collect();
        own.sort_by_key(|edit| (edit.span.start, edit.span.end));
        own.into()
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
            Some(_) if draft.finding.rule == Rule::ImmutableWorkload => Box::default(),
            Some(changes) => fix(changes),
            None => Box::default(),
        },
        ..place(draft.finding)
    });
    let mut findings: Vec<Finding> = findings.collect();
    finding::sort_in_units(&mut findings);
    let images = judged.images.into_iter().map(|image| ImageUse {
        span: unit.offset(image.span.start)..unit.offset(image.span.end),
        ..image
    });
    Ok(Some(Done {
        all: All {
            findings,
            images: images.collect(),
            edits: planned
                .into_iter()
                .map(|planned| in_input(planned.edit))
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

fn is_as_guessed(part: &Part<'_>, unit: &Unit, source: Source<'_, '_>) -> bool {
    let (root, kinds) = (source.root, &part.survey.kinds);
    match source.how {
        How::Plain => quick::confirm_read(unit, source.text, root, kinds).is_some(),
        How::Fast | How::Lean(_) => {
            guess::is_right(root, &kinds[unit.kinds[0]]) && !quick::shows_less(root)
        }
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
