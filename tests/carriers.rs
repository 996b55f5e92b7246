//! Images in environment variables and arguments, where a profile names them.

use std::fs;

use crate::support::{assert_text_eq, run_in_folder};

const CONFIG: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  agents:
  - name: own
    images:
    - {image: 'acme.io/t/tools:latest', tag: floating, imagePullPolicy: Always}
    env:
    - {image: TOOLS_IMAGE, tag: TOOLS_TAG, imagePullPolicy: TOOLS_POLICY}
    - {image: SIDECAR_IMAGE}
    args:
    - flag: --reloader
";

/// Restores a container in block style; `expected` is the container, `rules` the findings' ids.
#[track_caller]
fn check(container: &str, expected: &str, rules: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("c.yaml"), CONFIG).expect("written");
    let text = |container: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d}}\nspec:\n  template:\n    spec:\n      containers:\n      - name: c\n        image: nginx\n{container}"
        )
    };
    let run = run_in_folder(folder.path(), &["c.yaml"], text(container).as_bytes());
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_text_eq(&String::from_utf8_lossy(&run.stdout), &text(expected));
    let found: Vec<&str> = run
        .stderr
        .lines()
        .filter_map(|line| Some(line.rsplit_once('[')?.1.trim_end_matches(']')))
        .collect();
    assert_eq!(found, rules, "{}", run.stderr);
    let again = run_in_folder(folder.path(), &["c.yaml"], text(expected).as_bytes());
    assert_text_eq(&String::from_utf8_lossy(&again.stdout), &text(expected));
}

#[test]
fn a_split_image_in_variables_is_one_field() {
    check(
        "        env:\n        - name: TOOLS_IMAGE\n          value: reg.corp/hub/t/tools # where\n        - name: TOOLS_TAG\n          value: '1.2'\n        - {name: TOOLS_POLICY, value: Never}\n",
        "        env:\n        - name: TOOLS_IMAGE\n          value: acme.io/t/tools # where\n        - name: TOOLS_TAG\n          value: 'latest'\n        - {name: TOOLS_POLICY, value: Always}\n",
        &["pinned-tag", "wrong-registry", "wrong-pull-policy"],
    );
    // Only what differs is written.
    check(
        "        env:\n        - name: TOOLS_TAG\n          value: \"1.10\"\n        - name: TOOLS_IMAGE\n          value: acme.io/t/tools\n",
        "        env:\n        - name: TOOLS_TAG\n          value: \"latest\"\n        - name: TOOLS_IMAGE\n          value: acme.io/t/tools\n",
        &["pinned-tag"],
    );
}

#[test]
fn a_whole_image_in_a_variable_is_restored() {
    check(
        "        env:\n        - name: SIDECAR_IMAGE\n          value: reg.corp:5000/t/tools:1\n",
        "        env:\n        - name: SIDECAR_IMAGE\n          value: acme.io/t/tools:latest\n",
        &["pinned-tag", "wrong-registry"],
    );
}

#[test]
fn what_a_controller_decides_is_left_alone() {
    for env in [
        "        env:\n        - name: TOOLS_IMAGE\n          value: ''\n        - name: TOOLS_TAG\n          value: '1'\n",
        "        env:\n        - name: TOOLS_IMAGE\n        - name: SIDECAR_IMAGE\n          valueFrom: {configMapKeyRef: {name: x, key: y}}\n",
        "        env:\n        - name: OTHER_IMAGE\n          value: reg.corp/t/tools:1\n",
        "        env:\n        - name: SIDECAR_IMAGE\n          value: reg.corp/other/image:1\n",
        "        env: []\n",
    ] {
        check(env, env, &["unmatched-agent"]);
    }
}

#[test]
fn an_argument_is_restored_in_either_form() {
    check(
        "        args:\n        - --reloader=reg.corp/x/t/tools:1 # pinned\n        - --other=reg.corp/x/t/tools:1\n",
        "        args:\n        - --reloader=acme.io/t/tools:latest # pinned\n        - --other=reg.corp/x/t/tools:1\n",
        &["pinned-tag", "wrong-registry"],
    );
    check(
        "        command: [\"/op\", \"--reloader\", 'reg.corp/x/t/tools', --v=2]\n",
        "        command: [\"/op\", \"--reloader\", 'acme.io/t/tools', --v=2]\n",
        &["wrong-registry"],
    );
    // An anchor is followed: the alias becomes the pod's own text.
    check(
        "        workingDir: &i acme.io/t/tools:7\n        args: [--reloader, *i ]\n",
        "        workingDir: &i acme.io/t/tools:7\n        args: [--reloader, acme.io/t/tools:latest ]\n",
        &["pinned-tag"],
    );
}
