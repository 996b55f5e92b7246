//! Why a file is not judged: what it holds instead of manifests.

use crate::krm::OWN_GROUP;
use crate::krm::survey::Survey;
use crate::yaml::parse;

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

impl Skipped {
    /// The reason that shows before the text is surveyed.
    pub(super) fn before_reading(text: &str) -> Option<Self> {
        // Every key of a manifest is there in so many letters, unless somebody escapes them.
        let could_be = text.contains("apiVersion") || text.contains("\\x") || text.contains("\\u");
        if !could_be {
            return Some(Skipped::NoManifest);
        }
        (text.contains("{{") && is_template(text)).then_some(Skipped::Template)
    }

    /// The reason that shows in what was surveyed.
    pub(super) fn of_survey(text: &str, survey: &Survey<'_>) -> Option<Self> {
        if survey.list.is_some() {
            return Some(Skipped::ResourceList);
        }
        let kinds = survey.kinds.iter();
        let mut groups: Vec<&str> = kinds
            .filter(|kind| !kind.kind.is_empty() && !kind.version.is_empty())
            .map(|kind| kind.group.as_str())
            .collect();
        groups.dedup();
        match groups[..] {
            [] => Some(Skipped::NoManifest),
            [OWN_GROUP] => Some(Skipped::Configuration),
            ["kustomize.config.k8s.io"] if !text.contains("images") => Some(Skipped::Kustomization),
            _ => None,
        }
    }
}

/// Whether a text that cannot be surveyed is no manifest either.
pub(super) fn is_unreadable_prose(text: &str) -> bool {
    !text.contains("kind") || is_prose(text)
}

/// A template is what holds `{{` and is no YAML, or reads as a mapping whose key is a mapping:
/// `replicas: {{ .Values.replicas }}`.
///
/// Alert rules and message templates keep `{{` in text of manifests, and are none.
fn is_template(text: &str) -> bool {
    match parse::documents(text) {
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
    match parse::documents(text) {
        Ok(documents) => documents.iter().all(|node| node.entries().is_none()),
        Err(_) => false,
    }
}
