//! A problem before its place is looked up.

use super::tree::Span;

/// A problem of a document.
#[derive(Debug)]
pub(super) struct Problem {
    /// Dotted path; empty for the root.
    pub(super) path: String,
    /// What is wrong.
    pub(super) message: String,
    /// The fix, when one can be named.
    pub(super) suggestion: Option<String>,
    /// The offending text.
    pub(super) span: Option<Span>,
}
