//! Generates resources from the same rules: they keep collectors current after the
//! manifests are right.
//!
//! The only place where YAML is emitted: for objects that nobody wrote. They go into the input as
//! edits, like everything else.

mod admission_policy;
mod copies;
mod cron_job;
mod existing;
mod found;
mod gone;
mod insert;
mod mirror_sync;
mod object;
mod place;
mod rollout_restart;

#[cfg(feature = "mirror")]
pub(crate) use copies::mirrored_by_profiles;

use std::sync::Arc;

use crate::config::Config;
use crate::config::emit::{Emit, Generate};
use crate::edit;
use crate::error::Error;
use crate::finding::{self, Finding, Mode, Rule};
use crate::judge;
use crate::krm::results;
use crate::krm::survey::Survey;
use crate::restore::{Outcome, Request};

use found::ImagesInUse;
use object::Object;

/// What the generators work from.
#[derive(Debug, Clone, Copy)]
struct GenerateContext<'c> {
    config: &'c Config,
    generate: &'c Generate,
    found: &'c ImagesInUse,
}

/// Generates what a configuration asks for, as edits that put it among the items.
///
/// # Errors
/// An item that is read cannot be, or an object that is not ours is where a generated one would go.
pub fn generate(
    request: &Request<'_>,
    survey: &Survey<'_>,
    config: &Config,
    generate: &Generate,
) -> Result<Outcome, Error> {
    let found = found::found(request, survey, config)?;
    let context = GenerateContext {
        config,
        generate,
        found: &found,
    };
    let mut findings = judge::of_configuration(config, request.today);
    let mut objects: Vec<Object> = Vec::new();
    for emit in &generate.emit {
        objects.append(&mut match emit {
            Emit::MirrorSync(settings) => mirror_sync::objects(&context, settings, &mut findings)?,
            Emit::RolloutRestart(settings) => {
                rollout_restart::objects(&context, settings, &mut findings)
            }
            Emit::AdmissionPolicy(settings) => {
                admission_policy::objects(&context, settings, request.today, &mut findings)?
            }
        });
    }
    let placement = place::placement(request.input, survey, generate, &objects, &mut findings)?;
    finding::sort(&mut findings);
    let mut edits = placement.edits.clone();
    if let Some(shape) = &survey.list {
        let text = request.input;
        edits.extend(results::edits_beside(
            text,
            shape,
            &findings,
            placement.items,
        ));
    }
    edit::sort(&mut edits).map_err(place::overlap)?;
    place::check(request.input, survey, &edits, &placement)?;
    Ok(Outcome {
        edits,
        results: None,
        findings,
        is_resource_list: survey.list.is_some(),
        summary: config.summary,
        mode: Mode::Restore,
    })
}

/// A finding about what is generated, not about a resource.
fn remark(rule: Rule, agent: Option<&str>, message: String) -> Finding {
    Finding {
        agent: agent.map(Arc::from),
        ..Finding::new(rule, Mode::Restore, message)
    }
}
