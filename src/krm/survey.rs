//! The first pass: reads every byte once, finds the items, the configuration, and what items give
//! to it, and keeps nothing else.

use std::collections::HashMap;

use crate::error::{Error, Fault};
use crate::yaml::read::{Reader, Step};
use crate::yaml::{self, Entry, Kind, Node, Span};

use super::GROUP;
use super::faults::{check_item, empty, not_a_resource, yaml_error};
use super::gathered::Gathered;
use super::list::{ListShape, RootEntry, Value, is_resource_list};
use super::resource::{self, Budget};
use super::unit::{Content, Unit};

/// What the first pass learns of an input.
#[derive(Debug, Default)]
pub struct Survey<'s> {
    /// Items or documents, in order.
    pub units: Vec<Unit>,
    /// Every kind among the resources, by API group and version.
    pub kinds: Vec<ResourceKind>,
    /// The ResourceList's own shape; `None` for a stream.
    pub list: Option<ListShape>,
    /// The ResourceList's functionConfig.
    pub function_config: Option<Node<'s>>,
    /// What resources give to the configuration.
    pub gathered: Gathered<'s>,
}

/// A kind of resource.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ResourceKind {
    /// The API group, empty for the core group.
    pub group: String,
    /// The API version.
    pub version: String,
    /// The kind.
    pub kind: String,
}

impl ResourceKind {
    /// Whether it is the kind of this name and apiVersion.
    pub(super) fn is(&self, api_version: &str, kind: &str) -> bool {
        self.kind == kind
            && self.group == resource::group(api_version)
            && self.version == resource::version(api_version)
    }

    /// The kind of this name and apiVersion.
    pub(super) fn of(api_version: &str, kind: &str) -> Self {
        ResourceKind {
            group: resource::group(api_version).to_owned(),
            version: resource::version(api_version).to_owned(),
            kind: kind.to_owned(),
        }
    }
}

/// Whether the items of a ResourceList are read one at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Each item is a unit, and its nodes are let go.
    Items,
    /// The ResourceList is one unit: the long way, where anchors cross its items.
    Whole,
}

/// Reads the input once; `None` where the items cannot be read one at a time.
///
/// # Errors
/// The input is empty, not YAML, or not a ResourceList or stream of resources.
pub fn survey(input: &str, way: Way) -> Result<Option<Survey<'_>>, Error> {
    let mut pass = Pass {
        input,
        way,
        reader: Reader::new(input),
        survey: Survey::default(),
        notes: Notes::default(),
    };
    match pass.documents() {
        Ok(()) => Ok(Some(Survey {
            kinds: pass.notes.kinds,
            gathered: pass.notes.gathered,
            ..pass.survey
        })),
        Err(_) if pass.reader.crossed() && way == Way::Items => Ok(None),
        Err(error) => Err(error),
    }
}

struct Pass<'s> {
    input: &'s str,
    way: Way,
    reader: Reader<'s>,
    survey: Survey<'s>,
    notes: Notes<'s>,
}

/// What resources give to the configuration, and their kinds.
#[derive(Debug, Default)]
pub(super) struct Notes<'s> {
    pub(super) kinds: Vec<ResourceKind>,
    known_kinds: HashMap<ResourceKind, usize>,
    pub(super) gathered: Gathered<'s>,
}

impl<'s> Notes<'s> {
    /// Notes what the resources of a root give, and says of which kinds they are.
    pub(super) fn note(&mut self, root: &Node<'_>) -> Result<Vec<usize>, yaml::Error> {
        let mut budget = Budget::new(root.span.len());
        let resources = resource::resources(root, &mut budget)?;
        let mut kinds = Vec::with_capacity(1);
        for resource in &resources {
            self.gathered.note(resource)?;
            let kind = self.kind(ResourceKind::of(resource.api_version, resource.kind));
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        Ok(kinds)
    }

    pub(super) fn kind(&mut self, kind: ResourceKind) -> usize {
        let next = self.kinds.len();
        *self.known_kinds.entry(kind).or_insert_with_key(|kind| {
            self.kinds.push(kind.clone());
            next
        })
    }
}

impl<'s> Pass<'s> {
    fn documents(&mut self) -> Result<(), Error> {
        let mut begin = 0;
        let mut found = false;
        loop {
            match self.step()? {
                Step::DocumentStart => {
                    self.reader.forget_anchors();
                    let (is_mapping, end) = self.document(begin)?;
                    found |= is_mapping;
                    begin = end;
                }
                Step::StreamEnd if !found => return Err(empty(self.input)),
                Step::StreamEnd => return Ok(()),
                _ => {}
            }
        }
    }

    /// Reads one document, whose text begins at `begin`; says whether it holds anything, and where
    /// it ends.
    fn document(&mut self, begin: usize) -> Result<(bool, usize), Error> {
        match self.step()? {
            Step::DocumentEnd(span) => Ok((false, span.end)),
            Step::Leaf(node) if node.is_null() => Ok((false, self.document_end()?.end)),
            Step::Leaf(node) => Err(not_a_resource(node.span.start, node.describe())),
            Step::MappingStart { at, .. } if self.survey.list.is_some() => {
                Err(Error::Input(Fault::input(
                    at,
                    "a second document follows the ResourceList",
                    Some("a function reads one ResourceList: remove the other document"),
                )))
            }
            Step::MappingStart { at, flow } => Ok((true, self.mapping(begin, at, flow)?)),
            Step::SequenceStart(at) | Step::End(at) => Err(not_a_resource(at, "a list")),
            Step::DocumentStart | Step::StreamEnd => Ok((false, begin)),
        }
    }

    fn document_end(&mut self) -> Result<Span, Error> {
        loop {
            if let Step::DocumentEnd(span) = self.step()? {
                return Ok(span);
            }
        }
    }

    /// Reads a root mapping pair by pair, and the items of what looks like a ResourceList one at a
    /// time.
    fn mapping(&mut self, begin: usize, at: usize, flow: bool) -> Result<usize, Error> {
        let mut pairs: Vec<Entry<'s>> = Vec::new();
        let mut entries: Vec<RootEntry> = Vec::new();
        while let Some(key) = self.node()? {
            let name = key.scalar().unwrap_or_default().to_owned();
            let one_at_a_time =
                self.way == Way::Items && name == "items" && pairs.iter().any(is_own_version);
            if one_at_a_time && let Some(start) = self.enter_list()? {
                let key = key.start()..key.span.end;
                let value = start..self.items()?;
                let found = Value::List;
                entries.push(RootEntry {
                    key,
                    name,
                    value,
                    found,
                });
                continue;
            }
            let Some(value) = self.node()? else { break };
            let pair = Entry { key, value };
            entries.push(RootEntry::of(&pair));
            pairs.push(pair);
        }
        let end = self.document_end()?;
        let depths = pairs
            .iter()
            .map(|pair| pair.value.depth.max(pair.key.depth));
        let root = Node {
            span: at..end.start,
            before: 0,
            depth: depths.max().unwrap_or(0) + 1,
            tag: None,
            kind: Kind::Mapping(pairs.into(), flow),
        };
        let text = begin..end.end;
        if is_resource_list(&root)? {
            let shape = ListShape {
                flow,
                start: at,
                end: end.start,
                entries,
            };
            self.resource_list(root, shape, text)?;
        } else {
            self.unit(root, text, 0)?;
        }
        Ok(end.end)
    }

    /// Reads the items of a list that has begun; returns where it ends.
    fn items(&mut self) -> Result<usize, Error> {
        self.reader.forget_anchors();
        while let Some(item) = self.node()? {
            self.item(item)?;
            self.reader.forget_anchors();
        }
        match self.step()? {
            Step::End(end) => Ok(end),
            _ => Ok(self.input.len()),
        }
    }

    fn item(&mut self, item: Node<'s>) -> Result<(), Error> {
        let index = self.survey.units.len();
        check_item(&item, index)?;
        let line = memchr::memrchr(b'\n', &self.input.as_bytes()[..item.start()]);
        let column = item.start() - line.map_or(0, |newline| newline + 1);
        let indent = if item.is_flow() { 0 } else { column };
        let span = item.start()..item.span.end;
        self.unit(item, span, indent)
    }

    /// Adds a unit that holds one resource or a `List`, and keeps what it gives.
    fn unit(&mut self, node: Node<'s>, span: Span, indent: usize) -> Result<(), Error> {
        let kinds = self.notes.note(&node).map_err(yaml_error)?;
        self.survey.units.push(Unit {
            span,
            indent,
            ordinal: self.survey.units.len(),
            content: Content::Resource,
            kinds: kinds.into(),
            distinct: false,
            guessed: None,
        });
        self.notes.gathered.keep(node).map_err(yaml_error)
    }

    fn resource_list(&mut self, root: Node<'s>, shape: ListShape, text: Span) -> Result<(), Error> {
        shape.check()?;
        let Kind::Mapping(pairs, _) = root.kind else {
            return Ok(());
        };
        for pair in pairs.into_vec() {
            match pair.key.scalar() {
                Some("functionConfig") if !pair.value.is_null() => {
                    self.survey.function_config = Some(pair.value);
                }
                Some("items") => self.read_items(pair.value)?,
                _ => {}
            }
        }
        if self.way == Way::Whole {
            self.survey.units = vec![Unit {
                span: text,
                indent: 0,
                ordinal: 0,
                content: Content::ResourceList,
                kinds: (0..self.notes.kinds.len()).collect::<Vec<usize>>().into(),
                distinct: false,
                guessed: None,
            }];
        }
        self.survey.list = Some(shape);
        Ok(())
    }

    /// The items of a list that was read as one node.
    fn read_items(&mut self, items: Node<'s>) -> Result<(), Error> {
        if let Kind::Sequence(items, _) = items.kind {
            let mut items = items.into_vec().into_iter();
            return items.try_for_each(|item| self.item(item));
        }
        for (index, item) in items.items().unwrap_or_default().iter().enumerate() {
            check_item(item, index)?;
            self.notes.note(item).map_err(yaml_error)?;
        }
        // A list behind an anchor or alias cannot be cut into items.
        if items.items().is_some() && self.way == Way::Items {
            self.way = Way::Whole;
        }
        Ok(())
    }

    fn step(&mut self) -> Result<Step<'s>, Error> {
        self.reader.step().map_err(yaml_error)
    }

    fn node(&mut self) -> Result<Option<Node<'s>>, Error> {
        self.reader.node().map_err(yaml_error)
    }

    fn enter_list(&mut self) -> Result<Option<usize>, Error> {
        self.reader.enter_list().map_err(yaml_error)
    }
}

/// Whether a pair says that the document is of the wire format's group.
pub(super) fn is_own_version(pair: &Entry<'_>) -> bool {
    pair.key.scalar() == Some("apiVersion")
        && resource::group(pair.value.scalar().unwrap_or_default()) == GROUP
}
