//! The entry point for trees: reads files, builds and judges roots, and returns edits and findings.

mod assembled;
mod at_once;
mod bases;
mod by_file;
mod judged;
mod rest;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::edit::{self, Edit};
use crate::finding::{Finding, Fix, Mode, Rule, Severity};
use crate::judge::values::{OverChart, Rebuilt};
use crate::judge::{ImageUse, InConfigMap, Met};
use crate::yaml::{Error, Span};

use super::build::Order;
use super::builds::Builds;
use super::coverage::Read;
use super::editing::Editor;
use super::load;
use super::rendered::Setting;
use super::sources::TreeFile;

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
    /// The files whose images are listed as builds run them, where the list is wanted.
    pub(crate) listed: BTreeSet<usize>,
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
    /// By the position of a file, what builds that are refused may do to the images in it.
    pub(crate) over_doubted: BTreeMap<usize, Vec<OverChart>>,
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
                    fix: Fix::default(),
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
    let mut all = at_once::judge(editor, setting, Order::AtOnce);
    if all.is_none() {
        all = at_once::judge(editor, setting, Order::OneByOne);
    }
    let (built, judged) = all.unwrap_or_default();
    let builds = Builds {
        editor,
        sources,
        built: &built,
        setting,
    };
    builds.outcome(judged)
}
