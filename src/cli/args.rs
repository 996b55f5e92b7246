//! The command line: its words, their help, and nothing else.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::config::Date;

const EXAMPLES: &str = "\
Examples:
  kustomize build --enable-alpha-plugins --enable-exec .     as a transformer: exec: {path: restore-images}
  kpt fn render --allow-exec                                 as a mutator: exec: restore-images
  restore-images render -c restore-images.yaml app.yaml      files, to one stream
  kustomize build . | restore-images restore-images.yaml     any stream of manifests

Exit codes: 0 done, 1 a finding is an error (mode: check), 2 the work could not be done.
Findings go to standard error, or into the ResourceList's results.";

/// Brings monitoring agents' images, tags, pull policies and pull secrets back to what their
/// vendors and your registry mapping rules say, without touching another byte.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(super) struct Args {
    /// Configuration for a stream on standard input; a ResourceList brings its own
    #[arg(value_name = "CONFIG")]
    pub(super) config: Option<PathBuf>,

    /// The day that exceptions are judged by, instead of the clock's
    #[arg(long, value_name = "YYYY-MM-DD", global = true, value_parser = parse_date)]
    pub(super) today: Option<Date>,

    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write the manifests of files, restored, as one stream to standard output
    Render {
        /// Configuration; without it every built-in agent is restored
        #[arg(short, long, value_name = "CONFIG")]
        config: Option<PathBuf>,

        /// As a step of an Argo CD plugin: read ARGOCD_APP_PARAMETERS, and no file outside this folder
        #[arg(long)]
        argocd: bool,

        /// Files of manifests; `-` is standard input
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

fn parse_date(text: &str) -> Result<Date, String> {
    Date::parse(text).ok_or_else(|| "write a day as 2027-01-31".to_owned())
}
