//! The reference parser: builds nodes from the events of granit-parser.
//!
//! granit-parser gives events whose spans are exact bytes. Its version is pinned, because every edit
//! relies on these spans.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use granit_parser as granit;

mod apart;
mod document;
mod elsewhere;
mod faults;
mod open;
mod readers;
mod separators;
mod shallow;
mod source;
mod tabs;

use crate::yaml::{Entry, Error, Kind, Node, Span, Style};
use readers::ReaderDifferences;
use source::{EventSource, Spanned};

pub(super) use document::{documents, piece};
pub(super) use elsewhere::may_be_taken;

/// Nesting beyond which a document is refused, for block and for flow collections each.
const DEPTH_LIMIT: usize = 255;

/// Nesting beyond which a document is refused, aliases followed: what walks values recurses.
const ALIAS_DEPTH_LIMIT: u32 = 600;

/// What comes next in a text.
#[derive(Debug)]
pub enum StreamStep<'s> {
    /// A document begins.
    DocumentStart,
    /// A document ends; the span is that of `...`, or empty at the next token.
    DocumentEnd(Span),
    /// A mapping begins, in flow style or not. Its properties and keys follow.
    MappingStart {
        /// Offset of `{`, or of the first key.
        at: usize,
        /// Whether it is written as `{}`.
        flow: bool,
    },
    /// A sequence begins, at `[` or at a token near the first item.
    SequenceStart(usize),
    /// The innermost collection ends; the offset is after `}` or `]`, or that of the next token.
    End(usize),
    /// A scalar or an alias.
    Leaf(Node<'s>),
    /// Nothing follows.
    StreamEnd,
}

/// Reads a text node by node, or step by step where a document is too large to hold as nodes.
///
/// JSON documents may follow each other without `---`, as Kubernetes' own decoder allows.
pub struct Stream<'s> {
    text: &'s str,
    source: EventSource<'s>,
    ahead: Option<Spanned<'s>>,
    readers: ReaderDifferences,
    anchors: HashMap<usize, Arc<Node<'s>>>,
    /// Set when an alias names an anchor that [`Stream::forget_anchors`] has let go.
    crossed: bool,
}

impl<'s> Stream<'s> {
    /// A stream at the start of `text`.
    pub fn new(text: &'s str) -> Self {
        Stream::of_piece(text, 0..text.len())
    }

    /// A stream over some bytes of `text`; spans count in `text`.
    pub(super) fn of_piece(text: &'s str, span: Span) -> Self {
        let text = &text[..span.end];
        let readers = ReaderDifferences::of(text, span.start);
        Stream {
            text,
            source: EventSource::of(text, span.start, readers.marks()),
            ahead: None,
            readers,
            anchors: HashMap::new(),
            crossed: false,
        }
    }

    /// Lets go of the nodes that carry anchors, so that memory stays with the current item.
    pub fn forget_anchors(&mut self) {
        self.anchors.clear();
    }

    /// Whether a node that was read carries an anchor.
    pub(crate) fn has_anchors(&self) -> bool {
        !self.anchors.is_empty()
    }

    /// Whether an alias was met whose anchor had been let go.
    pub fn crossed(&self) -> bool {
        self.crossed
    }

    /// The next step, without building collections.
    ///
    /// # Errors
    /// The text is not YAML at this place.
    pub fn step(&mut self) -> Result<StreamStep<'s>, Error> {
        loop {
            let (event, span) = self.event()?;
            let at = self.bytes(&span).start;
            return Ok(match event {
                granit::Event::DocumentStart(..) => StreamStep::DocumentStart,
                granit::Event::DocumentEnd => StreamStep::DocumentEnd(self.bytes(&span)),
                granit::Event::StreamEnd => StreamStep::StreamEnd,
                granit::Event::MappingStart(style, ..) => StreamStep::MappingStart {
                    at,
                    flow: style == granit::StructureStyle::Flow,
                },
                granit::Event::SequenceStart(..) => StreamStep::SequenceStart(at),
                granit::Event::MappingEnd | granit::Event::SequenceEnd => {
                    StreamStep::End(self.bytes(&span).end)
                }
                granit::Event::Scalar(..) | granit::Event::Alias(_) => {
                    StreamStep::Leaf(self.node_from(event, &span)?)
                }
                _ => continue,
            });
        }
    }

    /// Enters a list without an anchor, if one comes next, and says where it begins.
    ///
    /// # Errors
    /// The text is not YAML at this place.
    pub fn enter_list(&mut self) -> Result<Option<usize>, Error> {
        let (event, span) = self.event()?;
        if matches!(event, granit::Event::SequenceStart(_, 0, _)) {
            return Ok(Some(self.bytes(&span).start));
        }
        self.ahead = Some((event, span));
        Ok(None)
    }

    /// The next node, whole; `None` where the innermost collection or the document ends instead.
    ///
    /// # Errors
    /// The text is not YAML at this place.
    pub fn node(&mut self) -> Result<Option<Node<'s>>, Error> {
        loop {
            let (event, span) = self.event()?;
            match event {
                granit::Event::StreamStart | granit::Event::DocumentStart(..) => {}
                granit::Event::Anchor(..) => {}
                granit::Event::MappingEnd
                | granit::Event::SequenceEnd
                | granit::Event::DocumentEnd
                | granit::Event::StreamEnd => {
                    self.ahead = Some((event, span));
                    return Ok(None);
                }
                _ => return self.node_from(event, &span).map(Some),
            }
        }
    }

    fn event(&mut self) -> Result<Spanned<'s>, Error> {
        if let Some(ahead) = self.ahead.take() {
            return Ok(ahead);
        }
        let (event, span) = self.source.event()?;
        let bytes = self.bytes(&span);
        let event = self.readers.judge(self.text, event, &bytes)?;
        Ok((event, span))
    }

    /// The node that `event` opens, its children included. Depth is bounded by the parser.
    fn node_from(
        &mut self,
        event: granit::Event<'s>,
        span: &granit::Span,
    ) -> Result<Node<'s>, Error> {
        let mut range = self.bytes(span);
        let (anchor, tag) = match &event {
            granit::Event::Scalar(_, _, anchor, tag)
            | granit::Event::SequenceStart(_, anchor, tag)
            | granit::Event::MappingStart(_, anchor, tag) => {
                (*anchor, tag.as_deref().map(faults::tag))
            }
            _ => (0, None),
        };
        let mut start = range.start;
        if let Some(tag_span) = span.tag_span() {
            start = start.min(self.bytes(&tag_span).start);
        }
        if anchor != 0 {
            start = start.min(self.anchor_start()?.unwrap_or(start));
        }
        let kind = match event {
            granit::Event::Scalar(value, style, ..) => Kind::Scalar(value, faults::style(style)),
            granit::Event::Alias(id) => self.alias(id, range.start)?,
            granit::Event::SequenceStart(style, ..) => {
                let mut items = Vec::new();
                while let Some(item) = self.node()? {
                    items.push(item);
                }
                range.end = self.end_of_collection()?;
                Kind::Sequence(items.into(), style == granit::StructureStyle::Flow)
            }
            granit::Event::MappingStart(style, ..) => {
                let mut entries = Vec::new();
                while let Some(key) = self.node()? {
                    let Some(value) = self.node()? else { break };
                    entries.push(Entry { key, value });
                }
                range.end = self.end_of_collection()?;
                Kind::Mapping(entries.into(), style == granit::StructureStyle::Flow)
            }
            _ => Kind::Scalar(Cow::Borrowed(""), Style::Plain),
        };
        let depth = depth_of(&kind);
        if depth > ALIAS_DEPTH_LIMIT {
            return Err(Error {
                at: start,
                first: None,
                what: format!("aliases nest values more than {ALIAS_DEPTH_LIMIT} deep"),
                help: Some("write some of the values out".to_owned()),
            });
        }
        // Nobody writes 4 GiB between a tag or an anchor and its value.
        let before = u32::try_from(range.start - start).unwrap_or(u32::MAX);
        let node = Node {
            span: range.clone(),
            before,
            depth,
            tag: tag.map(Box::new),
            kind,
        };
        if anchor == 0 {
            return Ok(node);
        }
        let shared = Arc::new(node);
        self.anchors.insert(anchor, Arc::clone(&shared));
        Ok(Node {
            span: range,
            before,
            depth,
            tag: None,
            kind: Kind::Anchored(shared),
        })
    }

    /// Where the anchor of the node that has just begun is: its event follows the node's.
    fn anchor_start(&mut self) -> Result<Option<usize>, Error> {
        let (event, span) = self.event()?;
        if matches!(event, granit::Event::Anchor(..)) {
            return Ok(Some(self.bytes(&span).start));
        }
        self.ahead = Some((event, span));
        Ok(None)
    }

    fn bytes(&self, span: &granit::Span) -> Span {
        self.source.bytes(span)
    }

    fn end_of_collection(&mut self) -> Result<usize, Error> {
        let (_, span) = self.event()?;
        Ok(self.bytes(&span).end)
    }

    /// The parser has checked that the anchor is before the alias; what is not at hand is
    /// either still open, so that the alias is inside its own anchor, or was let go.
    fn alias(&mut self, id: usize, at: usize) -> Result<Kind<'s>, Error> {
        if let Some(node) = self.anchors.get(&id) {
            return Ok(Kind::Alias(Arc::clone(node)));
        }
        self.crossed = true;
        Err(Error {
            at,
            first: None,
            what: "the alias stands inside the value that it names".to_owned(),
            help: Some("a value cannot contain itself: write the inner value out".to_owned()),
        })
    }
}

fn depth_of(kind: &Kind<'_>) -> u32 {
    let deepest = match kind {
        Kind::Scalar(..) => return 0,
        Kind::Anchored(node) => return node.depth,
        Kind::Alias(node) => Some(node.depth),
        Kind::Sequence(items, _) => items.iter().map(|item| item.depth).max(),
        Kind::Mapping(entries, _) => {
            let pair = |entry: &Entry<'_>| entry.key.depth.max(entry.value.depth);
            entries.iter().map(pair).max()
        }
    };
    deepest.unwrap_or(0) + 1
}
