//! Which version of a chart is installed by what a release says: one version, or the newest of a range, as
//! Helm's constraints read it (Masterminds/semver).

use std::cmp::Ordering;

use crate::image::version;

/// The newest version that a constraint takes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Newest {
    /// This one.
    Is(Vec<u64>),
    /// The newest one before this.
    Before(Vec<u64>),
    /// The newest there is.
    Any,
}

/// Whether the version that is installed has what the versions from `since` to `until` have; one that may
/// be any is taken for newer than every version that is known.
pub(super) fn has(installed: Option<&str>, since: Option<&str>, until: Option<&str>) -> bool {
    if since.is_none() && until.is_none() {
        return true;
    }
    let newest = installed.map_or(Newest::Any, newest);
    let since = since.and_then(numbers).map(padded);
    let end = until.and_then(end);
    match newest {
        Newest::Any => until.is_none(),
        Newest::Is(version) => {
            let version = padded(version);
            since.is_none_or(|since| version >= since) && end.is_none_or(|end| version < end)
        }
        Newest::Before(bound) => {
            since.is_none_or(|since| since < bound) && end.is_none_or(|end| end >= bound)
        }
    }
}

/// Whether a constraint leaves open what is installed: a part of it is a variable, a digest or another word,
/// which says no version.
pub(crate) fn is_open(constraint: &str) -> bool {
    let words = constraint.split([' ', '\t', ',', '|']);
    let mut versions = words.map(|word| word.trim_start_matches(['=', '<', '>', '~', '^', '!']));
    let is_number_or_any = |part: &str| {
        let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number || matches!(part, "x" | "X" | "*")
    };
    versions.any(|version| {
        // `latest` is a tag of a registry, which follows the newest one.
        if matches!(version, "" | "-" | "latest") {
            return false;
        }
        // Pre-release and build come behind it: `3.x-0`.
        let core = version.split(['-', '+']).next().unwrap_or(version);
        let core = core.strip_prefix('v').unwrap_or(core);
        !core.split('.').all(is_number_or_any)
    })
}

/// The version after the last one that a bound takes: `1.2` takes every version of 1.2.
fn end(until: &str) -> Option<Vec<u64>> {
    let until = numbers(until)?;
    Some(next(&until, until.len()))
}

/// The first version after the last one that a bound takes.
pub(crate) fn first_after(until: &str) -> Option<String> {
    let end = end(until)?;
    let numbers: Vec<String> = end.iter().map(u64::to_string).collect();
    Some(numbers.join("."))
}

/// The newest version of a constraint, of whose alternatives the newest counts.
fn newest(constraint: &str) -> Newest {
    let alternatives = constraint.split("||").map(of_alternative);
    let newer = |one: &Newest, other: &Newest| match (one, other) {
        (Newest::Any, Newest::Any) => Ordering::Equal,
        (Newest::Any, _) => Ordering::Greater,
        (_, Newest::Any) => Ordering::Less,
        (Newest::Is(one) | Newest::Before(one), Newest::Is(other) | Newest::Before(other)) => {
            one.cmp(other)
        }
    };
    alternatives.max_by(newer).unwrap_or(Newest::Any)
}

/// The newest version that fulfils all of some conditions.
fn of_alternative(conditions: &str) -> Newest {
    if let Some((_, last)) = conditions.split_once(" - ") {
        return match numbers(last.trim()) {
            Some(last) if last.len() == 3 => Newest::Is(last),
            Some(last) => Newest::Before(next(&last, last.len())),
            None => Newest::Any,
        };
    }
    // A blank may follow an operator.
    let mut joined = conditions.replace(',', " ");
    for operator in ["=", "<", ">", "~", "^"] {
        joined = joined.replace(&format!("{operator} "), operator);
    }
    let mut newest = Newest::Any;
    for condition in joined.split_whitespace() {
        let of_condition = of_condition(condition);
        newest = match (newest, of_condition) {
            (Newest::Any, other) | (other, Newest::Any) => other,
            (one @ Newest::Is(_), _) => one,
            (_, other @ Newest::Is(_)) => other,
            (Newest::Before(one), Newest::Before(other)) => Newest::Before(one.min(other)),
        };
    }
    newest
}

fn of_condition(condition: &str) -> Newest {
    let version = condition.trim_start_matches(['=', '<', '>', '~', '^', '!']);
    let operator = &condition[..condition.len() - version.len()];
    let given: Vec<u64> = match numbers(version) {
        Some(given) if !version.starts_with(['x', 'X', '*']) => given,
        _ => return Newest::Any,
    };
    let is_whole = given.len() == 3;
    match operator {
        "" | "=" if is_whole => Newest::Is(given),
        "" | "=" | "~" | "~>" => Newest::Before(next(&given, given.len().min(2))),
        "^" => {
            let first = given.iter().position(|number| *number > 0);
            Newest::Before(next(&given, first.map_or(given.len(), |first| first + 1)))
        }
        "<=" | "=<" if is_whole => Newest::Is(given),
        "<=" | "=<" => Newest::Before(next(&given, given.len())),
        "<" => Newest::Before(padded(given)),
        _ => Newest::Any,
    }
}

/// The version after all those that begin with so many numbers of one.
fn next(version: &[u64], length: usize) -> Vec<u64> {
    let mut next: Vec<u64> = version.iter().copied().take(length.max(1)).collect();
    if let Some(last) = next.last_mut() {
        *last = last.saturating_add(1);
    }
    padded(next)
}

fn padded(mut version: Vec<u64>) -> Vec<u64> {
    version.resize(version.len().max(3), 0);
    version
}

/// The numbers that a version begins with, without those that are left open: `1.2.x`.
fn numbers(version: &str) -> Option<Vec<u64>> {
    let mut version = version;
    while let Some(open) = [".x", ".X", ".*"]
        .into_iter()
        .find_map(|any| version.strip_suffix(any))
    {
        version = open;
    }
    let segments = version::parse(version)?;
    let numbers = segments.iter().map(|segment| match *segment {
        "" => Some(0),
        segment => segment.parse().ok(),
    });
    numbers.collect()
}

#[cfg(test)]
mod tests {
    use super::{has, is_open};

    /// What of three images a constraint has: one until 1.2.9, one since 1.2.10, and one until 1.3.5.
    #[track_caller]
    fn check(constraint: &str, expected: [bool; 3]) {
        let of = Some(constraint);
        let found = [
            has(of, None, Some("1.2.9")),
            has(of, Some("1.2.10"), None),
            has(of, None, Some("1.3.5")),
        ];
        assert_eq!(found, expected, "{constraint}");
    }

    /// A bound of fewer numbers takes every version that begins with them.
    #[test]
    fn a_bound_may_leave_numbers_open() {
        for (of, until, expected) in [
            ("41.9.1", "41", true),
            ("42.0.0", "41", false),
            ("41.x", "41", true),
            ("42.x", "41", false),
            ("3.194.9", "3.194", true),
            ("3.195.0", "3.194", false),
            ("3.194.x", "3.194", true),
            ("*", "41", false),
        ] {
            assert_eq!(has(Some(of), None, Some(until)), expected, "{of} {until}");
        }
    }

    #[test]
    fn the_newest_version_of_a_constraint_counts() {
        let (old, new, newest) = (
            [true, false, true],
            [false, true, true],
            [false, true, false],
        );
        for constraint in [
            "1.2.9",
            "=1.2.9",
            "v1.2.9",
            "1.2.9-rc1",
            "<1.2.10",
            ">=1.2.9 <1.2.10",
            ">= 1.2.9, < 1.2.10",
            "<= 1.2.9",
            "1.2.1 - 1.2.9",
            "1.1.x || 1.2.9",
        ] {
            check(constraint, old);
        }
        for constraint in [
            "1.2.13",
            "1.2.x",
            "1.2.*",
            "1.2",
            "~1.2.3",
            "~1.2",
            "1.2.9 || 1.2.10",
            "1.2.9 - 1.2.10",
            "<1.3.0",
            "<=1.2",
            "^1.2.3 <1.3.0",
        ] {
            check(constraint, new);
        }
        for constraint in [
            "1",
            "1.x",
            "^1.2.3",
            "*",
            "x",
            ">=1.2.9",
            "",
            ">1 || 1.2.9",
            "!=1.2.9",
        ] {
            check(constraint, newest);
            assert!(!is_open(constraint), "{constraint}");
        }
    }

    #[test]
    fn what_says_no_version_leaves_it_open() {
        for constraint in [
            "main",
            "${VERSION}",
            "1.${MINOR}.0",
            "{{ .version }}",
            "{{version}}",
            "sha256:7a1b",
            "<version>",
            "x.y.z",
            ">=1.2.0 <${NEXT}",
            "1.2.0 || v$NEXT",
        ] {
            assert!(is_open(constraint), "{constraint}");
        }
        for constraint in [
            "",
            "*",
            "x.x",
            "latest",
            "1",
            "v1.2.3-rc.1+build",
            "1.2.x",
            ">= 1.2, < 2",
            "1.2.1 - 1.2.9",
            "^1.2 || ~3.x",
            "*-0",
            "x-0",
            "3.x-0",
            "3.*-0",
            ">=3.0.0-0",
        ] {
            assert!(!is_open(constraint), "{constraint}");
        }
    }
}
