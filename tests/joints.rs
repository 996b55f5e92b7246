//! Where one edited item or document ends and the next begins: no insertion loses a line break, and the
//! joined text holds what it held.

use crate::support::{assert_text_eq, run};

const CONFIG: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: collectors}
spec:
  agents:
  - profile: realtheory-collector
    imagePullSecrets: [mine]
";

/// Restores an input by the function, twice.
#[track_caller]
fn check(input: &str, expected: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("restore-images.yaml");
    std::fs::write(&path, CONFIG).expect("the configuration is written");
    let path = path.to_str().expect("a UTF-8 path");
    let once = run(&[path], input.as_bytes());
    assert_eq!(once.code, 0, "{}", once.stderr);
    let output = String::from_utf8(once.stdout).expect("UTF-8");
    let output = output.split("results:\n").next().unwrap_or_default();
    assert_text_eq(output, expected);
    let twice = run(&[path], output.as_bytes());
    assert_eq!(twice.code, 0, "{}", twice.stderr);
    let twice = String::from_utf8(twice.stdout).expect("UTF-8");
    assert_text_eq(twice.split("results:\n").next().unwrap_or_default(), output);
}

/// The last pair of the first document has an explicit key and no value.
#[test]
fn a_pair_goes_behind_an_explicit_key() {
    let pod = |policy: &str, secrets: &str| {
        format!(
            "\
apiVersion: v1
kind: Pod
metadata: {{name: realtheorycollector}}
spec:
  containers:
  - name: realtheorycollector
    ? a: b
{policy}{secrets}"
        )
    };
    let policy = "    imagePullPolicy: Always\n";
    let secrets = "  imagePullSecrets:\n  - name: mine\n";
    let next = "---\napiVersion: v1\nkind: ConfigMap\n";
    check(
        &format!("{}{next}", pod("", "")),
        &format!("{}{next}", pod(policy, secrets)),
    );
    // At the end of the text, with and without its line break.
    check(&pod("", ""), &pod(policy, secrets));
    check(pod("", "").trim_end(), pod(policy, secrets).trim_end());
}

/// The same in a ResourceList, where the results follow.
#[test]
fn a_pair_goes_behind_an_explicit_key_of_an_item() {
    let list = |policy: &str, secrets: &str| {
        format!(
            "\
apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: v1
  kind: Pod
  metadata: {{name: realtheorycollector}}
  spec:
    containers:
    - name: realtheorycollector
      ? a: b
{policy}{secrets}"
        )
    };
    let policy = "      imagePullPolicy: Always\n";
    let secrets = "    imagePullSecrets:\n    - name: mine\n";
    check(&list("", ""), &list(policy, secrets));
    let next = "- apiVersion: v1\n  kind: ConfigMap\n";
    check(
        &format!("{}{next}", list("", "")),
        &format!("{}{next}", list(policy, secrets)),
    );
}
