//! Entries that follow one another: what one makes may be what a later one looks for, and the last of them
//! says what runs.

use std::collections::HashSet;

use crate::field::{ImageGroup, Notation};
use crate::image::entry::KustomizeParts;
use crate::yaml::Error;

/// Takes the image from each entry whose images a later one takes in any version: what it makes runs nowhere,
/// and the later entry looks for it by this name.
///
/// # Errors
/// A mapping that is read has a key twice.
pub(super) fn keep_last(groups: &mut [ImageGroup<'_, '_>]) -> Result<(), Error> {
    let mut behind: HashSet<&str> = HashSet::new();
    for field in groups.iter_mut().rev().flat_map(|group| &mut group.fields) {
        let Notation::Override(entry) = &field.notation else {
            continue;
        };
        if field.image.is_none() {
            continue;
        }
        let made = entry.new_name.text()?.filter(|new| !new.is_empty());
        let made = KustomizeParts::of(made.unwrap_or(entry.name)).name;
        if behind.contains(made) {
            field.image = None;
        }
        behind.insert(entry.name);
    }
    Ok(())
}
