//! The values of the charts that a unit installs: those in texts of the unit, too.

use std::collections::{HashMap, HashSet};

use crate::config::Config;
use crate::edit::{self, Change, Edit, TargetValue};
use crate::finding::{Fix, Rule};
use crate::krm::item_config::ItemConfig;
use crate::krm::resource::Resource;
use crate::mask;
use crate::slot::Slot;
use crate::sort::sort;
use crate::values::{KnownFiles, SourceName, TextAt, releases};
use crate::yaml::{Error, Node, Span, parse};

use super::super::draft::Drafts;
use super::super::{JudgeContext, UnitJudgement};
use super::{
    Ground, Installed, OfBuilds, Spans, Unjudged, ValuesDocument, agreed, lost, own_chart, unjudged,
};

/// A text of a unit that is a document.
pub(crate) struct Text<'n, 's> {
    slot: Slot<'n, 's>,
    text: &'n str,
}

/// The texts of resources that are documents of values.
pub(crate) fn texts<'n, 's>(
    config: &Config,
    resources: &[Resource<'n, 's>],
) -> Result<Vec<Text<'n, 's>>, Error> {
    let mut found = Vec::new();
    let keeps = |one: &&Resource<'n, 's>| config.keeps_values(one.group(), one.kind);
    for resource in resources.iter().filter(keeps) {
        for slot in crate::values::texts(resource)? {
            let text = slot.text()?.unwrap_or_default();
            found.push(Text { slot, text });
        }
    }
    Ok(found)
}

/// What the texts say; nothing where one cannot be read.
pub(crate) fn read<'t>(texts: &[Text<'t, '_>]) -> Vec<Option<Node<'t>>> {
    texts.iter().map(|text| document(text.text)).collect()
}

/// The document that a text is, which says nothing where it holds comments alone; none where it cannot
/// be read.
pub(crate) fn document(text: &str) -> Option<Node<'_>> {
    let mut documents = parse::documents(text).ok()?;
    match documents.len() {
        0 => Some(Node::default()),
        1 => documents.pop(),
        _ => parse::document(text).ok(),
    }
}

impl<'n, 's> ValuesDocument<'n, 's> {
    /// A unit.
    pub(crate) fn of_unit(text: &'n str, root: &'n Node<'s>) -> Self {
        ValuesDocument {
            text,
            root,
            ordinal: 0,
            outer: None,
            begins: 0,
            input: 0,
            path: "",
            file: None,
            is_excluded: false,
            is_whole: false,
        }
    }
}

/// The unit and the documents in it.
pub(crate) fn documents<'n, 's>(
    (text, root): (&'n str, &'n Node<'s>),
    texts: &[Text<'n, 's>],
    inner: &'n [Option<Node<'s>>],
) -> Vec<ValuesDocument<'n, 's>> {
    let unit = ValuesDocument::of_unit(text, root);
    let inner = texts.iter().zip(inner).map(|(text, read)| ValuesDocument {
        text: text.text,
        root: read.as_ref().unwrap_or(root),
        ordinal: 0,
        outer: Some((0, text.slot.clone())),
        begins: 0,
        input: 0,
        path: "",
        file: None,
        is_excluded: false,
        is_whole: true,
    });
    std::iter::once(unit).chain(inner).collect()
}

/// What files say that a unit only names; none where nobody knows.
pub(crate) type NamedFiles<'k, 'n, 's> = Option<KnownFiles<'k, 'n, 's>>;

/// What the resources install, of charts that Flux' objects among the items may name.
pub(crate) fn installed<'n, 's>(
    (config, gathered): (&Config, &'n ItemConfig<'_>),
    resources: &[Resource<'n, 's>],
    texts: &[Text<'n, 's>],
    inner: &'n [Option<Node<'s>>],
    named: NamedFiles<'_, 'n, 's>,
) -> Result<Vec<Installed<'n, 's>>, Error> {
    let texts = texts.iter().zip(inner).enumerate();
    let texts = texts.map(|(position, (text, read))| TextAt {
        slot: text.slot.clone(),
        document: position + 1,
        root: read.as_ref(),
    });
    let texts: Vec<TextAt<'n, 's>> = texts.collect();
    let mut installed = Vec::new();
    let keeps = |one: &&Resource<'n, 's>| config.keeps_values(one.group(), one.kind);
    for resource in resources.iter().filter(keeps) {
        for mut release in releases(resource, 0, &texts, &|_, _, _| Vec::new())? {
            let of_flux = |wanted: SourceName<'n>| {
                let mut found = gathered.charts(wanted.kind, wanted.name);
                wanted.keep_near(&mut found, |source| source.namespace);
                Ok::<_, Error>(found)
            };
            release.chart = agreed(config, release.chart.resolved(&of_flux)?);
            if let Some(known) = named {
                release.fill_files(known);
            }
            release.with_place(0, resource);
            installed.push(Installed {
                own: own_chart(config, &release)?,
                resource: resource.clone(),
                document: 0,
                release,
            });
        }
    }
    Ok(installed)
}

/// What was judged of the texts of a unit that are documents of values.
#[derive(Debug, Default)]
pub(crate) struct JudgedTexts {
    /// Where parts of images are written: the position of the document, and the offset.
    pub(crate) read: Vec<(usize, usize)>,
    /// Where images are written that are known not to be judged, of which a finding tells.
    pub(crate) unjudged: HashSet<(usize, usize)>,
    /// Registries under rules in the unit, of whose images nobody knows the names.
    pub(crate) lone: Vec<Span>,
    /// What places of documents should hold: the position of the document, the path in it, and the value.
    pub(crate) wishes: Vec<(usize, String, TargetValue)>,
}

/// Judges what is installed; its changes and findings join those of the unit.
pub(crate) fn judge<'n, 's>(
    context: &JudgeContext<'n, '_>,
    installed: &'n [Installed<'n, 's>],
    documents: &[ValuesDocument<'n, 's>],
    judged: &mut UnitJudgement<'n, 's>,
) -> Result<JudgedTexts, Error> {
    if installed.is_empty() {
        return Ok(JudgedTexts::default());
    }
    let settled = super::judge(context, installed, documents, OfBuilds::default())?;
    let changes = super::changes(documents, &settled.wishes).unwrap_or_default();
    let in_others = settled.wishes.iter().filter(|wish| wish.site.document > 0);
    let wishes = in_others.map(|wish| {
        let (document, path) = wish.site.place();
        (document, path, wish.value.clone())
    });
    let mut of_texts = JudgedTexts {
        wishes: wishes.collect(),
        read: settled.read,
        lone: Vec::new(),
        unjudged: HashSet::new(),
    };
    let first = judged.changes.len();
    // Where each wish is fulfilled, by its position.
    let mut fulfilled = vec![None; settled.wishes.len()];
    // Of a text that is a document, the edits that are of each wish.
    let mut by_wish: HashMap<usize, Vec<Edit>> = HashMap::new();
    // What is in texts of the unit is a change of these; other documents are only known.
    let own = changes.into_iter().filter(|(document, _)| *document == 0);
    let own = own.flat_map(|(_, changes)| changes);
    for (position, planned) in own.enumerate() {
        for wish in planned.wishes {
            fulfilled[wish] = Some(first + position);
        }
        if context.wants.fixes {
            for (edit, of) in planned.by_edit {
                for wish in of {
                    by_wish.entry(wish).or_default().push(edit.clone());
                }
            }
        }
        let Change { slot, value } = planned.change;
        judged.changes.push(Change { slot, value });
    }
    let spans = Spans::of(documents);
    let is_of_unit = |document: usize| document == 0 || documents[document].outer.is_some();
    for (document, mut draft) in settled.drafts {
        let wishes = draft.change.take().unwrap_or_default();
        let own: Option<Vec<&Vec<Edit>>> = wishes.clone().map(|wish| by_wish.get(&wish)).collect();
        let own = own.unwrap_or_default().into_iter().flatten();
        draft.finding.fix = Fix::of_file(edit::of_finding(own.cloned().collect()));
        let mut positions: Vec<usize> = wishes.filter_map(|wish| fulfilled[wish]).collect();
        sort(&mut positions);
        positions.dedup();
        draft.change = match (positions.first(), positions.last()) {
            (Some(first), Some(last)) if last - first < positions.len() => Some(*first..last + 1),
            (Some(first), _) => Some(*first..first + 1),
            _ => None,
        };
        draft.finding.span = if is_of_unit(document) {
            let span = draft.finding.span.take();
            span.map(|span| spans.outermost(document, span))
        } else {
            // It is told where the unit says a part of it.
            let first = draft
                .change
                .as_ref()
                .map(|range| &judged.changes[range.start].slot);
            let node = first.and_then(|slot| slot.node().ok().flatten());
            let Some(node) = node else { continue };
            Some(node.span.clone())
        };
        judged.drafts.push(draft);
    }
    let has_rules = context.config.rules.iter().next().is_some();
    if has_rules {
        for one in installed {
            let of_folder = one.release.chart.is_folder;
            let of_folder = of_folder
                .then(|| unjudged(context.config, &one.release))
                .flatten();
            let Some(why) = lost(&one.release).or(of_folder) else {
                continue;
            };
            let mut drafts = Drafts::new(context, &one.resource)?;
            let message = format!("its images are not checked: {why}");
            drafts
                .add(Rule::UnreadSource, message)
                .at(one.name_of_chart()?);
            judged.drafts.append(&mut drafts.list);
        }
    }
    let lone = settled
        .unread
        .iter()
        .filter(|one| one.ground == Ground::Registry && is_of_unit(one.document));
    let lone = lone.map(|one| spans.outermost(one.document, one.span.clone()));
    of_texts.lone = lone.collect();
    // Over files, what is not judged is counted; a stream has no other place to say it.
    let unread = settled.unread.into_iter();
    let told = unread.filter(|one| {
        let is_told = one.ground == Ground::Known && context.config.fields.anywhere;
        is_told && is_of_unit(one.document)
    });
    for Unjudged {
        document,
        span,
        why,
        ..
    } in told
    {
        of_texts.unjudged.insert((document, span.start));
        // A text of a build is quoted.
        let text = documents[document].text[span.clone()].trim_matches(['"', '\'']);
        let shown = mask::image(text);
        let holds = |one: &&Installed<'_, '_>| {
            let mut layers = one.release.layers.iter();
            layers.any(|layer| layer.document == document)
        };
        let one = installed.iter().find(holds).unwrap_or(&installed[0]);
        let mut drafts = Drafts::new(context, &one.resource)?;
        let draft = drafts.add(Rule::UnreadSource, format!("{shown} is not checked: {why}"));
        draft.finding.span = Some(spans.outermost(document, span));
        judged.drafts.append(&mut drafts.list);
    }
    let images = settled.images.into_iter();
    for (document, mut image) in images.filter(|(document, _)| is_of_unit(*document)) {
        image.span = spans.outermost(document, image.span);
        judged.images.push(image);
    }
    judged.seen.extend(settled.seen);
    Ok(of_texts)
}

/// Tells registries whose images may be in values that were not read.
pub(crate) fn tell_lone(
    context: &JudgeContext<'_, '_>,
    installed: &[Installed<'_, '_>],
    lone: &[Span],
    judged: &mut UnitJudgement<'_, '_>,
) -> Result<(), Error> {
    const WHY: &str = "this registry may be one of images in values that were not read: write the whole image, \
                       with its pull secrets, in one place";
    for (span, one) in lone.iter().zip(installed.first().into_iter().cycle()) {
        let mut drafts = Drafts::new(context, &one.resource)?;
        let draft = drafts.add(Rule::UnresolvedImage, WHY.to_owned());
        draft.finding.span = Some(span.clone());
        judged.drafts.append(&mut drafts.list);
    }
    Ok(())
}
