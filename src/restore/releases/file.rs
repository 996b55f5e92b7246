//! A file that values may be in, and the resources in it.

use std::collections::HashSet;

use crate::embedded::Embedded;
use crate::krm::resource::{self, Budget, Resource};
use crate::krm::{KUSTOMIZE_GROUP, KUSTOMIZE_VERSION};
use crate::tree::{is_kustomization, is_source_file, join};
use crate::values::{Release, SOURCE_FILE, releases, texts};
use crate::yaml::{Error, Node, Path, key_work, parse};

use super::Among;
use super::layers::{GeneratedOf, InText, data, generated, is_document};

/// A file that was read.
pub(super) struct ReleaseFile<'a> {
    pub(super) position: usize,
    pub(super) path: String,
    /// Its path from where paths of the configuration begin; empty where that is not known.
    pub(super) place: &'a str,
    /// Its path as people are shown it.
    pub(super) shown: &'a str,
    pub(super) text: &'a str,
    /// Whether it is never edited.
    pub(super) is_left_out: bool,
    pub(super) roots: Vec<Node<'a>>,
}

impl<'a> ReleaseFile<'a> {
    /// Reads a file; `None` where it is no YAML.
    pub(super) fn read(files: &Among<'a>, position: usize) -> Option<Self> {
        let text = files.files[position].text;
        let path = join("", files.files[position].path);
        let mut roots = parse::documents(text).ok()?;
        // A file of comments says nothing, in a document of its own: layers name theirs.
        if roots.is_empty() {
            roots.push(Node::default());
        }
        Some(ReleaseFile {
            position,
            place: files.files[position].place,
            shown: files.files[position].shown,
            path: path.unwrap_or_default(),
            text,
            is_left_out: files.files[position].left_out.is_some(),
            roots,
        })
    }

    /// Looks at all of the file, and at the values in texts of it, for what look-ups refuse.
    ///
    /// # Errors
    /// As [`Node::check_keys`]; offsets are those of the file.
    pub(super) fn check(&self) -> Result<(), Error> {
        let mut work = key_work(self.text);
        for root in &self.roots {
            root.check_keys(&mut work)?;
        }
        for (_, resource) in self.resources()? {
            for held in texts_in(&resource, &HashSet::new())? {
                let Some(node) = held.slot.node()? else {
                    continue;
                };
                let Ok(inner) = parse::document(held.text()) else {
                    continue;
                };
                let embedded = Embedded::of(self.text, node);
                let outer = |at| match &embedded {
                    Some(embedded) => embedded.place(held.within.start + at),
                    None => node.span.start,
                };
                inner.check_keys(&mut work).map_err(|error| Error {
                    at: outer(error.at),
                    first: error.first.map(outer),
                    ..error
                })?;
            }
        }
        Ok(())
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
        } else if is_source_file(&self.path) {
            Some(("argoproj.io/v1alpha1", SOURCE_FILE))
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
            found.extend(releases(&resource, ordinal, &[], &|_, _, _| Vec::new())?);
        }
        Ok(found)
    }
}

/// The texts of a resource that may be values; `wanted` are keys of ConfigMaps.
pub(super) fn texts_in<'n, 's>(
    resource: &Resource<'n, 's>,
    wanted: &HashSet<&str>,
) -> Result<Vec<InText<'n, 's>>, Error> {
    let mut slots = texts(resource)?;
    if resource.kind == "ConfigMap" {
        slots.extend(data(resource, wanted)?);
    }
    let mut found: Vec<InText<'n, 's>> = slots.into_iter().map(InText::whole).collect();
    if resource.group() == KUSTOMIZE_GROUP {
        let literals = generated(resource.node)?.into_iter();
        found.extend(literals.filter_map(|one| match one.of {
            GeneratedOf::Literal(held) if is_document(one.key, wanted) => Some(held),
            _ => None,
        }));
    }
    Ok(found)
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
        metadata: node.get("metadata").ok().flatten(),
    }
}
