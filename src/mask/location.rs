//! How a registry, a path or a URL is printed: without a user, and without a query that may hold a
//! token.

use std::borrow::Cow;

use super::legal::{after_port, has_escaped_user, legal};
use super::{MASK, image, word};

/// A registry, a path or a URL: as [`word`], without a user, and without a query that may hold a token.
pub(crate) fn location(text: &str) -> Cow<'_, str> {
    if has_escaped_user(text) {
        return Cow::Borrowed(MASK);
    }
    let is_plain = !text.contains(['@', '?', '#']) && !text.contains("://");
    if is_plain && after_port(text).is_none() {
        return word(text);
    }
    // A password may hold whatever begins a query.
    let user = text.rfind('@').map_or(0, |at| at + 1);
    let end = text[user..]
        .find(['?', '#'])
        .map_or(text.len(), |at| user + at);
    let (before, query) = text.split_at(end);
    let before = if user > 0 {
        image(before)
    } else {
        legal(before)
    };
    let query = match query.chars().next() {
        Some('?') if query[1..].split('&').all(is_known_query) => query,
        Some('?') => "?***",
        Some(_) => "#***",
        None => "",
    };
    let shown = [&before, query].concat();
    if shown == text {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(shown)
    }
}

/// Whether a part of a query is one that kustomize reads (`api/internal/git/repospec.go`), with such a
/// value as it has; anything else may be a token.
fn is_known_query(pair: &str) -> bool {
    const TOKENS: [&str; 8] = [
        "ghp_",
        "gho_",
        "ghu_",
        "ghs_",
        "ghr_",
        "github_pat_",
        "glpat-",
        "xox",
    ];
    let (key, value) = pair.split_once('=').unwrap_or_default();
    let is_of = |also: &str| {
        let mut letters = value.chars();
        letters.all(|letter| letter.is_ascii_alphanumeric() || also.contains(letter))
    };
    match key {
        "ref" | "version" => is_of("._/+-") && !TOKENS.iter().any(|token| value.starts_with(token)),
        "timeout" => {
            let number = value.trim_end_matches(['s', 'm', 'h']);
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        }
        "submodules" => matches!(value, "true" | "false"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::location;

    #[test]
    fn locations_keep_a_version_and_no_user_and_no_token() {
        for text in [
            "../base",
            "../base dir/\u{e9}",
            "https://github.com/acme/base?ref=v1.2",
            "https://h:8443/x//y?ref=feature/a&timeout=90s&submodules=false",
            "m.example.com:5000/hub",
            "[::1]:5000/hub",
            "m.example.com/a@sha256:0123",
        ] {
            assert_eq!(location(text), text);
        }
        for (text, expected) in [
            ("git@github.com:acme/base", "***@github.com:acme/base"),
            ("https://u:K@h/x?ref=main", "https://***@h/x?ref=main"),
            ("https://u:K?x@h/x?ref=main", "https://***@h/x?ref=main"),
            ("https://u:K%40h/x?ref=main", "***"),
            ("https://u:K\u{ff20}h/x", "***"),
            ("https://u:K/x", "https://u:***"),
            ("u:K/hub", "u:***"),
            ("[::1]:K/hub", "[::1]:***"),
            ("https://h/x#token=K", "https://h/x#***"),
            ("h/x?K", "h/x?***"),
            ("https://h/x?ref=main#access_token=K", "https://h/x?***"),
            ("https://h/x?ref=main?token=K", "https://h/x?***"),
            ("https://h/x?ref=main;token=K", "https://h/x?***"),
            ("https://h/x?ref=ghp_0123", "https://h/x?***"),
            ("https://h/x?timeout=K", "https://h/x?***"),
        ] {
            assert_eq!(location(text), expected, "{text}");
        }
    }
}
