//! Collects the images of releases, each with its owner and its verdict.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::config::{Config, ReadValues};
use crate::decide::claim::AgentSet;
use crate::field::{FieldRole, ImageField, ImageGroup, Notation, Secrets};
use crate::krm::resource::Resource;
use crate::values::{Doubt, SlotKey, ValueImage, listed_anywhere, listed_in};
use crate::yaml::{Error, Node, Path};

use crate::slot::Slot;

use super::super::UnitJudgement;
use super::super::exceptions::InForce;
use super::super::tested::{self, VersionsByAgent};
use super::super::verdict::{self, FieldVerdict};
use super::after::OverChart;
use super::charts::{hiding, images_of, lost_source, owning};
use super::limits::{counted, limit, replaced};
use super::places;
use super::planning::ValuesDocument;
use super::post_render::PostRender;
use super::telling::span_of;
use super::{Ground, Installed, JudgeContext, SettledReleases, Unjudged};

/// The images of one release.
#[derive(Debug, Default)]
pub(super) struct Prepared<'n, 's> {
    pub(super) images: Vec<ValueImage<'n, 's>>,
    /// The images as fields, in groups that share a list of pull secrets.
    pub(super) groups: Vec<ImageGroup<'n, 's>>,
    /// The image of each field of each group.
    pub(super) order: Vec<Vec<usize>>,
}

/// The verdicts on the fields of one release, in the order of its groups.
pub(super) type Verdicts<'n, 'f, 's> = Vec<Vec<FieldVerdict<'n, 'f, 'n, 's>>>;

/// All that was judged together.
#[derive(Clone, Copy)]
pub(super) struct All<'a, 'n, 's, 'g> {
    pub(super) context: &'a JudgeContext<'n, 'g>,
    pub(super) installed: &'n [Installed<'n, 's>],
    pub(super) prepared: &'a [Prepared<'n, 's>],
    pub(super) judged: &'a [Verdicts<'n, 'a, 's>],
    pub(super) documents: &'a [ValuesDocument<'n, 's>],
    /// What is done to the images of each release once its chart is rendered.
    pub(super) after: &'a [Vec<&'a OverChart>],
    pub(super) posts: &'a [PostRender<'n, 's>],
}

/// The images of releases, as fields to be judged.
pub(super) fn prepare<'n, 's>(
    context: &JudgeContext<'n, '_>,
    installed: &'n [Installed<'n, 's>],
) -> Result<Vec<Prepared<'n, 's>>, Error> {
    let all = installed.iter().map(|one| {
        let images = if context.config.values == ReadValues::None {
            Vec::new()
        } else {
            images_of(context.config, one)?
        };
        let named = if images.iter().any(ValueImage::has_unknown_list) {
            let own = images.iter().filter_map(own_mapping);
            let own: HashSet<usize> = own.map(place_of).collect();
            listed_anywhere(&one.release.layers, &|node| own.contains(&place_of(node)))?
        } else {
            BTreeSet::new()
        };
        grouped(images, &named)
    });
    all.collect()
}

/// The mapping that is an image's alone, so that a list of pull secrets in it is that image's.
fn own_mapping<'n, 's>(image: &ValueImage<'n, 's>) -> Option<&'n Node<'s>> {
    let main = image.parts.main()?;
    let is_own = !main.name().to_ascii_lowercase().contains("image");
    is_own.then_some(main.holder)
}

/// What tells a node apart in all texts.
fn place_of(node: &Node<'_>) -> usize {
    std::ptr::from_ref(node.target()).addr()
}

/// Images in groups, one for each list of pull secrets; `named` are the secrets that values list in
/// places that nobody knows.
fn grouped<'n, 's>(
    images: Vec<ValueImage<'n, 's>>,
    named: &BTreeSet<String>,
) -> Result<Prepared<'n, 's>, Error> {
    let mut prepared = Prepared::default();
    let mut by_list: HashMap<SlotKey, usize> = HashMap::new();
    for (position, image) in images.iter().enumerate() {
        let Some(main) = image.parts.main() else {
            continue;
        };
        let text = image.parts.text();
        let policy = image.policy.as_ref().filter(|_| image.is_used());
        let field = ImageField {
            notation: Notation::Parts {
                main: main.clone(),
                parts: Box::new(image.parts.clone()),
            },
            policy_slot: policy.and_then(|policy| policy.slot.clone()),
            secrets: match image.secrets {
                Some(_) => Secrets::Pod,
                None => image.no_secrets.map_or(Secrets::None, Secrets::Nowhere),
            },
            role: FieldRole::Other,
            container: None,
            image: Some(text).filter(|text| !text.is_empty()),
            policy: policy.and_then(|_| image.policy_text()),
        };
        let place = image.secrets.as_ref().map(|secrets| secrets.site.place());
        let known = place.as_ref().and_then(|place| by_list.get(place)).copied();
        let mut listed = Vec::new();
        if image.has_unknown_list() {
            listed.extend(named.iter().cloned());
            let own = own_mapping(image).map(listed_in).transpose()?;
            listed.extend(own.unwrap_or_default());
        }
        let group = known.unwrap_or_else(|| {
            prepared.groups.push(ImageGroup {
                path: Path::default(),
                fields: Vec::new(),
                pull_secrets: listed,
                secrets_slot: image
                    .secrets
                    .as_ref()
                    .map(|secrets| secrets.site.slot.clone()),
                service_account: None,
            });
            prepared.order.push(Vec::new());
            prepared.groups.len() - 1
        });
        if let (Some(place), Some(secrets)) = (place, &image.secrets) {
            by_list.insert(place, group);
            // A list that is joined with others counts with them.
            prepared.groups[group]
                .pull_secrets
                .clone_from(&secrets.names);
        }
        prepared.groups[group].fields.push(field);
        prepared.order[group].push(position);
    }
    prepared.images = images;
    Ok(prepared)
}

/// The verdict on each image.
pub(super) fn verdicts<'n, 'f, 's>(
    context: &JudgeContext<'n, '_>,
    installed: &'n [Installed<'n, 's>],
    documents: &[ValuesDocument<'n, 's>],
    prepared: &'f [Prepared<'n, 's>],
    settled: &mut SettledReleases<'n, 's>,
) -> Result<Vec<Verdicts<'n, 'f, 's>>, Error> {
    let mut all = Vec::new();
    for (one, prepared) in installed.iter().zip(prepared) {
        let mut judged = UnitJudgement::default();
        // The images are those of pods, which run where the chart is installed.
        let resource = &Resource {
            namespace: one.release.namespace.unwrap_or(one.resource.namespace),
            ..one.resource.clone()
        };
        let groups = &prepared.groups;
        // An image that others run, too, is an agent's beside one that is its own, as it is where the
        // chart is rendered.
        let nobody = AgentSet::new();
        let mut of_release = verdict::verdicts(context, resource, groups, &nobody, &mut judged);
        let owning = owning(context.config, &one.release);
        // Where another image is in the place of its own, it is the chart that says whose the rest is.
        let tying: AgentSet = { replacing(context.config, prepared, &of_release).into_iter() }
            .filter(|agent| owning.contains(agent))
            .collect();
        if !tying.is_empty() {
            of_release = verdict::verdicts(context, resource, groups, &tying, &mut judged);
        }
        leave_unpublished(one.release.chart.version, prepared, &mut of_release);
        settled.seen.agents.extend(owning);
        settled.seen.lost.extend(lost_source(&one.release));
        settled.unread.extend(hiding(context.config, one)?);
        for (verdicts, order) in of_release.iter_mut().zip(&prepared.order) {
            for (verdict, &image) in verdicts.iter_mut().zip(order) {
                let image = &prepared.images[image];
                verdict.in_force = in_force(context, one, documents, (image, verdict));
                if verdict.claim.is_some() || context.config.fields.anywhere {
                    settled.seen.exceptions.extend(verdict.in_force.places());
                }
                let unread = limit(context.config, &one.release, image, verdict);
                if !image.is_used() {
                    continue;
                }
                let agent = verdict.claim.as_ref().map(|claim| claim.index);
                settled.seen.agents.extend(agent);
                let site = image.main_site();
                match site.zip(unread) {
                    Some((site, why)) => {
                        settled.unread.push(Unjudged {
                            document: site.document,
                            span: span_of(site),
                            why,
                            ground: ground(image),
                        });
                    }
                    None => settled.counted.extend(counted(image, verdict)),
                }
            }
        }
        all.push(of_release);
    }
    Ok(all)
}

/// What speaks for an image that is not judged.
fn ground(image: &ValueImage<'_, '_>) -> Ground {
    match &image.doubt {
        Some(Doubt::Nameless) => Ground::Registry,
        Some(Doubt::Registry) if image.is_guess() => Ground::Looks,
        _ => Ground::Known,
    }
}

/// The agents in the place of whose own images others are written.
fn replacing(
    config: &Config,
    prepared: &Prepared<'_, '_>,
    of_release: &Verdicts<'_, '_, '_>,
) -> AgentSet {
    let fields = of_release.iter().flatten();
    let images = prepared.order.iter().flatten();
    let images = images.map(|&image| &prepared.images[image]);
    let used = images.zip(fields).filter(|(image, _)| image.is_used());
    used.filter_map(|(image, verdict)| Some(replaced(config, image, verdict)?.0))
        .collect()
}

/// Leaves the images that the chart's own release does not have.
fn leave_unpublished(
    chart: Option<&str>,
    prepared: &Prepared<'_, '_>,
    of_release: &mut Verdicts<'_, '_, '_>,
) {
    let own = of_release.iter().flatten();
    let own = own.filter_map(|verdict| tested::own_version_in(verdict, chart));
    let beside = VersionsByAgent::of(own, &[]);
    let fields = of_release.iter_mut().flatten();
    for (verdict, &image) in fields.zip(prepared.order.iter().flatten()) {
        if prepared.images[image].is_used() && beside.lacks(verdict) {
            verdict.leave_unpublished();
        }
    }
}

/// The exceptions that hold for an image, by the places of its parts in all files of values.
fn in_force<'n>(
    context: &JudgeContext<'n, '_>,
    one: &Installed<'n, '_>,
    documents: &[ValuesDocument<'_, '_>],
    (image, verdict): (&ValueImage<'_, '_>, &FieldVerdict<'n, '_, '_, '_>),
) -> InForce<'n> {
    let secrets = image.secrets.as_ref().map(|secrets| &secrets.site.slot);
    let agent = verdict.claim.as_ref().map(|claim| &*claim.agent.name);
    let find =
        |slot: &Slot<'_, '_>, aspect| places::place(context, one, documents, image, slot, aspect);
    InForce::with_finder(
        context,
        &one.resource,
        (verdict.field, secrets),
        agent,
        &find,
    )
}
