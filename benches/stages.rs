//! Where the time goes inside the program, one thread at a time: how fast each stage is on a
//! ResourceList, in MB/s of the input (10^6 bytes).
//!
//! usage: cargo bench --bench stages -- FILE...

#![allow(clippy::print_stdout)]

use std::time::{Duration, Instant};

use restore_images::config::{self, Config, Date};
use restore_images::edit::{self, Edit, MergedValue, Shared, Texts};
use restore_images::error::Origin;
use restore_images::field;
use restore_images::function;
use restore_images::judge::{
    self, Instances, JudgeContext, Prefilter, TextOrigin, UnitJudgement, Wants,
};
use restore_images::krm::results;
use restore_images::krm::survey::{Survey, survey};
use restore_images::restore::Request;
use restore_images::yaml::parse::{Arena, Keep, Parser};

type Anything = Box<dyn std::error::Error>;

fn main() -> Result<(), Anything> {
    let files = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"));
    for file in files {
        let text = std::fs::read_to_string(&file)?;
        println!("{file}: {:.1} MB", megabytes(&text));
        stages(&text)?;
    }
    Ok(())
}

fn megabytes(text: &str) -> f64 {
    text.len() as f64 / 1e6
}

fn line(stage: &str, text: &str, time: Duration) {
    let seconds = time.as_secs_f64();
    println!(
        "  {stage:24} {:9.2} ms {:9.0} MB/s",
        seconds * 1e3,
        megabytes(text) / seconds
    );
}

fn stages(text: &str) -> Result<(), Anything> {
    let start = Instant::now();
    std::str::from_utf8(text.as_bytes())?;
    line("check UTF-8", text, start.elapsed());
    let start = Instant::now();
    let survey = survey(text, Parser::default())?;
    line("first pass, all threads", text, start.elapsed());
    let start = Instant::now();
    let mut config = configuration(&survey)?;
    config
        .find_versions(&survey.gathered)
        .expect("versions documents");
    config.add_builtin_fields(&survey.kinds)?;
    line("configuration", text, start.elapsed());
    units(text, &survey, &config)?;
    let request = Request {
        input: text,
        config: None,
        today: Date::from_unix_days(20_000),
    };
    let start = Instant::now();
    let outcome = function::run(&request)?;
    line("all of it, all threads", text, start.elapsed());
    if let Some(shape) = &survey.list {
        let start = Instant::now();
        std::hint::black_box(results::edits(text, shape, &outcome.findings));
        line("results", text, start.elapsed());
    }
    let start = Instant::now();
    let output = outcome.output(text);
    line("write", text, start.elapsed());
    println!(
        "  {} findings, {} edits, {:.1} MB out",
        outcome.findings.len(),
        outcome.edits.len(),
        megabytes(&output)
    );
    Ok(())
}

fn configuration(survey: &Survey<'_>) -> Result<Config, Anything> {
    let document = survey
        .function_config
        .as_ref()
        .map(|node| config::ConfigDocument {
            node,
            origin: Origin::Input,
        });
    Ok(config::read(document, &survey.gathered.profiles)?)
}

/// Each unit, stage by stage: those that could hold something are read and judged.
fn units(text: &str, survey: &Survey<'_>, config: &Config) -> Result<(), Anything> {
    let [
        mut search,
        mut parse,
        mut find,
        mut decide,
        mut plan,
        mut check,
    ] = [Duration::ZERO; 6];
    let instances = Instances::default();
    let parser = Parser::default();
    let (mut arena, mut spare) = (Arena::default(), Arena::default());
    let prefilter = Prefilter::new(config);
    for unit in &survey.units {
        let kind = &survey.kinds[unit.kinds[0]];
        let start = Instant::now();
        let passes_over =
            |prefilter: &Prefilter| prefilter.passes_over(kind, &text[unit.piece.span.clone()]);
        let is_settled = !config.keeps_images(&kind.group, &kind.version, &kind.kind)
            || prefilter.as_ref().is_some_and(passes_over);
        search += start.elapsed();
        if is_settled {
            continue;
        }
        let start = Instant::now();
        arena.clear();
        let parsed = unit.parse(parser, text, Some(&arena))?;
        parse += start.elapsed();
        let part = unit.text(text);
        let context = JudgeContext {
            in_text: false,
            written: TextOrigin::Here(None),
            config,
            today: Date::from_unix_days(20_000),
            gathered: &survey.gathered,
            instances: &instances,
            ordinal: unit.ordinal,
            wants: Wants::default(),
            names: false,
            has_anchors: false,
        };
        let mut budget = unit.budget();
        let start = Instant::now();
        let resources = unit.resources(&parsed.root, &mut budget)?;
        for resource in &resources {
            let groups = field::groups(resource, &config.fields, &config.carriers, &mut budget)?;
            std::hint::black_box(groups);
        }
        find += start.elapsed();
        let mut judged = UnitJudgement::default();
        let start = Instant::now();
        for resource in &resources {
            judge::resource(&context, resource, part, &mut budget, &mut judged)?;
        }
        decide += start.elapsed();
        if judged.changes.is_empty() {
            continue;
        }
        let start = Instant::now();
        let shared = Shared::default();
        let planned = edit::plan(part, &judged.changes, &[], &shared, MergedValue::Follows)?;
        let mut edits: Vec<Edit> = planned.into_iter().map(|planned| planned.edit).collect();
        edit::sort(&mut edits).map_err(|at| format!("overlap at {at}"))?;
        plan += start.elapsed();
        let start = Instant::now();
        spare.clear();
        let new_text = edit::apply_from(part, unit.piece.span.start, &edits);
        let new_piece = unit.piece.moved_to_start(new_text.len());
        let texts = Texts {
            old: part,
            new: &new_text,
        };
        let places = edit::places(&parsed.root, unit.piece.span.start, &edits);
        let new = parser.piece(&new_text, &new_piece, Keep::At(&places), Some(&spare))?;
        edit::verify(&parsed.root, &new.root, &judged.changes, Some(texts))?;
        check += start.elapsed();
    }
    line("search for marks", text, search);
    line("parse", text, parse);
    line("find", text, find);
    line("find and decide", text, decide);
    line("edit", text, plan);
    line("check", text, check);
    Ok(())
}
