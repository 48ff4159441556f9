//! Terminal modes: single keys on, single keys off, and off again however the program ends.
//!
//! Only SIGKILL leaves the modes as they are; shells then repair them.

use std::io;
use std::os::fd::AsFd;
use std::panic;
use std::sync::{Mutex, Once, PoisonError, TryLockError};

use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcgetpgrp, tcsetattr,
};

/// What a special character is set to when it shall be none (`_POSIX_VDISABLE`).
const DISABLED: u8 = if cfg!(target_vendor = "apple") { 0xff } else { 0 };

/// The modes to go back to; present while single keys are on. One for the process, because a panic hook has
/// nowhere else to find it.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// Whether this process is in the foreground of the terminal. In the background, reading it or changing its
/// modes stops the process, and both belong to somebody else.
pub(super) fn in_foreground(terminal: impl AsFd) -> bool {
    tcgetpgrp(terminal).is_ok_and(|group| group == rustix::process::getpgrp())
}

/// Turns single keys on: no line editing, no echo, reads that never wait; Ctrl-C and Ctrl-Z stay signals.
/// Does nothing when they are on.
pub(super) fn single_keys(terminal: impl AsFd) -> io::Result<()> {
    restore_before_panics();
    let mut before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
    if before.is_some() {
        return Ok(());
    }
    let found = tcgetattr(&terminal)?;
    let mut modes = found.clone();
    modes.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
    // Reads return at once without O_NONBLOCK, which the shell would inherit: it is a property of the open
    // terminal, not of this process.
    modes.special_codes[SpecialCodeIndex::VMIN] = 0;
    modes.special_codes[SpecialCodeIndex::VTIME] = 0;
    // Ctrl-\ would end the process without a chance to go back.
    modes.special_codes[SpecialCodeIndex::VQUIT] = DISABLED;
    without_being_stopped(|| tcsetattr(&terminal, OptionalActions::Now, &modes))?;
    *before = Some(found);
    Ok(())
}

/// Goes back to the modes from before [`single_keys`]; forgets them without touching the terminal when it
/// belongs to somebody else by now.
pub(super) fn restore(terminal: impl AsFd) {
    let before = match BEFORE.try_lock() {
        Ok(mut before) => before.take(),
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner().take(),
        // A panic inside this module, on this thread: waiting would never end.
        Err(TryLockError::WouldBlock) => None,
    };
    if let Some(before) = before
        && in_foreground(&terminal)
    {
        // Nobody is left to tell when the terminal is gone.
        let _ = without_being_stopped(|| tcsetattr(&terminal, OptionalActions::Now, &before));
    }
}

/// Runs `operation` with the two signals blocked by which the terminal stops background processes: between
/// the question "am I in the foreground" and the operation, the shell may have changed the answer.
pub(super) fn without_being_stopped<T>(operation: impl FnOnce() -> T) -> T {
    let stopping = [Signal::SIGTTOU, Signal::SIGTTIN].into_iter().collect::<SigSet>();
    let mask = stopping.thread_swap_mask(SigmaskHow::SIG_BLOCK);
    let result = operation();
    if let Ok(mask) = mask {
        // Setting a mask that was just read cannot fail.
        let _ = mask.thread_set_mask();
    }
    result
}

/// A panic aborts the release build without running destructors, but not without its hook.
fn restore_before_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let next = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            restore(io::stdin());
            next(info);
        }));
    });
}

#[cfg(test)]
mod tests {
    use std::fs::OpenOptions;

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    use super::*;

    #[test]
    fn echo_goes_and_signals_stay() {
        let primary = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&primary).unwrap();
        unlockpt(&primary).unwrap();
        let name = ptsname(&primary, Vec::new()).unwrap().into_string().unwrap();
        let terminal = OpenOptions::new().read(true).write(true).open(name).unwrap();

        single_keys(&terminal).unwrap();
        let modes = tcgetattr(&terminal).unwrap().local_modes;
        assert!(!modes.intersects(LocalModes::ICANON | LocalModes::ECHO));
        assert!(modes.contains(LocalModes::ISIG));
        // A terminal that does not control this process is somebody else's.
        restore(&terminal);
        assert!(BEFORE.lock().unwrap().is_none());
        assert!(!tcgetattr(&terminal).unwrap().local_modes.contains(LocalModes::ECHO));
    }
}
