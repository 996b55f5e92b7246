//! Manifests that ConfigMaps hold as text, at keys that a profile names.

use crate::support::{assert_text_eq, folder_of, run_in_folder};

const CONFIG: &str = "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {name: c}\nspec:\n  agents: [{name: own, images: [{image: acme.io/t/agent, tag: floating, floatingTags: [latest], imagePullPolicy: Always}], manifests: [job.yaml]}]\n  unmatchedAgents: ignore\n  registries: [{source: acme.io, mirror: reg.corp/acme, imagePullSecrets: [pull]}]\n";

fn config_map(data: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: held\ndata:\n{data}")
}

/// Restores a ConfigMap as a stream, and again; gives what was said of it first.
#[track_caller]
fn check(input: &str, expected: &str) -> String {
    let folder = folder_of(&[("c.yaml", CONFIG)]);
    let restore = |text: &str| run_in_folder(folder.path(), &["c.yaml"], text.as_bytes());
    let run = restore(&config_map(input));
    assert_eq!(run.code, 0, "{}", run.stderr);
    let out = String::from_utf8_lossy(&run.stdout);
    assert_text_eq(&out, &config_map(expected));
    assert_text_eq(&String::from_utf8_lossy(&restore(&out).stdout), &out);
    run.stderr
}

/// The images, policies and secrets of what a program makes of the text, each edited where it stands.
#[test]
fn a_manifest_in_a_configmap_is_restored() {
    let said = check(
        "  other: |\n    image: acme.io/t/agent:1\n  job.yaml: |\n    # made anew each time\n    apiVersion: batch/v1\n    kind: Job\n    spec:\n      template:\n        spec:\n          containers:\n          - name: a\n            image: \"acme.io/t/agent:1.2\" # pinned\n            imagePullPolicy: IfNotPresent\n",
        "  other: |\n    image: acme.io/t/agent:1\n  job.yaml: |\n    # made anew each time\n    apiVersion: batch/v1\n    kind: Job\n    spec:\n      template:\n        spec:\n          containers:\n          - name: a\n            image: \"reg.corp/acme/t/agent\" # pinned\n            imagePullPolicy: Always\n          imagePullSecrets:\n          - name: pull\n",
    );
    assert_text_eq(
        &said,
        "stdin:17:20: info: ConfigMap held: container a: tag 1.2 keeps the agent from upgrading itself: acme.io/t/agent:1.2 → reg.corp/acme/t/agent [pinned-tag]\n\
         stdin:17:20: info: ConfigMap held: container a: wrong registry or path: acme.io/t/agent:1.2 → reg.corp/acme/t/agent [wrong-registry]\n\
         stdin:18:30: info: ConfigMap held: container a: imagePullPolicy IfNotPresent → Always [wrong-pull-policy]\n\
         stdin:15:11: info: ConfigMap held: pull secrets (none) → [pull] [missing-pull-secret]\n\
         stdin:15:11: warning: ConfigMap held: the pod's first pull secret switches off those of its ServiceAccount default, which is not among the items: list the account's secrets here too, if it has any [shadows-serviceaccount-secrets]\n",
    );
}

/// In each style of a scalar; a new line only where the style takes one.
#[test]
fn every_style_is_edited_where_it_stands() {
    let pod = |image: &str| {
        format!(
            "{{apiVersion: v1, kind: Pod, spec: {{imagePullSecrets: [{{name: pull}}], containers: [{{name: a, image: {image}, imagePullPolicy: Always}}]}}}}"
        )
    };
    let (old, new) = (pod("acme.io/t/agent"), pod("reg.corp/acme/t/agent"));
    for style in [
        "  job.yaml: 'TEXT'\n",
        "  job.yaml: \"TEXT\\n\"\n",
        "  job.yaml: >-\n    TEXT\n",
        "  job.yaml: |-\n    TEXT\n",
        "  job.yaml: |\n    ---\n    TEXT\n    ---\n    apiVersion: v1\n    kind: Service\n",
    ] {
        check(&style.replace("TEXT", &old), &style.replace("TEXT", &new));
    }
    let lines = "apiVersion: v1\\nkind: Pod\\nspec:\\n  containers:\\n  - {name: a, image: IMAGE, imagePullPolicy: Always}\\n";
    let quoted = |image: &str, more: &str| {
        format!("  job.yaml: \"{}{more}\"\n", lines.replace("IMAGE", image))
    };
    check(
        &quoted("acme.io/t/agent", ""),
        &quoted(
            "reg.corp/acme/t/agent",
            "  imagePullSecrets:\\n  - name: pull\\n",
        ),
    );
    // A folded text takes no new line, and an image stays where its secret does.
    let folded = "  job.yaml: >\n    apiVersion: v1\n\n    kind: Pod\n\n    spec:\n      containers:\n      - {name: a, image: acme.io/t/agent, imagePullPolicy: Always}\n";
    let said = check(folded, folded);
    assert!(said.contains("is not written: "), "{said}");
}

/// What a program fills in afterwards is not edited; what would be wrong in it is said.
#[test]
fn a_template_stays() {
    let template = |image: &str| {
        format!(
            "  job.yaml: |\n    apiVersion: apps/v1\n    kind: DaemonSet\n    metadata:\n      name: \"{{{{ .Name }}}}\"\n    spec:\n      template:\n        spec:\n          imagePullSecrets: [{{name: pull}}]\n          containers:\n          - name: a\n            image: {image}\n            imagePullPolicy: Always\n          {{{{- if .Selector }}}}\n          nodeSelector: {{{{ .Selector }}}}\n          {{{{- end }}}}\n"
        )
    };
    let old = template("acme.io/t/agent");
    assert_text_eq(
        &check(&old, &old),
        "stdin:17:20: warning: ConfigMap held: container a: wrong registry or path: acme.io/t/agent → reg.corp/acme/t/agent is not written: a program fills in what is between braces around it: change it by hand [wrong-registry]\n",
    );
    let right = template("reg.corp/acme/t/agent");
    assert_text_eq(&check(&right, &right), "");
}

/// No manifest, no object, nobody's image, and what cannot be read.
#[test]
fn other_texts_stay() {
    for text in [
        "  job.yaml: 'yes'\n",
        "  job.yaml: ''\n",
        "  job.yaml:\n",
        "  job.yaml: '{{'\n",
        "  job.yaml: |\n    apiVersion: v1\n    kind: Pod\n    spec: {containers: [{name: a, image: nginx:1}]}\n",
        "  job.yaml: |\n    image: acme.io/t/agent:1\n",
    ] {
        assert_text_eq(&check(text, text), "");
    }
    let broken = "  job.yaml: |\n    kind: Pod\n    image: [\n";
    assert_text_eq(
        &check(broken, broken),
        "stdin:8:12: info: ConfigMap held: data.job.yaml holds a manifest whose images are not checked: unclosed bracket '[' [unread-source]\n",
    );
}

/// The annotation and an exception hold for what the ConfigMap holds.
#[test]
fn a_configmap_can_be_left() {
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: held\n  annotations: {restore-images.dev/ignore: by hand}\ndata:\n  job.yaml: |\n    apiVersion: v1\n    kind: Pod\n    metadata: {name: p}\n    spec: {containers: [{name: a, image: acme.io/t/agent}]}\n";
    let folder = folder_of(&[("restore-images.yaml", CONFIG), ("x.yaml", text)]);
    let run = run_in_folder(folder.path(), &["check", "x.yaml"], b"");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(
        said.contains("left alone by annotation: by hand, which silences 3 errors"),
        "{said}"
    );
    // In a stream, whoever gives the configuration says whether annotations hold.
    let folder = folder_of(&[("c.yaml", CONFIG)]);
    let run = run_in_folder(folder.path(), &["c.yaml"], text.as_bytes());
    assert!(
        run.stderr.contains("[untrusted-override]"),
        "{}",
        run.stderr
    );
    let text = text.replace("  annotations: {restore-images.dev/ignore: by hand}\n", "");
    for named in ["kind: ConfigMap, name: held", "kind: Pod, name: p"] {
        let config = format!(
            "{CONFIG}  exceptions: [{{{named}, allow: [registry, imagePullPolicy, imagePullSecrets], reason: r}}]\n"
        );
        let folder = folder_of(&[("c.yaml", &config)]);
        let run = run_in_folder(folder.path(), &["c.yaml"], text.as_bytes());
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert_text_eq(&String::from_utf8_lossy(&run.stdout), &text);
    }
}

/// Files of a tree: in a ConfigMap that kustomize builds, lines are added as lines, and what was read counts.
#[test]
fn a_build_is_edited_line_by_line() {
    let text = |rest: &str| {
        config_map(&format!(
            "  job.yaml: |\n    apiVersion: v1\n    kind: Pod\n    spec:\n      containers:\n      - name: a # first\n        imagePullPolicy: Always\n{rest}    # end\n"
        ))
    };
    let folder = folder_of(&[
        ("restore-images.yaml", CONFIG),
        (
            "kustomization.yaml",
            "resources: [cm.yaml]\nnamePrefix: x-\n",
        ),
        ("cm.yaml", &text("        image: acme.io/t/agent\n")),
    ]);
    let run = run_in_folder(folder.path(), &["fix", "."], b"");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let now = std::fs::read_to_string(folder.path().join("cm.yaml")).expect("written");
    assert_text_eq(
        &now,
        &text(
            "        image: reg.corp/acme/t/agent\n      imagePullSecrets:\n      - name: pull\n",
        ),
    );
    let run = run_in_folder(folder.path(), &["check", "--verbose", "."], b"");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let said = format!("{}{}", String::from_utf8_lossy(&run.stdout), run.stderr);
    assert!(said.contains("1 image read"), "{said}");
    assert!(!said.contains("cm.yaml:12:16: not read"), "{said}");
}

/// What kustomize makes a ConfigMap of: a file under such a key is a manifest, under another it is data.
#[test]
fn a_generators_file_is_a_manifest_by_its_key() {
    let pod = |image: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{imagePullSecrets: [{{name: pull}}], containers: [{{name: a, image: {image}, imagePullPolicy: Always}}]}}\n"
        )
    };
    let (old, new) = (pod("acme.io/t/agent"), pod("reg.corp/acme/t/agent"));
    let folder = folder_of(&[
        ("restore-images.yaml", CONFIG),
        (
            "kustomization.yaml",
            "configMapGenerator:\n- name: a\n  files: [job.yaml, other.yaml]\n- name: b\n  files: [job.yaml=pod.yaml]\n",
        ),
        ("job.yaml", &old),
        ("pod.yaml", &old),
        ("other.yaml", &old),
    ]);
    let run = run_in_folder(folder.path(), &["fix", "."], b"");
    assert_eq!(run.code, 0, "{}", run.stderr);
    for (file, text) in [("job.yaml", &new), ("pod.yaml", &new), ("other.yaml", &old)] {
        let now = std::fs::read_to_string(folder.path().join(file)).expect("a file");
        assert_text_eq(&now, text);
    }
}

/// What a program runs by them is copied to a mirror as well.
#[test]
fn their_images_are_mirrored() {
    let config = "apiVersion: restore-images.dev/v1alpha1\nkind: GenerateImages\nmetadata: {name: g}\nspec:\n  agents: [{name: own, images: [{image: acme.io/t/agent}], manifests: [job.yaml]}]\n  registries: [{source: acme.io, mirror: reg.corp/acme}]\n  emit: [{mirrorSync: {tool: crane}}]\n";
    let folder = folder_of(&[("g.yaml", config)]);
    let held = |name: &str, tag: &str| {
        config_map(&format!(
            "  job.yaml: |\n    apiVersion: v1\n    kind: Pod\n    metadata: {{name: {name}}}\n    spec: {{containers: [{{name: a, image: acme.io/t/agent:{tag}}}]}}\n"
        ))
    };
    let text = [held("p", "1.2"), held("'{{ .Name }}'", "1.3")].join("---\n");
    let run = run_in_folder(folder.path(), &["g.yaml"], text.as_bytes());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let made = String::from_utf8_lossy(&run.stdout);
    for tag in ["1.2", "1.3"] {
        let copy = format!("acme.io/t/agent:{tag} reg.corp/acme/t/agent:{tag}");
        assert!(made.contains(&copy), "{made}");
    }
}
