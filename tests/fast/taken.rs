//! What the fast parser takes and what it leaves to the reference parser: nobody would see that it gave
//! up but for the time that it takes.

use super::{check, cut, fast};
use restore_images::yaml::parse::{self, Keep, Piece};

#[test]
fn what_is_written_most_is_taken() {
    for text in [
        "a: b\n",
        "a: b",
        "a:\n",
        "a:",
        "a: ",
        "a: b\nc:",
        "a: b # c\n",
        "a: b #",
        "a: b#c\n",
        "a: # c\n",
        "# c\n\na: b\n  # c\n\n",
        "---\na: b\n",
        "--- # c\n\n# c\na: b\n",
        "--x: b\n",
        "'a': \"b\"\n\"c\":\n",
        "a: 'it''s'''\n",
        "a: \"\\n\\t\\r\\\\\\/\\\"\\u0026\"\n",
        "a: \"\"\nb: ''\n",
        "a: --flag=x\nb: -x\nc: -/\nd: -.\ne: -_\nf: .5\ng: -1\n",
        "_: /\n$: (\n): +\n~: ^\n;: <\n=: 1\n",
        "a: http://x:80/y\nb: c:d\n",
        "a: é—😀\u{a0}\nå: b\n",
        "a: x y  \nb: x  # c\n",
        "a:\n  b: c\n  d:\n    e: f\ng: h\n",
        "a: # c\n\n  b: c\n",
        "a:\n\n\n      b: c\n",
        "a:\n- b\n- c\nd: e\n",
        "a:\n- b: c\n  d: e\n- f:\n  - g\n",
        "a:\n  - b\n  - c: d\n    e: f\ng: h\n",
        "- - a\n  - b\n- c\n",
        "-   a: b\n    c: d\n",
        "-\n  a: b\n- # c\n  d: e\n",
        "- {a: b}\n- [c]\n- 'd'\n",
        "a: |\n  x\n   y\n\n  z\n",
        "a: |-\n  x\n\nb: |+\n  y\n\n",
        "a: | # c\n\n\n  x\nb: c\n",
        "a:\n- |\n x\n- b\n",
        "a: >\n  x\n  y\n\n\n  z\n",
        "a: >-\n  x\n\n# c\nb: c\n",
        "a: {}\nb: []\nc: { }\n",
        "a: {b: c, d: [e, 'f', \"g\"], h: , i: }\n",
        "a: [http://x:80/y, c#d, e:-1, f:.g, --x, 1, ]\n",
        "a:\n  [b]\nc:\n  {d: e} # f\ng: h\n",
        "[a, b]\n",
        "{a: b} # c\n\n# d\n",
        " {a: b}",
        "{\n  \"a\": 1,\n  \"b\": [\n    2\n  ],\n  \"c\":\n  {}\n}\n",
        "{\"a\":1,\"b\":[{\"c\":null}]}",
    ] {
        assert!(check(text), "left: {text:?}");
        let node = parse::document(text).expect("YAML");
        for levels in [0, 1, 3] {
            let flat = fast(text, &Piece::whole(text), Keep::Levels(levels), None);
            let flat = flat.map(|parsed| format!("{:?}", parsed.root));
            assert_eq!(flat, Some(format!("{:?}", cut(&node, levels))), "{text}");
        }
    }
}

#[test]
fn what_is_rare_or_wrong_is_left() {
    for text in [
        "",
        "# c\n",
        "a\n",
        "a:b\n",
        "'a'\n",
        "- &x b\n",
        "a: *x\n",
        "a: !t b\n",
        "? a\n: b\n",
        "%YAML 1.2\n---\na: b\n",
        "a: b\n---\nc: d\n",
        "a: b\n...\n",
        "--- a\n",
        "---a: b\n---\n",
        "a: ...\n",
        "a: b\n  c\n",
        "a:\n  b\n",
        "a: \"b\n  c\"\n",
        "a: 'b\n  c'\n",
        "a : b\n",
        "\"a\" : b\n",
        "a:\tb\n",
        "a: b\t# c\n",
        "a: b\tc\n",
        "\ta: b\n",
        "a: 'b\tc'\n",
        "a: b\r\n",
        "\u{feff}a: b\n",
        "a: \u{85}\n",
        "a: \u{2028}\n",
        "a: \u{7f}\n",
        "a: \u{1}\n",
        "a: \"\\x41\"\n",
        "a: \"\\u0041\"\n",
        "a: -\n",
        "a: - b\n",
        "a: --\n",
        "a: ---b\n",
        "a: b: c\n",
        "a: b:\n",
        "a: b\nc : d\n",
        "a: b\nc:d\n",
        "a: b\nc:\td\n",
        "a: b\n\tc: d\n",
        "a: b\n---\n",
        "a: b\nc: d: e\n",
        "a: 'b'\n  c\n",
        "a: \"b\"\n    c: d\n",
        "a: @b\n",
        "a: 'b' c\n",
        "a: 'b'#c\n",
        "a: [b] c\n",
        "a: [b\n",
        "a: [b]]\n",
        "a: |\n  x",
        "a: |2\n   x\n",
        "a: |\nb: c\n",
        "a: |\n    \n  x\n",
        "a: |\n  x\n\ty\n",
        "a: >\n  x\n   y\n",
        "a: >+\n  x\n",
        "a: >\n\n  x\n",
        "a:\n  b: c\n d: e\n",
        "a: b\n c: d\n",
        "a:\n- b\n - c\n",
        "- a\nb: c\n",
        "-\n",
        "-\na: b\n",
        "a:\n-\n  b: c\n",
        "{a: b,\n c}\n",
        "{a}\n",
        "{a : b}\n",
        "{\"a\" : b}\n",
        "{a: b c: d}\n",
        "{a: b\n",
        "{a: b]\n",
        "{a: b} c\n",
        "{a: b}\nc: d\n",
        "[a: b]\n",
        "[a, , b]\n",
        "[a #b\n]\n",
        "[a::b]\n",
        "a: {\n  b: c}\n",
        "a:\n  [b]\n  c: d\n",
    ] {
        assert!(!check(text), "taken: {text:?}");
    }
}

/// The other reader has limits too, beyond these.
#[test]
fn what_is_long_or_deep_is_left() {
    let key = |length: usize| format!("{}: b\n", "k".repeat(length));
    let quoted = |length: usize| format!("'{}': b\n", "k".repeat(length - 2));
    for (taken, length) in [(true, 512), (false, 513)] {
        assert_eq!(check(&key(length)), taken);
        assert_eq!(check(&quoted(length)), taken);
        // Keys behind the first go a shorter way.
        assert_eq!(check(&format!("a: b\n{}", key(length))), taken);
        assert_eq!(check(&format!("a: b\n{}", quoted(length))), taken);
        assert_eq!(check(&format!("{{{}}}", key(length).trim_end())), taken);
    }
    for (taken, depth) in [(true, 100), (false, 101)] {
        assert_eq!(
            check(&format!("{}{}", "[".repeat(depth), "]".repeat(depth))),
            taken
        );
        let lines = (0..depth).map(|indent| format!("{:indent$}a:\n", ""));
        assert_eq!(check(&lines.collect::<String>()), taken);
        assert_eq!(check(&format!("{}a\n", "- ".repeat(depth))), taken);
        let (open, close) = ("[".repeat(depth - 1), "]".repeat(depth - 1));
        for before in ["a: ", "a:\n  ", "- ", "-\n  "] {
            assert_eq!(check(&format!("{before}{open}{close}\n")), taken);
        }
    }
}
