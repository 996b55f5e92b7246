//! The commands that people type: those that work on files, and those that show the rules.

mod agent_page;
pub(super) mod agents;
mod asides;
pub(super) mod check;
#[cfg(feature = "pages")]
mod decided;
#[cfg(feature = "pages")]
pub(super) mod describe;
mod exit_code;
pub(super) mod explain;
#[cfg(feature = "exchange")]
pub(super) mod export;
pub(super) mod fix;
pub(super) mod images;
#[cfg(feature = "exchange")]
pub(super) mod import;
#[cfg(feature = "pages")]
pub(super) mod init;
mod judged;
mod known_agents;
#[cfg(feature = "mirror")]
pub(super) mod mirror;
#[cfg(feature = "mirror")]
pub(super) mod pods;
#[cfg(feature = "pages")]
mod proposal;
#[cfg(feature = "pages")]
pub(super) mod rendered;
#[cfg(feature = "pages")]
pub(super) mod report;
mod roles;
#[cfg(feature = "pages")]
mod secrets_of_hosts;
mod steps;
mod untold;
pub(super) mod verify;
mod written;

use crate::cli::args::Color;
use crate::config::Date;
use crate::yaml::parse::Parser;

/// Settings that all commands share, besides their own arguments.
#[derive(Clone, Copy)]
pub(in crate::cli) struct GlobalOptions {
    pub(in crate::cli) today: Date,
    pub(in crate::cli) color: Color,
    pub(in crate::cli) parser: Parser,
}
