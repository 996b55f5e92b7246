//! Fingerprints of findings: the same finding has the same one in every run, wherever its line moved to.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::finding::Finding;

/// What takes a rule's place where a file cannot be read.
pub(super) const UNREADABLE: &str = "unreadable";

/// Gives each finding of a report its fingerprint, in turn.
#[derive(Debug, Default)]
pub(super) struct Fingerprints {
    seen: HashMap<u64, usize>,
}

impl Fingerprints {
    /// The fingerprint of a finding in the file of this path, as sixteen hexadecimal digits. Equal
    /// findings are told apart by their order in the file.
    pub(super) fn next(&mut self, path: &str, finding: &Finding) -> String {
        let resource = finding.resource.as_deref();
        let field = finding.field.as_ref();
        let by_container = field.map(|field| by_container(&field.path, &finding.message));
        let by_container = by_container.unwrap_or_default();
        let parts = [
            path,
            finding.rule.id(),
            resource.map_or("", |resource| &*resource.kind),
            resource.map_or("", |resource| &*resource.namespace),
            resource.map_or("", |resource| &*resource.name),
            &by_container,
            // What is not about a field is told apart by its text.
            if field.is_some() {
                ""
            } else {
                &finding.message
            },
        ];
        self.of(&parts)
    }

    /// The fingerprint of the file of this path, which cannot be read.
    pub(super) fn of_unreadable(&mut self, path: &str) -> String {
        self.of(&[path, UNREADABLE])
    }

    fn of(&mut self, parts: &[&str]) -> String {
        let hash = fnv(parts);
        let number = self.seen.entry(hash).or_default();
        *number += 1;
        let own = match number {
            1 => hash,
            number => fnv(&[&hash.to_string(), &number.to_string()]),
        };
        format!("{own:016x}")
    }
}

/// A field's path with the container's name in the place of its position, so that it is the same field when
/// another container is put before it.
fn by_container<'p>(path: &'p str, message: &str) -> Cow<'p, str> {
    let message = message.strip_prefix(path).unwrap_or(message);
    let message = message.trim_start_matches(": ");
    let named = message.strip_prefix("container ");
    let Some((name, _)) = named.and_then(|rest| rest.split_once(": ")) else {
        return Cow::Borrowed(path);
    };
    let lists = ["initContainers[", "ephemeralContainers[", "containers["];
    let at = lists.iter().find_map(|list| {
        let at = path.find(list)?;
        Some(at + list.len())
    });
    let Some((before, (_, behind))) =
        at.and_then(|at| Some((&path[..at], path[at..].split_once(']')?)))
    else {
        return Cow::Borrowed(path);
    };
    Cow::Owned(format!("{before}{name}]{behind}"))
}

/// FNV-1a over texts, each with its end: a hash that no release of Rust changes.
fn fnv(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
