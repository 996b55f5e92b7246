//! What has to come out as it does though nobody judges it, and roots that nobody asked for.

use super::cases::{Files, MIRRORS, builds, clean, deployment, restored, settled, tree, write};
use super::silent::{OLD, lawful, left};
use crate::support::{assert_text_eq, run_in_folder};

const NEW: &str = "registry.example.com/hub/library/nginx:1";
const LISTED: &str = "resources: [../base]\nimages: [{name: nginx, newTag: v2}]\n";

/// A base with a Deployment and what else is given, and an overlay with a list.
fn overlay(beside: &str, kustomization: &str, configuration: &str) -> Files {
    let web = deployment("web", &[("web", OLD)]);
    tree([
        ("base/kustomization.yaml", "resources: [web.yaml]\n"),
        ("base/web.yaml", &format!("{web}{beside}")),
        ("over/kustomization.yaml", kustomization),
        ("over/k.yaml", configuration),
    ])
}

/// Paths of replacements may begin with a dot, as kubebuilder writes them; of a source's, kustomize leaves
/// out all that is empty.
#[test]
fn paths_of_replacements_with_more_dots() {
    let certificate =
        "---\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: serving}\n";
    for (from, to) in [
        (".metadata.name", ".metadata.annotations.cert"),
        ("metadata..name.", "metadata.annotations.cert"),
        ("' metadata. name'", ".metadata.annotations.cert"),
    ] {
        let kustomization = format!(
            "resources: [../base]\nimages: [{{name: nginx, newName: docker.io/acme/operator}}]\nreplacements:\n- source: {{kind: Certificate, name: serving, fieldPath: {from}}}\n  targets:\n  - select: {{kind: Deployment}}\n    fieldPaths: [{to}]\n    options: {{create: true}}\n"
        );
        let before = overlay(certificate, &kustomization, "");
        lawful(MIRRORS, &before, &["over"]);
    }
}

/// A replacement finds an item by its image, or takes a part of an image by its position.
#[test]
fn an_image_that_a_replacement_reads_in_part() {
    let web = |image: &str| deployment("web", &[("web", image)]);
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm}\ndata: {name: x, path: x}\n";
    let by_image = "- source: {kind: ConfigMap, name: cm, fieldPath: data.name}\n  targets:\n  - select: {kind: Deployment}\n    fieldPaths: ['spec.template.spec.containers.[image=nginx:1].name']\n";
    let by_part = |delimiter: &str, index: usize| {
        format!(
            "- source: {{kind: Deployment, name: web, fieldPath: spec.template.spec.containers.0.image, options: {{delimiter: '{delimiter}', index: {index}}}}}\n  targets:\n  - select: {{kind: ConfigMap, name: cm}}\n    fieldPaths: [data.path]\n"
        )
    };
    let at = |replacements: &str, image: &str| {
        let kustomization =
            format!("resources: [web.yaml, cm.yaml]\nreplacements:\n{replacements}");
        tree([
            ("kustomization.yaml", &*kustomization),
            ("web.yaml", &web(image)),
            ("cm.yaml", map),
        ])
    };
    let found = "left, since a replacement finds the item by this text: change both by hand (tree/kustomization.yaml)";
    let part = "left, since a replacement takes a part of this text, which would be another one: change both by hand (tree/kustomization.yaml)";
    for (replacements, says) in [(by_image, found), (&by_part("/", 0), part)] {
        let before = at(replacements, OLD);
        left(MIRRORS, &before, 1, says);
        lawful(MIRRORS, &before, &["."]);
    }
    // The tag stays what it is.
    let by_tag = by_part(":", 1);
    settled(MIRRORS, &at(&by_tag, OLD), &at(&by_tag, NEW));
    lawful(MIRRORS, &at(&by_tag, OLD), &["."]);
}

/// A copy of an image stands where nobody judges it.
#[test]
fn an_image_that_a_build_copies_elsewhere_is_left() {
    let web = deployment("web", &[("web", OLD)]);
    let foo = "apiVersion: example.com/v1\nkind: Foo\nmetadata: {name: foo}\nspec: {image: x}\n";
    let replaced = "replacements:\n- source: {kind: Deployment, fieldPath: 'spec.template.spec.containers.[name=web].image'}\n  targets: [{select: {kind: Foo}, fieldPaths: [spec.image]}]\n";
    let operation = |op: &str| {
        format!(
            "patches:\n- target: {{kind: Deployment}}\n  patch: |-\n    - {{op: {op}, from: /spec/template, path: /spec/other}}\n"
        )
    };
    for lines in [replaced, &operation("copy"), &operation("move")] {
        let before = tree([
            (
                "base/kustomization.yaml",
                "resources: [web.yaml, foo.yaml]\n",
            ),
            ("base/web.yaml", &web),
            ("base/foo.yaml", foo),
            (
                "over/kustomization.yaml",
                &format!("resources: [../base]\n{lines}"),
            ),
        ]);
        let says = "left, since a replacement or an operation copies it to where it is not checked: change both by hand (tree/";
        left(MIRRORS, &before, 1, says);
        lawful(MIRRORS, &before, &["base", "over"]);
    }
}

/// A variable copies an image to an argument, and stays where nothing says its name.
#[test]
fn an_image_that_a_variable_copies_is_left() {
    let at = |image: &str, args: &str| {
        tree([
            (
                "base/kustomization.yaml",
                "resources: [web.yaml]\nvars:\n- name: IMG\n  objref: {kind: Deployment, name: web, apiVersion: apps/v1}\n  fieldref: {fieldPath: 'spec.template.spec.containers[0].image'}\n",
            ),
            (
                "base/web.yaml",
                &format!(
                    "{}        args: [{args}]\n",
                    deployment("web", &[("web", image)])
                ),
            ),
            (
                "over/kustomization.yaml",
                "resources: [../base]\nnamePrefix: my-\n",
            ),
        ])
    };
    let before = at(OLD, "--same=$(IMG)");
    let says = "left, since a variable of `vars` copies it to where it is not checked: change it by hand, if the copy may change with it (tree/";
    left(MIRRORS, &before, 1, says);
    lawful(MIRRORS, &before, &["base", "over"]);
    settled(MIRRORS, &at(OLD, "--other"), &at(NEW, "--other"));
}

/// Above a list, the image by which an item is found is not what is written.
#[test]
fn a_replacement_that_finds_an_item_by_a_listed_image() {
    let over = format!(
        "{LISTED}replacements:\n- source: {{kind: Deployment, name: web, fieldPath: metadata.name}}\n  targets:\n  - select: {{kind: Deployment}}\n    fieldPaths: ['spec.template.spec.containers.[image=nginx:v2].name']\n"
    );
    let before = overlay("", &over, "");
    let says = "left, since a replacement finds the item by this text: change both by hand (tree/";
    left(MIRRORS, &before, 1, says);
    lawful(MIRRORS, &before, &["base", "over"]);
}

/// Versions of kustomize differ over the images of volumes: what is written is right for both.
#[test]
fn the_image_of_a_volume_and_its_entry() {
    let web = |image: &str| {
        let volume = format!("      volumes: [{{name: v, image: {{reference: '{image}'}}}}]\n");
        deployment("web", &[("web", NEW)]) + &volume
    };
    let over =
        |name: &str| format!("resources: [../base]\nimages: [{{name: {name}, newTag: v2}}]\n");
    let at = |host: &str| {
        tree([
            ("base/kustomization.yaml", "resources: [web.yaml]\n"),
            ("base/web.yaml", &web(&format!("{host}/acme/web:v1"))),
            (
                "over/kustomization.yaml",
                &over(&format!("{host}/acme/web")),
            ),
        ])
    };
    let (before, after) = (at("ghcr.io"), at("registry.example.com/ghcr"));
    let said = settled(MIRRORS, &before, &after);
    assert!(!said.contains("matches no image"), "{said}");
    lawful(MIRRORS, &before, &["base", "over"]);
    clean(MIRRORS, &after);
}

/// Where an entry that it wakes cannot be right, other images of its builds are restored all the same.
#[test]
fn the_image_of_a_volume_that_wakes_two_entries() {
    let right = "registry.example.com/ghcr/acme/web";
    let digest = format!("sha256:{}", "2".repeat(64));
    let files = |image: &str| {
        let volume = "      volumes: [{name: v, image: {reference: ghcr.io/acme/web}}]\n";
        let web = deployment("web", &[("web", &format!("{image}:v1"))]) + volume;
        let entries = format!(
            "[{{name: {right}, newName: quay.io/acme/op, digest: '{digest}'}}, {{name: {image}}}]"
        );
        tree([
            ("base/kustomization.yaml", "resources: [web.yaml]\n"),
            ("base/web.yaml", &web),
            (
                "one/kustomization.yaml",
                &format!("resources: [../base]\nimages: [{{name: {right}, newTag: v1}}]\n"),
            ),
            (
                "two/kustomization.yaml",
                "resources: [../base]\ncomponents: [../comp]\n",
            ),
            (
                "comp/kustomization.yaml",
                &format!(
                    "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nimages: {entries}\n"
                ),
            ),
        ])
    };
    let after = files("registry.example.com/hub/library/nginx");
    let [checked, fixed, again] = restored(MIRRORS, &files("nginx"), &after);
    assert_eq!([checked.0, fixed.0, again.0], [1; 3], "{}", checked.1);
    let of_volume = again.1.matches("--> tree/base/web.yaml:11:");
    assert_eq!(of_volume.count(), 1, "{}", again.1);
}

/// An entry that newer versions of kustomize alone run over it, and only as it should be.
#[test]
fn the_image_of_a_volume_wakes_an_entry() {
    let files = |image: &str, name: &str| {
        let volume = format!("      volumes: [{{name: v, image: {{reference: '{image}:v1'}}}}]\n");
        let web = deployment("web", &[("web", "registry.example.com/hub/library/nginx")]);
        let over = "resources: [../base]\nimages:\n- name: registry.example.com/ghcr/acme/web\n";
        tree([
            ("base/kustomization.yaml", "resources: [web.yaml]\n"),
            ("base/web.yaml", &(web + &volume)),
            (
                "over/kustomization.yaml",
                &format!("{over}  newName: {name}\n"),
            ),
        ])
    };
    let (old, new) = ("ghcr.io/acme/web", "registry.example.com/ghcr/acme/web");
    let before = files(old, old);
    settled(MIRRORS, &before, &files(new, new));
    lawful(MIRRORS, &before, &["base", "over"]);
}

/// kustomize reads the first document of a kustomization alone, whatever follows.
#[test]
fn what_follows_the_first_document_is_not_yaml() {
    for rest in ["---\n{{ bad\n", "... # end\n@bad\n", "...\n---\n{{ bad\n"] {
        follows_the_first_document(rest);
    }
}

fn follows_the_first_document(rest: &str) {
    let over = format!("resources: [../base]\nimages: [{{name: nginx, newTag: v2}}]\n{rest}");
    let before = tree([
        ("base/kustomization.yaml", "resources: [web.yaml]\n"),
        ("base/web.yaml", &deployment("web", &[("web", OLD)])),
        ("over/kustomization.yaml", &over),
        ("other/kustomization.yaml", "resources: [web.yaml]\n"),
        ("other/web.yaml", &deployment("web", &[("web", OLD)])),
    ]);
    let after = tree([("other/web.yaml", &*deployment("web", &[("web", NEW)]))]);
    let [checked, fixed, again] = restored(MIRRORS, &before, &after);
    assert_eq!([checked.0, fixed.0, again.0], [1; 3], "{}", checked.1);
    for says in [
        "warning[unfollowed-build]: what follows the first document of tree/over/kustomization.yaml is not YAML: remove it, since kustomize does not read it, and nothing can be edited here",
        "left, since it is written in tree/over/kustomization.yaml, where what follows the first document is not YAML",
    ] {
        assert!(checked.1.contains(says), "{}", checked.1);
    }
    lawful(MIRRORS, &before, &["base", "over", "other"]);
}

/// Restores a part of a repository; gives what was said.
fn of_part(config: &str, before: &Files, changed: &Files, path: &str, codes: [i32; 3]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path();
    write(place, before);
    std::fs::create_dir(place.join(".git")).expect("a folder");
    let config_at = place.join(".git/c.yaml");
    std::fs::write(&config_at, config).expect("written");
    let config_at = config_at.to_str().expect("a path").to_owned();
    let run = |command: &str| {
        let run = run_in_folder(place, &[command, "-c", &config_at, path], b"");
        let said = String::from_utf8_lossy(&run.stdout).into_owned() + &run.stderr;
        (run.code, said)
    };
    let all = [run("check"), run("fix"), run("check")];
    for (path, text) in before {
        let now = std::fs::read_to_string(place.join(path)).expect("a text");
        assert_text_eq(&now, changed.get(path).unwrap_or(text));
    }
    let said = all.each_ref().map(|(_, said)| said.as_str()).concat();
    assert_eq!(all.map(|(code, _)| code), codes, "{said}");
    said
}

/// An overlay that somebody excluded still has to build what it does, or what it should.
#[test]
fn an_excluded_overlay_is_protected() {
    let web = deployment("web", &[("web", "ghcr.io/acme/web:v1")]);
    let listed = "resources: [../../base]\nimages: [{name: ghcr.io/acme/web, newTag: v3}]\n";
    let excluding = format!("{MIRRORS}  files: {{exclude: ['vendor/**']}}\n");
    let before = tree([
        ("base/kustomization.yaml", "resources: [web.yaml]\n"),
        ("base/web.yaml", &web),
        ("vendor/x/kustomization.yaml", listed),
    ]);
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path();
    write(place, &before);
    std::fs::write(place.join("c.yaml"), &excluding).expect("written");
    let run = run_in_folder(place, &["fix", "-c", "c.yaml", "."], b"");
    let said = String::from_utf8_lossy(&run.stdout).into_owned() + &run.stderr;
    assert_eq!(run.code, 1, "{said}");
    let says = "left, since it is written in vendor/x/kustomization.yaml, which is excluded";
    assert!(said.contains(says), "{said}");
    let now = std::fs::read_to_string(place.join("base/web.yaml")).expect("a text");
    assert_text_eq(&now, &web);
    // What it makes of the base is the same either way.
    std::fs::write(
        place.join("vendor/x/kustomization.yaml"),
        "namePrefix: p-\nresources: [../../base]\n",
    )
    .expect("written");
    let run = run_in_folder(place, &["fix", "-c", "c.yaml", "."], b"");
    assert_eq!(run.code, 0, "{}", run.stderr);
    let now = std::fs::read_to_string(place.join("base/web.yaml")).expect("a text");
    assert_text_eq(&now, &web.replace("ghcr.io", "registry.example.com/ghcr"));
}

/// A component that is given alone is judged with what others that name it have.
#[test]
fn a_component_that_is_given_alone() {
    let component = |name: &str| {
        format!(
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nimages: [{{name: ghcr.io/acme/web, newName: {name}/acme/c}}]\n"
        )
    };
    for list in ["", "images: [{name: quay.io/acme/c, newTag: v9}]\n"] {
        let before = tree([
            ("base/kustomization.yaml", "resources: [web.yaml]\n"),
            (
                "base/web.yaml",
                &deployment("web", &[("web", "ghcr.io/acme/web:v1")]),
            ),
            ("c/kustomization.yaml", &component("quay.io")),
            (
                "over/kustomization.yaml",
                &format!("resources: [../base]\ncomponents: [../c]\n{list}"),
            ),
        ]);
        let mut after = Files::new();
        // The entry of what is not given looks for what the component makes.
        let codes = if list.is_empty() {
            after.insert(
                "c/kustomization.yaml",
                component("registry.example.com/quay"),
            );
            [1, 0, 0]
        } else {
            [1, 1, 1]
        };
        for path in ["c", "c/kustomization.yaml"] {
            let said = of_part(MIRRORS, &before, &after, path, codes);
            assert!(said.contains("c/kustomization.yaml:3:44"), "{said}");
        }
    }
}

/// An object of Flux that is given alone is judged with the folder that it builds, which is not edited.
#[test]
fn an_object_of_flux_that_is_given_alone() {
    let object = |entry: &str, host: &str| {
        format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: x}}\nspec:\n  path: ./base\n  images: [{{name: ghcr.io/acme/web, {entry}newTag: v2}}]\n  patches:\n  - target: {{kind: Deployment}}\n    patch: |\n      - {{op: add, path: /spec/template/spec/containers/-, value: {{name: z, image: '{host}/acme/c:v1'}}}}\n"
        )
    };
    let before = tree([
        ("base/kustomization.yaml", "resources: [web.yaml]\n"),
        (
            "base/web.yaml",
            &deployment("web", &[("web", "ghcr.io/acme/web:v1")]),
        ),
        ("clusters/f.yaml", &object("", "quay.io")),
    ]);
    let named = "newName: registry.example.com/ghcr/acme/web, ";
    let after = tree([(
        "clusters/f.yaml",
        &*object(named, "registry.example.com/quay"),
    )]);
    let said = of_part(MIRRORS, &before, &after, "clusters/f.yaml", [1, 0, 0]);
    assert!(said.contains("clusters/f.yaml:10:"), "{said}");
    assert!(!said.contains("not read"), "{said}");
}

/// A key in brackets for the sake of the dots in it.
#[test]
fn a_replacement_of_a_key_in_brackets() {
    let map = |image: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata: {{a.img: \"{image}\"}}\n"
        )
    };
    let before = tree([
        ("web.yaml", &*deployment("web", &[("web", "x")])),
        ("map.yaml", &map("ghcr.io/acme/web:7")),
        (
            "kustomization.yaml",
            "resources: [web.yaml, map.yaml]\nreplacements:\n- source: {kind: ConfigMap, name: c, fieldPath: 'data.[a.img]'}\n  targets: [{select: {kind: Deployment}, fieldPaths: [spec.template.spec.containers.0.image]}]\n",
        ),
    ]);
    let new = "registry.example.com/ghcr/acme/web:7";
    settled(MIRRORS, &before, &tree([("map.yaml", &*map(new))]));
    builds(MIRRORS, &before, &[(".", &["ghcr.io/acme/web:7"], &[new])]);
}
