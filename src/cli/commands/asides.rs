//! What `--verbose` says besides the report: files that are no manifests, and what was not judged.

use crate::cli::files::{InputFile, InputFiles, places_in};
use crate::cli::paths::remotes;
use crate::cli::say as say_line;
use crate::quote::piece;
use crate::report::unread::{self, UnreadValue};
use crate::restore::role::{FileRole, NamedBy, Roles, roles};
use crate::restore::{Skipped, Together, first_line_of_template};

/// The roles of files.
pub(super) fn roles_of(files: &InputFiles, together: &Together) -> Roles {
    let remotes = remotes(&files.repositories);
    let files = &files.files;
    let paths: Vec<&str> = files.iter().map(|file| &*file.in_tree).collect();
    let texts: Vec<&str> = files.iter().map(InputFile::text_or_empty).collect();
    let outcomes = together.files.iter();
    let skipped = outcomes.map(|outcome| outcome.as_ref().ok()?.skipped);
    roles(&paths, &texts, &skipped.collect::<Vec<_>>(), &remotes)
}

/// Says what there is to say of files, a line each.
pub(super) fn say(files: &InputFiles, together: &Together) {
    let roles = roles_of(files, together);
    say_skipped(files, together, &roles);
    say_roles(files, together, &roles);
    say_unread(files, together);
    for (position, why) in &together.roots.unsettled {
        let path = piece(&files.files[*position].shown);
        say_line(&format!("{path}: not settled: {}", piece(why)));
    }
    let hidden = &files.hidden;
    for path in hidden.folders.iter().chain(&hidden.files) {
        say_line(&format!("{path}: skipped: hidden by .gitignore"));
    }
    for path in &files.dotted {
        say_line(&format!(
            "{path}: skipped: its name begins with a dot (--hidden reads it)"
        ));
    }
}

fn say_skipped(files: &InputFiles, together: &Together, roles: &Roles) {
    let both = files.files.iter().zip(&together.files);
    for (position, (file, outcome)) in both.enumerate() {
        if (file.text.is_ok() || file.left_out.is_some())
            && let Ok(Some(skipped)) = outcome.as_ref().map(|outcome| outcome.skipped)
        {
            let path = piece(&file.shown);
            // The reason says the other roles, but for a manifest's, which is what is left out.
            let role = match roles.of[position][..] {
                [FileRole::Values | FileRole::Json6902Patch | FileRole::StrategicMergePatch] => {
                    format!(" ({})", roles.words(position))
                }
                _ => String::new(),
            };
            let begins = (skipped == Skipped::Template).then(|| file.text_or_empty());
            let begins = begins.and_then(first_line_of_template);
            let from = begins.map_or(String::new(), |line| format!(" from line {line} on"));
            let why = skipped.as_str().replacen(',', &format!("{from},"), 1);
            say_line(&format!("{path}: skipped: {why}{role}"));
        }
    }
}

/// Names the files that are judged as something else than manifests, and who refers to them.
fn say_roles(files: &InputFiles, together: &Together, roles: &Roles) {
    let judged = together
        .files
        .iter()
        .enumerate()
        .filter(|(position, outcome)| {
            let is_judged = matches!(outcome, Ok(outcome) if outcome.skipped.is_none());
            is_judged && roles.of[*position] != [FileRole::Manifest]
        });
    let named: Vec<(usize, Option<NamedBy>)> = judged
        .map(|(position, _)| (position, roles.named_by(position).next()))
        .collect();
    let offsets = named.iter().filter_map(|(_, by)| by.as_ref());
    let found = places_in(&files.files, offsets.map(|by| (by.file, by.at)));
    for (position, by) in named {
        let by = by.map(|by| {
            let (path, at) = (piece(&files.files[by.file].shown), found[&(by.file, by.at)]);
            format!(", named by {path}:{at}")
        });
        let (path, role) = (piece(&files.files[position].shown), roles.words(position));
        say_line(&format!("{path}: {role}{}", by.unwrap_or_default()));
    }
}

fn say_unread(files: &InputFiles, together: &Together) {
    for (file, outcome) in files.files.iter().zip(&together.files) {
        let (Ok(text), Ok(outcome)) = (&file.text, outcome) else {
            continue;
        };
        let path = piece(&file.shown);
        for UnreadValue { place, value, why } in unread::values(text, &outcome.seen) {
            let value = piece(&value);
            say_line(&format!("{path}:{place}: not read: {value}: {why}"));
        }
    }
}
