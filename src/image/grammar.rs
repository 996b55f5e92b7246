//! The distribution grammar: which texts are hosts, paths, tags and digests' algorithms.
//!
//! All classes are ASCII, so the rules are written out rather than as regular expressions.

use crate::split_once::split_once;

/// The most bytes a tag may have.
pub(super) const MAX_TAG: usize = 128;

pub(super) fn is_algorithm(text: &str) -> bool {
    text.split(['-', '_', '+', '.']).all(|part| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}

pub(super) fn is_identifier(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

pub(crate) fn is_tag(text: &str) -> bool {
    (1..=MAX_TAG).contains(&text.len())
        && !text.starts_with(['.', '-'])
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

/// Whether the whole text is a host with an optional port, by the grammar alone: a port's range
/// and an IPv6 address's form are not looked at.
pub fn is_domain(text: &str) -> bool {
    let (is_legal_host, port) = if let Some(rest) = text.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else {
            return false;
        };
        let legal =
            !address.is_empty() && address.bytes().all(|b| b.is_ascii_hexdigit() || b == b':');
        (legal, port)
    } else {
        let (host, port) =
            text.split_at(memchr::memchr(b':', text.as_bytes()).unwrap_or(text.len()));
        let mut components = host.as_bytes().split(|&b| b == b'.');
        (components.all(is_domain_component), port)
    };
    is_legal_host && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

fn is_port(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_domain_component(text: &[u8]) -> bool {
    let is_legal = |b: &u8| b.is_ascii_alphanumeric() || *b == b'-';
    !text.is_empty()
        && text.first() != Some(&b'-')
        && text.last() != Some(&b'-')
        && text.iter().all(is_legal)
}

/// Splits a whole name, without tag and digest, into domain and path, or `None` if it is not one.
pub fn is_name(text: &str) -> Option<(Option<&str>, &str)> {
    if let Some((first, rest)) = split_once(text, b'/')
        && is_domain(first)
        && is_path(rest)
    {
        return Some((Some(first), rest));
    }
    is_path(text).then_some((None, text))
}

/// Whether the whole text is one or more path components joined by `/`.
pub(crate) fn is_path(text: &str) -> bool {
    text.as_bytes().split(|&b| b == b'/').all(is_path_component)
}

/// Lower-case letters and digits, runs of them joined by `.`, `_`, `__` or any number of `-`.
fn is_path_component(text: &[u8]) -> bool {
    let is_alphanumeric = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let is_dashed = |b: &u8| is_alphanumeric(b) || *b == b'-';
    let is_separator =
        |run: &[u8]| matches!(run, b"" | b"." | b"_" | b"__") || run.iter().all(|b| *b == b'-');
    text.first().is_some_and(is_alphanumeric)
        && text.last().is_some_and(is_alphanumeric)
        && (text.iter().all(is_dashed) || text.split(is_alphanumeric).all(is_separator))
}
