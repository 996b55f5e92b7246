//! Bad input: exit 2, nothing on standard output, and one clear line with the place first.

use crate::support::{assert_text_eq, run, run_in_folder};

const LIST: &str = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n";

#[track_caller]
fn check(input: impl AsRef<[u8]>, expected: &str) {
    let run = run(&[], input.as_ref());
    assert_text_eq(&run.stderr, expected);
    assert_eq!(run.code, 2);
    assert!(run.stdout.is_empty(), "something was written");
}

#[test]
fn empty_input_is_refused() {
    for input in ["", "\n \n", "\u{feff}"] {
        check(
            input,
            "stdin:1:1: the input is empty\n\
             help: give a ResourceList or Kubernetes manifests; did the command before a pipe fail?\n",
        );
    }
    for input in ["# a comment\n", "---\n---\n", "null\n"] {
        check(
            input,
            "stdin:1:1: the input holds no resource, only comments or markers\n\
             help: give a ResourceList or Kubernetes manifests; did the command before a pipe fail?\n",
        );
    }
}

#[test]
fn what_is_no_resource_is_refused() {
    const HELP: &str = "help: every document must be a mapping with apiVersion and kind\n";
    check(
        "hello world\n",
        &format!("stdin:1:1: expected a ResourceList or a Kubernetes resource, found text\n{HELP}"),
    );
    check(
        "a: 1\n---\n- b\n",
        &format!(
            "stdin:3:1: expected a ResourceList or a Kubernetes resource, found a list\n{HELP}"
        ),
    );
    check(
        "a: 1\n---\n42\n",
        &format!(
            "stdin:3:1: expected a ResourceList or a Kubernetes resource, found a number\n{HELP}"
        ),
    );
}

#[test]
fn what_is_nearly_a_resource_list_is_refused() {
    check(
        "apiVersion: config.kubernetes.io/v1\nkind: ResourceLst\nitems: []\n",
        "stdin:2:7: kind `ResourceLst` of config.kubernetes.io/v1 is not ResourceList\n\
         help: write kind: ResourceList\n",
    );
    check(
        "apiVersion: config.kubernetes.io/v2\nkind: ResourceList\nitems: []\n",
        "stdin:1:13: ResourceList version `config.kubernetes.io/v2` is not supported\n\
         help: use config.kubernetes.io/v1 or config.kubernetes.io/v1beta1\n",
    );
    check(
        "apiVersion: v1\nkind: ResourceList\nitems: []\n",
        "stdin:1:13: a ResourceList has the apiVersion config.kubernetes.io/v1, not `v1`\n\
         help: write apiVersion: config.kubernetes.io/v1\n",
    );
    check(
        "kind: ResourceList\nitems: []\n",
        "stdin:1:7: the ResourceList has no apiVersion\n\
         help: write apiVersion: config.kubernetes.io/v1\n",
    );
    for (items, what) in [
        (
            "items: {a: 1}\n",
            "stdin:3:8: items is a mapping, not a list",
        ),
        ("items: x\n", "stdin:3:8: items is text, not a list"),
        ("items: 3\n", "stdin:3:8: items is a number, not a list"),
    ] {
        check(
            format!("{LIST}{items}"),
            &format!("{what}\nhelp: write one `- ` item for each resource\n"),
        );
    }
    for (items, what) in [
        (
            "items:\n- a: 1\n- x\n",
            "stdin:5:3: items[1] is text, not a resource",
        ),
        (
            "items:\n- a: 1\n- [x]\n",
            "stdin:5:3: items[1] is a list, not a resource",
        ),
        (
            "items: [{a: 1}, null]\n",
            "stdin:3:17: items[1] is nothing, not a resource",
        ),
    ] {
        check(
            format!("{LIST}{items}"),
            &format!("{what}\nhelp: every item must be a mapping with apiVersion and kind\n"),
        );
    }
    check(
        format!("{LIST}items: []\n---\na: 1\n"),
        "stdin:5:1: a second document follows the ResourceList\n\
         help: a function reads one ResourceList: remove the other document\n",
    );
    check(
        format!("a: 1\n---\n{LIST}items: []\n"),
        "stdin:3:1: the ResourceList follows another document\n\
         help: a function reads one ResourceList: remove the other document\n",
    );
}

#[test]
fn duplicate_keys_in_what_is_read_are_refused_with_both_places() {
    const HELP: &str = "help: readers disagree on which of the two counts: remove one\n";
    check(
        format!("{LIST}items: []\nitems: []\n"),
        &format!(
            "stdin:4:1: the key `items` stands twice in one mapping, first at stdin:3:1\n{HELP}"
        ),
    );
    check(
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: a\n    name: x\n    image: b\n",
        &format!(
            "stdin:7:5: the key `image` stands twice in one mapping, first at stdin:5:5\n{HELP}"
        ),
    );
    check(
        format!(
            "{LIST}items:\n- apiVersion: v1\n  kind: Pod\n  spec:\n    containers:\n    - image: a\n      \"image\": b\n"
        ),
        &format!(
            "stdin:9:7: the key `image` stands twice in one mapping, first at stdin:8:7\n{HELP}"
        ),
    );
    // What is not read is nobody's business here.
    let data = "apiVersion: v1\nkind: ConfigMap\ndata: {a: 1, a: 2}\n";
    let run = run(&[], data.as_bytes());
    assert_eq!((run.code, run.stdout.as_slice()), (0, data.as_bytes()));
}

/// Above a list of containers in a kind that is not known, no look-up meets it, and the check of the edit
/// does.
#[test]
fn a_duplicate_key_above_containers_of_an_unknown_kind_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec:\n  registries: [{source: quay.io, mirror: m.example.com/quay, scope: all}]\n";
    std::fs::write(folder.path().join("c.yaml"), config).expect("written");
    let input = "apiVersion: acme.io/v1\nkind: Thing\nmetadata: {name: x}\nspec:\n  values: {a: b}\n  values:\n    initContainers:\n    - {name: i, image: quay.io/a/b:v1}\n";
    let run = run_in_folder(folder.path(), &["c.yaml"], input.as_bytes());
    assert_text_eq(
        &run.stderr,
        "stdin:6:3: the key `values` stands twice in one mapping, first at stdin:5:3\n\
         help: readers disagree on which of the two counts: remove one\n",
    );
    assert_eq!(run.code, 2);
    assert!(run.stdout.is_empty(), "something was written");
}

#[test]
fn what_is_not_yaml_is_refused_with_its_place() {
    const HELP: &str = "help: the text is not YAML at this place: fix it\n";
    for (input, line) in [
        ("a: {b: [1\n", "stdin:1:8: unclosed bracket '['"),
        (
            "a: 1\n b: 2\n",
            "stdin:2:3: mapping values are not allowed in this context",
        ),
        ("a: \0\n", "stdin:1:4: unexpected character: `\\u{0}'"),
        ("a: \u{7}\n", "stdin:1:4: unexpected character: `\\u{7}'"),
        // The text goes on behind a NUL, however its quotes are read.
        (
            "a: 'x\ny'\nb: true\0\nc: d\n",
            "stdin:3:8: unexpected character: `\\u{0}'",
        ),
        (
            "a: \"x\ny\"\nb: true # c\0 d\nc: d\n",
            "stdin:3:12: unexpected character: `\\u{0}'",
        ),
        (
            "a: \"x\ny\0\"\nc: d\n",
            "stdin:2:2: unexpected character: `\\u{0}'",
        ),
        (
            "a: |\n  x\n\u{2028}  y\nb: true\0\nc: d\n",
            "stdin:4:8: unexpected character: `\\u{0}'",
        ),
        (
            "a: |\n  x\n\u{2028}  y\0z\nc: d\n",
            "stdin:3:5: unexpected character: `\\u{0}'",
        ),
        // A malformed document is refused wherever it stands.
        (
            "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- kind: ConfigMap\n  data: {a: [}\n",
            "stdin:5:13: mismatched bracket '[' closed by '}'",
        ),
    ] {
        check(input, &format!("{line}\n{HELP}"));
    }
    check(
        "a: \"x\n",
        "stdin:2:1: invalid indentation in multiline quoted scalar\n\
         help: close the quote, or indent each line of the quoted text deeper than its key (kustomize may take it, YAML does not)\n",
    );
    check(
        "a: *x\n",
        "stdin:1:4: no anchor of this name stands before the alias\n\
         help: define the anchor above, in the same document\n",
    );
    check(
        "a: &x b\nc:\n  *x: d\n",
        "stdin:3:3: no anchor of this name, which ends with the colon, stands before the alias\n\
         help: put a blank between the name and the colon (go-yaml reads it without one, YAML does not)\n",
    );
    check(
        "[".repeat(300),
        "stdin:1:256: collections are nested more than 255 deep\n\
         help: no Kubernetes resource is: look for an unclosed bracket or a stray dash\n",
    );
    check(
        "a: &x [*x]\n",
        "stdin:1:8: the alias stands inside the value that it names\n\
         help: a value cannot contain itself: write the inner value out\n",
    );
    check(
        b"a: 1\nb: \xc3\xa9 \xff\n",
        "stdin:2:6: the byte 0xff is not UTF-8\nhelp: convert the text to UTF-8\n",
    );
    check(
        b"a\0p\0i\0V\0e\0r\0s\0i\0o\0n\0:\0 \0v\x001\0",
        "stdin:1:1: the text is UTF-16 without a byte order mark, which engines do not read\n\
         help: convert the text to UTF-8\n",
    );
    check(
        b"\xff\xfea\0\n\0b\0\x3d\xd8",
        "stdin:2:2: 0xd83d is half of a character of UTF-16\nhelp: convert the text to UTF-8\n",
    );
    // kyaml and kubectl look for these in bytes, and go-yaml reads what is left of them.
    for text in [
        "\u{feff}a: 1\n# \u{d02}\u{a0a}\n",
        "\u{feff}a: 1\n# \u{2d0a}\u{2d2d}\n",
    ] {
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        check(
            bytes,
            "stdin:2:3: engines take bytes of this character of UTF-16 for a line break\n\
             help: convert the text to UTF-8\n",
        );
    }
    let several = "\u{feff}# first\n---\na: 1\n--- \nb: 1\n";
    let several: Vec<u8> = several.encode_utf16().flat_map(u16::to_le_bytes).collect();
    check(
        several,
        "stdin:4:1: another document begins, and engines read the first of a UTF-16 text alone\n\
         help: convert the text to UTF-8\n",
    );
    check(
        b"\xfe\xff\0a\0:\0",
        "stdin:1:3: the text is UTF-16, and its last character lacks a byte\n\
         help: convert the text to UTF-8\n",
    );
}

/// The pair would have to become a mapping in braces before another can stand beside it.
#[test]
fn a_pair_in_a_list_without_braces_is_refused() {
    check(
        "apiVersion: v1\nkind: Pod\nspec:\n  containers: [image: realtheory/theory-k8s-collector:v1]\n",
        "stdin:4:16: a pair in a list has no braces, so that no other can stand beside it\n\
         help: write `{` and `}` around it\n",
    );
}

/// A value of `data` is carried as it is, and kubectl decodes it: whatever is read would be another
/// text for kustomize.
#[test]
fn bytes_are_refused_where_something_is_read_from_them() {
    let pod = |rest: &str| format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\n{rest}");
    let map = |data: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m}}\ndata: {data}\n")
    };
    for (input, at) in [
        (
            pod("spec: {containers: [{name: c, image: !!binary aGk=}]}\n"),
            "4:47",
        ),
        (pod("spec: {containers: [{name: !!binary aGk=}]}\n"), "4:37"),
        (
            pod("spec: {containers: [{name: c, args: [!!binary aGk=]}]}\n"),
            "4:47",
        ),
        // An alias could bring it anywhere.
        (map("{a: &a !!binary aGk=}"), "4:23"),
        (map("&a {a: !!binary aGk=}"), "4:23"),
        (map("{!!binary aGk=: a}"), "4:17"),
        // The versions document of Octopus, which is looked for in every ConfigMap.
        (map("{versions.json: !!binary aGk=}"), "4:32"),
    ] {
        check(
            input,
            &format!(
                "stdin:{at}: kubectl decodes a value with the tag `!!binary`, and kustomize does not\n\
                 help: take the tag out, and write the value decoded\n"
            ),
        );
    }
    // A path of the configuration that leads there.
    let path = |path: &str| {
        format!(
            "apiVersion: config.kubernetes.io/v1
kind: ResourceList
functionConfig:
  apiVersion: restore-images.dev/v1alpha1
  kind: RestoreImages
  metadata: {{name: c}}
  spec: {{fields: [{{apiVersion: example.com/v1, kind: Fleet, image: \"{path}\"}}]}}
items:
- apiVersion: example.com/v1
  kind: Fleet
  metadata: {{name: realtheory-collector}}
  data: {{agent: !!binary aGk=}}
"
        )
    };
    for path in [
        path("$.data.agent"),
        path("$[?@.agent == 'x'].a"),
        path("$.data.*.image"),
    ] {
        check(
            path,
            "stdin:12:26: kubectl decodes a value with the tag `!!binary`, and kustomize does not\n\
             help: take the tag out, and write the value decoded\n",
        );
    }
}

/// Cases 2 and 3 of the hostile review: where a comment ends is not the same for every reader, and an
/// image stood behind it that was judged clean.
#[test]
fn an_image_behind_the_end_of_a_comment_is_judged_or_refused() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: realtheory/theory-k8s-collector:v1}]}\n";
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    let input = format!("{map}---\n# c\n{pod}").replace("# c\n", "# c\r");
    let carriage = input.replace(pod, &pod.replace('\n', "\r"));
    for input in [input, carriage] {
        for args in [&[][..], &["--no-fast"]] {
            let run = run(args, input.as_bytes());
            assert_eq!(run.code, 0, "{}", run.stderr);
            let restored = input.replace(":v1}", ", imagePullPolicy: Always}");
            assert_text_eq(std::str::from_utf8(&run.stdout).expect("UTF-8"), &restored);
        }
        let run = run(&["check", "-"], input.as_bytes());
        let report = String::from_utf8(run.stdout).expect("UTF-8");
        assert_eq!(run.code, 1, "{report}");
        assert!(report.ends_with(" in 1 file, 1 image read\n"), "{report}");
    }
    let flow = "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: c, image: realtheory/theory-k8s-collector:v1}]}}";
    check(
        format!("{map}--- # c\r{flow}\n"),
        "stdin:4:8: a carriage return alone ends the line of a marker for some readers only\n\
         help: end each line with a line feed\n",
    );
    let named = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: realtheorycollector\n";
    for (separator, name, escape) in [
        ('\u{2028}', "line separator (U+2028)", "\\L"),
        ('\u{2029}', "paragraph separator (U+2029)", "\\P"),
        ('\u{85}', "character next line (U+0085)", "\\N"),
    ] {
        let image = "    image: evil.example/realtheory/theory-k8s-collector:v1";
        check(
            format!("{named}    # note{separator}{image}\n"),
            &format!(
                "stdin:7:11: the {name} ends a line for kustomize and kubectl\n\
                 help: take it out, or write it as `{escape}` in double quotes\n"
            ),
        );
    }
}

/// Case 4 of the hostile review: `results` were indented, and a second run refused the output.
#[test]
fn a_carriage_return_behind_an_end_marker_is_refused() {
    let list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: p}\n  spec: {containers: [{name: c, image: realtheory/theory-k8s-collector:v1}]}\n";
    for text in [list.to_owned(), list.replace('\n', "\r")] {
        check(
            format!("...\r{text}"),
            "stdin:1:4: a carriage return alone ends the line of a marker for some readers only\n\
             help: end each line with a line feed\n",
        );
    }
    // Without the marker its lines are read, and `results` begin where the list's keys do.
    let once = run(&[], list.replace('\n', "\r").as_bytes());
    assert_eq!(once.code, 0, "{}", once.stderr);
    let output = String::from_utf8(once.stdout).expect("UTF-8");
    let restored = list.replace(":v1}", ", imagePullPolicy: Always}");
    let expected = format!("{restored}results:\n").replace('\n', "\r");
    assert!(output.starts_with(&expected), "{output:?}");
    let twice = run(&[], output.as_bytes());
    assert_eq!(twice.code, 0, "{}", twice.stderr);
}

/// For kustomize the value ends as the file does, without a line break.
#[test]
fn nothing_is_inserted_behind_a_text_that_does_not_end() {
    let manifest = |header: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: {header}\n      realtheory/theory-k8s-collector:v1"
        )
    };
    for header in ["|", ">", "|+"] {
        check(
            manifest(header),
            "stdin:6:7: a line behind this text would add a line break to it, which it does not end in\n\
             help: end the file with a line break, or write `|-`\n",
        );
    }
    let run = run(&[], manifest("|-").as_bytes());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let end = b"|-\n      realtheory/theory-k8s-collector\n    imagePullPolicy: Always";
    assert!(run.stdout.ends_with(end));
}

/// Quoted texts whose first word stands too shallow are found one at a time, each by reading again.
#[test]
fn texts_that_are_too_shallow_are_read_up_to_a_limit() {
    let texts = |count: usize| {
        let texts = (0..count).map(|text| format!("  k{text}: '\n  b'\n"));
        let texts: String = texts.collect();
        format!("apiVersion: v1\nkind: ConfigMap\ndata:\n{texts}")
    };
    check_hostile(&texts(64), 0);
    check(
        texts(65),
        "stdin:133:3: invalid indentation in multiline quoted scalar\n\
         help: close the quote, or indent each line of the quoted text deeper than its key (kustomize may take it, YAML does not)\n",
    );
}

/// Hostile input must be refused, or passed, in linear time: a quadratic reader would need
/// minutes for these.
#[track_caller]
fn check_hostile(input: &str, code: i32) {
    let run = run(&[], input.as_bytes());
    assert_eq!(
        run.code,
        code,
        "{}",
        &run.stderr[..run.stderr.len().min(500)]
    );
    assert_eq!(run.stdout.is_empty(), code == 2);
    assert!(
        run.stderr.lines().count() <= 2,
        "more than a line and its help"
    );
    assert!(run.stderr.len() < 500, "a message that nobody can read");
}

#[test]
fn hostile_nesting_is_refused() {
    check_hostile(&"[".repeat(100_000), 2);
    check_hostile(&"- ".repeat(50_000), 2);
    check_hostile(&"{a: ".repeat(100_000), 2);
    check_hostile(&format!("{LIST}items:\n- a: {}", "[".repeat(100_000)), 2);
    check_hostile(&format!("{LIST}items:\n{}", "- ".repeat(50_000)), 2);
}

#[test]
fn large_scalars_are_read_in_linear_time() {
    check_hostile(&"a".repeat(10_000_000), 2);
    check_hostile(&format!("{}: x\n", "a".repeat(10_000_000)), 2);
    let data = |text: &str| format!("apiVersion: v1\nkind: ConfigMap\ndata:\n  a: {text}\n");
    check_hostile(&data(&"a".repeat(10_000_000)), 0);
    check_hostile(&data(&format!("\"{}\"", "\\n".repeat(5_000_000))), 0);
    check_hostile(&data(&format!("|\n{}", "    line\n".repeat(1_000_000))), 0);
    let image = "a".repeat(10_000_000);
    check_hostile(
        &format!(
            "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: c\n    image: {image}\n"
        ),
        0,
    );
}

#[test]
fn nested_aliases_are_not_expanded() {
    // Nine levels of nine: 387 million containers, if anybody counted them out.
    let mut text = String::from(
        "apiVersion: v1\nkind: List\nitems:\n- &a0 {apiVersion: v1, kind: Pod, spec: {containers: [{image: x}]}}\n",
    );
    for level in 1..10 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        text.push_str(&format!(
            "- &a{level} {{apiVersion: v1, kind: List, items: [{aliases}]}}\n"
        ));
    }
    let run = run(&[], text.as_bytes());
    assert_eq!(run.code, 2);
    assert!(
        run.stderr
            .contains("aliases repeat more values than the text has bytes"),
        "{}",
        run.stderr
    );
}

#[test]
fn chains_of_aliases_are_bounded() {
    let mut merges = String::from("apiVersion: v1\nkind: Pod\nx:\n- &c0 {name: c, image: nginx}\n");
    for link in 1..60_000 {
        merges.push_str(&format!("- &c{link} {{<<: *c{}}}\n", link - 1));
    }
    merges.push_str("spec: {containers: [*c59999]}\n");
    check_hostile(&merges, 2);
    let mut lists = String::from("apiVersion: v1\nkind: Pod\n<<: {q: 1}\nk20000: &x0 [1]\n");
    for link in 1..20_000 {
        lists.push_str(&format!("k{}: &x{link} [*x{}]\n", 20_000 - link, link - 1));
    }
    lists.push_str("spec: {containers: [{image: 'realtheory/theory-k8s-collector:v1'}]}\n");
    check_hostile(&lists, 2);
}

/// Many edits in one document, most of them on one line. A quadratic program would need minutes.
#[test]
fn many_edits_in_one_document_are_made() {
    let container = "{name: c, image: 'realtheory/theory-k8s-collector:v1'}";
    let pod = |containers: String| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nspec: {{template: {{spec: {{containers: [{containers}]}}}}}}\n"
        )
    };
    let item = format!(
        "- apiVersion: apps/v1\n  kind: Deployment\n  spec: {{template: {{spec: {{containers: [{container}]}}}}}}\n"
    );
    let inputs = [
        pod(vec![container; 10_000].join(", ")),
        format!(
            "apiVersion: v1\nkind: List\nitems:\n{}",
            item.repeat(10_000)
        ),
        pod(format!(
            "&b {container}, {}",
            vec!["*b "; 10_000].join(", ")
        )),
    ];
    for input in inputs {
        let run = run(&[], input.as_bytes());
        assert_eq!(run.code, 0, "{}", &run.stderr[..run.stderr.len().min(300)]);
        assert!(!String::from_utf8_lossy(&run.stdout).contains(":v1"));
    }
}

/// A search for `name` below `image` ends where the file does.
#[test]
fn the_end_of_a_file_below_an_image_is_no_name() {
    let folder = tempfile::tempdir().expect("a folder");
    for end in ["  a:\n", "  - b", "  - 8", "  \"n", "  n"] {
        let text = format!("image:\n  repository: foo/b\n{end}");
        std::fs::write(folder.path().join("a.yaml"), text).expect("written");
        let run = crate::support::run_in_folder(folder.path(), &["check", "a.yaml"], b"");
        assert_eq!(run.code, 0, "{}", run.stderr);
    }
}
