//! Other programs, run without a shell: where they are, what they print, and how long they may take.

use std::io::{self, Read};
#[cfg(feature = "pages")]
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::signals::Asked;
use super::working_copy;

/// How much a program may print, and how long it may take.
#[derive(Clone, Copy)]
pub(super) struct Bounds<'a> {
    /// Bytes of output beyond which it is ended.
    pub(super) most: u64,
    /// The time after which the program and its children are killed. Without a limit it is the
    /// caller's own program: it ends with the caller's process group, and writes to standard error
    /// itself.
    pub(super) time: Option<Limit<'a>>,
}

#[derive(Clone, Copy)]
pub(super) struct Limit<'a> {
    pub(super) after: Duration,
    /// Whether somebody asked this process to end.
    pub(super) asked: &'a Asked,
}

/// A program that ended by itself.
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    pub(super) output: Vec<u8>,
    /// What it said on standard error, where it has a limit: the beginning, if it said much.
    #[cfg_attr(
        not(feature = "pages"),
        expect(dead_code, reason = "only builds have a limit")
    )]
    pub(super) said: String,
}

/// Bytes of standard error that are kept.
const MOST_SAID: u64 = 1 << 16;

/// Polling interval for a running program.
const LOOK: Duration = Duration::from_millis(20);

/// The program of this name in the folders of PATH.
///
/// Folders that are relative to the working folder are left out, since a repository could bring a
/// program of that name.
#[cfg(feature = "pages")]
pub(super) fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let folders = std::env::split_paths(&path).filter(|folder| folder.is_absolute());
    folders
        .map(|folder| folder.join(&name))
        .find(|file| is_program(file))
}

#[cfg(unix)]
#[cfg(feature = "pages")]
fn is_program(file: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata()
        .is_ok_and(|of| of.is_file() && of.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
#[cfg(feature = "pages")]
fn is_program(file: &std::path::Path) -> bool {
    file.is_file()
}

/// Runs a program to its end; `name` is what it is called in messages.
///
/// # Errors
/// It cannot be run, prints or takes more than its bounds allow, or somebody asks this process to end.
pub(super) fn run(command: &mut Command, name: &str, bounds: Bounds<'_>) -> Result<Ended> {
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    if bounds.time.is_some() {
        command.stderr(Stdio::piped());
        group::of_its_own(command);
    }
    let running = command.spawn();
    let mut running = running.with_context(|| format!("{name}: cannot be run"))?;
    let clock = Clock {
        began: Instant::now(),
        name,
        limit: bounds.time,
    };
    let ended = to_the_end(&mut running, bounds.most, clock);
    if ended.is_err() {
        // Nobody reads on, so the program is not waited for.
        match bounds.time {
            Some(_) => group::end(&mut running),
            None => drop(running.kill()),
        }
        let _ = running.wait();
    }
    ended
}

fn to_the_end(running: &mut Child, most: u64, clock: Clock<'_>) -> Result<Ended> {
    let name = clock.name;
    // Both pipes at once, since a full one would stop the program.
    let output = running.stdout.take().map(|pipe| {
        let name = name.to_owned();
        in_background(move || working_copy::at_most(pipe, &name, most))
    });
    let said = running
        .stderr
        .take()
        .map(|pipe| in_background(move || beginning(pipe)));
    let output = match output {
        Some(output) => clock.wait_for(&output)??,
        None => Vec::new(),
    };
    let said = match said {
        Some(said) => clock.wait_for(&said)?,
        None => String::new(),
    };
    let waited = || format!("{name}: cannot be waited for");
    let status = match clock.limit {
        None => running.wait().with_context(waited)?,
        Some(_) => loop {
            // A program that has closed its pipes ends at once, or goes on for long.
            if let Some(status) = running.try_wait().with_context(waited)? {
                break status;
            }
            clock.look()?;
            thread::sleep(Duration::from_millis(1));
        },
    };
    Ok(Ended {
        status,
        output,
        said,
    })
}

/// Runs work on a detached thread; the caller waits for its result only.
fn in_background<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Receiver<T> {
    let (send, result) = channel();
    thread::spawn(move || drop(send.send(work())));
    result
}

/// The beginning of a pipe's output; the rest is read and dropped, so that the program is not blocked.
fn beginning(mut pipe: impl Read) -> String {
    let mut bytes = Vec::new();
    let _ = pipe.by_ref().take(MOST_SAID).read_to_end(&mut bytes);
    let _ = io::copy(&mut pipe, &mut io::sink());
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The limits that a running program is checked against.
#[derive(Clone, Copy)]
struct Clock<'a> {
    began: Instant,
    name: &'a str,
    limit: Option<Limit<'a>>,
}

impl Clock<'_> {
    /// # Errors
    /// The time is over, or somebody asked this process to end.
    fn look(&self) -> Result<()> {
        let Some(limit) = self.limit else {
            return Ok(());
        };
        limit.asked.go_on()?;
        if self.began.elapsed() >= limit.after {
            bail!(
                "{}: ended, since it took longer than {}\n\
                 help: see why it takes so long, or give it more by --render-timeout",
                self.name,
                seconds(limit.after)
            );
        }
        Ok(())
    }

    /// What a thread has to give.
    fn wait_for<T>(&self, result: &Receiver<T>) -> Result<T> {
        loop {
            let waited = match self.limit {
                None => result.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(_) => result.recv_timeout(LOOK),
            };
            match waited {
                Ok(given) => return Ok(given),
                Err(RecvTimeoutError::Timeout) => self.look()?,
                Err(RecvTimeoutError::Disconnected) => {
                    bail!("{}: cannot be read", self.name)
                }
            }
        }
    }
}

fn seconds(time: Duration) -> String {
    match time.as_secs() {
        1 => "1 second".to_owned(),
        seconds => format!("{seconds} seconds"),
    }
}

/// A program and its children as one group.
#[cfg(unix)]
mod group {
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Command};

    use rustix::process::{Pid, Signal, kill_process_group};

    pub(super) fn of_its_own(command: &mut Command) {
        command.process_group(0);
    }

    /// Kills the program and its process group. It has not been waited for yet, so its process id
    /// cannot have been reused.
    pub(super) fn end(running: &mut Child) {
        let _ = kill_process_group(Pid::from_child(running), Signal::KILL);
    }
}

#[cfg(not(unix))]
mod group {
    use std::process::{Child, Command};

    pub(super) fn of_its_own(_: &mut Command) {}

    pub(super) fn end(running: &mut Child) {
        let _ = running.kill();
    }
}
