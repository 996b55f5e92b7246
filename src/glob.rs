//! Patterns with `*` for any text, as exceptions and profiles use them for names.

use memchr::memmem;

/// Whether `text` matches `pattern`: `*` matches any text, including none; every other character
/// matches itself.
///
/// Takes time linear in both: each piece between stars is looked for once, as far left as it goes.
pub fn matches(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let (middle, tail) = rest.rsplit_once('*').unwrap_or(("", rest));
    let Some(text) = text.strip_prefix(head) else {
        return false;
    };
    let Some(text) = text.strip_suffix(tail) else {
        return false;
    };
    let mut left = text.as_bytes();
    for piece in middle.split('*').filter(|piece| !piece.is_empty()) {
        match memmem::find(left, piece.as_bytes()) {
            Some(at) => left = &left[at + piece.len()..],
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, yes: &[&str], no: &[&str]) {
        for text in yes {
            assert!(matches(pattern, text), "{pattern} and {text}");
        }
        for text in no {
            assert!(!matches(pattern, text), "{pattern} and {text}");
        }
    }

    #[test]
    fn a_star_is_any_text() {
        check("", &[""], &["a"]);
        check("a", &["a"], &["", "aa", "A"]);
        check("*", &["", "a", "a/b"], &[]);
        check("**", &["", "a"], &[]);
        check("cz-*", &["cz-", "cz-agent"], &["cz", "acz-"]);
        check("*-agent", &["cz-agent", "-agent"], &["agent", "cz-agent-2"]);
        check("a*a", &["aa", "aba"], &["a", "ab"]);
        check("a*b*c", &["abc", "axbxc", "abbc"], &["ac", "acb", "abcd"]);
        check("*b*b*", &["bb", "abab"], &["b", "aba"]);
        check("[a]?.*", &["[a]?.x"], &["a.x"]);
    }

    #[test]
    fn many_stars_take_linear_time() {
        let pattern = format!("{}b", "a*".repeat(20_000));
        let text = "a".repeat(400_000);
        assert!(!matches(&pattern, &text));
    }
}
