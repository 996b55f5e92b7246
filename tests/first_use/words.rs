//! What is said alike wherever it is said: one verdict in `check` and `images`, one count of what was read, and
//! lines that name what they are about once.

use super::{check, config, tree};
use crate::support::run_in_folder;

const COLLECTOR: &str = "realtheory/theory-k8s-collector";

fn deployment(container: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: c}}\nspec: {{template: {{spec: {{containers: [{{name: realtheorycollector, {container}}}]}}}}}}\n"
    )
}

#[test]
fn images_and_check_say_the_same_of_pull_policies() {
    let right = format!("image: {COLLECTOR}, imagePullPolicy: Always");
    let folder = tree(&[
        ("base/kustomization.yaml", "resources: [d.yaml]\n"),
        ("base/d.yaml", &deployment(&right)),
        (
            "prod/kustomization.yaml",
            "resources: [../base]\npatches: [{path: policy.yaml}, {path: env.yaml}]\n",
        ),
        ("prod/policy.yaml", &deployment("imagePullPolicy: Never")),
        ("prod/env.yaml", &deployment("env: [{name: A, value: b}]")),
        ("restore-images.yaml", &config("realtheory-collector")),
        (
            "wrong.yaml",
            &deployment(&right).replace("Always", "IfNotPresent"),
        ),
    ]);
    check(
        &folder,
        "check --format short",
        "prod/policy.yaml:4:84: error: Deployment c: container realtheorycollector: imagePullPolicy Never → Always [wrong-pull-policy]\n\
         wrong.yaml:4:124: error: Deployment c: container realtheorycollector: imagePullPolicy IfNotPresent → Always [wrong-pull-policy]\n\
         configuration: restore-images.yaml\n2 errors in 2 of 4 files, 2 images read\nexit 1",
    );
    check(
        &folder,
        "images --format csv",
        "file,line,column,apiVersion,kind,namespace,name,container,path,image,official,agent,desired,state,role,imagePullPolicy,desiredPullPolicy\n\
         base/d.yaml,4,74,apps/v1,Deployment,,c,realtheorycollector,spec.template.spec.containers[0].image,realtheory/theory-k8s-collector,docker.io/realtheory/theory-k8s-collector,realtheory-collector,realtheory/theory-k8s-collector,right,manifest,Always,\n\
         prod/policy.yaml,4,84,apps/v1,Deployment,,c,realtheorycollector,spec.template.spec.containers[0].image,,docker.io/realtheory/theory-k8s-collector,realtheory-collector,,wrong,strategic-merge patch,Never,Always\n\
         wrong.yaml,4,74,apps/v1,Deployment,,c,realtheorycollector,spec.template.spec.containers[0].image,realtheory/theory-k8s-collector,docker.io/realtheory/theory-k8s-collector,realtheory-collector,realtheory/theory-k8s-collector,wrong,manifest,IfNotPresent,Always\nexit 0",
    );
    let run = run_in_folder(folder.path(), &["images"], b"");
    let out = String::from_utf8(run.stdout).expect("UTF-8");
    assert_eq!(
        out.matches("wrong  imagePullPolicy: Always\n").count(),
        2,
        "{out}"
    );
}

#[test]
fn images_are_counted_whatever_their_keys_are_called() {
    let trivy = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: trivy-operator-trivy-config, namespace: t}\ndata:\n  trivy.repository: mirror.gcr.io/aquasec/trivy\n  trivy.tag: \"1\"\n";
    let tentacle = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: a\n    image: quay.io/a/b\n    env: [{name: OCTOPUS__K8STENTACLE__SCRIPTPODIMAGE, value: quay.io/octopusdeploy/kubernetes-agent-tools-base}]\n";
    let kustomization =
        "resources: [cm.yaml]\nimages: [{name: quay.io/a/b, newName: quay.io/a/c}]\n";
    let config = config("trivy-operator, octopus-kubernetes-agent");
    for (files, number) in [
        (&[("cm.yaml", trivy)][..], "1 image"),
        (&[("p.yaml", tentacle)], "2 images"),
        (
            &[
                ("k/kustomization.yaml", kustomization),
                ("k/cm.yaml", trivy),
            ],
            "1 image",
        ),
        (
            &[
                ("k/kustomization.yaml", "resources: [p.yaml]\n"),
                ("k/p.yaml", tentacle),
            ],
            "2 images",
        ),
    ] {
        let all = [files, &[("restore-images.yaml", &*config)]].concat();
        let folder = tree(&all);
        let run = run_in_folder(folder.path(), &["check", "--format", "json"], b"");
        let out = String::from_utf8(run.stdout).expect("UTF-8");
        let count = number.split(' ').next().unwrap_or_default();
        assert!(
            out.contains(&format!("\"read\": {count},")),
            "{number}: {out}"
        );
    }
}

#[test]
fn a_list_of_secrets_is_named_once() {
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec:\n  source: {chart: mine, repoURL: https://charts.example.com, targetRevision: 1.0.0, helm: {valuesObject: {image: {registry: docker.io, repository: realtheory/theory-k8s-collector, tag: latest, pullPolicy: Always}, imagePullSecrets: []}}}\n";
    let rules =
        "  registries: [{source: docker.io, mirror: r.example/hub, imagePullSecrets: [s]}]\n";
    let folder = tree(&[
        ("a.yaml", application),
        (
            "restore-images.yaml",
            &(config("realtheory-collector") + rules),
        ),
    ]);
    let run = run_in_folder(folder.path(), &["check", "--format", "short"], b"");
    let out = String::from_utf8(run.stdout).expect("UTF-8");
    assert!(!out.contains("Secrets: pull secrets"), "{out}");
}

#[test]
fn a_fix_in_short_lines_tells_what_it_did() {
    let exceptions = "  exceptions:\n  - {reason: x, name: \"*\", allow: [tag]}\n";
    let folder = tree(&[
        (
            "d.yaml",
            &deployment(&format!("image: {COLLECTOR}:v1, imagePullPolicy: Never")),
        ),
        (
            "restore-images.yaml",
            &(config("realtheory-collector") + exceptions),
        ),
    ]);
    check(
        &folder,
        "fix --format short",
        "d.yaml:4:127: info: Deployment c: container realtheorycollector: imagePullPolicy Never → Always [wrong-pull-policy]\n\
         configuration: restore-images.yaml\n1 image restored in 1 file, 1 image read\nexit 0",
    );
    check(
        &folder,
        "fix --format short",
        "configuration: restore-images.yaml\nnothing to restore in 1 file, 1 image read\nexit 0",
    );
}

#[test]
fn a_file_that_is_not_there_is_not_called_too_large() {
    let folder = tree(&[]);
    check(
        &folder,
        "import nope",
        "nope: cannot read the file: No such file or directory (os error 2)\nhelp: correct the path, which counts from this folder\nexit 2",
    );
}

/// A reviewer would apply what a comment shows.
#[test]
fn no_change_is_drawn_where_none_is_made() {
    let folder = tree(&[
        (
            "d.yaml",
            &deployment("image: \"realtheory/theory-k8s-collector:${TAG}\""),
        ),
        ("restore-images.yaml", &config("realtheory-collector")),
    ]);
    for format in ["markdown", "html"] {
        let run = run_in_folder(folder.path(), &["check", "--format", format], b"");
        let out = String::from_utf8(run.stdout).expect("UTF-8");
        assert!(out.contains("unresolved-image"), "{out}");
        assert!(!out.contains("\n+") || out.contains("<html"), "{out}");
    }
}

/// The literal of a generator is what to change, or what to add.
#[test]
fn a_literal_of_a_generator_is_edited_where_it_is() {
    let kustomization = "namespace: t\ngeneratorOptions: {disableNameSuffixHash: true}\nconfigMapGenerator:\n- name: trivy-operator-trivy-config\n  literals:\n  - trivy.repository=mirror.gcr.io/aquasec/trivy # the scanner\n  - 'trivy.tag=1'\n";
    let rules =
        "  registries: [{source: mirror.gcr.io, mirror: r.example/gcr, imagePullSecrets: [hub]}]\n";
    let folder = tree(&[
        ("k/kustomization.yaml", kustomization),
        ("restore-images.yaml", &(config("trivy-operator") + rules)),
    ]);
    let secret = "k/kustomization.yaml:4:3: error: pull secrets (none) → hub: left, since a generator makes what holds it: add `trivy.imagePullSecret=hub` to its `literals` (k/kustomization.yaml) [unresolved-image]\n";
    check(
        &folder,
        "check --format short",
        &format!(
            "{secret}k/kustomization.yaml:6:5: error: wrong registry or path: mirror.gcr.io/aquasec/trivy:1 → r.example/gcr/aquasec/trivy:1 [wrong-registry]\n\
             configuration: restore-images.yaml\n2 errors in 1 file, 0 of 1 root settled, 1 image read\nexit 1"
        ),
    );
    let run = run_in_folder(folder.path(), &["fix"], b"");
    assert_eq!(run.code, 1, "{}", run.stderr);
    let read = std::fs::read_to_string(folder.path().join("k/kustomization.yaml")).expect("read");
    assert_eq!(
        read,
        kustomization.replace("=mirror.gcr.io/", "=r.example/gcr/")
    );
    let added = read + "  - trivy.imagePullSecret=hub\n";
    std::fs::write(folder.path().join("k/kustomization.yaml"), added).expect("written");
    check(
        &folder,
        "check",
        "configuration: restore-images.yaml\nnothing to restore in 1 file, 1 image read\nexit 0",
    );
}

/// In a workload, too, only what is where images are kept was read.
#[test]
fn an_image_at_a_misspelt_key_is_not_read() {
    let folder = tree(&[(
        "pod.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  container:\n  - {name: c, image: 'realtheory/theory-k8s-collector:v1'}\n  containers:\n  - {name: d, image: nginx}\n",
    )]);
    let none = super::NO_CONFIGURATION;
    check(
        &folder,
        "check",
        &format!(
            "{none}\nnothing to restore in 1 file, 1 image read, 1 not read: --verbose\nexit 0"
        ),
    );
}
