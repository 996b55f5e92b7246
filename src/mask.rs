//! Credentials in what is not ours: `user:token@host/image` is no reference, and is not repeated.

use std::borrow::Cow;

const MASK: &str = "***";

/// The text with every `user:password` or `//user` before an `@` covered; digests stay.
pub(crate) fn credentials(text: &str) -> Cow<'_, str> {
    if memchr::memchr(b'@', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut covered = String::new();
    let mut done = 0;
    for (at, _) in text.match_indices('@') {
        if let Some(start) = start_of_credentials(text, done, at) {
            covered.push_str(&text[done..start]);
            covered.push_str(MASK);
            done = at;
        }
    }
    match done {
        0 => Cow::Borrowed(text),
        _ => Cow::Owned(covered + &text[done..]),
    }
}

fn start_of_credentials(text: &str, done: usize, at: usize) -> Option<usize> {
    let before = &text[done..at];
    let is_edge =
        |c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '`' | ',' | '=' | '(');
    let edge = before.char_indices().rfind(|(_, c)| is_edge(*c));
    let start = done + edge.map_or(0, |(index, c)| index + c.len_utf8());
    let candidate = &text[start..at];
    let is_pair = candidate.contains(':') && !is_digest(&text[at + 1..]);
    let is_user = text[..start].ends_with("//") && !candidate.is_empty();
    (is_pair || is_user).then_some(start)
}

/// Whether the text begins with an algorithm and a hash: `sha256:0123…`.
fn is_digest(text: &str) -> bool {
    let Some((algorithm, hash)) = text.split_once(':') else {
        return false;
    };
    let is_word = |c: char| c.is_ascii_alphanumeric() || "+._-".contains(c);
    let hex = hash.bytes().take_while(u8::is_ascii_hexdigit).count();
    !algorithm.is_empty() && algorithm.chars().all(is_word) && hex >= 32
}

#[cfg(test)]
mod tests {
    use super::credentials;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(credentials(text), expected);
    }

    #[test]
    fn users_and_tokens_are_covered() {
        check(
            "robot:t0ken@registry.example.com/a",
            "***@registry.example.com/a",
        );
        check(
            "https://t0ken@registry.example.com/a",
            "https://***@registry.example.com/a",
        );
        check("a → u:p@x/y, u:q@z", "a → ***@x/y, ***@z");
        check("u:p@ss@host/a", "***@ss@host/a");
    }

    #[test]
    fn digests_and_addresses_stay() {
        let digest = format!("registry:5000/a:v1@sha256:{}", "0".repeat(64));
        check(&digest, &digest);
        check(
            "a@sha256:0123456789abcdef0123456789abcdef",
            "a@sha256:0123456789abcdef0123456789abcdef",
        );
        check("ask ops@example.com", "ask ops@example.com");
        check("", "");
    }
}
