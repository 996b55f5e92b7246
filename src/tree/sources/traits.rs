//! What a document may be beside a resource that is built, told where it is read: most are nothing of it, and
//! are passed over afterwards without a look at their nodes.

use crate::krm::resource::group;
use crate::tree::chart_sources;
use crate::tree::kustomization::{BUILTIN, text};
use crate::tree::merged::{builds, may_build};
use crate::yaml::Node;

/// What a document may be.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::tree) struct DocumentTraits {
    /// Whether kustomize's own plug-ins read it: a transformer or a generator.
    pub(in crate::tree) is_builtin: bool,
    /// Whether objects in it build folders.
    pub(in crate::tree) builds_folders: bool,
    /// Whether it says where a chart is.
    pub(in crate::tree) is_chart_source: bool,
}

impl DocumentTraits {
    pub(in crate::tree) fn of(root: &Node<'_>) -> Self {
        let version = text(root, "apiVersion").unwrap_or_default();
        let is_list = || text(root, "kind").is_some_and(|kind| kind.ends_with("List"));
        let is_of_flux = group(version).ends_with("fluxcd.io");
        DocumentTraits {
            is_builtin: version == BUILTIN,
            builds_folders: (may_build(version) || is_list()) && !builds(0, root).is_empty(),
            is_chart_source: is_of_flux && chart_sources::written(root).is_some(),
        }
    }
}
