//! Colours of words within a text. None where nobody would see them.

/// Puts colours around words, or leaves them as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Paint(bool);

/// What stands before something that is well, or is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// `✓`.
    Tick,
    /// `✗`.
    Cross,
}

const GREEN: &str = "\x1b[32m";
const RED: &str = "\x1b[31m";
const YELLOW: &str = "\x1b[33m";
const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const RESET: &str = "\x1b[0m";

// === impl Paint ===

impl Paint {
    /// With colours, or without.
    pub(crate) fn new(colours: bool) -> Self {
        Self(colours)
    }

    /// The mark, green or red.
    pub(crate) fn mark(self, mark: Mark) -> String {
        match mark {
            Mark::Tick => self.good(mark.text()),
            Mark::Cross => self.bad(mark.text()),
        }
    }

    /// A word for what is well.
    pub(crate) fn good(self, text: &str) -> String {
        self.around(GREEN, text)
    }

    /// A word for what is not.
    pub(crate) fn bad(self, text: &str) -> String {
        self.around(RED, text)
    }

    /// A word for what may not be well.
    pub(crate) fn doubtful(self, text: &str) -> String {
        self.around(YELLOW, text)
    }

    /// What need not be read at once.
    pub(crate) fn aside(self, text: &str) -> String {
        self.around(DIM, text)
    }

    /// A title.
    pub(crate) fn title(self, text: &str) -> String {
        self.around(BOLD, text)
    }

    fn around(self, colour: &str, text: &str) -> String {
        if self.0 { format!("{colour}{text}{RESET}") } else { text.to_owned() }
    }
}

// === impl Mark ===

impl Mark {
    /// Without colour; one column wide.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Tick => "✓",
            Self::Cross => "✗",
        }
    }
}
