//! Restores one unit: judges its resources, and has its edits planned and checked by `unit/edits.rs`.

mod edits;

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::config::{Config, Date};
use crate::edit::{self, Edit, PlannedEdit};
use crate::error::{Error, Fault};
use crate::field::pod;
use crate::finding::{self, Finding, Fix, Rule};
use crate::judge::values::{leave_to_lists, unit as values};
use crate::judge::{
    self, ImageUse, Instances, JudgeContext, Met, Prefilter, TextOrigin, UnitJudgement, Wants,
};
use crate::krm::item_config::ItemConfig;
use crate::krm::kinds::ResourceKind;
use crate::krm::unit::Unit;
use crate::slot::Slot;
use crate::sort::sort_by_key;
use crate::yaml::key_work;
use crate::yaml::parse::Parsed;

use super::REPORT_HELP;
use super::pipeline::{EditBuffers, Judge, Merge, SurveyedInput, UnitOutput};
use edits::{Unplanned, checked_edits};

/// What units are judged by.
#[derive(Clone, Copy)]
pub(super) struct Restoring<'a> {
    pub(super) config: &'a Config,
    pub(super) today: Date,
    pub(super) gathered: &'a ItemConfig<'a>,
    pub(super) wants: Wants,
    /// Whether a kustomization may replace images, so that the names of all of them count.
    pub(super) collects_names: bool,
    /// Whether the values of charts are judged here, and not with those of other files.
    pub(super) reads_values: bool,
    /// What passes over units that hold nothing to report.
    pub(super) prefilter: Option<&'a Prefilter>,
}

/// The output of the units of an input, in order.
#[derive(Default)]
pub(super) struct Restored {
    pub(super) edits: Vec<Edit>,
    pub(super) findings: Vec<Finding>,
    pub(super) images: Vec<ImageUse>,
    pub(super) read: Vec<usize>,
    pub(super) counted: Vec<usize>,
    /// The units that were judged, by their positions in their input.
    pub(super) judged: Vec<usize>,
    pub(super) seen: Met,
    pub(super) image_names: HashSet<String>,
    pub(super) overrides: Vec<(String, Finding)>,
}

impl Merge for Restored {
    fn append(&mut self, mut later: Restored) {
        self.edits.append(&mut later.edits);
        self.findings.append(&mut later.findings);
        self.images.append(&mut later.images);
        self.read.append(&mut later.read);
        self.counted.append(&mut later.counted);
        self.judged.append(&mut later.judged);
        self.seen.extend(later.seen);
        self.image_names.extend(later.image_names);
        self.overrides.append(&mut later.overrides);
    }
}

impl<'a> Restoring<'a> {
    /// A prefilter for so many bytes of text, where it is worth building one and units that hold
    /// nothing to report may be passed over.
    pub(super) fn make_prefilter(&self, bytes: usize) -> Option<Prefilter> {
        let judges_all = self.wants.images || self.collects_names;
        if judges_all {
            return None;
        }
        Prefilter::for_bytes(self.config, bytes)
    }
}

impl Judge for Restoring<'_> {
    type Output = Restored;

    fn concerns(&self, kind: &ResourceKind) -> bool {
        let (group, kind_name) = (&kind.group, &kind.kind);
        self.config.keeps_images(group, &kind.version, kind_name)
            || self.reads_values && self.config.keeps_values(group, kind_name)
            || pod::missing_version(group, kind_name).is_some()
    }

    fn passes_over(&self, input: &SurveyedInput<'_>, unit: &Unit) -> bool {
        let (Some(prefilter), [kind], true) = (self.prefilter, &unit.kinds[..], unit.is_searchable)
        else {
            return false;
        };
        let text = &input.text[unit.piece.span.clone()];
        prefilter.passes_over(&input.survey.kinds[*kind], text)
    }

    fn judge(
        &self,
        input: &SurveyedInput<'_>,
        unit: &Unit,
        parsed: &Parsed<'_>,
        instances: &Instances,
        buffers: &mut EditBuffers,
    ) -> Result<UnitOutput<Restored>, Error> {
        let text = unit.text(input.text);
        let find = |slot: &Slot<'_, '_>, _| Some(input.held_by?.place(input.file, slot));
        let context = JudgeContext {
            written: match input.held_by {
                Some(_) => TextOrigin::Found(&find),
                None => TextOrigin::Here(input.file),
            },
            in_text: input.held_by.is_some(),
            ordinal: unit.ordinal,
            names: self.collects_names,
            has_anchors: parsed.has_anchors,
            ..JudgeContext::new(
                self.config,
                self.today,
                self.gathered,
                instances,
                self.wants,
            )
        };
        let mut budget = unit.budget();
        let resources = unit.resources(&parsed.root, &mut budget);
        let resources = resources.map_err(Error::yaml)?;
        // YAML documents inside scalars of the unit; declared here because `judged` borrows from
        // them.
        let installing = if self.reads_values {
            &resources[..]
        } else {
            &[]
        };
        let texts = values::texts(self.config, installing).map_err(Error::yaml)?;
        let inner = values::read(&texts);
        let installed;
        let mut judged = UnitJudgement::default();
        for resource in &resources {
            judge::resource(&context, resource, text, &mut budget, &mut judged)
                .map_err(Error::yaml)?;
        }
        if let Some(by) = input.held_by {
            by.take(&mut judged);
        }
        leave_to_lists(input.over, &mut judged);
        if self.reads_values {
            let documents = values::documents((text, &parsed.root), &texts, &inner);
            let given = (self.config, self.gathered);
            installed = values::installed(given, &resources, &texts, &inner, None);
            let installed = installed
                .as_ref()
                .map_err(|error| Error::yaml(error.clone()))?;
            values::judge(&context, installed, &documents, &mut judged).map_err(Error::yaml)?;
        }
        let first = judged.changes.first();
        let at = first.map_or(0, |change| change.slot.holder.span.start);
        let how = (self.config.mode, input.survey.parser);
        let planned = checked_edits((unit, text), parsed, &mut judged, how, buffers);
        let planned = planned.map_err(|error| match error {
            Unplanned::Yaml(error) => Error::yaml(error),
            Unplanned::Differs(path) => {
                // No look-up met it, since it is above a list of a kind that is not known.
                let mut work = key_work(text);
                if let Err(error) = parsed.root.check_keys(&mut work) {
                    return Error::yaml(error);
                }
                let what = format!("the edit would have changed more than was planned, at {path}");
                Error::Edit(Fault::input(at, what, Some(REPORT_HELP)))
            }
        })?;
        Ok(output_of(unit, judged, planned, self.wants.fixes))
    }
}

/// The output of a unit; `brings_fixes` says whether findings bring the edits that restore them.
fn output_of(
    unit: &Unit,
    judged: UnitJudgement<'_, '_>,
    planned: Vec<PlannedEdit>,
    brings_fixes: bool,
) -> UnitOutput<Restored> {
    let by_change = if brings_fixes {
        by_change(&planned)
    } else {
        HashMap::new()
    };
    let written: HashSet<(usize, &str)> = planned
        .iter()
        .map(|planned| (planned.edit.span.start, &*planned.edit.text))
        .collect();
    let is_written = |edit: &Edit| written.contains(&(edit.span.start, &edit.text));
    let fix = |changes: Range<usize>| -> Box<[Edit]> {
        let own = changes.filter_map(|change| by_change.get(&change));
        let mut own: Vec<Edit> = own.flatten().map(|edit| (*edit).clone()).collect();
        sort_by_key(&mut own, edit::order);
        own.into()
    };
    let drafts = judged.drafts.into_iter();
    let findings = drafts.map(|draft| Finding {
        fix: match draft.change.filter(|_| brings_fixes) {
            // A warning that an edit cannot be applied is no reason to make it.
            Some(_) if draft.finding.rule == Rule::ImmutableWorkload => Fix::default(),
            Some(changes) => {
                // One change may write a whole text; who judged it says which of its edits the finding needs.
                let narrower = &draft.finding.fix.own;
                if !narrower.is_empty() && narrower.iter().all(is_written) {
                    draft.finding.fix
                } else {
                    Fix::of_file(fix(changes))
                }
            }
            None => Fix::default(),
        },
        ..draft.finding
    });
    let mut findings: Vec<Finding> = findings.collect();
    finding::sort_in_units(&mut findings);
    UnitOutput {
        output: Restored {
            findings,
            images: judged.images,
            read: judged.read,
            counted: judged.counted,
            judged: vec![unit.ordinal],
            edits: planned.into_iter().map(|planned| planned.edit).collect(),
            seen: judged.seen,
            image_names: judged.image_names,
            overrides: judged.overrides,
        },
        instances: judged.instances,
        awaits_instances: judged.awaits_instances,
    }
}

/// The edits of each change: one resource may have very many.
fn by_change(planned: &[PlannedEdit]) -> HashMap<usize, Vec<&Edit>> {
    let mut found: HashMap<usize, Vec<&Edit>> = HashMap::new();
    for planned in planned {
        found.entry(planned.change).or_default().push(&planned.edit);
    }
    found
}
