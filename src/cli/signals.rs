//! Termination from outside: signals, and failed memory allocations.

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

    /// Turns silent terminations into errors; called first in `main`.
    ///
    /// Exceeding the file size limit (SIGXFSZ) becomes an error of that write instead of killing
    /// the process. When an allocation fails, which the standard library reports before it aborts,
    /// the process exits with the code for work that could not be done.
    pub(in crate::cli) fn at_start() {
        // A system that lets no signal be handled ends the process as it always did.
        let _ = flag::register(SIGXFSZ, Arc::new(AtomicBool::new(false)));
        let _ = flag::register_conditional_shutdown(SIGABRT, 2, Arc::new(AtomicBool::new(true)));
    }

    /// While this value exists, a request to terminate waits until the current file has been
    /// replaced.
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
