//! What is written for the fields of all builds, and what is reported of it.

mod concerned;
mod direct;
mod flows;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::finding::{Finding, Rule};
use crate::yaml::Node;

use super::builds::Builds;
use super::doubted::Doubted;
use super::editing::DesiredValue;
use super::kustomization::text;
use super::locations::{self, Answers, Placed};
use super::rendered::Field;
use super::value::{DocumentSlot, PlaceId, Tests};

/// What comes of all fields.
pub(super) struct SettledFields<'n, 's> {
    pub(super) wishes: Vec<DesiredValue<'n, 's>>,
    pub(super) placed: Vec<Placed<'n, 's>>,
    /// Entries of lists that match no image as it is written, and match one as it will be.
    pub(super) woken: HashSet<usize>,
    /// The roots of which something is left that should be otherwise.
    pub(super) unsettled: HashSet<usize>,
}

/// Settles all fields.
pub(super) fn settle<'n, 's>(
    builds: &Builds<'_, 'n, 's>,
    fields: &mut [Field<'n, 's>],
) -> SettledFields<'n, 's> {
    let mut settling = Settling {
        builds,
        lost: builds.lost_documents(),
        doubted: builds.doubted(),
        tests: builds.tests(),
        wishes: Vec::new(),
        placed: Vec::new(),
        woken: HashSet::new(),
        lacking: HashSet::new(),
        unsettled: HashSet::new(),
    };
    let concerned = concerned::direct(fields);
    let concerned = concerned.into_iter();
    settling.direct(
        concerned
            .map(|at| std::mem::take(&mut fields[at]))
            .collect(),
    );
    settling.flows(fields);
    let Settling {
        wishes,
        placed,
        woken,
        unsettled,
        ..
    } = settling;
    SettledFields {
        wishes,
        placed,
        woken,
        unsettled,
    }
}

/// Marks the fields of roots that were not asked for, but for those of given files that no other root
/// brings, and the parts of images that entries of given files decide alone.
pub(super) fn mark_bystanders<'n, 's>(builds: &Builds<'_, 'n, 's>, fields: &mut [Field<'n, 's>]) {
    if !fields.iter().any(|field| builds.is_bystander(field.root)) {
        return;
    }
    let asked = fields
        .iter()
        .filter(|field| !builds.is_bystander(field.root));
    let (mut places, mut entries) = (HashSet::<PlaceId>::new(), HashSet::new());
    for field in asked {
        places.extend(field.place.as_ref().map(DocumentSlot::id));
        entries.extend(hits(builds, field));
    }
    for field in fields {
        let is_own = field.place.as_ref().is_some_and(|place| {
            !builds.is_excluded(place.document) && !places.contains(&place.id())
        });
        if !builds.is_bystander(field.root) || is_own {
            continue;
        }
        let all = &builds.sources.lists.entries;
        let hits = hits(builds, field);
        let decides = |is_name: bool| {
            let mut hits = hits.iter().rev();
            let last = hits.find(|&&entry| all[entry].fields.decides(is_name));
            last.is_some_and(|entry| {
                !builds.is_excluded(all[*entry].site.document) && !entries.contains(entry)
            })
        };
        field.keep_parts(decides(true), decides(false));
    }
}

/// The entries of lists that the image of a field meets.
fn hits<'n, 's>(builds: &Builds<'_, 'n, 's>, field: &Field<'n, 's>) -> Vec<usize> {
    let lists = &builds.sources.lists;
    let origin = field.trace.origin.as_deref();
    let hits = origin.map(|origin| lists.met(origin, &field.trace.lists));
    let hits = hits.unwrap_or_default().into_iter();
    hits.map(|hit| hit.entry).collect()
}

/// What is being settled.
struct Settling<'t, 'x, 'n, 's> {
    builds: &'t Builds<'x, 'n, 's>,
    /// The documents that builds reach which are not followed to their end, and why they are left.
    lost: HashMap<usize, String>,
    /// The builds that are refused and may be ones yet.
    doubted: Vec<Doubted<'t>>,
    /// What the JSON patches of builds test.
    tests: Vec<&'t Tests<'n, 's>>,
    wishes: Vec<DesiredValue<'n, 's>>,
    placed: Vec<Placed<'n, 's>>,
    woken: HashSet<usize>,
    /// The resources of builds that do not get the pull secrets which they need.
    lacking: HashSet<usize>,
    /// The roots of which something is left that should be otherwise.
    unsettled: HashSet<usize>,
}

impl<'n, 's> Settling<'_, '_, 'n, 's> {
    /// Reports fields where they are written.
    fn note(&mut self, fields: Vec<Field<'n, 's>>, answers: &Answers) {
        for field in fields {
            let Some(place) = field.place else { continue };
            for finding in field.findings {
                self.place(&place, finding, answers);
            }
        }
    }

    fn place(&mut self, place: &DocumentSlot<'n, 's>, finding: Finding, answers: &Answers) {
        self.placed.push(Placed {
            document: place.document,
            node: place.node(),
            path: Some(locations::path(place)),
            finding,
            answers: Arc::clone(answers),
        });
    }

    /// Reports that a field is left, and why.
    fn leave(&mut self, field: &Field<'n, 's>, why: &str) {
        self.unsettled.insert(field.root);
        let why = self.left(field, why);
        self.report(field, Rule::UnresolvedImage, &why);
    }

    /// Reports that a field is left which something may change.
    fn leave_changeable(&mut self, field: &Field<'n, 's>, what: &str) {
        self.unsettled.insert(field.root);
        let left = self.left(field, &format!("{what} may change it"));
        let advice = self.builds.advice(field.root, None);
        let why = format!("{left}: {advice}, and write that by hand");
        self.report(field, Rule::UnresolvedImage, &why);
    }

    /// That a field is left, why, and in which build.
    fn left(&self, field: &Field<'n, 's>, why: &str) -> String {
        format!("left, since {why} ({})", self.builds.path_of(field.root))
    }

    /// Reports that two roots want different things of one place, each with what it wants there.
    fn conflict(
        &mut self,
        field: &Field<'n, 's>,
        (one, wanted): (usize, String),
        (other, by_other): (usize, String),
    ) {
        let (one, other) = (self.builds.path_of(one), self.builds.path_of(other));
        let why = format!(
            "left, since {one} wants {wanted} there, and {other} {by_other}: say it in a patch of each \
             of the two"
        );
        self.report(field, Rule::ConflictingSources, &why);
    }

    /// Why a place is left of which two roots want different things.
    fn conflicting(&self, one: usize, other: usize) -> String {
        let (one, other) = (self.builds.path_of(one), self.builds.path_of(other));
        format!(
            "left, since {one} wants it and {other} does not: give each an image of its own, by \
             an entry of images or a patch"
        )
    }

    /// The field's finding, reported under another rule than the one that it breaks.
    fn said(&self, field: &Field<'n, 's>, rule: Rule, why: &str) -> Option<Finding> {
        let finding = field.findings.first().cloned()?;
        Some(Finding {
            rule,
            severity: rule.severity(self.builds.setting.config.mode),
            message: format!("{}: {why}", finding.message).into(),
            ..finding
        })
    }

    /// The document and node of the generator that makes the ConfigMap of a finding in a build: the one with
    /// the longest name in the ConfigMap's.
    fn generator_of(&self, root: usize, finding: &Finding) -> Option<(usize, &'n Node<'s>)> {
        let resource = finding.resource.as_ref()?;
        if &*resource.kind != "ConfigMap" {
            return None;
        }
        let documents = &self.builds.built[root].documents;
        let all = self.builds.sources.kustomizations.iter();
        let all = all.filter(|one| {
            documents.contains(&one.document) && !self.builds.is_excluded(one.document)
        });
        let named = all.flat_map(|one| &one.config_maps).filter_map(|site| {
            let name = text(site.node, "name")?;
            resource.name.contains(name).then_some((name.len(), site))
        });
        let (_, site) = named.max_by_key(|(length, _)| *length)?;
        Some((site.document, site.node))
    }

    /// Reports a field by another rule than the one that it breaks.
    fn report(&mut self, field: &Field<'n, 's>, rule: Rule, why: &str) {
        let Some(finding) = self.said(field, rule, why) else {
            return;
        };
        // What is excluded is reported where an entry or a root includes it.
        let is_given = |place: &DocumentSlot<'_, '_>| !self.builds.is_excluded(place.document);
        let entries = hits(self.builds, field).into_iter().rev();
        let entries = entries.map(|entry| &self.builds.sources.lists.entries[entry]);
        let mut entries = entries.filter_map(|entry| locations::entry_place(entry, true));
        let place = field.place.clone().filter(is_given);
        if let Some(place) = place.or_else(|| entries.find(is_given)) {
            self.place(&place, finding, &Answers::default());
            return;
        }
        let document = self.builds.sources.kustomizations[field.root].document;
        let root = self.builds.sources.documents[document].root;
        let generator = self.generator_of(field.root, &finding);
        let (document, node) = generator.unwrap_or((document, root));
        self.placed.push(Placed {
            document,
            node,
            path: None,
            finding,
            answers: Answers::default(),
        });
    }
}
