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

/// A signal that is passed on to another process, whatever it means there.
#[cfg(unix)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Passed {
    /// SIGINT.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGHUP.
    Hangup,
    /// SIGQUIT.
    Quit,
    /// SIGUSR1.
    User1,
    /// SIGUSR2.
    User2,
    /// SIGWINCH.
    Window,
}

#[cfg(unix)]
pub use passing::Passing;

#[cfg(unix)]
mod passing {
    use std::future::poll_fn;
    use std::io;
    use std::task::Poll;

    use rustix::process::Signal as Raw;
    use tokio::signal::unix::{Signal as Source, SignalKind, signal};

    use super::Passed;

    const ALL: [Passed; 7] = [
        Passed::Interrupt,
        Passed::Terminate,
        Passed::Hangup,
        Passed::Quit,
        Passed::User1,
        Passed::User2,
        Passed::Window,
    ];

    /// Receives the signals that are passed on. From [`Passing::listen`] on they do nothing to this process.
    #[derive(Debug)]
    pub struct Passing {
        sources: Vec<(Passed, Source)>,
    }

    impl Passing {
        /// Starts to receive. Must run inside a runtime.
        pub fn listen() -> io::Result<Self> {
            let source = |passed: Passed| Ok((passed, signal(SignalKind::from_raw(passed.raw().as_raw()))?));
            ALL.into_iter().map(source).collect::<io::Result<_>>().map(|sources| Self { sources })
        }

        /// The next one. Cancel-safe.
        pub async fn next(&mut self) -> Passed {
            poll_fn(|context| {
                for (passed, source) in &mut self.sources {
                    if source.poll_recv(context).is_ready() {
                        return Poll::Ready(*passed);
                    }
                }
                Poll::Pending
            })
            .await
        }
    }

    impl Passed {
        /// The signal for the system.
        pub(crate) fn raw(self) -> Raw {
            match self {
                Self::Interrupt => Raw::INT,
                Self::Terminate => Raw::TERM,
                Self::Hangup => Raw::HUP,
                Self::Quit => Raw::QUIT,
                Self::User1 => Raw::USR1,
                Self::User2 => Raw::USR2,
                Self::Window => Raw::WINCH,
            }
        }

        /// Whether it asks a process to end, unless that decides otherwise.
        pub fn ends(self) -> bool {
            !matches!(self, Self::Window)
        }

        /// The exit code of a process that ended by it, as shells count.
        pub fn exit_code(self) -> u8 {
            u8::try_from(self.raw().as_raw()).map_or(u8::MAX, |number| number.saturating_add(128))
        }
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
