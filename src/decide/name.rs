//! Registry and path of an image: the mirror's, or the official name.

use crate::config::Config;
use crate::finding::{Aspect, Rule};
use crate::image::{Reference, Repository};
use crate::registry::MappingRule;
use crate::verdict::{Difference, Note, PartChange, Verdict};

/// Where the image of an official repository should come from.
#[derive(Debug)]
pub(crate) struct Destination<'c> {
    /// The repository.
    pub(crate) repository: Repository,
    /// The name as it is to be written.
    pub(crate) written: String,
    /// The rule that leads to a mirror, if one does.
    pub(crate) rule: Option<&'c MappingRule>,
}

impl<'c> Destination<'c> {
    /// The mirror's repository, if a rule maps the official one, else the official one as its vendor
    /// writes it.
    pub(crate) fn of(
        (official, written): (&Repository, &str),
        mapped: Option<(&'c MappingRule, Repository)>,
    ) -> Self {
        match mapped {
            Some((rule, repository)) if repository != *official => Destination {
                written: repository.name(),
                repository,
                rule: Some(rule),
            },
            _ => Destination {
                repository: official.clone(),
                written: written.to_owned(),
                rule: None,
            },
        }
    }

    /// The pull secrets that it needs.
    pub(crate) fn secrets(&self, config: &'c Config) -> &'c [String] {
        let rule = self.rule.map(|rule| config.mirror_secrets(rule));
        rule.unwrap_or_default()
    }
}

/// Decides registry and path.
pub(super) fn decide(
    config: &Config,
    verdict: &mut Verdict,
    reference: &Reference<'_>,
    destination: Destination<'_>,
) {
    let Destination {
        repository,
        written,
        ..
    } = &destination;
    if !repository.is_legal() {
        let message = format!("{reference} would become {written}, which is not a legal reference");
        verdict
            .notes
            .push(Note::unresolved(Aspect::Registry, message));
        return;
    }
    verdict.mirror_secrets = destination.secrets(config).to_vec();
    verdict.has_name = true;
    if !reference.is_in(repository) {
        verdict.differences.push(Difference {
            rule: Rule::WrongRegistry,
            aspect: Aspect::Registry,
            what: "wrong registry or path".to_owned(),
        });
        verdict.name = Some(destination.written);
    }
}

/// Notes a digest that is kept while the registry changes: a copy of one architecture alone would
/// have another digest, and the pull would fail.
pub(super) fn note_moved_digest(verdict: &mut Verdict, reference: &Reference<'_>) {
    if let (Some(name), Some(digest), PartChange::Keep) =
        (&verdict.name, reference.digest, &verdict.digest)
    {
        verdict.notes.push(Note {
            rule: Rule::DigestMoved,
            message: format!(
                "{name} must hold {digest}: copy the image with all architectures and its digest"
            ),
            aspect: Some(Aspect::Registry),
            proposed: None,
        });
    }
}
