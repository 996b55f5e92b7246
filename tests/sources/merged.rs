//! What objects of Flux and Argo CD merge into the kustomization of the folder that they build.

use std::fs;
use std::path::Path;

use super::build;
use super::cases::{Files, MIRRORS, clean, deployment, restored, settled, tree, write};
use crate::support::{engine, tool};

/// A Flux Kustomization that builds a folder.
fn flux(name: &str, path: &str, more: &str) -> String {
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: {name}, namespace: flux-system}}
spec:
  interval: 1h
  path: {path}
  prune: true
  sourceRef: {{kind: GitRepository, name: flux-system}}
{more}"
    )
}

/// An Application of Argo CD that builds a folder.
fn application(name: &str, path: &str, kustomize: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: {name}, namespace: argocd}}
spec:
  source:
    repoURL: https://git.example.com/acme/deploy
    path: {path}
    targetRevision: main
    kustomize:
{kustomize}"
    )
}

fn web(image: &str) -> String {
    deployment("web", &[("web", image)])
}

const PLAIN: &str = "resources: [web.yaml]\n";

#[test]
fn an_entry_of_flux_keeps_its_name_where_it_decides() {
    let entry = |more| {
        let images = format!("  images:\n  - name: ghcr.io/acme/web\n{more}    newTag: v2\n");
        flux("apps", "./apps/prod", &images)
    };
    let before = tree([
        ("apps/prod/kustomization.yaml", PLAIN),
        ("apps/prod/web.yaml", &web("ghcr.io/acme/web:v1")),
        ("clusters/prod/apps.yaml", &entry("")),
    ]);
    let after = tree([(
        "clusters/prod/apps.yaml",
        &entry("    newName: registry.example.com/ghcr/acme/web\n"),
    )]);
    settled(MIRRORS, &before, &after);
}

/// A folder that two objects build has a root of each; nobody builds it as it is.
#[test]
fn two_objects_of_one_folder_are_two_roots() {
    let entry = |name: &str, tag: &str, more: &str| {
        let images = format!(
            "  images:\n  - name: app\n    newName: {more}ghcr/acme/web\n    newTag: {tag}\n"
        );
        flux(name, "./apps", &images.replace("ghcr.ioghcr", "ghcr.io"))
    };
    let (old, new) = ("ghcr.io", "registry.example.com/");
    let before = tree([
        ("apps/kustomization.yaml", PLAIN),
        ("apps/web.yaml", &web("app")),
        ("clusters/prod.yaml", &entry("prod", "v1", old)),
        ("clusters/test.yaml", &entry("test", "v2", old)),
    ]);
    let after = tree([
        ("clusters/prod.yaml", &entry("prod", "v1", new)),
        ("clusters/test.yaml", &entry("test", "v2", new)),
    ]);
    settled(MIRRORS, &before, &after);
}

/// Files without a kustomization are taken together, and a folder with one is built as it says: by
/// Flux, and perhaps by hand.
#[test]
fn flux_makes_a_kustomization_for_a_folder_that_has_none() {
    let entries = |web: &str, db: &str| {
        let images =
            format!("  images:\n  - {{name: {web}, newTag: v2}}\n  - {{name: {db}, newTag: v3}}\n");
        flux("apps", "./apps/", &images)
    };
    let db = |image: &str| deployment("db", &[("db", image)]);
    let before = tree([
        ("apps/one/web.yaml", &web("ghcr.io/acme/web:v1")),
        ("apps/two/kustomization.yaml", "resources: [sub/db.yaml]\n"),
        ("apps/two/sub/db.yaml", &db("ghcr.io/acme/db")),
        (
            "apps/two/unused.yaml",
            &deployment(
                "unused",
                &[("unused", "registry.example.com/hub/library/nginx:1")],
            ),
        ),
        (
            "clusters/apps.yaml",
            &entries("ghcr.io/acme/web", "ghcr.io/acme/db"),
        ),
    ]);
    let after = tree([
        (
            "apps/two/sub/db.yaml",
            &db("registry.example.com/ghcr/acme/db"),
        ),
        (
            "clusters/apps.yaml",
            &entries(
                "ghcr.io/acme/web, newName: registry.example.com/ghcr/acme/web",
                "registry.example.com/ghcr/acme/db",
            ),
        ),
    ]);
    settled(MIRRORS, &before, &after);
}

#[test]
fn a_patch_of_flux_is_edited_where_it_is_written() {
    let patch = |image: &str| {
        let patches = format!(
            "  patches:
  - patch: |
      apiVersion: apps/v1
      kind: Deployment
      metadata:
        name: web
      spec:
        template:
          spec:
            containers:
            - name: web
              image: {image}
  - target: {{kind: Deployment}}
    patch: |-
      - op: add
        path: /metadata/labels
        value: {{a: b}}
"
        );
        flux("apps", "apps", &patches)
    };
    let before = tree([
        ("apps/kustomization.yaml", PLAIN),
        ("apps/web.yaml", &web("placeholder")),
        ("clusters/apps.yaml", &patch("quay.io/acme/web:v7")),
    ]);
    let after = tree([(
        "clusters/apps.yaml",
        &patch("registry.example.com/quay/acme/web:v7"),
    )]);
    settled(MIRRORS, &before, &after);
}

/// A patch that Flux appends runs before the list of the folder.
#[test]
fn a_patched_image_is_a_key_of_the_folders_list() {
    let patch = "  patches:
  - target: {kind: Deployment, name: web}
    patch: '- {op: replace, path: /spec/template/spec/containers/0/image, value: app}'
";
    let list =
        |name: &str| format!("{PLAIN}images:\n- {{name: app, newName: {name}, newTag: v2}}\n");
    let before = tree([
        ("apps/kustomization.yaml", &list("ghcr.io/acme/web")),
        ("apps/web.yaml", &web("placeholder")),
        ("clusters/apps.yaml", &flux("apps", "apps", patch)),
    ]);
    let after = tree([(
        "apps/kustomization.yaml",
        &list("registry.example.com/ghcr/acme/web"),
    )]);
    settled(MIRRORS, &before, &after);
}

/// Flux replaced an entry of the same name, and merges it since: where both come to the same, the
/// entry of the object decides.
#[test]
fn an_entry_of_the_same_name_is_replaced() {
    let entry = |name: &str| {
        let images =
            format!("  images:\n  - {{name: app, newName: {name}/acme/web, newTag: v2}}\n");
        flux("apps", "apps", &images)
    };
    let before = tree([
        (
            "apps/kustomization.yaml",
            &format!("{PLAIN}images:\n- {{name: app, newTag: v1}}\n"),
        ),
        ("apps/web.yaml", &web("app")),
        ("clusters/apps.yaml", &entry("ghcr.io")),
    ]);
    let after = tree([("clusters/apps.yaml", &entry("registry.example.com/ghcr"))]);
    settled(MIRRORS, &before, &after);
}

#[test]
fn what_versions_of_flux_merge_differently_is_left() {
    let list = "images:\n- {name: app, newName: ghcr.io/acme/web, newTag: v1}\n";
    let images = "  images:\n  - {name: app, newTag: v2}\n";
    let before = tree([
        ("apps/kustomization.yaml", &format!("{PLAIN}{list}")),
        ("apps/web.yaml", &web("app")),
        ("clusters/apps.yaml", &flux("apps", "apps", images)),
    ]);
    let [checked, fixed, again] = restored(MIRRORS, &before, &Files::new());
    assert_eq!(
        [checked.0, fixed.0, again.0],
        [1; 3],
        "{}{}",
        checked.1,
        fixed.1
    );
    for (_, said) in [&checked, &again] {
        assert!(
            said.contains("error[conflicting-sources]: the entry app of images is merged with that of the same name in tree/apps/kustomization.yaml by some versions of Flux and replaces it by others: say in it all that the other one says"),
            "{said}"
        );
    }
}

#[test]
fn a_component_of_flux_runs_with_those_of_the_folder() {
    let component = |name: &str| {
        format!(
            "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nimages:\n- {{name: app, newName: {name}}}\n"
        )
    };
    let before = tree([
        ("apps/web/kustomization.yaml", PLAIN),
        ("apps/web/web.yaml", &web("app:v1")),
        (
            "apps/mirror/kustomization.yaml",
            &component("quay.io/acme/web"),
        ),
        (
            "clusters/apps.yaml",
            &flux("apps", "apps/web", "  components: [../mirror]\n"),
        ),
    ]);
    let after = tree([(
        "apps/mirror/kustomization.yaml",
        &component("registry.example.com/quay/acme/web"),
    )]);
    settled(MIRRORS, &before, &after);
}

/// An object that a kustomization brings is judged in that build, but for its list.
#[test]
fn an_object_that_a_kustomization_brings_has_one_list() {
    let entry = |more| {
        let images = format!("  images:\n  - {{name: ghcr.io/acme/web,{more} newTag: v2}}\n");
        flux("apps", "./apps", &images)
    };
    let before = tree([
        ("apps/kustomization.yaml", PLAIN),
        ("apps/web.yaml", &web("ghcr.io/acme/web:v1")),
        ("clusters/kustomization.yaml", "resources: [apps.yaml]\n"),
        ("clusters/apps.yaml", &entry("")),
    ]);
    let after = tree([(
        "clusters/apps.yaml",
        &entry(" newName: registry.example.com/ghcr/acme/web,"),
    )]);
    settled(MIRRORS, &before, &after);
}

#[test]
fn an_entry_of_flux_that_names_nothing_is_reported() {
    let images = "  images:\n  - {name: ghcr.io/acme/wbe, newTag: v2}\n";
    let before = tree([
        ("apps/kustomization.yaml", PLAIN),
        (
            "apps/web.yaml",
            &web("registry.example.com/ghcr/acme/web:v1"),
        ),
        ("clusters/apps.yaml", &flux("apps", "apps", images)),
    ]);
    let [checked, ..] = restored(MIRRORS, &before, &Files::new());
    assert!(
        checked.1.contains("unmatched-image-override"),
        "{}",
        checked.1
    );
    assert!(checked.1.contains("clusters/apps.yaml:10"), "{}", checked.1);
}

/// An object whose path leads nowhere here builds another repository: its list is judged by itself.
#[test]
fn an_object_of_another_repository_is_judged_by_itself() {
    let entry = |name: &str| {
        let images =
            format!("  images:\n  - {{name: app, newName: {name}/acme/web, newTag: v2}}\n");
        flux("apps", "./deploy", &images)
    };
    let before = tree([("clusters/apps.yaml", &entry("ghcr.io"))]);
    let after = tree([("clusters/apps.yaml", &entry("registry.example.com/ghcr"))]);
    settled(MIRRORS, &before, &after);
}

/// What each text of an Application makes, held by `kustomize edit set image`, which Argo CD runs.
#[test]
fn texts_of_an_application_are_edited_as_kustomize_sets_them() {
    let rows = [
        (
            "ghcr.io/acme/web:v2",
            "ghcr.io/acme/web=registry.example.com/ghcr/acme/web:v2",
        ),
        (
            "app=ghcr.io/acme/web:v2",
            "app=registry.example.com/ghcr/acme/web:v2",
        ),
        (
            "app=ghcr.io/acme/web",
            "app=registry.example.com/ghcr/acme/web",
        ),
        ("old=*:v3", "old=registry.example.com/quay/acme/old:v3"),
        (
            "old=ghcr.io/acme/web:*",
            "old=registry.example.com/ghcr/acme/web:*",
        ),
    ];
    for (text, changed) in rows {
        let entry = |text: &str| {
            application(
                "web",
                "apps",
                &format!("      images:\n      - {text} # here\n"),
            )
        };
        let name = text
            .split(['='])
            .next()
            .expect("a name")
            .trim_end_matches(":v2");
        let list = "images:\n- {name: zz, newTag: v9}\n- {name: old, newName: quay.io/acme/old, newTag: v1}\n";
        let before = tree([
            ("apps/kustomization.yaml", &format!("{PLAIN}{list}")),
            ("apps/web.yaml", &web(&format!("{name}:v1"))),
            ("argocd/web.yaml", &entry(text)),
        ]);
        let after = tree([("argocd/web.yaml", &entry(changed))]);
        settled(MIRRORS, &before, &after);
        held(&before, &after, (text, changed));
    }
}

/// A tag that is filled in before the build says nothing of the name, which is mapped where it is written.
#[test]
fn a_tag_that_is_filled_in_leaves_the_name() {
    let set = |image: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: web, namespace: argocd}}\nspec:\n  generators: [{{list: {{elements: [{{tag: v2}}]}}}}]\n  template:\n    spec:\n      source:\n        repoURL: https://git.example.com/acme/deploy\n        path: apps\n        kustomize:\n          images:\n          - '{image}'\n"
        )
    };
    let variable = |lines: &str| flux("apps", "./apps", &format!("  images:\n{lines}"));
    let rows = [
        (
            set("ghcr.io/acme/web:{{.tag}}"),
            set("ghcr.io/acme/web=registry.example.com/ghcr/acme/web:{{.tag}}"),
        ),
        (
            set("ghcr.io/acme/web=ghcr.io/acme/web:{{tag}}"),
            set("ghcr.io/acme/web=registry.example.com/ghcr/acme/web:{{tag}}"),
        ),
        (
            variable("  - name: ghcr.io/acme/web\n    newTag: ${TAG}\n"),
            variable(
                "  - name: ghcr.io/acme/web\n    newName: registry.example.com/ghcr/acme/web\n    newTag: ${TAG}\n",
            ),
        ),
    ];
    for (entry, edited) in rows {
        let before = tree([
            ("apps/kustomization.yaml", PLAIN),
            ("apps/web.yaml", &web("ghcr.io/acme/web:v1")),
            ("clusters/web.yaml", &entry),
        ]);
        let after = tree([("clusters/web.yaml", &*edited)]);
        settled(MIRRORS, &before, &after);
    }
}

/// Holds what Argo CD builds of `apps` after an edit against what restoring gives of what it built
/// before.
#[track_caller]
fn held(before: &Files, changed: &Files, (old, new): (&str, &str)) {
    let Some(kustomize) = tool("kustomize") else {
        return;
    };
    let built = |files: &Files, text: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        write(folder.path(), files);
        let apps = folder.path().join("apps");
        let run = engine(&kustomize, &apps, &["edit", "set", "image", text], &[]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        build::build(&kustomize, folder.path(), "apps").expect("it builds")
    };
    let (was, mut files) = (built(before, old), before.clone());
    files.extend(changed.clone());
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("c.yaml"), MIRRORS).expect("written");
    let should = build::restored(Path::new(folder.path()), &was).expect("it is restored");
    assert_eq!(
        build::fields(&built(&files, new)),
        build::fields(&should),
        "{old}"
    );
}

#[test]
fn sources_and_templates_of_argo_cd_are_read() {
    let set = |image: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {{name: web, namespace: argocd}}
spec:
  generators: [{{list: {{elements: [{{cluster: a}}]}}}}]
  template:
    metadata: {{name: 'web-{{{{cluster}}}}'}}
    spec:
      sources:
      - repoURL: https://git.example.com/acme/deploy
        path: apps
        kustomize:
          images: ['{image}']
          patches:
          - target: {{kind: Deployment}}
            patch: |-
              - op: replace
                path: /spec/template/spec/containers/0/image
                value: app
"
        )
    };
    let before = tree([
        ("apps/kustomization.yaml", PLAIN),
        ("apps/web.yaml", &web("placeholder")),
        ("argocd/web.yaml", &set("app=ghcr.io/acme/web:v2")),
    ]);
    let after = tree([(
        "argocd/web.yaml",
        &set("app=registry.example.com/ghcr/acme/web:v2"),
    )]);
    settled(MIRRORS, &before, &after);
}

/// A file beside the folder has the list that counts: Argo CD merges it over the Application's source, and
/// lists are not merged. One file is for all Applications, another for one of them, which wins.
#[test]
fn files_beside_a_source_of_argo_cd_have_the_last_word() {
    let list = |image: &str| format!("kustomize:\n  images:\n  - {image} # by a program\n");
    let (old, new) = (
        list("app=ghcr.io/acme/web:v2"),
        list("app=registry.example.com/ghcr/acme/web:v2"),
    );
    let own = "apps/.argocd-source-web.yaml";
    let all = "apps/.argocd-source.yaml";
    let app = application(
        "web",
        "apps",
        "      images: ['app=quay.io/other/web:v1']\n",
    );
    let silent = application("web", "apps", "      namePrefix: a-\n");
    for (app, file, weaker) in [
        (Some(&app), all, None),
        (Some(&app), own, Some(all)),
        (Some(&silent), all, None),
        (None, own, None),
    ] {
        let mut before: Files = tree([
            ("apps/kustomization.yaml", PLAIN),
            ("apps/web.yaml", &web("app")),
            (file, &old),
        ]);
        before.extend(app.map(|app| ("argocd/web.yaml", app.clone())));
        before.extend(weaker.map(|file| (file, list("app=quay.io/other/web:v3"))));
        settled(MIRRORS, &before, &tree([(file, &new)]));
    }
}

/// The template of a generator has its list in the place of the set's, and keeps the rest.
#[test]
fn templates_of_generators_of_argo_cd_are_read() {
    let set = |image: &str, more: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {{name: web, namespace: argocd}}
spec:
  generators:
  - list:
      elements: [{{cluster: a}}]
      template: {{metadata: {{}}, spec: {{source: {{kustomize: {{images: ['app={image}']}}}}}}}}
  template:
    metadata: {{name: 'web-{{{{cluster}}}}'}}
    spec:
      source: {{repoURL: 'https://git.example.com/acme/deploy', path: apps{more}}}
"
        )
    };
    for more in [
        "",
        ", kustomize: {namePrefix: a-, images: ['app=other.example.net/a/b']}",
    ] {
        let before = tree([
            ("apps/kustomization.yaml", PLAIN),
            ("apps/web.yaml", &web("app")),
            ("argocd/web.yaml", &set("ghcr.io/acme/web:v2", more)),
        ]);
        let after = set("registry.example.com/ghcr/acme/web:v2", more);
        settled(MIRRORS, &before, &tree([("argocd/web.yaml", &after)]));
    }
}

#[test]
fn a_template_in_an_entry_is_left() {
    let entry = application(
        "web",
        "apps",
        "      images: ['app=ghcr.io/acme/web:$ARGOCD_APP_REVISION']\n",
    );
    let before = tree([
        ("apps/kustomization.yaml", PLAIN),
        ("apps/web.yaml", &web("app")),
        ("argocd/web.yaml", &entry),
    ]);
    let [checked, fixed, _] = restored(MIRRORS, &before, &Files::new());
    assert_eq!([checked.0, fixed.0], [1, 1], "{}{}", checked.1, fixed.1);
    assert!(
        checked.1.contains("a template in an entry of images"),
        "{}",
        checked.1
    );
}

/// An object that merges nothing leaves the folder as it is.
#[test]
fn an_object_that_merges_nothing_changes_nothing() {
    let before = tree([
        ("apps/kustomization.yaml", PLAIN),
        (
            "apps/web.yaml",
            &web("registry.example.com/hub/library/nginx:1"),
        ),
        ("clusters/apps.yaml", &flux("apps", "apps", "")),
        (
            "argocd/web.yaml",
            &application("web", "apps", "      images: []\n"),
        ),
    ]);
    clean(MIRRORS, &before);
}

/// Where an entry decides for one object and the manifest for another, both follow.
/// Of two objects that build one folder, one changes it, and the other builds it as it is.
#[test]
fn a_folder_that_another_object_builds_as_it_is_stays_a_root() {
    let tree_of = |image: &str, entry: &str| {
        tree([
            ("apps/kustomization.yaml", PLAIN),
            ("apps/web.yaml", &web(image)),
            (
                "clusters/a.yaml",
                &application("a", "tree/apps", &format!("      images: [{entry}]\n")),
            ),
            ("clusters/b.yaml", &flux("b", "./tree/apps", "")),
        ])
    };
    let new = "registry.example.com/hub/library/nginx";
    let before = tree_of("nginx:1", &format!("nginx={new}"));
    let after = tree_of(&format!("{new}:1"), &format!("{new}={new}"));
    let [checked, fixed, again] = restored(MIRRORS, &before, &after);
    assert_eq!([checked.0, fixed.0, again.0], [1, 0, 0], "{}", checked.1);
}

#[test]
fn a_manifest_and_the_entry_that_names_it_move_together() {
    let entry = |name: &str| {
        let images = format!("  images:\n  - {{name: {name}, newTag: v2}}\n");
        flux("one", "apps", &images)
    };
    let before = tree([
        ("apps/kustomization.yaml", PLAIN),
        ("apps/web.yaml", &web("ghcr.io/acme/web:v1")),
        ("clusters/one.yaml", &entry("ghcr.io/acme/web")),
        (
            "clusters/two.yaml",
            &flux("two", "apps", "  namePrefix: two-\n"),
        ),
    ]);
    let after = tree([
        (
            "apps/web.yaml",
            &web("registry.example.com/ghcr/acme/web:v1"),
        ),
        (
            "clusters/one.yaml",
            &entry("registry.example.com/ghcr/acme/web"),
        ),
    ]);
    settled(MIRRORS, &before, &after);
}

/// kustomize refuses a folder with two kustomizations, and whoever builds on it.
#[test]
fn two_kustomizations_of_one_folder_are_refused() {
    let before = tree([
        ("apps/kustomization.yaml", "resources: [web.yaml]\n"),
        ("apps/kustomization.yml", "resources: []\n"),
        (
            "apps/web.yaml",
            &web("registry.example.com/hub/library/nginx:1"),
        ),
        ("prod/kustomization.yaml", "resources: [../apps]\n"),
    ]);
    let [checked, ..] = restored(MIRRORS, &before, &Files::new());
    let said = "warning[unfollowed-build]: kustomize would refuse to build tree/apps/kustomization.yml and 1 other root, since its folder has several kustomizations, and so its manifests are checked by themselves";
    assert!(checked.1.contains(said), "{}", checked.1);
    assert_eq!(checked.0, 0, "{}", checked.1);
}
