//! `explain`: what the rules make of one image, step by step, what a file is for, or what a finding means.

use std::ffi::OsStr;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};

use super::GlobalOptions;
use super::known_agents;
use super::roles;
use super::steps::in_text;
use crate::agent::{self, Agent};
use crate::cli::args::{self, PlainFormat};
use crate::cli::input::JoinedInput;
use crate::cli::{found, say, terminal};
use crate::config::{Config, Trust};
use crate::decide::claim::Subject;
use crate::decide::steps::TraceStep;
use crate::decide::trace::trace;
use crate::error::Origin;
use crate::finding::{Group, Mode, Rule};
use crate::image::Reference;
use crate::judge::Wants;
use crate::mask;
use crate::quote::piece;
use crate::report::{json, text};
use crate::restore::{Files, restore_files};
use crate::suggest;

/// Explains one image, rule or file; the exit code is 2 for what is none of them.
pub(in crate::cli) fn run(args: &args::Explain, options: GlobalOptions) -> Result<u8> {
    if let Some(rule) = Rule::all().find(|rule| rule.id() == args.image) {
        terminal::print(&page(rule), false)?;
        return Ok(0);
    }
    if let Some(file) = roles::file_of(&args.image) {
        return roles::explain(args, &file, options);
    }
    let config = config(args.config.as_deref(), options)?;
    if let Some(agents) = agents(args, &config, options)? {
        terminal::print(&agents, terminal::colors(options.color))?;
        return Ok(0);
    }
    if let Some(meant) = meant(args, &config) {
        bail!(meant);
    }
    let subject = Subject {
        container: args.container.as_deref(),
        workload: args.workload.as_deref().unwrap_or_default(),
        namespace: args.namespace.as_deref().unwrap_or_default(),
        default: None,
    };
    let steps = trace(&config, &args.image, subject).map_err(|error| {
        let image = piece(&mask::image(&args.image));
        let help = error.help().map(|help| format!("\nhelp: {help}"));
        anyhow!(
            "`{image}` is not an image reference: {}{}",
            mask::why(&args.image, &error),
            help.unwrap_or_default()
        )
    })?;
    match args.format {
        PlainFormat::Text => {
            let color = terminal::colors(options.color);
            terminal::print(&in_text(&args.image, &steps, color), color)?;
            if let Some(hint) = hint(args, &config) {
                say(&hint);
            }
            if let Some(hint) = exceptions_hint(&config) {
                say(hint);
            }
        }
        PlainFormat::Json => {
            let step =
                |step: &TraceStep| json!({"step": step.name, "value": step.value, "why": step.why});
            let steps: Vec<Value> = steps.iter().map(step).collect();
            let answer = json!({"version": 1, "image": args.image, "steps": steps});
            terminal::print_document(&json::lines(&answer).context("cannot write the answer")?)?;
        }
    }
    Ok(0)
}

/// Whether an argument can be the name of an agent or a finding: it has no sign of an image, and nothing
/// says where the image runs.
fn is_plain_word(args: &args::Explain) -> bool {
    let runs_in = [&args.container, &args.workload, &args.namespace];
    !args.image.contains(['/', ':', '@', '.']) && runs_in.iter().all(|name| name.is_none())
}

/// What is known of the agents that a word stands for, where it is no image for sure.
fn agents(args: &args::Explain, config: &Config, options: GlobalOptions) -> Result<Option<String>> {
    if !is_plain_word(args) || args.format != PlainFormat::Text {
        return Ok(None);
    }
    let word = &args.image;
    let found = known_agents::of_vendor(word, config, terminal::colors(options.color))?;
    Ok(found.map(|found| {
        let word = piece(word);
        format!(
            "{found}\nEvery agent with this word: restore-images agents {word}\n\
             For the image of that name: restore-images explain docker.io/library/{word}\n"
        )
    }))
}

/// What to say of a word that could be an image, and is most likely none: a path, or the name of an
/// agent or a finding with a slip.
fn meant(args: &args::Explain, config: &Config) -> Option<String> {
    let word = &*args.image;
    let shown = piece(word);
    let path = Path::new(word);
    if word == "-" {
        let help = "name an image, a file, an agent or a finding";
        return Some(format!(
            "`-`: explain reads no standard input\nhelp: {help}"
        ));
    }
    if path.is_dir() {
        return Some(format!(
            "`{shown}` is a folder\nhelp: name a file in it; `restore-images images {shown}` lists its images"
        ));
    }
    let extension = path.extension().and_then(OsStr::to_str);
    if matches!(extension, Some("yaml" | "yml" | "json")) {
        return Some(format!(
            "{shown}: there is no such file\nhelp: give the path from this folder"
        ));
    }
    if !is_plain_word(args) {
        return None;
    }
    // Upper-case letters are in no image's name.
    let as_image = match Reference::parse(word) {
        Ok(_) => format!("for the image of that name, write docker.io/library/{shown}"),
        Err(_) => String::new(),
    };
    let builtin = Config::default().agents;
    let agents = with_builtin(config, &builtin);
    if agents.iter().any(|agent| &*agent.name == word) {
        return Some(format!(
            "`{shown}` is the name of an agent\nhelp: `restore-images agents {shown}` shows it; {as_image}"
        ));
    }
    let rules = rules_meant(word);
    if !rules.is_empty() {
        let rules = suggest::either(&rules);
        return Some(
            format!("`{shown}` is not a finding\nhelp: did you mean {rules}? {as_image}")
                .trim_end()
                .to_owned(),
        );
    }
    let near = agent::meant::near(word, &agents);
    let near: Vec<&str> = near.iter().map(|agent| &*agent.name).collect();
    (!near.is_empty()).then(|| {
        let near = suggest::either(&near);
        format!("`{shown}` is not an agent\nhelp: did you mean {near}? {as_image}")
            .trim_end()
            .to_owned()
    })
}

/// The findings that a word stands for: the nearest one, or all that begin with it.
fn rules_meant(word: &str) -> Vec<&'static str> {
    let word = word.replace('_', "-").to_lowercase();
    let ids = || Rule::all().map(Rule::id);
    if word.contains('-') {
        return suggest::nearest(&word, ids()).into_iter().collect();
    }
    ids()
        .filter(|id| id.split_once('-').is_some_and(|(first, _)| first == word))
        .collect()
}

/// The agents in play, and the built-in ones that are not.
fn with_builtin<'a>(config: &'a Config, builtin: &'a [Agent]) -> Vec<&'a Agent> {
    let is_other = |agent: &&Agent| !config.agents.iter().any(|known| known.name == agent.name);
    let others = builtin.iter().filter(is_other);
    config.agents.iter().chain(others).collect()
}

/// Where else to look for a word that was explained as an image, and that agents are called by, too.
fn hint(args: &args::Explain, config: &Config) -> Option<String> {
    let word = &args.image;
    if !is_plain_word(args) {
        return None;
    }
    let builtin = Config::default().agents;
    let agents = with_builtin(config, &builtin);
    let one = word.strip_suffix('s').unwrap_or(word);
    let calls = |word: &&str| !agent::meant::called_by(word, &agents).is_empty();
    let shown = [word, one].into_iter().find(calls).map(piece);
    let of_agents =
        shown.map(|word| format!("`restore-images agents {word}` lists the agents with this word"));
    let rules = Rule::all().map(Rule::id);
    let rules: Vec<&str> = rules
        .filter(|id| id.split('-').any(|part| part == one))
        .collect();
    let rules = (!rules.is_empty()).then(|| {
        let rules = suggest::either(&rules);
        format!("`restore-images explain` has a page on {rules}")
    });
    let hints: Vec<String> = of_agents.into_iter().chain(rules).collect();
    (!hints.is_empty()).then(|| format!("hint: {}", hints.join("; ")))
}

/// What to say of exceptions, which are for resources and files, and not for an image.
fn exceptions_hint(config: &Config) -> Option<&'static str> {
    (!config.exceptions.is_empty())
        .then_some("hint: exceptions are not looked at here; `restore-images check` does")
}

/// The page of a group of rules.
#[cfg(feature = "pages")]
fn page_of(group: Group) -> &'static str {
    match group {
        Group::Registries => include_str!("../../../docs/findings/registries.md"),
        Group::Versions => include_str!("../../../docs/findings/versions.md"),
        Group::Agents => include_str!("../../../docs/findings/agents.md"),
        Group::Builds => include_str!("../../../docs/findings/builds.md"),
        Group::Writers => include_str!("../../../docs/findings/writers.md"),
        Group::Exceptions => include_str!("../../../docs/findings/exceptions.md"),
        Group::Generated => include_str!("../../../docs/findings/generated.md"),
    }
}
#[cfg(not(feature = "pages"))]
fn page_of(_: Group) -> &'static str {
    ""
}

/// What the page of its group says of a rule; without the pages, the sentence that each finding has.
fn page(rule: Rule) -> String {
    let heading = format!("\n## {}\n", rule.id());
    let Some((_, page)) = page_of(rule.group()).split_once(&heading) else {
        return format!("{}\n\n{}\n", rule.id(), rule.why());
    };
    let page = page.split_once("\n## ").map_or(page, |(page, _)| page);
    format!("{}\n{}\n", rule.id(), without_links(page.trim_end()))
}

/// A page as a terminal shows it: of a link, its words.
fn without_links(page: &str) -> String {
    let mut out = String::with_capacity(page.len());
    let mut rest = page;
    while let Some(end) = rest.find("](") {
        let (before, behind) = (&rest[..end], &rest[end + 2..]);
        let opened = before
            .rfind('[')
            .filter(|start| !before[*start..].contains('\n'));
        let (Some(start), Some((_, after))) = (opened, behind.split_once(')')) else {
            out.push_str(&rest[..end + 2]);
            rest = behind;
            continue;
        };
        out.push_str(&before[..start]);
        out.push_str(&before[start + 1..]);
        rest = after;
    }
    out + rest
}

/// The configuration alone, without files.
///
/// # Errors
/// It cannot be read or followed.
pub(super) fn config(given: Option<&std::path::Path>, options: GlobalOptions) -> Result<Config> {
    let found = found::config(given, &[".".into()])?;
    let input = found.map(|found| found.input);
    let together = restore_files(&Files {
        files: &[],
        config: input.as_ref().map(|input| &*input.text),
        mode: Mode::Check,
        today: options.today,
        complete: false,
        wants: Wants::default(),
        trust: Trust::ALL,
        remotes: &[],
        parser: options.parser,
        judged: &|| (),
    });
    let together = together.map_err(|error| {
        let fault = error.fault();
        let place = |at| match (&fault.origin, &input) {
            (Origin::Builtin(name), _) => format!("built-in profile {name}, byte {at}"),
            (_, Some(input)) => JoinedInput::place(input, at),
            (_, None) => "the configuration".to_owned(),
        };
        anyhow!(text::faults(fault, place))
    })?;
    Ok(together.config)
}
