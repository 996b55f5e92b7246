//! restore-images: brings monitoring agents' images back to what their vendors and the registry
//! mapping rules say, in Kubernetes manifests, without touching another byte.
//!
//! Data flows one way:
//!
//! ```text
//! bytes → units → nodes → resources → image fields × agents × registries
//!       → verdicts → findings with changes → edits → text → verified text → report
//! ```
//!
//! - [`krm::survey`] reads every byte once and finds the items or documents, the configuration, and
//!   what items give to it.
//! - [`yaml`] turns one of them into nodes with byte spans; [`krm::resource`] and [`field`] find
//!   the image fields in it.
//! - [`decide`] says whose an image is and gives a [`verdict`] on what it should be, by the [`tag`]
//!   policy of its profile; [`judge`] says what is reported and changed.
//! - [`edit`] turns changes into replacements of bytes, and checks what they give.
//! - `tree` runs the kustomizations among files, judges what comes out, and leads it back to the
//!   places that decide.
//! - [`embedded`] makes edits of a document inside a document edits of the outer one.
//! - [`generate`] makes resources of the same rules instead, where the configuration asks for it.
//! - [`restore`] ties these together, without I/O. Only [`cli`] performs I/O, and `mirror`,
//!   which asks registries.

// The command line is not fuzzed, and takes a good part of the time that instrumented code is compiled in.
#![cfg_attr(fuzzing, allow(dead_code, unused_imports))]

pub mod agent;
pub mod chart;
#[cfg(not(fuzzing))]
pub mod cli;
mod components;
pub mod config;
pub mod decide;
pub mod edit;
pub mod embedded;
pub mod error;
#[cfg(feature = "exchange")]
pub mod exchange;
pub mod fact;
pub mod field;
pub mod finding;
pub mod function;
pub mod generate;
pub mod glob;
pub mod image;
mod intern;
pub mod judge;
pub mod krm;
mod mask;
#[cfg(feature = "mirror")]
pub mod mirror;
mod parallel;
mod pattern;
mod quote;
pub mod registry;
pub mod report;
pub mod restore;
pub mod revision;
pub mod slot;
mod sort;
mod split_once;
pub mod suggest;
pub mod tag;
mod tree;
pub mod values;
pub mod verdict;
pub mod yaml;
