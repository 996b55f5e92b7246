//! ARGOCD_APP_PARAMETERS: what each shape comes to, and what is said of a wrong one.

use std::fs;
use std::process::Command;

use crate::support::{Run, assert_text_eq, binary, finish, known_agents};

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: collector
spec:
  containers:
  - name: collector
    image: registry.example.com/other/realtheory/theory-k8s-collector:v1
    imagePullPolicy: Always
";

/// `render --argocd` on the pod, with these parameters.
pub(super) fn render(parameters: &str) -> Run {
    render_with(&[], Some(parameters), "")
}

fn render_with(more: &[&str], parameters: Option<&str>, file: &str) -> Run {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("pod.yaml"), POD).expect("written");
    fs::write(folder.path().join("config.yaml"), file).expect("written");
    let mut command = Command::new(binary());
    command.current_dir(folder.path());
    command.env_remove("ARGOCD_APP_PARAMETERS");
    if let Some(parameters) = parameters {
        command.env("ARGOCD_APP_PARAMETERS", parameters);
    }
    let args = ["render", "--argocd", "pod.yaml"];
    finish(&mut command, &[&args[..], more].concat(), b"")
}

/// The pod with another image, and what follows its last line.
fn pod(image: &str, rest: &str) -> String {
    POD.replace(
        "registry.example.com/other/realtheory/theory-k8s-collector:v1",
        image,
    ) + rest
}

#[track_caller]
fn check(parameters: &str, image: &str, rest: &str) {
    let run = render(parameters);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let output = String::from_utf8(run.stdout).expect("UTF-8");
    assert_text_eq(&output, &pod(image, rest));
}

const UNTOUCHED: &str = "registry.example.com/other/realtheory/theory-k8s-collector:v1";
const OFFICIAL: &str = "realtheory/theory-k8s-collector";
const HUB: &str = "registry.example.com/hub/realtheory/theory-k8s-collector";
const SECRETS: &str = "  imagePullSecrets:\n  - name: hub\n";

#[test]
fn each_shape_is_read() {
    let agents = r#"{"name":"agents","array":["realtheory-collector"]}"#;
    // Nothing set, and what the form sends when a field was cleared.
    check("null", UNTOUCHED, "");
    check("[]", UNTOUCHED, "");
    check(
        r#"[{"name":"agents","array":[]},{"name":"mode","string":""},{"name":"registries","map":{}},{"name":"config"}]"#,
        UNTOUCHED,
        "",
    );
    // A list as an array and as text, pairs as a map and as text.
    check(&format!("[{agents}]"), OFFICIAL, "");
    check(
        r#"[{"name":"agents","string":"realtheory-collector,datadog"}]"#,
        OFFICIAL,
        "",
    );
    let map = r#"{"name":"registries","map":{"docker.io":"registry.example.com/hub"}}"#;
    let text = r#"{"name":"registries","string":"docker.io=registry.example.com/hub"}"#;
    let secrets = r#"{"name":"imagePullSecrets","array":["hub"]}"#;
    for registries in [map, text] {
        check(&format!("[{agents},{registries},{secrets}]"), HUB, SECRETS);
    }
    // Others' parameters, and a value that JSON escapes.
    check(
        &format!(r#"[{{"name":"x-values","map":{{"a":"b"}}}},{agents}]"#),
        OFFICIAL,
        "",
    );
    check(
        r#"[{"name":"undeclaredMirrors","string":"\u0072estore"}]"#,
        OFFICIAL,
        "",
    );
}

#[test]
fn a_file_of_the_repository_configures() {
    let file = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
spec:
  agents: [realtheory-collector]
";
    let parameters = r#"[{"name":"config","string":"config.yaml"}]"#;
    let run = render_with(&[], Some(parameters), file);
    assert_text_eq(&String::from_utf8_lossy(&run.stdout), &pod(OFFICIAL, ""));
    let run = render_with(&[], Some(parameters), "kind: A\n");
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.starts_with("config.yaml:1:1: "),
        "{}",
        run.stderr
    );
    // Unset, and without the flag: the environment decides nothing.
    let run = render_with(&[], None, "");
    assert_text_eq(&String::from_utf8_lossy(&run.stdout), &pod(UNTOUCHED, ""));
    let mut plain = Command::new(binary());
    plain.env("ARGOCD_APP_PARAMETERS", "not JSON");
    assert_eq!(finish(&mut plain, &["render", "-"], POD.as_bytes()).code, 0);
}

#[track_caller]
fn fails(parameters: &str, expected: &str) {
    let run = render(parameters);
    assert_eq!((run.code, run.stdout.len()), (2, 0));
    assert_text_eq(&run.stderr, expected);
}

#[test]
fn a_wrong_one_is_named_with_its_remedy() {
    const LIST: &str =
        "help: Argo CD writes a list of parameters there, from spec.source.plugin.parameters\n";
    let known = "known: agents, config, imagePullSecrets, mode, registries, undeclaredMirrors";
    let others = "one for other commands of the plugin begins with `x-`";
    for (parameters, expected) in [
        ("", format!("ARGOCD_APP_PARAMETERS: not JSON, line 1 column 0\n{LIST}")),
        ("{}", format!("ARGOCD_APP_PARAMETERS: expected a list, found a map\n{LIST}")),
        ("[1]", format!("ARGOCD_APP_PARAMETERS: a parameter is a number\n{LIST}")),
        (
            r#"[{"string":"a"}]"#,
            "ARGOCD_APP_PARAMETERS: a parameter has no name\nhelp: add `name:` to it\n".to_owned(),
        ),
        (
            r#"[{"name":"image-pull-secrets","array":["a"]}]"#,
            format!("parameter image-pull-secrets: not known\nhelp: did you mean `imagePullSecrets`?; {others}\n"),
        ),
        (
            r#"[{"name":"zzzzzzzzz","string":"a"}]"#,
            format!("parameter zzzzzzzzz: not known\nhelp: {known}; {others}\n"),
        ),
        (
            r#"[{"name":"mode","string":"check"},{"name":"mode","string":"restore"}]"#,
            "parameter mode: given twice\nhelp: keep one of them\n".to_owned(),
        ),
        (
            r#"[{"name":"mode","array":["check"]}]"#,
            "parameter mode: given as array\nhelp: write it as a `string`\n".to_owned(),
        ),
        (
            r#"[{"name":"agents","map":{"a":"b"}}]"#,
            "parameter agents: given as map\nhelp: write it as an `array` of text, or a `string` with commas\n".to_owned(),
        ),
        (
            r#"[{"name":"registries","array":["a=b"]}]"#,
            "parameter registries: given as array\nhelp: write it as a `map` from source to mirror, or a `string` of `source=mirror`\n".to_owned(),
        ),
        (
            r#"[{"name":"agents","string":"a","array":["b"]}]"#,
            "parameter agents: given as string and array\nhelp: write it as an `array` of text, or a `string` with commas\n".to_owned(),
        ),
        (
            r#"[{"name":"agents","array":[1]}]"#,
            "parameter agents: expected text, found a number\nhelp: quote it\n".to_owned(),
        ),
        (
            r#"[{"name":"agents","array":["a,b"]}]"#,
            "parameter agents: ',' stands in an entry\nhelp: give each its own entry\n".to_owned(),
        ),
        (
            r#"[{"name":"registries","map":{"a=b":"c"}}]"#,
            "parameter registries: '=' stands in an entry\nhelp: give each its own entry\n".to_owned(),
        ),
        (
            r#"[{"name":"mode","string":"a\u001b[2J"}]"#,
            "parameter mode: holds a control character\nhelp: remove it\n".to_owned(),
        ),
        (
            r#"[{"name":"mode","string":"chekc"}]"#,
            "parameter mode: unknown mode `chekc`\nhelp: did you mean `check`? known: restore, check\n".to_owned(),
        ),
        (
            r#"[{"name":"agents","array":["realtheory-colector"]}]"#,
            format!("parameter agents: unknown agent `realtheory-colector`\nhelp: did you mean `realtheory-collector`? {}\n", known_agents()),
        ),
        (
            r#"[{"name":"registries","string":"docker.io"}]"#,
            "parameter registries: `docker.io` is not a pair\nhelp: write `source=mirror`, with commas or line ends between pairs\n".to_owned(),
        ),
        (
            r#"[{"name":"config","string":"config.yaml"},{"name":"mode","string":"check"}]"#,
            "parameter config: stands beside other parameters\nhelp: write them into the file that it names\n".to_owned(),
        ),
    ] {
        fails(parameters, &expected);
    }
}

#[test]
fn a_configuration_of_the_operator_cannot_be_changed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("operator.yaml");
    let text = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nspec:\n  agents: [realtheory-collector]\n";
    fs::write(&path, text).expect("written");
    let more = ["--config", path.to_str().expect("UTF-8")];
    let run = render_with(&more, Some("null"), "");
    assert_text_eq(&String::from_utf8_lossy(&run.stdout), &pod(OFFICIAL, ""));
    let run = render_with(
        &more,
        Some(r#"[{"name":"undeclaredMirrors","string":"keep"}]"#),
        "",
    );
    assert_eq!((run.code, run.stdout.len()), (2, 0));
    assert_text_eq(
        &run.stderr,
        "ARGOCD_APP_PARAMETERS: the plugin brings its own configuration, so parameters cannot change it\nhelp: remove the parameters, or ask whoever runs Argo CD\n",
    );
}
