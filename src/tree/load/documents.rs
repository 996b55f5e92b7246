//! The documents of files, read several at once.

use std::borrow::Cow;
use std::sync::Mutex;

use crate::parallel;
use crate::tree::paths::as_joined;
use crate::tree::sources::{DocumentTraits, TreeFile};
use crate::yaml::parse::Arena;
use crate::yaml::{Error, Node};

/// A file that was read.
pub(super) struct LoadedFile<'a> {
    pub(super) position: usize,
    /// Its path, normalised.
    pub(super) path: Cow<'a, str>,
    pub(super) documents: Result<Vec<LoadedDocument<'a>>, Error>,
}

/// A document of a file, and what it may be.
pub(super) struct LoadedDocument<'a> {
    pub(super) root: Node<'a>,
    pub(super) traits: DocumentTraits,
}

impl<'a> LoadedFile<'a> {
    pub(super) fn new(
        files: &[TreeFile<'a>],
        position: usize,
        documents: Result<Vec<LoadedDocument<'a>>, Error>,
    ) -> Self {
        LoadedFile {
            position,
            path: as_joined(files[position].path).unwrap_or_default(),
            documents,
        }
    }

    /// Its documents; none where it is no YAML.
    pub(super) fn read(&self) -> &[LoadedDocument<'a>] {
        self.documents.as_deref().unwrap_or_default()
    }

    /// Those that kustomize's own plug-ins read.
    pub(super) fn builtin(&self) -> impl Iterator<Item = &LoadedDocument<'a>> {
        let all = self.read().iter();
        all.filter(|document| document.traits.is_builtin)
    }
}

impl<'a> LoadedDocument<'a> {
    pub(super) fn new(root: Node<'a>) -> Self {
        LoadedDocument {
            traits: DocumentTraits::of(&root),
            root,
        }
    }

    pub(super) fn all(roots: Vec<Node<'a>>) -> Vec<Self> {
        roots.into_iter().map(LoadedDocument::new).collect()
    }
}

/// So many files are read into one arena.
const SHARE: usize = 64;

/// Most trees are read in fewer rounds than this, of which each ends with an arena that has room left.
const ROUNDS: usize = 8;

/// Room for the nodes of so many files.
pub(super) fn room(files: usize) -> Vec<Arena> {
    let shares = files.div_ceil(SHARE) + ROUNDS;
    std::iter::repeat_with(Arena::for_many)
        .take(shares)
        .collect()
}

/// Arenas that nothing was read into yet.
pub(super) struct Arenas<'a>(std::slice::IterMut<'a, Arena>);

impl<'a> Arenas<'a> {
    pub(super) fn of(room: &'a mut [Arena]) -> Self {
        Arenas(room.iter_mut())
    }

    /// Reads the files at some positions, several at once; without an arena where all have been used.
    pub(super) fn read<T: Send>(
        &mut self,
        files: &[TreeFile<'a>],
        positions: &[usize],
        read: impl Fn(usize, Option<&'a Arena>) -> T + Sync,
    ) -> Vec<T> {
        let bytes = positions.iter().map(|&at| files[at].text.len()).sum();
        let shares = positions.chunks(SHARE);
        let shares: Vec<_> = shares
            .map(|some| (some, Mutex::new(self.0.next())))
            .collect();
        let batches = parallel::map(&shares, bytes, |_, shares| {
            let mut all = Vec::with_capacity(shares.len() * SHARE);
            for (some, arena) in shares {
                let arena = parallel::lock(arena).take();
                let arena = arena.map(|arena| &*arena);
                all.extend(some.iter().map(|&at| read(at, arena)));
            }
            all
        });
        batches.into_iter().flatten().collect()
    }
}
