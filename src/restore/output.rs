//! Applies the edits and results of an outcome to its input.

use crate::edit::{self, Edit};

use super::Outcome;

impl Outcome {
    /// The output.
    pub fn output(&self, input: &str) -> String {
        let [before, behind] = self.around_results(input);
        let mut output: String = before.collect();
        let results = self.results.as_ref();
        output.extend(results.map(|results| results.text(&self.findings)));
        output.extend(behind);
        output
    }

    /// The pieces of the input and of edits that are before the results and after them.
    pub(crate) fn around_results<'t>(
        &'t self,
        input: &'t str,
    ) -> [impl Iterator<Item = &'t str>; 2] {
        let at = self
            .results
            .as_ref()
            .map_or(input.len(), |results| results.at);
        let (before, behind) = self.edits.split_at(self.edits_before(at));
        [(&input[..at], 0, before), (input, at, behind)]
            .map(|(text, from, edits)| edit::pieces_from(text, from, edits))
    }

    /// Gives the text of the results part by part, in order; each part is rendered when it is needed.
    ///
    /// # Errors
    /// That of `take`, which ends the work.
    pub(crate) fn each_result<E>(&self, take: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        match &self.results {
            Some(results) => results.parts(&self.findings, take),
            None => Ok(()),
        }
    }

    /// Every edit, that of the results among them.
    pub fn all_edits(&self) -> Vec<Edit> {
        let mut edits = self.edits.clone();
        if let Some(results) = &self.results {
            let position = self.edits_before(results.at);
            edits.insert(position, results.edit(&self.findings));
        }
        edits
    }

    /// How many edits come before an insertion at an offset.
    fn edits_before(&self, at: usize) -> usize {
        self.edits.partition_point(|edit| edit.span.end <= at)
    }
}
