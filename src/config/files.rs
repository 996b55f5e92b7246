//! Which files are left out: patterns in the words of `.gitignore`, checked.

use ignore::gitignore::GitignoreBuilder;
use schemars::JsonSchema;
use serde::Deserialize;

use super::fault::{ConfigFault, quoted};
use super::spanned::Spanned;

/// Which files the commands over files leave out. A function reads no files, so that it changes
/// nothing there.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct FilesEntry {
    /// Files and folders that are neither judged nor edited, in the words of `.gitignore`: `test/`,
    /// `/charts/*/templates`, `!keep.yaml`. They begin at the folder of this file, or at the working
    /// folder where it is given by `--config`.
    pub(super) exclude: Vec<Spanned<String>>,
}

/// The patterns, which are legal.
pub(super) fn excluded(files: &FilesEntry) -> Result<Vec<String>, ConfigFault> {
    let patterns = files.exclude.iter().map(|written| {
        let pattern = &written.value;
        let help = match pattern_fault(pattern) {
            None => return Ok(pattern.clone()),
            Some(help) => help,
        };
        let fault = written.fault(format!("{} is no pattern", quoted(pattern)));
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
