//! The rules of `--ignore` that hold together.

use super::ignore::Ignore;
use crate::capsule::replay::compare::{Segment, Subject};

/// The rules of one replay.
#[derive(Debug, Clone, Default)]
pub struct Rules(pub Vec<Ignore>);

// === impl Rules ===

impl Rules {
    /// Whether nothing of this is compared.
    pub(in crate::capsule::replay) fn passes_over(&self, subject: &Subject<'_>) -> bool {
        self.0.iter().any(|rule| rule.fits(subject))
    }

    /// Whether an event of this name is not even waited for.
    pub(in crate::capsule::replay) fn ignores_event(&self, name: &str) -> bool {
        self.0.iter().any(|rule| rule.fits(&Subject::Event(name)))
    }

    /// Whether closes are not compared.
    pub(in crate::capsule::replay) fn ignores_closes(&self) -> bool {
        self.0.contains(&Ignore::Close)
    }

    /// Whether a difference at this place is none.
    pub(in crate::capsule::replay) fn ignores_place(
        &self,
        subject: &Subject<'_>,
        path: &[Segment<'_>],
    ) -> bool {
        self.0.iter().any(|rule| rule.covers(subject, path))
    }
}
