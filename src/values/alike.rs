//! Texts in values that read like whole images where nobody reads one, so that they are counted.

use std::collections::HashSet;

use crate::image::Reference;
use crate::image::likely::names_a_file;
use crate::yaml::{Error, Node, Span};

use super::layer::{Layer, LayerContent};
use super::shapes::{OF_OTHERS, is_of_git, is_others};

/// Keys beside a name that say that it is one of an image.
const VERSIONS: [&str; 5] = ["tag", "version", "digest", "imageTag", "sha"];

/// A text that reads like an image on a host, or like one of Docker Hub's in one word.
#[derive(Debug)]
pub struct ImageLike<'n> {
    /// Position of the document.
    pub document: usize,
    /// Its bytes there.
    pub span: Span,
    /// The image.
    pub image: Reference<'n>,
}

/// The texts in layers of values that read like images on a host: with a version, beside one, or below a
/// key that speaks of images. `walked` has the trees that were walked before, by document and place: releases
/// may share them.
///
/// # Errors
/// A mapping that is read has a key twice.
pub fn alike<'n>(
    layers: &[Layer<'n, '_>],
    walked: &mut HashSet<(usize, usize)>,
) -> Result<Vec<ImageLike<'n>>, Error> {
    let mut found = Vec::new();
    for layer in layers {
        let mut search = Search {
            document: layer.document,
            found: &mut found,
        };
        match &layer.content {
            LayerContent::Tree(root) => {
                if let Some(node) = root.node()?
                    && walked.insert((layer.document, std::ptr::from_ref(node).addr()))
                {
                    search.walk(node, &mut Vec::new(), false)?;
                }
            }
            LayerContent::Set(values) => {
                for (path, slot) in values.iter() {
                    if let Some(node) = slot.node()? {
                        let speaks = path.0.iter().any(|key| speaks_of_images(key));
                        search.text(node, &path.0, speaks);
                    }
                }
            }
            LayerContent::Unknown | LayerContent::UnknownAt(_) | LayerContent::Nowhere(_) => {}
        }
    }
    Ok(found)
}

struct Search<'f, 'n> {
    document: usize,
    found: &'f mut Vec<ImageLike<'n>>,
}

impl<'n> Search<'_, 'n> {
    /// Walks over a tree; `speaks` says whether a key around it speaks of images.
    fn walk(
        &mut self,
        node: &'n Node<'_>,
        keys: &mut Vec<String>,
        speaks: bool,
    ) -> Result<(), Error> {
        for item in node.items().unwrap_or_default() {
            if !item.is_alias() {
                self.text(item, keys, speaks);
                self.walk(item, keys, speaks)?;
            }
        }
        let entries = node.entries().unwrap_or_default();
        let has = |names: &[&str]| {
            let mut keys = entries.iter().filter_map(|entry| entry.key.scalar());
            keys.any(|key| names.contains(&key))
        };
        let (is_versioned, is_others) = (has(&VERSIONS), has(&OF_OTHERS));
        for entry in entries {
            let (Some(key), false) = (entry.key.scalar(), entry.value.is_alias()) else {
                continue;
            };
            keys.push(key.to_owned());
            let speaks = speaks || speaks_of_images(key);
            if !is_others {
                self.text(&entry.value, keys, speaks || is_versioned);
            }
            self.walk(&entry.value, keys, speaks)?;
            keys.pop();
        }
        Ok(())
    }

    fn text(&mut self, node: &'n Node<'_>, keys: &[String], speaks: bool) {
        let Some(text) = node.text().map(str::trim) else {
            return;
        };
        let Ok(image) = Reference::parse(text) else {
            return;
        };
        let is_whole = image.tag.is_some() || image.digest.is_some();
        let is_other = names_a_file(text) || is_of_git(text) || is_of_others(keys);
        // A name of one word is half of one perhaps, and of an image on Docker Hub if it is whole.
        let is_word = !text.contains('/') && keys.last().is_some_and(|key| key == "image");
        if (image.has_host() && (is_whole || speaks) || is_word) && !is_other {
            self.found.push(ImageLike {
                document: self.document,
                span: node.span.clone(),
                image,
            });
        }
    }
}

/// Whether what is under a path is something else's: `repo` alone is so in a mapping that is.
fn is_of_others(keys: &[String]) -> bool {
    let Some((key, around)) = keys.split_last() else {
        return false;
    };
    is_others(around) || key != "repo" && is_others(keys)
}

fn speaks_of_images(key: &str) -> bool {
    key.to_ascii_lowercase().contains("image")
}
