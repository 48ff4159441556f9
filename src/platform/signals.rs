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
        hangup: Source,
        user1: Source,
    }

    impl Sources {
        pub(super) fn listen() -> io::Result<Self> {
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
                hangup: signal(SignalKind::hangup())?,
                user1: signal(SignalKind::user_defined1())?,
            })
        }

        pub(super) async fn next(&mut self) -> Signal {
            tokio::select! {
                Some(()) = self.interrupt.recv() => Signal::Interrupt,
                Some(()) = self.terminate.recv() => Signal::Terminate,
                Some(()) = self.hangup.recv() => Signal::Hangup,
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
