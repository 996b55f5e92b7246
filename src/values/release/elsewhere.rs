//! Layers of values in other files than the one that installs a chart.

/// A layer in another file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Elsewhere<'n> {
    /// A key of a ConfigMap.
    ConfigMap {
        /// Its name.
        name: &'n str,
        /// The key.
        key: &'n str,
        /// Whether it may be missing, in an environment that has none.
        may_miss: bool,
    },
    /// A file beside the one that names it, or from the root of the repository where it begins with a
    /// slash.
    File(&'n str),
    /// The values of a chart in a folder of the repository.
    Chart(&'n str),
    /// The values of a chart in a folder beside the file that names it.
    ChartBeside(&'n str),
    /// The values of a chart that kustomize has pulled, or finds, in a folder beside the file that names
    /// it.
    Pulled {
        /// The folder of all charts.
        home: &'n str,
        /// The chart's name.
        name: &'n str,
        /// Its version, where it is of a repository.
        version: Option<&'n str>,
    },
    /// A file of the source that a chart is of, from its root.
    BesideChart {
        /// The chart's folder.
        chart: &'n str,
        /// The file.
        file: &'n str,
    },
    /// A file below a folder of the repository, or several by a pattern.
    FileIn {
        /// The folder.
        folder: &'n str,
        /// The file, or the pattern.
        file: &'n str,
        /// Whether it says nothing where it is missing in a repository that is at hand.
        may_miss: bool,
    },
}

impl Elsewhere<'_> {
    /// Whether it is a chart, and no file of values.
    pub fn is_chart(&self) -> bool {
        matches!(
            self,
            Elsewhere::Chart(_) | Elsewhere::ChartBeside(_) | Elsewhere::Pulled { .. }
        )
    }

    /// What it is, in words.
    pub fn told(&self) -> String {
        match self {
            Elsewhere::ConfigMap { name, .. } => format!("ConfigMap {name}"),
            Elsewhere::File(file)
            | Elsewhere::FileIn { file, .. }
            | Elsewhere::BesideChart { file, .. } => (*file).to_owned(),
            Elsewhere::Chart(folder) | Elsewhere::ChartBeside(folder) => {
                format!("the chart in {folder}")
            }
            Elsewhere::Pulled { name, .. } => format!("the chart {name}"),
        }
    }

    /// Whether a template in its path stands for any text, beside what says which files are meant.
    pub fn is_template(&self) -> bool {
        match self {
            Elsewhere::FileIn { file, .. } => {
                let is_other = file.contains(['*', '?', '[', '$']) || file.contains("://");
                let name = file.strip_suffix(".yaml").or(file.strip_suffix(".yml"));
                let mut parts = name.unwrap_or_default().split("{{");
                let mut literal = parts.next().unwrap_or_default().to_owned();
                literal.extend(parts.map(|part| part.rsplit("}}").next().unwrap_or_default()));
                // Without a word of its own it would stand for any file.
                file.contains("{{") && !is_other && literal.contains(|c| c != '/')
            }
            _ => false,
        }
    }

    /// Whether it is a pattern of paths.
    pub fn is_pattern(&self) -> bool {
        match self {
            Elsewhere::FileIn { file, .. } => {
                file.contains(['*', '?', '['])
                    && !file.contains("{{")
                    && !file.contains(['$'])
                    && !file.contains("://")
            }
            _ => false,
        }
    }
}
