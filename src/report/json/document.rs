//! The report as a JSON document: the types that its schema is made from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What restore-images found, or restored, in files.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "A report of restore-images")]
pub(super) struct ReportDocument<'a> {
    /// The version of this document's shape.
    pub(super) version: u32,
    /// What was done: `checked`, `restored` or `wouldRestore`.
    pub(super) done: &'static str,
    /// The path of the configuration; null where there was none, so that every built-in agent was
    /// looked for.
    pub(super) configuration: Option<&'a str>,
    /// Numbers.
    pub(super) summary: Numbers,
    /// Every file, in the order of the paths.
    pub(super) files: Vec<FileEntry<'a>>,
    /// Findings about the configuration, or about all of the files.
    pub(super) findings: Vec<FindingEntry<'a>>,
}

/// Numbers of files, images and findings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Numbers {
    /// Images restored, or that would be.
    pub images: usize,
    /// Files with edits.
    pub changed: usize,
    /// Files in which nothing is wrong, and every image was read.
    pub clean: usize,
    /// Files that hold no manifest.
    pub skipped: usize,
    /// Those of them that may hold images all the same, such as templates; none of their images is
    /// known.
    #[serde(default)]
    pub unjudged: usize,
    /// Files that `files.exclude` or `--exclude` leaves out.
    pub excluded: usize,
    /// Files that could not be read.
    pub unreadable: usize,
    /// Values that were read as images.
    pub read: usize,
    /// Values that read like images, and were judged by nobody.
    pub unread: usize,
    /// Kustomizations that are built by themselves; absent where builds were checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roots: Option<usize>,
    /// Those of which everything is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled: Option<usize>,
    /// Findings that are errors.
    pub errors: usize,
    /// Findings that are warnings.
    pub warnings: usize,
}

#[cfg(feature = "pages")]
impl Numbers {
    /// Errors, warnings, unreadable and clean files, and images that were and were not read, as cells of
    /// a table.
    pub fn told(&self) -> [String; 6] {
        let numbers = [
            self.errors,
            self.warnings,
            self.unreadable,
            self.clean,
            self.read,
            self.unread,
        ];
        numbers.map(|number| number.to_string())
    }
}

/// One file.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileEntry<'a> {
    /// Its path.
    pub(super) path: &'a str,
    /// What it is for: `manifest`, `kustomization`, `strategic-merge patch`, `JSON 6902 patch`,
    /// `values`, `template`, `configuration` or `none`; absent where builds were checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) roles: Option<Vec<&'static str>>,
    /// Why it was not judged; absent if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) skipped: Option<&'static str>,
    /// Why it could not be read; absent if it could.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<ErrorEntry<'a>>,
    /// Values that read like images, and were judged by nobody.
    pub(super) unread: Vec<UnreadEntry>,
    /// What was found in it.
    pub(super) findings: Vec<FindingEntry<'a>>,
}

/// A value that reads like an image, and is judged as none.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UnreadEntry {
    pub(super) region: RegionEntry,
    /// Why it is not judged.
    pub(super) why: String,
}

/// Why a file could not be read.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ErrorEntry<'a> {
    /// The same in every run, wherever the place moves to.
    pub(super) fingerprint: String,
    /// What is wrong.
    pub(super) message: &'a str,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) help: Option<&'a str>,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<RegionEntry>,
}

/// One finding.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FindingEntry<'a> {
    /// The rule's id: `pinned-tag`.
    pub(super) rule: &'static str,
    /// The same in every run, wherever the line moves to, and the same as in SARIF and Code Quality.
    pub(super) fingerprint: String,
    /// `error`, `warning` or `info`.
    pub(super) severity: &'static str,
    /// One sentence, with old → new in it.
    pub(super) message: &'a str,
    /// Why it matters.
    pub(super) why: &'static str,
    /// The agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) agent: Option<&'a str>,
    /// Where the agent's vendor says how its images are to be kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) docs: Option<&'a str>,
    /// The resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resource: Option<ResourceEntry<'a>>,
    /// The field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) field: Option<FieldEntry<'a>>,
    /// The bytes that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) region: Option<RegionEntry>,
    /// What decides it, where it was found in a build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) decided_by: Option<DecidedEntry<'a>>,
    /// The edits of this file that restore it; findings of one image may share them. Empty where other files
    /// have to be edited as well.
    pub(super) edits: Vec<EditEntry<'a>>,
    /// The edits of several files that restore it, and are right only together; the first of the findings that
    /// share them has them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    pub(super) edits_together: Vec<FileEditsEntry<'a>>,
}

/// A resource.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ResourceEntry<'a> {
    /// `apps/v1`.
    pub(super) api_version: &'a str,
    /// `Deployment`.
    pub(super) kind: &'a str,
    /// `metadata.name`.
    pub(super) name: &'a str,
    /// `metadata.namespace`, empty where there is none.
    pub(super) namespace: &'a str,
}

/// A field.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FieldEntry<'a> {
    /// Its path in the resource.
    pub(super) path: &'a str,
    /// What is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) current: Option<&'a str>,
    /// What should.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) proposed: Option<&'a str>,
}

/// A part of a file's text; lines and columns from 1, columns in characters, ends exclusive.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RegionEntry {
    pub(super) start_line: usize,
    pub(super) start_column: usize,
    pub(super) end_line: usize,
    pub(super) end_column: usize,
    /// Offset of the first byte.
    pub(super) start_byte: usize,
    /// Offset behind the last byte.
    pub(super) end_byte: usize,
}

/// What decides a value that a build gave: a place, or why none is known.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", untagged)]
pub(super) enum DecidedEntry<'a> {
    /// A source writes it.
    Place {
        /// The file.
        path: &'a str,
        /// Its line, from 1.
        line: usize,
        /// Its column in characters, from 1.
        column: usize,
    },
    /// No source is known to.
    Unknown {
        /// Why.
        unknown: &'static str,
    },
}

/// Edits of a file.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct FileEditsEntry<'a> {
    /// The file.
    pub(super) path: &'a str,
    /// Its edits.
    pub(super) edits: Vec<EditEntry<'a>>,
}

/// Replace a part of the text, which may be empty, by another.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct EditEntry<'a> {
    pub(super) region: RegionEntry,
    /// The new text.
    pub(super) text: &'a str,
}
