//! Exceptions: differences that the configuration allows, for a reason and a time.

use super::date::Date;
use super::document::ExceptionEntry;
use super::fault::{ConfigFault, quoted};
use super::spanned::Spanned;
use crate::finding::Aspect;
use crate::glob;

/// A difference that is allowed where every selector fits; at least one is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// Why it is allowed.
    pub reason: String,
    /// The last day on which it is.
    pub expires: Option<Date>,
    /// The resource's kind, exactly.
    pub kind: Option<String>,
    /// The resource's namespace; a pattern of [`crate::glob`].
    pub namespace: Option<String>,
    /// The resource's name; a pattern of [`crate::glob`].
    pub name: Option<String>,
    /// The container's name; a pattern of [`crate::glob`].
    pub container: Option<String>,
    /// The agent's name, exactly.
    pub agent: Option<String>,
    /// What may differ.
    pub allow: Vec<Aspect>,
    /// Byte offset of the exception in the configuration.
    pub at: usize,
}

impl Exception {
    /// Whether every selector fits; the day is not looked at.
    ///
    /// A name that is not there, such as the container of an image volume, is empty text, which
    /// `*` fits; an agent that is not there fits no `agent`.
    pub fn applies(
        &self,
        kind: &str,
        namespace: &str,
        name: &str,
        container: Option<&str>,
        agent: Option<&str>,
    ) -> bool {
        let is = |wanted: &Option<String>, text: Option<&str>| {
            wanted.is_none() || wanted.as_deref() == text
        };
        let fits = |pattern: &Option<String>, text: &str| {
            let pattern = pattern.as_deref();
            pattern.is_none_or(|pattern| glob::matches(pattern, text))
        };
        is(&self.kind, Some(kind))
            && is(&self.agent, agent)
            && fits(&self.namespace, namespace)
            && fits(&self.name, name)
            && fits(&self.container, container.unwrap_or_default())
    }
}

impl Exception {
    /// Its selectors as they are written: `kind: Job, name: collector-*`.
    pub fn selectors(&self) -> String {
        let all = [
            ("kind", &self.kind),
            ("namespace", &self.namespace),
            ("name", &self.name),
            ("container", &self.container),
            ("agent", &self.agent),
        ];
        let written = all.iter().filter_map(|(key, selector)| {
            let selector = selector.as_ref()?;
            Some(format!("{key}: {selector}"))
        });
        written.collect::<Vec<_>>().join(", ")
    }
}

/// Checks an exception.
pub(super) fn exception(entry: &Spanned<ExceptionEntry>) -> Result<Exception, ConfigFault> {
    let written = &entry.value;
    let reason = not_empty(&written.reason, "say why, and where it is followed up")?;
    if written.allow.value.is_empty() {
        let fault = written.allow.fault("the exception allows nothing");
        let help = "name what may differ: registry, tag, digest, imagePullPolicy, imagePullSecrets";
        return Err(fault.help(help.to_owned()));
    }
    let selector = |selector: &Option<Spanned<String>>| {
        let checked = selector
            .as_ref()
            .map(|selector| not_empty(selector, "name what it is for, or leave the key out"));
        checked.transpose()
    };
    let exception = Exception {
        reason,
        expires: written.expires.as_ref().map(expires).transpose()?,
        kind: selector(&written.kind)?,
        namespace: selector(&written.namespace)?,
        name: selector(&written.name)?,
        container: selector(&written.container)?,
        agent: selector(&written.agent)?,
        allow: written.allow.value.clone(),
        at: entry.at,
    };
    let Exception {
        kind,
        namespace,
        name,
        container,
        agent,
        ..
    } = &exception;
    if [kind, namespace, name, container, agent]
        .iter()
        .all(|selector| selector.is_none())
    {
        let fault = entry.fault("the exception says nothing of where it holds");
        let help = "add at least one of kind, namespace, name, container, agent";
        return Err(fault.help(help.to_owned()));
    }
    Ok(exception)
}

fn expires(text: &Spanned<String>) -> Result<Date, ConfigFault> {
    Date::parse(&text.value).ok_or_else(|| {
        let fault = text.fault(format!(
            "{} is not a day of the calendar",
            quoted(&text.value)
        ));
        fault.help("write the last day on which it holds, as 2027-01-31".to_owned())
    })
}

fn not_empty(text: &Spanned<String>, help: &str) -> Result<String, ConfigFault> {
    if text.value.trim().is_empty() {
        return Err(text.fault("the text is empty").help(help.to_owned()));
    }
    Ok(text.value.clone())
}
