//! GenerateImages that cannot be followed: the key, the place, what is wrong, and the remedy.

use restore_images::config::Date;
use restore_images::error::Error;
use restore_images::function;
use restore_images::restore::Request;
use restore_images::yaml::place;
use serde_json::Value;

use super::config;
use crate::support::{run, schemas};

#[track_caller]
fn fault(config: &str, input: &str) -> String {
    let request = Request {
        input,
        config: Some(config),
        today: Date::parse("2026-01-01").expect("a day"),
    };
    let Err(error) = function::run(&request) else {
        panic!("no fault in\n{config}");
    };
    let (fault, text) = (
        error.fault(),
        match error {
            Error::Config(_) => config,
            _ => input,
        },
    );
    let shown = format!(
        "{} {}: {}\nhelp: {}",
        fault.key,
        place::place(text, fault.at),
        fault.what,
        fault.help.as_deref().unwrap_or_default()
    );
    if text == config {
        schemas::check(config, Some(&shown));
    }
    shown
}

/// What the help lists of what the schema has: entries of `emit`, and kinds that can be restarted. So a list
/// that grows is no list to be typed here.
fn lists() -> [(&'static str, String); 2] {
    let schema = include_str!("../../function/generate.schema.json");
    let schema: Value = serde_json::from_str(schema).expect("JSON");
    let of = |name: &str| {
        let choices = schema["definitions"][name]["oneOf"].as_array();
        choices.expect("choices").clone()
    };
    let entries = of("EmitEntry").into_iter().map(|entry| {
        let keys = entry["properties"].as_object().expect("an object");
        let keys: Vec<&str> = keys.keys().map(String::as_str).collect();
        format!("`- {}: {{}}`", keys.concat())
    });
    let entries: Vec<String> = entries.collect();
    let (last, rest) = entries.split_last().expect("an entry");
    let kinds = of("kind").into_iter();
    let kinds = kinds.map(|kind| kind["const"].as_str().expect("a name").to_owned());
    let kinds: Vec<String> = kinds.collect();
    [
        ("ENTRIES", format!("{} or {last}", rest.join(", "))),
        ("KINDS", kinds.join(", ")),
    ]
}

/// Both texts, where a spec's fault is not the expected one.
fn differs(spec: &str, expected: &str) -> Option<String> {
    let found = fault(&config(spec), "");
    let expected = lists()
        .iter()
        .fold(expected.to_owned(), |text, (word, list)| {
            text.replace(word, list)
        });
    (found != expected).then(|| format!("{found}\n~~~ expected\n{expected}"))
}

#[test]
fn faults_of_the_spec() {
    let mut wrong = Vec::new();
    for (spec, expected) in [
        (
            "  agents: [realtheory-collector]\n",
            "spec 7:3: `emit` is missing\nhelp: add `emit:`",
        ),
        (
            "  emit: []\n",
            "spec.emit 7:9: nothing is to be generated\nhelp: write ENTRIES",
        ),
        (
            "  emit: [{mirorSync: {}}]\n",
            "spec.emit[0].mirorSync 7:11: unknown key `mirorSync`\nhelp: did you mean `mirrorSync`?",
        ),
        (
            "  emit: [{mirrorSync: {}, admissionPolicy: {}}]\n",
            "spec.emit[0] 7:10: an entry is a mapping of one key\nhelp: write ENTRIES",
        ),
        (
            "  emit: [{mirrorSync: {}}, {mirrorSync: {}}]\n",
            "spec.emit[1] 7:28: `mirrorSync` stands twice\nhelp: keep one of them, or use another GenerateImages object",
        ),
        (
            "  emit:\n  - mirrorSync:\n",
            "spec.emit[0].mirrorSync 8:15: expected a mapping, found nothing\nhelp: write a value, or leave the key out",
        ),
        (
            "  emit: [{mirrorSync: {schedule: 0 3 * * 7}}]\n",
            "spec.emit[0].mirrorSync.schedule 7:34: `0 3 * * 7` is no schedule: `7` is no day of the week\nhelp: write minute, hour, day of the month, month and day of the week: \"0 3 * * 0\" is Sunday at three",
        ),
        (
            "  emit: [{mirrorSync: {timeZone: Europe Paris}}]\n",
            "spec.emit[0].mirrorSync.timeZone 7:34: `Europe Paris` is no time zone\nhelp: write a name of the time zone database: `Europe/Paris`, `Etc/UTC`",
        ),
        (
            "  emit: [{mirrorSync: {tool: scopeo}}]\n",
            "spec.emit[0].mirrorSync.tool 7:30: unknown tool `scopeo`\nhelp: did you mean `skopeo`? known: skopeo, regsync, crane, flux-mirror",
        ),
        (
            "  emit: [{mirrorSync: {tool: crane, credentials: [{secret: a, registries: [a.b]}, {secret: b}]}}]\n",
            "spec.emit[0].mirrorSync.credentials[1] 7:83: crane reads one file of credentials\nhelp: put every registry into the Secret a, or use `tool: skopeo`",
        ),
        (
            "  emit: [{mirrorSync: {credentials: [{secret: a}, {secret: b}]}}]\n",
            "spec.emit[0].mirrorSync.credentials[1] 7:51: two Secrets are for the same registry\nhelp: name each registry once, and leave `registries` out once at most",
        ),
        (
            "  emit: [{mirrorSync: {insecureRegistries: [https://a.b]}}]\n",
            "spec.emit[0].mirrorSync.insecureRegistries[0] 7:45: `https://a.b` is no registry's host\nhelp: write host and port alone: `registry.example.com:5000`",
        ),
        (
            "  emit: [{mirrorSync: {proxy: {url: 'http://me:hunter2@proxy.example.com:3128'}}}]\n",
            "spec.emit[0].mirrorSync.proxy.url 7:37: this is no proxy's URL, or holds a user\nhelp: write `http://proxy.example.com:3128`",
        ),
        (
            "  emit: [{mirrorSync: {proxy: {url: 'http://proxy.example.com', except: ['a, b']}}}]\n",
            "spec.emit[0].mirrorSync.proxy.except[0] 7:74: this is not one host, domain or network\nhelp: write each as an entry of its own",
        ),
        (
            "  emit: [{mirrorSync: {caBundle: {configMap: a, key: 'a/b'}}}]\n",
            "spec.emit[0].mirrorSync.caBundle.key 7:54: a ConfigMap has no such key\nhelp: write letters, digits, `-`, `_` and `.`",
        ),
        (
            "  emit: [{mirrorSync: {tool: crane, signatures: true}}]\n",
            "spec.emit[0].mirrorSync.signatures 7:49: crane leaves signatures behind\nhelp: use `tool: regsync`",
        ),
        (
            "  emit: [{mirrorSync: {tags: [{official: 'a/b', mirror: stable}]}}]\n",
            "spec.emit[0].mirrorSync.tags[0].official 7:42: `a/b` is no tag\nhelp: write the tag alone: `latest`",
        ),
        (
            "  emit: [{mirrorSync: {tags: [{image: 'acme/a:v1', official: latest, mirror: stable}]}}]\n",
            "spec.emit[0].mirrorSync.tags[0].image 7:39: `acme/a:v1` is no image's name alone\nhelp: write it without tag and digest: `docker.io/acme/agent`",
        ),
        (
            "  emit: [{mirrorSync: {tags: [{official: a, mirror: c}, {official: b, mirror: c}]}}]\n",
            "spec.emit[0].mirrorSync.tags[1] 7:57: the mirror's tag stands twice\nhelp: name each tag of the mirror once",
        ),
        (
            "  emit: [{mirrorSync: {ttlSecondsAfterFinished: \"600\"}}]\n",
            "spec.emit[0].mirrorSync.ttlSecondsAfterFinished 7:49: expected a whole number, found the text `600`\nhelp: write digits alone, without quotes: 600",
        ),
        (
            "  emit: [{mirrorSync: {status: {}}}]\n",
            "spec.emit[0].mirrorSync.status 7:32: `image` is missing\nhelp: add `image:`",
        ),
        (
            "  emit: [{mirrorSync: {status: {image: a.b/c, maxBehind: week}}}]\n",
            "spec.emit[0].mirrorSync.status.maxBehind 7:58: `week` is no age\nhelp: write days or hours: `7d`, `12h`",
        ),
        (
            "  emit: [{mirrorSync: {credentials: [{secret: a, registries: [a.b]}, {secret: b}], status: {image: a.b/c}}}]\n",
            "spec.emit[0].mirrorSync.status 7:92: `mirror status` reads one file of credentials\nhelp: put every registry into one Secret, or leave `status` out",
        ),
        (
            "  rulesFrom: rules\n  plainHttpRegistries: [a.b]\n  emit: [{mirrorSync: {}}]\n",
            "spec.plainHttpRegistries 8:24: `rulesFrom` and `plainHttpRegistries` are both here\nhelp: write `plainHttpRegistries` in rules alone, or leave `rulesFrom` out",
        ),
        (
            "  emit: [{mirrorSync: {suspend: \"true\"}}]\n",
            "spec.emit[0].mirrorSync.suspend 7:33: expected true or false, found the text `true`\nhelp: leave the quotes or the tag out",
        ),
        (
            "  emit: [{rolloutRestart: {workloads: [{kind: deployment, name: a}]}}]\n",
            "spec.emit[0].rolloutRestart.workloads[0].kind 7:47: unknown kind `deployment`\nhelp: did you mean `Deployment`? known: KINDS",
        ),
        (
            "  targetKubernetes: 1.36\n  emit: [{admissionPolicy: {}}]\n",
            "spec.targetKubernetes 7:21: expected text, found the number 1.36\nhelp: quote it: \"1.36\"; kustomize rewrites unquoted numbers (1.10 becomes 1.1) before this function sees them",
        ),
        (
            "  targetKubernetes: \"1.29\"\n  emit: [{admissionPolicy: {}}]\n",
            "spec.emit[0].admissionPolicy 8:28: Kubernetes 1.29 has no ValidatingAdmissionPolicy of version v1\nhelp: it has been there since 1.30: leave `admissionPolicy` out",
        ),
        (
            "  emit: [{admissionPolicy: {mutate: true}}]\n",
            "spec.emit[0].admissionPolicy.mutate 7:37: a MutatingAdmissionPolicy needs Kubernetes 1.32 or newer\nhelp: write `targetKubernetes: \"1.36\"` if the cluster is, or leave `mutate` out",
        ),
        (
            "  emit: [{admissionPolicy: {action: deny}}]\n",
            "spec.emit[0].admissionPolicy.action 7:37: unknown action `deny`\nhelp: did you mean `Deny`? known: Deny, Warn, Audit",
        ),
        (
            "  rulesFrom: rules\n  agents: [realtheory-collector]\n  emit: [{mirrorSync: {}}]\n",
            "spec.agents 8:11: `rulesFrom` and `agents` are both here\nhelp: write `agents` in rules alone, or leave `rulesFrom` out",
        ),
        (
            "  rulesFrom: rules\n  emit: [{mirrorSync: {}}]\n",
            "spec.rulesFrom 7:14: no RestoreImages object among the items is named `rules`\nhelp: put it among the items, or write its rules here",
        ),
    ] {
        wrong.extend(differs(spec, expected));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn faults_of_the_name_and_namespace() {
    let config = |metadata: &str| {
        format!(
            "apiVersion: restore-images.dev/v1alpha1\nkind: GenerateImages\nmetadata: {metadata}\nspec: {{emit: [{{mirrorSync: {{}}}}]}}\n"
        )
    };
    assert_eq!(
        fault(&config("{}"), ""),
        "metadata 3:11: `name` is missing\nhelp: add `name:`"
    );
    assert_eq!(
        fault(&config(&format!("{{name: {}}}", "a".repeat(37))), ""),
        "metadata.name 3:18: the name has 37 characters, 36 are allowed\nhelp: what is generated is named after it, and a CronJob's name has at most 52"
    );
    assert_eq!(
        fault(&config("{name: a, namespace: a.b}"), ""),
        "metadata.namespace 3:32: `a.b` is no namespace\nhelp: use at most 63 lower-case letters, digits and `-`"
    );
}

#[test]
fn rules_are_found_by_name_and_their_faults_placed() {
    let rules = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: rules}\nspec: {agents: [realtheory-colector]}\n";
    let with = |name: &str| {
        config(&format!(
            "  rulesFrom: {name}\n  emit: [{{mirrorSync: {{}}}}]\n"
        ))
    };
    assert_eq!(
        fault(&with("rule"), rules),
        "spec.rulesFrom 7:14: no RestoreImages object among the items is named `rule`\nhelp: did you mean `rules`? known: rules"
    );
    let found = fault(&with("rules"), rules);
    assert!(
        found.contains("unknown agent `realtheory-colector`"),
        "{found}"
    );
    // Its place is that of the item.
    let request = Request {
        input: rules,
        config: Some(&with("rules")),
        today: Date::parse("2026-01-01").expect("a day"),
    };
    let Err(error) = function::run(&request) else {
        panic!("no fault");
    };
    assert_eq!(place::place(rules, error.fault().at).to_string(), "4:17");
    let twice = format!("{rules}---\n{}", rules.replace("-colector", "-collector"));
    let twice = twice.replacen("realtheory-colector", "cloudzero-agent", 1);
    assert_eq!(
        fault(&with("rules"), &twice),
        "spec.rulesFrom 7:14: two RestoreImages objects have this name and differ\nhelp: give one of them another name"
    );
}

/// An API server refuses larger expressions, or every request by them.
#[test]
fn a_policy_for_more_images_than_an_api_server_takes_is_refused() {
    let found = fault(&config("  emit: [{admissionPolicy: {}}]\n"), "");
    let (what, rest) = found.split_once(" have ").expect("a count");
    assert_eq!(what, " 1:1: admissionPolicy: the agents in play");
    let (count, rest) = rest.split_once(' ').expect("a count");
    assert!(
        count.parse::<usize>().is_ok_and(|count| count > 160),
        "{count}"
    );
    assert_eq!(
        rest,
        "images, and an API server takes policies for 160 at most\nhelp: name the agents that run in the cluster under `agents`"
    );
}

#[test]
fn somebody_elses_resource_is_not_replaced() {
    let config = config("  emit: [{rolloutRestart: {workloads: [{kind: Deployment, name: a}]}}]\n");
    let own = "apiVersion: batch/v1\nkind: CronJob\nmetadata:\n  name: collectors-rollout-restart\n  namespace: image-upkeep\n";
    assert_eq!(
        fault(&config, own),
        " 1:1: CronJob image-upkeep/collectors-rollout-restart is to be generated, and one that restore-images does not manage stands here\nhelp: give the GenerateImages object another name, or remove this one"
    );
    let other = format!(
        "{own}  labels: {{app.kubernetes.io/managed-by: restore-images}}\n  annotations: {{restore-images.dev/origin: GenerateImages other/collectors rolloutRestart}}\n"
    );
    assert!(fault(&config, &other).contains("was generated from another GenerateImages object"));
}

#[test]
fn a_fault_exits_with_2_and_writes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("generate.yaml");
    std::fs::write(&file, config("  emit: [{mirrorSync: {tool: rsync}}]\n")).expect("written");
    let run = run(&[file.to_str().expect("a path")], b"");
    assert_eq!((run.code, run.stdout.len()), (2, 0));
    assert!(
        run.stderr
            .contains("generate.yaml:7:30: spec.emit[0].mirrorSync.tool: unknown tool `rsync`"),
        "{}",
        run.stderr
    );
}
