//! Documents inside documents: an edit of the inner text is an edit of the outer one, which reads as
//! the edited inner text and changes no other value.

mod laws;

use restore_images::edit::{Edit, apply};
use restore_images::embedded::{Embedded, Untranslatable};
use restore_images::yaml::{Node, Style, parse};

/// The node under the keys of a path, in the first document.
fn at<'n, 's>(root: &'n Node<'s>, path: &[&str]) -> &'n Node<'s> {
    path.iter()
        .fold(root, |node, key| match key.parse::<usize>() {
            Ok(index) => &node.items().expect("a list")[index],
            Err(_) => {
                let found = node.find(key).expect("no key twice");
                &found.expect("the key").entry.value
            }
        })
}

/// The text under `v` of a document, embedded.
#[track_caller]
fn embedded(outer: &str) -> Embedded {
    let root = parse::document(outer).unwrap_or_else(|error| panic!("{error}: {outer}"));
    Embedded::of(outer, at(&root, &["v"])).expect("a text")
}

/// The outer text after the words `old` of the inner text become `new`.
fn replaced(outer: &str, old: &str, new: &str) -> Result<String, Untranslatable> {
    let inner = embedded(outer);
    let start = inner.text().find(old).expect("the words");
    edited(outer, start..start + old.len(), new)
}

fn edited(outer: &str, span: std::ops::Range<usize>, new: &str) -> Result<String, Untranslatable> {
    let inner = embedded(outer);
    let edit = Edit {
        span,
        text: new.to_owned(),
    };
    let expected = apply(inner.text(), std::slice::from_ref(&edit));
    let output = apply(outer, &[inner.translate(&edit)?]);
    assert_eq!(embedded(&output).text(), expected, "{output}");
    Ok(output)
}

/// Words are replaced where they stand, in each style.
#[track_caller]
fn replaces(outer: &str, expected: &str) {
    let output = replaced(outer, "x:1", "quay.io/acme/x:2").expect("it can be edited");
    assert_eq!(output, expected);
    let inner = embedded(outer);
    let start = inner.text().find("x:1").expect("the words");
    let span = inner.outer(start..start + 3).expect("one run");
    assert_eq!(&outer[span.clone()], "x:1");
    assert_eq!(inner.place(start), span.start);
}

/// An insertion behind the line of the image, as the planner of edits writes it.
#[track_caller]
fn adds_a_line(outer: &str, expected: Result<&str, Untranslatable>) {
    let inner = embedded(outer);
    let end = inner.text().find("x:1").expect("the image") + 3;
    let output = edited(outer, end..end, "\nimagePullPolicy: Always");
    assert_eq!(output.as_deref(), expected.as_ref().copied(), "{outer}");
}

/// The line of the image is taken out whole.
#[track_caller]
fn removes_the_line(outer: &str, expected: Result<&str, Untranslatable>) {
    let output = replaced(outer, "image: x:1\n", "");
    assert_eq!(output.as_deref(), expected.as_ref().copied(), "{outer}");
}

#[test]
fn a_run_is_replaced_in_every_style() {
    for (before, behind) in [
        ("v: |\n  image: ", "\n"),
        ("v: |-\n  image: ", "\n\nw: 1\n"),
        ("v: |+\n  image: ", "\n\n\nw: 1\n"),
        ("v: |2\n    image: ", "\n  b: c\n"),
        ("v: |2-\n  image: ", "\n"),
        ("a:\n- |4\n     x\nv: |1\n image: ", "\n"),
        (
            "v: | # a | b\n\n \n  image: ",
            " # why\n  # inner\n# outer\n",
        ),
        ("v: |\n  a:\n  \timage: ", "\t\n"),
        ("v: |\r\n  a: b\r\n\r\n  image: ", "\r\n  c: d\r\n"),
        ("v: |\n  image: ", ""),
        ("v: !!str |\n  image: ", "  \n"),
        (
            "v: >\n  image: ",
            "\n  and\n\n  more\n    deeper\n\n  end\n",
        ),
        ("v: >-\n\n  a\n    b\n  image: ", "\n"),
        ("v: \"image: ", "\\n\"\n"),
        ("v: \"a\\\n  \\  image: ", "\\\n\\n  b\n\n  c\"\n"),
        ("v: \"{\\\"image\\\": \\\"", "\\\"}\"\n"),
        ("v: 'it''s image: ", "\n\n  ''y'' '\n"),
        ("v: '{\"image\":\"", "\"}'\n"),
        ("{\"v\": \"image: ", "\\n\"}\n"),
        ("v: some\n  image ", "\n  here # comment\n"),
        ("---\n# x\nv: >+\n  image: ", "\n\n...\n"),
    ] {
        let outer = format!("{before}x:1{behind}");
        let expected = format!("{before}quay.io/acme/x:2{behind}");
        replaces(&outer, &expected);
    }
}

#[test]
fn lines_are_added_to_a_literal_block() {
    let added = |before: &str, image: &str, line: &str, behind: &str| {
        let outer = format!("{before}{image}{behind}");
        adds_a_line(&outer, Ok(&format!("{before}{image}{line}{behind}")));
    };
    let line = "\n  imagePullPolicy: Always";
    added("v: |\n  ", "image: x:1", line, "\n  a: b\n");
    added("v: |\n  ", "image: x:1", line, "\n");
    added("v: |\n  ", "image: x:1", line, "");
    added("v: |-\n  ", "image: x:1", line, "\n\nw: 1\n");
    added("v: |+\n  ", "image: x:1", line, "\n\n\nw: 1\n");
    added("v: |2-\n  ", "image: x:1", line, "\n# outer\nw: 1\n");
    added(
        "v: |\n\n   \n    ",
        "image: x:1",
        "\n    imagePullPolicy: Always",
        "\n",
    );
    added(
        "v: |1\n   a\n ",
        "image: x:1",
        "\n imagePullPolicy: Always",
        "\n",
    );
    let line = "\r\n  imagePullPolicy: Always";
    added("v: |\r\n  ", "image: x:1", line, "\r\n  a: b\r\n");
    added("a:\r\n- b\r\nv: |-\r\n  ", "image: x:1", line, "");
    // In double quotes, a line break is written as one.
    added(
        "v: \"",
        "image: x:1",
        "\\nimagePullPolicy: Always",
        "\\n\"\n",
    );
}

#[test]
fn lines_are_not_added_elsewhere() {
    let no = |outer: &str, reason| adds_a_line(outer, Err(reason));
    no("v: >\n  image: x:1\n", Untranslatable::Lines(Style::Folded));
    no("v: 'image: x:1'\n", Untranslatable::Lines(Style::Single));
    no("v: image x:1\n", Untranslatable::Lines(Style::Plain));
}

#[test]
fn lines_are_taken_out_of_a_literal_block() {
    let first = Err(Untranslatable::FirstLine);
    removes_the_line(
        "v: |\n  a: b\n  image: x:1\n  c: d\n",
        Ok("v: |\n  a: b\n  c: d\n"),
    );
    removes_the_line("v: |\n  image: x:1\n  c: d\n", Ok("v: |\n  c: d\n"));
    removes_the_line("v: |\n  image: x:1\n    c: d\n", first);
    removes_the_line(
        "v: |2\n   a\n  image: x:1\n    c: d\n",
        Ok("v: |2\n   a\n    c: d\n"),
    );
    removes_the_line("v: |\n  image: x:1\n", first);
    removes_the_line(
        "v: |\n  a: b\n  image: x:1\nw: 1\n",
        Ok("v: |\n  a: b\nw: 1\n"),
    );
    removes_the_line(
        "v: |\r\n  a: b\r\n  image: x:1\r\n",
        Ok("v: |\r\n  a: b\r\n"),
    );
    removes_the_line("v: |\n  a: b\n\n  image: x:1\n", Err(Untranslatable::End));
    removes_the_line("v: |+\n  a: b\n  image: x:1\n\n", Ok("v: |+\n  a: b\n\n"));
    removes_the_line("v: \"a: b\\nimage: x:1\\n\"\n", Ok("v: \"a: b\\n\"\n"));
}

#[test]
fn whole_lines_are_put_before_a_line() {
    let outer = "v: |\n  a: b\n\n  c: d\n# end\n";
    let put = |at: usize, new: &str| edited(outer, at..at, new);
    let expected = "v: |\n  a: b\n\n  e:\n    f: g\n  c: d\n# end\n";
    assert_eq!(put(6, "e:\n  f: g\n").as_deref(), Ok(expected));
    let expected = "v: |\n  a: b\n\n  c: d\n  e: f\n# end\n";
    assert_eq!(put(11, "e: f\n").as_deref(), Ok(expected));
    let expected = "v: |\n  e: f\n  a: b\n\n  c: d\n# end\n";
    assert_eq!(put(0, "e: f\n").as_deref(), Ok(expected));
    assert_eq!(put(0, "  e: f\n"), Err(Untranslatable::FirstLine));
    assert_eq!(put(0, "\te: f\n"), Err(Untranslatable::FirstLine));
    assert_eq!(put(11, "e: f"), Err(Untranslatable::End));
    assert_eq!(put(11, "e: f\n\n"), Err(Untranslatable::End));
    assert_eq!(put(6, "  \n"), Err(Untranslatable::BlankLine));
}

#[test]
fn a_new_text_is_written_so_that_it_reads_the_same() {
    let new = |outer: &str, new: &str| replaced(outer, "x:1", new);
    assert_eq!(
        new("v: \"x:1\"", "\"1\\2\"").as_deref(),
        Ok("v: \"\\\"1\\\\2\\\"\"")
    );
    assert_eq!(new("v: 'x:1'", "it's").as_deref(), Ok("v: 'it''s'"));
    assert_eq!(
        new("v: |\n x:1\n", "\"a\" 'b' \\").as_deref(),
        Ok("v: |\n \"a\" 'b' \\\n")
    );
    let plain = Err(Untranslatable::Style(Style::Plain));
    for text in ["a: b", "a #b", "[a]", "'a'", "- a", "a,b", "12"] {
        assert_eq!(new("v: x:1\n", text), plain, "{text}");
    }
    for text in ["a\u{85}b", "a\u{2028}b", "\u{feff}", "\u{7}"] {
        for outer in [
            "v: |\n  x:1\n",
            "v: \"x:1\"",
            "v: 'x:1'",
            "v: x:1",
            "v: >\n  x:1\n",
        ] {
            assert_eq!(new(outer, text), Err(Untranslatable::Separator), "{text:?}");
        }
    }
    // A carriage return is a line break of a scalar, but where it is escaped.
    assert_eq!(new("v: \"x:1\"", "a\rb").as_deref(), Ok("v: \"a\\rb\""));
    for outer in ["v: |\n  x:1\n", "v: 'x:1'", "v: x:1", "v: >\n  x:1\n"] {
        assert_eq!(new(outer, "a\rb"), Err(Untranslatable::Returns), "{outer}");
    }
}

#[test]
fn what_is_folded_or_escaped_is_no_run() {
    let inner = embedded("v: \"x: a\\\n  b\\u00e9c\"\n");
    assert_eq!(inner.text(), "x: abéc");
    assert_eq!(inner.outer(3..4), Some(7..8));
    assert_eq!(inner.outer(3..5), None);
    assert_eq!(inner.outer(4..7), None);
    assert_eq!(inner.outer(4..5), Some(12..13));
    // An offset in an escape is shown where the escape begins.
    assert_eq!([4, 5, 6, 7].map(|at| inner.place(at)), [12, 13, 13, 19]);
    assert_eq!(
        replaced("v: 'a\n  x:1 b'\n", "a x:1", "c"),
        Err(Untranslatable::Folded)
    );
    assert_eq!(
        replaced("v: >\n  a\n  x:1 b\n", "a x:1", "c"),
        Err(Untranslatable::Folded)
    );
    // A blank at the end of a line would be lost.
    assert_eq!(
        replaced("v: 'a x:1\n  b'\n", "x:1", ""),
        Err(Untranslatable::Folded)
    );
    // A line that is indented deeper is not folded.
    assert_eq!(
        replaced("v: >\n  a\n  x:1 b\n", "x:1", " y"),
        Err(Untranslatable::Folded)
    );
}

#[test]
fn what_readers_part_over_is_not_edited() {
    for c in ['\u{2028}', '\u{2029}'] {
        let outer = format!("v: |\n  a{c}  b\n  image: x:1\n");
        assert_eq!(replaced(&outer, "x:1", "y"), Err(Untranslatable::Separator));
    }
    let outer = "v: \"a\\Nb x:1\"\n";
    assert_eq!(replaced(outer, "x:1", "y"), Err(Untranslatable::Separator));
    let outer = "v: |\n  a\r  image: x:1\n";
    assert_eq!(replaced(outer, "x:1", "y"), Err(Untranslatable::Separator));
    // Whether a line break is at the end of blanks alone.
    let outer = "v: |1\n  \n";
    assert_eq!(
        edited(outer, 0..0, "  e: f\n"),
        Err(Untranslatable::Unmapped)
    );
}

#[test]
fn a_text_that_an_anchor_shares_is_not_edited() {
    let shared = Err(Untranslatable::Shared);
    assert_eq!(replaced("v: &a |\n  x:1\nw: *a\n", "x:1", "y"), shared);
    assert_eq!(replaced("w: &a |\n  x:1\nv: *a\n", "x:1", "y"), shared);
}

#[test]
fn what_is_no_text_is_no_document() {
    let outer = "a: 1\nb: {c: d}\nc: !!float |\n  1.5\nd:\n";
    let root = parse::document(outer).expect("YAML");
    for key in ["a", "b", "c", "d"] {
        assert!(Embedded::of(outer, at(&root, &[key])).is_none(), "{key}");
    }
}

#[test]
fn edits_are_judged_together() {
    let outer = "v: |\n  a: 1\n\n  b:\n    c: d\n";
    let inner = embedded(outer);
    let remove = |span| Edit {
        span,
        text: String::new(),
    };
    let (a, b) = (remove(0..5), remove(6..9));
    assert!(inner.translate(&a).is_ok() && inner.translate(&b).is_ok());
    let both = inner.translate_all(&[a, b]);
    assert_eq!(both, Err((0, Untranslatable::FirstLine)));
    let overlap = inner.translate_all(&[remove(0..5), remove(3..5)]);
    assert_eq!(overlap, Err((1, Untranslatable::Overlap)));
}

/// An Application's values hold a ConfigMap, which holds a document: the spans of the innermost are
/// moved outwards twice.
#[test]
fn documents_nest() {
    let outer = "spec:\n  values: |\n    extra:\n      - data: \"v: |\\n  image: x:1\\n\"\n";
    let root = parse::document(outer).expect("YAML");
    let values = Embedded::of(outer, at(&root, &["spec", "values"])).expect("text");
    let values_root = parse::document(values.text()).expect("YAML");
    let data = at(&values_root, &["extra", "0", "data"]);
    let data = Embedded::of(values.text(), data).expect("text");
    let data_root = parse::document(data.text()).expect("YAML");
    let text = Embedded::of(data.text(), at(&data_root, &["v"])).expect("text");
    let edit = Edit {
        span: 7..10,
        text: "y:2\nimagePullPolicy: Always".to_owned(),
    };
    let edit = text.translate(&edit).expect("a literal block");
    let edit = data.translate(&edit).expect("double quotes");
    let edit = values.translate(&edit).expect("a literal block");
    let expected = "spec:\n  values: |\n    extra:\n      - data: \"v: |\\n  image: y:2\\n  imagePullPolicy: Always\\n\"\n";
    assert_eq!(apply(outer, &[edit]), expected);
    let place = values.place(data.place(text.place(7)));
    assert_eq!(&outer[place..place + 3], "x:1");
}
