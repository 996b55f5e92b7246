//! How registries are reached from a job: authorities to trust, and a proxy.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::config::fault::ConfigFault;
use crate::config::names;
use crate::config::shape;
use crate::config::spanned::Spanned;

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

/// [`CaBundle`] as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct CaBundleEntry {
    /// The name of a ConfigMap in the job's namespace.
    config_map: Spanned<String>,
    /// The key that holds the certificates, as PEM; left out, `ca.crt`.
    #[schemars(regex(pattern = shape::KEY))]
    key: Option<Spanned<String>>,
}

/// [`Proxy`] as it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ProxyEntry {
    /// The proxy: `http://proxy.example.com:3128`.
    #[schemars(regex(pattern = shape::PROXY))]
    url: Spanned<String>,
    /// Hosts, domains and networks that are reached without it: `.example.com`, `10.0.0.0/8`.
    #[serde(default)]
    #[schemars(inner(regex(pattern = shape::NO_PROXY)))]
    except: Vec<Spanned<String>>,
}

pub(super) fn ca_bundle(entry: &CaBundleEntry) -> Result<CaBundle, ConfigFault> {
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
pub(super) fn proxy(entry: &ProxyEntry) -> Result<Proxy, ConfigFault> {
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
