//! Whose an image is, what it should be, and the steps that lead there.
//!
//! [`clues`] goes from a reference back to the official repository and finds the agents that claim it,
//! [`claim`] says which of them owns it, and [`decide`] gives the [`Verdict`]: findings, edits and
//! generated resources are built from it. Each of them notes what it finds as a [step](steps), where
//! somebody asks; [`trace`] does, so that what it tells is what was decided.

pub mod claim;
pub mod clues;
pub(crate) mod name;
pub mod provenance;
pub mod steps;
pub mod trace;
pub(crate) mod undeclared;
mod unmapped;

use crate::agent::{Official, UndeclaredMirrors};
use crate::config::{Config, ImageLists};
use crate::field::parts::shows_it_is_whole;
use crate::finding::{Aspect, Rule};
use crate::image::{Reference, Repository};
use crate::registry::MappingRule;
use crate::tag::PolicyInput;
use crate::verdict::{Note, PartChange, Verdict};

use claim::{Claim, Evidence, Owner};
use name::Destination;
use provenance::Provenance;
use steps::{Steps, TraceStep};

/// Which image it is that a verdict is wanted on.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a, 'c> {
    /// Whose it is.
    pub owner: &'a Owner<'c>,
    /// Where its reference leads back to.
    pub provenance: Option<&'a Provenance>,
    /// Its reference.
    pub reference: &'a Reference<'a>,
    /// The repository that the reference names.
    pub repository: &'a Repository,
    /// How much of it is written in one place.
    pub form: Form,
    /// Whether an entry of a list of images names it, which replaces images where they are rendered.
    pub is_in_list: bool,
}

/// How much of an image is written in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// All of it.
    #[default]
    Whole,
    /// Its name; tag and digest are written nowhere.
    NameAlone,
    /// Its tag or digest; its name is the one that something else looks for and replaces.
    VersionAlone,
    /// Its name, with the tag at a key of its own, where an empty one means the chart's.
    TagApart,
    /// All of it, in a text that is known to be whole by its version.
    WholeByVersion,
}

/// Why an image that a list decides is not edited where lists are only reported.
pub(crate) const LISTS_ARE_REPORTED: &str = "since this list replaces images where they are rendered: correct it here, or \
                               set `imageLists: restore`";

/// What an image should be: a report where it is not ours to edit, and nothing where it is not settled which
/// image it is.
pub fn decide(config: &Config, question: &Question<'_, '_>, steps: &mut Steps) -> Verdict {
    let Question {
        owner, reference, ..
    } = *question;
    let verdict = match (owner, question.provenance) {
        (Owner::Agent(_), Some(Provenance::Unclear(candidates))) => unclear(reference, candidates),
        (Owner::Agent(claim), _) if claim.image.vendor_managed => {
            const VENDOR: &str =
                "since the vendor manages this image: set it where the vendor says";
            let verdict = of_agent(config, claim, question, steps);
            let verdict = with_part_decided(verdict, question);
            verdict.as_report(Rule::VendorManaged, reference, VENDOR)
        }
        (Owner::Agent(claim), _) => of_agent(config, claim, question, steps),
        // A rule for agents alone leads no image back that belongs to none.
        (Owner::Nobody, Some(Provenance::Unclear(_))) => Verdict::default(),
        (Owner::Nobody, _) => of_nobody(config, question, steps),
        (Owner::Disputed(claims), _) => {
            let verdict = of_disputed(config, claims, reference, steps);
            return in_form(with_part_decided(verdict, question), question);
        }
    };
    let verdict = with_part_decided(verdict, question);
    let verdict = match config.image_lists {
        ImageLists::Report if question.is_in_list => {
            verdict.as_report(Rule::WrongImageOverride, reference, LISTS_ARE_REPORTED)
        }
        ImageLists::Ignore if question.is_in_list => Verdict::default(),
        _ => verdict,
    };
    in_form(verdict, question)
}

/// The verdict without the part that something else decides: before it becomes a report, which names all that is
/// wrong at once.
fn with_part_decided(verdict: Verdict, question: &Question<'_, '_>) -> Verdict {
    match question.form {
        Form::VersionAlone => verdict.of_version(),
        Form::NameAlone => verdict.of_name(),
        Form::Whole | Form::TagApart | Form::WholeByVersion => verdict,
    }
}

/// The verdict as far as the image is written in this form.
fn in_form(mut verdict: Verdict, question: &Question<'_, '_>) -> Verdict {
    match question.form {
        Form::Whole | Form::VersionAlone => {}
        Form::NameAlone => return verdict.of_name(),
        Form::TagApart | Form::WholeByVersion => {
            let allows_latest = |claim: &Claim<'_>| {
                let mut tags = claim.image.tag_policy.moving_tags().iter();
                tags.any(|tag| tag == "latest")
            };
            let reference = question.reference;
            let loses_version = match question.form {
                Form::TagApart => reference.tag.is_some() && verdict.tag == PartChange::Remove,
                _ => !shows_it_is_whole(&verdict.compose(reference, &[])),
            };
            // `latest` is written instead of no tag, where that is as right.
            if let Owner::Agent(claim) = question.owner
                && loses_version
                && allows_latest(claim)
            {
                verdict.tag = PartChange::to(Some("latest"));
            }
        }
    }
    verdict
}

/// The verdict on an image that may be a copy of several official ones.
fn unclear(reference: &Reference<'_>, candidates: &[Repository]) -> Verdict {
    let candidates: Vec<String> = candidates.iter().map(ToString::to_string).collect();
    let message = format!(
        "{reference} may come from {}: give the rules mirrors of their own",
        candidates.join(" or ")
    );
    Verdict {
        notes: vec![Note::unresolved(Aspect::Registry, message)],
        ..Verdict::default()
    }
}

/// The pull policy that an agent's image should have, if its profile asks for one and the written
/// policy differs. A vendor's own controller decides that of the images that it manages.
pub fn pull_policy(
    claim: &Claim<'_>,
    written: Option<&str>,
    steps: &mut Steps,
) -> Option<&'static str> {
    if claim.image.vendor_managed {
        return None;
    }
    let wanted = claim.image.pull_policy.as_str();
    steps.note(|| TraceStep::new("pull policy", wanted.unwrap_or("keep"), ""));
    wanted.filter(|wanted| written != Some(*wanted))
}

/// The pull secrets that an image needs: those of its mirror, and those that its profile wants wherever
/// the image comes from.
pub fn pull_secrets<'a>(
    mirror: &'a [String],
    claim: Option<&'a Claim<'_>>,
) -> impl Iterator<Item = &'a String> {
    let claim = claim.filter(|claim| !claim.image.vendor_managed);
    let own = claim.map(|claim| &claim.pull_secrets);
    mirror.iter().chain(own.into_iter().flatten())
}

fn of_agent(
    config: &Config,
    claim: &Claim<'_>,
    question: &Question<'_, '_>,
    steps: &mut Steps,
) -> Verdict {
    let Question {
        reference,
        repository,
        ..
    } = *question;
    let is_undeclared = claim.evidence != Evidence::Official;
    let mut misspelt = config.misspelt.iter();
    if is_undeclared
        && let Some(rule) = misspelt.find(|rule| rule.mirror.below(repository).is_some())
    {
        let message = format!(
            "{reference} stays, since it is under the mirror of the rule {}, whose source serves no \
             agent in play: did you mean `{}`?",
            rule.written(),
            rule.meant
        );
        return Verdict {
            notes: vec![Note::unresolved(Aspect::Registry, message)],
            ..Verdict::default()
        };
    }
    if is_undeclared && claim.agent.undeclared_mirrors == UndeclaredMirrors::Keep {
        return Verdict {
            notes: vec![undeclared::note(config, claim, reference)],
            ..Verdict::default()
        };
    }
    restored(config, claim, reference, claim.agent.named, steps)
}

/// The verdict on an image that is restored, as of an agent that the configuration names or does not.
fn restored(
    config: &Config,
    claim: &Claim<'_>,
    reference: &Reference<'_>,
    is_named: bool,
    steps: &mut Steps,
) -> Verdict {
    let mut verdict = Verdict::default();
    let official = claim.official_to_write();
    let input = PolicyInput {
        is_named,
        // What is known by names alone has another program's repository.
        is_foreign: claim.evidence == Evidence::Name,
        ..claim.agent.policy_input(claim.image)
    };
    if input.is_foreign
        && let Err(why) = claim.image.tag_policy.versions(&input)
    {
        let message = format!(
            "{reference} is not {}, which container and workload are named for, and stays, since {why}: \
             write image and tag by hand",
            official.written
        );
        verdict
            .notes
            .push(Note::unresolved(Aspect::Registry, message));
        return verdict;
    }
    if !decide_name_by_rules(config, &mut verdict, reference, official, steps) {
        let note = unmapped::note(config, claim, reference);
        verdict.notes.extend(note);
    }
    steps.note(|| {
        let (tag, why) = claim.image.tag_policy.explained(&input);
        TraceStep::new("tag", tag, why)
    });
    claim
        .image
        .tag_policy
        .decide(&input, reference, &mut verdict);
    name::note_moved_digest(&mut verdict, reference);
    verdict
}

/// Decides the name of an agent's image, by the rules that serve agents; whether one of them maps it.
fn decide_name_by_rules(
    config: &Config,
    verdict: &mut Verdict,
    reference: &Reference<'_>,
    official: &Official,
    steps: &mut Steps,
) -> bool {
    let mapped = config.rules.map(&official.repository, true);
    let is_mapped = mapped.is_some();
    let none = "no source matches, so it stays as the vendor publishes it";
    steps.note(|| rule_step(&mapped, "the longest source that matches", none));
    let destination = Destination::of((&official.repository, &official.written), mapped);
    name::decide(config, verdict, reference, destination);
    is_mapped
}

/// An image that belongs to no agent is moved by rules of scope `all` alone; its tag stays.
fn of_nobody(config: &Config, question: &Question<'_, '_>, steps: &mut Steps) -> Verdict {
    let (reference, mut verdict) = (question.reference, Verdict::default());
    let Provenance::Known(official) = provenance::of_others(config, question.repository) else {
        return verdict;
    };
    let mapped = config.rules.map(&official, false);
    let found = "the longest source that matches, of the rules for every image";
    steps.note(|| rule_step(&mapped, found, "no rule with `scope: all` matches"));
    if mapped.is_some() {
        let destination = Destination::of((&official, &official.familiar()), mapped);
        name::decide(config, &mut verdict, reference, destination);
        name::note_moved_digest(&mut verdict, reference);
    }
    verdict
}

/// The step that a rule was looked for.
fn rule_step(mapped: &Option<(&MappingRule, Repository)>, found: &str, none: &str) -> TraceStep {
    match mapped {
        Some((rule, _)) => TraceStep::new("rule", rule.to_string(), found),
        None => TraceStep::new("rule", "none", none),
    }
}

/// An image whose agents disagree is moved if they agree on its official repository; tag and pull
/// policy stay.
fn of_disputed(
    config: &Config,
    claims: &[Claim<'_>],
    reference: &Reference<'_>,
    steps: &mut Steps,
) -> Verdict {
    let agents: Vec<&str> = claims.iter().map(|claim| &*claim.agent.name).collect();
    let mut verdict = Verdict::default();
    // The claims have equally sure evidence, and official ones are all of the same repository.
    if let Some(claim) = claims
        .first()
        .filter(|claim| claim.evidence == Evidence::Official)
    {
        decide_name_by_rules(config, &mut verdict, reference, claim.official, steps);
        name::note_moved_digest(&mut verdict, reference);
    }
    verdict.notes.push(Note {
        rule: Rule::AmbiguousAgent,
        message: format!(
            "{reference} is claimed by {} and they disagree; tag and pull policy stay as they are",
            agents.join(" and ")
        ),
        aspect: None,
        proposed: None,
    });
    verdict
}
