//! The text of results, made when it is written.

use std::borrow::Cow;

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
    pub(super) style: Style,
}

/// How results are written.
#[derive(Debug, Clone, Copy)]
pub(super) enum Style {
    Block {
        indent: usize,
        newline: &'static str,
        /// Whether the last line ends.
        ends: bool,
    },
    Flow,
}

/// How many findings are written at once: as much text as fits into a processor's cache.
const AT_ONCE: usize = 1024;

impl Results {
    /// The text, in parts that are written one after the other.
    pub(crate) fn parts<'t>(
        &'t self,
        findings: &'t [Finding],
    ) -> impl Iterator<Item = Cow<'t, str>> {
        let some = findings.chunks(AT_ONCE);
        let first = (0..).step_by(AT_ONCE);
        let written = first.zip(some).flat_map(move |(first, some)| {
            let mut parts = self.written(some, first == 0);
            if first + some.len() == findings.len()
                && let Style::Block { ends: false, .. } = self.style
                && let Some(last) = parts.last_mut()
            {
                last.truncate(last.trim_end().len());
            }
            parts.into_iter().map(Cow::Owned)
        });
        std::iter::once(Cow::Borrowed(self.before.as_str()))
            .chain(written)
            .chain(std::iter::once(Cow::Borrowed(self.after.as_str())))
    }

    /// All of it as one edit.
    pub(crate) fn edit(&self, findings: &[Finding]) -> Edit {
        Edit::insert(self.at, self.parts(findings).collect::<String>())
    }

    /// The text of some findings, the first of all or not, several at once.
    fn written(&self, findings: &[Finding], is_first: bool) -> Vec<String> {
        parallel::map(findings, findings.len() * result::LENGTH, |at, some| {
            let mut text = String::with_capacity(some.len() * result::LENGTH);
            match self.style {
                Style::Block {
                    indent, newline, ..
                } => {
                    let mut block = result::Block::new(indent);
                    some.iter()
                        .for_each(|finding| block.write(finding, &mut text));
                    match newline {
                        "\n" => text,
                        _ => text.replace('\n', newline),
                    }
                }
                Style::Flow => {
                    for (index, finding) in some.iter().enumerate() {
                        if !is_first || at + index > 0 {
                            text.push_str(", ");
                        }
                        result::flow(finding, &mut text);
                    }
                    text
                }
            }
        })
    }
}
