//! The kinds that install charts, and where in each of them it is said with which values.

use crate::krm::KUSTOMIZE_GROUP;
use crate::krm::resource::Resource;
use crate::yaml::{Error, Node, Path};

use super::spelled;

/// The kinds that install charts: API group, kind, and the keys to each of their sources or specs.
const KINDS: &[(&str, &str, ChartTool, &[&str])] = &[
    (
        "helm.toolkit.fluxcd.io",
        "HelmRelease",
        ChartTool::Flux,
        &["spec"],
    ),
    (
        "argoproj.io",
        "Application",
        ChartTool::ArgoCd,
        &["spec", "source"],
    ),
    (
        "argoproj.io",
        "Application",
        ChartTool::ArgoCd,
        &["spec", "sources", "*"],
    ),
    (
        "argoproj.io",
        "ApplicationSet",
        ChartTool::ArgoCd,
        &["spec", "template", "spec", "source"],
    ),
    (
        "argoproj.io",
        "ApplicationSet",
        ChartTool::ArgoCd,
        &["spec", "template", "spec", "sources", "*"],
    ),
    ("argoproj.io", SOURCE_FILE, ChartTool::ArgoCd, &[]),
    ("helm.cattle.io", "HelmChart", ChartTool::K3s, &["spec"]),
    (
        "helm.cattle.io",
        "HelmChartConfig",
        ChartTool::K3s,
        &["spec"],
    ),
    (
        KUSTOMIZE_GROUP,
        "Kustomization",
        ChartTool::Kustomize,
        &["helmCharts", "*"],
    ),
    (
        KUSTOMIZE_GROUP,
        "Component",
        ChartTool::Kustomize,
        &["helmCharts", "*"],
    ),
    (
        KUSTOMIZE_GROUP,
        "Kustomization",
        ChartTool::Kustomize,
        &["helmChartInflationGenerator", "*"],
    ),
    ("", "HelmChartInflationGenerator", ChartTool::Kustomize, &[]),
    (
        "fleet.cattle.io",
        "Bundle",
        ChartTool::Fleet,
        &["spec", "helm"],
    ),
    ("fleet.cattle.io", "fleet.yaml", ChartTool::Fleet, &["helm"]),
];

/// What is called the kind of a file beside what a source of Argo CD leads to.
pub const SOURCE_FILE: &str = "argocd-source";

/// The tools that install charts, each with an order of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ChartTool {
    Flux,
    ArgoCd,
    K3s,
    Kustomize,
    Fleet,
}

/// Whether a kind installs charts.
pub fn keeps_values(group: &str, kind: &str) -> bool {
    KINDS
        .iter()
        .any(|(known, name, ..)| *known == group && *name == kind)
}

/// Calls `each` for everything in a resource that installs a chart.
pub(super) fn each_spec<'n, 's>(
    resource: &Resource<'n, 's>,
    mut each: impl FnMut(ChartTool, &'n Node<'s>, &Path<'n>) -> Result<(), Error>,
) -> Result<(), Error> {
    for (group, kind, tool, keys) in KINDS {
        let is_builtin = group.is_empty() && resource.api_version == "builtin";
        if *kind == resource.kind && (*group == resource.group() && !group.is_empty() || is_builtin)
        {
            specs(
                resource.node,
                resource.path.clone(),
                keys,
                *tool == ChartTool::Kustomize,
                &mut |spec, path| each(*tool, spec, path),
            )?;
        }
    }
    Ok(())
}

fn specs<'n, 's>(
    node: &'n Node<'s>,
    path: Path<'n>,
    keys: &[&'static str],
    in_any_case: bool,
    each: &mut dyn FnMut(&'n Node<'s>, &Path<'n>) -> Result<(), Error>,
) -> Result<(), Error> {
    match keys.split_first() {
        None if node.entries().is_some() => each(node, &path),
        None => Ok(()),
        Some((&"*", rest)) => {
            for (index, item) in node.items().unwrap_or_default().iter().enumerate() {
                specs(item, path.index(index), rest, in_any_case, each)?;
            }
            Ok(())
        }
        Some((&key, rest)) => {
            let key = if in_any_case { spelled(node, key) } else { key };
            match node.get(key)? {
                Some(inner) => specs(inner, path.key(key), rest, in_any_case, each),
                None => Ok(()),
            }
        }
    }
}
