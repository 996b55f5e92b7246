//! `mirrorSync.status`: a job that looks at what was copied.

use schemars::JsonSchema;
use serde::Deserialize;

use super::MirrorSyncEntry;
use crate::config::emit::{Timing, timing, tool_image};
use crate::config::fault::{ConfigFault, quoted};
use crate::config::schedule::nine_hours_after;
use crate::config::shape;
use crate::config::spanned::Spanned;
use crate::revision::KubernetesVersion;

/// A job that runs `mirror status`, and fails where a mirror is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusJob {
    /// An image with a `restore-images` that has the command.
    pub image: String,
    /// When.
    pub timing: Timing,
    /// The value of `--max-behind`, where one is given.
    pub max_behind: Option<String>,
    /// Whether each platform and what is attached is looked for; `None` where nobody says.
    pub deep: Option<bool>,
}

/// [`StatusJob`] as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct StatusEntry {
    /// An image with a `restore-images` that has `mirror status`, which the function's image has not.
    image: Spanned<String>,
    /// When, as CronJobs have it; left out, nine hours after each copy, or each day at noon where no one
    /// schedule says that.
    #[schemars(regex(pattern = shape::SCHEDULE))]
    schedule: Option<Spanned<String>>,
    /// The value of `--max-behind`: `7d`, `12h`.
    #[schemars(regex(pattern = shape::AGE))]
    max_behind: Option<Spanned<String>>,
    /// Whether each platform and what is attached, such as signatures, is looked for, which takes more
    /// requests; left out, where the tool copies all of it.
    deep: Option<bool>,
}

pub(super) fn status_job(
    entry: &MirrorSyncEntry,
    copies: &str,
    target: Option<KubernetesVersion>,
) -> Result<Option<StatusJob>, ConfigFault> {
    let Some(written) = entry.status.as_deref() else {
        return Ok(None);
    };
    if entry.credentials.len() > 1 {
        let fault = written.fault("`mirror status` reads one file of credentials");
        let help = "put every registry into one Secret, or leave `status` out";
        return Err(fault.help(help.to_owned()));
    }
    let job = &written.value;
    let max_behind = job.max_behind.as_ref().map(|age| {
        let digits = age.value.strip_suffix(['d', 'h']).unwrap_or_default();
        let is_age = (1..=5).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if is_age {
            return Ok(age.value.clone());
        }
        let fault = age.fault(format!("{} is no age", quoted(&age.value)));
        Err(fault.help("write days or hours: `7d`, `12h`".to_owned()))
    });
    Ok(Some(StatusJob {
        image: tool_image(Some(&job.image), "")?,
        timing: timing(
            (&job.schedule, &nine_hours_after(copies)),
            &entry.time_zone,
            entry.suspend,
            target,
        )?,
        max_behind: max_behind.transpose()?,
        deep: job.deep,
    }))
}
