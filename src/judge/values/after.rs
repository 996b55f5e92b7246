//! What becomes of a chart's images once it is rendered: entries of lists of images look for them by
//! the names that the values give, and JSON patches test them.

use crate::image::entry::{Fields, KustomizeParts};
use crate::mask;
use crate::quote::piece;

/// What one build does to the images of the charts that a file installs.
#[derive(Debug, Clone, Default)]
pub struct OverChart {
    /// Position of the file that installs the charts.
    pub input: usize,
    /// The entries that go over the images, the lowest layer first.
    pub entries: Vec<EntryOver>,
    /// The images that JSON patches test.
    pub tested: Vec<TestedImage>,
    /// Whether there are more of them than were gathered.
    pub has_more: bool,
    /// For a build that is refused as it is, what is to be done about an image that it would look for.
    pub doubt: Option<String>,
}

/// An entry of a list of images.
#[derive(Debug, Clone)]
pub struct EntryOver {
    /// What it says.
    pub(crate) written: Fields,
    /// What it says once it is restored.
    pub(crate) restored: Fields,
    /// What holds it, as it is told: a file, or a key.
    pub(crate) holder: String,
}

/// An image that a JSON patch tests.
#[derive(Debug, Clone)]
pub struct TestedImage {
    /// The image.
    pub(crate) image: String,
    /// What holds the patch, as it is told.
    pub(crate) holder: String,
}

/// What follows for the values that an image is written in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meets {
    /// Nothing.
    Nothing,
    /// Its name is what an entry looks for, and the entry says what runs.
    Key,
    /// It stays as it is; why, in words.
    Stays(String),
}

/// What all builds say of an image that is `old` and should be `new`.
pub(super) fn meets(builds: &[&OverChart], old: &str, new: Option<&str>) -> Meets {
    let mut all: Vec<(Meets, &OverChart)> = Vec::new();
    for &build in builds {
        let met = build.meets(old, new);
        if let Meets::Stays(_) = met {
            return met;
        }
        all.push((met, build));
    }
    let key = all.iter().find(|(met, _)| *met == Meets::Key);
    let Some((_, build)) = key else {
        return Meets::Nothing;
    };
    let is_everywhere = all.iter().all(|(met, _)| *met == Meets::Key);
    if is_everywhere || new.is_none() {
        return Meets::Key;
    }
    let named = build
        .entries
        .iter()
        .find(|entry| entry.written.matches(old));
    Meets::Stays(named.map_or_else(String::new, |entry| {
        format!(
            "{} looks for it by this name, and not every build has that entry: change the name in both places",
            entry.told()
        )
    }))
}

impl OverChart {
    /// Whether nothing is done.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.tested.is_empty() && !self.has_more
    }

    fn meets(&self, old: &str, new: Option<&str>) -> Meets {
        if self.has_more && new.is_some() {
            return Meets::Stays(
                "more kustomizations are above it than are followed: see what comes out with `check --rendered`"
                    .to_owned(),
            );
        }
        let name = KustomizeParts::of(old).name;
        if let (Some(doubt), Some(new)) = (&self.doubt, new) {
            let looks =
                |entry: &&EntryOver| entry.written.matches(old) || entry.written.matches(new);
            let found = self.entries.iter().find(looks).map(EntryOver::told);
            let tests = |test: &&TestedImage| KustomizeParts::of(&test.image).name == name;
            let tested = || {
                self.tested
                    .iter()
                    .find(tests)
                    .map(|_| "a JSON patch".to_owned())
            };
            return match found.or_else(tested) {
                Some(told) => Meets::Stays(format!("{told} looks for it{doubt}")),
                None => Meets::Nothing,
            };
        }
        let mut tested = self.tested.iter();
        if new.is_some()
            && let Some(test) = tested.find(|test| KustomizeParts::of(&test.image).name == name)
        {
            let holder = &test.holder;
            return Meets::Stays(format!(
                "a JSON patch of {holder} tests it: change the value and the patch together"
            ));
        }
        let hits = self.hits(old);
        let Some(last) = hits.last() else {
            let mut entries = self.entries.iter();
            let met = new.and_then(|new| entries.find(|entry| entry.restored.matches(new)));
            return met.map_or(Meets::Nothing, |entry| {
                let told = entry.told();
                Meets::Stays(format!(
                    "{told} would change what it becomes: change that entry"
                ))
            });
        };
        let is_named = hits.iter().any(|entry| entry.restored.sets_name());
        let is_versioned = hits.iter().any(|entry| entry.restored.sets_version());
        let Some(new) = new else {
            return if is_named { Meets::Key } else { Meets::Nothing };
        };
        let (before, after) = (KustomizeParts::of(old), KustomizeParts::of(new));
        let has_version = before.tag == after.tag && before.digest == after.digest;
        let told = last.told();
        if before.name == after.name {
            let finds = |entry: &&EntryOver| entry.written.matches(new);
            return if is_versioned {
                Meets::Key
            } else if hits.iter().all(finds) {
                Meets::Nothing
            } else {
                Meets::Stays(format!("{told} looks for the tag that it has"))
            };
        }
        match (is_named, is_versioned || has_version) {
            (true, true) => Meets::Key,
            (true, false) => Meets::Stays(format!(
                "{told} says what its name becomes: write the tag alone"
            )),
            (false, _) => Meets::Stays(format!(
                "{told} looks for it by this name: write `newName: {}` there",
                mask::image(after.name)
            )),
        }
    }

    /// The entries that an image meets on its way.
    fn hits(&self, image: &str) -> Vec<&EntryOver> {
        let (mut image, mut hits) = (image.to_owned(), Vec::new());
        for entry in &self.entries {
            if entry.written.matches(&image) {
                image = entry.written.apply(&image);
                hits.push(entry);
            }
        }
        hits
    }
}

impl EntryOver {
    fn told(&self) -> String {
        let name = mask::entry_name(&self.written.name);
        format!("the entry {} of images in {}", piece(&name), self.holder)
    }
}
