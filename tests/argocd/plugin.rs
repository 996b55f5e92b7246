//! function/plugin.yaml and its variant for charts: each step as the server runs it.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use super::server::{plugin, spec};
use crate::engines::edit;
use crate::support::{assert_text_eq, copy_of, tool};

const SIDECAR: &str = "examples/argocd/sidecar";

/// The parameters of the example's Application, as the server gives them.
pub(super) const PARAMETERS: &str = r#"[{"array":["realtheory-collector"],"name":"agents"},{"map":{"docker.io":"registry.example.com/hub"},"name":"registries"},{"array":["registry-example-com"],"name":"imagePullSecrets"}]"#;

fn expected() -> String {
    let example = copy_of(SIDECAR);
    fs::read_to_string(example.path().join(".expected/manifests.yaml")).expect("a file")
}

#[test]
fn the_example_gives_what_it_says() {
    if tool("kustomize").is_none() {
        return;
    }
    let example = copy_of(SIDECAR);
    let environment = [("ARGOCD_APP_PARAMETERS", PARAMETERS)];
    let output = plugin("plugin.yaml").manifests(&example.path().join("app"), &environment);
    assert_text_eq(&(output.expect("manifests") + "\n"), &expected());
}

#[test]
fn without_parameters_every_built_in_agent_is_restored() {
    if tool("kustomize").is_none() {
        return;
    }
    let example = copy_of(SIDECAR);
    let application = example.path().join("app");
    let expected = expected()
        .replace("registry.example.com/hub/", "docker.io/")
        .replace(
            "      imagePullSecrets:\n      - name: registry-example-com\n",
            "",
        );
    edit(
        &application,
        "collector.yaml",
        "registry.example.com/vendor/",
        "docker.io/",
    );
    for environment in [&[][..], &[("ARGOCD_APP_PARAMETERS", "null")][..]] {
        let output = plugin("plugin.yaml").manifests(&application, environment);
        assert_text_eq(&(output.expect("manifests") + "\n"), &expected);
    }
}

#[test]
fn a_failure_of_either_step_is_the_text_that_is_shown() {
    if tool("kustomize").is_none() {
        return;
    }
    let example = copy_of(SIDECAR);
    let application = example.path().join("app");
    let environment = [(
        "ARGOCD_APP_PARAMETERS",
        r#"[{"name":"mode","string":"check"}]"#,
    )];
    let error = plugin("plugin.yaml").manifests(&application, &environment);
    let error = error.expect_err("a failed check");
    assert!(
        error.starts_with(
            "`restore-images render --argocd --run kustomize build .` failed exit status 1: check failed: 1 error in 1 resource: Deployment real-theory-system/realtheorycollector (wrong-pull-policy)\n"
        ),
        "{error}"
    );
    fs::remove_file(application.join("collector.yaml")).expect("removed");
    let error = plugin("plugin.yaml").manifests(&application, &[]);
    let error = error.expect_err("a failed build");
    let start =
        "`restore-images render --argocd --run kustomize build .` failed exit status 2: Error: ";
    assert!(error.starts_with(start), "{error}");
    let end = "\nkustomize: failed with exit code 1";
    assert!(error.ends_with(end), "{error}");
}

#[test]
fn the_time_limit_ends_it_at_once_and_leaves_no_half_output() {
    if tool("kustomize").is_none() {
        return;
    }
    let example = copy_of(SIDECAR);
    let application = example.path().join("app");
    let item = fs::read_to_string(application.join("collector.yaml")).expect("a file");
    let many: String = (0..20_000)
        .map(|number| {
            let name = format!("name: realtheorycollector{number}\n");
            item.replacen("name: realtheorycollector\n", &name, 1) + "---\n"
        })
        .collect();
    fs::write(application.join("many.yaml"), many).expect("written");
    let many = plugin("plugin.yaml").generate(&[
        "restore-images",
        "render",
        "--argocd",
        "--no-fast",
        "many.yaml",
    ]);
    let started = Instant::now();
    let limit = Duration::from_millis(500);
    let error = many.manifests_within(limit, &application, &[]);
    let error = error.expect_err("the limit");
    let expected = "`restore-images render --argocd --no-fast many.yaml` failed signal 15";
    assert_text_eq(&error, expected);
    assert!(
        started.elapsed() < Duration::from_secs(4),
        "SIGTERM was not enough"
    );
}

#[test]
fn a_chart_is_rendered_by_helm_under_the_applications_name() {
    if tool("helm").is_none() {
        return;
    }
    let chart = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = chart.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("written");
    };
    write(
        "Chart.yaml",
        "apiVersion: v2\nname: agent\nversion: 0.1.0\n",
    );
    write(
        "values.yaml",
        "image: realtheory/theory-k8s-collector:v1.3.11836\n",
    );
    let pod = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\n  namespace: {{ .Release.Namespace }}\n  labels: {kubernetes: {{ .Capabilities.KubeVersion.Version }}, monitors: {{ .Capabilities.APIVersions.Has \"monitoring.coreos.com/v1\" | quote }}}\nspec:\n  containers:\n  - name: collector\n    image: {{ .Values.image }}\n";
    write("templates/pod.yaml", pod);
    // A hook is a manifest like any other.
    let hook = pod.replace(
        "  name: {{ .Release.Name }}\n",
        "  name: {{ .Release.Name }}-hook\n  annotations:\n    helm.sh/hook: pre-install\n",
    );
    write("templates/job.yaml", &hook);
    let output = plugin("plugin-helm.yaml").manifests(chart.path(), &[]);
    let output = output.expect("manifests");
    // Outside Argo CD's own namespace, an application is named with its namespace.
    let elsewhere = [("ARGOCD_APP_NAME", "team-a_collector")];
    let same = plugin("plugin-helm.yaml").manifests(chart.path(), &elsewhere);
    assert_text_eq(&same.expect("manifests"), &output);
    assert_text_eq(
        &output,
        "\
---
# Source: agent/templates/pod.yaml
apiVersion: v1
kind: Pod
metadata:
  name: collector
  namespace: real-theory-system
  labels: {kubernetes: v1.33.0, monitors: \"true\"}
spec:
  containers:
  - name: collector
    image: realtheory/theory-k8s-collector
    imagePullPolicy: Always
---
# Source: agent/templates/job.yaml
apiVersion: v1
kind: Pod
metadata:
  name: collector-hook
  annotations:
    helm.sh/hook: pre-install
  namespace: real-theory-system
  labels: {kubernetes: v1.33.0, monitors: \"true\"}
spec:
  containers:
  - name: collector
    image: realtheory/theory-k8s-collector
    imagePullPolicy: Always",
    );
}

#[test]
fn both_plugins_announce_every_parameter_and_need_no_shell() {
    for name in ["plugin.yaml", "plugin-helm.yaml"] {
        let plugin = spec(name);
        let spec = &plugin["spec"];
        for absent in ["version", "discover", "preserveFileMode", "provideGitCreds"] {
            assert!(spec[absent].is_badvalue(), "{name} has {absent}");
        }
        // A step of its own would leave a file behind, whose name a tenant may have given to a link.
        assert!(spec["init"].is_badvalue(), "{name} has init");
        let words = spec["generate"]["command"].as_vec().expect("a command");
        assert!(spec["generate"]["args"].is_badvalue());
        let words: Vec<&str> = words
            .iter()
            .map(|word| word.as_str().expect("text"))
            .collect();
        let start = ["restore-images", "render", "--argocd", "--run"];
        assert_eq!(words[..4], start);
        assert!(["kustomize", "helm"].contains(&words[4]), "{words:?}");
        let announced = spec["parameters"]["static"].as_vec().expect("a list");
        let announced: BTreeSet<&str> = announced
            .iter()
            .map(|parameter| parameter["name"].as_str().expect("a name"))
            .collect();
        // The names that an unknown one is answered with.
        let run = super::parameters::render(r#"[{"name":"zzzzzzzzzzzz","string":"a"}]"#);
        let (_, known) = run.stderr.split_once("known: ").expect("the known names");
        let (known, _) = known.split_once(';').expect("the rest");
        assert_eq!(announced, known.split(", ").collect());
    }
}

/// Case 20 of the hostile review: what a tenant has committed in the place of a scratch file.
#[test]
fn a_committed_link_leads_no_write_out_of_the_folder() {
    let world = tempfile::tempdir().expect("a folder");
    let outside = world.path().join("outside.yaml");
    fs::write(&outside, "the operator's\n").expect("written");
    for (name, needs) in [("plugin.yaml", "kustomize"), ("plugin-helm.yaml", "helm")] {
        if tool(needs).is_none() {
            continue;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n";
        fs::write(at("kustomization.yaml"), "resources: [pod.yaml]\n").expect("written");
        fs::write(at("pod.yaml"), pod).expect("written");
        fs::write(
            at("Chart.yaml"),
            "apiVersion: v2\nname: a\nversion: 0.1.0\n",
        )
        .expect("written");
        fs::create_dir(at("templates")).expect("a folder");
        fs::write(at("templates/outside.yaml"), pod).expect("written");
        symlink(&outside, at(".rendered.yaml")).expect("a link");
        fs::create_dir_all(at(".rendered/a")).expect("a folder");
        symlink(world.path(), at(".rendered/a/templates")).expect("a link");
        let output = plugin(name).manifests(folder.path(), &[]);
        assert!(output.expect("manifests").contains("name: a"));
        let text = fs::read_to_string(&outside).expect("a text");
        assert_text_eq(&text, "the operator's\n");
    }
}
