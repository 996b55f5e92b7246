//! The files that a kustomization needs and that hold no resource.

use crate::judge::{IGNORE, says_ignore};
use crate::tree::paths::is_remote;
use crate::yaml::Node;

use super::{BUILTIN, PatchSource, field, list, text, text_or_path};

/// A file that a kustomization needs.
#[derive(Debug, Clone, Copy)]
pub(in crate::tree) struct Needed<'n, 's> {
    pub(in crate::tree) path: &'n str,
    /// Where it is named.
    pub(in crate::tree) node: &'n Node<'s>,
    /// The key that it is named under, at the root and closest to it.
    pub(in crate::tree) key: &'static str,
    pub(in crate::tree) under: &'static str,
    /// The generator that it is of, if it is of one.
    pub(in crate::tree) generator: Option<&'n Node<'s>>,
    /// Whether that has what it makes left alone, by an annotation.
    pub(in crate::tree) is_ignored: bool,
}

impl<'n> Needed<'n, '_> {
    /// The key of a generator's file: the one before its path, or the file's name.
    pub(in crate::tree) fn data_key(&self) -> &'n str {
        let text = self.node.scalar().unwrap_or_default();
        let name = self.path.rsplit('/').next().unwrap_or(self.path);
        text.split_once('=').map_or(name, |(key, _)| key)
    }

    /// The path of a generator's file, with its key in a ConfigMap; nobody reads the keys of a Secret, which
    /// are empty here.
    pub(in crate::tree) fn data(&self) -> (&'n str, &'n str) {
        let is_secret = self.key == "secretGenerator";
        (self.path, if is_secret { "" } else { self.data_key() })
    }

    /// Namespace and name of the ConfigMap that it is put into, as the generator says them.
    pub(in crate::tree) fn config_map(&self) -> (Option<&'n str>, Option<&'n str>) {
        let says = |key| {
            let generator = self.generator?;
            let metadata = || field(generator, "metadata").and_then(|of| text(of, key));
            text(generator, key).or_else(metadata)
        };
        (says("namespace"), says("name"))
    }
}

/// The files that a builtin generator in a document of its own puts into a ConfigMap or a Secret.
pub(in crate::tree) fn data_of_generator<'n, 's>(root: &'n Node<'s>) -> Vec<Needed<'n, 's>> {
    let key = match (text(root, "apiVersion"), text(root, "kind")) {
        (Some(BUILTIN), Some("ConfigMapGenerator")) => "configMapGenerator",
        (Some(BUILTIN), Some("SecretGenerator")) => "secretGenerator",
        _ => return Vec::new(),
    };
    let is_ignored = leaves_alone(root, root);
    let files = list(root, "files").iter().map(|node| {
        let written = node.scalar().unwrap_or_default();
        let path = written.split_once('=').map_or(written, |(_, path)| path);
        let under = "files";
        Needed {
            path,
            node,
            key,
            under,
            generator: Some(root),
            is_ignored,
        }
    });
    files
        .filter(|file| !(file.path.is_empty() || is_remote(file.path)))
        .collect()
}

/// Whether a generator, or the kustomization that it is in, gives what it makes the annotation by which that
/// is left alone: the outermost of them decides, and the generator's own before those of all generators.
fn leaves_alone(root: &Node<'_>, generator: &Node<'_>) -> bool {
    let options = [
        field(generator, "options"),
        field(root, "generatorOptions"),
        field(root, "commonAnnotations"),
    ];
    let [own, of_all, common] = options;
    let annotations = [own, of_all].map(|of| of.and_then(|of| field(of, "annotations")));
    let mut all = [common].into_iter().chain(annotations).flatten();
    let decides = |annotations: &&Node<'_>| matches!(annotations.get(IGNORE), Ok(Some(_)));
    all.find(decides).is_some_and(says_ignore)
}

/// The files that generators, `crds`, `openapi` and `validators` name.
pub(super) fn needed<'n, 's>(root: &'n Node<'s>) -> Vec<Needed<'n, 's>> {
    let mut found = Vec::new();
    let mut add = |(key, generator, is_ignored), under, node: &'n Node<'s>| {
        let text = node.scalar().unwrap_or_default();
        let path = match (under, text.split_once('=')) {
            ("files", Some((_, path))) => path,
            _ => text,
        };
        if !(path.is_empty() || is_remote(path)) {
            found.push(Needed {
                path,
                node,
                key,
                under,
                generator,
                is_ignored,
            });
        }
    };
    for key in ["configMapGenerator", "secretGenerator"] {
        for generator in list(root, key) {
            let key = (key, Some(generator), leaves_alone(root, generator));
            for under in ["files", "envs"] {
                let files = list(generator, under).iter();
                files.for_each(|file| add(key, under, file));
            }
            let of_env = field(generator, "env").into_iter();
            of_env.for_each(|file| add(key, "env", file));
        }
    }
    for file in list(root, "crds") {
        add(("crds", None, false), "crds", file);
    }
    for one in list(root, "validators") {
        // Others are texts.
        if matches!(text_or_path(one), Some(PatchSource::File(_))) {
            add(("validators", None, false), "validators", one);
        }
    }
    let schema = field(root, "openapi").and_then(|of| field(of, "path"));
    schema
        .into_iter()
        .for_each(|file| add(("openapi", None, false), "path", file));
    found
}
