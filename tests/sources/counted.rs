//! How many images the summary says are restored.

use super::cases::{MIRRORS, deployment, restored, tree};

/// Texts in one file are told apart by where they are, though their paths and offsets are alike.
#[test]
fn an_image_of_each_text_in_a_kustomization_counts() {
    let operation = |image: &str| {
        format!(
            "- target: {{kind: Deployment}}\n  patch: '[{{\"op\": \"add\", \"path\": \"/spec/template/spec/containers/-\", \"value\": {{\"name\": \"x\", \"image\": \"{image}\"}}}}]'\n"
        )
    };
    let merge = |name: &str, image: &str| {
        format!(
            "- patch: '{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web}}, spec: {{template: {{spec: {{containers: [{{name: {name}, image: {image}}}]}}}}}}}}'\n"
        )
    };
    let patches = |host: &str| {
        let image = |name: &str| format!("{host}/acme/{name}:v1");
        let all = [
            operation(&image("p1")),
            operation(&image("p2")),
            merge("a", &image("p3")),
            merge("b", &image("p4")),
        ];
        format!("resources: [web.yaml]\npatches:\n{}", all.concat())
    };
    let right = deployment(
        "web",
        &[("web", "registry.example.com/hub/library/nginx:1")],
    );
    let before = tree([
        ("kustomization.yaml", &patches("ghcr.io")),
        ("web.yaml", &right),
    ]);
    let after = tree([("kustomization.yaml", &patches("registry.example.com/ghcr"))]);
    let [_, fixed, _] = restored(MIRRORS, &before, &after);
    assert!(
        fixed.1.contains("4 images restored in 1 of 2 files"),
        "{}",
        fixed.1
    );
}
