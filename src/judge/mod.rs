//! Judges one resource: compares its image fields with what they should be, as findings and
//! changes.

mod context;
mod draft;
mod exceptions;
mod fields;
mod ignored;
mod immutable;
mod instances;
mod inventory;
mod labelled_image;
mod manifests;
mod no_reference;
mod overrides;
mod owned;
mod owner;
mod places;
mod prefilter;
mod reading;
mod release;
mod secrets;
mod shared_image;
mod shared_policies;
mod shared_values;
mod tested;
mod unversioned;
mod uses;
pub mod values;
mod verdict;

use std::collections::{HashMap, HashSet};

use crate::edit::Change;
use crate::field::image_list::EntryPart;
use crate::field::{self, FieldRole, ImageField, ImageGroup, Notation, pod};
use crate::finding::{Finding, Mode};
use crate::krm::resource::{Budget, Resource};
use crate::slot::Slot;
use crate::yaml::{Error, Path};

pub use context::{JudgeContext, Wants};
pub use draft::Draft;
use draft::Drafts;
pub(crate) use draft::resource_ref;
#[cfg(feature = "pages")]
pub(crate) use exceptions::grounds;
pub use exceptions::{Met, of_configuration, unmatched};
pub use ignored::IGNORE;
pub(crate) use ignored::{NO_REASONS, says_ignore};
use ignored::{is_ignored, say_silenced};
use instances::AgentVersion;
pub use instances::{InstanceNote, Instances};
pub(crate) use instances::{Round, judge_in_rounds};
pub use inventory::{ImageHolder, ImageState, ImageUse};
pub use manifests::InConfigMap;
pub(crate) use manifests::without_actions;
use owned::ControlledResource;
pub(crate) use owner::left_to;
pub use places::{Place, TextOrigin};
pub use prefilter::Prefilter;
use release::Ties;
use shared_policies::ContestedPolicies;
use tested::VersionsByAgent;
pub use uses::{Use, uses};
use verdict::FieldVerdict;

/// What was judged of the resources of a unit.
#[derive(Debug, Default)]
pub struct UnitJudgement<'n, 's> {
    /// What should be changed.
    pub changes: Vec<Change<'n, 's>>,
    /// The changes of lists of pull secrets, by their paths: several images may share one.
    pub secret_lists: HashMap<Path<'n>, usize>,
    /// Whether anchors may share values.
    has_anchors: bool,
    /// Values that stay, where an anchor may share a value that is changed elsewhere.
    pub kept: Vec<Change<'n, 's>>,
    /// What was found, each with the change that it led to.
    pub drafts: Vec<Draft>,
    /// Every image field, where the list of them is wanted.
    pub images: Vec<ImageUse>,
    /// Where values were read as images.
    pub read: Vec<usize>,
    /// The texts of ConfigMaps that were read as manifests, with where images are written in each.
    pub texts: Vec<(Slot<'n, 's>, Vec<usize>)>,
    /// Where images are written that something runs, but for those of containers, whose key says it.
    pub counted: Vec<usize>,
    /// The slots of images of which exceptions allow all, with where these are in the configuration.
    pub allowed: Vec<(Slot<'n, 's>, Vec<usize>)>,
    /// Agents and exceptions that were met.
    pub seen: Met,
    /// Agents whose own image runs, with namespace and instance.
    pub instances: Vec<InstanceNote>,
    /// The names of images as they are written, without tag and digest.
    pub image_names: HashSet<String>,
    /// Entries that replace images, by the name that each looks for.
    pub overrides: Vec<(String, Finding)>,
    /// Whether there is a shared image here that an instance not yet known could make an agent's, or say
    /// more of.
    pub awaits_instances: bool,
}

/// Judges one resource, and the manifests in it if it is a ConfigMap; offsets count in `text`, the input up to
/// the end of the resource's unit.
///
/// # Errors
/// A mapping that is read has a key twice, or aliases repeat too much.
pub fn resource<'n, 's>(
    context: &JudgeContext<'n, '_>,
    resource: &Resource<'n, 's>,
    text: &str,
    budget: &mut Budget,
    judged: &mut UnitJudgement<'n, 's>,
) -> Result<(), Error> {
    let is_told = judge_itself(context, resource, text, budget, judged)?;
    manifests::judge(context, resource, (text, is_told), budget, judged)
}

/// As [`resource`], without the texts of a ConfigMap; returns whether anything was judged.
fn judge_itself<'n, 's>(
    context: &JudgeContext<'n, '_>,
    resource: &Resource<'n, 's>,
    text: &str,
    budget: &mut Budget,
    judged: &mut UnitJudgement<'n, 's>,
) -> Result<bool, Error> {
    if let Some(version) = pod::missing_version(resource.group(), resource.kind) {
        unversioned::report(context, resource, &version, text, budget, judged)?;
        return Ok(true);
    }
    let config = context.config;
    let groups = field::groups(resource, &config.fields, &config.carriers, budget)?;
    if groups.is_empty() {
        return Ok(false);
    }
    note_read(resource, &groups, judged)?;
    let mut drafts = Drafts::new(context, resource)?;
    judged.has_anchors = context.has_anchors;
    let ties = Ties::of(config, resource)?;
    let in_instance = ties.agents(context.instances);
    let mut verdicts = verdict::verdicts(context, resource, &groups, &in_instance, judged);
    let beside = beside(context, &ties, &mut verdicts, judged);
    let ignored = is_ignored(config, resource, &mut drafts)?;
    if matches!(resource.kind, "HelmRelease" | "Kustomization") {
        overrides::leave_woken(&mut verdicts)?;
    }
    if matches!(resource.kind, "Kptfile" | "SetImage" | "ConfigMap") {
        overrides::tell_kept_versions(&mut verdicts);
    }
    if context.wants.images {
        for (pod, verdicts) in groups.iter().zip(&verdicts) {
            // A setting that holds a registry runs no image by itself.
            let runs = |verdict: &&FieldVerdict<'_, '_, '_, '_>| {
                let notation = &verdict.field.notation;
                // Nor does an entry of a list that says nothing, or whose images a later one renames.
                let is_silent = match notation {
                    Notation::Override(entry) => {
                        entry.part != EntryPart::Whole || verdict.field.image.is_none()
                    }
                    _ => false,
                };
                !(is_silent || matches!(notation, Notation::Before { .. } | Notation::Name(_)))
            };
            for verdict in verdicts.iter().filter(runs) {
                let (listed, id) = (&pod.pull_secrets, &drafts.resource);
                let image = inventory::image_use(resource, verdict, listed, id, ignored)?;
                judged.images.push(image);
            }
        }
    }
    let controlled = ControlledResource::of(context, resource)?;
    if let Some(controlled) = &controlled {
        controlled.fold(resource, &mut verdicts);
    }
    let found = ResourceVerdicts {
        context,
        resource,
        groups: &groups,
        verdicts: &verdicts,
        beside: &beside,
        text,
    };
    match controlled {
        _ if ignored && config.mode == Mode::Check => say_silenced(&found, &mut drafts)?,
        _ if ignored => {}
        Some(controlled) => controlled.report(&found, &mut drafts, judged)?,
        None => report(&found, &mut drafts, judged)?,
    }
    judged.drafts.append(&mut drafts.list);
    Ok(true)
}

/// What runs beside the images of each group, in it and in its release. Images that the vendor's release lacks
/// are left as they are, and agents' own images are noted for other resources.
fn beside<'c>(
    context: &JudgeContext<'c, '_>,
    ties: &Ties,
    verdicts: &mut [Vec<FieldVerdict<'c, '_, '_, '_>>],
    judged: &mut UnitJudgement<'_, '_>,
) -> Vec<VersionsByAgent> {
    ties.note(verdicts, judged);
    judged.awaits_instances |= tested::awaits(verdicts);
    let around: Vec<AgentVersion> = ties.versions(context.instances).cloned().collect();
    let groups = verdicts.iter_mut().map(|group| {
        let beside = VersionsByAgent::of(group.iter().filter_map(tested::own_version), &around);
        for verdict in group {
            if beside.lacks(verdict) {
                verdict.leave_unpublished();
            }
        }
        beside
    });
    groups.collect()
}

/// Notes where images are written.
fn note_read(
    resource: &Resource<'_, '_>,
    groups: &[ImageGroup<'_, '_>],
    judged: &mut UnitJudgement<'_, '_>,
) -> Result<(), Error> {
    let is_workload = pod::keeps_images(resource.group(), resource.kind);
    for field in groups.iter().flat_map(|group| &group.fields) {
        if let Some(node) = field.notation.main().node()? {
            let at = node.target().span.start;
            judged.read.push(at);
            let is_of_pod = is_workload && field.role == FieldRole::Container;
            if runs(field) && !is_of_pod {
                judged.counted.push(at);
            }
        }
    }
    Ok(())
}

/// Whether something runs the image of a field: a list replaces those of others, and a registry alone is
/// none.
pub(crate) fn runs(field: &ImageField<'_, '_>) -> bool {
    field.image.is_some()
        && field.role != FieldRole::ImageList
        && !matches!(field.notation, Notation::Before { .. })
}

/// A resource, and the verdicts on its image fields.
struct ResourceVerdicts<'a, 'f, 'n, 's, 'g> {
    context: &'a JudgeContext<'n, 'g>,
    resource: &'a Resource<'n, 's>,
    groups: &'a [ImageGroup<'n, 's>],
    verdicts: &'a [Vec<FieldVerdict<'n, 'f, 'n, 's>>],
    /// What runs beside the images of each group.
    beside: &'a [VersionsByAgent],
    text: &'a str,
}

/// Reports what differs, with the changes that restore it.
fn report<'n, 's>(
    found: &ResourceVerdicts<'_, '_, 'n, 's, '_>,
    drafts: &mut Drafts,
    judged: &mut UnitJudgement<'n, 's>,
) -> Result<(), Error> {
    let (context, resource, text) = (found.context, found.resource, found.text);
    if context.names {
        overrides::note(resource, found.groups, drafts, judged)?;
    }
    let first_change = judged.changes.len();
    let mut planned = Vec::new();
    for verdicts in found.verdicts {
        for verdict in verdicts {
            let first = judged.changes.len();
            fields::report_image_field(resource, verdict, text, drafts, judged)?;
            planned.push((verdict, first..judged.changes.len()));
        }
    }
    shared_values::withdraw_conflicts(&planned, context.config.mode, drafts, judged);
    let groups = found.groups.iter().zip(found.verdicts).zip(found.beside);
    for ((group, verdicts), beside) in groups {
        let verdicts: Vec<&FieldVerdict<'_, '_, 'n, 's>> = verdicts.iter().collect();
        tested::report(resource, &verdicts, beside, None, drafts)?;
        secrets::report(context, resource, group, &verdicts, drafts, judged)?;
    }
    let edited = judged.changes.len() > first_change;
    let contested = ContestedPolicies::of(found.verdicts);
    for verdict in found.verdicts.iter().flatten() {
        if contested.report(resource, verdict, drafts)? {
            continue;
        }
        fields::report_policy_field(resource, verdict, edited, text, drafts, judged)?;
    }
    for group in found.groups.iter().filter(|_| !context.in_text) {
        immutable::report(resource, group, first_change, drafts, judged)?;
    }
    Ok(())
}
