//! Settings of one word each.

use schemars::JsonSchema;
use serde::Deserialize;

/// What is printed of the items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename = "output", rename_all = "camelCase")]
pub enum Output {
    /// All of them.
    #[default]
    Items,
    /// None, which is for kustomize's `validators:` alone.
    None,
}

/// What becomes of lists that replace images where they are rendered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename = "value", rename_all = "camelCase")]
#[schemars(rename = "ImageLists")]
pub enum ImageLists {
    /// What is wrong in them is put right.
    #[default]
    Restore,
    /// It is reported.
    Report,
    /// They are left alone, and what they decide is not checked.
    Ignore,
}

/// Which images of charts' values are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename = "values", rename_all = "camelCase")]
pub enum ReadValues {
    /// Those at the paths that profiles know, and those that have the shape of an image.
    #[default]
    Conventions,
    /// Those at the paths that profiles know.
    Profiles,
    /// None.
    None,
}

/// What is said of an agent that the configuration names and nothing runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename = "value", rename_all = "camelCase")]
#[schemars(rename = "UnmatchedAgents")]
pub enum UnmatchedAgents {
    /// It is reported.
    #[default]
    Report,
    /// Nothing: the configuration is for several packages, or for more than is judged at once.
    Ignore,
}
