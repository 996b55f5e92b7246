//! Calendar dates, for exceptions that expire.

use std::fmt;

/// A day of the Gregorian calendar, years 0 to 9999, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// Days from 0000-01-01 to 1970-01-01.
const UNIX_EPOCH: i64 = 719_528;
/// Days from 0000-01-01 to 9999-12-31.
const LAST: i64 = 3_652_424;

impl Date {
    /// Reads `2027-01-31`, and `2027-01-31T00:00:00Z`, into which kustomize turns it.
    ///
    /// A time of day is passed over, its zone too: the day counts as written.
    /// `None` where the text is no date, or the calendar has no such day.
    pub fn parse(text: &str) -> Option<Self> {
        let (date, time) = text.split_at_checked(10)?;
        if !time.is_empty() && !is_time(time) {
            return None;
        }
        let mut parts = date.split('-');
        let year = digits(parts.next()?, 4)?;
        let month = u8::try_from(digits(parts.next()?, 2)?).ok()?;
        let day = u8::try_from(digits(parts.next()?, 2)?).ok()?;
        let is_day = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
        is_day.then_some(Date { year, month, day })
    }

    /// The day that begins `days` days after 1970-01-01; clamped to the years 0 to 9999.
    pub fn from_unix_days(days: i64) -> Self {
        let mut left = days.saturating_add(UNIX_EPOCH).clamp(0, LAST);
        // 400 years are always 146,097 days; the rest is counted year by year.
        let mut year = u16::try_from(left / 146_097 * 400).unwrap_or(0);
        left %= 146_097;
        while left >= days_of_year(year) {
            left -= days_of_year(year);
            year += 1;
        }
        let mut month = 1;
        while left >= i64::from(days_in(year, month)) {
            left -= i64::from(days_in(year, month));
            month += 1;
        }
        let day = u8::try_from(left + 1).unwrap_or(1);
        Date { year, month, day }
    }

    /// Days since 1 January 1970.
    pub fn unix_days(self) -> i64 {
        Date::from_unix_days(0).days_until(self)
    }

    /// Days from this day to another; negative if that is over.
    pub fn days_until(self, other: Date) -> i64 {
        other.ordinal() - self.ordinal()
    }

    /// Days since 0000-01-01.
    fn ordinal(self) -> i64 {
        let year = i64::from(self.year);
        let leap_days = (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
        let months: i64 = (1..self.month)
            .map(|month| i64::from(days_in(self.year, month)))
            .sum();
        year * 365 + leap_days + months + i64::from(self.day) - 1
    }
}

/// Prints `2027-01-31`.
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

fn digits(text: &str, length: usize) -> Option<u16> {
    let is_number = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// `T00:00:00Z` and its like: what YAML writes after the day of a timestamp.
fn is_time(text: &str) -> bool {
    text.strip_prefix(['T', 't', ' ']).is_some_and(|time| {
        time.starts_with(|first: char| first.is_ascii_digit())
            && time
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b":.+-Zz ".contains(&byte))
    })
}

fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_of_year(year: u16) -> i64 {
    if is_leap(year) { 366 } else { 365 }
}

fn days_in(year: u16, month: u8) -> u8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
