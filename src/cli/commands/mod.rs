//! The commands that people type: those that work on files, and those that show the rules.

mod agent_page;
pub(super) mod agents;
mod asides;
mod decided;
#[cfg(feature = "pages")]
pub(super) mod describe;
pub(super) mod explain;
#[cfg(feature = "exchange")]
pub(super) mod export;
pub(super) mod files;
pub(super) mod images;
#[cfg(feature = "exchange")]
pub(super) mod import;
pub(super) mod init;
mod known_agents;
#[cfg(feature = "mirror")]
pub(super) mod mirror;
#[cfg(feature = "mirror")]
pub(super) mod pods;
mod proposal;
pub(super) mod rendered;
#[cfg(feature = "pages")]
pub(super) mod report;
mod roles;
mod secrets_of_hosts;
mod steps;
mod untold;
pub(super) mod verify;
