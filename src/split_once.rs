//! `str::split_once` for an ASCII character, by SIMD: the standard library's search takes any
//! character, and at most eight bytes at a time.

/// The text before the first such character, and the text after it.
pub(crate) fn split_once(text: &str, at: u8) -> Option<(&str, &str)> {
    let at = memchr::memchr(at, text.as_bytes())?;
    Some((&text[..at], &text[at + 1..]))
}

#[cfg(test)]
mod tests {
    use super::split_once;

    #[test]
    fn the_first_splits() {
        assert_eq!(split_once("a/b/c", b'/'), Some(("a", "b/c")));
        assert_eq!(split_once("/", b'/'), Some(("", "")));
        assert_eq!(split_once("ä/ö", b'/'), Some(("ä", "ö")));
        assert_eq!(split_once("abc", b'/'), None);
    }
}
