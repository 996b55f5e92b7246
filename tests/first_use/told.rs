//! What each format says beyond the finding itself: what was looked at, and what to write.

use crate::support::{assert_text_eq, run_in_folder};

use super::{NO_CONFIGURATION, check, config, pod, tree};

const COLLECTOR: &str = "realtheory/theory-k8s-collector";

/// A job's log has no report for people, and an empty one would say nothing.
#[test]
fn a_log_says_what_was_looked_at() {
    let folder = tree(&[]);
    let nothing = format!("{NO_CONFIGURATION}\nno manifest was looked at, 0 images read\nexit 0");
    check(&folder, "check --format github", &nothing);
    check(&folder, "check --format gitlab", &format!("[]\n{nothing}"));
    check(&folder, "fix --format github", &nothing);
    let folder = tree(&[
        ("pod.yaml", &pod("nginx")),
        ("restore-images.yaml", &config("realtheory-collector")),
    ]);
    let clean =
        "configuration: restore-images.yaml\nnothing to restore in 1 file, 1 image read\nexit 0";
    let agent = "restore-images.yaml";
    let shared = config("realtheory-collector") + "  unmatchedAgents: ignore\n";
    std::fs::write(folder.path().join(agent), shared).expect("written");
    check(&folder, "check --format github", clean);
    check(&folder, "check --format gitlab", &format!("[]\n{clean}"));
    check(&folder, "check --format github --quiet", "exit 0");
    // What programs read besides has the numbers in it, or no log.
    let run = run_in_folder(folder.path(), &["check", "--format", "sarif"], b"");
    assert_eq!(run.stderr, "");
}

/// A chart's default is written nowhere, so that the line of a finding does not show what to write.
#[test]
fn every_format_says_which_keys_to_set() {
    let release = "\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: cz, namespace: m}
spec:
  chart:
    spec:
      chart: cloudzero-agent
      version: 1.2.5
      sourceRef: {kind: HelmRepository, name: cz}
  values:
    # What the cluster is called.
    clusterName: prod
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: cz, namespace: m}
spec: {url: \"https://cloudzero.github.io/cloudzero-charts\"}
";
    let rules = "  registries:\n  - {source: ghcr.io, mirror: reg.example/ghcr}\n";
    let folder = tree(&[
        ("rel.yaml", release),
        ("restore-images.yaml", &(config("cloudzero-agent") + rules)),
    ]);
    let key = "set components.agent.image.repository: reg.example/ghcr/cloudzero/cloudzero-agent/cloudzero-agent";
    for (format, place) in [
        ("text", "--> rel.yaml:10:3"),
        ("short", "rel.yaml:10:3: error: "),
        (
            "github",
            "file=rel.yaml,line=10,col=3,endLine=10,endColumn=9,",
        ),
        ("gitlab", "\"begin\": 10"),
        ("sarif", "\"startLine\": 10"),
        ("junit", "rel.yaml:10:3: error: "),
        ("markdown", ", line 10: "),
        ("html", "rel.yaml:10:3"),
    ] {
        let run = run_in_folder(folder.path(), &["check", "--format", format], b"");
        let text = String::from_utf8(run.stdout).expect("UTF-8");
        assert!(text.contains(key), "{format}: {text}");
        assert!(text.contains(place), "{format}: {text}");
    }
    let run = run_in_folder(folder.path(), &["check", "--format", "markdown"], b"");
    let text = String::from_utf8(run.stdout).expect("UTF-8");
    let added = "  ```diff
  +    components:
  +      agent:
  +        image:
  +          repository: reg.example/ghcr/cloudzero/cloudzero-agent/cloudzero-agent
  ```
";
    assert!(text.contains(added), "{text}");
}

/// An entry of `images:` is made of several values, of which the finding points at one.
#[test]
fn a_comment_shows_what_an_entry_of_images_becomes() {
    let folder = tree(&[
        (
            "base/app.yaml",
            &pod(&format!("{COLLECTOR} # the password is hunter2"))
                .replace("name: p", "name: realtheorycollector"),
        ),
        ("base/kustomization.yaml", "resources: [app.yaml]\n"),
        (
            "over/kustomization.yaml",
            &format!("resources: [../base]\nimages:\n- name: {COLLECTOR}\n  newTag: v1.3.11837\n"),
        ),
        (
            "restore-images.yaml",
            &(config("realtheory-collector")
                + "  registries:\n  - {source: docker.io, mirror: reg.example/hub}\n"),
        ),
    ]);
    let run = run_in_folder(
        folder.path(),
        &["check", "--format", "markdown", "--exclude", "base"],
        b"",
    );
    let text = String::from_utf8(run.stdout).expect("UTF-8");
    let (_, of_entry) = text
        .split_once("#### `over/kustomization.yaml`\n\n")
        .expect("a file");
    let (_, diff) = of_entry.split_once("  ```diff\n").expect("a diff");
    let (diff, _) = diff.split_once("  ```\n").expect("its end");
    assert_text_eq(
        diff,
        "  +  newName: reg.example/hub/realtheory/theory-k8s-collector
  -  newTag: v1.3.11837
",
    );
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn what_fix_has_done_is_no_fault_any_more() {
    let folder = tree(&[
        (
            "d.yaml",
            &pod(&format!("{COLLECTOR}:v1\n    imagePullPolicy: Always")),
        ),
        ("restore-images.yaml", &config("realtheory-collector")),
    ]);
    check(
        &folder,
        "fix",
        "d.yaml:7:12: restored: Pod p: container agent: tag v1 keeps the agent from upgrading itself: realtheory/theory-k8s-collector:v1 → realtheory/theory-k8s-collector [pinned-tag]\n\n\
         configuration: restore-images.yaml\n1 image restored in 1 file, 1 image read\nexit 0",
    );
}

/// `skopeo sync` copies into one folder, so a mirror as a whole is no destination of its.
#[test]
fn a_mirror_as_a_whole_is_told_from_another_place() {
    let folder = tree(&[
        ("pod.yaml", &pod(COLLECTOR)),
        (
            "restore-images.yaml",
            &(config("realtheory-collector")
                + "  registries:\n  - {source: docker.io, mirror: reg.example/hub}\n"),
        ),
    ]);
    check(
        &folder,
        "images --format skopeo --to reg.example/hub",
        "reg.example/hub: images of this mirror are in folders of it, and `skopeo sync` copies into one\n\
         help: name the folder with --to: reg.example/hub/realtheory\nexit 2",
    );
}

#[test]
fn a_built_in_agent_that_is_written_as_ones_own_is_known() {
    let folder = tree(&[
        ("pod.yaml", &pod("nginx")),
        (
            "restore-images.yaml",
            &config("{name: cloudzero-agent, namespaces: [cloudzero]}"),
        ),
    ]);
    check(
        &folder,
        "check",
        "restore-images.yaml:5:12: spec.agents[0]: `images` is missing\n\
         help: add `images:`; to adjust a built-in agent, write `profile:` instead of `name:`\nexit 2",
    );
}

#[test]
fn a_manual_page_names_the_program() {
    let folder = tree(&[]);
    let run = run_in_folder(folder.path(), &["man", "check"], b"");
    let page = String::from_utf8(run.stdout).expect("UTF-8");
    let source = format!("\"restore-images {}\"", env!("CARGO_PKG_VERSION"));
    let heading = page.lines().find(|line| line.starts_with(".TH "));
    assert!(heading.is_some_and(|line| line.contains(&source)), "{page}");
}

/// One run says all that is wrong with a configuration, from above, with the positions that entries have.
#[test]
fn a_configuration_is_read_beyond_its_first_fault() {
    let text = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
bogus: 1
spec:
  mode: nope
  agents: [datadogg]
  output: none
  registries:
  - source: a
  - {source: docker.io, mirror: m.example/hub}
  - {source: quay.io, mirror: m.example/quay, scope: every}
  - {source: 'b/', mirror: m.example/b}
  exceptions:
  - {reason: r, agent: datadogg, allow: [tag]}
";
    let folder = tree(&[("restore-images.yaml", text), ("pod.yaml", &pod("nginx"))]);
    let expected = "\
restore-images.yaml:4:1: bogus: unknown key `bogus`
help: known keys: apiVersion, kind, metadata, spec
restore-images.yaml:6:9: spec.mode: unknown mode `nope`
help: known: restore, check
restore-images.yaml:7:12: spec.agents[0]: unknown agent `datadogg`
help: did you mean `datadog`? `restore-images agents` lists all that are known
restore-images.yaml:10:5: spec.registries[0]: `mirror` is missing
help: add `mirror:`
restore-images.yaml:12:54: spec.registries[2].scope: unknown scope `every`
help: known: agents, all
exit 2";
    check(&folder, "check", expected);
    // Nothing is said of what is checked against an entry at fault: rules beside one that is left out, an exception
    // of an agent that is misspelt, or an output that goes with one mode.
    let right = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec:\n  mode: nope\n  output: none\n";
    std::fs::write(folder.path().join("restore-images.yaml"), right).expect("written");
    let expected = "restore-images.yaml:5:9: spec.mode: unknown mode `nope`\nhelp: known: restore, check\nexit 2";
    check(&folder, "check", expected);
}
