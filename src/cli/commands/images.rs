//! `images`: the inventory of what manifests run, and what has to be copied to the mirrors.

mod skopeo;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::asides::roles_of;
use super::judged::{JudgedFiles, judge_as_configured};
use super::untold::say_untold;
#[cfg(feature = "pages")]
use super::written::title;
use super::{GlobalOptions, exit_code};
use crate::cli::args::{self, ListFormat};
#[cfg(feature = "pages")]
use crate::cli::paths::place_name;
use crate::cli::{say, terminal};
use crate::config::Date;
use crate::finding::Mode;
use crate::judge::{ImageHolder, ImageUse, Wants};
use crate::quote;
#[cfg(feature = "pages")]
use crate::report::html;
use crate::report::table::{self, Table};
use crate::report::{self, Done, Region, Report, json};
use crate::restore::role::FileRole;
use crate::sort::sort_by;

/// An image field and its place.
struct ImageRow<'a> {
    file: &'a str,
    /// What the file is for.
    role: String,
    region: Region,
    image: &'a ImageUse,
}

/// Lists images; the exit code is 2 if a file could not be read.
pub(in crate::cli) fn run(args: &args::Images, options: GlobalOptions) -> Result<u8> {
    let wants = Wants {
        leave_managed: true,
        fixes: false,
        images: true,
    };
    let judged = judge_as_configured(&args.files, options, Mode::Check, wants, false)?;
    let rows = rows(&judged);
    let report = judged.report(Done::Checked);
    let color = terminal::colors(options.color);
    let text = match args.format {
        ListFormat::Text => in_text(&rows, color),
        ListFormat::Json => in_json(&rows)?,
        ListFormat::Csv => in_csv(&rows)?,
        ListFormat::Html => in_html(&report, &rows, options.today)?,
        ListFormat::Skopeo => {
            say_untold(&judged, "copied");
            skopeo::file(&rows, args.to.as_deref())?
        }
    };
    match args.format {
        ListFormat::Text => terminal::print(&text, color)?,
        _ => terminal::print_document(&text)?,
    }
    judged.say_problems();
    judged.say_notes(false);
    if report.has_problems() {
        return Ok(2);
    }
    if report::counts::count_up(&report).judged == 0 {
        say(
            "no manifest was looked at\nhelp: `restore-images check --verbose` says what was skipped, and why",
        );
    }
    Ok(exit_code::of_clean(&report, args.files.fail_empty))
}

fn rows(judged: &JudgedFiles) -> Vec<ImageRow<'_>> {
    let mut rows = Vec::new();
    let roles = roles_of(&judged.files, &judged.together);
    let files = judged.files.files.iter().zip(&judged.together.files);
    for (position, (file, outcome)) in files.enumerate() {
        let (Ok(text), Ok(outcome)) = (&file.text, outcome) else {
            continue;
        };
        let spans: Vec<_> = outcome
            .images
            .iter()
            .map(|image| image.span.clone())
            .collect();
        let regions = report::regions(text, &spans);
        rows.extend(
            outcome
                .images
                .iter()
                .zip(regions)
                .map(|(image, region)| ImageRow {
                    file: &file.shown,
                    role: match image.within {
                        ImageHolder::File => roles.words(position),
                        ImageHolder::Values => FileRole::Values.as_str().to_owned(),
                        ImageHolder::StrategicMergePatch => {
                            FileRole::StrategicMergePatch.as_str().to_owned()
                        }
                        ImageHolder::Json6902Patch => FileRole::Json6902Patch.as_str().to_owned(),
                    },
                    region,
                    image,
                }),
        );
    }
    sort_by(&mut rows, |a, b| {
        (a.file, a.region.span.start).cmp(&(b.file, b.region.span.start))
    });
    rows
}

fn in_text(rows: &[ImageRow<'_>], color: bool) -> String {
    let mut table = Table::new([
        "WHERE",
        "ROLE",
        "IMAGE",
        "OFFICIAL",
        "AGENT",
        "STATE",
        "SHOULD BE",
    ]);
    for row in rows {
        let image = row.image;
        table.row([
            format!("{}:{}", row.file, row.region.start),
            row.role.clone(),
            image.image.clone().unwrap_or_else(|| "(none)".to_owned()),
            image.official.clone().unwrap_or_default(),
            image.agent.clone().unwrap_or_default(),
            image.state.as_str().to_owned(),
            image.should_be(),
        ]);
    }
    table::write(&table, color, terminal::table_width())
}

#[cfg(feature = "pages")]
fn in_html(report: &Report<'_>, rows: &[ImageRow<'_>], day: Date) -> Result<String> {
    let rows = rows.iter().map(|row| html::PageRow {
        file: row.file,
        line: row.region.start.line,
        image: row.image,
    });
    let folder = place_name();
    let title = title(report, &folder, day);
    let rows: Vec<_> = rows.collect();
    Ok(html::images(report, &rows, title))
}

#[cfg(not(feature = "pages"))]
fn in_html(_: &Report<'_>, _: &[ImageRow<'_>], _: Date) -> Result<String> {
    anyhow::bail!("{}", super::written::NO_PAGES)
}

fn in_json(rows: &[ImageRow<'_>]) -> Result<String> {
    let rows: Vec<Value> = rows
        .iter()
        .map(
            |ImageRow {
                 file,
                 role,
                 region,
                 image,
             }| {
                json!({
                    "file": file,
                    "role": role,
                    "line": region.start.line,
                    "column": region.start.column,
                    "resource": {
                        "apiVersion": image.resource.api_version,
                        "kind": image.resource.kind,
                        "name": image.resource.name,
                        "namespace": image.resource.namespace,
                    },
                    "path": image.path,
                    "container": image.container,
                    "image": image.image,
                    "official": image.official,
                    "agent": image.agent,
                    "desired": image.desired,
                    "imagePullPolicy": image.policy,
                    "desiredPullPolicy": image.desired_policy,
                    "state": image.state.as_str(),
                })
            },
        )
        .collect();
    json::lines(&json!({"version": 1, "images": rows})).context("cannot write the list")
}

fn in_csv(rows: &[ImageRow<'_>]) -> Result<String> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record([
        "file",
        "line",
        "column",
        "apiVersion",
        "kind",
        "namespace",
        "name",
        "container",
        "path",
        "image",
        "official",
        "agent",
        "desired",
        "state",
        "role",
        "imagePullPolicy",
        "desiredPullPolicy",
    ])?;
    for ImageRow {
        file,
        role,
        region,
        image,
    } in rows
    {
        let (line, column) = (
            region.start.line.to_string(),
            region.start.column.to_string(),
        );
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let id = &image.resource;
        let cells = [
            file,
            line.as_str(),
            &column,
            &id.api_version,
            &id.kind,
            &id.namespace,
            &id.name,
            &text(&image.container),
            &image.path,
            &text(&image.image),
            &text(&image.official),
            &text(&image.agent),
            &text(&image.desired),
            image.state.as_str(),
            role,
            &text(&image.policy),
            image.desired_policy.unwrap_or_default(),
        ];
        csv.write_record(cells.map(quote::cell))?;
    }
    let bytes = csv.into_inner().context("cannot write the list")?;
    String::from_utf8(bytes).context("cannot write the list")
}
