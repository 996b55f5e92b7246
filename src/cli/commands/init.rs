//! `init`: what agents, registries and secrets a folder has, as a configuration to begin with.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::files::{Judged, Setting, judge};
use crate::cli::args;
use crate::cli::found::CONFIG_NAMES;
use crate::cli::paths::shown;
use crate::cli::{say, terminal};
use crate::finding::Mode;
use crate::image::Reference;
use crate::judge::ImageUse;
use crate::judge::Wants;
use crate::quote::piece;
use crate::report::{Done, text};
use crate::yaml::place::places;
use crate::yaml::{Style, scalar};

/// Proposes a configuration; the exit code is 2 if one is there already and was to be written.
pub(in crate::cli) fn run(words: &args::Init, setting: Setting) -> Result<u8> {
    let tree = args::Tree {
        paths: words.paths.clone(),
        // The answer is not to depend on a configuration that is there.
        config: None,
        hidden: words.hidden,
        exclude: words.exclude.clone(),
    };
    let wants = Wants {
        images: true,
        ..Wants::default()
    };
    let judged = judge(&tree, None, setting, Mode::Check, wants, false)?;
    let seen = Seen::of(&judged);
    let proposal = seen.proposal();
    for file in &judged.report(Done::Checked).files {
        if let Err(problem) = &file.result {
            say(&format!(
                "{}: not looked at: {}",
                piece(file.path),
                piece(&problem.what)
            ));
        }
    }
    judged.say_notes(false);
    if !words.write {
        terminal::print_document(&proposal)?;
        say("init: nothing was written: add --write to write restore-images.yaml");
        return Ok(0);
    }
    let path = write(&words.paths, &proposal)?;
    let path = shown(&path);
    let written =
        format!("{path}: written\nnext: restore-images check, then restore-images fix --diff\n");
    terminal::print(&written, false)?;
    Ok(0)
}

/// Writes the configuration into the first path's folder, where none is yet.
fn write(paths: &[PathBuf], proposal: &str) -> Result<PathBuf> {
    let first = paths.first().map_or(Path::new("."), PathBuf::as_path);
    let folder = if first.is_dir() {
        first
    } else {
        first.parent().unwrap_or(Path::new("."))
    };
    for name in CONFIG_NAMES {
        if folder.join(name).exists() {
            bail!(
                "{}: is there already\nhelp: leave --write out to compare",
                shown(&folder.join(name))
            );
        }
    }
    let path = folder.join(CONFIG_NAMES[0]);
    let cannot = || format!("{}: cannot be written", shown(&path));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)
        .with_context(cannot)?;
    file.write_all(proposal.as_bytes()).with_context(cannot)?;
    Ok(path)
}

/// Where something was seen.
#[derive(Default)]
struct Places {
    first: String,
    count: usize,
}

impl Places {
    fn add(&mut self, place: &str) {
        if self.count == 0 {
            place.clone_into(&mut self.first);
        }
        self.count += 1;
    }

    fn words(&self) -> String {
        match self.count {
            0 | 1 => self.first.clone(),
            count => format!("{} and {} more", self.first, count - 1),
        }
    }
}

/// A registry that holds copies of agents' images.
#[derive(Default)]
struct Mirror {
    places: Places,
    /// Pull secrets of the pods, and how many list each.
    secrets: BTreeMap<String, usize>,
}

/// What a folder has.
#[derive(Default)]
struct Seen {
    agents: BTreeMap<String, Places>,
    /// By source and mirror.
    mirrors: BTreeMap<(String, String), Mirror>,
    files: usize,
}

impl Seen {
    fn of(judged: &Judged) -> Self {
        let mut seen = Seen::default();
        for (file, outcome) in judged.files.files.iter().zip(&judged.together.files) {
            let (Ok(text), Ok(outcome)) = (&file.text, outcome) else {
                continue;
            };
            seen.files += usize::from(outcome.skipped.is_none());
            let starts: Vec<usize> = outcome.images.iter().map(|one| one.span.start).collect();
            for (image, place) in outcome.images.iter().zip(places(text, &starts)) {
                let Some(agent) = &image.agent else { continue };
                let at = format!("{}:{}", file.shown, place.line);
                seen.agents.entry(agent.clone()).or_default().add(&at);
                seen.mirror(image, &at);
            }
        }
        seen
    }

    /// Notes the registry of an agent's image that has the official path at its end.
    fn mirror(&mut self, image: &ImageUse, at: &str) {
        let (Some(written), Some(official)) = (&image.image, &image.official) else {
            return;
        };
        let Ok(reference) = Reference::parse(written) else {
            return;
        };
        let repository = reference.repository().to_string();
        let Some((host, path)) = official.split_once('/') else {
            return;
        };
        let Some(mirror) = repository
            .strip_suffix(path)
            .and_then(|rest| rest.strip_suffix('/'))
        else {
            return;
        };
        if mirror == host {
            return;
        }
        let seen = self
            .mirrors
            .entry((host.to_owned(), mirror.to_owned()))
            .or_default();
        seen.places.add(at);
        for secret in &image.listed_secrets {
            *seen.secrets.entry(secret.clone()).or_default() += 1;
        }
    }

    fn proposal(&self) -> String {
        let files = text::count(self.files, "manifest");
        let mut out = format!(
            "# Proposed by `restore-images init` from {files}: read it, then run `restore-images check`.\n\
             apiVersion: restore-images.dev/v1alpha1\n\
             kind: RestoreImages\n\
             metadata:\n  name: collectors\n  annotations:\n    config.kubernetes.io/local-config: \"true\"\n\
             spec:\n"
        );
        if self.agents.is_empty() {
            out.push_str(
                "  # No agent with a built-in profile was seen. `restore-images agents` lists them;\n  \
                 # name them under `agents`, or describe one of your own there.\n  mode: restore\n",
            );
            return out;
        }
        out.push_str("  agents:\n");
        for (agent, places) in &self.agents {
            let _ = writeln!(out, "  - {agent} # {}", piece(&places.words()));
        }
        if self.mirrors.is_empty() {
            return out;
        }
        out.push_str(
            "  # Registries that agents come from and no vendor publishes on. Leave a rule out, and its\n  \
             # images go back to the vendor's registry.\n  registries:\n",
        );
        let mut declared: BTreeMap<&str, &str> = BTreeMap::new();
        let mut mirrors: Vec<_> = self.mirrors.iter().collect();
        mirrors.sort_by_key(|(_, mirror)| std::cmp::Reverse(mirror.places.count));
        for ((source, prefix), mirror) in mirrors {
            let places = piece(&mirror.places.words());
            if let Some(other) = declared.get(source.as_str()) {
                let _ = writeln!(
                    out,
                    "  # {prefix} holds images of {source} too ({places}), but a source has one mirror: \
                     {other} holds more."
                );
                continue;
            }
            declared.insert(source, prefix);
            let _ = writeln!(
                out,
                "  - source: {source} # {places}\n    mirror: {}",
                plain(prefix)
            );
            if !mirror.secrets.is_empty() {
                let secrets: Vec<String> = mirror.secrets.keys().map(|name| plain(name)).collect();
                let _ = writeln!(out, "    imagePullSecrets: [{}]", secrets.join(", "));
            }
        }
        out
    }
}

/// A registry or name as YAML: plain, unless it would read as something else.
fn plain(value: &str) -> String {
    scalar::write(value, Style::Plain, scalar::Context::Flow)
}
