//! What is asked about each image, and the state that the answers come to.
//!
//! An image that is current takes one request of the vendor's registry (what the tag resolves to) and
//! two of the mirror's (the same, and the manifest by its digest). Only where the two differ, or where
//! a deep look is wanted, is more asked.

use super::client::{AT_ONCE, Client};
use super::compare::by_digests;
use super::manifest::Entry;
use super::side::{DEPTH, Side};
use super::state::{Held, State, Status};
use super::why::{Trouble, Why};
use crate::parallel;
use crate::registry::Mirrored;

/// How far a mirror may differ, and how closely it is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For how many seconds a mirror may lack the vendor's image, and by how many its own may be older.
    pub max_behind: i64,
    /// When this is asked, in seconds since 1970.
    pub now: i64,
    /// Whether every platform, and what is attached to an image, is looked for too.
    pub deep: bool,
}

/// The states of images, in their order; `done` is called after each.
pub fn statuses(
    images: &[Mirrored],
    client: &Client<'_>,
    limits: Limits,
    done: &(dyn Fn() + Sync),
) -> Vec<Status> {
    let asked = parallel::map_by(AT_ONCE, 1, images, |_, some| {
        let of = |image| {
            let status = status(image, client, limits);
            done();
            status
        };
        some.iter().map(of).collect::<Vec<Status>>()
    });
    asked.into_iter().flatten().collect()
}

fn status(image: &Mirrored, client: &Client<'_>, limits: Limits) -> Status {
    let side = |repository| Side { client, repository };
    let (official, mirror) = (side(&image.official), side(&image.mirror));
    let mut status = Status {
        image: image.clone(),
        state: State::Unknown,
        official: Held::default(),
        mirror: Held::default(),
        lacks: Vec::new(),
        why: None,
        is_error: false,
    };
    match compare_sides(&official, &mirror, limits, &mut status) {
        Ok(state) => status.state = state,
        Err(why) => status.why = Some(why),
    }
    status.is_error = match status.state {
        State::Current | State::Unknown => false,
        // If its age is unknown, it cannot be accepted as recent enough.
        State::Behind => {
            let published = status.official.created;
            let waits = published.map(|published| limits.now - published);
            let ages = [status.behind_by(), waits];
            ages.iter()
                .any(|age| age.is_none_or(|age| age > limits.max_behind))
        }
        _ => true,
    };
    status
}

fn compare_sides(
    official: &Side<'_, '_>,
    mirror: &Side<'_, '_>,
    limits: Limits,
    status: &mut Status,
) -> Result<State, Why> {
    let version = status.version().to_owned();
    if status.image.digest.is_some() {
        // A digest needs no resolving, so the manifest is asked for at once.
        status.official.digest = official.digest(&version)?;
        if status.official.digest.is_none() {
            return Err(official.why(Trouble::NotThere));
        }
        return match mirror.readable(&version, status)? {
            Some(bytes) => {
                status.mirror.digest = Some(version.clone());
                complete(official, mirror, &version, &bytes, limits, status)
            }
            None if status.why.is_some() => Ok(State::Unreadable),
            None => Ok(State::Missing),
        };
    }
    let held = mirror.digest(&version)?;
    status.mirror.digest.clone_from(&held);
    let published = official.digest(&version);
    if let Ok(published) = &published {
        status.official.digest.clone_from(published);
    }
    let (published, held) = match (published, held) {
        (Ok(None), _) => return Err(official.why(Trouble::NotThere)),
        // This is so whatever the vendor has.
        (_, None) => return Ok(State::Missing),
        (Err(why), _) => return Err(why),
        (Ok(Some(published)), Some(held)) => (published, held),
    };
    let Some(bytes) = mirror.readable(&held, status)? else {
        return Ok(State::Unreadable);
    };
    if published == held {
        return complete(official, mirror, &held, &bytes, limits, status);
    }
    let manifest = official.manifest(&published)?;
    let Some(manifest) = manifest else {
        return Err(official.why(Trouble::NotThere));
    };
    let ours = official.images(&published, &manifest)?;
    let theirs = mirror.images(&held, &bytes)?;
    status.lacks = ours.absent_from(&theirs);
    if let Some(state) = by_digests(&ours, &theirs) {
        return Ok(state);
    }
    // Platforms that are there and old are not lacking.
    let is_there = |platform: &String| theirs.0.iter().any(|entry| entry.platform == *platform);
    status.lacks.retain(|platform| !is_there(platform));
    if let Some((published, held)) = ours.alike(&theirs) {
        status.official.created = official.created(published)?;
        status.mirror.created = mirror.created(held)?;
    }
    Ok(match status.behind_by() {
        Some(age) if age <= 0 => State::Different,
        _ => State::Behind,
    })
}

/// The state of an image whose digest is the vendor's.
fn complete(
    official: &Side<'_, '_>,
    mirror: &Side<'_, '_>,
    digest: &str,
    bytes: &[u8],
    limits: Limits,
    status: &mut Status,
) -> Result<State, Why> {
    if !limits.deep {
        return Ok(State::Current);
    }
    let whole = Entry {
        digest: digest.to_owned(),
        platform: "the image".to_owned(),
        is_list: false,
    };
    let mut images = Vec::new();
    status.lacks = mirror.absent(&whole, bytes, DEPTH, &mut images)?;
    if !status.lacks.is_empty() {
        return Ok(State::Partial);
    }
    status.lacks = unattached(official, mirror, digest, "")?;
    for image in images.iter().filter(|image| image.digest != digest) {
        let of = format!(" of {}", image.platform);
        let lacks = unattached(official, mirror, &image.digest, &of)?;
        status.lacks.extend(lacks);
    }
    Ok(if status.lacks.is_empty() {
        State::Current
    } else {
        State::Unsigned
    })
}

/// What is attached to the vendor's image and not to the mirror's: cosign's tags, which have to lead to
/// the same, and referrers. `of` says whose it is.
fn unattached(
    official: &Side<'_, '_>,
    mirror: &Side<'_, '_>,
    digest: &str,
    of: &str,
) -> Result<Vec<String>, Why> {
    let mut lacks = Vec::new();
    let tag = digest.replace(':', "-");
    for kind in ["sig", "att", "sbom"] {
        let tag = format!("{tag}.{kind}");
        let Some(published) = official.digest(&tag)? else {
            continue;
        };
        match mirror.digest(&tag)? {
            None => lacks.push(format!("{tag}{of}")),
            Some(held) if held != published => lacks.push(format!("the vendor's {tag}{of}")),
            Some(held) => {
                if mirror.manifest(&held)?.is_none() {
                    lacks.push(format!("what {tag}{of} leads to"));
                }
            }
        }
    }
    let published = official.referrers(digest)?;
    if !published.is_empty() {
        let held = mirror.referrers(digest)?;
        let absent = published.difference(&held).count();
        if absent > 0 {
            lacks.push(format!("{absent} of {} referrers{of}", published.len()));
        }
    }
    Ok(lacks)
}
