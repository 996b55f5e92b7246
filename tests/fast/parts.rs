//! Pieces of a text: documents and items where they are, and lists that are split.

use restore_images::yaml::parse::{
    Embedding, FlowList, Keep, PairValue, Parsed, Parser, Piece, flow_list,
};
use restore_images::yaml::{Kind, Node, Span};

use super::fast;

#[test]
fn keys_that_may_stand_twice_are_told() {
    let many = |count: usize| {
        (0..count)
            .map(|key| format!("k{key}: v\n"))
            .collect::<String>()
    };
    for (text, duplicates) in [
        ("a: 1\na: 2\n", true),
        ("a: 1\n'a': 2\n", true),
        ("{a: 1, \"a\": 2}", true),
        ("{b: {a: 1, a: 2}}", true),
        ("a: 1\nb: {a: 2, b: {a: 3}}\nc: {a: 4}\n", false),
        ("- a: 1\n- a: 2\n", false),
        ("a: 1\naa: 2\nA: 3\n0a: 4\n", false),
        ("ab: 1\nba: 2\n", false),
        ("first-key: 1\nfirst-kez: 2\ngirst-key: 3\n", false),
        // What an escape stands for is not looked at.
        ("\"a\\\\\": 1\n", true),
        ("{\"a\\\\\": 1}\n", true),
        (&many(32), false),
        (&many(33), true),
    ] {
        let found = fast(text, &Piece::whole(text), Keep::Levels(9), None);
        let found = found.expect("the fast parser takes it");
        assert_eq!(found.may_repeat_keys, duplicates, "{text}");
    }
}

/// A piece by the bytes of its scalars, by each parser; they must agree where the fast one takes it.
#[track_caller]
fn piece(text: &str, span: Span, embedding: Embedding) -> Option<String> {
    let piece = Piece { span, embedding };
    let read = |parsed: Parsed<'_>| (shown(text, &parsed.root), format!("{:?}", parsed.root));
    let quick = fast(text, &piece, Keep::All, None).map(read);
    let slow = Parser::reference_only().piece(text, &piece, Keep::All, None);
    let slow = slow.ok().map(read);
    assert!(quick.is_none() || quick == slow, "{quick:?} {slow:?}");
    slow.map(|(shown, _)| shown)
}

#[test]
fn documents_are_read_where_they_are() {
    let text = "x: y\na: b\nc: d\n";
    let read = |span| piece(text, span, Embedding::Document);
    assert_eq!(read(5..15).as_deref(), Some("{a: b, c: d}"));
    assert_eq!(read(5..10).as_deref(), Some("{a: b}"));
    let stream = "---\na: b\n---\nc: d\n";
    let read = |span| piece(stream, span, Embedding::Document);
    assert_eq!(read(0..9).as_deref(), Some("{a: b}"));
    assert_eq!(read(9..18).as_deref(), Some("{c: d}"));
    assert_eq!(read(0..18), None);
}

#[test]
fn items_are_read_with_their_dash() {
    for (list, items) in [
        (
            "- a: b\n  c: d\n- e: f\n",
            [(0..14, "{a: b, c: d}"), (14..21, "{e: f}")],
        ),
        (
            "  -   a:\n      - b\n  - # c\n    e: f\n",
            [(0..21, "{a: [b]}"), (19..36, "{e: f}")],
        ),
        (
            "- {a: b}\n- [c, d]\n",
            [(0..9, "{a: b}"), (9..18, "[c, d]")],
        ),
        // The dash may be on an earlier line.
        ("-\n  a: b\n- c\n", [(2..9, "{a: b}"), (9..13, "c")]),
    ] {
        for (span, expected) in items {
            let read = piece(list, span, Embedding::BlockItem);
            assert_eq!(read.as_deref(), Some(expected), "{list}");
        }
        // Two items are not one.
        if list.starts_with("- ") {
            assert_eq!(piece(list, 0..list.len(), Embedding::BlockItem), None);
        }
    }
    let flow = "[{a: b}, [c,\n d]]";
    let among = |span| piece(flow, span, Embedding::FlowItem);
    assert_eq!(among(1..7).as_deref(), Some("{a: b}"));
    assert_eq!(among(9..16).as_deref(), Some("[c, d]"));
    for broken in [1..8, 1..6, 2..6] {
        let piece = Piece {
            span: broken,
            embedding: Embedding::FlowItem,
        };
        assert!(fast(flow, &piece, Keep::All, None).is_none());
    }
}

/// A node by the bytes of its scalars.
fn shown(text: &str, node: &Node<'_>) -> String {
    match &node.kind {
        Kind::Mapping(entries, _) => {
            let pairs = entries
                .iter()
                .map(|entry| format!("{}: {}", shown(text, &entry.key), shown(text, &entry.value)));
            format!("{{{}}}", pairs.collect::<Vec<String>>().join(", "))
        }
        Kind::Sequence(items, _) => {
            let items = items.iter().map(|item| shown(text, item));
            format!("[{}]", items.collect::<Vec<String>>().join(", "))
        }
        _ => text[node.span.clone()].to_owned(),
    }
}

#[test]
fn a_flow_list_is_split_into_its_items() {
    let split = |text: &'static str| {
        let FlowList { span, pairs } = flow_list(text, "items")?;
        let pairs = pairs.iter().map(|pair| {
            let value = match &pair.value {
                PairValue::Node(node) => shown(text, node),
                PairValue::Items(span, items) => {
                    let items = items.iter().map(|item| &text[item.clone()]);
                    let items: Vec<&str> = items.collect();
                    format!(
                        "{}…{} {items:?}",
                        &text[span.start..=span.start],
                        &text[span.end - 1..span.end]
                    )
                }
            };
            format!("{}: {value}", shown(text, &pair.key))
        });
        Some((span, pairs.collect::<Vec<String>>()))
    };
    let text = " \n{\"kind\": \"List\", \"items\": [{\"a\": [1, {}]},\n {\"b\": \"}]\\\"\\\\\"} , {c: d}], \"x\": [{}]} \n";
    let (span, pairs) = split(text).expect("it can be split");
    assert_eq!(span, 2..text.len() - 2);
    assert_eq!(
        pairs,
        [
            "\"kind\": \"List\"",
            r#""items": […] ["{\"a\": [1, {}]}", "{\"b\": \"}]\\\"\\\\\"}", "{c: d}"]"#,
            "\"x\": [{}]",
        ]
    );
    let (_, pairs) = split("{items: [], items: 1}").expect("it can be split");
    assert_eq!(pairs, ["items: […] []", "items: 1"]);
    for left in [
        "[{}]",
        "a: b",
        "{items: [a]}",
        "{items: [{}",
        "{items: [{]}",
        "{items: [{\"}]}",
        "{items: [{} {}]}",
        "{items: [{}]} x",
        "{items: [{}], x}",
        "{items: [{}], x: \u{85}}",
        "{x: \u{85}, items: [{}]}",
        "{items: [{}]",
    ] {
        assert_eq!(split(left), None, "{left}");
    }
}
