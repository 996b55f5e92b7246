//! Objects of Flux and Argo CD in trees of chance: what they merge into a folder before they build it, and
//! what a HelmRelease does to what its chart gives. kustomize builds what these programs would give it.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};
use yaml_rust2::{Yaml, YamlLoader};

use super::build;
use super::tree::{Patch, Tree, indented};
use crate::support::{engine, files};

/// An object that builds something.
#[derive(Debug, Clone)]
pub(super) struct Applied {
    /// Its name, and that of its file.
    pub(super) name: String,
    pub(super) kind: AppliedKind,
    /// Entries of lists of images, each of one line: a mapping in braces, or a text for Argo CD.
    pub(super) images: Vec<String>,
    pub(super) patches: Vec<Patch>,
    pub(super) components: Vec<usize>,
    pub(super) namespace: Option<&'static str>,
}

/// Which program has the object, and the layer whose folder it builds, if it builds one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AppliedKind {
    Flux(usize),
    ArgoCd(usize),
    /// A HelmRelease: its lists and patches are those of its `postRenderers`.
    PostRenderer,
}

/// What a chart gives, whose images are nobody's here.
const CHART: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: chart}
spec:
  template:
    spec:
      containers:
      - {name: one, image: \"corp.example.net/team/base:v1\"}
      - {name: two, image: \"corp.example.net/team/base:v2\"}
";

impl Applied {
    /// The layer whose folder it builds.
    pub(super) fn layer(&self) -> Option<usize> {
        match self.kind {
            AppliedKind::Flux(layer) | AppliedKind::ArgoCd(layer) => Some(layer),
            AppliedKind::PostRenderer => None,
        }
    }

    /// The root that it is, as `build::build` takes it.
    pub(super) fn root(&self) -> String {
        let program = match self.kind {
            AppliedKind::Flux(_) => "flux",
            AppliedKind::ArgoCd(_) => "argocd",
            AppliedKind::PostRenderer => "chart",
        };
        format!("{program} {}", self.file())
    }

    pub(super) fn file(&self) -> String {
        format!("clusters/{}.yaml", self.name)
    }

    pub(super) fn text(&self, tree: &Tree) -> String {
        let folder = |index: usize| tree.layers[index].as_ref().map(|layer| &*layer.folder);
        let own = self.layer().and_then(folder).unwrap_or_default();
        let mut lists = String::new();
        if !self.images.is_empty() {
            lists.push_str("images:\n");
            self.images.iter().for_each(|entry| lists.push_str(entry));
        }
        if !self.patches.is_empty() {
            lists.push_str("patches:\n");
            let patches = self.patches.iter();
            patches.for_each(|patch| lists.push_str(&patch.entry()));
        }
        let components = self.components.iter().filter_map(|index| folder(*index));
        let components: Vec<&str> = components.collect();
        if !components.is_empty() {
            lists.push_str("components:\n");
            let up = "../".repeat(own.split('/').count());
            for component in components {
                let _ = writeln!(lists, "- {up}{component}");
            }
        }
        let namespace = self.namespace;
        let name = &self.name;
        match self.kind {
            AppliedKind::Flux(_) => {
                let namespace = namespace.map_or_else(String::new, |namespace| {
                    format!("  targetNamespace: {namespace}\n")
                });
                format!(
                    "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {name}, namespace: flux-system}}\nspec:\n  path: ./{own}\n  sourceRef: {{kind: GitRepository, name: flux-system}}\n{namespace}{}",
                    indented(&lists, 2)
                )
            }
            AppliedKind::ArgoCd(_) => {
                format!(
                    "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}, namespace: argocd}}\nspec:\n  source:\n    repoURL: https://git.example.com/acme/deploy\n    path: {own}\n    kustomize:\n{}",
                    indented(&lists, 6)
                )
            }
            AppliedKind::PostRenderer => format!(
                "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: {name}, namespace: apps}}\nspec:\n  chart: {{spec: {{chart: own, sourceRef: {{kind: HelmRepository, name: own}}}}}}\n  postRenderers:\n  - kustomize:\n{}",
                indented(&lists, 6)
            ),
        }
    }
}

/// What comes of a root that is an object: `None` for a folder.
pub(super) fn built(kustomize: &Path, tree: &Path, root: &str) -> Option<Result<String, String>> {
    let (program, file) = root.split_once(' ')?;
    let text = fs::read_to_string(tree.join(file)).expect("an object");
    let object = YamlLoader::load_from_str(&text).expect("yaml-rust2 reads it");
    let spec = &object[0]["spec"];
    let copy = tempfile::tempdir().expect("a folder");
    for (path, text) in files(tree) {
        let path = copy.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("written");
    }
    Some(match program {
        "flux" => {
            let folder = spec["path"].as_str().expect("a path");
            merge(&copy.path().join(folder), spec, "targetNamespace");
            build::build(kustomize, copy.path(), folder)
        }
        "argocd" => {
            let source = &spec["source"];
            let folder = source["path"].as_str().expect("a path");
            let own = &source["kustomize"];
            let at = copy.path().join(folder);
            let texts = own["images"].as_vec().into_iter().flatten();
            for text in texts.filter_map(Yaml::as_str) {
                let set = engine(kustomize, &at, &["edit", "set", "image", text], &[]);
                if set.code != 0 {
                    return Some(Err(set.stderr));
                }
            }
            let mut rest = own.clone();
            if let Yaml::Hash(pairs) = &mut rest {
                pairs.remove(&Yaml::String("images".to_owned()));
            }
            merge(&at, &rest, "namespace");
            build::build(kustomize, copy.path(), folder)
        }
        _ => {
            let at = copy.path().join("rendered");
            fs::create_dir_all(&at).expect("a folder");
            fs::write(at.join("chart.yaml"), CHART).expect("written");
            fs::write(at.join("kustomization.yaml"), "resources: [chart.yaml]\n").expect("written");
            merge(&at, &spec["postRenderers"][0]["kustomize"], "namespace");
            build::build(kustomize, copy.path(), "rendered")
        }
    })
}

/// Merges what an object says into the kustomization of a folder, as Flux does: entries by name.
fn merge(folder: &Path, says: &Yaml, namespace: &str) {
    let names = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
    let own = names.map(|name| folder.join(name));
    let own = own
        .iter()
        .find(|path| path.exists())
        .expect("a kustomization");
    let text = fs::read_to_string(own).expect("a kustomization");
    let read = YamlLoader::load_from_str(&text).expect("yaml-rust2 reads it");
    let mut all = match read.first().map(as_json) {
        Some(Value::Object(all)) => all,
        _ => Map::new(),
    };
    for key in ["patches", "components"] {
        let more = says[key].as_vec().into_iter().flatten().map(as_json);
        let more: Vec<Value> = more.collect();
        if !more.is_empty() {
            list(&mut all, key).extend(more);
        }
    }
    for entry in says["images"].as_vec().into_iter().flatten().map(as_json) {
        let entries = list(&mut all, "images");
        match entries.iter_mut().find(|own| own["name"] == entry["name"]) {
            Some(own) => *own = entry,
            None => entries.push(entry),
        }
    }
    if let Some(name) = says[namespace].as_str() {
        all.insert("namespace".to_owned(), json!(name));
    }
    fs::write(own, Value::Object(all).to_string()).expect("written");
}

fn list<'m>(all: &'m mut Map<String, Value>, key: &str) -> &'m mut Vec<Value> {
    let list = all.entry(key).or_insert_with(|| json!([]));
    list.as_array_mut().expect("a list")
}

fn as_json(value: &Yaml) -> Value {
    match value {
        Yaml::Hash(pairs) => {
            let pair = |(key, value): (&Yaml, &Yaml)| {
                (key.as_str().unwrap_or_default().to_owned(), as_json(value))
            };
            Value::Object(pairs.iter().map(pair).collect())
        }
        Yaml::Array(items) => items.iter().map(as_json).collect(),
        Yaml::String(text) => json!(text),
        Yaml::Boolean(is) => json!(is),
        Yaml::Integer(number) => json!(number),
        _ => Value::Null,
    }
}
