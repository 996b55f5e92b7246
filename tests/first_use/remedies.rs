//! What somebody is told who knows the README alone: where it is, why, and what to do that helps.

use std::fs;

use super::{NO_CONFIGURATION, check, check_given, config, tree};
use crate::support::{assert_text_eq, run_in_folder};

/// A collector as a Deployment, with what stands in its metadata, and its image.
fn collector(metadata: &str, image: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: realtheorycollector\n{metadata}spec:\n  template:\n    spec:\n      containers:\n      - name: realtheorycollector\n        imagePullPolicy: Always\n        image: {image}\n"
    )
}

const COLLECTOR: &str = "realtheory/theory-k8s-collector";

/// The image wants a rule and no tag: a base and an overlay that gives it one.
fn overlay(entry: &str, more: &str) -> tempfile::TempDir {
    let kustomization = format!("resources: [../base]\nimages:\n- name: {COLLECTOR}\n{entry}");
    let config = config("realtheory-collector") + more;
    tree(&[
        ("base/kustomization.yaml", "resources: [d.yaml]\n"),
        ("base/d.yaml", &collector("", COLLECTOR)),
        ("dev/kustomization.yaml", &kustomization),
        ("restore-images.yaml", &config),
    ])
}

#[test]
fn an_annotation_that_does_not_hold_is_not_advised() {
    let annotated = "  annotations: {restore-images.dev/ignore: \"frozen\"}\n";
    let folder = tree(&[
        ("d.yaml", &collector(annotated, &format!("{COLLECTOR}:v1"))),
        ("restore-images.yaml", &config("realtheory-collector")),
    ]);
    let said = |words: &[&str]| {
        let run = run_in_folder(folder.path(), words, b"");
        String::from_utf8(run.stdout).expect("UTF-8")
    };
    let refused = "the annotation restore-images.dev/ignore does not hold";
    let advice = "or on the resource the annotation";
    let given = said(&["check", "-c", "restore-images.yaml"]);
    let why = format!(
        "{refused} under a configuration that is given to the program (--config, Argo CD), unless its `spec` has `trust: {{ignoreAnnotation: allow}}`\n"
    );
    assert!(given.contains(&why), "{given}");
    let allow = "= allow: an exception with `allow: [tag]` in the configuration\n";
    assert!(given.contains(allow) && !given.contains(advice), "{given}");
    let sarif = ["check", "-c", "restore-images.yaml", "--format", "sarif"];
    assert!(!said(&sarif).contains("or annotate the resource"));
    assert!(said(&["check", "--format", "sarif"]).contains("or annotate the resource"));

    let trusts = |word: &str| {
        let trust = format!("  trust: {{ignoreAnnotation: {word}}}\n");
        let config = config("realtheory-collector") + &trust;
        fs::write(folder.path().join("restore-images.yaml"), config).expect("written");
        said(&["check", "-c", "restore-images.yaml"])
    };
    let allowed = trusts("allow");
    assert!(allowed.contains("left alone by annotation"), "{allowed}");
    let denied = trusts("deny");
    let why = format!("{refused}: the configuration says `trust: {{ignoreAnnotation: deny}}`\n");
    assert!(
        denied.contains(&why) && !denied.contains(advice),
        "{denied}"
    );
}

#[test]
fn what_an_entry_of_images_keeps_is_told_there_with_what_to_do() {
    let folder = overlay("", "");
    let list =
        format!("resources: [../base]\nimages:\n- <<: {{newTag: v1.4.0}}\n  name: {COLLECTOR}\n");
    fs::write(folder.path().join("dev/kustomization.yaml"), list).expect("written");
    check(
        &folder,
        "check --format short",
        &format!(
            "dev/kustomization.yaml:3:16: error: container realtheorycollector: tag v1.4.0 keeps the agent from upgrading itself: {COLLECTOR}:v1.4.0 → {COLLECTOR}: left, since `newTag` comes from a merge key, and stays: write it out (dev/kustomization.yaml) [unresolved-image]\n\
             configuration: restore-images.yaml\n1 error in 1 of 2 files, 1 of 2 roots settled, 1 image read\nexit 1"
        ),
    );
    check(
        &folder,
        "fix --diff",
        "configuration: restore-images.yaml\n\
         nothing restored in 2 files, 1 warning, 1 of 2 roots settled, 1 image read\n\
         1 finding cannot be restored, and `check` makes an error of each: exit code 1\n\
         the warnings are shown by --verbose, and by `restore-images check`\nexit 1",
    );
}

/// A comment that says why a tag is there stays when the tag goes, with a mirror and without one.
#[test]
fn a_comment_after_a_key_that_is_taken_out_stays() {
    let rule = "  registries:\n  - {source: docker.io, mirror: registry.corp.example/hub}\n";
    for (rules, name) in [("", ""), (rule, "registry.corp.example/hub/")] {
        for (entry, left) in [
            (
                "  newTag: v1.4.0 # frozen until May\n",
                "  # frozen until May\n",
            ),
            ("  newTag: v1.4.0   # one\n  # two\n", "  # one\n  # two\n"),
        ] {
            let folder = overlay(entry, rules);
            let run = run_in_folder(folder.path(), &["fix"], b"");
            assert_eq!(run.code, 0, "{}", run.stderr);
            let list = fs::read_to_string(folder.path().join("dev/kustomization.yaml"));
            let expected = overlay(left, rules);
            let expected = fs::read_to_string(expected.path().join("dev/kustomization.yaml"));
            let (list, expected) = (list.expect("text"), expected.expect("text"));
            let expected = expected.replace(
                &format!("name: {COLLECTOR}"),
                &format!("name: {name}{COLLECTOR}"),
            );
            assert_text_eq(&list, &expected);
            let again = run_in_folder(folder.path(), &["check"], b"");
            assert_eq!(again.code, 0, "{}", again.stderr);
        }
    }
}

#[test]
fn one_value_and_one_cure_are_told_once_however_many_builds_have_it() {
    let rule = "  registries:\n  - {source: docker.io, mirror: registry.corp.example/hub}\n";
    let folder = overlay("  newTag: v1.4.0\n", rule);
    let mirrored = format!("registry.corp.example/hub/{COLLECTOR}");
    check(
        &folder,
        "check --format short",
        &format!(
            "base/d.yaml:11:16: error: Deployment realtheorycollector: container realtheorycollector: wrong registry or path: {COLLECTOR} → {mirrored} [wrong-registry]\n\
             dev/kustomization.yaml:4:11: error: container realtheorycollector: tag v1.4.0 keeps the agent from upgrading itself: {COLLECTOR}:v1.4.0 → {mirrored} [pinned-tag]\n\
             configuration: restore-images.yaml\n2 errors in 2 files, 1 image read\nexit 1"
        ),
    );
}

#[test]
fn what_init_says_is_next_works_as_it_is_pasted() {
    for paths in ["apps", "apps other", "my-apps/a.yaml"] {
        let pod = collector("", &format!("{COLLECTOR}:v1"));
        let folder = tree(&[
            ("apps/a.yaml", &pod),
            ("other/a.yaml", &pod),
            ("my-apps/a.yaml", &pod),
        ]);
        let words: Vec<&str> = ["init", "--write"]
            .into_iter()
            .chain(paths.split(' '))
            .collect();
        let run = run_in_folder(folder.path(), &words, b"");
        let said = String::from_utf8(run.stdout).expect("UTF-8");
        let (written, next) = said
            .split_once(": written\nnext: restore-images ")
            .expect("next");
        let (check, fix) = next
            .trim_end()
            .split_once(", then restore-images ")
            .expect("two");
        for command in [check, fix] {
            let words: Vec<&str> = command.split(' ').collect();
            let run = run_in_folder(folder.path(), &words, b"");
            let said = String::from_utf8(run.stdout).expect("UTF-8") + &run.stderr;
            assert!(
                said.contains(&format!("configuration: {written}\n")),
                "{command}: {said}"
            );
            assert!(
                said.contains("pinned-tag") || said.contains("-        image: "),
                "{said}"
            );
        }
    }
}

#[test]
fn a_proposal_from_nothing_says_so() {
    let folder = tree(&[]);
    check(
        &folder,
        "init --write",
        "restore-images.yaml: written\n\
         next: name your agents in it, then restore-images check, then restore-images fix --diff\n\
         init: no manifest was looked at in .: is it the right folder?\nexit 0",
    );
}

#[test]
fn a_mirror_is_proposed_for_the_registry_that_the_chart_names() {
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: datadog, namespace: monitoring}\nspec:\n  chart:\n    spec: {chart: datadog, version: 3.240.0, sourceRef: {kind: HelmRepository, name: datadog}}\n  values:\n";
    let mirrored = format!("{release}    registry: registry.corp.example/datadog\n");
    let plain = format!("{release}    datadog: {{clusterName: a}}\n");
    let folder = tree(&[("mirrored.yaml", &mirrored)]);
    let proposal = run_in_folder(folder.path(), &["init"], b"");
    let proposal = String::from_utf8(proposal.stdout).expect("UTF-8");
    let rule = "  # - source: registry.datadoghq.com # mirrored.yaml:8 and 1 more\n  #   mirror: registry.corp.example/datadog\n";
    assert!(proposal.contains(rule), "{proposal}");
    assert_eq!(proposal.matches("source:").count(), 1, "{proposal}");
    check(
        &folder,
        "check --format short",
        &["agent", "cluster-agent"]
            .map(|image| format!(
                "mirrored.yaml:8:15: warning: HelmRelease monitoring/datadog: registry.corp.example/datadog/{image} is on a host that no rule names and stays as it is: declare it with `source: registry.datadoghq.com` and `mirror: registry.corp.example/datadog`, or name the agent datadog to restore registry.datadoghq.com/{image} [undeclared-mirror]\n"
            ))
            .into_iter()
            .chain([format!("{NO_CONFIGURATION}\n2 warnings in 1 file, 3 images read\nexit 0")])
            .collect::<String>(),
    );
    // By that rule, a release without the key goes there, too.
    let rules = "  registries:\n  - {source: registry.datadoghq.com, mirror: registry.corp.example/datadog}\n";
    let folder = tree(&[
        ("plain.yaml", &plain),
        ("restore-images.yaml", &(config("datadog") + rules)),
    ]);
    assert_eq!(run_in_folder(folder.path(), &["check"], b"").code, 1);
}

#[test]
fn a_revision_without_its_document_is_a_warning_that_says_what_to_add() {
    let agent = |agent: &str| config(agent);
    let image = "octopusdeploy/kubernetes-agent-tools-base";
    let deployment = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: octopus-agent-tentacle}}\nspec:\n  template:\n    spec:\n      containers:\n      - name: octopus-agent-tentacle\n        image: octopusdeploy/kubernetes-agent-tentacle:9.2.4285\n        imagePullPolicy: IfNotPresent\n        env:\n        - {{name: OCTOPUS__K8STENTACLE__SCRIPTPODIMAGE, value: '{image}:1.30'}}\n"
    );
    let folder = tree(&[
        ("o.yaml", &deployment),
        ("restore-images.yaml", &agent("octopus-kubernetes-agent")),
    ]);
    let container = "Deployment octopus-agent-tentacle: container octopus-agent-tentacle";
    let entry = "{profile: octopus-kubernetes-agent, revision: {kubernetesVersion: \"1.34\"}}";
    check(
        &folder,
        "check --format short",
        &format!(
            "o.yaml:12:63: error: {container}: {image}:1.30 needs the cluster's version: for one of 1.34, write `- {entry}` under `agents` [unresolved-image]\n\
             configuration: restore-images.yaml\n1 error in 1 file, 2 images read\nexit 1"
        ),
    );
    fs::write(folder.path().join("restore-images.yaml"), agent(entry)).expect("written");
    let run = run_in_folder(folder.path(), &["fix"], b"");
    assert_eq!(run.code, 0, "{}", run.stderr);
    check(
        &folder,
        "check --format short",
        &format!(
            "o.yaml:12:63: warning: {container}: {image}:1.34 follows the vendor's own list, since there is no ConfigMap kubernetes-agent-versions with versions.json: add it to the manifests, or write `versions` into the agent's `revision` [assumed-revision]\n\
             configuration: restore-images.yaml\n1 warning in 1 file, 2 images read\nexit 0"
        ),
    );
}

#[test]
fn an_exception_that_fits_nothing_is_told_with_its_line() {
    let exceptions = "  exceptions:\n  - {reason: x, name: datadoggg, allow: [registry]}\n  - reason: z\n    name: realtheorycollector\n    expires: 2026-12-05\n    allow: [tag]\n  - {reason: of an agent that runs nowhere, agent: datadog, allow: [tag]}\n";
    let config = config("realtheory-collector") + exceptions;
    let folder = tree(&[
        ("d.yaml", &collector("", &format!("{COLLECTOR}:v1"))),
        ("restore-images.yaml", &config),
    ]);
    let unmatched = "no image here is under the exception \"x\" (name: datadoggg): correct or remove it, or set unmatchedAgents to ignore";
    let of_agent = "no image here is under the exception \"of an agent that runs nowhere\" (agent: datadog): correct or remove it, or set unmatchedAgents to ignore";
    let ending = "the exception \"z\" ends in 4 days, on 2026-12-05";
    check(
        &folder,
        "check --today 2026-12-01 --format short",
        &format!(
            "restore-images.yaml:8:5: warning: {ending} [expiring-exception]\n\
             restore-images.yaml:7:5: warning: {unmatched} [unmatched-exception]\n\
             restore-images.yaml:12:5: warning: {of_agent} [unmatched-exception]\n\
             configuration: restore-images.yaml\n\
             3 warnings in the configuration, none in 1 file, 1 image read\nexit 0"
        ),
    );
    check(
        &folder,
        "check --today 2026-12-01 --format github",
        &format!(
            "::warning file=restore-images.yaml,line=8,col=5,endLine=8,endColumn=5,title=expiring-exception::{ending}\n\
             ::warning file=restore-images.yaml,line=7,col=5,endLine=7,endColumn=5,title=unmatched-exception::{unmatched}\n\
             ::warning file=restore-images.yaml,line=12,col=5,endLine=12,endColumn=5,title=unmatched-exception::{of_agent}\n\
             ::notice file=d.yaml,line=11,col=16,endLine=11,endColumn=50,title=allowed-by-exception::Deployment realtheorycollector: container realtheorycollector: tag v1 keeps the agent from upgrading itself, allowed until 2026-12-05: z\n\
             configuration: restore-images.yaml\n3 warnings in the configuration, none in 1 file, 1 image read\nexit 0"
        ),
    );
    for (format, line) in [
        ("text", "--> restore-images.yaml:7:5"),
        ("gitlab", "\"begin\": 7"),
        ("sarif", "\"startLine\": 7"),
        ("json", "\"startLine\": 7"),
        ("html", "<p class=\"dim\">restore-images.yaml:7:5</p>"),
        ("junit", "restore-images.yaml:7:5: warning: "),
        ("markdown", "`unmatched-exception`, line 7: "),
    ] {
        let words = ["check", "--today", "2026-12-01", "--format", format];
        let run = run_in_folder(folder.path(), &words, b"");
        let said = String::from_utf8(run.stdout).expect("UTF-8");
        assert!(said.contains(line), "{format}: {said}");
    }
    // Of a part of the files, nobody can say it.
    let other = tree(&[
        ("a/d.yaml", &collector("", COLLECTOR)),
        ("restore-images.yaml", &config),
    ]);
    check(
        &other,
        "check a --today 2026-11-01",
        "configuration: restore-images.yaml\nnothing to restore in 1 file, 1 image read\nexit 0",
    );
    let shared = config.clone() + "  unmatchedAgents: ignore\n";
    fs::write(folder.path().join("restore-images.yaml"), shared).expect("written");
    check(
        &folder,
        "check --today 2026-11-01",
        "configuration: restore-images.yaml\nnothing to restore in 1 file, 1 image read\nexit 0",
    );
}

#[test]
fn what_an_exception_keeps_is_not_told_by_every_fix() {
    let exceptions = "  exceptions:\n  - {reason: x, name: \"*\", allow: [tag]}\n";
    let folder = tree(&[
        ("d.yaml", &collector("", &format!("{COLLECTOR}:v1"))),
        (
            "restore-images.yaml",
            &(config("realtheory-collector") + exceptions),
        ),
    ]);
    check(
        &folder,
        "fix",
        "configuration: restore-images.yaml\nnothing to restore in 1 file, 1 image read\nexit 0",
    );
}

#[test]
fn an_exception_for_the_object_that_installs_a_chart_fits() {
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: datadog, namespace: monitoring}\nspec:\n  chart:\n    spec: {chart: datadog, version: 3.80.0, sourceRef: {kind: HelmRepository, name: datadog}}\n  values:\n    registry: quay.io/acme/datadog\n";
    let exceptions =
        "  exceptions:\n  - {reason: x, kind: HelmRelease, name: datadog, allow: [registry]}\n";
    let folder = tree(&[
        ("hr.yaml", release),
        ("restore-images.yaml", &(config("datadog") + exceptions)),
    ]);
    check(
        &folder,
        "check --format short",
        "configuration: restore-images.yaml\nnothing to restore in 1 file, 2 images read\nexit 0",
    );
}

#[test]
fn keys_that_belong_elsewhere_are_sent_there() {
    let spec = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec:\n";
    let exception = "  exceptions: [{reason: x, KEY: a, allow: [tag]}]\n";
    let file = "write the file under `file`, and the path in its document under `field`";
    let key = "write the path in the document under `field`: `field: \"*.image.tag\"`";
    for (text, fault, help) in [
        (
            "  exclude: [a]\n".to_owned(),
            "5:3: spec.exclude: unknown key `exclude`",
            "write the patterns under `files: {exclude: […]}`",
        ),
        (
            exception.replace("KEY", "path"),
            "5:28: spec.exceptions[0].path: unknown key `path`",
            file,
        ),
        (
            exception.replace("KEY", "key"),
            "5:28: spec.exceptions[0].key: unknown key `key`",
            key,
        ),
        (
            "  summary: yes\n".to_owned(),
            "5:12: spec.summary: expected true or false, found the text `yes`",
            "write `true` or `false`, without quotes",
        ),
        (
            "  registries: [{source: docker, mirror: a.b/c}]\n".to_owned(),
            "5:25: spec.registries[0].source: `docker` does not start with a registry host",
            "a host has a dot or a port, as `registry.example.com`; for a path of Docker Hub, write `docker.io/docker`",
        ),
        (
            "- a\n".to_owned(),
            "5:3: spec: expected a mapping, found a list",
            "write its keys below each other, without a dash",
        ),
        (
            "  agents: [datadogg, octopus]\n".to_owned(),
            "5:12: spec.agents[0]: unknown agents `datadogg`, `octopus`",
            "did you mean `datadog` for `datadogg`, `octopus-kubernetes-agent` for `octopus`? `restore-images agents` lists all that are known",
        ),
    ] {
        let folder = tree(&[("restore-images.yaml", &format!("{spec}{text}"))]);
        check(
            &folder,
            "check",
            &format!("restore-images.yaml:{fault}\nhelp: {help}\nexit 2"),
        );
    }
    check(
        &tree(&[]),
        "check -c nope.yaml",
        "nope.yaml: cannot read the file: No such file or directory (os error 2)\n\
         help: correct the path, which counts from this folder\nexit 2",
    );
}

#[test]
fn flags_of_other_programs_get_the_right_advice() {
    let folder = tree(&[]);
    let preview =
        "`restore-images fix --diff` shows what would change, and `check` says what is wrong";
    let agents = "agents are named in the configuration, under `agents:`; `restore-images init` proposes one";
    for (line, flag, help) in [
        ("fix --dry-run", "--dry-run", preview),
        ("check --diff", "--diff", preview),
        (
            "fix --fail-on warning",
            "--fail-on",
            "`restore-images check --fail-on` says what fails a run; `fix` exits with 1 if something is left",
        ),
        ("check --agents datadog", "--agents", agents),
        ("check --agents=datadog", "--agents", agents),
    ] {
        check(
            &folder,
            line,
            &format!("unexpected argument '{flag}'\nhelp: {help}\nexit 2"),
        );
    }
}

#[test]
fn a_cluster_that_has_nothing_of_what_was_asked_for_is_no_failure() {
    let folder = tree(&[]);
    for list in [
        "apiVersion: v1\nitems: []\nkind: List\nmetadata:\n  resourceVersion: \"\"\n",
        "{\"apiVersion\": \"v1\", \"kind\": \"PodList\", \"items\": []}",
    ] {
        let nothing = format!(
            "{NO_CONFIGURATION}\nno manifest was looked at, 1 skipped: --verbose, 0 images read\n"
        );
        check_given(&folder, "check -", list, &format!("{nothing}exit 0"));
        check_given(
            &folder,
            "check --fail-empty -",
            list,
            &format!("{nothing}exit 3"),
        );
    }
    check_given(
        &folder,
        "check -",
        "",
        "standard input holds no manifest\nhelp: did the command before the pipe fail?\nexit 2",
    );
}

#[test]
fn a_word_that_may_mean_a_finding_or_an_agent_gets_a_pointer() {
    let folder = tree(&[("restore-images.yaml", &config("datadog"))]);
    for (word, what, meant) in [
        ("pinned", "a finding", "`pinned-tag` or `pinned-digest`"),
        ("wrong_registry", "a finding", "`wrong-registry`"),
        ("WRONG-REGISTRY", "a finding", "`wrong-registry`"),
        ("cloudzer", "an agent", "`cloudzero-agent`"),
    ] {
        // Upper-case letters are in no image's name.
        let image = if word == word.to_lowercase() {
            format!(" for the image of that name, write docker.io/library/{word}")
        } else {
            String::new()
        };
        check(
            &folder,
            &format!("explain {word}"),
            &format!("`{word}` is not {what}\nhelp: did you mean {meant}?{image}\nexit 2"),
        );
    }
    let of_agents = |word: &str| {
        format!("hint: `restore-images agents {word}` lists the agents with this word")
    };
    let of_rules = "`restore-images explain` has a page on ";
    for (word, hint) in [
        ("collector", of_agents("collector")),
        ("collectors", of_agents("collector")),
        (
            "agent",
            format!(
                "{}; {of_rules}`ambiguous-agent` or `unmatched-agent`",
                of_agents("agent")
            ),
        ),
        (
            "registry",
            format!(
                "hint: {of_rules}`wrong-registry`, `unmatched-registry` or `unmapped-registry`"
            ),
        ),
    ] {
        let run = run_in_folder(folder.path(), &["explain", word], b"");
        assert_text_eq(&run.stderr, &format!("{hint}\n"));
    }
    let exceptions = "  exceptions: [{reason: x, name: a, allow: [tag]}]\n";
    let folder_with = tree(&[("restore-images.yaml", &(config("datadog") + exceptions))]);
    let run = run_in_folder(folder_with.path(), &["explain", "quay.io/a/b"], b"");
    assert_text_eq(
        &run.stderr,
        "hint: exceptions are not looked at here; `restore-images check` does\n",
    );
    let folder = tree(&[("restore-images.yaml", &config("realtheory-collector"))]);
    let image = "quay.io/acme/theory-k8s-collector:v1";
    let run = run_in_folder(folder.path(), &["explain", image], b"");
    let said = String::from_utf8(run.stdout).expect("UTF-8");
    let names = "  names      may be realtheory-collector's\n             an agent is also recognised by its container and workload: name them with --container and --workload\n";
    assert!(said.contains(names), "{said}");
}

#[test]
fn a_label_names_parts_only_where_there_are_some() {
    let folder = tree(&[
        ("base/kustomization.yaml", "resources: [d.yaml]\n"),
        (
            "base/d.yaml",
            &collector("", COLLECTOR).replace("Always", "Never"),
        ),
        ("dev/kustomization.yaml", "resources: [../base]\n"),
        ("restore-images.yaml", &config("realtheory-collector")),
    ]);
    let run = run_in_folder(folder.path(), &["check", "dev"], b"");
    let said = String::from_utf8(run.stdout).expect("UTF-8");
    assert!(
        said.contains("^ imagePullPolicy should be Always\n") && !said.contains("= in: "),
        "{said}"
    );
}
