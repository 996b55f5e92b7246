//! Layers of releases that are in other files, put in their places.

use std::collections::BTreeSet;

use crate::chart::ValuePath;
use crate::krm::resource::Resource;
use crate::values::{Elsewhere, Layer, LayerContent, Release, SetValues, TextAt, is_said};
use crate::yaml::Error;

use super::environments::Candidate;
use super::file::ReleaseFile;
use super::layers::whole;
use super::set::{GeneratedKey, ReleaseSet, ReleasesOfFile};

/// How many variants of one release are judged, each with other files: of one layer, and of several that
/// are combined. More are not known.
const MOST_FILES: usize = 1024;
const MOST_VARIANTS: usize = 64;

/// What a layer in another file may be.
enum LayerPlace<'t> {
    /// A file, by its position.
    File(usize),
    /// A layer that was found.
    Layer(Layer<'t, 't>),
    /// One that is not known.
    Unknown,
    /// None, in some environment.
    Nothing,
}

impl<'t> ReleaseSet<'t> {
    /// A release with the layers of other files in their places: several times, where one of these is
    /// another file for each environment.
    pub(super) fn resolved(
        &self,
        file: &ReleaseFile<'_>,
        resource: &Resource<'_, '_>,
        mut release: Release<'t, 't>,
        texts: &[TextAt<'t, 't>],
    ) -> Result<Vec<Release<'t, 't>>, Error> {
        self.expand(file, &mut release);
        let elsewhere = std::mem::take(&mut release.elsewhere);
        let is_here = |(_, elsewhere): &(usize, Elsewhere<'_>)| {
            !self.paths.elsewhere(file, elsewhere).is_empty()
        };
        let is_here = elsewhere.iter().any(is_here);
        for (layer, elsewhere) in &elsewhere {
            if let Elsewhere::FileIn { may_miss: true, .. } = elsewhere
                && is_here
            {
                release.layers[*layer].content = LayerContent::Set(SetValues::default());
            }
        }
        let mut all = vec![(release, Vec::new())];
        for (layer, elsewhere) in elsewhere {
            let places = match elsewhere {
                Elsewhere::ConfigMap {
                    name,
                    key,
                    may_miss,
                } => {
                    let at = match &all[0].0.layers[layer].content {
                        LayerContent::UnknownAt(at) => Some(at.clone()),
                        _ => None,
                    };
                    // Where the release says it, too, it is by chance which of the two counts.
                    let is_said = match &at {
                        Some(at) => is_said(&all[0].0.layers, at)?,
                        None => false,
                    };
                    let mut maps = if is_said {
                        Vec::new()
                    } else {
                        self.config_maps(
                            (file.position, resource.namespace),
                            (name, key),
                            texts,
                            at,
                        )?
                    };
                    let is_found = !maps.is_empty();
                    maps.extend(Some(LayerPlace::Nothing).filter(|_| may_miss && is_found));
                    maps
                }
                _ => {
                    let files = self.paths.elsewhere(file, &elsewhere).into_iter();
                    let files = files.filter(|position| {
                        !elsewhere.is_template() || !self.is_manifest(*position)
                    });
                    files.map(LayerPlace::File).collect()
                }
            };
            let most = if all.len() == 1 {
                MOST_FILES
            } else {
                MOST_VARIANTS
            };
            let are_too_many = places.len() > 1 && all.len() * places.len() > most;
            if places.is_empty() || are_too_many {
                for (release, _) in &mut all {
                    release.has_more_variants |= are_too_many;
                    if release.is_unknown(layer) {
                        release.unread.push(elsewhere.told());
                    }
                }
                continue;
            }
            let mut variants = Vec::new();
            for variant in all {
                let copies = std::iter::repeat_n(variant, places.len());
                for (place, (mut release, mut lowest)) in places.iter().zip(copies) {
                    match place {
                        LayerPlace::Unknown => {}
                        LayerPlace::Nothing => {
                            release.layers[layer].content = LayerContent::Set(SetValues::default())
                        }
                        LayerPlace::Layer(found) => release.layers[layer] = found.clone(),
                        LayerPlace::File(position) if elsewhere.is_chart() => {
                            lowest = self.in_chart(*position, layer, &mut release)?;
                        }
                        LayerPlace::File(position) => self.in_file(*position, layer, &mut release),
                    }
                    variants.push((release, lowest));
                }
            }
            all = variants;
        }
        let all = all.into_iter().map(|(mut release, lowest)| {
            release.layers.splice(0..0, lowest);
            release
        });
        Ok(all.collect())
    }

    /// Puts the files that patterns mean in the places of these: each file once, and where it is named
    /// rather than where it is meant.
    fn expand(&self, file: &ReleaseFile<'_>, release: &mut Release<'t, 't>) {
        let (patterns, named): (Vec<_>, Vec<_>) = std::mem::take(&mut release.elsewhere)
            .into_iter()
            .partition(|(_, elsewhere)| elsewhere.is_pattern());
        let mut known: BTreeSet<usize> = BTreeSet::new();
        for (_, elsewhere) in &named {
            known.extend(self.paths.elsewhere(file, elsewhere));
        }
        release.elsewhere = named;
        let (mut added, mut removed) = (0, 0);
        for (layer, pattern) in patterns {
            let at = layer + added - removed;
            let mut matched = self.paths.matched(&pattern);
            if matched.is_empty() {
                release.elsewhere.push((at, pattern));
                continue;
            }
            matched.retain(|position| known.insert(*position));
            let unknown = release.layers[at].clone();
            let places = vec![unknown; matched.len()];
            release.layers.splice(at..at + 1, places);
            for (other, _) in &mut release.elsewhere {
                if *other > at {
                    *other = *other + matched.len() - 1;
                }
            }
            for (place, position) in matched.iter().enumerate() {
                self.in_file(*position, at + place, release);
            }
            (added, removed) = (added + matched.len(), removed + 1);
        }
    }

    /// Whether a file is a manifest, and so no file of values.
    fn is_manifest(&self, position: usize) -> bool {
        let root = self
            .document_of(position)
            .and_then(|(_, file)| file.roots.first());
        root.is_some_and(|root| !matches!(root.get("apiVersion"), Ok(None)))
    }

    /// Puts a file of values in the place of a layer.
    fn in_file(&self, position: usize, layer: usize, release: &mut Release<'t, 't>) {
        if let Some((document, file)) = self.document_of(position) {
            let mut above = release.layers[layer + 1..].iter();
            let is_last = !release.is_made_in_chart && !above.any(|layer| layer.is_own);
            for layer in &mut release.layers[..layer] {
                layer.is_own &= !is_last;
            }
            release.layers[layer] = whole(document, file.roots.first(), is_last);
        }
    }

    /// The key of the ConfigMaps of a name, and the files that such are generated of: one for each
    /// environment that the release in a file is in. With a path, it is the value there, and no document of values.
    fn config_maps(
        &self,
        (file, namespace): (usize, &str),
        (name, key): (&'t str, &'t str),
        texts: &[TextAt<'t, 't>],
        at: Option<ValuePath>,
    ) -> Result<Vec<LayerPlace<'t>>, Error> {
        let mut found = Vec::new();
        for &position in self.named("ConfigMap", name) {
            let (document, resource) = &self.resources[position];
            let is_near = resource.namespace.is_empty()
                || namespace.is_empty()
                || resource.namespace == namespace;
            if is_near {
                let inner = self.text_of(position, key, texts)?;
                let layer = if let Some(at) = &at {
                    let set = |inner: &TextAt<'t, 't>| Layer {
                        document: *document,
                        content: LayerContent::Set(SetValues::new(vec![(
                            at.clone(),
                            inner.slot.clone(),
                        )])),
                        is_own: false,
                    };
                    inner.map(set)
                } else {
                    let root = inner.and_then(|inner| Some((inner.document, inner.root?)));
                    root.map(|(document, root)| whole(document, Some(root), false))
                };
                found.push(Candidate::written(self.file_of(*document), layer));
            }
        }
        let generated = self.generated.get(&(name.to_owned(), key));
        for origin in generated.into_iter().flatten() {
            let text = match origin.of {
                Some(GeneratedKey::File(position)) => self
                    .document_of(position)
                    .map(|(document, file)| (document, file.roots.first())),
                Some(GeneratedKey::Text(position)) => {
                    let text = &texts[position];
                    text.root.map(|root| (text.document, Some(root)))
                }
                None => None,
            };
            let text = text.filter(|_| at.is_none());
            found.push(Candidate {
                file: origin.by,
                is_generated: true,
                object: text.map(|(document, root)| whole(document, root, false)),
            });
        }
        self.keep_applied_with(file, &mut found);
        let all = found.into_iter();
        Ok(all
            .map(|one| one.object.map_or(LayerPlace::Unknown, LayerPlace::Layer))
            .collect())
    }

    /// The text under a key of a ConfigMap, by the position of that.
    fn text_of<'x>(
        &self,
        position: usize,
        key: &str,
        texts: &'x [TextAt<'t, 't>],
    ) -> Result<Option<&'x TextAt<'t, 't>>, Error> {
        let (document, resource) = &self.resources[position];
        let Some(data) = resource.node.get("data")? else {
            return Ok(None);
        };
        let after = |of_file: &ReleasesOfFile| of_file.first <= *document;
        let index = self.of_files.partition_point(after) - 1;
        let mut own = texts[self.of_files[index].texts.clone()].iter();
        Ok(own.find(|text| std::ptr::eq(text.slot.holder, data) && text.slot.name() == key))
    }
}
