//! The survey of an input that is read from its first byte to its last: the reference for the survey
//! piece by piece, and the one that says what is wrong.

use crate::error::{Error, Fault};
use crate::krm::faults::{check_item, empty, not_a_resource};
use crate::krm::list::{ListShape, RootEntry, configuration, is_resource_list};
use crate::krm::unit::{Unit, UnitContent, item_piece};
use crate::yaml::parse::{Embedding, Parser, Piece, Stream, StreamStep};
use crate::yaml::{Entry, Kind, Node, Span};

use super::notes::Notes;
use super::{Survey, is_own_version};

/// Surveys an input. A ResourceList whose items cannot be read by themselves is one unit.
///
/// # Errors
/// The input is empty, not YAML, or not a ResourceList or stream of resources.
pub(super) fn survey(input: &str) -> Result<Survey<'_>, Error> {
    let mut pass = SurveyPass::new(input, false);
    let surveyed = pass.documents();
    if !pass.as_one && (pass.is_inseparable || pass.stream.crossed()) {
        pass = SurveyPass::new(input, true);
        pass.documents()?;
    } else {
        surveyed?;
    }
    Ok(Survey {
        units: pass.units,
        list: pass.list,
        function_config: pass.function_config,
        ..pass.notes.into_survey()
    })
}

fn another_document(at: usize, what: &str) -> Error {
    let help = "a function reads one ResourceList: remove the other document";
    Error::Input(Fault::input(at, what, Some(help)))
}

struct SurveyPass<'s> {
    input: &'s str,
    /// Whether a ResourceList is read as one unit.
    as_one: bool,
    /// Whether an item was met that cannot be read by itself.
    is_inseparable: bool,
    stream: Stream<'s>,
    units: Vec<Unit>,
    list: Option<ListShape>,
    function_config: Option<Node<'s>>,
    notes: Notes<'s>,
}

impl<'s> SurveyPass<'s> {
    fn new(input: &'s str, as_one: bool) -> Self {
        SurveyPass {
            input,
            as_one,
            is_inseparable: false,
            stream: Stream::new(input),
            units: Vec::new(),
            list: None,
            function_config: None,
            notes: Notes::default(),
        }
    }

    fn documents(&mut self) -> Result<(), Error> {
        let mut begin = 0;
        let mut found = false;
        loop {
            match self.step()? {
                StreamStep::DocumentStart => {
                    self.stream.forget_anchors();
                    let (is_mapping, end) = self.document(begin)?;
                    found |= is_mapping;
                    begin = end;
                }
                StreamStep::StreamEnd if !found => return Err(empty(self.input)),
                StreamStep::StreamEnd => return Ok(()),
                _ => {}
            }
        }
    }

    /// Reads one document, whose text begins at `begin`; says whether it holds anything, and where
    /// it ends.
    fn document(&mut self, begin: usize) -> Result<(bool, usize), Error> {
        match self.step()? {
            StreamStep::DocumentEnd(span) => Ok((false, span.end)),
            StreamStep::Leaf(node) if node.is_null() => Ok((false, self.document_end()?.end)),
            StreamStep::Leaf(node) => Err(not_a_resource(node.span.start, node.describe())),
            StreamStep::MappingStart { at, .. } if self.list.is_some() => Err(another_document(
                at,
                "a second document follows the ResourceList",
            )),
            StreamStep::MappingStart { at, flow } => Ok((true, self.mapping(begin, at, flow)?)),
            StreamStep::SequenceStart(at) | StreamStep::End(at) => {
                Err(not_a_resource(at, "a list"))
            }
            StreamStep::DocumentStart | StreamStep::StreamEnd => Ok((false, begin)),
        }
    }

    fn document_end(&mut self) -> Result<Span, Error> {
        loop {
            if let StreamStep::DocumentEnd(span) = self.step()? {
                return Ok(span);
            }
        }
    }

    /// Reads a root mapping pair by pair, and the items of what looks like a ResourceList one at a
    /// time.
    fn mapping(&mut self, begin: usize, at: usize, flow: bool) -> Result<usize, Error> {
        let mut pairs: Vec<Entry<'s>> = Vec::new();
        let mut entries: Vec<RootEntry> = Vec::new();
        let is_first = self.units.is_empty();
        while let Some(key) = self.node()? {
            let name = key.scalar().unwrap_or_default().to_owned();
            let one_at_a_time = !self.as_one && name == "items" && pairs.iter().any(is_own_version);
            if one_at_a_time && let Some(start) = self.enter_list()? {
                let value = start..self.items()?;
                entries.push(RootEntry::of_items(key.start()..key.span.end, value));
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
            if !is_first {
                return Err(another_document(
                    at,
                    "the ResourceList follows another document",
                ));
            }
            let shape = ListShape {
                flow,
                start: at,
                end: end.start,
                entries,
            };
            self.resource_list(root, shape, text)?;
        } else {
            let piece = Piece::document(text.clone());
            self.unit(root, text, piece)?;
        }
        Ok(end.end)
    }

    /// Reads the items of a list that has begun; returns where it ends.
    fn items(&mut self) -> Result<usize, Error> {
        self.stream.forget_anchors();
        while let Some(item) = self.node()? {
            self.item(item)?;
            self.stream.forget_anchors();
        }
        match self.step()? {
            StreamStep::End(end) => Ok(end),
            _ => Ok(self.input.len()),
        }
    }

    fn item(&mut self, item: Node<'s>) -> Result<(), Error> {
        let index = self.units.len();
        check_item(&item, index)?;
        let span = item.start()..item.span.end;
        let piece = item_piece(self.input, &item);
        self.is_inseparable |= piece.is_none();
        let piece = piece.unwrap_or_else(|| Piece {
            span: span.clone(),
            embedding: Embedding::BlockItem,
        });
        self.unit(item, span, piece)
    }

    /// Adds a unit that holds one resource or a `List`, and keeps what it gives.
    fn unit(&mut self, node: Node<'s>, span: Span, piece: Piece) -> Result<(), Error> {
        let kinds = self.notes.note(&node).map_err(Error::yaml)?;
        self.units.push(Unit {
            span,
            piece,
            ordinal: self.units.len(),
            content: UnitContent::Resource,
            kinds,
            is_searchable: false,
        });
        self.notes.gathered.keep(node).map_err(Error::yaml)
    }

    fn resource_list(&mut self, root: Node<'s>, shape: ListShape, text: Span) -> Result<(), Error> {
        shape.check()?;
        let Kind::Mapping(pairs, _) = root.kind else {
            return Ok(());
        };
        for pair in pairs.into_vec() {
            match pair.key.scalar() {
                Some("functionConfig") => self.function_config = configuration(pair.value),
                Some("items") => self.read_items(pair.value)?,
                _ => {}
            }
        }
        let has_directive = self.input[text.clone()].starts_with('%')
            || memchr::memmem::find(self.input.as_bytes(), b"\n%").is_some();
        if has_directive || self.stream.has_anchors() {
            self.is_inseparable |= !self.units.iter().all(|unit| self.is_separable(unit));
        }
        if self.as_one {
            self.units = vec![Unit {
                span: text.clone(),
                piece: Piece::document(text),
                ordinal: 0,
                content: UnitContent::ResourceList,
                kinds: self.notes.all_kinds(),
                is_searchable: false,
            }];
        }
        self.list = Some(shape);
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
            self.notes.note(item).map_err(Error::yaml)?;
        }
        // A list with an anchor, or one that an alias repeats, cannot be split into items.
        if items.items().is_some() && !self.as_one {
            self.as_one = true;
        }
        Ok(())
    }

    /// Whether an item can be read by itself: its anchors and tags are its own.
    fn is_separable(&self, unit: &Unit) -> bool {
        let parsed = unit.parse(Parser::reference_only(), self.input, None);
        parsed.is_ok_and(|parsed| parsed.root.entries().is_some())
    }

    fn step(&mut self) -> Result<StreamStep<'s>, Error> {
        self.stream.step().map_err(Error::yaml)
    }

    fn node(&mut self) -> Result<Option<Node<'s>>, Error> {
        self.stream.node().map_err(Error::yaml)
    }

    fn enter_list(&mut self) -> Result<Option<usize>, Error> {
        self.stream.enter_list().map_err(Error::yaml)
    }
}
