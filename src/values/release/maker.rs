//! Makes a release and its layers of the resource that installs it.

use crate::chart::ValuePath;
use crate::krm::resource::Resource;
use crate::slot::Slot;
use crate::values::index::SetValues;
use crate::values::layer::{Layer, LayerContent, ValuesRoot};
use crate::yaml::{Error, Node, Path};

use super::{ChartTool, TextAt, spelled, text_at};

/// What a release is built from.
pub(super) struct Maker<'m, 'n, 's> {
    pub(super) document: usize,
    pub(super) texts: &'m [TextAt<'n, 's>],
    pub(super) spec: &'n Node<'s>,
    pub(super) path: &'m Path<'n>,
}

impl<'n, 's> Maker<'_, 'n, 's> {
    pub(super) fn text(&self, keys: &[&str]) -> Result<Option<&'n str>, Error> {
        text_at(self.spec, keys)
    }

    /// The namespace that the release is installed into, if that is not its object's own.
    pub(super) fn namespace(
        &self,
        resource: &Resource<'n, 's>,
        tool: ChartTool,
    ) -> Result<Option<&'n str>, Error> {
        let root = |keys: &[&str]| text_at(resource.node, keys);
        let found = match tool {
            ChartTool::Flux | ChartTool::K3s => {
                let Some(target) = self.text(&["targetNamespace"])? else {
                    return Ok(None);
                };
                Some(target)
            }
            ChartTool::ArgoCd => {
                let of_set = root(&["spec", "template", "spec", "destination", "namespace"])?;
                of_set.or(root(&["spec", "destination", "namespace"])?)
            }
            ChartTool::Kustomize => {
                let of_all = root(&[spelled(resource.node, "namespace")])?;
                of_all.or(self.text(&[spelled(self.spec, "namespace")])?)
            }
            ChartTool::Fleet => {
                let mut found = None;
                for key in ["namespace", "targetNamespace", "defaultNamespace"] {
                    found = found.or(root(&["spec", key])?).or(root(&[key])?);
                }
                found
            }
        };
        let is_known = |text: &&str| !text.contains("{{") && !text.contains('$');
        Ok(Some(found.filter(is_known).unwrap_or_default()))
    }

    pub(super) fn tree(
        &self,
        holder: &'n Node<'s>,
        path: Path<'n>,
        keys: &[&'n str],
    ) -> Layer<'n, 's> {
        Layer {
            document: self.document,
            content: LayerContent::Tree(ValuesRoot::new(holder, path, keys)),
            is_own: true,
        }
    }

    pub(super) fn unknown(&self) -> Layer<'n, 's> {
        Layer {
            document: self.document,
            content: LayerContent::Unknown,
            is_own: false,
        }
    }

    /// A layer that says nothing, unless it is found.
    pub(super) fn silent(&self) -> Layer<'n, 's> {
        Layer {
            content: LayerContent::Set(SetValues::default()),
            ..self.unknown()
        }
    }

    /// A layer that may say what is at a path, or anything where the path is not understood.
    pub(super) fn unknown_at(&self, path: Option<ValuePath>) -> Layer<'n, 's> {
        Layer {
            content: path.map_or(LayerContent::Unknown, LayerContent::UnknownAt),
            ..self.unknown()
        }
    }

    /// The layer of a text that is a document, if there is one.
    pub(super) fn inner(&self, slot: &Slot<'n, 's>) -> Option<Layer<'n, 's>> {
        let is_slot = |text: &&TextAt<'n, 's>| {
            std::ptr::eq(text.slot.holder, slot.holder) && text.slot.at == slot.at
        };
        let text = self.texts.iter().find(is_slot)?;
        let Some(root) = text.root else {
            return Some(self.unknown());
        };
        Some(Layer {
            document: text.document,
            content: LayerContent::Tree(ValuesRoot::new(root, Path::default(), &[])),
            is_own: true,
        })
    }
}
