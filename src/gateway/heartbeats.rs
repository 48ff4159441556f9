//! Heartbeats, as far as they exist without agents: whether they are wanted, and what became of the last that was
//! asked for. Pure; in memory, as in the published gateway.

use serde_json::{Value, json};

/// The switch and the last heartbeat.
#[derive(Debug)]
pub(crate) struct Heartbeats {
    enabled: bool,
    last: Value,
}

impl Default for Heartbeats {
    fn default() -> Self {
        Self { enabled: true, last: Value::Null }
    }
}

impl Heartbeats {
    /// Switches them on or off.
    pub(crate) fn set_enabled(&mut self, enabled: bool) {
        self.enabled = enabled;
    }

    /// The last one, as the event told it; `null` when none was asked for.
    pub(crate) fn last(&self) -> &Value {
        &self.last
    }

    /// One was asked for. Returns what is told of it: that it was skipped, and why.
    pub(crate) fn asked(&mut self, now_ms: u64) -> Value {
        self.last = if self.enabled {
            json!({
                "ts": now_ms,
                "status": "skipped",
                "reason": "no-agent",
                "preview": "This gateway runs no agents; the event waits in the main session's queue.",
            })
        } else {
            json!({ "ts": now_ms, "status": "skipped", "reason": "disabled" })
        };
        self.last.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_one_is_remembered_with_its_reason() {
        let mut heartbeats = Heartbeats::default();
        assert_eq!(heartbeats.last(), &Value::Null);
        assert_eq!(heartbeats.asked(5)["reason"], "no-agent");
        heartbeats.set_enabled(false);
        let told = heartbeats.asked(6);
        assert_eq!(told, json!({ "ts": 6, "status": "skipped", "reason": "disabled" }));
        assert_eq!(heartbeats.last(), &told);
    }
}
