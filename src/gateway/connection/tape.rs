//! What is recorded of one connection. Recordings begin and end while it lasts; where none is made, a frame costs a look
//! at one number.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use serde_json::{Value, json};

use super::handshake::Session;
use crate::protocol::close::Close;
use crate::recording::{Event, Frame, Opened, Recorder};

/// Records one connection.
#[derive(Debug)]
pub(super) struct Tape {
    recorder: Arc<Recorder>,
    connection: String,
    opened: Box<Opened>,
    /// What was agreed with the client, once it was let in.
    session: OnceLock<Arc<Session>>,
    /// The recording that knows of this connection; 0: none.
    told: AtomicU64,
}

impl Tape {
    /// The connection is there.
    pub(super) fn new(recorder: Arc<Recorder>, connection: String, opened: Box<Opened>) -> Self {
        let tape = Self { recorder, connection, opened, session: OnceLock::new(), told: AtomicU64::new(0) };
        if let Some(recording) = tape.recorder.session() {
            tape.told.store(recording, Ordering::Relaxed);
            tape.recorder.event(recording, &tape.connection, &Event::Open(&tape.opened));
        }
        tape
    }

    /// The connection's identifier.
    pub(super) fn connection(&self) -> &str {
        &self.connection
    }

    /// The client was let in.
    pub(super) fn connected(&self, session: &Arc<Session>) {
        // Once: a client is let in once.
        let _ = self.session.set(Arc::clone(session));
    }

    /// A frame went over the wire.
    pub(super) fn frame(&self, frame: Frame<'_>) {
        if let Some(recording) = self.recording() {
            self.recorder.frame(recording, &self.connection, frame);
        }
    }

    /// The connection is over.
    pub(super) fn closed(&self, close: Option<&Close>) {
        if let Some(recording) = self.recording() {
            let close = close.map(|close| (close.code, close.reason.as_str()));
            self.recorder.event(recording, &self.connection, &Event::Close(close));
        }
    }

    /// The recording that is made, which is told of a connection that was there before it.
    fn recording(&self) -> Option<u64> {
        let recording = self.recorder.session()?;
        if self.told.load(Ordering::Relaxed) != recording {
            self.told.store(recording, Ordering::Relaxed);
            let session = self.session.get().map_or(Value::Null, |session| agreed(session));
            self.recorder.event(recording, &self.connection, &Event::Joined(&self.opened, session));
        }
        Some(recording)
    }
}

/// What a `connect` of the client that leads to the same session would say.
fn agreed(session: &Session) -> Value {
    json!({
        "role": session.role.as_str(),
        "scopes": session.scopes,
        "client": session.client,
        "deviceId": session.device_id,
        "caps": session.caps,
        "commands": session.commands,
        "permissions": session.permissions,
        "pathEnv": session.path_env,
    })
}
