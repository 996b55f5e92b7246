//! The commands that people type: those that work on files, and those that show the rules.

pub(super) mod agents;
pub(super) mod describe;
pub(super) mod explain;
pub(super) mod files;
pub(super) mod images;
pub(super) mod init;
pub(super) mod rendered;
pub(super) mod verify;
