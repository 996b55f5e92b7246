//! A picture of registries: from where images come, and from where they should.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::text;
use crate::image::Reference;

/// How many registries a side shows; the rest is one.
const SHOWN: usize = 12;
const ROW: usize = 44;
const OTHERS: &str = "others";

/// Pairs of registries, and how many images each has.
#[derive(Debug, Default)]
pub(super) struct RegistryCounts {
    pairs: BTreeMap<(String, String), usize>,
}

impl RegistryCounts {
    /// Counts an image that is `from` and should be `to`; what is no reference has no registry.
    pub(super) fn add(&mut self, from: &str, to: &str) {
        let (Some(from), Some(to)) = (registry(from), registry(to)) else {
            return;
        };
        *self.pairs.entry((from, to)).or_default() += 1;
    }

    /// The picture, and the same as a table for those who do not see it.
    pub(super) fn drawn(&self) -> String {
        if self.pairs.is_empty() {
            return String::new();
        }
        let pairs = self.shown();
        let from = side(pairs.keys().map(|(from, _)| from));
        let to = side(pairs.keys().map(|(_, to)| to));
        let sum = |name: &String, of: fn(&(String, String)) -> &String| -> usize {
            let pairs = pairs.iter().filter(|(pair, _)| of(pair) == name);
            pairs.map(|(_, count)| count).sum()
        };
        let sums_from: Vec<usize> = from.iter().map(|name| sum(name, |pair| &pair.0)).collect();
        let sums_to: Vec<usize> = to.iter().map(|name| sum(name, |pair| &pair.1)).collect();
        let most = sums_from.iter().chain(&sums_to).copied().max();
        let most = most.unwrap_or(1).max(1);
        let height = ROW * from.len().max(to.len()) + 30;
        let mut out = String::from(
            "<section aria-labelledby=\"registries\">\n<h2 id=\"registries\">Registries</h2>\n",
        );
        let _ = write!(
            out,
            "<div class=\"wide picture\"><svg class=\"map\" viewBox=\"0 0 900 {height}\" role=\"img\" \
             aria-label=\"From where images come, and from where they should; the table below says the same\">\n\
             <text x=\"280\" y=\"16\" text-anchor=\"end\">come from</text><text x=\"620\" y=\"16\">should come from</text>\n"
        );
        let mut starts = Ends::of(&sums_from, most);
        let mut ends = Ends::of(&sums_to, most);
        for ((a, b), count) in &pairs {
            let width = wide(*count, most);
            let start = starts.next(position(&from, a), width);
            let end = ends.next(position(&to, b), width);
            let class = if a == b { " class=\"same\"" } else { "" };
            let _ = writeln!(
                out,
                "<path{class} d=\"M296 {}C450 {} 450 {} 604 {}\" stroke-width=\"{}\"/>",
                tenths(start),
                tenths(start),
                tenths(end),
                tenths(end),
                tenths(width)
            );
        }
        for (names, sums, bar, x, anchor) in [
            (&from, &sums_from, 290, 282, "end"),
            (&to, &sums_to, 604, 618, "start"),
        ] {
            for (at, (name, sum)) in names.iter().zip(sums).enumerate() {
                let (middle, high) = (ROW * at + 45, wide(*sum, most));
                let name = text(&short(name));
                let _ = writeln!(
                    out,
                    "<rect x=\"{bar}\" y=\"{}\" width=\"6\" height=\"{}\" fill=\"currentColor\"/>\n\
                     <text x=\"{x}\" y=\"{}\" text-anchor=\"{anchor}\">{name} ({sum})</text>",
                    tenths(middle * 10 - high / 2),
                    tenths(high),
                    middle + 4
                );
            }
        }
        out.push_str(
            "</svg></div>\n<p class=\"dim\">A bar is as thick as its images are many. Red ones come from \
             elsewhere than they should, green ones from where they should.</p>\n<details><summary>Show as a table</summary>\n<table><thead><tr>\
             <th scope=\"col\">come from</th><th scope=\"col\">should come from</th>\
             <th scope=\"col\" class=\"n\">images</th></tr></thead><tbody>\n",
        );
        for ((from, to), count) in &self.pairs {
            let _ = writeln!(
                out,
                "<tr><td>{}</td><td>{}</td><td class=\"n\">{count}</td></tr>",
                text(from),
                text(to)
            );
        }
        out + "</tbody></table></details>\n</section>\n"
    }

    /// The pairs with all but the largest registries as one.
    fn shown(&self) -> BTreeMap<(String, String), usize> {
        let large = |side: fn(&(String, String)) -> &String| {
            let mut sums: BTreeMap<&String, usize> = BTreeMap::new();
            for (pair, count) in &self.pairs {
                *sums.entry(side(pair)).or_default() += count;
            }
            let mut names: Vec<_> = sums.into_iter().collect();
            names.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            names.truncate(SHOWN);
            names
                .into_iter()
                .map(|(name, _)| name.clone())
                .collect::<Vec<String>>()
        };
        let (from, to) = (large(|pair| &pair.0), large(|pair| &pair.1));
        let or_others = |names: &[String], name: &String| {
            if names.contains(name) {
                name.clone()
            } else {
                OTHERS.to_owned()
            }
        };
        let mut shown = BTreeMap::new();
        for ((a, b), count) in &self.pairs {
            *shown
                .entry((or_others(&from, a), or_others(&to, b)))
                .or_default() += count;
        }
        shown
    }
}

/// The registry of a reference; a Docker Hub image has it without naming it.
fn registry(image: &str) -> Option<String> {
    let reference = Reference::parse(image).ok()?;
    Some(reference.repository().domain().to_owned())
}

/// The names of a side, each once.
fn side<'a>(names: impl Iterator<Item = &'a String>) -> Vec<&'a String> {
    let mut names: Vec<&String> = names.collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The position of a name on its side.
fn position(names: &[&String], name: &String) -> usize {
    let at = names.iter().position(|known| *known == name);
    at.unwrap_or_default()
}

/// The thickness of what stands for so many images, in tenths of a unit: that of `most` leaves a gap between
/// the rows.
fn wide(count: usize, most: usize) -> usize {
    (count * (ROW - 8) * 10 / most).max(10)
}

/// Tenths of a unit as a number of SVG.
fn tenths(number: usize) -> String {
    format!("{}.{}", number / 10, number % 10)
}

/// Where the next path of each name begins, from top to bottom.
struct Ends(Vec<usize>);

impl Ends {
    fn of(sums: &[usize], most: usize) -> Self {
        let rows = sums.iter().enumerate();
        let tops = rows.map(|(at, sum)| (ROW * at + 45) * 10 - wide(*sum, most) / 2);
        Ends(tops.collect())
    }

    /// The middle of the next path of a name, in tenths of a unit.
    fn next(&mut self, at: usize, width: usize) -> usize {
        let top = self.0[at];
        self.0[at] += width;
        top + width / 2
    }
}

/// A name that fits beside the lines, with a number behind it.
fn short(name: &str) -> String {
    const MOST: usize = 32;
    if name.chars().count() > MOST {
        name.chars().take(MOST).chain(['…']).collect()
    } else {
        name.to_owned()
    }
}
