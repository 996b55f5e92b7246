//! Texts in values that read like images where nobody reads one, so that they are counted.

use std::collections::HashSet;

use crate::image::Reference;
use crate::image::likely::names_a_file;
use crate::yaml::{Entry, Error, Node, Span};

use super::layer::{Layer, LayerContent};
use super::shapes::{OF_OTHERS, is_of_git, is_others};

/// A key of a branch or a version of something else, and of whole images.
const REF: &str = "ref";

/// Keys beside a name that say that it is one of an image.
const VERSIONS: [&str; 5] = ["tag", "version", "digest", "imageTag", "sha"];

/// A text that reads like an image.
#[derive(Debug)]
pub struct ImageLike<'n> {
    /// Position of the document.
    pub document: usize,
    /// Its bytes there.
    pub span: Span,
    /// The image.
    pub image: Reference<'n>,
    /// What keeps it from being one.
    pub fault: Option<Fault>,
}

/// What keeps a text from being an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is behind a scheme, such as `https://`.
    Scheme,
    /// A part of it is none of a reference: a second tag, a capital letter.
    Malformed,
}

/// The texts in layers of values that read like images: on a host with a version, beside one, or below a
/// key that speaks of images; without a host, by more than one of these, or at a key of names of images. `walked` has the trees that were walked before, by document and place: releases
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
                        search.text(node, &path.0, (speaks, false));
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
                self.text(item, keys, (speaks, false));
                self.walk(item, keys, speaks)?;
            }
        }
        let entries = node.entries().unwrap_or_default();
        let has = |names: &[&str]| {
            let mut keys = entries.iter().filter_map(|entry| entry.key.scalar());
            keys.any(|key| names.contains(&key))
        };
        let is_versioned = has(&VERSIONS);
        // What is called a `ref` may be a whole image.
        let is_image = |entry: &Entry<'_>| entry.value.text().is_some_and(is_whole_on_host);
        let mut refs = entries
            .iter()
            .filter(|entry| entry.key.scalar() == Some(REF));
        let has_image = refs.any(is_image);
        let mut others = OF_OTHERS
            .iter()
            .filter(|other| !(has_image && **other == REF));
        let is_others = others.any(|other| has(&[other]));
        for entry in entries {
            let (Some(key), false) = (entry.key.scalar(), entry.value.is_alias()) else {
                continue;
            };
            keys.push(key.to_owned());
            let speaks = speaks || speaks_of_images(key);
            if !is_others {
                self.text(&entry.value, keys, (speaks, is_versioned));
            }
            self.walk(&entry.value, keys, speaks)?;
            keys.pop();
        }
        Ok(())
    }

    /// Notes a text under some keys if it reads like an image; `speaks` says whether one of the keys speaks of
    /// images, and whether a version is beside it.
    fn text(&mut self, node: &'n Node<'_>, keys: &[String], (speaks, is_beside): (bool, bool)) {
        let Some(text) = node.text().map(str::trim) else {
            return;
        };
        let (text, mut fault) = match text.split_once("://") {
            Some((_, rest)) => (rest.trim_end_matches('/'), Some(Fault::Scheme)),
            None => (text, None),
        };
        let image = match Reference::parse(text) {
            Ok(image) => image,
            Err(_) => {
                fault = Some(Fault::Malformed);
                let Some(image) = beginning(text) else { return };
                image
            }
        };
        let is_named = keys.last().is_some_and(|key| is_name_of_image(key));
        let is_in_list = {
            let mut last = keys.iter().rev().take(2);
            last.any(|key| key.to_ascii_lowercase().ends_with("images"))
        };
        let reads = if fault.is_some() {
            image.has_host()
                && (is_named || speaks && keys.last().is_some_and(|key| key == "repository"))
        } else if image.has_host() {
            image.is_versioned() || speaks || is_beside
        } else if text.contains('/') {
            is_named || is_in_list || speaks && image.is_versioned() || is_beside && is_name(keys)
        } else {
            // A name of one word is half of one perhaps, and of an image on Docker Hub if it is whole.
            keys.last().is_some_and(|key| key == "image")
        };
        if reads && !names_a_file(text) && !is_of_git(text) && !is_of_others(keys) {
            self.found.push(ImageLike {
                document: self.document,
                span: node.span.clone(),
                image,
                fault,
            });
        }
    }
}

/// What a text that is no reference begins with: a name on a host.
fn beginning(text: &str) -> Option<Reference<'_>> {
    if text.contains(['{', '$', '%']) || text.contains(char::is_whitespace) {
        return None;
    }
    let mut rest = text;
    while let Some(at) = rest.rfind([':', '@', '/']) {
        rest = &rest[..at];
        if let Some(image) = Reference::parse(rest).ok().filter(Reference::has_host) {
            return Some(image);
        }
    }
    None
}

/// Whether a key is one of the name of an image: `image`, `imageName`, `sidecarImageRepository`.
fn is_name_of_image(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let key = key.trim_end_matches("name").trim_end_matches("repository");
    let key = key.trim_end_matches("repo").trim_end_matches(['_', '-']);
    key.ends_with("image")
}

/// Whether the last key is one of a name beside a version.
fn is_name(keys: &[String]) -> bool {
    let names = ["repo", "name", "image", "repository"];
    keys.last().is_some_and(|key| names.contains(&key.as_str()))
}

/// Whether a text is an image with a host and a version.
fn is_whole_on_host(text: &str) -> bool {
    Reference::parse(text.trim()).is_ok_and(|image| image.has_host() && image.is_versioned())
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
