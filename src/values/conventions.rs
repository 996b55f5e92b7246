//! The shapes in which charts that nobody knows keep images: those that Renovate and updatecli read,
//! where nothing else has that shape.

use std::collections::BTreeSet;

use crate::chart::{Chart, ChartImage, Part, SecretsPart, ValuePath};
use crate::image::likely::{is_template, names_a_file};
use crate::image::{Reference, is_name};
use crate::yaml::{Error, Node};

use super::layer::{Content, Layer};

/// How many pairs are walked over on the way to images, in any values, and for each of their bytes.
const MOST_WORK: usize = 1 << 20;
const WORK_A_BYTE: usize = 8;

/// Keys beside `repository` that only images have.
const OF_IMAGES: [&str; 5] = ["tag", "digest", "registry", "pullPolicy", "imagePullPolicy"];

/// Keys beside `repository` that other things have: a chart, a working copy.
const OF_OTHERS: [&str; 7] = [
    "chart", "url", "branch", "revision", "ref", "git", "repoURL",
];

/// Keys of mappings that hold the repository of something else.
const OTHERS: [&str; 9] = [
    "git",
    "repo",
    "chart",
    "charts",
    "source",
    "module",
    "terraform",
    "npm",
    "helm",
];

/// The images that layers of values name by convention, but for those at paths that are known.
///
/// # Errors
/// A mapping that is read has a key twice.
pub fn conventions(layers: &[Layer<'_, '_>], known: &BTreeSet<ValuePath>) -> Result<Chart, Error> {
    let mut found = ConventionSearch {
        known,
        seen: BTreeSet::new(),
        images: Vec::new(),
        work: 0,
    };
    for layer in layers {
        if let Content::Tree(root) = &layer.content
            && let Some(node) = root.node()?
        {
            // To look an image up takes as long as the mappings on its way are large.
            found.work += MOST_WORK + node.span.len() * WORK_A_BYTE;
            let mut keys = root.below.iter().map(|key| (*key).to_owned()).collect();
            found.walk(node, &mut keys, 0)?;
        }
    }
    Ok(Chart {
        images: found.images,
        ..Chart::default()
    })
}

struct ConventionSearch<'k> {
    known: &'k BTreeSet<ValuePath>,
    seen: BTreeSet<ValuePath>,
    images: Vec<ChartImage>,
    /// How many pairs may still be walked over.
    work: usize,
}

impl ConventionSearch<'_> {
    fn walk(&mut self, node: &Node<'_>, keys: &mut Vec<String>, above: usize) -> Result<(), Error> {
        let way = above + node.entries().map_or(0, <[_]>::len);
        for (index, item) in node.items().unwrap_or_default().iter().enumerate() {
            // An alias repeats what is judged where its anchor is.
            if !item.is_alias() {
                keys.push(index.to_string());
                self.walk(item, keys, way)?;
                keys.pop();
            }
        }
        for entry in node.entries().unwrap_or_default() {
            let (Some(key), false) = (entry.key.scalar(), entry.is_merge()) else {
                continue;
            };
            if entry.value.is_alias() {
                continue;
            }
            keys.push(key.to_owned());
            if let Some(prefix) = flat_prefix(key)
                && let Some(text) = entry.value.text()
            {
                if self.affords(way) && is_flat(text, node, prefix, key)? {
                    self.flat(node, keys, prefix, key)?;
                }
            } else if is_image_key(key)
                && let Some(text) = entry.value.text()
            {
                if is_reference(text) && self.affords(way) {
                    self.whole(keys, policy_beside(node, key)?);
                }
            } else if !(self.affords(way) && self.mapping((node, key), &entry.value, keys)?) {
                self.walk(&entry.value, keys, way)?;
            }
            keys.pop();
        }
        Ok(())
    }

    /// Notes the image that a text is, with the key beside it that holds its pull policy.
    fn whole(&mut self, keys: &[String], policy: Option<String>) {
        let path = ValuePath(keys.to_vec());
        if self.is_new(&path) {
            let above = keys.split_last().map_or(&[][..], |(_, above)| above);
            self.images.push(ChartImage {
                whole: Some(part(keys, None)),
                policy: policy.map(|key| part(above, Some(&key))),
                ..ChartImage::default()
            });
        }
    }

    /// Notes the image whose parts have keys of their own beside each other: `imageRepository` and
    /// `imageTag`.
    fn flat(
        &mut self,
        node: &Node<'_>,
        keys: &[String],
        prefix: &str,
        key: &str,
    ) -> Result<(), Error> {
        let path = ValuePath(keys.to_vec());
        if !self.is_new(&path) {
            return Ok(());
        }
        let above = keys.split_last().map_or(&[][..], |(_, above)| above);
        let beside = |word: &str| -> Result<Option<Part>, Error> {
            let beside = in_case_of(key, prefix, word);
            Ok(node.get(&beside)?.map(|_| part(above, Some(&beside))))
        };
        self.images.push(ChartImage {
            registry: Some(part(above, Some(&in_case_of(key, prefix, "registry")))),
            repository: Some(part(keys, None)),
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

    /// Notes the image that the mapping under a key of another one is; whether it is one.
    fn mapping(
        &mut self,
        (above, key): (&Node<'_>, &str),
        node: &Node<'_>,
        keys: &[String],
    ) -> Result<bool, Error> {
        let is_image = is_image_key(key);
        let Some(repository) = node.get("repository")?.and_then(Node::text) else {
            return Ok(false);
        };
        let has = |keys: &[&str]| -> Result<bool, Error> {
            for key in keys {
                if node.get(key)?.is_some() {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        let is_name = is_template(repository) || is_repository(repository);
        let is_others = has(&OF_OTHERS)? || OTHERS.contains(&key);
        if !is_name || is_others || !(is_image || has(&OF_IMAGES)?) {
            return Ok(false);
        }
        let path = ValuePath([keys, &["repository".to_owned()]].concat());
        if !self.is_new(&path) {
            return Ok(true);
        }
        let tag = if has(&["tag"])? || !has(&["version"])? {
            "tag"
        } else {
            "version"
        };
        let mut policy = None;
        for key in ["imagePullPolicy", "pullPolicy"] {
            if policy.is_none() && has(&[key])? {
                policy = Some(part(keys, Some(key)));
            }
        }
        if let (None, Some((_, outer))) = (&policy, keys.split_last()) {
            let beside = policy_beside(above, key)?;
            policy = beside.map(|key| part(outer, Some(&key)));
        }
        let secrets = ["pullSecrets", "imagePullSecrets"];
        let mut secrets_key = None;
        for key in secrets {
            if node.get(key)?.is_some() {
                secrets_key = Some(key);
            }
        }
        let digest = if has(&["sha"])? { "sha" } else { "digest" };
        self.images.push(ChartImage {
            registry: Some(part(keys, Some("registry"))),
            repository: Some(part(keys, Some("repository"))),
            tag: Some(part(keys, Some(tag))),
            digest: Some(part(keys, Some(digest))),
            policy,
            secrets: secrets_key.map(|key| SecretsPart {
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

/// The words that keys of images end in where each part has one of its own.
const FLAT: [&str; 2] = ["Repository", "_repository"];

/// What is before the last word of a key such as `imageRepository` or `sidecar_image_repository`.
fn flat_prefix(key: &str) -> Option<&str> {
    let mut ends = FLAT.iter();
    let prefix = ends.find_map(|end| key.strip_suffix(end))?;
    is_image_key(prefix).then_some(prefix)
}

/// The key of another part, written as the key of the repository is.
fn in_case_of(key: &str, prefix: &str, words: &str) -> String {
    if key[prefix.len()..].starts_with('_') {
        return format!("{prefix}_{words}");
    }
    let capital = |word: &str| {
        let (first, rest) = word.split_at(1);
        format!("{}{rest}", first.to_uppercase())
    };
    let words: String = words.split('_').map(capital).collect();
    format!("{prefix}{words}")
}

/// Whether the text of such a key is an image's: one of several words, or beside a tag.
fn is_flat(text: &str, node: &Node<'_>, prefix: &str, key: &str) -> Result<bool, Error> {
    let has_tag = node.get(&in_case_of(key, prefix, "tag"))?.is_some();
    Ok(is_template(text) || (is_repository(text) && (has_tag || text.contains('/'))))
}

/// Whether a key is one of an image: `image`, `sidecarImage`.
fn is_image_key(key: &str) -> bool {
    key.to_ascii_lowercase().ends_with("image")
}

/// The key beside an image's that holds its pull policy: `imagePullPolicy` beside `image`, and
/// `sidecarImagePullPolicy` beside `sidecarImage`.
fn policy_beside(node: &Node<'_>, key: &str) -> Result<Option<String>, Error> {
    if !is_image_key(key) {
        return Ok(None);
    }
    let policy = format!("{key}PullPolicy");
    let is_there = node.get(&policy)?.and_then(Node::text).is_some();
    Ok(is_there.then_some(policy))
}

/// Whether a text is the name of an image, with a tag or digest perhaps.
fn is_repository(text: &str) -> bool {
    Reference::parse(text).is_ok()
}

/// Whether a text under `…image` is an image: a bare word may be half of a name that the chart joins.
fn is_reference(text: &str) -> bool {
    let is_part = is_name(text).is_some() && !text.contains('/');
    !is_part && !names_a_file(text) && !text.starts_with('/') && Reference::parse(text).is_ok()
}
