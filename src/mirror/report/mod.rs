//! States of mirrors for people and programs: one sentence for each, and a file for each format.

mod json;
mod junit;
mod pods;
mod prometheus;
mod text;

pub use json::{of_pods as json_of_pods, report as json, schema};
pub use junit::report as junit;
pub use pods::report as pods;
pub use prometheus::report as prometheus;
pub use text::report as text;

use super::state::{State, Status};
use crate::config::Date;

/// What the state of an image means, without a final stop.
fn sentence(status: &Status) -> String {
    let version = status.version();
    let digests = || {
        let of = |digest: &Option<String>| digest.clone().unwrap_or_default();
        let (mirror, official) = (of(&status.mirror.digest), of(&status.official.digest));
        format!("{mirror}, and {official} at the vendor's")
    };
    let lacks = || status.lacks.join(", ");
    let why = || {
        status
            .why
            .as_ref()
            .map_or(String::new(), ToString::to_string)
    };
    let made = || {
        let mut text = match status.behind_by() {
            Some(0) => format!(
                "the mirror's `{version}` is another image than the vendor's, made at the same time"
            ),
            Some(age) => {
                let side = if age > 0 { "before" } else { "after" };
                format!(
                    "the mirror's `{version}` was made {} {side} the vendor's",
                    span(age)
                )
            }
            None => format!(
                "the mirror's `{version}` is another image than the vendor's, and neither says when it was made"
            ),
        };
        let days = [status.mirror.created, status.official.created];
        if let [Some(mirror), Some(official)] = days {
            text.push_str(&format!(", on {} and {}", day(mirror), day(official)));
        }
        format!("{text}: {}", digests())
    };
    // What else there is to say of an image.
    let and = |text: String| {
        if status.is_other {
            format!("{text}; {}", made())
        } else {
            text
        }
    };
    let also_lacks = |text: String| {
        if status.lacks.is_empty() {
            text
        } else {
            format!("{text}; it lacks {}", lacks())
        }
    };
    match status.state {
        State::Current => "the mirror holds what the vendor publishes".to_owned(),
        State::Behind | State::Different => also_lacks(made()),
        State::Rewritten => also_lacks(format!(
            "the mirror holds the vendor's images under a list of its own, so that pins by digest and \
             signatures do not fit: {}",
            digests()
        )),
        State::Unsigned => and(format!(
            "the mirror lacks what the vendor attached: {}",
            lacks()
        )),
        State::Partial => and(format!("the mirror lacks {}", lacks())),
        State::Missing => format!("the mirror does not have `{version}`"),
        State::Unreadable => {
            let digest = status.mirror.digest.as_deref().unwrap_or(version);
            format!("the mirror cannot give {digest}: {}", why())
        }
        State::Unknown => why(),
    }
}

/// What to do about a state, where that can be said.
fn help(status: &Status) -> Option<&'static str> {
    match status.state {
        State::Current => None,
        State::Unknown => status.why.as_ref()?.trouble.help(),
        State::Behind if !status.is_error => None,
        State::Behind | State::Missing => Some("run the job that copies to the mirror"),
        State::Different => Some("ask who writes to the mirror besides the job that copies"),
        State::Rewritten | State::Partial => {
            Some("copy all platforms and keep digests: `skopeo copy --all --preserve-digests`")
        }
        State::Unsigned => Some(
            "copy what is attached as well: `regctl image copy --digest-tags --referrers`, or \
             `cosign copy`",
        ),
        State::Unreadable => Some("copy the image again, and look for what deletes on the mirror"),
    }
}

/// A length of time in its largest unit: `23 days`.
fn span(seconds: i64) -> String {
    let seconds = seconds.abs();
    let (count, unit) = match seconds {
        86_400.. => (seconds / 86_400, "day"),
        3_600.. => (seconds / 3_600, "hour"),
        60.. => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

fn day(moment: i64) -> Date {
    Date::from_unix_days(moment.div_euclid(86_400))
}
