//! The values of builds that edits could change.

use std::borrow::Cow;
use std::sync::Arc;

use crate::edit;
use crate::finding::{Aspect, Finding};
use crate::intern::intern;
use crate::slot::Slot;
use crate::tree::images::KustomizeParts;
use crate::tree::patches::ENTRY_KEYS;
use crate::tree::value::{BuildValue, DocumentSlot, Printed, Site, Traced};
use crate::yaml::Segment;

/// One value of one build that an edit could change.
#[derive(Debug, Default, Clone)]
pub(in crate::tree) struct Field<'n, 's> {
    /// Position of the root that was built.
    pub(in crate::tree) root: usize,
    /// The same for all fields of one resource of one build, or of its values; none for
    /// what no resource holds.
    pub(in crate::tree) resource: Option<usize>,
    /// Where it is written; none for what the build itself made.
    pub(in crate::tree) place: Option<DocumentSlot<'n, 's>>,
    /// The value that comes out, if there is one.
    pub(in crate::tree) rendered: Option<Cow<'n, str>>,
    /// What should come out instead; none where it is right.
    pub(in crate::tree) wanted: Option<edit::TargetValue>,
    pub(in crate::tree) trace: Traced,
    /// Whether it is an image, or a part of one.
    pub(in crate::tree) is_image: bool,
    /// The exceptions, by where they are in the configuration, that allow all of the image that it is of.
    pub(in crate::tree) exceptions: Vec<usize>,
    /// Whether it is the main part of an image that something runs.
    pub(in crate::tree) runs: bool,
    /// Where images are read in it, if it is a text of a ConfigMap that is a manifest.
    pub(in crate::tree) images_in_text: Vec<usize>,
    /// Whether it is an image that no build has, but that an entry of a list names, so that no place
    /// holds it; `place` is where the entry says what comes out.
    pub(in crate::tree) is_example: bool,
    /// The key of an entry of a list that it is under, if it is.
    pub(in crate::tree) key: Option<&'static str>,
    /// Where it is written, if the build takes it away.
    pub(in crate::tree) removed: Option<Box<DocumentSlot<'n, 's>>>,
    /// The pod whose list of pull secrets it is, if it is one.
    pub(in crate::tree) secrets: Option<Box<SecretList>>,
    /// What is reported of it.
    pub(in crate::tree) findings: Vec<Finding>,
    /// Whether it only has to come out as it does or as it should, since its root was not asked for.
    pub(in crate::tree) is_bystander: bool,
    /// Whether nobody judges it, so that it only has to come out as it does.
    pub(in crate::tree) is_kept: bool,
    /// Whether it comes out of newer versions of kustomize alone.
    pub(in crate::tree) is_newer: bool,
}

impl Field<'_, '_> {
    /// Wants no more of an image than its name or its version, or nothing: then it only has to come out as
    /// it does or as it should.
    pub(in crate::tree) fn keep_parts(&mut self, name: bool, version: bool) {
        let parts = match (&self.rendered, &self.wanted) {
            (Some(now), Some(edit::TargetValue::Text(wanted))) if self.is_image => {
                let (mut parts, wanted) = (KustomizeParts::of(now), KustomizeParts::of(wanted));
                if name {
                    parts.name = wanted.name;
                }
                if version {
                    (parts.tag, parts.digest) = (wanted.tag, wanted.digest);
                }
                Some(parts.join()).filter(|parts| parts != now)
            }
            _ => None,
        };
        let Some(parts) = parts else {
            self.is_bystander = true;
            self.findings.clear();
            return;
        };
        self.wanted = Some(edit::TargetValue::Text(parts));
        self.findings.retain(|finding| match finding.rule.aspect() {
            Some(Aspect::Registry) => name,
            Some(Aspect::Tag | Aspect::Digest) => version,
            _ => false,
        });
    }
}

/// A list of pull secrets in one build.
#[derive(Debug, Clone)]
pub(in crate::tree) struct SecretList {
    /// Position of the root that was built.
    pub(in crate::tree) root: usize,
    /// Document and offset of the pod that lists them.
    pub(in crate::tree) pod: (usize, usize),
    /// Those that are listed and those that should be.
    names: Vec<String>,
    /// How many of them are listed.
    listed: usize,
    /// The ServiceAccount of the pod.
    pub(in crate::tree) account: Arc<str>,
    /// Those that the account lists, where it is known: they may be added to any pod that runs as it.
    pub(in crate::tree) of_account: Vec<String>,
    /// Why none can be added, if that is so.
    pub(in crate::tree) left: Option<String>,
}

impl SecretList {
    /// All that are to be listed, as it is told.
    pub(in crate::tree) fn told(&self) -> String {
        let Some(account) = self
            .of_account
            .iter()
            .find(|name| self.names.contains(name))
        else {
            return match &self.names[..] {
                [] => "none".to_owned(),
                names => format!("[{}]", names.join(", ")),
            };
        };
        let names = self.names.join(", ");
        let of = &self.account;
        format!("[{names}], since its ServiceAccount {of} lists {account}")
    }

    /// Whether these names may be added in this build, too: each is listed or wanted already, or known
    /// to the pod's account, and every wanted one is among them.
    pub(in crate::tree) fn takes(&self, added: &[String]) -> bool {
        let wanted = &self.names[self.listed..];
        let is_listed = |name: &String| self.names[..self.listed].contains(name);
        wanted.iter().all(|name| added.contains(name))
            && added.iter().all(|name| {
                is_listed(name) || wanted.contains(name) || self.of_account.contains(name)
            })
    }

    /// Whether these names are what the pod has from its account, which gives them to a pod that lists none.
    pub(in crate::tree) fn replaces_account(&self, added: &[String]) -> bool {
        let is_added = |name: &String| added.contains(name);
        self.names.is_empty() && self.takes(added) && self.of_account.iter().all(is_added)
    }
}

/// What tells slots of one text apart.
pub(super) fn id_of<'n>(slot: &Slot<'n, '_>) -> (usize, Segment<'n>) {
    (slot.holder.target().span.start, slot.at)
}

/// The field of a slot of what was printed.
pub(super) fn located<'n, 's>(
    root: usize,
    printed: &Printed<'_, 'n, 's>,
    slot: &Slot<'_, '_>,
    wanted: Option<edit::TargetValue>,
) -> Field<'n, 's> {
    let holder = printed.value_at(slot.holder.target().span.start);
    let value = holder.and_then(|holder| match slot.at {
        Segment::Key(key) => holder.get(key),
        Segment::Index(index) => holder.items()?.get(index),
    });
    let written = value.and_then(BuildValue::place);
    let site = holder
        .and_then(BuildValue::site)
        .filter(|_| value.is_none());
    let is_written = |site: &&Site<'_, '_>| matches!(site.node.get(slot.name()), Ok(Some(_)));
    let is_removed = site.as_ref().is_some_and(is_written);
    let absent = site.map(|site| site.place_of(slot.name(), after(slot)));
    let (absent, removed) = if is_removed {
        (None, absent)
    } else {
        (absent, None)
    };
    let trace = match value {
        Some(BuildValue::Scalar(scalar)) => scalar.trace.clone(),
        _ => None,
    };
    Field {
        root,
        resource: None,
        place: written.or(absent),
        rendered: match value {
            Some(BuildValue::Scalar(scalar)) => Some(scalar.text.clone()),
            _ => None,
        },
        secrets: secrets_of(root, slot, holder, value, wanted.as_ref()).map(Box::new),
        wanted,
        trace: Traced::from(trace),
        is_image: false,
        exceptions: Vec::new(),
        runs: false,
        images_in_text: Vec::new(),
        is_example: false,
        key: ENTRY_KEYS.into_iter().find(|key| slot.name() == *key),
        removed: removed.map(Box::new),
        findings: Vec::new(),
        is_bystander: false,
        is_kept: false,
        is_newer: false,
    }
}

/// The key that a new key is written after, of those that fields know.
fn after(slot: &Slot<'_, '_>) -> &'static str {
    const KNOWN: &[&str] = &[
        "image",
        "reference",
        "name",
        "repository",
        "tag",
        "newName",
        "newTag",
    ];
    let known = KNOWN.iter().find(|known| **known == slot.after);
    known.copied().unwrap_or_default()
}

/// The list of pull secrets that a slot is.
fn secrets_of(
    root: usize,
    slot: &Slot<'_, '_>,
    holder: Option<&BuildValue<'_, '_>>,
    value: Option<&BuildValue<'_, '_>>,
    wanted: Option<&edit::TargetValue>,
) -> Option<SecretList> {
    let site = holder?
        .site()
        .filter(|_| slot.name() == "imagePullSecrets")?;
    let items = value.and_then(BuildValue::items).unwrap_or_default().iter();
    let mut names: Vec<String> = items
        .map(|item| item.text_at(&["name"]).to_owned())
        .collect();
    let listed = names.len();
    if let Some(edit::TargetValue::Names(added)) = wanted {
        names.extend(added.iter().cloned());
    }
    let pod = (site.document, site.node.target().span.start);
    let account = match holder?.text_at(&["serviceAccountName"]) {
        "" => "default",
        account => account,
    };
    Some(SecretList {
        root,
        pod,
        names,
        listed,
        account: intern(account),
        of_account: Vec::new(),
        left: None,
    })
}
