//! Where the text around edits is enough to go by, and where all of it must be read again.

use super::{Arena, IMAGE, LAST, POD, check, checked_around, fast, names, text};

/// Around the edit alone, the list would be new, and those that the merge brings forgotten.
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
        check(merged, &planned, &[("Always", &own)], None, verdict);
    }
}

/// Its neighbour's edit writes the same key, and must not pass for its own.
#[test]
fn what_was_planned_where_no_edit_stands_is_missed() {
    let planned = [text(IMAGE, "new"), text(LAST, "new")];
    check(POD, &planned, &[("old", "new")], None, Err(LAST));
    check(POD, &planned, &[("other", "new")], None, Err(IMAGE));
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
    check(init, &planned, &edited, Some(Ok(())), Ok(()));
}

/// How far in the next line begins, and whether a flow mapping may run over lines, is for the whole
/// text to say.
#[test]
fn edits_that_leave_their_lines_are_read_as_a_whole() {
    let planned = [text(IMAGE, "new")];
    check(POD, &planned, &[("old\n  ", "new\n  ")], None, Ok(()));
    let flow = "spec:\n  containers:\n  - {image: old, name: a}\n";
    check(flow, &planned, &[("old", "new")], Some(Ok(())), Ok(()));
    check(flow, &planned, &[("old", "new\n    ")], None, Ok(()));
}

/// They need no look at the whole text, being left out again.
#[test]
fn anchors_in_what_was_not_kept_may_stand_between_edits() {
    const LEFT_OUT: &[&str] = &["env"];
    let anchored = "\
spec:
  containers:
  - image: old
    env:
      a: &a b
      c: *a
    imagePullPolicy: Never
";
    let arena = Arena::default();
    let root = fast::lean(&arena, anchored, LEFT_OUT).expect("the fast reader takes it");
    let policy = "spec.containers.0.imagePullPolicy";
    let planned = [text(IMAGE, "new"), text(policy, "Always")];
    let edited = [("old", "new"), ("Never", "Always")];
    let around = checked_around(anchored, &root, &planned, &edited, LEFT_OUT);
    assert_eq!(around, Some(Ok(())));
}

/// The header says what the lines stand for, and so do the blank lines behind it.
#[test]
fn block_scalars_that_were_not_kept_are_compared_with_their_headers() {
    const LEFT_OUT: &[&str] = &["script"];
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
        let text = format!("spec:\n  image: {old}");
        let arena = Arena::default();
        let root = fast::lean(&arena, &text, LEFT_OUT).expect("the fast reader takes it");
        let around = |after: &str| {
            let new = format!("new\n  script: {after}");
            checked_around(&text, &root, &planned, &[(&old, &new)], LEFT_OUT)
        };
        assert_eq!(around(before), Some(Ok(())), "{before}");
        let differs = Some(Err("spec.script".to_owned()));
        assert_eq!(around(after), differs, "{before}{after}");
    }
    // What is read again begins behind the dash.
    let item = "spec:\n- script: |\n    a\n  z: 1\n";
    let more = [("  z: 1", "  x: new\n  z: 1")];
    check(
        item,
        &[text("spec.0.x", "new")],
        &more,
        Some(Ok(())),
        Ok(()),
    );
}
