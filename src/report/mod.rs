//! Reports for people and programs: the model of a report, a module for each format, and `joined/` for
//! reports that were written before.
//!
//! Text of the input goes through `quote.rs` before it goes into a format.

mod continued;
pub mod counts;
pub mod diagnostic;
pub mod diff;
mod fingerprint;
pub mod github;
pub mod gitlab;
#[cfg(feature = "pages")]
pub mod html;
#[cfg(feature = "pages")]
pub mod joined;
pub mod json;
pub mod junit;
mod line;
pub mod markdown;
pub mod quota;
mod remedy;
pub mod sarif;
pub mod short;
pub mod summary;
pub mod table;
pub mod text;
mod tokens;
pub mod unread;

use std::borrow::Cow;

use crate::agent::Agent;
use crate::config::Config;
use crate::error::Error;
use crate::finding::{Finding, Severity};
use crate::restore::role::Roles;
use crate::restore::{FileOutcome, Roots};
use crate::yaml::Span;
use crate::yaml::place::{LineColumn, places};

/// What was done with the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// They were only looked at.
    Checked,
    /// They were restored.
    Restored,
    /// They would be restored.
    WouldRestore,
}

/// A file, and what was found in it.
#[derive(Debug)]
pub struct FileReport<'a> {
    /// Its path as it is shown.
    pub path: &'a str,
    /// Its text before any edit; empty where it could not be read.
    pub text: &'a str,
    /// What was found, or why nothing could be.
    pub result: Result<&'a FileOutcome, Problem>,
}

/// Why a file could not be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where in its text, if its text could be read.
    pub at: Option<usize>,
    /// What is wrong, on one line.
    pub what: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// What was found in some files.
#[derive(Debug)]
pub struct Report<'a> {
    /// What was done.
    pub done: Done,
    /// The files, in the order of their paths.
    pub files: Vec<FileReport<'a>>,
    /// Findings about the configuration, or about all of the files.
    pub findings: &'a [Finding],
    /// The configuration that the files were judged by.
    pub config: &'a Config,
    /// Its path, where it is a file.
    pub config_path: Option<&'a str>,
    /// Its text, in which findings about it have their places.
    pub config_text: Option<&'a str>,
    /// The roots among the files, where the files themselves were judged and no builds of them.
    pub roots: Option<&'a Roots>,
    /// What each file is for, where that is wanted.
    pub roles: Option<Roles>,
    /// The repository that the paths are in, where one holds the working folder.
    pub repository: Option<GitRepository>,
    /// The least severity that fails the run.
    pub fails_from: Severity,
}

/// A Git repository, and where in it the program runs.
#[derive(Debug, Clone)]
pub struct GitRepository {
    /// Its absolute path.
    pub root: String,
    /// The working folder's path from there; empty at the root.
    pub folder: String,
}

impl Report<'_> {
    /// A path as services that know the repository alone have it: from its root on.
    pub fn in_repository<'p>(&self, path: &'p str) -> Cow<'p, str> {
        let Some(repository) = &self.repository else {
            return Cow::Borrowed(path);
        };
        let root = repository.root.as_str();
        if let Some(below) = path
            .strip_prefix(root)
            .and_then(|rest| rest.strip_prefix('/'))
        {
            return Cow::Borrowed(below);
        }
        if path.starts_with('/') {
            return Cow::Borrowed(path);
        }
        let mut parts: Vec<&str> = Vec::new();
        let folder = repository.folder.split('/');
        for part in folder.chain(path.split('/')) {
            match part {
                "" | "." => {}
                // What lies outside of the repository has no path in it.
                ".." if parts.pop().is_none() => return Cow::Borrowed(path),
                ".." => {}
                _ => parts.push(part),
            }
        }
        Cow::Owned(parts.join("/"))
    }

    /// The path that findings about all of the files count to: the configuration's, or that of the
    /// first file.
    fn of_all_path(&self) -> Cow<'_, str> {
        let first = self.files.first().map(|file| file.path);
        let path = self.config_path.or(first);
        self.in_repository(path.unwrap_or_default())
    }

    /// Where in the configuration a finding about it is.
    pub fn config_region(&self, finding: &Finding) -> Option<Region> {
        let (text, span) = (self.config_text?, finding.span.clone()?);
        Some(region(text, on_one_line(text, &span)))
    }

    /// The configuration's path, with line and column where a finding about it has them.
    fn config_place(&self, finding: &Finding) -> Option<String> {
        let path = self.config_path?;
        Some(match self.config_region(finding) {
            Some(region) => format!("{path}:{}", region.start),
            None => path.to_owned(),
        })
    }

    /// The agent that a finding is about.
    pub fn agent(&self, finding: &Finding) -> Option<&Agent> {
        let name = finding.agent.as_ref()?;
        self.config.agents.iter().find(|agent| agent.name == *name)
    }

    /// Every finding, of the files and of the run.
    fn all_findings(&self) -> impl Iterator<Item = &Finding> {
        let of_files = self.files.iter().flat_map(FileReport::findings);
        of_files.chain(self.findings)
    }

    /// Whether a finding is of a severity.
    pub fn has(&self, severity: Severity) -> bool {
        let mut all = self.all_findings();
        all.any(|finding| finding.severity == severity)
    }

    /// How many findings were left that a check refuses.
    pub fn left(&self) -> usize {
        let all = self.all_findings();
        all.filter(|finding| finding.is_left()).count()
    }

    /// Whether a file could not be judged.
    pub fn has_problems(&self) -> bool {
        self.files.iter().any(|file| file.result.is_err())
    }
}

impl FileReport<'_> {
    /// What was found in the file.
    pub fn findings(&self) -> &[Finding] {
        self.result
            .as_ref()
            .map_or(&[], |outcome| &outcome.findings)
    }

    /// The character at which reading the file failed, if that is known.
    pub fn problem_region(&self) -> Option<Region> {
        let problem = self.result.as_ref().err()?;
        let at = problem.at?.min(self.text.len());
        let next = self.text[at..].chars().next().filter(|c| !c.is_control());
        let end = at + next.map_or(0, char::len_utf8);
        Some(region(self.text, at..end))
    }

    /// The findings with the places where each begins and ends.
    pub fn placed(&self) -> impl Iterator<Item = (&Finding, Option<Region>)> {
        let findings = self.findings();
        let spans: Vec<Span> = findings
            .iter()
            .map(|finding| {
                finding
                    .span
                    .as_ref()
                    .map_or(0..0, |span| on_one_line(self.text, span))
            })
            .collect();
        let regions = regions(self.text, &spans);
        findings
            .iter()
            .zip(regions)
            .map(|(finding, region)| (finding, finding.span.as_ref().map(|_| region)))
    }
}

impl Problem {
    /// A fault in the file's own text as a problem.
    pub fn of(error: &Error) -> Self {
        let fault = error.fault();
        let key = match &*fault.key {
            "" => String::new(),
            key => format!("{key}: "),
        };
        Problem {
            at: Some(fault.at),
            what: text::one_line(&format!("{key}{}", fault.what)),
            help: fault.help.as_deref().map(text::one_line),
        }
    }
}

impl Problem {
    /// What is wrong and, after `between`, what to do about it, if that is known.
    fn with_help(&self, between: &str) -> String {
        match &self.help {
            Some(help) => format!("{}{between}{help}", self.what),
            None => self.what.clone(),
        }
    }
}

/// Some bytes of a text, and where they begin and end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// The bytes.
    pub span: Span,
    /// Where they begin.
    pub start: LineColumn,
    /// The place right after the last one.
    pub end: LineColumn,
}

/// The region of one span.
pub fn region(text: &str, span: Span) -> Region {
    let places = places(text, &[span.start, span.end]);
    Region {
        span,
        start: places[0],
        end: places[1],
    }
}

/// The regions of spans, in one pass over the text.
pub fn regions(text: &str, spans: &[Span]) -> Vec<Region> {
    let offsets: Vec<usize> = spans
        .iter()
        .flat_map(|span| [span.start, span.end])
        .collect();
    let places = places(text, &offsets);
    let ends = places.chunks_exact(2).zip(spans);
    ends.map(|(pair, span)| Region {
        span: span.clone(),
        start: pair[0],
        end: pair[1],
    })
    .collect()
}

/// The part of a span on its first line: the span of a block ends at the next token, lines later.
fn on_one_line(text: &str, span: &Span) -> Span {
    let value = &text[span.clone()];
    let line = value.split(['\n', '\r']).next().unwrap_or_default();
    let line = line.trim_end();
    span.start..span.start + line.len()
}

/// The folder of a file.
fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or(".", |(folder, _)| folder)
}
