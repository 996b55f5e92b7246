//! Edits and findings of a tree, by file.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::TreeOutcome;
use crate::edit::Edit;
use crate::finding::{FileEdits, Finding, Fix, Group, Rule};
use crate::image::Reference;
use crate::sort::sort_by_key;
use crate::tree::builds::Builds;
use crate::tree::editing::{DesiredValue, LastScalar, TextEdits};
use crate::tree::locations::{self, Answers, Placed};
use crate::tree::value::PlaceId;

impl<'n, 's> Builds<'_, 'n, 's> {
    /// Edits and findings by file.
    pub(super) fn write(
        &self,
        wishes: &[DesiredValue<'n, 's>],
        mut placed: Vec<Placed<'n, 's>>,
        outcome: &mut TreeOutcome,
    ) -> Result<(), String> {
        // A container's image is reported before its pull policy.
        let is_image = |placed: &Placed<'_, '_>| {
            let path = placed.path.as_deref();
            path.is_some_and(|path| path.ends_with("image"))
        };
        // Of equal findings, the one whose current value is the text in the file goes first.
        let is_written = |placed: &Placed<'_, '_>| {
            let field = placed.finding.field.as_ref();
            let current = field.and_then(|field| field.current.as_deref());
            current == placed.node.scalar()
        };
        sort_by_key(&mut placed, |placed| {
            (!is_image(placed), !is_written(placed))
        });
        // Settling has tried these edits together.
        let planned = self.editor.planned(wishes)?;
        let of_wishes = by_wish(&planned, wishes.len());
        let edits = self.editor.in_files(planned)?;
        let positions = wishes.iter().enumerate();
        let positions: HashMap<PlaceId, usize> = positions
            .map(|(position, wish)| (wish.place.id(), position))
            .collect();
        let (mut known, mut last) = (HashSet::new(), LastScalar::default());
        let mut fixes: HashMap<*const [PlaceId], Arc<[FileEdits]>> = HashMap::new();
        for placed in &placed {
            let document = &self.sources.documents[placed.document];
            let mut finding = self.finding(placed, &mut last);
            let input = document.input;
            if !placed.answers.is_empty() && self.setting.wants.fixes {
                let of_files = fixes
                    .entry(Arc::as_ptr(&placed.answers))
                    .or_insert_with(|| self.fix(&placed.answers, &positions, &of_wishes));
                finding.fix = Fix::of_files(input, Arc::clone(of_files));
            }
            if known.insert((input, identity(placed, &finding))) {
                outcome
                    .files
                    .entry(input)
                    .or_default()
                    .findings
                    .push(finding);
            }
        }
        for (input, edits) in edits {
            let file = outcome.files.entry(input).or_default();
            file.edits.extend(edits.into_iter().map(|(edit, _)| edit));
        }
        Ok(())
    }

    /// A finding as it is told of the file that it is about.
    fn finding(&self, placed: &Placed<'n, 's>, last: &mut LastScalar) -> Finding {
        let mut finding = placed.finding.clone();
        // What is in a text is told there.
        let scalar = (placed.document, placed.node);
        let inner = finding
            .span
            .take()
            .and_then(|span| self.editor.in_scalar(last, scalar, &span));
        let is_in_text = inner.is_some();
        if let (Some(path), Some(field)) = (&placed.path, &finding.field)
            && !is_in_text
        {
            let mut field = (**field).clone();
            field.path = Arc::clone(path);
            finding.field = Some(Arc::new(field));
        }
        if let Some(resource) = locations::resource(self.sources.documents[placed.document].root) {
            finding.resource = Some(Arc::new(resource));
        }
        let span = inner.unwrap_or_else(|| placed.node.span.clone());
        let (document, span) = self.editor.in_file(placed.document, span);
        finding.span = Some(span);
        finding.ordinal = document.ordinal;
        finding.within = match self.editor.holder(placed.document) {
            None if is_in_text => Some(placed.node.span.start),
            holder => holder,
        };
        finding
    }

    /// The edits that answer a finding, and nothing else: those of all findings of a line in a text in a scalar
    /// are one edit of the file otherwise.
    fn fix(
        &self,
        answers: &Answers,
        positions: &HashMap<PlaceId, usize>,
        of_wishes: &[Vec<TextEdit>],
    ) -> Arc<[FileEdits]> {
        let answers = answers.iter();
        let own: BTreeSet<usize> = answers
            .filter_map(|place| positions.get(place).copied())
            .collect();
        let edits = own.iter().flat_map(|&wish| {
            let of_wish = of_wishes[wish].iter();
            of_wish.map(move |edit| (edit.text, edit.position, edit.edit.clone(), wish))
        });
        let mut edits: Vec<(usize, usize, Edit, usize)> = edits.collect();
        sort_by_key(&mut edits, |(text, position, ..)| (*text, *position));
        let mut by_text = TextEdits::new();
        for (text, _, edit, wish) in edits {
            by_text.entry(text).or_default().push((edit, wish));
        }
        let edits = self.editor.in_files(by_text).unwrap_or_default();
        let of_files = edits.into_iter().map(|(file, edits)| FileEdits {
            file,
            edits: edits.into_iter().map(|(edit, _)| edit).collect(),
        });
        of_files.collect()
    }
}

/// An edit of a text for a wish: the first document of the text, and the position among its edits.
struct TextEdit {
    text: usize,
    position: usize,
    edit: Edit,
}

/// Edits of texts, by the wish that they are for.
fn by_wish(planned: &TextEdits, wishes: usize) -> Vec<Vec<TextEdit>> {
    let mut of_wishes: Vec<Vec<TextEdit>> = Vec::new();
    of_wishes.resize_with(wishes, Vec::new);
    for (&text, edits) in planned {
        for (position, (edit, wish)) in edits.iter().enumerate() {
            of_wishes[*wish].push(TextEdit {
                text,
                position,
                edit: edit.clone(),
            });
        }
    }
    of_wishes
}

/// What tells findings of one file apart. What is left is told once of a container, a volume or another field,
/// whichever root or value is named.
fn identity(placed: &Placed<'_, '_>, finding: &Finding) -> String {
    let is_left = matches!(
        finding.rule,
        Rule::UnresolvedImage | Rule::ConflictingSources
    );
    let path = placed.path.as_deref();
    let container = path.and_then(|path| path.split_at_checked(path.rfind(']')? + 1));
    let span = &finding.span;
    match (is_left, container, path) {
        (true, Some((container, _)), _) => format!("{} {container}", finding.ordinal),
        (true, None, Some(path)) => format!("{span:?} {path}"),
        (true, None, None) => format!("{span:?} {}", finding.message),
        _ => {
            let said = cure(finding).unwrap_or_else(|| finding.message.to_string());
            format!("{span:?} {} {said}", finding.rule.id())
        }
    }
}

/// What a finding of an image says and wants, without the parts of the image that are another rule's:
/// builds may give the image of one place different tags, or names.
fn cure(finding: &Finding) -> Option<String> {
    let field = finding.field.as_ref()?;
    let (current, proposed) = (field.current.as_deref()?, field.proposed.as_deref()?);
    let both = format!(": {current} → {proposed}");
    let said = finding.message.strip_suffix(&both)?;
    let (current, proposed) = (Reference::parse(current), Reference::parse(proposed));
    let (current, proposed) = (current.ok()?, proposed.ok()?);
    Some(match finding.rule.group() {
        Group::Registries => format!("{said}: {} → {}", current.name(), proposed.name()),
        Group::Versions => {
            let version = |image: &Reference<'_>| {
                (
                    image.tag.map(str::to_owned),
                    image.digest.map(str::to_owned),
                )
            };
            format!("{said}: {:?} → {:?}", version(&current), version(&proposed))
        }
        _ => return None,
    })
}
