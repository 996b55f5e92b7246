//! `emit.mirrorSync`: a CronJob that copies images to their mirrors.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Timing, timing, tool_image};
use crate::config::fault::{ConfigFault, quoted};
use crate::config::names;
use crate::config::shape;
use crate::config::spanned::Spanned;
use crate::image::{Reference, Repository};
use crate::revision::KubernetesVersion;

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

/// A tag that the mirror names otherwise than the vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagName {
    /// The official repository that it is for; `None` is every one.
    pub image: Option<Repository>,
    /// The vendor's tag.
    pub official: String,
    /// The mirror's.
    pub mirror: String,
}

/// A job that runs `mirror status`, and fails where a mirror is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusJob {
    /// An image with a `restore-images` that has the command.
    pub image: String,
    /// When.
    pub timing: Timing,
    /// The value of `--max-behind`, where one is given.
    pub max_behind: Option<String>,
}

/// A key of a ConfigMap that holds certificates, as PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaBundle {
    /// The ConfigMap's name.
    pub config_map: String,
    /// Its key.
    pub key: String,
}

/// A proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// `http://proxy.example.com:3128`.
    pub url: String,
    /// Hosts, domains and networks that are reached without it, as `NO_PROXY` has them.
    pub except: Vec<String>,
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

    /// The image that its project publishes; crane's plain image has no shell, `debug` has one.
    pub fn default_image(self) -> &'static str {
        match self {
            Tool::Skopeo => "quay.io/skopeo/stable:v1.18.0",
            Tool::Regsync => "ghcr.io/regclient/regsync:v0.8.3",
            Tool::Crane => "gcr.io/go-containerregistry/crane:debug",
            Tool::FluxMirror => "ghcr.io/fluxcd/flux-mirror:v0.8.0",
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

/// [`TagName`] as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TagNameEntry {
    /// The official image that it is for, without tag and digest; left out, every one.
    image: Option<Spanned<String>>,
    /// The vendor's tag.
    #[schemars(regex(pattern = shape::TAG), length(min = 1))]
    official: Spanned<String>,
    /// The mirror's tag.
    #[schemars(regex(pattern = shape::TAG), length(min = 1))]
    mirror: Spanned<String>,
}

/// [`StatusJob`] as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct StatusEntry {
    /// An image with a `restore-images` that has `mirror status`, which the function's image has not.
    image: Spanned<String>,
    /// When, as CronJobs have it.
    schedule: Option<Spanned<String>>,
    /// The value of `--max-behind`: `7d`, `12h`.
    #[schemars(regex(pattern = shape::AGE))]
    max_behind: Option<Spanned<String>>,
}

/// [`CaBundle`] as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CaBundleEntry {
    /// The name of a ConfigMap in the job's namespace.
    config_map: Spanned<String>,
    /// The key that holds the certificates, as PEM; left out, `ca.crt`.
    #[schemars(regex(pattern = shape::KEY))]
    key: Option<Spanned<String>>,
}

/// [`Proxy`] as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ProxyEntry {
    /// The proxy: `http://proxy.example.com:3128`.
    #[schemars(regex(pattern = shape::PROXY))]
    url: Spanned<String>,
    /// Hosts, domains and networks that are reached without it: `.example.com`, `10.0.0.0/8`.
    #[serde(default)]
    #[schemars(inner(regex(pattern = shape::NO_PROXY)))]
    except: Vec<Spanned<String>>,
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
    Ok(MirrorSync {
        tool: entry.tool,
        image: tool_image(entry.image.as_ref(), entry.tool.default_image())?,
        timing: timing(
            (&entry.schedule, "0 3 * * 0"),
            &entry.time_zone,
            entry.suspend,
            target,
        )?,
        credentials,
        signatures: signatures(entry)?,
        tags: tags(&entry.tags)?,
        insecure_registries: names::hosts(&entry.insecure_registries)?,
        ca_bundle: entry.ca_bundle.as_deref().map(ca_bundle).transpose()?,
        proxy: entry.proxy.as_deref().map(proxy).transpose()?,
        ttl: entry.ttl_seconds_after_finished,
        status: status_job(entry, target)?,
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

fn tags(entries: &[Spanned<TagNameEntry>]) -> Result<Vec<TagName>, ConfigFault> {
    let mut tags: Vec<TagName> = Vec::new();
    for written in entries {
        let entry = &written.value;
        let image = entry.image.as_ref().map(image_name).transpose()?;
        let name = TagName {
            image,
            official: tag(&entry.official)?,
            mirror: tag(&entry.mirror)?,
        };
        let is_known =
            |known: &TagName| (&known.image, &known.mirror) == (&name.image, &name.mirror);
        if tags.iter().any(is_known) {
            let fault = written.fault("the mirror's tag stands twice");
            return Err(fault.help("name each tag of the mirror once".to_owned()));
        }
        tags.push(name);
    }
    Ok(tags)
}

fn tag(written: &Spanned<String>) -> Result<String, ConfigFault> {
    let reference = format!("x:{}", written.value);
    let is_tag = Reference::parse(&reference)
        .is_ok_and(|reference| reference.digest.is_none() && reference.tag.is_some());
    if !is_tag {
        let fault = written.fault(format!("{} is no tag", quoted(&written.value)));
        return Err(fault.help("write the tag alone: `latest`".to_owned()));
    }
    Ok(written.value.clone())
}

fn image_name(written: &Spanned<String>) -> Result<Repository, ConfigFault> {
    let reference = Reference::parse(&written.value).ok();
    let is_bare = |reference: &Reference<'_>| reference.tag.is_none() && reference.digest.is_none();
    match reference.filter(is_bare) {
        Some(reference) => Ok(reference.repository()),
        None => {
            let what = format!("{} is no image's name alone", quoted(&written.value));
            let help = "write it without tag and digest: `docker.io/acme/agent`";
            Err(written.fault(what).help(help.to_owned()))
        }
    }
}

fn status_job(
    entry: &MirrorSyncEntry,
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
            (&job.schedule, "0 12 * * 0"),
            &entry.time_zone,
            entry.suspend,
            target,
        )?,
        max_behind: max_behind.transpose()?,
    }))
}

fn ca_bundle(entry: &CaBundleEntry) -> Result<CaBundle, ConfigFault> {
    let key = match &entry.key {
        None => "ca.crt".to_owned(),
        Some(key) => {
            let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
            if key.value.is_empty() || !key.value.bytes().all(is_legal) {
                let fault = key.fault("a ConfigMap has no such key");
                return Err(fault.help("write letters, digits, `-`, `_` and `.`".to_owned()));
            }
            key.value.clone()
        }
    };
    Ok(CaBundle {
        config_map: names::legal(&entry.config_map)?,
        key,
    })
}

/// The text is not repeated where it is refused: it may hold a password.
fn proxy(entry: &ProxyEntry) -> Result<Proxy, ConfigFault> {
    let url = entry.url.value.as_str();
    let rest = ["http://", "https://"]
        .iter()
        .find_map(|scheme| url.strip_prefix(scheme));
    let is_url = rest.is_some_and(|rest| {
        !rest.is_empty()
            && !rest.contains(|c: char| c == '@' || c.is_whitespace() || c.is_control())
    });
    if !is_url {
        let fault = entry.url.fault("this is no proxy's URL, or holds a user");
        return Err(fault.help("write `http://proxy.example.com:3128`".to_owned()));
    }
    let mut except = Vec::new();
    for host in &entry.except {
        if host.value.is_empty() || host.value.contains(|c: char| c == ',' || c.is_whitespace()) {
            let fault = host.fault("this is not one host, domain or network");
            return Err(fault.help("write each as an entry of its own".to_owned()));
        }
        except.push(host.value.clone());
    }
    Ok(Proxy {
        url: url.to_owned(),
        except,
    })
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
