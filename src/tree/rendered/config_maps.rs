//! ConfigMaps of a build, as far as a release that it changes may read them.

use crate::tree::value::BuildValue;
use crate::values::Elsewhere;

/// A text under a key of a ConfigMap.
pub(super) struct ConfigMapText {
    namespace: String,
    name: String,
    key: String,
    pub(super) text: String,
}

impl ConfigMapText {
    pub(super) fn of(value: &BuildValue<'_, '_>) -> Vec<ConfigMapText> {
        let data = value
            .get("data")
            .filter(|_| value.text_at(&["kind"]) == "ConfigMap");
        let Some(BuildValue::Mapping(pairs, _)) = data else {
            return Vec::new();
        };
        let texts = pairs.iter().filter_map(|(key, text)| {
            Some(ConfigMapText {
                namespace: value.text_at(&["metadata", "namespace"]).to_owned(),
                name: value.text_at(&["metadata", "name"]).to_owned(),
                key: key.to_string(),
                text: text.scalar()?.to_owned(),
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
