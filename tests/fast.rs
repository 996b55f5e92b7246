//! The fast parser against the reference parser: what the first takes, the second takes too, and both
//! give the same nodes with the same spans.

mod anchors;
mod parts;
mod taken;

use std::borrow::Cow;
use std::sync::Arc;

use crate::support::mutate::{Chance, PIECES, documents, mutated, piece, rounds};
use crate::support::run;
use proptest::prelude::*;
use restore_images::yaml::parse::{Arena, Keep, Parsed, Parser, Piece};
use restore_images::yaml::{Entry, Kind, List, Node, Span, Style};

/// What the fast parser makes of a piece; `None` where it leaves that to the reference parser.
pub(crate) fn fast<'s>(
    text: &'s str,
    piece: &Piece,
    keep: Keep<'s>,
    arena: Option<&'s Arena>,
) -> Option<Parsed<'s>> {
    let parsed = Parser::default().piece(text, piece, keep, arena).ok()?;
    // The reference parser never says so.
    parsed.is_verbatim.then_some(parsed)
}

/// Compares the parsers on one text; says whether the fast one took it.
#[track_caller]
pub(crate) fn check(text: &str) -> bool {
    let whole = Piece::whole(text);
    let arena = Arena::default();
    let flat = fast(text, &whole, Keep::Levels(2), Some(&arena));
    let quick = fast(text, &whole, Keep::All, None);
    if flat.is_none() && quick.is_none() {
        return false;
    }
    let slow = Parser::reference_only().piece(text, &whole, Keep::All, None);
    let slow = slow.unwrap_or_else(|error| panic!("refused: {error:?}\n{text:?}\n{text}"));
    if let Some(flat) = flat {
        assert_eq!(
            format!("{:?}", flat.root),
            format!("{:?}", cut(&slow.root, 2)),
            "{text}"
        );
        assert!(owns_nothing(&flat.root), "in part: {text}");
        assert!(
            flat.may_repeat_keys || !has_duplicates(&slow.root),
            "a key is there twice: {text}"
        );
    } else {
        // Where the first levels alone are kept, it knows no anchors in these.
        assert!(text.contains('&'), "read whole and not in part: {text}");
    }
    let quick = quick.unwrap_or_else(|| panic!("read in part and not whole: {text}"));
    let (ours, theirs) = (format!("{:?}", quick.root), format!("{:?}", slow.root));
    assert!(
        ours == theirs,
        "~~~ fast\n{ours}\n~~~ reference\n{theirs}\n~~~\n{text:?}\n{text}"
    );
    assert_eq!(quick.has_anchors, slow.has_anchors, "{text}");
    names_its_anchors(&quick.root, &mut Vec::new());
    for arena in [&arena, &Arena::for_many()] {
        let lent = fast(text, &whole, Keep::All, Some(arena));
        let lent = lent.expect("it takes it without an arena");
        assert!(lent.has_anchors || owns_nothing(&lent.root), "{text}");
        assert_eq!(format!("{:?}", lent.root), theirs, "in an arena: {text}");
    }
    // Anchors where only some collections become nodes are left to the reference parser.
    let places = every_second(&slow.root);
    if let Some(some) = fast(text, &whole, Keep::At(&places), Some(&arena)) {
        let expected = format!("{:?}", left_out(&slow.root, &places));
        assert_eq!(format!("{:?}", some.root), expected, "{places:?}: {text}");
    }
    true
}

/// Where every second collection begins.
fn every_second(root: &Node<'_>) -> Vec<Span> {
    fn starts(node: &Node<'_>, found: &mut Vec<Span>) {
        match &node.kind {
            Kind::Mapping(entries, _) => {
                found.push(node.span.start..node.span.start + 1);
                entries.iter().for_each(|entry| starts(&entry.value, found));
            }
            Kind::Sequence(items, _) => {
                found.push(node.span.start..node.span.start + 1);
                items.iter().for_each(|item| starts(item, found));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    starts(root, &mut found);
    found.dedup();
    found.into_iter().step_by(2).collect()
}

/// The node without what is in block collections that begin elsewhere.
fn left_out<'s>(node: &Node<'s>, places: &[Span]) -> Node<'s> {
    let mut node = node.clone();
    let is_kept = places.iter().any(|place| place.contains(&node.span.start));
    match &mut node.kind {
        Kind::Mapping(entries, false) => {
            let kept = entries.iter().filter(|_| is_kept).map(|entry| Entry {
                key: entry.key.clone(),
                value: left_out(&entry.value, places),
            });
            *entries = kept.collect::<Vec<Entry<'_>>>().into();
        }
        Kind::Sequence(items, false) => {
            let kept = items.iter().filter(|_| is_kept);
            let kept = kept.map(|item| left_out(item, places));
            *items = kept.collect::<Vec<Node<'_>>>().into();
        }
        _ => {}
    }
    node
}

/// Asserts that every alias has the very node of an anchor before it.
fn names_its_anchors<'s>(node: &Node<'s>, anchors: &mut Vec<*const Node<'s>>) {
    match &node.kind {
        Kind::Scalar(..) => {}
        Kind::Mapping(entries, _) => {
            for entry in entries {
                names_its_anchors(&entry.key, anchors);
                names_its_anchors(&entry.value, anchors);
            }
        }
        Kind::Sequence(items, _) => {
            for item in items {
                names_its_anchors(item, anchors);
            }
        }
        Kind::Anchored(inner) => {
            names_its_anchors(inner, anchors);
            anchors.push(Arc::as_ptr(inner));
        }
        Kind::Alias(inner) => assert!(anchors.contains(&Arc::as_ptr(inner)), "{node:?}"),
    }
}

/// Whether all of a node is borrowed: what an arena lets go of is never dropped.
fn owns_nothing(node: &Node<'_>) -> bool {
    let is_lent = match &node.kind {
        Kind::Scalar(text, _) => matches!(text, Cow::Borrowed(_)),
        Kind::Mapping(List::Lent(entries), _) => entries
            .iter()
            .all(|entry| owns_nothing(&entry.key) && owns_nothing(&entry.value)),
        Kind::Sequence(List::Lent(items), _) => items.iter().all(owns_nothing),
        _ => false,
    };
    is_lent && node.tag.is_none()
}

/// The node without what stands in collections deeper than `levels`.
fn cut<'s>(node: &Node<'s>, levels: u32) -> Node<'s> {
    let mut node = node.clone();
    let below = levels.saturating_sub(1);
    match &mut node.kind {
        Kind::Mapping(entries, _) => {
            let kept = entries.iter().filter(|_| levels > 0).map(|entry| Entry {
                key: entry.key.clone(),
                value: cut(&entry.value, below),
            });
            *entries = kept.collect::<Vec<Entry<'_>>>().into();
        }
        Kind::Scalar(text, Style::Literal | Style::Folded) if levels == 0 => *text = "".into(),
        Kind::Sequence(items, _) => {
            let kept = items.iter().filter(|_| levels > 0);
            let kept = kept.map(|item| cut(item, below));
            *items = kept.collect::<Vec<Node<'_>>>().into();
        }
        _ => {}
    }
    node
}

/// Go's encoder writes `&`, `<` and `>` by number, and other encoders quotes and equals signs.
#[test]
fn escapes_of_json_encoders_are_read_fast() {
    assert!(check(
        r#"{"a \u0026 b": "x \u003c\u003C y \u003e\u003E\u003d\u003D \u0027", "c": "\u0026"}"#
    ));
    for left in [
        r#"{"a": "\u0061"}"#,
        r#"{"a": "\u00e9"}"#,
        r#"{"a": "\u002"}"#,
        r#"{"a": "\u"}"#,
    ] {
        let read = fast(left, &Piece::whole(left), Keep::All, None);
        assert!(read.is_none(), "{left}");
    }
}

fn has_duplicates(node: &Node<'_>) -> bool {
    if let Some(entries) = node.entries() {
        let mut keys: Vec<&str> = entries
            .iter()
            .filter_map(|entry| entry.key.scalar())
            .collect();
        keys.sort_unstable();
        return keys.windows(2).any(|pair| pair[0] == pair[1])
            || entries.iter().any(|entry| has_duplicates(&entry.value));
    }
    node.items().unwrap_or_default().iter().any(has_duplicates)
}

#[test]
fn real_manifests_are_read_alike() {
    let documents = documents();
    let taken = documents.iter().filter(|text| check(text)).count();
    assert!(
        taken * 10 > documents.len() * 7,
        "{taken} of {} were taken",
        documents.len()
    );
}

#[test]
fn changed_manifests_are_read_alike() {
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let documents = documents();
    let mut taken = 0;
    for text in &documents {
        for _ in 0..rounds() {
            let part = piece(text, &mut chance);
            taken += usize::from(check(part)) + usize::from(check(&mutated(part, &mut chance)));
        }
    }
    assert!(
        taken > documents.len(),
        "{taken} of {} were taken",
        documents.len()
    );
}

proptest! {
    #[test]
    fn pieces_of_yaml_are_read_alike(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..24)) {
        check(&pieces.concat());
    }

    #[test]
    fn nested_values_are_read_alike(text in yaml(3, 0)) {
        check(&text);
        check(&format!("      {}", text.replace('\n', "\n      ")));
    }

    #[test]
    fn json_is_read_alike(text in json(4)) {
        check(&text);
        check(&format!("a: {}\n", text.replace('\n', " ")));
    }
}

/// A scalar in one of many styles, as it stands behind a key at `indent`.
fn scalar(indent: usize) -> BoxedStrategy<String> {
    let deep = " ".repeat(indent + 2);
    let fixed = prop::sample::select(vec![
        " x",
        " 'it''s'",
        " \"a\\n\\\"b\\\"\"",
        "",
        " ",
        " # c",
        " x # c",
        " x#c",
        " a:b",
        " -x",
        " --flag=1",
        " http://x:80/y",
        " {}",
        " []",
        " {a: b, c: [d, \"e\"], f: }",
        " [--port=1, '--v=2', --l]",
        " x\n",
        " 25%",
        " *.x",
        " \"\"",
        " ''",
        " é — 😀",
        " ~",
        " $(A)",
        " .5",
        " -",
        " a, b",
        " x  ",
    ]);
    let block = (
        prop::sample::select(vec!["|", "|-", "|+", ">", ">-", "| # c", "|2"]),
        prop::collection::vec(
            prop::sample::select(vec!["x", "x: y", "", "# c", " y", "- z", "\tt", "---", "é"]),
            1..5,
        ),
    );
    prop_oneof![
        4 => fixed.prop_map(str::to_owned),
        1 => block.prop_map(move |(header, lines)| {
            let lines: Vec<String> = lines.into_iter().map(|line| format!("\n{deep}{line}")).collect();
            format!(" {header}{}", lines.concat())
        }),
    ]
    .boxed()
}

/// Lines of a mapping or list at `indent`.
fn yaml(depth: u32, indent: usize) -> BoxedStrategy<String> {
    let pad = " ".repeat(indent);
    let key = prop::sample::select(vec![
        "a",
        "image",
        "\"q\"",
        "'s'",
        "app.kubernetes.io/name",
        "a b",
        "-x",
        "<<",
        "é",
        "on",
    ]);
    let value = if depth == 0 {
        scalar(indent)
    } else {
        prop_oneof![
            3 => scalar(indent),
            1 => yaml(depth - 1, indent + 2).prop_map(|text| format!("\n{text}")),
            1 => yaml(depth - 1, indent + 2).prop_map(|text| format!(" # c\n\n{text}")),
            1 => list(depth - 1, indent).prop_map(|text| format!("\n{text}")),
            1 => list(depth - 1, indent + 2).prop_map(|text| format!("\n{text}")),
        ]
        .boxed()
    };
    let between = prop::sample::select(vec!["", "", "", "", "\n", "# c\n", "  # c\n", "  \n"]);
    prop::collection::vec((key, value, between), 1..4)
        .prop_map(move |pairs| {
            let lines = pairs.into_iter().map(|(key, value, between)| {
                let value = value.trim_end_matches('\n').to_owned();
                format!("{pad}{key}:{value}\n{between}")
            });
            lines.collect()
        })
        .boxed()
}

/// Lines of a list at `indent`.
fn list(depth: u32, indent: usize) -> BoxedStrategy<String> {
    let pad = " ".repeat(indent);
    let item = if depth == 0 {
        scalar(indent)
    } else {
        prop_oneof![
            2 => scalar(indent),
            3 => yaml(depth - 1, indent + 2).prop_map(|text| format!(" {}", text.trim_start())),
            1 => list(depth - 1, indent + 2).prop_map(|text| format!(" {}", text.trim_start())),
            1 => yaml(depth - 1, indent + 4).prop_map(|text| format!("   {}", text.trim_start())),
            1 => yaml(depth - 1, indent + 1).prop_map(|text| format!("\n{text}")),
        ]
        .boxed()
    };
    prop::collection::vec(item, 1..4)
        .prop_map(move |items| {
            let lines = items
                .into_iter()
                .map(|item| format!("{pad}-{}\n", item.trim_end_matches('\n')));
            lines.collect()
        })
        .boxed()
}

/// JSON, in one line or several.
fn json(depth: u32) -> BoxedStrategy<String> {
    let leaf = prop::sample::select(vec![
        "1",
        "-1.5e3",
        "true",
        "null",
        "\"\"",
        "\"a\\\"b\"",
        "\"a\\u0041\"",
        "\"x: y # z\"",
        "\"a\\/b\\\\\"",
        "\"é\"",
        "{}",
        "[]",
        "[ ]",
    ]);
    let leaf = leaf.prop_map(str::to_owned).boxed();
    if depth == 0 {
        return leaf;
    }
    let separators = prop::sample::select(vec![
        (",", ":"),
        (", ", ": "),
        (",\n  ", ": "),
        (",\n", ":"),
        (" ,", " :"),
        (",\t", ":\t"),
    ]);
    let key = prop::sample::select(vec![
        "\"a\"",
        "\"image\"",
        "\"b c\"",
        "\"\"",
        "k",
        "\"a\\nb\"",
    ]);
    let map = (
        separators,
        prop::collection::vec((key, json(depth - 1)), 1..4),
    )
        .prop_map(|((comma, colon), pairs)| {
            let pairs: Vec<String> = pairs
                .into_iter()
                .map(|(key, value)| format!("{key}{colon}{value}"))
                .collect();
            format!("{{{}}}", pairs.join(comma))
        });
    let list = prop::collection::vec(json(depth - 1), 1..4)
        .prop_map(|items| format!("[{}]", items.join(",\n ")));
    prop_oneof![1 => leaf, 2 => map, 1 => list].boxed()
}

/// A document of comments alone is left out only where the reference parser takes it.
#[test]
fn what_may_not_stand_in_a_comment_is_refused_alike() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: a:v1}]}\n";
    for wrong in ['\u{ffff}', '\u{fffe}'] {
        for rest in ["", "---\n---\nkind: List\n"] {
            let input = format!("{pod}---\n# {wrong}\n{rest}");
            let [quick, slow] = [&[][..], &["--no-fast"]].map(|args| run(args, input.as_bytes()));
            assert_eq!(slow.code, 2, "{}", slow.stderr);
            assert_eq!(
                (quick.code, quick.stderr),
                (slow.code, slow.stderr),
                "{input:?}"
            );
        }
    }
}
