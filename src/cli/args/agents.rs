//! The arguments of `agents`, and of `explain`, which tells of one image.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::PlainFormat;

#[derive(Debug, Args)]
pub(in crate::cli) struct Explain {
    /// An image reference, a file, the id of a finding (pinned-tag), or an agent
    #[arg(value_name = "IMAGE|PATH|RULE|AGENT")]
    pub(in crate::cli) image: String,

    /// The name of the container that runs it
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) container: Option<String>,

    /// The name of its workload
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) workload: Option<String>,

    /// The workload's namespace
    #[arg(short, long, value_name = "NAME")]
    pub(in crate::cli) namespace: Option<String>,

    /// Configuration [default: restore-images.yaml, in the folder of the paths or above]
    #[arg(short, long, value_name = "FILE")]
    pub(in crate::cli) config: Option<PathBuf>,

    /// Output format: text or json
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        hide_possible_values = true
    )]
    pub(in crate::cli) format: PlainFormat,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(in crate::cli) struct Agents {
    #[command(subcommand)]
    pub(in crate::cli) command: Option<AgentsCommand>,

    /// Agent to show in full, or a word to search for in names, vendors and images
    #[arg(value_name = "NAME")]
    pub(in crate::cli) name: Option<String>,

    /// List every image with its tag policy and pull policy
    #[arg(long)]
    pub(in crate::cli) images: bool,

    /// Print the built-in profile itself, to start your own from
    #[arg(long, requires = "name", conflicts_with = "images")]
    pub(in crate::cli) profile: bool,

    /// Configuration [default: restore-images.yaml, in the folder of the paths or above]
    #[arg(short, long, value_name = "FILE")]
    pub(in crate::cli) config: Option<PathBuf>,

    /// How the list is written: text or json
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        hide_possible_values = true
    )]
    pub(in crate::cli) format: PlainFormat,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum AgentsCommand {
    /// Check profiles against vendors' repositories; exit 1 if one moved
    Verify(Verify),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct Verify {
    /// Only these agents
    #[arg(value_name = "NAME")]
    pub(in crate::cli) names: Vec<String>,

    /// The folder that holds checked-out repositories as OWNER/REPO
    #[arg(long, value_name = "DIR")]
    pub(in crate::cli) against: PathBuf,

    /// The profiles that this file writes out, instead of the built-in ones
    #[arg(short, long, value_name = "FILE")]
    pub(in crate::cli) config: Option<PathBuf>,

    /// Output format: text or json
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        hide_possible_values = true
    )]
    pub(in crate::cli) format: PlainFormat,
}
