//! Changes to edits: each value is written where it is, in the style it is in.

use std::collections::{HashMap, HashSet};

use crate::slot::Slot;
use crate::sort::sort_by_key;
use crate::yaml::scalar::{ScalarContext, write};
use crate::yaml::{Entry, Error, FoundPair, Kind, Node, Segment, Style};

use super::insert::behind;
use super::scalar::{context, replace_scalar};
use super::shared::Shared;
use super::{AddedValue, Change, Edit, TargetValue, made, pair, secrets};

/// The edits that make the changes, in no particular order.
///
/// `kept` are values that must stay as they are; they matter where an anchor shares a value that
/// is changed elsewhere.
///
/// # Errors
/// A value cannot be edited as text, or a mapping has a key twice.
pub fn plan<'n, 's>(
    text: &str,
    changes: &[Change<'n, 's>],
    kept: &[Change<'n, 's>],
    shared: &Shared<'n, 's>,
    merged: MergedValue,
) -> Result<Vec<PlannedEdit>, Error> {
    let mut plan = Plan {
        text,
        merged,
        sites: HashMap::new(),
        edits: Vec::new(),
        inserted: HashSet::new(),
    };
    let mut through_merge = Vec::new();
    for (index, change) in changes.iter().enumerate() {
        let slot = &change.slot;
        let TargetValue::Text(value) = &change.value else {
            continue;
        };
        match (slot.at, slot.find()?) {
            (Segment::Key(_), Some(found)) if !found.merged => {
                let entry = Some(found.entry);
                plan.at_site(index, slot, &found.entry.value, entry, value)?;
            }
            (Segment::Key(_), found) => through_merge.push((index, change, found)),
            (Segment::Index(_), _) => {
                if let Some(node) = slot.node()? {
                    plan.at_site(index, slot, node, None, value)?;
                }
            }
        }
    }
    // An alias or merged value that must not change together with its anchor gets its own text.
    plan.aliases(shared);
    for (index, change, found) in through_merge {
        plan.own_pair(index, change, found)?;
    }
    for keep in kept {
        if let Some(found) = keep.slot.find()?
            && found.merged
        {
            plan.kept_pair(keep, found)?;
        }
    }
    for (index, change) in changes.iter().enumerate() {
        let slot = &change.slot;
        let edits = match &change.value {
            TargetValue::Text(_) => continue,
            TargetValue::Names(added) if plan.is_first(change) => {
                { secrets::plan(text, slot.holder, slot.name(), added)? }
                    .into_iter()
                    .collect()
            }
            TargetValue::Names(_) => continue,
            TargetValue::Renamed(key, value) => pair::rename(text, slot, key, value)?,
            TargetValue::Absent => pair::remove(text, slot)?,
            TargetValue::Made(value) if plan.is_first(change) => made::plan(text, slot, value)?,
            TargetValue::Made(_) => continue,
            TargetValue::Document(_, edits) => edits.clone(),
        };
        let change = index;
        let planned = edits.into_iter().map(|edit| PlannedEdit { edit, change });
        plan.edits.extend(planned);
    }
    let sites = plan.sites.into_values();
    let mut edits: Vec<PlannedEdit> = sites
        .map(|site| PlannedEdit {
            edit: site.edit,
            change: site.change,
        })
        .collect();
    sort_by_key(&mut edits, |planned| planned.edit.span.start);
    edits.append(&mut plan.edits);
    Ok(edits)
}

/// An edit, and the change that it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedEdit {
    /// The edit.
    pub edit: Edit,
    /// Position of the change among those that were planned.
    pub change: usize,
}

/// How a merged value changes if its original is edited in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergedValue {
    /// It follows.
    Follows,
    /// It is written out, since another merge may be between.
    WrittenOut,
}

struct Plan<'t, 'n, 's> {
    text: &'t str,
    merged: MergedValue,
    /// Values replaced where they are, by the node that is there.
    sites: HashMap<*const Node<'s>, ReplacedValue<'n, 's>>,
    /// New pairs.
    edits: Vec<PlannedEdit>,
    /// Where a pair was added: two paths to one mapping, through an alias, need only one.
    inserted: HashSet<(*const Node<'s>, &'n str)>,
}

/// A value that is replaced where it is.
struct ReplacedValue<'n, 's> {
    change: usize,
    value: String,
    node: &'n Node<'s>,
    edit: Edit,
}

impl<'n, 's> Plan<'_, 'n, 's> {
    fn at_site(
        &mut self,
        change: usize,
        slot: &Slot<'n, 's>,
        node: &'n Node<'s>,
        entry: Option<&Entry<'s>>,
        value: &str,
    ) -> Result<(), Error> {
        let context = context(slot.holder.is_flow());
        let edit = replace_scalar(self.text, node, entry, value, context)?;
        let site = ReplacedValue {
            change,
            value: value.to_owned(),
            node,
            edit,
        };
        self.sites.insert(std::ptr::from_ref(node), site);
        Ok(())
    }

    /// Aliases of a changed anchor: those that want the same need no edit of their own, those that
    /// are not changed keep the old value as text.
    fn aliases(&mut self, shared: &Shared<'n, 's>) {
        let anchored: Vec<(&Node<'s>, String, usize)> = self
            .sites
            .values()
            .filter(|site| matches!(site.node.kind, Kind::Anchored(_)))
            .map(|site| (site.node, site.value.clone(), site.change))
            .collect();
        for (anchor, new, change) in anchored {
            let Some(old) = anchor.scalar() else { continue };
            let style = scalar_style(anchor);
            for alias in shared.aliases_of(anchor) {
                let key = std::ptr::from_ref(alias.node);
                match self.sites.get(&key) {
                    Some(site) if site.value == new => {
                        self.sites.remove(&key);
                    }
                    Some(_) => {}
                    None => {
                        let text = as_text(anchor, old, style, context(alias.in_flow));
                        let edit = Edit::replace(alias.node.span.clone(), text);
                        let site = ReplacedValue {
                            change,
                            value: old.to_owned(),
                            node: alias.node,
                            edit,
                        };
                        self.sites.insert(key, site);
                    }
                }
            }
        }
    }

    /// Gives the holder a pair of its own, unless the merged pair will have the same value after
    /// the edits.
    fn own_pair(
        &mut self,
        index: usize,
        change: &Change<'n, 's>,
        found: Option<FoundPair<'n, 's>>,
    ) -> Result<(), Error> {
        let (TargetValue::Text(value), slot) = (&change.value, &change.slot) else {
            return Ok(());
        };
        let site = found.and_then(|found| self.sites.get(&std::ptr::from_ref(&found.entry.value)));
        let follows = self.merged == MergedValue::Follows;
        if follows && site.is_some_and(|site| site.value == *value) {
            return Ok(());
        }
        if !self.is_first(change) {
            return Ok(());
        }
        let edit = match model(slot.holder, slot.after)? {
            Some(model) => behind(self.text, slot.holder, model, |style| {
                style.pair(slot.name(), &style.scalar(value))
            })?,
            None => {
                let value = AddedValue::Text(value.clone());
                let mut edit = made::in_empty(self.text, slot.holder, slot.name(), &value);
                let holder = std::ptr::from_ref(slot.holder.target());
                if self.inserted.iter().filter(|(of, _)| *of == holder).count() > 1 {
                    edit.text.insert_str(0, ", ");
                }
                edit
            }
        };
        let change = index;
        self.edits.push(PlannedEdit { edit, change });
        Ok(())
    }

    fn is_first(&mut self, change: &Change<'n, 's>) -> bool {
        let holder = std::ptr::from_ref(change.slot.holder.target());
        self.inserted.insert((holder, change.slot.name()))
    }

    fn kept_pair(&mut self, keep: &Change<'n, 's>, found: FoundPair<'n, 's>) -> Result<(), Error> {
        let TargetValue::Text(value) = &keep.value else {
            return Ok(());
        };
        let site = self.sites.get(&std::ptr::from_ref(&found.entry.value));
        match site {
            Some(site) if site.value != *value => self.own_pair(site.change, keep, None),
            _ => Ok(()),
        }
    }
}

/// The pair that a new pair is inserted after: `after`, else the merge key, else the last.
fn model<'n, 's>(holder: &'n Node<'s>, after: &str) -> Result<Option<&'n Entry<'s>>, Error> {
    if let Some(found) = holder.find(after)?
        && !found.merged
    {
        return Ok(Some(found.entry));
    }
    let entries = holder.entries().unwrap_or_default();
    Ok(entries
        .iter()
        .rev()
        .find(|entry| entry.is_merge())
        .or(entries.last()))
}

/// The value of an alias, as text to write in its place.
fn as_text(anchor: &Node<'_>, old: &str, style: Style, context: ScalarContext) -> String {
    let text = match anchor.text() {
        Some(_) => write(old, style, context),
        // Quotes would turn the value into text.
        None => old.to_owned(),
    };
    match anchor.target().tag.as_deref().map(|tag| &tag.core) {
        Some(Some(core)) => format!("!!{core} {text}").trim_end().to_owned(),
        Some(None) => format!("! {text}"),
        None => text,
    }
}

fn scalar_style(node: &Node<'_>) -> Style {
    match node.target().kind {
        Kind::Scalar(_, style @ (Style::Plain | Style::Single | Style::Double)) => style,
        _ => Style::Plain,
    }
}
