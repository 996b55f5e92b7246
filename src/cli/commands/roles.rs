//! What the files of a tree are for: as `explain PATH` says of one of them, and as `--verbose` says in a
//! line for each.

mod parts;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::GlobalOptions;
use super::asides::roles_of;
use super::judged::{JudgedFiles, judge_as_configured};
use super::steps::in_text;
use crate::cli::args::{self, PlainFormat};
use crate::cli::paths::{shown, working_folder};
use crate::cli::terminal;
use crate::decide::steps::TraceStep;
use crate::finding::Mode;
use crate::judge::Wants;
use crate::krm::KUSTOMIZATION_FILES;
use crate::report::json;
use crate::report::text::count;
use crate::report::unread::{self, UnreadValue};
use crate::restore::Skipped;
use crate::restore::role::{BuiltFolder, FileRole};
use crate::yaml::place::place;
use parts::{FolderStep, LayerRole};

/// What is said of a file that is no manifest: nothing in it says that it is values.
const OF_A_CHART: &str =
    "; if it is values of a chart, name it under `files.values` of the configuration";

/// What is said of the file that makes a folder a chart.
const CHART_ITSELF: &str =
    "; it says what the chart beside it is called, and images are in the values of that";

/// Whether a file says what a chart is: Argo CD takes any name with this end.
fn is_of_chart(path: &str) -> bool {
    path.ends_with("Chart.yaml")
}

/// The file that a word means: a file itself, or the kustomization of a folder; none for an image.
pub(super) fn file_of(word: &str) -> Option<PathBuf> {
    let path = Path::new(word);
    if path.is_file() {
        return Some(path.to_owned());
    }
    let mut named = KUSTOMIZATION_FILES.iter().map(|name| path.join(name));
    named.find(|path| path.is_file())
}

/// Explains a file among those that lie around it.
pub(super) fn explain(args: &args::Explain, file: &Path, options: GlobalOptions) -> Result<u8> {
    let path = shown(file);
    let cannot = || format!("{path}: cannot read the file");
    let real = fs::canonicalize(file).with_context(cannot)?;
    let here = working_folder().filter(|here| real.starts_with(here));
    let around = match (here, real.parent()) {
        (None, Some(folder)) => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    let given = args::FileArgs {
        paths: vec![around],
        config: args.config.clone(),
        hidden: false,
        exclude: Vec::new(),
        fail_empty: false,
    };
    let wants = Wants {
        leave_managed: true,
        ..Wants::default()
    };
    let judged = judge_as_configured(&given, options, Mode::Check, wants, true)?;
    let mut files = judged.files.files.iter();
    let Some(position) = files.position(|file| file.path == real) else {
        bail!(
            "{path}: is not among the files that are read\n\
             help: files whose names begin with a dot, that .gitignore hides, or that do not end in .yaml, .yml or .json are not read"
        );
    };
    let told = RolesOfFile::of(&judged, position);
    match args.format {
        PlainFormat::Text => {
            let color = terminal::colors(options.color);
            terminal::print(&in_text(told.path, &told.steps(), color), color)?;
        }
        PlainFormat::Json => {
            let answer = json::lines(&told.json()).context("cannot write the answer")?;
            terminal::print_document(&answer)?;
        }
    }
    Ok(0)
}

/// What there is to tell of a file.
struct RolesOfFile<'j> {
    path: &'j str,
    roles: Vec<FileRole>,
    /// The kustomizations that name the file: the place of each reference, and the key that it is
    /// under.
    named_by: Vec<(String, &'static str)>,
    /// The folders that objects in it build, and the objects that build it.
    builds: Vec<FolderStep>,
    built_by: Vec<FolderStep>,
    /// The roots that build the file, each with the reason why parts of it are unknown, if any.
    roots: Vec<(&'j str, Option<&'j str>)>,
    /// Why it is not judged, if it is not.
    left_out: Option<String>,
    findings: usize,
    read: usize,
    unread: Vec<UnreadValue>,
    /// What charts the values in it are for.
    values: Vec<LayerRole<'j>>,
}

impl<'j> RolesOfFile<'j> {
    fn of(judged: &'j JudgedFiles, position: usize) -> Self {
        let all = roles_of(&judged.files, &judged.together);
        let files = &judged.files.files;
        let named_by = all.named_by(position).map(|one| {
            let file = &files[one.file];
            let at = place(file.text_or_empty(), one.at);
            (format!("{}:{at}", file.shown), one.key)
        });
        let folder_step = |one: BuiltFolder<'_>| {
            let file = &files[one.file];
            let at = place(file.text_or_empty(), one.at);
            FolderStep {
                place: format!("{}:{at}", file.shown),
                object: one.object.to_owned(),
                folder: one.folder.to_owned(),
                merged: one.merged.to_vec(),
            }
        };
        let unsettled = &judged.together.roots.unsettled;
        let roots = all.roots_of(position).into_iter().map(|root| {
            let why = unsettled.iter().find(|(file, _)| *file == root);
            (&*files[root].shown, why.map(|(_, why)| &**why))
        });
        let outcome = &judged.together.files[position];
        let seen = outcome.as_ref().map(|outcome| outcome.seen.clone());
        let seen = seen.unwrap_or_default();
        let unread = unread::values(files[position].text_or_empty(), &seen);
        let values = outcome.as_ref().map_or(&[][..], |outcome| &outcome.values);
        let values = values.iter().map(|of| {
            let shown = |layer: &Option<usize>| match layer {
                Some(file) => &*files[*file].shown,
                None => "values that are not read",
            };
            LayerRole {
                of,
                over: of.layers[..of.layer].iter().map(shown).collect(),
                under: of.layers[of.layer + 1..].iter().map(shown).collect(),
            }
        });
        let left_out = match (&files[position].text, outcome) {
            (Err(why), _) => Some(why.what.clone()),
            (_, Ok(outcome)) => outcome.skipped.map(|why| match why {
                Skipped::NoManifest if is_of_chart(&files[position].shown) => {
                    format!("{}{CHART_ITSELF}", why.as_str())
                }
                Skipped::NoManifest => format!("{}{OF_A_CHART}", why.as_str()),
                _ => why.as_str().to_owned(),
            }),
            (_, Err(error)) => Some(error.fault().what.clone()),
        };
        RolesOfFile {
            path: &files[position].shown,
            roles: all.of[position].clone(),
            named_by: named_by.collect(),
            builds: all.builds(position).map(folder_step).collect(),
            built_by: all.built_by(position).map(folder_step).collect(),
            roots: roots.collect(),
            left_out,
            findings: outcome.as_ref().map_or(0, |outcome| outcome.findings.len()),
            read: seen.read,
            unread,
            values: values.collect(),
        }
    }

    fn why(&self) -> &'static str {
        match (&self.roles[..], &self.named_by[..]) {
            ([FileRole::Kustomization], _) => "kustomize builds it",
            (_, []) if !self.values.is_empty() => {
                "decided by what installs the chart, by the chart beside it, or by the configuration"
            }
            (_, []) => "decided by its content; no kustomization here refers to it",
            _ => "decided by what refers to it",
        }
    }

    fn steps(&self) -> Vec<TraceStep> {
        let roles: Vec<&str> = self.roles.iter().map(|role| role.as_str()).collect();
        let mut steps = vec![step("role", &roles.join(" and "), self.why())];
        for (place, key) in &self.named_by {
            steps.push(step("named by", place, &format!("under `{key}`")));
        }
        for one in &self.builds {
            let folder = if one.folder.is_empty() {
                "."
            } else {
                &one.folder
            };
            steps.push(step("builds", folder, &one.why()));
        }
        for one in &self.built_by {
            steps.push(step("built by", &one.place, &one.why()));
        }
        for (root, why) in &self.roots {
            let why = why.map_or("settled".to_owned(), |why| format!("not settled: {why}"));
            steps.push(step("root", root, &why));
        }
        for layer in &self.values {
            steps.push(step("values", &layer.what(), &layer.why()));
        }
        let findings = match self.findings {
            0 => "nothing to report".to_owned(),
            number => count(number, "finding"),
        };
        steps.push(match &self.left_out {
            None => step("judged", "yes", &findings),
            Some(why) => step("judged", "no", why),
        });
        steps.push(step(
            "images",
            &format!("{} read, {} not read", self.read, self.unread.len()),
            "",
        ));
        for one in &self.unread {
            let value = format!("{} at {}", one.value, one.place);
            steps.push(step("not read", &value, &one.why));
        }
        steps
    }

    fn json(&self) -> Value {
        let roles: Vec<&str> = self.roles.iter().map(|role| role.as_str()).collect();
        let named_by = self.named_by.iter();
        let named_by = named_by.map(|(place, key)| json!({"place": place, "key": key}));
        let roots = self.roots.iter();
        let roots = roots.map(|(path, why)| json!({"path": path, "unsettled": why}));
        let unread = self
            .unread
            .iter()
            .map(|one| json!({"place": one.place.to_string(), "value": one.value, "why": one.why}));
        let mut told = json!({
            "version": 1,
            "path": self.path,
            "roles": roles,
            "namedBy": named_by.collect::<Vec<_>>(),
            "roots": roots.collect::<Vec<_>>(),
            "leftOut": self.left_out,
            "findings": self.findings,
            "read": self.read,
            "unread": unread.collect::<Vec<_>>(),
        });
        for (key, steps) in [("builds", &self.builds), ("builtBy", &self.built_by)] {
            if !steps.is_empty() {
                told[key] = steps.iter().map(FolderStep::json).collect();
            }
        }
        if !self.values.is_empty() {
            told["values"] = self.values.iter().map(LayerRole::json).collect();
        }
        told
    }
}

fn step(name: &'static str, value: &str, why: &str) -> TraceStep {
    TraceStep {
        name,
        value: value.to_owned(),
        why: why.to_owned(),
    }
}
