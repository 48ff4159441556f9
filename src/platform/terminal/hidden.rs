//! Reading without showing what is typed.

use std::io;

/// Performs `read` while the terminal behind standard input shows nothing; shows again whatever comes of it.
#[cfg(unix)]
pub fn without_echo<T>(read: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

    let before = tcgetattr(io::stdin())?;
    let mut modes = before.clone();
    modes.local_modes.remove(LocalModes::ECHO);
    // What was typed ahead was shown already.
    tcsetattr(io::stdin(), OptionalActions::Flush, &modes)?;
    let result = read();
    tcsetattr(io::stdin(), OptionalActions::Now, &before)?;
    result
}

/// On this system it is shown.
#[cfg(not(unix))]
pub fn without_echo<T>(read: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    read()
}
