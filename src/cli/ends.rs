//! How the process ends where somebody else decides it: signals, and memory that is not there.

#[cfg(unix)]
pub(super) use by_signals::{Asked, at_start};
#[cfg(not(unix))]
pub(super) use without_signals::{Asked, at_start};

#[cfg(unix)]
mod by_signals {
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use anyhow::{Result, bail};
    use signal_hook::consts::{SIGABRT, SIGINT, SIGTERM, SIGXFSZ};
    use signal_hook::flag;

    /// Turns ends without a word into errors, from the first moment on.
    ///
    /// A file that may grow no further is an error of that write, not the end of the process; and
    /// where memory is not to be had, which the standard library says and then aborts, the exit code
    /// is that of work that could not be done.
    pub(in crate::cli) fn at_start() {
        // A system that lets no signal be handled ends the process as it always did.
        let _ = flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
        let _ = flag::register_conditional_shutdown(SIGABRT, 2, Arc::new(AtomicBool::new(true)));
    }

    /// While it lives, being asked to end waits for the file that is being replaced.
    pub(in crate::cli) struct Asked {
        /// Whether the process ends at once.
        at_once: Arc<AtomicBool>,
        asked: Arc<AtomicBool>,
    }

    impl Asked {
        /// # Errors
        /// The system lets no signal be handled.
        pub(in crate::cli) fn listen() -> io::Result<Asked> {
            let asked = Asked {
                at_once: Arc::new(AtomicBool::new(false)),
                asked: Arc::new(AtomicBool::new(false)),
            };
            for signal in [SIGINT, SIGTERM] {
                flag::register_conditional_default(signal, Arc::clone(&asked.at_once))?;
                flag::register(signal, Arc::clone(&asked.asked))?;
            }
            Ok(asked)
        }

        /// # Errors
        /// Somebody asked the process to end.
        pub(in crate::cli) fn go_on(&self) -> Result<()> {
            if self.asked.load(Ordering::SeqCst) {
                bail!("interrupted");
            }
            Ok(())
        }
    }

    impl Drop for Asked {
        fn drop(&mut self) {
            self.at_once.store(true, Ordering::SeqCst);
        }
    }
}

#[cfg(not(unix))]
mod without_signals {
    use std::io;

    use anyhow::Result;

    pub(in crate::cli) fn at_start() {}

    pub(in crate::cli) struct Asked;

    impl Asked {
        pub(in crate::cli) fn listen() -> io::Result<Asked> {
            Ok(Asked)
        }

        pub(in crate::cli) fn go_on(&self) -> Result<()> {
            Ok(())
        }
    }
}
