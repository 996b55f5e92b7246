//! The command line: its commands and arguments, their help, and nothing else.

mod agents;
#[cfg(feature = "exchange")]
mod exchange;
mod files;
mod formats;
#[cfg(feature = "mirror")]
mod mirror;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::config::Date;

pub(super) use agents::{Agents, AgentsCommand, Explain, Verify};
#[cfg(feature = "exchange")]
pub(super) use exchange::{Export, ExportTo, Import};
pub(super) use files::{Check, FileArgs, Fix, Images, Reporting, Volume};
pub(super) use formats::{Color, Format, ListFormat, PlainFormat};
#[cfg(feature = "pages")]
pub(super) use formats::{JoinedFormat, SchemaOf};
#[cfg(feature = "mirror")]
pub(super) use mirror::{Mirror, MirrorCommand, MirrorFormat, MirrorStatus};

pub(super) const EXAMPLES: &str = "\
Examples:
  restore-images init                    propose a configuration for this folder
  restore-images check                   say what is wrong, and exit with 1
  restore-images fix --diff apps/        show what would change
  restore-images fix apps/               change it
  restore-images explain quay.io/acme/agent:v1   what the rules say of an image
  restore-images explain pinned-tag      what a finding means

  kustomize build --enable-alpha-plugins --enable-exec .   as a transformer
  kpt fn render --allow-exec                               as a mutator
  restore-images render -c restore-images.yaml app.yaml    files, to one stream
  kustomize build . | restore-images restore-images.yaml   any stream";

pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  a finding is an error, or is left for `check` to refuse, or `fix --diff`
     shows a change
  2  the work could not be done
  3  no manifests were found, and --fail-empty was given";

/// Brings monitoring agents' images, tags, pull policies and pull secrets back to
/// what their vendors and your registry rules say, and touches no other byte.
#[derive(Debug, Parser)]
#[command(name = "restore-images", version, after_help = format!("{EXAMPLES}\n\n{EXIT_CODES}"))]
pub(super) struct Cli {
    /// Configuration of a stream on standard input; a ResourceList has its own
    #[arg(value_name = "CONFIG")]
    pub(super) config: Option<PathBuf>,

    /// Date to treat as today, for expiring exceptions and for dates on pages [default: today]
    #[arg(long, value_name = "YYYY-MM-DD", global = true, value_parser = parse_date)]
    pub(super) today: Option<Date>,

    /// Colours: auto, always or never; respects NO_COLOR
    #[arg(
        long,
        value_name = "WHEN",
        global = true,
        default_value = "auto",
        hide_possible_values = true
    )]
    pub(super) color: Color,

    /// Parse with the reference parser alone, which the fast one is tested against
    #[arg(long, global = true, hide = true)]
    pub(super) no_fast: bool,

    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Put right what is wrong in files, in place
    #[command(after_help = "\
Examples:
  restore-images fix                  every manifest below this folder
  restore-images fix --diff | git apply
  restore-images fix - < app.yaml     standard input to standard output")]
    Fix(Fix),

    /// Say what is wrong in files; exit 1 if an error is among it
    #[command(after_help = "\
Examples:
  restore-images check
  restore-images check --format sarif apps/ > restore-images.sarif
  restore-images check --format github      annotations, in a workflow
  kubectl get deploy,rs,sts,ds,cj,jobs,pods -A -o yaml | restore-images check -
  restore-images check --rendered clusters/ what kustomize and helm make of them")]
    Check(Check),

    /// List every image that manifests name
    #[command(after_help = "\
Examples:
  restore-images images
  restore-images images --format csv > images.csv
  restore-images images --format skopeo \\
    --to registry.example.com/hub/realtheory > hub.yaml
  skopeo sync --all --preserve-digests --src yaml --dest docker \\
    hub.yaml registry.example.com/hub/realtheory")]
    Images(Images),

    /// Explain what becomes of an image, what a file is, or a finding
    #[command(after_help = "\
Examples:
  restore-images explain pinned-tag       what its page says
  restore-images explain datadog          what is known of the agent
  restore-images explain registry.local:5000/realtheory/theory-k8s-collector:v1
  restore-images explain nginx --container collector --workload collector
  restore-images explain overlays/prod/memory.yaml   what it is for")]
    Explain(Explain),

    /// List the agents that are known, show one, or check profiles
    #[command(after_help = "\
Examples:
  restore-images agents                  a row for each
  restore-images agents datadog          one in full
  restore-images agents grafana          all of a vendor
  restore-images agents datadog --images
  restore-images agents verify --against ~/vendors   checked out as OWNER/REPO")]
    Agents(Agents),

    /// Say whether mirrors hold what vendors publish (uses the network)
    #[cfg(feature = "mirror")]
    Mirror(Mirror),

    /// Read mirrors from other programs' files into a configuration
    #[cfg(feature = "exchange")]
    Import(Import),

    /// Write the mirrors of a configuration for another program
    #[cfg(feature = "exchange")]
    Export(Export),

    /// Join the JSON reports of many repositories or clusters into one
    #[cfg(feature = "pages")]
    #[command(after_help = "\
Examples:
  restore-images report reports/*.json
  restore-images report --format html reports/*.json > all.html
  restore-images report prod=a/report.json test=b/report.json
  restore-images report --format json reports/*.json > this-week.json
  restore-images report --since old.json this-week.json   what is new or gone")]
    Report(Report),

    /// Look at a folder and propose a configuration for it
    #[cfg(feature = "pages")]
    Init(Init),

    /// Restore files into one stream on standard output
    #[command(after_help = "\
Examples:
  restore-images render -c restore-images.yaml app.yaml > restored.yaml
  helm template . | restore-images render -c restore-images.yaml -
  restore-images render -c generate.yaml app.yaml    by a GenerateImages
  restore-images generate.yaml < /dev/null           by the profiles alone")]
    Render {
        /// Configuration; without it every built-in agent is looked for and no mirror is known
        #[arg(short, long, value_name = "CONFIG")]
        config: Option<PathBuf>,

        /// As a step of an Argo CD plugin: read ARGOCD_APP_PARAMETERS, and no file outside this folder
        #[arg(long)]
        argocd: bool,

        /// With --argocd: a program and its arguments, up to the end of the line, that prints the manifests
        #[arg(
            long,
            value_name = "PROGRAM",
            num_args = 1..,
            allow_hyphen_values = true,
            requires = "argocd",
            conflicts_with = "files"
        )]
        run: Vec<std::ffi::OsString>,

        /// Files of manifests; `-` is standard input
        #[arg(required_unless_present = "run", value_name = "FILE")]
        files: Vec<PathBuf>,
    },

    /// Print a JSON Schema, for editors
    #[cfg(feature = "pages")]
    Schema {
        /// Which schema: config, generate (a configuration that generates), profile, or the JSON output of check (report), report (joined) or mirror status (mirror)
        #[arg(
            value_name = "OF",
            default_value = "config",
            hide_possible_values = true
        )]
        of: SchemaOf,
    },

    /// Print a shell's completions
    #[cfg(feature = "pages")]
    Completions {
        /// bash, elvish, fish, powershell or zsh
        #[arg(hide_possible_values = true)]
        shell: clap_complete::Shell,
    },

    /// Print a manual page
    #[cfg(feature = "pages")]
    Man {
        /// Command to document [default: the whole program]
        #[arg(value_name = "COMMAND")]
        command: Option<String>,
    },
}

#[cfg(feature = "pages")]
#[derive(Debug, Args)]
pub(super) struct Report {
    /// Reports written by `--format json`; NAME=FILE.json shows one under another name; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<String>,

    /// An older report, alone or joined: say what is new since then, what is gone, and what is left
    #[arg(long, value_name = "FILE")]
    pub(super) since: Option<PathBuf>,

    /// How the reports are written: text, json, markdown or html
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        hide_possible_values = true
    )]
    pub(super) format: JoinedFormat,
}

#[derive(Debug, Args)]
pub(super) struct Init {
    /// Files and folders to look at
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,

    /// Write restore-images.yaml into the first PATH instead of printing it
    #[arg(long)]
    pub(super) write: bool,

    /// Look into hidden files and folders too
    #[arg(long)]
    pub(super) hidden: bool,

    /// Leave files and folders out, with .gitignore syntax; may be given again
    #[arg(long, value_name = "GLOB", allow_hyphen_values = true)]
    pub(super) exclude: Vec<String>,
}

fn parse_date(text: &str) -> Result<Date, String> {
    Date::parse(text).ok_or_else(|| "write a day as 2027-01-31".to_owned())
}
