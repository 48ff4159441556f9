//! What an event of the file system says about a path. Pure.

use std::path::PathBuf;
use std::time::Instant;

use notify::EventKind;
use notify::event::{AccessKind, AccessMode, MetadataKind, ModifyKind, RenameMode};

/// Something happened to a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Signal {
    /// As the directory was named when it was watched, with the name of the entry.
    pub path: PathBuf,
    pub hint: Hint,
    pub at: Instant,
}

/// What happened, as far as the system tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    /// A new name; a file is probably still being written.
    Created,
    /// A new name for something complete, or the system does not say what happened.
    Arrived,
    /// The name is gone; the thing itself may live on elsewhere.
    Vanished,
    /// Written to, by a writer who has not closed the file yet.
    Written,
    /// A writer has closed the file.
    Closed,
    /// Permissions or times.
    Attributes,
}

/// Reads the kind of an event; `None` for what can never matter. `reports_close`: see
/// [`REPORTS_CLOSE`](crate::platform::fs::REPORTS_CLOSE).
pub(super) fn hint(kind: EventKind, reports_close: bool) -> Option<Hint> {
    Some(match kind {
        // Both halves of a rename come by themselves, too.
        EventKind::Modify(ModifyKind::Name(RenameMode::Both)) | EventKind::Other => return None,
        EventKind::Modify(ModifyKind::Name(RenameMode::From)) | EventKind::Remove(_) => Hint::Vanished,
        EventKind::Modify(ModifyKind::Data(_)) if reports_close => Hint::Written,
        EventKind::Create(_) if reports_close => Hint::Created,
        EventKind::Modify(ModifyKind::Name(_)) | EventKind::Create(_) | EventKind::Any => Hint::Arrived,
        // Some systems say only by a new time that the content may differ.
        EventKind::Modify(ModifyKind::Metadata(kind)) if kind != MetadataKind::WriteTime => Hint::Attributes,
        EventKind::Access(AccessKind::Close(AccessMode::Write)) | EventKind::Modify(_) => Hint::Closed,
        EventKind::Access(_) => return None,
    })
}

#[cfg(test)]
mod tests {
    use notify::event::{CreateKind, DataChange, RemoveKind};

    use super::*;

    #[track_caller]
    fn check(kind: EventKind, expect: Option<Hint>) {
        assert_eq!(hint(kind, true), expect, "{kind:?}");
    }

    #[test]
    fn reading_never_matters() {
        check(EventKind::Access(AccessKind::Open(AccessMode::Any)), None);
        check(EventKind::Access(AccessKind::Close(AccessMode::Read)), None);
        check(EventKind::Access(AccessKind::Read), None);
    }

    #[test]
    fn writing_matters_when_it_ends() {
        check(EventKind::Create(CreateKind::File), Some(Hint::Created));
        check(EventKind::Modify(ModifyKind::Data(DataChange::Any)), Some(Hint::Written));
        check(EventKind::Access(AccessKind::Close(AccessMode::Write)), Some(Hint::Closed));
        let written = EventKind::Modify(ModifyKind::Data(DataChange::Any));
        assert_eq!(hint(written, false), Some(Hint::Closed), "where closing is not reported");
    }

    #[test]
    fn a_rename_is_its_two_halves() {
        check(EventKind::Modify(ModifyKind::Name(RenameMode::From)), Some(Hint::Vanished));
        check(EventKind::Modify(ModifyKind::Name(RenameMode::To)), Some(Hint::Arrived));
        check(EventKind::Modify(ModifyKind::Name(RenameMode::Both)), None);
        check(EventKind::Remove(RemoveKind::Folder), Some(Hint::Vanished));
    }
}
