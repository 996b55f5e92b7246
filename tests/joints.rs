//! Where one edited item or document ends and the next begins: no insertion loses a line break, and the
//! joined text holds what it held.

use restore_images::config::Date;
use restore_images::function;
use restore_images::restore::{Outcome, Request};

use crate::go_yaml::inputs::{MANIFESTS, joined, mutated};
use crate::support::mutate::Chance;
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

/// Case 5 of the hostile review: of 14,733 texts with carriage returns, explicit keys and markers put in,
/// a second run changed 48. The joined output is read again in each run (`restore/joined.rs`).
#[test]
fn hostile_changes_are_restored_by_one_run() {
    let mut chance = Chance(5);
    let mut restored = 0;
    for _ in 0..800 {
        let [first, second] = [(), ()].map(|()| MANIFESTS[chance.below(MANIFESTS.len())]);
        let text = mutated(&joined(first, second, &mut chance), &mut chance);
        let Ok(once) = outcome(&text) else { continue };
        if once.edits.is_empty() {
            continue;
        }
        restored += 1;
        let output = once.output(&text);
        match outcome(&output) {
            // The results of a list are those of its last run.
            Ok(twice) if twice.is_resource_list => {
                let again = twice.output(&output);
                let before = |text: &str| text.rfind("results").map(|at| text[..at].to_owned());
                assert_eq!(before(&again), before(&output), "{text:?}");
            }
            Ok(twice) => assert!(twice.edits.is_empty(), "{text:?}: {:?}", twice.edits),
            Err(error) => panic!("{text:?}: {output:?}: {error}"),
        }
    }
    assert!(restored > 50, "{restored}");
}

fn outcome(input: &str) -> Result<Outcome, String> {
    let request = Request {
        input,
        config: None,
        today: Date::from_unix_days(20_000),
    };
    function::run(&request).map_err(|error| error.to_string())
}
