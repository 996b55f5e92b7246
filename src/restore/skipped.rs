//! Why a file is not judged: what it holds instead of manifests.

use crate::field::pod;
use crate::krm::survey::Survey;
use crate::krm::{KUSTOMIZE_GROUP, OWN_GROUP};
use crate::yaml::{Node, parse};

/// Why a file holds nothing to judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Skipped {
    /// Somebody left it out.
    Excluded,
    /// `.gitignore` hides it, and it is read only since a kustomization refers to it.
    Hidden,
    /// It is not below the paths that were given, and is read only since a kustomization refers to it.
    Elsewhere,
    /// It is not below the paths that were given, and is read only since it refers to what is.
    Referring,
    /// It is not a Kubernetes manifest.
    NoManifest,
    /// It is a template, which is no YAML until it is rendered: by Helm, Jinja or `envsubst`.
    Template,
    /// It configures this program.
    Configuration,
    /// It is a kustomization that replaces no images.
    Kustomization,
    /// It is a ResourceList, which a function reads and nobody applies.
    ResourceList,
    /// A generator of a kustomization puts it into a ConfigMap or Secret, and nothing else refers to it.
    Data,
}

impl Skipped {
    /// The reason in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Skipped::Excluded => "excluded",
            Skipped::Hidden => "hidden by .gitignore, and read since a kustomization refers to it",
            Skipped::Elsewhere => {
                "not among the given paths, and read since a kustomization refers to it"
            }
            Skipped::Referring => "not among the given paths, and refers to them",
            Skipped::NoManifest => "not a Kubernetes manifest",
            Skipped::Template => "a template, to be checked when it is rendered",
            Skipped::Configuration => "configuration of restore-images",
            Skipped::Kustomization => "a kustomization without images",
            Skipped::ResourceList => "a ResourceList",
            Skipped::Data => "the contents of a ConfigMap or Secret that a kustomization generates",
        }
    }
}

impl Skipped {
    /// Whether it is read for what refers to it, and neither judged nor edited itself.
    pub fn is_left_out(self) -> bool {
        matches!(
            self,
            Skipped::Excluded | Skipped::Hidden | Skipped::Elsewhere | Skipped::Referring
        )
    }

    /// Whether it is left out only since it is not below the paths that were given: what is built of it
    /// and of these still counts.
    pub(crate) fn is_elsewhere(self) -> bool {
        matches!(self, Skipped::Elsewhere | Skipped::Referring)
    }

    /// The reason that shows before the text is surveyed.
    pub(super) fn before_reading(text: &str) -> Option<Self> {
        // A workload without an apiVersion is told of.
        let may_be_workload = || may_have(text, "kind") && may_have(text, "containers");
        if !may_have(text, "apiVersion") && !may_be_workload() {
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
            .filter(|kind| {
                let is_workload = || pod::missing_version(&kind.group, &kind.kind).is_some();
                !kind.kind.is_empty() && (!kind.version.is_empty() || is_workload())
            })
            .map(|kind| kind.group.as_str())
            .collect();
        groups.dedup();
        match groups[..] {
            [] => Some(Skipped::NoManifest),
            [OWN_GROUP] => Some(Skipped::Configuration),
            [KUSTOMIZE_GROUP] if !may_have(text, "images") => Some(Skipped::Kustomization),
            _ => None,
        }
    }
}

/// Whether a text that cannot be surveyed is no manifest either.
pub(super) fn is_unreadable_prose(text: &str) -> bool {
    !may_have(text, "kind") || is_prose(text)
}

/// Whether a text may have a key: literally, or with letters that are escaped or parted by a line break
/// that is.
fn may_have(text: &str, key: &str) -> bool {
    const ESCAPES: [&str; 5] = ["\\x", "\\u", "\\U", "\\\n", "\\\r"];
    text.contains(key) || ESCAPES.iter().any(|escape| text.contains(escape))
}

/// A template is what holds `{{` and is no YAML, or a manifest that reads as a mapping whose key is a
/// mapping: `replicas: {{ .Values.replicas }}`.
///
/// Alert rules and message templates keep `{{` in text of manifests, and are none. A document that is no
/// manifest hides none of the manifests beside it.
fn is_template(text: &str) -> bool {
    match parse::documents(text) {
        Ok(documents) => {
            let is_manifest = |node: &Node<'_>| !matches!(node.get("kind"), Ok(None));
            let has_manifest = documents.iter().any(is_manifest);
            let counts = |node: &&Node<'_>| !has_manifest || is_manifest(node);
            let mut documents = documents.iter().filter(counts);
            documents.any(|node| node.has_mapping_key())
        }
        Err(error) => stops_at_action(text, error.at),
    }
}

/// The line at which the template of a text begins that has manifests before it, which are not judged
/// either.
pub fn first_line_of_template(text: &str) -> Option<usize> {
    let error = parse::documents(text).err()?;
    let at = text.floor_char_boundary(error.at.min(text.len()));
    let document = text[..at].rfind("\n---")? + 1;
    if !may_have(&text[..document], "apiVersion") {
        return None;
    }
    // The fault may show below the action that is its cause.
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    let mut lines = text[document..end].lines();
    let above = lines.clone().count().saturating_sub(1);
    let first = lines.position(is_action).unwrap_or(above);
    Some(text[..document].matches('\n').count() + first + 1)
}

/// Whether a text stops being YAML at `at` because a program is to render it first. What kustomize and
/// kubectl may take as it is is no template, whatever its comments say: it is deployed.
pub(super) fn stops_at_action(text: &str, at: usize) -> bool {
    has_action(text, at) && !parse::may_be_taken_elsewhere(text)
}

/// Whether there is an action at an offset: of Helm or Jinja (`{{ }}`, `{% %}`, `{# #}`) on its line or
/// the one before it, or a variable of `envsubst` (`${}`) there.
fn has_action(text: &str, at: usize) -> bool {
    let at = text.floor_char_boundary(at.min(text.len()));
    let line_end = |from: usize| text[from..].find('\n').map_or(text.len(), |end| from + end);
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = &text[start..line_end(at)];
    let mut above = text[..start].rsplit('\n');
    let before = above.find(|line| !line.trim().is_empty());
    let before = before.unwrap_or_default();
    let is_variable = before.trim().starts_with("${") && before.trim().ends_with('}');
    is_action(line) || is_action(before) || is_in_variable(line, at - start) || is_variable
}

/// Whether a line holds an action out of quotes, or in quotes that it cannot be in:
/// `"{{ template "x" . }}"`; or the end of an action that began above it.
fn is_action(line: &str) -> bool {
    const OPEN: [&str; 3] = ["{{", "{%", "{#"];
    let mut from = 0;
    while let Some(found) = OPEN.iter().filter_map(|open| line[from..].find(open)).min() {
        let (before, action) = line.split_at(from + found);
        let inside = action.find("}}").map_or("", |close| &action[..close]);
        if before.matches(['"', '\'']).count() % 2 == 0 {
            return true;
        }
        let quote = before.chars().rfind(|c| matches!(c, '"' | '\''));
        if quote.is_some_and(|quote| inside.contains(quote)) {
            return true;
        }
        from += found + inside.len().max("{{".len());
    }
    let ends = ["*/}}", "-}}", "%}", "#}"];
    from == 0 && ends.into_iter().any(|end| line.contains(end))
}

/// Whether the fault at an offset of a line is inside `${…}`.
fn is_in_variable(line: &str, at: usize) -> bool {
    // The dollar sign may be where the fault is.
    let head = &line[..line.ceil_char_boundary(at + "${".len())];
    let open = head.rfind("${");
    open.is_some_and(|open| !line[open..at.max(open)].contains('}'))
}

/// Where a merge that was not finished left its first mark.
pub(super) fn conflict(text: &str) -> Option<usize> {
    const MARK: &str = "<<<<<<< ";
    let mut lines = memchr::memmem::find_iter(text.as_bytes(), MARK);
    lines.find(|&at| at == 0 || text.as_bytes()[at - 1] == b'\n')
}

/// A text that is a list, a word or nothing at all, and so no manifest.
fn is_prose(text: &str) -> bool {
    match parse::documents(text) {
        Ok(documents) => documents.iter().all(|node| node.entries().is_none()),
        Err(_) => false,
    }
}
