//! What remains of an image where its chart, or the chart's version, is not known for certain.

use crate::image::Reference;
use crate::values::layer::Site;
use crate::values::reader::Doubt;
use crate::values::secrets::{SecretsAt, UNKNOWN};
use crate::values::shapes::is_of_container;

use super::ValueImage;

impl<'n, 's> ValueImage<'n, 's> {
    /// Takes out what would be made in mappings that are not written: its chart is not known for certain,
    /// and may keep that elsewhere.
    pub fn keep_to_what_is_there(&mut self) {
        let has_mapping = |site: &Site<'n, 's>| {
            let missing = site.missing.as_ref();
            missing.is_none_or(|(_, _, keys)| keys.len() == 1)
        };
        let policy = self.policy.take();
        self.policy = policy.filter(|policy| {
            let site = policy.slot.as_ref().and_then(|slot| self.site_of(slot));
            site.is_some_and(has_mapping)
        });
        let secrets = self.secrets.take();
        let is_listed = secrets.is_some();
        self.secrets = secrets.filter(|secrets| has_mapping(&secrets.site));
        if is_listed && self.secrets.is_none() {
            self.no_secrets = Some(UNKNOWN);
        }
    }

    /// Keeps to the keys that are there, since nobody named the chart: none is made.
    pub fn keep_to_what_is_written(&mut self) {
        self.is_makeable = false;
        self.policy = self.policy.take().filter(|policy| policy.is_written);
        let is_there = |secrets: &SecretsAt<'n, 's>| secrets.site.missing.is_none();
        self.secrets = self.secrets.take().filter(is_there);
        if self.secrets.is_none() {
            self.no_secrets = Some(UNKNOWN);
        }
        let parts = &mut self.parts;
        if !parts.name.is_written {
            parts.name.slot = None;
        }
        let named = match (parts.whole.text.is_empty(), parts.name.text.is_empty()) {
            (false, _) => [&parts.whole; 3],
            (true, false) => [&parts.name; 3],
            (true, true) => [&parts.host, &parts.registry, &parts.repository],
        };
        let mut named = named.into_iter();
        let is_default = named.any(|part| !part.is_written && !part.text.is_empty());
        if is_default {
            self.doubt = self.doubt.take().or(Some(Doubt::Registry));
        }
    }

    /// Whether it is one text without a host, which an unknown chart may take whole or put a registry before:
    /// not that of a container, which is written as pods have it.
    pub fn is_whole_by_guess(&self) -> bool {
        let source = self.source.filter(|source| source.is_guess);
        let whole = source.and_then(|source| source.whole.as_ref());
        let path = whole.and_then(|whole| whole.path.0.split_last());
        let text = &self.parts.whole.text;
        let has_no_host = Reference::parse(text).is_ok_and(|image| !image.has_host());
        has_no_host && path.is_some_and(|(_, above)| !is_of_container(above))
    }

    /// Whether a tag or digest is in the text that has its name.
    pub(super) fn is_versioned(&self) -> bool {
        Reference::parse(&self.parts.whole.text).is_ok_and(|image| image.is_versioned())
    }

    /// Whether a tag or digest is in the text that has its name, or what is filled in there.
    pub(super) fn has_version_in_text(&self) -> bool {
        self.is_versioned() || !self.parts.filled.is_empty()
    }

    /// The image in a version of its chart that is older than what is known, if it is one.
    pub(super) fn of_older_chart(mut self, before: Option<&'n str>) -> Self {
        if before.is_some() && self.is_written {
            self.keep_to_what_is_written();
        }
        self.instead = self.instead.or(before);
        self
    }
}
