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

/// Whether a path of a file matches `pattern`: where the pattern begins with no slash, any folders may be
/// before it, and where it ends with one, it is everything in the folder.
pub fn is_file(pattern: &str, path: &str) -> bool {
    let pattern = pattern.trim_start_matches("./");
    let whole = match pattern.strip_suffix('/') {
        Some(folder) => format!("{folder}/*"),
        None => pattern.to_owned(),
    };
    match whole.strip_prefix('/') {
        Some(pattern) => matches(pattern, path.trim_start_matches('/')),
        None => matches(&whole, path) || matches(&format!("*/{whole}"), path),
    }
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
    fn a_file_is_named_from_its_end_or_from_the_root() {
        #[track_caller]
        fn check(pattern: &str, yes: &[&str], no: &[&str]) {
            for path in yes {
                assert!(is_file(pattern, path), "{pattern} and {path}");
            }
            for path in no {
                assert!(!is_file(pattern, path), "{pattern} and {path}");
            }
        }
        check("a.yaml", &["a.yaml", "b/a.yaml"], &["ba.yaml", "a.yaml/b"]);
        check("./a.yaml", &["a.yaml"], &["b.yaml"]);
        check("/a.yaml", &["a.yaml", "/a.yaml"], &["b/a.yaml"]);
        check("b/*.yaml", &["b/a.yaml", "c/b/a.yaml"], &["b/a.yml"]);
        check("prod/", &["prod/a.yaml", "x/prod/b/a.yaml"], &["prod"]);
        check("/prod/", &["prod/a.yaml"], &["x/prod/a.yaml"]);
    }

    #[test]
    fn many_stars_take_linear_time() {
        let pattern = format!("{}b", "a*".repeat(20_000));
        let text = "a".repeat(400_000);
        assert!(!matches(&pattern, &text));
    }
}
