//! `emit.mirrorSync`: a CronJob that copies images to their mirrors.

mod reach;
mod status;
mod tags;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Timing, timing, tool_image};
use crate::config::fault::ConfigFault;
use crate::config::names;
use crate::config::shape;
use crate::config::spanned::Spanned;
use crate::revision::KubernetesVersion;

pub use reach::{CaBundle, Proxy};
pub use status::StatusJob;
pub use tags::TagName;

use reach::{CaBundleEntry, ProxyEntry, ca_bundle, proxy};
use status::{StatusEntry, status_job};
use tags::{TagNameEntry, tags};

/// How mirrors are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MirrorSync {
    /// The program that copies.
    pub tool: Tool,
    /// The image that the tool comes in, as its vendor publishes it.
    pub image: String,
    /// When.
    pub timing: Timing,
    /// Secrets with users and passwords.
    pub credentials: Vec<Credentials>,
    /// Whether signatures and what else is attached to an image are copied; `None` where nobody says.
    pub signatures: Option<bool>,
    /// Tags that the mirror names otherwise than the vendor.
    pub tags: Vec<TagName>,
    /// Hosts whose certificate is not checked.
    pub insecure_registries: Vec<String>,
    /// Certificates of authorities to trust besides those of the image.
    pub ca_bundle: Option<CaBundle>,
    /// The proxy by which registries are reached.
    pub proxy: Option<Proxy>,
    /// How many seconds a finished Job stays; `None` leaves that to the CronJob.
    pub ttl: Option<u32>,
    /// The job that looks whether the mirrors are right.
    pub status: Option<StatusJob>,
}

impl MirrorSync {
    /// Whether what is attached to an image is copied, as far as the tool can.
    pub fn copies_referrers(&self) -> bool {
        self.signatures.unwrap_or(self.tool.copies_referrers())
    }
}

/// A program that copies images between registries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename = "tool", rename_all = "camelCase")]
pub enum Tool {
    /// `skopeo sync`, and `skopeo copy` where a mirror renames a repository.
    #[default]
    Skopeo,
    /// `regsync once`.
    Regsync,
    /// `crane copy`.
    Crane,
    /// `flux-mirror sync`.
    #[serde(rename = "flux-mirror")]
    FluxMirror,
}

impl Tool {
    /// The program's name.
    pub fn name(self) -> &'static str {
        match self {
            Tool::Skopeo => "skopeo",
            Tool::Regsync => "regsync",
            Tool::Crane => "crane",
            Tool::FluxMirror => "flux-mirror",
        }
    }

    /// The image that its project publishes, by the digest of its index; crane's plain image has no
    /// shell, `debug` has one.
    ///
    /// skopeo's plain tags are built anew each day, and what they leave behind is deleted; its
    /// `-immutable` tags stay. The digests are what automated updates pin in other repositories
    /// (August and September 2026): near/mpc for skopeo, squirro/slowshield for crane,
    /// controlplaneio-fluxcd/flux-operator for flux-mirror. Of regsync's none could be found.
    pub fn default_image(self) -> &'static str {
        match self {
            Tool::Skopeo => {
                "quay.io/skopeo/stable:v1.22.2-immutable@sha256:4a16d57b37617a04b3d643079a477a2848efe892dffcdf0ce56df4262b65f810"
            }
            Tool::Regsync => "ghcr.io/regclient/regsync:v0.11.7",
            Tool::Crane => {
                "gcr.io/go-containerregistry/crane/debug:v0.22.1@sha256:e78770b31258a3846f878036d9c1f63fbe4c871f9f56990bf77fd95c013e3c1b"
            }
            Tool::FluxMirror => {
                "ghcr.io/fluxcd/flux-mirror:v0.8.0@sha256:432117c67f83ae3c78d2fd63a4023876b51eaeafbde6e9efb0b42788d86e7695"
            }
        }
    }

    /// Whether it can copy referrers of an image, such as signatures.
    pub fn copies_referrers(self) -> bool {
        matches!(self, Tool::Regsync | Tool::FluxMirror)
    }

    /// What it leaves of what is attached to an image.
    pub fn leaves(self) -> Option<&'static str> {
        match self {
            Tool::Regsync => None,
            Tool::FluxMirror => Some("cosign's tags (`sha256-….sig`)"),
            Tool::Skopeo | Tool::Crane => {
                Some("signatures, attestations and other referrers, cosign's tags among them")
            }
        }
    }
}

/// A Secret of the type `kubernetes.io/dockerconfigjson`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Its name.
    pub secret: String,
    /// The hosts that it is for; none means all that no other Secret is for.
    pub registries: Vec<String>,
}

/// How mirrors are kept.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(in crate::config) struct MirrorSyncEntry {
    /// The program that copies.
    tool: Tool,
    /// The image that the tool comes in, as its vendor publishes it.
    image: Option<Spanned<String>>,
    /// When, as CronJobs have it.
    #[schemars(regex(pattern = shape::SCHEDULE))]
    schedule: Option<Spanned<String>>,
    /// The time zone of the schedule: `Europe/Berlin`.
    time_zone: Option<Spanned<String>>,
    /// Whether it is made and does not run.
    suspend: bool,
    /// Secrets with users and passwords.
    credentials: Vec<Spanned<CredentialsEntry>>,
    /// Whether signatures, attestations and other referrers are copied along, which regsync and
    /// flux-mirror do unless this is `false`; `false` says of the others that it is meant so.
    signatures: Option<Spanned<bool>>,
    /// Tags that the mirror names otherwise than the vendor.
    tags: Vec<Spanned<TagNameEntry>>,
    /// Hosts whose certificate is not checked. Those without TLS are in `plainHttpRegistries` of the
    /// rules.
    #[schemars(inner(regex(pattern = shape::HOST)))]
    insecure_registries: Vec<Spanned<String>>,
    /// Certificates of authorities to trust besides those of the image.
    ca_bundle: Option<Box<CaBundleEntry>>,
    /// The proxy by which registries are reached.
    proxy: Option<Box<ProxyEntry>>,
    /// How many seconds a finished Job stays.
    ttl_seconds_after_finished: Option<u32>,
    /// A job that looks whether the mirrors are right, and fails where one is not.
    status: Option<Box<Spanned<StatusEntry>>>,
}

/// [`Credentials`] as they are written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CredentialsEntry {
    /// The name of a Secret of the type `kubernetes.io/dockerconfigjson`.
    secret: Spanned<String>,
    /// The hosts that it is for; left out, all that no other Secret is for.
    registries: Option<Spanned<Vec<Spanned<String>>>>,
}

pub(super) fn checked(
    written: &Spanned<MirrorSyncEntry>,
    target: Option<KubernetesVersion>,
) -> Result<MirrorSync, ConfigFault> {
    let entry = &written.value;
    let mut credentials: Vec<Credentials> = Vec::new();
    for written in &entry.credentials {
        let found = self::credentials(&written.value)?;
        if let Some(first) = credentials.first()
            && entry.tool != Tool::Skopeo
        {
            let what = format!("{} reads one file of credentials", entry.tool.name());
            let help = format!(
                "put every registry into the Secret {}, or use `tool: skopeo`",
                first.secret
            );
            return Err(written.fault(what).help(help));
        }
        let same = credentials.iter().any(|known| {
            known.registries.is_empty() && found.registries.is_empty()
                || known
                    .registries
                    .iter()
                    .any(|host| found.registries.contains(host))
        });
        if same {
            let fault = written.fault("two Secrets are for the same registry");
            let help = "name each registry once, and leave `registries` out once at most";
            return Err(fault.help(help.to_owned()));
        }
        credentials.push(found);
    }
    let timing = timing(
        (&entry.schedule, "0 3 * * 0"),
        &entry.time_zone,
        entry.suspend,
        target,
    )?;
    Ok(MirrorSync {
        tool: entry.tool,
        image: tool_image(entry.image.as_ref(), entry.tool.default_image())?,
        credentials,
        signatures: signatures(entry)?,
        tags: tags(&entry.tags)?,
        insecure_registries: names::hosts(&entry.insecure_registries)?,
        ca_bundle: entry.ca_bundle.as_deref().map(ca_bundle).transpose()?,
        proxy: entry.proxy.as_deref().map(proxy).transpose()?,
        ttl: entry.ttl_seconds_after_finished,
        status: status_job(entry, &timing.schedule, target)?,
        timing,
    })
}

fn signatures(entry: &MirrorSyncEntry) -> Result<Option<bool>, ConfigFault> {
    let tool = entry.tool;
    match &entry.signatures {
        Some(written) if written.value && !tool.copies_referrers() => {
            let fault = written.fault(format!("{} leaves signatures behind", tool.name()));
            Err(fault.help("use `tool: regsync`".to_owned()))
        }
        written => Ok(written.as_ref().map(|written| written.value)),
    }
}

fn credentials(entry: &CredentialsEntry) -> Result<Credentials, ConfigFault> {
    let registries = match &entry.registries {
        Some(written) if written.value.is_empty() => {
            let fault = written.fault("the list names no registry");
            let help = "name one, or leave `registries` out for every registry";
            return Err(fault.help(help.to_owned()));
        }
        Some(written) => names::hosts(&written.value)?,
        None => Vec::new(),
    };
    Ok(Credentials {
        secret: names::legal(&entry.secret)?,
        registries,
    })
}
