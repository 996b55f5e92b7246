//! Kyverno's policies that replace the registry of images, by the calls in their mutations.

use super::{FileMirrors, Unreadable, Written, written_at};
use crate::yaml::Node;
use crate::{mask, quote};

/// Reads one policy.
pub(super) fn read(node: &Node<'_>, found: &mut FileMirrors) -> Result<(), Unreadable> {
    let rules = node.at(&["spec", "rules"])?.and_then(Node::items);
    for rule in rules.into_iter().flatten() {
        let Some(mutation) = rule.get("mutate")? else {
            continue;
        };
        let pairs = found.pairs.len();
        for part in parts(mutation)? {
            let before = (found.pairs.len(), found.remarks.len());
            let mut texts = Vec::new();
            part.each_scalar(&mut |scalar| texts.extend(written_at(scalar)));
            for text in texts {
                mutated(text, found);
            }
            if (found.pairs.len(), found.remarks.len()) == before {
                let what = "the rule mutates, and replaces no registry in a way that is known here: left out";
                found.remark(part.start(), what);
            }
        }
        if found.pairs.len() > pairs && is_conditional(rule)? {
            let at = rule.start();
            found.remark(
                at,
                "the policy holds under conditions, and a rule holds everywhere",
            );
        }
    }
    Ok(())
}

/// A policy of a kind whose mutations are not read.
pub(super) fn unread(node: &Node<'_>, kind: &str, found: &mut FileMirrors) {
    found.remark_with_help(
        node.start(),
        format!("{kind} is a kind that is not read: left out"),
        "write a rule for each registry whose images it moves",
    );
}

/// The mutations of a rule, each loop for itself.
fn parts<'n>(mutation: &'n Node<'n>) -> Result<Vec<&'n Node<'n>>, Unreadable> {
    let loops = mutation.get("foreach")?.and_then(Node::items);
    Ok(match loops {
        Some(loops) if !loops.is_empty() => loops.iter().collect(),
        _ => vec![mutation],
    })
}

/// Whether a resource is matched by more than its kind.
fn is_conditional(rule: &Node<'_>) -> Result<bool, Unreadable> {
    if rule.get("exclude")?.is_some() || rule.get("preconditions")?.is_some() {
        return Ok(true);
    }
    let loops = rule.at(&["mutate", "foreach"])?.and_then(Node::items);
    for each in loops.into_iter().flatten() {
        if each.get("preconditions")?.is_some() {
            return Ok(true);
        }
    }
    let Some(matched) = rule.get("match")? else {
        return Ok(false);
    };
    let mut keys = Vec::new();
    names(matched, &mut keys);
    let asked = [
        "namespaces",
        "namespaceSelector",
        "selector",
        "names",
        "name",
        "annotations",
    ];
    Ok(keys.iter().any(|key| asked.contains(key)))
}

fn names<'n>(node: &'n Node<'_>, keys: &mut Vec<&'n str>) {
    for entry in node.entries().unwrap_or_default() {
        keys.extend(entry.key.scalar());
        names(&entry.value, keys);
    }
    node.items()
        .unwrap_or_default()
        .iter()
        .for_each(|item| names(item, keys));
}

/// The functions that replace a part of a text, and whether their first argument is an expression.
const CALLS: &[(&str, bool)] = &[
    ("regex_replace_all_literal(", true),
    ("regex_replace_all(", true),
    ("replace_all(", false),
];

/// The rules of the calls in one text.
fn mutated(text: Written<'_>, found: &mut FileMirrors) {
    let mut rest = text.text;
    while let Some((at, (name, is_expression))) = next_call(rest) {
        rest = &rest[at + name.len()..];
        let arguments = arguments(rest);
        let [first, second, third] = arguments.as_slice() else {
            continue;
        };
        let (image, pattern) = if *is_expression {
            (second, first)
        } else {
            (first, second)
        };
        if !image.contains("image") {
            continue;
        }
        let pair = if *is_expression {
            replaced(pattern, third)
        } else {
            literal(pattern, third)
        };
        let Some((source, mirror)) = pair else {
            let what = format!(
                // Its `?` and `#` begin no query.
                "no rule can say what is replaced by the expression `{}`: left out",
                quote::piece(&mask::word(pattern))
            );
            found.remark_with_help(
                text.at,
                what,
                "write a rule for each registry that images come from",
            );
            continue;
        };
        let at = text.at;
        found.pair(
            Written { text: &source, at },
            &[Written { text: &mirror, at }],
        );
    }
}

fn next_call(text: &str) -> Option<(usize, &'static (&'static str, bool))> {
    let calls = CALLS
        .iter()
        .filter_map(|call| Some((text.find(call.0)?, call)));
    // `replace_all(` is the end of `regex_replace_all(`, which begins before it.
    calls.min_by_key(|(at, _)| *at)
}

/// The arguments of a call up to its parenthesis: texts in quotes without these, anything else as it
/// is written.
fn arguments(text: &str) -> Vec<String> {
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
            ')' if depth == 0 => break,
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
    all
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
