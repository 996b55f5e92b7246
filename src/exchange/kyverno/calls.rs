//! The calls of Kyverno's JMESPath that replace a part of an image's name.

use crate::exchange::{FileMirrors, LocatedText};
use crate::{mask, quote};

/// The functions that replace a part of a text, and whether their first argument is an expression.
const CALLS: &[(&str, bool)] = &[
    ("regex_replace_all_literal(", true),
    ("regex_replace_all(", true),
    ("replace_all(", false),
];

/// Takes the rule of the call that a text is; returns whether it is one, and of an image.
pub(super) fn mutated(text: LocatedText<'_>, found: &mut FileMirrors) -> bool {
    let Some(arguments) = whole_call(text.text) else {
        return false;
    };
    let (is_expression, [first, second, third]) = arguments;
    let (image, pattern) = if is_expression {
        (second, first)
    } else {
        (first, second)
    };
    if !is_image(&image) {
        return false;
    }
    let pair = if is_expression {
        replaced(&pattern, &third)
    } else {
        literal(&pattern, &third)
    };
    let Some((source, mirror)) = pair else {
        let what = format!(
            // Its `?` and `#` begin no query.
            "no rule can express what is replaced by the expression `{}`: left out",
            quote::piece(&mask::word(&pattern))
        );
        found.warn_with_help(
            text.at,
            what,
            "write a rule for each registry that images come from",
        );
        return true;
    };
    let at = text.at;
    found.pair(
        LocatedText { text: &source, at },
        &[LocatedText { text: &mirror, at }],
    );
    true
}

/// The arguments of the one call that a text is, `{{ replace_all(…) }}`, and whether the first of them is
/// an expression. A call that is a part of something else may be for nothing, or for another image.
fn whole_call(text: &str) -> Option<(bool, [String; 3])> {
    let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?.trim();
    let called = |(name, is_expression): &(&str, bool)| {
        let rest = inner.strip_prefix(name)?;
        Some((*is_expression, rest))
    };
    let (is_expression, rest) = CALLS.iter().find_map(called)?;
    let (arguments, rest) = arguments(rest);
    let arguments = <[String; 3]>::try_from(arguments).ok()?;
    rest.trim().is_empty().then_some((is_expression, arguments))
}

/// Whether an argument is the image that a loop is at, as it is: `{{element.image}}`.
fn is_image(argument: &str) -> bool {
    let name = argument.trim();
    let inner = name.strip_prefix("{{").and_then(|it| it.strip_suffix("}}"));
    inner.unwrap_or(name).trim() == "element.image"
}

/// The arguments of a call up to its parenthesis, and what follows it: texts in quotes without these,
/// anything else as it is written.
fn arguments(text: &str) -> (Vec<String>, &str) {
    let mut all = vec![String::new()];
    let mut chars = text.chars();
    let mut depth = 0;
    while let Some(c) = chars.next() {
        let Some(last) = all.last_mut() else { break };
        match c {
            '\'' => {
                let mut before = c;
                for inner in chars.by_ref() {
                    if inner == '\'' {
                        if before != '\\' {
                            break;
                        }
                        last.pop();
                    }
                    last.push(inner);
                    before = inner;
                }
            }
            ')' if depth == 0 => return (all, chars.as_str()),
            ',' if depth == 0 => all.push(String::new()),
            _ => {
                match c {
                    '(' | '[' | '{' => depth += 1,
                    ')' | ']' | '}' => depth -= 1,
                    _ => {}
                }
                if !c.is_whitespace() {
                    last.push(c);
                }
            }
        }
    }
    // Without its parenthesis, it is no call.
    (Vec::new(), "")
}

/// The source and the mirror of an expression that is one prefix: `^docker\.io/(.*)$` and
/// `mirror.example.com/hub/$1`, or both without their ends.
fn replaced(pattern: &str, new: &str) -> Option<(String, String)> {
    let below = pattern.strip_prefix('^')?;
    let whole = below.strip_suffix('$').unwrap_or(below);
    let (below, above) = match whole
        .strip_suffix("(.*)")
        .or_else(|| whole.strip_suffix("(.+)"))
    {
        Some(below) => {
            let above = new
                .strip_suffix("$1")
                .or_else(|| new.strip_suffix("${1}"))?;
            (below, above)
        }
        None => (below, new),
    };
    let mut plain = String::new();
    let mut chars = below.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => plain.push(chars.next().filter(|c| matches!(c, '.' | '/' | '-'))?),
            '.' | '/' | '-' | '_' | ':' => plain.push(c),
            c if c.is_ascii_alphanumeric() => plain.push(c),
            _ => return None,
        }
    }
    literal(&plain, above)
}

/// The source and the mirror of two texts that both end a part of a name.
fn literal(old: &str, new: &str) -> Option<(String, String)> {
    let (source, mirror) = (old.strip_suffix('/')?, new.strip_suffix('/')?);
    (!mirror.contains(['$', '{'])).then(|| (source.to_owned(), mirror.to_owned()))
}
