//! The arguments of `mirror`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{FileArgs, Volume};

#[derive(Debug, Args)]
pub(in crate::cli) struct Mirror {
    #[command(subcommand)]
    pub(in crate::cli) command: MirrorCommand,
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum MirrorCommand {
    /// Ask registries and mirrors whether they hold the same of each image
    #[command(after_help = "\
Examples:
  restore-images mirror status                 the images of this folder
  kustomize build . | restore-images mirror status -
  restore-images mirror status --profiles      what the profiles name
  restore-images mirror status --deep          every platform and signature, too
  restore-images mirror status --format prometheus > mirrors.prom
  kubectl get pods -A -o json | restore-images mirror status --pods -

Exit codes:
  0  every mirror is current, or behind by no more than --max-behind; with
     --pods, every pod runs what its tags mean
  1  one is not, or does not
  2  a registry could not be asked, or its answer was inconclusive")]
    Status(MirrorStatus),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct MirrorStatus {
    #[command(flatten)]
    pub(in crate::cli) files: FileArgs,

    /// Check the images that profiles name, not those in manifests
    #[arg(long, conflicts_with = "paths")]
    pub(in crate::cli) profiles: bool,

    /// Running pods, as kubectl writes them: say whether what they run is what their tags mean now
    #[arg(long, value_name = "FILE", conflicts_with_all = ["paths", "profiles", "deep", "max_behind"])]
    pub(in crate::cli) pods: Option<PathBuf>,

    /// How far a mirror may lag behind the vendor: 7d, 36h
    #[arg(long, value_name = "TIME", default_value = "7d", value_parser = parse_time)]
    pub(in crate::cli) max_behind: i64,

    /// Look for every platform and for what is attached, such as signatures, which takes more requests
    #[arg(long)]
    pub(in crate::cli) deep: bool,

    /// Certificates of authorities to trust besides the system's, as PEM
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) ca_bundle: Option<PathBuf>,

    /// The seconds that one request may take
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub(in crate::cli) timeout: u64,

    /// The seconds that everything may take
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(in crate::cli) time_limit: u64,

    /// How often a registry that is too busy is asked again
    #[arg(long, value_name = "COUNT", default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..=10))]
    pub(in crate::cli) retries: u32,

    /// Output format: text, json, junit or prometheus
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        hide_possible_values = true
    )]
    pub(in crate::cli) format: MirrorFormat,

    #[command(flatten)]
    pub(in crate::cli) volume: Volume,
}

/// How states of mirrors are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum MirrorFormat {
    /// For people
    Text,
    /// For programs; `restore-images schema mirror` describes it
    Json,
    /// JUnit XML, for test reports
    Junit,
    /// Metrics in Prometheus' text format
    Prometheus,
}

/// Seconds, of days or hours.
fn parse_time(text: &str) -> Result<i64, String> {
    let seconds = |count: &str, each: i64| {
        let is_number = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
        let count: Option<i64> = count.parse().ok().filter(|_| is_number);
        count.and_then(|count| count.checked_mul(each))
    };
    let days = text
        .strip_suffix('d')
        .and_then(|days| seconds(days, 86_400));
    let hours = || {
        text.strip_suffix('h')
            .and_then(|hours| seconds(hours, 3_600))
    };
    days.or_else(hours)
        .ok_or_else(|| "write days or hours as 7d or 36h".to_owned())
}
