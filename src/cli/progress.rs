//! The progress of work that takes long, on a terminal: a part of the feature `pages`.

#[cfg(feature = "pages")]
pub(super) use bar::Progress;
#[cfg(not(feature = "pages"))]
pub(super) use nothing::Progress;

#[cfg(feature = "pages")]
mod bar {
    use std::io::{self, IsTerminal};
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::{Duration, Instant};

    use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

    /// How long the work takes before the progress bar appears.
    const PATIENCE: Duration = Duration::from_millis(500);

    /// A bar on a terminal's standard error, once the work takes longer than half a second.
    pub(in crate::cli) struct Progress {
        began: Instant,
        done: AtomicU64,
        what: &'static str,
        things: &'static str,
        /// How many things there are, where that is known.
        total: Option<u64>,
        bar: OnceLock<ProgressBar>,
        shown: bool,
    }

    impl Progress {
        /// Progress of work that is called `what`, on `things`; nothing is shown where `quiet` or on no
        /// terminal.
        pub(in crate::cli) fn new(what: &'static str, things: &'static str, quiet: bool) -> Self {
            Progress {
                began: Instant::now(),
                done: AtomicU64::new(0),
                what,
                things,
                total: None,
                bar: OnceLock::new(),
                shown: !quiet && io::stderr().is_terminal(),
            }
        }

        /// As [`Progress::new`], on so many things.
        #[cfg(feature = "mirror")]
        pub(in crate::cli) fn of(
            what: &'static str,
            things: &'static str,
            total: usize,
            quiet: bool,
        ) -> Self {
            Progress {
                total: u64::try_from(total).ok(),
                ..Progress::new(what, things, quiet)
            }
        }

        /// Counts one thing.
        pub(in crate::cli) fn step(&self) {
            let done = 1 + self.done.fetch_add(1, Ordering::Relaxed);
            if self.shown && self.began.elapsed() > PATIENCE {
                let bar = self.bar.get_or_init(|| {
                    let style = ProgressStyle::with_template(match self.total {
                        Some(_) => "{spinner} {prefix}: {pos} of {len} {msg}, {elapsed}",
                        None => "{spinner} {prefix}: {pos} {msg}, {elapsed}",
                    });
                    let bar =
                        ProgressBar::with_draw_target(self.total, ProgressDrawTarget::stderr());
                    bar.set_style(style.expect("the template is legal, as a test draws it"));
                    bar.set_prefix(self.what);
                    bar.set_message(self.things);
                    bar
                });
                bar.set_position(done);
            }
        }

        /// Takes the bar away.
        pub(in crate::cli) fn finish(&self) {
            if let Some(bar) = self.bar.get() {
                bar.finish_and_clear();
            }
        }
    }
}

#[cfg(not(feature = "pages"))]
mod nothing {
    /// No bar, wherever this is run.
    pub(in crate::cli) struct Progress;

    impl Progress {
        pub(in crate::cli) fn new(_: &'static str, _: &'static str, _: bool) -> Self {
            Progress
        }

        #[cfg(feature = "mirror")]
        pub(in crate::cli) fn of(_: &'static str, _: &'static str, _: usize, _: bool) -> Self {
            Progress
        }

        pub(in crate::cli) fn step(&self) {}

        pub(in crate::cli) fn finish(&self) {}
    }
}
