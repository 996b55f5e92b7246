//! What JSONPaths select: names, positions, slices, and filters.

use crate::support::{assert_text_eq, run_in_folder};

const LIST: &str = "  a:
  - {name: x, n: 1, on: true, image: IMAGE}
  - {name: y, n: 2.5, none: null, image: IMAGE}
  - {name: zx, n: 10, tags: [{v: b}], image: IMAGE}
";

/// The places of LIST, by their `name`, whose image a path leads to.
#[track_caller]
fn check(path: &str, expected: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    let config = format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n  \
         agents: [realtheory-collector]\n  fields:\n  - {{apiVersion: example.com/v1, kind: Thing, image: \"{path}\"}}\n"
    );
    std::fs::write(folder.path().join("c.yaml"), config).expect("written");
    let head = "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: r}\nspec:\n";
    let input = format!("{head}{}", LIST.replace("IMAGE", super::OLD));
    let run = run_in_folder(folder.path(), &["c.yaml"], input.as_bytes());
    assert_eq!(run.code, 0, "{path}: {}", run.stderr);
    let restored = |line: &str| match expected
        .iter()
        .any(|name| line.contains(&format!("name: {name},")))
    {
        true => line.replace("IMAGE", super::NEW),
        false => line.replace("IMAGE", super::OLD),
    };
    let lines: Vec<String> = LIST.lines().map(restored).collect();
    assert_text_eq(
        &String::from_utf8(run.stdout).expect("UTF-8"),
        &format!("{head}{}\n", lines.join("\n")),
    );
}

#[test]
fn positions_and_slices() {
    for (selectors, expected) in [
        ("*", &["x", "y", "zx"][..]),
        ("0", &["x"]),
        ("-1", &["zx"]),
        ("3", &[]),
        ("-4", &[]),
        ("0,2", &["x", "zx"]),
        ("1:", &["y", "zx"]),
        (":-1", &["x", "y"]),
        ("::2", &["x", "zx"]),
        ("2:0:-1", &["y", "zx"]),
        ("::-2", &["x", "zx"]),
        ("0:9:0", &[]),
        ("-9:1", &["x"]),
    ] {
        check(&format!("$.spec.a[{selectors}].image"), expected);
    }
    check("$['spec']['a'][1]['image']", &["y"]);
    check("$.spec['a','b'][1].image", &["y"]);
    check("$.spec.*[1].image", &["y"]);
}

#[test]
fn filters() {
    for (filter, expected) in [
        ("@.name == 'x'", &["x"][..]),
        ("'x' == @.name", &["x"]),
        ("@.name != 'x'", &["y", "zx"]),
        ("@.none != 'x'", &["x", "y", "zx"]),
        ("@.name > 'x'", &["y", "zx"]),
        ("@.n < 10", &["x", "y"]),
        ("10 >= @.n", &["x", "y", "zx"]),
        ("@.n == 1.0", &["x"]),
        ("@.n <= 2.5", &["x", "y"]),
        ("@.n == '1'", &[]),
        ("@.on == true", &["x"]),
        ("@.on", &["x"]),
        ("!@.on", &["y", "zx"]),
        ("@.none == null", &["y"]),
        ("@.none", &["y"]),
        ("@.tags[*].v", &["zx"]),
        ("@.tags[?@.v == 'b']", &["zx"]),
        ("@.tags[0].v == 'b'", &["zx"]),
        ("@.name == 'x' || @.n > 2 && !(@.n == 10)", &["x", "y"]),
        ("search(@.name, 'x')", &["x", "zx"]),
        ("match(@.name, 'x')", &["x"]),
        ("match(@.name, 'y|.x')", &["y", "zx"]),
        ("match(@.name, '[.]x')", &[]),
        ("search(@.n, '1')", &[]),
        ("search(@.absent, '')", &[]),
    ] {
        check(&format!("$.spec.a[?{filter}].image"), expected);
    }
}
