//! The files by their paths: which of them may install charts, and which are referred to.

mod names;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeSet, HashMap};

use crate::config::Config;
use crate::krm::KUSTOMIZE_GROUP;
use crate::krm::kinds::ResourceKind;
use crate::krm::survey::Survey;
use crate::sort::{sort, sort_by, sort_by_key};
use crate::tree::{
    References, TreeFile, by_path, folder_of, is_kustomization, is_source_file, join, name_of,
    references,
};
use crate::values::{Elsewhere, Release};
use crate::yaml::Error;

use super::super::source::SourceFile;
use super::file::ReleaseFile;
use super::layers::{GeneratedOf, generated};
use super::{Among, doublestar};
use names::{ends, has_name_of_values, without_templates};

/// The positions of files by their paths.
pub(super) struct Paths<'t> {
    by_path: HashMap<Cow<'t, str>, usize>,
    /// The files with the name of values, by the folder that they are in.
    values: HashMap<String, Vec<(String, usize)>>,
    /// By each end of a path, from a slash on: the only file whose path ends so. Made where the root
    /// of the repository is above what was given.
    by_end: OnceCell<HashMap<String, Option<usize>>>,
    /// The paths of charts, by the positions of their files.
    of_charts: HashMap<usize, String>,
    /// The charts in each folder, by their files.
    charts: HashMap<String, Vec<usize>>,
    /// The files beside sources of Argo CD, each with the chart in its folder.
    source_files: Vec<(usize, Option<usize>)>,
    /// The kustomizations that name a file as a generator: what it names counts from them.
    generators: &'t HashMap<usize, BTreeSet<String>>,
    files: &'t [SourceFile<'t>],
    /// Which kustomizations refer to which files; read where something has to be told apart.
    references: OnceCell<References>,
}

impl<'t> Paths<'t> {
    pub(super) fn of(files: &Among<'t>) -> Self {
        let by_path = by_path(files.files.iter().map(|file| file.path));
        let mut values: HashMap<String, Vec<(String, usize)>> = HashMap::new();
        for (path, &position) in &by_path {
            if has_name_of_values(path) {
                let of_folder = values.entry(folder_of(path).to_owned()).or_default();
                of_folder.push((path.to_string(), position));
            }
        }
        // The chart's own are the lowest layer.
        for of_folder in values.values_mut() {
            sort_by(of_folder, |(one, _), (other, _)| {
                (one.len(), one).cmp(&(other.len(), other))
            });
        }
        let mut charts: HashMap<String, Vec<usize>> = HashMap::new();
        for (path, &position) in &by_path {
            if let Some(folder) = path.strip_suffix("/Chart.yaml") {
                let all = charts.entry(folder_of(folder).to_owned()).or_default();
                all.push(position);
            }
        }
        charts.values_mut().for_each(|all| sort(all));
        let of_charts = by_path.iter();
        let of_charts = of_charts.filter(|(path, _)| path.ends_with("Chart.yaml"));
        let of_charts = of_charts.map(|(path, &position)| (position, path.to_string()));
        let source_files = by_path.iter().filter(|(path, _)| is_source_file(path));
        let source_files = source_files.map(|(path, &position)| {
            let chart = join(folder_of(path), "Chart.yaml");
            (
                position,
                chart.and_then(|chart| by_path.get(&*chart)).copied(),
            )
        });
        let mut source_files: Vec<(usize, Option<usize>)> = source_files.collect();
        sort(&mut source_files);
        Paths {
            of_charts: of_charts.collect(),
            source_files,
            generators: files.generators,
            files: files.files,
            references: OnceCell::new(),
            by_path,
            values,
            by_end: OnceCell::new(),
            charts,
        }
    }

    /// Which kustomizations refer to which files.
    pub(super) fn references(&self) -> &References {
        self.references.get_or_init(|| {
            let files: Vec<TreeFile<'_>> = self.files.iter().map(SourceFile::in_tree).collect();
            references(&files)
        })
    }

    /// The files beside sources of Argo CD, each with the chart in its folder.
    pub(super) fn source_files(&self) -> impl Iterator<Item = (usize, Option<usize>)> {
        self.source_files.iter().copied()
    }

    /// The charts in the folders of a folder.
    pub(super) fn charts_in(&self, folder: &str) -> &[usize] {
        self.charts.get(folder).map_or(&[], |charts| charts)
    }

    /// The paths from which a file counts those that it names.
    fn bases<'p>(&'p self, file: &'p ReleaseFile<'_>) -> Vec<&'p str> {
        match self.generators.get(&file.position) {
            Some(by) => by.iter().map(String::as_str).collect(),
            None => vec![&file.path],
        }
    }

    /// The files that may install charts.
    pub(super) fn installing(
        &self,
        files: &Among<'_>,
        config: &Config,
        surveys: &[(usize, &Survey<'_>)],
    ) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        // Skip kustomizations without a chart, whose key kustomize finds whatever its case.
        let brings = |position: usize| {
            let text = files.files[position].text.to_ascii_lowercase();
            text.contains("helmchart")
        };
        for (position, survey) in surveys {
            let mut kinds = survey.kinds.iter();
            let installs = kinds.any(|kind| config.keeps_values(&kind.group, &kind.kind));
            let is_own = |kind: &ResourceKind| kind.group == KUSTOMIZE_GROUP;
            if installs && (!survey.kinds.iter().any(is_own) || brings(*position)) {
                found.insert(*position);
            }
        }
        for (path, &position) in &self.by_path {
            let installs = match name_of(path) {
                _ if is_kustomization(path) => brings(position),
                "fleet.yaml" => files.files[position].text.contains("helm"),
                "Chart.yaml" | "Chart.yml" => true,
                _ => config.values_file(files.files[position].place).is_some(),
            };
            if installs {
                found.insert(position);
            }
        }
        found
    }

    /// The files that the configuration names as values.
    pub(super) fn named_by<'p>(
        &'p self,
        files: &'p Among<'_>,
        config: &'p Config,
    ) -> impl Iterator<Item = usize> {
        let is_named = |position: usize| config.values_file(files.files[position].place).is_some();
        let named = self.by_path.values().copied();
        named.filter(move |&position| is_named(position))
    }

    /// The kustomizations that generate ConfigMaps.
    pub(super) fn generating(&self, files: &Among<'_>) -> Vec<usize> {
        let positions = self.by_path.values().copied();
        let generates = |position: &usize| {
            let text = files.files[*position].text;
            text.contains("onfigMapGenerator")
        };
        positions.filter(generates).collect()
    }

    /// The files of which a kustomization generates ConfigMaps.
    pub(super) fn generated(&self, file: &ReleaseFile<'_>) -> Result<Vec<usize>, Error> {
        let mut found = Vec::new();
        for root in file.roots.iter().take(1) {
            let generated = generated(root)?.into_iter();
            found.extend(generated.filter_map(|one| match one.of {
                GeneratedOf::File(of) => self.beside(&file.path, of),
                GeneratedOf::Literal(_) => None,
            }));
        }
        Ok(found)
    }

    /// The file of a path that another file names.
    pub(super) fn beside(&self, from: &str, path: &str) -> Option<usize> {
        self.by_path.get(&*join(folder_of(from), path)?).copied()
    }

    /// Values beside a chart: `values.yaml`, and those of an environment.
    pub(super) fn values_beside(&self, chart: &str) -> impl Iterator<Item = usize> {
        let values = self.values.get(folder_of(chart)).into_iter().flatten();
        values.map(|(_, position)| *position)
    }

    /// The file of a path, or the only one whose path ends so: the root of the repository may be above
    /// what was given.
    pub(super) fn find(&self, path: &str) -> Option<usize> {
        let path = join("", path)?;
        if let Some(&position) = self.by_path.get(&*path) {
            return Some(position);
        }
        let by_end = self.by_end.get_or_init(|| ends(&self.by_path));
        *by_end.get(&format!("/{}", path.trim_start_matches('/')))?
    }

    /// The files that a file means: several where kustomizations of several folders use it.
    pub(super) fn elsewhere(
        &self,
        file: &ReleaseFile<'_>,
        elsewhere: &Elsewhere<'_>,
    ) -> BTreeSet<usize> {
        if elsewhere.is_pattern() || elsewhere.is_template() {
            return self.matched(elsewhere).into_iter().collect();
        }
        let bases = self.bases(file).into_iter();
        bases
            .filter_map(|base| self.named_from(base, elsewhere))
            .collect()
    }

    /// The files that a pattern of `valueFiles` means, or a path with templates, in the order in which
    /// Argo CD gives them to Helm: those of a folder before those below it, by their names.
    pub(super) fn matched(&self, elsewhere: &Elsewhere<'_>) -> Vec<usize> {
        let Elsewhere::FileIn { folder, file, .. } = elsewhere else {
            return Vec::new();
        };
        let Some(pattern) = join(folder.trim_matches('/'), file.trim_start_matches('/')) else {
            return Vec::new();
        };
        let pattern = without_templates(pattern);
        let patterns = doublestar::alternatives(&pattern);
        let is_meant = |path: &str| {
            let mut patterns = patterns.iter();
            patterns.any(|pattern| doublestar::matches(pattern, path))
        };
        let paths = self.by_path.iter();
        let matched = paths.filter(|(path, _)| is_meant(path));
        let matched = matched.map(|(path, &position)| (&**path, position));
        let mut matched: Vec<(&str, usize)> = matched.collect();
        sort_by_key(&mut matched, |(path, _)| doublestar::order(path));
        matched.into_iter().map(|(_, position)| position).collect()
    }

    fn named_from(&self, from: &str, elsewhere: &Elsewhere<'_>) -> Option<usize> {
        let chart = |folder: &str| format!("{}/Chart.yaml", folder.trim_end_matches('/'));
        match elsewhere {
            Elsewhere::File(file) => self.beside(from, file),
            Elsewhere::FileIn { folder, file, .. } => {
                let path = join(folder.trim_matches('/'), file)?;
                self.find(&path)
            }
            Elsewhere::Chart(folder) => self.find(&chart(folder)),
            Elsewhere::ChartBeside(folder) => self.beside(from, &chart(folder)),
            Elsewhere::Pulled {
                home,
                name,
                version,
            } => {
                let pulled = version.map(|version| format!("{home}/{name}-{version}/{name}"));
                let pulled = pulled.and_then(|folder| self.beside(from, &chart(&folder)));
                pulled.or_else(|| self.beside(from, &chart(&format!("{home}/{name}"))))
            }
            Elsewhere::BesideChart { chart: of, file } => {
                let own = chart(of);
                let own = join("", own.trim_start_matches("./"))?;
                let root = self.of_charts.get(&self.find(&own)?)?;
                let root = root.strip_suffix(&own)?;
                self.by_path
                    .get(&*join(root.trim_end_matches('/'), file)?)
                    .copied()
            }
            Elsewhere::ConfigMap { .. } => None,
        }
    }

    /// Notes the files that a release refers to.
    pub(super) fn referred(
        &self,
        file: &ReleaseFile<'_>,
        release: &Release<'_, '_>,
        found: &mut BTreeSet<usize>,
    ) {
        for (_, elsewhere) in &release.elsewhere {
            found.extend(self.elsewhere(file, elsewhere));
        }
    }
}
