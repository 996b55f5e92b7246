//! The images that values of charts name: what each should be, and which values make it so.
//!
//! Several images may share a value, and one image may consist of values in several files. So images
//! are judged one by one, as everywhere, and then settled together: a value changes only where every
//! image that it is part of becomes what it should be, or stays what it is.

mod after;
mod charts;
mod limits;
mod lists;
mod operation;
mod places;
mod placing;
mod planning;
mod policies;
mod post_render;
mod prepare;
mod rebuilt;
mod remarks;
mod report;
mod settle;
mod spans;
mod telling;
mod templates;
pub(crate) mod unit;

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::chart::{Chart, SecretsForm, ValuePath};
use crate::krm::KUSTOMIZE_GROUP;
use crate::krm::resource::Resource;
use crate::values::{Doubt, Release, Site, SlotKey};
use crate::yaml::{Error, Span};

use super::draft::Draft;
use super::{ImageUse, JudgeContext, Met, Use};
use crate::edit;

use post_render::PostRender;

pub use after::{EntryOver, OverChart, TestedImage};
pub use charts::{agreed, lost, own_chart, owners, unjudged, unnamed};
pub use limits::{is_concerned, unread};
pub(crate) use operation::{Operation, operations};
pub use planning::{DocumentEdits, ValuesDocument, changes, edits};
pub use rebuilt::{Rebuilt, Spot, TextOfBuild, TextPlace, name, spot};
pub(crate) use spans::Spans;
pub(crate) use templates::leave_to_lists;

/// A release with the resource that installs it.
#[derive(Debug)]
pub struct Installed<'n, 's> {
    /// The resource.
    pub resource: Resource<'n, 's>,
    /// The document that the resource is in.
    pub document: usize,
    /// The release.
    pub release: Release<'n, 's>,
    /// The images of it that no profile's chart of its name has: those of charts that it brings, and
    /// those that are found by convention.
    pub own: Chart,
}

impl Installed<'_, '_> {
    /// Whether a kustomization installs the chart, so that its builds go over what the chart gives.
    fn is_by_kustomize(&self) -> bool {
        let Resource { kind, .. } = &self.resource;
        self.resource.group() == KUSTOMIZE_GROUP || *kind == "HelmChartInflationGenerator"
    }
}

/// An image: its release, and its group and position among the fields of that.
type Id = (usize, usize, usize);

/// What was judged of releases.
#[derive(Debug, Default)]
pub struct SettledReleases<'n, 's> {
    /// What places should hold.
    pub wishes: Vec<ValueWish<'n, 's>>,
    /// What was found: the position of the document, and the finding, whose changes are positions of
    /// wishes.
    pub drafts: Vec<(usize, Draft)>,
    /// Every image, where the list of them is wanted, with the position of its document.
    pub images: Vec<(usize, ImageUse)>,
    /// The agents and exceptions that were met.
    pub seen: Met,
    /// Where parts of images are written that were read: the position of the document, and the offset.
    pub read: Vec<(usize, usize)>,
    /// The images that were read.
    pub counted: Vec<Counted>,
    /// Those that are not judged, and of which nothing is told.
    pub unread: Vec<Unjudged>,
    /// By the position of a chart's file, what each install of the chart does to what is rendered of it.
    pub over_templates: BTreeMap<usize, Vec<OverChart>>,
}

/// What reads like an image and is not judged.
#[derive(Debug)]
pub struct Unjudged {
    /// Position of the document.
    pub document: usize,
    /// Its bytes there.
    pub span: Span,
    /// Why it is not judged.
    pub why: String,
    /// What speaks for an image there.
    pub ground: Ground,
}

/// What speaks for an image where none is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ground {
    /// That it is one is known.
    Known,
    /// Its looks alone: files count that, and a stream, which would tell it, has nothing for whoever reads it to do.
    Looks,
    /// A registry, of whose image nobody knows the name: as with looks, but told where values are missing.
    Registry,
}

/// What an image is known by: the place of its name, and the paths of its parts.
pub type CountedName = (SlotKey, Vec<ValuePath>);

/// An image that was read.
#[derive(Debug)]
pub struct Counted {
    /// The document that its name is in, or would be.
    pub document: usize,
    /// What it is known by, whatever is above it in an environment.
    pub name: CountedName,
    /// Where parts of it are written: the position of the document, and the offset.
    pub written: Vec<(usize, usize)>,
}

/// What a place should hold.
#[derive(Debug, Clone)]
pub struct ValueWish<'n, 's> {
    /// The place.
    pub site: Site<'n, 's>,
    /// What it should hold.
    pub value: edit::TargetValue,
    /// How a new list of pull secrets is written.
    pub form: SecretsForm,
    /// The image that it is for.
    id: Id,
}

/// What builds make of what installs charts, and of the charts' images.
#[derive(Debug, Clone, Copy, Default)]
pub struct OfBuilds<'b> {
    /// What they make of resources, where they change them.
    pub rebuilt: &'b [Rebuilt],
    /// What they do to the images of charts.
    pub over_charts: &'b [OverChart],
}

/// Judges releases together. `documents` are the texts that their layers are in, and `builds` says what
/// builds make of the resources in them.
///
/// # Errors
/// A mapping that is read has a key twice.
pub fn judge<'n, 's>(
    context: &JudgeContext<'n, '_>,
    installed: &'n [Installed<'n, 's>],
    documents: &[ValuesDocument<'n, 's>],
    builds: OfBuilds<'_>,
) -> Result<SettledReleases<'n, 's>, Error> {
    let mut settled = SettledReleases::default();
    let prepared = prepare::prepare(context, installed)?;
    let judged = prepare::verdicts(context, installed, documents, &prepared, &mut settled)?;
    for image in prepared.iter().flat_map(|prepared| &prepared.images) {
        for site in image.sites.iter().filter(|site| site.missing.is_none()) {
            let written = site.slot.node()?.map(|node| node.span.start);
            settled.read.extend(written.map(|at| (site.document, at)));
        }
    }
    let posts = installed
        .iter()
        .map(|one| PostRender::of(context, one, &documents[one.document]));
    let posts = posts.collect::<Result<Vec<_>, Error>>()?;
    let mut over_charts: HashMap<usize, Vec<&OverChart>> = HashMap::new();
    for over in builds.over_charts {
        over_charts.entry(over.input).or_default().push(over);
    }
    let after = installed.iter().zip(&posts).map(|(one, post)| {
        let of_builds = over_charts.get(&documents[one.document].input);
        let of_builds = of_builds.filter(|_| one.is_by_kustomize());
        let of_builds = of_builds.cloned().unwrap_or_default();
        // What builds say includes the kustomization's own list.
        match &post.over {
            Some(over) if of_builds.is_empty() => vec![over],
            _ => of_builds,
        }
    });
    let after: Vec<Vec<&OverChart>> = after.collect();
    settled.over_templates = over_templates(installed, &after);
    let all = prepare::All {
        context,
        installed,
        prepared: &prepared,
        judged: &judged,
        documents,
        after: &after,
        posts: &posts,
    };
    let (mut barred, mut wanted) = (HashMap::new(), HashSet::new());
    loop {
        let outcome = settle::settle(&all, &barred)?;
        let (wishes, mut drafts) = all.report(&outcome, &barred)?;
        if barred.is_empty() && !builds.rebuilt.is_empty() {
            wanted = rebuilt::wanted(documents, &wishes);
        }
        // What cannot be edited stays, and so do the images that it would have been a part of.
        let mut refused = refused(documents, &wishes);
        if refused.is_empty() {
            refused = rebuilt::refused((documents, installed), &wishes, builds.rebuilt);
            // An image may be refused for a list of pull secrets alone, which it needs elsewhere once that stays.
            if refused.iter().any(|(id, _)| lists::is_list(id)) {
                refused.retain(|(id, _)| lists::is_list(id));
            }
        }
        if refused.is_empty() {
            let mode = context.config.mode;
            drafts.extend(rebuilt::unmet(
                documents,
                &wanted,
                &drafts,
                (builds.rebuilt, mode),
            ));
            (settled.wishes, settled.drafts) = (wishes, drafts);
            break;
        }
        barred.extend(refused);
    }
    rebuilt::without_settled(&mut settled, documents, builds.rebuilt);
    if context.wants.images {
        settled.images = all.images()?;
    }
    Ok(settled)
}

/// What is done to what is rendered of charts whose files are at hand: nothing, by an install that does nothing.
fn over_templates(
    installed: &[Installed<'_, '_>],
    after: &[Vec<&OverChart>],
) -> BTreeMap<usize, Vec<OverChart>> {
    let mut found: BTreeMap<usize, Vec<OverChart>> = BTreeMap::new();
    let mut known = HashSet::new();
    for (one, after) in installed.iter().zip(after) {
        let Some(chart) = one.release.chart_file else {
            continue;
        };
        if !known.insert((chart, one.document, one.resource.node.span.start)) {
            continue;
        }
        let all = found.entry(chart).or_default();
        all.extend(after.iter().map(|over| (*over).clone()));
        if after.is_empty() {
            all.push(OverChart::default());
        }
    }
    found.retain(|_, all| all.iter().any(|over| !over.is_empty()));
    found
}

/// The images of releases as they should be.
///
/// # Errors
/// A mapping that is read has a key twice.
pub fn uses<'n, 's>(
    context: &JudgeContext<'n, '_>,
    installed: &'n [Installed<'n, 's>],
) -> Result<Vec<Use<'n>>, Error> {
    let mut settled = SettledReleases::default();
    let prepared = prepare::prepare(context, installed)?;
    let judged = prepare::verdicts(context, installed, &[], &prepared, &mut settled)?;
    let mut uses = Vec::new();
    for (prepared, verdicts) in prepared.iter().zip(judged) {
        let order = prepared.order.iter().flatten();
        for (verdict, &image) in verdicts.into_iter().flatten().zip(order) {
            let image = &prepared.images[image];
            // Where nothing could be written, it is known all the same.
            let is_certain = matches!(image.doubt, None | Some(Doubt::Nowhere));
            let is_known = image.is_used() && is_certain;
            let Some(reference) = verdict.reference.filter(|_| is_known) else {
                continue;
            };
            uses.push(Use {
                image: verdict.verdict.compose(&reference, &verdict.allowed()),
                policy: None,
                in_pod: false,
                chart_tag: image.chart_tag(),
                claim: verdict.claim,
            });
        }
    }
    Ok(uses)
}

/// The images whose wishes cannot be fulfilled, and why. Of those that cannot be edited together, it is
/// those that cannot be edited alone, if there are any.
fn refused(
    documents: &[ValuesDocument<'_, '_>],
    wishes: &[ValueWish<'_, '_>],
) -> Vec<(Id, String)> {
    let all = planning::edits(documents, wishes).err();
    let mut refused = Vec::new();
    for (positions, why) in all.into_iter().flatten() {
        let mut by_image: BTreeMap<Id, Vec<ValueWish<'_, '_>>> = BTreeMap::new();
        for wish in positions.into_iter().map(|position| &wishes[position]) {
            by_image.entry(wish.id).or_default().push(wish.clone());
        }
        let alone = by_image.iter();
        let alone = alone.filter(|(_, own)| planning::edits(documents, own).is_err());
        let mut ids: Vec<Id> = alone.map(|(id, _)| *id).collect();
        if ids.is_empty() {
            ids = by_image.into_keys().collect();
        }
        refused.extend(ids.into_iter().map(|id| (id, why.clone())));
    }
    refused
}
