//! Values that look like images and were not judged, as they are shown to people.

use std::borrow::Cow;

use super::regions;
use crate::mask;
use crate::restore::Seen;
use crate::yaml::Span;
use crate::yaml::place::LineColumn;

/// A value that reads like an image and was judged by nobody.
#[derive(Debug)]
pub struct UnreadValue {
    /// Where it is.
    pub place: LineColumn,
    /// Without its quotes, a password in it masked.
    pub value: String,
    /// Why nobody judged it.
    pub why: Cow<'static, str>,
}

/// The values of a text that were not read.
pub fn values(text: &str, seen: &Seen) -> Vec<UnreadValue> {
    let spans: Vec<Span> = seen.unread.iter().map(|one| one.span.clone()).collect();
    let both = seen.unread.iter().zip(regions(text, &spans));
    let unread = both.map(|(one, region)| UnreadValue {
        place: region.start,
        value: mask::unread(text[one.span.clone()].trim_matches(['"', '\''])).to_owned(),
        why: one.why.clone(),
    });
    unread.collect()
}
