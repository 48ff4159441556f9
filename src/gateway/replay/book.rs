//! Which client was told which event. Pure.
//!
//! A *stream* is what one client was told, numbered from 1 without gaps. It belongs to whoever knows its token, which
//! is kept as a hash, and to the device and role that it began with. While a connection has it, it is told every event
//! as it happens; after that it waits here for a while. As long as there is no stream, nothing is kept.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::age::is_old;
use super::ring::{Entry, Ring, Sight};
use crate::gateway::connection::handshake::Session;
use crate::gateway::events::{EventFrame, numbered};
use crate::protocol::replay::{HelloReplay, Resume};

/// Streams without a connection at most; beyond, the one that was left first is forgotten. As many as there is room
/// for connections, so that all of them can come back.
const MAX_PARKED: usize = 16_384;

/// SHA-256 of the token of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct StreamKey(pub(super) [u8; 32]);

/// The last events, and the streams.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(super) ring: Ring,
    pub(super) streams: BTreeMap<StreamKey, Stream>,
    /// Streams without a connection, in the order in which they were left.
    parked: BTreeMap<u64, StreamKey>,
    parkings: u64,
    /// The next generation goes on from here; nothing is numbered or resumed any more.
    is_sealed: bool,
}

/// What one client was told.
#[derive(Debug)]
pub(super) struct Stream {
    /// Whose it is; `None` for a client that proved no device.
    pub(super) device_id: Option<String>,
    /// What it sees.
    pub(super) sight: Sight,
    /// Where the last connection began. It did not get everything up to here under the same sight, so nobody goes
    /// back behind it.
    pub(super) base: u64,
    /// The last number.
    pub(super) seq: u64,
    /// Ordinal of the last event that was told, or was not to be.
    pub(super) told: u64,
    pub(super) place: Place,
}

/// Where a stream is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A connection has it.
    Live {
        conn_id: String,
        /// An event could not be told any more, so that none after it is.
        is_cut: bool,
    },
    /// Nobody has.
    Parked { number: u64, since_ms: u64 },
}

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asker<'a> {
    /// Its connection.
    pub(crate) conn_id: &'a str,
    /// What it was granted.
    pub(crate) session: &'a Session,
    /// Where it was.
    pub(crate) resume: Option<&'a Resume>,
    /// The token of a new stream, unguessable.
    pub(crate) fresh_token: &'a str,
}

/// What whoever asked gets.
#[derive(Debug)]
pub(crate) struct Admission {
    /// Its stream.
    pub(crate) key: StreamKey,
    /// What `hello-ok` says.
    pub(crate) hello: HelloReplay,
    /// What it missed, to be sent after `hello-ok`.
    pub(crate) missed: Vec<String>,
    /// The connection that had the stream until now.
    pub(crate) replaced: Option<String>,
}

impl Book {
    /// A book without streams, over these events.
    pub(super) fn over(ring: Ring) -> Self {
        Self { ring, ..Self::default() }
    }

    /// Lets somebody in who asked for replay, on its old stream or a new one.
    pub(crate) fn admit(&mut self, asker: Asker<'_>, now_ms: u64) -> Admission {
        self.expire(now_ms);
        let session = asker.session;
        let sight = Sight { role: session.role, scopes: session.scopes.clone() };
        let resumed = asker.resume.and_then(|resume| Some((resume, self.place_of(resume, session)?)));
        let (token, base, missed) = match resumed {
            Some((resume, place)) => {
                let frames = self.ring.since(place, &sight).zip(resume.seq + 1..);
                let frames = frames.map(|(entry, seq)| numbered(&entry.head, seq)).collect();
                (resume.token.as_str(), resume.seq, frames)
            }
            None => (asker.fresh_token, 0, Vec::new()),
        };
        let (key, count) = (StreamKey::of(token), missed.len() as u64);
        let stream = Stream {
            device_id: session.device_id.clone(),
            sight,
            base,
            seq: base + count,
            told: self.ring.head(),
            place: Place::Live { conn_id: asker.conn_id.to_owned(), is_cut: false },
        };
        let replaced = match self.streams.insert(key, stream).map(|before| before.place) {
            Some(Place::Live { conn_id, .. }) => Some(conn_id),
            Some(Place::Parked { number, .. }) => {
                self.parked.remove(&number);
                None
            }
            None => None,
        };
        let hello =
            HelloReplay { token: token.to_owned(), resumed: resumed.is_some(), seq: base, replayed: count };
        Admission { key, hello, missed, replaced }
    }

    /// Keeps an event when somebody may ask for it later; its ordinal if so.
    pub(crate) fn keep(&mut self, event: &EventFrame, now_ms: impl FnOnce() -> u64) -> Option<u64> {
        if self.streams.is_empty() || self.is_sealed {
            return None;
        }
        let now_ms = now_ms();
        self.expire(now_ms);
        if self.streams.is_empty() || !event.name().is_replayed() {
            return None;
        }
        Some(self.ring.push(Entry::new(event, now_ms)))
    }

    /// Tells the connection that has a stream of an event that was kept. `send` says whether it will be sent.
    pub(crate) fn tell(
        &mut self,
        key: &StreamKey,
        (event, ordinal): (&EventFrame, u64),
        may_see: bool,
        send: impl FnOnce(String) -> bool,
    ) {
        let Some(stream) = self.streams.get_mut(key) else { return };
        let Place::Live { is_cut, .. } = &mut stream.place else { return };
        if *is_cut {
            return;
        }
        if may_see {
            if !send(event.numbered(stream.seq + 1)) {
                *is_cut = true;
                return;
            }
            stream.seq += 1;
        }
        stream.told = ordinal;
    }

    /// A connection is gone. Its stream waits for the next one.
    pub(crate) fn leave(&mut self, key: &StreamKey, now_ms: u64) {
        if self.streams.get(key).is_some_and(|stream| matches!(stream.place, Place::Live { .. })) {
            self.park(*key, now_ms);
        }
        self.expire(now_ms);
    }

    /// Lets a stream wait since then.
    pub(super) fn park(&mut self, key: StreamKey, since_ms: u64) {
        let Some(stream) = self.streams.get_mut(&key) else { return };
        stream.place = Place::Parked { number: self.parkings, since_ms };
        self.parked.insert(self.parkings, key);
        self.parkings += 1;
        while self.parked.len() > MAX_PARKED {
            self.forget_first();
        }
    }

    /// From now on nothing is numbered and nobody resumes here. Whether there is anything for the next generation.
    pub(super) fn close(&mut self) -> bool {
        self.is_sealed = true;
        !self.streams.is_empty()
    }

    /// Forgets what is too old, and everything that nobody could ask for.
    pub(super) fn expire(&mut self, now_ms: u64) {
        self.ring.expire(now_ms);
        while let Some((_, key)) = self.parked.first_key_value()
            && let Some(stream) = self.streams.get(key)
            && let Place::Parked { since_ms, .. } = stream.place
            && is_old(since_ms, now_ms)
        {
            self.forget_first();
        }
        if self.streams.is_empty() {
            self.ring.clear();
        }
    }

    /// The ordinal from which somebody goes on; `None` when it is not its stream, or does not hold what it missed.
    fn place_of(&self, resume: &Resume, session: &Session) -> Option<u64> {
        let stream = self.streams.get(&StreamKey::of(&resume.token))?;
        let is_own = stream.device_id == session.device_id && stream.sight.role == session.role;
        if !is_own || self.is_sealed || resume.seq < stream.base {
            return None;
        }
        let unread = stream.seq.checked_sub(resume.seq)?;
        self.ring.rewind(stream.told, &stream.sight, unread)
    }

    fn forget_first(&mut self) {
        if let Some((_, key)) = self.parked.pop_first() {
            self.streams.remove(&key);
        }
    }
}

impl StreamKey {
    pub(super) fn of(token: &str) -> Self {
        Self(Sha256::digest(token).into())
    }
}

#[cfg(test)]
mod tests;
