//! Admission policies, each expression evaluated: what the function would change is refused, what
//! it produced is accepted, and the mutation makes what the function makes.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use kube_cel::KubeCelExt;
use kube_cel::cel::{Context, Program, Value as CelValue};
use proptest::prelude::*;
use serde_json::{Value, json};

use restore_images::config::Date;
use restore_images::function;
use restore_images::restore::Request;

use crate::support::built_in_agents;

use super::{documents, generated};

/// Rules of every kind that a policy is made of.
pub(super) const RULES: &str = r#"
  agents:
  - realtheory-collector
  - profile: cloudzero-agent
    namespaces: [cz]
  - name: pinned
    images:
    - image: ghcr.io/acme/pinned
      aliases: [quay.io/acme/pinned]
      tag: pinned
      pin: "v2@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
      imagePullPolicy: IfNotPresent
      imagePullSecrets: [acme]
  - name: numbered
    undeclaredMirrors: keep
    images:
    - image: example.com/acme/numbered:v1
      tag: floating
      imagePullPolicy: Always
      containers: [numbered*]
      workloads: [numbered*]
  - name: families
    images:
    - image: example.com/acme/families:4
      tag: floating
      floatingTags: ["3", "4", ubi10-4, latest-jmx]
  - name: hub
    images:
    - image: solo
      tag: floating
      imagePullPolicy: Always
  registries:
  - source: docker.io
    mirror: registry.example.com/hub
  - source: ghcr.io
    mirror: registry.example.com/ghcr
    scope: all
    imagePullSecrets: [ghcr]
  - source: ghcr.io/acme/deep
    mirror: deep.example.com:5000/acme
    scope: all
  - source: ghcr.io/acme/exempt
    mirror: ghcr.io/acme/exempt
    scope: all
  imagePullSecrets: [regcred]
"#;

const EXCEPTIONS: &str = r#"
  exceptions:
  - reason: "INC-1"
    kind: Deployment
    name: held-*
    allow: [tag, digest, imagePullPolicy]
  - reason: "INC-2"
    namespace: lab
    container: sidecar
    allow: [registry, imagePullSecrets]
  - reason: "over"
    expires: 2020-01-01
    agent: realtheory-collector
    allow: [tag]
  - reason: "INC-3"
    kind: CronJob
    name: nightly
    agent: pinned
    allow: [tag, digest, registry, imagePullPolicy, imagePullSecrets]
"#;

pub(super) const DIGEST: &str =
    "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

thread_local! {
    /// Compiled expressions: parsing takes longer than everything else.
    static PROGRAMS: RefCell<HashMap<String, Rc<Program>>> = RefCell::default();
}

/// The policies that are made of these rules.
pub(super) fn manifests(rules: &str, settings: &str) -> String {
    let config = format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: GenerateImages\n\
         metadata:\n  name: p\nspec:\n  targetKubernetes: \"1.36\"{rules}  emit:\n  - admissionPolicy: {{{settings}}}\n"
    );
    generated(&config, "")
}

/// What a policy's expressions give for a request.
pub(super) struct Evaluated<'p> {
    policy: &'p Value,
    context: Context<'static>,
    variables: HashMap<String, CelValue>,
}

/// The generated policies, by kind and the end of their name.
pub(super) struct Policies(Vec<Value>);

impl Policies {
    pub(super) fn of(rules: &str) -> Self {
        Policies::with(rules, "")
    }

    fn with(rules: &str, settings: &str) -> Self {
        Policies(documents(&manifests(rules, settings)))
    }

    pub(super) fn find(&self, kind: &str, ending: &str) -> &Value {
        let mut all = self.0.iter();
        all.find(|object| {
            object["kind"] == kind && object["metadata"]["name"] == format!("p-{ending}")
        })
        .unwrap_or_else(|| panic!("no {kind} p-{ending}"))
    }
}

impl<'p> Evaluated<'p> {
    /// Evaluates the variables in order; one that fails fails who asks for it, since an API server
    /// evaluates each when it is asked for.
    pub(super) fn new(policy: &'p Value, request: &Value, object: &Value, old: &Value) -> Self {
        let mut evaluated = Evaluated {
            policy,
            context: Context::default().with_all(),
            variables: HashMap::new(),
        };
        for (name, value) in [("request", request), ("object", object), ("oldObject", old)] {
            evaluated
                .context
                .add_variable(name, value.clone())
                .expect("a value");
        }
        for variable in policy["spec"]["variables"].as_array().expect("variables") {
            let name = variable["name"].as_str().expect("a name");
            if let Ok(value) = evaluated.value(variable["expression"].as_str().expect("text")) {
                evaluated.variables.insert(name.to_owned(), value);
            }
        }
        evaluated
    }

    fn value(&self, expression: &str) -> Result<CelValue, String> {
        let program = PROGRAMS.with_borrow_mut(|programs| {
            let compiled = programs.entry(expression.to_owned()).or_insert_with(|| {
                let program = Program::compile(expression);
                Rc::new(program.unwrap_or_else(|error| panic!("{expression}\n{error:?}")))
            });
            Rc::clone(compiled)
        });
        let mut context = self.context.new_inner_scope();
        context.add_variable_from_value("variables", self.variables.clone());
        program
            .execute(&context)
            .map_err(|error| format!("{error:?}"))
    }

    /// A variable as JSON.
    fn variable(&self, name: &str) -> Value {
        let value = self.variables.get(name);
        let value = value.unwrap_or_else(|| panic!("{name} could not be evaluated"));
        as_json(value)
    }

    /// The messages of the validations that do not hold.
    #[track_caller]
    pub(super) fn refusals(&self) -> Vec<String> {
        let validations = self.policy["spec"]["validations"].as_array();
        let mut refusals = Vec::new();
        for validation in validations.expect("validations") {
            let expression = validation["expression"].as_str().expect("text");
            match self.value(expression) {
                Ok(CelValue::Bool(true)) => {}
                Ok(CelValue::Bool(false)) => {
                    refusals.push(validation["message"].as_str().expect("text").to_owned());
                }
                other => panic!("{expression}\n{other:?}"),
            }
        }
        refusals
    }
}

fn as_json(value: &CelValue) -> Value {
    match value {
        CelValue::String(text) => json!(text.as_str()),
        CelValue::Bool(truth) => json!(truth),
        CelValue::List(items) => items.iter().map(as_json).collect(),
        CelValue::Map(map) => {
            let pairs = map.map.iter();
            let pairs = pairs.map(|(key, value)| (key.to_string(), as_json(value)));
            Value::Object(pairs.collect())
        }
        other => panic!("{other:?}"),
    }
}

/// A request to make an object, or to change `old` into it.
fn request(object: &Value, old: &Value) -> Value {
    let operation = if old.is_null() { "CREATE" } else { "UPDATE" };
    json!({
        "operation": operation, "namespace": object["metadata"]["namespace"],
        "userInfo": {"username": "somebody"},
    })
}

pub(super) fn refusals(
    policies: &Policies,
    ending: &str,
    object: &Value,
    old: &Value,
) -> Vec<String> {
    let policy = policies.find("ValidatingAdmissionPolicy", ending);
    Evaluated::new(policy, &request(object, old), object, old).refusals()
}

/// What the function makes of an object; `None` where it changes nothing.
pub(super) fn restored(rules: &str, object: &Value) -> Option<Value> {
    let config = format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: r}}\nspec:{rules}"
    );
    let input = serde_yaml::to_string(object).expect("YAML");
    let outcome = function::run(&Request {
        input: &input,
        config: Some(&config),
        today: Date::parse("2026-01-01").expect("a day"),
    });
    let outcome = outcome.unwrap_or_else(|error| panic!("{error}: {:?}", error.fault()));
    let output = outcome.output(&input);
    let output: Value = serde_yaml::from_str(&output).expect("YAML");
    (!outcome.edits.is_empty()).then_some(output)
}

/// A pod with what the mutation makes of it.
fn mutated(policies: &Policies, pod: &Value) -> Value {
    let policy = policies.find("MutatingAdmissionPolicy", "pods");
    let evaluated = Evaluated::new(policy, &request(pod, &Value::Null), pod, &Value::Null);
    let mut pod = pod.clone();
    let changed = evaluated.variable("changed");
    for list in ["initContainers", "containers"] {
        let containers = pod["spec"].get_mut(list);
        let containers = containers.and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten() {
            let mut changed = changed.as_array().expect("a list").iter();
            if let Some(found) = changed.find(|found| found["name"] == container["name"]) {
                container["image"] = found["image"].clone();
                if found["policy"] != "" {
                    container["imagePullPolicy"] = found["policy"].clone();
                }
            }
        }
    }
    let missing = evaluated.variable("missing");
    for name in missing.as_array().expect("a list") {
        let secrets = &mut pod["spec"]["imagePullSecrets"];
        if secrets.is_null() {
            *secrets = json!([]);
        }
        let secrets = secrets.as_array_mut().expect("a list");
        secrets.push(json!({"name": name}));
    }
    pod
}

pub(super) fn pod(
    name: &str,
    namespace: &str,
    containers: &[(&str, &str, &str)],
    secrets: &[&str],
) -> Value {
    let container = |(name, image, policy): &(&str, &str, &str)| {
        let mut container = json!({"name": name, "image": image});
        if !policy.is_empty() {
            container["imagePullPolicy"] = json!(policy);
        }
        container
    };
    let (init, main) = containers.split_at(containers.len() / 2);
    let mut spec = json!({"containers": main.iter().map(container).collect::<Vec<Value>>()});
    if !init.is_empty() {
        spec["initContainers"] = init.iter().map(container).collect();
    }
    if !secrets.is_empty() {
        let secrets = secrets.iter().map(|name| json!({"name": name}));
        spec["imagePullSecrets"] = secrets.collect();
    }
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace}, "spec": spec,
    })
}

/// The same pod as another kind's template.
fn workload(pod: &Value, api_version: &str, kind: &str) -> Value {
    let template = json!({"metadata": {}, "spec": pod["spec"]});
    if kind == "PodTemplate" {
        return json!({"apiVersion": api_version, "kind": kind, "metadata": pod["metadata"], "template": template});
    }
    let spec = match kind {
        "CronJob" => json!({"jobTemplate": {"spec": {"template": template}}}),
        _ => json!({"template": template}),
    };
    json!({"apiVersion": api_version, "kind": kind, "metadata": pod["metadata"], "spec": spec})
}

/// Holds policy and function against each other over one pod, in every place that has a policy.
pub(super) fn check_agreement(policies: &Policies, rules: &str, pod: &Value) {
    check_kinds(policies, rules, pod, KINDS);
}

/// As [`check_agreement`], with the kinds around the pod in turn, for many pods: whatever the kind, the
/// expressions are the same.
#[track_caller]
fn check_in_turn(policies: &Policies, rules: &str, pod: &Value, turn: usize) {
    check_kinds(policies, rules, pod, &KINDS[turn % KINDS.len()..][..1]);
}

/// The kinds that bring pods, each with the end of its policy's name.
const KINDS: &[(&str, &str, &str)] = &[
    ("workloads", "apps/v1", "Deployment"),
    ("workloads", "apps/v1", "DaemonSet"),
    ("workloads", "batch/v1", "Job"),
    ("cronjobs", "batch/v1", "CronJob"),
    ("pod-templates", "v1", "PodTemplate"),
];

#[track_caller]
fn check_kinds(policies: &Policies, rules: &str, pod: &Value, kinds: &[(&str, &str, &str)]) {
    let around = kinds.iter();
    let around = around.map(|(ending, version, kind)| (*ending, workload(pod, version, kind)));
    for (ending, object) in std::iter::once(("pods", pod.clone())).chain(around) {
        let refused = refusals(policies, ending, &object, &Value::Null);
        let restored = restored(rules, &object);
        assert_eq!(
            !refused.is_empty(),
            restored.is_some(),
            "{object:#}\nrefused: {refused:?}\nrestored: {restored:#?}"
        );
        if let Some(restored) = &restored {
            let refused = refusals(policies, ending, restored, &Value::Null);
            assert!(refused.is_empty(), "{restored:#}\n{refused:?}");
        }
        // An update that leaves images alone passes, however wrong they are.
        let mut labelled = object.clone();
        labelled["metadata"]["labels"] = json!({"team": "platform"});
        assert_eq!(
            refusals(policies, ending, &labelled, &object),
            Vec::<String>::new()
        );
    }
    let mutated = mutated(policies, pod);
    assert_eq!(restored(rules, &mutated), None, "{pod:#}\n{mutated:#}");
    let by_function = restored(rules, pod).unwrap_or_else(|| pod.clone());
    let sorted = |pod: &Value| {
        let mut pod = pod.clone();
        let secrets = pod["spec"].get_mut("imagePullSecrets");
        if let Some(secrets) = secrets.and_then(Value::as_array_mut) {
            secrets.sort_by_key(ToString::to_string);
        }
        pod
    };
    assert_eq!(sorted(&mutated), sorted(&by_function), "{pod:#}");
}

/// Images as they are met, right and wrong, of every agent and of nobody.
pub(super) const IMAGES: &[&str] = &[
    "realtheory/theory-k8s-collector",
    "docker.io/realtheory/theory-k8s-collector:latest",
    "index.docker.io/realtheory/theory-k8s-collector",
    "registry.example.com/hub/realtheory/theory-k8s-collector",
    "registry.example.com/hub/realtheory/theory-k8s-collector:latest",
    "registry.example.com/hub/realtheory/theory-k8s-collector:v1.3",
    "registry.example.com/hub/realtheory/theory-k8s-collector:latest@DIGEST",
    "registry.example.com/hub/realtheory/theory-k8s-collector@DIGEST",
    "registry.example.com.evil.example/hub/realtheory/theory-k8s-collector",
    "elsewhere.example:5000/cache/realtheory/theory-k8s-collector:v1",
    "notrealtheory/theory-k8s-collector",
    "ghcr.io/realtheory/theory-k8s-collector",
    "ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent:1.2.3",
    "registry.example.com/ghcr/cloudzero/cloudzero-agent/cloudzero-agent:1.2.3@DIGEST",
    "quay.io/prometheus/prometheus:v2",
    "ghcr.io/acme/pinned:v1",
    "quay.io/acme/pinned:v2@DIGEST",
    "quay.io/acme/pinned",
    "registry.example.com/ghcr/realtheory/theory-k8s-collector",
    "deep.example.com:5000/acme/acme/numbered:v1",
    "registry.example.com/ghcr/acme/pinned:v2@DIGEST",
    "registry.example.com/ghcr/acme/pinned:v2",
    "registry.example.com/ghcr/acme/pinned@DIGEST",
    "mirror.example/acme/pinned:v2",
    "mirror.example/quay.io/acme/pinned:v2",
    "mirror.example/cache/ghcr.io/acme/pinned:v2@DIGEST",
    "mirror.example/xquay.io/acme/pinned:v2@DIGEST",
    "registry.example.com/hub/quay.io/acme/pinned:v2@DIGEST",
    "example.com/acme/families",
    "example.com/acme/families@DIGEST",
    "example.com/acme/families:4@DIGEST",
    "example.com/acme/families:v3.1-rc1",
    "example.com/acme/families:2.9",
    "example.com/acme/families:5.0@DIGEST",
    "example.com/acme/families:ubi10-4.0.2@DIGEST",
    "example.com/acme/families:ubi10-5",
    "example.com/acme/families:ubi10-3.1",
    "ghcr.io/acme/pinned:v1-fips",
    "ghcr.io/acme/pinned:v1.2",
    "ghcr.io/acme/pinned",
    "example.com/acme/families:ubi9-4",
    "example.com/acme/families:7.60.0-jmx",
    "example.com/acme/families:jmx",
    "example.com/acme/families:arm64-4.1_7",
    "example.com/acme/families:0a1b2c3d",
    "private.example/acme/families:ubi10-4.1",
    "example.com/acme/families:4.1.0.fips",
    "example.com/acme/families:1.2.3.ubi8",
    "example.com/acme/families:4.0.2.rc1-4_7",
    "example.com/acme/families:latest",
    "example.com/acme/families:main-4.1",
    "example.com/acme/families:arm64-3.1",
    "example.com/acme/families:arm64-v5.1",
    "example.com/acme/families:ubi10-latest",
    "example.com/acme/families:4-jmx-jmx",
    "example.com/acme/families:1..2",
    "example.com/acme/families:04",
    "example.com/acme/numbered:edge",
    "example.com/acme/numbered:4.x",
    "registry.example.com/hub/realtheory/theory-k8s-collector:1.3.ubi8",
    "example.com/acme/numbered:v1",
    "example.com/acme/numbered:v2.1",
    "example.com/acme/numbered:v0.9",
    "example.com/acme/numbered:v10-alpine@DIGEST",
    "example.com/acme/numbered",
    "private.example/acme/numbered:v1",
    "solo",
    "docker.io/library/solo:1",
    "registry.example.com/hub/library/solo",
    "other.example/solo:1",
    "ghcr.io/anybody/tool:1",
    "registry.example.com/ghcr/anybody/tool:1",
    "registry.example.com/ghcrx/anybody/tool:1",
    "ghcr.io/acme/deep/tool:1",
    "registry.example.com/ghcr/acme/deep/tool:1",
    "deep.example.com:5000/acme/tool:1",
    "ghcr.io/acme/deeper/tool:1",
    "ghcr.io/acme/exempt/tool:1@DIGEST",
    "ghcr.io/acme/exempt",
    "busybox",
    "auto",
    "$(IMAGE)",
    "ko://ghcr.io/x",
    "GHCR.io/anybody/tool",
    "ghcr.io:443/anybody/tool:1",
    "Registry.Example.com/ghcr/anybody/tool:1",
    "registry.example.com:443/hub/realtheory/theory-k8s-collector",
    "QUAY.io:443/acme/pinned:v1",
    "DOCKER.io/realtheory/theory-k8s-collector:v1",
    "mirror.example:443/quay.io/acme/pinned:v2",
    "registry.example.com/hub/busybox:1.36",
];

const NAMES: &[&str] = &[
    "app",
    "sidecar",
    "realtheorycollector",
    "numbered-1",
    "init",
];
const WORKLOADS: &[&str] = &[
    "app",
    "realtheorycollector",
    "held-1",
    "numbered-x",
    "nightly",
];
const NAMESPACES: &[&str] = &["default", "cz", "lab"];
const PULLS: &[&str] = &["", "Always", "IfNotPresent", "Never"];

#[test]
fn one_container_of_each_image() {
    with_room(|| {
        let policies = Policies::of(RULES);
        for (index, image) in IMAGES.iter().enumerate() {
            let image = image.replace("DIGEST", DIGEST);
            for (turn, policy) in ["", "Always"].into_iter().enumerate() {
                let secrets: &[&str] = match (index + turn) % 2 {
                    0 => &[],
                    _ => &["regcred", "ghcr", "acme"],
                };
                let pod = pod("app", "default", &[("app", &image, policy)], secrets);
                check_in_turn(&policies, RULES, &pod, 2 * index + turn);
            }
        }
    });
}

#[test]
fn pods_of_any_images() {
    let container = (
        proptest::sample::select(IMAGES),
        proptest::sample::select(PULLS),
    );
    let pods = (
        proptest::sample::select(WORKLOADS),
        proptest::sample::select(NAMESPACES),
        proptest::collection::vec(container, 1..5),
        proptest::sample::subsequence(vec!["regcred", "ghcr", "acme", "own"], 0..=4),
        any::<bool>(),
    );
    with_room(move || {
        let excepted = format!("{RULES}{}", EXCEPTIONS.trim_start_matches('\n'));
        let plain = (RULES.to_owned(), Policies::of(RULES));
        let excepted = (excepted.clone(), Policies::of(&excepted));
        let config = ProptestConfig {
            failure_persistence: None,
            ..ProptestConfig::with_cases(60)
        };
        // The same pods in every run: what fails is to fail for whoever caused it.
        let algorithm = proptest::test_runner::RngAlgorithm::ChaCha;
        let rng = proptest::test_runner::TestRng::deterministic_rng(algorithm);
        let mut runner = proptest::test_runner::TestRunner::new_with_rng(config, rng);
        let turn = Cell::new(0);
        let result = runner.run(
            &pods,
            |(name, namespace, images, secrets, with_exceptions)| {
                let (rules, policies) = if with_exceptions { &excepted } else { &plain };
                let images: Vec<(&str, String, &str)> = NAMES
                    .iter()
                    .zip(&images)
                    .map(|(name, (image, policy))| {
                        (*name, image.replace("DIGEST", DIGEST), *policy)
                    })
                    .collect();
                let containers: Vec<(&str, &str, &str)> = images
                    .iter()
                    .map(|(name, image, policy)| (*name, image.as_str(), *policy))
                    .collect();
                let pod = pod(name, namespace, &containers, &secrets);
                check_in_turn(policies, rules, &pod, turn.replace(turn.get() + 1));
                Ok(())
            },
        );
        result.unwrap_or_else(|error| panic!("{error}"));
    });
}

/// Runs a test with more stack: the evaluator's parser recurses deeply where nothing is optimised.
pub(super) fn with_room(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(256 << 20);
    let thread = thread.spawn(test).expect("a thread");
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

const RIGHT: &str = "registry.example.com/hub/realtheory/theory-k8s-collector";
const WRONG: &str = "realtheory/theory-k8s-collector:v1.3";

#[test]
fn an_update_is_looked_at_where_it_changes_images() {
    with_room(|| {
        let policies = Policies::of(RULES);
        let of = |image: &str, policy: &str, secrets: &[&str]| {
            let pod = pod("a", "default", &[("c", image, policy)], secrets);
            workload(&pod, "apps/v1", "Deployment")
        };
        let right = of(RIGHT, "Always", &["regcred"]);
        let wrong = of(WRONG, "Always", &["regcred"]);
        let check = |object: &Value, old: &Value, refused: usize| {
            let found = refusals(&policies, "workloads", object, old);
            assert_eq!(found.len(), refused, "{found:?}");
        };
        check(&right, &Value::Null, 0);
        check(&wrong, &Value::Null, 1);
        check(&wrong, &right, 1);
        check(&right, &wrong, 0);
        check(&of(WRONG, "Never", &["regcred"]), &wrong, 1);
        check(&of(RIGHT, "Always", &[]), &right, 1);
        let mut scaled = wrong.clone();
        scaled["spec"]["replicas"] = json!(3);
        scaled["spec"]["template"]["metadata"]["annotations"] = json!({"restartedAt": "now"});
        check(&scaled, &wrong, 0);
    });
}

/// Nothing but images can be changed in a pod, so that an image is judged by itself.
#[test]
fn an_update_of_a_pod_is_looked_at_by_the_images_that_change() {
    with_room(|| {
        let policies = Policies::of(RULES);
        let of = |images: [&str; 2]| {
            let containers = [("c", images[0], "Never"), ("d", images[1], "Never")];
            pod("a", "default", &containers, &[])
        };
        let check = |after: [&str; 2], before: [&str; 2], refused: usize| {
            let found = refusals(&policies, "pods", &of(after), &of(before));
            assert_eq!(found.len(), refused, "{after:?} {before:?} {found:?}");
        };
        check(["busybox:2", "busybox"], ["busybox:1", "busybox"], 0);
        check([WRONG, "busybox"], ["busybox", "busybox"], 1);
        check(
            [
                "evil.example/x/realtheory/theory-k8s-collector:v1",
                "busybox",
            ],
            [RIGHT, "busybox"],
            1,
        );
        // What was wrong before stays so, and may be put right, though pull policy and secrets may not.
        check([WRONG, "busybox:2"], [WRONG, "busybox:1"], 0);
        check([RIGHT, "busybox"], [WRONG, "busybox"], 0);
        // Another container's old image is no excuse.
        check(["busybox", WRONG], [WRONG, "busybox"], 1);
        check(
            ["ghcr.io/anybody/tool:2", "busybox"],
            ["ghcr.io/anybody/tool:1", "busybox"],
            1,
        );
    });
}

#[test]
fn an_annotation_that_comes_with_the_change_is_no_way_round_where_it_is_denied() {
    with_room(|| {
        let old = pod("a", "default", &[("c", RIGHT, "Always")], &["regcred"]);
        let mut new = pod("a", "default", &[("c", WRONG, "Always")], &["regcred"]);
        new["metadata"]["annotations"] = json!({"restore-images.dev/ignore": "mine"});
        for (settings, refused) in [
            ("ignoreAnnotation: deny", 1),
            ("ignoreAnnotation: allow", 0),
            ("", 0),
        ] {
            let policies = Policies::with(RULES, settings);
            let found = refusals(&policies, "pods", &new, &old);
            assert_eq!(found.len(), refused, "{settings} {found:?}");
        }
        let denied = Policies::with(RULES, "ignoreAnnotation: deny");
        assert_ne!(mutated(&denied, &new), new);
    });
}

#[test]
fn image_volumes_are_looked_at_as_the_function_does() {
    with_room(|| {
        let policies = Policies::of(RULES);
        for (image, policy) in [
            (WRONG, "Always"),
            (RIGHT, "Always"),
            (RIGHT, "Never"),
            ("ghcr.io/anybody/data:1", ""),
            ("registry.example.com/ghcr/anybody/data:1", ""),
            ("busybox", ""),
        ] {
            let mut object = pod(
                "a",
                "default",
                &[("c", "busybox", "")],
                &["regcred", "ghcr"],
            );
            let mut volume = json!({"reference": image});
            if !policy.is_empty() {
                volume["pullPolicy"] = json!(policy);
            }
            object["spec"]["volumes"] =
                json!([{"name": "tmp", "emptyDir": {}}, {"name": "c", "image": volume}]);
            for (ending, object) in [
                ("pods", object.clone()),
                ("workloads", workload(&object, "apps/v1", "Deployment")),
                ("pod-templates", workload(&object, "v1", "PodTemplate")),
            ] {
                let refused = refusals(&policies, ending, &object, &Value::Null);
                let restored = restored(RULES, &object);
                assert_eq!(
                    !refused.is_empty(),
                    restored.is_some(),
                    "{object:#} {refused:?}"
                );
            }
        }
    });
}

#[test]
fn ephemeral_containers_are_looked_at_one_by_one() {
    with_room(|| {
        let policies = Policies::of(RULES);
        let with = |images: &[&str]| {
            let containers = images.iter().enumerate().map(|(index, image)| {
            json!({"name": format!("debug-{index}"), "image": image, "imagePullPolicy": "Always"})
        });
            let mut pod = pod("a", "default", &[("c", WRONG, "Never")], &[]);
            pod["spec"]["ephemeralContainers"] = containers.collect();
            pod
        };
        let check = |before: &[&str], after: &[&str], refused: usize| {
            let found = refusals(
                &policies,
                "ephemeral-containers",
                &with(after),
                &with(before),
            );
            assert_eq!(found.len(), refused, "{before:?} {after:?} {found:?}");
        };
        check(&[], &["busybox"], 0);
        check(&[], &[WRONG], 1);
        check(&[WRONG], &[WRONG, "busybox"], 0);
        check(&["busybox"], &["busybox", "ghcr.io/anybody/tool"], 1);
        check(&[], &[RIGHT], 0);
    });
}

#[test]
fn an_exception_holds_for_what_its_workload_makes() {
    with_room(|| {
        let rules = format!("{RULES}{}", EXCEPTIONS.trim_start_matches('\n'));
        let policies = Policies::of(&rules);
        let image = format!("{RIGHT}:v1.3");
        let check = |ending: &str, name: &str, owner: (&str, &str), user: &str, refused: bool| {
            let mut object = pod(name, "default", &[("c", &image, "Never")], &["regcred"]);
            if ending == "workloads" {
                object = workload(&object, "apps/v1", "ReplicaSet");
            }
            let (kind, name) = owner;
            if !kind.is_empty() {
                let owner =
                    json!({"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": "1"});
                object["metadata"]["ownerReferences"] = json!([owner]);
            }
            let mut request = request(&object, &Value::Null);
            request["userInfo"]["username"] = json!(user);
            let policy = policies.find("ValidatingAdmissionPolicy", ending);
            let found = Evaluated::new(policy, &request, &object, &Value::Null).refusals();
            assert_eq!(!found.is_empty(), refused, "{object:#} {found:?}");
        };
        let replicas = "system:serviceaccount:kube-system:replicaset-controller";
        let deployments = "system:serviceaccount:kube-system:deployment-controller";
        let held = ("ReplicaSet", "held-1-5d9f");
        check("pods", "held-1-5d9f-x", ("", ""), replicas, true);
        check("pods", "held-1-5d9f-x", held, replicas, false);
        let free = ("ReplicaSet", "free-5d9f");
        check("pods", "free-5d9f-x", free, replicas, true);
        let manager = "system:kube-controller-manager";
        check("pods", "held-1-5d9f-x", held, manager, false);
        let owner = ("Deployment", "held-1");
        check("workloads", "held-1-5d9f", owner, deployments, false);
        let other = ("StatefulSet", "held-1");
        check("workloads", "held-1-5d9f", other, deployments, true);
        // Anybody may write an owner into a pod.
        for user in ["somebody", "system:serviceaccount:default:tenant"] {
            check("pods", "held-1-5d9f-x", held, user, true);
            check("workloads", "held-1-5d9f", owner, user, true);
        }
    });
}

#[test]
fn an_image_is_not_brought_into_a_pod_whose_pull_policy_would_be_wrong() {
    with_room(|| {
        let policies = Policies::of(RULES);
        let with =
            |image: &str, policy: &str| pod("a", "default", &[("c", image, policy)], &["regcred"]);
        let refused = |old: &Value, new: &Value| !refusals(&policies, "pods", new, old).is_empty();
        let other = with("busybox", "IfNotPresent");
        assert!(refused(&other, &with(RIGHT, "IfNotPresent")));
        let other = with("busybox", "Always");
        assert!(!refused(&other, &with(RIGHT, "Always")));
        // What was wrong before and is left alone passes.
        let old = with(RIGHT, "IfNotPresent");
        let mut labelled = old.clone();
        labelled["metadata"]["labels"] = json!({"team": "platform"});
        assert!(!refused(&old, &labelled));
    });
}

#[test]
fn a_reason_keeps_an_object_as_it_is() {
    with_room(|| {
        let policies = Policies::of(RULES);
        let mut object = pod("a", "default", &[("c", WRONG, "Never")], &[]);
        for (annotation, refused) in [
            ("", true),
            ("  ", true),
            (" True ", true),
            ("off", true),
            ("on hold", false),
            ("tested by hand", false),
        ] {
            object["metadata"]["annotations"] = json!({"restore-images.dev/ignore": annotation});
            let found = refusals(&policies, "pods", &object, &Value::Null);
            assert_eq!(!found.is_empty(), refused, "{annotation:?} {found:?}");
            assert_eq!(mutated(&policies, &object) != object, refused);
        }
    });
}

#[test]
fn a_reason_keeps_nothing_where_annotations_are_not_trusted() {
    with_room(|| {
        let policies = Policies::of(&format!("{RULES}  trust: {{ignoreAnnotation: deny}}\n"));
        let mut object = pod("a", "default", &[("c", WRONG, "Never")], &[]);
        object["metadata"]["annotations"] = json!({"restore-images.dev/ignore": "mine"});
        let found = refusals(&policies, "pods", &object, &Value::Null);
        assert!(!found.is_empty());
        assert_ne!(mutated(&policies, &object), object);
    });
}

/// A few agents at a time, since an API server takes no policy for all of them.
#[test]
fn every_builtin_agent_makes_a_policy_that_evaluates() {
    with_room(|| {
        let names = built_in_agents();
        for some in names.chunks(5) {
            let agents = format!("\n  agents: [{}]\n", some.join(", "));
            let policies = Policies::of(&agents);
            let object = pod(
                "a",
                "default",
                &[("c", WRONG, "Never"), ("d", "busybox", "")],
                &[],
            );
            check_agreement(&policies, &format!("{agents}  mode: restore\n"), &object);
        }
    });
}
