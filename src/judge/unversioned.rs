//! Workloads whose apiVersion is missing or names another group, so that Kubernetes knows no such kind.

use crate::finding::Rule;
use crate::krm::resource::{Budget, Resource};
use crate::quote::piece;
use crate::yaml::Error;

use super::draft::Drafts;
use super::{JudgeContext, UnitJudgement, resource};

/// Judges a workload as if it had the apiVersion that its kind should have. If that reports
/// anything, one finding says instead that the images are not judged: as written this is not a
/// resource, and it may become one of another kind.
pub(super) fn report<'n>(
    context: &JudgeContext<'n, '_>,
    unversioned: &Resource<'n, '_>,
    version: &str,
    text: &str,
    budget: &mut Budget,
    judged: &mut UnitJudgement<'n, '_>,
) -> Result<(), Error> {
    let mut as_usual = UnitJudgement::default();
    let meant = Resource {
        api_version: version,
        ..unversioned.clone()
    };
    resource(context, &meant, text, budget, &mut as_usual)?;
    if as_usual.drafts.is_empty() {
        return Ok(());
    }
    judged.seen.extend(as_usual.seen);
    let written = match unversioned.api_version {
        "" => "no apiVersion".to_owned(),
        other => format!("the apiVersion {}", piece(other)),
    };
    let message = format!("it has {written}, so that its images are not checked: write {version}");
    let mut drafts = Drafts::new(context, unversioned)?;
    let kind = unversioned.node.get("kind")?.unwrap_or(unversioned.node);
    drafts
        .add(Rule::UnresolvedImage, message)
        .field("apiVersion".into(), None, Some(version.to_owned()))
        .at(kind);
    judged.drafts.append(&mut drafts.list);
    Ok(())
}
