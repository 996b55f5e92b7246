//! Version numbers in tags: numeric segments; a leading `v` and suffixes are ignored.

use std::cmp::Ordering;

/// The numeric segments of a version tag, without leading zeros; `None` for a hash or a word.
///
/// `v1.2.0-alpine` gives 1, 2, 0. `553640e6` is a hash: a letter directly follows the digits.
pub fn parse(tag: &str) -> Option<Vec<&str>> {
    let tag = tag.strip_prefix(['v', 'V']).unwrap_or(tag);
    let end = tag
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(tag.len());
    let (numbers, suffix) = tag.split_at(end);
    let numbers = numbers.strip_suffix('.').unwrap_or(numbers);
    let segments: Vec<&str> = numbers.split('.').collect();
    if segments.iter().any(|segment| segment.is_empty()) {
        return None;
    }
    if segments.len() == 1 && suffix.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    Some(segments.into_iter().map(without_zeros).collect())
}

/// The number of a tag that is one number: `v1`, `3`.
pub fn whole_number(tag: &str) -> Option<&str> {
    let digits = tag.strip_prefix('v').unwrap_or(tag);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| without_zeros(digits))
}

/// Compares segments as numbers of any length; a missing segment is 0.
pub fn compare(a: &[&str], b: &[&str]) -> Ordering {
    (0..a.len().max(b.len()))
        .map(|index| {
            let a = a.get(index).copied().unwrap_or_default();
            let b = b.get(index).copied().unwrap_or_default();
            a.len().cmp(&b.len()).then(a.cmp(b))
        })
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// Zero is the empty text, so that length orders numbers.
fn without_zeros(digits: &str) -> &str {
    digits.trim_start_matches('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(a: &str, b: &str, expected: Ordering) {
        let parse = |tag| parse(tag).expect("a version");
        assert_eq!(compare(&parse(a), &parse(b)), expected, "{a} {b}");
    }

    #[test]
    fn versions_compare_by_number() {
        check("1.10.0", "1.9", Ordering::Greater);
        check("v1.2.0-rc1", "1.2.0", Ordering::Equal);
        check("1.2", "1.2.0", Ordering::Equal);
        check("01.002", "1.2", Ordering::Equal);
        check(
            "99999999999999999999999",
            "100000000000000000000000",
            Ordering::Less,
        );
        check("20240101", "20231231", Ordering::Greater);
        check("1.2.0rc1", "1.2.1", Ordering::Less);
    }

    #[test]
    fn hashes_and_words_are_no_versions() {
        for tag in [
            "553640e6", "latest", "abc", "v", "1..2", "", "v-1", "main-1.2",
        ] {
            assert_eq!(parse(tag), None, "{tag}");
        }
    }
}
