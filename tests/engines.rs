//! Real engines: kpt, kustomize and kubectl run the program on the examples.

use std::fs;
use std::path::Path;

use crate::support::{Run, assert_text_eq, binary, copy_of, engine, files, tool};

const OLD: &str = "registry.example.com/vendor/realtheory/theory-k8s-collector:v1.3.11836";
const NEW: &str = "realtheory/theory-k8s-collector";

/// The example's collector as it should be.
pub(crate) fn restored(text: &str) -> String {
    text.replace(OLD, NEW)
        .replace("imagePullPolicy: IfNotPresent", "imagePullPolicy: Always")
}

pub(crate) fn edit(folder: &Path, file: &str, old: &str, new: &str) {
    let path = folder.join(file);
    let text = fs::read_to_string(&path).expect("a file");
    assert!(text.contains(old), "{file} does not hold {old}");
    fs::write(path, text.replace(old, new)).expect("written");
}

#[track_caller]
pub(crate) fn passed(run: &Run) -> String {
    assert_eq!(run.code, 0, "{}", run.stderr);
    String::from_utf8(run.stdout.clone()).expect("UTF-8")
}

const KPT: &[&str] = &["fn", "render", "--allow-exec", "--results-dir", "results"];

#[test]
fn kpt_render_restores_and_keeps_results() {
    let Some(kpt) = tool("kpt") else { return };
    let package = copy_of("examples/realtheory/kpt");
    let before = files(package.path());
    passed(&engine(&kpt, package.path(), KPT, &[]));
    let mut after = files(package.path());
    let results = after
        .remove(Path::new("results/results.yaml"))
        .expect("results");
    for (name, text) in &before {
        let expected = if name.ends_with("collector.yaml") {
            restored(text)
        } else {
            text.clone()
        };
        assert_text_eq(&after[name], &expected);
    }
    assert_eq!(before.len(), after.len());
    let image = format!(
        "        field:
          path: spec.template.spec.containers[0].image
          currentValue: {OLD}
          proposedValue: {NEW}
        file:
          path: collector.yaml
          index: 4
        tags:
          agent: realtheory-collector
          rule: "
    );
    for expected in [
        format!("{image}pinned-tag\n"),
        format!("{image}wrong-registry\n"),
        "          proposedValue: Always\n".to_owned(),
        "        severity: info\n".to_owned(),
        "          rule: wrong-pull-policy\n".to_owned(),
    ] {
        assert!(
            results.contains(&expected),
            "{expected} is not in\n{results}"
        );
    }
    // A second render changes nothing and has nothing to say.
    let run = engine(&kpt, package.path(), &KPT[..3], &[]);
    passed(&run);
    assert!(!run.stderr.contains("[info]"), "{}", run.stderr);
    let mut again = files(package.path());
    again.remove(Path::new("results/results.yaml"));
    assert_eq!(again, after);
}

#[test]
fn kpt_render_fails_in_check_mode_and_leaves_files_alone() {
    let Some(kpt) = tool("kpt") else { return };
    let package = copy_of("examples/realtheory/kpt");
    edit(
        package.path(),
        "restore-images.yaml",
        "spec:\n",
        "spec:\n  mode: check\n",
    );
    let before = files(package.path());
    let run = engine(&kpt, package.path(), KPT, &[]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let mut after = files(package.path());
    let results = after
        .remove(Path::new("results/results.yaml"))
        .expect("results");
    assert_eq!(after, before);
    assert!(results.contains("severity: error"), "{results}");
    let shown = "[error] apps/v1/Deployment/real-theory-system/realtheorycollector spec.template.spec.containers[0].image: container realtheorycollector: tag v1.3.11836 keeps the agent from upgrading itself: ";
    assert!(run.stderr.contains(shown), "{}", run.stderr);
    let verdict = "check failed: 3 errors in 1 resource: Deployment real-theory-system/realtheorycollector (pinned-tag, wrong-pull-policy, wrong-registry)";
    assert!(run.stderr.contains(verdict), "{}", run.stderr);
    // What is right passes.
    edit(
        package.path(),
        "restore-images.yaml",
        "mode: check",
        "mode: restore",
    );
    passed(&engine(&kpt, package.path(), &KPT[..3], &[]));
    edit(
        package.path(),
        "restore-images.yaml",
        "mode: restore",
        "mode: check",
    );
    passed(&engine(&kpt, package.path(), &KPT[..3], &[]));
}

#[test]
fn kpt_render_takes_a_config_map() {
    let Some(kpt) = tool("kpt") else { return };
    let package = copy_of("examples/realtheory/kpt");
    edit(
        package.path(),
        "Kptfile",
        "      configPath: restore-images.yaml\n",
        "      configMap:\n        agents: realtheory-collector\n        registries: docker.io=registry.example.com/hub\n        imagePullSecrets: hub-secret\n",
    );
    passed(&engine(&kpt, package.path(), &KPT[..3], &[]));
    let collector = fs::read_to_string(package.path().join("collector.yaml")).expect("a file");
    assert!(
        collector.contains("image: registry.example.com/hub/realtheory/theory-k8s-collector # scanned\n        imagePullPolicy: Always\n"),
        "{collector}"
    );
    assert!(
        collector.contains("      imagePullSecrets:\n      - name: hub-secret\n"),
        "{collector}"
    );
}

/// `kustomize build` of an example, whose `transformers:` or `validators:` may be taken out.
fn build(kustomize: &Path, folder: &Path, example: &str) -> Run {
    let args = ["build", "--enable-alpha-plugins", "--enable-exec", example];
    engine(kustomize, folder, &args, &[])
}

#[test]
fn kustomize_runs_it_as_a_transformer() {
    let Some(kustomize) = tool("kustomize") else {
        return;
    };
    let examples = copy_of("examples/realtheory");
    let with = passed(&build(&kustomize, examples.path(), "kustomize"));
    edit(
        examples.path(),
        "kustomize/kustomization.yaml",
        "transformers:\n- restore-images.yaml\n",
        "",
    );
    let without = passed(&build(&kustomize, examples.path(), "kustomize"));
    // Labels, annotations, the ConfigMap's hash and the reference to it are kustomize's own.
    assert!(without.contains("name: collector-settings-") && without.contains(OLD));
    assert_text_eq(&with, &restored(&without));
}

#[test]
fn kustomize_runs_it_as_a_validator() {
    let Some(kustomize) = tool("kustomize") else {
        return;
    };
    let examples = copy_of("examples/realtheory");
    let run = build(&kustomize, examples.path(), "validator");
    assert_eq!((run.code, run.stdout.len()), (1, 0));
    assert!(
        run.stderr
            .starts_with("check failed: 3 errors in 1 resource: "),
        "{}",
        run.stderr
    );
    let collector =
        fs::read_to_string(examples.path().join("base/collector.yaml")).expect("a file");
    fs::write(
        examples.path().join("base/collector.yaml"),
        restored(&collector),
    )
    .expect("written");
    let validated = passed(&build(&kustomize, examples.path(), "validator"));
    assert_text_eq(
        &validated,
        &passed(&build(&kustomize, examples.path(), "base")),
    );
}

#[test]
fn kubectl_runs_it_as_a_legacy_plugin() {
    let Some(kubectl) = tool("kubectl") else {
        return;
    };
    let examples = copy_of("examples/realtheory");
    let home = tempfile::tempdir().expect("a folder");
    let plugin = home
        .path()
        .join("kustomize/plugin/restore-images.dev/v1alpha1/restoreimages");
    fs::create_dir_all(&plugin).expect("a folder");
    fs::copy(binary(), plugin.join("RestoreImages")).expect("a copy");
    let environment = [("XDG_CONFIG_HOME", home.path())];
    let kustomize = |example: &str| {
        let args = ["kustomize", "--enable-alpha-plugins", example];
        engine(&kubectl, examples.path(), &args, &environment)
    };
    assert_text_eq(
        &passed(&kustomize("kubectl")),
        &restored(&passed(&kustomize("base"))),
    );
    // It fails closed, with the verdict.
    edit(
        examples.path(),
        "kubectl/restore-images.yaml",
        "spec:\n",
        "spec:\n  mode: check\n",
    );
    let run = kustomize("kubectl");
    assert_eq!((run.code, run.stdout.len()), (1, 0));
    assert!(
        run.stderr
            .contains("check failed: 3 errors in 1 resource: "),
        "{}",
        run.stderr
    );
}

#[test]
fn every_way_of_breaking_the_collector_is_put_right() {
    let Some(kustomize) = tool("kustomize") else {
        return;
    };
    let good = format!("image: {NEW} # scanned\n        imagePullPolicy: Always\n");
    let bad = format!("image: {OLD} # scanned\n        imagePullPolicy: IfNotPresent\n");
    let examples = copy_of("examples/realtheory");
    edit(examples.path(), "base/collector.yaml", &bad, &good);
    let expected = passed(&build(&kustomize, examples.path(), "kustomize"));
    for image in [
        NEW.to_owned(),
        format!("registry.example.com/{NEW}"),
        format!("{NEW}:v1.3.11836"),
        format!("localhost:5000/cache/{NEW}:v1.3.11836"),
        "registry.example.com/monitoring/collector:7".to_owned(),
    ] {
        for policy in [
            "imagePullPolicy: Always",
            "imagePullPolicy: IfNotPresent",
            "imagePullPolicy: Never",
            "tty: false",
        ] {
            let examples = copy_of("examples/realtheory");
            let broken = format!("image: {image}\n        {policy}\n");
            edit(examples.path(), "base/collector.yaml", &bad, &broken);
            let output = passed(&build(&kustomize, examples.path(), "kustomize"));
            assert_text_eq(&output.replace("        tty: false\n", ""), &expected);
        }
    }
}

#[test]
fn an_application_of_ones_own_through_three_overlays() {
    let Some(kustomize) = tool("kustomize") else {
        return;
    };
    let example = copy_of("examples/portfolio");
    for (overlay, reference) in [("dev", ":latest"), ("staging", ":latest"), ("prod", "")] {
        let folder = format!("overlays/{overlay}");
        let output = passed(&build(&kustomize, example.path(), &folder));
        for line in [
            format!("        image: europe-docker.pkg.dev/acme-apps/images/portfolio{reference}\n        imagePullPolicy: Always\n"),
            "        image: gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.8.0\n        imagePullPolicy: Always\n".to_owned(),
            "      imagePullSecrets:\n      - name: regcred\n".to_owned(),
            format!("  namespace: {overlay}\n"),
        ] {
            assert!(output.contains(&line), "{line} is not in\n{output}");
        }
        let (_, hashed) = output
            .split_once("portfolio-config-")
            .expect("the ConfigMap's hash");
        let hash = &hashed[..10];
        assert_eq!(output.matches(hash).count(), 2, "{output}");
        // Nothing else differs from what kustomize builds without the function.
        let kustomization = format!("{folder}/kustomization.yaml");
        edit(
            example.path(),
            &kustomization,
            "transformers:\n  - ../../restore\n",
            "",
        );
        let without = passed(&build(&kustomize, example.path(), &folder));
        let other = |text: &str| -> Vec<String> {
            let lines = text.lines().map(str::to_owned);
            lines
                .filter(|line| !line.contains("image") && !line.contains("- name: regcred"))
                .collect()
        };
        assert_eq!(other(&output), other(&without));
    }
}
