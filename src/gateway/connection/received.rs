//! A message of a client. Pure.

use tokio_tungstenite::tungstenite::{Bytes, Utf8Bytes};

use crate::recording::Frame;

/// A message as it is read.
#[derive(Debug)]
pub(super) enum Received {
    /// A text, whatever kind of message it was.
    Text(Utf8Bytes),
    /// What is no UTF-8: it is read with replacement characters.
    Bytes { sent: Bytes, read: String },
}

impl Received {
    /// Binary messages are texts too.
    pub(super) fn binary(sent: Bytes) -> Self {
        match Utf8Bytes::try_from(sent.clone()) {
            Ok(text) => Self::Text(text),
            Err(_) => Self::Bytes { read: String::from_utf8_lossy(&sent).into_owned(), sent },
        }
    }

    /// What is read.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Bytes { read, .. } => read,
        }
    }

    /// What is recorded: what was sent. `is_json`: as far as that is known.
    pub(super) fn frame(&self, is_json: Option<bool>) -> Frame<'_> {
        match self {
            Self::Text(text) => Frame::In(text, is_json),
            Self::Bytes { sent, .. } => Frame::Bytes(sent),
        }
    }
}
