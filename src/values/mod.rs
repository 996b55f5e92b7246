//! Values of Helm charts: where releases keep them, which of several texts decides, and the images
//! that they name.
//!
//! A [`Release`] is a chart with [`Layer`]s of values, the lowest first, as the release's own tool
//! merges them. [`images`] asks them for the images that a profile knows of the chart, and by
//! [`conventions`] for those of charts that nobody knows.

mod alike;
mod beside;
mod conventions;
mod images;
mod index;
mod layer;
mod number;
mod reader;
mod release;
mod rivals;
mod secrets;
mod shapes;
mod variables;

pub use alike::{Fault, ImageLike, alike};
pub use conventions::conventions;
pub use images::{ValueImage, are_on, hidden, images};
pub use index::SetValues;
pub use layer::{
    Layer, LayerContent, NOWHERE, Site, SlotKey, ValuesRoot, Wished, is_blank, is_decided, is_said,
};
pub use reader::Doubt;
pub(crate) use release::text_at;
pub use release::{
    ChartName, Dependency, Elsewhere, KnownFiles, Lead, Release, SOURCE_FILE, SourceFiles,
    SourceName, SourceSettings, TextAt, keeps_values, of_source_file, releases, template_patch,
    texts,
};
pub use rivals::may_set_registry;
pub use secrets::{SecretsAt, WishedNames, listed_anywhere, listed_in};
pub use variables::variables;
