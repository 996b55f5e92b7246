//! What is said of images that something may change which is not followed, and how that is settled.

use super::cases::{Files, MIRRORS, clean, deployment, restored, tree};
use super::silent::left;

/// A Deployment in a base, whose image is a variable, and an overlay.
fn variable(annotation: &str) -> Files {
    let app = deployment("app", &[("app", "$(IMG)")]);
    let app = app.replace(
        "  name: app\nspec",
        &format!("  name: app\n{annotation}spec"),
    );
    tree([
        ("base/app.yaml", &*app),
        (
            "base/map.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: params}\ndata: {IMG: registry.example.com/hub/library/nginx:1}\n",
        ),
        (
            "base/refers.yaml",
            "varReference:\n- {path: \"spec/template/spec/containers[]/image\", kind: Deployment}\n",
        ),
        (
            "base/kustomization.yaml",
            "resources: [app.yaml, map.yaml]
vars:
- {name: IMG, objref: {apiVersion: v1, kind: ConfigMap, name: params}, fieldref: {fieldpath: data.IMG}}
configurations: [refers.yaml]
",
        ),
        ("over/kustomization.yaml", "resources: [../base]\nnamePrefix: x-\n"),
    ])
}

/// Both roots have the image, and one line says it.
#[test]
fn it_is_told_once_for_all_roots() {
    let says = "(tree/base/kustomization.yaml and 1 other root): see what comes out with `check --rendered`, and allow it by an exception if that is right";
    left(MIRRORS, &variable(""), 1, says);
    let [checked, ..] = restored(MIRRORS, &variable(""), &Files::new());
    let told = checked.1.matches("error[unresolved-image]").count();
    assert_eq!(told, 1, "{}", checked.1);
}

/// What may be anything needs no look.
#[test]
fn an_exception_settles_it() {
    let exception = "  exceptions: [{kind: Deployment, name: app, allow: [registry, tag, digest], reason: it is right}]\n";
    clean(&format!("{MIRRORS}{exception}"), &variable(""));
    let one = "  exceptions: [{kind: Deployment, name: app, allow: [tag], reason: it is right}]\n";
    let [checked, ..] = restored(&format!("{MIRRORS}{one}"), &variable(""), &Files::new());
    assert_eq!(checked.0, 1, "{}", checked.1);
}

/// It holds for what is built: in the namespace there, for a container, in a file.
#[test]
fn an_exception_for_what_is_built_settles_it() {
    let mut files = variable("");
    files.retain(|path, _| path.starts_with("base/"));
    let kustomization = files.get_mut("base/kustomization.yaml").expect("a file");
    kustomization.push_str("namespace: prod\n");
    for (of, is_settled) in [
        ("kind: Deployment, namespace: prod, name: app", true),
        ("kind: Deployment, namespace: test, name: app", false),
        ("kind: Deployment, name: app, container: app", true),
        ("kind: Deployment, name: app, container: other", false),
        ("file: base/app.yaml", true),
        ("file: base/other.yaml", false),
    ] {
        let config = format!(
            "{MIRRORS}  exceptions: [{{{of}, allow: [registry, tag, digest], reason: it is right}}]\n"
        );
        let [(code, said), ..] = restored(&config, &files, &Files::new());
        assert_eq!(code, i32::from(!is_settled), "{of}\n{said}");
    }
}

#[test]
fn the_annotation_settles_it() {
    let annotation = "  annotations: {restore-images.dev/ignore: it is right}\n";
    let open = format!("{MIRRORS}  trust: {{ignoreAnnotation: allow}}\n");
    clean(&open, &variable(annotation));
    let [checked, ..] = restored(MIRRORS, &variable(annotation), &Files::new());
    assert_eq!(checked.0, 1, "{}", checked.1);
}

/// Where agents alone are judged, it matters in a tree that has a word of one.
#[test]
fn a_tree_without_an_agent_has_no_question() {
    let agent = "apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  agents: [datadog]
  unmatchedAgents: ignore
";
    clean(agent, &variable(""));
    let mut files = variable("");
    let map = files.get_mut("base/map.yaml").expect("a file");
    *map = map.replace(
        "registry.example.com/hub/library/nginx:1",
        "gcr.io/datadoghq/agent:7",
    );
    left(
        agent,
        &files,
        1,
        "error[unresolved-image]: image $(IMG) is not known to be right",
    );
}

/// kustomize alone does not know what Flux merges.
#[test]
fn the_advice_is_for_what_builds_it() {
    let object = "apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps}
spec:
  path: ./apps
  images: [{name: \"registry.example.com/${TEAM}\", newTag: v2}]
";
    let files = tree([
        ("clusters/apps.yaml", object),
        ("apps/kustomization.yaml", "resources: [app.yaml]\n"),
        (
            "apps/app.yaml",
            &deployment(
                "app",
                &[("app", "registry.example.com/hub/library/nginx:1")],
            ),
        ),
    ]);
    left(
        MIRRORS,
        &files,
        1,
        "see what comes out with `flux build kustomization`",
    );
}

/// A generator's annotation is that of the ConfigMap, and so of the manifest in it.
#[test]
fn a_file_of_a_generator_is_left_alone_by_annotation() {
    let config = "apiVersion: restore-images.dev/v1alpha1
kind: RestoreImages
metadata: {name: c}
spec:
  agents: [{name: own, manifests: [job.yaml], images: [{image: ghcr.io/acme/web}]}]
  registries: [{source: ghcr.io, mirror: registry.example.com/ghcr}]
";
    let open = format!("{config}  trust: {{ignoreAnnotation: allow}}\n");
    let options = "    options: {annotations: {restore-images.dev/ignore: it stays}}\n";
    let files = |before: &str, options: &str| {
        tree([
            (
                "kustomization.yaml",
                &*format!(
                    "{before}configMapGenerator:\n  - name: jobs\n    files: [job.yaml=job.yaml]\n{options}"
                ),
            ),
            (
                "job.yaml",
                "apiVersion: v1\nkind: Pod\nmetadata: {name: job}\nspec: {containers: [{name: a, image: \"ghcr.io/acme/web:1\"}]}\n",
            ),
        ])
    };
    let of_all = "generatorOptions: {annotations: {restore-images.dev/ignore: it stays}}\n";
    for files in [files("", options), files(of_all, "")] {
        let all = restored(&open, &files, &Files::new());
        all.iter()
            .for_each(|(code, said)| assert_eq!(*code, 0, "{said}"));
        let folder = tempfile::tempdir().expect("a folder");
        super::cases::write(&folder.path().join("tree"), &files);
        std::fs::write(folder.path().join("c.yaml"), config).expect("written");
        let (code, said) = super::build::command(folder.path(), &["check"]);
        assert_eq!(code, 1, "{said}");
    }
    // Of several, one decides: here it gives no reason, and so does not hold.
    let none = options.replace("it stays", "\"true\"");
    let common = "commonAnnotations: {restore-images.dev/ignore: \"true\"}\n";
    for files in [files(of_all, &none), files(common, options)] {
        let job = files["job.yaml"].replace("ghcr.io", "registry.example.com/ghcr");
        let all = restored(&open, &files, &tree([("job.yaml", &job)]));
        assert_eq!(all.map(|(code, _)| code), [1, 0, 0]);
    }
}

/// Versions of kustomize match digests of other algorithms differently.
#[test]
fn a_digest_that_is_not_sha_256_beside_an_entry() {
    let image = format!(
        "registry.example.com/ghcr/acme/web@sha512:{}",
        "a".repeat(128)
    );
    let files = |name: &str| {
        tree([
            ("app.yaml", &*deployment("app", &[("app", &image)])),
            (
                "kustomization.yaml",
                &format!("resources: [app.yaml]\nimages: [{{name: {name}, newTag: v2}}]\n"),
            ),
        ])
    };
    let says = "since an entry of images, which matches a digest that is not SHA-256 in versions of kustomize after 5.8.1 alone, may change it";
    left(
        MIRRORS,
        &files("registry.example.com/ghcr/acme/web"),
        1,
        says,
    );
    let [checked, ..] = restored(MIRRORS, &files("registry.example.com/other"), &Files::new());
    assert_eq!(checked.0, 0, "{}", checked.1);
}

/// An entry that may meet such an image keeps its name, and an image stays that an entry may meet as it should
/// be.
#[test]
fn an_entry_that_newer_versions_may_run() {
    let digest = format!("sha512:{}", "a".repeat(128));
    let over = |name: &str| {
        format!(
            "resources: [../base]\nimages: [{{name: {name}, newName: registry.example.com/hub/library/app}}]\n"
        )
    };
    let files = |web: &str, name: &str| {
        let other = format!("ghcr.io/acme/web@{digest}");
        tree([
            (
                "base/kustomization.yaml",
                "resources: [app.yaml, web.yaml]\n",
            ),
            ("base/app.yaml", &*deployment("app", &[("app", &other)])),
            ("base/web.yaml", &*deployment("web", &[("web", web)])),
            ("over/kustomization.yaml", &over(name)),
        ])
    };
    let says = "which matches a digest that is not SHA-256 in versions of kustomize after 5.8.1 alone, may change it";
    left(
        MIRRORS,
        &files("ghcr.io/acme/web:v1", "ghcr.io/acme/web"),
        1,
        says,
    );
    let mirrored = "registry.example.com/ghcr/acme/web";
    let right = "registry.example.com/hub/library/nginx:v1";
    left(MIRRORS, &files(right, mirrored), 1, says);
}

/// What is to be corrected is the list, whatever else says of the image.
#[test]
fn a_list_that_is_reported_is_pointed_at() {
    let config = format!("{MIRRORS}  imageLists: report\n");
    let files = tree([
        (
            "app.yaml",
            &*deployment("app", &[("app", "ghcr.io/acme/web:v1")]),
        ),
        (
            "kustomization.yaml",
            "resources: [app.yaml]\nimages:\n- name: ghcr.io/acme/web\n  newTag: v2\n",
        ),
    ]);
    let [checked, ..] = restored(&config, &files, &Files::new());
    let place = "--> tree/kustomization.yaml:3:9";
    assert!(checked.1.contains(place), "{}", checked.1);
}

/// What two roots make of one place is told of each.
#[test]
fn an_image_that_roots_have_in_different_versions() {
    let over = |tag: &str| {
        format!(
            "resources: [../../base]\nimages: [{{name: registry.example.com/ghcr/acme/web, newTag: {tag}}}]\n"
        )
    };
    let files = tree([
        (
            "base/kustomization.yaml",
            "resources: [app.yaml]\nreplacements:\n- source: {kind: Deployment, name: app, fieldPath: metadata.name}\n  targets:\n  - select: {kind: Deployment}\n    fieldPaths: [spec.template.spec.containers.0.image]\n    options: {delimiter: \":\", index: 1}\n",
        ),
        (
            "base/app.yaml",
            &*deployment("app", &[("app", "registry.example.com/ghcr/acme/web:v1")]),
        ),
        ("over/a/kustomization.yaml", &over("v2")),
        ("over/b/kustomization.yaml", &over("v3")),
    ]);
    for (version, root) in [("v2", "a"), ("v3", "b")] {
        let says = format!(
            "image registry.example.com/ghcr/acme/web:{version} is not known to be right, since a replacement, which is not followed, may change it (tree/over/{root}/kustomization.yaml)"
        );
        left(MIRRORS, &files, 1, &says);
    }
}

/// kustomize takes the indentation off the first line of an inline patch alone.
#[test]
fn an_inline_patch_that_is_indented_as_a_whole() {
    let patch = |depth: usize| {
        let lines = [
            "apiVersion: apps/v1",
            "kind: Deployment",
            "metadata: {name: app}",
            "spec: {template: {spec: {containers: [{name: app, image: \"quay.io/acme/web:v2\"}]}}}",
        ];
        let lines = lines.map(|line| format!("{:depth$}{line}\n", ""));
        format!(
            "resources: [app.yaml]\npatches:\n- patch: |2\n{}",
            lines.concat()
        )
    };
    let files = |depth| {
        tree([
            (
                "app.yaml",
                &*deployment("app", &[("app", "registry.example.com/ghcr/acme/web:v1")]),
            ),
            ("kustomization.yaml", &patch(depth)),
        ])
    };
    let [checked, ..] = restored(MIRRORS, &files(8), &Files::new());
    let says = "kustomize would refuse to build tree/kustomization.yaml, since the first line of an inline patch is indented";
    assert!(checked.1.contains(says), "{}", checked.1);
    // It leaves the old list of operations as it is.
    let operations = |image: &str| {
        let kustomization = format!(
            "resources: [app.yaml]\npatchesJson6902:\n- target: {{group: apps, version: v1, kind: Deployment, name: app}}\n  patch: |2\n        - op: replace\n          path: /spec/template/spec/containers/0/image\n          value: {image}\n"
        );
        let mut files = files(8);
        files.insert("kustomization.yaml", kustomization);
        files
    };
    let of_operations = operations("quay.io/acme/web:v2");
    let mut changed = operations("registry.example.com/quay/acme/web:v2");
    changed.retain(|path, _| path.ends_with("kustomization.yaml"));
    super::cases::settled(MIRRORS, &of_operations, &changed);
    let Some(kustomize) = crate::support::tool("kustomize") else {
        return;
    };
    for (files, is_built) in [(files(8), false), (files(4), true), (of_operations, true)] {
        let folder = tempfile::tempdir().expect("a folder");
        super::cases::write(folder.path(), &files);
        let built = super::build::build(&kustomize, folder.path(), ".");
        assert_eq!(built.is_ok(), is_built, "{built:?}");
    }
}
