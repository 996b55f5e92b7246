//! The edits of a unit, applied to its text, read again and compared.

use std::collections::HashSet;

use crate::edit::{self, Edit, Merged, Planned, Shared};
use crate::finding::Rule;
use crate::judge::{Draft, Judged};
use crate::yaml;

use super::Work;
use super::source::{How, Source, document};

pub(super) enum Unplanned {
    Yaml(yaml::Error),
    Differs(String),
}

/// The edits of a unit, applied to its text, read again and compared.
///
/// Where aliases are in the way, what stands in shared bytes is left alone and reported, since one
/// of its uses wants another value; the rest is still restored.
pub(super) fn checked_edits<'n, 's>(
    source: Source<'n, 's>,
    judged: &mut Judged<'n, 's>,
    work: &Work<'_>,
) -> Result<Vec<Planned>, Unplanned> {
    let (mode, reading) = (work.config.mode, work.reading);
    if judged.changes.is_empty() {
        return Ok(Vec::new());
    }
    let shared = match source.how {
        How::Plain => Shared::of(source.root),
        How::Fast | How::Lean(_) => Shared::default(),
    };
    for merged in [Merged::Follows, Merged::WrittenOut] {
        match try_edits(source, judged, &shared, merged, reading) {
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
    try_edits(source, judged, &shared, Merged::WrittenOut, reading)
}

fn try_edits<'n, 's>(
    source: Source<'n, 's>,
    judged: &Judged<'n, 's>,
    shared: &Shared<'n, 's>,
    merged: Merged,
    reading: super::Reading,
) -> Result<Vec<Planned>, Unplanned> {
    let kept: &[_] = if shared.is_empty() { &[] } else { &judged.kept };
    let Source { text, root, how } = source;
    let mut planned =
        edit::plan(text, &judged.changes, kept, shared, merged).map_err(Unplanned::Yaml)?;
    planned.sort_by_key(|planned| (planned.edit.span.start, planned.edit.span.end));
    let (mut edits, changes): (Vec<Edit>, Vec<usize>) = planned
        .into_iter()
        .map(|planned| (planned.edit, planned.change))
        .unzip();
    let overlap = |at: usize| Unplanned::Differs(format!("byte {at}"));
    edit::sort(&mut edits).map_err(overlap)?;
    let planned = |edits: Vec<Edit>| {
        let edits = edits.into_iter().zip(changes);
        edits
            .map(|(edit, change)| Planned { edit, change })
            .collect()
    };
    let left_out: &[&str] = match how {
        How::Lean(left_out) => left_out,
        How::Fast | How::Plain => &[],
    };
    if how != How::Plain
        && let Some(Ok(())) = edit::verify_around(text, root, &judged.changes, &edits, left_out)
    {
        return Ok(planned(edits));
    }
    if matches!(how, How::Lean(_)) {
        return Err(Unplanned::Differs("what was not kept".to_owned()));
    }
    let new_text = edit::apply(text, &edits);
    let unreadable = || Unplanned::Differs("its end: the text cannot be read again".to_owned());
    let new_root = document(&new_text, reading).map_err(|_| unreadable())?;
    let (new_root, _) = new_root.ok_or_else(unreadable)?;
    edit::verify(root, &new_root, &judged.changes).map_err(Unplanned::Differs)?;
    Ok(planned(edits))
}
