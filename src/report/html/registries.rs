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
        let most = pairs.values().copied().max().unwrap_or(1);
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
        for ((a, b), count) in &pairs {
            let (start, end) = (y(&from, a), y(&to, b));
            let width = 2 + 20 * count / most;
            let class = if a == b { " class=\"same\"" } else { "" };
            let _ = writeln!(
                out,
                "<path{class} d=\"M290 {start}C450 {start} 450 {end} 610 {end}\" stroke-width=\"{width}\"/>"
            );
        }
        for (names, x, anchor) in [(&from, 280, "end"), (&to, 620, "start")] {
            for name in names {
                let at = y(names, name) + 4;
                let name = text(&short(name));
                let _ = writeln!(
                    out,
                    "<text x=\"{x}\" y=\"{at}\" text-anchor=\"{anchor}\">{name}</text>"
                );
            }
        }
        out.push_str(
            "</svg></div>\n<details><summary>Show as a table</summary>\n<table><thead><tr>\
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

/// The vertical position of a name.
fn y(names: &[&String], name: &String) -> usize {
    let at = names.iter().position(|known| *known == name);
    ROW * at.unwrap_or_default() + 45
}

/// A name that fits beside the lines.
fn short(name: &str) -> String {
    const MOST: usize = 38;
    if name.chars().count() > MOST {
        name.chars().take(MOST).chain(['…']).collect()
    } else {
        name.to_owned()
    }
}
