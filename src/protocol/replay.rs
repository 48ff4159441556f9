//! What the replay of missed events adds to `connect` and `hello-ok` (`dev/PROTOCOL.md`). Pure.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::hello::HelloOk;

/// Who names this among `caps` asks for it; nobody else sees any of it.
pub const CAPABILITY: &str = "replay";

/// The `replay` member of `connect`: where the client was. `Debug` leaves the token out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resume {
    /// The token of the last `hello-ok`.
    pub token: String,
    /// The last number that arrived; before the first, that of the last `hello-ok`.
    pub seq: u64,
}

/// The `replay` member of `hello-ok`. `Debug` leaves the token out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelloReplay {
    /// What to say the next time.
    pub token: String,
    /// Whether the client goes on where it was; otherwise it is a new sequence, and nothing follows.
    pub resumed: bool,
    /// The number of the next event is one more.
    pub seq: u64,
    /// How many that were missed follow at once.
    pub replayed: u64,
}

/// Whether these parameters of `connect`, valid or not, ask for it.
pub fn is_asked(params: &Value) -> bool {
    params["caps"].as_array().is_some_and(|caps| caps.iter().any(|cap| cap == CAPABILITY))
}

impl Resume {
    /// Reads what a client sent; what cannot be read is no place to go on from.
    pub fn read(value: Value) -> Option<Self> {
        serde_json::from_value(value).ok()
    }

    /// Where a client is right after this answer.
    pub fn after(hello: &HelloOk) -> Option<Self> {
        let replay = hello.replay.as_ref()?;
        Some(Self { token: replay.token.clone(), seq: replay.seq })
    }
}

impl fmt::Debug for Resume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resume").field("seq", &self.seq).finish_non_exhaustive()
    }
}

impl fmt::Debug for HelloReplay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HelloReplay")
            .field("resumed", &self.resumed)
            .field("seq", &self.seq)
            .field("replayed", &self.replayed)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::protocol::connect::ConnectParams;

    fn params(caps: &Value, replay: &Value) -> Value {
        json!({
            "minProtocol": 3, "maxProtocol": 3, "caps": caps, "replay": replay,
            "client": { "id": "test", "version": "1", "platform": "linux", "mode": "test" },
        })
    }

    #[test]
    fn who_does_not_ask_is_told_that_there_is_no_such_member() {
        for caps in [json!([]), json!(["replays"])] {
            let error = ConnectParams::parse(params(&caps, &json!({ "token": "t", "seq": 1 }))).unwrap_err();
            assert_eq!(error.message, "invalid connect params: at root: unexpected property 'replay'");
        }
    }

    #[test]
    fn what_cannot_be_read_is_no_place() {
        let asked = json!(["system", "replay"]);
        for (replay, expected) in [
            (json!({ "token": "t", "seq": 0 }), Some(0)),
            (json!({ "token": "t", "seq": u64::MAX }), Some(u64::MAX)),
            (json!({ "token": "t", "seq": 1, "more": true }), Some(1)),
            (json!({ "token": "t", "seq": -1 }), None),
            (json!({ "token": "t", "seq": 1.5 }), None),
            (json!({ "token": "t", "seq": 1e300 }), None),
            (json!({ "token": "t", "seq": "1" }), None),
            (json!({ "token": "t", "seq": null }), None),
            (json!({ "token": 7, "seq": 1 }), None),
            (json!({ "token": ["t"], "seq": [1] }), None),
            (json!({ "seq": 1 }), None),
            (json!({}), None),
            (json!([]), None),
            (json!("t"), None),
            (json!(null), None),
        ] {
            let read = ConnectParams::parse(params(&asked, &replay)).unwrap();
            assert!(read.asks_replay());
            assert_eq!(read.replay.map(|resume| resume.seq), expected, "{replay}");
        }
    }

    #[test]
    fn tokens_are_not_shown() {
        let resume = Resume { token: "sesame".to_owned(), seq: 1 };
        let hello = HelloReplay { token: "sesame".to_owned(), resumed: true, seq: 1, replayed: 0 };
        assert!(!format!("{resume:?} {hello:?}").contains("sesame"));
    }
}
