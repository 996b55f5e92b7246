//! One finding as a result of the wire format, in block or flow style.

use std::sync::Arc;

use crate::finding::{FieldRef, FileRef, Finding, ResourceRef};
use crate::yaml::Style;
use crate::yaml::scalar::{ScalarContext, quote_to, write_to};

/// About how many bytes a result has.
pub(super) const LENGTH: usize = 640;

/// A pair of a result, or of the mapping in it that was opened last.
struct ResultPair<'f> {
    is_inner: bool,
    key: &'static str,
    value: ResultValue<'f>,
}

enum ResultValue<'f> {
    Text(&'f str),
    /// A word of our own, which every reader takes for text.
    Word(&'static str),
    Number(u64),
    /// A mapping; the inner pairs that follow are its own.
    Mapping,
}

fn outer<'f>(key: &'static str, value: ResultValue<'f>) -> ResultPair<'f> {
    ResultPair {
        is_inner: false,
        key,
        value,
    }
}

fn inner<'f>(key: &'static str, value: ResultValue<'f>) -> ResultPair<'f> {
    ResultPair {
        is_inner: true,
        key,
        value,
    }
}

/// Gives the pairs of a result in their order.
fn pairs<'f>(finding: &'f Finding, pair: &mut impl FnMut(ResultPair<'f>)) {
    what(finding, pair);
    if let Some(resource) = &finding.resource {
        resource.pairs(pair);
    }
    if let Some(field) = &finding.field {
        field.pairs(pair);
    }
    if let Some(file) = &finding.file {
        file.pairs(pair);
    }
    tags(finding, pair);
}

fn what<'f>(finding: &'f Finding, pair: &mut impl FnMut(ResultPair<'f>)) {
    pair(outer("message", ResultValue::Text(&finding.message)));
    pair(outer(
        "severity",
        ResultValue::Word(finding.severity.as_str()),
    ));
}

/// What several findings may share: a resource, a field, a file.
trait Described {
    /// Gives the pair whose value is a mapping, and the pairs in that.
    fn pairs<'f>(&'f self, pair: &mut impl FnMut(ResultPair<'f>));
}

impl Described for ResourceRef {
    fn pairs<'f>(&'f self, pair: &mut impl FnMut(ResultPair<'f>)) {
        pair(outer("resourceRef", ResultValue::Mapping));
        pair(inner("apiVersion", ResultValue::Text(&self.api_version)));
        pair(inner("kind", ResultValue::Text(&self.kind)));
        pair(inner("name", ResultValue::Text(&self.name)));
        if !self.namespace.is_empty() {
            pair(inner("namespace", ResultValue::Text(&self.namespace)));
        }
    }
}

impl Described for FieldRef {
    fn pairs<'f>(&'f self, pair: &mut impl FnMut(ResultPair<'f>)) {
        pair(outer("field", ResultValue::Mapping));
        pair(inner("path", ResultValue::Text(&self.path)));
        if let Some(current) = &self.current {
            pair(inner("currentValue", ResultValue::Text(current)));
        }
        if let Some(proposed) = &self.proposed {
            pair(inner("proposedValue", ResultValue::Text(proposed)));
        }
    }
}

impl Described for FileRef {
    fn pairs<'f>(&'f self, pair: &mut impl FnMut(ResultPair<'f>)) {
        pair(outer("file", ResultValue::Mapping));
        pair(inner("path", ResultValue::Text(&self.path)));
        // An integer: kpt fails the whole render on the annotation's text.
        if let Some(index) = self.index {
            pair(inner("index", ResultValue::Number(index)));
        }
    }
}

fn tags<'f>(finding: &'f Finding, pair: &mut impl FnMut(ResultPair<'f>)) {
    pair(outer("tags", ResultValue::Mapping));
    pair(inner("rule", ResultValue::Word(finding.rule.id())));
    if let Some(agent) = &finding.agent {
        pair(inner("agent", ResultValue::Text(agent)));
    }
}

/// Writes results as items of a block list whose dashes are at `indent`.
///
/// What results that follow each other have in common is written once and copied: those of one
/// resource come together.
pub(super) struct Block<'f> {
    indent: usize,
    resource: Last<'f, ResourceRef>,
    field: Last<'f, FieldRef>,
    file: Last<'f, FileRef>,
}

/// The lines of what was written last.
struct Last<'f, T> {
    of: Option<&'f Arc<T>>,
    lines: String,
}

impl<'f, T: Described> Last<'f, T> {
    fn nothing() -> Self {
        Last {
            of: None,
            lines: String::new(),
        }
    }

    /// Appends the lines of something to the output.
    fn write(&mut self, of: Option<&'f Arc<T>>, indent: usize, lines: &mut String) {
        let Some(of) = of else { return };
        if self.of.is_none_or(|last| !Arc::ptr_eq(last, of)) {
            self.of = Some(of);
            self.lines.clear();
            of.pairs(&mut |pair| line(&pair, indent, "  ", &mut self.lines));
        }
        lines.push_str(&self.lines);
    }
}

impl<'f> Block<'f> {
    pub(super) fn new(indent: usize) -> Self {
        Block {
            indent,
            resource: Last::nothing(),
            field: Last::nothing(),
            file: Last::nothing(),
        }
    }

    /// Appends one result.
    pub(super) fn write(&mut self, finding: &'f Finding, lines: &mut String) {
        let indent = self.indent;
        let mut before = "- ";
        what(finding, &mut |pair| {
            line(&pair, indent, before, lines);
            before = "  ";
        });
        self.resource
            .write(finding.resource.as_ref(), indent, lines);
        self.field.write(finding.field.as_ref(), indent, lines);
        self.file.write(finding.file.as_ref(), indent, lines);
        tags(finding, &mut |pair| line(&pair, indent, "  ", lines));
    }
}

/// Writes a pair of an item whose dash is at `indent`; `before` is what is there.
fn line(pair: &ResultPair<'_>, indent: usize, before: &str, lines: &mut String) {
    (0..indent).for_each(|_| lines.push(' '));
    lines.push_str(if pair.is_inner { "    " } else { before });
    lines.push_str(pair.key);
    match pair.value {
        ResultValue::Text(text) => {
            lines.push_str(": ");
            write_to(lines, text, Style::Plain, ScalarContext::Block);
        }
        ResultValue::Word(word) => {
            lines.push_str(": ");
            lines.push_str(word);
        }
        ResultValue::Number(number) => {
            lines.push_str(": ");
            lines.push_str(&number.to_string());
        }
        ResultValue::Mapping => lines.push(':'),
    }
    lines.push('\n');
}

/// Writes a result as JSON, which is flow style too.
pub(super) fn flow(finding: &Finding, text: &mut String) {
    let (mut is_open, mut before) = (false, "{");
    pairs(finding, &mut |pair| {
        if is_open && !pair.is_inner {
            text.push('}');
            is_open = false;
        }
        text.push_str(before);
        before = ", ";
        text.push('"');
        text.push_str(pair.key);
        text.push_str("\": ");
        match pair.value {
            ResultValue::Text(value) | ResultValue::Word(value) => quote_to(text, value),
            ResultValue::Number(number) => text.push_str(&number.to_string()),
            ResultValue::Mapping => (is_open, before) = (true, "{"),
        }
    });
    text.push_str(if is_open { "}}" } else { "}" });
}
