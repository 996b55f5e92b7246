//! kpt's function `set-image`, which changes images in their files: where these get another name by a rule, it has
//! to look for that. The functions of a pipeline run one after the other, so that the version that one sets may run
//! under the name that a later one gives.

use std::collections::{HashMap, HashSet};

use crate::field::{ImageGroup, Notation, image_list};
use crate::image::entry::KustomizeParts;
use crate::slot::Slot;
use crate::yaml::{Error, Node, Path};

use super::entry::EntryPart;
use super::{entry_group, group};

/// The name of the function's image: kpt looks for one without a registry in its catalog.
const SET_IMAGE: &str = "set-image";

/// A function of a pipeline.
struct Function<'n, 's> {
    /// Its entry.
    entry: &'n Node<'s>,
    path: Path<'n>,
    /// What it looks for.
    name: &'n str,
    /// The name that comes out.
    made: &'n str,
    sets_version: bool,
    /// Whether it is for some of the resources alone.
    is_selective: bool,
}

/// The entries of the functions of a pipeline that set images.
///
/// # Errors
/// A mapping that is read has a key twice.
pub(super) fn functions<'n, 's>(
    mutators: &'n [Node<'s>],
    path: &Path<'n>,
) -> Result<Vec<ImageGroup<'n, 's>>, Error> {
    let mut all = Vec::new();
    for (index, mutator) in mutators.iter().enumerate() {
        let path = path.index(index);
        if is_set_image(mutator)?
            && let Some(entry) = mutator.get("configMap")?
        {
            let is_selective =
                mutator.get("selectors")?.is_some() || mutator.get("exclude")?.is_some();
            all.extend(Function::of(entry, path.key("configMap"), is_selective)?);
        }
    }
    let mut found = Vec::new();
    for (function, last) in all.iter().zip(outcomes(&all)) {
        found.extend(function.groups(last)?);
    }
    Ok(found)
}

/// What becomes of what each function makes: the name that comes out, whether a later function sets the version,
/// and whether an earlier one has set it.
fn outcomes<'n>(all: &[Function<'n, '_>]) -> Vec<(&'n str, bool, bool)> {
    let mut given: HashSet<&str> = HashSet::new();
    let mut outcomes: Vec<(&str, bool, bool)> = Vec::new();
    for function in all {
        let is_given = given.contains(function.name);
        if !function.is_selective {
            given.remove(function.name);
        }
        if function.sets_version || is_given {
            given.insert(function.made);
        }
        outcomes.push((function.made, false, is_given));
    }
    let mut behind: HashMap<&str, (&str, bool)> = HashMap::new();
    for (function, outcome) in all.iter().zip(&mut outcomes).rev() {
        if let Some(&(last, is_set)) = behind.get(function.made) {
            (outcome.0, outcome.1) = (last, is_set);
        }
        if !function.is_selective {
            let is_set = function.sets_version || outcome.1;
            behind.insert(function.name, (outcome.0, is_set));
        }
    }
    outcomes
}

/// The entry of a function that stands in a file of its own.
///
/// # Errors
/// As [`functions`].
pub(super) fn function<'n, 's>(
    entry: &'n Node<'s>,
    path: Path<'n>,
) -> Result<Vec<ImageGroup<'n, 's>>, Error> {
    match Function::of(entry, path, false)? {
        Some(function) => function.groups((function.made, false, false)),
        None => Ok(Vec::new()),
    }
}

fn is_set_image(mutator: &Node<'_>) -> Result<bool, Error> {
    let image = mutator.get("image")?.and_then(Node::text);
    Ok(image.is_some_and(|image| {
        let name = KustomizeParts::of(image).name;
        name.rsplit('/').next() == Some(SET_IMAGE)
    }))
}

impl<'n, 's> Function<'n, 's> {
    fn of(entry: &'n Node<'s>, path: Path<'n>, is_selective: bool) -> Result<Option<Self>, Error> {
        let Some(name) = entry.get("name")?.and_then(Node::text) else {
            return Ok(None);
        };
        let replace = image_list::Override::of(name, Slot::key(entry, path.clone(), "name"), None);
        let made = replace.new_name.text()?.filter(|new| !new.is_empty());
        Ok(Some(Function {
            entry,
            path,
            name,
            made: KustomizeParts::of(made.unwrap_or(name)).name,
            sets_version: replace.sets_version()?,
            is_selective,
        }))
    }

    /// Its fields: `last` is the name that comes out behind it, whether a later function sets the version, and
    /// whether an earlier one has set it.
    fn groups(
        &self,
        (last, is_set_later, is_given): (&str, bool, bool),
    ) -> Result<Vec<ImageGroup<'n, 's>>, Error> {
        let slot = Slot::key(self.entry, self.path.clone(), "name");
        let new_name = slot.beside("newName").text()?;
        let is_renaming = new_name.is_some_and(|new| new != self.name);
        let is_renamed_later = last != self.made;
        let mut groups = Vec::new();
        let mut add = |part: EntryPart| -> Result<(), Error> {
            let followed = (!is_renaming && part != EntryPart::Version).then(|| slot.clone());
            let Some(mut one) = entry_group(self.entry, self.path.clone(), followed)? else {
                return Ok(());
            };
            for field in &mut one.fields {
                if let (Notation::Override(entry), Some(image)) =
                    (&mut field.notation, &mut field.image)
                {
                    entry.part = part;
                    entry.keeps_version =
                        is_renaming && !self.sets_version && !is_given && !is_set_later;
                    if part == EntryPart::Version {
                        let parts = KustomizeParts::of(image);
                        *image = KustomizeParts {
                            name: last,
                            ..parts
                        }
                        .join();
                    }
                }
            }
            groups.push(one);
            Ok(())
        };
        match (self.sets_version, is_set_later, is_renamed_later) {
            (_, false, false) => add(EntryPart::Whole)?,
            (true, false, true) => {
                add(EntryPart::Name)?;
                add(EntryPart::Version)?;
            }
            _ => add(EntryPart::Name)?,
        }
        if is_renaming {
            groups.push(group(Notation::Name(slot), Some(self.name.to_owned())));
        }
        Ok(groups)
    }
}
