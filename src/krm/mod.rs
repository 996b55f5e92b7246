//! The wire format of KRM functions: ResourceList, its items, and results.
//!
//! Source: the KRM Functions Specification, config.kubernetes.io/v1.

pub mod chart_source;
mod faults;
pub mod item_config;
pub mod kinds;
pub mod list;
pub mod owners;
pub mod resource;
mod result;
pub mod results;
pub mod spelling;
pub mod survey;
pub mod unit;

/// The API group of the wire format.
pub const GROUP: &str = "config.kubernetes.io";
/// The API group of kustomizations and components.
pub const KUSTOMIZE_GROUP: &str = "kustomize.config.k8s.io";
/// The version of kustomizations, for those whose file names none.
pub const KUSTOMIZE_VERSION: &str = "kustomize.config.k8s.io/v1beta1";
/// The names of a kustomization's file, which are case-sensitive.
pub const KUSTOMIZATION_FILES: [&str; 3] =
    ["kustomization.yaml", "kustomization.yml", "Kustomization"];
/// The API group of this function's own kinds.
pub const OWN_GROUP: &str = "restore-images.dev";
