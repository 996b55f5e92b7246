//! Folders without a kustomization, for which Flux makes one.

use super::cases::{Files, MIRRORS, clean, deployment, restored, settled, tree};

const OLD: &str = "quay.io/acme/app";
const NEW: &str = "registry.example.com/quay/acme/app";

fn object(name: &str, path: &str, rest: &str) -> String {
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: {name}
  namespace: flux-system
spec:
  path: {path}
  sourceRef:
    kind: GitRepository
    name: flux-system
{rest}"
    )
}

fn app(image: &str) -> String {
    deployment("app", &[("app", &format!("{image}:1"))])
}

fn entry(name: &str) -> String {
    format!("  images:\n  - name: {name}\n    newName: corp.local/acme/app\n    newTag: v2\n")
}

/// One object merges a list of images, the other nothing: both are builds.
#[test]
fn a_folder_that_is_built_with_more_and_as_it_is() {
    let files = |image: &str| {
        tree([
            ("clusters/dev.yaml", &*object("dev", "./apps", "")),
            (
                "clusters/prod.yaml",
                &object("prod", "./apps", &entry(image)),
            ),
            ("apps/app.yaml", &app(image)),
        ])
    };
    settled(MIRRORS, &files(OLD), &files(NEW));
}

/// An object without a folder builds all of the repository.
#[test]
fn a_whole_repository_is_built() {
    for path in ["./", "."] {
        clean(
            MIRRORS,
            &tree([
                ("clusters/prod.yaml", &*object("prod", path, &entry(OLD))),
                ("apps/app.yaml", &app(OLD)),
            ]),
        );
    }
}

/// A kustomization of a folder in it is none of all of the repository: that of the object itself is there
/// wherever Flux is installed.
#[test]
fn a_whole_repository_is_built_with_kustomizations_in_it() {
    let files = |entry: &str, image: &str| {
        tree([
            (
                "clusters/flux-system/kustomization.yaml",
                "resources: [sync.yaml]\n",
            ),
            (
                "clusters/flux-system/sync.yaml",
                &object("all", "./", entry),
            ),
            ("apps/app.yaml", &app(image)),
        ])
    };
    clean(MIRRORS, &files(&entry(OLD), OLD));
    let named = |more: &str| format!("  images:\n  - name: {OLD}\n{more}    newTag: v2\n");
    let before = files(&named(""), OLD);
    let after = files(&named(&format!("    newName: {NEW}\n")), OLD);
    settled(MIRRORS, &before, &after);
}

/// What a kustomization patches into the object is not what its file says.
#[test]
fn an_object_that_is_patched_before() {
    let list = "images: [{name: quay.io/acme/app, newTag: v2}]";
    for patch in [
        format!(
            "- patch: |\n    apiVersion: kustomize.toolkit.fluxcd.io/v1\n    kind: Kustomization\n    metadata: {{name: app, namespace: flux-system}}\n    spec: {{{list}}}\n"
        ),
        "- target: {kind: Kustomization}\n  patch: '- {op: add, path: /spec/images, value: [{name: quay.io/acme/app, newTag: v2}]}'\n".to_owned(),
    ] {
        let mut before = tree([
            ("clusters/app.yaml", &*object("app", "./apps", "")),
            (
                "clusters/kustomization.yaml",
                &format!("resources: [app.yaml]\npatches:\n{patch}"),
            ),
            ("apps/app.yaml", &app(OLD)),
        ]);
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("tree");
        super::cases::write(&place, &before);
        std::fs::write(folder.path().join("c.yaml"), MIRRORS).expect("written");
        let (code, said) = super::build::command(folder.path(), &["fix"]);
        assert_eq!(code, 1, "{said}");
        let why = "Kustomization app, which tree/clusters/kustomization.yaml patches before it builds the folder";
        assert!(said.contains(why), "{said}");
        let after = crate::support::files(&place);
        let path = std::path::Path::new("apps/app.yaml");
        assert_eq!(after[path], before.remove("apps/app.yaml").expect("a file"));
    }
}

/// An object is known by its name: an image that a replacement takes from there is left.
#[test]
fn a_name_is_never_edited() {
    let web = deployment("web", &[("web", "x")]);
    let before: Files = tree([
        ("web.yaml", &*web),
        (
            "map.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: nginx}\n",
        ),
        (
            "kustomization.yaml",
            "resources: [web.yaml, map.yaml]\nreplacements:\n- source: {kind: ConfigMap, name: nginx, fieldPath: metadata.name}\n  targets: [{select: {kind: Deployment}, fieldPaths: [spec.template.spec.containers.0.image]}]\n",
        ),
    ]);
    let all = restored(MIRRORS, &before, &Files::new());
    for (code, said) in all {
        assert_eq!(code, 1, "{said}");
        let why = "a replacement takes it from what an object is known by";
        assert!(said.contains(why), "{said}");
    }
}

/// A folder below one that is built with more is a build of its own, where an object names it.
#[test]
fn a_folder_below_one_that_is_built_with_more() {
    let files = |image: &str| {
        tree([
            (
                "clusters/prod.yaml",
                &*object("prod", "./apps", &entry(image)),
            ),
            ("clusters/stage.yaml", &object("stage", "./apps/app", "")),
            ("apps/app/app.yaml", &app(image)),
        ])
    };
    settled(MIRRORS, &files(OLD), &files(NEW));
}

/// What another object of Flux patches into it is not known either.
#[test]
fn an_object_that_an_object_patches_before() {
    let patch = "  patches:
  - target: {kind: Kustomization, group: kustomize.toolkit.fluxcd.io}
    patch: |
      apiVersion: kustomize.toolkit.fluxcd.io/v1
      kind: Kustomization
      metadata: {name: all}
      spec: {images: [{name: quay.io/acme/app, newTag: v7}]}
";
    let before: Files = tree([
        ("clusters/all.yaml", &*object("all", "./apps/web", patch)),
        ("apps/web/inner.yaml", &object("inner", "./apps/inner", "")),
        ("apps/inner/app.yaml", &app(OLD)),
    ]);
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("tree");
    super::cases::write(&place, &before);
    std::fs::write(folder.path().join("c.yaml"), MIRRORS).expect("written");
    for command in ["check", "fix", "check"] {
        let (code, said) = super::build::command(folder.path(), &[command]);
        assert_eq!(code, 1, "{said}");
        assert!(said.contains("Kustomization inner, which"), "{said}");
    }
    let after = crate::support::files(&place);
    let path = std::path::Path::new("apps/inner/app.yaml");
    assert_eq!(after[path], before["apps/inner/app.yaml"]);
}
