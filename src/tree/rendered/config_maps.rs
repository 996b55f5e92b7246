//! The texts of the ConfigMaps of a build, which releases may read.

use crate::judge::values::{TextPlace, name};
use crate::tree::sources::Sources;
use crate::tree::value::BuildValue;
use crate::values::Elsewhere;

/// A text under a key of a ConfigMap.
pub(super) struct ConfigMapText {
    namespace: String,
    name: String,
    key: String,
    pub(super) text: String,
    /// Where the ConfigMap has it in its own file, or what generates it, whatever patches make of it.
    pub(super) place: Option<TextPlace>,
}

impl ConfigMapText {
    /// The texts of a resource; none where it is no ConfigMap.
    pub(super) fn of(sources: &Sources<'_, '_>, value: &BuildValue<'_, '_>) -> Vec<ConfigMapText> {
        let data = value
            .get("data")
            .filter(|_| value.text_at(&["kind"]) == "ConfigMap");
        let Some(data @ BuildValue::Mapping(pairs, _)) = data else {
            return Vec::new();
        };
        let input = |document: usize| sources.documents[document].input;
        let texts = pairs.iter().filter_map(|(key, text)| {
            let of_text = || {
                let place = text.place()?;
                let (_, holder, at) = place.key();
                Some((input(place.document), (holder, name(at))))
            };
            let of_map = data.site().map(|site| {
                let holder = site.node.target().span.start;
                (input(site.document), (holder, key.to_string()))
            });
            Some(ConfigMapText {
                namespace: value.text_at(&["metadata", "namespace"]).to_owned(),
                name: value.text_at(&["metadata", "name"]).to_owned(),
                key: key.to_string(),
                text: text.scalar()?.to_owned(),
                place: of_map.or_else(of_text),
            })
        });
        texts.collect()
    }

    /// Whether it is what a release of a namespace names.
    pub(super) fn is_meant(&self, elsewhere: &Elsewhere<'_>, namespace: &str) -> bool {
        let Elsewhere::ConfigMap { name, key, .. } = elsewhere else {
            return false;
        };
        let is_near =
            self.namespace.is_empty() || namespace.is_empty() || self.namespace == namespace;
        is_near && *name == self.name && *key == self.key
    }
}
