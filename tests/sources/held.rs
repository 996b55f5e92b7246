//! Manifests in ConfigMaps that kustomizations bring: texts, literals, and files of generators.

use super::cases::{Files, builds, restored, settled, tree};

const CONFIG: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  agents: [{name: own, images: [{image: quay.io/acme/agent, tag: keep}], manifests: [job.yaml]}]
  registries:
  - {source: quay.io, mirror: registry.example.com/quay}
";

const OLD: &str = "quay.io/acme/agent";
const NEW: &str = "registry.example.com/quay/acme/agent";

fn pod(name: &str, image: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\nspec:\n  containers:\n  - name: a\n    image: {image}\n"
    )
}

fn config_map(text: &str) -> String {
    let lines = text.lines().map(|line| format!("    {line}\n"));
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: held\ndata:\n  job.yaml: |\n{}",
        lines.collect::<String>()
    )
}

/// Each image is told where it stands in the text, also that of a second document.
#[test]
fn each_image_of_a_text_is_told_where_it_stands() {
    let files = |image: &str| {
        let two = [pod("one", image), pod("two", image)].join("---\n");
        tree([
            ("kustomization.yaml", "resources: [cm.yaml]\n"),
            ("cm.yaml", &config_map(&two)),
        ])
    };
    let said = settled(CONFIG, &files(OLD), &files(NEW));
    for place in ["cm.yaml:14:16", "cm.yaml:23:16"] {
        assert!(said.contains(place), "{said}");
    }
    assert!(said.contains("2 errors in 1 file, 2 images read"), "{said}");
}

#[test]
fn a_literal_is_told_where_it_stands() {
    let files = |image: &str| {
        let text = pod("one", image);
        let lines = text.lines().map(|line| format!("    {line}\n"));
        tree([(
            "kustomization.yaml",
            &*format!(
                "configMapGenerator:\n- name: held\n  literals:\n  - |\n    job.yaml={}",
                lines.collect::<String>().trim_start()
            ),
        )])
    };
    let said = settled(CONFIG, &files(OLD), &files(NEW));
    assert!(said.contains("kustomization.yaml:12:16"), "{said}");
    assert!(said.contains("1 image read"), "{said}");
}

/// A text whose lines end with carriage returns, which only double quotes can hold.
#[test]
fn carriage_returns_stay() {
    let files = |image: &str, more: &str| {
        let text = [&*pod("one", image), more].concat().replace('\n', "\\r\\n");
        tree([
            ("kustomization.yaml", "resources: [cm.yaml]\n"),
            (
                "cm.yaml",
                &*format!(
                    "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: held}}\ndata:\n  job.yaml: \"{text}\"\n"
                ),
            ),
        ])
    };
    let config = CONFIG.replace("quay}", "quay, imagePullSecrets: [pull]}");
    let secrets = "  imagePullSecrets:\n  - name: pull\n";
    settled(&config, &files(OLD, ""), &files(NEW, secrets));
}

/// The file is a resource as well: what a list of images makes of it there does not reach the ConfigMap.
#[test]
fn a_generators_file_that_is_a_resource_too_is_right_as_both() {
    let lines = "resources: [job.yaml]\nconfigMapGenerator: [{name: held, files: [job.yaml]}]\n";
    let files = |image: &str| {
        tree([
            (
                "kustomization.yaml",
                &*format!("{lines}images: [{{name: {image}, newTag: v2}}]\n"),
            ),
            ("job.yaml", &pod("one", &format!("{image}:v1"))),
        ])
    };
    settled(CONFIG, &files(OLD), &files(NEW));
    let both = |image: &str| [format!("{image}:v1"), format!("{image}:v2")];
    let (old, new) = (both(OLD), both(NEW));
    let old: Vec<&str> = old.iter().map(String::as_str).collect();
    let new: Vec<&str> = new.iter().map(String::as_str).collect();
    builds(CONFIG, &files(OLD), &[(".", &old, &new)]);
    // What a patch sets is another image, in the resource alone.
    let patched = format!(
        "{lines}patches:\n- patch: |\n    apiVersion: v1\n    kind: Pod\n    metadata: {{name: one}}\n    spec: {{containers: [{{name: a, image: {NEW}}}]}}\n"
    );
    let files = |image: &str| {
        tree([
            ("kustomization.yaml", &*patched),
            ("job.yaml", &pod("one", image)),
        ])
    };
    settled(CONFIG, &files(OLD), &files(NEW));
}

/// The key says that it is a manifest, whatever the file is called.
#[test]
fn a_generators_file_may_have_any_name() {
    let files = |image: &str| {
        tree([
            (
                "kustomization.yaml",
                "configMapGenerator: [{name: held, files: [job.yaml=x/job.txt, other=other.txt]}]\n",
            ),
            ("x/job.txt", &pod("one", image)),
            ("other.txt", "apiVersion: [ image:\n"),
        ])
    };
    settled(CONFIG, &files(OLD), &files(NEW));
}

/// What a ConfigMap holds need not be YAML.
#[test]
fn a_generators_file_is_no_fault() {
    let before = tree([
        (
            "kustomization.yaml",
            "resources: [cm.yaml]\nconfigMapGenerator: [{name: held, files: [other.yaml]}]\n",
        ),
        ("cm.yaml", &config_map(&pod("one", NEW))),
        ("other.yaml", "apiVersion: v1\nspec: [ image: \"nginx:1\"\n"),
    ]);
    for (code, said) in restored(CONFIG, &before, &Files::new()) {
        assert_eq!(code, 0, "{said}");
    }
}

/// As the text of a ConfigMap in a file: exceptions for it hold, nobody applies it, and a template stays.
#[test]
fn a_generators_file_is_judged_as_its_text_in_the_configmap() {
    let kustomization = "namespace: prod\nconfigMapGenerator: [{name: held, files: [job.yaml]}]\n";
    let files = |name: &str, image: &str| {
        tree([
            ("kustomization.yaml", kustomization),
            ("job.yaml", &pod(name, image)),
        ])
    };
    let said = settled(CONFIG, &files("one", OLD), &files("one", NEW));
    assert!(!said.contains("immutable-workload"), "{said}");
    let template = files("'{{ .Name }}'", OLD);
    let all = restored(CONFIG, &template, &Files::new());
    assert_eq!([all[0].0, all[1].0, all[2].0], [1, 1, 1], "{}", all[1].1);
    assert!(
        all[1]
            .1
            .contains("is not written: a program fills in what is between braces"),
        "{}",
        all[1].1
    );
    for (namespace, code) in [("prod", 0), ("test", 1)] {
        let exception = format!(
            "{CONFIG}  exceptions: [{{kind: ConfigMap, namespace: {namespace}, name: held, allow: [registry], reason: r}}]\n"
        );
        let folder = tempfile::tempdir().expect("a folder");
        super::cases::write(&folder.path().join("tree"), &files("one", OLD));
        std::fs::write(folder.path().join("c.yaml"), exception).expect("written");
        let (found, said) = super::build::command(folder.path(), &["check"]);
        assert_eq!(found, code, "{said}");
    }
}

/// Nobody installs a chart by it, and a template is read without what is filled in, as in a ConfigMap's own text.
#[test]
fn what_a_generators_file_does_not_do() {
    let config = CONFIG.replace("quay}", "quay, scope: all}");
    let release = format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: r}}\nspec:\n  chart: {{spec: {{chart: c, sourceRef: {{kind: HelmRepository, name: h}}}}}}\n  values: {{image: {{repository: {OLD}, tag: v1}}}}\n"
    );
    let files = |text: &str| {
        tree([
            (
                "kustomization.yaml",
                "configMapGenerator:\n- {name: held, files: [job.yaml]}\n- {name: too, files: [job.yaml]}\n",
            ),
            ("job.yaml", text),
        ])
    };
    for (code, said) in restored(&config, &files(&release), &Files::new()) {
        assert_eq!(code, 0, "{said}");
    }
    let template = format!("{{{{- if .x }}}}\n{}{{{{- end }}}}\n", pod("one", OLD));
    let all = restored(&config, &files(&template), &Files::new());
    for (code, said) in &all {
        assert_eq!(*code, 1, "{said}");
        let why = "is not written: a program fills in what is between braces";
        assert!(
            said.contains(why) && said.contains("job.yaml:9:12"),
            "{said}"
        );
    }
    let exception =
        format!("{config}  exceptions: [{{kind: ConfigMap, allow: [registry], reason: r}}]\n");
    let literal = pod("one", OLD).replace('\n', "\n    ");
    let literal = tree([(
        "kustomization.yaml",
        &*format!(
            "configMapGenerator:\n- name: held\n  literals:\n  - |\n    job.yaml={literal}\n"
        ),
    )]);
    for files in [files(&pod("one", OLD)), literal] {
        for (code, said) in restored(&exception, &files, &Files::new()) {
            assert_eq!(code, 0, "{said}");
        }
    }
}

/// Nor is anything edited around a character that readers take differently, as in a ConfigMap's own text.
#[test]
fn a_generators_file_with_a_byte_order_mark_stays() {
    let before = tree([
        (
            "kustomization.yaml",
            "configMapGenerator: [{name: held, files: [job.yaml]}]\n",
        ),
        ("job.yaml", &*format!("\u{feff}{}", pod("one", OLD))),
    ]);
    for (code, said) in restored(CONFIG, &before, &Files::new()) {
        assert_eq!(code, 1, "{said}");
        assert!(said.contains("and byte order marks out"), "{said}");
    }
}

/// Restoring the build leaves what else holds the file.
#[test]
fn a_generators_file_that_is_no_manifest_elsewhere_stays() {
    for others in [
        "secretGenerator: [{name: s, files: [job.yaml]}]\n",
        "- {name: other, files: [other=job.yaml]}\n",
    ] {
        let before = tree([
            (
                "kustomization.yaml",
                &*format!("configMapGenerator:\n- {{name: held, files: [job.yaml]}}\n{others}"),
            ),
            ("job.yaml", &pod("one", OLD)),
        ]);
        for (code, said) in restored(CONFIG, &before, &Files::new()) {
            assert_eq!(code, 1, "{said}");
            let why = "a Secret or another key of a ConfigMap holds this file, too";
            assert!(said.contains(why), "{said}");
        }
    }
}
