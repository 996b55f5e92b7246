//! What is asked about each image, and the state that the answers come to.
//!
//! An image that is current takes one request of the vendor's registry (what the tag resolves to) and
//! two of the mirror's (the same, and the manifest by its digest). Only where the two differ, or where
//! a deep look is wanted, is more asked.

use super::client::{AT_ONCE, Client};
use super::compare::by_digests;
use super::manifest::{self, IndexEntry, Manifest};
use super::side::{DEPTH, Found, Side};
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
        is_other: false,
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
    let mut ours = official.images(&published, &manifest)?;
    let mut theirs = mirror.images(&held, &bytes)?;
    // What the mirror holds has to be whole, whatever its age.
    let own = if limits.deep {
        look_deep(official, mirror, &held, &bytes)?
    } else {
        Deep::default()
    };
    if let Some(state) = by_digests(&ours, &theirs) {
        status.lacks = ours.absent_from(&theirs);
        return Ok(own.worse_than(state, status));
    }
    status.is_other = true;
    official.name_platform(&mut ours, &manifest)?;
    mirror.name_platform(&mut theirs, &bytes)?;
    status.lacks = ours.lacking_in(&theirs);
    let mut is_first = true;
    for (published, held) in ours.alike(&theirs) {
        let made = (official.created(published)?, mirror.created(held)?);
        let age = made.0.zip(made.1).map(|(new, old)| new - old);
        // One platform that is old is enough.
        if is_first || age > status.behind_by() {
            (status.official.created, status.mirror.created) = made;
        }
        is_first = false;
    }
    // A list that the vendor has as well was whole in its day: what was published since came with more
    // platforms.
    let is_whole = || {
        let is_list = matches!(manifest::manifest(&bytes), Some(Manifest::List(_)));
        Ok(is_list && official.digest(&held)?.is_some())
    };
    let state = match status.behind_by() {
        Some(age) if age <= 0 => State::Different,
        // An age is excused by how far a mirror may be behind, and no lack is.
        _ if !status.lacks.is_empty() && !is_whole()? => State::Partial,
        _ => State::Behind,
    };
    Ok(own.worse_than(state, status))
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
    let own = look_deep(official, mirror, digest, bytes)?;
    Ok(own.worse_than(State::Current, status))
}

/// What is missing on a mirror although its manifests refer to it.
#[derive(Debug, Default)]
struct Deep {
    /// Platforms and blobs.
    absent: Vec<String>,
    /// What the vendor attached; looked for where nothing else is absent.
    unattached: Vec<String>,
}

impl Deep {
    /// The state that this makes of another one, and what is lacking is added to `status`.
    fn worse_than(self, state: State, status: &mut Status) -> State {
        let worse = match state {
            State::Different => state,
            _ if !self.absent.is_empty() => State::Partial,
            State::Current | State::Behind if !self.unattached.is_empty() => State::Unsigned,
            _ => state,
        };
        status.lacks.extend(self.absent);
        status.lacks.extend(self.unattached);
        worse
    }
}

fn look_deep(
    official: &Side<'_, '_>,
    mirror: &Side<'_, '_>,
    digest: &str,
    bytes: &[u8],
) -> Result<Deep, Why> {
    let mut found = Found::default();
    let absent = mirror.absent(&IndexEntry::whole(digest), bytes, DEPTH, &mut found)?;
    if !absent.is_empty() {
        return Ok(Deep {
            absent,
            unattached: Vec::new(),
        });
    }
    let mut unattached = self::unattached(official, mirror, digest, "")?;
    let attestations = found.attestations;
    let gone = mirror.count_absent(attestations.iter())?;
    if gone > 0 {
        let all = attestations.len();
        unattached.push(format!("{gone} of {all} attestations in its list"));
    }
    for image in found.images.iter().filter(|image| image.digest != digest) {
        let of = format!(" of {}", image.platform);
        unattached.extend(self::unattached(official, mirror, &image.digest, &of)?);
    }
    Ok(Deep { absent, unattached })
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
        // A registry may go on listing what something has deleted there.
        let gone = mirror.count_absent(published.intersection(&held))?;
        if gone > 0 {
            let all = published.len();
            lacks.push(format!("{gone} of {all} referrers{of} that it lists"));
        }
    }
    Ok(lacks)
}
