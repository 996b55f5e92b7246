//! The text of results, rendered when it is written.

use std::convert::Infallible;
use std::hint::black_box;
use std::sync::Mutex;

use crate::edit::Edit;
use crate::finding::Finding;
use crate::krm::result;
use crate::parallel;

/// The `results` of a ResourceList: where they go and how they are written, but not yet their text,
/// which may be long.
#[derive(Debug)]
pub(crate) struct Results {
    /// Where they are inserted in the input.
    pub(crate) at: usize,
    pub(super) before: String,
    pub(super) after: String,
    pub(super) style: ResultsStyle,
}

/// How results are written.
#[derive(Debug, Clone, Copy)]
pub(super) enum ResultsStyle {
    Block {
        indent: usize,
        newline: &'static str,
        /// Whether the last line ends.
        ends: bool,
    },
    Flow,
}

/// How many findings are written at once: as much text as fits into a processor's own cache.
const AT_ONCE: usize = 128;

/// How many texts may be rendered ahead of their turn.
const AHEAD: usize = 4;

impl Results {
    /// Gives the text part by part, in order.
    ///
    /// # Errors
    /// That of `take`.
    pub(crate) fn parts<E>(
        &self,
        findings: &[Finding],
        mut take: impl FnMut(&str) -> Result<(), E>,
    ) -> Result<(), E> {
        take(&self.before)?;
        let threads = parallel::threads_for(findings.len() * result::LENGTH);
        // Buffers of texts that were taken, for the next ones.
        let spare: Mutex<Vec<String>> = Mutex::default();
        let write = |first: usize, some: &[Finding]| {
            let mut text = parallel::lock(&spare).pop().unwrap_or_default();
            text.clear();
            text.reserve(some.len() * result::LENGTH);
            self.write(first, some, &mut text);
            if first + some.len() == findings.len()
                && let ResultsStyle::Block { ends: false, .. } = self.style
            {
                text.truncate(text.trim_end().len());
            }
            text
        };
        parallel::in_turn(findings, AT_ONCE, threads, AHEAD, write, |text| {
            take(&text).map(|()| parallel::lock(&spare).push(text))
        })?;
        take(&self.after)
    }

    /// All of the text.
    pub(crate) fn text(&self, findings: &[Finding]) -> String {
        let mut text = String::new();
        let Ok(()) = self.parts(findings, |part| {
            text.push_str(part);
            Ok::<(), Infallible>(())
        });
        text
    }

    /// All of it as one edit.
    pub(crate) fn edit(&self, findings: &[Finding]) -> Edit {
        Edit::insert(self.at, self.text(findings))
    }

    /// Writes the text of some findings, of which the first is at this position among all.
    fn write(&self, first: usize, some: &[Finding], text: &mut String) {
        prefetch(some);
        match self.style {
            ResultsStyle::Block {
                indent, newline, ..
            } => {
                let mut block = result::Block::new(indent);
                some.iter().for_each(|finding| block.write(finding, text));
                if newline != "\n" {
                    *text = text.replace('\n', newline);
                }
            }
            ResultsStyle::Flow => {
                for (index, finding) in some.iter().enumerate() {
                    if first + index > 0 {
                        text.push_str(", ");
                    }
                    result::flow(finding, text);
                }
            }
        }
    }
}

/// Prefetches the texts of the findings by reading a byte of each.
///
/// After sorting they are scattered in memory, and writing them would wait for one cache miss after
/// another; these reads are independent, so the processor overlaps them.
fn prefetch(findings: &[Finding]) {
    let first = |text: &str| text.as_bytes().first().copied().map_or(0, usize::from);
    let texts = findings.iter().map(|finding| {
        let resource = finding.resource.as_ref();
        let field = finding.field.as_ref();
        let current = field.and_then(|field| field.current.as_deref());
        let proposed = field.and_then(|field| field.proposed.as_deref());
        first(&finding.message)
            + resource.map_or(0, |resource| {
                first(&resource.name) + first(&resource.namespace)
            })
            + current.map_or(0, first)
            + proposed.map_or(0, first)
            + finding.file.as_ref().map_or(0, |file| first(&file.path))
    });
    black_box(texts.fold(0, usize::wrapping_add));
}
