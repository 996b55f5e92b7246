//! A file that values may be in, and the resources in it.

use crate::krm::KUSTOMIZE_VERSION;
use crate::krm::resource::{self, Budget, Resource};
use crate::tree::{is_kustomization, join};
use crate::values::{Release, releases};
use crate::yaml::{Error, Node, Path, parse};

use super::Among;

/// A file that was read.
pub(super) struct File<'a> {
    pub(super) position: usize,
    pub(super) path: String,
    pub(super) text: &'a str,
    pub(super) roots: Vec<Node<'a>>,
}

impl<'a> File<'a> {
    /// Reads a file; `None` where it is no YAML.
    pub(super) fn read(files: &Among<'a>, position: usize) -> Option<Self> {
        let text = files.files[position].text;
        let path = join("", files.files[position].path);
        Some(File {
            position,
            path: path.unwrap_or_default(),
            text,
            roots: parse::documents(text).ok()?,
        })
    }

    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    pub(super) fn is_chart(&self) -> bool {
        matches!(self.name(), "Chart.yaml" | "Chart.yml")
    }

    /// The resources of the file, each with the position of its document: some files are one by their
    /// names.
    pub(super) fn resources<'n>(&'n self) -> Result<Vec<(usize, Resource<'n, 'a>)>, Error> {
        let by_name = if self.name() == "fleet.yaml" {
            Some(("fleet.cattle.io/v1", "fleet.yaml"))
        } else if is_kustomization(&self.path) {
            Some((KUSTOMIZE_VERSION, "Kustomization"))
        } else {
            None
        };
        let mut found = Vec::new();
        for (ordinal, root) in self.roots.iter().enumerate() {
            if let Some((api_version, kind)) = by_name {
                found.push((ordinal, plain(root, api_version, kind)));
                continue;
            }
            let mut budget = Budget::new(self.text.len() + 1);
            for resource in resource::resources(root, &mut budget)? {
                found.push((ordinal, resource));
            }
        }
        Ok(found)
    }

    /// What the file installs, without the values in texts of it.
    pub(super) fn releases(&self) -> Result<Vec<Release<'_, 'a>>, Error> {
        let mut found = Vec::new();
        for (ordinal, resource) in self.resources()? {
            found.extend(releases(&resource, ordinal, &[])?);
        }
        Ok(found)
    }
}

/// A resource that names no kind.
pub(super) fn plain<'n, 's>(
    node: &'n Node<'s>,
    api_version: &'n str,
    kind: &'n str,
) -> Resource<'n, 's> {
    Resource {
        node,
        path: Path::default(),
        api_version,
        kind,
        name: "",
        namespace: "",
    }
}
