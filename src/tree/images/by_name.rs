//! Entries of lists of images by their names, so that few of them are tried on an image: a list may be
//! as long as there are images.

use std::collections::HashMap;

use crate::image::entry::Fields;
use crate::sort::sort;

/// The positions of each name.
type Named = HashMap<String, Vec<usize>>;

/// What is known by the names of entries: positions, to be added in rising order.
#[derive(Debug, Clone, Default)]
pub(in crate::tree) struct ByName {
    /// Plain names by how many characters they have, and which of these are dots: as expressions, dots
    /// match any character.
    plain: HashMap<usize, HashMap<Vec<usize>, Named>>,
    /// Names that are other expressions, and may match anything.
    others: Vec<usize>,
}

impl ByName {
    pub(super) fn of<'f>(all: impl Iterator<Item = &'f Fields>) -> Self {
        let mut by_name = ByName::default();
        for (position, fields) in all.enumerate() {
            by_name.add(position, fields);
        }
        by_name
    }

    pub(in crate::tree) fn add(&mut self, position: usize, fields: &Fields) {
        let name = &fields.name;
        if !fields.is_plain_name() {
            self.others.push(position);
            return;
        }
        let dots = name.match_indices('.').map(|(at, _)| at).collect();
        let alike = self.plain.entry(name.len()).or_default();
        let names = alike.entry(dots).or_default();
        names.entry(name.clone()).or_default().push(position);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.plain.is_empty() && self.others.is_empty()
    }

    /// The positions whose names may match an image: those of each name and all expressions, each in
    /// rising order.
    pub(super) fn candidates(&self, image: &str) -> Vec<&[usize]> {
        let mut found = vec![&self.others[..]];
        let chars: Vec<char> = image.chars().collect();
        for end in ends(&chars) {
            for (dots, names) in self.plain.get(&end).into_iter().flatten() {
                let mut name = chars[..end].to_vec();
                dots.iter().for_each(|&at| name[at] = '.');
                let name: String = name.into_iter().collect();
                found.extend(names.get(&name).map(Vec::as_slice));
            }
        }
        found
    }
}

/// Where the name of an image may end: at its end, before a tag, a digest, or both.
fn ends(image: &[char]) -> Vec<usize> {
    let last = |sign: char, before: usize| image[..before].iter().rposition(|c| *c == sign);
    let (tag, digest) = (last(':', image.len()), last('@', image.len()));
    let before = digest.and_then(|digest| last(':', digest));
    let mut ends: Vec<usize> = [Some(image.len()), tag, digest, before]
        .into_iter()
        .flatten()
        .collect();
    sort(&mut ends);
    ends.dedup();
    ends
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever an entry matches is among the candidates.
    #[test]
    fn no_entry_is_missed() {
        let names = [
            "nginx",
            "nginx:1",
            "a.b/c",
            "aXb/c",
            "a.b/c:1",
            "a.b/.",
            "",
            ":",
            "n@sha256",
            ".....",
            "x:1@sha256:ab",
            "a|b",
            "foo/.*",
            "é",
        ];
        let images = [
            "nginx",
            "nginx:1",
            "nginx:1.2@sha256:ab",
            "nginx@sha256:ab",
            "a.b/c",
            "aXb/c:1",
            "aéb/c:1@sha256:ab",
            "a.b/c:1:2",
            "",
            ":0",
            "x:1@sha256:ab@sha256:cd",
            "n@sha256:1",
            "é:1",
            "foo/bar:1",
            "a@sha512:ab",
        ];
        let entries = names.map(|name| Fields {
            name: name.to_owned(),
            ..Fields::default()
        });
        let by_name = ByName::of(entries.iter());
        for image in images {
            let found = by_name.candidates(image).concat();
            for (position, entry) in entries.iter().enumerate() {
                let is_match = entry.matches(image);
                assert!(!is_match || found.contains(&position), "{entry:?} {image}");
            }
        }
    }
}
