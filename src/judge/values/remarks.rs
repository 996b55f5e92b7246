//! What is told of an image at another place than that of its name: a tag that is a number, a part that
//! another tool writes, and the list that is made for its pull secrets.

use crate::finding::Rule;
use crate::slot::Slot;
use crate::values::{Site, ValueImage};
use crate::yaml::{Error, Node};

use super::super::draft::{Draft, Drafts};
use super::super::owner::{leave, left_slots};
use super::super::verdict::FieldVerdict;
use super::Installed;
use super::limits::number;
use super::prepare::All;
use super::telling::Telling;

impl<'n, 's> All<'_, 'n, 's, '_> {
    /// Tells of the places of an image that are left to the tool that writes them.
    pub(super) fn left(
        &self,
        one: &Installed<'n, 's>,
        (image, verdict): (&ValueImage<'n, 's>, &FieldVerdict<'_, '_, 'n, 's>),
        drafts: &mut Drafts,
        telling: &mut Telling<'_, 'n, 's>,
    ) -> Result<(), Error> {
        let text_of = |slot: &Slot<'n, 's>| {
            let site = image.site_of(slot);
            site.map_or("", |site| self.documents[site.document].text)
        };
        for left in left_slots(verdict, text_of)? {
            let Some(site) = image.site_of(left.slot) else {
                continue;
            };
            let resource = self.resource(one, Some(site));
            leave(
                &resource,
                verdict,
                left.slot,
                &left.owner,
                &left.what,
                drafts,
            )?;
            telling.tell(site.document, Some(site), 0..0, drafts, None);
        }
        Ok(())
    }

    /// Tells of a tag that is a number at the tag itself.
    pub(super) fn number(
        &self,
        one: &Installed<'n, 's>,
        image: &ValueImage<'n, 's>,
        drafts: &mut Drafts,
        telling: &mut Telling<'_, 'n, 's>,
    ) -> Result<(), Error> {
        let message = number(image);
        let is_it = |draft: &Draft| message.as_deref() == Some(&*draft.finding.message);
        let Some(position) = drafts.list.iter().position(is_it) else {
            return Ok(());
        };
        let mut draft = drafts.list.remove(position);
        let parts = [&image.parts.tag, &image.parts.digest].into_iter();
        let mut slots = parts.filter_map(|part| part.slot.as_ref().filter(|_| part.is_written));
        let written = image.number.as_ref().map(|(written, _)| written.as_str());
        let is_written = |slot: &&Slot<'n, 's>| {
            let node = slot.node().ok().flatten();
            node.and_then(Node::scalar) == written
        };
        let site = slots.find(is_written).and_then(|slot| image.site_of(slot));
        if let Some(site) = site {
            let path = site.slot.text_below(&self.resource(one, Some(site)).path);
            draft.field(path, written.map(str::to_owned), None);
            draft.at(site.slot.node()?.unwrap_or(site.slot.holder));
            let rest = std::mem::replace(&mut drafts.list, vec![draft]);
            telling.tell(site.document, Some(site), 0..0, drafts, None);
            drafts.list = rest;
        } else {
            drafts.list.push(draft);
        }
        Ok(())
    }
}

/// Says which list is made, or which one it is in a text that has several: the place does not.
pub(super) fn name_list(
    image: &ValueImage<'_, '_>,
    site: Option<&Site<'_, '_>>,
    drafts: &mut Drafts,
) {
    let is_written = site.is_some_and(|site| site.missing.is_none());
    let Some(list) = image.secrets_part().filter(|_| !is_written) else {
        return;
    };
    for draft in &mut drafts.list {
        if draft.finding.rule == Rule::MissingPullSecret {
            // The path ends in a word for them.
            let message = &*draft.finding.message;
            let lists = message.strip_prefix("pull secrets ").unwrap_or(message);
            draft.finding.message = format!("{}: {lists}", list.path).into();
        }
    }
}
