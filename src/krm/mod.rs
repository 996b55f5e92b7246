//! The wire format of KRM functions: ResourceList, its items, and results.
//!
//! Source: the KRM Functions Specification, config.kubernetes.io/v1.

mod cut;
mod faults;
pub mod gathered;
pub(crate) mod guess;
pub mod list;
mod pieces;
pub mod quick;
pub mod resource;
mod result;
pub mod results;
pub mod survey;
pub mod unit;

/// The API group of the wire format.
pub const GROUP: &str = "config.kubernetes.io";
/// The API group of this function's own kinds.
pub const OWN_GROUP: &str = "restore-images.dev";
