//! How far a text goes by the grammar of references: up to where a user with a password may be.

use std::borrow::Cow;

use crate::image::{is_name, is_tag};

use super::{MASK, SCHEMES};

/// Whether this is a name, with a tag or without, that is before a digest and is no user with a
/// password: `user:token` has no `/`, and no user has one.
pub(super) fn is_reference(text: &str) -> bool {
    let last = text.rfind('/').map_or(0, |slash| slash + 1);
    let (name, tag) = match text[last..].find(':') {
        Some(colon) => (&text[..last + colon], Some(&text[last + colon + 1..])),
        None => (text, None),
    };
    let is_legal_tag = tag.is_none_or(|tag| last > 0 && is_tag(tag));
    is_legal_tag && is_name(&name.to_ascii_lowercase()).is_some()
}

/// The algorithms that people write before a digest; images have the last three.
const ALGORITHMS: [&str; 6] = ["md5:", "sha1:", "sha224:", "sha256:", "sha384:", "sha512:"];

/// Whether this looks like a digest: an algorithm and digits, even wrong ones or too few, or
/// a placeholder for it.
pub(super) fn is_digest(text: &str) -> bool {
    let hash = ALGORITHMS
        .iter()
        .find_map(|algorithm| text.strip_prefix(algorithm));
    let is_placeholder = |text: &str| placeholder(text) == Some(text.len());
    match hash {
        Some(hash) => hash.bytes().all(|b| b.is_ascii_hexdigit()) || is_placeholder(hash),
        None => is_placeholder(text),
    }
}

/// An `@` that is escaped, or only looks like one.
const AT: [&str; 6] = ["%40", "&#64;", "&#x40;", "&commat;", "\u{ff20}", "\u{fe6b}"];

/// Whether what is before an `@` that is escaped may be a user.
pub(super) fn has_escaped_user(text: &str) -> bool {
    AT.iter().any(|at| text.contains(at))
}

/// The text as far as it is a reference: a host with a port, a path, a tag.
pub(super) fn legal(text: &str) -> Cow<'_, str> {
    let Some(end) = after_port(text) else {
        return legal_characters(text);
    };
    // What is before an `@` may be a user as well.
    let shown = if has_escaped_user(text) {
        ""
    } else {
        &text[..end]
    };
    Cow::Owned([shown, MASK].concat())
}

/// The text as far as its characters are those of references and of placeholders in them.
pub(super) fn legal_characters(text: &str) -> Cow<'_, str> {
    let is_legal =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | ':' | '+' | '$');
    let mut end = 0;
    loop {
        let rest = &text[end..];
        end += rest.find(|c| !is_legal(c)).unwrap_or(rest.len());
        match placeholder(&text[end..]) {
            Some(length) => end += length,
            None if end == text.len() => return Cow::Borrowed(text),
            // What is before it may be a user with a password.
            None if AT.iter().any(|at| text[end..].starts_with(at)) => return Cow::Borrowed(MASK),
            None => return Cow::Owned([&text[..end], MASK].concat()),
        }
    }
}

/// Where text begins that is in the place of a port and is none, such as the password of
/// `user:password/name`.
pub(super) fn after_port(text: &str) -> Option<usize> {
    let scheme = SCHEMES.iter().find(|scheme| text.starts_with(**scheme));
    let start = scheme.map_or(0, |scheme| scheme.len());
    let (host, _) = text[start..].split_once('/')?;
    // The colons of an IPv6 address are between brackets.
    let address = host.find(']').filter(|_| host.starts_with('['));
    let from = address.unwrap_or_default();
    let colon = from + host[from..].find(':')?;
    let (before, port) = (&host[..colon], &host[colon + 1..]);
    let is_port = port.bytes().all(|byte| byte.is_ascii_digit());
    let may_be_placeholder =
        before.contains(['{', '(', '<', '%']) || port.contains(['{', '(', '<', '%']);
    (!is_port && !may_be_placeholder).then_some(start + before.len() + 1)
}

/// The length of a placeholder at the beginning: `${NAME}`, `$(NAME)`, `{{ .Values.name }}`,
/// `<name>`, `%NAME%`.
///
/// A name between percent signs begins with a letter, since `%40` may be the `@` of an escaped URL.
fn placeholder(text: &str) -> Option<usize> {
    let is_letter = |c: char| c.is_ascii_alphabetic();
    if text.starts_with('%') && !text[1..].starts_with(is_letter) {
        return None;
    }
    let braces = [
        ("%", "%"),
        ("${", "}"),
        ("{{", "}}"),
        ("{", "}"),
        ("$(", ")"),
        ("(", ")"),
        ("<", ">"),
    ];
    let (open, close) = braces
        .into_iter()
        .find(|(open, _)| text.starts_with(open))?;
    let inner = &text[open.len()..];
    let end = inner.find(close)?;
    let is_word =
        |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b' ' | b'$');
    let is_name = end > 0 && inner.as_bytes()[..end].iter().all(|&b| is_word(b));
    is_name.then_some(open.len() + end + close.len())
}
