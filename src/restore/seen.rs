//! How many image-like values were judged, and which were not, so that a file is called clean only
//! for what was read.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::field::pod;
use crate::image::likely::{ImageKey, Likely};
use crate::krm::survey::Survey;
use crate::krm::unit::Unit;
use crate::sort::sort_by_key;
use crate::tree::Read;
use crate::yaml::Span;

use super::skipped::Skipped;

/// The images of a file.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Seen {
    /// How many were read.
    pub read: usize,
    /// Those that nobody judged.
    pub unread: Vec<Unread>,
}

/// A value that reads like an image, and is judged as none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Its bytes.
    pub span: Span,
    /// Why it is not judged.
    pub why: Cow<'static, str>,
}

impl Seen {
    /// Counts images that were read as values of a chart, by where parts of them are written, among the
    /// likely ones of the file. Those that were read already count once.
    pub(super) fn also_read<'i>(
        &mut self,
        likely: &[Likely],
        read: &BTreeSet<usize>,
        images: impl Iterator<Item = &'i Vec<usize>>,
    ) {
        let is_in = |span: &Span, image: &[usize]| image.iter().any(|at| span.contains(at));
        let is_new = |image: &&Vec<usize>| {
            let mut known = likely.iter().filter(|likely| !likely.is_word);
            let is_known = known.any(|likely| is_in(&likely.span, image));
            let mut unread = self.unread.iter();
            !is_known || unread.any(|unread| is_in(&unread.span, image))
        };
        self.read += images.filter(is_new).count();
        let is_unread = |unread: &Unread| read.range(unread.span.clone()).next().is_none();
        self.unread.retain(is_unread);
    }
}

/// Takes out what resources say a cluster made of them, or what they were before: nobody runs it, and
/// nobody writes it.
pub(super) fn without_observed(likely: &mut Vec<Likely>, survey: &Survey<'_>) {
    let mut observed: Vec<&Span> = survey.observed.iter().collect();
    sort_by_key(&mut observed, |span| span.start);
    likely.retain(|likely| {
        let later = observed.partition_point(|span| span.end <= likely.span.start);
        let around = observed.get(later);
        around.is_none_or(|span| span.start > likely.span.start)
    });
}

impl Seen {
    /// Counts images that a build reads in a file that is judged by itself, as in the patches of an object of
    /// Flux.
    pub(super) fn also_built(&mut self, read: &Read) {
        let before = self.unread.len();
        self.unread.retain(|unread| {
            unread.why == FILLED_IN || read.places.range(unread.span.clone()).next().is_none()
        });
        self.read += before - self.unread.len();
    }
}

const FILLED_IN: &str = "a variable or a template in it is filled in after the build";
const NO_PLACE: &str = "restore-images does not know this as an image field";
const NOT_BUILT: &str = "it comes out of no build as an image";

/// The images of a file that was not judged.
pub(super) fn of_skipped(likely: &[Likely], skipped: Skipped) -> Seen {
    // What rules and profiles name is no image that anything runs.
    if skipped.is_elsewhere() || skipped == Skipped::Configuration {
        // Nobody asked for it; of its images those count that a build brings.
        return Seen::default();
    }
    let images = likely.iter().filter(|likely| !likely.is_word);
    let unread = images.map(|likely| Unread {
        span: likely.span.clone(),
        why: skipped.as_str().into(),
    });
    Seen {
        read: 0,
        unread: unread.collect(),
    }
}

/// The images of a file that was judged; `read` holds where values were read as images, in the units
/// `judged`.
///
/// In other workloads every `image` is one: those without a mark of an agent are passed over, and nothing
/// is to be said of them.
pub(super) fn of_judged(
    likely: &[Likely],
    survey: &Survey<'_>,
    read: &Read,
    judged: &BTreeSet<usize>,
) -> Seen {
    let units = &survey.units;
    of(likely, NO_PLACE, &read.images, |likely| {
        let position = units.partition_point(|unit| unit.piece.span.end <= likely.span.start);
        let is_workload = |unit: &Unit| {
            let mut kinds = unit.kinds.iter().map(|&kind| &survey.kinds[kind]);
            kinds.any(|kind| pod::keeps_images(&kind.group, &kind.kind))
        };
        let passed = units
            .get(position)
            .filter(|unit| !judged.contains(&unit.ordinal));
        let in_workload = passed.is_some_and(is_workload);
        (in_workload && likely.key == ImageKey::Image) || is_among(likely, &read.places)
    })
}

/// The images of a file that a build brings, by what the build read.
pub(super) fn of_built(likely: &[Likely], read: &Read) -> Seen {
    of(likely, NOT_BUILT, &read.images, |likely| {
        is_among(likely, &read.places)
    })
}

fn is_among(likely: &Likely, read: &BTreeSet<usize>) -> bool {
    read.range(likely.at..likely.span.end).next().is_some()
}

fn of(
    likely: &[Likely],
    why: &'static str,
    images: &BTreeSet<usize>,
    is_read: impl Fn(&Likely) -> bool,
) -> Seen {
    let mut seen = Seen::default();
    // Those whose keys do not say it.
    let is_likely = |at: &&usize| {
        let position = likely.partition_point(|likely| likely.span.end <= **at);
        likely.get(position).is_some_and(|likely| likely.at <= **at)
    };
    seen.read = images.iter().filter(|at| !is_likely(at)).count();
    for likely in likely {
        if likely.is_template {
            seen.unread.push(Unread {
                span: likely.span.clone(),
                why: FILLED_IN.into(),
            });
        } else if is_read(likely) {
            seen.read += 1;
        } else if !likely.is_word {
            seen.unread.push(Unread {
                span: likely.span.clone(),
                why: why.into(),
            });
        }
    }
    seen
}
