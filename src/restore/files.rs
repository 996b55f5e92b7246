//! Files that are judged together: each keeps its own edits and faults, and all share one
//! configuration, the profiles among them, ServiceAccounts and instances.

use crate::config::{Config, Date, Mode};
use crate::edit::Edit;
use crate::error::{Error, Fault, Origin};
use crate::finding::{self, Finding};
use crate::judge::{self, ImageUse, Instances};
use crate::krm::OWN_GROUP;
use crate::krm::gathered::Gathered;
use crate::krm::quick;
use crate::krm::survey::{Survey, Way, survey};
use crate::parallel;
use crate::yaml::read;

use super::{
    All, Part, Reading, Wants, Work, judge_parts, read_config, replaces, sort_edits, unmatched,
};

/// Files, and what they are restored by.
#[derive(Clone, Copy)]
pub struct Files<'a> {
    /// The files' texts.
    pub texts: &'a [&'a str],
    /// The configuration; without one, every built-in profile.
    pub config: Option<&'a str>,
    /// Restore or check, whatever the configuration says.
    pub mode: Mode,
    /// The day that exceptions are judged by.
    pub today: Date,
    /// Whether these are all the files there are, so that an agent which runs in none is missing.
    pub complete: bool,
    /// What else is wanted.
    pub wants: Wants,
    /// How the files are read.
    pub reading: Reading,
    /// Is called for each file that was read, so that progress can be shown.
    pub judged: &'a (dyn Fn() + Sync),
}

/// What the files gave.
#[derive(Debug)]
pub struct Together {
    /// For each file, in order: what was found, or why it could not be read.
    pub files: Vec<Result<FileOutcome, Error>>,
    /// Findings about the configuration or all of the files.
    pub findings: Vec<Finding>,
    /// The configuration by which they were judged.
    pub config: Config,
}

/// What one file gave.
#[derive(Debug, Default)]
pub struct FileOutcome {
    /// Why the file was not judged, if it was not.
    pub skipped: Option<Skipped>,
    /// The edits that restore it, sorted and checked, in check mode too.
    pub edits: Vec<Edit>,
    /// In the order of the text.
    pub findings: Vec<Finding>,
    /// Every image field, where the list of them is wanted.
    pub images: Vec<ImageUse>,
}

/// Why a file holds nothing to judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Skipped {
    /// It is no Kubernetes manifest.
    NoManifest,
    /// `{{` makes it a template, which is no YAML until it is rendered.
    Template,
    /// It configures this program.
    Configuration,
    /// It is a kustomization that replaces no images.
    Kustomization,
    /// It is a ResourceList, which a function reads and nobody applies.
    ResourceList,
}

impl Skipped {
    /// The reason in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Skipped::NoManifest => "no Kubernetes manifest",
            Skipped::Template => "a template, to be checked when it is rendered",
            Skipped::Configuration => "configuration of restore-images",
            Skipped::Kustomization => "a kustomization without images",
            Skipped::ResourceList => "a ResourceList",
        }
    }
}

const GENERATES: &str = "a configuration of kind GenerateImages makes resources, and restores none";
const GENERATES_HELP: &str = "give it to kustomize or kpt; here, one of kind RestoreImages";
const CROSSING: &str = "a document cannot be read alone: an anchor or directive crosses documents";
const CROSSING_HELP: &str = "define anchors and %TAG directives in the document that uses them";

/// Restores or checks files together.
///
/// # Errors
/// The configuration cannot be followed. A fault of one file is in its place among the outcomes.
pub fn restore_files(files: &Files<'_>) -> Result<Together, Error> {
    let mut plain = vec![files.reading == Reading::Plain; files.texts.len()];
    loop {
        match restore_together(files, &plain) {
            Ok(Attempt::Done(together)) => return Ok(*together),
            // What it gave, profiles or instances, others were judged by.
            Ok(Attempt::Unsettled(positions)) => {
                positions
                    .iter()
                    .for_each(|&position| plain[position] = true);
            }
            // A configuration may be at fault by what a file was only taken for.
            Err(_) if plain.contains(&false) => plain.fill(true),
            Err(error) => return Err(error),
        }
    }
}

enum Attempt {
    Done(Box<Together>),
    /// The files at these positions must be read by the plain way in the first pass already.
    Unsettled(Vec<usize>),
}

/// `plain` says of each file whether its first pass is the plain way's, which guesses nothing.
fn restore_together(files: &Files<'_>, plain: &[bool]) -> Result<Attempt, Error> {
    let mut surveys: Vec<Survey<'_>> = Vec::new();
    let mut outcomes: Vec<Result<FileOutcome, Error>> = Vec::with_capacity(files.texts.len());
    let mut positions = Vec::new();
    let mut gathered = Gathered::default();
    for (position, found) in surveyed_all(files, plain).into_iter().enumerate() {
        let (skipped, survey) = match found {
            Ok(found) => found,
            Err(error) => {
                outcomes.push(Err(error));
                continue;
            }
        };
        outcomes.push(Ok(FileOutcome {
            skipped,
            ..FileOutcome::default()
        }));
        let Some(mut survey) = survey else { continue };
        gathered.join(position, std::mem::take(&mut survey.gathered));
        if skipped.is_none() {
            surveys.push(survey);
            positions.push(position);
        }
    }
    let mut config = read_config(files.config, &gathered.profiles, &gathered.rules)?;
    if config.generate.is_some() {
        let fault = Fault {
            origin: Origin::Config,
            ..Fault::input(0, GENERATES, Some(GENERATES_HELP))
        };
        return Err(Error::Config(fault));
    }
    config.mode = files.mode;
    config.find_versions(&gathered);
    let kinds = surveys.iter().flat_map(|survey| &survey.kinds).cloned();
    config.add_builtin_fields(&kinds.collect::<Vec<_>>())?;
    let work = Work {
        config: &config,
        today: files.today,
        gathered: &gathered,
        wants: files.wants,
        reading: files.reading,
        replaces: replaces(surveys.iter().flat_map(|survey| &survey.kinds)),
    };
    let parts = surveys.iter().zip(&positions);
    let parts: Vec<Part<'_>> = parts
        .map(|(survey, &position)| Part {
            text: files.texts[position],
            survey,
        })
        .collect();
    let mut together = All::default();
    let mut overrides = Vec::new();
    let mut instances = Instances::new();
    let judged = judge_parts(&work, &parts, &mut instances);
    let mut unsettled = Vec::new();
    for (index, judged) in judged.into_iter().enumerate() {
        let (part, position) = (&parts[index], positions[index]);
        let judged = match judged {
            Ok(Some(all)) => Ok(Some(all)),
            // What the fast way cannot settle, and every fault, is the plain way's to tell.
            _ if is_guessed(part) => {
                unsettled.push(position);
                continue;
            }
            _ => judge_plainly(&work, files.texts[position], &mut instances),
        };
        outcomes[position] = match judged {
            Ok(Some(mut all)) => {
                let outcome = outcome(&mut all);
                overrides.push((position, std::mem::take(&mut all.overrides)));
                together.take(all);
                outcome
            }
            Ok(None) => Err(Error::Input(Fault::input(0, CROSSING, Some(CROSSING_HELP)))),
            Err(error) => Err(error),
        };
    }
    if !unsettled.is_empty() {
        return Ok(Attempt::Unsettled(unsettled));
    }
    let mut findings = judge::of_configuration(&config, files.today);
    if files.complete {
        findings.extend(unmatched(&config, &together.seen));
        let names = &together.image_names;
        for (position, overrides) in overrides {
            let unmatched = overrides
                .into_iter()
                .filter(|(name, _)| !names.contains(name));
            if let Ok(outcome) = &mut outcomes[position] {
                outcome
                    .findings
                    .extend(unmatched.map(|(_, finding)| finding));
                in_order(&mut outcome.findings);
            }
        }
    }
    finding::sort(&mut findings);
    Ok(Attempt::Done(Box::new(Together {
        files: outcomes,
        findings,
        config,
    })))
}

/// Whether a file's units were not all read in the first pass.
fn is_guessed(part: &Part<'_>) -> bool {
    part.survey.units.iter().any(|unit| unit.guessed.is_some())
}

/// What a text is, and what the first pass learned of it where it is worth a second.
type Surveyed<'a> = Result<(Option<Skipped>, Option<Survey<'a>>), Error>;

/// The files' texts, several at once where they are read fast.
fn surveyed_all<'a>(files: &Files<'a>, plain: &[bool]) -> Vec<Surveyed<'a>> {
    let bytes = match files.reading {
        Reading::Fast => files.texts.iter().map(|text| text.len()).sum(),
        Reading::Plain => 0,
    };
    let batches = parallel::map(files.texts, bytes, |first, some| {
        let survey = |(text, &is_plain): (&&'a str, &bool)| {
            (files.judged)();
            let reading = match is_plain {
                true => Reading::Plain,
                false => Reading::Fast,
            };
            surveyed(text, reading)
        };
        some.iter()
            .zip(&plain[first..])
            .map(survey)
            .collect::<Vec<_>>()
    });
    batches.into_iter().flatten().collect()
}

fn judge_plainly(
    work: &Work<'_>,
    text: &str,
    instances: &mut Instances,
) -> Result<Option<All>, Error> {
    let Some(survey) = survey(text, Way::Items)? else {
        return Ok(None);
    };
    let work = Work {
        reading: Reading::Plain,
        ..*work
    };
    let survey = &survey;
    judge_parts(&work, &[Part { text, survey }], instances).remove(0)
}

fn surveyed(text: &str, reading: Reading) -> Surveyed<'_> {
    // Every key of a manifest is there in so many letters, unless somebody escapes them.
    let could_be = text.contains("apiVersion") || text.contains("\\x") || text.contains("\\u");
    if !could_be {
        return Ok((Some(Skipped::NoManifest), None));
    }
    if text.contains("{{") && is_template(text) {
        return Ok((Some(Skipped::Template), None));
    }
    if reading == Reading::Fast
        && let Some(mut survey) = quick::outline(text)
    {
        let skipped = skipped(text, &survey);
        // What is skipped is read now or never.
        if skipped.is_none() || quick::confirm_all(text, &mut survey).is_some() {
            return Ok((skipped, Some(survey)));
        }
    }
    let survey = match survey(text, Way::Items) {
        Ok(Some(survey)) => survey,
        // Anchors cross the items of a ResourceList.
        Ok(None) => return Ok((Some(Skipped::ResourceList), None)),
        Err(_) if !text.contains("kind") => return Ok((Some(Skipped::NoManifest), None)),
        Err(_) if is_prose(text) => return Ok((Some(Skipped::NoManifest), None)),
        Err(error) => return Err(error),
    };
    Ok((skipped(text, &survey), Some(survey)))
}

/// A template is what holds `{{` and is no YAML, or reads as a mapping whose key is a mapping:
/// `replicas: {{ .Values.replicas }}`.
///
/// Alert rules and message templates keep `{{` in text of manifests, and are none.
fn is_template(text: &str) -> bool {
    match read::documents(text) {
        Ok(documents) => documents.iter().any(|node| node.has_mapping_key()),
        Err(error) => has_action(text, error.at),
    }
}

/// Whether the line on which a text stops being YAML, or the one before it, has `{{` out of quotes.
fn has_action(text: &str, at: usize) -> bool {
    let at = text.floor_char_boundary(at.min(text.len()));
    let end = text[at..]
        .find('\n')
        .map_or(text.len(), |newline| at + newline);
    let mut lines = text[..end]
        .rsplit('\n')
        .filter(|line| !line.trim().is_empty());
    let is_action = |line: &str| {
        let open = line.find("{{").map(|open| &line[..open]);
        let quotes = |before: &str| before.matches(['"', '\'']).count();
        open.is_some_and(|before| quotes(before) % 2 == 0)
    };
    lines.by_ref().take(2).any(is_action)
}

/// A text that is a list, a word or nothing at all, and so no manifest.
fn is_prose(text: &str) -> bool {
    match read::documents(text) {
        Ok(documents) => documents.iter().all(|node| node.entries().is_none()),
        Err(_) => false,
    }
}

fn skipped(text: &str, survey: &Survey<'_>) -> Option<Skipped> {
    let mut kinds = survey
        .kinds
        .iter()
        .filter(|kind| !kind.kind.is_empty() && !kind.version.is_empty())
        .peekable();
    if survey.list.is_some() {
        return Some(Skipped::ResourceList);
    }
    if kinds.peek().is_none() {
        return Some(Skipped::NoManifest);
    }
    let mut kinds: Vec<&str> = kinds.map(|kind| kind.group.as_str()).collect();
    kinds.dedup();
    match kinds[..] {
        [OWN_GROUP] => Some(Skipped::Configuration),
        ["kustomize.config.k8s.io"] if !text.contains("images") => Some(Skipped::Kustomization),
        _ => None,
    }
}

/// In the order of the text, as people read it; then as everywhere.
fn in_order(findings: &mut [Finding]) {
    finding::sort(findings);
    findings.sort_by_key(|finding| finding.span.as_ref().map_or(usize::MAX, |span| span.start));
}

fn outcome(all: &mut All) -> Result<FileOutcome, Error> {
    let mut outcome = FileOutcome {
        skipped: None,
        edits: std::mem::take(&mut all.edits),
        findings: std::mem::take(&mut all.findings),
        images: std::mem::take(&mut all.images),
    };
    sort_edits(&mut outcome.edits)?;
    in_order(&mut outcome.findings);
    Ok(outcome)
}
