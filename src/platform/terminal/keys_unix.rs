//! Single keys typed on the terminal, for as long as this process is in its foreground.

#![expect(
    unsafe_code,
    reason = "registration of a descriptor; the default disposition of SIGTSTP while stopping"
)]

use std::collections::VecDeque;
use std::future::pending;
use std::io::{self, IsTerminal, stdin, stdout};
use std::os::fd::{AsFd, OwnedFd};

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, raise, sigaction};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::signal::unix::{Signal as Source, SignalKind, signal};

use super::{decode, modes};

/// Reads single keys. The terminal's modes go back when this is dropped, when the program panics, and while
/// it is stopped by Ctrl-Z.
#[derive(Debug)]
pub struct Keys {
    terminal: AsyncFd<OwnedFd>,
    stop: Source,
    resume: Source,
    typed: VecDeque<char>,
    hung_up: bool,
}

impl Keys {
    /// `None` unless standard input and output are terminals and this process is in the foreground. Must run
    /// inside a runtime.
    pub fn open() -> io::Result<Option<Self>> {
        if !stdin().is_terminal() || !stdout().is_terminal() || !modes::in_foreground(stdin()) {
            return Ok(None);
        }
        let terminal = stdin().as_fd().try_clone_to_owned()?;
        // SAFETY: the descriptor is owned by the value that is registered, which nothing takes out again.
        let terminal = unsafe { AsyncFd::register_with_interest(terminal, Interest::READABLE) }?;
        let keys = Self {
            terminal,
            stop: signal(SignalKind::from_raw(Signal::SIGTSTP as i32))?,
            resume: signal(SignalKind::from_raw(Signal::SIGCONT as i32))?,
            typed: VecDeque::new(),
            hung_up: false,
        };
        modes::single_keys(&keys.terminal)?;
        Ok(Some(keys))
    }

    /// The next key, ASCII only. Never comes when the terminal is gone. Cancel-safe, and must be polled for
    /// Ctrl-Z to work.
    pub async fn next(&mut self) -> char {
        loop {
            if let Some(key) = self.typed.pop_front() {
                return key;
            }
            if self.hung_up {
                pending::<()>().await;
            }
            tokio::select! {
                _ = self.stop.recv() => self.stop_here(),
                _ = self.resume.recv() => self.claim(),
                ready = self.terminal.readable() => match ready {
                    Ok(mut ready) => {
                        let closed = ready.ready().is_read_closed();
                        ready.clear_ready();
                        drop(ready);
                        self.read();
                        self.hung_up |= closed;
                    }
                    Err(_) => self.hung_up = true,
                },
            }
        }
    }

    /// Takes what was typed. In the background nothing of it is ours.
    fn read(&mut self) {
        if !modes::in_foreground(&self.terminal) {
            return;
        }
        self.claim();
        let mut chunk = [0; 64];
        while let Ok(length @ 1..) =
            modes::without_being_stopped(|| rustix::io::read(&self.terminal, &mut chunk))
        {
            self.typed.extend(decode::keys(&chunk[..length]));
            if length < chunk.len() {
                break;
            }
        }
    }

    /// Turns single keys on when the terminal is ours (again).
    fn claim(&self) {
        if modes::in_foreground(&self.terminal) {
            // Fails when the terminal is going away; then there are no keys to lose.
            let _ = modes::single_keys(&self.terminal);
        }
    }

    /// Stops the process as if nobody had caught SIGTSTP, and comes back when it is continued.
    fn stop_here(&mut self) {
        modes::restore(&self.terminal);
        let default = SigAction::new(SigHandler::SigDfl, SaFlags::empty(), SigSet::empty());
        // SAFETY: the default disposition runs no code of ours, and the handler that it replaces is put back
        // below as it was found.
        if let Ok(handler) = unsafe { sigaction(Signal::SIGTSTP, &default) } {
            // The process stands still inside this call. It returns at once when there is no shell that could
            // continue it, which a SIGSTOP would not.
            let _ = raise(Signal::SIGTSTP);
            // SAFETY: `handler` was in place a moment ago.
            let _ = unsafe { sigaction(Signal::SIGTSTP, &handler) };
        }
        self.claim();
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        modes::restore(&self.terminal);
    }
}
