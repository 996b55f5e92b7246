//! The schedule of a job that runs some hours after those of another schedule.

use super::{FIELDS, number, value};
use crate::sort::sort;

/// How many hours after a copy it is looked at.
const HOURS: u32 = 9;

/// Each day at noon: what is looked at daily is looked at soon after, whenever it ran.
const DAILY: &str = "0 12 * * *";

/// The schedule nine hours after each run of another one. Where a run is more often than daily, or no
/// schedule says the day after its own, it is each day at noon.
pub(in crate::config) fn nine_hours_after(schedule: &str) -> String {
    shifted(schedule).unwrap_or_else(|| DAILY.to_owned())
}

fn shifted(schedule: &str) -> Option<String> {
    let schedule = match schedule {
        "@daily" | "@midnight" => "0 0 * * *",
        "@weekly" => "0 0 * * 0",
        "@monthly" => "0 0 1 * *",
        "@yearly" | "@annually" => "0 0 1 1 *",
        schedule => schedule,
    };
    let parts: Vec<&str> = schedule.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = parts[..] else {
        return None;
    };
    let later = number(hour)? + HOURS;
    if later < 24 {
        return Some(format!("{minute} {later} {day} {month} {weekday}"));
    }
    let hour = later - 24;
    let is_any = |part: &str| matches!(part, "*" | "?");
    match (is_any(day), is_any(weekday)) {
        (true, true) => Some(format!("{minute} {hour} {day} {month} {weekday}")),
        (true, false) if is_any(month) => {
            let mut days = days(weekday)?;
            days.iter_mut().for_each(|day| *day = (*day + 1) % 7);
            Some(format!("{minute} {hour} {day} {month} {}", listed(days)))
        }
        (false, true) => {
            let days: Option<Vec<u32>> = day.split(',').map(number).collect();
            // The month of the day after the 28th depends on the month.
            let mut days = days.filter(|days| days.iter().all(|day| *day < 28))?;
            days.iter_mut().for_each(|day| *day += 1);
            Some(format!(
                "{minute} {hour} {} {month} {weekday}",
                listed(days)
            ))
        }
        _ => None,
    }
}

fn listed(mut days: Vec<u32>) -> String {
    sort(&mut days);
    days.dedup();
    let days: Vec<String> = days.iter().map(u32::to_string).collect();
    days.join(",")
}

/// The days of a week that are written one by one, or as ranges.
fn days(text: &str) -> Option<Vec<u32>> {
    let [.., field] = FIELDS;
    let mut all = Vec::new();
    for range in text.split(',') {
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        all.extend(value(from, &field)?..=value(to, &field)?);
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_runs_after_what_copies() {
        for (copies, looks) in [
            ("0 3 * * 0", "0 12 * * 0"),
            ("0 3 * * 1", "0 12 * * 1"),
            ("30 14 1 * *", "30 23 1 * *"),
            ("0,30 3 * 1-6 mon", "0,30 12 * 1-6 mon"),
            ("0 23 * * 6", "0 8 * * 0"),
            ("0 23 * * mon-WED,6", "0 8 * * 0,2,3,4"),
            ("15 20 * * *", "15 5 * * *"),
            ("0 15 1,27 * ?", "0 0 2,28 * ?"),
            ("@daily", "0 9 * * *"),
            ("@weekly", "0 9 * * 0"),
            ("@monthly", "0 9 1 * *"),
            // No one schedule is nine hours later.
            ("0 23 28 * *", DAILY),
            ("0 23 1 * 6", DAILY),
            ("0 23 * 1 6", DAILY),
            ("0 23 * * */2", DAILY),
            ("0 3,15 * * *", DAILY),
            ("0 */6 * * *", DAILY),
            ("*/5 * * * *", DAILY),
            ("@hourly", DAILY),
        ] {
            assert_eq!(nine_hours_after(copies), looks, "{copies}");
        }
    }
}
