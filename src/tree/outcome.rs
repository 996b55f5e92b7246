//! The entry point for trees: reads files, builds and judges roots, and returns edits and findings.

mod assembled;
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
use super::coverage::Read;
use super::editing::Editor;
use super::load;
use super::patched::{self, PatchedObjects};
use super::paths;
use super::refusals;
use super::rendered::Setting;
use super::sources::TreeFile;
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
