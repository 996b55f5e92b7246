//! `images`: the inventory of what manifests run, and what has to be copied to the mirrors.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::asides::roles_of;
use super::files::{self, JudgedFiles, Setting, judge};
use super::untold::say_untold;
use crate::cli::args::{self, ListFormat};
use crate::cli::{found, say, terminal};
use crate::config::Date;
use crate::finding::Mode;
use crate::image::Reference;
use crate::judge::Wants;
use crate::judge::{ImageUse, State};
use crate::quote::{self, piece};
use crate::report::table::{self, Table};
use crate::report::{self, Done, Region, json};
use crate::restore::role::Role;

/// An image field and its place.
struct Row<'a> {
    file: &'a str,
    /// What the file is for.
    role: String,
    region: Region,
    image: &'a ImageUse,
}

/// Lists images; the exit code is 2 if a file could not be read.
pub(in crate::cli) fn run(words: &args::Images, setting: Setting) -> Result<u8> {
    let wants = Wants {
        leave_managed: true,
        fixes: false,
        images: true,
    };
    let config = found::config(words.tree.config.as_deref(), &words.tree.paths)?;
    let judged = judge(
        &words.tree,
        config.as_ref(),
        setting,
        Mode::Check,
        wants,
        false,
    )?;
    let rows = rows(&judged);
    let color = terminal::colors(setting.color);
    let text = match words.format {
        ListFormat::Text => in_text(&rows, color),
        ListFormat::Json => in_json(&rows)?,
        ListFormat::Csv => in_csv(&rows)?,
        ListFormat::Html => in_html(&rows, setting.today)?,
        ListFormat::Skopeo => {
            say_untold(&judged, "copied");
            skopeo(&rows, words.to.as_deref())?
        }
    };
    match words.format {
        ListFormat::Text => terminal::print(&text, color)?,
        _ => terminal::print_document(&text)?,
    }
    judged.say_problems();
    judged.say_notes(false);
    let report = judged.report(Done::Checked);
    Ok(if report.has_problems() {
        2
    } else {
        files::empty(&report, words.tree.fail_empty)
    })
}

fn rows(judged: &JudgedFiles) -> Vec<Row<'_>> {
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
                .map(|(image, region)| Row {
                    file: &file.shown,
                    role: if image.in_values {
                        Role::Values.as_str().to_owned()
                    } else {
                        roles.words(position)
                    },
                    region,
                    image,
                }),
        );
    }
    rows.sort_by(|a, b| (a.file, a.region.span.start).cmp(&(b.file, b.region.span.start)));
    rows
}

/// The desired image if it differs from the current one; empty if it does not, or is not known.
fn desired(image: &ImageUse) -> &str {
    let desired = image.desired.as_deref().unwrap_or_default();
    if image.image.as_deref() == Some(desired) {
        ""
    } else {
        desired
    }
}

fn in_text(rows: &[Row<'_>], color: bool) -> String {
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
            desired(image).to_owned(),
        ]);
    }
    table::write(&table, color, terminal::table_width())
}

#[cfg(feature = "pages")]
fn in_html(rows: &[Row<'_>], day: Date) -> Result<String> {
    let rows = rows.iter().map(|row| report::html::Row {
        file: row.file,
        line: row.region.start.line,
        image: row.image,
    });
    Ok(report::html::images(&rows.collect::<Vec<_>>(), day))
}

#[cfg(not(feature = "pages"))]
fn in_html(_: &[Row<'_>], _: Date) -> Result<String> {
    bail!("{}", files::NO_PAGES)
}

fn in_json(rows: &[Row<'_>]) -> Result<String> {
    let rows: Vec<Value> = rows
        .iter()
        .map(
            |Row {
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
                    "state": image.state.as_str(),
                })
            },
        )
        .collect();
    json::lines(&json!({"version": 1, "images": rows})).context("cannot write the list")
}

fn in_csv(rows: &[Row<'_>]) -> Result<String> {
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
    ])?;
    for Row {
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
        ];
        csv.write_record(cells.map(quote::cell))?;
    }
    let bytes = csv.into_inner().context("cannot write the list")?;
    String::from_utf8(bytes).context("cannot write the list")
}

/// What `skopeo sync` has to copy: official references whose place is on a mirror.
///
/// skopeo puts an image at DESTINATION/NAME, where NAME is the last part of its path, so a file
/// serves one destination. Source: skopeo-sync(1), "--scoped".
fn skopeo(rows: &[Row<'_>], to: Option<&str>) -> Result<String> {
    let mut renamed = BTreeMap::new();
    let mut by_destination: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    let is_copied = |image: &ImageUse| image.state != State::Ignored && image.chart_tag.is_none();
    for row in rows.iter().filter(|row| is_copied(row.image)) {
        let (Some(official), Some(desired)) = (&row.image.official, &row.image.desired) else {
            continue;
        };
        let Ok(reference) = Reference::parse(desired) else {
            continue;
        };
        let mirror = reference.repository().to_string();
        let Some((destination, last)) = mirror.rsplit_once('/').filter(|_| mirror != *official)
        else {
            continue;
        };
        if official.rsplit('/').next() != Some(last) {
            renamed.insert((destination.to_owned(), official.clone()), mirror);
            continue;
        }
        let version = reference.digest.or(reference.tag).unwrap_or("latest");
        let images = by_destination.entry(destination.to_owned()).or_default();
        images
            .entry(official.clone())
            .or_default()
            .insert(version.to_owned());
    }
    for ((_, official), mirror) in &renamed {
        say(&format!(
            "{official} is mirrored as {mirror}, under another name, which skopeo sync cannot do: \
             copy it with `skopeo copy --all`"
        ));
    }
    let known: Vec<&str> = by_destination.keys().map(String::as_str).collect();
    let chosen = match (to, &known[..]) {
        (_, []) if !renamed.is_empty() => bail!(
            "every image here that belongs on a mirror has another name there\nhelp: copy each by \
             `skopeo copy --all`, as the lines above say, or map them to mirrors that keep the name"
        ),
        (_, []) => bail!(
            "no image here belongs on a mirror\nhelp: declare the mirrors with `registries` in the configuration"
        ),
        (None, [only]) => *only,
        (Some(to), _) if known.contains(&to.trim_end_matches('/')) => to.trim_end_matches('/'),
        (to, _) => bail!(
            "{}: a skopeo file serves one destination\nhelp: choose one of them with --to: {}",
            to.map_or("there are several mirrors".to_owned(), |to| format!(
                "{} is no mirror of an image here",
                piece(to)
            )),
            known.join(", ")
        ),
    };
    let mut registries: BTreeMap<&str, BTreeMap<&str, &BTreeSet<String>>> = BTreeMap::new();
    for (official, versions) in &by_destination[chosen] {
        if let Some((registry, path)) = official.split_once('/') {
            registries
                .entry(registry)
                .or_default()
                .insert(path, versions);
        }
    }
    let mut out =
        format!("# skopeo sync --all --preserve-digests --src yaml --dest docker FILE {chosen}\n");
    for (registry, images) in registries {
        out.push_str(&format!("{registry}:\n  images:\n"));
        for (path, versions) in images {
            out.push_str(&format!("    {path}:\n"));
            for version in versions {
                out.push_str(&format!("    - \"{version}\"\n"));
            }
        }
    }
    Ok(out)
}
