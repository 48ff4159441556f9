//! WebSocket frames as bytes. No more than whole messages in one frame, which is all that either server sends.

use std::ops::Range;

/// The bit of a masked frame, and the length that says that the length follows.
const MASKED: u8 = 0x80;
const LENGTH_OF_16_BITS: u8 = 126;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A message.
    Text,
    /// To be answered.
    Ping,
    /// The end.
    Close,
    /// Anything else.
    Other,
}

/// Bytes that have arrived, and are taken frame by frame.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    /// The bytes; those before `start` have been taken.
    pub(crate) bytes: Vec<u8>,
    start: usize,
}

/// A text message from a client. The mask is zero: well-formed, and nothing to compute.
pub(crate) fn text(message: &str) -> Vec<u8> {
    masked(0x81, message.as_bytes())
}

/// The answer to a ping.
pub(crate) fn pong(payload: &[u8]) -> Vec<u8> {
    masked(0x8a, payload)
}

fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        length @ 0..=125 => frame.push(MASKED | u8::try_from(length).expect("below 126")),
        length => {
            frame.push(MASKED | LENGTH_OF_16_BITS);
            frame.extend(u16::try_from(length).expect("requests are short").to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

impl Inbox {
    /// With bytes that have arrived already.
    pub(crate) fn of(bytes: Vec<u8>) -> Self {
        Self { bytes, start: 0 }
    }

    /// The next whole frame: what it is, and where its payload stands in `bytes`.
    pub(crate) fn take(&mut self) -> Option<(Kind, Range<usize>)> {
        let frame = &self.bytes[self.start..];
        let (header, length) = match *frame.get(1)? {
            126 => (4, usize::from(u16::from_be_bytes(frame.get(2..4)?.try_into().ok()?))),
            127 => (10, usize::try_from(u64::from_be_bytes(frame.get(2..10)?.try_into().ok()?)).ok()?),
            short => (2, usize::from(short & 0x7f)),
        };
        if frame.len() < header + length {
            return None;
        }
        let kind = match frame[0] & 0x0f {
            1 => Kind::Text,
            8 => Kind::Close,
            9 => Kind::Ping,
            _ => Kind::Other,
        };
        let begin = self.start + header;
        self.start = begin + length;
        Some((kind, begin..self.start))
    }

    /// Makes room for more: what was taken is forgotten.
    pub(crate) fn compact(&mut self) {
        self.bytes.drain(..self.start);
        self.start = 0;
    }

    /// Gives memory back that an idle link does not need.
    pub(crate) fn shrink(&mut self) {
        self.compact();
        self.bytes.shrink_to_fit();
    }
}
