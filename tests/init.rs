//! `init` proposes, and `fix` by its proposal moves nothing: nobody said yet which registry is a
//! mirror.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{assert_text_eq, copy_of, files, run_in_folder};

/// The repository of each image in a folder, as often as it is named, with the pull secrets.
fn in_use(folder: &Path) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for text in files(folder).values() {
        for line in text.lines() {
            let is_one = ["image: ", "imagePullSecrets", "newName: "];
            if is_one.iter().any(|key| line.contains(key)) {
                let line = line.trim();
                // The tag is no part of where an image comes from.
                let tag = line.rfind(':').filter(|at| line[*at..].find('/').is_none());
                let line = match (tag, line.split_once('@')) {
                    (_, Some((name, _))) => name,
                    (Some(tag), None) if !line[tag..].starts_with(": ") => &line[..tag],
                    _ => line,
                };
                *found.entry(line.to_owned()).or_default() += 1;
            }
        }
    }
    found
}

/// Proposes, writes and restores; nothing comes from elsewhere than before.
#[track_caller]
fn moves_nothing(folder: &Path) {
    let configurations: Vec<PathBuf> = { files(folder).into_keys() }
        .filter(|path| path.ends_with("restore-images.yaml"))
        .collect();
    for path in configurations {
        fs::remove_file(folder.join(path)).expect("removed");
    }
    let before = in_use(folder);
    let run = run_in_folder(folder, &["init", "--write"], b"");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let run = run_in_folder(folder, &["fix", "--keep-going"], b"");
    assert!(run.code <= 1, "{}", run.stderr);
    let proposal = fs::read_to_string(folder.join("restore-images.yaml")).expect("a proposal");
    fs::remove_file(folder.join("restore-images.yaml")).expect("removed");
    assert_eq!(in_use(folder), before, "{proposal}");
}

#[test]
fn a_proposal_moves_nothing_in_the_examples() {
    let copy = copy_of("examples");
    let examples = fs::read_dir(copy.path()).expect("the examples");
    for example in examples {
        moves_nothing(&example.expect("an example").path());
    }
}

/// Each agent's images at the vendor's, on a registry of somebody and on another one, side by side.
#[test]
fn a_proposal_moves_nothing_of_any_agent() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = run_in_folder(folder.path(), &["agents", "--format", "json"], b"");
    let agents: Value = serde_json::from_slice(&run.stdout).expect("JSON");
    let agents = agents.as_array().expect("agents").iter();
    let mut number = 0;
    for agent in agents {
        for image in agent["images"].as_array().expect("images") {
            let official = image["repository"].as_str().expect("an image");
            let path = official.split_once('/').map_or(official, |(_, path)| path);
            let mirrors = [
                format!("old.example/hub/{path}"),
                format!("other.example/{path}"),
            ];
            let images = [official.to_owned()].into_iter().chain(mirrors);
            let mut text = String::new();
            for image in images {
                number += 1;
                let _ = write!(
                    text,
                    "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{number}}}\nspec:\n  containers:\n  - name: c\n    image: {image}\n"
                );
            }
            fs::write(folder.path().join(format!("{number}.yaml")), text).expect("written");
        }
    }
    assert!(number > 150, "{number}");
    moves_nothing(folder.path());
}

#[test]
fn a_registry_that_was_found_and_a_broken_file_are_proposed() {
    let pod = |name: &str, image: &str, secrets: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n{secrets}  containers:\n  - {{name: c, image: {image}, imagePullPolicy: Always}}\n"
        )
    };
    let secrets = "  imagePullSecrets: [{name: harbor}]\n";
    let folder = tempfile::tempdir().expect("a folder");
    let collector = "realtheory/theory-k8s-collector";
    for (name, text) in [
        ("dev.yaml", pod("dev", collector, "")),
        (
            "prod.yaml",
            pod(
                "prod",
                &format!("old-harbor.example/vendor/{collector}:v1.3.1"),
                secrets,
            ),
        ),
        ("web.yaml", pod("web", "nginx", "")),
        ("broken one.yaml", "apiVersion: v1\nkind: [\n".to_owned()),
    ] {
        fs::write(folder.path().join(name), text).expect("written");
    }
    let before = files(folder.path());
    let run = run_in_folder(folder.path(), &["init"], b"");
    let proposal = "\
# Proposed by `restore-images init` from 3 manifests: read it, then run `restore-images check`.
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata:
  name: collectors
  annotations:
    config.kubernetes.io/local-config: \"true\"
spec:
  agents:
  - realtheory-collector # dev.yaml:6 and 1 more
  # Registries in use, and how many images come from each: docker.io (2),
  # old-harbor.example (1)
  # Agents come from these registries too, on which no vendor publishes. If you
  # keep one of them as a mirror, uncomment `registries:` and its rule. Once you
  # have decided on each, delete `undeclaredMirrors`: `fix` then takes the
  # others back to the vendors' registries, but for values of charts that
  # `check` only warns of.
  undeclaredMirrors: keep
  # registries:
  # - source: docker.io # prod.yaml:7
  #   mirror: old-harbor.example/vendor
  #   imagePullSecrets: [harbor]
  #   # With this rule, what comes from docker.io itself moves here:
  #   # realtheory/theory-k8s-collector (dev.yaml:6).
  # These cannot be read: fix them, and remove them from this list.
  files:
    exclude:
    - /broken\\ one.yaml # unclosed bracket '['
";
    assert_text_eq(str::from_utf8(&run.stdout).expect("UTF-8"), proposal);
    // By the proposal, what is right stays, and what nobody can say is left with a warning.
    run_in_folder(folder.path(), &["init", "--write"], b"");
    let run = run_in_folder(folder.path(), &["fix"], b"");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let mut after = files(folder.path());
    after.remove(Path::new("restore-images.yaml"));
    assert_eq!(after, before);
    let run = run_in_folder(folder.path(), &["check"], b"");
    assert_eq!(run.code, 0, "{}", run.stderr);
    // Declared as the comments say it, it is a rule.
    let declared = proposal.replace("  # registries", "  registries");
    let declared = declared
        .replace("  # - source", "  - source")
        .replace("  #   ", "    ");
    let path = folder.path().join("restore-images.yaml");
    fs::write(&path, declared.replace("  undeclaredMirrors: keep\n", "")).expect("written");
    let run = run_in_folder(folder.path(), &["check", "--format", "github"], b"");
    let text = String::from_utf8(run.stdout).expect("UTF-8");
    let moved = format!(
        "dev.yaml,line=6,col=22,endLine=6,endColumn=53,title=wrong-registry::Pod dev: container c: wrong registry or path: {collector} → old-harbor.example/vendor/{collector}\n"
    );
    assert!(text.contains(&moved), "{text}{}", run.stderr);
}

/// What runs beside an agent is on the same registry, and comes from another one of a vendor: named as the
/// agent's, it would leave the mirror.
#[test]
fn the_mirror_of_a_shared_image_is_proposed_and_what_has_none_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let images = [
        "reg.example/ghcr/cloudzero/cloudzero-agent/cloudzero-agent:1.2.5",
        "reg.example/quay/prometheus/prometheus:v3",
        "registry.k8s.io/kube-state-metrics/kube-state-metrics:v2",
        "docker.io/grafana/grafana:1",
    ];
    let text = pulling("p", &images, "");
    fs::write(folder.path().join("p.yaml"), text).expect("written");
    let run = run_in_folder(folder.path(), &["init"], b"");
    let proposal = String::from_utf8(run.stdout).expect("UTF-8");
    let (_, rules) = proposal.split_once("  # registries:\n").expect("rules");
    assert_text_eq(
        rules,
        "  # - source: ghcr.io # p.yaml:7
  #   mirror: reg.example/ghcr
  # - source: quay.io # p.yaml:8
  #   mirror: reg.example/quay
  # cloudzero-agent also comes from registry.k8s.io (1): without a rule for
  # each, these images are pulled from there.
",
    );
}

/// A pod with images and pull secrets.
fn pulling(name: &str, images: &[&str], secrets: &str) -> String {
    let containers = images.iter().enumerate();
    let containers =
        containers.map(|(at, image)| format!("  - {{name: c{at}, image: '{image}'}}\n"));
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  imagePullSecrets: [{secrets}]\n  containers:\n{}",
        containers.collect::<String>()
    )
}

/// What `init` proposes of pull secrets, by mirror, for pods with these images and secrets.
#[track_caller]
fn proposes_secrets(pods: &[(&[&str], &str)], expected: &[(&str, &str)]) {
    let folder = tempfile::tempdir().expect("a folder");
    for (at, (images, secrets)) in pods.iter().enumerate() {
        let text = pulling(&format!("p{at}"), images, secrets);
        fs::write(folder.path().join(format!("{at}.yaml")), text).expect("written");
    }
    let run = run_in_folder(folder.path(), &["init"], b"");
    let proposal = String::from_utf8(run.stdout).expect("UTF-8");
    let mut found = BTreeMap::new();
    let mut mirror = "";
    for line in proposal.lines() {
        if let Some(named) = line.strip_prefix("  #   mirror: ") {
            mirror = named;
            found.insert(mirror, "");
        } else if let Some(secrets) = line.strip_prefix("  #   imagePullSecrets: ") {
            found.insert(mirror, secrets);
        }
    }
    assert_eq!(
        found,
        BTreeMap::from_iter(expected.iter().copied()),
        "{proposal}"
    );
}

#[test]
fn pull_secrets_are_proposed_for_the_registry_that_they_seem_to_be_for() {
    const A: &str = "a.example/hub/realtheory/theory-k8s-collector";
    const B: &str = "b.example/ghcr/cloudzero/cloudzero-agent/cloudzero-agent:1.2.8";
    // A pod for each registry.
    proposes_secrets(
        &[(&[A], "{name: one}"), (&[B], "{name: two}")],
        &[("a.example/hub", "[one]"), ("b.example/ghcr", "[two]")],
    );
    // What all pods of a registry list, and no others.
    proposes_secrets(
        &[(&[A], "{name: one}"), (&[A, B], "{name: one}, {name: two}")],
        &[("a.example/hub", "[one]"), ("b.example/ghcr", "[two]")],
    );
    // By other images of the same registry, too.
    proposes_secrets(
        &[
            (&["a.example/web:1"], "{name: one}"),
            (&[A, B], "{name: one}, {name: two}"),
        ],
        &[("a.example/hub", "[one]"), ("b.example/ghcr", "[two]")],
    );
    // By its name.
    const HARBOR: &str = "harbor.example/hub/realtheory/theory-k8s-collector";
    const OLD: &str = "old.example/ghcr/cloudzero/cloudzero-agent/cloudzero-agent:1.2.8";
    proposes_secrets(
        &[(&[HARBOR, OLD], "{name: old-pull}, {name: harbor-pull}")],
        &[
            ("harbor.example/hub", "[harbor-pull]"),
            ("old.example/ghcr", "[old-pull]"),
        ],
    );
    proposes_secrets(
        &[(&[HARBOR, OLD], "{name: harbor-pull}")],
        &[
            ("harbor.example/hub", "[harbor-pull]"),
            ("old.example/ghcr", ""),
        ],
    );
    // Nobody can tell: both, for whoever uncomments the rule.
    proposes_secrets(
        &[(&[A, B], "{name: one}, {name: two}")],
        &[
            ("a.example/hub", "[one, two]"),
            ("b.example/ghcr", "[one, two]"),
        ],
    );
}

/// A mirror of one of a vendor's registries is proposed for that one, where its path says which.
#[test]
fn a_mirror_is_proposed_for_the_registry_that_its_path_names() {
    let pod = "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: datadog}\nspec: {template: {spec: {containers: [{name: agent, image: 'harbor.corp.example/gcr/datadoghq/agent:7.60.0'}]}}}\n";
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("d.yaml"), pod).expect("written");
    let run = run_in_folder(folder.path(), &["init"], b"");
    let proposal = String::from_utf8(run.stdout).expect("UTF-8");
    let rule = "  # - source: gcr.io # d.yaml:4\n  #   mirror: harbor.corp.example/gcr\n";
    assert!(proposal.contains(rule), "{proposal}");
    let run = run_in_folder(folder.path(), &["check", "--format", "short"], b"");
    let said = String::from_utf8(run.stdout).expect("UTF-8");
    let advice = "declare it with `source: gcr.io` and `mirror: harbor.corp.example/gcr`, or name the agent datadog";
    assert!(said.contains(advice), "{said}");
}

/// Files that only read like values are named as a comment, with how many images are in each.
#[test]
fn files_that_read_like_values_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("written");
    };
    write(
        "apps/web/prod.yaml",
        "image: {repository: quay.io/acme/web, tag: v1}\nside: {image: quay.io/acme/side:v1}\n",
    );
    write(
        "docker-compose.yaml",
        "services: {web: {image: acme/web:v1}}\n",
    );
    write("ci.yaml", "jobs: {build: {image: acme/build:v1}}\n");
    write(
        "chart/Chart.yaml",
        "apiVersion: v2\nname: c\nversion: 1.0.0\n",
    );
    write("chart/values.yaml", "image: quay.io/acme/c:v1\n");
    let run = run_in_folder(folder.path(), &["init"], b"");
    let proposal = String::from_utf8(run.stdout).expect("UTF-8");
    let named = "\
  # 2 images of 1 file read like values of charts, and nothing here names them,
  # so that their images are not checked. Uncomment those that are, each with
  # the name of its `chart` where an agent's is installed with it.
  # files:
  #   values:
  #   - path: apps/web/prod.yaml # 2 images
";
    assert!(proposal.ends_with(named), "{proposal}");
}
