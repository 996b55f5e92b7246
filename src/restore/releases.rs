//! The values of charts in files that are judged together: in objects that install charts, in the
//! files and ConfigMaps that these refer to, beside charts, and in files that the configuration names.

mod charts;
mod doublestar;
mod environments;
mod file;
mod joined;
mod layers;
mod outcome;
mod paths;
mod resolve;
mod set;
mod source_files;
mod sources;
mod targets;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::config::{Config, Date, ReadValues};
use crate::edit::Edit;
use crate::finding::{Finding, Rule};
use crate::judge::values::{CountedName, OfBuilds, OverChart, unit};
use crate::judge::{ImageUse, Met, Wants};
use crate::krm::item_config::ItemConfig;
use crate::krm::survey::Survey;
use crate::sort::gather;
use crate::yaml::{self, Node};

use super::seen::Unread;
use super::skipped::Skipped;
use super::source::SourceFile;
use file::ReleaseFile;
use paths::Paths;
use set::ReleaseSet;

/// The files that values may be in.
pub(super) struct Among<'a> {
    /// The files.
    pub(super) files: &'a [SourceFile<'a>],
    /// The day that exceptions are judged by.
    pub(super) today: Date,
    /// What else is wanted.
    pub(super) wants: Wants,
    /// What builds make of the objects that install charts, and of the charts' images.
    pub(super) builds: OfBuilds<'a>,
    /// By the position of a file that kustomizations name as a generator, their paths.
    pub(super) generators: &'a HashMap<usize, BTreeSet<String>>,
}

/// What the values in one file gave.
#[derive(Debug, Default)]
pub(super) struct OfValues {
    pub(super) edits: Vec<Edit>,
    pub(super) findings: Vec<Finding>,
    pub(super) images: Vec<ImageUse>,
    /// Where parts of images are written that were read.
    pub(super) read: BTreeSet<usize>,
    /// The images whose names are in it, each with where parts of it are written.
    pub(super) counted: BTreeMap<CountedName, Vec<usize>>,
    /// Values that read like images, and are judged as none.
    pub(super) unread: Vec<Unread>,
    /// What the values in it are for.
    pub(super) values: Vec<ValuesOf>,
}

/// Values in a file, as one layer of what a chart is installed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValuesOf {
    /// The chart's name, where it is known.
    pub chart: Option<String>,
    /// The object that installs the chart, `HelmRelease monitoring/datadog`; none for values beside a
    /// chart, and those that the configuration names.
    pub installed_by: Option<String>,
    /// The agents whose profiles know the chart.
    pub agents: Vec<String>,
    /// The positions of the files of all layers, the lowest one first; `None` for one that is in no
    /// file that was read.
    pub layers: Arc<[Option<usize>]>,
    /// Which of the layers it is.
    pub layer: usize,
}

/// What the values in all files gave, by the position of the file; each file that was read is there.
#[derive(Debug, Default)]
pub(super) struct Values {
    pub(super) files: BTreeMap<usize, OfValues>,
    /// The files that cannot be read as values, and why.
    pub(super) refused: BTreeMap<usize, yaml::Error>,
    pub(super) seen: Met,
    /// By the position of a chart's file, what each install of the chart does to what is rendered of it.
    pub(super) over_templates: BTreeMap<usize, Vec<OverChart>>,
}

impl Values {
    /// What the values in the file of a position gave.
    fn of_file(&mut self, position: usize) -> &mut OfValues {
        self.files.entry(position).or_default()
    }
}

/// Kinds that releases refer to.
const REFERRED: [&str; 5] = [
    "ConfigMap",
    "GitRepository",
    "HelmChart",
    "HelmRepository",
    "OCIRepository",
];

/// Judges the values of charts.
pub(super) fn restore(
    files: &Among<'_>,
    config: &Config,
    gathered: &ItemConfig<'_>,
    surveys: &[(usize, &Survey<'_>)],
) -> Values {
    let values = of_all(files, config, gathered, surveys);
    if config.values == ReadValues::None {
        // What is rendered of charts is no value of theirs.
        return Values {
            over_templates: values.over_templates,
            ..Values::default()
        };
    }
    values
}

/// Judges the values of charts, whichever are wanted.
fn of_all(
    files: &Among<'_>,
    config: &Config,
    gathered: &ItemConfig<'_>,
    surveys: &[(usize, &Survey<'_>)],
) -> Values {
    let paths = Paths::of(files);
    let installing = paths.installing(files, config, surveys);
    if installing.is_empty() {
        return Values::default();
    }
    let judge = |all: &[ReleaseFile<'_>]| judged(all, &paths, files, config, gathered);
    let alone = |file: &ReleaseFile<'_>| {
        let judged = judge(std::slice::from_ref(file));
        judged
            .err()
            .map(|error| file.check().err().unwrap_or(error))
    };
    let whole = |file: &ReleaseFile<'_>| file.check().err();
    let none = |_: &ReleaseFile<'_>| None;
    // Where a look-up is refused, it is found which files are at fault: those that cannot be judged
    // alone, or else those that hold what look-ups refuse.
    let mut last = None;
    for refuses in [
        &none as &dyn Fn(&ReleaseFile<'_>) -> Option<yaml::Error>,
        &alone,
        &whole,
    ] {
        let mut reading = ReleaseReader {
            files,
            paths: &paths,
            refuses,
            refused: BTreeMap::new(),
        };
        match reading
            .all(&installing, surveys)
            .and_then(|all| judge(&all))
        {
            Ok(values) => {
                return Values {
                    refused: reading.refused,
                    ..values
                };
            }
            Err(error) => last = Some(error),
        }
    }
    let refused = installing.into_iter().zip(last).take(1);
    let at_start = |(position, error)| {
        let error = yaml::Error {
            at: 0,
            first: None,
            ..error
        };
        (position, error)
    };
    Values {
        refused: gather(refused.map(at_start)),
        ..Values::default()
    }
}

/// Files that are being read.
struct ReleaseReader<'r, 'a> {
    files: &'r Among<'a>,
    paths: &'r Paths<'r>,
    /// Why a file cannot be read, if it cannot.
    refuses: &'r dyn Fn(&ReleaseFile<'_>) -> Option<yaml::Error>,
    /// What was refused, by the position of the file.
    refused: BTreeMap<usize, yaml::Error>,
}

impl<'a> ReleaseReader<'_, 'a> {
    /// The files that install charts, and those that these refer to.
    fn all(
        &mut self,
        installing: &BTreeSet<usize>,
        surveys: &[(usize, &Survey<'_>)],
    ) -> Result<Vec<ReleaseFile<'a>>, yaml::Error> {
        let mut all = self.read(installing);
        let mut more = BTreeSet::new();
        for file in &all {
            for release in file.releases()? {
                self.paths.referred(file, &release, &mut more);
            }
            if file.is_chart() {
                more.extend(self.paths.values_beside(&file.path));
            }
        }
        let needs_objects = all.iter().any(|file| {
            file.text.contains("valuesFrom")
                || file.text.contains("ourceRef")
                || file.text.contains("chartRef")
        });
        if needs_objects {
            for (position, survey) in surveys {
                let refers = |kind: &str| REFERRED.contains(&kind);
                if survey.kinds.iter().any(|kind| refers(&kind.kind)) {
                    more.insert(*position);
                }
            }
            more.extend(self.paths.generating(self.files));
            let files = self.files.files.iter().enumerate();
            let elsewhere = files.filter(|(_, file)| {
                file.left_out == Some(Skipped::Referring)
                    && file.text.contains("source.toolkit.fluxcd.io")
            });
            more.extend(elsewhere.map(|(position, _)| position));
        }
        more.extend(self.paths.source_files().map(|(position, _)| position));
        let more: BTreeSet<usize> = more.difference(installing).copied().collect();
        all.extend(self.read(&more));
        let mut generated = BTreeSet::new();
        for file in &all {
            generated.extend(self.paths.generated(file)?);
        }
        let known: BTreeSet<usize> = installing.union(&more).copied().collect();
        let generated: BTreeSet<usize> = generated.difference(&known).copied().collect();
        all.extend(self.read(&generated));
        Ok(all)
    }

    /// Reads files; those that are no YAML are told elsewhere.
    fn read(&mut self, positions: &BTreeSet<usize>) -> Vec<ReleaseFile<'a>> {
        let mut read = Vec::new();
        for &position in positions {
            let Some(file) = ReleaseFile::read(self.files, position) else {
                continue;
            };
            match (self.refuses)(&file) {
                None => read.push(file),
                Some(error) => {
                    self.refused.insert(position, within(error, file.text));
                }
            }
        }
        read
    }
}

/// What is said of a file that the configuration names and that cannot be read.
const NO_YAML: &str = "`files.values` of the configuration names it, and it is no YAML before it is rendered, so \
                       that its images are not checked: name what is rendered of it";

/// Judges what files say together.
fn judged(
    all: &[ReleaseFile<'_>],
    paths: &Paths<'_>,
    files: &Among<'_>,
    config: &Config,
    gathered: &ItemConfig<'_>,
) -> Result<Values, yaml::Error> {
    let releases = ReleaseSet::of(paths, all)?;
    let inner: Vec<Option<Node<'_>>> = releases
        .texts
        .iter()
        .map(|(_, text)| unit::document(text.text()))
        .collect();
    let mut values = releases.judge(files, config, gathered, &inner)?;
    let read: BTreeSet<usize> = all.iter().map(|file| file.position).collect();
    for position in paths
        .named_by(files, config)
        .filter(|position| !read.contains(position))
    {
        let file = &files.files[position];
        if file.left_out.is_none() && yaml::parse::documents(file.text).is_err() {
            let mut finding = Finding::new(Rule::UnresolvedImage, config.mode, NO_YAML.to_owned());
            finding.span = Some(0..0);
            values.of_file(position).findings.push(finding);
        }
    }
    Ok(values)
}

/// A fault whose offsets count in a text, perhaps in a document inside that text.
fn within(error: yaml::Error, text: &str) -> yaml::Error {
    let is_within = |at: &usize| text.is_char_boundary(*at);
    yaml::Error {
        at: Some(error.at).filter(is_within).unwrap_or_default(),
        first: error.first.filter(is_within),
        ..error
    }
}
