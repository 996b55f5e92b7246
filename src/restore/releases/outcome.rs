//! The outcome of judging releases, by file: edits, findings, images, and what was not read.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::config::Config;
use crate::edit::{self, Edit};
use crate::finding::{FileEdits, Fix};
use crate::judge::values::{
    self, Installed, SettledReleases, Spans, ValuesDocument, owners, unjudged, unnamed,
};
use crate::krm::resource::Resource;
use crate::values::template_patch;
use crate::yaml::Error;

use super::super::seen::Unread;
use super::set::ReleaseSet;
use super::{Among, Values, ValuesOf};

const TEMPLATE_PATCH: &str =
    "`templatePatch` is a template, and may say anything: look at the Applications that come of it";

impl<'t> ReleaseSet<'t> {
    /// Brings what was judged to the files that it is in.
    pub(super) fn outcome(
        &self,
        (files, config): (&Among<'_>, &'t Config),
        installed: &[Installed<'t, 't>],
        documents: &[ValuesDocument<'t, 't>],
        settled: SettledReleases<'t, 't>,
    ) -> Result<Values, Error> {
        let edits = values::edits(documents, &settled.wishes).unwrap_or_default();
        let mut by_wish: HashMap<usize, Vec<(usize, &Edit)>> = HashMap::new();
        for (&input, of_file) in edits.iter().filter(|_| files.wants.fixes) {
            for (edit, wishes) in of_file {
                for &wish in wishes {
                    by_wish.entry(wish).or_default().push((input, edit));
                }
            }
        }
        let spans = Spans::of(documents);
        let mut values = Values {
            seen: settled.seen,
            over_templates: settled.over_templates,
            ..Values::default()
        };
        for one in installed {
            let unnamed = || unnamed(config, one).map(str::to_owned);
            if let Some(why) = unjudged(config, &one.release).or_else(unnamed) {
                let at = one.name_of_chart()?;
                let span = spans.outermost(one.document, at.span.clone());
                let of_file = &mut values.of_file(documents[one.document].input).unread;
                // One object is judged once for each environment.
                if of_file.iter().all(|known| known.span != span) {
                    let why = why.into();
                    of_file.push(Unread { span, why });
                }
            }
            if let Some(patch) = template_patch(&one.resource)? {
                let span = spans.outermost(one.document, patch.span.clone());
                let unread = &mut values.of_file(documents[one.document].input).unread;
                if unread.iter().all(|known| known.span != span) {
                    let why = TEMPLATE_PATCH.into();
                    unread.push(Unread { span, why });
                }
            }
            let layers = one
                .release
                .layers
                .iter()
                .map(|layer| layer.is_read().then(|| documents[layer.document].input));
            let layers: Arc<[Option<usize>]> = layers.collect();
            for (layer, at) in one.release.layers.iter().enumerate() {
                let of_file = values.of_file(documents[at.document].input);
                if layers[layer].is_some() {
                    of_file.values.push(ValuesOf {
                        chart: one.release.chart.name.map(str::to_owned),
                        installed_by: named(&one.resource),
                        agents: owners(config, &one.release),
                        layers: Arc::clone(&layers),
                        layer,
                    });
                }
            }
        }
        for (document, at) in settled.read {
            let span = spans.outermost(document, at..at + 1);
            let of_file = values.of_file(documents[document].input);
            of_file.read.insert(span.start);
        }
        for one in settled.counted {
            let input = documents[one.document].input;
            let own = one.written.into_iter();
            let own = own.filter(|(document, _)| documents[*document].input == input);
            let written = own.map(|(document, at)| spans.outermost(document, at..at + 1).start);
            let counted = &mut values.of_file(input).counted;
            counted.entry(one.name).or_default().extend(written);
        }
        for one in settled.unread {
            let of_file = values.of_file(documents[one.document].input);
            of_file.unread.push(Unread {
                span: spans.outermost(one.document, one.span),
                why: one.why.into(),
            });
        }
        for (document, draft) in settled.drafts {
            let outer = outermost(documents, document);
            let input = documents[outer].input;
            let mut finding = draft.finding;
            finding.span = finding.span.map(|span| spans.outermost(document, span));
            finding.ordinal = documents[outer].ordinal;
            finding.resource = finding
                .resource
                .filter(|resource| !resource.kind.is_empty());
            if let (true, Some(wishes)) = (files.wants.fixes, draft.change) {
                let all = wishes.filter_map(|wish| by_wish.get(&wish)).flatten();
                finding.fix = fix(input, all.copied());
            }
            values.of_file(input).findings.push(finding);
        }
        for (document, mut image) in settled.images {
            image.span = spans.outermost(document, image.span);
            let of_file = values.of_file(documents[document].input);
            of_file.images.push(image);
        }
        for (input, edits) in edits {
            let edits = edits.into_iter().map(|(edit, _)| edit);
            values.of_file(input).edits.extend(edits);
        }
        Ok(values)
    }
}

/// The edits of a finding of a file.
fn fix<'e>(own: usize, all: impl Iterator<Item = (usize, &'e Edit)>) -> Fix {
    let mut of_files: BTreeMap<usize, Vec<Edit>> = BTreeMap::new();
    for (file, edit) in all {
        of_files.entry(file).or_default().push(edit.clone());
    }
    let of_files = of_files.into_iter().map(|(file, edits)| FileEdits {
        file,
        edits: edit::of_finding(edits),
    });
    Fix::of_files(own, of_files.collect())
}

fn outermost(documents: &[ValuesDocument<'_, '_>], document: usize) -> usize {
    match &documents[document].outer {
        Some((outer, _)) => outermost(documents, *outer),
        None => document,
    }
}

/// What an object that installs a chart is called.
fn named(resource: &Resource<'_, '_>) -> Option<String> {
    (!resource.kind.is_empty()).then(|| resource.told())
}
