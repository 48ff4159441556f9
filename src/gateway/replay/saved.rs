//! What the next generation needs to know: the events that are kept, and where every stream is. Pure.

use serde::{Deserialize, Serialize};

use super::book::{Book, Place, Stream, StreamKey};
use super::ring::{Entry, Ring, Sight};
use crate::protocol::role::{Role, Scope};

/// Version of this format; another one is not read.
const VERSION: u32 = 1;

/// A book at the end of its generation.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Saved {
    version: u32,
    /// Ordinal of the newest event.
    head: u64,
    events: Vec<SavedEvent>,
    streams: Vec<SavedStream>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SavedEvent {
    at_ms: u64,
    needed: Option<String>,
    head: String,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SavedStream {
    /// SHA-256 of its token.
    key: [u8; 32],
    device_id: Option<String>,
    role: Role,
    scopes: Vec<String>,
    base: u64,
    seq: u64,
    told: u64,
    since_ms: u64,
}

/// Why what was saved is not used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SavedError {
    /// Another program wrote it.
    #[error("it has version {0}, and this program reads version {VERSION}")]
    Version(u32),
    /// It contradicts itself.
    #[error("it contradicts itself: {0}")]
    Contradiction(&'static str),
}

impl Book {
    /// Ends the book: from now on nothing is numbered and nobody resumes here. `None` when nobody could ask.
    pub(crate) fn seal(&mut self, now_ms: u64) -> Option<Saved> {
        self.expire(now_ms);
        if !self.close() {
            return None;
        }
        let events = self.ring.entries().map(|entry| SavedEvent {
            at_ms: entry.at_ms,
            needed: entry.needed.map(|scope| scope.as_str().to_owned()),
            head: entry.head.clone(),
        });
        let streams = self.streams.iter().map(|(key, stream)| SavedStream {
            key: key.0,
            device_id: stream.device_id.clone(),
            role: stream.sight.role,
            scopes: stream.sight.scopes.clone(),
            base: stream.base,
            seq: stream.seq,
            told: stream.told,
            since_ms: match stream.place {
                Place::Live { .. } => now_ms,
                Place::Parked { since_ms, .. } => since_ms,
            },
        });
        Some(Saved {
            version: VERSION,
            head: self.ring.head(),
            events: events.collect(),
            streams: streams.collect(),
        })
    }

    /// The book of the generation that follows.
    pub(crate) fn restore(saved: Saved, now_ms: u64) -> Result<Self, SavedError> {
        let Saved { version, head, events, mut streams } = saved;
        if version != VERSION {
            return Err(SavedError::Version(version));
        }
        let before = head.checked_sub(events.len() as u64);
        let mut ring = Ring::after(before.ok_or(SavedError::Contradiction("more events than ever were"))?);
        for SavedEvent { at_ms, needed, head } in events {
            let needed = needed.as_deref().map(|name| Scope::parse(name).ok_or(name)).transpose();
            let Ok(needed) = needed else {
                return Err(SavedError::Contradiction("an event needs a scope that does not exist"));
            };
            ring.push(Entry { at_ms, needed, head });
        }
        let mut book = Self::over(ring);
        streams.sort_by_key(|stream| stream.since_ms);
        for SavedStream { key, device_id, role, scopes, base, seq, told, since_ms } in streams {
            if base > seq || told > head {
                return Err(SavedError::Contradiction("a client was told what never happened"));
            }
            let (key, sight) = (StreamKey(key), Sight { role, scopes });
            let place = Place::Parked { number: 0, since_ms };
            book.streams.insert(key, Stream { device_id, sight, base, seq, told, place });
            book.park(key, since_ms);
        }
        book.expire(now_ms);
        Ok(book)
    }
}
