//! What a build gives, field by field, and what restoring it gives.

use std::collections::BTreeMap;
use std::path::Path;

use restore_images::image::Reference;
use yaml_rust2::{Yaml, YamlLoader};

use super::applied;
use crate::support::{binary, engine, finish, run_in_folder};

/// Every scalar of a build by its object and path.
pub(super) type Fields = BTreeMap<String, String>;

/// `kustomize build` of a folder, or of what an object makes of one; an error is kustomize's own, or that there is nothing.
pub(super) fn build(kustomize: &Path, tree: &Path, root: &str) -> Result<String, String> {
    if let Some(built) = applied::built(kustomize, tree, root) {
        return built;
    }
    let run = engine(kustomize, tree, &["build", root], &[]);
    match (run.code, run.stdout.is_empty()) {
        (0, false) => Ok(String::from_utf8(run.stdout).expect("UTF-8")),
        (0, true) => Err("nothing\n".to_owned()),
        _ => Err(run.stderr),
    }
}

/// What restoring a build as a stream gives, by the configuration beside it.
pub(super) fn restored(folder: &Path, build: &str) -> Result<String, String> {
    let args = ["render", "-c", "c.yaml", "-"];
    let run = run_in_folder(folder, &args, build.as_bytes());
    match run.code {
        0 => Ok(String::from_utf8(run.stdout).expect("UTF-8")),
        code => Err(format!("exit code {code}: {}", run.stderr)),
    }
}

/// A command over the files of `tree`, with the configuration beside it: its exit code and all that
/// it said.
pub(super) fn command(folder: &Path, words: &[&str]) -> (i32, String) {
    let mut args = words.to_vec();
    args.extend(["-c", "c.yaml", "--today", "2026-01-01", "tree"]);
    let mut command = std::process::Command::new(binary());
    let run = finish(command.current_dir(folder), &args, b"");
    let out = String::from_utf8_lossy(&run.stdout).into_owned();
    (run.code, out + &run.stderr)
}

/// The scalars of a build, and of the manifests that its texts are; images are as they are compared, pull secrets
/// without their order.
pub(super) fn fields(build: &str) -> Fields {
    let documents = YamlLoader::load_from_str(build).expect("yaml-rust2 reads it");
    let mut found = Fields::new();
    for document in &documents {
        let text = |value: &Yaml| value.as_str().unwrap_or("").to_owned();
        let metadata = &document["metadata"];
        let object = format!(
            "{} {}/{}",
            text(&document["kind"]),
            text(&metadata["namespace"]),
            text(&metadata["name"])
        );
        gather(document, &object, &mut found);
    }
    found
}

fn gather(value: &Yaml, path: &str, found: &mut Fields) {
    match value {
        Yaml::Hash(pairs) => pairs.iter().for_each(|(key, value)| {
            let key = key.as_str().unwrap_or("?");
            match (key, value) {
                ("image" | "reference", Yaml::String(image)) => {
                    found.insert(format!("{path}.{key}"), in_full(image));
                }
                ("imagePullSecrets", Yaml::Array(secrets)) => {
                    for secret in secrets {
                        let name = secret["name"].as_str().unwrap_or("?");
                        found.insert(format!("{path}.imagePullSecrets[{name}]"), "listed".into());
                    }
                }
                _ => gather(value, &format!("{path}.{key}"), found),
            }
        }),
        Yaml::Array(items) => items.iter().enumerate().for_each(|(index, value)| {
            gather(value, &format!("{path}[{index}]"), found);
        }),
        Yaml::String(text) if let Some(manifests) = manifests(text) => {
            for (index, manifest) in manifests.iter().enumerate() {
                gather(manifest, &format!("{path}#{index}"), found);
            }
        }
        leaf => {
            found.insert(path.to_owned(), format!("{leaf:?}"));
        }
    }
}

/// The documents of a text that holds manifests.
fn manifests(text: &str) -> Option<Vec<Yaml>> {
    let is_manifest = text.starts_with("apiVersion:");
    let documents = is_manifest.then(|| YamlLoader::load_from_str(text).ok());
    documents.flatten()
}

/// A reference with its registry and without the tag that none means, so that `nginx` and
/// `docker.io/library/nginx:latest` are one image; anything else as it is.
fn in_full(text: &str) -> String {
    match Reference::parse(text) {
        Ok(reference) => {
            let rest = &text[reference.name().len()..];
            let rest = if rest == ":latest" { "" } else { rest };
            format!("{}{rest}", reference.repository())
        }
        Err(_) => text.to_owned(),
    }
}
