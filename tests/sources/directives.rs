//! `$patch` in lists of patches, as kustomize takes it.

use super::build;
use super::cases::{Files, MIRRORS, deployment, restored, settled, tree, write};
use crate::support::tool;

const A: &str = "ghcr.io/a/a:1";
const B: &str = "ghcr.io/a/b:1";

/// What a patch says of the containers `a` and `b`, and the images that come out.
const OVER_A_LIST: &[(&str, &[&str])] = &[
    (
        "[{name: b, $patch: replace, image: ghcr.io/a/b:5}]",
        &[B, A],
    ),
    (
        "[{name: c, $patch: replace, image: ghcr.io/a/c:5}]",
        &["ghcr.io/a/c:5", A, B],
    ),
    (
        "[{$patch: replace}, {name: c, image: ghcr.io/a/c:5}]",
        &["ghcr.io/a/c:5"],
    ),
    (
        "[{name: c, image: ghcr.io/a/c:5}, {$patch: replace}]",
        &["ghcr.io/a/c:5"],
    ),
    ("[{$patch: replace}]", &[]),
    ("[{$patch: delete}]", &[]),
    ("[{$patch: delete}, {name: c, image: ghcr.io/a/c:5}]", &[]),
    (
        "[{name: a, $patch: delete}, {$patch: replace}, {name: c, image: ghcr.io/a/c:5}]",
        &["ghcr.io/a/c:5"],
    ),
    (
        "[{$patch: merge}, {name: c, image: ghcr.io/a/c:5}]",
        &["ghcr.io/a/c:5", A, B],
    ),
    (
        "[{name: a, $patch: merge, image: ghcr.io/a/a:5}]",
        &["ghcr.io/a/a:5", B],
    ),
    ("[{name: z, $patch: delete}]", &[A, B]),
    ("[{$patch: replace, image: ghcr.io/a/n:5}]", &[]),
    (
        "[{$patch: replace, image: ghcr.io/a/n:5}, {name: c, image: ghcr.io/a/c:5}]",
        &["ghcr.io/a/c:5"],
    ),
    (
        "[{image: ghcr.io/a/n:5}, {name: c, image: ghcr.io/a/c:5}]",
        &["ghcr.io/a/c:5"],
    ),
    ("[{name: a}, {image: ghcr.io/a/n:5}]", &[A]),
    ("[{image: ghcr.io/a/n:5}, {name: a}]", &[]),
    (
        "[{name: a, image: ghcr.io/a/a:5}, {name: a, image: ghcr.io/a/a:6}]",
        &["ghcr.io/a/a:5", B],
    ),
    (
        "[{name: a, $patch: delete}, {name: a, image: ghcr.io/a/a:6}]",
        &[B],
    ),
    (
        "[{$patch: replace}, {name: c, $patch: replace, image: ghcr.io/a/c:5}, {name: a}]",
        &[],
    ),
    (
        "[{$patch: replace}, {image: ghcr.io/a/n:9}]",
        &["ghcr.io/a/n:9"],
    ),
    (
        "[{name: b, $patch: replace, image: ghcr.io/a/b:5}, {$patch: replace}]",
        &["ghcr.io/a/b:5"],
    ),
    (
        "[{name: b, $patch: replace}, {name: a, image: ghcr.io/a/a:9}]",
        &[B, "ghcr.io/a/a:9"],
    ),
    ("[]", &[A, B]),
];

/// What a patch says of a list that there is not, and the images that come out.
const NEW: &[(&str, &[&str])] = &[
    (
        "[{name: c, $patch: replace, image: ghcr.io/a/c:5}]",
        &["ghcr.io/a/c:5"],
    ),
    ("[{name: c, $patch: delete, image: ghcr.io/a/c:5}]", &[]),
    (
        "[{image: ghcr.io/a/n:5}, {name: c, image: ghcr.io/a/c:5}]",
        &["ghcr.io/a/n:5"],
    ),
    (
        "[{name: c, image: ghcr.io/a/c:5}, {image: ghcr.io/a/n:5}]",
        &["ghcr.io/a/n:5"],
    ),
    (
        "[{name: c, image: ghcr.io/a/c:5}, {name: c, image: ghcr.io/a/c:6}]",
        &["ghcr.io/a/c:6"],
    ),
    (
        "[{name: c, $patch: delete}, {name: c, image: ghcr.io/a/c:6}]",
        &[],
    ),
];

fn files(list: &str, items: &str) -> Files {
    let web = deployment("web", &[("a", A), ("b", B)]);
    let patch = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec: {{template: {{spec: {{{list}: {items}}}}}}}\n"
    );
    tree([
        (
            "kustomization.yaml",
            "resources: [web.yaml]\npatches: [{path: p.yaml}]\n",
        ),
        ("p.yaml", &patch),
        ("web.yaml", &web),
    ])
}

/// The images that kustomize builds, if it is there.
fn built(files: &Files) -> Option<Vec<String>> {
    let kustomize = tool("kustomize")?;
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), files);
    let built = build::build(&kustomize, folder.path(), ".").expect("it builds");
    let line = |line: &str| Some(line.split_once("image: ")?.1.to_owned());
    Some(built.lines().filter_map(line).collect())
}

#[test]
fn directives_are_followed_as_kustomize_takes_them() {
    let over = OVER_A_LIST.iter().map(|row| ("containers", row));
    let new = NEW.iter().map(|row| ("initContainers", row));
    for (list, (items, images)) in over.chain(new) {
        let before = files(list, items);
        let images: Vec<&str> = match list {
            "containers" => images.to_vec(),
            _ => [&[A, B], *images].concat(),
        };
        if let Some(built) = built(&before) {
            assert_eq!(built, images, "{items}");
        }
        // What comes out is mapped where it is written, and nothing else is.
        let mut changed = before.clone();
        changed.retain(|path, _| *path != "kustomization.yaml");
        for text in changed.values_mut() {
            for image in &images {
                let new = image.replace("ghcr.io/", "registry.example.com/ghcr/");
                *text = text.replace(image, &new);
            }
        }
        let [.., again] = restored(MIRRORS, &before, &changed);
        assert_eq!(again.0, 0, "{items}: {}", again.1);
    }
}

/// An item that says `replace` moves what is below it, which the list above then meets.
#[test]
fn an_entry_meets_what_replace_keeps() {
    let mut before = files(
        "containers",
        "[{name: a, $patch: replace, image: quay.io/a/x:5}]",
    );
    let entry = "images: [{name: ghcr.io/a/a, newTag: v2}]\n";
    before
        .entry("kustomization.yaml")
        .and_modify(|text| text.push_str(entry));
    let web = before["web.yaml"].replace(B, "registry.example.com/ghcr/a/b:1");
    let kustomization = before["kustomization.yaml"]
        .replace("a/a, ", "a/a, newName: registry.example.com/ghcr/a/a, ");
    let changed = tree([("kustomization.yaml", &kustomization), ("web.yaml", &web)]);
    settled(MIRRORS, &before, &changed);
}

/// kustomize knows the kinds of Kubernetes 1.21, and merges their lists.
#[test]
fn the_lists_of_an_old_cron_job_are_merged() {
    let job = |version: &str, containers: &str| {
        format!(
            "apiVersion: batch/{version}\nkind: CronJob\nmetadata: {{name: web}}\nspec: {{jobTemplate: {{spec: {{template: {{spec: {{containers: {containers}}}}}}}}}}}\n"
        )
    };
    for (version, base) in [
        ("v1", "registry.example.com/ghcr/a/a:1"),
        ("v1beta1", "registry.example.com/ghcr/a/a:1"),
        ("v2alpha1", A),
    ] {
        let of_base = |image: &str| job(version, &format!("[{{name: a, image: {image}}}]"));
        let of_patch = |image: &str| job(version, &format!("[{{name: b, image: {image}}}]"));
        let before = tree([
            (
                "kustomization.yaml",
                "resources: [web.yaml]\npatches: [{path: p.yaml}]\n",
            ),
            ("p.yaml", &of_patch(B)),
            ("web.yaml", &of_base(A)),
        ]);
        let changed = tree([
            ("p.yaml", &of_patch("registry.example.com/ghcr/a/b:1")),
            ("web.yaml", &of_base(base)),
        ]);
        settled(MIRRORS, &before, &changed);
    }
}
