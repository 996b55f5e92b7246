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
    /// The file in which what differs is written; a pattern of [`glob::is_file`].
    pub file: Option<String>,
    /// The path in its document at which it is written; a pattern of [`crate::glob`].
    pub field: Option<String>,
    /// What may differ.
    pub allow: Vec<Aspect>,
    /// Byte offset of the exception in the configuration.
    pub at: usize,
}

impl Exception {
    /// Whether the selectors of the image itself fit.
    ///
    /// A container that is not there, as that of an image volume, is empty text, which `*` fits; an agent
    /// that is not there fits no `agent`.
    pub fn is_for(&self, container: Option<&str>, agent: Option<&str>) -> bool {
        let wanted = self.agent.as_deref();
        wanted.is_none_or(|wanted| agent == Some(wanted))
            && fits(&self.container, container.unwrap_or_default())
    }

    /// Whether the selectors of the resource fit.
    pub fn is_of(&self, kind: &str, namespace: &str, name: &str) -> bool {
        let wanted = self.kind.as_deref();
        wanted.is_none_or(|wanted| kind == wanted)
            && fits(&self.namespace, namespace)
            && fits(&self.name, name)
    }

    /// Whether its last day is past.
    pub fn is_expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|day| today > day)
    }

    /// Whether it holds at some places alone.
    pub fn is_of_places(&self) -> bool {
        self.file.is_some() || self.field.is_some()
    }

    /// Whether the selectors of a place fit; where no file is known, none fits.
    pub fn is_at(&self, file: Option<&str>, field: &str) -> bool {
        let wanted = self.file.as_deref();
        wanted.is_none_or(|wanted| file.is_some_and(|file| glob::is_file(wanted, file)))
            && fits(&self.field, field)
    }
}

/// Whether a selector with `*` fits, or is not there.
fn fits(pattern: &Option<String>, text: &str) -> bool {
    let pattern = pattern.as_deref();
    pattern.is_none_or(|pattern| glob::matches(pattern, text))
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
            ("file", &self.file),
            ("field", &self.field),
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
        file: selector(&written.file)?,
        field: selector(&written.field)?,
        allow: written.allow.value.clone(),
        at: entry.at,
    };
    if exception.selectors().is_empty() {
        let fault = entry.fault("the exception says nothing of where it holds");
        let help = "add at least one of kind, namespace, name, container, agent, file, field";
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
