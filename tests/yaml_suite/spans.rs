//! Spans of nodes against their text: each scalar's bytes read as its value, and nodes nest.

use restore_images::yaml::{Kind, Node, Span, Style};

/// Checks a node and what it holds; returns the number of scalars.
#[track_caller]
pub(super) fn check(id: &str, text: &str, node: &Node<'_>) -> usize {
    let at = || format!("{id}: {node:?}\n{text:?}");
    assert!(text.get(node.span.clone()).is_some(), "{}", at());
    assert!(node.start() <= node.span.start, "{}", at());
    match &node.kind {
        Kind::Scalar(value, style) => {
            let slice = &text[node.span.clone()];
            assert!(stands_for(slice, value, *style), "{slice:?}: {}", at());
            let properties = text[node.start()..node.span.start].trim();
            assert!(
                properties.is_empty() || properties.starts_with(['&', '!']),
                "{properties:?}: {}",
                at()
            );
            1
        }
        Kind::Alias(_) => {
            assert!(text[node.span.clone()].starts_with('*'), "{}", at());
            0
        }
        Kind::Anchored(inner) => {
            assert_eq!(
                (inner.start(), &inner.span),
                (node.start(), &node.span),
                "{}",
                at()
            );
            assert!(text[node.start()..].starts_with(['&', '!']), "{}", at());
            check(id, text, inner)
        }
        Kind::Sequence(items, _) => within(id, text, &node.span, items.iter()),
        Kind::Mapping(entries, _) => {
            let nodes = entries.iter().flat_map(|entry| [&entry.key, &entry.value]);
            within(id, text, &node.span, nodes)
        }
    }
}

/// Checks that nodes follow each other inside `outer`, and each of them.
#[track_caller]
fn within<'n, 's: 'n>(
    id: &str,
    text: &str,
    outer: &Span,
    nodes: impl Iterator<Item = &'n Node<'s>>,
) -> usize {
    let (mut behind, mut scalars) = (outer.start, 0);
    for node in nodes {
        // What is left out has no bytes, and stands at the token that follows.
        if !node.span.is_empty() {
            assert!(
                behind <= node.span.start && node.span.end <= outer.end,
                "{id}: {:?} in {outer:?} behind {behind}\n{text:?}",
                node.span
            );
            behind = node.span.end;
        }
        scalars += check(id, text, node);
    }
    scalars
}

/// Whether these bytes, read by themselves, are the value.
fn stands_for(slice: &str, value: &str, style: Style) -> bool {
    match style {
        // Nothing is read as `~`.
        Style::Plain if slice.is_empty() => matches!(value, "" | "~"),
        Style::Plain => folded(slice) == value,
        Style::Single | Style::Double => {
            let mark = if style == Style::Single { '\'' } else { '"' };
            let read = yaml_rust2::YamlLoader::load_from_str(slice);
            slice.len() > 1
                && slice.starts_with(mark)
                && slice.ends_with(mark)
                && read.is_ok_and(|read| read[0].as_str() == Some(value))
        }
        // The span runs on over blank lines, and indentation and chomping are the header's, which
        // has the span where no text follows.
        Style::Literal | Style::Folded => {
            let is_header = value.trim().is_empty() && slice.starts_with(['|', '>']);
            is_header || slice.split_whitespace().eq(value.split_whitespace())
        }
    }
}

/// The lines of a plain scalar as one: a break is a blank, and empty lines are breaks.
fn folded(slice: &str) -> String {
    let blank = |c| c == ' ' || c == '\t';
    let mut lines = slice.split('\n').map(|line| line.trim_matches(blank));
    let mut text = lines.next().unwrap_or_default().to_owned();
    let mut empty = 0;
    for line in lines {
        if line.is_empty() {
            empty += 1;
            continue;
        }
        match empty {
            0 => text.push(' '),
            breaks => text.push_str(&"\n".repeat(breaks)),
        }
        text.push_str(line);
        empty = 0;
    }
    text
}

/// A node without its places.
pub(super) fn shape(node: &Node<'_>) -> String {
    let tag = node.tag.as_ref().map(|tag| &tag.name);
    match &node.kind {
        Kind::Scalar(value, style) => format!("{tag:?} {value:?} {style:?}"),
        Kind::Alias(inner) => format!("*{}", shape(inner)),
        Kind::Anchored(inner) => format!("&{}", shape(inner)),
        Kind::Sequence(items, flow) => {
            let items: Vec<String> = items.iter().map(shape).collect();
            format!("{tag:?} {flow} [{}]", items.join(", "))
        }
        Kind::Mapping(entries, flow) => {
            let pair = |entry: &restore_images::yaml::Entry<'_>| {
                format!("{}: {}", shape(&entry.key), shape(&entry.value))
            };
            let pairs: Vec<String> = entries.iter().map(pair).collect();
            format!("{tag:?} {flow} {{{}}}", pairs.join(", "))
        }
    }
}
