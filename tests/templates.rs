//! Files that are no YAML until a program has rendered them are skipped with the reason; what is
//! broken otherwise is an error.

use std::fs;

use crate::support::{assert_text_eq, run_in_folder};

const SKIPPED: &str = "a.yaml: skipped: a template, to be checked when it is rendered\n";

/// What `check -v` says on standard error of a file, and its exit code.
fn checked(text: &str) -> (i32, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("a.yaml"), text).expect("written");
    let run = run_in_folder(folder.path(), &["check", "-v"], b"");
    let stdout = String::from_utf8(run.stdout).expect("UTF-8");
    (run.code, run.stderr, stdout)
}

#[track_caller]
fn is_skipped(text: &str) {
    let (code, stderr, stdout) = checked(text);
    assert_text_eq(&stderr, SKIPPED);
    assert_text_eq(
        &stdout,
        "configuration: none, so every built-in agent is looked for and no mirror is known\nno manifest was looked at, 1 skipped, 0 images read\n",
    );
    assert_eq!(code, 0);
}

#[track_caller]
fn is_broken(text: &str, first_line: &str) {
    let (code, stderr, stdout) = checked(text);
    assert_eq!(stdout.lines().next(), Some(first_line), "{stdout}");
    assert_text_eq(&stderr, "");
    assert_eq!(code, 2);
}

const HEAD: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n";

#[test]
fn templates_of_jinja_are_skipped() {
    is_skipped(&format!("{{% if x %}}\n{HEAD}{{% endif %}}\n"));
    is_skipped(&format!("{{# a comment #}}\n{HEAD}"));
    // The images that it will make are counted.
    let (code, stderr, stdout) = checked(&format!(
        "{HEAD}spec:\n{{% for c in list %}}\n  - image: {{{{ c }}}}\n{{% endfor %}}\n"
    ));
    let unread = "a.yaml:7:12: not read: ***: a template, to be checked when it is rendered\n";
    assert_text_eq(&stderr, &format!("{SKIPPED}{unread}"));
    let line = "configuration: none, so every built-in agent is looked for and no mirror is known\nno manifest was looked at, 1 skipped, 0 images read, 1 not read\n";
    assert_text_eq(&stdout, line);
    assert_eq!(code, 0);
    is_skipped(&format!(
        "{HEAD}  {{%- if a %}}\n  labels:\n    a: b\n  {{%- endif %}}\n"
    ));
    is_skipped(&format!("{HEAD}  labels: {{% x %}}\n"));
}

/// Where a template follows whole manifests, it is said where it begins, and their images are counted.
#[test]
fn a_template_below_manifests_says_where_it_begins() {
    let (code, stderr, stdout) = checked(&format!(
        "{HEAD}spec:\n  containers:\n  - {{name: a, image: quay.io/a/b:1}}\n---\n{HEAD}spec:\n  {{{{- if .Values.a }}}}\n  containers: []\n  {{{{- end }}}}\n"
    ));
    assert_text_eq(
        &stderr,
        "a.yaml: skipped: a template from line 14 on, to be checked when it is rendered\na.yaml:7:22: not read: quay.io/a/b:1: a template, to be checked when it is rendered\n",
    );
    assert_eq!(code, 0, "{stdout}");
}

/// What is beside a manifest and reads as a whole does not hide it.
#[test]
fn a_document_like_a_template_hides_no_manifest() {
    let image = "spec:\n  containers:\n  - {name: c, image: 'realtheory/theory-k8s-collector:v1', imagePullPolicy: Always}\n";
    for other in ["{{a: b}: c}\n", "# {{\na: {? {x: y} : z}\n"] {
        let (code, _, stdout) = checked(&format!("{HEAD}{image}---\n{other}"));
        assert_eq!(code, 1, "{stdout}");
        assert!(stdout.contains("a.yaml:7:"), "{stdout}");
    }
    // In a file of its own it is one.
    is_skipped(&format!("{HEAD}spec: {{{{ a }}}}\n"));
}

/// A function's own format beside a manifest is refused, since the list would be read and the manifest
/// would not.
#[test]
fn a_resource_list_hides_no_manifest() {
    let list = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: []\n";
    is_broken(
        &format!("{HEAD}---\n{list}"),
        "error: the ResourceList follows another document",
    );
}

#[test]
fn templates_of_helm_are_skipped() {
    is_skipped(&format!(
        "{HEAD}data:\n  a: \"{{{{ template \"x\" . }}}}-ca\"\n  b: c\n"
    ));
    is_skipped(&format!(
        "{HEAD}  annotations:\n    a: '{{{{ default 'x' .y }}}}'\n    b: c\n"
    ));
    is_skipped(&format!(
        "{{{{/*\n a comment: with\n   things\n*/}}}}\n{HEAD}"
    ));
    // The boilerplate of charts of Helm 2: the second action is no YAML.
    is_skipped(&format!(
        "{HEAD}  labels:\n    chart: \"{{{{ .Chart.Name }}}}-{{{{ .Chart.Version | replace \"+\" \"_\" }}}}\"\n"
    ));
    is_skipped(&format!("{{{{- if .Values.x }}}}\n{HEAD}{{{{- end }}}}\n"));
}

#[test]
fn variables_of_envsubst_that_are_no_values_are_skipped() {
    is_skipped(&format!("{HEAD}  ${{LABELS}}\n  finalizers: []\n"));
    is_skipped(&format!("{HEAD}  finalizers: [${{A}}, ${{B}}]\n"));
    is_skipped(&format!("{HEAD}  labels: {{a: ${{A}}, b: $B}}\n"));
    is_skipped(&format!("{HEAD}  labels:\n    x: ${{A:-b: c}}\n"));
    // As values they are text, which can be judged.
    let (code, _, stdout) = checked(&format!(
        "{HEAD}  labels: {{a: \"${{A}}\"}}\nspec: ${{B}}\n"
    ));
    assert_text_eq(
        &stdout,
        "configuration: none, so every built-in agent is looked for and no mirror is known\nnothing to restore in 1 file, 1 clean, 0 images read\n",
    );
    assert_eq!(code, 0);
}

#[test]
fn what_is_broken_beside_templates_of_messages_is_an_error() {
    is_broken(
        &format!("{HEAD}  annotations:\n    a: \"{{{{ $labels.x }}}}\"\n     b: c\n"),
        "error: while parsing a block mapping, did not find expected key",
    );
    is_broken(
        &format!("{HEAD}  annotations:\n    a: '{{{{ printf \"x\" }}}}'\n     b: c\n"),
        "error: while parsing a block mapping, did not find expected key",
    );
    is_broken(
        &format!("{HEAD}  labels:\n    a: ${{X}}: c\n"),
        "error: mapping values are not allowed in this context",
    );
    is_broken(
        &format!("{HEAD}  labels: {{a: {{b: c}}}}\n   d: e\n"),
        "error: while parsing a block mapping, did not find expected key",
    );
}

#[test]
fn a_merge_that_was_not_finished_is_an_error_that_can_be_left_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "apiVersion: v1\nkind: Pod\n<<<<<<< HEAD\nmetadata: {name: a}\n=======\nmetadata: {name: b}\n>>>>>>> other\n";
    fs::write(folder.path().join("a.yaml"), text).expect("written");
    let run = run_in_folder(folder.path(), &["check"], b"");
    assert_eq!(run.code, 2);
    let expected = "\
error: a merge was not finished here
 --> a.yaml:3:1
  |
3 | <***
  | ^
  |
  = help: finish it, or leave the file out by `files.exclude` in the configuration or by `--exclude`

note: *** stands for a value or a comment that is not shown, since it may be a secret

configuration: none, so every built-in agent is looked for and no mirror is known
no manifest was looked at, 1 unreadable, 0 images read
";
    assert_text_eq(str::from_utf8(&run.stdout).expect("UTF-8"), expected);
    let run = run_in_folder(folder.path(), &["check", "--exclude", "a.yaml"], b"");
    assert_eq!(run.code, 0);
}

/// What kustomize and kubectl take is deployed, so no comment, escape or separator makes a template or
/// prose of it.
#[test]
fn what_engines_may_take_is_never_skipped() {
    const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: c\n    image: evil.example/realtheory/theory-k8s-collector:v1\n";
    let bare = POD
        .strip_prefix("apiVersion: v1\nkind: Pod\n")
        .expect("its start");
    let after = |lines: &str| format!("{POD}{lines}");
    for text in [
        format!("{{#\n}}\n---\n{POD}"),
        format!("{{# #}}\n}}\n---\n{POD}"),
        after("    args: [{#\n}]\n"),
        after("    args: {\"a\":{#x\n}}\n"),
        format!("# c\n---\n{POD}    args: [\"a\"#{{{{\n]\n"),
        after("    # {{ x }}\u{2028}\n    a: b\n    # {{ x }}\u{2028}    tty: true\n"),
        after("    # ${\u{2028}    tty: true\n"),
        after("    a: \"${b\u{85}c\"\n"),
        after("    # {{\n    a: \"b\u{85}c\"\n"),
        after("    a: b # %}\u{85}\n"),
        after("# {{\n...\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"),
        after("    a: !!timestamp 2001-01-01 # {{ }}\n"),
        after("...\n{{- end }}\n"),
        POD.replace("metadata: {name: p}", "metadata:\u{2028} # {{ a }}\n  name: p"),
        after("\u{85}# {{ a }}\n"),
        after(&format!("x: # {{{{ a }}}}\n  {}{}\n", "[".repeat(260), "]".repeat(260))),
        format!("\"\\U00000061piVersion\": v1\nkind: Pod\n{bare}"),
        format!("? \"api\\\n  Version\"\n: v1\nkind: Pod\n{bare}"),
        format!("apiVersion: v1\n\"k\\x69nd\": Pod\n{bare}    a: \"b\u{85}c\"\n"),
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n\"im\\x61ges\":\n- {name: realtheory/theory-k8s-collector, newTag: v1}\n".to_owned(),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("a.yaml"), &text).expect("written");
        let run = run_in_folder(folder.path(), &["check", "a.yaml"], b"");
        let report = String::from_utf8_lossy(&run.stdout);
        assert!(run.code > 0, "{text:?}\n{report}{}", run.stderr);
        assert!(!report.contains("skipped"), "{text:?}\n{report}");
    }
    // No engine takes these.
    for text in [
        format!("{{# a #}}\n{POD}"),
        format!("{POD}    args: {{{{ .Values.args }}}}x\n"),
        format!("{POD}    tty: \"\\.\" {{{{ x }}}}\n"),
        format!("{POD}    tty: \"\\'\\'\" {{{{ x }}}}\n"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("a.yaml"), &text).expect("written");
        let run = run_in_folder(folder.path(), &["check", "a.yaml"], b"");
        let report = String::from_utf8_lossy(&run.stdout);
        assert_eq!(run.code, 0, "{text:?}\n{report}{}", run.stderr);
        assert!(report.contains("1 skipped"), "{text:?}\n{report}");
    }
}
