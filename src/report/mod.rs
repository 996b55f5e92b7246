//! Findings and errors for people; each format is a file here.

pub mod text;
