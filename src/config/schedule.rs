//! When a CronJob runs: a cron schedule and a time zone, checked as Kubernetes checks them.
//!
//! Source: robfig/cron v3 `ParseStandard`, which the CronJob controller reads schedules with, and
//! the validation of CronJobs.

mod later;

use super::fault::{ConfigFault, quoted};
use super::spanned::Spanned;

pub(super) use later::nine_hours_after;

/// A field of a schedule: its name, its lowest and highest value, and the names of values in order.
type FieldRange = (&'static str, u32, u32, &'static [&'static str]);

const FIELDS: [FieldRange; 5] = [
    ("minute", 0, 59, &[]),
    ("hour", 0, 23, &[]),
    ("day of the month", 1, 31, &[]),
    (
        "month",
        1,
        12,
        &[
            "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
        ],
    ),
    (
        "day of the week",
        0,
        6,
        &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
    ),
];

const WORDS: &[&str] = &[
    "@yearly",
    "@annually",
    "@monthly",
    "@weekly",
    "@daily",
    "@midnight",
    "@hourly",
];

/// A schedule that the CronJob controller reads.
pub(super) fn schedule(written: &Spanned<String>) -> Result<String, ConfigFault> {
    let text = written.value.as_str();
    fault(text).map_or_else(
        || Ok(text.to_owned()),
        |what| {
            let fault = written.fault(format!("{} is no schedule: {what}", quoted(text)));
            let help = "write minute, hour, day of the month, month and day of the week: \
                        \"0 3 * * 0\" is Sunday at three";
            Err(fault.help(help.to_owned()))
        },
    )
}

fn fault(text: &str) -> Option<String> {
    if text.contains("TZ=") {
        return Some("a time zone stands in it, which `timeZone` is for".to_owned());
    }
    if WORDS.contains(&text) {
        return None;
    }
    let parts: Vec<&str> = text.split_whitespace().collect();
    if parts.len() != FIELDS.len() {
        return Some(format!("it has {} fields, not 5", parts.len()));
    }
    let mut fields = parts.iter().zip(FIELDS);
    fields.find_map(|(part, field)| {
        let legal = part.split(',').all(|range| is_range(range, &field));
        (!legal).then(|| format!("{} is no {}", quoted(part), field.0))
    })
}

/// `*`, `?`, `5`, `1-5`, `*/15`, `10-30/5`, `mon`.
fn is_range(text: &str, field: &FieldRange) -> bool {
    let (range, step) = match text.split_once('/') {
        Some((range, step)) => (range, Some(step)),
        None => (text, None),
    };
    let is_step = |step: &str| number(step).is_some_and(|step| step > 0);
    if !step.is_none_or(is_step) {
        return false;
    }
    if matches!(range, "*" | "?") {
        return true;
    }
    match range.split_once('-') {
        Some((from, to)) => match (value(from, field), value(to, field)) {
            (Some(from), Some(to)) => from <= to,
            _ => false,
        },
        None => value(range, field).is_some(),
    }
}

/// A value of a field, by its number or its name.
fn value(text: &str, (_, low, high, names): &FieldRange) -> Option<u32> {
    let name = text.to_ascii_lowercase();
    let position = names.iter().position(|known| *known == name);
    let named = position.and_then(|position| u32::try_from(position).ok());
    let value = named
        .map(|position| position + low)
        .or_else(|| number(text))?;
    (low..=high).contains(&&value).then_some(value)
}

fn number(text: &str) -> Option<u32> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// A time zone's name as the database of time zones writes them; whether it is in there, only the
/// cluster can say.
pub(super) fn time_zone(written: &Spanned<String>) -> Result<String, ConfigFault> {
    let text = written.value.as_str();
    let legal = |part: &str| {
        part.starts_with(|first: char| first.is_ascii_alphabetic())
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_+-".contains(&byte))
    };
    if text.split('/').all(legal) && !text.eq_ignore_ascii_case("local") {
        return Ok(text.to_owned());
    }
    let fault = written.fault(format!("{} is no time zone", quoted(text)));
    let help = "write a name of the time zone database: `Europe/Paris`, `Etc/UTC`";
    Err(fault.help(help.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_are_what_the_controller_reads() {
        for text in [
            "0 3 * * 0",
            "*/15 0-6/2 1,15 JAN-mar mon-FRI",
            "@weekly",
            "0 0 ? * 6",
            "59 23 31 12 *",
        ] {
            assert_eq!(fault(text), None, "{text}");
        }
        for text in [
            "",
            "0 3 * *",
            "0 3 * * 7",
            "60 3 * * 0",
            "0 3 0 * 0",
            "*/0 * * * *",
            "5-1 * * * *",
            "@every 1h",
            "@weekley",
            "0 3 * * sunday",
            "TZ=UTC 0 3 * * 0",
            "0 3 * * 0 *",
            "+5 * * * *",
            "1,,2 * * * *",
        ] {
            assert!(fault(text).is_some(), "{text}");
        }
    }
}
