//! The recording and the end of the log.

use std::io;
use std::ops::Range;
use std::path::Path;

use super::collect::Collected;
use super::error::CaptureError;
use super::plan::Planned;
use super::read::Body;
use super::spool::Spool;
use super::subject::{Recorded, Subject};
use super::window::{PIECE, Window};
use super::{journal, tail};
use crate::capsule::Recording;
use crate::capsule::format::{JOURNAL, LOG};
use crate::logging::parts;
use crate::redaction::{Kind, Look};

/// What goes in besides files of the profile.
#[derive(Debug, Default)]
pub(super) struct Extras {
    journal: Option<Body>,
    /// What the journal holds.
    pub(super) recording: Option<Recording>,
    log: String,
}

impl Extras {
    /// Keeps what there is now.
    pub(super) fn take(
        subject: &Subject,
        recorded: Option<&Recorded>,
        spool: &Spool,
    ) -> Result<Self, CaptureError> {
        let mut extras = Self::default();
        if let Some(Recorded { directory, .. }) = recorded {
            let (mut start, mut end) = (None, 0);
            let mut pending: Vec<u8> = Vec::new();
            let mut flush = |pending: &mut Vec<u8>| {
                let range = spool.keep(pending)?;
                pending.clear();
                start.get_or_insert(range.start);
                end = range.end;
                Ok(())
            };
            let told = journal::merge(directory, &mut |line| {
                pending.extend_from_slice(line);
                if pending.len() < PIECE { Ok(()) } else { flush(&mut pending) }
            });
            extras.recording = told.map_err(|error| CaptureError::unreadable(directory, error))?;
            flush(&mut pending).map_err(|error: io::Error| CaptureError::unwritable(directory, error))?;
            extras.journal = start.filter(|_| extras.recording.is_some()).map(|start| Body::Kept(start..end));
        }
        extras.log = tail::tail(&parts(&subject.log))
            .map_err(|error| CaptureError::unreadable(&subject.log, error))?;
        Ok(extras)
    }

    /// How much that is.
    pub(super) fn bytes(&self) -> u64 {
        let journal = match &self.journal {
            Some(Body::Kept(range)) => range.end - range.start,
            _ => 0,
        };
        journal + self.log.len() as u64
    }

    /// The entries.
    pub(super) fn plan(self, spool: &Spool, collected: &mut Collected) -> Result<Vec<Planned>, CaptureError> {
        let failed = |error| CaptureError::unreadable(Path::new(JOURNAL), error);
        let entry = |name: &str, range: Range<u64>| Planned {
            name: name.to_owned(),
            bytes: range.end - range.start,
            body: Body::Kept(range),
            look: Look::Places,
            source: None,
        };
        let mut planned = Vec::new();
        if let Some(Body::Kept(range)) = self.journal {
            collected.read(&mut Window::new(spool.read(range.clone()), PIECE)).map_err(failed)?;
            planned.push(entry(JOURNAL, range));
        }
        if !self.log.is_empty() {
            collected.text(&self.log, Kind::Text);
            planned.push(entry(LOG, spool.keep(self.log.as_bytes()).map_err(failed)?));
        }
        Ok(planned)
    }
}
