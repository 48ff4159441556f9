//! Whether the output goes to a terminal, what that can do, and its width.

use std::io::{IsTerminal, stderr, stdin, stdout};

/// Whether standard input is a terminal.
pub fn stdin_is_terminal() -> bool {
    stdin().is_terminal()
}

/// Whether standard output is a terminal.
pub fn stdout_is_terminal() -> bool {
    stdout().is_terminal()
}

/// Whether standard error is a terminal.
pub fn stderr_is_terminal() -> bool {
    stderr().is_terminal()
}

/// Whether a terminal of this kind (`TERM`) can move its cursor.
pub fn can_be_drawn_on(kind: Option<&str>) -> bool {
    cfg!(windows) || kind.is_some_and(|kind| kind != "dumb")
}

/// Columns of the terminal behind standard output; `None` without one.
#[cfg(unix)]
pub fn width() -> Option<u16> {
    let size = rustix::termios::tcgetwinsize(stdout()).ok()?;
    (size.ws_col > 0).then_some(size.ws_col)
}

/// Not asked for on this system.
#[cfg(not(unix))]
pub fn width() -> Option<u16> {
    None
}
