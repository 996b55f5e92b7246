//! Which files are left out: patterns in the syntax of `.gitignore`, checked.

use ignore::gitignore::GitignoreBuilder;
use schemars::JsonSchema;
use serde::Deserialize;

use super::fault::{ConfigFault, quoted};
use super::spanned::Spanned;
use crate::glob;

/// Which files the commands over files leave out. A function reads no files, so that it changes
/// nothing there.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct FilesEntry {
    /// Files and folders that are neither judged nor edited, in the syntax of `.gitignore`: `test/`,
    /// `/charts/*/templates`, `!keep.yaml`. They begin at the folder of this file, or at the working
    /// folder where it is given by `--config`.
    #[schemars(inner(length(min = 1)))]
    pub(super) exclude: Vec<Spanned<String>>,
    /// Files that are values of charts, where nothing else in the tree says so.
    pub(super) values: Vec<ValuesFileEntry>,
}

/// Files that are values of a chart.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ValuesFileEntry {
    /// The files, `*` for any text: `clusters/*/datadog.yaml`. Where it begins with no slash, any
    /// folders may be before it.
    pub(super) path: Spanned<String>,
    /// The chart's name; left out, its values are read as those of an unknown chart.
    pub(super) chart: Option<Spanned<String>>,
    /// The repository of the chart.
    pub(super) repository: Option<String>,
    /// The version of the chart. Quote it.
    pub(super) version: Option<String>,
}

/// Files that are values of a chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValuesFile {
    /// A pattern with `*`.
    pub path: String,
    /// Where it is in the configuration.
    pub at: usize,
    /// The chart's name.
    pub chart: Option<String>,
    /// Where that is in the configuration.
    pub chart_at: usize,
    /// Its repository.
    pub repository: Option<String>,
    /// Its version.
    pub version: Option<String>,
}

impl ValuesFile {
    /// Whether a file is one of these; its path has no leading `./`.
    pub fn is(&self, path: &str) -> bool {
        glob::is_file(&self.path, path)
    }
}

/// The files that are values of charts.
pub(super) fn values(files: &FilesEntry) -> Vec<ValuesFile> {
    let files = files.values.iter().map(|entry| ValuesFile {
        path: entry.path.value.clone(),
        at: entry.path.at,
        chart: entry.chart.as_ref().map(|chart| chart.value.clone()),
        chart_at: entry.chart.as_ref().map_or(0, |chart| chart.at),
        repository: entry.repository.clone(),
        version: entry.version.clone(),
    });
    files.collect()
}

/// The patterns, which are legal.
pub(super) fn excluded(files: &FilesEntry) -> Result<Vec<String>, ConfigFault> {
    let patterns = files.exclude.iter().map(|written| {
        let pattern = &written.value;
        let help = match pattern_fault(pattern) {
            None => return Ok(pattern.clone()),
            Some(help) => help,
        };
        let fault = written.fault(format!("{} is not a pattern", quoted(pattern)));
        Err(fault.help(help))
    });
    patterns.collect()
}

/// Why a text is no pattern of `.gitignore`, as a help; `None` where it is one.
pub fn pattern_fault(pattern: &str) -> Option<String> {
    let is_lines = pattern.contains(['\n', '\r']);
    let says_nothing = pattern.trim().is_empty() || pattern.starts_with('#');
    if is_lines || says_nothing {
        return Some("write one as in .gitignore: `test/`, `*.tmpl.yaml`".to_owned());
    }
    let mut builder = GitignoreBuilder::new("");
    let error = builder.add_line(None, pattern).err()?;
    // The library repeats the pattern before the reason.
    let reason = error.to_string();
    let reason = reason.rsplit("': ").next().unwrap_or_default();
    Some(format!("write one as in .gitignore; here, {reason}"))
}
