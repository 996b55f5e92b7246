//! The check of edits: whatever they change beside what was planned is refused.
//!
//! The program's own edits pass, so it is asked by itself.

use restore_images::edit::{Change, Edit, TargetValue, Texts, places, sort, verify};
use restore_images::slot::Slot;
use restore_images::yaml::parse::{Keep, Parser, Piece};
use restore_images::yaml::{Node, Path, Segment, parse};

/// What the check says: nothing, or the first path that differs.
type Verdict<'v> = Result<(), &'v str>;

/// A text, by its one occurrence, and what stands in its place.
type Replaced<'e> = (&'e str, &'e str);

/// Holds the check against what it should say.
#[track_caller]
fn check(
    text: &str,
    planned: &[(&str, TargetValue)],
    edited: &[Replaced<'_>],
    verdict: Verdict<'_>,
) {
    let old = parse::document(text).expect("YAML");
    let edits = edits(text, edited);
    let new_text = restore_images::edit::apply(text, &edits);
    let new = parse::document(&new_text).expect("YAML");
    let has_anchors = text.contains('&') || new_text.contains('&');
    let texts = (!has_anchors).then_some(Texts {
        old: text,
        new: &new_text,
    });
    for texts in [None, texts] {
        assert_eq!(
            verify(&old, &new, &changes(&old, planned), texts),
            verdict.map_err(str::to_owned),
            "{new_text}"
        );
    }
    // Where the nodes far from the edits are left out, no more passes.
    if let Some(texts) = texts {
        let places = places(&old, 0, &edits);
        let piece = Piece::whole(&new_text);
        let near = Parser::default().piece(&new_text, &piece, Keep::At(&places), None);
        let near = near.expect("YAML").root;
        let passes = verify(&old, &near, &changes(&old, planned), Some(texts)).is_ok();
        assert!(!passes || verdict.is_ok(), "{new_text}");
    }
}

fn edits(text: &str, edited: &[Replaced<'_>]) -> Vec<Edit> {
    let edits = edited.iter().map(|(old, new)| {
        let mut found = text.match_indices(old);
        let (start, _) = found.next().expect("it stands there");
        assert_eq!(found.next(), None, "`{old}` stands there once");
        Edit {
            span: start..start + old.len(),
            text: (*new).to_owned(),
        }
    });
    let mut edits: Vec<Edit> = edits.collect();
    sort(&mut edits).expect("no overlap");
    edits
}

/// Changes by paths: `spec.containers.0.image`.
fn changes<'n, 's>(root: &'n Node<'s>, planned: &'n [(&str, TargetValue)]) -> Vec<Change<'n, 's>> {
    let changes = planned.iter().map(|(path, value)| {
        let (holders, last) = path.rsplit_once('.').unwrap_or(("", path));
        let (mut holder, mut path) = (root, Path::default());
        for name in holders.split('.').filter(|name| !name.is_empty()) {
            let at = segment(name);
            (holder, path) = (below(holder, at), path.with(at));
        }
        let slot = Slot {
            at: segment(last),
            ..Slot::key(holder, path, last)
        };
        Change {
            slot,
            value: value.clone(),
        }
    });
    changes.collect()
}

fn segment(name: &str) -> Segment<'_> {
    name.parse()
        .map_or_else(|_| Segment::Key(name), Segment::Index)
}

fn below<'n, 's>(node: &'n Node<'s>, at: Segment<'_>) -> &'n Node<'s> {
    match at {
        Segment::Key(key) => node.get(key).expect("one such key").expect("such a key"),
        Segment::Index(index) => &node.items().expect("a list")[index],
    }
}

fn text<'c>(path: &'c str, value: &str) -> (&'c str, TargetValue) {
    (path, TargetValue::Text(value.to_owned()))
}

fn names<'c>(path: &'c str, names: &[&str]) -> (&'c str, TargetValue) {
    let names = names.iter().map(|name| (*name).to_owned());
    (path, TargetValue::Names(names.collect()))
}

const POD: &str = "\
kind: Pod
spec:
  hostNetwork: true
  containers:
  - name: a
    image: old
    args: [one, six]
  - name: b
    image: other
    script: |
      line
  restartPolicy: Always
  imagePullSecrets:
  - name: first
";

const IMAGE: &str = "spec.containers.0.image";
const LAST: &str = "spec.containers.1.image";

#[test]
fn what_was_planned_passes() {
    for (planned, edited) in [
        (vec![text(IMAGE, "new")], vec![("old", "new")]),
        // In any style, with comments, and with other keys' order as it was.
        (vec![text(IMAGE, "1.10")], vec![("old", "\"1.10\" # why")]),
        // What was not planned may change its style.
        (
            vec![text(IMAGE, "new")],
            vec![("old", "new"), ("name: b", "name: 'b'")],
        ),
        // Two containers, none inside the other.
        (
            vec![text(IMAGE, "x"), text("spec.containers.1.image", "z")],
            vec![("old", "x"), ("other", "z")],
        ),
        // Before, inside and behind: one mapping holds all.
        (
            vec![
                text(IMAGE, "x"),
                text("spec.containers.1.image", "z"),
                text("spec.hostNetwork", "a"),
                text("spec.restartPolicy", "Never"),
            ],
            vec![
                ("true", "a"),
                ("old", "x"),
                ("other", "z"),
                ("Always", "Never"),
            ],
        ),
        (
            vec![text(IMAGE, "x"), text("spec.restartPolicy", "Never")],
            vec![("old", "x"), ("Always", "Never")],
        ),
        (
            vec![text(IMAGE, "x"), text("spec.hostNetwork", "a")],
            vec![("true", "a"), ("old", "x")],
        ),
        // A key that is new, and an item of a list.
        (
            vec![text("spec.containers.0.imagePullPolicy", "Always")],
            vec![("old", "old\n    imagePullPolicy: Always")],
        ),
        (
            vec![text("spec.containers.0.args.1", "ten")],
            vec![("six", "ten")],
        ),
        // At the end of the text.
        (
            vec![names("spec.imagePullSecrets", &["second"])],
            vec![("- name: first\n", "- name: first\n  - name: second\n")],
        ),
    ] {
        check(POD, &planned, &edited, Ok(()));
    }
}

#[test]
fn what_was_not_planned_is_refused_with_its_path() {
    for (edited, path) in [
        // Another value, another type, a key more, a key less, another key, an item more or less.
        (vec![("old", "newer")], IMAGE),
        (
            vec![("old", "new"), ("name: a", "name: z")],
            "spec.containers.0.name",
        ),
        (
            vec![("old", "new"), ("name: b", "name: 'z'")],
            "spec.containers.1.name",
        ),
        (vec![("old", "new"), ("true", "'true'")], "spec.hostNetwork"),
        (vec![("old", "new\n    more: x")], "spec.containers.0.more"),
        (
            vec![("old", "new"), ("    args: [one, six]\n", "")],
            "spec.containers.0",
        ),
        (
            vec![("old", "new"), ("args", "argv")],
            "spec.containers.0.argv",
        ),
        (
            vec![("old", "new"), ("one, ", "one, one, ")],
            "spec.containers.0.args",
        ),
        (
            vec![("old", "new"), ("one, ", "")],
            "spec.containers.0.args",
        ),
        (
            vec![("old", "new"), ("[one, six]", "{one: six}")],
            "spec.containers.0.args",
        ),
        (
            vec![("old", "new"), ("[one, six]", "none")],
            "spec.containers.0.args",
        ),
        (
            vec![("old", "new"), ("      line\n", "      lines\n")],
            "spec.containers.1.script",
        ),
        (
            vec![("old", "new"), ("six]\n  ", "six]\n  - name: z\n  ")],
            "spec.containers",
        ),
    ] {
        let planned = [text(IMAGE, "new")];
        check(POD, &planned, &edited, Err(path));
    }
    // What was planned and not done.
    let planned = [text(IMAGE, "new"), text("spec.restartPolicy", "Never")];
    check(POD, &planned, &[("old", "new")], Err("spec.restartPolicy"));
    check(POD, &planned, &[], Err(IMAGE));
    let key = "spec.containers.0.imagePullPolicy";
    let planned = [text(IMAGE, "new"), text(key, "Always")];
    let holder = "spec.containers.0";
    check(POD, &planned, &[("old", "new")], Err(holder));
    let planned = [names("spec.otherSecrets", &["x"])];
    check(POD, &planned, &[], Err("spec"));
    let merges = "a: &a {x: 1}\nb: {<<: *a}\n";
    check(merges, &[text("b.y", "new")], &[], Err("b"));
    check(
        POD,
        &[text(IMAGE, "new"), text("spec.containers.0.name", "z")],
        &[("old", "new")],
        Err("spec.containers.0.name"),
    );
}

#[test]
fn text_that_reads_as_something_else_is_no_text() {
    for value in ["1.10", "true", "null", "~", "0x1f", ".inf"] {
        let planned = [text(IMAGE, value)];
        check(POD, &planned, &[("old", value)], Err(IMAGE));
        let quoted = format!("'{value}'");
        check(POD, &planned, &[("old", &quoted)], Ok(()));
    }
    // Readers of YAML 1.1 take these for a number of seconds and a truth.
    for value in ["12:30", "yes"] {
        let planned = [text(IMAGE, value)];
        check(POD, &planned, &[("old", value)], Err(IMAGE));
        check(POD, &planned, &[("old", &format!("!!str {value}"))], Ok(()));
    }
}

#[test]
fn names_are_added_behind_those_that_were_there() {
    let key = "spec.imagePullSecrets";
    let planned = [names(key, &["x", "y"])];
    let secrets = "- name: first\n";
    for (new, verdict) in [
        ("- name: first\n  - name: x\n  - name: y\n", Ok(())),
        ("- name: first\n  - name: y\n  - name: x\n", Err(key)),
        ("- name: first\n  - name: x\n", Err(key)),
        (
            "- name: first\n  - name: x\n  - name: y\n  - name: z\n",
            Err(key),
        ),
        ("- name: x\n  - name: y\n", Err(key)),
        (
            "- name: last\n  - name: x\n  - name: y\n",
            Err("spec.imagePullSecrets.name"),
        ),
        (
            "- name: first\n  - name: x\n  - name: y\n    more: z\n",
            Err(key),
        ),
        ("- name: first\n  - name: x\n  - called: y\n", Err(key)),
        ("- name: first\n  - name: x\n  - y\n", Err(key)),
        ("- name: first\n  - name: x\n  - name: [y]\n", Err(key)),
    ] {
        check(POD, &planned, &[(secrets, new)], verdict);
    }
    let new = (
        "Always",
        "Always\n  otherSecrets:\n  - name: x\n  - name: y",
    );
    let planned = [names("spec.otherSecrets", &["x", "y"])];
    check(POD, &planned, &[new], Ok(()));
}

#[test]
fn what_ends_elsewhere_is_read_as_a_whole() {
    // One container becomes two, or the second goes into the first one's keys.
    let planned = [text(IMAGE, "new")];
    let more = [("old", "new\n  - name: z\n    image: old")];
    check(POD, &planned, &more, Err("spec.containers"));
    let planned_there = [text("spec.hostNetwork", "false")];
    let deeper = [("true", "'false'\nmore:\n  x: y")];
    check(POD, &planned_there, &deeper, Err("spec"));
    // A line break that goes, and with it the next line into a comment; one that stays.
    let joined = [("old\n", "new #")];
    check(POD, &planned, &joined, Err("spec.containers.0"));
    check(POD, &planned, &[("old\n", "new\n")], Ok(()));
    let items = "spec:\n  containers:\n  - image: old\n  - image: other\n";
    check(items, &planned, &joined, Err("spec.containers"));
    // The last line may have none.
    let end = "spec:\n  containers:\n  - image: old";
    check(end, &planned, &[("old", "new")], Ok(()));
    let kind = [text("kind", "Job")];
    check(POD, &kind, &[("Pod", "Job")], Ok(()));
    check(POD, &kind, &[("kind: Pod", "kind: Job")], Ok(()));
}

#[test]
fn flow_mappings_are_read_by_themselves() {
    let json = r#"{"spec": {"containers": [{"name": "a", "image": "old"}, {"name": "b"}]}, "x": {"y": 1}}"#;
    let planned = [text(IMAGE, "new")];
    let good = ("old", "new");
    check(json, &planned, &[good], Ok(()));
    check(
        json,
        &planned,
        &[good, (r#""a""#, r#""z""#)],
        Err("spec.containers.0.name"),
    );
    check(
        json,
        &planned,
        &[good, ("\"b\"", "\"z\"")],
        Err("spec.containers.1.name"),
    );
    // What closes the mapping early leaves a text that is no mapping alone.
    check(
        json,
        &planned,
        &[("\"old\"", "\"new\"}, {\"name\": \"c\"")],
        Err("spec.containers"),
    );
    let pretty = "{\n  \"spec\": {\n    \"containers\": [\n      {\n        \"image\": \"old\"\n      }\n    ]\n  }\n}\n";
    check(pretty, &planned, &[good], Ok(()));
}

/// An anchor is read with the whole text, and so are merge keys.
#[test]
fn shared_values_are_compared_where_they_are_used() {
    let text_of = |path, value| [text(path, value)];
    let shared = "a: &a {image: old, n: 1}\nb: *a\nc: {<<: *a, n: 2}\n";
    let image = ("old", "new");
    // Whoever uses the anchor must want it.
    check(shared, &text_of("a.image", "new"), &[image], Err("b.image"));
    let all = [
        text("a.image", "new"),
        text("b.image", "new"),
        text("c.image", "new"),
    ];
    check(shared, &all, &[image], Ok(()));
    check(shared, &all[..2], &[image], Err("c.image"));
    check(
        shared,
        &text_of("c.image", "new"),
        &[("n: 2", "n: 2, image: new")],
        Ok(()),
    );
    check(
        shared,
        &text_of("c.image", "new"),
        &[("n: 2", "n: 3, image: new")],
        Err("c.n"),
    );
    // A pair that goes, and one that comes, by a merge.
    check(shared, &[], &[("<<: *a, ", "")], Err("c"));
    check(shared, &[], &[("n: 2", "m: 2")], Err("c.m"));
    check(shared, &[], &[("*a\n", "{image: old, n: 1}\n")], Ok(()));
    // Of several, the first counts; a list of them is as good as one.
    let several = "a: &a {image: old}\nb: &b {image: other, x: 1}\nc: {<<: [*a, *b]}\n";
    check(several, &[], &[("[*a, *b]", "[*b, *a]")], Err("c.image"));
    check(several, &[], &[("[*a, *b]", "[*a]")], Err("c"));
}

#[test]
fn keys_that_are_collections_and_tags_must_stay() {
    let odd = "? [a, b]\n: {c: d}\nimage: !t old\nname: !t n\n";
    let planned = [text("image", "new")];
    check(odd, &planned, &[("!t old", "new")], Ok(()));
    for (edit, path) in [
        (("[a, b]", "[a, z]"), "1"),
        (("{c: d}", "{c: z}"), "c"),
        (("? [a, b]\n: {c: d}\n", ""), "name"),
        (("name: !t n\n", "name: !t n\n? [e]\n: f\n"), ""),
        (("!t n", "n"), "name"),
        (("!t n", "!u n"), "name"),
    ] {
        check(odd, &planned, &[("!t old", "new"), edit], Err(path));
    }
}

#[test]
fn names_that_a_merge_brings_are_kept() {
    let merged = "\
spec:
  <<: {imagePullSecrets: [{name: first}]}
  restartPolicy: Always
";
    let key = "spec.imagePullSecrets";
    let planned = [names(key, &["second"])];
    for (list, verdict) in [
        ("[{name: first}, {name: second}]", Ok(())),
        ("[{name: second}]", Err(key)),
    ] {
        let own = format!("Always\n  imagePullSecrets: {list}");
        check(merged, &planned, &[("Always", &own)], verdict);
    }
}

/// Its neighbour's edit writes the same key, and must not pass for its own.
#[test]
fn what_was_planned_where_no_edit_stands_is_missed() {
    let planned = [text(IMAGE, "new"), text(LAST, "new")];
    check(POD, &planned, &[("old", "new")], Err(LAST));
    check(POD, &planned, &[("other", "new")], Err(IMAGE));
}

/// Nor does a key that is written twice, or a value that has stayed nothing.
#[test]
fn what_was_planned_is_there_once() {
    let key = "spec.containers.0.imagePullPolicy";
    let planned = [text(IMAGE, "new"), text(key, "Always")];
    let twice = [("image: old", "image: new\n    image: new")];
    check(POD, &planned, &twice, Err("spec.containers.0"));
    let planned = [text(IMAGE, "new")];
    check(POD, &planned, &twice, Err("spec.containers.0"));
    let nothing = "kind: Pod\nspec:\n";
    check(
        nothing,
        &[names("spec.imagePullSecrets", &["x"])],
        &[],
        Err("spec"),
    );
}

#[test]
fn mappings_stand_in_any_order() {
    let init = "\
spec:
  initContainers:
  - image: other
  containers:
  - image: old
";
    let planned = [text("spec.initContainers.0.image", "x"), text(IMAGE, "z")];
    let edited = [("other", "x"), ("old", "z")];
    check(init, &planned, &edited, Ok(()));
}

#[test]
fn edits_that_leave_their_lines_are_read_as_a_whole() {
    let planned = [text(IMAGE, "new")];
    check(POD, &planned, &[("old\n  ", "new\n  ")], Ok(()));
    let flow = "spec:\n  containers:\n  - {image: old, name: a}\n";
    check(flow, &planned, &[("old", "new")], Ok(()));
    check(flow, &planned, &[("old", "new\n    ")], Ok(()));
}

/// The header says what the lines stand for, and so do the blank lines behind it.
#[test]
fn block_scalars_are_compared_with_their_headers() {
    let planned = [text("spec.image", "new")];
    for (before, after) in [
        ("|\n    a\n", "|-\n    a\n"),
        ("|\n    a\n", "|\n\n    a\n"),
        ("|\n    a\n    b\n", ">\n    a\n    b\n"),
        (">\n    a\n", ">-\n    a\n"),
        (">\n    a\n", ">\n    b\n"),
        (">\n    a\n", "''\n"),
        ("''\n", "|\n    a\n"),
    ] {
        let old = format!("old\n  script: {before}");
        let around = format!("spec:\n  image: {old}");
        let same = format!("new\n  script: {before}");
        check(&around, &planned, &[(&old, &same)], Ok(()));
        let differs = format!("new\n  script: {after}");
        check(&around, &planned, &[(&old, &differs)], Err("spec.script"));
    }
}
