//! The patches of a kustomization and of its transformers.

use crate::yaml::Node;

use super::{field, list, text};

/// A patch of a kustomization.
#[derive(Debug, Clone)]
pub(in crate::tree) struct Patch<'n, 's> {
    /// The text of the patch, or the path of its file.
    pub(in crate::tree) source: PatchSource<'n, 's>,
    pub(in crate::tree) target: Option<&'n Node<'s>>,
    /// Position of the document that says it.
    pub(in crate::tree) document: usize,
    /// The item of the list that it is.
    pub(in crate::tree) node: &'n Node<'s>,
}

/// Where a patch is written.
#[derive(Debug, Clone, Copy)]
pub(in crate::tree) enum PatchSource<'n, 's> {
    /// A file's path.
    File(&'n str),
    /// A text in the kustomization: a scalar.
    Inline(&'n Node<'s>),
}

impl<'n, 's> PatchSource<'n, 's> {
    /// The scalar that holds it.
    pub(in crate::tree) fn inline(self) -> Option<&'n Node<'s>> {
        match self {
            PatchSource::Inline(node) => Some(node),
            PatchSource::File(_) => None,
        }
    }

    /// The path of its file.
    pub(in crate::tree) fn file(self) -> Option<&'n str> {
        match self {
            PatchSource::File(path) => Some(path),
            PatchSource::Inline(_) => None,
        }
    }
}

/// An item of `patchesStrategicMerge`: a patch, or the path of one.
pub(super) fn strategic<'n, 's>(document: usize, item: &'n Node<'s>) -> Option<Patch<'n, 's>> {
    Some(Patch {
        source: text_or_path(item)?,
        target: None,
        document,
        node: item,
    })
}

/// A text that is a document, or the path of a file.
pub(in crate::tree) fn text_or_path<'n, 's>(item: &'n Node<'s>) -> Option<PatchSource<'n, 's>> {
    let text = item.scalar()?;
    let is_document = text.contains('\n') || text.contains(": ");
    Some(if is_document {
        PatchSource::Inline(item)
    } else {
        PatchSource::File(text)
    })
}

/// An item of `patches` or `patchesJson6902`.
pub(in crate::tree) fn patch<'n, 's>(document: usize, item: &'n Node<'s>) -> Option<Patch<'n, 's>> {
    let source = match (text(item, "path"), field(item, "patch")) {
        (Some(path), _) => PatchSource::File(path),
        (None, Some(node)) => PatchSource::Inline(node),
        (None, None) => return None,
    };
    Some(Patch {
        source,
        target: field(item, "target"),
        document,
        node: item,
    })
}

/// The `apiVersion` of what kustomize's own plug-ins read.
pub(in crate::tree) const BUILTIN: &str = "builtin";

/// The patches that a transformer brings: a document that kustomize's own plug-ins read.
pub(in crate::tree) fn patches_of_transformer<'n, 's>(
    document: usize,
    root: &'n Node<'s>,
) -> Vec<Patch<'n, 's>> {
    if text(root, "apiVersion") != Some(BUILTIN) {
        return Vec::new();
    }
    let inline = |key| {
        let node = field(root, key).filter(|node| node.scalar().is_some())?;
        Some(Patch {
            source: PatchSource::Inline(node),
            target: field(root, "target"),
            document,
            node,
        })
    };
    match text(root, "kind") {
        Some("PatchTransformer") => patch(document, root).into_iter().collect(),
        Some("PatchJson6902Transformer") => {
            let of_file = patch(document, root).filter(|_| text(root, "path").is_some());
            of_file.or_else(|| inline("jsonOp")).into_iter().collect()
        }
        Some("PatchStrategicMergeTransformer") => {
            let listed = list(root, "paths")
                .iter()
                .filter_map(|item| strategic(document, item));
            listed.chain(inline("patches")).collect()
        }
        _ => Vec::new(),
    }
}

/// The scalars in a transformer that hold patches.
pub(in crate::tree) fn inline_of_transformer<'n, 's>(
    root: &'n Node<'s>,
) -> impl Iterator<Item = &'n Node<'s>> {
    let patches = patches_of_transformer(0, root).into_iter();
    patches.filter_map(|patch| patch.source.inline())
}
