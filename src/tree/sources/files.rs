//! A file of a tree, and the paths that lead to it.

use crate::tree::kustomization::is_kustomization;
use crate::tree::paths::join;

/// A file of a tree.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TreeFile<'a> {
    /// Its path, by which kustomizations refer to it.
    pub(crate) path: &'a str,
    /// Its path as people are shown it.
    pub(crate) shown: &'a str,
    /// Its text; empty where it could not be read.
    pub(crate) text: &'a str,
    /// Why it is left out, if it is: read where a kustomization refers to it, and never edited.
    pub(crate) left_out: Option<&'static str>,
    /// Whether it is left out only since it is not among the given paths: what it builds of them still
    /// counts.
    pub(crate) is_elsewhere: bool,
    /// Whether somebody left it out: what it builds of the others still counts, unless one of them builds
    /// it, and is told of nowhere.
    pub(crate) is_excluded: bool,
    /// Other paths by which kustomizations refer to it, through links.
    pub(crate) links: &'a [Link],
    /// What it needs and is not there, by its path from the folder of the kustomization that it is.
    pub(crate) missing: &'a [String],
}

/// A path that leads to a file through links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The path.
    pub path: String,
    /// The path as people are shown it; filled in when all files are read.
    pub shown: String,
    /// Whether the last name of the path is the link, and not a folder above it.
    pub is_of_file: bool,
}

impl Link {
    pub(crate) fn of_file(path: &str) -> Self {
        Link {
            path: path.to_owned(),
            shown: String::new(),
            is_of_file: true,
        }
    }

    pub(crate) fn through_folder(path: &str) -> Self {
        Link {
            path: path.to_owned(),
            shown: String::new(),
            is_of_file: false,
        }
    }

    /// The path, normalised, if the file is a kustomization there: what it names is counted from the
    /// folder of the link.
    pub(crate) fn kustomization(&self) -> Option<String> {
        let path = join("", &self.path)?;
        (self.is_of_file && is_kustomization(&path)).then_some(path)
    }
}

impl TreeFile<'_> {
    /// Whether a kustomization in it is one at which builds begin that are told of.
    pub(crate) fn is_root(&self) -> bool {
        self.left_out.is_none() || self.is_elsewhere
    }

    /// How a path of it, or of a link to it, is shown.
    pub(crate) fn shown_at(&self, path: Option<&str>) -> &'_ str {
        let mut links = self.links.iter();
        let link = links.find(|link| path.is_some() && link.kustomization().as_deref() == path);
        link.map_or(self.shown, |link| &link.shown)
    }

    /// Whether what it builds was not asked for, and only has to come out as it does or as it should.
    pub(crate) fn is_bystander(&self) -> bool {
        self.is_elsewhere || self.is_excluded
    }
}
