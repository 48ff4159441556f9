//! Whether the controlling terminal is still there: what tells a hang-up from a request to reload.

/// The controlling terminal as it was at start.
#[derive(Debug, Clone, Copy)]
pub struct Presence {
    had_terminal: bool,
}

impl Presence {
    /// Remembers whether there is one.
    pub fn at_start() -> Self {
        Self { had_terminal: can_open() }
    }

    /// Whether there was one and it is gone.
    pub fn lost(self) -> bool {
        self.had_terminal && !can_open()
    }
}

/// `/dev/tty` opens as long as the session has a terminal (`tty(4)`).
fn can_open() -> bool {
    cfg!(unix) && std::fs::OpenOptions::new().read(true).write(true).open("/dev/tty").is_ok()
}
