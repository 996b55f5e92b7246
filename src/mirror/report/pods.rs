//! What runs, for people: a line for each image that is not current, with where it runs.

use super::{day, span};
use crate::mirror::pods::{PodState, PodStatus};
use crate::quote::piece;

/// The containers that are named in a line.
const CONTAINERS_SHOWN: usize = 3;

/// The lines; images that are current only where `all` is wanted.
pub fn report(statuses: &[PodStatus], all: bool) -> String {
    let mut out = String::new();
    for status in statuses {
        if status.state == PodState::Current && !all {
            continue;
        }
        let image = &status.image;
        out.push_str(&format!(
            "{}:{}: {}: {}\n  in: {}\n",
            image.repository,
            image.tag,
            status.state.as_str(),
            sentence(status),
            containers(&image.containers)
        ));
        if let Some(help) = help(status) {
            out.push_str(&format!("  help: {help}\n"));
        }
    }
    let count: usize = statuses
        .iter()
        .map(|status| status.image.containers.len())
        .sum();
    let plural = if count == 1 { "" } else { "s" };
    out.push_str(&format!("{count} container{plural}"));
    for state in PodState::ALL {
        let of_state = statuses.iter().filter(|status| status.state == state);
        let count: usize = of_state.map(|status| status.image.containers.len()).sum();
        if count > 0 {
            out.push_str(&format!(", {count} {}", state.as_str()));
        }
    }
    out.push('\n');
    out
}

fn containers(all: &[String]) -> String {
    let shown: Vec<String> = all
        .iter()
        .take(CONTAINERS_SHOWN)
        .map(|name| piece(name))
        .collect();
    let shown = shown.join(", ");
    match all.len().checked_sub(CONTAINERS_SHOWN) {
        Some(more @ 1..) => format!("{shown} and {more} more"),
        _ => shown,
    }
}

/// What a state means, without a final stop.
pub(super) fn sentence(status: &PodStatus) -> String {
    let tag = &status.image.tag;
    let digest = |digest: &Option<String>| digest.clone().unwrap_or_default();
    match status.state {
        PodState::Current => format!("it runs what `{tag}` means"),
        PodState::Missing => format!("`{tag}` does not exist any more"),
        PodState::Unknown => match &status.why {
            Some(why) => why.to_string(),
            None => "the pod's status has no digest of what it runs".to_owned(),
        },
        PodState::Outdated => {
            let (runs, means) = (digest(&status.runs.digest), digest(&status.means.digest));
            let age = match (status.behind_by(), status.runs.created) {
                (Some(age), Some(made)) if age != 0 => {
                    let side = if age > 0 { "before" } else { "after" };
                    format!(", made on {}, {} {side} what", day(made), span(age))
                }
                _ => ", and".to_owned(),
            };
            format!("it runs {runs}{age} `{tag}` means now: {means}")
        }
    }
}

/// What to do about a state, where that can be said.
pub(super) fn help(status: &PodStatus) -> Option<&'static str> {
    match status.state {
        PodState::Current => None,
        PodState::Outdated => Some(
            "restart its workload: kubectl rollout restart; `imagePullPolicy: Always` has it look",
        ),
        PodState::Missing => Some("run the job that copies to the mirror, or correct the tag"),
        PodState::Unknown => status.why.as_ref()?.trouble.help(),
    }
}
