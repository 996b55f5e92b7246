//! Regular expressions that lists of images and kustomizations hold, each compiled once.

use std::cell::RefCell;
use std::collections::HashMap;

use regex::{Regex, RegexBuilder};

/// Bytes that a compiled expression may take.
const MOST_COMPILED: usize = 1 << 20;

thread_local!(static COMPILED: RefCell<HashMap<String, Option<Regex>>> = RefCell::default());

/// Whether an expression matches a text; `None` where it is none, or too large.
pub(crate) fn is_match(pattern: &str, text: &str) -> Option<bool> {
    COMPILED.with_borrow_mut(|known| {
        if !known.contains_key(pattern) {
            let compiled = RegexBuilder::new(pattern).size_limit(MOST_COMPILED).build();
            known.insert(pattern.to_owned(), compiled.ok());
        }
        let regex = known.get(pattern)?.as_ref()?;
        Some(regex.is_match(text))
    })
}

/// Whether an expression means the same to Go's `regexp`, which kustomize has, and here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GoMeaning {
    /// Both read it alike.
    Alike,
    /// It is none to either.
    Broken,
    /// It is written in what only one of them knows, or what both may read differently.
    Otherwise,
}

/// How Go reads an expression, by what it is made of.
///
/// Source: Go's `regexp/syntax`.
pub(crate) fn reading(pattern: &str) -> GoMeaning {
    let is_literal = |byte: u8| byte.is_ascii_alphanumeric() || b"/_:@.-".contains(&byte);
    if pattern.bytes().all(is_literal) {
        return GoMeaning::Alike;
    }
    let mut rest = pattern;
    let mut is_repeated = false;
    while let Some(first) = rest.chars().next() {
        let behind = &rest[first.len_utf8()..];
        let was_repeated = std::mem::take(&mut is_repeated);
        rest = match first {
            '\\' => match escape(behind) {
                Some(behind) => behind,
                None => return GoMeaning::Otherwise,
            },
            '[' => match class(behind) {
                Ok(behind) => behind,
                Err(reading) => return reading,
            },
            '(' => match behind.strip_prefix('?') {
                None => behind,
                Some(flags) => match flags.find([':', ')']) {
                    Some(end) if flags[..end].chars().all(|flag| "ims-".contains(flag)) => {
                        &flags[end + 1..]
                    }
                    _ => return GoMeaning::Otherwise,
                },
            },
            // Go refuses to repeat a repetition.
            '*' | '+' | '?' if was_repeated => return GoMeaning::Otherwise,
            '*' | '+' | '?' => {
                is_repeated = true;
                behind.strip_prefix('?').unwrap_or(behind)
            }
            '{' => match repetition(behind).filter(|_| !was_repeated) {
                Some(behind) => {
                    is_repeated = true;
                    behind.strip_prefix('?').unwrap_or(behind)
                }
                None => return GoMeaning::Otherwise,
            },
            _ => behind,
        };
    }
    match is_match(pattern, "") {
        Some(_) => GoMeaning::Alike,
        // What is repeated may be too large for one of them alone.
        None if pattern.contains('{') => GoMeaning::Otherwise,
        None => GoMeaning::Broken,
    }
}

/// What follows an escape that both read alike.
fn escape(behind: &str) -> Option<&str> {
    let c = behind.chars().next()?;
    let is_sign = c.is_ascii_punctuation() && !"<>".contains(c);
    (is_sign || "dDsSwWbBtnrfvaAz".contains(c)).then(|| &behind[c.len_utf8()..])
}

/// What follows a class of characters in brackets, if both read it alike.
fn class(behind: &str) -> Result<&str, GoMeaning> {
    let mut rest = behind.strip_prefix('^').unwrap_or(behind);
    // One at the start stands for itself.
    rest = rest.strip_prefix(']').unwrap_or(rest);
    loop {
        let Some(c) = rest.chars().next() else {
            return Err(GoMeaning::Broken);
        };
        let behind = &rest[c.len_utf8()..];
        let is_doubled = behind.starts_with(c) && "&-~".contains(c);
        // A range from a class of its own is one to Go, and here none.
        let is_range = c == '\\' && behind.get(1..).is_some_and(|rest| rest.starts_with('-'));
        rest = match c {
            ']' => return Ok(behind),
            '[' => return Err(GoMeaning::Otherwise),
            _ if is_doubled || is_range => return Err(GoMeaning::Otherwise),
            '\\' => escape(behind).ok_or(GoMeaning::Otherwise)?,
            _ => behind,
        };
    }
}

/// What follows a counted repetition, behind its brace.
fn repetition(behind: &str) -> Option<&str> {
    /// Go refuses more.
    const MOST_TIMES: u32 = 1000;
    let (counts, rest) = behind.split_once('}')?;
    let is_count = |count: &str| {
        let is_number = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
        is_number && count.parse().is_ok_and(|count: u32| count <= MOST_TIMES)
    };
    let is_one = match counts.split_once(',') {
        None => is_count(counts),
        Some((from, to)) => is_count(from) && (to.is_empty() || is_count(to)),
    };
    is_one.then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Measured with Go's `regexp`.
    #[test]
    fn it_is_known_what_go_reads_alike() {
        let rows = [
            ("ghcr.io/acme/.*", GoMeaning::Alike),
            ("a|zz/q", GoMeaning::Alike),
            (r"quay\.io/[a-z0-9-]+/web\-app", GoMeaning::Alike),
            ("(?i)nginx(-alpine)?", GoMeaning::Alike),
            ("[^]a]{2,3}?", GoMeaning::Alike),
            (r"\d+\w*", GoMeaning::Alike),
            ("a]b}", GoMeaning::Alike),
            (r"[\d.-]", GoMeaning::Alike),
            (r"[\d-z]", GoMeaning::Otherwise),
            ("a[", GoMeaning::Broken),
            ("a(", GoMeaning::Broken),
            ("*a", GoMeaning::Broken),
            (r"\Qghcr.io\E/acme/web", GoMeaning::Otherwise),
            (r"\147hcr.io/acme/web", GoMeaning::Otherwise),
            ("ghcr.io/[a-z--m]+/web", GoMeaning::Otherwise),
            ("ghcr.io/[[a-z]+/web", GoMeaning::Otherwise),
            ("a{,3}", GoMeaning::Otherwise),
            ("a{1001}", GoMeaning::Otherwise),
            ("a**", GoMeaning::Otherwise),
            ("(?x)a b", GoMeaning::Otherwise),
            (r"\u0061", GoMeaning::Otherwise),
        ];
        for (pattern, expected) in rows {
            assert_eq!(reading(pattern), expected, "{pattern}");
        }
    }
}
