//! kustomize and helm: where they are, what they are run with, and why they fail.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::cli::program::{self, Bounds, Limit};
use crate::cli::roots::{BuildRoot, BuiltBy};
use crate::mask::{self, MASK};
use crate::report::Problem;

use super::problem;

/// Bytes of a build beyond which it is not read: 100 MiB.
const MOST_BUILT: u64 = 100 << 20;

/// The programs that the roots need.
pub(super) struct Programs {
    kustomize: Option<PathBuf>,
    pub(super) helm: Option<PathBuf>,
    /// Whether a kustomization may inflate charts.
    inflates: bool,
}

impl Programs {
    /// # Errors
    /// A program that is needed is not there.
    pub(super) fn find<'t>(
        roots: &[BuildRoot<'_>],
        mut texts: impl Iterator<Item = &'t str>,
    ) -> Result<Self> {
        let number = |builder| roots.iter().filter(|root| root.builder == builder).count();
        let (kustomizations, charts) = (number(BuiltBy::Kustomize), number(BuiltBy::Helm));
        let inflates =
            kustomizations > 0 && texts.any(|text| text.to_ascii_lowercase().contains(CHARTS));
        let kustomize = needed("kustomize", kustomizations > 0, KUSTOMIZE)?;
        let helm = needed("helm", charts > 0 || inflates, HELM)?;
        Ok(Programs {
            kustomize,
            helm,
            inflates,
        })
    }

    /// What a root builds, or why it does not.
    pub(super) fn build(&self, root: &BuildRoot<'_>, limit: Limit<'_>) -> Result<String, Problem> {
        let (program, name) = match root.builder {
            BuiltBy::Kustomize => (&self.kustomize, "kustomize build"),
            BuiltBy::Helm => (&self.helm, "helm template"),
        };
        let Some(program) = program else {
            return Err(problem(&format!("{name}: not found"), None));
        };
        let mut command = Command::new(program);
        match (root.builder, &self.helm) {
            // It reads values.yaml beside the chart by itself.
            (BuiltBy::Helm, _) => command.arg("template"),
            (BuiltBy::Kustomize, Some(helm)) if self.inflates => {
                let enabled = ["build", "--enable-helm", "--helm-command"];
                command.args(enabled).arg(helm)
            }
            _ => command.arg("build"),
        };
        command.arg(root.folder);
        let bounds = Bounds {
            most: MOST_BUILT,
            time: Some(limit),
        };
        let ended = program::run(&mut command, name, bounds);
        let ended = ended.map_err(|error| of_error(&format!("{error:#}")))?;
        if !ended.status.success() {
            let why = format!("{name} failed: {}", reason(&ended.said));
            let help = if why.contains("external plugins disabled") {
                PLUGINS.to_owned()
            } else {
                format!("run `{name}` on this folder to see all that it says")
            };
            return Err(problem(&why, Some(&help)));
        }
        let text = String::from_utf8(ended.output);
        text.map_err(|_| problem(&format!("{name}: the output is not UTF-8"), None))
    }
}

/// A kustomization that does not contain this word, in whatever case, inflates no chart.
const CHARTS: &str = "helmchart";

/// Functions and plug-ins are programs that the repository names.
const PLUGINS: &str = "it runs functions or plug-ins (restore-images under `transformers:` is one), which \
                       --rendered never does: leave it out with --exclude, build it yourself with \
                       --enable-alpha-plugins --enable-exec, and check what comes out";

const KUSTOMIZE: &str = "https://kubectl.docs.kubernetes.io/installation/kustomize/";
const HELM: &str = "https://helm.sh/docs/intro/install/";

/// Where a program is, if it is needed.
fn needed(name: &str, is_needed: bool, from: &str) -> Result<Option<PathBuf>> {
    if !is_needed {
        return Ok(None);
    }
    let found = program::find(name);
    if found.is_none() {
        bail!(
            "{name} is not on PATH, and --rendered builds with it\n\
             help: install it ({from}), or check the files themselves, without --rendered"
        );
    }
    Ok(found)
}

/// A message with its `help:` line as a problem.
fn of_error(message: &str) -> Problem {
    match message.split_once("\nhelp: ") {
        Some((what, help)) => problem(what, Some(help)),
        None => problem(message, None),
    }
}

/// Why a program failed: the line that says so, without what may be a password in an address, and
/// without the literals of generators, of which Secrets are made.
fn reason(said: &str) -> String {
    let lines = || said.lines().map(str::trim).filter(|line| !line.is_empty());
    let line = lines().find_map(|line| line.strip_prefix("Error: "));
    let line = line
        .or(lines().next_back())
        .unwrap_or("it does not say why");
    const LITERAL: &str = "literal source";
    if let Some(at) = line.find(LITERAL) {
        return format!("{}{LITERAL} {MASK}", &line[..at]);
    }
    let words = line.split(' ').map(|word| {
        let around = ['\'', '"', '`', '(', ')', '[', ']', ',', ':', '.'];
        let inner = word.trim_matches(around);
        // A message may have one slash of the two of a scheme.
        let is_address = inner.contains(['@', '?', '#', '%']) || inner.contains(":/");
        if is_address {
            word.replacen(inner, &mask::location(inner), 1)
        } else {
            word.to_owned()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}
