//! Where no agent is named, the profiles that a text could concern are read, and no others: what is
//! made of the text is the same as with all of them.

use std::fs;

use restore_images::agent::{Agent, AppliedTo, builtin_names, builtin_text};
use restore_images::config::{self, Config, Trust};

use crate::support::{assert_text_eq, run_in_folder, shared};

/// Every profile named, and treated as where none is.
fn every_agent(rules: &str) -> String {
    let names: Vec<&str> = builtin_names().collect();
    format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n  undeclaredMirrors: keep\n  agents: [{}]\n{rules}",
        names.join(", ")
    )
}

fn no_agent(rules: &str) -> String {
    format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n  undeclaredMirrors: keep\n{rules}"
    )
}

/// The output, and every finding but what is said of agents because they were named.
fn run(config: &str, input: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("c.yaml"), config).expect("written");
    let run = run_in_folder(folder.path(), &["c.yaml"], input.as_bytes());
    let of_named = [
        "[unmatched-agent]",
        "[shared-image]",
        "needs the cluster's version",
    ];
    let stderr = run.stderr.lines();
    let stderr = stderr.filter(|line| !of_named.iter().any(|word| line.contains(word)));
    let stderr: String = stderr.map(|line| format!("{line}\n")).collect();
    format!("{}\n{stderr}", String::from_utf8_lossy(&run.stdout))
}

#[track_caller]
fn check(rules: &str, input: &str) {
    // Whether an agent is named changes what the remedy is.
    let all = run(&every_agent(rules), input).replace(SETTING, "REMEDY");
    let few = run(&no_agent(rules), input);
    let mut texts = few.split("name the agent ");
    let mut same = texts.next().expect("a text").to_owned();
    for text in texts {
        let (_name, rest) = text.split_once(' ').expect("the rest");
        same += &format!("REMEDY {rest}");
    }
    assert_text_eq(&same, &all);
}

const SETTING: &str = "write `undeclaredMirrors: restore`";

fn pods(images: impl Iterator<Item = String>) -> String {
    let pod = |image: String| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{containers: [{{name: c, image: \"{image}\"}}]}}\n"
        )
    };
    images.map(pod).collect::<Vec<_>>().join("---\n")
}

fn examples(agent: &Agent) -> impl Iterator<Item = String> {
    let examples = agent.examples.iter();
    examples.flat_map(|example| [example.from.clone(), example.to.clone()])
}

const RULES: &str = "  registries:\n  - {source: docker.io, mirror: mirror.example.com/hub}\n  - {source: quay.io, mirror: mirror.example.com/quay}\n  - {source: ghcr.io/opencost/opencost, mirror: mirror.example.com/other}\n";

#[test]
fn every_example_of_every_profile_is_found() {
    let config = Config::default();
    assert_eq!(config.agents.len(), builtin_names().count());
    for rules in ["", RULES] {
        // One agent at a time, so that no other one's words find it.
        for agents in config.agents.chunks(8) {
            check(rules, &pods(agents.iter().flat_map(examples)));
        }
    }
    for agent in &config.agents {
        check("", &pods(examples(agent).take(2)));
    }
}

#[test]
fn what_is_mirrored_under_another_name_is_found() {
    check(
        RULES,
        &pods(["mirror.example.com/other:1.0".to_owned()].into_iter()),
    );
    let rule = "  registries: [{source: docker.io/realtheory/theory-k8s-collector, mirror: m.example.com/x}]\n";
    check(rule, &pods(["m.example.com/x:v1".to_owned()].into_iter()));
}

#[test]
fn names_variables_arguments_and_values_are_found() {
    // The image is nobody's, and the field a profile's.
    let rule = "  registries: [{source: quay.io, mirror: m.example.com/q, scope: all}]\n";
    for input in [
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: realtheorycollector}\nspec: {template: {spec: {containers: [{name: realtheorycollector, image: other}]}}}\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: x, env: [{name: OCTOPUS__K8STENTACLE__NFSWATCHDOGIMAGE, value: quay.io/a/b}]}]}\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: x, args: [--collector-image=quay.io/a/b, --sensor-image, quay.io/a/c]}]}\n",
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: r}\nspec: {values: {components: {agent: {image: {repository: quay.io/a/b}}}}}\n",
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: r}\nspec: {values: {delegateDockerImage: quay.io/a/b}}\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {node.collector.imageRef: quay.io/corp/nc:1}\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {trivy.repository: quay.io/corp/tr, trivy.tag: '1'}\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {AQUA_KB_IMAGE_NAME: quay.io/corp/kb:1}\n",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {auto-update.job: '{apiVersion: v1, kind: Pod, spec: {containers: [{name: c, image: quay.io/a/b}]}}'}\n",
        // A chart's version may have a letter before it.
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {helm.sh/chart: datadog-v3.69.3}}\nspec: {containers: [{name: c, image: m.example.com/x/cluster-agent:7.69.3}]}\n",
        // No name of an image has the word of the label.
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {helm.sh/chart: kubescape-operator-1.40.3}}\nspec: {containers: [{name: c, image: m.example.com/x/node-agent:v0.3.1}]}\n",
    ] {
        check(rule, input);
    }
}

/// Each variable, flag and key of each profile by itself brings the profile into play.
#[test]
fn every_carrier_of_every_profile_is_found() {
    for agent in &Config::default().agents {
        let carriers = &agent.carriers;
        let env = carriers.env.iter().map(|env| &env.image);
        let args = carriers.args.iter().map(|arg| &arg.flag);
        let settings = carriers.prefixes.iter().map(|prefix| &prefix.setting);
        let keys = carriers.data.iter().map(|data| &data.image);
        let keys = keys.chain(&carriers.manifests);
        for word in env.chain(args).chain(settings).chain(keys) {
            let found = concerned(&format!("{{{word}: quay.io/a/b}}"), false);
            assert!(
                found.iter().any(|name| **name == *agent.name),
                "{}: {word}",
                agent.name
            );
        }
    }
}

#[test]
fn escaped_and_broken_words_are_found() {
    for image in [
        r#""realtheory/theory-k8s-\x63ollector:v1""#,
        r#""realtheory\/theory-k8s-collector:v1""#,
        "\"realtheory/theory-k8s-\\\n  collector:v1\"",
    ] {
        check(
            "",
            &format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n  - name: c\n    image: {image}\n"
            ),
        );
    }
}

/// The agents whose profiles are read for a text.
fn concerned(text: &str, installs_charts: bool) -> Vec<String> {
    let judged = AppliedTo {
        texts: &[text],
        installs_charts,
    };
    let config = config::read_among(None, &[], &[], Some(judged), Trust::ALL);
    let agents = config.expect("the built-in profiles").agents;
    agents.iter().map(|agent| agent.name.to_string()).collect()
}

#[test]
fn a_common_word_concerns_nobody() {
    for word in ["agent", "operator", "controller", "server", "collector"] {
        let pod = format!("{{name: {word}, image: example.com/shop/{word}:1}}");
        assert_eq!(concerned(&pod, false), [""; 0], "{word}");
    }
    let datadogs = [
        "registry.datadoghq.com/agent:7",
        "Registry.DatadogHQ.com:443/agent:7",
        "datadog/agent:7",
        "registry.example.com/hub/datadog/agent:7",
        "registry.example.com/registry.datadoghq.com/agent@sha256:0",
    ];
    for image in datadogs {
        assert_eq!(concerned(image, false), ["datadog"], "{image}");
    }
    // A chart may have the rest of the name by default.
    let of_chart = concerned("values: {agent: {image: {repository: agent}}}", true);
    assert!(
        of_chart.iter().any(|name| name == "datadog"),
        "{of_chart:?}"
    );
}

#[test]
fn real_manifests_give_the_same() {
    let Some(corpus) = shared("corpus") else {
        return;
    };
    let mut files = Vec::new();
    let mut folders = vec![corpus];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "yaml")
            {
                files.push(path);
            }
        }
    }
    files.sort();
    // Every seventh, which takes seconds and not minutes.
    for file in files.iter().step_by(7) {
        let Ok(text) = fs::read_to_string(file) else {
            continue;
        };
        if text.len() < 1 << 18 {
            check("", &text);
        }
    }
}

/// A profile's facts come last, so that they are cut off before images are judged.
#[test]
fn facts_stand_at_the_end_of_each_profile() {
    for name in builtin_names() {
        let text = builtin_text(name).expect("built in");
        let (_, facts) = text.split_once("\n  facts:\n").expect("facts");
        let indented = facts
            .lines()
            .all(|line| line.starts_with("  - ") || line.starts_with("    "));
        assert!(indented, "{name}");
    }
}
