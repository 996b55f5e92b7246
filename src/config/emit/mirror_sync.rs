//! `emit.mirrorSync`: a CronJob that copies images to their mirrors.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Timing, timing, tool_image};
use crate::config::fault::ConfigFault;
use crate::config::names;
use crate::config::shape;
use crate::config::spanned::Spanned;
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
    /// Hosts that are spoken to without TLS, or with a certificate that is not checked.
    pub insecure_registries: Vec<String>,
    /// Certificates of authorities to trust besides those of the image.
    pub ca_bundle: Option<CaBundle>,
    /// The proxy by which registries are reached.
    pub proxy: Option<Proxy>,
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
}

impl Tool {
    /// The program's name.
    pub fn name(self) -> &'static str {
        match self {
            Tool::Skopeo => "skopeo",
            Tool::Regsync => "regsync",
            Tool::Crane => "crane",
        }
    }

    /// The image that its project publishes; crane's plain image has no shell, `debug` has one.
    pub fn default_image(self) -> &'static str {
        match self {
            Tool::Skopeo => "quay.io/skopeo/stable:v1.18.0",
            Tool::Regsync => "ghcr.io/regclient/regsync:v0.8.3",
            Tool::Crane => "gcr.io/go-containerregistry/crane:debug",
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
    /// Hosts that are spoken to without TLS, or with a certificate that is not checked.
    #[schemars(inner(regex(pattern = shape::HOST)))]
    insecure_registries: Vec<Spanned<String>>,
    /// Certificates of authorities to trust besides those of the image.
    ca_bundle: Option<Box<CaBundleEntry>>,
    /// The proxy by which registries are reached.
    proxy: Option<Box<ProxyEntry>>,
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
        insecure_registries: names::hosts(&entry.insecure_registries)?,
        ca_bundle: entry.ca_bundle.as_deref().map(ca_bundle).transpose()?,
        proxy: entry.proxy.as_deref().map(proxy).transpose()?,
    })
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
