//! Composes two sets of edits, the second made on the result of the first, into edits of the original.

use crate::sort::sort_by_key;
use crate::yaml::Span;

use super::{Edit, apply};

/// Two lots of sorted edits, the second of the text that the first one gives.
pub(crate) struct Composed<'e> {
    first: &'e [Edit],
    /// Where the text of each of the first edits is in the text that they give.
    places: Vec<Span>,
}

impl<'e> Composed<'e> {
    pub(crate) fn of(first: &'e [Edit]) -> Self {
        let mut places = Vec::with_capacity(first.len());
        let (mut at, mut from) = (0, 0);
        for edit in first {
            at += edit.span.start - from;
            places.push(at..at + edit.text.len());
            at += edit.text.len();
            from = edit.span.end;
        }
        Composed { first, places }
    }

    /// Where a byte between the first edits was before them, if so many of them are before it.
    fn before(&self, at: usize, passed: usize) -> usize {
        match passed.checked_sub(1) {
            Some(last) => self.first[last].span.end + at - self.places[last].end,
            None => at,
        }
    }

    /// What a span of the text that the first edits give was before them: where it touches the text of
    /// one, all that this one has replaced.
    pub(crate) fn span(&self, span: &Span) -> Span {
        let begun = self.places.partition_point(|place| place.end <= span.start);
        let ended = self.places.partition_point(|place| place.end <= span.end);
        let start = match self.places.get(begun) {
            Some(place) if place.start <= span.start => self.first[begun].span.start,
            _ => self.before(span.start, begun),
        };
        let end = match self.places.get(ended) {
            Some(place) if place.start < span.end => self.first[ended].span.end,
            _ => self.before(span.end, ended),
        };
        start..end.max(start)
    }

    /// Both as edits of the first text; `written` is the text that the first ones give.
    pub(crate) fn edits(&self, written: &str, second: &[Edit]) -> Vec<Edit> {
        let first = self.places.iter().cloned().enumerate();
        let mut all: Vec<(Span, Option<usize>, Option<&Edit>)> = first
            .map(|(index, place)| (place, Some(index), None))
            .collect();
        all.extend(
            second
                .iter()
                .map(|edit| (edit.span.clone(), None, Some(edit))),
        );
        sort_by_key(&mut all, |(span, _, _)| (span.start, span.end));
        let mut composed = Vec::new();
        let mut rest = all.into_iter().peekable();
        let mut passed = 0;
        while let Some((mut span, index, edit)) = rest.next() {
            let before = passed;
            passed += usize::from(index.is_some());
            let mut inner: Vec<Edit> = edit.cloned().into_iter().collect();
            // What touches is one edit, so that its parts keep their order.
            while let Some((next, index, edit)) = rest.next_if(|(next, ..)| next.start <= span.end)
            {
                span.end = span.end.max(next.end);
                passed += usize::from(index.is_some());
                inner.extend(edit.cloned());
            }
            if let (Some(index), true, 1) = (index, inner.is_empty(), passed - before) {
                composed.push(self.first[index].clone());
                continue;
            }
            for edit in &mut inner {
                edit.span = edit.span.start - span.start..edit.span.end - span.start;
            }
            composed.push(Edit {
                span: self.before(span.start, before)..self.before(span.end, passed),
                text: apply(&written[span], &inner),
            });
        }
        composed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every two lots of edits come to the same as one after the other.
    #[test]
    fn composed_edits_give_what_both_give() {
        let text = "abcdefgh";
        let edit = |start: usize, end: usize, new: &str| Edit::replace(start..end, new);
        let lots = [
            vec![],
            vec![edit(0, 1, "")],
            vec![edit(2, 2, "XY"), edit(4, 6, "Z")],
            vec![edit(0, 0, "12"), edit(1, 3, "345"), edit(7, 8, "")],
            vec![edit(3, 5, "")],
        ];
        for first in &lots {
            let written = apply(text, first);
            for start in 0..written.len() {
                for end in start..=written.len() {
                    let second = [
                        edit(start, end, "-"),
                        edit(written.len(), written.len(), "+"),
                    ];
                    let composed = Composed::of(first).edits(&written, &second);
                    assert_eq!(
                        apply(text, &composed),
                        apply(&written, &second),
                        "{first:?} {second:?} {composed:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_span_is_led_back() {
        let first = [Edit::replace(2..4, "XYZ"), Edit::insert(6, "!")];
        let composed = Composed::of(&first);
        assert_eq!(composed.span(&(0..2)), 0..2);
        assert_eq!(composed.span(&(3..4)), 2..4);
        assert_eq!(composed.span(&(5..7)), 4..6);
        assert_eq!(composed.span(&(8..9)), 6..7);
    }
}
