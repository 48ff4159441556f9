//! Dotted paths such as `agents.list[0].id`, built while a document is walked.

use std::fmt::{self, Write};

/// Where a walk is. One growing text, so that a step costs no allocation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Dotted(String);

/// What to go back to after a step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark(usize);

impl Dotted {
    /// Steps into a key.
    pub(super) fn enter_key(&mut self, key: &str) -> Mark {
        let mark = Mark(self.0.len());
        if !self.0.is_empty() {
            self.0.push('.');
        }
        self.0.push_str(key);
        mark
    }

    /// Steps into an item of an array.
    pub(super) fn enter_index(&mut self, index: usize) -> Mark {
        let mark = Mark(self.0.len());
        // Writing to a text cannot fail.
        let _ = write!(self.0, "[{index}]");
        mark
    }

    /// Steps out again.
    pub(super) fn leave(&mut self, mark: Mark) {
        self.0.truncate(mark.0);
    }

    /// The path; empty at the root.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Dotted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
