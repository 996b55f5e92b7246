//! Timestamps of images and registries, as seconds since 1970.

use crate::config::Date;

/// Reads `2026-11-01T12:00:00.123Z` or with an offset (RFC 3339).
pub(super) fn rfc_3339(text: &str) -> Option<i64> {
    let (day, rest) = text.split_at_checked(10)?;
    let day = Date::from_unix_days(0).days_until(Date::parse(day)?);
    let (time, rest) = rest.strip_prefix(['T', 't', ' '])?.split_at_checked(8)?;
    let time = seconds_of_day(time)?;
    let zone = rest.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
    let offset = match zone.split_at_checked(1)? {
        ("Z" | "z", "") => 0,
        (sign @ ("+" | "-"), offset) => {
            let [hours, minutes, _] = numbers(&format!("{offset}:00"))?;
            let offset = hours * 3600 + minutes * 60;
            if sign == "+" { offset } else { -offset }
        }
        _ => return None,
    };
    Some(day * 86_400 + time - offset)
}

/// The seconds since midnight of `12:00:00`.
fn seconds_of_day(time: &str) -> Option<i64> {
    let [hour, minute, second] = numbers(time)?;
    Some(hour * 3600 + minute * 60 + second)
}

fn numbers(text: &str) -> Option<[i64; 3]> {
    let number = |part: &str| {
        let is_number = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<i64>().ok().filter(|_| is_number)
    };
    let parts: Option<Vec<i64>> = text.split(':').map(number).collect();
    parts?.try_into().ok()
}

/// Reads `Wed, 21 Oct 2026 07:28:00 GMT` (RFC 9110, 5.6.7).
pub(super) fn of_http(text: &str) -> Option<i64> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let (_, rest) = text.split_once(", ")?;
    let mut words = rest.split(' ');
    let (day, month, year) = (words.next()?, words.next()?, words.next()?);
    let month = MONTHS.find(month).filter(|_| month.len() == 3)? / 3 + 1;
    let day = Date::parse(&format!("{year}-{month:02}-{day}"))?;
    Some(day.unix_days() * 86_400 + seconds_of_day(words.next()?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_rfc_3339_has_them() {
        for (text, moment) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-11-29T12:00:00Z", Some(1_795_953_600)),
            ("2026-11-29T12:00:00.123456789Z", Some(1_795_953_600)),
            ("2026-11-29T14:00:00+02:00", Some(1_795_953_600)),
            ("2026-11-29T10:30:00-01:30", Some(1_795_953_600)),
            ("2026-11-29", None),
            ("2026-11-29T12:00:00", None),
            ("2026-11-29T12:00Z", None),
            ("0001-01-01T00:00:00Z", Some(-62_135_596_800)),
            ("soon", None),
        ] {
            assert_eq!(rfc_3339(text), moment, "{text}");
        }
    }
}
