//! One finding as a result of the wire format, in block or flow style.

use crate::finding::Finding;
use crate::yaml::Style;
use crate::yaml::scalar::{Context, quote_to, write_to};

/// About how many bytes a result has.
pub(super) const LENGTH: usize = 640;

/// A pair of a result, or of the mapping in it that was opened last.
struct Pair<'f> {
    is_inner: bool,
    key: &'static str,
    value: Value<'f>,
}

enum Value<'f> {
    Text(&'f str),
    Number(u64),
    /// A mapping; the inner pairs that follow are its own.
    Mapping,
}

/// Gives the pairs of a result in their order.
fn pairs<'f>(finding: &'f Finding, mut give: impl FnMut(Pair<'f>)) {
    let mut pair = |is_inner, key, value| {
        give(Pair {
            is_inner,
            key,
            value,
        });
    };
    pair(false, "message", Value::Text(&finding.message));
    pair(false, "severity", Value::Text(finding.severity.as_str()));
    if let Some(resource) = &finding.resource {
        pair(false, "resourceRef", Value::Mapping);
        pair(true, "apiVersion", Value::Text(&resource.api_version));
        pair(true, "kind", Value::Text(&resource.kind));
        pair(true, "name", Value::Text(&resource.name));
        if !resource.namespace.is_empty() {
            pair(true, "namespace", Value::Text(&resource.namespace));
        }
    }
    if let Some(field) = &finding.field {
        pair(false, "field", Value::Mapping);
        pair(true, "path", Value::Text(&field.path));
        if let Some(current) = &field.current {
            pair(true, "currentValue", Value::Text(current));
        }
        if let Some(proposed) = &field.proposed {
            pair(true, "proposedValue", Value::Text(proposed));
        }
    }
    if let Some(file) = &finding.file {
        pair(false, "file", Value::Mapping);
        pair(true, "path", Value::Text(&file.path));
        // An integer: kpt fails the whole render on the annotation's text.
        if let Some(index) = file.index {
            pair(true, "index", Value::Number(index));
        }
    }
    pair(false, "tags", Value::Mapping);
    pair(true, "rule", Value::Text(finding.rule.id()));
    if let Some(agent) = &finding.agent {
        pair(true, "agent", Value::Text(agent));
    }
}

/// Writes a result as an item of a block list whose dashes stand at `indent`.
pub(super) fn block(finding: &Finding, indent: usize, lines: &mut String) {
    let mut before = "- ";
    pairs(finding, |pair| {
        (0..indent).for_each(|_| lines.push(' '));
        lines.push_str(if pair.is_inner { "    " } else { before });
        before = "  ";
        lines.push_str(pair.key);
        match pair.value {
            Value::Text(text) => {
                lines.push_str(": ");
                write_to(lines, text, Style::Plain, Context::Block);
            }
            Value::Number(number) => {
                lines.push_str(": ");
                lines.push_str(&number.to_string());
            }
            Value::Mapping => lines.push(':'),
        }
        lines.push('\n');
    });
}

/// Writes a result as JSON, which is flow style too.
pub(super) fn flow(finding: &Finding, text: &mut String) {
    let (mut is_open, mut before) = (false, "{");
    pairs(finding, |pair| {
        if is_open && !pair.is_inner {
            text.push('}');
            is_open = false;
        }
        text.push_str(before);
        before = ", ";
        quote_to(text, pair.key);
        text.push_str(": ");
        match pair.value {
            Value::Text(value) => quote_to(text, value),
            Value::Number(number) => text.push_str(&number.to_string()),
            Value::Mapping => (is_open, before) = (true, "{"),
        }
    });
    text.push_str(if is_open { "}}" } else { "}" });
}
