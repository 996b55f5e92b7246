//! The keys and places of an image: those that its chart documents, and those where its parts are written.

use crate::chart::{ChartImage, Part, SecretsPart, ValuePath};
use crate::field::parts::ImagePart;
use crate::slot::Slot;
use crate::values::layer::{Site, SlotKey};

use super::ValueImage;

impl<'n, 's> ValueImage<'n, 's> {
    /// The key of its name that the chart documents.
    pub fn key(&self) -> Option<&'n ValuePath> {
        let (source, parts) = (self.source?, &self.parts);
        let all = [
            (&source.whole, &parts.whole),
            (&source.name, &parts.name),
            (&source.repository, &parts.repository),
        ];
        let mut named = all.into_iter().filter(|(_, part)| !part.text.is_empty());
        let key = named
            .find_map(|(part, _)| part.as_ref())
            .map(|part| &part.path);
        key.filter(|path| !path.is_empty())
    }

    /// The keys that the chart documents, with what each should hold for a new name.
    pub fn keys_for(&self, reference: &str) -> Vec<(&'n Part, String)> {
        let (Some(source), parts) = (self.source, &self.parts) else {
            return Vec::new();
        };
        let all = [
            (&source.whole, &parts.whole),
            (&source.name, &parts.name),
            (&source.host, &parts.host),
            (&source.registry, &parts.registry),
            (&source.repository, &parts.repository),
        ];
        let values = parts.values(reference).unwrap_or_default().into_iter();
        let keys = values.filter_map(|(slot, text)| {
            let is_its = |part: &ImagePart<'n, 's>| {
                part.slot
                    .as_ref()
                    .is_some_and(|own| std::ptr::eq(own, slot))
            };
            let (part, _) = all.iter().find(|(_, part)| is_its(part))?;
            Some((part.as_ref()?, text))
        });
        keys.collect()
    }

    /// The key under which its name is written, or the registry where nothing else of it is.
    pub fn written_key(&self) -> Option<&'n ValuePath> {
        let (source, parts) = (self.source?, &self.parts);
        let all = [
            (&source.whole, &parts.whole),
            (&source.name, &parts.name),
            (&source.repository, &parts.repository),
            (&source.registry, &parts.registry),
            (&source.host, &parts.host),
        ];
        let is_written = |part: &ImagePart<'n, 's>| part.is_written && !part.text.is_empty();
        let mut written = all.into_iter().filter(|(_, part)| is_written(part));
        let key = written
            .find_map(|(part, _)| part.as_ref())
            .map(|part| &part.path);
        key.filter(|path| !path.is_empty()).or_else(|| self.key())
    }

    /// The list of pull secrets that is made where there is none.
    pub fn secrets_part(&self) -> Option<&'n SecretsPart> {
        self.source?.secrets.as_ref()
    }

    /// The site of a slot of the image.
    pub fn site_of(&self, slot: &Slot<'_, '_>) -> Option<&Site<'n, 's>> {
        let same = |site: &&Site<'n, 's>| {
            std::ptr::eq(site.slot.holder, slot.holder) && site.slot.full_path() == slot.full_path()
        };
        self.sites.iter().find(same)
    }

    /// Where its name is written, or would be.
    pub fn main_site(&self) -> Option<&Site<'n, 's>> {
        self.site_of(self.parts.main()?)
    }

    /// The place at which its name is written, or would be.
    pub fn main_place(&self) -> Option<SlotKey> {
        Some(self.main_site()?.place())
    }

    /// The paths of the parts of its reference.
    pub fn paths(&self) -> Vec<ValuePath> {
        let parts = self.source.into_iter().flat_map(ChartImage::parts);
        parts.map(|part| part.path.clone()).collect()
    }

    /// Whether a part of it may be read at another key than its own.
    pub fn has_other_keys(&self) -> bool {
        let parts = self.source.into_iter().flat_map(|source| source.parts());
        let mut parts = parts.into_iter();
        parts.any(|part| !part.overridden_by.is_empty() || !part.fallbacks.is_empty())
    }

    /// The places of the parts of its reference.
    pub fn places(&self) -> Vec<SlotKey> {
        let slots = self
            .parts
            .each()
            .into_iter()
            .filter_map(|part| part.slot.as_ref());
        slots
            .filter_map(|slot| Some(self.site_of(slot)?.place()))
            .collect()
    }
}
