//! Objects of Flux and Argo CD that are not simply documents of their own: in lists, with variables,
//! left out, and patched before they are applied.

use std::fs;

use super::cases::{Files, MIRRORS, deployment, restored, settled, tree, write};
use crate::support::run_in_folder;

const OLD: &str = "ghcr.io/acme/web";
const NEW: &str = "registry.example.com/ghcr/acme/web";

/// A Flux Kustomization that builds a folder with an entry of images.
fn flux(path: &str, entry: &str) -> String {
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: k}}
spec:
  path: {path}
  images:
  - {{name: {entry}}}
"
    )
}

fn apps(object: &str, image: &str) -> Files {
    tree([
        ("apps/prod/kustomization.yaml", "resources: [web.yaml]\n"),
        (
            "apps/prod/web.yaml",
            &deployment("web", &[("web", &format!("{image}:v1"))]),
        ),
        ("clusters/k.yaml", object),
    ])
}

fn indented(text: &str) -> String {
    let lines = text.lines().map(|line| format!("  {line}\n"));
    lines.collect()
}

/// Without the list, `fix` would rename what the entry names, and another version would run.
#[test]
fn an_object_in_a_list_is_merged() {
    let list = |entry: &str| {
        let item = indented(&flux("apps/prod", entry));
        format!("apiVersion: v1\nkind: List\nitems:\n-{}", &item[1..])
    };
    let before = apps(&list(&format!("{OLD}, newTag: v9")), OLD);
    let after = tree([(
        "clusters/k.yaml",
        &list(&format!("{OLD}, newName: {NEW}, newTag: v9")),
    )]);
    settled(MIRRORS, &before, &after);
}

/// Every folder that a path with a variable may mean is built with the object, and may be built without
/// it: name and entry move together.
#[test]
fn a_path_with_a_variable_means_every_folder_that_it_may() {
    let set = |entry: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {{name: s}}
spec:
  template:
    spec:
      source:
        path: 'apps/{{{{env}}}}'
        kustomize: {{images: ['{entry}:v9']}}
"
        )
    };
    for path in ["apps/${env}", "${root}/prod"] {
        let object = |name: &str| flux(path, &format!("{name}, newTag: v9"));
        let before = apps(&object(OLD), OLD);
        settled(MIRRORS, &before, &apps(&object(NEW), NEW));
    }
    settled(MIRRORS, &apps(&set(OLD), OLD), &apps(&set(NEW), NEW));
}

/// What is not to be edited is not to be undone, either.
#[test]
fn an_object_that_is_excluded_is_read() {
    let config = format!("{MIRRORS}  files: {{exclude: [clusters/]}}\n");
    let before = apps(&flux("apps/prod", &format!("{OLD}, newTag: v9")), OLD);
    let [checked, fixed, again] = restored(&config, &before, &Files::new());
    assert_eq!([checked.0, fixed.0, again.0], [1; 3], "{}", checked.1);
    let says = "left, since it is written in tree/clusters/k.yaml, which is excluded (Kustomization k of tree/clusters/k.yaml)";
    assert!(checked.1.contains(says), "{}", checked.1);
}

/// A patch that gives an object another list of images, or another folder.
#[test]
fn an_object_that_a_kustomization_patches_is_not_known() {
    let entry = format!("{OLD}, newTag: v9");
    let plain = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: k}\nspec:\n  path: apps/prod\n";
    let rows = [
        (
            plain.to_owned(),
            "{op: add, path: /spec/patches, value: [{patch: 'kind: Deployment, image: x'}]}",
            1,
        ),
        (
            flux("apps/none", &format!("{NEW}, newTag: v9")),
            "{op: replace, path: /spec/path, value: apps/prod}",
            1,
        ),
        // What does not bear on images.
        (
            flux("apps/prod", &entry.replace(OLD, NEW)),
            "{op: add, path: /spec/prune, value: true}",
            0,
        ),
        (
            flux("apps/prod", &entry.replace(OLD, NEW)),
            "{op: add, path: /spec/patches, value: [{patch: 'a: b', target: {kind: HelmRelease}}]}",
            0,
        ),
    ];
    for (object, operation, code) in rows {
        let mut before = apps(&object, NEW);
        before.insert(
            "clusters/kustomization.yaml",
            "resources: [k.yaml]\n".to_owned(),
        );
        before.insert(
            "over/kustomization.yaml",
            format!(
                "resources: [../clusters]\npatches:\n- target: {{kind: Kustomization}}\n  patch: |-\n    - {operation}\n"
            ),
        );
        let [checked, fixed, again] = restored(MIRRORS, &before, &Files::new());
        assert_eq!(
            [checked.0, fixed.0, again.0],
            [code; 3],
            "{operation}{}",
            checked.1
        );
        let says = "error[unresolved-image]: Kustomization k, which tree/over/kustomization.yaml patches before it builds the folder, may change 1 image of tree/apps/prod/kustomization.yaml, which is not known to be right";
        assert_eq!(checked.1.contains(says), code == 1, "{}", checked.1);
    }
}

/// Argo CD sorts a list by name: a renamed entry runs at another place.
#[test]
fn an_entry_of_argo_cd_runs_where_its_name_sorts_it() {
    let application = |images: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: a}}\nspec:\n  source:\n    path: apps/prod\n    kustomize:\n      images: [{images}]\n"
        )
    };
    // Under its new name, the first entry would run behind the second, which names what it makes.
    let images = format!("'{OLD}:v9', 'm/x={OLD}:v3'");
    let before = apps(&application(&images), OLD);
    let [checked, fixed, again] = restored(
        MIRRORS,
        &before,
        &tree([(
            "clusters/k.yaml",
            &application(&format!("'{OLD}={NEW}:v9', 'm/x={OLD}:v3'")),
        )]),
    );
    assert_eq!(
        [checked.0, fixed.0, again.0],
        [1, 0, 0],
        "{}{}",
        checked.1,
        again.1
    );
}

/// An object of another repository may have a path that is one here, too: the folder is built without
/// it, and with it in case.
#[test]
fn a_folder_of_another_repository_is_built_as_it_is() {
    let repository = "---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: other}
spec: {url: 'https://git.example.com/acme/other'}
";
    let entry = format!("{OLD}, newName: {NEW}, newTag: v9");
    let flux = flux("apps/prod", &entry) + "  sourceRef: {kind: GitRepository, name: other}\n";
    let argo_cd = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: a}}\nspec:\n  source:\n    repoURL: https://git.example.com/acme/other.git\n    path: apps/prod\n    kustomize: {{images: ['{OLD}={NEW}:v9']}}\n"
    );
    for object in [flux + repository, argo_cd] {
        for (remote, code) in [("other", 0), ("deploy", 1)] {
            let folder = tempfile::tempdir().expect("a folder");
            let place = folder.path();
            write(place, &apps(&object, OLD));
            fs::create_dir(place.join(".git")).expect("a folder");
            let config =
                format!("[remote \"origin\"]\n\turl = git@git.example.com:acme/{remote}\n");
            fs::write(place.join(".git/config"), config).expect("written");
            fs::write(place.join("c.yaml"), MIRRORS).expect("written");
            let run = run_in_folder(place, &["check", "-c", "c.yaml"], b"");
            let said = String::from_utf8_lossy(&run.stdout) + &*run.stderr;
            assert_eq!(run.code, code, "{said}");
            assert_eq!(said.contains("apps/prod/web.yaml"), code == 1, "{said}");
        }
    }
}

/// An ApplicationSet builds the folders that its generators give: what another folder brings is no matter.
#[test]
fn a_path_of_a_generator_means_the_folders_that_it_gives() {
    let set = |image: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {{name: apps}}
spec:
  goTemplate: true
  generators:
  - git: {{repoURL: https://git.example.com/acme/deploy, directories: [{{path: \"apps/*\"}}]}}
  template:
    spec:
      source:
        repoURL: https://git.example.com/acme/deploy
        path: '{{{{.path.path}}}}'
        kustomize: {{images: [\"{image}:v9\"]}}
"
        )
    };
    let (old, new) = ("ghcr.io/acme/web", "registry.example.com/ghcr/acme/web");
    let files = |image: &str, entry: &str| {
        tree([
            ("appset.yaml", &*set(entry)),
            ("apps/one/kustomization.yaml", "resources: [web.yaml]\n"),
            (
                "apps/one/web.yaml",
                &deployment("web", &[("web", &format!("{image}:1"))]),
            ),
            (
                "infra/kustomization.yaml",
                "helmCharts: [{name: foo, repo: \"https://example.invalid/charts\", version: 1.2.3}]\n",
            ),
        ])
    };
    settled(MIRRORS, &files(old, old), &files(new, new));
}
