//! Somebody else's words in a message: on one line, and not too long.

/// The first `most` characters, control characters escaped.
pub(crate) fn short(text: &str, most: usize) -> String {
    let mut short = String::new();
    for (index, c) in text.chars().enumerate() {
        if index == most {
            short.push('…');
            break;
        }
        match c.is_control() {
            true => short.extend(c.escape_default()),
            false => short.push(c),
        }
    }
    short
}
