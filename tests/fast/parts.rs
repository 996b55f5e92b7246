//! What the fast reader makes of parts of a text: of items, of what is left out, of what an edit
//! stands in.

use restore_images::yaml::fast::{self, Arena, Part, Stand};
use restore_images::yaml::{Kind, Node, read};

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
        let found = fast::part(text, 0..text.len(), Stand::Document, u32::MAX);
        let found = found.expect("the fast reader takes it");
        assert_eq!(found.duplicates, duplicates, "{text}");
    }
}

#[test]
fn parts_are_read_where_they_stand() {
    let read = |text: &'static str, span, stand| {
        let document = fast::part(text, span, stand, u32::MAX)?;
        Some(shown(text, &document.root))
    };
    let text = "x: y\na: b\nc: d\n";
    assert_eq!(
        read(text, 5..15, Stand::Lines).as_deref(),
        Some("{a: b, c: d}")
    );
    assert_eq!(read(text, 5..10, Stand::Lines).as_deref(), Some("{a: b}"));
    assert_eq!(read(text, 5..16, Stand::Lines), None);
    let list = "- a: b\n  c: d\n- e: f\n";
    let item = |span, column| read(list, span, Stand::Item(column));
    assert_eq!(item(2..14, 2).as_deref(), Some("{a: b, c: d}"));
    assert_eq!(item(2..14, 3), None);
    assert_eq!(item(2..21, 2), None);
    let flow = "[{a: b}, [c,\n d]]";
    let among = |span| read(flow, span, Stand::Flow);
    assert_eq!(among(1..7).as_deref(), Some("{a: b}"));
    assert_eq!(among(9..16).as_deref(), Some("[c, d]"));
    assert_eq!(among(1..8), None);
    assert_eq!(among(1..6), None);
    assert_eq!(among(2..6), None);
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
fn what_is_left_out_stands_empty_below_the_first_level() {
    for (text, lean) in [
        (
            "env: [a]\nb:\n  env: [c]\n  d:\n    env: [e]\n    'env': {f: g}\n    h: [i]\n",
            "{env: [a], b: {env: [], d: {env: [], 'env': {}, h: [i]}}}",
        ),
        (
            "b:\n  d:\n    env:\n    - name: x\n      value: [y]\n    - z\n    envs: i\n    \"env\":\n      f: g\n    h: 1\n",
            "{b: {d: {env: [], envs: i, \"env\": {}, h: 1}}}",
        ),
        (
            "{\"b\": {\"d\": {\"env\": [{\"f\": 1}], \"h\": [2]}}}",
            "{\"b\": {\"d\": {\"env\": [], \"h\": [2]}}}",
        ),
        (
            "b: {d: {env: text, \"env\": 1}}\n",
            "{b: {d: {env: text, \"env\": 1}}}",
        ),
        ("b: {d: {env: [e]}}\n", "{b: {d: {env: []}}}"),
        (
            "b:\n- {env: [e]}\n- [{env: [f]}]\n",
            "{b: [{env: []}, [{env: []}]]}",
        ),
    ] {
        let arena = Arena::default();
        let root = fast::lean(&arena, text, &["env"]).expect("the fast reader takes it");
        assert_eq!(shown(text, &root), lean);
        let whole = read::only_document(text).expect("YAML");
        assert_eq!((root.depth, root.span), (whole.depth, whole.span));
    }
    let next_line = "a: \u{85}\n";
    assert!(fast::lean(&Arena::default(), next_line, &["env"]).is_none());
}

#[test]
fn pairs_are_all_of_their_text() {
    let read = |text: &'static str, column, depth| {
        let node = fast::pairs(text, column, depth, &["b"])?;
        Some(shown(text, &node))
    };
    let pairs = |text, column| read(text, column, 0);
    assert_eq!(
        pairs("c: d\n  e: [f]\n\n# g\n", 2).as_deref(),
        Some("{c: d, e: [f]}")
    );
    assert_eq!(
        pairs("c:\n  - d\ne: |\n  f\n", 0).as_deref(),
        Some("{c: [d], e: f\n}")
    );
    // Their depth counts.
    let text = "a:\n  c: {b: {d: e}}\n";
    assert_eq!(read("b: {c: d}\n", 0, 0).as_deref(), Some("{b: {c: d}}"));
    assert_eq!(read("b: {c: d}\n", 0, 1).as_deref(), Some("{b: {}}"));
    assert!(read(text, 0, 96).is_some() && read(text, 0, 97).is_none());
    for left in [
        "- a\n",
        "{a: b}\n",
        "a\n",
        "a: b\n   c: d\n",
        "  a: b\n c: d\n",
        "a: &b c\n",
        "a: \u{85}\n",
    ] {
        assert_eq!(pairs(left, 0), None, "{left}");
    }
    assert_eq!(pairs("a: b\n c: d\n", 2), None);
}

#[test]
fn a_flow_mapping_is_all_of_its_text() {
    let text = "{a: {b: [c]},\n d: e}";
    let read = |text: &'static str, lines, depth| {
        let node = fast::flow_mapping(text, lines, depth, &["b"])?;
        Some(shown(text, &node))
    };
    assert_eq!(read(text, true, 0).as_deref(), Some("{a: {b: []}, d: e}"));
    assert_eq!(read(text, true, 1).as_deref(), Some("{a: {b: []}, d: e}"));
    assert_eq!(read(text, false, 0), None);
    assert_eq!(read("{a: b}", false, 99).as_deref(), Some("{a: b}"));
    assert_eq!(read("{a: b}", false, 100), None);
    for left in ["{a: b} ", "[a]", "a: b", "{a: \u{85}}", "{a: b"] {
        assert_eq!(read(left, true, 0), None, "{left}");
    }
}

#[test]
fn an_outline_cuts_one_list_into_items() {
    let outlined = |text: &'static str| {
        let (span, pairs) = fast::outline(text, "items")?;
        let pairs = pairs.iter().map(|pair| {
            let value = match &pair.value {
                Part::Node(node) => shown(text, node),
                Part::Items(span, items) => {
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
    let (span, pairs) = outlined(text).expect("the fast reader takes it");
    assert_eq!(span, 2..text.len() - 2);
    assert_eq!(
        pairs,
        [
            "\"kind\": \"List\"",
            r#""items": […] ["{\"a\": [1, {}]}", "{\"b\": \"}]\\\"\\\\\"}", "{c: d}"]"#,
            "\"x\": [{}]",
        ]
    );
    let (_, pairs) = outlined("{items: [], items: 1}").expect("the fast reader takes it");
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
        assert_eq!(outlined(left), None, "{left}");
    }
}
