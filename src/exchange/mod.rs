//! Registry mapping rules in the words of other programs: read from their files, and written for them.
//!
//! Each reader takes one format and says what of it no rule can say; [`together()`] combines what
//! several files say into rules that fit together.

mod endpoint;
mod hosts;
mod k3s;
mod kyverno;
mod openshift;
mod registries_conf;
mod renovate;
mod table;
mod together;
mod write;
mod yaml;

use crate::registry::{Prefix, PrefixFault};
use crate::yaml::{Node, Span};
use crate::{mask, quote};

pub use together::{Taken, together};
pub use write::{To, written};

/// What a file is, as its name tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// containers-registries.conf, version 2.
    RegistriesConf,
    /// containerd's hosts.toml, with the name of the folder that it is in.
    Hosts(String),
    /// Objects of OpenShift or Kyverno, k3s' registries.yaml, or Renovate's configuration.
    Yaml,
}

/// What a file says of mirrors.
#[derive(Debug, Default)]
pub struct FileMirrors {
    pairs: Vec<SourceAndMirror>,
    /// Hosts that are spoken to without TLS.
    plain_http: Vec<String>,
    warnings: Vec<ImportWarning>,
    /// Whether it is a file of its format, though it may name no mirror.
    is_known: bool,
    /// Whether the file holds neither a mirror nor an attempt at one.
    pub says_nothing: bool,
    /// Tables that a later file replaces whole where it has them, too.
    tables: Vec<FileTable>,
}

/// A table of a file.
#[derive(Debug)]
struct FileTable {
    /// What it is for.
    source: String,
    /// Its bytes.
    span: Span,
}

/// A source with its mirror.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SourceAndMirror {
    source: Prefix,
    mirror: Prefix,
    at: usize,
}

/// What a rule cannot express, or expresses differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportWarning {
    /// Byte offset in the file.
    pub at: usize,
    /// What it is.
    pub what: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// Why a file gives nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportFault {
    /// Byte offset in the file.
    pub at: usize,
    /// The fault.
    pub what: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl From<crate::yaml::Error> for ImportFault {
    fn from(error: crate::yaml::Error) -> Self {
        ImportFault {
            at: error.at,
            what: error.what,
            help: error.help,
        }
    }
}

/// Reads a file.
///
/// # Errors
/// It is not written in its format, or says nothing that is known here.
pub fn read(format: &Format, text: &str) -> Result<FileMirrors, ImportFault> {
    let mut found = match format {
        Format::RegistriesConf => registries_conf::read(text),
        Format::Hosts(folder) => hosts::read(text, folder),
        Format::Yaml => yaml::read(text),
    }?;
    if found.pairs.is_empty() && found.warnings.is_empty() && !found.is_known {
        found.says_nothing = true;
        found.warn_with_help(0, "says nothing of mirrors", "give what configures them");
    }
    Ok(found)
}

/// A text of a file, and where it is.
#[derive(Debug, Clone, Copy)]
struct LocatedText<'t> {
    text: &'t str,
    at: usize,
}

/// A scalar's text with its place, after any quote.
fn written_at<'n>(node: &'n Node<'_>) -> Option<LocatedText<'n>> {
    let text = node.scalar()?;
    let span = &node.target().span;
    let quotes = span.len().saturating_sub(text.len()) / 2;
    Some(LocatedText {
        text,
        at: span.start + quotes.min(1),
    })
}

/// Help where a mirror is for digests alone, or tags.
const LOOK: &str = "see what the mirror holds: restore-images mirror status";

impl FileMirrors {
    fn warn(&mut self, at: usize, what: impl Into<String>) {
        let what = what.into();
        self.warnings.push(ImportWarning {
            at,
            what,
            help: None,
        });
    }

    fn warn_with_help(&mut self, at: usize, what: impl Into<String>, help: &str) {
        self.warn(at, what);
        if let Some(warning) = self.warnings.last_mut() {
            warning.help = Some(help.to_owned());
        }
    }

    /// A rule of a source and the first of its mirrors, as far as a rule can say it.
    fn pair(&mut self, source: LocatedText<'_>, mirrors: &[LocatedText<'_>]) {
        let Some((first, others)) = mirrors.split_first() else {
            return;
        };
        let Some((from, to)) = self.prefix(source).zip(self.prefix(*first)) else {
            return;
        };
        if !others.is_empty() {
            let others: Vec<String> = others.iter().map(|other| shown(other.text)).collect();
            self.warn(
                others_at(mirrors),
                format!(
                    "{from} has {} mirrors in order, and a rule has one: {to} is taken, and {} left out",
                    mirrors.len(),
                    others.join(", ")
                ),
            );
        }
        self.pairs.push(SourceAndMirror {
            source: from,
            mirror: to,
            at: source.at,
        });
    }

    /// A prefix; a text that is not one is left out and reported.
    fn prefix(&mut self, written: LocatedText<'_>) -> Option<Prefix> {
        let error = match Prefix::parse(written.text) {
            Ok(prefix) => return Some(prefix),
            Err(error) => error,
        };
        let text = shown(written.text);
        if written.text.contains('*') {
            let what = format!("{text} is for many hosts, and a rule is for one: left out");
            self.warn_with_help(written.at, what, "write a rule for each host");
            return None;
        }
        let version = match error.fault {
            PrefixFault::Tag => "a tag",
            PrefixFault::Digest => "a digest",
            _ => {
                let help = error.help();
                self.warn(written.at, format!("{error}: left out"));
                if let Some(warning) = self.warnings.last_mut() {
                    warning.help = help;
                }
                return None;
            }
        };
        let what = format!(
            "{text} names {version}, and a rule is for every version of its images: left out"
        );
        self.warn(written.at, what);
        None
    }
}

/// Where the second of several mirrors is.
fn others_at(mirrors: &[LocatedText<'_>]) -> usize {
    mirrors.get(1).map_or(0, |other| other.at)
}

/// A text of a file in backticks, cut, without what may be a password.
fn shown(text: &str) -> String {
    format!("`{}`", quote::piece(&mask::location(text)))
}
