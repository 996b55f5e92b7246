//! Anchors and aliases after keys.

use restore_images::yaml::parse::{Keep, Piece};

use super::{check, fast};

/// Whether the first levels of a text are read fast, and as the reference parser reads them.
#[track_caller]
fn is_read_in_part(text: &str, is_read: bool) -> bool {
    assert_eq!(check(text), is_read, "{text}");
    fast(text, &Piece::whole(text), Keep::Levels(2), None).is_some()
}

/// After keys, anchors are read fast where all is kept, or all below the levels that are: there it is
/// enough that every alias has its anchor before it.
#[test]
fn anchors_are_read_after_keys() {
    for taken in [
        "a:\n  b:\n    c: &x\n      d: e\n    f: *x\n",
        "a:\n  b:\n    c: &x-1_y   plain  # comment\n    f: *x-1_y # comment\n",
        "a:\n  b:\n    c: &x 'it''s'\n    d: &y {e: [f]}\n    g: *y\n    h: *x\n",
        "a:\n  b:\n    c: &x |\n      text\n    d: *x\n",
        "a:\n  b:\n    c: &x\n    # comment\n\n      - d\n    e: *x",
        "a:\n  b:\n    c: &x d\n    e: &x\n      f: g\n    h: *x\n",
        "a:\n  b:\n    c: &x\n      d: &y e\n      f: *y\n    g: &z\n      h: *x\n    i: *z\n",
        "a:\n  b:\n    c: &x\n      d: e\n    f:\n      <<: *x\n      g: h\n",
        "a:\n  b:\n    - c: &x d\n      e: *x\n",
    ] {
        assert!(is_read_in_part(taken, true), "{taken}");
    }
    for kept in [
        "a: &x b\nc:\n  d:\n    e: *x\n",
        "a:\n  b: &x\n    c: d\n",
        "a: &x {b: c}\nd:\n  b: *x\n",
    ] {
        assert!(!is_read_in_part(kept, true), "{kept}");
    }
    for left in [
        // No anchor before it, or only in itself.
        "a:\n  b:\n    c: *x\n    d: &x e\n",
        "a:\n  b:\n    c: &x\n      d: *x\n",
        "a: b\nc: *x\n",
        // The name of the anchor around it.
        "a:\n  b:\n    c: &x\n      d: &x e\n    f: *x\n",
        "a: &x\n  b: *x\n",
        // Not behind a key, nothing behind it, or something else.
        "a:\n  b:\n    &x c: d\n",
        "a:\n  b:\n    - &x c\n",
        "a:\n  b:\n    c: [&x d]\n",
        "a:\n  b:\n    c: &x\n    d: e\n",
        "a:\n  b:\n    c: &x\n",
        "a:\n  b:\n    c: &x # comment\n      d: e\n",
        "a:\n  b:\n    c: &x &y d\n",
        "a:\n  b:\n    c: &x !!str d\n",
        "a:\n  b:\n    c: &x d\n    e: &y *x\n",
        "a:\n  b:\n    c: &x d: e\n",
        "a:\n  b:\n    c: &x d\n    e: *x f\n",
        "a:\n  b:\n    c: &x d\n    e: *x#\n",
        "a:\n  b:\n    c: &x d\n    e: *x:\n",
        "a:\n  b:\n    c: &x d\n    e: *x\n      f: g\n",
        "a:\n  b:\n    c: &é d\n    e: *é\n",
        "a:\n  b:\n    c: & d\n    e: *\n",
        "a:\n  b:\n    c: &x\n     d\n    e: *x\n",
    ] {
        assert!(!is_read_in_part(left, false), "{left}");
    }
}
