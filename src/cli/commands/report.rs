//! `report`: reports of many repositories or clusters as one.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};

use super::GlobalOptions;
use crate::cli::args::{self, JoinedFormat};
use crate::cli::input::JoinedInput;
use crate::cli::terminal;
use crate::quote::piece;
use crate::report::html;
use crate::report::joined::{self, Joined, NamedReport};

/// Joins reports; the exit code is 0 whatever they say, since each `check` had its own.
pub(in crate::cli) fn run(args: &args::Report, options: GlobalOptions) -> Result<u8> {
    let joined = joined(args)?;
    let color = terminal::colors(options.color);
    match args.format {
        JoinedFormat::Text => {
            let table = joined::in_text(&joined, color, terminal::table_width());
            let text = format!("{table}{}\n", joined::line(&joined));
            terminal::print(&text, color)?;
        }
        JoinedFormat::Json => {
            let text = joined::in_json(&joined).context("cannot write the reports")?;
            terminal::print_document(&text)?;
        }
        JoinedFormat::Markdown => terminal::print_document(&joined::markdown(&joined))?,
        JoinedFormat::Html => terminal::print_document(&html::joined(&joined, options.today))?,
    }
    Ok(0)
}

fn joined(args: &args::Report) -> Result<Joined> {
    let mut reports: Vec<NamedReport> = Vec::new();
    for word in &args.files {
        let (name, path) = named(word);
        reports.extend(read(&path, &name)?);
    }
    distinct(&reports, "")?;
    let mut joined = joined::join(reports);
    if let Some(path) = &args.since {
        let (name, path) = match path.to_str() {
            Some(word) => named(word),
            None => (stem(path), path.clone()),
        };
        let older = read(&path, &name)?;
        distinct(&older, &format!("{}: ", piece(&path.display().to_string())))?;
        joined::compare(&mut joined, &older);
    }
    Ok(joined)
}

fn distinct(reports: &[NamedReport], place: &str) -> Result<()> {
    let Some(name) = joined::twice(reports) else {
        return Ok(());
    };
    let name = piece(name);
    bail!(
        "{place}two reports have the name {name}\nhelp: give one of them another, as in `{name}-2=FILE.json`"
    )
}

/// The name of a report, and its path: `NAME=FILE`, or a file that has that name.
fn named(word: &str) -> (String, PathBuf) {
    match word.split_once('=') {
        Some((name, path)) if !name.is_empty() && !Path::new(word).exists() => {
            (name.to_owned(), PathBuf::from(path))
        }
        _ => (stem(Path::new(word)), PathBuf::from(word)),
    }
}

/// The name of a file without `.json`.
fn stem(path: &Path) -> String {
    if path.as_os_str() == "-" {
        return "stdin".to_owned();
    }
    let name = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy();
    name.strip_suffix(".json").unwrap_or(&name).to_owned()
}

fn read(path: &Path, name: &str) -> Result<Vec<NamedReport>> {
    let input = JoinedInput::file(path)?;
    joined::read(&input.text, name).map_err(|fault| {
        anyhow!(
            "{}:{}:{}: {}\nhelp: {}",
            piece(input.name()),
            fault.line,
            fault.column,
            piece(&fault.what),
            fault.help
        )
    })
}
