//! What is written for the fields of all builds, and what is reported of it.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::config::ImageLists;
use crate::edit;
use crate::finding::{Aspect, Finding, Rule};
use crate::judge::{self, LIST};

use super::builds::Builds;
use super::editing::Wish;
use super::images::Parts;
use super::rendered::{Field, SecretList};
use super::report::{self, Placed};
use super::settle::{Cell, Flow, Network, Proposal};
use super::value::{Place, PlaceId};

const NO_EDIT: &str = "no edit of these files gives every build the right one";

/// Settles all fields.
pub(super) fn settle<'n, 's>(
    builds: &Builds<'_, 'n, 's>,
    fields: Vec<Field<'n, 's>>,
) -> (Vec<Wish<'n, 's>>, Vec<Placed<'n, 's>>) {
    let mut settling = Settling {
        builds,
        wishes: Vec::new(),
        placed: Vec::new(),
    };
    let (flowing, direct): (Vec<_>, Vec<_>) = fields.into_iter().partition(|field| {
        let is_text = !matches!(field.wanted, Some(edit::Value::Names(_)));
        is_text && field.rendered.is_some()
    });
    settling.direct(direct);
    settling.flows(flowing);
    (settling.wishes, settling.placed)
}

/// A change that builds agree on, with the fields that ask for it.
type Candidate<'n, 's> = (Wish<'n, 's>, Vec<Field<'n, 's>>);

/// What is being settled.
struct Settling<'t, 'x, 'n, 's> {
    builds: &'t Builds<'x, 'n, 's>,
    wishes: Vec<Wish<'n, 's>>,
    placed: Vec<Placed<'n, 's>>,
}

impl<'n, 's> Settling<'_, '_, 'n, 's> {
    /// Values that no list of images has a part in and that are added: all builds agree, or none
    /// gets them.
    fn direct(&mut self, fields: Vec<Field<'n, 's>>) {
        let mut by_place: BTreeMap<PlaceId, Vec<Field<'n, 's>>> = BTreeMap::new();
        for field in fields {
            if let Some(place) = &field.place {
                by_place.entry(place.id()).or_default().push(field);
            } else if field.wanted.is_some() {
                let why = match field.is_removed {
                    true => "a patch takes away what is written",
                    false => "the build itself makes what holds it",
                };
                self.leave(&field, why);
            }
        }
        let mut lists: HashMap<(usize, usize), Vec<(PlaceId, SecretList)>> = HashMap::new();
        for (id, fields) in &by_place {
            for field in fields {
                if let Some(secrets) = &field.secrets {
                    let list = (id.clone(), secrets.clone());
                    lists.entry(secrets.pod).or_default().push(list);
                }
            }
        }
        let mut candidates = Vec::new();
        for fields in by_place.into_values() {
            let wanting = fields.iter().find(|field| field.wanted.is_some());
            let wish = wanting.and_then(|field| {
                Some(Wish {
                    place: field.place.clone()?,
                    value: field.wanted.clone()?,
                })
            });
            let (Some(wish), Some(wanting)) = (wish, wanting) else {
                self.note(fields, &[]);
                continue;
            };
            if let Some(what) = fields.iter().find_map(|field| field.trace.unknown.as_ref()) {
                self.leave(wanting, &may_change(what));
                continue;
            }
            let other = fields
                .iter()
                .find(|field| field.wanted.as_ref() != Some(&wish.value));
            if let Some(other) = other {
                self.conflict(wanting, wanting.root, other.root);
                continue;
            }
            let id = wish.place.id();
            // A new list is joined with those that patches bring in other builds.
            let pod = wanting.secrets.as_ref().map(|secrets| secrets.pod);
            let beside = pod.and_then(|pod| lists.get(&pod)).into_iter().flatten();
            let mut others = beside.filter(|(place, _)| *place != id);
            if let edit::Value::Names(added) = &wish.value
                && let Some((_, other)) = others.find(|(_, other)| !other.takes(added))
            {
                self.conflict(wanting, wanting.root, other.root);
                continue;
            }
            candidates.push((wish, fields));
        }
        self.take(candidates);
    }

    /// Takes changes that builds agree on, but for those that their documents do not allow.
    fn take(&mut self, candidates: Vec<Candidate<'n, 's>>) {
        let mut by_document: BTreeMap<usize, Vec<Candidate<'n, 's>>> = BTreeMap::new();
        for candidate in candidates {
            let document = candidate.0.place.document;
            by_document.entry(document).or_default().push(candidate);
        }
        for candidates in by_document.into_values() {
            let first = self.wishes.len();
            self.wishes
                .extend(candidates.iter().map(|(wish, _)| wish.clone()));
            let are_possible = self.builds.editor.edits(&self.wishes[first..]).is_ok();
            if !are_possible {
                self.wishes.truncate(first);
            }
            for (wish, fields) in candidates {
                let id = wish.place.id();
                if !are_possible {
                    self.wishes.push(wish);
                    if let Err(why) = self.builds.editor.edits(&self.wishes[first..]) {
                        self.wishes.pop();
                        self.leave(&fields[0], &why);
                        continue;
                    }
                }
                self.note(fields, &[id]);
            }
        }
    }

    /// Reports fields where they are written.
    fn note(&mut self, fields: Vec<Field<'n, 's>>, answers: &[PlaceId]) {
        for field in fields {
            let Some(place) = field.place else { continue };
            for finding in field.findings {
                self.place(&place, finding, answers.to_vec());
            }
        }
    }

    fn place(&mut self, place: &Place<'n, 's>, finding: Finding, answers: Vec<PlaceId>) {
        self.placed.push(Placed {
            document: place.document,
            node: place.node(),
            path: Some(report::path(place)),
            finding,
            answers,
        });
    }

    /// Reports that a field is left, and why.
    fn leave(&mut self, field: &Field<'n, 's>, why: &str) {
        let root = self.builds.path_of(field.root);
        self.report(
            field,
            Rule::UnresolvedImage,
            &format!("left, since {why} ({root})"),
        );
    }

    /// Reports that two roots want different things of one place.
    fn conflict(&mut self, field: &Field<'n, 's>, one: usize, other: usize) {
        let (one, other) = (self.builds.path_of(one), self.builds.path_of(other));
        let why = format!(
            "left, since {one} wants it and {other} does not: give the two values of their own, by \
             an entry of images or a patch"
        );
        self.report(field, Rule::ConflictingSources, &why);
    }

    /// Reports a field by another rule than the one that it breaks.
    fn report(&mut self, field: &Field<'n, 's>, rule: Rule, why: &str) {
        let Some(finding) = field.findings.first().cloned() else {
            return;
        };
        let finding = Finding {
            rule,
            severity: rule.severity(self.builds.setting.config.mode),
            message: format!("{}: {why}", finding.message).into(),
            ..finding
        };
        // What is excluded is reported where a root includes it.
        let place = field.place.as_ref();
        if let Some(place) = place.filter(|place| !self.builds.is_excluded(place.document)) {
            self.place(place, finding, Vec::new());
            return;
        }
        let document = self.builds.sources.kustomizations[field.root].document;
        self.placed.push(Placed {
            document,
            node: self.builds.sources.documents[document].root,
            path: None,
            finding,
            answers: Vec::new(),
        });
    }

    /// Images, through the lists of all builds.
    fn flows(&mut self, mut fields: Vec<Field<'n, 's>>) {
        let builds = self.builds;
        let lists = &builds.sources.lists;
        let mut network = Network {
            lists,
            fields: lists
                .entries
                .iter()
                .map(|entry| entry.fields.clone())
                .collect(),
            is_closed: builds.closed_entries(),
            cells: Vec::new(),
            flows: Vec::new(),
            tests: HashMap::new(),
        };
        let mut cells = HashMap::new();
        for field in &fields {
            let next = network.cells.len();
            let cell = match &field.place {
                Some(place) => *cells.entry(place.id()).or_insert(next),
                None => next,
            };
            if cell == next {
                let node = field.place.as_ref().and_then(|place| place.node().scalar());
                let made = field.trace.origin.as_ref().or(field.rendered.as_ref());
                let written = node
                    .map(str::to_owned)
                    .or(made.cloned())
                    .unwrap_or_default();
                network.cells.push(Cell {
                    place: field.place.clone(),
                    text: written.clone(),
                    written,
                });
            }
            network.flows.push(Flow {
                cell,
                passes: field.trace.lists.clone(),
                tested: None,
                wanted: None,
            });
        }
        self.set_wanted(&mut network, &mut fields);
        let judged = builds.built.iter().filter(|built| built.refused.is_none());
        for tested in judged.flat_map(|built| &built.tested) {
            // What no build gives as an image is never edited.
            if let Some(&cell) = cells.get(&tested.cell.id()) {
                network.flows.push(Flow {
                    cell,
                    passes: tested.passes.clone(),
                    wanted: None,
                    tested: Some(tested.expected.clone()),
                });
            }
        }
        self.settle_flows(&mut network, &mut fields);
    }

    /// Says of each flow what should come out.
    fn set_wanted(&mut self, network: &mut Network<'_, 'n, 's>, fields: &mut [Field<'n, 's>]) {
        let builds = self.builds;
        for (position, field) in fields.iter_mut().enumerate() {
            let (now, hits) = network.now(position);
            network.flows[position].wanted = Some(now);
            let Some(edit::Value::Text(wanted)) = field.wanted.clone() else {
                continue;
            };
            if let Some(what) = &field.trace.unknown {
                self.leave(field, &may_change(what));
                field.findings.clear();
                continue;
            }
            let wanted = self.leave_managed(network, position, field, wanted);
            if network.flows[position].wanted.as_ref() == Some(&wanted) {
                field.findings.clear();
                continue;
            }
            let is_listed = hits.iter().any(|hit| {
                let says = &network.fields[hit.entry];
                says.sets_name() || says.sets_version()
            });
            match builds.setting.config.image_lists {
                ImageLists::Report if is_listed => {
                    let findings = std::mem::take(&mut field.findings).into_iter();
                    let findings = findings.map(|finding| self.of_list(finding)).collect();
                    self.tell(network, position, findings, &[]);
                }
                ImageLists::Ignore if is_listed => field.findings.clear(),
                _ => network.flows[position].wanted = Some(wanted),
            }
        }
    }

    /// What should come out of a flow, but for the parts that another tool writes: these stay, with a
    /// warning.
    fn leave_managed(
        &mut self,
        network: &Network<'_, 'n, 's>,
        flow: usize,
        field: &Field<'n, 's>,
        wanted: String,
    ) -> String {
        let (now, hits) = network.now(flow);
        if !self.builds.setting.wants.leave_managed || now == wanted {
            return wanted;
        }
        let Some(cell) = &network.cells[network.flows[flow].cell].place else {
            return wanted;
        };
        if hits.is_empty() {
            return if self.managed(cell, field, &now, &wanted) {
                now
            } else {
                wanted
            };
        }
        let (parts, mut left) = (Parts::of(&now), Parts::of(&wanted));
        let decider = |is_name: bool| {
            let mut entries = hits.iter().rev().map(|hit| hit.entry);
            let entry = entries.find(|&entry| network.fields[entry].decides(is_name));
            let place = entry.and_then(|entry| entry_place(network, entry, is_name));
            place.unwrap_or_else(|| cell.clone())
        };
        if parts.name != left.name && self.managed(&decider(true), field, parts.name, left.name) {
            left.name = parts.name;
        }
        let version = |parts: &Parts<'_>| {
            Parts {
                name: "",
                ..parts.clone()
            }
            .join()
        };
        let (old, new) = (version(&parts), version(&left));
        if old != new && self.managed(&decider(false), field, &old, &new) {
            (left.tag, left.digest) = (parts.tag, parts.digest);
        }
        left.join()
    }

    /// Whether another tool writes a place, which is reported.
    fn managed(
        &mut self,
        place: &Place<'n, 's>,
        field: &Field<'n, 's>,
        old: &str,
        new: &str,
    ) -> bool {
        let document = &self.builds.sources.documents[place.document];
        let text = self.builds.editor.text_of(document);
        let what = format!("{old} → {new}");
        let Some(message) = judge::left_to(&place.slot(), text, &what) else {
            return false;
        };
        let rule = Rule::ManagedElsewhere;
        let finding = Finding {
            agent: field.findings.first().and_then(|first| first.agent.clone()),
            ..Finding::new(rule, self.builds.setting.config.mode, message)
        };
        self.place(place, finding, Vec::new());
        true
    }

    /// A finding about an image that a list decides and that is only reported.
    fn of_list(&self, finding: Finding) -> Finding {
        Finding {
            rule: Rule::WrongImageOverride,
            severity: Rule::WrongImageOverride.severity(self.builds.setting.config.mode),
            message: format!("{} is not edited, {LIST}", finding.message).into(),
            ..finding
        }
    }

    /// Settles groups of flows in rounds, since what one group changes may let another be settled.
    fn settle_flows(&mut self, network: &mut Network<'_, 'n, 's>, fields: &mut [Field<'n, 's>]) {
        let mut reasons: HashMap<usize, String> = HashMap::new();
        loop {
            let groups = network.groups();
            let solve = |group: &Vec<usize>| {
                let is_right = group.iter().all(|&flow| network.is_right(flow));
                if is_right { None } else { network.solve(group) }
            };
            let mut solved: Vec<Option<Proposal<'n, 's>>> = groups.iter().map(solve).collect();
            let mut all = network.agreed(&groups, &mut solved);
            if self.tries(network, &all).is_err() {
                // Only now is it worth trying each by itself.
                for (group, proposal) in groups.iter().zip(&mut solved) {
                    let tried = proposal.as_ref().map(|found| self.tries(network, found));
                    if let Some(Err(why)) = tried {
                        reasons.insert(group[0], why);
                        *proposal = None;
                    }
                }
                all = network.agreed(&groups, &mut solved);
                if let Err(why) = self.tries(network, &all) {
                    reasons.extend(groups.iter().map(|group| (group[0], why.clone())));
                    solved.fill(None);
                    all = Proposal::default();
                }
            }
            if all.is_empty() {
                for group in &groups {
                    let why = reasons.get(&group[0]).map(String::as_str);
                    self.leave_group(network, group, fields, why);
                }
                break;
            }
            network.commit(all);
            for (group, proposal) in groups.iter().zip(&solved) {
                let Some(proposal) = proposal else { continue };
                let own = network.wishes(proposal);
                let own: Vec<PlaceId> = own.iter().map(|wish| wish.place.id()).collect();
                let of_fields = fields.len();
                for &flow in group.iter().filter(|flow| **flow < of_fields) {
                    let findings = std::mem::take(&mut fields[flow].findings);
                    self.tell(network, flow, findings, &own);
                }
            }
        }
        self.wishes.extend(network.all_wishes());
    }

    /// Whether a proposal can be written, beside what is to be written anyway.
    fn tries(
        &self,
        network: &Network<'_, 'n, 's>,
        proposal: &Proposal<'n, 's>,
    ) -> Result<(), String> {
        let wishes = network.under(proposal).all_wishes();
        let all: Vec<Wish<'n, 's>> = self.wishes.iter().cloned().chain(wishes).collect();
        self.builds.editor.edits(&all).map(|_| ())
    }

    /// Reports findings of a flow at the places that decide it.
    fn tell(
        &mut self,
        network: &Network<'_, 'n, 's>,
        flow: usize,
        findings: Vec<Finding>,
        answers: &[PlaceId],
    ) {
        let (_, hits) = network.now(flow);
        let cell = network.flows[flow].cell;
        for finding in findings {
            let of_registry = |aspect| aspect == Aspect::Registry;
            let is_name =
                finding.rule == Rule::WrongRegistry || finding.allow.iter().all(of_registry);
            let entry = hits.iter().rev().map(|hit| hit.entry).find(|&entry| {
                let written = &network.lists.entries[entry].fields;
                network.fields[entry].decides(is_name) || written.decides(is_name)
            });
            let place = entry.and_then(|entry| entry_place(network, entry, is_name));
            if let Some(place) = place.or_else(|| network.cells[cell].place.clone()) {
                self.place(&place, finding, answers.to_vec());
            }
        }
    }

    /// Why an entry over what is not known cannot follow the images that it names, where a group has
    /// one.
    fn unread_below(&self, network: &Network<'_, 'n, 's>, group: &[usize]) -> Option<String> {
        let hits = group.iter().flat_map(|&flow| network.now(flow).1);
        let entries = hits.map(|hit| hit.entry);
        let entries: HashSet<usize> = entries.filter(|&entry| !network.is_closed[entry]).collect();
        let what = self.builds.open_below(&entries)?;
        Some(format!(
            "{what} cannot be known, and an entry of images over it may need its name"
        ))
    }

    /// Reports a group of flows that is left, or right.
    fn leave_group(
        &mut self,
        network: &Network<'_, 'n, 's>,
        group: &[usize],
        fields: &mut [Field<'n, 's>],
        reason: Option<&str>,
    ) {
        let of_fields = fields.len();
        for &flow in group.iter().filter(|flow| **flow < of_fields) {
            if network.is_right(flow) {
                let findings = std::mem::take(&mut fields[flow].findings);
                self.tell(network, flow, findings, &[]);
                continue;
            }
            let (field, wanted) = (&fields[flow], &network.flows[flow].wanted);
            let cell = network.flows[flow].cell;
            let other = group.iter().copied().find(|&other| {
                let other_flow = &network.flows[other];
                other < fields.len() && other_flow.cell == cell && other_flow.wanted != *wanted
            });
            let unread = self.unread_below(network, group);
            match (reason, other) {
                (Some(why), _) => self.leave(field, why),
                (None, Some(_)) if let Some(why) = &unread => self.leave(field, why),
                (None, Some(other)) => self.conflict(field, field.root, fields[other].root),
                (None, None) => self.leave(field, NO_EDIT),
            }
        }
    }
}

/// Why a value is left that something may change.
fn may_change(what: &str) -> String {
    format!("{what} may change it")
}

/// The place of an entry that a finding is about.
fn entry_place<'n, 's>(
    network: &Network<'_, 'n, 's>,
    entry: usize,
    is_name: bool,
) -> Option<Place<'n, 's>> {
    let site = &network.lists.entries[entry].site;
    let keys: &[&str] = if is_name {
        &["newName", "name"]
    } else {
        &["newTag", "digest", "newName", "name"]
    };
    let is_written = |key: &&&str| site.node.get(key).is_ok_and(|node| node.is_some());
    let key = keys.iter().find(is_written)?;
    Some(site.place_of(key, "name"))
}
