//! Checks names of Kubernetes objects, and of hosts, in the configuration.

use std::collections::HashSet;

use super::fault::{ConfigFault, quoted};
use super::spanned::Spanned;
use crate::image::is_domain;

/// The most bytes that the name of an object may have (RFC 1123 subdomain).
const MAX_LENGTH: usize = 253;

/// A name that an object can have: an RFC 1123 subdomain.
pub(super) fn legal(name: &Spanned<String>) -> Result<String, ConfigFault> {
    let text = name.value.as_str();
    if text.is_empty() {
        let fault = name.fault("the name is empty");
        return Err(fault.help("write a name, or leave it out".to_owned()));
    }
    let is_alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_legal = text.len() <= MAX_LENGTH
        && text
            .bytes()
            .all(|byte| is_alphanumeric(byte) || b"-.".contains(&byte))
        && text.bytes().next().is_some_and(is_alphanumeric)
        && text.bytes().last().is_some_and(is_alphanumeric);
    if !is_legal {
        let fault = name.fault(format!("{} is not a legal name", quoted(text)));
        let help =
            "use lower-case letters, digits, `-` and `.`, with a letter or digit at both ends";
        return Err(fault.help(help.to_owned()));
    }
    Ok(name.value.clone())
}

/// Legal names, each once.
pub(super) fn legal_list(names: &[Spanned<String>]) -> Result<Vec<String>, ConfigFault> {
    let mut seen = HashSet::new();
    let mut list = Vec::new();
    for name in names {
        let legal = legal(name)?;
        if seen.insert(name.value.as_str()) {
            list.push(legal);
        }
    }
    Ok(list)
}

/// Patterns for names; an empty one fits nothing and is refused.
pub(super) fn patterns(names: &[Spanned<String>]) -> Result<Vec<String>, ConfigFault> {
    let checked = names.iter().map(|name| {
        if name.value.is_empty() {
            Err(name
                .fault("the name is empty")
                .help("write a name, or leave it out".to_owned()))
        } else {
            Ok(name.value.clone())
        }
    });
    checked.collect()
}

/// Hosts of registries, each with its port if it has one.
pub(super) fn hosts(written: &[Spanned<String>]) -> Result<Vec<String>, ConfigFault> {
    let checked = written.iter().map(|host| {
        let text = host.value.as_str();
        let is_host = text == "localhost" || text.contains(['.', ':']);
        if is_host && is_domain(text) {
            return Ok(text.to_owned());
        }
        let fault = host.fault(format!("{} is no registry's host", quoted(text)));
        Err(fault.help("write host and port alone: `registry.example.com:5000`".to_owned()))
    });
    checked.collect()
}
