//! States for people: a line for each image, and how many there are of each state.

use super::{help, sentence};
use crate::mirror::state::{State, Status};

/// The lines; images that are current only where `all` is wanted.
pub fn report(statuses: &[Status], all: bool, deep: bool) -> String {
    let mut out = String::new();
    for status in statuses {
        if status.state == State::Current && !all {
            continue;
        }
        let (reference, state) = (status.reference(), status.state.as_str());
        let allowed = match status.state {
            State::Behind if !status.is_error => ", as far as --max-behind allows",
            _ => "",
        };
        out.push_str(&format!(
            "{reference}: {state}{allowed}: {}\n",
            sentence(status)
        ));
        if let Some(help) = help(status) {
            out.push_str(&format!("  help: {help}\n"));
        }
    }
    out.push_str(&summary(statuses, deep));
    out
}

fn summary(statuses: &[Status], deep: bool) -> String {
    let plural = if statuses.len() == 1 { "" } else { "s" };
    let mut line = format!("{} image{plural} on mirrors", statuses.len());
    for state in State::ALL {
        let of_state = statuses.iter().filter(|status| status.state == state);
        let count = of_state.count();
        if count > 0 {
            line.push_str(&format!(", {count} {}", state.as_str()));
        }
    }
    if !deep && !statuses.is_empty() {
        line.push_str("; --deep also looks for signatures and every platform");
    }
    line.push('\n');
    line
}
