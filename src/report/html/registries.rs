//! A picture of registries: from where images come, and from where they should. What flows between two
//! names is as thick as there are images in it, and what begins or ends at a name is stacked there, so that
//! the thicknesses add up.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::text;
use crate::image::Reference;
use crate::report::table::natural;
use crate::sort::sort_by_key;

/// How many registries a side shows; the rest is one.
const REGISTRIES_SHOWN: usize = 12;
const OTHERS: &str = "others";

/// All images together are at most so many units high, and an image at most and at least so many; a name
/// needs so many.
const HEIGHT: f64 = 240.0;
const MOST_HEIGHT: f64 = 24.0;
const LEAST: f64 = 2.0;
const LINE: f64 = 22.0;
const GAP: f64 = 14.0;
const TOP: f64 = 34.0;
/// Where flows begin and end, and the width of the bar beside each.
const FROM: f64 = 298.0;
const TO: f64 = 602.0;
const BAR: f64 = 8.0;

/// From where an image comes, from where it should, and whether it is where it should be.
type Move = (String, String, bool);

/// Pairs of registries, and how many images each has.
#[derive(Debug, Default)]
pub(super) struct RegistryCounts {
    pairs: BTreeMap<Move, usize>,
}

impl RegistryCounts {
    /// Counts an image that is `from` and should be `to`; what is no reference has no registry.
    pub(super) fn add(&mut self, from: &str, to: &str) {
        let (Ok(from), Ok(to)) = (Reference::parse(from), Reference::parse(to)) else {
            return;
        };
        let (from, to) = (from.repository(), to.repository());
        let domains = (from.domain().to_owned(), to.domain().to_owned());
        // Another path of one registry is wrong, too.
        let pair = (domains.0, domains.1, from == to);
        *self.pairs.entry(pair).or_default() += 1;
    }

    /// The picture, and the same as a table for those who do not see it.
    pub(super) fn drawn(&self) -> String {
        if self.pairs.is_empty() {
            return String::new();
        }
        let mut out = String::from(
            "<section aria-labelledby=\"registries\">\n<h2 id=\"registries\">Registries</h2>\n",
        );
        out.push_str(&picture(&self.shown()));
        out.push_str(
            "<details><summary>Show as a table</summary>\n<table><thead><tr>\
             <th scope=\"col\">come from</th><th scope=\"col\">should come from</th>\
             <th scope=\"col\">registry and path</th><th scope=\"col\" class=\"n\">images</th></tr></thead><tbody>\n",
        );
        for ((from, to, is_right), count) in &self.pairs {
            let _ = writeln!(
                out,
                "<tr><td>{}</td><td>{}</td><td>{}</td><td class=\"n\">{count}</td></tr>",
                text(from),
                text(to),
                state(*is_right)
            );
        }
        out + "</tbody></table></details>\n</section>\n"
    }

    /// The pairs with all but the largest registries as one.
    fn shown(&self) -> BTreeMap<Move, usize> {
        let large = |side: fn(&Move) -> &String| {
            let mut sums: BTreeMap<&String, usize> = BTreeMap::new();
            for (pair, count) in &self.pairs {
                *sums.entry(side(pair)).or_default() += count;
            }
            let mut names: Vec<_> = sums.into_iter().collect();
            sort_by_key(&mut names, |(_, count)| std::cmp::Reverse(*count));
            let names = names
                .into_iter()
                .take(REGISTRIES_SHOWN)
                .map(|(name, _)| name);
            names.collect::<BTreeSet<&String>>()
        };
        let (from, to) = (large(|pair| &pair.0), large(|pair| &pair.1));
        let or_others = |names: &BTreeSet<&String>, name: &String| {
            if names.contains(name) {
                name.clone()
            } else {
                OTHERS.to_owned()
            }
        };
        let mut shown = BTreeMap::new();
        for ((a, b, is_right), count) in &self.pairs {
            let pair = (or_others(&from, a), or_others(&to, b), *is_right);
            *shown.entry(pair).or_default() += count;
        }
        shown
    }
}

/// Whether images are where they should be, in a word.
fn state(is_right: bool) -> &'static str {
    if is_right { "stays" } else { "wrong" }
}

/// A pair as it is drawn.
struct Flow<'a> {
    pair: &'a Move,
    thickness: f64,
    /// Where its upper edge begins and ends.
    start: f64,
    end: f64,
}

/// A registry on one side of the picture.
struct Bar<'a> {
    name: &'a str,
    images: usize,
    top: f64,
    height: f64,
}

fn picture(pairs: &BTreeMap<Move, usize>) -> String {
    let all: usize = pairs.values().sum();
    let each = (HEIGHT / number(all)).min(MOST_HEIGHT);
    let thickness = |count: usize| (each * number(count)).max(LEAST);
    let flows = pairs.iter().map(|(pair, count)| Flow {
        pair,
        thickness: thickness(*count),
        start: 0.0,
        end: 0.0,
    });
    let mut flows: Vec<Flow<'_>> = flows.collect();
    let others_last = |name: &str| usize::from(name == OTHERS);
    let (from, from_end) = bars(pairs, |pair| &pair.0, thickness, others_last);
    let place = |bars: &[Bar<'_>], name: &str| bars.iter().position(|bar| bar.name == name);
    // The other side is in the order of what flows to it, so that few flows cross.
    let by_source = |name: &str| {
        let here = pairs.keys().filter(|pair| pair.1 == name);
        let places = here.filter_map(|pair| place(&from, &pair.0));
        places.min().unwrap_or_default()
    };
    let (to, to_end) = bars(pairs, |pair| &pair.1, thickness, by_source);
    let key = from_end.max(to_end) + 6.0;
    let (legend, bottom) = legend(pairs, key);
    // Flows of one registry lie in the order of those at their other ends.
    sort_by_key(&mut flows, |flow| {
        (place(&from, &flow.pair.0), place(&to, &flow.pair.1))
    });
    stack(
        &mut flows,
        &from,
        |pair| &pair.0,
        |flow, at| flow.start = at,
    );
    sort_by_key(&mut flows, |flow| {
        (place(&to, &flow.pair.1), place(&from, &flow.pair.0))
    });
    stack(&mut flows, &to, |pair| &pair.1, |flow, at| flow.end = at);
    let mut out = format!(
        "<div class=\"wide picture\"><svg class=\"map\" viewBox=\"0 0 900 {:.0}\" role=\"img\" \
         aria-label=\"From where images come, and from where they should; the table below says the same\">\n\
         <text x=\"{}\" y=\"16\" text-anchor=\"end\">come from</text>\
         <text x=\"{}\" y=\"16\">should come from</text>\n",
        bottom,
        FROM - BAR - 10.0,
        TO + BAR + 10.0
    );
    let middle = f64::midpoint(FROM, TO);
    for Flow {
        pair,
        thickness,
        start,
        end,
    } in &flows
    {
        let (under_start, under_end) = (start + thickness, end + thickness);
        let _ = writeln!(
            out,
            "<path class=\"{}\" d=\"M{FROM} {start:.1}C{middle} {start:.1} {middle} {end:.1} {TO} {end:.1}\
             V{under_end:.1}C{middle} {under_end:.1} {middle} {under_start:.1} {FROM} {under_start:.1}Z\"/>",
            state(pair.2)
        );
    }
    for (bars, x, name_at, anchor) in [
        (&from, FROM - BAR, FROM - BAR - 10.0, "end"),
        (&to, TO, TO + BAR + 10.0, "start"),
    ] {
        for Bar {
            name,
            images,
            top,
            height,
        } in bars
        {
            let _ = writeln!(
                out,
                "<rect class=\"bar\" x=\"{x}\" y=\"{top:.1}\" width=\"{BAR}\" height=\"{height:.1}\"/>\
                 <text x=\"{name_at}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}: {images}</text>",
                top + height / 2.0 + 4.5,
                text(&short(name))
            );
        }
    }
    out + &legend + "</svg></div>\n"
}

/// What the two kinds of flows mean and how many images each has, from a height on, and where that ends.
fn legend(pairs: &BTreeMap<Move, usize>, top: f64) -> (String, f64) {
    let mut out = String::new();
    let mut y = top;
    for (is_right, said) in [
        (false, "wrong registry or path"),
        (true, "stays where it is"),
    ] {
        let of_state = pairs.iter().filter(|(pair, _)| pair.2 == is_right);
        let images: usize = of_state.map(|(_, count)| count).sum();
        if images == 0 {
            continue;
        }
        let _ = writeln!(
            out,
            "<rect class=\"{}\" x=\"{}\" y=\"{y:.1}\" width=\"24\" height=\"14\"/>\
             <text x=\"{}\" y=\"{:.1}\">{said}: {images}</text>",
            state(is_right),
            FROM - BAR,
            FROM + LINE,
            y + 12.0
        );
        y += LINE;
    }
    (out, y)
}

/// The registries of a side, each as high as what flows there, and where they end: the largest first among
/// those of which `order` says the same.
fn bars<'p>(
    pairs: &'p BTreeMap<Move, usize>,
    side: fn(&Move) -> &String,
    thickness: impl Fn(usize) -> f64,
    order: impl Fn(&str) -> usize,
) -> (Vec<Bar<'p>>, f64) {
    let mut sums: BTreeMap<&str, (usize, f64)> = BTreeMap::new();
    for (pair, count) in pairs {
        let (images, height) = sums.entry(side(pair)).or_default();
        *images += count;
        *height += thickness(*count);
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sort_by_key(&mut sums, |(name, (images, _))| {
        (order(name), std::cmp::Reverse(*images), natural(name))
    });
    let mut next = TOP;
    let bars = sums.into_iter().map(|(name, (images, height))| {
        // A thin bar is in the middle of the line that its name needs.
        let top = next + (LINE - height).max(0.0) / 2.0;
        next += height.max(LINE) + GAP;
        Bar {
            name,
            images,
            top,
            height,
        }
    });
    (bars.collect(), next)
}

/// Puts the flows of each bar one below the other.
fn stack(
    flows: &mut [Flow<'_>],
    bars: &[Bar<'_>],
    side: fn(&Move) -> &String,
    set: impl Fn(&mut Flow<'_>, f64),
) {
    for bar in bars {
        let mut next = bar.top;
        for flow in flows.iter_mut().filter(|flow| side(flow.pair) == bar.name) {
            set(flow, next);
            next += flow.thickness;
        }
    }
}

/// A number of images, for a picture.
#[expect(clippy::cast_precision_loss, reason = "a picture has no more digits")]
fn number(images: usize) -> f64 {
    images as f64
}

/// A name that fits beside the bars.
fn short(name: &str) -> String {
    const LETTERS: usize = 30;
    if name.chars().count() > LETTERS {
        name.chars().take(LETTERS).chain(['…']).collect()
    } else {
        name.to_owned()
    }
}
