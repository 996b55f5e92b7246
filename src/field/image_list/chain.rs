//! Entries that follow one another: what one makes may be what a later one looks for, and the last of them
//! says what runs.

use std::collections::HashMap;

use crate::field::{ImageGroup, Notation};
use crate::image::entry::KustomizeParts;
use crate::yaml::Error;

use super::EntryPart;

/// Takes the image from each entry whose images a later one takes in any version: the later entry looks for it by
/// this name, and says what runs. A version stays where no later entry sets another one, and is one of what
/// runs then.
///
/// # Errors
/// A mapping that is read has a key twice.
pub(super) fn keep_last(groups: &mut [ImageGroup<'_, '_>]) -> Result<(), Error> {
    // What later entries look for, whether they or those behind them set a version, and the name that comes out.
    let mut behind: HashMap<&str, (bool, &str)> = HashMap::new();
    for field in groups.iter_mut().rev().flat_map(|group| &mut group.fields) {
        let Notation::Override(entry) = &mut field.notation else {
            continue;
        };
        let Some(image) = &mut field.image else {
            continue;
        };
        let made = entry.new_name.text()?.filter(|new| !new.is_empty());
        let made = KustomizeParts::of(made.unwrap_or(entry.name)).name;
        let (sets, later) = (entry.sets_version()?, behind.get(made).copied());
        match later {
            Some((false, name)) if sets => {
                entry.part = EntryPart::Version;
                let parts = KustomizeParts::of(image);
                *image = KustomizeParts { name, ..parts }.join();
            }
            Some(_) => field.image = None,
            None => {}
        }
        let (sets_later, last) = later.unwrap_or((false, made));
        behind.insert(entry.name, (sets || sets_later, last));
    }
    Ok(())
}
