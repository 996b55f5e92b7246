//! Images in environment variables and arguments, where a profile names them.

use std::fs;

use crate::support::{assert_text_eq, run_in_folder};

const CONFIG: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  agents:
  - name: own
    images:
    - {image: 'acme.io/t/tools:latest', tag: floating, imagePullPolicy: Always}
    env:
    - {image: TOOLS_IMAGE, tag: TOOLS_TAG, imagePullPolicy: TOOLS_POLICY}
    - {image: SIDECAR_IMAGE}
    args:
    - flag: --reloader
";

/// Restores a container in block style; `expected` is the container, `rules` the findings' ids.
#[track_caller]
fn check(container: &str, expected: &str, rules: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("c.yaml"), CONFIG).expect("written");
    let text = |container: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d}}\nspec:\n  template:\n    spec:\n      containers:\n      - name: c\n        image: nginx\n{container}"
        )
    };
    let run = run_in_folder(folder.path(), &["c.yaml"], text(container).as_bytes());
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_text_eq(&String::from_utf8_lossy(&run.stdout), &text(expected));
    let found: Vec<&str> = run
        .stderr
        .lines()
        .filter_map(|line| Some(line.rsplit_once('[')?.1.trim_end_matches(']')))
        .collect();
    assert_eq!(found, rules, "{}", run.stderr);
    let again = run_in_folder(folder.path(), &["c.yaml"], text(expected).as_bytes());
    assert_text_eq(&String::from_utf8_lossy(&again.stdout), &text(expected));
}

#[test]
fn a_split_image_in_variables_is_one_field() {
    check(
        "        env:\n        - name: TOOLS_IMAGE\n          value: reg.corp/hub/t/tools # where\n        - name: TOOLS_TAG\n          value: '1.2'\n        - {name: TOOLS_POLICY, value: Never}\n",
        "        env:\n        - name: TOOLS_IMAGE\n          value: acme.io/t/tools # where\n        - name: TOOLS_TAG\n          value: 'latest'\n        - {name: TOOLS_POLICY, value: Always}\n",
        &["pinned-tag", "wrong-registry", "wrong-pull-policy"],
    );
    // Only what differs is written.
    check(
        "        env:\n        - name: TOOLS_TAG\n          value: \"1.10\"\n        - name: TOOLS_IMAGE\n          value: acme.io/t/tools\n",
        "        env:\n        - name: TOOLS_TAG\n          value: \"latest\"\n        - name: TOOLS_IMAGE\n          value: acme.io/t/tools\n",
        &["pinned-tag"],
    );
}

#[test]
fn a_whole_image_in_a_variable_is_restored() {
    check(
        "        env:\n        - name: SIDECAR_IMAGE\n          value: reg.corp:5000/t/tools:1\n",
        "        env:\n        - name: SIDECAR_IMAGE\n          value: acme.io/t/tools:latest\n",
        &["pinned-tag", "wrong-registry"],
    );
}

#[test]
fn what_a_controller_decides_is_left_alone() {
    for env in [
        "        env:\n        - name: TOOLS_IMAGE\n          value: ''\n        - name: TOOLS_TAG\n          value: '1'\n",
        "        env:\n        - name: TOOLS_IMAGE\n        - name: SIDECAR_IMAGE\n          valueFrom: {configMapKeyRef: {name: x, key: y}}\n",
        "        env:\n        - name: OTHER_IMAGE\n          value: reg.corp/t/tools:1\n",
        "        env:\n        - name: SIDECAR_IMAGE\n          value: reg.corp/other/image:1\n",
        "        env: []\n",
    ] {
        check(env, env, &["unmatched-agent"]);
    }
}

#[test]
fn an_argument_is_restored_in_either_form() {
    check(
        "        args:\n        - --reloader=reg.corp/x/t/tools:1 # pinned\n        - --other=reg.corp/x/t/tools:1\n",
        "        args:\n        - --reloader=acme.io/t/tools:latest # pinned\n        - --other=reg.corp/x/t/tools:1\n",
        &["pinned-tag", "wrong-registry"],
    );
    check(
        "        command: [\"/op\", \"--reloader\", 'reg.corp/x/t/tools', --v=2]\n",
        "        command: [\"/op\", \"--reloader\", 'acme.io/t/tools', --v=2]\n",
        &["wrong-registry"],
    );
    // An anchor is followed: the alias becomes the pod's own text.
    check(
        "        workingDir: &i acme.io/t/tools:7\n        args: [--reloader, *i ]\n",
        "        workingDir: &i acme.io/t/tools:7\n        args: [--reloader, acme.io/t/tools:latest ]\n",
        &["pinned-tag"],
    );
}

const OCTOPUS: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  agents:
  - name: tools
    images:
    - {image: octopusdeploy/kubernetes-agent-tools-base, tag: revision}
    env:
    - {image: SCRIPTPODIMAGE, tag: SCRIPTPODIMAGETAG}
    revision: {kubernetesVersion: \"VERSION\", resolver: RESOLVER}
";

const VERSIONS: &str = r#"{"tools": {"kubectl": ["1.36.0", "1.35.3"], "helm": [], "powershell": []}, "latest": "1.35", "revisionHash": "tT2Ki6", "deprecations": {"1.26": {"latestTag": "1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}, "1.27": {"latestTag": "1.27sha256:aaaa"}}}"#;

/// The tag that a script pod gets at a cluster version, and the findings' ids.
fn script_pod(
    version: &str,
    resolver: &str,
    map: Option<&str>,
    tag: &str,
) -> (String, Vec<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let config = OCTOPUS
        .replace("VERSION", version)
        .replace("RESOLVER", resolver);
    fs::write(folder.path().join("c.yaml"), config).expect("written");
    let map = map.map_or(String::new(), |name| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\ndata:\n  versions.json: |\n    {VERSIONS}\n---\n")
    });
    let text = format!(
        "{map}apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: octopus-agent-tentacle}}\nspec:\n  template:\n    spec:\n      containers:\n      - name: octopus-agent-tentacle\n        image: octopusdeploy/kubernetes-agent-tentacle:9.2.4285\n        env:\n        - name: SCRIPTPODIMAGE\n          value: octopusdeploy/kubernetes-agent-tools-base\n        - name: SCRIPTPODIMAGETAG\n          value: \"{tag}\"\n"
    );
    let run = run_in_folder(folder.path(), &["c.yaml"], text.as_bytes());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let output = String::from_utf8(run.stdout).expect("UTF-8");
    let (_, rest) = output.rsplit_once("value: \"").expect("the tag");
    let found = run.stderr.lines().filter_map(|line| {
        let (_, rule) = line.rsplit_once('[')?;
        Some(rule.trim_end_matches(']').to_owned())
    });
    (
        rest.trim_end_matches(['"', '\n']).to_owned(),
        found.collect(),
    )
}

#[test]
fn a_revision_follows_the_versions_document() {
    let digest = "1.26@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    let map = Some("kubernetes-agent-versions-7h2k9fm4tb");
    for (version, resolver, tag, expected, rules) in [
        (
            "1.35",
            "present",
            "1.35",
            "1.35-tT2Ki6",
            &["stale-revision"][..],
        ),
        (
            "1.35",
            "present",
            "1.35-Juaa5J",
            "1.35-tT2Ki6",
            &["stale-revision"],
        ),
        ("1.35", "present", "1.35-tT2Ki6", "1.35-tT2Ki6", &[]),
        (
            "1.36",
            "present",
            "latest",
            "1.36-tT2Ki6",
            &["stale-revision"],
        ),
        ("1.36", "original", "1.36", "latest", &["stale-revision"]),
        ("1.26", "present", "1.26", digest, &["stale-revision"]),
        // A malformed reference of the document is never written.
        ("1.27", "present", "1.27", "1.27", &["unresolved-image"]),
    ] {
        let (found, findings) = script_pod(version, resolver, map, tag);
        assert_eq!(
            (found.as_str(), findings.as_slice()),
            (
                expected,
                rules
                    .iter()
                    .map(|rule| (*rule).to_owned())
                    .collect::<Vec<_>>()
                    .as_slice()
            ),
            "{version} {tag}"
        );
    }
}

#[test]
fn a_revision_without_a_document_stays_or_falls_back() {
    for (map, tag, expected, rules) in [
        (
            None,
            "1.35-Juaa5J",
            "1.35-Juaa5J",
            &["assumed-revision"][..],
        ),
        (
            None,
            "1.34-Juaa5J",
            "1.35",
            &["assumed-revision", "stale-revision"],
        ),
        (None, "1.35", "1.35", &["assumed-revision"]),
        // The name must be the one that is looked for, with nothing but a hash behind it.
        (
            Some("kubernetes-agent-versions-of-others"),
            "1.34",
            "1.35",
            &["assumed-revision", "stale-revision"],
        ),
        (
            Some("kubernetes-agent-versions"),
            "1.35",
            "1.35-tT2Ki6",
            &["stale-revision"],
        ),
    ] {
        let (found, findings) = script_pod("1.35", "present", map, tag);
        assert_eq!(found, expected);
        assert_eq!(findings, rules);
    }
}

#[test]
fn pull_secrets_in_one_text_are_added_behind_those_that_stand_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec:\n  agents: [octopus-kubernetes-agent]\n  registries: [{source: docker.io/octopusdeploy, mirror: reg.corp/octopus, imagePullSecrets: [hub, other]}]\n";
    fs::write(folder.path().join("c.yaml"), config).expect("written");
    let text = |image: &str, watchdog: &str, secrets: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: octopus-agent-tentacle}}\nspec:\n  template:\n    spec:\n      containers:\n      - name: octopus-agent-tentacle\n        image: reg.corp/octopus/kubernetes-agent-tentacle:9.2.4285\n        env:\n        - name: OCTOPUS__K8STENTACLE__SCRIPTPODIMAGE\n          value: {image}\n        - name: OCTOPUS__K8STENTACLE__SCRIPTPODIMAGETAG\n          value: \"1.30\"\n        - name: OCTOPUS__K8STENTACLE__NFSWATCHDOGIMAGE\n          value: {watchdog}\n        - name: OCTOPUS__K8STENTACLE__PODIMAGEPULLSECRETNAMES\n          value: {secrets}\n      imagePullSecrets:\n      - name: hub\n      - name: other\n"
        )
    };
    let run = run_in_folder(
        folder.path(),
        &["c.yaml"],
        text(
            "octopusdeploy/kubernetes-agent-tools-base",
            "octopusdeploy/kubernetes-agent-nfs-watchdog:0.2.0",
            "\"mine, hub\"",
        )
        .as_bytes(),
    );
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_text_eq(
        &String::from_utf8_lossy(&run.stdout),
        &text(
            "reg.corp/octopus/kubernetes-agent-tools-base",
            "reg.corp/octopus/kubernetes-agent-nfs-watchdog:0.2.0",
            "\"mine,hub,other\"",
        ),
    );
}

#[test]
fn a_versions_document_may_stand_in_the_configuration() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = |revision: &str| {
        format!(
            "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n  agents:\n  - profile: octopus-kubernetes-agent\n    revision:\n{revision}"
        )
    };
    let text = |tag: &str| {
        format!(
            "apiVersion: v1\nkind: ReplicationController\nspec: {{template: {{spec: {{containers: [{{name: c, image: 'octopusdeploy/kubernetes-agent-tools-base:{tag}'}}]}}}}}}\n"
        )
    };
    let run = |revision: &str| {
        fs::write(folder.path().join("c.yaml"), config(revision)).expect("written");
        run_in_folder(folder.path(), &["c.yaml"], text("1.35").as_bytes())
    };
    let inline = run(&format!(
        "      kubernetesVersion: \"1.35\"\n      versions: |\n        {VERSIONS}\n"
    ));
    assert_text_eq(
        &String::from_utf8_lossy(&inline.stdout),
        &text("1.35-tT2Ki6"),
    );
    for (revision, fault) in [
        (
            "      kubernetesVersion: 1.35\n",
            "c.yaml:8:26: spec.agents[0].revision.kubernetesVersion: expected text, found the number 1.35\n",
        ),
        (
            "      kubernetesVersion: new\n",
            "c.yaml:8:26: spec.agents[0].revision.kubernetesVersion: `new` is no Kubernetes version\n",
        ),
        (
            "      kubernetesVersion: \"1.35\"\n      versions: '[]'\n",
            "c.yaml:9:17: spec.agents[0].revision.versions: the versions document cannot be read: ",
        ),
        (
            "      kubernetesVersion: \"1.35\"\n      versions: '{}'\n      versionsFrom: x\n",
            "c.yaml:10:21: spec.agents[0].revision.versionsFrom: `versions` and `versionsFrom` are both here\n",
        ),
    ] {
        let run = run(revision);
        assert_eq!((run.code, run.stdout.len()), (2, 0));
        assert!(run.stderr.starts_with(fault), "{}", run.stderr);
    }
}

/// Castai's query processor has a version in a variable in which Tailscale's operator has an image.
#[test]
fn a_word_in_a_variable_or_flag_is_no_image() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = CONFIG.replace(
        "spec:\n",
        "spec:\n  registries:\n  - {source: docker.io, mirror: reg.corp/hub, scope: all}\n",
    );
    fs::write(folder.path().join("c.yaml"), config).expect("written");
    let text = |sidecar: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n  - name: c\n    image: ghcr.io/a/b:1\n    args: [--reloader=off, --reloader, v1.2]\n    env:\n    - {{name: TOOLS_IMAGE, value: v4.84.3}}\n    - {{name: SIDECAR_IMAGE, value: {sidecar}}}\n"
        )
    };
    let run = run_in_folder(folder.path(), &["c.yaml"], text("nginx:1").as_bytes());
    let expected = text("reg.corp/hub/library/nginx:1");
    assert_text_eq(&String::from_utf8_lossy(&run.stdout), &expected);
}

/// No profile says where a secret goes that is not in the pod's own list: it is said once.
#[test]
fn a_secret_for_what_is_handed_over_is_told_once() {
    let config = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec:\n  agents:\n  - name: own\n    images: [{image: acme.io/t/tools}]\n    env: [{image: ONE}, {image: TWO, imagePullSecrets: SECRETS}]\n    args: [{flag: --img}]\n    data: [{image: KEY}]\n  unmatchedAgents: ignore\n  registries: [{source: acme.io, mirror: m.e/acme, scope: all, imagePullSecrets: [p]}]\n";
    let check = |rest: &str, spec: &str, expected: &str, told: &str| {
        let folder = crate::support::folder_of(&[("c.yaml", &format!("{config}{rest}"))]);
        let run = run_in_folder(folder.path(), &["c.yaml"], spec.as_bytes());
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert_text_eq(&String::from_utf8_lossy(&run.stdout), expected);
        let lines = run
            .stderr
            .lines()
            .filter(|line| line.contains("needs the pull secret"));
        let lines: Vec<&str> = lines
            .filter_map(|line| line.split_once("warning: "))
            .map(|(_, rest)| rest)
            .collect();
        assert_text_eq(&lines.join("\n"), told);
    };
    let why = "needs the pull secret p, and its profile does not say where the pods take it from: make sure that it is there [unseen-pull-secret]";
    let pod = |host: &str| {
        format!(
            "apiVersion: v1\nkind: ReplicationController\nmetadata: {{name: r}}\nspec:\n  template:\n    spec:\n      imagePullSecrets: [{{name: p}}]\n      containers:\n      - name: c\n        image: x\n        args: [--img={host}/t/tools:1, --img, '{host}/a/b:2']\n        env:\n        - {{name: ONE, value: {host}/a/c:1}}\n"
        )
    };
    let said = |image: &str| format!("ReplicationController r: container c: {image} {why}");
    check(
        "",
        &pod("acme.io"),
        &pod("m.e/acme"),
        &said("acme.io/a/c:1"),
    );
    // What is there already needs it as well.
    check(
        "",
        &pod("m.e/acme"),
        &pod("m.e/acme"),
        &said("m.e/acme/a/c:1"),
    );
    check(
        "  exceptions: [{kind: ReplicationController, allow: [imagePullSecrets], reason: their accounts have it}]\n",
        &pod("acme.io"),
        &pod("m.e/acme"),
        "",
    );
    let map = |host: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m}}\ndata: {{KEY: '{host}/a/b:1'}}\n"
        )
    };
    check(
        "",
        &map("acme.io"),
        &map("m.e/acme"),
        &format!("ConfigMap m: acme.io/a/b:1 {why}"),
    );
}

/// A registry that ends in a slash is mapped with it.
#[test]
fn a_setting_may_end_in_a_slash() {
    let config = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec:\n  agents: [{name: own, images: [{image: acme.io/t/agent}], prefixes: [{setting: REG, before: agent}, {setting: --reg, before: agent}]}]\n  unmatchedAgents: ignore\n  registries: [{source: acme.io, mirror: m.e/acme}]\n";
    let folder = crate::support::folder_of(&[("c.yaml", config)]);
    let pod = |host: &str| {
        format!(
            "apiVersion: v1\nkind: ReplicationController\nmetadata: {{name: r}}\nspec: {{template: {{spec: {{containers: [{{name: c, image: x, args: [--reg={host}/t/, --reg, {host}/t], env: [{{name: REG, value: '{host}/t/'}}]}}]}}}}}}\n"
        )
    };
    for host in ["acme.io", "m.e/acme"] {
        let run = run_in_folder(folder.path(), &["c.yaml"], pod(host).as_bytes());
        assert_text_eq(&String::from_utf8_lossy(&run.stdout), &pod("m.e/acme"));
        assert_eq!(
            run.stderr.matches("acme.io/t/ → m.e/acme/t/ [").count(),
            if host == "acme.io" { 2 } else { 0 },
            "{}",
            run.stderr
        );
    }
}
