//! Editing without loss: every style that a manifest can be written in, input and output side by
//! side. What is not shown to differ must not differ by a byte.

use crate::support::{assert_text_eq, run};

/// A pod whose text is `HEAD`, then the case's.
const HEAD: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: p\nspec:\n";
const OLD: &str = "registry.local:5000/realtheory/theory-k8s-collector:v1.3.11836";
const NEW: &str = "realtheory/theory-k8s-collector";
/// Names the agent, so that its undeclared mirrors are restored; asks for a pull secret too.
const CONFIG: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: collectors}
spec:
  agents: [realtheory-collector]
";
const WITH_SECRET: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: collectors}
spec:
  agents:
  - profile: realtheory-collector
    imagePullSecrets: [mine]
";

#[track_caller]
fn restored(config: &str, input: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("restore-images.yaml");
    std::fs::write(&path, config).expect("the configuration is written");
    let path = path.to_str().expect("a UTF-8 path");
    let once = run(&[path], input.as_bytes());
    assert_eq!(once.code, 0, "{}", once.stderr);
    let twice = run(&[path], &once.stdout);
    assert_eq!(twice.code, 0, "{}", twice.stderr);
    assert_eq!(
        String::from_utf8_lossy(&twice.stdout),
        String::from_utf8_lossy(&once.stdout),
        "the second run changed something"
    );
    String::from_utf8(once.stdout).expect("UTF-8")
}

/// Restores `HEAD` + `input`; `OLD` and `NEW` stand for the two references.
#[track_caller]
fn check(input: &str, expected: &str) {
    let text = |body: &str| format!("{HEAD}{}", body.replace("OLD", OLD).replace("NEW", NEW));
    assert_text_eq(&restored(CONFIG, &text(input)), &text(expected));
}

#[track_caller]
fn check_secret(input: &str, expected: &str) {
    assert_text_eq(
        &restored(WITH_SECRET, &format!("{HEAD}{input}")),
        &format!("{HEAD}{expected}"),
    );
}

/// As [`check`], without the head: whole documents, byte for byte.
#[track_caller]
fn check_whole(input: &str, expected: &str) {
    let text = |body: &str| body.replace("OLD", OLD).replace("NEW", NEW);
    assert_text_eq(&restored(CONFIG, &text(input)), &text(expected));
}

/// As [`check_whole`], over a ResourceList that brings its configuration: `results` follow.
#[track_caller]
fn check_list(input: &str, expected: &str) {
    let config = CONFIG.replace('\n', "\n  ");
    let text = |body: &str| {
        let body = body.replace("OLD", OLD).replace("NEW", NEW);
        format!(
            "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nfunctionConfig:\n  {}\nitems:\n{body}",
            config.trim_end()
        )
    };
    let run = run(&[], text(input).as_bytes());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let output = String::from_utf8(run.stdout).expect("UTF-8");
    let (list, _) = output.split_once("results:\n").expect("results");
    assert_text_eq(list, &text(expected));
}

#[test]
fn scalars_keep_their_style() {
    for (old, new) in [
        ("OLD", "NEW"),
        ("'OLD'", "'NEW'"),
        ("\"OLD\"", "\"NEW\""),
        ("!!str OLD", "!!str NEW"),
        ("! OLD", "! NEW"),
        ("!!str 'OLD'", "!!str 'NEW'"),
        ("OLD # pinned by ops", "NEW # pinned by ops"),
        ("   OLD   \t# spaced", "   NEW   \t# spaced"),
        (
            "\"regi\\x73try.local:5000/realtheory/theory-k8s-collector:v1\"",
            "\"NEW\"",
        ),
        ("\n      OLD", "\n      NEW"),
        ("|-\n      OLD", "|-\n      NEW"),
        ("|2-\n      OLD", "|2-\n      NEW"),
        (">-\n      OLD\n\n", ">-\n      NEW\n\n"),
        (
            "|- # why\n      OLD\n    # after",
            "|- # why\n      NEW\n    # after",
        ),
    ] {
        check(
            &format!("  containers:\n  - name: c\n    image: {old}\n    imagePullPolicy: Always\n"),
            &format!("  containers:\n  - name: c\n    image: {new}\n    imagePullPolicy: Always\n"),
        );
    }
}

#[test]
fn keys_may_be_quoted_or_explicit() {
    check(
        "  containers:\n  - 'name': c\n    \"image\": OLD\n    \"imagePullPolicy\": Never\n",
        "  containers:\n  - 'name': c\n    \"image\": NEW\n    \"imagePullPolicy\": Always\n",
    );
    check(
        "  containers:\n  - name: c\n    \"im\\u0061ge\": OLD\n",
        "  containers:\n  - name: c\n    \"im\\u0061ge\": NEW\n    \"imagePullPolicy\": \"Always\"\n",
    );
    check(
        "  containers:\n  - ? image\n    : OLD\n    ? name\n    : c\n",
        "  containers:\n  - ? image\n    : NEW\n    imagePullPolicy: Always\n    ? name\n    : c\n",
    );
    check(
        "  containers:\n  - image : OLD\n    name\t: c\n",
        "  containers:\n  - image : NEW\n    imagePullPolicy: Always\n    name\t: c\n",
    );
}

#[test]
fn a_new_policy_goes_behind_the_image() {
    check(
        "  containers:\n  - image: OLD\n    name: c\n",
        "  containers:\n  - image: NEW\n    imagePullPolicy: Always\n    name: c\n",
    );
    check(
        "  containers:\n    - name: c\n      image: OLD # why\n      # next\n      ports: []\n",
        "  containers:\n    - name: c\n      image: NEW # why\n      imagePullPolicy: Always\n      # next\n      ports: []\n",
    );
    check(
        "  containers:\n  -   name: c\n      image: |-\n        OLD\n\n  restartPolicy: Always\n",
        "  containers:\n  -   name: c\n      image: |-\n        NEW\n      imagePullPolicy: Always\n\n  restartPolicy: Always\n",
    );
    check(
        "  containers:\n  -\n    # head\n    image: OLD\n    name: c",
        "  containers:\n  -\n    # head\n    image: NEW\n    imagePullPolicy: Always\n    name: c",
    );
    // No final newline: none is added, but for the new line.
    check(
        "  containers:\n  - name: c\n    image: OLD",
        "  containers:\n  - name: c\n    image: NEW\n    imagePullPolicy: Always",
    );
}

#[test]
fn an_empty_policy_is_filled_in() {
    check(
        "  containers:\n  - image: OLD\n    imagePullPolicy:\n    name: c\n",
        "  containers:\n  - image: NEW\n    imagePullPolicy: Always\n    name: c\n",
    );
    check(
        "  containers:\n  - image: OLD\n    imagePullPolicy: ~ # none\n    name: c\n",
        "  containers:\n  - image: NEW\n    imagePullPolicy: Always # none\n    name: c\n",
    );
    check(
        "  containers:\n  - image: OLD\n    imagePullPolicy: ''\n    name: c\n",
        "  containers:\n  - image: NEW\n    imagePullPolicy: 'Always'\n    name: c\n",
    );
    check(
        "  containers: [{image: OLD, imagePullPolicy: , name: c}]\n",
        "  containers: [{image: NEW, imagePullPolicy: Always , name: c}]\n",
    );
}

/// A policy must not end in a line break, as a block scalar mostly does.
#[test]
fn a_policy_in_a_block_becomes_one_line_where_it_has_to() {
    for (old, new) in [
        ("|\n      Always", "Always"),
        ("|\n      Never\n\n    # after", "Always\n\n    # after"),
        (">\n      Never", "Always"),
        ("|+\n      Never\n    tty: true", "Always\n    tty: true"),
        ("| # why\n      Never", "Always # why"),
        (
            "# c\n      &p>\n      # d\n      | # why\n\n      Never",
            "# c\n      &p>\n      # d\n      Always # why",
        ),
        ("|", "Always"),
        ("| # why", "Always # why"),
        (
            ">- # why\n\n\n    tty: true",
            "Always # why\n\n\n    tty: true",
        ),
        (">-\n\n\n    tty: true", "Always\n\n\n    tty: true"),
        ("|-\n      Never", "|-\n      Always"),
        (">-\n      If\n      Not", ">-\n      Always"),
        ("|2-\n      Never", "|2-\n      Always"),
    ] {
        let pod = |policy: &str| {
            format!("  containers:\n  - name: c\n    image: NEW\n    imagePullPolicy: {policy}\n")
        };
        check(&pod(old), &pod(new));
        let crlf = |text: &str| format!("{HEAD}{}", pod(text)).replace('\n', "\r\n");
        check_whole(&crlf(old), &crlf(new));
    }
}

#[test]
fn an_anchor_with_nothing_behind_it_is_filled_in() {
    for (old, new) in [
        ("&p", "&p Always"),
        ("&p # c", "&p Always # c"),
        ("&p !!str", "&p !!str Always"),
        ("!!str &p", "!!str &p Always"),
        ("!!null &p", "&p Always"),
        ("&p !!null ~", "&p Always"),
        ("&p |\n      Never", "&p Always"),
    ] {
        let pod = |policy: &str, other: &str| {
            format!(
                "  containers:\n  - name: c\n    image: NEW\n    imagePullPolicy: {policy}\n  - image: NEW\n    imagePullPolicy: *p\n  - image: nginx\n    imagePullPolicy: {other}\n"
            )
        };
        let other = match old {
            "&p !!str" | "!!str &p" => "!!str \"\"",
            "!!null &p" => "!!null",
            "&p !!null ~" => "!!null ~",
            "&p |\n      Never" => "\"Never\\n\"",
            _ => "~",
        };
        check(&pod(old, "*p"), &pod(new, other));
    }
    check(
        "  containers: [{image: NEW, imagePullPolicy: &p , name: c}]\n",
        "  containers: [{image: NEW, imagePullPolicy: &p Always , name: c}]\n",
    );
}

#[test]
fn flow_mappings_stay_on_their_line() {
    check(
        "  containers: [{name: c, image: OLD}]\n",
        "  containers: [{name: c, image: NEW, imagePullPolicy: Always}]\n",
    );
    check(
        "  containers:\n  - {image: \"OLD\", name: c} # one line\n",
        "  containers:\n  - {image: \"NEW\", imagePullPolicy: Always, name: c} # one line\n",
    );
    check(
        "  containers: [\n    {\n      name: c,\n      image: OLD\n    }\n  ]\n",
        "  containers: [\n    {\n      name: c,\n      image: NEW,\n      imagePullPolicy: Always\n    }\n  ]\n",
    );
    // The comment stays with the image: a setter's marker must not move to another field.
    check(
        "  containers: [{\n      image: OLD, # {\"$imagepolicy\": \"a:b\"}\n      name: c}]\n",
        "  containers: [{\n      image: NEW, imagePullPolicy: Always, # {\"$imagepolicy\": \"a:b\"}\n      name: c}]\n",
    );
}

#[test]
fn json_stays_json() {
    check_whole(
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"image":"OLD","name":"c"}]}}"#,
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"containers":[{"image":"NEW","imagePullPolicy":"Always","name":"c"}]}}"#,
    );
    check_whole(
        "{\n\t\"apiVersion\": \"v1\",\n\t\"kind\": \"Pod\",\n\t\"spec\": {\n\t\t\"containers\": [\n\t\t\t{\n\t\t\t\t\"name\": \"c\",\n\t\t\t\t\"image\": \"OLD\"\n\t\t\t}\n\t\t]\n\t}\n}\n",
        "{\n\t\"apiVersion\": \"v1\",\n\t\"kind\": \"Pod\",\n\t\"spec\": {\n\t\t\"containers\": [\n\t\t\t{\n\t\t\t\t\"name\": \"c\",\n\t\t\t\t\"image\": \"NEW\",\n\t\t\t\t\"imagePullPolicy\": \"Always\"\n\t\t\t}\n\t\t]\n\t}\n}\n",
    );
    check_whole(
        r#"{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"image": "registry.local:5000\/realtheory\/theory-k8s-collector:v1"}]}}"#,
        r#"{"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"image": "NEW", "imagePullPolicy": "Always"}]}}"#,
    );
}

#[test]
fn line_ends_marks_and_markers_stay() {
    let crlf = |text: &str| text.replace('\n', "\r\n");
    let input = format!("{HEAD}  containers:\n  - name: c\n    image: OLD # c\n");
    let expected = format!(
        "{HEAD}  containers:\n  - name: c\n    image: NEW # c\n    imagePullPolicy: Always\n"
    );
    check_whole(&crlf(&input), &crlf(&expected));
    check_whole(&format!("\u{feff}{input}"), &format!("\u{feff}{expected}"));
    check_whole(
        &format!("# licence\n\n---\n{input}---\n# only this\n---\n{input}...\n# end"),
        &format!("# licence\n\n---\n{expected}---\n# only this\n---\n{expected}...\n# end"),
    );
    check_whole(
        &format!("%YAML 1.2\n---\n{input}...\n%YAML 1.1\n---\n{input}"),
        &format!("%YAML 1.2\n---\n{expected}...\n%YAML 1.1\n---\n{expected}"),
    );
    check_whole(
        &format!(
            "%TAG !k! tag:yaml.org,2002:\n---\n{}",
            input.replace("OLD", "!k!str OLD")
        ),
        &format!(
            "%TAG !k! tag:yaml.org,2002:\n---\n{}",
            expected.replace("NEW", "!k!str NEW")
        ),
    );
    // A last line without an end: the new line takes that of the line before.
    check_whole(crlf(&input).trim_end(), crlf(&expected).trim_end());
    // A file of mixed line ends: the new line takes its neighbour's.
    check_whole(
        "apiVersion: v1\r\nkind: Pod\r\nspec:\n  containers:\n  - name: c\n    image: OLD\r\n    tty: true\n",
        "apiVersion: v1\r\nkind: Pod\r\nspec:\n  containers:\n  - name: c\n    image: NEW\r\n    imagePullPolicy: Always\r\n    tty: true\n",
    );
}

/// The cluster carries them, and nothing is read from them.
#[test]
fn bytes_of_a_config_map_stay() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\nbinaryData:\n  a.png: !!binary |\n    aGVs\n    bG8=\ndata: {b: !!binary \"aGk=\", image: c}\n";
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata:\n  password: !<tag:yaml.org,2002:binary> aGk=\n";
    let pod =
        format!("{HEAD}  containers:\n  - name: c\n    image: OLD\n    imagePullPolicy: Never\n");
    let input = format!("{map}---\n{pod}---\n{secret}");
    check_whole(
        &input,
        &input.replace("OLD", "NEW").replace("Never", "Always"),
    );
    // An anchor that crosses items makes one unit of the list, which is compared with its bytes.
    let item = |text: &str| format!("- {}\n", text.trim_end().replace('\n', "\n  "));
    let map = map.replace("{name: m}", "&m {name: m}");
    let pod = pod.replace("image: OLD", "image: OLD # c");
    let last = "- apiVersion: v1\n  kind: ConfigMap\n  metadata: *m\n";
    let input = format!("{}{}{last}", item(&map), item(&pod));
    check_list(
        &input,
        &input.replace("OLD", "NEW").replace("Never", "Always"),
    );
}

#[test]
fn an_alias_is_replaced_at_its_site() {
    check(
        "  hostname: &x OLD\n  containers:\n  - image: *x\n    imagePullPolicy: Always\n",
        "  hostname: &x OLD\n  containers:\n  - image: NEW\n    imagePullPolicy: Always\n",
    );
    check(
        "  hostname: &x OLD\n  containers: [{image: *x , name: c}]\n",
        "  hostname: &x OLD\n  containers: [{image: NEW, imagePullPolicy: Always , name: c}]\n",
    );
}

/// Items are read one at a time, but for these.
#[test]
fn an_alias_may_name_an_anchor_of_another_item() {
    let list = |reference: &str, policy: &str| {
        format!(
            "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n\
             - apiVersion: v1\n  kind: Pod\n  metadata: &m {{name: p}}\n  spec:\n    containers:\n    - image: &i {reference}\n{policy}\
             - apiVersion: v1\n  kind: Pod\n  metadata: *m\n  spec:\n    containers:\n    - image: *i\n{policy}"
        )
    };
    let old = "realtheory/theory-k8s-collector:v1.3.11836";
    let found = run(&[], list(old, "").as_bytes());
    let output = String::from_utf8(found.stdout).expect("UTF-8");
    let items = output.split("results:\n").next().unwrap_or_default();
    assert_text_eq(items, &list(NEW, "      imagePullPolicy: Always\n"));
}

#[test]
fn an_anchor_stays_and_its_other_uses_keep_the_old_value() {
    check(
        "  containers:\n  - image: &x 'OLD'\n    imagePullPolicy: Always\n    args: [*x]\n  hostname: *x\n",
        "  containers:\n  - image: &x 'NEW'\n    imagePullPolicy: Always\n    args: ['OLD']\n  hostname: 'OLD'\n",
    );
    // Both containers want the same: the alias says it.
    check(
        "  containers:\n  - image: &x OLD\n    imagePullPolicy: Always\n  - image: *x\n    imagePullPolicy: Always\n",
        "  containers:\n  - image: &x NEW\n    imagePullPolicy: Always\n  - image: *x\n    imagePullPolicy: Always\n",
    );
}

#[test]
fn a_merged_container_gets_keys_of_its_own() {
    check(
        "  nodeSelector: &base {image: OLD}\n  containers:\n  - <<: *base\n    name: c\n",
        "  nodeSelector: &base {image: OLD}\n  containers:\n  - <<: *base\n    image: NEW\n    imagePullPolicy: Always\n    name: c\n",
    );
    check(
        "  nodeSelector: &base {image: OLD, imagePullPolicy: Never}\n  containers:\n  - name: c\n    !!merge <<: *base\n",
        "  nodeSelector: &base {image: OLD, imagePullPolicy: Never}\n  containers:\n  - name: c\n    !!merge <<: *base\n    image: NEW\n    imagePullPolicy: Always\n",
    );
    check(
        "  nodeSelector: &base {image: OLD}\n  containers: [{<<: [*base], name: c}]\n",
        "  nodeSelector: &base {image: OLD}\n  containers: [{<<: [*base], image: NEW, imagePullPolicy: Always, name: c}]\n",
    );
    // What the anchored container says is right for both: one edit.
    check(
        "  containers:\n  - &base\n    name: a\n    image: OLD\n    imagePullPolicy: Never\n  - <<: *base\n    name: b\n",
        "  containers:\n  - &base\n    name: a\n    image: NEW\n    imagePullPolicy: Always\n  - <<: *base\n    name: b\n",
    );
    // The merged container overrides the image: nothing of it may change.
    check(
        "  containers:\n  - &base\n    name: a\n    image: OLD\n    imagePullPolicy: Never\n  - <<: *base\n    name: b\n    image: nginx\n",
        "  containers:\n  - &base\n    name: a\n    image: NEW\n    imagePullPolicy: Always\n  - <<: *base\n    name: b\n    image: nginx\n    imagePullPolicy: Never\n",
    );
}

#[test]
fn a_container_that_is_an_alias_is_edited_at_its_anchor_if_all_uses_agree() {
    check(
        "  initContainers:\n  - &c\n    name: a\n    image: OLD\n  containers:\n  - *c\n",
        "  initContainers:\n  - &c\n    name: a\n    image: NEW\n    imagePullPolicy: Always\n  containers:\n  - *c\n",
    );
    check(
        "  initContainers: &list\n  - name: a\n    image: OLD\n  containers: *list\n",
        "  initContainers: &list\n  - name: a\n    image: NEW\n    imagePullPolicy: Always\n  containers: *list\n",
    );
}

#[test]
fn a_shared_container_whose_uses_disagree_is_left_and_reported() {
    let input = format!(
        "{HEAD}  nodeSelector: &c\n    name: a\n    image: {OLD}\n  containers:\n  - *c\n  - name: b\n    image: {OLD}\n    imagePullPolicy: Always\n"
    );
    let expected = input
        .replacen(OLD, "KEEP", 1)
        .replacen(OLD, NEW, 1)
        .replace("KEEP", OLD);
    assert_text_eq(&restored(CONFIG, &input), &expected);
    let run = run(&[], input.as_bytes());
    assert_eq!(run.code, 0);
}

#[test]
fn new_scalars_are_quoted_where_a_reader_would_not_see_text() {
    // A digest-only tag that YAML 1.1 would read as a number cannot come from a profile of ours;
    // `12:30` as a whole reference can.
    let config = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  agents:
  - name: odd
    images:
    - image: '12:30'
      tag: pinned
      pin: '30'
";
    let pod = |image: &str| format!("{HEAD}  containers:\n  - image: {image}\n    name: c\n");
    assert_text_eq(&restored(config, &pod("12:31")), &pod("\"12:30\""));
    assert_text_eq(&restored(config, &pod("'12:31'")), &pod("'12:30'"));
}

#[test]
fn what_is_filled_in_is_written_as_its_neighbours_are() {
    check_whole(
        r#"{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"image":"OLD","imagePullPolicy":null}]}}"#,
        r#"{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"image":"NEW","imagePullPolicy":"Always"}]}}"#,
    );
    // A tag that says that the value is no text goes with it.
    for old in ["!!null", "!!int 5", "!!null null", "!!str"] {
        check(
            &format!(
                "  containers:\n  - image: OLD\n    imagePullPolicy: {old} # why\n    name: c\n"
            ),
            "  containers:\n  - image: NEW\n    imagePullPolicy: Always # why\n    name: c\n",
        );
    }
    let cr = |text: &str| format!("{HEAD}{text}").replace('\n', "\r");
    check_whole(
        &cr("  containers:\n  - image: OLD # c\n    name: c\n"),
        &cr("  containers:\n  - image: NEW # c\n    imagePullPolicy: Always\n    name: c\n"),
    );
}

#[test]
fn a_merged_container_is_restored_though_its_neighbour_cannot_be() {
    let base = "  nodeSelector: &c {name: a, image: OLD}\n  containers:\n  - *c\n  initContainers:\n  - <<: *c\n    name: i\n";
    check(
        base,
        &base.replace(
            "  - <<: *c\n",
            "  - <<: *c\n    image: NEW\n    imagePullPolicy: Always\n",
        ),
    );
}

const GOOD: &str = "    image: realtheory/theory-k8s-collector\n    imagePullPolicy: Always\n";

#[test]
fn a_new_secret_takes_the_style_of_its_list() {
    for (old, new) in [
        ("\n  - name: a\n", "\n  - name: a\n  - name: mine\n"),
        (
            "\n    - name: a # first\n    # last\n",
            "\n    - name: a # first\n    - name: mine\n    # last\n",
        ),
        ("\n  -   name: a\n", "\n  -   name: a\n  -   name: mine\n"),
        ("\n  - {name: a}\n", "\n  - {name: a}\n  - {name: mine}\n"),
        (
            "\n  - \"name\": \"a\"\n",
            "\n  - \"name\": \"a\"\n  - \"name\": \"mine\"\n",
        ),
        (" [{name: a}]\n", " [{name: a}, {name: mine}]\n"),
        (
            " [{\"name\":\"a\"}]\n",
            " [{\"name\":\"a\"}, {\"name\":\"mine\"}]\n",
        ),
        (" []\n", " [{name: mine}]\n"),
        ("\n", " [{name: mine}]\n"),
        (" null # none\n", " [{name: mine}] # none\n"),
    ] {
        check_secret(
            &format!("  imagePullSecrets:{old}  containers:\n  - name: c\n{GOOD}"),
            &format!("  imagePullSecrets:{new}  containers:\n  - name: c\n{GOOD}"),
        );
    }
}

#[test]
fn a_new_list_of_secrets_goes_at_the_end_of_the_pod_spec() {
    check_secret(
        &format!("  containers:\n  - name: c\n{GOOD}  restartPolicy: Always # r\n\n# end\n"),
        &format!(
            "  containers:\n  - name: c\n{GOOD}  restartPolicy: Always # r\n  imagePullSecrets:\n  - name: mine\n\n# end\n"
        ),
    );
    let wide = GOOD.replace("    ", "      ");
    check_secret(
        &format!("  containers:\n    - name: c\n{wide}"),
        &format!("  containers:\n    - name: c\n{wide}  imagePullSecrets:\n    - name: mine\n"),
    );
    check_secret(
        "  containers:\n  - name: c\n    image: realtheory/theory-k8s-collector",
        "  containers:\n  - name: c\n    image: realtheory/theory-k8s-collector\n    imagePullPolicy: Always\n  imagePullSecrets:\n  - name: mine",
    );
    assert_text_eq(
        &restored(
            WITH_SECRET,
            r#"{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"image":"realtheory/theory-k8s-collector","imagePullPolicy":"Always"}]}}"#,
        ),
        r#"{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"image":"realtheory/theory-k8s-collector","imagePullPolicy":"Always"}],"imagePullSecrets":[{"name":"mine"}]}}"#,
    );
    // The last value is a block scalar that keeps its line breaks: they stay content.
    let kept = format!("  containers:\n  - name: c\n{GOOD}    args:\n    - |+\n      text\n\n\n");
    check_secret(
        &kept,
        &format!("{kept}  imagePullSecrets:\n  - name: mine\n"),
    );
}

/// Null by its tag is null for kustomize and kubectl, and the tag would make null of a list.
#[test]
fn a_list_of_secrets_takes_the_place_of_a_null_and_of_its_tag() {
    for (null, left) in [
        ("!!null \"\"", ""),
        ("!!null", ""),
        ("!!null ~", ""),
        ("&s !!null null", "&s "),
        ("null", ""),
    ] {
        check_secret(
            &format!("  imagePullSecrets: {null} # none\n  containers:\n  - name: c\n{GOOD}"),
            &format!(
                "  imagePullSecrets: {left}[{{name: mine}}] # none\n  containers:\n  - name: c\n{GOOD}"
            ),
        );
    }
}

#[test]
fn an_aliased_list_of_secrets_becomes_the_pods_own() {
    check_secret(
        &format!(
            "  tolerations: &s\n  - name: a\n  imagePullSecrets: *s\n  containers:\n  - name: c\n{GOOD}"
        ),
        &format!(
            "  tolerations: &s\n  - name: a\n  imagePullSecrets: [{{name: a}}, {{name: mine}}]\n  containers:\n  - name: c\n{GOOD}"
        ),
    );
}

/// go-yaml takes lines that YAML 1.2 forbids; values around them are edited, and in them nothing is.
#[test]
fn lines_that_are_too_shallow_keep_every_byte() {
    for text in [
        "'one\n    two'",
        "'one\ntwo\n\n three'   # c",
        "\"events {\n  'x' \\\"y\n }\"",
        "\"\n      one\ntwo\n\"",
        "\"\\t\n one\n  two\"",
        "'one\n- two'",
        "\"one\\\ntwo\"",
        "'one\r\ntwo'",
        "|\n          one\n\u{2028}          two",
        "|-\n          one\n\u{2028}\n          two\n\n\u{2028}            three",
        "'one\u{2028}      two'",
        "|\n\u{2028}          one\n          two",
    ] {
        let case = |pad: &str, image: &str| {
            format!(
                "{pad}containers:\n{pad}- name: c\n{pad}  note: {text}\n{pad}  image: {image}\n{pad}  imagePullPolicy: Always\n{pad}  last: {text}\n"
            )
        };
        check(&case("  ", "OLD"), &case("  ", "NEW"));
        // In a list, where an item is read by itself.
        let list = |image: &str| {
            format!(
                "- apiVersion: v1\n  kind: Pod\n  spec:\n{}- kind: ConfigMap\n  data:\n    a: {text}\n",
                case("    ", image)
            )
        };
        check_list(&list("OLD"), &list("NEW"));
    }
}

#[test]
fn nothing_to_do_changes_no_byte() {
    for text in [
        "a: 1\r\n\r\nb: [x,\ty]   \n# c",
        "apiVersion: v1\nkind: Secret\ndata: {image: registry.local:5000/realtheory/theory-k8s-collector:v1}\n",
        "apiVersion: v1\nkind: ConfigMap\ndata:\n  x: |\n    image: registry.local:5000/realtheory/theory-k8s-collector:v1\n",
        "apiVersion: example.com/v1\nkind: Deployment\nspec: {template: {spec: {containers: [{image: registry.local:5000/realtheory/theory-k8s-collector:v1}]}}}\n",
    ] {
        assert_text_eq(&restored(CONFIG, text), text);
    }
}
