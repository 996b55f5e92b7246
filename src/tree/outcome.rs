//! The entry point for trees: reads files, builds and judges roots, and returns edits and findings.

mod by_file;
mod judged;
mod rest;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use crate::edit::{self, Edit};
use crate::finding::{Finding, Mode, Rule, Severity};
use crate::judge::values::{OverChart, Rebuilt};
use crate::judge::{ImageUse, InConfigMap, Met};
use crate::parallel;
use crate::yaml::{Error, Span};

use super::build::Builder;
use super::builds::Builds;
use super::coverage;
use super::coverage::Read;
use super::editing::{Editor, LastScalar};
use super::load;
use super::locations::Placed;
use super::patched::{self, PatchedObjects};
use super::paths;
use super::refusals;
use super::rendered::{Run, Setting};
use super::settling::{self, SettledFields};
use super::sources::{DataKeys, TreeFile};
use super::target::obscure;
use super::unknown::Unknown;
use judged::{Counts, JudgedBuilds, ReadyBuild, judge_all};

/// What a tree of files gave.
#[derive(Debug, Default)]
pub(crate) struct TreeOutcome {
    /// By the position of the file, those of which builds say something.
    pub(crate) files: BTreeMap<usize, TreeFileOutcome>,
    pub(crate) seen: Met,
    /// How many kustomizations are built by themselves.
    pub(crate) roots: usize,
    /// Those of which not everything is known: the position of the file, and why.
    pub(crate) unsettled: Vec<(usize, String)>,
    /// Whether kustomize would refuse one of the builds.
    pub(crate) has_refused: bool,
    /// By the position of the file, the images that builds run, where the list of them is wanted; each
    /// with the bytes of the entry of a list that decides it, else with its own.
    pub(crate) images: BTreeMap<usize, Vec<(Span, ImageUse)>>,
    /// The files with patches that builds apply: what they say is judged there.
    pub(crate) patches: BTreeSet<usize>,
    /// The files that are nothing but the contents of ConfigMaps and Secrets.
    pub(crate) data: BTreeSet<usize>,
    /// Those of which a ConfigMap holds the manifests that they are.
    pub(crate) held: BTreeMap<usize, InConfigMap>,
    /// The kustomizations that are not YAML: the position of the file, and why.
    pub(crate) refused: Vec<(usize, Error)>,
    /// What builds make of objects that install charts, where they change them.
    pub(crate) rebuilt: Vec<Rebuilt>,
    /// What builds do to the images of charts that kustomizations install.
    pub(crate) over_charts: Vec<OverChart>,
    /// By the position of a file that kustomizations name as a generator, their paths.
    pub(crate) generators: HashMap<usize, BTreeSet<String>>,
}

impl TreeOutcome {
    fn has_edits(&self) -> bool {
        self.files.values().any(|file| !file.edits.is_empty())
    }

    fn has_left(&self) -> bool {
        let mut all = self.files.values().flat_map(|file| &file.findings);
        all.any(Finding::is_left)
    }

    /// Adds a finding to each file that would still be wrong after all edits.
    fn hold(&mut self, after: TreeOutcome) {
        for (position, file) in after.files {
            let mut wrong = file.findings.into_iter();
            let wrong = wrong.find(|finding| finding.rule.severity(Mode::Check) == Severity::Error);
            if let Some(wrong) = wrong {
                let message = format!(
                    "{}: left, since an edit of another file undoes it, or needs it undone",
                    wrong.message
                );
                let finding = Finding::new(Rule::UnresolvedImage, Mode::Restore, message);
                // The place is one of the text that is not there yet.
                let of_file = self.files.entry(position).or_default();
                of_file.findings.push(Finding {
                    span: None,
                    fix: Box::default(),
                    rule: finding.rule,
                    severity: finding.severity,
                    message: finding.message,
                    ..wrong
                });
            }
        }
    }

    /// Whether a file is judged in a build, and not by itself.
    pub(crate) fn owns(&self, position: usize) -> bool {
        self.files.get(&position).is_some_and(|file| file.is_owned)
    }
}

/// What one file of a tree gave.
#[derive(Debug, Default)]
pub(crate) struct TreeFileOutcome {
    /// Whether it is judged in a build, and not by itself.
    pub(crate) is_owned: bool,
    /// Lists of images in a file that is judged by itself, which are judged in a build.
    pub(crate) lists: Vec<Span>,
    pub(crate) edits: Vec<Edit>,
    pub(crate) findings: Vec<Finding>,
    /// Where values of it were judged.
    pub(crate) read: Read,
    /// Whether it is a kustomization without a list of images.
    pub(crate) is_plain_kustomization: bool,
}

/// Judges the kustomizations among files, with the manifests and patches that they bring. What is to
/// be written is judged once more, so that what would not be right is reported before it is written.
///
/// # Errors
/// Edits that were accepted one by one cannot be applied together, which is a bug.
pub(crate) fn restore(files: &[TreeFile<'_>], setting: Setting<'_>) -> Result<TreeOutcome, String> {
    let mut outcome = judge(files, setting)?;
    if setting.config.mode == Mode::Restore && outcome.has_edits() && !outcome.has_left() {
        let texts = files.iter().enumerate().map(|(position, file)| {
            let edits = outcome.files.get(&position).map(|of_file| &of_file.edits);
            let mut edits = edits.filter(|edits| !edits.is_empty())?.clone();
            edit::sort(&mut edits).ok()?;
            Some(edit::apply(file.text, &edits))
        });
        let texts: Vec<Option<String>> = texts.collect();
        let written = files.iter().zip(&texts).map(|(file, text)| TreeFile {
            text: text.as_deref().unwrap_or(file.text),
            ..*file
        });
        let after = judge(&written.collect::<Vec<_>>(), setting)?;
        outcome.hold(after);
    }
    Ok(outcome)
}

/// What may change the images of a folder that too many objects may build with more.
const UNFOLLOWED_SET: &str = "an object with a variable in its path, of which too many may build the folder to be \
                              followed,";

/// Builds of so many resources are judged together, while the next ones are built: enough work for several
/// threads, and few enough to be kept.
const TOGETHER: usize = 2048;

/// Judges files once.
fn judge(files: &[TreeFile<'_>], setting: Setting<'_>) -> Result<TreeOutcome, String> {
    load::with_sources(files, setting.remotes, |editor, unreadable| {
        let mut outcome = judge_sources(editor, setting)?;
        for (position, error) in unreadable {
            outcome.refused.push((*position, (*error).clone()));
        }
        Ok(outcome)
    })
}

fn judge_sources<'n, 's>(
    editor: Editor<'_, 'n, 's>,
    setting: Setting<'_>,
) -> Result<TreeOutcome, String> {
    let sources = editor.sources;
    let mut builder = Builder::new(sources);
    let mut judged = JudgedBuilds::default();
    let mut built = Vec::with_capacity(sources.kustomizations.len());
    let file_of = |document: usize| &editor.files[sources.documents[document].input];
    let path_of = |document: usize| paths::normalised(file_of(document).path);
    let mut patched = PatchedObjects::default();
    let mut early = HashMap::new();
    let told = sources.kustomizations.iter().enumerate();
    let told = told.filter(|(_, one)| file_of(one.document).is_root());
    let brought = if editor.files.iter().any(|file| file.is_excluded) {
        sources.brought_by(told.map(|(position, _)| position).collect())
    } else {
        HashSet::new()
    };
    for position in patched::bringing(sources) {
        let one = builder.build(position);
        let root = file_of(sources.kustomizations[position].document).path;
        patched::note(sources, root, &one.resources, &path_of, &mut patched);
        early.insert(position, one);
    }
    let all = sources.kustomizations.iter().enumerate();
    let mut all = all.map(|(position, kustomization)| {
        let known = early.remove(&position);
        let mut one = known.unwrap_or_else(|| builder.build(position));
        for unknown in patched.get(&kustomization.folder).into_iter().flatten() {
            obscure(&mut one.resources, &unknown.what);
            one.unknown.push(unknown.clone());
        }
        if let Some(&set) = sources.unfollowed.get(&kustomization.folder) {
            let root = sources.documents[set].root;
            let unknown = Unknown::new(set, root, UNFOLLOWED_SET);
            obscure(&mut one.resources, &unknown.what);
            one.unknown.push(unknown);
        }
        let file = file_of(kustomization.document);
        refusals::of_root(sources, kustomization, &mut one);
        let is_excluded = file.is_excluded && !brought.contains(&position);
        // What restores itself and was not asked for needs nothing of what was given.
        let restores_itself = file.is_bystander() && one.is_restored;
        let counts = Counts {
            as_root: (file.is_root() || is_excluded) && !restores_itself,
            is_told: file.is_root(),
        };
        ReadyBuild::new(sources, position, one, counts)
    });
    let mut ready = batch(&mut all);
    while !ready.is_empty() {
        let bytes = ready.iter().map(|one| one.bytes).sum();
        let judge = || judge_all(setting, sources, &ready, bytes);
        let (judgements, next) = parallel::both(bytes, judge, || batch(&mut all));
        let faults = judged.append_all(judgements);
        for (of_root, fault) in ready.into_iter().zip(faults) {
            let mut one = of_root.built;
            if let Some(fault) = fault {
                let document = sources.kustomizations[of_root.position].document;
                let root = sources.documents[document].root;
                one.refuse(Unknown::new(document, root, fault.what));
            }
            built.push(one);
        }
        ready = next;
    }
    let builds = Builds {
        editor,
        sources,
        built: &built,
        setting,
    };
    builds.outcome(judged)
}

/// The next builds that are judged together.
fn batch<'n, 's>(all: &mut impl Iterator<Item = ReadyBuild<'n, 's>>) -> Vec<ReadyBuild<'n, 's>> {
    let mut batch = Vec::new();
    let mut resources = 0;
    while resources < TOGETHER
        && let Some(next) = all.next()
    {
        resources += next.size;
        batch.push(next);
    }
    batch
}

impl<'n, 's> Builds<'_, 'n, 's> {
    fn outcome(&self, mut judged: JudgedBuilds<'n, 's>) -> Result<TreeOutcome, String> {
        let mut patches = self.applied_patches(&judged.documents);
        let unapplied = self.unapplied_patches(&judged.documents);
        let of_file = unapplied.iter().map(|(_, document)| *document);
        let of_file = of_file.map(|document| &self.sources.documents[document]);
        let of_file = of_file.filter(|document| document.inline.is_none());
        patches.extend(of_file.map(|document| document.input));
        self.judge_rest(&mut judged, &unapplied);
        let JudgedBuilds {
            judgement,
            documents,
            hit,
            ..
        } = judged;
        let mut judgement = judgement;
        settling::mark_bystanders(self, &mut judgement.fields);
        let images = self.images(judgement.images);
        let read = coverage::places(self, &judgement.fields);
        let (roots, unsettled) = coverage::roots(self, &judgement.fields);
        let (roots_told, seen) = (self.all_roots(), &mut judgement.seen);
        let unfollowed = self.unfollowed(&roots_told, &judgement.fields, seen);
        let settled = settling::settle(self, &mut judgement.fields);
        let SettledFields { wishes, placed, .. } = settled;
        self.forget_woken(&settled.woken, &mut judgement.without_edits);
        let (data, held) = self.data();
        let mut outcome = TreeOutcome {
            data,
            held,
            over_charts: self.over_charts(&wishes),
            generators: self.generators(),
            seen: judgement.seen,
            roots,
            unsettled,
            has_refused: self.built.iter().any(|built| built.refused.is_some()),
            images,
            patches,
            rebuilt: self.named_rebuilt(judgement.rebuilt),
            ..TreeOutcome::default()
        };
        for &document in &documents {
            // What is merged into a kustomization is not brought by it.
            let is_merged = self.sources.documents[document].inline.is_some()
                && self.sources.is_in_merging(document, self.editor.inline);
            if !is_merged {
                let input = self.sources.documents[document].input;
                outcome.files.entry(input).or_default().is_owned = true;
            }
        }
        for (&(document, _), list) in &self.sources.merged_lists {
            let input = self.sources.documents[document].input;
            let of_file = outcome.files.entry(input).or_default();
            of_file.lists.push(list.clone());
        }
        for (input, places) in read {
            outcome.files.entry(input).or_default().read = places;
        }
        for kustomization in &self.sources.kustomizations {
            let input = self.sources.documents[kustomization.document].input;
            if let Some(file) = outcome.files.get_mut(&input) {
                file.is_plain_kustomization = kustomization.images.is_empty();
            }
        }
        let without_edits = judgement.without_edits.into_iter().map(|found| Placed {
            document: found.document,
            node: found.node,
            path: None,
            finding: found.finding,
            answers: Vec::new(),
        });
        let placed = placed.into_iter().chain(unfollowed).chain(without_edits);
        let placed = placed.chain(self.unclear(&hit));
        let placed = placed.collect();
        self.write(&wishes, placed, &mut outcome)?;
        Ok(outcome)
    }

    /// The images of builds by the files that decide them, each once.
    fn images(&self, all: Vec<Run<'n, 's>>) -> BTreeMap<usize, Vec<(Span, ImageUse)>> {
        let (mut known, mut last) = (HashSet::new(), LastScalar::default());
        let mut images: BTreeMap<usize, Vec<(Span, ImageUse)>> = BTreeMap::new();
        for Run {
            document,
            node,
            entry,
            in_text,
            mut image,
        } in all
        {
            let (_, around) = self.editor.in_file(document, entry.span.clone());
            let inner = in_text.and_then(|span| {
                let scalar = (document, node);
                self.editor.in_scalar(&mut last, scalar, &span)
            });
            let span = inner.unwrap_or_else(|| node.span.clone());
            let (document, span) = self.editor.in_file(document, span);
            // Many builds bring one base.
            if known.insert((document.input, span.start, image.image.clone())) {
                image.span = span;
                images
                    .entry(document.input)
                    .or_default()
                    .push((around, image));
            }
        }
        images
    }

    /// What builds make of objects that install charts, with the names of the roots.
    fn named_rebuilt(&self, rebuilt: Vec<(usize, Rebuilt)>) -> Vec<Rebuilt> {
        let named = rebuilt.into_iter().map(|(root, one)| Rebuilt {
            root: self.path_of(root),
            ..one
        });
        named.collect()
    }

    /// The files that are nothing but the contents of ConfigMaps and Secrets: no manifests, by their keys;
    /// and those that are manifests.
    fn data(&self) -> (BTreeSet<usize>, BTreeMap<usize, InConfigMap>) {
        let manifests = &self.setting.config.carriers.manifests;
        let files = self.sources.data.iter();
        let holds_annotation = self.setting.config.trust.holds_annotation();
        let is_no_manifest = |keys: &DataKeys| keys.is_no_manifest(manifests, holds_annotation);
        let (data, held): (Vec<_>, Vec<_>) = files.partition(|(_, keys)| is_no_manifest(keys));
        let held = held.into_iter();
        let held = held.map(|(&position, keys)| {
            let text = self.editor.files[position].text;
            (position, keys.config_map(manifests, text, holds_annotation))
        });
        (
            data.into_iter().map(|(position, _)| *position).collect(),
            held.collect(),
        )
    }

    /// Every root, judged or not: what is excluded is none.
    pub(super) fn all_roots(&self) -> Vec<usize> {
        let roots = self.sources.kustomizations.iter().enumerate();
        let roots = roots.filter(|(position, one)| one.is_root() && !self.is_left_out(*position));
        roots.map(|(position, _)| position).collect()
    }
}
