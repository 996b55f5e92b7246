//! Charts that other charts bring: where a parent chart's values keep the images of a subchart.

use super::{ChartImage, DefaultBy, Part, SecretsPart, ValuePath};

impl Part {
    /// This part in the values of a parent chart, which keeps this part's chart below the given keys.
    #[must_use]
    pub fn below(&self, keys: &[String]) -> Self {
        let own = self.path.own_global(keys).into_iter();
        Part {
            path: self.path.below(keys),
            default: self.default.clone(),
            default_by: self.default_by.iter().map(|by| by.below(keys)).collect(),
            known_where: self
                .known_where
                .iter()
                .map(|(path, value)| (path.below(keys), value.clone()))
                .collect(),
            is_unsure: self.is_unsure,
            default_where_empty: self.default_where_empty,
            overridden_by: all_read_below(&self.overridden_by, keys),
            fallbacks: own.chain(all_read_below(&self.fallbacks, keys)).collect(),
        }
    }
}

impl DefaultBy {
    fn below(&self, keys: &[String]) -> Self {
        DefaultBy {
            path: self.path.below(keys),
            ..self.clone()
        }
    }
}

impl SecretsPart {
    fn below(&self, keys: &[String]) -> Self {
        let own = self.path.own_global(keys).into_iter();
        SecretsPart {
            path: self.path.below(keys),
            overridden_by: all_read_below(&self.overridden_by, keys),
            fallbacks: own.chain(all_read_below(&self.fallbacks, keys)).collect(),
            joined_with: all_read_below(&self.joined_with, keys),
            form: self.form,
            instead: self.instead.clone(),
        }
    }
}

impl ChartImage {
    /// The image in the values of a chart that has this image's chart below a key.
    #[must_use]
    pub fn below(&self, keys: &[String]) -> Self {
        let below = |part: &Option<Part>| part.as_ref().map(|part| part.below(keys));
        ChartImage {
            whole: below(&self.whole),
            name: below(&self.name),
            host: below(&self.host),
            registry: below(&self.registry),
            repository: below(&self.repository),
            tag: below(&self.tag),
            digest: below(&self.digest),
            policy: below(&self.policy),
            secrets: self.secrets.as_ref().map(|part| part.below(keys)),
            lacks_secrets: self.lacks_secrets,
            unlisted_pods: self.unlisted_pods.clone(),
            unless: self.unless.as_ref().map(|path| path.below(keys)),
            enabled_by: self
                .enabled_by
                .iter()
                .map(|part| part.below(keys))
                .collect(),
            since: self.since.clone(),
            until: self.until.clone(),
            instead: self.instead.clone(),
            depends_on_version: self.depends_on_version,
            is_guess: self.is_guess,
            is_nameless: self.is_nameless,
            rivals: all_below(&self.rivals, keys),
        }
    }
}

/// Alternative paths in order of precedence, each below the keys of the parent chart, followed by its own
/// global value where it has one.
fn all_read_below(paths: &[ValuePath], keys: &[String]) -> Vec<ValuePath> {
    let all = paths.iter();
    all.flat_map(|path| [Some(path.below(keys)), path.own_global(keys)])
        .flatten()
        .collect()
}

fn all_below(paths: &[ValuePath], keys: &[String]) -> Vec<ValuePath> {
    paths.iter().map(|path| path.below(keys)).collect()
}
