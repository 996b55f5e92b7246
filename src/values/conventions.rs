//! The shapes in which charts that nobody knows keep images: those that Renovate and updatecli read,
//! where nothing else has that shape.

use std::collections::BTreeSet;

use crate::chart::{Chart, ChartImage, Part, SecretsPart, ValuePath};
use crate::image::likely::is_template;
use crate::slot::Slot;
use crate::yaml::{Error, Node};

use super::beside::{Holder, TextsByPath};
use super::layer::{Content, Layer};
use super::rivals::Registries;
use super::shapes::{
    self, flat_prefix, in_case_of, is_flat, is_image_key, is_of_git, is_others, is_reference,
    is_repository, policy_beside,
};

/// How many pairs are walked over on the way to images, in any values, and for each of their bytes.
const MOST_WORK: usize = 1 << 20;
const WORK_A_BYTE: usize = 8;

const REPOSITORY: &str = "repository";

/// The images that layers of values name by convention, but for those at paths that are known.
///
/// # Errors
/// A mapping that is read has a key twice.
pub fn conventions(layers: &[Layer<'_, '_>], known: &BTreeSet<ValuePath>) -> Result<Chart, Error> {
    let mut found = ConventionSearch {
        known,
        seen: BTreeSet::new(),
        images: Vec::new(),
        registries: Registries::default(),
        work: 0,
    };
    for layer in layers {
        match &layer.content {
            Content::Tree(root) => {
                if let Some(node) = root.node()? {
                    // To look an image up takes as long as the mappings on its way are large.
                    found.work += MOST_WORK + node.span.len() * WORK_A_BYTE;
                    let mut keys = root.below.iter().map(|key| (*key).to_owned()).collect();
                    found.walk(node, &mut keys, 0)?;
                }
            }
            Content::Set(values) => {
                found.work += MOST_WORK;
                found.set(values)?;
            }
            Content::Unknown | Content::UnknownAt(_) | Content::Nowhere(_) => {}
        }
    }
    let mut images = found.images;
    let own = images.iter().filter_map(|image| image.registry.as_ref());
    let own: BTreeSet<ValuePath> = own.map(|part| part.path.clone()).collect();
    for image in &mut images {
        image.rivals = found.registries.rivals(image, &own);
    }
    Ok(Chart {
        images,
        ..Chart::default()
    })
}

struct ConventionSearch<'k> {
    known: &'k BTreeSet<ValuePath>,
    seen: BTreeSet<ValuePath>,
    images: Vec<ChartImage>,
    registries: Registries,
    /// How many pairs may still be walked over.
    work: usize,
}

impl ConventionSearch<'_> {
    /// Walks over a tree. What an alias repeats is judged at each of its places, since only together may
    /// these change.
    fn walk(&mut self, node: &Node<'_>, keys: &mut Vec<String>, above: usize) -> Result<(), Error> {
        let way = above + node.entries().map_or(0, <[_]>::len);
        for (index, item) in node.items().unwrap_or_default().iter().enumerate() {
            if item.is_alias() && !self.affords(way) {
                continue;
            }
            keys.push(index.to_string());
            self.walk(item, keys, way)?;
            keys.pop();
        }
        for entry in node.entries().unwrap_or_default() {
            let (Some(key), false) = (entry.key.scalar(), entry.is_merge()) else {
                continue;
            };
            if entry.value.is_alias() && !self.affords(way) {
                continue;
            }
            if let Some(text) = entry.value.text() {
                self.registries.note(keys, key, text);
            }
            keys.push(key.to_owned());
            let is_image = match entry.value.text() {
                Some(text) => self.text(text, &Holder::Mapping(node), keys, way)?,
                None => {
                    self.affords(way)
                        && self.mapping(
                            &Holder::Mapping(node),
                            &Holder::Mapping(&entry.value),
                            keys,
                        )?
                }
            };
            if !is_image {
                self.walk(&entry.value, keys, way)?;
            }
            keys.pop();
        }
        Ok(())
    }

    /// Goes through values that are set one by one.
    fn set(&mut self, values: &[(ValuePath, Slot<'_, '_>)]) -> Result<(), Error> {
        let mut texts = TextsByPath::new();
        for (path, slot) in values {
            if let Some(text) = slot.node()?.and_then(Node::scalar) {
                texts.insert(&path.0[..], text);
            }
        }
        for (path, text) in &texts {
            let Some((key, above)) = path.split_last() else {
                continue;
            };
            self.registries.note(above, key, text);
            if self.text(text, &Holder::Set(&texts, above), path, 0)? {
                continue;
            }
            if let (REPOSITORY, Some((_, outer))) = (key.as_str(), above.split_last()) {
                let (outer, own) = (Holder::Set(&texts, outer), Holder::Set(&texts, above));
                self.mapping(&outer, &own, above)?;
            }
        }
        Ok(())
    }

    /// Notes the image that a text under a key is, or is the repository of; whether it may be one.
    fn text(
        &mut self,
        text: &str,
        holder: &Holder<'_, '_>,
        keys: &[String],
        way: usize,
    ) -> Result<bool, Error> {
        let Some((key, above)) = keys.split_last() else {
            return Ok(false);
        };
        if let Some(prefix) = flat_prefix(key) {
            if self.affords(way) && is_flat(text, holder, prefix, key)? {
                self.flat(holder, (above, key), prefix)?;
            }
        } else if is_image_key(key) {
            if is_reference(text) && self.affords(way) {
                self.whole(keys, policy_beside(holder, key)?);
            }
        } else {
            return Ok(false);
        }
        Ok(true)
    }

    /// Notes the image that a text is, with the key beside it that holds its pull policy.
    fn whole(&mut self, keys: &[String], policy: Option<String>) {
        let path = ValuePath(keys.to_vec());
        if self.is_new(&path) {
            let above = keys.split_last().map_or(&[][..], |(_, above)| above);
            self.images.push(ChartImage {
                whole: Some(part(keys, None)),
                policy: policy.map(|key| part(above, Some(&key))),
                is_guess: true,
                ..ChartImage::default()
            });
        }
    }

    /// Notes the image whose parts have keys of their own beside each other: `imageRepository` and
    /// `imageTag`.
    fn flat(
        &mut self,
        holder: &Holder<'_, '_>,
        (above, key): (&[String], &str),
        prefix: &str,
    ) -> Result<(), Error> {
        let repository = part(above, Some(key));
        if !self.is_new(&repository.path) {
            return Ok(());
        }
        let beside = |word: &str| -> Result<Option<Part>, Error> {
            let beside = in_case_of(key, prefix, word);
            Ok(holder.has(&beside)?.then(|| part(above, Some(&beside))))
        };
        self.images.push(ChartImage {
            registry: Some(part(above, Some(&in_case_of(key, prefix, "registry")))),
            repository: Some(repository),
            tag: beside("tag")?,
            digest: beside("digest")?,
            policy: beside("pull_policy")?,
            is_guess: true,
            ..ChartImage::default()
        });
        Ok(())
    }

    /// Whether an image this deep may still be looked up.
    fn affords(&mut self, way: usize) -> bool {
        let left = self.work.checked_sub(way + 1);
        self.work = left.unwrap_or(0);
        left.is_some()
    }

    fn is_new(&mut self, path: &ValuePath) -> bool {
        !self.known.contains(path) && self.seen.insert(path.clone())
    }

    /// Notes the image that the mapping under a path is; whether it is one. `above` is what holds it.
    fn mapping(
        &mut self,
        above: &Holder<'_, '_>,
        own: &Holder<'_, '_>,
        keys: &[String],
    ) -> Result<bool, Error> {
        let Some((key, outer)) = keys.split_last() else {
            return Ok(false);
        };
        let is_image = is_image_key(key);
        let Some(repository) = own.text(REPOSITORY)? else {
            return Ok(false);
        };
        let is_name = is_template(repository) || is_repository(repository);
        let is_others =
            own.has_one(&shapes::OF_OTHERS)? || is_others(keys) || is_of_git(repository);
        if !is_name || is_others || !(is_image || own.has_one(&shapes::OF_IMAGES)?) {
            return Ok(false);
        }
        let path = part(keys, Some(REPOSITORY)).path;
        if !self.is_new(&path) {
            return Ok(true);
        }
        let tag = own.first(&["tag", "version"])?.unwrap_or("tag");
        let policy = own.first(&["imagePullPolicy", "pullPolicy"])?;
        let policy = match policy {
            Some(policy) => Some(part(keys, Some(policy))),
            None => policy_beside(above, key)?.map(|key| part(outer, Some(&key))),
        };
        let secrets = own.first(&["imagePullSecrets", "pullSecrets"])?;
        let digest = own.first(&["sha"])?.unwrap_or("digest");
        self.images.push(ChartImage {
            registry: Some(part(keys, Some("registry"))),
            repository: Some(part(keys, Some(REPOSITORY))),
            tag: Some(part(keys, Some(tag))),
            digest: Some(part(keys, Some(digest))),
            policy,
            secrets: secrets.map(|key| SecretsPart {
                path: part(keys, Some(key)).path,
                ..SecretsPart::default()
            }),
            is_guess: true,
            ..ChartImage::default()
        });
        Ok(true)
    }
}

fn part(keys: &[String], last: Option<&str>) -> Part {
    let keys = keys.iter().cloned().chain(last.map(str::to_owned));
    Part {
        path: ValuePath(keys.collect()),
        ..Part::default()
    }
}
