//! The entries of `emit`: what is generated, as it is written and checked.
//!
//! Each resource has a file with its settings, the entry that a user writes, and the checks that
//! lead from the entry to the settings.

mod admission_policy;
mod mirror_sync;
mod rollout_restart;

use schemars::JsonSchema;
use serde::Deserialize;

use super::fault::{ConfigFault, quoted};
use super::schedule::{schedule, time_zone};
use super::spanned::Spanned;
use crate::image::Reference;
use crate::mask;
use crate::revision::KubernetesVersion;
use crate::suggest;

pub use admission_policy::{Action, AdmissionPolicy, FailurePolicy};
pub use mirror_sync::{CaBundle, Credentials, MirrorSync, Proxy, StatusJob, TagName, Tool};
pub use rollout_restart::{RolloutRestart, Workload, WorkloadKind};

/// What is to be generated, and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generate {
    /// The configuration's name, which every generated name begins with.
    pub name: String,
    /// The namespace of what is generated; `None` leaves it to who applies it.
    pub namespace: Option<String>,
    /// The version of the cluster that it is for.
    pub target: Option<KubernetesVersion>,
    /// What is generated, each resource once at most, in the order of [`Emit`].
    pub emit: Vec<Emit>,
}

/// Makes the entries of `emit` from one row each: what it generates, its name, its key, and the module and type
/// of what is written below the key. The module's `checked` makes the settings, which are called as the entry.
macro_rules! entries {
    ($(#[doc = $doc:literal] $Entry:ident, $key:literal, $module:ident::$Written:ident;)*) => {
        /// A resource to generate, with its settings.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Emit {
            $(#[doc = $doc] $Entry(Box<$Entry>),)*
        }

        /// What is to be generated: a mapping of one key, which says what its value is.
        #[derive(Deserialize, JsonSchema)]
        #[serde(rename = "$entry")]
        #[schemars(rename = "EmitEntry")]
        pub(super) enum EmitEntry {
            $(#[doc = $doc] #[serde(rename = $key)] $Entry(Spanned<$module::$Written>),)*
        }

        /// The positions of the entries among [`KEYS`].
        enum Position {
            $($Entry,)*
        }

        /// The keys of the entries, in the order of [`Emit`].
        const KEYS: &[&str] = &[$($key),*];

        /// The settings of an entry, and its position among [`KEYS`].
        fn settings(
            entry: &EmitEntry,
            target: Option<KubernetesVersion>,
        ) -> Result<(usize, Emit), ConfigFault> {
            Ok(match entry {
                $(EmitEntry::$Entry(written) => {
                    let settings = Box::new($module::checked(written, target)?);
                    (Position::$Entry as usize, Emit::$Entry(settings))
                })*
            })
        }
    };
}

entries! {
    /// A CronJob that copies images to their mirrors.
    MirrorSync, "mirrorSync", mirror_sync::MirrorSyncEntry;
    /// A CronJob that restarts agents which do not restart themselves.
    RolloutRestart, "rolloutRestart", rollout_restart::RolloutRestartEntry;
    /// Policies by which the API server refuses, reports or rights what is wrong.
    AdmissionPolicy, "admissionPolicy", admission_policy::AdmissionPolicyEntry;
}

/// What is to be generated for a cluster of the version `target`.
pub(super) fn checked(
    entries: &Spanned<Vec<Spanned<EmitEntry>>>,
    target: Option<KubernetesVersion>,
) -> Result<Vec<Emit>, ConfigFault> {
    if entries.value.is_empty() {
        let fault = entries.fault("nothing is to be generated");
        return Err(fault.help(suggest::help_with_entries(KEYS)));
    }
    let mut found: [Option<(usize, Emit)>; KEYS.len()] = [const { None }; KEYS.len()];
    for entry in &entries.value {
        let (position, emit) = settings(&entry.value, target)?;
        if let Some((first, _)) = found[position] {
            let fault = entry.fault(format!("`{}` stands twice", KEYS[position]));
            let help = "keep one of them, or use another GenerateImages object".to_owned();
            return Err(fault.first(first).help(help));
        }
        found[position] = Some((entry.at, emit));
    }
    Ok(found.into_iter().flatten().map(|(_, emit)| emit).collect())
}

/// When a CronJob runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    /// Minute, hour, day of the month, month, day of the week; or a word such as `@weekly`.
    pub schedule: String,
    /// A name of the time zone database; `None` is the controller's own.
    pub time_zone: Option<String>,
    /// Whether the CronJob is suspended.
    pub suspend: bool,
}

fn tool_image(written: Option<&Spanned<String>>, default: &str) -> Result<String, ConfigFault> {
    let Some(written) = written else {
        return Ok(default.to_owned());
    };
    match Reference::parse(&written.value) {
        Ok(_) => Ok(written.value.clone()),
        Err(error) => {
            let why = mask::why(&written.value, &error);
            let fault = written.fault(format!("{}: {why}", quoted(&written.value)));
            Err(fault.help(error.help()))
        }
    }
}

fn timing(
    (written, weekly): (&Option<Spanned<String>>, &str),
    zone: &Option<Spanned<String>>,
    suspend: bool,
    target: Option<KubernetesVersion>,
) -> Result<Timing, ConfigFault> {
    if let (Some(zone), Some(target)) = (zone, target)
        && (target.major, target.minor) < (1, 25)
    {
        let fault = zone.fault(format!("Kubernetes {target} knows no time zones"));
        let help = "CronJobs have had them since 1.25: leave `timeZone` out";
        return Err(fault.help(help.to_owned()));
    }
    Ok(Timing {
        schedule: match written {
            Some(written) => schedule(written)?,
            None => weekly.to_owned(),
        },
        time_zone: zone.as_ref().map(time_zone).transpose()?,
        suspend,
    })
}
