//! The signals that the program reacts to, as values.

use std::io;

/// A signal that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT, or Ctrl-C on Windows.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGHUP: the terminal was closed, or somebody asks for a reload.
    Hangup,
    /// SIGUSR1.
    User1,
}

/// Receives signals. From [`Signals::listen`] on they no longer end the process, also after this is dropped.
#[derive(Debug)]
pub struct Signals {
    sources: sources::Sources,
}

impl Signals {
    /// Starts to receive. Must run inside a runtime.
    pub fn listen() -> io::Result<Self> {
        sources::Sources::listen().map(|sources| Self { sources })
    }

    /// The next signal. Several of one kind that arrive together count as one. Cancel-safe.
    pub async fn next(&mut self) -> Signal {
        self.sources.next().await
    }
}

#[cfg(unix)]
mod sources {
    use std::future::pending;
    use std::io;

    use tokio::signal::unix::{Signal as Source, SignalKind, signal};

    use super::Signal;

    #[derive(Debug)]
    pub(super) struct Sources {
        interrupt: Source,
        terminate: Source,
        /// `None` when whoever started us wants hang-ups ignored, as `nohup` does.
        hangup: Option<Source>,
        user1: Source,
    }

    async fn received(source: &mut Option<Source>) -> Option<()> {
        match source {
            Some(source) => source.recv().await,
            None => pending().await,
        }
    }

    /// Whether SIGHUP, signal 1, is ignored; the kernel shows the dispositions as a mask (`proc_pid_status(5)`).
    fn hangups_are_ignored() -> bool {
        std::fs::read_to_string("/proc/self/status")
            .ok()
            .and_then(|status| {
                let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
                u64::from_str_radix(mask.trim(), 16).ok()
            })
            .is_some_and(|mask| mask & 1 != 0)
    }

    impl Sources {
        pub(super) fn listen() -> io::Result<Self> {
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
                hangup: if hangups_are_ignored() { None } else { Some(signal(SignalKind::hangup())?) },
                user1: signal(SignalKind::user_defined1())?,
            })
        }

        pub(super) async fn next(&mut self) -> Signal {
            tokio::select! {
                Some(()) = self.interrupt.recv() => Signal::Interrupt,
                Some(()) = self.terminate.recv() => Signal::Terminate,
                Some(()) = received(&mut self.hangup) => Signal::Hangup,
                Some(()) = self.user1.recv() => Signal::User1,
                // The sources live as long as the process.
                else => pending().await,
            }
        }
    }
}

#[cfg(not(unix))]
mod sources {
    use std::future::pending;
    use std::io;

    use tokio::signal::windows::{CtrlC, ctrl_c};

    use super::Signal;

    #[derive(Debug)]
    pub(super) struct Sources {
        ctrl_c: CtrlC,
    }

    impl Sources {
        pub(super) fn listen() -> io::Result<Self> {
            Ok(Self { ctrl_c: ctrl_c()? })
        }

        pub(super) async fn next(&mut self) -> Signal {
            match self.ctrl_c.recv().await {
                Some(()) => Signal::Interrupt,
                None => pending().await,
            }
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::time::Duration;

    use rustix::process::{Signal as Raw, getpid, kill_process};

    use super::*;

    #[tokio::test]
    async fn receives_each_kind() {
        let mut signals = Signals::listen().unwrap();
        for (raw, expect) in [
            (Raw::USR1, Signal::User1),
            (Raw::HUP, Signal::Hangup),
            (Raw::TERM, Signal::Terminate),
            (Raw::INT, Signal::Interrupt),
        ] {
            kill_process(getpid(), raw).unwrap();
            let received = tokio::time::timeout(Duration::from_secs(5), signals.next()).await.unwrap();
            assert_eq!(received, expect);
        }
    }
}
