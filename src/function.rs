//! The function: an input and a configuration give edits and findings, or a reason why not.
//!
//! The configuration says whether resources are restored or generated.

use crate::agent::AppliedTo;
use crate::config::{self, Config, Trust};
use crate::error::{Error, Fault, Origin};
use crate::generate;
use crate::krm::survey::{Survey, survey};
use crate::restore::{Outcome, Request, read_config, restore};
use crate::values;
use crate::yaml::parse::Parser;

/// Runs the function over an input.
///
/// # Errors
/// The input or the configuration cannot be read, or an edited text is not what was planned.
/// Nothing is to be written then.
pub fn run(request: &Request<'_>) -> Result<Outcome, Error> {
    run_with(request, Parser::default(), Trust::ALL)
}

/// Like [`run`], with an explicit choice of parsers. `trust` is how far items may override the
/// configuration, unless the configuration says so itself.
///
/// # Errors
/// As [`run`].
pub fn run_with(request: &Request<'_>, parser: Parser, trust: Trust) -> Result<Outcome, Error> {
    let is_blank = request
        .input
        .trim_start_matches('\u{feff}')
        .trim()
        .is_empty();
    // A generator may be called with an empty input.
    if is_blank && request.config.is_some() {
        let survey = Survey {
            parser,
            ..Survey::default()
        };
        let config = configuration(request, &survey, trust)?;
        if config.generate.is_some() {
            return restore_or_generate(request, &survey, config);
        }
    }
    let survey = survey(request.input, parser)?;
    let config = configuration(request, &survey, trust)?;
    restore_or_generate(request, &survey, config)
}

fn restore_or_generate(
    request: &Request<'_>,
    survey: &Survey<'_>,
    mut config: Config,
) -> Result<Outcome, Error> {
    config.find_versions(&survey.gathered)?;
    config.add_builtin_fields(&survey.kinds)?;
    match &config.generate {
        Some(wanted) => generate::generate(request, survey, &config, wanted),
        None => restore(request, survey, &config),
    }
}

/// The configuration that was given, or the functionConfig of the ResourceList.
fn configuration(
    request: &Request<'_>,
    survey: &Survey<'_>,
    trust: Trust,
) -> Result<Config, Error> {
    let mut kinds = survey.kinds.iter();
    let judged = AppliedTo {
        texts: &[request.input],
        installs_charts: kinds.any(|kind| values::keeps_values(&kind.group, &kind.kind)),
    };
    let Some(node) = &survey.function_config else {
        return read_config(request.config, &survey.gathered, judged, trust);
    };
    if request.config.is_some() {
        let what =
            "the ResourceList brings a functionConfig, and a configuration file is given too";
        let help = "give one of the two";
        return Err(Error::Input(Fault::input(node.start(), what, Some(help))));
    }
    let document = config::ConfigDocument {
        node,
        origin: Origin::Input,
    };
    let gathered = &survey.gathered;
    config::read_among(
        Some(document),
        &gathered.profiles,
        &gathered.rules,
        Some(judged),
        trust,
    )
}
