//! Whether mirrors hold what vendors publish: both registries are asked, and each image in use gets
//! its state.
//!
//! `client.rs` is the only code of the program that speaks to a network; a build without the feature
//! `mirror`, such as that of the function's image, leaves all of this folder out.
//!
//! ```text
//! images in use → ask (client: challenge, tokens, retries) → compare (manifests) → states → report
//! ```

mod ask;
mod challenge;
mod client;
mod compare;
mod manifest;
mod moment;
pub mod pods;
pub mod report;
mod side;
mod state;
mod why;

pub use ask::{Limits, statuses};
pub use client::{Client, Credential, Credentials, Proxies, Settings};
pub use state::{Held, State, Status};
pub use why::{Trouble, Why};
