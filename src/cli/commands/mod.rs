//! The commands of people: over files, and about the rules themselves.

pub(super) mod agents;
pub(super) mod explain;
pub(super) mod files;
pub(super) mod images;
pub(super) mod init;
pub(super) mod words;
