//! Files that kustomizations name for something else than a resource: contents of generated ConfigMaps,
//! and patches that no build applies.

use super::cases::{Files, MIRRORS, deployment, restored, settled, tree, write};
use crate::support::{assert_text_eq, run_in_folder};

const OLD: &str = "nginx:1";
const NEW: &str = "registry.example.com/hub/library/nginx:1";

fn generating(kustomization: &str) -> Files {
    tree([
        ("kustomization.yaml", kustomization),
        ("data.yaml", &deployment("data", &[("web", OLD)])),
        ("web.yaml", &deployment("web", &[("web", NEW)])),
    ])
}

#[test]
fn a_manifest_in_a_config_map_is_data() {
    for generator in [
        "configMapGenerator: [{name: a, files: [data.yaml]}]\n",
        "secretGenerator: [{name: a, files: [key=./data.yaml]}]\n",
        "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nConfigMapGenerator: [{name: a, files: [data.yaml]}]\n",
    ] {
        let before = generating(&format!("resources: [web.yaml]\n{generator}"));
        let [checked, fixed, again] = restored(MIRRORS, &before, &Files::new());
        for (code, said) in [checked, fixed, again] {
            assert_eq!(code, 0, "{said}");
            assert!(said.contains("1 not read"), "{said}");
        }
    }
}

#[test]
fn a_manifest_that_is_a_resource_as_well_is_judged() {
    let before = generating(
        "resources: [web.yaml, data.yaml]\nconfigMapGenerator: [{name: a, files: [data.yaml]}]\n",
    );
    let after = tree([("data.yaml", &deployment("data", &[("web", NEW)]))]);
    settled(MIRRORS, &before, &after);
}

/// Values of a chart are read from a ConfigMap, in whatever file they are.
#[test]
fn values_in_a_generated_config_map_are_judged() {
    let before = tree([
        (
            "kustomization.yaml",
            "resources: [release.yaml]\nconfigMapGenerator: [{name: web, files: [values.yaml=v.yaml]}]\n",
        ),
        (
            "release.yaml",
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web}\nspec:\n  chart: {spec: {chart: web}}\n  valuesFrom: [{kind: ConfigMap, name: web}]\n",
        ),
        ("v.yaml", "image: {repository: ghcr.io/acme/web, tag: v1}\n"),
    ]);
    let after = tree([(
        "v.yaml",
        "image: {repository: registry.example.com/ghcr/acme/web, tag: v1}\n",
    )]);
    settled(MIRRORS, &before, &after);
}

#[test]
fn data_is_explained() {
    let folder = tempfile::tempdir().expect("a folder");
    write(
        folder.path(),
        &generating("resources: [web.yaml]\nconfigMapGenerator: [{name: a, files: [data.yaml]}]\n"),
    );
    std::fs::write(folder.path().join("c.yaml"), MIRRORS).expect("written");
    let run = run_in_folder(
        folder.path(),
        &["explain", "-c", "c.yaml", "data.yaml"],
        b"",
    );
    let expected = "\
data.yaml

  role      data
            decided by what refers to it
  named by  kustomization.yaml:2:40
            under `configMapGenerator`
  root      kustomization.yaml
            settled
  judged    no
            the contents of a ConfigMap or Secret that a kustomization generates
  images    0 read, 1 not read
  not read  nginx:1 at 10:16
            the contents of a ConfigMap or Secret that a kustomization generates
";
    assert_text_eq(str::from_utf8(&run.stdout).expect("UTF-8"), expected);
}

/// Given alone, a file is still what the kustomizations of its repository put into a ConfigMap.
#[test]
fn data_is_known_where_it_is_given_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let put = |lines: &str| write(folder.path(), &generating(lines));
    let data = "configMapGenerator: [{name: a, files: [key=data.yaml]}]\n";
    std::fs::create_dir(folder.path().join(".git")).expect("a folder");
    std::fs::write(folder.path().join("c.yaml"), MIRRORS).expect("written");
    let checked = || {
        let args = ["check", "-c", "c.yaml", "--verbose", "data.yaml"];
        run_in_folder(folder.path(), &args, b"")
    };
    put(&format!("resources: [web.yaml]\n{data}"));
    let run = checked();
    assert_eq!(run.code, 0, "{}", run.stderr);
    let why = "the contents of a ConfigMap or Secret that a kustomization generates";
    assert!(run.stderr.contains(why), "{}", run.stderr);
    // What is a resource as well is judged.
    put(&format!("resources: [data.yaml]\n{data}"));
    assert_eq!(checked().code, 1);
    put("resources: [web.yaml]\n");
    assert_eq!(checked().code, 1);
}

const AGENT: &str = "\
apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  agents: [datadog]
  registries:
  - {source: registry.datadoghq.com, mirror: registry.example.com/dd}
  imagePullSecrets: [regcred]
";

fn release(values: &str) -> String {
    format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: dd}}\nspec:\n  chart: {{spec: {{chart: datadog}}}}\n  values: {values}\n"
    )
}

/// A patch is a part of a release: what is absent in it may stand in the base.
#[test]
fn a_patch_of_a_refused_root_is_no_release() {
    let over = "resources: [../base]\npatches: [{path: p.yaml}]\n";
    let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{path: p.yaml}]\n";
    let container = deployment("web", &[("web", OLD)]);
    for (kustomization, says, set) in [
        (&*format!("{over}foo: 1\n"), "0 of 1 root settled", OLD),
        (component, "0 images read", NEW),
    ] {
        let before = tree([
            ("over/kustomization.yaml", kustomization),
            ("over/p.yaml", &release("{datadog: {clusterName: a}}")),
        ]);
        let [checked, fixed, again] = restored(AGENT, &before, &Files::new());
        for (code, said) in [checked, fixed, again] {
            assert_eq!(code, 0, "{said}");
            assert!(said.contains(says), "{said}");
        }
        // What a component sets is judged.
        let before = tree([
            ("over/kustomization.yaml", kustomization),
            ("over/p.yaml", &container),
        ]);
        let secrets = format!("{MIRRORS}  imagePullSecrets: [regcred]\n");
        let after = tree([("over/p.yaml", &deployment("web", &[("web", set)]))]);
        restored(&secrets, &before, &after);
    }
}

/// A generator in a file of its own makes data as well.
#[test]
fn what_a_builtin_generator_holds_is_data() {
    for kind in ["ConfigMapGenerator", "SecretGenerator"] {
        let generator = format!(
            "apiVersion: builtin\nkind: {kind}\nmetadata: {{name: g}}\nfiles: [data.yaml]\n"
        );
        let before = tree([
            ("kustomization.yaml", "generators: [g.yaml]\n"),
            ("g.yaml", &*generator),
            ("data.yaml", &deployment("data", &[("web", OLD)])),
        ]);
        for (code, said) in restored(MIRRORS, &before, &Files::new()) {
            assert_eq!(code, 0, "{said}");
            assert!(said.contains("1 not read"), "{said}");
        }
    }
}
