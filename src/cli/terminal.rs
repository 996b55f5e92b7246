//! Output for people: text on standard output, its colours and width.

use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use clap::builder::StyledStr;

use super::args::Color;
use crate::quote;

/// The columns of text that does not go to a terminal.
const WIDTH: usize = 120;

/// Whether standard output gets colour.
pub(super) fn colors(color: Color) -> bool {
    let stdout = io::stdout();
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => AutoStream::choice(&stdout) != ColorChoice::Never,
    }
}

/// The columns of standard output.
pub(super) fn width() -> usize {
    if io::stdout().is_terminal() {
        usize::from(console::Term::stdout().size().1)
    } else {
        WIDTH
    }
}

/// The columns of a table: those of a terminal, and any number where none is.
pub(super) fn table_width() -> usize {
    if io::stdout().is_terminal() {
        width()
    } else {
        usize::MAX
    }
}

/// Writes lines for people to standard output, escaped and cut by [`quote::lines`]. With `color`, the
/// lines may hold codes for colours.
pub(super) fn print(text: &str, color: bool) -> anyhow::Result<()> {
    print_document(&quote::lines(text, color))
}

/// Writes manifests to standard output as they are: what an engine applies. A reader that closes the
/// pipe has not got all of it, unlike one that has read enough of a report.
pub(super) fn hand_over(text: &str) -> anyhow::Result<()> {
    anyhow::Context::context(write_out(text), "cannot write standard output")
}

/// Writes a document, which is escaped by the rules of its own format, to standard output as it is. A
/// reader that closes the pipe is no error.
pub(super) fn print_document(text: &str) -> anyhow::Result<()> {
    match write_out(text) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => anyhow::Context::context(written, "cannot write standard output"),
    }
}

fn write_out(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Writes clap's error to standard error, escaped, since it repeats arguments.
pub(super) fn say_fault(fault: &StyledStr) {
    let mut stderr = io::stderr().lock();
    let color = AutoStream::choice(&stderr) != ColorChoice::Never;
    let text = if color {
        fault.ansi().to_string()
    } else {
        fault.to_string()
    };
    let _ = stderr.write_all(quote::lines(&text, color).as_bytes());
}
