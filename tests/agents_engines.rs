//! Real engines: kpt and kustomize run the program on the examples of CloudZero and Octopus.

use std::fs;
use std::path::Path;

use crate::support::{Run, assert_text_eq, copy_of, engine, files, tool};

/// The CloudZero Agent's images, from the vendor's registries to the mirror of the example.
const CLOUDZERO: &[(&str, &str)] = &[
    (
        "ghcr.io/cloudzero/cloudzero-agent/cloudzero-agent",
        "example.com/cloudzero-agent/cloudzero-agent",
    ),
    ("docker.io/grafana/alloy", "example.com/grafana/alloy"),
    (
        "quay.io/prometheus/prometheus",
        "example.com/prometheus/prometheus",
    ),
    (
        "quay.io/prometheus-operator/prometheus-config-reloader",
        "example.com/prometheus-operator/prometheus-config-reloader",
    ),
    (
        "registry.k8s.io/kube-state-metrics/kube-state-metrics",
        "example.com/kube-state-metrics/kube-state-metrics",
    ),
];

const SECRETS: &str = "      imagePullSecrets:\n      - name: my-private-registry-secret\n";

/// What an applied Job cannot take.
const JOB: &str = "warning: Job cloudzero/cz-agent-backfill-5f0c2b7e91: an applied Job cannot be updated in place: delete it, or give it another name, before the edited one is applied [immutable-workload]";

const KPT: &[&str] = &["fn", "render", "--allow-exec", "--truncate-output=false"];

#[track_caller]
fn passed(run: &Run) -> String {
    assert_eq!(run.code, 0, "{}", run.stderr);
    String::from_utf8(run.stdout.clone()).expect("UTF-8")
}

fn build(kustomize: &Path, folder: &Path, example: &str) -> Run {
    let args = ["build", "--enable-alpha-plugins", "--enable-exec", example];
    engine(kustomize, folder, &args, &[])
}

fn read(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).expect("a file")
}

/// Writes a file anew; the edit must change something.
#[track_caller]
fn rewrite(folder: &Path, file: &str, edit: impl Fn(&str) -> String) {
    let text = read(folder, file);
    let new = edit(&text);
    assert_ne!(new, text, "{file}");
    fs::write(folder.join(file), new).expect("written");
}

/// The manifests with other names for the images that run; a ConfigMap's text stays.
fn renamed(text: &str, names: &[(&str, &str)]) -> String {
    let documents = text.split("---\n").map(|document| {
        let mut document = document.to_owned();
        if !document.contains("kind: ConfigMap\n") {
            for (old, new) in names {
                document = document.replace(&format!("{old}:"), &format!("{new}:"));
            }
        }
        document
    });
    documents.collect::<Vec<_>>().join("---\n")
}

/// The manifests with the pull secret in every pod, before the first of the keys that a pod has,
/// or at its end.
fn with_secrets(text: &str, before: &[&str]) -> String {
    let documents = text.split("---\n").map(|document| {
        if !document.contains("      containers:\n") {
            return document.to_owned();
        }
        let places = before.iter().filter_map(|key| document.find(key));
        let at = places.min().unwrap_or(document.len());
        format!("{}{SECRETS}{}", &document[..at], &document[at..])
    });
    documents.collect::<Vec<_>>().join("---\n")
}

/// The keys behind `imagePullSecrets` in kustomize's order.
const BEHIND: &[&str] = &[
    "      initContainers:\n",
    "      restartPolicy: ",
    "      serviceAccountName: ",
];

/// The example's configuration with other rules, and without pull secrets.
fn rules(text: &str, names: &[(&str, &str)]) -> String {
    let (before, _) = text.split_once("  registries:\n").expect("the rules");
    let rule =
        |(source, mirror): &(&str, &str)| format!("  - source: {source}\n    mirror: {mirror}\n");
    let rules: String = names.iter().map(rule).collect();
    if rules.is_empty() {
        before.to_owned()
    } else {
        format!("{before}  registries:\n{rules}")
    }
}

#[test]
fn both_variants_of_an_example_hold_the_same_manifests() {
    for (example, file) in [("cloudzero", "agent.yaml"), ("octopus", "tentacle.yaml")] {
        let folder = copy_of(&format!("examples/{example}"));
        let of = |variant: &str| read(folder.path(), &format!("{variant}/{file}"));
        assert_text_eq(&of("kpt"), &of("base"));
        let (_, kpt) = split_spec(&read(folder.path(), "kpt/restore-images.yaml"));
        let (_, kustomize) = split_spec(&read(folder.path(), "kustomize/restore-images.yaml"));
        assert_text_eq(&kpt, &kustomize);
    }
}

fn split_spec(text: &str) -> (String, String) {
    let (before, spec) = text.split_once("spec:\n").expect("a spec");
    (before.to_owned(), spec.to_owned())
}

#[test]
fn kustomize_takes_cloudzero_to_a_private_registry_and_back() {
    let Some(kustomize) = tool("kustomize") else {
        return;
    };
    let folder = copy_of("examples/cloudzero");
    let base = passed(&build(&kustomize, folder.path(), "base"));
    let run = build(&kustomize, folder.path(), "kustomize");
    let mapped = passed(&run);
    // Nine images of five pods, and a ConfigMap that only mentions some: nothing else differs.
    assert_text_eq(&mapped, &with_secrets(&renamed(&base, CLOUDZERO), BEHIND));
    assert_eq!(mapped.matches("example.com/").count(), 9, "{mapped}");
    assert_eq!(mapped.matches("imagePullSecrets:").count(), 5, "{mapped}");
    assert_eq!(
        run.stderr.lines().collect::<Vec<_>>(),
        [JOB],
        "{}",
        run.stderr
    );
    // A second run has nothing left to do, not even a warning.
    fs::write(folder.path().join("base/agent.yaml"), &mapped).expect("written");
    let again = build(&kustomize, folder.path(), "kustomize");
    assert_text_eq(&passed(&again), &mapped);
    assert_text_eq(&again.stderr, "");
    // Without the rules, what kustomize builds is what it builds without the function.
    let folder = copy_of("examples/cloudzero");
    rewrite(folder.path(), "kustomize/restore-images.yaml", |text| {
        rules(text, &[])
    });
    let back = build(&kustomize, folder.path(), "kustomize");
    assert_text_eq(&passed(&back), &base);
    assert_text_eq(&back.stderr, "");
}

#[test]
fn kpt_takes_cloudzero_to_a_private_registry() {
    let Some(kpt) = tool("kpt") else { return };
    let package = copy_of("examples/cloudzero/kpt");
    let before = files(package.path());
    let run = engine(&kpt, package.path(), KPT, &[]);
    passed(&run);
    let after = files(package.path());
    let agent = Path::new("agent.yaml");
    let expected = with_secrets(&renamed(&before[agent], CLOUDZERO), &[]);
    for (name, text) in &after {
        let text_before = &before[name];
        assert_text_eq(
            text,
            if name == agent {
                &expected
            } else {
                text_before
            },
        );
    }
    assert_eq!(before.len(), after.len());
    let job = JOB.replacen("warning: ", "agent.yaml: warning: ", 1);
    assert!(run.stderr.contains(&job), "{}", run.stderr);
    let warned = "[warning] batch/v1/Job/cloudzero/cz-agent-backfill-5f0c2b7e91";
    assert_eq!(run.stderr.matches(warned).count(), 1, "{}", run.stderr);
    assert_eq!(run.stderr.matches("[info]").count(), 14, "{}", run.stderr);
    // A second render changes nothing and has nothing to say.
    let run = engine(&kpt, package.path(), KPT, &[]);
    passed(&run);
    assert!(!run.stderr.contains("Results:"), "{}", run.stderr);
    assert_eq!(files(package.path()), after);
}

/// Without the rules every byte comes back, from the shorter paths of the vendor's own example and
/// from whole ones, but for pull secrets: none is ever taken away.
#[test]
fn kpt_takes_cloudzero_back_when_the_rules_are_taken_out() {
    let Some(kpt) = tool("kpt") else { return };
    let mut whole = CLOUDZERO.to_vec();
    whole[0].1 = "example.com/cloudzero/cloudzero-agent/cloudzero-agent";
    for names in [CLOUDZERO, &whole] {
        for secrets in ["", "  imagePullSecrets: [my-private-registry-secret]\n"] {
            let package = copy_of("examples/cloudzero/kpt");
            let before = read(package.path(), "agent.yaml");
            let config = read(package.path(), "restore-images.yaml");
            let render = |rules: String| {
                fs::write(package.path().join("restore-images.yaml"), rules).expect("written");
                passed(&engine(&kpt, package.path(), KPT, &[]));
                read(package.path(), "agent.yaml")
            };
            let kept = |text: &str| match secrets {
                "" => text.to_owned(),
                _ => with_secrets(text, &[]),
            };
            let mapped = render(rules(&config, names) + secrets);
            assert_text_eq(&mapped, &kept(&renamed(&before, names)));
            for _ in 0..2 {
                assert_text_eq(&render(rules(&config, &[])), &kept(&before));
            }
        }
    }
}

/// What becomes of the Octopus agent's manifests.
const OCTOPUS: &[(&str, &str)] = &[
    ("registry.example.com/octopusdeploy/", "octopusdeploy/"),
    ("value: \"1.35\"", "value: \"1.35-q7ZxB2\""),
];

fn replaced(text: &str, pairs: &[(&str, &str)]) -> String {
    let replace = |text: String, (old, new): &(&str, &str)| text.replace(old, new);
    pairs.iter().fold(text.to_owned(), replace)
}

#[test]
fn kustomize_gives_octopus_script_pods_the_newest_revision() {
    let Some(kustomize) = tool("kustomize") else {
        return;
    };
    let folder = copy_of("examples/octopus");
    let base = passed(&build(&kustomize, folder.path(), "base"));
    let run = build(&kustomize, folder.path(), "kustomize");
    let built = passed(&run);
    // kustomize takes the quotes away where the value needs none.
    let expected = replaced(&base, OCTOPUS).replace("\"1.35-q7ZxB2\"", "1.35-q7ZxB2");
    assert_text_eq(&built, &expected);
    assert_text_eq(&run.stderr, "");
    fs::write(folder.path().join("base/tentacle.yaml"), &built).expect("written");
    assert_text_eq(
        &passed(&build(&kustomize, folder.path(), "kustomize")),
        &built,
    );
}

#[test]
fn the_versions_documents_hash_suffix_is_kustomizes_own() {
    let Some(kustomize) = tool("kustomize") else {
        return;
    };
    let folder = copy_of("examples/octopus");
    // The ConfigMap is built, too, where it is no local configuration.
    rewrite(folder.path(), "kustomize/kustomization.yaml", |text| {
        text.replace("config.kubernetes.io/local-config: \"true\"", "team: ops")
    });
    let build_it = || passed(&build(&kustomize, folder.path(), "kustomize"));
    for (hash, version, tag) in [
        ("q7ZxB2", "1.35", "1.35-q7ZxB2"),
        ("Ab3dE9", "1.35", "1.35-Ab3dE9"),
        ("Ab3dE9", "1.34", "1.34-Ab3dE9"),
        (
            "Ab3dE9",
            "1.33",
            "1.33@sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
        ),
    ] {
        let file = folder.path().join("kustomize/versions.json");
        let text = fs::read_to_string(&file).expect("a file");
        fs::write(&file, text.replace("q7ZxB2", hash)).expect("written");
        let file = folder.path().join("kustomize/restore-images.yaml");
        let text = fs::read_to_string(&file).expect("a file");
        let text: String = text
            .lines()
            .map(|line| match line.split_once("kubernetesVersion: ") {
                Some((before, _)) => format!("{before}kubernetesVersion: \"{version}\"\n"),
                None => format!("{line}\n"),
            })
            .collect();
        fs::write(&file, text).expect("written");
        let output = build_it();
        let line = format!("SCRIPTPODIMAGETAG\n          value: {tag}\n");
        assert!(output.contains(&line), "{line} is not in\n{output}");
        assert!(output.contains("  name: kubernetes-agent-versions-"));
    }
}

#[test]
fn kpt_gives_octopus_script_pods_the_newest_revision() {
    let Some(kpt) = tool("kpt") else { return };
    let package = copy_of("examples/octopus/kpt");
    let mut expected = files(package.path());
    let tentacle = expected
        .get_mut(Path::new("tentacle.yaml"))
        .expect("the agent");
    *tentacle = replaced(tentacle, OCTOPUS);
    let run = engine(&kpt, package.path(), KPT, &[]);
    passed(&run);
    let stale = "the tag should be 1.35-q7ZxB2, since the versions document has kubectl 1.35.2: registry.example.com/octopusdeploy/kubernetes-agent-tools-base:1.35 → octopusdeploy/kubernetes-agent-tools-base:1.35-q7ZxB2\n";
    assert!(run.stderr.contains(stale), "{}", run.stderr);
    for (name, text) in files(package.path()) {
        assert_text_eq(&text, &expected[&name]);
    }
    let run = engine(&kpt, package.path(), KPT, &[]);
    passed(&run);
    assert!(!run.stderr.contains("Results:"), "{}", run.stderr);
    assert_eq!(files(package.path()), expected);
    // What Tentacle decides at run time is left to it.
    for image in ["''", "\"\""] {
        let package = copy_of("examples/octopus/kpt");
        rewrite(package.path(), "tentacle.yaml", |text| {
            text.replace(
                "registry.example.com/octopusdeploy/kubernetes-agent-tools-base",
                image,
            )
        });
        let text = read(package.path(), "tentacle.yaml");
        passed(&engine(&kpt, package.path(), KPT, &[]));
        assert_text_eq(
            &read(package.path(), "tentacle.yaml"),
            &replaced(&text, &OCTOPUS[..1]),
        );
    }
}
