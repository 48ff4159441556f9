//! Close codes that the gateway sends (`wire-protocol` A.3).

use super::limits::CLOSE_REASON_MAX;

/// A close code with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Close {
    /// WebSocket close code.
    pub code: u16,
    /// Reason; at most 120 bytes.
    pub reason: String,
}

impl Close {
    /// Handshake timeout, or a first message that is not JSON: 1000 without a reason.
    pub fn silent() -> Self {
        Self { code: 1000, reason: String::new() }
    }

    /// No common protocol version: 1002.
    pub fn protocol_mismatch() -> Self {
        Self { code: 1002, reason: "protocol mismatch".to_owned() }
    }

    /// A refusal: 1008, the reason cut to what a close frame holds.
    pub fn policy(reason: &str) -> Self {
        Self { code: 1008, reason: truncate(reason).to_owned() }
    }

    /// An inbound message above the limit: 1009 without a reason.
    pub fn too_large() -> Self {
        Self { code: 1009, reason: String::new() }
    }

    /// Shutdown or restart: 1012.
    pub fn service_restart() -> Self {
        Self { code: 1012, reason: "service restart".to_owned() }
    }
}

/// Cuts `reason` to at most 120 bytes at a character boundary.
fn truncate(reason: &str) -> &str {
    if reason.len() <= CLOSE_REASON_MAX {
        return reason;
    }
    let mut end = CLOSE_REASON_MAX;
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    &reason[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_cut_at_a_character() {
        assert_eq!(Close::policy("short").reason, "short");
        let long = "ü".repeat(100);
        let cut = Close::policy(&long).reason;
        assert_eq!(cut.len(), 120);
        assert!(long.starts_with(&cut));
        assert_eq!(Close::policy(&format!("x{long}")).reason.len(), 119);
    }
}
