//! What builds of kustomize make of resources that install charts: a value that is in a build as well is
//! changed only as that needs it.

use std::collections::{HashMap, HashSet};

use crate::edit::TargetValue;
use crate::finding::{Finding, Mode, Rule};
use crate::judge::draft::Draft;
use crate::slot::Slot;
use crate::yaml::{Segment, Span};

use super::planning::{Planned, ValuesDocument, changes};
use super::{Id, Installed, SettledReleases, ValueWish};

/// A place in a file: the offset of the mapping or list that holds it, and the key or index.
pub type Spot = (usize, String);

/// A text in a file: the file's position, and the place there.
pub type TextPlace = (usize, Spot);

/// A text of values as a build has it.
#[derive(Debug, Default)]
pub struct TextOfBuild {
    /// The text, which patches may have changed.
    pub text: String,
    /// Where the values begin in it that images are read from.
    pub read: HashSet<usize>,
    /// What its values should be, by their paths.
    pub wanted: HashSet<(String, TargetValue)>,
}

/// What one build makes of one resource that a patch or a list of images changes.
#[derive(Debug, Default)]
pub struct Rebuilt {
    /// Position of the file that the resource is in.
    pub input: usize,
    /// Where the resource begins in it.
    pub at: usize,
    /// The root of the build, as it is named.
    pub root: String,
    /// Whether the build decides which chart it installs, or in which version.
    pub is_of_other_chart: bool,
    /// The values of the file that come out of the build.
    pub present: HashSet<Spot>,
    /// The mappings of the file that come out of it, by their offsets, with the keys that they have then.
    pub keys: HashMap<usize, HashSet<String>>,
    /// What values of the file should be for the build.
    pub changes: HashMap<Spot, TargetValue>,
    /// What the texts of the file that are documents should say for it, by the paths there.
    pub in_texts: HashMap<Spot, HashSet<(String, TargetValue)>>,
    /// The values of the file that images of the build are read from: with the offset, in a text that is a
    /// document.
    pub read: HashSet<(Spot, Option<usize>)>,
    /// The texts of ConfigMaps that the release reads in the build, by where the files have them.
    pub elsewhere: HashMap<TextPlace, TextOfBuild>,
    /// Whether the build sets a registry, and knows not all that the release names, where its image may be.
    pub sets_registry: bool,
    /// What is told of these in the build, each with the places of its changes.
    pub told: Vec<(Vec<Spot>, Finding)>,
    /// What is told of values of the file that nothing changes.
    pub left: Vec<Finding>,
    /// The values that are settled with the build itself, each with the bytes of it.
    pub settled: HashMap<Spot, Span>,
    /// The values that a JSON patch tests.
    pub tested: HashSet<Spot>,
}

/// The place of a slot, by the offsets of its text.
pub fn spot(slot: &Slot<'_, '_>) -> Spot {
    (slot.holder.target().span.start, name(slot.at))
}

/// A key or index as a text.
pub fn name(at: Segment<'_>) -> String {
    match at {
        Segment::Key(key) => key.to_owned(),
        Segment::Index(index) => index.to_string(),
    }
}

/// What a place should hold: its path in its document, and the value.
fn wished(wish: &ValueWish<'_, '_>) -> (String, TargetValue) {
    (wish.site.place().1, wish.value.clone())
}

impl Rebuilt {
    /// Why a value of a document that the release names may not be written for it, if the build needs it
    /// otherwise.
    fn refuses_elsewhere(
        &self,
        documents: &[ValuesDocument<'_, '_>],
        wish: &ValueWish<'_, '_>,
    ) -> Option<String> {
        let document = &documents[wish.site.document];
        let place = document.outer.as_ref().map(|(outer, slot)| {
            let place: TextPlace = (documents[*outer].input, spot(slot));
            place
        });
        let known = place.and_then(|place| self.elsewhere.get(&place));
        let node = wish.site.slot.node().ok().flatten();
        let is_read = |known: &&TextOfBuild| {
            let is_there = node.is_some_and(|node| known.read.contains(&node.span.start));
            is_there || known.text != document.text
        };
        let is_wanted = match known.filter(is_read) {
            Some(known) => known.wanted.contains(&wished(wish)),
            None => !self.sets_registry,
        };
        (!is_wanted).then(|| self.otherwise())
    }

    fn otherwise(&self) -> String {
        let Rebuilt { root, .. } = self;
        if self.is_of_other_chart {
            format!(
                "{root} installs another chart or version, and needs it otherwise: set it in a patch \
                 of each root"
            )
        } else {
            format!(
                "{root} patches what installs the chart, and needs it otherwise: write the whole \
                 image, with its pull secrets, in one place"
            )
        }
    }

    /// Whether the build reads none of the values that a change writes, or wants the same of all that it reads:
    /// what a patch sets above them counts there.
    fn agrees(&self, spot: &Spot, own: &[&ValueWish<'_, '_>], is_text: bool) -> bool {
        if self.is_of_other_chart || self.tested.contains(spot) {
            return false;
        }
        let is_read = |wish: &&&ValueWish<'_, '_>| {
            let node = wish.site.slot.node().ok().flatten();
            let at = node.map(|node| node.span.start);
            let read = |at| self.read.contains(&(spot.clone(), at));
            wish.site.missing.is_some() || at.is_none() || read(at.filter(|_| is_text))
        };
        let mut read = own.iter().filter(is_read);
        if !is_text {
            return read.next().is_none() && !self.changes.contains_key(spot);
        }
        let needed: HashSet<(String, TargetValue)> = read.map(|wish| wished(wish)).collect();
        let there = self.in_texts.get(spot);
        there.map_or(needed.is_empty(), |there| *there == needed)
    }

    /// Why a value may not be given to a place of the file, if it may not.
    fn refuses(&self, spot: &Spot, value: &TargetValue) -> Option<String> {
        let Rebuilt { root, .. } = self;
        if self.tested.contains(spot) {
            return Some(format!(
                "a JSON patch of {root} tests it: change the value and the patch together"
            ));
        }
        let is_free = |keys: &HashSet<String>| !keys.contains(&spot.1);
        let is_there = self.present.contains(spot) || self.keys.get(&spot.0).is_some_and(is_free);
        let is_wanted = self
            .changes
            .get(spot)
            .is_some_and(|wanted| are_same(wanted, value));
        (is_there && !is_wanted).then(|| self.otherwise())
    }
}

/// Whether two values are the same, however each came about.
fn are_same(one: &TargetValue, other: &TargetValue) -> bool {
    let text = |value: &TargetValue| match value {
        TargetValue::Text(text) | TargetValue::Document(text, _) => Some(text.clone()),
        _ => None,
    };
    one == other || text(one).is_some_and(|one| Some(one) == text(other))
}

/// The images whose wishes a build does not allow, and why.
pub(super) fn refused(
    (documents, installed): (&[ValuesDocument<'_, '_>], &[Installed<'_, '_>]),
    wishes: &[ValueWish<'_, '_>],
    rebuilt: &[Rebuilt],
) -> Vec<(Id, String)> {
    let mut refused = Vec::new();
    if rebuilt.is_empty() {
        return refused;
    }
    let mut by_release: HashMap<(usize, usize), Vec<&Rebuilt>> = HashMap::new();
    for one in rebuilt {
        let of_release = by_release.entry((one.input, one.at)).or_default();
        of_release.push(one);
    }
    for wish in wishes {
        let one = &installed[wish.id.0];
        let outermost = documents[wish.site.document].outer.as_ref();
        let outermost = outermost.map_or(wish.site.document, |(outer, _)| *outer);
        if outermost != one.document {
            let at = one.resource.node.span.start;
            let of_release = by_release.get(&(documents[one.document].input, at));
            let mut of_release = of_release.into_iter().flatten();
            let why = of_release.find_map(|one| one.refuses_elsewhere(documents, wish));
            refused.extend(why.map(|why| (wish.id, why)));
        }
    }
    for (document, changes) in changes(documents, wishes).unwrap_or_default() {
        let input = documents[document].input;
        let of_file: Vec<&Rebuilt> = rebuilt.iter().filter(|one| one.input == input).collect();
        for Planned {
            change,
            wishes: own,
            ..
        } in changes
        {
            let spot = spot(&change.slot);
            let of_change = own.iter().map(|wish| &wishes[*wish]);
            let of_change: Vec<&ValueWish<'_, '_>> = of_change.collect();
            let is_text = of_change.iter().any(|wish| wish.site.document != document);
            let why = of_file.iter().find_map(|one| {
                let is_settled = one.settled.contains_key(&spot).then(String::new);
                is_settled.or_else(|| {
                    let why = one.refuses(&spot, &change.value)?;
                    (!one.agrees(&spot, &of_change, is_text)).then_some(why)
                })
            });
            if let Some(why) = why {
                let ids = own.into_iter().map(|wish| wishes[wish].id);
                refused.extend(ids.map(|id| (id, why.clone())));
            }
        }
    }
    refused
}

/// The places of files that are to change, each with the position of the file.
pub(super) fn wanted(
    documents: &[ValuesDocument<'_, '_>],
    wishes: &[ValueWish<'_, '_>],
) -> HashSet<(usize, Spot)> {
    let mut found = HashSet::new();
    for (document, changes) in changes(documents, wishes).unwrap_or_default() {
        let input = documents[document].input;
        let spots = changes
            .into_iter()
            .map(|planned| (input, spot(&planned.change.slot)));
        found.extend(spots);
    }
    found
}

/// What builds need of a file that is not `wanted` of it by itself: it is left, and told of.
pub(super) fn unmet(
    documents: &[ValuesDocument<'_, '_>],
    wanted: &HashSet<TextPlace>,
    drafts: &[(usize, Draft)],
    (rebuilt, mode): (&[Rebuilt], Mode),
) -> Vec<(usize, Draft)> {
    let mut told = Vec::new();
    let known: HashSet<(usize, &str)> = { drafts.iter() }
        .map(|(document, draft)| (*document, &*draft.finding.message))
        .collect();
    for one in rebuilt {
        let holds = |document: &ValuesDocument<'_, '_>| {
            let span = &document.root.span;
            document.input == one.input && document.outer.is_none() && one.at <= span.end
        };
        let Some(document) = documents.iter().position(holds) else {
            continue;
        };
        let is_met = |spot: &Spot| wanted.contains(&(one.input, spot.clone()));
        let rule = Rule::UnresolvedImage;
        let unmet = one.told.iter();
        let unmet = unmet.filter(|(spots, _)| !spots.iter().all(is_met));
        let unmet = unmet.map(|(_, finding)| {
            let Rebuilt { root, .. } = one;
            let message = &finding.message;
            let told =
                format!("{message}: left, since only {root} needs it: set it in a patch there");
            (told, finding)
        });
        let left = one.left.iter();
        let left = left.filter(|finding| !known.contains(&(document, &*finding.message)));
        let left = left.map(|finding| {
            let message = format!("{}, in what {} makes of it", finding.message, one.root);
            (message, finding)
        });
        for (message, finding) in unmet.chain(left) {
            let finding = Finding {
                rule,
                severity: rule.severity(mode),
                message: message.into(),
                span: Some(one.at..one.at),
                ..finding.clone()
            };
            let change = None;
            told.push((document, Draft { finding, change }));
        }
    }
    told
}

/// Takes out what is told of values that are settled with a build, where it is told.
pub(super) fn without_settled(
    settled: &mut SettledReleases<'_, '_>,
    documents: &[ValuesDocument<'_, '_>],
    rebuilt: &[Rebuilt],
) {
    settled.drafts.retain(|(document, draft)| {
        let at = &documents[*document];
        let span = draft.finding.span.as_ref().filter(|_| at.outer.is_none());
        let is_settled = |one: &Rebuilt| {
            let mut spans = one.settled.values();
            one.input == at.input && spans.any(|own| Some(own) == span)
        };
        !rebuilt.iter().any(is_settled)
    });
}
