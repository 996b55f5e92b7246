//! Output for people: text on standard output, its colours and width, and a progress bar.

use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anstream::{AutoStream, ColorChoice};
use clap::builder::StyledStr;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::Color;
use crate::quote;

/// The columns of text that does not go to a terminal.
const WIDTH: usize = 120;
/// How long the work takes before the progress bar appears.
const PATIENCE: Duration = Duration::from_millis(500);

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

/// A bar on a terminal's standard error, once the work takes longer than half a second.
pub(super) struct Progress {
    began: Instant,
    done: AtomicU64,
    what: &'static str,
    things: &'static str,
    bar: OnceLock<ProgressBar>,
    shown: bool,
}

impl Progress {
    /// Progress of work that is called `what`, on `things`; nothing is shown where `quiet` or on no
    /// terminal.
    pub(super) fn new(what: &'static str, things: &'static str, quiet: bool) -> Self {
        Progress {
            began: Instant::now(),
            done: AtomicU64::new(0),
            what,
            things,
            bar: OnceLock::new(),
            shown: !quiet && io::stderr().is_terminal(),
        }
    }

    /// Counts one thing.
    pub(super) fn step(&self) {
        let done = 1 + self.done.fetch_add(1, Ordering::Relaxed);
        if self.shown && self.began.elapsed() > PATIENCE {
            let bar = self.bar.get_or_init(|| {
                let style =
                    ProgressStyle::with_template("{spinner} {prefix}: {pos} {msg}, {elapsed}");
                let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
                bar.set_style(style.expect("the template is legal, as a test draws it"));
                bar.set_prefix(self.what);
                bar.set_message(self.things);
                bar
            });
            bar.set_position(done);
        }
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}
