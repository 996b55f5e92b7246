//! Where the time goes inside the program, one thread at a time: how fast each stage is on a
//! ResourceList, in MB/s of the input (10^6 bytes).
//!
//! usage: cargo bench --bench stages -- FILE...

#![allow(clippy::print_stdout)]

use std::collections::HashMap;
use std::time::{Duration, Instant};

use restore_images::config::{self, Config, Date};
use restore_images::edit::{self, Edit, Merged, Shared};
use restore_images::error::Origin;
use restore_images::field::{self, pod};
use restore_images::judge::{self, Context, Glance, Judged};
use restore_images::krm::quick;
use restore_images::krm::resource::{self, Budget};
use restore_images::krm::results;
use restore_images::krm::survey::Survey;
use restore_images::restore::{Request, Wants, restore};
use restore_images::yaml::fast::{self, Arena};

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
    let survey = quick::outline(text).ok_or("the fast way does not take it")?;
    line("first pass, all threads", text, start.elapsed());
    let start = Instant::now();
    let mut config = configuration(&survey)?;
    config.find_versions(&survey.gathered);
    config.add_builtin_fields(&survey.kinds)?;
    line("configuration", text, start.elapsed());
    units(text, &survey, &config)?;
    let request = Request {
        input: text,
        config: None,
        today: Date::from_unix_days(20_000),
    };
    let start = Instant::now();
    let outcome = restore(&request)?;
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
        .map(|node| config::Document {
            node,
            origin: Origin::Input,
        });
    Ok(config::read(document, &survey.gathered.profiles)?)
}

/// Each unit, stage by stage: those that could hold something are judged, the others only read.
fn units(text: &str, survey: &Survey<'_>, config: &Config) -> Result<(), Anything> {
    let [
        mut look,
        mut confirm,
        mut scan,
        mut find,
        mut decide,
        mut plan,
        mut check,
    ] = [Duration::ZERO; 7];
    let instances = HashMap::new();
    let mut arena = Arena::default();
    let glance = Glance::new(config);
    let left_out = pod::without_images(&config.carriers);
    for unit in &survey.units {
        let kind = &survey.kinds[unit.kinds[0]];
        let start = Instant::now();
        let passes = |glance: &Glance| glance.passes(kind, &text[unit.span.clone()]);
        let is_settled = !config.keeps_images(&kind.group, &kind.version, &kind.kind)
            || glance.as_ref().is_some_and(passes);
        look += start.elapsed();
        if is_settled {
            let start = Instant::now();
            arena.clear();
            std::hint::black_box(quick::confirm(&arena, text, unit, &survey.kinds));
            confirm += start.elapsed();
            continue;
        }
        let part = unit.text(text);
        let start = Instant::now();
        arena.clear();
        let Some(root) = fast::lean(&arena, &part, left_out) else {
            continue;
        };
        scan += start.elapsed();
        let context = Context {
            config,
            today: Date::from_unix_days(20_000),
            gathered: &survey.gathered,
            instances: &instances,
            ordinal: unit.ordinal,
            wants: Wants::default(),
            names: false,
            shares: false,
        };
        let mut budget = Budget::new(part.len());
        let start = Instant::now();
        let resources = resource::resources(&root, &mut budget)?;
        for resource in &resources {
            let groups = field::groups(resource, &config.fields, &config.carriers, &mut budget)?;
            std::hint::black_box(groups);
        }
        find += start.elapsed();
        let mut judged = Judged::default();
        let start = Instant::now();
        for resource in &resources {
            judge::resource(&context, resource, &part, &mut budget, &mut judged)?;
        }
        decide += start.elapsed();
        if judged.changes.is_empty() {
            continue;
        }
        let start = Instant::now();
        let shared = Shared::default();
        let planned = edit::plan(&part, &judged.changes, &[], &shared, Merged::Follows)?;
        let mut edits: Vec<Edit> = planned.into_iter().map(|planned| planned.edit).collect();
        edit::sort(&mut edits).map_err(|at| format!("overlap at {at}"))?;
        plan += start.elapsed();
        let start = Instant::now();
        if let Some(checked) = edit::verify_around(&part, &root, &judged.changes, &edits, left_out)
        {
            checked?;
        }
        check += start.elapsed();
    }
    line("look for marks", text, look);
    line("read, of what has none", text, confirm);
    line("scan", text, scan);
    line("find", text, find);
    line("find and decide", text, decide);
    line("edit", text, plan);
    line("check", text, check);
    Ok(())
}
