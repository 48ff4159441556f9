//! A ticket that opens the Control UI once: `clawdbot dashboard` leaves its hash in the state directory and gives the
//! ticket to a browser, which gets the gateway's token for it.
//!
//! The address that a browser is started with is an argument of a process, for everybody on the machine to read, and
//! often for as long as the browser runs. So the token is not in it. Who reads the ticket there has to be faster than
//! the browser, and within a minute; and the person then sees that it was used.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::state_file;
use crate::auth::shared_secret;

/// Where tickets are taken; the ticket follows.
pub(crate) const PREFIX: &str = "/__clawdbot__/dashboard/";

/// How long a ticket is good for.
const LIFETIME_MS: u64 = 60_000;

/// Makes a ticket; the one before is worth nothing any more. Blocks.
pub(crate) fn issue(state_dir: &Path, now_ms: u64) -> io::Result<String> {
    let ticket = uuid::Uuid::new_v4().simple().to_string();
    let content = json!({ "hash": hash(&ticket), "expiresAtMs": now_ms + LIFETIME_MS });
    state_file::write(&path(state_dir), &content)?;
    Ok(ticket)
}

/// Whether this is the ticket; from now on it is not. Blocks.
pub(crate) fn redeem(state_dir: &Path, ticket: &str, now_ms: u64) -> bool {
    let path = path(state_dir);
    // A file that cannot be read holds no ticket, and the next one replaces it.
    let known = state_file::read(&path).unwrap_or(Value::Null);
    let (Some(expected), Some(expires)) = (known["hash"].as_str(), known["expiresAtMs"].as_u64()) else {
        return false;
    };
    let is_right = shared_secret::equal(expected, &hash(ticket));
    // Of two who bring it at the same time, one takes the file away.
    is_right && std::fs::remove_file(&path).is_ok() && now_ms < expires
}

fn path(state_dir: &Path) -> PathBuf {
    state_dir.join("dashboard-ticket.json")
}

fn hash(ticket: &str) -> String {
    blake3::hash(ticket.as_bytes()).to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_good_once_and_for_a_minute() {
        let state = tempfile::tempdir().unwrap();
        let redeem = |ticket: &str, now_ms| redeem(state.path(), ticket, now_ms);
        assert!(!redeem("", 0), "there is none yet");
        let ticket = issue(state.path(), 1_000).unwrap();
        assert!(!std::fs::read_to_string(path(state.path())).unwrap().contains(&ticket));
        assert!(!redeem("other", 1_000) && !redeem("", 1_000));
        assert!(redeem(&ticket, 60_999));
        assert!(!redeem(&ticket, 1_000), "used");
        let late = issue(state.path(), 1_000).unwrap();
        assert!(!redeem(&late, 61_000), "too late");
        let (first, second) = (issue(state.path(), 0).unwrap(), issue(state.path(), 0).unwrap());
        assert!(!redeem(&first, 0) && redeem(&second, 0));
    }

    #[test]
    fn a_damaged_file_is_no_ticket() {
        let state = tempfile::tempdir().unwrap();
        for text in ["", "{", "[]", "{}", "{\"hash\":\"x\"}", "{\"hash\":1,\"expiresAtMs\":9}"] {
            std::fs::write(path(state.path()), text).unwrap();
            assert!(!redeem(state.path(), "x", 0), "{text}");
        }
        let ticket = issue(state.path(), 0).unwrap();
        assert!(redeem(state.path(), &ticket, 0));
    }
}
