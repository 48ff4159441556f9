//! The children of this process: learning that one has ended, collecting it, signalling it.

#![expect(unsafe_code, reason = "a signal handler, which writes one byte into a pipe")]

use std::io::{self, PipeReader};
use std::os::fd::{AsFd, BorrowedFd, IntoRawFd};
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Instant;

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal as NixSignal, sigaction};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, ioctl_fionbio};
use rustix::process::{
    Pid, Signal, WaitOptions, WaitStatus, kill_process, kill_process_group, wait, waitpid,
};

use crate::platform::process::ExitReport;

/// Write end of the pipe that the handler writes to; negative while there is none.
static ENDED: AtomicI32 = AtomicI32::new(-1);

/// Waits for children to end, for processes without a runtime. One per process.
#[derive(Debug)]
pub(crate) struct Children {
    ended: PipeReader,
}

/// What [`Children::wait`] has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Happened {
    /// A child has ended, perhaps several.
    Child,
    /// The descriptor can be read, or its other side is gone.
    Readable,
    /// Neither, until the deadline.
    Deadline,
}

/// Whom a signal is for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    /// One process.
    Process(u32),
    /// The group that this process leads.
    Group(u32),
}

/// Result of looking for a child that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reaped {
    /// This one has, and is collected.
    Child(u32, ExitReport),
    /// There are children, and all of them live.
    NoneYet,
    /// There are no children.
    NoChildren,
}

impl Children {
    /// Starts to listen.
    pub(crate) fn listen() -> io::Result<Self> {
        let (ended, write) = io::pipe()?;
        ioctl_fionbio(&ended, true)?;
        ioctl_fionbio(&write, true)?;
        // The handler may run as long as the process lives, so the descriptor stays open as long.
        ENDED.store(write.into_raw_fd(), Ordering::Relaxed);
        let action = SigAction::new(SigHandler::Handler(note), SaFlags::SA_NOCLDSTOP, SigSet::empty());
        // SAFETY: the handler does nothing but a write, which is async-signal-safe.
        unsafe { sigaction(NixSignal::SIGCHLD, &action) }?;
        Ok(Self { ended })
    }

    /// Waits for a child to end or for `other` to become readable, without a limit when there is no deadline.
    pub(crate) fn wait(
        &self,
        other: Option<BorrowedFd<'_>>,
        deadline: Option<Instant>,
    ) -> io::Result<Happened> {
        loop {
            let limit = deadline.map(|at| at.saturating_duration_since(Instant::now()));
            let limit =
                limit.map(|left| Timespec::try_from(left).unwrap_or(Timespec { tv_sec: 1, tv_nsec: 0 }));
            let mut watched = vec![PollFd::new(&self.ended, PollFlags::IN)];
            watched.extend(other.iter().map(|other| PollFd::new(other, PollFlags::IN)));
            match poll(&mut watched, limit.as_ref()) {
                // The signal itself interrupts the call; its byte is in the pipe by now.
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
                Ok(0) => return Ok(Happened::Deadline),
                // First, because children that keep ending must not keep orders away.
                Ok(_) if watched.get(1).is_some_and(|other| !other.revents().is_empty()) => {
                    return Ok(Happened::Readable);
                }
                Ok(_) => {
                    let mut bytes = [0; 64];
                    while rustix::io::read(&self.ended, &mut bytes).is_ok_and(|count| count == bytes.len()) {}
                    return Ok(Happened::Child);
                }
            }
        }
    }
}

/// Collects one child that has ended: any, or only this one.
pub(crate) fn reap(pid: Option<u32>) -> Reaped {
    let result = match pid.and_then(raw) {
        Some(pid) => waitpid(Some(pid), WaitOptions::NOHANG),
        None => wait(WaitOptions::NOHANG),
    };
    match result {
        Ok(Some((pid, status))) => Reaped::Child(pid.as_raw_pid().cast_unsigned(), report(status)),
        Ok(None) => Reaped::NoneYet,
        Err(_) => Reaped::NoChildren,
    }
}

/// Whether the child `main` has ended. Leaves it uncollected, so that its number and its group's stay its own;
/// collects the others that end before it.
#[cfg(target_os = "linux")]
pub(crate) fn collect_others(main: u32) -> bool {
    use nix::sys::wait::{Id, WaitPidFlag, waitid};
    loop {
        let peek = waitid(Id::All, WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT);
        match peek.map(|status| status.pid()) {
            Ok(Some(pid)) if pid.as_raw().cast_unsigned() == main => return true,
            Ok(Some(pid)) => drop(reap(Some(pid.as_raw().cast_unsigned()))),
            Ok(None) => return false,
            // No children at all.
            Err(_) => return true,
        }
    }
}

/// Whether the child `main` has ended. Leaves it uncollected, so that its number and its group's stay its own.
/// There are no others: orphans do not come to us on this system.
#[cfg(not(target_os = "linux"))]
pub(crate) fn collect_others(main: u32) -> bool {
    use rustix::process::{WaitId, WaitIdOptions, waitid};
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    raw(main).is_none_or(|pid| matches!(waitid(WaitId::Pid(pid), options), Ok(Some(_)) | Err(_)))
}

/// Sends a signal; a target that is gone is no error, because it may go at any moment.
pub(crate) fn signal(target: Target, signal: Signal) {
    let _ = match target {
        Target::Process(pid) => raw(pid).map(|pid| kill_process(pid, signal)),
        Target::Group(pid) => raw(pid).map(|pid| kill_process_group(pid, signal)),
    };
}

fn raw(pid: u32) -> Option<Pid> {
    Pid::from_raw(pid.cast_signed())
}

fn report(status: WaitStatus) -> ExitReport {
    ExitReport {
        code: status.exit_status(),
        signal: status.terminating_signal(),
        core: status.terminating_signal().is_some() && nix::libc::WCOREDUMP(status.as_raw()),
    }
}

extern "C" fn note(_signal: i32) {
    // SAFETY: the descriptor is never closed once it is stored, and the handler is installed after that.
    let pipe = unsafe { BorrowedFd::borrow_raw(ENDED.load(Ordering::Relaxed)) };
    // A full pipe says the same as one more byte in it. This call leaves `errno` alone on Linux.
    let _ = rustix::io::write(pipe.as_fd(), &[0]);
}
