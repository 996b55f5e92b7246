//! The edits of a unit, applied to its text, read again and compared.

use std::collections::BTreeSet;

use crate::edit::{self, Edit, MergedValue, PlannedEdit, Shared};
use crate::finding::{Mode, Rule};
use crate::judge::{Draft, UnitJudgement};
use crate::krm::unit::Unit;
use crate::yaml::parse::{Arena, Keep, Parsed, Parser};
use crate::yaml::{self, Kind, Node, Style};

use crate::restore::pipeline::EditBuffers;
use crate::sort::sort_by_key;

pub(super) enum Unplanned {
    Yaml(yaml::Error),
    Differs(String),
}

/// Plans the edits of a unit, and returns them when the edited text has the planned values.
///
/// Where aliases are in the way, what is in shared bytes is left alone and reported, since one
/// of its uses wants another value; the rest is still restored.
pub(super) fn checked_edits<'n, 's>(
    (unit, text): (&Unit, &str),
    parsed: &'n Parsed<'s>,
    judged: &mut UnitJudgement<'n, 's>,
    (mode, parser): (Mode, Parser),
    buffers: &mut EditBuffers,
) -> Result<Vec<PlannedEdit>, Unplanned> {
    if judged.changes.is_empty() {
        return Ok(Vec::new());
    }
    let source = ReadUnit {
        unit,
        text,
        parsed,
        parser,
        shared: if parsed.has_anchors {
            Shared::of(&parsed.root)
        } else {
            Shared::default()
        },
    };
    let shared = &source.shared;
    for merged in [MergedValue::Follows, MergedValue::WrittenOut] {
        match try_edits(&source, judged, merged, buffers) {
            Err(Unplanned::Differs(_)) if !shared.is_empty() => {}
            result => return result,
        }
    }
    let spans = shared.spans();
    let dropped: BTreeSet<usize> = (0..judged.changes.len())
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
    judged.forget(&dropped, &mut []);
    try_edits(&source, judged, MergedValue::WrittenOut, buffers)
}

/// A unit as it was read.
struct ReadUnit<'t, 'n, 's> {
    unit: &'t Unit,
    /// The input up to the unit's end.
    text: &'t str,
    parsed: &'n Parsed<'s>,
    parser: Parser,
    /// The values that anchors share.
    shared: Shared<'n, 's>,
}

fn try_edits<'n, 's>(
    source: &ReadUnit<'_, 'n, 's>,
    judged: &UnitJudgement<'n, 's>,
    merged: MergedValue,
    buffers: &mut EditBuffers,
) -> Result<Vec<PlannedEdit>, Unplanned> {
    let ReadUnit { text, shared, .. } = source;
    let kept: &[_] = if shared.is_empty() { &[] } else { &judged.kept };
    let mut planned =
        edit::plan(text, &judged.changes, kept, shared, merged).map_err(Unplanned::Yaml)?;
    sort_by_key(&mut planned, |planned| edit::order(&planned.edit));
    let (mut edits, changes): (Vec<Edit>, Vec<usize>) = planned
        .into_iter()
        .map(|planned| (planned.edit, planned.change))
        .unzip();
    let overlap = |at: usize| Unplanned::Differs(format!("byte {at}"));
    edit::sort(&mut edits).map_err(overlap)?;
    let piece = &source.unit.piece;
    let EditBuffers {
        text: new_text,
        arena,
    } = buffers;
    new_text.clear();
    new_text.extend(edit::pieces_from(text, piece.span.start, &edits));
    let new_piece = piece.moved_to_start(new_text.len());
    if !keeps_joint(&text[piece.span.clone()], new_text) {
        let what = "its end, which the next line would join";
        return Err(Unplanned::Differs(what.to_owned()));
    }
    arena.clear();
    let (new_text, arena): (&str, &Arena) = (new_text, arena);
    let old = &source.parsed.root;
    let places = edit::places(old, piece.span.start, &edits);
    let read = |keep| {
        let new = source.parser.piece(new_text, &new_piece, keep, Some(arena));
        new.map_err(|_| Unplanned::Differs("its end: the text cannot be read again".to_owned()))
    };
    // All of the text is read, but what is far from the edits is compared as text, without nodes.
    let is_the_same_elsewhere = || {
        let new = read(Keep::At(&places))?;
        let texts = Some(edit::Texts {
            old: text,
            new: new_text,
        });
        let is_verified = || edit::verify(old, &new.root, &judged.changes, texts).is_ok();
        Ok(!new.has_anchors && is_verified())
    };
    let verified = if !source.parsed.has_anchors && is_the_same_elsewhere()? {
        Ok(())
    } else {
        let new = read(Keep::All)?;
        edit::verify(old, &new.root, &judged.changes, None)
    };
    let differs = |what| match open_end(text, &source.parsed.root) {
        Some(fault) => Unplanned::Yaml(fault),
        None => Unplanned::Differs(what),
    };
    verified.map_err(differs)?;
    let edits = edits.into_iter().zip(changes);
    let planned = edits.map(|(edit, change)| PlannedEdit { edit, change });
    Ok(planned.collect())
}

/// Why nothing can be inserted after a block scalar whose last line does not end: its value would end in
/// a line break then.
fn open_end(text: &str, root: &Node<'_>) -> Option<yaml::Error> {
    let mut last = root.target();
    loop {
        let inner = match &last.kind {
            Kind::Mapping(entries, _) => entries.last().map(|entry| &entry.value),
            Kind::Sequence(items, _) => items.last(),
            _ => None,
        };
        let Some(inner) = inner else { break };
        last = inner.target();
    }
    let is_block = matches!(last.kind, Kind::Scalar(_, Style::Literal | Style::Folded));
    (is_block && last.span.end == text.len()).then(|| yaml::Error {
        at: last.span.start,
        first: None,
        what: "a line behind this text would add a line break to it, which it does not end in"
            .to_owned(),
        help: Some("end the file with a line break, or write `|-`".to_owned()),
    })
}

/// Whether what follows a unit still begins on a line of its own, or after the same bracket.
///
/// A unit is read by itself, so whatever is open at its end would be closed by the end of the text.
/// With the same last line, nothing is open there that the following text could go on with: the next
/// item's dash, document marker or root key is at a column at which no value of the unit can continue.
fn keeps_joint(old: &str, new: &str) -> bool {
    let (before, after) = (last_line(old), last_line(new));
    let ends_in_blanks = before.is_some_and(|line| line.trim().is_empty());
    !ends_in_blanks || before == after
}

/// The last line break of a text, and what follows it.
fn last_line(text: &str) -> Option<&str> {
    let newline = memchr::memrchr2(b'\n', b'\r', text.as_bytes())?;
    Some(&text[newline..])
}
