//! Images recognised only by the last segment of their path and by a chart's labels: copies under a path that
//! no profile lists.

use crate::agent::{Agent, AgentImage, Official};
use crate::decide::Question;
use crate::decide::provenance::Provenance;
use crate::field::{FieldRole, ImageField};
use crate::finding::{Aspect, Rule};
use crate::image::Repository;
use crate::krm::resource::{CHART, NAME, Resource, is_version, text_in};
use crate::verdict::{Note, Verdict};
use crate::yaml::Node;

use super::JudgeContext;

/// Notes what an image of nobody may be by the labels of a chart of an agent, too little to edit it and too
/// much to call it clean; gives the agent's position.
pub(super) fn note_label(
    context: &JudgeContext<'_, '_>,
    resource: &Resource<'_, '_>,
    field: &ImageField<'_, '_>,
    question: &Question<'_, '_>,
    verdict: &mut Verdict,
) -> Option<usize> {
    let config = context.config;
    let Question {
        provenance,
        reference,
        repository,
        ..
    } = *question;
    // What a rule leads back to another repository, or moves, is no copy that nobody declared.
    let is_declared = match provenance {
        Some(Provenance::Known(known)) => known != repository,
        Some(Provenance::Unclear(_)) => true,
        None => false,
    };
    if field.role != FieldRole::Container || is_declared || verdict.has_name {
        return None;
    }
    let named = config.images_by_word.ending_as(repository.path());
    let mut told = named.filter_map(|(index, image)| {
        let agent = &config.agents[index];
        Some((index, &agent.images[image], label(resource, agent)?))
    });
    let (index, image, label) = told.next()?;
    let source = &source(image, repository).repository;
    let mirror = repository.to_string();
    let last = mirror.rfind('/').unwrap_or(mirror.len());
    let (source, own) = (source.to_string(), &image.official.written);
    let source = source.rsplit_once('/').map_or("", |(before, _)| before);
    verdict.notes.push(Note {
        rule: Rule::UndeclaredMirror,
        message: format!(
            "{reference} may be {own} of {}, by its last name and the label {label}, which is too little \
             to go by, so it stays as it is: if it is a copy, declare it with `source: {source}` and \
             `mirror: {}`",
            config.agents[index].name,
            &mirror[..last]
        ),
        aspect: Some(Aspect::Registry),
        proposed: None,
    });
    Some(index)
}

/// The label by which a resource is of one of an agent's charts.
fn label(resource: &Resource<'_, '_>, agent: &Agent) -> Option<String> {
    // What cannot be read is told where the release is made out.
    let labels = resource.labels().ok().flatten();
    let of_pods = resource.pod_labels().ok().flatten();
    let text =
        |labels: Option<&Node<'_>>, name| text_in(labels, name).ok().flatten().map(str::to_owned);
    let read = |name| text(labels, name).or_else(|| text(of_pods, name));
    let (chart, program) = (read(CHART), read(NAME));
    let is_of = |name: &str| {
        let version = chart.as_deref().and_then(|chart| chart.strip_prefix(name));
        let version = version.and_then(|rest| rest.strip_prefix('-'));
        version.is_some_and(is_version)
    };
    let mut charts = agent.charts.iter().map(|chart| chart.name.as_str());
    if charts.clone().any(is_of) {
        return Some(format!("{CHART}: {}", chart.as_deref().unwrap_or_default()));
    }
    let program = program?;
    charts
        .any(|name| name == program)
        .then(|| format!("{NAME}: {program}"))
}

/// The official name with the last segment of a repository.
fn source<'i>(image: &'i AgentImage, repository: &Repository) -> &'i Official {
    let last = |path: &str| path.rsplit('/').next().map(str::to_owned);
    let mut names = image.names();
    let named = names.find(|name| last(name.repository.path()) == last(repository.path()));
    named.unwrap_or(&image.official)
}
