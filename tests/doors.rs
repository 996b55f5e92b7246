//! The doors: what each caller gives and gets, byte for byte.

use std::fs;

use crate::support::{assert_text_eq, run, run_in_folder};

const CONFIG: &str = "\
functionConfig:
  apiVersion: restore-images.dev/v1alpha1
  kind: RestoreImages
  metadata:
    name: collectors
  spec:
    agents: [realtheory-collector]
";

const DRIFTED: &str = "\
- apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: realtheorycollector
    namespace: real-theory-system
    annotations:
      config.kubernetes.io/index: '1'
      config.kubernetes.io/path: 'base/collector.yaml'
      internal.config.kubernetes.io/package-path: '/home/somebody/package'
      internal.config.kubernetes.io/path: 'base/collector.yaml'
      internal.config.kubernetes.io/index: '1'
  spec:
    template:
      spec:
        containers:
        - name: realtheorycollector
          image: registry.example.com/realtheory/theory-k8s-collector:v1.3.11836 # pinned
          imagePullPolicy: IfNotPresent
";

const RESULTS: &str = "\
results:
- message: \"container realtheorycollector: tag v1.3.11836 keeps the agent from upgrading itself: registry.example.com/realtheory/theory-k8s-collector:v1.3.11836 → realtheory/theory-k8s-collector\"
  severity: SEVERITY
  resourceRef:
    apiVersion: apps/v1
    kind: Deployment
    name: realtheorycollector
    namespace: real-theory-system
  field:
    path: spec.template.spec.containers[0].image
    currentValue: registry.example.com/realtheory/theory-k8s-collector:v1.3.11836
    proposedValue: realtheory/theory-k8s-collector
  file:
    path: base/collector.yaml
    index: 1
  tags:
    rule: pinned-tag
    agent: realtheory-collector
- message: \"container realtheorycollector: wrong registry or path: registry.example.com/realtheory/theory-k8s-collector:v1.3.11836 → realtheory/theory-k8s-collector\"
  severity: SEVERITY
  resourceRef:
    apiVersion: apps/v1
    kind: Deployment
    name: realtheorycollector
    namespace: real-theory-system
  field:
    path: spec.template.spec.containers[0].image
    currentValue: registry.example.com/realtheory/theory-k8s-collector:v1.3.11836
    proposedValue: realtheory/theory-k8s-collector
  file:
    path: base/collector.yaml
    index: 1
  tags:
    rule: wrong-registry
    agent: realtheory-collector
- message: \"container realtheorycollector: imagePullPolicy IfNotPresent → Always\"
  severity: SEVERITY
  resourceRef:
    apiVersion: apps/v1
    kind: Deployment
    name: realtheorycollector
    namespace: real-theory-system
  field:
    path: spec.template.spec.containers[0].imagePullPolicy
    currentValue: IfNotPresent
    proposedValue: Always
  file:
    path: base/collector.yaml
    index: 1
  tags:
    rule: wrong-pull-policy
    agent: realtheory-collector
";

fn restored(text: &str) -> String {
    text.replace(
        "registry.example.com/realtheory/theory-k8s-collector:v1.3.11836 #",
        "realtheory/theory-k8s-collector #",
    )
    .replace("IfNotPresent", "Always")
}

fn results(severity: &str) -> String {
    RESULTS.replace("SEVERITY", severity)
}

fn list(version: &str, rest: &str) -> String {
    format!("apiVersion: config.kubernetes.io/{version}\nkind: ResourceList\n{rest}")
}

/// Runs the function; its output, code and standard error are compared whole.
#[track_caller]
fn function(input: &str, code: i32, output: &str, stderr: &str) {
    let run = run(&[], input.as_bytes());
    assert_text_eq(&run.stderr, stderr);
    assert_text_eq(&String::from_utf8_lossy(&run.stdout), output);
    assert_eq!(run.code, code);
}

/// An orchestrator gives no configuration as nothing, or as an empty object.
#[test]
fn an_empty_function_config_is_none() {
    for empty in ["", " null", " ~", " {}", " !!null \"\"", "\n  {} # none"] {
        for text in ["a: 1", "a: 'one\n  two'"] {
            let list = format!(
                "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n- kind: ConfigMap\n  apiVersion: v1\n  {text}\nfunctionConfig:{empty}\n"
            );
            let run = run(&[], list.as_bytes());
            assert_eq!(run.code, 0, "{list}{}", run.stderr);
            assert_text_eq(std::str::from_utf8(&run.stdout).expect("UTF-8"), &list);
        }
    }
}

#[test]
fn the_function_edits_items_and_appends_results() {
    for version in ["v1", "v1beta1"] {
        for (before, after) in [("", CONFIG), (CONFIG, "")] {
            let around = |items: &str| list(version, &format!("{before}items:\n{items}{after}"));
            function(
                &around(DRIFTED),
                0,
                &format!("{}{}", around(&restored(DRIFTED)), results("info")),
                "",
            );
        }
    }
}

#[test]
fn a_second_run_changes_nothing_and_reports_no_change() {
    let good = list("v1", &format!("items:\n{}{CONFIG}", restored(DRIFTED)));
    function(&good, 0, &good, "");
    // The results of a run before say nothing of this one.
    function(&format!("{good}{}", results("info")), 0, &good, "");
    let first = good.replace("items:", "results:\n- message: old\n# of team A\nitems:");
    function(
        &first,
        0,
        &good.replace("items:", "# of team A\nitems:"),
        "",
    );
}

#[test]
fn check_mode_changes_nothing_and_fails() {
    let config = format!("{CONFIG}    mode: check\n");
    let input = list("v1", &format!("items:\n{DRIFTED}{config}"));
    let name =
        "error: Deployment real-theory-system/realtheorycollector: container realtheorycollector:";
    let image = "registry.example.com/realtheory/theory-k8s-collector:v1.3.11836 → realtheory/theory-k8s-collector";
    function(
        &input,
        1,
        &format!("{input}{}", results("error")),
        &format!(
            "check failed: 3 errors in 1 resource: Deployment real-theory-system/realtheorycollector (pinned-tag, wrong-pull-policy, wrong-registry)\n\
             base/collector.yaml: {name} tag v1.3.11836 keeps the agent from upgrading itself: {image} [pinned-tag]\n\
             base/collector.yaml: {name} wrong registry or path: {image} [wrong-registry]\n\
             base/collector.yaml: {name} imagePullPolicy IfNotPresent → Always [wrong-pull-policy]\n"
        ),
    );
    let good = list("v1", &format!("items:\n{}{config}", restored(DRIFTED)));
    function(&good, 0, &good, "");
}

#[test]
fn a_validator_gives_no_items() {
    let config = format!("{CONFIG}    mode: check\n    output: none\n");
    let good = list("v1", &format!("items:\n{}{config}", restored(DRIFTED)));
    function(&good, 0, &list("v1", &format!("items: []\n{config}")), "");
    let last = list("v1", &format!("{config}items:\n{}", restored(DRIFTED)));
    function(&last, 0, &list("v1", &format!("{config}items: []\n")), "");
    let input = list("v1", &format!("items:\n{DRIFTED}{config}"));
    let run = run(&[], input.as_bytes());
    assert_eq!(run.code, 1);
    assert_text_eq(
        &String::from_utf8_lossy(&run.stdout),
        &list("v1", &format!("items: []\n{config}{}", results("error"))),
    );
}

#[test]
fn items_are_written_even_where_there_were_none() {
    function(&list("v1", ""), 0, &list("v1", "items: []\n"), "");
    function(&list("v1", "items:\n"), 0, &list("v1", "items: []\n"), "");
    function(
        &list("v1", "items: null # none\n"),
        0,
        &list("v1", "items: [] # none\n"),
        "",
    );
    function(
        r#"{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList"}"#,
        0,
        r#"{"apiVersion":"config.kubernetes.io/v1","kind":"ResourceList", "items": []}"#,
        "",
    );
    function(
        &list("v1", &format!("items: []\n{CONFIG}")),
        0,
        &list(
            "v1",
            &format!(
                "items: []\n{CONFIG}results:\n\
                 - message: the agent realtheory-collector is named in the configuration and was not found in these manifests (remove it, or set unmatchedAgents to ignore if they are only a part)\n  \
                   severity: warning\n  tags:\n    rule: unmatched-agent\n    agent: realtheory-collector\n"
            ),
        ),
        "warning: the agent realtheory-collector is named in the configuration and was not found in these manifests (remove it, or set unmatchedAgents to ignore if they are only a part) [unmatched-agent]\n",
    );
}

#[test]
fn results_go_before_what_ends_the_document() {
    for end in ["...\n", "---\n", "# end\n...\n", "\n\n"] {
        let input = list("v1", &format!("items:\n{DRIFTED}{CONFIG}{end}"));
        let run = run(&[], input.as_bytes());
        let (comment, end) = end
            .strip_prefix("# end\n")
            .map_or(("", end), |end| ("# end\n", end));
        let (blank, end) = if end == "\n\n" {
            ("\n\n", "")
        } else {
            ("", end)
        };
        assert_text_eq(
            &String::from_utf8_lossy(&run.stdout),
            &list(
                "v1",
                &format!(
                    "items:\n{}{CONFIG}{comment}{blank}{}{end}",
                    restored(DRIFTED),
                    results("info")
                ),
            ),
        );
    }
    let open = list("v1", &format!("items:\n{DRIFTED}{CONFIG}"));
    let run = run(&[], open.trim_end().as_bytes());
    let whole = list(
        "v1",
        &format!("items:\n{}{CONFIG}{}", restored(DRIFTED), results("info")),
    );
    assert_text_eq(&String::from_utf8_lossy(&run.stdout), whole.trim_end());
}

#[test]
fn json_in_json_out() {
    let input = r#"{"apiVersion": "config.kubernetes.io/v1", "functionConfig": {"apiVersion": "restore-images.dev/v1alpha1", "kind": "RestoreImages", "metadata": {"name": "c"}, "spec": {"agents": ["realtheory-collector"]}}, "items": [{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {"template": {"spec": {"containers": [{"image": "realtheory/theory-k8s-collector", "name": "c"}]}}}}], "kind": "ResourceList"}
"#;
    let run = run(&[], input.as_bytes());
    let output = String::from_utf8(run.stdout).expect("UTF-8");
    let start = r#""image": "realtheory/theory-k8s-collector", "imagePullPolicy": "Always", "name": "c"}]}}}}], "kind": "ResourceList", "results": [{"message": "container c: imagePullPolicy (missing) → Always", "severity": "info", "resourceRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"}, "field": {"path": "spec.template.spec.containers[0].imagePullPolicy", "proposedValue": "Always"}, "tags": {"rule": "wrong-pull-policy", "agent": "realtheory-collector"}}"#;
    assert!(output.contains(start), "{output}");
    let value: serde_json::Value = serde_json::from_str(&output).expect("JSON");
    assert_eq!(value["items"].as_array().map(Vec::len), Some(1));
}

const STREAM: &str = "\
# The collector
apiVersion: apps/v1
kind: Deployment
metadata: {name: realtheorycollector}
spec:
  template:
    spec:
      containers:
      - name: realtheorycollector
        image: docker.io/realtheory/theory-k8s-collector:v1 # é
        imagePullPolicy: Always
";

#[test]
fn a_stream_is_edited_and_findings_go_to_standard_error() {
    let run = run(&[], STREAM.as_bytes());
    assert_text_eq(
        &String::from_utf8_lossy(&run.stdout),
        &STREAM.replace(":v1 #", " #"),
    );
    assert_text_eq(
        &run.stderr,
        "stdin:10:16: info: Deployment realtheorycollector: container realtheorycollector: tag v1 keeps the agent from upgrading itself: docker.io/realtheory/theory-k8s-collector:v1 → docker.io/realtheory/theory-k8s-collector [pinned-tag]\n",
    );
    assert_eq!(run.code, 0);
}

#[test]
fn json_documents_may_follow_each_other() {
    let pod = |image: &str| {
        format!(
            "{{\"apiVersion\": \"v1\", \"kind\": \"ReplicationController\", \"spec\": {{\"template\": {{\"spec\": {{\"containers\": [{{\"image\": \"{image}\", \"imagePullPolicy\": \"Always\"}}]}}}}}}}}"
        )
    };
    for between in ["\n", "", "\n\n  "] {
        let text = |image: &str| format!("{}{between}{}\n", pod(image), pod(image));
        let run = run(&[], text("realtheory/theory-k8s-collector:v1").as_bytes());
        assert_text_eq(
            &String::from_utf8_lossy(&run.stdout),
            &text("realtheory/theory-k8s-collector"),
        );
    }
    let run = run(&[], b"{\"kind\": \"A\"}\n{\"kind\": [}\n");
    assert_eq!((run.code, run.stdout.len()), (2, 0));
    assert!(run.stderr.starts_with("stdin:2:10: "), "{}", run.stderr);
}

const CHECK: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec: {mode: check}
";

#[test]
fn the_legacy_plugin_form_reads_its_configuration_from_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("config.yaml"), CHECK).expect("written");
    let run = run_in_folder(folder.path(), &["config.yaml"], STREAM.as_bytes());
    // A pipe hides the exit code: a stream that failed goes no further.
    assert_eq!((run.code, run.stdout.len()), (1, 0));
    assert!(
        run.stderr.starts_with("check failed: 1 error in 1 resource: Deployment realtheorycollector (pinned-tag)\nstdin:10:16: error: "),
        "{}",
        run.stderr
    );
}

#[test]
fn render_joins_files_into_one_stream() {
    let folder = tempfile::tempdir().expect("a folder");
    let write =
        |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
    write("a.yaml", STREAM.trim_end());
    write("b.yaml", "---\napiVersion: v1\nkind: Service\n");
    write("c.json", "{\"kind\": \"Service\"}");
    write("d.yaml", "# d\n%YAML 1.2\n---\nkind: Service\n");
    write("empty.yaml", "");
    write("config.yaml", CHECK.replace("check", "restore").as_str());
    let files = [
        "render",
        "-c",
        "config.yaml",
        "a.yaml",
        "b.yaml",
        "c.json",
        "empty.yaml",
        "d.yaml",
    ];
    let run = run_in_folder(folder.path(), &files, b"");
    assert_text_eq(
        &String::from_utf8_lossy(&run.stdout),
        &format!(
            "{}---\napiVersion: v1\nkind: Service\n---\n{{\"kind\": \"Service\"}}\n---\n...\n# d\n%YAML 1.2\n---\nkind: Service\n",
            STREAM.replace(":v1 #", " #")
        ),
    );
    assert!(
        run.stderr.starts_with("a.yaml:10:16: info: "),
        "{}",
        run.stderr
    );
    write("broken.yaml", "a: [\n");
    let run = run_in_folder(folder.path(), &["render", "a.yaml", "broken.yaml"], b"");
    assert_eq!((run.code, run.stdout.len()), (2, 0));
    assert!(run.stderr.starts_with("broken.yaml:"), "{}", run.stderr);
    let run = run_in_folder(folder.path(), &["render", "a.yaml", "none.yaml"], b"");
    assert_eq!((run.code, run.stdout.len()), (2, 0));
    assert!(
        run.stderr.starts_with("none.yaml: cannot read the file: "),
        "{}",
        run.stderr
    );
}

#[test]
fn two_configurations_are_one_too_many() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("config.yaml"), CHECK).expect("written");
    let input = list("v1", &format!("items:\n{DRIFTED}{CONFIG}"));
    let run = run_in_folder(folder.path(), &["config.yaml"], input.as_bytes());
    assert_eq!((run.code, run.stdout.len()), (2, 0));
    assert_text_eq(
        &run.stderr,
        "stdin:23:3: the ResourceList brings a functionConfig, and a configuration file is given too\n\
         help: give one of the two\n",
    );
}

#[test]
fn wrong_usage_is_refused() {
    let run = run(&["--tody", "2026-01-01"], b"");
    assert_eq!((run.code, run.stdout.len()), (2, 0));
    assert!(run.stderr.contains("'--today'"), "{}", run.stderr);
}
