//! `replacements` of a kustomization: values that are copied from one field to others.

mod field_path;

use std::collections::HashMap;
use std::sync::Arc;

use crate::yaml::Node;

use super::built::Built;
use super::images::TreeLists;
use super::kustomization::{Kustomization, field, list, text};
use super::paths::join;
use super::shape::of_replacement;
use super::sources::Sources;
use super::target::{BuiltResource, Id, NoSelector, obscure};
use super::unknown::Unknown;
use super::value::{BuildValue, Held, Part, Tests};
pub(super) use field_path::{Elements, FieldPath, tested};

/// The resources of a build by all names that they have had, which replacements do not change.
struct ByName(HashMap<String, Vec<usize>>);

impl ByName {
    fn of(resources: &[BuiltResource<'_, '_>]) -> Self {
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (position, resource) in resources.iter().enumerate() {
            for id in &resource.ids {
                let known = by_name.entry(id.name.to_string()).or_default();
                if known.last() != Some(&position) {
                    known.push(position);
                }
            }
        }
        ByName(by_name)
    }

    /// The positions of those that a selector may mean, of so many: by its name, unless that may be an
    /// expression.
    fn meant(&self, selector: &Node<'_>, all: usize) -> Vec<usize> {
        let is_word = |name: &&str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        match text(selector, "name").filter(is_word) {
            Some(name) => self.0.get(name).cloned().unwrap_or_default(),
            None => (0..all).collect(),
        }
    }
}

/// What replacements are applied with.
struct Applying<'b, 'n, 's> {
    lists: &'b TreeLists<'n, 's>,
    by_name: ByName,
}

/// Applies the replacements of a kustomization; what cannot be followed makes its targets unknown.
pub(super) fn apply_all<'n, 's>(
    sources: &Sources<'n, 's>,
    kustomization: &Kustomization<'n, 's>,
    built: &mut Built<'n, 's>,
) {
    let own = kustomization.document;
    let applying = Applying {
        lists: &sources.lists,
        by_name: ByName::of(&built.resources),
    };
    for &entry in &kustomization.replacements {
        let Some(path) = text(entry, "path") else {
            applying.apply((own, entry), built);
            continue;
        };
        let file = join(&kustomization.folder, path);
        let file = file.and_then(|path| sources.files.get(&*path));
        let Some(file) = file.filter(|file| file.is_read) else {
            let what = format!("the replacement {path}, which cannot be read,");
            let unknown = Unknown::new(own, entry, what);
            obscure(&mut built.resources, &unknown.what);
            built.unknown.push(unknown);
            continue;
        };
        // Only the first document counts.
        let document = file.documents.clone().next();
        let root = document.map(|document| (document, sources.documents[document].root));
        let Some((document, root)) = root.filter(|(_, root)| root.scalar().is_none()) else {
            let what = format!("the replacement {path} is neither a mapping nor a list");
            built.refuse(Unknown::new(own, entry, what));
            continue;
        };
        let entries = root.items().unwrap_or(std::slice::from_ref(root));
        for entry in entries {
            if let Some((node, what)) = of_replacement(entry) {
                built.refuse(Unknown::new(document, node, what));
                break;
            }
            applying.apply((document, entry), built);
        }
    }
}

impl<'n, 's> Applying<'_, 'n, 's> {
    fn apply(&self, (document, entry): (usize, &'n Node<'s>), built: &mut Built<'n, 's>) {
        let found = match field(entry, "source").map(|source| self.source_of(source, built)) {
            Some(Ok(found)) => found,
            Some(Err(what)) => {
                built.refuse(Unknown::new(document, entry, what));
                return;
            }
            None => None,
        };
        let is_known = built.is_known();
        let mut refused = None;
        for target in list(entry, "targets") {
            let Some(select) = field(target, "select") else {
                continue;
            };
            let target = Target::of(target, select);
            for position in self.by_name.meant(select, built.resources.len()) {
                let resource = &mut built.resources[position];
                let copied = found.as_ref();
                let replaced = self.replace(&target, copied, resource, is_known, &mut built.tests);
                refused = refused.or(replaced.err());
                resource.renamed();
            }
        }
        if let Some(what) = refused {
            built.refuse(Unknown::new(document, entry, what));
        }
    }

    /// Copies what was found to where a target says, if that is in a resource. Versions of kustomize read
    /// a selector letter by letter or as an expression: where that differs, it is not known.
    ///
    /// # Errors
    /// Why kustomize refuses it.
    fn replace(
        &self,
        target: &Target<'n, 's>,
        found: Option<&BuildValue<'n, 's>>,
        resource: &mut BuiltResource<'n, 's>,
        is_known: bool,
        tests: &mut Tests<'n, 's>,
    ) -> Result<(), String> {
        let select = target.select;
        if !resource
            .has_selected_labels(select)
            .map_err(NoSelector::told)?
        {
            return Ok(());
        }
        let is_rejected = |reject: &Node<'_>| {
            !reject.entries().unwrap_or_default().is_empty() && resource.is_named_in(reject)
        };
        let is_matched = |selector: &Node<'_>| resource.is_selected_by(selector).unwrap_or(true);
        let rejects = target.rejects;
        let is_named = resource.is_named_in(select);
        if rejects.iter().any(is_rejected) || !(is_named || is_matched(select)) {
            return Ok(());
        }
        let is_clear = is_named && !rejects.iter().any(is_matched);
        let creates = target.creates;
        let is_plain = target.only_creates && is_clear;
        let what: Arc<str> = "a replacement, which is not followed,".into();
        let elements = Elements::matching(self.lists);
        for path in &target.paths {
            let mut is_found = false;
            let mut set = |value: &mut BuildValue<'n, 's>| {
                is_found = true;
                match found {
                    Some(found) if is_plain => *value = found.clone(),
                    _ => value.obscure(&what),
                }
            };
            path.hold(&mut resource.value, elements, tests);
            path.each(&mut resource.value, elements, &mut set);
            if let Some(found) = found.filter(|_| creates && !is_found) {
                let mut new = found.clone();
                if !is_plain {
                    new.obscure(&what);
                }
                path.make(&mut resource.value, &new);
            }
            let is_written = resource.value.site().is_some();
            let is_needed = is_clear && is_known && is_written && is_followed(path.text);
            if !is_found && !creates && is_needed {
                let Id { kind, name, .. } = Id::of(&resource.value);
                let path = path.text;
                return Err(format!("a replacement finds no {path} in {kind} {name}"));
            }
        }
        Ok(())
    }

    /// The value that a source names, where it is plain and known.
    ///
    /// # Errors
    /// Why kustomize refuses it.
    fn source_of(
        &self,
        source: &'n Node<'s>,
        built: &mut Built<'n, 's>,
    ) -> Result<Option<BuildValue<'n, 's>>, String> {
        let meant = self.by_name.meant(source, built.resources.len());
        let named = meant.into_iter().map(|position| &built.resources[position]);
        let named: Vec<_> = named.filter(|one| one.is_named_in(source)).collect();
        let says = |key| text(source, key).unwrap_or_default();
        let only = match &named[..] {
            [only] => only,
            [] if !built.is_known() => return Ok(None),
            several => {
                let (kind, name) = (says("kind"), says("name"));
                let found = match several.len() {
                    0 => "nothing".to_owned(),
                    several => format!("{several} resources"),
                };
                return Err(format!(
                    "the source {kind} {name} of a replacement finds {found}"
                ));
            }
        };
        let path = FieldPath::of_source(text(source, "fieldPath").unwrap_or(DEFAULT_PATH));
        let mut found = None;
        let mut value = only.value.clone();
        let is_known = built.is_known() && only.value.site().is_some();
        let elements = Elements::named(self.lists);
        path.hold(&mut value, elements, &mut built.tests);
        path.each(&mut value, elements, &mut |value| {
            found = Some(value.clone())
        });
        if found.is_none() && is_known && is_followed(path.text) {
            let Id { kind, name, .. } = Id::of(&value);
            let path = path.text;
            return Err(format!(
                "the source {kind} {name} of a replacement has no {path}"
            ));
        }
        let options = field(source, "options").filter(|options| !options.is_null());
        if let Some(BuildValue::Scalar(text)) = &found {
            let is_literal = text.place.as_ref().is_some_and(|of| of.part.is_some());
            let why = match (path.is_of_identity(), is_literal) {
                (true, _) => Some(IDENTITY),
                (false, true) => Some(LITERAL),
                (false, false) => None,
            };
            let held = why.map(|why| Held { why, part: None });
            let tested = held.and_then(|held| tested(text, held));
            built.tests.texts.extend(tested);
        }
        if let (Some(BuildValue::Scalar(text)), Some(options)) = (&found, options) {
            let held = Held {
                why: PART,
                part: part_of(options),
            };
            built.tests.texts.extend(tested(text, held));
        }
        if let Some(value) = &mut found {
            value.each_mut(&mut |scalar| {
                scalar.trace.get_or_insert_default().is_copy = true;
            });
        }
        Ok(found.filter(|_| options.is_none()))
    }
}

/// Where a replacement copies to.
struct Target<'n, 's> {
    select: &'n Node<'s>,
    rejects: &'n [Node<'s>],
    paths: Vec<FieldPath<'n>>,
    /// Whether what is not there is made.
    creates: bool,
    /// Whether no other option says that a part is replaced.
    only_creates: bool,
}

impl<'n, 's> Target<'n, 's> {
    fn of(target: &'n Node<'s>, select: &'n Node<'s>) -> Self {
        let options = field(target, "options").filter(|options| !options.is_null());
        let only_creates = options.and_then(Node::entries).is_none_or(|entries| {
            let mut keys = entries.iter().map(|entry| entry.key.scalar());
            keys.all(|key| key == Some("create"))
        });
        let paths = list(target, "fieldPaths").iter().filter_map(Node::scalar);
        let mut paths: Vec<FieldPath<'n>> = paths.map(FieldPath::of).collect();
        if paths.is_empty() {
            paths.push(FieldPath::of(DEFAULT_PATH));
        }
        Target {
            select,
            rejects: list(target, "reject"),
            paths,
            creates: options.and_then(|options| text(options, "create")) == Some("true"),
            only_creates,
        }
    }
}

/// The field that is meant where none is named.
const DEFAULT_PATH: &str = "metadata.name";

/// Why a text is held of which a replacement takes a part.
const PART: &str =
    "a replacement takes a part of this text, which would be another one: change both by hand";

/// Why a text is held by which objects are known.
const IDENTITY: &str =
    "a replacement takes it from what an object is known by: write it in a place of its own";

/// Why a literal of a generator is held.
const LITERAL: &str = "a replacement takes it from a generator's literal, and what else reads that \
                       ConfigMap is not known: change the literal by hand";

/// The part of a text that options name; none for all of it.
fn part_of(options: &Node<'_>) -> Option<Part> {
    let delimiter = text(options, "delimiter").filter(|text| !text.is_empty())?;
    let index = text(options, "index").map_or(Ok(0), str::parse);
    Some(Part {
        delimiter: delimiter.into(),
        index: index.ok()?,
    })
}

/// Whether nothing makes the field of a path that is not followed here: labels, replicas and the like
/// are set in more places than are known.
pub(super) fn is_followed(path: &str) -> bool {
    const MADE: [&str; 7] = [
        "abels",
        "annotations",
        "selector",
        "Selector",
        "replicas",
        "namespace",
        "subjects",
    ];
    !MADE.into_iter().any(|made| path.contains(made))
}
