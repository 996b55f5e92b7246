//! Differences between go-yaml and us that are known, each with the reason why it does no harm; what
//! was mended; and everyday texts that we refuse. An entry that no longer differs fails the test.

use super::laws::{Difference, Law};

/// A kind of difference.
pub(crate) struct Known {
    pub(crate) name: &'static str,
    /// A small text that shows it.
    pub(crate) input: &'static str,
    /// A law that it breaks, and where the two sides part.
    pub(crate) law: Law,
    pub(crate) apart: &'static str,
    /// Whether a difference found by chance is of this kind.
    pub(crate) is_kind: fn(&str, &Difference) -> bool,
}

pub(crate) const KNOWN: [Known; 4] = [
    // kyaml leaves the second out, and kubectl reads it: more is judged than kustomize deploys.
    Known {
        name: "two JSON documents",
        input: "{\"a\": 1}\n{\"b\": 2}\n",
        law: Law::Kyaml,
        apart: ".: go-yaml 1 document, ours 2 documents",
        is_kind: left_out,
    },
    // kubectl ends the last line before it reads, and kyaml does not. No image, name or kind may end
    // in a line break: the API server refuses for kubectl what is read here as kyaml reads it.
    Known {
        name: "no last line break",
        input: "a: |\n  b",
        law: Law::Kubectl,
        apart: ".a: go-yaml \"b\\n\", ours \"b\"",
        is_kind: no_last_break,
    },
    // kubectl makes a boolean of it, and kyaml text. Where a field that is judged must be text, the API
    // server refuses a boolean, and no agent, image, tag or policy is called so.
    Known {
        name: "word of YAML 1.1",
        input: "a: yes\n",
        law: Law::Kubectl,
        apart: ".a: go-yaml true, ours \"yes\"",
        is_kind: |_, of| of.law == Law::Kubectl && is(of, &["true", "false"], &["\""]),
    },
    // No field that is looked up is called so.
    Known {
        name: "word of YAML 1.1 as a key",
        input: "y: a\n",
        law: Law::Kubectl,
        apart: ".true: go-yaml \"a\", ours nothing",
        is_kind: rewritten_key,
    },
];

/// Texts that were judged otherwise than go-yaml reads them, and what becomes of each now.
pub(crate) const MENDED: [(&str, &str, &str); 75] = [
    (
        "tab after the last line of plain text",
        "x: b\n  - \t\n",
        "read alike",
    ),
    ("tab after a dash", "a:\n- \tb: c\n", "read by nobody"),
    (
        "tab after dashes, before a line break",
        "- -  \t\n    a\n",
        "read by nobody",
    ),
    (
        "dashes and tabs in text",
        "a: |\n  - \tb\nc: \"d\n  - \te\"\nf: g\n  - \th\n",
        "read alike",
    ),
    (
        "tab after an indicator in braces",
        "{\n  ? \ta : b}\n",
        "read alike",
    ),
    (
        "line separator in a key",
        "a:\n  b\u{2028}image: c\n",
        "refused: the line separator (U+2028) ends a line for kustomize and kubectl",
    ),
    (
        "carriage return behind a marker",
        "a: b\n--- # c\rc: d\n---\n",
        "refused: a carriage return alone ends the line of a marker for some readers only",
    ),
    (
        "carriage return before a marker",
        "a: b\r---\nc: d\n",
        "refused: a carriage return alone ends the line of a marker for some readers only",
    ),
    (
        "carriage return in a comment",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n# c\rapiVersion: v1\rkind: Pod\rmetadata: {name: p}\rspec: {containers: [{name: c, image: x.example/realtheory/theory-k8s-collector:v1}]}\n",
        "read alike",
    ),
    (
        "next line in text",
        "a: \"b\u{85}c\"\n",
        "refused: the character next line (U+0085) ends a line for kustomize and kubectl",
    ),
    (
        "next line in a comment",
        "a: b # c\u{85}d: e\n",
        "refused: the character next line (U+0085) ends a line for kustomize and kubectl",
    ),
    (
        "next line behind a marker",
        "a: b\n---\u{85}c: d\n",
        "refused: the character next line (U+0085) ends a line for kustomize and kubectl",
    ),
    (
        "line separator beside a blank",
        "a: b \u{2028} c\n",
        "refused: the line separator (U+2028) ends a line for kustomize and kubectl",
    ),
    (
        "line separator beside a blank in double quotes",
        "a: \"b \u{2028} c\"\n",
        "refused: the line separator (U+2028) ends a line for kustomize and kubectl",
    ),
    (
        "line separator beside a blank in single quotes",
        "a: 'b \u{2028} c'\n",
        "refused: the line separator (U+2028) ends a line for kustomize and kubectl",
    ),
    (
        "line separator in a block scalar",
        "a: |\n  b\u{2028}  c\n",
        "read alike",
    ),
    (
        "line separator in a comment",
        "a: b # c\u{2028}d: e\n",
        "refused: the line separator (U+2028) ends a line for kustomize and kubectl",
    ),
    (
        "line separator before a pair",
        "\u{2028}a: b\n",
        "refused: the line separator (U+2028) ends a line for kustomize and kubectl",
    ),
    (
        "line separator behind a dash",
        "- a\u{2028}- b\n",
        "refused: the line separator (U+2028) ends a line for kustomize and kubectl",
    ),
    (
        "paragraph separator behind a dash",
        " -\u{2029}r",
        "refused: the paragraph separator (U+2029) ends a line for kustomize and kubectl",
    ),
    (
        "line separator before a marker",
        "a: b\u{2028}---\nc: d\n",
        "refused: the line separator (U+2028) ends a line for kustomize and kubectl",
    ),
    (
        "line separator behind a marker",
        "a: b\n---\u{2028}c: d\n",
        "refused: the line separator (U+2028) ends a line for kustomize and kubectl",
    ),
    (
        "paragraph separator in a comment",
        "a: b # c\u{2029}d: e\n",
        "refused: the paragraph separator (U+2029) ends a line for kustomize and kubectl",
    ),
    (
        "byte order mark behind a comment",
        "# c\n\u{feff}a: b\n",
        "refused: a byte order mark inside the text is part of it for kustomize and kubectl",
    ),
    (
        "document behind an end marker",
        "a: b\n...\nc: d\n",
        "refused: kustomize and kubectl leave out the document behind `...`",
    ),
    (
        "question mark in brackets",
        "[?a]\n",
        "refused: `?` begins a key for kustomize and kubectl, and a text for other readers",
    ),
    (
        "question mark in braces",
        "{?a: b}\n",
        "refused: `?` begins a key for kustomize and kubectl, and a text for other readers",
    ),
    (
        "colon before a brace",
        "{a:}\n",
        "refused: the colon is part of the key for kustomize and kubectl",
    ),
    (
        "colon before a bracket",
        "[a:]\n",
        "refused: the colon is part of the key for kustomize and kubectl",
    ),
    (
        "colon before a comma",
        "{a:, b: c}\n",
        "refused: the colon is part of the key for kustomize and kubectl",
    ),
    ("null by its tag", "a: !!null \"\"\n", "read alike"),
    (
        "null by its tag, before a text",
        "!!null kind: Pod\n",
        "refused: kubectl refuses a value with the tag `!!null`, which is nothing for kustomize",
    ),
    ("tag of somebody's own", "a: !b c\n", "read alike"),
    (
        "tag of a type that go-yaml does not have",
        "a: !!set c\n",
        "read alike",
    ),
    (
        "mark in an anchor",
        "a: &b:c d\n",
        "refused: kustomize and kubectl end the anchor's name before the colon",
    ),
    (
        "merge behind a key of its own",
        "a: &x {b: c}\nd: {b: e, <<: *x}\n",
        "read alike",
    ),
    (
        "two merge keys",
        "a: &x {b: c}\ne: &y {b: d}\nf: {<<: *x, <<: *y}\n",
        "read alike",
    ),
    (
        "quoted text at its key's column",
        "data:\n  a: 'one\n  two'\n",
        "read alike",
    ),
    (
        "brace before its key's column, in double quotes",
        "data:\n  a: \"events {\n }\"\n",
        "read alike",
    ),
    (
        "marker in a quoted text",
        "a: 'one\n--- two'\n",
        "read by nobody",
    ),
    (
        "dash of the next item in a quoted text",
        "- a: 'one\n- two'\n- b\n",
        "read alike",
    ),
    (
        "line separator at the head of a line of text, as kustomize writes it",
        "a: |\n  b\n\u{2028}  c\n\n\u{2028}    d\n",
        "read alike",
    ),
    (
        "line separator on a line of its own in text, as kustomize writes it",
        "a: |\n  b\n\u{2028}\n  c\n",
        "read alike",
    ),
    (
        "line separator at the end of text",
        "a: |\n  b\n\u{2028}\n",
        "refused: the line separator (U+2028) ends a line for kustomize and kubectl",
    ),
    (
        "line separator in single quotes, as kustomize writes it",
        "a: 'b\u{2028}    c'\n",
        "read alike",
    ),
    ("number of YAML 1.1", "a: 1_000\n", "read alike"),
    ("number of YAML 1.1 as a key", "1_000: a\n", "read alike"),
    ("binary number", "a: 0b11\n", "read alike"),
    ("number with a sign and a base", "a: -0x1F\n", "read alike"),
    (
        "number in octals behind a sign",
        "a: [-0o7, +0X1f, 0_7, 1e3_0, 4_2.5, 08]\n",
        "read alike",
    ),
    (
        "number too large",
        "a: [1e400, 0x10000000000000000, 0b2, 0x, 1_]\n",
        "read alike",
    ),
    (
        "document on the last line, which does not end",
        "a: b\n--- {c: d}",
        "refused: kustomize leaves out the document on a marker's line that is the last and does not end",
    ),
    (
        "colon of a text behind an anchor in brackets",
        "[&a :b]\n",
        "refused: the colon behind an anchor or a tag ends a key for kustomize and kubectl",
    ),
    (
        "colon of a text behind a tag in braces",
        "{!!str :b}\n",
        "refused: the colon behind an anchor or a tag ends a key for kustomize and kubectl",
    ),
    (
        "marker before a blank of Unicode",
        "a\n---\u{a0}\nb\n",
        "refused: the line is a marker for kustomize and kubectl, and text for other readers",
    ),
    (
        "marker before a blank of Unicode, at the head",
        "---\u{a0}\n{\"a\":\"b\"}\n",
        "refused: the line is a marker for kustomize and kubectl, and text for other readers",
    ),
    (
        "comment at a marker without a blank",
        "a\n---#\n{\"a\":\"b\"}\n",
        "refused: the line is a marker for kustomize and kubectl, and text for other readers",
    ),
    ("dashes before a word", "---x\n---y\n", "read alike"),
    (
        "block scalar at the margin",
        "--- |\na\n",
        "refused: kustomize leaves out a text that begins at the first column",
    ),
    (
        "tag without a name before nothing",
        "a: !\n",
        "refused: a value with the tag `!` is text for kubectl, and none for kustomize",
    ),
    (
        "tag without a name before a number",
        "a: ! 1\n",
        "refused: a value with the tag `!` is text for kubectl, and none for kustomize",
    ),
    (
        "tag without a name before a number in quotes",
        "a: ! \"1\"\n",
        "read alike",
    ),
    (
        "timestamp by its tag",
        "a: !!timestamp 2001-01-01\n",
        "refused: kustomize and kubectl read a value with the tag `!!timestamp` each in their way",
    ),
    (
        "bytes by their tag",
        "a: !!binary aGk=\n",
        "refused: kubectl decodes a value with the tag `!!binary`, and kustomize does not",
    ),
    (
        "bytes that are carried, by their tag",
        "kind: ConfigMap\nbinaryData: {b: !!binary \"aP8=\"}\ndata:\n  a: !!binary |\n    aG\n    k=\n  c: d\n",
        "read alike",
    ),
    (
        "bytes that aliases bring elsewhere",
        "data: &a {b: !!binary aGk=}\nc: *a\n",
        "refused: kubectl decodes a value with the tag `!!binary`, and kustomize does not",
    ),
    (
        "bytes below what is carried",
        "data:\n  a: [!!binary aGk=]\n",
        "refused: kubectl decodes a value with the tag `!!binary`, and kustomize does not",
    ),
    (
        "a key of bytes",
        "!!binary a2luZA==: b\n",
        "refused: kubectl decodes a value with the tag `!!binary`, and kustomize does not",
    ),
    (
        "comma in a tag",
        "[!!str, a]\n",
        "refused: the comma is part of the tag for kustomize and kubectl",
    ),
    (
        "comma behind a tag and a blank",
        "[!!str , a]\n",
        "read alike",
    ),
    (
        "no last line break behind a text that keeps none",
        "a: |-\n  b",
        "read alike",
    ),
    ("blanks for a last line", "a: |\n  b\n  ", "read alike"),
    (
        "line separator at the head of a text",
        "a: |2\n\u{2028}  b\n  c\n",
        "read alike",
    ),
    (
        "line separator at the head of a text, without its indentation",
        "a:\n  b: |\n\u{2028}    b\n    c\n",
        "read alike",
    ),
    (
        "line separator before more blanks than indentation",
        "a: |2\n\u{2028}    b\n  c\n",
        "refused: the line separator (U+2028) ends a line for kustomize and kubectl",
    ),
];

/// A text that go-yaml takes, that is met in real files, and that we refuse.
pub(crate) struct Refused {
    pub(crate) name: &'static str,
    pub(crate) input: &'static str,
    /// Our reason.
    pub(crate) reason: &'static str,
}

pub(crate) const REFUSED: [Refused; 3] = [
    Refused {
        name: "line separator on a line of its own",
        input: "a: b\n\u{2028}\nc: d\n",
        reason: "simple key expected ':'",
    },
    Refused {
        name: "byte order mark behind a marker, where files are joined",
        input: "a: b\n---\n\u{feff}c: d\n",
        reason: "a BOM must not appear inside a document",
    },
    Refused {
        name: "comment behind a marker without a blank",
        input: "a: b\n---#c\nd: e\n",
        reason: "simple key expected ':'",
    },
];

/// Whether each side gives something that begins with one of its words.
fn is(difference: &Difference, theirs: &[&str], ours: &[&str]) -> bool {
    let apart = &difference.apart;
    let begins = |text: &str, words: &[&str]| words.iter().any(|word| text.starts_with(word));
    begins(&apart.theirs, theirs) && begins(&apart.ours, ours)
}

/// kyaml decodes one document of what is between two lines that begin with `---`, and leaves out the
/// JSON documents that follow it without a word; kubectl reads them, and so do we.
fn left_out(text: &str, difference: &Difference) -> bool {
    let apart = &difference.apart;
    let count = |text: &str| {
        let (count, _) = text.split_once(" document")?;
        count.parse::<usize>().ok()
    };
    let counts = count(&apart.theirs).zip(count(&apart.ours));
    let is_less = counts.is_some_and(|(theirs, ours)| theirs < ours);
    difference.law != Law::Stream && is_less && text.trim_start().starts_with('{')
}

fn no_last_break(text: &str, difference: &Difference) -> bool {
    let apart = &difference.apart;
    let (theirs, ours) = (apart.theirs.as_str(), apart.ours.as_str());
    // kubectl reads line by line, and so ends the last one.
    let is_longer = |one: &str, other: &str| {
        let one = one.strip_suffix("\\n\"");
        one.is_some() && one == other.strip_suffix('"')
    };
    let is_kubectl = difference.law == Law::Kubectl;
    is_kubectl && !text.ends_with('\n') && is_longer(theirs, ours)
}

/// kubectl writes a key that it does not take for text anew.
fn rewritten_key(_: &str, difference: &Difference) -> bool {
    let apart = &difference.apart;
    let is_word = apart.path.ends_with(".true") || apart.path.ends_with(".false");
    let last = apart.path.rsplit('.').next().unwrap_or_default();
    let is_number = last
        .trim_start_matches('-')
        .starts_with(|first: char| first.is_ascii_digit());
    difference.law == Law::Kubectl && apart.ours == "nothing" && (is_word || is_number)
}
