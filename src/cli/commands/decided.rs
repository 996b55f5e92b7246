//! The places in sources that decide the differences which `check --rendered` finds, where the tree
//! shows them, and the exceptions that hold at these places alone.

use std::sync::Arc;

use crate::cli::files::{InputFile, InputFiles, places_in};
use crate::cli::roots::{BuildRoot, BuiltBy};
use crate::config::{Config, Date};
use crate::finding::{Aspect, Aspects, Decided, FieldRef, Finding, Fix, ResourceRef, Rule};
use crate::image::Reference;
use crate::judge::grounds;
use crate::report::Problem;
use crate::restore::{FileOutcome, Skipped};
use crate::tree::{self, BuildOrigin, TreeFile};
use crate::verdict::{PartChange, Verdict};

const OF_HELM: &str = "helm makes it of the chart and its values";
const OF_OTHERS: &str = "a remote base, a generator, a replacement or a plug-in may make it";

/// What the places of a build are held against.
pub(super) struct PlaceRules<'a> {
    pub(super) config: &'a Config,
    pub(super) today: Date,
    /// The path of each file from the folder at which paths of the configuration begin.
    pub(super) places: &'a [String],
}

/// Names for each finding the source that decides what it is about, as far as the tree tells, and turns
/// those that an exception for that place allows into what is for the record.
pub(super) fn name_sources(
    files: &InputFiles,
    roots: &[BuildRoot<'_>],
    rules: &PlaceRules<'_>,
    judged: &mut [Result<FileOutcome, Problem>],
) {
    let texts: Vec<TreeFile<'_>> = files.files.iter().map(tree_file).collect();
    let judged = judged.iter_mut().zip(roots);
    let mut findings: Vec<(&BuildRoot<'_>, &mut Finding)> = judged
        .filter_map(|(outcome, root)| Some((outcome.as_mut().ok()?, root)))
        .flat_map(|(outcome, root)| outcome.findings.iter_mut().map(move |one| (root, one)))
        .filter(|(_, finding)| finding.field.is_some())
        .collect();
    let asked = findings.iter();
    let asked: Vec<(usize, &Finding)> = asked
        .map(|(root, finding)| (root.position, &**finding))
        .collect();
    let origins = tree::origins(&texts, &asked);
    let offsets = origins.iter().flatten();
    let places = places_in(&files.files, offsets.map(|origin| (origin.file, origin.at)));
    let mut allowed: Vec<(PlacedField, Aspect)> = Vec::new();
    for ((root, finding), origin) in findings.iter_mut().zip(origins) {
        if let Some(origin) = &origin {
            let field = field_of(root, finding);
            let mut aspects = rules.allow(origin, finding);
            if let Some(written) = origin.written.as_deref().filter(|_| aspects.is_empty()) {
                aspects = rules.allow(written, finding);
            }
            allowed.extend(aspects.iter().map(|aspect| (field.clone(), aspect)));
        }
        let decided = match origin {
            Some(origin) => Decided::By {
                path: texts[origin.file].shown.into(),
                place: places[&(origin.file, origin.at)],
            },
            None if root.builder == BuiltBy::Helm => Decided::Unknown(OF_HELM),
            None => Decided::Unknown(OF_OTHERS),
        };
        finding.decided = Some(Arc::new(decided));
    }
    if allowed.is_empty() {
        return;
    }
    for (root, finding) in findings {
        let field = field_of(root, finding);
        let of_field = allowed.iter().filter(|(allowed, _)| *allowed == field);
        let aspects: Vec<Aspect> = of_field.map(|(_, aspect)| *aspect).collect();
        if !aspects.is_empty() {
            keep(&aspects, finding);
        }
    }
}

/// A field of what a root builds.
type PlacedField = (usize, Option<Arc<ResourceRef>>, Option<Arc<str>>);

fn field_of(root: &BuildRoot<'_>, finding: &Finding) -> PlacedField {
    let path = finding.field.as_ref().map(|field| Arc::clone(&field.path));
    (root.position, finding.resource.clone(), path)
}

/// Takes out of what a finding proposes the parts of the image that are allowed to stay.
fn keep(allowed: &[Aspect], finding: &mut Finding) {
    let Some(field) = finding.field.clone() else {
        return;
    };
    let (Some(current), Some(proposed)) = (&field.current, &field.proposed) else {
        return;
    };
    let (Ok(old), Ok(new)) = (Reference::parse(current), Reference::parse(proposed)) else {
        return;
    };
    let wanted = Verdict {
        name: Some(new.name().to_owned()),
        tag: PartChange::to(new.tag),
        digest: PartChange::to(new.digest),
        ..Verdict::default()
    };
    let kept = wanted.compose(&old, allowed);
    let change = |to: &str| format!(" → {to}");
    if let Some(what) = finding.message.strip_suffix(&*change(proposed)) {
        finding.message = (what.to_owned() + &change(&kept)).into();
    }
    finding.field = Some(Arc::new(FieldRef {
        proposed: Some(kept.into()),
        ..(*field).clone()
    }));
}

impl PlaceRules<'_> {
    /// Turns a finding that an exception for its place allows into what is for the record. Exceptions that
    /// name no place were seen where it was judged. Gives what is allowed.
    fn allow(&self, origin: &BuildOrigin, finding: &mut Finding) -> Aspects {
        let of_places = self.config.exceptions.iter();
        let mut of_places = of_places
            .filter(|exception| exception.is_of_places() && !exception.is_expired(self.today));
        let allowing = of_places.find(|exception| {
            let container = Some(&*origin.container).filter(|name| !name.is_empty());
            let built = finding.resource.as_deref();
            let mut names = built.into_iter().chain(origin.resource.as_ref());
            let file = self.places.get(origin.file).map(String::as_str);
            let mut fields = origin.fields.iter();
            let allows = |aspect| exception.allow.contains(&aspect);
            !finding.allow.is_empty()
                && finding.allow.iter().all(allows)
                && exception.is_for(container, finding.agent.as_deref())
                && names.any(|id| exception.is_of(&id.kind, &id.namespace, &id.name))
                && fields.any(|field| exception.is_at(file, field))
        });
        let Some(exception) = allowing else {
            return Aspects::default();
        };
        let allowed = finding.allow;
        let mut what = &*finding.message;
        if let Some(field) = finding.field.as_deref()
            && let Some(proposed) = &field.proposed
        {
            let current = field.current.as_deref().unwrap_or("(missing)");
            let (whole, change) = (
                format!(": {current} → {proposed}"),
                format!(" → {proposed}"),
            );
            let shorter = what.strip_suffix(&*whole).or(what.strip_suffix(&*change));
            what = shorter.unwrap_or(what);
        }
        *finding = Finding {
            rule: Rule::AllowedByException,
            severity: Rule::AllowedByException.severity(self.config.mode),
            message: format!("{what}, {}", grounds(exception)).into(),
            allow: Aspects::default(),
            fix: Fix::default(),
            ..finding.clone()
        };
        allowed
    }
}

fn tree_file(file: &InputFile) -> TreeFile<'_> {
    TreeFile {
        path: &file.in_tree,
        shown: &file.shown,
        text: file.text_or_empty(),
        left_out: file.left_out.map(Skipped::as_str),
        is_elsewhere: file.left_out.is_some_and(Skipped::is_elsewhere),
        is_excluded: file.left_out == Some(Skipped::Excluded),
        links: &file.links,
        missing: &file.missing,
    }
}
