//! What a process tells the system about its own role.

#![expect(unsafe_code, reason = "signal dispositions")]

use std::ffi::CStr;
use std::io;

use nix::sys::signal::{SigHandler, Signal, signal};

/// From now on orphans among this process's descendants become its children, and not those of process 1.
/// `false` where the system cannot do that.
pub(crate) fn adopt_orphans() -> io::Result<bool> {
    #[cfg(target_os = "linux")]
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    Ok(cfg!(target_os = "linux"))
}

/// Ignores everything that a person or a program may send to stop a process. Only SIGKILL is left, and what the
/// system sends for errors of the program itself.
pub(crate) fn ignore_signals() -> io::Result<()> {
    const IGNORED: [Signal; 11] = [
        Signal::SIGINT,
        Signal::SIGTERM,
        Signal::SIGHUP,
        Signal::SIGQUIT,
        Signal::SIGPIPE,
        Signal::SIGUSR1,
        Signal::SIGUSR2,
        Signal::SIGALRM,
        Signal::SIGTSTP,
        Signal::SIGTTIN,
        Signal::SIGTTOU,
    ];
    for ignored in IGNORED {
        // SAFETY: ignoring a signal runs no code.
        unsafe { signal(ignored, SigHandler::SigIgn) }?;
    }
    Ok(())
}

/// Moves to the root directory, which nobody removes or unmounts.
pub(crate) fn leave_directory() {
    // Staying is a nuisance, not a fault.
    let _ = rustix::process::chdir("/");
}

/// Names the process in process lists; at most 15 bytes count.
pub(crate) fn set_name(name: &CStr) {
    // Cosmetic: nothing depends on it.
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::set_name(name);
    let _ = name;
}
