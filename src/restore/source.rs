//! An input file: its paths, its text, and why it is left out, if it is.

use super::skipped::Skipped;
use crate::tree::{Link, TreeFile};

/// An input file.
#[derive(Debug, Clone, Copy)]
pub struct SourceFile<'a> {
    /// Its path, by which kustomizations refer to it; empty where it is in no tree.
    pub path: &'a str,
    /// Its path as people are shown it.
    pub shown: &'a str,
    /// Its path from the folder at which paths of the configuration begin; empty where it is in no tree.
    pub place: &'a str,
    /// Its text.
    pub text: &'a str,
    /// Why it is left out, if it is: it is known, and neither judged nor edited.
    pub left_out: Option<Skipped>,
    /// Other paths by which kustomizations refer to it, through links.
    pub links: &'a [Link],
    /// The files that it needs and that are not there, if it is a kustomization.
    pub missing: &'a [String],
}

impl<'a> SourceFile<'a> {
    /// The file as one of a tree.
    pub(super) fn in_tree(&self) -> TreeFile<'a> {
        TreeFile {
            path: self.path,
            shown: self.shown,
            text: self.text,
            left_out: self.left_out.map(Skipped::as_str),
            is_elsewhere: self.left_out.is_some_and(Skipped::is_elsewhere),
            is_excluded: self.left_out == Some(Skipped::Excluded),
            links: self.links,
            missing: self.missing,
        }
    }
}
