//! Trees of sources: what engines make of the kustomizations in a folder is judged, and the places
//! that decide are edited.
//!
//! A build is run on values that know where they are written ([`build`]), judged like any stream
//! ([`rendered`]), and what should be otherwise is led back to a manifest, a patch or an entry of a
//! list of images ([`dataflow`]), such that every build of the tree comes out right.

mod accounts;
mod beyond;
mod build;
mod builds;
mod built;
mod chart_sources;
mod charts;
mod coverage;
mod dataflow;
mod doubted;
mod editing;
mod field_specs;
mod generated;
mod images;
mod json_patch;
mod kustomization;
mod layout;
mod load;
mod locations;
mod merged;
mod origin;
mod outcome;
mod passes;
mod patched;
mod patches;
mod paths;
mod references;
mod refusals;
mod removed;
mod rendered;
mod replacement;
mod scope;
mod selector;
mod settling;
mod shape;
mod sources;
mod strategic;
mod target;
mod transform;
mod unfollowed;
mod unknown;
mod value;
mod vars;

pub(crate) use coverage::Read;
pub(crate) use kustomization::is_kustomization;
pub(crate) use load::{needed_by, referred_by};
pub(crate) use merged::{SOURCE_FILES, builds_one_of, folders_built_by, is_source_file, may_build};
#[cfg(feature = "pages")]
pub(crate) use origin::{BuildOrigin, origins};
pub(crate) use outcome::{TreeFileOutcome, TreeOutcome, restore};
pub(crate) use paths::{by_path, folder_of, join, name_of, normalised};
pub(crate) use references::{FileReference, FolderBuild, ReferenceKind, References, references};
pub(crate) use rendered::Setting;
pub(crate) use sources::{Link, TreeFile};
