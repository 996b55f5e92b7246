//! `import`: what other programs say of mirrors, as a configuration, and what of it no rule can say.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};

use crate::cli::args;
use crate::cli::input::JoinedInput;
use crate::cli::paths::shown;
use crate::cli::{say, terminal};
use crate::exchange::{Format, read, together};
use crate::quote;
use crate::report::text::count;
use crate::sort::sort;

/// Where offsets are, each in the input of a position; every input is gone through once.
fn places(inputs: &[JoinedInput], offsets: impl Iterator<Item = (usize, usize)>) -> Vec<String> {
    let offsets: Vec<(usize, usize)> = offsets.collect();
    let mut found = vec![String::new(); offsets.len()];
    for (position, input) in inputs.iter().enumerate() {
        let own = offsets
            .iter()
            .enumerate()
            .filter(|(_, (file, _))| *file == position);
        let (order, own): (Vec<usize>, Vec<usize>) =
            own.map(|(index, (_, at))| (index, *at)).unzip();
        for (index, place) in order.into_iter().zip(input.places(&own)) {
            found[index] = place;
        }
    }
    found
}

/// Prints the configuration; the exit code is 1 if the files say what it does not.
pub(in crate::cli) fn run(args: &args::Import) -> Result<u8> {
    let mut files = Vec::new();
    for path in &args.files {
        if path.is_dir() {
            files.extend(below(path)?);
        } else {
            files.push(path.clone());
        }
    }
    let mut inputs = Vec::new();
    let mut found = Vec::new();
    for file in &files {
        if file.as_os_str() != "-" {
            let read = fs::metadata(file).map_err(|error| {
                anyhow!(
                    "{}: cannot read the file: {error}\nhelp: correct the path, which counts from this folder",
                    shown(file)
                )
            })?;
            if !read.is_file() {
                bail!(
                    "{}: is not a regular file\nhelp: for a pipe, give `-`",
                    shown(file)
                );
            }
            if read.len() > MOST_BYTES {
                bail!(
                    "{}: is larger than {} MB\nhelp: give what configures mirrors",
                    shown(file),
                    MOST_BYTES / 1_000_000
                );
            }
        }
        let input = JoinedInput::file(file)?;
        match read(&format(file, &input.text), &input.text) {
            Ok(said) => found.push(said),
            Err(fault) => {
                let help = fault.help.map(|help| format!("\nhelp: {help}"));
                bail!(
                    "{}: {}{}",
                    input.place(fault.at),
                    fault.what,
                    help.unwrap_or_default()
                )
            }
        }
        inputs.push(input);
    }
    let is_nothing = found.iter().all(|found| found.says_nothing);
    let taken = together(found);
    let places = places(&inputs, taken.places());
    let places: Vec<String> = places.iter().map(|place| quote::one_line(place)).collect();
    terminal::print_document(&taken.configuration(&places))?;
    let warnings = taken.warnings.iter();
    let warned = self::places(&inputs, warnings.map(|(file, warning)| (*file, warning.at)));
    for ((_, warning), place) in taken.warnings.iter().zip(warned) {
        say(&format!("{place}: {}", warning.what));
        if let Some(help) = &warning.help {
            say(&format!("  help: {help}"));
        }
    }
    let left = match taken.warnings.len() {
        0 => String::new(),
        warnings => format!(", {} that no rule says", count(warnings, "thing")),
    };
    say(&format!(
        "{} of {}{left}",
        count(taken.count(), "rule"),
        count(inputs.len(), "file")
    ));
    Ok(if is_nothing {
        2
    } else {
        u8::from(!taken.warnings.is_empty())
    })
}

/// The files of a folder: registries.conf and its drop-in files, hosts.toml in its folders, or else
/// *.conf, in the order of their names.
fn below(folder: &Path) -> Result<Vec<PathBuf>> {
    let main = folder.join(REGISTRIES);
    if main.is_file() {
        let mut files = vec![main];
        let drop_ins = folder.join(format!("{REGISTRIES}.d"));
        if drop_ins.is_dir() {
            files.extend(listed(&drop_ins)?);
        }
        return Ok(files);
    }
    let files = listed(folder)?;
    if files.is_empty() {
        bail!(
            "{}: holds neither HOST/hosts.toml nor *.conf\nhelp: give the files themselves",
            shown(folder)
        );
    }
    Ok(files)
}

fn listed(folder: &Path) -> Result<Vec<PathBuf>> {
    let cannot = || format!("{}: cannot read the folder", shown(folder));
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(cannot)? {
        let path = entry.with_context(cannot)?.path();
        let hosts = path.join(HOSTS);
        if hosts.is_file() {
            files.push(hosts);
        } else if path.is_file() && path.extension().is_some_and(|it| it == "conf") {
            files.push(path);
        }
    }
    if files.is_empty() && folder.join(HOSTS).is_file() {
        files.push(folder.join(HOSTS));
    }
    sort(&mut files);
    Ok(files)
}

const HOSTS: &str = "hosts.toml";
const REGISTRIES: &str = "registries.conf";

/// The largest file that is read, in bytes.
const MOST_BYTES: u64 = 4_000_000;

/// What a file is, by its name; standard input has none, and its text tells.
fn format(file: &Path, text: &str) -> Format {
    if file.as_os_str() == "-" {
        let mut lines = text.lines().map(str::trim_start);
        let is_conf = lines.any(|line| {
            line.starts_with("[[registry]]") || line.starts_with("unqualified-search-registries")
        });
        return if is_conf {
            Format::RegistriesConf
        } else {
            Format::Yaml
        };
    }
    if file.file_name().is_some_and(|name| name == HOSTS) {
        // A file that is given by its name alone is in the working folder.
        let whole = fs::canonicalize(file);
        let whole = whole.as_deref().unwrap_or(file);
        let folder = whole.parent().and_then(Path::file_name).unwrap_or_default();
        return Format::Hosts(folder.to_string_lossy().into_owned());
    }
    match file.extension().and_then(|it| it.to_str()) {
        Some("conf" | "toml") => Format::RegistriesConf,
        _ => Format::Yaml,
    }
}
