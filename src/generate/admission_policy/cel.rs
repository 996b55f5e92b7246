//! Expressions of Kubernetes' Common Expression Language (CEL): literals, conditions, patterns.

use crate::registry::Prefix;

/// A string literal.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("'");
    for c in text.chars() {
        match c {
            '\'' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

/// A list of string literals.
pub(super) fn list<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> String {
    let texts = texts.into_iter().map(|text| quoted(text.as_ref()));
    format!("[{}]", texts.collect::<Vec<String>>().join(", "))
}

/// The condition that one of several holds; `false` where there are none.
pub(super) fn any(conditions: &[String]) -> String {
    joined(conditions, " || ", "false")
}

/// The condition that all of several hold; `true` where there are none.
pub(super) fn all(conditions: &[String]) -> String {
    joined(conditions, " && ", "true")
}

fn joined(conditions: &[String], operator: &str, none: &str) -> String {
    match conditions {
        [] => none.to_owned(),
        [one] => one.clone(),
        many => format!("({})", many.join(operator)),
    }
}

/// The condition that `value` fits a pattern of [`crate::glob`], followed by `suffix`, which is a
/// regular expression.
pub(super) fn fits(value: &str, pattern: &str, suffix: &str) -> String {
    let stars = pattern.matches('*').count();
    if suffix.is_empty() {
        match (stars, pattern.strip_suffix('*')) {
            (0, _) => return format!("{value} == {}", quoted(pattern)),
            (1, Some("")) => return "true".to_owned(),
            (1, Some(start)) => return format!("{value}.startsWith({})", quoted(start)),
            _ => {}
        }
    }
    let pieces: Vec<String> = pattern.split('*').map(literal).collect();
    let expression = format!("^{}{suffix}$", pieces.join(".*"));
    format!("{value}.matches({})", quoted(&expression))
}

/// A text as a regular expression for itself (RE2).
pub(super) fn literal(text: &str) -> String {
    let mut expression = String::new();
    for c in text.chars() {
        if !c.is_ascii_alphanumeric() && !"-_/:@".contains(c) {
            expression.push('\\');
        }
        expression.push(c);
    }
    expression
}

/// The condition that a canonical repository is a prefix, or continues it after a `/`.
///
/// Without the `/`, `registry.example.com.evil.example/x` would be under `registry.example.com`.
pub(super) fn under(value: &str, prefix: &Prefix) -> String {
    let plain = prefix.plain();
    let below = format!("{value}.startsWith({})", quoted(&format!("{plain}/")));
    match prefix.path() {
        "" => below,
        _ => format!("({value} == {} || {below})", quoted(&plain)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_literals() {
        assert_eq!(quoted(r"it's \d"), r"'it\'s \\d'");
        assert_eq!(list(["a", "b"]), "['a', 'b']");
        assert_eq!(any(&[]), "false");
        assert_eq!(all(&["a".to_owned(), "b".to_owned()]), "(a && b)");
    }

    #[test]
    fn patterns_are_conditions() {
        assert_eq!(fits("x", "a.b", ""), "x == 'a.b'");
        assert_eq!(fits("x", "*", ""), "true");
        assert_eq!(fits("x", "cz-*", ""), "x.startsWith('cz-')");
        assert_eq!(fits("x", "*.b", ""), r"x.matches('^.*\\.b$')");
        assert_eq!(fits("x", "a", "-[0-9]+"), "x.matches('^a-[0-9]+$')");
    }
}
