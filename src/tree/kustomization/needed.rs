//! The files that a kustomization needs and that hold no resource.

use crate::tree::paths::is_remote;
use crate::yaml::Node;

use super::{PatchSource, field, list, text_or_path};

/// A file that a kustomization needs.
#[derive(Debug, Clone, Copy)]
pub(in crate::tree) struct Needed<'n, 's> {
    pub(in crate::tree) path: &'n str,
    /// Where it is named.
    pub(in crate::tree) node: &'n Node<'s>,
    /// The key that it is named under, at the root and closest to it.
    pub(in crate::tree) key: &'static str,
    pub(in crate::tree) under: &'static str,
}

impl<'n> Needed<'n, '_> {
    /// The key of a generator's file: the one before its path, or the file's name.
    pub(in crate::tree) fn data_key(&self) -> &'n str {
        let text = self.node.scalar().unwrap_or_default();
        let name = self.path.rsplit('/').next().unwrap_or(self.path);
        text.split_once('=').map_or(name, |(key, _)| key)
    }
}

/// The files that generators, `crds`, `openapi` and `validators` name.
pub(super) fn needed<'n, 's>(root: &'n Node<'s>) -> Vec<Needed<'n, 's>> {
    let mut found = Vec::new();
    let mut add = |key, under, node: &'n Node<'s>| {
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
            });
        }
    };
    for key in ["configMapGenerator", "secretGenerator"] {
        for generator in list(root, key) {
            for under in ["files", "envs"] {
                let files = list(generator, under).iter();
                files.for_each(|file| add(key, under, file));
            }
            let of_env = field(generator, "env").into_iter();
            of_env.for_each(|file| add(key, "env", file));
        }
    }
    for file in list(root, "crds") {
        add("crds", "crds", file);
    }
    for one in list(root, "validators") {
        // Others are texts.
        if matches!(text_or_path(one), Some(PatchSource::File(_))) {
            add("validators", "validators", one);
        }
    }
    let schema = field(root, "openapi").and_then(|of| field(of, "path"));
    schema
        .into_iter()
        .for_each(|file| add("openapi", "path", file));
    found
}
