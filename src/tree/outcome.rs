//! The way through a tree: files are read, roots built and judged, and edits and findings made.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::config::ImageLists;
use crate::decide::claim::AgentSet;
use crate::edit::{self, Edit};
use crate::finding::{Aspect, Finding, Rule};
use crate::judge::LIST;
use crate::mask;
use crate::yaml::Node;

use super::build::{Builder, Built};
use super::editing::{Editor, Wish};
use super::images::EntryNotation;
use super::load::{self, TreeFile};
use super::patches;
use super::rendered::{Field, Judgement, Setting};
use super::settle::{Cell, Flow, Network, Proposal};
use super::sources::Sources;
use super::value::{Place, PlaceId};

/// What a tree of files gave.
#[derive(Debug, Default)]
pub(crate) struct TreeOutcome {
    /// By the position of the file, those that a kustomization brings.
    pub(crate) files: BTreeMap<usize, OfFile>,
    pub(crate) seen: AgentSet,
}

/// What one file of a tree gave.
#[derive(Debug, Default)]
pub(crate) struct OfFile {
    pub(crate) edits: Vec<Edit>,
    pub(crate) findings: Vec<Finding>,
    /// Whether it is a kustomization without a list of images.
    pub(crate) is_plain_kustomization: bool,
}

/// Judges the kustomizations among files, with the manifests and patches that they bring.
pub(crate) fn restore(files: &[TreeFile<'_>], setting: Setting<'_>) -> TreeOutcome {
    let loaded = load::load(files);
    let inline_texts = loaded.inline_texts();
    let inner = load::read_inline(&inline_texts);
    let (sources, inline) = loaded.sources(&inline_texts, &inner);
    let texts: Vec<&str> = files.iter().map(|file| file.text).collect();
    let mut builder = Builder::new(&sources);
    let built: Vec<Built<'_, '_>> = (0..sources.kustomizations.len())
        .map(|position| builder.build(position))
        .collect();
    let tree = Tree {
        files,
        editor: Editor {
            sources: &sources,
            texts: &texts,
            inline: &inline,
        },
        sources: &sources,
        built: &built,
        setting,
    };
    tree.judge()
}

struct Tree<'t, 'n, 's> {
    files: &'t [TreeFile<'s>],
    editor: Editor<'t, 'n, 's>,
    sources: &'t Sources<'n, 's>,
    built: &'t [Built<'n, 's>],
    setting: Setting<'t>,
}

/// A finding with the document and node that it is about.
struct Placed<'n, 's> {
    document: usize,
    node: &'n Node<'s>,
    path: Option<Arc<str>>,
    finding: Finding,
    /// The wishes that answer it.
    wishes: Vec<usize>,
}

impl<'n, 's> Tree<'_, 'n, 's> {
    /// The roots: every kustomization that is no component, and that kustomize would build.
    fn roots(&self) -> Vec<usize> {
        let kustomizations = self.sources.kustomizations.iter().enumerate();
        kustomizations
            .filter(|(position, one)| !one.is_component && self.built[*position].refused.is_none())
            .map(|(position, _)| position)
            .collect()
    }

    fn judge(&self) -> TreeOutcome {
        let mut judgement = Judgement::default();
        let mut documents = BTreeSet::new();
        let roots = self.roots();
        let lists = &self.sources.lists;
        for &root in &roots {
            let built = &self.built[root];
            if judgement
                .judge(self.setting, lists, root, &built.resources)
                .is_ok()
            {
                documents.extend(built.documents.iter().copied());
            }
        }
        self.judge_rest(&roots, &mut documents, &mut judgement);
        let (wishes, placed) = self.settle(judgement.fields);
        let mut outcome = TreeOutcome {
            seen: judgement.seen,
            ..TreeOutcome::default()
        };
        for &document in &documents {
            let input = self.sources.documents[document].input;
            outcome.files.entry(input).or_default();
        }
        for kustomization in &self.sources.kustomizations {
            let input = self.sources.documents[kustomization.document].input;
            if let Some(file) = outcome.files.get_mut(&input) {
                file.is_plain_kustomization = kustomization.images.is_empty();
            }
        }
        let remarks = judgement.remarks.into_iter().map(|remark| Placed {
            document: remark.document,
            node: remark.node,
            path: None,
            finding: remark.finding,
            wishes: Vec::new(),
        });
        let placed = placed.into_iter().chain(remarks).collect();
        self.write(&wishes, placed, &mut outcome);
        outcome
    }

    /// Judges what no build has a manifest of, for what it sets.
    fn judge_rest(
        &self,
        roots: &[usize],
        documents: &mut BTreeSet<usize>,
        judgement: &mut Judgement<'n, 's>,
    ) {
        let lists = &self.sources.lists;
        for &root in roots {
            let kustomization = &self.sources.kustomizations[root];
            for patch in kustomization
                .patches
                .iter()
                .chain(&kustomization.late_patches)
            {
                let patches = self.sources.documents_of(kustomization, patch.source);
                for document in patches.unwrap_or_default() {
                    if documents.insert(document)
                        && let Some(resource) = patches::of_patch(self.sources, document)
                    {
                        // What cannot be judged by itself is no manifest, and says nothing.
                        let _ = judgement.judge_part(self.setting, lists, root, &resource);
                    }
                }
            }
        }
        let hit = self.entries_that_hit();
        for (position, kustomization) in self.sources.kustomizations.iter().enumerate() {
            if self.built[position].refused.is_some() {
                continue;
            }
            let list = &self.sources.lists.lists[self.sources.list_of[position]];
            let unmet = list.iter().copied().filter(|entry| !hit.contains(entry));
            let unmet: Vec<usize> = unmet.collect();
            if unmet.is_empty() {
                continue;
            }
            documents.insert(kustomization.document);
            if self.built[position].is_open || kustomization.is_component {
                if let Some(resource) = patches::of_entries(self.sources, &unmet) {
                    let _ = judgement.judge(self.setting, lists, position, &[resource]);
                }
            } else {
                for entry in unmet {
                    judgement.remarks.extend(self.unmatched(entry));
                }
            }
        }
    }

    /// The entries of lists that met an image in some build.
    fn entries_that_hit(&self) -> HashSet<usize> {
        let mut hit = HashSet::new();
        for built in self.built {
            for resource in &built.resources {
                let mut value = resource.value.clone();
                value.each_scalar(&mut |scalar| {
                    if let Some(trace) = &scalar.trace {
                        let hits = self
                            .sources
                            .lists
                            .run_as_written(&scalar.text, &trace.lists)
                            .1;
                        hit.extend(hits.into_iter().map(|hit| hit.entry));
                    }
                });
            }
        }
        hit
    }

    fn unmatched(&self, entry: usize) -> Option<super::rendered::Remark<'n, 's>> {
        let entry = &self.sources.lists.entries[entry];
        let EntryNotation::Mapping(site) = &entry.notation else {
            return None;
        };
        let message = format!(
            "images entry {} matches no image in the items: write the name as the manifests do",
            mask::image(&entry.fields.name)
        );
        let mode = self.setting.config.mode;
        let finding = Finding::new(Rule::UnmatchedImageOverride, mode, message);
        Some(super::rendered::Remark {
            document: site.document,
            node: site.node.get("name").ok().flatten().unwrap_or(site.node),
            finding,
        })
    }

    /// What is to be written, and what is reported of it.
    fn settle(&self, fields: Vec<Field<'n, 's>>) -> (Vec<Wish<'n, 's>>, Vec<Placed<'n, 's>>) {
        let mut settling = Settling {
            tree: self,
            wishes: Vec::new(),
            positions: HashMap::new(),
            placed: Vec::new(),
        };
        let (flowing, direct): (Vec<_>, Vec<_>) = fields.into_iter().partition(|field| {
            let is_text = !matches!(field.wanted, Some(edit::Value::Names(_)));
            is_text && field.rendered.is_some() && field.place.is_some()
        });
        settling.direct(direct);
        settling.flows(flowing);
        (settling.wishes, settling.placed)
    }

    /// Edits and findings by file.
    fn write(
        &self,
        wishes: &[Wish<'n, 's>],
        placed: Vec<Placed<'n, 's>>,
        outcome: &mut TreeOutcome,
    ) {
        let edits = self.editor.edits(wishes).unwrap_or_default();
        let mut known = HashSet::new();
        for placed in placed {
            let document = &self.sources.documents[placed.document];
            let (input, finding) = (document.input, self.finding(&placed, &edits));
            // What is left is told once, whichever root is named.
            let is_left = matches!(
                finding.rule,
                Rule::UnresolvedImage | Rule::ConflictingSources
            );
            let id = (
                input,
                finding.span.clone().map(|span| (span.start, span.end)),
                finding.rule,
                if is_left {
                    "".into()
                } else {
                    finding.message.clone()
                },
            );
            if known.insert(id) {
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
    }

    /// A finding as it is told of the file that it is about.
    fn finding(&self, placed: &Placed<'n, 's>, edits: &super::editing::FileEdits) -> Finding {
        let mut finding = placed.finding.clone();
        if let (Some(path), Some(field)) = (&placed.path, &finding.field) {
            let mut field = (**field).clone();
            field.path = Arc::clone(path);
            finding.field = Some(Arc::new(field));
        }
        if let Some(resource) =
            super::report::resource(self.sources.documents[placed.document].root)
        {
            finding.resource = Some(Arc::new(resource));
        }
        let (document, span) = self
            .editor
            .in_file(placed.document, placed.node.span.clone());
        finding.span = Some(span);
        finding.ordinal = document.ordinal;
        if self.setting.wants.fixes {
            let own = edits.get(&document.input).into_iter().flatten();
            let own = own.filter(|(_, wish)| placed.wishes.contains(wish));
            finding.fix = own.map(|(edit, _)| edit.clone()).collect();
        }
        finding
    }
}

/// What is being settled.
struct Settling<'t, 'x, 'n, 's> {
    tree: &'t Tree<'x, 'n, 's>,
    wishes: Vec<Wish<'n, 's>>,
    /// The wish for each place.
    positions: HashMap<PlaceId, usize>,
    placed: Vec<Placed<'n, 's>>,
}

impl<'n, 's> Settling<'_, '_, 'n, 's> {
    fn wish(&mut self, place: Place<'n, 's>, value: edit::Value) -> usize {
        let next = self.wishes.len();
        let position = *self.positions.entry(place.id()).or_insert(next);
        if position == next {
            self.wishes.push(Wish { place, value });
        }
        position
    }

    /// Values that no list of images has a part in and that are added: all builds agree, or none
    /// gets them.
    fn direct(&mut self, fields: Vec<Field<'n, 's>>) {
        let mut by_place: BTreeMap<PlaceId, Vec<Field<'n, 's>>> = BTreeMap::new();
        for field in fields {
            if let Some(place) = &field.place {
                by_place.entry(place.id()).or_default().push(field);
            } else if field.wanted.is_some() {
                self.leave(&field, "the build makes what holds it");
            }
        }
        for fields in by_place.into_values() {
            let Some(wanting) = fields.iter().find(|field| field.wanted.is_some()) else {
                self.note(fields, &[]);
                continue;
            };
            let (Some(place), Some(value)) = (wanting.place.clone(), wanting.wanted.clone()) else {
                continue;
            };
            let other = fields
                .iter()
                .find(|field| field.wanted.as_ref() != Some(&value));
            if let Some(other) = other {
                let (wanting, other) = (wanting.root, other.root);
                let fields = fields.into_iter().filter(|field| field.wanted.is_some());
                for field in fields {
                    self.conflict(&field, wanting, other);
                }
                continue;
            }
            let wish = Wish { place, value };
            if let Err(why) = self.tree.editor.edits(std::slice::from_ref(&wish)) {
                fields.iter().for_each(|field| self.leave(field, &why));
                continue;
            }
            let position = self.wish(wish.place, wish.value);
            self.note(fields, &[position]);
        }
    }

    /// Reports fields where they are written.
    fn note(&mut self, fields: Vec<Field<'n, 's>>, wishes: &[usize]) {
        for field in fields {
            let Some(place) = field.place else { continue };
            for finding in field.findings {
                self.place(&place, finding, wishes.to_vec());
            }
        }
    }

    fn place(&mut self, place: &Place<'n, 's>, finding: Finding, wishes: Vec<usize>) {
        self.placed.push(Placed {
            document: place.document,
            node: place.node(),
            path: Some(super::report::path(place)),
            finding,
            wishes,
        });
    }

    /// Reports that a field is left, and why.
    fn leave(&mut self, field: &Field<'n, 's>, why: &str) {
        let what = field.findings.first().cloned();
        let Some(mut finding) = what else { return };
        let mode = self.tree.setting.config.mode;
        finding.rule = Rule::UnresolvedImage;
        finding.severity = Rule::UnresolvedImage.severity(mode);
        let root = self.tree.path_of(field.root);
        finding.message = format!("{}: left, since {why} ({root})", finding.message).into();
        match &field.place {
            Some(place) => self.place(place, finding, Vec::new()),
            None => {
                let document = self.tree.sources.kustomizations[field.root].document;
                self.placed.push(Placed {
                    document,
                    node: self.tree.sources.documents[document].root,
                    path: None,
                    finding,
                    wishes: Vec::new(),
                });
            }
        }
    }

    /// Reports that two roots want different things of one place.
    fn conflict(&mut self, field: &Field<'n, 's>, one: usize, other: usize) {
        let Some(mut finding) = field.findings.first().cloned() else {
            return;
        };
        let mode = self.tree.setting.config.mode;
        finding.rule = Rule::ConflictingSources;
        finding.severity = Rule::ConflictingSources.severity(mode);
        let (one, other) = (self.tree.path_of(one), self.tree.path_of(other));
        finding.message = format!(
            "{}: left, since {one} wants it and {other} does not: give the two values of their own, \
             by an entry of images or a patch",
            finding.message
        )
        .into();
        if let Some(place) = &field.place {
            self.place(place, finding, Vec::new());
        }
    }

    /// Images, through the lists of all builds.
    fn flows(&mut self, fields: Vec<Field<'n, 's>>) {
        let tree = self.tree;
        let mut network = Network {
            lists: &tree.sources.lists,
            is_closed: tree.closed_entries(),
            cells: Vec::new(),
            flows: Vec::new(),
        };
        let mut cells = HashMap::new();
        for field in &fields {
            let Some(place) = &field.place else { continue };
            let next = network.cells.len();
            let cell = *cells.entry(place.id()).or_insert(next);
            if cell == next {
                let text = place.node().scalar().unwrap_or_default();
                network.cells.push(Cell {
                    place: place.clone(),
                    text: text.to_owned(),
                });
            }
            network.flows.push(Flow {
                cell,
                passes: field.trace.lists.clone(),
                tests: field.trace.tests.clone(),
                wanted: String::new(),
            });
        }
        let mut fields = fields;
        self.set_wanted(&mut network, &mut fields);
        self.settle_flows(&network, fields);
    }

    /// Says of each flow what should come out.
    fn set_wanted(&mut self, network: &mut Network<'_, 'n, 's>, fields: &mut [Field<'n, 's>]) {
        let tree = self.tree;
        for position in 0..fields.len() {
            let (now, hits) = network.as_written(position);
            let wanted = match &fields[position].wanted {
                Some(edit::Value::Text(text)) => Some(text.clone()),
                _ => None,
            };
            network.flows[position].wanted = now.clone();
            let Some(wanted) = wanted else { continue };
            if fields[position].trace.is_opaque {
                let field = &fields[position];
                self.leave(
                    field,
                    "something in the build that is not known may change it",
                );
                fields[position].findings.clear();
                continue;
            }
            let is_listed = hits.iter().any(|hit| {
                let says = &tree.sources.lists.entries[hit.entry].fields;
                !says.new_name.is_empty() || !says.new_tag.is_empty() || !says.digest.is_empty()
            });
            match tree.setting.config.image_lists {
                ImageLists::Report if is_listed => {
                    let findings = std::mem::take(&mut fields[position].findings);
                    let nothing = Proposal::default();
                    let findings = findings.into_iter().map(|finding| self.of_list(finding));
                    let findings = findings.collect();
                    self.tell(network, &nothing, position, findings, &[]);
                }
                ImageLists::Ignore if is_listed => fields[position].findings.clear(),
                _ => network.flows[position].wanted = wanted,
            }
        }
        for position in tree.placeholders(network, fields) {
            network.flows[position].wanted = network.as_written(position).0;
            fields[position].findings.clear();
        }
    }

    /// A finding about an image that a list decides and that is only reported.
    fn of_list(&self, finding: Finding) -> Finding {
        Finding {
            rule: Rule::WrongImageOverride,
            severity: Rule::WrongImageOverride.severity(self.tree.setting.config.mode),
            message: format!("{} is not edited, {LIST}", finding.message).into(),
            ..finding
        }
    }

    fn settle_flows(&mut self, network: &Network<'_, 'n, 's>, mut fields: Vec<Field<'n, 's>>) {
        let groups = network.groups();
        let mut solved: Vec<Option<Proposal<'n, 's>>> = Vec::new();
        let mut reasons: Vec<Option<String>> = Vec::new();
        for group in &groups {
            let mut proposal = network.solve(group);
            let mut reason = None;
            if let Some(found) = &proposal
                && let Err(why) = self.tree.editor.edits(&wishes_of(network, found))
            {
                reason = Some(why);
                proposal = None;
            }
            solved.push(proposal);
            reasons.push(reason);
        }
        let all = loop {
            let mut all = Proposal::default();
            for proposal in &mut solved {
                if let Some(found) = proposal
                    && all.join(found).is_none()
                {
                    *proposal = None;
                }
            }
            let is_wrong = |group: usize| {
                let flows = groups[group].iter();
                flows.copied().any(|flow| {
                    let wanted = match &solved[group] {
                        Some(_) => network.flows[flow].wanted.clone(),
                        None => network.as_written(flow).0,
                    };
                    network.outcome(flow, &all) != wanted
                })
            };
            let wrong: Vec<usize> = (0..groups.len()).filter(|&group| is_wrong(group)).collect();
            if wrong.is_empty() {
                break all;
            }
            // A group that is left and comes out otherwise is changed by another's entries.
            let lists: HashSet<usize> = wrong
                .iter()
                .flat_map(|&group| &groups[group])
                .flat_map(|&flow| network.flows[flow].passes.iter().map(|pass| pass.list))
                .collect();
            let shares = |group: usize| {
                let mut flows = groups[group].iter();
                flows.any(|&flow| {
                    let mut passes = network.flows[flow].passes.iter();
                    passes.any(|pass| lists.contains(&pass.list))
                })
            };
            for group in 0..groups.len() {
                if solved[group].is_some() && (wrong.contains(&group) || shares(group)) {
                    solved[group] = None;
                }
            }
        };
        for wish in wishes_of(network, &all) {
            self.wish(wish.place, wish.value);
        }
        for ((group, proposal), reason) in groups.iter().zip(&solved).zip(&reasons) {
            match proposal {
                Some(proposal) => {
                    let own = wishes_of(network, proposal);
                    let own = own
                        .iter()
                        .filter_map(|wish| self.positions.get(&wish.place.id()));
                    let own: Vec<usize> = own.copied().collect();
                    for &flow in group {
                        let findings = std::mem::take(&mut fields[flow].findings);
                        self.tell(network, proposal, flow, findings, &own);
                    }
                }
                None => self.leave_group(network, group, &fields, reason.as_deref()),
            }
        }
    }

    /// Reports findings of a flow at the places that decide it.
    fn tell(
        &mut self,
        network: &Network<'_, 'n, 's>,
        proposal: &Proposal<'n, 's>,
        flow: usize,
        findings: Vec<Finding>,
        wishes: &[usize],
    ) {
        let (_, hits) = network.as_written(flow);
        let cell = network.flows[flow].cell;
        for finding in findings {
            let is_name = finding.rule == Rule::WrongRegistry
                || finding
                    .allow
                    .iter()
                    .all(|aspect| aspect == Aspect::Registry);
            let entry = hits.iter().rev().map(|hit| hit.entry).find(|entry| {
                let says = &network.lists.entries[*entry].fields;
                let decides = if is_name {
                    !says.new_name.is_empty()
                } else {
                    !says.new_tag.is_empty() || !says.digest.is_empty()
                };
                let was_given = proposal.fields.get(entry).is_some_and(|new| {
                    is_name && new.new_name != says.new_name
                        || !is_name && (new.new_tag != says.new_tag || new.digest != says.digest)
                });
                decides || was_given
            });
            let place = match entry.and_then(|entry| entry_place(network, entry, is_name)) {
                Some(place) => place,
                None => network.cells[cell].place.clone(),
            };
            let wishes = if wishes.is_empty() {
                Vec::new()
            } else {
                wishes.to_vec()
            };
            self.place(&place, finding, wishes);
        }
    }

    /// Reports a group of flows that is left.
    fn leave_group(
        &mut self,
        network: &Network<'_, 'n, 's>,
        group: &[usize],
        fields: &[Field<'n, 's>],
        reason: Option<&str>,
    ) {
        for &flow in group {
            let field = &fields[flow];
            let (now, _) = network.as_written(flow);
            if now == network.flows[flow].wanted {
                if field.wanted.is_none() {
                    for finding in field.findings.clone() {
                        if let Some(place) = &field.place {
                            self.place(place, finding, Vec::new());
                        }
                    }
                }
                continue;
            }
            let cell = network.flows[flow].cell;
            let other = group.iter().copied().find(|&other| {
                let other_flow = &network.flows[other];
                other_flow.cell == cell && other_flow.wanted != network.flows[flow].wanted
            });
            match (reason, other) {
                (Some(why), _) => self.leave(field, why),
                (None, Some(other)) => self.conflict(field, field.root, fields[other].root),
                (None, None) => {
                    self.leave(
                        field,
                        "no edit of the lists of images gives all builds the right one",
                    );
                }
            }
        }
    }
}

/// The place of an entry that a finding is about.
fn entry_place<'n, 's>(
    network: &Network<'_, 'n, 's>,
    entry: usize,
    is_name: bool,
) -> Option<Place<'n, 's>> {
    match &network.lists.entries[entry].notation {
        EntryNotation::Mapping(site) => {
            let keys: &[&str] = if is_name {
                &["newName", "name"]
            } else {
                &["newTag", "digest", "newName", "name"]
            };
            let is_written = |key: &&&str| site.node.get(key).is_ok_and(|node| node.is_some());
            let key = keys.iter().find(is_written)?;
            Some(site.place_of(key, "name"))
        }
        EntryNotation::Text(place) => Some(place.clone()),
    }
}

/// What a proposal writes.
fn wishes_of<'n, 's>(
    network: &Network<'_, 'n, 's>,
    proposal: &Proposal<'n, 's>,
) -> Vec<Wish<'n, 's>> {
    let mut wishes = Vec::new();
    for (&cell, text) in &proposal.texts {
        let cell = &network.cells[cell];
        if cell.text != *text {
            wishes.push(Wish {
                place: cell.place.clone(),
                value: edit::Value::Text(text.clone()),
            });
        }
    }
    for (place, text) in proposal.tests.values() {
        wishes.push(Wish {
            place: place.clone(),
            value: edit::Value::Text(text.clone()),
        });
    }
    for (&entry, new) in &proposal.fields {
        wishes.extend(super::report::entry_wishes(
            &network.lists.entries[entry],
            new,
        ));
    }
    wishes.sort_by_key(|wish| wish.place.id());
    wishes
}

impl<'n, 's> Tree<'_, 'n, 's> {
    /// The path of a root's kustomization as it is shown.
    fn path_of(&self, root: usize) -> &str {
        let document = self.sources.kustomizations[root].document;
        self.files[self.sources.documents[document].input].path
    }

    /// Whether all images under the list of each entry are known.
    fn closed_entries(&self) -> Vec<bool> {
        let mut closed = vec![true; self.sources.lists.entries.len()];
        for (position, built) in self.built.iter().enumerate() {
            let kustomization = &self.sources.kustomizations[position];
            let is_open = built.is_open || kustomization.is_component;
            for &entry in &self.sources.lists.lists[self.sources.list_of[position]] {
                closed[entry] &= !is_open;
            }
        }
        // What a component sees is what the kustomizations that name it have.
        for (position, kustomization) in self.sources.kustomizations.iter().enumerate() {
            if kustomization.is_component {
                let mut roots = self.built.iter().enumerate().filter(|(root, built)| {
                    !self.sources.kustomizations[*root].is_component
                        && built.documents.contains(&kustomization.document)
                });
                let is_closed = roots.all(|(_, built)| !built.is_open);
                for &entry in &self.sources.lists.lists[self.sources.list_of[position]] {
                    closed[entry] = is_closed;
                }
            }
        }
        closed
    }

    /// Flows of images that are placeholders and come out of a root that nothing else replaces: a
    /// word that every root on top replaces is no image.
    fn placeholders(&self, network: &Network<'_, 'n, 's>, fields: &[Field<'n, 's>]) -> Vec<usize> {
        let mut inner = HashSet::new();
        for (position, built) in self.built.iter().enumerate() {
            for (other, kustomization) in self.sources.kustomizations.iter().enumerate() {
                if other != position && built.documents.contains(&kustomization.document) {
                    inner.insert(other);
                }
            }
        }
        let mut replaced: HashMap<usize, bool> = HashMap::new();
        for (position, flow) in network.flows.iter().enumerate() {
            if !inner.contains(&fields[position].root) {
                let (_, hits) = network.as_written(position);
                let names = |entry: usize| !network.lists.entries[entry].fields.new_name.is_empty();
                let is_replaced = hits.iter().any(|hit| names(hit.entry));
                let all = replaced.entry(flow.cell).or_insert(true);
                *all &= is_replaced;
            }
        }
        let flows = network.flows.iter().enumerate();
        flows
            .filter(|(position, flow)| {
                let text = &network.cells[flow.cell].text;
                let is_word = !text.contains('/') && !flow.passes.is_empty()
                    || !text.contains('/') && inner.contains(&fields[*position].root);
                let (_, hits) = network.as_written(*position);
                let names = |entry: usize| !network.lists.entries[entry].fields.new_name.is_empty();
                is_word
                    && inner.contains(&fields[*position].root)
                    && !hits.iter().any(|hit| names(hit.entry))
                    && replaced.get(&flow.cell) == Some(&true)
            })
            .map(|(position, _)| position)
            .collect()
    }
}
