//! The edits that restore a finding.

use std::sync::Arc;

use crate::edit::Edit;

/// The edits that restore a finding, whole: they are right without those of any other finding.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fix {
    /// Those of the finding's own file, in bytes of it.
    pub own: Box<[Edit]>,
    /// All of them, where some are of other files. Findings that are settled together share them.
    pub of_files: Option<Arc<[FileEdits]>>,
}

/// Edits of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEdits {
    /// Its position among the inputs.
    pub file: usize,
    /// The edits, in bytes of it.
    pub edits: Box<[Edit]>,
}

impl Fix {
    /// One that edits no other file.
    pub(crate) fn of_file(own: Box<[Edit]>) -> Self {
        Fix {
            own,
            of_files: None,
        }
    }

    /// The edits of some files, for a finding of one of them.
    pub(crate) fn of_files(own: usize, all: Arc<[FileEdits]>) -> Self {
        let mut of_own = all.iter().filter(|of_file| of_file.file == own);
        let of_own = of_own.next().map(|of_file| of_file.edits.clone());
        let is_elsewhere = all.iter().any(|of_file| of_file.file != own);
        Fix {
            own: of_own.unwrap_or_default(),
            of_files: is_elsewhere.then_some(all),
        }
    }

    /// The edits of other files than the finding's own, which is the one at this position.
    pub(crate) fn elsewhere(&self, own: usize) -> impl Iterator<Item = &FileEdits> {
        let all = self.of_files.iter().flat_map(|all| all.iter());
        all.filter(move |of_file| of_file.file != own)
    }

    /// What findings that share their edits in several files have in common.
    pub(crate) fn shared(&self) -> Option<usize> {
        let all = self.of_files.as_ref()?;
        Some(Arc::as_ptr(all).addr())
    }
}
