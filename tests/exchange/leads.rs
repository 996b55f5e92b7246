//! Where imported rules send images: where the programs of the formats do.

use super::Folder;

/// Where the imported rules send an image; as the program of the format does, or nowhere.
#[track_caller]
fn leads(name: &str, text: &str, vectors: &[(&str, &str)]) {
    let folder = Folder::of(&[(name, text)]);
    let (_, made, _) = folder.import(&[name]);
    let rules: String = made
        .lines()
        .map(|line| {
            if line.starts_with("    mirror: ") {
                format!("{line}\n    scope: all\n")
            } else {
                format!("{line}\n")
            }
        })
        .collect();
    folder.write("made.yaml", &rules);
    for (image, expected) in vectors {
        let pod = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {{containers: [{{name: c, image: \"{image}\"}}]}}\n"
        );
        let (_, output, _) = folder.run(&["made.yaml"], &pod);
        let expected = format!("image: \"{expected}\"");
        assert!(output.contains(&expected), "{name}: {image}: {output}");
    }
}

/// Cases that the formats' own tests ask, in names of our own.
#[test]
fn images_go_where_the_formats_send_them() {
    let digest = format!("@sha256:{}", "ab".repeat(32));
    let pinned = format!("plain.example.com/ns/app{digest}");
    let pinned_there = format!("m.example.com/ns/app{digest}");
    leads(
        "registries.conf",
        r#"[[registry]]
prefix = "plain.example.com"
location = "m.example.com"

[[registry]]
prefix = "plain.example.com/deep/er"
location = "m.example.com/deepest"

[[registry]]
prefix = "ports.example.com:5000"
location = "m.example.com/ports"

[[registry]]
prefix = "docker.io/library/one"
location = "m.example.com/one"

[[registry]]
location = "same.example.com/ns"
[[registry.mirror]]
location = "m.example.com/same"
"#,
        &[
            ("plain.example.com/ns/app:v1", "m.example.com/ns/app:v1"),
            (&pinned, &pinned_there),
            ("plain.example.com/deep/app", "m.example.com/deep/app"),
            ("plain.example.com/deep/er/app", "m.example.com/deepest/app"),
            (
                "plain.example.com/deep/erx/app",
                "m.example.com/deep/erx/app",
            ),
            ("ports.example.com:5000/app", "m.example.com/ports/app"),
            ("ports.example.com/app", "ports.example.com/app"),
            ("one:1", "m.example.com/one:1"),
            ("same.example.com/ns/app", "m.example.com/same/app"),
            ("same.example.com/nsx/app", "same.example.com/nsx/app"),
            ("sub.plain.example.com/app", "sub.plain.example.com/app"),
        ],
    );
    leads(
        "registries.yaml",
        "mirrors:\n  docker.io:\n    endpoint: ['https://m.example.com']\n    rewrite: {'^library/(.*)': 'hub/$1', '(.*)': 'rest/$1'}\n",
        &[
            ("nginx", "m.example.com/hub/nginx"),
            ("acme/app:v1", "m.example.com/rest/acme/app:v1"),
            ("quay.io/acme/app", "quay.io/acme/app"),
        ],
    );
    leads(
        "idms.yaml",
        "apiVersion: config.openshift.io/v1\nkind: ImageDigestMirrorSet\nmetadata: {name: a}\nspec:\n  imageDigestMirrors:\n  - {source: a.example.com/x, mirrors: [m.example.com/x]}\n  - {source: a.example.com/x/y, mirrors: [m.example.com/y]}\n",
        &[
            ("a.example.com/x/app", "m.example.com/x/app"),
            ("a.example.com/x/y/app", "m.example.com/y/app"),
            ("a.example.com/xy/app", "a.example.com/xy/app"),
        ],
    );
}
