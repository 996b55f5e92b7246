//! What `--verbose` says besides the report: files that are no manifests, and what was not judged.

use std::collections::{BTreeMap, HashMap};

use crate::cli::say as say_line;
use crate::cli::tree::{File, Files};
use crate::mask;
use crate::quote::piece;
use crate::report::regions;
use crate::restore::Together;
use crate::restore::role::{NamedBy, Role, Roles, roles};
use crate::yaml::place::places;

/// The roles of files.
pub(super) fn roles_of(files: &Files, together: &Together) -> Roles {
    let files = &files.files;
    let paths: Vec<&str> = files.iter().map(|file| &*file.shown).collect();
    let texts: Vec<&str> = files.iter().map(text).collect();
    let outcomes = together.files.iter();
    let skipped = outcomes.map(|outcome| outcome.as_ref().ok()?.skipped);
    roles(&paths, &texts, &skipped.collect::<Vec<_>>())
}

fn text(file: &File) -> &str {
    file.text.as_deref().unwrap_or_default()
}

/// Says what there is to say of files, a line each.
pub(super) fn say(files: &Files, together: &Together) {
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
}

fn say_skipped(files: &Files, together: &Together, roles: &Roles) {
    let both = files.files.iter().zip(&together.files);
    for (position, (file, outcome)) in both.enumerate() {
        if (file.text.is_ok() || file.left_out.is_some())
            && let Ok(Some(skipped)) = outcome.as_ref().map(|outcome| outcome.skipped)
        {
            let path = piece(&file.shown);
            // The reason says the other roles, but for a manifest's, which is what is left out.
            let role = match roles.of[position][..] {
                [Role::Values | Role::Json6902Patch | Role::StrategicMergePatch] => {
                    format!(" ({})", roles.words(position))
                }
                _ => String::new(),
            };
            say_line(&format!("{path}: skipped: {}{role}", skipped.as_str()));
        }
    }
}

/// Names the files that are judged as something else than manifests, and who refers to them.
fn say_roles(files: &Files, together: &Together, roles: &Roles) {
    let judged = together
        .files
        .iter()
        .enumerate()
        .filter(|(position, outcome)| {
            let is_judged = matches!(outcome, Ok(outcome) if outcome.skipped.is_none());
            is_judged && roles.of[*position] != [Role::Manifest]
        });
    let named: Vec<(usize, Option<NamedBy>)> = judged
        .map(|(position, _)| (position, roles.named_by(position).next()))
        .collect();
    // One kustomization may name very many.
    let mut offsets: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for by in named.iter().filter_map(|(_, by)| by.as_ref()) {
        offsets.entry(by.file).or_default().push(by.at);
    }
    let mut found = HashMap::new();
    for (file, offsets) in offsets {
        let of_file = places(text(&files.files[file]), &offsets);
        let both = offsets.into_iter().zip(of_file);
        found.extend(both.map(|(at, place)| ((file, at), place)));
    }
    for (position, by) in named {
        let by = by.map(|by| {
            let (path, at) = (piece(&files.files[by.file].shown), found[&(by.file, by.at)]);
            format!(", named by {path}:{at}")
        });
        let (path, role) = (piece(&files.files[position].shown), roles.words(position));
        say_line(&format!("{path}: {role}{}", by.unwrap_or_default()));
    }
}

/// Names the values that read like images and were judged by nobody.
fn say_unread(files: &Files, together: &Together) {
    for (file, outcome) in files.files.iter().zip(&together.files) {
        let (Ok(text), Ok(outcome)) = (&file.text, outcome) else {
            continue;
        };
        let unread = &outcome.seen.unread;
        let spans: Vec<_> = unread.iter().map(|one| one.span.clone()).collect();
        for (one, region) in unread.iter().zip(regions(text, &spans)) {
            let (path, place) = (piece(&file.shown), region.start);
            let value = text[one.span.clone()].trim_matches(['"', '\'']);
            let value = piece(mask::unread(value));
            say_line(&format!("{path}:{place}: not read: {value}: {}", one.why));
        }
    }
}
