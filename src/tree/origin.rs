//! Where what came out of a build is decided: the place in a source that a field of it goes back to.
#![cfg_attr(
    not(feature = "pages"),
    expect(dead_code, reason = "only `check --rendered` asks")
)]

use std::collections::HashMap;
use std::sync::Arc;

use crate::finding::{Aspect, Finding, ResourceRef};
use crate::krm::resource::group;
use crate::mask;
use crate::yaml::{Node, Path, path_text};

use super::build::{Builder, Order};
use super::built::Built;
use super::images::{EntryNotation, Fields, TreeLists};
use super::load;
use super::locations;
use super::removed::removal;
use super::sources::{Sources, TreeFile};
use super::value::{BuildValue, ListPass, Scalar};

/// What decides a field of a build.
#[derive(Debug, Clone)]
pub(crate) struct BuildOrigin {
    /// Position of the file among the inputs.
    pub(crate) file: usize,
    /// Where in its text.
    pub(crate) at: usize,
    /// The paths in its document by which findings over files may name it: that of what is written, and
    /// that of what would be written beside it.
    pub(crate) fields: Vec<Arc<str>>,
    /// What the document is; `None` for a list of operations.
    pub(crate) resource: Option<ResourceRef>,
    /// The container that the field is of, empty where it is of none.
    pub(crate) container: Box<str>,
    /// Where the image is written, by which exceptions name it, if an entry decides that only finds it by its
    /// name.
    pub(crate) written: Option<Box<BuildOrigin>>,
}

/// Finds what decides what each finding is about.
///
/// `asked` are positions of kustomizations among the files, each with a finding of what it builds.
/// `None` where the tree does not tell: what decides is not in it, or is a program.
pub(crate) fn origins(
    files: &[TreeFile<'_>],
    asked: &[(usize, &Finding)],
) -> Vec<Option<BuildOrigin>> {
    load::with_sources(files, &[], |editor, _| {
        let sources = editor.sources;
        let builder = Builder::new(sources, Order::OneByOne);
        let mut built: HashMap<usize, Option<Built<'_, '_>>> = HashMap::new();
        let found = asked.iter().map(|(root, finding)| {
            let built = built.entry(*root).or_insert_with(|| {
                let mut all = sources.kustomizations.iter();
                let position =
                    all.position(|one| sources.documents[one.document].input == *root)?;
                Some(builder.build(position)).filter(|built| built.refused.is_none())
            });
            let built = built.as_ref()?;
            let decided = decided(sources, built, finding)?;
            let origin = |of: &Decided<'_, '_>| {
                let root = sources.documents[of.document].root;
                let (document, span) = editor.in_file(of.document, of.node.span.clone());
                BuildOrigin {
                    file: document.input,
                    at: span.start,
                    fields: of.fields(root, finding),
                    resource: locations::resource(root),
                    container: decided.container.clone(),
                    written: None,
                }
            };
            let written = decided.written.map(Decided::of);
            Some(BuildOrigin {
                written: written.map(|written| Box::new(origin(&written))),
                ..origin(&decided)
            })
        });
        found.collect()
    })
}

/// The node that decides what a finding of a build is about.
struct Decided<'n, 's> {
    document: usize,
    node: &'n Node<'s>,
    container: Box<str>,
    /// Where the image is written, if it is found there by an entry that decides.
    written: Option<(usize, &'n Node<'s>)>,
}

impl<'n, 's> Decided<'n, 's> {
    fn of((document, node): (usize, &'n Node<'s>)) -> Self {
        Decided {
            document,
            node,
            container: Box::default(),
            written: None,
        }
    }

    fn fields(&self, root: &'n Node<'s>, finding: &Finding) -> Vec<Arc<str>> {
        let Some(path) = path_to(root, self.node) else {
            return Vec::new();
        };
        let field = finding.field.as_ref();
        let key = field.and_then(|field| field.path.rsplit('.').next());
        let beside = key.map(|key| path.key(key));
        let both = beside.iter().chain([&path]);
        both.map(|path| path_text(path.0.iter().copied())).collect()
    }
}

/// The path of a node in its document.
fn path_to<'n>(root: &'n Node<'_>, node: &Node<'_>) -> Option<Path<'n>> {
    let mut path = Path::default();
    let mut inner = root;
    let is_around =
        |outer: &Node<'_>| outer.span.start <= node.span.start && node.span.end <= outer.span.end;
    while !std::ptr::eq(inner.target(), node.target()) {
        if let Some(entries) = inner.entries() {
            let entry = entries.iter().find(|entry| is_around(&entry.value))?;
            path = path.key(entry.key.scalar()?);
            inner = &entry.value;
        } else {
            let items = inner.items()?;
            let index = items.iter().position(is_around)?;
            path = path.index(index);
            inner = &items[index];
        }
    }
    Some(path)
}

/// What decides what a finding of a build is about.
fn decided<'n, 's>(
    sources: &Sources<'n, 's>,
    built: &Built<'n, 's>,
    finding: &Finding,
) -> Option<Decided<'n, 's>> {
    let (id, field) = (finding.resource.as_ref()?, finding.field.as_ref()?);
    let mut resources = built.resources.iter().map(|resource| &resource.value);
    let resource = resources.find(|value| {
        group(value.text_at(&["apiVersion"])) == group(&id.api_version)
            && value.text_at(&["kind"]) == &*id.kind
            && value.text_at(&["metadata", "name"]) == &*id.name
            && value.text_at(&["metadata", "namespace"]) == &*id.namespace
    })?;
    let (value, is_whole) = along(resource, &field.path);
    if value.is_opaque() {
        return None;
    }
    let decided = match (value, is_whole) {
        // A patch takes away what is below it.
        (BuildValue::Scalar(scalar), true) if field.current.is_none() && value.is_null() => {
            let place = scalar.place.as_ref()?;
            Some(Decided::of((place.document, place.node())))
        }
        (BuildValue::Scalar(scalar), true) => of_scalar(&sources.lists, scalar, finding),
        // An absent value is decided where its parent is written.
        (value, true) => value
            .site()
            .map(|site| Decided::of((site.document, site.node))),
        (value, false) if field.current.is_none() => {
            let site = value.site()?;
            let key = field.path.rsplit('.').next()?;
            let written = matches!(site.node.get(key), Ok(Some(_)));
            let place = written.then(|| site.place_of(key, ""));
            let removal = place.and_then(|place| removal(sources, &built.documents, &place));
            Some(Decided::of(removal.unwrap_or((site.document, site.node))))
        }
        _ => None,
    };
    let holder = field.path.rsplit_once('.').map_or("", |(holder, _)| holder);
    let container = along(resource, holder).0.text_at(&["name"]).into();
    decided.map(|decided| Decided {
        container,
        ..decided
    })
}

/// The last entry of a list that wrote the part of an image which a finding is about, or the place
/// of the text itself.
fn of_scalar<'n, 's>(
    lists: &TreeLists<'n, 's>,
    scalar: &Scalar<'n, 's>,
    finding: &Finding,
) -> Option<Decided<'n, 's>> {
    let passes = scalar.trace.as_ref().map_or(&[][..], |trace| &trace.lists);
    let (image, _) = lists.run_as_written(&scalar.text, passes);
    let current = finding.field.as_ref()?.current.as_deref()?;
    if mask::image(&image) != current && image != current {
        return None;
    }
    let aspect = finding.rule.aspect();
    if let Some((document, _, node)) = of_lists(lists, &scalar.text, passes, aspect) {
        return Some(Decided::of((document, node)));
    }
    let of_name = aspect == Some(Aspect::Registry);
    let named = of_name.then(|| found_by_name(lists, &scalar.text, passes));
    let place = scalar.place.as_ref();
    let written = place.map(|place| (place.document, place.node()));
    match named.flatten() {
        Some(named) => Some(Decided { written, ..named }),
        None => written.map(Decided::of),
    }
}

/// The last entry of a list that writes the part of an image which an aspect is about, any part where
/// there is no aspect: its document, itself, and the value that says it.
pub(super) fn of_lists<'n, 's>(
    lists: &TreeLists<'n, 's>,
    written: &str,
    passes: &[ListPass],
    aspect: Option<Aspect>,
) -> Option<(usize, &'n Node<'s>, &'n Node<'s>)> {
    let hits = lists.met(written, passes);
    let mut entries = hits.iter().rev().map(|hit| &lists.entries[hit.entry]);
    entries.find_map(|entry| {
        let mut keys = keys(&entry.fields, aspect).peekable();
        keys.peek()?;
        let (document, node) = (entry.site.document, entry.site.node);
        if entry.notation == EntryNotation::Text {
            return Some((document, node, node));
        }
        let mut written = keys.filter_map(|key| node.get(key).ok().flatten());
        Some((document, node, written.next()?))
    })
}

/// The name in the last entry that sets a version of an image: whoever changed the name where it is written
/// would take the version away.
fn found_by_name<'n, 's>(
    lists: &TreeLists<'n, 's>,
    written: &str,
    passes: &[ListPass],
) -> Option<Decided<'n, 's>> {
    let hits = lists.met(written, passes);
    let mut entries = hits.iter().rev().map(|hit| &lists.entries[hit.entry]);
    let entry = entries.find(|entry| keys(&entry.fields, None).next().is_some())?;
    let node = entry.site.node;
    let name = node.get("name").ok().flatten();
    Some(Decided::of((entry.site.document, name.unwrap_or(node))))
}

/// The keys by which an entry writes what an aspect is about.
fn keys(fields: &Fields, aspect: Option<Aspect>) -> impl Iterator<Item = &'static str> {
    let of_version = [
        ("newTag", &fields.new_tag),
        ("digest", &fields.digest),
        ("tagSuffix", &fields.tag_suffix),
    ];
    let of_name = [("newName", &fields.new_name)];
    let (name, version) = match aspect {
        Some(Aspect::Tag | Aspect::Digest) => (false, true),
        Some(Aspect::Registry) => (true, false),
        _ => (true, true),
    };
    let of_name = of_name.into_iter().filter(move |_| name);
    let of_version = of_version.into_iter().filter(move |_| version);
    let written = of_name
        .chain(of_version)
        .filter(|(_, text)| !text.is_empty());
    let keys: Vec<&'static str> = written.map(|(key, _)| key).collect();
    keys.into_iter()
}

/// The value that a path leads to, written as findings write paths, or the last one on the way that
/// is there.
fn along<'v, 'n, 's>(value: &'v BuildValue<'n, 's>, path: &str) -> (&'v BuildValue<'n, 's>, bool) {
    let path = path.strip_prefix('.').unwrap_or(path);
    if path.is_empty() {
        return (value, true);
    }
    if let Some((index, rest)) = path.strip_prefix('[').and_then(|path| path.split_once(']')) {
        let items = value.items().zip(index.parse::<usize>().ok());
        let item = items.and_then(|(items, index)| items.get(index));
        return item.map_or((value, false), |item| along(item, rest));
    }
    // A key may hold dots itself.
    let pairs = value.pairs().unwrap_or_default().iter();
    let named = pairs.filter_map(|(key, value)| {
        let rest = path.strip_prefix(&**key)?;
        let ends = rest.is_empty() || rest.starts_with(['.', '[']);
        ends.then_some((key.len(), value, rest))
    });
    let longest = named.max_by_key(|(length, ..)| *length);
    longest.map_or((value, false), |(_, value, rest)| along(value, rest))
}

impl BuildValue<'_, '_> {
    /// Whether something unknown may change a part of it.
    fn is_opaque(&self) -> bool {
        let mut is_opaque = false;
        self.each(&mut |scalar| {
            is_opaque |= scalar
                .trace
                .as_ref()
                .is_some_and(|trace| trace.unknown.is_some());
        });
        is_opaque
    }
}
