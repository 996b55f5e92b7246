//! Turns the drafts of one image, its pull policy or its pull secrets into findings: adds the place, and
//! replaces changes by wishes.

use std::sync::Arc;

use crate::chart::SecretsForm;
use crate::edit::TargetValue;
use crate::finding::{Aspect, FieldRef};
use crate::values::{NOWHERE, Site, ValueImage};
use crate::yaml::{Node, Path};

use super::super::UnitJudgement;
use super::super::draft::{Draft, Drafts};
use super::planning::ValuesDocument;
use super::{Id, ValueWish};

/// Gathers what is told of one release.
pub(super) struct Telling<'t, 'n, 's> {
    pub(super) documents: &'t [ValuesDocument<'n, 's>],
    pub(super) wishes: &'t mut Vec<ValueWish<'n, 's>>,
    pub(super) told: &'t mut Vec<(usize, Draft)>,
}

impl<'n, 's> Telling<'_, 'n, 's> {
    /// Takes what was reported of one image, or of its policy or secrets.
    pub(super) fn take(
        &mut self,
        id: Id,
        image: &ValueImage<'n, 's>,
        site: Option<&Site<'n, 's>>,
        judged: UnitJudgement<'n, 's>,
        drafts: &mut Drafts,
        why: Option<&String>,
    ) {
        let first = self.wishes.len();
        let form = image
            .secrets
            .as_ref()
            .map_or(SecretsForm::Mappings, |secrets| secrets.form);
        let mut why = why.cloned();
        for change in judged.changes {
            let Some(own) = image.site_of(&change.slot) else {
                continue;
            };
            let is_one_text = matches!(change.value, TargetValue::Names(_))
                && own
                    .slot
                    .node()
                    .ok()
                    .flatten()
                    .and_then(Node::text)
                    .is_some_and(|text| !text.is_empty());
            if is_one_text {
                why = Some("it holds the name of one secret: add it to that secret".to_owned());
                continue;
            }
            if let (TargetValue::Names(names), SecretsForm::Text) = (&change.value, form)
                && names.len() > 1
            {
                why = Some("the chart takes the name of one secret: make one of them".to_owned());
                continue;
            }
            self.wishes.push(ValueWish {
                site: own.clone(),
                value: change.value,
                form,
                id,
            });
        }
        if why.is_some() {
            self.wishes.truncate(first);
        }
        let Some(site) = site else {
            drafts.list.clear();
            return;
        };
        self.tell(
            site.document,
            Some(site),
            first..self.wishes.len(),
            drafts,
            why,
        );
    }

    /// Moves what was told of one aspect of an image, from a position on, to the place of the value that says it,
    /// which may be in another file than the image's name; `path` is that of the value in its document.
    pub(super) fn move_to(&mut self, from: usize, aspect: Aspect, site: &Site<'n, 's>, path: &str) {
        let path = match &self.documents[site.document].outer {
            Some((_, slot)) => format!("{}.{path}", slot.text_below(&Path::default())),
            None => path.to_owned(),
        };
        let told = self.told[from..].iter_mut();
        for (document, draft) in
            told.filter(|(_, draft)| draft.finding.rule.aspect() == Some(aspect))
        {
            *document = site.document;
            draft.finding.span = Some(span_of(site));
            if let Some(field) = &draft.finding.field {
                let path = path.as_str().into();
                draft.finding.field = Some(Arc::new(FieldRef {
                    path,
                    ..(**field).clone()
                }));
            }
        }
    }

    /// Takes drafts, whose changes count from the first of some wishes.
    pub(super) fn tell(
        &mut self,
        document: usize,
        site: Option<&Site<'n, 's>>,
        wishes: std::ops::Range<usize>,
        drafts: &mut Drafts,
        why: Option<String>,
    ) {
        for mut draft in drafts.list.drain(..) {
            let change = draft.change.take().filter(|_| why.is_none());
            draft.change =
                change.map(|change| wishes.start + change.start..wishes.start + change.end);
            if let (Some(why), true) = (&why, draft.finding.rule.aspect().is_some()) {
                draft.mark_not_written(why);
            }
            if let (Some((_, slot)), Some(field)) =
                (&self.documents[document].outer, &draft.finding.field)
            {
                let path = format!("{}.{}", slot.text_below(&Path::default()), field.path);
                let field = FieldRef {
                    path: path.into(),
                    ..(**field).clone()
                };
                draft.finding.field = Some(Arc::new(field));
            }
            if draft.finding.span == Some(NOWHERE.span.clone()) {
                let text = |site: &Site<'_, '_>| self.documents[site.document].text;
                draft.finding.span = site.map(|site| shown_at(site, text(site)));
            }
            self.told.push((document, draft));
        }
    }
}

/// The bytes that stand for a place: the value, or the beginning of what would hold it.
pub(super) fn span_of(site: &Site<'_, '_>) -> crate::yaml::Span {
    match &site.missing {
        Some((holder, ..)) => holder.span.start..holder.span.start,
        None => site
            .slot
            .node()
            .ok()
            .flatten()
            .map_or(0..0, |node| node.span.clone()),
    }
}

/// As [`span_of`], with the key of the mapping that would hold the value in the place of that mapping's first
/// key, which has nothing to do with it.
pub(super) fn shown_at(site: &Site<'_, '_>, text: &str) -> crate::yaml::Span {
    let span = span_of(site);
    let is_missing = site.missing.is_some();
    let key = is_missing.then(|| key_before(text, span.start)).flatten();
    key.unwrap_or(span)
}

/// The bytes of the key whose value begins at `at`: on the same line, or on the last one above that is not
/// blank and no comment.
fn key_before(text: &str, at: usize) -> Option<crate::yaml::Span> {
    let mut end = at;
    loop {
        let start = text[..end]
            .rfind('\n')
            .map_or(0, |line_break| line_break + 1);
        let line = &text[start..end];
        let is_passed = line.trim().is_empty() || line.trim_start().starts_with('#');
        if is_passed {
            end = start.checked_sub(1)?;
            continue;
        }
        let line = line.split_once(" #").map_or(line, |(line, _)| line);
        let indent = line.len() - line.trim_start_matches([' ', '-']).len();
        let key = line.trim_end().strip_suffix(':')?.get(indent..)?;
        let is_plain = !key.is_empty() && !key.contains([' ', '{', '[', ',', '"', '\'']);
        return is_plain.then(|| start + indent..start + indent + key.len());
    }
}
