//! Custom resources: every path of `function/fields.yaml` and those that a configuration names,
//! what only looks like an image, and values in parts.

use std::collections::BTreeSet;
use std::fs;

use crate::support::{Run, assert_text_eq, run_in_folder};

mod filters;
mod list;
mod look_alikes;
mod parts;
mod rows;

use rows::{ROWS, SHAPES, WORDS};

const OLD: &str = "registry.local:5000/realtheory/theory-k8s-collector:v1.3.11836";
const NEW: &str = "realtheory/theory-k8s-collector";

/// A built-in agent without a tag, and one with a tag for images in parts.
const CONFIG: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  agents:
  - realtheory-collector
  - name: parts
    images:
    - {image: 'acme.io/t/agent:latest', tag: floating, imagePullPolicy: Always}
    - {image: 'acme/hub-agent:latest', tag: floating, imagePullPolicy: Always}
";

/// As [`CONFIG`], with a pull secret for each.
const WITH_SECRET: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  agents:
  - {profile: realtheory-collector, imagePullSecrets: [mine]}
  - name: parts
    images:
    - {image: 'acme.io/t/agent:latest', tag: floating, imagePullPolicy: Always, imagePullSecrets: [mine]}
    - {image: 'acme/hub-agent:latest', tag: floating, imagePullPolicy: Always, imagePullSecrets: [mine]}
";

/// A row's resource before and after, without and with a pull secret added.
struct Case {
    before: String,
    after: String,
    with_secret: String,
}

fn case(api_version: &str, kind: &str, rest: &str) -> Case {
    let mut text = format!("{{apiVersion: {api_version}, kind: {kind}, metadata: {{name: r}}, ");
    text.push_str(rest);
    text.push_str("}\n");
    for (shape, meaning) in SHAPES {
        text = replace_word(&text, shape, meaning);
    }
    let (mut before, mut after) = (text.clone(), text);
    for (word, old, new) in WORDS {
        before = replace_word(&before, word, old);
        after = replace_word(&after, word, new);
    }
    before = replace_word(&before, "OLD", OLD);
    after = replace_word(&after, "NEW", NEW);
    let listed = |text: &str, [mappings, names, only]: [&str; 3]| {
        let text = replace_word(text, "SECRETS", mappings);
        replace_word(&replace_word(&text, "NAMES", names), "SECRET", only)
    };
    let without = ["[{name: s}]", "[s]", "''"];
    let with = ["[{name: s}, {name: mine}]", "[s, mine]", "'mine'"];
    Case {
        before: listed(&before, without),
        with_secret: listed(&after, with),
        after: listed(&after, without),
    }
}

/// Replaces a word where it stands by itself.
fn replace_word(text: &str, word: &str, meaning: &str) -> String {
    let letter = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    let mut new = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let (before, from) = rest.split_at(at);
        let behind = &from[word.len()..];
        let whole = !letter(before.chars().next_back().or(new.chars().next_back()))
            && !letter(behind.chars().next());
        new.push_str(before);
        new.push_str(if whole { meaning } else { word });
        rest = behind;
    }
    new + rest
}

fn cases() -> impl Iterator<Item = (&'static str, &'static str, Case)> {
    ROWS.iter().flat_map(|(api_version, kinds, rest)| {
        let case = move |kind: &&'static str| (*api_version, *kind, case(api_version, kind, rest));
        kinds.iter().map(case)
    })
}

fn restore(config: &str, input: &str) -> Run {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("c.yaml"), config).expect("written");
    run_in_folder(folder.path(), &["c.yaml"], input.as_bytes())
}

/// Restores, and restores what came of it: the second run must change nothing.
#[track_caller]
fn check(config: &str, input: &str, expected: &str) -> Run {
    let run = restore(config, input);
    assert_eq!(run.code, 0, "{input}\n{}", run.stderr);
    assert_text_eq(&String::from_utf8_lossy(&run.stdout), expected);
    let again = restore(config, expected);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert_text_eq(&String::from_utf8_lossy(&again.stdout), expected);
    run
}

/// Checks some resources in one stream, since to start the program takes longer than to read one.
#[track_caller]
fn check_some(config: &str, texts: impl Iterator<Item = (String, String)>) -> Vec<Run> {
    const AT_ONCE: usize = 8;
    let (before, after): (Vec<_>, Vec<_>) = texts.unzip();
    let pairs = before.chunks(AT_ONCE).zip(after.chunks(AT_ONCE));
    pairs
        .map(|(before, after)| check(config, &before.join("---\n"), &after.join("---\n")))
        .collect()
}

/// The ids of the findings.
fn rules(run: &Run) -> BTreeSet<&str> {
    let lines = run.stderr.lines();
    lines
        .filter_map(|line| Some(line.rsplit_once('[')?.1.trim_end_matches(']')))
        .collect()
}

#[test]
fn every_path_of_every_kind_is_restored() {
    for run in check_some(
        CONFIG,
        cases().map(|(_, _, case)| (case.before, case.after)),
    ) {
        assert!(!rules(&run).contains("unresolved-image"), "{}", run.stderr);
    }
}

#[test]
fn pull_secrets_go_where_the_kind_lists_them() {
    let texts = cases().map(|(_, _, case)| (case.before, case.with_secret));
    check_some(WITH_SECRET, texts);
}

/// A list of names that is not there would be made as one of mappings.
#[test]
fn a_secret_that_a_list_of_names_lacks_is_told_where_there_is_none() {
    for list in ["", ", imagePullSecrets: []"] {
        let text = format!(
            "{{apiVersion: sparkoperator.k8s.io/v1beta2, kind: SparkApplication, metadata: {{name: r}}, spec: {{image: 'acme.io/t/agent:latest', imagePullPolicy: Always{list}}}}}\n"
        );
        let run = restore(WITH_SECRET, &text);
        assert_text_eq(&String::from_utf8_lossy(&run.stdout), &text);
        let told = "needs the pull secret mine, and its list, which holds names, has none yet: write it there as `imagePullSecrets: [SECRET]` [unresolved-image]\n";
        assert!(run.stderr.contains(told), "{}", run.stderr);
    }
}

/// Where a kind takes the name of one secret, another name is not replaced, and is told.
#[test]
fn the_name_of_the_only_secret_is_written_where_there_is_none() {
    let text = |kind: &str, rest: &str| {
        format!(
            "apiVersion: {kind}\nmetadata: {{name: r}}\nspec:\n  image: acme.io/t/agent:latest\n  imagePullPolicy: Always\n{rest}"
        )
    };
    let agent = "cluster.appdynamics.com/v1alpha1\nkind: Clusteragent";
    let bare = text(agent, "");
    let named = bare.replace(":latest\n", ":latest\n  imagePullSecret: mine\n");
    check(WITH_SECRET, &bare, &named);
    let tenant = "minio.min.io/v2\nkind: Tenant";
    let injector = "falcon.crowdstrike.com/v1alpha1\nkind: FalconContainer";
    for (kind, rest, told) in [
        (
            agent,
            "  imagePullSecret: theirs\n",
            "`spec.imagePullSecret`, which takes one name, has theirs: put what both hold into one secret",
        ),
        (
            tenant,
            "",
            "`spec.imagePullSecret.name` takes one name: write it there",
        ),
        (
            injector,
            "",
            "`spec.injector.imagePullSecret` takes one name: write it there",
        ),
    ] {
        let text = text(kind, rest);
        let run = check(WITH_SECRET, &text, &text);
        let told = format!("needs the pull secret mine, and {told} [unresolved-image]\n");
        assert!(run.stderr.contains(&told), "{}", run.stderr);
    }
}

/// A mapping without keys takes one, and what is no name stays and is told.
#[test]
fn the_only_secret_is_written_into_an_empty_mapping() {
    let text = |secret: &str| {
        format!(
            "apiVersion: minio.min.io/v2\nkind: Tenant\nmetadata: {{name: r}}\nspec:\n  image: acme.io/t/agent:latest\n  imagePullPolicy: Always\n  imagePullSecret: {secret}\n"
        )
    };
    for (before, after) in [
        ("{}", "{name: mine}"),
        ("{} # none yet", "{name: mine} # none yet"),
        ("{\n    }", "{name: mine\n    }"),
        ("!!map {}", "!!map {name: mine}"),
        ("&own {}", "&own {name: mine}"),
        ("{name: }", "{name: mine }"),
    ] {
        check(WITH_SECRET, &text(before), &text(after));
    }
    let json = |secret: &str| {
        format!(
            "{{\"apiVersion\": \"minio.min.io/v2\", \"kind\": \"Tenant\", \"metadata\": {{\"name\": \"r\"}}, \"spec\": {{\"image\": \"acme.io/t/agent:latest\", \"imagePullPolicy\": \"Always\", \"imagePullSecret\": {secret}}}}}\n"
        )
    };
    check(WITH_SECRET, &json("{}"), &json("{\"name\": \"mine\"}"));
    for (secret, what) in [
        ("{name: {}}", "is a mapping"),
        ("{name: [x]}", "is a list"),
        ("{name: 5}", "is a number"),
    ] {
        let text = text(secret);
        let run = check(WITH_SECRET, &text, &text);
        let told = format!(
            "needs the pull secret mine, and `spec.imagePullSecret.name`, which takes one name, {what}: write it there [unresolved-image]\n"
        );
        assert!(run.stderr.contains(&told), "{}", run.stderr);
    }
    // Two values of one mapping.
    let fields = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec:\n  agents: [{name: own, images: [{image: acme.io/t/agent, tag: pinned, pin: '2', imagePullPolicy: Always}]}]\n  fields:\n  - {apiVersion: a.io/v1, kind: T, repository: $.spec.image, tag: $.spec.more.tag, imagePullPolicy: $.spec.more.policy}\n";
    let own = |more: &str| {
        format!(
            "apiVersion: a.io/v1\nkind: T\nmetadata: {{name: r}}\nspec:\n  image: acme.io/t/agent\n  more: {more}\n"
        )
    };
    check(fields, &own("{}"), &own("{tag: \"2\", policy: Always}"));
}

/// All kinds in one stream: no kind's paths reach into another's.
#[test]
fn kinds_do_not_meddle_with_each_other() {
    let stream = |text: fn(&Case) -> &str| {
        let texts: Vec<String> = cases().map(|(_, _, case)| text(&case).to_owned()).collect();
        texts.join("---\n")
    };
    check(
        CONFIG,
        &stream(|case| &case.before),
        &stream(|case| &case.after),
    );
}

/// The same texts under another API group are nobody's.
#[test]
fn the_group_and_the_kind_count() {
    let texts = cases().flat_map(|(api_version, kind, case)| {
        let (_, version) = api_version.split_once('/').expect("a group");
        let group = format!("example.com/{version}");
        let [kind, policy] = [format!("kind: {kind},"), format!("kind: {kind}Policy,")];
        [
            case.before.replacen(api_version, &group, 1),
            case.before.replacen(&kind, &policy, 1),
        ]
    });
    check_some(CONFIG, texts.map(|text| (text.clone(), text)));
}

/// A path that is built in, and another that leads to the same value, are one field.
#[test]
fn a_field_that_is_named_again_is_reported_once() {
    let manifest = |image: &str| {
        format!(
            "apiVersion: monitoring.coreos.com/v1\nkind: Prometheus\nmetadata: {{name: k, namespace: m}}\nspec: {{image: '{image}'}}\n"
        )
    };
    let fields = "  fields:\n  - {apiVersion: monitoring.coreos.com/v1, kind: Prometheus, image: $.spec.image}\n  - {apiVersions: [monitoring.coreos.com/v1, monitoring.coreos.com/v1], kind: Prometheus, image: \"$['spec'].image\"}\n";
    let run = check(&format!("{CONFIG}{fields}"), &manifest(OLD), &manifest(NEW));
    assert_eq!(
        run.stderr.matches("[pinned-tag]").count(),
        1,
        "{}",
        run.stderr
    );
}

/// Whole documents; `OLD` and `NEW` stand for the two references.
#[track_caller]
fn check_text(input: &str, expected: &str) -> Run {
    let text = |text: &str| text.replace("OLD", OLD).replace("NEW", NEW);
    check(CONFIG, &text(input), &text(expected))
}

#[test]
fn block_style_keeps_its_comments() {
    check_text(
        "apiVersion: opentelemetry.io/v1beta1
kind: OpenTelemetryCollector
metadata:
  name: o
spec:
  # where from
  image: \"OLD\" # pinned
  targetAllocator:
    enabled: true
    image: 'OLD'
  initContainers:
    -   name: i
        image: OLD
        tty: true
",
        "apiVersion: opentelemetry.io/v1beta1
kind: OpenTelemetryCollector
metadata:
  name: o
spec:
  # where from
  image: \"NEW\" # pinned
  imagePullPolicy: Always
  targetAllocator:
    enabled: true
    image: 'NEW'
  initContainers:
    -   name: i
        image: NEW
        imagePullPolicy: Always
        tty: true
",
    );
    check_text(
        "apiVersion: operator.victoriametrics.com/v1beta1
kind: VMAgent
metadata:
  name: v
spec:
  image:
    tag: \"1.10\" # theirs
    repository: registry.local:5000/hub/t/agent
    pullPolicy: Never
",
        "apiVersion: operator.victoriametrics.com/v1beta1
kind: VMAgent
metadata:
  name: v
spec:
  image:
    tag: \"latest\" # theirs
    repository: acme.io/t/agent
    pullPolicy: Always
",
    );
    check_text(
        "apiVersion: apps.kruise.io/v1alpha1
kind: ImageListPullJob
metadata:
  name: l
spec:
  images:
  - nginx:1.27 # not ours
  - OLD # ours
  -   'OLD'
  imagePullPolicy: IfNotPresent
",
        "apiVersion: apps.kruise.io/v1alpha1
kind: ImageListPullJob
metadata:
  name: l
spec:
  images:
  - nginx:1.27 # not ours
  - NEW # ours
  -   'NEW'
  imagePullPolicy: Always
",
    );
}

#[test]
fn json_stays_json() {
    check_text(
        r#"{"apiVersion":"argoproj.io/v1alpha1","kind":"Rollout","metadata":{"name":"r"},"spec":{"template":{"spec":{"containers":[{"image":"OLD","name":"c"}]}}}}"#,
        r#"{"apiVersion":"argoproj.io/v1alpha1","kind":"Rollout","metadata":{"name":"r"},"spec":{"template":{"spec":{"containers":[{"image":"NEW","imagePullPolicy":"Always","name":"c"}]}}}}"#,
    );
}

#[test]
fn an_alias_is_replaced_at_its_site() {
    check_text(
        "apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata:
  name: p
  annotations: {was: &was OLD}
spec:
  image: *was
  imagePullPolicy: &policy IfNotPresent
  containers:
  - {name: sidecar, image: nginx, imagePullPolicy: *policy}
",
        "apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata:
  name: p
  annotations: {was: &was OLD}
spec:
  image: NEW
  imagePullPolicy: &policy Always
  containers:
  - {name: sidecar, image: nginx, imagePullPolicy: IfNotPresent}
",
    );
    // Both want the same: the alias says it.
    check_text(
        "apiVersion: apps.kruise.io/v1alpha1
kind: ImageListPullJob
metadata: {name: l}
spec: {images: [&image OLD, *image ], imagePullPolicy: Always}
",
        "apiVersion: apps.kruise.io/v1alpha1
kind: ImageListPullJob
metadata: {name: l}
spec: {images: [&image NEW, *image ], imagePullPolicy: Always}
",
    );
}

#[test]
fn a_merged_mapping_gets_keys_of_its_own() {
    check_text(
        "apiVersion: tekton.dev/v1
kind: Task
metadata:
  name: t
  annotations: &base {image: OLD}
spec:
  steps:
  - <<: *base
    name: s
  sidecars: [{<<: *base, name: c}]
",
        "apiVersion: tekton.dev/v1
kind: Task
metadata:
  name: t
  annotations: &base {image: OLD}
spec:
  steps:
  - <<: *base
    image: NEW
    imagePullPolicy: Always
    name: s
  sidecars: [{<<: *base, image: NEW, imagePullPolicy: Always, name: c}]
",
    );
    // What the anchored mapping says is right for both: one edit.
    check_text(
        "apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: w}
spec:
  templateDefaults:
    container: &base
      image: OLD
      imagePullPolicy: Never
  templates:
  - name: a
    container:
      <<: *base
      args: [a]
",
        "apiVersion: argoproj.io/v1alpha1
kind: Workflow
metadata: {name: w}
spec:
  templateDefaults:
    container: &base
      image: NEW
      imagePullPolicy: Always
  templates:
  - name: a
    container:
      <<: *base
      args: [a]
",
    );
}

#[test]
fn a_pod_spec_that_is_an_alias_is_edited_at_its_anchor() {
    check_text(
        "apiVersion: argoproj.io/v1alpha1
kind: Experiment
metadata: {name: e}
spec:
  templates:
  - name: a
    template:
      spec: &pod
        containers:
        - name: c
          image: OLD
  - name: b
    template: {spec: *pod }
",
        "apiVersion: argoproj.io/v1alpha1
kind: Experiment
metadata: {name: e}
spec:
  templates:
  - name: a
    template:
      spec: &pod
        containers:
        - name: c
          image: NEW
          imagePullPolicy: Always
  - name: b
    template: {spec: *pod }
",
    );
}

const OWN: &str = "
  fields:
  - apiVersion: example.com/v1
    kind: Collector
    image: $.spec.image
    imagePullPolicy: $.spec.imagePullPolicy
    imagePullSecrets: $.spec.imagePullSecrets
";

#[test]
fn a_configuration_names_paths_of_its_own() {
    let collector = |api_version: &str, kind: &str, rest: &str| {
        format!("apiVersion: {api_version}\nkind: {kind}\nmetadata:\n  name: c\nspec:\n{rest}")
    };
    let (plain, secret) = (
        format!("{}{OWN}", CONFIG.trim_end()),
        format!("{}{OWN}", WITH_SECRET.trim_end()),
    );
    let old = format!(
        "  image: {OLD} # theirs\n  imagePullSecrets:\n  - name: s\n  more: {{image: {OLD}}}\n"
    );
    let new = format!(
        "  image: {NEW} # theirs\n  imagePullPolicy: Always\n  imagePullSecrets:\n  - name: s\n  more: {{image: {OLD}}}\n"
    );
    let resource = |rest: &str| collector("example.com/v1", "Collector", rest);
    check(&plain, &resource(&old), &resource(&new));
    let added = new.replace("  - name: s\n", "  - name: s\n  - name: mine\n");
    check(&secret, &resource(&old), &resource(&added));
    for (api_version, kind) in [
        ("example.com/v1", "Other"),
        ("example.org/v1", "Collector"),
        ("v1", "Collector"),
    ] {
        let other = collector(api_version, kind, &old);
        check(&plain, &other, &other);
    }
    // The built-in kinds are there besides.
    let case = case(
        "argoproj.io/v1alpha1",
        "Rollout",
        "spec: {template: {spec: POD}}",
    );
    check(&plain, &case.before, &case.after);
}

#[test]
fn a_configuration_names_wildcards_and_quoted_names() {
    let config = CONFIG.trim_end().to_owned()
        + "
  fields:
  - {apiVersion: example.com/v1, kind: Fleet, image: \"$.spec.pools[*]['main'].image\", imagePullPolicy: \"$.spec.pools[*]['main'].policy\"}
";
    let text = |image: &str, policy: &str| {
        format!(
            "apiVersion: example.com/v1\nkind: Fleet\nspec:\n  pools:\n  - main:\n      image: {image}{policy}\n  - main: {{image: {image}{}}}\n  - other: {{image: {OLD}}}\n",
            policy.replace("\n      ", ", ")
        )
    };
    check(
        &config,
        &text(OLD, ""),
        &text(NEW, "\n      policy: Always"),
    );
}

#[test]
fn a_wrong_path_is_a_fault_of_the_configuration() {
    for path in ["spec.image", "$.spec[", "$..image", "$.spec.image.", "$"] {
        let config = CONFIG.trim_end().to_owned()
            + &format!(
                "\n  fields:\n  - apiVersion: example.com/v1\n    kind: Collector\n    image: {path:?}\n"
            );
        let run = restore(&config, "{apiVersion: example.com/v1, kind: Collector}\n");
        assert_eq!(run.code, 2, "{path}: {}", run.stderr);
        assert!(run.stdout.is_empty(), "{path}");
        let line = config.lines().count();
        let first = run.stderr.lines().next().unwrap_or_default();
        assert!(
            first.contains(&format!("c.yaml:{line}:")),
            "{path}: {first}"
        );
    }
}
