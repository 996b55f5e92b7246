//! A chart that nobody knows, with what its values do not show: registries of its own by default, and tags at
//! keys of their own.

use std::path::Path;

use super::{Case, Outcome, Tree, deployment, forms, pick};
use crate::support::mutate::Chance;

/// What a pod's image is made of in the chart, by the name of the workload: most have it in the shape of one that
/// runs as it is written, and one that gets a registry in the same shape.
const IMAGES: [(&str, &str); 8] = [
    ("whole", "{{ .Values.whole.image }}"),
    (
        "near",
        "{{ with .Values.registry }}{{ . }}/{{ end }}{{ .Values.near.image }}",
    ),
    (
        "apart",
        "{{ .Values.apart.image }}:{{ .Values.apart.imageTag }}",
    ),
    (
        "hosted",
        "quay.io/{{ .Values.hosted.image }}:{{ .Values.hosted.imageTag }}",
    ),
    (
        "plain",
        "{{ .Values.plain.image.repository }}:{{ .Values.plain.image.tag }}",
    ),
    (
        "empty",
        "{{ .Values.empty.image.registry | default \"ghcr.io\" }}/{{ .Values.empty.image.repository }}:{{ .Values.empty.image.tag }}",
    ),
    (
        "both",
        "{{ .Values.both.image.registry }}/{{ .Values.both.image.repository }}:{{ .Values.both.image.tag }}",
    ),
    (
        "word",
        "{{ .Values.word.image }}:{{ .Values.word.imageTag }}",
    ),
];

const DEFAULTS: &str = "\
registry: ''
whole: {image: 'acme/whole:v1'}
near: {image: 'acme/near:v1'}
apart: {image: acme/apart, imageTag: v1}
hosted: {image: acme/hosted, imageTag: v1}
plain: {image: {repository: quay.io/acme/plain, tag: v1}}
empty: {image: {registry: '', repository: acme/empty, tag: v1}}
both: {image: {registry: docker.io, repository: acme/both, tag: v1}}
word: {image: word, imageTag: v1}
";

fn chart() -> Vec<(&'static str, String)> {
    let templates = IMAGES.map(|(name, image)| deployment(name, image, ".Values.noSecrets"));
    vec![
        (
            "chart/Chart.yaml",
            "apiVersion: v2\nname: guess\nversion: 1.0.0\n".to_owned(),
        ),
        ("chart/values.yaml", DEFAULTS.to_owned()),
        ("chart/templates/all.yaml", templates.concat()),
    ]
}

/// Values of which each image's name is one; nobody sees what they leave out.
fn values(chance: &mut Chance) -> String {
    let mut tree = Tree::default();
    let mut put = |path: &str, text: &str| {
        tree.put(&path.split('.').collect::<Vec<_>>(), text.to_owned());
    };
    let hosts = [
        "",
        "",
        "docker.io/",
        "quay.io/",
        "m.example.com/hub/",
        "own.example.net/",
    ];
    for name in ["whole", "near"] {
        let tag = pick(chance, &[":v1", ":v2"]);
        let all = if name == "near" { &hosts[..1] } else { &hosts };
        let host = pick(chance, all);
        put(&format!("{name}.image"), &format!("{host}acme/{name}{tag}"));
    }
    put(
        "apart.image",
        &format!("{}acme/apart", pick(chance, &hosts)),
    );
    put("apart.imageTag", pick(chance, &["v1", "'1.10'"]));
    put("hosted.image", "acme/hosted");
    put("hosted.imageTag", "v2");
    put(
        "word.image",
        pick(chance, &["word", "docker.io/library/word"]),
    );
    put("word.imageTag", "v2");
    put(
        "plain.image.repository",
        &format!("{}acme/plain", pick(chance, &hosts)),
    );
    let registries = [None, Some("''"), Some("null"), Some("ghcr.io")];
    if let Some(registry) = registries[chance.below(registries.len())] {
        put("empty.image.registry", registry);
    }
    put("empty.image.repository", "acme/empty");
    if chance.below(2) == 0 {
        put(
            "both.image.registry",
            pick(chance, &["docker.io", "ghcr.io", "m.example.com/hub"]),
        );
    }
    put("both.image.repository", "acme/both");
    for name in ["plain", "empty", "both"] {
        if chance.below(2) == 0 {
            put(&format!("{name}.image.tag"), pick(chance, &["v2", "'3'"]));
        }
    }
    if chance.below(4) == 0 {
        put("registry", pick(chance, &["quay.io", "own.example.net"]));
    }
    let mut out = String::new();
    tree.write(0, 2, chance.below(4) == 0, &mut out);
    out
}

/// Rules by chance, one always for names without a host.
fn config(chance: &mut Chance) -> String {
    let rules = [
        "{source: docker.io, mirror: m.example.com/hub, scope: all}",
        "{source: quay.io, mirror: m.example.com/quay, scope: all}",
        "{source: ghcr.io, mirror: n.example.com, scope: all}",
    ];
    let given = |(at, _): &(usize, &str)| *at == 0 || chance.below(4) > 0;
    let rules = rules
        .into_iter()
        .enumerate()
        .filter(given)
        .map(|(_, rule)| rule);
    let rules: Vec<&str> = rules.collect();
    format!(
        "apiVersion: restore-images.dev/v1alpha1\nkind: RestoreImages\nmetadata: {{name: c}}\nspec:\n  registries: [{}]\n",
        rules.join(", ")
    )
}

/// Judges the case of a seed: an image is told by a finding that has its name.
pub(super) fn judge(helm: &Path, seed: u64) -> Outcome {
    let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let (config, values) = (config(&mut chance), values(&mut chance));
    let case = Case {
        seed,
        chart: chart(),
        name: "guess",
        config,
        values,
        form: forms::FORMS[chance.below(forms::FORMS.len())],
    };
    case.judge(helm, &|said, name| {
        // What counts as not read is named, and is no clean file's.
        let tells = ["[unresolved-image]", ": not read: "];
        let mut lines = said.lines();
        lines.any(|line| tells.iter().any(|told| line.contains(told)) && line.contains(name))
    })
}
