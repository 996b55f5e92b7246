//! The pull secrets of an image of a release: which of a chart's lists counts, and what is in it.

use std::collections::{BTreeSet, HashMap};

use crate::chart::{SecretsForm, SecretsPart, ValuePath};
use crate::krm::item_config::secret_names_at;
use crate::yaml::{Error, Node};

use super::layer::{Layer, LayerContent, Looked, Site, SlotKey, look_with};

/// Names that lists are to have besides those that are written, by which a lookup sees what would come of
/// them.
pub type WishedNames = HashMap<SlotKey, Vec<String>>;

/// A list of pull secrets.
#[derive(Debug, Clone)]
pub struct SecretsAt<'n, 's> {
    /// The list that secrets are added to.
    pub site: Site<'n, 's>,
    /// The secrets that count.
    pub names: Vec<String>,
    /// How a new list is written.
    pub form: SecretsForm,
    /// Every list that the chart looks at for them.
    pub reads: Vec<SlotKey>,
}

/// Why no list of pull secrets is known for an image that needs one.
pub(super) const NO_KEY: &str = "this version of the chart has no key for it in some of its pods: give it to \
                                 their ServiceAccount, or take a version that has one";
const UNREAD: &str = "its list may be in values that were not read: look whether it is there";
pub(super) const UNKNOWN: &str = "no profile knows the key of this chart that lists it: list it where the chart \
                                  reads it";
const NO_LIST: &str =
    "no text that was read has a place for its list: list it where the chart reads it";

/// The list of pull secrets that counts in layers of values in which lists have the wished names, too; or
/// why none is known.
///
/// # Errors
/// A mapping that is read has a key twice.
pub(super) fn secrets<'n, 's>(
    part: &'n SecretsPart,
    layers: &[Layer<'n, 's>],
    wished: &WishedNames,
) -> Result<Result<SecretsAt<'n, 's>, &'static str>, Error> {
    let (mut counts, mut made) = (None, None);
    let (mut names, mut reads) = (Vec::new(), Vec::new());
    // A value that all charts see hides the one that is given to a chart alone, an empty one, too.
    let mut hiding: Option<&ValuePath> = None;
    let is_hidden = |hiding: Option<&ValuePath>, path: &ValuePath| {
        hiding.is_some_and(|global| path.is_own_of(global))
    };
    for path in part.paths() {
        if is_hidden(hiding, path) {
            continue;
        }
        let (site, listed) = match list(layers, path, wished)? {
            PullSecretList::Known(site, names) => (site, names),
            PullSecretList::Unknown => return Ok(Err(UNREAD)),
        };
        let Some(site) = site else { continue };
        if path.is_global() && site.missing.is_none() {
            hiding = Some(path);
        }
        reads.push(site.place());
        if counts.is_none() && !listed.is_empty() {
            (counts, names) = (Some(site), listed);
        } else if *path == part.path {
            made = Some(site);
        }
    }
    hiding = None;
    for path in &part.joined_with {
        if is_hidden(hiding, path) {
            continue;
        }
        if let PullSecretList::Known(Some(site), listed) = list(layers, path, wished)? {
            if path.is_global() && site.missing.is_none() {
                hiding = Some(path);
            }
            reads.push(site.place());
            names.extend(listed);
        }
    }
    let site = counts.or(made);
    Ok(site.ok_or(NO_LIST).map(|site| SecretsAt {
        site,
        names,
        form: part.form,
        reads,
    }))
}

/// One list of pull secrets.
enum PullSecretList<'n, 's> {
    /// Where it is or would be made, and the names in it.
    Known(Option<Site<'n, 's>>, Vec<String>),
    /// A layer that nobody knows may have it.
    Unknown,
}

fn list<'n, 's>(
    layers: &[Layer<'n, 's>],
    path: &'n ValuePath,
    wished: &WishedNames,
) -> Result<PullSecretList<'n, 's>, Error> {
    let (site, mut names) = match look_with(layers, path, wished)? {
        Looked::Unknown { .. } => return Ok(PullSecretList::Unknown),
        Looked::Written(site) => {
            let names = listed(&site)?;
            (Some(site), names)
        }
        Looked::Absent(site) => (site.filter(|site| !site.is_nowhere), Vec::new()),
    };
    let wished = site.as_ref().and_then(|site| wished.get(&site.place()));
    names.extend(wished.into_iter().flatten().cloned());
    Ok(PullSecretList::Known(site, names))
}

/// The names in a list of pull secrets, or the one that a text is.
fn listed(site: &Site<'_, '_>) -> Result<Vec<String>, Error> {
    let node = site.slot.node()?;
    match node.and_then(Node::text) {
        Some(name) if !name.is_empty() => Ok(vec![name.to_owned()]),
        _ => secret_names_at(node),
    }
}

/// The names of pull secrets that values list anywhere, by what their keys are called.
///
/// # Errors
/// A mapping that is read has a key twice.
pub fn listed_anywhere(
    layers: &[Layer<'_, '_>],
    is_of_image: &dyn Fn(&Node<'_>) -> bool,
) -> Result<BTreeSet<String>, Error> {
    let mut found = BTreeSet::new();
    let mut open = Vec::new();
    for layer in layers {
        match &layer.content {
            LayerContent::Tree(root) => open.extend(root.node()?),
            LayerContent::Set(values) => {
                for (path, slot) in values.iter() {
                    let is_list = path.0.iter().any(|key| lists_secrets(key));
                    let text = slot.text()?;
                    found.extend(text.filter(|_| is_list).map(str::to_owned));
                }
            }
            LayerContent::Unknown | LayerContent::UnknownAt(_) | LayerContent::Nowhere(_) => {}
        }
    }
    while let Some(node) = open.pop() {
        if !is_of_image(node) {
            found.extend(listed_in(node)?);
        }
        for entry in node.entries().unwrap_or_default() {
            if !entry.value.is_alias() {
                open.push(&entry.value);
            }
        }
        let items = node.items().unwrap_or_default().iter();
        open.extend(items.filter(|item| !item.is_alias()));
    }
    Ok(found)
}

/// The names of pull secrets that a mapping lists itself, by what its keys are called.
///
/// # Errors
/// A mapping that is read has a key twice.
pub fn listed_in(node: &Node<'_>) -> Result<Vec<String>, Error> {
    let mut found = Vec::new();
    for entry in node.entries().unwrap_or_default() {
        if entry.key.scalar().is_some_and(lists_secrets) {
            found.extend(entry.value.text().map(str::to_owned));
            found.extend(secret_names_at(Some(&entry.value))?);
        }
    }
    Ok(found)
}

/// Whether a key is one of pull secrets: `imagePullSecrets`, `pull_secret`.
fn lists_secrets(key: &str) -> bool {
    let key = key.to_ascii_lowercase().replace('_', "");
    key.trim_end_matches('s').ends_with("pullsecret")
}
